"""Network files at their edges: defaults of GraphML, names that look like losses, huge files, encodings, attributes of any kind."""

import json
import time

import networkx as nx
import pytest

from networks import InputError, Link, Mode, SensorNetwork, from_graph, load_network, save_network, to_graph
from networks.errors import MAX_LISTED
from networks.files.attributes import unused_attributes
from networks.files.graphml import network_from_graphml, network_to_graphml
from networks.files.load import checked_text, network_of_text
from networks.files.look_alikes import look_alike
from networks.files.node_link import network_document, network_from_json
from networks.files.tables import network_from_tables
from networks.files.text import parse_json
from protocols import design

KEYS = {
    "sensing": ("graph", "string", ""),
    "mean_photons": ("graph", "double", ""),
    "passes": ("graph", "int", ""),
    "alpha": ("node", "double", ""),
    "coupling": ("node", "string", "displacement"),
    "transmissivity": ("node", "double", ""),
    "loss_db": ("edge", "double", ""),
}


def graphml(defaults=(), more_keys="", sensing="displacement", edges='<edge source="a" target="b"/>'):
    """Two displacement sensors, alpha 1 each, nbar 2, with defaults of keys."""
    given = dict(defaults)
    keys = "".join(
        f'<key id="k_{name}" for="{place}" attr.name="{name}" attr.type="{kind}">'
        f"<default>{given.get(name, default)}</default></key>"
        for name, (place, kind, default) in KEYS.items()
    )
    nodes = "".join(f'<node id="{name}"><data key="k_alpha">1</data></node>' for name in "ab")
    return (
        f'<graphml xmlns="http://graphml.graphdrawing.org/xmlns">{keys}{more_keys}<graph edgedefault="undirected">'
        f'<data key="k_sensing">{sensing}</data><data key="k_mean_photons">2</data>{nodes}{edges}</graph></graphml>'
    )


def test_defaults_of_nodes_hold_for_every_node_without_data():
    network = network_from_graphml(graphml({"transmissivity": 0.5}))
    assert [mode.transmissivity for mode in network.modes] == [0.5, 0.5]
    assert [mode.coupling for mode in network.modes] == ["displacement"] * 2
    # ||alpha||_2^2 (1/f(2) + (1 - eta)/eta), f(n) = (sqrt n + sqrt(n + 1))^2.
    expected = 2 * (1 / (2**0.5 + 3**0.5) ** 2 + 1)
    assert expected == pytest.approx(2.2020410, abs=1e-7)
    document = design(network).to_dict()
    assert [c["mse"] for c in document["candidates"] if c["scheme"] == "entangled-squeezed"] == pytest.approx(
        [expected]
    )
    told = graphml({"transmissivity": 0.5}).replace(
        '<node id="a">', '<node id="a"><data key="k_transmissivity">1</data>'
    )
    assert [mode.transmissivity for mode in network_from_graphml(told).modes] == [1, 0.5]


def test_defaults_of_links_and_of_the_graph():
    network = network_from_graphml(graphml({"loss_db": 3, "passes": 4}))
    assert network.links[0].transmissivity == pytest.approx(10**-0.3)
    assert network.passes == 4


def test_two_keys_of_one_name_are_a_fault():
    key = '<key id="z" for="node" attr.name="alpha" attr.type="int"/>'
    with pytest.raises(
        InputError, match=r"the keys 'k_alpha', 'z' of nodes have one attr\.name, 'alpha'; which of them"
    ):
        network_from_graphml(graphml(more_keys=key))
    with pytest.raises(InputError, match="the keys 'k_alpha', 'z' of nodes"):
        network_from_graphml(graphml(more_keys=key.replace("node", "all")))
    # One name for nodes and for edges is none.
    assert network_from_graphml(graphml(more_keys=key.replace("node", "edge"))).links
    with pytest.raises(InputError, match="'z' is declared twice"):
        network_from_graphml(graphml(more_keys=key.replace("alpha", "floor") * 2))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ('<node id="c"><data key="nowhere">1</data></node>', "names the key 'nowhere', which no <key> declares"),
        ('<node id="c"><data key="k_alpha">many</data></node>', "'alpha' must be a double"),
        ('<edge source="a"/>', "every edge must have a 'source' and a 'target'"),
        ('<hyperedge><endpoint node="a"/></hyperedge>', "<hyperedge> is not understood"),
        ('<edge source="b" target="a"/>', "one edge stands for one link, but 1 pair of nodes have several"),
        ('<edge source="b" target="a" directed="true"/>', "links have no direction"),
    ],
)
def test_faults_of_graphml(more, message):
    with pytest.raises(InputError, match=message):
        network_from_graphml(graphml(edges='<edge source="a" target="b"/>' + more))


# --- names that look like ours ---------------------------------------------------------------------------------------

