"""Classical Fisher matrices of what a detector gives: discrete outcomes, and jointly Gaussian ones."""

from __future__ import annotations

import numpy as np
import scipy.linalg
from numpy.typing import ArrayLike

from photonics.conventions import Real
from photonics.fisher.slopes import LowRank


class DirectionError(ValueError):
    """An outcome of probability zero tells more or less according to how its place is approached."""


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
            raise DirectionError(
                "the limit at a probability of zero depends on the direction here; move off this point"
            )
        information = information + 2.0 * curve
    return information


def gaussian_classical_fisher(
    covariance: Real, mean_derivatives: Real, covariance_derivatives: LowRank | None = None
) -> Real:
    """Classical Fisher matrix of jointly Gaussian outcomes, dm_i^T S^{-1} dm_j + Tr(S^{-1} dS_i S^{-1} dS_j)/2.

    Parameters
    ----------
    covariance : (k, k) of the outcomes
    mean_derivatives : (k, d)
    covariance_derivatives : LowRank on the k outcomes, or None when the covariance does not depend on the parameters

    Examples
    --------
    One outcome of variance v(theta) with derivative v': v'^2/(2 v^2).

    >>> slope = LowRank(np.array([[[1.0]]]), np.array([[[1.5]]]))
    >>> round(gaussian_classical_fisher(np.array([[2.0]]), np.zeros((1, 1)), slope).item(), 12)
    1.125
    """
    covariance, mean_derivatives = (np.asarray(given, dtype=float) for given in (covariance, mean_derivatives))
    root = np.linalg.cholesky(covariance)
    slopes = scipy.linalg.solve_triangular(root, mean_derivatives, lower=True)
    information = np.asarray(slopes.T @ slopes)
    if covariance_derivatives is None:
        return information
    d, size, rank = covariance_derivatives.left.shape
    both = np.concatenate([covariance_derivatives.left, covariance_derivatives.right], axis=2)
    flat = both.transpose(0, 2, 1).reshape(2 * rank * d, size)
    white = scipy.linalg.solve_triangular(root, flat.T, lower=True)
    # With z = (left, right) and its partner with both exchanged, Tr(D_i D_j)/2 is a sum of products of inner products.
    gram = (white.T @ white).reshape(d, 2 * rank, d, 2 * rank)
    swap = np.r_[rank : 2 * rank, 0:rank]
    return np.asarray(information + np.einsum("isjt,isjt->ij", gram, gram[:, swap][:, :, :, swap]) / 2)
