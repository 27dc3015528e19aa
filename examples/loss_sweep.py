"""A sweep in a few lines: how many photons are worth sending through a loss, when the estimate needs stages of all sizes."""

import tempfile
from pathlib import Path

from protocols import load_results, read_spec, run_sweep


def main() -> None:
    """Run the sweep into a folder of its own, read its rows, and find the best photon number for each loss."""
    spec = read_spec(Path(__file__).with_name("loss_sweep.toml"))
    with tempfile.TemporaryDirectory() as folder:
        done = run_sweep(spec, Path(folder) / "rows")
        assert (done.computed, done.failed) == (len(spec), 0)
        assert run_sweep(spec, Path(folder) / "rows").computed == 0
        rows = load_results(Path(folder) / "rows")
    adaptive = rows[(rows["estimator"] == "adaptive") & (rows["shots"] == 400)]
    best = {}
    for transmissivity, group in adaptive.groupby("transmissivity", sort=False):
        order = group.sort_values("mse_rad2")
        best[transmissivity] = int(order["photons_per_shot"].iloc[0])
        print(f"transmissivity {transmissivity}: N = {best[transmissivity]}, MSE {order['mse_rad2'].iloc[0]:.3g} rad^2")
    # N^2 eta^N is largest at N = -2/ln eta: about 9 for 0.8 and 4 for 0.6.
    assert best == {1.0: 16, 0.8: 8, 0.6: 4}
    print(f"{len(rows)} rows, versions {rows.attrs['versions']['numpy']} of numpy")


if __name__ == "__main__":
    main()
