"""Networks of Mach-Zehnder interferometers with bright light: which light each site gets, and how much of it is squeezed.

Coherent light of A_j photons at site j and squeezed light in the dark ports: a displacement network with coefficients
alpha_j/sqrt(A_j) (PHYSICS.md, section 9), as long as the squeezed photons at a site are few beside A_j. They count in the budget of
photons, and not in what a site stands. With K_j/A_j what site j adds to the error, of base, squeezed and anti-squeezed light,

- at given K_j the best A_j ~ sqrt K_j, up to what a site stands: (sum sqrt K_j)^2/N without such limits;
- one shared squeezer, steady detectors: at its best splitters the error is a sum over sites, K_j = base_j + z_j^2 (1 - E T_j)
  + e^{-2r} E T_j z_j^2, though the sites are entangled. Every K_j(n)/A_j is convex in A_j and n together, since sqrt K_j is
  convex in n (e^{-r} = sqrt(n + 1) - sqrt n is, and 2 K K'' >= K'^2 holds for a constant more if it holds without): so is the
  least over A_j as a function of n, whether squeezed photons count or not, and a search along n finds the optimum;
- a squeezer for each site: the same with n_j, for as many photons as lower the error; A and n in turn, each the best for the
  other, end at the optimum where their constraints are separate, and the number of squeezed photons is searched along.

So the best A_j are those for the squeezing that each site has, not A_j ~ |alpha_j|, unless all sites see the same squeezing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from networks import InputError
from networks.values import Value
from photonics.conventions import Real
from protocols.theory.limits.local import best_local_squeezing, local_errors
from protocols.theory.limits.readout import HomodyneReadout
from protocols.theory.limits.squeezers import SqueezerLimits

MAX_ROUNDS = 2000
"""Times that coherent and squeezed photons are shared out, each for the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrightLight(Value):
    """Coherent and squeezed light of a network of interferometers.

    Attributes
    ----------
    mse : float
        Mean squared error of q in one shot, or per shot for sites in turn.
    coherent_photons : (d,) floats >= 0
        A_j; of sites in turn each in its turn.
    squeezed_photons : tuple of float >= 0
        Of the shared squeezer, (1,), or of the squeezer of each site, (d,).
    is_proved : bool
        Whether no other shares of the photons have a lower error under these limits, in the limit of bright light.
    """

    mse: float
    coherent_photons: tuple[float, ...]
    squeezed_photons: tuple[float, ...]
    is_proved: bool


def split_coherent(errors: Sequence[float], photons: float, most: Sequence[float] | None = None) -> tuple[float, ...]:
    """The A_j with the least sum K_j/A_j, sum A_j <= N: min(cap_j, x sqrt K_j), convex.

    Parameters
    ----------
    errors : (d,) floats >= 0
        K_j.
    photons : float > 0
        N.
    most : (d,) floats >= 0, optional
        The most that each site stands.

    Examples
    --------
    >>> split_coherent([1.0, 4.0, 4.0], 5.0), split_coherent([1.0, 4.0, 4.0], 5.0, [9.0, 1.0, 9.0])
    ((1.0, 2.0, 2.0), (1.3333333333333333, 1.0, 2.6666666666666665))
    """
    roots = np.sqrt(np.array(errors, dtype=float))
    caps = np.full(len(roots), math.inf) if most is None else np.array(most, dtype=float)
    split = np.zeros_like(roots)
    free, left = roots > 0, photons
    while free.any() and left > 0:
        split[free] = left * roots[free] / roots[free].sum()
        # Who is above its cap now is at it in the end: leaving it out gives the others more.
        over = free & (split >= caps)
        if not over.any():
            break
        split[over] = caps[over]
        free &= ~over
        left = photons - math.fsum(split[~free].tolist())
    return tuple(split.tolist())


