"""Sweeps as labelled arrays: every number where its axes say, nothing where a point is missing."""

import dataclasses
import math

import numpy as np
import pytest

from networks import InputError, SensorNetwork, save_network
from protocols import load_results, read_spec, run_sweep, sweep_report


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """Of simulations over three axes, and of designs over two."""
    folder = tmp_path_factory.mktemp("sweeps")
    for name, alpha in (("pair", [1, -1]), ("sum", [1, 1])):
        network = SensorNetwork.star(alpha, sensing="phase", photons=2, name=name)
        save_network(network, folder / f"{name}.json")
    pair, total = (repr(str(folder / f"{name}.json")) for name in ("pair", "sum"))
    simulated = f"""network = {pair}
trials = 4
scheme = "noon"
[axes]
shots = [20, 10]
estimator = ["robust", "adaptive"]
transmissivity = [0.9, 1.0]
"""
    designed = f"""task = "design"
scheme = "noon"
[axes]
network = [{pair}, {total}]
photons = [2, 4]
"""
    result = {}
    for name, spec in (("simulated", simulated), ("designed", designed)):
        run_sweep(read_spec(spec), folder / name)
        result[name] = sweep_report(folder / name)
        result[f"{name} frame"] = load_results(folder / name)
    return result


@pytest.mark.parametrize(
    ("name", "dims", "error"),
    [
        ("simulated", {"transmissivity": [0.9, 1.0], "estimator": ["robust", "adaptive"], "shots": [10, 20]}, "mse_rad2"),
        ("designed", {"network": ["pair", "sum"], "photons": [2, 4]}, "mse_rad2"),
    ],
)  # fmt: skip
def test_every_number_is_where_its_axes_say(reports, name, dims, error):
    report, frame = reports[name], reports[f"{name} frame"]
    data = report.to_xarray()
    assert {dim: data[dim].to_numpy().tolist() for dim in data.dims} == dims
    assert tuple(report.axes) == tuple(data[error].dims)
    assert len(frame) == math.prod(map(len, dims.values())) == data[error].size
    columns = {"photons": "photons_per_shot"}
    for _, row in frame.iterrows():
        here = data.sel({dim: row[columns.get(dim, dim)] for dim in dims})
        for column in ("mse_rad2", "bound_rad2", "elapsed_s"):
            assert here[column].item() == row[column]
    assert data[error].attrs["units"] == "rad^2"
    assert data["elapsed_s"].attrs["units"] == "s"
    assert data.attrs["title"] == report.title


def test_what_all_points_have_is_no_array(reports):
    data = reports["simulated"].to_xarray()
    assert (data.attrs["alpha"], data.attrs["network"], data.attrs["trials"]) == ("1,-1", "pair", 4)
    assert not {"alpha", "network", "trials", "task"} & set(data)
    # What came out stays an array, though it be the same everywhere; text too.
    assert "bound_rad2" in data
    assert reports["designed"].to_xarray()["chosen"].dtype == object


def test_points_that_are_missing_are_nan(reports):
    report = reports["simulated"]
    fewer = dataclasses.replace(report, rows=report.rows[1:])
    gone = report.rows[0]
    data = fewer.to_xarray()
    place = {name: gone[name] for name in report.axes}
    assert math.isnan(data["mse_rad2"].sel(place))
    assert int(np.isnan(data["mse_rad2"]).sum()) == 1


def test_two_points_at_one_place(reports):
    report = reports["designed"]
    doubled = dataclasses.replace(report, rows=(*report.rows, report.rows[0]))
    with pytest.raises(InputError, match="several points are at network pair, photons 2; give networks"):
        doubled.to_xarray()


def test_without_xarray(reports, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(ImportError, match=r"pip install 'photonic-sensor-networks\[xarray\]'"):
        reports["designed"].to_xarray()
