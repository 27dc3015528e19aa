"""Which of these schemes could I run, on which machine, and with which error there?

Asked in front of the table of a design. Two kinds of machine have programs here: devices of Xanadu's X series (squeezed pairs,
photons counted) and processors of single photons as Perceval describes them. A row says "runs" only when its program was made:
compiled to the device's layout, or converted to Perceval and counted there. Otherwise it says what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from networks import InputError, SensorNetwork
from networks.errors import short_repr
from networks.values import plain_real
from photonics.values import is_real
from protocols.built.built import Built
from protocols.hardware.compiling import compile_plan
from protocols.hardware.devices import DEVICES, Device
from protocols.hardware.feasibility import can_run
from protocols.hardware.missing import missing_on
from protocols.hardware.pair_plan import pair_plan
from protocols.hardware.photon_experiments import runs_of
from protocols.hardware.table import HardwareRow, HardwareTable, Machine, Place
from protocols.hardware.two_photons import two_photon_notes, two_photon_plan
from protocols.preparation.perceval_run import counts_mse, native_difference, run_on_perceval
from protocols.problem import AnyProblem, PhaseProblem, Problem
from protocols.ranking.candidates import rank_plans

PAIRS, TWO_PHOTONS = "squeezed-pairs", "two-photons"
"""The protocols of ``psn hardware`` beside the schemes of a design: of ``compile``, and of ``perceval`` without a scheme."""
LARGEST_DIFFERENCE = 1e-9
"""Between Perceval's counts and the native engine's, above which nothing is said to run."""
NOT_IN_COUNTS = ("visibility", "dark_counts", "phase_jitter_rad")
"""Attributes of detectors that neither machine's circuits have."""


def hardware_table(
    network: SensorNetwork | AnyProblem,
    device: Device | None = None,
    *,
    schemes: Sequence[str] | None = None,
    transmissivity: float | None = None,
    progress: Callable[[str], None] | None = None,
) -> HardwareTable:
    """Make the programs of every scheme that has one, and say what the others lack.

    Parameters
    ----------
    network : SensorNetwork or Problem
    device : Device, optional
        X8 when left out, or X12 where only that has enough modes.
    schemes : names, optional
        All that apply when left out.
    transmissivity : float in (0, 1], optional
        Of every mode of a photon processor from its source to its counts; unknown when left out, which is said.
    progress : callable, optional
        Called with a few words before each longer step.

    Raises
    ------
    InputError
        For a transmissivity out of its range, and unknown schemes.

    Examples
    --------
    >>> table = hardware_table(SensorNetwork.chain([1, -1], sensing="phase", photons=2), schemes=["noon", "coherent"])
    >>> [(row.scheme, row.runs_on) for row in table.rows]
    [('noon', ('Perceval',)), ('coherent', ()), ('squeezed-pairs', ('X8',)), ('two-photons', ('Perceval',))]
    """
    problem = Problem.of(network)
    transmissivity = plain_real(transmissivity)  # type: ignore[assignment]  # checked below
    if faults := processor_faults("transmissivity of a processor", transmissivity):
        raise InputError(faults)
    report = progress or (lambda _: None)
    chosen = device or _smallest_device(problem)
    plans = rank_plans(problem, schemes, progress=report)
    rows = []
    for built in plans.built:
        report(f"{built.plan.scheme}: making its programs")
        rows.append(_candidate_row(built, problem, chosen, transmissivity))
    report(f"compiling for {chosen.name}")
    rows.append(_pairs_row(problem, chosen))
    report("two photons on Perceval")
    rows.append(_two_photons_row(problem, chosen, transmissivity))
    return HardwareTable(
        network=problem.network,
        device=chosen,
        transmissivity=transmissivity,
        rows=tuple(rows),
        notes=_notes(problem, rows, transmissivity),
    )


def processor_faults(name: str, transmissivity: float | None) -> list[str]:
    """What is wrong with the transmissivity of a photon processor; nothing where it is unknown.

    Parameters
    ----------
    name : str
        What the message calls it.
    transmissivity : float, or None
    """
    if transmissivity is None or (is_real(transmissivity) and 0 < transmissivity <= 1):
        return []
    return [f"{name} must be in (0, 1], got {short_repr(transmissivity)}"]


