"""Network files: both formats there and back, and everything that can be wrong with a file."""

import dataclasses
import json

import networkx as nx
import pytest
from drawn import examples
from hypothesis import given, strategies as st

from networks import InputError, Link, SensorNetwork, from_graph, load_network, save_network, to_graph
from networks.files.graphml import network_from_graphml, network_to_graphml
from networks.files.node_link import network_document, network_from_json, network_to_json


@st.composite
def networks(draw):
    fractions = st.fractions(min_value=-3, max_value=3, max_denominator=9)
    alpha = draw(st.lists(fractions, min_size=1, max_size=5).filter(any))
    eta = draw(st.lists(st.floats(0.01, 1), min_size=len(alpha), max_size=len(alpha)))
    shape = draw(st.sampled_from([SensorNetwork.star, SensorNetwork.complete]))
    name = draw(st.text(st.characters(categories=["L", "N", "P"], exclude_characters="\r"), min_size=1))
    if draw(st.booleans()):
        return shape(
            alpha,
            sensing="phase",
            photons=draw(st.integers(1, 10**9)),
            passes=draw(st.integers(1, 99)),
            parameters=draw(st.sampled_from(["static", "snapshot"])),
            transmissivity=eta,
            name=name,
        )
    return shape(alpha, sensing="displacement", mean_photons=draw(st.floats(1e-3, 1e3)), transmissivity=eta, name=name)


@given(networks())
@examples(100)
def test_json_there_and_back_is_equal(network):
    assert network_from_json(network_to_json(network)) == network
    assert network_from_json(json.dumps(nx.node_link_data(to_graph(network), edges="edges"))) == network


@given(networks())
@examples(100)
def test_graphml_there_and_back_is_equal(network):
    assert network_from_graphml(network_to_graphml(network)) == network


def test_files_on_disk(tmp_path):
    network = SensorNetwork.star(["1/3", -2], sensing="phase", photons=6)
    for name in ("n.json", "n.graphml"):
        save_network(network, tmp_path / name)
        assert load_network(tmp_path / name) == network
    assert sorted(path.name for path in tmp_path.iterdir()) == ["n.graphml", "n.json"]


def document(**changes):
    base = {
        "graph": {"sensing": "phase", "photons": 2},
        "nodes": [
            {"id": "a", "coupling": "mach-zehnder", "alpha": 0.25},
            {"id": "r", "role": "reference", "city": "Delft"},
        ],
        "edges": [{"source": "a", "target": "r", "fibres": 3.5}],
    }
    return {**base, **changes}


def test_decimals_are_exact_and_other_attributes_are_kept():
    network = network_from_json(json.dumps(document()))
    assert str(network.function.alpha[0]) == "1/4"
    assert network.modes[1].extra == (("city", "Delft"),)
    assert network.links[0].extra == (("fibres", 3.5),)
    assert network_from_json(network_to_json(network)) == network


def test_the_older_name_of_edges_is_read():
    old = document(links=document()["edges"])
    del old["edges"]
    assert network_from_json(json.dumps(old)) == network_from_json(json.dumps(document()))


