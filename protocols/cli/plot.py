"""``psn plot``: a figure of a network's Fisher matrix or of errors along an axis."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from networks import InputError
from protocols.cli.options import Json, Network
from protocols.cli.terminal import given_network, say, working

app = typer.Typer(add_completion=False)


class Plot(StrEnum):
    """What ``psn plot`` draws."""

    fisher = "fisher"
    photons = "photons"
    transmissivity = "transmissivity"


@app.command("plot", epilog="Example: psn plot photons examples/lossy_phases.json --out errors.svg")
def plot(
    kind: Annotated[
        Plot,
        typer.Argument(
            help="What to draw: the Fisher matrix of the chosen scheme, or mean squared errors against photons or transmissivity.",
            show_default=False,
        ),
    ],
    network: Network,
    out: Annotated[str, typer.Option(help="The file to write: .svg, .pdf or .png.", show_default=False)],
    json: Json = False,
) -> None:
    """What do the Fisher matrix, or the errors of all schemes, look like?

    Curves of errors are drawn with the bounds and the shot noise.
    """
    from protocols import tables
    from protocols.built.uses import AS_BUILT, OF_MODES
    from protocols.reports.plotting import path_faults, plot as draw

    faults = path_faults(Path(out))
    given = given_network(network, faults, used=AS_BUILT if kind is Plot.fisher else OF_MODES)
    if faults or given is None:
        raise InputError(faults)
    with working() as report:
        report("drawing")
        try:
            path = draw(given, kind.value, Path(out))
        except InputError as error:
            raise error.within(network) from None
    if json:
        print(tables.to_json({"kind": kind.value, "file": str(path)}))
    else:
        say(f"wrote {path}")
