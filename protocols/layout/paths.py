"""The best paths between the nodes of a network, from the links of a task; each search is made once and kept."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType

import numpy as np

from networks import InputError
from photonics.conventions import Integer, Real, read_only
from protocols.theory.task import Task, TaskLink

HOP = 1e-13
"""Of paths whose transmissivities are the same to so much a link the one with fewer links is taken."""
MAX_PAIRED = 4000
"""Nodes of a network whose paths between all pairs of nodes are kept."""
MAX_KEPT = 1000
"""Nodes of a network whose paths from most nodes are searched for all nodes at once and kept."""
SHARED_NODES = 50
"""Nodes of a network whose paths all schemes share, whatever their photons: layouts ask for the same ones many times."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class PathTable:
    """Shortest paths from several nodes.

    Attributes
    ----------
    lengths : (k, n) float
        Of the path from each of k nodes to each of n, infinite where there is none.
    before : (k, n) int
        The node before the last on it; negative at the start and where there is none.
    """

    lengths: Real
    before: Integer

    def rows(self, chosen: Sequence[int]) -> PathTable:
        """The paths from some of the nodes."""
        return PathTable(lengths=read_only(self.lengths[chosen]), before=read_only(self.before[chosen]))


@dataclass(frozen=True, eq=False, kw_only=True)
class Paths:
    """The paths of a network; ``Paths.of`` makes them from a task.

    Parameters
    ----------
    nodes : tuple of str
    links : tuple of TaskLink

    Examples
    --------
    >>> link = TaskLink(first="a", second="b", transmissivity=0.5)
    >>> paths = Paths(nodes=("a", "b"), links=(link,))
    >>> paths.place["b"], paths.link_transmissivity(("b", "a")), paths.best.before[0].tolist()
    (1, 0.5, [-9999, 0])
    """

    nodes: tuple[str, ...]
    links: tuple[TaskLink, ...]

    @classmethod
    def of(cls, task: Task) -> Paths:
        """The paths along the links of a task."""
        return cls._along(task.nodes, task.links)

    @classmethod
    def _along(cls, nodes: tuple[str, ...], links: tuple[TaskLink, ...]) -> Paths:
        return (_shared if len(nodes) <= SHARED_NODES else _paths)(nodes, links)

    def without(self, edge: tuple[str, str]) -> Paths:
        """The paths when the link between two nodes fails."""
        return Paths._along(self.nodes, tuple(k for k in self.links if {k.first, k.second} != set(edge)))

    @cached_property
    def place(self) -> Mapping[str, int]:
        """Place of each node."""
        return MappingProxyType({name: k for k, name in enumerate(self.nodes)})

    @cached_property
    def _transmissivity(self) -> dict[tuple[str, str], float]:
        directions = (((k.first, k.second), (k.second, k.first)) for k in self.links)
        return {edge: link.transmissivity for link, edges in zip(self.links, directions, strict=True) for edge in edges}

    def link_transmissivity(self, edge: tuple[str, str]) -> float:
        """Transmissivity of the link between two nodes, in either order."""
        return self._transmissivity[edge]

    @cached_property
    def _ends(self) -> Integer:
        ends = [(self.place[link.first], self.place[link.second]) for link in self.links]
        return np.array(ends, dtype=np.int64).reshape(-1, 2)

    @cached_property
    def _lengths(self) -> Real:
        """(m,) -log transmissivity of the links, a little more so that fewer links win."""
        return np.array([HOP - math.log(link.transmissivity) for link in self.links])

    @cached_property
    def best(self) -> PathTable:
        """The most transmissive paths between all pairs of nodes.

        Raises
        ------
        InputError
            In networks of more than ``MAX_PAIRED`` nodes.
        """
        return self._between_all(self._lengths)

    @cached_property
    def fewest_links(self) -> PathTable:
        """The paths of fewest links between all pairs of nodes, the most transmissive among them; errors as for ``best``."""
        # However lossy a path is, its length stays below that of one link more.
        return self._between_all(1.0 + self._lengths / (1.0 + self._lengths.sum()))

    @cached_property
    def hops(self) -> Real:
        """(n, n) links of each of the ``best`` paths, infinite where there is none."""
        before, reached = self.best.before, np.isfinite(self.best.lengths)
        rows = np.arange(len(self.nodes))[:, None]
        # A path's start, and what has none, points at itself; then every pointer is doubled until all are at the start.
        to = np.where(before < 0, np.arange(len(self.nodes)), before)
        hops = (before >= 0).astype(float)
        while hops[rows, to].any():
            hops = hops + hops[rows, to]
            to = to[rows, to]
        return read_only(np.where(reached, hops, np.inf))

    @cached_property
    def losses(self) -> Real:
        """(n, n) -log transmissivity of the ``best`` paths, without the little for every link; infinite where there is none."""
        losses = self.best.lengths.copy()
        reached = np.isfinite(losses)
        losses[reached] = np.maximum(losses[reached] - HOP * self.hops[reached], 0.0)
        return read_only(losses)

    def best_from(self, starts: Sequence[int]) -> PathTable:
        """The most transmissive paths from some nodes, in networks of any size."""
        if len(self.nodes) <= MAX_KEPT and 2 * len(starts) >= len(self.nodes):
            return self.best.rows(starts)
        return self._shortest(self._lengths, starts)

    def _between_all(self, lengths: Real) -> PathTable:
        if len(self.nodes) > MAX_PAIRED:
            raise InputError([f"several sources are laid out for up to {MAX_PAIRED} nodes, got {len(self.nodes)}"])
        return self._shortest(lengths, range(len(self.nodes)))

    def _shortest(self, lengths: Real, starts: Sequence[int]) -> PathTable:
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import dijkstra

        count = len(self.nodes)
        graph = coo_array((lengths, (self._ends[:, 0], self._ends[:, 1])), shape=(count, count)).tocsr()
        shortest, before = dijkstra(graph, directed=False, return_predecessors=True, indices=list(starts))
        return PathTable(lengths=read_only(np.atleast_2d(shortest)), before=read_only(np.atleast_2d(before)))


def _paths(nodes: tuple[str, ...], links: tuple[TaskLink, ...]) -> Paths:
    return Paths(nodes=nodes, links=links)


_shared = lru_cache(maxsize=128)(_paths)


def require_nodes(names: Sequence[str], roots: Sequence[str] | None) -> None:
    """Raise InputError unless these are names of nodes, at least one; None stands for all."""
    if roots is None:
        return
    unknown = [root for root in map(str, roots) if root not in names]
    faults = [f"there is no node {root!r} to start from; known are {', '.join(names[:12])}" for root in unknown]
    if not roots:
        faults.append("at least one node must be allowed to start from")
    if faults:
        raise InputError(faults)
