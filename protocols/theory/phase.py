"""Closed forms of phase sensing with exactly N photons: bounds of all probes, and two branches with loss."""

from __future__ import annotations

import math
from fractions import Fraction

from networks import LinearFunction
from protocols.theory.two_branches import branch_contrast


def phase_bound(function: LinearFunction, photons: float, passes: int) -> Fraction:
    """The least mean squared error of q for all probes of exactly N photons, entangled or not: (||alpha||_P/(N M))^2, (12).

    Parameters
    ----------
    function : LinearFunction
        Oriented, ||alpha||_P >= ||alpha||_Nn.
    photons : int or float > 0
        N; curves run over numbers in between, which are taken as the rationals that they are.
    passes : int >= 1
        M; one pass takes unit time.

    Returns
    -------
    Fraction
        In rad^2, for one shot.

    Examples
    --------
    >>> phase_bound(LinearFunction([3, 1, -2]), photons=4, passes=2)
    Fraction(1, 4)
    """
    return (function.norm_positive / (Fraction(photons) * passes)) ** 2


def heisenberg_limit(function: LinearFunction, photon_passes: float) -> float:
    """(pi ||alpha||_P/n)^2, which no scheme goes below for many photon passes n when the phase is not known beforehand.

    Parameters
    ----------
    function : LinearFunction
        Oriented.
    photon_passes : float > 0
        n, of all shots together.

    Returns
    -------
    float
        Mean squared error in rad^2, of the estimate from all shots.

    Examples
    --------
    >>> round(heisenberg_limit(LinearFunction([3, 1, -2]), 100), 6)
    0.015791
    """
    return (math.pi * float(function.norm_positive) / photon_passes) ** 2


def exact_target(function: LinearFunction, photons: float, passes: int) -> tuple[Fraction, ...]:
    """N M alpha/||alpha||_P, the photon passes that W r must give every sensor, (32) and (34); not always integers.

    Parameters
    ----------
    function : LinearFunction
        Oriented, of d coefficients.
    photons : int or float > 0
        N.
    passes : int >= 1
        M.

    Examples
    --------
    >>> exact_target(LinearFunction([2, -1]), photons=1, passes=1)
    (Fraction(1, 1), Fraction(-1, 2))
    """
    unit = Fraction(photons) * passes / function.norm_positive
    return tuple(unit * a for a in function.alpha)


def photons_carried(function: LinearFunction, photons: float, passes: int) -> tuple[tuple[float, ...], float]:
    """Photon passes of every sensor in an optimal protocol, N M alpha_j/||alpha||_P (32), and those of the reference.

    Positive ones are in the first branch, negative ones and those of the reference in the second; (32) fixes them, whichever
    columns of W are used.

    Parameters
    ----------
    function : LinearFunction
        Oriented, of d coefficients.
    photons : int or float > 0
        N.
    passes : int >= 1
        M.

    Returns
    -------
    (d,) floats, and a float >= 0
        N M (1 - ||alpha||_Nn/||alpha||_P) is what is left to the reference.

    Examples
    --------
    >>> photons_carried(LinearFunction([3, 1, -2]), photons=4, passes=2)
    ((6.0, 2.0, -4.0), 4.0)
    """
    target = exact_target(function, photons, passes)
    return tuple(map(float, target)), float(sum(target))


def two_branch_mse(bound: float, log_first: float, log_second: float) -> float:
    """The error of a two-branch probe with the best weights: that without loss over 4AB/(sqrt A + sqrt B)^2.

    Parameters
    ----------
    bound : float
        The error without loss.
    log_first, log_second : float
        Logarithms of the survival probabilities A and B of the branches.

    Returns
    -------
    float
        Infinite where the survival is below numerical precision.

    Examples
    --------
    >>> round(two_branch_mse(1.0, math.log(0.25), 0.0), 12)
    2.25
    """
    return over_contrast(bound, branch_contrast(log_first, log_second))


def over_contrast(mse: float, contrast: float) -> float:
    """An error without loss over the share of the information that loss leaves; infinite when that is zero.

    Parameters
    ----------
    mse : float
        Without loss.
    contrast : float
        In [0, 1].
    """
    return mse / contrast if contrast else math.inf
