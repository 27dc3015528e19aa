"""Two to four interferometers, a laser in each and one squeezed vacuum split over their dark ports: any weights, any signs, losses.

The arrays of Gessner, Smerzi and Pezze, Nat. Commun. 11, 3817 (2020), and of Malitesta, Smerzi and Pezze, Phys. Rev. A 108, 032621
(2023). Here are information and errors of given light, from circuits, and the light that is best, from the network file.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from networks import SensorNetwork, load_network
from photonics import (
    BeamSplitter,
    Circuit,
    Displace,
    IntensityDifference,
    Loss,
    Operation,
    Sense,
    Squeeze,
    get_engine,
    measure,
    split_squeezed_vacuum,
)
from protocols import design, rank_plans

Real = NDArray[np.float64]
R, WEIGHTS = 1.2, (1.0, -2.0, 0.5)


def array(lasers: Sequence[float] | Real, squeezed: Sequence[Operation], transmissivity: float = 1.0) -> Circuit:
    """Coherent light of these amplitudes in the ports b, squeezed light in the ports a, a phase in each arm."""
    sites = range(len(lasers))
    modes = tuple(f"{port}{j}" for j in sites for port in "ab")
    bright = tuple(Displace(mode=f"b{j}", p=2 * laser) for j, laser in enumerate(lasers))
    splitters = tuple(BeamSplitter(first=f"a{j}", second=f"b{j}", theta_rad=math.pi / 4) for j in sites)
    losses = tuple(Loss(mode=mode, transmissivity=transmissivity) for mode in modes if transmissivity < 1)
    return Circuit(
        modes=modes, operations=(*squeezed, *bright, *splitters, Sense(modes=modes, generator="number"), *losses)
    )


def dark_ports(split: Sequence[float] | Real, r: float) -> tuple[Operation, ...]:
    """One squeezed vacuum over the dark ports."""
    return split_squeezed_vacuum([f"a{j}" for j in range(len(split))], [float(u) for u in split], r)


def differences(sites: int) -> Real:
    """Columns: from the arms' phases to the arm differences."""
    return np.kron(np.eye(sites), np.array([[0.5], [-0.5]])).astype(np.float64)


def moments(circuit: Circuit) -> Real:
    """What the intensity differences tell of the arm differences: D C^-1 D."""
    sites = len(circuit.modes) // 2
    readout = IntensityDifference(pairs=tuple((f"a{j}", f"b{j}") for j in range(sites)), angles_rad=-math.pi / 2)
    return measure(circuit, readout, [0.0] * 2 * sites).moment_matrix(differences(sites))


def error(circuit: Circuit, weights: Sequence[float]) -> float:
    """Mean squared error of the weighted sum from intensity differences, all arm differences unknown."""
    return float(np.asarray(weights) @ np.linalg.solve(moments(circuit), np.asarray(weights)))


def best(network: SensorNetwork) -> Mapping[str, float]:
    """Errors of the schemes of a network, times its photons."""
    assert network.mean_photons is not None
    return {one.plan.scheme: one.mse * network.mean_photons for one in rank_plans(network).built}


