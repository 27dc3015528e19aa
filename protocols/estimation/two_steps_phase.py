"""Both steps for phases: robust estimation at each sensor with all photons, then N00N-type states along the gradient."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from networks import InputError
from photonics.conventions import Integer, Real
from protocols.estimation.column_mix import column_mix
from protocols.estimation.estimators.unwrapping import robust_phase
from protocols.estimation.expressions import AnalyticFunction
from protocols.estimation.fringes import NORMAL_95, Fringe, Source, StageProbabilities, wrapped
from protocols.estimation.schedules import Schedule, robust_schedule
from protocols.estimation.setups import LEAST_CONTRAST
from protocols.estimation.stage_probabilities import branch_probabilities
from protocols.estimation.tally import Errors
from protocols.estimation.two_steps import checked_errors, usual_pilot_shots
from protocols.problem import PhaseProblem
from protocols.schemes.separable_phase import one_sensor_stages
from protocols.theory.two_branches import branch_fringes

SAFE = 1.3e-3
"""Over the shots: the chance of a wrong turn in the pilot stage that adds a twentieth to the error of the second step."""
FAILURE_RATE = 0.55
"""ln of the chance that an angle is wrong by pi/3 falls by so much a pair of shots, or faster (``worst_stage``)."""


@dataclass(frozen=True, eq=False, kw_only=True)
class _Pilot:
    """The pilot stage at one sensor: gains of its own, and the shots it would get if all were spent like this."""

    probabilities: tuple[StageProbabilities, ...]
    fringes: tuple[Fringe, ...]
    schedule: Schedule
    all_shots: Schedule


@dataclass(frozen=True, eq=False, kw_only=True)
class PhaseSteps:
    """Both steps for phases: robust estimation at each sensor with all photons, then N00N-type states along the gradient."""

    text: str
    names: tuple[str, ...]
    theta: tuple[float, ...]
    sites: tuple[tuple[int, ...], ...]
    pilots: tuple[_Pilot, ...]
    transmissivity: tuple[float, ...]
    reference: float
    photons: int
    passes: int
    pilot_variances: tuple[float, ...]
    pilot_shots: int
    second_shots: int
    note: str = ""

    def plug_in(self) -> PhaseSteps:
        """Individual estimates of all parameters, with all shots."""
        pilots = tuple(replace(one, schedule=one.all_shots) for one in self.pilots)
        return replace(self, pilots=pilots, second_shots=0)

    def repeat(self, trials: int, rng: np.random.Generator) -> Errors:
        """Draw and estimate so many times, independently."""
        function = AnalyticFunction.from_text(self.text, len(self.theta), self.names)
        true = np.array(self.theta)
        pilot = np.empty((trials, len(true)))
        widths = np.empty_like(pilot)
        for j, one in enumerate(self.pilots):
            draw = Source(stages=one.probabilities, trials=trials, rng=rng)
            seen = robust_phase(draw, one.fringes, one.schedule)
            pilot[:, j], widths[:, j] = wrapped(seen.phase), seen.half_width
        slope = function.gradient(pilot)
        estimate = np.array(function.value(pilot))
        width = np.sqrt((slope**2 * widths**2).sum(axis=1))
        fringe_error = np.zeros(trials, dtype=bool)
        if self.second_shots:
            moved, variance, fringe_error = self._second_step(slope, true - pilot, widths / NORMAL_95, rng)
            estimate += moved
            width = NORMAL_95 * np.sqrt(variance)
        return checked_errors(
            Errors(error=estimate - function.value(true[None])[0], half_width=width, fringe_error=fringe_error)
        )

    def _second_step(self, slope: Real, away: Real, spread: Real, rng: np.random.Generator) -> tuple[Real, Real, Real]:
        """Estimates of slope . away, their variances, and whether a phase was beyond its half fringe.

        Each column of the mix is measured at the middle of its fringe, where the pilot values put it, in its share of the shots.
        """
        trials = len(slope)
        moved, variance = np.zeros(trials), np.zeros(trials)
        fringe_error = np.zeros(trials, dtype=bool)
        left = np.full(trials, self.second_shots)
        to_modes, phases = self._arms()
        mix = column_mix(slope @ to_modes, self.photons)
        for number, (column, share) in enumerate(zip(mix.columns, mix.shares, strict=True)):
            # How many fringes of a pass each theta_j moves: photons of the mode, or half the difference of both arms.
            omega = column @ phases.T
            last = number == len(mix.columns) - 1
            shots = left if last else np.minimum(left, np.rint(self.second_shots * share).astype(np.int64))
            left = left - shots
            phase = self.passes * np.einsum("tj,tj->t", omega, away)
            survival, visibility = self._contrast(column)
            seen = rng.binomial(shots, survival)
            plus = rng.binomial(seen, np.clip((1 + visibility * np.sin(phase)) / 2, 0.0, 1.0))
            mean = np.divide(2 * plus - seen, seen, out=np.zeros(trials), where=seen > 0)
            sine = np.clip(mean / visibility, -1.0, 1.0)
            weight = share * mix.scale / self.passes
            moved += weight * np.arcsin(sine)
            # (1 - V^2 s^2)/(V^2 (1 - s^2)) of a shot, written so that V = 1 gives one at s = 1 too.
            edge = np.maximum(1 - sine**2, 1e-9)
            counted = (1 + sine**2 * (1 - visibility**2) / edge) / visibility**2 / np.maximum(seen, 1)
            # A column that no shot measured is as uncertain as the pilot stage left it.
            unmeasured = self.passes**2 * np.einsum("tj,tj->t", omega**2, spread**2)
            variance += weight**2 * np.where(seen > 0, counted, unmeasured)
            fringe_error |= (np.abs(phase) > np.pi / 2) & (shots > 0)
        return moved, variance, fringe_error

    def _arms(self) -> tuple[Real, Real]:
        """(d, modes) coefficients of theta_j at the modes, and its part in their phases: 1 and 1, or +-1 and +-1/2 of two arms."""
        modes = sum(map(len, self.sites))
        coefficients, phases = np.zeros((len(self.sites), modes)), np.zeros((len(self.sites), modes))
        for row, site in enumerate(self.sites):
            coefficients[row, list(site)] = (1.0, -1.0)[: len(site)]
            phases[row, list(site)] = (0.5, -0.5) if len(site) == 2 else 1.0
        return coefficients, phases

    def _contrast(self, omega: Integer) -> tuple[Real, Real]:
        """Survival and visibility of each trial's two branches with the best weights."""
        logs = self.passes * np.log(np.array(self.transmissivity))
        first = np.maximum(omega, 0) @ logs
        second = np.maximum(-omega, 0) @ logs
        second += (self.photons - np.maximum(-omega, 0).sum(axis=1)) * self.passes * math.log(self.reference)
        return branch_fringes(first, second)


