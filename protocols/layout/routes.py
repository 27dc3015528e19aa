"""Photons carried along links: which links, how many photons of each branch, in which layers, and what survives.

A link has two lanes (time bins or polarisations), one for each branch, so that photons on their way tell the branches apart; a node
hands photons on past its own mode. In one layer a node takes part in one link.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from networks import InputError, SensorNetwork
from photonics.conventions import Real
from protocols.layout.trees import all_paths

if TYPE_CHECKING:
    import networkx as nx

COST_DIGITS = 10**16
"""Path lengths are rounded to integers of this size, so that photons are routed exactly; fine enough to count lossless links."""
_Step = tuple[str, str, int]
"""A link in the direction of the photons, and the branch that crosses alone; 0 when both cross together."""
Strings = tuple[Mapping[str, int], Mapping[str, int]]
"""Photons at the nodes in the two branches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Photons that cross a link from edge[0] to edge[1]: so many of the first branch, so many of the second."""

    edge: tuple[str, str]
    layer: int
    photons: tuple[int, int]
    transmissivity: float

    def to_dict(self) -> dict[str, object]:
        """As in the ``physical`` section of ``psn design --json``."""
        return {
            "edge": list(self.edge),
            "layer": self.layer,
            "photons": list(self.photons),
            "link_transmissivity": self.transmissivity,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport:
    """Moves in the order of their layers, and the logarithms of the survival probabilities of the two branches."""

    moves: tuple[Move, ...]
    log_survival: tuple[float, float]

    @property
    def depth(self) -> int:
        """Layers."""
        return max((move.layer for move in self.moves), default=0)


@dataclass(frozen=True, eq=False)
class Routes:
    """The most transmissive paths between all nodes of a network; of equally good ones those with fewest links."""

    network: SensorNetwork

    @cached_property
    def _paths(self) -> tuple[list[str], list[int], Real, Real]:
        return all_paths(self.network)

    @property
    def names(self) -> list[str]:
        """The nodes."""
        return self._paths[0]

    @property
    def lengths(self) -> Real:
        """(n, n) path lengths, -log transmissivity and a little for every link."""
        return self._paths[2]

    @cached_property
    def place(self) -> dict[str, int]:
        """Row of each node."""
        return {name: k for k, name in enumerate(self.names)}

    @cached_property
    def _link(self) -> dict[frozenset[str], float]:
        return {frozenset(map(str, link.ends)): link.transmissivity for link in self.network.links}

    def cost(self, string: Mapping[str, int]) -> Real:
        """(n,) what it costs to send these photons from each node: photons times path lengths, inf where there is no path."""
        found = np.zeros(len(self.names))
        for node, photons in string.items():
            if photons:
                found = found + photons * self.lengths[:, self.place[node]]
        return found

    def spread(self, root: str, strings: Strings) -> Transport:
        """Both branches from one node to their places, over the tree of its best paths."""
        import networkx as nx

        _, _, lengths, before = self._paths
        start = self.place[root]
        parent: dict[int, int] = {}
        for node in occupied(strings):
            at = self.place[node]
            if not math.isfinite(lengths[start, at]):
                raise InputError([f"no chain of links joins {root!r} to {node!r}"])
            while at != start and at not in parent:
                parent[at] = int(before[start, at])
                at = parent[at]
        # Photons behind each link of the tree, the farthest nodes first.
        behind = {at: [string.get(self.names[at], 0) for string in strings] for at in parent}
        carried: dict[_Step, list[int]] = {}
        order: nx.DiGraph[_Step] = nx.DiGraph()
        for at in sorted(parent, key=lambda k: -lengths[start, k]):
            above = parent[at]
            step = (self.names[above], self.names[at], 0)
            carried[step] = behind[at]
            order.add_node(step)
            if above != start:
                behind[above] = [x + y for x, y in zip(behind[above], behind[at], strict=True)]
                order.add_edge((self.names[parent[above]], self.names[above], 0), step)
        return self._timed(carried, order)

    def between(self, now: Strings, then: Strings) -> Transport:
        """Both branches from places to places, each with the least loss (a minimum-cost flow).

        Links that both take are crossed together where the order of the crossings allows it.
        """
        import networkx as nx

        flows = [self._flows(a, b) for a, b in zip(now, then, strict=True)]
        for together in (True, False):
            carried: dict[_Step, list[int]] = {}
            order: nx.DiGraph[_Step] = nx.DiGraph()
            for branch, parts in enumerate(flows):
                for start, end, photons in parts:
                    nodes = self.path(start, end)
                    steps = [(a, b, 0 if together else branch) for a, b in itertools.pairwise(nodes)]
                    for step in steps:
                        carried.setdefault(step, [0, 0])[branch] += photons
                    order.add_nodes_from(steps)
                    order.add_edges_from(itertools.pairwise(steps))
            # One branch alone never goes round in a circle, for its flow would not be the shortest; two together may.
            if nx.is_directed_acyclic_graph(order):
                break
        return self._timed(carried, order)

    def _flows(self, now: Mapping[str, int], then: Mapping[str, int]) -> list[tuple[str, str, int]]:
        left = {k: now.get(k, 0) - then.get(k, 0) for k in dict.fromkeys([*now, *then])}
        givers, takers = ([k for k, n in left.items() if n * sign > 0] for sign in (1, -1))
        if len(givers) == 1 or len(takers) == 1:
            return [(a, b, min(left[a], -left[b])) for a in givers for b in takers]
        if not givers:
            return []
        import networkx as nx

        longest = max(self.lengths[self.place[a], self.place[b]] for a in givers for b in takers)
        graph: nx.DiGraph[tuple[str, str]] = nx.DiGraph()
        for side, nodes in (("from", givers), ("to", takers)):
            for k in nodes:
                graph.add_node((side, k), demand=-left[k])
        for a in givers:
            for b in takers:
                share = self.lengths[self.place[a], self.place[b]] / longest
                graph.add_edge(("from", a), ("to", b), weight=round(share * COST_DIGITS))
        _, flow = nx.network_simplex(graph)
        return [(a, b, n) for (_, a), ends in flow.items() for (_, b), n in ends.items() if n]

    def path(self, start: str, end: str) -> list[str]:
        """The nodes from start to end."""
        _, _, lengths, before = self._paths
        row, node = self.place[start], self.place[end]
        if not math.isfinite(lengths[row, node]):
            raise InputError([f"no chain of links joins {start!r} to {end!r}"])
        nodes = [node]
        while node != row:
            node = int(before[row, node])
            nodes.append(node)
        return [self.names[k] for k in reversed(nodes)]

    def _timed(self, carried: dict[_Step, list[int]], order: nx.DiGraph[_Step]) -> Transport:
        layers = _layers(order)
        moves = sorted(
            (
                Move(
                    edge=step[:2],
                    layer=layers[step],
                    photons=(photons[0], photons[1]),
                    transmissivity=self._link[frozenset(step[:2])],
                )
                for step, photons in carried.items()
            ),
            key=lambda move: (move.layer, move.edge),
        )
        logs = [math.fsum(m.photons[k] * math.log(m.transmissivity) for m in moves if m.photons[k]) for k in (0, 1)]
        return Transport(moves=tuple(moves), log_survival=(logs[0], logs[1]))


def _layers(order: nx.DiGraph[_Step]) -> dict[_Step, int]:
    """A layer for each crossing, behind those it waits for; what most others wait for goes first.

    For a tree that is the least number of layers in which every node takes part in one crossing at a time.
    """
    import networkx as nx

    behind: dict[_Step, int] = {}
    for step in reversed(list(nx.topological_sort(order))):
        later = sorted((behind[s] for s in order.successors(step)), reverse=True)
        behind[step] = max((place + rest for place, rest in enumerate(later, 1)), default=0)
    found: dict[_Step, int] = {}
    waits = {step: order.in_degree(step) for step in order}
    ready = [step for step, count in waits.items() if not count]
    layer = 0
    while ready:
        layer += 1
        busy: dict[str, tuple[str, str]] = {}
        done = []
        for step in sorted(ready, key=lambda s: (-behind[s], s)):
            ends = step[:2]
            # The second branch may cross a link in the same layer and direction as the first.
            if all(busy.get(end, ends) == ends for end in ends):
                busy |= dict.fromkeys(ends, ends)
                found[step] = layer
                done.append(step)
        ready = [step for step in ready if step not in found]
        for step in done:
            for later_step in order.successors(step):
                waits[later_step] -= 1
                if not waits[later_step]:
                    ready.append(later_step)
    return found


def occupied(strings: Strings) -> set[str]:
    """Nodes with photons in either branch."""
    return {node for string in strings for node, photons in string.items() if photons}


def are_joined(network: SensorNetwork, nodes: Iterable[str]) -> bool:
    """Whether links join these nodes to each other, directly or through nodes that sense nothing (references, ancillas).

    >>> star = SensorNetwork.star([1, 1, 1], sensing="phase", photons=3)
    >>> are_joined(star, ["s1", "s2"]), are_joined(SensorNetwork.chain([1, 1, -2], sensing="phase", photons=2), ["s1", "s3"])
    (True, False)
    """
    wanted = set(nodes)
    open_nodes = wanted | {str(mode.id) for mode in network.modes if mode.role != "sensor"}
    near: dict[str, list[str]] = {node: [] for node in open_nodes}
    for link in network.links:
        a, b = map(str, link.ends)
        if a in open_nodes and b in open_nodes:
            near[a].append(b)
            near[b].append(a)
    start = next(iter(wanted), None)
    if start is None:
        return True
    reached, waiting = {start}, [start]
    while waiting:
        for node in near[waiting.pop()]:
            if node not in reached:
                reached.add(node)
                waiting.append(node)
    return wanted <= reached
