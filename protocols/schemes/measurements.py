"""The error of each scheme from each of its measurements beside the quantum limit, which no measurement goes below.

Measurements themselves are in ``photonics.measurements``; those that a scheme lists are made in ``readouts``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from networks import SensorNetwork
from networks.values import Value, freeze
from photonics.measurements.saturation import LEAST_INFORMATION, SHARE_ROUNDING, counts_rounding, known_share
from protocols.problem import AnyProblem, DisplacementProblem, GaussianProblem, Problem
from protocols.schemes.evaluation import evaluate, probe_theta, whole_information
from protocols.schemes.plan import Part, Plan
from protocols.schemes.readouts import DetectorsOf, Readout
from protocols.schemes.registry import choose_schemes
from protocols.schemes.scheme import AnyScheme, plan_of
from protocols.theory.sums import error_sum

COVARIANCE_ROUNDING = 1e-15
"""Of variances next to 1: of information F it leaves a relative error of so much over sqrt(F)."""
LARGEST_ERROR = 1e290
"""A mean squared error beyond it is that of light of which nothing arrives: survival is near the end of floating point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredShare(Value):
    """One measurement on one scheme.

    Attributes
    ----------
    scheme, measurement : str
        Their names.
    mse : float
        Mean squared error of q in one shot; nan where it could not be computed.
    share : float
        Classical over quantum Fisher information, in [0, 1], rounding taken off; nan where it could not be computed.

    Raises
    ------
    ValueError
        For a share outside of it.
    """

    scheme: str
    measurement: str
    mse: float
    share: float

    def __post_init__(self) -> None:
        freeze(self)
        if not math.isnan(self.share) and not 0 <= self.share <= 1 + SHARE_ROUNDING:
            raise ValueError(
                f"share must be classical over quantum Fisher information, from 0 to 1, or nan, got {self.share:.6g}"
            )
        if self.share > 1:
            object.__setattr__(self, "share", 1.0)


def measured_shares(
    problem: SensorNetwork | AnyProblem,
    schemes: Sequence[str | AnyScheme] | None = None,
    *,
    as_built: Mapping[str, Plan] | None = None,
) -> tuple[MeasuredShare, ...]:
    """Each scheme with the measurements that it lists, at parameter values in no special relation; the rest of theta unknown.

    Schemes of whose light nothing arrives (an error above LARGEST_ERROR) are left out. Where so little arrives that its information
    is below the rounding of probabilities (LEAST_INFORMATION), errors and shares of counts are nan.

    Parameters
    ----------
    problem : SensorNetwork or Problem
    schemes : names or ``Scheme`` objects; all registered ones when left out.
    as_built : mapping of names of schemes to their plans as they are built, optional
        These are measured instead of the schemes' own. Where links lose light, or anything is limited or noisy, that is at their
        sensors and by the detectors of the network; the quantum limit is that of the light in front of the detectors. Schemes
        that are not in it, and measurements that are not worked out with such detectors, have no row.

    Raises
    ------
    InputError
        For schemes that are not known or sense something else.

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from protocols.problem import Problem
    >>> problem = Problem.of(SensorNetwork.chain([1, -1], sensing="phase", photons=2))
    >>> [(row.measurement, round(row.share, 9)) for row in measured_shares(problem, ["noon"])]
    [('projection on the branches, at mid-fringe', 1.0)]
    """
    problem = Problem.of(problem)
    rows = []
    limited = isinstance(problem, DisplacementProblem) and problem.has_laboratory
    by_detectors = as_built is not None and (problem.has_lossy_links or limited or not problem.has_ideal_detectors)
    for scheme in choose_schemes(problem.kind, schemes):
        plan = plan_of(scheme, problem) if as_built is None else as_built.get(scheme.name)
        if not isinstance(plan, Plan):
            continue
        result = evaluate(plan, problem)
        quantum = result.mse
        if not quantum < LARGEST_ERROR:
            continue
        matrix = whole_information(plan, result.informations, len(problem.task.alpha))
        least = min(float(matrix[j, j]) for j, a in enumerate(problem.task.alpha) if a)
        known = math.fsum(a * a for a in problem.task.alpha) / quantum
        is_seen = min(least, known) >= LEAST_INFORMATION
        parts = [
            (part, theta, part.coefficients_of(problem.alpha))
            for part, theta in zip(plan.parts, probe_theta(plan), strict=True)
        ]
        for readout in scheme.measurements(plan):
            # Little light: what the counts tell of it is less than the rounding of the counts of light that is lost.
            is_known = is_seen or readout.in_the_dark
            detectors_of = problem.detectors if by_detectors else None
            errors = [_part_error(readout, detectors_of, *one) for one in parts] if is_known else [math.nan]
            known_errors = [error for error in errors if error is not None]
            if len(known_errors) < len(errors):
                continue
            mse = error_sum(known_errors)
            rounding = SHARE_ROUNDING if readout.in_the_dark else counts_rounding(min(least, known))
            if isinstance(problem, GaussianProblem):
                # Squeezed vacuum is told from vacuum by its covariance: of little of it few digits are left.
                rounding = max(rounding, COVARIANCE_ROUNDING / math.sqrt(min(least, known)))
            share = known_share(f"{readout.name} of {plan.scheme}", quantum / mse, 1.0, rounding=rounding)
            rows.append(MeasuredShare(scheme=plan.scheme, measurement=readout.name, mse=mse, share=share))
    return tuple(rows)


def _part_error(
    readout: Readout,
    detectors_of: DetectorsOf | None,
    part: Part,
    theta: Sequence[float],
    coefficients: Sequence[float],
) -> float | None:
    """What a part adds to the error in one shot of all; None where these detectors are not worked out."""
    if detectors_of is None:
        return readout.error(part, theta, coefficients) / part.share
    error = None if readout.detected is None else readout.detected(part, theta, coefficients, detectors_of)
    return None if error is None else error / part.share
