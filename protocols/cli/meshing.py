"""``psn mesh``: a passive unitary as beam splitters on the links of a network."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from networks import InputError, load_network
from networks.files.text import read_text, write_whole
from protocols.cli.terminal import console, working
from protocols.layout.unitaries import network_mesh
from protocols.reports.mesh_figures import draw_mesh
from protocols.reports.plotting import SUFFIXES, new_file_faults
from protocols.tables import to_json

if TYPE_CHECKING:
    from networks import SensorNetwork
    from photonics.circuits.meshes import Mesh
    from photonics.conventions import Complex

TEXTS = (".json", ".xbb", ".pcvl")
MAX_SHOWN = 20
LARGEST_TABLE_BYTES = 256 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshAsked:
    """What the command was given."""

    network: str
    unitary: str | None
    haar: int | None
    method: str
    out: tuple[str, ...]
    json: bool


def mesh_answer(asked: MeshAsked) -> None:
    """Find the mesh, write what was asked for, and print it."""
    faults = []
    if (asked.unitary is None) == (asked.haar is None):
        faults.append("give the unitary by --unitary FILE, or a random one by --haar SEED, and not both")
    if asked.haar is not None and asked.haar < 0:
        faults.append(f"--haar: the seed must not be negative, got {asked.haar}")
    paths = [Path(out) for out in asked.out]
    faults += new_file_faults(paths, (*TEXTS, *SUFFIXES))
    given = None
    try:
        given = load_network(asked.network)
    except InputError as error:
        faults += error.faults
    unitary = None
    if asked.unitary is not None:
        try:
            unitary = read_unitary(Path(asked.unitary))
        except InputError as error:
            faults += error.faults
    if faults or given is None:
        raise InputError(faults)
    if unitary is None:
        unitary = _random(len(given.modes), asked.haar or 0)
    with working() as tell:
        tell("placing beam splitters")
        found = network_mesh(given, unitary, method=asked.method)
        contents = {path: _content(given, found, path.suffix) for path in paths}
    _write_all(contents)
    if asked.json:
        print(to_json(found.to_dict()))
        return
    show_mesh(given, found)
    for path in contents:
        print(f"wrote {path}")


def _write_all(contents: dict[Path, bytes]) -> None:
    """All files, or none when one cannot be written."""
    written: list[Path] = []
    try:
        for path, content in contents.items():
            write_whole(path, content)
            written.append(path)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        raise InputError([f"--out: cannot write {str(path)!r}: {error.strerror}"]) from None


def read_table(path: Path) -> Any:
    """A plain array of numbers from a .npy file; pickles are refused.

    Raises
    ------
    InputError
        When the file is missing, too large, or holds anything else.
    """
    import numpy as np

    try:
        if path.stat().st_size > LARGEST_TABLE_BYTES:
            raise InputError([f"{str(path)!r} is too large; at most {LARGEST_TABLE_BYTES} bytes are read"])
        found = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        raise InputError([f"there is no file {str(path)!r}"]) from None
    except (ValueError, EOFError, OSError, MemoryError, SyntaxError):
        raise InputError([f"{path}: no plain numpy array of numbers can be read from it"]) from None
    if not isinstance(found, np.ndarray):
        raise InputError([f"{path}: it holds several arrays; one is needed"])
    if found.dtype.kind not in "iufc":
        raise InputError([f"{path}: the array must hold numbers, got {found.dtype}"])
    return found


def read_unitary(path: Path) -> Complex:
    """A unitary from a file: .npy, or JSON rows of numbers and [re, im] pairs. Nothing in it is executed.

    Raises
    ------
    InputError
        When the file is missing, broken, or holds no square table of numbers.
    """
    import numpy as np

    if path.suffix.lower() == ".npy":
        return np.asarray(read_table(path), dtype=complex)
    text = read_text(path)
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError([f"{path}: not valid JSON: {error}"]) from None
    if not isinstance(rows, list) or not rows or not all(isinstance(row, list) for row in rows):
        raise InputError([f"{path}: a unitary is a list of rows, each a list of numbers or [re, im] pairs"])
    faults = []
    out: list[list[complex]] = []
    for i, row in enumerate(rows, 1):
        if len(row) != len(rows):
            faults.append(f"{path}: row {i} must have {len(rows)} entries, as there are rows, got {len(row)}")
        entries = []
        for j, entry in enumerate(row, 1):
            value = _entry(entry)
            if value is None:
                faults.append(f"{path}: row {i}, entry {j} must be a number or [re, im], got {entry!r:.40}")
            entries.append(value if value is not None else 0j)
        out.append(entries)
    if faults:
        raise InputError(faults[:20])
    return np.array(out, dtype=complex)


def _entry(entry: Any) -> complex | None:
    parts = entry if isinstance(entry, list) else [entry, 0]
    if len(parts) != 2 or not all(isinstance(x, int | float) and not isinstance(x, bool) for x in parts):
        return None
    try:
        return complex(parts[0], parts[1])
    except OverflowError:
        return None


def _random(count: int, seed: int) -> Complex:
    import numpy as np
    from scipy.stats import unitary_group

    generator = np.random.default_rng(seed)
    if count == 1:
        # SciPy has none of one mode.
        return np.array([[np.exp(2j * np.pi * generator.random())]])
    found: Complex = unitary_group.rvs(count, random_state=generator)
    return found


def _content(network: SensorNetwork, found: Mesh, suffix: str) -> bytes:
    if suffix in SUFFIXES:
        from protocols.reports.figures import saved

        return saved(draw_mesh(network, found), suffix)
    circuit = found.circuit()
    if suffix == ".json":
        from photonics.circuits.documents import circuit_document

        return (to_json(circuit_document(circuit)) + "\n").encode()
    if suffix == ".xbb":
        from photonics.engines.strawberryfields import blackbird

        return blackbird(circuit, []).encode()
    from photonics.adapters.perceval import perceval_circuit, serialized

    try:
        # As Perceval's own deserialize_file reads it.
        return json.dumps(serialized(perceval_circuit(circuit))).encode()
    except ImportError as error:
        raise InputError([str(error)]) from None


def show_mesh(network: SensorNetwork, found: Mesh) -> None:
    """The mesh layer by layer."""
    out = console()
    out.print(
        Text(f"{network.name}: a unitary on {len(found.modes)} modes along {len(network.links)} links", style="bold")
    )
    how = {
        "rectangular": "rectangular mesh along a path of links through all nodes",
        "peeling": "nodes peeled off one by one along trees of links",
    }[found.method]
    out.print(Text(f"{len(found.elements)} beam splitters in {found.depth} layers: {how}"))
    out.print(Text(f"product and unitary differ by {found.error:.2g} at most"))
    for e in found.elements[:MAX_SHOWN]:
        angles = f"theta {e.theta_rad:.6g} rad, phi {e.phi_rad:.6g} rad"
        out.print(Text(f"  layer {e.layer}: {e.first} - {e.second}, {angles}"))
    if len(found.elements) > MAX_SHOWN:
        out.print(Text(f"  ... {len(found.elements) - MAX_SHOWN} more; see --json or --out"))
    lossy = sum(link.transmissivity < 1 for link in network.links)
    if lossy:
        out.print(
            Text(f"note: {lossy} links have losses, which a unitary has not; they do not count here", style="dim")
        )
