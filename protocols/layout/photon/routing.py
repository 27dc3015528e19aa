"""Where the state of a protocol is made, and in which order its columns are used: the least loss, then few time steps."""

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
from protocols.layout.photon.routes import Routes, Strings, Transport, occupied
from protocols.problem import PhaseProblem
from protocols.schemes.photon import branch_log_survival
from protocols.theory.equal_errors import SAME
from protocols.theory.two_branches import log_branch_contrasts
from protocols.wmatrix.protocol import PhotonProtocol

MAX_ORDERED = 6
"""Columns whose every order is tried."""
MAX_NEAREST = 30
"""Columns up to which orders go on from every column to the nearest next; more stay in the order they have."""
MAX_TIED = 600
"""Equally good orders and sources that are laid out, times the nodes of the network; at least 8, those of few layers first."""
Column = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """A source, the columns in order, and how the photons get from one to the next."""

    root: str
    order: tuple[Column, ...]
    preparation: Transport
    controls: tuple[Transport, ...]

    @property
    def _parts(self) -> tuple[Transport, ...]:
        return (self.preparation, *self.controls)

    @property
    def log_survival(self) -> tuple[float, float]:
        """Logarithms of the survival of both branches on the links."""
        first, second = zip(*(part.log_survival for part in self._parts), strict=True)
        return math.fsum(first), math.fsum(second)


def all_orders_tried(protocol: PhotonProtocol) -> bool:
    """Whether the best order of its columns is proved, because every one is tried."""
    return sum(1 for times in protocol.repeats if times) <= MAX_ORDERED


