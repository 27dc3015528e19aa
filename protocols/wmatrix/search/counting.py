"""How many protocols there are, exactly, without listing them. The method is chosen by predicted cost and reported.

*Orbit counting.* Unordered protocols are pairs of tables up to one common column permutation, so by Burnside's lemma their
number is the sum over cycle types lambda of M of T_lambda(left) T_lambda(right)/z_lambda, where T_lambda counts the tables
that a permutation of that type leaves fixed: one column a cycle, entering the row sums as often as the cycle is long. The
column sums N are picked out of the generating function by roots of unity of order N + 1: an exponent congruent to N is at
least N, and their weighted total leaves no room for more. Turning all roots together changes nothing, so one may be held at 1.

*Newton's recurrence.* Multisets of columns have the generating function prod over W of 1/(1 - t y^omega). Its coefficient at
the row sums comes from roots of unity of order b_j + 1 in each row but the smallest of each side, and at every point the power
sums over W give the multisets of M columns. Limits per pass only make W smaller, so they are counted too: limits on how many
modes and how full by a recurrence over the rows, limits on which modes from the list of the columns that are left.

*Going through.* When both are predicted to cost too much, the compiled walk goes through all protocols up to a stated number.

Both work in residues modulo primes, put together by the Chinese remainder theorem; enough primes are taken for the largest
count possible, and one more that must agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import comb, factorial, gcd, isfinite, lcm, lgamma, log, prod
from typing import TYPE_CHECKING

from networks import InputError
from protocols.wmatrix.margins import Margins
from protocols.wmatrix.search.tables import SearchLimitError, enumerate_tables
from protocols.wmatrix.task import PhotonTask

if TYPE_CHECKING:
    from protocols.wmatrix.search.kernels import Floats, Integers

LARGEST_COST = 2e10
"""Modular multiplications that a count may take, about a minute on one core."""
LARGEST_GRID = 20_000_000
"""Points of Newton's grid, 8 bytes each."""
LARGEST_COLUMNS = 300_000
"""Columns that are listed when limits name modes."""
LOG_10 = log(10)
SIDE_BY_SIDE = 6
"""Multiplications of orbit counting, all primes together, in the time of one of Newton's recurrence."""
SMALL = 20_000
"""Protocols up to here are counted one by one when that is predicted to be quicker than compiling."""
LISTED_CELLS = 1_000_000
"""Cells that listing fills before it is left."""
LARGEST_WALK = 1_500_000_000
"""Cells that the compiled walk fills for a count: a few seconds without limits, up to half a minute with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolCount:
    """Exact counts: ``unordered`` forgets the order of the passes, ``ordered`` does not. ``method`` and its predicted ``cost``.

    ``ordered`` is None when the method gives the unordered count only.
    """

    unordered: int
    ordered: int | None
    method: str
    cost: float


def count_protocols(task: PhotonTask) -> ProtocolCount:
    """The exact numbers of protocols within the limits per pass.

    Raises
    ------
    InputError
        When every method is predicted to exceed LARGEST_COST or LARGEST_GRID, naming the cost and the alternatives.

    Examples
    --------
    >>> from protocols import PhotonTask
    >>> count_protocols(PhotonTask(function=[1, 2, 3, 4, -2, -3], photons=5, passes=4)).unordered
    1397115
    """
    if _product_bound(task.margins) <= SMALL:
        try:
            return _by_listing(task)
        except SearchLimitError:
            pass
    method, cost = predicted_cost(task)
    if cost > LARGEST_COST:
        return _by_walk(task, cost)
    unordered, ordered = _by_newton(task) if method == NEWTON else _by_orbits(task.margins)
    return ProtocolCount(unordered=unordered, ordered=ordered, method=method, cost=cost)


NEWTON, ORBITS = "Newton's recurrence over the row sums", "orbit counting over roots of unity"


def predicted_cost(task: PhotonTask) -> tuple[str, float]:
    """The cheaper method and its modular multiplications, some 3e8 a second, without counting; infinite when none fits.

    >>> from protocols import PhotonTask
    >>> predicted_cost(PhotonTask(function=[3, 1, 2, 1, 1, -2, -1, -1, -3, 1], photons=12, passes=6))[0]
    'orbit counting over roots of unity'
    """
    costs = {NEWTON: _newton_cost(task)}
    if task.effective.are_none:
        costs[ORBITS] = _orbit_cost(task.margins)
    method = min(costs, key=costs.__getitem__)
    return method, costs[method]


def _by_walk(task: PhotonTask, cost: float) -> ProtocolCount:
    """Go through all protocols; the ordered count is left open, for it would need every protocol written down."""
    from protocols.wmatrix.search.walk import visit_all

    margins = task.margins
    expected = _expected_digits(margins) if task.effective.are_none and margins.photons < 10**12 else 0.0
    try:
        if expected > 12 or not margins.fit_words:
            raise SearchLimitError
        unordered = visit_all(task, node_limit=LARGEST_WALK // margins.passes)
    except SearchLimitError:
        many = f"about 10^{expected:.0f} protocols are expected" if expected > 12 else "there are too many tables"
        work = (
            f"about {cost:.1e} modular multiplications"
            if isfinite(cost)
            else "more memory and multiplications than there are"
        )
        raise InputError(
            [
                f"the count is refused: it would take {work} (at most {LARGEST_COST:.0e} are taken), and {many} to go through "
                "them; list protocols with --limit, tighten the limits per pass, or ask for fewer photons, passes or sensors"
            ]
        ) from None
    return ProtocolCount(unordered=unordered, ordered=None, method="going through all of them", cost=float(unordered))


def _expected_digits(margins: Margins) -> float:
    """Logarithm to base 10 of how many unordered protocols to expect: Good's estimate of the tables of both sides, over M! orders.

    I. J. Good, Ann. Statist. 4, 1159 (1976): independent row and column choices, scaled by the choices of the whole table.
    """
    n, m = margins.photons, margins.passes
    size = -lgamma(m + 1)
    for rows in (margins.left, margins.right):
        r = len(rows)
        size += sum(_log_comb(b + m - 1, m - 1) for b in rows) + m * _log_comb(n + r - 1, r - 1)
        size -= _log_comb(n * m + r * m - 1, r * m - 1)
    return size / LOG_10


def _log_comb(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def _by_listing(task: PhotonTask) -> ProtocolCount:
    unordered = ordered = 0
    for columns in enumerate_tables(task, node_limit=min(4 * SMALL, LISTED_CELLS // task.passes)):
        unordered += 1
        ordered += factorial(task.passes) // prod(factorial(times) for times in Counter(columns).values())
    return ProtocolCount(unordered=unordered, ordered=ordered, method="listing", cost=float(unordered))


def _product_bound(margins: Margins) -> int:
    """At least the number of unordered protocols: free choices of every row's photons over the passes."""
    size = 1
    for rows in (margins.left, margins.right):
        for b in sorted(rows)[:-1]:
            size *= comb(b + margins.passes - 1, margins.passes - 1)
            if size > SMALL:
                return size
    return size


