"""What schemes of squeezed light for displacements share: sensing with its losses, and how their formulas are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocols.problem import DisplacementProblem

if TYPE_CHECKING:
    from photonics.circuits.circuit import Operation

HOMODYNE = "homodyne x on every sensor, weighted sum of the outcomes"


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
        lossless if problem.is_lossless else lossless + ", with the loss of each pass added (docs/theory.md, section 6)"
    )
