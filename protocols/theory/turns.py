"""Strategies that take turns over the shots, and superposed strings: which photons, which shares, and the closed forms.

All of them write q as a sum of terms c_k (theta_i - theta_k), i a sensor with a positive coefficient, k one with a negative
coefficient or the reference, whose parameter is 0. Static parameters only, where shots are shared out.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from networks import LinearFunction
from networks.values import Value
from protocols.theory.least import least_whole_number
from protocols.theory.sums import error_sum, squared
from protocols.theory.task import PhaseTask, SensedPhases
from protocols.theory.two_branches import log_branch_contrast

LEAST_SHARE = sys.float_info.min
"""Of the shots: the share of a turn beside others that are so dark that floating point would give it none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair(Value):
    """A term c (theta_i - theta_k) of q.

    Attributes
    ----------
    positive : int
        i, a sensor from 0 to d - 1.
    negative : int or None
        k, a sensor; None for the reference.
    weight : Fraction > 0
        c.
    """

    positive: int
    negative: int | None
    weight: Fraction


def pairs_of(function: LinearFunction, sites: Sequence[Sequence[int]] = ()) -> tuple[Pair, ...]:
    """An oriented q as a sum of terms c_k (theta_i - theta_k) with sum c_k = ||alpha||_P; at most ||alpha||_0 of them.

    The positive and the negative coefficients, in order, are laid beside each other as lengths on one line; where one of both
    ends a pair ends. The graph of the pairs has no circle, so each phase difference is measured by one pair alone.

    Parameters
    ----------
    function : LinearFunction
        Oriented.
    sites : sequences of int, optional
        Those of two sensors are the arms of one interferometer, with opposite coefficients: they are a pair, and come first.

    Examples
    --------
    >>> [(pair.positive, pair.negative, str(pair.weight)) for pair in pairs_of(LinearFunction([1, 2, -2]))]
    [(0, 2, '1'), (1, 2, '1'), (1, None, '1')]
    >>> [(pair.positive, pair.negative) for pair in pairs_of(LinearFunction([-1, 1, 2, -2]), [(0, 1), (2, 3)])]
    [(1, 0), (2, 3)]
    """
    within = [
        Pair(positive=first, negative=second, weight=function.alpha[first])
        for first, second in ((site if function.alpha[site[0]] > 0 else site[::-1]) for site in sites if len(site) == 2)
        if function.alpha[first]
    ]
    paired = {j for pair in within for j in (pair.positive, pair.negative)}
    rest = [(j, a) for j, a in enumerate(function.alpha) if j not in paired]
    return (
        *within,
        *(_pairs_in_order(rest, function.norm_positive - function.norm_negative) if any(a for _, a in rest) else ()),
    )


def _pairs_in_order(coefficients: Sequence[tuple[int, Fraction]], spare: Fraction) -> tuple[Pair, ...]:
    positive = [(j, a) for j, a in coefficients if a > 0]
    negative: list[tuple[int | None, Fraction]] = [(j, -a) for j, a in coefficients if a < 0]
    if spare:
        negative.append((None, spare))
    pairs: list[Pair] = []
    i, k = 0, 0
    left, right = positive[0][1], negative[0][1]
    while True:
        weight = min(left, right)
        pairs.append(Pair(positive=positive[i][0], negative=negative[k][0], weight=weight))
        left, right = left - weight, right - weight
        if not left:
            i += 1
            if i == len(positive):
                return tuple(pairs)
            left = positive[i][1]
        if not right:
            k += 1
            right = negative[k][1]


def string_weights(task: SensedPhases) -> tuple[tuple[float, ...], float]:
    """|alpha_j| of every sensor and |sum alpha_j| of the reference: what the strings with all photons in one mode count.

    Parameters
    ----------
    task : PhaseTask
        Of an oriented function.
    """
    spare = float(task.function.norm_positive - task.function.norm_negative)
    return tuple(abs(a) for a in task.alpha), spare


def log_populations(task: SensedPhases, photon_passes: float) -> list[float]:
    """Logarithms of |alpha_j| eta_j^(-n/2) of the sensors with a coefficient, and of the reference where it is needed.

    Parameters
    ----------
    task : PhaseTask
        Of an oriented function.
    photon_passes : float > 0
        n, the photons of a string times the passes.
    """
    weights, spare = string_weights(task)
    logs = [
        math.log(w) - photon_passes * math.log(eta) / 2
        for w, eta in zip(weights, task.transmissivity, strict=True)
        if w
    ]
    if spare:
        logs.append(math.log(spare) - photon_passes * math.log(task.arm) / 2)
    return logs