EDGE_NAMES = {
    "Length (km)": "distance_km",
    "length": "distance_km",
    "km": "distance_km",
    "fibreLength": "distance_km",
    "distance": "distance_km",
    "attenuation (dB)": "loss_db",
    "dB": "loss_db",
    "lossDb": "loss_db",
    "insertion loss": "loss_db",
    "span loss": "loss_db",
    "loss_coef": "loss_db_per_km",
    "attenuation dB/km": "loss_db_per_km",
    "transmittance": "transmissivity",
    "T": "transmissivity",
    "efficiency": "transmissivity",
    "eta": "transmissivity",
    "tau": "transmissivity",
    "Transmission [%]": "transmissivity",
}


@pytest.mark.parametrize("name", EDGE_NAMES)
def test_names_of_losses_are_faults_in_files_and_tables(name):
    edges = [{"source": "a", "target": "b", name: 0.5}, {"source": "b", "target": "c", name: 0.5}]
    nodes = [{"id": each, "alpha": 1, "coupling": "displacement"} for each in "abc"]
    document = {"graph": {"sensing": "displacement", "mean_photons": 1}, "nodes": nodes, "edges": edges}
    with pytest.raises(InputError) as caught:
        network_from_json(json.dumps(document))
    (fault,) = caught.value.faults
    assert repr(EDGE_NAMES[name]) in fault
    assert "edge 'a' - 'b' and 1 more: " in fault
    options = {"sensing": "displacement", "mean_photons": 1}
    with pytest.raises(InputError) as caught:
        network_from_tables(f"source;target;{name}\na;b;1\nb;c;1\n", alpha={"a": 1, "c": 1}, **options)
    (fault,) = caught.value.faults
    assert repr(EDGE_NAMES[name]) in fault
    assert fault.startswith("links, line 1: unknown attribute ")


def test_units_are_not_passed_over():
    metres = look_alike("distance_m", "edge")
    assert "did you mean" not in metres
    assert "divided by 1000" in metres
    assert "percent" in look_alike("loss (%)", "edge")
    assert "dB/m is 1000 dB/km" in look_alike("attenuation_db_per_m", "edge")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nbar", "'mean_photons'"),
        ("loss", "'transmissivity'"),
        ("eta", "'transmissivity'"),
        ("hbar", "no hbar"),
        ("length", "an edge"),
    ],
)
def test_names_at_the_graph(name, said):
    assert said in look_alike(name, "graph")
    pair = json.loads(checked_text(SensorNetwork.chain([1, -1], sensing="phase", photons=2), ".json"))
    pair["graph"][name] = 1
    with pytest.raises(InputError, match=said):
        network_from_json(json.dumps(pair))


@pytest.mark.parametrize(
    "name", ["colour", "label", "LinkSpeed", "weight", "value", "length_of_name", "type", "max_loss_seen"]
)
def test_other_names_are_kept(name):
    assert look_alike(name, "edge") is None
    network = SensorNetwork.chain([1, -1], sensing="phase", photons=2)
    link = Link(ends=network.links[0].ends, extra={name: 1})
    again = network_of_text(checked_text(network.replace(links=(link,)), ".json"), "f")
    assert unused_attributes(again).kept == (name,)


def test_attributes_that_are_used_are_not_called_unused():
    network = SensorNetwork.chain([1, -1], sensing="phase", photons=2, extra={"loss_db_per_km": 0.2, "why": "x"})
    modes = [
        Mode(id=m.id, coupling=m.coupling, alpha=m.alpha, extra={"x": 1, "y": 2, "name": "n"}) for m in network.modes
    ]
    links = [Link(ends=link.ends, extra={"distance_km": 2, "name": "m"}) for link in network.links]
    assert unused_attributes(network.replace(modes=modes, links=links)).kept == ("why", "name")


def test_a_name_at_a_node_is_no_fault():
    document = json.loads(checked_text(SensorNetwork.chain([1, -1], sensing="phase", photons=2), ".json"))
    document["nodes"][0]["name"] = "left"
    assert dict(network_from_json(json.dumps(document)).modes[0].extra) == {"name": "left"}


# --- what is written is read back equal ------------------------------------------------------------------------------


def pair(**parts):
    modes = tuple(
        Mode(id=name, coupling="displacement", alpha=1, extra=parts.get(f"{name}_extra", {})) for name in "ab"
    )
    return SensorNetwork(
        sensing="displacement",
        mean_photons=1.0,
        modes=modes,
        links=(Link(ends=("a", "b"), extra=parts.get("link_extra", {})),),
        extra=parts.get("extra", {}),
    )


def both(network):
    for ending in (".json", ".graphml"):
        assert network_of_text(checked_text(network, ending), "f") == network


