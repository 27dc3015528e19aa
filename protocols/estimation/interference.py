"""Coherent light whose beams meet at beam splitters: photons counted near known phases, by Monte Carlo."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from photonics.conventions import Real
from protocols.estimation.fringes import NORMAL_95
from protocols.estimation.superposed import KNOWN
from protocols.estimation.tally import Errors, joined

MAX_CELLS = 4_000_000
"""Trials times beams that are held at once."""
LARGEST_POISSON = 1e15
"""Means above it are drawn as normal, to 1e-7 of their spread; numpy draws Poisson numbers below 2^63 alone."""


@dataclass(frozen=True, eq=False, kw_only=True)
class CountedInterference:
    """K pairs of beams, each behind a balanced beam splitter at mid-fringe, with the counts of both ports.

    Counts are n+- of mean S (u + v)/2 +- S sqrt(u v) sin(phase); the most likely phase has the sine of (n+ - n-)/(n+ + n-) over
    the visibility 2 sqrt(u v)/(u + v).

    Parameters
    ----------
    weights : (K,) floats
        What of q the phase differences theta_i - theta_k are.
    first, second : (K,) floats
        u and v, the photons of both beams that arrive in a shot, on average.
    gain : int >= 1
        M: the phase between the beams turns so many times as fast.
    shots : int >= 1
        S.
    """

    weights: Real
    first: Real
    second: Real
    gain: int
    shots: int

    @property
    def least_variance(self) -> float:
        """The Cramer-Rao bound on the mean squared error at mid-fringe, of all shots: that of the light as well."""
        return math.fsum((self._widths**2).tolist())

    @property
    def _widths(self) -> Real:
        """(K,) Standard deviations of the terms of q: F = 4 M^2 u v/(u + v) in one shot."""
        return np.asarray(self.weights * np.sqrt((1 / self.first + 1 / self.second) / (4 * self.shots)) / self.gain)

    @property
    def fewest_arriving(self) -> float:
        """Photons of the pair that has the fewest, in all shots."""
        return float((self.first + self.second).min()) * self.shots

    def repeat(self, trials: int, rng: np.random.Generator) -> Errors:
        """Draw and estimate so many times, independently."""
        chunk = max(1, MAX_CELLS // len(self.weights))
        return joined([self._some(min(chunk, trials - start), rng) for start in range(0, trials, chunk)])

    def _some(self, trials: int, rng: np.random.Generator) -> Errors:
        size = (trials, len(self.weights))
        phase = rng.uniform(-KNOWN, KNOWN, size)
        mean = self.shots * (self.first + self.second) / 2
        # The product of two numbers near the smallest ones may be below it, that of their roots is not.
        beat = np.sqrt(self.first) * np.sqrt(self.second)
        swing = self.shots * beat * np.sin(phase)
        plus, minus = poisson_counts(mean + swing, rng), poisson_counts(mean - swing, rng)
        total = plus + minus
        # Without a photon there is nothing to go by, and the estimate stays at what is known.
        seen = np.divide(plus - minus, total, out=np.zeros(size), where=total > 0)
        visibility = 2 * beat / (self.first + self.second)
        estimate = np.arcsin(np.clip(seen / visibility, -1.0, 1.0))
        width = NORMAL_95 * float(np.linalg.norm(self._widths))
        return Errors(
            error=((estimate - phase) * (self.weights / self.gain)).sum(axis=1),
            half_width=np.full(trials, width),
            fringe_error=np.zeros(trials, dtype=bool),
        )


def poisson_counts(mean: Real, rng: np.random.Generator) -> Real:
    """Poisson numbers, normal ones where they are very large."""
    # Rounding may leave a mean below zero where a port is dark.
    mean = np.maximum(mean, 0.0)
    if (mean <= LARGEST_POISSON).all():
        return np.asarray(rng.poisson(mean), dtype=float)
    return np.asarray(np.maximum(np.rint(rng.normal(mean, np.sqrt(mean))), 0.0))
