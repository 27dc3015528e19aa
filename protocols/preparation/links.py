"""Where beam splitters can stand: the most transmissive paths along the links, between the nodes of a network."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from protocols.layout.paths import Paths
from protocols.theory.task import PhaseTask

MAX_ROOTS = 30
"""Places of a source whose trees are compared; those with the least losses and then the fewest links on the way."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Links:
    """The paths of a network, asked for by name.

    Parameters
    ----------
    task : PhaseTask
    """

    task: PhaseTask

    @cached_property
    def paths(self) -> Paths:
        """Those of the task."""
        return Paths.of(self.task)

    @cached_property
    def _before(self) -> dict[int, list[int]]:
        """The node before each on the paths from those asked for so far."""
        return {}

    def join(self, nodes: Sequence[str]) -> bool:
        """Whether these are nodes of the network that links join.

        Parameters
        ----------
        nodes : names, at least one
        """
        if not all(node in self.paths.place for node in nodes):
            return False
        (lengths,) = self.paths.best_from([self.paths.place[nodes[0]]]).lengths
        return all(math.isfinite(lengths[self.paths.place[node]]) for node in nodes)

    def roots(self, populations: Mapping[str, float]) -> list[str]:
        """Where a source of light for these nodes is tried: with the least sum of p_j/T_j, then the shortest ways.

        Parameters
        ----------
        populations : node to p_j > 0
        """
        place = self.paths.place
        rows = self.paths.best_from([place[node] for node in populations]).lengths
        populated = np.array(list(populations.values()))
        with np.errstate(over="ignore"):
            losses = (populated[:, None] * np.exp(rows)).sum(axis=0)
        order = np.lexsort((rows.sum(axis=0), losses.round(12)))
        return [self.paths.nodes[k] for k in order[:MAX_ROOTS] if math.isfinite(losses[k])]

    def path(self, first: str, last: str) -> tuple[str, ...]:
        """The nodes of the most transmissive path.

        Parameters
        ----------
        first, last : names of joined nodes
        """
        start, at = self.paths.place[first], self.paths.place[last]
        if start not in self._before:
            (self._before[start],) = self.paths.best_from([start]).before.tolist()
        before = self._before[start]
        nodes = [at]
        while nodes[-1] != start:
            nodes.append(before[nodes[-1]])
        return tuple(self.paths.nodes[node] for node in reversed(nodes))

    def transmissivity(self, first: str, second: str) -> float:
        """Of the link between two neighbours.

        Parameters
        ----------
        first, second : names
        """
        return self.paths.link_transmissivity((first, second))
