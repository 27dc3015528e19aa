"""What nature and the experimenter know of the x quadratures of one circuit, and how outcomes are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from photonics.conventions import Real

MAX_NORMALS = 4_000_000
"""Normal variables drawn at once; 32 MB."""


@dataclass(frozen=True, eq=False, kw_only=True)
class QuadratureMoments:
    """What an engine gives for the x quadratures of one circuit, and what the experimenter knows to use them.

    Parameters
    ----------
    mean, covariance : (d,), (d, d), vacuum variance 1
    weights : (d,)
        c_j = alpha_j/g_j, g_j how far x has moved per unit theta_j: the unbiased linear estimate is sum c_j x_j.
    """

    mean: Real
    covariance: Real
    weights: Real

    @property
    def variance(self) -> float:
        """Of the unbiased linear estimate from one shot."""
        # Infinite beyond the largest number.
        with np.errstate(over="ignore"):
            return float(self.weights @ self.covariance @ self.weights)

    def outcomes(self, size: int, rng: np.random.Generator) -> Real:
        """(size, d) outcomes of x, one row a shot."""
        root = np.linalg.cholesky(self.covariance)
        return np.asarray(self.mean + rng.standard_normal((size, len(self.mean))) @ root.T)


@dataclass(frozen=True, eq=False, kw_only=True)
class QuadratureEstimates:
    """Estimates of a part of q in T trials.

    Parameters
    ----------
    value : (T,) array
        In units of q.
    half_width : (T,) array
        Half the width of each trial's own nominal 95 % interval.
    """

    value: Real
    half_width: Real


def homodyne_weights(alpha: Sequence[float], gains: Sequence[float]) -> Real:
    """c_j = alpha_j/g_j.

    >>> homodyne_weights([1.0, -0.5], [2.0, 1.0]).tolist()
    [0.5, -0.5]
    """
    return np.array([a / g for a, g in zip(alpha, gains, strict=True)])
