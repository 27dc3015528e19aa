"""What the page is told is what the commands print, and what comes at once is equal to what comes after it."""

import json
from pathlib import Path

import numpy as np
import pytest

from networks import load_network
from protocols import design, error_curves, privacy_report, simulate
from protocols.explorer import answers, pictures
from protocols.explorer.documents import check, example_document
from protocols.explorer.edits import places
from protocols.reports.plotting import draw_privacy
from protocols.tables import cell

ROOT = Path(__file__).parents[2]


def network_of(name):
    return load_network(ROOT / "examples" / f"{name}.json")


@pytest.mark.parametrize("name", ["gradient_pair", "field_average", "lossy_phases", "interferometer_array"])
def test_what_comes_at_once_is_equal_to_the_design(name):
    network = network_of(name)
    first = answers.coarse(network, "id")
    exact = {one.scheme: cell(one.mse) for one in design(network).candidates}
    shown = {row[0]: row[1] for row in first["table"]["rows"]}
    assert set(exact) - set(shown) <= set(first["later"])
    for scheme, mse in shown.items():
        # Two ways to the same number: closed forms alone, and circuits.
        assert float(mse) == pytest.approx(float(exact[scheme]), rel=2e-6)


def test_the_answer_is_the_design_and_plain():
    network = network_of("field_average")
    result = design(network)
    answer = answers.exact(network, "id")
    assert json.loads(json.dumps(answer)) == answer
    table = next(said for kind, said in answer["parts"] if kind == "table")
    assert [row[0] for row in table["rows"]] == [one.scheme for one in result.candidates]
    assert ["strong", result.verdict.sentence] in answer["parts"]
    assert answer["chosen"] == result.chosen.scheme


@pytest.mark.parametrize("name", ["field_average", "five_phases", "interferometer_array"])
def test_light_takes_links_that_there_are(name):
    network = network_of(name)
    result = design(network)
    links = {frozenset(map(str, link.ends)) for link in network.links}
    steps = [frozenset(step["edge"]) for layer in answers.layers_of(result) for step in layer["steps"]]
    # Between the arms of a sensor there is no link of the file.
    assert {step for step in steps if len(step) == 2} <= links
    if result.physical is not None:
        assert len(steps) == len(result.physical.steps)


def test_a_curve_is_that_of_the_command():
    network = network_of("gradient_pair")
    curves = error_curves(network, "photons")
    answer = answers.curve(network, "id", "photons")
    assert answer["values"] == list(curves.values)
    assert [one["errors"] for one in answer["curves"]] == [list(one.errors) for one in curves.curves]
    assert "link_loss_db" in answers.axes_of(network)
    figure = pictures.curve_figure(answer, dark=False)
    assert [line["name"] for line in figure["data"]] == [one.label for one in curves.curves]


def test_the_frontier_is_that_of_the_figure():
    network = network_of("gradient_pair")
    answer = answers.privacy(network, "id")
    _, axes = draw_privacy(privacy_report(network))
    assert np.allclose(axes.collections[-1].get_offsets()[0], answer["frontier"]["here"])
    assert np.allclose(axes.lines[0].get_xydata(), answer["frontier"]["region"])


def test_columns_solve_the_equation():
    network = network_of("five_phases")
    answer = answers.columns(network, "id")
    alpha = np.array([float(a) for a in network.function.alpha])
    target = network.photons * network.passes * alpha / alpha.sum()
    assert answer["tables"]
    for table in answer["tables"]:
        repeats = [int(name.removesuffix(" x")) for name in table["columns"][1:]]
        columns = np.array([[int(value) for value in row[1:]] for row in table["rows"]])
        assert np.array_equal(columns @ repeats, target)


def test_a_simulation_ends_as_that_of_the_command():
    network, seen = network_of("gradient_pair"), []
    options = {"shots": 50, "trials": 45_000, "seed": 3}
    answer = answers.simulation(network, "id", scheme=None, show=seen.append, **options)
    done = simulate(network, scheme=answer["scheme"], estimator=answer["estimator"], **options)
    trials, mse, stderr = answer["points"][-1]
    assert trials == 45_000
    assert mse == pytest.approx(done.first.mse, rel=1e-12)
    assert stderr == pytest.approx(done.first.tally.mse_stderr, rel=1e-9)
    assert [one["trials"] for one in seen] == [20_000, 40_000, 45_000]
    # What was shown stays as it was; nothing is drawn anew.
    assert answer["points"][: len(seen[0]["points"])] == seen[0]["points"]


def test_names_are_no_markup():
    evil = "<img src=x onerror=alert(1)>"
    document = example_document("gradient_pair")
    document["nodes"][0]["id"] = document["edges"][0]["source"] = evil
    checked = check(document)
    frontier = answers.privacy(checked.network, "id")["frontier"]
    figure = json.dumps(pictures.frontier_figure(frontier, dark=True))
    assert "<img" not in figure
    graph = pictures.elements(document, checked)
    assert graph[0]["data"]["label"].startswith(evil)
    assert len(graph) == len(document["nodes"]) + len(document["edges"])
    assert graph[0]["position"]["x"] == pytest.approx(pictures.SCALE * places(document)[0][0])
