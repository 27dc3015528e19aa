"""What schemes of squeezed light for displacements share: sensing with its losses, and how their formulas are written."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from protocols.problem import DisplacementProblem

if TYPE_CHECKING:
    from photonics.circuits.circuit import Operation

MAX_NAMED = 8
"""Sensors whose weight in the estimate is written out."""


def homodyne_words(problem: DisplacementProblem) -> str:
    """What is measured, and the weights of the estimate: alpha_j over the slope of x_j, whose vacuum has variance 1.

    Parameters
    ----------
    problem : DisplacementProblem

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> homodyne_words(DisplacementProblem(network=SensorNetwork.chain([1, -2], sensing="displacement", mean_photons=1.0)))
    'homodyne x on every sensor; q is estimated by 1 x(s1) - 2 x(s2), the vacuum having variance 1'
    """
    weights = [
        # A slope may be nothing within floating point, and an error beyond it.
        (a / g if g else math.copysign(math.inf, a), mode)
        for a, g, mode in zip(problem.alpha, problem.slopes, problem.sensor_modes, strict=True)
        if a
    ]
    terms = " ".join(f"{'-' if w < 0 else '+'} {abs(w):.6g} x({mode})" for w, mode in weights[:MAX_NAMED])
    more = f" + ... {len(weights) - MAX_NAMED} more" if len(weights) > MAX_NAMED else ""
    return (
        f"homodyne x on every sensor; q is estimated by {terms.removeprefix('+ ')}{more}, the vacuum having variance 1"
    )


def sensing_passes(problem: DisplacementProblem, modes: tuple[str, ...]) -> tuple[Operation, ...]:
    """Sensing at these sensors and the losses after it, as often as there are passes.

    Parameters
    ----------
    problem : DisplacementProblem
    modes : names of sensors
    """
    from photonics import Loss, Sense

    eta = problem.transmissivity_of
    losses = [Loss(mode=mode, transmissivity=eta[mode]) for mode in modes if eta[mode] < 1]
    each_pass: tuple[Operation, ...] = (Sense(modes=modes, generator="momentum"), *losses)
    return each_pass * problem.passes


def formula_of(problem: DisplacementProblem, lossless: str) -> str:
    """A formula without loss, and that the losses are added where there are any.

    Parameters
    ----------
    problem : DisplacementProblem
    lossless : str
    """
    return (
        lossless
        if problem.is_lossless
        else lossless + ", with the loss of each pass added (docs/theory/theory.md, section 6)"
    )
