"""The figure of a sweep: a panel for each setting of the other axes, at most six curves in each, and each bound once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from networks import InputError
from networks.benches import IN_DB
from networks.canvas import POINTS_PER_CM, wrapped
from networks.pictures import Drawing, require_place
from protocols.reports.frames import (
    BOUND,
    COLOURS,
    LABEL,
    LEGEND,
    TICK,
    Frame,
    is_drawable,
    log_ticks,
    new_figure,
    plain_axes,
    set_height,
    set_legend,
    set_title,
    squared_unit,
)
from protocols.sweeps.axes import IN_WORDS, loss_db
from protocols.sweeps.results import SweepCurve, SweepReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_CURVES = 6
"""Of a panel."""
MOST_PANELS = 36
"""Of a figure; the title says how many more there are."""
PANEL_CM = 5.2
"""The least width of a panel."""
_FIRST = ("scheme", "estimator", "alpha", "network")
"""Axes whose values are told apart by colours rather than by panels, before the longest of the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """What one panel shows.

    Attributes
    ----------
    title : str
        The setting that its curves have in common.
    curves : tuple of (str, SweepCurve)
        With the names of their colours.
    bounds : tuple of (str, SweepCurve)
        Distinct ones, with the name of the curve that one belongs to alone, or "".
    """

    title: str
    curves: tuple[tuple[str, SweepCurve], ...]
    bounds: tuple[tuple[str, SweepCurve], ...]


def panels_of(report: SweepReport) -> tuple[str, tuple[Panel, ...]]:
    """The axis that colours stand for, "" for none, and the panels.

    Parameters
    ----------
    report : SweepReport
    """
    names = [name for name, _ in report.curves[0].at] if report.curves else []
    count = {name: len({dict(curve.at)[name] for curve in report.curves}) for name in names}
    few = [name for name in names if count[name] <= MOST_CURVES]
    coloured = next((name for name in _FIRST if name in few), None)
    if coloured is None:
        coloured = max(few, key=lambda name: count[name], default=max(names, key=lambda name: count[name], default=""))
    groups: dict[tuple[Any, ...], list[tuple[str, int, SweepCurve]]] = {}
    for number, curve in enumerate(report.curves):
        setting = tuple((name, value) for name, value in curve.at if name != coloured)
        label = _named(coloured, dict(curve.at)[coloured]) if coloured else "mean squared error"
        groups.setdefault(setting, []).append((label, number, curve))
    panels = []
    for setting, members in groups.items():
        words = ", ".join(_named(name, value) for name, value in setting)
        for first in range(0, len(members), MOST_CURVES):
            part = members[first : first + MOST_CURVES]
            label_of = {number: label for label, number, _ in part}
            owners = [([n for n in bound.curves if n in label_of], bound) for bound in report.bounds]
            bounds = tuple((label_of[own[0]] if len(own) == 1 else "", bound) for own, bound in owners if own)
            panels.append(Panel(title=words, curves=tuple((label, curve) for label, _, curve in part), bounds=bounds))
    return coloured, tuple(panels)


def _named(name: str, value: object) -> str:
    if name in ("scheme", "estimator", "network", "parameters", "phase_reference"):
        return str(value)
    return f"{name.replace('_', ' ')} {f'{value:.4g}' if isinstance(value, float) else value}"


