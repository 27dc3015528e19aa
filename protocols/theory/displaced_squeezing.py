"""Average phase of m nodes with displaced squeezed light and homodyne (Guo et al., Nat. Phys. 16, 281 (2020)): the best squeezing.

sigma^2 = (eta e^{-2r} + 1 - eta)/(4 m a^2) with a^2 + eta sinh(r)^2/s = N photons a node counted after the transmissivity eta,
s = m when one squeezer is shared by all nodes and 1 when each has its own. This is Gaussian light with a mean photon number, not
the exactly N photons of the phase bounds, which it may lie below.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from networks import InputError
from networks.values import Value, plain


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplacedSqueezing(Value):
    """The best squeezing for an average phase.

    Attributes
    ----------
    sigma_rad : float
        Standard deviation of the average phase in one shot.
    r : float >= 0
        Squeezing.
    amplitude : float
        The displacement behind the loss.
    """

    sigma_rad: float
    r: float
    amplitude: float


def average_phase_sigma(r: float, nodes: int, photons: float, transmissivity: float, shared: bool) -> float:
    """sigma in rad at one squeezing; infinite when squeezing takes all photons.

    Parameters
    ----------
    r : float >= 0
    nodes : int >= 1
        m.
    photons : float > 0
        N a node, after the loss.
    transmissivity : float
        In (0, 1].
    shared : bool
        Whether all nodes share one squeezer.
    """
    squeezed = transmissivity * math.sinh(r) ** 2 / (nodes if shared else 1)
    bright = photons - squeezed
    if bright <= 0:
        return math.inf
    noise = transmissivity * math.exp(-2 * r) + 1 - transmissivity
    return math.sqrt(noise / (4 * nodes * bright))


def best_displaced_squeezing(nodes: int, photons: float, transmissivity: float, *, shared: bool) -> DisplacedSqueezing:
    """The squeezing with the least sigma at N photons a node after the loss; sigma has one minimum in r.

    Without loss e^{2r} = 2 s N + 1.

    Parameters
    ----------
    nodes : int >= 1
        m.
    photons : float > 0
        N a node, after the loss.
    transmissivity : float
        In (0, 1].
    shared : bool
        Whether all nodes share one squeezer.

    Raises
    ------
    InputError
        Listing every fault.

    Examples
    --------
    >>> round(best_displaced_squeezing(4, 2.5, 0.735, shared=True).sigma_rad, 6)
    0.09971
    >>> round(best_displaced_squeezing(4, 2.5, 0.735, shared=False).sigma_rad, 6)
    0.115697
    """
    from scipy.optimize import minimize_scalar

    nodes, photons, transmissivity = map(plain, (nodes, photons, transmissivity))  # type: ignore[assignment]  # checked below
    faults = []
    if isinstance(nodes, bool) or not isinstance(nodes, int) or nodes < 1:
        faults.append(f"nodes must be a positive integer, got {nodes!r}")
    if isinstance(photons, bool) or not 0 < photons < math.inf:
        faults.append(f"photons must be a positive number, got {photons}")
    if not 0 < transmissivity <= 1:
        faults.append(f"transmissivity must be in (0, 1], got {transmissivity}")
    if faults:
        raise InputError(faults)
    most = math.asinh(math.sqrt(photons * (nodes if shared else 1) / transmissivity))
    least = minimize_scalar(
        lambda r: average_phase_sigma(r, nodes, photons, transmissivity, shared) ** 2,
        bounds=(0.0, most * (1 - 1e-12)),
        method="bounded",
        options={"xatol": 1e-12},
    )
    r = float(least.x)
    bright = photons - transmissivity * math.sinh(r) ** 2 / (nodes if shared else 1)
    sigma = average_phase_sigma(r, nodes, photons, transmissivity, shared)
    return DisplacedSqueezing(sigma_rad=sigma, r=r, amplitude=math.sqrt(bright))
