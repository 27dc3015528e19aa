"""Circuits of Perceval as circuits of ours (extra ``perceval``). Components without a counterpart are refused by name."""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from photonics.adapters.imported import ImportedCircuit, Sensed, imported, mode_names
from photonics.adapters.perceval import import_perceval
from photonics.circuits.circuit import BeamSplitter, Interferometer, Operation, PhaseShift
from photonics.conventions import Complex

NEXT_TO_NOTHING = 1e-15
"""Of a matrix element or an angle, below which it is rounding."""


def from_perceval(circuit: Any, *, modes: Iterable[str] | None = None) -> ImportedCircuit:
    """A circuit of Perceval, component by component.

    A phase shifter ``PS(-p)`` of a parameter p without a value is sensed, each p in a mode of its own, all of them once in a pass;
    ``p.set_value`` gives it a value instead.

    Parameters
    ----------
    circuit : perceval.Circuit
        Of BS in any convention, PS, PERM, Unitary and circuits of these; barriers do nothing.
    modes : (m,) str, optional
        Names of its modes; m0, m1, ... when not given.

    Returns
    -------
    ImportedCircuit
        Every BS as a beam splitter with the phases behind it that its convention has.

    Raises
    ------
    ValueError
        Listing every component without a counterpart (polarisation, time delays) by name, parameters without a value, and where
        free phases make no passes.
    TypeError
        For what is no such circuit; of a processor give ``linear_circuit()``.
    ImportError
        Without the extra ``perceval``.

    Examples
    --------
    >>> pcvl = import_perceval()
    >>> given = pcvl.Circuit(2) // pcvl.BS() // pcvl.PS(-pcvl.P("theta")) // pcvl.BS.Ry()
    >>> found = from_perceval(given)
    >>> [type(op).__name__ for op in found.circuit.operations], found.parameters
    (['BeamSplitter', 'Sense', 'BeamSplitter'], ('theta',))
    """
    pcvl = import_perceval()
    if not isinstance(circuit, pcvl.Circuit):
        raise TypeError(
            f"a perceval.Circuit is read, got {type(circuit).__name__}; a processor has its own in linear_circuit()"
        )
    names = mode_names(modes, circuit.m, "m")
    steps: list[Operation | Sensed] = []
    faults: list[str] = []
    for number, (ports, component) in enumerate(circuit, 1):
        where = f"component {number} ({type(component).__name__})"
        steps += _read(component, [names[port] for port in ports], where, faults, pcvl)
    return imported(names, steps, faults)


def _read(component: Any, at: list[str], where: str, faults: list[str], pcvl: Any) -> Iterator[Operation | Sensed]:
    if isinstance(component, pcvl.Barrier):
        return
    if component.requires_polarization:
        faults.append(f"{where}: it acts on polarisation, which circuits here do not have")
    elif not isinstance(component, pcvl.BS | pcvl.PS | pcvl.PERM | pcvl.Unitary):
        faults.append(f"{where}: circuits here have no such component")
    elif isinstance(component, pcvl.PS):
        yield from _phase(component, at[0], where, faults)
    elif not component.defined:
        free = ", ".join(sorted(parameter.name for parameter in component.get_parameters()))
        faults.append(f"{where}: give {free} a value; free parameters stand in PS alone")
    else:
        unitary = np.array(component.compute_unitary(), dtype=complex)
        if isinstance(component, pcvl.BS):
            yield from two_mode_unitary(unitary, at[0], at[1])
        else:
            yield Interferometer(modes=tuple(at), unitary=unitary)  # type: ignore[arg-type]  # made tuples


def _phase(component: Any, mode: str, where: str, faults: list[str]) -> Iterator[Operation | Sensed]:
    angle = component.param("phi")
    if float(component.param("max_error")):
        faults.append(f"{where}: its angle is random (max_error); set that to 0")
    elif angle.defined:
        yield PhaseShift(mode=mode, angle_rad=float(angle))
    else:
        symbols = angle.spv.free_symbols
        name = next(iter(symbols)).name if len(symbols) == 1 else ""
        if len(symbols) == 1 and angle.spv == -next(iter(symbols)):
            yield Sensed(name, mode, "number", where)
        else:
            faults.append(f"{where}: a free phase p is sensed by PS(-p), exp(-i p n), got {angle.spv}; give it a value")


def two_mode_unitary(unitary: Complex, first: str, second: str) -> list[Operation]:
    """A unitary on two modes as a beam splitter and the phases behind it.

    Parameters
    ----------
    unitary : (2, 2) complex
        a -> U a.
    first, second : str

    Returns
    -------
    list of operations
        Without those that do nothing.

    Examples
    --------
    >>> two_mode_unitary(np.diag([1.0, 1j]), "a", "b")
    [PhaseShift(mode='b', angle_rad=1.5707963267948966)]
    """
    through, across = abs(unitary[0, 0]), abs(unitary[1, 0])
    theta = math.atan2(across, through)
    second_phase = cmath.phase(unitary[1, 1]) if through > NEXT_TO_NOTHING else 0.0
    phi = cmath.phase(unitary[1, 0]) - second_phase if across > NEXT_TO_NOTHING else 0.0
    # Where nothing goes through, what is reflected says the phase of the first mode.
    first_phase = cmath.phase(unitary[0, 0]) if through > NEXT_TO_NOTHING else cmath.phase(-unitary[0, 1]) + phi
    operations: list[Operation] = []
    if across > NEXT_TO_NOTHING:
        operations.append(BeamSplitter(first=first, second=second, theta_rad=theta, phi_rad=phi))
    for mode, angle in ((first, first_phase), (second, second_phase)):
        if abs(angle) > NEXT_TO_NOTHING:
            operations.append(PhaseShift(mode=mode, angle_rad=angle))
    return operations
