"""Several squeezers in places: where they stand, which sensors each serves, and how they share photons.

Each sensor is served by one squeezer, over a path of transmissivity T_sj from place s. Squeezer s with its sensors is the problem
of ``shared``; without jitter and light caps its best splitters have G_s = E_s sum T_sj z_j^2 whatever its squeezing, so the error
is constant - sum G_s (1 - e^{-2 r_s}): the photons of the squeezers are a convex problem, and given the photons sensor j is best
served by the place with the largest (1 - e^{-2 r_s}) E_s T_sj. Both steps in turn never raise the error.

What is proved: with one squeezer the best place; with photons free, so that each squeezer gives all its dB, and as many squeezers
as wanted, a squeezer at the best place of each sensor, against any passive optics (``maps``). The choice of K places is otherwise a
search: one more at a time, then each moved while that helps. With photons free it is the location of facilities, which is NP-hard.
With jitter or light caps the search goes by the splitters that are best without them, and the squeezers found are then given
their best splitters and photons.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from networks import InputError
from networks.values import Value
from photonics.conventions import Integer, Real, read_only
from protocols.theory.displacement import best_separable_photons, displacement_gain
from protocols.theory.equal_errors import SAME
from protocols.theory.limits.maps import squeezed_light_bound
from protocols.theory.limits.readout import HomodyneReadout
from protocols.theory.limits.shared import SharedLight
from protocols.theory.limits.squeezers import PROVED, SqueezerLimits, split_photons
from protocols.theory.sums import error_sum

MAX_ROUNDS = 30
"""Times that sensors and photons are shared out again over the same squeezers."""
MAX_THOROUGH = 16
"""Places whose every pair is tried."""
MAX_TRIED = 400
"""Places tried for a further squeezer, those that would serve most of what is lost first."""
MAX_FITTED = 24
"""Places of one squeezer whose splitters are fitted to jitter and light caps, those that would be best without them first."""
LEVELS = 40
"""Squeezings of each squeezer among which photons are shared first, where jitter or light caps count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedSqueezer(Value):
    """One squeezer with the sensors it serves.

    Attributes
    ----------
    place : int
        Row of the table of transmissivities.
    sensors : tuple of int
        Its columns.
    mean_photons : float >= 0
        sinh(r)^2, before any loss.
    shares : tuple of float
        Of its light for each of its sensors, with the signs of the amplitudes.
    """

    place: int
    sensors: tuple[int, ...]
    mean_photons: float
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedSqueezers(Value):
    """Squeezers in places that together serve all sensors.

    Attributes
    ----------
    squeezers : tuple of PlacedSqueezer
        Without those that do no good.
    mse : float
        Mean squared error of q in one shot.
    is_proved : bool
        Whether no choice of as many places, sensors, splitters and photons has a lower error under these limits.
    """

    squeezers: tuple[PlacedSqueezer, ...]
    mse: float
    is_proved: bool


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Choice:
    """Places, the position among them of each sensor's own, photons of each, and the error.

    Attributes
    ----------
    places : tuple of int
    cells : (u,) ints
    photons : tuple of float
    mse : float
    """

    places: tuple[int, ...]
    cells: Integer
    photons: tuple[float, ...]
    mse: float


