"""Which sensors make a pair along the links: positive coefficients with negative ones or a reference, at the least error.

The errors of turns with their best shares add up, and that of a pair grows with its coefficient c alone, so the best pairs are a
flow of least cost from the positive coefficients to the negative ones and what is left for the reference.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from networks import InputError
from protocols.layout.photon.routes import cheapest_flow
from protocols.layout.strings.layout import StringSearch
from protocols.problem import PhaseProblem
from protocols.theory.turns import pairs_of

MAX_PAIRINGS = 900
"""Positive sensors times negative ones and references up to which the best pairs are sought; of more the order decides."""
COST_DIGITS = 10**12
"""Costs are integers of this size above the least, so that the flow is exact."""
HOPS_DIGITS = 10**6
"""Links of a path count below the last digit of a cost."""
LARGEST_RATIO = 600.0
"""Logarithm of a cost over the least one above which a pair is no better than any other such pair."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Terms c (theta_i - theta_k) of q.

    Attributes
    ----------
    coefficients : tuple of mappings of names to Fractions
        c and -c of the two nodes of each pair.
    complete : bool
        Whether no other pairs of a positive sensor with a negative one or one of the references reach less error.
    """

    coefficients: tuple[Mapping[str, Fraction], ...]
    complete: bool


def pairs_along(problem: PhaseProblem, search: StringSearch, references: Sequence[str]) -> Pairs:
    """The pairs of the least error along the links; of equal ones those with few links.

    Parameters
    ----------
    problem : PhaseProblem
    search : StringSearch
        Of this problem.
    references : sequence of str
        Those that may hold photons.

    Raises
    ------
    InputError
        When no allowed node reaches both ends of a pair that is needed.
    """
    names, alpha = problem.sensor_modes, problem.function.alpha
    spare = problem.function.norm_positive - problem.function.norm_negative
    positive = {name: a for name, a in zip(names, alpha, strict=True) if a > 0}
    negative = {name: -a for name, a in zip(names, alpha, strict=True) if a < 0}
    held = list(references) if spare else []
    if len(positive) * (len(negative) + len(held)) > MAX_PAIRINGS:
        return _in_order(problem, search, held)
    cost: dict[tuple[str, str | None], tuple[float, int]] = {}
    best_reference: dict[str, str] = {}
    for name in positive:
        for other in negative:
            cost[name, other] = _cost(search, name, other)
        if held:
            best_reference[name] = _best_reference(search, name, held)
            cost[name, None] = _cost(search, name, best_reference[name])
    whole = math.lcm(*(a.denominator for a in (*positive.values(), *negative.values())))
    takers: dict[str | None, Fraction] = {}
    takers.update(negative)
    if held:
        takers[None] = spare
    flow = cheapest_flow(
        {name: int(a * whole) for name, a in positive.items()},
        {name: int(a * whole) for name, a in takers.items()},
        _flow_costs(cost),
    )
    if flow is None:
        raise InputError(["links do not join enough pairs of sensors, or sensors and references; add links"])
    pairs = []
    for name in positive:
        for taker in takers:
            if amount := flow.get((name, taker)):
                c = Fraction(amount, whole)
                pairs.append({name: c, best_reference[name] if taker is None else taker: -c})
    return Pairs(coefficients=tuple(pairs), complete=True)


def _cost(search: StringSearch, name: str, other: str) -> tuple[float, int]:
    """Logarithm of the error of a pair with c = 1 from the best node for it, and the links between its ends."""
    log = float(search.reached((name, other), (1.0, 1.0)).log_errors.min())
    if not math.isfinite(log):
        return math.inf, 0
    place = search.routes.place
    return log, int(search.routes.hops[place[name], place[other]])


def _flow_costs(cost: Mapping[tuple[str, str | None], tuple[float, int]]) -> dict[tuple[str, str | None], int]:
    """Errors above the least one, and links below the last digit of them, as integers; without pairs that no node reaches."""
    finite = {pair: one for pair, one in cost.items() if math.isfinite(one[0])}
    if not finite:
        raise InputError(["no node reaches both ends of any pair along the links; add links"])
    least = min(log for log, _ in finite.values())
    return {
        pair: round(math.exp(min(log - least, LARGEST_RATIO)) * COST_DIGITS) * HOPS_DIGITS + hops
        for pair, (log, hops) in finite.items()
    }


def _best_reference(search: StringSearch, name: str, held: Sequence[str]) -> str:
    return held[0] if len(held) == 1 else min(held, key=partial(_cost, search, name))


def _in_order(problem: PhaseProblem, search: StringSearch, held: Sequence[str]) -> Pairs:
    names = problem.sensor_modes
    pairs = []
    for pair in pairs_of(problem.function, problem.sites):
        name = names[pair.positive]
        other = _best_reference(search, name, held) if pair.negative is None else names[pair.negative]
        pairs.append({name: pair.weight, other: -pair.weight})
    return Pairs(coefficients=tuple(pairs), complete=len(pairs) == 1 and len(held) <= 1)
