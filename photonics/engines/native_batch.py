"""Many Gaussian circuits of one structure at once: moments, derivatives and Fisher matrices stacked over the circuits.

Searches ask for the same circuit a thousand times with other numbers; one by one most of the time is not spent in arithmetic. The
derivatives are dense here, (B, d, 2m, 2m), so this is for few modes; larger circuits are run one by one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from photonics.circuits.circuit import (
    BeamSplitter,
    Circuit,
    Displace,
    Interferometer,
    Loss,
    Operation,
    PhaseShift,
    Sense,
    Squeeze,
)
from photonics.circuits.dispatch import OperationTable
from photonics.conventions import Complex, Real
from photonics.engines import native_gaussian
from photonics.fisher.gaussian import gaussian_qfi_matrices
from photonics.values import doubles

FEW_MODES = 16
"""Up to which circuits are stacked."""
STACK_BYTES = 2**19
"""Derivatives held at once."""

Varied = Mapping[tuple[int, str], ArrayLike]
"""Index of an operation and one of its numbers, to the values of this number in each circuit."""


@dataclass(eq=False)
class _Stack:
    """Means (B, 2m), covariances (B, 2m, 2m), and derivatives (B, 2m, d), (B, d, 2m, 2m) or None while zero."""

    mean: Real
    covariance: Real
    mean_derivatives: Real
    slopes: Real | None = None

    def transform(self, rows: list[int], matrices: Real) -> None:
        """By symplectic or scaling matrices (B or 1, s, s) on these quadratures."""
        turned = matrices.swapaxes(1, 2)
        self.mean[:, rows] = (matrices @ self.mean[:, rows, None])[:, :, 0]
        self.mean_derivatives[:, rows] = matrices @ self.mean_derivatives[:, rows]
        self.covariance[:, rows] = matrices @ self.covariance[:, rows]
        self.covariance[:, :, rows] = self.covariance[:, :, rows] @ turned
        if self.slopes is not None:
            self.slopes[:, :, rows] = matrices[:, None] @ self.slopes[:, :, rows]
            self.slopes[:, :, :, rows] = self.slopes[:, :, :, rows] @ turned[:, None]


class _Step:
    """One operation of all circuits: its numbers, one or one a circuit."""

    def __init__(self, op: Operation, index: int, varied: Mapping[tuple[int, str], NDArray[Any]], some: slice) -> None:
        self.op = op
        self._own = {name: values[some] for (at, name), values in varied.items() if at == index}

    def __getitem__(self, name: str) -> Real:
        """(B,) or (1,) values."""
        return np.asarray(self._own[name] if name in self._own else np.array([getattr(self.op, name)]), dtype=float)

    def unitaries(self) -> Complex:
        """(B or 1, n, n) of an interferometer."""
        return np.asarray(self._own.get("unitary", np.array([getattr(self.op, "unitary")])), dtype=complex)  # noqa: B009  # others have none


def qfi_matrices(circuits: Circuit | Sequence[Circuit], theta: ArrayLike, varied: Varied | None = None) -> Real:
    """Quantum Fisher matrices of many Gaussian circuits of one structure at once, for searches over their numbers.

    Parameters
    ----------
    circuits : Circuit or sequence of Circuit
        One, or B with the same modes and kinds of operations in the same order on the same modes.
    theta : (d,) or (B, d) floats
        Values of the parameters, for all circuits or for each.
    varied : mapping of (int, str) to (B,) floats, optional
        For one circuit: (index of an operation, name of a number of it) to its values, such as {(0, "r"): [0.1, 0.2]}, which
        spares making the circuits; "unitary" takes (B, n, n) complex.

    Returns
    -------
    (B, d, d) floats

    Raises
    ------
    ValueError
        Listing what does not fit: circuits of other structure, numbers that operations do not have, counts that differ.
    TypeError
        For circuits that are not Gaussian.
    DivergentFisherInformationError, PrecisionError
        For the first circuit without a finite or certain matrix.

    Examples
    --------
    >>> vacuum = Squeeze(mode="a", r=0.0)
    >>> circuit = Circuit(modes=("a",), operations=(vacuum, Sense(modes=("a",), generator="number")))
    >>> qfi_matrices(circuit, [0.1], {(0, "r"): [0.0, 0.5]}).ravel().round(9).tolist()
    [0.0, 2.762195691]
    """
    first, numbers = _one_structure(circuits, varied)
    angles = doubles(theta)
    if angles.ndim not in (1, 2) or angles.shape[-1] != first.parameters:
        raise ValueError(f"theta must have shape (d,) or (B, d) with d = {first.parameters}, got {angles.shape}")
    counts = {len(values) for values in numbers.values()} | ({len(angles)} if angles.ndim == 2 else set())
    if len(counts) > 1 or 0 in counts:
        raise ValueError(f"theta and varied numbers must be of as many circuits each, got {sorted(counts)}")
    batch = counts.pop() if counts else (1 if isinstance(circuits, Circuit) else len(circuits))
    angles = np.broadcast_to(angles, (batch, first.parameters))
    size, d = 2 * len(first.modes), first.parameters
    if len(first.modes) > FEW_MODES:
        every = (_single(first, numbers, index) for index in range(batch))
        return np.array([native_gaussian.qfi(one, at) for one, at in zip(every, angles.tolist(), strict=True)])
    out = np.empty((batch, d, d))
    step = max(1, STACK_BYTES // (8 * max(1, d) * size * size))
    for start in range(0, batch, step):
        some = slice(start, min(start + step, batch))
        stack = _run(first, angles[some], numbers, some)
        out[some] = gaussian_qfi_matrices(stack.covariance, stack.mean_derivatives, stack.slopes)
    return out


def _run(circuit: Circuit, theta: Real, numbers: Mapping[tuple[int, str], NDArray[Any]], some: slice) -> _Stack:
    batch, size = len(theta), 2 * len(circuit.modes)
    stack = _Stack(
        np.zeros((batch, size)),
        np.repeat(np.eye(size)[None], batch, axis=0),
        np.zeros((batch, size, circuit.parameters)),
    )
    for index, op in enumerate(circuit.operations):
        _apply(op, _Step(op, index, numbers, some), stack, [circuit.place[mode] for mode in op.acts_on], theta)
    return stack


_apply: OperationTable[[_Step, _Stack, list[int], Real], None] = OperationTable("the native engine for many circuits")
"""Each operation on the stacked moments, given its numbers, the index of each of its modes, and the parameters."""


def _quadratures(stack: _Stack, at: list[int]) -> list[int]:
    count = stack.mean.shape[1] // 2
    return [*at, *(k + count for k in at)]


def _matrices(rows: list[list[Real]]) -> Real:
    """Rows of (B,) entries to (B, n, n)."""
    return np.moveaxis(np.array([np.broadcast_arrays(*row) for row in rows]), 2, 0)


def _turns(angle: Real) -> Real:
    """x, p under a -> exp(i angle) a."""
    cos, sin = np.cos(angle), np.sin(angle)
    return _matrices([[cos, -sin], [sin, cos]])


@_apply.of(Squeeze)
def _squeeze(op: Squeeze, step: _Step, stack: _Stack, at: list[int], theta: Real) -> None:
    turned = _turns(step["angle_rad"] / 2)
    scale = np.stack([np.exp(-step["r"]), np.exp(step["r"])], axis=-1)
    stack.transform(_quadratures(stack, at), (turned * scale[:, None]) @ turned.swapaxes(1, 2))


@_apply.of(PhaseShift)
def _shift_phase(op: PhaseShift, step: _Step, stack: _Stack, at: list[int], theta: Real) -> None:
    stack.transform(_quadratures(stack, at), _turns(step["angle_rad"]))


@_apply.of(BeamSplitter)
def _split(op: BeamSplitter, step: _Step, stack: _Stack, at: list[int], theta: Real) -> None:
    cos, sin, phase = np.cos(step["theta_rad"]), np.sin(step["theta_rad"]), np.exp(1j * step["phi_rad"])
    _passive(stack, at, _complex([[cos, -phase.conj() * sin], [phase * sin, cos]]))


@_apply.of(Interferometer)
def _interfere(op: Interferometer, step: _Step, stack: _Stack, at: list[int], theta: Real) -> None:
    _passive(stack, at, step.unitaries())


@_apply.of(Displace)
def _displace(op: Displace, step: _Step, stack: _Stack, at: list[int], theta: Real) -> None:
    for row, name in zip(_quadratures(stack, at), ("x", "p"), strict=True):
        stack.mean[:, row] += step[name]


@_apply.of(Loss)
def _lose(op: Loss, step: _Step, stack: _Stack, at: list[int], theta: Real) -> None:
    eta = step["transmissivity"]
    rows = _quadratures(stack, at)
    stack.transform(rows, np.sqrt(eta)[:, None, None] * np.eye(2))
    for row in rows:
        stack.covariance[:, row, row] += (1 - eta) * (2 * step["background_photons"] + 1)


@_apply.of(Sense)
def _sense(op: Sense, step: _Step, stack: _Stack, at: list[int], theta: Real) -> None:
    if op.generator == "momentum":
        stack.mean[:, at] += theta
        stack.mean_derivatives[:, at, range(len(at))] += 1.0
        return
    for j, k in enumerate(at):
        stack.transform(_quadratures(stack, [k]), _turns(-theta[:, j]))
    batch, size = stack.mean.shape
    if stack.slopes is None:
        stack.slopes = np.zeros((batch, len(at), size, size))
    for j, k in enumerate(at):
        x, p = _quadratures(stack, [k])
        # exp(-i theta n): x moves by p, p by -x.
        stack.mean_derivatives[:, x, j] += stack.mean[:, p]
        stack.mean_derivatives[:, p, j] -= stack.mean[:, x]
        for row, moved in ((x, stack.covariance[:, p]), (p, -stack.covariance[:, x])):
            stack.slopes[:, j, row] += moved
            stack.slopes[:, j, :, row] += moved


def _complex(rows: list[list[Any]]) -> Complex:
    return np.moveaxis(np.array([np.broadcast_arrays(*row) for row in rows], dtype=complex), 2, 0)


def _passive(stack: _Stack, at: list[int], unitary: Complex) -> None:
    """a -> U a on these modes."""
    upper = np.concatenate([unitary.real, -unitary.imag], axis=2)
    lower = np.concatenate([unitary.imag, unitary.real], axis=2)
    stack.transform(_quadratures(stack, at), np.concatenate([upper, lower], axis=1))


# --- what was given ------------------------------------------------------------------------------------------


def _one_structure(
    circuits: Circuit | Sequence[Circuit], varied: Varied | None
) -> tuple[Circuit, dict[tuple[int, str], NDArray[Any]]]:
    """The first circuit, and the numbers in which the others differ."""
    if isinstance(circuits, Circuit):
        first, numbers = circuits, {key: np.asarray(_plainly(values)) for key, values in (varied or {}).items()}
    else:
        if varied:
            raise ValueError("varied numbers go with one circuit; these circuits have their own")
        if not circuits or not all(isinstance(circuit, Circuit) for circuit in circuits):
            raise ValueError(f"circuits must be one circuit or a sequence of at least one, got {circuits!r:.60}")
        first, numbers = circuits[0], _differences(circuits)
    if not first.is_gaussian:
        raise TypeError("many circuits at once must be Gaussian; run others one by one")
    faults = [fault for key, values in numbers.items() for fault in _number_faults(first, key, values)]
    if faults:
        raise ValueError("; ".join(faults))
    return first, numbers


def _plainly(values: ArrayLike) -> NDArray[Any]:
    """Numbers of any kind as doubles, complex where they are."""
    return doubles(values if isinstance(values, np.ndarray) else np.array(list(values)))  # type: ignore[arg-type]  # sequences


def _differences(circuits: Sequence[Circuit]) -> dict[tuple[int, str], NDArray[Any]]:
    first = circuits[0]
    for number, circuit in enumerate(circuits[1:], 2):
        same = circuit.modes == first.modes and len(circuit.operations) == len(first.operations)
        if not same or not all(map(_is_alike, circuit.operations, first.operations)):
            raise ValueError(
                f"circuit {number} must have the modes and the kinds of operations of the first, in its order on its modes"
            )
    numbers: dict[tuple[int, str], NDArray[Any]] = {}
    for index, op in enumerate(first.operations):
        names = [field.name for field in dataclasses.fields(op) if field.name not in _STRUCTURE]
        for name in names:
            values = [getattr(circuit.operations[index], name) for circuit in circuits]
            if any(value != values[0] for value in values):
                numbers[index, name] = np.array(values)
    return numbers


_STRUCTURE = ("mode", "modes", "first", "second", "generator")


def _is_alike(one: Operation, other: Operation) -> bool:
    if type(one) is not type(other) or one.acts_on != other.acts_on:
        return False
    return not isinstance(one, Sense) or one == other


def _number_faults(circuit: Circuit, key: tuple[int, str], values: NDArray[Any]) -> list[str]:
    index, name = key
    if not 0 <= index < len(circuit.operations):
        return [f"there is no operation {index}, the circuit has {len(circuit.operations)}"]
    op = circuit.operations[index]
    where = f"operation {index} ({type(op).__name__})"
    names = [field.name for field in dataclasses.fields(op) if field.name not in _STRUCTURE]
    if name not in names:
        return [f"{where} has no number {name!r}; it has {', '.join(names) or 'none'}"]
    expected = 3 if name == "unitary" else 1
    if values.ndim != expected or not len(values):
        return [f"{where}: {name} must have {expected} axes, one entry a circuit, got shape {values.shape}"]
    # The extremes say whether all are in range; unitaries are looked at one by one.
    some = values.tolist() if name == "unitary" else [float(values.min()), float(values.max())]
    return [f"{where}: {fault}" for value in some for fault in _with(op, name, value).faults(circuit.modes)]


def _with(op: Operation, name: str, value: object) -> Operation:
    changed: dict[str, Any] = {name: value}
    return dataclasses.replace(op, **changed)


def _single(circuit: Circuit, numbers: Mapping[tuple[int, str], NDArray[Any]], index: int) -> Circuit:
    operations = list(circuit.operations)
    for (at, name), values in numbers.items():
        operations[at] = _with(operations[at], name, values[index].tolist())
    return Circuit(modes=circuit.modes, operations=tuple(operations))
