"""Topologies of other programs: each format read, sensors placed, every decision said. All files here are our own."""

import json
import math
from fractions import Fraction

import networkx as nx
import pytest

from networks import InputError, load_network, load_topology, place_sensors, save_network
from networks.files.load import network_of_text, topology_of_text
from networks.files.placing import great_circle_km

PHASE = {"sensing": "phase", "photons": 2}

ZOO = """<?xml version="1.0" encoding="utf-8"?><graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key attr.name="id" attr.type="string" for="edge" id="d5"/><key attr.name="id" attr.type="int" for="node" id="d4"/>
<key attr.name="key" attr.type="int" for="edge" id="d6"/>
<key attr.name="Latitude" attr.type="double" for="node" id="d3"/><key attr.name="label" attr.type="string" for="node" id="d2"/>
<key attr.name="Longitude" attr.type="double" for="node" id="d1"/><key attr.name="Network" attr.type="string" for="graph" id="d0"/>
<graph edgedefault="undirected"><data key="d0">Towns</data>
<node id="0"><data key="d1">0.0</data><data key="d2">West</data><data key="d3">0.0</data><data key="d4">0</data></node>
<node id="1"><data key="d1">1.0</data><data key="d2">East</data><data key="d3">0.0</data><data key="d4">1</data></node>
<node id="2"><data key="d2">Lost</data><data key="d4">2</data></node>
<node id="3"><data key="d2">Lost</data><data key="d4">3</data></node>
<edge source="0" target="1"><data key="d5">e0</data><data key="d6">0</data></edge>
<edge source="0" target="1"><data key="d5">e1</data><data key="d6">1</data></edge>
<edge source="1" target="2"/><edge source="2" target="2"/><edge source="3" target="2"/></graph></graphml>"""

