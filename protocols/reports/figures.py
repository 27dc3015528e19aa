"""Figures of designs, curves, sweeps, regions and Fisher matrices; layouts and meshes have files of their own."""

from __future__ import annotations

import io
import itertools
import math
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

from networks import InputError, SensorNetwork
from protocols.design import Design
from protocols.loss.curves import Curves

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from photonics.conventions import Real
    from protocols.sweeps.results import SweepReport


def draw_comparison(result: Design) -> Figure:
    """The mean squared error of every candidate beside the bounds, on a logarithmic scale."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    sensing = result.network.sensing
    rows = {row.probes: row for row in result.bounds.rows if row.sensing == sensing}
    limits = {probes: rows[probes] for probes in _LIMITS if probes in rows}
    # An infinite error has no place on an axis; the table says it.
    shown = [c for c in result.candidates if math.isfinite(c.mse)]
    names = [c.plan.scheme for c in shown]
    values = [c.mse for c in shown]
    figure = Figure(figsize=(7.0, 2.4 + 0.4 * len(names)), layout="constrained")
    axes = figure.add_subplot()
    for probes, row in limits.items():
        # Where two lines coincide, the first has said it.
        if row.mse is not None and not (probes == "separable-in-turn" and sensing == "displacement"):
            title, style = _LIMITS[probes]
            label = f"{title}{f', {row.equation}' if row.equation else ''}: {row.mse:.4g}"
            axes.axvline(row.mse, color="#b5651d", linestyle=style, linewidth=1.4, label=label)
    axes.scatter(values, range(len(names)), color="#3b6ea5", s=60, zorder=3, label="protocol, mean squared error")
    for place, value in enumerate(values):
        axes.annotate(
            f"{value:.4g}", (value, place), xytext=(8, 0), textcoords="offset points", va="center", fontsize=8
        )
    axes.set_yticks(range(len(names)), names, fontsize=9)
    axes.set_ylim(max(1, len(names)) - 0.5, -0.5)
    axes.set_xscale("log")
    every = [*values, *(row.mse for row in limits.values() if row.mse is not None)]
    axes.set_xlim(min(every) / 1.6, max(every) * 2.5)
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel("mean squared error of q in one shot (lower is better)")
    axes.set_title(f"{result.network.name}\n{result.network.summary}", fontsize=9, parse_math=False)
    figure.legend(loc="outside lower center", ncols=1, frameon=False, fontsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure


_LIMITS: dict[str, tuple[str, str]] = {
    "entangled": ("bound for all probes", "-"),
    "separable-in-turn": ("best without entanglement between sites, in turn over the shots", "-."),
    "separable": ("bound for one product probe in every shot", "--"),
    "coherent": ("coherent light, reference paid for", ":"),
}
"""Lines of a comparison: what they stand for, and their style."""

_STYLE = {
    "bound without loss": ("#b5651d", "-"),
    "bound that the loss sets": ("#b5651d", ":"),
    "shot noise of the network": ("#7a7a7a", "--"),
    "shot noise with a free reference": ("#7a7a7a", ":"),
}
MAX_NAMED = 40
"""Curves that a legend names."""
MAX_DOTS = 150
"""Corners of a region that are drawn as dots; more would be a thick line."""
_COLOURS = ("#3b6ea5", "#5fa55a", "#8e5ba6", "#c0504d")


def draw_curves(network: SensorNetwork, curves: Curves) -> Figure:
    """Errors over photons or transmissivity, logarithmic, with the network's own place marked."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.4), layout="constrained")
    axes = figure.add_subplot()
    # Schemes of a user may be more than these.
    colours = itertools.cycle(_COLOURS)
    for label, errors in curves.errors:
        colour, style = _style(label) or (next(colours), "-.")
        seen = [(x, y) for x, y in zip(curves.values, errors, strict=True) if _drawable(y)]
        if seen:
            axes.plot(*zip(*seen, strict=True), color=colour, linestyle=style, linewidth=1.6, label=label)
    axes.axvline(curves.here, color="#bbbbbb", linewidth=1.0, zorder=0)
    axes.annotate(
        "this network",
        (curves.here, 0.02),
        xycoords=("data", "axes fraction"),
        fontsize=7,
        color="#777777",
        rotation=90,
        ha="right",
        va="bottom",
    )
    axes.set_yscale("log")
    if not curves.axis.startswith("extra"):
        axes.set_xscale("log")
    floor = [y for label, errors in curves.errors if _style(label) for y in errors if _drawable(y)]
    if not floor:
        raise InputError(["there is nothing finite to draw: the transmission is below numerical precision"])
    highest = max(y for _, errors in curves.errors for y in errors if _drawable(y))
    # Schemes that loss ruins would stretch the axis beyond use.
    axes.set_ylim(min(floor) / 2, min(2 * highest, 30 * max(floor)))
    axes.set_xlabel(curves.axis)
    axes.set_ylabel("mean squared error of q in one shot")
    axes.grid(color="#e5e5e5", linewidth=0.6)
    figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=8)
    without = f"\nlight made at the modes, without {curves.without}" if curves.without else ""
    axes.set_title(f"{network.name}\n{network.summary}{without}", fontsize=9, parse_math=False)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure


def _style(label: str) -> tuple[str, str] | None:
    """The look of a limit, which may share its curve with schemes that reach it; None for schemes alone."""
    return next((style for name, style in _STYLE.items() if label == name or label.startswith(f"{name}, ")), None)


def _drawable(value: float) -> bool:
    """Whether a logarithmic axis can hold it, with room for limits."""
    return 1e-280 < value < 1e280


