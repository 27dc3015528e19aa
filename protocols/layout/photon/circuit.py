"""A photon layout as a circuit that any engine runs: every link traversal in lanes of its own, with the link's loss."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from networks import SensorNetwork
from protocols.layout.photon.candidates import strings_of
from protocols.layout.photon.layout import PhotonLayout, phase_problem, with_reference
from protocols.layout.photon.routes import Strings, Transport, branch_name
from protocols.problem import Problem
from protocols.schemes.photon import before_sensing
from protocols.theory.mode_losses import ModeLosses

if TYPE_CHECKING:
    from photonics import Circuit
    from photonics.circuits.circuit import Operation


def photon_layout_circuit(problem: SensorNetwork | Problem, layout: PhotonLayout) -> Circuit:
    """The state made at the root, its branches carried along the links, the passes, and the controls between them.

    Modes are those of ``lanes_circuit``.

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
    problem = with_reference(phase_problem(problem), layout.reference)
    # It may send fewer photons than there are.
    problem = problem.with_budget(layout.protocol.photons, problem.passes)
    used = zip(layout.protocol.columns, layout.protocol.repeats, strict=True)
    return lanes_circuit(
        problem.circuit_modes,
        problem.sensor_modes,
        problem.losses_of,
        root=layout.root,
        photons=layout.protocol.photons,
        populations=layout.weights,
        transports=layout.transports,
        passes=[(strings_of(problem, column), times) for column, times in used if times],
    )


def lanes_circuit(
    nodes: Sequence[str],
    sensors: Sequence[str],
    losses_of: Mapping[str, ModeLosses],
    *,
    root: str,
    photons: int,
    populations: Sequence[float],
    transports: Sequence[Transport],
    passes: Sequence[tuple[Strings, int]],
) -> Circuit:
    """A superposition made at one node and carried along links, each traversal in lanes of its own with the loss of the link.

    Modes are the nodes in use, a source mode at the root for each branch, and for every link traversal a lane for each branch
    that takes part. A control that hands photons on at a node touches only that node's mode and lanes that end or begin there.

    Parameters
    ----------
    nodes, sensors : sequences of names
        Nodes with a mode in the circuit; those of them that sense, in the order of their parameters.
    losses_of : mapping of names to what they lose
        Of other nodes, too; detectors are not in the circuit.
    root : str
        Where the superposition is made.
    photons : int >= 1
        Of every branch.
    populations : (K,) floats
        Of the branches, with a sum of at most 1; what is left of it stays at the root.
    transports : sequence of Transport
        The preparation and the controls.
    passes : sequence of (strings, int >= 1)
        Behind each transport where the photons are, and how many passes sense them there.
    """
    from photonics import Circuit, FockState, Loss, PrepareFock, Sense

    rest = 1 - math.fsum(populations)
    builder = _Builder(nodes, root, photons, transports, len(populations), keeps=rest > LEAST_KEPT)
    steps: list[Operation] = []
    here = {name: losses for name, losses in losses_of.items() if name in nodes}
    losses = [Loss(mode=name, transmissivity=one.each_pass) for name, one in here.items() if one.each_pass < 1]
    for number, (transport, (strings, times)) in enumerate(zip(transports, passes, strict=True)):
        steps += builder.carried(transport, strings)
        steps += [] if number else before_sensing(here)
        steps += [Sense(modes=tuple(sensors), generator="number"), *losses] * times
    modes = builder.modes
    terms: dict[Sequence[int], complex] = {
        tuple(photons * (mode == source) for mode in modes): math.sqrt(p)
        for source, p in zip(builder.sources, populations, strict=True)
    }
    if builder.kept:
        terms[tuple(photons * (mode == builder.kept) for mode in modes)] = math.sqrt(rest)
    return Circuit(modes=modes, operations=(PrepareFock(state=FockState.from_terms(modes, terms)), *steps))


LEAST_KEPT = 1e-12
"""A population below it is the rounding of a sum that is 1."""


def _fresh(name: str, taken: set[str]) -> str:
    """The name, or one like it that no mode has; kept in ``taken``."""
    fresh = name
    while fresh in taken:
        fresh += "'"
    taken.add(fresh)
    return fresh


class _Builder:
    """Keeps where the photons of each branch are while traversals are written down."""

    def __init__(
        self,
        nodes: Sequence[str],
        root: str,
        photons: int,
        transports: Sequence[Transport],
        branches: int,
        *,
        keeps: bool,
    ) -> None:
        self.nodes = tuple(nodes)
        # Nodes may have any names, those of sources and lanes too.
        taken = set(self.nodes)
        self.sources = tuple(_fresh(f"source {branch_name(branch)}", taken) for branch in range(branches))
        self.lanes = {
            (number, place, branch): _fresh(
                f"{move.edge[0]} > {move.edge[1]}, {number}.{place} {branch_name(branch)}", taken
            )
            for number, transport in enumerate(transports)
            for place, move in enumerate(transport.moves)
            for branch, carried in enumerate(move.photons)
            if carried
        }
        self.kept = _fresh("kept at the source", taken) if keeps else ""
        self.modes = (*self.nodes, *self.sources, *self.lanes.values(), *([self.kept] if keeps else []))
        self.holds = tuple({source: photons} for source in self.sources)
        # Where photons at a node wait: its own mode, the source, or lanes that ended there.
        self.at: dict[str, list[str]] = {node: [node] for node in self.nodes}
        self.at.setdefault(root, []).extend(self.sources)
        self.number = 0

    def carried(self, transport: Transport, target: Strings) -> Iterator[Operation]:
        """The operations of one transport, after which the nodes hold the target."""
        from photonics import Loss

        for place, move in enumerate(transport.moves):
            here, there = move.edge
            for branch, photons in enumerate(move.photons):
                if photons:
                    lane = self.lanes[self.number, place, branch]
                    yield self._handed(branch, here, {lane: photons})
                    if move.transmissivity < 1:
                        yield Loss(mode=lane, transmissivity=move.transmissivity)
                    self.at.setdefault(there, []).append(lane)
        for node in list(self.at):
            for branch, holds in enumerate(self.holds):
                waiting = sum(holds.get(mode, 0) for mode in self.at[node])
                if waiting != holds.get(node, 0):
                    yield self._handed(branch, node, {node: waiting - holds.get(node, 0)})
        held = [{mode: n for mode, n in holds.items() if n} for holds in self.holds]
        assert held == [dict(string) for string in target], "the traversals must carry the photons to their places"
        self.number += 1

    def _handed(self, branch: int, node: str, to: Mapping[str, int]) -> Operation:
        """Photons of one branch at a node, first from lanes that ended there, into another of its modes."""
        from photonics import NumberControl

        before = self._string(branch)
        holds = self.holds[branch]
        for mode, photons in to.items():
            left = photons
            for source in [m for m in reversed(self.at[node]) if m != mode]:
                taken = min(left, holds.get(source, 0))
                holds[source] = holds.get(source, 0) - taken
                left -= taken
            assert not left, "photons must be at a node before it hands them on"
            holds[mode] = holds.get(mode, 0) + photons
        return NumberControl(moves=((before, self._string(branch)),))

    def _string(self, branch: int) -> tuple[int, ...]:
        return tuple(self.holds[branch].get(mode, 0) for mode in self.modes)
