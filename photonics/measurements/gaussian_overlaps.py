"""Overlaps of Gaussian light with thermal-like operators, det(A)^{-1/2} exp(-m^T A^{-1} m/2) for A = V + T, and derivatives.

Photon numbers (T on the imaginary axis), clicks (T = 1) and parity (T = 0) are all of this form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from photonics.conventions import Complex, Real
from photonics.output import GaussianOutput
from photonics.values import ArrayValue


@dataclass(frozen=True, eq=False)
class Overlaps(ArrayValue):
    """Values (G,) and, by the d parameters, (G, d); real when A is."""

    values: Any
    jacobian: Any


def overlaps(light: GaussianOutput, matrices: Real | Complex) -> Overlaps:
    """det(A)^{-1/2} exp(-m^T A^{-1} m/2) for every A (G, 2m, 2m) with a positive real part.

    The root is that of the pivots: they keep a positive real part, so their principal roots are the continuous branch.
    dA is dV: d log = -Tr(A^{-1} dV)/2 - dm^T A^{-1} m + m^T A^{-1} dV A^{-1} m/2, with dV of low rank.
    """
    values = 1 / _root_of_determinant(matrices)
    d = light.mean_derivatives.shape[1]
    moved = bool(light.mean.any())
    if not moved and not d:
        return Overlaps(values, np.zeros((len(values), 0), dtype=values.dtype))
    inverse = np.linalg.inv(matrices)
    pulled = inverse @ light.mean
    if moved:
        values = values * np.exp(-(pulled @ light.mean) / 2)
    log_slopes = -(pulled @ light.mean_derivatives)
    if light.slopes is not None and d:
        left, right = light.slopes.left, light.slopes.right
        for j in range(d):
            # Tr(A^{-1} (l r^T + r l^T)) = 2 sum of r . A^{-1} l over the columns.
            trace = 2 * np.einsum("gas,as->g", inverse @ left[j], right[j])
            both = 2 * np.einsum("gs,gs->g", pulled @ left[j], pulled @ right[j]) if moved else 0.0
            log_slopes[:, j] += (both - trace) / 2
    return Overlaps(values, values[:, None] * log_slopes)


def _root_of_determinant(matrices: Real | Complex) -> Any:
    work: Any = np.array(matrices)
    root = np.ones(len(work), dtype=work.dtype)
    for k in range(work.shape[1]):
        pivot = work[:, k, k]
        root *= np.sqrt(pivot)
        below = work[:, k + 1 :, k]
        work[:, k + 1 :, k + 1 :] -= below[:, :, None] * (below / pivot[:, None])[:, None, :]
    return root


def mode_diagonal(values: Real | Complex) -> Real | Complex:
    """(G, m) to the (G, 2m) of both quadratures."""
    return np.concatenate([values, values], axis=1)
