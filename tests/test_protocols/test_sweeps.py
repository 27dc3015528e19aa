"""Sweeps: specs, resuming, and what is left after kills, damage and full disks, with real processes on 127.0.0.1."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import itertools
import json
import linecache
import logging
import os
import pickle
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import pytest
from results_of_examples import design_of

from networks import InputError, SensorNetwork, save_network
from networks.files.node_link import network_to_json
from networks.laboratory import ATTRIBUTES
from protocols.estimation.estimators.estimator import PhaseEstimator
from protocols.estimation.estimators.homodyne import Homodyne
from protocols.estimation.estimators.likelihood import likelihood_phase
from protocols.estimation.estimators.robust import Robust
from protocols.estimation.fringes import Draw, Fringe, PhaseEstimates
from protocols.estimation.schedules import Schedule
from protocols.estimation.simulation import simulate
from protocols.problem import PhaseProblem
from protocols.reports.sweep_figures import draw_sweep
from protocols.reports.sweep_views import sweep_view
from protocols.schemes import PhaseScheme, Plan, Unavailable, find_scheme
from protocols.schemes.photon import photon_circuit
from protocols.sweeps import running, store, tasks
from protocols.sweeps.axes import AXES
from protocols.sweeps.own_objects import code_hash
from protocols.sweeps.reading import read_spec, spec_from
from protocols.sweeps.results import load_results, sweep_report
from protocols.sweeps.running import run_sweep
from protocols.sweeps.spec import SweepSpec, network_of

PSN = [sys.executable, "-m", "protocols"]
PHASES = SensorNetwork.star([1, 1], sensing="phase", photons=4)
SHIFTS = SensorNetwork.star([1, -1], sensing="displacement", mean_photons=2.0)

SPEC = """
name = "a sweep for tests"
network = "net.json"
trials = {trials}
seed = 3

