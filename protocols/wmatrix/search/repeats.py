"""Protocols with few distinct columns, so that few controls have to switch between passes.

D distinct columns used r_1 >= ... >= r_D times, their total M, are a pair of tables with D columns: every column still sums to
N, and a row's photons, each column counted r_c times, sum to what the row has to hold. All partitions of M into D parts are
gone through, each table row by row, and states that have failed are remembered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import gcd

from protocols.wmatrix.search.sparse_tables import Columns, widest
from protocols.wmatrix.search.tables import Row, SearchLimitError, cell_bounds, first_row, row_after
from protocols.wmatrix.task import PhotonTask

NODE_LIMIT = 1_000_000
"""Cells filled, and partitions gone through, before a search for few columns stops undecided; a few seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FewestColumns:
    """The fewest distinct columns found, by ``columns``; ``lower_bound`` is proved, and ``decided`` says that they meet."""

    distinct: int
    lower_bound: int
    columns: Columns

    @property
    def decided(self) -> bool:
        return self.lower_bound >= self.distinct


@dataclass(frozen=True, slots=True, kw_only=True)
class ParetoPoint:
    """A protocol that no other beats both in modes per pass and in switches; ``decided`` says that this is proved."""

    modes: int
    switches: int
    columns: Columns
    decided: bool