YED = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:y="http://www.yworks.com/xml/graphml">
<key attr.name="Description" attr.type="string" for="graph" id="d0"/><key for="port" id="d1" yfiles.type="portgraphics"/>
<key attr.name="description" attr.type="string" for="node" id="d5"/><key for="node" id="d6" yfiles.type="nodegraphics"/>
<key for="graphml" id="d7" yfiles.type="resources"/><key for="edge" id="d10" yfiles.type="edgegraphics"/>
<graph edgedefault="directed" id="G"><data key="d0" xml:space="preserve"/>
<node id="n0"><data key="d6"><y:ShapeNode><y:Geometry height="30.0" width="30.0" x="10.5" y="20"/>
<y:NodeLabel alignment="center">Laser<y:LabelModel/></y:NodeLabel></y:ShapeNode></data></node>
<node id="n1" yfiles.foldertype="group"><data key="d6"><y:ProxyAutoBoundsNode/></data><graph edgedefault="directed" id="n1:">
<node id="n1::n0"><data key="d5"/><data key="d6"><y:ShapeNode>
<y:NodeLabel>Probe</y:NodeLabel></y:ShapeNode></data></node></graph></node>
<edge id="e0" source="n0" target="n1::n0"><data key="d10"><y:PolyLineEdge/></data></edge></graph>
<data key="d7"><y:Resources/></data></graphml>"""

GEPHI = """<?xml version="1.0" encoding="UTF-8"?><graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key attr.name="label" attr.type="string" for="node" id="label"/><key attr.name="weight" attr.type="double" for="edge" id="weight"/>
<key attr.name="alpha" attr.type="double" for="node" id="alpha"/>
<graph edgedefault="directed"><node id="a"><data key="label">Ä</data><data key="alpha">0.1</data></node><node id="b"/>
<node id="c"><data key="alpha">-0.1</data></node>
<edge id="0" source="a" target="b"><data key="weight">1.0</data></edge><edge source="b" target="a"/>
<edge source="b" target="c"/></graph></graphml>"""

GML = """# a comment
Creator "us"
graph [ directed 0 label "Ring"
 node [ id 0 label "K&#246;ln" graphics [ x 1 y 2.5 ] ] node [ id 1 label "Bonn" list [ a 1 ] ] node [ id 2 label "Ulm" ]
 edge [ source 0 target 1 distance_km 10 ] edge [ source 1 target 2 loss_db 3.0 ] edge [ source 1 target 0 distance_km 5 ]
]"""

GEXF = """<?xml version='1.0' encoding='UTF-8'?><gexf xmlns="http://gexf.net/1.3" xmlns:viz="http://gexf.net/1.3/viz" version="1.3">
<graph defaultedgetype="directed" mode="static"><attributes class="node"><attribute id="0" title="alpha" type="string"/>
<attribute id="1" title="floor" type="integer"><default>3</default></attribute></attributes>
<attributes class="edge"><attribute id="0" title="loss_db" type="double"/></attributes>
<nodes><node id="a" label="left"><attvalues><attvalue for="0" value="1/3"/><attvalue for="1" value="4"/></attvalues>
<viz:position x="1.5" y="-2"/></node>
<node id="b" label="right"><attvalues><attvalue for="0" value="-1/3"/></attvalues></node></nodes>
<edges>
<edge id="0" source="a" target="b" weight="2"><attvalues><attvalue for="0" value="3"/></attvalues></edge></edges></graph></gexf>"""

SNDLIB = """<?xml version="1.0" encoding="ISO-8859-1"?><network xmlns="http://sndlib.zib.de/network" version="1.0">
<networkStructure><nodes coordinatesType="geographical">
<node id="Köln"><coordinates><x> 7.0 </x><y>50.9</y></coordinates></node>
<node id="Bonn"><coordinates><x>7.1</x><y>50.7</y></coordinates></node>
</nodes><links><link id="L1"><source>Köln</source><target>Bonn</target><setupCost>1</setupCost></link></links></networkStructure>
<demands><demand id="d"/></demands></network>"""

D3 = {
    "nodes": [{"name": "u", "group": 1}, {"name": "v", "group": None}],
    "links": [{"source": 0, "target": 1, "value": 1}],
}

GNPY = {
    "elements": [
        {"uid": "A", "type": "Roadm", "metadata": {"location": {"city": "X", "latitude": 1.0, "longitude": 2.0}}},
        {"uid": "B", "type": "Roadm"},
        {"uid": "amp", "type": "Edfa"},
        {
            "uid": "f",
            "type": "Fiber",
            "params": {"length": 20.0, "length_units": "km", "loss_coef": 0.2, "con_in": 0.5},
        },
        {
            "uid": "g",
            "type": "Fiber",
            "params": {"length": 20000, "length_units": "m", "loss_coef": 0.2, "con_out": 0.5},
        },
    ],
    "connections": [
        {"from_node": a, "to_node": b} for a, b in (("A", "amp"), ("amp", "f"), ("f", "B"), ("B", "g"), ("g", "A"))
    ],
}

SEQUENCE = {
    "nodes": [{"name": "a", "type": "QuantumRouter"}, {"name": "b", "type": "QuantumRouter"}],
    "qconnections": [
        {"node1": "a", "node2": "b", "attenuation": 0.0002, "distance": 15000, "type": "meet_in_the_middle"}
    ],
    "cconnections": [{"node1": "a", "node2": "b", "delay": 1}],
}


def placed(text, alpha, **options):
    return place_sensors(topology_of_text(text, "file"), alpha=alpha, **{**PHASE, **options})


def test_the_topology_zoo_needs_only_sensors():
    result = placed(ZOO, {"West": 1, "1": -1})
    assert [mode.id for mode in result.network.modes] == [0, 1, 2, 3]
    assert [mode.role for mode in result.network.modes] == ["sensor", "sensor", "ancilla", "ancilla"]
    assert dict(result.network.modes[0].extra) == {"Latitude": 0.0, "Longitude": 0.0, "label": "West"}
    assert [link.ends for link in result.network.links] == [(0, 1), (1, 2), (2, 3)]
    assert dict(result.network.links[0].extra)["id"] == "e0"
    assert result.network.name == "Towns"
    assert list(result.decisions) == [
        "West is the label of node 0",
        "2 nodes of 4 without a coefficient are ancillas",
        "1 link from a node to itself left out: 2",
        "1 pair of nodes with parallel links keep the best: 0 - 1 (best of 2)",
        "3 links of 3 say nothing of a loss and are taken as lossless",
    ]


@pytest.mark.parametrize(
    ("alpha", "message"),
    [
        ({"Lost": 1}, r"'Lost', which is the label of 2 nodes; name one by its id \(2, 3\)"),
        ({"Nowhere": 1}, "neither the id nor the label of a node"),
        ({"West": 1, "0": -1}, "'West' and '0' are one node"),
        ({"West": "x", "1": 1}, "node 0: alpha must be a number"),
    ],
)
def test_names_that_no_one_node_has(alpha, message):
    with pytest.raises(InputError, match=message):
        placed(ZOO, alpha)


def test_lengths_by_great_circle():
    degree = math.radians(1) * 6371.0088
    with pytest.raises(
        InputError, match="2 nodes at ends of links without a length have no latitude and longitude in degrees: 2, 3"
    ):
        placed(ZOO, {"0": 1, "1": -1}, detour_factor=1.5, loss_db_per_km=0.2)
    with pytest.raises(InputError, match="need loss_db_per_km"):
        placed(ZOO, {"0": 1, "1": -1}, detour_factor=1.5)
    table = "id,alpha,Latitude,Longitude\n0,1,,\n1,-1,,\n2,,0,2\n3,,1,2\n"
    result = place_sensors(topology_of_text(ZOO, "f"), table=table, detour_factor=1.5, loss_db_per_km=0.2, **PHASE)
    assert [dict(link.extra)["distance_km"] for link in result.network.links] == pytest.approx(
        [1.5 * degree] * 3, rel=1e-8
    )
    assert [link.transmissivity for link in result.network.links] == pytest.approx([10 ** (-1.5 * degree * 0.02)] * 3)
    assert "3 links" not in " ".join(result.decisions)
    assert "4 links have the great-circle distance of their ends times 1.5 as distance_km" in result.decisions


@pytest.mark.parametrize(
    ("a", "b"),
    [((40.71427, -74.00597), (41.85003, -87.65005)), ((0, 0), (0, 180)), ((10, 20), (10, 20)), ((89, 5), (-3, 300))],
)
def test_great_circles_against_the_angle_between_vectors(a, b):
    def vector(latitude, longitude):
        lat, lon = math.radians(latitude), math.radians(longitude)
        return (math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat))

    x, y = vector(*a), vector(*b)
    cross = (x[1] * y[2] - x[2] * y[1], x[2] * y[0] - x[0] * y[2], x[0] * y[1] - x[1] * y[0])
    angle = math.atan2(math.hypot(*cross), sum(p * q for p, q in zip(x, y, strict=True)))
    assert great_circle_km(a, b) == pytest.approx(6371.0088 * angle, rel=1e-9, abs=1e-6)


def test_yed_draws_labels_and_groups():
    topology = topology_of_text(YED, "f")
    assert topology.format == "GraphML of yEd"
    result = placed(YED, {"Laser": 1, "Probe": -1})
    assert dict(result.network.modes[0].extra) == {"label": "Laser", "x": 10.5, "y": 20}
    assert [mode.role for mode in result.network.modes] == ["sensor", "ancilla", "sensor"]
    assert "1 groups of nodes are nodes beside those in them" in result.decisions
    assert "1 link of one direction only have none: n0 - n1::n0" in result.decisions


def test_gephi_has_coefficients_of_its_own_and_both_directions():
    result = place_sensors(topology_of_text(GEPHI, "f"), **PHASE)
    assert [mode.alpha for mode in result.network.modes] == [Fraction(1, 10), None, Fraction(-1, 10)]
    assert "1 pair of nodes with links both ways, of equal loss, have one link without direction" in result.decisions
    unequal = GEPHI.replace("weight", "loss_db").replace('"loss_db">1.0', '"loss_db">3.0')
    with pytest.raises(InputError, match="a - b and b - a have different losses"):
        place_sensors(topology_of_text(unequal, "f"), **PHASE)


def test_gml():
    result = placed(GML, {"Köln": 1, 2: -1}, loss_db_per_km=0.2)
    assert [link.ends for link in result.network.links] == [(0, 1), (1, 2)]
    # The shorter of the two parallel links is the better one.
    assert [link.transmissivity for link in result.network.links] == pytest.approx([10**-0.1, 10**-0.3])
    assert dict(result.network.modes[0].extra) == {"label": "Köln", "x": 1, "y": 2.5}
    assert result.network.name == "Ring"
    assert "attributes that are lists are not kept: list" in result.decisions


def test_gml_as_networkx_writes_it():
    graph = nx.relabel_nodes(nx.path_graph(3), {0: "Köln", 1: 'a "quote"', 2: "z"})
    topology = topology_of_text("\n".join(nx.generate_gml(graph)), "f")
    assert [(node.id, node.data["label"]) for node in topology.nodes] == [(0, "Köln"), (1, 'a "quote"'), (2, "z")]
    assert [edge.ends for edge in topology.edges] == [(0, 1), (1, 2)]


def test_gexf():
    result = place_sensors(topology_of_text(GEXF, "f"), **PHASE)
    assert [mode.alpha for mode in result.network.modes] == [Fraction(1, 3), Fraction(-1, 3)]
    assert dict(result.network.modes[0].extra) == {"label": "left", "floor": 4, "x": 1.5, "y": -2}
    assert dict(result.network.modes[1].extra) == {"label": "right", "floor": 3}
    assert result.network.links[0].transmissivity == pytest.approx(10**-0.3)


def test_gexf_as_networkx_writes_it():
    graph = nx.path_graph(["a", "b", "c"])
    nx.set_node_attributes(graph, {"a": 2, "c": -2}, "alpha")
    result = place_sensors(topology_of_text("\n".join(nx.generate_gexf(graph)), "f"), **PHASE)
    assert [(mode.id, mode.alpha) for mode in result.network.sensors] == [("a", 2), ("c", -2)]


def test_sndlib_in_its_declared_encoding(tmp_path):
    path = tmp_path / "germany.xml"
    path.write_bytes(SNDLIB.encode("iso-8859-1"))
    topology = load_topology(path)
    assert topology.format == "SNDlib XML"
    result = place_sensors(topology, alpha={"Köln": 1, "Bonn": -1}, detour_factor=1, loss_db_per_km=0.2, **PHASE)
    assert dict(result.network.links[0].extra)["distance_km"] == pytest.approx(
        great_circle_km((50.9, 7.0), (50.7, 7.1)), abs=1e-6
    )
    assert "demands, modules and costs of SNDlib are not kept" in result.decisions
    with pytest.raises(InputError, match="native format is not read; take the XML"):
        topology_of_text("?SNDlib native format; type: network; version: 1.0\nNODES ( )", "f")


def test_d3_by_place_in_the_list():
    result = placed(json.dumps(D3), {"u": 1, "v": -1})
    assert [mode.id for mode in result.network.modes] == ["u", "v"]
    assert result.network.links[0].ends == ("u", "v")
    assert result.decisions[:2] == (
        "nodes have no ids; their names are their ids",
        "ends of links are places of nodes in the list, from 0",
    )
    assert "attributes without a plain value are dropped there: 'group'" in result.decisions


def test_cytoscape_as_networkx_writes_it():
    graph = nx.path_graph(3)
    graph.graph["name"] = "path"
    text = json.dumps(nx.cytoscape_data(graph))
    result = placed(text, {"0": 1, "2": -1})
    assert len(result.network.links) == 2
    assert result.network.name == "path"
    listed = [
        {"data": {"id": "a"}, "position": {"x": 1, "y": 2}},
        {"data": {"id": "b"}},
        {"data": {"source": "a", "target": "b"}},
    ]
    assert len(placed(json.dumps({"elements": listed}), {"a": 1, "b": -1}).network.links) == 1


def test_gnpy_fibres_are_links():
    result = placed(json.dumps(GNPY), {"A": 1, "B": -1})
    assert [mode.id for mode in result.network.modes] == ["A", "B"]
    assert dict(result.network.modes[0].extra) == {"city": "X", "latitude": 1.0, "longitude": 2.0, "type": "Roadm"}
    # 20 km of 0.2 dB/km and a connector of 0.5 dB, both ways.
    assert result.network.links[0].transmissivity == pytest.approx(10**-0.45)
    assert dict(result.network.links[0].extra) == {"distance_km": 20.0}
    assert any("1 amplifiers are taken out" in decision for decision in result.decisions)


def test_sequence_speaks_of_metres():
    result = placed(json.dumps(SEQUENCE), {"a": 1, "b": -1})
    # 0.0002 dB/m are 0.2 dB/km, over 15 km.
    assert result.network.links[0].transmissivity == pytest.approx(10**-0.3)
    assert dict(result.network.links[0].extra) == {"distance_km": 15.0, "type": "meet_in_the_middle"}


def test_json_graph_format():
    text = json.dumps(
        {
            "graph": {
                "label": "jgf",
                "directed": False,
                "nodes": {"a": {"label": "x"}, "b": {}},
                "edges": [{"source": "a", "target": "b"}],
            }
        }
    )
    assert placed(text, {"x": 1, "b": -1}).network.name == "jgf"


FOREIGN = {
    "zoo": (ZOO, "GraphML of 4 nodes and 5 edges"),
    "yed": (YED, "GraphML of yEd of 3 nodes"),
    "gephi": (GEPHI, "GraphML of 3 nodes"),
    "gml": (GML, "GML of 3 nodes"),
    "gexf": (GEXF, "GEXF of 2 nodes"),
    "sndlib": (SNDLIB, "SNDlib XML of 2 nodes"),
    "d3": (json.dumps(D3), "D3 JSON of 2 nodes and 1 edge"),
    "gnpy": (json.dumps(GNPY), "GNPy JSON of 2 nodes"),
    "sequence": (json.dumps(SEQUENCE), "SeQUeNCe JSON of 2 nodes"),
    "cytoscape": (json.dumps(nx.cytoscape_data(nx.path_graph(2))), "Cytoscape JSON of 2 nodes"),
    "node-link": (json.dumps(nx.node_link_data(nx.path_graph(2), edges="edges")), "node-link JSON of 2 nodes"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_no_network_is_one_sentence_that_says_what_to_do(name):
    text, start = FOREIGN[name]
    with pytest.raises(InputError) as caught:
        network_of_text(text, "towns.x")
    (fault,) = caught.value.faults
    assert fault.startswith(start)
    assert "psn convert towns.x --alpha" in fault


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"adjacency": [], "nodes": []}', "adjacency JSON is not read; write the graph by networkx.node_link_data"),
        ('{"id": 1, "children": []}', "tree JSON is not read"),
        ("<svg/>", "<svg> is not read; GraphML, GEXF and SNDlib's XML are"),
        ("graph [ node [ id 0 ]", "it ends too early"),
        ("graph [ node [ id 0 label ] ]", "']' stands unexpectedly in line 1"),
        ("<a>" * 60 + "</a>" * 60, "nested deeper than 40 levels"),
    ],
)
def test_what_is_no_topology(text, message):
    with pytest.raises(InputError, match=message):
        topology_of_text(text, "f")


def test_attributes_called_like_fields_mean_other_things():
    document = {
        "nodes": [{"id": "a", "role": "backbone"}, {"id": "b", "coupling_": 1}],
        "links": [{"source": "a", "target": "b"}],
    }
    result = placed(json.dumps(document), {"a": 1, "b": -1})
    assert dict(result.network.modes[0].extra) == {"file_role": "backbone"}
    assert "the attribute 'role', which means something else in networks, is kept as file_role" in result.decisions


def test_lengths_in_words_of_others_are_faults_that_rename_mends():
    document = {"nodes": [{"id": "a"}, {"id": "b"}], "links": [{"source": "a", "target": "b", "length": 10}]}
    text = json.dumps(document)
    with pytest.raises(InputError, match="unknown attribute 'length'; did you mean 'distance_km', in kilometres"):
        placed(text, {"a": 1, "b": -1})
    result = placed(text, {"a": 1, "b": -1}, rename={"length": "distance_km"}, loss_db_per_km=0.2)
    assert result.network.links[0].transmissivity == pytest.approx(10**-0.2)
    assert dict(placed(text, {"a": 1, "b": -1}, rename={"length": ""}).network.links[0].extra) == {}
    with pytest.raises(InputError, match="no part of the file has the attribute 'size'"):
        placed(text, {"a": 1, "b": -1}, rename={"size": ""})


@pytest.mark.parametrize("name", ["zoo", "yed", "gml", "gnpy", "sequence", "sndlib"])
def test_what_is_placed_goes_through_both_formats(name, tmp_path):
    text = FOREIGN[name][0]
    topology = topology_of_text(text, "f")
    ends = topology.edges[0].ends
    network = place_sensors(topology, alpha={str(ends[0]): 1, str(ends[1]): -1}, loss_db_per_km=0.2, **PHASE).network
    for ending in ("json", "graphml"):
        save_network(network, tmp_path / f"n.{ending}")
        assert load_network(tmp_path / f"n.{ending}") == network


# --- on the command line ---------------------------------------------------------------------------------------------


def test_convert_places_sensors_and_lists_its_decisions(psn, tmp_path):
    source, out = tmp_path / "zoo.graphml", tmp_path / "n.json"
    source.write_text(ZOO)
    code, text, said = psn(
        "convert", source, "--alpha", "West=1,East=-1", "--sensing", "phase", "--photons", 2, "--out", out
    )
    assert (code, out.exists()) == (0, True)
    assert "wrote" in text
    assert said.splitlines()[:3] == [
        "psn: West is the label of node 0",
        "psn: East is the label of node 1",
        "psn: 2 nodes of 4 without a coefficient are ancillas",
    ]
    assert "psn: kept, not used: Network, Latitude, Longitude, label, id, key" in said.splitlines()
    code, text, said = psn("bounds", "--alpha", "1,-1", "--photons", 2)
    assert (code, said) == (0, "")
    code, text, said = psn("design", out, "--json")
    assert (code, said.count("kept, not used")) == (0, 1)
    assert json.loads(text)["network"]["graph"]["name"] == "Towns"


def test_convert_with_a_table_of_sensors_and_json_alone_on_stdout(psn, tmp_path):
    (tmp_path / "t.gml").write_text(GML)
    (tmp_path / "s.csv").write_text('label;alpha;role;note\nBonn;1;;"two\nlines"\nUlm;-1;;\nKöln;;reference;\n')
    options = ["--place", tmp_path / "s.csv", "--sensing", "phase", "--photons", 2, "--loss-db-per-km", 0.2, "--json"]
    code, text, said = psn("convert", tmp_path / "t.gml", *options)
    assert code == 0, said
    nodes = json.loads(text)["nodes"]
    assert [node["role"] for node in nodes] == ["reference", "sensor", "sensor"]
    assert nodes[1]["note"] == "two\nlines"
    code, text, said = psn("convert", tmp_path / "t.gml", "--nodes", tmp_path / "s.csv", *options[2:])
    assert (code, text) == (2, "")
    assert "sensors of" in said


def test_convert_makes_our_own_directed_files_undirected(psn, tmp_path):
    graph = nx.DiGraph(sensing="phase", photons=2)
    for name, alpha in (("a", 1), ("b", -1)):
        graph.add_node(name, alpha=alpha, coupling="mach-zehnder")
    graph.add_edge("a", "b")
    graph.add_edge("b", "a")
    path = tmp_path / "d.json"
    path.write_text(json.dumps(nx.node_link_data(graph, edges="edges")))
    with pytest.raises(InputError, match="psn convert makes links undirected"):
        load_network(path)
    code, text, said = psn("convert", path, "--json")
    assert (code, len(json.loads(text)["edges"])) == (0, 1)
    assert "1 pair of nodes with links both ways" in said
    code, _, said = psn("convert", path, "--alpha", "a=1", "--json")
    assert code == 2
    assert "says itself what is sensed" in said


def test_standard_input(psn, tmp_path, monkeypatch):
    import io
    import sys
    from types import SimpleNamespace

    def feed(text):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))

    feed(ZOO)
    code, text, _ = psn("convert", "-", "--alpha", "0=1,1=-1", "--sensing", "phase", "--photons", 2, "--json")
    assert code == 0
    feed(text)
    assert len(load_network("-").modes) == 4
    feed("source,target\na,b\n")
    code, text, said = psn("convert", "-", "--alpha", "a=1,b=-1", "--sensing", "phase", "--photons", 2, "--json")
    assert code == 0, said
    feed(ZOO)
    with pytest.raises(InputError, match="psn convert - --alpha"):
        load_network("-")