def _smallest_device(problem: AnyProblem) -> Device:
    """The smaller of both built-in X devices that can measure this; the smaller one where neither can."""
    offered = [DEVICES["X8"], DEVICES["X12"]]
    return next((one for one in offered if can_run(problem, one).can_run), offered[0])


# --- rows ----------------------------------------------------------------------------------------------------


def _candidate_row(built: Built, problem: AnyProblem, device: Device, transmissivity: float | None) -> HardwareRow:
    plan = built.as_built
    reasons = missing_on(device, plan, problem)
    assert reasons, f"{plan.scheme} lacks nothing on {device.name}, but no program of it is known"
    return HardwareRow(
        scheme=plan.scheme,
        title=plan.title,
        mse=built.mse,
        ideal_mse=built.ideal_mse,
        places=(_refused(device, reasons), _candidate_on_perceval(built, problem, transmissivity)),
    )


def _refused(device: Device, reasons: Sequence[str]) -> Place:
    return Place(machine=_machine(device), name=device.name, runs=False, reasons=tuple(reasons))


def _machine(device: Device) -> Machine:
    return "x-series" if device.kind == "x-series" else "time-bin"


def _candidate_on_perceval(built: Built, problem: AnyProblem, transmissivity: float | None) -> Place:
    if not isinstance(problem, PhaseProblem):
        return _not_on_perceval(
            "its light is Gaussian and displacements act on it; Perceval has photon numbers, beam splitters and phases only"
        )
    if built.as_built.mean_photons is not None:
        return _not_on_perceval(
            f"its light is coherent, {built.as_built.mean_photons:g} photons on average; Perceval starts from photon numbers"
        )
    theta = [0.0] * len(problem.sensor_modes)
    try:
        runs = runs_of(built, problem, theta)
    except InputError as error:
        return _not_on_perceval(
            *(fault.removeprefix(f"{built.plan.scheme} cannot be exported: ") for fault in error.faults)
        )
    try:
        counted = [run_on_perceval(one.seen_through(transmissivity), theta) for one in runs.experiments]
    except ImportError as error:
        return _not_tried("perceval", "Perceval", str(error))
    difference = max(run.difference_to_native for run in counted)
    if difference > LARGEST_DIFFERENCE:
        return _not_on_perceval(f"Perceval counts otherwise than the native engine, by {difference:.2g}")
    lossy_pairs = any(run.experiment.takes_more_photons for run in counted)
    notes = [f"made from {runs.made.words}"]
    if lossy_pairs:
        notes.append(
            "four photons of which two are lost pass for the two wanted, so no error is known: only how rare that is at a weak pump"
        )
    return Place(
        machine="perceval",
        name="Perceval",
        runs=True,
        mse=None if lossy_pairs else counts_mse(counted, takes_turns=runs.plan.takes_turns),
        per="attempt",
        losses="pairs of squeezers behind losses" if lossy_pairs else _processor_losses(transmissivity),
        difference=difference,
        only_simulated=not all(run.experiment.starts_from_photons for run in counted),
        notes=tuple(notes),
    )


