"""The lower side of what can be known along two directions: the most along one for as little as one likes along the other.

(Var X, Var Y) of a probability over points of the plane has its lower side, after mixing, at pairs of points, each with half of
the probability (docs/theory/theory.md, section 8): so the difference vectors e of two branches decide, integers in a box for
qubits and sums of moves of one photon for photons. For each v.e the largest w.e is kept, from one parameter or move to the next:
no more is needed.

Here are sides only; caps and upper frontiers are in ``duality.py``.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import gcd
from typing import TYPE_CHECKING

from networks.values import Value
from protocols.theory.directions import Directions
from protocols.theory.hulls import hull_places, rising_hull, roof
from protocols.theory.sign_vectors import plane_walk

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Row = NDArray[np.int64]

Corner = tuple[Fraction, Fraction]
Sums = dict[int, int]
"""The largest w.e for each v.e."""
MAX_WORK = 4 * 10**8
"""Entries of tables over all sums v.e that may be filled; a second or two."""
MAX_LISTED = 12
"""Parameters of which all differences are listed one by one, 3^12, whatever their entries are."""
MAX_MOVES = 10**6
"""Pairs of different entries of v that are looked at."""
LARGEST = 2**61
"""Sums that tables of 64-bit integers may hold."""
UNSEEN = -(2**62)
KEPT = 16
"""Sides that are kept, as a result and its figure ask for the same ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionSide(Value):
    """The lower side of a region: (F(w), F(v)) with the most F(w) at its F(v), by growing F(v).

    Attributes
    ----------
    corners : tuple of (Fraction, Fraction)
        From (the most at F(v) = 0, 0) to the most F(w) with the least F(v) it can have. All can be reached, and by turns over the
        shots the straight lines between them.
    limit : tuple of (Fraction, Fraction)
        No state goes beyond. The corners again where ``exact``; otherwise those of a curve that is straight between them in
        (sqrt F(w), sqrt F(v)).
    exact : bool
        Whether the corners are the side itself, with nothing beyond.
    private_limit : Fraction
        F(w) is at most this at F(v) = 0.
    """

    corners: tuple[Corner, ...]
    limit: tuple[Corner, ...]
    exact: bool
    private_limit: Fraction

    @property
    def private_cap(self) -> Fraction:
        """The most F(w) that is known to be reached at F(v) = 0; the most of all where it equals ``private_limit``."""
        return self.corners[0][0]


def qubit_side(directions: Directions, passes: int = 1) -> RegionSide:
    """The side of N qubits: e in {-M ... M}^N, F(w) = (w.e)^2/|w|^2; exact for one pass, where the sums can be listed.

    Parameters
    ----------
    directions : Directions
        Two of them, of which the second is to stay hidden.
    passes : int >= 1
        M. With more than one pass the corners are what integers e reach.

    Examples
    --------
    >>> side = qubit_side(Directions.of([[1, 2, 3], [3, 0, -1]]))
    >>> [tuple(map(str, corner)) for corner in side.corners]
    [('2/7', '0'), ('25/14', '1/10'), ('18/7', '2/5')]
    """
    return _qubit_side(directions, passes)