[axes]
photons = [2, 4, 6]
transmissivity = [1.0, 0.9]
scheme = ["noon", "separable-phase"]
estimator = ["robust", "adaptive"]
shots = [{shots}]
"""


@pytest.fixture
def spec_file(tmp_path: Path) -> Path:
    return written_spec(tmp_path, trials=300, shots=40)


def written_spec(folder: Path, trials: int, shots: int) -> Path:
    save_network(PHASES, folder / "net.json")
    path = folder / "spec.toml"
    path.write_text(SPEC.format(trials=trials, shots=shots))
    return path


def rows_of(folder: Path) -> pd.DataFrame:
    """The rows, without the one column that is no part of the result."""
    return load_results(folder).drop(columns="elapsed_s")


def same_rows(one: Path, other: Path) -> bool:
    return bool(rows_of(one).equals(rows_of(other)))


# --- specs --------------------------------------------------------------------------------------------------------


def test_points_are_the_grid_in_order_and_have_ids_of_their_own(spec_file: Path) -> None:
    spec = read_spec(spec_file)
    points = list(spec.points())
    assert len(points) == len(spec) == 24
    assert points == [spec.point(k) for k in range(24)]
    assert len({spec.task_id(point) for point in points}) == 24
    assert points[1] == {**points[0], "estimator": "adaptive"}
    assert list(points[0]) == [name for name in AXES if name in points[0]]


def test_ids_follow_contents_not_names_of_files(tmp_path: Path, spec_file: Path) -> None:
    spec = read_spec(spec_file)
    (tmp_path / "elsewhere").mkdir()
    again = written_spec(tmp_path / "elsewhere", trials=300, shots=40)
    assert read_spec(again).spec_id == spec.spec_id
    assert read_spec(written_spec(tmp_path / "elsewhere", trials=301, shots=40)).spec_id != spec.spec_id
    assert spec.task_id(spec.point(0)) != read_spec(again).task_id(spec.point(0))


def test_a_mapping_is_as_good_as_a_file(spec_file: Path, tmp_path: Path) -> None:
    """Its networks are values, and its axes whatever can be gone through."""
    axes = {
        "photons": range(2, 8, 2),
        "transmissivity": np.array([1.0, 0.9]),
        "scheme": ["noon", "separable-phase"],
        "estimator": ("robust", "adaptive"),
        "shots": [40],
    }
    given = {"name": "a sweep for tests", "network": PHASES, "trials": 300, "seed": 3, "axes": axes}
    assert read_spec(given).spec_id == read_spec(spec_file).spec_id
    small = {**given, "axes": {**axes, "photons": [2], "scheme": ["noon"]}}
    assert run_sweep(small, tmp_path / "rows").computed == 4
    with pytest.raises(InputError, match="did you mean 'photons'"):
        read_spec({**given, "axes": {"photos": [2]}})


def test_ranges_stand_for_their_values() -> None:
    spec = spec_from(
        {
            "network": PHASES,
            "axes": {
                "photons": {"start": 2, "stop": 10, "step": 4},
                "transmissivity": {"start": 0.5, "stop": 1.0, "points": 3},
                "shots": {"start": 10, "stop": 1000, "points": 3, "log": True},
            },
        }
    )
    axes = dict(spec.axes)
    assert axes["photons"] == (2, 6, 10)
    assert axes["transmissivity"] == (0.5, 0.75, 1.0)
    assert axes["shots"] == (10, 100, 1000)


def test_losses_in_db_are_transmissivities() -> None:
    given = {"network": PHASES, "axes": {"loss_db": {"start": 0, "stop": 10, "step": 5}}}
    shares = [1.0, 10**-0.5, 0.1]
    assert dict(spec_from(given).axes)["transmissivity"] == pytest.approx(shares, rel=1e-15)
    spec = spec_from({"network": PHASES, "transmissivity": 10**-0.3})
    assert spec_from({"network": PHASES, "loss_db": 3}).spec_id == spec.spec_id


def test_networks_of_gaussian_light_have_their_own_schemes() -> None:
    bright = SensorNetwork.star([1, 1], sensing="phase", mean_photons=2.0, name="bright")
    spec = spec_from({"network": bright, "axes": {"shots": [10, 20]}})
    assert spec.kind == "gaussian"
    with pytest.raises(InputError, match="phase sensing with mean_photons has no scheme 'noon'"):
        spec_from({"network": bright, "axes": {"shots": [10, 20], "scheme": ["noon"]}})


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ({"photons": []}, "empty axis"),
        ({"photons": 3}, "must be a list"),
        ({"shots": [10, -3]}, "shots must be integers from 1"),
        ({"shots": [True]}, "shots must be integers"),
        ({"transmissivity": [0.0]}, "numbers from 1e-100 to 1, got 0.0"),
        ({"transmissivity": [float("nan")]}, "numbers from 1e-100 to 1, got nan"),
        ({"photons": [2**53 + 1]}, "photons must be integers from 1"),
        ({"photons": [2**40], "passes": [2**20]}, "photons in all passes together"),
        ({"scheme": ["nono"]}, "no scheme 'nono'"),
        ({"estimator": ["homodyne"]}, "no estimator 'homodyne'"),
        ({"mean_photons": [1.0]}, "takes photons, not mean_photons"),
        ({"alpha": ["1,2,3"]}, "must have 2 coefficients"),
        ({"alpha": ["1,x"]}, "alpha = '1,x'"),
        ({"eta": [1.0]}, "did you mean 'transmissivity'"),
        ({"loss_db": [-1]}, "loss_db must be numbers of dB from 0 to 1000, got -1"),
        ({"loss_db": [4000]}, "loss_db must be numbers of dB from 0 to 1000, got 4000"),
        ({"loss_db": [1], "transmissivity": [0.5]}, "transmissivity and loss_db say the same thing twice"),
        ({"photons": [2, 2]}, "has the value 2 twice"),
        ({"photons": {"start": 5, "stop": 2, "step": 1}}, "start must not be above stop"),
        ({"photons": {"from": 5}}, "'from' is no part of a range"),
        ({"scheme": {"start": 1, "stop": 2, "step": 1}}, "scheme must be a list"),
        ({"photons": {"start": 1, "stop": 10**9, "step": 1}}, "a sweep may have"),
    ],
)
def test_faults_of_axes(axes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        spec_from({"network": PHASES, "axes": axes})


@pytest.mark.parametrize(
    "text",
    [
        "theta = [1" + "0" * 400 + ", 0]",
        "trials = 1" + "0" * 5000,
        'network = "\\u0000"',
        "a = " + "[" * 5000 + "]" * 5000,
        "[axes]\nphotons = {start = nan, stop = 3, step = 1}",
        "[axes]\nshots = {start = 1, stop = inf, points = 3}",
        "[axes]\nphotons = {start = -1e308, stop = 1e308, points = 3}",
        "[axes]\ntransmissivity = {start = 0, stop = 1" + "0" * 400 + ", step = 1}",
        "[axes]\ntransmissivity = {start = 0.5, stop = 1, points = 3, log = 1}",
        "[axes]\nphotons = {start = 1, stop = 4, step = 1, log = true}",
        '[axes]\nalpha = [["1,2", 1]]',
        'name = ""',
    ],
)
def test_hostile_values_are_faults(tmp_path: Path, text: str) -> None:
    save_network(PHASES, tmp_path / "net.json")
    given = text if text.startswith(("network", "[")) else f'network = "net.json"\n{text}'
    path = tmp_path / "spec.toml"
    path.write_text(given if given.startswith("network") else f'network = "net.json"\n{given}')
    with pytest.raises(InputError):
        read_spec(path)


def test_many_wrong_values_are_not_listed_each() -> None:
    with pytest.raises(InputError) as caught:
        spec_from({"network": PHASES, "axes": {"transmissivity": {"start": 2, "stop": 3, "points": 50_000}}})
    assert len(caught.value.faults) == 6
    assert "49995 more values like these" in caught.value.faults[-1]


def test_all_faults_are_reported_at_once_and_nothing_is_started(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(
        'network = "none.json"\ntrials = 0\nseed = -1\nengine = "warp"\ncolour = "red"\n'
        '[axes]\nphotons = []\nshots = ["many"]\ntransmissivity = [2]\n'
    )
    done = subprocess.run([*PSN, "sweep", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "8 faults" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad.toml"]


def test_axes_in_another_table_are_sent_to_axes() -> None:
    """A table of another name is no setting: what of it may be an axis, and what is a setting, is named."""
    grid = {"link_loss_db": [0, 1], "visibility": [0.9, 1], "loss_before_db": [1], "trials": 10}
    with pytest.raises(InputError) as caught:
        spec_from({"network": PHASES, "grid": grid})
    assert caught.value.faults == (
        "[grid] is no table of a sweep; link_loss_db, visibility, loss_before_db may be axes, in the table [axes]",
        "[grid] is no table of a sweep; trials is a setting, at the top of the file before any table",
    )
    with pytest.raises(
        InputError, match=r"\[sweep\] is no table of a sweep; photons may be an axis, in the table \[axes\]"
    ):
        spec_from({"network": PHASES, "sweep": {"photons": [1]}})
    # Nothing in it is known: no sentence about axes.
    with pytest.raises(InputError, match=r"^'colours' is not a setting; known are"):
        spec_from({"network": PHASES, "colours": {"red": 1}})


def test_networks_of_two_kinds_are_two_sweeps(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="of one kind, got"):
        spec_from({"axes": {"network": [PHASES, SHIFTS]}})
    with pytest.raises(InputError, match="two networks are the same"):
        spec_from({"axes": {"network": [PHASES, PHASES]}})
    with pytest.raises(InputError, match="network is missing"):
        spec_from({})
    with pytest.raises(InputError, match="a setting and an axis"):
        spec_from({"network": PHASES, "shots": 5, "axes": {"shots": [5]}})


def test_losses_given_in_db_are_shown_in_db(tmp_path: Path) -> None:
    """In tables and figures; rows, ids and what other programs read have transmissivities, whichever was given."""
    spec = {"network": SHIFTS, "task": "design", "scheme": "coherent"}
    losses, shares = (0.0, 0.3, 3.0, 5.6), [1.0, 10**-0.03, 10**-0.3, 10**-0.56]
    run_sweep({**spec, "axes": {"loss_db": list(losses)}}, tmp_path / "db")
    run_sweep({**spec, "axes": {"transmissivity": shares}}, tmp_path / "shares")
    in_db, plain = sweep_report(tmp_path / "db"), sweep_report(tmp_path / "shares")
    assert [row["transmissivity"] for row in in_db.rows] == pytest.approx(shares, rel=1e-12)
    assert (in_db.in_db, plain.in_db) == (("transmissivity",), ())
    for report, column, first in ((in_db, "loss (dB)", list(losses)), (plain, "transmissivity", shares)):
        table = sweep_view(report).parts[0]
        assert table.columns[0] == column
        assert [row[0] for row in table.rows] == first
    for report, places, label in (
        (in_db, losses, "loss of sensors and references (dB)"),
        (plain, shares, "transmissivity of sensors and references"),
        (sweep_report(tmp_path / "shares", axis="loss_db"), losses, "loss of sensors and references (dB)"),
    ):
        _, axes = draw_sweep(report)
        assert axes.get_xlabel() == label
        errors = dict(axes.lines[0].get_xydata().tolist())
        # The vacuum that is seen with a transmissivity eta: ||alpha||_2^2/eta.
        alpha = [float(mode.alpha) for mode in SHIFTS.sensors]
        squares = sum(a * a for a in alpha)
        etas = places if report is plain else [10 ** (-loss / 10) for loss in places]
        expected = {place: squares / eta for place, eta in zip(places, etas, strict=True)}
        assert errors == pytest.approx(expected)
    with pytest.raises(InputError, match="no axis 'link_loss_db' to draw along; known are transmissivity, loss_db"):
        sweep_report(tmp_path / "db", axis="link_loss_db")


# --- running ------------------------------------------------------------------------------------------------------


def test_rows_are_those_of_simulate_and_the_same_spec_twice_does_no_work(tmp_path: Path, spec_file: Path) -> None:
    spec = read_spec(spec_file)
    result = run_sweep(spec, tmp_path / "out")
    assert (result.total, result.kept, result.computed, result.failed) == (24, 0, 24, 0)
    frame = load_results(tmp_path / "out")
    assert list(frame["task"]) == list(range(24))
    good = frame[frame["status"] == "ok"]
    assert result.unavailable == 24 - len(good)
    row = good[
        (good["photons_per_shot"] == 4) & (good["transmissivity"] == 0.9) & (good["estimator"] == "robust")
    ].iloc[0]
    network = PHASES.with_transmissivity(0.9)
    alone = simulate(network, shots=40, trials=300, seed=3, scheme=row["scheme"], estimator="robust").first
    assert row["mse_rad2"] == alone.mse
    assert row["bound_rad2"] == alone.bound
    assert row["photon_passes_total"] == alone.resources.photon_passes
    # Bounds are for the 40 shots of 4 photons; 40 of 1 or 2 photons are in them, and the rest is said.
    assert row["bound_rad2"] == pytest.approx(1 / 16 / 40 * float(network.function.norm_positive) ** 2)
    assert row["photons_total"] + row["photons_unused"] == 160
    assert row["photon_passes_total"] + row["photon_passes_unused"] == 160 * network.passes
    assert row["photons_unused"] > 0
    assert sweep_report(tmp_path / "out").table.columns[-1] == "photon passes unused"
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}
    again = run_sweep(spec, tmp_path / "out")
    assert (again.kept, again.computed) == (24, 0)
    assert before == {
        path: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir() if path.name != ".lock"
    } | {path: stamp for path, stamp in before.items() if path.name == ".lock"}


def test_results_hold_units_versions_seed_and_spec(tmp_path: Path) -> None:
    spec = spec_from(
        {"network": SHIFTS, "trials": 200, "seed": 9, "axes": {"mean_photons": [1.0, 2.0], "shots": [2, 5]}}
    )
    run_sweep(spec, tmp_path / "out")
    frame = load_results(tmp_path / "out")
    assert {"mse_vac2", "bias_vac", "mean_photons_per_shot", "elapsed_s"} <= set(frame.columns)
    assert frame.attrs["seed"] == 9
    assert frame.attrs["spec"]["trials"] == 200
    assert {"numpy", "strawberryfields", "photonic-sensor-networks"} <= set(frame.attrs["versions"])
    assert frame["trials"].dtype == "int64"
    assert (frame["mse_vac2"] > 0).all()
    report = sweep_report(tmp_path / "out")
    assert report.axis in ("mean_photons", "shots")
    assert len(report.table.rows) == 16
    assert {curve.x for curve in sweep_report(tmp_path / "out", axis="shots").curves} == {(2.0, 5.0)}
    with pytest.raises(InputError, match="no axis 'photons'"):
        sweep_report(tmp_path / "out", axis="photons")


def test_local_workers_give_the_same_rows(tmp_path: Path, spec_file: Path) -> None:
    spec = read_spec(spec_file)
    run_sweep(spec, tmp_path / "one")
    run_sweep(spec, tmp_path / "two", workers=2)
    assert same_rows(tmp_path / "one", tmp_path / "two")


def test_a_task_that_raises_is_a_row_with_its_error(
    tmp_path: Path, spec_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = read_spec(spec_file)
    real = tasks.simulate

    def broken(network: SensorNetwork, **options: Any) -> Any:
        if network.photons == 4:
            raise ZeroDivisionError("by intent")
        return real(network, **options)

    monkeypatch.setattr(tasks, "simulate", broken)
    result = run_sweep(spec, tmp_path / "out")
    assert (result.computed, result.failed) == (24, 8)
    frame = load_results(tmp_path / "out")
    assert set(frame.loc[frame["status"] == "failed", "message"]) == {"ZeroDivisionError: by intent"}
    again = run_sweep(spec, tmp_path / "out")
    assert (again.computed, again.failed) == (0, 8)
    monkeypatch.setattr(tasks, "simulate", real)
    mended = run_sweep(spec, tmp_path / "out", retry_failed=True)
    assert (mended.computed, mended.failed) == (8, 0)
    assert not (load_results(tmp_path / "out")["status"] == "failed").any()
    assert len(load_results(tmp_path / "out")) == 24


def test_the_exit_code_says_that_rows_failed(tmp_path: Path) -> None:
    """Strawberry Fields cannot hold ten modes of photons: those rows fail, and the command says so."""
    save_network(SensorNetwork.star([1] * 10, sensing="phase", photons=10), tmp_path / "net.json")
    path = tmp_path / "spec.toml"
    path.write_text('network = "net.json"\nengine = "strawberryfields"\ntrials = 10\nscheme = "noon"\nshots = 20\n')
    done = subprocess.run([*PSN, "sweep", str(path), "--json"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert json.loads(done.stdout)["failed"] == 1
    assert "1 rows hold an error" in done.stderr
    assert "point 0: CircuitTooLarge" in done.stderr
    assert load_results(tmp_path / "spec")["message"].str.contains("CircuitTooLarge").all()


# --- folders ------------------------------------------------------------------------------------------------------


def test_a_folder_of_something_else_is_refused(tmp_path: Path, spec_file: Path) -> None:
    spec = read_spec(spec_file)
    run_sweep(spec, tmp_path / "out")
    other = read_spec(written_spec(tmp_path, trials=301, shots=40))
    with pytest.raises(InputError, match=r"holds another sweep \(it differs in trials\)"):
        run_sweep(other, tmp_path / "out")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match="holds other files"):
        run_sweep(spec, tmp_path / "mine")
    with pytest.raises(InputError, match="must be a folder"):
        run_sweep(spec, spec_file)
    with pytest.raises(InputError, match="holds no sweep"):
        load_results(tmp_path / "mine")


def test_a_lost_spec_is_mended_and_rows_of_another_sweep_do_not_count(tmp_path: Path, spec_file: Path) -> None:
    spec = read_spec(spec_file)
    run_sweep(spec, tmp_path / "out")
    for harm in (
        lambda path: path.unlink(),
        lambda path: path.write_text(""),
        lambda path: path.write_text('{"spec": {}}'),
    ):
        harm(tmp_path / "out" / "sweep.json")
        with pytest.raises(InputError, match="the same spec and --out mends it"):
            load_results(tmp_path / "out")
        assert run_sweep(spec, tmp_path / "out").computed == 0
        assert len(load_results(tmp_path / "out")) == 24
    other = read_spec(written_spec(tmp_path, trials=301, shots=40))
    run_sweep(other, tmp_path / "other")
    for part in store.parts_of(tmp_path / "other"):
        (tmp_path / "out" / part.name).write_bytes(part.read_bytes())
    with pytest.raises(InputError, match="of another sweep"):
        load_results(tmp_path / "out")
    result = run_sweep(spec, tmp_path / "out")
    assert (result.kept, result.computed) == (24, 0)
    assert len(result.damaged) == len(store.parts_of(tmp_path / "other"))


def test_a_row_without_an_error_counts_before_one_with(tmp_path: Path, spec_file: Path) -> None:
    """Whatever the order of the parts, which is that of hashes: so it is tried with several pairs."""
    spec = read_spec(spec_file)
    point = spec.point(0)
    base = {"task": 0, "id": spec.task_id(point), "message": "", "scheme": "noon", "estimator": "robust", "shots": 40}
    for number in range(6):
        with store.Store(tmp_path / f"out{number}", spec) as opened:
            opened.append([{**base, "status": "failed", "trials": 1, "elapsed_s": float(number)}])
            opened.append([{**base, "status": "ok", "trials": 1, "elapsed_s": number + 0.5}])
            done, failed, _ = opened.done()
        assert (len(done), failed) == (1, 0)
        assert load_results(tmp_path / f"out{number}")["status"].to_list() == ["ok"]


def test_what_a_killed_writer_left_does_not_close_the_folder(tmp_path: Path, spec_file: Path) -> None:
    """Killed before the spec had its name: a part of it under another name is all there is."""
    spec, out = read_spec(spec_file), tmp_path / "out"
    out.mkdir()
    (out / ".sweep.json.k3qz81ab").write_text('{"spec_')
    assert run_sweep(spec, out).computed == 24
    (out / f".rows-{'0' * 32}.parquet.0a1b2c3d").write_bytes(b"PAR1")
    (out / ".sweep.json.0a1b2c3d").write_text("")
    (out / "sweep.json").unlink()
    assert run_sweep(spec, out).kept == 24
    assert not [path for path in out.iterdir() if path.name.startswith((".sweep", ".rows"))]
    (out / "thesis.tex").write_text("")
    (out / "sweep.json").unlink()
    with pytest.raises(InputError, match="holds other files"):
        run_sweep(spec, out)


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o002, 0o664), (0o077, 0o600)])
def test_rows_can_be_read_by_whom_the_umask_lets(tmp_path: Path, spec_file: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        with store.Store(tmp_path / "out", read_spec(spec_file)) as opened:
            opened.append([tasks.run_point(opened.spec.payload(), 0)])
    finally:
        os.umask(before)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "out").iterdir() if path.name != ".lock"}
    assert len(modes) == 2
    assert set(modes.values()) == {mode}, modes


def test_several_sweeps_that_start_in_one_folder(tmp_path: Path, spec_file: Path) -> None:
    """Started at once, one of them has the folder; each other is told so and computes nothing."""
    (tmp_path / "more").mkdir()
    other = written_spec(tmp_path / "more", trials=301, shots=40)
    commands = [[*PSN, "sweep", str(spec), "--out", str(tmp_path / "out")] for spec in (spec_file, other, spec_file)]
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for command in commands
    ]
    ends = [(*process.communicate(timeout=600), process.returncode) for process in processes]
    # The same spec once more may come when the first has ended.
    assert {code for *_, code in ends} <= {0, 2}
    assert [code for *_, code in ends].count(0) >= 1
    for out, err, code in ends:
        assert code == 0 or "another psn sweep is writing" in err or "holds another sweep" in err, (out, err)
    assert len(rows_of(tmp_path / "out")) == 24
    assert rows_of(tmp_path / "out")["trials"].nunique() == 1


def test_a_file_that_is_no_table_is_put_aside(tmp_path: Path, spec_file: Path) -> None:
    import hashlib

    spec = read_spec(spec_file)
    run_sweep(spec, tmp_path / "out")
    name = f"rows-{hashlib.sha256(b'hello').hexdigest()[:32]}.parquet"
    (tmp_path / "out" / name).write_bytes(b"hello")
    (tmp_path / "out" / "rows-x.parquet").mkdir()
    result = run_sweep(spec, tmp_path / "out")
    assert (result.kept, result.computed, len(result.damaged)) == (24, 0, 1)


def test_other_code_is_another_sweep(tmp_path: Path, spec_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from protocols.sweeps import spec as module

    run_sweep(read_spec(spec_file), tmp_path / "out")
    monkeypatch.setattr(module, "code_id", lambda: "0123456789abcdef")
    with pytest.raises(
        InputError, match=r"holds rows of this sweep made by other code \(it differs in code\); use another --out"
    ):
        run_sweep(read_spec(spec_file), tmp_path / "out")


def test_one_process_at_a_time_writes(tmp_path: Path, spec_file: Path) -> None:
    spec = read_spec(spec_file)
    with store.Store(tmp_path / "out", spec):
        done = subprocess.run(
            [*PSN, "sweep", str(spec_file), "--out", str(tmp_path / "out")], capture_output=True, text=True, check=False
        )
    assert done.returncode == 2
    assert "another psn sweep is writing" in done.stderr
    assert run_sweep(spec, tmp_path / "out").computed == 24


def test_a_damaged_part_is_seen_and_only_its_tasks_are_done_again(
    tmp_path: Path, spec_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "LARGEST_GROUP", 4)
    spec = read_spec(spec_file)
    run_sweep(spec, tmp_path / "whole")
    run_sweep(spec, tmp_path / "out")
    parts = store.parts_of(tmp_path / "out")
    assert len(parts) >= 6
    lost = len(store.read_part(parts[2], spec.spec_id))
    content = bytearray(parts[2].read_bytes())
    content[len(content) // 2] ^= 1
    parts[2].write_bytes(bytes(content))
    with pytest.raises(InputError, match=f"{parts[2].name} is damaged or of another sweep"):
        load_results(tmp_path / "out")
    result = run_sweep(spec, tmp_path / "out")
    assert (result.computed, result.kept) == (lost, 24 - lost)
    assert [path.suffix for path in result.damaged] == [".damaged"]
    assert same_rows(tmp_path / "whole", tmp_path / "out")


def test_very_many_parts_are_put_together(tmp_path: Path, spec_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "LARGEST_GROUP", 1)
    monkeypatch.setattr(store, "PARTS_KEPT", 8)
    spec = read_spec(spec_file)
    run_sweep(spec, tmp_path / "out")
    assert len(store.parts_of(tmp_path / "out")) <= 8
    assert len(load_results(tmp_path / "out")) == 24
    assert run_sweep(spec, tmp_path / "out").computed == 0


def test_a_full_disk_is_reported_and_leaves_no_half_rows(tmp_path: Path) -> None:
    """No file may grow beyond 6 KB here, as on a disk that is full; the spec fits, a part of rows does not."""
    path = written_spec(tmp_path, trials=50, shots=40)

    def small() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))

    done = subprocess.run(
        [*PSN, "sweep", str(path), "--out", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        preexec_fn=small,
        check=False,
    )
    assert done.returncode == 2
    assert "repeat the command to go on" in done.stderr
    assert "Traceback" not in done.stderr
    assert [p.name for p in (tmp_path / "out").iterdir() if "rows" in p.name] == []
    assert run_sweep(read_spec(path), tmp_path / "out").computed == 24


# --- schedulers and kills -----------------------------------------------------------------------------------------


def test_a_scheduler_that_does_not_answer_is_reported_in_time(tmp_path: Path, spec_file: Path) -> None:
    start = time.monotonic()
    with pytest.raises(InputError, match=r"no Dask scheduler answers at 'tcp://127.0.0.1:9' within 2 s"):
        run_sweep(read_spec(spec_file), tmp_path / "out", scheduler="tcp://127.0.0.1:9", timeout=2.0)
    assert time.monotonic() - start < 15
    assert not (tmp_path / "out").exists()
    for address in ("localhost", "tcp://127.0.0.1:99999", "tcp://127.0.0.1"):
        with pytest.raises(InputError, match="must look like tcp://host:8786"):
            run_sweep(read_spec(spec_file), tmp_path / "out", scheduler=address)
    with pytest.raises(InputError, match="not both"):
        run_sweep(read_spec(spec_file), tmp_path / "out", scheduler="tcp://127.0.0.1:9", workers=2)


@pytest.mark.parametrize("scheme", ["tcp", "ws"])
def test_a_service_that_is_no_scheduler_is_reported_in_time(tmp_path: Path, spec_file: Path, scheme: str) -> None:
    import http.server
    import threading

    class Silent(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Silent) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        start = time.monotonic()
        done = subprocess.run(
            [
                *PSN,
                "sweep",
                str(spec_file),
                "--scheduler",
                f"{scheme}://127.0.0.1:{server.server_port}",
                "--timeout",
                "3",
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        server.shutdown()
    assert time.monotonic() - start < 20
    assert done.returncode == 2
    assert "no Dask scheduler answers" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "spec").exists()


def test_an_existing_cluster_does_the_work(tmp_path: Path, spec_file: Path) -> None:
    from distributed import LocalCluster

    spec = read_spec(spec_file)
    run_sweep(spec, tmp_path / "alone")
    with LocalCluster(n_workers=1, threads_per_worker=2, host="127.0.0.1", dashboard_address="127.0.0.1:0") as cluster:
        worker = next(iter(cluster.scheduler.workers))
        with pytest.raises(InputError, match="is no Dask scheduler"):
            run_sweep(spec, tmp_path / "out", scheduler=worker)
        result = run_sweep(spec, tmp_path / "out", scheduler=cluster.scheduler_address)
    assert result.computed == 24
    assert same_rows(tmp_path / "alone", tmp_path / "out")


def test_a_scheduler_is_reached_from_a_notebook_whose_loop_runs_already(tmp_path: Path, spec_file: Path) -> None:
    from distributed import LocalCluster

    async def cell(address: str) -> int:
        return run_sweep(read_spec(spec_file), tmp_path / "out", scheduler=address).computed

    with LocalCluster(n_workers=1, processes=False, protocol="tcp", dashboard_address=None) as cluster:
        assert asyncio.run(cell(cluster.scheduler_address)) == 24
    with pytest.raises(InputError, match=r"no Dask scheduler answers at 'tcp://127.0.0.1:9' within 2 s"):
        asyncio.run(cell_without_answer(tmp_path, spec_file))


async def cell_without_answer(folder: Path, spec_file: Path) -> None:
    run_sweep(read_spec(spec_file), folder / "none", scheduler="tcp://127.0.0.1:9", timeout=2.0)


@pytest.fixture
def slow_spec(tmp_path: Path) -> SweepSpec:
    """Rows that take about a tenth of a second each."""
    return read_spec(written_spec(tmp_path, trials=5000, shots=60))


@pytest.fixture
def endless_spec(tmp_path: Path) -> Path:
    """More points than any machine computes before a test ends."""
    save_network(PHASES, tmp_path / "net.json")
    path = tmp_path / "endless.toml"
    axes = '[axes]\nestimator = ["adaptive"]\nshots = {start = 60, stop = 9999, step = 1}'
    path.write_text(f'network = "net.json"\ntrials = 5000\nseed = 3\nscheme = "noon"\n{axes}\n')
    return path


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the rows of the slow spec, that nothing came between."""
    folder = tmp_path_factory.mktemp("undisturbed")
    run_sweep(read_spec(written_spec(folder, trials=5000, shots=60)), folder / "out")
    return folder / "out"


