"""N00N pairs for shares of the sensing time: two entangled modes at a time reach the bound (12) on phases (BEGG Sec. V, corrected).

alpha is written as a sum of c_k (e_i - e_j), i positive, j negative or the reference (e_j = 0), with sum c_k = ||alpha||_P. All N
photons are in i in one branch and in j in the other for a time c_k t/||alpha||_P, then the branches are switched to the next pair:
the relative phase is N t q/||alpha||_P. So a mode is in use for |alpha_j| t/||alpha||_P, not |alpha_j| t/||alpha||_1 as published.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from networks import LinearFunction
from networks.values import Value
from protocols.documents.printed import Entry, Printed

REFERENCE = "ref"
"""How a protocol of pairs names the reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairProtocol(Value, Printed):
    """Pairs of modes that hold all N photons in one branch or the other, each for its time; ``psn check`` reads its document.

    Attributes
    ----------
    function : LinearFunction
        Oriented, of d coefficients.
    photons, passes : int >= 1
        N, and M = t, the whole sensing time.
    pairs : tuple of (int, int or None)
        Sensors from 1 to d: that of the first branch, and that of the second, None for the reference.
    times : tuple of Fraction
        As many, in units of a pass, with the sum M.
    """

    DOCUMENT = (
        Entry("alpha", of="function"),
        "photons",
        "passes",
        Entry("pairs", of=lambda pairs: [[i, REFERENCE if j is None else j] for i, j in pairs.pairs]),
        "times",
    )

    function: LinearFunction
    photons: int
    passes: int
    pairs: tuple[tuple[int, int | None], ...]
    times: tuple[Fraction, ...]

    def phase_weights(self) -> tuple[Fraction, ...]:
        """(d,) w: the relative phase is w . theta, and F = w w^T."""
        weights = [Fraction(0)] * len(self.function)
        for (first, second), time in zip(self.pairs, self.times, strict=True):
            weights[first - 1] += self.photons * time
            if second is not None:
                weights[second - 1] -= self.photons * time
        return tuple(weights)

    @property
    def least_passes(self) -> int | None:
        """The fewest equal passes into which all its times can be cut, with controls between passes alone; None when none do."""
        return _common_denominator(tuple(time / self.passes for time in self.times))


def pair_protocol(function: LinearFunction, photons: int, passes: int) -> PairProtocol:
    """Pairs and times that reach (12): positive sensors in their order, each with the negative ones and then the reference.

    Parameters
    ----------
    function : LinearFunction
        Oriented.
    photons, passes : int >= 1
        N and M.

    Examples
    --------
    >>> protocol = pair_protocol(LinearFunction([1, 1, -1]), photons=1, passes=2)
    >>> protocol.pairs, [str(time) for time in protocol.times]
    (((1, 3), (2, None)), ['1', '1'])
    """
    share = passes / function.norm_positive
    waiting: list[tuple[int | None, Fraction]] = [(j + 1, -function.alpha[j] * share) for j in function.negative]
    unused = passes - sum((time for _, time in waiting), Fraction(0))
    if unused:
        waiting.append((None, unused))
    waiting.reverse()
    pairs: list[tuple[int, int | None]] = []
    times: list[Fraction] = []
    for i in function.positive:
        left = function.alpha[i] * share
        while left:
            partner, most = waiting.pop()
            time = min(left, most)
            pairs.append((i + 1, partner))
            times.append(time)
            left -= time
            if most > time:
                waiting.append((partner, most - time))
    return PairProtocol(function=function, photons=photons, passes=passes, pairs=tuple(pairs), times=tuple(times))


def least_pair_passes(function: LinearFunction) -> int | None:
    """The least M at which controls between passes do with two modes in every pass; they do exactly at its multiples, for every N.

    With two modes in a pass all N photons are in one mode or the other, so mode j is in use in M |alpha_j|/||alpha||_P passes, a
    whole number; and whole row and column sums always have a table of whole numbers. None when a share is irrational.

    Parameters
    ----------
    function : LinearFunction
        Oriented.

    Examples
    --------
    >>> least_pair_passes(LinearFunction([1, 1, -1])), least_pair_passes(LinearFunction([3, "-1/2"]))
    (2, 6)
    """
    norm = function.norm_positive
    return _common_denominator(tuple(a / norm for a in function.alpha))


def _common_denominator(shares: tuple[Fraction, ...]) -> int | None:
    # Irrational numbers are a kind of Fraction, whose denominator says nothing.
    if any(type(share) is not Fraction for share in shares):
        return None
    return lcm(*(share.denominator for share in shares))
