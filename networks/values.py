"""Frozen values stay what they were when checked: lists become tuples and numpy numbers plain ones. No rule is in here."""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Iterable, Mapping, Set as AbstractSet
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol, SupportsIndex, cast, runtime_checkable

_PLAIN: frozenset[type] = frozenset({str, int, float, bool, type(None)})
_KEPT: set[type] = {*_PLAIN}
"""Types of which every value is plain, as far as they are known: asking what is a mapping or iterable takes its time."""
_FIELDS: dict[type, tuple[str, ...]] = {}


@runtime_checkable
class _Numpy(Protocol):
    """An array or a number of numpy, which is not imported here."""

    @property
    def ndim(self) -> int: ...

    def item(self) -> Any: ...


def whole_number(value: object) -> int | None:
    """The int that a value is: an int, a numpy integer or a 0-d array of one; None for all else, True and False among it.

    >>> import numpy as np
    >>> whole_number(np.int64(3)), whole_number(np.array(3)), whole_number(True), whole_number(3.0)
    (3, 3, None, None)
    """
    if isinstance(value, bool):
        return None
    try:
        return operator.index(cast("SupportsIndex", value))
    except TypeError:
        return None


def plain(value: object) -> object:
    """A value without anything in it that can change: sequences and iterators as tuples, mappings as tuples of pairs.

    Numbers of numpy and arrays without dimensions become plain numbers. Sets have no order and stay as they are, for the rules
    to refuse. Text stays text.

    >>> plain([1, ["a", "b"], {"x": 2.0}])
    (1, ('a', 'b'), (('x', 2.0),))
    """
    kind = type(value)
    if kind in _KEPT:
        return value
    if kind is tuple:
        return tuple(map(plain, cast("tuple[object, ...]", value)))
    if isinstance(value, str | bytes | AbstractSet):
        return value
    # Asked first whether it has dimensions at all: a protocol takes its time.
    if hasattr(value, "ndim") and isinstance(value, _Numpy) and value.ndim == 0:
        # A number of numpy; an extended one gives itself as its item.
        item: Any = value.item()
        return item if type(item) in _PLAIN else float(item)
    if isinstance(value, Mapping):
        return tuple((name, plain(entry)) for name, entry in value.items())
    if isinstance(value, Iterable):
        return tuple(map(plain, value))
    if not hasattr(value, "ndim"):
        _KEPT.add(kind)
    return value


def plain_real(value: object) -> object:
    """A value where a float is meant: as ``plain``, and Fractions and Decimals as the floats nearest to them.

    >>> from fractions import Fraction
    >>> plain_real(Fraction(1, 4)), plain_real("x")
    (0.25, 'x')
    """
    known = plain(value)
    if isinstance(known, Fraction | Decimal):
        with suppress(OverflowError, ValueError):  # what is no finite number is for the rules to name
            return float(known)
    return known


def make_real(value: object, *names: str) -> None:
    """Make these fields of a frozen dataclass, where floats are meant, ``plain_real``."""
    for name in names:
        given = getattr(value, name)
        if type(given) not in _PLAIN and (known := plain_real(given)) is not given:
            object.__setattr__(value, name, known)


class Value:
    """A frozen dataclass whose fields are plain from the start. Classes with checks of their own call ``freeze`` before them."""

    __slots__ = ()

    def __post_init__(self) -> None:
        freeze(self)


def freeze(value: object) -> None:
    """Make every field of a frozen dataclass plain; for ``__post_init__``, before anything is checked."""
    for name in field_names(type(value)):
        given = getattr(value, name)
        if type(given) not in _PLAIN and (known := plain(given)) is not given:
            object.__setattr__(value, name, known)


def field_names(kind: type) -> tuple[str, ...]:
    """The fields of a dataclass, worked out once a class: designs make values by the hundred thousand.

    Parameters
    ----------
    kind : a dataclass
    """
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple(field.name for field in dataclasses.fields(kind))
    return _FIELDS[kind]
