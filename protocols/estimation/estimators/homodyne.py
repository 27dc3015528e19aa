"""The linear homodyne estimator of displacement networks: q is the weighted sum of the quadratures, averaged over the shots."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from protocols.estimation.estimators.estimator import DisplacementEstimator
from protocols.estimation.fringes import NORMAL_95
from protocols.estimation.quadratures import MAX_NORMALS, QuadratureEstimates, QuadratureMoments
from protocols.theory.sums import error_sum


class Homodyne(DisplacementEstimator):
    """sum alpha_j x_j/g_j, averaged over the shots: normal and without bias."""

    name: ClassVar[str] = "homodyne"
    title: ClassVar[str] = "weighted sum of x quadratures"

    def estimate(
        self, moments: QuadratureMoments, shots: int, trials: int, rng: np.random.Generator
    ) -> QuadratureEstimates:
        """Drawn as the mean of ``shots`` shots on all modes.

        The mean of independent normal outcomes is normal with a covariance smaller by the number of shots, so it is drawn as
        such, exactly, at a cost that does not grow with the shots.
        """
        # The outcomes are mean + root z, z independent normals, so their weighted sum is weights.mean + (root^T weights).z; added
        # up sensor by sensor, without BLAS, it is the same to the last bit for any number of threads.
        along = np.linalg.cholesky(moments.covariance / shots).T @ moments.weights
        value = np.full(trials, float((moments.weights * moments.mean).sum()))
        chunk = max(1, MAX_NORMALS // len(moments.mean))
        for start in range(0, trials, chunk):
            part = value[start : start + chunk]
            for share, z in zip(along, rng.standard_normal((len(along), len(part))), strict=True):
                part += share * z
        half_width = np.full(trials, NORMAL_95 * math.sqrt(moments.variance / shots))
        return QuadratureEstimates(value=value, half_width=half_width)

    def predicted_mse(self, parts: Sequence[QuadratureMoments], shots: int) -> float:
        """The variance of the sum over the shots."""
        return error_sum(moments.variance for moments in parts) / shots