BROKEN = {
    "not json": ("{", "not valid JSON"),
    "a list": ("[]", "one JSON object"),
    "nan": (json.dumps(document()).replace("0.25", "NaN"), "alpha must be finite, got nan"),
    "nan transmissivity": (json.dumps(document()).replace("0.25", '1, "transmissivity": NaN'), r"in \(0, 1\], got nan"),
    "infinite attribute": (json.dumps(document()).replace("3.5", "1e999"), "finite number"),
    "deep": ("[" * 50 + "]" * 50, "nested deeper than"),
    "huge exponent": (json.dumps(document()).replace("0.25", "1e999999999"), "digits"),
    "huge integer": (json.dumps(document()).replace("0.25", "9" * 5000), "thousands of digits"),
    "long integer": (json.dumps(document()).replace("0.25", "9" * 400), "at most 300 digits"),
    "extreme alpha": (
        json.dumps(document()).replace("0.25", "1e-200"),
        "node 'a': alpha must be 0 or between 1e-100 and 1e100",
    ),
    "photons at a node": (json.dumps(document(nodes=[{"id": "a", "photons": 2}])), "'photons' belongs to graph"),
    "alpha at an edge": (
        json.dumps(document(edges=[{"source": "a", "target": "r", "alpha": 2}])),
        "'alpha' belongs to a node",
    ),
    "passes outside graph": (json.dumps(document(passes=2)), "'passes' belongs to graph"),
    "eta": (json.dumps(document(nodes=[{"id": "a", "eta": 0.5}])), "'squeezer_efficiency' or 'transmissivity'"),
    "doubled key": ('{"nodes": [], "nodes": []}', "stands twice"),
    "no nodes": ('{"edges": [], "graph": {}}', "'nodes' is missing"),
    "directed": (json.dumps(document(directed=True)), "no direction"),
    "multigraph": (
        json.dumps(document(multigraph=True, edges=[{"source": "a", "target": "r", "key": k} for k in (0, 1)])),
        "one edge stands for one link, but 1 are parallel",
    ),
    "node without id": (json.dumps(document(nodes=[{"alpha": 1}])), "with an 'id'"),
    "node id a list": (json.dumps(document(nodes=[{"id": [1]}])), "node id must be"),
    "edge to nowhere": (json.dumps(document(edges=[{"source": "a", "target": "zz"}])), "no node 'zz'"),
    "edge without end": (json.dumps(document(edges=[{"source": "a"}])), "'source' and 'target'"),
    "misspelt": (json.dumps(document(nodes=[{"id": "a", "transmisivity": 1}])), "did you mean 'transmissivity'"),
    "nested attribute": (
        json.dumps(document(graph={"sensing": "phase", "photons": 2, "why": {}})),
        "must be text, a finite number",
    ),
    "sensing missing": (
        json.dumps(document(graph={"photons": 2})),
        "sensing must be 'phase' or 'displacement', got nothing",
    ),
    "sensing a list": (json.dumps(document(graph={"sensing": ["phase"], "photons": 2})), "sensing must be"),
    "name a number": (
        json.dumps(document(graph={"sensing": "phase", "photons": 2, "name": 3})),
        "name must be printable text, got 3",
    ),
    "escape in a name": (
        json.dumps(document(graph={"sensing": "phase", "photons": 2, "name": "\x1b[31m"})),
        "printable",
    ),
    "surrogate": (json.dumps(document(graph={"sensing": "phase", "photons": 2, "why": "\ud800"})), "no text"),
    "edges and links": (json.dumps(document(links=[])), "not both"),
    "capital": (json.dumps(document(Nodes=[])), "did you mean 'nodes'"),
    "directed in words": (json.dumps(document(directed="false")), "no direction"),
    "true as an end": (json.dumps(document(edges=[{"source": True, "target": "r"}])), "must be node ids"),
    "underscore": (json.dumps(document(nodes=[{"id": "a", "alpha": "1_0"}])), "alpha must be a number"),
    "alpha in words": (
        json.dumps(document(nodes=[{"id": "a", "coupling": "mach-zehnder", "alpha": "many"}])),
        "alpha must be a number",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_each_broken_file_is_explained(name):
    text, message = BROKEN[name]
    with pytest.raises(InputError, match=message):
        network_from_json(text)


def test_graphml_that_is_not_what_it_seems():
    good = network_to_graphml(SensorNetwork.chain([1, -1], sensing="phase", photons=2))
    with pytest.raises(InputError, match="DOCTYPE"):
        network_from_graphml('<!DOCTYPE x [<!ENTITY e "boom">]>' + good)
    with pytest.raises(InputError, match="not valid XML"):
        network_from_graphml(good[:80])
    with pytest.raises(InputError, match="node id 's1' is given 2 times"):
        network_from_graphml(good.replace('id="s2"', 'id="s1"'))
    with pytest.raises(InputError, match="one graph, got 2"):
        network_from_graphml(good.replace("</graphml>", "<graph/></graphml>"))
    with pytest.raises(InputError, match="'zz', which is not there"):
        network_from_graphml(good.replace('target="s2"', 'target="zz"'))


def test_faults_of_shape_and_of_content_are_reported_together_without_their_consequences():
    text = json.dumps(
        document(directed=True, edges={}, nodes=[{"id": "a", "coupling": "foo", "alpha": 1}, {"alpha": 2}])
    )
    with pytest.raises(InputError) as error:
        network_from_json(text.replace('"photons": 2', '"photons": -1'))
    message = str(error.value)
    for part in ("no direction", "'edges' must be a JSON list", "photons must be", "coupling must be", "with an 'id'"):
        assert part in message
    assert len(error.value.faults) == 5
    assert "reference" not in message
    assert "chain of edges" not in message


def test_attributes_may_have_the_names_of_networkx_arguments():
    text = json.dumps(document(nodes=[{**node, "node_for_adding": 1} for node in document()["nodes"]]))
    network = network_from_json(
        text.replace('"fibres"', '"u_of_edge"').replace('"photons": 2', '"photons": 2, "self": 1')
    )
    assert from_graph(to_graph(network)) == network


def test_a_byte_order_mark_is_no_fault(tmp_path):
    (tmp_path / "n.json").write_bytes(b"\xef\xbb\xbf" + json.dumps(document()).encode())
    assert load_network(tmp_path / "n.json") == network_from_json(json.dumps(document()))


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match="there is no file"):
        load_network(tmp_path / "none.json")
    with pytest.raises(InputError, match="is a folder"):
        load_network(tmp_path)
    (tmp_path / "b.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="UTF-8"):
        load_network(tmp_path / "b.json")
    with (tmp_path / "large.json").open("wb") as stream:
        stream.truncate(33 * 2**20)
    with pytest.raises(InputError, match="at most"):
        load_network(tmp_path / "large.json")


def test_graphs_with_direction_or_double_edges_are_refused():
    graph = to_graph(SensorNetwork.chain([1, -1], sensing="phase", photons=2))
    with pytest.raises(InputError, match="to_undirected"):
        from_graph(graph.to_directed())
    with pytest.raises(InputError, match=r"networkx\.Graph"):
        from_graph(nx.MultiGraph(graph))


def test_graphml_faults_are_reported_together_and_nothing_is_passed_over():
    good = network_to_graphml(SensorNetwork.star([1, 1], sensing="phase", photons=2, transmissivity=0.5))
    bad = good.replace('id="s2"', 'id="s1"').replace(">2</data>", ">-2</data>").replace("mach-zehnder", "magnetic")
    with pytest.raises(InputError) as error:
        network_from_graphml(bad)
    assert all(part in str(error.value) for part in ("given 2 times", "photons must be", "coupling must be"))
    with pytest.raises(InputError, match="<Data> is not understood"):
        network_from_graphml(good.replace("<data", "<Data", 1).replace("</data>", "</Data>", 1))
    line = '<data key="transmissivity">0.5</data>'
    with pytest.raises(InputError, match="'transmissivity' is given 2 times"):
        network_from_graphml(good.replace(line, line + line.replace("0.5", "0.9"), 1))


def test_attributes_cannot_rename_nodes():
    graph = to_graph(SensorNetwork.chain([1, -1], sensing="phase", photons=2))
    graph.nodes["s1"]["id"] = "s2"
    with pytest.raises(InputError, match="may not be called 'id'"):
        from_graph(graph)


def test_xml_is_graphml_both_ways(tmp_path):
    network = SensorNetwork.chain([1, -1], sensing="phase", photons=2)
    save_network(network, tmp_path / "n.xml")
    assert load_network(tmp_path / "n.xml") == network


# --- losses of links -------------------------------------------------------------------------------------------------


def fibre(edge, **graph):
    document = {
        "graph": {"sensing": "displacement", "mean_photons": 1, **graph},
        "nodes": [
            {"id": "a", "coupling": "displacement", "alpha": 1},
            {"id": "b", "coupling": "displacement", "alpha": 1},
        ],
        "edges": [{"source": "a", "target": "b", **edge}],
    }
    return network_from_json(json.dumps(document))


@pytest.mark.parametrize(
    ("edge", "graph", "transmissivity"),
    [
        ({"transmissivity": 0.5}, {}, 0.5),
        ({"loss_db": 3}, {}, 10**-0.3),
        ({"distance_km": 15, "loss_db_per_km": 0.2}, {}, 10**-0.3),
        ({"distance_km": 15}, {"loss_db_per_km": 0.2}, 10**-0.3),
        ({"distance_km": 15, "loss_db_per_km": 0.4}, {"loss_db_per_km": 0.2}, 10**-0.6),
        ({"distance_km": 15, "transmissivity": 0.9}, {"loss_db_per_km": 0.2}, 0.9),
        ({"distance_km": 15, "transmissivity": 1}, {"loss_db_per_km": 0.2}, 1.0),
        ({"loss_db": 0}, {}, 1.0),
    ],
)
def test_losses_of_links_in_every_unit(edge, graph, transmissivity):
    network = fibre(edge, **graph)
    assert network.links[0].transmissivity == pytest.approx(transmissivity, rel=1e-15)
    assert network_from_json(network_to_json(network)) == network
    assert network_from_graphml(network_to_graphml(network)) == network
    if "distance_km" in edge:
        assert dict(network.links[0].extra)["distance_km"] == 15


@pytest.mark.parametrize(
    ("edge", "graph", "message"),
    [
        ({"transmissivity": 0.5, "loss_db": 3}, {}, "say the same thing twice"),
        ({"distance_km": 3, "loss_db_per_km": 0.2, "loss_db": 3}, {}, "say the same thing twice"),
        ({"distance_km": -3}, {"loss_db_per_km": 0.2}, "distance_km must be a number that is not negative"),
        ({"distance_km": "far"}, {"loss_db_per_km": 0.2}, "distance_km must be a number"),
        ({"distance_km": 3}, {}, "needs loss_db_per_km"),
        ({"loss_db_per_km": 0.2}, {}, "needs distance_km"),
        ({"loss_db": -1}, {}, "loss_db must be a number that is not negative"),
        ({"distance_km": 3}, {"loss_db_per_km": -0.2}, "graph: loss_db_per_km must be"),
        ({"distance_km": 100_000}, {"loss_db_per_km": 0.2}, "20000 dB are lost"),
    ],
)
def test_faults_of_losses_of_links(edge, graph, message):
    with pytest.raises(InputError, match=message):
        fibre(edge, **graph)


def test_distances_of_both_kinds_of_numbers_go_through_graphml():
    network = SensorNetwork.chain([1, 1, 1], sensing="displacement", mean_photons=1)
    document = json.loads(network_to_json(network))
    document["graph"]["loss_db_per_km"] = 0.2
    for edge, more in zip(
        document["edges"], ({"distance_km": 10, "transmissivity": 1}, {"distance_km": 2.5}), strict=True
    ):
        edge.update(more)
    result = network_from_json(json.dumps(document))
    assert network_from_graphml(network_to_graphml(result)) == result


@pytest.mark.parametrize(
    "edge", [{"loss_db": 10**290}, {"distance_km": 10**290}, {"distance_km": 10**290, "transmissivity": 1}]
)
def test_losses_beyond_floats_are_faults(edge):
    with pytest.raises(InputError, match="at most 1e9"):
        fibre(edge, loss_db_per_km=0.2)


def test_losses_of_links_belong_to_links():
    network = SensorNetwork.chain([1, 1], sensing="displacement", mean_photons=1.0)
    document = json.loads(network_to_json(network))
    document["graph"]["loss_db"] = 3
    document["nodes"][0]["distance_km"] = 2
    with pytest.raises(InputError) as caught:
        network_from_json(json.dumps(document))
    assert any("'loss_db' belongs to a node or an edge" in fault for fault in caught.value.faults)
    assert any("'distance_km' belongs to an edge" in fault for fault in caught.value.faults)
    with pytest.raises(InputError, match="extra may not hold 'loss_db'"):
        network.replace(links=(Link(ends=("s1", "s2"), extra=(("loss_db", 3.0),)),))


def test_graphml_of_whole_and_decimal_numbers_and_of_mixtures():
    network = SensorNetwork.chain([1, 1], sensing="displacement", mean_photons=1.0)
    modes = [dataclasses.replace(mode, extra=(("x", x),)) for mode, x in zip(network.modes, (2, 0.5), strict=True)]
    placed = network.replace(modes=tuple(modes))
    assert network_from_graphml(network_to_graphml(placed)) == placed
    mixed = network.replace(modes=(modes[0], dataclasses.replace(modes[1], extra=(("x", "far"),))))
    with pytest.raises(InputError, match="values of different kinds"):
        network_to_graphml(mixed)


def test_static_parameters_are_not_written_and_snapshot_ones_are():
    static = SensorNetwork.chain([1, -1], sensing="phase", photons=2)
    assert "parameters" not in network_document(static)["graph"]
    assert network_document(static.replace(parameters="snapshot"))["graph"]["parameters"] == "snapshot"


def test_parameters_takes_two_words():
    with pytest.raises(InputError, match=r"parameters must be 'static' .* or 'snapshot' .*, got 'dynamic'"):
        SensorNetwork.chain([1, -1], sensing="phase", photons=2, parameters="dynamic")
