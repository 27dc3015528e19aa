"""The points of a sweep of designs: the error of each scheme as it is built, without trials.

Errors as built, errors without loss, bounds, ranks and the factor of entanglement are closed forms with the layout along the links;
an engine runs for visibility, jitter and dark counts of photons, and for the quantum limit where detectors are not ideal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from networks import InputError, SensorNetwork
from photonics.conventions import squeezing_db
from protocols.built.built import Built
from protocols.problem import AnyProblem, Problem
from protocols.ranking.candidates import RankedPlans, rank_plans
from protocols.ranking.verdict import EntanglementVerdict, entanglement_verdict
from protocols.schemes import AnyScheme, choose_schemes
from protocols.schemes.evaluation import bound_of, evaluate
from protocols.schemes.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ranked:
    """What the points of one network share."""

    problem: AnyProblem
    plans: RankedPlans
    verdict: EntanglementVerdict


@lru_cache(maxsize=8)
def _ranked(network: SensorNetwork, schemes: tuple[str | AnyScheme, ...]) -> _Ranked:
    problem = Problem.of(network)
    plans = rank_plans(problem, schemes)
    chosen = choose_schemes(problem.kind, schemes)
    verdict = entanglement_verdict(problem, plans.built, chosen, unavailable=plans.unavailable, seek_turning=False)
    return _Ranked(problem=problem, plans=plans, verdict=verdict)


def design_columns(
    network: SensorNetwork, schemes: tuple[str | AnyScheme, ...], scheme: str, squared: str
) -> dict[str, Any]:
    """What a row says of one scheme among those that are ranked together.

    Parameters
    ----------
    network : SensorNetwork
    schemes : tuple of names or ``Scheme`` objects
    scheme : str
        One of their names.
    squared : str
        The unit of errors, for the names of columns.

    Raises
    ------
    InputError
        Where the scheme is not applicable.
    """
    found = _ranked(network, schemes)
    for one in found.plans.unavailable:
        if one.scheme == scheme:
            raise InputError([one.reason])
    rank, built = next((place, one) for place, one in enumerate(found.plans.built, 1) if one.as_built.scheme == scheme)
    quantum, message = _quantum_error(built, found.problem)
    errors = {
        "mse": built.mse,
        "quantum_mse": quantum,
        "ideal_mse": built.ideal_mse,
        "bound": bound_of(built.as_built, found.problem),
    }
    starts_at = built.starts_at
    return {
        **{f"{name}_{squared}": value for name, value in errors.items()},
        "rank": rank,
        "chosen": found.plans.best.scheme,
        "best_entangled": found.verdict.best_entangled,
        "best_separable": found.verdict.compared_with,
        "entanglement_factor": found.verdict.factor,
        "modes_entangled": built.as_built.modes_between_sites,
        **_prepared(built.as_built),
        "starts_at": None if starts_at is None else ", ".join(starts_at),
        "message": message,
    }


def _quantum_error(built: Built, problem: AnyProblem) -> tuple[float | None, str]:
    """The quantum limit of the light that arrives, and why there is none where no engine can hold it.

    Projections on strings and homodyne of squeezed light reach it, so that it is the error as built with ideal detectors.
    """
    if problem.has_ideal_detectors and built.as_built.mean_photons is None:
        return built.mse, ""
    from photonics import CircuitTooLargeError, PrecisionError

    try:
        return evaluate(built.as_built, problem).mse, ""
    except (CircuitTooLargeError, PrecisionError) as error:
        return None, f"no quantum limit: {error}"


def _prepared(plan: Plan) -> dict[str, Any]:
    """The light that is prepared in a shot, on average over parts that take turns."""
    from photonics import Displace, PrepareFock, Squeeze

    photons: float = 0.0
    squeezings: list[float] = []
    for part in plan.parts:
        for operation in part.circuit.operations:
            if isinstance(operation, PrepareFock):
                photons += part.share * part.photons
            elif isinstance(operation, Squeeze):
                photons += part.share * math.sinh(abs(operation.r)) ** 2
                squeezings.append(squeezing_db(abs(operation.r)))
            elif isinstance(operation, Displace):
                photons += part.share * (operation.x**2 + operation.p**2) / 4
    return {
        "photons_prepared": photons,
        "squeezers_prepared": len(squeezings),
        "largest_squeezing_db": max(squeezings, default=None),
    }
