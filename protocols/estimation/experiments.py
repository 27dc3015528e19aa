"""Experiments ready to be repeated: light, estimator, shots, and what they cost. One interface for all of them.

To add an estimator of phases, write a function of (draw, fringes, schedule) and name it in LADDER_ESTIMATORS.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from networks import InputError
from photonics.conventions import Real
from protocols.estimation.estimators.bayesian import MAX_SHOTS, adaptive_phase, fixed_offsets_phase, trials_at_once
from protocols.estimation.estimators.homodyne import HomodyneLight, homodyne_weights
from protocols.estimation.estimators.likelihood import likelihood_phase
from protocols.estimation.estimators.moments import moment_phase
from protocols.estimation.estimators.robust import robust_phase
from protocols.estimation.estimators.robust_exact import (
    MAX_PROVED,
    guaranteed_mse,
    outcome_count,
    robust_distribution,
    robust_schedule,
)
from protocols.estimation.fringes import Draw, Fringe, PhaseEstimates, Source, StageLight, wrapped
from protocols.estimation.schedules import Schedule, even_schedule
from protocols.estimation.stage_light import branch_light, engine_outcomes, has_parity, parity_light
from protocols.problem import DisplacementProblem, PhaseProblem
from protocols.schemes import DisplacementScheme, PhaseScheme, Unavailable
from protocols.schemes.stages import Stage, StagedPhase

LadderEstimator = Callable[[Draw, Sequence[Fringe], Schedule], PhaseEstimates]


def _adaptive_schedule(fringes: Sequence[Fringe], shots: int) -> Schedule:
    return even_schedule(
        len(fringes), shots, survival=[f.survival for f in fringes], visibility=[f.visibility for f in fringes]
    )


LADDER_ESTIMATORS: dict[str, tuple[LadderEstimator, Callable[[Sequence[Fringe], int], Schedule]]] = {
    "robust": (robust_phase, robust_schedule),
    "adaptive": (adaptive_phase, _adaptive_schedule),
    "fixed-offsets": (fixed_offsets_phase, robust_schedule),
}
"""Estimators of a phase modulo 2 pi from stages of doubling gain, with how they share shots out."""
BAYESIAN = ("adaptive", "fixed-offsets")
LOCAL_ESTIMATORS = ("maximum-likelihood", "parity")
"""Estimators that use the largest gain only and need the phase known to within one of its fringes, or half of one."""
ESTIMATORS = {"phase": (*LADDER_ESTIMATORS, *LOCAL_ESTIMATORS), "displacement": ("homodyne",)}
MAX_EXACT = 3_000_000
"""Outcomes of robust phase estimation that are added up to predict an error."""
LEAST_CONTRAST = 1e-12
"""Fringes below it are rounding."""
MAX_PARITY_PHOTONS = 400
"""Photons behind a beam splitter; its matrix has the square of them."""
PARITY_KNOWN = 0.5
"""Share of the half fringe, around its middle, in which a parity experiment takes the phase to be known beforehand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageUse:
    """One line of the account: so many shots with so many photons and passes."""

    gain: int
    photons: float
    passes: int
    shots: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What one estimate costs. ``photon_passes`` is n: photons times passes, added up over all shots (and sensors)."""

    shots: int
    photons: float
    photon_passes: float
    stages: tuple[StageUse, ...]

    def to_dict(self) -> dict[str, object]:
        """The ``resources`` of ``psn simulate --json``; stages that separate sensors run alike are told once for each."""
        return {
            "shots": self.shots,
            "photons": self.photons,
            "photon_passes": self.photon_passes,
            "stages": [
                {"gain": s.gain, "photons": s.photons, "passes": s.passes, "shots": s.shots} for s in self.stages
            ],
        }


@dataclass(frozen=True, eq=False, kw_only=True)
class Errors:
    """(T,) errors of q, half widths of the 95 % intervals, and whether a fringe was mistaken for another.

    ``period`` is what errors are taken modulo, where there is one for q as a whole.
    """

    error: Real
    half_width: Real
    mistaken: Real
    period: float | None = None


def joined(parts: Sequence[Errors]) -> Errors:
    """Errors of several groups of trials, in order."""
    return Errors(
        error=np.concatenate([p.error for p in parts]),
        half_width=np.concatenate([p.half_width for p in parts]),
        mistaken=np.concatenate([p.mistaken for p in parts]),
        period=parts[0].period,
    )


class Experiment(Protocol):
    """A scheme with an estimator and its shots: estimates q again and again."""

    def repeat(self, trials: int, rng: np.random.Generator) -> Errors:
        """Draw and estimate so many times, independently."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Climb:
    """A ladder with what the engine found at the true parameters, and the shots of its stages.

    ``lights`` is of the measurement that is made, ``branches`` of the projection on the branches, which keeps all information.
    """

    ladder: StagedPhase
    lights: tuple[StageLight, ...]
    branches: tuple[StageLight, ...]
    schedule: Schedule
    phase: float

    @property
    def fringes(self) -> tuple[Fringe, ...]:
        return tuple(light.fringe(s.gain) for light, s in zip(self.lights, self.ladder.stages, strict=True))

    @property
    def information(self) -> float:
        """Quantum Fisher information about phase_0 of all shots together."""
        fringes = (light.fringe(s.gain) for light, s in zip(self.branches, self.ladder.stages, strict=True))
        return math.fsum(
            shots * f.gain**2 * f.survival * f.visibility**2
            for shots, f in zip(self.schedule.shots, fringes, strict=True)
        )

    @property
    def least_seen(self) -> float:
        """Shots that arrive, on average, in the stage where they are fewest."""
        return min(shots * f.survival for shots, f in zip(self.schedule.shots, self.fringes, strict=True))


