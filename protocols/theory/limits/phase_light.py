"""The best coherent and squeezed light of phase sensors under limits, whatever is recorded (``phase_readout``).

At finite light A_j, v_kj and n_k are looked for together: A_j as shares of what the squeezers leave of the photons, n_k up to what
a squeezer gives, v_kj as shares of its light, limits of sites and of all squeezers by prices that are raised until they hold. The
search starts from the bright optimum and from others. What it finds comes with the slope that is left along every exchange of
light: found, not proved.

Each site sees one squeezer: one for all of them, one for each sign of alpha, or one of its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from networks import InputError
from networks.values import Value
from photonics.conventions import Integer, Real
from protocols.theory.limits.bright import split_coherent
from protocols.theory.limits.phase_readout import FLATTEST, PhaseReadout, SiteLight
from protocols.theory.limits.squeezers import SqueezerLimits

ROUNDS = 25
"""Times that prices of limits are raised."""
ROUGH, FINE = 1e-4, 1e-9
"""Relative distance to limits at which the searches end."""
FIRST, HEAVY = 1.0, 30.0
"""Weight of limits at the beginning, and up to which it grows in any case."""
ALIKE = 1e-7
"""Relative difference of errors of searches that have met."""
NO_ERROR = 1e6
"""Stands for the logarithm of an infinite error: far above all others, and not so far that a search would stop at it."""
LEAST = 1e-9
"""Share of its light that squeezed vacuum without coherent light keeps in a search, where none would tell nothing."""
FITS = 1e-6
"""How far above a limit, relative to it, light may be that is then trimmed to it."""
ROUNDING = 1e-12
"""How far above a limit light that is proved may be, from rounding."""
SLACK = 1e-6
"""Share of the light that the search begins without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseLight(Value):
    """Coherent and squeezed light of a network of phase sensors at finite brightness.

    Attributes
    ----------
    mse : float
        Mean squared error of q in one shot, or per shot for sites in turn.
    coherent_photons : (d,) floats >= 0
        A_j; of sites in turn each in its turn.
    amplitudes : (K, d) floats
        v_kj, losses on the way included.
    squeezed_photons : (K,) floats >= 0
        n_k at the squeezers; of sites in turn each in its turn.
    shares : (d,) floats
        Of the shots, for sites in turn; empty otherwise.
    slope : float
        The largest relative change of the error with the share of any light, along what limits leave free: 0 at an optimum.
    angles_rad : (K,) floats
        From the squeezed quadrature of each squeezer to the one that its sites read; the opposite is as good.
    is_proved : bool
        Whether no other light of these squeezers within the limits, at the sites that count, has a lower error.
    """

    mse: float
    coherent_photons: tuple[float, ...]
    amplitudes: tuple[tuple[float, ...], ...]
    squeezed_photons: tuple[float, ...]
    shares: tuple[float, ...] = ()
    slope: float
    angles_rad: tuple[float, ...] = ()
    is_proved: bool = False

    @property
    def angle_rad(self) -> float:
        """The angle of all squeezers.

        Raises
        ------
        ValueError
            Where squeezers are read at different angles: ``angles_rad`` has them.
        """
        if len(set(self.angles_rad)) > 1:
            raise ValueError(f"squeezers are read at different angles: take angles_rad, {self.angles_rad}")
        return self.angles_rad[0] if self.angles_rad else 0.0


def best_shared(
    readout: PhaseReadout,
    limits: SqueezerLimits,
    photons: float,
    arrives: Sequence[float] | None = None,
    efficiency: float = 1.0,
) -> PhaseLight:
    """One squeezed vacuum split over all sites, beside coherent light at each where that is of use, with the least error found.

    Parameters
    ----------
    readout : PhaseReadout
    limits : SqueezerLimits
    photons : float > 0
        The most of one shot, squeezed photons included.
    arrives : (d,) floats in [0, 1], optional
        T_j of the path from the squeezer to each site; 1 when left out.
    efficiency : float in (0, 1], optional
        Escape efficiency of the squeezer.

    Raises
    ------
    InputError
        When no light within the limits tells q, or there is none.

    Examples
    --------
    >>> from protocols.theory.limits.intensity import intensity_readout
    >>> limits = SqueezerLimits(mean_photons=math.inf, squeezing_db=10.0)
    >>> best = best_shared(intensity_readout([1.0, -2.0, 0.5]), limits, 1e6)
    >>> round(best.mse * 1e6 / 3.5**2, 4), [round(a / 1e6, 4) for a in best.coherent_photons]
    (0.1, [0.2857, 0.5714, 0.1429])
    """
    count = len(readout.alpha)
    through = efficiency * _given(arrives, count)
    return _best(readout, limits, photons, through, np.zeros(count, dtype=int))


