"""Circuits of beam splitters, phases and losses for Perceval (extra ``perceval``): its circuits, processors and probabilities.

Perceval works with photon numbers and passive components: it has no squeezers, displacements or number controls. Its simulators
run here, its remote processors take the same objects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from photonics.adapters.free_parameters import Angle, Free, Sensors, free_parameters, sensors_of
from photonics.circuits.circuit import (
    BeamSplitter,
    Circuit,
    Interferometer,
    Loss,
    Occupation,
    PhaseShift,
    PrepareFock,
    Sense,
)
from photonics.circuits.dispatch import OperationTable
from photonics.states.fock import FockState
from photonics.values import Value

Components = list[tuple[int, Any]]
"""Perceval's components, each with its first port."""

LEAST_SHARE = 1e-15
"""Of the probability of the most probable counts, below which Perceval leaves counts out."""

unitary_components: OperationTable[[Any, Mapping[str, int], Sequence[Any]], Components] = OperationTable("Perceval")
"""Each operation as unitary components: given Perceval, the index of each mode, the parameters as numbers or Perceval's own."""
other_components: OperationTable[[Any, Mapping[str, int], Sequence[Any]], Components] = OperationTable("Perceval")
"""What a processor has besides them."""
refusals: OperationTable[[], str | None] = OperationTable("Perceval")
"""Why Perceval cannot run an operation of a type that it has, or None."""


def import_perceval() -> Any:
    """The perceval module, or an ImportError that names the extra which brings it."""
    try:
        import perceval
    except ModuleNotFoundError:
        raise ImportError("Perceval is not installed; pip install 'photonic-sensor-networks[perceval]'") from None
    return perceval


def passive_part(circuit: Circuit) -> Circuit:
    """The beam splitters, interferometers and known phases of a circuit, without light, losses and unknown phases.

    Parameters
    ----------
    circuit : Circuit

    Returns
    -------
    Circuit
        On the same modes.

    Examples
    --------
    >>> from photonics.circuits.circuit import Squeeze
    >>> operations = (Squeeze(mode="a", r=1.0), BeamSplitter(first="a", second="b", theta_rad=0.3))
    >>> len(passive_part(Circuit(modes=("a", "b"), operations=operations)).operations)
    1
    """
    passive = (op for op in circuit.operations if op in unitary_components and not isinstance(op, Sense))
    return Circuit(modes=circuit.modes, operations=tuple(passive))


def perceval_circuit(circuit: Circuit, theta: Sequence[float] | None = None, *, sensors: Sensors | None = None) -> Any:
    """A lossless passive circuit as a ``perceval.Circuit``, one port a mode in our order.

    Parameters
    ----------
    circuit : Circuit
    theta : (d,) floats or None
        Values of its parameters; Perceval's own free parameters when None, named theta_ and the sensor (``parameter_names``).
    sensors : (d,) pairs of a name and a factor, or None
        What the free parameters are, as for ``ExportedProgram``; the sensing modes when None.

    Returns
    -------
    perceval.Circuit

    Raises
    ------
    ValueError
        Naming every operation that Perceval has no unitary component for.
    ImportError
        Without the extra ``perceval``.
    """
    angles = _angles(circuit, theta, sensors)
    _require(circuit, losses=False)
    return _filled(import_perceval().Circuit(len(circuit.modes)), circuit, angles)


def _angles(circuit: Circuit, theta: Sequence[float] | None, sensors: Sensors | None) -> Sequence[Angle]:
    if theta is None:
        return free_parameters(sensors_of(circuit, sensors))[1]
    if sensors is not None:
        raise ValueError("sensors name free parameters; give them or theta, not both")
    circuit.require_parameters(theta)
    return theta


