"""Matrix elements <m|U|n> between photon numbers of what adds photons without end: squeezing and displacements.

They are those of the infinite matrices, so cutting rows off loses weight and changes nothing else.
"""

from __future__ import annotations

import math

import numpy as np

from photonics.conventions import Complex


def squeezing_elements(r: float, angle_rad: float, rows: int, columns: int) -> Complex:
    """(rows, columns) of exp((r/2)(e^{-i phi} a^2 - e^{i phi} a^dagger^2)), by Jacobi polynomials.

    Pairs of photons are a representation of SU(1, 1): with m = 2 M + p, n = 2 N + p, b = p + 1/2, M >= N, the element has the size
    sqrt(N! Gamma(M + b)/(M! Gamma(N + b))) tanh(r)^(M - N) cosh(r)^(-b) P_N^(M - N, b - 1)(1 - 2 tanh(r)^2). The usual recurrence
    in m and n loses all digits above a hundred photons.

    Parameters
    ----------
    r, angle_rad : float
        As in ``Squeeze``.
    rows, columns : int >= 1
        Photon numbers after and before, from 0 on.

    Returns
    -------
    (rows, columns) complex

    Examples
    --------
    The amplitude of no photons in a squeezed vacuum is 1/sqrt(cosh r):

    >>> round(float(abs(squeezing_elements(1.0, 0.0, 3, 1)[0, 0])) ** -2 / math.cosh(1.0), 12)
    1.0
    """
    from scipy.special import eval_jacobi, gammaln

    m, n = np.arange(rows)[:, None], np.arange(columns)[None, :]
    low, apart, b = np.minimum(m, n) // 2, np.abs(m - n) // 2, m % 2 + 0.5
    tanh = math.tanh(r)
    high = low + apart
    log_size = (gammaln(low + 1.0) + gammaln(high + b) - gammaln(high + 1.0) - gammaln(low + b)) / 2
    # log cosh without overflow.
    log_size = log_size - b * (abs(r) + math.log1p(math.exp(-2 * abs(r))) - math.log(2))
    # Upwards a pair more brings -e^{i phi} tanh r, downwards a pair less e^{-i phi} tanh r.
    turn = np.where(m >= n, -np.exp(1j * angle_rad), np.exp(-1j * angle_rad)) * math.copysign(1.0, r)
    size = np.exp(log_size) * abs(tanh) ** apart * eval_jacobi(low, apart, b - 1, 1 - 2 * tanh**2)
    return np.asarray(np.where(m % 2 == n % 2, turn**apart * size, 0.0))


def displacement_elements(alpha: complex, rows: int, columns: int) -> Complex:
    """(rows, columns) of exp(alpha a^dagger - alpha^* a), by Laguerre polynomials.

    Parameters
    ----------
    alpha : complex
        The amplitude of the vacuum displaced.
    rows, columns : int >= 1
        Photon numbers after and before, from 0 on.

    Returns
    -------
    (rows, columns) complex

    Examples
    --------
    >>> (abs(displacement_elements(1j, 3, 1)[:, 0]) ** 2 * math.e).round(12).tolist()
    [1.0, 1.0, 0.5]
    """
    from scipy.special import eval_genlaguerre, gammaln

    size = abs(alpha)
    m, n = np.arange(rows)[:, None], np.arange(columns)[None, :]
    if size == 0:
        return np.asarray(m == n, dtype=complex)
    low, apart = np.minimum(m, n), np.abs(m - n)
    log_size = (gammaln(low + 1.0) - gammaln(low + apart + 1.0) - size**2) / 2 + apart * math.log(size)
    # Upwards alpha^(m - n), downwards (-alpha^*)^(n - m).
    turn = np.where(m >= n, alpha / size, -np.conj(alpha) / size) ** apart
    return np.asarray(turn * np.exp(log_size) * eval_genlaguerre(low, apart, size**2))