def best_by_sign(
    readout: PhaseReadout,
    limits: SqueezerLimits,
    photons: float,
    arrives: Sequence[float] | None = None,
    efficiency: float = 1.0,
) -> PhaseLight:
    """A squeezed vacuum for the sites of each sign of alpha, with the least error found; one where there is one sign.

    Parameters
    ----------
    readout : PhaseReadout
    limits : SqueezerLimits
        Of both squeezers together.
    photons : float > 0
        The most of one shot, squeezed photons included.
    arrives : (d,) floats in [0, 1], optional
        T_j of the path from its squeezer to each site; 1 when left out.
    efficiency : float in (0, 1], optional
        Escape efficiency of the squeezers.

    Raises
    ------
    InputError
        When no light within the limits tells q, or there is none.

    Examples
    --------
    >>> from protocols.theory.limits.intensity import intensity_readout
    >>> limits = SqueezerLimits(mean_photons=math.inf, squeezing_db=10.0)
    >>> best = best_by_sign(intensity_readout([1.0, -2.0, 0.5]), limits, 1e6)
    >>> round(best.mse * 1e6 / 3.5**2, 4), [[round(v * v, 3) for v in row] for row in best.amplitudes]
    (0.1, [[0.667, 0.0, 0.333], [0.0, 1.0, 0.0]])
    """
    count = len(readout.alpha)
    through = efficiency * _given(arrives, count)
    signs = np.array([a < 0 for a in readout.alpha if a])
    served = np.array([int(a < 0) for a in readout.alpha]) if signs.any() and not signs.all() else np.zeros(count, int)
    return _best(readout, limits, photons, through, served)


def best_in_groups(
    readout: PhaseReadout,
    limits: SqueezerLimits,
    photons: float,
    groups: Sequence[int],
    arrives: Sequence[float] | None = None,
    efficiency: Sequence[float] | None = None,
) -> PhaseLight:
    """Several squeezed vacua, each split over some sites, with the least error found.

    Without loss on the way one squeezer is as good in much light: noise of any passive mixture of squeezed vacua and vacuum along
    a vector is at least |f|^2 e^{-2r}, r the most of any, which one split along f has.

    Parameters
    ----------
    readout : PhaseReadout
    limits : SqueezerLimits
        Of all squeezers together; where there are fewer than groups, those with the largest weight have one.
    photons : float > 0
        The most of one shot, squeezed photons included.
    groups : (d,) ints >= 0
        The squeezer of each site.
    arrives, efficiency : (d,) floats, optional
        From the squeezer of each site, and its escape efficiency; 1 when left out.

    Raises
    ------
    InputError
        When no light within the limits tells q, or there is none.

    Examples
    --------
    Two squeezers of two sites each: as good as one in much light.

    >>> from protocols.theory.limits.intensity import intensity_readout
    >>> limits = SqueezerLimits(mean_photons=math.inf, squeezing_db=10.0)
    >>> best = best_in_groups(intensity_readout([1.0, -2.0, 0.5, 1.0]), limits, 1e6, [0, 0, 1, 1])
    >>> round(best.mse * 1e6 / 4.5**2, 4), [[round(v * v, 3) for v in row] for row in best.amplitudes]
    (0.1, [[0.333, 0.667, 0.0, 0.0], [0.0, 0.0, 0.333, 0.667]])
    """
    count = len(readout.alpha)
    through = _given(arrives, count) * _given(efficiency, count)
    return _best(readout, limits, photons, through, np.array(groups, dtype=int))


