"""docs/theory/bright-light.md: output that of the commands, numbers those of designs, and formulas those of the numbers."""

import io
import math
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize

from networks import SensorNetwork, load_network
from protocols import rank_plans

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "theory" / "bright-light.md").read_text()
BLOCKS = re.findall(r"```console\n\$ (.*?)\n(.*?)\n\.\.\.\n```", PAGE, re.DOTALL)
FILE = ROOT / "examples" / "interferometer_array.json"
SENSORS = {"two arms": {"arms": 2}, "paid": {}, "free": {"phase_reference": "free"}}


def table(first):
    """The cells of the rows below a heading that begins so."""
    (body,) = re.findall(rf"^\| {first}.*\n\|[ -|]*\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in body.splitlines()]


def errors(network):
    return {one.plan.scheme: one.mse for one in rank_plans(network).built}


@pytest.mark.parametrize(("command", "shown"), BLOCKS, ids=[command for command, _ in BLOCKS])
def test_console_block(psn, monkeypatch, command, shown):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "100")
    run = command
    if command.startswith("sed"):
        old, new, file, run = re.fullmatch(r"sed 's/(\w+)/(\w+)/' (\S+) \| (psn design -)", command).groups()
        text = Path(file).read_text()
        assert old in text
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.replace(old, new).encode())))
    code, out, err = psn(*run.split()[1:])
    assert (code, err) == (0, "")
    lines = shown.splitlines()
    assert len(lines) > 8
    assert [line.rstrip() for line in out.splitlines()][: len(lines)] == lines


def test_there_are_blocks():
    assert len(BLOCKS) == 2


CHANGES = table("what is different")


@pytest.mark.parametrize("row", CHANGES, ids=[row[0] for row in CHANGES])
def test_when_sharing_pays(row, tmp_path):
    _, changes, shared, best, factor = row
    text = FILE.read_text()
    for old, new in re.findall(r"`(.*?)` → `(.*?)`", changes):
        assert old in text
        text = text.replace(old, new)
    file = tmp_path / "changed.json"
    file.write_text(text)
    network = load_network(file)
    found = errors(network)
    together = found.pop("bright-shared-squeezing") * network.mean_photons
    name = min(found, key=found.get)
    assert f"{together:.6f}" == shared
    assert best == f"{found[name] * network.mean_photons:.6f} `{name}`"
    assert float(factor) == pytest.approx(found[name] * network.mean_photons / together, abs=6e-4)


def least(error, top):
    n = np.linspace(0, top, 400_001)[1:-1]
    return error(n).min()


def quiet(n):
    return 1 / (1 + 2 * n + 2 * np.sqrt(n * (n + 1)))


ERRORS = table(r"sensors \| scheme \| mean squared error")
# Times nbar = 4, for alpha = (1, -1/2): formulas that hold for all light.
FORMULAS = {
    ("two arms", "coherent"): lambda: 1.5**2,
    ("two arms", "twin-squeezed"): lambda: 4 * 1.5**2 / (4 * 6),
    ("paid", "coherent"): lambda: 1.0,
    ("free", "coherent"): lambda: 1.5**2 / 4,
    ("free", "displaced-squeezed-shared"): lambda: 4 * least(lambda n: 1.5**2 * quiet(n) / (4 * (4 - n)), 4),
    ("free", "squeezed-vacuum-in-turn"): lambda: 4 * 1.5**2 / (8 * 4 * 5),
    ("free", "squeezed-vacuum-shared"): lambda: 4 * least(_two_squeezers, 4),
    ("free", "squeezed-vacuum-local"): lambda: 4 * least(_two_squeezers, 4),
}


def _two_squeezers(n):
    return 1 / (8 * n * (n + 1)) + (1 / 2) ** 2 / (8 * (4 - n) * (5 - n))


@pytest.mark.parametrize("sensors", SENSORS)
def test_errors_of_the_schemes(sensors):
    few = SensorNetwork.star([1, "-1/2"], sensing="phase", mean_photons=4.0, **SENSORS[sensors])
    many = few.replace(mean_photons=1e6, squeezing_db=10.0)
    weak, bright = errors(few), errors(many)
    rows = {name.strip("`"): (rough, *numbers) for of, name, rough, _, *numbers in ERRORS if of == sensors}
    for name, (rough, four, million) in rows.items():
        assert f"{weak[name] * 4:.6g}" == four
        assert f"{bright[name] * 1e6:.6g}" == million
        if (sensors, name) in FORMULAS:
            assert weak[name] * 4 == pytest.approx(FORMULAS[sensors, name](), rel=1e-7)
        elif "e^{-2r}" in rough or "e^{-r_j}" in rough:
            # 10 dB each, and a squeezer or two of 2.025 photons; of light that meets ||alpha||_P = 1.
            norm2 = 1.0 if "P" in rough or "alpha_m" in rough else 1.5**2
            assert bright[name] * 1e6 == pytest.approx(norm2 / 10 / (4 if sensors == "free" else 1), rel=1e-4)
    listed = {name.strip("`") for of, name, *_ in ERRORS if of == sensors}
    assert set(weak) == listed
    if sensors == "paid":
        # One site after the other has an arm of its own, as with two arms.
        both = errors(few.with_laboratory(arms=2))
        assert weak["bright-in-turn"] == pytest.approx(both["bright-in-turn"], rel=1e-9)


