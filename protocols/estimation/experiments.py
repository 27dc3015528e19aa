"""Experiments ready to be repeated: light, estimator, shots, what they cost and what theory allows. One interface for all.

Made by ``setups``, repeated by ``trials``. What differs from estimator to estimator is in the estimators' own files.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from networks import InputError, LinearFunction
from photonics.conventions import Real
from protocols.estimation.estimators.estimator import DisplacementEstimator, Estimator, PhaseEstimator
from protocols.estimation.fringes import PhaseEstimates, Source, StageProbabilities, wrapped
from protocols.estimation.interference import CountedInterference
from protocols.estimation.measured_phase import MeasuredPhase
from protocols.estimation.quadratures import QuadratureEstimates, QuadratureMoments
from protocols.estimation.resources import Resources
from protocols.estimation.shot_bounds import ShotBounds
from protocols.estimation.superposed import KNOWN, SuperposedStrings
from protocols.estimation.tally import Errors, joined
from protocols.theory.phase import heisenberg_limit, holevo_floor
from protocols.theory.sums import error_sum

if TYPE_CHECKING:
    from protocols.estimation.tally import Tally

FEW_ARRIVING = 5.0
"""Shots of a stage; below it a note says that estimates mean little."""


class Repeatable(Protocol):
    """What estimates q, or a function, again and again."""

    def repeat(self, trials: int, rng: np.random.Generator) -> Errors:
        """Draw and estimate so many times, independently."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Experiment(ABC):
    """A scheme with an estimator and its shots.

    Parameters
    ----------
    scheme : str
        Its name.
    estimator : Estimator
    resources : Resources
    bounds : ShotBounds
    """

    scheme: str
    estimator: Estimator
    resources: Resources
    bounds: ShotBounds

    @abstractmethod
    def repeat(self, trials: int, rng: np.random.Generator) -> Errors:
        """Draw and estimate so many times, independently."""

    @property
    @abstractmethod
    def probe_bound(self) -> float:
        """Cramer-Rao bound on the mean squared error of q from what this very light and its losses allow."""

    @property
    def period(self) -> float | None:
        """q is determined only modulo it; None without one for q as a whole."""
        return None

    @property
    def heisenberg(self) -> float | None:
        """The asymptote of ``floor`` for many photon passes; None where the phase is known beforehand, or is none."""
        return None

    @property
    def floor(self) -> float | None:
        """The least Holevo variance of any estimate from these photon passes; None where the phase is known, or q has no period."""
        return None

    @property
    def counts_fringe_errors(self) -> bool:
        """Whether one fringe can be taken for another, as far as is known."""
        return True

    def predicted_mse(self) -> float | None:
        """Exact, where it can be worked out."""
        return None

    def guaranteed_mse(self) -> float | None:
        """Proved for all parameters, where it is."""
        return None

    def published_bound(self) -> float | None:
        """What was published for the estimator, where something was."""
        return None

    def notes(self, tally: Tally) -> tuple[str, ...]:
        """What a reader of the results has to know."""
        return ()