@dataclass(frozen=True, eq=False, kw_only=True)
class PlaceSearch:
    """The search for places, without jitter and light caps.

    Parameters
    ----------
    readout : HomodyneReadout
        Of u sensors.
    limits : SqueezerLimits
    arrives : (n, u) floats in [0, 1]
        E_s T_sj from every place to every sensor, 0 where no path joins them.
    allowed : tuple of int
        Places that may hold a squeezer.
    """

    readout: HomodyneReadout
    limits: SqueezerLimits
    arrives: Real
    allowed: tuple[int, ...]

    @cached_property
    def squares(self) -> Real:
        """(u,) z_j^2 with what jitter adds to the squeezed part."""
        return read_only(self.readout.squares + self.readout.gain)

    @cached_property
    def lost(self) -> float:
        """What is there whatever the light is."""
        return self.readout.base + math.fsum(self.readout.excess_harm)

    @property
    def is_small(self) -> bool:
        """Whether there is time to try everything twice."""
        return len(self.arrives) <= MAX_THOROUGH

    @cached_property
    def _improvements(self) -> dict[tuple[int, ...], Choice]:
        """Of places looked at: the ways from several beginnings meet."""
        return {}

    def improved(self, places: tuple[int, ...]) -> Choice:
        """Cells and photons of these places, each in turn until nothing changes, from several beginnings in small networks.

        Parameters
        ----------
        places : places of squeezers
        """
        if places in self._improvements:
            return self._improvements[places]
        count = len(places)
        starts = [np.ones(count)]
        if count > 1 and self.is_small:
            starts += [np.where(np.arange(count) == k, 1.0, weak) for k in range(count) for weak in (0.8, 0.5)]
        best = min((self._improved(places, gains) for gains in starts), key=lambda choice: choice.mse)
        self._improvements[places] = best
        return best

    def _improved(self, places: tuple[int, ...], gains: Real) -> Choice:
        squares = self.squares
        reach = self.arrives[list(places)]
        best: Choice | None = None
        for _ in range(MAX_ROUNDS):
            cells = np.argmax(gains[:, None] * reach, axis=0)
            arrives = reach[cells, np.arange(len(cells))]
            shares: Real = np.bincount(cells, weights=arrives * squares, minlength=len(places)).astype(float)
            photons = self._photons(shares)
            noise = math.fsum(a / displacement_gain(n) for a, n in zip(shares, photons, strict=True))
            mse = self.lost + float((squares * (1 - arrives)).sum()) + noise
            if best is not None and mse >= best.mse * (1 - 1e-13):
                break
            best = Choice(places=places, cells=cells, photons=photons, mse=mse)
            gains = np.array([1 - 1 / displacement_gain(n) for n in photons])
        assert best is not None
        return best

    def _photons(self, shares: Real) -> tuple[float, ...]:
        nbar, most = self.limits.mean_photons, self.limits.most_photons
        if len(shares) * most <= nbar:
            return (most,) * len(shares)
        free = best_separable_photons(np.sqrt(shares).tolist(), nbar)
        if max(free) <= most:
            return tuple(free)
        caps = [most] * len(shares)
        return split_photons(shares.tolist(), [0.0] * len(shares), nbar, caps).mean_photons

    def grown(self, choice: Choice) -> Choice | None:
        """The best choice found with one place more: each tried, then each moved while that helps.

        Parameters
        ----------
        choice : Choice
        """
        arrives = self.arrives[list(choice.places)][choice.cells, np.arange(len(choice.cells))]
        # How much a squeezer at each place could bring closer, were all the light there.
        promise = np.maximum(self.arrives - arrives, 0) @ self.squares
        allowed = set(self.allowed).difference(choice.places)
        tried = [int(k) for k in np.argsort(-promise) if int(k) in allowed and promise[k] > 0][:MAX_TRIED]
        options = [self.improved((*choice.places, place)) for place in tried]
        if len(choice.places) == 1 and self.is_small:
            # Small networks: every pair.
            options += [self.improved(pair) for pair in itertools.combinations(self.allowed, 2)]
            tried = list(self.allowed)
        if not options:
            return None
        options.sort(key=lambda option: option.mse)
        beginnings = options[: 5 if self.is_small else 1]
        return min((self._moved(option, tried) for option in beginnings), key=lambda option: option.mse)

    def _moved(self, best: Choice, tried: list[int]) -> Choice:
        """Each squeezer moved to each place tried while that helps."""
        moved = True
        while moved:
            moved = False
            for position in range(len(best.places)):
                for place in tried:
                    if place in best.places:
                        continue
                    other = self.improved((*best.places[:position], place, *best.places[position + 1 :]))
                    if other.mse < best.mse * (1 - SAME):
                        best, moved = other, True
        return best


def fitted_photons(lights: Sequence[SharedLight], limits: SqueezerLimits) -> tuple[float, ...]:
    """How squeezers with disjoint sensors share photons, each with its best splitters.

    Convex without jitter and light caps, and with one squeezer as ``SharedLight.best``. Otherwise what photons do for a squeezer
    need not be concave: shares are looked for among ``LEVELS`` of each, by Lagrange's multiplier, and refined pair by pair.

    Parameters
    ----------
    lights : squeezers with their sensors
    limits : SqueezerLimits
        ``squeezers`` is not looked at.
    """
    nbar, most = limits.mean_photons, limits.most_photons
    if len(lights) == 1:
        return (lights[0].best(most)[1],)
    if all(light.readout.is_steady and np.isinf(light.light[light.weights > 0]).all() for light in lights):
        gains = [light.efficiency * float((light.weights**2).sum()) for light in lights]
        return split_photons(gains, [0.0] * len(lights), nbar, [most] * len(lights)).mean_photons
    alone = [light.best(most)[1] for light in lights]
    if math.fsum(alone) <= nbar:
        return tuple(alone)
    return _shared_by_levels(lights, nbar, alone)


