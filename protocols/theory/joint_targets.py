"""Several functions at once: turns over the shots against one joint probe, and how many combinations each gives.

Losses are those of the modes, after each pass; those of links are not in it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from networks import InputError, LinearFunction
from networks.values import Value, plain
from protocols.theory.displacement import (
    best_separable_split,
    displacement_bound,
    displacement_gain,
    loss_noise,
    pass_gain,
)
from protocols.theory.phase import branch_survival, exact_target, phase_bound, two_branch_mse

if TYPE_CHECKING:
    from photonics.conventions import Real

LEAST_SURVIVAL = 1e-140
"""Root of the probability that all photons of a string survive; below it nothing arrives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JointTargets(Value):
    """Weighted sums of mean squared errors a shot, sum of weight_k MSE_k, of r functions of d parameters.

    Attributes
    ----------
    taking_turns : float
        Each function has its own probe in the best share of the shots: an optimal one; with losses two branches with the best
        weights, where whole photons reach (34), else superposed strings (phase), or one squeezed vacuum (displacement).
    joint : float
        The least over all probes of N photons (phase), or over squeezed light of nbar photons (displacement). With losses the
        second still, the first only over superposed strings, "all N photons in one place".
    shares : (r,) floats
        Shares of the shots when they take turns, with the sum 1.
    errors : (r,) floats
        Mean squared errors of the joint probe.
    allocation : tuple of float
        Of the joint probe before losses: the populations of "all photons in sensor j", the reference last (phase), or the photons
        of each normal mode (displacement).
    turns_rank, joint_rank : int
        How many combinations of the parameters can be estimated from each.
    """

    taking_turns: float
    joint: float
    shares: tuple[float, ...]
    errors: tuple[float, ...]
    allocation: tuple[float, ...]
    turns_rank: int
    joint_rank: int


def phase_targets(
    functions: Sequence[LinearFunction],
    weights: Sequence[float],
    *,
    photons: float,
    passes: int = 1,
    reference: bool = True,
    transmissivity: Sequence[float] | None = None,
    reference_transmissivity: float = 1.0,
) -> JointTargets:
    """Best joint precision of r functions of d phases with exactly N photons.

    F of any pure state of N photons is at most 4 N^2 t^2 (diag p - p p^T), p the populations of "all photons in sensor j", so
    sum w_k a_k^T F^{-1} a_k = (sum A_j/p_j + A_0/p_0)/(4 N^2 t^2), A_j = sum w_k a_kj^2, A_0 = sum w_k (sum_j a_kj)^2, least at
    p ~ sqrt A; without a reference only functions with A_0 = 0 can be estimated (docs/theory/privacy.md).

    With losses a photon that is missing tells the place, so what is left has F = 4 N^2 t^2 (diag q - q q^T/sum q),
    q_j = p_j eta_j^(N M), and the same sum over A_j/q_j is least at p_j ~ sqrt(A_j/eta_j^(N M)). These are the best of superposed
    strings then, not of all states.

    Parameters
    ----------
    functions : r functions of d coefficients
    weights : (r,) floats > 0
    photons : int or float > 0
        N.
    passes : int >= 1
        M; one pass takes unit time.
    reference : bool
        Whether a reference mode may hold photons.
    transmissivity : (d,) floats in (0, 1], optional
        Of every sensor, after each pass; 1 when left out.
    reference_transmissivity : float in (0, 1]

    Raises
    ------
    InputError
        Listing every fault.

    Examples
    --------
    >>> both = phase_targets([LinearFunction([1, 0]), LinearFunction([0, 1])], [1, 1], photons=2)
    >>> both.turns_rank, both.joint_rank, both.joint < both.taking_turns
    (2, 2, True)
    """
    import numpy as np

    faults = _faults(functions, weights, photons, passes, transmissivity, reference_transmissivity)
    if not reference and any(sum(f.alpha) for f in functions):
        faults.append("without a reference only functions whose coefficients sum to zero can be estimated")
    if faults:
        raise InputError(faults)
    rows, w = _arrays(functions, weights)
    eta = [1.0] * rows.shape[1] if transmissivity is None else list(transmissivity)
    # Roots of the survival of all N photons through all passes, place by place, the reference last.
    arrived = np.array([math.exp(photons * passes * math.log(x) / 2) for x in (*eta, reference_transmissivity)])
    squares = np.column_stack([rows**2, rows.sum(axis=1) ** 2])
    needed = squares.any(axis=0)
    if not arrived[needed].all() or (arrived[needed] < LEAST_SURVIVAL).any():
        raise InputError(
            [f"of {photons} photons together through {passes} passes next to nothing survives these losses"]
        )
    single = [_alone(f, eta, reference_transmissivity, photons, passes) for f in functions]
    roots = np.divide(np.sqrt(w @ squares), arrived, out=np.zeros(len(arrived)), where=needed)
    p = roots / roots.sum()
    inverse = np.divide(squares, p * arrived**2, out=np.zeros_like(squares), where=needed).sum(axis=1)
    errors = inverse / (4 * (photons * passes) ** 2)
    return _targets(
        w,
        single,
        errors,
        allocation=p.tolist(),
        turns_rank=int(np.linalg.matrix_rank(rows)),
        joint_rank=int(needed.sum()) - 1,
    )


def _alone(function: LinearFunction, eta: Sequence[float], reference: float, photons: float, passes: int) -> float:
    """The error of one function from a probe of its own: two branches with the best weights, or superposed strings."""
    turned = function.orient().function
    bound = float(phase_bound(turned, photons, passes))
    if all(x == 1 for x in (*eta, reference)):
        return bound
    if all(n.denominator == 1 for n in exact_target(turned, photons, passes)):
        return two_branch_mse(bound, *branch_survival(turned, eta, reference, photons, passes))
    places = zip((*turned.alpha, sum(turned.alpha)), (*eta, reference), strict=True)
    carried = math.fsum(abs(a) * math.exp(-photons * passes * math.log(x) / 2) for a, x in places if a)
    return (carried / (2 * photons * passes)) ** 2


