"""Figures of errors with a row for each: bounds, schemes with loss, simulated estimators; and of the coverage of intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from networks import InputError
from networks.canvas import wrapped
from networks.errors import short_repr
from networks.pictures import Drawing
from protocols.estimation.simulation import Simulation
from protocols.loss.report import LossReport
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
from protocols.reports.view import UNITS
from protocols.theory.bound_rows import BoundRow
from protocols.theory.bounds import SENSED, BoundsTable
from protocols.theory.equal_errors import same_error

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW_CM = 0.62
MAX_ROWS = 60
"""Of a figure; the table has all."""
_PROBES = {
    "entangled": ("all probes", "o", COLOURS[0]),
    "gaussian": ("Gaussian light", "^", COLOURS[2]),
    "any-of-mean": ("all light of this mean photon number", "v", COLOURS[3]),
    "separable": ("one product probe in every shot", "s", COLOURS[1]),
    "separable-in-turn": ("sites in turn over the shots", "s", COLOURS[1]),
    "coherent": ("coherent light", "D", SHOT_NOISE),
    "coherent-free-reference": ("coherent light, free phase reference", "D", SHOT_NOISE),
}
"""Rows of bounds: what they are called, their symbols and colours."""
_UNIT = {**UNITS, "qubit": "rad^2"}
NOMINAL = 0.95
"""Coverage of the intervals of estimates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A row of a figure.

    Attributes
    ----------
    label : str
    value : float
        Drawable.
    marker, colour : str
    stderr : float or None
        Standard error.
    ticks : tuple of (label, float)
        Other numbers of this row, drawn as small bars; equal labels are one entry of the legend.
    """

    label: str
    value: float
    marker: str = "o"
    colour: str = COLOURS[0]
    stderr: float | None = None
    ticks: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A line through all rows.

    Attributes
    ----------
    label : str
    value : float
    style : of matplotlib
    colour : str
    """

    label: str
    value: float
    style: Any
    colour: str


_TICKS = ("|", "x", "+")


def draw_dots(frame: Frame, title: str, dots: Sequence[Dot], rules: Sequence[Rule], words: str) -> Drawing:
    """Rows of numbers on a logarithmic axis, the first row above, with lines through all of them.

    Parameters
    ----------
    frame : Frame
    title : str
    dots : of the rows
    rules : lines; those of equal numbers share one
    words : str
        What the numbers are, with their unit.
    """
    from matplotlib.lines import Line2D

    axes = frame.axes
    plain_axes(axes)
    axes.grid(visible=False, axis="y")
    handles: list[Any] = []
    shown = dots[:MAX_ROWS]
    marks: dict[str, str] = {}
    for row, dot in enumerate(shown):
        spread = None if dot.stderr is None or not math.isfinite(dot.stderr) else [[dot.stderr], [dot.stderr]]
        style: dict[str, Any] = {
            "marker": dot.marker,
            "color": dot.colour,
            "markersize": 6,
            "zorder": 4,
            "linestyle": "",
        }
        axes.errorbar([dot.value], [row], xerr=spread, **style)
        for label, value in dot.ticks:
            mark = marks.setdefault(label, _TICKS[len(marks) % len(_TICKS)])
            axes.plot([value], [row], marker=mark, linestyle="", color="black", markersize=8, zorder=3)
    for label, mark in marks.items():
        handles.append(Line2D([], [], linestyle="", marker=mark, color="black", markersize=8, label=label))
    for rule in _merged(rules):
        axes.axvline(rule.value, color=rule.colour, linestyle=rule.style, linewidth=1.2, zorder=1)
        label = f"{rule.label}: {rule.value:.4g}"
        handles.append(Line2D([], [], color=rule.colour, linestyle=rule.style, linewidth=1.2, label=label))
    white: dict[str, Any] = {"boxstyle": "square,pad=0.05", "facecolor": "white", "edgecolor": "none"}
    at: dict[str, Any] = {"xytext": (9, 0), "textcoords": "offset points", "va": "center", "fontsize": TICK}
    for row, dot in enumerate(shown):
        axes.annotate(f"{dot.value:.4g}", (dot.value, row), bbox=white, zorder=5, **at)
    labels = ["\n".join(wrapped(dot.label, LABEL, 0.36 * frame.width)) for dot in shown]
    axes.set_yticks(range(len(shown)), labels, fontsize=LABEL, parse_math=False)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    every = [v for dot in shown for v in (dot.value, *(value for _, value in dot.ticks))]
    every += [rule.value for rule in rules]
    low, high, room = min(every) / 1.3, max(every) * 1.3, 0.6 * frame.width
    # The number of the largest error has room beside it.
    high *= (high / low) ** (34 / room)
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    log_ticks(axes.xaxis, low, high, room)
    axes.set_xlabel("\n".join(wrapped(words, LABEL, 0.9 * room)), fontsize=LABEL)
    more = f"\nthe first {MAX_ROWS} of {len(dots)} rows" if len(dots) > MAX_ROWS else ""
    lines = sum(label.count("\n") for label in labels)
    return frame.finish(title + more, handles, 1.9 + ROW_CM * len(shown) + 0.3 * lines)


