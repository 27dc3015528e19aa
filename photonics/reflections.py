"""Orthogonal matrices with one row given: reflections (Householder)."""

from __future__ import annotations

import numpy as np

from photonics.conventions import Real


def orthogonal_with(first: Real) -> Real:
    """An orthogonal matrix with this first row: the reflection that takes the first axis there, up to its sign.

    The matrix is I - 2 m m^T/|m|^2 with m the first axis plus or minus the row, whichever is longer.

    Parameters
    ----------
    first : (n,) floats
        Of norm 1.

    Returns
    -------
    (n, n) floats

    Examples
    --------
    >>> orthogonal_with(np.array([0.6, 0.8])).round(12).tolist()
    [[0.6, 0.8], [-0.8, 0.6]]
    """
    count = len(first)
    sign = -1.0 if first[0] > 0 else 1.0
    mirror = np.eye(count)[0] - sign * first
    mirror /= np.linalg.norm(mirror)
    matrix: Real = np.eye(count) - 2 * np.outer(mirror, mirror)
    matrix[0] = first
    return matrix
