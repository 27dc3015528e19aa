"""How many protocols there are, exactly, without listing them: counting orbits under permutations of the passes.

Unordered protocols are pairs of tables up to one common column permutation, so by Burnside's lemma their number is
sum over cycle types lambda of M of T_lambda(left) T_lambda(right)/z_lambda, where T_lambda counts the tables that a
permutation of that type leaves fixed: one column for each cycle, entering the row sums as often as the cycle is long.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from math import factorial, prod

from networks import InputError
from protocols.wmatrix.margins import Margins
from protocols.wmatrix.tables import Limits, SearchCutError, enumerate_tables

STEP_LIMIT = 3_000_000
"""Steps of the count before it is refused, some seconds; one is a column that takes its share of a row."""
MOST_PASSES = 60
"""Sixty passes have a million cycle types; beyond, going through them alone takes too long."""


def count_protocols(margins: Margins, limits: Limits | None = None) -> int:
    """The exact number of unordered protocols.

    Without limits per pass by orbit counting, with limits by enumeration; both are refused past STEP_LIMIT steps.

    >>> from protocols.wmatrix.margins import margins
    >>> from networks import LinearFunction
    >>> count_protocols(margins(LinearFunction([1, 2, 3, 4, -2, -3]), 5, 4))
    1397115
    """
    if limits is not None and not limits.are_none:
        try:
            return sum(
                1 for _ in enumerate_tables(margins, limits, node_limit=max(100, STEP_LIMIT // (20 * margins.passes)))
            )
        except SearchCutError:
            raise _refusal("with limits per pass, counting is by enumeration") from None
    if margins.passes > MOST_PASSES:
        raise _refusal(f"orbit counting goes through the cycle types of all passes, at most {MOST_PASSES}")
    budget = [STEP_LIMIT]
    total = 0
    order = factorial(margins.passes)
    for cycles in _partitions(margins.passes):
        lengths = Counter(cycles)
        centraliser = prod(factorial(times) * length**times for length, times in lengths.items())
        left = _fixed_tables(margins.left, cycles, margins.photons, budget)
        # Multiplying before dividing keeps the sum in whole numbers: z_lambda divides M!.
        if left:
            total += left * _fixed_tables(margins.right, cycles, margins.photons, budget) * (order // centraliser)
    return total // order


def _refusal(reason: str) -> InputError:
    return InputError(
        [
            f"the count is refused: it would take more than {STEP_LIMIT} steps ({reason}); list protocols with --limit instead, "
            "or ask for fewer photons or passes"
        ]
    )


def _partitions(total: int, largest: int | None = None) -> Iterator[tuple[int, ...]]:
    """Partitions of ``total``, parts non-increasing."""
    if total == 0:
        yield ()
        return
    for part in range(min(total, largest or total), 0, -1):
        for rest in _partitions(total - part, part):
            yield (part, *rest)


def _fixed_tables(sums: tuple[int, ...], cycles: tuple[int, ...], photons: int, budget: list[int]) -> int:
    """Tables with these row sums, column sums ``photons``, one column a cycle weighted by its length."""
    groups = [(length, times) for length, times in sorted(Counter(cycles).items(), reverse=True)]
    states: dict[tuple[int, ...], int] = {(photons,) * len(cycles): 1}
    lengths = tuple(length for length, times in groups for _ in range(times))
    # The last row takes what is left, so it needs no step of its own.
    for b in sorted(sums, reverse=True)[:-1]:
        after: dict[tuple[int, ...], int] = {}
        for rooms, ways in states.items():
            for left in _takes(rooms, lengths, b, budget):
                key = _sorted_in_groups(left, tuple(times for _, times in groups))
                after[key] = after.get(key, 0) + ways
        states = after
    return sum(states.values())


def _takes(
    rooms: tuple[int, ...], lengths: tuple[int, ...], total: int, budget: list[int]
) -> Iterator[tuple[int, ...]]:
    """The rooms left after every way to take ``total`` in all, a cycle of length l counting l times."""
    if not rooms:
        if total == 0:
            yield ()
        return
    room, length = rooms[0], lengths[0]
    behind = sum(r * n for r, n in zip(rooms[1:], lengths[1:], strict=True))
    for taken in range(max(0, -(-(total - behind) // length)), min(room, total // length) + 1):
        budget[0] -= len(rooms)
        if budget[0] < 0:
            raise _refusal("orbit counting over the row sums")
        for rest in _takes(rooms[1:], lengths[1:], total - taken * length, budget):
            yield (room - taken, *rest)


@lru_cache(maxsize=200_000)
def _sorted_in_groups(rooms: tuple[int, ...], times: tuple[int, ...]) -> tuple[int, ...]:
    """Cycles of one length are alike: states that differ by their order count together."""
    out: list[int] = []
    start = 0
    for many in times:
        out.extend(sorted(rooms[start : start + many]))
        start += many
    return tuple(out)
