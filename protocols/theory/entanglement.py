"""How many modes one probe, used in every shot, must entangle in a pass: proven lower bounds, with the published ones beside.

Derived in docs/theory/theory.md, section 5. Probes in turn over the shots need fewer: pairs on phases, and ``tradeoff`` has those
of displacements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from networks import InputError, LinearFunction
from networks.arms import function_by_arms
from networks.values import Value
from protocols.documents.printed import Printed
from protocols.theory.photon_pairs import PairProtocol, least_pair_passes, pair_protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class EntanglementRow(Value, Printed):
    """How many modes an optimal probe that is used in every shot has to occupy in one pass, the reference included when occupied.

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
    protocol : PairProtocol or None
        Phases with arbitrary controls: pairs and times that reach the bound with these modes, as ``psn check`` reads them.
    """

    sensing: str
    controls: str
    modes: int
    published_modes: int
    equation: str
    note: str
    protocol: PairProtocol | None = None


def phase_modes_bound(function: LinearFunction, passes: int) -> int:
    """Least k of an optimal phase protocol with controls between M passes: the counting bound of docs/theory/theory.md, section 5.

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
    """Least k of an optimal qubit protocol with controls between M passes: ceil(sum_j ceil(M |alpha_j|/||alpha||_inf)/M).

    An optimal protocol has Cov(Z_1 of all passes, Z_j of all passes) = M^2 |alpha_j|/||alpha||_inf, qubit 1 the largest; Z_1 is the
    same in every pass, so the correlations of qubit j over the passes add up to M |alpha_j|/||alpha||_inf, and each is at most 1.
    The correlation in a pass may be a fraction, and fresh qubits swapped in reach it: the bound is exact.

    Parameters
    ----------
    function : LinearFunction
    passes : int >= 1
        M.

    Examples
    --------
    >>> qubit_modes_bound(LinearFunction([1, "0.34", "0.34", "0.3"]), 3), qubit_modes_bound(LinearFunction([2]), 5)
    (3, 1)
    """
    largest = max(abs(a) for a in function.alpha)
    occupied = sum(ceil(passes * abs(a) / largest) for a in function.alpha)
    return ceil(Fraction(occupied, passes))


def published_qubit_modes_bound(function: LinearFunction, passes: int) -> int:
    """max(ceil(||alpha||_1/||alpha||_inf), ceil(||alpha||_0/M)), BEGG Table 1: true, and sometimes too low to be reached.

    Parameters
    ----------
    function : LinearFunction
    passes : int >= 1
        M.
    """
    return max(_qubit_share(function), ceil(Fraction(int(function.norm(0)), passes)))


def _qubit_share(function: LinearFunction) -> int:
    return ceil(function.restricted_norm(range(len(function))) / max(abs(a) for a in function.alpha))


def entanglement_rows(
    function: LinearFunction, passes: int, *, photons: int | None = None, arms: Sequence[int] = ()
) -> tuple[EntanglementRow, ...]:
    """Both kinds of control for the three kinds of sensing, BEGG Sec. V and Table 1.

    Parameters
    ----------
    function : LinearFunction
    passes : int >= 1
        M.
    photons : int, optional
        N, for the protocol of pairs.
    arms : (d,) 1 or 2, optional
        Two arms count as two modes, with coefficients alpha_j and -alpha_j; one each when left out.
    """
    oriented = function.orient().function
    return (
        *_qubit_rows(oriented, passes),
        *_phase_rows(
            oriented if 2 not in arms else function_by_arms(function, arms).orient().function,
            passes,
            photons,
            arms,
        ),
        *_displacement_rows(oriented, passes),
    )


def _qubit_rows(f: LinearFunction, passes: int) -> tuple[EntanglementRow, ...]:
    least, published = qubit_modes_bound(f, passes), published_qubit_modes_bound(f, passes)
    return (
        EntanglementRow(
            sensing="qubit",
            controls="discrete",
            modes=least,
            published_modes=published,
            equation="Table 1",
            note="counting; exact, fresh qubits swapped in between passes reach it"
            + ("; the published bound is true, but lower" if least > published else ""),
        ),
        EntanglementRow(
            sensing="qubit",
            controls="arbitrary",
            modes=_qubit_share(f),
            published_modes=_qubit_share(f),
            equation="Table 1",
            note="with free time allocation this k suffices",
        ),
    )


def _phase_rows(
    f: LinearFunction, passes: int, photons: int | None, arms: Sequence[int]
) -> tuple[EntanglementRow, ...]:
    least, published = phase_modes_bound(f, passes), published_phase_modes_bound(f, passes)
    note = "counting bound; the least k itself comes from psn enumerate"
    if passes == 1:
        note = "exact at M = 1: every mode with a coefficient, and the reference unless the function is balanced"
    multiple = least_pair_passes(f)
    if multiple != 1:
        when = (
            "at no M, a ratio of coefficients is irrational"
            if multiple is None
            else f"exactly when M is a multiple of {multiple}"
        )
        note += f"; k = 2 {when}; pairs in turn over the shots reach the bound with k = 2"
    if 2 in arms:
        note += "; modes are arms, two a site" + (" of sensors that have two" if 1 in arms else "")
    if least < published:
        note += "; the published bound is not valid in general (alpha = (1,1,-1), N = 1, M = 2 works with k = 2)"
    protocol = None if photons is None else pair_protocol(f, photons, passes)
    return (
        EntanglementRow(
            sensing="phase",
            controls="discrete",
            modes=least,
            published_modes=published,
            equation="Sec. V, Table 1",
            note=note,
        ),
        EntanglementRow(
            sensing="phase",
            controls="arbitrary",
            modes=2,
            published_modes=2,
            equation="Sec. V, Table 1",
            note="N00N pairs of a positive mode and a negative mode or the reference, for times |alpha_j| t/||alpha||_P"
            + (" (--json has them, for psn check)" if protocol is not None else "")
            + "; the published times |alpha_j| t/||alpha||_1 are not optimal with mixed signs",
            protocol=protocol,
        ),
    )


def _displacement_rows(f: LinearFunction, passes: int) -> tuple[EntanglementRow, ...]:
    occupied = int(f.norm(0))
    per_pass = ceil(Fraction(occupied, passes))
    few = "" if occupied == 1 else "; fewer cost error, in turn over the shots too: see the trade-off"
    return (
        EntanglementRow(
            sensing="displacement",
            controls="discrete",
            modes=occupied,
            published_modes=per_pass,
            equation="Sec. V, Table 1",
            note="every pass needs all modes with a coefficient"
            + ("" if occupied == per_pass else "; the published bound is true, but too low to be reached")
            + few,
        ),
        EntanglementRow(
            sensing="displacement",
            controls="arbitrary",
            modes=occupied,
            published_modes=1,
            equation="Sec. V, Table 1",
            note=""
            if occupied == 1
            else "without entanglement a sequential schedule reaches only the separable ||alpha||_1^2/(4 nbar t^2)"
            + few,
        ),
    )
