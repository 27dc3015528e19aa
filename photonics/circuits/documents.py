"""Circuits as plain JSON documents that load back to equal circuits. Numbers keep every bit; nothing is executed."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

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
_PLAIN: dict[str, type] = {
    kind.__name__: kind for kind in (Squeeze, Displace, BeamSplitter, PhaseShift, Sense, Loss, PhaseDiffusion)
}
"""Operations whose fields are names and numbers."""


def circuit_document(circuit: Circuit) -> dict[str, Any]:
    """The circuit as data for JSON: modes in order, operations in time order, each with its type and fields.

    >>> document = circuit_document(Circuit(modes=("a",), operations=(Squeeze(mode="a", r=0.5),)))
    >>> document["operations"]
    [{'type': 'Squeeze', 'mode': 'a', 'r': 0.5, 'angle_rad': 0.0}]
    >>> circuit_from_document(document) == Circuit(modes=("a",), operations=(Squeeze(mode="a", r=0.5),))
    True
    """
    return {"format": FORMAT, "modes": list(circuit.modes), "operations": [_written(op) for op in circuit.operations]}


def circuit_from_document(document: Mapping[str, Any]) -> Circuit:
    """The circuit of a document.

    Raises
    ------
    ValueError
        Listing every operation that is not understood, or what ``Circuit`` refuses.
    """
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise ValueError(f"a circuit document has the format {FORMAT!r}, got {_shown(document)}")
    modes, operations = document.get("modes"), document.get("operations")
    faults = []
    if not _are_names(modes):
        faults.append(f"modes must be a list of names, got {modes!r:.60}")
    if not isinstance(operations, list):
        faults.append(f"operations must be a list, got {operations!r:.60}")
        operations = []
    found: list[Operation] = []
    for number, data in enumerate(operations, 1):
        try:
            found.append(_read(data))
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            faults.append(f"operation {number}: {reason}")
    if faults:
        raise ValueError("; ".join(faults))
    assert isinstance(modes, list)
    return Circuit(modes=tuple(modes), operations=tuple(found))


def _shown(document: object) -> str:
    return repr(document.get("format")) if isinstance(document, Mapping) else f"{document!r:.60}"


def _written(op: Operation) -> dict[str, Any]:
    kind = type(op).__name__
    if isinstance(op, PrepareFock):
        state = op.state
        amplitudes = [[c.real, c.imag] for c in state.amplitudes.tolist()]
        return {
            "type": kind,
            "modes": list(state.modes),
            "occupations": state.occupations.tolist(),
            "amplitudes": amplitudes,
        }
    if isinstance(op, NumberControl):
        return {"type": kind, "moves": [[list(map(int, a)), list(map(int, b))] for a, b in op.moves]}
    if isinstance(op, Interferometer):
        unitary = [[[complex(u).real, complex(u).imag] for u in row] for row in op.unitary]
        return {"type": kind, "modes": list(op.modes), "unitary": unitary}
    fields = {field.name: getattr(op, field.name) for field in dataclasses.fields(op)}
    return {"type": kind, **{key: list(v) if isinstance(v, tuple) else v for key, v in fields.items()}}


def _read(data: Any) -> Operation:
    if not isinstance(data, Mapping):
        raise TypeError(f"an operation must be an object with a type, got {data!r:.60}")
    kind = data.get("type")
    if kind == "PrepareFock":
        amplitudes = [_complex(pair) for pair in data["amplitudes"]]
        return PrepareFock(state=FockState(_names(data["modes"]), data["occupations"], amplitudes))  # type: ignore[arg-type]  # the state makes arrays of both
    if kind == "NumberControl":
        return NumberControl(moves=tuple((_string(a), _string(b)) for a, b in data["moves"]))
    if kind == "Interferometer":
        unitary = tuple(tuple(_complex(pair) for pair in row) for row in data["unitary"])
        return Interferometer(modes=_names(data["modes"]), unitary=unitary)
    if kind not in _PLAIN:
        known = ", ".join([*_PLAIN, "Interferometer", "NumberControl", "PrepareFock"])
        raise ValueError(f"there is no operation {kind!r}; known are {known}")
    fields = {field.name: field for field in dataclasses.fields(_PLAIN[kind])}
    if unknown := [key for key in data if key != "type" and key not in fields]:
        raise ValueError(f"{kind} has no {', '.join(map(repr, unknown))}; it has {', '.join(fields)}")
    if missing := [key for key, field in fields.items() if key not in data and field.default is dataclasses.MISSING]:
        raise ValueError(f"{kind} needs {', '.join(missing)}")
    operation: Operation = _PLAIN[kind](**{key: _value(key, value) for key, value in data.items() if key != "type"})
    return operation


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
