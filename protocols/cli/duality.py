"""``psn duality``: what can be known along two orthogonal directions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from networks import InputError, parse_exact_vector
from protocols.cli.options import Dpi, Json, Width
from protocols.cli.terminal import console, figure_faults, say, working

app = typer.Typer(add_completion=False)


@app.command("duality", epilog="Example: psn duality --w 1,-1,0 --v 1,1,-2 --photons 2")
def duality(
    w: Annotated[
        str,
        typer.Option(
            "--w",
            help="The first direction, exact and comma-separated; it stands for its unit vector.",
            show_default=False,
        ),
    ],
    v: Annotated[str, typer.Option("--v", help="The second direction, orthogonal to w.", show_default=False)],
    photons: Annotated[
        int | None, typer.Option(help="The photon number N, for the cap and the region of photons too.")
    ] = None,
    passes: Annotated[int, typer.Option(help="The number M of passes, each of unit time.")] = 1,
    reference: Annotated[bool, typer.Option(help="Whether a reference mode may hold photons.")] = True,
    out: Annotated[str | None, typer.Option(help="A figure of the regions to write: .svg, .pdf or .png.")] = None,
    width: Width = None,
    dpi: Dpi = None,
    json: Json = False,
) -> None:
    """How much can be known along two orthogonal directions of the parameters at once?

    The answer has exact caps on the sum of the Fisher informations, the states that reach them, the corners of the region of both,
    and the most along w that leaves nothing along v, with the published cap beside.
    """
    from protocols import tables
    from protocols.reports.page import page_of
    from protocols.theory.duality import duality as duality_of

    faults = figure_faults(out)
    page = page_of(width, dpi, out, faults)
    for name, value in (("--photons", photons), ("--passes", passes)):
        if value is not None and value < 1:
            faults.append(f"{name} must be a positive integer, got {value}")
    vectors = []
    for name, text in (("--w", w), ("--v", v)):
        try:
            vectors.append(parse_exact_vector(text.split(",")))
        except InputError as error:
            faults += [f"{name}: {fault}" for fault in error.faults]
    if faults:
        raise InputError(faults)
    with working() as report:
        report("finding caps and regions")
        result = duality_of(vectors[0], vectors[1], photons=photons, passes=passes, reference=reference)
        if out is not None:
            from protocols.reports.plotting import draw_duality, write_figure

            report("drawing")
            write_figure(draw_duality(result, width_cm=page.width_cm), Path(out), page)
    if json:
        print(tables.to_json(result.to_dict()))
        return
    from protocols.reports.showing import show

    show(result, console=console())
    if out is not None:
        say(f"wrote {out}")
