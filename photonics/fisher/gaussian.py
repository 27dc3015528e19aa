"""Quantum Fisher matrices of Gaussian states, pure or mixed, from their moments and the derivatives of these.

In Williamson's basis the inverse of V (x) V - Omega (x) Omega is diagonal: each pair of normal modes j, k has a part that keeps the
photon number (a_j^dagger a_k), with weight 1/(nu_j nu_k - 1), and one that makes pairs (a_j a_k), with weight 1/(nu_j nu_k + 1).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from photonics.conventions import Complex, Real
from photonics.fisher.few_modes import (
    condition_bounds,
    dense_parts,
    excesses,
    low_rank_parts,
    of_means,
    of_parts,
)
from photonics.fisher.slopes import LowRank
from photonics.fisher.williamson import Williamson, williamson
from photonics.limits import DivergentFisherInformationError, PrecisionError
from photonics.states.gaussian import number_covariance, relative_roundings
from photonics.states.normal_modes import NormalModes, normal_modes
from photonics.values import doubles

LARGEST_ROUNDING = 1e-5
"""Relative error from rounding above which a Gaussian Fisher matrix is refused."""
LOWEST_EXCESS = 1e-13
"""Pairs of normal modes with nu_j nu_k - 1 below it count as pure."""
DIVERGES = 1e-5
"""A number-keeping part above this share of the parameter's largest, on a pure pair, has no finite information."""
UNDECIDED = 1e-8
"""Such a part between this and DIVERGES belongs to a state about to turn pure, where double precision cannot tell."""
NOTHING = 1e-11
"""Derivatives in Williamson's basis below it are rounding: there the covariance itself is of order one."""
FEW_MODES = 1200
"""Quadratures times parameters up to which all pairs of normal modes are taken at once (``few_modes``)."""
STACK_BYTES = 2**19
"""Working memory of the derivatives of many states at once; what fits into a cache is fastest."""
CHUNK_BYTES = 2**26
"""Working memory of the general case beside the moments and their derivatives."""
NEARLY = 1e-3
"""Pairs of normal modes with an excess below it are watched for what rounding makes of them."""
GROUPED_ROUNDING = 1e-14
"""Sums over groups cancel to about this share of their terms."""
FEW_GROUPS_SAFE = 1e-4
"""Distinct symplectic eigenvalues are summed in groups when nu_j nu_k - 1 of mixed pairs is above this: the sums cancel."""


Places = NDArray[np.intp]
_Entries = Callable[[slice], tuple[Complex, Complex]]
"""Number-keeping and pair-making parts of all derivatives, for some rows of normal modes and all columns from there on."""


