"""Normal modes of Gaussian states of few modes, one or many at once. Larger states have ``fisher.williamson``.

With V = L L^T, i L^T Omega L has eigenvectors U with eigenvalues nu > 0, and the rows of T = sqrt(2/nu) (L U)^dagger Omega^T are
x + i p of the normal modes: T V T^dagger = 2 nu, T V T^T = 0, and V^{-1} = Re T^dagger nu^{-1} T.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from photonics.conventions import Complex, Real


class NormalModes(NamedTuple):
    """T (B, m, 2m), x + i p of each normal mode, and nu (B, m), ascending; of B covariances."""

    rows: Complex
    eigenvalues: Real


def normal_modes(covariances: Real) -> NormalModes:
    """Of (B, 2m, 2m) covariances; LinAlgError where one is not positive.

    >>> modes = normal_modes(np.diag([0.5, 2.0])[None])
    >>> modes.eigenvalues.round(12).tolist()
    [[1.0]]
    """
    count = covariances.shape[-1] // 2
    root = np.linalg.cholesky(covariances)
    area = root[:, :count].swapaxes(1, 2) @ root[:, count:]
    values, vectors = np.linalg.eigh(1j * (area - area.swapaxes(1, 2)))
    nu = values[:, count:]
    planes = (root @ vectors[:, :, count:]).conj().swapaxes(1, 2) * np.sqrt(2 / nu)[:, :, None]
    rows = np.empty_like(planes)
    rows[..., :count], rows[..., count:] = planes[..., count:], -planes[..., :count]
    return NormalModes(rows, nu)
