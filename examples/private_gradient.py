"""A gradient that two sites measure together without showing their own phases, and what hiding costs with squeezed light."""

from pathlib import Path

from networks import LinearFunction, SensorNetwork, load_network
from protocols import duality, privacy_report, private_design


def main() -> None:
    """Exact privacy with photons, exact caps, and the price of privacy with squeezed light."""
    network = load_network(Path(__file__).with_name("gradient_pair.json"))
    result = privacy_report(network, colluding=["right"])
    left = result.row("theta of left")
    assert abs(result.privacy - 1) < 1e-12
    assert left.nuisance_aware_qfi == 0
    print(
        f"photons: privacy {result.privacy:.6f}; an observer learns {left.nuisance_aware_qfi:g} of the left phase alone,"
    )
    # Who knows the right phase gets the left one from the difference.
    assert left.to_colluders is not None
    assert abs(left.to_colluders - 4) < 1e-9
    print(f"the right site {left.to_colluders:.6g}")

    caps = duality([1, -1, 0], [1, 1, -2])
    assert str(caps.qubit_cap) == "8/3"
    print(f"three qubits, (1,-1,0) and (1,1,-2): F(w) + F(v) <= {caps.qubit_cap}, published {caps.published_cap}")

    squeezed = SensorNetwork.chain([1, -1], sensing="displacement", mean_photons=2.0)
    plain = privacy_report(squeezed)
    hidden = private_design(squeezed, at_least=0.95)
    assert plain.privacy < 0.95 <= hidden.privacy
    assert 1 < hidden.price < 1.3
    print(f"squeezed light: privacy {plain.privacy:.4f}; 0.95 costs a factor of {hidden.price:.4f} in MSE")
    sum_hidden = private_design(squeezed, hide=[(LinearFunction([1, 1]), 0.5)])
    print(f"at most 0.5 of the sum costs {sum_hidden.price:.4f}")


if __name__ == "__main__":
    main()
