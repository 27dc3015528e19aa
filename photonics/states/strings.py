"""Occupation strings as rows of non-negative integers: comparing and sorting them quickly."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from photonics.conventions import Integer

LARGEST_OCCUPATION = 2**63 - 1
"""Photons in a mode of a state of photon number, which are kept as 64-bit integers."""


def occupation_rows(values: ArrayLike) -> Integer:
    """Photon numbers as 64-bit integers, which nothing is cut to.

    Parameters
    ----------
    values : integers of any kind

    Raises
    ------
    ValueError
        For numbers that are not whole, or above LARGEST_OCCUPATION.

    Examples
    --------
    >>> occupation_rows([[2.0, 0]]).tolist()
    [[2, 0]]
    """
    try:
        given = np.asarray(values)
        rows = np.asarray(given, dtype=np.int64) if given.dtype.kind in "iu" else _whole(given)
    except (OverflowError, TypeError, ValueError):
        rows = None
    if rows is None or (given.dtype.kind == "u" and (given > LARGEST_OCCUPATION).any()):
        raise ValueError(f"photon numbers must be integers of at most {LARGEST_OCCUPATION} (2^63 - 1)")
    return rows


def _whole(given: NDArray[np.generic]) -> Integer | None:
    """What is no array of integers: numbers with nothing behind the point, and Python's large integers."""
    if given.dtype.kind not in "fO" or (given.dtype.kind == "f" and not (np.abs(given) < 2.0**63).all()):
        return None
    rows = given.astype(np.int64)
    return rows if np.array_equal(rows, given) else None


def row_codes(rows: Integer) -> Integer | None:
    """A number for each row, ordered as the rows are (mixed radix), or None when 62 bits do not hold them.

    Sorting numbers is much faster than sorting rows.

    >>> row_codes(np.array([[0, 2], [1, 0]])).tolist()
    [2, 3]
    """
    base = int(rows.max(initial=0)) + 1
    if base ** rows.shape[1] >= 2**62:
        return None
    return np.asarray(rows @ (base ** np.arange(rows.shape[1] - 1, -1, -1, dtype=np.int64)))


def distinct_rows(rows: Integer) -> tuple[Integer, NDArray[np.intp]]:
    """The distinct rows, and for each row which of them it is.

    >>> [part.tolist() for part in distinct_rows(np.array([[1, 0], [0, 2], [1, 0]]))]
    [[[0, 2], [1, 0]], [1, 0, 1]]
    """
    codes = row_codes(rows)
    if codes is not None:
        _, first, which = np.unique(codes, return_index=True, return_inverse=True)
        return rows[first], which
    keys, which = np.unique(rows, axis=0, return_inverse=True)
    return keys, which.reshape(-1)


def descending_order(rows: Integer) -> NDArray[np.intp]:
    """The order that puts the largest row first."""
    codes = row_codes(rows)
    return np.asarray(np.argsort(-codes, kind="stable") if codes is not None else np.lexsort(rows.T[::-1])[::-1])
