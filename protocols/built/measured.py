"""The error of the measurement that a plan states, with the detectors of the network."""

from __future__ import annotations

import math

from protocols.problem import DisplacementProblem, PhaseProblem
from protocols.schemes.evaluation import probe_theta
from protocols.schemes.plan import Plan
from protocols.schemes.readouts import detected_mse


def homodyne_error(plan: Plan, problem: DisplacementProblem) -> float:
    """Mean squared error of q in one shot from the moments of the homodyne outcomes, at theta = 0, by the native engine.

    With parameters that are displaced, jitter of the angles adds to the variance; that is left out, as of second order.

    Parameters
    ----------
    plan : Plan
        Of squeezed light.
    problem : DisplacementProblem

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from protocols.schemes import find_scheme
    >>> one = SensorNetwork.chain([1], sensing="displacement", mean_photons=1.0, detector_efficiency=0.5)
    >>> problem = DisplacementProblem(network=one)
    >>> plan = find_scheme("displacement", "separable-squeezed").plan(problem)
    >>> round(homodyne_error(plan, problem), 9), round(problem.readout.vacuum_mse, 9)
    (1.171572875, 2.0)
    """
    from photonics import Homodyne, measure, nuisance_aware_information

    errors = []
    for part in plan.parts:
        sensing = part.circuit.sensing_modes
        homodyne = Homodyne(modes=sensing, detectors=problem.detectors(sensing))
        outcomes = measure(part.circuit, homodyne, [0.0] * len(sensing))
        errors.append(
            nuisance_aware_information(outcomes.moment_matrix(), part.coefficients_of(problem.alpha)).mse / part.share
        )
    return math.fsum(errors)


def measured_error(plan: Plan, problem: PhaseProblem | DisplacementProblem) -> float | None:
    """Mean squared error of q in one shot from the projections of a plan of photons, by the native engine.

    Closed forms have what detectors miss; visibility, jitter and dark counts are in the outcomes alone.

    Parameters
    ----------
    plan : Plan
        As it is built.
    problem : Problem

    Returns
    -------
    float or None
        None where too many strings are superposed to be projected on.

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from protocols.schemes import find_scheme
    >>> pair = SensorNetwork.chain([1, -1], sensing="phase", photons=2, visibility=0.9)
    >>> problem = PhaseProblem(network=pair)
    >>> plan = find_scheme("phase", "noon").plan(problem)
    >>> round(measured_error(plan, problem), 12), round(0.25 / 0.9**2, 12)
    (0.308641975309, 0.308641975309)
    """
    if not isinstance(problem, PhaseProblem) or not problem.has_noisy_detectors:
        return plan.predicted_mse
    errors = []
    for part, theta in zip(plan.parts, probe_theta(plan), strict=True):
        detectors = problem.detectors(part.circuit.modes)
        error = detected_mse(part, theta, part.coefficients_of(problem.alpha), detectors)
        if error is None:
            return None
        errors.append(error / part.share)
    return math.fsum(errors)
