"""N00N states of two modes, of which one or both are sensors: the parts of schemes that read sensors out alone or in pairs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from protocols.problem import PhaseProblem
from protocols.schemes.photon import require_simulated_photons
from protocols.schemes.plan import Part
from protocols.theory.two_branches import best_branch_weights

if TYPE_CHECKING:
    from photonics.circuits.circuit import Operation


def own_arm(problem: PhaseProblem, sensor: int) -> str:
    """The name of the reference arm that a sensor has to itself.

    Parameters
    ----------
    problem : PhaseProblem
    sensor : int
        From 0 to d - 1.
    """
    return f"{problem.sensor_modes[sensor]} arm"


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
    from photonics import Circuit, Loss, PrepareFock, Sense, noon_state

    require_simulated_photons(photons, passes)
    sensed = tuple(problem.sensor_modes[j] for j in sensors)
    modes = (*sensed, arm)[:2]
    transmissivity = (*(problem.transmissivity[j] for j in sensors), problem.arm_transmissivity)[:2]
    losses = [Loss(mode=mode, transmissivity=eta) for mode, eta in zip(modes, transmissivity, strict=True) if eta < 1]
    each_pass: list[Operation] = [Sense(modes=sensed, generator="number"), *losses]
    weights = best_branch_weights(*(photons * passes * math.log(eta) for eta in transmissivity))
    start = PrepareFock(state=noon_state(modes, photons, weights=weights))
    return Part(
        circuit=Circuit(modes=modes, operations=(start, *each_pass * passes)),
        sensors=tuple(sensors),
        branches=((photons, 0), (0, photons)),
        share=share,
        coefficients=None if weight is None else (weight, -weight)[: len(sensors)],
    )
