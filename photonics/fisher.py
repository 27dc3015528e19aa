"""Fisher information from states and their derivatives. No circuits here: the engines supply the derivatives.

All matrices are for one shot and are (d, d) float arrays.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from photonics.conventions import Complex, Real, symplectic_form
from photonics.fock import FockState
from photonics.gaussian import GaussianState, relative_rounding
from photonics.limits import PrecisionError

LARGEST_ROUNDING = 1e-5
"""Relative error from rounding above which a Gaussian Fisher matrix is refused."""


class DivergentFisherInformationError(ValueError):
    """The quantum Fisher information has no finite value here (a parameter moves a symplectic eigenvalue off 1)."""


def qfi_matrix(
    state: FockState | GaussianState,
    generator: Literal["number", "momentum"] = "number",
    *,
    modes: tuple[str, ...] | None = None,
    passes: int = 1,
) -> Real:
    """Quantum Fisher information matrix of parameters that act on ``state`` without controls, BEGG (23), (76), (77).

    F_ij = 4 M^2 Cov(G_i, G_j) for pure states; Gaussian states may be mixed.

    Parameters
    ----------
    state : FockState or GaussianState
        The probe, before sensing.
    generator : "number" (exp(-i theta n)) or "momentum" (exp(-i theta p), vacuum variance of p 1/4)
    modes : tuple of str
        Mode of each parameter; all modes if not given.
    passes : int
        M, each of unit time.

    Raises
    ------
    ValueError
        For modes that the state does not have, or momentum sensing of a FockState (give a GaussianState).

    Examples
    --------
    A two-photon N00N state reaches N^2 = 4 for the phase difference:

    >>> noon = FockState.from_terms(["a", "b"], {(2, 0): 2**-0.5, (0, 2): 2**-0.5})
    >>> qfi_matrix(noon).round(12).tolist()
    [[4.0, -4.0], [-4.0, 4.0]]
    """
    sensed = state.modes if modes is None else tuple(modes)
    unknown = [mode for mode in sensed if mode not in state.modes]
    if unknown or len(set(sensed)) < len(sensed):
        raise ValueError(f"modes must be different modes of the state {state.modes}, got {sensed}")
    at = [state.modes.index(mode) for mode in sensed]
    if isinstance(state, FockState):
        if generator != "number":
            raise ValueError("a FockState senses phases (generator 'number'); give a GaussianState for 'momentum'")
        return 4.0 * passes**2 * state.number_covariance()[np.ix_(at, at)]
    count = len(state.modes)
    if generator == "momentum":
        shifts = np.zeros((2 * count, len(at)))
        shifts[at, range(len(at))] = 1.0
        return passes**2 * gaussian_qfi_matrix(state.covariance, shifts)
    mean_derivatives, covariance_derivatives = rotation_derivatives(state.mean, state.covariance, at)
    return passes**2 * gaussian_qfi_matrix(state.covariance, mean_derivatives, covariance_derivatives)


def rotation_derivatives(mean: Real, covariance: Real, at: list[int]) -> tuple[Real, Real]:
    """Derivatives of the moments under exp(-i theta_j n_j) for the modes ``at``: (2m, d) and (d, 2m, 2m)."""
    count = len(mean) // 2
    mean_derivatives = np.zeros((len(mean), len(at)))
    covariance_derivatives = np.zeros((len(at), len(mean), len(mean)))
    for j, k in enumerate(at):
        x, p = k, k + count
        mean_derivatives[x, j], mean_derivatives[p, j] = mean[p], -mean[x]
        turned = covariance_derivatives[j]
        turned[x], turned[p] = covariance[p], -covariance[x]
        covariance_derivatives[j] = turned + turned.T
    return mean_derivatives, covariance_derivatives


def pure_qfi_matrix(amplitudes: Complex, derivatives: Complex) -> Real:
    """F_ij = 4 Re(<d_i psi|d_j psi> - <d_i psi|psi><psi|d_j psi>/<psi|psi>) for amplitudes (T,), derivatives (T, d).

    A vector of norm^2 p < 1 is read as what survives with probability p: the result is then p times the information
    of the surviving state, which is right when p does not depend on the parameters.
    """
    weight = float(np.vdot(amplitudes, amplitudes).real)
    if weight == 0:
        return np.zeros((derivatives.shape[1],) * 2)
    # The part of each derivative along psi is taken off before squaring: branches of very unequal weight keep their digits.
    across = derivatives - np.outer(amplitudes, amplitudes.conj() @ derivatives) / weight
    return np.asarray(4.0 * (across.conj().T @ across).real)


def mixed_qfi_matrix(density: Complex, derivatives: Complex, *, floor: float = 1e-13) -> Real:
    """F_ij = 2 sum_kl Re(<k|d_i rho|l><l|d_j rho|k>)/(p_k + p_l) of a density matrix (B, B), derivatives (d, B, B).

    The blocks that rho and its derivatives fall into (sectors of photon number, after loss) are taken one by one, so that
    rare ones keep their digits. In each, terms with p_k + p_l below ``floor`` times its largest p are left out when the
    derivatives vanish there, as they do for unitary parameters; otherwise DivergentFisherInformationError. O(d B^3).
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    pattern = (density != 0) | (derivatives != 0).any(axis=0)
    count, label = connected_components(csr_array(pattern), directed=False)
    information = np.zeros((len(derivatives),) * 2)
    order = np.argsort(label, kind="stable")
    for rows in np.split(order, np.searchsorted(label[order], np.arange(1, count))):
        grid = np.ix_(rows, rows)
        slopes = np.array([slope[grid] for slope in derivatives])
        if np.any(slopes):
            information += _block_information(density[grid], slopes, floor)
    return information


