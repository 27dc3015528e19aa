"""Which sensors make a pair along the links: positive coefficients with negative ones or a reference, at the least error.

The errors of turns with their best shares add up, and that of a pair grows with its coefficient c alone, so the best pairs are a
flow of least cost from the positive coefficients to the negative ones and what is left for the reference.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial

from networks import InputError
from protocols.layout.photon.routes import cheapest_flow
from protocols.layout.strings.layout import StringSearch
from protocols.layout.strings.many_pairs import ManyPairs
from protocols.problem import PhaseProblem
from protocols.theory.turns import Pair, pairs_of

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
        c and -c of the two nodes of each pair, c > 0 first.
    places : tuple of int
        Of each pair among all that may be chosen, ``Pairing.ends``.
    complete : bool
        Whether no other pairs of a positive sensor with a negative one or one of the references reach less error.
    """

    coefficients: tuple[Mapping[str, Fraction], ...]
    places: tuple[int, ...]
    complete: bool

    @property
    def weights(self) -> tuple[Fraction, ...]:
        """c of each pair."""
        return tuple(next(iter(pair.values())) for pair in self.coefficients)


@dataclass(frozen=True, eq=False, kw_only=True)
class Pairing:
    """The search for the pairs of the least error along the links; of equal ones those with few links.

    Parameters
    ----------
    problem : PhaseProblem
    search : StringSearch
        Of this problem.
    references : sequence of str
        Those that may hold photons.
    """

    problem: PhaseProblem
    search: StringSearch
    references: Sequence[str]

    @cached_property
    def _held(self) -> tuple[str, ...]:
        """References that take what is left of the positive coefficients."""
        function = self.problem.function
        return tuple(self.references) if function.norm_positive > function.norm_negative else ()

    @cached_property
    def _sides(self) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
        """What positive and negative sensors have."""
        terms = list(zip(self.problem.sensor_modes, self.problem.function.alpha, strict=True))
        return {name: a for name, a in terms if a > 0}, {name: -a for name, a in terms if a < 0}

    @cached_property
    def _in_order(self) -> tuple[Pair, ...]:
        """The pairs where there are too many to choose from; empty where they are chosen."""
        positive, negative = self._sides
        many = len(positive) * (len(negative) + len(self._held)) > MAX_PAIRINGS
        return pairs_of(self.problem.function, self.problem.sites) if many else ()

    @cached_property
    def _places(self) -> dict[tuple[str, str], int]:
        names, (positive, negative) = self.problem.sensor_modes, self._sides
        if not self._in_order:
            ends = [(name, other) for name in positive for other in (*negative, *self._held)]
        else:
            ends = [
                (names[pair.positive], other)
                for pair in self._in_order
                for other in (self._held if pair.negative is None else (names[pair.negative],))
            ]
        return {pair: place for place, pair in enumerate(dict.fromkeys(ends))}

    @property
    def ends(self) -> tuple[tuple[str, str], ...]:
        """All pairs that may be chosen: a positive sensor, and a negative one or a reference."""
        return tuple(self._places)

    @cached_property
    def many(self) -> ManyPairs:
        """What they reach."""
        return ManyPairs.of(self.search, self.ends)

    def with_photons(self, photons: int) -> Pairs:
        """The pairs with at most so many photons.

        Parameters
        ----------
        photons : int
            From 1 to those of the search.

        Raises
        ------
        InputError
            When no allowed node reaches both ends of a pair that is needed.
        """
        used = min(photons, self.many.most_useful)
        if used not in self._known:
            logs = self.many.at(used).log_errors.tolist()
            self._known[used] = self._as_ordered(logs) if self._in_order else self._chosen(logs)
        return self._known[used]

    @cached_property
    def _known(self) -> dict[int, Pairs]:
        return {}

    def _chosen(self, logs: Sequence[float]) -> Pairs:
        positive, negative = self._sides
        cost: dict[tuple[str, str | None], tuple[float, int]] = {}
        best_reference: dict[str, str] = {}
        for name in positive:
            for other in negative:
                cost[name, other] = self._cost(logs, name, other)
            if self._held:
                best_reference[name] = self._best_reference(logs, name)
                cost[name, None] = self._cost(logs, name, best_reference[name])
        whole = math.lcm(*(a.denominator for a in (*positive.values(), *negative.values())))
        takers: dict[str | None, Fraction] = {}
        takers.update(negative)
        if self._held:
            takers[None] = sum(positive.values(), Fraction(0)) - sum(negative.values(), Fraction(0))
        flow = cheapest_flow(
            {name: int(a * whole) for name, a in positive.items()},
            {name: int(a * whole) for name, a in takers.items()},
            _flow_costs(cost),
        )
        if flow is None:
            raise InputError(["links do not join enough pairs of sensors, or sensors and references; add links"])
        pairs = [
            (name, best_reference[name] if taker is None else taker, Fraction(amount, whole))
            for name in positive
            for taker in takers
            if (amount := flow.get((name, taker)))
        ]
        return self._pairs(pairs, complete=True)

    def _as_ordered(self, logs: Sequence[float]) -> Pairs:
        names, pairs = self.problem.sensor_modes, []
        for pair in self._in_order:
            name = names[pair.positive]
            other = self._best_reference(logs, name) if pair.negative is None else names[pair.negative]
            pairs.append((name, other, pair.weight))
        return self._pairs(pairs, complete=len(pairs) == 1 and len(self._held) <= 1)

    def _pairs(self, pairs: Sequence[tuple[str, str, Fraction]], *, complete: bool) -> Pairs:
        return Pairs(
            coefficients=tuple({name: c, other: -c} for name, other, c in pairs),
            complete=complete,
            places=tuple(self._places[name, other] for name, other, _ in pairs),
        )

    def _cost(self, logs: Sequence[float], name: str, other: str) -> tuple[float, int]:
        """Logarithm of the error of a pair with c = 1 from the best node for it, and the links between its ends."""
        log = logs[self._places[name, other]]
        if not math.isfinite(log):
            return math.inf, 0
        place = self.search.routes.place
        return log, int(self.search.routes.hops[place[name], place[other]])

    def _best_reference(self, logs: Sequence[float], name: str) -> str:
        return self._held[0] if len(self._held) == 1 else min(self._held, key=partial(self._cost, logs, name))


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