def draw_sweep(result: SweepReport) -> Figure:
    """Errors of a sweep along one axis with their standard errors, logarithmic, bounds dashed in the colours of their curves."""
    from matplotlib import colormaps
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    many = len(result.curves)
    listed = many <= MAX_NAMED
    # The legend grows with the curves, and the figure with it.
    figure = Figure(figsize=(7.4, 4.2 + (0.17 * -(-(many + 1) // 2) if listed else 0.0)), layout="constrained")
    axes = figure.add_subplot()
    map_ = colormaps["tab20" if many <= 20 else "viridis"]
    colours = _COLOURS if many <= len(_COLOURS) else [map_(k if many <= 20 else k / many) for k in range(many)]
    places = [x for curve in result.curves for x in curve.x]
    dense = max(len(curve.x) for curve in result.curves) > 60
    for curve, colour in zip(result.curves, colours, strict=False):
        axes.errorbar(
            curve.x,
            curve.y,
            yerr=None if dense else curve.stderr,
            color=colour,
            marker="" if dense else "o",
            markersize=4,
            linewidth=0.7 if dense else 1.3,
            label=curve.label,
        )
    # A bound that several curves share has the colour of none of them.
    for number, bound in enumerate(result.bounds):
        colour = colours[bound.curve] if bound.curve is not None else "#b5651d"
        label = "bound of all probes, dashed" if number == 0 else None
        axes.plot(bound.x, bound.y, color=colour, linestyle="--", linewidth=1.2, label=label, zorder=3)
    axes.set_yscale("log")
    if max(places) > 8 * min(places):
        axes.set_xscale("log")
    elif all(x == int(x) for x in places):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(result.axis.replace("_", " "))
    unit = {"rad2": "rad²", "vac2": "vacuum variances"}[result.unit]
    axes.set_ylabel(f"mean squared error of q ({unit})")
    axes.grid(color="#e5e5e5", linewidth=0.6)
    unnamed = "" if listed else f"\n{many} curves, too many to name; the rows have them all"
    axes.set_title(result.title + unnamed, fontsize=9, parse_math=False)
    if listed:
        figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=7)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure


def draw_information(network: SensorNetwork, information: Real, title: str) -> Figure:
    """A (d, d) Fisher matrix as a heat map, red where it is positive and blue where it is negative."""
    from matplotlib.figure import Figure

    names = [str(mode.id) for mode in network.sensors]
    figure = Figure(figsize=(5.4, 4.6), layout="constrained")
    axes = figure.add_subplot()
    largest = float(abs(information).max()) or 1.0
    shown = axes.imshow(information, cmap="RdBu_r", vmin=-largest, vmax=largest)
    if len(names) <= 12:
        for i, row in enumerate(information):
            for j, value in enumerate(row):
                colour = "white" if abs(value) > 0.6 * largest else "black"
                axes.text(j, i, f"{value:.3g}", ha="center", va="center", fontsize=8, color=colour)
    if len(names) <= 40:
        axes.set_xticks(range(len(names)), names, fontsize=8, rotation=45, ha="right", parse_math=False)
        axes.set_yticks(range(len(names)), names, fontsize=8, parse_math=False)
    figure.colorbar(shown, ax=axes, label="quantum Fisher information")
    axes.set_title(f"{network.name}\n{title}", fontsize=9, parse_math=False)
    return figure


def draw_region(
    title: str,
    axes_names: tuple[str, str],
    regions: Sequence[tuple[str, Sequence[tuple[float, float]]]],
    *,
    published: float | None = None,
    point: tuple[float, float] | None = None,
    limits: Sequence[tuple[str, Sequence[tuple[float, float]]]] = (),
) -> Figure:
    """What can be known along two directions: closed regions, the published line F(w) + F(v) = N, and a network's own place.

    ``limits`` are lines that no state goes beyond, in the colours of the regions in turn.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.6, 5.2), layout="constrained")
    axes = figure.add_subplot()
    for (label, corners), colour in zip(regions, _COLOURS, strict=False):
        x, y = zip(*corners, strict=True)
        # The sides may run along the axes, which must not hide half of them.
        dots = "o" if len(corners) <= MAX_DOTS else ""
        axes.plot(x, y, color=colour, linewidth=1.6, marker=dots, markersize=3, label=label, clip_on=False, zorder=3)
        axes.fill(x, y, color=colour, alpha=0.10, linewidth=0)
    for (label, corners), colour in zip(limits, _COLOURS, strict=False):
        x, y = zip(*corners, strict=True)
        axes.plot(x, y, color=colour, linewidth=1.2, linestyle=":", label=label, clip_on=False, zorder=3)
    if published is not None:
        label = f"published: F(w) + F(v) = {published:g}"
        axes.plot([0, published], [published, 0], color="#b5651d", linestyle="--", linewidth=1.2, label=label)
    if point is not None:
        axes.scatter(
            [point[0]], [point[1]], color="#c0504d", s=90, marker="*", zorder=4, label="this network", clip_on=False
        )
    axes.set_xlabel(axes_names[0])
    axes.set_ylabel(axes_names[1])
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.grid(color="#e5e5e5", linewidth=0.6)
    axes.set_title(title, fontsize=9, parse_math=False)
    figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure


def saved(figure: Figure, suffix: str) -> bytes:
    """A figure as the bytes of a .png, .svg or .pdf file, without the date, so that equal figures are equal files."""
    stream = io.BytesIO()
    metadata = {".png": None, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}[suffix]
    with warnings.catch_warnings():
        # Names in scripts that the font lacks are drawn as boxes; they are right in the report and in JSON.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(stream, format=suffix[1:], dpi=150, metadata=metadata)
    return stream.getvalue()
