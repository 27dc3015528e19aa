"""Enumerating protocols: the two tables filled row by row, without dead ends.

Columns are kept in non-increasing lexicographic order (positive modes first, then negative, then the reference), which
lists every unordered protocol once: inside each block of columns equal so far, a row's values must not increase. With r
left in the row, t columns after this one in the block and ``later`` the room beyond the block, a cell may take
ceil(max(0, r - later)/(t + 1)) <= x <= min(room, r, previous cell if tied), and every such choice can be completed.
Limits per pass (``task.limits``) keep the same walk but may meet dead ends; the nodes are counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from operator import sub

from protocols.wmatrix.task import PhotonTask


class SearchLimitError(RuntimeError):
    """A search ended at its node limit: what it has not found is undecided."""


@dataclass(frozen=True, slots=True)
class Row:
    """The tables just before a row is filled.

    Per column: the photons and the modes it can still take, whether it equals the column before so far, and the rows it
    occupies as bits.
    """

    room: tuple[int, ...]
    spare: tuple[int, ...]
    tied: tuple[bool, ...]
    support: tuple[int, ...]


def enumerate_tables(task: PhotonTask, *, node_limit: int | None = None) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Every unordered protocol once, as a tuple of M glued columns (left cells, then right cells).

    Raises
    ------
    SearchLimitError
        When more than ``node_limit`` rows were filled.

    Examples
    --------
    >>> from protocols import PhotonTask
    >>> list(enumerate_tables(PhotonTask(function=[1, 1], photons=2, passes=2)))
    [((2, 0, 2), (0, 2, 2)), ((1, 1, 2), (1, 1, 2))]
    """
    margins, unlimited, cap = task.margins, task.effective.are_none, task.cap
    if task.has_no_room:
        return
    sums = (*margins.left, *margins.right)
    turn = len(margins.left)
    start = first_row(task, margins.passes)
    reach = task.supports.tobytes()
    need = cells_needed(sums, turn, cap)
    nodes = 0
    walk = [fill_row(sums[0], start, cap, turn - 1, 0, reach)]
    rows: list[tuple[int, ...]] = []
    befores = [start]
    while walk:
        values = next(walk[-1], None)
        if values is None:
            walk.pop()
            befores.pop()
            if rows:
                rows.pop()
            continue
        nodes += 1
        if node_limit is not None and nodes > node_limit:
            raise SearchLimitError(f"stopped after {node_limit} rows")
        filled = len(walk)
        before = befores[-1]
        if filled == len(sums):
            yield tuple(zip(*rows, values, strict=True))
            continue
        if unlimited and filled == len(sums) - 1 and filled > turn:
            # The last row has no choice: it takes what is left, and without limits it always can.
            forced = tuple(map(sub, before.room, values))
            nodes += 1
            yield tuple(zip(*rows, values, forced, strict=True))
            continue
        after = row_after(before, values, filled - 1, turned=filled == turn, photons=margins.photons)
        left_of_side = (turn if filled < turn else len(sums)) - filled
        if not unlimited and not can_go_on(after, left_of_side, need[filled], cap):
            continue
        rows.append(values)
        befores.append(after)
        walk.append(fill_row(sums[filled], after, cap, left_of_side - 1, filled, reach))


def first_row(task: PhotonTask, count: int) -> Row:
    """The empty tables of so many columns."""
    # One mode on the right is always needed, so the left may use at most one less.
    spare = task.max_modes - 1
    return Row((task.photons,) * count, (spare,) * count, (False,) + (True,) * (count - 1), (0,) * count)


def row_after(before: Row, values: tuple[int, ...], row: int, *, turned: bool, photons: int) -> Row:
    """The tables with one more row; ``turned`` when the right side begins behind it."""
    tied = (False, *(t and x == y for t, x, y in zip(before.tied[1:], values, values[1:], strict=False)))
    spare = tuple(s - 1 if x else s for s, x in zip(before.spare, values, strict=True))
    if turned:
        # The right table starts with full room; the mode kept back for it is given free.
        room: tuple[int, ...] = (photons,) * len(values)
        spare = tuple(s + 1 for s in spare)
    else:
        room = tuple(map(sub, before.room, values))
    support = tuple(held | (1 << row) if x else held for held, x in zip(before.support, values, strict=True))
    return Row(room, spare, tied, support)


