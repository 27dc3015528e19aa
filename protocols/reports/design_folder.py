"""The files of a design: JSON, a report, figures, the circuit along the links, its programs; all are made before one is written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from networks import InputError
from protocols.design import Design
from protocols.problem import Problem
from protocols.reports.design_view import report_view
from protocols.reports.files_as_one import replace_files
from protocols.reports.page import FigurePage, saved
from protocols.reports.programs import programs_of
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
    "circuit.pcvl",
)
"""What may be written; layout and layers only when the chosen scheme has a layout along the links, Blackbird only for what is a
program of Strawberry Fields, and Perceval's own form only for few photons.

Several circuits, which take turns over the shots or work side by side, have a number each, circuit_1.json and so on."""
TURNS = ("circuit_[0-9]*.json", "circuit_[0-9]*.xbb", "circuit_[0-9]*.pcvl")
"""What the names of circuits that take turns are like."""
MAX_WRITTEN = 300
"""Link traversals, or modes, up to which the circuit of a layout is written."""


def write_design(design: Design, folder: Path, page: FigurePage | None = None) -> list[Path]:
    """Write the files into ``folder`` (made when missing) and return their paths.

    Whoever reads there, at any moment and after any interruption, sees all files of this design or all of the one before.
    """
    circuits = physical_circuits(design)
    written = _circuit_files(design, circuits)
    page = page or FigurePage()
    view = report_view(design, _where(design, circuits, written), width_cm=page.width_cm)
    files = {
        "design.json": (to_json(design.to_dict()) + "\n").encode(),
        "report.md": markdown(view, pictures=True).encode(),
        **{part.file: saved(part.draw(), ".png", page.dpi) for part in view.parts if isinstance(part, Picture)},
        **written,
    }
    check_folder(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # What an earlier design left there belongs to another network.
        turns = {path.name for pattern in TURNS for path in folder.glob(pattern)} | (files.keys() - set(FILES))
        replace_files(folder, files, (*FILES, *sorted(turns)))
    except OSError as error:
        raise InputError([f"cannot write into {str(folder)!r}: {error.strerror}"]) from None
    return [folder / name for name in files]


def _where(design: Design, circuits: tuple[Circuit, ...], written: Mapping[str, bytes]) -> str:
    """Where the circuits are, in a sentence or two."""
    if not circuits:
        return f"The circuit is not written: more than {MAX_WRITTEN} modes, link traversals or circuits."
    if len(circuits) > 1:
        kind = "turn" if design.chosen.plan.takes_turns else "part, side by side in every shot"
        where = f"As circuits, one a {kind}: circuit_1.json to circuit_{len(circuits)}.json."
    else:
        where = "As a circuit: circuit.json."
    programs = [
        f"{endings[0]} ({package})"
        for package, ending in (("Strawberry Fields", ".xbb"), ("Perceval", ".pcvl"))
        if (endings := [name for name in written if name.endswith(ending)])
    ]
    if not programs:
        return f"{where} It says why it is no program for Strawberry Fields or Perceval."
    more = " and so on" if len(circuits) > 1 else ""
    said = "circuit documents say what is not in them"
    return f"{where} With the measurement and theta as parameters: {', '.join(programs)}{more}; {said}."


def _circuit_files(design: Design, circuits: tuple[Circuit, ...]) -> dict[str, bytes]:
    """The circuits as documents, and as programs where they can be."""
    if not circuits:
        return {}
    from photonics.circuits.documents import circuit_document

    files = {}
    programs = programs_of(design.chosen.plan, circuits, Problem.of(design.network))
    for number, (circuit, made) in enumerate(zip(circuits, programs, strict=True), 1):
        name = "circuit" if len(circuits) == 1 else f"circuit_{number}"
        document = circuit_document(circuit, programs=made.to_dict())
        files[f"{name}.json"] = (to_json(document) + "\n").encode()
        if not isinstance(made.strawberryfields, str):
            files[f"{name}.xbb"] = made.strawberryfields.blackbird.encode()
        if not isinstance(made.perceval, str):
            files[f"{name}.pcvl"] = made.perceval.content
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
