"""Gaussian states: means and covariance in the units of ``conventions``. What is done to them lives in ``engines``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from photonics.conventions import Real, read_only, rescale_moments, symplectic_form

PHYSICAL_TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False, repr=False)
class GaussianState:
    """A Gaussian state of m named modes.

    Parameters
    ----------
    modes : sequence of str, length m
    mean : (2m,) floats, order (x1 ... xm, p1 ... pm), vacuum variance 1
    covariance : (2m, 2m) floats, symmetric

    Raises
    ------
    ValueError
        For wrong shapes, NaN, an asymmetric covariance, or one that breaks the uncertainty relation (with the
        smallest symplectic eigenvalue, which must be at least 1).

    Examples
    --------
    >>> GaussianState.vacuum(["a"]).photon_number().tolist()
    [0.0]
    """

    modes: tuple[str, ...]
    mean: Real
    covariance: Real

    def __post_init__(self) -> None:
        modes = tuple(self.modes)
        mean = np.array(self.mean, dtype=float)
        covariance = np.array(self.covariance, dtype=float)
        size = 2 * len(modes)
        if len(set(modes)) < len(modes):
            raise ValueError(f"mode names must differ, got {modes}")
        if mean.shape != (size,) or covariance.shape != (size, size):
            raise ValueError(
                f"{len(modes)} modes need a mean of shape ({size},) and a covariance of shape ({size}, {size}), "
                f"got {mean.shape} and {covariance.shape}"
            )
        if not (np.isfinite(mean).all() and np.isfinite(covariance).all()):
            raise ValueError("mean and covariance must be finite")
        scale = float(np.abs(covariance).max())
        if np.abs(covariance - covariance.T).max() > 1e-10 * scale:
            raise ValueError("the covariance must be symmetric")
        covariance = (covariance + covariance.T) / 2
        smallest = symplectic_eigenvalues(covariance)[0]
        # Rounding in a strongly squeezed covariance grows with its condition, bounded here by its squared scale.
        if smallest < 1 - PHYSICAL_TOLERANCE - 1e-15 * scale**2:
            raise ValueError(
                f"the covariance breaks the uncertainty relation: its smallest symplectic eigenvalue is {smallest:.12g}, "
                "which must be at least 1 (vacuum variance 1)"
            )
        object.__setattr__(self, "modes", modes)
        object.__setattr__(self, "mean", read_only(mean))
        object.__setattr__(self, "covariance", read_only(covariance))

    @classmethod
    def vacuum(cls, modes: Iterable[str]) -> GaussianState:
        """No light in any mode."""
        modes = tuple(modes)
        return cls(modes, np.zeros(2 * len(modes)), np.eye(2 * len(modes)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, GaussianState):
            return NotImplemented
        same = self.modes == other.modes and np.array_equal(self.mean, other.mean)
        return bool(same and np.array_equal(self.covariance, other.covariance))

    def __hash__(self) -> int:
        return hash((self.modes, self.mean.tobytes(), self.covariance.tobytes()))

    def __repr__(self) -> str:
        if len(self.modes) > 4:
            return f"<GaussianState of {len(self.modes)} modes, {self.photon_number().sum():.6g} photons>"
        return f"GaussianState({list(self.modes)!r}, {self.mean.tolist()!r}, {self.covariance.tolist()!r})"

    def photon_number(self) -> Real:
        """(m,) mean photon number of each mode."""
        count = len(self.modes)
        second = np.diag(self.covariance) + self.mean**2
        return np.asarray((second[:count] + second[count:]) / 4 - 0.5)

    def in_units(self, hbar: float) -> tuple[Real, Real]:
        """Mean and covariance in the units of another hbar (vacuum variance hbar/2)."""
        return rescale_moments(self.mean, self.covariance, hbar=hbar)


def symplectic_eigenvalues(covariance: Real) -> Real:
    """(m,) symplectic eigenvalues, ascending; all 1 for a pure state. Raises ValueError when V is not positive."""
    try:
        root = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        lowest = float(np.linalg.eigvalsh(covariance)[0])
        raise ValueError(f"the covariance must be positive definite; its smallest eigenvalue is {lowest:.6g}") from None
    form = root.T @ symplectic_form(len(covariance) // 2) @ root
    values = np.linalg.eigvalsh(1j * form)
    return np.asarray(values[len(values) // 2 :])