def phase_steps(
    problem: PhaseProblem, text: str, theta: tuple[float, ...], pilot_shots: int | None, shots: int
) -> PhaseSteps:
    """Both steps of a phase problem; ``pilot_shots`` None for as many as make fringe errors rare, or the usual share.

    The second step has the losses of modes and what detectors miss, and so has the first one.
    """
    problem = PhaseProblem(
        network=problem.network.with_laboratory(visibility=None, phase_jitter_rad=None, dark_counts=None)
    )
    d = len(theta)
    known = []
    for site in problem.sites:
        # A sensor with an arm of its own, or both arms of one; theta_j is the phase of the first.
        staged = one_sensor_stages(problem, (site[0], site[1] if len(site) == 2 else None), problem.photons)
        phases = problem.phases(theta)
        probabilities = tuple(branch_probabilities(stage, phases, "native", problem) for stage in staged.stages)
        if any(np.hypot(p.cosine, p.sine) < LEAST_CONTRAST for p in probabilities):
            raise InputError(
                ["the transmission is below numerical precision with these losses, so that no phase can be estimated"]
            )
        known.append(
            (probabilities, tuple(p.fringe(s.gain) for p, s in zip(probabilities, staged.stages, strict=True)))
        )
    least = 2 * max(len(fringes) for _, fringes in known)
    safe = [_safe_schedule(fringes, shots, d) for _, fringes in known]
    needed = sum(sum(schedule.shots) for schedule in safe)
    note = ""
    if pilot_shots is None and needed <= shots // 2:
        schedules = safe
        # The usual share goes to the gain with the most information, so that what is left of second order does not count.
        spare = min(usual_pilot_shots(shots), shots // 2 - needed)
        if spare > 0:
            schedules = [Schedule((*s.shots[:-1], s.shots[-1] + 2 * (spare // (2 * d)))) for s in safe]
    else:
        each = max((min(usual_pilot_shots(shots), shots // 2) if pilot_shots is None else pilot_shots) // d, least)
        if pilot_shots is None:
            each = max(each, shots // (2 * d))
        if each * d >= shots:
            need = f"the pilot stage needs {least} shots or more for each of {d} sensors, and some of all {shots} must be left"
            raise InputError([f"{need}; use more shots"])
        schedules = [robust_schedule(fringes, each) for _, fringes in known]
        if each * d < needed:
            note = (
                f"a pilot stage that makes fringe errors rare needs about {needed} shots, twice as many in all; here it has "
                f"{each * d}, so mind the share of fringe errors"
            )
    pilots, variances = [], []
    for (probabilities, fringes), schedule in zip(known, schedules, strict=True):
        all_shots = robust_schedule(fringes, max(shots // d, least))
        pilots.append(_Pilot(probabilities=probabilities, fringes=fringes, schedule=schedule, all_shots=all_shots))
        last = fringes[-1]
        variances.append(2 / (schedule.shots[-1] * last.survival * last.visibility**2 * last.gain**2))
    pilot = sum(sum(schedule.shots) for schedule in schedules)
    return PhaseSteps(
        text=text,
        names=problem.site_names,
        theta=theta,
        sites=problem.sites,
        pilots=tuple(pilots),
        transmissivity=problem.transmissivity,
        reference=problem.task.arm,
        photons=problem.photons,
        passes=problem.passes,
        pilot_variances=tuple(variances),
        pilot_shots=pilot,
        second_shots=shots - pilot,
        note=note,
    )


def _safe_schedule(fringes: Sequence[Fringe], shots: int, sensors: int) -> Schedule:
    """Pairs that make a wrong turn in any stage of any sensor cost little beside the second step.

    A wrong turn at gain g is G/g fringes of the largest gain G, so its chance has to be below SAFE/shots (g/G)^2.
    """
    top = fringes[-1].gain
    pairs = []
    for f in fringes:
        chance = SAFE / shots * (f.gain / top) ** 2 / (len(fringes) * sensors)
        pairs.append(math.ceil(-math.log(chance) / FAILURE_RATE / (f.survival * f.visibility**2)))
    return Schedule(tuple(2 * m for m in pairs))
