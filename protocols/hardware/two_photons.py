"""A machine that exists: two photons as a N00N state over a differential network, for Perceval's simulator and remote processors.

One photon in mode a and one in mode b meet on a balanced beam splitter and leave as (|2,0> - |0,2>)/sqrt 2; both groups are split
over their sensors as for squeezed pairs, the phases act, and all is undone. Coincidences of a and b go as cos^2 phi: the Fisher
information on phi is 4, twice the shot noise of two photons; with transmissivity eta it is at most 4 eta^2.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from networks import InputError, SensorNetwork
from networks.values import plain_real
from photonics.values import is_real
from protocols.hardware.pair_plan import groups_of, split_over
from protocols.problem import DisplacementProblem, PhaseProblem, Problem

if TYPE_CHECKING:
    from photonics import Circuit
    from photonics.circuits.circuit import Operation

LARGEST_MODES = 20
"""Modes of a circuit of two photons, the reference among them."""


def two_photon_notes(network: SensorNetwork | PhaseProblem | DisplacementProblem) -> tuple[str, ...]:
    """What of a network ``two_photon_circuit`` does not use: another N, further passes, its losses.

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
    places = (("modes", problem.network.modes), ("links", problem.network.links))
    lossy = [what for what, where in places if any(one.transmissivity < 1 for one in where)]
    if lossy:
        notes.append(
            f"losses of the network's {' and '.join(lossy)} are not used: transmissivity sets one for every mode before counting"
        )
    return tuple(notes)


def two_photon_circuit(
    network: SensorNetwork | PhaseProblem | DisplacementProblem, *, transmissivity: float = 1.0, bias_rad: float = 0.0
) -> Circuit:
    """The circuit: two photons, beam splitter, splitting, phases, and back; photon numbers are counted behind it.

    N, M and the losses of the network are not used (``two_photon_notes``).

    Parameters
    ----------
    network : SensorNetwork or Problem
        Of phases, coefficients that sum to 0 or with a reference.
    transmissivity : float
        Of every mode, before counting, in (0, 1].
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

    from photonics import BeamSplitter, Circuit, FockState, Interferometer, Loss, PhaseShift, PrepareFock, Sense

    problem = Problem.of(network)
    function, sensors = problem.network.function, problem.sensor_modes
    transmissivity = plain_real(transmissivity)  # type: ignore[assignment]  # numpy's numbers become plain ones, checked below
    faults = []
    if not isinstance(problem, PhaseProblem):
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
    shares, _ = groups_of(function)
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
        Sense(modes=sensors, generator="number"),
        *biases,
        Interferometer(modes=tuple(used), unitary=back),
        mixer,
        *losses,
    )
    return Circuit(modes=modes, operations=operations)
