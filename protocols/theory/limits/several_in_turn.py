"""Several squeezers, fewer than sensors, that take turns over the shots: in every shot some of the sensors have one each.

Sensor j has a squeezer in a share p_j of the shots and is read in vacuum in the others, so its information is
(1 - p_j)/v_j + p_j/e_j, e_j its error with a squeezer and v_j without. Any shares from 0 to 1 with the sum K are those of K
squeezers of which no two are at one sensor: the shares laid one after the other on a line, squeezer k has the part from k to k + 1.
The sum of inverses over sensors is convex in p; at the optimum p_j = min(1, max(0, x sqrt(v_j/g_j) - 1/g_j)), g_j = v_j/e_j - 1.

What is proved: where the photons of a shot suffice for all K squeezers at their caps, every e_j is the least there is and the
shares are the best. Where they do not, it is a search: squeezers at work have equal photons, for every number of them up to K, or
each those that are best where they stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from networks.values import Value
from photonics.conventions import Real
from protocols.theory.limits.local import best_local_squeezing, best_squeezing_in_turn, each_squeezer, local_errors
from protocols.theory.limits.readout import HomodyneReadout
from protocols.theory.limits.squeezers import SqueezerLimits, photons_worthwhile
from protocols.theory.sums import error_sum

HALVINGS = 200
"""Bisections of x; beyond double precision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SqueezersInTurn(Value):
    """Squeezers that take turns among the sensors.

    Attributes
    ----------
    mse : float
        Mean squared error of q per shot: that of many shots times their number.
    mean_photons : (d,) floats >= 0
        Of the squeezer at each sensor when one is there.
    shares : (d,) floats in [0, 1]
        Of the shots in which each sensor has one.
    squeezers : int >= 0
        At work in every shot: the sum of the shares.
    is_proved : bool
        Whether no other shares or photons under these limits have a lower error, with at most one squeezer at a sensor.
    """

    mse: float
    mean_photons: tuple[float, ...]
    shares: tuple[float, ...]
    squeezers: int
    is_proved: bool


def best_squeezers_in_turn(
    readout: HomodyneReadout,
    limits: SqueezerLimits,
    squeezers: int,
    arrives: Sequence[float] | None = None,
    efficiency: Sequence[float] | None = None,
) -> SqueezersInTurn:
    """The best shares of the shots of at most so many squeezers; for parameters that stay put, unless all shares are 0 or 1.

    Parameters
    ----------
    readout : HomodyneReadout
    limits : SqueezerLimits
        Of one shot; its own ``squeezers`` does not count.
    squeezers : int >= 1
        K.
    arrives, efficiency
        As in ``best_squeezing_in_turn``.

    Returns
    -------
    SqueezersInTurn
        Never worse than one squeezer in turn, or than the best K of them that stay at their sensors.

    Examples
    --------
    Two squeezers of 3 dB among three equal sensors: each has one in two thirds of the shots.

    >>> from protocols.theory.limits.readout import homodyne_readout
    >>> limits = SqueezerLimits(mean_photons=100.0, squeezing_db=3.0)
    >>> best = best_squeezers_in_turn(homodyne_readout([1.0, 1.0, 1.0]), limits, 2)
    >>> [round(p, 6) for p in best.shares], round(best.mse, 6), best.is_proved
    ([0.666667, 0.666667, 0.666667], 1.803418, True)
    """
    gain, harm, most = each_squeezer(readout, limits, arrives, efficiency)
    useful = np.minimum(np.minimum(most, limits.mean_photons), photons_worthwhile(gain, harm))
    lit = int(np.count_nonzero(useful))
    count = min(squeezers, lit)
    one = best_squeezing_in_turn(readout, replace(limits, squeezers=min(1, count)), arrives, efficiency)
    if count <= 1:
        return SqueezersInTurn(
            mse=one.mse, mean_photons=one.mean_photons, shares=one.shares, squeezers=count, is_proved=True
        )
    brightest = float(np.sort(useful)[-count:].sum())
    if brightest <= limits.mean_photons:
        return _with(readout, useful, count, arrives, efficiency, is_proved=True)
    stay = best_local_squeezing(readout, replace(limits, squeezers=count), arrives, efficiency)
    shares = tuple(float(n > 0) for n in stay.mean_photons)
    found = [
        SqueezersInTurn(mse=one.mse, mean_photons=one.mean_photons, shares=one.shares, squeezers=1, is_proved=False),
        *(
            _with(readout, np.minimum(useful, limits.mean_photons / k), k, arrives, efficiency, is_proved=False)
            for k in range(2, count + 1)
        ),
        SqueezersInTurn(
            mse=stay.mse,
            mean_photons=stay.mean_photons,
            shares=shares,
            squeezers=round(sum(shares)),
            # With a squeezer for every sensor that is of any use nobody has to take turns: the error falls less with every photon.
            is_proved=stay.is_proved and count == lit and readout.is_steady,
        ),
    ]
    return min(found, key=lambda way: way.mse)


def _with(
    readout: HomodyneReadout,
    photons: Real,
    squeezers: int,
    arrives: Sequence[float] | None,
    efficiency: Sequence[float] | None,
    *,
    is_proved: bool,
) -> SqueezersInTurn:
    """The best shares of so many squeezers that have these photons at each sensor."""
    vacuum = readout.vacuum_errors
    alone = local_errors(readout, photons.tolist(), arrives, efficiency)
    seen = vacuum > 0
    shares = np.zeros_like(vacuum)
    rise = vacuum[seen] / alone[seen] - 1
    shares[seen] = _best_shares(vacuum[seen], rise, squeezers)
    mse = error_sum((vacuum[seen] / (1 + shares[seen] * rise)).tolist())
    return SqueezersInTurn(
        mse=mse,
        mean_photons=tuple(photons.tolist()),
        shares=tuple(shares.tolist()),
        squeezers=squeezers,
        is_proved=is_proved,
    )


def _best_shares(vacuum: Real, rise: Real, squeezers: int) -> Real:
    """p from 0 to 1 with the sum K for the least sum v/(1 + p g)."""
    useful = rise > 0
    if np.count_nonzero(useful) <= squeezers:
        return useful.astype(float)
    shares = np.zeros_like(vacuum)
    v, g = vacuum[useful], rise[useful]
    slope, start = np.sqrt(v / g), 1 / g

    def at(x: float) -> Real:
        return np.clip(x * slope - start, 0.0, 1.0)

    low, high = 0.0, float(((1 + start) / slope).max())
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if at(middle).sum() < squeezers else (low, middle)
    found = at(high)
    # The last bits of x leave a rounding of the sum.
    open_ = (found > 0) & (found < 1)
    if open_.any():
        rest = squeezers - float(found[~open_].sum())
        found[open_] = np.minimum(1.0, found[open_] * (rest / found[open_].sum()))
    shares[useful] = found
    return shares
