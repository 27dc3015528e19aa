"""Phases on fibres between towns: which light, made where and sent along which fibres, loses least."""

from math import fsum
from pathlib import Path

from networks import load_network
from photonics import get_engine, nuisance_aware_information
from protocols import StringLayouts, design


def main() -> None:
    """Neighbours in turn beat one protocol of all four towns on lossy fibres; every turn simulated traversal by traversal."""
    network = load_network(Path(__file__).with_name("fibre_phases.json"))
    result = design(network)
    physical = result.physical
    assert isinstance(physical, StringLayouts)
    for candidate in result.candidates:
        plan = candidate.plan
        print(
            f"MSE {candidate.mse:.4f}, {plan.controls} controls, {plan.modes_between_sites} modes entangled: {plan.title}"
        )
    alpha = [float(a) for a in network.function.alpha]
    simulated = []
    for turn, part in zip(physical.turns, physical.parts(network), strict=True):
        information = get_engine("native").qfi(part.circuit, [0.1, 0.2])
        simulated.append(nuisance_aware_information(information, part.coefficients_of(alpha)).mse / part.share)
        print(f"{turn.share:.3f} of the shots: {' and '.join(turn.nodes)}, light from {turn.root}")
    assert abs(fsum(simulated) / physical.mse - 1) < 1e-9
    # Without loss both would reach 1/4.
    assert [turn.nodes for turn in physical.turns] == [("north", "west"), ("east", "south")]
    errors = {candidate.plan.scheme: candidate.mse for candidate in result.candidates}
    assert errors["pairs-in-turn"] == physical.mse
    assert round(errors["noon"] / physical.mse, 3) == 1.311
    assert all(c.built.ideal_mse == 0.25 for c in result.candidates if c.plan.scheme in ("pairs-in-turn", "noon"))
    print(f"simulated MSE {fsum(simulated):.6f}")


if __name__ == "__main__":
    main()
