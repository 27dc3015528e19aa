"""What any N photons can do in a lossy phase network: the best separate photons, and a bound on all states; coherent light.

The first two come from one small problem. If F/4 = diag(x) - x x^T/sum(x) on sensors and reference, in the coordinates of the
sensors, then a^T F^{-1} a = (sum a_j^2/x_j + (sum a_j)^2/x_0)/4, and by Cauchy and Schwarz the best x with sum x_j/w_j = N gives
(sum |a_j|/sqrt w_j + |sum a_j|/sqrt w_0)^2/(4 N).

Separate photons: a photon with populations c has x_j = eta_j c_j (what is lost carries no information), so w = eta; x to F is
concave, so no mixture does better. All states: with the Kraus operators of loss turned so that the lost photons carry a phase
-eta/(1 - eta) times that of the others, every mode adds (b_j + mu)^2 n_j eta_j/(1 - eta_j) to Var, for any mu (N is fixed): x_j =
n_j eta_j/(1 - eta_j), so w = eta/(1 - eta). This holds for one pass, and for ancillas without loss.

Coherent light of N photons on average over sensors and reference, with nothing else to tell its phase, is a mixture of numbers n of
separate photons, so it reaches what N of them reach. With a strong reference at every sensor that nobody counts, the n_j photons of
a sensor give 4 n_j eta_j on theta_j, and by Cauchy and Schwarz the term of the reference is gone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from networks import InputError
from protocols.theory.sums import squared


def network_shot_noise(
    alpha: Sequence[float], transmissivity: Sequence[float], reference: float | None, photons: float, passes: int = 1
) -> float:
    """Mean squared error of q = alpha . theta from the best N separate photons, each kept in its modes for all M passes.

    Parameters
    ----------
    alpha, transmissivity : (d,) floats, transmissivities in (0, 1], of one pass
    reference : float or None
        Transmissivity of the reference; None when there is none.
    photons : float > 0
        N.
    passes : int >= 1
        M.

    Returns
    -------
    (sum |a_j| eta_j^(-M/2) + |sum a_j| eta_0^(-M/2))^2/(4 N M^2); infinite without a reference when sum a_j is not zero.

    Examples
    --------
    >>> round(network_shot_noise([1, 1], [0.5, 0.5], 1.0, 1), 5)
    5.82843
    """
    _check(alpha, transmissivity, reference, photons)
    own = None if reference is None else _inverse_root(reference, passes)
    total = _sum(alpha, [_inverse_root(eta, passes) for eta in transmissivity], own)
    return total * total / (4 * photons * passes**2)


def free_reference_shot_noise(
    alpha: Sequence[float], transmissivity: Sequence[float], photons: float, passes: int = 1
) -> float:
    """Mean squared error of q = alpha . theta from coherent light at the sensors, a strong phase reference at each not counted.

    Parameters
    ----------
    alpha, transmissivity : (d,) floats, transmissivities in (0, 1], of one pass
    photons : float > 0
        N, on average, at the sensors alone.
    passes : int >= 1
        M; the light stays in its modes for all of them.

    Returns
    -------
    (sum |a_j| eta_j^(-M/2))^2/(4 N M^2), in one shot, reached with |beta_j|^2 ~ |a_j| eta_j^(-M/2); ||alpha||_1^2/(4 N M^2) without
    loss.

    Examples
    --------
    >>> free_reference_shot_noise([1, 1], [1.0, 1.0], 1), round(free_reference_shot_noise([1, 1], [0.5, 0.5], 1), 12)
    (1.0, 2.0)
    """
    _check(alpha, transmissivity, None, photons)
    total = math.fsum(abs(a) * _inverse_root(eta, passes) for a, eta in zip(alpha, transmissivity, strict=True))
    return total * total / (4 * photons * passes**2)


def loss_limited_bound(
    alpha: Sequence[float], transmissivity: Sequence[float], reference: float | None, photons: float
) -> float:
    """Lower bound on the mean squared error of q for every state of N photons, entangled or not, in a single pass.

    (sum |a_j| s_j + |sum a_j| s_0)^2/(4 N) with s = sqrt((1 - eta)/eta): it falls as 1/N, so loss ends Heisenberg scaling. It is
    zero without loss, where (12) is the better bound.

    Parameters
    ----------
    alpha, transmissivity : (d,) floats, transmissivities in (0, 1]
    reference : float or None
        Transmissivity of the reference; None when there is none.
    photons : float > 0
        N.

    Examples
    --------
    >>> round(loss_limited_bound([1, 1], [0.8, 0.6], 0.9, 3), 6)
    0.327745
    """
    _check(alpha, transmissivity, reference, photons)
    slack = [math.sqrt((1 - eta) / eta) for eta in transmissivity]
    own = None if reference is None else math.sqrt((1 - reference) / reference)
    return squared(_sum(alpha, slack, own)) / (4 * photons)


def _inverse_root(transmissivity: float, passes: int) -> float:
    """eta^(-M/2), infinite when the transmission is below numerical precision."""
    exponent = -passes * math.log(transmissivity) / 2
    return math.exp(exponent) if exponent < 354 else math.inf


def _sum(alpha: Sequence[float], weights: Sequence[float], reference: float | None) -> float:
    # Coefficients that cancel exactly may leave a rounding of their floats.
    net = abs(math.fsum(alpha))
    net = 0.0 if net <= 1e-13 * math.fsum(abs(a) for a in alpha) else net
    own = 0.0 if net == 0 else math.inf if reference is None else net * reference
    return math.fsum(abs(a) * w for a, w in zip(alpha, weights, strict=True)) + own


def _check(alpha: Sequence[float], transmissivity: Sequence[float], reference: float | None, photons: float) -> None:
    faults = []
    if len(alpha) != len(transmissivity):
        faults.append(f"transmissivity must have {len(alpha)} entries, one a coefficient, got {len(transmissivity)}")
    for name, eta in (
        *((f"transmissivity {j}", eta) for j, eta in enumerate(transmissivity, 1)),
        ("reference", reference),
    ):
        if eta is not None and not 0 < eta <= 1:
            faults.append(f"{name} must be in (0, 1], got {eta}")
    if not photons > 0:
        faults.append(f"photons must be positive, got {photons}")
    if faults:
        raise InputError(faults)
