"""What nature and the experimenter know of a stage: probabilities to draw from, and the fringe model to estimate with.

A stage senses one phase with a gain: P(plus) and P(minus) are constants plus and minus (C cos o + S sin o)/2 at the offset o that
the experimenter sets, and shots that are neither are lost. Estimators see counts and the model, never the phase.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from networks.values import freeze, make_real
from photonics.conventions import Integer, Real


@dataclass(frozen=True, slots=True, kw_only=True)
class Fringe:
    """P(+-) = survival (1 +- visibility cos(gain phase - offset))/2: what is known of a stage before it is measured.

    Parameters
    ----------
    gain : int >= 1
        How many times faster than the phase the fringe turns.
    survival : float in (0, 1]
        Share of the shots that give an outcome.
    visibility : float in (0, 1]
    imbalance : float
        P(plus) - P(minus) averaged over the fringe, over the survival; zero for two branches; parity behind losses has one.

    Raises
    ------
    ValueError
        For values outside their range.
    """

    gain: int = 1
    survival: float = 1.0
    visibility: float = 1.0
    imbalance: float = 0.0

    def __post_init__(self) -> None:
        make_real(self, "survival", "visibility", "imbalance")
        freeze(self)
        if self.gain < 1 or not 0 < self.survival <= 1 + 1e-12 or not 0 < self.visibility <= 1 + 1e-9:
            raise ValueError(
                f"a fringe needs a gain of at least 1, survival and visibility in (0, 1], got {self.gain}, "
                f"{self.survival}, {self.visibility}"
            )


@dataclass(frozen=True, eq=False, kw_only=True)
class StageProbabilities:
    """Probabilities of the two outcomes of a stage, and how they swing with the offset, as an engine gives them.

    Attributes
    ----------
    plus, minus : float
        Mean probabilities of both outcomes, in [0, 1].
    cosine, sine : float or (T,) floats
        C and S, the amplitudes with which they swing, one for all trials or one each.
    """

    plus: float
    minus: float
    cosine: Real | float
    sine: Real | float

    def fringe(self, gain: int) -> Fringe:
        """The model that an experimenter who knows the losses has."""
        survival = self.plus + self.minus
        contrast = float(np.max(np.hypot(self.cosine, self.sine)))
        return Fringe(
            gain=gain,
            survival=_at_most_one(survival),
            visibility=_at_most_one(contrast / survival),
            imbalance=(self.plus - self.minus) / survival,
        )


def _at_most_one(value: float) -> float:
    # Rounding must not make a lossless stage look lossy, which has many more outcomes.
    return 1.0 if value > 1 - 1e-12 else value


class Draw(Protocol):
    """What an estimator has of nature: measurements, and what is known beforehand."""

    def __call__(self, stage: int, offset_rad: ArrayLike, shots: int) -> tuple[Integer, Integer]:
        """Measure a stage: (plus, minus), each (T,) counts, at an offset for all trials or one for each."""

    def half_fringe(self, gain: int, share: float) -> Real:
        """(T,) Offsets o in rad: gain*phase is known beforehand to be in the middle ``share`` of (o, o + pi).

        For estimators that need such knowledge; it is drawn uniformly in every trial.
        """


@dataclass(frozen=True, eq=False, kw_only=True)
class Source:
    """Draws counts of T independent trials from what an engine gives; an instance is a ``Draw``.

    ``phase`` is the true one in rad, a number or (T,), from which what is known beforehand is made.
    """

    stages: tuple[StageProbabilities, ...]
    trials: int
    rng: np.random.Generator
    phase: Real | float = 0.0

    def __call__(self, stage: int, offset_rad: ArrayLike, shots: int) -> tuple[Integer, Integer]:
        p = self.stages[stage]
        swing = (p.cosine * np.cos(offset_rad) + p.sine * np.sin(offset_rad)) / 2
        up = np.clip(p.plus + swing, 0.0, 1.0)
        down = np.clip(p.minus - swing, 0.0, 1.0)
        total = np.minimum(up + down, 1.0)
        if (total > 1 - 1e-12).all():
            plus = self._binomial(shots, up)
            return plus, shots - plus
        seen = self._binomial(shots, total)
        share = np.divide(up, total, out=np.zeros_like(up + total), where=total > 0)
        plus = self.rng.binomial(seen, np.minimum(share, 1.0))
        return plus, seen - plus

    def half_fringe(self, gain: int, share: float) -> Real:
        """As ``Draw`` says."""
        edge = np.pi * (1 - share) / 2
        return np.asarray(gain * self.phase - self.rng.uniform(edge, np.pi - edge, self.trials))

    def _binomial(self, shots: int, p: Real) -> Integer:
        if shots == 1:
            # Half the time of a binomial draw, and adaptive schemes draw shot by shot.
            return np.asarray(self.rng.random(self.trials) < p, dtype=np.int64)
        return np.asarray(self.rng.binomial(shots, p, size=self.trials), dtype=np.int64)


@dataclass(frozen=True, eq=False, kw_only=True)
class PhaseEstimates:
    """Estimates of a phase in T trials.

    Parameters
    ----------
    phase : (T,) array
        In rad.
    half_width : (T,) array
        In rad: half the width of each trial's own nominal 95 % interval.
    """

    phase: Real
    half_width: Real


NORMAL_95 = 1.959963984540054
"""A normal variable is within so many standard deviations in 95 % of all cases."""


def wrapped(angle: Real) -> Real:
    """Angles in [-pi, pi)."""
    return np.asarray((angle + np.pi) % (2 * np.pi) - np.pi)
