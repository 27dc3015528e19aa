"""Golden files that no command writes: circuits of every operation, states and numbers from the Python interface."""

import math
from collections.abc import Callable

import numpy as np

from networks import LinearFunction, SensorNetwork
from photonics import (
    BeamSplitter,
    Circuit,
    Displace,
    Interferometer,
    Loss,
    NumberControl,
    PhaseDiffusion,
    PhaseShift,
    PrepareFock,
    Sense,
    Squeeze,
    branch_state,
    circuit_document,
)

MODES = ("a", "b", "c")


def gaussian_circuit() -> Circuit:
    """Every Gaussian operation once."""
    operations = (
        Squeeze(mode="a", r=0.5, angle_rad=0.25),
        Squeeze(mode="b", r=-0.125),
        Displace(mode="c", x=0.5, p=-1.5),
        BeamSplitter(first="a", second="b", theta_rad=math.pi / 3, phi_rad=0.1),
        PhaseShift(mode="b", angle_rad=-0.75),
        Sense(modes=("a", "c"), generator="momentum"),
        Loss(mode="a", transmissivity=0.9),
        Loss(mode="c", transmissivity=0.5, background_photons=0.25),
    )
    return Circuit(modes=MODES, operations=operations)


def photon_circuit() -> Circuit:
    """Every operation on photon numbers once."""
    state = branch_state(MODES, (2, 0, 1), (0, 3, 0), phase_rad=0.3, weights=(0.25, 0.75))
    phase = complex(math.cos(0.7), math.sin(0.7))
    operations = (
        PrepareFock(state=state),
        Sense(modes=MODES, generator="number"),
        PhaseDiffusion(mode="b", sigma_rad=0.1),
        NumberControl(moves=(((2, 0, 1), (0, 0, 3)),)),
        Interferometer(modes=("c", "a"), unitary=((0.6, 0.8 * phase), (-0.8 * phase.conjugate(), 0.6))),
    )
    return Circuit(modes=MODES, operations=operations)


def _blackbird() -> object:
    from photonics import ExportedProgram, Homodyne

    return ExportedProgram(gaussian_circuit(), Homodyne(angles_rad=0.5)).blackbird.splitlines()


def _states() -> object:
    """What the native engine makes of both circuits, with Fisher information and outcomes."""
    from photonics import Homodyne, PhotonCounting, get_engine, measure

    native = get_engine("native")
    squeezed = native.run(gaussian_circuit(), [0.3, -0.2])
    counted = measure(photon_circuit(), PhotonCounting(efficiency=0.9, dark_counts=0.01), [0.3, -0.2, 0.1])
    homodyne = measure(gaussian_circuit(), Homodyne(angles_rad=0.2, efficiency=0.8), [0.3, -0.2])
    return {
        "gaussian": {"mean": squeezed.mean.tolist(), "covariance": squeezed.covariance.tolist()},
        "counts": {
            "labels": counted.labels.tolist(),
            "probabilities": counted.probabilities.tolist(),
            "fisher_matrix": counted.fisher_matrix().tolist(),
        },
        "homodyne": {"mean": homodyne.mean.tolist(), "fisher_matrix": homodyne.fisher_matrix().tolist()},
    }


def _schedules() -> object:
    """Shots of stages, made even, linear, and best."""
    from protocols import best_guaranteed_schedule, best_schedule, linear_schedule

    best, guaranteed = best_schedule(3), best_guaranteed_schedule(3)
    return {
        "linear": list(linear_schedule(4, "5/2", "1/2").shots),
        "best": {"shots": list(best.schedule.shots), "overhead": best.overhead, "guaranteed": best.guaranteed},
        "best_guaranteed": {
            "shots": list(guaranteed.schedule.shots),
            "overhead": guaranteed.overhead,
            "guaranteed": guaranteed.guaranteed,
        },
    }


def _streams() -> object:
    """Where the random numbers of trials come from: errors of single estimators at larger shots, and drawn protocols."""
    from protocols import sample_protocols, simulate, simulate_function, simulate_targets

    phases = SensorNetwork.star([1, -2], sensing="phase", photons=4, passes=2)
    shifts = SensorNetwork.star([1, -1], sensing="displacement", mean_photons=2.0)
    errors: dict[str, list[float]] = {}
    for network, theta in ((phases, None), (phases, "random"), (shifts, None), (shifts, "random")):
        for result in simulate(network, shots=30, trials=300, seed=2**40 + 1, theta=theta).results:
            key = f"{network.sensing}, theta {theta}, {result.scheme}, {result.estimator}"
            errors[key] = [result.tally.mse, result.tally.bias, result.tally.coverage]
    of_function = simulate_function(shifts, "theta1*theta2", shots=30, trials=300, seed=5)
    errors["function of displacements"] = [of_function.tally.mse, of_function.plug_in.mse]
    targets = [LinearFunction([1, 0]), LinearFunction([1, 1])]
    for network in (phases, shifts):
        several = simulate_targets(network, targets, shots=40, trials=300, seed=9)
        errors[f"two functions of {network.sensing}"] = [tally.mse for tally in (*several.joint, *several.turns)]
    drawn = sample_protocols(phases.function, 6, 2, 3, seed=11)
    return {"errors": errors, "protocols": drawn.to_dict()}


def _generated() -> object:
    """Haar-random unitaries and states as tests and meshes draw them."""
    from photonics import random_qubit_state

    state = random_qubit_state(2, np.random.default_rng(3))
    return {"qubits": [[z.real, z.imag] for z in np.asarray(state.amplitudes).ravel().tolist()]}


DOCUMENTS: dict[str, Callable[[], object]] = {
    "circuits/gaussian": lambda: circuit_document(gaussian_circuit()),
    "circuits/photons": lambda: circuit_document(photon_circuit()),
    "circuits/blackbird": _blackbird,
    "python/states": _states,
    "python/schedules": _schedules,
    "python/streams": _streams,
    "python/generated": _generated,
}
