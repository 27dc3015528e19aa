"""How many blocks the rows of one side can be split into at most, each with a sum divisible by N: what keeps passes wide.

Every bound is proved by numbers that somebody else can check:

- *weights*: a weight for every row so that every set of rows with a sum divisible by N weighs at least ``whole``; disjoint
  blocks cannot be more than the total weight over ``whole``. The rows' sums themselves do, for a block holds at least N;
  so do a third for most rows and two thirds for those rarer than their complement, when blocks of one row or two are
  distinguished; the best weights solve a linear program, whose blocks are found as they are needed.
- *columns*: all rows are multiples of h, so every block takes a multiple of lcm(h, N)/N columns.
- *subsets*: the best of all splits of a few rows, found over all their subsets.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from math import gcd, lcm
from typing import Any

from protocols.wmatrix.margins import Margins

PLAIN_ROWS = 12
"""Rows up to which all subsets are gone through in plain Python, before anything is compiled."""
EXACT_ROWS = 20
"""Rows up to which all subsets are gone through at all."""
LARGEST_PRICING = 20_000_000
"""Rows times N of the table that finds the lightest block, a byte each."""
SHARES = 6
"""Weights are in sixths when they come from pairs."""
SCALE = 10**6
"""Weights of the linear program are rounded to integers of this size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockBound:
    """At most ``blocks`` blocks on one side. ``method`` is weights, columns or subsets; what it needs is beside it.

    Parameters
    ----------
    blocks : int
        Proved to be the most.
    method : str
        weights, columns or subsets, see the head of this file.
    whole : int
        The least weight of a block for the method weights; the unit h for columns.
    weights : tuple of int, shape (R,)
        One a row, for the method weights.
    """

    blocks: int
    method: str
    whole: int = 1
    weights: tuple[int, ...] = ()


