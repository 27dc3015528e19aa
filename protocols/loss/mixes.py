"""The best mix of two-branch probes whose branches share no lossy mode: which to send in which share of the shots.

Branches that do share one may do better still (a lost photon then does not reveal the branch); ``optimum`` looks at all states.

A probe with branches A and B gives F = c omega omega^T, omega = A - B on the sensors, c its contrast under the best weights
(docs/theory.md, section 7). Shots shared out in proportions p give sum p_k c_k omega_k omega_k^T, and the least a^T F^+ a over p is
(min sum |x_k| with sum x_k sqrt(c_k) omega_k = a)^2, p_k ~ |x_k| (Elfving's theorem): a linear program, exact and with a dual
certificate y, sqrt(c_k) |omega_k . y| <= 1 for every probe and a . y the root of the error.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from networks import InputError
from networks.values import Value
from photonics.conventions import Real
from protocols.documents.printed import Printed
from protocols.theory.task import PhaseTask
from protocols.theory.two_branches import best_branch_weights, log_branch_contrasts

LARGEST_PAIRS = 50_000_000
"""Strings squared times modes; at the limit the pairs take about a gigabyte."""
LARGEST_STRINGS = 1500
"""Occupation strings whose pairs are all looked at; a million pairs take about a second."""

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeShare(Value):
    """A two-branch probe in a mix.

    Attributes
    ----------
    first, second : tuple of int >= 0
        Photons of each branch over the sensors and the reference last.
    weights : (float, float)
        Of the branches, with the sum 1.
    contrast : float
        The share of its information that loss leaves, in (0, 1].
    share : float
        Of the shots that it is sent in, in (0, 1].
    """

    first: tuple[int, ...]
    second: tuple[int, ...]
    weights: tuple[float, float]
    contrast: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BestMix(Value, Printed):
    """The best mix of two-branch probes whose branches share no lossy mode.

    Attributes
    ----------
    mse : float
        Mean squared error of q a shot.
    probes : tuple of ProbeShare
        Largest share first.
    dual : tuple of float
        The vector that proves that no mix of such probes does better, one entry a sensor with a coefficient.
    candidates : int
        Probes that the mix was chosen from.
    """

    DOCUMENT = (
        "mse",
        "candidates",
        "dual",
        "probes",
    )

    mse: float
    probes: tuple[ProbeShare, ...]
    dual: tuple[float, ...]
    candidates: int


def best_mix(task: PhaseTask) -> BestMix:
    """The mix of two-branch probes of exactly N photons with the least mean squared error a shot of q, each kept for M passes.

    All pairs of occupation strings of N photons over the sensors with a coefficient and the reference are candidates when they
    share no lossy mode; then their closed form holds. The dual proves that no mix of such pairs does better, not of others
    (docs/theory.md, section 7).

    Parameters
    ----------
    task : PhaseTask

    Raises
    ------
    InputError
        When there are more than LARGEST_STRINGS strings, or no such probe arrives or determines q.

    Examples
    --------
    Without loss it is the N00N bound ||alpha||_P^2/N^2, (12):

    >>> from networks import LinearFunction
    >>> task = PhaseTask(function=LinearFunction([1, 1]), transmissivity=(1.0, 1.0), reference=1.0, photons=2)
    >>> round(best_mix(task).mse, 9)
    1.0
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, hstack

    used = [j for j, a in enumerate(task.alpha) if a]
    pairs = _Pairs.of(task, used)
    if not len(pairs.first):
        raise InputError(["no two-branch probe arrives through these losses"])
    target = np.array([task.alpha[j] for j in used])
    scale = float(np.abs(target).max())
    # The largest contrast is made 1: the solver takes coefficients below 1e-9 for zero.
    strongest = math.sqrt(float(pairs.contrast.max(initial=1e-300)))
    vectors = csr_array(np.sqrt(pairs.contrast)[:, None] / strongest * pairs.omega).T
    sides: Any = hstack([vectors, -vectors])
    solution = linprog(np.ones(2 * len(pairs.first)), A_eq=sides, b_eq=target / scale, method="highs")
    if solution.status != 0 or solution.x is None:
        raise InputError([f"no mix of two-branch probes with these losses estimates q: {solution.message}"])
    x = solution.x[: len(pairs.first)] - solution.x[len(pairs.first) :]
    total = float(np.abs(x).sum())
    return BestMix(
        mse=(scale * total / strongest) ** 2,
        probes=tuple(sorted(_probes(pairs, x, task, used), key=lambda probe: -probe.share)),
        dual=tuple((solution.eqlin.marginals / strongest).tolist()),
        candidates=len(pairs.first),
    )


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Pairs of branches that share no lossy mode, the best of each omega = first - second up to its sign.

    ``first`` and ``second`` are places in ``strings``.
    """

    strings: Integers
    log_survival: Real
    first: Integers
    second: Integers
    omega: Integers
    contrast: Real

    @classmethod
    def of(cls, task: PhaseTask, used: Sequence[int]) -> _Pairs:
        """All of them for the sensors in use and the reference."""
        eta = [task.transmissivity[j] for j in used] + ([] if task.reference is None else [task.reference])
        strings = _strings(int(task.photons), len(eta))
        log_survival: Real = task.passes * strings @ np.log(np.array(eta, dtype=float))
        lossy = strings[:, np.array(eta) < 1] > 0
        apart = ~(lossy.astype(np.int32) @ lossy.T.astype(np.int32)).astype(bool)
        first, second = np.nonzero(np.triu(apart, 1))
        omega = task.passes * (strings[first, : len(used)] - strings[second, : len(used)])
        contrast = np.exp(log_branch_contrasts(log_survival[first], log_survival[second]))
        # Of pairs with one omega (or its negative) only the best can be of use, and those without effect are none.
        lead = np.take_along_axis(omega, np.argmax(omega != 0, axis=1)[:, None], axis=1)[:, 0]
        order = np.argsort(-contrast, kind="stable")
        _, best = np.unique((omega * np.sign(lead)[:, None])[order], axis=0, return_index=True)
        keep = order[best]
        keep = keep[(contrast[keep] > 0) & (lead[keep] != 0)]
        return cls(strings, log_survival, first[keep], second[keep], omega[keep], contrast[keep])


def _strings(photons: int, modes: int) -> Integers:
    """All occupation strings, (strings, modes), where their pairs are few enough."""
    from photonics.engines.interference import photon_patterns
    from photonics.limits import CircuitTooLargeError, roughly

    size = comb(photons + modes - 1, modes - 1)
    if size > LARGEST_STRINGS or size * size * modes > LARGEST_PAIRS:
        raise InputError(
            [
                f"{photons} photons over {modes} modes make {roughly(size)} occupation strings, "
                f"whose pairs are too many to look at (limit {LARGEST_STRINGS} strings, and {LARGEST_PAIRS} numbers in all pairs); "
                "use fewer photons or sensors"
            ]
        )
    try:
        return photon_patterns(photons, modes)
    except CircuitTooLargeError as error:
        raise InputError([str(error)]) from None


def _probes(pairs: _Pairs, x: Real, task: PhaseTask, used: Sequence[int]) -> Iterator[ProbeShare]:
    """The pairs that the solution x of the linear program uses; a negative entry exchanges the branches."""
    total = float(np.abs(x).sum())
    for k in np.flatnonzero(np.abs(x) > 1e-9 * total):
        a, b = (pairs.first[k], pairs.second[k]) if x[k] > 0 else (pairs.second[k], pairs.first[k])
        yield ProbeShare(
            first=_full(pairs.strings[a].tolist(), used, task),
            second=_full(pairs.strings[b].tolist(), used, task),
            weights=best_branch_weights(float(pairs.log_survival[a]), float(pairs.log_survival[b])),
            contrast=float(pairs.contrast[k]),
            share=float(abs(x[k]) / total),
        )


def _full(string: list[int], used: Sequence[int], task: PhaseTask) -> tuple[int, ...]:
    """A string over all sensors, and the reference if there is one."""
    out = [0] * len(task.alpha)
    for j, n in zip(used, string, strict=False):
        out[j] = n
    return tuple(out) if task.reference is None else (*out, string[-1])
