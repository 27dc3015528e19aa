"""A gravitational-wave detector, 10 dB of squeezing and an efficiency of 0.62: what squeezing buys, and what would buy more.

The numbers of GEO 600 in Demkowicz-Dobrzanski, Banaszek and Schnabel, Phys. Rev. A 88, 041802 (2013); the detector itself is that
of the LIGO Scientific Collaboration, Nat. Phys. 7, 962 (2011). An optical phase at mid-fringe: no cavities, no radiation
pressure.
"""

import math
from dataclasses import replace
from pathlib import Path

from networks import SensorNetwork, load_network
from protocols import design, rank_plans

ETA = 0.62


def best(network: SensorNetwork) -> float:
    """The mean squared error of the best light, times its photons."""
    assert network.mean_photons is not None
    return rank_plans(network).built[0].mse * network.mean_photons


def main() -> None:
    """The design, the limit that loss sets, and the error with a better squeezer or with less loss."""
    network = load_network(Path(__file__).with_name("gravitational_wave.json"))
    result = design(network)
    assert network.mean_photons is not None
    scaled = {one.plan.scheme: one.mse * network.mean_photons for one in result.candidates}
    # (1 - eta)/eta + e^(-2r); squeezed photons are too few to count. One site: nothing to entangle.
    assert abs(scaled["bright-shared-squeezing"] - 0.712903226) < 1e-8
    assert math.isclose(scaled["coherent"], 1 / ETA, rel_tol=1e-12)
    assert not result.verdict.entanglement_pays
    gain_db = 10 * math.log10(scaled["coherent"] / scaled["bright-shared-squeezing"])
    assert abs(gain_db + 10 * math.log10(ETA * 10**-1 + 1 - ETA)) < 1e-6
    print(f"n Var = {scaled['bright-shared-squeezing']:.9f}, {gain_db:.2f} dB below coherent light")

    # docs/theory/theory.md, section 7: arms with coefficients 1 and -1 behind the same loss; no light has less than
    # (1 - eta)/(eta n).
    limit = (1 - ETA) / ETA
    assert limit < scaled["bright-shared-squeezing"] < 1.17 * limit
    print(
        f"no light of any kind has less than {limit:.6f}, a factor of {scaled['bright-shared-squeezing'] / limit:.3f}"
    )

    # Another 5 dB of squeezing against half of the loss.
    squeezed = best(network.replace(squeezing_db=15.0))
    clear = best(network.replace(modes=[replace(mode, transmissivity=0.81) for mode in network.modes]))
    assert abs(squeezed - (limit + 10**-1.5)) < 1e-8
    assert abs(clear - (0.19 / 0.81 + 0.1)) < 1e-8
    print(f"15 dB: {squeezed:.6f}; 10 dB and half of the loss: {clear:.6f}")


if __name__ == "__main__":
    main()
