"""Four nodes and one squeezed vacuum, transmissivity 0.735: displacement sensing, and the phase sensing of the experiment.

Guo et al., Nat. Phys. 16, 281 (2020), measured an average phase of four nodes with displaced squeezed light. With N = 2.5
photons a node counted after the loss, the best squeezing gives sigma = 0.0997 (one squeezer, shared) and 0.1157 (four).
"""

import math
from pathlib import Path

import numpy as np

from networks import load_network
from photonics import BeamSplitter, Circuit, Displace, GaussianState, Loss, Sense, Squeeze, get_engine, split_amplitudes
from photonics.engines.native_gaussian import run_moments
from protocols import design
from protocols.theory.displaced_squeezing import best_displaced_squeezing

ETA, PHOTONS, NODES = 0.735, 2.5, ("1", "2", "3", "4")


def average_phase_circuit(r: float, shared: bool) -> Circuit:
    """p-squeezed light at every node, from one squeezer or four, displaced along x, a phase at each node, loss."""
    splitters: tuple[BeamSplitter, ...] = split_amplitudes(NODES, [1.0] * 4) if shared else ()
    squeezers = tuple(Squeeze(mode=node, r=r, angle_rad=math.pi) for node in (NODES[:1] if shared else NODES))
    # Photons a node after the loss: a^2 of the displacement and eta sinh(r)^2/s of the squeezed light.
    amplitude = math.sqrt(PHOTONS - ETA * math.sinh(r) ** 2 / (4 if shared else 1))
    light = tuple(Displace(mode=node, x=2 * amplitude / math.sqrt(ETA)) for node in NODES)
    losses = tuple(Loss(mode=node, transmissivity=ETA) for node in NODES)
    return Circuit(
        modes=NODES, operations=(*squeezers, *splitters, *light, Sense(modes=NODES, generator="number"), *losses)
    )


def sigma(r: float, shared: bool) -> float:
    """Standard deviation of the average phase from p homodyne at every node, near theta = 0."""
    moments = run_moments(average_phase_circuit(r, shared), [0.0] * 4)
    weights = np.full(4, 1 / 4) / np.diag(moments.mean_derivatives[4:])
    return float(np.sqrt(weights @ moments.covariance[4:, 4:] @ weights))


def main() -> None:
    """Design the displacement network, then find the squeezing that is best for the average phase."""
    network = load_network(Path(__file__).with_name("guo_four_nodes.json"))
    result = design(network, engine="strawberryfields")
    # docs/theory/theory.md: e^{-2r} + (1 - eta)/eta for loss after the sensing, times ||alpha||_2^2 = 1/4.
    squeezed = 1 / (math.sqrt(2.5) + math.sqrt(3.5)) ** 2
    assert math.isclose(result.chosen.mse, (squeezed + (1 - ETA) / ETA) / 4)
    for shared, published, level_db in ((True, 0.099710, 10.03), (False, 0.115697, 6.47)):
        best = best_displaced_squeezing(4, PHOTONS, ETA, shared=shared)
        assert abs(best.sigma_rad - published) < 1e-6
        assert abs(20 * best.r * math.log10(math.e) - level_db) < 0.01
        # The closed form is what the simulated circuit gives.
        assert abs(sigma(best.r, shared) - best.sigma_rad) < 1e-9
        print(f"{'one squeezer' if shared else 'four squeezers'}: sigma {best.sigma_rad:.6f} rad")
        circuit, theta = average_phase_circuit(best.r, shared), [0.01, -0.02, 0.03, 0.0]
        ours, theirs = (get_engine(name).run(circuit, theta) for name in ("native", "strawberryfields"))
        assert isinstance(ours, GaussianState)
        assert isinstance(theirs, GaussianState)
        assert np.allclose(ours.covariance, theirs.covariance, atol=1e-9)


if __name__ == "__main__":
    main()
