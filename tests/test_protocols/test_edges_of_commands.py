"""What comes in and goes out at the edge of commands: encodings, matrices of other programs, long integers, inherited settings."""

from __future__ import annotations

import functools
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import unitary_group

from networks import InputError, SensorNetwork, load_network, save_network
from photonics import FockState, Homodyne, branch_state, noon_state
from photonics.circuits.meshes import nearest_unitary
from photonics.limits import roughly
from protocols import enumerate_protocols
from protocols.cli.app import main
from protocols.cli.terminal import numbers_of, read_table
from protocols.layout.unitaries import network_mesh
from protocols.loss.report import loss_report
from protocols.reports.showing import show
from protocols.tables import Table, to_csv, to_json

EXAMPLES = Path(__file__).parents[2] / "examples"


def psn_process(*arguments, cwd=None, **environment):
    """psn in a process of its own: (exit code, stdout bytes, stderr text)."""
    run = subprocess.run(
        [sys.executable, "-m", "protocols", *map(str, arguments)],
        capture_output=True,
        cwd=cwd,
        env={**os.environ, **environment},
        timeout=300,
    )
    return run.returncode, run.stdout, run.stderr.decode("utf-8", "replace")


def psn_written_in(encoding, monkeypatch, *arguments):
    """psn in this process, with an output of this encoding: (exit code, stdout bytes, stderr bytes)."""
    out, err = io.BytesIO(), io.BytesIO()
    with monkeypatch.context() as patch:
        # As a process begins: letters that the encoding lacks are errors on the one, escapes on the other.
        patch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding=encoding, errors="strict"))
        patch.setattr(sys, "stderr", io.TextIOWrapper(err, encoding=encoding, errors="backslashreplace"))
        patch.setattr(sys, "argv", ["psn", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        sys.stdout.flush()
        sys.stderr.flush()
        return stop.value.code or 0, out.getvalue(), err.getvalue()


# --- what a process inherits ---------------------------------------------------------------------------------------------------


once = functools.cache(loss_report)


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "ascii", "utf-8"])
def test_names_that_the_encoding_of_the_output_lacks(encoding, tmp_path, monkeypatch):
    network = load_network(EXAMPLES / "gradient_pair.json")
    modes = [
        mode if mode.role != "sensor" else type(mode)(**{**_fields(mode), "id": f"京{k}"})
        for k, mode in enumerate(network.modes)
    ]
    names = {old.id: new.id for old, new in zip(network.modes, modes, strict=True)}
    links = [type(link)(ends=tuple(names[end] for end in link.ends)) for link in network.links]
    save_network(
        SensorNetwork(modes=modes, links=links, sensing="phase", photons=network.photons, name="Ω 京 é"),
        tmp_path / "n.json",
    )
    monkeypatch.chdir(tmp_path)
    # What is printed is looked at; the losses, which take most of the time, are worked out once.
    monkeypatch.setattr("protocols.loss.report.loss_report", once)
    for command in (["design", "n.json"], ["loss", "n.json"], ["simulate", "n.json", "--trials", "20"]):
        code, out, err = psn_written_in(encoding, monkeypatch, *command)
        assert (code, err) == (0, b"")
        assert ("Ω 京 é" if encoding == "utf-8" else "\\u03a9 \\u4eac") in out.decode(encoding)
    code, out, err = psn_written_in(encoding, monkeypatch, "loss", "n.json", "--json")
    assert (code, err) == (0, b"")
    assert json.loads(out.decode(encoding))["network"]["graph"]["name"] == "Ω 京 é"
    # The message names it as well.
    code, out, err = psn_written_in(encoding, monkeypatch, "loss", "京.json")
    assert (code, out) == (2, b"")
    assert err.startswith(b"psn: ")
    assert ("京" if encoding == "utf-8" else "\\u4eac") in err.decode(encoding)


def test_a_name_that_the_encoding_lacks_in_a_process_of_its_own(tmp_path):
    """As a shell starts it."""
    network = load_network(EXAMPLES / "gradient_pair.json").replace(name="Ω 京 é")
    save_network(network, tmp_path / "n.json")
    code, out, err = psn_process("loss", tmp_path / "n.json", PYTHONIOENCODING="cp1252")
    assert (code, err) == (0, "")
    assert "\\u03a9 \\u4eac" in out.decode("cp1252")


def _fields(mode):
    return {name: getattr(mode, name) for name in mode.__dataclass_fields__}