def _shared_by_levels(lights: Sequence[SharedLight], nbar: float, alone: Sequence[float]) -> tuple[float, ...]:
    def benefit(k: int, photons: float) -> float:
        return lights[k].benefit(lights[k].best_sent(photons), photons) if photons > 0 else 0.0

    steps = np.arange(LEVELS + 1) / LEVELS
    photons = np.array([np.sinh(math.asinh(math.sqrt(n)) * steps) ** 2 for n in alone])
    values = np.array([[benefit(k, float(n)) for n in row] for k, row in enumerate(photons)])
    rows = np.arange(len(lights))

    def at(price: float) -> Integer:
        chosen: Integer = np.argmax(values - price * photons, axis=1)
        return chosen

    # Less light costs nothing at any price.
    low, high = 0.0, float(values.max()) / float(photons[photons > 1e-100].min())
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if photons[rows, at(middle)].sum() > nbar else (low, middle)
    now = photons[rows, at(high)].tolist()
    # What is left of the budget goes to one of them in each of these beginnings.
    rest = nbar - math.fsum(now)
    starts = [[n + rest * (j == k) for j, n in enumerate(now)] for k in range(len(lights))]
    starts.append([n * nbar / math.fsum(alone) for n in alone])
    ends = [_by_pairs(benefit, start, alone) for start in starts]
    return tuple(max(ends, key=lambda end: math.fsum(benefit(k, n) for k, n in enumerate(end))))


def _by_pairs(benefit: Callable[[int, float], float], start: Sequence[float], alone: Sequence[float]) -> list[float]:
    """Photons moved between two squeezers at a time while that helps; none above what it takes alone."""
    from scipy.optimize import minimize_scalar

    now = [min(n, most) for n, most in zip(start, alone, strict=True)]
    total = math.fsum(benefit(k, n) for k, n in enumerate(now))
    for _ in range(MAX_ROUNDS):
        before = total
        for i, j in itertools.combinations(range(len(now)), 2):
            both = now[i] + now[j]
            low, high = max(0.0, both - alone[j]), min(both, alone[i])
            if high <= low:
                continue
            found = minimize_scalar(
                lambda n: -benefit(i, n) - benefit(j, both - n),  # noqa: B023  # called at once
                bounds=(low, high),
                method="bounded",
                options={"xatol": 1e-10 * both},
            )
            for n in (float(found.x), low, high):
                value = total - benefit(i, now[i]) - benefit(j, now[j]) + benefit(i, n) + benefit(j, both - n)
                if value > total:
                    now[i], now[j], total = n, both - n, value
        if total <= before * (1 + 1e-12):
            break
    return now


