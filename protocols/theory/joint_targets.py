"""Several functions at once: turns over the shots against one joint probe, without loss, and what each leaves to be seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from networks import InputError, LinearFunction
from protocols.theory.displacement import best_separable_split, displacement_gain


@dataclass(frozen=True, slots=True, kw_only=True)
class JointTargets:
    """Weighted sums of mean squared errors a shot, sum of weight_k MSE_k.

    ``taking_turns`` gives each function its own optimal probe in the best share of the shots, ``shares``; ``joint`` is the least
    over all probes of N photons (phase), or over squeezed light of nbar photons (displacement). ``errors`` are the MSEs of the
    joint probe, ``allocation`` its populations (all photons in sensor j; in the reference, last) or photons per normal mode.
    ``turns_rank`` and ``joint_rank`` count the combinations of the parameters that can be estimated from each.
    """

    taking_turns: float
    joint: float
    shares: tuple[float, ...]
    errors: tuple[float, ...]
    allocation: tuple[float, ...]
    turns_rank: int
    joint_rank: int


def joint_targets(
    functions: Sequence[LinearFunction],
    weights: Sequence[float],
    *,
    sensing: str,
    budget: float,
    passes: int = 1,
    reference: bool = True,
) -> JointTargets:
    """Best joint precision of r functions of d parameters.

    Phase: F of any pure state of N photons is at most 4 N^2 t^2 (diag p - p p^T), p the populations of "all photons in sensor j",
    so sum w_k a_k^T F^{-1} a_k = (sum A_j/p_j + A_0/p_0)/(4 N^2 t^2), A_j = sum w_k a_kj^2, A_0 = sum w_k (sum_j a_kj)^2, least
    at p ~ sqrt A; without a reference only functions with A_0 = 0 can be estimated. Displacement: sum w_k a_k^T V a_k = Tr(V
    A), so each eigenvector of A gets a squeezer of its own.

    >>> both = joint_targets([LinearFunction([1, 0]), LinearFunction([0, 1])], [1, 1], sensing="displacement", budget=1.0)
    >>> both.joint < both.taking_turns
    True
    """
    import numpy as np

    faults = []
    if len(functions) != len(weights) or not functions:
        faults.append(
            f"there must be as many weights as functions, at least one, got {len(weights)} and {len(functions)}"
        )
    if not all(w > 0 and math.isfinite(w) for w in weights):
        faults.append(f"weights must be positive numbers, got {list(weights)}")
    if len({len(f) for f in functions}) > 1:
        faults.append(f"functions must have one length, got {[len(f) for f in functions]}")
    if sensing not in ("phase", "displacement"):
        faults.append(f"sensing must be 'phase' or 'displacement', got {sensing!r}")
    if not 0 < budget < math.inf:
        faults.append(f"the budget of photons must be a positive number, got {budget}")
    if isinstance(passes, bool) or not isinstance(passes, int) or passes < 1:
        faults.append(f"passes must be a positive integer, got {passes!r}")
    if sensing == "phase" and not reference and any(sum(f.alpha) for f in functions):
        faults.append("without a reference only functions whose coefficients sum to zero can be estimated")
    if faults:
        raise InputError(faults)
    rows = np.array([[float(a) for a in f.alpha] for f in functions])
    w = np.array(weights, dtype=float)
    if sensing == "phase":
        single = [float(f.orient().function.norm_positive) ** 2 / (budget * passes) ** 2 for f in functions]
        roots = np.append(np.sqrt(w @ rows**2), math.sqrt(w @ rows.sum(axis=1) ** 2))
        p = roots / roots.sum()
        seen = p[:-1] > 0
        inverse = np.divide(rows**2, p[:-1], out=np.zeros_like(rows), where=seen).sum(axis=1)
        net = rows.sum(axis=1) ** 2
        errors = (inverse + (net / p[-1] if p[-1] > 0 else 0.0)) / (4 * (budget * passes) ** 2)
        allocation = p
        joint_rank = int(seen.sum()) - (0 if p[-1] > 0 else 1)
    else:
        single = [float(f.norm_2_squared) / (passes**2 * displacement_gain(budget)) for f in functions]
        values, vectors = np.linalg.eigh((rows.T * w) @ rows)
        values = np.where(values < 1e-12 * values[-1], 0.0, values)
        split = best_separable_split(np.sqrt(values).tolist(), budget).mean_photons
        variances = np.array([1 / displacement_gain(n) for n in split])
        errors = ((rows @ vectors) ** 2 @ variances) / passes**2
        allocation = np.array(split)
        joint_rank = len(values)
    roots = np.sqrt(w * np.array(single))
    return JointTargets(
        taking_turns=float(roots.sum() ** 2),
        joint=float(w @ errors),
        shares=tuple((roots / roots.sum()).tolist()),
        errors=tuple(errors.tolist()),
        allocation=tuple(allocation.tolist()),
        turns_rank=int(np.linalg.matrix_rank(rows)) if sensing == "phase" else rows.shape[1],
        joint_rank=joint_rank,
    )