def best_local(
    readout: PhaseReadout,
    limits: SqueezerLimits,
    photons: float,
    arrives: Sequence[float] | None = None,
    efficiency: Sequence[float] | None = None,
) -> PhaseLight:
    """Squeezed vacuum of its own for each site, beside coherent light where that is of use, with the least error found.

    Parameters
    ----------
    readout : PhaseReadout
    limits : SqueezerLimits
        Of all squeezers; where there are fewer than sites, those with the largest weight have one.
    photons : float > 0
        The most of one shot, squeezed photons included.
    arrives, efficiency : (d,) floats, optional
        From the squeezer of each site, and its escape efficiency; 1 when left out.

    Raises
    ------
    InputError
        When no light within the limits tells q, or there is none.

    Examples
    --------
    >>> from protocols.theory.limits.intensity import intensity_readout
    >>> limits = SqueezerLimits(mean_photons=math.inf, squeezing_db=10.0)
    >>> best = best_local(intensity_readout([1.0, -2.0, 0.5]), limits, 1e6)
    >>> round(best.mse * 1e6 / 3.5**2, 4)
    0.1
    """
    count = len(readout.alpha)
    return _best(readout, limits, photons, _given(arrives, count) * _given(efficiency, count), np.arange(count))


def best_in_turn(
    readout: PhaseReadout,
    limits: SqueezerLimits,
    photons: float,
    arrives: Sequence[float] | None = None,
    efficiency: Sequence[float] | None = None,
) -> PhaseLight:
    """All the light, and the squeezer, at one site after the other, with the best shares of the shots: (sum sqrt e_j)^2.

    For parameters that stay put. What vacuum would tell of the other sites is nothing: without light they have no slope.

    Parameters
    ----------
    readout : PhaseReadout
    limits : SqueezerLimits
        Of a shot.
    photons : float > 0
        The most of one shot, squeezed photons included.
    arrives, efficiency : (d,) floats, optional
        To each site in its turn, and of the squeezer that it comes from; 1 when left out.

    Raises
    ------
    InputError
        When no light within the limits tells q, or there is none.

    Examples
    --------
    >>> from protocols.theory.limits.intensity import intensity_readout
    >>> limits = SqueezerLimits(mean_photons=math.inf, squeezing_db=10.0)
    >>> round(best_in_turn(intensity_readout([1.0, -2.0, 0.5]), limits, 1e6).mse * 1e6 / 3.5**2, 4)
    0.1
    """
    count = len(readout.alpha)
    through = _given(arrives, count) * _given(efficiency, count)
    _require(readout, photons)
    # Errors go as alpha_j^2, so sites that are alike have the same light; one that does not count has no turn.
    known: dict[tuple[PhaseReadout, float], PhaseLight] = {}
    each: list[PhaseLight | None] = []
    for j, a in enumerate(readout.alpha):
        key = replace(readout.some([j]), alpha=(1.0,)), float(through[j])
        if a and key not in known:
            known[key] = best_shared(key[0], limits, photons, [key[1]])
        each.append(known[key] if a else None)
    roots = [abs(a) * math.sqrt(own.mse) if own else 0.0 for a, own in zip(readout.alpha, each, strict=True)]
    total = math.fsum(roots)
    amplitudes = np.diag(
        [math.copysign(own.amplitudes[0][0], a) if own else 0.0 for a, own in zip(readout.alpha, each, strict=True)]
    )
    return PhaseLight(
        mse=total**2,
        coherent_photons=tuple(own.coherent_photons[0] if own else 0.0 for own in each),
        amplitudes=tuple(map(tuple, amplitudes.tolist())),
        squeezed_photons=tuple(own.squeezed_photons[0] if own else 0.0 for own in each),
        shares=tuple(root / total for root in roots),
        slope=max((own.slope for own in known.values()), default=0.0),
        angles_rad=tuple(own.angles_rad[0] if own else 0.0 for own in each),
        is_proved=all(own.is_proved for own in known.values()),
    )


def _given(column: Sequence[float] | None, count: int) -> Real:
    return np.ones(count) if column is None else np.array(column, dtype=float)


def _r(photons: Real) -> Real:
    """Of squeezed vacua of n = sinh(r)^2 photons."""
    return np.asarray(np.arcsinh(np.sqrt(photons)))


def _value(found: tuple[float, Real, Real, float]) -> float:
    return found[0]


def _no_light(readout: PhaseReadout) -> InputError:
    needed = "coherent light" if readout.has_coherent else "squeezed light"
    return InputError([f"no light within these limits tells q: every sensor with a coefficient needs {needed}"])


