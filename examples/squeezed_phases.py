"""Phases under squeezed vacuum alone, read against strong local oscillators: one squeezer split, one each, one for each sign.

Oh, Lee, Lie and Jeong, Phys. Rev. Research 2, 023030 (2020), split one squeezed vacuum for a mean; Oh, Jiang and Lee, Phys. Rev.
Research 4, 023164 (2022), give weights of each sign a squeezer of their own. Where phases stay put, sites in turn do better.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from networks import SensorNetwork, load_network
from photonics import (
    Circuit,
    Homodyne,
    Loss,
    Sense,
    Squeeze,
    get_engine,
    measure,
    nuisance_aware_information,
    split_squeezed_vacuum,
)
from protocols import design, rank_plans

MODES = ("n1", "n2", "s1", "s2")


def errors(network: SensorNetwork) -> Mapping[str, float]:
    """Mean squared errors by scheme."""
    return {one.plan.scheme: one.mse for one in rank_plans(network).built}


def mean_of(network: SensorNetwork) -> SensorNetwork:
    """The network with the weights of a mean."""
    modes = [replace(mode, alpha=Fraction(1, 4)) if mode.role == "sensor" else mode for mode in network.modes]
    return network.replace(modes=modes)


def quantum_error(photons: float, transmissivity: float = 1.0) -> float:
    """Of the mean of four phases under one squeezed vacuum split evenly: alpha^T F^-1 alpha with the quantum information matrix."""
    light = split_squeezed_vacuum(MODES, [1.0] * 4, math.asinh(math.sqrt(photons)))
    losses = tuple(Loss(mode=mode, transmissivity=transmissivity) for mode in MODES if transmissivity < 1)
    circuit = Circuit(modes=MODES, operations=(*light, Sense(modes=MODES, generator="number"), *losses))
    return nuisance_aware_information(get_engine("native").qfi(circuit, [0.0] * 4), [1 / 4] * 4).mse


def main() -> None:
    """The network's four phases of both signs; a mean of one sign; how errors fall with photons and sites; one lossy phase."""
    network = load_network(Path(__file__).with_name("squeezed_phases.json"))
    result = design(network)
    found = {one.plan.scheme: one.mse for one in result.candidates}
    # Half the weight and half the photons for each sign: 2 (1/2)^2/(8 n (n + 1)) at n = 3/2; a squeezer each has 3/4.
    assert math.isclose(found["squeezed-vacuum-shared"], 2 * (1 / 4) / (8 * 1.5 * 2.5), rel_tol=1e-9)
    assert math.isclose(found["squeezed-vacuum-local"], 4 * (1 / 16) / (8 * 0.75 * 1.75), rel_tol=1e-9)
    assert result.chosen.plan.scheme == "squeezed-vacuum-shared"
    assert result.verdict.entanglement_pays
    print(
        f"both signs: {found['squeezed-vacuum-shared']:.7f} with two squeezers, {found['squeezed-vacuum-local']:.7f} with four"
    )
    # Over shots in which the phases stay put, one squeezer in turn reaches the bound of Gaussian light, which two at once do not.
    still = errors(network.replace(parameters="static"))
    assert result.chosen.bound is not None
    assert math.isclose(still["squeezed-vacuum-in-turn"], result.chosen.bound, rel_tol=1e-9)
    assert math.isclose(still["squeezed-vacuum-shared"] / result.chosen.bound, 1.6, rel_tol=1e-9)
    print(f"in turn: {still['squeezed-vacuum-in-turn']:.7f}, the bound of Gaussian light")

    # One sign: one squeezed vacuum over all sites, 1/(8 n (n + 1)) however many they are. Homodyne sees all that there is.
    mean = mean_of(network)
    together = errors(mean)
    assert abs(together["squeezed-vacuum-shared"] - 0.0104166667) < 1e-10
    assert abs(together["squeezed-vacuum-local"] - 0.0238095238) < 1e-10
    assert math.isclose(together["squeezed-vacuum-shared"], quantum_error(3.0), rel_tol=1e-9)
    print(f"one sign: {together['squeezed-vacuum-shared']:.10f} split, {together['squeezed-vacuum-local']:.10f} each")
    # Of many photons, four sites gain 4: the error falls as 1/n^2 in the photons of all instead of those of each.
    many = errors(mean.replace(mean_photons=1e5))
    gain = many["squeezed-vacuum-local"] / many["squeezed-vacuum-shared"]
    assert abs(gain - 4 * (1e5 + 1) / (1e5 + 4)) < 1e-6
    assert math.isclose(many["squeezed-vacuum-shared"] * 8e10, 1, rel_tol=2e-5)
    print(f"10^5 photons: {gain:.4f} times less by splitting")
    # With losses it is no longer all: what homodyne misses grows with them.
    lossy = errors(mean.with_transmissivity(0.7))["squeezed-vacuum-shared"]
    assert lossy > quantum_error(3.0, 0.7) * 1.1

    # One phase, r = 0.8 behind 0.7: what the light has and what homodyne at its best angle sees.
    circuit = Circuit(
        modes=("a",),
        operations=(
            Squeeze(mode="a", r=0.8),
            Sense(modes=("a",), generator="number"),
            Loss(mode="a", transmissivity=0.7),
        ),
    )
    has = float(get_engine("native").qfi(circuit, [0.0])[0, 0])
    sees = max(
        float(measure(circuit, Homodyne(angles_rad=angle), [0.0]).fisher_matrix()[0, 0])
        for angle in np.linspace(0.2, 0.6, 401)
    )
    assert abs(has - 4.154278893200) < 1e-9
    assert abs(sees - 3.326520) < 2e-5
    print(f"r = 0.8 behind 0.7: quantum information {has:.6f}, homodyne {sees:.6f}")


if __name__ == "__main__":
    main()
