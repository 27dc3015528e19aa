"""Derivatives of Gaussian moments by the parameters, in the low rank that phases, shifts and losses of single modes have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from photonics.conventions import Real, read_only
from photonics.values import ArrayValue


@dataclass(frozen=True, eq=False)
class LowRank(ArrayValue):
    """d symmetric matrices D_j = left_j right_j^T + right_j left_j^T, as (d, 2m, r) arrays, r small.

    Parameters
    ----------
    left, right : (d, 2m, r) floats

    Examples
    --------
    >>> rotated = rotations(np.zeros(2), np.diag([0.5, 2.0]), [0])[1]
    >>> rotated.dense()[0].tolist()
    [[0.0, 1.5], [1.5, 0.0]]
    """

    left: Real
    right: Real

    def dense(self) -> Real:
        """(d, 2m, 2m), for tests and small systems."""
        half = self.left @ self.right.transpose(0, 2, 1)
        return np.asarray(half + half.transpose(0, 2, 1))

    def rows(self, kept: Sequence[int] | Real) -> LowRank:
        """The same for some quadratures only.

        Parameters
        ----------
        kept : sequence of int
            Rows from 0 to 2m - 1.

        Returns
        -------
        LowRank
        """
        return LowRank(self.left[:, kept], self.right[:, kept])

    def transformed(self, matrix: Real) -> LowRank:
        """matrix D_j matrix^T for every j.

        Parameters
        ----------
        matrix : (k, 2m) floats

        Returns
        -------
        LowRank
            Of (k, k) matrices.
        """
        return LowRank(matrix @ self.left, matrix @ self.right)


def rotations(mean: Real, covariance: Real, at: Sequence[int]) -> tuple[Real, LowRank]:
    """By the angles of exp(-i theta_j n_j), modes ``at``: (2m, d) and rank 2 a mode. x moves by p, p by -x."""
    means, left, right = rotation_factors(mean, covariance, at)
    return means, LowRank(read_only(left), read_only(right))


def rotation_factors(mean: Real, covariance: Real, at: Sequence[int]) -> tuple[Real, Real, Real]:
    """``rotations`` as (2m, d) and the two (d, 2m, 2) factors, for those who go on working on them in place."""
    d = len(at)
    means = np.zeros((len(mean), d))
    left, right = np.zeros((2, d, len(mean), 2))
    put_rotations((means, left, right), mean, covariance, at, range(d))
    return means, left, right


def put_rotations(
    into: tuple[Real, Real, Real], mean: Real, covariance: Real, at: Sequence[int], columns: Sequence[int]
) -> None:
    """``rotation_factors`` of some parameters into arrays of zeros for all."""
    means, left, right = into
    every, x = np.array(columns), np.array(at)
    p = x + len(mean) // 2
    means[x, every], means[p, every] = mean[p], -mean[x]
    left[every, x, 0] = left[every, p, 1] = 1.0
    right[every, :, 0], right[every, :, 1] = covariance[p], -covariance[x]
    # The vacuum does not turn: what would cancel is left out, so that weak light keeps its digits.
    right[every, p, 0] -= 1.0
    right[every, x, 1] += 1.0


def attenuations(
    mean: Real, covariance: Real, at: Sequence[int], transmissivity: Sequence[float], background: Sequence[float]
) -> tuple[Real, LowRank]:
    """By the transmissivities eta_j that these moments have already been through last: (2m, d) and rank 2 a mode.

    V is eta times what came in plus (1 - eta)(2 n_b + 1), so eta dV = ({P, V}/2 - (2 n_b + 1) P) with P the mode's two
    quadratures, and eta dm = m/2 there.
    """
    count, d = len(mean) // 2, len(at)
    means = np.zeros((len(mean), d))
    left, right = np.zeros((2, d, len(mean), 2))
    every, x = np.arange(d), np.asarray(at, dtype=int)
    eta, level = np.asarray(transmissivity), 2 * np.asarray(background) + 1
    for half, k in enumerate((x, x + count)):
        means[k, every] = mean[k] / (2 * eta)
        left[every, k, half] = 1.0
        right[:, :, half] = covariance[k] / 2
        right[every, k, half] -= level / 2
        right[:, :, half] /= eta[:, None]
    return means, LowRank(read_only(left), read_only(right))
