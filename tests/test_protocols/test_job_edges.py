"""Jobs at the edges: long histories, clocks, damaged records and results, device files of any content, and kills at any moment."""

from __future__ import annotations

import io
import json
import os
import random
import signal
import subprocess
import sys
import time
import zipfile

import numpy as np
import pytest
import requests

import protocols.hardware.jobs as jobs_module
from networks import InputError, save_network
from photonics.adapters.counts_files import counts_from_npz
from photonics.adapters.xanadu_cloud import CloudError, find_job
from protocols.hardware.devices import DEVICES, load_device
from protocols.hardware.emulator import Cloud, Job, x_devices
from protocols.hardware.jobs import Record, forget_job, read_record

from .test_cloud import NETWORK, connected, emulator, emulator_process, finished, jobs_of, submitted


class Listing:
    """A connection to a cloud with so many jobs, which shows at most some."""

    host, port = "127.0.0.1", 1

    def __init__(self, jobs, most=10**6):
        self.jobs, self.most = jobs, most

    def request(self, method, path, *, params):
        listed = [{"name": f"j{k}", "id": f"id{k}"} for k in range(self.jobs)]

        class Answer:
            @staticmethod
            def json():
                return {"data": listed[: min(params["size"], self.most)]}

        return Answer()


def test_the_whole_history_is_looked_through():
    assert find_job(Listing(60), "j59") == "id59"
    for jobs in (199, 201, 799, 900, 5000):
        assert find_job(Listing(jobs), f"j{jobs - 1}") == f"id{jobs - 1}"
        assert find_job(Listing(jobs), "other") is None
    # A cloud that shows no more than so many: it is not known, and said with the way out.
    for most in (200, 800):
        with pytest.raises(CloudError, match=f"more than {most} jobs.*cancel ID --forget") as caught:
            find_job(Listing(5000, most), "j4999")
        assert caught.value.sure


def _unanswered(folder, **change):
    """A cloud's port and the record of a submission that it never got."""
    (path,) = folder.glob("*.json")
    record = read_record(path)
    Record.of(path, {**record.document, **change}).written()
    return path


def test_a_job_behind_many_newer_ones_is_found_not_sent_again(tmp_path, monkeypatch):
    with emulator("lose POST /jobs 1") as port:
        with pytest.raises(CloudError):
            submitted(port, tmp_path)
        # The newer ones need no light.
        with monkeypatch.context() as quick:
            quick.setattr(Cloud, "faults", lambda cloud, target, circuit, language: {})
            quick.setattr(Cloud, "counts", lambda cloud, job: b"")
            body = {"target": "X8_01", "circuit": "", "language": "blackbird:1.0"}
            connection = connected(port)
            for k in range(205):
                connection.request("POST", "/jobs", json={"name": f"n{k}", **body})
        assert submitted(port, tmp_path).state == "submitted"
        listed = connected(port).request("GET", "/jobs", params={"size": 1000}).json()["data"]
        assert len(listed) == 206


def _token(port, kept={}):  # noqa: B006  # one token a port
    if port not in kept:
        connection = connected(port)
        connection.update_access_token()
        kept[port] = connection.access_token
    return kept[port]


@pytest.mark.parametrize(
    "when", ["2999-01-01T00:00:00+00:00", "2020-01-01T00:00:00", "yesterday", "0001-01-01T00:00:00-23:59"]
)
@pytest.mark.parametrize("clock", [None, [None, 0], ["another boot", 5.0], ["same", 1e9]])
def test_times_that_tell_nothing_begin_the_wait_anew_once(tmp_path, monkeypatch, when, clock):
    with emulator("drop POST /jobs 1") as port:
        with pytest.raises(CloudError):
            submitted(port, tmp_path)
        now = ["same", 36_000.0]
        monkeypatch.setattr(jobs_module, "_clock", lambda: list(now))
        path = _unanswered(tmp_path, history=[[when, "submitting"]], clock=clock)
        with pytest.raises(CloudError, match="try again in 60 s"):
            submitted(port, tmp_path, settle_seconds=60.0)
        now[1] += 59.0
        with pytest.raises(CloudError, match="try again in 1 s"):
            submitted(port, tmp_path, settle_seconds=60.0)
        assert jobs_of(port) == []
        now[1] += 1.5
        assert submitted(port, tmp_path, settle_seconds=60.0).path == path
        assert len(jobs_of(port)) == 1


