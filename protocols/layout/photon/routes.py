"""Photons carried along links: which links, how many photons of each branch, in which time steps, and what survives.

A link has a lane (a time bin or a polarisation) for each branch, so that photons on their way tell the branches apart; a node
hands photons on past its own mode. In one time step, a layer, a node takes part in one link.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from networks import InputError
from photonics.conventions import Real
from protocols.documents.printed import Entry, Printed
from protocols.layout.frozen import Frozen
from protocols.layout.paths import Paths

if TYPE_CHECKING:
    import networkx as nx

GiverT = TypeVar("GiverT", bound=Hashable)
TakerT = TypeVar("TakerT", bound=Hashable)
COST_DIGITS = 10**16
"""Path lengths are rounded to integers of this size, so that photons are routed exactly; fine enough to count lossless links."""
MAX_PAIRED_OFF = 300
"""Photons up to which a control is an assignment of photons to places; more go by a flow in integers."""
_Step = tuple[str, str, int]
"""A link in the direction of the photons, and the branch that traverses it alone; 0 when all do so together."""
Strings = tuple[Mapping[str, int], ...]
"""Photons at the nodes in each branch; two branches for protocols of columns."""


def branch_name(place: int) -> str:
    """What people call a branch.

    >>> [branch_name(place) for place in (0, 1, 25, 26)]
    ['A', 'B', 'Z', 'A1']
    """
    turn, letter = divmod(place, 26)
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[letter] + (str(turn) if turn else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Move(Frozen, Printed):
    """A link traversal: photons go from one node to the next.

    Attributes
    ----------
    edge : (str, str)
        From the first node to the second.
    layer : int >= 1
        The time step, counted within a transport.
    photons : tuple of int >= 0
        Of each branch.
    transmissivity : float in (0, 1]
        Of the link, for each photon.
    """

    DOCUMENT = (
        "edge",
        "layer",
        "photons",
        Entry("link_transmissivity", of="transmissivity"),
    )

    edge: tuple[str, str]
    layer: int
    photons: tuple[int, ...]
    transmissivity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport(Frozen):
    """Link traversals that carry all branches from places to places.

    Attributes
    ----------
    moves : tuple of Move
        In the order of their time steps.
    log_survival : tuple of float <= 0
        Logarithms of the survival probabilities of the branches.
    """

    moves: tuple[Move, ...]
    log_survival: tuple[float, ...]

    @property
    def depth(self) -> int:
        """Time steps."""
        return self.moves[-1].layer if self.moves else 0


@dataclass(frozen=True, eq=False, kw_only=True)
class Routes:
    """Photons on the most transmissive paths between all nodes of a network; of equally good ones those with fewest links.

    Parameters
    ----------
    paths : Paths
    """

    paths: Paths

    @property
    def names(self) -> tuple[str, ...]:
        """The nodes."""
        return self.paths.nodes

    @property
    def lengths(self) -> Real:
        """(n, n) path lengths, -log transmissivity and a little for every link."""
        return self.paths.best.lengths

    @property
    def place(self) -> Mapping[str, int]:
        """Row of each node."""
        return self.paths.place

    @property
    def hops(self) -> Real:
        """(n, n) links of each path, inf where there is none."""
        return self.paths.hops

    def cost(self, string: Mapping[str, int], *, in_links: bool = False) -> Real:
        """(n,) what sending these photons from each node loses, -log survival, or their link traversals; inf without a path."""
        lengths = self.hops if in_links else self.losses
        cost = np.zeros(len(self.names))
        for node, photons in string.items():
            if photons:
                cost = cost + photons * lengths[:, self.place[node]]
        return cost

    def farthest(self, nodes: Iterable[str]) -> Real:
        """(n,) links of the longest path to one of these nodes."""
        farthest: Real = self.hops[:, [self.place[node] for node in sorted(nodes)]].max(axis=1)
        return farthest

    @property
    def losses(self) -> Real:
        """(n, n) -log transmissivity of the paths; infinite where there is none."""
        return self.paths.losses

    def spread(self, root: str, strings: Strings) -> Transport:
        """All branches from one node to their places, over the tree of its best paths, in the fewest time steps for it."""
        return self._timed(*self._steps(root, strings), len(strings))

    def spread_effort(self, root: str, strings: Strings) -> tuple[int, int]:
        """Time steps and link traversals of ``spread``.

        Parameters
        ----------
        root : str
        strings : photons at the nodes in each branch
        """
        _, layers = self._steps(root, strings)
        return max(layers.values(), default=0), len(layers)

    def _steps(self, root: str, strings: Strings) -> tuple[dict[_Step, list[int]], dict[_Step, int]]:
        """Photons of the branches on every link of the tree, and when it is traversed."""
        lengths, before = self.lengths, self.paths.best.before
        start = self.place[root]
        parent: dict[int, int] = {}
        for node in occupied(strings):
            at = self.place[node]
            if not math.isfinite(lengths[start, at]):
                raise InputError([f"no chain of links joins {root!r} to {node!r}"])
            while at != start and at not in parent:
                parent[at] = int(before[start, at])
                at = parent[at]
        # Photons and layers behind each link of the tree, the farthest nodes first.
        behind = {at: [0] * len(strings) for at in parent}
        for branch, string in enumerate(strings):
            for node, photons in string.items():
                if photons and self.place[node] != start:
                    behind[self.place[node]][branch] = photons
        needed = dict.fromkeys((*parent, start), 0)
        children: dict[int, list[int]] = {at: [] for at in needed}
        for at in (*sorted(parent, key=lambda k: -self.hops[start, k]), start):
            # A node serves those first whose own subtrees take longest: no order of this tree has fewer layers.
            children[at].sort(key=lambda child: (-needed[child], self.names[child]))
            needed[at] = max((place + needed[child] for place, child in enumerate(children[at], 1)), default=0)
            if at != start:
                children[parent[at]].append(at)
                if parent[at] != start:
                    behind[parent[at]] = [x + y for x, y in zip(behind[parent[at]], behind[at], strict=True)]
        layers: dict[_Step, int] = {}
        carried: dict[_Step, list[int]] = {}
        waiting = [(start, 0)]
        while waiting:
            at, ready = waiting.pop()
            for layer, child in enumerate(children[at], ready + 1):
                step = (self.names[at], self.names[child], 0)
                layers[step], carried[step] = layer, behind[child]
                waiting.append((child, layer))
        return carried, layers

    def between(self, now: Strings, then: Strings) -> Transport:
        """Both branches from places to places, each with the least loss (a minimum-cost flow).

        Links that both take are traversed together where the order of the traversals allows it.
        """
        flows = [self._flows(a, b) for a, b in zip(now, then, strict=True)]
        layers = None
        for together in (True, False):
            carried: dict[_Step, list[int]] = {}
            later: dict[_Step, set[_Step]] = {}
            for branch, parts in enumerate(flows):
                for start, end, photons in parts:
                    nodes = self.path(start, end)
                    steps = [(a, b, 0 if together else branch) for a, b in itertools.pairwise(nodes)]
                    for step in steps:
                        carried.setdefault(step, [0, 0])[branch] += photons
                        later.setdefault(step, set())
                    for step, following in itertools.pairwise(steps):
                        later[step].add(following)
            # One branch alone never goes round in a circle, for its flow would not be the shortest; two together may.
            if (layers := _layers(later)) is not None:
                break
        assert layers is not None, "each branch goes along shortest paths"
        return self._timed(carried, layers, len(flows))

    def _flows(self, now: Mapping[str, int], then: Mapping[str, int]) -> list[tuple[str, str, int]]:
        left = {k: now.get(k, 0) - then.get(k, 0) for k in dict.fromkeys([*now, *then])}
        givers, takers = ([k for k, n in left.items() if n * sign > 0] for sign in (1, -1))
        if len(givers) == 1 or len(takers) == 1:
            return [(a, b, min(left[a], -left[b])) for a in givers for b in takers]
        if not givers:
            return []
        rows, columns = ([self.place[k] for k in nodes] for nodes in (givers, takers))
        costs = self.lengths[np.ix_(rows, columns)]
        moved = sum(left[k] for k in givers)
        if moved <= MAX_PAIRED_OFF:
            return _paired_off(givers, takers, left, costs)
        weights = {
            (a, b): round(float(costs[i, j] / costs.max()) * COST_DIGITS)
            for i, a in enumerate(givers)
            for j, b in enumerate(takers)
        }
        flow = cheapest_flow({k: left[k] for k in givers}, {k: -left[k] for k in takers}, weights)
        assert flow is not None, "both branches keep their photons"
        return [(a, b, n) for (a, b), n in flow.items()]

    def path(self, start: str, end: str) -> list[str]:
        """The nodes from start to end."""
        lengths, before = self.lengths, self.paths.best.before
        row, node = self.place[start], self.place[end]
        if not math.isfinite(lengths[row, node]):
            raise InputError([f"no chain of links joins {start!r} to {end!r}"])
        nodes = [node]
        while node != row:
            node = int(before[row, node])
            nodes.append(node)
        return [self.names[k] for k in reversed(nodes)]

    def _timed(self, carried: Mapping[_Step, Sequence[int]], layers: Mapping[_Step, int], branches: int) -> Transport:
        moves = sorted(
            (
                Move(
                    edge=step[:2],
                    layer=layers[step],
                    photons=tuple(photons),
                    transmissivity=self.paths.link_transmissivity(step[:2]),
                )
                for step, photons in carried.items()
            ),
            key=lambda move: (move.layer, move.edge),
        )
        logs = [
            math.fsum(m.photons[k] * math.log(m.transmissivity) for m in moves if m.photons[k]) for k in range(branches)
        ]
        return Transport(moves=tuple(moves), log_survival=tuple(logs))


def _paired_off(
    givers: Sequence[str], takers: Sequence[str], left: Mapping[str, int], costs: Real
) -> list[tuple[str, str, int]]:
    """Photon by photon: the assignment of least cost."""
    from scipy.optimize import linear_sum_assignment

    rows = np.repeat(np.arange(len(givers)), [left[k] for k in givers])
    columns = np.repeat(np.arange(len(takers)), [-left[k] for k in takers])
    # Relative costs keep the small extra for each link above rounding.
    pairs = linear_sum_assignment(costs[np.ix_(rows, columns)] / costs.max())
    moved = Counter((int(rows[i]), int(columns[j])) for i, j in zip(*pairs, strict=True))
    return [(givers[i], takers[j], n) for (i, j), n in sorted(moved.items())]


def cheapest_flow(
    givers: Mapping[GiverT, int], takers: Mapping[TakerT, int], weights: Mapping[tuple[GiverT, TakerT], int]
) -> dict[tuple[GiverT, TakerT], int] | None:
    """The flow of least cost from givers to takers, in integers of any size; None when there is none.

    Parameters
    ----------
    givers, takers : mappings to ints > 0
        How much each gives or takes, with the same sum.
    weights : mapping of pairs (giver, taker) to ints >= 0
        What one costs between them; nothing goes between others.

    Examples
    --------
    >>> cheapest_flow({"a": 2, "b": 1}, {"c": 1, "d": 2}, {("a", "c"): 5, ("a", "d"): 1, ("b", "c"): 1, ("b", "d"): 1})
    {('a', 'd'): 2, ('b', 'c'): 1}
    """
    import networkx as nx

    if len(takers) == 1:
        # Nothing is left to choose.
        (taker,) = takers
        forced = {(giver, taker): amount for giver, amount in givers.items()}
        return forced if forced.keys() <= weights.keys() else None
    graph: nx.DiGraph[tuple[str, object]] = nx.DiGraph()
    for giver, amount in givers.items():
        graph.add_node(("from", giver), demand=-amount)
    for taker, amount in takers.items():
        graph.add_node(("to", taker), demand=amount)
    for (a, b), weight in weights.items():
        graph.add_edge(("from", a), ("to", b), weight=weight)
    try:
        _, flow = nx.network_simplex(graph)
    except nx.NetworkXUnfeasible:
        return None
    return {(a, b): n for a, b in weights if (n := flow["from", a]["to", b])}


def _layers(later: Mapping[_Step, set[_Step]]) -> dict[_Step, int] | None:
    """A layer for each traversal, behind those it waits for; None where they wait for each other in a circle.

    What most others wait for goes first: for a tree that is the least number of layers in which every node takes part in one
    traversal at a time.

    Parameters
    ----------
    later : mapping of traversals to those that come directly behind each
    """
    waits = Counter(step for following in later.values() for step in following)
    ordered = [step for step in later if not waits[step]]
    left = waits.copy()
    for step in ordered:
        for following in later[step]:
            left[following] -= 1
            if not left[following]:
                ordered.append(following)
    if len(ordered) < len(later):
        return None
    behind: dict[_Step, int] = {}
    for step in reversed(ordered):
        rests = sorted((behind[following] for following in later[step]), reverse=True)
        behind[step] = max((place + rest for place, rest in enumerate(rests, 1)), default=0)
    layers: dict[_Step, int] = {}
    ready = [step for step in later if not waits[step]]
    layer = 0
    while ready:
        layer += 1
        busy: dict[str, tuple[str, str]] = {}
        done = []
        for step in sorted(ready, key=lambda s: (-behind[s], s)):
            ends = step[:2]
            # The second branch may traverse a link in the same layer and direction as the first.
            if all(busy.get(end, ends) == ends for end in ends):
                busy |= dict.fromkeys(ends, ends)
                layers[step] = layer
                done.append(step)
        ready = [step for step in ready if step not in layers]
        for step in done:
            for following in later[step]:
                waits[following] -= 1
                if not waits[following]:
                    ready.append(following)
    return layers


def occupied(strings: Strings) -> set[str]:
    """Nodes with photons in either branch."""
    return {node for string in strings for node, photons in string.items() if photons}
