"""What squeezers at hand can do, and how they share photons when each lowers the error on its own.

A squeezed vacuum of n = sinh(r)^2 photons, behind an escape efficiency, lowers the error of ``HomodyneReadout`` by

    G (1 - e^{-2r}) - H (e^{2r} - 1),

G the weight of its squeezed and H that of its anti-squeezed quadrature, with the efficiency in both. Squeezers add up, whatever
the passive optics behind them. In n this is 2 (G - H) sqrt(n (n + 1)) - 2 (G + H) n, which is concave for G >= H and falls from
n = 0 on for G <= H. So sharing photons is a convex problem, with the squeezers of G <= H dark: e^{4r} = (G + l)/(H + l) with one
l >= 0 for all, unless a squeezer is at its cap. Without a limit of the photons l = 0, so e^{4r} = G/H is the most squeezing that
is of use under jitter. The anti-squeezed variance alone, e^{2r}, is concave in n, not convex: only together they are convex.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from networks import InputError
from networks.values import Value
from photonics.conventions import Real
from protocols.theory.displacement import best_separable_photons

MAX_SUBSETS = 3000
"""Choices of squeezers that are all tried where nothing else proves one the best."""
NO_PRICE = -1400.0
"""Logarithm of a price below which there is none."""
PROVED = 1e-11
"""Relative distance to an upper bound within which an optimum counts as proved."""


def photons_of_db(squeezing_db: float) -> float:
    """sinh(r)^2 of a squeezed vacuum with so many dB; 20 r log10(e) dB.

    Parameters
    ----------
    squeezing_db : float >= 0
        Infinite for any.

    Examples
    --------
    >>> round(photons_of_db(10 * math.log10(5.828427124746)), 12)
    1.0
    """
    r = squeezing_db * math.log(10) / 20
    return math.sinh(r) ** 2 if r < 350 else math.inf


def db_after(squeezing_db: float, transmissivity: float) -> float:
    """The squeezing that a loss leaves: -10 log10(T 10^(-dB/10) + 1 - T).

    Parameters
    ----------
    squeezing_db : float >= 0
    transmissivity : float in (0, 1]

    Examples
    --------
    >>> round(db_after(10.3, 0.44), 4)
    2.2108
    """
    return -10 * math.log10(transmissivity * 10 ** (-squeezing_db / 10) + 1 - transmissivity)


@dataclass(frozen=True, slots=True, kw_only=True)
class SqueezerLimits(Value):
    """What all squeezers of a plan have to keep to.

    Attributes
    ----------
    mean_photons : float >= 0
        Of all of them together, as prepared, before any loss; infinite where photons are free.
    squeezing_db : float >= 0
        The most that each gives before its losses; infinite without a limit.
    squeezers : int >= 0, or None
        The most of them at work in a shot; None for as many as are of use.

    Raises
    ------
    InputError
        Listing every number out of its range, and when photons and dB are both without a limit.

    Examples
    --------
    >>> round(SqueezerLimits(mean_photons=4.0, squeezing_db=5.0).most_photons, 4)
    0.3696
    """

    mean_photons: float
    squeezing_db: float = math.inf
    squeezers: int | None = None

    def __post_init__(self) -> None:
        Value.__post_init__(self)
        faults = [
            f"{name} must not be negative, got {value}"
            for name, value in (("mean_photons", self.mean_photons), ("squeezing_db", self.squeezing_db))
            if not value >= 0
        ]
        count = self.squeezers
        if count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < 0):
            faults.append(f"squeezers must be an integer that is not negative, or None, got {count!r}")
        if math.isinf(self.most_photons) and not faults:
            faults.append("mean_photons or squeezing_db must be finite, or the best squeezing is infinite")
        if faults:
            raise InputError(faults)

    @property
    def most_photons(self) -> float:
        """The most photons that one squeezer may have."""
        return float(min(self.mean_photons, photons_of_db(self.squeezing_db)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotonShares(Value):
    """How squeezers share photons.

    Attributes
    ----------
    mean_photons : (K,) floats >= 0
        Of each squeezer, before its losses.
    benefit : float >= 0
        By how much they lower the error.
    upper_bound : float
        The most that any shares could lower it; equal to ``benefit`` to rounding where the optimum is proved.
    """

    mean_photons: tuple[float, ...]
    benefit: float
    upper_bound: float

    @property
    def is_proved(self) -> bool:
        """Whether nothing better exists under the same limits."""
        return self.benefit >= self.upper_bound * (1 - PROVED)


def squeezing_benefit(gain: Real, harm: Real, photons: Real) -> Real:
    """G (1 - e^{-2r}) - H (e^{2r} - 1), without cancellation at few photons.

    Parameters
    ----------
    gain, harm : (K,) floats >= 0
        G and H.
    photons : (K,) floats >= 0
        n = sinh(r)^2, finite.

    Examples
    --------
    >>> squeezing_benefit(np.array([1.0]), np.array([0.0]), np.array([1.0])).round(12).tolist()
    [0.828427124746]
    """
    root, above = np.sqrt(photons), np.sqrt(photons + 1)
    # e^{-r} = above - root, so 1 - e^{-2r} = 2 root e^{-r}, and e^{2r} - 1 = 2 root e^{r}.
    benefit: Real = 2 * root * (gain / (above + root) - harm * (above + root))
    return benefit


def photons_worthwhile(gain: Real, harm: Real, multiplier: float = 0.0) -> Real:
    """sinh(r)^2 where e^{4r} = (G + l)/(H + l): the photons worth their price; none for G <= H, infinite for H + l = 0 < G.

    Parameters
    ----------
    gain, harm : (K,) floats >= 0
        G and H.
    multiplier : float >= 0
        l, a quarter of the price of a photon.

    Examples
    --------
    >>> photons_worthwhile(np.array([math.exp(4.0), 1.0]), np.array([1.0, 2.0])).round(12).tolist()
    [1.381097845542, 0.0]
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        x = np.where(gain > harm, (gain - harm) / (harm + multiplier), 0.0)
        above = x / (1 + np.sqrt(1 + x))
        photons: Real = np.where(np.isinf(x), math.inf, above**2 / (4 * (1 + above)))
    return photons


