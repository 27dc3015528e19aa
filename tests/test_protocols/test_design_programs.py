"""Programs that a design writes beside its circuits: run by Strawberry Fields and Perceval, they have the error of the design."""

from __future__ import annotations

import importlib.util
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from networks import SensorNetwork, load_network
from photonics import circuit_from_document
from photonics.adapters import perceval as adapter
from photonics.adapters.sf_import import import_strawberryfields
from protocols import design
from protocols.reports.design_folder import write_design

pytestmark = pytest.mark.filterwarnings("ignore:The circuit consists of .* disconnected components")
EXAMPLES = Path(__file__).parents[2] / "examples"


def state_of(text, theta):
    """The state that a Blackbird text measures, at these parameters."""
    sf = import_strawberryfields()
    program = sf.io.loads(text)
    assert set(program.free_params) == set(theta)
    program.circuit = [command for command in program.circuit if "Measure" not in type(command.op).__name__]
    cutoff = [line for line in text.splitlines() if line.startswith("# backend: fock")]
    engine = (
        sf.Engine("fock", backend_options={"cutoff_dim": int(cutoff[0].split("= ")[1])})
        if cutoff
        else sf.Engine("gaussian")
    )
    return engine.run(program, args=theta).state


def written(network, folder, **options):
    result = design(network, **options)
    return result, {path.name: path for path in write_design(result, folder)}


def programs_of(path):
    return json.loads(path.read_text())["programs"]


def test_homodyne_detection_of_the_program_has_the_error_of_the_design(tmp_path):
    """Squeezed light along lossy links, two passes, inefficient detectors of imperfect overlap."""
    network = SensorNetwork.chain(
        [2, -1, 1],
        sensing="displacement",
        mean_photons=2.0,
        passes=2,
        squeezers=1,
        transmissivity=0.9,
        detector_efficiency=0.9,
        visibility=0.98,
    )
    network = replace(network, links=tuple(replace(link, transmissivity=0.95) for link in network.links))
    result, files = written(network, tmp_path, schemes=["entangled-squeezed"])
    assert result.physical is not None
    text = files["circuit.xbb"].read_text()
    names = ["theta_s1", "theta_s2", "theta_s3"]
    assert [row["sensor"] for row in programs_of(files["circuit.json"])["strawberryfields"]["parameters"]] == [
        "s1",
        "s2",
        "s3",
    ]
    lines = [line for line in text.splitlines() if line.startswith("MeasureHomodyne(0.0) | ")]
    measured = [int(line.split("| ")[1]) for line in lines]
    assert len(measured) == 3
    assert "# not in this program" not in text

    def quadratures(theta):
        state = state_of(text, dict(zip(names, theta, strict=True)))
        mean, covariance = state.reduced_gaussian(measured)
        return np.asarray(mean)[:3], np.asarray(covariance)[:3, :3]

    start, covariance = quadratures([0.0] * 3)
    slopes = np.array([quadratures(row)[0] - start for row in np.eye(3)])
    assert slopes == pytest.approx(np.diag(np.diag(slopes)), abs=1e-12)
    weights = np.array([2, -1, 1]) / np.diag(slopes)
    assert weights @ covariance @ weights == pytest.approx(result.chosen.mse, rel=1e-9)


def test_counts_of_coherent_beams_have_the_error_of_the_design(tmp_path):
    """Differences of both ports, by The Walrus: q is their weighted sum over the slopes, with the error of the counts."""
    network = SensorNetwork.star(
        [2, -1, 3], sensing="phase", photons=50, passes=2, transmissivity=0.9, detector_efficiency=0.8
    )
    result, files = written(network, tmp_path, schemes=["coherent"])
    text = files["circuit.xbb"].read_text()
    import_strawberryfields()
    from thewalrus.quantum import photon_number_covmat, photon_number_mean_vector

    made = programs_of(files["circuit.json"])["strawberryfields"]
    modes = [line.split(" is ")[1] for line in text.splitlines() if line.startswith("# ") and line[2].isdigit()]
    count = len(modes)
    assert made["measured"] == [{"gate": "MeasureFock", "modes": modes}]
    behind = " behind the last beam splitter"
    # "a-b = n_a - n_b behind the last beam splitter"
    pairs = [outcome.split(" = n_")[1].removesuffix(behind).split(" - n_") for outcome in made["outcomes"]]
    rows = np.array([[(mode == a) - (mode == b) for mode in modes] for a, b in pairs])

    def counts(theta):
        state = state_of(text, dict(zip(["theta_s1", "theta_s2", "theta_s3"], theta, strict=True)))
        mean, covariance = state.reduced_gaussian(list(range(count)))
        return photon_number_mean_vector(mean, covariance, hbar=2), photon_number_covmat(mean, covariance, hbar=2)

    middle, covariance = counts([0.0] * 3)
    assert rows @ middle == pytest.approx(np.zeros(3), abs=1e-9)
    step = 1e-4
    slopes = np.array([rows @ (counts(step * row)[0] - counts(-step * row)[0]) for row in np.eye(3)]).T / (2 * step)
    # Each difference rises with the first beam's phase and falls with the second's; alpha = (2, -1, 3).
    weights = np.linalg.solve(slopes.T, [2, -1, 3])
    assert weights @ (rows @ covariance @ rows.T) @ weights == pytest.approx(result.chosen.mse, rel=1e-6)
    assert (weights > 0).all()