def test_without_a_clock_of_the_system_times_of_day_count_where_they_can(tmp_path, monkeypatch):
    monkeypatch.setattr(jobs_module, "_clock", lambda: [None, 0.0])
    with emulator("drop POST /jobs 1") as port:
        with pytest.raises(CloudError):
            submitted(port, tmp_path)
        _unanswered(tmp_path, history=[["2020-01-01T00:00:00+00:00", "submitting"]])
        assert submitted(port, tmp_path, settle_seconds=60.0).state == "submitted"
        assert len(jobs_of(port)) == 1


def test_forgetting_sends_nothing_and_nothing_twice(tmp_path, psn):
    with emulator("drop POST /jobs 1", "lose POST /jobs 1") as port:
        with pytest.raises(CloudError):
            submitted(port, tmp_path)
        (path,) = tmp_path.glob("*.json")
        code, out, err = psn("hardware", "cancel", path.stem, "--jobs", tmp_path, "--forget", "--json")
        assert (code, err) == (0, "")
        assert json.loads(out)["state"] == "forgotten"
        assert jobs_of(port) == []
        # The next one is a new attempt; it is taken, but not answered, and forgotten as well.
        with pytest.raises(CloudError, match="dropped the connection"):
            submitted(port, tmp_path)
        (second,) = set(tmp_path.glob("*.json")) - {path}
        assert forget_job(read_record(second)).state == "forgotten"
        assert len(jobs_of(port)) == 1
        # The cloud has it after all: it is found, not sent.
        assert submitted(port, tmp_path).path == second
        assert len(jobs_of(port)) == 1
        with pytest.raises(InputError, match="not to be forgotten"):
            forget_job(read_record(second))


@pytest.mark.parametrize(
    "change",
    [
        {"shots": True},
        {"shots": 0},
        {"shots": 10**400},
        {"port": "443"},
        {"port": 0},
        {"port": True},
        {"host": "evil.example/x"},
        {"tls": 1},
        {"tls": False, "host": "cloud.example.org"},
        {"theta": [1e400]},
        {"theta": [10**400]},
        {"theta": ["a"]},
        {"theta": {}},
        {"history": [[1, 2]]},
        {"history": []},
        {"id": "abcd"},
        {"name": "a\x1b[2J"},
        {"name": 3},
        {"target": "../x"},
        {"state": ["submitted"]},
        {"job_id": "a/b"},
        {"job_id": "é"},
        {"job_id": None},
        {"details": {"status": 3}},
        {"clock": "now"},
        {"clock": ["a", "b"]},
        {"network": []},
        {"specification": 3},
        {"reason": {}},
        {"estimate": {}},
    ],
)
def test_records_of_wrong_kinds_are_one_message(tmp_path, psn, change):
    if "record" not in KEPT:
        with emulator() as port:
            KEPT["record"] = finished(submitted(port, tmp_path), port).document
    document = {**KEPT["record"], **change}
    path = tmp_path / f"{KEPT['record']['id']}.json"
    path.write_text(json.dumps(document))
    code, out, err = psn("hardware", "status", path.stem, "--jobs", tmp_path)
    assert (code, out) == (2, "")
    assert "no record of a job, or damaged" in err or "not valid JSON" in err
    assert "\x1b" not in err


KEPT: dict[str, dict] = {}


def archive(*, name="arr_0.npy", method=zipfile.ZIP_DEFLATED, content=b"", more=0):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as made:
        made.writestr(name, content)
        for k in range(more):
            made.writestr(f"x{k}", b"")
    return stream.getvalue()


def array(table):
    stream = io.BytesIO()
    np.save(stream, table)
    return stream.getvalue()


GOOD = array(np.arange(6, dtype=np.int32).reshape(3, 2))


