"""The text of every command on terminals of every width: no number is ever cut or broken.

The parts of a view are drawn again at many widths, so that each command runs once; some run as a whole, with COLUMNS set.
"""

from __future__ import annotations

import importlib
import json
import re
import shlex
from collections import Counter
from pathlib import Path

import pytest
from golden.running import prepare

from networks import SensorNetwork
from protocols.loss.report import LossReport, loss_report
from protocols.reports import showing
from protocols.reports.rendering import plain_text
from protocols.reports.view import View
from protocols.tables import Table, wrapped

WIDTHS = (1, 7, 12, 20, 21, 25, 28, 33, 40, 47, 55, 64, 72, 79, 80, 81, 90, 100, 120, 150, 199, 200)
NUMBER = re.compile(r"[-+]?\d[\d.,]*(?:\(\d+\))?(?:e[-+]?\d+)?")
"""A number with its uncertainty and exponent: 4.41(28)e-05 is one."""

TRIALS = "--trials 100 --shots 40 --seed 2"
LINES = {
    "bounds": ["--alpha 1,2,-1/3 --photons 3000 --passes 7", "--alpha 3,-1,1/2 --photons 6 --mean-photons 2.5"],
    "design": [
        "examples/lossy_phases.json",
        "examples/guo_four_nodes.json",
        "examples/fibre_phases.json --source exchange",
        "two_shifts.json",
    ],
    "enumerate": [
        "--alpha 3,1,-2 --photons 4 --passes 2 --count",
        "--alpha 1/15,2/15,3/15,4/15,5/15 --photons 5 --passes 3 --objective pareto",
        "--alpha 1/15,2/15,3/15,4/15,5/15 --photons 5 --passes 3 --sample 5 --seed 7",
        "--alpha 1,1,1 --photons 100 --passes 1",
    ],
    "check": ["protocol.json", "protocol_wrong.json", "certificate.json", "pairs.json"],
    "loss": ["examples/lossy_phases.json", "examples/guo_four_nodes.json"],
    "simulate": [
        f"examples/lossy_phases.json {TRIALS}",
        f"examples/guo_four_nodes.json {TRIALS}",
        f"examples/gradient_pair.json --function 'sin(theta1-theta2)' --theta 0.3,0.7 {TRIALS}",
        f"examples/two_modes_suffice.json --target 1,1,0 --target 0,1,-1 --weights 1,2 {TRIALS}",
    ],
    "sweep": ["run sweep.toml --out rows", "report rows --axis photons"],
    "privacy": ["examples/gradient_pair.json --at-least 0.9", "examples/guo_four_nodes.json --hide 1,0,0,-1:0.5"],
    "duality": ["--w 1,2,-1 --v 1,0,1 --photons 3"],
    "mesh": ["examples/guo_four_nodes.json --haar 1"],
    "hardware": [
        "devices",
        "devices examples/gradient_pair.json",
        "compile examples/gradient_pair.json --device X8 --theta 0.05,-0.02",
        "sample examples/gradient_pair.json --device X8 --theta 0.05,-0.02 --shots 60 --seed 3 --out counts.npy",
        "estimate examples/gradient_pair.json counts.npy --device X8",
        "candidates examples/gradient_pair.json --device X8",
        "perceval examples/hong_ou_mandel.json --theta 0.3 --transmissivity 0.9 --bias 0.2",
    ],
}
WITHOUT_TABLES = {
    "plot": "one line",
    "new": "lines, printed as they are",
    "examples": "a line each, printed as they are",
    "cite": "BibTeX",
    "convert": "two lines, printed as they are",
    "explore": "an address; the page is in the browser",
}
HARDWARE_WITHOUT = {"submit", "status", "result", "cancel", "emulate"}
"""They need a cloud; what they show is drawn by the same function."""


