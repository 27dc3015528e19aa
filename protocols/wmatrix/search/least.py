"""The least number of modes that a protocol must occupy in one pass: a protocol found, a bound proved, and a status.

Counting occupied cells bounds k from below and a direct construction from above; they are at most one or two apart. Between
them both sides are split into blocks (``blocks``), the bound on how many blocks there can be is sharpened (``block_bounds``),
and small problems are searched to the end. Limits per pass other than on the number of modes leave the last way only.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Literal

from protocols.theory.entanglement import phase_modes_bound
from protocols.wmatrix.margins import Margins
from protocols.wmatrix.search.block_bounds import BlockBound, WeightProgram, block_bounds, cells_bound
from protocols.wmatrix.search.sparse_tables import Columns, balanced_columns, block_columns, corner_columns, widest
from protocols.wmatrix.search.tables import SearchLimitError, enumerate_tables
from protocols.wmatrix.task import PhotonTask

CELL_LIMIT = 60_000_000
"""Table cells that the searches for one least k may fill before they stop undecided; some seconds."""
PYTHON_SHARE = 60
"""The plain search gets this part of them; most problems end there, before anything has to be compiled."""
PLAIN_CELLS = 150
"""Rows times passes up to which the plain search goes first."""
SEARCHED_CELLS = 2_000
"""Rows times passes up to which the compiled search is tried when blocks have not settled a k."""
BLOCK_STEPS = 20_000
"""Steps of the search for blocks for one k, some tenths of a millisecond each."""

WEIGHT_ROUNDS = 25
"""Rounds of the linear programs that sharpen the bound for one k."""
FIRST_ROUNDS = 3
"""Of these, before any blocks are searched for: where rows are alike they settle it at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeastModes:
    """The fewest modes in a pass, and what is proved about them.

    Attributes
    ----------
    modes : int or None
        The least k of the protocols that the search gave; None when it gave none.
    decided : bool
        Whether it is proved least.
    columns : tuple of columns of W, or None
        A protocol with so many modes.
    lower_bound : int
        Proved in any case, by ``proof``.
    exists : bool or None
        None when the search for any protocol within the limits reached its own limit.
    proof : str
        rows (section 5 of docs/theory/theory.md), cells, photons (in a mode) or exhausted (every smaller k was searched to
        the end).
    blocks : pair of BlockBound
        What the proof by cells rests on.
    """

    modes: int | None
    lower_bound: int
    decided: bool
    exists: bool | None
    columns: Columns | None
    proof: str
    blocks: tuple[BlockBound, BlockBound] | None = None


class _Clock:
    """Time left, when it was limited."""

    def __init__(self, seconds: float | None) -> None:
        self.end = None if seconds is None else time.monotonic() + float(seconds)

    @property
    def remaining(self) -> float:
        """Seconds, infinite when they are not limited."""
        return math.inf if self.end is None else self.end - time.monotonic()

    @property
    def is_over(self) -> bool:
        return self.remaining <= 0