def huge_header():
    return b"\x93NUMPY\x02\x00\xff\xff\xff\xff" + b" " * 3_000_000


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: archive(content=bytes(100_000_000)), "bytes of counts, more than"),
        (lambda: archive(content=huge_header()), "bytes of counts, more than"),
        (lambda: archive(content=huge_header()[:1000]), "damaged"),
        (lambda: archive(content=array(np.zeros((3, 3), dtype=np.int8))), "shape"),
        (lambda: archive(content=array(np.zeros((3, 2)))), "no table of counts, but of float64"),
        (lambda: archive(content=array(np.full((3, 2), -1))), "below 0"),
        (lambda: archive(content=array(np.full((3, 2), 2**64 - 1, dtype=np.uint64))), "beyond all reason"),
        (lambda: archive(content=GOOD[:-1]), "fewer or more"),
        (lambda: archive(content=GOOD + b"\0"), "fewer or more"),
        (lambda: archive(content=GOOD, method=zipfile.ZIP_BZIP2), "unusual method"),
        (lambda: archive(content=GOOD, method=zipfile.ZIP_LZMA), "unusual method"),
        (lambda: archive(content=GOOD, more=20), "more than 16 files"),
        (lambda: archive(content=GOOD, name="other.npy"), "without a table"),
        (lambda: archive(content=GOOD)[:-30], "damaged"),
        (bytes, "damaged"),
        (lambda: GOOD, "damaged"),
    ],
)
def test_results_are_looked_at_before_they_are_unpacked(made, message):
    import tracemalloc

    content = made()
    tracemalloc.start()
    with pytest.raises(ValueError, match=message):
        counts_from_npz(content, (3, 2))
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_results_cut_anywhere_or_changed_anywhere_are_counts_or_refused():
    good = archive(content=GOOD)
    assert counts_from_npz(good, (3, 2)).tolist() == [[0, 1], [2, 3], [4, 5]]
    for length in range(len(good)):
        with pytest.raises(ValueError, match=r"archive|counts|shape|array"):
            counts_from_npz(good[:length], (3, 2))
    for length in range(len(GOOD)):
        with pytest.raises(ValueError, match=r"archive|counts|shape|array"):
            counts_from_npz(archive(content=GOOD[:length]), (3, 2))
    generator = random.Random(5)
    for _ in range(500):
        changed = bytearray(GOOD)
        changed[generator.randrange(len(changed) - 24)] = generator.randrange(256)
        try:
            assert counts_from_npz(archive(content=bytes(changed)), (3, 2)).shape == (3, 2)
        except ValueError:
            continue


def test_a_bomb_from_the_cloud_leaves_the_job_open(tmp_path, monkeypatch):
    monkeypatch.setattr(Cloud, "counts", lambda cloud, job: archive(content=bytes(10**8)))
    with emulator() as port:
        record = submitted(port, tmp_path)
        with pytest.raises(CloudError, match="more than"):
            finished(record, port)
        assert read_record(record.path).state == "submitted"
        assert not record.samples_path.exists()


def counts_of_emulator(seed):
    cloud = Cloud(devices=x_devices(), seed=seed)
    from protocols.hardware.compiling import compile_plan
    from protocols.hardware.pair_plan import pair_plan

    circuit = compile_plan(pair_plan(NETWORK, DEVICES["X8"]), [0.1, -0.05], shots=40).blackbird
    made = [
        Job(
            id=os.urandom(4).hex(),
            name=None,
            target="X8_01",
            circuit=circuit,
            language="blackbird:1.0",
            created_at="",
            number=k,
        )
        for k in range(2)
    ]
    return [counts_from_npz(cloud.counts(job), (40, 8)).tolist() for job in made]


def test_the_same_seed_and_order_give_the_same_counts(tmp_path):
    first, second = counts_of_emulator(5)
    assert [first, second] == counts_of_emulator(5)
    assert first != second
    assert counts_of_emulator(6)[0] != first
    results = []
    for run in range(2):
        with emulator() as port:
            results.append(np.load(finished(submitted(port, tmp_path / str(run)), port).samples_path).tolist())
    assert results[0] == results[1]


def test_the_emulator_speaks_strict_json():
    with emulator() as port:
        headers = {"Authorization": f"Bearer {_token(port)}", "Content-Type": "application/json"}
        for name in ("NaN", "Infinity", "3", "[1]", json.dumps("x" * 300)):
            body = f'{{"name": {name}, "target": "X8_01", "circuit": "", "language": "blackbird:1.0"}}'
            answer = requests.post(f"http://127.0.0.1:{port}/jobs", data=body, headers=headers, timeout=10)
            assert answer.status_code == 400
            assert "name" in json.loads(answer.text, parse_constant=pytest.fail)["detail"]
        assert jobs_of(port) == []