@pytest.mark.parametrize(
    ("backend", "command"),
    [
        ("module://matplotlib_inline.backend_inline", ("plot", "fisher", EXAMPLES / "gradient_pair.json")),
        # Figures of other commands are made alike, and this one takes half of the time.
        ("no_such_backend", ("mesh", EXAMPLES / "gradient_pair.json", "--haar", "1")),
        ("module://no.such", ("mesh", EXAMPLES / "gradient_pair.json", "--haar", "1")),
        ("qtagg", ("mesh", EXAMPLES / "gradient_pair.json", "--haar", "1")),
    ],
)
def test_an_inherited_backend_of_figures(backend, command, tmp_path):
    out = tmp_path / "f.svg"
    code, _, err = psn_process(*command, "--out", out, MPLBACKEND=backend)
    assert (code, err) == (0, "")
    assert b"<svg" in out.read_bytes()


def test_lossless_networks_are_plotted(psn, tmp_path):
    for kind in ("photons", "transmissivity", "fisher"):
        code, _, err = psn("plot", kind, EXAMPLES / "gradient_pair.json", "--out", tmp_path / f"{kind}.png")
        assert (code, err) == (0, "")


@pytest.mark.parametrize(
    ("photons", "passes", "eta"), [(10**30, 1, 0.5), (25, 10**30, 0.5), (10**30, 10**30, 1.0), (4, 1, 1e-100)]
)
def test_extreme_budgets_are_plotted_or_refused_in_a_sentence(psn, tmp_path, photons, passes, eta):
    network = SensorNetwork.star([1, -1], sensing="phase", photons=photons, passes=passes, transmissivity=[eta] * 2)
    save_network(network, tmp_path / "n.json")
    for kind in ("photons", "transmissivity", "fisher"):
        code, _, err = psn("plot", kind, tmp_path / "n.json", "--out", tmp_path / f"{kind}.png")
        assert code in (0, 2)
        assert (code == 0) == (err == "")
        assert "Traceback" not in err
    code, out, err = psn("loss", tmp_path / "n.json", "--json")
    assert (code, err) == (0, "")
    json.loads(out)


SCRIPT = """
from networks import SensorNetwork
from protocols import simulate
network = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=1.0)
{guard}simulate(network, trials=45_000, shots=10, workers=2)
"""


def test_a_script_without_a_main_guard_gets_one_message(tmp_path):
    for name, guard in (("plain.py", ""), ("guarded.py", 'if __name__ == "__main__": ')):
        (tmp_path / name).write_text(SCRIPT.format(guard=guard))
    run = [
        subprocess.run([sys.executable, tmp_path / name], capture_output=True, text=True)
        for name in ("plain.py", "guarded.py")
    ]
    assert run[0].returncode == 1
    assert run[0].stderr.count("Traceback") == 1
    assert run[0].stderr.count("if __name__ == '__main__'") == 1
    assert "An attempt has been made" not in run[0].stderr
    assert (run[1].returncode, run[1].stderr) == (0, "")


# --- long integers ------------------------------------------------------------------------------------------------------------


def test_counts_of_thousands_of_digits_are_printed(psn):
    arguments = ["enumerate", "--alpha", ",".join(["1"] * 1500), "--photons", 3_000_000, "--passes", 1]
    code, out, err = psn(*arguments, "--json")
    assert (code, err) == (0, "")
    written = re.search(r'"columns": (\d+)', out).group(1)
    assert len(written) > 4300
    code, text, err = psn(*arguments)
    assert (code, err) == (0, "")
    assert written in text
    # The limit of Python, for texts from outside, is as it was.
    assert sys.get_int_max_str_digits() == 4300


def test_long_integers_in_tables_and_reprs(capsys):
    table = Table(title="t", columns=("n",), rows=((10**5000,),))
    show(table)
    assert "1" + "0" * 5000 in capsys.readouterr().out
    assert to_csv(table).splitlines()[1] == "1" + "0" * 5000
    assert to_json({"n": 10**5000}) == '{"n": 1' + "0" * 5000 + "}"
    assert roughly(3 * 10**5000) == "about 10^5000"
    assert len(repr(enumerate_protocols([1] * 1500, photons=3_000_000, passes=1))) < 1500


# --- numbers of options -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e999", "1/0", "x", "", "0x1p3"])
def test_numbers_of_options_are_finite(text):
    with pytest.raises(InputError, match=re.escape(repr(text))):
        numbers_of("--theta", f"0.5,{text}")