def split_photons(
    gain: Sequence[float], harm: Sequence[float], mean_photons: float, most: Sequence[float]
) -> PhotonShares:
    """The best shares of nbar photons over squeezers with gains, harms and caps: a convex problem, solved to rounding.

    Parameters
    ----------
    gain, harm : (K,) floats >= 0
        G and H.
    mean_photons : float >= 0
        The most of all together; may be infinite.
    most : (K,) floats >= 0
        The most of each; may be infinite where nbar is finite.

    Returns
    -------
    PhotonShares

    Notes
    -----
    Without jitter a squeezer that would exceed its cap without one is at its cap in the optimum, since the others then have more
    light: the multiplier only falls. So caps are found by leaving them out, and sharing again what is left.

    Examples
    --------
    >>> shares = split_photons([1.0, 1.0, 1.0], [0.0] * 3, 3.0, [0.5, math.inf, math.inf])
    >>> [round(n, 12) for n in shares.mean_photons], shares.is_proved
    ([0.5, 1.25, 1.25], True)
    """
    G, H, cap = np.array(gain, dtype=float), np.array(harm, dtype=float), np.array(most, dtype=float)
    cap = np.minimum(cap, mean_photons)
    useful = np.minimum(cap, photons_worthwhile(G, H))
    if useful.sum() <= mean_photons:
        photons = useful
    elif H.any():
        photons = _split_by_multiplier(G, H, mean_photons, cap)
    else:
        photons = _split_without_harm(G, mean_photons, cap)
    benefit = math.fsum(squeezing_benefit(G, H, photons).tolist())
    return PhotonShares(mean_photons=tuple(photons.tolist()), benefit=benefit, upper_bound=benefit)


