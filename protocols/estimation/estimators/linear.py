"""The linear estimate of Gaussian light: outcomes with the weights that are best at the working point."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from protocols.estimation.estimators.estimator import LightEstimator
from protocols.estimation.fringes import NORMAL_95
from protocols.estimation.light_readings import LightEstimates, Readings


class Linear(LightEstimator):
    """q + w . (outcomes - what they are at the working point), w of the least variance there and without bias for small phases.

    Where the phases turn the noise alone, it is linear in squares and products of outcomes: one step of Fisher scoring.
    """

    name: ClassVar[str] = "linear"
    title: ClassVar[str] = "weighted sum of the outcomes"

    def estimate(self, readings: Readings, shots: int, trials: int, rng: np.random.Generator) -> LightEstimates:
        """Averages over the shots, with an interval from the variance at the working point."""
        width = NORMAL_95 * math.sqrt(readings.known_variance / shots)
        return LightEstimates(
            value=readings.linear(shots, trials, rng),
            half_width=np.full(trials, width),
            is_at_end=np.zeros(trials, dtype=bool),
        )

    def predicted_mse(self, readings: Sequence[Readings], shots: Sequence[int]) -> float:
        """The square of the bias and the variance at the true phases."""
        bias = math.fsum(one.bias for one in readings)
        return bias**2 + math.fsum(one.variance / own for one, own in zip(readings, shots, strict=True))
