"""A layout of superposed strings in words, for terminal, notebook and report. Nothing is computed here."""

from __future__ import annotations

import math
from collections.abc import Sequence

from protocols.layout.layout import MAX_WRITTEN, Section, Step, counted, failure_lines, listed, step_lines
from protocols.layout.photon.routes import Move, branch_name
from protocols.layout.strings.layout import StringLayout, mse_of_turns
from protocols.layout.strings.robustness import StringRobustness
from protocols.tables import Table, cell

MAX_LABELLED = 4
"""Branches named beside an arrow; of more their number is."""
TITLES = {
    "multimode-noon": "superposed strings from one source",
    "pairs-in-turn": "pairs in turn",
}
"""What the headings of the schemes say."""


def step(stage: int, move: Move) -> Step:
    """A link traversal in words; all branches on a link carry as many photons."""
    names = [branch_name(k) for k, n in enumerate(move.photons) if n]
    photons = max(move.photons)
    many = len(names) > MAX_LABELLED
    return Step(
        stage=stage,
        edge=move.edge,
        layer=move.layer,
        transmissivity=move.transmissivity,
        label=f"{photons}: {len(names)} branches" if many else ", ".join(f"{photons} {name}" for name in names),
        words=f"{counted(photons, 'photon')} of {'branch' if len(names) == 1 else 'branches'} {listed(names)}",
    )


def stage_name(turns: Sequence[StringLayout], stage: int) -> str:
    """The preparation of every shot, or the number of the turn."""
    return "preparation" if len(turns) == 1 else f"turn {stage + 1}"


def moves_table(turns: Sequence[StringLayout]) -> Table:
    """A row for every link traversal."""
    return Table(
        title=f"Photons from {sources(turns)}",
        columns=("stage", "time step", "from", "to", "photons", "branches", "link transmissivity"),
        rows=tuple(
            (
                stage_name(turns, stage),
                move.layer,
                *move.edge,
                max(move.photons),
                listed([branch_name(k) for k, n in enumerate(move.photons) if n]),
                move.transmissivity,
            )
            for stage, turn in enumerate(turns)
            for move in turn.preparation.moves
        ),
    )


def _branches(turn: StringLayout) -> str:
    named = [
        f"{branch_name(k)} at {node} ({p:.4g})"
        for k, (node, p) in enumerate(zip(turn.nodes, turn.populations, strict=True))
    ]
    return listed(named)


def _light(turn: StringLayout) -> str:
    what = "N00N state" if len(turn.nodes) == 2 else "superposition"
    return f"{what} of {counted(turn.photons, 'photon')}, all at one node (population): {_branches(turn)}"


def sentences(scheme: str, turns: Sequence[StringLayout], without_links: float) -> tuple[str, ...]:
    """What the layout reaches, and its light."""
    mse = f"Mean squared error {cell(mse_of_turns(turns))}, with links without loss {cell(without_links)}"
    if len(turns) == 1:
        return (f"{scheme}: {mse}.", f"From {turns[0].root}, {_light(turns[0])}.")
    more = len(turns) - MAX_WRITTEN
    lines = [
        f"Turn {number}, share {turn.share:.4g} of the shots: from {turn.root}, {_light(turn)}."
        for number, turn in enumerate(turns[:MAX_WRITTEN], 1)
    ]
    return (f"{scheme}: {mse}.", *lines, *([f"... {more} more turns; see design.json."] if more > 0 else []))


def section(
    scheme: str,
    turns: Sequence[StringLayout],
    robustness: StringRobustness,
    *,
    without_links: float,
    passed: Sequence[str],
    complete: bool,
) -> Section:
    """Where the light is made, which photons take which link when, in which turn, what the links cost, what is proved."""
    mse = mse_of_turns(turns)
    line = f"MSE {cell(mse)}"
    if mse > without_links * (1 + 1e-12):
        line += f", {mse / without_links:.4g} times that of links without loss"
    lines = [line, *(_shot(turns[0]) if len(turns) == 1 else _turns(turns))]
    if passed:
        lines.append(f"light starts at or passes sensors that it does not use then: {listed(passed)}")
    if not complete:
        lines.append("search limit reached, so there may be better pairs or references")
    if robustness.links and math.isfinite(mse):
        allowed = f"{robustness.phase_tolerance_rad:.3g} rad (rms) in the phase of every link traversal"
        most = "at most " if any(len(turn.nodes) > 2 for turn in turns) else ""
        lines.append(f"{most}{robustness.factor - 1:.0%} more error: {allowed}")
        lines += failure_lines(robustness.failures, mse)
    return Section(title=f"Along the links, {TITLES[scheme]}", lines=tuple(lines))


def _size(turn: StringLayout) -> str:
    moves, depth = len(turn.preparation.moves), turn.preparation.depth
    return f"{counted(moves, 'link traversal')} in {counted(depth, 'time step')}"


def _shot(turn: StringLayout) -> list[str]:
    steps = [step(0, move) for move in turn.preparation.moves]
    return [
        f"prepared at node {turn.root}; {_size(turn)}",
        _light(turn),
        *step_lines(steps, "time step", stage="preparation"),
    ]


def _turns(turns: Sequence[StringLayout]) -> list[str]:
    lines, written = [], 0
    for stage, turn in enumerate(turns):
        if written >= MAX_WRITTEN:
            lines.append(f"... {len(turns) - stage} more turns; see --json")
            break
        moves, name = turn.preparation.moves, stage_name(turns, stage)
        lines.append(
            f"{name}, share {turn.share:.4g} of the shots, from node {turn.root}, {_size(turn)}: {_light(turn)}"
        )
        lines += step_lines([step(stage, move) for move in moves], "time step", stage=name)
        written += max(1, len(moves))
    return lines


def sources(turns: Sequence[StringLayout]) -> str:
    """The nodes where the light of these turns is made, as a title names them."""
    nodes = list(dict.fromkeys(turn.root for turn in turns))
    return f"{'node' if len(nodes) == 1 else 'nodes'} {listed(nodes)}"
