"""Programs of Strawberry Fields as circuits. Gates without a counterpart are refused by name.

Gates that Strawberry Fields itself decomposes, such as MZgate, S2gate or GaussianTransform, are read as what they decompose into.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from photonics.adapters.imported import ImportedCircuit, Sensed, imported, mode_names
from photonics.adapters.sf_import import import_strawberryfields
from photonics.circuits.circuit import (
    BeamSplitter,
    Displace,
    Interferometer,
    Loss,
    Occupation,
    Operation,
    PhaseShift,
    PrepareFock,
    Squeeze,
)
from photonics.conventions import HBAR
from photonics.measurements.counting import PhotonCounting, ThresholdDetection
from photonics.measurements.detectors import IDEAL, Detectors
from photonics.measurements.homodyne import Homodyne
from photonics.states.fock import FockState

MEASUREMENTS = ("MeasureHomodyne", "MeasureFock", "MeasureThreshold")
"""Of Strawberry Fields, those that have a counterpart."""
DECOMPOSED = frozenset(
    {
        *("MZgate", "sMZgate", "S2gate", "CXgate", "CZgate", "Pgate", "Fouriergate"),
        *("GaussianTransform", "GraphEmbed", "BipartiteGraphEmbed"),
    }
)
"""Gates that are read as what Strawberry Fields decomposes them into. Gaussian is none of them: its decomposition loses signs of
squeezing (version 0.23)."""


def from_strawberryfields(program: Any, *, modes: Iterable[str] | None = None) -> ImportedCircuit:
    """A program of Strawberry Fields as a circuit, with the measurement at its end.

    Gates are read by their definitions, which its Gaussian backend follows, but for ``ThermalLossChannel``, of which version 0.23
    adds the photons to every mode. A free parameter that has no value is sensed: a phase by ``Rgate(-p)``, a shift of x by
    ``Xgate(p)``, each in a mode of its own, and all of them once in a pass.
    ``program.bind_params`` gives it a value instead.

    Parameters
    ----------
    program : strawberryfields.Program
    modes : (m,) str, optional
        Names of its subsystems; q0, q1, ... when not given.

    Returns
    -------
    ImportedCircuit

    Raises
    ------
    ValueError
        Listing every gate without a counterpart (Kerr and cubic gates, cat and GKP states, heterodyne detection, gates that depend
        on measured values, ...) by name, and where free parameters make no passes.
    TypeError
        For what is no such program.
    ImportError
        When Strawberry Fields does not load.

    Examples
    --------
    >>> sf = import_strawberryfields()
    >>> program = sf.Program(2)
    >>> with program.context as q:
    ...     _ = sf.ops.S2gate(0.5) | (q[0], q[1])
    ...     _ = sf.ops.Rgate(-program.params("theta")) | q[0]
    ...     _ = sf.ops.MeasureX | q[0]
    >>> found = from_strawberryfields(program)
    >>> [type(op).__name__ for op in found.circuit.operations]
    ['BeamSplitter', 'Squeeze', 'Squeeze', 'BeamSplitter', 'Sense']
    >>> found.parameters, type(found.measurement).__name__, found.measurement.modes
    (('theta',), 'Homodyne', ('q0',))
    """
    sf = import_strawberryfields()
    if not isinstance(program, sf.Program) or isinstance(program, sf.TDMProgram):
        raise TypeError(f"a strawberryfields.Program is read, got {type(program).__name__}")
    names = mode_names(modes, program.init_num_subsystems, "q")
    read = _Read(names=names)
    for number, command in enumerate(program.circuit, 1):
        _read(command, f"gate {number} ({type(command.op).__name__})", read, sf)
    start = [PrepareFock(state=_product(names, read.prepared))] if read.prepared else []
    measurement = _measurement(read)
    return imported(names, [*start, *read.steps], read.faults, measurement)


@dataclass
class _Read:
    """What was read so far."""

    names: tuple[str, ...]
    steps: list[Operation | Sensed] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    """Modes that are no longer as the program found them."""
    prepared: list[tuple[list[str], dict[Occupation, complex]]] = field(default_factory=list)
    """States of photon number that some modes start from."""
    measured: dict[str, tuple[str, float, str]] = field(default_factory=dict)
    """Mode to the measurement, its angle or its dark counts, and where it stands."""


def _read(command: Any, where: str, read: _Read, sf: Any) -> None:
    """One command, or the commands that Strawberry Fields makes of it."""
    op, kind = command.op, type(command.op).__name__
    if any(reference.ind >= len(read.names) for reference in command.reg):
        read.faults.append(f"{where}: modes that are added on the way are not read; start with all of them")
        return
    at = [read.names[reference.ind] for reference in command.reg]
    if late := [mode for mode in at if mode in read.measured]:
        read.faults.append(f"{where}: {', '.join(late)} was measured before; circuits measure at their end")
        return
    # MeasureX and MeasureP are homodyne detectors of a class of their own.
    measure = next((name for name in MEASUREMENTS if isinstance(op, getattr(sf.ops, name))), None)
    if measure:
        _measure(op, measure, at, where, read)
        return
    if kind not in _GATES and kind not in _STARTS:
        if kind not in DECOMPOSED:
            read.faults.append(f"{where}: circuits here have no {kind}")
            return
        for part in op.decompose(command.reg):
            _read(part, where, read, sf)
        return
    numbers, unbound = _numbers(op, sf)
    if unbound:
        read.steps += _sensed(kind, numbers, at[0], where, read, sf)
    elif kind in _STARTS:
        _start(kind, numbers, at, where, read)
    else:
        read.steps += _GATES[kind](numbers, at, sf.hbar)
    read.used.update(at)


def _numbers(op: Any, sf: Any) -> tuple[list[Any], bool]:
    """The parameters of a gate as numbers and arrays; whether some have no value, which stay expressions."""
    numbers, unbound = [], False
    for number, parameter in enumerate(op.p):
        value = parameter
        if sf.parameters.par_is_symbolic(parameter):
            atoms = parameter.atoms(sf.parameters.MeasuredParameter, sf.parameters.FreeParameter)
            if any(getattr(atom, "val", None) is None for atom in atoms):
                unbound = True
            else:
                value = sf.parameters.par_evaluate(parameter)
        # The inverse of a gate has its first parameter negated.
        numbers.append(-value if number == 0 and getattr(op, "dagger", False) else value)
    return numbers, unbound


_SENSING = {"Rgate": (-1, "number", "Rgate(-p)"), "Xgate": (1, "momentum", "Xgate(p)")}
"""Gates whose parameter may be free: with which sign, what they sense, and how they are written."""


def _sensed(kind: str, numbers: Sequence[Any], mode: str, where: str, read: _Read, sf: Any) -> Iterator[Sensed]:
    atoms = set().union(*(number.atoms() for number in numbers if sf.parameters.par_is_symbolic(number)))
    free = [atom for atom in atoms if isinstance(atom, sf.parameters.FreeParameter)]
    if any(isinstance(atom, sf.parameters.MeasuredParameter) for atom in atoms):
        read.faults.append(f"{where}: it depends on a measured value; circuits here do not")
    elif kind not in _SENSING or len(free) != 1 or numbers[0] != _SENSING[kind][0] * free[0]:
        said = " or ".join(form for _, _, form in _SENSING.values())
        named = ", ".join(sorted(atom.name for atom in free))
        read.faults.append(f"{where}: a free parameter is sensed by {said}; give {named} a value with bind_params")
    elif kind == "Xgate" and sf.hbar != HBAR:
        read.faults.append(f"{where}: shifts are sensed in units of vacuum variance 1; set sf.hbar to {HBAR:g}")
    else:
        yield Sensed(free[0].name, mode, _SENSING[kind][1], where)  # type: ignore[arg-type]  # one of the two


# --- gates, of numbers, the names of their modes, and hbar -----------------------------------------------------


def _displaced(amplitude: complex, mode: str) -> list[Operation]:
    return [Displace(mode=mode, x=2 * amplitude.real, p=2 * amplitude.imag)]


def _beam_splitter(p: Sequence[Any], at: Sequence[str], hbar: float) -> list[Operation]:
    return [BeamSplitter(first=at[0], second=at[1], theta_rad=float(p[0]), phi_rad=float(p[1]))]


def _interferometer(p: Sequence[Any], at: Sequence[str], hbar: float) -> list[Operation]:
    return [Interferometer(modes=tuple(at), unitary=np.asarray(p[0], dtype=complex))]  # type: ignore[arg-type]  # made tuples


def _channel(p: Sequence[Any], at: Sequence[str], hbar: float) -> list[Operation]:
    # A second number is that of the thermal light of ThermalLossChannel.
    return [Loss(mode=at[0], transmissivity=float(p[0]), background_photons=float(p[1]) if len(p) > 1 else 0.0)]


_Gates = Callable[[Sequence[Any], Sequence[str], float], list[Operation]]

_GATES: dict[str, _Gates] = {
    "Sgate": lambda p, at, hbar: [Squeeze(mode=at[0], r=float(p[0]), angle_rad=float(p[1]))],
    "Dgate": lambda p, at, hbar: _displaced(cmath.rect(float(p[0]), float(p[1])), at[0]),
    "Xgate": lambda p, at, hbar: [Displace(mode=at[0], x=float(p[0]) * math.sqrt(HBAR / hbar))],
    "Zgate": lambda p, at, hbar: [Displace(mode=at[0], p=float(p[0]) * math.sqrt(HBAR / hbar))],
    "Rgate": lambda p, at, hbar: [PhaseShift(mode=at[0], angle_rad=float(p[0]))],
    "BSgate": _beam_splitter,
    "Interferometer": _interferometer,
    "LossChannel": _channel,
    "ThermalLossChannel": _channel,
}


# --- preparations ----------------------------------------------------------------------------------------------

_STARTS: dict[str, Callable[[Sequence[Any], str], list[Operation]]] = {
    "Vacuum": lambda p, mode: [],
    "Thermal": lambda p, mode: [],
    "Coherent": lambda p, mode: _displaced(cmath.rect(float(p[0]), float(p[1])), mode),
    "Squeezed": lambda p, mode: [Squeeze(mode=mode, r=float(p[0]), angle_rad=float(p[1]))],
    "DisplacedSqueezed": lambda p, mode: [
        Squeeze(mode=mode, r=float(p[2]), angle_rad=float(p[3])),
        *_displaced(cmath.rect(float(p[0]), float(p[1])), mode),
    ],
    "Fock": lambda p, mode: [],
    "Ket": lambda p, mode: [],
}
"""Preparations of one mode by what is done to its vacuum; those of photon number are gathered for the beginning."""


def _start(kind: str, numbers: Sequence[Any], at: Sequence[str], where: str, read: _Read) -> None:
    late = [mode for mode in at if mode in read.used]
    if kind in ("Fock", "Ket"):
        if late:
            read.faults.append(f"{where}: photons are prepared before anything else, but {', '.join(late)} was used")
        elif kind == "Fock":
            _fock(float(numbers[0]), at, where, read)
        else:
            _ket(np.asarray(numbers[0], dtype=complex), at, where, read)
        return
    # What was in the mode is thrown away.
    photons = float(numbers[0]) if kind == "Thermal" else 0.0
    if late or photons:
        read.steps.append(Loss(mode=at[0], transmissivity=0.0, background_photons=photons))
    read.steps += _STARTS[kind](numbers, at[0])


def _fock(photons: float, at: Sequence[str], where: str, read: _Read) -> None:
    if not photons.is_integer() or photons < 0:
        read.faults.append(f"{where}: a photon number is an integer from 0 on, got {photons:g}")
        return
    read.prepared.append((list(at), {(int(photons),): 1.0 + 0j}))


def _ket(amplitudes: Any, at: Sequence[str], where: str, read: _Read) -> None:
    if amplitudes.ndim != len(at):
        read.faults.append(f"{where}: a ket of {len(at)} modes has as many dimensions, got {amplitudes.ndim}")
        return
    terms = {tuple(int(n) for n in string): complex(amplitudes[tuple(string)]) for string in np.argwhere(amplitudes)}
    norm = sum(abs(amplitude) ** 2 for amplitude in terms.values())
    if not abs(norm - 1) <= 1e-9:
        read.faults.append(f"{where}: the squared amplitudes of a ket must sum to 1, got {norm:.9g}")
        return
    read.prepared.append((list(at), terms))


def _product(names: tuple[str, ...], prepared: Sequence[tuple[list[str], dict[Occupation, complex]]]) -> FockState:
    """The product of states of some modes each, over all modes; the others are empty."""
    terms: dict[Sequence[int], complex] = {(0,) * len(names): 1.0 + 0j}
    for at, factor in prepared:
        places = [names.index(mode) for mode in at]
        terms = {
            tuple(dict(zip(places, numbers, strict=True)).get(k, n) for k, n in enumerate(string)): one * other
            for string, one in terms.items()
            for numbers, other in factor.items()
        }
    return FockState.from_terms(names, terms)


# --- measurements ----------------------------------------------------------------------------------------------


def _measure(op: Any, kind: str, at: Sequence[str], where: str, read: _Read) -> None:
    if op.select is not None:
        read.faults.append(f"{where}: it selects shots by an outcome; circuits here do not")
        return
    if kind == "MeasureHomodyne":
        values = [float(op.p[0])] * len(at)
    else:
        dark = getattr(op, "dark_counts", None)
        values = [0.0] * len(at) if dark is None else [float(one) for one in np.broadcast_to(dark, len(at))]
    for mode, value in zip(at, values, strict=True):
        read.measured[mode] = (kind, value, where)


def _measurement(read: _Read) -> Homodyne | PhotonCounting | ThresholdDetection | None:
    kinds = {kind for kind, _, _ in read.measured.values()}
    if len(kinds) > 1:
        read.faults.append(f"it ends with {' and '.join(sorted(kinds))}; measurements here are of one kind")
    if len(kinds) != 1:
        return None
    (kind,) = kinds
    # In the order of the modes, whatever the program measures first.
    at = tuple(mode for mode in read.names if mode in read.measured)
    values = tuple(read.measured[mode][1] for mode in at)
    modes = None if at == read.names else at
    if kind == "MeasureHomodyne":
        return Homodyne(angles_rad=values[0] if len(set(values)) == 1 else values, modes=modes)
    if kind == "MeasureThreshold":
        return ThresholdDetection(modes=modes)
    return PhotonCounting(modes=modes, detectors=Detectors(dark_counts=values) if any(values) else IDEAL)
