"""The conventions of every number in ``photonics``, in one place. Adapters convert at their edge.

===================  ===============================================================================================
vacuum variance      1 (so hbar = 2): x = a + a^dagger, p = -i (a - a^dagger), [x, p] = 2i
quadrature order     means (x1 ... xm, p1 ... pm); covariance in the same order
squeezing r > 0      Var x = exp(-2r); squeezing level in dB = 20 r log10(e)
phase sensing        exp(-i theta n): a -> exp(-i theta) a
displacement         exp(-i theta p'), p' = i (a^dagger - a)/2: moves x by +theta in the units above. The papers'
                     quadratures are x' = x/2 and p' = p/2, with vacuum variance 1/4
beam splitter        exp(theta (e^{i phi} a1 a2^dagger - e^{-i phi} a1^dagger a2)):
                     a1 -> cos(theta) a1 - e^{-i phi} sin(theta) a2, a2 -> e^{i phi} sin(theta) a1 + cos(theta) a2
transmissivity       of energy: a -> sqrt(eta) a + sqrt(1 - eta) vacuum
===================  ===============================================================================================
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

HBAR = 2.0
"""The hbar at which the vacuum variance is 1."""

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Integer = NDArray[np.int64]


def rescale_moments(mean: Real, covariance: Real, *, hbar: float) -> tuple[Real, Real]:
    """Our moments (vacuum variance 1) in the units of another hbar (vacuum variance hbar/2).

    Parameters
    ----------
    mean : (2m,) floats
    covariance : (2m, 2m) floats
    hbar : float, positive

    Returns
    -------
    (2m,) floats, (2m, 2m) floats

    Examples
    --------
    >>> m, v = rescale_moments(np.array([2.0, 0.0]), np.eye(2), hbar=0.5)
    >>> m.tolist(), v[0, 0].item()
    ([1.0, 0.0], 0.25)
    """
    factor = hbar / HBAR
    return mean * math.sqrt(factor), covariance * factor


def symplectic_form(modes: int) -> Real:
    """Omega in the order (x1 ... xm, p1 ... pm).

    Parameters
    ----------
    modes : int

    Returns
    -------
    (2m, 2m) floats
    """
    omega = np.zeros((2 * modes, 2 * modes))
    index = np.arange(modes)
    omega[index, index + modes] = 1.0
    omega[index + modes, index] = -1.0
    return omega


def squeezing_for(mean_photons: float) -> float:
    """The squeezing r of a squeezed vacuum with this mean photon number: sinh(r)^2 = nbar.

    Parameters
    ----------
    mean_photons : float, at least 0

    Returns
    -------
    float

    Examples
    --------
    >>> round(squeezing_for(1.0), 12)
    0.88137358702
    """
    return math.asinh(math.sqrt(mean_photons))


def squeezing_db(r: float) -> float:
    """The squeezing level in dB.

    Parameters
    ----------
    r : float

    Returns
    -------
    float
        20 r log10(e).

    Examples
    --------
    >>> round(squeezing_db(0.7449), 2)
    6.47
    """
    return 20 * float(r) * math.log10(math.e)


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """``array``, made unwritable, so that a frozen value stays what it was when checked."""
    array.setflags(write=False)
    return array