def best_bright_shared(
    readout: HomodyneReadout,
    limits: SqueezerLimits,
    photons: float,
    arrives: Sequence[float] | None = None,
    efficiency: float = 1.0,
    *,
    most: Sequence[float] | None = None,
    count_squeezed: bool = True,
) -> BrightLight:
    """Coherent light at every site and one squeezed vacuum shared by their dark ports: proved.

    Parameters
    ----------
    readout : HomodyneReadout
        Made with alpha itself; of steady detectors. Its light caps are not looked at.
    limits : SqueezerLimits
        Of the squeezer.
    photons : float > 0
        The most of one shot, squeezed photons among them unless they are not counted.
    arrives : (d,) floats in [0, 1], optional
        T_j from the squeezer to each site; 1 when left out.
    efficiency : float in (0, 1], optional
        Escape efficiency of the squeezer.
    most : (d,) floats >= 0, optional
        The most photons that each site stands; no limit when left out.
    count_squeezed : bool
        Whether squeezed photons count in ``photons``.

    Raises
    ------
    InputError
        With jitter, or without photons.

    Examples
    --------
    >>> from protocols.theory.limits.readout import homodyne_readout
    >>> limits = SqueezerLimits(mean_photons=math.sinh(1.2) ** 2)
    >>> best = best_bright_shared(homodyne_readout([1.0, -2.0, 0.5]), limits, 1.0, count_squeezed=False)
    >>> round(best.mse, 7), [round(a, 4) for a in best.coherent_photons]
    (1.1112949, [0.2857, 0.5714, 0.1429])
    """
    _require(readout, photons)
    kept = efficiency * (np.ones(len(readout.weights)) if arrives is None else np.array(arrives, dtype=float))

    def at(squeezed: float) -> tuple[float, tuple[float, ...]]:
        left = 1 / (math.sqrt(squeezed) + math.sqrt(squeezed + 1)) ** 2
        errors = np.array(readout.base_errors) + readout.squares * (1 - kept + kept * left)
        return _coherent(errors, photons - squeezed * count_squeezed, most)

    top = 0.0 if limits.squeezers == 0 else limits.most_photons
    # Squeezed photons that are not counted are all of use.
    squeezed = _least(lambda n: at(n)[0], min(top, photons)) if count_squeezed else top
    mse, coherent = at(squeezed)
    return BrightLight(mse=mse, coherent_photons=coherent, squeezed_photons=(squeezed,), is_proved=True)


def best_bright_local(
    readout: HomodyneReadout,
    limits: SqueezerLimits,
    photons: float,
    arrives: Sequence[float] | None = None,
    efficiency: Sequence[float] | None = None,
    *,
    most: Sequence[float] | None = None,
    count_squeezed: bool = True,
) -> BrightLight:
    """Coherent light at every site and a squeezer of its own for each: proved when there are as many as are of use.

    Parameters
    ----------
    readout : HomodyneReadout
        Made with alpha itself; of steady detectors. Its light caps are not looked at.
    limits : SqueezerLimits
        Of all squeezers together.
    photons : float > 0
        The most of one shot, squeezed photons among them unless they are not counted.
    arrives : (d,) floats in [0, 1], optional
        From the squeezer of each site; 1 when left out.
    efficiency : (d,) floats in (0, 1], optional
        Escape efficiencies; 1 when left out.
    most : (d,) floats >= 0, optional
        The most photons that each site stands; no limit when left out.
    count_squeezed : bool
        Whether squeezed photons count in ``photons``.

    Raises
    ------
    InputError
        With jitter, or without photons.

    Examples
    --------
    >>> from protocols.theory.limits.readout import homodyne_readout
    >>> limits = SqueezerLimits(mean_photons=math.sinh(1.2) ** 2)
    >>> round(best_bright_local(homodyne_readout([1.0, -2.0, 0.5]), limits, 1.0, count_squeezed=False).mse, 6)
    2.312418
    """
    _require(readout, photons)
    free = replace(readout, light_caps=(math.inf,) * len(readout.weights))
    seen = int(np.count_nonzero(readout.z))

    def at(squeezed: float) -> BrightLight:
        within = replace(limits, mean_photons=squeezed)
        split = [squeezed / len(free.weights)] * len(free.weights)
        last, proved = math.inf, True
        for _ in range(MAX_ROUNDS):
            errors = local_errors(free, split, arrives, efficiency)
            mse, coherent = _coherent(errors, photons - squeezed * count_squeezed, most)
            if not mse < last * (1 - 1e-15):
                break
            last = mse
            inverse = [1 / math.sqrt(a) if a else 0.0 for a in coherent]
            local = best_local_squeezing(free.times(inverse), within, arrives, efficiency)
            split, proved = list(local.mean_photons), limits.squeezers is None or limits.squeezers >= seen
        return BrightLight(mse=mse, coherent_photons=coherent, squeezed_photons=tuple(split), is_proved=proved)

    top = min(limits.mean_photons, photons) if count_squeezed else limits.mean_photons
    count = seen if limits.squeezers is None else min(seen, limits.squeezers)
    top = min(top, count * limits.most_photons) if count else 0.0
    squeezed = _least(lambda n: at(n).mse, top) if count_squeezed else top
    return at(squeezed)


