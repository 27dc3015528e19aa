"""alpha = (1, 1, -1) with one photon and two passes: two modes a pass are enough in every shot; BEGG Table 1 asks for three."""

from pathlib import Path

from networks import load_network
from protocols import design
from protocols.theory.entanglement import published_phase_modes_bound


def main() -> None:
    """Design the network and show its two passes."""
    network = load_network(Path(__file__).with_name("two_modes_suffice.json"))
    # Every shot by itself; parameters that stay put are measured pair by pair over the shots, with two modes and no control.
    # One photon on average of coherent light is as good, as always at N = 1; here it is about probes of exactly one.
    result = design(network.replace(parameters="snapshot"), schemes=["noon", "w-matrix", "multimode-noon"])
    plan = result.chosen.plan
    assert plan.photon_protocol is not None
    assert result.chosen.mse == 1.0
    assert all(condition.holds for condition in result.chosen.checks)
    assert plan.modes_per_pass == (2, 2)
    assert published_phase_modes_bound(plan.photon_protocol.function, 2) == 3
    for probe in plan.probes:
        print(probe)


if __name__ == "__main__":
    main()
