"""The real client and Strawberry Fields' RemoteEngine against the emulator, with every way it can misbehave, and crashes."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import json
import queue
import signal
import subprocess
import sys
import textwrap
import threading
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import requests
from scipy.stats import chi2
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

import protocols.hardware.jobs as jobs_module
from networks import InputError, SensorNetwork, save_network
from photonics.adapters.sf_import import import_strawberryfields
from photonics.adapters.xanadu_cloud import CloudError, connect, find_job, job_details, job_samples
from photonics.pairs.counts import pair_counts
from protocols.hardware.compiling import compile_plan
from protocols.hardware.devices import DEVICES
from protocols.hardware.emulator import Cloud, Misdeed, application, x_devices
from protocols.hardware.jobs import Record, cancel_job, find_record, read_record, refresh, submit_job
from protocols.hardware.pair_plan import pair_plan

NETWORK = SensorNetwork.star([1, -1], sensing="phase", photons=2)
THETA = [0.1, -0.05]


@contextmanager
def emulator(*misdeeds, seconds=0.02):
    """The port of an emulator on a thread of this process, which starts in no time."""
    cloud = Cloud(devices=x_devices(), seconds=seconds, misdeeds=[Misdeed.of(text) for text in misdeeds])
    started = queue.Queue()

    async def serve():
        server, stop = HTTPServer(application(cloud)), asyncio.Event()
        sockets = bind_sockets(0, address="127.0.0.1")
        server.add_sockets(sockets)
        started.put((sockets[0].getsockname()[1], asyncio.get_running_loop(), stop))
        await stop.wait()
        server.stop()
        await server.close_all_connections()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    port, loop, stop = started.get(timeout=20)
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=20)
        assert not thread.is_alive()


@contextmanager
def emulator_process():
    """The port of an emulator as ``psn hardware emulate`` starts it."""
    command = [sys.executable, "-m", "protocols", "hardware", "emulate", "--json", "--seconds", "0.02"]
    # Nobody reads what it says of connections that were dropped: a full pipe would stop it.
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield json.loads(process.stdout.readline())["port"]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)


def connected(port, token="emulator"):
    return connect(host="127.0.0.1", port=port, tls=False, refresh_token=token)


def jobs_of(port):
    return connected(port).request("GET", "/jobs", params={"size": 100}).json()["data"]


best_plan = functools.cache(pair_plan)


def planned(network, device):
    """Which plan is best takes longer than what is done with it here, and there are few networks and devices.

    Devices of the emulators differ in their ports alone, which no plan depends on.
    """
    return dataclasses.replace(best_plan(network, dataclasses.replace(device, source="")), device=device)


def submitted(port, folder, **options):
    options = {"theta": THETA, "shots": 200, "most_shots": 10_000, "folder": folder, "settle_seconds": 0.0} | options
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs_module, "pair_plan", planned)
        return submit_job(NETWORK, "X8_01", connected(port), **options)


def finished(record, port, rounds=400):
    import time

    for _ in range(rounds):
        record = refresh(record, connected(port))
        if record.state in ("complete", "failed", "cancelled"):
            return record
        time.sleep(0.02)
    raise AssertionError(record.document)


def test_a_job_from_record_to_estimate(tmp_path):
    with emulator() as port:
        record = submitted(port, tmp_path, shots=5000)
        assert record.state in ("submitted", "complete")
        # The same again finds it, another one is another.
        assert submitted(port, tmp_path, shots=5000).path == record.path
        done = finished(record, port)
        assert submitted(port, tmp_path, shots=5000).state == "complete"
        assert len(jobs_of(port)) == 1
        again = submitted(port, tmp_path, shots=5000, again=True)
        assert again.path != record.path
        assert len(jobs_of(port)) == 2
        finished(again, port)
    document = done.document
    assert [state for _, state in document["history"]] == ["submitting", "submitted", "complete"]
    assert abs(document["estimate"]["q"] - 0.15) < 5 * document["estimate"]["stderr"]
    assert document["predicted"]["q"] == pytest.approx(0.15)
    assert document["estimate"]["stderr"] == pytest.approx(document["predicted"]["stderr"], rel=0.1)
    samples = np.load(done.samples_path)
    assert samples.shape == (5000, 8)
    # What is kept stays when nothing answers any more.
    assert refresh(read_record(done.path), connected(1)).document == json.loads(done.path.read_text())
    for path in tmp_path.iterdir():
        assert b"refresh_token" not in path.read_bytes()
    # Pairs come together, and the counts follow the exact distribution.
    plan = pair_plan(NETWORK, DEVICES["X8"])
    a, b = plan.outputs
    exact = pair_counts(
        plan.light,
        plan.bias_rad + 0.15,
        transmissivity=plan.transmissivity,
        dark_counts=plan.dark_counts,
        largest_lost_weight=1e-6,
    ).probabilities
    size = len(exact)
    seen = np.minimum(samples[:, [a, b, 4 + a, 4 + b]], size - 1)
    observed = np.bincount(np.ravel_multi_index(seen.T, exact.shape), minlength=exact.size)
    expected = exact.ravel() * len(samples)
    large = expected >= 5
    statistic = ((observed - expected)[large] ** 2 / expected[large]).sum()
    assert chi2.sf(statistic, large.sum() - 1) > 1e-4


def test_the_real_remote_engine_runs_a_program():
    plan = pair_plan(NETWORK, DEVICES["X12"])
    sf = import_strawberryfields()
    with emulator_process() as port:
        connection = connected(port)
        made = compile_plan(plan, THETA, shots=50)
        engine = sf.RemoteEngine("X12", connection=connection)
        engine.POLLING_INTERVAL_SECONDS = 0.05
        result = engine.run(made.program, recompile=True, shots=50)
        assert result.samples.shape == (50, 12)
        assert {d["status"] for d in jobs_of(port)} == {"complete"}
        assert connection.ping().status_code == 200


def test_the_emulator_refuses_what_a_device_would():
    made = compile_plan(pair_plan(NETWORK, DEVICES["X8"]), THETA, shots=50)
    cases = [
        ({"circuit": "nonsense {"}, "not a Blackbird program"),
        ({"circuit": made.blackbird.replace("shots=50", "shots=99999999")}, "shots must be from 1"),
        ({"circuit": made.blackbird.replace("S2gate(1.0,", "S2gate(0.5,")}, "invalid value 0.5"),
        ({"circuit": made.blackbird.replace("| [0, 4]", "| [0, 5]")}, "topology"),
        ({"target": "X9_01"}, "unknown target"),
        ({"language": "qasm"}, "blackbird:1.0"),
    ]
    with emulator() as port:
        for change, message in cases:
            body = {"name": "n", "target": "X8_01", "circuit": made.blackbird, "language": "blackbird:1.0"} | change
            with pytest.raises(Exception, match=message):
                connected(port).request("POST", "/jobs", json=body)
        with pytest.raises(CloudError, match="answered 404 to the job nothing"):
            job_details(connected(port), "nothing")
        assert jobs_of(port) == []


@pytest.mark.parametrize(
    ("misdeed", "message", "state"),
    [
        ("429 POST /jobs 1", "answered 429 to the submission", "refused"),
        ("500 POST /jobs 1", "answered 500 to the submission", "submitting"),
        ("drop POST /jobs 1", "dropped the connection", "submitting"),
        ("lose POST /jobs 1", "dropped the connection", "submitting"),
        ("malformed POST /jobs 1", "cannot be understood", "submitting"),
    ],
)
def test_a_bad_answer_to_a_submission_never_doubles_a_job(tmp_path, misdeed, message, state):
    with emulator(misdeed) as port:
        with pytest.raises(CloudError, match=message) as caught:
            submitted(port, tmp_path)
        assert caught.value.sure is (state == "refused")
        (path,) = tmp_path.glob("*.json")
        assert read_record(path).state == state
        record = finished(submitted(port, tmp_path), port)
        assert record.path == path
        assert record.state == "complete"
        assert len(jobs_of(port)) == 1


@pytest.mark.parametrize(
    ("misdeed", "message"),
    [
        ("500 GET /devices 1", "answered 500 to the device X8_01"),
        ("429 GET /devices 1", "answered 429 to the device X8_01"),
        ("drop GET /devices 1", "dropped the connection"),
        ("malformed GET /devices 1", "cannot be understood"),
        ("slow GET /devices 1", "timed out"),
    ],
)
def test_without_a_device_nothing_is_sent(tmp_path, monkeypatch, misdeed, message):
    real, waits = requests.Session.request, set()

    def impatient(*arguments, timeout, **options):
        waits.add(timeout)
        return real(*arguments, timeout=timeout / 10, **options)

    if misdeed.startswith("slow"):
        monkeypatch.setattr(requests.Session, "request", impatient)
    with emulator(misdeed) as port:
        with pytest.raises(CloudError, match=message) as caught:
            submitted(port, tmp_path)
        # The client waits ten seconds, one here.
        assert waits <= {10}
        assert waits or not misdeed.startswith("slow")
        assert caught.value.sure
        assert not list(tmp_path.glob("*.json"))
        assert jobs_of(port) == []


def test_tokens_are_renewed_and_wrong_ones_reported(tmp_path, monkeypatch):
    with emulator("401 GET /devices 1", "401 POST /jobs 1") as port:
        assert finished(submitted(port, tmp_path), port).state == "complete"
        with pytest.raises(CloudError, match="invalid") as caught:
            submit_job(
                NETWORK, "X8_01", connected(port, "secret-token"), theta=THETA, shots=9, most_shots=9, folder=tmp_path
            )
        assert "secret-token" not in str(caught.value)
    for name in ("REFRESH_TOKEN", "ACCESS_TOKEN"):
        monkeypatch.delenv(f"XANADU_CLOUD_{name}", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CloudError, match="no token"):
        connect(host="127.0.0.1")


def test_failed_cancelled_slow_and_broken_results(tmp_path):
    with emulator("fail POST /jobs 1") as port:
        record = finished(submitted(port, tmp_path / "a"), port)
        assert record.state == "failed"
        assert "told to fail" in record.document["details"]["meta"]["error"]
    with emulator(seconds=1.5) as port:
        record = cancel_job(submitted(port, tmp_path / "b"), connected(port))
        assert record.document["details"]["status"] == "cancel_pending"
        assert finished(record, port).state == "cancelled"
    with emulator("malformed GET /jobs/ 1", "drop GET /jobs/ 1") as port:
        record = submitted(port, tmp_path / "c")
        for message in ("cannot be understood", "dropped the connection"):
            with pytest.raises(CloudError, match=message):
                refresh(record, connected(port))
        assert read_record(record.path).state == "submitted"
        assert finished(record, port).state == "complete"


CRASH = """
import os, signal, sys
from pathlib import Path
import protocols.hardware.jobs as jobs
from networks import SensorNetwork
from photonics.adapters.xanadu_cloud import connect
real = jobs.submit
def dying(*arguments):
    if {after}:
        real(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)
