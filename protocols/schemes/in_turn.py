"""What schemes share whose parts take turns over the shots: when they may, and N00N states between two modes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from networks import InputError
from protocols.problem import PhaseProblem, Problem
from protocols.schemes.photon import LARGEST_SIMULATED_PHOTONS
from protocols.schemes.plan import Part
from protocols.theory.two_branches import best_branch_weights

if TYPE_CHECKING:
    from photonics.circuits.circuit import Operation


def why_no_turns(problem: Problem, turns: int) -> str | None:
    """Why so many probes cannot take turns in this network; None where they can, or where there is only one.

    Parameters
    ----------
    problem : Problem
    turns : int >= 1
    """
    if turns == 1 or problem.network.parameters == "static":
        return None
    return "the parameters are a snapshot: every shot has to tell q by itself, so that probes cannot take turns"


STATIC = "for parameters that stay put over the shots"
"""What schemes need whose parts take turns."""


def fewer_photons_note(used: Iterable[int], photons: float) -> str:
    """How many photons a turn has, where that is not N; nothing where all turns have N.

    Parameters
    ----------
    used : ints >= 1
        Photons of each turn.
    photons : int or float >= 1
        N.

    Examples
    --------
    >>> fewer_photons_note([3, 5, 3], 9)
    '3, 5 of 9 photons at a time; with these losses more would increase the error'
    """
    fewer = sorted({n for n in used if n < photons})
    if not fewer:
        return ""
    some = ", ".join(map(str, fewer[:6])) + (", ..." if len(fewer) > 6 else "")
    return f"{some} of {photons:.6g} photons at a time; with these losses more would increase the error"


def require_exact_photons(problem: PhaseProblem) -> None:
    """Raise InputError for more photon passes than floating point holds exactly.

    Parameters
    ----------
    problem : PhaseProblem
    """
    if problem.photons * problem.passes > LARGEST_SIMULATED_PHOTONS:
        limit = f"states are simulated with at most {LARGEST_SIMULATED_PHOTONS} photons in all passes together"
        raise InputError([f"{limit}, got N M = {problem.photons * problem.passes}"])


def two_mode_part(
    problem: PhaseProblem,
    first: tuple[str, float],
    second: tuple[str, float],
    photons: int,
    passes: int,
    share: float,
    weight: float,
) -> Part:
    """A N00N state between two modes, sensed in every pass where they are sensors, with the best weights for its losses.

    Parameters
    ----------
    problem : PhaseProblem
    first, second : (name, transmissivity of one pass)
    photons, passes : int >= 1
    share : float in (0, 1]
        Of the shots.
    weight : float
        c: the part estimates c (theta_first - theta_second), the parameter of a mode that is no sensor being 0.
    """
    from photonics import Circuit, Loss, PrepareFock, Sense, noon_state

    modes = (first[0], second[0])
    sensors = tuple(problem.sensor_modes.index(mode) for mode in modes if mode in problem.sensor_modes)
    losses = [Loss(mode=mode, transmissivity=eta) for mode, eta in (first, second) if eta < 1]
    sensed = Sense(modes=tuple(problem.sensor_modes[j] for j in sensors), generator="number")
    each_pass: list[Operation] = [sensed, *losses]
    weights = best_branch_weights(*_log_survivals(first[1], second[1], photons * passes))
    start = PrepareFock(state=noon_state(modes, photons, weights=weights))
    return Part(
        circuit=Circuit(modes=modes, operations=(start, *each_pass * passes)),
        sensors=sensors,
        branches=((photons, 0), (0, photons)),
        share=share,
        coefficients=tuple(weight if mode == first[0] else -weight for mode in modes if mode in problem.sensor_modes),
    )


def _log_survivals(first: float, second: float, photon_passes: int) -> tuple[float, float]:
    """Logarithms of the chances that all photons arrive after all passes, in either mode."""
    return photon_passes * math.log(first), photon_passes * math.log(second)


def in_words(photons: int) -> str:
    """A number of photons.

    >>> in_words(1), in_words(2)
    ('1 photon', '2 photons')

    Parameters
    ----------
    photons : int >= 1
    """
    return "1 photon" if photons == 1 else f"{photons} photons"
