"""Circuits as plain JSON documents that load back to equal circuits. Numbers keep every bit; nothing is executed."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from photonics.circuits.circuit import (
    BeamSplitter,
    Circuit,
    Displace,
    Interferometer,
    Loss,
    NumberControl,
    Operation,
    PhaseDiffusion,
    PhaseShift,
    PrepareFock,
    Sense,
    Squeeze,
)
from photonics.states.fock import FockState

FORMAT = "psn-circuit-1"


def circuit_document(circuit: Circuit, programs: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The circuit as data for JSON: modes in order, operations in time order, each with its type and fields.

    Parameters
    ----------
    circuit : Circuit
    programs : mapping, optional
        What programs made of it hold (``ExportedProgram.to_dict``), by package; kept beside it, and not read back.

    Returns
    -------
    dict
        With the keys format, modes and operations, and programs where given.

    Raises
    ------
    TypeError
        For an operation that has no form in documents.

    Examples
    --------
    >>> document = circuit_document(Circuit(modes=("a",), operations=(Squeeze(mode="a", r=0.5),)))
    >>> document["operations"]
    [{'type': 'Squeeze', 'mode': 'a', 'r': 0.5, 'angle_rad': 0.0}]
    >>> circuit_from_document(document) == Circuit(modes=("a",), operations=(Squeeze(mode="a", r=0.5),))
    True
    """
    written = [_written(op) for op in circuit.operations]
    document: dict[str, Any] = {"format": FORMAT, "modes": list(circuit.modes), "operations": written}
    return document if programs is None else {**document, "programs": dict(programs)}


def circuit_from_document(document: Mapping[str, Any]) -> Circuit:
    """The circuit of a document.

    Parameters
    ----------
    document : mapping
        As ``circuit_document`` makes it and JSON gives it back.

    Returns
    -------
    Circuit

    Raises
    ------
    ValueError
        Listing every operation that is not understood, or what ``Circuit`` refuses.
    """
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise ValueError(f"a circuit document has the format {FORMAT!r}, got {_format_of(document)}")
    modes, operations = document.get("modes"), document.get("operations")
    faults = []
    if not _are_names(modes):
        faults.append(f"modes must be a list of names, got {modes!r:.60}")
    if not isinstance(operations, list):
        faults.append(f"operations must be a list, got {operations!r:.60}")
        operations = []
    known: list[Operation] = []
    for number, data in enumerate(operations, 1):
        try:
            known.append(_read(data))
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            faults.append(f"operation {number}: {reason}")
    if faults:
        raise ValueError("; ".join(faults))
    assert isinstance(modes, list)
    return Circuit(modes=tuple(modes), operations=tuple(known))


def _format_of(document: object) -> str:
    return repr(document.get("format")) if isinstance(document, Mapping) else f"{document!r:.60}"


def _written(op: Operation) -> dict[str, Any]:
    kind = type(op).__name__
    if kind not in _FORMS:
        raise TypeError(f"a circuit document cannot hold {kind}; it holds {', '.join(_FORMS)}")
    return {"type": kind, **_FORMS[kind].write(op)}


def _read(data: Any) -> Operation:
    if not isinstance(data, Mapping):
        raise TypeError(f"an operation must be an object with a type, got {data!r:.60}")
    kind = data.get("type")
    if kind not in _FORMS:
        raise ValueError(f"there is no operation {kind!r}; known are {', '.join(_FORMS)}")
    return _FORMS[kind].read({key: value for key, value in data.items() if key != "type"})


# --- the operations, both ways -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Form:
    """How an operation of one type is written as plain data and read from it."""

    write: Callable[[Any], dict[str, Any]]
    read: Callable[[Mapping[str, Any]], Operation]


def _plain(kind: type) -> _Form:
    """The form of an operation whose fields are names and numbers."""
    fields = {field.name: field for field in dataclasses.fields(kind)}

    def write(op: Operation) -> dict[str, Any]:
        values = {key: getattr(op, key) for key in fields}
        return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}

    def read(data: Mapping[str, Any]) -> Operation:
        name = kind.__name__
        if unknown := [key for key in data if key not in fields]:
            raise ValueError(f"{name} has no {', '.join(map(repr, unknown))}; it has {', '.join(fields)}")
        if missing := [
            key for key, field in fields.items() if key not in data and field.default is dataclasses.MISSING
        ]:
            raise ValueError(f"{name} needs {', '.join(missing)}")
        operation: Operation = kind(**{key: _value(key, value) for key, value in data.items()})
        return operation

    return _Form(write, read)


def _write_interferometer(op: Interferometer) -> dict[str, Any]:
    return {"modes": list(op.modes), "unitary": [[_pair(u) for u in row] for row in op.unitary]}


def _read_interferometer(data: Mapping[str, Any]) -> Interferometer:
    unitary = tuple(tuple(_complex(pair) for pair in row) for row in data["unitary"])
    return Interferometer(modes=_names(data["modes"]), unitary=unitary)


def _write_control(op: NumberControl) -> dict[str, Any]:
    return {"moves": [[list(map(int, a)), list(map(int, b))] for a, b in op.moves]}


def _read_control(data: Mapping[str, Any]) -> NumberControl:
    return NumberControl(moves=tuple((_string(a), _string(b)) for a, b in data["moves"]))


def _write_preparation(op: PrepareFock) -> dict[str, Any]:
    state = op.state
    return {
        "modes": list(state.modes),
        "occupations": state.occupations.tolist(),
        "amplitudes": [_pair(c) for c in state.amplitudes.tolist()],
    }


def _read_preparation(data: Mapping[str, Any]) -> PrepareFock:
    amplitudes = np.array([_complex(pair) for pair in data["amplitudes"]])
    return PrepareFock(state=FockState(_names(data["modes"]), data["occupations"], amplitudes))


_FORMS: dict[str, _Form] = {
    **{
        kind.__name__: _plain(kind)
        for kind in (Squeeze, Displace, BeamSplitter, PhaseShift, Sense, Loss, PhaseDiffusion)
    },
    "Interferometer": _Form(_write_interferometer, _read_interferometer),
    "NumberControl": _Form(_write_control, _read_control),
    "PrepareFock": _Form(_write_preparation, _read_preparation),
}
"""Every operation that a document can hold, by its type there."""


# --- single entries ------------------------------------------------------------------------------------------


def _pair(number: complex) -> list[float]:
    return [complex(number).real, complex(number).imag]


def _value(key: str, value: Any) -> Any:
    if key == "modes":
        return _names(value)
    if key in ("mode", "first", "second", "generator"):
        if not isinstance(value, str):
            raise TypeError(f"{key} must be text, got {value!r:.60}")
        return value
    return _real(value)


def _real(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(f"a finite number is needed, got {value!r:.60}")
    return float(value)


def _complex(pair: Any) -> complex:
    if not isinstance(pair, Sequence) or len(pair) != 2:
        raise TypeError(f"a complex number is a pair [re, im], got {pair!r:.60}")
    return complex(_real(pair[0]), _real(pair[1]))


def _string(photons: Any) -> tuple[int, ...]:
    if not isinstance(photons, list) or not all(
        isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in photons
    ):
        raise TypeError(f"photon numbers must be a list of integers from 0, got {photons!r:.60}")
    return tuple(photons)


def _are_names(names: Any) -> bool:
    return isinstance(names, list) and all(isinstance(name, str) for name in names)


def _names(names: Any) -> tuple[str, ...]:
    if not _are_names(names):
        raise TypeError(f"modes must be a list of names, got {names!r:.60}")
    return tuple(names)
