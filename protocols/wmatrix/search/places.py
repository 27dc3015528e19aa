"""The place of a protocol in the canonical order, the protocol at a place, and so protocols drawn with equal probability.

Rows are filled one after another as in ``tables``. How many protocols a filled part leads to depends only on the columns'
room, spare modes and ties, not on which columns have them: the counts are kept by that, and a place is found by skipping whole
branches. Time and memory grow with the states that the problem has and with the ways to fill a row, which are counted and
limited.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from random import Random

from networks import InputError
from protocols.conditions import NoProtocolError
from protocols.wmatrix.search.sparse_tables import Columns
from protocols.wmatrix.search.tables import Row, can_go_on, cells_needed, fill_row, first_row, row_after
from protocols.wmatrix.task import PhotonTask

LARGEST_WORK = 6_000_000
"""Cells filled while counting, ten to twenty seconds and about 200 MB."""
DEEPEST = 300
"""Modes in use: each is one step deeper."""
_Key = tuple[int, tuple[tuple[int, int, int, int], ...]]


class ProtocolOrder:
    """All protocols of a task in canonical order, without a list of them.

    Raises
    ------
    InputError
        When more than ``largest_work`` cells would have to be filled to count them, or more than DEEPEST modes are in use.

    Examples
    --------
    >>> from protocols import PhotonTask
    >>> order = ProtocolOrder(PhotonTask(function=[1, 2, 3, 4, -2, -3], photons=5, passes=4))
    >>> order.size, order.rank(order.unrank(10**6))
    (1397115, 1000000)
    """

    def __init__(self, task: PhotonTask, *, largest_work: int = LARGEST_WORK) -> None:
        self.task, self._limits, margins = task, task.effective, task.margins
        self._sums = (*margins.left, *margins.right)
        self._turn = len(margins.left)
        if margins.rows > DEEPEST:
            raise InputError(
                [f"protocols are put into places for at most {DEEPEST} modes in use, here are {margins.rows}"]
            )
        self._cap = task.cap
        self._reach = task.supports.tobytes()
        self._need = cells_needed(self._sums, self._turn, self._cap)
        self._is_unlimited = self._limits.are_none
        self._known: dict[_Key, int] = {}
        self._work = self._allowed = largest_work
        self.size = 0 if task.has_no_room else self._count(0, first_row(task, task.passes))
        """How many protocols there are."""

    def unrank(self, place: int) -> Columns:
        """The protocol at this place, from 0."""
        if not 0 <= place < self.size:
            raise InputError(
                [f"place must be between 0 and the number of protocols less one, {self.size - 1}, got {place}"]
            )
        row, rows = first_row(self.task, self.task.passes), []
        for number in range(len(self._sums)):
            for values in self._fills(number, row):
                behind = self._protocols(number, row, values)
                if place < behind:
                    break
                place -= behind
            rows.append(values)
            row = self._after(number, row, values)
        return tuple(zip(*rows, strict=True))

    def rank(self, columns: Sequence[Sequence[int]]) -> int:
        """The place of a protocol; its columns must be in canonical order, as everything here gives them."""
        wanted = list(zip(*columns, strict=True)) if columns else []
        if [len(row) for row in wanted] != [self.task.passes] * len(self._sums):
            raise InputError([f"a protocol here has {self.task.passes} columns of {len(self._sums)} cells"])
        row, place = first_row(self.task, self.task.passes), 0
        for number, searched in enumerate(wanted):
            for values in self._fills(number, row):
                if values == searched:
                    break
                place += self._protocols(number, row, values)
            else:
                raise InputError(["these columns are no protocol of this problem in canonical order"])
            row = self._after(number, row, searched)
        return place

    def sample(self, generator: Random) -> Columns:
        """A protocol drawn with equal probability from all of them."""
        if not self.size:
            raise NoProtocolError(["there is no column protocol within these limits to draw from"])
        return self.unrank(generator.randrange(self.size))

    def _fills(self, number: int, row: Row) -> Iterator[tuple[int, ...]]:
        behind = (self._turn if number < self._turn else len(self._sums)) - number - 1
        return fill_row(self._sums[number], row, self._cap, behind, number, self._reach)

    def _after(self, number: int, row: Row, values: tuple[int, ...]) -> Row:
        return row_after(row, values, number, turned=number + 1 == self._turn, photons=self.task.photons)

    def _protocols(self, number: int, row: Row, values: tuple[int, ...]) -> int:
        """How many protocols begin with these rows."""
        if number + 1 == len(self._sums):
            return 1
        after = self._after(number, row, values)
        behind = (self._turn if number + 1 < self._turn else len(self._sums)) - number - 1
        if not self._is_unlimited and not can_go_on(after, behind, self._need[number + 1], self._cap):
            return 0
        return self._count(number + 1, after)

    def _count(self, number: int, row: Row) -> int:
        key = (number, self._blocks(row))
        if key not in self._known:
            # One more than there is work left for, to see that it does not suffice.
            room = self._work // self.task.passes
            fills = list(itertools.islice(self._fills(number, row), room + 1))
            self._work -= len(fills) * self.task.passes
            if self._work < 0:
                raise InputError(
                    [
                        "the protocols cannot be put into places: counting them branch by branch fills more cells than "
                        f"{self._allowed}; list protocols in order instead, tighten the limits per pass, or ask for fewer "
                        "photons or passes"
                    ]
                )
            self._known[key] = sum(self._protocols(number, row, values) for values in fills)
        return self._known[key]

    def _blocks(self, row: Row) -> tuple[tuple[int, int, int, int], ...]:
        """Columns equal so far as blocks (room, spare, support, size), their order forgotten."""
        blocks: list[list[int]] = []
        supports = row.support if self._reach else (0,) * len(row.room)
        for room, spare, tied, support in zip(row.room, row.spare, row.tied, supports, strict=True):
            if tied:
                blocks[-1][3] += 1
            else:
                blocks.append([room, spare if self._limits.modes is not None else 0, support, 1])
        return tuple(sorted((a, b, c, d) for a, b, c, d in blocks))
