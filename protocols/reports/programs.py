"""The circuits of a design as programs for other packages: theta is free, the measurement that the design states is at the end."""

from __future__ import annotations

import cmath
import importlib.util
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from protocols.problem import DisplacementProblem, Problem, SensedPhases
from protocols.schemes.evaluation import seen_by_detectors
from protocols.schemes.plan import Plan

if TYPE_CHECKING:
    from photonics import Circuit, ExportedProgram
    from photonics.adapters.sf_readouts import Exportable
    from photonics.circuits.circuit import Operation

Made = TypeVar("Made", "ExportedProgram", "PercevalText")

MOST_FOR_PERCEVAL = 6
"""Photons up to which a circuit is written for Perceval, whose simulators and processors are for few."""
WITHOUT_LINKS = "how the light is made and sent along the links is not in this program, its losses are"
WHOLE = 1e-12
"""A share of a beam that is left over and below this is rounding."""


@dataclass(frozen=True)
class PercevalText:
    """A circuit in Perceval's own form.

    Attributes
    ----------
    content : bytes
        As its ``deserialize_file`` reads it.
    parameters : pairs of a name and a sensor
        Of free parameters.
    remarks : tuple of str
    """

    content: bytes
    parameters: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...]

    def to_dict(self) -> dict[str, object]:
        """What stands beside the circuit, as data for JSON."""
        parameters = [{"name": name, "sensor": sensor} for name, sensor in self.parameters]
        return {"parameters": parameters, "remarks": list(self.remarks)}


@dataclass(frozen=True)
class Programs:
    """A circuit of a design in the forms of other packages, or why there is none.

    Attributes
    ----------
    strawberryfields : ExportedProgram or str
    perceval : PercevalText or str
    """

    strawberryfields: ExportedProgram | str
    perceval: PercevalText | str

    def to_dict(self) -> dict[str, object]:
        """What the programs hold, as data for JSON."""
        made = {"strawberryfields": self.strawberryfields, "perceval": self.perceval}
        return {name: {"not_written": one} if isinstance(one, str) else one.to_dict() for name, one in made.items()}


@dataclass(frozen=True)
class _Readout:
    """A circuit up to its detectors, and what they do; no measurement where it has no counterpart elsewhere."""

    circuit: Circuit
    measurement: Exportable | None
    remarks: tuple[str, ...] = ()


def programs_of(plan: Plan, circuits: Sequence[Circuit], problem: Problem) -> list[Programs]:
    """The circuits of a plan as programs, each with the measurement of its light.

    Parameters
    ----------
    plan : Plan
        As built.
    circuits : sequence of photonics.Circuit
        Of its parts, along the links where it uses them.
    problem : Problem
    """
    at_sensors = [part.circuit for part in plan.parts] if len(plan.parts) == len(circuits) else [None] * len(circuits)
    return [_programs(plan, *both, problem) for both in zip(circuits, at_sensors, strict=True)]


def _programs(plan: Plan, circuit: Circuit, at_sensors: Circuit | None, problem: Problem) -> Programs:
    """Of the circuit, or where its links take controls that programs have not, of the same light as it comes to the sensors."""
    first = _readout(plan, circuit, problem)
    readouts = [first]
    if at_sensors is not None and at_sensors != circuit:
        second = _readout(plan, at_sensors, problem)
        readouts.append(replace(second, remarks=(*second.remarks, WITHOUT_LINKS)))
    return Programs(
        strawberryfields=_first_made([_for_strawberryfields(one, problem) for one in readouts]),
        perceval=_first_made([_for_perceval(one, problem) for one in readouts]),
    )


def _first_made(made: Sequence[Made | str]) -> Made | str:
    """The first one that is made, or why none is."""
    for one in made:
        if not isinstance(one, str):
            return one
    reasons = tuple(dict.fromkeys(one for one in made if isinstance(one, str)))
    return reasons[0] if len(reasons) == 1 else f"along the links: {reasons[0]}; without them: {reasons[1]}"


def _for_strawberryfields(readout: _Readout, problem: Problem) -> ExportedProgram | str:
    from photonics import CircuitTooLargeError, ExportedProgram

    sensors = _sensors(readout.circuit, problem)
    try:
        return ExportedProgram(readout.circuit, readout.measurement, sensors=sensors, remarks=readout.remarks)
    except (ValueError, CircuitTooLargeError) as error:
        return str(error)


def _sensors(circuit: Circuit, problem: Problem) -> tuple[tuple[str, float], ...]:
    """Each parameter of a circuit as a multiple of the theta of a sensor: phases of two arms are theta/2 and -theta/2."""
    known: dict[str, tuple[str, float]] = {}
    for name, site in zip(problem.site_names, problem.sites, strict=True):
        factors = (1.0,) if len(site) == 1 else (0.5, -0.5)
        known |= {problem.sensor_modes[k]: (name, factor) for k, factor in zip(site, factors, strict=True)}
    # A scheme of a user's own may have modes of other names.
    return tuple(known.get(mode, (mode, 1.0)) for mode in circuit.sensing_modes)


def _readout(plan: Plan, circuit: Circuit, problem: Problem) -> _Readout:
    """What is measured of a part of the plan."""
    from photonics import Homodyne, IntensityDifference, Moments, PhotonCounting

    if isinstance(problem, DisplacementProblem):
        sensing = circuit.sensing_modes
        return _Readout(circuit, Homodyne(modes=sensing, detectors=problem.detectors(sensing)))
    stated = next((part.measurement for part in plan.parts if part.measurement and part.circuit == circuit), None)
    if isinstance(stated, Homodyne | IntensityDifference | Moments | PhotonCounting):
        return _Readout(circuit, stated)
    found = None
    if plan.interference and isinstance(problem, SensedPhases):
        found = _counted_beams(plan, circuit, problem)
    elif not circuit.is_gaussian and problem.has_ideal_detectors:
        found = _counted_pair(plan, circuit)
    if found is not None:
        return found
    return _Readout(circuit, None, (f"the measurement is not in this program: {plan.measurement}",))


