"""Chances of squeezers pumped by one laser to give exactly two photons, and how strongly to pump them.

Squeezed vacua with tanh r_k = sqrt(x v_k), sum v_k = 1, hold exactly two photons in all with probability
P_2 = (x/2) prod_k sqrt(1 - x v_k), and then they are sum_k sqrt(v_k) |2 in k>, whatever the pump x.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

HERALDED_PHOTON = 0.25
"""The most probable that a two-mode squeezed vacuum holds exactly one pair: t^2 (1 - t^2) at t^2 = tanh(r)^2 = 1/2."""


def two_photon_chance(values: Sequence[float], pump: float) -> float:
    """P_2 = (x/2) prod_k sqrt(1 - x v_k).

    Parameters
    ----------
    values : (K,) floats > 0
        v_k, with the sum 1.
    pump : float in [0, 1/max v_k)
        x.

    Examples
    --------
    >>> two_photon_chance([0.5, 0.5], 1.0)
    0.25
    """
    return pump / 2 * math.exp(math.fsum(math.log1p(-pump * v) for v in values) / 2)


def more_photons_chance(values: Sequence[float], pump: float) -> float:
    """Probability of four or more photons, 1 - (1 + x/2) prod_k sqrt(1 - x v_k).

    Parameters
    ----------
    values : (K,) floats > 0
        v_k, with the sum 1.
    pump : float in [0, 1/max v_k)
        x.

    Examples
    --------
    >>> round(more_photons_chance([0.5, 0.5], 1.0), 12)
    0.25
    """
    log_vacuum = math.fsum(math.log1p(-pump * v) for v in values) / 2
    return -math.expm1(log_vacuum + math.log1p(pump / 2))


def best_pump(values: Sequence[float]) -> float:
    """The x at which P_2 is largest: 1/x = sum_k v_k/(1 - x v_k)/2; 2 K/(K + 2) where all v_k are equal.

    Parameters
    ----------
    values : (K,) floats > 0
        v_k, with the sum 1.

    Examples
    --------
    >>> round(best_pump([0.25] * 4), 12)
    1.333333333333
    >>> round(two_photon_chance([0.25] * 4, best_pump([0.25] * 4)), 12) == round(8 / 27, 12)
    True
    """

    def slope(x: float) -> float:
        # x times the derivative of ln P_2, which falls from 1 to minus infinity.
        return 1 - math.fsum(x * v / (1 - x * v) for v in values) / 2

    low, high = 0.0, 1 / max(values)
    for _ in range(200):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return low
