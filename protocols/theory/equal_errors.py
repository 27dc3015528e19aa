"""When two errors are the same: one tolerance for every ranking, so that rounding never decides what is chosen."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

SAME = 1e-9
"""Relative difference below which errors count as equal."""

ItemT = TypeVar("ItemT")


def same_error(first: float, second: float) -> bool:
    """Whether two errors differ by rounding at the most.

    Parameters
    ----------
    first, second : float >= 0

    Examples
    --------
    >>> import math
    >>> same_error(1.0, 1.0 + 1e-12), same_error(1.0, 1.001), same_error(math.inf, math.inf)
    (True, False, True)
    """
    low, high = sorted((first, second))
    return high <= low * (1 + SAME)


def times(ratio: float) -> str:
    """A ratio in four digits, or as many as it takes to differ from 1.

    Parameters
    ----------
    ratio : float >= 0

    Examples
    --------
    >>> times(1.6123456), times(1.000334), times(1.0)
    ('1.612', '1.00033', '1')
    """
    short = f"{ratio:.4g}"
    if short != "1" or ratio == 1:
        return short
    return f"{ratio:.{1 - math.floor(math.log10(abs(ratio - 1)))}f}"


def levels(errors: Iterable[float]) -> list[float]:
    """For each error, in ascending order, the least error of its group: errors of one group differ by rounding only.

    A group begins at the first error that differs from the one before it began with.

    Parameters
    ----------
    errors : floats >= 0, ascending

    Examples
    --------
    >>> levels([1.0, 1.0 + 1e-13, 2.0])
    [1.0, 1.0, 2.0]
    """
    level: float | None = None
    out = []
    for error in errors:
        level = error if level is None or not same_error(level, error) else level
        out.append(level)
    return out


def ranked(items: Iterable[ItemT], error: Callable[[ItemT], float], effort: Callable[[ItemT], Any]) -> list[ItemT]:
    """Least error first; among those whose errors equal the least of their group, least effort first.

    Equal items stay in the order given.

    Parameters
    ----------
    items : iterable
    error : function of an item
        Its error, a float >= 0, never nan: 0 equals 0 alone, and an infinite error every other infinite one.
    effort : function of an item
        What decides between equal errors; anything that can be ordered.

    Examples
    --------
    >>> ranked([(1.0 + 1e-13, 3), (1.0, 5), (0.5, 9)], error=lambda row: row[0], effort=lambda row: row[1])
    [(0.5, 9), (1.0000000000001, 3), (1.0, 5)]
    >>> ranked([(1.0 + 1e-13, 3), (1.0, 3)], error=lambda row: row[0], effort=lambda row: row[1])
    [(1.0000000000001, 3), (1.0, 3)]
    """
    given = list(items)
    errors = [error(item) for item in given]
    assert not any(map(math.isnan, errors)), f"an error that is nan has no place in a ranking: {errors}"
    order = sorted(range(len(given)), key=lambda place: errors[place])
    level_of = dict(zip(order, levels(errors[place] for place in order), strict=True))
    # Sorted as they were given, so that rounding does not decide between equal items.
    places = sorted(range(len(given)), key=lambda place: (level_of[place], effort(given[place])))
    return [given[place] for place in places]
