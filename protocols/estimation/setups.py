"""A scheme made ready: its light at the true parameters, which all estimators share; each makes an experiment of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from networks import InputError
from photonics.conventions import Real
from protocols.built.build import plan_as_built
from protocols.built.stages import stages_as_built
from protocols.estimation.estimators.estimator import DisplacementEstimator, Estimator, PhaseEstimator
from protocols.estimation.experiments import (
    DisplacementExperiment,
    InterferenceExperiment,
    PhaseExperiment,
    StringsExperiment,
)
from protocols.estimation.fringes import StageProbabilities
from protocols.estimation.interference import CountedInterference
from protocols.estimation.light_setups import light_setup
from protocols.estimation.measured_phase import MeasuredPhase
from protocols.estimation.quadratures import QuadratureMoments, homodyne_weights
from protocols.estimation.resources import (
    Resources,
    StageUse,
    phase_resources,
    shots_of_parts,
    take_turns,
    whole_shares,
)
from protocols.estimation.schedules import Schedule
from protocols.estimation.setup import Setup
from protocols.estimation.shot_bounds import displacement_shot_bounds, phase_shot_bounds
from protocols.estimation.stage_probabilities import (
    branch_probabilities,
    engine_outcomes,
    has_parity,
    parity_probabilities,
)
from protocols.estimation.superposed import SuperposedStrings
from protocols.problem import AnyProblem, DisplacementProblem, GaussianProblem, PhaseProblem
from protocols.schemes import AnyScheme, DisplacementScheme, PhaseScheme, Unavailable
from protocols.schemes.evaluation import seen_by_detectors
from protocols.schemes.plan import Plan
from protocols.schemes.scheme import GaussianScheme
from protocols.schemes.stages import StagedPhase

LEAST_CONTRAST = 1e-12
"""Fringes below it are rounding."""
LEAST_ARRIVING = 1e-250
"""Photons of a beam; with fewer, floating point ends before its error does."""
MAX_PARITY_PHOTONS = 400
"""Photons behind a beam splitter; its matrix has the square of them."""


def make_setup(
    problem: AnyProblem,
    scheme: AnyScheme,
    theta: Sequence[float],
    *,
    engine: str = "native",
    order: str = "photons",
) -> Setup | Unavailable:
    """A scheme of a problem at parameters ``theta`` (of all sensors), or why there is none."""
    if isinstance(problem, PhaseProblem):
        assert isinstance(scheme, PhaseScheme), "schemes are chosen for the kind of sensing"
        return phase_setup(problem, scheme, theta, engine=engine, order=order)
    if isinstance(problem, GaussianProblem):
        assert isinstance(scheme, GaussianScheme), "schemes are chosen for the kind of sensing"
        return light_setup(problem, scheme, theta, engine=engine)
    assert isinstance(problem, DisplacementProblem), "there is no other kind"
    assert isinstance(scheme, DisplacementScheme), "schemes are chosen for the kind of sensing"
    return displacement_setup(problem, scheme, theta, engine=engine)


@dataclass(frozen=True, eq=False, kw_only=True)
class PhaseSetup(Setup):
    """A scheme with the staged phases that a network allows, and their light."""

    problem: PhaseProblem
    scheme: str
    staged: tuple[StagedPhase, ...]
    probabilities: tuple[tuple[StageProbabilities, ...], ...]
    theta: tuple[float, ...]
    engine: str

    def experiment(
        self, estimator: Estimator, *, shots: int, random_phase: bool = False, schedule: Schedule | None = None
    ) -> PhaseExperiment | Unavailable:
        """As ``Setup`` says."""
        assert isinstance(estimator, PhaseEstimator), "estimators are chosen for the kind of sensing"
        given = None if estimator.largest_gain_only else schedule
        try:
            phases = self._measured(estimator, shots, given)
        except _NotApplicableError as why:
            return Unavailable(scheme=self.scheme, reason=str(why))
        # A schedule of one's own asks for its own shots, for each phase that has a turn.
        asked = shots if given is None else sum(given.shots) * (len(phases) if take_turns(phases) else 1)
        photons, passes = self.problem.photons, self.problem.passes
        resources = phase_resources(phases, photons=photons, passes=passes, shots=asked)
        return PhaseExperiment(
            scheme=self.scheme,
            estimator=estimator,
            phases=phases,
            resources=resources,
            bounds=phase_shot_bounds(self.problem, asked),
            function=self.problem.function,
            photon_passes=self.problem.photons * self.problem.passes,
            random_phase=random_phase,
        )

    def _measured(self, estimator: PhaseEstimator, shots: int, schedule: Schedule | None) -> tuple[MeasuredPhase, ...]:
        staged = tuple(estimator.staged(one) for one in self.staged)
        branches = tuple(
            own if read is one else self._branches(read)
            for read, one, own in zip(staged, self.staged, self.probabilities, strict=True)
        )
        probabilities = self._parity_probabilities(staged) if estimator.by_parity else branches
        phases = []
        for one, own, kept, turn in zip(staged, probabilities, branches, self._turns(shots), strict=True):
            if any(np.hypot(p.cosine, p.sine) < LEAST_CONTRAST for p in (*own, *kept)):
                raise _NotApplicableError("the transmission is below numerical precision with these losses")
            shared = schedule or _shared(estimator, one, own, turn)
            if shared.stages != len(one.stages):
                raise _NotApplicableError(
                    f"the schedule has {shared.stages} stages, the network allows {len(one.stages)} here"
                )
            if (reason := estimator.why_not(shared)) is not None:
                raise _NotApplicableError(reason)
            phases.append(
                MeasuredPhase(
                    staged=one, probabilities=own, branches=kept, schedule=shared, phase=one.phase(self.theta)
                )
            )
        return tuple(phases)

    def _turns(self, shots: int) -> Sequence[int]:
        """The shots of each phase: all of them side by side, or whole numbers near the shares of phases that take turns."""
        if all(one.share == 1 for one in self.staged):
            return [shots] * len(self.staged)
        if shots < len(self.staged):
            raise _NotApplicableError(
                f"{len(self.staged)} phases take turns over the shots, and there are only {shots}"
            )
        return whole_shares([one.share for one in self.staged], shots)

    def _branches(self, staged: StagedPhase) -> tuple[StageProbabilities, ...]:
        return tuple(branch_probabilities(stage, self.theta, self.engine, self.problem) for stage in staged.stages)

    def _parity_probabilities(self, staged: Sequence[StagedPhase]) -> tuple[tuple[StageProbabilities, ...], ...]:
        every = [stage for one in staged for stage in one.stages]
        if not all(has_parity(stage) for stage in every):
            raise _NotApplicableError(
                "its branches are not all photons in one of two modes, so no beam splitter reads them out by parity"
            )
        if (most := max(stage.photons for stage in every)) > MAX_PARITY_PHOTONS:
            raise _NotApplicableError(
                f"parity behind a beam splitter is simulated up to {MAX_PARITY_PHOTONS} photons, got {most}"
            )
        return tuple(
            tuple(parity_probabilities(stage, self.theta, self.engine, self.problem) for stage in one.stages)
            for one in staged
        )


class _NotApplicableError(Exception):
    """Why an estimator cannot be used with a scheme here."""


def _shared(
    estimator: PhaseEstimator, staged: StagedPhase, probabilities: Sequence[StageProbabilities], shots: int
) -> Schedule:
    fringes = [p.fringe(stage.gain) for p, stage in zip(probabilities, staged.stages, strict=True)]
    try:
        return estimator.share(fringes, shots)
    except InputError as error:
        raise _NotApplicableError(error.faults[0]) from None


def phase_setup(
    problem: PhaseProblem,
    scheme: PhaseScheme,
    theta: Sequence[float],
    *,
    engine: str = "native",
    order: str = "photons",
) -> PhaseSetup | StringsSetup | InterferenceSetup | Unavailable:
    """Staged phases and light of a photon scheme at parameters ``theta`` (of all sensors), or why there is none."""
    staged = stages_as_built(scheme, problem, order)
    if isinstance(staged, Unavailable):
        if scheme.superposes_strings:
            return _strings_setup(problem, scheme, theta, engine)
        return _interference_setup(problem, scheme, theta, engine) if scheme.counts_interference else staged
    probabilities = tuple(
        tuple(branch_probabilities(stage, theta, engine, problem) for stage in one.stages) for one in staged
    )
    return PhaseSetup(
        problem=problem,
        scheme=scheme.name,
        staged=staged,
        probabilities=probabilities,
        theta=tuple(theta),
        engine=engine,
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class StringsSetup(Setup):
    """Superposed strings without stages: their photons, and (d + 1,) chances that they arrive at the sensors and the reference."""

    problem: PhaseProblem
    scheme: str
    photons: int
    arrived: Real

    def experiment(
        self, estimator: Estimator, *, shots: int, random_phase: bool = False, schedule: Schedule | None = None
    ) -> StringsExperiment | Unavailable:
        """As ``Setup`` says; errors do not depend on the parameters, and there are no stages."""
        assert isinstance(estimator, PhaseEstimator), "estimators are chosen for the kind of sensing"
        if not estimator.reads_strings:
            reason = "its outcomes depend on several phases at once, which this estimator does not read (maximum-likelihood does)"
            return Unavailable(scheme=self.scheme, reason=reason)
        survival = float(self.arrived.sum())
        if survival < LEAST_CONTRAST:
            reason = "the transmission is below numerical precision with these losses"
            return Unavailable(scheme=self.scheme, reason=reason)
        photons, passes = self.photons, self.problem.passes
        strings = SuperposedStrings(
            along=np.array(self.problem.alpha),
            populations=self.arrived / survival,
            survival=min(1.0, survival),
            gain=photons * passes,
            shots=shots,
        )
        use = StageUse(gain=photons * passes, photons=photons, passes=passes, shots=shots)
        return StringsExperiment(
            scheme=self.scheme,
            estimator=estimator,
            strings=strings,
            resources=Resources(
                shots=shots, photons=photons * shots, photon_passes=photons * passes * shots, stages=(use,)
            ),
            bounds=phase_shot_bounds(self.problem, shots),
        )


def _strings_setup(
    problem: PhaseProblem, scheme: PhaseScheme, theta: Sequence[float], engine: str
) -> StringsSetup | Unavailable:
    """How often all photons arrive in each of the modes, by the engine."""
    plan = plan_as_built(scheme, problem)
    if isinstance(plan, Unavailable):
        return plan
    from photonics import StringProjection

    if problem.has_noisy_detectors:
        reason = "superposed strings are estimated with detectors without visibility, jitter and dark counts"
        return Unavailable(scheme=scheme.name, reason=reason)
    (part,) = plan.parts
    modes = part.circuit.modes
    strings = part.photons * np.eye(len(modes), dtype=np.int64)
    projection = StringProjection(strings=strings, vectors=np.eye(len(modes), dtype=np.complex128))
    seen = seen_by_detectors(part.circuit, problem)
    outcomes = engine_outcomes(seen, [theta[j] for j in part.sensors], engine, projection)
    arrived = np.zeros(len(problem.function) + 1)
    for k, mode in enumerate(modes):
        if mode == part.kept:
            continue
        place = problem.sensor_modes.index(mode) if mode in problem.sensor_modes else len(problem.function)
        arrived[place] = outcomes.probability(k)
    return StringsSetup(problem=problem, scheme=scheme.name, photons=part.photons, arrived=arrived)


@dataclass(frozen=True, eq=False, kw_only=True)
class InterferenceSetup(Setup):
    """Coherent light with the beams that meet, and the photons of each mode that arrive in a shot."""

    problem: PhaseProblem
    plan: Plan
    arrived: Mapping[str, float]

    def experiment(
        self, estimator: Estimator, *, shots: int, random_phase: bool = False, schedule: Schedule | None = None
    ) -> InterferenceExperiment | Unavailable:
        """As ``Setup`` says; errors do not depend on the parameters, and there are no stages."""
        assert isinstance(estimator, PhaseEstimator), "estimators are chosen for the kind of sensing"
        scheme, beams, passes = self.plan.scheme, self.plan.interference, self.problem.passes
        if not estimator.reads_strings:
            reason = "its photons are counted near known phases, which this estimator does not read (maximum-likelihood does)"
            return Unavailable(scheme=scheme, reason=reason)
        first = np.array([self.arrived[beam.first] * beam.first_share for beam in beams])
        second = np.array([self.arrived[beam.second] * beam.second_share for beam in beams])
        if min(first.min(), second.min()) < LEAST_ARRIVING:
            return Unavailable(scheme=scheme, reason="the transmission is below numerical precision with these losses")
        counted = CountedInterference(
            weights=np.array([beam.weight for beam in beams]), first=first, second=second, gain=passes, shots=shots
        )
        photons = self.problem.photons if self.plan.mean_photons is None else self.plan.mean_photons
        use = StageUse(gain=passes, photons=photons, passes=passes, shots=shots)
        return InterferenceExperiment(
            scheme=scheme,
            estimator=estimator,
            counted=counted,
            resources=Resources(
                shots=shots, photons=photons * shots, photon_passes=photons * passes * shots, stages=(use,)
            ),
            # (12) is about exactly N photons.
            bounds=replace(phase_shot_bounds(self.problem, shots), bound=None, loss_bound=None),
        )


def _interference_setup(
    problem: PhaseProblem, scheme: PhaseScheme, theta: Sequence[float], engine: str
) -> InterferenceSetup | Unavailable:
    """How much of the light of each mode arrives, by the engine."""
    plan = plan_as_built(scheme, problem)
    if isinstance(plan, Unavailable):
        return plan
    if problem.has_noisy_detectors:
        reason = "coherent light is simulated with detectors without visibility, jitter and dark counts"
        return Unavailable(scheme=scheme.name, reason=reason)
    from photonics import get_engine

    (part,) = plan.parts
    runner = get_engine(engine)
    runner.check_size(part.circuit)
    seen = seen_by_detectors(part.circuit, problem)
    arrived = runner.run(seen, [theta[j] for j in part.sensors]).photon_number()
    return InterferenceSetup(
        problem=problem, plan=plan, arrived=dict(zip(part.circuit.modes, map(float, arrived), strict=True))
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class DisplacementSetup(Setup):
    """A displacement scheme with the quadratures of its circuits; ``value`` is the true q."""

    problem: DisplacementProblem
    plan: Plan
    moments: tuple[QuadratureMoments, ...]
    value: float

    def experiment(
        self, estimator: Estimator, *, shots: int, random_phase: bool = False, schedule: Schedule | None = None
    ) -> DisplacementExperiment | Unavailable:
        """As ``Setup`` says; errors do not depend on the parameters, and there are no stages."""
        assert isinstance(estimator, DisplacementEstimator), "estimators are chosen for the kind of sensing"
        each = shots_of_parts(self.plan.parts, shots)
        if each is None:
            turns = sum(part.has_light for part in self.plan.parts)
            reason = f"{turns} places of the squeezer take turns over the shots, and there are only {shots}"
            return Unavailable(scheme=self.plan.scheme, reason=reason)
        budget, passes = self.problem.mean_photons, self.problem.passes
        photons = budget if self.plan.mean_photons is None else self.plan.mean_photons
        unused = 0 if self.plan.mean_photons is None else budget - photons
        uses = (
            # Vacuum shots of some sensors are shots of the squeezer elsewhere.
            tuple(
                StageUse(gain=1, photons=photons, passes=passes, shots=own)
                for part, own in zip(self.plan.parts, each, strict=True)
                if part.has_light
            )
            if self.plan.takes_turns
            else (StageUse(gain=1, photons=photons, passes=passes, shots=shots),)
        )
        return DisplacementExperiment(
            scheme=self.plan.scheme,
            estimator=estimator,
            moments=self.moments,
            shots=each,
            value=self.value,
            resources=Resources(
                shots=shots,
                photons=photons * shots,
                photon_passes=photons * passes * shots,
                stages=uses,
                photons_unused=unused * shots,
                photon_passes_unused=unused * passes * shots,
            ),
            bounds=displacement_shot_bounds(self.problem, shots),
        )


def displacement_setup(
    problem: DisplacementProblem, scheme: DisplacementScheme, theta: Sequence[float], *, engine: str = "native"
) -> DisplacementSetup | Unavailable:
    """The quadratures of a displacement scheme at parameters ``theta`` (of all sensors), or why there are none."""
    plan = plan_as_built(scheme, problem)
    if isinstance(plan, Unavailable):
        return plan
    from photonics import Homodyne

    moments, value = [], []
    for part in plan.parts:
        own = [theta[j] for j in part.sensors]
        # Nodes that only pass light on are modes of the circuit, too.
        sensing = part.circuit.sensing_modes
        homodyne = Homodyne(modes=sensing, detectors=problem.detectors(sensing))
        outcomes = engine_outcomes(part.circuit, own, engine, homodyne)
        alpha = part.coefficients_of(problem.alpha)
        gains = [problem.slopes[j] for j in part.sensors]
        moments.append(
            QuadratureMoments(
                mean=outcomes.mean, covariance=outcomes.covariance, weights=homodyne_weights(alpha, gains)
            )
        )
        value += [a * t for a, t in zip(alpha, own, strict=True)]
    return DisplacementSetup(problem=problem, plan=plan, moments=tuple(moments), value=math.fsum(value))