def perceval_processor(
    circuit: Circuit,
    theta: Sequence[float] | None = None,
    *,
    sensors: Sensors | None = None,
    photons: int = 0,
    found: Mapping[str, int] | None = None,
) -> Any:
    """The circuit with its losses and its light as a ``perceval.Processor`` on the local simulator SLOS, ready for ``probs``.

    Light of one occupation string, such as a photon in each of two modes, can enter a processor in a laboratory too. A
    superposition of strings enters as a ``perceval.StateVector``, which only simulators take.

    Parameters
    ----------
    circuit : Circuit
    theta : (d,) floats or None
        Values of its parameters; Perceval's own free parameters when None, as in ``perceval_circuit``.
    sensors : (d,) pairs of a name and a factor, or None
        What the free parameters are.
    photons : int >= 0
        Post-selection: only shots count in which at least so many photons are detected in all.
    found : mode to photon number, optional
        Post-selection: only shots count in which exactly so many are detected there.

    Returns
    -------
    perceval.Processor

    Raises
    ------
    ValueError
        Naming every operation that Perceval has no component for, modes that the circuit does not have, or light that is no
        Fock state.
    ImportError
        Without the extra ``perceval``.
    """
    angles = _angles(circuit, theta, sensors)
    _require(circuit, losses=True)
    wanted = dict(found or {})
    unknown = [mode for mode in wanted if mode not in circuit.place]
    if unknown:
        raise ValueError(f"post-selection names modes that the circuit does not have: {', '.join(map(repr, unknown))}")
    starts = [op.state for op in circuit.operations[:1] if isinstance(op, PrepareFock)]
    if not starts:
        raise ValueError("Perceval needs a Fock state to start from")
    pcvl = import_perceval()
    processor = _filled(pcvl.Processor("SLOS", len(circuit.modes)), circuit, angles)
    if wanted:
        conditions = (f"[{circuit.place[mode]}] == {count}" for mode, count in wanted.items())
        processor.set_postselection(pcvl.PostSelect(" & ".join(conditions)))
    processor.min_detected_photons_filter(photons)
    processor.with_input(_light(pcvl, starts[0]))
    return processor


def _light(pcvl: Any, state: FockState) -> Any:
    """A Fock state as Perceval's input: a basic state where it is one string."""
    if len(state.occupations) == 1:
        return pcvl.BasicState(state.occupations[0].tolist())
    terms = zip(state.occupations.tolist(), state.amplitudes.tolist(), strict=True)
    first, *others = (pcvl.StateVector(string) * amplitude for string, amplitude in terms)
    return sum(others, first)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostSelected(Value):
    """Counts of the shots that a post-selection keeps.

    Attributes
    ----------
    probabilities : pairs of photon numbers, one a mode, and probability
        With the sum 1.
    performance : float
        Probability that a shot is kept.
    """

    probabilities: tuple[tuple[Occupation, float], ...]
    performance: float


def perceval_counts(processor: Any) -> PostSelected:
    """What Perceval's simulator gives for a processor with its post-selection.

    Parameters
    ----------
    processor : perceval.Processor

    Returns
    -------
    PostSelected

    Examples
    --------
    >>> import math
    >>> from photonics.states.fock import FockState
    >>> light = FockState(("a", "b"), np.array([[1, 1]]), np.array([1.0 + 0j]))
    >>> operations = (PrepareFock(state=light), BeamSplitter(first="a", second="b", theta_rad=math.pi / 4))
    >>> kept = perceval_counts(perceval_processor(Circuit(modes=("a", "b"), operations=operations), found={"b": 0}))
    >>> [(string, round(p, 12)) for string, p in kept.probabilities], round(kept.performance, 12)
    ([((2, 0), 1.0)], 0.5)
    """
    # Perceval leaves out what is rarer than a share of the most probable, 1e-6 when nothing is said.
    answer = processor.probs(precision=LEAST_SHARE)
    results = {tuple(int(n) for n in state): float(p) for state, p in answer["results"].items()}
    return PostSelected(
        # Rounding must not order what is equally probable.
        probabilities=tuple(sorted(results.items(), key=lambda item: (-round(item[1], 12), item[0]))),
        performance=float(answer["global_perf"]),
    )


def perceval_probabilities(circuit: Circuit, theta: Sequence[float] = ()) -> dict[Occupation, float]:
    """Probabilities of the photon numbers at the end, from Perceval's simulator.

    Parameters
    ----------
    circuit : Circuit
    theta : (d,) floats
        Values of its parameters.

    Returns
    -------
    dict
        From photon numbers, one a mode, to probability.

    Examples
    --------
    >>> import math
    >>> from photonics.states.fock import FockState
    >>> light = FockState(("a", "b"), np.array([[1, 1]]), np.array([1.0 + 0j]))
    >>> hom = Circuit(
    ...     modes=("a", "b"),
    ...     operations=(PrepareFock(state=light), BeamSplitter(first="a", second="b", theta_rad=math.pi / 4)),
    ... )
    >>> probabilities = perceval_probabilities(hom)
    >>> round(probabilities[2, 0], 12), round(probabilities.get((1, 1), 0.0), 12)
    (0.5, 0.0)
    """
    return dict(perceval_counts(perceval_processor(circuit, theta)).probabilities)


