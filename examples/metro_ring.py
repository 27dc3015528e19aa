"""The average of six displacements on a city's fibre ring: where one squeezer would go, what fibres cost, and what to build."""

from pathlib import Path

from networks import load_network
from photonics import Homodyne, measure
from protocols import SqueezedLayouts, along_links, design


def main() -> None:
    """The layout of one squeezer with the error read off its simulated circuit, and the verdict of the design."""
    network = load_network(Path(__file__).with_name("metro_ring.json"))
    physical = along_links(network, squeezers=1)
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
    result = design(network)
    print(result.verdict.sentence)
    # A squeezer in every town needs no fibre; three that share beat one, and would beat six on better fibres.
    assert result.verdict.entanglement_pays is False
    assert result.chosen.plan.scheme == "separable-squeezed"
    shared = next(c for c in result.candidates if c.plan.scheme == "entangled-squeezed")
    assert result.chosen.mse < shared.mse < layout.mse
    assert len(shared.built.starts_at or ()) == 3


if __name__ == "__main__":
    main()
