"""``psn convert``: a network of tables, GraphML or JSON, written as another kind of file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from networks import InputError
from protocols.cli.options import Json, MeanPhotons, Photons, files_ending, network_files

if TYPE_CHECKING:
    from networks import SensorNetwork

TABLES = (".csv", ".tsv")

app = typer.Typer(add_completion=False)


@app.command(
    "convert",
    epilog="Example: psn convert examples/metro_ring_links.csv --nodes examples/metro_ring_nodes.csv "
    "--sensing displacement --mean-photons 5 --loss-db-per-km 0.2 --json",
)
def convert(
    file: Annotated[
        str,
        typer.Argument(
            help="A table of links (.csv, .tsv), or a network (.json, .graphml).",
            autocompletion=lambda incomplete: files_ending(*TABLES)(incomplete) + network_files(incomplete),
            show_default=False,
        ),
    ],
    out: Annotated[str | None, typer.Option(help="The network file to write: .json or .graphml.")] = None,
    nodes: Annotated[
        str | None,
        typer.Option(
            help="A table of nodes with columns such as id, role, alpha, transmissivity.",
            autocompletion=files_ending(*TABLES),
        ),
    ] = None,
    alpha: Annotated[
        str | None,
        typer.Option(help="Instead of --nodes: the sensors alone, such as a=1,b=-1/2; all other nodes are ancillas."),
    ] = None,
    sensing: Annotated[str | None, typer.Option(help="What the sensors measure: phase or displacement.")] = None,
    photons: Photons = None,
    mean_photons: MeanPhotons = None,
    passes: Annotated[int | None, typer.Option(help="The number M of passes, each of unit time.")] = None,
    parameters: Annotated[
        str | None,
        typer.Option(help="Static: theta stays put over the shots; snapshot: every shot has to tell q by itself."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="The name of the network; that of the file of links when not given.")
    ] = None,
    loss_db_per_km: Annotated[
        float | None,
        typer.Option(
            help="The loss in dB/km of links that have a distance and no transmissivity; 0.2 is usual for fibre."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """How do tables of links and nodes become a network file?

    A network in JSON becomes GraphML and the other way round. What exists already is not written over.
    """
    from networks import save_network
    from networks.files.node_link import network_document
    from protocols.tables import to_json

    faults: list[str] = []
    if out is None and not json:
        faults.append("--out must name the file to write, or --json print it")
    if out is not None:
        faults += _out_faults(Path(out))
    attributes = {
        "sensing": sensing,
        "photons": photons,
        "mean_photons": mean_photons,
        "passes": passes,
        "parameters": parameters,
        "name": name,
        "loss_db_per_km": loss_db_per_km,
    }
    network: SensorNetwork | None = None
    try:
        network = _read(Path(file), nodes, alpha, attributes)
    except InputError as error:
        faults += error.faults
    if faults or network is None:
        raise InputError(faults)
    if out is not None:
        save_network(network, out)
    if json:
        print(to_json(network_document(network)))
    else:
        print(network)
        print(f"wrote {out}")


def _read(file: Path, nodes: str | None, alpha: str | None, attributes: Mapping[str, object]) -> SensorNetwork:
    """The network of a file, or of tables with what the options say; only tables take these options."""
    from networks import load_network, network_from_tables
    from networks.files.text import read_text

    if file.suffix.lower() not in TABLES:
        idle = [
            f"--{option.replace('_', '-')}"
            for option, value in {"nodes": nodes, "alpha": alpha, **attributes}.items()
            if value is not None
        ]
        if idle:
            raise InputError(
                [f"{', '.join(idle)}: only for tables (.csv, .tsv); {str(file)!r} says these things itself"]
            )
        return load_network(file)
    faults: list[str] = []
    texts: list[str | None] = [None, None]
    for place, path in enumerate((file, None if nodes is None else Path(nodes))):
        if path is not None:
            try:
                texts[place] = read_text(path)
            except InputError as error:
                faults += error.faults
    coefficients = None if alpha is None else _named(alpha, faults)
    links, nodes_text = texts
    if faults or links is None:
        raise InputError(faults)
    name = attributes["name"] if attributes["name"] is not None else file.stem
    return network_from_tables(links, nodes_text, alpha=coefficients, **{**attributes, "name": name})


def _named(text: str, faults: list[str]) -> dict[str, object]:
    """Coefficients by name: a=1,b=-1/2."""
    named: dict[str, object] = {}
    for part in text.split(","):
        name, equals, value = part.rpartition("=")
        if not equals or not name.strip():
            faults.append(f"--alpha: {part.strip()!r} is no name=coefficient; give e.g. a=1,b=-1/2")
        elif name.strip() in named:
            faults.append(f"--alpha: {name.strip()!r} is named twice")
        else:
            named[name.strip()] = value.strip()
    return named


def _out_faults(path: Path) -> list[str]:
    from networks.files.load import FORMATS

    faults = []
    if path.suffix.lower() not in FORMATS:
        faults.append(f"--out must end in one of {', '.join(FORMATS)}, got {str(path)!r}")
    if not path.absolute().parent.is_dir():
        faults.append(f"--out: there is no folder {str(path.parent)!r}")
    elif path.exists():
        faults.append(f"--out: {str(path)!r} exists already; remove it or name another file")
    return faults
