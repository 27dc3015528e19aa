"""Protocols with few occupied modes in every pass, built directly, and the bound that says how few they can be.

One side of a protocol is a table: rows are modes, columns are passes, every column sums to N. Its occupied cells link rows and
columns into components, and a component of r rows and m columns has at least r + m - 1 cells. The rows of a component sum to N
times its columns, so a side of R rows has at least R + M - c cells, c the most blocks, each summing to a multiple of N, that its
rows can be split into. Over both sides and all M passes that many modes are occupied.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import Counter

from protocols.wmatrix.margins import Margins
from protocols.wmatrix.tables import corner_table

Columns = tuple[tuple[int, ...], ...]
"""The glued columns of a protocol: left cells, then right cells."""

EXACT_ROWS = 15
"""Rows up to which the most blocks are found over all subsets; above, pairs are matched and the rest counted in threes."""


def cells_bound(margins: Margins) -> int:
    """Least k: the cells that both sides need at least, over the passes, rounded up.

    >>> from protocols.wmatrix.margins import margins
    >>> from networks import LinearFunction
    >>> cells_bound(margins(LinearFunction([1, 2, 4]), 7, 2)), cells_bound(margins(LinearFunction([1, 1]), 2, 2))
    (3, 2)
    """
    cells = 0
    for rows in (margins.left, margins.right):
        cells += len(rows) + margins.passes - most_blocks(rows, margins.photons)
    return -(-cells // margins.passes)


def most_blocks(rows: tuple[int, ...], photons: int) -> int:
    """An upper bound on the number of disjoint blocks with sums divisible by N; exact up to EXACT_ROWS rows.

    >>> most_blocks((3, 1, 2, 4), 4), most_blocks((1, 2, 5), 8)
    (2, 1)
    """
    residues = [b % photons for b in rows]
    alone = residues.count(0)
    others = [r for r in residues if r]
    if len(others) <= EXACT_ROWS:
        return alone + _blocks_by_subsets(others, photons)
    counts = Counter(others)
    # A pair is a residue and its complement; N/2 pairs with itself.
    pairs = sum(min(times, counts[photons - r]) for r, times in counts.items() if 2 * r < photons)
    pairs += counts[photons // 2] // 2 if photons % 2 == 0 else 0
    return alone + pairs + (len(others) - 2 * pairs) // 3


def _blocks_by_subsets(residues: list[int], photons: int) -> int:
    """Rows are laid out one after another; a block ends wherever the sum so far is a multiple of N. Best over all orders."""
    if not residues:
        return 0
    sums = [0]
    best = [0]
    for mask in range(1, 1 << len(residues)):
        low = mask & -mask
        total = (sums[mask ^ low] + residues[low.bit_length() - 1]) % photons
        sums.append(total)
        reached, rest = 0, mask
        while rest:
            bit = rest & -rest
            reached = max(reached, best[mask ^ bit])
            rest ^= bit
        best.append(reached + (total == 0))
    return best[-1]


def widest(columns: Columns) -> int:
    """The most modes that a column occupies."""
    return max(sum(1 for cell in column if cell) for column in columns)


def corner_columns(margins: Margins) -> Columns:
    """A protocol in O(d + M): both tables by the north-west corner rule, at most rows + M - 1 occupied cells a side."""
    left, right = (corner_table(rows, margins.photons, margins.passes) for rows in (margins.left, margins.right))
    return _glue(left, right, margins)


def balanced_columns(margins: Margins) -> Columns:
    """A protocol with few modes in its widest pass, in O((n + M) n) for n rows: each side one component, evenly spread.

    A side of s rows and m passes to go needs s + m - 1 cells, so the next pass takes their share, rounded up (early wide
    passes) or down (late ones). Both are tried on both sides.
    """
    ways = [[_fill_evenly(rows, margins, up) for up in (True, False)] for rows in (margins.left, margins.right)]
    return min((_glue(left, right, margins) for left in ways[0] for right in ways[1]), key=widest)


def _glue(left: list[dict[int, int]], right: list[dict[int, int]], margins: Margins) -> Columns:
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


def _fill_evenly(sums: tuple[int, ...], margins: Margins, up: bool) -> list[dict[int, int]]:
    rows = sorted((b, row) for row, b in enumerate(sums))
    columns = []
    for left in range(margins.passes, 0, -1):
        cells = len(rows) + left - 1
        columns.append(_fill_pass(rows, margins.photons, -(-cells // left) if up else cells // left))
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
