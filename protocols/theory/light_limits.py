"""The populations of photon states, or the shares of coherent light, under limits of the light at sites.

What superposed strings tell of q goes with their populations alone: the mean squared error is sum w_s^2/p_s times that with the
best populations w_s (docs/theory/theory.md, section 7), two branches and coherent light included. A limit of the light at a site
is linear in the populations, sum_s m_s p_s <= c with m_s the photons of string s there; what the limits leave over stays at the
source, where it tells nothing. So the best populations are a convex problem: min sum w_s^2/p_s with sum p_s <= 1 and the limits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from networks.values import Value

HALVINGS = 200
"""Bisections of the ratio of two populations; beyond double precision."""
LEAST = 1e-300
"""The least population that is wanted of a string."""
LARGEST_ODDS = 1400.0
"""Logarithm of that ratio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LightLimit(Value):
    """The most light at one site, on average in a pass.

    Attributes
    ----------
    light : (S,) floats >= 0
        Photons of each string at the site, both arms together.
    most : float > 0
        c.
    """

    light: tuple[float, ...]
    most: float

    def holds(self, populations: Sequence[float]) -> bool:
        """Whether these populations keep to it, but for rounding.

        Parameters
        ----------
        populations : (S,) floats
        """
        return _dot(self.light, populations) <= self.most * (1 + 1e-12)


def limited_populations(wanted: Sequence[float], limits: Sequence[LightLimit]) -> tuple[float, ...]:
    """The populations p_s of the least sum w_s^2/p_s with sum p_s <= 1, under limits of the light; the wanted ones where they hold.

    Two strings may share sites. Of more, each is at one site, with as many photons as the others there: then
    p_s = w_s min(x, c/(m W)), W the sum of w at the site, with x such that the sum is 1, or infinite where all sites are full.

    Parameters
    ----------
    wanted : (S,) floats >= 0
        The best ones without limits, w_s, with the sum 1.
    limits : sequence of LightLimit

    Returns
    -------
    (S,) floats > 0
        With a sum of at most 1.

    Examples
    --------
    Four photons between a sensor and a reference, where the sensor stands half a photon; and where the reference is a sensor, too:

    >>> limited_populations((0.5, 0.5), [LightLimit(light=(4.0, 0.0), most=0.5)])
    (0.125, 0.875)
    >>> limited_populations((0.5, 0.5), [LightLimit(light=row, most=0.5) for row in ((4.0, 0.0), (0.0, 4.0))])
    (0.125, 0.125)
    """
    wanted = tuple(wanted)
    if all(limit.holds(wanted) for limit in limits):
        return wanted
    # Of strings that hardly arrive beside others floating point may hold nothing.
    wanted = tuple(max(w, LEAST) for w in wanted)
    if len(wanted) == 2:
        return _two(wanted[0], wanted[1], limits)
    return _each_at_one_site(wanted, limits)


def light_factor(wanted: Sequence[float], populations: Sequence[float]) -> float:
    """sum w_s^2/p_s: by how much the error is larger than with the wanted populations.

    Parameters
    ----------
    wanted, populations : (S,) floats > 0

    Examples
    --------
    >>> light_factor((0.5, 0.5), (0.125, 0.125)), light_factor((0.5, 0.5), (0.5, 0.5))
    (4.0, 1.0)
    """
    if tuple(wanted) == tuple(populations):
        return 1.0
    return math.fsum(w * (w / p) for w, p in zip(wanted, populations, strict=True) if w and p)


def _two(first: float, second: float, limits: Sequence[LightLimit]) -> tuple[float, float]:
    """Along the direction (u, 1 - u) the light is as bright as the tightest limit allows; the error is quasi-convex in u.

    Under one limit a p_1 + b p_2 <= 1 alone the best ratio is p_1/p_2 = (w_1/sqrt a)/(w_2/sqrt b), so the tightest limit tells on
    which side of u the best one is.
    """
    rows = [(1.0, 1.0), *((limit.light[0] / limit.most, limit.light[1] / limit.most) for limit in limits)]
    low, high = -LARGEST_ODDS, LARGEST_ODDS
    wish = math.log(first) - math.log(second)

    def at(odds: float) -> tuple[float, float, tuple[float, float]]:
        u = 1 / (1 + math.exp(-odds)) if odds > -700 else math.exp(odds)
        v = 1 / (1 + math.exp(odds)) if odds < 700 else math.exp(-odds)
        row = max(rows, key=lambda one: one[0] * u + one[1] * v)
        return u, v, row

    for _ in range(HALVINGS):
        middle = (low + high) / 2
        _, _, (a, b) = at(middle)
        # Nothing of one branch in the tightest limit: more of the other loses nothing.
        best = math.inf if not a else -math.inf if not b else wish + (math.log(b) - math.log(a)) / 2
        low, high = (middle, high) if middle < best else (low, middle)
    u, v, (a, b) = at((low + high) / 2)
    # To the last digit within all of the limits.
    size = 1 / max(one[0] * u + one[1] * v for one in rows)
    return u * size, v * size


def _each_at_one_site(wanted: Sequence[float], limits: Sequence[LightLimit]) -> tuple[float, ...]:
    # For each site its strings, the most population of them together, and what they want.
    sites: list[tuple[list[int], float]] = []
    free = set(range(len(wanted)))
    for limit in limits:
        strings = [s for s, m in enumerate(limit.light) if m]
        if not strings:
            continue
        assert free.issuperset(strings), "each of many strings is at one site"
        free.difference_update(strings)
        sites.append((strings, limit.most / max(limit.light[s] for s in strings)))
    whole = [math.fsum(wanted[s] for s in strings) for strings, _ in sites]
    ratio = [most / own for (_, most), own in zip(sites, whole, strict=True)]
    order = sorted(range(len(sites)), key=ratio.__getitem__)
    # What the strings want that stay open when sites are full one after the other.
    open_wanted = [math.fsum(wanted[s] for s in free)]
    for k in reversed(order):
        open_wanted.append(open_wanted[-1] + whole[k])
    full, x = 0.0, math.inf
    for k in order:
        still_open = open_wanted.pop()
        if full + ratio[k] * still_open >= 1:
            x = (1 - full) / still_open
            break
        full += sites[k][1]
    else:
        x = (1 - full) / open_wanted[0] if free else math.inf
    populations = [wanted[s] * x if s in free else 0.0 for s in range(len(wanted))]
    for k, (strings, _) in enumerate(sites):
        for s in strings:
            populations[s] = wanted[s] * min(x, ratio[k])
    return tuple(populations)


def _dot(light: Sequence[float], populations: Sequence[float]) -> float:
    return math.fsum(m * p for m, p in zip(light, populations, strict=True))
