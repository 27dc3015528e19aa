"""Protocols with few occupied modes in every pass, built directly.

One side of a protocol is a table: rows are modes, columns are passes, every column sums to N. Its occupied cells link rows and
columns into components, and a component of r rows and m columns has at least r + m - 1 cells, which is what is built here.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence

from protocols.wmatrix.margins import Margins
from protocols.wmatrix.search.tables import corner_table

Block = tuple[int, ...]
"""Row numbers of one side."""
Columns = tuple[tuple[int, ...], ...]
"""The glued columns of a protocol: left cells, then right cells."""


def widest(columns: Columns) -> int:
    """The most modes that a column occupies."""
    return max(sum(1 for cell in column if cell) for column in columns)


def corner_columns(margins: Margins) -> Columns:
    """A protocol by the north-west corner rule on both tables: at most rows + M - 1 occupied cells a side."""
    return glue(*corner_tables(margins), margins)


def corner_tables(margins: Margins) -> tuple[list[dict[int, int]], list[dict[int, int]]]:
    """The same protocol by its occupied cells alone, row to photons for every column of both sides: O(d + M) to write down.

    >>> from protocols import PhotonTask
    >>> corner_tables(PhotonTask(function=[3, 1], photons=2, passes=2).margins)
    ([{0: 2}, {0: 1, 1: 1}], [{0: 2}, {0: 2}])
    """
    left, right = (corner_table(rows, margins.photons, margins.passes) for rows in (margins.left, margins.right))
    return left, right


def balanced_columns(margins: Margins) -> Columns:
    """A protocol with few modes in its widest pass, in O((n + M) n) for n rows: each side one component, evenly spread.

    A side of s rows and m passes to go needs s + m - 1 cells, so the next pass takes their share, rounded up (early wide
    passes) or down (late ones). Both are tried on both sides.
    """
    fillings = [
        [fill_evenly(tuple(enumerate(rows)), margins.photons, up=up) for up in (True, False)]
        for rows in (margins.left, margins.right)
    ]
    return min((glue(left, right, margins) for left in fillings[0] for right in fillings[1]), key=widest)


def block_columns(margins: Margins, left: Iterable[Block], right: Iterable[Block]) -> Columns:
    """The protocol of both sides split into blocks of rows, each with a sum divisible by N: every block is spread evenly."""
    sides = []
    for rows, blocks in ((margins.left, left), (margins.right, right)):
        filled: list[dict[int, int]] = []
        for block in blocks:
            filled += fill_evenly([(row, rows[row]) for row in block], margins.photons, up=True)
        sides.append(filled)
    return glue(sides[0], sides[1], margins)


def glue(left: list[dict[int, int]], right: list[dict[int, int]], margins: Margins) -> Columns:
    """Both sides column by column: their orders are free, so the widest of one meets the narrowest of the other."""
    glued = []
    for ours, theirs in zip(sorted(left, key=len), sorted(right, key=len, reverse=True), strict=True):
        cells = [0] * margins.rows
        for row, photons in ours.items():
            cells[row] = photons
        for row, photons in theirs.items():
            cells[len(margins.left) + row] = photons
        glued.append(tuple(cells))
    return tuple(sorted(glued, reverse=True))


def fill_evenly(sums: Sequence[tuple[int, int]], photons: int, *, up: bool) -> list[dict[int, int]]:
    """Rows (number, sum) with a total divisible by N as one component; its cells are shared evenly by its columns."""
    rows = sorted((b, row) for row, b in sums)
    columns = []
    for left in range(sum(b for b, _ in rows) // photons, 0, -1):
        cells = len(rows) + left - 1
        columns.append(_fill_pass(rows, photons, -(-cells // left) if up else cells // left))
    return columns


def _fill_pass(rows: list[tuple[int, int]], photons: int, limit: int) -> dict[int, int]:
    """Take N photons from at most ``limit`` rows, all but the largest of them whole; ``rows`` stay sorted.

    The first window of that many neighbours with sum at least N will do: the window before it falls short, so without its
    largest this one does as well. The largest rows reach N when limit times passes is at least the number of rows, as a share
    of rows + passes - 1 cells always is. Where fewer of the smallest rows reach N already, they are taken.
    """
    before = [0]
    for b, _ in rows:
        before.append(before[-1] + b)
    few = bisect_right(before, photons - 1)
    stop = (
        few
        if few <= limit
        else next(end for end in range(limit, len(rows) + 1) if before[end] - before[end - limit] >= photons)
    )
    start = max(0, stop - limit) if few > limit else 0
    *whole, (largest, last) = rows[start:stop]
    del rows[start:stop]
    column = {row: b for b, row in whole}
    column[last] = photons - sum(column.values())
    if largest > column[last]:
        insort(rows, (largest - column[last], last))
    return column