def _split_without_harm(gain: Real, mean_photons: float, cap: Real) -> Real:
    photons = np.zeros_like(gain)
    free, left = gain > 0, mean_photons
    while free.any() and left > 0:
        photons[free] = best_separable_photons(np.sqrt(gain[free]).tolist(), left)
        over = free & (photons >= cap)
        if not over.any():
            break
        photons[over] = cap[over]
        free &= ~over
        left = mean_photons - math.fsum(photons[~free].tolist())
    return photons


def _too_high(gain: Real, mean_photons: float) -> float:
    """Logarithm of a price of photons that leaves some over: n <= x^2/16 with x = G/l."""
    return math.log(float(gain.max())) + (math.log(len(gain) / 16) - math.log(mean_photons)) / 2


def _split_by_multiplier(gain: Real, harm: Real, mean_photons: float, cap: Real) -> Real:
    from scipy.optimize import brentq

    def photons_at(log_multiplier: float) -> Real:
        return np.minimum(cap, photons_worthwhile(gain, harm, math.exp(log_multiplier)))

    if not mean_photons:
        return np.zeros_like(gain)

    def excess(log_multiplier: float) -> float:
        return float(photons_at(log_multiplier).sum()) / mean_photons - 1

    # All of the light is worth taking without a price, so some price is too low.
    high = _too_high(gain, mean_photons)
    low = high - 1
    while excess(low) < 0 and low > NO_PRICE:
        low -= 8
    if excess(low) < 0:
        # All that is worthwhile, to rounding.
        return photons_at(-math.inf)
    photons = photons_at(brentq(excess, low, high, xtol=1e-15, rtol=1e-15) if excess(high) < 0 else high)
    # The last bits of the multiplier leave a rounding of the total.
    open_ = photons < cap
    rest = mean_photons - math.fsum(photons[~open_].tolist())
    total = math.fsum(photons[open_].tolist())
    if total:
        photons[open_] *= rest / total
    return photons