def _merged(rules: Sequence[Rule]) -> list[Rule]:
    """Lines of one number are one line."""
    merged: list[Rule] = []
    for rule in rules:
        for k, other in enumerate(merged):
            if same_error(rule.value, other.value):
                label = f"{other.label}, {rule.label}"
                merged[k] = Rule(label=label, value=other.value, style=other.style, colour=other.colour)
                break
        else:
            merged.append(rule)
    return merged


def draw_bounds(
    table: BoundsTable, *, sensing: str | None = None, ax: Axes | None = None, width_cm: float | None = None
) -> Drawing:
    """The lower bounds of one kind of sensing, a row for each kind of probes; crosses are numbers as published.

    Parameters
    ----------
    table : BoundsTable
    sensing : "qubit", "phase" or "displacement", optional
        The first of phase, displacement and qubit that has a bound at the resources of the table, when left out.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure when left out.
    width_cm : float, optional
        Of the new figure, from 3 to 200; 15 when left out.

    Returns
    -------
    Drawing

    Raises
    ------
    InputError
        For another kind of sensing, or one without a bound at these resources.

    Examples
    --------
    >>> from protocols import bounds_table
    >>> figure, axes = draw_bounds(bounds_table([3, -1], photons=4))
    >>> [text.get_text() for text in axes.texts]
    ['2.25', '1.826', '1', '1', '0.5625']
    """
    frame = Frame.of(ax, width_cm)
    rows = {kind: [r for r in table.rows if r.sensing == kind and _is_drawn(r)] for kind in SENSED}
    kinds = [kind for kind in ("phase", "displacement", "qubit") if rows[kind]]
    if sensing is None:
        sensing = kinds[0]
    if sensing not in kinds:
        raise InputError([f"sensing must be one of {', '.join(kinds)} at these resources, got {short_repr(sensing)}"])
    dots = []
    for row in sorted(rows[sensing], key=lambda row: -(row.mse or 0.0)):
        label, marker, colour = _PROBES[row.probes]
        published = row.published_mse
        differs = published is not None and row.mse is not None and not same_error(published, row.mse)
        ticks = (("as published", published),) if published is not None and differs and is_drawable(published) else ()
        dots.append(
            Dot(
                label=f"{label} {row.equation}".strip(), value=row.mse or 0.0, marker=marker, colour=colour, ticks=ticks
            )
        )
    given = [f"N = {table.photons}"] if table.photons and sensing == "phase" else []
    given += [f"nbar = {table.mean_photons:g}"] if table.mean_photons and sensing != "qubit" else []
    resources = ", ".join([*given, f"M = {table.passes}", f"{table.parameters} parameters"])
    alpha = [str(a) for a in table.function.alpha]
    shortened = ", ".join(alpha[:8]) + (", ..." if len(alpha) > 8 else "")
    title = f"{sensing} sensing of q = alpha . theta, alpha = ({shortened})\n{resources}, no loss"
    words = f"least mean squared error of q, in one shot ({squared_unit(_UNIT[sensing])})"
    return draw_dots(frame, title, dots, (), words)


def _is_drawn(row: BoundRow) -> bool:
    return row.mse is not None and is_drawable(row.mse)


