"""The figure of a design's errors: every candidate as built, beside shot noise and the bounds without loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from networks import InputError
from networks.canvas import wrapped
from networks.pictures import Drawing
from protocols.design import Design
from protocols.ranking.candidates import Candidate
from protocols.reports.frames import (
    BOUND,
    COLOURS,
    LABEL,
    SHOT_NOISE,
    TICK,
    Frame,
    is_drawable,
    log_ticks,
    plain_axes,
    squared_unit,
)
from protocols.reports.summaries import mse_unit
from protocols.theory.equal_errors import same_error

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

ROW_CM = 0.62
_LIMITS = {
    "entangled": ("bound for all probes", "-"),
    "separable-in-turn": ("bound for sites in turn over the shots", "-."),
    "separable": ("bound for one product probe in every shot", "--"),
    "coherent": ("shot noise", ":"),
    "coherent-free-reference": ("shot noise with a free phase reference", (0, (1, 3))),
}
"""Rows of the table of bounds, all without loss: what they are called, and the style of their lines."""
_KINDS = {
    "entangled": ("o", COLOURS[0], "entangles the sites"),
    "separable": ("s", COLOURS[1], "no entanglement between the sites"),
    "coherent": ("D", SHOT_NOISE, "coherent light"),
}
"""Symbols of candidates."""


def draw_comparison(result: Design, *, ax: Axes | None = None, width_cm: float | None = None) -> Drawing:
    """The error of every candidate as built and without losses and limits, beside the bounds without loss, logarithmic.

    Coherent light, whose error is the shot noise, has a symbol and a line of its own; the best scheme without entanglement between
    the sites is ringed.

    Parameters
    ----------
    result : Design
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure when left out.
    width_cm : float, optional
        Of the new figure; 15 cm when left out.

    Raises
    ------
    InputError
        When no candidate has an error that an axis can hold.

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from protocols import design
    >>> figure, axes = draw_comparison(design(SensorNetwork.chain([1, -1], sensing="phase", photons=2)))
    >>> axes.get_xlabel()
    'mean squared error of q in one shot (rad²)'
    """
    from matplotlib.lines import Line2D

    # An error without end has no place on an axis; the title says so.
    shown = [c for c in result.candidates if is_drawable(c.mse)]
    if not shown:
        raise InputError(["there is nothing finite to draw: the transmission is below numerical precision"])
    limits = _limits(result)
    frame = Frame.of(ax, width_cm)
    axes, width = frame.axes, frame.width
    plain_axes(axes)
    axes.grid(visible=False, axis="y")
    handles: list[Line2D] = []
    for kind, (marker, colour, label) in _KINDS.items():
        own = [(c.mse, row) for row, c in enumerate(shown) if _kind(c) == kind]
        if own:
            axes.plot(*zip(*own, strict=True), linestyle="", marker=marker, color=colour, markersize=6, zorder=4)
            handles.append(Line2D([], [], linestyle="", marker=marker, color=colour, markersize=6, label=label))
    ring: dict[str, Any] = {
        "linestyle": "",
        "marker": "o",
        "color": "black",
        "markerfacecolor": "none",
        "markersize": 12,
    }
    for row, candidate in enumerate(shown):
        if candidate.plan.scheme == result.verdict.compared_with:
            axes.plot([candidate.mse], [row], zorder=4, **ring)
            handles.append(Line2D([], [], label="the best without entanglement between the sites", **ring))
    handles += _ideal_errors(axes, shown)
    for label, (value, style) in limits.items():
        axes.axvline(value, color=BOUND, linestyle=style, linewidth=1.2, zorder=1)
        handles.append(Line2D([], [], color=BOUND, linestyle=style, linewidth=1.2, label=label))
    for candidate in shown:
        if _kind(candidate) == "coherent":
            axes.axvline(candidate.mse, color=SHOT_NOISE, linestyle=":", linewidth=1.2, zorder=1)
            label = f"shot noise as built, coherent light: {candidate.mse:.4g}"
            handles.append(Line2D([], [], color=SHOT_NOISE, linestyle=":", linewidth=1.2, label=label))
    numbers = [f"{c.mse:.4g}" for c in shown]
    for row, (candidate, number) in enumerate(zip(shown, numbers, strict=True)):
        at: dict[str, Any] = {
            "xytext": (9, 0),
            "textcoords": "offset points",
            "va": "center",
            "fontsize": TICK,
            "zorder": 5,
        }
        white: dict[str, Any] = {"boxstyle": "square,pad=0.05", "facecolor": "white", "edgecolor": "none"}
        axes.annotate(number, (candidate.mse, row), bbox=white, **at)
    axes.set_yticks(range(len(shown)), [c.plan.scheme for c in shown], fontsize=LABEL, parse_math=False)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    ideal = [c.built.ideal_mse for c in shown if is_drawable(c.built.ideal_mse)]
    every = [*(c.mse for c in shown), *ideal, *(value for value, _ in limits.values())]
    low, high = min(every) / 1.3, max(every) * 1.3
    # The number of the largest error has room beside it.
    room = 0.62 * width
    high *= (high / low) ** (34 / room)
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    log_ticks(axes.xaxis, low, high, room)
    unit = squared_unit(mse_unit(result.network))
    words = f"mean squared error of q, in one shot ({unit})"
    axes.set_xlabel("\n".join(wrapped(words, LABEL, 0.9 * room)).replace(" q,", " q"), fontsize=LABEL)
    missing = [c.plan.scheme for c in result.candidates if c not in shown]
    more = f"\nno finite error: {', '.join(missing)}" if missing else ""
    return frame.finish(f"{result.network.name}\n{result.network.summary}{more}", handles, 1.9 + ROW_CM * len(shown))


def _kind(candidate: Candidate) -> str:
    if candidate.plan.scheme == "coherent":
        return "coherent"
    return "entangled" if candidate.plan.modes_between_sites else "separable"


def _ideal_errors(axes: Any, shown: list[Candidate]) -> list[Line2D]:
    """What each scheme would reach without losses and limits, joined to what it reaches; nothing where nothing is lost."""
    from matplotlib.lines import Line2D

    style: dict[str, Any] = {"linestyle": "", "marker": "|", "color": "#333333", "markersize": 9}
    lossy = [
        (row, c.built.ideal_mse, c.mse)
        for row, c in enumerate(shown)
        if is_drawable(c.built.ideal_mse) and not same_error(c.mse, c.built.ideal_mse)
    ]
    for row, ideal, built in lossy:
        axes.plot([ideal, built], [row, row], color="#bbbbbb", linewidth=1.4, zorder=2)
        axes.plot([ideal], [row], zorder=3, **style)
    return [Line2D([], [], label="the same scheme without losses and limits", **style)] if lossy else []


def _limits(result: Design) -> dict[str, tuple[float, Any]]:
    """Bounds by their labels; those that coincide share a line."""
    rows = {row.probes: row for row in result.bounds.rows if row.sensing == result.network.sensing}
    lines: list[tuple[list[str], float, Any]] = []
    for probes, (title, style) in _LIMITS.items():
        row = rows.get(probes)
        if row is None or row.mse is None or not is_drawable(row.mse):
            continue
        name = f"{title} {row.equation}".strip()
        equal = next((line for line in lines if same_error(line[1], row.mse)), None)
        if equal is not None:
            equal[0].append(name)
        else:
            lines.append(([name], row.mse, style))
    return {f"{', '.join(names)}, without loss: {value:.4g}": (value, style) for names, value, style in lines}
