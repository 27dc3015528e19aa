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
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
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


@dataclass(frozen=True)
class MomentUnits:
    """How a package writes down means and covariances.

    Attributes
    ----------
    hbar : float
        What it has where its user changes nothing.
    interleaved : bool
        Whether the order is (x1, p1, x2, p2, ...) instead of (x1 ... xm, p1 ... pm).
    times : float
        Its covariance over the mean of the symmetrised product: 2 where it is that of anticommutators.
    """

    hbar: float = HBAR
    interleaved: bool = False
    times: float = 1.0

    def order(self, modes: int) -> Integer:
        """(2m,) where each of its entries stands in our order."""
        ours = np.arange(2 * modes)
        return ours.reshape(2, modes).T.reshape(-1) if self.interleaved else ours


MOMENT_UNITS: Mapping[str, MomentUnits] = MappingProxyType(
    {
        "strawberryfields": MomentUnits(),
        "thewalrus": MomentUnits(),
        "mrmustard": MomentUnits(),
        "piquasso": MomentUnits(interleaved=True, times=2.0),
    }
)
"""Packages with moments of quadratures; tests compare with each that is installed. Piquasso has its states in the order of its
properties xpxp_... ."""


def moment_units(hbar: float | None, package: str | None) -> MomentUnits:
    """The units of a package, with another hbar where one is given.

    Parameters
    ----------
    hbar : float or None
    package : str or None
        A name of ``MOMENT_UNITS``.

    Returns
    -------
    MomentUnits

    Raises
    ------
    ValueError
        For an unknown package, an hbar that is not positive, or neither of the two.

    Examples
    --------
    >>> moment_units(None, "piquasso").interleaved, moment_units(0.5, None).hbar
    (True, 0.5)
    """
    if package is not None and package not in MOMENT_UNITS:
        raise ValueError(f"package must be one of {', '.join(MOMENT_UNITS)}, got {package!r}")
    if package is None and hbar is None:
        raise ValueError(f"give hbar, or the package whose units are meant: {', '.join(MOMENT_UNITS)}")
    units = MomentUnits() if package is None else MOMENT_UNITS[package]
    if hbar is None:
        return units
    if not (math.isfinite(hbar) and hbar > 0):
        raise ValueError(f"hbar must be a positive number, got {hbar!r}")
    return replace(units, hbar=float(hbar))


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