@dataclass(frozen=True, eq=False, kw_only=True)
class Router:
    """The search for the best routing of any protocol of one problem; it keeps what it worked out before.

    Parameters
    ----------
    problem : PhaseProblem
    routes : Routes
        Along its links.
    roots : tuple of str, or None
        Nodes where the state may be made; None for all.
    """

    problem: PhaseProblem
    routes: Routes
    roots: tuple[str, ...] | None = None
    _controls: dict[tuple[Column, Column], Transport] = field(default_factory=dict)
    _at_modes: dict[tuple[Column, Column], tuple[float, float]] = field(default_factory=dict)
    _at_nodes: dict[Column, Strings] = field(default_factory=dict)
    _starts: dict[Column, _Start] = field(default_factory=dict)
    _preparations: dict[tuple[str, Column], Transport] = field(default_factory=dict)

    @cached_property
    def allowed(self) -> Integer:
        """Rows of the nodes where the state may be made."""
        names = self.routes.names if self.roots is None else self.roots
        return np.array([self.routes.place[name] for name in dict.fromkeys(names)], dtype=np.int64)

    def control(self, now: Column, then: Column) -> Transport:
        """From one column to the next."""
        if (now, then) not in self._controls:
            self._controls[now, then] = self.routes.between(self._strings(now), self._strings(then))
        return self._controls[now, then]

    def at_modes(self, first: Column, last: Column) -> tuple[float, float]:
        """Logarithms of what both branches keep at the modes: what is lost in front of the first pass and behind the last one
        goes by the columns that are there.
        """
        if (first, last) not in self._at_modes:
            self._at_modes[first, last] = branch_log_survival(self.problem, first, last)
        return self._at_modes[first, last]

    def best(self, protocol: PhotonProtocol) -> Routing:
        """The routing of the least error over all nodes allowed and all orders tried; of equal ones one of few time steps.

        Raises
        ------
        InputError
            When no allowed node reaches all modes.
        """
        columns = tuple(column for column, times in zip(protocol.columns, protocol.repeats, strict=True) if times)
        starts = [self._start(column) for column in columns]
        orders = self._orders(columns)
        logs, layers, moves = self._along(columns, orders)
        values, efforts = [], []
        for order, log, layer, move in zip(orders, logs, layers, moves, strict=True):
            start, modes = starts[order[0]], self.at_modes(columns[order[0]], columns[order[-1]])
            survival = (modes[k] + log[k] - start.losses[k] for k in (0, 1))
            values.append(log_branch_contrasts(*survival))
            efforts.append(np.stack([layer + start.farthest, move + start.traversed]))
        value = np.array(values)
        tied = np.argwhere(value >= value.max() - SAME)
        effort = np.array(efforts)[tied[:, 0], :, tied[:, 1]]
        few = tied[np.lexsort((effort[:, 1], effort[:, 0]))][: max(8, MAX_TIED // len(self.routes.names))]

        def time_steps_and_traversals(place: tuple[int, int]) -> tuple[int, int]:
            order, node = place
            first = orders[order][0]
            preparation = self._preparation(starts[first].names[node], columns[first])
            return preparation.depth + layers[order], len(preparation.moves) + moves[order]

        order, node = min(few.tolist(), key=time_steps_and_traversals)
        return self._routing(tuple(columns[k] for k in orders[order]), starts[orders[order][0]].names[node])

    def _routing(self, order: tuple[Column, ...], root: str) -> Routing:
        return Routing(
            root=root,
            order=order,
            preparation=self._preparation(root, order[0]),
            controls=tuple(itertools.starmap(self.control, itertools.pairwise(order))),
        )

    def _preparation(self, root: str, column: Column) -> Transport:
        if (root, column) not in self._preparations:
            self._preparations[root, column] = self.routes.spread(root, self._strings(column))
        return self._preparations[root, column]

    def _strings(self, column: Column) -> Strings:
        if column not in self._at_nodes:
            self._at_nodes[column] = strings_of(self.problem, column)
        return self._at_nodes[column]

    def _start(self, column: Column) -> _Start:
        if column not in self._starts:
            self._starts[column] = self._start_of(column)
        return self._starts[column]

    def _start_of(self, column: Column) -> _Start:
        strings = self._strings(column)
        losses = [self.routes.cost(string)[self.allowed] for string in strings]
        reach = np.isfinite(losses[0]) & np.isfinite(losses[1])
        if not reach.any():
            who = "no node reaches" if self.roots is None else f"light from {' or '.join(self.roots)} does not reach"
            raise InputError([f"{who} all modes of the protocol along the links; add links"])
        rows = self.allowed[reach]
        traversed = sum(self.routes.cost(string, in_links=True)[rows] for string in strings)
        return _Start(
            names=[self.routes.names[k] for k in rows],
            losses=(losses[0][reach], losses[1][reach]),
            farthest=self.routes.farthest(occupied(strings))[rows],
            traversed=np.asarray(traversed),
        )

    def _orders(self, columns: tuple[Column, ...]) -> list[tuple[int, ...]]:
        count = len(columns)
        if count <= MAX_ORDERED:
            return list(_permutations(count))
        if count > MAX_NEAREST:
            return [tuple(range(count))]
        orders = []
        for start in range(count):
            order, left = [start], set(range(count)) - {start}
            while left:
                here = columns[order[-1]]
                nearest = min(left, key=lambda k: (*self._control_effort(here, columns[k]), k))  # used at once
                order.append(nearest)
                left.remove(nearest)
            orders.append(tuple(order))
        return orders

    def _control_effort(self, now: Column, then: Column) -> tuple[float, int, int]:
        control = self.control(now, then)
        return -sum(control.log_survival), control.depth, len(control.moves)

    def _along(
        self, columns: tuple[Column, ...], orders: Sequence[tuple[int, ...]]
    ) -> tuple[list[tuple[float, float]], list[int], list[int]]:
        """For each order the logarithms of survival, time steps and link traversals of all its controls."""
        logs, layers, moves = [], [], []
        known: dict[tuple[int, int], Transport] = {}
        for order in orders:
            for a, b in itertools.pairwise(order):
                if (a, b) not in known:
                    known[a, b] = self.control(columns[a], columns[b])
            steps = [known[pair] for pair in itertools.pairwise(order)]
            logs.append((math.fsum(s.log_survival[0] for s in steps), math.fsum(s.log_survival[1] for s in steps)))
            layers.append(sum(step.depth for step in steps))
            moves.append(sum(len(step.moves) for step in steps))
        return logs, layers, moves


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Start:
    """Nodes from which a first column can be prepared: losses of the branches, links to the farthest mode, link traversals."""

    names: list[str]
    losses: tuple[Real, Real]
    farthest: Real
    traversed: Real


@lru_cache(maxsize=8)
def _permutations(count: int) -> tuple[tuple[int, ...], ...]:
    return tuple(itertools.permutations(range(count)))
