"""Errors against photons and against transmissivity, as numbers; ``reports.figures`` draws them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from networks import InputError, SensorNetwork
from networks.values import Value
from protocols.problem import DisplacementProblem, PhaseProblem, Problem
from protocols.schemes.noon import Noon
from protocols.schemes.registry import choose_schemes
from protocols.schemes.scheme import AnyScheme, error_of
from protocols.schemes.w_matrix import WMatrix
from protocols.theory.task import Task

POINTS = 60
MAX_PHOTONS = 200
"""Photons to which a curve is drawn, or twice the network's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves(Value):
    """Mean squared errors of q in one shot over one axis.

    Attributes
    ----------
    axis : str
        Its name.
    values : (n,) floats
        Along it, ascending.
    errors : tuple of (str, (n,) floats)
        Labelled curves; nan where there is no error to give.
    here : float
        Where on the axis the network itself is.
    """

    axis: str
    values: tuple[float, ...]
    errors: tuple[tuple[str, tuple[float, ...]], ...]
    here: float


def photon_curves(
    network: SensorNetwork | PhaseProblem | DisplacementProblem, schemes: Sequence[str | AnyScheme] | None = None
) -> Curves:
    """Errors against N (whole photons, as (34) allows) or nbar, with the losses of the network.

    Parameters
    ----------
    network : SensorNetwork or Problem
    schemes : sequence of str or Scheme, optional
        All registered ones when left out.
    """
    problem = Problem.of(network)
    task: Task = problem.task
    if isinstance(problem, PhaseProblem):
        most = max(MAX_PHOTONS, 2 * problem.photons)
        step = problem.divisibility.least_photons or most
        if step >= most:
            # No N that is drawn has columns: every N, without the schemes that are made of them.
            schemes = [scheme for scheme in choose_schemes("phase", schemes) if not isinstance(scheme, Noon | WMatrix)]
            step = 1
        multiples = {max(1, round((most / step) ** (k / (POINTS - 1)))) for k in range(POINTS)}
        values = [float(step * m) for m in sorted(multiples)]
        name = "N, photons in a shot"
    else:
        values = [0.05 * (2e3) ** (k / (POINTS - 1)) for k in range(POINTS)]
        name = "nbar, mean photons in a shot"
    tasks = [task.with_photons(n) for n in values]
    return Curves(
        axis=name,
        values=tuple(values),
        errors=_errors(problem, tasks, choose_schemes(problem.sensing, schemes), named=schemes is not None),
        here=float(problem.budget),
    )


def transmissivity_curves(
    network: SensorNetwork | PhaseProblem | DisplacementProblem, schemes: Sequence[str | AnyScheme] | None = None
) -> Curves:
    """Errors against a common factor on the transmissivity of every mode, the network's own losses at 1.

    Parameters
    ----------
    network : SensorNetwork or Problem
    schemes : sequence of str or Scheme, optional
        All registered ones that are applicable when left out.

    Raises
    ------
    InputError
        For named schemes that are not applicable to the network.
    """
    problem = Problem.of(network)
    chosen = [(scheme, scheme.why_not(problem)) for scheme in choose_schemes(problem.sensing, schemes)]
    if schemes is not None and any(why for _, why in chosen):
        raise InputError(
            [f"the scheme {scheme.name!r} is not applicable, so no curve: {why}" for scheme, why in chosen if why]
        )
    applicable = [scheme for scheme, why in chosen if why is None]
    values = [0.05 + 0.95 * k / (POINTS - 1) for k in range(POINTS)]
    tasks = [problem.task.thinned(factor) for factor in values]
    return Curves(
        axis="extra transmissivity of every mode",
        values=tuple(values),
        errors=_errors(problem, tasks, applicable, named=schemes is not None),
        here=1.0,
    )


def _errors(
    problem: PhaseProblem | DisplacementProblem, tasks: Sequence[Task], schemes: Sequence[AnyScheme], *, named: bool
) -> tuple[tuple[str, tuple[float, ...]], ...]:
    curves: dict[str, Callable[[Any], float | None]] = {
        "bound without loss": lambda task: task.bound,
        "shot noise of the network": lambda task: task.shot_noise,
    }
    if problem.task.free_reference_shot_noise is not None:
        curves["shot noise with a free reference"] = lambda task: task.free_reference_shot_noise
    if problem.task.loss_bound is not None:
        curves["bound that the loss sets"] = lambda task: task.loss_bound
    curves |= {scheme.name: partial(error_of, scheme) for scheme in schemes}
    drawn: dict[tuple[float, ...], str] = {}
    empty: list[str] = []
    for label, curve in curves.items():
        errors = tuple(math.nan if (value := curve(task)) is None else value for task in tasks)
        if all(math.isnan(error) for error in errors):
            empty.append(label)
            continue
        # Schemes that are equal everywhere, as all optimal photon protocols are, share one curve.
        drawn[errors] = f"{drawn[errors]}, {label}" if errors in drawn else label
    names = {scheme.name for scheme in schemes}
    if named and (missing := [label for label in empty if label in names]):
        # What was named must not be missing in silence.
        raise InputError(
            [f"the scheme {name!r} has no closed form of its error here (`mse`), so no curve" for name in missing]
        )
    return tuple((label, errors) for errors, label in drawn.items())
