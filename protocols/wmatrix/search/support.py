"""The protocol that occupies the fewest modes over all passes together, and so the fewest on average in a pass.

A side of R rows and M columns in c blocks, each with a sum divisible by N, has R + M - c occupied cells when every block is
filled sparsely: as many blocks as possible are wanted, whatever their shapes.
"""

from __future__ import annotations

from dataclasses import dataclass

from protocols.wmatrix.margins import Margins
from protocols.wmatrix.search.block_bounds import WeightProgram, block_bounds
from protocols.wmatrix.search.sparse_tables import Block, Columns, block_columns
from protocols.wmatrix.search.tables import SearchLimitError
from protocols.wmatrix.task import PhotonTask

STEPS = 2_000
"""Steps of the search for blocks on a side."""
ROUNDS = 25
"""Rounds of the linear program that bounds them."""
NODE_LIMIT = 20_000_000
"""Cells filled in going through all protocols within limits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeastSupport:
    """``cells`` modes are occupied over all passes by ``columns``; at least ``lower_bound`` must be."""

    cells: int
    lower_bound: int
    columns: Columns

    @property
    def decided(self) -> bool:
        """Whether it is proved that fewer are not possible."""
        return self.cells <= self.lower_bound


def occupied_cells(columns: Columns) -> int:
    """Modes occupied, summed over the passes."""
    return sum(1 for column in columns for cell in column if cell)


def least_support(task: PhotonTask, known: Columns | None = None) -> LeastSupport | None:
    """The fewest occupied modes, summed over all passes; None when no protocol within the limits was found or is ``known``.

    >>> from protocols import PhotonTask
    >>> least = least_support(PhotonTask(function=[1, 3, -2], photons=4, passes=3))
    >>> least.cells, least.decided
    (8, True)
    """
    margins, unlimited = task.margins, task.effective.are_none
    bounds = block_bounds(margins)
    cells = margins.rows + 2 * margins.passes
    if not unlimited:
        return _by_walk(task, cells - bounds[0].blocks - bounds[1].blocks, known)
    sides: list[list[Block]] = []
    most = 0
    for rows, bound in zip((margins.left, margins.right), bounds, strict=True):
        blocks, at_most = _split(rows, margins, bound.blocks)
        sides.append(blocks)
        most += at_most
    columns = block_columns(margins, *sides)
    return LeastSupport(cells=occupied_cells(columns), lower_bound=cells - most, columns=columns)


def _split(rows: tuple[int, ...], margins: Margins, most: int) -> tuple[list[Block], int]:
    """The blocks found on a side, and how many there can be at most."""
    whole = [tuple(range(len(rows)))]
    if most == 1 or not margins.fit_words:
        return whole, most
    from protocols.wmatrix.search.blocks import BlockSearch

    cells = len(rows) + margins.passes
    search = BlockSearch(rows, margins.photons, 0, top=len(rows))
    search.improve(cells - most, STEPS // 10)
    program = WeightProgram(rows, margins.photons)
    for _ in range(ROUNDS):
        if program.is_done or len(search.blocks) >= most:
            break
        program.round()
        most = min(most, program.bound.blocks)
    search.improve(cells - most, STEPS)
    return search.blocks, most


def _by_walk(task: PhotonTask, lower: int, known: Columns | None) -> LeastSupport | None:
    import numpy as np

    from protocols.wmatrix.search.walk import enumerate_batches

    if not task.margins.fit_words:
        return None if known is None else LeastSupport(cells=occupied_cells(known), lower_bound=lower, columns=known)
    best, ended = known, True
    fewest = 0 if known is None else occupied_cells(known)
    try:
        for batch in enumerate_batches(task, batch=20_000, node_limit=NODE_LIMIT // task.passes):
            cells = np.count_nonzero(batch, axis=(1, 2))
            place = int(cells.argmin())
            if best is None or cells[place] < fewest:
                fewest = int(cells[place])
                best = tuple(zip(*batch[place].tolist(), strict=True))
            if fewest <= lower:
                break
    except SearchLimitError:
        ended = False
    if best is None:
        return None
    return LeastSupport(cells=fewest, lower_bound=fewest if ended else lower, columns=best)