@dataclass(frozen=True, eq=False, kw_only=True)
class PhaseExperiment(Experiment):
    """q from one phase, or from one for each sensor.

    ``random_phase`` turns every phase by a new uniform one in each trial, which stands for new parameters: what is drawn depends on
    them through the phase alone. ``function`` is the oriented one, ``photon_passes`` N M of the network.
    """

    estimator: PhaseEstimator
    phases: tuple[MeasuredPhase, ...]
    function: LinearFunction
    photon_passes: int
    random_phase: bool = False

    @property
    def period(self) -> float | None:
        """That of the phase; None where each sensor has a period of its own."""
        if len(self.phases) > 1:
            return None
        staged = self.phases[0].staged
        return abs(staged.coefficient) * self.estimator.period_rad(staged)

    @property
    def probe_bound(self) -> float:
        """From the quantum Fisher information of these very shots."""
        return error_sum(one.coefficient**2 / one.information for one in self.phases)

    @property
    def heisenberg(self) -> float | None:
        """(pi ||alpha||_P/n)^2."""
        if self.estimator.largest_gain_only:
            return None
        return heisenberg_limit(self.function, self.resources.photon_passes)

    @property
    def floor(self) -> float | None:
        """tan^2(pi/(n + 2)) in the units of q and its period."""
        if self.estimator.largest_gain_only or self.period is None:
            return None
        return holevo_floor(self.function, self.resources.photon_passes, self.period)

    @property
    def counts_fringe_errors(self) -> bool:
        """Not where the fringe is taken to be known."""
        return not self.estimator.largest_gain_only

    def predicted_mse(self) -> float | None:
        """By the estimator, at fixed parameters."""
        return None if self.random_phase else self.estimator.predicted_mse(self.phases)

    def guaranteed_mse(self) -> float | None:
        """By the estimator."""
        return self.estimator.guaranteed_mse(self.phases)

    def published_bound(self) -> float | None:
        """Of the estimator."""
        return None if self.heisenberg is None else self.estimator.published_bound(self.heisenberg)

    def repeat(self, trials: int, rng: np.random.Generator) -> Errors:
        """Draw and estimate so many times, independently."""
        limits = [self.estimator.trials_at_once(one.schedule) for one in self.phases]
        together = min([trials, *(limit for limit in limits if limit is not None)])
        parts = [self._repeat(min(together, trials - start), rng) for start in range(0, trials, together)]
        return joined(parts)

    def _repeat(self, trials: int, rng: np.random.Generator) -> Errors:
        error, variance = np.zeros(trials), np.zeros(trials)
        fringe_error = np.zeros(trials, dtype=bool)
        for one in self.phases:
            phase: Real | float = one.phase
            probabilities = one.probabilities
            if self.random_phase:
                phase = rng.uniform(-np.pi, np.pi, trials)
                probabilities = tuple(
                    _turned(p, s.gain * phase) for p, s in zip(probabilities, one.staged.stages, strict=True)
                )
            source = Source(stages=probabilities, trials=trials, rng=rng, phase=phase)
            estimates = self.estimator.estimate(source, one.fringes, one.schedule)
            require_estimates(self.estimator.name, estimates, PhaseEstimates, ("phase", "half_width"), trials)
            period = self.estimator.period_rad(one.staged)
            away = wrapped((estimates.phase - phase) * (2 * np.pi / period)) * (period / (2 * np.pi))
            fringe_error |= np.abs(away) * one.staged.stages[-1].gain > np.pi
            error += one.coefficient * away
            variance += (one.coefficient * estimates.half_width) ** 2
        return Errors(error=error, half_width=np.sqrt(variance), fringe_error=fringe_error, period=self.period)

    def notes(self, tally: Tally) -> tuple[str, ...]:
        """Too little light, biased estimates, periods, and stages that leave photons unused."""
        notes = []
        who = f"{self.scheme}, {self.estimator.name}"
        if (arriving := min(one.fewest_arriving for one in self.phases)) < FEW_ARRIVING:
            notes.append(
                f"{who}: in one stage {arriving:.2g} shots arrive on average; where nothing does, an estimate is a constant "
                "without information, and its error an accident of theta"
            )
        if tally.trials > 1 and tally.mse + 4 * tally.mse_stderr < self.probe_bound:
            notes.append(
                f"{who}: the error is below the bound, which is for unbiased estimates without a period; this one is biased here, "
                "as it is near the edges of a fringe or with little light"
            )
        single = len(self.phases) == 1
        if not single:
            over = " over its largest gain" if self.estimator.largest_gain_only else ""
            pairs = any(sum(map(abs, one.staged.direction)) > 1 for one in self.phases)
            what = "the difference of each pair" if pairs else "each theta_j"
            notes.append(f"{what} is determined only modulo 2 pi{over}")
        if self.estimator.note:
            notes.append(self.estimator.note)
        largest = self.phases[0].staged.stages[-1].product
        # Of the light that is used: photons that losses make useless are not left out by the doubling.
        if single and largest < self.phases[0].staged.whole.product:
            notes.append(
                f"the largest stage has {largest} of N M = {self.photon_passes} photon passes: gains double from stage to stage"
            )
        return tuple(notes)


@dataclass(frozen=True, eq=False, kw_only=True)
class StringsExperiment(Experiment):
    """q from superposed strings that are read out at once, near phases that are known beforehand."""

    estimator: PhaseEstimator
    strings: SuperposedStrings

    @property
    def probe_bound(self) -> float:
        """From the quantum Fisher information of these very shots."""
        return self.strings.least_variance

    @property
    def counts_fringe_errors(self) -> bool:
        """The phases are taken to be known beforehand."""
        return False

    def repeat(self, trials: int, rng: np.random.Generator) -> Errors:
        """Draw and estimate so many times, independently."""
        return self.strings.repeat(trials, rng)

    def notes(self, tally: Tally) -> tuple[str, ...]:
        """What has to be known beforehand, and too little light."""
        notes = [
            f"{self.scheme}: every theta_j has to be known beforehand, here to within {KNOWN:g} rad/(N M) on both sides"
        ]
        if (arriving := self.strings.shots * self.strings.survival) < FEW_ARRIVING:
            notes.append(
                f"{self.scheme}: {arriving:.2g} shots arrive on average; without one the estimate is what was known"
            )
        return tuple(notes)


