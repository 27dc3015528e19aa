"""Quantum Fisher matrices from amplitudes or density matrices with their derivatives. Who makes those is not known here."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from photonics.conventions import Complex, Real
from photonics.limits import DivergentFisherInformationError
from photonics.values import doubles

Part = tuple[NDArray[np.intp], Complex]
DARK = 1e-26
"""Weights below it are squares of rounded amplitudes."""


def pure_qfi_matrix(amplitudes: Complex, derivatives: Complex) -> Real:
    """F_ij = 4 Re(<d_i psi|d_j psi> - <d_i psi|psi><psi|d_j psi>/<psi|psi>) for amplitudes (T,), derivatives (T, d).

    A vector of norm^2 p < 1 is read as what survives with probability p: the result is then p times the information
    of the surviving state, which is right when p does not depend on the parameters.

    Parameters
    ----------
    amplitudes : (T,) complex
    derivatives : (T, d) complex
        Column j is the derivative of the amplitudes by theta_j.

    Returns
    -------
    (d, d) floats

    Examples
    --------
    (|0> + exp(-i theta) |1>)/sqrt 2 at theta = 0:

    >>> pure_qfi_matrix(np.array([0.5, 0.5]) ** 0.5, np.array([[0.0], [-1j * 0.5**0.5]])).round(12).tolist()
    [[1.0]]
    """
    amplitudes, derivatives = doubles(amplitudes), doubles(derivatives)
    weight = float(np.vdot(amplitudes, amplitudes).real)
    # Below the normal numbers the weight itself has no digits left to divide by.
    if weight < np.finfo(float).tiny:
        return np.zeros((derivatives.shape[1],) * 2)
    # The part of each derivative along psi is taken off before squaring. First as much of it as leaves the largest amplitude
    # where it is: the projection alone leaves rounding of that amplitude, which hides branches that are 1e16 times rarer.
    top = int(np.argmax(np.abs(amplitudes)))
    turning = derivatives - np.outer(amplitudes, derivatives[top] / amplitudes[top])
    turning[top] = 0
    across = turning - np.outer(amplitudes, amplitudes.conj() @ turning / weight)
    return np.asarray(4.0 * (across.conj().T @ across).real)


def mixed_qfi_matrix(
    density: Complex, derivatives: Complex, *, floor: float = 1e-13, parts: Sequence[Part] = ()
) -> Real:
    """F_ij = 2 sum_kl Re(<k|d_i rho|l><l|d_j rho|k>)/(p_k + p_l) of a density matrix (B, B), derivatives (d, B, B).

    The blocks that rho and its derivatives fall into (sectors of photon number, after loss) are taken one by one, so that
    rare ones keep their digits. In each, terms with p_k + p_l below ``floor`` times its largest p are left out when the
    derivatives vanish there, as they do for unitary parameters; otherwise DivergentFisherInformationError. O(d B^3).

    With ``parts`` the value is the limit from nearby, F + 2 sum of the second derivatives of weights that are zero here
    (Safranek, Phys. Rev. A 95, 052320 (2017)), as classical Fisher matrices are the limit where a probability is zero. Without
    them it is the value at the point.

    Parameters
    ----------
    density : (B, B) complex, Hermitian
    derivatives : (d, B, B) complex, Hermitian
    floor : float
        Sums of two eigenvalues below this times the largest of their block count as zero.
    parts : sequence of (rows (T,), derivatives (T, d))
        Derivatives of vectors whose outer products make up rho, which tell how weights that are zero here grow nearby.

    Returns
    -------
    (d, d) floats

    Raises
    ------
    DivergentFisherInformationError
        When a derivative does not vanish where rho has no weight.
    """
    density, derivatives = doubles(density), doubles(derivatives)
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    pattern = (density != 0) | (derivatives != 0).any(axis=0)
    count, label = connected_components(csr_array(pattern), directed=False)
    information = np.zeros((len(derivatives),) * 2)
    order = np.argsort(label, kind="stable")
    for rows in np.split(order, np.searchsorted(label[order], np.arange(1, count))):
        grid = np.ix_(rows, rows)
        slopes = np.array([slope[grid] for slope in derivatives])
        some = _parts_in(parts, rows, len(density))
        if np.any(slopes) or some:
            information += _block_information(density[grid], slopes, floor, some)
    return information


def _parts_in(parts: Sequence[Part], rows: NDArray[np.intp], size: int) -> list[Part]:
    """The parts of vectors that lie in these rows, by their places among them; those that do not move are left out."""
    place = np.full(size, -1)
    place[rows] = np.arange(len(rows))
    inside = [(place[at], moved) for at, moved in parts]
    return [(at[at >= 0], moved[at >= 0]) for at, moved in inside if np.any(moved[at >= 0])]


def _block_information(density: Complex, derivatives: Complex, floor: float, parts: Sequence[Part]) -> Real:
    if parts and float(np.abs(density).max()) < DARK:
        # All of it is dark here, and grows nearby.
        return np.asarray(4 * sum((moved.conj().T @ moved).real for _, moved in parts))
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
    information = np.asarray((left @ turned.reshape(len(turned), -1).T).real)
    dark = weights < floor * float(weights[-1])
    if not parts or not dark.any() or dark.all():
        return information
    # Second derivatives of the weights of the kernel, summed: <k|dd rho|k> - 2 sum of |<k|d rho|l>|^2/p_l over the others.
    kernel = vectors[:, dark].conj()
    grown = np.zeros(information.shape)
    for at, moved in parts:
        across = kernel[at].T @ moved
        grown += (across.conj().T @ across).real
    left = (turned[:, dark][:, :, ~dark] / np.sqrt(weights[~dark])).reshape(len(turned), -1)
    curvature = 2 * grown - 2 * (left.conj() @ left.T).real
    scale = float(np.abs(curvature).max(initial=0.0))
    return information + 2 * curvature if scale > 1e-9 * float(np.abs(information).max(initial=1e-300)) else information
