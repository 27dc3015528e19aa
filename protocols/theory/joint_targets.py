"""Several functions at once: turns over the shots against one joint probe, without loss, and how many combinations each gives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from networks import InputError, LinearFunction
from networks.values import Value, plain
from protocols.theory.displacement import best_separable_split, displacement_bound, displacement_gain
from protocols.theory.phase import phase_bound

if TYPE_CHECKING:
    from photonics.conventions import Real


@dataclass(frozen=True, slots=True, kw_only=True)
class JointTargets(Value):
    """Weighted sums of mean squared errors a shot, sum of weight_k MSE_k, of r functions of d parameters.

    Attributes
    ----------
    taking_turns : float
        Each function has its own optimal probe in the best share of the shots.
    joint : float
        The least over all probes of N photons (phase), or over squeezed light of nbar photons (displacement).
    shares : (r,) floats
        Shares of the shots when they take turns, with the sum 1.
    errors : (r,) floats
        Mean squared errors of the joint probe.
    allocation : tuple of float
        Of the joint probe: the populations of "all photons in sensor j", the reference last (phase), or the photons of each
        normal mode (displacement).
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
) -> JointTargets:
    """Best joint precision of r functions of d phases with exactly N photons.

    F of any pure state of N photons is at most 4 N^2 t^2 (diag p - p p^T), p the populations of "all photons in sensor j", so
    sum w_k a_k^T F^{-1} a_k = (sum A_j/p_j + A_0/p_0)/(4 N^2 t^2), A_j = sum w_k a_kj^2, A_0 = sum w_k (sum_j a_kj)^2, least at
    p ~ sqrt A; without a reference only functions with A_0 = 0 can be estimated (docs/privacy.md).

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

    faults = _faults(functions, weights, photons, passes)
    if not reference and any(sum(f.alpha) for f in functions):
        faults.append("without a reference only functions whose coefficients sum to zero can be estimated")
    if faults:
        raise InputError(faults)
    rows, w = _arrays(functions, weights)
    single = [float(phase_bound(f.orient().function, photons, passes)) for f in functions]
    roots = np.append(np.sqrt(w @ rows**2), math.sqrt(w @ rows.sum(axis=1) ** 2))
    p = roots / roots.sum()
    used = p[:-1] > 0
    inverse = np.divide(rows**2, p[:-1], out=np.zeros_like(rows), where=used).sum(axis=1)
    net = rows.sum(axis=1) ** 2
    errors = (inverse + (net / p[-1] if p[-1] > 0 else 0.0)) / (4 * (photons * passes) ** 2)
    return _targets(
        w,
        single,
        errors,
        allocation=p.tolist(),
        turns_rank=int(np.linalg.matrix_rank(rows)),
        joint_rank=int(used.sum()) - (0 if p[-1] > 0 else 1),
    )


def displacement_targets(
    functions: Sequence[LinearFunction], weights: Sequence[float], *, mean_photons: float, passes: int = 1
) -> JointTargets:
    """Best joint precision of r functions of d displacements with squeezed light of nbar photons on average.

    sum w_k a_k^T V a_k = Tr(V A), A = sum w_k a_k a_k^T, so each eigenvector of A gets a squeezer of its own (docs/privacy.md).

    Parameters
    ----------
    functions : r functions of d coefficients
    weights : (r,) floats > 0
    mean_photons : float > 0
        nbar.
    passes : int >= 1
        M; one pass takes unit time.

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

    faults = _faults(functions, weights, mean_photons, passes)
    if faults:
        raise InputError(faults)
    rows, w = _arrays(functions, weights)
    single = [displacement_bound(f, mean_photons, passes) for f in functions]
    values, vectors = np.linalg.eigh((rows.T * w) @ rows)
    values = np.where(values < 1e-12 * values[-1], 0.0, values)
    split = best_separable_split(np.sqrt(values).tolist(), mean_photons).mean_photons
    variances = np.array([1 / displacement_gain(n) for n in split])
    errors = ((rows @ vectors) ** 2 @ variances) / passes**2
    return _targets(w, single, errors, allocation=split, turns_rank=rows.shape[1], joint_rank=len(values))


def _faults(functions: Sequence[LinearFunction], weights: Sequence[float], budget: float, passes: int) -> list[str]:
    faults = []
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
