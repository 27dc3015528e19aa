"""``psn sweep``: running, going on, and reporting."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import rich.progress
from rich.console import Console
from rich.text import Text

from networks import InputError
from protocols import tables
from protocols.cli.terminal import console
from protocols.reports.plotting import path_faults, write_figure
from protocols.sweeps.results import sweep_report
from protocols.sweeps.running import Progress, SweepOutcome, address_fault, run_sweep
from protocols.sweeps.spec import read_spec
from protocols.sweeps.store import require_packages
from protocols.tables import to_rich

ROWS_SHOWN = 60


def sweep_answer(
    spec: str,
    *,
    out: str | None,
    workers: int | None,
    scheduler: str | None,
    timeout: float,
    retry_failed: bool,
    json: bool,
    faults: list[str],
) -> int:
    """Run a sweep, or what is left of it; the exit code: 1 when a row holds an error. ``faults`` are those found before."""
    if workers is not None and scheduler is not None:
        faults.append("give --workers or --scheduler, not both")
    if workers is not None and not 1 <= workers <= 1024:
        faults.append(f"--workers must be an integer from 1 to 1024, got {workers}")
    if scheduler is not None and (fault := address_fault(scheduler)):
        faults.append(f"--scheduler: {fault}")
    if not 0 < timeout <= 3600:
        faults.append(f"--timeout must be in (0, 3600] seconds, got {timeout:g}")
    if out == "":
        faults.append("--out must name a folder, got nothing")
    read = None
    try:
        require_packages()
        read = read_spec(Path(spec))
    except InputError as error:
        faults += [f"{error.source}: {fault}" if error.source else fault for fault in error.faults]
    if faults:
        raise InputError(faults)
    assert read is not None
    folder = Path(out) if out is not None else default_folder(Path(spec))
    try:
        with _bar() as show:
            found = run_sweep(
                read,
                folder,
                workers=workers,
                scheduler=scheduler,
                timeout=timeout,
                retry_failed=retry_failed,
                progress=show,
            )
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        print(f"psn: rows so far are kept in {folder}; the same command goes on", file=sys.stderr)
        raise
    for path in found.damaged:
        print(f"psn: a damaged part was put aside as {path}; its rows were computed anew", file=sys.stderr)
    if json:
        print(tables.to_json(_document(found)))
    else:
        _show(console(), found)
    return 1 if found.failed else 0


def default_folder(spec: Path) -> Path:
    """Where rows go without --out: a folder beside the spec, named like it."""
    return spec.with_suffix("") if spec.suffix else spec.with_name(f"{spec.name}-rows")


@contextmanager
def _bar() -> Iterator[Callable[[Progress], None]]:
    """A progress bar on stderr with rate and time left, on terminals only."""
    where = Console(stderr=True)
    columns = (
        rich.progress.TextColumn("{task.description}"),
        rich.progress.BarColumn(),
        rich.progress.MofNCompleteColumn(),
        rich.progress.TextColumn("{task.fields[rate]}"),
        rich.progress.TimeRemainingColumn(),
    )
    with rich.progress.Progress(*columns, console=where, disable=not where.is_terminal, transient=True) as bar:
        line = bar.add_task("starting", total=None, rate="")

        def show(now: Progress) -> None:
            failed = f", {now.failed} failed" if now.failed else ""
            bar.update(
                line,
                total=now.total,
                completed=now.done,
                description=f"points{failed}",
                rate=f"{now.computed / max(now.seconds, 1e-9):.3g}/s",
            )

        yield show


def _document(found: SweepOutcome) -> dict[str, object]:
    return {
        "folder": str(found.folder),
        "total": found.total,
        "kept": found.kept,
        "computed": found.computed,
        "failed": found.failed,
        "unavailable": found.unavailable,
        "damaged": [str(path) for path in found.damaged],
        "seconds": found.seconds,
    }


def _show(where: Console, found: SweepOutcome) -> None:
    how = f"{found.computed} computed in {found.seconds:.3g} s" if found.computed else "nothing to do"
    where.print(Text(f"{found.total} points: {found.kept} kept from before, {how}; rows are in {found.folder}"))
    if found.unavailable:
        where.print(Text(f"{found.unavailable} of them have no such scheme or estimator; their rows say why"))
    if found.failed:
        where.print(Text(f"{found.failed} failed; their rows hold the errors, --retry-failed tries them again"))
    where.print(Text(f"psn sweep report {found.folder} makes the table and figures", style="dim"))


def report_answer(folder: str | None, *, axis: str | None, out: str | None, json: bool, faults: list[str]) -> None:
    """The table of a sweep, and its figure when ``out`` names one. ``faults`` are those found before."""
    if out is not None:
        faults += path_faults(Path(out))
    found = None
    if not folder:
        faults.append("psn sweep report needs the folder of a sweep: psn sweep report FOLDER")
    else:
        try:
            found = sweep_report(folder, axis=axis)
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults)
    assert found is not None
    if out is not None:
        from protocols.reports.figures import draw_sweep

        if not found.curves:
            raise InputError(["there is nothing to draw: no numeric axis varies, or no row has numbers"])
        write_figure(draw_sweep(found), Path(out))
    if json:
        document = {"title": found.title, "axis": found.axis, "counts": found.counts, "missing": found.missing}
        print(tables.to_json({**document, "figure": out, "rows": list(found.rows)}))
        return
    where = console()
    shown = tables.Table(title=found.table.title, columns=found.table.columns, rows=found.table.rows[:ROWS_SHOWN])
    where.print(to_rich([shown]))
    if len(found.table.rows) > ROWS_SHOWN:
        where.print(Text(f"... {len(found.table.rows) - ROWS_SHOWN} more rows; load_results reads them all"))
    others = [f"{count} {status}" for status, count in found.counts.items() if status != "ok"]
    others += [f"{found.missing} not computed yet"] if found.missing else []
    if others:
        where.print(Text(f"without numbers: {', '.join(others)}"))
    if out is not None:
        where.print(Text(f"wrote {out}"))
