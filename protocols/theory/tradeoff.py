"""Displacement sensing with at most k entangled modes in a pass: the least error, and the groups of modes that reach it.

Light that is a product of groups of at most k modes in every pass, with nbar photons on average, has along a vector b at most
F(b) = t^2 h(b), h(b) = max sum over groups of |b_G|^2 f(n_G) with sum n_G = nbar, whatever the controls between passes: a group's
mode along b_G holds at most n_G photons, and standard deviations add over passes. So the error of q is at least
(alpha . b)^2/(t^2 h(b)) for every b. Probes in turn over the shots reach the best of these bounds (docs/theory/theory.md, section
5): it is the least sum alpha_j^2/(t^2 w_j) over the mean information w that groups in turn can give. As nbar grows it becomes
||alpha||_(k)^2/(4 nbar t^2), ||alpha||_(k) the k-support norm (Argyriou, Foygel and Srebro 2012), which goes from ||alpha||_1 at k
= 1 to ||alpha||_2 at k = d."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from networks import InputError, LinearFunction
from networks.errors import short_repr
from networks.values import Value
from protocols.documents.printed import Printed
from protocols.theory.displacement import best_separable_split, displacement_gain

MAX_GROUPED_SENSORS = 16
"""Up to this many sensors with a coefficient every k is listed, with its groups; beyond, k = 1, its doublings, and all."""
_STEPS = 100
_LEAST_STEPS = 10
"""Steps for few sensors, and for a thousand, where each takes a millisecond."""
_ENOUGH = 1e-9
"""Relative distance between the error that turns reach and the bound on all probes at which the search for it ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntangledGroup(Value, Printed):
    """Modes that share one squeezed vacuum with all photons, for a share of the shots or of the sensing time.

    Attributes
    ----------
    share : Fraction
        In (0, 1]; those of all groups add up to 1.
    amplitudes : (d,) tuple of Fraction
        The split of the squeezed vacuum, before it is normalised; zero outside the group.
    """

    share: Fraction
    amplitudes: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeoffRow(Value, Printed):
    """The least error of displacement sensing with at most k entangled modes in a pass.

    Attributes
    ----------
    modes : int
        k.
    norm_squared : Fraction
        The squared k-support norm of alpha: the error in units of 1/(4 nbar t^2), to leading order in nbar, with probes in turn
        over the shots or free times within a shot.
    leading_mse : float or None
        That error; None without nbar.
    mse, bound : float or None
        What turns over the shots reach at this nbar, and what no probes and controls with this k go below; they differ by what
        the search left open, 1e-9 of the value as a rule. No ``mse`` without nbar or where there are no turns.
    one_probe_norm_squared, one_probe_mse : float, float or None
        The same for one probe in every shot without controls, which can use disjoint groups only.
    groups : tuple of EntangledGroup or None
        Groups in turn that reach ``norm_squared``, with error norm_squared/(t^2 f(nbar)); None for more sensors than are listed.
    """

    modes: int
    norm_squared: Fraction
    leading_mse: float | None
    mse: float | None
    bound: float | None
    one_probe_norm_squared: float
    one_probe_mse: float | None
    groups: tuple[EntangledGroup, ...] | None


def k_support_norm_squared(function: LinearFunction, modes: int) -> Fraction:
    """The squared k-support norm of alpha, exactly: (least sum of ||v||_2 over vectors v of at most k entries with sum alpha)^2.

    Parameters
    ----------
    function : LinearFunction
    modes : int >= 1
        k; above the number of non-zero coefficients it is ||alpha||_2^2.

    Examples
    --------
    >>> [str(k_support_norm_squared(LinearFunction([3, -1, "1/2"]), k)) for k in (1, 2, 3)]
    ['81/4', '45/4', '41/4']
    """
    sizes = _sizes(function)
    kept, shared = _kept_and_shared(sizes, modes)
    rest = sum(sizes[kept:], Fraction(0))
    return sum((a * a for a in sizes[:kept]), Fraction(0)) + rest * rest / shared


def entangled_groups(function: LinearFunction, modes: int) -> tuple[EntangledGroup, ...]:
    """Groups of at most k modes, each with its share of shots or time, that reach the k-support norm.

    The largest coefficients belong to every group; the others take the places that are left in turn, each as often as its
    coefficient is large. Within one shot, one squeezed vacuum that is handed from group to group in these shares of the time
    has the error norm^2/(t^2 f(nbar)); turns over the shots are at least as good.

    Parameters
    ----------
    function : LinearFunction
        d coefficients.
    modes : int >= 1
        k.

    Examples
    --------
    >>> for group in entangled_groups(LinearFunction([3, -1, "1/2"]), 2):
    ...     print(group.share, *group.amplitudes)
    2/3 3 -3/2 0
    1/3 3 0 3/2
    """
    alpha = function.alpha
    order = sorted((j for j, a in enumerate(alpha) if a), key=lambda j: -abs(alpha[j]))
    kept, shared = _kept_and_shared([abs(alpha[j]) for j in order], modes)
    others = order[kept:]
    rest = sum((abs(alpha[j]) for j in others), Fraction(0))
    # Coefficient after coefficient laid along [0, r + 1): at every u in [0, 1) the group is what u, u + 1, ..., u + r meet.
    ends, at = [], Fraction(0)
    for j in others:
        at += shared * abs(alpha[j]) / rest
        ends.append(at)
    cuts = sorted({Fraction(0), *(end % 1 for end in ends)})
    groups = []
    for begin, end in zip(cuts, [*cuts[1:], Fraction(1)], strict=True):
        amplitudes = [Fraction(0)] * len(alpha)
        for j in order[:kept]:
            amplitudes[j] = alpha[j]
        place = 0
        for turn in range(shared):
            while ends[place] <= begin + turn:
                place += 1
            j = others[place]
            amplitudes[j] = rest / shared * (1 if alpha[j] > 0 else -1)
        groups.append(EntangledGroup(share=end - begin, amplitudes=tuple(amplitudes)))
    return tuple(groups)


