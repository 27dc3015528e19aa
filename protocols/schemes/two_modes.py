"""N00N states of two modes, of which one or both are sensors: the parts of schemes that read sensors out alone or in pairs."""

from __future__ import annotations

from collections.abc import Sequence

from protocols.problem import PhaseProblem
from protocols.schemes.photon import passes_of, require_simulated_photons
from protocols.schemes.plan import Part
from protocols.theory.two_branches import best_branch_weights


def own_arm(problem: PhaseProblem, sensor: int) -> str:
    """The name of the reference arm that a sensor has to itself.

    Parameters
    ----------
    problem : PhaseProblem
    sensor : int
        From 0 to d - 1.
    """
    return f"{problem.sensor_modes[sensor]} arm"


def own_part(
    problem: PhaseProblem,
    probe: tuple[int, int | None],
    photons: int,
    passes: int,
    *,
    share: float = 1.0,
    weight: float | None = None,
) -> Part:
    """The N00N state of one site alone: of a sensor and a reference arm of its own, or of both arms of a sensor.

    Parameters
    ----------
    problem : PhaseProblem
    probe : pair of ``PhaseTask.own_probes``
    photons, passes : int >= 1
    share, weight
        As in ``two_mode_part``.
    """
    sensor, other = probe
    if other is not None:
        # Its coefficients of both arms are known to be opposite, so that one weight says all.
        own = problem.alpha[sensor] if weight is None else weight
        return two_mode_part(problem, (sensor, other), photons, passes, arm="", share=share, weight=own)
    return two_mode_part(problem, (sensor,), photons, passes, arm=own_arm(problem, sensor), share=share, weight=weight)


def two_mode_part(
    problem: PhaseProblem,
    sensors: Sequence[int],
    photons: int,
    passes: int,
    *,
    arm: str,
    share: float = 1.0,
    weight: float | None = None,
) -> Part:
    """A N00N state of two sensors, or of one and a reference arm, with the best weights for its losses.

    Parameters
    ----------
    problem : PhaseProblem
    sensors : one or two ints
        From 0 to d - 1.
    photons, passes : int >= 1
    arm : str
        The other mode where there is one sensor; it has the transmissivity of the reference.
    share : float in (0, 1]
        Of the shots.
    weight : float or None
        c: the part estimates c (theta_first - theta_second), the parameter of an arm being 0. None for alpha itself.

    Raises
    ------
    InputError
        For more photon passes than floating point holds exactly.
    """
    from photonics import Circuit, PrepareFock, noon_state

    require_simulated_photons(photons, passes)
    sensed = tuple(problem.sensor_modes[j] for j in sensors)
    modes = (*sensed, arm)[:2]
    losses = {mode: problem.losses_of[mode] if mode in sensed else problem.arm_losses for mode in modes}
    weights = best_branch_weights(*(photons * one.log_photon(passes) for one in losses.values()))
    start = PrepareFock(state=noon_state(modes, photons, weights=weights))
    return Part(
        circuit=Circuit(modes=modes, operations=(start, *passes_of(losses, sensed, passes))),
        sensors=tuple(sensors),
        branches=((photons, 0), (0, photons)),
        share=share,
        coefficients=None if weight is None else (weight, -weight)[: len(sensors)],
    )
