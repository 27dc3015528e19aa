"""The pair of disjoint branches that a price vector values most: what column generation asks for, exactly.

Branches A and B are occupation strings of N photons that share no lossy mode. With S(n) = exp(sum l_j n_j), l_j = -(M/2) log eta_j,
their contrast is (2/(S(A) + S(B)))^2, so the pair that violates the dual of ``mixes`` most has the largest
(u . A - u . B)/(S(A) + S(B)). At a level z (Dinkelbach) this asks for the largest (u . A - z S(A)) + (-u . B - z S(B)):

- each side alone is a concave function of two sums, u . n and l . n. Modes that another one beats in both are left out; photons are
  placed mode by mode, the lossiest first, and what the rest may still add is bounded by its value on the upper hull of the points
  (l_j, u_j), where it is known in closed form;
- where both sides use one lossy mode, one of the two has to leave it: both cases are tried, the better bound first.

Both are branch and bound, so the answer is exact, up to ROUNDING. Where the steps run out, the bound of what is left open holds.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

ROUNDING = 1e-11
"""Differences of a value below this share of z S are not pursued."""
LARGEST_LOG = 340.0
"""Of S; beyond it the contrast is below 1e-295 and nothing arrives."""

String = tuple[int, ...]
"""Photons of each mode."""


@dataclass(frozen=True, slots=True)
class Light:
    """The modes that N photons are spread over.

    Attributes
    ----------
    photons : int >= 1
        N.
    rates : (m,) floats >= 0
        l_j = -(M/2) log eta_j.
    shared : (m,) bools
        Whether both branches may have photons there: where nothing is lost, and where a mode stands for several alike.
    """

    photons: int
    rates: tuple[float, ...]
    shared: tuple[bool, ...]

    def cost(self, string: Sequence[int]) -> float:
        """S(n), the root of one over the survival; infinite beyond LARGEST_LOG.

        Parameters
        ----------
        string : (m,) ints >= 0
        """
        return _exp(math.fsum(n * rate for n, rate in zip(string, self.rates, strict=True) if n))


@dataclass(slots=True)
class Steps:
    """How many placements of photons may still be tried, over all questions together.

    Attributes
    ----------
    left : int >= 0
        Counted down.
    """

    left: int


@dataclass(frozen=True, slots=True)
class Priced:
    """What a search has found.

    Attributes
    ----------
    pairs : tuple of (A, B)
        Of growing ratio (u . A - u . B)/(S(A) + S(B)), each above the level asked for; the last is the best found.
    ratio_bound : float
        No pair has a larger ratio (proved).
    """

    pairs: tuple[tuple[String, String], ...]
    ratio_bound: float


def best_pairs(light: Light, u: Sequence[float], level: float, steps: Steps) -> Priced:
    """The pair of disjoint branches with the largest (u . A - u . B)/(S(A) + S(B)), where it is above ``level``.

    Parameters
    ----------
    light : Light
    u : (m,) floats
        The worth of a photon in each mode.
    level : float > 0
    steps : Steps
        Counted down; once used up, the bound is still proved, but the pair may not be the best.

    Examples
    --------
    One photon of a lossless sensor against one in the reference:

    >>> best_pairs(Light(1, (0.0, 0.0), (True, True)), [1.0, 0.0], 0.1, Steps(100))
    Priced(pairs=(((1, 0), (0, 1)),), ratio_bound=0.5)
    """
    pairs: list[tuple[String, String]] = []
    # Any common worth of all modes is the same for both branches.
    middle = (max(u) + min(u)) / 2
    worth = tuple(x - middle for x in u)
    while True:
        pair, bound = _best_at(light, worth, level, steps)
        if pair is not None:
            value = math.fsum(x * (a - b) for x, a, b in zip(worth, *pair, strict=True))
            ratio = value / (light.cost(pair[0]) + light.cost(pair[1]))
            if ratio > level * (1 + ROUNDING):
                pairs.append(pair)
                level = ratio
                continue
        # Every pair has u . A - u . B <= z (S(A) + S(B)) + bound, and S is at least that of the cheapest string.
        cheapest = 2 * _exp(light.photons * min(light.rates))
        return Priced(tuple(pairs), level + bound / cheapest)


def _best_at(
    light: Light, worth: tuple[float, ...], level: float, steps: Steps
) -> tuple[tuple[String, String] | None, float]:
    """The pair with the largest value at a level, and a bound of it; no pair where none is above zero."""
    every = range(len(worth))
    known: dict[tuple[int, frozenset[int]], _Side] = {}

    def side(sign: int, left_out: frozenset[int]) -> _Side:
        if (sign, left_out) not in known:
            points = [_Point(light.rates[j], sign * worth[j], j) for j in every if j not in left_out]
            known[sign, left_out] = _Side.best(points, light.photons, level, steps)
        return known[sign, left_out]

    none: frozenset[int] = frozenset()
    order = 0
    first = side(1, none).bound + side(-1, none).bound
    open_cases = [(-first, order, none, none)]
    while open_cases:
        negative, _, not_a, not_b = heapq.heappop(open_cases)
        a, b = side(1, not_a), side(-1, not_b)
        # A bound of rounding is none: values are differences of numbers of the size of z S.
        slack = 10 * ROUNDING * level * (_exp(a.log_cost) + _exp(b.log_cost))
        if -negative <= slack:
            return None, 0.0
        both = {j for j in a.photons if j in b.photons and not light.shared[j]}
        if not both:
            pair = (a.string(len(worth)), b.string(len(worth)))
            return pair, -negative
        if steps.left <= 0:
            return None, -negative
        # The mode on which more depends: where both have many photons.
        j = max(both, key=lambda j: (min(a.photons[j], b.photons[j]), -j))
        for case in ((not_a | {j}, not_b), (not_a, not_b | {j})):
            bound = side(1, case[0]).bound + side(-1, case[1]).bound
            if bound > -math.inf:
                order += 1
                heapq.heappush(open_cases, (-bound, order, *case))
    return None, 0.0


class _Point(NamedTuple):
    """A mode: l_j, and u_j or -u_j."""

    rate: float
    worth: float
    mode: int


@dataclass(slots=True)
class _Side:
    """The best string of one branch: the largest u . n - z S(n), and a bound of it."""

    value: float = -math.inf
    bound: float = -math.inf
    log_cost: float = 0.0
    photons: dict[int, int] = field(default_factory=dict)

    @property
    def is_exact(self) -> bool:
        return self.bound <= self.value

    def string(self, modes: int) -> String:
        """All modes' photons."""
        return tuple(self.photons.get(j, 0) for j in range(modes))

    @classmethod
    def best(cls, points: list[_Point], photons: int, level: float, steps: Steps) -> _Side:
        """Place all photons on these modes."""
        kept: list[_Point] = []
        for point in sorted(points, key=lambda point: (point.rate, -point.worth, point.mode)):
            if not kept or point.worth > kept[-1].worth:
                kept.append(point)
        if not kept or photons * kept[0].rate > LARGEST_LOG:
            return cls()
        return _Placement(kept, level, steps).run(photons)