jobs.submit = dying
network = SensorNetwork.star([1, -1], sensing="phase", photons=2)
connection = connect(host="127.0.0.1", port={port}, tls=False, refresh_token="emulator")
jobs.submit_job(
    network, "X8_01", connection, theta={theta}, shots=200, most_shots=10_000, folder=Path({folder!r})
)
"""


@pytest.mark.parametrize("after", [False, True])
def test_a_killed_submission_is_neither_lost_nor_doubled(tmp_path, after):
    with emulator() as port:
        script = textwrap.dedent(CRASH).format(after=after, port=port, theta=THETA, folder=str(tmp_path))
        run = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, cwd=Path(__file__).parents[2], check=False
        )
        assert run.returncode == -signal.SIGKILL, run.stderr
        (path,) = tmp_path.glob("*.json")
        assert read_record(path).state == "submitting"
        assert len(jobs_of(port)) == int(after)
        assert find_job(connected(port), read_record(path).document["name"]) == (
            jobs_of(port)[0]["id"] if after else None
        )
        record = finished(submitted(port, tmp_path), port)
        assert (record.path, record.state) == (path, "complete")
        assert len(jobs_of(port)) == 1
        # Killed before the result was kept: it is fetched again.
        damaged = {**record.document, "state": "submitted"}
        record.samples_path.unlink()
        path.write_text(json.dumps(damaged))
        assert refresh(read_record(path), connected(port)).state == "complete"
        assert job_samples(connected(port), record.document["job_id"], (200, 8)).shape == (200, 8)
        assert len(jobs_of(port)) == 1


def test_an_unheard_submission_is_not_repeated_while_it_may_arrive(tmp_path):
    with emulator("drop POST /jobs 1", "lose POST /jobs 1") as port:
        with pytest.raises(CloudError, match="dropped the connection"):
            submitted(port, tmp_path)
        with pytest.raises(CloudError, match="it may still arrive: try again in"):
            submitted(port, tmp_path, settle_seconds=60.0)
        assert jobs_of(port) == []
        # --again settles an open attempt before it begins another.
        with pytest.raises(CloudError, match="dropped the connection"):
            submitted(port, tmp_path, again=True)
        assert submitted(port, tmp_path, again=True).state == "submitted"
        assert len(jobs_of(port)) == 1
        assert len(list(tmp_path.glob("*.json"))) == 1


def test_records_belong_to_their_cloud_and_lost_counts_are_fetched_again(tmp_path):
    with emulator() as port, emulator() as other:
        record = finished(submitted(port, tmp_path), port)
        assert submitted(other, tmp_path).path != record.path
        open_record = Record.of(record.path, {**read_record(record.path).document, "state": "submitted"})
        with pytest.raises(InputError, match=r"was submitted to 127.0.0.1:\d+, not to"):
            refresh(open_record, connected(other))
        record.samples_path.unlink()
        assert refresh(read_record(record.path), connected(port)).samples_path.exists()


def test_tokens_are_in_no_message(tmp_path):
    with pytest.raises(CloudError, match="its text is not shown") as caught:
        connect(host="127.0.0.1", access_token="SECRET\nx")
    assert "SECRET" not in str(caught.value)


@pytest.fixture(scope="module")
def complete(tmp_path_factory):
    """A record of a job that is done."""
    with emulator() as port:
        return finished(submitted(port, tmp_path_factory.mktemp("jobs")), port)


@pytest.mark.parametrize(
    "change",
    [
        {"host": None},
        {"estimate": {"q": 1}},
        {"predicted": None},
        {"details": 3},
        {"job_id": "../devices"},
        {"history": 5},
    ],
)
def test_damaged_records_are_reported(tmp_path, complete, change):
    path = tmp_path / complete.path.name
    path.write_text(json.dumps(complete.document))
    assert read_record(path).state == "complete"
    path.write_text(json.dumps({**complete.document, **change}))
    with pytest.raises(InputError, match="no record of a job, or damaged"):
        read_record(path)


def test_what_is_refused_before_anything_is_sent(tmp_path):
    with emulator() as port:
        with pytest.raises(InputError, match="ceiling of 100"):
            submitted(port, tmp_path, shots=101, most_shots=100)
        infeasible = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=1.0)
        with pytest.raises(InputError, match="displacements cannot be sensed"):
            submit_job(infeasible, "X8_01", connected(port), theta=THETA, shots=9, most_shots=9, folder=tmp_path)
        assert not tmp_path.joinpath(".lock").exists()
        with pytest.raises(CloudError, match="answered 404 to the device X9"):
            submit_job(NETWORK, "X9", connected(port), theta=THETA, shots=9, most_shots=9, folder=tmp_path)
        assert jobs_of(port) == []
        assert not list(tmp_path.glob("*.json"))
    with pytest.raises(CloudError, match="cannot be reached"):
        submitted(1, tmp_path)
    (tmp_path / "abcd.json").write_text('{"id": "abcd"}')
    with pytest.raises(InputError, match="no record of a job, or damaged"):
        find_record("ab", tmp_path)
    with pytest.raises(InputError, match="0 records"):
        find_record("ff", tmp_path)
    with pytest.raises(InputError, match="hexadecimal id"):
        find_record("../x", tmp_path)
    with pytest.raises(InputError, match="a misdeed is"):
        Misdeed.of("explode")


def test_the_commands(psn, tmp_path):
    network, token = tmp_path / "n.json", tmp_path / "token"
    save_network(NETWORK, network)
    token.write_text("emulator\n")
    with emulator_process() as port:
        cloud = ["--host", "127.0.0.1", "--port", port, "--no-tls", "--token-file", token, "--jobs", tmp_path / "jobs"]
        arguments = ["hardware", "submit", network, "--device", "X8", "--shots", 500, "--theta", "0.1,-0.05"]
        code, out, err = psn(*arguments, *cloud, "--wait", "--json")
        assert (code, err) == (0, "")
        document = json.loads(out)
        assert document["state"] == "complete"
        job = document["id"][:8]
        for name in ("status", "result", "cancel"):
            code, out, err = psn("hardware", name, job, *cloud, "--json")
            assert (code, err) == (0, "")
            assert json.loads(out)["estimate"] == document["estimate"]
        code, out, _ = psn("hardware", "result", job, *cloud)
        assert "predicted: q = 0.15" in " ".join(out.split())
        code, out, err = psn(*arguments, "--max-shots", 100, *cloud)
        assert (code, out) == (2, "")
        assert "the ceiling of 100" in err
        assert len(jobs_of(port)) == 1
    code, out, err = psn(*arguments[:-1], "0.2,0.3", *cloud)
    assert (code, out) == (2, "")
    assert "cannot be reached" in err
    code, out, err = psn("hardware", "emulate", "--misbehave", "explode", "--port", 70_000)
    assert (code, out) == (2, "")
    assert "2 faults" in err