def draw_sweep(report: SweepReport, *, ax: Axes | None = None, width_cm: float | None = None) -> Drawing:
    """Errors of a sweep along one axis with their standard errors, logarithmic, a panel for each setting of the other axes.

    Parameters
    ----------
    report : SweepReport
        With curves.
    ax : matplotlib.axes.Axes, optional
        Where to draw a sweep of one panel; a new figure when left out.
    width_cm : float, optional
        Of the new figure; as many panels beside each other as have room, 15 or 20 cm when left out.

    Returns
    -------
    Drawing
        Its axes are those of the first panel.

    Raises
    ------
    InputError
        When the report has no curves, or several panels for one pair of axes.

    Examples
    --------
    >>> from protocols.tables import Table
    >>> curve = SweepCurve(label="coherent", x=(1.0, 2.0), y=(0.5, 0.25), stderr=None)
    >>> none = {"bounds": (), "rows": (), "counts": {}, "missing": 0, "table": Table(title="", columns=(), rows=())}
    >>> report = SweepReport(title="a sweep", axis="mean_photons", unit="rad2", curves=(curve,), **none)
    >>> figure, axes = draw_sweep(report)
    >>> axes.lines[0].get_xydata().tolist()
    [[1.0, 0.5], [2.0, 0.25]]
    """
    width_cm = require_place(ax, width_cm)
    if not report.curves:
        raise InputError(["there is no curve to draw: no numeric axis of the sweep has several values"])
    report = _in_db(report)
    coloured, panels = panels_of(report)
    if ax is not None:
        return _draw_on(ax, report, coloured, panels)
    shown = panels[:MOST_PANELS]
    if width_cm is None:
        width_cm = 15.0 if len(shown) <= 4 else 20.0
    columns = max(1, min(len(shown), int(width_cm // PANEL_CM), math.ceil(math.sqrt(1.5 * len(shown)))))
    rows = -(-len(shown) // columns)
    figure, width = new_figure(width_cm)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    labels = list(dict.fromkeys(label for panel in shown for label, _ in panel.curves))
    # Groups of at most six have six colours at most; where one value is in several panels, it has one colour in all.
    colours = {label: COLOURS[k % len(COLOURS)] for k, label in enumerate(labels)}
    room = 0.8 * width / columns
    across = "\n".join(wrapped(_axis_words(report), LABEL, room))
    for panel, axes in zip(shown, grid.flat, strict=False):
        _draw_panel(axes, panel, colours)
        if panel.title:
            title = "\n".join(wrapped(panel.title, LEGEND, 0.9 * width / columns))
            axes.set_title(title, fontsize=LEGEND, parse_math=False)
        if len(labels) > MOST_CURVES and coloured:
            # Colours mean something else in each panel.
            axes.legend(fontsize=LEGEND - 1, frameon=False)
    for axes in list(grid.flat)[len(shown) :]:
        axes.set_visible(False)
    for k, axes in enumerate(grid.flat):
        # The lowest panel of each column has the numbers and what they are.
        axes.tick_params(labelbottom=k + columns >= len(shown))
        if k + columns >= len(shown) > k:
            axes.set_xlabel(across, fontsize=LABEL)
    _scales(grid.flat[0], report, shown, room)
    high_cm = max(3.6, min(8.0, 0.62 * room / POINTS_PER_CM + 0.6))
    lines = max(len(wrapped(panel.title, LEGEND, 0.9 * width / columns)) if panel.title else 0 for panel in shown)
    figure.supylabel(f"mean squared error of q{_of_shot(report)} ({squared_unit(report.unit)})", fontsize=LABEL)
    more = f"\n{len(shown)} of {len(panels)} panels; the rows have all" if len(panels) > len(shown) else ""
    titles = set_title(figure, f"{report.title}{more}", width)
    handles = [] if len(labels) > MOST_CURVES and coloured else _handles(labels, colours)
    legends = set_legend(figure, [*handles, *_bound_handles(shown)], width)
    set_height(figure, rows * (high_cm + 0.36 * lines) + 0.9, titles, legends)
    return Drawing(figure, grid.flat[0])


def _draw_on(ax: Axes, report: SweepReport, coloured: str, panels: Sequence[Panel]) -> Drawing:
    """The one panel of a sweep on given axes."""
    if len(panels) > 1:
        words = f"this sweep has {len(panels)} panels, which one pair of axes cannot hold; leave ax out"
        raise InputError([words])
    frame = Frame.of(ax, None)
    labels = [label for label, _ in panels[0].curves]
    colours = {label: COLOURS[k % len(COLOURS)] for k, label in enumerate(labels)}
    _draw_panel(ax, panels[0], colours)
    room = 0.9 * frame.width
    ax.set_xlabel("\n".join(wrapped(_axis_words(report), LABEL, room)), fontsize=LABEL)
    ax.set_ylabel(f"mean squared error of q{_of_shot(report)} ({squared_unit(report.unit)})", fontsize=LABEL)
    _scales(ax, report, panels, room)
    title = "\n".join(filter(None, (report.title, panels[0].title)))
    return frame.finish(title, [*_handles(labels, colours), *_bound_handles(panels)], 0.0)


def _in_db(report: SweepReport) -> SweepReport:
    """The same with the losses in dB that were given in dB."""
    of = {share: name for name, share in IN_DB.items() if share in report.in_db}

    def shown(curve: SweepCurve) -> SweepCurve:
        x = tuple(map(loss_db, curve.x)) if report.axis in of else curve.x
        at = tuple((of.get(name, name), loss_db(value) if name in of else value) for name, value in curve.at)
        return replace(curve, x=x, at=at)

    curves, bounds = tuple(map(shown, report.curves)), tuple(map(shown, report.bounds))
    return replace(report, axis=of.get(report.axis, report.axis), curves=curves, bounds=bounds)


def _axis_words(report: SweepReport) -> str:
    return IN_WORDS.get(report.axis, report.axis.replace("_", " "))


def _of_shot(report: SweepReport) -> str:
    return " in one shot" if report.is_of_designs else ""


def _draw_panel(axes: Axes, panel: Panel, colours: dict[str, str]) -> None:
    plain_axes(axes)
    dense = any(len(curve.x) > 60 for _, curve in panel.curves)
    for label, curve in panel.curves:
        seen = [k for k, y in enumerate(curve.y) if is_drawable(y)]
        spread = None if dense or curve.stderr is None else [curve.stderr[k] for k in seen]
        axes.errorbar(
            [curve.x[k] for k in seen],
            [curve.y[k] for k in seen],
            yerr=spread,
            color=colours[label],
            marker="" if dense else "o",
            markersize=3,
            linewidth=0.8 if dense else 1.2,
            label=label,
        )
    # A bound that all curves share has the colour of none of them; where there are several, each has that of its curve.
    for label, bound in panel.bounds:
        colour = colours[label] if label and len(panel.bounds) > 1 else BOUND
        axes.plot(bound.x, bound.y, color=colour, linestyle="--", linewidth=1.0, zorder=1.5)


def _scales(axes: Axes, report: SweepReport, shown: Sequence[Panel], room: float) -> None:
    from matplotlib.ticker import MaxNLocator

    places = [x for panel in shown for _, curve in panel.curves for x in curve.x]
    errors = [y for panel in shown for _, curve in panel.curves for y in curve.y]
    errors = [y for y in (*errors, *(y for panel in shown for _, b in panel.bounds for y in b.y)) if is_drawable(y)]
    low, high = min(places), max(places)
    if low > 0 and high > 8 * low:
        axes.set_xscale("log")
        log_ticks(axes.xaxis, low, high, room)
    elif all(x == int(x) for x in places):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=max(2, int(room // 30))))
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=max(2, int(room // 34)), steps=[1, 2, 2.5, 5, 10]))
    axes.set_yscale("log")
    floor, most = min(errors) / 1.4, max(errors) * 1.4
    axes.set_ylim(floor, most)
    log_ticks(axes.yaxis, floor, most, 0.5 * room, each=14.0)
    axes.tick_params(labelsize=TICK)


def _handles(labels: Sequence[str], colours: dict[str, str]) -> list[Any]:
    from matplotlib.lines import Line2D

    return [Line2D([], [], color=colours[label], marker="o", markersize=3, label=label) for label in labels]


def _bound_handles(shown: Sequence[Panel]) -> list[Any]:
    from matplotlib.lines import Line2D

    if not any(panel.bounds for panel in shown):
        return []
    own = any(len(panel.bounds) > 1 for panel in shown)
    label = "bound of all probes without loss" + (
        ", in the colour of its curve where it has one of its own" if own else ""
    )
    return [Line2D([], [], color=BOUND, linestyle="--", linewidth=1.0, label=label)]