class _Placement:
    """Photons placed mode by mode, the lossiest first, by branch and bound."""

    def __init__(self, points: list[_Point], level: float, steps: Steps) -> None:
        self.points, self.level, self.steps = points, level, steps
        self.hulls = [_hull(points[: k + 1]) for k in range(len(points))]
        self.best = _Side()
        self.placed: list[int] = [0] * len(points)

    def run(self, photons: int) -> _Side:
        bound, _ = self.relaxed(len(self.points) - 1, photons, 0.0, 0.0)
        complete = self.place(len(self.points) - 1, photons, 0.0, 0.0)
        self.best.bound = self.best.value if complete else max(bound, self.best.value)
        return self.best

    def relaxed(self, last: int, photons: int, worth: float, log_cost: float) -> tuple[float, float]:
        """The largest value when photons on the modes up to ``last`` may be split, and how many of them are on the last mode."""
        hull = self.hulls[last]
        at, carried, on_last = hull[0].rate, hull[0].worth, float(photons) if last == 0 else 0.0
        for left, right in pairwise(hull):
            slope = (right.worth - left.worth) / (right.rate - left.rate)
            if photons == 0 or self.level * _exp(log_cost + photons * left.rate) >= slope:
                break
            # Up to where another photon's loss of survival outweighs its worth, or to the end of this edge.
            best = (math.log(slope / self.level) - log_cost) / photons
            at = min(right.rate, max(left.rate, best))
            carried = left.worth + slope * (at - left.rate)
            moved = photons * (at - left.rate) / (right.rate - left.rate)
            on_last = moved if right.mode == self.points[last].mode else 0.0
            if at < right.rate:
                break
        return worth + photons * carried - self.level * _exp(log_cost + photons * at), on_last

    def place(self, last: int, photons: int, worth: float, log_cost: float) -> bool:
        """Try numbers of photons on the mode ``last``, nearest the best split first; whether nothing was left untried."""
        if self.steps.left <= 0 and self.best.value > -math.inf:
            return False
        self.steps.left -= 1
        rate, each, _ = self.points[last]
        if last == 0:
            self.placed[0] = photons
            self.finish(worth + photons * each, log_cost + photons * rate)
            return True
        _, middle = self.relaxed(last, photons, worth, log_cost)
        start = min(photons, max(0, math.floor(middle)))
        complete = True
        # The bound is concave in the number, so it falls on both sides of the best split.
        for numbers in (range(start, -1, -1), range(start + 1, photons + 1)):
            for n in numbers:
                with_n = (photons - n, worth + n * each, log_cost + n * rate)
                bound, _ = self.relaxed(last - 1, *with_n)
                if bound <= self.best.value + ROUNDING * self.level * _exp(self.best.log_cost):
                    break
                self.placed[last] = n
                complete &= self.place(last - 1, *with_n)
                if not complete:
                    return False
        self.placed[last] = 0
        return complete

    def finish(self, worth: float, log_cost: float) -> None:
        value = worth - self.level * _exp(log_cost)
        if value > self.best.value:
            photons = {self.points[k].mode: n for k, n in enumerate(self.placed) if n}
            self.best = _Side(value=value, bound=value, log_cost=log_cost, photons=photons)


def _hull(points: Sequence[_Point]) -> list[_Point]:
    """The upper hull of points of growing l and growing u."""
    hull: list[_Point] = []
    for point in points:
        while len(hull) > 1 and _is_below(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    return hull


def _is_below(left: _Point, middle: _Point, right: _Point) -> bool:
    """Whether the middle point is not above the line through the others."""
    before = (middle.worth - left.worth) / (middle.rate - left.rate)
    return before <= (right.worth - middle.worth) / (right.rate - middle.rate)


def _exp(x: float) -> float:
    return math.exp(x) if x <= LARGEST_LOG else math.inf