def draw_tradeoff(table: BoundsTable, *, ax: Axes | None = None, width_cm: float | None = None) -> Drawing:
    """Displacement sensing with at most k entangled modes in a pass: the least error against k, in turn and with one probe.

    Parameters
    ----------
    table : BoundsTable
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure when left out.
    width_cm : float, optional
        Of the new figure, from 3 to 200; 15 when left out.

    Returns
    -------
    Drawing
        At the mean photon number of the table, or to leading order in units of 1/(4 nbar t^2) where it has none.

    Raises
    ------
    InputError
        When the table has no such rows.

    Examples
    --------
    >>> from protocols import bounds_table
    >>> figure, axes = draw_tradeoff(bounds_table([3, -1, 0.5]))
    >>> [float(y) for y in axes.lines[0].get_ydata()]
    [20.25, 11.25, 10.25]
    """
    from matplotlib.ticker import MaxNLocator

    frame = Frame.of(ax, width_cm, 12.0)
    rows = table.tradeoff
    if not rows:
        raise InputError(["this table has no trade-off over the number of entangled modes"])
    finite = all(row.mse is not None for row in rows)
    turns = [(row.modes, (row.mse if finite else float(row.norm_squared)) or 0.0) for row in rows]
    one = [(row.modes, row.one_probe_mse if finite else row.one_probe_norm_squared) for row in rows]
    alone = [(k, float(y)) for k, y in one if y is not None]
    axes = frame.axes
    plain_axes(axes)
    in_turn = "groups of modes in turn" + ("" if table.parameters == "static" else " within the shot")
    lines = axes.plot(*zip(*turns, strict=True), marker="o", markersize=5, color=COLOURS[0], label=in_turn)
    if alone:
        style: dict[str, Any] = {"marker": "s", "markersize": 5, "color": COLOURS[1], "linestyle": "--"}
        lines += axes.plot(*zip(*alone, strict=True), label="one probe of disjoint groups", **style)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylim(bottom=0)
    axes.set_xlabel("modes k that may be entangled in a pass", fontsize=LABEL)
    unit = f"({UNITS['displacement']})" if finite else "(1/(4 nbar t²), leading order)"
    axes.set_ylabel(f"least mean squared error of q\n{unit}", fontsize=LABEL)
    alpha = [str(a) for a in table.function.alpha]
    shortened = ", ".join(alpha[:8]) + (", ..." if len(alpha) > 8 else "")
    nbar = f", nbar = {table.mean_photons:g}" if finite and table.mean_photons else ""
    title = f"displacement sensing of q = alpha . theta, alpha = ({shortened}){nbar}, M = {table.passes}"
    return frame.finish(title, lines, 6.5)


def draw_loss(report: LossReport, *, ax: Axes | None = None, width_cm: float | None = None) -> Drawing:
    """The error of every scheme with these losses, beside the shot noise and the bounds with and without loss.

    Parameters
    ----------
    report : LossReport
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure when left out.
    width_cm : float, optional
        Of the new figure, from 3 to 200; 15 when left out.

    Returns
    -------
    Drawing

    Raises
    ------
    InputError
        When no scheme has an error that an axis can hold.

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from protocols import loss_report
    >>> pair = SensorNetwork.star([1, -1], sensing="phase", photons=2, transmissivity=0.8)
    >>> figure, axes = draw_loss(loss_report(pair, schemes=["noon", "noon-in-turn"]))
    >>> [tick.get_text() for tick in axes.get_yticklabels()][:2]
    ['noon', 'noon-equal-weights']
    """
    frame = Frame.of(ax, width_cm)
    shown = [row for row in report.rows if is_drawable(row.mse)]
    if not shown:
        raise InputError(["there is nothing finite to draw: the transmission is below numerical precision"])
    better = [row.over_shot_noise < 1 and not same_error(row.mse, report.shot_noise) for row in shown]
    dots = [
        Dot(label=row.scheme, value=row.mse, marker="o" if b else "s", colour=COLOURS[0] if b else COLOURS[1])
        for row, b in zip(shown, better, strict=True)
    ]
    rules = [
        Rule(label=label, value=value, style=style, colour=colour)
        for label, value, style, colour in (
            ("shot noise with these losses", report.shot_noise, ":", SHOT_NOISE),
            ("with a free phase reference", report.free_reference_shot_noise, (0, (1, 3)), SHOT_NOISE),
            ("bound of all probes with these losses", report.loss_bound, "-", BOUND),
            ("bound of all probes without loss", report.lossless_bound, "--", BOUND),
        )
        if value is not None and is_drawable(value)
    ]
    missing = [row.scheme for row in report.rows if row not in shown]
    more = f"\nno finite error: {', '.join(missing)}" if missing else ""
    words = f"mean squared error of q, in one shot ({squared_unit(mse_unit(report.network))})"
    return draw_dots(frame, f"{report.network.name}\n{report.network.summary}{more}", dots, rules, words)