@dataclass(frozen=True, eq=False, kw_only=True)
class PhaseExperiment:
    """q from one ladder, or from one for each sensor.

    ``random_phase`` turns every ladder by a new uniform phase in each trial, which stands for new parameters: what is drawn
    depends on them through phase_0 alone.
    """

    scheme: str
    estimator: str
    climbs: tuple[Climb, ...]
    resources: Resources
    random_phase: bool = False

    @property
    def period(self) -> float | None:
        """q is told apart from q + period by nothing here; None where each sensor has a period of its own."""
        if len(self.climbs) > 1:
            return None
        climb = self.climbs[0]
        gain = climb.ladder.stages[-1].gain if self.estimator in LOCAL_ESTIMATORS else 1
        return abs(climb.ladder.coefficient) * 2 * math.pi / gain

    @property
    def probe_bound(self) -> float:
        """Cramer-Rao bound on the mean squared error of q from the quantum Fisher information of these very shots."""
        return math.fsum(c.ladder.coefficient**2 / c.information for c in self.climbs)

    def predicted_mse(self) -> float | None:
        """Exact, from binomial sums, for robust phase estimation at fixed parameters with not too many outcomes."""
        if self.estimator != "robust" or self.random_phase:
            return None
        squares, means = [], []
        for climb in self.climbs:
            stages = zip(climb.schedule.shots, climb.fringes, strict=True)
            if max(outcome_count(shots // 2, f) * f.gain for shots, f in stages) > MAX_EXACT:
                return None
            estimates, weights = robust_distribution(climb.schedule, climb.fringes, climb.phase)
            error = climb.ladder.coefficient * wrapped(estimates - climb.phase)
            squares.append(float((weights * error**2).sum()))
            means.append(float((weights * error).sum()))
        cross = math.fsum(means) ** 2 - math.fsum(m * m for m in means)
        return math.fsum(squares) + cross

    def guaranteed_mse(self) -> float | None:
        """What robust phase estimation stays below at any phase, proved; None for others and for too many outcomes."""
        if self.estimator != "robust":
            return None
        roots = []
        for climb in self.climbs:
            stages = zip(climb.schedule.shots, climb.fringes, strict=True)
            if max(outcome_count(shots // 2, f) for shots, f in stages) > MAX_PROVED:
                return None
            roots.append(abs(climb.ladder.coefficient) * math.sqrt(guaranteed_mse(climb.schedule, climb.fringes)))
        # Errors of several sensors may have biases of one sign, so their roots add up.
        return math.fsum(roots) ** 2

    def repeat(self, trials: int, rng: np.random.Generator) -> Errors:
        """Draw and estimate so many times, independently."""
        together = trials
        if self.estimator in BAYESIAN:
            together = min(trials_at_once(climb.schedule) for climb in self.climbs)
        parts = [self._repeat(min(together, trials - start), rng) for start in range(0, trials, together)]
        return joined(parts)

    def _repeat(self, trials: int, rng: np.random.Generator) -> Errors:
        error, variance = np.zeros(trials), np.zeros(trials)
        mistaken = np.zeros(trials, dtype=bool)
        for climb in self.climbs:
            phase: Real | float = climb.phase
            lights = climb.lights
            if self.random_phase:
                phase = rng.uniform(-np.pi, np.pi, trials)
                lights = tuple(
                    _turned(light, s.gain * phase) for light, s in zip(lights, climb.ladder.stages, strict=True)
                )
            source = Source(stages=lights, trials=trials, rng=rng)
            found, period = self._estimates(climb, source, phase, trials, rng)
            away = wrapped((found.phase - phase) * (2 * np.pi / period)) * (period / (2 * np.pi))
            mistaken |= np.abs(away) * climb.ladder.stages[-1].gain > np.pi
            error += climb.ladder.coefficient * away
            variance += (climb.ladder.coefficient * found.half_width) ** 2
        return Errors(error=error, half_width=np.sqrt(variance), mistaken=mistaken, period=self.period)

    def _estimates(
        self, climb: Climb, source: Source, phase: Real | float, trials: int, rng: np.random.Generator
    ) -> tuple[PhaseEstimates, float]:
        if self.estimator in LADDER_ESTIMATORS:
            return LADDER_ESTIMATORS[self.estimator][0](source, climb.fringes, climb.schedule), 2 * math.pi
        top = climb.fringes[-1]
        shots = climb.schedule.shots[-1]
        period = 2 * math.pi / top.gain
        last = Source(stages=source.stages[-1:], trials=trials, rng=rng)
        if self.estimator == "maximum-likelihood":
            return likelihood_phase(last, top, shots), period
        # The bias is set from what is known beforehand: the phase is somewhere in the middle of the half fringe.
        edge = math.pi * (1 - PARITY_KNOWN) / 2
        return moment_phase(last, top, shots, top.gain * phase - rng.uniform(edge, math.pi - edge, trials)), period


@dataclass(frozen=True, eq=False, kw_only=True)
class HomodyneExperiment:
    """q from the weighted sums of homodyne outcomes, one sum for each circuit of the plan."""

    scheme: str
    lights: tuple[HomodyneLight, ...]
    value: float
    resources: Resources
    estimator: str = "homodyne"
    period: None = None

    @property
    def probe_bound(self) -> float:
        """The variance of the estimate, which is the least that this light allows."""
        return math.fsum(light.variance for light in self.lights) / self.resources.shots

    def predicted_mse(self) -> float:
        """Exact: the estimate is normal and without bias."""
        return self.probe_bound

    def repeat(self, trials: int, rng: np.random.Generator) -> Errors:
        """Draw and estimate so many times, independently."""
        error, variance = np.full(trials, -self.value), np.zeros(trials)
        for light in self.lights:
            found, half_width = light.estimates(self.resources.shots, trials, rng)
            error += found
            variance += half_width**2
        return Errors(error=error, half_width=np.sqrt(variance), mistaken=np.zeros(trials, dtype=bool))


@dataclass(frozen=True, eq=False, kw_only=True)
class PhaseSetup:
    """A scheme with the ladders that a network allows and what an engine found for them; estimators share it."""

    scheme: str
    ladders: tuple[StagedPhase, ...]
    lights: tuple[tuple[StageLight, ...], ...]
    theta: tuple[float, ...]
    engine: str

    def experiment(
        self, estimator: str, *, shots: int, random_phase: bool = False, schedule: Schedule | None = None
    ) -> PhaseExperiment | Unavailable:
        """The experiment of an estimator; ``schedule`` overrides how it shares the shots out (for every sensor alike)."""
        ladders, lights = self.ladders, self.lights
        if estimator in LOCAL_ESTIMATORS:
            ladders = tuple(replace(ladder, stages=(ladder.whole,)) for ladder in ladders)
            lights = tuple((branch_light(ladder.whole, self.theta, self.engine),) for ladder in ladders)
        made = lights
        if estimator == "parity":
            if not all(has_parity(ladder.whole) for ladder in ladders):
                return self._without(
                    "its branches are not all photons in one of two modes, so no beam splitter reads them out by parity"
                )
            if (most := max(ladder.whole.photons for ladder in ladders)) > MAX_PARITY_PHOTONS:
                return self._without(
                    f"parity behind a beam splitter is simulated up to {MAX_PARITY_PHOTONS} photons, got {most}"
                )
            made = tuple((parity_light(ladder.whole, self.theta, self.engine),) for ladder in ladders)
        climbs = []
        for ladder, own, kept in zip(ladders, made, lights, strict=True):
            if any(np.hypot(light.cosine, light.sine) < LEAST_CONTRAST for light in (*own, *kept)):
                return self._without("next to no light arrives through these losses")
            fringes = [light.fringe(stage.gain) for light, stage in zip(own, ladder.stages, strict=True)]
            shared = schedule if schedule is not None else _shared(estimator, fringes, shots)
            if isinstance(shared, str):
                return self._without(shared)
            if shared.stages != len(ladder.stages):
                return self._without(
                    f"the schedule has {shared.stages} stages, the network allows {len(ladder.stages)} here"
                )
            if estimator in BAYESIAN and max(shared.shots) > MAX_SHOTS:
                return self._without(
                    f"{estimator} takes at most {MAX_SHOTS} shots in a stage, got {max(shared.shots)}; use robust"
                )
            climbs.append(
                Climb(ladder=ladder, lights=own, branches=kept, schedule=shared, phase=ladder.phase(self.theta))
            )
        return PhaseExperiment(
            scheme=self.scheme,
            estimator=estimator,
            climbs=tuple(climbs),
            resources=_phase_resources(climbs),
            random_phase=random_phase,
        )

    def _without(self, reason: str) -> Unavailable:
        return Unavailable(scheme=self.scheme, reason=reason)


def phase_setup(
    problem: PhaseProblem,
    scheme: PhaseScheme,
    theta: Sequence[float],
    *,
    engine: str = "native",
    order: str = "photons",
) -> PhaseSetup | Unavailable:
    """Ladders and light of a photon scheme at parameters ``theta`` (of all sensors), or why there is none."""
    ladders = scheme.stages(problem, order)
    if isinstance(ladders, Unavailable):
        return ladders
    lights = tuple(tuple(branch_light(stage, theta, engine) for stage in ladder.stages) for ladder in ladders)
    return PhaseSetup(scheme=scheme.name, ladders=ladders, lights=lights, theta=tuple(theta), engine=engine)


def homodyne_experiment(
    problem: DisplacementProblem,
    scheme: DisplacementScheme,
    theta: Sequence[float],
    *,
    shots: int,
    engine: str = "native",
) -> HomodyneExperiment | Unavailable:
    """The experiment of a displacement scheme at parameters ``theta`` (of all sensors), or why there is none."""
    plan = scheme.plan(problem)
    if isinstance(plan, Unavailable):
        return plan
    from photonics import Homodyne

    passes = problem.passes
    lights, value = [], []
    for part in plan.parts:
        own = [theta[j] for j in part.sensors]
        outcomes = engine_outcomes(part.circuit, own, engine, Homodyne())
        alpha = [problem.alpha[j] for j in part.sensors]
        gains = [problem.task.gains[j] for j in part.sensors]
        lights.append(
            HomodyneLight(mean=outcomes.mean, covariance=outcomes.covariance, weights=homodyne_weights(alpha, gains))
        )
        value += [a * t for a, t in zip(alpha, own, strict=True)]
    use = StageUse(gain=1, photons=problem.mean_photons, passes=passes, shots=shots)
    return HomodyneExperiment(
        scheme=scheme.name,
        lights=tuple(lights),
        value=math.fsum(value),
        resources=Resources(
            shots=shots,
            photons=problem.mean_photons * shots,
            photon_passes=problem.mean_photons * passes * shots,
            stages=(use,),
        ),
    )


def _shared(estimator: str, fringes: Sequence[Fringe], shots: int) -> Schedule | str:
    if estimator in LOCAL_ESTIMATORS:
        return Schedule((shots,))
    try:
        return LADDER_ESTIMATORS[estimator][1](fringes, shots)
    except InputError as error:
        return error.faults[0]


def _turned(light: StageLight, angle: Real) -> StageLight:
    contrast = math.hypot(float(light.cosine), float(light.sine))
    return StageLight(
        plus=light.plus, minus=light.minus, cosine=contrast * np.cos(angle), sine=contrast * np.sin(angle)
    )


def _phase_resources(climbs: Sequence[Climb]) -> Resources:
    uses = [
        StageUse(gain=stage.gain, photons=stage.photons, passes=stage.passes, shots=shots)
        for climb in climbs
        for stage, shots in zip(climb.ladder.stages, climb.schedule.shots, strict=True)
    ]
    return Resources(
        shots=max(sum(climb.schedule.shots) for climb in climbs),
        photons=sum(use.photons * use.shots for use in uses),
        photon_passes=sum(use.photons * use.passes * use.shots for use in uses),
        stages=tuple(uses),
    )


def joint_shots(climbs: Sequence[Climb]) -> list[tuple[list[Stage], int]]:
    """Which stages of separate ladders run in the same shots: (stages side by side, shots), largest gains first.

    Bounds for a shot are about all photons in it, wherever they are.
    """
    queues = [list(zip(c.ladder.stages, c.schedule.shots, strict=True))[::-1] for c in climbs]
    found: list[tuple[list[Stage], int]] = []
    while any(queues):
        heads = [queue[0] for queue in queues if queue]
        together = min(shots for _, shots in heads)
        found.append(([stage for stage, _ in heads], together))
        queues = [
            [(queue[0][0], queue[0][1] - together), *queue[1:]] if queue[0][1] > together else queue[1:]
            for queue in queues
            if queue
        ]
    return found
