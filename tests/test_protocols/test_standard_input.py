"""``-`` is standard input wherever a command reads a file; attributes without a use are named wherever a network is read."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace

import numpy as np
import pytest

from networks import SensorNetwork, save_network
from protocols import enumerate_protocols
from protocols.tables import to_json

NETWORK = SensorNetwork.star([1, -1], sensing="phase", photons=2)


@pytest.fixture
def typed(monkeypatch):
    """What is on standard input."""

    def on_stdin(content):
        monkeypatch.setattr("sys.stdin", None if content is None else SimpleNamespace(buffer=io.BytesIO(content)))

    return on_stdin


@pytest.fixture
def files(tmp_path):
    """A file of every kind that commands read, by what it is."""
    save_network(NETWORK, tmp_path / "n.json")
    (tmp_path / "protocols.json").write_text(to_json(enumerate_protocols([1, -1], 2, 1).to_dict()))
    (tmp_path / "sweep.toml").write_text(
        f'network = "{tmp_path}/n.json"\ntrials = 5\n[axes]\nshots = [10]\nscheme = ["noon"]\n'
    )
    rotation = np.array([[0.6, 0.8, 0], [-0.8, 0.6, 0], [0, 0, 1]])
    (tmp_path / "u.json").write_text(json.dumps(rotation.tolist()))
    (tmp_path / "u.txt").write_text("\n".join(" ".join(map(str, row)) for row in rotation.tolist()))
    (tmp_path / "links.csv").write_text("source,target\na,b\n")
    (tmp_path / "nodes.csv").write_text("id,alpha\na,1\nb,-1\n")
    return tmp_path


# Each command with FILE for the file that may be standard input.
LINES = {
    "design": ("n.json", ["design", "FILE"]),
    "loss": ("n.json", ["loss", "FILE"]),
    "simulate": ("n.json", ["simulate", "FILE", "--shots", 20, "--trials", 5]),
    "privacy": ("n.json", ["privacy", "FILE"]),
    "convert": ("n.json", ["convert", "FILE"]),
    "hardware devices": ("n.json", ["hardware", "devices", "FILE"]),
    "check": ("protocols.json", ["check", "FILE"]),
    "sweep": ("sweep.toml", ["sweep", "FILE", "--out", "rows-{}"]),
    "mesh of JSON": ("u.json", ["mesh", "n.json", "--unitary", "FILE"]),
    "mesh of text": ("u.txt", ["mesh", "n.json", "--unitary", "FILE"]),
    "links": (
        "links.csv",
        ["convert", "FILE", "--nodes", "nodes.csv", "--sensing", "phase", "--photons", 2, "--name", "x"],
    ),
    "nodes": (
        "nodes.csv",
        ["convert", "links.csv", "--nodes", "FILE", "--sensing", "phase", "--photons", 2, "--name", "x"],
    ),
}


def timeless(text):
    return {name: value for name, value in json.loads(text).items() if name not in ("seconds", "folder")}


@pytest.mark.parametrize("name", LINES)
def test_a_dash_is_standard_input(psn, typed, files, monkeypatch, name):
    monkeypatch.chdir(files)
    file, line = LINES[name]
    answers = []
    for given in (file, "-"):
        typed((files / file).read_bytes())
        code, out, err = psn(*(given if word == "FILE" else str(word).format(given) for word in line), "--json")
        assert code == 0, err
        answers.append((timeless(out), err))
    assert answers[0] == answers[1]


def test_counts_come_from_standard_input(psn, typed, files, monkeypatch):
    monkeypatch.chdir(files)
    pair = SensorNetwork.chain([1, -1], sensing="phase", photons=2)
    save_network(pair, files / "pair.json")
    code, out, err = psn(
        "hardware", "sample", "pair.json", "--device", "X8", "--shots", 500, "--out", "c.npy", "--json"
    )
    assert code == 0, err
    typed((files / "c.npy").read_bytes())
    code, out, err = psn("hardware", "estimate", "pair.json", "-", "--device", "X8", "--json")
    assert code == 0, err
    assert out == psn("hardware", "estimate", "pair.json", "c.npy", "--device", "X8", "--json")[1]
    typed(b"no table")
    code, out, err = psn("hardware", "estimate", "pair.json", "-", "--device", "X8", "--json")
    assert (code, out) == (2, "")
    assert "no plain numpy array of numbers" in err


@pytest.mark.parametrize("content", [b"", None], ids=["empty", "closed"])
@pytest.mark.parametrize("name", LINES)
def test_nothing_on_standard_input_is_said(psn, typed, files, monkeypatch, name, content):
    monkeypatch.chdir(files)
    _, line = LINES[name]
    typed(content)
    code, out, err = psn(*("-" if word == "FILE" else word for word in line), "--json")
    assert (code, out) == (2, "")
    assert "there is nothing on standard input" in err


def test_only_one_file_is_standard_input(psn, typed, files, monkeypatch):
    monkeypatch.chdir(files)
    typed((files / "n.json").read_bytes())
    code, out, err = psn("mesh", "-", "--unitary", "-", "--json")
    assert (code, out) == (2, "")
    assert "only one file can be '-'" in err


def test_a_sweep_from_standard_input_needs_a_folder(psn, typed, files):
    typed((files / "sweep.toml").read_bytes())
    code, _, err = psn("sweep", "run", "-")
    assert code == 2
    assert "--out must name the folder of the rows, as the spec comes from standard input" in err


UNUSED = [
    ["design", "n.json"],
    ["loss", "n.json"],
    ["simulate", "n.json", "--shots", 20, "--trials", 5],
    ["privacy", "n.json"],
    ["plot", "fisher", "n.json", "--out", "f.svg"],
    ["mesh", "n.json", "--haar", 1],
    ["convert", "n.json"],
    ["sweep", "sweep.toml", "--out", "rows"],
    ["sweep", "two.toml", "--out", "rows"],
    ["hardware", "devices", "n.json"],
    ["hardware", "compile", "n.json", "--device", "X8"],
    ["enumerate", "--alpha", "1,-1", "--photons", 2, "--passes", 1, "--connected", "n.json"],
]


@pytest.mark.parametrize("line", UNUSED, ids=lambda line: " ".join(line[:2]))
def test_unused_attributes_are_named_once(psn, files, monkeypatch, line):
    monkeypatch.chdir(files)
    document = json.loads((files / "n.json").read_text())
    document["graph"]["colour"] = "blue"
    (files / "n.json").write_text(json.dumps(document))
    document["graph"]["owner"] = "me"
    (files / "m.json").write_text(json.dumps(document))
    (files / "two.toml").write_text(
        'trials = 5\n[axes]\nnetwork = ["n.json", "m.json"]\nshots = [10]\nscheme = ["noon"]\n'
    )
    _, _, err = psn(*line, "--json")
    names = "colour, owner" if "two.toml" in line else "colour"
    assert err.count("kept, not used") == 1
    assert f"psn: kept, not used: {names}\n" in err
