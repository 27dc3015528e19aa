"""``psn convert``: a network of tables, GraphML or JSON, written as another kind of file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from networks import InputError, SensorNetwork, load_network, save_network
from networks.files.node_link import network_document
from networks.files.tables import network_from_tables
from networks.files.text import read_text
from protocols.tables import to_json

TABLES = (".csv", ".tsv")
NETWORKS = (".json", ".graphml", ".xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertAsked:
    """What the command was given."""

    file: str
    out: str | None
    nodes: str | None
    alpha: str | None
    sensing: str | None
    photons: int | None
    mean_photons: float | None
    passes: int | None
    name: str | None
    loss_db_per_km: float | None
    json: bool


def convert_answer(asked: ConvertAsked) -> None:
    """Read, check, write."""
    faults: list[str] = []
    if asked.out is None and not asked.json:
        faults.append("--out must name the file to write, or --json print it")
    if asked.out is not None:
        faults += _out_faults(Path(asked.out))
    network: SensorNetwork | None = None
    try:
        network = _read(asked)
    except InputError as error:
        faults += error.faults
    if faults or network is None:
        raise InputError(faults)
    if asked.out is not None:
        save_network(network, asked.out)
    if asked.json:
        print(to_json(network_document(network)))
    else:
        print(network)
        print(f"wrote {asked.out}")


def _read(asked: ConvertAsked) -> SensorNetwork:
    path = Path(asked.file)
    options = {
        "--nodes": asked.nodes,
        "--alpha": asked.alpha,
        "--sensing": asked.sensing,
        "--photons": asked.photons,
        "--mean-photons": asked.mean_photons,
        "--passes": asked.passes,
        "--name": asked.name,
        "--loss-db-per-km": asked.loss_db_per_km,
    }
    if path.suffix.lower() not in TABLES:
        idle = [name for name, value in options.items() if value is not None]
        if idle:
            raise InputError(
                [f"{', '.join(idle)}: only for tables (.csv, .tsv); {asked.file!r} says these things itself"]
            )
        return load_network(path)
    faults: list[str] = []
    texts: list[str | None] = [None, None]
    for place, file in enumerate((asked.file, asked.nodes)):
        if file is not None:
            try:
                texts[place] = read_text(Path(file))
            except InputError as error:
                faults += error.faults
    alpha = None
    if asked.alpha is not None:
        alpha = _named(asked.alpha, faults)
    if faults or texts[0] is None:
        raise InputError(faults)
    return network_from_tables(
        texts[0],
        texts[1],
        alpha=alpha,
        name=asked.name if asked.name is not None else path.stem,
        sensing=asked.sensing,
        photons=asked.photons,
        mean_photons=asked.mean_photons,
        passes=asked.passes,
        loss_db_per_km=asked.loss_db_per_km,
    )


def _named(text: str, faults: list[str]) -> dict[str, object]:
    """Coefficients by name: a=1,b=-1/2."""
    found: dict[str, object] = {}
    for part in text.split(","):
        name, equals, value = part.rpartition("=")
        if not equals or not name.strip():
            faults.append(f"--alpha: {part.strip()!r} is no name=coefficient; give e.g. a=1,b=-1/2")
        elif name.strip() in found:
            faults.append(f"--alpha: {name.strip()!r} is named twice")
        else:
            found[name.strip()] = value.strip()
    return found


def _out_faults(path: Path) -> list[str]:
    faults = []
    if path.suffix.lower() not in NETWORKS:
        faults.append(f"--out must end in one of {', '.join(NETWORKS)}, got {str(path)!r}")
    if not path.absolute().parent.is_dir():
        faults.append(f"--out: there is no folder {str(path.parent)!r}")
    elif path.exists():
        faults.append(f"--out: {str(path)!r} exists already; remove it or name another file")
    return faults
