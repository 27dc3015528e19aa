"""Three antennas that imprint a radio wave's phase on squeezed light: the split has to be that of the function that is wanted.

Xia et al., Phys. Rev. Lett. 124, 150502 (2020), set the split of one squeezed vacuum for the average or for the gradient at an
edge, -3/2, 2, -1/2. The scheme is that of Zhuang, Zhang and Shapiro, Phys. Rev. A 97, 032329 (2018).
"""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from networks import SensorNetwork, load_network
from photonics import Circuit, Displace, Homodyne, Loss, Sense, measure, split_squeezed_vacuum
from protocols import design, rank_plans

ETA, R, CARRIER = 0.7, 0.6, 1e8
SITES = ("edge", "middle", "far")
AVERAGE, GRADIENT = (1 / 3, 1 / 3, 1 / 3), (-3 / 2, 2.0, -1 / 2)


def error(weights: Sequence[float], split: Sequence[float]) -> float:
    """Of the weighted sum of three phases, by homodyne across carriers of equal power; times 4 photons of a carrier."""
    light = split_squeezed_vacuum(SITES, split, R)
    carriers = tuple(Displace(mode=site, p=2 * math.sqrt(CARRIER)) for site in SITES)
    losses = tuple(Loss(mode=site, transmissivity=ETA) for site in SITES)
    circuit = Circuit(modes=SITES, operations=(*light, *carriers, Sense(modes=SITES, generator="number"), *losses))
    information = measure(circuit, Homodyne(), [0.0] * 3).fisher_matrix()
    return float(np.asarray(weights) @ np.linalg.solve(information, np.asarray(weights))) * 4 * CARRIER


def main() -> None:
    """The right split and the wrong one for both functions, the design, and displacements beside phases."""
    # Displacements with these weights: sum alpha_j^2 (1/eta - (1 - e^(-2r)) cos^2), cos between the weights and the split.
    less = 1 - math.exp(-2 * R)
    for name, weights, other in (("average", AVERAGE, GRADIENT), ("gradient", GRADIENT, AVERAGE)):
        squares = sum(a * a for a in weights)
        right, wrong = error(weights, weights), error(weights, other)
        assert math.isclose(right, squares * (1 / ETA - less), rel_tol=1e-9)
        # The weights of a gradient add up to nothing: a split for the average is orthogonal to it and sees no squeezing.
        assert math.isclose(wrong, squares / ETA, rel_tol=1e-9)
        print(f"{name}: {right:.9f} with its own split, {wrong:.9f} with the other's")
    assert abs(error(GRADIENT, GRADIENT) - 4.743476663) < 1e-6
    assert abs(error(GRADIENT, AVERAGE) - 9.285714286) < 1e-6

    # The design finds the split: the same carriers, no more than these antennas stand.
    network = load_network(Path(__file__).with_name("radio_sensors.json"))
    result = design(network)
    assert result.chosen.plan.scheme == "displaced-squeezed-shared"
    assert abs(result.chosen.mse * 4 * CARRIER - 4.743476663) < 1e-6
    assert result.verdict.entanglement_pays
    print(
        f"designed: {result.chosen.mse * 4 * CARRIER:.6f}, {result.verdict.factor:.3f} times below "
        f"{result.verdict.compared_with}"
    )
    # As much light in all, but along the weights' magnitudes: 16 ((1 - eta)/eta + e^(-2r))/(4 N), N that of three carriers.
    free = network.with_laboratory(mean_photons_max=None).replace(mean_photons=3 * CARRIER)
    best = rank_plans(free).built[0].mse * 4 * CARRIER
    assert abs(best - 3.892083416) < 1e-6
    print(f"carriers along the weights' magnitudes: {best:.6f}")

    # Zhuang et al.: the mean of M displacements, N squeezed photons in all: e^(-2r) with N at one squeezer, or with N/M at each.
    for sites, photons in ((3, 1.0), (4, 2.0)):
        mean = [f"1/{sites}"] * sites
        fields = SensorNetwork.star(mean, sensing="displacement", mean_photons=photons, transmissivity=ETA)
        found = {one.plan.scheme: one.mse for one in rank_plans(fields).built}
        for scheme, n in (("entangled-squeezed", photons), ("separable-squeezed", photons / sites)):
            quiet = 1 / (math.sqrt(n) + math.sqrt(n + 1)) ** 2
            assert math.isclose(found[scheme], (quiet + (1 - ETA) / ETA) / sites, rel_tol=1e-9)
        # Phases of carriers with A photons are displacements over 2 sqrt(A).
        db = -10 * math.log10(1 / (math.sqrt(photons) + math.sqrt(photons + 1)) ** 2)
        phases = SensorNetwork.star(
            mean, sensing="phase", mean_photons=1e9, transmissivity=ETA, squeezing_db=db, phase_reference="free"
        ).with_laboratory(mean_photons_max=1e6)
        shared = {one.plan.scheme: one.mse for one in rank_plans(phases).built}["displaced-squeezed-shared"]
        # The limit of a site holds for the squeezed photons too: a share of some 1e-6 of the carrier.
        assert math.isclose(shared * 4e6, found["entangled-squeezed"], rel_tol=1e-5)
        print(
            f"{sites} displacements: {found['entangled-squeezed']:.6f} shared, {found['separable-squeezed']:.6f} each"
        )


if __name__ == "__main__":
    main()
