"""Errors against photons and against transmissivity, as numbers; ``reports.figures`` draws them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from networks import InputError, SensorNetwork
from networks.values import Value
from protocols.loss.of_modes import left_out
from protocols.problem import DisplacementProblem, PhaseProblem, Problem, divisibility
from protocols.schemes.noon import Noon
from protocols.schemes.registry import choose_schemes
from protocols.schemes.scheme import AnyScheme, error_of
from protocols.schemes.w_matrix import WMatrix
from protocols.theory.task import Task

POINTS = 60
MAX_PHOTONS = 200
"""Photons to which a curve is drawn, or twice the network's own."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curves(Value):
    """Mean squared errors of q in one shot over one axis; equal where all numbers are, nan among them.

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
    without : str
        What of the network is not in the curves, which are closed forms of the losses of modes; empty where they have everything.
    """

    axis: str
    values: tuple[float, ...]
    errors: tuple[tuple[str, tuple[float, ...]], ...]
    here: float
    without: str = ""

    def __eq__(self, other: object) -> bool:
        return self._content() == other._content() if isinstance(other, Curves) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._content())

    def _content(self) -> tuple[object, ...]:
        """The fields with None for nan, which is equal to nothing."""
        errors = tuple((name, tuple(None if math.isnan(e) else e for e in curve)) for name, curve in self.errors)
        return self.axis, self.values, errors, self.here, self.without


def photon_curves(
    network: SensorNetwork | PhaseProblem | DisplacementProblem, schemes: Sequence[str | AnyScheme] | None = None
) -> Curves:
    """Errors against N (whole photons) or nbar, with the losses of the modes; links and limits are in none of them.

    Schemes of columns have an error where their columns exist, (34), and nan elsewhere; the others at every N.

    Parameters
    ----------
    network : SensorNetwork or Problem
    schemes : sequence of str or Scheme, optional
        All registered ones that are applicable at some N when left out.

    Raises
    ------
    InputError
        For named schemes without a curve: of columns that exist at no N drawn, or turns where the parameters are a snapshot.
    """
    problem = Problem.of(network)
    chosen, faults = [], []
    for scheme in choose_schemes(problem.sensing, schemes):
        if (why := _never(scheme, problem)) is None:
            chosen.append(scheme)
        else:
            faults.append(f"the scheme {scheme.name!r} is not applicable, so no curve: {why}")
    if faults and schemes is not None:
        raise InputError(faults)
    if isinstance(problem, PhaseProblem):
        values = _photon_numbers(problem)
        name = "N, photons in a shot"
    else:
        values = [0.05 * (2e3) ** (k / (POINTS - 1)) for k in range(POINTS)]
        name = "nbar, mean photons in a shot"
    tasks = [problem.task.with_photons(n) for n in values]
    return Curves(
        axis=name,
        values=tuple(values),
        errors=_errors(problem, tasks, chosen, named=schemes is not None),
        here=float(problem.budget),
        without=left_out(problem),
    )


def _photon_numbers(problem: PhaseProblem) -> list[float]:
    """Whole numbers N, evenly on a logarithmic axis, those at which columns exist among them."""
    most = _most_photons(problem)
    values = set()
    for step in (1, *(step for scheme in (Noon(), WMatrix()) if (step := _step(scheme, problem)) is not None)):
        if step <= most:
            values |= {step * max(1, round((most / step) ** (k / (POINTS - 1)))) for k in range(POINTS)}
    return [float(n) for n in sorted(values)]


def _most_photons(problem: PhaseProblem) -> int:
    return max(MAX_PHOTONS, 2 * problem.photons)


def _step(scheme: AnyScheme, problem: PhaseProblem) -> int | None:
    """Columns exist at the multiples of this N; 1 for schemes that are made of none, None where no N has columns."""
    if isinstance(scheme, WMatrix):
        return problem.divisibility.least_photons
    # The same column in every pass.
    return divisibility(problem.function, problem.photons, 1).least_photons if isinstance(scheme, Noon) else 1


def _never(scheme: AnyScheme, problem: PhaseProblem | DisplacementProblem) -> str | None:
    """Why a scheme has no error at any N drawn; None where it has one."""
    if not isinstance(problem, PhaseProblem):
        return scheme.why_not(problem)
    if isinstance(scheme, Noon | WMatrix):
        if isinstance(scheme, WMatrix) and problem.passes == 1:
            return scheme.why_not(problem)
        step, most = _step(scheme, problem), _most_photons(problem)
        if step is not None and step <= most:
            return None
        return f"its columns exist at no N up to {most}" + ("" if step is None else f"; the least is {step}")
    return scheme.why_not(problem.with_budget(_most_photons(problem), problem.passes))


def transmissivity_curves(
    network: SensorNetwork | PhaseProblem | DisplacementProblem, schemes: Sequence[str | AnyScheme] | None = None
) -> Curves:
    """Errors against a common factor on the transmissivity of every mode, those of the network at 1; links are in none of them.

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
        without=left_out(problem),
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
    for scheme in schemes:
        step = _step(scheme, problem) if isinstance(problem, PhaseProblem) else 1
        curves[scheme.name] = partial(_error_at_multiples, scheme, step, len({task.photons for task in tasks}) > 1)
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


def _error_at_multiples(scheme: AnyScheme, step: int | None, over_photons: bool, task: Task) -> float | None:
    """The error of a scheme where its columns exist."""
    if step == 1:
        return error_of(scheme, task)
    # At the N of a network as many are sent as columns can have; curves over N are drawn where all of them can.
    return None if step is None or (task.photons % step and over_photons) else error_of(scheme, task)