def test_what_detectors_add_is_named(tmp_path):
    network = SensorNetwork.star(
        [1, 1], sensing="displacement", mean_photons=1.0, electronic_noise=0.05, phase_jitter_rad=0.02
    )
    _, files = written(network, tmp_path, schemes=["separable-squeezed"])
    named = [
        "electronic noise (variance in units of the vacuum) 0.05: s1",
        "random angle (rms, in rad) 0.02: s1",
    ]
    assert programs_of(files["circuit_1.json"])["strawberryfields"]["not_in_program"] == named
    assert [line for line in files["circuit_1.xbb"].read_text().splitlines() if "not in this program" in line] == [
        f"# not in this program: {what}" for what in named
    ]
    assert "circuit_1.xbb (Strawberry Fields) and so on" in (tmp_path / "report.md").read_text()


def test_a_noon_state_is_counted_at_mid_fringe_and_loses_nothing(tmp_path):
    """gradient_pair along its links needs controls, so the program is of the light at the sensors; Perceval counts the same."""
    result, files = written(load_network(EXAMPLES / "gradient_pair.json"), tmp_path)
    text, made = files["circuit.xbb"].read_text(), programs_of(files["circuit.json"])
    assert "# how the light is made and sent along the links is not in this program, its losses are\n" in text
    assert made["strawberryfields"]["remarks"][0].startswith("the parity of the counts in right tells as much as")
    n = result.network.photons

    def parity(left, right):
        table = np.asarray(state_of(text, {"theta_left": left, "theta_right": right}).all_fock_probs()).reshape(
            (n + 1,) * 2
        )
        return float(((-1.0) ** np.arange(n + 1) * table.sum(axis=0)).sum())

    pcvl = adapter.import_perceval()
    experiment = pcvl.serialization.deserialize_file(str(files["circuit.pcvl"]))
    processor = pcvl.Processor("SLOS", experiment)
    processor.min_detected_photons_filter(0)
    assert set(processor.get_circuit_parameters()) == {"theta_left", "theta_right"}

    def counted(left, right):
        for name, value in (("theta_left", left), ("theta_right", right)):
            processor.get_circuit_parameters()[name].set_value(value)
        return sum((-1) ** string[1] * p for string, p in adapter.perceval_counts(processor).probabilities)

    for theta in ((0.0, 0.0), (0.2, -0.1), (1.0, 0.3)):
        expected = -math.sin(n * (theta[1] - theta[0]))
        assert abs(parity(*theta)) == pytest.approx(abs(expected), abs=1e-9)
        assert counted(*theta) == pytest.approx(parity(*theta), abs=1e-6)
    # Fringes of full visibility: the information is N^2 everywhere, 1/mse of the difference.
    assert n**2 == pytest.approx(1 / result.chosen.mse)


def test_two_arms_are_one_parameter(tmp_path):
    network = SensorNetwork.star([1, -1], sensing="phase", photons=2, arms=2)
    _, files = written(network, tmp_path, schemes=["separable-phase"])
    text = files["circuit_1.xbb"].read_text()
    assert programs_of(files["circuit_1.json"])["strawberryfields"]["parameters"] == [
        {"name": "theta_s1", "sensor": "s1"}
    ]
    assert "Rgate(-0.5*{theta_s1}) | 0" in text
    assert "Rgate(0.5*{theta_s1}) | 1" in text


def test_what_is_no_program_says_why(tmp_path, monkeypatch):
    two_passes = SensorNetwork.star([1, 1, -1], sensing="phase", photons=1, passes=2)
    _, files = written(two_passes, tmp_path / "a", schemes=["w-matrix"])
    assert not {"circuit.xbb", "circuit.pcvl"} & files.keys()
    made = programs_of(files["circuit.json"])
    assert (
        "(NumberControl): Strawberry Fields has no gate that exchanges photon numbers"
        in made["strawberryfields"]["not_written"]
    )
    assert "(NumberControl): Perceval has no such component" in made["perceval"]["not_written"]
    assert "It says why it is no program for Strawberry Fields or Perceval." in (tmp_path / "a/report.md").read_text()
    bright = SensorNetwork.star([1, -1], sensing="phase", photons=300)
    _, files = written(bright, tmp_path / "b", schemes=["noon"])
    made = programs_of(files["circuit.json"])
    reason = made["strawberryfields"]["not_written"]
    assert reason.startswith("along the links: operations 2, 3, 4, 5 (NumberControl)")
    assert "; without them: the state of 300 photons in 2 modes would be a table of 90601 entries" in reason
    assert made["perceval"]["not_written"].startswith("300 photons are more than 6")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    _, files = written(SensorNetwork.star([1, -1], sensing="phase", photons=2), tmp_path / "c", schemes=["noon"])
    assert "circuit.xbb" in files
    assert "photonic-sensor-networks[perceval]" in programs_of(files["circuit.json"])["perceval"]["not_written"]


def test_lossy_photons_are_written_without_their_projection(tmp_path):
    network = SensorNetwork.star([1, -1], sensing="phase", photons=2, transmissivity=0.8)
    _, files = written(network, tmp_path, schemes=["noon"])
    assert "# the measurement is not in this program: project on" in files["circuit.xbb"].read_text()
    assert programs_of(files["circuit.json"])["strawberryfields"]["measured"] == []
    circuit = circuit_from_document(json.loads(files["circuit.json"].read_text()))
    assert circuit.parameters == 2


def test_programs_of_an_earlier_design_do_not_stay(tmp_path):
    turns = load_network(EXAMPLES / "four_sites.json")
    _, files = written(turns, tmp_path)
    assert {"circuit_1.xbb", "circuit_1.pcvl", "circuit_4.xbb"} <= files.keys()
    _, files = written(load_network(EXAMPLES / "gradient_pair.json"), tmp_path)
    assert sorted(path.name for path in tmp_path.glob("circuit*")) == ["circuit.json", "circuit.pcvl", "circuit.xbb"]
