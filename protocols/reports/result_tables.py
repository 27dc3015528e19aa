"""Results as tables for other programs: plain names of columns, full precision, units beside. pandas frames are made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from protocols.conditions import CheckReport
from protocols.design import Design
from protocols.estimation.several import TargetsSimulation
from protocols.estimation.simulation import Simulation
from protocols.hardware.table import HardwareTable
from protocols.layout.layout import Layouts
from protocols.loss.report import LossReport
from protocols.privacy.report import PrivacyReport
from protocols.reports.summaries import mse_unit
from protocols.reports.view import ROOT_UNITS, UNITS
from protocols.sweeps.curves import Curves
from protocols.sweeps.results import SweepReport
from protocols.tables import Table
from protocols.theory.bounds import BoundsTable, named_bounds
from protocols.wmatrix.enumeration import Enumeration
from protocols.wmatrix.objectives import Best, Sample

Rows = tuple[Table, dict[str, str]]
"""A table, and the units of its columns that have one."""
_SWEPT = {"rad2": UNITS["phase"], "vac2": UNITS["displacement"]}


def table_of(title: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Table:
    """The named values of rows, None where a row has no such value.

    Parameters
    ----------
    title : str
    rows : mappings
    columns : names
    """
    cells = tuple(tuple(_cell(row.get(name)) for name in columns) for row in rows)
    return Table(title=title, columns=tuple(columns), rows=cells)


def _cell(value: object) -> object:
    """A value that fits into one cell: lists as text."""
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value


def design_rows(result: Design) -> Rows:
    """The candidates as they are ranked."""
    errors = ("mse", "quantum_mse", "ideal_mse", "bound")
    columns = (
        "scheme",
        *errors,
        "ratio",
        "modes_entangled",
        "modes_per_pass",
        "controls",
        "measurement",
        "needs",
    )
    title = f"candidates of {result.network.name}, best first; errors of q in one shot as built"
    return table_of(title, [c.to_dict() for c in result.candidates], columns), dict.fromkeys(
        errors, mse_unit(result.network)
    )


def bounds_rows(result: BoundsTable) -> Rows:
    """The rows of bounds, as in CSV; the unit of each stands in a column, as it depends on what is sensed."""
    unit = {**UNITS, "qubit": UNITS["phase"]}
    table = named_bounds(result)
    rows = tuple((*row[:-1], unit[str(row[0])], row[-1]) for row in table.rows)
    return Table(title=table.title, columns=(*table.columns[:-1], "unit", "note"), rows=rows), {}


def loss_rows(result: LossReport) -> Rows:
    """The schemes with these losses."""
    columns = ("scheme", "mse", "over_shot_noise", "crosses_at", "needs_share", "note")
    title = f"schemes of {result.network.name} under its losses, best first; errors of q in one shot"
    return table_of(title, _documents(result, "schemes"), columns), {"mse": mse_unit(result.network)}


def privacy_rows(result: PrivacyReport) -> Rows:
    """What is revealed along each direction."""
    columns = ("name", "direction", "directional_qfi", "nuisance_aware_qfi", "to_colluders")
    unit = "1/rad^2" if result.network.sensing == "phase" else "1/vacuum variance"
    title = f"what {result.network.name} reveals with {result.scheme}, in one shot"
    units = dict.fromkeys(("directional_qfi", "nuisance_aware_qfi", "to_colluders"), unit)
    return table_of(title, _documents(result, "directions"), columns), units


def simulation_rows(result: Simulation) -> Rows:
    """What each scheme and estimator reached."""
    errors = ("mse", "mse_stderr", "predicted_mse", "bound", "probe_bound", "shot_noise", "floor", "holevo_variance")
    columns = (
        "scheme",
        "estimator",
        *errors,
        "bias",
        "bias_stderr",
        "coverage",
        "coverage_stderr",
        "mistaken_fringe",
        "trials",
    )
    squared = mse_unit(result.network)
    one = ROOT_UNITS[result.network.sensing]
    units = {**dict.fromkeys(errors, squared), "bias": one, "bias_stderr": one}
    title = f"simulated estimates of {result.network.name}, seed {result.seed}"
    return table_of(title, _documents(result, "results"), columns), units


def sweep_rows(result: SweepReport) -> Rows:
    """All numbers of the points of a sweep; units are in the names of the columns."""
    columns = list(dict.fromkeys(name for row in result.rows for name in row))
    return table_of(result.title, result.rows, columns), {}


def curve_rows(result: Curves) -> Rows:
    """A row for each place on the axis, a column for each curve."""
    labels = [curve.label for curve in result.curves]
    values = zip(result.values, *(curve.errors for curve in result.curves), strict=True)
    title = f"{' '.join(result.title.split())}; errors of q in one shot along {result.axis_label}"
    table = Table(title=title, columns=(result.axis, *labels), rows=tuple(values))
    return table, dict.fromkeys(labels, _SWEPT[result.unit])


def layout_rows(result: Layouts) -> Rows:
    """Every step of the layout that is drawn and written."""
    rows = [
        {
            "stage": s.stage,
            "layer": s.layer,
            "from": s.edge[0],
            "to": s.edge[1],
            "transmissivity": s.transmissivity,
            "what": s.words,
        }
        for s in result.steps
    ]
    return table_of(result.size, rows, ("stage", "layer", "from", "to", "transmissivity", "what")), {}


def protocol_rows(result: Enumeration | Best | Sample) -> Rows:
    """The listed protocols, columns with their repeats; of the best ones what the objective counts, and what is proved of it."""
    choices = result.choices if isinstance(result, Best) else ()
    listed = [choice.protocol for choice in choices] if isinstance(result, Best) else result.protocols
    rows: list[dict[str, Any]] = [
        {
            "columns": [f"{list(column)}" for column in protocol.columns],
            "repeats": protocol.repeats,
            "most_modes": max(protocol.modes_per_pass),
            "switches": protocol.switches,
        }
        for protocol in listed
    ]
    columns = ["columns", "repeats", "most_modes", "switches"]
    for row, choice in zip(rows, choices, strict=False):
        row.update(value=choice.value, lower_bound=choice.lower_bound, decided=choice.decided)
    if choices:
        columns += ["value", "lower_bound", "decided"]
    alpha = ", ".join(map(str, result.task.function.alpha))
    title = f"photon protocols of alpha = ({alpha}), N = {result.task.photons}, M = {result.task.passes}"
    return table_of(title, rows, columns), {}


def check_rows(result: CheckReport) -> Rows:
    """The conditions with their verdicts."""
    columns = ("name", "equation", "holds", "witness")
    return table_of(f"conditions of a {result.subject}", _documents(result, "conditions"), columns), {}


def targets_rows(result: TargetsSimulation) -> Rows:
    """What the joint probe and turns reached of each function."""
    rows = [
        {
            "function": ", ".join(map(str, function.alpha)),
            "weight": weight,
            "joint_mse": joint.mse,
            "joint_mse_stderr": joint.mse_stderr,
            "turns_mse": turns.mse,
            "turns_mse_stderr": turns.mse_stderr,
            "turn_shots": shots,
        }
        for function, weight, joint, turns, shots in zip(
            result.functions, result.weights, result.joint, result.turns, result.turn_shots, strict=True
        )
    ]
    errors = ("joint_mse", "joint_mse_stderr", "turns_mse", "turns_mse_stderr")
    title = f"simulated estimates of several functions of {result.network.name}, seed {result.seed}"
    units = dict.fromkeys(errors, mse_unit(result.network))
    return table_of(title, rows, ("function", "weight", *errors, "turn_shots")), units


def hardware_rows(result: HardwareTable) -> Rows:
    """Where each scheme runs."""
    rows = [
        {
            "scheme": row.scheme,
            "machine": place.name,
            "runs": place.runs,
            "mse": place.mse,
            "per": place.per,
            "losses": place.losses,
            "reasons": place.reasons,
        }
        for row in result.rows
        for place in row.places
    ]
    columns = ("scheme", "machine", "runs", "mse", "per", "losses", "reasons")
    title = f"where schemes of {result.network.name} run"
    return table_of(title, rows, columns), {"mse": mse_unit(result.network)}


def _documents(result: Any, name: str) -> list[dict[str, Any]]:
    rows = result.to_dict()[name]
    assert isinstance(rows, list)
    return rows
