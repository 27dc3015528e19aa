"""The table of lower bounds on the mean squared error of q (BEGG Sec. III and Table 1), corrected, with what was published.

Pure Python; nothing heavy is imported, so that ``psn bounds`` answers at once.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from networks import InputError, LinearFunction
from networks.errors import short_repr
from networks.rules import count_fault
from networks.values import Value, plain
from protocols import tables
from protocols.documents.printed import Entry
from protocols.documents.result import Result
from protocols.tables import Table
from protocols.theory.displacement import best_separable_split, displacement_bound
from protocols.theory.entanglement import EntanglementRow, entanglement_rows
from protocols.theory.phase import phase_bound

SENSED = ("qubit", "phase", "displacement")
"""Kinds of sensing that have bounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundRow(Value):
    """One bound on the mean squared error of q in one shot.

    Attributes
    ----------
    sensing : str
        "qubit", "phase" or "displacement".
    probes : str
        "separable" or "entangled".
    mse, published_mse : float or None
        The correct value at these resources, and the paper's expression; None when the resource was not given.
    equation, note : str
        Where BEGG has it, and what to know about it.
    allocation : tuple of float or None
        Separable probes: the photons of each mode that reach (phase: approach, see ``note``) the bound.
    beta : tuple of Fraction or None
        Entangled probes: the minimax vector beta* of (9), for the oriented function.
    """

    sensing: str
    probes: str
    mse: float | None
    published_mse: float | None
    equation: str
    note: str
    allocation: tuple[float, ...] | None = None
    beta: tuple[Fraction, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class BoundsTable(Value, Result):
    """All bounds for one function and its resources; renders with ``to_dict``, ``to_markdown`` and so on (tables.py).

    Attributes
    ----------
    function : LinearFunction
    photons : int or None
        N.
    mean_photons : float or None
        nbar.
    passes : int >= 1
        M.
    rows : tuple of BoundRow
    entanglement : tuple of EntanglementRow
        How many modes must be entangled in a pass.
    """

    DOCUMENT = (
        Entry("function", of=lambda table: function_document(table.function)),
        "photons",
        "mean_photons",
        "passes",
        "rows",
        "entanglement",
        Entry("advantage", of=lambda table: {sensing: table.advantage(sensing) for sensing in SENSED}),
    )

    function: LinearFunction
    photons: int | None
    mean_photons: float | None
    passes: int
    rows: tuple[BoundRow, ...]
    entanglement: tuple[EntanglementRow, ...]

    def row(self, sensing: str, probes: str) -> BoundRow:
        """The row of one kind of sensing and probes.

        Parameters
        ----------
        sensing : "qubit", "phase" or "displacement"
        probes : "separable" or "entangled"

        Raises
        ------
        InputError
            When there is none.
        """
        for row in self.rows:
            if (row.sensing, row.probes) == (sensing, probes):
                return row
        raise InputError([f"there is no row for {sensing} sensing with {probes} probes"])

    def advantage(self, sensing: str) -> float | None:
        """Separable over entangled mean squared error: what entanglement gains.

        Parameters
        ----------
        sensing : "qubit", "phase" or "displacement"

        Returns
        -------
        float >= 1 or None
            None when the resource was not given.
        """
        separable, entangled = (self.row(sensing, probes).mse for probes in ("separable", "entangled"))
        return None if separable is None or entangled is None else separable / entangled

    def to_json(self) -> str:
        """One JSON document."""
        return tables.to_json(self.to_dict())

    def to_markdown(self) -> str:
        """Markdown tables."""
        return "\n".join(tables.to_markdown(table) for table in bounds_tables(self))

    def to_latex(self) -> str:
        """LaTeX tabulars."""
        return "\n".join(tables.to_latex(table) for table in bounds_tables(self))

    def to_csv(self) -> str:
        """The bounds as comma-separated values (without the entanglement rows)."""
        return tables.to_csv(bounds_tables(self)[0])

    def to_pandas(self) -> object:
        """The bounds as a pandas DataFrame; needs the extra ``pandas``."""
        return tables.to_pandas(bounds_tables(self)[0])

    def __rich__(self) -> object:
        return tables.to_rich(bounds_tables(self))


def bounds_table(
    function: LinearFunction | Sequence[object],
    *,
    photons: int | None = None,
    mean_photons: float | None = None,
    passes: int = 1,
) -> BoundsTable:
    """Every lower bound on the mean squared error of q = alpha . theta at these resources.

    Parameters
    ----------
    function : LinearFunction or sequence of int, Fraction or str
    photons : int, optional
        N, exactly, for phase sensing, from 1 to 1e30.
    mean_photons : float, optional
        nbar, on average, for displacement sensing, from 1e-30 to 1e30.
    passes : int
        M passes of unit time, t = M, from 1 to 1e30.

    Returns
    -------
    BoundsTable
        Rows of a resource that was not given have no value.

    Raises
    ------
    InputError
        Listing every fault.

    Examples
    --------
    >>> table = bounds_table([1, 1], photons=2, mean_photons=1.0)
    >>> round(table.row("phase", "separable").mse, 12), table.row("phase", "entangled").mse
    (2.0, 1.0)
    >>> round(table.row("displacement", "entangled").mse, 12)
    0.343145750508
    """
    photons, mean_photons, passes = map(plain, (photons, mean_photons, passes))  # type: ignore[assignment]  # checked below
    faults: list[str] = []
    if not isinstance(function, LinearFunction):
        try:
            function = LinearFunction(function)
        except InputError as error:
            faults.extend(error.faults)
    for name, value in (("photons", photons), ("passes", passes)):
        absent = value is None and name == "photons"
        if not absent and (fault := count_fault(name, value)):
            faults.append(fault)
    number = isinstance(mean_photons, int | float) and not isinstance(mean_photons, bool)
    if mean_photons is not None and not (number and 1e-30 <= mean_photons <= 1e30):
        faults.append(f"mean photons must be a number between 1e-30 and 1e30, got {short_repr(mean_photons)}")
    if faults:
        raise InputError(faults)
    assert isinstance(function, LinearFunction)
    oriented = function.orient().function
    rows = (
        *_qubit_rows(oriented, passes),
        *_phase_rows(oriented, photons, passes),
        *_displacement_rows(oriented, mean_photons, passes),
    )
    return BoundsTable(
        function=function,
        photons=photons,
        mean_photons=mean_photons,
        passes=passes,
        rows=rows,
        entanglement=entanglement_rows(function, passes),
    )


def _qubit_rows(f: LinearFunction, t: int) -> tuple[BoundRow, ...]:
    largest = max(abs(a) for a in f.alpha)
    # beta* = 1/alpha_j on one of the largest coefficients; the first of them is taken.
    first = next(j for j, a in enumerate(f.alpha) if abs(a) == largest)
    beta = tuple(1 / a if j == first else Fraction(0) for j, a in enumerate(f.alpha))
    separable, entangled = float(f.norm_2_squared / t**2), float(largest**2 / t**2)
    return (
        BoundRow(
            sensing="qubit",
            probes="separable",
            mse=separable,
            published_mse=separable,
            equation="Table 1",
            note="||alpha||_2^2/t^2",
        ),
        BoundRow(
            sensing="qubit",
            probes="entangled",
            mse=entangled,
            published_mse=entangled,
            equation="Table 1",
            note="||alpha||_inf^2/t^2",
            beta=beta,
        ),
    )


def _phase_rows(f: LinearFunction, photons: int | None, t: int) -> tuple[BoundRow, ...]:
    inverse = 1 / f.norm_positive
    beta = tuple(inverse if a > 0 else Fraction(0) for a in f.alpha)
    if photons is None:
        note = "needs the photon number N"
        return (
            BoundRow(sensing="phase", probes="separable", mse=None, published_mse=None, equation="(16)", note=note),
            BoundRow(
                sensing="phase",
                probes="entangled",
                mse=None,
                published_mse=None,
                equation="(12), (14)",
                note=note,
                beta=beta,
            ),
        )
    resource = photons * t
    separable = (float(f.norm(Fraction(2, 3))) / resource) ** 2
    powers = [float(abs(a)) ** (2 / 3) for a in f.alpha]
    published = math.fsum(p ** (2 / 3) for p in powers) ** 3 / resource**2
    exact = best_integer_split(f, photons)
    if exact is None:
        few = f"N = {photons} is fewer than the {int(f.norm(0))} sensors with non-zero coefficients"
        reach = f"; no product state reaches it: {few}"
    else:
        reach = f"; with whole photons {exact.mse_at(t):.6g} at {_listed(exact.photons)}"
    differ = "" if math.isclose(published, separable) else "; published with alpha' = alpha^(2/3) in place of alpha"
    entangled = float(phase_bound(f, photons, t))
    return (
        BoundRow(
            sensing="phase",
            probes="separable",
            mse=separable,
            published_mse=published,
            equation="(16)",
            note="||alpha||_{2/3}^2/(N t)^2" + differ + reach,
            allocation=tuple(photons * p / math.fsum(powers) for p in powers),
        ),
        BoundRow(
            sensing="phase",
            probes="entangled",
            mse=entangled,
            published_mse=entangled,
            equation="(12), (14)",
            note="max(||alpha||_P, ||alpha||_Nn)^2/(N t)^2, for exactly N photons",
            beta=beta,
        ),
    )


def _displacement_rows(f: LinearFunction, mean_photons: float | None, t: int) -> tuple[BoundRow, ...]:
    norm_squared = f.norm_2_squared
    beta = tuple(a / norm_squared for a in f.alpha)
    if mean_photons is None:
        note = "needs the mean photon number nbar"
        return (
            BoundRow(
                sensing="displacement", probes="separable", mse=None, published_mse=None, equation="(18)", note=note
            ),
            BoundRow(
                sensing="displacement",
                probes="entangled",
                mse=None,
                published_mse=None,
                equation="(15)",
                note=note,
                beta=beta,
            ),
        )
    split = best_separable_split([float(a) for a in f.alpha], mean_photons)
    leading = 4 * mean_photons * t**2
    square = float(norm_squared)
    note = (
        "exact at this nbar; the published expression is its limit nbar -> inf and exceeds it, so it is no lower bound"
    )
    split_note = f"photons {_listed([f'{n:.4g}' for n in split.mean_photons])}"
    return (
        BoundRow(
            sensing="displacement",
            probes="separable",
            mse=split.variance / t**2,
            published_mse=float(f.restricted_norm(range(len(f))) ** 2) / leading,
            equation="(18)",
            note=f"{note}; {split_note}",
            allocation=split.mean_photons,
        ),
        BoundRow(
            sensing="displacement",
            probes="entangled",
            mse=displacement_bound(f, mean_photons, t),
            published_mse=square / leading,
            equation="(15)",
            note=note,
            beta=beta,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegerSplit(Value):
    """The best whole-photon split for separate N00N states.

    Attributes
    ----------
    photons : (d,) ints >= 0
    variance : Fraction
        sum alpha_j^2/N_j^2, the least possible.
    """

    photons: tuple[int, ...]
    variance: Fraction

    def mse_at(self, passes: int) -> float:
        """Mean squared error after M passes.

        Parameters
        ----------
        passes : int >= 1
        """
        return float(self.variance / passes**2)


def best_integer_split(function: LinearFunction, photons: int) -> IntegerSplit | None:
    """Minimise sum alpha_j^2/N_j^2 over whole N_j >= 1 with sum N; None when there are fewer photons than sensors needed.

    Each term is convex in N_j, so giving photons one at a time to the sensor that gains most is optimal. All but about
    5 d of them are placed at once: at the optimum some mu has -f_j'(N_j + 1) <= mu <= -f_j'(N_j - 1), f_j = alpha_j^2/n^2,
    so N_j lies within 1 of the real allocation at mu, hence N_j >= (N - d) |alpha_j|^(2/3)/sum - 1. O(d log d).

    Parameters
    ----------
    function : LinearFunction
    photons : int >= 1
        N.

    Examples
    --------
    >>> best_integer_split(LinearFunction([1, 8]), 5).photons
    (1, 4)
    """
    squares = {j: a * a for j, a in enumerate(function.alpha) if a}
    if photons < len(squares):
        return None
    # The powers are irrational: enough digits are kept for their rounding not to move a single photon.
    with localcontext() as context:
        context.prec = len(str(photons)) + 25
        largest = max(squares.values())
        relative = {j: s / largest for j, s in squares.items()}
        powers = {j: (Decimal(s.numerator) / s.denominator) ** (Decimal(1) / 3) for j, s in relative.items()}
        total = sum(powers.values())
        counts = {j: max(1, int((photons - 3 * len(squares)) * p / total) - 2) for j, p in powers.items()}

    def gain(j: int, n: int) -> Fraction:
        return squares[j] * (Fraction(1, n * n) - Fraction(1, (n + 1) ** 2))

    heap = [(-gain(j, n), j) for j, n in counts.items()]
    heapq.heapify(heap)
    for _ in range(photons - sum(counts.values())):
        _, j = heapq.heappop(heap)
        counts[j] += 1
        heapq.heappush(heap, (-gain(j, counts[j]), j))
    variance = sum((squares[j] / n**2 for j, n in counts.items()), Fraction(0))
    return IntegerSplit(photons=tuple(counts.get(j, 0) for j in range(len(function))), variance=variance)


def _listed(values: Sequence[int | str]) -> str:
    return "(" + ", ".join(map(str, values[:6])) + (", ..." if len(values) > 6 else "") + ")"


def function_document(function: LinearFunction) -> dict[str, object]:
    """The "function" field of every document: alpha as given, the norms of the oriented function, and that function.

    Parameters
    ----------
    function : LinearFunction
    """
    turned = function.orient()
    return {
        "alpha": [str(a) for a in function.alpha],
        "norm_positive": str(turned.function.norm_positive),
        "norm_negative": str(turned.function.norm_negative),
        "flipped": turned.flipped,
        "oriented": [str(a) for a in turned.function.alpha],
    }


def bounds_tables(table: BoundsTable) -> tuple[Table, Table]:
    """The bounds and the entanglement rows as tables.

    Parameters
    ----------
    table : BoundsTable
    """
    resources = [
        f"N = {table.photons}" if table.photons else "",
        f"nbar = {table.mean_photons:g}" if table.mean_photons else "",
    ]
    given = ", ".join([part for part in resources if part] + [f"M = {table.passes}"])
    alpha = ", ".join(str(a) for a in table.function.alpha[:8]) + (", ..." if len(table.function) > 8 else "")
    return (
        Table(
            title=f"Lower bounds on the mean squared error of q, alpha = ({alpha}), {given}",
            columns=("sensing", "probes", "MSE", "as published", "gain", "BEGG", "note"),
            rows=tuple(
                (r.sensing, r.probes, r.mse, r.published_mse, _gain(table, r), r.equation, r.note) for r in table.rows
            ),
        ),
        Table(
            title="Modes entangled in a pass, at least",
            columns=("sensing", "controls", "modes", "as published", "BEGG", "note"),
            rows=tuple(
                (r.sensing, r.controls, r.modes, r.published_modes, r.equation, r.note) for r in table.entanglement
            ),
        ),
    )


def _gain(table: BoundsTable, row: BoundRow) -> float | None:
    """What entanglement gains, separable over entangled, beside the entangled value."""
    return table.advantage(row.sensing) if row.probes == "entangled" else None
