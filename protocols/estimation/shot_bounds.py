"""What theory allows for the photons and passes of all shots of an experiment together, beside which its errors are set."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from protocols.estimation.measured_phase import MeasuredPhase
from protocols.estimation.resources import joint_shots
from protocols.problem import DisplacementProblem, PhaseProblem
from protocols.theory.phase import phase_bound


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotBounds:
    """Mean squared errors of q.

    Parameters
    ----------
    bound : float
        (12) or the exact form of (15), whatever the probes.
    shot_noise : float
        Separate photons (phase) or vacuum (displacement), with the losses.
    loss_bound : float or None
        Set by the losses for all states; of single passes with losses only.
    """

    bound: float
    shot_noise: float
    loss_bound: float | None = None


def phase_shot_bounds(problem: PhaseProblem, phases: Sequence[MeasuredPhase]) -> ShotBounds:
    """Every shot counts with all photons in it and with its longest stage; information adds up over the shots."""
    # Separate sensors have arms of their own, so that an unbalanced function needs no reference.
    task = replace(problem.task, reference=problem.arm_transmissivity)
    heisenberg, noise, limited = [], [], []
    for stages, shots in joint_shots(phases):
        product = sum(stage.product for stage in stages)
        heisenberg.append(shots / float(phase_bound(problem.function, product, 1)))
        shot = replace(task, photons=sum(s.photons for s in stages), passes=max(s.passes for s in stages))
        noise.append(shots / shot.shot_noise)
        limit = shot.loss_bound
        if limit is not None:
            limited.append(shots / limit if limit else math.inf)
    all_limited = len(limited) == len(noise) and all(math.isfinite(x) for x in limited)
    return ShotBounds(
        bound=1 / math.fsum(heisenberg),
        shot_noise=1 / math.fsum(noise),
        loss_bound=1 / math.fsum(limited) if all_limited else None,
    )


def displacement_shot_bounds(problem: DisplacementProblem, shots: int) -> ShotBounds:
    """Every shot is like any other."""
    return ShotBounds(bound=problem.bound / shots, shot_noise=problem.task.shot_noise / shots)
