"""A layout of photons in words, for terminal, notebook and report. Nothing is computed here."""

from __future__ import annotations

import math

from protocols.layout.layout import Section, Step, counted, failure_lines, listed, step_lines
from protocols.layout.photon.layout import PhotonLayout
from protocols.layout.photon.robustness import PhotonRobustness
from protocols.layout.photon.routes import Move, branch_name
from protocols.tables import Table, cell


def step(stage: int, move: Move) -> Step:
    """A link traversal in words."""
    carried = [(n, branch_name(k)) for k, n in enumerate(move.photons) if n]
    return Step(
        stage=stage,
        edge=move.edge,
        layer=move.layer,
        transmissivity=move.transmissivity,
        label=", ".join(f"{n} {branch}" for n, branch in carried),
        words=" and ".join(f"{counted(n, 'photon')} of branch {branch}" for n, branch in carried),
    )


def stage_name(stage: int) -> str:
    """The preparation, or the number of the mode switch."""
    return f"mode switch {stage}" if stage else "preparation"


def moves_table(layout: PhotonLayout) -> Table:
    """A row for every link traversal."""
    return Table(
        title=f"Photons from {layout.root}",
        columns=("stage", "time step", "from", "to", "photons of A", "photons of B", "link transmissivity"),
        rows=tuple(
            (stage_name(stage), m.layer, *m.edge, *m.photons, m.transmissivity)
            for stage, transport in enumerate(layout.transports)
            for m in transport.moves
        ),
    )


def _turns(layout: PhotonLayout) -> str:
    uses = zip(layout.protocol.columns, layout.protocol.repeats, strict=True)
    return ", ".join(f"{times} x ({listed(column)})" for column, times in uses)


def sentences(layout: PhotonLayout) -> tuple[str, ...]:
    """What the layout reaches, and its protocol."""
    mse = f"Mean squared error {cell(layout.mse)}, with links without loss {cell(layout.without_links)}"
    return (f"{mse}; columns in turn: {_turns(layout)}.",)


def section(layout: PhotonLayout, robustness: PhotonRobustness, joined_exists: bool | None, complete: bool) -> Section:
    """Where the state is made, which photons take which link when, what the links cost, and what is proved."""
    line = f"MSE {cell(layout.mse)}"
    if layout.mse > layout.without_links * (1 + 1e-12):
        line += f", {layout.mse / layout.without_links:.4g} times that of links without loss"
    traversals, steps = counted(layout.crossings, "link traversal"), counted(layout.depth, "time step")
    lines = [
        line,
        f"prepared at node {layout.root}; {traversals} in {steps}, {counted(layout.protocol.switches, 'mode switch')}",
        f"columns in turn: {_turns(layout)}",
    ]
    weights = [f"{weight:.6g}" for weight in layout.weights]
    if weights[0] != weights[1] or layout.is_limited:
        lines.append(f"branch weights {' and '.join(weights)}")
    for stage, transport in enumerate(layout.transports):
        steps_here = [step(stage, move) for move in transport.moves]
        lines += step_lines(steps_here, "time step", stage=stage_name(stage))
    lines.append(_joined(layout, joined_exists, complete))
    if robustness.links and math.isfinite(layout.mse):
        allowed = f"{robustness.phase_tolerance_rad:.3g} rad (rms) in the phase of every link traversal"
        lines.append(f"{robustness.factor - 1:.0%} more error: {allowed}")
        lines += failure_lines(robustness.failures, layout.mse)
    return Section(title="Along the links, photons from one source", lines=tuple(lines))


def _joined(layout: PhotonLayout, joined_exists: bool | None, complete: bool) -> str:
    passes = "light passes sensors that it does not use"
    if layout.joined:
        verdict = "in every pass links join the modes that hold photons"
    elif joined_exists is False:
        verdict = f"no optimal protocol of columns has its modes joined by links in every pass: {passes}"
    else:
        verdict = f"undecided whether links can join the modes of every pass: {passes}"
    return verdict + ("" if complete else "; search limit reached, so there may be better protocols")
