"""The README's laboratory: four field sensors on fibres, one squeezer in the hub; entanglement pays however lossy the fibres."""

from dataclasses import replace
from pathlib import Path

from networks import load_network
from protocols import design


def main() -> None:
    """The design's error beside a closed form, and the verdict with fibres that lose eight times the dB."""
    network = load_network(Path(__file__).with_name("field_average.json"))
    result = design(network)
    verdict = result.verdict
    assert verdict is not None
    assert verdict.factor is not None
    print(
        f"{result.chosen.plan.scheme}: {result.chosen.mse:.6f} vacuum variances a shot, {verdict.factor:.3f} times below "
        f"{verdict.compared_with}"
    )

    # One squeezed vacuum of 10 dB and escape efficiency 0.95, split u over links T, detectors 0.98: the variance of the mean of
    # four outcomes is least for u_j ~ sqrt(T_j).
    through = sum(link.transmissivity for link in network.links) / 16
    closed = (1 / 4 - (1 - 10**-1) * 0.95 * 0.98 * through) / 0.98
    assert abs(result.chosen.mse - closed) < 1e-9
    assert verdict.entanglement_pays

    # In turn, a site has the squeezer in a share of the shots and vacuum in the others: for weak squeezing, as behind lossy fibres,
    # its gain is shared by four, while that of the split squeezer is not. So the order does not turn.
    assert "link_loss_times" not in {point.what for point in verdict.turning_points}
    lossy = network.replace(
        links=[replace(link, transmissivity=link.transmissivity**8) for link in network.links],
    )
    worse = design(lossy).verdict
    assert worse is not None
    assert worse.factor is not None
    assert 1 < worse.factor < verdict.factor
    print(f"with eight times the losses of the fibres: {worse.factor:.3f} times")


if __name__ == "__main__":
    main()
