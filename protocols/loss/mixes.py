"""The best mix of two-branch probes whose branches share no lossy mode: which to send in which share of the shots.

Branches that do share one may do better still (a lost photon then does not tell the branch); ``optimum`` looks at all states.

A probe with branches A and B gives F = c omega omega^T, omega = A - B on the sensors, c its contrast under the best weights
(branches.py). Shots shared out in proportions p give sum p_k c_k omega_k omega_k^T, and the least a^T F^+ a over p is
(min sum |x_k| with sum x_k sqrt(c_k) omega_k = a)^2, p_k ~ |x_k| (Elfving's theorem): a linear program, exact and with a dual
certificate y, sqrt(c_k) |omega_k . y| <= 1 for every probe and a . y the root of the error.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

from networks import InputError
from protocols.theory.two_branches import best_branch_weights

LARGEST_PAIRS = 50_000_000
"""Strings squared times modes; at the limit the pairs take about a gigabyte."""
LARGEST_STRINGS = 1500
"""Occupation strings whose pairs are all looked at; a million pairs take about a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeShare:
    """Branches over the sensors and the reference last, with their weights, in this share of the shots."""

    first: tuple[int, ...]
    second: tuple[int, ...]
    weights: tuple[float, float]
    contrast: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BestMix:
    """The best mix, its mean squared error a shot, and the dual vector that proves that no mix of such probes does better."""

    mse: float
    probes: tuple[ProbeShare, ...]
    dual: tuple[float, ...]
    candidates: int


def best_mix(
    alpha: Sequence[float], transmissivity: Sequence[float], reference: float | None, photons: int, passes: int = 1
) -> BestMix:
    """The mix of two-branch probes of exactly N photons with the least mean squared error a shot of q, each kept for M passes.

    All pairs of occupation strings of N photons over the sensors with a coefficient and the reference are candidates when they
    share no lossy mode; then their closed form holds. The dual proves that no mix of such pairs does better, not of others.

    Raises
    ------
    InputError
        When there are more than LARGEST_STRINGS strings.

    Examples
    --------
    Without loss it is the N00N bound ||alpha||_P^2/N^2, (12):

    >>> round(best_mix([1.0, 1.0], [1.0, 1.0], 1.0, 2).mse, 9)
    1.0
    """
    import numpy as np
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, hstack

    from photonics.engines.interference import photon_patterns
    from photonics.limits import CircuitTooLargeError, roughly

    used = [j for j, a in enumerate(alpha) if a]
    modes = len(used) + (reference is not None)
    size = comb(photons + modes - 1, modes - 1)
    if size > LARGEST_STRINGS or size * size * modes > LARGEST_PAIRS:
        raise InputError(
            [
                f"{photons} photons over {modes} modes make {roughly(size)} occupation strings, "
                f"whose pairs are too many to look at (limit {LARGEST_STRINGS} strings, and {LARGEST_PAIRS} numbers in all pairs); "
                "use fewer photons or sensors"
            ]
        )
    eta = [transmissivity[j] for j in used] + ([] if reference is None else [reference])
    try:
        strings = photon_patterns(photons, modes)
    except CircuitTooLargeError as error:
        raise InputError([str(error)]) from None
    log_survival = passes * strings @ np.log(eta)
    lossy = strings[:, np.array(eta) < 1] > 0
    apart = ~(lossy.astype(np.int32) @ lossy.T.astype(np.int32)).astype(bool)
    first, second = np.nonzero(np.triu(apart, 1))
    omega = passes * (strings[first, : len(used)] - strings[second, : len(used)])
    top = np.maximum(log_survival[first], log_survival[second])
    low = np.minimum(log_survival[first], log_survival[second])
    contrast = np.exp(low) * 4 / (1 + np.exp((low - top) / 2)) ** 2
    # Of pairs with one omega (or its negative) only the best can be of use, and those without effect are none.
    lead = np.take_along_axis(omega, np.argmax(omega != 0, axis=1)[:, None], axis=1)[:, 0]
    key = omega * np.sign(lead)[:, None]
    order = np.argsort(-contrast, kind="stable")
    _, best = np.unique(key[order], axis=0, return_index=True)
    keep = order[best]
    keep = keep[(contrast[keep] > 0) & (lead[keep] != 0)]
    if not len(keep):
        raise InputError(["no two-branch probe arrives through these losses"])
    target = np.array([alpha[j] for j in used])
    scale = float(np.abs(target).max())
    # The largest contrast is made 1: the solver takes coefficients below 1e-9 for zero.
    strongest = math.sqrt(float(contrast[keep].max(initial=1e-300)))
    vectors = csr_array(np.sqrt(contrast[keep])[:, None] / strongest * omega[keep]).T
    sides: Any = hstack([vectors, -vectors])
    found = linprog(
        np.ones(2 * len(keep)),
        A_eq=sides,
        b_eq=target / scale,
        method="highs",
    )
    if found.status != 0 or found.x is None:
        raise InputError([f"no mix of two-branch probes with these losses estimates q: {found.message}"])
    x = found.x[: len(keep)] - found.x[len(keep) :]
    total = float(np.abs(x).sum())
    probes = []
    for k in np.flatnonzero(np.abs(x) > 1e-9 * total):
        a, b = first[keep[k]], second[keep[k]]
        if x[k] < 0:
            a, b = b, a
        probes.append(
            ProbeShare(
                first=_full(strings[a].tolist(), used, len(alpha), reference),
                second=_full(strings[b].tolist(), used, len(alpha), reference),
                weights=best_branch_weights(float(log_survival[a]), float(log_survival[b])),
                contrast=float(contrast[keep[k]]),
                share=float(abs(x[k]) / total),
            )
        )
    probes.sort(key=lambda probe: -probe.share)
    return BestMix(
        mse=(scale * total / strongest) ** 2,
        probes=tuple(probes),
        dual=tuple((found.eqlin.marginals / strongest).tolist()),
        candidates=len(keep),
    )


def _full(string: list[int], used: list[int], sensors: int, reference: float | None) -> tuple[int, ...]:
    out = [0] * sensors
    for j, n in zip(used, string, strict=False):
        out[j] = n
    return (*out, string[-1]) if reference is not None else tuple(out)
