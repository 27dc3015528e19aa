"""Many photons through a passive unitary: all output amplitudes of one input string, a photon at a time.

The product of the creation operators is multiplied out one factor after another, as in the SLOS algorithm (Heurtel et al.,
Comput. Phys. Commun. 291, 108848 (2023)): O(m C(n + m - 1, n)) for n photons in m modes, not a permanent an amplitude.
"""

from __future__ import annotations

from functools import lru_cache
from math import comb

import numpy as np
from scipy.special import gammaln

from photonics.conventions import Complex, Integer, read_only
from photonics.limits import CircuitTooLargeError, roughly

DEEPEST = 400
"""Modes that several photons are spread over; the list is made mode by mode."""
MAX_PATTERNS = 20_000_000
"""Output strings of one input string; beyond it the amplitudes alone take gigabytes."""


def interference(unitary: Complex, photons: Integer) -> Complex:
    """Amplitudes of all output strings, in the order of ``photon_patterns``, for an input string (m,) through U (m, m).

    >>> half = np.array([[1, -1], [1, 1]]) / np.sqrt(2)
    >>> interference(half, np.array([1, 1])).round(12).real.tolist()
    [-0.707106781187, 0.0, 0.707106781187]
    """
    modes = len(unitary)
    sums = np.ones(1, dtype=complex)
    so_far = 0
    for source, count in enumerate(photons.tolist()):
        for _ in range(count):
            up = _one_photon_more(so_far, modes)
            longer = np.zeros(comb(so_far + modes, modes - 1), dtype=complex)
            for target in range(modes):
                if unitary[target, source]:
                    longer[up[:, target]] += unitary[target, source] * sums
            sums, so_far = longer, so_far + 1
    # a^dagger^n |0> has norm sqrt(n!), at the output and at the input.
    weights = gammaln(photon_patterns(so_far, modes) + 1.0).sum(axis=1) - gammaln(np.asarray(photons) + 1.0).sum()
    return np.asarray(sums * np.exp(weights / 2))


@lru_cache(maxsize=64)
def photon_patterns(photons: int, modes: int) -> Integer:
    """(C(n + m - 1, m - 1), m) all ways to put n photons into m modes, the largest first.

    >>> photon_patterns(2, 2).tolist()
    [[2, 0], [1, 1], [0, 2]]
    """
    size = comb(photons + modes - 1, modes - 1)
    if size > MAX_PATTERNS:
        raise CircuitTooLargeError(
            f"{photons} photons spread over {modes} modes in {roughly(size)} ways, more than {MAX_PATTERNS}; "
            "use fewer photons or modes"
        )
    if photons < 2 or modes == 1:
        return read_only(photons * (np.eye(modes, dtype=np.int64) if photons else np.ones((1, modes), dtype=np.int64)))
    if modes > DEEPEST:
        raise CircuitTooLargeError(
            f"{photons} photons are spread over at most {DEEPEST} modes, got {modes}; use fewer modes"
        )
    parts = []
    for first in range(photons, -1, -1):
        rest = photon_patterns(photons - first, modes - 1)
        parts.append(np.column_stack([np.full(len(rest), first), rest]))
    return read_only(np.concatenate(parts))


def pattern_places(patterns: Integer) -> Integer:
    """The place of every string among ``photon_patterns`` of its photon number.

    >>> pattern_places(np.array([[1, 1], [0, 2]])).tolist()
    [1, 2]
    """
    modes = patterns.shape[1]
    left = patterns.sum(axis=1)
    table = _binomials(int(left.max(initial=0)) + modes, modes)
    places = np.zeros(len(patterns), dtype=np.int64)
    for k in range(modes - 1):
        # Strings that agree so far and have more photons here come before: C(left - n - 1 + rest, rest) of them.
        rest = modes - 1 - k
        left = left - patterns[:, k]
        places += np.where(left > 0, table[left - 1 + rest, rest], 0)
    return places


@lru_cache(maxsize=64)
def _one_photon_more(photons: int, modes: int) -> Integer:
    """(strings, m): the place that each string takes when a photon is added to mode k."""
    patterns = photon_patterns(photons, modes)
    photon_patterns(photons + 1, modes)
    places = np.empty(patterns.shape, dtype=np.int64)
    for k in range(modes):
        more = patterns.copy()
        more[:, k] += 1
        places[:, k] = pattern_places(more)
    return read_only(places)


@lru_cache(maxsize=16)
def _binomials(top: int, modes: int) -> Integer:
    # Larger ones never count strings that are listed.
    rows = [[min(comb(n, k), 2**62) for k in range(modes + 1)] for n in range(top + 1)]
    return read_only(np.array(rows, dtype=np.int64))
