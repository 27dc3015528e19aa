"""Processes killed at random moments, again and again: what is there in the end is what an undisturbed run gives, byte by byte or
row by row. One kill each here (of a worker, in test_sweeps.py), a hundred in the long profile (``make long``);
docs/reference/reliability.md has the figures.

No test waits for a moment that a busy machine may miss: kills come after random delays, and runs are repeated until they end.
"""

import contextlib
import functools
import itertools
import os
import random
import signal
import subprocess
import sys
import time

import psutil
import pytest

from networks import SensorNetwork, save_network
from protocols.sweeps.results import load_results

PSN = [sys.executable, "-m", "protocols"]
ALPHA, PHOTONS, PASSES, LIMIT = "1,2,3,4,-2,-3", 5, 4, 100_000
SWEEP = """
network = "net.json"
trials = {trials}
seed = 3

[axes]
photons = [2, 4, 6]
transmissivity = [1.0, 0.9]
scheme = ["noon", "separable-phase"]
estimator = ["robust", "adaptive"]
shots = [40, 60]
"""
one_or_hundred = pytest.mark.parametrize("kills", [1, pytest.param(100, marks=pytest.mark.long)])


def start(*options, **more):
    more = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "process_group": 0, **more}
    return subprocess.Popen([*PSN, *map(str, options)], text=True, **more)


