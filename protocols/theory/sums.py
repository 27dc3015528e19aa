"""Sums of errors, which may be beyond the largest number: infinite then. What is summed, and why, is elsewhere."""

from __future__ import annotations

import math
from collections.abc import Iterable


def error_sum(terms: Iterable[float]) -> float:
    """The sum of terms that are not negative, rounded once; infinite beyond the largest number, where ``math.fsum`` raises.

    Parameters
    ----------
    terms : floats >= 0
        Errors or variances; nan when one of them is.

    Returns
    -------
    float

    Examples
    --------
    >>> error_sum([0.1] * 10), error_sum([1e308, 1e308])
    (1.0, inf)
    """
    try:
        return math.fsum(terms)
    except OverflowError:
        return math.inf


def squared(value: float) -> float:
    """The square; infinite beyond the largest number, where ``**`` raises.

    Parameters
    ----------
    value : float

    Returns
    -------
    float

    Examples
    --------
    >>> squared(3.0), squared(-1e200)
    (9.0, inf)
    """
    return value * value
