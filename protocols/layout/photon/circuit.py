"""A photon layout as a circuit that any engine runs: every link traversal in lanes of its own, with the link's loss."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from networks import SensorNetwork
from protocols.layout.photon.candidates import strings_of
from protocols.layout.photon.layout import PhotonLayout, phase_problem, with_reference
from protocols.layout.photon.routes import BRANCHES, Transport
from protocols.problem import PhaseProblem, Problem

if TYPE_CHECKING:
    from photonics import Circuit
    from photonics.circuits.circuit import Operation


def photon_layout_circuit(problem: SensorNetwork | Problem, layout: PhotonLayout) -> Circuit:
    """The state made at the root, its branches carried along the links, the passes, and the controls between them.

    Modes are the nodes in use, two source modes at the root, and for every link traversal a lane for each branch that takes
    part. A control that hands photons on at a node touches only that node's mode and lanes that end or begin there.

    Parameters
    ----------
    problem : SensorNetwork or PhaseProblem
    layout : PhotonLayout
        Made for this problem.

    Raises
    ------
    InputError
        For displacements.
    """
    from photonics import Circuit, Loss, PrepareFock, Sense, branch_state

    problem = with_reference(phase_problem(problem), layout.reference)
    builder = _Builder(problem, layout)
    steps: list[Operation] = []
    columns = [column for column, times in zip(layout.protocol.columns, layout.protocol.repeats, strict=True) if times]
    repeats = [times for times in layout.protocol.repeats if times]
    losses = [
        Loss(mode=name, transmissivity=eta)
        for name, eta in problem.transmissivity_of.items()
        if eta < 1 and name in builder.nodes
    ]
    for transport, column, times in zip(layout.transports, columns, repeats, strict=True):
        steps += builder.carried(transport, strings_of(problem, column))
        steps += [Sense(modes=problem.sensor_modes, generator="number"), *losses] * times
    modes = builder.modes
    photons = layout.protocol.photons
    strings = [[photons if mode == source else 0 for mode in modes] for source in builder.sources]
    state = branch_state(modes, *strings, weights=layout.weights)
    return Circuit(modes=modes, operations=(PrepareFock(state=state), *steps))


def _fresh(name: str, taken: set[str]) -> str:
    """The name, or one like it that no mode has; kept in ``taken``."""
    fresh = name
    while fresh in taken:
        fresh += "'"
    taken.add(fresh)
    return fresh


class _Builder:
    """Keeps where the photons of each branch are while traversals are written down."""

    def __init__(self, problem: PhaseProblem, layout: PhotonLayout) -> None:
        self.nodes = problem.circuit_modes
        # Nodes may have any names, those of sources and lanes too.
        taken = set(self.nodes)
        self.sources = tuple(_fresh(f"source {branch}", taken) for branch in BRANCHES)
        self.lanes = {
            (number, place, branch): _fresh(
                f"{move.edge[0]} > {move.edge[1]}, {number}.{place} {BRANCHES[branch]}", taken
            )
            for number, transport in enumerate(layout.transports)
            for place, move in enumerate(transport.moves)
            for branch in (0, 1)
            if move.photons[branch]
        }
        self.modes = (*self.nodes, *self.sources, *self.lanes.values())
        self.holds = tuple({source: layout.protocol.photons} for source in self.sources)
        # Where photons at a node wait: its own mode, the source, or lanes that ended there.
        self.at: dict[str, list[str]] = {node: [node] for node in self.nodes}
        self.at.setdefault(layout.root, []).extend(self.sources)
        self.number = 0

    def carried(self, transport: Transport, target: tuple[Mapping[str, int], Mapping[str, int]]) -> Iterator[Operation]:
        """The operations of one transport, after which the nodes hold the target."""
        from photonics import Loss

        for place, move in enumerate(transport.moves):
            here, there = move.edge
            for branch in (0, 1):
                if photons := move.photons[branch]:
                    lane = self.lanes[self.number, place, branch]
                    yield self._handed(branch, here, {lane: photons})
                    if move.transmissivity < 1:
                        yield Loss(mode=lane, transmissivity=move.transmissivity)
                    self.at.setdefault(there, []).append(lane)
        for node in list(self.at):
            for branch in (0, 1):
                waiting = sum(self.holds[branch].get(mode, 0) for mode in self.at[node])
                if waiting != self.holds[branch].get(node, 0):
                    yield self._handed(branch, node, {node: waiting - self.holds[branch].get(node, 0)})
        held = [{mode: n for mode, n in holds.items() if n} for holds in self.holds]
        assert held == [dict(string) for string in target], "the traversals must carry the photons to their places"
        self.number += 1

    def _handed(self, branch: int, node: str, to: Mapping[str, int]) -> Operation:
        """Photons of one branch at a node, first from lanes that ended there, into another of its modes."""
        from photonics import NumberControl

        before = [self._string(k) for k in (0, 1)]
        holds = self.holds[branch]
        for mode, photons in to.items():
            left = photons
            for source in [m for m in reversed(self.at[node]) if m != mode]:
                taken = min(left, holds.get(source, 0))
                holds[source] = holds.get(source, 0) - taken
                left -= taken
            assert not left, "photons must be at a node before it hands them on"
            holds[mode] = holds.get(mode, 0) + photons
        after = [self._string(k) for k in (0, 1)]
        return NumberControl(moves=tuple((a, b) for a, b in zip(before, after, strict=True) if a != b))

    def _string(self, branch: int) -> tuple[int, ...]:
        return tuple(self.holds[branch].get(mode, 0) for mode in self.modes)