@dataclass(frozen=True, eq=False, kw_only=True)
class InterferenceExperiment(Experiment):
    """q from counts behind the beam splitters at which beams of coherent light meet, near phases that are known beforehand."""

    estimator: PhaseEstimator
    counted: CountedInterference

    @property
    def probe_bound(self) -> float:
        """From the quantum Fisher information of these very shots, the common phase unknown."""
        return self.counted.least_variance

    @property
    def counts_fringe_errors(self) -> bool:
        """The phases are taken to be known beforehand."""
        return False

    def repeat(self, trials: int, rng: np.random.Generator) -> Errors:
        """Draw and estimate so many times, independently."""
        return self.counted.repeat(trials, rng)

    def notes(self, tally: Tally) -> tuple[str, ...]:
        """What has to be known beforehand, and what N means here."""
        notes = [
            f"{self.scheme}: N photons on average, so (12), which is for exactly N, is no bound on it",
            f"{self.scheme}: phases between beams that meet have to be known beforehand, here to within {KNOWN:g} rad either way",
        ]
        if (arriving := self.counted.fewest_arriving) < FEW_ARRIVING:
            notes.append(
                f"{self.scheme}: at one beam splitter {arriving:.2g} photons arrive on average; without one the estimate is "
                "what was known"
            )
        return tuple(notes)


@dataclass(frozen=True, eq=False, kw_only=True)
class DisplacementExperiment(Experiment):
    """q from homodyne outcomes, a part of it from each circuit of the plan in its ``shots``; ``value`` is the true q."""

    estimator: DisplacementEstimator
    moments: tuple[QuadratureMoments, ...]
    shots: tuple[int, ...]
    value: float

    @property
    def probe_bound(self) -> float:
        """The variance of the linear estimate, which is the least that this light allows."""
        if not self._takes_turns:
            return error_sum(one.variance for one in self.moments) / self.resources.shots
        return error_sum(one.variance / shots for one, shots in zip(self.moments, self.shots, strict=True))

    @property
    def _takes_turns(self) -> bool:
        return any(shots < self.resources.shots for shots in self.shots)

    def predicted_mse(self) -> float | None:
        """By the estimator; of parts that take turns each by itself, as estimates without bias add up."""
        if not self._takes_turns:
            return self.estimator.predicted_mse(self.moments, self.resources.shots)
        each = [
            self.estimator.predicted_mse((one,), shots) for one, shots in zip(self.moments, self.shots, strict=True)
        ]
        known = [error for error in each if error is not None]
        return math.fsum(known) if len(known) == len(each) else None

    def notes(self, tally: Tally) -> tuple[str, ...]:
        """How the shots of turns are used."""
        if not self._takes_turns:
            return ()
        return (
            f"{self.scheme}: sensors without a squeezer are read out in the vacuum meanwhile, and both estimates of each theta_j "
            "are weighed",
        )

    def repeat(self, trials: int, rng: np.random.Generator) -> Errors:
        """Draw and estimate so many times, independently."""
        error, variance = np.full(trials, -self.value), np.zeros(trials)
        for one, shots in zip(self.moments, self.shots, strict=True):
            estimates = self.estimator.estimate(one, shots, trials, rng)
            require_estimates(self.estimator.name, estimates, QuadratureEstimates, ("value", "half_width"), trials)
            error += estimates.value
            variance += estimates.half_width**2
        return Errors(error=error, half_width=np.sqrt(variance), fringe_error=np.zeros(trials, dtype=bool))


def require_estimates(name: str, given: object, kind: type[object], fields: tuple[str, str], trials: int) -> None:
    """Raise when what an estimator gave is not what was agreed: one number for every trial, and one half width.

    Estimates have to be finite; half widths may be infinite.

    Parameters
    ----------
    name : str
        Of the estimator.
    given : anything
    kind : PhaseEstimates or QuadratureEstimates
    fields : two names
        Of the estimates and of their half widths.
    trials : int >= 1

    Raises
    ------
    TypeError
        For what is not of this kind.
    InputError
        For another number of estimates, and for nan and infinity among them.
    """
    if not isinstance(given, kind):
        raise TypeError(f"the estimator {name!r} must give {kind.__name__}, got {type(given).__name__}")
    for field in fields:
        shape = np.shape(getattr(given, field))
        if shape != (trials,):
            raise InputError(
                [f"the estimator {name!r} must give `{field}` of shape ({trials},), one a trial, got {shape}"]
            )
    bad = int(np.count_nonzero(~np.isfinite(getattr(given, fields[0]))))
    bad_widths = int(np.count_nonzero(np.isnan(getattr(given, fields[1]))))
    for field, count in zip(fields, (bad, bad_widths), strict=True):
        if count:
            raise InputError(
                [f"the estimator {name!r} gave a `{field}` that is no number in {count} of {trials} trials"]
            )


def _turned(p: StageProbabilities, angle: Real) -> StageProbabilities:
    contrast = math.hypot(float(p.cosine), float(p.sine))
    return StageProbabilities(
        plus=p.plus, minus=p.minus, cosine=contrast * np.cos(angle), sine=contrast * np.sin(angle)
    )
