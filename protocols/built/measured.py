"""The error of the measurement that a plan states, with the detectors of the network."""

from __future__ import annotations

import math

from protocols.problem import DisplacementProblem, PhaseProblem
from protocols.schemes.evaluation import probe_theta
from protocols.schemes.plan import Plan
from protocols.schemes.readouts import detected_mse


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
