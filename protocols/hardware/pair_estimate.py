"""From photon counts of a device to q: maximum likelihood and Bayesian estimates with intervals, and whether the model fits."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from networks import InputError
from networks.values import Value
from protocols.documents.result import Result
from protocols.hardware.pair_plan import TRUNCATION, PairPlan

COARSE = 32
FINE = 25
ROUGH = 1e-2
LEAST_PHOTONS = 3
"""On a side, in the rough tables; the vacuum alone carries no information."""
MAX_ROUNDS = 40
"""Steps of Fisher scoring towards the top of a likelihood of pair counts."""
EDGE = 1e-3
"""Posterior weight in the outermost cells above which the estimate is at the edge of what counts determine."""
LEAST_EXPECTED = 5.0
"""Counts that an outcome must be expected to have in the chi-squared test; rarer ones are put together."""
IMPOSSIBLE = 1e-9
"""Expected counts of an outcome below which one count refutes the model."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PairEstimate(Value, Result):
    """The estimates of q from counts.

    Attributes
    ----------
    q, stderr, interval_95 : float
        Maximum likelihood; the error by the Fisher information of the counts there.
    bayes_q, bayes_interval_95 : float
        Posterior mean and central interval for a flat prior on the window.
    shots : int
    beyond : int
        Shots with more counts than the tables hold; they are left out.
    fit : float
        p-value of the counts under the model at the estimate (chi-square).
    at_edge : bool
        Whether the estimate is at the edge of the window, beyond which counts repeat.
    """

    q: float
    stderr: float
    interval_95: tuple[float, float]
    bayes_q: float
    bayes_interval_95: tuple[float, float]
    shots: int
    beyond: int
    fit: float
    at_edge: bool


def estimate_pairs(plan: PairPlan, samples: NDArray[np.integer]) -> PairEstimate:
    """The estimate of q from (shots, 2 n) counts of a device, signal modes first.

    Only the four modes that the plan reads are looked at. Losses and dark counts are taken from the certificate.

    Parameters
    ----------
    plan : PairPlan
    samples : (shots, 2 n) ints >= 0

    Raises
    ------
    InputError
        For samples that are no counts of this device.
    """
    counts = np.asarray(samples)
    n = plan.device.pairs
    if counts.ndim != 2 or counts.shape[1] != 2 * n or not len(counts) or counts.dtype.kind not in "iu":
        raise InputError([f"samples must be integers of shape (shots, {2 * n}), got {counts.dtype} {counts.shape}"])
    if counts.min() < 0:
        raise InputError(["samples must not be negative"])
    a, b = plan.outputs
    read = counts[:, [a, b, n + a, n + b]]
    window = plan.window_rad
    grid = np.linspace(0, window, COARSE + 2)[1:-1]
    # Small tables find the neighbourhood, those of the full size the estimate.
    lost = ROUGH
    while plan.light.cutoff(lost / 2) < LEAST_PHOTONS and lost > TRUNCATION:
        lost /= 10
    rough = _Likelihood.of(plan, read, lost)
    top = float(grid[int(np.argmax([rough.log(phi) for phi in grid]))])
    exact = _Likelihood.of(plan, read, TRUNCATION)
    if not exact.inside:
        raise InputError(["no shot is within what the model of this light allows"])
    # Around the best the grid is as fine as the error requires; it follows the best until that is inside.
    width = max(6 / math.sqrt(max(plan.counts(top).information, 1e-12) * len(counts)), 1e-7)
    best, fine, place, settled = top, grid, 0, False
    for _ in range(MAX_ROUNDS):
        fine = np.linspace(max(1e-6, best - width), min(window - 1e-6, best + width), FINE)
        values = np.array([exact.log(phi) for phi in fine])
        place = int(values.argmax())
        moved = abs(float(fine[place]) - best)
        best = float(fine[place])
        if moved < width / 2:
            settled = True
            break
    if 0 < place < len(fine) - 1:
        left, middle, right = values[place - 1 : place + 2]
        bend = left - 2 * middle + right
        if bend < 0:
            best += float((fine[1] - fine[0]) * (left - right) / (2 * bend))
    error = 1 / math.sqrt(max(plan.counts(best).information, 1e-300) * exact.inside)
    weights = np.exp(values - values.max())
    weights /= weights.sum()
    mean = float(weights @ fine)
    ends = np.interp([0.025, 0.975], np.cumsum(weights) - weights / 2, fine)
    # Weight at the ends of the grid matters where the window ends as well.
    cut = (fine[0] <= 2e-6 and weights[0] > EDGE) or (fine[-1] >= window - 2e-6 and weights[-1] > EDGE)
    at_edge = best < 4 * error or best > window - 4 * error or cut or not settled

    def q_of(phi: float) -> float:
        return plan.scale * (phi - plan.bias_rad)

    return PairEstimate(
        q=q_of(best),
        stderr=plan.scale * error,
        interval_95=(q_of(max(0.0, best - 1.96 * error)), q_of(min(window, best + 1.96 * error))),
        bayes_q=q_of(mean),
        bayes_interval_95=(q_of(float(ends[0])), q_of(float(ends[1]))),
        shots=len(counts),
        beyond=len(counts) - exact.inside,
        fit=_fit(plan, best, exact.cells, exact.times),
        at_edge=bool(at_edge),
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class _Likelihood:
    """The counts that a table of some size holds, each with how often it was seen."""

    plan: PairPlan
    lost: float
    cells: NDArray[np.integer]
    times: NDArray[np.integer]

    @classmethod
    def of(cls, plan: PairPlan, seen: NDArray[np.integer], lost: float) -> _Likelihood:
        size = plan.light.cutoff(lost / 2) + 1
        held = seen[(seen < size).all(axis=1)]
        cells, times = np.unique(np.ravel_multi_index(held.T, (size,) * 4), return_counts=True)
        return cls(plan=plan, lost=lost, cells=cells, times=times)

    @property
    def inside(self) -> int:
        return int(self.times.sum())

    def log(self, phi: float) -> float:
        p = self.plan.counts(phi, self.lost, derivatives=False).probabilities.ravel()[self.cells]
        return float(self.times @ np.log(np.maximum(p, 1e-300)))


def _fit(plan: PairPlan, phi: float, cells: NDArray[np.integer], times: NDArray[np.integer]) -> float:
    """p-value of chi-square over cells with enough expected counts, all others together as one; one degree is the fit's."""
    from scipy.stats import chi2

    total = int(times.sum())
    expected = plan.counts(phi, derivatives=False).probabilities.ravel() * total
    observed = np.zeros(len(expected))
    observed[cells] = times
    large = expected >= LEAST_EXPECTED
    if large.sum() < 2:
        return math.nan
    if (times[expected[cells] < IMPOSSIBLE]).any():
        # What the model does not allow has been counted.
        return 0.0
    groups = [(float(observed[k]), float(expected[k])) for k in np.flatnonzero(large)]
    rest = (float(total - observed[large].sum()), max(float(total - expected[large].sum()), 1e-9))
    if rest[1] >= LEAST_EXPECTED:
        groups.append(rest)
    else:
        # Too little to stand alone: together with the rarest of the others.
        rarest = min(range(len(groups)), key=lambda k: groups[k][1])
        groups[rarest] = (groups[rarest][0] + rest[0], groups[rarest][1] + rest[1])
    statistic = sum((o - e) ** 2 / e for o, e in groups)
    degrees = len(groups) - 2
    return float(chi2.sf(statistic, max(1, degrees)))
