"""Measurements as the end of a program for Strawberry Fields: what stands in front of its detectors, and what they measure.

Efficiency is loss, and for homodyne detection so is visibility; dark counts are in ``MeasureFock``. What Strawberry Fields has no
counterpart for is named, not dropped: electronic noise, random angles, visibility of beams that meet and are counted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from photonics.circuits.circuit import BeamSplitter, Circuit, Loss, Operation
from photonics.measurements.counting import PhotonCounting, ThresholdDetection
from photonics.measurements.detectors import Detectors, with_own
from photonics.measurements.homodyne import Homodyne
from photonics.measurements.intensity import IntensityDifference
from photonics.measurements.moment_readout import Moments
from photonics.measurements.observables import Interference, PhotonNumber, Quadrature, Reading
from photonics.measurements.parity import Parity
from photonics.values import Value

Exportable = Homodyne | IntensityDifference | Moments | PhotonCounting | ThresholdDetection | Parity
"""Measurements that a program can end with."""
COUNTING = "MeasureFock"
CLICKING = "MeasureThreshold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Read(Value):
    """What a program measures at its end.

    Attributes
    ----------
    gate : "MeasureHomodyne", "MeasureFock" or "MeasureThreshold"
    modes : tuple of str
    angle_rad : float or None
        Of the quadrature; None for photons.
    dark_counts : tuple of float
        Mean number a mode; empty without any.
    """

    gate: str
    modes: tuple[str, ...]
    angle_rad: float | None = None
    dark_counts: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending(Value):
    """The end of a program.

    Attributes
    ----------
    operations : tuple of Operation
        In front of the detectors.
    reads : tuple of Read
    outcomes : tuple of str
        What is made of what they read, where that is not simply the outcome.
    left_out : tuple of str
        What the detectors add that is not in the program.
    """

    operations: tuple[Operation, ...] = ()
    reads: tuple[Read, ...] = ()
    outcomes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def ending_of(measurement: object, circuit: Circuit) -> Ending:
    """A measurement at the end of a circuit.

    Parameters
    ----------
    measurement : Homodyne, IntensityDifference, Moments, PhotonCounting, ThresholdDetection or Parity
    circuit : Circuit

    Returns
    -------
    Ending

    Raises
    ------
    TypeError
        For another measurement, and one of quadratures on a circuit of photons.
    ValueError
        For modes, angles or numbers of detectors that do not fit.

    Examples
    --------
    >>> circuit = Circuit(modes=("a",), operations=())
    >>> ending = ending_of(Homodyne(detectors=Detectors(efficiency=0.5, electronic_noise=0.1)), circuit)
    >>> ending.operations, ending.left_out
    ((Loss(mode='a', transmissivity=0.5, background_photons=0.0),), ('electronic noise (variance in units of the vacuum) 0.1: a',))
    """
    reader = _READERS.get(type(measurement))
    if reader is None:
        known = ", ".join(sorted(kind.__name__ for kind in _READERS))
        raise TypeError(
            f"Strawberry Fields measures nothing like {measurement!r:.80}; it has {known}. Leave the measurement out to export the "
            "light alone"
        )
    readings, detectors, outcomes = reader(measurement, circuit)
    unknown = [mode for reading in readings for mode in reading.modes if mode not in circuit.place]
    if unknown:
        raise ValueError(f"modes must be of those of the circuit, {', '.join(circuit.modes)}; got {unknown[0]!r}")
    named = [mode for reading in readings for mode in reading.modes]
    if len(set(named)) < len(named) or not named:
        raise ValueError(f"every mode must be read by one detector, got {tuple(named)}")
    if not circuit.is_gaussian and not all(isinstance(reading, PhotonNumber) for reading in readings):
        raise TypeError(
            "homodyne detection and intensity differences are for Gaussian states here; photons are counted"
        )
    clicks = isinstance(measurement, ThresholdDetection)
    if clicks and not circuit.is_gaussian:
        outcomes, clicks = ["a click is a count above 0"], False
    numbers = [
        _Numbers(reading, *values)
        for reading, *values in zip(
            readings, *(detectors.each(name, len(readings)).tolist() for name in _NAMES), strict=True
        )
    ]
    return Ending(
        operations=tuple(op for one in numbers for op in one.in_front()),
        reads=tuple(_reads(numbers, circuit, clicks)),
        outcomes=tuple(outcomes),
        left_out=(*_left_out(numbers, clicks), *_phases_left_out(measurement)),
    )


@dataclass(frozen=True)
class _Numbers:
    """A reading with the numbers of its detectors, in the order of _NAMES."""

    reading: Reading
    efficiency: float
    visibility: float
    electronic_noise: float
    dark_counts: float
    phase_jitter_rad: float

    def in_front(self) -> Iterator[Operation]:
        seen = self.efficiency * (self.visibility**2 if isinstance(self.reading, Quadrature) else 1.0)
        if seen < 1:
            yield from (Loss(mode=mode, transmissivity=seen) for mode in self.reading.modes)
        if isinstance(self.reading, Interference):
            # (a + e^{i angle} b)/sqrt 2 in the first mode: n_first - n_second is e^{i angle} a^dagger b + h. c.
            yield BeamSplitter(
                first=self.reading.first,
                second=self.reading.second,
                theta_rad=math.pi / 4,
                phi_rad=math.pi - self.reading.angle_rad,
            )


_NAMES = ("efficiency", "visibility", "electronic_noise", "dark_counts", "phase_jitter_rad")


def _reads(numbers: Sequence[_Numbers], circuit: Circuit, clicks: bool) -> Iterator[Read]:
    for one in numbers:
        if isinstance(one.reading, Quadrature):
            yield Read(gate="MeasureHomodyne", modes=one.reading.modes, angle_rad=one.reading.angle_rad)
    # All in one command: the Gaussian backend does not update the state after counting. In the order of the program's modes.
    counted = {
        mode: one.dark_counts
        for one in numbers
        if not isinstance(one.reading, Quadrature)
        for mode in one.reading.modes
    }
    modes = tuple(mode for mode in circuit.modes if mode in counted)
    if modes:
        dark = tuple(counted[mode] for mode in modes)
        yield Read(
            gate=CLICKING if clicks else COUNTING, modes=modes, dark_counts=dark if any(dark) and not clicks else ()
        )


def _left_out(numbers: Sequence[_Numbers], clicks: bool) -> Iterator[str]:
    linear, pairs = (partial(_are, kind) for kind in (Quadrature, Interference))
    yield from _named(
        "electronic noise (variance in units of the vacuum)", numbers, linear, lambda n: n.electronic_noise
    )
    yield from _named(
        "electronic noise (variance in units of the shot noise)", numbers, pairs, lambda n: n.electronic_noise
    )
    yield from _named("visibility", numbers, pairs, lambda n: n.visibility, ideal=1.0)
    beats = partial(_are, (Quadrature, Interference))
    yield from _named("random angle (rms, in rad)", numbers, beats, lambda n: n.phase_jitter_rad)
    yield from _named("dark counts of threshold detectors", numbers, lambda _: clicks, lambda n: n.dark_counts)


def _phases_left_out(measurement: object) -> Iterator[str]:
    """Random phases in front of the last beam splitters, which stand between gates of the program."""
    phases = measurement.random_phases if isinstance(measurement, IntensityDifference) else None
    places: dict[float, list[str]] = {}
    for mode, sigma in zip(phases.modes, phases.sigmas_rad, strict=True) if phases is not None else ():
        if sigma:
            places.setdefault(sigma, []).append(mode)
    for sigma, modes in places.items():
        yield f"random phase behind the sensing (rms, in rad) {sigma:.6g}: {', '.join(modes)}"


def _are(kind: type | tuple[type, ...], reading: Reading) -> bool:
    return isinstance(reading, kind)


def _named(
    what: str,
    numbers: Sequence[_Numbers],
    of: Callable[[Reading], bool],
    value: Callable[[_Numbers], float],
    ideal: float = 0.0,
) -> Iterator[str]:
    """One sentence for each value that is not ideal, with where it is."""
    places: dict[float, list[str]] = {}
    for one in numbers:
        if of(one.reading) and value(one) != ideal:
            places.setdefault(value(one), []).append(" and ".join(one.reading.modes))
    yield from (f"{what} {number:.6g}: {', '.join(modes)}" for number, modes in places.items())


# --- what each measurement reads -------------------------------------------------------------------------------

Reads = tuple[Sequence[Reading], Detectors, Sequence[str]]
"""Readings, their detectors, and what is made of them."""


def _homodyne(measurement: Homodyne, circuit: Circuit) -> Reads:
    modes, given = _modes(measurement.modes, circuit), measurement.angles_rad
    angles = (given,) * len(modes) if isinstance(given, int | float) else given
    if len(angles) != len(modes):
        raise ValueError(
            f"angles_rad must be one finite angle, or one for each of the {len(modes)} modes, got {angles}"
        )
    readings = [Quadrature(mode, float(angle)) for mode, angle in zip(modes, angles, strict=True)]
    return readings, with_own(measurement.detectors, measurement.efficiency, 0.0), ()


def _counting(measurement: PhotonCounting | ThresholdDetection, circuit: Circuit) -> Reads:
    readings = [PhotonNumber(mode) for mode in _modes(measurement.modes, circuit)]
    return readings, with_own(measurement.detectors, measurement.efficiency, measurement.dark_counts), ()


def _parity(measurement: Parity, circuit: Circuit) -> Reads:
    readings = [PhotonNumber(mode) for mode in _modes(measurement.modes, circuit)]
    total = " + ".join(map(str, readings))
    return readings, with_own(measurement.detectors, measurement.efficiency, 0.0), (f"the parity of {total}",)


def _differences(measurement: IntensityDifference, circuit: Circuit) -> Reads:
    count, given = len(measurement.pairs), measurement.angles_rad
    angles = (given,) * count if isinstance(given, int | float) else given
    if len(angles) != count:
        raise ValueError(f"angles_rad must be one finite angle, or one for each of the {count} pairs, got {angles}")
    readings = [
        Interference(first, second, float(angle))
        for (first, second), angle in zip(measurement.pairs, angles, strict=True)
    ]
    return readings, measurement.detectors, [_difference(reading) for reading in readings]


def _moments(measurement: Moments, circuit: Circuit) -> Reads:
    differences = [_difference(reading) for reading in measurement.readings if isinstance(reading, Interference)]
    sums = [str(observable) for observable in measurement.observables]
    return measurement.readings, measurement.detectors, [*differences, *sums]


def _difference(reading: Interference) -> str:
    return f"{reading} = n_{reading.first} - n_{reading.second} behind the last beam splitter"


def _modes(modes: tuple[str, ...] | None, circuit: Circuit) -> tuple[str, ...]:
    return circuit.modes if modes is None else modes


_READERS: dict[type, Callable[[object, Circuit], Reads]] = {
    Homodyne: _homodyne,  # type: ignore[dict-item]  # each takes its own type
    PhotonCounting: _counting,  # type: ignore[dict-item]
    ThresholdDetection: _counting,  # type: ignore[dict-item]
    Parity: _parity,  # type: ignore[dict-item]
    IntensityDifference: _differences,  # type: ignore[dict-item]
    Moments: _moments,  # type: ignore[dict-item]
}
