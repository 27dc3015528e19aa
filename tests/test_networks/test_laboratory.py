"""Attributes of the laboratory: in every format, in every range, against each other, and what a computation is told of them."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from drawn import examples
from hypothesis import given, strategies as st

from networks import (
    Bench,
    InputError,
    Laboratory,
    Link,
    Mode,
    SensorNetwork,
    draw_network,
    from_graph,
    place_sensors,
    save_network,
    to_graph,
)
from networks.benches import given_names
from networks.files.attributes import EVERYTHING, Unused, unused_attributes
from networks.files.graphml import network_from_graphml, network_to_graphml, topology_from_graphml
from networks.files.known import known_names
from networks.files.load import topology_of_text
from networks.files.look_alikes import look_alike
from networks.files.node_link import network_document, network_from_json, network_to_json
from networks.files.spelling import attribute_fault
from networks.files.tables import network_from_tables
from networks.laboratory import LABORATORY, LEAST_SHARE, NODE_DEFAULTS
from protocols import design
from protocols.problem import Problem

VALUES: dict[str, tuple[Any, ...]] = {
    "phase_reference": ("free",),
    "squeezers": (0, 2, 10**29),
    "squeezing_db": (0.0, 10.3),
    "squeezer": (True, False),
    "squeezer_efficiency": (0.95, 1.0),
    "arms": (1, 2),
    "transmissivity_before": (0.7, 1.0, 1e-100),
    "mean_photons_max": (0.25, 1e12),
    "detector_efficiency": (0.85, 1.0),
    "dark_counts": (0.0, 1e-6),
    "visibility": (0.98, 1.0),
    "electronic_noise": (0.0, 0.05),
    "phase_jitter_rad": (0.0, 0.02, math.pi),
}
"""Sound values of every attribute."""
BAD: dict[str, tuple[Any, ...]] = {
    "phase_reference": ("Free", "", True, 1),
    "squeezers": (-1, 1.5, True, "2", 10**31),
    "squeezing_db": (-1, 101, True, "3", math.inf),
    "squeezer": (1, 0, "true"),
    "squeezer_efficiency": (0, 1.01, 95, -0.1, True, math.nan, 5e-324),
    "arms": (0, 3, 2.0, True, "2"),
    "transmissivity_before": (0, 1.2, "0.5", math.nextafter(1e-100, 0)),
    "mean_photons_max": (-1, math.inf, True),
    "detector_efficiency": (0, 1.5, 85),
    "dark_counts": (-1e-9, 1e7, True),
    "visibility": (0, 1.1),
    "electronic_noise": (-0.1, "0.1"),
    "phase_jitter_rad": (-0.1, 3.2, 5, True),
}
"""Values out of range, or of another kind."""
WHERE = [(a.name, place, value) for a in LABORATORY for place in a.places for value in VALUES[a.name]]
BAD_WHERE = [(a.name, place, value) for a in LABORATORY for place in a.places for value in BAD[a.name]]


def base(**changes: Any) -> SensorNetwork:
    """Two one-armed sensors and a hub that is their reference."""
    return SensorNetwork.star([1, -1], sensing="phase", photons=2, **changes)


def with_one(name: str, place: str, value: object) -> SensorNetwork:
    """The network with one attribute, of the graph or of the first sensor."""
    if place == "graph":
        return base(**{name: value})
    network = base()
    first, *rest = network.modes
    return network.replace(modes=(dataclasses.replace(first, **{name: value}), *rest))


def test_every_attribute_has_values_here() -> None:
    assert set(VALUES) == set(BAD) == {attribute.name for attribute in LABORATORY}


# --- there and back --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "place", "value"), WHERE)
def test_there_and_back_in_every_format(name: str, place: str, value: object) -> None:
    network = with_one(name, place, value)
    document = network_document(network)
    part = document["graph"] if place == "graph" else document["nodes"][0]
    assert part[name] == value
    assert [p for p in (document["graph"], *document["nodes"]) if name in p] == [part], "and nowhere else"
    back = [
        network_from_json(network_to_json(network)),
        network_from_graphml(network_to_graphml(network)),
        from_graph(to_graph(network)),
        eval(repr(network), {"SensorNetwork": SensorNetwork, "Mode": Mode, "Link": Link, "Fraction": Fraction}),
        place_sensors(topology_of_text(network_to_graphml(network), "f.graphml")).network,
    ]
    assert all(again == network and network_document(again) == document for again in back)
    assert given_names(network) == (name,)
    assert all(hash(again) == hash(network) for again in back)


@pytest.mark.parametrize(("name", "place", "value"), WHERE)
def test_tables(name: str, place: str, value: object) -> None:
    links = "source,target\ns1,ref\ns2,ref\n"
    cell = str(value).lower() if isinstance(value, bool) else str(value)
    of_node = place == "node"
    extra = (f",{name}", f",{cell}", ",") if of_node else ("", "", "")
    nodes = f"id,role,alpha{extra[0]}\ns1,,1{extra[1]}\ns2,,-1{extra[2]}\nref,reference,{extra[2]}\n"
    options = {} if of_node else {name: value}
    assert network_from_tables(links, nodes, name="star", sensing="phase", photons=2, **options) == with_one(
        name, place, value
    )


@pytest.mark.parametrize(("name", "place", "value"), [one for one in WHERE if one[1] == "node"])
def test_tables_that_place_sensors(name: str, place: str, value: object) -> None:
    graph = nx.Graph([("s1", "ref"), ("s2", "ref")])
    topology = topology_from_graphml("\n".join(nx.generate_graphml(graph)), [])
    cell = str(value).upper() if isinstance(value, bool) else str(value)
    table = f"id;alpha;role;{name}\ns1;1;;{cell}\ns2;-1;;\nref;;reference;\n"
    placed = place_sensors(topology, table=table, sensing="phase", photons=2, name="star").network
    assert {mode.id: mode for mode in placed.modes} == {mode.id: mode for mode in with_one(name, place, value).modes}


def test_attributes_of_a_topology_mean_what_they_are_called() -> None:
    network = with_one("squeezer", "node", value=False).with_laboratory(visibility=0.9)
    first, *rest = network.modes
    network = network.replace(modes=(dataclasses.replace(first, detector_efficiency=0.7), *rest))
    graph = to_graph(network)
    for key in list(graph.graph):
        if key != "visibility":
            del graph.graph[key]
    for node in graph:
        del graph.nodes[node]["role"]
        graph.nodes[node].pop("coupling", None)
        graph.nodes[node].pop("alpha", None)
    topology = topology_from_graphml("\n".join(nx.generate_graphml(graph)), [])
    placed = place_sensors(topology, alpha={"s1": 1, "s2": -1}, sensing="phase", photons=2)
    assert not any("file_" in decision for decision in placed.decisions)
    assert placed.network.bench("s1") == Bench(squeezer=False, visibility=0.9, detector_efficiency=0.7)


def test_nothing_is_nothing_said() -> None:
    network = network_from_json(
        document_of({"phase_reference": None, "visibility": None}, {"arms": None, "loss_db": None})
    )
    assert network == base()
    with pytest.raises(InputError, match="phase_reference must be 'paid' or 'free', got nothing"):
        base(phase_reference=None)


def test_gml_writes_truth_as_numbers() -> None:
    network = with_one("squeezer", "node", value=False)
    again = place_sensors(topology_of_text("\n".join(nx.generate_gml(to_graph(network))), "f.gml")).network
    assert [mode.squeezer for mode in again.modes] == [False, None, None]


def test_graphml_without_types_means_the_types_of_the_attributes() -> None:
    first, *rest = base(dark_counts=1e-6).modes
    mode = dataclasses.replace(first, squeezer=False, arms=2, visibility=0.9)
    network = base(dark_counts=1e-6).replace(modes=(mode, *rest))
    text = network_to_graphml(network)
    for kind in ("boolean", "double", "long"):
        text = text.replace(f' attr.type="{kind}"', "")
    assert network_from_graphml(text) == network


LAB = st.fixed_dictionaries(
    {}, optional={a.name: st.sampled_from(VALUES[a.name]) for a in LABORATORY if a.places != ("node",)}
)
NODE = st.fixed_dictionaries(
    {},
    optional={a.name: st.sampled_from(VALUES[a.name]) for a in LABORATORY if "node" in a.places and a.name != "arms"},
)


@given(LAB, NODE, NODE, st.sampled_from([None, 1, 2]))
@examples(50)
def test_all_together_there_and_back(
    graph: dict[str, Any], one: dict[str, Any], two: dict[str, Any], arms: Any
) -> None:
    network = base()
    first, second, ref = network.modes
    network = network.replace(
        modes=(dataclasses.replace(first, **one, arms=arms), dataclasses.replace(second, **two), ref), **graph
    )
    assert network_from_json(network_to_json(network)) == network
    assert network_from_graphml(network_to_graphml(network)) == network
    assert network_document(network_from_graphml(network_to_graphml(network))) == network_document(network)


def test_what_is_left_out_is_not_written() -> None:
    document = network_document(base())
    known = {attribute.name for attribute in LABORATORY}
    assert not any(known & part.keys() for part in (document["graph"], *document["nodes"], *document["edges"]))
    assert network_document(base(phase_reference="paid")) == document
    assert not any(name in repr(base()) for name in known)


def test_whole_numbers_are_the_same_document() -> None:
    whole, decimal = base(visibility=1, squeezing_db=3), base(visibility=1.0, squeezing_db=3.0)
    assert whole == decimal
    assert network_to_json(whole) == network_to_json(decimal)


# --- dB --------------------------------------------------------------------------------------------------------------


def document_of(graph: dict[str, Any] | None = None, node: dict[str, Any] | None = None) -> str:
    document = network_document(base())
    document["graph"].update(graph or {})
    document["nodes"][0].update(node or {})
    return json.dumps(document)


def test_losses_in_db_at_nodes_and_the_graph() -> None:
    network = network_from_json(document_of({"loss_before_db": 10}, {"loss_db": 3, "loss_before_db": 0}))
    assert network.modes[0].transmissivity == pytest.approx(0.501187233627)
    assert network.transmissivity_before == pytest.approx(0.1)
    assert [bench.transmissivity_before for bench in network.laboratory.benches] == pytest.approx([1.0, 0.1, 0.1])
    links = "source,target\ns1,ref\ns2,ref\n"
    nodes = "id,role,alpha,loss_db\ns1,,1,3\ns2,,-1,0\nref,reference,,\n"
    table = network_from_tables(links, nodes, sensing="phase", photons=2, loss_before_db=10)
    assert table.modes[0].transmissivity == network.modes[0].transmissivity
    assert table.transmissivity_before == network.transmissivity_before


@pytest.mark.parametrize(
    ("graph", "node", "fault"),
    [
        ({}, {"loss_db": 3, "transmissivity": 0.5}, "node 's1': transmissivity and loss_db say the same thing twice"),
        (
            {"loss_before_db": 1, "transmissivity_before": 0.5},
            {},
            "graph: transmissivity_before and loss_before_db say the same thing twice",
        ),
        ({}, {"loss_db": -3}, "node 's1': loss_db must be a number that is not negative"),
        ({"loss_before_db": "3"}, {}, "graph: loss_before_db must be a number that is not negative"),
        ({}, {"loss_before_db": 5000}, "node 's1': 5000 dB are lost, more than 1000 dB; leave the node out"),
        ({"loss_db": 3}, {}, "'loss_db' belongs to a node or an edge"),
        ({}, {"squeezing_db": 3}, "'squeezing_db' belongs to graph"),
    ],
)
def test_faults_of_db(graph: dict[str, Any], node: dict[str, Any], fault: str) -> None:
    with pytest.raises(InputError) as caught:
        network_from_json(document_of(graph, node))
    assert len(caught.value.faults) == 1
    assert fault in caught.value.faults[0]


# --- ranges and contradictions ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "place", "value"), BAD_WHERE)
def test_values_out_of_range(name: str, place: str, value: object) -> None:
    with pytest.raises(InputError) as caught:
        with_one(name, place, value)
    said = [fault for fault in caught.value.faults if f"{name} must be" in fault]
    assert len(said) == 1
    assert said[0].startswith("graph: " if place == "graph" else "node 's1': ")


def test_remedies_are_said() -> None:
    with pytest.raises(InputError, match=r"85 percent are 0\.85"):
        base(detector_efficiency=85)
    with pytest.raises(InputError, match=r"above pi nothing is left of a phase, and 5 degrees are 0\.08727"):
        base(phase_jitter_rad=5)


def test_all_faults_at_once() -> None:
    document = network_document(base())
    document["graph"] |= {
        "squeezers": 2,
        "squeezing_db": -3,
        "phase_jitter_rad": 4,
        "visibilty": 1,
        "phase_reference": "free",
    }
    document["nodes"][0] |= {
        "squeezer": False,
        "arms": 2,
        "detector_efficiency": 1.5,
        "loss_db": 1,
        "transmissivity": 0.9,
    }
    document["nodes"][1] |= {"squeezer": False, "arms": 2, "mean_photons_max": 0}
    document["nodes"][2] |= {"squeezer": False, "arms": 1, "mean_photons_max": 3}
    with pytest.raises(InputError) as caught:
        network_from_json(json.dumps(document))
    wanted = (
        "node 's1': transmissivity and loss_db say the same thing twice",
        "graph: unknown attribute 'visibilty'; did you mean 'visibility'?",
        "graph: squeezing_db must be a number of dB from 0 to 100, got -3",
        "graph: phase_jitter_rad must be an angle in radians from 0 to pi, got 4",
        "node 's1': detector_efficiency must be a number in (0, 1], got 1.5",
        "node 's2': no light may pass",
        "node 'ref': only sensors have arms, this is a reference",
        "node 'ref': only sensors have mean_photons_max, this is a reference",
        "phase_reference: free is for light at sensors with one arm",
        "squeezers: 2 may be used, but squeezer is false at every node",
    )
    assert len(caught.value.faults) == len(wanted)
    for fault in wanted:
        assert any(fault in said for said in caught.value.faults), fault


def test_arms_and_free_references_of_displacement_sensing() -> None:
    network = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=1.0)
    first, *rest = network.modes
    with pytest.raises(InputError, match="only mach-zehnder sensors have arms"):
        network.replace(modes=(dataclasses.replace(first, arms=1), *rest))
    with pytest.raises(InputError, match="local oscillators of displacement sensing never count"):
        network.replace(phase_reference="free")


@pytest.mark.parametrize("word", ["paid", "free"])
def test_what_a_reference_costs_is_said_only_where_a_sensor_has_one(word: str) -> None:
    """A network does not keep that its file says "paid", but who says so of local oscillators would read the budget wrong."""
    document = network_document(SensorNetwork.star([1, 1], sensing="displacement", mean_photons=1.0))
    document["graph"]["phase_reference"] = word
    with pytest.raises(InputError, match=f"phase_reference: {word} is for phase sensing; local oscillators"):
        network_from_json(json.dumps(document))
    document = network_document(base(arms=2))
    document["graph"] |= {"phase_reference": word, "visibility": 2}
    with pytest.raises(InputError) as caught:
        network_from_json(json.dumps(document))
    first, second = sorted(caught.value.faults)
    assert first.startswith("graph: visibility must be")
    assert second.startswith(f"phase_reference: {word} is for light at sensors with one arm")
    assert network_from_json(document_of({"phase_reference": "paid"})) == base()


def test_no_command_makes_a_network_of_one_by_leaving_out_what_is_wrong(tmp_path: Path, psn: Any) -> None:
    """What is no plain value, and means nothing, is dropped of files of other programs; what means something is a fault."""
    path = tmp_path / "file.json"
    path.write_text(document_of({"visibility": [0.9], "colour": ["red"]}, {"arms": {}, "squeezer": None}))
    for command in (("convert", path, "--json"), ("design", path, "--json")):
        code, out, err = psn(*command)
        assert (code, out) == (2, "")
        assert "graph: visibility must be a number in (0, 1], got" in err
        assert "node 's1': arms must be 1 or 2, got" in err
    document = json.loads(path.read_text())
    for part in (document["graph"], *document["nodes"]):
        for name in ("name", "sensing", "photons", "passes", "coupling", "alpha", "role"):
            part.pop(name, None)
    path.write_text(json.dumps(document))
    placing = ("--alpha", "s1=1,s2=-1", "--sensing", "phase", "--photons", 2, "--json")
    code, out, err = psn("convert", path, *placing)
    assert (code, out) == (2, "")
    assert "graph: visibility must be a number in (0, 1], got" in err
    assert "node 's1': arms must be 1 or 2, got" in err
    del document["graph"]["visibility"], document["nodes"][0]["arms"]
    path.write_text(json.dumps(document))
    code, _, err = psn("convert", path, *placing)
    assert code == 0
    assert "attributes without a plain value are dropped there: 'colour', 'squeezer'" in err


def test_what_is_no_contradiction() -> None:
    network = base()
    sensors = [dataclasses.replace(mode, squeezer=False) for mode in network.sensors]
    # All squeezers in the hub, none at all, a limit of dB beside no squeezers, one sensor of each kind, a dark sensor.
    network.replace(modes=(*sensors, network.references[0]), squeezers=4)
    network.replace(
        modes=tuple(dataclasses.replace(mode, squeezer=False) for mode in network.modes), squeezers=0, squeezing_db=10
    )
    mixed = network.replace(
        modes=(dataclasses.replace(network.modes[0], arms=2), *network.modes[1:]), phase_reference="free"
    )
    assert mixed.laboratory.phase_reference == "free"
    dark = network.with_function([1, 0]).modes
    network.replace(modes=(dark[0], dataclasses.replace(dark[1], mean_photons_max=0), dark[2]))


def test_references_serve_the_one_armed() -> None:
    pair = SensorNetwork.chain([1, 1], sensing="phase", photons=2, arms=2)
    assert pair.reference is not None, "a chain of an unbalanced function has one"
    alone = pair.replace(modes=pair.modes[:2], links=pair.links[:1])
    assert alone.reference is None
    assert [bench.arms for bench in alone.laboratory.benches] == [2, 2]
    with pytest.raises(InputError, match=r"sensors with one arm sum to 1\) needs a mode that carries no phase"):
        alone.replace(modes=(dataclasses.replace(alone.modes[0], arms=1), alone.modes[1]))
    assert Problem.of(alone).reference is None


@pytest.mark.parametrize("shape", [SensorNetwork.chain, SensorNetwork.complete])
def test_shapes_have_the_reference_that_sensors_with_one_arm_need(shape: Any) -> None:
    """(1, -1) is balanced, but of the two only one is measured against a common reference."""
    network = shape([1, -1], sensing="phase", photons=2, arms=[2, 1])
    assert network.reference is not None
    assert shape([1, -1], sensing="phase", photons=2, arms=[2, 2]).reference is None
    assert shape([1, -1], sensing="phase", photons=2).reference is None


def test_a_local_oscillator_serves_as_reference_of_light_that_is_not_of_exactly_n_photons() -> None:
    options: dict[str, Any] = {"sensing": "phase", "mean_photons": 3.0}
    modes = SensorNetwork.chain([1, 1], **options).modes[:2]
    links = SensorNetwork.chain([1, 1], **options).links[:1]
    free = SensorNetwork(modes=modes, links=links, phase_reference="free", **options)
    assert free.reference is None
    for changes in ({"phase_reference": "paid"}, {"photons": 2}):
        with pytest.raises(InputError, match="needs a mode that carries no phase"):
            free.replace(**changes)


def test_light_of_phase_sensing() -> None:
    both = base(mean_photons=2.5)
    assert str(both) == "star: phase sensing, 2 sensors, 1 reference, 2 links, N = 2, nbar = 2.5, M = 1"
    assert network_from_json(network_to_json(both)) == both
    mean = both.replace(photons=None)
    assert network_document(mean)["graph"]["mean_photons"] == 2.5
    assert "photons" not in network_document(mean)["graph"]
    assert {c.plan.mean_photons for c in design(mean).candidates} == {2.5}
    # Beside an exact number it is for other light, which is not ranked.
    assert [c.mse for c in design(both).candidates] == [c.mse for c in design(base()).candidates]
    assert {one.light for one in design(both).other_light} == {"2.5 on average"}


# --- what a computation is told --------------------------------------------------------------------------------------


def test_a_laboratory_of_which_nothing_is_said_is_ideal() -> None:
    network = base()
    assert network.laboratory == Laboratory(benches=(Bench(),) * 3)
    assert network.laboratory.is_ideal
    assert not base(transmissivity=0.9).laboratory.is_ideal
    assert not base(squeezing_db=30).laboratory.is_ideal
    assert not base(squeezers=9).laboratory.is_ideal


@pytest.mark.parametrize("name", [a.name for a in LABORATORY if a.places == ("graph", "node")])
def test_a_nodes_own_value_wins(name: str) -> None:
    ideal = getattr(Bench(), name)
    value = next(value for value in VALUES[name] if value != ideal)
    network = base(**{name: value})
    first, second, ref = network.modes
    network = network.replace(modes=(dataclasses.replace(first, **{name: ideal}), second, ref))
    assert [getattr(bench, name) for bench in network.laboratory.benches] == [ideal, value, value]
    assert [getattr(network.bench(mode.id), name) for mode in network.modes] == [ideal, value, value]
    with pytest.raises(InputError, match="there is no node 'zz'; there are s1, s2, ref"):
        network.bench("zz")


@pytest.mark.parametrize(("name", "place", "value"), [one for one in WHERE if one[1] == "node"])
def test_benches_say_what_nodes_say(name: str, place: str, value: object) -> None:
    benches = with_one(name, place, value).laboratory.benches
    assert benches[0] == dataclasses.replace(Bench(), **{name: value})
    assert benches[1:] == (Bench(), Bench())


def test_shapes_take_attributes_of_sensors() -> None:
    network = base(arms=2, detector_efficiency=[0.9, 0.8], visibility=0.97, mean_photons_max=(3, 4))
    assert [mode.arms for mode in network.modes] == [2, 2, None]
    assert [mode.detector_efficiency for mode in network.modes] == [0.9, 0.8, None]
    assert network.visibility == 0.97
    assert [mode.mean_photons_max for mode in network.modes] == [3, 4, None]
    with pytest.raises(InputError, match="dark_counts must have 2 entries, one a sensor, got 3"):
        base(dark_counts=[0, 0, 0])


@pytest.mark.parametrize("name", [attribute.name for attribute in LABORATORY])
def test_one_value_everywhere(name: str) -> None:
    value = VALUES[name][0]
    network = base()
    if name in NODE_DEFAULTS:
        network = base(**{name: [VALUES[name][-1]] * 2})
    everywhere = network.with_laboratory(**{name: value})
    laboratory = everywhere.laboratory
    if hasattr(laboratory.benches[0], name):
        sensors_only = name in ("arms", "mean_photons_max")
        assert [getattr(bench, name) for bench in laboratory.benches] == [
            value,
            value,
            getattr(Bench(), name) if sensors_only else value,
        ]
    else:
        assert getattr(laboratory, name) == value
    assert everywhere.with_laboratory(**{name: None}) == base()


def test_losses_in_db_everywhere() -> None:
    network = base(transmissivity=[0.2, 0.3]).with_laboratory(loss_db=1, loss_before_db=2, link_loss_db=3)
    assert [bench.transmissivity for bench in network.laboratory.benches] == [10**-0.1] * 3
    assert [bench.transmissivity_before for bench in network.laboratory.benches] == [10**-0.2] * 3
    assert [link.transmissivity for link in network.links] == [10**-0.3] * 2
    assert base().with_laboratory(link_transmissivity=0.5, transmissivity=0.25) == base(
        transmissivity=[0.25, 0.25]
    ).with_laboratory(link_loss_db=-10 * math.log10(0.5)).with_transmissivity(0.25)
    with pytest.raises(InputError) as caught:
        base().with_laboratory(eta=1, loss_db=-1, link_loss_db=5000, loss_before_db=1, transmissivity_before=0.5)
    assert len(caught.value.faults) == 4


def test_what_is_not_used() -> None:
    network = base(visibility=0.9, mean_photons=2.0, extra={"city": "Bonn"})
    assert unused_attributes(network) == Unused(kept=("city",), laboratory=("mean_photons", "visibility"))
    assert unused_attributes(network, used={"visibility"}).laboratory == ("mean_photons",)
    assert unused_attributes(network, used=EVERYTHING).laboratory == ()
    shifts = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=2.0)
    assert unused_attributes(shifts) == Unused()


@pytest.mark.parametrize(
    ("command", "unused"),
    [
        (("design",), ""),
        (("loss",), ""),
        (("privacy",), ""),
        (("simulate", "--trials", "20", "--shots", "20"), ""),
        (("simulate", "--target", "1,-1", "--trials", "20", "--shots", "20"), "visibility"),
        (("plot", "fisher"), ""),
        (("plot", "photons"), ""),
        (("hardware", "perceval"), "visibility"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_commands_name_what_they_do_not_use_yet(
    command: tuple[str, ...], unused: str, tmp_path: Path, psn: Any
) -> None:
    path = tmp_path / "pair.json"
    network = SensorNetwork.chain([1, -1], sensing="phase", photons=2, visibility=0.9, arms=2, extra={"city": "Bonn"})
    save_network(network, path)
    words = command[:2] if command[0] in ("hardware", "plot") else command[:1]
    out = ("--out", tmp_path / "figure.svg") if command[0] == "plot" else ()
    _, _, err = psn(*words, path, *command[len(words) :], *out, "--json")
    assert "psn: kept, not used: city\n" in err
    assert ("not used yet" in err) == bool(unused)
    assert not unused or f"psn: not used yet, the result is as without: {unused}\n" in err


def test_convert_understands_everything(tmp_path: Path, psn: Any) -> None:
    path = tmp_path / "pair.json"
    save_network(SensorNetwork.chain([1, -1], sensing="phase", photons=2, visibility=0.9), path)
    code, out, err = psn("convert", path, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["graph"]["visibility"] == 0.9


def test_convert_sets_attributes_of_the_graph(tmp_path: Path, psn: Any) -> None:
    (tmp_path / "links.csv").write_text("source,target\na,b\n")
    line = ("convert", tmp_path / "links.csv", "--alpha", "a=1,b=-1", "--sensing", "phase", "--photons", 2, "--json")
    code, out, _ = psn(*line, "--set", "visibility=0.9", "--set", "squeezers=1", "--set", "phase_reference=free")
    assert code == 0
    graph = json.loads(out)["graph"]
    assert (graph["visibility"], graph["squeezers"], graph["phase_reference"]) == (0.9, 1, "free")
    code, out, err = psn(*line, "--set", "photons=3", "--set", "eta=1", "--set", "visibility=2", "--set", "x")
    assert (code, out) == (2, "")
    for fault in (
        "--set: 'photons' has an option of its own, --photons",
        "--set: 'x' is no NAME=VALUE",
        "'eta'; did you mean 'detector_efficiency', 'squeezer_efficiency' or 'transmissivity'",
        "visibility must be a number in (0, 1], got 2; 2 percent are 0.02",
    ):
        assert fault in err


# --- drawings and pages ----------------------------------------------------------------------------------------------


def words_of(network: SensorNetwork) -> str:
    figure = draw_network(network).figure
    texts = [*figure.axes[0].texts, *figure.legends[0].get_texts(), *figure.texts]
    return "\n".join(text.get_text() for text in texts)


def test_drawings_show_what_is_limited_and_lossy() -> None:
    plain = words_of(base())
    assert not any(word in plain for word in ("arms", "squeezer", "detector", "dB", "km"))
    first, second, ref = base().modes
    link = base().links[0]
    network = base(detector_efficiency=0.9, squeezers=1, squeezing_db=6).replace(
        modes=(
            dataclasses.replace(first, arms=2, squeezer=False, detector_efficiency=0.7, mean_photons_max=3),
            dataclasses.replace(second, phase_jitter_rad=0.1, visibility=1.0),
            ref,
        ),
        links=(dataclasses.replace(link, transmissivity=0.1, extra={"distance_km": 50.0}), *base().links[1:]),
    )
    shown = words_of(network)
    assert "s1\ndetector efficiency 0.7\nat most 3 photons" in shown
    assert "s2\njitter 0.1 rad" in shown
    assert "50 km, 10 dB" in shown
    assert "two arms" in shown
    assert "squeezer may stand here" in shown
    assert "1 squeezer at hand, at most 6 dB each, detector efficiency 0.9" in shown
    assert "squeezer may stand here" not in words_of(network.replace(squeezers=0))


def in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"`{value}`"
    return "no limit" if value in (None, math.inf) else f"{value:g}"


DOCS = Path(__file__).parents[2] / "docs"


def test_the_table_of_the_page_is_the_list() -> None:
    page = (DOCS / "how-to" / "network-files.md").read_text().partition("## The laboratory")[2]
    rows = {
        name: (places, text, default)
        for places, name, text, default in re.findall(
            r"^\| (graph|node|graph, node) \| `(\w+)` \| (.*?) \| (.*?) \|", page, re.MULTILINE
        )
    }
    assert set(rows) == {*(attribute.name for attribute in LABORATORY), "loss_before_db"}
    ideal = Laboratory(benches=(Bench(),))
    for attribute in LABORATORY:
        places, text, default = rows[attribute.name]
        assert places == ", ".join(attribute.places)
        value = getattr(ideal.benches[0] if "node" in attribute.places else ideal, attribute.name)
        assert default == in_words(value), attribute.name
        if attribute.kind == "share":
            assert text == f"{LEAST_SHARE:g} to 1"
        elif attribute.kind == "number":
            most = (
                r"$\pi$ rad"
                if attribute.most == math.pi
                else f"{attribute.most:g}".replace("e+0", "e").replace("e+", "e")
            )
            assert text.startswith(f"0 to {most}")


def test_the_example_of_the_page_is_the_file() -> None:
    page = (DOCS / "how-to" / "from-your-lab.md").read_text()
    (block,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    assert block == (DOCS.parent / "examples" / "four_sites.json").read_text()


def test_numbers_of_data_sheets() -> None:
    page = (DOCS / "how-to" / "from-your-lab.md").read_text()
    planck, light = 6.62607015e-34, 299792458.0
    for number, said in (
        (10**-0.3, "`transmissivity: 0.501`"),
        (20 / math.log(10), "`squeezing_db: 8.69`"),
        (200 * 10e-6, "`dark_counts: 0.002`"),
        (10 ** (-20 / 10), "`electronic_noise: 0.01`"),
        (math.sqrt(0.96), "`visibility: 0.98` (its root)"),
        (math.pi / 180, "`phase_jitter_rad: 0.0175`"),
        (1e-9 / (planck * light / 1550e-9), "`mean_photons_max: 7.8e9`"),
    ):
        assert said in page
        value = float(said.strip("`").partition(": ")[2].partition("`")[0])
        assert number == pytest.approx(value, rel=0.006)


# --- names -----------------------------------------------------------------------------------------------------------

ALIKE = {
    "node": {
        "visibilty": "visibility",
        "contrast": "visibility",
        "efficiency": "detector_efficiency squeezer_efficiency transmissivity",
        "eta": "detector_efficiency squeezer_efficiency transmissivity",
        "etta": "detector_efficiency squeezer_efficiency transmissivity",
        "efficency": "detector_efficiency squeezer_efficiency transmissivity",
        "QE": "detector_efficiency",
        "detector loss": "detector_efficiency",
        "escape_efficiency": "squeezer_efficiency",
        "attenuation": "loss_db loss_before_db",
        "insertion_loss": "loss_db loss_before_db",
        "loss (dB)": "loss_db loss_before_db",
        "transmission": "transmissivity transmissivity_before",
        "input_loss_db": "loss_before_db",
        "squeezers_db": "squeezing_db",
        "squeezing": "squeezing_db",
        "dark_count_rate": "dark_counts",
        "dark_noise": "electronic_noise",
        "phase_noise": "phase_jitter_rad",
        "phase_jitter_deg": "phase_jitter_rad",
        "max_photons": "mean_photons_max",
        "n_arms": "arms",
        "detectorEfficiency (%)": "detector_efficiency",
    },
    "graph": {
        "efficiency": "detector_efficiency squeezer_efficiency transmissivity",
        "max squeezing (dB)": "squeezing_db",
        "n_squeezers": "squeezers",
        "NSqueezers": "squeezers",
        "NOpos": "squeezers",
        "squeezer": "squeezer",
        "arms": "arms",
        "phase_ref": "phase_reference",
        "local_oscillator": "phase_reference",
        "dcr": "dark_counts",
    },
}


@pytest.mark.parametrize(("place", "name"), [(place, name) for place in ALIKE for name in ALIKE[place]])
def test_look_alikes_name_what_could_be_meant(place: Any, name: str) -> None:
    fault = attribute_fault(name, place, "here")
    assert fault is not None
    assert all(repr(meant) in fault for meant in ALIKE[place][name].split())
    part = {name: 0.5}
    with pytest.raises(InputError) as caught:
        network_from_json(document_of(part) if place == "graph" else document_of(node=part))
    assert len(caught.value.faults) == 1


def test_units_are_said() -> None:
    assert "multiply them by pi/180" in str(look_alike("phase_jitter_deg", "node"))
    assert "8.686 r dB" in str(look_alike("squeezing_r", "graph"))
    assert "duration of a shot" in str(look_alike("dark_count_rate", "node"))
    assert "x percent are x/100" in str(look_alike("visibility (%)", "node"))


@pytest.mark.parametrize("place", ["graph", "node", "edge"])
@pytest.mark.parametrize(
    "name",
    [
        "colour",
        "city",
        "beta",
        "meta",
        "theta",
        "latency",
        "timing_jitter",
        "temperature",
        "wavelength_nm",
        "kind",
        "layer",
    ],
)
def test_others_are_kept(place: Any, name: str) -> None:
    assert attribute_fault(name, place, "here") is None


def test_no_known_name_is_its_own_look_alike() -> None:
    for place in ("graph", "node", "edge"):
        for name in known_names(place):
            assert attribute_fault(name, place, "here") is None
