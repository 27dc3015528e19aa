"""How many modes must be entangled in a pass (docs/theory.md, section 5): proven lower bounds, with the published ones beside."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from networks import InputError, LinearFunction
from networks.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class EntanglementRow(Value):
    """How many modes an optimal protocol has to occupy in one pass, the reference included when occupied.

    Attributes
    ----------
    sensing : str
        "qubit", "phase" or "displacement".
    controls : str
        "discrete", between the passes, or "arbitrary".
    modes : int
        k, the proven lower bound.
    published_modes : int
        As printed in BEGG.
    equation, note : str
        Where BEGG has it, and what to know about it.
    """

    sensing: str
    controls: str
    modes: int
    published_modes: int
    equation: str
    note: str


def phase_modes_bound(function: LinearFunction, passes: int) -> int:
    """Least k of an optimal phase protocol with controls between M passes: the counting bound of docs/theory.md, section 5.

    A pass gives a mode at most N photons, so mode j is occupied in at least ceil(x_j) passes, x_j = M |alpha_j|/||alpha||_P,
    and the reference in at least ceil(x_ref); k is at least their sum over the passes, and at least 2.

    Parameters
    ----------
    function : LinearFunction
        Oriented.
    passes : int >= 1
        M.

    Raises
    ------
    InputError
        For a function that is not oriented.

    Examples
    --------
    >>> phase_modes_bound(LinearFunction([1, 1, -1]), 2)
    2
    """
    if function.norm_positive < function.norm_negative:
        raise InputError(["the function must be oriented; use function.orient().function"])
    share = Fraction(passes) / function.norm_positive
    occupied = sum(ceil(share * abs(a)) for a in function.alpha)
    reference = ceil(passes - share * function.norm_negative)
    return max(2, ceil(Fraction(occupied + reference, passes)))


def published_phase_modes_bound(function: LinearFunction, passes: int) -> int:
    """ceil(||alpha||_0/M) + 1, as printed in BEGG Sec. V and Table 1. It is not valid: alpha = (1,1,-1), N = 1, M = 2.

    Parameters
    ----------
    function : LinearFunction
    passes : int >= 1
        M.
    """
    return ceil(Fraction(int(function.norm(0)), passes)) + 1


def qubit_modes_bound(function: LinearFunction, passes: int) -> int:
    """max(ceil(||alpha||_1/||alpha||_inf), ceil(||alpha||_0/M)), BEGG Table 1.

    Parameters
    ----------
    function : LinearFunction
    passes : int >= 1
        M.
    """
    return max(_qubit_share(function), ceil(Fraction(int(function.norm(0)), passes)))


def _qubit_share(function: LinearFunction) -> int:
    return ceil(Fraction(function.norm(1)) / Fraction(function.norm(float("inf"))))


def entanglement_rows(function: LinearFunction, passes: int) -> tuple[EntanglementRow, ...]:
    """Both kinds of control for the three kinds of sensing, BEGG Sec. V and Table 1.

    Parameters
    ----------
    function : LinearFunction
    passes : int >= 1
        M.
    """
    oriented = function.orient().function
    occupied = int(oriented.norm(0))
    per_pass = ceil(Fraction(occupied, passes))
    counting = phase_modes_bound(oriented, passes)
    published = published_phase_modes_bound(oriented, passes)
    phase_note = "counting bound; the least k itself comes from psn enumerate"
    if passes == 1:
        phase_note = "exact at M = 1: every mode with a coefficient, and the reference unless the function is balanced"
    if counting < published:
        phase_note += "; the published bound is not valid in general (alpha = (1,1,-1), N = 1, M = 2 works with k = 2)"
    return (
        EntanglementRow(
            sensing="qubit",
            controls="discrete",
            modes=qubit_modes_bound(oriented, passes),
            published_modes=qubit_modes_bound(oriented, passes),
            equation="Table 1",
            note="",
        ),
        EntanglementRow(
            sensing="qubit",
            controls="arbitrary",
            modes=_qubit_share(oriented),
            published_modes=_qubit_share(oriented),
            equation="Table 1",
            note="with free time allocation this k suffices",
        ),
        EntanglementRow(
            sensing="phase",
            controls="discrete",
            modes=counting,
            published_modes=published,
            equation="Sec. V, Table 1",
            note=phase_note,
        ),
        EntanglementRow(
            sensing="phase",
            controls="arbitrary",
            modes=2,
            published_modes=2,
            equation="Sec. V, Table 1",
            note="N00N pairs of a positive mode and a negative mode or the reference, for times |alpha_j| t/||alpha||_P; the "
            "published times |alpha_j| t/||alpha||_1 are not optimal with mixed signs",
        ),
        EntanglementRow(
            sensing="displacement",
            controls="discrete",
            modes=occupied,
            published_modes=per_pass,
            equation="Sec. V, Table 1",
            note="every pass needs all modes with a coefficient"
            + ("" if occupied == per_pass else "; the published bound is too low"),
        ),
        EntanglementRow(
            sensing="displacement",
            controls="arbitrary",
            modes=occupied,
            published_modes=1,
            equation="Sec. V, Table 1",
            note=""
            if occupied == 1
            else "without entanglement a sequential schedule reaches only the separable ||alpha||_1^2/(4 nbar t^2)",
        ),
    )
