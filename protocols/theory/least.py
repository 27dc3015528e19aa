"""The whole number at which something is least that falls and then rises."""

from __future__ import annotations

from collections.abc import Callable


def least_whole_number(error: Callable[[int], float], most: int | None = None) -> int:
    """The whole number >= 1 at which an error is least that falls up to some number and rises from it on.

    Parameters
    ----------
    error : function of an int >= 1
        Convex, or its logarithm is; where it does not end it has to rise at last.
    most : int >= 1, optional
        The largest number allowed.

    Examples
    --------
    >>> least_whole_number(lambda n: (n - 7.4) ** 2), least_whole_number(lambda n: (n - 7.4) ** 2, most=5)
    (7, 5)
    """
    low, high = 1, 2
    while (most is None or high <= most) and error(high) < error(high - 1):
        low, high = high, 2 * high
    high = high if most is None else min(high, most)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if error(middle) <= error(middle + 1) else (middle + 1, high)
    return low