def device_file(path, **change):
    specification = {**DEVICES["X8"].specification(), **change.pop("specification", {})}
    certificate = {**DEVICES["X8"].certificate.to_dict(), **change}
    path.write_text(json.dumps({"specification": specification, "certificate": certificate}))
    return path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"transmissivity": [10**400] * 8}, "transmissivity must be 8 numbers"),
        ({"dark_counts": [-(10**400)] * 8}, "dark_counts must be 8 numbers"),
        ({"transmissivity": [float("nan")] * 8}, "transmissivity must be 8 numbers"),
        (
            {"specification": {"gate_parameters": {f"squeezing_amplitude_{k}": [10**400] for k in range(4)}}},
            "numbers from 0 to 3",
        ),
        ({"specification": {"layout": DEVICES["X8"].layout.replace("| [0, 4]", "| [0, 4,]")}}, "the layout is not"),
        ({"specification": {"layout": DEVICES["X8"].layout.replace("| [0, 4]", "| [0,, 4]")}}, "the layout is not"),
        (
            {"specification": {"layout": DEVICES["X8"].layout.replace("| [0, 4]", f"| [0, {'9' * 5000}]")}},
            "the layout is not",
        ),
        ({"specification": {"layout": "\n" * 10**6}}, "the layout is not"),
        ({"specification": {"modes": 10**400}}, "modes must be an even integer"),
        ({"specification": {"max_shots": -(10**400)}}, "max_shots must be"),
        ({"specification": {"target": "a\x1b[2J"}}, "target must be a name"),
    ],
)
def test_device_files_of_any_content_are_one_message(tmp_path, psn, change, message):
    assert load_device(device_file(tmp_path / "good.json")).modes == 8
    path = device_file(tmp_path / "bad.json", **change)
    code, out, err = psn("hardware", "devices", "--device", path)
    assert (code, out) == (2, "")
    assert message in err
    assert "\x1b" not in err


def test_records_and_counts_respect_the_umask(tmp_path):
    before = os.umask(0o077)
    try:
        with emulator() as port:
            record = finished(submitted(port, tmp_path), port)
        assert record.path.stat().st_mode & 0o777 == 0o600
        assert record.samples_path.stat().st_mode & 0o777 == 0o600
        os.umask(0o002)
        with emulator() as port:
            record = submitted(port, tmp_path)
        assert record.path.stat().st_mode & 0o777 == 0o664
    finally:
        os.umask(before)


# --- kills -------------------------------------------------------------------------------------------------------


def killed_submissions(tmp_path, kills, seed):
    """Submissions killed at random moments, each until one is through; what the cloud has and what the records say."""
    network = tmp_path / "n.json"
    save_network(NETWORK, network)
    generator = random.Random(seed)
    environment = {**os.environ, "XANADU_CLOUD_REFRESH_TOKEN": "emulator"}
    with emulator_process() as port:
        script = (
            "import sys; from pathlib import Path; from networks import load_network;"
            "from photonics.adapters.xanadu_cloud import connect; from protocols.hardware.jobs import submit_job;"
            f"c = connect(host='127.0.0.1', port={port}, tls=False); n = load_network({str(network)!r});"
            "from photonics.adapters.sf_import import import_strawberryfields; import_strawberryfields();"
            "import protocols.hardware.compiling, xcc; print('ready', flush=True);"
            "[submit_job(n, 'X8_01', c, theta=[0.1, -0.05], shots=int(sys.argv[1]), most_shots=10**4,"
            f"folder=Path({str(tmp_path / 'jobs')!r}), settle_seconds=0.5)]; print('done', flush=True)"
        )
        done, shots, held = 0, 100, 0
        while done < kills:
            process = subprocess.Popen(
                [sys.executable, "-c", script, str(shots)],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=environment,
            )
            assert process.stdout.readline() == "ready\n"
            time.sleep(generator.uniform(0.0, 0.25))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            done += 1
            if generator.random() < 0.25:
                # Undisturbed in the end: asked again, as users are told, when a job may still arrive or no answer came in time.
                for _ in range(20):
                    run = subprocess.run(
                        [sys.executable, "-c", script, str(shots)],
                        capture_output=True,
                        text=True,
                        env=environment,
                        check=False,
                    )
                    if run.returncode == 0:
                        break
                    assert "may still arrive" in run.stderr or "timed out" in run.stderr, run.stderr
                    time.sleep(0.3)
                else:
                    pytest.fail(run.stderr)
                held, shots = held + 1, shots + 1
        listed = connected(port).request("GET", "/jobs", params={"size": 1000}).json()["data"]
        records = [read_record(path) for path in sorted((tmp_path / "jobs").glob("*.json"))]
        finished_ones = [finished(r, port) for r in records if r.state == "submitted"]
    return held, listed, records, finished_ones


def check_kills(tmp_path, kills, seed):
    held, listed, records, ended = killed_submissions(tmp_path, kills, seed)
    names = [job["name"] for job in listed]
    assert len(set(names)) == len(names)
    assert set(names) <= {record.document["name"] for record in records}
    assert len(records) in (held, held + 1)
    assert sum(record.state in ("submitted", "complete") for record in records) >= held
    for record in ended:
        assert record.state == "complete"
        assert np.load(record.samples_path).shape == (record.document["shots"], 8)


def test_a_few_killed_submissions(tmp_path):
    check_kills(tmp_path, 3, 1)


@pytest.mark.long
def test_a_hundred_killed_submissions(tmp_path):
    check_kills(tmp_path, 100, 2)
