"""The table of lower bounds on the mean squared error of q (BEGG Sec. III and Table 1), corrected, with what was published.

Pure Python; nothing heavy is imported, so that ``psn bounds`` answers at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from networks import InputError, LinearFunction
from networks.errors import short_repr
from networks.rules import count_fault, parameters_fault
from networks.values import Value, plain_real
from protocols import tables
from protocols.documents.printed import Entry
from protocols.documents.result import Result
from protocols.tables import Table
from protocols.theory.bound_rows import BoundRow, Setting, bound_rows, listed
from protocols.theory.entanglement import EntanglementRow, entanglement_rows
from protocols.theory.tradeoff import TradeoffRow, tradeoff_rows

SENSED = ("qubit", "phase", "displacement")
"""Kinds of sensing that have bounds."""
PHASE_REFERENCES = ("paid", "free")
"""Whether light in the reference counts."""


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
    parameters : "static" or "snapshot"
        Whether theta stays put over the shots, so that sites may take turns, or every shot has to tell q.
    arms : 1 or 2, or (d,) of them where sensors differ
        Modes of a phase sensor: its phase against a common reference, or the difference of its own two arms.
    phase_reference : "paid" or "free"
        Whether light in the reference counts: which row of coherent light is the one to compare with.
    rows : tuple of BoundRow
    entanglement : tuple of EntanglementRow
        How many modes one probe, used in every shot, must entangle in a pass.
    tradeoff : tuple of TradeoffRow
        Displacement sensing with fewer entangled modes.
    """

    DOCUMENT = (
        Entry("function", of=lambda table: function_document(table.function)),
        "photons",
        "mean_photons",
        "passes",
        "parameters",
        "arms",
        "phase_reference",
        "rows",
        "entanglement",
        "tradeoff",
        Entry("gain", of=lambda table: {sensing: table.gain(sensing) for sensing in SENSED}),
    )

    function: LinearFunction
    photons: int | None
    mean_photons: float | None
    passes: int
    rows: tuple[BoundRow, ...]
    entanglement: tuple[EntanglementRow, ...]
    # Files of tables that were made before these had a say are of the plain case.
    parameters: str = "static"
    arms: int | tuple[int, ...] = 1
    phase_reference: str = "paid"
    tradeoff: tuple[TradeoffRow, ...] = ()

    def row(self, sensing: str, probes: str) -> BoundRow:
        """The row of one kind of sensing and probes.

        Parameters
        ----------
        sensing : "qubit", "phase" or "displacement"
        probes : "separable", "separable-in-turn", "coherent", "coherent-free-reference" or "entangled"; of phases with a mean
            photon number also "gaussian" and "any-of-mean"

        Raises
        ------
        InputError
            When there is none.
        """
        for row in self.rows:
            if (row.sensing, row.probes) == (sensing, probes):
                return row
        raise InputError([f"there is no row for {sensing} sensing with {probes} probes"])

    def gain(self, sensing: str) -> float | None:
        """What entanglement between sites gains: the best error without it over the bound of all probes.

        Sites may take turns for static parameters; light with an exact photon number is compared with its like, and the row says
        with which (``gain_over``).

        Parameters
        ----------
        sensing : "qubit", "phase" or "displacement"

        Returns
        -------
        float >= 1 or None
            None when the resource was not given, or nothing without entanglement tells q.
        """
        return self.row(sensing, "entangled").gain

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
        """The bounds as comma-separated values; the modes to entangle and the trade-off are in the other formats."""
        return tables.to_csv(named_bounds(self))

    def __rich__(self) -> object:
        return tables.to_rich(bounds_tables(self))


def bounds_table(
    function: LinearFunction | Sequence[object],
    *,
    photons: int | None = None,
    mean_photons: float | None = None,
    passes: int = 1,
    parameters: str = "static",
    arms: int | Sequence[int] = 1,
    phase_reference: str = "paid",
) -> BoundsTable:
    """Every lower bound on the mean squared error of q = alpha . theta at these resources.

    Parameters
    ----------
    function : LinearFunction or sequence of int, Fraction or str
    photons : int, optional
        N, exactly, for phase sensing, from 1 to 1e30.
    mean_photons : float, optional
        nbar, on average, for displacement sensing and for Gaussian light in phase sensing, from 1e-30 to 1e30.
    passes : int
        M passes of unit time, t = M, from 1 to 1e30.
    parameters : "static" or "snapshot"
        Whether theta stays put over the shots, so that sites may take turns, or every shot has to tell q.
    arms : 1 or 2, or (d,) of them
        1 for phases of one mode against a common reference, 2 for interferometers with two arms, whose difference is theta_j; one
        number for all sensors, or one for each.
    phase_reference : "paid" or "free"
        Whether light in the reference counts.

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
    >>> table.row("phase", "separable-in-turn").mse, table.gain("phase")
    (1.0, 1.0)
    >>> round(table.row("displacement", "entangled").mse, 12)
    0.343145750508
    """
    photons, mean_photons, passes, arms = map(plain_real, (photons, mean_photons, passes, arms))  # type: ignore[assignment]  # checked below
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
    faults += _arms_faults(arms, function)
    if fault := parameters_fault(parameters):
        faults.append(fault)
    if not isinstance(phase_reference, str) or phase_reference not in PHASE_REFERENCES:
        wanted = "'paid' (light in the reference counts) or 'free' (a strong one is at hand)"
        faults.append(f"phase_reference must be {wanted}, got {short_repr(phase_reference)}")
    if faults:
        raise InputError(faults)
    assert isinstance(function, LinearFunction)
    own_arms = (arms,) * len(function) if isinstance(arms, int) else tuple(arms)
    arms = own_arms[0] if len(set(own_arms)) == 1 else own_arms
    setting = Setting(
        photons=photons,
        mean_photons=mean_photons,
        passes=passes,
        parameters=parameters,
        arms=own_arms,
        phase_reference=phase_reference,
    )
    return BoundsTable(
        function=function,
        photons=photons,
        mean_photons=mean_photons,
        passes=passes,
        parameters=parameters,
        arms=arms,
        phase_reference=phase_reference,
        rows=bound_rows(function.orient().function, setting),
        entanglement=entanglement_rows(function, passes, photons=photons, arms=own_arms),
        tradeoff=tradeoff_rows(function, mean_photons, passes, turns=setting.turns),
    )


