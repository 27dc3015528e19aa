"""A sweep in a few lines: how many photons are worth sending through a loss, when the estimate needs stages of all sizes."""

import tempfile
from pathlib import Path

from protocols import load_results, read_spec, run_sweep


def main() -> None:
    """Run the sweep into a folder of its own, read its rows, and find how many photons are enough for each loss."""
    spec = read_spec(Path(__file__).with_name("loss_sweep.toml"))
    with tempfile.TemporaryDirectory() as folder:
        done = run_sweep(spec, Path(folder) / "rows")
        assert (done.computed, done.failed) == (len(spec), 0)
        assert run_sweep(spec, Path(folder) / "rows").computed == 0
        rows = load_results(Path(folder) / "rows")
    adaptive = rows[(rows["estimator"] == "adaptive") & (rows["shots"] == 400)]
    enough = {}
    for transmissivity, group in adaptive.groupby("transmissivity", sort=False):
        order = group.sort_values("photons_per_shot")
        # Photons at hand that the loss would make a burden are left unused: from here on, more of them change nothing.
        most = order["photons_total"].iloc[-1]
        enough[transmissivity] = int(order.loc[order["photons_total"] == most, "photons_per_shot"].iloc[0])
        mse, unused = order[["mse_rad2", "photons_unused"]].iloc[-1]
        print(f"transmissivity {transmissivity}: N = {enough[transmissivity]} are enough; ", end="")
        print(f"of 16 a shot, MSE {mse:.3g} rad^2 and {unused:.0f} unused")
    # N^2 eta^N is largest at N = -2/ln eta, about 9 for 0.8 and 4 for 0.6; stages have 1, 2, 4, ... of the photons.
    assert enough == {1.0: 16, 0.8: 8, 0.6: 4}
    print(f"{len(rows)} rows, versions {rows.attrs['versions']['numpy']} of numpy")


if __name__ == "__main__":
    main()
