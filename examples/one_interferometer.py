"""One interferometer with laser light in one port: what squeezed vacuum in the other is worth, and what of it is seen.

Caves, Phys. Rev. D 23, 1693 (1981), read the difference of both photocurrents. Lang and Caves, Phys. Rev. Lett. 111, 173601 (2013):
with coherent light in one port, squeezed vacuum is the best that as many photons can be in the other.
"""

import math
from pathlib import Path

import numpy as np

from networks import load_network
from photonics import (
    BeamSplitter,
    Circuit,
    Displace,
    IntensityDifference,
    Sense,
    Squeeze,
    directional_qfi,
    get_engine,
    measure,
    squeezing_for,
)
from protocols import rank_plans

ARMS = ("a", "b")


def interferometer(laser: float, *dark: Squeeze | Displace) -> Circuit:
    """Coherent light of so many photons in port b, anything in port a, a balanced beam splitter, both arms."""
    light = (
        *dark,
        Displace(mode="b", p=2 * math.sqrt(laser)),
        BeamSplitter(first="a", second="b", theta_rad=math.pi / 4),
    )
    return Circuit(modes=ARMS, operations=(*light, Sense(modes=ARMS, generator="number")))


def fisher_information(circuit: Circuit) -> float:
    """About the arm difference, generator (n_a - n_b)/2, whatever else is known."""
    return directional_qfi(get_engine("native").qfi(circuit, [0.0, 0.0]), [1 / 2, -1 / 2])


def intensity_error(circuit: Circuit) -> float:
    """Mean squared error of the arm difference from the difference of photocurrents at mid-fringe."""
    difference = measure(circuit, IntensityDifference(pairs=(ARMS,), angles_rad=-math.pi / 2), [0.0, 0.0])
    return float(difference.covariance[0, 0]) / (float(difference.jacobian[0] @ [1 / 2, -1 / 2]) ** 2)


def main() -> None:
    """Squeezing r = 0.6, rivals of as many photons, the best light of four photons, and how errors fall with the photons."""
    r = 0.6
    n = math.sinh(r) ** 2
    for laser, information, error in ((2.0, 7.045561629135, 0.396273826), (4.0, 13.685795474608, 0.124605011)):
        circuit = interferometer(laser, Squeeze(mode="a", r=r))
        closed = laser * math.exp(2 * r) + n
        assert math.isclose(fisher_information(circuit), closed, rel_tol=1e-12)
        assert abs(closed - information) < 1e-11
        read = (laser * math.exp(-2 * r) + n) / (laser - n) ** 2
        assert math.isclose(intensity_error(circuit), read, rel_tol=1e-12)
        assert abs(read - error) < 1e-9
        print(f"{laser:g} laser photons, {n:.3f} squeezed: Fisher information {closed:.6f}, intensity error {read:.6f}")

    # Lang and Caves: light displaced and squeezed anyhow, of as many photons, tells less.
    rng = np.random.default_rng(1)
    for squeezed in rng.uniform(0, 1, 100):
        displaced, angle, turned = math.sqrt((1 - squeezed) * n), *rng.uniform(0, 2 * math.pi, 2)
        rival = (
            Squeeze(mode="a", r=squeezing_for(squeezed * n), angle_rad=angle),
            Displace(mode="a", x=2 * displaced * math.cos(turned), p=2 * displaced * math.sin(turned)),
        )
        assert fisher_information(interferometer(2.0, *rival)) < 7.045561629135

    # With four photons in all, the network file: the best share of squeezed ones, and no squeezing.
    network = load_network(Path(__file__).with_name("one_interferometer.json"))
    best = {one.plan.scheme: one.mse for one in rank_plans(network).built}
    s = np.linspace(0, 1, 100_001)
    assert math.isclose(best["coherent"], 1 / 4, rel_tol=1e-12)
    tried = ((4 - s) / (1 + 2 * s + 2 * np.sqrt(s * (s + 1))) + s) / (4 - 2 * s) ** 2
    assert math.isclose(best["bright-shared-squeezing"], tried.min(), rel_tol=1e-8)
    print(f"four photons: {best['bright-shared-squeezing']:.6f} with squeezed light, {best['coherent']:.6f} without")

    # Caves: for many photons half the root of them squeezed is best, and the error falls as n^(-3/2); without squeezing as 1/n.
    for photons in (1e6, 1e8):
        many = {one.plan.scheme: one.mse for one in rank_plans(network.replace(mean_photons=photons)).built}
        assert abs(many["bright-shared-squeezing"] * photons**1.5 - 1) < 2 / math.sqrt(photons)
        assert math.isclose(many["coherent"] * photons, 1, rel_tol=1e-12)
        print(f"{photons:g} photons: {many['bright-shared-squeezing'] * photons**1.5:.5f} n^(-3/2)")


if __name__ == "__main__":
    main()
