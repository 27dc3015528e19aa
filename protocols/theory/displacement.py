"""Closed forms of displacement sensing: exact at any mean photon number, with loss. No states are made here."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from networks import LinearFunction
from networks.values import Value
from protocols.theory.sums import error_sum, squared

_STEPS = 100
_ENOUGH = 1e-15
"""Steps of log y, relative, below which Newton's method has arrived."""


def displacement_gain(mean_photons: float) -> float:
    """f(nbar) = (sqrt nbar + sqrt(nbar + 1))^2 = e^{2r}: the most information on a displacement, BEGG (59).

    Parameters
    ----------
    mean_photons : float >= 0
        nbar.

    Examples
    --------
    >>> round(displacement_gain(1.0), 12)
    5.828427124746
    """
    return (math.sqrt(mean_photons) + math.sqrt(mean_photons + 1)) ** 2


def displacement_bound(function: LinearFunction, mean_photons: float, passes: int) -> float:
    """The least mean squared error of q for all probes of nbar photons on average: ||alpha||_2^2/(M^2 f(nbar)), (15).

    Exact at this nbar; its leading term for large nbar is that of (15) (docs/theory/theory.md, section 2).

    Parameters
    ----------
    function : LinearFunction
    mean_photons : float >= 0
        nbar.
    passes : int >= 1
        M; one pass takes unit time.

    Returns
    -------
    float
        For one shot, without loss.

    Examples
    --------
    >>> round(displacement_bound(LinearFunction([1, 1]), 1.0, 1), 12)
    0.343145750508
    """
    return float(function.norm_2_squared) / (passes**2 * displacement_gain(mean_photons))


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotonSplit(Value):
    """The best split of nbar photons over separate squeezed modes.

    Attributes
    ----------
    mean_photons : (d,) floats >= 0
    variance : float
        sum alpha_j^2/f(n_j) that it reaches.
    """

    mean_photons: tuple[float, ...]
    variance: float


def best_separable_split(alpha: Sequence[float], mean_photons: float) -> PhotonSplit:
    """Minimise sum alpha_j^2/f(n_j) over n_j >= 0 with sum n_j = nbar (docs/theory/theory.md, section 2).

    The problem is convex; its optimum has exp(4 r_j) = 1 + 4 s_j y with n_j = sinh(r_j)^2, s_j = alpha_j^2 over the largest of
    them, and y > 0 such that the photons add up. With w_j = sqrt(1 + 4 s_j y) this is n_j = 4 (s_j y)^2/(w_j (1 + w_j)^2), and
    d n_j/d log y = 2 (s_j y)^2/w_j^3.

    Parameters
    ----------
    alpha : (d,) floats
    mean_photons : float > 0
        nbar.

    Examples
    --------
    >>> best_separable_split([1.0], 1.0).variance == 1 / displacement_gain(1.0)
    True
    """
    photons = best_separable_photons(alpha, mean_photons)
    largest = max(abs(a) for a in alpha)
    if not largest:
        return PhotonSplit(mean_photons=tuple(photons), variance=0.0)
    squares = [(a / largest) ** 2 for a in alpha]
    variance = largest**2 * math.fsum(s / displacement_gain(n) for s, n in zip(squares, photons, strict=True))
    return PhotonSplit(mean_photons=tuple(photons), variance=variance)


def best_separable_photons(alpha: Sequence[float], mean_photons: float) -> list[float]:
    """The photons of ``best_separable_split`` alone, for searches that take many.

    Parameters
    ----------
    alpha : (d,) floats
    mean_photons : float > 0
        nbar.

    Returns
    -------
    (d,) floats

    Examples
    --------
    >>> [round(n, 12) for n in best_separable_photons([1.0, -1.0], 3.0)]
    [1.5, 1.5]
    """
    largest = max(abs(a) for a in alpha)
    if not largest:
        # Nothing of the light is seen, so it does not matter where it goes.
        return [mean_photons / len(alpha)] * len(alpha)
    squares = [(a / largest) ** 2 for a in alpha]
    y = _photon_multiplier(squares, mean_photons)
    of_each = {s: _photons_at(s * y) for s in set(squares)}
    split = [of_each[s] for s in squares]
    # The last bits of y leave a rounding of the total; it goes to all modes alike.
    total = math.fsum(split)
    return [n * mean_photons / total for n in split]


