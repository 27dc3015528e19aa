"""A N00N state for each sensor, between it and a reference arm of its own."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import ClassVar

from networks.values import Value
from protocols.problem import PhaseProblem
from protocols.schemes.photon import PROJECTION, superposition
from protocols.schemes.plan import Part, Plan, Unavailable
from protocols.schemes.scheme import PhaseScheme
from protocols.schemes.stages import StagedPhase, two_mode_stages
from protocols.schemes.two_modes import own_part
from protocols.theory.integer_split import best_integer_split
from protocols.theory.phase import over_contrast
from protocols.theory.sums import error_sum
from protocols.theory.task import PhaseTask
from protocols.theory.two_branches import best_branch_weights, branch_contrast


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorProbe(Value):
    """A N00N state between one sensor and an arm of its own.

    Attributes
    ----------
    part : Part
    weights : (float, float)
        Of the branches, with the sum 1.
    contrast : float
        The share of its information that loss leaves, in [0, 1].
    """

    part: Part
    weights: tuple[float, float]
    contrast: float


def sensor_probe(problem: PhaseProblem, probe: tuple[int, int | None], photons: int, passes: int) -> SensorProbe:
    """The probe of one site; an arm that is no arm of the sensor has the transmissivity of the reference.

    Parameters
    ----------
    problem : PhaseProblem
    probe : pair of ``PhaseTask.own_probes``
    photons, passes : int >= 1
    """
    part = own_part(problem, probe, photons, passes)
    sensor, other = probe
    names = problem.sensor_modes
    own = (
        problem.losses_of[names[sensor]],
        problem.arm_losses if other is None else problem.losses_of[names[other]],
    )
    survive = [photons * losses.log_photon(passes) for losses in own]
    return SensorProbe(part=part, weights=best_branch_weights(*survive), contrast=branch_contrast(*survive))


def own_arms_notes(problem: PhaseProblem) -> tuple[str, ...]:
    """What schemes need that read every sensor out beside an arm of its own; nothing where all of them have two arms.

    Parameters
    ----------
    problem : PhaseProblem
    """
    if all(len(site) == 2 for site in problem.sites):
        return ()
    which = "every sensor with one arm" if problem.has_two_arms else "every sensor"
    losses = problem.arm_losses
    numbers = (
        ("transmissivity", losses.each_pass),
        ("transmissivity before the sensing", losses.before),
        ("detector efficiency", losses.detected),
    )
    own = [f"{name} {eta:g}" for name, eta in numbers if eta < 1]
    known = f", of {' and '.join(own)}" if own else "" if problem.is_lossless else ", taken as lossless"
    return (f"{which} needs a reference arm of its own{known}",)


def turns_notes(problem: PhaseProblem) -> tuple[str, ...]:
    """What sites in turn do in repeated shots; nothing where they may not take turns.

    Parameters
    ----------
    problem : PhaseProblem
    """
    if problem.network.parameters != "static":
        return ()
    if problem.is_lossless and not problem.has_noisy_detectors and not problem.has_light_limits:
        return (
            "in repeated shots, giving all N photons to one sensor in a share |alpha_j|/||alpha||_1 of the shots reaches "
            "||alpha||_1^2/(N t)^2 a shot; (16) is about one shot",
        )
    return (
        "in repeated shots sites may take turns: noon-in-turn has the error of that here; (16) is about one shot, without loss",
    )


def photons_of_sites(problem: PhaseProblem, photons: int) -> tuple[int, ...] | None:
    """How at most so many photons are best split over the sites; None where they are fewer than the sites that need one.

    Parameters
    ----------
    problem : PhaseProblem
    photons : int >= 1
        In place of those of the problem.
    """
    if problem.is_lossless:
        split = best_integer_split(problem.network.function, photons)
        return None if split is None else split.photons
    task = problem.task if photons == problem.photons else replace(problem.task, photons=photons)
    lossy = task.separable_split
    return None if lossy is None else lossy.photons


class SeparablePhase(PhaseScheme):
    """Photons split over the sensors as well as whole ones can be; each sensor has an arm of its own and is read out alone."""

    name: ClassVar[str] = "separable-phase"
    title: ClassVar[str] = "a N00N state for each sensor"
    entangles: ClassVar[bool] = False
    sensor_by_sensor: ClassVar[bool] = True

    def why_not(self, problem: PhaseProblem) -> str | None:
        """Every sensor that q depends on needs a photon.

        Parameters
        ----------
        problem : PhaseProblem
        """
        needed = int(problem.network.function.norm(0))
        if problem.photons >= needed:
            return None
        return f"N = {problem.photons} is fewer than the {needed} sensors with non-zero coefficients"

    def plan(self, problem: PhaseProblem) -> Plan | Unavailable:
        """One circuit a sensor.

        Parameters
        ----------
        problem : PhaseProblem
        """
        passes = problem.passes
        photons_at = photons_of_sites(problem, problem.photons)
        if photons_at is None:
            return self.unavailable(self.why_not(problem) or "")
        parts, probes, mse = [], [], []
        sites = zip(photons_at, problem.task.own_probes, problem.network.function.alpha, strict=True)
        for photons, (j, other), a in sites:
            if not photons:
                continue
            lone = sensor_probe(problem, (j, other), photons, passes)
            parts.append(lone.part)
            light = superposition(f"|{photons},0>", f"|0,{photons}>", lone.weights)
            its_arm = "its arm" if other is None else problem.sensor_modes[other]
            probes.append(f"{passes} x {light} on {problem.sensor_modes[j]} and {its_arm}")
            mse.append(over_contrast(float((a / (photons * passes)) ** 2), lone.contrast))
        unspent = problem.photons - sum(photons_at)
        formula = "sum alpha_j^2/(N_j t)^2"
        return Plan(
            scheme=self.name,
            title=self.title,
            parts=tuple(parts),
            probes=tuple(probes),
            controls=0,
            modes_per_pass=(2,) * passes,
            predicted_mse=error_sum(mse),
            formula=formula + ("" if problem.is_lossless else ", each over 4AB/(sqrt A + sqrt B)^2"),
            measurement="parity of one port after a 50:50 beam splitter at each sensor"
            if problem.is_lossless and not problem.has_noisy_detectors
            else f"{PROJECTION} of every sensor",
            reaches_bound=False,
            notes=(
                *own_arms_notes(problem),
                *turns_notes(problem),
                *(
                    [
                        f"{unspent} photons are left out: with these losses more photons at a sensor would increase the error"
                    ]
                    if unspent
                    else []
                ),
            ),
        )

    def stages(self, problem: PhaseProblem, order: str = "photons") -> tuple[StagedPhase, ...] | Unavailable:
        """Stages for each sensor that q depends on, up to the photons that the best split gives it.

        Parameters
        ----------
        problem : PhaseProblem
        order : "photons" or "passes"
            What smaller stages have less of.
        """
        plan = self.plan(problem)
        if isinstance(plan, Unavailable):
            return plan
        probes = [probe for probe in problem.task.own_probes if problem.alpha[probe[0]]]
        return tuple(
            one_sensor_stages(problem, probe, part.photons, order)
            for probe, part in zip(probes, plan.parts, strict=True)
        )

    def mse(self, task: PhaseTask) -> float:
        """The best whole photons, as many as reduce the error; infinite with too few.

        Parameters
        ----------
        task : PhaseTask
        """
        return math.inf if task.separable_split is None else task.separable_split.mse

    def note(self, task: PhaseTask) -> str:
        """How many photons are used, when not all are.

        Parameters
        ----------
        task : PhaseTask
        """
        used = 0 if task.separable_split is None else sum(task.separable_split.photons)
        if used == task.photons:
            return ""
        return f"{used} of {task.photons:.6g} photons used; more would increase the error"


def one_sensor_stages(
    problem: PhaseProblem, probe: tuple[int, int | None], photons: int, order: str = "photons", share: float = 1.0
) -> StagedPhase:
    """The stages of theta_j alone: N00N states of up to ``photons`` between the sensor and an arm of its own, or its two arms.

    Parameters
    ----------
    problem : PhaseProblem
    probe : pair of ``PhaseTask.own_probes``
    photons : int >= 1
    order : "photons" or "passes"
        What smaller stages have less of.
    share : float in (0, 1]
        Of the shots.
    """

    def part_of(fewer: int, passes: int) -> Part:
        return sensor_probe(problem, probe, fewer, passes).part

    sensor, other = probe
    direction = {sensor: 1} | ({} if other is None else {other: -1})
    return two_mode_stages(problem, direction, problem.alpha[sensor], photons, part_of, order, share)
