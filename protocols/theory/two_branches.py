"""Two-branch probes under loss: the best weights of the branches, and the best photon numbers of separate N00N states.

Branches A and B that share no lossy mode survive with probabilities A and B, and only what survives whole carries a phase:
F = omega omega^T 4 A B w (1 - w)/(A w + B (1 - w)), largest at w = sqrt B/(sqrt A + sqrt B), where it is
omega omega^T 4 A B/(sqrt A + sqrt B)^2 (docs/theory/theory.md, section 7).
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from photonics.conventions import Real

from networks.values import Value

LARGEST_LOG = 600.0
"""Survival below exp(-LARGEST_LOG) is no use in floating point."""


def best_branch_weights(log_first: float, log_second: float) -> tuple[float, float]:
    """w and 1 - w, both to full precision, from the logarithms of the survival probabilities: the rarer survivor gets more.

    Parameters
    ----------
    log_first, log_second : float <= 0

    Examples
    --------
    >>> best_branch_weights(0.0, 0.0), round(best_branch_weights(math.log(0.25), 0.0)[0], 12)
    ((0.5, 0.5), 0.666666666667)
    """
    odds = min(LARGEST_LOG, max(-LARGEST_LOG, (log_first - log_second) / 2))
    return 1 / (1 + math.exp(odds)), 1 / (1 + math.exp(-odds))


def branch_contrast(log_first: float, log_second: float) -> float:
    """4 A B/(sqrt A + sqrt B)^2, the share of the information of branches with the best weights that loss leaves.

    Zero when the survival is too rare for floating point.

    Parameters
    ----------
    log_first, log_second : float <= 0
        Logarithms of the survival probabilities A and B.

    Examples
    --------
    >>> round(branch_contrast(math.log(0.25), 0.0), 12)
    0.444444444444
    """
    top, low = max(log_first, log_second), min(log_first, log_second)
    return math.exp(low) * 4 / (1 + math.exp((low - top) / 2)) ** 2


def log_branch_contrast(log_first: float, log_second: float) -> float:
    """Logarithm of ``branch_contrast``, also where the survival is too rare for floating point.

    Parameters
    ----------
    log_first, log_second : float <= 0
        Logarithms of the survival probabilities A and B.

    Examples
    --------
    >>> round(log_branch_contrast(-2000.0, -2000.0), 9)
    -2000.0
    """
    top, low = max(log_first, log_second), min(log_first, log_second)
    return low + math.log(4) - 2 * math.log1p(math.exp((low - top) / 2))


def branch_fringes(log_first: Real, log_second: Real) -> tuple[Real, Real]:
    """Survival and visibility of two branches with the best weights, for many pairs of survival probabilities at once.

    Survival times visibility squared is ``branch_contrast``.

    Parameters
    ----------
    log_first, log_second : (T,) arrays
        Logarithms of the survival probabilities A and B.

    Returns
    -------
    survival, visibility : (T,) arrays

    Examples
    --------
    >>> import numpy as np
    >>> survival, visibility = branch_fringes(np.log([0.25]), np.zeros(1))
    >>> (survival * visibility**2).round(12).tolist()
    [0.444444444444]
    """
    import numpy as np

    a = np.exp(np.maximum(log_first, -LARGEST_LOG))
    b = np.exp(np.maximum(log_second, -LARGEST_LOG))
    w = 1 / (1 + np.exp(np.clip((log_first - log_second) / 2, -LARGEST_LOG, LARGEST_LOG)))
    survival = a * w + b * (1 - w)
    return survival, np.maximum(2 * np.sqrt(a * b * w * (1 - w)) / survival, 1e-150)


def log_branch_contrasts(log_first: Real, log_second: Real) -> Real:
    """Logarithms of ``branch_contrast`` for arrays, also where the survival is too rare for floating point.

    Parameters
    ----------
    log_first, log_second : arrays of one shape
        Logarithms of the survival probabilities A and B.

    Examples
    --------
    >>> import numpy as np
    >>> np.exp(log_branch_contrasts(np.log([0.25, 1.0]), np.zeros(2))).round(12).tolist()
    [0.444444444444, 1.0]
    """
    import numpy as np

    top, low = np.maximum(log_first, log_second), np.minimum(log_first, log_second)
    logs: Real = low + math.log(4) - 2 * np.log1p(np.exp((low - top) / 2))
    return logs


@dataclass(frozen=True, slots=True, kw_only=True)
class LossySplit(Value):
    """How N photons are best split over N00N states of single sensors, each with an arm of its own, and what that reaches.

    Attributes
    ----------
    photons : (d,) ints >= 0
    mse : float
        Of q in one shot, that they reach together.
    """

    photons: tuple[int, ...]
    mse: float


def best_lossy_split(
    alpha: Sequence[float], transmissivity: Sequence[float], arm: float | Sequence[float], photons: int, passes: int
) -> LossySplit | None:
    """At most N photons over separate N00N states; beyond some number at a sensor the error grows, so some may stay unspent.

    Each term a^2/(n M)^2 (eta^(-n M/2) + arm^(-n M/2))^2/4 is convex in n, so photons go one at a time to the sensor that
    gains most; a bisection on the gain places all but about d of them at once.

    Parameters
    ----------
    alpha, transmissivity : (d,) floats, transmissivities in (0, 1], of one pass
    arm : float or (d,) floats
        Transmissivity of the arms, of all or of each sensor, in (0, 1].
    photons, passes : int >= 1
        N and M.

    Returns
    -------
    LossySplit or None
        None with fewer photons than sensors with a coefficient.

    Examples
    --------
    >>> best_lossy_split([1.0, 1.0], [0.5, 0.5], 0.5, 10, 1).photons
    (3, 3)
    >>> best_lossy_split([1.0, 8.0], [0.999, 0.999], 1.0, 5, 1).photons
    (1, 4)
    """
    used = [j for j, a in enumerate(alpha) if a]
    if photons < len(used):
        return None
    arms = [arm] * len(alpha) if isinstance(arm, int | float) else list(arm)
    # What one more photon gains is asked for again and again, and is the same for all sensors that are alike.
    terms = [
        _Term(abs(alpha[j]), -passes * math.log(transmissivity[j]), -passes * math.log(arms[j]), passes) for j in used
    ]
    alike = {term: term for term in terms}
    terms = [alike[term] for term in terms]
    number = Counter(terms)

    def most(term: _Term, least_gain: float) -> int:
        """The photons of one sensor when each must gain at least so much."""
        # Beyond this many photons nothing arrives, and long before it more of them increase the error.
        dark = int(LARGEST_LOG / max(term.rate, term.arm_rate, LARGEST_LOG / photons))
        low, high = 1, max(1, min(photons - len(used) + 1, dark))
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if term.gain(middle) > least_gain else (low, middle)
        return low

    def all_most(least_gain: float) -> list[int]:
        each = {term: most(term, least_gain) for term in alike}
        return [each[term] for term in terms]

    counts = all_most(0.0)
    if sum(counts) > photons:
        most_useful = tuple(counts)
        low = min(term.gain(n - 1) for term, n in zip(terms, counts, strict=True) if n > 1) / 2
        high = max(term.gain(1) for term in alike)
        while low < high:
            middle = math.sqrt(low) * math.sqrt(high)
            if not low < middle < high:
                break
            placed = sum(many * most(term, middle) for term, many in number.items())
            low, high = (middle, high) if placed > photons else (low, middle)
        counts = all_most(high)
        _share_out(counts, most_useful, photons)
        heap = [(-terms[k].gain(n), k) for k, n in enumerate(counts)]
        heapq.heapify(heap)
        for _ in range(photons - sum(counts)):
            _, k = heapq.heappop(heap)
            counts[k] += 1
            heapq.heappush(heap, (-terms[k].gain(counts[k]), k))
    split = [0] * len(alpha)
    for k, j in enumerate(used):
        split[j] = counts[k]
    return LossySplit(photons=tuple(split), mse=math.fsum(terms[k].error(n) for k, n in enumerate(counts)))


@dataclass(frozen=True)
class _Term:
    """What one sensor adds to the error, with its N00N state of n photons."""

    size: float
    """|alpha_j|."""
    rate: float
    arm_rate: float
    """-log survival of one photon in all passes."""
    passes: int
    gains: dict[int, float] = field(default_factory=dict, compare=False)

    def error(self, n: int) -> float:
        rates = (self.rate, self.arm_rate)
        if max(rates) * n / 2 > LARGEST_LOG / 2:
            return math.inf
        return (self.size / (n * self.passes)) ** 2 * sum(math.exp(rate * n / 2) for rate in rates) ** 2 / 4

    def gain(self, n: int) -> float:
        """How much the (n + 1)st photon lowers the error."""
        if n not in self.gains:
            self.gains[n] = self._gain(n)
        return self.gains[n]

    def _gain(self, n: int) -> float:
        rates, now = (self.rate, self.arm_rate), self.error(n)
        if math.isinf(self.error(n + 1)):
            return -math.inf
        # From the logarithm of the ratio: of 10^16 photons the difference itself would be rounding.
        sizes = [math.exp(rate * n / 2) for rate in rates]
        grown = math.fsum(size * math.expm1(rate / 2) for size, rate in zip(sizes, rates, strict=True))
        return now * -math.expm1(2 * math.log1p(grown / math.fsum(sizes)) - 2 * math.log1p(1 / n))


def _share_out(counts: list[int], most: Sequence[int], photons: int) -> None:
    """Add to counts what a gain in double precision cannot place, in proportion, until less than a photon a sensor is left.

    That many photons are below 1e-15 of all, and so is what the error depends on where exactly they go.
    """
    while (left := photons - sum(counts)) > 2 * len(counts):
        total = sum(counts)
        for k, count in enumerate(counts):
            counts[k] = min(most[k], count + left * count // total)
        if photons - sum(counts) == left:
            return


def equal_weights_contrast(log_first: float, log_second: float) -> float:
    """2 A B/(A + B), the share of the information of branches of equal weight that loss leaves.

    Parameters
    ----------
    log_first, log_second : float <= 0
        Logarithms of the survival probabilities A and B of the branches.

    Examples
    --------
    >>> round(equal_weights_contrast(math.log(0.25), 0.0), 12)
    0.4
    """
    low, high = sorted((log_first, log_second))
    return 2 * math.exp(low) / (1 + math.exp(low - high))
