"""Squeezers that do not share their light: one for each sensor, some of the sensors, or one sensor in each shot.

A squeezer whose light reaches one sensor alone, through a path of transmissivity T_j (1 where it stands there, that of a line from
a hub where all squeezers are in one place), has G_j = E_j T_j z_j^2 cosh sigma_j^2 and H_j = E_j T_j z_j^2 sinh sigma_j^2. So
the best photons are a convex problem (``split_photons``), and which sensors get one of K squeezers is that of ``best_squeezers``.

In turn over the shots: sensor j has the one squeezer, with all photons of the shot, in a share p_j of the shots and is read in
vacuum in the others, so its information is (1 - p_j)/v_j + p_j/e_j, e_j its error with the squeezer and v_j without. The sum
over sensors of the inverse is convex in p; at the optimum 1 + p_j g_j = max(1, x sqrt(v_j g_j)), g_j = v_j/e_j - 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from networks.values import Value
from photonics.conventions import Real
from protocols.theory.limits.readout import HomodyneReadout
from protocols.theory.limits.squeezers import SqueezerLimits, best_squeezers, photons_worthwhile
from protocols.theory.sums import error_sum, squared


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSqueezing(Value):
    """A squeezer of its own for each sensor, or for some.

    Attributes
    ----------
    mse : float
        Mean squared error of q in one shot.
    lower_bound : float
        The least that any choice of sensors and photons could have; ``mse`` to rounding where it is proved.
    mean_photons : (d,) floats >= 0
        Of the squeezer of each sensor, before any loss; 0 where there is none.
    is_proved : bool
        Whether no other choice of sensors and photons has a lower error under these limits.
    """

    mse: float
    lower_bound: float
    mean_photons: tuple[float, ...]
    is_proved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SqueezingInTurn(Value):
    """One squeezer, at one sensor in each shot.

    Attributes
    ----------
    mse : float
        Mean squared error of q per shot: that of many shots times their number.
    mean_photons : (d,) floats >= 0
        Of the squeezer when it is the turn of each sensor.
    shares : (d,) floats
        Of the shots, with the sum 1.
    """

    mse: float
    mean_photons: tuple[float, ...]
    shares: tuple[float, ...]


def best_local_squeezing(
    readout: HomodyneReadout,
    limits: SqueezerLimits,
    arrives: Sequence[float] | None = None,
    efficiency: Sequence[float] | None = None,
) -> LocalSqueezing:
    """The best photons of squeezers that each serve one sensor, and the sensors they serve where they are fewer.

    Parameters
    ----------
    readout : HomodyneReadout
    limits : SqueezerLimits
        ``squeezers`` of them at the most.
    arrives : (d,) floats in [0, 1], optional
        Transmissivity from its squeezer to each sensor: 1 at the sensor itself, which is meant when left out, that of the line
        from a hub, and 0 where no squeezer may serve it.
    efficiency : (d,) floats in (0, 1], optional
        Escape efficiency of each squeezer; 1 when left out.

    Returns
    -------
    LocalSqueezing

    Examples
    --------
    Four sensors with a photon each, and the same squeezers in a hub behind links of 0.6:

    >>> from protocols.theory.limits.readout import homodyne_readout
    >>> readout, limits = homodyne_readout([0.25] * 4), SqueezerLimits(mean_photons=4.0)
    >>> round(best_local_squeezing(readout, limits).mse, 4), round(best_local_squeezing(readout, limits, [0.6] * 4).mse, 4)
    (0.0429, 0.1257)
    """
    gain, harm, most = each_squeezer(readout, limits, arrives, efficiency)
    shares = best_squeezers(gain.tolist(), harm.tolist(), limits.mean_photons, most.tolist(), limits.squeezers)
    mse = error_sum(local_errors(readout, shares.mean_photons, arrives, efficiency).tolist())
    return LocalSqueezing(
        mse=mse,
        lower_bound=mse - max(0.0, shares.upper_bound - shares.benefit),
        mean_photons=shares.mean_photons,
        is_proved=shares.is_proved,
    )


def best_squeezing_in_turn(
    readout: HomodyneReadout,
    limits: SqueezerLimits,
    arrives: Sequence[float] | None = None,
    efficiency: Sequence[float] | None = None,
    *,
    others_read: bool = True,
) -> SqueezingInTurn:
    """One squeezer at one sensor in each shot, with the best shares of the shots; for parameters that stay put.

    Parameters
    ----------
    readout : HomodyneReadout
    limits : SqueezerLimits
        Of one shot; ``squeezers`` counts as 1 where it is more.
    arrives : (d,) floats in [0, 1], optional
        Transmissivity from the squeezer to each sensor in its turn; 1 when left out.
    efficiency : (d,) floats in (0, 1], optional
        Escape efficiency in each turn; 1 when left out.
    others_read : bool
        Whether sensors whose turn it is not are read in vacuum, which costs no light. Without them the error is
        (sum sqrt e_j)^2, for equal squeezing ||alpha||_1^2 e^{-2r} instead of ||alpha||_2^2 e^{-2r} for a shared squeezer.

    Examples
    --------
    >>> from protocols.theory.limits.readout import homodyne_readout
    >>> readout, limits = homodyne_readout([1.0, 1.0]), SqueezerLimits(mean_photons=1.0)
    >>> rows = [best_squeezing_in_turn(readout, limits, others_read=read) for read in (True, False)]
    >>> [(round(row.mse, 6), row.shares) for row in rows]
    [(0.585786, (0.5, 0.5)), (0.686292, (0.5, 0.5))]
    """
    gain, harm, most = each_squeezer(readout, limits, arrives, efficiency)
    photons = np.minimum(np.minimum(most, limits.mean_photons), photons_worthwhile(gain, harm))
    if limits.squeezers == 0:
        photons = np.zeros_like(photons)
    vacuum = readout.vacuum_errors
    alone = local_errors(readout, photons.tolist(), arrives, efficiency)
    seen = vacuum > 0
    shares = np.zeros_like(vacuum)
    if not seen.any():
        # Nothing is asked for, so it does not matter whose turn it is.
        shares[:], mse = 1 / len(shares), 0.0
    elif not others_read:
        shares[seen] = np.sqrt(alone[seen]) / np.sqrt(alone[seen]).sum()
        mse = squared(error_sum(np.sqrt(alone[seen]).tolist()))
    else:
        dark, lit = vacuum[seen], alone[seen]
        # An error beyond the largest number stays there, whatever light there is.
        rise = np.divide(dark, lit, out=np.ones_like(dark), where=np.isfinite(dark)) - 1
        shares[seen] = _best_shares(dark, rise)
        mse = error_sum((dark / (1 + shares[seen] * rise)).tolist())
    return SqueezingInTurn(mse=mse, mean_photons=tuple(photons.tolist()), shares=tuple(shares.tolist()))


def _best_shares(vacuum: Real, rise: Real) -> Real:
    """p with the sum 1 for the least sum v/(1 + p g): p = max(0, x sqrt(v/g) - 1/g), x from the largest sqrt(v g) down."""
    useful = rise > 0
    if not useful.any():
        return np.full_like(vacuum, 1 / len(vacuum))
    shares = np.zeros_like(vacuum)
    v, g = vacuum[useful], rise[useful]
    order = np.argsort(-np.sqrt(v * g), kind="stable")
    rates, starts = np.cumsum(np.sqrt(v / g)[order]), np.cumsum((1 / g)[order])
    levels = (1 + starts) / rates
    # With the first k sensors at work x is levels[k - 1]; the last k whose own sensor still gets something.
    at_work = np.flatnonzero(levels * np.sqrt(v * g)[order] > 1)
    x = levels[at_work[-1]]
    shares[useful] = np.maximum(0.0, x * np.sqrt(v / g) - 1 / g)
    normal: Real = shares / shares.sum()
    return normal


def each_squeezer(
    readout: HomodyneReadout,
    limits: SqueezerLimits,
    arrives: Sequence[float] | None,
    efficiency: Sequence[float] | None,
) -> tuple[Real, Real, Real]:
    """G, H and the most photons of a squeezer for each sensor.

    Parameters
    ----------
    readout : HomodyneReadout
    limits : SqueezerLimits
    arrives, efficiency : (d,) floats in [0, 1], optional
        1 when left out.

    Returns
    -------
    gain, harm, most : (d,) floats >= 0
    """
    kept = _kept(readout, arrives, efficiency)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        light = np.where(kept > 0, readout.caps / kept, math.inf)
    gain, harm = kept * (readout.squares + readout.gain), kept * readout.harm
    return gain, harm, np.minimum(light, limits.most_photons)


def _kept(readout: HomodyneReadout, arrives: Sequence[float] | None, efficiency: Sequence[float] | None) -> Real:
    """The share of each squeezer's light that arrives at its sensor."""
    kept = np.ones(len(readout.weights))
    for factor in (arrives, efficiency):
        if factor is not None:
            kept = kept * np.array(factor, dtype=float)
    return kept


def local_errors(
    readout: HomodyneReadout,
    mean_photons: Sequence[float],
    arrives: Sequence[float] | None = None,
    efficiency: Sequence[float] | None = None,
) -> Real:
    """(d,) What each sensor adds to the error with its own squeezer, in positive terms.

    Parameters
    ----------
    readout : HomodyneReadout
    mean_photons : (d,) floats >= 0
        Of the squeezers, before any loss.
    arrives : (d,) floats in [0, 1], optional
        1 when left out.
    efficiency : (d,) floats in (0, 1], optional
        1 when left out.

    Examples
    --------
    >>> from protocols.theory.limits.readout import homodyne_readout
    >>> local_errors(homodyne_readout([1.0, 1.0]), [0.0, 1.0]).round(6).tolist()
    [1.0, 0.171573]
    """
    kept, photons = _kept(readout, arrives, efficiency), np.array(mean_photons, dtype=float)
    rise = (np.sqrt(photons) + np.sqrt(photons + 1)) ** 2
    squeezed = (readout.squares + readout.gain) * (1 - kept + kept / rise)
    errors: Real = np.array(readout.base_errors) + squeezed + readout.harm * (1 - kept + kept * rise)
    return errors