def cells_bound(margins: Margins, bounds: tuple[BlockBound, BlockBound] | None = None) -> int:
    """Least k: the cells that both sides need at least, over the passes, rounded up.

    A side of R rows and M columns in c blocks has at least R + M - c occupied cells.

    >>> from protocols import PhotonTask
    >>> tasks = [PhotonTask(function=[1, 2, 4], photons=7, passes=2), PhotonTask(function=[1, 1], photons=2, passes=2)]
    >>> [cells_bound(task.margins) for task in tasks]
    [3, 2]
    """
    bounds = bounds or block_bounds(margins)
    cells = margins.rows + 2 * margins.passes - sum(bound.blocks for bound in bounds)
    return -(-cells // margins.passes)


def block_bounds(margins: Margins) -> tuple[BlockBound, BlockBound]:
    """The best quick bounds of the left and the right side."""
    return most_blocks(margins.left, margins.photons), most_blocks(margins.right, margins.photons)


def most_blocks(rows: tuple[int, ...], photons: int) -> BlockBound:
    """The best bound that is found at once: O(R log R), or 2^R R up to EXACT_ROWS rows.

    >>> most_blocks((3, 1, 2, 4), 4).blocks, most_blocks((1, 2, 5), 8).blocks
    (2, 1)
    """
    bound = min(_by_sums(rows, photons), _by_unit(rows, photons), _by_pairs(rows, photons), key=lambda b: b.blocks)
    inside = sum(1 for b in rows if b % photons)
    if bound.blocks > 1 and inside <= (EXACT_ROWS if photons < 2**62 else PLAIN_ROWS):
        residues = [b % photons for b in rows if b % photons]
        blocks = len(rows) - inside + _by_subsets(residues, photons)
        if blocks < bound.blocks:
            return BlockBound(blocks=blocks, method="subsets")
    return bound


def _by_sums(rows: tuple[int, ...], photons: int) -> BlockBound:
    """A block holds at least N photons; a row of a multiple of N can be one alone."""
    weights = tuple(b if b % photons else photons for b in rows)
    return BlockBound(blocks=sum(weights) // photons, method="weights", whole=photons, weights=weights)


def _by_unit(rows: tuple[int, ...], photons: int) -> BlockBound:
    unit = gcd(*rows)
    return BlockBound(blocks=sum(rows) // lcm(unit, photons), method="columns", whole=unit)


def _by_pairs(rows: tuple[int, ...], photons: int) -> BlockBound:
    """Blocks of one row, of two, and the rest in threes."""
    counts = Counter(b % photons for b in rows)
    weights = []
    for b in rows:
        residue, other = b % photons, -b % photons
        if not residue:
            weights.append(SHARES)
        elif counts[residue] < counts[other] or (counts[residue] == counts[other] and residue < other):
            weights.append(2 * SHARES // 3)
        elif residue == other and counts[residue] > 1:
            weights.append(SHARES // 2)
        else:
            weights.append(SHARES // 3)
    return BlockBound(blocks=sum(weights) // SHARES, method="weights", whole=SHARES, weights=tuple(weights))


def _by_subsets(residues: list[int], photons: int) -> int:
    if len(residues) > PLAIN_ROWS:
        import numpy as np

        from protocols.wmatrix.search.kernels import most_zero_sums

        return int(most_zero_sums(np.array(residues, dtype=np.int64), photons))
    # Rows are laid out one after another; a block ends wherever the sum so far is a multiple of N. Best over all orders.
    sums, best = [0], [0]
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


class WeightProgram:
    """The best bound by weights on one side, from the linear program over all blocks, a round at a time.

    A round prices blocks in O(R N) and solves a program of R rows over those met so far.

    Attributes
    ----------
    bound : BlockBound
        The best so far.
    packed : float
        Blocks, in fractions, that those met so far can be packed into: no weights can give a bound below it.
    is_done : bool
        Whether there is nothing more to be had from rounds.

    Examples
    --------
    >>> program = WeightProgram((4, 4, 4, 4, 4), 10)
    >>> program.round()
    >>> program.bound.blocks
    1
    """

    def __init__(self, rows: tuple[int, ...], photons: int) -> None:
        self.bound = _by_pairs(rows, photons)
        self.packed = 0.0
        self.is_done = len(rows) * photons > LARGEST_PRICING
        self._photons = photons
        self._residues = [b % photons for b in rows]
        self._weights = [SCALE * w // SHARES for w in self.bound.weights]
        self._columns: list[list[int]] = []

    def round(self) -> None:
        """Look for blocks that weigh too little, and weigh anew with them."""
        if self.is_done:
            return
        import numpy as np
        from scipy.optimize import linprog
        from scipy.sparse import csc_array

        from protocols.wmatrix.search.kernels import light_blocks

        rows = len(self._residues)
        weights, residues = (np.array(values, dtype=np.int64) for values in (self._weights, self._residues))
        lightest, members, starts = light_blocks(residues, weights, self._photons, SCALE - rows)
        if lightest > 0 and sum(self._weights) // int(lightest) < self.bound.blocks:
            self.bound = BlockBound(
                blocks=sum(self._weights) // int(lightest),
                method="weights",
                whole=int(lightest),
                weights=tuple(self._weights),
            )
        if len(starts) < 2 and not self._columns and 0 < lightest < 2**60:
            # The first weights were heavier than they need to be: their lightest blocks begin the program.
            _, members, starts = light_blocks(residues, weights, self._photons, lightest + lightest // 8 + 1)
        if len(starts) < 2:
            self.is_done = True
            return
        self._columns += [members[a:b].tolist() for a, b in itertools.pairwise(starts.tolist())]
        ends = np.cumsum([0, *(len(column) for column in self._columns)])
        inside = csc_array((np.ones(ends[-1]), np.concatenate(self._columns), ends), shape=(rows, len(self._columns)))
        # The dual of packing these blocks: the least total weight with each of them at least 1.
        # Its type stubs do not know that sparse matrices are welcome.
        blocks: Any = -inside.T
        program = linprog(np.ones(rows), A_ub=blocks, b_ub=-np.ones(len(self._columns)), method="highs")
        if program.x is None or program.fun is None:
            # A program that the solver gives up on sharpens nothing.
            self.is_done = True
            return
        self.packed = float(program.fun)
        self._weights = [int(w) for w in np.rint(SCALE * program.x)]
