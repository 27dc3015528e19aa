"""Schemes of Gaussian light for phases made ready: outcomes at the true phases and at the working point, and experiments."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from photonics.limits import CircuitTooLargeError, PrecisionError
from protocols.built.build import plan_as_built
from protocols.built.measured import DetectedBeams, detected_beams
from protocols.estimation.estimators.estimator import Estimator, LightEstimator
from protocols.estimation.experiments import Experiment, require_estimates
from protocols.estimation.light_readings import (
    Fringes,
    LightEstimates,
    LinearReadings,
    Readings,
    UnreadableError,
    readings_of,
)
from protocols.estimation.light_samplers import BeamSampler
from protocols.estimation.resources import Resources, StageUse, shots_of_parts
from protocols.estimation.schedules import Schedule
from protocols.estimation.setup import Setup
from protocols.estimation.shot_bounds import gaussian_shot_bounds
from protocols.estimation.stage_probabilities import engine_outcomes
from protocols.estimation.tally import Errors
from protocols.problem import GaussianProblem
from protocols.schemes import Unavailable
from protocols.schemes.evaluation import evaluate
from protocols.schemes.plan import Part, Plan
from protocols.schemes.scheme import GaussianScheme
from protocols.theory.sums import error_sum

if TYPE_CHECKING:
    from photonics import Outcomes
    from photonics.conventions import Real
    from protocols.estimation.tally import Tally

HELD = "the first tenth of the shots tells the phases, which known ones then take off; the error is that of the other shots"
NOT_HELD = (
    "{}: where a circuit has one shot only, no phase is held: the shot tells the phases roughly, and its interval is too short "
    "unless they are small"
)
NEGLIGIBLE = 0.1
"""Bias of a linear estimate, in its standard deviations, that nobody minds: a hundredth of the mean squared error."""
NOISIER = 1.1
"""Variance at the true phases over that at the working point, of which the same holds."""


@dataclass(frozen=True, eq=False, kw_only=True)
class LightExperiment(Experiment):
    """q from what is read of Gaussian light near known phases, a part of it from each circuit in its ``shots``.

    ``sign`` turns estimates of the oriented function into those of q of the network.
    """

    estimator: LightEstimator
    readings: tuple[Readings, ...]
    shots: tuple[int, ...]
    light_bounds: tuple[float, ...]
    sign: float

    @property
    def probe_bound(self) -> float:
        """The quantum Cramer-Rao bound of the light that arrives, in these shots."""
        return error_sum(one / shots for one, shots in zip(self.light_bounds, self.shots, strict=True))

    def predicted_mse(self) -> float | None:
        """By the estimator, at these phases."""
        return self.estimator.predicted_mse(self.readings, self.shots)

    def repeat(self, trials: int, rng: np.random.Generator) -> Errors:
        """Draw and estimate so many times, independently."""
        error, variance = np.zeros(trials), np.zeros(trials)
        fringe_error = np.full(trials, any(one.is_beyond for one in self.readings))
        for one, shots in zip(self.readings, self.shots, strict=True):
            estimates = self.estimator.estimate(one, shots, trials, rng)
            require_estimates(self.estimator.name, estimates, LightEstimates, ("value", "half_width"), trials)
            error += self.sign * (estimates.value - one.value)
            variance += estimates.half_width**2
            fringe_error = fringe_error | estimates.is_at_end
        return Errors(error=error, half_width=np.sqrt(variance), fringe_error=fringe_error)

    def notes(self, tally: Tally) -> tuple[str, ...]:
        """What has to be known beforehand, how far that reaches, and from which distributions outcomes were drawn."""
        laws = [one.law(shots) for one, shots in zip(self.readings, self.shots, strict=True)]
        notes = [
            "theta is what is left of phases that are known, at which interferometers and oscillators are held",
            *dict.fromkeys(laws),
        ]
        if any(one.is_beyond for one in self.readings):
            notes.append(
                f"{self.scheme}: a phase is beyond its half fringe, where outcomes turn back: estimates are of another phase; "
                "bring it back by a known phase, and give theta as what is left"
            )
        elif self.estimator.holds_phases:
            if max(self.shots) > 1:
                notes.append(HELD)
            if min(self.shots) == 1:
                notes.append(NOT_HELD.format(self.scheme))
        elif (reach := self._reach()) is not None:
            notes.append(reach)
        return tuple(notes)

    def _reach(self) -> str | None:
        """Whether theta is too large for a linear estimate, with its bias and noise there."""
        bias = math.fsum(one.bias for one in self.readings)
        pairs = list(zip(self.readings, self.shots, strict=True))
        here = math.fsum(one.variance / shots for one, shots in pairs)
        known = math.fsum(one.known_variance / shots for one, shots in pairs)
        if abs(bias) <= NEGLIGIBLE * math.sqrt(known) and 1 / NOISIER < here / known < NOISIER:
            return None
        return (
            f"{self.scheme}: theta is beyond the range in which outcomes are linear in it: a linear estimate has the bias "
            f"{self.sign * bias:.3g} beside a standard deviation of {math.sqrt(here):.3g}, and {here / known:.3g} times the "
            "variance that it has at theta = 0; hold the phases nearer by a known bias, and give theta as what is left, or take "
            "the estimator feedback"
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class LightSetup(Setup):
    """A scheme of Gaussian light with what is read of each part of its plan."""

    problem: GaussianProblem
    plan: Plan
    readings: tuple[Readings, ...]
    light_bounds: tuple[float, ...]

    def experiment(
        self, estimator: Estimator, *, shots: int, random_phase: bool = False, schedule: Schedule | None = None
    ) -> LightExperiment | Unavailable:
        """As ``Setup`` says; phases are known beforehand, and there are no stages."""
        assert isinstance(estimator, LightEstimator), "estimators are chosen for the kind of sensing"
        if (reason := estimator.why_not(self.readings)) is not None:
            return Unavailable(scheme=self.plan.scheme, reason=reason)
        each = shots_of_parts(self.plan.parts, shots)
        if each is None:
            reason = f"{len(self.plan.parts)} sites take turns over the shots, and there are only {shots}"
            return Unavailable(scheme=self.plan.scheme, reason=reason)
        passes = self.problem.passes
        photons = self.problem.mean_photons if self.plan.mean_photons is None else self.plan.mean_photons
        unused = max(self.problem.mean_photons - photons, 0.0)
        unused = 0.0 if unused <= 1e-9 * photons else unused
        stages = each if self.plan.takes_turns else (shots,)
        return LightExperiment(
            scheme=self.plan.scheme,
            estimator=estimator,
            readings=self.readings,
            shots=each,
            light_bounds=self.light_bounds,
            sign=-1.0 if self.problem.flipped else 1.0,
            resources=Resources(
                shots=shots,
                photons=photons * shots,
                photon_passes=photons * passes * shots,
                stages=tuple(StageUse(gain=passes, photons=photons, passes=passes, shots=own) for own in stages),
                photons_unused=unused * shots,
                photon_passes_unused=unused * passes * shots,
            ),
            bounds=gaussian_shot_bounds(self.problem, shots),
        )


def light_setup(
    problem: GaussianProblem, scheme: GaussianScheme, theta: Sequence[float], *, engine: str = "native"
) -> LightSetup | Unavailable:
    """What is read of a scheme of Gaussian light as it is built, or why nothing is.

    Parameters
    ----------
    problem : GaussianProblem
    scheme : GaussianScheme
    theta : floats
        The phases of all sensor modes, what is left of those that are known.
    engine : "native" or "strawberryfields"
    """
    plan = plan_as_built(scheme, problem)
    if isinstance(plan, Unavailable):
        return plan
    try:
        if plan.interference:
            readings: tuple[Readings, ...] = (_beam_readings(problem, plan, theta, engine),)
        else:
            readings = tuple(_part_readings(problem, part, theta, engine) for part in plan.parts)
    except (UnreadableError, PrecisionError) as why:
        return scheme.unavailable(str(why))
    bounds = _light_bounds(problem, plan, engine)
    return LightSetup(problem=problem, plan=plan, readings=readings, light_bounds=bounds)


def _light_bounds(problem: GaussianProblem, plan: Plan, engine: str) -> tuple[float, ...]:
    """The quantum Cramer-Rao bound of each part in one of its shots."""
    from photonics import nuisance_aware_information

    light = evaluate(plan, problem, engine)
    if plan.interference:
        return (light.mse,)
    return tuple(
        nuisance_aware_information(information, part.coefficients_of(problem.alpha)).mse
        for part, information in zip(plan.parts, light.informations, strict=True)
    )


def _part_readings(problem: GaussianProblem, part: Part, theta: Sequence[float], engine: str) -> Readings:
    from photonics import measure

    if part.measurement is None:
        raise UnreadableError(
            "its outcomes are not tabled, as there are too many (of twin squeezed vacua beyond 3 photons a site, or with "
            "a visibility or jitter), or it does not say what it is measured by (`measurement` of its parts)"
        )
    own = [theta[k] for k in part.sensors]
    coefficients = part.coefficients_of(problem.alpha)
    turns = (own, [0.0] * len(own), [math.pi / 2 / problem.passes] * len(own))
    true, known, quarter = (measure(part.circuit, part.measurement, at) for at in turns)
    if engine != "native":
        # Another engine gives means and covariances, and no derivatives.
        true = _with_derivatives(engine_outcomes(part.circuit, own, engine, part.measurement), true)
    place = {k: column for column, k in enumerate(part.sensors)}
    sites = [site for site in problem.sites if all(k in place for k in site)]
    turned = np.zeros((len(sites), len(part.sensors)))
    for row, site in zip(turned, sites, strict=True):
        row[[place[k] for k in site]] = (1.0,) if len(site) == 1 else (0.5, -0.5)
    try:
        readings = readings_of(
            true,
            known,
            quarter,
            coefficients,
            own,
            is_linear=part.is_linear,
            sites=turned,
            gain=problem.passes,
        )
    except (ValueError, CircuitTooLargeError) as error:
        raise UnreadableError(str(error)) from None
    if not isinstance(readings, LinearReadings) or readings.fringes is None:
        return readings
    held = _HeldPart(problem=problem, part=part, theta=tuple(theta), turned=turned, engine=engine)
    return replace(readings, held=held)


@dataclass(frozen=True, eq=False, kw_only=True)
class _HeldPart:
    """A part with known phases that take so much of each parameter off; sent to other processes, so no function."""

    problem: GaussianProblem
    part: Part
    theta: tuple[float, ...]
    turned: Real
    """(k, d_k) How the parameter of each site turns the modes of the part."""
    engine: str

    def __call__(self, at: Real) -> LinearReadings:
        given = np.array(self.theta, dtype=float)
        given[list(self.part.sensors)] -= self.turned.T @ at
        left = _part_readings(self.problem, self.part, given.tolist(), self.engine)
        assert isinstance(left, LinearReadings), "of the same measurement"
        return left


@dataclass(frozen=True, eq=False, kw_only=True)
class _HeldBeams:
    """Beams that meet, as ``_HeldPart``."""

    beams: DetectedBeams
    phases: Real
    passes: int

    def __call__(self, at: Real) -> LinearReadings:
        return _readings_of_beams(self.beams, self.phases - self.passes * at, self.passes)


def _with_derivatives(outcomes: Outcomes, native: Outcomes) -> Outcomes:
    """Outcomes with the derivatives of those of the native engine."""
    from photonics import DiscreteOutcomes, GaussianOutcomes, JitteredOutcomes, MomentOutcomes

    if isinstance(outcomes, DiscreteOutcomes) or isinstance(native, DiscreteOutcomes):
        return native
    if isinstance(outcomes, JitteredOutcomes):
        assert isinstance(native, JitteredOutcomes), "of the same measurement"
        return replace(outcomes, light_derivatives=native.light_derivatives, slopes=native.slopes)
    if isinstance(outcomes, MomentOutcomes):
        return replace(outcomes, jacobian=native.jacobian)
    assert isinstance(native, GaussianOutcomes), "of the same measurement"
    return replace(outcomes, jacobian=native.jacobian, slopes=native.slopes)


def _beam_readings(problem: GaussianProblem, plan: Plan, theta: Sequence[float], engine: str) -> LinearReadings:
    """Photocurrents where beams of coherent light meet."""
    (part,) = plan.parts
    passes = problem.passes
    phase = dict.fromkeys(part.circuit.modes, 0.0) | {problem.sensor_modes[k]: passes * theta[k] for k in part.sensors}
    phases = np.array([phase[beam.first] - phase[beam.second] for beam in plan.interference])
    return _readings_of_beams(detected_beams(plan, problem, engine), phases, passes)


def _readings_of_beams(beams: DetectedBeams, phases: Real, passes: int) -> LinearReadings:
    """At these phases."""
    slopes = beams.slopes
    if not (slopes > 0).all():
        raise UnreadableError("the transmission is below numerical precision with these losses")
    mean, covariance = beams.moments(phases.tolist())
    known = beams.moments([0.0] * len(phases))[1]
    weights = beams.weights / (slopes * passes)
    sampler = BeamSampler(beams=beams, phases=phases)
    return LinearReadings(
        value=math.fsum((beams.weights * phases / passes).tolist()),
        known_variance=float(weights @ known @ weights),
        is_beyond=bool((np.abs(phases) >= math.pi / 2).any()),
        sampler=sampler,
        mean=mean,
        covariance=covariance,
        known_mean=np.zeros(len(phases)),
        weights=weights,
        own_fringes=Fringes(
            sampler=sampler, amplitudes=slopes, coefficients=beams.weights, gain=passes, covariance=known
        ),
        held=_HeldBeams(beams=beams, phases=phases, passes=passes),
    )


def usual_phases(problem: GaussianProblem, shots: int) -> float:
    """How large phases may be for estimates that are linear in them, whatever the scheme.

    The curvature of a fringe, theta^3/6, stays below a tenth of the standard deviation e^(-r)/(2 sqrt(N S)). With the most
    squeezing that there may be, the noise by which squeezed vacuum is read changes by 4 sinh(2r) theta < 0.004 of its variance, and
    the anti-squeezed noise that comes into the squeezed, e^(4r) theta^2 of it, is far below.

    Parameters
    ----------
    problem : GaussianProblem
    shots : int >= 1
        S.

    Returns
    -------
    float
        In rad.
    """
    limits = problem.limits
    squeezed = 0.0 if limits.squeezers == 0 else limits.most_photons
    root = math.sqrt(squeezed) + math.sqrt(squeezed + 1)
    curved = math.cbrt(0.3 / root / math.sqrt(problem.mean_photons) / math.sqrt(shots))
    return min(0.002 / root / root, curved) / problem.passes
