"""Superposed strings, all photons in one mode or another, read out near known phases: several phases at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photonics.conventions import Complex, Integer, Real
from protocols.estimation.fringes import NORMAL_95
from protocols.estimation.tally import Errors, joined

KNOWN = 0.2
"""Times 1/(N M): how far phases are from what is known beforehand, uniformly on both sides."""
SCORING_STEPS = 8
"""Steps of Fisher scoring towards the top of a likelihood of several phases."""
MAX_CELLS = 4_000_000
"""Trials times squared places that are held at once."""


@dataclass(frozen=True, eq=False, kw_only=True)
class SuperposedStrings:
    """All photons in one place or another, measured in a basis that keeps all information near known phases.

    Parameters
    ----------
    along : (d,) floats
        The coefficients of what is estimated.
    populations : (d + 1,) floats
        Of the sensors and of the reference, with the sum 1, in shots in which all photons arrive.
    survival : float in (0, 1]
        The share of these shots; others say nothing.
    gain : int >= 1
        N M.
    shots : int >= 1
    """

    along: Real
    populations: Real
    survival: float
    gain: int
    shots: int

    @property
    def least_variance(self) -> float:
        """The quantum Cramer-Rao bound on the mean squared error, of all shots."""
        inverse = np.linalg.pinv(joint_information(self.populations, self.gain), hermitian=True)
        along = self.along[self.populations[:-1] > 0]
        return float(along @ inverse @ along) / (self.shots * self.survival)

    def repeat(self, trials: int, rng: np.random.Generator) -> Errors:
        """Draw and estimate so many times, independently."""
        chunk = max(1, MAX_CELLS // len(self.populations) ** 2)
        return joined([self._some(min(chunk, trials - start), rng) for start in range(0, trials, chunk)])

    def _some(self, trials: int, rng: np.random.Generator) -> Errors:
        light = joint_basis(self.populations)
        seen = np.flatnonzero(self.populations[:-1] > 0)
        d = len(self.populations) - 1
        true = rng.uniform(-KNOWN / self.gain, KNOWN / self.gain, (trials, d))
        arrived: Integer | int = self.shots
        if self.survival < 1:
            arrived = rng.binomial(self.shots, self.survival, trials)
        counts = rng.multinomial(arrived, _probabilities(light, self.gain * true[:, seen])[0])
        # Without a single shot there is nothing to go by, and the estimate stays at what is known.
        shots = np.maximum(arrived, 1)
        information = joint_information(self.populations, self.gain)
        inverse = np.linalg.pinv(information, hermitian=True)
        estimate = np.zeros((trials, len(seen)))
        for _ in range(SCORING_STEPS):
            probabilities, slopes = _probabilities(light, self.gain * estimate)
            shares = counts / (np.reshape(shots, (-1, 1)) * probabilities)
            score = np.einsum("tk,tkj->tj", shares, self.gain * slopes)
            estimate += score @ inverse
        along = self.along[seen]
        width = NORMAL_95 * np.sqrt(float(along @ inverse @ along) / shots)
        return Errors(
            error=(estimate - true[:, seen]) @ along,
            half_width=np.broadcast_to(width, (trials,)),
            fringe_error=np.zeros(trials, dtype=bool),
        )


def joint_information(populations: Real, gain: int) -> Real:
    """4 N^2 M^2 (diag p - p p^T) over the sensors that are used, the information of one shot."""
    p = populations[:-1][populations[:-1] > 0]
    return np.asarray(4.0 * gain**2 * (np.diag(p) - np.outer(p, p)))


def joint_basis(populations: Real) -> Complex:
    """(n, n) rows: amplitudes by which the n used places, reference last where used, reach each outcome from known phases.

    It is the projection with equal chances, which loses nothing.
    """
    from photonics import StringProjection

    root = np.sqrt(populations[populations > 0])
    # The amplitudes decide the vectors, whatever the strings.
    projection = StringProjection.equal_chances(np.eye(len(root), dtype=np.int64), root)
    return np.asarray(projection.vectors.conj() * root)


def _probabilities(light: Complex, angles: Real) -> tuple[Real, Real]:
    """(T, n) probabilities when the used sensors have turned by ``angles`` (T, d) since, and derivatives (T, n, d)."""
    turned = np.exp(-1j * angles)
    d = angles.shape[1]
    amplitudes = turned @ light[:, :d].T + light[:, d:].sum(axis=1)
    moved = -1j * light[None, :, :d] * turned[:, None, :]
    slopes = 2 * (amplitudes.conj()[:, :, None] * moved).real
    probabilities = np.abs(amplitudes) ** 2
    return probabilities / probabilities.sum(axis=1, keepdims=True), slopes
