"""Measurements that a scheme may be read out by, each with the mean squared error of q that it gives on one part of a plan.

A scheme lists its own (``Scheme.measurements``); ``measurements.py`` compares them with the quantum limit.
"""

from __future__ import annotations

import cmath
import contextlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from protocols.schemes.plan import Interference, Part, Plan
from protocols.theory.detected_pairs import detected_pair_mse
from protocols.theory.sums import error_sum

if TYPE_CHECKING:
    from photonics import BranchProjection, Circuit, Detectors, Measurement, Outcomes, StringProjection
    from photonics.output import FockOutput

MAX_ANGLES = 12
"""Modes whose homodyne angles are optimised together."""
MAX_COUNTED = 3
"""Modes whose photon numbers are counted together in a report."""
MAX_PHOTONS = 24
"""Photons of a N00N state that is sent through a beam splitter and counted in a report."""
MAX_PARTS = 12
"""Sensors with a beam splitter of their own in a report."""
MAX_STRINGS = 100
"""Strings of a superposition that is projected on superpositions of all of them in a report."""
BIAS_POINTS = 24
"""Known phases tried over one fringe."""

PartError = Callable[[Part, Sequence[float], Sequence[float]], float]
"""Mean squared error of sum coefficient_j theta_j from a part, the parameter values it runs at, and the coefficients."""
DetectorsOf = Callable[[Sequence[str]], "Detectors"]
"""The detectors of modes, by name."""
DetectedError = Callable[[Part, Sequence[float], Sequence[float], DetectorsOf], float | None]
"""The same with detectors that are not ideal; None where it is not worked out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readout:
    """A measurement of a scheme's light, by name, with the mean squared error of q that it gives on one part of a plan.

    Attributes
    ----------
    name : str
        As reports print it.
    error : function of a Part, (d_k,) parameter values and (d_k,) coefficients
        The mean squared error of their sum in one shot, all other combinations unknown; nan where it cannot be computed.
    in_the_dark : bool
        Whether it keeps all digits however little light arrives. Others are computed from probabilities rounded at 1e-16.
    detected : function of a Part, parameter values, coefficients and the detectors of modes, or None
        The same on a plan as it is built, by the detectors of the network; it gives None where that is not worked out. None where
        it never is.
    """

    name: str
    error: PartError
    in_the_dark: bool = False
    detected: DetectedError | None = None


def fixed_readout(name: str, measurement: Measurement[Outcomes], *, in_the_dark: bool = False) -> Readout:
    """The readout of the same measurement on every part.

    Parameters
    ----------
    name : str
    measurement : photonics.Measurement
    in_the_dark : bool
        Whether it keeps all digits however little light arrives, as moments of quadratures do.

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from photonics import Homodyne
    >>> from protocols.problem import Problem
    >>> from protocols.schemes import find_scheme
    >>> problem = Problem.of(SensorNetwork.star([1], sensing="displacement", mean_photons=1.0))
    >>> (part,) = find_scheme("displacement", "entangled-squeezed").plan(problem).parts
    >>> round(fixed_readout("homodyne x", Homodyne()).error(part, [0.1], [1.0]), 12)
    0.171572875254
    """

    def error(part: Part, theta: Sequence[float], coefficients: Sequence[float]) -> float:
        return measured_mse(part.circuit, theta, measurement, coefficients)

    return Readout(name=name, error=error, in_the_dark=in_the_dark)


def measured_mse(
    circuit: Circuit, theta: Sequence[float], measurement: Measurement[Outcomes], coefficients: Sequence[float]
) -> float:
    """Mean squared error of a combination of a circuit's parameters from the classical Fisher matrix of a measurement.

    Parameters
    ----------
    circuit : photonics.Circuit
    theta : (d,) floats
        Where it runs; phases in rad.
    measurement : photonics.Measurement
    coefficients : (d,) floats
        The other combinations are unknown.

    Returns
    -------
    float
        In one shot; infinite where the outcomes do not determine the combination.
    """
    from photonics import measure, nuisance_aware_information

    return nuisance_aware_information(measure(circuit, measurement, theta).fisher_matrix(), coefficients).mse


# --- photons -------------------------------------------------------------------------------------------------


def branch_readouts(plan: Plan) -> tuple[Readout, ...]:
    """Projection on superpositions of the two branches, for a plan whose parts all name them; none for others.

    Parameters
    ----------
    plan : Plan
    """
    if any(part.branches is None for part in plan.parts):
        return ()
    name = "projection on the branches, at mid-fringe"
    return (Readout(name=name, error=_mid_fringe, in_the_dark=True, detected=_projected),)


def beam_splitter_readouts(plan: Plan) -> tuple[Readout, ...]:
    """A beam splitter for each sensor and its arm, photons counted behind it, or only their parity; none for large plans.

    Parameters
    ----------
    plan : Plan
        Of parts with two modes, a sensor and its arm, and what stays at the source.
    """
    if len(plan.parts) > MAX_PARTS or any(part.photons > MAX_PHOTONS for part in plan.parts):
        return ()
    return (
        Readout(
            name="beam splitter, photons counted, best bias",
            error=partial(_behind_beam_splitter, parity=False),
            detected=partial(_detected_behind_beam_splitter, parity=False),
        ),
        Readout(
            name="beam splitter, parity of one port, best bias",
            error=partial(_behind_beam_splitter, parity=True),
            detected=partial(_detected_behind_beam_splitter, parity=True),
        ),
    )


def _mid_fringe(
    part: Part, theta: Sequence[float], coefficients: Sequence[float], detectors: Detectors | None = None
) -> float:
    from photonics import BranchProjection, Detectors

    light = _survivors(part, theta)
    strings = _read_out(part, light)
    if len(strings) < 2:
        # What arrives of the other is nothing within floating point.
        return math.inf
    (first, one), (second, other) = strings
    # Of amplitudes that are 1e300 times apart the ratio is no floating-point number.
    relative = cmath.phase(other) - cmath.phase(one)
    projection = BranchProjection(
        first=first, second=second, phase_rad=relative + math.pi / 2, detectors=detectors or Detectors()
    )
    return _projection_mse(part, theta, coefficients, projection, light)


def _survivors(part: Part, theta: Sequence[float]) -> FockOutput:
    """What leaves the circuit, behind losses the strings that survive whole."""
    from photonics.engines import native_fock

    return native_fock.output(part.circuit, list(theta), survivors=True)


def _projection_mse(
    part: Part,
    theta: Sequence[float],
    coefficients: Sequence[float],
    projection: BranchProjection | StringProjection,
    light: FockOutput,
) -> float:
    """As ``measured_mse``; the engine runs again only where survivors do not tell what the detectors see."""
    from photonics import nuisance_aware_information

    if projection.needs_whole(light):
        return measured_mse(part.circuit, theta, projection, coefficients)
    return nuisance_aware_information(projection.outcomes(light).fisher_matrix(), coefficients).mse


def _behind_beam_splitter(
    part: Part,
    theta: Sequence[float],
    coefficients: Sequence[float],
    *,
    parity: bool,
    dark_counts: Sequence[float] = (0.0, 0.0),
) -> float:
    """A sensor and its arm meet at a 50:50 beam splitter after a known phase, the best of BIAS_POINTS over one fringe."""
    from photonics import BeamSplitter, Circuit, Detectors, Parity, PhaseShift, PhotonCounting
    from photonics.fisher.classical import DirectionError

    sensor, arm = _meeting(part)
    measurement: Measurement[Outcomes]
    if parity:
        measurement = Parity(modes=(sensor,), detectors=Detectors(dark_counts=dark_counts[0]))
    else:
        measurement = PhotonCounting(modes=(sensor, arm), detectors=Detectors(dark_counts=tuple(dark_counts)))
    errors = []
    for k in range(BIAS_POINTS):
        bias = PhaseShift(mode=arm, angle_rad=2 * math.pi * (k + 0.5) / (BIAS_POINTS * part.photons))
        behind = BeamSplitter(first=sensor, second=arm, theta_rad=math.pi / 4)
        circuit = Circuit(modes=part.circuit.modes, operations=(*part.circuit.operations, bias, behind))
        # Another bias does where an outcome has no chance.
        with contextlib.suppress(DirectionError):
            errors.append(measured_mse(circuit, theta, measurement, coefficients))
    return min(errors, default=math.nan)


def _meeting(part: Part) -> tuple[str, str]:
    """The sensor and its arm; what stays at the source, as the sensor may not have more light, is not counted."""
    sensor, arm = (mode for mode in part.circuit.modes if mode != part.kept)
    return sensor, arm


def _detected_behind_beam_splitter(
    part: Part, theta: Sequence[float], coefficients: Sequence[float], detectors_of: DetectorsOf, *, parity: bool
) -> float | None:
    """What detectors miss is lost, and phases jitter, in front of the beam splitter; None where light overlaps in part only."""
    from photonics import Circuit, Loss, PhaseDiffusion

    modes = _meeting(part)
    detectors = detectors_of(modes)
    if any(v < 1 for v in detectors.each("visibility", 2)):
        return None
    missed = [
        Loss(mode=m, transmissivity=e) for m, e in zip(modes, detectors.each("efficiency", 2).tolist(), strict=True)
    ]
    jitter = [
        PhaseDiffusion(mode=m, sigma_rad=s)
        for m, s in zip(modes, detectors.each("phase_jitter_rad", 2).tolist(), strict=True)
        if s
    ]
    circuit = Circuit(modes=part.circuit.modes, operations=(*part.circuit.operations, *missed, *jitter))
    dark = detectors.each("dark_counts", 2).tolist()
    return _behind_beam_splitter(replace(part, circuit=circuit), theta, coefficients, parity=parity, dark_counts=dark)


def _projected(
    part: Part, theta: Sequence[float], coefficients: Sequence[float], detectors_of: DetectorsOf
) -> float | None:
    return detected_mse(part, theta, coefficients, detectors_of(part.circuit.modes))


def string_readouts(plan: Plan) -> tuple[Readout, ...]:
    """Projection on superpositions of all strings, with equal chances at the working point: it loses nothing there.

    None for plans of more than MAX_STRINGS strings.

    Parameters
    ----------
    plan : Plan
        Of pure states without controls.
    """
    if any(part.strings > MAX_STRINGS for part in plan.parts):
        return ()
    name = "projection on superpositions of all strings, at its working point"
    return (Readout(name=name, error=_equal_chances, detected=_projected),)


def _equal_chances(
    part: Part, theta: Sequence[float], coefficients: Sequence[float], detectors: Detectors | None = None
) -> float:
    import numpy as np

    from photonics import Detectors, StringProjection

    light = _survivors(part, theta)
    strings = _read_out(part, light)
    if len(strings) < 2:
        return math.inf
    occupations, amplitudes = np.array([string for string, _ in strings]), np.array([value for _, value in strings])
    detectors = detectors or Detectors()
    # Chances are equal for the light that is seen: strings that the detectors miss more of are weaker.
    logs = occupations @ np.log(detectors.each("efficiency", len(part.circuit.modes))) / 2
    projection = StringProjection.equal_chances(occupations, amplitudes * np.exp(logs - logs.max()), detectors)
    return _projection_mse(part, theta, coefficients, projection, light)


def _read_out(part: Part, light: FockOutput) -> list[tuple[tuple[int, ...], complex]]:
    """The strings that arrive whole, with their amplitudes; without what stays at the source, which tells nothing."""
    block = light.blocks[0]
    kept = None if part.kept is None else part.circuit.place[part.kept]
    rows = zip(map(tuple, block.occupations.tolist()), block.amplitudes.tolist(), strict=True)
    return [(string, value) for string, value in rows if kept is None or not string[kept]]


def projection_mse(part: Part, theta: Sequence[float], coefficients: Sequence[float]) -> float | None:
    """The error of the projection on superpositions of a part's strings, where it has to reach the quantum limit.

    That is for strings that only turn and lose photons, no two of which share a lossy mode: a lost photon then leaves one string
    alone, which carries no phase.

    Parameters
    ----------
    part : Part
    theta : (d_k,) floats
        Where it runs, in rad.
    coefficients : (d_k,) floats

    Returns
    -------
    float or None
        None for other light, and for more than MAX_STRINGS strings.
    """
    from photonics import Loss, PrepareFock, Sense
    from photonics.engines import native_fock

    circuit = part.circuit
    if not all(
        isinstance(op, PrepareFock | Loss) or (isinstance(op, Sense) and op.generator == "number")
        for op in circuit.operations
    ):
        return None
    if part.strings > MAX_STRINGS or native_fock.surviving_branches(circuit, list(theta)) is None:
        return None
    return (_mid_fringe if part.strings == 2 else _equal_chances)(part, theta, coefficients)


def detected_mse(
    part: Part, theta: Sequence[float], coefficients: Sequence[float], detectors: Detectors
) -> float | None:
    """The error of the projection on a part's strings, at its working point, with detectors that are not ideal.

    Parameters
    ----------
    part : Part
        Of photons.
    theta : (d_k,) floats
        Where it runs, in rad.
    coefficients : (d_k,) floats
    detectors : photonics.Detectors
        Of the circuit's modes, in their order.

    Returns
    -------
    float or None
        None for more than MAX_STRINGS strings.
    """
    if part.strings > MAX_STRINGS:
        return None
    pair = _pair_mse(part, coefficients, detectors)
    if pair is not None:
        return pair
    return (_mid_fringe if part.strings == 2 else _equal_chances)(part, theta, coefficients, detectors)


def _pair_mse(part: Part, coefficients: Sequence[float], detectors: Detectors) -> float | None:
    """In closed form, for photons that are all in one of two modes, and only get lost there; None for other light.

    Schemes that take turns have hundreds of such parts.
    """
    import numpy as np

    from photonics import Loss, PrepareFock, Sense

    circuit = part.circuit
    start, *others = circuit.operations
    assert isinstance(start, PrepareFock)
    strings = start.state.occupations.tolist()
    n = part.photons
    if len(circuit.modes) != 2 or sorted(strings) != [[0, n], [n, 0]]:
        return None
    survival = dict(zip(circuit.modes, detectors.each("efficiency", 2).tolist(), strict=True))
    turned = dict.fromkeys(circuit.modes, 0)
    for op in others:
        if isinstance(op, Loss) and not op.background_photons:
            survival[op.mode] *= op.transmissivity
        elif isinstance(op, Sense) and op.generator == "number":
            for mode in op.modes:
                turned[mode] += 1
        else:
            return None
    sensing = circuit.sensing_modes
    passes = turned[sensing[0]]
    # Only the difference of both phases turns the fringe.
    if any(turned[mode] != passes for mode in sensing) or (len(sensing) == 2 and sum(coefficients) != 0):
        return None
    weights = (np.abs(start.state.amplitudes) ** 2).tolist()
    first = strings.index([n, 0])
    jitter, visibility = detectors.each("phase_jitter_rad", 2), detectors.each("visibility", 2)
    mse = detected_pair_mse(
        n,
        passes,
        (weights[first], weights[1 - first]),
        (survival[circuit.modes[0]], survival[circuit.modes[1]]),
        contrast=math.sqrt(visibility.prod()) * math.exp(-float((jitter**2).sum()) * n * n / 2),
        dark_counts=float(detectors.each("dark_counts", 2).sum()),
    )
    return coefficients[0] ** 2 * mse


# --- coherent light ------------------------------------------------------------------------------------------


def interference_readouts(plan: Plan) -> tuple[Readout, ...]:
    """The beams that a plan of coherent light lets meet, photons counted behind.

    Parameters
    ----------
    plan : Plan
        With ``interference``.
    """
    error = partial(interference_mse, plan.interference)
    return (Readout(name="beams meet at beam splitters, photons counted, at mid-fringe", error=error),)


def interference_mse(
    beams: Sequence[Interference], part: Part, theta: Sequence[float], coefficients: Sequence[float]
) -> float:
    """The error of counts behind the beam splitters at which beams of coherent light meet, from their Fisher information.

    Counts of coherent light are independent, with the variance of their mean m: F = sum over both ports of (dm)^2/m for the phase
    between two beams. At mid-fringe ports have the mean (u + v)/2 and the slopes +- sqrt(u v), for u and v photons that arrive.
    The beams of a plan form no circle, so each phase is estimated from its own ports alone, and q is their weighted sum.

    Parameters
    ----------
    beams : sequence of Interference
    part : Part
        Of coherent light.
    theta : (d_k,) floats
        Where it runs, in rad.
    coefficients : (d_k,) floats
        What the weights of the beams add up to.

    Returns
    -------
    float
        In rad^2, for one shot; infinite where a beam does not arrive.
    """
    from photonics import Sense
    from photonics.engines.native_gaussian import run_moments

    circuit = part.circuit
    moments, place = run_moments(circuit, theta), circuit.place
    sensed = next(op for op in circuit.operations if isinstance(op, Sense)).modes
    count = len(circuit.modes)
    # Amplitudes a = (x + i p)/2 in these units.
    amplitudes = (moments.mean[:count] + 1j * moments.mean[count:]) / 2
    left, errors = dict(zip(sensed, coefficients, strict=True)), []
    for beam in beams:
        j = sensed.index(beam.first)
        slope = complex(
            moments.mean_derivatives[place[beam.first], j], moments.mean_derivatives[place[beam.first] + count, j]
        )
        first, moved = (math.sqrt(beam.first_share) * value for value in (amplitudes[place[beam.first]], slope / 2))
        second = math.sqrt(beam.second_share) * amplitudes[place[beam.second]]
        # A known phase turns the second beam to mid-fringe, a quarter of a turn from the first.
        second *= 1j * cmath.exp(1j * (cmath.phase(first) - cmath.phase(second)))
        # Of the slope of |first +- second|^2/2 only the mixed term is left, as a phase makes no beam brighter.
        information = math.fsum(
            ((second.conjugate() * moved).real / (abs(first + sign * second) / math.sqrt(2))) ** 2
            for sign in (1, -1)
            if first or second
        )
        errors.append(beam.weight * (beam.weight / information) if information else math.inf)
        left[beam.first] -= beam.weight
        if beam.second in left:
            left[beam.second] += beam.weight
    size = math.fsum(map(abs, coefficients))
    assert all(abs(rest) <= 1e-9 * size for rest in left.values()), "the beams estimate something else than q"
    return error_sum(errors)


# --- squeezed light ------------------------------------------------------------------------------------------


def squeezed_readouts(plan: Plan) -> tuple[Readout, ...]:
    """Homodyne detection of x, and at the best angles, threshold detectors and photon counting where few modes allow it.

    Parameters
    ----------
    plan : Plan
        Of Gaussian light.
    """
    from photonics import Homodyne, ThresholdDetection

    widest = max(len(part.circuit.sensing_modes) for part in plan.parts)
    homodyne = fixed_readout("homodyne x", Homodyne(), in_the_dark=True)
    readouts = [replace(homodyne, detected=_detected_homodyne)]
    if widest <= MAX_ANGLES:
        readouts.append(Readout(name="homodyne at the best angles found", error=_best_angles, in_the_dark=True))
        clicks = fixed_readout("threshold detectors", ThresholdDetection())
        readouts.append(replace(clicks, detected=_detected_clicks))
    if widest <= MAX_COUNTED:
        readouts.append(Readout(name="photon counting", error=_counted, detected=_detected_counts))
    return tuple(readouts)


def _detected_homodyne(
    part: Part, theta: Sequence[float], coefficients: Sequence[float], detectors_of: DetectorsOf
) -> float:
    """Of x at every sensor and the best linear estimate, at theta = 0: displaced light jitters more only in second order."""
    from photonics import Homodyne, measure, nuisance_aware_information

    sensing = part.circuit.sensing_modes
    homodyne = Homodyne(modes=sensing, detectors=detectors_of(sensing))
    outcomes = measure(part.circuit, homodyne, [0.0] * len(sensing))
    return nuisance_aware_information(outcomes.moment_matrix(), coefficients).mse


def _detected_clicks(
    part: Part, theta: Sequence[float], coefficients: Sequence[float], detectors_of: DetectorsOf
) -> float:
    from photonics import ThresholdDetection

    sensing = part.circuit.sensing_modes
    clicks = ThresholdDetection(modes=sensing, detectors=detectors_of(sensing))
    return measured_mse(part.circuit, theta, clicks, coefficients)


def _detected_counts(
    part: Part, theta: Sequence[float], coefficients: Sequence[float], detectors_of: DetectorsOf
) -> float:
    from photonics import CircuitTooLargeError, PhotonCounting

    sensing = part.circuit.sensing_modes
    counting = PhotonCounting(modes=sensing, detectors=detectors_of(sensing), largest_lost_weight=1e-6)
    try:
        return measured_mse(part.circuit, theta, counting, coefficients)
    except CircuitTooLargeError:
        return math.nan


def _best_angles(part: Part, theta: Sequence[float], coefficients: Sequence[float]) -> float:
    from photonics import best_homodyne_angles

    angles = best_homodyne_angles(part.circuit, theta, coefficients)
    return measured_mse(part.circuit, theta, angles.homodyne, coefficients)


def _counted(part: Part, theta: Sequence[float], coefficients: Sequence[float]) -> float:
    from photonics import CircuitTooLargeError, PhotonCounting

    try:
        return measured_mse(part.circuit, theta, PhotonCounting(largest_lost_weight=1e-6), coefficients)
    except CircuitTooLargeError:
        return math.nan


# --- Gaussian light of phases --------------------------------------------------------------------------------


def stated_readouts(plan: Plan) -> tuple[Readout, ...]:
    """What the parts of a plan are measured by, where they say so; none for others.

    Parameters
    ----------
    plan : Plan
    """
    if any(part.measurement is None for part in plan.parts):
        return ()
    name = "as stated, by the detectors of the network"
    return (
        Readout(
            name=name,
            error=lambda part, theta, coefficients: stated_mse(part, coefficients),
            in_the_dark=True,
            detected=lambda part, theta, coefficients, detectors_of: stated_mse(part, coefficients),
        ),
    )


def stated_mse(part: Part, coefficients: Sequence[float]) -> float:
    """Mean squared error of a combination of a part's parameters from the moments of what it is measured by, at theta = 0.

    Parameters
    ----------
    part : Part
        With a measurement.
    coefficients : (d_k,) floats
        The other combinations are unknown.

    Returns
    -------
    float
        In one shot of the part; infinite where the outcomes do not tell it.
    """
    from photonics import measure, nuisance_aware_information
    from photonics.measurements.moments import LinearEstimates

    assert part.measurement is not None, "light whose readout is stated"
    outcomes = measure(part.circuit, part.measurement, [0.0] * len(part.sensors))
    if part.is_linear:
        assert isinstance(outcomes, LinearEstimates), "counts are no linear records"
        information = outcomes.moment_matrix()
    else:
        information = outcomes.fisher_matrix()
    return nuisance_aware_information(information, coefficients).mse
