"""The files of a design: JSON, a report, figures and the circuit along the links; all are made before the first is written."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from networks import InputError
from protocols.design import Design
from protocols.problem import Problem
from protocols.reports.design_view import report_view
from protocols.reports.files_as_one import replace_files
from protocols.reports.page import FigurePage, saved
from protocols.reports.rendering import markdown
from protocols.reports.view import Picture
from protocols.tables import to_json

if TYPE_CHECKING:
    from photonics import Circuit

FILES = (
    "design.json",
    "report.md",
    "network.png",
    "bounds.png",
    "layout.png",
    "layers.png",
    "circuit.json",
    "circuit.xbb",
)
"""What may be written; layout and layers only when the chosen scheme has a layout along the links, and Blackbird only for one
circuit of squeezed light.

Several circuits, which take turns over the shots or work side by side, have a number each, circuit_1.json and so on."""
TURNS = "circuit_[0-9]*.json"
"""What the names of circuits that take turns are like."""
MAX_WRITTEN = 300
"""Link traversals, or modes, up to which the circuit of a layout is written."""


def write_design(design: Design, folder: Path, page: FigurePage | None = None) -> list[Path]:
    """Write the files into ``folder`` (made when missing) and return their paths.

    Whoever reads there, at any moment and after any interruption, sees all files of this design or all of the one before.
    """
    circuits = physical_circuits(design)
    page = page or FigurePage()
    view = report_view(design, _where(design, circuits), width_cm=page.width_cm)
    files = {
        "design.json": (to_json(design.to_dict()) + "\n").encode(),
        "report.md": markdown(view, pictures=True).encode(),
        **{part.file: saved(part.draw(), ".png", page.dpi) for part in view.parts if isinstance(part, Picture)},
        **_circuit_files(circuits),
    }
    check_folder(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # What an earlier design left there belongs to another network.
        turns = {path.name for path in folder.glob(TURNS)} | (files.keys() - set(FILES))
        replace_files(folder, files, (*FILES, *sorted(turns)))
    except OSError as error:
        raise InputError([f"cannot write into {str(folder)!r}: {error.strerror}"]) from None
    return [folder / name for name in files]


def _where(design: Design, circuits: tuple[Circuit, ...]) -> str:
    """Where the circuits are, in a sentence."""
    if not circuits:
        return f"The circuit is not written: more than {MAX_WRITTEN} modes, link traversals or circuits."
    if len(circuits) > 1:
        kind = "turn" if design.chosen.plan.takes_turns else "part, side by side in every shot"
        return f"As circuits, one a {kind}: circuit_1.json to circuit_{len(circuits)}.json."
    return f"As a circuit: {'circuit.json, circuit.xbb' if circuits[0].is_gaussian else 'circuit.json'}."


def _circuit_files(circuits: tuple[Circuit, ...]) -> dict[str, bytes]:
    """The circuits as documents, and a single one as a Blackbird script when it can be one."""
    if not circuits:
        return {}
    from photonics.circuits.documents import circuit_document

    documents = [(to_json(circuit_document(circuit)) + "\n").encode() for circuit in circuits]
    if len(circuits) > 1:
        return {f"circuit_{number}.json": document for number, document in enumerate(documents, 1)}
    files = {"circuit.json": documents[0]}
    if circuits[0].is_gaussian:
        from photonics.engines.strawberryfields import blackbird

        files["circuit.xbb"] = blackbird(circuits[0], [0.0] * circuits[0].parameters).encode()
    return files


def physical_circuits(result: Design) -> tuple[Circuit, ...]:
    """The circuits of the chosen scheme, along the links where it uses them; none where they are too large for text.

    There are several where they take turns, or work side by side in every shot.
    """
    if result.physical is None:
        circuits = tuple(part.circuit for part in result.chosen.plan.parts)
        return circuits if sum(len(circuit.modes) for circuit in circuits) <= MAX_WRITTEN else ()
    problem = Problem.of(result.network)
    return () if result.physical.circuit_size(problem) > MAX_WRITTEN else result.physical.circuits(problem)


def check_folder(folder: Path) -> None:
    """Raise InputError unless ``folder`` is, or can be made, a folder where these files can be written; writes nothing."""
    nearest = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    if not nearest.is_dir():
        raise InputError([f"--out must be a folder, but {str(nearest)!r} is none"])
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise InputError([f"--out: no permission to write in {str(nearest)!r}"])
    taken = [name for name in FILES if (folder / name).is_dir()]
    if taken:
        raise InputError([f"--out: {str(folder / name)!r} is a folder where a file has to go" for name in taken])
