"""Integers as users have them, numpy's too, turned into Python's when a value is made; and the checks of N and M."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from networks import InputError
from networks.errors import short_repr
from networks.rules import count_fault
from networks.values import whole_number

Value = TypeVar("Value")


def plain_int(value: Value) -> Value | int:
    """A numpy integer or 0-d integer array as an int; anything else as it is, for a check to report.

    >>> import numpy as np
    >>> plain_int(np.int64(3)), plain_int(np.array(3)), plain_int(True), plain_int("3")
    (3, 3, True, '3')
    """
    whole = value if type(value) is int else whole_number(value)
    return value if whole is None else whole


def plain_ints(values: Iterable[Any]) -> tuple[Any, ...]:
    """A tuple with every integer plain.

    >>> import numpy as np
    >>> plain_ints(np.arange(3))
    (0, 1, 2)
    """
    given = tuple(values)
    return given if {*map(type, given)} <= {int} else tuple(plain_int(value) for value in given)


def plain_rows(rows: Iterable[Iterable[Any]]) -> tuple[tuple[Any, ...], ...]:
    """A tuple of tuples with every integer plain.

    >>> import numpy as np
    >>> plain_rows(np.eye(2, dtype=int)), plain_rows([[1, 2], (3,)])
    (((1, 0), (0, 1)), ((1, 2), (3,)))
    """
    return tuple(map(plain_ints, rows))


def plain_list(values: Any) -> Any:
    """A numpy array as nested lists; anything else as it is."""
    return values.tolist() if hasattr(values, "tolist") else values


def coefficient_list(values: Any) -> Any:
    """The entries of a numpy array or a sympy vector as a list; anything else as it is."""
    return list(values) if getattr(values, "shape", ()) else plain_list(values)


def check_counts(photons: object, passes: object) -> None:
    """Raise InputError unless both are positive integers."""
    faults = count_faults(photons, passes)
    if faults:
        raise InputError(faults)


def count_faults(photons: object, passes: object) -> list[str]:
    """What is wrong with N and M, in words; empty when both are integers from 1 to 1e30."""
    given = (("photons", photons), ("passes", passes))
    return [fault for name, value in given if (fault := count_fault(name, value))]


def range_faults(counts: Iterable[tuple[str, object, int, int]]) -> list[str]:
    """What is wrong with further integers, given as name, value, least and most."""
    faults = []
    for name, value, least, most in counts:
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            faults.append(f"{name} must be an integer of at least {least}, got {short_repr(value)}")
        elif value > most:
            faults.append(f"{name} must be at most {most}, got {short_repr(value)}")
    return faults
