"""``psn sweep report``: the table of a sweep, and a figure of its errors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from networks import InputError
from protocols.cli.options import Dpi, Json, Width
from protocols.cli.sweep import DEFAULT_TIMEOUT
from protocols.cli.terminal import console, figure_faults, say

_OF_RUN = typer.Option(hidden=True)
"""An option of the other subcommand: one fault among others, not the only one that is named."""

app = typer.Typer(add_completion=False)


@app.command("report", epilog="Example: psn sweep report rows --axis transmissivity --out curves.svg")
def report(
    folder: Annotated[
        str | None, typer.Argument(help="The folder of a sweep, which psn sweep run names.", show_default=False)
    ] = None,
    axis: Annotated[
        str | None, typer.Option(help="The axis to draw along; the longest numeric one when not given.")
    ] = None,
    out: Annotated[str | None, typer.Option(help="A figure of the errors to write: .svg, .pdf or .png.")] = None,
    workers: Annotated[int | None, _OF_RUN] = None,
    scheduler: Annotated[str | None, _OF_RUN] = None,
    timeout: Annotated[float, _OF_RUN] = DEFAULT_TIMEOUT,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", hidden=True)] = False,
    width: Width = None,
    dpi: Dpi = None,
    json: Json = False,
) -> None:
    """What came out of a sweep so far?

    Rows that hold no numbers are counted by their reason.
    """
    from protocols import tables
    from protocols.reports.page import page_of
    from protocols.sweeps.results import sweep_report

    of_run = {
        "--workers": workers is not None,
        "--scheduler": scheduler is not None,
        "--retry-failed": retry_failed,
        "--timeout": timeout != DEFAULT_TIMEOUT,
    }
    wrong = [name for name, is_given in of_run.items() if is_given]
    faults = [f"{', '.join(wrong)}: for running a sweep, not for its report"] if wrong else []
    faults += figure_faults(out)
    page = page_of(width, dpi, out, faults)
    result = None
    if not folder:
        faults.append("psn sweep report needs the folder of a sweep: psn sweep report FOLDER")
    else:
        try:
            result = sweep_report(folder, axis=axis)
        except InputError as error:
            faults += error.faults
    if faults or result is None:
        raise InputError(faults)
    if out is not None:
        from protocols.reports.plotting import write_figure
        from protocols.reports.sweep_figures import draw_sweep

        if not result.curves:
            raise InputError(["there is nothing to draw: no numeric axis varies, or no row has numbers"])
        write_figure(draw_sweep(result, width_cm=page.width_cm), Path(out), page)
    if json:
        document = {"title": result.title, "axis": result.axis, "counts": result.counts, "missing": result.missing}
        print(tables.to_json({**document, "figure": out, "rows": list(result.rows)}))
        return
    from protocols.reports.showing import show

    show(result, console=console())
    if out is not None:
        say(f"wrote {out}")
