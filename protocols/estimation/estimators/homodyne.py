"""The linear homodyne estimator of displacement networks: q is the weighted sum of the quadratures, averaged over the shots."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from photonics.conventions import Real
from protocols.estimation.fringes import NORMAL_95

MAX_NORMALS = 4_000_000
"""Normal variables drawn at once; 32 MB."""


@dataclass(frozen=True, eq=False, kw_only=True)
class HomodyneLight:
    """What an engine found for the x quadratures of one circuit, and what the experimenter knows to use them.

    Parameters
    ----------
    mean, covariance : (d,), (d, d), vacuum variance 1
    weights : (d,)
        c_j = alpha_j/g_j, g_j how far x has moved per unit theta_j: the estimate is sum c_j x_j.
    """

    mean: Real
    covariance: Real
    weights: Real

    @property
    def variance(self) -> float:
        """Of the estimate from one shot."""
        return float(self.weights @ self.covariance @ self.weights)

    def estimates(self, shots: int, trials: int, rng: np.random.Generator) -> tuple[Real, Real]:
        """(T,) estimates and half widths of their 95 % intervals, each from the mean of ``shots`` shots on all modes.

        The mean of independent normal outcomes is normal with a covariance smaller by the number of shots, so it is drawn as
        such, exactly, at a cost that does not grow with the shots.
        """
        # The outcomes are mean + root z, z independent normals, so their weighted sum is weights.mean + (root^T weights).z; added
        # up sensor by sensor, without BLAS, it is the same to the last bit for any number of threads.
        along = np.linalg.cholesky(self.covariance / shots).T @ self.weights
        found = np.full(trials, float((self.weights * self.mean).sum()))
        chunk = max(1, MAX_NORMALS // len(self.mean))
        for start in range(0, trials, chunk):
            part = found[start : start + chunk]
            for share, z in zip(along, rng.standard_normal((len(along), len(part))), strict=True):
                part += share * z
        return found, np.full(trials, NORMAL_95 * math.sqrt(self.variance / shots))


def homodyne_weights(alpha: Sequence[float], gains: Sequence[float]) -> Real:
    """c_j = alpha_j/g_j.

    >>> homodyne_weights([1.0, -0.5], [2.0, 1.0]).tolist()
    [0.5, -0.5]
    """
    return np.array([a / g for a, g in zip(alpha, gains, strict=True)])
