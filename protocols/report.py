"""The files of a design: design.json, report.md and figures; all are made before the first is written."""

from __future__ import annotations

import os
from pathlib import Path

from networks import InputError
from networks.drawing import draw_network
from networks.files import write_whole
from protocols.designing import Design
from protocols.figures import draw_comparison, saved
from protocols.summaries import candidates_table, conditions_table, design_bounds, vector
from protocols.tables import to_json, to_markdown

FILES = ("design.json", "report.md", "network.png", "bounds.png")


def write_design(found: Design, folder: Path) -> list[Path]:
    """Write the four files into ``folder`` (made when missing) and return their paths."""
    contents = (
        (to_json(found.to_dict()) + "\n").encode(),
        report(found).encode(),
        saved(draw_network(found.network), ".png"),
        saved(draw_comparison(found), ".png"),
    )
    files = dict(zip(FILES, contents, strict=True))
    check_folder(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            write_whole(folder / name, content)
    except OSError as error:
        raise InputError([f"cannot write into {str(folder)!r}: {error.strerror}"]) from None
    return [folder / name for name in files]


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
        *(f"- not offered: {u.scheme} ({u.reason})" for u in found.unavailable),
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
        "Equation numbers are those of Bringewatt, Ehrenberg, Goel and Gorshkov, arXiv:2401.16472; where a published statement "
        "fails, the corrected one is used and the published value stands beside it.",
        "",
    ]
    return "\n".join(lines)
