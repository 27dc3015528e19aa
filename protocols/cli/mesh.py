"""``psn mesh``: a passive unitary as beam splitters on the links of a network."""

from __future__ import annotations

import json as json_module
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from networks import InputError
from networks.files.text import STDIN, read_text, write_whole
from protocols.cli.options import Dpi, Json, Network, Width, files_ending
from protocols.cli.terminal import console, given_network, read_table, say, working

if TYPE_CHECKING:
    from networks import SensorNetwork
    from photonics.circuits.meshes import Mesh
    from photonics.conventions import Complex
    from protocols.reports.page import FigurePage

TEXTS = (".json", ".xbb", ".pcvl")
"""Endings of circuits that are written, beside those of figures."""

app = typer.Typer(add_completion=False)


class MeshMethod(StrEnum):
    """How the beam splitters of a unitary are found."""

    best = "best"
    rectangular = "rectangular"
    peeling = "peeling"


@app.command("mesh", epilog="Example: psn mesh examples/five_phases.json --haar 1 --out mesh.json")
def mesh(
    network: Network,
    unitary: Annotated[
        str | None,
        typer.Option(
            help="The unitary over all nodes in the order of the file: .npy, .txt or .csv with a row a line, or .json rows; - is "
            "standard input. Entries are numbers such as 0.5-0.5j, in JSON also pairs of re and im.",
            autocompletion=files_ending(".npy", ".json", ".txt", ".csv"),
        ),
    ] = None,
    nearest: Annotated[
        bool, typer.Option("--nearest", help="Take the nearest unitary in place of a matrix with few digits.")
    ] = False,
    haar: Annotated[
        int | None, typer.Option(help="Instead of --unitary: a random unitary (Haar measure) drawn by this seed.")
    ] = None,
    method: Annotated[
        MeshMethod,
        typer.Option(
            help="How to place them: rectangular needs a path of links through all nodes, peeling needs none."
        ),
    ] = MeshMethod.best,
    out: Annotated[
        list[str] | None,
        typer.Option(
            help="A file to write: the circuit as .json, .xbb (Blackbird) or .pcvl (Perceval), or a figure. May be repeated."
        ),
    ] = None,
    width: Width = None,
    dpi: Dpi = None,
    json: Json = False,
) -> None:
    """Which beam splitters on the links of this network make a given passive unitary?

    Angles theta and phi are in rad; layers are applied in their order. Losses of the links are left out.
    """
    from protocols.layout.unitaries import network_mesh
    from protocols.problem import Problem
    from protocols.reports.page import page_of
    from protocols.reports.plotting import SUFFIXES, new_file_faults
    from protocols.tables import to_json

    faults = []
    if (unitary is None) == (haar is None):
        faults.append("give the unitary by --unitary FILE, or a random one by --haar SEED, and not both")
    if haar is not None and haar < 0:
        faults.append(f"--haar: the seed must not be negative, got {haar}")
    if nearest and unitary is None:
        faults.append("--nearest goes with --unitary")
    paths = [Path(one) for one in out or ()]
    faults += new_file_faults(paths, (*TEXTS, *SUFFIXES))
    page = page_of(width, dpi, out or None, faults)
    given = given_network(network, faults)
    wanted = None
    if unitary is not None:
        try:
            wanted = read_unitary(Path(unitary))
        except InputError as error:
            faults += error.faults
    if faults or given is None:
        raise InputError(faults)
    if wanted is None:
        # A sensor with two arms is two modes.
        wanted = _random(len(Problem.of(given).names), haar or 0)
    with working() as report:
        report("placing beam splitters")
        result = network_mesh(given, wanted, method=method.value, nearest=nearest)
        contents = {path: _content(given, result, path.suffix, page) for path in paths}
    _write_all(contents)
    moved = _distance(wanted) if nearest else None
    if json:
        print(to_json(result.to_dict() | ({} if moved is None else {"nearest_unitary_differs_by": moved})))
        return
    from protocols.reports.mesh_view import mesh_view
    from protocols.reports.showing import show

    show(mesh_view(result, given), console=console())
    if moved is not None:
        say(f"the nearest unitary was taken: entries of the file differ from it by {moved:.2g} at most")
    for path in contents:
        say(f"wrote {path}")


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


