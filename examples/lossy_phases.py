"""Three phases behind losses: which light is best, how far from it any light can be, and what a measurement keeps."""

from pathlib import Path

from networks import load_network
from photonics import BranchProjection, measure, nuisance_aware_information
from protocols import design, loss_report


def main() -> None:
    """The loss report, and the information of one measurement from its outcome probabilities."""
    network = load_network(Path(__file__).with_name("lossy_phases.json"))
    result = loss_report(network)
    assert result.optimum is not None
    best = result.rows[0]
    # The weighted N00N state is within 3 10^-5 of the best that any states of three photons can do, proved.
    assert best.mse / result.optimum.lower_bound - 1 < 3e-5
    print(f"{best.scheme}: MSE {best.mse:.6g}, any states of 3 photons: at least {result.optimum.lower_bound:.6g}")
    print(f"shot noise of the network {result.shot_noise:.6g}; two branches are best with N = {result.best_photons}")

    plan = design(network).chosen.plan
    circuit = plan.parts[0].circuit
    # Branches |1,2,0>|0> and |0,0,1>|2>, projected a quarter of a fringe away from their relative phase.
    projection = BranchProjection(first=(1, 2, 0, 0), second=(0, 0, 1, 2), phase_rad=1.5707963267948966)
    outcomes = measure(circuit, projection, [0.0, 0.0, 0.0])
    mse = nuisance_aware_information(outcomes.fisher_matrix(), [1.0, 2.0, -1.0]).mse
    assert abs(mse / plan.predicted_mse - 1) < 1e-9
    print(f"all three photons arrive with probability {outcomes.probability(1) + outcomes.probability(-1):.4f}")


if __name__ == "__main__":
    main()
