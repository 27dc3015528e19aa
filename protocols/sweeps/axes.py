"""The axes of a sweep: what can be swept, and the values of one axis, checked."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from networks import InputError, LinearFunction
from networks.benches import IN_DB
from networks.errors import short_repr
from networks.laboratory import (
    ATTRIBUTES,
    LABORATORY,
    LARGEST_LIGHT,
    LEAST_LINK_SHARE,
    LEAST_SHARE,
    loss_db_fault,
    most_db,
    transmissivity_of_db,
)
from networks.values import whole_number
from protocols.estimation.arguments import LARGEST_SHOTS
from protocols.schemes.photon import LARGEST_SIMULATED_PHOTONS

LINKS = ("link_transmissivity", "link_loss_times")
"""Axes of links: the transmissivity of all, and what multiplies the loss in dB of each."""
OF_LABORATORY = (*ATTRIBUTES, "parameters", *LINKS)
"""Axes of what a laboratory is like, each value for the whole network."""
OF_TRIALS = ("estimator", "shots")
"""Axes of simulations alone."""
AXES = (
    *("network", "alpha", "photons", "mean_photons", "passes", "transmissivity"),
    *OF_LABORATORY,
    *("scheme", *OF_TRIALS),
)
"""What can be swept, the last one changing fastest; axes in dB (``networks.benches.IN_DB``) are kept as what they say."""
_NUMBERS = tuple(one.name for one in LABORATORY if one.kind in ("share", "number"))
WHOLE = ("photons", "passes", "shots", "squeezers", "arms")
"""Axes of integers."""
NUMERIC = ("photons", "mean_photons", "passes", "transmissivity", *LINKS, *_NUMBERS, "squeezers", "arms", "shots")
"""Axes of numbers: those that a figure can have along its horizontal axis."""
RANGES = (*(name for name in NUMERIC if name != "arms"), *IN_DB)
"""Axes that may be a range."""
IN_WORDS = {
    "photons": "photons N in a shot",
    "mean_photons": "mean photons in a shot",
    "passes": "passes M",
    "shots": "shots",
    "transmissivity": "transmissivity of sensors and references",
    "loss_db": "loss of sensors and references (dB)",
    "transmissivity_before": "transmissivity before the sensing",
    "loss_before_db": "loss before the sensing (dB)",
    "link_transmissivity": "transmissivity of each link",
    "link_loss_db": "loss of each link (dB)",
    "link_loss_times": "loss of the links in dB over that of the file",
    "squeezing_db": "squeezing of each squeezer, at most (dB)",
    "squeezers": "squeezers at hand",
    "squeezer_efficiency": "squeezer efficiency",
    "detector_efficiency": "detector efficiency",
    "dark_counts": "dark counts per detector and shot",
    "visibility": "visibility",
    "electronic_noise": "electronic noise (vacuum variances)",
    "phase_jitter_rad": "phase jitter, rms (rad)",
    "mean_photons_max": "mean photons at a sensor in a pass, at most",
    "arms": "arms of each sensor",
}
"""Axes of numbers as figures name them, with their units."""
PARAMETERS = ("static", "snapshot")
LARGEST_TIMES = 1000.0
"""What multiplies the losses of links."""
LARGEST_COUNT = 10**15
"""Squeezers in a sweep; without a limit when the axis is left out."""
MAX_POINTS = 10_000_000
"""Points of one sweep."""
MAX_FAULTS = 5
"""Wrong values of one axis that are listed one by one."""


def axis_values(name: str, given: Any, faults: list[str]) -> list[Any]:
    """The values of an axis: a list, or a range {start, stop, step} or {start, stop, points, log}."""
    if isinstance(given, dict):
        given = _range(name, given, faults)
    elif isinstance(given, Iterable) and not isinstance(given, str):
        given = list(given)
    if not isinstance(given, list):
        if given is not None:
            faults.append(f"{name} must be a list of values or a range {{start, stop, step}}, got {short_repr(given)}")
        return []
    if not given:
        faults.append(f"{name} is an empty axis; give at least one value")
    result = []
    wrong = 0
    for value in given:
        fault = _value_fault(name, value)
        if fault:
            wrong += 1
            if wrong <= MAX_FAULTS:
                faults.append(fault)
            continue
        if name == "alpha":
            text = value if isinstance(value, str) else ",".join(str(entry) for entry in value)
            try:
                value = ",".join(str(a) for a in LinearFunction.from_text(text).alpha)
            except InputError as error:
                faults += [f"alpha = {short_repr(text)}: {fault}" for fault in error.faults]
                continue
        result.append(_plain(name, value))
    if wrong > MAX_FAULTS:
        faults.append(f"{name}: {wrong - MAX_FAULTS} more values like these")
    doubled = (
        sorted({str(value) for value in result if result.count(value) > 1}) if len(set(result)) < len(result) else []
    )
    faults += [f"{name} has the value {value} twice" for value in doubled]
    return result


def as_shares(values: dict[str, list[Any]], faults: list[str]) -> dict[str, list[Any]]:
    """The values of axes, with those in dB as the shares that they say; links take one axis only.

    >>> as_shares({"loss_db": [0.0, 10.0]}, [])
    {'transmissivity': [1.0, 0.1]}
    """
    result = {name: listed for name, listed in values.items() if name not in IN_DB}
    for name, share in IN_DB.items():
        if name in values and share in values:
            faults.append(f"{share} and {name} say the same thing twice; give one")
        elif name in values:
            result[share] = [transmissivity_of_db(value) for value in values[name]]
    if all(name in result for name in LINKS):
        given = next(name for name in ("link_loss_db", LINKS[0]) if name in values)
        faults.append(f"{given} gives all links one loss and {LINKS[1]} multiplies what they have; give one")
    return result


def loss_db(transmissivity: float) -> float:
    """The loss in dB, to the digits at which a loss that was given in dB comes back as it was given.

    >>> [loss_db(transmissivity_of_db(loss)) for loss in (0.0, 0.1, 3.0, 5.6)]
    [0.0, 0.1, 3.0, 5.6]
    """
    return round(abs(-10 * math.log10(transmissivity)), 10)


def _plain(name: str, value: Any) -> Any:
    """A value of an axis as a plain number or text."""
    if name in WHOLE:
        return whole_number(value)
    return float(value) if name in NUMERIC or name in IN_DB else value


def _value_fault(name: str, value: Any) -> str | None:
    whole = whole_number(value) is not None
    number = whole or (isinstance(value, float) and math.isfinite(value))
    if name in ("photons", "passes", "shots"):
        most = LARGEST_SHOTS if name == "shots" else LARGEST_SIMULATED_PHOTONS
        if not whole or not 1 <= value <= most:
            return f"{name} must be integers from 1 to {most}, got {short_repr(value)}"
    elif name in ATTRIBUTES:
        return _laboratory_fault(name, value)
    elif name == "mean_photons" and not (number and 1e-9 <= value <= LARGEST_LIGHT):
        return f"mean_photons must be numbers between 1e-9 and {LARGEST_LIGHT:g}, got {short_repr(value)}"
    elif name in ("transmissivity", LINKS[0]) and not (number and _least(name) <= value <= 1):
        return f"{name} must be numbers from {_least(name):g} to 1, got {short_repr(value)}"
    elif name == LINKS[1] and not (number and 0 <= value <= LARGEST_TIMES):
        return f"{name} must be numbers from 0 to {LARGEST_TIMES:g}, got {short_repr(value)}"
    elif name == "parameters" and value not in PARAMETERS:
        return f"parameters must be 'static' or 'snapshot', got {short_repr(value)}"
    elif name in IN_DB:
        least = _least(IN_DB[name])
        if loss_db_fault(value, name) or transmissivity_of_db(value) < least:
            return (
                f"{name} must be numbers of dB from 0 to {most_db(least).removesuffix(' dB')}, got {short_repr(value)}"
            )
    elif name in ("scheme", "estimator") and not isinstance(value, str):
        return f"{name} must be names, got {short_repr(value)}"
    elif name == "alpha" and not (
        isinstance(value, str) or (isinstance(value, list) and value and all(_is_coefficient(entry) for entry in value))
    ):
        return f'alpha must be texts such as "1,-1,1/2", or lists of integers and of texts, got {short_repr(value)}'
    return None


def _least(share: str) -> float:
    """The least transmissivity of this name."""
    return LEAST_LINK_SHARE if share == LINKS[0] else LEAST_SHARE


def _laboratory_fault(name: str, value: Any) -> str | None:
    """What is wrong with a value of an attribute of the laboratory; nothing said is no value of an axis."""
    attribute = ATTRIBUTES[name]
    if (whole := whole_number(value)) is not None:
        value = whole
    if value is None:
        return f"{name} must be {attribute.in_words}, got None; leave the axis out where nothing is said"
    if name == "squeezers" and whole is not None and whole > LARGEST_COUNT:
        return f"squeezers must be integers from 0 to {LARGEST_COUNT:.0e}, got {short_repr(value)}"
    fault = attribute.fault(value, "")
    return None if fault is None else fault.removeprefix(": ")


def _is_coefficient(entry: Any) -> bool:
    return (isinstance(entry, int) and not isinstance(entry, bool)) or (isinstance(entry, str) and "," not in entry)


RANGE = ("start", "stop", "step", "points", "log")


def _range(name: str, given: dict[str, Any], faults: list[str]) -> list[Any] | None:
    if name not in RANGES:
        faults.append(f"{name} must be a list of values, got {short_repr(given)}")
        return None
    own = [f"{name}: {key!r} is no part of a range; known are {', '.join(RANGE)}" for key in given if key not in RANGE]
    numbers = [key for key in ("start", "stop", "step") if key in given and not is_number(given[key], 1e18)]
    own += [f"{name}: {key} must be a number of at most 1e18 in size, got {short_repr(given[key])}" for key in numbers]
    if not isinstance(given.get("log", False), bool):
        own.append(f"{name}: log must be true or false, got {short_repr(given['log'])}")
    elif given.get("log") and "step" in given:
        own.append(f"{name}: a logarithmic range has points, not a step")
    if "start" not in given or "stop" not in given or ("step" in given) == ("points" in given):
        own.append(f"{name}: a range has start, stop and either step or points, got {short_repr(given)}")
    if not own and not given["start"] <= given["stop"]:
        own.append(f"{name}: start must not be above stop, got {given['start']} and {given['stop']}")
    points = given.get("points", 2)
    if not own and (isinstance(points, bool) or not isinstance(points, int) or not 2 <= points <= MAX_POINTS):
        own.append(f"{name}: points must be an integer from 2, got {short_repr(points)}")
    if not own and "step" in given and not given["step"] > 0:
        own.append(f"{name}: step must be positive, got {given['step']}")
    if not own and given.get("log") and not given["start"] > 0:
        own.append(f"{name}: a logarithmic range starts above zero, got {given['start']}")
    if not own and "step" in given and (given["stop"] - given["start"]) / given["step"] > MAX_POINTS:
        own.append(f"{name}: a sweep may have {MAX_POINTS:,} points")
    faults += own
    if own:
        return None
    start, stop = given["start"], given["stop"]
    if "step" in given:
        count = math.floor((stop - start) / given["step"] + 1e-9) + 1
        return [start + k * given["step"] for k in range(count)]
    if given.get("log"):
        result = [
            math.exp(math.log(start) + (math.log(stop) - math.log(start)) * k / (points - 1)) for k in range(points)
        ]
    else:
        result = [start + (stop - start) * k / (points - 1) for k in range(points)]
    result[0], result[-1] = start, stop
    if name in WHOLE:
        return list(dict.fromkeys(round(value) for value in result))
    return result


def is_number(value: Any, most: float) -> bool:
    """Whether it is a number of at most this size; nan is none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -most <= value <= most
