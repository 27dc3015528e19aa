"""``psn plot``: a figure of a network, its layout, its Fisher matrix, or of errors as built along an axis."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from networks import InputError
from protocols.cli.options import Dpi, Json, Network, Width
from protocols.cli.terminal import given_network, say, working

app = typer.Typer(add_completion=False)


def _kinds(incomplete: str) -> list[str]:
    from protocols.reports.plotting import KINDS
    from protocols.sweeps.curves import AXES

    return [kind for kind in (*KINDS, *AXES) if kind.startswith(incomplete)]


@app.command(
    "plot", epilog="Example: psn plot link_loss_db examples/metro_ring.json --out errors.pdf --width one-column"
)
def plot(
    kind: Annotated[
        str,
        typer.Argument(
            help="What to draw: network, bounds (all candidates), layout or layers (of the best scheme that takes links), fisher "
            "(the best scheme's Fisher matrix); or errors along an axis of sweeps, such as photons, mean_photons, link_loss_db, "
            "squeezing_db or squeezers.",
            autocompletion=_kinds,
            show_default=False,
        ),
    ],
    network: Network,
    out: Annotated[str, typer.Option(help="The file to write: .svg, .pdf or .png.", show_default=False)],
    start: Annotated[
        float | None,
        typer.Option(help="Where the axis of errors begins; around the network's own value when not given."),
    ] = None,
    stop: Annotated[float | None, typer.Option(help="Where the axis of errors ends.")] = None,
    points: Annotated[int | None, typer.Option(help="How many points the axis has.")] = None,
    width: Width = None,
    dpi: Dpi = None,
    json: Json = False,
) -> None:
    """What do the network, its layout, or the errors of all schemes look like?

    Errors along an axis are as built, each point laid out and ranked anew, and drawn with the bounds, the shot noise and the place
    of the network itself.
    """
    from protocols import tables
    from protocols.built.uses import AS_BUILT
    from protocols.reports.page import page_of
    from protocols.reports.plotting import kind_faults, path_faults, plot as draw

    faults = [*kind_faults(kind, start, stop, points), *path_faults(Path(out))]
    page = page_of(width, dpi, out, faults)
    given = given_network(network, faults, used=AS_BUILT)
    if faults or given is None:
        raise InputError(faults)
    with working() as report:
        report("drawing")
        try:
            path = draw(given, kind, Path(out), page, start=start, stop=stop, points=points, progress=report)
        except InputError as error:
            raise error.within(network) from None
    if json:
        print(tables.to_json({"kind": kind, "file": str(path)}))
    else:
        say(f"wrote {path}")