def best_bright_in_turn(
    readout: HomodyneReadout,
    limits: SqueezerLimits,
    photons: float,
    arrives: Sequence[float] | None = None,
    efficiency: Sequence[float] | None = None,
    *,
    most: Sequence[float] | None = None,
    count_squeezed: bool = True,
) -> BrightLight:
    """One site in each shot, with all the light and the squeezer, and the best shares of the shots: (sum sqrt e_j)^2, proved.

    For parameters that stay put. A site without coherent light sees nothing, so the others are not read.

    Parameters
    ----------
    readout : HomodyneReadout
        Made with alpha itself; of steady detectors. Its light caps are not looked at.
    limits : SqueezerLimits
        Of a shot.
    photons : float > 0
        The most of one shot, squeezed photons among them unless they are not counted.
    arrives : (d,) floats in [0, 1], optional
        From the squeezer to each site in its turn; 1 when left out.
    efficiency : (d,) floats in (0, 1], optional
        Escape efficiencies; 1 when left out.
    most : (d,) floats >= 0, optional
        The most photons that each site stands; no limit when left out.
    count_squeezed : bool
        Whether squeezed photons count in ``photons``.

    Raises
    ------
    InputError
        With jitter, or without photons.

    Examples
    --------
    >>> from protocols.theory.limits.readout import homodyne_readout
    >>> limits = SqueezerLimits(mean_photons=math.sinh(1.2) ** 2)
    >>> round(best_bright_in_turn(homodyne_readout([1.0, -2.0, 0.5]), limits, 1.0, count_squeezed=False).mse, 7)
    1.1112949
    """
    _require(readout, photons)
    roots, coherent, squeezed = [], [], []
    top = 0.0 if limits.squeezers == 0 else limits.most_photons
    top = min(top, photons) if count_squeezed else top
    for j, z in enumerate(readout.weights):
        own = readout.some([j])
        one = None if arrives is None else [arrives[j]], None if efficiency is None else [efficiency[j]]
        cap = None if most is None else [most[j]]

        def at(n: float) -> tuple[float, tuple[float, ...]]:
            return _coherent(local_errors(own, [n], *one), photons - n * count_squeezed, cap)  # noqa: B023  # called at once

        n = (_least(lambda value: at(value)[0], top) if count_squeezed else top) if z else 0.0  # called at once
        error, given = at(n)
        roots.append(math.sqrt(error))
        coherent.append(given[0])
        squeezed.append(n)
    return BrightLight(
        mse=math.fsum(roots) ** 2,
        coherent_photons=tuple(coherent),
        squeezed_photons=tuple(squeezed),
        is_proved=True,
    )


def _coherent(errors: Real, photons: float, most: Sequence[float] | None) -> tuple[float, tuple[float, ...]]:
    """sum K_j/A_j with the best A_j; infinite where a site that counts gets none."""
    split = split_coherent(errors.tolist(), max(0.0, photons), most)
    terms = [e / a if a else math.inf for e, a in zip(errors.tolist(), split, strict=True) if e]
    return math.fsum(terms), split


def _least(error: Callable[[float], float], top: float) -> float:
    """The n in [0, top] with the least error, which is convex in n: its end, or within."""
    from scipy.optimize import minimize_scalar

    if not top:
        return 0.0
    # Along r, in which what happens at few photons is as wide as the rest.
    most = math.asinh(math.sqrt(top))
    found = minimize_scalar(
        lambda r: min(error(math.sinh(r) ** 2), 1e300),
        bounds=(0.0, most),
        method="bounded",
        options={"xatol": 1e-9 * most},
    )
    return min((0.0, math.sinh(float(found.x)) ** 2, top), key=error)


def _require(readout: HomodyneReadout, photons: float) -> None:
    faults = []
    if not readout.is_steady:
        faults.append(
            "bright light is read by intensity differences, which have no homodyne angle: phase_jitter_rad must be 0"
        )
    if not photons > 0:
        faults.append(f"photons must be a positive number, got {photons}")
    if faults:
        raise InputError(faults)
