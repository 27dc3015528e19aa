"""What detectors add between the light and what is recorded: one frozen value that every measurement takes.

=====================  ========================  ============================  ===============================================
number                 homodyne                  intensity difference          counting, clicks, parity; projections
=====================  ========================  ============================  ===============================================
efficiency             loss                      loss of both ports            loss
dark_counts            none                      of both ports                 added to the counts; projections: see there
visibility             efficiency v^2            factor v of the interference  none in counts; factor v on coherences of strings
electronic_noise       added to the variance     the same, times shot noise    none
phase_jitter_rad       of the angle              of the angle                  none in counts; exp(-(n - n')^2 sigma^2/2)
=====================  ========================  ============================  ===============================================

Counts do not depend on phases, so a visibility and a jitter cannot change them behind the last beam splitter; in front of it they
are ``PhaseDiffusion`` of the circuit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields

import numpy as np

from photonics.conventions import Real
from photonics.values import Value, freeze, is_real

_RANGES: dict[str, tuple[str, Callable[[float], bool]]] = {
    "efficiency": ("in (0, 1]", lambda number: 0 < number <= 1),
    "dark_counts": ("a finite mean number from 0 on", lambda number: 0 <= number < math.inf),
    "visibility": ("in (0, 1]", lambda number: 0 < number <= 1),
    "electronic_noise": ("a finite variance from 0 on", lambda number: 0 <= number < math.inf),
    "phase_jitter_rad": ("from 0 to pi", lambda number: 0 <= number <= math.pi),
}


def _faults(name: str, value: object) -> Iterator[str]:
    what, holds = _RANGES[name]
    numbers = value if isinstance(value, tuple) else (value,)
    if not numbers or not all(is_real(number) and holds(number) for number in numbers):
        yield f"{name} must be {what}, got {value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Detectors(Value):
    """Detectors of a measurement; every number is one for all, or a tuple with one a measured mode (or pair), in their order.

    Parameters
    ----------
    efficiency : float or tuple of float
        In (0, 1].
    dark_counts : float or tuple of float
        Mean number a detector and shot, Poisson; at least 0.
    visibility : float or tuple of float
        In (0, 1]: overlap of the light with what it interferes with (a local oscillator, the other arm, the other strings).
    electronic_noise : float or tuple of float
        Variance in units of the vacuum's (shot noise), at least 0.
    phase_jitter_rad : float or tuple of float
        Standard deviation of a normal random angle, new in every shot, independent between modes; from 0 to pi.

    Raises
    ------
    ValueError
        Listing every number out of its range.

    Examples
    --------
    >>> Detectors(efficiency=[0.9, 0.8]).each("efficiency", 2).tolist()
    [0.9, 0.8]
    >>> Detectors(visibility=0.5).homodyne_efficiency(1).tolist()
    [0.25]
    """

    efficiency: float | tuple[float, ...] = 1.0
    dark_counts: float | tuple[float, ...] = 0.0
    visibility: float | tuple[float, ...] = 1.0
    electronic_noise: float | tuple[float, ...] = 0.0
    phase_jitter_rad: float | tuple[float, ...] = 0.0

    def __post_init__(self) -> None:
        freeze(self)
        faults = [fault for field in fields(self) for fault in _faults(field.name, getattr(self, field.name))]
        if faults:
            raise ValueError("; ".join(faults))

    def each(self, name: str, count: int) -> Real:
        """One of the numbers, for every mode measured.

        Parameters
        ----------
        name : str
            Of a field.
        count : int
            Modes, or pairs of modes, measured.

        Returns
        -------
        (count,) floats

        Raises
        ------
        ValueError
            For a tuple of another length.
        """
        value: float | tuple[float, ...] = getattr(self, name)
        if isinstance(value, tuple):
            if len(value) != count:
                raise ValueError(f"{name} must be one number, or one for each of the {count} measured, got {value}")
            return np.array(value, dtype=float)
        return np.full(count, float(value))

    def homodyne_efficiency(self, count: int) -> Real:
        """Efficiency times visibility^2: light that does not overlap with the local oscillator is not seen.

        Parameters
        ----------
        count : int
            Modes measured.

        Returns
        -------
        (count,) floats
        """
        return np.asarray(self.each("efficiency", count) * self.each("visibility", count) ** 2)


IDEAL = Detectors()
"""Detectors that add nothing."""


def with_own(detectors: Detectors, efficiency: float, dark_counts: float, *more: str) -> Detectors:
    """The detectors of a measurement that also takes these two numbers by themselves; ValueError with every fault and ``more``.

    Parameters
    ----------
    detectors : Detectors
    efficiency, dark_counts : float
        As the measurement has them; they may differ from 1 and 0 only where the detectors are ideal in them.
    more : str
        Other faults of the measurement.

    Returns
    -------
    Detectors
    """
    faults = [*_faults("efficiency", efficiency), *_faults("dark_counts", dark_counts), *more]
    if not faults:
        for name, own, ideal in (("efficiency", efficiency, 1), ("dark_counts", dark_counts, 0)):
            if own != ideal and getattr(detectors, name) != ideal:
                faults.append(
                    f"{name} is given twice, {own} and {getattr(detectors, name)} of the detectors; give it there"
                )
    if faults:
        raise ValueError("; ".join(faults))
    return Detectors(
        efficiency=detectors.efficiency if efficiency == 1 else efficiency,
        dark_counts=detectors.dark_counts if dark_counts == 0 else dark_counts,
        visibility=detectors.visibility,
        electronic_noise=detectors.electronic_noise,
        phase_jitter_rad=detectors.phase_jitter_rad,
    )