def cells_needed(sums: tuple[int, ...], turn: int, cap: int) -> list[int]:
    """For each row, the least cells that it and the rows after it on the same side occupy."""
    need = [0] * (len(sums) + 1)
    for row in range(len(sums) - 1, -1, -1):
        need[row] = -(-sums[row] // cap) + (0 if row + 1 in (turn, len(sums)) else need[row + 1])
    return need


def can_go_on(row: Row, rows_left: int, need: int, cap: int) -> bool:
    """Whether the modes that the columns may still add can carry the rows of this side that are still to come."""
    if any(r > cap * min(s, rows_left) for r, s in zip(row.room, row.spare, strict=True)):
        return False
    # A full column has no use for the modes it may still add.
    return need <= sum(min(s, rows_left) for r, s in zip(row.room, row.spare, strict=True) if r > 0)


def cell_bounds(row: Row, cap: int, rows_after: int, number: int, reach: bytes) -> tuple[list[int], list[int]] | None:
    """The least and the most that each cell of row ``number`` may take by itself, None when some cell cannot take anything."""
    most = [min(cap, room) if spare > 0 else 0 for room, spare in zip(row.room, row.spare, strict=True)]
    # What later rows cannot take at ``cap`` each has to be placed now.
    least = [
        max(0, room - cap * min(rows_after, max(0, spare))) for room, spare in zip(row.room, row.spare, strict=True)
    ]
    if reach:
        # An empty cell or an occupied one may lead to no support that is allowed.
        level = 2 << number
        most = [m if reach[level + held + (level >> 1)] else 0 for m, held in zip(most, row.support, strict=True)]
        least = [lo if reach[level + held] else max(1, lo) for lo, held in zip(least, row.support, strict=True)]
    return None if any(lo > hi for lo, hi in zip(least, most, strict=True)) else (least, most)


def fill_row(total: int, row: Row, cap: int, rows_after: int, number: int, reach: bytes) -> Iterator[tuple[int, ...]]:
    """Every way to fill row ``number``, largest first; ``rows_after`` rows of the same side are still to come."""
    count = len(row.room)
    bounds = cell_bounds(row, cap, rows_after, number, reach)
    if bounds is None:
        return
    least, most = bounds
    block_end = [count] * count
    for c in range(count - 2, -1, -1):
        block_end[c] = block_end[c + 1] if row.tied[c + 1] else c + 1
    later = [0] * (count + 1)
    later_least = [0] * (count + 1)
    for c in range(count - 1, -1, -1):
        later[c] = later[c + 1] + most[c]
        later_least[c] = later_least[c + 1] + least[c]
    values = [0] * count
    lowest = [0] * count
    left = [total] + [0] * count
    c, enter = 0, True
    while c >= 0:
        if enter:
            r = left[c]
            end = block_end[c]
            shared = end - c
            low = max(least[c], -(-max(0, r - later[end]) // shared))
            high = min(most[c], r - later_least[c + 1])
            if row.tied[c]:
                high = min(high, values[c - 1])
            lowest[c] = low
            values[c] = high + 1
        values[c] -= 1
        if values[c] < lowest[c]:
            c, enter = c - 1, False
            continue
        left[c + 1] = left[c] - values[c]
        if c == count - 1:
            if left[count] == 0:
                yield tuple(values)
            enter = False
            if left[count] > 0:
                c -= 1
            continue
        c, enter = c + 1, True


def corner_table(sums: tuple[int, ...], photons: int, passes: int) -> list[dict[int, int]]:
    """One side filled by the north-west corner rule: for each column its cells, row to photons; O(rows + M) cells.

    >>> corner_table((3, 1), 2, 2)
    [{0: 2}, {0: 1, 1: 1}]
    """
    columns: list[dict[int, int]] = []
    row, left = 0, sums[0]
    for _ in range(passes):
        column: dict[int, int] = {}
        room = photons
        while room:
            taken = min(room, left)
            if taken:
                column[row] = taken
            room -= taken
            left -= taken
            if not left and row + 1 < len(sums):
                row += 1
                left = sums[row]
        columns.append(column)
    return columns