@lru_cache(maxsize=KEPT)
def _qubit_side(directions: Directions, passes: int) -> RegionSide:
    free, steps = _steps(directions, passes)
    walk = plane_walk(directions)
    limit = _limit([(passes * x, passes * y) for x, y in walk])
    private = None
    sums = _all_sums(free, steps)
    if sums is None:
        private = _private_by_halves(free, steps)
        # A parameter left out where two corners of the zonotope meet: the sums along its edges that can be had.
        onward = [*walk[1:], (-walk[0][0], -walk[0][1])]
        middle = [((a + c) // 2, (b + d) // 2) for (a, b), (c, d) in zip(walk, onward, strict=True)]
        found = _kept((passes * abs(x), passes * abs(y)) for x, y in [*walk, *middle])
        found[0] = max(found.get(0, 0), private or 0)
    else:
        found = sums
    return _side(directions, found, limit, passes == 1, listed=sums is not None, private=private)


def photonic_side(directions: Directions, photons: int, passes: int = 1, *, reference: bool = True) -> RegionSide:
    """The side of N photons: e a sum of N M moves of a photon from one vertex to another, F(w) = (w.e)^2/|w|^2.

    Parameters
    ----------
    directions : Directions
        Two of them, of which the second is to stay hidden.
    photons, passes : int >= 1
        N and M. Exact for one pass, where the sums can be listed.
    reference : bool
        Whether a reference mode may hold photons.

    Examples
    --------
    >>> photonic_side(Directions.of([[1, 2, 3], [3, 0, -1]]), 3).private_cap
    Fraction(18, 7)
    """
    return _photonic_side(directions, photons, passes, reference)


@lru_cache(maxsize=KEPT)
def _photonic_side(directions: Directions, photons: int, passes: int, reference: bool) -> RegionSide:
    total = photons * passes
    points = [*directions.columns(), *([(0, 0)] if reference else [])]
    moves, complete = _moves(points)
    limit = _limit([(total * x, total * y) for y, x in moves.items()])
    number, most = 1, [0, moves[0]]
    sums = _kept((x, abs(y)) for y, x in moves.items())
    for number, row in _sums_of_moves(moves, total):
        most[number:] = [int(row[len(row) // 2])]
    if number > 1:
        sums = _risen(row)
    # Fewer moves than there are, all of them made several times over; at F(v) = 0 the best two as often as they fit, and others.
    found = {y * (total // number): x * (total // number) for y, x in sums.items()}
    several, gain = _best_round(moves)
    found[0] = max(max((total - k) // several * gain, 0) + x for k, x in enumerate(most) if k <= total)
    return _side(directions, found, limit, passes == 1, listed=complete and number == total, private=None)


def mirrored(directions: Directions) -> Directions:
    """The two directions with their parts exchanged.

    Parameters
    ----------
    directions : Directions
    """
    return Directions(vectors=directions.vectors[::-1])


# --- sums that can be had --------------------------------------------------------------------------------------


def _steps(directions: Directions, passes: int) -> tuple[int, list[tuple[int, int, int]]]:
    """What w.e gains from parameters that v does not see, and (w, v, times) of the others, equal ones together.

    c equal parameters in M passes have any sum from -c M to c M: so do signs of 1, 2, 4 ... times the one, and a rest.
    """
    free = 0
    counts: Counter[tuple[int, int]] = Counter()
    for x, y in directions.columns():
        if y:
            counts[(x, y) if y > 0 else (-x, -y)] += passes
        else:
            free += abs(x) * passes
    steps = []
    for (x, y), count in counts.items():
        size = 1
        while count > 0:
            size = min(size, count)
            steps.append((x * size, y * size, size))
            count -= size
            size *= 2
    return free, steps


def _all_sums(free: int, steps: Sequence[tuple[int, int, int]]) -> Sums | None:
    """The largest w.e for every |v.e|, or None where there are too many sums."""
    reach = sum(y for _, y, _ in steps)
    largest = free + sum(abs(x) for x, _, _ in steps)
    if len(steps) <= MAX_LISTED:
        return _kept((x, abs(y)) for y, x in _listed(free, steps).items())
    if len(steps) * (2 * reach + 1) > MAX_WORK or largest > LARGEST:
        return None
    return _table(free, steps, reach)


def _listed(free: int, steps: Sequence[tuple[int, int, int]]) -> Sums:
    """The largest w.e for every v.e, by listing them all."""
    sums: Sums = {0: free}
    for x, y, _ in steps:
        new: Sums = {}
        for b, a in sums.items():
            for c, d in ((a, b), (a + x, b + y), (a - x, b - y)):
                if c > new.get(d, c - 1):
                    new[d] = c
        sums = new
    return sums


def _table(free: int, steps: Sequence[tuple[int, int, int]], reach: int) -> Sums:
    """The same by a table over all sums v.e, from step to step."""
    import numpy as np

    row = np.full(2 * reach + 1, UNSEEN, dtype=np.int64)
    row[reach] = free
    for x, y, _ in steps:
        new = row.copy()
        np.maximum(new[y:], row[:-y] + x, out=new[y:])
        np.maximum(new[:-y], row[y:] - x, out=new[:-y])
        row = new
    return _risen(row)


def _risen(row: Row) -> Sums:
    """The entries of a table, by |v.e|, that are more than those at every smaller sum: only these can be corners."""
    import numpy as np

    middle = len(row) // 2
    best = np.maximum(row[middle:], row[middle::-1])
    rising = np.concatenate([[True], best[1:] > np.maximum.accumulate(best)[:-1]])
    return {int(y): int(best[y]) for y in np.flatnonzero(rising)}


def _private_by_halves(free: int, steps: Sequence[tuple[int, int, int]]) -> int | None:
    """The largest w.e at v.e = 0 from both halves of the parameters, or None where these are too many as well."""
    if len(steps) > 2 * MAX_LISTED:
        return None
    half = len(steps) // 2
    one, other = _listed(free, steps[:half]), _listed(0, steps[half:])
    return max(x + other[-y] for y, x in one.items() if -y in other)


def _moves(points: Sequence[tuple[int, ...]]) -> tuple[Sums, bool]:
    """For each difference along v of two vertices the largest along w; and whether none is left out, as there are too many."""
    ends: dict[int, tuple[int, int]] = {}
    for x, y in points:
        low, high = ends.get(y, (x, x))
        ends[y] = (min(low, x), max(high, x))
    complete = len(ends) ** 2 <= MAX_MOVES
    if not complete:
        # What is left out can be had all the same; the hull alone decides about the limit.
        corners = [points[k] for k in hull_places(points)]
        ends = {y: (min(x for x, z in corners if z == y), max(x for x, z in corners if z == y)) for _, y in corners}
    moves: Sums = {}
    for a, (_, high) in ends.items():
        for b, (low, _) in ends.items():
            moves[a - b] = max(moves.get(a - b, high - low), high - low)
    return moves, complete


def _best_round(moves: Sums) -> tuple[int, int]:
    """The fewest moves with v.e = 0 that have the most w.e a move, of two kinds at most, and that w.e."""
    for (a, b), (c, d) in itertools.pairwise(roof([(x, y) for y, x in moves.items()])):
        if b <= 0 < d:
            shared = gcd(b, d)
            return (d - b) // shared, (d * a - b * c) // shared
    return 1, moves[0]


def _sums_of_moves(moves: Sums, total: int) -> Iterator[tuple[int, Row]]:
    """k and the largest w.e for every v.e of k moves, for k up to ``total`` or as far as work allows."""
    import numpy as np

    widest = max(moves)
    longest = max(widest, *(abs(x) for x in moves.values()))
    work = 0
    row = np.zeros(1, dtype=np.int64)
    for k in range(1, total + 1):
        work += (2 * k * widest + 1) * len(moves)
        if work > MAX_WORK or k * longest > LARGEST:
            return
        new = np.full(2 * k * widest + 1, UNSEEN, dtype=np.int64)
        for y, x in moves.items():
            part = new[widest + y : widest + y + len(row)]
            np.maximum(part, row + x, out=part)
        # What cannot be had must stay far below what can, however many moves follow.
        row = np.where(new < UNSEEN // 2, UNSEEN, new)
        yield k, row


def _kept(sums: Iterable[tuple[int, int]]) -> Sums:
    """(w.e, |v.e|) as the largest of the first for each of the second."""
    best: Sums = {}
    for x, y in sums:
        if x > best.get(y, x - 1):
            best[y] = x
    return best


# --- the side of them ------------------------------------------------------------------------------------------


def _side(
    directions: Directions,
    sums: Sums,
    limit: Sequence[tuple[Fraction, Fraction]],
    single: bool,
    *,
    listed: bool,
    private: int | None,
) -> RegionSide:
    """The corners of the squares of sums, with what no state goes beyond."""
    first, second = directions.squares
    squares = [(x * x, y * y) for y, x in sorted(sums.items()) if x >= 0]
    corners = tuple((Fraction(x, first), Fraction(y, second)) for x, y in rising_hull(squares))
    beyond = tuple((x * x / first, y * y / second) for x, y in limit)
    exact = (single and listed) or (len(corners) == 1 and corners == beyond)
    bound = beyond[0][0]
    if exact:
        bound = corners[0][0]
    elif single and private is not None:
        bound = Fraction(private * private, first)
    return RegionSide(corners=corners, limit=corners if exact else beyond, exact=exact, private_limit=bound)


def _limit(points: Sequence[tuple[int, int]]) -> list[tuple[Fraction, Fraction]]:
    """The largest w.c for |v.c| up to each y as the corners of a concave line, for c in a symmetric polygon.

    Parameters
    ----------
    points : pairs of int
        (w.c, v.c) at corners of the polygon, one of each c and -c at least.
    """
    both = {*points, *((-x, -y) for x, y in points)}
    top = max(x for x, _ in both)
    heights = [y for x, y in both if x == top]
    if min(heights) <= 0 <= max(heights):
        return [(Fraction(top), Fraction(0))]
    turn = 1 if min(heights) > 0 else -1
    end = min(abs(y) for y in heights)
    chain = roof([(x, turn * y) for x, y in both])
    out: list[tuple[Fraction, Fraction]] = []
    for (a, b), (c, d) in itertools.pairwise(chain):
        if b <= 0 < d:
            out.append((a + Fraction(c - a, d - b) * -b, Fraction(0)))
    out += [(Fraction(x), Fraction(y)) for x, y in chain if 0 < y <= end]
    return out
