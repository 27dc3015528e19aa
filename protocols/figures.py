"""Figures of a design. The only matplotlib in ``protocols``."""

from __future__ import annotations

import io
import math
import warnings
from typing import TYPE_CHECKING

from protocols.designing import Design

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_comparison(found: Design) -> Figure:
    """The mean squared error of every candidate beside the bounds, on a logarithmic scale."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    sensing = found.network.sensing
    limits = {probes: found.bounds.row(sensing, probes) for probes in ("entangled", "separable")}
    # An infinite error has no place on an axis; the table says it.
    shown = [c for c in found.candidates if math.isfinite(c.mse)]
    names = [c.plan.scheme for c in shown]
    values = [c.mse for c in shown]
    figure = Figure(figsize=(7.0, 2.4 + 0.4 * len(names)), layout="constrained")
    axes = figure.add_subplot()
    for (probes, row), style in zip(limits.items(), ("-", "--"), strict=True):
        if row.mse is not None:
            label = f"bound for {probes} probes, {row.equation}: {row.mse:.4g}"
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
    axes.set_title(f"{found.network.name}\n{found.network.summary}", fontsize=9, parse_math=False)
    figure.legend(loc="outside lower center", ncols=1, frameon=False, fontsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure


def png(figure: Figure) -> bytes:
    """A figure as PNG bytes."""
    stream = io.BytesIO()
    with warnings.catch_warnings():
        # Names in scripts that the font lacks are drawn as boxes; they are right in the report and in JSON.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(stream, format="png", dpi=150)
    return stream.getvalue()