def _counted_beams(plan: Plan, circuit: Circuit, problem: SensedPhases) -> _Readout | None:
    """Coherent beams, each mode split by its shares, that meet in pairs at mid-fringe at theta = 0; both ports are counted."""
    from photonics import Circuit, Detectors, IntensityDifference, get_engine
    from photonics.output import GaussianOutput, output_of

    seen = seen_by_detectors(circuit, problem)
    modes, splitters, pairs = list(seen.modes), [], []
    left = dict.fromkeys(modes, 1.0)
    detectors = problem.detectors(seen.modes)
    numbers = {
        name: dict(zip(seen.modes, detectors.each(name, len(modes)).tolist(), strict=True))
        for name in ("visibility", "dark_counts", "phase_jitter_rad")
    }
    overlap, dark, jitter = [], [], []
    for beam in plan.interference:
        first, made = _taken(beam.first, beam.first_share, f"{beam.first} for {beam.second}", left, modes)
        second, more = _taken(beam.second, beam.second_share, f"{beam.second} for {beam.first}", left, modes)
        splitters += [*made, *more]
        # The difference rises with theta of the second mode of a pair, and q with that of the first beam.
        pairs.append((second, first))
        overlap.append(math.sqrt(numbers["visibility"][beam.first] * numbers["visibility"][beam.second]))
        # What both modes have together, in both ports alike.
        dark.append((numbers["dark_counts"][beam.first] + numbers["dark_counts"][beam.second]) / 2)
        jitter.append(math.hypot(numbers["phase_jitter_rad"][beam.first], numbers["phase_jitter_rad"][beam.second]))
    split = Circuit(modes=tuple(modes), operations=(*seen.operations, *splitters))
    light = output_of(get_engine("native").run(split, [0.0] * split.parameters))
    assert isinstance(light, GaussianOutput), "coherent light"
    meeting = Detectors(visibility=tuple(overlap), dark_counts=tuple(dark), phase_jitter_rad=tuple(jitter))
    try:
        return _Readout(split, IntensityDifference.mid_fringe(light, tuple(pairs), meeting))
    except ValueError:
        # A beam of which nothing arrives meets nothing.
        return None


def _taken(mode: str, share: float, name: str, left: dict[str, float], modes: list[str]) -> tuple[str, list[Operation]]:
    """A share of the light of a mode, in a mode of its own unless it is all that is left; with the beam splitter that takes it."""
    from photonics import BeamSplitter

    part = share / left[mode]
    left[mode] -= share
    if part > 1 - WHOLE:
        return mode, []
    while name in modes:
        name += "'"
    modes.append(name)
    return name, [BeamSplitter(first=mode, second=name, theta_rad=math.asin(math.sqrt(part)))]


def _counted_pair(plan: Plan, circuit: Circuit) -> _Readout | None:
    """A N00N state without loss: parity behind a balanced beam splitter, at mid-fringe at theta = 0, tells all that it holds."""
    from photonics import BeamSplitter, Circuit, FockState, PhaseShift, PhotonCounting, get_engine

    if not circuit.is_pure:
        return None
    out = get_engine("native").run(circuit, [0.0] * circuit.parameters)
    assert isinstance(out, FockState), "pure light"
    # All photons are in one mode in each of two strings, with equal chances.
    strings = [string for string, value in out.terms.items() if math.isclose(abs(value), math.sqrt(0.5), rel_tol=1e-9)]
    if not len(strings) == len(out.terms) == 2 or any(max(string) < sum(string) for string in strings):
        return None
    strings.sort(reverse=True)
    first, second = (circuit.modes[string.index(max(string))] for string in strings)
    # Behind the beam splitter the parity of the second port is (-1)^N cos of the phase between both strings.
    phase = cmath.phase(out.terms[strings[1]] / out.terms[strings[0]])
    turn = (math.pi / 2 - phase) / max(strings[0])
    meeting = (PhaseShift(mode=second, angle_rad=turn), BeamSplitter(first=first, second=second, theta_rad=math.pi / 4))
    return _Readout(
        Circuit(modes=circuit.modes, operations=(*circuit.operations, *meeting)),
        PhotonCounting(modes=(first, second)),
        (f"the parity of the counts in {second} tells as much as what the design states: {plan.measurement}",),
    )


def _for_perceval(readout: _Readout, problem: Problem) -> PercevalText | str:
    """A circuit of few photons up to its detectors, as Perceval reads it; otherwise why there is none."""
    from photonics import PrepareFock

    start = readout.circuit.operations[0] if readout.circuit.operations else None
    if not isinstance(start, PrepareFock):
        return "Perceval is for photons"
    photons = int(start.state.occupations.sum(axis=1).max())
    if photons > MOST_FOR_PERCEVAL:
        return f"{photons} photons are more than {MOST_FOR_PERCEVAL}, up to which circuits are written for Perceval"
    if importlib.util.find_spec("perceval") is None:
        return "Perceval is not installed; pip install 'photonic-sensor-networks[perceval]'"
    from photonics.adapters.free_parameters import free_parameters
    from photonics.adapters.perceval import perceval_processor, serialized

    sensors = _sensors(readout.circuit, problem)
    try:
        text = serialized(perceval_processor(readout.circuit, sensors=sensors))
    except ValueError as error:
        return str(error)
    names, _ = free_parameters(sensors)
    parameters = tuple((name, sensor) for sensor, name in names.items())
    return PercevalText(content=json.dumps(text).encode(), parameters=parameters, remarks=readout.remarks)
