"""What superpositions of two strings reach from their best nodes, of many pairs of nodes at once and for any number of photons.

A node from which no less is lost to both ends of a pair than from another is never better, whatever the number of photons, so few
nodes are left to each pair: those on the way between its ends, in most networks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np

from photonics.conventions import Integer, Real
from protocols.layout.strings.layout import StringSearch, best_photons_of, log_errors_of

MAX_TOGETHER = 200_000
"""Pairs times nodes that are compared at once, so that memory does not grow with their product."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ReachedPairs:
    """Pairs from their best nodes, with a limit on the photons.

    Attributes
    ----------
    photons : (P,) ints
        The best for the losses, within the limit.
    log_photon : (P, 2) floats <= 0
        Logarithms of the survival of one photon to each end and in all passes.
    log_errors : (P,) floats
        Logarithms of the roots of the mean squared error of theta_i - theta_k; infinite where no node reaches both.
    """

    photons: Integer
    log_photon: Real
    log_errors: Real


@dataclass(frozen=True, eq=False, kw_only=True)
class ManyPairs:
    """Pairs of nodes with the losses from the nodes where their light may be made, as far as these may be the best.

    Parameters
    ----------
    rates : (P, K, 2) floats
        As of ``StringSearch.rates``, of K nodes at most for each pair; infinite where a pair has fewer of them.
    most : (P, K) ints
        The best photons up to N.
    passes : int >= 1
        M.
    """

    rates: Real
    most: Integer
    passes: int
    _at: dict[int, ReachedPairs] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, search: StringSearch, ends: Sequence[tuple[str, str]]) -> ManyPairs:
        """Pairs of a search.

        Parameters
        ----------
        search : StringSearch
        ends : (P,) pairs of names
        """
        places = {name: k for k, name in enumerate(dict.fromkeys(name for pair in ends for name in pair))}
        to_each = search.rates(list(places)).T
        first, second = (np.array([places[pair[k]] for pair in ends], dtype=np.int64) for k in (0, 1))
        together = max(1, MAX_TOGETHER // max(1, to_each.shape[1]))
        cuts = [*range(0, len(ends), together), len(ends)]
        best = [_never_worse(to_each[first[a:b]], to_each[second[a:b]]) for a, b in pairwise(cuts)]
        rates = np.full((len(ends), max((one.shape[1] for one in best), default=1), 2), np.inf)
        for start, one in zip(cuts, best, strict=False):
            rates[start : start + len(one), : one.shape[1]] = one
        reach = np.isfinite(rates[..., 0])
        most = np.where(reach, search.photons, 1)
        if search.fewer:
            most[reach] = best_photons_of(np.zeros(2), rates[reach], search.photons)
        return cls(rates=rates, most=most, passes=search.passes)

    def at(self, photons: int) -> ReachedPairs:
        """What they reach with at most so many photons.

        Parameters
        ----------
        photons : int
            From 1 to those of the search.
        """
        used = min(photons, self.most_useful)
        if used not in self._at:
            self._at[used] = self._reached(used)
        return self._at[used]

    @cached_property
    def most_useful(self) -> int:
        """The most photons that are the best for any pair: with more of them at hand nothing changes."""
        return int(self.most.max(initial=1))

    def _reached(self, photons: int) -> ReachedPairs:
        # The error falls up to the best number and rises from there, so of fewer photons that or all are the best.
        counts = np.minimum(self.most, photons)
        errors, reach = np.full(counts.shape, np.inf), np.isfinite(self.rates[..., 0])
        errors[reach] = log_errors_of(np.zeros(2), self.rates[reach], counts[reach]) - math.log(2 * self.passes)
        best = errors.argmin(axis=1)[:, None]
        return ReachedPairs(
            photons=np.take_along_axis(counts, best, axis=1)[:, 0],
            log_photon=-2 * np.take_along_axis(self.rates, best[..., None], axis=1)[:, 0],
            log_errors=np.take_along_axis(errors, best, axis=1)[:, 0],
        )


def _never_worse(first: Real, second: Real) -> Real:
    """(P, K, 2) those of (P, R) losses to both ends of which no other has less of both; of equal ones the first."""
    order = np.lexsort((second, first), axis=1)
    ordered = np.take_along_axis(second, order, axis=1)
    # The least loss to the second end among all that lose no more to the first.
    least = np.full(ordered.shape, np.inf)
    least[:, 1:] = np.minimum.accumulate(ordered, axis=1)[:, :-1]
    kept = np.zeros(order.shape, dtype=bool)
    np.put_along_axis(kept, order, ordered < least, axis=1)
    kept &= np.isfinite(first)
    # In the order of nodes, the first of each pair in the first column.
    rows, columns = np.nonzero(kept)
    numbers = kept.sum(axis=1)
    within = np.arange(len(rows)) - np.repeat(numbers.cumsum() - numbers, numbers)
    rates = np.full((len(first), int(numbers.max(initial=1)), 2), np.inf)
    rates[rows, within] = np.stack([first[rows, columns], second[rows, columns]], axis=1)
    return rates