def _require(readout: PhaseReadout, photons: float) -> None:
    faults = [] if any(readout.alpha) else ["alpha must have a coefficient that is not 0"]
    if not 0 < photons < math.inf:
        faults.append(f"photons must be a positive number, got {photons}")
    if faults:
        raise InputError(faults)


def _best(readout: PhaseReadout, limits: SqueezerLimits, photons: float, through: Real, served: Integer) -> PhaseLight:
    """The best light found for squeezers that serve these sites; sites that do not count get none."""
    _require(readout, photons)
    counting = np.flatnonzero(np.array(readout.alpha))
    # Of those squeezers alone whose sites count.
    names, own = np.unique(served[counting], return_inverse=True)
    weights = np.bincount(own, (np.abs(np.array(readout.alpha)) * through)[counting], len(names))
    most = len(names) if limits.squeezers is None else min(len(names), limits.squeezers)
    tops = np.zeros(len(names))
    tops[np.argsort(-weights, kind="stable")[:most]] = min(limits.most_photons, photons)
    tops[weights == 0] = 0.0
    search = _Search(
        readout=readout.some(counting.tolist()),
        photons=photons,
        together=min(limits.mean_photons, photons),
        tops=tops,
        through=through[counting],
        served=own,
    )
    columns = search.readout.columns
    seen = columns["survives"] * columns["detector_efficiency"] * columns["visibility"] ** 2
    seen = seen if readout.has_coherent else seen * search.through
    if (np.minimum(search.caps, seen) <= FLATTEST).any():
        raise _no_light(readout)
    proved = search.readout.proved_light(limits, photons, search.through, search.served)
    is_proved = proved is not None and search.excess(proved).max() <= ROUNDING
    light, slope = (proved, 0.0) if proved is not None and is_proved else search.best()
    light = search.trimmed(light)
    squeezers = int(served.max()) + 1
    coherent, amplitudes, squeezed = np.zeros_like(through), np.zeros((squeezers, len(through))), np.zeros(squeezers)
    coherent[counting], squeezed[names] = light.coherent, light.squeezed
    amplitudes[served[counting], counting] = light.amplitudes
    mse = readout.mse(coherent.tolist(), amplitudes.tolist(), squeezed.tolist())
    if not mse < math.inf:
        raise _no_light(readout)
    return PhaseLight(
        mse=mse,
        coherent_photons=tuple(coherent.tolist()),
        amplitudes=tuple(map(tuple, amplitudes.tolist())),
        squeezed_photons=tuple(squeezed.tolist()),
        slope=slope,
        angles_rad=readout.angles(amplitudes, squeezed),
        is_proved=is_proved,
    )


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class _Search:
    """Light of squeezers that each serve some sites; all sites count.

    z is one row of numbers: logarithms of the shares of coherent light; beside these shares what is not used; r_k of each squeezer;
    and u_j, of which u_j^2 over their sum is the share of the squeezer's light that goes to site j. The error changes with each of
    them in the first order at its end, so that no search stays where light could still be given or taken.
    """

    readout: PhaseReadout
    photons: float
    together: float
    tops: Real
    through: Real
    served: Integer

    @property
    def caps(self) -> Real:
        return self.readout.columns["light_caps"]

    def best(self) -> tuple[SiteLight, float]:
        """The best light found, and the slope that is left."""
        # Those that meet on the way go on as one; the last digits from the best that ends within the limits.
        met: list[tuple[float, Real, Real, float]] = []
        for found in sorted((self._searched(start, ROUGH, rounds=1) for start in self.starts()), key=_value):
            if not met or found[0] > met[-1][0] + ALIKE:
                met.append(found)
        rough = (self._searched(z, ROUGH, price, weight) for _, z, price, weight in met)
        for _, start, price, weight in sorted(rough, key=_value):
            _, z, price, _ = self._searched(start, FINE, price, weight)
            light = self.light(z)
            # A search that ends above a limit has found nothing.
            if self.excess(light).max() < FITS and self._error(light)[0] < math.inf:
                return light, self._slope(z, price)
        raise _no_light(self.readout)

    def starts(self) -> list[Real]:
        """From the bright optimum, with more or fewer squeezed photons."""
        alpha = np.abs(self.readout.columns["alpha"])
        weight = np.bincount(self.served, np.where(self.tops[self.served] > 0, alpha, 0.0), len(self.tops))
        weight = weight / weight.sum() if weight.any() else weight
        coherent = np.array(split_coherent((alpha**2).tolist(), self.photons, self.caps.tolist()))
        unused = max(SLACK, self.photons / float(coherent.sum()) - 1)
        starts = []
        for n in self._squeezed_photons(min(float(self.tops.sum()), self.together)):
            squeezed = np.minimum(n * weight, self.tops)
            for shares in self.readout.share_starts(self.through, self.served, squeezed):
                # Where no path leads, all shares are alike.
                lit = np.bincount(self.served, shares, len(self.tops))[self.served] > 0
                u = np.where(lit, np.sqrt(shares), 1.0)
                starts.append(np.concatenate((np.log(coherent / coherent.sum()), [unused], _r(squeezed), u)))
        return starts

    def _squeezed_photons(self, total: float) -> list[float]:
        """Squeezed photons that the search starts from.

        Where more arrive in a dark port than coherent light in the other, the difference has the other sign, and none in between:
        no search comes back from there.
        """
        if not total:
            return [0.0]
        photons = self.photons
        # The photons of a squeezer that no site has more of than it stands.
        seen = self.through > 0
        room = float((self.caps[seen] / self.through[seen]).min(initial=math.inf))
        if not self.readout.has_coherent:
            return [min(0.9 * total, 0.9 * room)]
        # The best of one site, of e^{-2r}/(N - n): n ~ sqrt(N)/2 for much light, and less than a half of little light.
        wanted = (0.999 * min(total, photons / 3), 0.5 * math.sqrt(photons), 0.05 * photons, 0.01 * total)
        return sorted({min(n, 0.999 * total, photons / 3, 0.3 * room) for n in wanted})

    def light(self, z: Real) -> SiteLight:
        count, squeezers = len(self.through), len(self.tops)
        squeezed = np.minimum(np.sinh(z[count + 1 : count + 1 + squeezers]) ** 2, self.tops)
        shares, u = self._shares(z), z[count + 1 + squeezers :]
        norms = np.sqrt(np.bincount(self.served, u**2, squeezers))[self.served]
        signs = np.sign(self.readout.columns["alpha"])
        return SiteLight(
            coherent=self.left(squeezed) * shares,
            amplitudes=signs * np.sqrt(self.through) * u / norms,
            squeezed=squeezed,
        )

    def _shares(self, z: Real) -> Real:
        """(d,) Of the coherent light, less what is not used."""
        count = len(self.through)
        weights = np.exp(z[:count] - z[:count].max())
        return np.asarray(weights / weights.sum() / (1 + z[count]))

    def left(self, squeezed: Real) -> float:
        """Photons of the coherent light; squeezers may be given too much on the way of a search."""
        return max(0.0, self.photons - float(squeezed.sum())) if self.readout.has_coherent else 0.0

    def _error(self, light: SiteLight) -> tuple[float, Real, Real, Real]:
        return self.readout.with_slopes(light.coherent, light.amplitudes, light.squeezed, self.served)

    def excess(self, light: SiteLight) -> Real:
        """How far the light is above each limit, relative to it: of all sites, and of all squeezers together."""
        at_ports = light.coherent + light.amplitudes**2 * light.squeezed[self.served]
        over = at_ports / self.caps - 1
        return np.append(over, light.squeezed.sum() / max(self.together, 1e-300) - 1)

    def priced(self, z: Real, price: Real, weight: float) -> tuple[float, Real]:
        """Logarithm of the error with prices of what is above limits, and its derivatives along z; no weight: prices alone."""
        light, count, squeezers = self.light(z), len(self.through), len(self.tops)
        error, by_coherent, by_amplitude, by_squeezed = self._error(light)
        if not 0 < error < math.inf:
            return NO_ERROR, np.zeros_like(z)
        over = self.excess(light)
        pushed = np.maximum(0.0, price + weight * over)
        paid = (pushed**2 - price**2) / (2 * weight) if weight else price * over
        value = math.log(error) + float(paid.sum())
        with np.errstate(over="ignore"):
            by_coherent, by_amplitude, by_squeezed = by_coherent / error, by_amplitude / error, by_squeezed / error
        if not all(np.isfinite(part).all() for part in (by_coherent, by_amplitude, by_squeezed)):
            # So steep that doubles end: as far from any optimum as light that tells nothing.
            return NO_ERROR, np.zeros_like(z)
        # Prices of the sites, and of all squeezers.
        site, own = pushed[:-1] / self.caps, light.squeezed[self.served]
        by_coherent += site
        by_amplitude += 2 * site * light.amplitudes * own
        by_photons = np.bincount(self.served, site * light.amplitudes**2, squeezers).astype(float)
        by_photons += pushed[-1] / max(self.together, 1e-300)
        # Shares of the coherent light, and of what is not used.
        shares, left = self._shares(z), self.left(light.squeezed)
        mean = float(by_coherent @ shares)
        by_logs = left * shares * (by_coherent - mean * (1 + z[count]))
        by_unused = -left * mean / (1 + z[count])
        by_photons -= mean if left > 0 else 0.0
        by_r = by_squeezed + by_photons * np.sinh(2 * z[count + 1 : count + 1 + squeezers])
        # Shares of each squeezer.
        u = z[count + 1 + squeezers :]
        norms = np.sqrt(np.bincount(self.served, u**2, squeezers))[self.served]
        sent = by_amplitude * np.sign(self.readout.columns["alpha"]) * np.sqrt(self.through)
        along = np.bincount(self.served, sent * u / norms, squeezers)[self.served]
        return value, np.concatenate((by_logs, [by_unused], by_r, (sent - along * u / norms) / norms))

    def _bounds(self) -> Real:
        """(2, D) The least and the most of each number of z."""
        count, squeezers = len(self.through), len(self.tops)
        least, most = np.full((2, 2 * count + squeezers + 1), math.inf)
        least[:] *= -1
        least[count : count + 1 + squeezers] = 0.0
        if not self.readout.has_coherent:
            least[count + 1 : count + 1 + squeezers] = _r(self.tops * LEAST)
        most[count + 1 : count + 1 + squeezers] = _r(self.tops)
        return np.array([least, most])

    def _searched(
        self, z: Real, exactness: float, price: Real | None = None, weight: float = FIRST, rounds: int = ROUNDS
    ) -> tuple[float, Real, Real, float]:
        """The least value at prices that are raised until the light is within its limits; with its z, the prices, their weight."""
        from scipy.optimize import Bounds, minimize

        price = np.zeros(len(self.through) + 1) if price is None else price
        options = {"maxiter": 3000, "gtol": exactness * 1e-2, "ftol": exactness * 1e-6, "maxcor": 20}
        last, bounds = math.inf, Bounds(*self._bounds())
        for _ in range(rounds):
            run = minimize(  # type: ignore[call-overload]  # its stubs take no further arguments
                self.priced, z, args=(price, weight), jac=True, bounds=bounds, method="L-BFGS-B", options=options
            )
            z = np.asarray(run.x)
            over = self.excess(self.light(z))
            price = np.maximum(0.0, price + weight * over)
            most = max(float(over.max()), -float((price * over).min()))
            if most < exactness:
                break
            # Heavier only where prices alone are slow: what is heavy is hard to search.
            weight *= 3 if weight < HEAVY or most > last / 4 else 1
            last = most
        return float(self.priced(z, price, 0.0)[0]), z, price, weight

    def _slope(self, z: Real, price: Real) -> float:
        """The largest derivative along what limits leave free."""
        _, slopes = self.priced(z, price, 0.0)
        least, most = self._bounds()
        return float(np.abs(np.clip(z - slopes, least, most) - z).max())

    def trimmed(self, light: SiteLight) -> SiteLight:
        """The light within its limits to the last digit."""
        dark = light.amplitudes**2 * light.squeezed[self.served]
        over = np.divide(dark, self.caps, out=np.zeros_like(dark), where=dark > 0)
        most = max(1.0, over.max(), light.squeezed.sum() / max(self.together, 1e-300))
        squeezed = light.squeezed / most
        dark = light.amplitudes**2 * squeezed[self.served]
        return replace(light, coherent=np.minimum(light.coherent, np.maximum(self.caps - dark, 0.0)), squeezed=squeezed)