def best_squeezers(
    gain: Sequence[float],
    harm: Sequence[float],
    mean_photons: float,
    most: Sequence[float],
    squeezers: int | None = None,
) -> PhotonShares:
    """The best K of these squeezers and their photons; the others stay dark.

    Lagrange's dual bounds what any K of them can do: for a price l of photons each is worth what it gains less its photons'
    price, and the K most worth are taken. Where the bound is met the choice is proved. So it always is when the order of the
    squeezers by worth is the same at every price, as for equal caps and no jitter, where it is the order of G. Otherwise
    choices next to the bound are improved by exchanging squeezers, and all are tried where they are no more than ``MAX_SUBSETS``.

    Parameters
    ----------
    gain, harm : (P,) floats >= 0
        G and H of each squeezer.
    mean_photons : float >= 0
        The most of all together; may be infinite.
    most : (P,) floats >= 0
        The most of each.
    squeezers : int >= 0, optional
        K; as many as are of use when left out.

    Returns
    -------
    PhotonShares
        ``is_proved`` says whether no other K squeezers or photons are better.

    Examples
    --------
    >>> shares = best_squeezers([3.0, 1.0, 2.0], [0.0] * 3, 1.0, [math.inf] * 3, squeezers=1)
    >>> shares.mean_photons, shares.is_proved
    ((1.0, 0.0, 0.0), True)
    """
    G, H, cap = np.array(gain, dtype=float), np.array(harm, dtype=float), np.array(most, dtype=float)
    cap = np.minimum(cap, mean_photons)
    useful = int(np.count_nonzero((G > H) & (cap > 0)))
    if squeezers is None or squeezers >= useful:
        return split_photons(gain, harm, mean_photons, most)
    if squeezers == 0 or mean_photons == 0:
        return PhotonShares(mean_photons=(0.0,) * len(G), benefit=0.0, upper_bound=0.0)
    choice = _Choice(gain=G, harm=H, cap=cap, mean_photons=mean_photons, squeezers=squeezers)
    bound, sets = choice.dual()
    best = max((choice.shares(chosen) for chosen in sets), key=lambda shares: shares.benefit)
    best = PhotonShares(mean_photons=best.mean_photons, benefit=best.benefit, upper_bound=max(bound, best.benefit))
    if best.is_proved:
        return best
    if math.comb(useful, squeezers) <= MAX_SUBSETS:
        every = itertools.combinations(np.flatnonzero((G > H) & (cap > 0)).tolist(), squeezers)
        return max((choice.shares(chosen) for chosen in every), key=lambda shares: shares.benefit)
    found = choice.exchanged(best)
    return PhotonShares(mean_photons=found.mean_photons, benefit=found.benefit, upper_bound=max(bound, found.benefit))


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class _Choice:
    """K of P squeezers with one budget."""

    gain: Real
    harm: Real
    cap: Real
    mean_photons: float
    squeezers: int

    def shares(self, chosen: Sequence[int]) -> PhotonShares:
        """The best photons of these squeezers."""
        at = list(chosen)
        some = split_photons(self.gain[at].tolist(), self.harm[at].tolist(), self.mean_photons, self.cap[at].tolist())
        photons = np.zeros_like(self.gain)
        photons[at] = some.mean_photons
        return PhotonShares(mean_photons=tuple(photons.tolist()), benefit=some.benefit, upper_bound=some.benefit)

    def _at(self, multiplier: float) -> tuple[float, list[int], float]:
        """The dual value at a price, the K most worth, and what they leave of the photons."""
        photons = np.minimum(self.cap, photons_worthwhile(self.gain, self.harm, multiplier))
        worth = squeezing_benefit(self.gain, self.harm, photons) - 4 * multiplier * photons
        chosen = np.argsort(-worth, kind="stable")[: self.squeezers]
        price = 4 * multiplier * self.mean_photons if multiplier else 0.0
        left = self.mean_photons - float(photons[chosen].sum())
        return price + float(worth[chosen].sum()), chosen.tolist(), left

    def dual(self) -> tuple[float, list[list[int]]]:
        """The least dual value found, an upper bound at any rate, and the choices on both sides of it."""
        bound, chosen, left = self._at(0.0) if np.isfinite(self.cap).all() else (math.inf, [], -1.0)
        if left >= 0:
            return bound, [chosen]
        high = _too_high(self.gain, self.mean_photons)
        low = high - 1
        while self._at(math.exp(low))[2] >= 0 and low > NO_PRICE:
            low -= 8
        sets: list[list[int]] = []
        for _ in range(200):
            middle = (low + high) / 2
            if not low < middle < high:
                break
            value, chosen, left = self._at(math.exp(middle))
            bound = min(bound, value)
            low, high = (middle, high) if left < 0 else (low, middle)
        for end in (low, high):
            value, chosen, _ = self._at(math.exp(end))
            bound = min(bound, value)
            if sorted(chosen) not in sets:
                sets.append(sorted(chosen))
        return bound, sets

    def exchanged(self, best: PhotonShares) -> PhotonShares:
        """One squeezer for another while that helps, best promise first."""
        order = np.argsort(-squeezing_benefit(self.gain, self.harm, self.cap), kind="stable")
        promising = [int(k) for k in order if self.gain[k] > self.harm[k] and self.cap[k] > 0]
        promising = promising[: 4 * self.squeezers + 8]
        better = True
        while better:
            better = False
            chosen = [k for k, n in enumerate(best.mean_photons) if n]
            for leaving in chosen:
                for coming in promising:
                    if coming in chosen:
                        continue
                    other = self.shares([coming, *(k for k in chosen if k != leaving)])
                    if other.benefit > best.benefit * (1 + PROVED):
                        best, better = other, True
                        chosen = [k for k, n in enumerate(best.mean_photons) if n]
                        break
        return best
