"""Splitting the rows of one side into many blocks, each with a sum divisible by N: what makes passes narrow.

A block of s rows and m = sum/N columns is filled with s + m - 1 cells, spread evenly over its columns. When every column may
hold a or a + 1 cells, a block has e = s + m - 1 - a m columns of a + 1 cells, and e must be from 0 to m: below 0 room is wasted,
above m the block does not fit. Over a side, the wide columns are R + M - a M - (number of blocks), and those wasted more.

The search takes blocks apart and packs their rows anew, over all subsets of a small pool; it never proves that a split does
not exist. Bounds are in ``block_bounds``.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from math import comb, inf
from random import Random

import numpy as np

from protocols.wmatrix.margins import Margins
from protocols.wmatrix.search.block_bounds import BlockBound
from protocols.wmatrix.search.kernels import cover_rows, pack_blocks, small_blocks, split_exactly
from protocols.wmatrix.search.sparse_tables import Block

LEAST_POOL = 8
"""Rows of the smallest pool."""
LARGEST_POOL = 18
"""Rows whose subsets are all looked at in one step: 2^18 sums, a millisecond."""
CANDIDATES = 512
"""Blocks that a step packs; of more, those met first."""
PLENTY = 128
"""Blocks in a pool that are more than needed: the next pool has a row less."""
MISFIT = 1000
"""Cost of a cell that does not fit, in wide columns."""
BASES = 3
"""Shares of the modes between the sides that are tried."""
LISTED_SETS = 2_000_000
"""Sets of rows that are looked at for small blocks."""
COVER_WORK = 20_000_000
"""Sets that one search for an exact cover looks at; each choice looks at those of all rows."""
SPLIT_ROWS = 20
"""Rows of one side that are split by trying all blocks."""
SPLIT_WORK = 300_000_000
"""Blocks looked at for that, about a second."""
COVER_TURN = 1
"""When exact covers are tried: a short search before has settled the easy problems."""
ROUNDS = 6
"""Turns of the two sides for one share of the modes between them."""


def split_sides(
    margins: Margins, k: int, bounds: tuple[BlockBound, BlockBound], steps: int, seconds: float = inf
) -> tuple[list[Block], list[Block]] | None:
    """Blocks of the left and of the right side whose passes occupy at most k modes together, or None when none were found.

    Left columns hold a or a + 1 cells and right ones k - 1 - a or k - a, so that the wide columns of one side meet narrow ones
    of the other: both sides together may have M wide columns. Of all a, the likeliest few are tried.
    """
    end = time.monotonic() + seconds
    rows, passes, photons = (margins.left, margins.right), margins.passes, margins.photons
    most = [bound.blocks for bound in bounds]
    for a in _bases(margins, k, bounds)[:BASES]:
        base = (a, k - 1 - a)
        least = [max(0, len(rows[s]) + passes - most[s] - base[s] * passes) for s in (0, 1)]
        sides = [BlockSearch(rows[s], photons, base[s], seed=s) for s in (0, 1)]
        share = max(1, steps // (2 * 2**ROUNDS))
        for turn in range(ROUNDS):
            for s in (0, 1):
                # As far as the other side has come already, or could come at best.
                other = sides[1 - s].wide if turn or s else passes
                goal = passes - (other if other <= passes - least[s] else least[1 - s])
                sides[s].improve(max(goal, least[s]), share << turn, end)
                if turn == COVER_TURN and sides[s].wide > max(goal, least[s]):
                    sides[s].cover(max(goal, least[s]), end)
                if sides[0].wide + sides[1].wide <= passes:
                    return sides[0].blocks, sides[1].blocks
            if time.monotonic() > end:
                return None
    return None


def split_one_side(rows: Sequence[int], photons: int, limit: int) -> list[Block] | str:
    """Blocks whose columns hold at most ``limit`` cells, by trying all; "none", or "open" where that takes too long.

    A table with at most so many cells a column exists exactly when its rows split into blocks of s rows and m columns with
    s <= m (limit - 1) + 1: its components are such blocks, and such a block can be filled evenly.

    >>> split_one_side((5, 5, 4, 6), 10, 2), split_one_side((3, 3, 3, 3, 8), 10, 2)
    ([(2, 3), (0, 1)], 'none')
    """
    if len(rows) > SPLIT_ROWS:
        return "open"
    verdict, masks = split_exactly(np.array(rows, dtype=np.int64), photons, limit, SPLIT_WORK)
    if verdict < 1:
        return "none" if verdict == 0 else "open"
    return [tuple(row for row in range(len(rows)) if mask >> row & 1) for mask in masks.tolist()]


def _bases(margins: Margins, k: int, bounds: tuple[BlockBound, BlockBound]) -> list[int]:
    """Left bases a by how much room they leave; those that the bounds rule out are left away.

    A side of R rows with base a wastes nothing with R - (a - 1) M blocks or fewer, and fits with R - a M or more.
    """
    rows, passes = (len(margins.left), len(margins.right)), margins.passes
    most = [bound.blocks for bound in bounds]
    ranked = []
    for a in range(1, k - 1):
        base = (a, k - 1 - a)
        least = [max(1, rows[s] - base[s] * passes) for s in (0, 1)]
        useful = [min(most[s], rows[s] - (base[s] - 1) * passes) for s in (0, 1)]
        needed = rows[0] + rows[1] - (k - 2) * passes
        if any(least[s] > most[s] for s in (0, 1)) or sum(max(1, u) for u in useful) < needed:
            continue
        # How near each side has to come to the most blocks it can have, when both come equally near.
        share = max(0.0, needed / max(1, sum(max(1, u) for u in useful)))
        ranked.append((max(share, *(least[s] / most[s] for s in (0, 1))), a))
    return [a for _, a in sorted(ranked)]


def covers(
    rows: Sequence[int], photons: int, base: int, spares: Iterable[int], work: int = COVER_WORK
) -> Iterator[list[Block]]:
    """For each number of spare rows, blocks of few rows that leave no more than those, which are the last block.

    Where rows are few and blocks must be small, as in 3-partition, all of them are listed and an exact cover is searched for.
    Nothing is given for a number with which none was found.

    >>> list(covers((4, 3, 5, 3, 6, 9), 10, 1, [0])), list(covers((4, 7, 5, 3, 6, 5), 10, 1, [0]))
    ([], [[(0, 4), (1, 3), (2, 5)]])
    """
    if comb(len(rows), 2) > LISTED_SETS:
        return
    largest = 2
    while largest < min(6, len(rows)) and comb(len(rows), largest + 1) <= LISTED_SETS:
        largest += 1
    array = np.array(rows, dtype=np.int64)
    members, sizes = small_blocks(array, photons, base, 1, largest, 20_000)
    if len(sizes) in (0, 20_000):
        return
    holders: list[list[int]] = [[] for _ in rows]
    for number, (block, size) in enumerate(zip(members.tolist(), sizes.tolist(), strict=True)):
        for row in block[:size]:
            holders[row].append(number)
    start = np.cumsum([0, *map(len, holders)])
    order = np.array([number for held in holders for number in held], dtype=np.int64)
    for spare in spares:
        picked = cover_rows(len(rows), members, sizes, spare, start, order, work // len(order))
        if len(picked):
            blocks = [tuple(members[k, : sizes[k]].tolist()) for k in picked]
            taken = {row for block in blocks for row in block}
            rest = tuple(row for row in range(len(rows)) if row not in taken)
            yield [*blocks, rest] if rest else blocks


class BlockSearch:
    """A split of the rows of one side, improved step by step; the same seed gives the same steps.

    Columns may hold from ``base`` to ``base + top`` cells. With base 0 and top R any may, and ``wide`` counts all cells.

    Attributes
    ----------
    blocks : list of tuple of int
        The best split so far; together every row once.
    wide : int
        Cells beyond ``base`` in a column, wasted ones too, and many more where some block does not fit.
    """

    def __init__(self, rows: Sequence[int], photons: int, base: int, *, top: int = 1, seed: int = 0) -> None:
        self.rows, self.plain = np.array(rows, dtype=np.int64), tuple(rows)
        self.photons, self.base, self.top = photons, base, top
        self.random = Random(seed)
        self.blocks: list[Block] = [tuple(range(len(rows)))]
        self.columns, self.costs = self._priced(self.blocks)
        self.least = (0, 1)
        # A pool's subsets meet a multiple of N about 2^pool/N times; some dozens are wanted.
        self.pool = min(LARGEST_POOL, max(LEAST_POOL, (32 * photons).bit_length()))

    @property
    def wide(self) -> int:
        return sum(self.costs)

    def improve(self, goal: int, steps: int, end: float = inf) -> None:
        """Take up to so many steps towards ``wide`` <= goal, or until that time of the monotonic clock."""
        for _ in range(steps):
            if self.wide <= goal or time.monotonic() > end:
                return
            self._step()

    def cover(self, goal: int, end: float = inf) -> None:
        """Start anew from an exact cover by small blocks, with more and more rows left over, where that is better."""
        blocks_wanted = len(self.rows) + sum(self.plain) // self.photons * (1 - self.base) - goal
        most_spare = len(self.rows) - 2 * (blocks_wanted - 1)
        if most_spare < 0:
            return
        spares = sorted({0, most_spare // 8, most_spare // 4, most_spare // 2, most_spare})
        for cover in covers(self.plain, self.photons, self.base, spares):
            columns, costs = self._priced(cover)
            if sum(costs) < self.wide:
                self.blocks, self.columns, self.costs = cover, columns, costs
            if self.wide <= goal or time.monotonic() > end:
                return

    def _priced(self, blocks: list[Block]) -> tuple[list[int], list[int]]:
        """The columns of blocks, and what the blocks cost."""
        columns = [sum(self.plain[row] for row in block) // self.photons for block in blocks]
        return columns, [self._cost(block, m) for block, m in zip(blocks, columns, strict=True)]

    def _cost(self, block: Block, columns: int) -> int:
        wide = len(block) + columns - 1 - self.base * columns
        # Not fitting costs more than any number of wide columns.
        return max(0, wide) + MISFIT * max(0, wide - self.top * columns)

    def _step(self) -> None:
        """Take some blocks apart, one of them with several columns, and keep what is found when it is no worse."""
        several = [k for k, m in enumerate(self.columns) if m > 1]
        if not several:
            return
        worst = max(range(len(self.costs)), key=self.costs.__getitem__)
        if self.costs[worst] >= MISFIT and self.random.random() < 0.8:
            several = [worst]
        taken = {self.random.choice(several)}
        rows_taken = len(self.blocks[next(iter(taken))])
        wanted = self.random.randint(1, 6)
        for k in self.random.sample(range(len(self.blocks)), min(wanted, len(self.blocks))):
            if k not in taken and (rows_taken + len(self.blocks[k]) <= self.pool or rows_taken > self.pool):
                taken.add(k)
                rows_taken += len(self.blocks[k])
        rows = [row for k in sorted(taken) for row in self.blocks[k]]
        # What is left over must fit too, so blocks are wanted that are as wide, for their columns, as all of these are.
        held = sum(self.columns[k] for k in taken)
        wide = min(max(0, len(rows) + held - 1 - self.base * held), held)
        self.least = (wide, held) if (self.wide >= MISFIT and self.random.random() < 0.7) else (0, 1)
        packed = self._pack(rows)
        columns, costs = self._priced(packed)
        if sum(costs) <= sum(self.costs[k] for k in taken):
            kept = [k for k in range(len(self.blocks)) if k not in taken]
            self.blocks = [self.blocks[k] for k in kept] + packed
            self.columns = [self.columns[k] for k in kept] + columns
            self.costs = [self.costs[k] for k in kept] + costs

    def _pack(self, rows: list[int]) -> list[Block]:
        """Blocks out of these rows, whose sum is divisible by N; what is left over is the last block."""
        blocks: list[Block] = []
        misses = 0
        while len(rows) > self.pool and misses < 4:
            out = self._extract(rows)
            misses = 0 if out else misses + 1
            blocks += out
            if out:
                gone = {row for block in out for row in block}
                rows = [row for row in rows if row not in gone]
        if len(rows) <= self.pool:
            self.random.shuffle(rows)
            out = self._zero_sums(rows, [])
            blocks += out
            gone = {row for block in out for row in block}
            rows = [row for row in rows if row not in gone]
        return [*blocks, tuple(rows)] if rows else blocks

    def _extract(self, rows: list[int]) -> list[Block]:
        """Blocks found in a random pool of these rows; a block too large for a pool is begun with rows at random."""
        # One column wants base or base + 1 rows; half a pool is where its subsets are most.
        begun = max(0, self.base + 1 - self.pool // 2)
        taken = self.random.sample(rows, min(len(rows), self.pool + begun))
        return self._zero_sums(taken[: self.pool], taken[self.pool :])

    def _zero_sums(self, pool: list[int], fixed: list[int]) -> list[Block]:
        """As many disjoint blocks as the pool holds; with ``fixed`` rows, one block that has them all."""
        if not pool:
            return []
        masks, met = pack_blocks(
            self.rows[pool],
            self.photons,
            self.base,
            len(fixed),
            int(self.rows[fixed].sum()) if fixed else 0,
            CANDIDATES,
            self.top,
            *self.least,
        )
        if met > PLENTY and self.pool > LEAST_POOL:
            self.pool -= 1
        return [
            tuple(sorted([*fixed, *(row for bit, row in enumerate(pool) if mask >> bit & 1)]))
            for mask in masks.tolist()
        ]