def test_all_schemes_are_described():
    from protocols.schemes import schemes_of

    described = {name for row in table(r"sensors \| scheme \| light") for name in re.findall(r"`([\w-]+)`", row[1])}
    assert set(schemes_of("gaussian")) == described


def test_squeezed_vacuum_of_given_db_does_not_gain_from_a_larger_budget():
    few, many = (
        errors(SensorNetwork.star([1, 1], sensing="phase", mean_photons=n, squeezing_db=6.0, phase_reference="free"))
        for n in (1e3, 1e6)
    )
    assert few["squeezed-vacuum-shared"] == pytest.approx(many["squeezed-vacuum-shared"], rel=1e-6)
    assert few["displaced-squeezed-shared"] == pytest.approx(1e3 * many["displaced-squeezed-shared"], rel=1e-2)


def test_no_light_without_displacement_betters_a_squeezer_for_each_sign():
    """Oh, Jiang and Lee 2022: pure Gaussian states of mean zero are two squeezers behind passive optics; by descent."""
    alpha, photons = np.array([1.0, -1.0]), 2.0

    def error(x):
        unitary, _ = np.linalg.qr(x[:4].reshape(2, 2) + 1j * x[4:8].reshape(2, 2))
        n = photons * np.array([math.cos(x[8]), math.sin(x[8])]) ** 2
        numbers = unitary.conj() @ np.diag(n) @ unitary.T
        pairs = unitary @ np.diag(np.sqrt(n * (n + 1))) @ unitary.T
        # Four times the covariance of photon numbers.
        fisher = 4 * (abs(numbers) ** 2 + abs(pairs) ** 2 + np.diag(np.diag(numbers).real))
        return alpha @ np.linalg.solve(fisher + 1e-9 * np.eye(2), alpha)

    rng = np.random.default_rng(3)
    by_sign = errors(SensorNetwork.star([1, -1], sensing="phase", mean_photons=photons, phase_reference="free"))
    found = [minimize(error, rng.normal(size=9)).fun for _ in range(12)]
    assert by_sign["squeezed-vacuum-shared"] == pytest.approx(2 / (8 * 1 * 2), rel=1e-9)
    assert min(found) == pytest.approx(by_sign["squeezed-vacuum-shared"], rel=1e-5)
    assert min(error(x) for x in rng.normal(size=(500, 9))) > by_sign["squeezed-vacuum-shared"]


def test_loss_behind_the_sensing():
    """e^{-2r} becomes e^{-2r} + (1 - eta)/eta."""
    eta, db = 0.7, 10.0
    for changes, over in (({"arms": 2}, 1), ({"phase_reference": "free"}, 4)):
        network = SensorNetwork.star(
            [1, 1], sensing="phase", mean_photons=1e8, transmissivity=eta, squeezing_db=db, squeezers=1, **changes
        )
        best = min(errors(network).values()) * 1e8
        assert best == pytest.approx(4 * (10 ** (-db / 10) + (1 - eta) / eta) / over, rel=1e-5)


def test_what_is_not_worked_out():
    mixed = SensorNetwork.star([1, 1], sensing="phase", mean_photons=1e4, arms=[1, 2], squeezing_db=10.0)
    assert set(errors(mixed)) == {"coherent", "bright-shared-squeezing", "bright-local-squeezing", "bright-in-turn"}
    free = errors(mixed.replace(phase_reference="free"))
    assert free.keys() == errors(mixed).keys()
    assert all(free[name] < error for name, error in errors(mixed).items())
    two, one = ({"arms": 2}, {"phase_reference": "free"})
    for changes, left in ((two, "bright-shared-squeezing"), (one, "displaced-squeezed-shared")):
        still = SensorNetwork.star([1, 1], sensing="phase", mean_photons=1e4, squeezing_db=10.0, **changes)
        jittery = errors(still.with_laboratory(phase_jitter_rad=0.01))
        assert jittery[left] > errors(still)[left] * 1.001
        assert "squeezed-vacuum-shared" not in jittery
        if "twin-squeezed" in errors(still):
            assert jittery["twin-squeezed"] > errors(still)["twin-squeezed"] * 1.001
    # Light that meets: not beside sensors with two arms, where arms of their own stay.
    pair = SensorNetwork.star([1, -1], sensing="phase", mean_photons=1e6, squeezing_db=10.0)
    for other, error in (
        (pair, 0.1),
        (pair.with_laboratory(phase_jitter_rad=1e-6), 0.1),
        (pair.with_laboratory(arms=2), 0.4),
    ):
        assert errors(other)["bright-shared-squeezing"] * 1e6 == pytest.approx(error, rel=1e-4)
