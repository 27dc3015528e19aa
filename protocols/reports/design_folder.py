"""The files of a design: JSON, a report, figures and the circuit along the links; all are made before the first is written."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from networks import InputError
from networks.drawing import draw_network
from networks.files.text import write_whole
from protocols.design import Design
from protocols.problem import Problem
from protocols.reports.figures import draw_comparison, saved
from protocols.reports.layout_figures import draw_layers, draw_on_graph
from protocols.reports.summaries import (
    alternatives_table,
    candidates_table,
    conditions_table,
    design_bounds,
    layout_sentences,
    vector,
)
from protocols.tables import to_json, to_markdown

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
"""What may be written; the last four only when there is a layout along the links, and Blackbird only for squeezed light."""
MAX_WRITTEN = 300
"""Link traversals, or modes, up to which the circuit of a layout is written."""


def write_design(found: Design, folder: Path) -> list[Path]:
    """Write the files into ``folder`` (made when missing) and return their paths."""
    contents = [
        (to_json(found.to_dict()) + "\n").encode(),
        report(found).encode(),
        saved(draw_network(found.network), ".png"),
        saved(draw_comparison(found), ".png"),
    ]
    files = dict(zip(FILES, contents, strict=False)) | _layout_files(found)
    check_folder(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            write_whole(folder / name, content)
        # What an earlier design left there belongs to another network.
        for name in FILES:
            if name not in files:
                (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise InputError([f"cannot write into {str(folder)!r}: {error.strerror}"]) from None
    return [folder / name for name in files]


def _layout_files(found: Design) -> dict[str, bytes]:
    """The pictures and the circuit of the light along the links."""
    if found.physical is None:
        return {}
    files = {
        "layout.png": saved(draw_on_graph(found.network, found.physical), ".png"),
        "layers.png": saved(draw_layers(found.network, found.physical), ".png"),
    }
    circuit = physical_circuit(found)
    if circuit is not None:
        from photonics.circuits.documents import circuit_document

        files["circuit.json"] = (to_json(circuit_document(circuit)) + "\n").encode()
        if circuit.is_gaussian:
            from photonics.engines.strawberryfields import blackbird

            files["circuit.xbb"] = blackbird(circuit, [0.0] * circuit.parameters).encode()
    return files


def physical_circuit(found: Design) -> Circuit | None:
    """The best layout along the links as a circuit; None without one, or when it is too large to be of use as text."""
    problem = Problem.of(found.network)
    if found.physical is None or found.physical.circuit_size(problem) > MAX_WRITTEN:
        return None
    return found.physical.circuit(problem)


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


def report(found: Design) -> str:
    """The design as a Markdown page."""
    network, plan = found.network, found.chosen.plan
    mses, modes = design_bounds(found)
    lines = [
        f"# Design of {network.name}",
        "",
        f"{network}. Target q = alpha . theta with alpha = {vector([str(a) for a in network.function.alpha])}.",
        "",
        "![network](network.png)",
        "",
        "## Bounds",
        "",
        to_markdown(mses),
        to_markdown(modes),
        "![mean squared errors and bounds](bounds.png)",
        "",
        "## Candidates",
        "",
        to_markdown(candidates_table(found)),
        *(f"- not applicable: {u.scheme} ({u.reason})" for u in found.unavailable),
        "",
        f"## Chosen: {plan.scheme}",
        "",
        f"{plan.title}; {found.why}.",
        "",
        f"- mean squared error in one shot: {found.chosen.mse:.12g} = {plan.formula}",
        f"- simulated on the {found.chosen.evaluation.engine} engine: {found.chosen.evaluation.mse:.12g}",
        *(f"- light: {probe}" for probe in plan.probes[:50]),
        *([f"- light: {len(plan.probes) - 50} more, see design.json"] if len(plan.probes) > 50 else []),
        f"- controls between passes: {plan.controls}",
        f"- measurement: {plan.measurement}",
        *(f"- note: {note}" for note in (*plan.notes, *found.notes)),
        "",
        *(to_markdown(conditions_table(c.checks, f"Conditions of {c.plan.scheme}")) for c in found.candidates),
        *_along_links(found),
        "Equation numbers are those of Bringewatt, Ehrenberg, Goel and Gorshkov, arXiv:2401.16472; where a published statement "
        "fails, the corrected one is used and the published value stands beside it.",
        "",
    ]
    return "\n".join(lines)


def _along_links(found: Design) -> list[str]:
    """The section about the light along the links."""
    if found.physical is None:
        return []
    tables = [found.physical.steps_table()]
    if len(found.physical.alternatives) > 1:
        tables.append(alternatives_table(found.physical))
    circuit = physical_circuit(found)
    if circuit is None:
        files = f"The circuit is not written: more than {MAX_WRITTEN} modes or link traversals."
    else:
        files = f"As a circuit: {'circuit.json, circuit.xbb' if circuit.is_gaussian else 'circuit.json'}."
    return [
        "## Along the links",
        "",
        *(line for sentence in layout_sentences(found.physical) for line in (sentence, "")),
        "![light on the graph](layout.png)",
        "",
        "![layers](layers.png)",
        "",
        *(to_markdown(table) for table in tables),
        files,
        "",
    ]
