"""A 5 x 5 grid of waveguides: its squeezed light along the links, and any unitary on it with 300 beam splitters."""

from pathlib import Path

from networks import load_network
from photonics import GaussianState, Homodyne, get_engine, measure
from protocols import SqueezedLayouts, design, network_mesh


def main() -> None:
    """The error of the gradient from the simulated circuit, and a random unitary along the chip's links."""
    import numpy as np
    from scipy.stats import unitary_group

    network = load_network(Path(__file__).with_name("grid_chip.json"))
    physical = design(network).physical
    assert isinstance(physical, SqueezedLayouts)
    layout = physical.layout
    outcomes = measure(physical.circuit(network), Homodyne(), [0.0] * 25)
    weights = np.array([float(a) for a in network.function.alpha])
    error = weights @ outcomes.covariance[:25, :25] @ weights
    assert abs(error / layout.mse - 1) < 1e-9
    print(
        f"squeezer at node {layout.tree.root}, {len(layout.elements)} beam splitters, {layout.depth} layers: MSE {error:.4f}"
    )

    unitary = unitary_group.rvs(25, random_state=np.random.default_rng(5))
    result = network_mesh(network, unitary)
    # As few elements as a unitary has pairs of modes, in as many layers as there are modes.
    assert (len(result.elements), result.depth) == (300, 25)
    assert result.error < 1e-10
    vacuum = get_engine("native").run(result.circuit(), [])
    assert isinstance(vacuum, GaussianState)
    assert abs(vacuum.covariance - np.eye(50)).max() < 1e-12
    print(f"any unitary: {len(result.elements)} beam splitters in {result.depth} layers, exact to {result.error:.0e}")


if __name__ == "__main__":
    main()
