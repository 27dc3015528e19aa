"""``psn design``: bounds, optimal protocols with their checks, and simulated light for a network file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from networks import InputError
from protocols.cli.options import Dpi, EngineName, Json, Network, Width
from protocols.cli.terminal import about, console, read_network, say, working

app = typer.Typer(add_completion=False)


@app.command("design", epilog="Example: psn design examples/five_phases.json --source ref")
def design(
    network: Network,
    out: Annotated[
        str | None,
        typer.Option(help="A folder for design.json, report.md, figures and the circuit along the links."),
    ] = None,
    engine: EngineName = "native",
    source: Annotated[
        list[str] | None,
        typer.Option(help="A node where light may be prepared, for the layout along the links. May be repeated."),
    ] = None,
    squeezers: Annotated[
        int | None, typer.Option(help="The most squeezers that the layout along the links may have.")
    ] = None,
    checks: Annotated[
        bool, typer.Option("--checks", help="List the conditions that the chosen scheme was checked for.")
    ] = False,
    width: Width = None,
    dpi: Dpi = None,
    json: Json = False,
) -> None:
    """Which light, which splitters, what error, and does entanglement pay here?

    Every scheme that applies is planned, laid along the links, checked condition by condition, simulated and ranked by its mean
    squared error as built. With --engine strawberryfields the light is simulated there too, and both engines are compared.
    """
    from protocols import tables
    from protocols.built.uses import DESIGNED
    from protocols.design import design as make_design, option_faults
    from protocols.problem import Problem
    from protocols.reports.design_folder import check_folder, write_design
    from protocols.reports.page import page_of

    faults = ["--out must name a folder, got nothing"] if out == "" else []
    page = page_of(width, dpi, out, faults)
    try:
        if out:
            check_folder(Path(out))
    except InputError as error:
        faults += error.faults
    if faults:
        # With what is wrong with the network and the places in it, which are looked at below otherwise.
        try:
            faults += about(network, option_faults(Problem.of(read_network(network)), source or None, squeezers))
        except InputError as error:
            faults += about(network, error.faults)
        raise InputError(faults)
    given = read_network(network, used=DESIGNED)
    with working() as report:
        try:
            result = make_design(given, engine=engine, sources=source or None, squeezers=squeezers, progress=report)
        except InputError as error:
            raise error.within(network) from None
        written: list[Path] = []
        if out is not None:
            report("drawing and writing")
            written = write_design(result, Path(out), page)
    if json:
        print(tables.to_json(result.to_dict()))
        return
    from protocols.reports.design_view import design_view
    from protocols.reports.showing import show
    from protocols.tables import all_digits

    with all_digits():
        view = design_view(result, checks=checks)
    show(view, console=console())
    for path in written:
        say(f"wrote {path}")