def started(folder: Path, *options: str) -> subprocess.Popen[str]:
    command = [*PSN, "sweep", str(folder / "spec.toml"), "--out", str(folder / "out"), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def until(condition: Any, seconds: float = 300.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "nothing happened in time"
        time.sleep(0.05)


@pytest.fixture
def no_leftovers() -> Iterator[list[psutil.Process]]:
    """Processes that must be gone after a while."""
    seen: list[psutil.Process] = []
    yield seen
    _, alive = psutil.wait_procs(seen, timeout=30)
    for process in alive:
        process.kill()
    assert not alive, f"{len(alive)} processes were left behind"


def test_a_killed_worker_costs_nothing_but_time(
    tmp_path: Path, slow_spec: SweepSpec, undisturbed: Path, no_leftovers: list[psutil.Process]
) -> None:
    process = started(tmp_path, "--workers", "2", "--json")
    until(lambda: store.parts_of(tmp_path / "out"))
    children = psutil.Process(process.pid).children(recursive=True)
    no_leftovers += children
    workers = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
    assert workers
    workers[-1].kill()
    out, err = process.communicate(timeout=600)
    assert process.returncode == 0, err
    assert json.loads(out)["computed"] == 24
    assert same_rows(tmp_path / "out", undisturbed)


TIMES: dict[int, int] = {}
"""How often a point was tried, in this process: what is pickled is the name of this module."""


def die_at_first(payload: dict[str, Any], ranges: list[tuple[int, int]]) -> list[dict[str, Any]]:
    """Stands for ``run_points``: workers die of every point two times, and of two points always."""
    numbers = [number for first, end in ranges for number in range(first, end)]
    for number in numbers:
        TIMES[number] = TIMES.get(number, 0) + 1
        if TIMES[number] <= 2 or number in (5, 11):
            raise RuntimeError("all workers died")
    return [{"task": number, "status": tasks.OK, "elapsed_s": 0.1} for number in numbers]


def test_a_point_is_given_up_only_when_its_workers_die_with_nothing_else_out(
    spec_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import Client, LocalCluster

    TIMES.clear()
    monkeypatch.setattr(running, "run_points", die_at_first)
    here = {"n_workers": 1, "threads_per_worker": 1, "processes": False, "dashboard_address": "127.0.0.1:0"}
    with LocalCluster(**here) as cluster, Client(cluster, set_as_default=False) as client:
        rows = list(itertools.chain(*running._computed(client, read_spec(spec_file), iter(range(24)))))
    assert sorted(row["task"] for row in rows) == list(range(24))
    assert {row["task"] for row in rows if row["status"] == tasks.FAILED} == {5, 11}


def workers_of(client: Any) -> list[psutil.Process]:
    """The processes of the workers that a client has now."""
    return [psutil.Process(pid) for pid in client.run(os.getpid).values()]


def test_rows_that_came_back_count_though_their_worker_died_since(
    tmp_path: Path, spec_file: Path, undisturbed_short: Path
) -> None:
    """Under load this client may look at a result long after it came; its future is "lost" by then, the rows are not."""
    from distributed import Client

    spec = read_spec(spec_file)
    with contextlib.ExitStack() as stack:
        options = {"threads_per_worker": 1, "host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
        cluster = running._cluster({"n_workers": 2, **options})
        stack.callback(running._close, cluster)
        client = Client(cluster, set_as_default=False)
        stack.callback(running._close, client)
        work = running._computed(client, spec, iter(range(len(spec))))
        rows = list(next(work))
        # Six are out at a time; all of those are done, and their rows came back, before anything more is taken.
        until(lambda: all(task.state == "memory" for task in cluster.scheduler.tasks.values()))
        time.sleep(1)
        dead = workers_of(client)
        for process in dead:
            process.kill()
        psutil.wait_procs(dead, timeout=30)
        until(lambda: not {process.pid for process in dead} & {nanny.pid for nanny in cluster.workers.values()})
        client.wait_for_workers(2, timeout=60)
        for group in work:
            rows += group
    assert cluster.status.name == "closed"
    assert [row["message"] for row in rows if row["status"] != tasks.OK] == []
    with store.Store(tmp_path / "out", spec) as opened:
        opened.append(rows)
    assert same_rows(tmp_path / "out", undisturbed_short)


@pytest.mark.parametrize("name", ["asyncio", "tornado.application"])
def test_lost_connections_of_dask_are_not_logged_and_other_errors_are(
    tmp_path: Path, spec_file: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    from distributed.comm import CommClosedError

    run_sweep(read_spec(spec_file), tmp_path / "out")
    caplog.clear()
    for error in (CommClosedError("the scheduler died"), ValueError("of somebody else")):
        logging.getLogger(name).error("Task exception was never retrieved", exc_info=error)
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [ValueError]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_killed_while_the_payload_goes_out_costs_time_only(
    tmp_path: Path, spec_file: Path, undisturbed_short: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Scattered to all workers it would be replicated for ever to one that died meanwhile."""
    usual = running._payload

    def killing(client: Any, spec: SweepSpec) -> Any:
        payload = usual(client, spec) if moment == "after" else None
        next(iter(client.cluster.workers.values())).process.process._process.kill()
        return payload or usual(client, spec)

    monkeypatch.setattr(running, "_payload", killing)
    run_sweep(read_spec(spec_file), tmp_path / "out", workers=2)
    assert same_rows(tmp_path / "out", undisturbed_short)


def test_workers_that_do_not_come_again_are_begun_anew(
    tmp_path: Path, spec_file: Path, undisturbed_short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As those that are killed while they start: nothing comes back and nothing is cancelled."""
    monkeypatch.setattr(running, "WORKER_SECONDS", 1.0)
    usual, ended = running._payload, []

    def without_workers(client: Any, spec: SweepSpec) -> Any:
        for nanny in client.cluster.workers.values():
            client.sync(nanny.close)
            ended.append(nanny)
        return usual(client, spec)

    monkeypatch.setattr(running, "_payload", without_workers)
    run_sweep(read_spec(spec_file), tmp_path / "out", workers=2)
    assert len(ended) == 2
    assert same_rows(tmp_path / "out", undisturbed_short)


def test_ctrl_c_that_a_callback_drops_still_ends_the_sweep(tmp_path: Path, spec_file: Path) -> None:
    """Python drops what is raised while a finalizer or another library's callback runs."""
    groups = 0

    def dropping(progress: running.Progress) -> None:
        nonlocal groups
        groups += 1
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        run_sweep(read_spec(spec_file), tmp_path / "out", progress=dropping)
    assert groups == 1
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_cluster_closes_though_it_hears_that_a_worker_is_gone_which_it_never_knew() -> None:
    cluster = running._cluster({"n_workers": 1, "processes": False, "dashboard_address": "127.0.0.1:0"})
    cluster._update_worker_status("remove", "tcp://127.0.0.1:9")
    running._close(cluster)
    assert cluster.status.name == "closed"


@pytest.fixture(scope="module")
def undisturbed_short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("undisturbed_short")
    run_sweep(read_spec(written_spec(folder, trials=300, shots=40)), folder / "out")
    return folder / "out"


@pytest.mark.parametrize("options", [(), ("--workers", "2")])
@pytest.mark.parametrize(
    "delay", [0.0, pytest.param(0.15, marks=pytest.mark.long), 0.4, pytest.param(0.8, marks=pytest.mark.long)]
)
def test_ctrl_c_while_workers_start_is_not_lost(
    tmp_path: Path,
    endless_spec: Path,
    options: tuple[str, ...],
    delay: float,
    no_leftovers: list[psutil.Process],
) -> None:
    """The lock is there shortly before workers are started; however long that takes, it ends by the signal alone."""
    out = tmp_path / "rows"
    command = [*PSN, "sweep", str(endless_spec), "--out", str(out), *options]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    until(lambda: (out / ".lock").exists())
    time.sleep(delay)
    no_leftovers += psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=600)
    # Python ends by the signal itself, which a shell tells as 130, where it came while code made from text ran (an import).
    assert process.returncode in (130, -signal.SIGINT), err
    assert "psn: interrupted" in err
    assert "the same command goes on" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("options", [(), ("--workers", "2")])
def test_a_killed_client_loses_only_what_was_in_flight(
    tmp_path: Path,
    slow_spec: SweepSpec,
    undisturbed: Path,
    options: tuple[str, ...],
    no_leftovers: list[psutil.Process],
) -> None:
    process = started(tmp_path, *options)
    until(lambda: store.parts_of(tmp_path / "out"))
    no_leftovers += psutil.Process(process.pid).children(recursive=True)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    kept = len(rows_of(tmp_path / "out"))
    assert kept > 0
    result = run_sweep(slow_spec, tmp_path / "out")
    assert (result.kept, result.computed) == (kept, 24 - kept)
    assert same_rows(tmp_path / "out", undisturbed)


@pytest.mark.parametrize("options", [(), ("--workers", "2")])
def test_ctrl_c_keeps_the_rows_and_says_how_to_go_on(
    tmp_path: Path, slow_spec: SweepSpec, options: tuple[str, ...], no_leftovers: list[psutil.Process]
) -> None:
    """Sent to the whole group, as a terminal does, and twice, as people do."""
    process = started(tmp_path, *options)
    until(lambda: store.parts_of(tmp_path / "out"))
    no_leftovers += psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)
    time.sleep(0.3)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=600)
    assert process.returncode == 130
    assert "the same command goes on" in err
    assert "Traceback" not in err
    kept = len(rows_of(tmp_path / "out"))
    # That the rest is computed then, and nothing twice, is seen where the client is killed.
    with store.Store(tmp_path / "out", slow_spec) as opened:
        assert len(opened.done()[0]) == kept > 0


def test_a_scheduler_that_dies_is_reported(tmp_path: Path, endless_spec: Path) -> None:
    scheduler = subprocess.Popen(
        [
            *(sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"),
            *("--no-dashboard", "--dashboard-address", "127.0.0.1:0", "--scheduler-file", str(tmp_path / "where.json")),
        ],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    until(lambda: (tmp_path / "where.json").exists() and (tmp_path / "where.json").stat().st_size > 10)
    address = json.loads((tmp_path / "where.json").read_text())["address"]
    worker = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "distributed.cli.dask_worker",
            address,
            "--nthreads",
            "1",
            "--no-dashboard",
            "--no-nanny",
        ],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        cwd=tmp_path,
    )
    try:
        command = [*PSN, "sweep", str(endless_spec), "--out", str(tmp_path / "out")]
        process = subprocess.Popen(
            [*command, "--scheduler", address, "--timeout", "100"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        until(lambda: store.parts_of(tmp_path / "out"))
        scheduler.kill()
        _, err = process.communicate(timeout=600)
        assert process.returncode == 2, err
        assert "Traceback" not in err
        assert "the rows so far are kept" in err
    finally:
        for each in (scheduler, worker):
            each.kill()
            each.wait()
    kept = len(rows_of(tmp_path / "out"))
    with store.Store(tmp_path / "out", read_spec(endless_spec)) as opened:
        assert len(opened.done()[0]) == kept > 0


# --- schemes and estimators of a caller's own ---------------------------------------------------------------------------


class EvenNoon(PhaseScheme):
    """The registered N00N state under a name of its own, with the branches weighted ``first`` to 1 - ``first``."""

    name, title = "even-noon", "N00N state with weights of one's own"

    def __init__(self, first: float = 0.5) -> None:
        self.first = first

    def plan(self, problem: PhaseProblem) -> Plan | Unavailable:
        plan = find_scheme("phase", "noon").plan(problem)
        if isinstance(plan, Unavailable):
            return self.unavailable(plan.reason)
        columns = plan.photon_protocol.pass_columns()
        circuit = photon_circuit(problem, columns, weights=(self.first, 1 - self.first))
        return replace(plan, scheme=self.name, parts=(replace(plan.parts[0], circuit=circuit),))


class Halved(PhaseEstimator):
    """The maximum-likelihood estimator with half the shots thrown away."""

    name, title, largest_gain_only = "halved", "likelihood of half the shots", True

    def estimate(self, draw: Draw, fringes: Sequence[Fringe], schedule: Schedule) -> PhaseEstimates:
        return likelihood_phase(draw, fringes[-1], schedule.shots[-1] // 2)


OWN = """
trials = 4000
scheme = ["noon", "even-noon"]
estimator = ["maximum-likelihood", "halved"]
shots = 400
transmissivity = 0.9
"""


def own_text(folder: Path) -> str:
    """A spec as text, whose axes name what is registered and what is not."""
    save_network(PHASES, folder / "net.json")
    lists = OWN.replace("scheme =", "[axes]\nscheme =").replace("shots = 400", "shots = [400]")
    lists = lists.replace("transmissivity = 0.9", "transmissivity = [0.9]")
    return f"network = '{folder / 'net.json'}'\n{lists}"


def test_schemes_and_estimators_of_ones_own_in_a_sweep(tmp_path: Path) -> None:
    own: dict[str, Any] = {"schemes": [EvenNoon()], "estimators": [Halved()]}
    text = own_text(tmp_path)
    outcome = run_sweep(text, str(tmp_path / "out"), **own)
    assert (outcome.total, outcome.computed, outcome.failed, outcome.unavailable) == (4, 4, 0, 0)
    frame = load_results(tmp_path / "out")
    mse = {(row["scheme"], row["estimator"]): row["mse_rad2"] for _, row in frame.iterrows()}
    assert list(mse) == list(itertools.product(["noon", "even-noon"], ["maximum-likelihood", "halved"]))
    for scheme in ("noon", "even-noon"):
        assert mse[scheme, "halved"] / mse[scheme, "maximum-likelihood"] == pytest.approx(2.0, rel=0.15)
    network = PHASES.with_transmissivity(0.9)
    for scheme, estimator in ((EvenNoon(), Halved()), ("noon", Halved()), (EvenNoon(), "maximum-likelihood")):
        alone = simulate(network, shots=400, trials=4000, scheme=scheme, estimator=estimator).first
        assert mse[alone.scheme, alone.estimator] == alone.mse
    assert run_sweep(text, tmp_path / "out", **own).computed == 0
    # Rows of another scheme under the same name would not be these.
    with pytest.raises(InputError, match=r"holds another sweep \(it differs in own_schemes\)"):
        run_sweep(text, tmp_path / "out", schemes=[EvenNoon(0.3)], estimators=[Halved()])


CELL = """
class Base(PhaseEstimator):
    shots = frozenset({"all", "half"})

    def estimate(self, draw, fringes, schedule):
        return [shot // 2 for shot in schedule.shots]


class Cell(Base):
    name, title, largest_gain_only = "cell", "made in a cell", True

    @property
    def part(self):
        return 0.5
"""


@pytest.mark.parametrize("has_lines", [True, False])
def test_code_of_a_notebook_is_told_apart_too(has_lines: bool) -> None:
    """Python finds no text of classes made in cells, in ``exec`` not even of functions; a cell run again is the same code."""

    def code(text: str, cell: str) -> str:
        names = {"PhaseEstimator": PhaseEstimator, "__name__": "__main__"}
        exec(compile(text, cell, "exec"), names)
        linecache.cache.pop(cell, None)
        if has_lines:
            linecache.cache[cell] = (len(text), None, text.splitlines(keepends=True), cell)
        return code_hash(names["Cell"]())  # type: ignore[operator]

    first = code(CELL, "<cell-1>")
    assert first == code("\n\n" + CELL, "<cell-2>")
    for old, new in (("// 2", "// 3"), ("0.5", "0.25"), ("True", "False"), ('"half"', '"third"'), ("made in", "from")):
        assert old in CELL
        assert first != code(CELL.replace(old, new), "<cell-3>"), old


def test_names_in_a_spec_are_those_known_and_passed(tmp_path: Path) -> None:
    text = own_text(tmp_path)
    with pytest.raises(InputError) as caught:
        read_spec(text, schemes=[EvenNoon()])
    assert caught.value.faults == (
        "phase sensing with exactly N photons has no estimator 'halved'; "
        "known are robust, adaptive, fixed-offsets, maximum-likelihood, parity",
    )
    with pytest.raises(InputError, match=r"known are noon, w-matrix, .*, separable-phase, coherent, even-noon"):
        read_spec(text.replace('"even-noon"', '"evn-noon"'), schemes=[EvenNoon()], estimators=[Halved()])
    with pytest.raises(InputError, match="the estimator name 'robust' is taken"):
        read_spec(text, schemes=[EvenNoon()], estimators=[Halved(), Robust()])
    with pytest.raises(InputError, match="is for displacement sensing"):
        read_spec(text, schemes=[EvenNoon()], estimators=[Halved(), Homodyne()])
    with pytest.raises(InputError, match="a scheme is a name or a Scheme, got 3"):
        read_spec(text, schemes=[3], estimators=[Halved()])


def test_only_what_a_spec_names_belongs_to_it(tmp_path: Path) -> None:
    """Ids of points are of names alone, so that random numbers are; the id of the sweep holds the code that is used."""
    spec = spec_from({"network": PHASES, "scheme": "noon", "shots": 20, "trials": 10})
    more = read_spec(spec, schemes=[EvenNoon()], estimators=[Halved()])
    assert (more.schemes, more.estimators, more.spec_id) == ((), (), spec.spec_id)
    text, own = own_text(tmp_path), [Halved()]
    one, other = (read_spec(text, schemes=[EvenNoon(first)], estimators=own) for first in (0.5, 0.3))
    assert one.spec_id != other.spec_id
    assert [one.task_id(point) for point in one.points()] == [other.task_id(point) for point in other.points()]
    assert read_spec(one, schemes=[EvenNoon(0.3)]).spec_id == other.spec_id


def test_specs_are_values(tmp_path: Path) -> None:
    spec, again = (read_spec(own_text(tmp_path), schemes=[EvenNoon()], estimators=[Halved()]) for _ in range(2))
    assert spec == again
    assert hash(spec) == hash(again)
    assert spec.spec_id == again.spec_id
    assert copy.deepcopy(spec) == spec
    plain = spec_from({"network": PHASES, "theta": [0.1, 0.2], "axes": {"shots": [10, 20]}})
    listed = replace(
        plain,
        networks=list(plain.networks),
        axes=[[name, list(values)] for name, values in plain.axes],
        theta=[0.1, 0.2],
    )
    assert listed == plain == pickle.loads(pickle.dumps(plain))
    assert hash(listed) == hash(plain)
    assert plain != replace(plain, trials=3)


def test_a_spec_is_read_from_a_path_a_name_or_its_text(tmp_path: Path, spec_file: Path) -> None:
    spec = read_spec(spec_file)
    assert read_spec(str(spec_file)) == read_spec(spec) == spec
    text = spec_file.read_text().replace("net.json", str(tmp_path / "net.json"))
    assert read_spec(text).spec_id == spec.spec_id
    with pytest.raises(InputError, match="network is missing"):
        read_spec("trials = 10")
    with pytest.raises(InputError, match="no TOML"):
        read_spec("trials = = 10")
    with pytest.raises(InputError, match=r"nowhere\.toml"):
        read_spec("nowhere.toml")
    odd = tmp_path / "a=b.toml"
    odd.write_text(spec_file.read_text())
    assert read_spec(str(odd)) == spec


def test_numpy_numbers_and_arrays_are_values_of_axes() -> None:
    plain = {"network": PHASES, "trials": 20, "seed": 3, "axes": {"shots": [10, 20], "transmissivity": [0.5, 1.0]}}
    arrays = {
        "network": PHASES,
        "trials": np.int64(20),
        "seed": np.int64(3),
        "axes": {"shots": np.array([10, 20]), "transmissivity": np.array([0.5, 1.0])},
    }
    assert spec_from(arrays) == spec_from(plain)
    assert spec_from(arrays).spec_id == spec_from(plain).spec_id
    with pytest.raises(InputError, match=r"(?s)shots must be integers.*trials must be an integer"):
        spec_from({**plain, "trials": np.bool_(True), "axes": {"shots": [True]}})


# --- designs, and axes of the laboratory --------------------------------------------------------------------------


def linked(network: SensorNetwork, loss_db: float) -> SensorNetwork:
    return network.with_laboratory(link_loss_db=loss_db)


@pytest.mark.parametrize(
    ("network", "axes"),
    [
        (PHASES, {"link_loss_db": [0, 3], "visibility": [1.0, 0.9], "detector_efficiency": [0.8]}),
        (linked(SHIFTS, 2), {"link_loss_times": [0, 1, 2], "squeezing_db": [3, 10], "electronic_noise": [0.1]}),
    ],
    ids=["phases", "displacements"],
)
def test_rows_of_designs_are_those_of_design(tmp_path: Path, network: SensorNetwork, axes: dict[str, Any]) -> None:
    network = network.replace(photons=2) if network.sensing == "phase" else network
    spec = spec_from({"task": "design", "network": network, "axes": axes})
    result = run_sweep(spec, tmp_path / "out")
    assert (result.computed, result.failed) == (len(spec), 0)
    frame = load_results(tmp_path / "out")
    squared = "rad2" if network.sensing == "phase" else "vac2"
    seen = 0
    for _, row in frame.iterrows():
        point = spec.point(row["task"])
        there = network_of(network_to_json(network), point)
        made = design_of(there)
        by_name = {c.plan.scheme: c for c in made.candidates}
        if row["status"] == "unavailable":
            assert row["message"] in {u.reason for u in made.unavailable if u.scheme == row["scheme"]}
            continue
        seen += 1
        one = by_name[row["scheme"]]
        assert row[f"mse_{squared}"] == pytest.approx(one.mse, rel=1e-12)
        assert row[f"quantum_mse_{squared}"] == pytest.approx(one.evaluation.mse, rel=1e-9)
        assert row[f"ideal_mse_{squared}"] == pytest.approx(one.built.ideal_mse, rel=1e-12)
        # Light of N photons on average has no bound here.
        assert np.isnan(row[f"bound_{squared}"]) if one.bound is None else row[f"bound_{squared}"] == one.bound
        assert row["chosen"] == made.chosen.plan.scheme
        assert made.candidates[int(row["rank"]) - 1] is one
        if made.verdict.factor is None:
            assert np.isnan(row["entanglement_factor"])
        else:
            assert row["entanglement_factor"] == pytest.approx(made.verdict.factor, rel=1e-12)
        assert row["modes_entangled"] == one.plan.modes_between_sites
        if network.sensing == "displacement":
            assert row["photons_prepared"] <= network.mean_photons * (1 + 1e-9)
            assert (row["squeezers_prepared"] == 0) == (row["scheme"] == "coherent")
            assert row["scheme"] == "coherent" or row["largest_squeezing_db"] <= point["squeezing_db"] + 1e-9
        else:
            assert row["photons_prepared"] <= 2 * max(1, len(network.sensors))
            assert row["squeezers_prepared"] == 0
    assert seen
    again = run_sweep(spec, tmp_path / "out")
    assert (again.kept, again.computed) == (len(spec), 0)
    report = sweep_report(tmp_path / "out")
    assert report.table.columns[-2:] == ("chosen", "gain by entanglement")
    assert all(curve.stderr is None for curve in report.curves)
    assert "estimator" not in frame
    assert "trials" not in frame


def test_ids_and_columns_of_old_specs_stay(tmp_path: Path) -> None:
    """Recorded before there were designs and axes of the laboratory."""
    spec = spec_from({"network": PHASES, "trials": 5, "axes": {"photons": [2, 4], "transmissivity": [0.9]}})
    assert spec.task_id(spec.point(0)) == "35b82dabee492a26f0aa132699a051ac4132609623fb662567c9fc01d88998dd"
    assert sorted(spec.settings) == ["engine", "seed", "stages", "theta", "trials"]
    names = store.schema(spec.document).names
    assert names[:13] == [
        *("task", "id", "status", "message", "network", "alpha", "photons_per_shot", "mean_photons_per_shot"),
        *("passes", "transmissivity", "scheme", "estimator", "shots"),
    ]


def test_points_of_designs_know_what_they_are_ranked_among(tmp_path: Path) -> None:
    given: dict[str, Any] = {"task": "design", "network": PHASES, "axes": {"photons": [2, 4]}}
    every, two = (
        spec_from(given),
        spec_from({**given, "axes": {"photons": [2, 4], "scheme": ["noon", "separable-phase"]}}),
    )
    assert every.task_id(every.point(0)) != two.task_id(two.point(0))
    assert "shots" not in every.point(0)
    run_sweep(two, tmp_path / "out")
    frame = load_results(tmp_path / "out")
    assert set(frame["chosen"]) == {"noon"}
    assert frame.attrs["seed"] is None


@pytest.mark.parametrize(
    ("network", "axes", "message"),
    [
        (PHASES, {"visibility": [98]}, "98 percent are 0.98"),
        (PHASES, {"squeezers": [1.5]}, "squeezers must be an integer"),
        (PHASES, {"squeezer": [1]}, "squeezer must be true or false"),
        (PHASES, {"phase_reference": ["gratis"]}, "phase_reference must be 'paid' or 'free'"),
        (PHASES, {"parameters": ["moving"]}, "parameters must be 'static' or 'snapshot'"),
        (PHASES, {"squeezing_db": [None]}, "leave the axis out"),
        (PHASES, {"link_loss_times": [2]}, "no link of network 'star' has any; give link_loss_db"),
        (linked(PHASES, 1), {"link_loss_times": [2], "link_loss_db": [1]}, "link_loss_db gives all links one loss"),
        (linked(PHASES, 1), {"link_loss_times": [-1]}, "link_loss_times must be numbers from 0 to 1000"),
        (PHASES, {"loss_before_db": [1], "transmissivity_before": [0.5]}, "say the same thing twice"),
        (SHIFTS, {"phase_reference": ["free"]}, "with phase_reference = free: .*phase_reference: free is for phase"),
        (SHIFTS, {"arms": [1, 2]}, "only mach-zehnder sensors have arms"),
        (PHASES, {"visibility": {"start": 0.5, "stop": 2, "points": 3}}, "visibility must be a number"),
        (PHASES, {"phase_jitter_rad": [90]}, "90 degrees are 1.571"),
        (PHASES, {"visibilty": [0.5]}, "did you mean 'visibility'"),
    ],
)
def test_faults_of_axes_of_the_laboratory(network: SensorNetwork, axes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        spec_from({"network": network, "axes": axes})


def test_designs_have_no_trials() -> None:
    with pytest.raises(InputError) as caught:
        spec_from({"task": "design", "network": PHASES, "trials": 5, "seed": 1, "axes": {"shots": [10, 20]}})
    assert [fault.split()[0] for fault in caught.value.faults] == ["trials", "seed", "shots"]
    with pytest.raises(InputError, match="task must be simulate or design"):
        spec_from({"task": "dream", "network": PHASES})


def test_every_attribute_of_the_laboratory_is_an_axis() -> None:
    assert set(ATTRIBUTES) < set(AXES)
    spec = spec_from({"network": linked(PHASES, 1), "axes": {"loss_before_db": [0, 10], "link_loss_db": [3]}})
    axes = dict(spec.axes)
    assert axes["transmissivity_before"] == pytest.approx((1.0, 0.1))
    there = network_of(network_to_json(linked(PHASES, 1)), spec.point(len(spec) - 1))
    assert {link.transmissivity for link in there.links} == {10**-0.3}
    assert {bench.transmissivity_before for bench in there.laboratory.benches} == {0.1}
    times = network_of(network_to_json(linked(PHASES, 1)), {"link_loss_times": 2.0, "alpha": "1,-1"})
    assert [link.transmissivity for link in times.links] == pytest.approx([10**-0.2] * 2, rel=1e-12)
    assert times.function.alpha == (1, -1)


def test_simulated_points_have_their_laboratory(tmp_path: Path) -> None:
    spec = spec_from(
        {
            "network": SHIFTS,
            "trials": 4000,
            "seed": 2,
            "scheme": "separable-squeezed",
            "axes": {"detector_efficiency": [1.0, 0.5]},
        }
    )
    run_sweep(spec, tmp_path / "out")
    frame = load_results(tmp_path / "out")
    assert list(frame["detector_efficiency"]) == [1.0, 0.5]
    whole, half = frame["predicted_mse_vac2"]
    # Half of the light missed: 1 more vacuum variance for each unit coefficient, in 100 shots.
    assert half - whole == pytest.approx(2 / 100, rel=1e-9)
    assert abs(frame["mse_vac2"][1] - half) < 4 * frame["mse_stderr_vac2"][1]


def test_sweeps_name_axes_that_are_not_used(tmp_path: Path, psn: Any) -> None:
    save_network(SHIFTS, tmp_path / "net.json")
    (tmp_path / "spec.toml").write_text(
        'task = "design"\nnetwork = "net.json"\n[axes]\ndark_counts = [0.0, 0.1]\nvisibility = [0.9, 1.0]\n'
    )
    code, _, err = psn("sweep", tmp_path / "spec.toml", "--out", tmp_path / "rows", "--json")
    assert code == 0
    assert "psn: not used yet, the result is as without: dark_counts\n" in err