def superposed_mse(task: PhaseTask, photons: float) -> float:
    """((sum |alpha_j| eta_j^(-n/2) + |sum alpha_j| eta_0^(-n/2))/(2 n))^2, n the photons times the passes.

    What superposed strings reach with populations along |alpha_j| eta_j^(-n/2), and pairs in turn with the same photons and
    shares along their weights (docs/theory/theory.md, section 7). Without loss it is (12); with one photon it is the shot noise.

    Parameters
    ----------
    task : PhaseTask
        Of an oriented function.
    photons : float > 0

    Returns
    -------
    float
        In rad^2, for one shot; infinite where it exceeds floating point.

    Examples
    --------
    >>> task = PhaseTask(function=LinearFunction([1, 1, -1]), transmissivity=(1.0,) * 3, reference=1.0, photons=5)
    >>> round(superposed_mse(task, 5), 12)
    0.16
    """
    n = photons * task.passes
    if task.is_lossless:
        return float((task.function.norm_positive / (Fraction(photons) * task.passes)) ** 2)
    return _exp(2 * (_log_sum(log_populations(task, n)) - math.log(2 * n)))


def best_photons(log_error: Sequence[tuple[float, float]], photons: int) -> int:
    """The n from 1 to N that minimises sum exp(a + b n)/n, with b >= 0: the photons worth sending with losses.

    Parameters
    ----------
    log_error : pairs (a, b)
        Logarithm of each term at n = 0, and how fast the losses of one photon make it grow.
    photons : int >= 1
        N.

    Notes
    -----
    exp(b n)/n is convex, and so is the sum: it falls, and then rises.

    Examples
    --------
    >>> best_photons([(0.0, 0.1)], 100), best_photons([(0.0, 0.0)], 100)
    (10, 100)
    """

    def log_at(n: int) -> float:
        return _log_sum([a + b * n for a, b in log_error]) - math.log(n)

    # Without loss the error falls to the last photon, whose gain may be below rounding.
    return photons if all(b == 0 for _, b in log_error) else least_whole_number(log_at, photons)


def string_populations(task: SensedPhases) -> tuple[float, ...]:
    """Populations of the strings with all N photons in one mode, ~ |alpha_j| eta_j^(-n/2), n = N M.

    Parameters
    ----------
    task : PhaseTask
        Of an oriented function.

    Returns
    -------
    (d + 1,) floats
        Of the sensors, then of the reference, with the sum 1; 0 for sensors without a coefficient, and for the reference of a
        balanced function.

    Examples
    --------
    >>> task = PhaseTask(function=LinearFunction([2, 1, -1]), transmissivity=(1.0,) * 3, reference=1.0, photons=5)
    >>> [round(p, 9) for p in string_populations(task)]
    [0.333333333, 0.166666667, 0.166666667, 0.333333333]
    """
    return _populations(task, task.photons * task.passes)


def coherent_populations(task: SensedPhases) -> tuple[float, ...]:
    """The best shares of coherent light over sensors and reference, ~ |alpha_j| eta_j^(-M/2): those of strings of one photon.

    Parameters
    ----------
    task : PhaseTask
        Of an oriented function.

    Returns
    -------
    (d + 1,) floats
        As of ``string_populations``.

    Examples
    --------
    >>> task = PhaseTask(function=LinearFunction([1, 1]), transmissivity=(0.25, 1.0), reference=1.0, photons=5)
    >>> coherent_populations(task)
    (0.4, 0.2, 0.4)
    """
    return _populations(task, task.passes)


def _populations(task: SensedPhases, photon_passes: float) -> tuple[float, ...]:
    weights, spare = string_weights(task)
    shares = iter(_shares(log_populations(task, photon_passes)))
    return tuple(next(shares) if w else 0.0 for w in (*weights, spare))


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteTurn(Value):
    """The turn of one sensor.

    Attributes
    ----------
    mode : int
        The sensor, or the arm with the positive coefficient, from 0 to d - 1.
    other : int or None
        The other arm, of a sensor with two; None for a reference arm of its own.
    photons : int
        n_j <= N, the best for its losses.
    error : float
        Root of the mean squared error of alpha_j theta_j if all shots were its own.
    share : float
        Of the shots, error over the sum of all errors.
    """

    mode: int
    other: int | None = None
    photons: int
    error: float
    share: float


