"""The most likely phases of Gaussian light: outcomes are turned into the phases whose means they are, or whose noise they have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from photonics.conventions import Real
from protocols.estimation.estimators.estimator import LightEstimator
from protocols.estimation.fringes import NORMAL_95
from protocols.estimation.light_readings import Fringes, LightEstimates, Readings
from protocols.estimation.turned_noise import TurnedNoise


class LikeliestPhases(LightEstimator):
    """sum a_k arcsin(outcome_k/A_k)/M: no bias by the curvature of fringes of amplitudes A, anywhere within half a fringe.

    Where phases turn the noise alone, they are found by Fisher scoring. An outcome beyond its fringe takes the end of it. Intervals
    of fringes have the noise of the working point over the slopes at the estimate.
    """

    name: ClassVar[str] = "maximum-likelihood"
    title: ClassVar[str] = "the phases whose mean outcomes are those seen"

    def why_not(self, readings: Sequence[Readings]) -> str | None:
        """Outcomes of several phases at once, or whose noise alone tells them, have no such fringes."""
        if all(one.fringes is not None or one.noise is not None for one in readings):
            return None
        return "its outcomes have no phase each (linear reads it)"

    def estimate(self, readings: Readings, shots: int, trials: int, rng: np.random.Generator) -> LightEstimates:
        """Averages over the shots, each through the arcsine."""
        if readings.noise is not None:
            return _by_noise(readings.noise, shots, trials, rng)
        fringes = readings.fringes
        assert fringes is not None, "asked for before"
        value, variance = np.zeros(trials), np.zeros(trials)
        # What q moves by as each average does.
        slopes = []
        phases, is_at_end = phases_of(fringes, fringes.sampler.averages(shots, trials, rng))
        for phase, amplitude, coefficient in zip(phases, fringes.amplitudes, fringes.coefficients, strict=True):
            value += (coefficient / fringes.gain) * phase
            slopes.append(coefficient / (fringes.gain * amplitude) / np.maximum(np.cos(phase), STEEPEST))
        for row, slope in zip(fringes.covariance / shots, slopes, strict=True):
            for covariance, other in zip(row, slopes, strict=True):
                if covariance:
                    variance += covariance * slope * other
        return LightEstimates(value=value, half_width=NORMAL_95 * np.sqrt(variance), is_at_end=is_at_end)


def phases_of(fringes: Fringes, averages: Real) -> tuple[Real, NDArray[np.bool_]]:
    """The phases whose means the averages are, and where one is beyond its fringe, of which it takes the end.

    Parameters
    ----------
    fringes : Fringes
    averages : (k, T) floats

    Returns
    -------
    tuple of (k, T) floats and (T,) bools
    """
    sines = averages / fringes.amplitudes[:, None]
    beyond: NDArray[np.bool_] = np.any(np.abs(sines) >= 1, axis=0)
    return np.asarray(np.arcsin(np.clip(sines, -1.0, 1.0))), beyond


def _by_noise(noise: TurnedNoise, shots: int, trials: int, rng: np.random.Generator) -> LightEstimates:
    """From sample covariances, so many of them at once."""
    value, half_width = np.zeros(trials), np.zeros(trials)
    is_at_end = np.zeros(trials, dtype=bool)
    chunk = max(1, MAX_ENTRIES // len(noise.xx) ** 2)
    for start in range(0, trials, chunk):
        some = slice(start, min(start + chunk, trials))
        seen = noise.sample_covariances(shots, some.stop - start, rng)
        theta, variance, is_at_end[some] = noise.likeliest(seen, shots)
        value[some] = (theta * noise.coefficients).sum(axis=1)
        half_width[some] = NORMAL_95 * np.sqrt(variance)
    return LightEstimates(value=value, half_width=half_width, is_at_end=is_at_end)


MAX_ENTRIES = 400_000
"""Entries of covariances that are worked on at once."""
STEEPEST = 1e-8
"""Cosine of a phase at the end of a fringe, where its error is not told."""
