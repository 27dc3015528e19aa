"""A weighted average of five phases, new ones in every shot: too few photons for the N00N state, three passes make up for it."""

import math
from pathlib import Path

from networks import load_network
from protocols import check_protocol, design, enumerate_protocols


def main() -> None:
    """Design the network, and check the chosen protocol once more from its bare columns."""
    network = load_network(Path(__file__).with_name("five_phases.json"))
    # Phases that stayed put could be measured one after the other, without any entanglement between the sites.
    result = design(network.replace(parameters="snapshot"))
    # ||alpha||_P = 1, so the bound (12) is 1/(N M)^2 = 1/225.
    assert result.chosen.plan.scheme == "w-matrix"
    assert math.isclose(result.chosen.mse, 1 / 225)
    assert [missing.scheme for missing in result.unavailable] == ["noon", "pairs-in-turn", "noon-in-turn"]
    # Superposed strings of all six modes reach the bound as well.
    assert max(next(c for c in result.candidates if c.plan.scheme == "multimode-noon").plan.modes_per_pass) == 6
    protocol = result.chosen.plan.photon_protocol
    assert protocol is not None
    report = check_protocol(protocol.to_dict())
    assert report.valid
    everything = enumerate_protocols(network.function, 5, 3, count=True)
    assert everything.minimum_modes == max(protocol.modes_per_pass) == 3
    print(f"MSE 1/225 with at most 3 modes a pass, one of {everything.count} optimal protocols")


if __name__ == "__main__":
    main()
