"""Whole photons shared out over separate N00N states: what product probes of exactly N photons really reach."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from networks import LinearFunction
from networks.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegerSplit(Value):
    """The best whole-photon split for separate N00N states.

    Attributes
    ----------
    photons : (d,) ints >= 0
    variance : Fraction
        sum alpha_j^2/N_j^2, the least possible.
    """

    photons: tuple[int, ...]
    variance: Fraction

    def mse_at(self, passes: int) -> float:
        """Mean squared error after M passes.

        Parameters
        ----------
        passes : int >= 1
        """
        return float(self.variance / passes**2)


def best_integer_split(function: LinearFunction, photons: int) -> IntegerSplit | None:
    """Minimise sum alpha_j^2/N_j^2 over whole N_j >= 1 with sum N; None when there are fewer photons than sensors needed.

    Each term is convex in N_j, so giving photons one at a time to the sensor that gains most is optimal. All but about
    5 d of them are placed at once: at the optimum some mu has -f_j'(N_j + 1) <= mu <= -f_j'(N_j - 1), f_j = alpha_j^2/n^2,
    so N_j lies within 1 of the real allocation at mu, hence N_j >= (N - d) |alpha_j|^(2/3)/sum - 1. O(d log d).

    Parameters
    ----------
    function : LinearFunction
    photons : int >= 1
        N.

    Examples
    --------
    >>> best_integer_split(LinearFunction([1, 8]), 5).photons
    (1, 4)
    """
    squares = {j: a * a for j, a in enumerate(function.alpha) if a}
    if photons < len(squares):
        return None
    # The powers are irrational: enough digits are kept for their rounding not to move a single photon.
    with localcontext() as context:
        context.prec = len(str(photons)) + 25
        largest = max(squares.values())
        relative = {j: s / largest for j, s in squares.items()}
        powers = {j: (Decimal(s.numerator) / s.denominator) ** (Decimal(1) / 3) for j, s in relative.items()}
        total = sum(powers.values())
        counts = {j: max(1, int((photons - 3 * len(squares)) * p / total) - 2) for j, p in powers.items()}

    def gain(j: int, n: int) -> Fraction:
        return squares[j] * (Fraction(1, n * n) - Fraction(1, (n + 1) ** 2))

    heap = [(-gain(j, n), j) for j, n in counts.items()]
    heapq.heapify(heap)
    for _ in range(photons - sum(counts.values())):
        _, j = heapq.heappop(heap)
        counts[j] += 1
        heapq.heappush(heap, (-gain(j, counts[j]), j))
    variance = sum((squares[j] / n**2 for j, n in counts.items()), Fraction(0))
    return IntegerSplit(photons=tuple(counts.get(j, 0) for j in range(len(function))), variance=variance)
