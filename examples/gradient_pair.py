"""The phase difference of two sensors with two photons: an eighth of the error of a product probe, a quarter of sites in turn."""

import math
from pathlib import Path

from networks import load_network
from protocols import design


def main() -> None:
    """Design the network and print what entanglement gains."""
    result = design(load_network(Path(__file__).with_name("gradient_pair.json")))
    by_scheme = {candidate.plan.scheme: candidate.mse for candidate in result.candidates}
    # q = theta_left - theta_right is balanced, so one arm is the other's reference: (|2,0> + |0,2>)/sqrt 2 has
    # MSE 1/N^2, while one photon for each sensor, with a reference arm each, gives 1 + 1. Both photons at one sensor, then at the
    # other, in half of the shots each, is the best without entanglement between them: ||alpha||_1^2/N^2 = 1, so the gain is 4.
    # Of two modes a superposition of strings is a N00N state; pairs in turn are one pair. Equals in everything stand by name.
    assert [candidate.plan.scheme for candidate in result.candidates[:3]] == ["multimode-noon", "noon", "pairs-in-turn"]
    assert math.isclose(by_scheme["noon"], 1 / 4)
    assert math.isclose(by_scheme["separable-phase"], 2.0)
    assert result.bounds.row("phase", "separable-in-turn").mse == 1
    assert result.bounds.gain("phase") == 4
    print(f"entangled {by_scheme['noon']}, separable {by_scheme['separable-phase']}")


if __name__ == "__main__":
    main()
