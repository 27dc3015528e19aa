"""The figure of errors along one axis of a network, beside bounds and shot noise, with the network's own place."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from networks import InputError
from networks.canvas import POINTS_PER_CM, wrapped
from networks.pictures import Drawing
from protocols.reports.frames import (
    BOUND,
    COLOURS,
    HERE,
    LABEL,
    SHOT_NOISE,
    Frame,
    is_drawable,
    log_ticks,
    plain_axes,
    squared_unit,
)
from protocols.sweeps.curves import Curves

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BOUND_STYLES = ("-", ":", "-.")
_STYLES = {"entangled": "-", "separable": "--"}
LOGARITHMIC = ("photons", "mean_photons", "mean_photons_max", "dark_counts")
"""Axes with a logarithmic scale where they span more than a factor of 8."""

FAR_BELOW = 1e3
"""How far below all schemes a bound is left out of the range of the axis."""


def draw_curves(curves: Curves, *, ax: Axes | None = None, width_cm: float | None = None) -> Drawing:
    """Errors as built along one axis, logarithmic: solid with entanglement between sites, dashed without, dotted coherent light.

    Parameters
    ----------
    curves : Curves
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure when left out.
    width_cm : float, optional
        Of the new figure; 15 cm when left out.

    Raises
    ------
    InputError
        When nothing has an error that an axis can hold.

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from protocols import error_curves
    >>> pair = SensorNetwork.chain([1, -1], sensing="phase", photons=2)
    >>> figure, axes = draw_curves(error_curves(pair, "photons", start=1, stop=3, points=3))
    >>> axes.get_xlabel(), axes.get_yscale()
    ('photons N in a shot', 'log')
    """
    from matplotlib.lines import Line2D
    from matplotlib.ticker import MaxNLocator

    seen = [
        (c, [(x, y) for x, y in zip(curves.values, c.errors, strict=True) if y and is_drawable(y)])
        for c in curves.curves
    ]
    seen = [(curve, points) for curve, points in seen if points]
    if not any(curve.kind != "bound" for curve, _ in seen):
        raise InputError(["there is nothing finite to draw: the transmission is below numerical precision"])
    frame = Frame.of(ax, width_cm)
    axes, width = frame.axes, frame.width
    plain_axes(axes)
    colours, bounds = itertools.cycle(COLOURS), itertools.cycle(_BOUND_STYLES)
    handles: list[Any] = []
    floor, most = _limits(seen)
    for curve, points in seen:
        below = " (below this figure)" if all(y < floor for _, y in points) else ""
        style: dict[str, Any] = {"linewidth": 1.4, "label": curve.label + below}
        if curve.kind == "bound":
            style |= {"color": BOUND, "linestyle": next(bounds), "linewidth": 1.1, "zorder": 1.5}
        elif curve.kind == "coherent":
            style |= {"color": SHOT_NOISE, "linestyle": ":"}
        else:
            style |= {"color": next(colours), "linestyle": _STYLES[curve.kind]}
        # Where a scheme exists at single points, as columns do, lines alone would not show them.
        style |= (
            {"marker": "o", "markersize": 2.5} if len(points) < len(curves.values) and curve.kind != "bound" else {}
        )
        handles += axes.plot(*zip(*points, strict=True), **style)
        if len(curves.here) == 1 and curve.kind != "bound":
            own = [(x, y) for x, y in points if x == curves.here[0]]
            axes.plot(
                [x for x, _ in own], [y for _, y in own], linestyle="", marker="o", markersize=5, color=style["color"]
            )
    handles += _mark(axes, curves)
    low, high = curves.values[0], curves.values[-1]
    if curves.axis in LOGARITHMIC and low > 0 and high > 8 * low:
        axes.set_xscale("log")
        log_ticks(axes.xaxis, low, high, 0.8 * width)
    elif all(value == int(value) for value in curves.values):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_yscale("log")
    axes.set_ylim(floor, most)
    log_ticks(axes.yaxis, floor, most, 0.4 * width, each=16.0)
    axes.set_xlabel("\n".join(wrapped(curves.axis_label, LABEL, 0.8 * width)), fontsize=LABEL)
    axes.set_ylabel(f"mean squared error of q\nin one shot ({squared_unit(curves.unit)})", fontsize=LABEL)
    solid = {"entangled": "solid: entangles the sites", "separable": "dashed: does not"}
    kinds = {curve.kind for curve, _ in seen}
    if {"entangled", "separable"} <= kinds:
        handles.append(Line2D([], [], linestyle="", label=", ".join(solid.values())))
    high_cm = max(5.5, min(9.0, 0.55 * width / POINTS_PER_CM))
    return frame.finish(curves.title, handles, high_cm)


def _limits(seen: Any) -> tuple[float, float]:
    """Schemes that loss ruins would stretch the axis beyond use, and so would bounds that nothing comes near."""
    least = min(y for curve, points in seen if curve.kind != "bound" for _, y in points)
    near = [(c, points) for c, points in seen if c.kind != "bound" or any(y > least / FAR_BELOW for _, y in points)]
    every = [y for _, points in near for _, y in points]
    steady = [y for curve, points in near if curve.kind in ("bound", "coherent") for _, y in points] or every
    return min(every) / 1.5, min(1.5 * max(every), max(30 * max(steady), 3 * min(every)))


def _mark(axes: Axes, curves: Curves) -> list[Any]:
    """The network's own place, or the range of what its parts have."""
    inside = [value for value in curves.here if curves.values[0] <= value <= curves.values[-1]]
    if not curves.here:
        return []
    if len(inside) < len(curves.here):
        from matplotlib.lines import Line2D

        there = " to ".join(f"{value:.3g}" for value in curves.here)
        return [Line2D([], [], linestyle="", label=f"this network has {there}, beyond this axis")]
    if len(inside) == 1:
        return [axes.axvline(inside[0], color=HERE, linewidth=1.0, zorder=0.5, label="this network")]
    low, high = inside
    label = f"values in this network, {low:.3g} to {high:.3g}"
    return [axes.axvspan(low, high, color=HERE, alpha=0.25, linewidth=0, zorder=0.5, label=label)]
