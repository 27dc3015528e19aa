"""From a Fisher matrix to one function of the parameters: with the rest known, with the rest unknown, and how well conditioned."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from photonics.conventions import Real
from photonics.values import Value


def directional_qfi(information: Real, direction: ArrayLike) -> float:
    """u^T F u: information along u when every orthogonal combination of the parameters is known.

    Parameters
    ----------
    information : (d, d) floats
        A Fisher matrix.
    direction : (d,) floats
        u.

    Returns
    -------
    float

    Examples
    --------
    >>> directional_qfi(np.diag([4.0, 1.0]), [1.0, 0.0])
    4.0
    """
    u = np.asarray(direction, dtype=float)
    return float(u @ np.asarray(information, dtype=float) @ u)


@dataclass(frozen=True, slots=True, kw_only=True)
class NuisanceAwareInformation(Value):
    """What F says of q = a . theta when nothing else is known.

    Parameters
    ----------
    mse : float
        a^T F^+ a, the smallest mean squared error of one shot; infinite when a is not in the range of F.
    null_direction : tuple of float, or None
        When ``mse`` is infinite, a combination of the parameters that changes q but leaves no trace in the state.
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

    Parameters
    ----------
    information : (d, d) floats
        A Fisher matrix.
    function : (d,) floats
        a.
    tolerance : float
        Eigenvalues at unit diagonal below this times the largest count as zero.

    Returns
    -------
    NuisanceAwareInformation

    Raises
    ------
    ValueError
        For a function of another length.

    Examples
    --------
    >>> F = np.array([[4.0, -4.0], [-4.0, 4.0]])
    >>> round(nuisance_aware_information(F, [1, -1]).mse, 12), nuisance_aware_information(F, [1, 1]).mse
    (0.25, inf)
    """
    return nuisance_aware_informations(information, [function], tolerance=tolerance)[0]


def nuisance_aware_informations(
    information: Real, functions: Sequence[ArrayLike], *, tolerance: float = 1e-11
) -> list[NuisanceAwareInformation]:
    """``nuisance_aware_information`` of many functions, with one O(d^3) decomposition and O(d^2) for each.

    Parameters
    ----------
    information : (d, d) floats
        A Fisher matrix.
    functions : sequence of (d,) floats
    tolerance : float
        Eigenvalues at unit diagonal below this times the largest count as zero.

    Returns
    -------
    list of NuisanceAwareInformation
        One a function.

    Raises
    ------
    ValueError
        For a function of another length.

    Examples
    --------
    >>> [result.mse for result in nuisance_aware_informations(np.diag([4.0, 1.0]), [[1, 0], [1, 1]])]
    [0.25, 1.25]
    """
    information = np.asarray(information, dtype=float)
    wrong = [np.shape(function) for function in functions if np.shape(function) != (len(information),)]
    if wrong:
        raise ValueError(f"a function must have {len(information)} coefficients, one a parameter, got shape {wrong[0]}")
    dark = np.diag(information) <= 0
    values, vectors, scale = _scaled_spectrum(information)
    alive = values > tolerance * max(float(values[-1]), 0.0)
    results = []
    for function in functions:
        a = np.asarray(function, dtype=float)
        if a[dark].any():
            results.append(NuisanceAwareInformation(mse=math.inf, null_direction=_unit(np.where(dark, a, 0.0))))
            continue
        parts = vectors.T @ (a / scale)
        # Squares of what little light tells may be beyond the largest number; those of its shares are not.
        size = float(np.abs(parts).max())
        parts /= size or 1.0
        outside = np.where(alive, 0.0, parts)
        if np.linalg.norm(outside) > math.sqrt(tolerance) / 1000 * np.linalg.norm(parts):
            null = _unit((vectors @ outside) / scale)
            results.append(NuisanceAwareInformation(mse=math.inf, null_direction=null))
        else:
            mse = float(np.sum(parts[alive] ** 2 / values[alive])) * size * size
            results.append(NuisanceAwareInformation(mse=mse, null_direction=None))
    return results


def largest_error_told(information: Real, function: ArrayLike, *, tolerance: float = 1e-11) -> float:
    """The mean squared error of q = a . theta beyond which ``nuisance_aware_information`` may call q not estimable by rounding.

    A direction counts as one of which F holds nothing when its eigenvalue at unit diagonal is below ``tolerance`` times the
    largest: what q has along such directions could be estimated with this error and more.

    Parameters
    ----------
    information : (d, d) floats
        A Fisher matrix.
    function : (d,) floats
        a.
    tolerance : float
        As of ``nuisance_aware_information``.

    Returns
    -------
    float
        Infinite where a parameter has no information at all: then it is no rounding.

    Examples
    --------
    >>> nearly = np.array([[1.0, 1.0 - 1e-13], [1.0 - 1e-13, 1.0]])
    >>> nuisance_aware_information(nearly, [1, 0]).mse, 1e10 < largest_error_told(nearly, [1, 0]) < 1e12
    (inf, True)
    """
    information = np.asarray(information, dtype=float)
    if (np.diag(information) <= 0).any():
        return math.inf
    values, vectors, scale = _scaled_spectrum(information)
    least = tolerance * values[-1]
    untold = vectors[:, values <= least].T @ (np.asarray(function, dtype=float) / scale)
    return float(untold @ untold / least)


def estimable_functions(information: Real, *, tolerance: float = 1e-11) -> Real:
    """(r, d) orthonormal basis of the functions that can be estimated at all: the range of F, by its rank at unit diagonal.

    Parameters
    ----------
    information : (d, d) floats
        A Fisher matrix.
    tolerance : float
        Eigenvalues at unit diagonal below this times the largest count as zero.

    Returns
    -------
    (r, d) floats
        Rows are orthonormal; the first of the largest entries of each is positive.

    Examples
    --------
    >>> estimable_functions(np.array([[4.0, -4.0], [-4.0, 4.0]])).round(6).tolist()
    [[0.707107, -0.707107]]
    """
    values, vectors, scale = _scaled_spectrum(np.asarray(information, dtype=float))
    alive = values > tolerance * max(float(values[-1]), 0.0)
    spanned = scale[:, None] * vectors[:, alive] * np.sqrt(values[alive])
    basis = np.linalg.svd(spanned, full_matrices=False)[0].T
    # A sign that does not depend on the routine: the first of the largest entries is positive.
    size = np.abs(basis)
    first = (size >= size.max(axis=1, initial=0.0, keepdims=True) * (1 - 1e-9)).argmax(axis=1)
    return np.asarray(basis * np.sign(basis[np.arange(len(basis)), first])[:, None])


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditioning(Value):
    """How a Fisher matrix weighs combinations of the parameters, after scaling to a unit diagonal.

    Parameters
    ----------
    rank : int
        Combinations that leave a trace, of d.
    condition : float
        Largest over smallest eigenvalue among these; a relative error e in F becomes up to ``condition`` times e in its inverse.
    null_directions : tuple of tuples of float
        Unit vectors, combinations of the parameters that leave no trace.
    """

    rank: int
    condition: float
    null_directions: tuple[tuple[float, ...], ...]


def conditioning(information: Real, *, tolerance: float = 1e-11) -> Conditioning:
    """Rank, condition number and null directions of a Fisher matrix.

    Parameters
    ----------
    information : (d, d) floats
        A Fisher matrix.
    tolerance : float
        Eigenvalues at unit diagonal below this times the largest count as zero.

    Returns
    -------
    Conditioning

    Examples
    --------
    >>> conditioning(np.array([[4.0, -4.0], [-4.0, 4.0]])).rank
    1
    """
    values, vectors, scale = _scaled_spectrum(np.asarray(information, dtype=float))
    alive = values > tolerance * max(float(values[-1]), 0.0)
    seen = values[alive]
    return Conditioning(
        rank=int(alive.sum()),
        condition=float(seen[-1] / seen[0]) if seen.size else math.inf,
        null_directions=tuple(_unit(vector / scale) for vector in vectors.T[~alive]),
    )


def _scaled_spectrum(information: Real) -> tuple[Real, Real, Real]:
    """Eigenvalues and vectors of F at unit diagonal, and the roots of its diagonal (1 where it is zero)."""
    sensitivity = np.sqrt(np.clip(np.diag(information), 0.0, None))
    scale = np.where(sensitivity == 0, 1.0, sensitivity)
    values, vectors = np.linalg.eigh(information / np.outer(scale, scale))
    return values, vectors, scale


def _unit(direction: Real) -> tuple[float, ...]:
    # Squares of its entries may be beyond the largest number.
    direction = direction / np.abs(direction).max()
    return tuple((direction / np.linalg.norm(direction)).tolist())
