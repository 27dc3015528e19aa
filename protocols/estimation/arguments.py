"""Arguments as callers have them: whole numbers of any type, parameters as any sequence; and what is wrong with them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import cast

from networks import SensorNetwork
from networks.errors import short_repr
from networks.values import whole_number
from protocols.problem import AnyProblem, Problem

LARGEST_SHOTS = 10**9
"""Shots of one estimate."""
LARGEST_TRIALS = 10**10
"""Independent estimates of one simulation."""
LARGEST_THETA = 1e6
"""Parameters in size: rad, or standard deviations of the vacuum."""


def real_numbers(values: object) -> tuple[float, ...] | None:
    """Finite floats; None when one of the values is none, and for what is no list.

    >>> real_numbers([1, "2", 0.5]), real_numbers([1, float("nan")]), real_numbers(["x"]), real_numbers(0.5)
    (None, None, None, None)
    >>> import numpy as np
    >>> real_numbers(np.array([1, 0.5]))
    (1.0, 0.5)
    """
    result = []
    try:
        given = list(cast("Iterable[object]", values))
    except TypeError:
        return None
    for value in given:
        if isinstance(value, bool | str | bytes):
            return None
        try:
            number = float(cast("float", value))
        except (TypeError, ValueError, OverflowError):
            return None
        if not math.isfinite(number):
            return None
        result.append(number)
    return tuple(result)


def common_faults(
    network: SensorNetwork | AnyProblem,
    shots: object,
    trials: object,
    seed: object,
    theta: Sequence[float] | None,
    workers: object,
) -> list[str]:
    """What is wrong with the arguments that all simulations share."""
    sensors = len(Problem.of(network).sites)
    faults = []
    for name, given, least, most in (
        ("shots", shots, 1, LARGEST_SHOTS),
        ("trials", trials, 1, LARGEST_TRIALS),
        ("seed", seed, 0, 2**128),
        ("workers", workers, 1, 1024),
    ):
        value = whole_number(given)
        if value is None or not least <= value <= most:
            limit = f"an integer from {least} to {most if name != 'seed' else '2^128'}"
            faults.append(f"{name} must be {limit}, got {short_repr(given)}")
    if theta is not None:
        numbers = real_numbers(theta)
        try:
            count = len(theta)
        except TypeError:
            return [*faults, f"theta must be a list of {sensors} values, one a sensor, got {short_repr(theta)}"]
        if count != sensors:
            faults.append(f"theta must have {sensors} values, one a sensor, got {count}")
        elif numbers is None or not all(abs(t) <= LARGEST_THETA for t in numbers):
            faults.append(f"theta must be finite numbers of at most 1e6 in size, got {short_repr(list(theta))}")
    return faults