def _block_information(density: Complex, derivatives: Complex, floor: float) -> Real:
    weights, vectors = np.linalg.eigh(density)
    turned = vectors.conj().T @ derivatives @ vectors
    total = weights[:, None] + weights[None, :]
    empty = total < floor * float(weights[-1])
    # A derivative counts beside the weight that it moves; where it is only rounding there is nothing to move.
    scale = max(float(np.abs(turned).max(initial=0.0)), float(weights[-1]))
    if empty.any() and np.abs(turned[:, empty]).max(initial=0.0) > 1e-6 * scale:
        raise DivergentFisherInformationError("a parameter moves weight into states of probability zero")
    inverse = np.where(empty, 0.0, 2.0 / np.where(empty, 1.0, total))
    left = (turned.conj() * inverse).reshape(len(turned), -1)
    return np.asarray((left @ turned.reshape(len(turned), -1).T).real)


def gaussian_qfi_matrix(covariance: Real, mean_derivatives: Real, covariance_derivatives: Real | None = None) -> Real:
    """Quantum Fisher information matrix of a Gaussian state, pure or mixed (docs/theory.md, section 3, Williamson's basis).

    F_ij = 1/2 vec(dV_i)^T (V (x) V - Omega (x) Omega)^+ vec(dV_j) + dm_i^T V^{-1} dm_j, evaluated in the eigenbasis of
    L^{-1} Omega L^{-T}, V = L L^T, where the big matrix is diagonal: O(m^3) in all and O(m^2) for each
    pair of parameters, not O(m^6).

    Parameters
    ----------
    covariance : (2m, 2m), vacuum variance 1
    mean_derivatives : (2m, d)
    covariance_derivatives : (d, 2m, 2m) or None when the covariance does not depend on the parameters

    Raises
    ------
    DivergentFisherInformationError
        When a parameter changes a symplectic eigenvalue that is 1 (loss at transmissivity 1): the true value diverges.
    PrecisionError
        When the covariance is too ill-conditioned for double precision (squeezing of some 50 dB at odd angles).

    Examples
    --------
    Phase of a squeezed vacuum, 2 sinh(2r)^2:

    >>> r = 0.5
    >>> V = np.diag([np.exp(-2 * r), np.exp(2 * r)])
    >>> dV = (np.exp(2 * r) - np.exp(-2 * r)) * np.array([[[0.0, 1.0], [1.0, 0.0]]])
    >>> round(gaussian_qfi_matrix(V, np.zeros((2, 1)), dV).item(), 10), round(float(2 * np.sinh(2 * r) ** 2), 10)
    (2.7621956911, 2.7621956911)
    """
    rounding = relative_rounding(covariance)
    if rounding > LARGEST_ROUNDING:
        raise PrecisionError(
            f"the covariance is too ill-conditioned: double precision leaves a relative error of about {rounding:.1g} in the "
            f"Fisher information, more than {LARGEST_ROUNDING:g}; use less squeezing"
        )
    root = np.linalg.cholesky(covariance)
    slopes = np.linalg.solve(root, mean_derivatives)
    information = np.asarray(slopes.T @ slopes)
    if covariance_derivatives is None or not np.any(covariance_derivatives):
        return information
    half = np.linalg.solve(root, symplectic_form(len(covariance) // 2))
    values, vectors = np.linalg.eigh(1j * np.linalg.solve(root, half.T).T)
    # In this basis V (x) V - Omega (x) Omega is 1 + lambda_k lambda_l, with lambda = +-1/nu in pairs.
    change = np.linalg.solve(root.T, vectors)
    turned = np.empty(covariance_derivatives.shape, dtype=complex)
    for slope, out in zip(covariance_derivatives, turned, strict=True):
        _congruence(change, slope, out)
    weight = 1.0 + values[:, None] * values[None, :]
    pure = weight < max(1e-10, rounding)
    scale = float(np.abs(turned).max())
    if pure.any() and np.abs(turned[:, pure]).max() > 1e-5 * scale:
        raise DivergentFisherInformationError(
            "a parameter changes a symplectic eigenvalue equal to 1 (for example a loss at transmissivity 1): "
            "the quantum Fisher information diverges there"
        )
    turned *= np.where(pure, 0.0, 1.0 / np.sqrt(np.where(pure, 1.0, weight)))
    # Real and imaginary parts side by side: the real part of the inner products, without another copy.
    parts = turned.view(float).reshape(len(turned), -1)
    return np.asarray(information + 0.5 * (parts @ parts.T))


def _congruence(change: Complex, slope: Real, out: Complex) -> None:
    """change^dagger slope conj(change) into ``out``; O(m^2) when ``slope`` is non-zero only in a few rows and their columns.

    That is the shape of the derivative by the phase of one mode: one row pair and one column pair.
    """
    filled = np.count_nonzero(slope, axis=1)
    rows = np.flatnonzero(filled > max(4, int(filled.max()) // 2))
    rest = slope.copy()
    rest[rows] = 0.0
    inner = rest[:, rows].copy()
    rest[:, rows] = 0.0
    if len(rows) > len(slope) // 8 or rest.any():
        np.matmul(change.conj().T @ slope, change.conj(), out=out)
        return
    across = change[rows].conj()
    np.matmul(across.T, slope[rows] @ change.conj(), out=out)
    out += (change.conj().T @ inner) @ across


# --- from a matrix to one function ---------------------------------------------------------------------------


def directional_qfi(information: Real, direction: ArrayLike) -> float:
    """u^T F u: information along u when every orthogonal combination of the parameters is known.

    >>> directional_qfi(np.diag([4.0, 1.0]), [1.0, 0.0])
    4.0
    """
    u = np.asarray(direction, dtype=float)
    return float(u @ information @ u)


@dataclass(frozen=True, slots=True, kw_only=True)
class NuisanceAwareInformation:
    """What F says of q = a . theta when nothing else is known.

    ``mse`` is a^T F^+ a, and infinite when a is not in the range of F; then ``null_direction`` is a combination of the
    parameters that changes q but leaves no trace in the state.
    """

    mse: float
    null_direction: tuple[float, ...] | None

    @property
    def qfi(self) -> float:
        """1/(a^T F^+ a): zero when q cannot be estimated, infinite when a is zero."""
        return 1.0 / self.mse if self.mse else math.inf


def nuisance_aware_information(
    information: Real, function: ArrayLike, *, tolerance: float = 1e-11
) -> NuisanceAwareInformation:
    """Smallest mean squared error that F allows for q = a . theta with all other combinations unknown.

    F is scaled to a unit diagonal first, so parameters of very different sensitivity do not hide each other. Eigenvalues of
    the scaled F below ``tolerance`` times the largest count as zero, and a part of the scaled a outside the range counts when
    it exceeds sqrt(tolerance)/1000 of it.

    >>> F = np.array([[4.0, -4.0], [-4.0, 4.0]])
    >>> round(nuisance_aware_information(F, [1, -1]).mse, 12), nuisance_aware_information(F, [1, 1]).mse
    (0.25, inf)
    """
    a = np.asarray(function, dtype=float)
    sensitivity = np.sqrt(np.clip(np.diag(information), 0.0, None))
    dark = sensitivity == 0
    if a[dark].any():
        return NuisanceAwareInformation(mse=math.inf, null_direction=_unit(np.where(dark, a, 0.0)))
    scale = np.where(dark, 1.0, sensitivity)
    values, vectors = np.linalg.eigh(information / np.outer(scale, scale))
    alive = values > tolerance * max(float(values[-1]), 0.0)
    parts = vectors.T @ (a / scale)
    outside = np.where(alive, 0.0, parts)
    if np.linalg.norm(outside) > math.sqrt(tolerance) / 1000 * np.linalg.norm(parts):
        return NuisanceAwareInformation(mse=math.inf, null_direction=_unit((vectors @ outside) / scale))
    return NuisanceAwareInformation(mse=float(np.sum(parts[alive] ** 2 / values[alive])), null_direction=None)


def _unit(direction: Real) -> tuple[float, ...]:
    return tuple((direction / np.linalg.norm(direction)).tolist())


# --- measurements ---------------------------------------------------------------------------------------------


def classical_fisher(probabilities: ArrayLike, jacobian: ArrayLike, hessian: ArrayLike | None = None) -> Real:
    """Fisher information matrix of a discrete outcome, F_ij = sum_k (d_i p_k)(d_j p_k)/p_k.

    An outcome with p_k = 0 is at a minimum of p_k, so its gradient is zero and its term has the limit 2 d_i d_j p_k
    (when that Hessian has rank one, otherwise the limit depends on the way); the term is never dropped.

    Parameters
    ----------
    probabilities : (K,), non-negative, sum 1
    jacobian : (K, d)
    hessian : (K, d, d), needed only for outcomes of probability zero

    Raises
    ------
    ValueError
        For probabilities that are negative or do not sum to 1, and where the limit is needed but not given or not unique.

    Examples
    --------
    A fringe p = (1 +- cos 2 theta)/2 has F = 4 everywhere, also at theta = 0 where one outcome never happens:

    >>> classical_fisher([1.0, 0.0], [[0.0], [0.0]], [[[-2.0]], [[2.0]]]).tolist()
    [[4.0]]
    """
    p = np.asarray(probabilities, dtype=float)
    slope = np.asarray(jacobian, dtype=float)
    if not np.isfinite(p).all() or (p < 0).any() or abs(p.sum() - 1) > 1e-9:
        raise ValueError(
            f"probabilities must be non-negative and sum to 1, got sum {p.sum():.12g}, smallest {p.min():.3g}"
        )
    if slope.ndim != 2 or len(slope) != len(p):
        raise ValueError(f"the jacobian must have shape ({len(p)}, d), got {slope.shape}")
    seen = p > 0
    information = np.asarray((slope[seen].T / p[seen]) @ slope[seen])
    if seen.all():
        return information
    if np.abs(slope[~seen]).max(initial=0.0) > 1e-9:
        raise ValueError("an outcome of probability zero must have zero gradient: probabilities cannot become negative")
    if hessian is None:
        raise ValueError(
            f"{int((~seen).sum())} outcomes have probability zero; give their hessian for the limit of the term"
        )
    curves = np.asarray(hessian, dtype=float)
    if curves.shape != (len(p), slope.shape[1], slope.shape[1]):
        raise ValueError(f"the hessian must have shape {(len(p), slope.shape[1], slope.shape[1])}, got {curves.shape}")
    for curve in curves[~seen]:
        values = np.linalg.eigvalsh(curve)
        if values[0] < -1e-9 * max(abs(values[-1]), 1e-300):
            raise ValueError(
                "an outcome of probability zero is at a minimum, so its hessian cannot have a negative eigenvalue"
            )
        if len(values) > 1 and values[-2] > 1e-9 * max(values[-1], 1e-300):
            raise ValueError("the limit at a probability of zero depends on the direction here; move off this point")
        information = information + 2.0 * curve
    return information


def homodyne_fisher_matrix(covariance_x: Real, mean_x_derivatives: Real) -> Real:
    """Classical Fisher matrix of joint x homodyne with a covariance that the parameters do not change: J^T V_xx^{-1} J."""
    return np.asarray(mean_x_derivatives.T @ np.linalg.solve(covariance_x, mean_x_derivatives))