def _distance(matrix: Complex) -> float:
    import numpy as np

    from photonics.circuits.meshes import nearest_unitary

    return float(np.abs(nearest_unitary(matrix) - matrix).max())


def read_unitary(path: Path) -> Complex:
    """A unitary from a file: .npy, .txt or .csv with a row a line, or JSON rows; of ``-``, text of either. Nothing is executed.

    Entries are numbers, texts such as "0.5-0.5j" (or i), and in JSON pairs [re, im].

    Raises
    ------
    InputError
        When the file is missing, broken, or holds no square table of numbers.
    """
    import numpy as np

    if path.suffix.lower() == ".npy":
        table = read_table(path)
        # Single precision stays what it is: less is asked of it.
        return (
            table
            if table.dtype == np.complex64
            else np.asarray(table, np.complex64 if table.dtype == np.float32 else complex)
        )
    text = read_text(path)
    if path.suffix.lower() in (".txt", ".csv") or (str(path) == STDIN and not text.lstrip().startswith("[")):
        return _of_rows(path, _text_rows(text))
    try:
        rows = json_module.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError([f"{path}: not valid JSON: {error}"]) from None
    if not isinstance(rows, list) or not rows or not all(isinstance(row, list) for row in rows):
        raise InputError([f"{path}: a unitary is a list of rows, each a list of numbers or [re, im] pairs"])
    return _of_rows(path, rows)


def _text_rows(text: str) -> list[list[str]]:
    """A row a line, entries between semicolons, commas, tabs or blanks; lines that begin with # are comments."""
    rows = []
    for line in text.splitlines():
        if not (line := line.strip()) or line.startswith("#"):
            continue
        mark = next((mark for mark in ";,\t" if mark in line), None)
        # A mark at the end of a line has nothing behind it.
        rows.append(line.rstrip(mark).split(mark) if mark else line.split())
    return rows


def _of_rows(path: Path, rows: list[list[Any]]) -> Complex:
    """The matrix of these rows, or every fault of their entries."""
    import numpy as np

    if not rows:
        raise InputError([f"{path}: it holds no rows"])
    faults = []
    out: list[list[complex]] = []
    for i, row in enumerate(rows, 1):
        if len(row) != len(rows):
            faults.append(f"{path}: row {i} must have {len(rows)} entries, as there are rows, got {len(row)}")
        entries = []
        for j, entry in enumerate(row, 1):
            value = _entry(entry)
            if value is None:
                must = "must be a number such as 0.5-0.5j, or [re, im] in JSON"
                faults.append(f"{path}: row {i}, entry {j} {must}, got {entry!r:.40}")
            entries.append(value if value is not None else 0j)
        out.append(entries)
    if faults:
        raise InputError(faults[:20])
    return np.array(out, dtype=complex)


def _entry(entry: Any) -> complex | None:
    if isinstance(entry, str):
        # As Python, NumPy, MATLAB and Mathematica write them.
        written = "".join(entry.split()).strip("()").replace("*", "").replace("I", "j").replace("i", "j")
        try:
            return None if "n" in written else complex(written)
        except ValueError:
            return None
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
    drawn: Complex = unitary_group.rvs(count, random_state=generator)
    return drawn


def _content(network: SensorNetwork, mesh: Mesh, suffix: str, page: FigurePage) -> bytes:
    from protocols.reports.plotting import SUFFIXES

    if suffix in SUFFIXES:
        from protocols.reports.mesh_figures import draw_mesh
        from protocols.reports.page import saved

        return saved(draw_mesh(mesh, title=network.name, width_cm=page.width_cm).figure, suffix, page.dpi)
    circuit = mesh.circuit()
    if suffix == ".json":
        from photonics.circuits.documents import circuit_document
        from protocols.tables import to_json

        return (to_json(circuit_document(circuit)) + "\n").encode()
    if suffix == ".xbb":
        from photonics import ExportedProgram

        return ExportedProgram(circuit).blackbird.encode()
    from photonics.adapters.perceval import perceval_circuit, serialized

    try:
        # As Perceval's own deserialize_file reads it.
        return json_module.dumps(serialized(perceval_circuit(circuit))).encode()
    except ImportError as error:
        raise InputError([str(error)]) from None
