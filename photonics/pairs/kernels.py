"""The compiled loops of ``samples``; numba is loaded here."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

Array = Any
"""numba works out the types."""


@njit(cache=True)
def _take(state: Array, size: int, a: complex, b: complex, out: Array) -> float:
    """a a_1 + b a_2 on a state of ``size`` photons, amplitudes by the photons in mode 1; gives the squared length."""
    length = 0.0
    for k in range(size):
        value = a * np.sqrt(k + 1.0) * state[k + 1] + b * np.sqrt(float(size - k)) * state[k]
        out[k] = value
        length += value.real * value.real + value.imag * value.imag
    return length


@njit(cache=True)
def _draw_side(state: Array, size: int, columns: Array, uniform: Array, at: int, counts: Array) -> int:
    """Find every photon of a state in turn; gives the next place in ``uniform``."""
    modes = columns.shape[0]
    trial = np.empty((modes, size + 1), dtype=np.complex128)
    lengths = np.empty(modes)
    left = size
    while left > 0:
        total = 0.0
        for j in range(modes):
            lengths[j] = _take(state, left, columns[j, 0], columns[j, 1], trial[j])
            total += lengths[j]
        target = uniform[at] * total
        at += 1
        j = 0
        reached = lengths[0]
        while reached < target and j < modes - 1:
            j += 1
            reached += lengths[j]
        counts[j] += 1
        scale = 1.0 / np.sqrt(lengths[j])
        left -= 1
        for k in range(left + 1):
            state[k] = trial[j, k] * scale
    return at


@njit(cache=True)
def draw_pairs(photons: Array, columns: Array, t: float, u: float, uniform: Array) -> Array:
    """Counts of the signal and the idler modes, shot by shot."""
    shots, modes = len(photons), columns.shape[0]
    counts = np.zeros((shots, 2 * modes), dtype=np.int64)
    at = 0
    for shot in range(shots):
        size = photons[shot]
        if size == 0:
            at += 1
            continue
        # The share of the first pair: t^2k u^2(N - k).
        weights = np.empty(size + 1)
        total = 0.0
        for k in range(size + 1):
            weights[k] = t ** (2 * k) * u ** (2 * (size - k))
            total += weights[k]
        target = uniform[at] * total
        at += 1
        share = 0
        reached = weights[0]
        while reached < target and share < size:
            share += 1
            reached += weights[share]
        state = np.zeros(size + 2, dtype=np.complex128)
        state[share] = 1.0
        at = _draw_side(state, size, columns, uniform, at, counts[shot, :modes])
        # <signal|U|k, N - k> for every k: the product of (U_j1 x + U_j2 y)^s_j, up to a factor for all k.
        product = np.zeros(size + 2, dtype=np.complex128)
        product[0] = 1.0
        degree = 0
        for j in range(modes):
            for _ in range(counts[shot, j]):
                for k in range(degree + 1, 0, -1):
                    product[k] = columns[j, 1] * product[k] + columns[j, 0] * product[k - 1]
                product[0] = columns[j, 1] * product[0]
                degree += 1
        # The coefficient of x^k y^(N - k) times sqrt(k! (N - k)!) is the amplitude; by ratios, so that nothing overflows.
        length = 0.0
        root = 1.0
        for k in range(size + 1):
            if k:
                root *= np.sqrt(k / (size - k + 1.0))
            state[k] = product[k] * root * t**k * u ** (size - k)
            length += state[k].real ** 2 + state[k].imag ** 2
        for k in range(size + 1):
            state[k] /= np.sqrt(length)
        at = _draw_side(state, size, columns, uniform, at, counts[shot, modes:])
    return counts
