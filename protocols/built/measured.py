"""The error of the measurement that a plan states, with the detectors of the network."""

from __future__ import annotations

import math

from protocols.problem import AnyProblem, DisplacementProblem, PhaseProblem, SensedPhases
from protocols.schemes.evaluation import probe_theta, seen_by_detectors
from protocols.schemes.plan import Plan
from protocols.schemes.readouts import detected_mse
from protocols.theory.sums import error_sum


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
    return error_sum(errors)


def measured_error(plan: Plan, problem: AnyProblem) -> float | None:
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
    if plan.interference:
        return counted_error(plan, problem)
    errors = []
    for part, theta in zip(plan.parts, probe_theta(plan), strict=True):
        detectors = problem.detectors(part.circuit.modes)
        error = detected_mse(part, theta, part.coefficients_of(problem.alpha), detectors)
        if error is None:
            return None
        errors.append(error / part.share)
    return error_sum(errors)


def counted_error(plan: Plan, problem: SensedPhases) -> float:
    """Mean squared error of q in one shot from the photons counted where beams of coherent light meet, at mid-fringe.

    The difference of two ports is S sin(phase) for beams of u and w photons that are seen, S = 2 v sqrt(u w), with the Poisson
    noise u + w and that of the dark counts of both ports. Phases that jitter with variances s make its slope S exp(-s/2), and
    beams of one mode jitter together: E sin(x) sin(y) = [exp(-Var(x - y)/2) - exp(-Var(x + y)/2)]/2.

    Parameters
    ----------
    plan : Plan
        With ``interference``.
    problem : PhaseProblem

    Examples
    --------
    Shot noise over the square of the visibility, and a jitter of its own:

    >>> from networks import SensorNetwork
    >>> from protocols.schemes import find_scheme
    >>> pair = SensorNetwork.chain([1, -1], sensing="phase", photons=100, visibility=0.5)
    >>> plan = find_scheme("phase", "coherent").plan(PhaseProblem(network=pair))
    >>> round(counted_error(plan, PhaseProblem(network=pair)), 12)
    0.04
    """
    import numpy as np

    from photonics import get_engine

    (part,) = plan.parts
    circuit = seen_by_detectors(part.circuit, problem)
    photons = get_engine("native").run(circuit, [0.0] * len(part.sensors)).photon_number()
    seen = dict(zip(circuit.modes, map(float, photons), strict=True))
    detectors = problem.detectors(circuit.modes)
    count = len(circuit.modes)
    jitter = dict(zip(circuit.modes, detectors.each("phase_jitter_rad", count).tolist(), strict=True))
    visible = dict(zip(circuit.modes, detectors.each("visibility", count).tolist(), strict=True))
    dark = dict(zip(circuit.modes, detectors.each("dark_counts", count).tolist(), strict=True))
    beams = plan.interference
    first = np.array([seen[beam.first] * beam.first_share for beam in beams])
    second = np.array([seen[beam.second] * beam.second_share for beam in beams])
    contrast = np.sqrt([visible[beam.first] * visible[beam.second] for beam in beams])
    swing = 2 * contrast * np.sqrt(first * second)
    # Which modes turn each phase, as rows of +-1.
    turned = np.zeros((len(beams), count))
    for row, beam in zip(turned, beams, strict=True):
        row[circuit.modes.index(beam.first)], row[circuit.modes.index(beam.second)] = 1.0, -1.0
    phases = (turned * np.array([jitter[mode] ** 2 for mode in circuit.modes])) @ turned.T
    own = np.diag(phases)
    apart, together = (own[:, None] + own[None, :] + sign * 2 * phases for sign in (-1, 1))
    covariance = np.outer(swing, swing) * (np.exp(-apart / 2) - np.exp(-together / 2)) / 2
    # Both ports of a beam splitter have a detector, as good as those of the modes that meet there.
    covariance += np.diag(first + second + [dark[beam.first] + dark[beam.second] for beam in beams])
    slopes = swing * np.exp(-own / 2)
    if not (slopes > 0).all():
        return math.inf
    # Slopes may be so small that what they are divided by has no square.
    scale = float(slopes.min()) * problem.passes
    weights = np.array([beam.weight for beam in beams]) * (float(slopes.min()) / slopes)
    return float(weights @ covariance @ weights) / scale / scale