def _pairs_row(problem: AnyProblem, device: Device) -> HardwareRow:
    feasible = can_run(problem, device)
    elsewhere = _not_on_perceval("Perceval has no squeezers (S2gate): its light is photon numbers")
    title = "squeezed pairs, photons counted (psn hardware compile)"
    if not feasible.can_run:
        refused = _refused(device, feasible.reasons)
        return HardwareRow(scheme=PAIRS, title=title, mse=None, ideal_mse=None, places=(refused, elsewhere))
    try:
        plan = pair_plan(problem, device, with_sensors=True)
        compiled = compile_plan(plan, [0.0] * len(problem.network.sensors))
    except InputError as error:
        refused = _refused(device, [fault.removeprefix(f"{device.name}: ") for fault in error.faults])
        return HardwareRow(scheme=PAIRS, title=title, mse=None, ideal_mse=None, places=(refused, elsewhere))
    except ImportError as error:
        untried = _not_tried(_machine(device), device.name, str(error))
        return HardwareRow(scheme=PAIRS, title=title, mse=None, ideal_mse=None, places=(untried, elsewhere))
    known = device.certificate.known
    sensors = ", of links and sensors of the file" if plan.arms != (1.0, 1.0) else ""
    notes = [f"{plan.light.mean_photons:.4g} photons on average"]
    if known and plan.arms[0] == plan.arms[1]:
        notes.append(plan.verdict)
    if sensors:
        notes.append(
            "as if the light went from the chip to the sensors of the file and back, with the splitting that makes up for what it "
            "loses there; psn hardware compile programs phases that lose nothing"
        )
    place = Place(
        machine=_machine(device),
        name=device.name,
        runs=True,
        mse=plan.mse if known else None,
        per="shot",
        losses=f"losses and dark counts of the device's certificate{sensors}"
        if known
        else "the device's file states no transmissivity",
        difference=compiled.difference,
        notes=tuple(notes),
    )
    ideal = plan.scale**2 / plan.quantum_information
    return HardwareRow(scheme=PAIRS, title=title, mse=None, ideal_mse=ideal, places=(place, elsewhere))


def _two_photons_row(problem: AnyProblem, device: Device, transmissivity: float | None) -> HardwareRow:
    title = "two photons over both groups of sensors (psn hardware perceval)"
    refused = _refused(
        device, [*device.limits(), f"two single photons enter; {device.name} prepares no photon numbers"]
    )
    ideal, place = None, None
    try:
        plan = two_photon_plan(problem, transmissivity=1.0 if transmissivity is None else transmissivity)
        ideal = plan.ideal_mse
        difference = native_difference(plan.circuit, [0.0] * len(problem.sensor_modes))
    except InputError as error:
        place = _not_on_perceval(*error.faults)
    except ImportError as error:
        place = _not_tried("perceval", "Perceval", str(error))
    else:
        place = Place(
            machine="perceval",
            name="Perceval",
            runs=difference <= LARGEST_DIFFERENCE,
            reasons=()
            if difference <= LARGEST_DIFFERENCE
            else (f"Perceval counts otherwise than the native engine, by {difference:.2g}",),
            mse=plan.mse,
            per="shot",
            losses=_processor_losses(transmissivity),
            difference=difference,
            notes=two_photon_notes(problem),
        )
    return HardwareRow(scheme=TWO_PHOTONS, title=title, mse=None, ideal_mse=ideal, places=(refused, place))


def _processor_losses(transmissivity: float | None) -> str:
    if transmissivity is None:
        return "losses of the file; those of a processor are unknown"
    return f"losses of the file, and transmissivity {transmissivity:g} of the processor"


def _not_on_perceval(*reasons: str) -> Place:
    return Place(machine="perceval", name="Perceval", runs=False, reasons=reasons)


def _not_tried(machine: Machine, name: str, reason: str) -> Place:
    return Place(machine=machine, name=name, runs=None, reasons=(f"not tried: {reason}",))


def _notes(problem: AnyProblem, rows: Sequence[HardwareRow], transmissivity: float | None) -> tuple[str, ...]:
    notes = []
    on_perceval = any(row.places[1].runs for row in rows)
    if on_perceval and transmissivity is None:
        notes.append(
            "no losses of a photon processor are known here; --transmissivity puts one for every mode into the errors on Perceval"
        )
    if any(place.runs for row in rows for place in row.places):
        ideal = {"visibility": 1.0, "dark_counts": 0.0, "phase_jitter_rad": 0.0}
        noisy = [
            name for name in NOT_IN_COUNTS if any(getattr(bench, name) != ideal[name] for bench in problem.benches)
        ]
        if noisy:
            notes.append(f"{', '.join(noisy)} of the file: in the errors as built, not in those on either machine")
    return tuple(notes)