def _photons_at(x: float) -> float:
    """sinh(r)^2 for exp(4 r) = 1 + 4 x, without cancellation."""
    w = math.sqrt(1 + 4 * x)
    return (2 * x / (1 + w)) ** 2 / w


def _photon_multiplier(squares: Sequence[float], mean_photons: float) -> float:
    """y at which the photons of all modes add up to nbar, to rounding; the largest of the squares must be 1.

    Newton's method for log(sum n_j) as a function of log y, whose slope stays between 1/2 and 2, inside a bracket: the light of
    d modes as good as the best needs less, that of the best alone more. Four or five steps do where a bisection takes sixty.
    """
    # Of one mode alone: 4 y = exp(4 r) - 1.
    each = mean_photons / len(squares) or mean_photons
    low, high = (math.log(math.expm1(4 * math.asinh(math.sqrt(n))) / 4) for n in (each, mean_photons))
    goal, at = math.log(mean_photons), (low + high) / 2
    # Modes that are alike are worked out once.
    alike = Counter(squares).items()
    for _ in range(_STEPS):
        total = slope = 0.0
        y = math.exp(at)
        for s, number in alike:
            x = s * y
            w = math.sqrt(1 + 4 * x)
            total += number * ((2 * x / (1 + w)) ** 2 / w)
            slope += number * (2 * x * x / w**3)
        if not slope:
            # Fewer photons than a double can tell from none.
            return math.exp(high)
        excess = math.log(total) - goal
        low, high = (low, at) if excess > 0 else (at, high)
        then = at - excess * total / slope
        if abs(then - at) <= _ENOUGH * max(1.0, abs(at)):
            return math.exp(then)
        at = then if low < then < high else (low + high) / 2
    return math.exp(at)


def pass_gain(transmissivity: float, passes: int) -> float:
    """How far x has moved per unit theta after M passes with loss after each: sum of eta^(m/2), m = 1 ... M.

    Parameters
    ----------
    transmissivity : float
        eta in (0, 1], of one pass.
    passes : int >= 1
        M.

    Examples
    --------
    >>> pass_gain(1.0, 3), round(pass_gain(0.25, 2), 12)
    (3.0, 0.75)
    """
    if transmissivity == 1:
        return float(passes)
    # A geometric sum, without cancellation near 1.
    log_root = math.log(transmissivity) / 2
    return math.exp(log_root) * math.expm1(passes * log_root) / math.expm1(log_root)


def signal_weights(
    alpha: Sequence[float], transmissivity: Sequence[float], passes: int, gains: Sequence[float] | None = None
) -> list[float]:
    """z_j = alpha_j eta_j^{M/2}/g_j: the share of the light's own x at mode j in the estimate of q.

    It is alpha itself for a single pass, whatever the losses, and along alpha for equal losses (docs/theory/theory.md, section 6).

    Parameters
    ----------
    alpha, transmissivity : (d,) floats, transmissivities in (0, 1], of one pass
    passes : int >= 1
        M.
    gains : (d,) floats, optional
        The g_j where they are known already.
    """
    known = _gains(transmissivity, passes, gains)
    return [a * eta ** (passes / 2) / g for a, eta, g in zip(alpha, transmissivity, known, strict=True)]


def _gains(transmissivity: Sequence[float], passes: int, gains: Sequence[float] | None) -> Sequence[float]:
    return [pass_gain(eta, passes) for eta in transmissivity] if gains is None else gains


