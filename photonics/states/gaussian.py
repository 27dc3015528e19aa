"""Gaussian states: means and covariance in the units of ``conventions``. What is done to them lives in ``engines``."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import InitVar, dataclass, field
from functools import cached_property

import numpy as np

from photonics.conventions import HBAR, Real, moment_units, read_only, rescale_moments, symplectic_form
from photonics.limits import PrecisionError
from photonics.states.normal_modes import NormalModes, normal_modes
from photonics.values import ArrayValue, doubles

PHYSICAL_TOLERANCE = 1e-9
FEW_MODES = 16
"""Up to which a state keeps its normal modes from the check of its covariance."""


@dataclass(frozen=True, eq=False, repr=False)
class GaussianState(ArrayValue):
    """A Gaussian state of m named modes.

    Parameters
    ----------
    modes : sequence of str, length m
    mean : (2m,) floats, order (x1 ... xm, p1 ... pm), vacuum variance 1
    covariance : (2m, 2m) floats, symmetric
    tolerance : float
        How far below 1 rounding may have put a symplectic eigenvalue.

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
    tolerance: InitVar[float] = PHYSICAL_TOLERANCE
    symplectic_eigenvalues: Real = field(init=False, compare=False)
    """(m,) ascending; all 1 for a pure state."""

    def __post_init__(self, tolerance: float) -> None:
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
        if not (covariance == covariance.T).all():
            if np.abs(covariance - covariance.T).max() > 1e-10 * np.abs(covariance).max():
                raise ValueError("the covariance must be symmetric")
            covariance = (covariance + covariance.T) / 2
        object.__setattr__(self, "modes", modes)
        object.__setattr__(self, "mean", read_only(mean))
        object.__setattr__(self, "covariance", read_only(covariance))
        spectrum = self._spectrum()
        object.__setattr__(self, "symplectic_eigenvalues", read_only(spectrum))
        smallest = float(spectrum[0])
        if smallest < 1 - tolerance and smallest < 1 - tolerance - self.rounding:
            raise ValueError(
                f"the covariance breaks the uncertainty relation: its smallest symplectic eigenvalue is {smallest:.12g}, "
                "which must be at least 1 (vacuum variance 1)"
            )

    @cached_property
    def rounding(self) -> float:
        """Relative error that double precision leaves in what is solved from the covariance."""
        return relative_rounding(self.covariance)

    @cached_property
    def normal_modes(self) -> NormalModes:
        """x + i p of its normal modes, and their symplectic eigenvalues."""
        return normal_modes(self.covariance[None])

    def _spectrum(self) -> Real:
        if len(self.modes) > FEW_MODES:
            return symplectic_eigenvalues(self.covariance)
        try:
            return np.array(self.normal_modes.eigenvalues[0])
        except np.linalg.LinAlgError:
            # Says what is wrong.
            return symplectic_eigenvalues(self.covariance)

    @classmethod
    def vacuum(cls, modes: Iterable[str]) -> GaussianState:
        """No light in any mode.

        Parameters
        ----------
        modes : iterable of str

        Returns
        -------
        GaussianState
        """
        modes = tuple(modes)
        return cls(modes, np.zeros(2 * len(modes)), np.eye(2 * len(modes)))

    def __repr__(self) -> str:
        if len(self.modes) > 4:
            return f"<GaussianState of {len(self.modes)} modes, {self.photon_number().sum():.6g} photons>"
        return f"GaussianState({list(self.modes)!r}, {self.mean.tolist()!r}, {self.covariance.tolist()!r})"

    def photon_number(self) -> Real:
        """(m,) mean photon number of each mode."""
        return photon_number(self.mean, self.covariance)

    def number_covariance(self) -> Real:
        """(m, m) covariance of the photon numbers."""
        return number_covariance(self.mean, self.covariance)

    def in_units(self, hbar: float | None = None, *, package: str | None = None) -> tuple[Real, Real]:
        """Mean and covariance in the units of another hbar (vacuum variance hbar/2), or as another package writes them.

        Parameters
        ----------
        hbar : float, positive, optional
            That of the package when not given, which is 2 for all of them.
        package : "strawberryfields", "thewalrus", "mrmustard" or "piquasso", optional
            Whose order and factor are meant: Piquasso has (x1, p1, x2, p2, ...) and twice the covariance.

        Returns
        -------
        (2m,) floats, (2m, 2m) floats

        Raises
        ------
        ValueError
            For an unknown package, an hbar that is not positive, or neither of the two.

        Examples
        --------
        >>> state = GaussianState(["a", "b"], [1.0, 2.0, 3.0, 4.0], np.eye(4))
        >>> mean, covariance = state.in_units(package="piquasso")
        >>> mean.tolist(), covariance[0, 0].item()
        ([1.0, 3.0, 2.0, 4.0], 2.0)
        """
        units = moment_units(hbar, package)
        mean, covariance = rescale_moments(self.mean, self.covariance, hbar=units.hbar)
        order = units.order(len(self.modes))
        return mean[order], units.times * covariance[np.ix_(order, order)]

    @classmethod
    def from_units(
        cls,
        modes: Iterable[str],
        mean: Real,
        covariance: Real,
        hbar: float | None = None,
        *,
        package: str | None = None,
    ) -> GaussianState:
        """A state from moments in other units: what ``in_units`` gives, back.

        Parameters
        ----------
        modes : iterable of str, length m
        mean : (2m,) floats
        covariance : (2m, 2m) floats
        hbar : float, positive, optional
        package : "strawberryfields", "thewalrus", "mrmustard" or "piquasso", optional
            As for ``in_units``.

        Returns
        -------
        GaussianState

        Raises
        ------
        ValueError
            As ``in_units``, and as the class for moments of no state.

        Examples
        --------
        >>> GaussianState.from_units(["a"], np.zeros(2), np.eye(2) / 2, hbar=1.0).photon_number().tolist()
        [0.0]
        """
        units, names = moment_units(hbar, package), tuple(modes)
        there, wide = doubles(mean), doubles(covariance)
        size = 2 * len(names)
        if there.shape != (size,) or wide.shape != (size, size):
            raise ValueError(
                f"{len(names)} modes need a mean of shape ({size},) and a covariance of shape ({size}, {size}), "
                f"got {there.shape} and {wide.shape}"
            )
        back = np.argsort(units.order(len(names)))
        factor = HBAR / units.hbar
        return cls(names, there[back] * math.sqrt(factor), wide[np.ix_(back, back)] * (factor / units.times))