def best_placed_squeezers(
    readout: HomodyneReadout,
    limits: SqueezerLimits,
    arrives: Sequence[Sequence[float]] | Real,
    *,
    efficiency: Sequence[float] | None = None,
    allowed: Sequence[int] | None = None,
    first: int | None = None,
) -> tuple[PlacedSqueezers, ...]:
    """The best found with 1, 2, ... squeezers, as long as another one lowers the error; empty for none.

    Parameters
    ----------
    readout : HomodyneReadout
    limits : SqueezerLimits
        ``squeezers`` at the most; as many as sensors where it is None, which takes long in large networks.
    arrives : (n, d) floats in [0, 1]
        T_sj of the best path from every place to every sensor, 0 where no path joins them.
    efficiency : (n,) floats in (0, 1], optional
        Escape efficiency of a squeezer in each place; 1 when left out.
    allowed : places that may hold a squeezer; all when left out.
    first : int, optional
        The best place of one squeezer, where it is known already.

    Returns
    -------
    tuple of PlacedSqueezers
        Each with a lower error than those before.

    Raises
    ------
    InputError
        When no place is allowed.

    Examples
    --------
    A place near each of two sensors, and one between them:

    >>> from protocols.theory.limits.readout import homodyne_readout
    >>> rows = [[1.0, 0.25], [0.25, 1.0], [0.5, 0.5]]
    >>> found = best_placed_squeezers(homodyne_readout([1.0, 1.0]), SqueezerLimits(mean_photons=9.0, squeezing_db=5.0), rows)
    >>> [([s.place for s in one.squeezers], round(one.mse, 4), one.is_proved) for one in found]
    [([0], 1.1453, True), ([0, 1], 0.6325, True)]
    """
    through = np.array(arrives, dtype=float)
    escape = np.ones(len(through)) if efficiency is None else np.array(efficiency, dtype=float)
    places = tuple(range(len(through)) if allowed is None else sorted(set(allowed)))
    if not places:
        raise InputError(["at least one place must be allowed to hold a squeezer"])
    most = len(readout.weights) if limits.squeezers is None else limits.squeezers
    if not most:
        return ()
    search = PlaceSearch(readout=readout, limits=limits, arrives=read_only(escape[:, None] * through), allowed=places)
    fit = _Fit(readout=readout, limits=limits, through=through, efficiency=escape)
    bound = squeezed_light_bound(readout, limits, search.arrives[list(places)].max(axis=0).tolist())
    found = [_best_single(search if first is None else replace(search, allowed=(first,)), fit)]
    choice = search.improved((found[0].squeezers[0].place,)) if found[0].squeezers else None
    while choice is not None and len(choice.places) < most:
        grown = search.grown(choice)
        if grown is None or (fit.is_plain and grown.mse >= choice.mse * (1 - SAME)):
            break
        choice = grown
        one = fit.squeezers(choice, bound)
        if one.mse < found[-1].mse * (1 - SAME):
            # A squeezer that serves nothing is none.
            found = [other for other in found if len(other.squeezers) < len(one.squeezers)]
            found.append(one)
    return tuple(found)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Fit:
    """Splitters and photons of squeezers that were placed."""

    readout: HomodyneReadout
    limits: SqueezerLimits
    through: Real
    efficiency: Real

    @property
    def is_plain(self) -> bool:
        """Whether the search has known all there is."""
        return self.readout.is_steady and bool(np.isinf(self.readout.caps[self.readout.z != 0]).all())

    def squeezers(self, choice: Choice, bound: float, *, proved: bool = False) -> PlacedSqueezers:
        """Those of a choice, each with its sensors."""
        reached = (self.readout.z != 0) & (self.through[list(choice.places)].max(axis=0) > 0)
        own = [np.flatnonzero(reached & (choice.cells == k)).tolist() for k in range(len(choice.places))]
        working = [(place, sensors) for place, sensors in zip(choice.places, own, strict=True) if sensors]
        lights = [
            SharedLight.over(self.readout.some(sensors), self.through[place, sensors].tolist(), self.efficiency[place])
            for place, sensors in working
        ]
        photons = fitted_photons(lights, self.limits) if lights else ()
        placed, errors, dark = [], [], set(range(len(self.readout.weights)))
        for (place, sensors), light, n in zip(working, lights, photons, strict=True):
            if not n:
                continue
            sent = light.best_sent(n)
            shares = np.copysign(sent**2, light.readout.z)
            placed.append(
                PlacedSqueezer(place=place, sensors=tuple(sensors), mean_photons=n, shares=tuple(shares.tolist()))
            )
            errors.append(light.mse(sent, n))
            dark -= set(sensors)
        errors.append(self.readout.some(sorted(dark)).vacuum_mse)
        mse = error_sum(errors)
        return PlacedSqueezers(squeezers=tuple(placed), mse=mse, is_proved=proved or mse <= bound * (1 + PROVED))


def _best_single(search: PlaceSearch, fit: _Fit) -> PlacedSqueezers:
    """One squeezer: its place is proved where no place left out could do more, whatever its splitters."""
    places = sorted(search.allowed, key=lambda place: -float(search.arrives[place] @ search.squares))
    bounds = [squeezed_light_bound(search.readout, search.limits, search.arrives[place].tolist()) for place in places]
    best: PlacedSqueezers | None = None
    steady = search.readout.is_steady
    for number, (place, bound) in enumerate(zip(places, bounds, strict=True)):
        if best is not None and (number == MAX_FITTED or bound >= best.mse * (1 - SAME)):
            break
        one = fit.squeezers(search.improved((place,)), bound, proved=False)
        best = one if best is None or one.mse < best.mse else best
    else:
        number += 1
    assert best is not None
    left_out = bounds[number:]
    proved = steady and (not left_out or min(left_out) >= best.mse * (1 - SAME))
    return PlacedSqueezers(squeezers=best.squeezers, mse=best.mse, is_proved=proved)
