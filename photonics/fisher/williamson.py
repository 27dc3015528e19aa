"""Williamson's form of a covariance: V = S diag(nu, nu) S^T with S symplectic. Nothing of Fisher information is in here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.linalg

from photonics.conventions import Real, symplectic_form
from photonics.states.gaussian import are_separate
from photonics.values import ArrayValue


@dataclass(frozen=True, eq=False)
class Williamson(ArrayValue):
    """S (2m, 2m) symplectic, and nu (m,) >= 1, the symplectic eigenvalues in the order of the columns of S."""

    symplectic: Real
    eigenvalues: Real

    def inverse(self) -> Real:
        """S^{-1} = -Omega S^T Omega."""
        count = len(self.eigenvalues)
        s = self.symplectic
        a, b, c, d = s[:count, :count], s[:count, count:], s[count:, :count], s[count:, count:]
        return np.block([[d.T, -b.T], [-c.T, a.T]])


def williamson(covariance: Real) -> Williamson:
    """Williamson's form of a positive covariance, O(m^3); half the size where x and p are uncorrelated.

    With V = L L^T the real antisymmetric L^T Omega L has an orthogonal normal form O with the nu on its off-diagonal, and
    S = L O diag(nu)^{-1/2}.

    >>> import math
    >>> form = williamson(np.diag([math.exp(-1.0), math.exp(1.0)]))
    >>> form.eigenvalues.round(12).tolist()
    [1.0]
    """
    count = len(covariance) // 2
    root = np.linalg.cholesky(covariance)
    if are_separate(covariance):
        x, p = root[:count, :count], root[count:, count:]
        left, values, right = np.linalg.svd(x.T @ p)
        scale = 1 / np.sqrt(values)
        return Williamson(scipy.linalg.block_diag(x @ left * scale, p @ right.T * scale), values)
    # i K is Hermitian with eigenvalues in pairs +-nu; real and imaginary parts of one of each pair span its plane.
    spectrum, vectors = np.linalg.eigh(1j * (root.T @ symplectic_form(count) @ root))
    values, upper = spectrum[count:], vectors[:, count:]
    planes = np.sqrt(2) * np.hstack([upper.imag, upper.real])
    return Williamson(root @ planes / np.sqrt(np.concatenate([values, values])), values)