def photon_number(mean: Real, covariance: Real) -> Real:
    """(..., m) mean photon number of each mode, from moments (..., 2m) and (..., 2m, 2m)."""
    count = mean.shape[-1] // 2
    # The vacuum's part goes first: coherent light has exactly that, and keeps the digits of however few photons.
    above = (np.diagonal(covariance, axis1=-2, axis2=-1) - 1.0) + mean**2
    return np.asarray((above[..., :count] + above[..., count:]) / 4)


def number_covariance(mean: Real, covariance: Real) -> Real:
    """Covariance of the photon numbers of Gaussian light, pure or mixed, from its moments entry by entry in O(m^2).

    With m = (x, p) and V in blocks, 4 Cov(n_i, n_j) = (xx^2 + pp^2 + xp^2 + px^2)_ij/2 - delta_ij
    + x_i x_j xx_ij + p_i p_j pp_ij + x_i p_j xp_ij + p_i x_j px_ij.

    Parameters
    ----------
    mean : (..., 2m) floats
        Of one state, or of many along leading axes.
    covariance : (..., 2m, 2m) floats
        Vacuum variance 1.

    Returns
    -------
    (..., m, m) floats
        The diagonal has an absolute error of rounding, relative to V^2: of next to no light it keeps no digits.

    Raises
    ------
    ValueError
        For shapes that do not fit.

    Examples
    --------
    A squeezed vacuum of sinh(r)^2 = n photons has the variance 2 n (n + 1):

    >>> V = np.diag([np.exp(-1.0), np.exp(1.0)])
    >>> n = np.sinh(0.5) ** 2
    >>> round(number_covariance(np.zeros(2), V).item(), 12), round(2 * float(n * (n + 1)), 12)
    (0.690548922771, 0.690548922771)
    """
    mean, covariance = doubles(mean), doubles(covariance)
    size = mean.shape[-1] if mean.ndim else 0
    if not size or size % 2 or covariance.shape != (*mean.shape, size):
        raise ValueError(
            f"means (..., 2m) need covariances (..., 2m, 2m) of the same states, got {mean.shape} and {covariance.shape}"
        )
    count = size // 2
    x, p = mean[..., :count], mean[..., count:]
    xx, xp, pp = covariance[..., :count, :count], covariance[..., :count, count:], covariance[..., count:, count:]
    squares = xp * xp
    out = (xx * xx + pp * pp + squares + squares.swapaxes(-1, -2)) / 2
    own = np.arange(count)
    out[..., own, own] -= 1.0
    if mean.any():
        cross = x[..., :, None] * p[..., None, :] * xp
        out += x[..., :, None] * x[..., None, :] * xx + p[..., :, None] * p[..., None, :] * pp
        out += cross + cross.swapaxes(-1, -2)
    return np.asarray(out / 4)


