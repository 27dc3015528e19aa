"""The compiled twin of ``tables.enumerate_tables``: the same walk in the same order, in batches of numpy arrays.

A walk is restarted from the last protocol it gave: the protocol itself is the cursor.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from networks import InputError, LinearFunction
from protocols.wmatrix.limits import Limits
from protocols.wmatrix.search.tables import SearchLimitError
from protocols.wmatrix.task import PhotonTask

Integers = NDArray[np.int64]
Bits = NDArray[np.uint8]
Cells = NDArray[np.signedinteger]
SLICE = 20_000_000
"""Rows filled in one go, about a second: between them Python can be interrupted."""
LARGEST_BATCH = 200_000_000
"""Bytes of a batch; where tables are large, it holds fewer protocols than ``batch``."""


def enumerate_batches(
    function: PhotonTask | LinearFunction | Sequence[object],
    photons: int | None = None,
    passes: int | None = None,
    *,
    limits: Limits | None = None,
    batch: int = 100_000,
    after: NDArray[np.integer] | None = None,
    node_limit: int | None = None,
) -> Iterator[NDArray[np.integer]]:
    """Every unordered protocol once, in canonical order, as arrays.

    Parameters
    ----------
    function : PhotonTask, LinearFunction or sequence of int, Fraction or str, length d
        q; or the whole task, and then no photons, passes and limits. The rows of the task's ``margins``, left and then
        right, are those of the arrays.
    photons, passes : int
        N and M, positive.
    limits : Limits
        What every pass must keep to.
    batch : int
        Protocols in an array, at most; memory is that times R M cells of 1 to 8 bytes, and at most LARGEST_BATCH.
    after : (R, M) integers
        Go on behind this protocol of an earlier walk of the same task.
    node_limit : int
        Rows to fill before SearchLimitError; looked at between runs of protocols that differ in one row only.

    Yields
    ------
    (n, R, M) integers
        n protocols, each with R rows of M columns: the photons that each mode in use holds in each pass.

    Raises
    ------
    NoProtocolError
        When (34) fails.
    InputError
        When ``after`` is no protocol of this task, or N is too large.
    SearchLimitError
        When more than ``node_limit`` rows were filled; the protocols before that have been given.

    Examples
    --------
    >>> next(enumerate_batches([1, 1], photons=2, passes=2)).tolist()
    [[[2, 0], [0, 2], [2, 2]], [[1, 1], [1, 1], [2, 2]]]
    """
    walk = _Walk(PhotonTask.of(function, photons, passes, limits))
    if after is not None:
        walk.resume(after)
    left = np.iinfo(np.int64).max if node_limit is None else node_limit
    while True:
        protocols, nodes, status = walk.advance(batch, min(left, SLICE))
        left -= nodes
        if len(protocols):
            yield protocols
        if status == _ENDED:
            return
        if status == _CUT and left <= 0:
            raise SearchLimitError(f"stopped after {node_limit} rows")


def visit_all(task: PhotonTask, *, node_limit: int | None = None) -> int:
    """How many protocols the walk comes by, without writing them down: an exact count by going through all of them.

    Protocols that differ in the last free row alone are taken as a run.

    Raises
    ------
    SearchLimitError
        When more than ``node_limit`` rows were filled.

    Examples
    --------
    >>> from protocols import PhotonTask
    >>> visit_all(PhotonTask(function=[1, 2, 3, 4, -2, -3], photons=5, passes=4))
    1397115
    """
    walk = _Walk(task)
    left = np.iinfo(np.int64).max if node_limit is None else node_limit
    total = 0
    while True:
        visited, nodes, status = walk.visit(min(left, SLICE))
        left -= nodes
        total += visited
        if status == _ENDED:
            return total
        if left <= 0:
            raise SearchLimitError(f"stopped after {node_limit} rows")


def require_words(task: PhotonTask) -> None:
    """Raise InputError where sums of photons do not fit the compiled integers."""
    if not task.margins.fit_words:
        raise InputError([f"N = {task.photons} is too large for the compiled walk with so many passes or modes"])


class _Walk:
    """The arrays of one walk: its setting, where it stands, and the table it has in hand."""

    def __init__(self, task: PhotonTask) -> None:
        margins, limits = task.margins, task.effective
        require_words(task)
        rows, turn = margins.rows, len(margins.left)
        last = rows - 2 if rows > turn + 1 else turn - 2
        # Without limits no choice in the last row fails, and protocols are written in runs.
        runs = limits.are_none and margins.passes > 1 and last >= 0
        self.sums = np.array([*margins.left, *margins.right], dtype=np.int64)
        self.setting = np.array([turn, margins.photons, task.cap, task.max_modes, last if runs else -1], dtype=np.int64)
        self.reach = task.supports
        self.state = np.zeros((_FIELDS, rows + 1, margins.passes + 1), dtype=np.int64)
        self.where = np.zeros(4, dtype=np.int64)
        # The smallest signed integers that hold N itself: min_scalar_type looks at the negative end.
        dtype = np.min_scalar_type(-margins.photons - 1)
        self.shape = (rows, margins.passes)
        # A protocol takes whole words, so that it can be copied word by word.
        self.words = -(-rows * margins.passes * dtype.itemsize // 8)
        self.table = np.zeros((1, self.words), dtype=np.int64)
        self.cells = self.table.view(dtype)
        self.cells[:] = margins.photons
        if task.has_no_room:
            self.where[0] = _NOWHERE
        else:
            _begin(self.sums, self.setting, self.reach, self.state, self.where)

    def resume(self, after: NDArray[np.integer]) -> None:
        fits = np.shape(after) == self.shape and np.asarray(after).dtype.kind in "iu"
        table = np.array(after, dtype=np.int64) if fits else np.zeros(self.shape, dtype=np.int64)
        if not fits or not _resume(self.sums, self.setting, self.reach, self.state, self.where, table):
            rows, count = self.shape
            raise InputError(
                [f"the cursor is no protocol of this problem: it must be a table of {rows} rows and {count} columns"]
            )
        self.cells[0, : table.size] = table.ravel()

    def advance(self, batch: int, nodes: int) -> tuple[NDArray[np.integer], int, int]:
        """Up to ``batch`` protocols, the rows filled for them, and how it ended; after a limit it can go on."""
        words = np.empty((max(1, min(batch, LARGEST_BATCH // (8 * self.words))), self.words), dtype=np.int64)
        cells = words.view(self.cells.dtype)
        written, used, status = self._advance(words, cells, nodes)
        return cells[:written, : self.shape[0] * self.shape[1]].reshape(written, *self.shape), used, status

    def visit(self, nodes: int) -> tuple[int, int, int]:
        """How many protocols the next rows give, how many rows these are, and how it ended."""
        return self._advance(None, None, nodes)

    def _advance(self, words: Integers | None, cells: Cells | None, nodes: int) -> tuple[int, int, int]:
        count, used, status = _advance(
            self.sums,
            self.setting,
            self.reach,
            self.state,
            self.where,
            self.table,
            self.cells,
            words,
            cells,
            nodes,
        )
        return int(count), int(used), int(status)


# Fields of the walk's state, each a (rows, columns) table.
_X, _LOW, _LEFT, _ROOM, _SPARE, _TIED, _MOST, _LEAST, _LATER, _LEAST_LATER, _END, _SUPPORT = range(12)
_FIELDS = 12
# Places of ``where``: row, column, whether the cell is new, and the first row that the table in hand has not got yet.
_FULL, _ENDED, _CUT = range(3)
_NOWHERE = -1


@njit(cache=True, error_model="numpy")
def _begin(sums: Integers, setting: Integers, reach: Bits, state: Integers, where: Integers) -> None:
    count = state.shape[2] - 1
    for c in range(count):
        state[_ROOM, 0, c] = setting[1]
        # One mode on the right is always needed, so the left may use at most one less.
        state[_SPARE, 0, c] = setting[3] - 1
        state[_TIED, 0, c] = 1 if c else 0
    where[0], where[1], where[2] = _NOWHERE, 0, 1
    if _prepare(0, sums, setting, reach, state):
        where[0] = 0
        if setting[0] == 1:
            _take_all(0, state)
            where[0] = _go_down(0, sums, setting, reach, state)


@njit(cache=True, error_model="numpy")
def _prepare(i: int, sums: Integers, setting: Integers, reach: Bits, state: Integers) -> bool:
    """Bounds of row i from what is left of its columns; False when the row cannot be filled."""
    turn, cap = setting[0], setting[2]
    rows, count = len(sums), state.shape[2] - 1
    end_of_side = turn if i < turn else rows
    after = end_of_side - i - 1
    state[_LEFT, i, 0] = sums[i]
    state[_LATER, i, count] = 0
    state[_LEAST_LATER, i, count] = 0
    for c in range(count - 1, -1, -1):
        room, spare = state[_ROOM, i, c], state[_SPARE, i, c]
        most = min(cap, room) if spare > 0 else 0
        least = max(0, room - cap * min(after, spare))
        if len(reach):
            # An empty cell or an occupied one may lead to no support that is allowed.
            place = (2 << i) + state[_SUPPORT, i, c]
            if not reach[place + (1 << i)]:
                most = 0
            if not reach[place]:
                least = max(1, least)
        if least > most:
            return False
        state[_MOST, i, c] = most
        state[_LEAST, i, c] = least
        state[_LATER, i, c] = state[_LATER, i, c + 1] + most
        state[_LEAST_LATER, i, c] = state[_LEAST_LATER, i, c + 1] + least
        joined = c + 1 < count and state[_TIED, i, c + 1] == 1
        state[_END, i, c] = state[_END, i, c + 1] if joined else c + 1
    return True


@njit(cache=True, error_model="numpy")
def _descend(i: int, sums: Integers, setting: Integers, state: Integers) -> bool:
    """Set up row i + 1 after row i is filled; False when what is left cannot be filled within the limits."""
    turn, photons, cap = setting[0], setting[1], setting[2]
    rows, count = len(sums), state.shape[2] - 1
    turned = i + 1 == turn
    rows_left = (turn if i + 1 < turn else rows) - (i + 1)
    useful = 0
    for c in range(count):
        x = state[_X, i, c]
        room = photons if turned else state[_ROOM, i, c] - x
        # The mode kept back for the right side is given free where that side begins.
        spare = state[_SPARE, i, c] - (1 if x else 0) + (1 if turned else 0)
        if room > cap * min(spare, rows_left):
            return False
        state[_ROOM, i + 1, c] = room
        state[_SPARE, i + 1, c] = spare
        state[_TIED, i + 1, c] = 1 if c and state[_TIED, i, c] == 1 and x == state[_X, i, c - 1] else 0
        state[_SUPPORT, i + 1, c] = state[_SUPPORT, i, c] | ((1 << i) if x else 0)
        if room > 0:
            useful += min(spare, rows_left)
    if setting[3] < rows or cap < photons:
        need = 0
        for row in range(i + 1, i + 1 + rows_left):
            need += (sums[row] + cap - 1) // cap
        return need <= useful
    return True


@njit(cache=True, error_model="numpy")
def _take_all(i: int, state: Integers) -> None:
    """The last row of a side takes all that its columns have left."""
    for c in range(state.shape[2] - 1):
        state[_X, i, c] = state[_ROOM, i, c]


@njit(cache=True, error_model="numpy")
def _supported(i: int, reach: Bits, state: Integers) -> bool:
    """Whether a row that had no choice leaves every column a support that can be allowed."""
    for c in range(state.shape[2] - 1):  # noqa: SIM110  # all() of a generator does not compile
        if not reach[(2 << i) + (state[_SUPPORT, i, c] | ((1 << i) if state[_X, i, c] else 0))]:
            return False
    return True


@njit(cache=True, error_model="numpy")
def _go_down(i: int, sums: Integers, setting: Integers, reach: Bits, state: Integers) -> int:
    """The next row to choose in after row i is filled, past rows that have no choice: len(sums) when all are, or _NOWHERE."""
    rows = len(sums)
    while i < rows - 1:
        if not _descend(i, sums, setting, state):
            return _NOWHERE
        i += 1
        if i != setting[0] - 1 and i != rows - 1:
            return i if _prepare(i, sums, setting, reach, state) else _NOWHERE
        # That the columns' room fits into this last row has been checked on the way down.
        _take_all(i, state)
        if len(reach) and not _supported(i, reach, state):
            return _NOWHERE
    return rows


@njit(cache=True, error_model="numpy")
def _go_up(i: int, setting: Integers) -> int:
    """The row to go back to before row i, past rows that have no choice."""
    i -= 1
    if i == setting[0] - 1:
        i -= 1
    return i


@njit(cache=True, error_model="numpy")
def _highest(i: int, c: int, state: Integers) -> int:
    """The most that a cell may take, and sets the least: its range given the cells before it."""
    left, end = state[_LEFT, i, c], state[_END, i, c]
    need, tied = left - state[_LATER, i, end], end - c
    low = state[_LEAST, i, c]
    if need > 0:
        low = max(low, need if tied == 1 else (need + tied - 1) // tied)
    state[_LOW, i, c] = low
    high = min(state[_MOST, i, c], left - state[_LEAST_LATER, i, c + 1])
    if state[_TIED, i, c] == 1:
        high = min(high, state[_X, i, c - 1])
    return int(high)


@njit(cache=True, error_model="numpy")
def _write_run(i: int, state: Integers, table: Integers, words: Integers, cells: Cells, given: int) -> int:
    """Write the protocols that differ in the last two cells of row i, the last row with a choice; returns how many there are.

    The row behind takes what row i leaves. All choices for these cells are possible, in order.
    """
    count = state.shape[2] - 1
    c = count - 2
    x, left = state[_X, i, c], state[_LEFT, i, c]
    here, below = i * count + c, (i + 1) * count + c
    room, room_behind = state[_ROOM, i, c], state[_ROOM, i, c + 1]
    times = min(x - state[_LOW, i, c], len(words) - given)
    for k in range(given, given + times):
        x -= 1
        for w in range(table.shape[1]):
            words[k, w] = table[0, w]
        cells[k, here] = x
        cells[k, here + 1] = left - x
        cells[k, below] = room - x
        cells[k, below + 1] = room_behind - left + x
    state[_X, i, c] = x
    return int(times)


@njit(cache=True, error_model="numpy")
def _advance(
    sums: Integers,
    setting: Integers,
    reach: Bits,
    state: Integers,
    where: Integers,
    table: Integers,
    table_cells: Cells,
    words: Integers | None,
    cells: Cells | None,
    node_limit: int,
) -> tuple[int, int, int]:
    """Go on until ``words`` is full, the walk ends or the nodes run out; without words only count.

    ``table_cells`` and ``cells`` are the same memory as ``table`` and ``words``, cell by cell.
    """
    rows, count = len(sums), state.shape[2] - 1
    turn, last = setting[0], setting[4]
    i, c, enter, known = where[0], where[1], where[2], where[3]
    given, nodes, status = 0, 0, _ENDED
    while i >= 0:
        if i == rows:
            # Every row is filled: give the protocol and go back to the last row with a choice.
            given += 1
            i, c, enter = _go_up(rows - 1, setting), count - 1, 0
            if words is not None and cells is not None:
                for row in range(rows):
                    for column in range(count):
                        cells[given - 1, row * count + column] = state[_X, row, column]
                if given == len(words):
                    status = _FULL
                    break
            continue
        if enter:
            state[_X, i, c] = _highest(i, c, state) + 1
        if i == last and c == count - 2:
            run = state[_X, i, c] - state[_LOW, i, c]
            if nodes and nodes + run > node_limit:
                status = _CUT
                break
            if words is not None and cells is not None:
                if enter:
                    for row in range(known, rows):
                        if row <= i or row + 1 == turn:
                            for column in range(count):
                                table_cells[0, row * count + column] = state[_X, row, column]
                    for column in range(count - 2):
                        table_cells[0, (i + 1) * count + column] = state[_ROOM, i, column] - state[_X, i, column]
                    known = i
                run = _write_run(i, state, table, words, cells, given)
            given += run
            nodes += run
            enter = 0
            if words is not None and given == len(words):
                status = _FULL
                break
            c -= 1
            if c < 0:
                i, c = _go_up(i, setting), count - 1
            continue
        state[_X, i, c] -= 1
        if state[_X, i, c] < state[_LOW, i, c]:
            enter = 0
            c -= 1
            if c < 0:
                i, c = _go_up(i, setting), count - 1
            continue
        left = state[_LEFT, i, c] - state[_X, i, c]
        state[_LEFT, i, c + 1] = left
        if c < count - 1:
            c += 1
            enter = 1
            continue
        enter = 0
        if left != 0:
            # The last cell has to take all that is left; less never will.
            c -= 1
            if c < 0:
                i, c = _go_up(i, setting), count - 1
            continue
        nodes += 1
        if nodes > max(1, node_limit):
            # The row is filled again when the walk goes on.
            state[_X, i, c] += 1
            status = _CUT
            break
        known = min(known, i)
        below = _go_down(i, sums, setting, reach, state)
        if below >= 0:
            i, c, enter = below, 0, 1
    where[0], where[1], where[2], where[3] = i, c, enter, known
    return given, nodes, status


@njit(cache=True, error_model="numpy")
def _resume(sums: Integers, setting: Integers, reach: Bits, state: Integers, where: Integers, table: Integers) -> bool:
    """Set the walk to just after ``table``; False when that is no place of this walk."""
    rows, count = len(sums), state.shape[2] - 1
    if where[0] == _NOWHERE:
        return False
    for i in range(rows):
        for c in range(count):
            high = _highest(i, c, state)
            x = table[i, c]
            if x > high or x < state[_LOW, i, c]:
                return False
            state[_X, i, c] = x
            state[_LEFT, i, c + 1] = state[_LEFT, i, c] - x
        if state[_LEFT, i, count] != 0:
            return False
        if i < rows - 1 and not (_descend(i, sums, setting, state) and _prepare(i + 1, sums, setting, reach, state)):
            return False
    where[0], where[1], where[2], where[3] = _go_up(rows - 1, setting), count - 1, 0, 0
    return True