class _Nodes:
    """Steps left for a whole search."""

    def __init__(self, limit: int) -> None:
        self.left = limit

    def take(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise SearchLimitError


def fewest_columns(task: PhotonTask, known: Columns | None, *, node_limit: int = NODE_LIMIT) -> FewestColumns | None:
    """The fewest distinct columns, by trying 1, 2, ... in turn; ``known`` is a protocol to fall back on at the search limit.

    None when the search ended without any protocol or reached its limit with none known.

    >>> from protocols import PhotonTask
    >>> fewest = fewest_columns(PhotonTask(function=[3, 1], photons=4, passes=3), None)
    >>> fewest.distinct, fewest.columns
    (1, ((3, 1, 4), (3, 1, 4), (3, 1, 4)))
    """
    nodes = _Nodes(node_limit)
    most = task.passes if known is None else len(set(known))
    for distinct in range(1, most + 1):
        if known is not None and distinct == most:
            return FewestColumns(distinct=most, lower_bound=most, columns=known)
        try:
            columns = _with_columns(task, distinct, nodes)
        except SearchLimitError:
            return None if known is None else FewestColumns(distinct=most, lower_bound=distinct, columns=known)
        if columns is not None:
            return FewestColumns(distinct=distinct, lower_bound=distinct, columns=columns)
    return None


def modes_and_switches(
    task: PhotonTask, narrow: Columns, lower_modes: int, *, node_limit: int = NODE_LIMIT
) -> tuple[ParetoPoint, ...]:
    """The best trade-offs between the modes of the widest pass and the switches between passes, fewest switches first.

    Parameters
    ----------
    narrow : Columns
        A protocol with the fewest modes known; the trade-offs end there.
    lower_modes : int
        A proved bound on the modes of any protocol.

    Examples
    --------
    >>> from protocols import PhotonTask
    >>> task = PhotonTask(function=[1, 1], photons=2, passes=2)
    >>> points = modes_and_switches(task, ((2, 0, 2), (0, 2, 2)), 2)
    >>> [(point.modes, point.switches, point.decided) for point in points]
    [(3, 0, True), (2, 1, True)]
    """
    nodes = _Nodes(node_limit)
    points: list[ParetoPoint] = []
    best = task.max_modes + 1
    # Kept for every number of columns: their supports take long to list.
    narrowed = {k: task.with_modes(k) for k in range(lower_modes, best)}
    exact = True
    for distinct in range(1, len(set(narrow))):
        columns = None
        proved = exact
        for k in range(lower_modes, best):
            try:
                columns = _with_columns(narrowed[k], distinct, nodes)
            except SearchLimitError:
                proved = exact = False
                continue
            if columns is not None:
                break
        if columns is not None:
            best = widest(columns)
            points.append(ParetoPoint(modes=best, switches=distinct - 1, columns=columns, decided=proved))
        if best <= widest(narrow):
            return tuple(points)
    decided = exact and widest(narrow) <= lower_modes
    points.append(ParetoPoint(modes=widest(narrow), switches=len(set(narrow)) - 1, columns=narrow, decided=decided))
    return tuple(points)


def _with_columns(task: PhotonTask, distinct: int, nodes: _Nodes) -> Columns | None:
    """A protocol with at most so many distinct columns, or None when there is none."""
    whole = gcd(*task.margins.left, *task.margins.right)
    for repeats in _partitions(task.passes, distinct):
        nodes.take()
        if whole % gcd(*repeats):
            # Every row would be a multiple of the common divisor of the repeats.
            continue
        columns = _fill(task, repeats, nodes)
        if columns is not None:
            return tuple(column for column, times in zip(columns, repeats, strict=True) for _ in range(times))
    return None


def _partitions(total: int, parts: int, largest: int | None = None) -> Iterator[tuple[int, ...]]:
    """``total`` as exactly so many positive parts, non-increasing, the most equal ones last."""
    if parts == 1:
        if total <= (largest or total):
            yield (total,)
        return
    for part in range(min(total - parts + 1, largest or total), -(-total // parts) - 1, -1):
        for rest in _partitions(total - part, parts - 1, part):
            yield (part, *rest)


def _fill(task: PhotonTask, repeats: tuple[int, ...], nodes: _Nodes) -> Columns | None:
    sums = (*task.margins.left, *task.margins.right)
    turn = len(task.margins.left)
    cap = task.cap
    reach = task.supports.tobytes()
    failed: set[tuple[int, tuple[tuple[int, int, int, int], ...]]] = set()
    rows: list[tuple[int, ...]] = []
    states = [first_row(task, len(repeats))]
    walk = [_row_fills(sums[0], states[0], repeats, cap, turn - 1, 0, reach, nodes)]
    while walk:
        values = next(walk[-1], None)
        if values is None:
            walk.pop()
            failed.add((len(walk), _key(states.pop(), repeats, bool(reach))))
            if rows:
                rows.pop()
            continue
        filled = len(walk)
        if filled == len(sums):
            return tuple(zip(*rows, values, strict=True))
        after = row_after(states[-1], values, filled - 1, turned=filled == turn, photons=task.photons)
        if (filled, _key(after, repeats, bool(reach))) in failed:
            continue
        rows.append(values)
        states.append(after)
        behind = (turn if filled < turn else len(sums)) - filled - 1
        walk.append(_row_fills(sums[filled], after, repeats, cap, behind, filled, reach, nodes))
    return None


def _key(state: Row, repeats: tuple[int, ...], named: bool) -> tuple[tuple[int, int, int, int], ...]:
    """States alike up to the order of columns with equal repeats; which modes are occupied counts only where limits name them."""
    support = state.support if named else (0,) * len(repeats)
    return tuple(sorted(zip(repeats, state.room, state.spare, support, strict=True)))


def _row_fills(
    total: int,
    state: Row,
    repeats: tuple[int, ...],
    cap: int,
    rows_after: int,
    number: int,
    reach: bytes,
    nodes: _Nodes,
) -> Iterator[tuple[int, ...]]:
    """Every way to fill row ``number`` with sum of repeats times photons ``total``; ``rows_after`` more on its side."""
    count = len(repeats)
    bounds = cell_bounds(state, cap, rows_after, number, reach)
    if bounds is None:
        return
    least, most = bounds
    # What the columns from c on take at least and at most, and what divides it.
    later, later_least, divisor = [0] * (count + 1), [0] * (count + 1), [0] * (count + 1)
    for c in range(count - 1, -1, -1):
        later[c] = later[c + 1] + repeats[c] * most[c]
        later_least[c] = later_least[c + 1] + repeats[c] * least[c]
        divisor[c] = gcd(divisor[c + 1], repeats[c])
    values = [0] * count

    def choose(c: int, left: int) -> Iterator[tuple[int, ...]]:
        if c == count:
            yield tuple(values)
            return
        high = min(most[c], (left - later_least[c + 1]) // repeats[c])
        low = max(least[c], -(-(left - later[c + 1]) // repeats[c]))
        for x in range(high, low - 1, -1):
            rest = left - repeats[c] * x
            if divisor[c + 1] and rest % divisor[c + 1]:
                continue
            nodes.take()
            values[c] = x
            yield from choose(c + 1, rest)

    if total % divisor[0] == 0:
        yield from choose(0, total)
