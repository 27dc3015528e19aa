"""``psn sweep run``: simulating or designing every point of a grid, or going on with it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from networks import InputError
from networks.files.text import STDIN
from protocols.cli.options import Json, files_ending
from protocols.cli.sweep import DEFAULT_TIMEOUT
from protocols.cli.terminal import console, name_unused, progress_console, tell

if TYPE_CHECKING:
    from protocols.sweeps.running import Progress

app = typer.Typer(add_completion=False)

MOST_FAILURES = 5
"""Rows with an error that are said one by one."""


@app.command(
    "run",
    epilog="Example: psn sweep run examples/loss_sweep.toml --out rows",
    context_settings={"allow_extra_args": True},
)
def run(
    context: typer.Context,
    spec: Annotated[
        str,
        typer.Argument(
            help="A .toml file with the network, the settings and a table of axes; - is standard input.",
            autocompletion=files_ending(".toml"),
            show_default=False,
        ),
    ],
    out: Annotated[str | None, typer.Option(help="The folder of the rows; named like the spec when not given.")] = None,
    workers: Annotated[
        int | None, typer.Option(help="The number of local processes; this one does the work when not given.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="The address of a running Dask scheduler, such as tcp://host:8786.")
    ] = None,
    timeout: Annotated[
        float, typer.Option(help="The time in seconds that the scheduler may take to answer.")
    ] = DEFAULT_TIMEOUT,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Compute the rows that hold an error again.")
    ] = False,
    axis: Annotated[str | None, typer.Option(hidden=True)] = None,
    json: Json = False,
) -> None:
    """What are the errors at every point of this grid?

    Each point is simulated, or designed (task = "design": errors as built, without trials), once and kept; the same command goes on
    with what is missing. The exit code is 1 when a row holds an error.
    """
    from networks.laboratory import ATTRIBUTES
    from protocols import tables
    from protocols.built.uses import AS_BUILT
    from protocols.reports.showing import show
    from protocols.sweeps.reading import read_spec
    from protocols.sweeps.running import run_sweep
    from protocols.sweeps.store import require_packages

    faults = [f"only report takes a folder here, got {extra!r}; rows go to --out" for extra in context.args]
    # An option of the other subcommand is one fault among others.
    if axis is not None:
        faults.append("--axis belongs to psn sweep report")
    faults += _run_faults(out, workers, scheduler, timeout)
    if spec == STDIN and out is None:
        faults.append("--out must name the folder of the rows, as the spec comes from standard input")
    read = None
    try:
        require_packages()
        read = read_spec(Path(spec))
    except InputError as error:
        faults += [f"{error.source}: {fault}" if error.source else fault for fault in error.faults]
    if faults or read is None:
        raise InputError(faults)
    axes = [name for name, _ in read.axes if name in ATTRIBUTES]
    name_unused(*read.networks, used=AS_BUILT, axes=axes)
    rows = Path(out) if out is not None else default_folder(Path(spec))
    try:
        with _bar() as progress:
            outcome = run_sweep(
                read,
                rows,
                workers=workers,
                scheduler=scheduler,
                timeout=timeout,
                retry_failed=retry_failed,
                progress=progress,
            )
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        tell(f"rows so far are kept in {rows}; the same command goes on")
        raise
    for path in outcome.damaged:
        tell(f"a damaged part was put aside as {path}; its rows were computed anew")
    if json:
        document = {
            "folder": str(outcome.folder),
            "total": outcome.total,
            "kept": outcome.kept,
            "computed": outcome.computed,
            "failed": outcome.failed,
            "unavailable": outcome.unavailable,
            "damaged": [str(path) for path in outcome.damaged],
            "seconds": outcome.seconds,
        }
        print(tables.to_json(document))
    else:
        show(outcome, console=console())
    if outcome.failed:
        _say_failures(outcome.folder)
        raise typer.Exit(1)


def _say_failures(folder: Path) -> None:
    """Which rows hold an error, and which one, on stderr: the first few, so that an exit code of 1 is explained."""
    from protocols.sweeps.results import load_results
    from protocols.sweeps.tasks import FAILED

    frame = load_results(folder)
    rows = frame[frame["status"] == FAILED]
    tell(f"{len(rows)} rows hold an error; --retry-failed computes them again")
    for task, message in zip(rows["task"][:MOST_FAILURES], rows["message"][:MOST_FAILURES], strict=True):
        tell(f"point {task}: {' '.join(str(message).split())}")
    if len(rows) > MOST_FAILURES:
        tell(f"and {len(rows) - MOST_FAILURES} more")


def default_folder(spec: Path) -> Path:
    """Where rows go without --out: a folder beside the spec, named like it.

    >>> default_folder(Path("grids/loss.toml")).as_posix()
    'grids/loss'
    """
    return spec.with_suffix("") if spec.suffix else spec.with_name(f"{spec.name}-rows")


def _run_faults(out: str | None, workers: int | None, scheduler: str | None, timeout: float) -> list[str]:
    """What is wrong with where and by whom the sweep is run."""
    from protocols.sweeps.running import address_fault

    faults = []
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
    return faults


@contextmanager
def _bar() -> Iterator[Callable[[Progress], None]]:
    """A progress bar on stderr with rate and time left, on terminals only."""
    import rich.progress

    where = progress_console()
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
