"""Whole values as plain JSON data and back, by their types: cattrs dispatches, the hooks here are strict.

Every hook takes exactly what its twin writes: a number where a number was, a list where a tuple was. Nothing is guessed, nothing
is executed, and no class is made but those that the type of a field names. Constructors run their own checks again. Infinite
numbers are the texts inf, -inf and nan; fractions are text; complex numbers are pairs; a value whose field may hold several
classes says which one under "type".
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import math
import types
import typing
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from cattrs import (
    AttributeValidationNote,
    BaseValidationError,
    ClassValidationError,
    Converter,
    IterableValidationError,
    IterableValidationNote,
    transform_error,
)

from networks import InputError, LinearFunction, SensorNetwork, parse_exact
from networks.errors import short_repr
from networks.files.node_link import network_document, network_from_json
from photonics.circuits.circuit import Circuit
from photonics.circuits.documents import FORMAT, circuit_document, circuit_from_document
from photonics.conventions import Complex, Integer, Real
from photonics.measurements import Homodyne, IntensityDifference, Moments, PhotonCounting
from protocols.documents.kinds import CHOICES, FUNCTION, named

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

TYPE = "type"
"""The key under which a document says which of several classes a value has."""
NOT_FINITE = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}
_NAMES = {
    "Circuit": Circuit,
    "Complex": Complex,
    "Homodyne": Homodyne,
    "Integer": Integer,
    "IntensityDifference": IntensityDifference,
    "Moments": Moments,
    "PhotonCounting": PhotonCounting,
    "Real": Real,
}
"""Types that modules import for the type checker only, so that they load without numpy or circuits."""
_REFUSED = (ValueError, TypeError, ArithmeticError, LookupError, BaseValidationError)
"""What constructors and hooks raise at bad input."""

Hook = Callable[[Any], Any]
T = TypeVar("T")


def kept_data(value: object) -> dict[str, Any]:
    """The whole value as plain data for JSON.

    Raises
    ------
    InputError
        For a part that is code, such as a limit that is a function of one's own.
    """
    data = converter().unstructure(value, unstructure_as=type(value))
    assert isinstance(data, dict)
    return data


def value_of(data: Mapping[str, Any], cls: type[T]) -> T:
    """The value that ``kept_data`` wrote, of class ``cls``.

    Raises
    ------
    InputError
        Listing every part that is not as it should be, each with its place.
    """
    try:
        return converter().structure(data, cls)
    except BaseValidationError as error:
        raise InputError([_sentence(fault) for fault in transform_error(error, format_exception=_reason)]) from None
    except _REFUSED as error:
        raise InputError([_reason(error, None)]) from None


def _reason(error: BaseException, _: type | None) -> str:
    return f"{error.args[0]!r} is missing" if isinstance(error, KeyError) and error.args else str(error)


def _sentence(fault: str) -> str:
    """What cattrs says as "reason @ $.place", with the place first."""
    reason, _, place = fault.rpartition(" @ ")
    place = place.removeprefix("$").removeprefix(".")
    return f"{place}: {reason}" if place else reason


@cache
def converter() -> Converter:
    """The one converter, with a hook for every kind of type that a result has."""
    made = Converter(detailed_validation=True)
    # The last that fits is used, so the most particular come last.
    rules: tuple[tuple[Callable[[Any], bool], Callable[[Any], Hook], Callable[[Any], Hook]], ...] = (
        (lambda t: t in (object, Any), lambda _: _cell, lambda _: _scalar_data),
        (dataclasses.is_dataclass, _reader_of_class, _writer_of_class),
        (_made_of(tuple), _reader_of_tuple, _writer_of_tuple),
        (_made_of(frozenset), _reader_of_set, _writer_of_set),
        (_made_of(dict), _reader_of_dict, _writer_of_dict),
        (_made_of(np.ndarray), _reader_of_array, _writer_of_array),
        (_made_of(typing.Literal), _reader_of_literal, lambda _: _scalar_data),
        (_is_union, _reader_of_union, _writer_of_union),
        (inspect.isabstract, lambda t: _reader_of_union(_choices(t)), lambda t: _writer_of_union(_choices(t))),
        (lambda t: t in _WHOLE, lambda t: _WHOLE[t][0], lambda t: _WHOLE[t][1]),
    )
    for fits, structure, unstructure in rules:
        made.register_structure_hook_factory(fits, _with_type(structure))
        made.register_unstructure_hook_factory(fits, unstructure)
    for cls, hook in _SCALARS.items():
        # By the class itself: cattrs has hooks of its own for these, which would make 1 of true and 2 of 2.7.
        made.register_structure_hook(cls, _ignoring_type(hook))
        made.register_unstructure_hook(cls, _scalar_data)
    return made


def _made_of(origin: object) -> Callable[[Any], bool]:
    return lambda cls: bool(typing.get_origin(cls) == origin)


def _with_type(factory: Callable[[Any], Hook]) -> Callable[[Any], Callable[[Any, Any], Any]]:
    """A factory as cattrs wants it: its hooks are told the type once more, which ours know."""

    return lambda cls: _ignoring_type(factory(cls))


def _ignoring_type(hook: Hook) -> Callable[[Any, Any], Any]:
    return lambda data, _: hook(data)


def _reader(cls: Any) -> Hook:
    """Looked up when first used, so that a class may hold values of its own class."""
    return lambda data: converter().structure(data, cls)


def _writer(cls: Any) -> Hook:
    return lambda value: converter().unstructure(value, unstructure_as=cls)


# --- numbers and text ----------------------------------------------------------------------------------------


def _integer(data: Any) -> int:
    if type(data) is not int:
        raise TypeError(f"an integer is needed, got {short_repr(data)}")
    return data


def _real(data: Any) -> float:
    if isinstance(data, str) and data in NOT_FINITE:
        return NOT_FINITE[data]
    if type(data) is int:
        # An exact photon number beyond 2^53 stays what it is.
        return data
    if not isinstance(data, Decimal) or not math.isfinite(float(data)):
        raise TypeError(f"a number is needed, got {short_repr(data)}")
    return float(data)


def _text(data: Any) -> str:
    if not isinstance(data, str):
        raise TypeError(f"text is needed, got {short_repr(data)}")
    return data


def _truth(data: Any) -> bool:
    if not isinstance(data, bool):
        raise TypeError(f"true or false is needed, got {short_repr(data)}")
    return data


def _fraction(data: Any) -> Fraction:
    text = _text(data)
    try:
        # Results may be longer than what parse_exact takes; irrational ones are expressions.
        return parse_exact(text) if "(" in text or "pi" in text or "e" in text.lower() else Fraction(text)
    except (InputError, ValueError, ZeroDivisionError):
        raise ValueError(f"a fraction such as '3/4' is needed, got {short_repr(data)}") from None


def _complex(data: Any) -> complex:
    if not isinstance(data, list) or len(data) != 2:
        raise TypeError(f"a complex number is a pair [re, im], got {short_repr(data)}")
    return complex(_real(data[0]), _real(data[1]))


def _cell(data: Any) -> object:
    """What a cell of a table may hold: nothing, true or false, an integer, text or a number."""
    if isinstance(data, dict) and set(data) == {"number"} and isinstance(data["number"], str):
        return _real(data["number"])
    return data if data is None or isinstance(data, bool | int | str) else _real(data)


def _nothing(data: Any) -> None:
    if data is not None:
        raise TypeError(f"null is needed, got {short_repr(data)}")


_SCALARS: dict[type, Hook] = {
    int: _integer,
    float: _real,
    str: _text,
    bool: _truth,
    Fraction: _fraction,
    complex: _complex,
    type(None): _nothing,
}


def _scalar_data(value: Any) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, np.generic):
        return _scalar_data(value.item())
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, complex):
        return [_scalar_data(value.real), _scalar_data(value.imag)]
    if isinstance(value, float) and not math.isfinite(value):
        return next(name for name, number in NOT_FINITE.items() if repr(number) == repr(float(value)))
    if isinstance(value, int | float):
        return value
    raise InputError([f"values of type {type(value).__name__} cannot be kept: {short_repr(value)}"])


# --- tuples, sets, mappings, arrays --------------------------------------------------------------------------


def _items(data: Any, hooks: Any, cls: Any) -> list[Any]:
    """Every item through its hook; all faults together, each with its index."""
    result, faults = [], []
    for index, (item, hook) in enumerate(zip(data, hooks, strict=False)):
        try:
            result.append(hook(item))
        except _REFUSED as error:
            error.add_note(IterableValidationNote("", index, cls))
            faults.append(error)
    if faults:
        raise IterableValidationError("", faults, cls)
    return result


def _list(data: Any, length: int | None = None) -> list[Any]:
    if not isinstance(data, list) or length not in (None, len(data)):
        raise TypeError(f"a list {'' if length is None else f'of {length} '}is needed, got {short_repr(data)}")
    return data


def _reader_of_tuple(cls: Any) -> Hook:
    inner = typing.get_args(cls)
    if inner[-1] is Ellipsis:
        # Without a detour over the converter: matrices have many numbers.
        hook = _SCALARS.get(inner[0]) or _reader(inner[0])
        return lambda data: tuple(_items(_list(data), (hook for _ in data), cls))
    hooks = [_reader(one) for one in inner]
    return lambda data: tuple(_items(_list(data, len(hooks)), hooks, cls))


def _writer_of_tuple(cls: Any) -> Hook:
    inner = typing.get_args(cls)
    if inner[-1] is Ellipsis:
        if inner[0] in _SCALARS:
            return lambda value: [_scalar_data(item) for item in value]
        hook = _writer(inner[0])
        return lambda value: [hook(item) for item in value]
    hooks = [_writer(one) for one in inner]
    return lambda value: [hook(item) for hook, item in zip(hooks, value, strict=True)]


def _reader_of_set(cls: Any) -> Hook:
    hook = _reader(typing.get_args(cls)[0])
    return lambda data: frozenset(_items(_list(data), (hook for _ in data), cls))


def _writer_of_set(cls: Any) -> Hook:
    hook = _writer(typing.get_args(cls)[0])
    return lambda value: sorted(hook(item) for item in value)


def _reader_of_dict(cls: Any) -> Hook:
    """Objects have text for keys; mappings with other keys are lists of pairs."""
    key, value = (_reader(one) for one in typing.get_args(cls))
    if typing.get_args(cls)[0] is str:

        def read(data: Any) -> dict[Any, Any]:
            if not isinstance(data, dict):
                raise TypeError(f"an object is needed, got {short_repr(data)}")
            return dict(zip(data, _items(data.values(), (value for _ in data), cls), strict=True))

        return read

    def pair(data: Any) -> tuple[Any, Any]:
        first, second = _list(data, 2)
        return key(first), value(second)

    return lambda data: dict(_items(_list(data), (pair for _ in data), cls))


def _writer_of_dict(cls: Any) -> Hook:
    key, value = (_writer(one) for one in typing.get_args(cls))
    if typing.get_args(cls)[0] is str:
        return lambda mapping: {name: value(item) for name, item in mapping.items()}
    return lambda mapping: [[key(name), value(item)] for name, item in mapping.items()]


def _reader_of_array(cls: Any) -> Hook:
    """An array from nested lists, read-only as all that results hold."""
    kind = typing.get_args(typing.get_args(cls)[1])[0]
    hook = {np.float64: _real, np.int64: _integer, np.complex128: _complex}[kind]

    def read(data: Any) -> Any:
        shape = [_integer(size) for size in _list(data.get("shape"))] if isinstance(data, dict) else []
        if not isinstance(data, dict) or set(data) != {"shape", "numbers"} or any(size < 0 for size in shape):
            raise TypeError(f"an array is an object with shape and numbers, got {short_repr(data)}")
        numbers = _items(_list(data["numbers"], math.prod(shape)), (hook for _ in data["numbers"]), cls)
        array = np.array(numbers, dtype=kind).reshape(shape)
        array.setflags(write=False)
        return array

    return read


def _writer_of_array(cls: Any) -> Hook:
    return lambda array: {
        "shape": list(array.shape),
        "numbers": [_scalar_data(number) for number in array.reshape(-1).tolist()],
    }


# --- classes ---------------------------------------------------------------------------------------------------


@cache
def _fields(cls: type[DataclassInstance]) -> tuple[tuple[str, Any, bool], ...]:
    """Name and type of every field that the constructor takes, and whether it may be left out."""
    hints = typing.get_type_hints(cls, localns=_NAMES)
    unset = dataclasses.MISSING
    return tuple(
        (field.name, hints[field.name], (field.default, field.default_factory) != (unset, unset))
        for field in dataclasses.fields(cls)
        if field.init
    )


def _reader_of_class(cls: Any) -> Hook:
    hooks = {name: _reader(hint) for name, hint, _ in _fields(cls)}
    needed = [name for name, _, has_default in _fields(cls) if not has_default]

    def read(data: Any) -> Any:
        if not isinstance(data, dict):
            raise TypeError(f"an object with the fields of a {cls.__name__} is needed, got {short_repr(data)}")
        faults: list[Exception] = [KeyError(name) for name in needed if name not in data]
        unknown = [name for name in data if name not in hooks]
        faults += [ValueError(f"a {cls.__name__} has no field {short_repr(name)}") for name in unknown]
        result: dict[str, Any] = {}
        for name, hook in hooks.items():
            try:
                result |= {name: hook(data[name])} if name in data else {}
            except _REFUSED as error:
                error.add_note(AttributeValidationNote("", name, None))
                faults.append(error)
        if faults:
            raise ClassValidationError("", faults, cls)
        return cls(**result)

    return read


def _writer_of_class(cls: Any) -> Hook:
    hooks = [(name, _writer(hint)) for name, hint, _ in _fields(cls)]
    return lambda value: {name: hook(getattr(value, name)) for name, hook in hooks}


def _reader_of_literal(cls: Any) -> Hook:
    known = typing.get_args(cls)

    def read(data: Any) -> Any:
        if data not in known:
            raise ValueError(f"one of {', '.join(map(repr, known))} is needed, got {short_repr(data)}")
        return data

    return read


def _choices(cls: type) -> Any:
    """The classes that a field of an abstract class may hold, as a union."""
    places = CHOICES[f"{cls.__module__}:{cls.__qualname__}"]
    return typing.Union[tuple(map(named, places))]  # noqa: UP007  # of a tuple that only the run knows


def _is_union(cls: Any) -> bool:
    return typing.get_origin(cls) in (typing.Union, types.UnionType)


def _members(cls: Any) -> list[Any]:
    """What a union may hold besides None; code only as the one function that is a value, measurements as those of schemes."""
    result: list[Any] = []
    for one in typing.get_args(cls):
        if typing.get_origin(one) is Callable:
            result.append(named(FUNCTION))
        elif one is not type(None):
            result.append(one)
    return result


def _reader_of_union(cls: Any) -> Hook:
    members = _members(cls)
    optional = type(None) in typing.get_args(cls)
    known = [one for one in members if isinstance(one, type) and dataclasses.is_dataclass(one)]
    classes: dict[str, Any] = {one.__name__: one for one in known}

    def read(data: Any) -> Any:
        if data is None and optional:
            return None
        if len(members) == 1:
            return converter().structure(data, members[0])
        if classes:
            tag = data.get(TYPE) if isinstance(data, dict) else None
            if not isinstance(tag, str) or tag not in classes:
                raise TypeError(f"an object whose type is {' or '.join(classes)} is needed, got {short_repr(data)}")
            return converter().structure({key: data[key] for key in data if key != TYPE}, classes[tag])
        for one in members:
            if _looks_like(one, data):
                return converter().structure(data, one)
        raise TypeError(f"{short_repr(data)} is none of what can be here")

    return read


def _looks_like(cls: Any, data: Any) -> bool:
    """Whether these plain data are what the hook of one member of a union writes."""
    if typing.get_origin(cls) is tuple:
        return isinstance(data, list)
    if cls is int:
        return isinstance(data, int) and not isinstance(data, bool)
    if cls is float:
        return isinstance(data, int | Decimal) or (isinstance(data, str) and data in NOT_FINITE)
    return isinstance(data, str) and not (cls is Fraction and data in NOT_FINITE)


def _writer_of_union(cls: Any) -> Hook:
    members = _members(cls)
    several = sum(dataclasses.is_dataclass(one) for one in members) > 1

    def write(value: Any) -> Any:
        if value is None:
            return None
        if callable(value) and not any(isinstance(value, one) for one in members if isinstance(one, type)):
            raise InputError(["a limit that is a function of your own cannot be kept in a file; Connected can"])
        for one in members:
            if isinstance(value, typing.get_origin(one) or one):
                data = converter().unstructure(value, unstructure_as=one)
                return {TYPE: one.__name__, **data} if several else data
        return _scalar_data(value)

    return write


# --- values with a document of their own -------------------------------------------------------------------------


def _network(data: Any) -> SensorNetwork:
    return network_from_json(json.dumps(data, default=float))


def _function(data: Any) -> LinearFunction:
    return LinearFunction([_fraction(a) for a in _list(data)])


def _circuit(data: Any) -> Circuit:
    if not isinstance(data, dict):
        raise TypeError(f"a circuit is an object with modes and operations, got {short_repr(data)}")
    return circuit_from_document({"format": FORMAT, **_floats(data)})


def _floats(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _floats(item) for key, item in data.items()}
    if isinstance(data, list):
        return [_floats(item) for item in data]
    return float(data) if isinstance(data, Decimal) else data


def _circuit_data(circuit: Circuit) -> dict[str, Any]:
    # The document of a circuit names its own format, which here is that of the whole file.
    return {key: value for key, value in circuit_document(circuit).items() if key != "format"}


_WHOLE: dict[object, tuple[Hook, Hook]] = {
    SensorNetwork: (_network, network_document),
    LinearFunction: (_function, lambda function: [str(a) for a in function.alpha]),
    Circuit: (_circuit, _circuit_data),
}