def test_attributes_shared_by_nodes_edges_and_graph():
    network = pair(extra={"floor": "three"}, a_extra={"floor": 3, "node_floor": 1}, link_extra={"floor": 2.5})
    both(network)
    both(pair(extra={"node_default": 1, "edge_default": "x"}))
    both(pair(a_extra={"b": 1, "a": 2}, link_extra={"id": "e0", "key": 3}))


def test_integer_ids_stay_integers():
    modes = [Mode(id=name, coupling="displacement", alpha=1) for name in (7, -2, "7a")]
    links = [Link(ends=(7, -2)), Link(ends=("7a", 7))]
    network = SensorNetwork(sensing="displacement", mean_photons=1.0, modes=modes, links=links)
    both(network)
    assert from_graph(nx.parse_graphml(network_to_graphml(network))) == network
    assert from_graph(to_graph(network)) == network


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        (
            {"a_extra": {"v": 10**400}, "b_extra": {"v": 0.5}},
            "beyond their precision, which GraphML cannot hold; use JSON",
        ),
        ({"a_extra": {"v": 2**53 + 1}, "b_extra": {"v": 0.5}}, "beyond their precision"),
        ({"a_extra": {"v": 1}, "b_extra": {"v": "x"}}, "values of different kinds"),
        ({"a_extra": {"v": "\x00"}}, "control characters"),
        ({"a_extra": {"\x0b": 1}}, "control characters in its name"),
    ],
)
def test_what_graphml_cannot_hold(extra, message, tmp_path):
    network = pair(**extra)
    with pytest.raises(InputError, match=message):
        save_network(network, tmp_path / "n.graphml")
    assert list(tmp_path.iterdir()) == []
    save_network(network, tmp_path / "n.json")
    assert load_network(tmp_path / "n.json") == network


def test_whitespace_of_texts_stays():
    both(pair(a_extra={"v": " a\r\nb\tc\n"}, extra={"a\tb\nc": "<&>\"'"}))


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({"a_extra": {"id": "b"}}, "extra may not hold 'id'"),
        ({"a_extra": {"transmissivity": 0.1}}, "extra may not hold 'transmissivity'"),
        ({"extra": {"photons": 3}}, "extra may not hold 'photons'"),
        ({"link_extra": {"source": "b"}}, "extra may not hold 'source'"),
        ({"extra": {"v": float("nan")}}, "finite number"),
        ({"extra": {"v": 10**5000}}, "at most 4000 digits"),
        ({"extra": {"v": "\ud800"}}, "no text"),
        ({"extra": (("v", 1), ("v", 2))}, "holds 'v' 2 times"),
        ({"extra": {3: 1}}, "must have a text as its name"),
    ],
)
def test_attributes_that_no_file_can_hold(extra, message):
    with pytest.raises(InputError, match=message):
        pair(**extra)


def test_what_would_be_read_as_something_else_is_not_written(tmp_path):
    with pytest.raises(
        InputError,
        match=r"it would not be read back: .*'eta'; did you mean 'detector_efficiency', .* or 'transmissivity'",
    ):
        save_network(pair(a_extra={"eta": 0.5}), tmp_path / "n.json")
    assert list(tmp_path.iterdir()) == []


# --- encodings, sizes, times -----------------------------------------------------------------------------------------


def test_declared_encodings(tmp_path):
    text = '<?xml version="1.0" encoding="ISO-8859-1"?>' + graphml().replace('"a"', '"é"')
    (tmp_path / "n.graphml").write_bytes(text.encode("latin-1"))
    assert load_network(tmp_path / "n.graphml").modes[0].id == "é"
    (tmp_path / "n.graphml").write_bytes(text.replace("ISO-8859-1", "EBCDIC").encode("latin-1"))
    with pytest.raises(InputError, match="declares the encoding 'ebcdic', which is not read; save it in UTF-8"):
        load_network(tmp_path / "n.graphml")
    (tmp_path / "n.graphml").write_bytes(text.replace("ISO-8859-1", "UTF-8").encode("latin-1"))
    with pytest.raises(InputError, match="not a text file in UTF-8"):
        load_network(tmp_path / "n.graphml")


def seconds(call, *arguments):
    """Processor time, and the fault with which the call ends."""
    start = time.process_time()
    with pytest.raises(InputError) as caught:
        call(*arguments)
    return time.process_time() - start, caught.value


def test_doubled_keys_are_found_in_linear_time():
    text = "{" + ", ".join(f'"k{i}": {i}, "k{i}": 0' for i in range(20_000)) + "}"
    assert len(text) > 429_000
    # Counted by pairs, this took minutes.
    spent, error = seconds(parse_json, text)
    assert spent < 10
    assert len(error.faults) == 20_000
    assert len(str(error).splitlines()) == MAX_LISTED + 2