def _columns(margins: Margins) -> int:
    """|W| on the rows that are not empty."""
    n = margins.photons
    return comb(n + len(margins.left) - 1, n) * comb(n + len(margins.right) - 1, n)


def _bits(margins: Margins) -> int:
    """Bits of a number no count exceeds: |W|^M, or the free choices of every row."""
    free = prod(
        comb(b + margins.passes - 1, margins.passes - 1)
        for rows in (margins.left, margins.right)
        for b in sorted(rows)[:-1]
    )
    return int(min(_columns(margins) ** margins.passes, free)).bit_length() + 1


# --- residues ------------------------------------------------------------------------------------------------


def _primes(order: int, count: int, bits: int = 31) -> Iterator[int]:
    """The largest primes below 2^bits that are 1 modulo ``order``."""
    from sympy import isprime

    candidate = (2**bits - 2) // order * order + 1
    for _ in range(count):
        while not isprime(candidate):
            candidate -= order
            if candidate <= 2 ** (bits - 1):
                raise InputError([f"the count is refused: too few primes with roots of unity of order {order}"])
        yield candidate
        candidate -= order


def _root(order: int, prime: int) -> int:
    """An element of exactly this multiplicative order."""
    from sympy import primefactors

    divisors = primefactors(order)
    for base in range(2, prime):
        root = pow(base, (prime - 1) // order, prime)
        if all(pow(root, order // q, prime) != 1 for q in divisors):
            return root
    raise AssertionError("every order that divides p - 1 has an element")


def _together(residues: list[tuple[int, int]]) -> int:
    """The number with these (prime, residue) pairs; the last prime is a check, and those before it that were not needed."""
    value, modulus = 0, 1
    for prime, residue in residues[:-1]:
        value += modulus * ((residue - value) * pow(modulus, -1, prime) % prime)
        modulus *= prime
    prime, residue = residues[-1]
    assert value % prime == residue, "too few primes for this count"
    return value


# --- orbit counting ------------------------------------------------------------------------------------------


def _partitions(total: int, largest: int | None = None) -> Iterator[tuple[int, ...]]:
    """Partitions of ``total``, parts non-increasing."""
    if total == 0:
        yield ()
        return
    for part in range(min(total, largest or total), 0, -1):
        for rest in _partitions(total - part, part):
            yield (part, *rest)


def _held(cycles: tuple[int, ...], order: int) -> int | None:
    """The cycle length whose root is held at 1: of the largest group that turns through every root, None if none does."""
    groups = Counter(length for length in cycles if gcd(length, order) == 1)
    return max(groups, key=groups.__getitem__) if groups else None


def _orbit_cost(margins: Margins) -> float:
    """Multiplications, in those of Newton's recurrence: points of the walk times the length of its series."""
    order = margins.photons + 1
    if margins.passes > 40 or order > 2**18:
        return float("inf")
    work = sum(max(rows) + len(rows) + 10 for rows in (margins.left, margins.right))
    points = 0
    for cycles in _partitions(margins.passes):
        held = _held(cycles, order)
        groups = Counter(cycles)
        points += prod(
            comb(order + times - (length == held) - 1, times - (length == held)) for length, times in groups.items()
        )
        if points > LARGEST_COST:
            return float("inf")
    return float(points * work * _lanes(margins)) / SIDE_BY_SIDE


def _lanes(margins: Margins) -> int:
    """Primes of 25 bits for a count and its check, in eights, for so many are multiplied at once."""
    return 8 * -(-(-(-_bits(margins) // 24) + 1) // 8)


def _by_orbits(margins: Margins) -> tuple[int, int]:
    import numpy as np

    from protocols.wmatrix.search.kernels import fixed_tables

    order, passes = margins.photons + 1, margins.passes
    sides = [np.array(sorted(rows), dtype=np.int64) for rows in (margins.left, margins.right)]
    count = _lanes(margins)
    primes, roots, inverses = _side_by_side(order, count, passes)
    lanes = np.array(primes, dtype=float)
    unordered, ordered = [0] * len(primes), [0] * len(primes)
    for lengths, first, held, scales in _cycle_types(order, count, passes):
        left, right = (fixed_tables(side, lengths, first, held, roots, inverses, lanes).tolist() for side in sides)
        for k, p in enumerate(primes):
            unordered[k] = (unordered[k] + int(left[k]) * int(right[k]) % p * scales[k]) % p
        if len(lengths) == passes:
            # All cycles are single columns: the centraliser has M! elements.
            ordered = [
                int(a) * int(b) * scale * factorial(passes) % p
                for a, b, scale, p in zip(left, right, scales, primes, strict=True)
            ]
    return _together(list(zip(primes, unordered, strict=True))), _together(list(zip(primes, ordered, strict=True)))


_CycleType = tuple["Integers", "Integers", int, list[int]]


@lru_cache(maxsize=16)
def _cycle_types(order: int, count: int, passes: int) -> list[_CycleType]:
    """Every cycle type as the walk takes it, with what its sums of both sides are multiplied by, modulo each prime."""
    primes, _, _ = _side_by_side(order, count, passes)
    types = []
    for cycles in _partitions(passes):
        lengths, first, held = _cycle_order(cycles, order)
        centraliser = prod(factorial(times) * length**times for length, times in Counter(cycles).items())
        scales = [pow(order, 2 * (held - len(lengths)), p) * pow(centraliser, -1, p) % p for p in primes]
        types.append((lengths, first, held, scales))
    return types


@lru_cache(maxsize=16)
def _side_by_side(order: int, lanes: int, passes: int) -> tuple[tuple[int, ...], Floats, Floats]:
    """So many primes, all powers of a root of that order modulo each, and the inverses of 1 ... M modulo each."""
    import numpy as np

    primes = tuple(_primes(order, lanes, bits=25))
    roots = np.array([_powers(_root(order, p), order, p) for p in primes], dtype=float).T.copy()
    inverses = np.array([[0, *(pow(k, -1, p) for k in range(1, passes + 1))] for p in primes], dtype=float).T.copy()
    return primes, roots, inverses


def _cycle_order(cycles: tuple[int, ...], order: int) -> tuple[Integers, Integers, int]:
    """Cycle lengths in the order of the walk, where groups start, and whether the first cycle's root is held (0 or 1)."""
    import numpy as np

    lengths, held = list(cycles), _held(cycles, order)
    if held is not None:
        lengths.remove(held)
    first = [k == 0 or length != lengths[k - 1] for k, length in enumerate(lengths)]
    if held is not None:
        lengths, first = [held, *lengths], [True, *first]
    return np.array(lengths, dtype=np.int64), np.array(first, dtype=np.int64), int(held is not None)


def _powers(root: int, order: int, prime: int) -> list[int]:
    out = [1]
    for _ in range(order - 1):
        out.append(out[-1] * root % prime)
    return out


# --- Newton's recurrence -------------------------------------------------------------------------------------


def _grid(margins: Margins) -> tuple[list[int], list[int], int]:
    """Orders of the variables (all rows but the smallest of each side), their row sums, and how many are on the left."""
    left, right = sorted(margins.left, reverse=True)[:-1], sorted(margins.right, reverse=True)[:-1]
    return [b + 1 for b in (*left, *right)], [*left, *right], len(left)


def _newton_cost(task: PhotonTask) -> float:
    """Multiplications: primes times points of the grid times columns' sums and the recurrence."""
    margins = task.margins
    orders, _, _ = _grid(margins)
    points = prod(orders)
    # The roots of all orders have to exist modulo primes below 2^31.
    if points > LARGEST_GRID or lcm(*orders) > 2**22:
        return float("inf")
    most = task.max_modes + 1
    if task.effective.name_modes:
        allowed = _allowed_columns(task)
        columns = allowed * len(orders) if allowed <= LARGEST_COLUMNS else float("inf")
    else:
        columns = margins.rows * (2 * (margins.photons + 1) * (most + 1) + margins.photons)
    return float(_prime_count(margins) * points * (columns + margins.passes * (margins.passes + len(orders))))


def _prime_count(margins: Margins) -> int:
    """Primes of 31 bits for a count and its check."""
    return -(-_bits(margins) // 30) + 1


def _by_newton(task: PhotonTask) -> tuple[int, int]:
    import numpy as np

    from protocols.wmatrix.search.kernels import column_sums, listed_column_sums, newton

    margins = task.margins
    orders, _, left = _grid(margins)
    columns = _grid_columns(task) if task.effective.name_modes else None
    unordered: list[tuple[int, int]] = []
    ordered: list[tuple[int, int]] = []
    for prime in _primes(lcm(*orders), _prime_count(margins)):
        sizes = np.array(orders, dtype=np.int64)
        roots = np.array([_root(order, prime) for order in orders], dtype=np.int64)
        inverses = np.array([0, *(pow(k, -1, prime) for k in range(1, margins.passes + 1))], dtype=np.int64)
        if columns is None:
            once = column_sums(sizes, roots, left, margins.photons, task.cap, task.max_modes, prime)
        else:
            once = listed_column_sums(sizes, roots, columns, prime)
        pair = newton(sizes, roots, once, margins.passes, inverses, prime)
        scale = pow(prod(orders), -1, prime)
        for residues, summed in zip((unordered, ordered), pair, strict=True):
            residues.append((prime, int(summed) * scale % prime))
    return _together(unordered), _together(ordered)


# --- columns, where limits name modes ------------------------------------------------------------------------


def _supports_by_size(task: PhotonTask) -> Iterator[tuple[int, int, int]]:
    """Every allowed support as bits, with how many rows it occupies on the left and on the right."""
    margins = task.margins
    for mask in task.supports[1 << margins.rows :].nonzero()[0].tolist():
        left = mask & ((1 << len(margins.left)) - 1)
        yield mask, left.bit_count(), (mask ^ left).bit_count()


def _allowed_columns(task: PhotonTask) -> int:
    """How many columns the limits leave."""
    sizes = Counter((left, right) for _, left, right in _supports_by_size(task))
    return sum(
        times * _filled(task.photons, left, task.cap) * _filled(task.photons, right, task.cap)
        for (left, right), times in sizes.items()
    )


def _filled(total: int, parts: int, cap: int) -> int:
    """Ways to write ``total`` as so many ordered parts from 1 to ``cap``."""
    return sum(
        (-1) ** k * comb(parts, k) * comb(total - k * cap - 1, parts - 1)
        for k in range(parts + 1)
        if total - k * cap >= parts
    )


def _grid_columns(task: PhotonTask) -> Integers:
    """The allowed columns in the rows of Newton's grid: all but the smallest of each side, largest first."""
    import numpy as np

    from protocols.wmatrix.columns import compositions

    margins, cap = task.margins, task.cap
    turn = len(margins.left)
    order = [
        *sorted(range(turn), key=lambda row: -margins.left[row])[:-1],
        *sorted(range(turn, margins.rows), key=lambda row: -margins.right[row - turn])[:-1],
    ]
    columns = []
    for mask, left, right in _supports_by_size(task):
        rows = [row for row in range(margins.rows) if mask >> row & 1]
        sides = [
            [tuple(x + 1 for x in parts) for parts in compositions(margins.photons - size, size) if max(parts) < cap]
            for size in (left, right)
        ]
        for ours in sides[0]:
            for theirs in sides[1]:
                held = dict(zip(rows, (*ours, *theirs), strict=True))
                columns.append([held.get(row, 0) for row in order])
    return np.array(columns, dtype=np.int64).reshape(len(columns), len(order))
