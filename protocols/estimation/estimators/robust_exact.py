"""Exact errors of robust phase estimation, from binomial sums: no trials are drawn here.

The outcome of a stage is one of finitely many angles, and which turn follows depends on two neighbouring angles only, so the whole
estimate is a Markov chain over (angle, number of turns), which is summed exactly at any phase.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from networks import InputError
from photonics.conventions import Integer, Real
from protocols.estimation.estimators.unwrapping import CRITERION, TIE
from protocols.estimation.fringes import Fringe, wrapped
from protocols.estimation.schedules import Schedule, linear_schedule, require_even

MAX_POINTS = 2_000_000
"""Angles of one stage that are held; beyond, errors come from trials."""
MAX_CELLS = 60_000_000
"""Angles times turns of the last stage that are held."""
MAX_EXACT = 3_000_000
"""Outcomes of a whole estimate that are added up to predict an error in every simulation."""
MAX_SUMMED = 300
"""Shots of a quadrature whose outcomes are listed."""
WORST_CELLS = 96
"""Parts of [0, pi/4] in which the worst case is bounded."""


@dataclass(frozen=True, eq=False)
class Quadrature:
    """The means that m shots in one quadrature can give, and how often: pairs (seen, plus) merged by value."""

    values: Real
    seen: Integer
    plus: Integer
    place: Integer
    """Index into ``values`` of each (seen, plus)."""
    log_ways: Real
    """Logarithm of the binomial coefficient of each (seen, plus)."""
    log_seen: Real
    """Logarithm of the binomial coefficient of (m, seen) for each of them."""


@lru_cache(maxsize=256)
def _quadrature(shots: int, lossy: bool) -> Quadrature:
    pairs = [(n, k) for n in (range(shots + 1) if lossy else (shots,)) for k in range(n + 1)]
    means = np.array([(2 * k - n) / n if n else 0.0 for n, k in pairs])
    values, place = np.unique(means, return_inverse=True)
    # Exact integers first: differences of log-gammas lose digits where there are many shots.
    ways = np.array([math.log(math.comb(n, k)) for n, k in pairs])
    chosen = np.array([math.log(math.comb(shots, n)) for n in range(shots + 1)])
    seen, plus = np.array(pairs, dtype=np.int64).T
    return Quadrature(values, seen, plus, place, ways, chosen[seen])


def _probabilities(shots: int, fringe: Fringe, low: float, high: float) -> tuple[Real, Real]:
    """Values of a mean, and how likely each is; with an interval for cos(phase), the largest within it of every term."""
    lossy = fringe.survival < 1
    outcomes = _quadrature(shots, lossy)
    seen, plus = outcomes.seen, outcomes.plus
    ends = (1 + fringe.visibility * low) / 2, (1 + fringe.visibility * high) / 2
    # A binomial term is largest at p = k/n and falls on both sides of it.
    best = np.clip(np.divide(plus, seen, out=np.full(len(seen), 0.5), where=seen > 0), min(ends), max(ends))
    terms = _binomial(outcomes.log_ways, plus, seen, best)
    if lossy:
        terms = terms * _binomial(outcomes.log_seen, seen, shots, fringe.survival)
    return outcomes.values, np.asarray(
        np.bincount(outcomes.place, weights=terms, minlength=len(outcomes.values)), dtype=float
    )


def _binomial(log_ways: Real, hits: Integer, tries: Integer | int, p: Real | float) -> Real:
    """The chance of so many hits; scipy.stats has it too, and takes as long to load as a short simulation."""
    from scipy.special import xlog1py, xlogy

    return np.asarray(np.exp(log_ways + xlogy(hits, p) + xlog1py(tries - hits, -np.asarray(p))), dtype=float)


@lru_cache(maxsize=64)
def _angles(shots: int, lossy: bool) -> tuple[Real, Integer]:
    """Angles of all pairs of means, sorted, and the order that sorts them."""
    _require_few(shots, Fringe(survival=0.5 if lossy else 1.0))
    values = _quadrature(shots, lossy).values
    angles = np.arctan2(values[None, :], values[:, None]).ravel()
    order = np.argsort(angles, kind="stable")
    return angles[order], np.asarray(order)


def stage_distribution(shots: int, fringe: Fringe, phase_rad: float) -> tuple[Real, Real]:
    """Every angle a stage can give, ascending, with its probability; ``shots`` in each quadrature.

    >>> angles, p = stage_distribution(1, Fringe(), 0.0)
    >>> (angles / np.pi).round(2).tolist(), p.round(2).tolist()
    ([-0.75, -0.25, 0.25, 0.75], [0.0, 0.5, 0.5, 0.0])
    """
    angles, order = _angles(shots, fringe.survival < 1)
    c, s = math.cos(phase_rad), math.sin(phase_rad)
    along, across = _probabilities(shots, fringe, c, c)[1], _probabilities(shots, fringe, s, s)[1]
    return angles, np.outer(along, across).ravel()[order]


def outcome_count(shots: int, fringe: Fringe) -> int:
    """How many pairs of means a stage can give.

    >>> outcome_count(2, Fringe()), outcome_count(2, Fringe(survival=0.9))
    (9, 9)
    """
    # With losses every fraction with a denominator up to the number of shots can be seen, about 0.61 shots^2 of them.
    if fringe.survival == 1:
        return (shots + 1) ** 2
    values = len(_quadrature(shots, True).values) if shots <= MAX_SUMMED else shots**2 // 2
    return values**2


def _require_few(shots: int, fringe: Fringe) -> None:
    if outcome_count(shots, fringe) > MAX_POINTS:
        losses = "" if fringe.survival == 1 else " with losses"
        raise InputError([f"{shots} shots a quadrature{losses} have too many outcomes to add up; simulate"])


def stage_failure(shots: int, fringe: Fringe, phase_rad: float, criterion: float = CRITERION) -> float:
    """Exact probability that the angle of a stage is wrong by ``criterion`` rad or more.

    >>> round(stage_failure(1, Fringe(), 0.0), 12), round(stage_failure(1, Fringe(), np.pi / 4), 6)
    (0.0, 0.271447)
    """
    angles, p = stage_distribution(shots, fringe, phase_rad)
    return float(p[np.abs(wrapped(angles - phase_rad)) >= criterion].sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstStage:
    """Over all phases: proved upper limits on the chance of an angle wrong by the criterion, and on the mean square of the rest."""

    failure: float
    square_rad2: float


@lru_cache(maxsize=4096)
def worst_stage(shots: int, fringe: Fringe, criterion: float = CRITERION) -> WorstStage:
    """Upper limits that hold at every phase, from the largest value of each binomial term in small intervals of the phase.

    Turning by pi/2 and swapping the quadratures map phases onto [0, pi/4]; no shot seen, or both means zero, counts as wrong.

    >>> worst_stage(12, Fringe()).failure < 0.004
    True
    """
    _require_few(shots, fringe)
    values = _quadrature(shots, fringe.survival < 1).values
    x, y = np.meshgrid(values, values, indexing="ij")
    angle, nowhere = np.arctan2(y, x), (x == 0) & (y == 0)
    half = math.pi / 8 / WORST_CELLS
    failure = square = 0.0
    for cell in range(WORST_CELLS):
        middle = (2 * cell + 1) * half
        along = _probabilities(shots, fringe, math.cos(middle + half), math.cos(middle - half))[1]
        across = _probabilities(shots, fringe, math.sin(middle - half), math.sin(middle + half))[1]
        p = np.outer(along, across)
        away = np.abs(wrapped(angle - middle))
        wrong = (away + half >= criterion) | nowhere
        failure = max(failure, float(p[wrong].sum()))
        square = max(
            square, float((p * np.minimum(away + half, criterion) ** 2)[~nowhere & (away - half < criterion)].sum())
        )
    return WorstStage(failure=min(1.0, failure), square_rad2=min(criterion**2, square))


def robust_mse(schedule: Schedule, fringes: Sequence[Fringe], phase_rad: float) -> float:
    """Exact mean squared error of robust phase estimation at a phase, errors taken modulo 2 pi.

    Parameters
    ----------
    schedule : Schedule
        Of K stages with even numbers of shots, half of them in each quadrature.
    fringes : (K,) Fringe
        Of gains 1, 2, 4 ...
    phase_rad : float

    Returns
    -------
    float
        In rad^2.

    Raises
    ------
    InputError
        For odd numbers of shots, and too many outcomes to add up.

    Examples
    --------
    >>> from protocols.estimation.schedules import linear_schedule
    >>> schedule = linear_schedule(3, 2, 4)
    >>> round(robust_mse(schedule, fringes_of(schedule), 1.0), 6)
    0.021009
    """
    phase_rad = float(phase_rad)
    angles, weights = robust_distribution(schedule, fringes, phase_rad)
    return float((weights * wrapped(angles - phase_rad) ** 2).sum())


def robust_distribution(schedule: Schedule, fringes: Sequence[Fringe], phase_rad: float) -> tuple[Real, Real]:
    """Every estimate that ``robust_phase`` can give, with its exact probability (angles and turns laid out flat)."""
    per_quadrature = require_even(schedule)
    probabilities = np.ones((1, 1))
    before = np.zeros(1)
    for stage, (shots, gain, fringe) in enumerate(zip(per_quadrature, schedule.gains, fringes, strict=True)):
        angles, p = stage_distribution(shots, fringe, gain * phase_rad)
        if len(angles) * gain > MAX_CELLS:
            raise InputError(
                [f"{schedule.stages} stages of so many shots have too many outcomes to add up; simulate them"]
            )
        if not stage:
            probabilities, before = p[None, :], angles
            continue
        # Sorted angles before, added up, give the weight that turns down, goes on straight, or turns up, all at once.
        sums = np.concatenate([np.zeros((len(probabilities), 1)), np.cumsum(probabilities, axis=1)], axis=1)
        top = np.searchsorted(before, (angles + np.pi + TIE) / 2, side="right")
        bottom = np.searchsorted(before, (angles - np.pi - TIE) / 2, side="left")
        moved = np.zeros((gain, len(angles)))
        turns = 2 * np.arange(len(probabilities))
        np.add.at(moved, turns % gain, sums[:, top] - sums[:, bottom])
        np.add.at(moved, (turns + 1) % gain, sums[:, -1:] - sums[:, top])
        np.add.at(moved, (turns - 1) % gain, sums[:, bottom])
        probabilities, before = moved * p, angles
    gain = schedule.gains[-1]
    estimates = (before[None, :] + 2 * np.pi * np.arange(gain)[:, None]) / gain
    return estimates.ravel(), probabilities.ravel()


def spread_phases(count: int) -> Real:
    """Phases in no special relation, also after doubling: multiples of the golden section of a turn."""
    return np.asarray(2 * np.pi * (((np.arange(count) + 0.5) * (math.sqrt(5) - 1) / 2) % 1.0))


def robust_mean_mse(schedule: Schedule, fringes: Sequence[Fringe], phases: int = 48) -> float:
    """Exact mean squared error at so many phases, averaged over them."""
    return float(np.mean([robust_mse(schedule, fringes, phase) for phase in spread_phases(phases)]))


def guaranteed_mse(schedule: Schedule, fringes: Sequence[Fringe], criterion: float = CRITERION) -> float:
    """A mean squared error that no phase exceeds, with the pi/3 criterion, proved from exact binomial sums.

    With all angles within pi/3 only the last counts, divided by its gain. When stage j is the first that is not, later ones
    can add pi/2^(i-1) each, so the error is below 8 pi/(3 2^(j-1)), and always at most pi (docs/theory/estimation.md). The
    published criterion pi/2 does not exclude wrong turns.

    Parameters
    ----------
    schedule : Schedule
        Of K stages with even numbers of shots.
    fringes : (K,) Fringe
    criterion : float
        In rad, at most pi/3 for the proof to hold.

    Returns
    -------
    float
        In rad^2.

    Raises
    ------
    InputError
        For odd numbers of shots, and too many outcomes to add up.

    Examples
    --------
    >>> from protocols.estimation.schedules import linear_schedule
    >>> schedule = linear_schedule(5, 2, 6)
    >>> worst = max(robust_mse(schedule, fringes_of(schedule), phase) for phase in spread_phases(40))
    >>> worst < guaranteed_mse(schedule, fringes_of(schedule))
    True
    """
    criterion = float(criterion)
    stages = [worst_stage(m, f, criterion) for m, f in zip(require_even(schedule), fringes, strict=True)]
    last = stages[-1].square_rad2 / schedule.gains[-1] ** 2
    return last + math.fsum(
        stage.failure * wrong_turn(gain) ** 2 for stage, gain in zip(stages, schedule.gains, strict=True)
    )


def wrong_turn(gain: int) -> float:
    """The largest error in rad when the stage of this gain is the first whose angle is wrong by pi/3 or more."""
    return min(math.pi, 8 * math.pi / (3 * gain))


PUBLISHED_OVERHEAD = 10.7
"""n RMSE/pi that was published for M_j = 5/2 (K - j) + 1/2, from a criterion (pi/2) that does not exclude wrong turns.

