"""A circuit with the measurement at its end as a program for Strawberry Fields, and as Blackbird text; theta stays free.

What such a program cannot hold is refused by name (circuits) or named in the text and the document (detectors).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from photonics.adapters.free_parameters import Angle, free_parameters, sensors_of
from photonics.adapters.sf_gates import Gate, apply_gates, blackbird_lines, gates_of, gaussian_gates
from photonics.adapters.sf_import import import_strawberryfields
from photonics.adapters.sf_readouts import COUNTING, Ending, Exportable, ending_of
from photonics.circuits.circuit import Circuit, Loss, NumberControl, Operation, PhaseDiffusion, PrepareFock
from photonics.limits import CircuitTooLargeError
from photonics.values import Value, freeze, is_real

NAME = "psn_circuit"
LARGEST_TABLE = 2**14
"""Entries of a state that is written out."""
LARGEST_MEMORY_BYTES = 2**30
"""Memory of a state of the Fock backend that a program may ask for."""


@dataclass(frozen=True)
class ExportedProgram(Value):
    """A circuit as a program for Strawberry Fields: one subsystem a mode, theta as free parameters, and a measurement at its end.

    Thermal light that a loss lets in comes from subsystems of its own behind them. Gaussian circuits are for the backend
    ``gaussian``, circuits of photons for ``fock`` with ``cutoff`` levels, on which they are exact.

    Parameters
    ----------
    circuit : Circuit
        Gaussian, or of photons that only meet beam splitters, phases and losses.
    measurement : Homodyne, IntensityDifference, Moments, PhotonCounting, ThresholdDetection, Parity or None
        None exports the light alone.
    theta : (d,) floats or None
        Values of the circuit's parameters; free ones when None.
    sensors : (d,) pairs of a name and a factor, or None
        Each of the circuit's parameters as factor times the theta of a sensor of this name; by itself, with the name of its
        mode, when None. Two arms of a sensor are ``(("s", 0.5), ("s", -0.5))``.
    remarks : tuple of str
        What else the text and the document have to say.

    Raises
    ------
    ValueError
        Listing what is not for one program of Strawberry Fields, and what does not fit.
    TypeError
        For a measurement that has no counterpart.
    CircuitTooLargeError
        For a circuit of too many photons in too many modes.

    Examples
    --------
    >>> from photonics import Homodyne, Sense, Squeeze
    >>> light = (Squeeze(mode="a", r=0.5), Sense(modes=("a",), generator="momentum"))
    >>> exported = ExportedProgram(Circuit(modes=("a",), operations=light), Homodyne())
    >>> exported.parameters
    (('theta_a', 'a'),)
    >>> print("\\n".join(exported.blackbird.splitlines()[-4:]))
    Vacuum() | 0
    Sgate(0.5, 0.0) | 0
    Xgate({theta_a}) | 0
    MeasureHomodyne(0.0) | 0
    """

    circuit: Circuit
    measurement: Exportable | None = None
    theta: tuple[float, ...] | None = None
    sensors: tuple[tuple[str, float], ...] | None = None
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        freeze(self)
        faults = [*_circuit_faults(self.circuit), *self._faults()]
        if faults:
            raise ValueError("; ".join(faults))
        if not self.circuit.is_gaussian:
            _check_levels(self.circuit)
        # Refused here, not where it is written.
        self.ending  # noqa: B018

    def _faults(self) -> Iterator[str]:
        count = self.circuit.parameters
        if self.theta is not None:
            if len(self.theta) != count or not all(is_real(t) and np.isfinite(t) for t in self.theta):
                yield f"theta must be {count} finite numbers, or None for free parameters, got {self.theta}"
            if self.sensors is not None:
                yield "sensors name free parameters; give them or theta, not both"
        try:
            sensors_of(self.circuit, self.sensors)
        except ValueError as error:
            yield str(error)

    @cached_property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """The free parameters, each with the name of its sensor; none where theta is given."""
        if self.theta is not None:
            return ()
        names, _ = free_parameters(sensors_of(self.circuit, self.sensors))
        return tuple((name, sensor) for sensor, name in names.items())

    @cached_property
    def ending(self) -> Ending:
        """What is measured, and what stands in front of it."""
        return Ending() if self.measurement is None else ending_of(self.measurement, self.circuit)

    @property
    def left_out(self) -> tuple[str, ...]:
        """What the program does not hold of the detectors; one sentence each."""
        return self.ending.left_out

    @cached_property
    def cutoff(self) -> int | None:
        """Levels of the Fock backend on which the circuit is exact; None for the Gaussian one."""
        return None if self.circuit.is_gaussian else _photons(self.circuit) + 1

    @cached_property
    def _gates(self) -> tuple[list[Gate], int]:
        """The gates of the light, what stands in front of the detectors included, and how many subsystems they take."""
        circuit = Circuit(modes=self.circuit.modes, operations=(*self.circuit.operations, *self.ending.operations))
        theta: Sequence[Angle] = self.theta or ()
        if self.theta is None:
            _, theta = free_parameters(sensors_of(self.circuit, self.sensors))
        if circuit.is_gaussian:
            return gaussian_gates(circuit, theta, vacuum=True)
        start = circuit.operations[0]
        assert isinstance(start, PrepareFock)
        rest = [gate for op in circuit.operations[1:] for gate in gates_of(op, circuit.place, theta)]
        return [*_prepared(start, _photons(circuit) + 1), *rest], len(circuit.modes)

    def _measured(self) -> list[Gate]:
        place = self.circuit.place
        return [
            Gate(
                read.gate,
                () if read.angle_rad is None else (read.angle_rad,),
                tuple(place[mode] for mode in read.modes),
                read.dark_counts,
            )
            for read in self.ending.reads
        ]

    def program(self, *, measured: bool = True) -> Any:
        """The program; parameters are bound by ``engine.run(program, args={"theta_a": 0.1})``.

        Parameters
        ----------
        measured : bool
            Whether to end with the measurement. Without it the state in front of the detectors is left, with what they miss lost.

        Returns
        -------
        strawberryfields.Program
        """
        sf = import_strawberryfields()
        gates, subsystems = self._gates
        made = sf.Program(subsystems, name=NAME)
        with made.context as q:
            apply_gates([*gates, *(self._measured() if measured else ())], sf, made, q)
        return made

    @property
    def blackbird(self) -> str:
        """The program as Blackbird text, which ``strawberryfields.io.loads`` reads back; comments say what it is not.

        Strawberry Fields itself is not needed to write it.
        """
        gates, _ = self._gates
        # A comment ends with its line, whatever a mode is called.
        comments = [f"# {' '.join(line.split())}" for line in self._comments()]
        head = [f"name {NAME}", "version 1.0", ""]
        return "\n".join([*comments, *head, *blackbird_lines([*gates, *self._measured()]), ""])

    def _comments(self) -> Iterator[str]:
        yield from (f"{k} is {mode}" for k, mode in enumerate(self.circuit.modes))
        yield from (f"{{{name}}} is theta of {sensor}" for name, sensor in self.parameters)
        backend = "gaussian" if self.cutoff is None else f"fock, with cutoff_dim = {self.cutoff}"
        yield f"backend: {backend}"
        for read in self.ending.reads:
            angle = "" if read.angle_rad is None else f" at {read.angle_rad:.6g} rad"
            yield f"measured: {read.gate} of {', '.join(read.modes)}{angle}"
        yield from (f"outcome: {outcome}" for outcome in self.ending.outcomes)
        yield from (f"not in this program: {what}" for what in self.left_out)
        if self.cutoff is None and any(read.gate == COUNTING for read in self.ending.reads):
            yield "Strawberry Fields' Gaussian backend draws no counts above 5 in a mode; take bright ones from the state"
        yield from self.remarks

    def to_dict(self) -> dict[str, object]:
        """What stands in the comments, as data for JSON.

        Returns
        -------
        dict
            With the keys backend, cutoff, parameters, measured, outcomes, not_in_program and remarks.
        """
        return {
            "backend": "gaussian" if self.cutoff is None else "fock",
            "cutoff": self.cutoff,
            "parameters": [{"name": name, "sensor": sensor} for name, sensor in self.parameters],
            "measured": [
                {
                    "gate": read.gate,
                    "modes": list(read.modes),
                    **({} if read.angle_rad is None else {"angle_rad": read.angle_rad}),
                    **({"dark_counts": list(read.dark_counts)} if read.dark_counts else {}),
                }
                for read in self.ending.reads
            ],
            "outcomes": list(self.ending.outcomes),
            "not_in_program": list(self.left_out),
            "remarks": list(self.remarks),
        }


def _circuit_faults(circuit: Circuit) -> Iterator[str]:
    """What no single program holds, one sentence a reason."""
    if circuit.is_gaussian:
        return
    from_photons = bool(circuit.operations) and isinstance(circuit.operations[0], PrepareFock)
    places: dict[tuple[str, str], list[str]] = {}
    for number, op in enumerate(circuit.operations, 1):
        if reason := _refusal(op, from_photons=from_photons):
            places.setdefault((type(op).__name__, reason), []).append(str(number))
    for (kind, reason), numbers in places.items():
        yield f"operation{'s' * (len(numbers) > 1)} {', '.join(numbers)} ({kind}): {reason}"


def _refusal(op: Operation, *, from_photons: bool) -> str | None:
    if isinstance(op, NumberControl):
        return "Strawberry Fields has no gate that exchanges photon numbers"
    if isinstance(op, PhaseDiffusion) and op.sigma_rad:
        return "a random phase takes more than one program"
    if from_photons and isinstance(op, Loss) and op.background_photons and op.transmissivity < 1:
        return "Strawberry Fields' Fock backend has no thermal loss"
    if from_photons and op.is_widening:
        return "it adds photons to a state of photon number, which no number of levels holds exactly"
    return None


def _photons(circuit: Circuit) -> int:
    start = circuit.operations[0]
    assert isinstance(start, PrepareFock)
    return int(start.state.occupations.sum(axis=1).max())


def _check_levels(circuit: Circuit) -> None:
    count, levels = len(circuit.modes), _photons(circuit) + 1
    start = circuit.operations[0]
    assert isinstance(start, PrepareFock)
    superposed, occupied = len(start.state.occupations) > 1, len(_occupied(start))
    entries = levels ** (occupied if occupied == 2 else 2 * occupied)
    if superposed and entries > LARGEST_TABLE:
        raise CircuitTooLargeError(
            f"the state of {levels - 1} photons in {occupied} modes would be a table of {entries} entries (limit {LARGEST_TABLE}); "
            "programs are for few photons in few modes"
        )
    # Four arrays of the state's size live at once while a gate is applied; a state of some modes makes a density matrix of all.
    is_ket = circuit.is_pure and count == (occupied if superposed else 1) <= 2
    if 64 * levels ** (count if is_ket else 2 * count) > LARGEST_MEMORY_BYTES:
        raise CircuitTooLargeError(
            f"Strawberry Fields' Fock backend cannot hold {levels - 1} photons in {count} modes; programs are for few photons in "
            "few modes"
        )


def _occupied(op: PrepareFock) -> list[int]:
    """The modes that hold photons in any of the strings."""
    return [int(k) for k in np.flatnonzero(op.state.occupations.any(axis=0))]


def _prepared(op: PrepareFock, levels: int) -> Iterator[Gate]:
    """The state that a circuit starts from: photons in each mode, or a superposition in those modes that it has photons in."""
    state, at = op.state, _occupied(op)
    superposed = len(state.occupations) > 1
    for k in range(len(state.modes)):
        # Every mode is prepared, so that none is missing from the text, which counts modes by their use.
        if not (superposed and k in at):
            yield Gate("Fock", (float(state.occupations[0, k]),), (k,))
    if not superposed:
        return
    count = len(at)
    ket = np.zeros((levels,) * count, dtype=complex)
    ket[tuple(state.occupations[:, at].T)] = state.amplitudes
    # Blackbird's arrays have two dimensions: the amplitudes of two modes, and the density matrix of any other number. Its matrix
    # form is not reordered by the Fock backend, which has the ket and the bra of each mode side by side.
    if count == 2:
        yield Gate("Ket", (ket,), tuple(at))
    else:
        density = np.multiply.outer(ket, ket.conj())
        in_turn = [axis for k in range(count) for axis in (k, k + count)]
        yield Gate("DensityMatrix", (density.transpose(in_turn).reshape(levels**count, -1),), tuple(at))
