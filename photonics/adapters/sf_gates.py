"""Operations as gates of Strawberry Fields, in plain data: the engine runs them, programs and Blackbird texts are made of them.

The conventions are turned here and nowhere else. Nothing here loads Strawberry Fields.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from photonics.adapters.free_parameters import Angle, Free
from photonics.circuits.circuit import (
    BeamSplitter,
    Circuit,
    Displace,
    Interferometer,
    Loss,
    PhaseDiffusion,
    PhaseShift,
    Sense,
    Squeeze,
)
from photonics.circuits.dispatch import OperationTable
from photonics.conventions import Complex

Argument = float | Free | Complex
"""What a gate takes; an array is a unitary or the amplitudes of a state."""


@dataclass(frozen=True)
class Gate:
    """A gate, preparation or measurement of ``strawberryfields.ops``.

    Parameters
    ----------
    name : str
        Of its class.
    arguments : tuple of float, Free or array
    modes : tuple of int
        Subsystems of the program.
    dark_counts : tuple of float
        Of a MeasureFock; empty without any.
    """

    name: str
    arguments: tuple[Argument, ...]
    modes: tuple[int, ...]
    dark_counts: tuple[float, ...] = ()


gates_of: OperationTable[[Mapping[str, int], Sequence[Angle]], list[Gate]] = OperationTable(
    "Strawberry Fields in one program"
)
"""Each operation as gates: given the index of each mode and the parameters."""


@gates_of.of(Squeeze)
def _squeeze(op: Squeeze, place: Mapping[str, int], theta: Sequence[Angle]) -> list[Gate]:
    return [Gate("Sgate", (op.r, op.angle_rad), (place[op.mode],))]


@gates_of.of(Displace)
def _displace(op: Displace, place: Mapping[str, int], theta: Sequence[Angle]) -> list[Gate]:
    return [Gate(name, (size,), (place[op.mode],)) for name, size in (("Xgate", op.x), ("Zgate", op.p)) if size]


@gates_of.of(BeamSplitter)
def _split(op: BeamSplitter, place: Mapping[str, int], theta: Sequence[Angle]) -> list[Gate]:
    a, b = place[op.first], place[op.second]
    # On pure states the Fock backend acts on other modes when the second one is q[0] (its two transpositions are not
    # disjoint then), and says nothing. The lower mode first, with both angles negated, is the same beam splitter.
    sign = 1 if a < b else -1
    return [Gate("BSgate", (sign * op.theta_rad, sign * op.phi_rad), (min(a, b), max(a, b)))]


@gates_of.of(PhaseShift)
def _shift_phase(op: PhaseShift, place: Mapping[str, int], theta: Sequence[Angle]) -> list[Gate]:
    return [Gate("Rgate", (op.angle_rad,), (place[op.mode],))]


@gates_of.of(PhaseDiffusion)
def _no_diffusion(op: PhaseDiffusion, place: Mapping[str, int], theta: Sequence[Angle]) -> list[Gate]:
    if op.sigma_rad:
        raise TypeError("a random phase takes more than one Strawberry Fields program")
    return []


@gates_of.of(Loss)
def _lose(op: Loss, place: Mapping[str, int], theta: Sequence[Angle]) -> list[Gate]:
    return [Gate("LossChannel", (op.transmissivity,), (place[op.mode],))]


@gates_of.of(Interferometer)
def _interfere(op: Interferometer, place: Mapping[str, int], theta: Sequence[Angle]) -> list[Gate]:
    # Modes in ascending order, for the same reason as with beam splitters.
    at = [place[mode] for mode in op.modes]
    order = np.argsort(at)
    return [Gate("Interferometer", (np.array(op.unitary)[np.ix_(order, order)],), tuple(at[k] for k in order))]


@gates_of.of(Sense)
def _sense(op: Sense, place: Mapping[str, int], theta: Sequence[Angle]) -> list[Gate]:
    angles = zip(op.modes, theta, strict=True)
    if op.generator == "number":
        return [Gate("Rgate", (-angle,), (place[mode],)) for mode, angle in angles]
    return [Gate("Xgate", (angle,), (place[mode],)) for mode, angle in angles]


def gaussian_gates(circuit: Circuit, theta: Sequence[Angle], *, vacuum: bool = False) -> tuple[list[Gate], int]:
    """The gates of a Gaussian circuit, and how many subsystems they take: its modes, and behind them one for each thermal light.

    Parameters
    ----------
    circuit : Circuit
    theta : (d,) floats or free parameters
    vacuum : bool
        Whether every mode starts with the vacuum put into it, so that none is missing from the text of the program, which counts
        modes by their use.

    Returns
    -------
    list of Gate, int
    """
    count = len(circuit.modes)
    # ThermalLossChannel adds its photons to every mode (docs/reference/engines.md), so thermal light enters by a mode of its own.
    thermal = [op for op in circuit.operations if isinstance(op, Loss) and op.background_photons]
    gates = [Gate("Vacuum", (), (k,)) for k in range(count * vacuum)]
    gates += [Gate("Thermal", (op.background_photons,), (count + number,)) for number, op in enumerate(thermal)]
    entering = iter(range(count, count + len(thermal)))
    for step in circuit.operations:
        if isinstance(step, Loss) and step.background_photons:
            angle = math.acos(math.sqrt(step.transmissivity))
            gates.append(Gate("BSgate", (angle, 0.0), (circuit.place[step.mode], next(entering))))
        else:
            gates += gates_of(step, circuit.place, theta)
    return gates, count + len(thermal)


def apply_gates(gates: Sequence[Gate], sf: Any, program: Any, q: Any) -> None:
    """Put gates onto the register of a program, inside of its context.

    Parameters
    ----------
    gates : sequence of Gate
    sf : the strawberryfields module
    program : strawberryfields.Program
        Which free parameters become parameters of.
    q : its register
    """
    for gate in gates:
        arguments = [
            argument.of(program.params(argument.name)) if isinstance(argument, Free) else argument
            for argument in gate.arguments
        ]
        options = {"dark_counts": list(gate.dark_counts)} if gate.dark_counts else {}
        getattr(sf.ops, gate.name)(*arguments, **options) | [q[k] for k in gate.modes]


def blackbird_lines(gates: Sequence[Gate]) -> Iterator[str]:
    """The body of a Blackbird text: arrays first, then one gate a line.

    Parameters
    ----------
    gates : sequence of Gate

    Yields
    ------
    str

    Examples
    --------
    >>> list(blackbird_lines([Gate("Rgate", (-Free("theta_a"),), (0,)), Gate("MeasureFock", (), (0, 1))]))
    ['Rgate(-{theta_a}) | 0', 'MeasureFock() | [0, 1]']
    """
    # Strawberry Fields' own writer puts expressions of free parameters in quotes, which its reader takes for text.
    arrays = [argument for gate in gates for argument in gate.arguments if isinstance(argument, np.ndarray)]
    for number, array in enumerate(arrays):
        yield f"complex array A{number}[{', '.join(map(str, array.shape))}] ="
        for row in array:
            yield "    " + ", ".join(_complex_text(complex(value)) for value in row)
        yield ""
    number = 0
    for gate in gates:
        arguments = []
        for argument in gate.arguments:
            if isinstance(argument, np.ndarray):
                arguments.append(f"A{number}")
                number += 1
            else:
                arguments.append(str(argument) if isinstance(argument, Free) else repr(float(argument)))
        if gate.dark_counts:
            arguments.append(f"dark_counts=[{', '.join(repr(float(d)) for d in gate.dark_counts)}]")
        modes = gate.modes[0] if len(gate.modes) == 1 else list(gate.modes)
        yield f"{gate.name}({', '.join(arguments)}) | {modes}"


def _complex_text(value: complex) -> str:
    sign = "-" if math.copysign(1.0, value.imag) < 0 else "+"
    return f"{value.real!r}{sign}{abs(value.imag)!r}j"
