"""Where the state of a protocol is made, and in which order its columns are used: the least loss, then few layers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np

from networks import InputError
from photonics.conventions import Integer, Real
from protocols.layout.photon.candidates import strings_of
from protocols.layout.photon.routes import Routes, Transport, occupied
from protocols.problem import PhaseProblem
from protocols.schemes.photon import log_survival
from protocols.theory.equal_errors import SAME
from protocols.wmatrix.protocol import PhotonProtocol

MAX_ORDERED = 6
"""Columns whose every order is tried."""
MAX_NEAREST = 30
"""Columns up to which orders go on from every column to the nearest next; more stay in the order they have."""
MAX_TIED = 600
"""Equally good orders and sources that are laid out, times the nodes of the network; at least 8, those of few layers first."""
Column = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A source, the columns in order, and how the photons get from one to the next."""

    root: str
    order: tuple[Column, ...]
    preparation: Transport
    controls: tuple[Transport, ...]

    @property
    def effort(self) -> tuple[int, int]:
        """Layers and crossings of links."""
        parts = (self.preparation, *self.controls)
        return sum(part.depth for part in parts), sum(len(part.moves) for part in parts)


def all_orders_tried(protocol: PhotonProtocol) -> bool:
    """Whether the best order of its columns is proved, because every one is tried."""
    return sum(1 for times in protocol.repeats if times) <= MAX_ORDERED


@dataclass(frozen=True, eq=False)
class Ways:
    """What the layouts of one problem share: paths, and the controls worked out before."""

    problem: PhaseProblem
    roots: tuple[str, ...] | None
    _controls: dict[tuple[Column, Column], Transport] = field(default_factory=dict)

    @cached_property
    def routes(self) -> Routes:
        """The paths of the network."""
        return Routes(self.problem.network)

    @cached_property
    def allowed(self) -> Integer:
        """Rows of the nodes where the state may be made."""
        names = self.routes.names if self.roots is None else self.roots
        return np.array([self.routes.place[name] for name in dict.fromkeys(names)], dtype=np.int64)

    def control(self, now: Column, then: Column) -> Transport:
        """From one column to the next."""
        if (now, then) not in self._controls:
            strings = (strings_of(self.problem, column) for column in (now, then))
            self._controls[now, then] = self.routes.between(*strings)
        return self._controls[now, then]

    def best(self, protocol: PhotonProtocol) -> Way:
        """The way of the least error over all nodes allowed and all orders tried; of equal ones one of few layers.

        Raises
        ------
        InputError
            When no allowed node reaches all modes.
        """
        columns = tuple(column for column, times in zip(protocol.columns, protocol.repeats, strict=True) if times)
        starts = [self._start(column) for column in columns]
        orders = self._orders(columns)
        logs, layers, moves = self._along(columns, orders)
        modes = log_survival(self.problem, protocol)
        values, efforts = [], []
        for order, log, layer, move in zip(orders, logs, layers, moves, strict=True):
            start = starts[order[0]]
            values.append(_log_contrast(modes[0] + log[0] - start.losses[0], modes[1] + log[1] - start.losses[1]))
            efforts.append(np.stack([layer + start.farthest, move + start.crossed]))
        value = np.array(values)
        tied = np.argwhere(value >= value.max() - SAME)
        effort = np.array(efforts)[tied[:, 0], :, tied[:, 1]]
        few = tied[np.lexsort((effort[:, 1], effort[:, 0]))][: max(8, MAX_TIED // len(self.routes.names))]
        ways = [
            self._way(tuple(columns[k] for k in orders[order]), starts[orders[order][0]].names[node])
            for order, node in few.tolist()
        ]
        return min(ways, key=lambda way: way.effort)

    def _way(self, order: tuple[Column, ...], root: str) -> Way:
        return Way(
            root=root,
            order=order,
            preparation=self.routes.spread(root, strings_of(self.problem, order[0])),
            controls=tuple(itertools.starmap(self.control, itertools.pairwise(order))),
        )

    def _start(self, column: Column) -> _Start:
        strings = strings_of(self.problem, column)
        losses = [self.routes.cost(string)[self.allowed] for string in strings]
        reach = np.isfinite(losses[0]) & np.isfinite(losses[1])
        if not reach.any():
            who = "no node reaches" if self.roots is None else f"light from {' or '.join(self.roots)} does not reach"
            raise InputError([f"{who} all modes of the protocol along the links; add links"])
        rows = self.allowed[reach]
        crossed = sum(self.routes.cost(string, in_links=True)[rows] for string in strings)
        return _Start(
            names=[self.routes.names[k] for k in rows],
            losses=(losses[0][reach], losses[1][reach]),
            farthest=self.routes.farthest(occupied(strings))[rows],
            crossed=np.asarray(crossed),
        )

    def _orders(self, columns: tuple[Column, ...]) -> list[tuple[int, ...]]:
        count = len(columns)
        if count <= MAX_ORDERED:
            return list(_permutations(count))
        if count > MAX_NEAREST:
            return [tuple(range(count))]
        found = []
        for start in range(count):
            order, left = [start], set(range(count)) - {start}
            while left:
                here = columns[order[-1]]
                nearest = min(left, key=lambda k: (*self._toil(here, columns[k]), k))  # used at once
                order.append(nearest)
                left.remove(nearest)
            found.append(tuple(order))
        return found

    def _toil(self, now: Column, then: Column) -> tuple[float, int, int]:
        control = self.control(now, then)
        return -sum(control.log_survival), control.depth, len(control.moves)

    def _along(
        self, columns: tuple[Column, ...], orders: Sequence[tuple[int, ...]]
    ) -> tuple[list[tuple[float, float]], list[int], list[int]]:
        """For each order the logarithms of survival, layers and crossings of all its controls."""
        logs, layers, moves = [], [], []
        for order in orders:
            steps = [self.control(columns[a], columns[b]) for a, b in itertools.pairwise(order)]
            logs.append((math.fsum(s.log_survival[0] for s in steps), math.fsum(s.log_survival[1] for s in steps)))
            layers.append(sum(step.depth for step in steps))
            moves.append(sum(len(step.moves) for step in steps))
        return logs, layers, moves


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Start:
    """Nodes from which a first column can be prepared, with losses of the branches, links to the farthest mode, and crossings."""

    names: list[str]
    losses: tuple[Real, Real]
    farthest: Real
    crossed: Real


@lru_cache(maxsize=8)
def _permutations(count: int) -> tuple[tuple[int, ...], ...]:
    return tuple(itertools.permutations(range(count)))


def _log_contrast(first: Real, second: Real) -> Real:
    """log of 4AB/(sqrt A + sqrt B)^2 from the logarithms of A and B."""
    top, low = np.maximum(first, second), np.minimum(first, second)
    found: Real = low + math.log(4) - 2 * np.log1p(np.exp((low - top) / 2))
    return found
