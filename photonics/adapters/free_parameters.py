"""Parameters that stay free in programs for other packages, and their names there."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from photonics.circuits.circuit import Circuit
from photonics.values import Value, is_real

Sensors = Sequence[tuple[str, float]]
"""What each parameter of a circuit is: the theta of a sensor of this name, times a factor."""


@dataclass(frozen=True, slots=True)
class Free(Value):
    """A free parameter of a program, times a known factor.

    Parameters
    ----------
    name : str
        As programs write it.
    factor : float

    Examples
    --------
    >>> str(-Free("theta_a")), str(Free("theta_a", 0.5))
    ('-{theta_a}', '0.5*{theta_a}')
    """

    name: str
    factor: float = 1.0

    def __neg__(self) -> Free:
        return Free(self.name, -self.factor)

    def of(self, parameter: Any) -> Any:
        """This multiple of another package's own parameter, as it stands where the factor is 1 or -1.

        Parameters
        ----------
        parameter : of the other package, with products by numbers

        Returns
        -------
        its expression
        """
        if abs(self.factor) == 1:
            return parameter if self.factor > 0 else -parameter
        return self.factor * parameter

    def __str__(self) -> str:
        size = {1.0: "", -1.0: "-"}.get(self.factor, f"{self.factor!r}*")
        return f"{size}{{{self.name}}}"


Angle = float | Free
"""A value of theta, or a free parameter in its place."""


def parameter_names(sensors: Sequence[str]) -> tuple[str, ...]:
    """A name for the parameter of each sensor that programs can hold: theta_ and letters, digits and underscores, none twice.

    Parameters
    ----------
    sensors : sequence of str

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> parameter_names(["s1", "Zürich", "s 1", "s_1"])
    ('theta_s1', 'theta_Z_rich', 'theta_s_1', 'theta_s_1_2')
    """
    names: list[str] = []
    for sensor in sensors:
        plain = "theta_" + re.sub(r"[^0-9A-Za-z_]", "_", sensor)
        name, number = plain, 1
        while name in names:
            number += 1
            name = f"{plain}_{number}"
        names.append(name)
    return tuple(names)


def sensors_of(circuit: Circuit, sensors: Sensors | None) -> tuple[tuple[str, float], ...]:
    """The sensors of a circuit's parameters, which are the modes themselves when left out.

    Parameters
    ----------
    circuit : Circuit
    sensors : (d,) pairs of a name and a factor, or None

    Returns
    -------
    tuple of (str, float)

    Raises
    ------
    ValueError
        For another number of sensors, names that are no text and factors that are no finite numbers.
    """
    if sensors is None:
        return tuple((mode, 1.0) for mode in circuit.sensing_modes)
    pairs = tuple(tuple(pair) if isinstance(pair, list) else pair for pair in sensors)
    count = circuit.parameters
    if len(pairs) != count or not all(_is_sensor(pair) for pair in pairs):
        raise ValueError(f"sensors must be {count} pairs of a name and a finite factor, got {pairs}")
    return tuple((name, float(factor)) for name, factor in pairs)


def _is_sensor(pair: object) -> bool:
    return (
        isinstance(pair, tuple)
        and len(pair) == 2
        and isinstance(pair[0], str)
        and is_real(pair[1])
        and math.isfinite(pair[1])
    )


def free_parameters(sensors: Sensors) -> tuple[dict[str, str], list[Free]]:
    """The names of the free parameters of all sensors, and what each parameter of the circuit is of them.

    Parameters
    ----------
    sensors : (d,) pairs of a name and a factor

    Returns
    -------
    dict of str
        From the sensor to the name of its parameter.
    list of Free

    Examples
    --------
    >>> names, angles = free_parameters([("s 1", 0.5), ("s 1", -0.5)])
    >>> names, [str(angle) for angle in angles]
    ({'s 1': 'theta_s_1'}, ['0.5*{theta_s_1}', '-0.5*{theta_s_1}'])
    """
    each = list(dict.fromkeys(name for name, _ in sensors))
    names = dict(zip(each, parameter_names(each), strict=True))
    return names, [Free(names[name], factor) for name, factor in sensors]