def _sizes(function: LinearFunction) -> list[Fraction]:
    """Magnitudes of the coefficients that are not zero, largest first."""
    return sorted((abs(a) for a in function.alpha if a), reverse=True)


def _kept_and_shared(sizes: Sequence[Fraction], modes: int) -> tuple[int, int]:
    """How many of the largest coefficients are in every group, and how many places of a group the others share, r + 1."""
    k = min(modes, len(sizes))
    rest = sum(sizes[k:], Fraction(0))
    for r in range(k):
        kept = k - r - 1
        rest += sizes[kept]
        if kept == 0 or sizes[kept - 1] > rest / (r + 1):
            return kept, r + 1
    raise AssertionError("the condition holds at r = k - 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupedLight(Value):
    """Squeezed light in groups of at most k modes at a mean photon number, M = 1.

    Attributes
    ----------
    reached : float
        What probes in turn over the shots reach.
    bound : float
        What no light in groups of at most k modes goes below.
    one_probe : float
        What one probe of disjoint groups, used in every shot, reaches: the least for such probes.
    """

    reached: float
    bound: float
    one_probe: float


def grouped_light(alpha: Sequence[float], modes: int, mean_photons: float) -> GroupedLight:
    """The least error of q with at most k entangled modes at nbar photons, between what is reached and what is proved.

    One probe: the largest coefficients together, since the error is a concave and symmetric function of the squared norms of the
    groups. In turn: with photons n_i in the groups, g_i = f(n_i), the best shares of the groups make b_j = alpha_j/w_j pooled
    means of alpha_j/g_i, not increasing; the photons then follow from the separable optimum with c_i g_i^2, c_i = |b_G|^2, in
    place of alpha_i^2, which never raises the error. The bound (alpha . b)^2/h(b) is taken at the same b.

    Parameters
    ----------
    alpha : (d,) floats, not all zero
    modes : int >= 1
        k.
    mean_photons : float > 0
        nbar.

    Examples
    --------
    >>> light = grouped_light([3.0, -1.0, 0.5], 2, 2.5)
    >>> round(light.reached, 9), round(light.bound, 9), round(light.one_probe, 6)
    (0.928847424, 0.928847424, 1.001128)
    """
    if modes < 1:
        raise InputError([f"modes must be a positive integer, got {short_repr(modes)}"])
    scale = max(abs(a) for a in alpha)
    sizes = sorted((abs(a) / scale for a in alpha if a), reverse=True)
    k = min(modes, len(sizes))
    starts = range(0, len(sizes), k)
    norms = [math.sqrt(math.fsum(a * a for a in sizes[i : i + k])) for i in starts]
    first = best_separable_split(norms, mean_photons)
    one_probe = first.variance
    reached = bound = one_probe
    if 1 < k < len(sizes):
        reached, bound = _in_turn(sizes, k, mean_photons, first.mean_photons)
    return GroupedLight(reached=reached * scale**2, bound=bound * scale**2, one_probe=one_probe * scale**2)


@dataclass(frozen=True, slots=True)
class _Step:
    """One step of the search: the error with these photons, |b_G|^2 of the groups, and better photons."""

    error: float
    squares: list[float]
    better: tuple[float, ...]


def _in_turn(sizes: Sequence[float], k: int, mean_photons: float, start: Sequence[float]) -> tuple[float, float]:
    photons = tuple(start)
    bound = 0.0
    error = math.inf
    for _ in range(max(_LEAST_STEPS, min(_STEPS, 2000 // len(sizes)))):
        now = _step(sizes, k, photons, mean_photons)
        error = min(error, now.error)
        bound = max(bound, now.error**2 / _most_information(now.squares, mean_photons))
        if error - bound <= _ENOUGH * error:
            break
        after = _step(sizes, k, now.better, mean_photons)
        ahead = _extrapolated(photons, now.better, after.better, mean_photons)
        photons = ahead if _step(sizes, k, ahead, mean_photons).error <= after.error else after.better
    # Rounding may put the bound a few units of the last place above what is reached.
    return error, min(bound, error)


def _step(sizes: Sequence[float], k: int, photons: Sequence[float], mean_photons: float) -> _Step:
    gains = [displacement_gain(n) for n in photons]
    pools: list[tuple[float, float, int]] = []
    for j, a in enumerate(sizes):
        above, below, many = a, gains[j // k], 1
        while pools and pools[-1][0] * below <= above * pools[-1][1]:
            more = pools.pop()
            above, below, many = above + more[0], below + more[1], many + more[2]
        pools.append((above, below, many))
    squares = [(above / below) ** 2 for above, below, many in pools for _ in range(many)]
    per_group = [math.fsum(squares[i : i + k]) for i in range(0, len(squares), k)]
    weights = [math.sqrt(c) * g for c, g in zip(per_group, gains, strict=True)]
    better = best_separable_split(weights, mean_photons).mean_photons
    error = math.fsum(above**2 / below for above, below, _ in pools)
    return _Step(error=error, squares=per_group, better=better)


def _extrapolated(
    first: Sequence[float], second: Sequence[float], third: Sequence[float], mean_photons: float
) -> tuple[float, ...]:
    """Three photon splits in a row carried on, in logarithms (SQUAREM)."""
    # Groups with fewer photons than a double can tell from none stay where they are.
    logs = [[math.log(max(n, 1e-300)) for n in split] for split in (first, second, third)]
    slope = [b - a for a, b in zip(logs[0], logs[1], strict=True)]
    bend = [c - 2 * b + a for a, b, c in zip(*logs, strict=True)]
    size, turn = math.hypot(*slope), math.hypot(*bend)
    step = size / turn if turn else 1.0
    ahead = [a + 2 * step * s + step**2 * b for a, s, b in zip(logs[0], slope, bend, strict=True)]
    top = max(ahead)
    shares = [math.exp(max(y - top, -690.0)) for y in ahead]
    total = math.fsum(shares)
    return tuple(mean_photons * s / total for s in shares)


def _most_information(squares: Sequence[float], mean_photons: float) -> float:
    """max sum c_i f(n_i) over sum n_i = nbar, never below it: by its Lagrange dual, at the multiplier that balances the photons.

    With lambda = 4 c_max (1 + e): f(n_i) = (1 - 4 c_i/lambda)^(-1/2), and n = (f + 1/f - 2)/4.
    """
    top = max(squares)
    shortfalls = [1 - c / top for c in squares]

    def gains(e: float) -> list[float]:
        return [math.sqrt((1 + e) / (s + e)) for s in shortfalls]

    def photons(g: float) -> float:
        return (g - 1) ** 2 / (4 * g)

    low, high = -160.0, 80.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        if math.fsum(map(photons, gains(math.exp(middle)))) > mean_photons:
            low = middle
        else:
            high = middle
    e = math.exp((low + high) / 2)
    multiplier = 4 * top * (1 + e)
    terms = (c * g - multiplier * photons(g) for c, g in zip(squares, gains(e), strict=True))
    return multiplier * mean_photons + math.fsum(terms)


def listed_modes(occupied: int) -> tuple[int, ...]:
    """The k that are listed: all up to 16 sensors with a coefficient; else 1, its doublings, and all of them.

    Parameters
    ----------
    occupied : int >= 1
        Sensors with a coefficient.

    Examples
    --------
    >>> listed_modes(3), listed_modes(40)
    ((1, 2, 3), (1, 2, 4, 8, 16, 32, 40))
    """
    if occupied <= MAX_GROUPED_SENSORS:
        return tuple(range(1, occupied + 1))
    return (*(1 << power for power in range((occupied - 1).bit_length())), occupied)


def tradeoff_rows(
    function: LinearFunction, mean_photons: float | None, passes: int, *, turns: bool = True
) -> tuple[TradeoffRow, ...]:
    """The least error of displacement sensing for every listed k.

    Parameters
    ----------
    function : LinearFunction
    mean_photons : float > 0 or None
        nbar.
    passes : int >= 1
        M.
    turns : bool
        Whether the parameters stay put over the shots, so that different probes may take turns.

    Examples
    --------
    >>> [float(row.norm_squared) for row in tradeoff_rows(LinearFunction([3, -1, "1/2"]), None, 1)]
    [20.25, 11.25, 10.25]
    """
    alpha = [float(a) for a in function.alpha]
    sizes = [float(a) for a in _sizes(function)]
    rows = []
    for k in listed_modes(len(sizes)):
        blocks = [math.sqrt(math.fsum(a * a for a in sizes[i : i + k])) for i in range(0, len(sizes), k)]
        norm_squared = k_support_norm_squared(function, k)
        light = None if mean_photons is None else grouped_light(alpha, k, mean_photons)
        leading = None if mean_photons is None else float(norm_squared) / (4 * mean_photons * passes**2)
        rows.append(
            TradeoffRow(
                modes=k,
                norm_squared=norm_squared,
                leading_mse=leading,
                mse=None if light is None or not turns else light.reached / passes**2,
                bound=None if light is None else light.bound / passes**2,
                one_probe_norm_squared=math.fsum(blocks) ** 2,
                one_probe_mse=None if light is None else light.one_probe / passes**2,
                groups=entangled_groups(function, k) if len(sizes) <= MAX_GROUPED_SENSORS else None,
            )
        )
    return tuple(rows)