def missing(wide: str, narrow: str) -> Counter[str]:
    """Numbers of one text that are not whole in the other."""
    return Counter(NUMBER.findall(wide)) - Counter(NUMBER.findall(narrow))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working directory, with the examples and a sweep over a network whose name has 28 letters."""
    prepare(tmp_path)
    monkeypatch.chdir(tmp_path)
    network = json.loads(Path("two_phases.json").read_text())
    network["graph"]["name"] = "metropolitan-interferometers"
    assert len(network["graph"]["name"]) == 28
    Path("two_phases.json").write_text(json.dumps(network))
    return tmp_path


@pytest.fixture
def views(monkeypatch):
    """The views that commands show from now on."""
    seen: list[View] = []
    original = showing.print_view

    def noted(console, view):
        seen.append(view)
        original(console, view)

    monkeypatch.setattr(showing, "print_view", noted)
    return seen


@pytest.mark.parametrize("command", LINES)
def test_every_number_is_whole_at_every_width(command, psn, folder, views):
    for line in LINES[command]:
        code, out, err = psn(command, *shlex.split(line))
        assert code == (1 if "wrong" in line else 0), (line, err)
        assert out
    assert views
    for view in views:
        wide = plain_text(view, width=200)
        assert NUMBER.search(wide)
        for width in WIDTHS:
            narrow = plain_text(view, width=width)
            assert not missing(wide, narrow), (view.title, width)
            # Words may go elsewhere, none gets lost.
            assert Counter("".join(wide.split()).replace("─", "")) - Counter("".join(narrow.split())) == Counter()


def test_every_command_is_looked_at():
    from protocols.cli.app import _Commands
    from protocols.cli.hardware import _Commands as hardware
    from protocols.cli.sweep import _RunOrReport

    assert set(_Commands.words) == set(LINES) | set(WITHOUT_TABLES)
    assert set(_RunOrReport.words) == {line.split()[0] for line in LINES["sweep"]}
    assert set(hardware.words) == {line.split()[0] for line in LINES["hardware"]} | HARDWARE_WITHOUT
    for word in _Commands.words:
        assert importlib.import_module(f"protocols.cli.{word}")


@pytest.mark.parametrize(
    "line", ["bounds --alpha 1,2,-1/3 --photons 3000 --passes 7", "loss examples/lossy_phases.json"]
)
def test_a_terminal_of_any_width_shows_all_digits(line, psn, folder, monkeypatch):
    # The width is what differs; the losses, which take nearly all of the time, are worked out once.
    made: dict[SensorNetwork, LossReport] = {}

    def once(network, **options):
        if network not in made:
            made[network] = loss_report(network, **options)
        return made[network]

    monkeypatch.setattr("protocols.loss.report.loss_report", once)
    monkeypatch.setenv("COLUMNS", "200")
    _, wide, _ = psn(*shlex.split(line))
    assert NUMBER.search(wide)
    for columns in (20, 40, 79, 80, 120):
        monkeypatch.setenv("COLUMNS", str(columns))
        code, narrow, err = psn(*shlex.split(line))
        assert (code, err) == (0, "")
        assert not missing(wide, narrow), columns


def test_the_bound_of_issue_17_keeps_its_exponent(psn, monkeypatch):
    # (12) by hand: ||alpha||_P = 3, N t = 3000 * 7.
    monkeypatch.setenv("COLUMNS", "40")
    _, out, _ = psn("bounds", "--alpha", "1,2,-1/3", "--photons", 3000, "--passes", 7)
    assert f"MSE: {9 / 21000**2:.7g}" in out.splitlines()
    assert out.count("2.040816e-08") == 2


def test_a_sweep_of_long_names_keeps_its_columns(psn, folder, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert psn("sweep", "run", "sweep.toml", "--out", "rows")[0] == 0
    _, wide, _ = psn("sweep", "report", "rows", "--json")
    _, out, _ = psn("sweep", "report", "rows")
    for column in ("scheme", "estimator", "MSE", "bound"):
        assert any(column in line for line in out.splitlines())
    schemes = {row["scheme"] for row in json.loads(wide)["rows"]}
    assert schemes == {"noon", "w-matrix", "separable-phase"}
    for scheme in schemes:
        assert scheme in out


def test_the_table_of_a_benchmark_at_eighty_columns(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    row = ("one squeezed vacuum over d lossy modes, circuit and full Fisher matrix of it", *[1.234567e-05] * 9)
    showing.show(Table(title="times", columns=("work", *(f"time of step {k}, ms" for k in range(9))), rows=(row,)))
    out = capsys.readouterr().out
    assert out.count("1.234567e-05") == 9
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize("width", range(1, 60))
def test_words_are_never_broken(width):
    text = "MSE 4.41(28)e-05 at north-by-north-west, 10,000 shots: |2, 0> + |0, 2> of s-1"
    lines = wrapped(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    for number in NUMBER.findall(text):
        assert any(number in line for line in lines)
    assert all(len(line) <= width or " " not in line for line in lines)


def test_wide_letters_take_two_columns():
    assert wrapped("東京 大阪", 4) == ["東京", "大阪"]
    assert wrapped("東京 大阪", 9) == ["東京 大阪"]
