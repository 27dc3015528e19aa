"""Functions f(theta) that are not linear, in two steps (Qian et al. 2019): a pilot stage, then the linearised protocol.

A small share of the shots estimates each theta_j on its own. The rest runs the optimal protocol for the gradient of f at the pilot
values, a new one in every trial. What the pilot stage leaves behind is of second order, so with a share that vanishes slowly enough
the error approaches that of the linear function grad f . theta.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from networks import InputError, LinearFunction, SensorNetwork
from networks.errors import short_repr
from networks.files.node_link import network_document
from networks.values import Value, whole_number
from photonics.conventions import Real
from protocols.documents.printed import Entry
from protocols.documents.result import Result
from protocols.estimation.arguments import common_faults, real_numbers
from protocols.estimation.experiments import Repeatable
from protocols.estimation.expressions import AnalyticFunction
from protocols.estimation.simulation import default_theta
from protocols.estimation.tally import Tally
from protocols.estimation.trials import BATCH, content_id, run_trials
from protocols.estimation.two_steps import LARGEST, TwoSteps
from protocols.estimation.two_steps_displacement import displacement_steps
from protocols.estimation.two_steps_phase import phase_steps
from protocols.problem import AnyProblem, DisplacementProblem, GaussianProblem, PhaseProblem, Problem, no_reference

SMALLEST_GRADIENT = 1 / LARGEST
"""Largest entry of a gradient: of smaller ones errors would be told as zero."""
LARGEST_PHASE = 3.0
"""Phases in rad: beyond, a pilot value may be on the other side of pi."""


def _stderr(tally: Tally, stderr: float) -> float | None:
    """A standard error; None of a single trial, which has none."""
    return stderr if tally.trials > 1 else None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class FunctionSimulation(Value, Result):
    """What the two steps reach, beside the bound and beside individual (plug-in) estimates of all parameters.

    Attributes
    ----------
    network : SensorNetwork
    function : str
        f as it was given.
    theta : (d,) floats
        The true parameters, in rad or standard deviations of the vacuum.
    value, gradient : float, (d,) floats
        f and grad f at theta.
    tally : Tally
        Errors of f from the two steps.
    plug_in : Tally
        Of f at individual estimates of all parameters, with the same shots.
    bound : float
        Of the linear function grad f(theta) . theta at the true parameters, for all shots together.
    rough_shots, shots : int
        Of the pilot stage and in all (photons: a shot of the pilot stage measures one sensor with all photons).
    second_order : float
        Root mean square of what the gradient leaves out after the pilot stage, to leading order.
    seed : int
    notes : tuple of str
        What a reader has to know.
    """

    DOCUMENT = (
        Entry("scheme", of=lambda _: "pilot-then-linearised"),
        Entry("estimator", of=lambda _: "two-step"),
        "theta",
        Entry("mse", of="tally.mse"),
        Entry("mse_stderr", of=lambda result: _stderr(result.tally, result.tally.mse_stderr)),
        "bound",
        Entry("resources", of=lambda result: {"shots": result.shots, "rough_shots": result.rough_shots}),
        Entry("bias", of="tally.bias"),
        Entry("bias_stderr", of=lambda result: _stderr(result.tally, result.tally.bias_stderr)),
        Entry("coverage", of="tally.coverage"),
        Entry("mistaken_fringe", of="fringe_error_share"),
        "second_order",
        Entry("plug_in_mse", of="plug_in.mse"),
        Entry("plug_in_mse_stderr", of=lambda result: _stderr(result.plug_in, result.plug_in.mse_stderr)),
        "function",
        "value",
        "gradient",
        Entry("trials", of="tally.trials"),
        "seed",
        "notes",
        "network",
    )

    network: SensorNetwork
    function: str
    theta: tuple[float, ...]
    value: float
    gradient: tuple[float, ...]
    tally: Tally
    plug_in: Tally
    bound: float
    rough_shots: int
    shots: int
    second_order: float
    seed: int
    notes: tuple[str, ...]

    @property
    def fringe_error_share(self) -> float | None:
        """Share of the trials whose pilot stage left a phase beyond the half fringe of the second step; None for displacements."""
        reads_fringes = isinstance(Problem.of(self.network), PhaseProblem)
        return self.tally.fringe_errors / self.tally.trials if reads_fringes else None


def simulate_function(
    network: SensorNetwork | AnyProblem,
    function: str,
    *,
    shots: int = 1000,
    trials: int = 10_000,
    seed: int = 0,
    theta: Sequence[float] | None = None,
    rough_shots: int | None = None,
    workers: int = 1,
    progress: Callable[[str], None] | None = None,
) -> FunctionSimulation:
    """Simulate the estimation of f(theta) in two steps; the alpha of the network is not used, its light and losses are.

    Parameters
    ----------
    network : SensorNetwork or Problem
    function : str
        An expression in theta1 ... thetad or the names of the sensors, which win: "theta1*sin(theta2)".
    shots : int from 2 to 10^9
        Of both steps together.
    trials, seed, workers : int
        As for ``simulate``.
    theta : (d,) floats, optional
        True parameters, in rad and at most 3 in size, or in units of the vacuum's standard deviation.
    rough_shots : int from 1 to shots - 1, optional
        Shots of the pilot stage; when left out about shots^(2/3), or what makes fringe errors rare.
    progress : callable, optional
        Called with a few words now and then.

    Returns
    -------
    FunctionSimulation

    Raises
    ------
    InputError
        Listing every fault; also when the gradient vanishes at theta, where f is not linear to first order.

    Examples
    --------
    >>> network = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=4.0)
    >>> result = simulate_function(network, "theta1*theta2", shots=3000, trials=3000, theta=[1.0, 2.0])
    >>> result.gradient, result.bound < result.tally.mse < 0.7 * result.plug_in.mse
    ((2.0, 1.0), True)
    """
    problem = Problem.of(network)
    faults = common_faults(problem, shots, trials, seed, theta, workers)
    if isinstance(problem, GaussianProblem):
        faults.append(NOT_OF_GAUSSIAN)
    expression: AnalyticFunction | None = None
    try:
        expression = AnalyticFunction.from_text(function, len(problem.site_names), problem.site_names)
    except InputError as error:
        faults += error.faults
    count = whole_number(shots)
    pilot = None if rough_shots is None else whole_number(rough_shots)
    if rough_shots is not None and (pilot is None or not 1 <= pilot < (2**62 if count is None else count)):
        faults.append(
            f"the shots of the pilot stage must be an integer from 1 to shots - 1, got {short_repr(rough_shots)}"
        )
    if not faults and count == 1:
        faults.append("two steps need at least 2 shots")
    true = default_theta(problem) if theta is None or faults else real_numbers(theta) or ()
    if isinstance(problem, PhaseProblem) and any(abs(t) > LARGEST_PHASE for t in true):
        faults.append(
            f"phases must be at most {LARGEST_PHASE} rad in size here: what photons count is the same after a whole turn, so "
            "near pi a pilot value may be on the other side"
        )
    if faults:
        raise InputError(faults)
    assert expression is not None
    shots, trials, seed = (whole_number(value) or 0 for value in (shots, trials, seed))
    workers = whole_number(workers) or 1
    value, gradient, curvature = _derivatives(expression, true)
    if isinstance(problem, PhaseProblem) and problem.reference is None and not expression.is_balanced:
        raise InputError(
            [
                f"{no_reference(problem)} only functions of phase differences can be measured, whose derivatives sum to zero "
                "everywhere"
            ]
        )
    ready = _two_steps(problem, function, true, pilot, shots)
    report = progress or (lambda _: None)
    content = content_id(
        {
            "network": network_document(problem.network),
            "function": function,
            "shots": shots,
            "rough": ready.pilot_shots,
            "theta": list(true),
            "trials": trials,
            "batch": BATCH,
        }
    )

    def tallied(experiment: Repeatable, content: str, name: str) -> Tally:
        def counted(done: int) -> None:
            report(f"{name}: {done:,} of {trials:,} trials")

        return run_trials(experiment, trials, seed=seed, content=content, workers=workers, progress=counted)

    return FunctionSimulation(
        network=problem.network,
        function=function,
        theta=true,
        value=value,
        gradient=tuple(gradient.tolist()),
        tally=tallied(ready, content, "pilot stage, then the linearised protocol"),
        plug_in=tallied(ready.plug_in(), content_id(content), "individual (plug-in) estimates"),
        bound=_bound(problem, gradient) / shots,
        rough_shots=ready.pilot_shots,
        shots=shots,
        second_order=_second_order(curvature, np.array(ready.pilot_variances)),
        seed=seed,
        notes=(*expression.notes, *([ready.note] if ready.note else [])),
    )


def _derivatives(expression: AnalyticFunction, theta: tuple[float, ...]) -> tuple[float, Real, Real]:
    """f, its gradient and its second derivatives at theta; InputError where they are of no use."""
    text, at = expression.text, np.array([theta])
    value, gradient = float(expression.value(at)[0]), expression.gradient(at)[0]
    curvature = expression.curvature(at)[0]
    if not math.isfinite(value) or not np.isfinite(gradient).all() or not np.isfinite(curvature).all():
        raise InputError([f"{text!r} or its derivatives have no finite value at theta = {list(theta)}"])
    if not np.abs(gradient).max() > 0:
        raise InputError([f"the gradient of {text!r} vanishes at theta = {list(theta)}; choose another theta"])
    if np.abs(gradient).max() < SMALLEST_GRADIENT:
        raise InputError(
            [
                f"the gradient of {text!r} is below {SMALLEST_GRADIENT:g} in size at theta, and squares of it are zero; rescale it"
            ]
        )
    if max(abs(value), np.abs(gradient).max(), np.abs(curvature).max()) > LARGEST:
        raise InputError([f"{text!r} and its derivatives must be at most {LARGEST:g} in size at theta; rescale it"])
    return value, gradient, curvature


def _two_steps(
    problem: AnyProblem,
    function: str,
    theta: tuple[float, ...],
    pilot_shots: int | None,
    shots: int,
) -> TwoSteps:
    """Both steps, ready to be repeated."""
    if isinstance(problem, DisplacementProblem):
        return displacement_steps(problem, function, theta, pilot_shots, shots)
    assert isinstance(problem, PhaseProblem), "Gaussian light for phases is refused before"
    return phase_steps(problem, function, theta, pilot_shots, shots)


NOT_OF_GAUSSIAN = (
    "analytic functions are estimated with exact photon numbers or displacements, not with Gaussian light for phases; "
    "give photons"
)


def _bound(problem: AnyProblem, gradient: Real) -> float:
    """Of one shot, for the linear function along the gradient: (12), or the exact form of (15)."""
    size = float(np.abs(gradient).max())
    # Exact coefficients have a least size; parts of a gradient below it do not count.
    of_theta = LinearFunction([Fraction(g) if abs(g) > 1e-90 else 0 for g in (gradient / size).tolist()])
    function = problem.function_of_modes(of_theta)
    if isinstance(problem, PhaseProblem):
        function = function.orient().function
    return size**2 * replace(problem.task, function=function).bound


def _second_order(curvature: Real, variances: Real) -> float:
    """Root mean square of x^T H x/2 for independent normal x with these variances."""
    scaled = curvature * np.sqrt(np.outer(variances, variances))
    return float(np.sqrt(np.trace(scaled) ** 2 / 4 + (scaled**2).sum() / 2))
