"""Measurements as plain values: each turns what leaves a circuit into outcomes with derivatives, Fisher matrix and samples.

To add one, write a frozen class with ``outcomes(output)``, as in ``parity``; ``measure`` takes it as it is. What measurements
share is in ``detectors`` (what these add), ``rules`` (modes), ``counting`` (distributions of photon numbers), ``strings`` (light on
strings), ``observables`` and ``quadratic_forms`` (what has moments) and ``outcomes`` and ``moments`` (what comes back).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar, runtime_checkable

from photonics.circuits.circuit import Circuit
from photonics.measurements.branches import BranchProjection
from photonics.measurements.counting import PhotonCounting, ThresholdDetection
from photonics.measurements.detectors import Detectors
from photonics.measurements.homodyne import Homodyne
from photonics.measurements.intensity import IntensityDifference
from photonics.measurements.moment_readout import Moments
from photonics.measurements.moments import JitteredOutcomes, MomentOutcomes
from photonics.measurements.observables import Interference, Observable, PhotonNumber, Quadrature
from photonics.measurements.outcomes import DiscreteOutcomes, GaussianOutcomes, Outcomes
from photonics.measurements.parities import Parities
from photonics.measurements.parity import Parity
from photonics.measurements.photocurrents import Photocurrents
from photonics.measurements.random_phases import RandomPhases
from photonics.measurements.strings import StringProjection
from photonics.output import FockOutput, Output, output_of
from photonics.states.fock import FockDensity, FockState
from photonics.states.gaussian import GaussianState

Result_co = TypeVar("Result_co", bound=Outcomes, covariant=True)


@runtime_checkable
class Measurement(Protocol[Result_co]):
    """What can be measured on light; its kind of outcomes, discrete or Gaussian, is part of its type."""

    def outcomes(self, output: Output) -> Result_co:
        """The distribution of what it gives, with derivatives by the parameters of the output."""


def measure(
    light: Circuit | FockState | FockDensity | GaussianState,
    measurement: Measurement[Result_co],
    theta: Sequence[float] = (),
) -> Result_co:
    """The outcomes of a measurement on a state, or on what leaves a circuit at these parameters.

    Parameters
    ----------
    light : Circuit or a state
        From a circuit (native engine) the outcomes come with their derivatives, so ``.fisher_matrix()`` is the classical
        Fisher matrix; a state has no parameters.
    measurement : Homodyne, IntensityDifference, Moments, PhotonCounting, ThresholdDetection, Parity, Parities,
        BranchProjection, StringProjection, or one of your own
    theta : one value a parameter of the circuit

    Raises
    ------
    ValueError, TypeError
        For modes or angles that do not fit, and measurements that this kind of light does not allow.
    CircuitTooLargeError
        When the outcomes are too many to hold.

    Examples
    --------
    >>> from photonics import Circuit, Sense, Squeeze
    >>> light = (Squeeze(mode="a", r=0.5), Sense(modes=("a",), generator="momentum"))
    >>> outcomes = measure(Circuit(modes=("a",), operations=light), Homodyne(), [0.1])
    >>> outcomes.mean.round(12).tolist(), outcomes.fisher_matrix().round(6).tolist()
    ([0.1], [[2.718282]])
    """
    if isinstance(measurement, type) or not hasattr(measurement, "outcomes"):
        raise TypeError(
            "the measurement must be one of Homodyne(), Moments(...), PhotonCounting(), ThresholdDetection(), Parity(), "
            "BranchProjection(...), "
            f"got {measurement!r}"
        )
    if not isinstance(light, Circuit | FockState | FockDensity | GaussianState):
        raise TypeError(f"light must be a circuit or a state, got {type(light).__name__}")
    if not isinstance(light, Circuit):
        if len(theta):
            raise ValueError("a state has no parameters; give the circuit to have derivatives")
        return measurement.outcomes(output_of(light))
    from photonics.engines import native

    on_strings = isinstance(measurement, BranchProjection | StringProjection)
    output = native.output(light, theta, survivors=on_strings, moments=_takes_averages(measurement))
    if on_strings and isinstance(output, FockOutput) and _needs_whole(measurement, output):
        output = native.output(light, theta)
    return measurement.outcomes(output)


def _takes_averages(measurement: object) -> bool:
    """Whether mean and covariance suffice, as random phases in the circuit leave them."""
    return isinstance(measurement, Homodyne) or (isinstance(measurement, Moments) and measurement.only_quadratures)


def _needs_whole(measurement: object, output: FockOutput) -> bool:
    return isinstance(measurement, BranchProjection | StringProjection) and measurement.needs_whole(output)


__all__ = [
    "BranchProjection",
    "Detectors",
    "DiscreteOutcomes",
    "GaussianOutcomes",
    "Homodyne",
    "IntensityDifference",
    "Interference",
    "JitteredOutcomes",
    "Measurement",
    "MomentOutcomes",
    "Moments",
    "Observable",
    "Outcomes",
    "Parities",
    "Parity",
    "Photocurrents",
    "PhotonCounting",
    "PhotonNumber",
    "Quadrature",
    "RandomPhases",
    "StringProjection",
    "ThresholdDetection",
    "measure",
]