def _arms_faults(arms: object, function: object) -> list[str]:
    """What is wrong with the numbers of arms."""
    several = isinstance(arms, tuple)
    each: tuple[object, ...] = tuple(arms) if isinstance(arms, tuple) else (arms,)
    if not each or not all(n in (1, 2) and isinstance(n, int) and not isinstance(n, bool) for n in each):
        return [
            f"arms must be 1 or 2, got {short_repr(arms)}" + ("; a list has one for each sensor" if several else "")
        ]
    if several and isinstance(function, LinearFunction) and len(each) != len(function):
        return [f"arms must be one number, or {len(function)}, one a sensor, got {len(each)}"]
    return []


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


_PROBES = {
    "separable": "product probe",
    "separable-in-turn": "sites in turn",
    "coherent": "coherent",
    "coherent-free-reference": "coherent, reference free",
    "gaussian": "Gaussian light of this mean",
    "any-of-mean": "any light of this mean",
    "entangled": "entangled",
}
"""What tables for people say, whose narrow columns break at blanks."""


MODES_TITLE = "Modes entangled in a pass, at least, by an optimal probe that is used in every shot"


def bounds_tables(table: BoundsTable) -> tuple[Table, Table, Table]:
    """The bounds, the entanglement rows and the trade-off of displacement sensing as tables.

    Parameters
    ----------
    table : BoundsTable
    """
    bounds = named_bounds(table)
    return (
        Table(
            title=bounds.title,
            columns=bounds.columns,
            rows=tuple((row[0], _PROBES[str(row[1])], *row[2:]) for row in bounds.rows),
        ),
        Table(
            title=f"{MODES_TITLE}; of phases one of exactly N photons",
            columns=("sensing", "controls", "modes", "published", "BEGG", "note"),
            rows=tuple(
                (r.sensing, r.controls, r.modes, r.published_modes, r.equation, r.note) for r in table.entanglement
            ),
        ),
        tradeoff_table(table),
    )


def named_bounds(table: BoundsTable) -> Table:
    """The bounds, with probes under the names of ``--json``.

    Parameters
    ----------
    table : BoundsTable
    """
    resources = [
        f"N = {table.photons}" if table.photons else "",
        f"nbar = {table.mean_photons:g}" if table.mean_photons else "",
    ]
    given = ", ".join([part for part in resources if part] + [f"M = {table.passes}", f"{table.parameters} parameters"])
    if isinstance(table.arms, tuple):
        given += f", arms {listed([str(n) for n in table.arms], most=8)}"
    else:
        given += ", two arms each" if table.arms == 2 else ""
    given += ", free phase reference" if table.phase_reference == "free" else ""
    alpha = listed([str(a) for a in table.function.alpha], most=8)
    return Table(
        title=f"Lower bounds on the mean squared error of q, alpha = {alpha}, {given}",
        columns=("sensing", "probes", "MSE", "published", "gain", "BEGG", "note"),
        rows=tuple((r.sensing, r.probes, r.mse, r.published_mse, r.gain, r.equation, r.note) for r in table.rows),
    )


def tradeoff_table(table: BoundsTable) -> Table:
    """Displacement sensing with at most k entangled modes.

    Parameters
    ----------
    table : BoundsTable
    """
    nbar = "" if table.mean_photons is None else f" and at nbar = {table.mean_photons:g}"
    turns = (
        "in turn over the shots"
        if table.parameters == "static"
        else "in turn within the shot (no turns over the shots)"
    )
    return Table(
        title=f"Displacement sensing with at most k entangled modes: groups of modes {turns}, or one probe of disjoint groups, "
        f"in units of 1/(4 nbar t^2) for large nbar{nbar}; --json has the groups",
        columns=("k", "in turn", "MSE in turn", "one probe", "MSE of one"),
        rows=tuple(
            (r.modes, float(r.norm_squared), r.mse, r.one_probe_norm_squared, r.one_probe_mse) for r in table.tradeoff
        ),
    )