def relative_rounding(covariance: Real) -> float:
    """Relative error that rounding leaves in what is solved from V: 1e-15 times the condition of V at unit diagonal.

    Scaling the diagonal away counts only what costs digits: squeezing along x or p does not, squeezing at an angle does.
    """
    return float(relative_roundings(covariance[None])[0])


def relative_roundings(covariances: Real) -> Real:
    """``relative_rounding`` of (B, 2m, 2m) covariances, (B,)."""
    count = covariances.shape[1] // 2
    scale = np.sqrt(np.abs(covariances.diagonal(axis1=1, axis2=2)))
    scaled = covariances / (scale[:, :, None] * scale[:, None, :])
    apart = ~covariances[:, :count, count:].any(axis=(1, 2))
    worst = np.ones(len(covariances))
    for some, rows in ((~apart, slice(None)), (apart, slice(count)), (apart, slice(count, None))):
        if some.any():
            values = np.linalg.eigvalsh(scaled[some, rows, rows])
            positive = values[:, 0] > 0
            ratio = np.where(positive, values[:, -1] / np.where(positive, values[:, 0], 1.0), np.inf)
            worst[some] = np.maximum(worst[some], ratio)
    return 1e-15 * worst


def are_separate(covariance: Real) -> bool:
    """Whether x and p are uncorrelated, so that m x m matrices suffice."""
    count = len(covariance) // 2
    return not covariance[:count, count:].any()


def symplectic_eigenvalues(covariance: Real) -> Real:
    """(m,) symplectic eigenvalues, ascending; all 1 for a pure state. Raises ValueError when V is not positive."""
    try:
        root = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        lowest, highest = (float(value) for value in np.linalg.eigvalsh(covariance)[[0, -1]])
        if lowest > -1e-13 * highest:
            raise PrecisionError(
                f"the covariance spans eigenvalues from {lowest:.3g} to {highest:.3g}, too far apart for double precision; "
                "use less squeezing"
            ) from None
        raise ValueError(f"the covariance must be positive definite; its smallest eigenvalue is {lowest:.6g}") from None
    count = len(covariance) // 2
    if are_separate(covariance):
        # Their squares are the eigenvalues of V_xx V_pp.
        return np.sqrt(np.linalg.eigvalsh(root[:count, :count].T @ covariance[count:, count:] @ root[:count, :count]))
    values = np.linalg.eigvalsh(1j * (root.T @ symplectic_form(count) @ root))
    return np.asarray(values[count:])
