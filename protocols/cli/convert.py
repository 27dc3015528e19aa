"""``psn convert``: a network of tables, or of a file of this or another program, written as a network file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from networks import InputError
from protocols.cli.options import Json, MeanPhotons, Photons, files_ending, network_files
from protocols.cli.terminal import about, name_unused, say, tell

if TYPE_CHECKING:
    from networks import SensorNetwork
    from networks.files.topology import Topology

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
            help="A table of links (.csv, .tsv), a network (.json, .graphml), or a topology of another program: GraphML, GML, "
            "GEXF, SNDlib's XML, JSON of D3, Cytoscape, GNPy, SeQUeNCe; - is standard input.",
            autocompletion=lambda incomplete: (
                files_ending(".csv", ".tsv", ".gml", ".gexf")(incomplete) + network_files(incomplete)
            ),
            show_default=False,
        ),
    ],
    out: Annotated[str | None, typer.Option(help="The network file to write: .json or .graphml.")] = None,
    nodes: Annotated[
        str | None,
        typer.Option(
            help="For a table of links: a table of nodes with columns such as id, role, alpha, transmissivity.",
            autocompletion=files_ending(".csv", ".tsv"),
        ),
    ] = None,
    place: Annotated[
        str | None,
        typer.Option(
            help="For a topology: a table of its sensors with columns id or label, alpha, and others of nodes.",
            autocompletion=files_ending(".csv", ".tsv"),
        ),
    ] = None,
    alpha: Annotated[
        str | None,
        typer.Option(
            help="Instead of a table: the sensors alone, such as a=1,b=-1/2, by id or by a label that is unique; all other nodes "
            "are ancillas."
        ),
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
    great_circle: Annotated[
        float | None,
        typer.Option(
            metavar="FACTOR",
            help="For a topology: links without a loss or a length get the great-circle distance of their ends times this detour "
            "factor (1.5, say) as distance_km.",
        ),
    ] = None,
    rename: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OLD=NEW",
            help="For a topology: read an attribute under another name, such as length=distance_km; OLD= drops it. Repeatable.",
        ),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="An attribute of the graph, such as detector_efficiency=0.9 or squeezers=1, which holds for all nodes that say "
            "nothing else. Repeatable.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """How do tables, or topologies of other programs, become a network file?

    A network in JSON becomes GraphML and the other way round. Whatever is decided on the way is listed on stderr, and what is
    written is read back first. What exists already is not written over.
    """
    from networks.files.attributes import EVERYTHING
    from networks.files.load import checked_text
    from networks.files.node_link import network_document
    from networks.files.text import write_whole
    from protocols.tables import to_json

    faults: list[str] = []
    if out is None and not json:
        faults.append("--out must name the file to write, or --json print it")
    if out is not None:
        faults += _out_faults(Path(out))
    attributes: dict[str, object] = {
        "sensing": sensing,
        "photons": photons,
        "mean_photons": mean_photons,
        "passes": passes,
        "parameters": parameters,
        "name": name,
        "loss_db_per_km": loss_db_per_km,
    }
    attributes |= _set(set_ or (), attributes, faults)
    topology_options = {"place": place, "great_circle": great_circle, "rename": rename or None}
    decisions: list[str] = []
    network: SensorNetwork | None = None
    try:
        network = _read(file, nodes, alpha, attributes, topology_options, decisions)
    except InputError as error:
        faults += about(file, error.faults) if error.source else error.faults
    if faults or network is None:
        raise InputError(faults)
    text = checked_text(network, Path(out or ".json").suffix)
    for decision in decisions:
        tell(decision)
    name_unused(network, used=EVERYTHING)
    if out is not None:
        write_whole(Path(out), text.encode())
    if json:
        print(to_json(network_document(network)))
    else:
        for line in str(network).split("\n"):
            say(line)
        say(f"wrote {out}")


def _read(
    file: str,
    nodes: str | None,
    alpha: str | None,
    attributes: Mapping[str, object],
    options: Mapping[str, Any],
    decisions: list[str],
) -> SensorNetwork:
    """The network of a file with what the options say; decisions are added."""
    from networks.files.text import read_document

    is_table = Path(file).suffix.lower() in (".csv", ".tsv")
    text = read_document(file)
    if file == "-" and not is_table:
        from networks.files.gml import is_gml

        is_table = text.lstrip()[:1] not in ("<", "{", "[") and not is_gml(text)
    faults: list[str] = []
    coefficients = None if alpha is None else _named(alpha, faults)
    wrong = options if is_table else {"nodes": nodes}
    if idle := [f"--{option.replace('_', '-')}" for option, value in wrong.items() if value is not None]:
        faults.append(
            f"{', '.join(idle)}: only for topologies; {file!r} is a table of links, which takes --nodes"
            if is_table
            else f"--nodes: only for tables of links (.csv, .tsv); sensors of {file!r} are placed by --place or --alpha"
        )
    table = nodes if is_table else options["place"]
    table_text: str | None = None
    if table is not None:
        try:
            table_text = read_document(table)
        except InputError as error:
            faults += error.faults
    if is_table:
        from networks import network_from_tables

        if faults:
            raise InputError(faults)
        name = attributes["name"] if attributes["name"] is not None else Path(file).stem
        return network_from_tables(text, table_text, alpha=coefficients, **{**attributes, "name": name})
    renamed = _renamed(options["rename"] or (), faults)
    if faults:
        raise InputError(faults)
    return _of_topology(
        text,
        file,
        decisions,
        alpha=coefficients,
        table=table_text,
        detour_factor=options["great_circle"],
        rename=renamed or None,
        **attributes,
    )


def _of_topology(text: str, file: str, decisions: list[str], **options: Any) -> SensorNetwork:
    """The network that a text is, or that it becomes with what the options say."""
    from networks.files.load import network_of_text, topology_of_text
    from networks.files.placing import place_sensors

    refused: InputError | None = None
    if all(value is None for value in options.values()):
        try:
            return network_of_text(text, file)
        except InputError as error:
            refused = error
    topology = topology_of_text(text, file) if refused is None else _topology_or(text, file, refused)
    stem = Path(file).stem if file != "-" else "network"
    try:
        placed = place_sensors(topology, source=file, default_name=stem, **options)
    except InputError as error:
        # What a network of ours says of its own faults is more exact.
        own = refused if refused is not None and topology.says_what_is_sensed else error
        raise own if own.source else own.within(file) from None
    decisions += placed.decisions
    return placed.network


def _topology_or(text: str, file: str, refused: InputError) -> Topology:
    """The nodes and links of a text that is no network as it stands, or why it is none."""
    from networks.files.load import topology_of_text

    try:
        return topology_of_text(text, file)
    except InputError:
        raise refused from None


def _set(texts: Iterable[str], given: Mapping[str, object], faults: list[str]) -> dict[str, object]:
    """Attributes of the graph by name, with numbers as numbers."""
    from networks.files.tables import cell_value

    values: dict[str, object] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        name = name.strip()
        if not equals or not name or not value.strip():
            faults.append(f"--set: {text!r} is no NAME=VALUE; give e.g. detector_efficiency=0.9")
        elif name in given:
            faults.append(f"--set: {name!r} has an option of its own, --{name.replace('_', '-')}")
        elif name in values:
            faults.append(f"--set: {name!r} is named twice")
        else:
            values[name] = cell_value(value.strip())
    return values


def _renamed(texts: Iterable[str], faults: list[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for text in texts:
        old, equals, new = text.rpartition("=")
        if not equals or not old:
            faults.append(f"--rename: {text!r} is no OLD=NEW; give e.g. length=distance_km")
        elif old in names:
            faults.append(f"--rename: {old!r} is named twice")
        else:
            names[old] = new
    return names


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
