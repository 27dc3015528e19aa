"""Random errors of every element at once, drawn many times: what becomes of the error beyond the leading order."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from networks import InputError
from photonics.conventions import Complex, Real, squeezing_for
from protocols.documents.printed import Printed
from protocols.layout.squeezed.beam_splitters import TreeLayout
from protocols.theory.sums import error_sum
from protocols.theory.task import DisplacementTask

MAX_SAMPLES = 10**6
"""Random imperfect layouts drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread(Printed):
    """The mean squared error of q over random imperfect layouts, each measured with the weights of the perfect one.

    Attributes
    ----------
    angle_rad, phase_rad : float >= 0
        Standard deviations of every beam-splitter angle and of the phase of every link.
    transmissivity : float >= 0
        The relative one of every link's transmissivity, which never comes above 1.
    samples : int
        Layouts drawn.
    mean, mean_stderr : float
        Mean of the errors, and its standard error.
    median, quantile_95 : float
        Half of the errors are below the first, 95 % below the second.
    """

    angle_rad: float
    phase_rad: float
    transmissivity: float
    samples: int
    mean: float
    mean_stderr: float
    median: float
    quantile_95: float


def layout_spread(
    task: DisplacementTask,
    layout: TreeLayout,
    *,
    angle_rad: float = 0.0,
    phase_rad: float = 0.0,
    transmissivity: float = 0.0,
    samples: int = 1000,
    seed: int = 0,
) -> Spread:
    """Draw normal errors of all elements, independent of each other, and the mean squared error of each imperfect layout.

    Light that arrives with amplitudes v_j, complex now, gives constant - (1 - e^{-2r}) Re(v.z)^2 + (e^{2r} - 1) Im(v.z)^2.

    Parameters
    ----------
    task : DisplacementTask
    layout : TreeLayout
        Made for this task.
    angle_rad, phase_rad, transmissivity : floats >= 0
        Standard deviations, as ``Spread`` says.
    samples : int, 2 ... 10^6
    seed : int >= 0

    Raises
    ------
    InputError
        For negative deviations, or samples outside 2 ... 10^6.

    Examples
    --------
    >>> from protocols.layout.squeezed.beam_splitters import tree_layout
    >>> from networks import SensorNetwork
    >>> from protocols.problem import Problem
    >>> task = Problem.of(SensorNetwork.star([1, 1], sensing="displacement", mean_photons=1.0)).task
    >>> layout = tree_layout(task)
    >>> perfect = layout_spread(task, layout, samples=10)
    >>> abs(perfect.mean - layout.mse) < 1e-12, abs(perfect.quantile_95 - layout.mse) < 1e-12
    (True, True)
    """
    faults = [
        f"{name} must be a number that is not negative, got {value}"
        for name, value in (("angle_rad", angle_rad), ("phase_rad", phase_rad), ("transmissivity", transmissivity))
        if not 0 <= value < math.inf
    ]
    if isinstance(samples, bool) or not isinstance(samples, int) or not 2 <= samples <= MAX_SAMPLES:
        faults.append(f"samples must be an integer from 2 to {MAX_SAMPLES}, got {samples}")
    if faults:
        raise InputError(faults)
    generator = np.random.default_rng(seed)
    amplitude = amplitudes_off(
        layout,
        random_offs(
            layout, generator, samples, angle_rad=angle_rad, phase_rad=phase_rad, transmissivity=transmissivity
        ),
    )
    weights = {name: z for name, z in zip(task.sensor_names, task.weights, strict=True) if z}
    along = np.zeros(samples, dtype=complex)
    for name, z in weights.items():
        along = along + z * amplitude[name]
    r = squeezing_for(layout.mean_photons)
    constant = task.loss_noise + error_sum(z * z for z in weights.values())
    with np.errstate(over="ignore"):
        errors = constant + math.expm1(-2 * r) * along.real**2 + math.expm1(2 * r) * along.imag**2
    return spread_of(errors, angle_rad=angle_rad, phase_rad=phase_rad, transmissivity=transmissivity)


def amplitudes_off(layout: TreeLayout, offs: Iterable[tuple[Real, Complex]]) -> dict[str, Complex]:
    """What arrives of the light of a root at every node of imperfect layouts, amplitude 1 at the root.

    An overall sign of the amplitudes does not matter, and is left out.

    Parameters
    ----------
    layout : TreeLayout
    offs : for each element in order, two arrays (samples,)
        What its angle is off by, in rad, and what the amplitude over its link is multiplied by beside the link's own loss.

    Returns
    -------
    mapping of names of nodes to (samples,) complex numbers
    """
    amplitude: dict[str, Complex] = {layout.tree.root: np.ones(1, dtype=complex)}
    for element, (angle, factor) in zip(layout.elements, offs, strict=True):
        here, there = element.edge
        theta = element.theta_rad + angle
        amplitude[there] = amplitude[here] * np.sin(theta) * math.sqrt(element.transmissivity) * factor
        amplitude[here] = amplitude[here] * np.cos(theta)
    return amplitude


def random_offs(
    layout: TreeLayout,
    generator: np.random.Generator,
    samples: int,
    *,
    angle_rad: float,
    phase_rad: float,
    transmissivity: float = 0.0,
) -> Iterator[tuple[Real, Complex]]:
    """Normal errors of every element, independent of each other, for ``amplitudes_off``.

    Parameters
    ----------
    layout : TreeLayout
    generator : numpy.random.Generator
    samples : int
    angle_rad, phase_rad, transmissivity : floats >= 0
        Standard deviations, as ``Spread`` says.
    """
    for element in layout.elements:
        angle = angle_rad * generator.standard_normal(samples)
        # No link hands on more than it gets.
        most = 1 / element.transmissivity
        kept = np.clip(1 + transmissivity * generator.standard_normal(samples), 0.0, most)
        yield angle, np.sqrt(kept) * np.exp(1j * phase_rad * generator.standard_normal(samples))


def spread_of(errors: Real, *, angle_rad: float, phase_rad: float, transmissivity: float = 0.0) -> Spread:
    """The numbers that describe errors drawn.

    Parameters
    ----------
    errors : (samples,) floats
        Mean squared errors of imperfect layouts.
    angle_rad, phase_rad, transmissivity : floats >= 0
        What they were drawn with.
    """
    samples = len(errors)
    # Infinite beyond the largest number; of infinite errors no spread is known.
    stderr = float(errors.std(ddof=1) / math.sqrt(samples)) if np.isfinite(errors).all() else math.nan
    return Spread(
        angle_rad=angle_rad,
        phase_rad=phase_rad,
        transmissivity=transmissivity,
        samples=samples,
        mean=float(errors.mean()),
        mean_stderr=stderr,
        median=float(np.median(errors)),
        quantile_95=float(np.quantile(errors, 0.95)),
    )