def draw_simulation(result: Simulation, *, ax: Axes | None = None, width_cm: float | None = None) -> Drawing:
    """The mean squared error of every scheme and estimator with its standard error, beside what its probe and all probes can reach.

    Parameters
    ----------
    result : Simulation
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure when left out.
    width_cm : float, optional
        Of the new figure, from 3 to 200; 15 when left out.

    Returns
    -------
    Drawing

    Raises
    ------
    InputError
        When no error can be on a logarithmic axis.

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from protocols import simulate
    >>> pair = SensorNetwork.chain([1, -1], sensing="displacement", mean_photons=1.0)
    >>> figure, axes = draw_simulation(simulate(pair, shots=50, trials=200))
    >>> "quantum Cramér-Rao bound of this probe" in [text.get_text() for text in figure.legends[0].get_texts()]
    True
    """
    frame = Frame.of(ax, width_cm)
    shown = [one for one in result.results if is_drawable(one.mse)]
    if not shown:
        raise InputError(["no mean squared error can be drawn on a logarithmic axis"])
    dots = []
    for one in shown:
        ticks = [("quantum Cramér-Rao bound of this probe", one.probe_bound)]
        ticks += [("exact error of the estimator", one.predicted_mse)] if one.predicted_mse is not None else []
        drawable = tuple((label, value) for label, value in ticks if is_drawable(value))
        label = f"{one.scheme}, {one.estimator}"
        dots.append(Dot(label=label, value=one.mse, stderr=one.tally.mse_stderr, ticks=drawable))
    rules = []
    for label, name, style, colour in (
        ("shot noise", "shot_noise", ":", SHOT_NOISE),
        ("bound of all probes", "bound", "--", BOUND),
    ):
        values: list[float] = []
        for one in shown:
            value = getattr(one, name)
            if value is not None and is_drawable(value) and not any(same_error(value, other) for other in values):
                values.append(value)
        # Where the schemes use different shots, their bounds differ, and the table has each.
        if len(values) == 1:
            rules.append(Rule(label=label, value=values[0], style=style, colour=colour))
    first = result.first
    unit = squared_unit(mse_unit(result.network))
    title = f"{result.network.name}\n{result.network.summary}\n{first.tally.trials} trials, seed {result.seed}"
    return draw_dots(frame, title, dots, rules, f"mean squared error of the estimate of q ({unit})")


def draw_coverage(result: Simulation, *, ax: Axes | None = None, width_cm: float | None = None) -> Drawing:
    """The share of trials whose nominal 95 % interval holds the true q, for every scheme and estimator, with two standard errors.

    Parameters
    ----------
    result : Simulation
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure when left out.
    width_cm : float, optional
        Of the new figure, from 3 to 200; 15 when left out.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from protocols import simulate
    >>> pair = SensorNetwork.chain([1, -1], sensing="displacement", mean_photons=1.0)
    >>> figure, axes = draw_coverage(simulate(pair, shots=50, trials=200))
    >>> axes.get_xlabel()
    'trials whose 95 % interval holds q (%)'
    """
    frame = Frame.of(ax, width_cm)
    axes = frame.axes
    plain_axes(axes)
    axes.grid(visible=False, axis="y")
    shown = result.results[:MAX_ROWS]
    for row, one in enumerate(shown):
        spread = 200 * one.tally.coverage_stderr
        axes.errorbar([100 * one.tally.coverage], [row], xerr=[[spread], [spread]], marker="o", color=COLOURS[0])
    line = axes.axvline(100 * NOMINAL, color=BOUND, linestyle="--", linewidth=1.2, zorder=1, label="nominal 95 %")
    labels = ["\n".join(wrapped(f"{one.scheme}, {one.estimator}", LABEL, 0.36 * frame.width)) for one in shown]
    axes.set_yticks(range(len(shown)), labels, fontsize=LABEL, parse_math=False)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_xlabel("trials whose 95 % interval holds q (%)", fontsize=LABEL)
    title = f"{result.network.name}\n{result.network.summary}\n{result.first.tally.trials} trials, bars: two standard errors"
    return frame.finish(title, [line], 1.9 + ROW_CM * len(shown))