@pytest.mark.parametrize(
    "line",
    [
        ["simulate", EXAMPLES / "gradient_pair.json", "--theta", "nan,0", "--trials", 20],
        ["simulate", EXAMPLES / "gradient_pair.json", "--function", "theta1-theta2", "--theta", "inf,0"],
        ["simulate", EXAMPLES / "gradient_pair.json", "--target", "1,-1", "--weights", "inf"],
        ["hardware", "perceval", EXAMPLES / "gradient_pair.json", "--bias", "inf"],
        ["hardware", "perceval", EXAMPLES / "gradient_pair.json", "--bias", "nan"],
        ["hardware", "perceval", EXAMPLES / "gradient_pair.json", "--transmissivity", "nan"],
        ["hardware", "perceval", EXAMPLES / "gradient_pair.json", "--theta", "nan,0"],
        ["hardware", "compile", EXAMPLES / "gradient_pair.json", "--device", "X8", "--theta", "nan,0"],
        ["bounds", "--alpha", "1", "--mean-photons", "nan"],
        ["bounds", "--alpha", "1", "--mean-photons", "inf"],
        ["privacy", EXAMPLES / "gradient_pair.json", "--noise", "nan"],
        ["privacy", EXAMPLES / "gradient_pair.json", "--at-least", "nan"],
    ],
    ids=lambda line: " ".join(str(word).split("/")[-1] for word in line),
)
def test_numbers_that_are_not_finite_are_refused(psn, line):
    code, out, err = psn(*line)
    assert (code, out) == (2, "")
    assert err.startswith("psn: ")
    assert "finite" in err or "number" in err or "between" in err or "must be" in err


# --- matrices of other programs ----------------------------------------------------------------------------------------


@pytest.fixture
def three(tmp_path):
    """A chain of three nodes, and a unitary over it."""
    path = tmp_path / "chain.json"
    save_network(SensorNetwork.chain([1, 1, 1], sensing="displacement", mean_photons=1.0), path)
    return path, unitary_group.rvs(3, random_state=4)


WRITTEN = {
    ".csv": lambda x: f"{x.real!r}{x.imag:+.17g}j",
    "_i.csv": lambda x: f"{x.real!r} {'-' if x.imag < 0 else '+'} {abs(x.imag)!r}i",
    "_semicolon.csv": lambda x: f"({x.real!r}{x.imag:+.17g}j)",
    ".txt": lambda x: f"({x.real!r}{x.imag:+.17g}j)",
    ".json": lambda x: f"{x.real!r}{x.imag:+.17g}j",
}


@pytest.mark.parametrize("ending", WRITTEN)
def test_unitaries_as_other_programs_write_them(psn, three, tmp_path, ending):
    network, unitary = three
    rows = [[WRITTEN[ending](x) for x in row.tolist()] for row in unitary]
    path = tmp_path / f"u{ending}"
    mark = ";" if "semicolon" in ending else "," if ".csv" in ending else " "
    path.write_text(json.dumps(rows) if ending == ".json" else "# a comment\n" + "\n".join(map(mark.join, rows)) + "\n")
    np.save(tmp_path / "u.npy", unitary)
    code, out, err = psn("mesh", network, "--unitary", path, "--json")
    assert (code, err) == (0, "")
    ours, theirs = json.loads(out), json.loads(psn("mesh", network, "--unitary", tmp_path / "u.npy", "--json")[1])
    assert np.allclose(
        [e["theta_rad"] for e in ours["elements"]], [e["theta_rad"] for e in theirs["elements"]], atol=1e-12
    )
    assert ours["error"] < 1e-10


def test_numpy_writes_and_we_read(psn, three, tmp_path):
    network, unitary = three
    np.savetxt(tmp_path / "u.txt", unitary)
    np.savetxt(tmp_path / "u.csv", unitary, delimiter=",")
    for name in ("u.txt", "u.csv"):
        assert psn("mesh", network, "--unitary", tmp_path / name)[0] == 0


