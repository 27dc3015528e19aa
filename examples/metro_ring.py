"""The average of six displacements on a city's fibre ring: where the squeezer goes, which fibres it takes, what they cost."""

from pathlib import Path

from networks import load_network
from photonics import Homodyne, measure
from protocols import SqueezedLayouts, design


def main() -> None:
    """The layout of the design, and the error read off its simulated circuit."""
    network = load_network(Path(__file__).with_name("metro_ring.json"))
    physical = design(network).physical
    assert isinstance(physical, SqueezedLayouts)
    layout = physical.layout
    for element in layout.elements:
        a, b = element.edge
        share = f"reflectivity {element.reflectivity:.1%}, fibre transmissivity {element.transmissivity:.1%}"
        print(f"layer {element.layer}: {a} -> {b}, {share}")
    outcomes = measure(physical.circuit(network), Homodyne(), [0.0] * 6)
    average = outcomes.covariance[:6, :6].sum() / 36
    assert abs(average / layout.mse - 1) < 1e-9
    # The squeezer goes to the station, and the light that passes the exchange is not split there.
    assert layout.tree.root == "station"
    assert layout.relays == ("exchange",)
    print(f"MSE {layout.mse:.5f}; fibres without loss {layout.lossless_mse:.5f}; vacuum {1 / 6:.5f}")


if __name__ == "__main__":
    main()
