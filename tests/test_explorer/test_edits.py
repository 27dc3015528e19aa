"""Edits: each gives a document that the strict reader takes, changes nothing else, and leaves the one before as it was."""

import copy
import math

import pytest
from hypothesis import given, strategies as st

from protocols.explorer import documents, edits
from protocols.explorer.documents import check, example_document, template_document
from protocols.starting.templates import TEMPLATES

NAMES = ["five_phases", "field_average", "squeezed_phases", "lossy_phases"]


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_are_without_faults(name):
    assert check(template_document(name)).faults == ()


@pytest.mark.parametrize("name", NAMES)
def test_a_sensor_that_is_linked_is_a_sensor(name):
    document = example_document(name)
    before = copy.deepcopy(document)
    grown, part = edits.with_node(document, "sensor")
    hub = next(f"node {k}" for k in range(len(document["nodes"])))
    linked, edge = edits.with_link(grown, part, hub)
    network, old = check(linked).network, check(document).network
    assert len(network.sensors) == len(old.sensors) + 1
    assert len(network.links) == len(old.links) + 1
    assert network.function.alpha[-1] == 1
    assert edits.with_link(linked, hub, part) == (linked, edge)
    without = edits.without(linked, part)
    assert [node["id"] for node in without["nodes"]] == [node["id"] for node in before["nodes"]]
    assert without["edges"] == before["edges"]
    assert document == before


@pytest.mark.parametrize("role", ["sensor", "reference", "ancilla"])
def test_nodes_have_names_of_their_own(role):
    document = example_document("five_phases")
    for _ in range(4):
        document, _ = edits.with_node(document, role)
    ids = [node["id"] for node in document["nodes"]]
    assert len(set(ids)) == len(ids)
    places = [(node["x"], node["y"]) for node in document["nodes"]]
    assert len(set(places)) == len(places)


def test_links_follow_a_node_that_gets_another_name():
    document = example_document("five_phases")
    part = next(f"node {k}" for k, node in enumerate(document["nodes"]) if node["id"] == "ref")
    new = edits.with_texts(document, part, {"id": "laser"})
    assert all("laser" in (edge["source"], edge["target"]) for edge in new["edges"])
    assert check(new).faults == ()


def test_dragging_moves_one_node_and_holds_the_others():
    document = example_document("five_phases")
    before = edits.places(document)
    moved = edits.at_places(document, {2: (7.0, -3.0)})
    after = edits.places(moved)
    assert after[2] == (7.0, -3.0)
    for k in (0, 1, 3, 4, 5):
        assert after[k] == pytest.approx(before[k], abs=1e-3)
    # Places are attributes that change no number.
    assert check(moved).network.function == check(document).network.function


@pytest.mark.parametrize("name", NAMES)
def test_a_slider_sets_what_it_says(name):
    document = example_document(name)
    for knob in edits.knobs(document):
        for position in (knob.least, knob.most, knob.position):
            turned = edits.turned(document, knob.name, position)
            again = next(other for other in edits.knobs(turned) if other.name == knob.name)
            assert again.position == pytest.approx(position, abs=5e-3), knob.name
            network = check(turned).network
            assert network is not None, (knob.name, check(turned).faults)
            if knob.name == "link_loss_db":
                losses = [-10 * math.log10(link.transmissivity) for link in network.links]
                assert losses == pytest.approx([position] * len(losses), abs=1e-9)


@given(
    text=st.text(max_size=30),
    name=st.sampled_from(["alpha", "transmissivity", "photons", "squeezer", "loss_db", "colour"]),
)
def test_whatever_is_typed_is_kept_and_shown(text, name):
    document = {"graph": {}, "nodes": [{"id": "a"}], "edges": []}
    new = edits.with_texts(document, "node 0", {name: text})
    value = new["nodes"][0].get(name)
    if not text.strip():
        assert value is None
    elif isinstance(value, str):
        assert value == text.strip()
    # It is a document in any case, which can be saved and read back.
    assert documents.History.of(documents.History.starting(new).to_data()).document == new


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("transmissivity", "0.5", 0.5),
        ("transmissivity", "50%", 0.5),
        ("detector_efficiency", "98 %", 0.98),
        ("detector_efficiency", "3 dB", "3 dB"),
        ("loss_db", "1.5 dB", 1.5),
        ("loss_db", "1.5 km", "1.5 km"),
        ("distance_km", "250 m", 0.25),
        ("phase_jitter_rad", "180 deg", math.pi),
        ("photons", "1e3", 1000.0),
        ("photons", "12", 12),
        ("arms", "2", 2),
        ("mean_photons", "nan", "nan"),
        ("mean_photons", "1e999", "1e999"),
    ],
)
def test_units_are_understood(name, text, value):
    assert edits.typed_value(name, text) == value


def test_places_of_documents_with_faults():
    document = {
        "graph": {},
        "nodes": [{"id": "a"}, {"id": "a"}, {"id": [1]}, {"id": "c", "x": "left"}],
        "edges": [{"source": "a", "target": "nobody"}, {"source": "c", "target": "c"}],
    }
    assert len(edits.places(document)) == 4
    assert edits.places({"graph": {}, "nodes": [], "edges": []}) == []
