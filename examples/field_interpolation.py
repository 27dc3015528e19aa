"""A field halfway between four sensors, by cubic interpolation: fractional weights of both signs."""

import math
from fractions import Fraction
from pathlib import Path

from networks import load_network
from protocols import design
from protocols.problem import divisibility


def lagrange_weights(nodes: list[int], at: Fraction) -> list[Fraction]:
    """Weights w_j with f(at) = sum w_j f(node_j) for every polynomial of degree below the number of nodes."""
    return [math.prod(((at - k) / Fraction(j - k) for k in nodes if k != j), start=Fraction(1)) for j in nodes]


def main() -> None:
    """Design the network, from JSON and from GraphML."""
    network = load_network(Path(__file__).with_name("field_interpolation.json"))
    assert list(network.function.alpha) == lagrange_weights([-1, 0, 1, 2], Fraction(1, 2))
    assert load_network(Path(__file__).with_name("field_interpolation.graphml")) == network
    result = design(network)
    # ||alpha||_P = 9/8 and N M = 18: (9/8)^2/18^2 = 1/256.
    assert result.chosen.mse == 1 / 256
    # Four photons and three passes cannot do it: the refusal names what would.
    assert divisibility(network.function, photons=4, passes=3).least_photons == 6
    print(f"MSE {result.chosen.mse}, modes per pass {result.chosen.plan.modes_per_pass}")


if __name__ == "__main__":
    main()