def gaussian_qfi_matrix(
    covariance: Real, mean_derivatives: Real, covariance_derivatives: Real | LowRank | None = None
) -> Real:
    """Quantum Fisher information matrix of a Gaussian state, pure or mixed (docs/theory/theory.md, section 3).

    F_ij = 1/2 vec(dV_i)^T (V (x) V - Omega (x) Omega)^+ vec(dV_j) + dm_i^T V^{-1} dm_j, in Williamson's basis: O(m^3), and
    then O(m d^2 + g^2 d^2) for derivatives of low rank and g distinct symplectic eigenvalues, or O(m^2 d^2) in matrix
    products where nearly all differ, in blocks of CHUNK_BYTES. Never the (2m)^2 x (2m)^2 matrix.

    Parameters
    ----------
    covariance : (2m, 2m), vacuum variance 1
    mean_derivatives : (2m, d)
    covariance_derivatives : (d, 2m, 2m), or LowRank, or None when the covariance does not depend on the parameters

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
    covariance, mean_derivatives = doubles(covariance), doubles(mean_derivatives)
    if covariance_derivatives is not None and covariance.shape[-1] * mean_derivatives.shape[-1] <= FEW_MODES:
        some = covariance_derivatives
        stack = (some.left[None], some.right[None]) if isinstance(some, LowRank) else doubles(some)[None]
        return np.asarray(few_modes_qfi(covariance[None], mean_derivatives[None], stack)[0])
    rounding = float(_fair_roundings(covariance[None])[0])
    slopes = np.linalg.solve(np.linalg.cholesky(covariance), mean_derivatives)
    information = np.asarray(slopes.T @ slopes)
    if covariance_derivatives is None:
        return information
    if isinstance(covariance_derivatives, LowRank):
        moved = covariance_derivatives.left.any(axis=(1, 2)) & covariance_derivatives.right.any(axis=(1, 2))
    else:
        moved = covariance_derivatives.any(axis=(1, 2))
    if not moved.any():
        return information
    frame = williamson(covariance)
    inverse, tolerance = frame.inverse(), _Tolerance(max(LOWEST_EXCESS, 10 * rounding), rounding)
    if isinstance(covariance_derivatives, LowRank):
        some = LowRank(covariance_derivatives.left[moved], covariance_derivatives.right[moved]).transformed(inverse)
        part = _low_rank_part(frame, some, tolerance)
    else:
        part = _dense_part(frame, inverse @ covariance_derivatives[moved] @ inverse.T, tolerance)
    information[np.ix_(moved, moved)] += part
    return information


def gaussian_qfi_matrices(
    covariances: Real, mean_derivatives: Real, covariance_derivatives: Real | None = None
) -> Real:
    """Quantum Fisher matrices of B Gaussian states of the same modes at once: ``gaussian_qfi_matrix`` of each.

    Made for few modes and many states, as searches ask for; O(B d m^3) in stacked products, STACK_BYTES at a time.

    Parameters
    ----------
    covariances : (B, 2m, 2m) floats
        Vacuum variance 1.
    mean_derivatives : (B, 2m, d) floats
    covariance_derivatives : (B, d, 2m, 2m) floats or None
        Symmetric; None when the covariances do not depend on the parameters.

    Returns
    -------
    (B, d, d) floats

    Raises
    ------
    ValueError
        For shapes that do not fit.
    DivergentFisherInformationError, PrecisionError
        As ``gaussian_qfi_matrix``, for the first state that has no finite or no certain matrix.

    Examples
    --------
    >>> r = np.array([0.0, 0.5])
    >>> V = np.array([np.diag([np.exp(-2 * s), np.exp(2 * s)]) for s in r])
    >>> dV = 2 * np.sinh(2 * r)[:, None, None, None] * np.array([[0.0, 1.0], [1.0, 0.0]])
    >>> gaussian_qfi_matrices(V, np.zeros((2, 2, 1)), dV).ravel().round(10).tolist()
    [0.0, 2.7621956911]
    """
    covariances, mean_derivatives = doubles(covariances), doubles(mean_derivatives)
    batch, size = covariances.shape[0], covariances.shape[-1]
    d = mean_derivatives.shape[-1]
    slopes = None if covariance_derivatives is None else doubles(covariance_derivatives)
    if (
        covariances.shape != (batch, size, size)
        or size % 2
        or mean_derivatives.shape != (batch, size, d)
        or (slopes is not None and slopes.shape != (batch, d, size, size))
    ):
        given = [covariances.shape, mean_derivatives.shape] + ([] if slopes is None else [slopes.shape])
        raise ValueError(
            f"B states need shapes (B, 2m, 2m), (B, 2m, d) and (B, d, 2m, 2m), got {', '.join(map(str, given))}"
        )
    out = np.empty((batch, d, d))
    step = max(1, STACK_BYTES // (64 * max(1, d) * size * size))
    for start in range(0, batch, step):
        some = slice(start, start + step)
        out[some] = few_modes_qfi(covariances[some], mean_derivatives[some], None if slopes is None else slopes[some])
    return out


def few_modes_qfi(
    covariances: Real, mean_derivatives: Real, slopes: Real | tuple[Real, Real] | None, modes: NormalModes | None = None
) -> Real:
    """(B, d, d) of (B, 2m, 2m), (B, 2m, d) and slopes (B, d, 2m, 2m), or the two factors (B, d, 2m, r) of these.

    Parameters
    ----------
    covariances : (B, 2m, 2m) floats
    mean_derivatives : (B, 2m, d) floats
    slopes : (B, d, 2m, 2m) floats, two (B, d, 2m, r) as ``left`` and ``right`` of LowRank, or None
    modes : NormalModes, optional
        Of the covariances, where they are known.

    Returns
    -------
    (B, d, d) floats
    """
    if modes is None:
        try:
            modes = normal_modes(covariances)
        except np.linalg.LinAlgError:
            _fair_roundings(covariances)
            raise
    information = of_means(modes, mean_derivatives)
    excess = excesses(modes)
    unsure = (excess[:, 0, 0] < NEARLY) | (condition_bounds(covariances) > 1e15 * LARGEST_ROUNDING)
    some_unsure = unsure.any()
    # Only what is nearly pure needs a more exact idea of rounding.
    rounding = _fair_roundings(covariances[unsure]) if some_unsure else None
    if slopes is None:
        return information
    parts = low_rank_parts(modes, *slopes) if isinstance(slopes, tuple) else dense_parts(modes, slopes)
    if rounding is None:
        return information + of_parts(parts, 1 / excess, excess)
    near = excess[unsure]
    pure = near < np.maximum(LOWEST_EXCESS, 10 * rounding)[:, None, None]
    weights = 1 / np.where(excess > 0, excess, 1.0)
    weights[unsure] = np.where(pure, 0.0, weights[unsure])
    sizes = np.abs(parts[unsure]) / 2
    kept = sizes[:, :, : excess.shape[1]]
    _refuse_if(np.where(pure[:, None], kept, 0.0).max(axis=(2, 3)), sizes.max(axis=(2, 3)))
    information = information + of_parts(parts, weights, excess)
    nearly = np.where(near < NEARLY, weights[unsure], 0.0)
    error = ((kept * nearly[:, None]) ** 2).sum(axis=(2, 3)) * rounding[:, None]
    _refuse_uncertain(error, information[unsure])
    return information


def _fair_roundings(covariances: Real) -> Real:
    """``relative_rounding`` of each; PrecisionError where one is too much."""
    rounding = relative_roundings(covariances)
    worst = float(rounding.max())
    if worst > LARGEST_ROUNDING:
        raise PrecisionError(
            f"the covariance is too ill-conditioned: double precision leaves a relative error of about {worst:.1g} in the "
            f"Fisher information, more than {LARGEST_ROUNDING:g}; use less squeezing"
        )
    return rounding


# --- weights and the divergence ------------------------------------------------------------------------------


def _excess(frame: Williamson) -> Real:
    """nu - 1, without the little below zero that rounding leaves."""
    return np.maximum(frame.eigenvalues - 1.0, 0.0)


def _pair_excess(u: Real, v: Real) -> Real:
    """nu_j nu_k - 1 from the excesses, without cancellation."""
    return np.asarray(u[:, None] + v[None, :] + u[:, None] * v[None, :])


class _Tolerance(NamedTuple):
    """Pairs with an excess below ``excess`` are pure; ``rounding`` is the error of an excess."""

    excess: float
    rounding: float


def _refuse_if(moved_pure: Real, scale: Real) -> None:
    """Parameter by parameter, so that a strong one does not hide what a weak one does."""
    seen = np.where(moved_pure > NOTHING, moved_pure, 0.0)
    if (seen > DIVERGES * scale).any():
        raise DivergentFisherInformationError(
            "a parameter changes a symplectic eigenvalue equal to 1 (for example a loss at transmissivity 1): "
            "the quantum Fisher information diverges there, or is too large for double precision to tell"
        )
    if (seen > UNDECIDED * scale).any():
        raise PrecisionError(
            "the state is about to turn pure at these parameters, where its Fisher information jumps and double precision cannot "
            "tell to which value; move the parameters by some 1e-5"
        )


def _refuse_uncertain(error: Real, information: Real) -> None:
    """``error`` is what rounding may make of each diagonal entry, through pairs of normal modes that are nearly pure."""
    diagonal = information.diagonal(axis1=-2, axis2=-1)
    if (error > LARGEST_ROUNDING * np.maximum(diagonal, NOTHING)).any():
        worst = float((error / np.maximum(diagonal, NOTHING)).max())
        raise PrecisionError(
            f"normal modes are so nearly pure that double precision leaves a relative error of about {worst:.1g} in the Fisher "
            f"information, more than {LARGEST_ROUNDING:g}; use less squeezing or more loss"
        )


def _as_complex(quadratures: Real) -> Complex:
    """x + i p along the second axis: (d, 2m, ...) to (d, m, ...)."""
    count = quadratures.shape[1] // 2
    return np.asarray(quadratures[:, :count] + 1j * quadratures[:, count:])


# --- the general case: one row of weighted entries a parameter, and their inner products ----------------------


def _low_rank_part(frame: Williamson, slopes: LowRank, tolerance: _Tolerance) -> Real:
    groups = _groups(_excess(frame), tolerance.excess)
    count, rank = len(frame.eigenvalues), slopes.left.shape[2]
    if groups is not None and 4 * rank * len(groups[0]) < count:
        return _grouped_part(*groups, slopes, tolerance)
    left, right = _as_complex(slopes.left), _as_complex(slopes.right)

    def entries(rows: slice) -> tuple[Complex, Complex]:
        a, b = left[:, rows], right[:, rows]
        across, along = right[:, rows.start :].swapaxes(1, 2), left[:, rows.start :].swapaxes(1, 2)
        kept = a.conj() @ across + b.conj() @ along
        pairs = a @ across + b @ along
        return kept / 2, pairs / 2

    return _inner_products(frame, len(left), entries, tolerance)


def _dense_part(frame: Williamson, turned: Real, tolerance: _Tolerance) -> Real:
    count = len(frame.eigenvalues)
    xx, xp = turned[:, :count, :count], turned[:, :count, count:]
    px, pp = turned[:, count:, :count], turned[:, count:, count:]

    def entries(rows: slice) -> tuple[Complex, Complex]:
        at = np.s_[:, rows, rows.start :]
        kept = np.asarray((xx[at] + pp[at] + 1j * (xp[at] - px[at])) / 2, dtype=complex)
        pairs = np.asarray((xx[at] - pp[at] + 1j * (xp[at] + px[at])) / 2, dtype=complex)
        return kept, pairs

    return _inner_products(frame, len(turned), entries, tolerance)


def _inner_products(frame: Williamson, d: int, entries: _Entries, tolerance: _Tolerance) -> Real:
    """Sum over pairs j <= k of normal modes, a block of rows j at a time."""
    u = _excess(frame)
    count = len(u)
    information, largest, largest_pure, error = np.zeros((d, d)), np.zeros(d), np.zeros(d), np.zeros(d)
    step = max(1, CHUNK_BYTES // (64 * d * count))
    for start in range(0, count, step):
        rows = slice(start, min(start + step, count))
        kept, pairs = entries(rows)
        excess = _pair_excess(u[rows], u[start:])
        times = np.where(np.arange(rows.start, rows.stop)[:, None] < np.arange(start, count)[None, :], 2.0, 1.0)
        times[np.arange(rows.start, rows.stop)[:, None] > np.arange(start, count)[None, :]] = 0.0
        pure = excess < tolerance.excess
        size = np.abs(kept)
        largest = np.maximum(largest, np.maximum(size.max(axis=(1, 2)), np.abs(pairs).max(axis=(1, 2))))
        largest_pure = np.maximum(largest_pure, size[:, pure].max(axis=1, initial=0.0))
        weight = np.where(pure, 0.0, times / np.where(pure, 1.0, excess))
        nearly = (excess < NEARLY) & ~pure
        if nearly.any():
            error += (size[:, nearly] ** 2 * (weight / np.where(pure, 1.0, excess))[nearly]).sum(
                axis=1
            ) * tolerance.rounding
        kept *= np.sqrt(weight)
        pairs *= np.sqrt(times / (excess + 2.0))
        for block in (kept, pairs):
            # Real and imaginary parts side by side: the real part of the inner products, without another copy.
            parts = np.ascontiguousarray(block).view(float).reshape(d, -1)
            information += parts @ parts.T
    _refuse_if(largest_pure, largest)
    _refuse_uncertain(error, information)
    return information


# --- few distinct symplectic eigenvalues: sums inside each group first ---------------------------------------


def _groups(u: Real, tolerance: float) -> tuple[Real, list[Places]] | None:
    """Distinct excesses with the normal modes of each, or None when summing in groups would cancel digits."""
    order = np.argsort(u)
    steps = np.flatnonzero(np.diff(u[order]) > 1e-13 * (1 + u[order][1:])) + 1
    members = np.split(order, steps)
    values = np.array([u[some].mean() for some in members])
    excess = _pair_excess(values, values)
    mixed = excess[excess >= tolerance]
    if mixed.size and mixed.min() < FEW_GROUPS_SAFE:
        return None
    return values, members


def _grouped_part(values: Real, members: list[Places], slopes: LowRank, tolerance: _Tolerance) -> Real:
    d, rank = slopes.left.shape[0], slopes.left.shape[2]
    left, right = _as_complex(slopes.left), _as_complex(slopes.right)
    # both[i, k, s]: the 2r vectors of parameter i; its partner across the product has left and right exchanged.
    both = np.concatenate([left, right], axis=2)
    grams = []
    for some in members:
        flat = both[:, some].transpose(0, 2, 1).reshape(2 * rank * d, len(some))
        keep, pair = flat.conj() @ flat.T, flat @ flat.conj().T
        grams.append([np.asarray(g.reshape(d, 2 * rank, d, 2 * rank)) for g in (keep, pair)])
    swap = np.r_[rank : 2 * rank, 0:rank]
    excess = _pair_excess(values, values)
    information, moved_pure, scale = np.zeros((d, d)), np.zeros(d), np.zeros(d)
    for a, (keep, pair) in enumerate(grams):
        for b, (_, other) in enumerate(grams):
            partner = other[:, swap][:, :, :, swap]
            kept = np.einsum("isjt,isjt->ij", keep, partner).real / 4
            pairs = np.einsum("isjt,isjt->ij", pair, partner).real / 4
            scale = np.maximum(scale, np.maximum(kept.diagonal(), pairs.diagonal()))
            if excess[a, b] >= tolerance.excess:
                information += kept / excess[a, b]
            else:
                moved_pure = np.maximum(moved_pure, kept.diagonal())
            information += pairs / (excess[a, b] + 2.0)
    # Squares of small parts are lost in sums of large ones; below a part in 10^7 these are no sign of anything.
    moved = np.sqrt(np.where(moved_pure > GROUPED_ROUNDING * scale, moved_pure, 0.0))
    _refuse_if(moved, np.sqrt(scale))
    return information


def pure_phase_qfi_matrix(mean: Real, covariance: Real) -> Real:
    """(m, m) phases of a pure Gaussian state, F = 4 Cov(n_i, n_j), from the moments entry by entry in O(m^2).

    Parameters
    ----------
    mean : (2m,) floats
    covariance : (2m, 2m) floats
        Of a pure state, vacuum variance 1.

    Returns
    -------
    (m, m) floats

    Examples
    --------
    >>> V = np.diag([np.exp(-1.0), np.exp(1.0)])
    >>> round(pure_phase_qfi_matrix(np.zeros(2), V).item(), 10)
    2.7621956911
    """
    return 4 * number_covariance(mean, covariance)