def main() -> None:
    """Given light, the best light, one squeezer against three, and two to four interferometers."""
    # Gessner et al.: information and moments of few photons, and their closed forms, with a negative weight and losses.
    lasers, split, r = np.array([3.0, 2.0, 2.5]), np.array([0.6, -0.5, 0.6245]), 0.9
    split /= np.linalg.norm(split)
    circuit = array(lasers, dark_ports(split, r))
    photons, u = np.diag(lasers**2 + split**2 * math.sinh(r) ** 2), np.outer(lasers * split, lasers * split)
    slopes = np.diag(lasers**2 - split**2 * math.sinh(r) ** 2)
    changes = differences(3)
    information = changes.T @ get_engine("native").qfi(circuit, [0.0] * 6) @ changes
    assert np.allclose(information, u * (math.exp(2 * r) - 1) + photons, rtol=1e-10)
    noise = u * (math.exp(-2 * r) - 1) + photons
    assert np.allclose(moments(circuit), slopes @ np.linalg.inv(noise) @ slopes, rtol=1e-10)
    lossy = moments(array(lasers, dark_ports(split, r), 0.7))
    for value, known in ((information[0, 0], 25.7402), (moments(circuit)[0, 0], 18.7802), (lossy[0, 0], 8.049026084)):
        assert abs(value - known) < 5e-5
    print(
        f"first phase: information {information[0, 0]:.4f}, seen {moments(circuit)[0, 0]:.4f}, {lossy[0, 0]:.4f} at 0.7"
    )

    # The best light of (1, -2, 1/2): with the sum of the weights' magnitudes, 3.5^2 ((1 - eta)/eta + e^(-2r))/N_c.
    network = load_network(Path(__file__).with_name("interferometer_array.json"))
    result = design(network)
    assert network.mean_photons is not None
    assert result.chosen.plan.scheme == "bright-shared-squeezing"
    assert result.verdict.entanglement_pays
    for eta, known in ((1.0, 1.1112949), (0.8, 4.1737949)):
        assert abs(best(network.with_transmissivity(eta))["bright-shared-squeezing"] - known) < 1e-6
    # A wrong split, all over equal ports: what it costs.
    amplitudes = np.sqrt(np.abs(WEIGHTS) / 3.5 * network.mean_photons)
    wrong = error(array(amplitudes, dark_ports([1.0, 1.0, 1.0], R)), WEIGHTS) * network.mean_photons
    seen = 3.5 * (1 - math.sqrt(2) + math.sqrt(0.5)) ** 2 / 3
    assert abs(wrong - (3.5**2 - seen * (1 - math.exp(-2 * R)))) < 1e-6
    print(f"(1, -2, 1/2): {result.chosen.mse * network.mean_photons:.6f}/N, split over ports alike {wrong:.6f}/N")
    # Sites in turn do as well where phases stay put; what decides here is that every shot has to tell q.
    still = best(network.replace(parameters="static"))
    assert math.isclose(still["bright-in-turn"], still["bright-shared-squeezing"], rel_tol=1e-6)

    # A squeezer at each site with as many squeezed photons in all: a third each, and shared out as well as can be.
    for shares, known in (((1 / 3, 1 / 3, 1 / 3), 2.5357243), ((0.297, 0.561, 0.142), 2.3124177)):
        own = [Squeeze(mode=f"a{j}", r=math.asinh(math.sqrt(share) * math.sinh(R))) for j, share in enumerate(shares)]
        # Coherent light goes where the noise is left.
        noise_left = np.abs(WEIGHTS) * np.exp([-one.r for one in own])
        amplitudes = np.sqrt(noise_left / noise_left.sum() * network.mean_photons)
        found = error(array(amplitudes, own), WEIGHTS) * network.mean_photons
        print(f"a squeezer each, shares {shares}: {found:.7f}/N")
        assert abs(found - known) < 2e-6

    # Malitesta et al.: the mean of d phases with one squeezer of the same dB has e^(-2r) of the shot noise, whatever d and signs.
    for alpha in (["1/2", "-1/2"], ["1/3", "-1/3", "1/3"], ["1/4", "1/4", "-1/4", "-1/4"]):
        few = SensorNetwork.star(
            alpha, sensing="phase", mean_photons=1e9, arms=2, parameters="snapshot", squeezing_db=10.0, squeezers=1
        )
        errors = best(few)
        assert abs(errors["bright-shared-squeezing"] / errors["coherent"] - 0.1) < 1e-6
        assert abs(errors["coherent"] - 1) < 1e-9
        print(f"d = {len(alpha)}: {errors['bright-shared-squeezing']:.6f}/N with one squeezer of 10 dB")


if __name__ == "__main__":
    main()
