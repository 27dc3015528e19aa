"""Outcomes of Gaussian light, drawn: averages over the shots of an estimate, and in words from which distribution they are.

Sums of independent normal and Poisson numbers are normal and Poisson numbers, drawn as such at a cost that does not grow with the
shots. Outcomes at random angles are drawn shot by shot, up to ``MOST_DRAWN`` of them. Numbers are added up without BLAS, so they
are the same to the last bit for any number of threads.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from photonics.conventions import Real
from protocols.estimation.interference import poisson_counts
from protocols.estimation.quadratures import MAX_NORMALS

if TYPE_CHECKING:
    from photonics import JitteredOutcomes, MomentOutcomes
    from protocols.built.measured import DetectedBeams

MOST_DRAWN = 200
"""Shots of one estimate that are drawn one by one; means of more are normal, with exact mean and covariance."""


class Sampler(ABC):
    """What draws k outcomes."""

    @abstractmethod
    def averages(self, shots: int, trials: int, rng: np.random.Generator) -> Real:
        """(k, T) averages over so many shots, independent from trial to trial.

        Parameters
        ----------
        shots, trials : int >= 1
        rng : numpy.random.Generator
        """

    def combined(self, weights: Real, shots: int, trials: int, rng: np.random.Generator) -> Real:
        """(T,) sums of the averages with weights.

        Parameters
        ----------
        weights : (k,) floats
        shots, trials : int >= 1
        rng : numpy.random.Generator
        """
        total = np.zeros(trials)
        for start in range(0, trials, self._together(shots)):
            part = total[start : start + self._together(shots)]
            for weight, average in zip(weights, self.averages(shots, len(part), rng), strict=True):
                part += weight * average
        return total

    @abstractmethod
    def law(self, shots: int) -> str:
        """What is drawn, in words.

        Parameters
        ----------
        shots : int >= 1
        """

    @abstractmethod
    def _together(self, shots: int) -> int:
        """Trials that are drawn at once."""


@dataclass(frozen=True, eq=False, kw_only=True)
class NormalSampler(Sampler):
    """Normal numbers of a mean and a covariance.

    Parameters
    ----------
    mean : (k,) floats
    covariance : (k, k) floats
    words : str
        Why these.
    """

    mean: Real
    covariance: Real
    words: str

    def averages(self, shots: int, trials: int, rng: np.random.Generator) -> Real:
        """As normal as single shots, with a covariance smaller by their number."""
        root = root_of(self.covariance / shots)
        drawn = np.repeat(self.mean[:, None], trials, axis=1)
        for column in root.T:
            normals = rng.standard_normal(trials)
            for row, share in zip(drawn, column, strict=True):
                if share:
                    row += share * normals
        return drawn

    def combined(self, weights: Real, shots: int, trials: int, rng: np.random.Generator) -> Real:
        """A normal number for each direction of the covariance, added up with the weights."""
        along = (root_of(self.covariance / shots) * weights[:, None]).sum(axis=0)
        total = np.full(trials, float((weights * self.mean).sum()))
        for start in range(0, trials, self._together(shots)):
            part = total[start : start + self._together(shots)]
            for share, normals in zip(along, rng.standard_normal((len(along), len(part))), strict=True):
                part += share * normals
        return total

    def law(self, shots: int) -> str:
        """Whatever the number of shots."""
        return self.words

    def _together(self, shots: int) -> int:
        return max(1, MAX_NORMALS // len(self.mean))


@dataclass(frozen=True, eq=False, kw_only=True)
class PortSampler(Sampler):
    """Differences of the Poisson counts of two ports, with noise of the electronics; beside them normal outcomes without counts.

    Parameters
    ----------
    plus, minus : (k,) floats >= 0
        Mean counts of a shot.
    noise : (k,) floats >= 0
        Variances of a shot.
    beside : (k,) floats
        Means of a shot without counts: of homodyne detection.
    """

    plus: Real
    minus: Real
    noise: Real
    beside: Real

    def averages(self, shots: int, trials: int, rng: np.random.Generator) -> Real:
        """Sums of Poisson numbers are Poisson numbers."""
        drawn = np.empty((len(self.plus), trials))
        columns = zip(self.plus, self.minus, self.noise, self.beside, strict=True)
        for row, (plus, minus, noise, beside) in zip(drawn, columns, strict=True):
            counts = [poisson_counts(np.full(trials, shots * mean), rng) for mean in (plus, minus)]
            row[:] = (counts[0] - counts[1]) / shots + beside
            if noise:
                row += np.sqrt(noise / shots) * rng.standard_normal(trials)
        return drawn

    def law(self, shots: int) -> str:
        """Exact."""
        words = "photocurrents of light without squeezing are drawn exactly: Poisson counts in both ports"
        dark = self.plus + self.minus == 0
        return f"{words}, normal numbers at homodyne detectors" if dark.any() else words

    def _together(self, shots: int) -> int:
        return max(1, MAX_NORMALS // len(self.plus))


@dataclass(frozen=True, eq=False, kw_only=True)
class ShotSampler(Sampler):
    """Outcomes of one shot after the other, from their exact distribution.

    Parameters
    ----------
    outcomes : MomentOutcomes with photocurrents, or JitteredOutcomes
    words : str
        What is drawn exactly.
    """

    outcomes: JitteredOutcomes | MomentOutcomes
    words: str

    def averages(self, shots: int, trials: int, rng: np.random.Generator) -> Real:
        """Shot by shot; of many shots normal numbers with their mean and covariance."""
        if shots > MOST_DRAWN:
            return self._of_many.averages(shots, trials, rng)
        drawn = self.outcomes.sample(shots * trials, rng).reshape(trials, shots, -1)
        return np.asarray(drawn.mean(axis=1).T)

    @property
    def _of_many(self) -> NormalSampler:
        return NormalSampler(mean=self.outcomes.mean, covariance=self.outcomes.covariance, words="")

    def combined(self, weights: Real, shots: int, trials: int, rng: np.random.Generator) -> Real:
        """The same."""
        if shots > MOST_DRAWN:
            return self._of_many.combined(weights, shots, trials, rng)
        return super().combined(weights, shots, trials, rng)

    def law(self, shots: int) -> str:
        """Exact for few shots."""
        return many_words(shots) if shots > MOST_DRAWN else self.words

    def _together(self, shots: int) -> int:
        return max(1, MAX_NORMALS // (len(self.outcomes.mean) * min(shots, MOST_DRAWN)))


@dataclass(frozen=True, eq=False, kw_only=True)
class SquareSampler(Sampler):
    """Squares of homodyne outcomes at random angles, drawn one shot after the other.

    Parameters
    ----------
    outcomes : JitteredOutcomes
        Without a mean.
    """

    outcomes: JitteredOutcomes

    def averages(self, shots: int, trials: int, rng: np.random.Generator) -> Real:
        """Shot by shot; of many shots normal numbers with their mean and covariance."""
        if shots > MOST_DRAWN:
            squares = self.outcomes.squares()
            return NormalSampler(mean=squares.mean, covariance=squares.covariance, words="").averages(
                shots, trials, rng
            )
        drawn = self.outcomes.sample(shots * trials, rng).reshape(trials, shots, -1)
        return np.asarray((drawn**2).mean(axis=1).T)

    def law(self, shots: int) -> str:
        """Exact for few shots."""
        words = "outcomes of homodyne detection are drawn exactly, at an angle of their own in every shot"
        return many_words(shots) if shots > MOST_DRAWN else words

    def _together(self, shots: int) -> int:
        return max(1, MAX_NORMALS // (len(self.outcomes.names) * min(shots, MOST_DRAWN)))


@dataclass(frozen=True, eq=False, kw_only=True)
class BeamSampler(Sampler):
    """Differences of the counts of both ports of the beam splitters at which beams of coherent light meet.

    Parameters
    ----------
    beams : DetectedBeams
    phases : (K,) floats
        Away from mid-fringe, in rad.
    """

    beams: DetectedBeams
    phases: Real

    def averages(self, shots: int, trials: int, rng: np.random.Generator) -> Real:
        """Poisson counts given the phases of the shots; with more than ``MOST_DRAWN`` of them that jitter, normal sums of sines."""
        beams = self.beams
        half = shots * (beams.photons + beams.dark) / 2
        if not beams.jitter.any():
            swing = np.repeat((beams.swing * np.sin(self.phases))[:, None], trials, axis=1) * (shots / 2)
        elif shots > MOST_DRAWN:
            mean, covariance = beams.moments(self.phases.tolist())
            moved = covariance - np.diag(beams.photons + beams.dark + beams.electronic)
            swing = NormalSampler(mean=mean, covariance=moved, words="").averages(shots, trials, rng) * (shots / 2)
        else:
            swing = self._jittered(shots, trials, rng) * (shots / 2)
        plus, minus = (poisson_counts(half[:, None] + sign * swing, rng) for sign in (1, -1))
        found = np.asarray((plus - minus) / shots)
        if not beams.electronic.any():
            return found
        return np.asarray(found + np.sqrt(beams.electronic / shots)[:, None] * rng.standard_normal(found.shape))

    def _jittered(self, shots: int, trials: int, rng: np.random.Generator) -> Real:
        """(K, T) averages of the mean differences over shots, each with phases of its own."""
        beams = self.beams
        angles = [np.full((trials, shots), phase) for phase in self.phases]
        for sigma, column in zip(beams.jitter, beams.turned.T, strict=True):
            if not sigma or not column.any():
                continue
            turned = sigma * rng.standard_normal((trials, shots))
            for k in np.flatnonzero(column):
                angles[k] += column[k] * turned
        return np.array([swing * np.sin(angle).mean(axis=1) for swing, angle in zip(beams.swing, angles, strict=True)])

    def law(self, shots: int) -> str:
        """Poisson counts."""
        if self.beams.jitter.any() and shots > MOST_DRAWN:
            return many_words(shots)
        added = ", and normal electronic noise" if self.beams.electronic.any() else ""
        return f"photons behind the beam splitters are drawn exactly: Poisson counts in both ports{added}"

    def _together(self, shots: int) -> int:
        drawn = min(shots, MOST_DRAWN) if self.beams.jitter.any() else 1
        return max(1, MAX_NORMALS // (len(self.beams.jitter) * drawn))


def many_words(shots: int) -> str:
    """Why means over many shots are drawn as normal numbers.

    Parameters
    ----------
    shots : int >= 1
    """
    return (
        f"phases jitter from shot to shot, and the means of {shots} shots, more than {MOST_DRAWN}, are drawn as normal numbers of "
        "exact mean and covariance"
    )


def root_of(covariance: Real) -> Real:
    """R with R R^T = C, which may have rows of zeros and perfect correlations.

    Parameters
    ----------
    covariance : (k, k) floats

    Examples
    --------
    >>> root = root_of(np.array([[1.0, 1.0], [1.0, 1.0]]))
    >>> (root @ root.T).round(12).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    try:
        return np.asarray(np.linalg.cholesky(covariance))
    except np.linalg.LinAlgError:
        scale = np.sqrt(np.clip(np.diag(covariance), 0.0, None))
        scale = np.where(scale > 0, scale, 1.0)
        values, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
        return np.asarray(scale[:, None] * vectors * np.sqrt(np.clip(values, 0.0, None)))