def kill_group(process):
    """The process and all it started, at once, as a machine that stops does."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def killed_in_time(process, seconds):
    """Kill it after this time; False when it had ended before, which must be well."""
    try:
        _, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        kill_group(process)
        return True
    assert process.returncode == 0, err
    return False


def duration(run):
    begin = time.monotonic()
    run()
    return time.monotonic() - begin


@one_or_hundred
def test_killed_enumerations_end_as_an_undisturbed_one(tmp_path, kills):
    """Killed while it compiles, verifies or writes; no whole line is ever lost, and none is wrong at any time."""
    draw = random.Random(kills)
    whole = tmp_path / "whole.jsonl"
    problem = ("--alpha", ALPHA, "--photons", PHOTONS, "--passes", PASSES)
    full = duration(lambda: start("enumerate", *problem, "--limit", LIMIT, "--out", whole).communicate())
    right = whole.read_bytes()
    assert right.count(b"\n") == LIMIT + 1
    done = ended = 0
    path = tmp_path / "f.jsonl"
    while done < kills or not ended:
        options = ("--resume", path) if path.exists() else (*problem, "--out", path)
        before = path.read_bytes().count(b"\n") if path.exists() else 0
        process = start("enumerate", *options, "--limit", LIMIT)
        if done < kills and killed_in_time(process, draw.uniform(0, 1.2 * full)):
            done += 1
            if path.exists():
                now = path.read_bytes()
                assert right.startswith(now)
                assert now.count(b"\n") >= before
            continue
        if process.poll() is None:
            _, err = process.communicate()
            assert process.returncode == 0, err
        assert path.read_bytes() == right
        ended += 1
        path.unlink()


@pytest.fixture(scope="module")
def grids(tmp_path_factory):
    """For a number of kills a spec, its rows when nothing came between, and how long they took; a single kill has fewer trials."""

    @functools.cache
    def made(trials):
        folder = tmp_path_factory.mktemp("grid")
        save_network(SensorNetwork.star([1, 1], sensing="phase", photons=4), folder / "net.json")
        spec = folder / "spec.toml"
        spec.write_text(SWEEP.format(trials=trials))

        def run():
            _, err = (process := start("sweep", spec, "--out", folder / "rows")).communicate()
            assert process.returncode == 0, err

        seconds = duration(run)
        return spec, rows_of(folder / "rows"), seconds

    return lambda kills: made(2000 if kills > 1 else 500)


def rows_of(folder):
    return load_results(folder).drop(columns="elapsed_s")


def held_by(folder):
    """Ids of the rows that a folder holds, {} before there are any."""
    return set(load_results(folder)["id"]) if (folder / "sweep.json").exists() else set()


@one_or_hundred
@pytest.mark.parametrize("options", [(), ("--workers", "2")], ids=["in-process", "workers"])
def test_killed_sweeps_end_as_an_undisturbed_one(tmp_path, grids, kills, options):
    draw = random.Random(kills)
    spec, right, seconds = grids(kills)
    done = ended = 0
    while done < kills or not ended:
        out = tmp_path / f"rows{ended}"
        before = held_by(out)
        process = start("sweep", spec, "--out", out, *options)
        # A single kill is not spent on the imports at the beginning.
        if done < kills and killed_in_time(process, draw.uniform(0 if kills > 1 else 0.5, 1.2) * seconds):
            done += 1
            assert held_by(out) >= before
            continue
        if process.poll() is None:
            _, err = process.communicate()
            assert process.returncode == 0, err
        assert rows_of(out).equals(right)
        ended += 1


@pytest.mark.long
def test_killed_workers_cost_time_only(tmp_path, grids):
    """One worker at a time, of a run that goes on; each point would have to meet four kills to be given up.

    Those that start are met as well. That of one worker at work is in test_sweeps.py (a_killed_worker_costs_nothing_but_time).
    """
    kills = 100
    draw = random.Random(kills)
    spec, right, seconds = grids(kills)
    done = ended = 0
    while done < kills:
        out = tmp_path / f"rows{ended}"
        process = start("sweep", spec, "--out", out, "--workers", "2")
        while process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(draw.uniform(0.2, 1.0) * seconds)
            if done < kills and (workers := _workers(process)):
                with contextlib.suppress(psutil.NoSuchProcess):
                    draw.choice(workers).kill()
                    done += 1
        _, err = process.communicate()
        assert process.returncode == 0, err
        assert rows_of(out).equals(right)
        ended += 1


def _workers(process):
    """The processes of the workers; of one that is not there any more, none."""
    found = []
    with contextlib.suppress(psutil.NoSuchProcess):
        for child in psutil.Process(process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                if "spawn_main" in " ".join(child.cmdline()):
                    found.append(child)
    return found


@one_or_hundred
def test_killed_schedulers_lose_no_row(tmp_path, grids, kills):
    """Each time another scheduler with a worker; the sweep says that it is gone, and the next goes on."""
    draw = random.Random(kills)
    spec, right, seconds = grids(kills)
    done = ended = 0
    for attempt in itertools.count():
        if done >= kills and ended:
            break
        out = tmp_path / f"rows{ended}"
        before = held_by(out)
        # One of its own each time: a file of before would give the address of a scheduler that is gone.
        where = tmp_path / f"where{attempt}.json"
        here = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path}
        listen = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--dashboard-address", "127.0.0.1:0")
        scheduler = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_scheduler", *listen, "--scheduler-file", str(where)], **here
        )
        serve = ("--scheduler-file", str(where), "--nthreads", "1", "--no-dashboard", "--no-nanny")
        worker = subprocess.Popen([sys.executable, "-m", "distributed.cli.dask_worker", *serve], **here)
        try:
            while not (where.exists() and where.read_text().endswith("}")):
                assert scheduler.poll() is None
                time.sleep(0.05)
            address = where.read_text().split('"address": "')[1].split('"')[0]
            begin = time.monotonic()
            process = start("sweep", spec, "--out", out, "--scheduler", address, "--timeout", "120")
            if done < kills and kills == 1:
                # At work; a scheduler that died before its client came is waited for, for all of --timeout.
                while process.poll() is None and not held_by(out):
                    time.sleep(0.05)
            elif done < kills:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(draw.uniform(0.3, 1.2) * seconds)
            else:
                process.wait()
            is_killed = process.poll() is None
            if is_killed:
                scheduler.kill()
                done += 1
            else:
                # The machine may have been busier when it was measured.
                seconds = min(seconds, time.monotonic() - begin)
            _, err = process.communicate()
            assert process.returncode in ((0, 2) if is_killed else (0,)), err
            assert "Traceback" not in err
            if process.returncode == 0:
                assert rows_of(out).equals(right)
                ended += 1
            else:
                assert "repeat the command" in err or "scheduler" in err, err
                assert held_by(out) >= before
        finally:
            for each in (scheduler, worker):
                each.kill()
                each.wait()
