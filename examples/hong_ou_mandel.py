"""Two photons, one in each port of a Mach-Zehnder interferometer, gate by gate on Strawberry Fields' Fock backend.

The first beam splitter bunches them into (|2,0> - |0,2>)/sqrt 2, the two-photon N00N state: coincidences behind the second
one follow cos(theta)^2, twice the fringe of one photon, and the Fisher information is N^2 = 4.
"""

import math
from pathlib import Path

from networks import load_network
from photonics import BeamSplitter, Circuit, FockState, PrepareFock, Sense, get_engine
from photonics.engines.compare import compare_engines
from protocols import design

MODES = ("upper", "lower")


def interferometer() -> Circuit:
    """One photon in each arm, 50:50, the phase in the upper arm, 50:50."""
    return Circuit(
        modes=MODES,
        operations=(
            PrepareFock(state=FockState.from_terms(MODES, {(1, 1): 1.0})),
            BeamSplitter(first="upper", second="lower", theta_rad=math.pi / 4),
            Sense(modes=("upper",), generator="number"),
            BeamSplitter(first="upper", second="lower", theta_rad=math.pi / 4),
        ),
    )


def main() -> None:
    """Scan the fringe on both engines and compare with the designed N00N state."""
    circuit, engine = interferometer(), get_engine("strawberryfields")
    for step in range(7):
        theta = step * math.pi / 12
        state = engine.run(circuit, [theta])
        assert isinstance(state, FockState)
        coincidence = state.probability((1, 1))
        assert abs(coincidence - math.cos(theta) ** 2) < 1e-9
        print(f"theta {theta:.4f}  coincidences {coincidence:.6f}")
    assert compare_engines(circuit, [0.4]).largest < 1e-9
    result = design(load_network(Path(__file__).with_name("hong_ou_mandel.json")), engine="strawberryfields")
    assert math.isclose(result.chosen.mse, 1 / 4)
    assert abs(engine.qfi(circuit, [0.4])[0, 0] - 4) < 1e-9


if __name__ == "__main__":
    main()