Exact errors of that schedule stay below it (about 6 at the worst phases, for up to eleven stages); the derivation does not show it.
"""
MAX_PROVED = 100_000
"""Outcomes of a stage for which a guarantee is worked out in every simulation."""


def fringes_of(schedule: Schedule, *, survival: float = 1.0, visibility: float = 1.0) -> tuple[Fringe, ...]:
    """The same survival and visibility in every stage."""
    survival, visibility = float(survival), float(visibility)
    return tuple(Fringe(gain=gain, survival=survival, visibility=visibility) for gain in schedule.gains)


@dataclass(frozen=True, slots=True, kw_only=True)
class BestSchedule:
    """A schedule and what it reaches, as n RMSE/pi with n its resource; one is the floor of all states and measurements.

    Parameters
    ----------
    schedule : Schedule
    overhead : float
        Exact, averaged over phases.
    guaranteed : float
        At every phase, proved.
    """

    schedule: Schedule
    overhead: float
    guaranteed: float


def overhead(mse_rad2: float, resource: float) -> float:
    """n RMSE/pi: one is the asymptotic floor of all states and measurements."""
    return math.sqrt(mse_rad2) * resource / math.pi


def best_guaranteed_schedule(stages: int) -> BestSchedule:
    """The schedule M_j = a (K - j) + b of K lossless stages with the least guaranteed n RMSE/pi among many.

    Parameters
    ----------
    stages : int >= 1
        K.

    Returns
    -------
    BestSchedule

    Examples
    --------
    >>> best = best_guaranteed_schedule(3)
    >>> best.overhead < best.guaranteed < 6
    True
    """
    lines = {linear_schedule(stages, a, b) for a, b in itertools.product(range(1, 6), range(6, 31, 2))}

    def guarantee(schedule: Schedule) -> float:
        return overhead(guaranteed_mse(schedule, fringes_of(schedule)), schedule.resource)

    best = min(lines, key=guarantee)
    return BestSchedule(
        schedule=best,
        overhead=overhead(robust_mean_mse(best, fringes_of(best)), best.resource),
        guaranteed=guarantee(best),
    )


def best_schedule(stages: int, *, survival: float = 1.0, visibility: float = 1.0, phases: int = 16) -> BestSchedule:
    """The schedule of K stages with the least n RMSE/pi of a search: the best M_j = a (K - j) + b, then stage by stage.

    Not a proof that there is none better; the error of each schedule that is compared is exact.

    Parameters
    ----------
    stages : int >= 1
        K.
    survival, visibility : float in (0, 1]
        Of every stage.
    phases : int >= 1
        Over which errors are averaged in the search.

    Returns
    -------
    BestSchedule

    Examples
    --------
    >>> best = best_schedule(4)
    >>> best.overhead < 3.6 < best.guaranteed
    True
    """

    def cost(per_quadrature: tuple[int, ...]) -> float:
        schedule = Schedule(tuple(2 * m for m in per_quadrature))
        fringes = fringes_of(schedule, survival=survival, visibility=visibility)
        return overhead(robust_mean_mse(schedule, fringes, phases), schedule.resource)

    known: dict[tuple[int, ...], float] = {}

    def value(per_quadrature: tuple[int, ...]) -> float:
        if per_quadrature not in known:
            known[per_quadrature] = cost(per_quadrature)
        return known[per_quadrature]

    lines = {
        tuple(math.ceil(a * (stages - j) + b) for j in range(1, stages + 1))
        for a, b in itertools.product((0.0, 1.0, 1.5, 2.0, 2.5, 3.0), (2, 4, 5, 6, 8))
    }
    best = min(lines, key=value)
    improved = True
    while improved:
        improved = False
        for stage, step in itertools.product(range(stages), (1, -1)):
            trial = tuple(max(1, m + step * (j == stage)) for j, m in enumerate(best))
            if value(trial) < value(best) * (1 - 1e-9):
                best, improved = trial, True
    schedule = Schedule(tuple(2 * m for m in best))
    fringes = fringes_of(schedule, survival=survival, visibility=visibility)
    return BestSchedule(
        schedule=schedule,
        overhead=overhead(robust_mean_mse(schedule, fringes), schedule.resource),
        guaranteed=overhead(guaranteed_mse(schedule, fringes), schedule.resource),
    )