def test_six_published_digits_need_the_nearest_unitary(psn, three, tmp_path):
    network, unitary = three
    rounded = np.round(unitary, 6)
    np.save(tmp_path / "u.npy", rounded)
    code, out, err = psn("mesh", network, "--unitary", tmp_path / "u.npy")
    assert (code, out) == (2, "")
    assert "ask for the nearest unitary" in err
    code, out, err = psn("mesh", network, "--unitary", tmp_path / "u.npy", "--nearest", "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    # The nearest by polar decomposition, U (U^dagger U)^(-1/2), worked out another way.
    values, vectors = np.linalg.eigh(rounded.conj().T @ rounded)
    polar = rounded @ vectors @ np.diag(values**-0.5) @ vectors.conj().T
    assert document["nearest_unitary_differs_by"] == pytest.approx(np.abs(polar - rounded).max(), rel=1e-6)
    assert 0 < document["nearest_unitary_differs_by"] < 1e-6
    assert np.allclose(nearest_unitary(rounded), polar, atol=1e-12)
    mesh = network_mesh(load_network(network), rounded, nearest=True)
    assert mesh.error < 1e-10
    assert "the nearest unitary was taken" in psn("mesh", network, "--unitary", tmp_path / "u.npy", "--nearest")[1]
    # What is far from any unitary stays refused.
    np.save(tmp_path / "far.npy", 0.9 * unitary)
    code, _, err = psn("mesh", network, "--unitary", tmp_path / "far.npy", "--nearest")
    assert code == 2
    assert "is not unitary" in err
    code, _, err = psn("mesh", network, "--haar", 1, "--nearest")
    assert (code, "--nearest goes with --unitary" in err) == (2, True)


def test_a_random_unitary_is_over_both_arms_of_a_sensor(psn, tmp_path):
    path = tmp_path / "two.json"
    save_network(SensorNetwork.chain([1, -1], sensing="phase", photons=1, arms=[2, 1]), path)
    outs = [word for ending in ("json", "svg") for word in ("--out", tmp_path / f"mesh.{ending}")]
    code, out, err = psn("mesh", path, "--haar", 3, *outs, "--json")
    assert code == 0, err
    mesh = json.loads(out)
    assert len(mesh["modes"]) == len(set(mesh["modes"])) == 4
    assert mesh["error"] < 1e-10


def test_single_precision_is_taken_as_it_is(psn, three, tmp_path):
    network, unitary = three
    np.save(tmp_path / "u.npy", unitary.astype(np.complex64))
    code, _, err = psn("mesh", network, "--unitary", tmp_path / "u.npy")
    assert (code, err) == (0, "")
    assert network_mesh(load_network(network), unitary.astype(np.complex64)).error < 1e-10
    permutation = np.eye(3, dtype=np.float32)[[1, 2, 0]]
    assert network_mesh(load_network(network), permutation).error < 1e-10
    # The same numbers in double precision say that they are exact.
    with pytest.raises(InputError, match="not unitary"):
        network_mesh(load_network(network), unitary.astype(np.complex64).astype(complex))


def test_matrices_with_wrong_entries(psn, three, tmp_path):
    network, _ = three
    for name, text, fault in (
        ("a.csv", "1,0,0\n0,x,0\n0,0,1\n", "row 2, entry 2 must be a number such as 0.5-0.5j"),
        ("b.csv", "1,0,0\n0,1\n0,0,1\n", "row 2 must have 3 entries"),
        ("c.txt", "# nothing\n", "it holds no rows"),
        ("d.csv", "1,0,0\n0,nan,0\n0,0,1\n", "row 2, entry 2"),
        ("e.csv", "1,0,0\n0,inf,0\n0,0,1\n", "row 2, entry 2"),
        ("f.json", '[["1e999", 0], [0, 1]]', "must have finite entries"),
    ):
        (tmp_path / name).write_text(text)
        code, out, err = psn("mesh", network, "--unitary", tmp_path / name)
        assert (code, out) == (2, "")
        assert fault in err or "must be 3 x 3" in err


def test_npy_files_cut_anywhere_are_one_message(tmp_path):
    path = tmp_path / "whole.npy"
    np.save(path, np.eye(3))
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        with pytest.raises(InputError, match="no plain numpy array"):
            read_table(path)
    for garbage in (
        whole.replace(b"<f8", b"<q9"),
        whole.replace(b"(3, 3)", b"(3,-3)"),
        whole.replace(b"False", b"Falze"),
        b"PK\x03\x04" + whole,
    ):
        path.write_bytes(garbage)
        with pytest.raises(InputError):
            read_table(path)


# --- numbers of numpy ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("photons", [2**63, 10**30, np.uint64(2**63), 1.5, "3", float("nan"), None])
def test_photon_numbers_that_states_cannot_hold(photons):
    with pytest.raises(ValueError, match="photon numbers must be integers of at most"):
        noon_state("ab", photons)


@pytest.mark.parametrize("photons", [3, np.int64(3), np.int8(3), np.uint64(3), np.array(3), 3.0, np.float32(3)])
def test_photon_numbers_of_any_kind(photons):
    assert noon_state("ab", photons) == noon_state("ab", 3)
    assert branch_state("ab", np.array([photons, 0]), [0, photons]) == branch_state("ab", [3, 0], [0, 3])
    assert FockState.from_terms("ab", {(3, 0): 1.0}) == FockState(("a", "b"), [[photons, 0]], [1.0])


def test_the_largest_photon_number():
    assert noon_state("ab", 2**63 - 1).terms.keys() == {(2**63 - 1, 0), (0, 2**63 - 1)}


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.float16, lambda x: np.array(x)])
def test_angles_of_any_kind(kind):
    assert Homodyne(angles_rad=kind(0.5)) == Homodyne(angles_rad=0.5)
    assert type(Homodyne(angles_rad=kind(0.1)).angles_rad) is float
