"""Two branches of any strings behind loss, before the sensing and after it: survival, and the information that is left.

A photon lost before the sensing and one lost after it leave the same: the strings that remain differ by omega whatever has been
lost from both, so only how many photons each mode loses matters, and transmissivities multiply. A loss *between source and
sensing* is passed once, however often the light then passes its sensor; a loss *after each pass* M times. So with controls between
the passes the first counts for the photons of the first pass, the second for those of all.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

from networks import InputError

MAX_LOST_PATTERNS = 1_000_000
"""Ways to lose photons from modes that both branches occupy, summed one by one."""


def string_survival(
    strings: Sequence[Sequence[int]],
    before: Sequence[float],
    after: Sequence[float],
    *,
    before_each_pass: bool = False,
) -> float:
    """Logarithm of the chance that all photons of a branch arrive: sum_k (n_k^(1) log b_k + sum over passes of n_k^(m) log e_k).

    Parameters
    ----------
    strings : M sequences of (m,) ints >= 0
        The photon numbers of the branch in each pass; M times the same without controls.
    before : (m,) floats in (0, 1]
        b_k, between the source and the first pass: light that stays in the network goes through it once.
    after : (m,) floats in (0, 1]
        e_k, after each pass.
    before_each_pass : bool
        Whether the light comes by b_k again for every pass, as in a loop that runs through it.

    Returns
    -------
    float <= 0

    Raises
    ------
    InputError
        Listing every fault.

    Examples
    --------
    >>> [round(math.exp(string_survival([[2, 1]] * 2, [0.5, 1.0], [1.0, 0.9], before_each_pass=each)), 9) for each in (False, True)]
    [0.2025, 0.050625]
    """
    faults = [
        f"{name} must have {len(before)} transmissivities in (0, 1], got {tuple(values)}"
        for name, values in (("before", before), ("after", after))
        if len(values) != len(before) or not all(0 < eta <= 1 for eta in values)
    ]
    faults += [
        f"strings must have {len(before)} photon numbers, got {tuple(s)}" for s in strings if len(s) != len(before)
    ]
    if faults or not strings:
        raise InputError(faults or ["strings must have one string a pass, got none"])
    at_source = strings if before_each_pass else strings[:1]
    terms = [n * math.log(eta) for string in at_source for n, eta in zip(string, before, strict=True)]
    terms += [n * math.log(eta) for string in strings for n, eta in zip(string, after, strict=True)]
    return math.fsum(terms)


def two_branch_information(
    first: Sequence[int], second: Sequence[int], transmissivity: Sequence[float], weight: float
) -> float:
    """Quantum Fisher information on the relative phase of two branches behind loss, for any branches: sum of 4 x_l y_l/(x_l + y_l).

    l runs over the photons lost from each mode that either branch can lose, x_l = w P(l from A) and y_l = (1 - w) P(l from B).
    Branches that share no lossy mode have l = 0 alone, 4 A B w (1 - w)/(A w + B (1 - w)). A lost photon that does not tell the
    branch leaves coherence, and it counts here: that is exact where no two ways of losing lead to the same string while one of them
    leaves both branches (``is_two_branch_sum_exact``), and an upper bound elsewhere. Times omega omega^T, omega = A - B of all
    passes, it is the Fisher matrix.

    Parameters
    ----------
    first, second : (m,) ints >= 0
        The branches A and B.
    transmissivity : (m,) floats in (0, 1]
        Of each mode, before and after the sensing multiplied.
    weight : float
        w, of the first branch, in [0, 1].

    Returns
    -------
    float in [0, 1]

    Raises
    ------
    InputError
        For more ways of losing than MAX_LOST_PATTERNS.

    Examples
    --------
    A lost reference photon that both branches have costs nothing; without one in the other branch it tells all.

    >>> two_branch_information([1, 0, 1], [0, 1, 1], [1.0, 1.0, 0.5], 0.5)
    1.0
    >>> round(two_branch_information([1, 0], [0, 1], [1.0, 0.5], 0.5), 12)
    0.666666666667
    """
    shared = [min(a, b) if eta < 1 else 0 for a, b, eta in zip(first, second, transmissivity, strict=True)]
    if math.prod(n + 1 for n in shared) > MAX_LOST_PATTERNS:
        raise InputError([f"photons can be lost in more than {MAX_LOST_PATTERNS} ways from modes of both branches"])
    terms = []
    for lost in itertools.product(*(range(n + 1) for n in shared)):
        x = weight * math.exp(_log_chance(first, lost, transmissivity))
        y = (1 - weight) * math.exp(_log_chance(second, lost, transmissivity))
        terms.append(4 * x * y / (x + y) if x and y else 0.0)
    return math.fsum(terms)


def is_two_branch_sum_exact(first: Sequence[int], second: Sequence[int], transmissivity: Sequence[float]) -> bool:
    """Whether ``two_branch_information`` is exact for these branches, or only an upper bound.

    Losing l' from B can lead to the string that losing l' + A - B from A leads to; both matter when l' can be lost from both. That
    needs (b_k - a_k)^+ <= min(a_k, b_k) in each lossy mode and a_k = b_k in all others. So it is exact where some lossless mode
    has other photons in A than in B, or some mode more than twice as many in B as in A and some mode the other way round: N00N
    states, weighted ones, and all branches of (29) are of this kind.

    Parameters
    ----------
    first, second : (m,) ints >= 0
    transmissivity : (m,) floats in (0, 1]

    Returns
    -------
    bool

    Examples
    --------
    >>> is_two_branch_sum_exact([2, 0], [0, 2], [0.5, 0.5]), is_two_branch_sum_exact([2, 1], [1, 2], [0.5, 0.5])
    (True, False)
    """
    modes = list(zip(first, second, transmissivity, strict=True))
    if any(a != b for a, b, eta in modes if eta == 1):
        return True
    return any(b > 2 * a for a, b, _ in modes) and any(a > 2 * b for a, b, _ in modes)


def _log_chance(photons: Sequence[int], lost: Sequence[int], transmissivity: Sequence[float]) -> float:
    """Logarithm of the chance that just these photons are lost."""

    def terms() -> Iterator[float]:
        for n, gone, eta in zip(photons, lost, transmissivity, strict=True):
            yield math.lgamma(n + 1) - math.lgamma(gone + 1) - math.lgamma(n - gone + 1) + (n - gone) * math.log(eta)
            if gone:
                yield gone * math.log1p(-eta)

    return math.fsum(terms())