def displacement_targets(
    functions: Sequence[LinearFunction],
    weights: Sequence[float],
    *,
    mean_photons: float,
    passes: int = 1,
    transmissivity: Sequence[float] | None = None,
) -> JointTargets:
    """Best joint precision of r functions of d displacements with squeezed light of nbar photons on average.

    sum w_k a_k^T V a_k = Tr(V A), A = sum w_k a_k a_k^T, so each eigenvector of A gets a squeezer of its own
    (docs/theory/privacy.md). With losses the light counts with z_k = ``signal_weights`` of a_k in place of a_k/M, and what the
    losses let in is added.

    Parameters
    ----------
    functions : r functions of d coefficients
    weights : (r,) floats > 0
    mean_photons : float > 0
        nbar.
    passes : int >= 1
        M; one pass takes unit time.
    transmissivity : (d,) floats in (0, 1], optional
        Of every sensor, after each pass; 1 when left out.

    Raises
    ------
    InputError
        Listing every fault.

    Examples
    --------
    >>> both = displacement_targets([LinearFunction([1, 0]), LinearFunction([0, 1])], [1, 1], mean_photons=1.0)
    >>> both.joint < both.taking_turns
    True
    """
    import numpy as np

    faults = _faults(functions, weights, mean_photons, passes, transmissivity)
    if faults:
        raise InputError(faults)
    rows, w = _arrays(functions, weights)
    eta = [1.0] * rows.shape[1] if transmissivity is None else list(transmissivity)
    noise = np.array([loss_noise(row, eta, passes) for row in rows.tolist()])
    # M times the signal weights, which is the row itself without loss.
    rows = rows * light_shares(eta, passes)
    lossless = all(x == 1 for x in eta)
    single = [
        displacement_bound(f, mean_photons, passes)
        if lossless
        else float(row @ row) / (displacement_gain(mean_photons) * passes**2) + float(lost)
        for f, row, lost in zip(functions, rows, noise, strict=True)
    ]
    values, vectors = np.linalg.eigh((rows.T * w) @ rows)
    values = np.where(values < 1e-12 * values[-1], 0.0, values)
    split = best_separable_split(np.sqrt(values).tolist(), mean_photons).mean_photons
    variances = np.array([1 / displacement_gain(n) for n in split])
    errors = ((rows @ vectors) ** 2 @ variances) / passes**2 + noise
    return _targets(w, single, errors, allocation=split, turns_rank=rows.shape[1], joint_rank=len(values))


def light_shares(transmissivity: Sequence[float], passes: int) -> Real:
    """(d,) M eta_j^(M/2)/g_j: how much the light's own x at a sensor counts in an estimate, over what it counts without loss.

    Parameters
    ----------
    transmissivity : (d,) floats in (0, 1]
    passes : int >= 1
        M.

    Examples
    --------
    >>> light_shares([1.0, 0.25], 2).round(12).tolist()
    [1.0, 0.666666666667]
    """
    import numpy as np

    return np.array([eta ** (passes / 2) * (passes / pass_gain(eta, passes)) for eta in transmissivity])


def _faults(
    functions: Sequence[LinearFunction],
    weights: Sequence[float],
    budget: float,
    passes: int,
    transmissivity: Sequence[float] | None,
    reference: float = 1.0,
) -> list[str]:
    faults = []
    if transmissivity is not None and any(len(f) != len(transmissivity) for f in functions):
        faults.append(f"transmissivity must have one entry a coefficient, got {len(transmissivity)}")
    if not all(0 < x <= 1 for x in (*(transmissivity or ()), reference)):
        faults.append(f"transmissivities must be in (0, 1], got {[*(transmissivity or ()), reference]}")
    passes, budget = plain(passes), plain(budget)  # type: ignore[assignment]  # what they are is looked at below
    if len(functions) != len(weights) or not functions:
        faults.append(
            f"there must be as many weights as functions, at least one, got {len(weights)} and {len(functions)}"
        )
    if not all(w > 0 and math.isfinite(w) for w in weights):
        faults.append(f"weights must be positive numbers, got {list(weights)}")
    if len({len(f) for f in functions}) > 1:
        faults.append(f"functions must have one length, got {[len(f) for f in functions]}")
    if isinstance(budget, bool) or not 0 < budget < math.inf:
        faults.append(f"the budget of photons must be a positive number, got {budget}")
    if isinstance(passes, bool) or not isinstance(passes, int) or passes < 1:
        faults.append(f"passes must be a positive integer, got {passes!r}")
    return faults


def _arrays(functions: Sequence[LinearFunction], weights: Sequence[float]) -> tuple[Real, Real]:
    """(r, d) coefficients and (r,) weights."""
    import numpy as np

    return np.array([[float(a) for a in f.alpha] for f in functions]), np.array(weights, dtype=float)


def _targets(
    w: Real,
    single: Sequence[float],
    errors: Real,
    *,
    allocation: Sequence[float],
    turns_rank: int,
    joint_rank: int,
) -> JointTargets:
    """The shots are best shared in proportion to the roots of the weighted errors that each function has by itself."""
    import numpy as np

    roots = np.sqrt(w * np.array(single))
    return JointTargets(
        taking_turns=float(roots.sum() ** 2),
        joint=float(w @ errors),
        shares=tuple((roots / roots.sum()).tolist()),
        errors=tuple(errors.tolist()),
        allocation=tuple(allocation),
        turns_rank=turns_rank,
        joint_rank=joint_rank,
    )
