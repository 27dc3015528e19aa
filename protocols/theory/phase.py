"""Closed forms of phase sensing with exactly N photons: the bound of all probes, and what loss leaves of two branches."""

from __future__ import annotations

import math
from fractions import Fraction

from networks import LinearFunction
from protocols.theory.two_branches import branch_contrast


def phase_bound(function: LinearFunction, photons: int, passes: int) -> Fraction:
    """The least mean squared error of q for all probes of exactly N photons, entangled or not: (||alpha||_P/(N M))^2, (12).

    Parameters
    ----------
    function : LinearFunction
        Oriented, ||alpha||_P >= ||alpha||_Nn.
    photons, passes : int >= 1
        N and M; one pass takes unit time.

    Returns
    -------
    Fraction
        In rad^2, for one shot.

    Examples
    --------
    >>> phase_bound(LinearFunction([3, 1, -2]), photons=4, passes=2)
    Fraction(1, 4)
    """
    return (function.norm_positive / (photons * passes)) ** 2


def two_branch_mse(bound: float, log_first: float, log_second: float) -> float:
    """What loss leaves of a two-branch probe with the best weights: its error without loss over 4AB/(sqrt A + sqrt B)^2.

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
    """An error without loss over the share of the information that loss leaves; infinite when that is zero."""
    return mse / contrast if contrast else math.inf
