"""Sweeps as people read them on a terminal: what a run did, and the table of its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from protocols.tables import Table, to_rich

if TYPE_CHECKING:
    from rich.console import Console

    from protocols.sweeps.results import SweepReport
    from protocols.sweeps.running import SweepOutcome

MAX_ROWS = 60
"""Rows of a sweep shown; load_results reads them all."""


def show_outcome(console: Console, outcome: SweepOutcome) -> None:
    """How many points were computed, and where their rows are."""
    how = f"{outcome.computed} computed in {outcome.seconds:.3g} s" if outcome.computed else "nothing to do"
    console.print(Text(f"{outcome.total} points: {outcome.kept} kept from before, {how}; rows are in {outcome.folder}"))
    if outcome.unavailable:
        console.print(Text(f"{outcome.unavailable} of them have no such scheme or estimator; their rows say why"))
    if outcome.failed:
        console.print(Text(f"{outcome.failed} failed; their rows hold the errors, --retry-failed tries them again"))
    console.print(Text(f"psn sweep report {outcome.folder} makes the table and figures", style="dim"))


def show_sweep(console: Console, report: SweepReport) -> None:
    """The first rows, and what has no numbers."""
    shown = Table(title=report.table.title, columns=report.table.columns, rows=report.table.rows[:MAX_ROWS])
    console.print(to_rich([shown]))
    if len(report.table.rows) > MAX_ROWS:
        console.print(Text(f"... {len(report.table.rows) - MAX_ROWS} more rows; load_results reads them all"))
    others = [f"{count} {status}" for status, count in report.counts.items() if status != "ok"]
    others += [f"{report.missing} not computed yet"] if report.missing else []
    if others:
        console.print(Text(f"without numbers: {', '.join(others)}"))
