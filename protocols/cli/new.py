"""``psn new``: a network file to start from."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from networks import InputError
from protocols.cli.options import Json
from protocols.cli.terminal import function_of, say

if TYPE_CHECKING:
    from networks import LinearFunction

Given = str | int | float
"""What an option may be."""

app = typer.Typer(add_completion=False)

ENDING = ".json"
"""Of the file that is written; psn convert makes others of it."""
EXISTS = "{!r} exists already; remove it or name another file"


def _template_names(incomplete: str) -> list[str]:
    from protocols.starting.templates import TEMPLATES

    return [name for name in TEMPLATES if name.startswith(incomplete)]


@app.command("new", epilog="Example: psn new fibre-star laboratory.json --sensors 4 --distance-km 2.5")
def new(
    template: Annotated[
        str | None,
        typer.Argument(
            help="Which: fibre-star, interferometer-chain, grid-chip, rf-array or two-armed-pair; without it they are listed.",
            autocompletion=_template_names,
            show_default=False,
        ),
    ] = None,
    file: Annotated[
        str | None,
        typer.Argument(
            help="The file to write, .json; that of the template's name when not given.", show_default=False
        ),
    ] = None,
    sensors: Annotated[int | None, typer.Option(help="The number of sensors.")] = None,
    function: Annotated[
        str | None,
        typer.Option(help="What is measured: average, sum, or gradient (the slope of the line that fits best)."),
    ] = None,
    alpha: Annotated[
        str | None,
        typer.Option(help="Instead of a function by name: its coefficients, one a sensor, such as 3,-1,1/2."),
    ] = None,
    sensing: Annotated[
        str | None,
        typer.Option(help="The sensors of a fibre-star: phase (interferometers) or displacement (field sensors)."),
    ] = None,
    photons: Annotated[int | None, typer.Option(help="The photon number N of a shot, exactly so many.")] = None,
    mean_photons: Annotated[float | None, typer.Option(help="The mean photon number of a shot.")] = None,
    passes: Annotated[int | None, typer.Option(help="The number M of passes, each of unit time.")] = None,
    squeezers: Annotated[int | None, typer.Option(help="The most squeezers at hand.")] = None,
    squeezing_db: Annotated[
        float | None, typer.Option(help="The most dB that each squeezer gives before its losses.")
    ] = None,
    detector_efficiency: Annotated[float | None, typer.Option(help="The efficiency of every detector, (0, 1].")] = None,
    transmissivity: Annotated[
        float | None, typer.Option(help="The transmissivity right after the sensing of each sensor, (0, 1].")
    ] = None,
    distance_km: Annotated[float | None, typer.Option(help="The length of every fibre.")] = None,
    loss_db_per_km: Annotated[float | None, typer.Option(help="The loss of fibre; 0.2 is usual.")] = None,
    link_loss_db: Annotated[float | None, typer.Option(help="The loss of every link.")] = None,
    rows: Annotated[int | None, typer.Option(help="Rows of a grid-chip.")] = None,
    columns: Annotated[int | None, typer.Option(help="Columns of a grid-chip, along which the gradient goes.")] = None,
    json: Json = False,
) -> None:
    """Where do I start: which network file looks like my laboratory?

    A file with usual numbers is written from a template, to be edited. Nothing is asked, and what exists already is not written
    over.
    """
    from protocols.starting.templates import TEMPLATES

    options = {
        "sensors": sensors,
        "function": function,
        "alpha": alpha,
        "sensing": sensing,
        "photons": photons,
        "mean_photons": mean_photons,
        "passes": passes,
        "squeezers": squeezers,
        "squeezing_db": squeezing_db,
        "detector_efficiency": detector_efficiency,
        "transmissivity": transmissivity,
        "distance_km": distance_km,
        "loss_db_per_km": loss_db_per_km,
        "link_loss_db": link_loss_db,
        "rows": rows,
        "columns": columns,
    }
    given = {name: value for name, value in options.items() if value is not None}
    if template is not None:
        _write(template, Path(f"{template}{ENDING}" if file is None else file), given, json=json)
        return
    if given:
        named = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise InputError([f"{named}: name the template first, one of {', '.join(TEMPLATES)}"])
    if json:
        from protocols.tables import to_json

        shown = [
            {"name": one.name, "description": one.line, "options": dict(one.options)} for one in TEMPLATES.values()
        ]
        print(to_json({"templates": shown}))
        return
    for one in TEMPLATES.values():
        say(f"{one.name:<22}{one.line}")
    say(f"next: psn new {next(iter(TEMPLATES))}")


def _write(template: str, path: Path, given: Mapping[str, Given], *, json: bool) -> None:
    """Write the file of a template, or list every fault of its options and of its name."""
    from networks.files.load import network_of_text
    from networks.files.node_link import network_document
    from networks.files.text import write_new
    from protocols.starting.templates import find_template, template_text
    from protocols.tables import to_json

    find_template(template)
    faults = _path_faults(path)
    options: dict[str, Given | LinearFunction] = dict(given)
    if "alpha" in given:
        coefficients, wrong = function_of(str(given["alpha"]))
        faults += wrong
        options.pop("alpha")
        if coefficients is not None:
            options["alpha"] = coefficients
    try:
        text = template_text(template, **options)
    except InputError as error:
        raise InputError([*faults, *error.faults]) from None
    if faults:
        raise InputError(faults)
    network = network_of_text(text, str(path))
    try:
        write_new(path, text.encode())
    except FileExistsError:
        raise InputError([EXISTS.format(str(path))]) from None
    following = f"psn design {shlex.quote(str(path))}"
    if json:
        print(
            to_json({"template": template, "file": str(path), "network": network_document(network), "next": following})
        )
        return
    for line in str(network).split("\n"):
        say(line)
    say(f"wrote {path}")
    say(f"next: {following}")


def _path_faults(path: Path) -> list[str]:
    """What keeps a file from being written; what exists is never written over."""
    if path.suffix.lower() != ENDING:
        return [f"the file must end in {ENDING}, got {str(path)!r}; psn convert makes other formats of it"]
    if not path.absolute().parent.is_dir():
        return [f"there is no folder {str(path.parent)!r} for {str(path)!r}; make it first"]
    return [EXISTS.format(str(path))] if os.path.lexists(path) else []
