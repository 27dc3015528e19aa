"""Gaussian quantum Fisher matrices of few modes, one or many states at once, in as few array operations as it takes.

With T the normal modes x + i p, T* dV T^T and T dV T^T are twice the parts of ``gaussian`` that keep the number and make pairs.
Larger systems have their own way there, in blocks and groups.
"""

from __future__ import annotations

import numpy as np

from photonics.conventions import Complex, Real
from photonics.states.normal_modes import NormalModes


def low_rank_parts(modes: NormalModes, left: Real, right: Real) -> Complex:
    """Of left right^T + right left^T, factors (B, d, 2m, r): (B, d, 2m, m), what keeps the number above what makes pairs."""
    rank, count = left.shape[-1], modes.rows.shape[1]
    turned = _both(modes)[:, None] @ np.concatenate([left, right], axis=-1)
    own = turned[..., count:, :]
    partner = np.concatenate([own[..., rank:], own[..., :rank]], axis=-1)
    return np.asarray(turned @ partner.swapaxes(-1, -2), dtype=complex)


def dense_parts(modes: NormalModes, slopes: Real) -> Complex:
    """The same of symmetric slopes (B, d, 2m, 2m), all parameters in one product."""
    batch, d, size, _ = slopes.shape
    # Symmetric, so that columns may be rows: (B, d 2m, 2m) (2m, 2m).
    first = slopes.reshape(batch, d * size, size) @ _both(modes).swapaxes(1, 2)
    across = first.reshape(batch, d, size, size).swapaxes(2, 3).reshape(batch, d * size, size)
    whole = across @ modes.rows.swapaxes(1, 2)
    return np.asarray(whole.reshape(batch, d, size, size // 2), dtype=complex)


def _both(modes: NormalModes) -> Complex:
    """(B, 2m, 2m) x - i p above x + i p."""
    return np.concatenate([modes.rows.conj(), modes.rows], axis=1)


def excesses(modes: NormalModes) -> Real:
    """(B, m, m) nu_j nu_k - 1 from what each nu exceeds 1 by, without cancellation."""
    u = np.maximum(modes.eigenvalues - 1.0, 0.0)
    return np.asarray(u[:, :, None] + u[:, None, :] + u[:, :, None] * u[:, None, :])


def of_means(modes: NormalModes, derivatives: Real) -> Real:
    """(B, d, d) dm^T V^{-1} dm, from (B, 2m, d)."""
    turned = (modes.rows @ derivatives) / np.sqrt(modes.eigenvalues)[:, :, None]
    parts = np.concatenate([turned.real, turned.imag], axis=1)
    return np.asarray(parts.swapaxes(1, 2) @ parts)


def of_parts(parts: Complex, weights: Real, excess: Real) -> Real:
    """(B, d, d) sums over all pairs of normal modes, ``weights`` (B, m, m) for what keeps the number, zero for pure pairs."""
    # The parts are twice those of ``gaussian``.
    scale = np.sqrt(np.concatenate([weights, 1 / (excess + 2.0)], axis=1)) / 2
    rows = (parts * scale[:, None]).reshape(*parts.shape[:2], -1).view(float)
    return np.asarray(rows @ rows.swapaxes(1, 2))


def condition_bounds(covariances: Real) -> Real:
    """(B,) upper bounds on the condition of each covariance at unit diagonal.

    2m, the trace, times the trace of the inverse; by the uncertainty relation V^{-1} <= Omega V Omega^T, whose diagonal is that of
    V with x and p exchanged.
    """
    own = covariances.diagonal(axis1=1, axis2=2)
    count = own.shape[1] // 2
    return np.asarray(4 * count * (own[:, :count] * own[:, count:]).sum(axis=1))