def least_modes(task: PhotonTask, *, cell_limit: int = CELL_LIMIT, seconds: float | None = None) -> LeastModes:
    """The least k over all protocols within the limits; their own limit on the number of modes is set aside.

    Parameters
    ----------
    cell_limit : int
        Effort, the same on every machine: table cells that are filled, and steps of the search for blocks in proportion.
    seconds : float
        Stop then, with the best protocol and bound so far; answers may differ from run to run.

    Examples
    --------
    >>> from protocols import PhotonTask
    >>> least = least_modes(PhotonTask(function=[1, 1, -1], photons=1, passes=2))
    >>> least.modes, least.decided, least.lower_bound
    (2, True, 2)
    """
    if task.has_no_room:
        return LeastModes(modes=None, lower_bound=2, decided=True, exists=False, columns=None, proof="photons")
    clock = _Clock(seconds)
    free, margins = task.with_modes(None), task.margins
    is_unlimited = free.effective.are_none
    search = _Search(free, clock)
    lower, proof = max(
        (phase_modes_bound(task.oriented, task.passes), "rows"),
        (cells_bound(margins, search.blocks), "cells"),
        # Each side of a pass holds N photons, at most photons_per_mode in a mode.
        (2 * -(-task.photons // task.cap), "photons"),
        key=lambda pair: pair[0],
    )
    best = min(corner_columns(margins), balanced_columns(margins), key=widest) if is_unlimited else None
    upper = margins.rows + 1 if best is None else widest(best)
    undecided = False
    # All searches together keep to the limit: the few smallest k get most of it, where a proof is likeliest.
    cells = cell_limit
    first = lower
    for k in range(first, upper):
        cells //= 2
        columns, verdict = search.at_most(k, cells)
        if columns is not None:
            best, upper = columns, widest(columns)
            break
        if verdict == _OPEN:
            undecided = True
            if k > first + 12 or clock.is_over:
                # Far above the bound without a verdict: what is left stays undecided.
                break
        elif not undecided:
            lower, proof = k + 1, verdict
    if best is None and undecided:
        # Whether there is any protocol is easier to say than how narrow it can be.
        best, verdict = search.at_most(margins.rows, cell_limit // 2)
        upper = widest(best) if best is not None else upper
        undecided = verdict == _OPEN
    return LeastModes(
        modes=None if best is None else upper,
        lower_bound=lower,
        # Without any protocol every k up to all modes was tried: either all searches ended, or some did not.
        decided=not undecided if best is None else lower >= upper,
        exists=(None if undecided else False) if best is None else True,
        columns=best,
        proof=proof,
        blocks=search.blocks if proof == "cells" else None,
    )


_OPEN = "open"


class _Search:
    """What is known while k grows: the bounds on blocks get sharper."""

    def __init__(self, free: PhotonTask, clock: _Clock) -> None:
        self.free, self.margins, self.clock = free, free.margins, clock
        self.is_unlimited = free.effective.are_none
        self.blocks = block_bounds(free.margins)
        self.programs = [WeightProgram(rows, free.photons) for rows in (free.margins.left, free.margins.right)]

    def at_most(self, k: int, cells: int) -> tuple[Columns | None, str]:
        """A protocol with at most k modes a pass, or the proof that there is none (cells, exhausted), or open."""
        task = self.free.with_modes(k)
        plain = row_limit(self.margins, cells // PYTHON_SHARE)
        if not self.is_unlimited or self.margins.rows * self.margins.passes <= PLAIN_CELLS:
            # Small problems end here, before anything has to be compiled.
            try:
                return next(enumerate_tables(task, node_limit=plain), None), "exhausted"
            except SearchLimitError:
                pass
        if self.is_unlimited:
            columns = self._one_side(k)
            if columns is not None:
                return (None, "exhausted") if columns == "none" else (columns, "")
            columns = self._split(k, int(BLOCK_STEPS * 2 * cells / CELL_LIMIT))
            if columns is not None:
                return columns, ""
            if cells_bound(self.margins, self.blocks) > k:
                return None, "cells"
        compiled = cells // self.margins.passes
        # Where blocks were of no help, a search of so many cells ends only by luck.
        hopeless = self.is_unlimited and self.margins.rows * self.margins.passes > SEARCHED_CELLS
        if hopeless or compiled <= plain or not self.margins.fit_words or self.clock.is_over:
            return None, _OPEN
        from protocols.wmatrix.search.walk import enumerate_batches

        try:
            for tables in enumerate_batches(task, batch=1, node_limit=compiled):
                return tuple(zip(*tables[0].tolist(), strict=True)), ""
        except SearchLimitError:
            return None, _OPEN
        return None, "exhausted"

    def _one_side(self, k: int) -> Columns | Literal["none"] | None:
        """Where one side has a single row, in every pass: the other one decided exactly, or None where it is too large."""
        sides = (self.margins.left, self.margins.right)
        if min(map(len, sides)) > 1 or not self.margins.fit_words:
            return None
        from protocols.wmatrix.search.blocks import split_one_side

        many = 0 if len(sides[1]) == 1 else 1
        blocks = split_one_side(sides[many], self.margins.photons, k - 1)
        if isinstance(blocks, str):
            return "none" if blocks == "none" else None
        both = (blocks, [(0,)]) if many == 0 else ([(0,)], blocks)
        columns = block_columns(self.margins, *both)
        assert widest(columns) <= k, "a block that cannot be filled evenly"
        return columns

    def _split(self, k: int, steps: int) -> Columns | None:
        """A protocol from blocks: some rounds of sharper bounds and a short search, more rounds and a long one."""
        if not self.margins.fit_words:
            return None
        from protocols.wmatrix.search.blocks import split_sides

        for rounds, share in ((FIRST_ROUNDS, steps // 20), (WEIGHT_ROUNDS, steps)):
            self._sharpen(k, rounds)
            if cells_bound(self.margins, self.blocks) > k or self.clock.is_over:
                return None
            blocks = split_sides(self.margins, k, self.blocks, share, self.clock.remaining)
            if blocks is not None:
                columns = block_columns(self.margins, *blocks)
                # A block whose first passes need few of its rows may have more wide passes than were counted.
                if widest(columns) <= k:
                    return columns
        return None

    def _sharpen(self, k: int, rounds: int) -> None:
        """Better bounds by weights, until they show that k is too few or it is seen that they cannot."""
        needed = self.margins.rows - (k - 2) * self.margins.passes
        programs = self.programs
        for _ in range(rounds):
            for program in programs:
                program.round()
            self.blocks = (
                min(self.blocks[0], programs[0].bound, key=lambda bound: bound.blocks),
                min(self.blocks[1], programs[1].bound, key=lambda bound: bound.blocks),
            )
            can_be = [
                block.blocks if program.is_done else min(block.blocks, int(program.packed + 1e-6))
                for program, block in zip(programs, self.blocks, strict=True)
            ]
            if (
                sum(block.blocks for block in self.blocks) < needed
                or sum(can_be) >= needed
                or all(program.is_done for program in programs)
                or self.clock.is_over
            ):
                return


def row_limit(margins: Margins, cells: int = CELL_LIMIT // PYTHON_SHARE) -> int:
    """How many rows of M cells a plain search may fill."""
    return max(100, cells // margins.passes)
