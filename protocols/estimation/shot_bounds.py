"""What theory allows for the resources asked for: N photons and M passes in every shot, beside which errors are set.

An estimator may leave some of them unused (``resources``); that is its loss, not a lower standard.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from protocols.problem import DisplacementProblem, GaussianProblem, PhaseProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotBounds:
    """Mean squared errors of q.

    Parameters
    ----------
    bound : float or None
        (12), the bound of pure Gaussian light, or the exact form of (15), whatever the probes; None for light of a mean photon
        number beside (12).
    shot_noise : float
        Separate photons or coherent light (phase) or vacuum (displacement), with the losses.
    loss_bound : float or None
        Set by the losses for all states; of single passes with losses only.
    """

    bound: float | None
    shot_noise: float
    loss_bound: float | None = None


def phase_shot_bounds(problem: PhaseProblem, shots: int) -> ShotBounds:
    """All N photons and M passes in every shot asked for, used or not."""
    # Separate sensors have arms of their own, so that an unbalanced function needs no reference.
    task = replace(problem.task, reference=problem.task.arm)
    limit = task.loss_bound
    return ShotBounds(
        bound=task.bound / shots, shot_noise=task.shot_noise / shots, loss_bound=limit / shots if limit else None
    )


def gaussian_shot_bounds(problem: GaussianProblem, shots: int) -> ShotBounds:
    """nbar photons in every shot; coherent light has free references where the network has them."""
    task = replace(problem.task, reference=problem.task.arm)
    noise = task.free_reference_shot_noise if problem.has_free_reference else task.shot_noise
    return ShotBounds(bound=problem.bound / shots, shot_noise=noise / shots)


def displacement_shot_bounds(problem: DisplacementProblem, shots: int) -> ShotBounds:
    """Every shot is like any other."""
    return ShotBounds(bound=problem.bound / shots, shot_noise=problem.task.shot_noise / shots)
