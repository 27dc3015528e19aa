"""The most that N qubit sensors can reveal along r directions together: the largest squared projection of a sign vector, exactly.

sum over directions of (w_k . z)^2/|w_k|^2 is convex in B^T z, so its largest value over z in {-1, 1}^N is taken at a vertex of the
zonotope of all B^T z. The vertices are the z = sign(B c), one for each cell into which the hyperplanes b_i . c = 0 cut the space of
c: N for two directions (walked through in order of angle, O(N log N)), O(N^(r-1)) for r, never 2^N. Integers throughout.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cmp_to_key
from math import comb, gcd, prod
from typing import Any

from networks import InputError
from networks.values import Value
from protocols.theory.directions import Directions

MAX_LINES = 200_000
"""Lines looked at one by one, for four directions or more."""
MAX_SPACE = 10**9
"""N^3 for three directions; some ten seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignCap(Value):
    """The cap on the sum of the informations along the directions, and a sign vector that reaches it (its GHZ state).

    Attributes
    ----------
    cap : Fraction
    signs : (N,) of 1 and -1
    """

    cap: Fraction
    signs: tuple[int, ...]

    @property
    def spans_sign_vector(self) -> bool:
        """Whether the cap is N, the published one: exactly when a sign vector lies in the span of the directions."""
        return self.cap == len(self.signs)


def sign_vector_cap(directions: Directions) -> SignCap:
    """Exact maximum over z in {-1, 1}^N of the sum of (w_k . z)^2/|w_k|^2.

    Parameters
    ----------
    directions : Directions

    Raises
    ------
    InputError
        When there are more cells than can be looked at.

    Examples
    --------
    >>> sign_vector_cap(Directions.of([[1, -1, 0], [1, 1, -2]])).cap
    Fraction(8, 3)
    """
    rank = len(directions.vectors)
    weights = _weights(directions)
    if rank == 2:
        _, turned_over = max(_plane_vertices(directions), key=lambda vertex: _scaled(weights, vertex[0]))
        signs = _plane_signs(directions, turned_over)
    elif rank == 3:
        signs = _space_signs(directions)
    else:
        lines = comb(directions.parameters, rank - 1)
        if lines > MAX_LINES:
            size = f"{rank} directions of {directions.parameters} parameters"
            raise InputError([f"{size} cut out up to {lines} lines to look at, more than {MAX_LINES}"])
        cells = _cells(directions.columns(), rank)
        signs = tuple(s or 1 for s in max(cells, key=lambda z: _scaled(weights, _sums(directions, z))))
    return SignCap(cap=_value(directions, _sums(directions, signs)), signs=signs)


def plane_vertices(directions: Directions) -> list[tuple[int, int]]:
    """(w . z, v . z) for half of the vertices of the zonotope of two directions, in order; the rest are their negatives.

    Parameters
    ----------
    directions : Directions
        Two of them.
    """
    return [sums for sums, _ in _plane_vertices(directions)]


def plane_walk(directions: Directions) -> list[tuple[int, int]]:
    """(w . z, v . z) along half of the zonotope's boundary, one parameter turned over at a time; the rest are their negatives.

    Unlike ``plane_vertices`` it also stops on an edge, where parallel parameters are turned over one after the other.

    Parameters
    ----------
    directions : Directions
        Two of them.
    """
    columns, _ = _by_angle(directions)
    x, y = sum(c[0] for c in columns), sum(c[1] for c in columns)
    walk = [(x, y)]
    for a, b, *_ in columns[:-1]:
        x, y = x - 2 * a, y - 2 * b
        walk.append((x, y))
    return walk


def _sums(directions: Directions, signs: Sequence[int]) -> tuple[int, ...]:
    return tuple(sum(s * x for s, x in zip(signs, vector, strict=True)) for vector in directions.vectors)


def _value(directions: Directions, sums: Sequence[int]) -> Fraction:
    return Fraction(_scaled(_weights(directions), sums), prod(directions.squares))