def entangled_mse(
    alpha: Sequence[float],
    transmissivity: Sequence[float],
    r: float,
    passes: int,
    split: Sequence[float] | None = None,
) -> float:
    """MSE of one squeezed vacuum split with amplitudes u, x homodyne on each mode, linear estimator.

    With c_j = alpha_j/g_j, g_j = pass_gain(eta_j, M), and z = ``signal_weights``, the measured variance is the vacuum let in by
    loss, the vacuum of the modes orthogonal to u, and the squeezed light along u:
    sum c_j^2 (1 - eta_j^M) + |z - u (u.z)|^2 + e^{-2r} (u.z)^2; every term is positive, so nothing cancels. It is least for
    u along z, which is the default; no light of the same mean photon number has a smaller z^T Var(x) z (docs/theory/theory.md,
    section 6). At M = 1 and equal eta this is ||alpha||_2^2 (e^{-2r} + (1 - eta)/eta).

    Parameters
    ----------
    alpha, transmissivity : (d,) floats, transmissivities in (0, 1], of one pass
    r : float >= 0
        Squeezing.
    passes : int >= 1
        M.
    split : (d,) floats, optional
        Along u, of any norm; z when left out.

    Examples
    --------
    >>> round(entangled_mse([1.0, 1.0], [0.5, 0.5], 0.5, 1), 12) == round(2 * (math.exp(-1.0) + 1.0), 12)
    True
    >>> entangled_mse([1.0, 1.0], [0.9, 0.3], 1.0, 2) < entangled_mse([1.0, 1.0], [0.9, 0.3], 1.0, 2, split=[1.0, 1.0])
    True
    """
    z = signal_weights(alpha, transmissivity, passes)
    toward = z if split is None else split
    norm = math.sqrt(error_sum(v * v for v in toward))
    u = [v / norm for v in toward] if norm else [0.0 for _ in toward]
    along = math.fsum(uj * zj for uj, zj in zip(u, z, strict=True))
    loss = loss_noise(alpha, transmissivity, passes)
    across = 0.0 if split is None else error_sum(squared(zj - uj * along) for uj, zj in zip(u, z, strict=True))
    return loss + across + math.exp(-2 * r) * squared(along)


def loss_noise(
    alpha: Sequence[float], transmissivity: Sequence[float], passes: int, gains: Sequence[float] | None = None
) -> float:
    """sum c_j^2 (1 - eta_j^M), c_j = alpha_j/g_j: what the vacuum that losses let in adds to the error, whatever the light.

    Parameters
    ----------
    alpha, transmissivity : (d,) floats, transmissivities in (0, 1], of one pass
    passes : int >= 1
        M.
    gains : (d,) floats, optional
        The g_j where they are known already.
    """
    known = _gains(transmissivity, passes, gains)
    return error_sum(
        squared(a / g) * lost_share(eta, passes) for a, eta, g in zip(alpha, transmissivity, known, strict=True)
    )


def lost_share(transmissivity: float, passes: int) -> float:
    """1 - eta^M, without cancellation near eta = 1.

    Parameters
    ----------
    transmissivity : float
        eta in (0, 1], of one pass.
    passes : int >= 1
        M.
    """
    return -math.expm1(passes * math.log(transmissivity))


def separable_mse(
    alpha: Sequence[float], transmissivity: Sequence[float], mean_photons: Sequence[float], passes: int
) -> float:
    """MSE of one squeezed vacuum in each mode, x homodyne on each, linear estimator (docs/theory/theory.md, section 6).

    Parameters
    ----------
    alpha, transmissivity : (d,) floats, transmissivities in (0, 1], of one pass
    mean_photons : (d,) floats >= 0
    passes : int >= 1
        M.
    """
    terms = []
    for a, eta, n in zip(alpha, transmissivity, mean_photons, strict=True):
        variance = lost_share(eta, passes) + eta**passes / displacement_gain(n)
        terms.append(squared(a / pass_gain(eta, passes)) * variance)
    return error_sum(terms)