def test_huge_names_are_refused_in_a_short_message():
    name = "x" * (30 * 2**20)
    document = {"graph": {"sensing": "phase", "photons": 2, "name": name}, "nodes": [], "edges": []}
    spent, error = seconds(network_from_json, json.dumps(document))
    assert spent < 20
    assert len(str(error)) < 1000
    spent, error = seconds(
        network_from_json, json.dumps({**document, "graph": {"sensing": "phase", "photons": 2, name: 1}})
    )
    assert len(str(error)) < 1000
    nodes = [{"id": name[:1_000_000], "alpha": "x"}, {"id": name[:1_000_000]}]
    spent, error = seconds(network_from_json, json.dumps({**document, "nodes": nodes}))
    assert len(str(error)) < 5000


@pytest.mark.parametrize("count", [5_000, pytest.param(200_000, marks=pytest.mark.long)])
def test_faults_beyond_number_are_counted(count):
    nodes = [{"id": k, "transmissivity": 2} for k in range(count)]
    document = {"graph": {"sensing": "phase", "photons": 2}, "nodes": nodes, "edges": []}
    spent, error = seconds(network_from_json, json.dumps(document))
    assert spent < 60
    assert len(error.faults) >= count
    assert len(str(error).splitlines()) == MAX_LISTED + 2
    assert str(error).endswith("more; mend these first")


def test_many_names_of_attributes_are_refused():
    document = {
        "graph": {"sensing": "phase", "photons": 2},
        "nodes": [{"id": 1, **{f"n{k}": k for k in range(3000)}}],
        "edges": [],
    }
    _, error = seconds(network_from_json, json.dumps(document))
    assert "more than 2000 different names of attributes" in str(error)


def test_counts_of_1e30_are_exact_and_decimals_are_no_counts():
    network = SensorNetwork.chain([1, -1], sensing="phase", photons=10**30, passes=10**30)
    both(network)
    with pytest.raises(InputError, match="photons must be at most 1e30"):
        network.replace(photons=10**30 + 1)
    text = checked_text(network, ".json").replace(str(10**30), "1e30")
    with pytest.raises(InputError, match="photons must be a positive integer"):
        network_from_json(text)


def test_cells_with_line_breaks():
    links = 'source,target,"a ""note\nof two lines"\n# no row, "not even this\na,b,"x\ny"\nb,c,\n\n"d","c",z\n'
    network = network_from_tables(links, alpha={"a": 1, "d": 1}, sensing="displacement", mean_photons=1)
    assert len(network.links) == 3
    assert dict(network.links[0].extra) == {'a "note\nof two lines': "x\ny"}
    with pytest.raises(InputError, match="line 3: 2 cells are needed"):
        network_from_tables("source,target\na,b\na,b,c\n", alpha={"a": 1}, sensing="displacement", mean_photons=1)
    with pytest.raises(InputError, match="line 2: a quotation mark is opened here and never closed"):
        network_from_tables('source,target\n"a,b\nc,d\n', alpha={"a": 1}, sensing="displacement", mean_photons=1)


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("distance_m", "'distance_km', in kilometres: the metres divided by 1000"),
        ("distance_mi", "this unit is not read; give 'distance_km'"),
        ("loss_db_per_m", "1 dB/m is 1000 dB/km"),
    ],
)
def test_another_unit_is_never_offered_as_a_slip(name, remedy, tmp_path):
    """Through the readers, as people meet it: JSON and tables."""
    document = json.loads(json.dumps(network_document(pair())))
    document["edges"][0][name] = 80
    with pytest.raises(InputError) as caught:
        network_from_json(json.dumps(document))
    assert remedy in str(caught.value)
    assert "did you mean" not in str(caught.value)


def test_a_link_that_loses_everything_is_named_with_its_decibels():
    document = json.loads(json.dumps(network_document(pair())))
    document["edges"][0]["loss_db"] = 5000
    with pytest.raises(InputError, match=r"5000 dB are lost, more than 3000 dB; leave the edge out"):
        network_from_json(json.dumps(document))


@pytest.mark.parametrize("ending", [".json", ".graphml"])
@pytest.mark.parametrize("distance", [5, 5.0, 10**9])
def test_equal_networks_have_one_text(ending, distance):
    """A length given as a whole number in Python was written as one, read as a decimal, and written otherwise."""
    modes = tuple(Mode(id=name, coupling="displacement", alpha=1) for name in "ab")
    link = Link(ends=("a", "b"), transmissivity=0.5, extra={"distance_km": distance})
    network = SensorNetwork(sensing="displacement", mean_photons=1.0, modes=modes, links=(link,))
    text = checked_text(network, ending)
    again = network_of_text(text, "file")
    assert again == network
    assert checked_text(again, ending) == text
