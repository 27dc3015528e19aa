"""Phases on fibres between towns: the protocol, the place of the source and the link traversals that lose least."""

from pathlib import Path

from networks import load_network
from photonics import get_engine, nuisance_aware_information
from protocols import PhotonLayouts, design


def main() -> None:
    """Three trade-offs between error, switches and entangled modes; the best one simulated traversal by traversal."""
    network = load_network(Path(__file__).with_name("fibre_phases.json"))
    physical = design(network).physical
    assert isinstance(physical, PhotonLayouts)
    for row in physical.alternatives:
        print(f"MSE {row.mse:.4f}, {row.switches} mode switches, {row.entangled_modes} entangled modes: {row.title}")
    circuit = physical.circuit(network)
    information = get_engine("native").qfi(circuit, [0.1, 0.2, 0.3, 0.4])
    simulated = nuisance_aware_information(information, [1, 1, -1, -1]).mse
    assert abs(simulated / physical.mse - 1) < 1e-9
    # Without loss every optimal protocol would reach 1/4.
    assert physical.best.root == "exchange"
    assert [row.entangled_modes for row in physical.alternatives] == [4, 3, 2]
    print(f"{len(circuit.modes)} modes with all lanes, simulated MSE {simulated:.6f}")


if __name__ == "__main__":
    main()
