"""Compiled inner loops of Bayesian phase estimation, trial by trial. Imported when needed; ``bayesian.py`` says what they mean."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]


@njit(cache=True)
def update(posterior: Complexes, depth: int, factor: Complexes) -> None:
    """Multiply each row by 1 + factor e^{-i x} + its conjugate, in place: entries up to ``depth`` - 1 are right afterwards."""
    for t in range(posterior.shape[0]):
        f = factor[t]
        # What the entry -1 holds is the conjugate of that of 1.
        below = np.conj(posterior[t, 1])
        for m in range(depth):
            here = posterior[t, m]
            posterior[t, m] = here + f * below + np.conj(f) * posterior[t, m + 1]
            below = here
        scale = 1.0 / posterior[t, 0].real
        for m in range(depth):
            posterior[t, m] *= scale


@njit(cache=True)
def sharpest(
    posterior: Complexes, half_squared: float, cosines: Floats, sines: Floats, least_gain: float, double: Floats
) -> None:
    """For each row twice the offset with the largest sum of |a + z| and |a - z|, into ``double``.

    The first candidate is the angle of conj(b), exactly; those of the grid replace it when they gain more than ``least_gain``.
    """
    for t in range(posterior.shape[0]):
        a, b = posterior[t, 1], posterior[t, 2]
        square = b * b
        still = a * a - 2 * half_squared * b
        along, across = 2 * half_squared * b.real, -2 * half_squared * b.imag
        best = -1.0e300
        size = np.abs(b)
        for k in range(-1, len(cosines)):
            if k >= 0:
                c, s = cosines[k], sines[k]
            elif size > 0:
                c, s = b.real / size, -b.imag / size
            else:
                c, s = 1.0, 0.0
            x = still.real - half_squared * (c + c * square.real - s * square.imag)
            y = still.imag - half_squared * (-s + s * square.real + c * square.imag)
            value = along * c + across * s + np.sqrt(x * x + y * y)
            if value > best + least_gain:
                best = value
                double[t] = np.arctan2(s, c)
