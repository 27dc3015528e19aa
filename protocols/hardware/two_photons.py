"""A machine that exists: two photons as a N00N state over a differential network, for Perceval's simulator and remote processors.

One photon in mode a and one in mode b meet on a balanced beam splitter and leave as (|2,0> - |0,2>)/sqrt 2; both groups are split
over their sensors as for squeezed pairs, the phases act, and all is undone. Coincidences of a and b go as cos^2 phi: the Fisher
information on phi is 4, twice the shot noise of two photons; with transmissivity eta it is at most 4 eta^2. Sensors that lose
light get a larger share of it, so that what comes back still has the weights of q.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from networks import InputError, SensorNetwork
from networks.values import Value, plain_real
from photonics.values import is_real
from protocols.hardware.pair_plan import groups_of, made_up_for, split_over
from protocols.hardware.round_trips import round_trip
from protocols.problem import AnyProblem, GaussianProblem, PhaseProblem, Problem
from protocols.schemes.evaluation import seen_by_detectors
from protocols.schemes.photon import passes_of
from protocols.theory.equal_errors import same_error

if TYPE_CHECKING:
    from photonics import Circuit
    from photonics.circuits.circuit import Operation

LARGEST_MODES = 20
"""Modes of a circuit of two photons, the reference among them."""
BIASES = 24
"""Of a quarter of a turn, beyond which the counts repeat."""


def two_photon_notes(network: SensorNetwork | AnyProblem) -> tuple[str, ...]:
    """What of a network ``two_photon_circuit`` does not use, another N and further passes; and where its light starts.

    Parameters
    ----------
    network : SensorNetwork or Problem

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> two_photon_notes(SensorNetwork.star([1, -1], sensing="phase", photons=4))
    ('N = 4 of the network is not used: two photons enter',)
    """
    problem = Problem.of(network)
    notes = []
    if isinstance(problem, PhaseProblem) and problem.photons != 2:
        notes.append(f"N = {problem.photons} of the network is not used: two photons enter")
    if problem.passes > 1:
        notes.append(f"M = {problem.passes} of the network is not used: the phases act once")
    if isinstance(problem, PhaseProblem) and problem.has_lossy_links and (start := round_trip(problem).start):
        notes.append(f"both groups are split at {start}; their light goes along the links to the sensors and back")
    return tuple(notes)


def two_photon_circuit(
    network: SensorNetwork | AnyProblem, *, transmissivity: float = 1.0, bias_rad: float = 0.0
) -> Circuit:
    """The circuit: two photons, beam splitter, splitting, phases, and back; photon numbers are counted behind it.

    What sensors, reference, detectors and links of the network lose is in it, links there and back; N and M are not used
    (``two_photon_notes``).

    Parameters
    ----------
    network : SensorNetwork or Problem
        Of phases, coefficients that sum to 0 or with a reference.
    transmissivity : float
        Of every mode, before counting, in (0, 1], beside what the network says.
    bias_rad : float
        Added to phi.

    Raises
    ------
    InputError
        For displacement networks, functions that are not differential, or more than 20 modes.

    Examples
    --------
    >>> from photonics.adapters.perceval import perceval_probabilities
    >>> circuit = two_photon_circuit(SensorNetwork.star([1, -1], sensing="phase", photons=2))
    >>> probabilities = perceval_probabilities(circuit, [0.3, -0.1])
    >>> round(probabilities[1, 1], 12) == round(math.cos(0.4) ** 2, 12)
    True
    """
    import numpy as np

    from photonics import BeamSplitter, Circuit, FockState, Interferometer, Loss, PhaseShift, PrepareFock

    problem = Problem.of(network)
    function, sensors = problem.by_arms.function, problem.sensor_modes
    transmissivity = plain_real(transmissivity)  # type: ignore[assignment]  # numpy's numbers become plain ones, checked below
    faults = []
    if isinstance(problem, GaussianProblem):
        faults.append("two photons are exactly two, and this network has mean_photons alone; give photons: 2")
    elif not isinstance(problem, PhaseProblem):
        faults.append("two photons sense phases, not displacements")
    elif sum(function.alpha) and problem.reference is None:
        faults.append("the coefficients do not sum to 0 and no reference is linked to the sensors")
    if not (is_real(transmissivity) and 0 < transmissivity <= 1):
        faults.append(f"transmissivity must be in (0, 1], got {transmissivity}")
    if len(sensors) + 1 > LARGEST_MODES:
        faults.append(f"two photons are laid out over up to {LARGEST_MODES - 1} sensors, got {len(sensors)}")
    if faults:
        raise InputError(faults)
    assert isinstance(problem, PhaseProblem)
    trip = round_trip(problem)
    shares, _ = made_up_for(groups_of(function)[0], trip.transmissivity)
    ways = [Loss(mode=mode, transmissivity=way) for mode, way in zip(trip.modes, trip.one_way, strict=True) if way < 1]
    used = [name for name, a in zip(sensors, function.alpha, strict=True) if a]
    idle = [name for name, a in zip(sensors, function.alpha, strict=True) if not a]
    if len(shares) > len(used):
        assert problem.reference_name is not None
        used.append(problem.reference_name)
    modes = (*used, *idle)
    a, b = (next(k for k, share in enumerate(shares) if share * sign > 0) for sign in (1, -1))
    split = split_over(shares, (a, b))
    rows = tuple(tuple(complex(x) for x in row) for row in split)
    back = tuple(tuple(complex(x) for x in row) for row in split.T)
    light = np.zeros((1, len(modes)), dtype=np.int64)
    light[0, [a, b]] = 1
    mixer = BeamSplitter(first=modes[a], second=modes[b], theta_rad=math.pi / 4)
    biases = [
        PhaseShift(mode=mode, angle_rad=-math.copysign(bias_rad / 2, share))
        for mode, share in zip(used, shares, strict=True)
        if bias_rad
    ]
    losses = [Loss(mode=mode, transmissivity=transmissivity) for mode in modes if transmissivity < 1]
    operations: tuple[Operation, ...] = (
        PrepareFock(state=FockState(modes, light, np.array([1.0 + 0j]))),
        mixer,
        Interferometer(modes=tuple(used), unitary=rows),
        *ways,
        *passes_of({mode: problem.losses_of[mode] for mode in modes}, sensors, 1),
        *biases,
        *ways,
        Interferometer(modes=tuple(used), unitary=back),
        mixer,
        *losses,
    )
    return seen_by_detectors(Circuit(modes=modes, operations=operations), problem)


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoPhotonPlan(Value):
    """Two photons at the bias at which their counts tell most.

    Attributes
    ----------
    circuit : Circuit
    bias_rad : float
    mse : float
        Mean squared error of q in one shot, by the Fisher information of the counts; ``ideal_mse`` without loss.
    ideal_mse : float
    """

    circuit: Circuit
    bias_rad: float
    mse: float
    ideal_mse: float


def two_photon_plan(network: SensorNetwork | AnyProblem, *, transmissivity: float = 1.0) -> TwoPhotonPlan:
    """The circuit of two photons with the bias that is best for its losses, at phases near 0.

    Parameters
    ----------
    network : SensorNetwork or Problem
    transmissivity : float
        As of ``two_photon_circuit``.

    Raises
    ------
    InputError
        As of ``two_photon_circuit``.

    Examples
    --------
    >>> pair = SensorNetwork.star([1, -1], sensing="phase", photons=2, detector_efficiency=0.9)
    >>> plan = two_photon_plan(pair)
    >>> round(plan.mse, 9), round(0.25 / 0.9**2, 9), plan.ideal_mse
    (0.308641975, 0.308641975, 0.25)
    """
    from photonics import PhotonCounting, measure

    problem = Problem.of(network)
    function, still = problem.by_arms.function, [0.0] * len(problem.sensor_modes)
    scale = float(problem.function.norm_positive)
    # All phases of a group without the reference move phi alone; what else phases do shows in second order (made_up_for).
    sign = 1 if sum(function.alpha) >= 0 else -1
    together = [1.0 if a * sign > 0 else 0.0 for a in function.alpha]

    def circuit_at(bias: float) -> Circuit:
        return two_photon_circuit(problem, transmissivity=transmissivity, bias_rad=bias)

    def error(bias: float) -> float:
        counts = measure(circuit_at(bias), PhotonCounting(), still)
        # Between the ends of the fringe phi moves no count that is dark; light in other modes is there in second order only.
        seen = counts.probabilities > 0
        slopes = counts.jacobian[seen] @ together
        information = float((slopes * slopes / counts.probabilities[seen]).sum())
        return scale * scale / information if information else math.inf

    biases = [math.pi / 2 * (k + 0.5) / BIASES for k in range(BIASES)]
    errors = [error(bias) for bias in biases]
    # Among equals the middle of the fringe, which leaves most room on both sides.
    least = min(errors)
    best = min((k for k in range(BIASES) if same_error(least, errors[k])), key=lambda k: abs(biases[k] - math.pi / 4))
    return TwoPhotonPlan(
        circuit=circuit_at(biases[best]), bias_rad=biases[best], mse=errors[best], ideal_mse=scale * scale / 4
    )