def serialized(component: Any) -> str:
    """A Perceval circuit, or the experiment of a processor with its light and post-selection, as text that Perceval reads back.

    ``perceval.serialization.deserialize`` gives a ``Circuit`` or an ``Experiment``; ``Processor("SLOS", experiment)`` runs it.

    Parameters
    ----------
    component : perceval.Circuit or perceval.Processor

    Returns
    -------
    str
    """
    return str(import_perceval().serialization.serialize(getattr(component, "experiment", component)))


def _require(circuit: Circuit, *, losses: bool) -> None:
    faults = []
    for number, op in enumerate(circuit.operations, 1):
        where = f"operation {number} ({type(op).__name__})"
        if not (op in unitary_components or (losses and op in other_components)):
            faults.append(f"{where}: Perceval has no such {'component' if losses else 'unitary component'}")
        elif op in refusals and (reason := refusals(op)):
            faults.append(f"{where}: {reason}")
    if faults:
        raise ValueError("; ".join(faults))


def _filled(target: Any, circuit: Circuit, angles: Sequence[Angle]) -> Any:
    """Every operation put onto a Perceval circuit or processor."""
    pcvl = import_perceval()
    # Perceval takes parameters of one name for one only where they are one object.
    free = {name: pcvl.P(name) for name in dict.fromkeys(angle.name for angle in angles if isinstance(angle, Free))}
    theta = [angle.of(free[angle.name]) if isinstance(angle, Free) else angle for angle in angles]
    for op in circuit.operations:
        table = unitary_components if op in unitary_components else other_components
        for ports, component in table(op, pcvl, circuit.place, theta):
            target.add(ports, component)
    return target


@unitary_components.of(PhaseShift)
def _shift_phase(op: PhaseShift, pcvl: Any, place: Mapping[str, int], theta: Sequence[Any]) -> Components:
    return [(place[op.mode], pcvl.PS(op.angle_rad))]


@unitary_components.of(Sense)
def _sense(op: Sense, pcvl: Any, place: Mapping[str, int], theta: Sequence[Any]) -> Components:
    # A zero needs no component; a free parameter has no value yet.
    angles = zip(op.modes, theta, strict=False)
    return [(place[mode], pcvl.PS(-value)) for mode, value in angles if not isinstance(value, float) or value]


@unitary_components.of(Interferometer)
def _interfere(op: Interferometer, pcvl: Any, place: Mapping[str, int], theta: Sequence[Any]) -> Components:
    unitary = np.array(op.unitary, dtype=complex)
    return _between(pcvl, [place[mode] for mode in op.modes], [(0, pcvl.Unitary(pcvl.Matrix(unitary)))])


@unitary_components.of(BeamSplitter)
def _split(op: BeamSplitter, pcvl: Any, place: Mapping[str, int], theta: Sequence[Any]) -> Components:
    # Ry(2 theta) is the real beam splitter; phi stands on the second mode before and after it.
    splitter = [(0, pcvl.BS.Ry(theta=2 * op.theta_rad))]
    if op.phi_rad:
        splitter = [(1, pcvl.PS(-op.phi_rad)), *splitter, (1, pcvl.PS(op.phi_rad))]
    return _between(pcvl, [place[op.first], place[op.second]], splitter)


@other_components.of(Loss)
def _lose(op: Loss, pcvl: Any, place: Mapping[str, int], theta: Sequence[Any]) -> Components:
    return [] if op.is_pure else [(place[op.mode], pcvl.LC(1 - op.transmissivity))]


@other_components.of(PrepareFock)
def _prepare(op: PrepareFock, pcvl: Any, place: Mapping[str, int], theta: Sequence[Any]) -> Components:
    # It is the input of the processor.
    return []


@refusals.of(Sense)
def _no_displacements(op: Sense) -> str | None:
    return None if op.generator == "number" else "Perceval senses phases, not displacements"


@refusals.of(Loss)
def _no_background(op: Loss) -> str | None:
    return "Perceval's losses let in no thermal light" if op.background_photons else None


def _between(pcvl: Any, ports: list[int], components: list[tuple[int, Any]]) -> Components:
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
