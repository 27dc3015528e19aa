"""From bounds to data: how near estimators come to the bound with simulated shots, constants included."""

import math
from pathlib import Path

from networks import SensorNetwork, load_network
from protocols import best_guaranteed_schedule, simulate, simulate_function


def main() -> None:
    """The gradient of two interferometers, a longer schedule of stages, and a function that is not linear."""
    network = load_network(Path(__file__).with_name("gradient_pair.json"))
    result = simulate(network, shots=100, trials=4000)
    robust, adaptive = result.result("noon", "robust"), result.result("noon", "adaptive")
    assert robust.predicted_mse is not None
    assert abs(robust.mse - robust.predicted_mse) < 4 * robust.tally.mse_stderr
    # With feedback the photons used are worth what the quantum Fisher information says; without, two quadratures cost up to
    # twice as much. The bound is for all 200 photons of the 100 shots; stages of one photon leave some unused.
    assert adaptive.mse / adaptive.probe_bound < 1.1 < robust.mse / robust.probe_bound
    assert adaptive.bound is not None
    assert robust.bound is not None
    assert adaptive.mse / adaptive.bound < 1.2 < robust.mse / robust.bound
    assert adaptive.resources.photons + adaptive.resources.photons_unused == 200
    print(f"100 shots: bound {adaptive.bound:.5f}, adaptive {adaptive.mse:.5f}, robust {robust.mse:.5f}")

    # Nine stages of up to 512 photons, an unknown phase: twice 1.5 pi/n, where n counts all photons.
    many = simulate(
        SensorNetwork.star([1, 1], sensing="phase", photons=512),
        shots=45,
        trials=4000,
        theta="random",
        estimator="adaptive",
    )
    assert many.first.overhead is not None
    assert 1 < many.first.overhead < 2
    print(f"45 shots in 9 stages: RMSE = {many.first.overhead:.3f} pi ||alpha||_P/n")
    sure = best_guaranteed_schedule(9)
    assert sure.guaranteed < 7 < 10.7
    print(f"robust, guaranteed at every phase: RMSE <= {sure.guaranteed:.3f} pi/n with {sure.schedule.shots} shots")

    # A function that is not linear: a pilot stage, then the linearised protocol.
    product = simulate_function(
        SensorNetwork.star([1, 1], sensing="displacement", mean_photons=4), "theta1*theta2", shots=20_000, trials=4000
    )
    assert product.tally.mse / product.bound < 1.1
    print(
        f"theta1*theta2 = {product.value:.4f} +- {math.sqrt(product.tally.mse):.1e}, bound {math.sqrt(product.bound):.1e}"
    )


if __name__ == "__main__":
    main()
