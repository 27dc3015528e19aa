"""Sweeps in words: what a run did, and the table of its rows. Nothing is computed here."""

from __future__ import annotations

from networks.benches import IN_DB
from protocols.reports.view import Line, Part, View
from protocols.sweeps.axes import loss_db
from protocols.sweeps.curves import Curves
from protocols.sweeps.results import SweepReport
from protocols.sweeps.running import SweepOutcome
from protocols.tables import Table

MAX_ROWS = 60
"""Rows of a sweep shown; load_results reads them all."""


def outcome_view(outcome: SweepOutcome) -> View:
    """How many points were computed, and where their rows are."""
    how = f"{outcome.computed} computed in {outcome.seconds:.3g} s" if outcome.computed else "nothing to do"
    said = [f"{outcome.total} points: {outcome.kept} kept from before, {how}; rows are in {outcome.folder}"]
    if outcome.unavailable:
        said.append(f"{outcome.unavailable} of them have no such scheme or estimator; their rows say why")
    if outcome.failed:
        said.append(f"{outcome.failed} failed; their rows hold the errors, --retry-failed tries them again")
    report = Line(f"psn sweep report {outcome.folder} makes the table and figures", "note")
    return View(title=f"sweep in {outcome.folder}", parts=(*map(Line, said), report), summary=tuple(said), titled=False)


def sweep_view(report: SweepReport) -> View:
    """The first rows, and what has no numbers."""
    rows = len(report.table.rows)
    parts: list[Part] = [_in_db(report)]
    if rows > MAX_ROWS:
        parts.append(Line(f"... {rows - MAX_ROWS} more rows; load_results reads them all"))
    others = [f"{count} {status}" for status, count in report.counts.items() if status != "ok"]
    others += [f"{report.missing} not computed yet"] if report.missing else []
    missing = [f"without numbers: {', '.join(others)}"] if others else []
    summary = (f"{rows} rows, {len(report.curves)} curves along {report.axis}, errors in {report.unit}", *missing)
    return View(title=report.title, parts=(*parts, *map(Line, missing)), summary=summary, titled=False)


def _in_db(report: SweepReport) -> Table:
    """The first rows, with the losses in dB that were given in dB."""
    columns, rows = list(report.table.columns), [list(row) for row in report.table.rows[:MAX_ROWS]]
    for name, share in IN_DB.items():
        if share in report.in_db:
            place = report.axes.index(share)
            columns[place] = f"{name.removesuffix('_db').replace('_', ' ')} (dB)"
            for row in rows:
                value = row[place]
                assert isinstance(value, float)
                row[place] = loss_db(value)
    return Table(title=report.table.title, columns=tuple(columns), rows=tuple(map(tuple, rows)))


def curves_view(curves: Curves) -> View:
    """The errors at each place on the axis."""
    title = " - ".join(curves.title.splitlines())
    columns = (curves.axis_label, *(curve.label for curve in curves.curves))
    rows = tuple(zip(curves.values, *(curve.errors for curve in curves.curves), strict=True))
    unit = {"rad2": "rad^2", "vac2": "vacuum variances"}[curves.unit]
    what = f"mean squared errors of q in one shot, {unit}"
    low, high = curves.values[0], curves.values[-1]
    summary = (f"{len(curves.curves)} curves at {len(rows)} places, {curves.axis} {low:.4g} to {high:.4g}; {what}",)
    return View(title=title, parts=(Table(title=what, columns=columns, rows=rows),), summary=summary)
