"""Circuits of beam splitters, phases and losses for Perceval (extra ``perceval``): its circuits, processors and probabilities.

Perceval works with photon numbers and passive components: it has no squeezers, displacements or number controls. Its simulators
run here, its remote processors take the same objects.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from photonics.circuits.circuit import (
    BeamSplitter,
    Circuit,
    Interferometer,
    Loss,
    Operation,
    PhaseShift,
    PrepareFock,
    Sense,
)

Occupation = tuple[int, ...]
_PASSIVE = BeamSplitter | PhaseShift | Interferometer


def import_perceval() -> Any:
    """The perceval module, or an ImportError that names the extra which brings it."""
    try:
        import perceval
    except ModuleNotFoundError:
        raise ImportError("Perceval is not installed; pip install 'photonic-sensor-networks[perceval]'") from None
    return perceval


def passive_part(circuit: Circuit) -> Circuit:
    """The beam splitters, interferometers and known phases of a circuit, without light, losses and unknown phases.

    >>> from photonics.circuits.circuit import Squeeze
    >>> operations = (Squeeze(mode="a", r=1.0), BeamSplitter(first="a", second="b", theta_rad=0.3))
    >>> len(passive_part(Circuit(modes=("a", "b"), operations=operations)).operations)
    1
    """
    return Circuit(modes=circuit.modes, operations=tuple(op for op in circuit.operations if isinstance(op, _PASSIVE)))


def perceval_circuit(circuit: Circuit, theta: Sequence[float] = ()) -> Any:
    """A lossless passive circuit as a ``perceval.Circuit``, one port a mode in our order; phases sensed are put in at ``theta``.

    Raises
    ------
    ValueError
        Naming every operation that Perceval has no unitary component for.
    ImportError
        Without the extra ``perceval``.
    """
    circuit.require_parameters(theta)
    _require(circuit, losses=False)
    return _filled(import_perceval().Circuit(len(circuit.modes)), circuit, theta)


def perceval_processor(circuit: Circuit, theta: Sequence[float] = ()) -> Any:
    """The circuit with its losses and its light as a ``perceval.Processor`` on the local simulator SLOS, ready for ``probs``.

    The light must be a Fock state of one occupation string, such as a photon in each of two modes; superpositions such as
    N00N states are made from it by beam splitters.

    Raises
    ------
    ValueError
        Naming every operation that Perceval has no component for, or light that is no single string.
    ImportError
        Without the extra ``perceval``.
    """
    circuit.require_parameters(theta)
    _require(circuit, losses=True)
    first = circuit.operations[0] if circuit.operations else None
    if not isinstance(first, PrepareFock) or len(first.state.occupations) != 1:
        raise ValueError("Perceval needs a Fock state of one occupation string to start from")
    pcvl = import_perceval()
    processor = _filled(pcvl.Processor("SLOS", len(circuit.modes)), circuit, theta)
    processor.min_detected_photons_filter(0)
    processor.with_input(pcvl.BasicState(first.state.occupations[0].tolist()))
    return processor


def perceval_probabilities(circuit: Circuit, theta: Sequence[float] = ()) -> dict[Occupation, float]:
    """Probabilities of the photon numbers at the end, from Perceval's simulator.

    >>> import math
    >>> from photonics.states.fock import FockState
    >>> light = FockState(("a", "b"), np.array([[1, 1]]), np.array([1.0 + 0j]))
    >>> hom = Circuit(
    ...     modes=("a", "b"),
    ...     operations=(PrepareFock(state=light), BeamSplitter(first="a", second="b", theta_rad=math.pi / 4)),
    ... )
    >>> found = perceval_probabilities(hom)
    >>> round(found[2, 0], 12), round(found.get((1, 1), 0.0), 12)
    (0.5, 0.0)
    """
    results = perceval_processor(circuit, theta).probs()["results"]
    return {tuple(int(n) for n in state): float(p) for state, p in results.items()}


def serialized(component: Any) -> str:
    """A Perceval circuit or processor as text that ``perceval.serialization.deserialize`` reads back."""
    return str(import_perceval().serialization.serialize(component))


def _require(circuit: Circuit, *, losses: bool) -> None:
    fitting: list[type] = [BeamSplitter, PhaseShift, Interferometer, Sense]
    if losses:
        fitting += [Loss, PrepareFock]
    faults = []
    for number, op in enumerate(circuit.operations, 1):
        where = f"operation {number} ({type(op).__name__})"
        if not isinstance(op, tuple(fitting)):
            faults.append(f"{where}: Perceval has no such {'component' if losses else 'unitary component'}")
        elif isinstance(op, Sense) and op.generator != "number":
            faults.append(f"{where}: Perceval senses phases, not displacements")
        elif isinstance(op, Loss) and op.background_photons:
            faults.append(f"{where}: Perceval's losses let in no thermal light")
    if faults:
        raise ValueError("; ".join(faults))


def _filled(target: Any, circuit: Circuit, theta: Sequence[float]) -> Any:
    """Every operation put onto a Perceval circuit or processor."""
    pcvl = import_perceval()
    for op in circuit.operations:
        for ports, component in _components(pcvl, op, circuit, theta):
            target.add(ports, component)
    return target


def _components(pcvl: Any, op: Operation, circuit: Circuit, theta: Sequence[float]) -> list[tuple[int, Any]]:
    place = circuit.place
    if isinstance(op, PhaseShift):
        return [(place[op.mode], pcvl.PS(op.angle_rad))]
    if isinstance(op, Sense):
        return [(place[mode], pcvl.PS(-value)) for mode, value in zip(op.modes, theta, strict=False) if value]
    if isinstance(op, Loss):
        return [(place[op.mode], pcvl.LC(1 - op.transmissivity))] if op.transmissivity < 1 else []
    if isinstance(op, Interferometer):
        ports = [place[mode] for mode in op.modes]
        unitary = np.array(op.unitary, dtype=complex)
        return _between(pcvl, ports, [(0, pcvl.Unitary(pcvl.Matrix(unitary)))])
    if isinstance(op, BeamSplitter):
        # Ry(2 theta) is the real beam splitter; phi stands on the second mode before and after it.
        splitter = [(0, pcvl.BS.Ry(theta=2 * op.theta_rad))]
        if op.phi_rad:
            splitter = [(1, pcvl.PS(-op.phi_rad)), *splitter, (1, pcvl.PS(op.phi_rad))]
        return _between(pcvl, [place[op.first], place[op.second]], splitter)
    return []


def _between(pcvl: Any, ports: list[int], components: list[tuple[int, Any]]) -> list[tuple[int, Any]]:
    """Components on ports in any order: Perceval's act on neighbouring ports, so others are brought together and back."""
    low, count = min(ports), len(ports)
    if ports == list(range(low, low + count)):
        return [(low + k, component) for k, component in components]
    span = max(ports) - low + 1
    # Where each port of the span goes: those of the operation to the front, in its order, the others behind.
    others = [port for port in range(low, low + span) if port not in ports]
    goes = {port: k for k, port in enumerate([*ports, *others])}
    there = [goes[low + k] for k in range(span)]
    back = [0] * span
    for start, end in enumerate(there):
        back[end] = start
    inside = [(low + k, component) for k, component in components]
    return [(low, pcvl.PERM(there)), *inside, (low, pcvl.PERM(back))]
