"""Frozen values stay what they were when checked: tuples for lists, plain numbers, read-only arrays. No physics is in here."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Iterable, Mapping, Set as AbstractSet
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from functools import partial
from types import NoneType, UnionType
from typing import Any

import numpy as np
from numpy.typing import NDArray

_PLAIN = frozenset({str, int, float, complex, bool, NoneType})
_KNOWN: dict[type, tuple[tuple[str, Callable[[Any], Any]], ...]] = {}


def plain(value: Any) -> Any:
    """A value without anything in it that can change: sequences, iterators and arrays as tuples, numbers of numpy, Fractions
    and Decimals as plain ones.

    Text, mappings and sets stay as they are.

    >>> plain([np.float64(0.5), np.array([1, 2]), ["a"]])
    (0.5, (1, 2), ('a',))
    """
    if type(value) in _PLAIN:
        return value
    if type(value) is tuple:
        return tuple(map(plain, value))
    if isinstance(value, Fraction | Decimal):
        with suppress(OverflowError, ValueError):  # what is no finite number is for the checks to name
            return float(value)
        return value
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        item = value.item()
        # An extended number gives itself as its item.
        return item if not isinstance(item, np.generic) else complex(item) if np.iscomplexobj(item) else float(item)
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping | AbstractSet):
        return tuple(map(plain, value))
    return value


def is_real(value: object) -> bool:
    """Whether a value is a real number, which True and False are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_whole(value: object) -> bool:
    """Whether a value is an integer, which True and False are not."""
    return isinstance(value, int) and not isinstance(value, bool)


def doubles(values: Any) -> NDArray[Any]:
    """An array in double precision, complex where the values are: of single, extended and exact numbers."""
    array = np.asarray(values)
    return array.astype(np.complex128 if np.iscomplexobj(array) else np.float64, copy=False)


def frozen_array(values: Any, dtype: type[np.generic]) -> NDArray[Any]:
    """A read-only array of this type; copied, unless it is one already and nobody else's."""
    if isinstance(values, np.ndarray) and values.dtype == dtype and not values.flags.writeable and values.base is None:
        return values
    copied = np.array(values, dtype=dtype)
    copied.setflags(write=False)
    return copied


def freeze(value: Any) -> None:
    """Make every field of a frozen dataclass plain or a read-only array, by its type; for ``__post_init__``, before the checks."""
    for name, convert in _conversions(value):
        given = getattr(value, name)
        if convert is plain and type(given) in _PLAIN:
            continue
        kept = convert(given)
        if kept is not given:
            object.__setattr__(value, name, kept)


def _conversions(value: Any) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    """Each field of the value's class and what makes it plain; worked out once a class."""
    kind = type(value)
    if kind not in _KNOWN:
        hints = typing.get_type_hints(kind)
        fields = [field.name for field in dataclasses.fields(kind) if field.init]
        _KNOWN[kind] = tuple((name, _conversion(hints[name])) for name in fields)
    return _KNOWN[kind]


def _conversion(hint: Any) -> Callable[[Any], Any]:
    for member in _members(hint):
        origin = typing.get_origin(member)
        if origin is np.ndarray:
            return partial(_array_or_none, dtype=typing.get_args(typing.get_args(member)[1])[0])
        if origin is tuple:
            return _sequence
    return plain


def _members(hint: Any) -> tuple[Any, ...]:
    return typing.get_args(hint) if isinstance(hint, UnionType) or typing.get_origin(hint) is typing.Union else (hint,)


def _array_or_none(values: Any, dtype: type[np.generic]) -> NDArray[Any] | None:
    return None if values is None else frozen_array(values, dtype)


def _sequence(value: Any) -> Any:
    # "ab" names two modes of one letter each.
    return tuple(value) if isinstance(value, str) else plain(value)


class Value:
    """A frozen dataclass whose fields are plain from the start. Classes with checks of their own call ``freeze`` before them."""

    __slots__ = ()

    def __post_init__(self) -> None:
        freeze(self)


class ArrayValue(Value):
    """A frozen dataclass with arrays: read-only, equal and hashed by content, also after copying and pickling.

    For dataclasses with ``eq=False`` and without slots.
    """

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(_are_equal(getattr(self, name), getattr(other, name)) for name in _compared(self))

    def __hash__(self) -> int:
        return hash(tuple(_hashed(getattr(self, name)) for name in _compared(self)))

    def __setstate__(self, state: dict[str, Any]) -> None:
        # Pickling and deepcopy give arrays that can be written to.
        for value in state.values():
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
        self.__dict__.update(state)


def _compared(value: Any) -> list[str]:
    return [field.name for field in dataclasses.fields(value) if field.compare]


def _are_equal(first: Any, second: Any) -> bool:
    if isinstance(first, np.ndarray) or isinstance(second, np.ndarray):
        return np.array_equal(first, second)
    return bool(first == second)


def _hashed(value: Any) -> Any:
    # Equal arrays may hold 0.0 and -0.0, whose bytes differ.
    return (value.shape, (value + 0).tobytes()) if isinstance(value, np.ndarray) else value