def site_turns(task: PhaseTask) -> tuple[SiteTurn, ...]:
    """The turns of all sites that q depends on: between both arms, or a sensor and an arm of the reference's transmissivity.

    Parameters
    ----------
    task : PhaseTask
        Of an oriented function.

    Examples
    --------
    >>> task = PhaseTask(function=LinearFunction([3, 1]), transmissivity=(1.0, 1.0), reference=1.0, photons=4)
    >>> [(turn.photons, round(turn.error, 12), round(turn.share, 12)) for turn in site_turns(task)]
    [(4, 0.75, 0.75), (4, 0.25, 0.25)]
    """
    probes, photons, logs = [], [], []
    for probe in task.own_probes:
        a = task.alpha[probe[0]]
        if not a:
            continue
        survive = [task.passes * math.log(eta) for eta in task.probe_transmissivity(probe)]
        n = best_photons([(0.0, -log / 2) for log in survive], int(task.photons))
        probes.append(probe)
        photons.append(n)
        contrast = log_branch_contrast(*(n * log for log in survive))
        logs.append(math.log(abs(a) / (n * task.passes)) - contrast / 2)
    return tuple(
        SiteTurn(mode=mode, other=other, photons=n, error=_exp(log), share=share)
        for (mode, other), n, log, share in zip(probes, photons, logs, _shares(logs), strict=True)
    )


def sites_mse(turns: Sequence[SiteTurn]) -> float:
    """The square of the sum of all errors: what turns reach whose shares are along their errors.

    Parameters
    ----------
    turns : sequence of SiteTurn

    Returns
    -------
    float
        In rad^2, for one shot; infinite where it exceeds floating point.
    """
    return squared(error_sum(turn.error for turn in turns))


@dataclass(frozen=True, slots=True, kw_only=True)
class PairTurn(Value):
    """The turn of one pair.

    Attributes
    ----------
    pair : Pair
    photons : int
        n <= N, the same for all pairs.
    share : float
        Of the shots.
    """

    pair: Pair
    photons: int
    share: float


def pair_photons(task: PhaseTask) -> int:
    """The n <= N at which ``superposed_mse`` is least: N without loss, fewer where more photons would increase the error.

    Parameters
    ----------
    task : PhaseTask
        Of an oriented function.
    """
    rates = [-math.log(eta) * task.passes / 2 for a, eta in zip(task.alpha, task.transmissivity, strict=True) if a]
    if string_weights(task)[1]:
        rates.append(-math.log(task.arm) * task.passes / 2)
    return best_photons(list(zip(log_populations(task, 0), rates, strict=True)), int(task.photons))


def pair_turns(task: PhaseTask) -> tuple[PairTurn, ...]:
    """The pairs of q with their shares of the shots, ~ c_k (eta_i^(-n/2) + eta_k^(-n/2)).

    Parameters
    ----------
    task : PhaseTask
        Of an oriented function.

    Examples
    --------
    >>> task = PhaseTask(function=LinearFunction([3, -1]), transmissivity=(1.0, 1.0), reference=1.0, photons=4)
    >>> [(turn.pair.negative, round(turn.share, 9)) for turn in pair_turns(task)]
    [(1, 0.333333333), (None, 0.666666667)]
    """
    photons = pair_photons(task)
    n = photons * task.passes
    pairs = pairs_of(task.function, task.sites)
    logs = []
    for pair in pairs:
        ends = (
            task.transmissivity[pair.positive],
            task.arm if pair.negative is None else task.transmissivity[pair.negative],
        )
        logs.append(math.log(pair.weight) + _log_sum([-n * math.log(eta) / 2 for eta in ends]))
    return tuple(
        PairTurn(pair=pair, photons=photons, share=share) for pair, share in zip(pairs, _shares(logs), strict=True)
    )


def _shares(logs: Sequence[float]) -> list[float]:
    """exp(log) of each, over the sum of all."""
    top = max(logs)
    sizes = [math.exp(log - top) for log in logs]
    total = math.fsum(sizes)
    return [max(LEAST_SHARE, size / total) for size in sizes]


def _exp(log: float) -> float:
    return math.exp(log) if log < 700 else math.inf


def _log_sum(logs: Sequence[float]) -> float:
    top = max(logs)
    return top + math.log(math.fsum(math.exp(log - top) for log in logs))