def _weights(directions: Directions) -> list[int]:
    """What the squares of the sums weigh in the cap times the product of all squared norms: integers, which compare quickly."""
    squares = directions.squares
    return [prod(squares) // square for square in squares]


def _scaled(weights: Sequence[int], sums: Sequence[int]) -> int:
    return sum(s * s * weight for s, weight in zip(sums, weights, strict=True))


# --- two directions ------------------------------------------------------------------------------------------


def _turned(column: tuple[int, int]) -> tuple[int, int, int]:
    """The column in the upper half plane, and the sign that brought it there."""
    x, y = column
    return (x, y, 1) if y > 0 or (y == 0 and x > 0) else (-x, -y, -1)


def _by_angle(directions: Directions) -> tuple[list[tuple[int, int, int, int]], list[int]]:
    """Columns (x, y, sign, place) sorted by angle, and where runs of parallel ones end."""
    columns = [(*_turned((x, y)), place) for place, (x, y) in enumerate(directions.columns()) if x or y]

    def turns(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> int:
        return b[0] * a[1] - a[0] * b[1]

    columns.sort(key=cmp_to_key(turns))
    ends = [
        k + 1
        for k in range(len(columns))
        if k + 1 == len(columns) or columns[k][0] * columns[k + 1][1] != columns[k][1] * columns[k + 1][0]
    ]
    return columns, ends


def _plane_vertices(directions: Directions) -> Iterator[tuple[tuple[int, int], int]]:
    """Half of the vertices, the others being their negatives; the token says how many sorted columns are turned over."""
    columns, ends = _by_angle(directions)
    x, y = sum(c[0] for c in columns), sum(c[1] for c in columns)
    yield (x, y), 0
    start = 0
    for end in ends[:-1]:
        for c in columns[start:end]:
            x, y = x - 2 * c[0], y - 2 * c[1]
        yield (x, y), end
        start = end


def _plane_signs(directions: Directions, turned_over: int) -> tuple[int, ...]:
    columns, _ = _by_angle(directions)
    signs = [1] * directions.parameters
    for k, (_, _, sign, place) in enumerate(columns):
        signs[place] = -sign if k < turned_over else sign
    return tuple(signs)


# --- three directions ----------------------------------------------------------------------------------------


def _space_signs(directions: Directions) -> tuple[int, ...]:
    """The best signs off the lines b_i x b_j, all j at once, each of the two taken on either side.

    Where more than two planes share a line, the columns on it are cut again by the general method.
    """
    import numpy as np

    count = directions.parameters
    if count**3 > MAX_SPACE:
        raise InputError([f"three directions are taken up to {round(MAX_SPACE ** (1 / 3))} parameters, got {count}"])
    largest = max(abs(x) for vector in directions.vectors for x in vector)
    # Products of three entries, added up, must fit into 64 bits; Python's own integers take over where they do not.
    kind: Any = np.int64 if 6 * largest**3 * max(1, count) < 2**62 else object
    columns: Any = np.array(directions.columns(), dtype=kind)
    weights = _weights(directions)
    scale = np.array([float(Fraction(weight, max(weights))) for weight in weights])
    used = [k for k in range(count) if any(columns[k])]
    best: tuple[int, tuple[int, ...]] = (-1, ())
    best_float = 0.0
    done: set[tuple[int, ...]] = set()

    def offer(tried: Any) -> None:
        nonlocal best, best_float
        sums = tried @ columns
        values = (sums.astype(float) ** 2) @ scale
        # Rounding cannot hide the best: all within a part in 10^9 of it are compared exactly, equal ones once.
        near = np.flatnonzero(values >= max(values.max(initial=0.0), best_float) * (1 - 1e-9))
        if kind is np.int64:
            near = near[np.unique(np.abs(sums[near]), axis=0, return_index=True)[1]]
        for row in near:
            exact = _scaled(weights, [int(x) for x in sums[row]])
            if exact > best[0]:
                best = exact, tuple(int(x) or 1 for x in tried[row])
                best_float = float(values[row])

    for place, i in enumerate(used[:-1]):
        others = np.array(used[place + 1 :])
        x, y = columns[i], columns[others]
        lines = np.stack(
            [x[1] * y[:, 2] - x[2] * y[:, 1], x[2] * y[:, 0] - x[0] * y[:, 2], x[0] * y[:, 1] - x[1] * y[:, 0]], axis=1
        )
        signs = np.sign((lines @ columns.T).astype(kind)).astype(np.int64)
        on = (signs == 0) & np.isin(np.arange(count), used)
        plain = on.sum(axis=1) == 2
        for a, b in itertools.product((1, -1), repeat=2):
            tried = signs[plain].copy()
            tried[:, i] = a
            tried[np.arange(len(tried)), others[plain]] = b
            if len(tried):
                offer(tried)
        for row in np.flatnonzero(~plain):
            line = tuple(int(v) for v in lines[row])
            if any(line) and _canonical(line) not in done:
                done.add(_canonical(line))
                offer(np.array(list(_around(directions.columns(), _canonical(line))), dtype=np.int64))
    if best[0] < 0:
        offer(np.array(list(_cells(directions.columns(), 3)), dtype=np.int64))
    return best[1]


# --- any number of directions --------------------------------------------------------------------------------


def _cells(columns: list[tuple[int, ...]], rank: int) -> Iterator[tuple[int, ...]]:
    """Sign vectors of all cells of the arrangement b . c = 0 (zero for columns that are zero), each at least once up to -1."""
    used = [k for k, c in enumerate(columns) if any(c)]
    if not used:
        yield (0,) * len(columns)
        return
    if rank == 1:
        yield tuple((c[0] > 0) - (c[0] < 0) for c in columns)
        return
    done: set[tuple[int, ...]] = set()
    for chosen in itertools.combinations(used, rank - 1):
        line = _across([columns[k] for k in chosen], rank)
        if not any(line):
            continue
        normal = _canonical(line)
        if normal in done:
            continue
        done.add(normal)
        yield from _around(columns, normal)
    if not done:
        # All columns lie in fewer dimensions: a basis of the rows is enough for the signs.
        keep = _independent_rows(columns, rank)
        yield from _cells([tuple(c[k] for k in keep) for c in columns], len(keep))


def _around(columns: list[tuple[int, ...]], normal: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Signs of the cells that touch the line of ``normal``: off its planes, and those that contain it cut again across it."""
    base = [_sign(sum(a * b for a, b in zip(c, normal, strict=True))) for c in columns]
    on = [k for k, c in enumerate(columns) if not base[k] and any(c)]
    # A step off the line may be taken with its largest coordinate kept: what the others say of it decides.
    pivot = max(range(len(normal)), key=lambda k: abs(normal[k]))
    lower = [tuple(x for k, x in enumerate(columns[j]) if k != pivot) for j in on]
    for part in _cells(lower, len(normal) - 1):
        for flip in (1, -1):
            signs = list(base)
            for k, s in zip(on, part, strict=True):
                signs[k] = flip * s
            yield tuple(signs)


def _independent_rows(columns: list[tuple[int, ...]], rank: int) -> list[int]:
    import sympy

    rows = sympy.Matrix([[c[k] for c in columns] for k in range(rank)])
    return [int(k) for k in rows.T.rref()[1]]


def _across(rows: list[tuple[int, ...]], rank: int) -> tuple[int, ...]:
    """The generalised cross product of r - 1 vectors in r dimensions, by minors."""
    if rank == 2:
        ((x, y),) = rows
        return (-y, x)
    if rank == 3:
        (a, b, c), (d, e, f) = rows
        return (b * f - c * e, c * d - a * f, a * e - b * d)
    out = []
    for k in range(rank):
        minor = [[x for j, x in enumerate(row) if j != k] for row in rows]
        out.append((-1) ** k * _determinant(minor))
    return tuple(out)


def _determinant(matrix: list[list[int]]) -> int:
    """Bareiss elimination, exact."""
    m = [list(row) for row in matrix]
    size, sign, last = len(m), 1, 1
    for k in range(size - 1):
        if not m[k][k]:
            other = next((i for i in range(k + 1, size) if m[i][k]), None)
            if other is None:
                return 0
            m[k], m[other], sign = m[other], m[k], -sign
        for i in range(k + 1, size):
            for j in range(k + 1, size):
                m[i][j] = (m[i][j] * m[k][k] - m[i][k] * m[k][j]) // last
        last = m[k][k]
    return sign * m[-1][-1]


def _canonical(line: tuple[int, ...]) -> tuple[int, ...]:
    shared = gcd(*line)
    lead = next(x for x in line if x)
    return tuple(x // shared * (1 if lead > 0 else -1) for x in line)


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)
