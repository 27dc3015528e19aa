"""Closed forms of phase sensing with exactly N photons: bounds of all probes, and two branches with loss."""

from __future__ import annotations

import math
from collections.abc import Sequence
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


def gaussian_bound(function: LinearFunction, mean_photons: float, passes: int) -> float:
    """||alpha||_1^2/(8 nbar (nbar + 1) M^2), pure Gaussian light with nbar photons in every shot.

    docs/theory/theory.md, section 2.

    Parameters
    ----------
    function : LinearFunction
        Of the phases of single modes: both arms of interferometers (``networks.arms.function_by_arms``).
    mean_photons : float > 0
        nbar, of all modes that count.
    passes : int >= 1
        M; one pass takes unit time.

    Returns
    -------
    float
        In rad^2, for one shot.

    Examples
    --------
    >>> round(gaussian_bound(LinearFunction(["1/4"] * 4), mean_photons=3.0, passes=1), 10)
    0.0104166667
    """
    whole = float(function.norm_positive + function.norm_negative)
    return (whole / passes) ** 2 / (8 * mean_photons * (mean_photons + 1))


def heisenberg_limit(function: LinearFunction, photon_passes: float) -> float:
    """(pi ||alpha||_P/n)^2, the asymptote for many photon passes n of ``holevo_floor``; at small n it is no bound.

    One photon in one coherent run reaches 3 ||alpha||_P^2, where this says 9.87 ||alpha||_P^2.

    Parameters
    ----------
    function : LinearFunction
        Oriented.
    photon_passes : float > 0
        n, of all shots together.

    Returns
    -------
    float
        In rad^2, of the estimate from all shots.

    Examples
    --------
    >>> round(heisenberg_limit(LinearFunction([3, 1, -2]), 100), 6)
    0.015791
    """
    return (math.pi * float(function.norm_positive) / photon_passes) ** 2


def holevo_floor(function: LinearFunction, photon_passes: float, period: float | None = None) -> float:
    """The least Holevo variance of q from n photon passes when nothing is known of it: (||alpha||_P/L)^2 tan^2(pi/([n/L] + 2)).

    It bounds one coherent run in which all n photon passes may be entangled and are measured together, on average over q
    uniform in its period P = 2 pi ||alpha||_P/L; shots one after the other, adaptive ones too, are such runs. Along
    theta_j = q/||alpha||_P on the positive coefficients the generator has the n + 1 eigenvalues 0 ... n; amplitudes c_k on
    them give a mean of exp(i L error/||alpha||_P) of at most sum c_k c_{k+L}, and the largest eigenvalue of that form is
    cos(pi/([n/L] + 2)). Every n is meant, not only large ones. The Holevo variance is
    (P/2 pi)^2 (|<exp(2 pi i error/P)>|^-2 - 1); errors taken modulo P have a mean square of at least
    (P/2 pi)^2 2 (1 - cos(pi/([n/L] + 2))) on that average.

    Parameters
    ----------
    function : LinearFunction
        Oriented.
    photon_passes : float > 0
        n, of all shots together.
    period : float > 0, optional
        P in rad; 2 pi ||alpha||_P when left out, where L = 1.

    Returns
    -------
    float
        In rad^2; infinite when fewer than L photon passes tell nothing of q in this period.

    Examples
    --------
    One photon and a reference: (|0> + |1>)/sqrt 2 has the mean 1/2.

    >>> one = LinearFunction([1])
    >>> round(holevo_floor(one, 1), 12), round(holevo_floor(one, 1000) / heisenberg_limit(one, 1000), 3)
    (3.0, 0.996)
    """
    unit = float(function.norm_positive) if period is None else period / (2 * math.pi)
    # Whole steps of L; rounding of the period must not cost one.
    steps = math.floor(photon_passes * unit / float(function.norm_positive) * (1 + 1e-12))
    return math.inf if steps < 1 else (unit * math.tan(math.pi / (steps + 2))) ** 2


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


def branch_survival(
    function: LinearFunction, transmissivity: Sequence[float], reference: float | None, photons: float, passes: int
) -> tuple[float, float]:
    """Logarithms of the survival of both branches of any optimal two-branch protocol; (32) fixes what each mode carries.

    Parameters
    ----------
    function : LinearFunction
        Oriented, of d coefficients.
    transmissivity : (d,) floats in (0, 1]
        Of every sensor, after each pass.
    reference : float or None
        Of the reference.
    photons : float > 0
        N.
    passes : int >= 1
        M.

    Examples
    --------
    >>> [round(math.exp(log), 12) for log in branch_survival(LinearFunction([1, 1]), [0.5, 0.8], 0.9, 2, 1)]
    [0.4, 0.81]
    """
    carried, spare = photons_carried(function, photons, passes)
    logs = [(n, n * math.log(eta)) for n, eta in zip(carried, transmissivity, strict=True)]
    own = spare * math.log(reference) if spare and reference is not None else 0.0
    return math.fsum(log for n, log in logs if n > 0), math.fsum([*(-log for n, log in logs if n < 0), own])


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
