"""Networks with adversarial names and attributes, and files that are no networks: what is written is read back equal, what is
refused is refused in words. The profile "fuzz" of hypothesis (tests/conftest.py) makes 10^4 of each."""

import json
import re
import string

import networkx as nx
from hypothesis import event, given, settings, strategies as st

from networks import InputError, Link, Mode, SensorNetwork, place_sensors
from networks.errors import MAX_FAULT_LENGTH, MAX_LISTED
from networks.files.load import FORMATS, checked_text, network_of_text, topology_of_text
from networks.files.tables import network_from_tables

# fmt: off
NASTY = (
    "id", "name", "label", "key", "node_default", "edge_default", "source", "target", "role", "alpha",
    "transmissivity", "loss_db", "distance_km", "loss_db_per_km", "km", "Length (km)", "dB", "eta", "T", "sensing",
    "passes", "parameters", "photons", "", " ", "a b", "<tag>", '"', "'", "&amp;", "]]>", "\t", "\n", "\r", "\r\n",
    "\x00", "\x0b", "\x85", "\u2028", "\ufeff", "\uffff", "\ud800", "😀", "graph", "node", "edge", "node_id",
    "edge_id", "d0", "self", "1", "-1", "01", "1e5", "nan", "None", "é", "--alpha", "../x", "=1+1", "#", "a,b", "a;b",
    "x" * 1001,
)
# fmt: on
texts = st.one_of(st.sampled_from(NASTY), st.text(max_size=8))
values = st.one_of(
    texts,
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.sampled_from([10**400, -(10**400), 2**53 + 1, 10**4100, 0]),
    st.floats(),
    st.sampled_from([5e-324, 1e308, -0.0, 0.1, 1 / 3]),
)
anything = st.dictionaries(texts, values, max_size=4)
ids = st.one_of(texts, st.integers(-3, 10**20))
numbers = st.one_of(st.just(1.0), st.floats(0, 1), st.sampled_from([1, 5e-324, 1e-30, 1e-300]))
printable = st.one_of(
    st.text(string.ascii_letters + "äß<&\"' ", min_size=1, max_size=6), st.sampled_from(["key", "node_default", "é"])
)


plain_names = st.text(st.characters(categories=["L", "N", "P", "S"], include_characters=" "), min_size=1, max_size=6)
plain_values = st.one_of(
    plain_names, st.booleans(), st.integers(-(2**60), 2**60), st.floats(allow_nan=False, allow_infinity=False)
)


@st.composite
def parts(draw):
    """What a network may be made of, sound or not."""
    nasty = draw(st.sampled_from(["ids", "extras", "etas", "all"]))
    names = draw(st.lists(ids if nasty in ("ids", "all") else printable, min_size=1, max_size=5, unique_by=str))
    etas = numbers if nasty in ("etas", "all") else st.just(0.5)
    extras = (
        anything
        if nasty in ("extras", "all")
        else st.dictionaries(printable, st.one_of(printable, st.floats(-9, 9)), max_size=2)
    )
    sensing = draw(st.sampled_from(["phase", "displacement"]))
    coupling = {"phase": "mach-zehnder", "displacement": "displacement"}[sensing]
    shared = draw(st.one_of(st.none(), texts if nasty == "all" else printable))
    modes = []
    for place, name in enumerate(names):
        more = draw(extras) | ({} if shared is None else {shared: draw(plain_values)})
        if place == 0 or (place > 1 and draw(st.booleans())):
            alpha = draw(st.sampled_from(["1", "-1", "1/3", "sqrt(2)", "0.1", 2]))
            modes.append(Mode(id=name, coupling=coupling, alpha=alpha, transmissivity=draw(etas), extra=more))
        else:
            role = "reference" if sensing == "phase" else draw(st.sampled_from(["reference", "ancilla"]))
            modes.append(
                Mode(id=name, role=role, transmissivity=draw(etas), alpha=draw(st.sampled_from([None, 0])), extra=more)
            )
    pairs = [(a, b) for k, a in enumerate(names) for b in names[k + 1 :]]
    links = [
        Link(ends=draw(st.sampled_from([pair, pair[::-1]])), transmissivity=draw(etas), extra=draw(extras))
        for pair in pairs
        if pair[0] == names[0] or draw(st.booleans())
    ]
    budget = (
        {"photons": draw(st.integers(1, 10**30))}
        if sensing == "phase"
        else {"mean_photons": draw(st.floats(1e-9, 1e6))}
    )
    return {
        "name": draw(texts if nasty == "all" else st.just("net")),
        "sensing": sensing,
        "modes": tuple(modes),
        "links": tuple(draw(st.permutations(links))),
        "passes": draw(st.sampled_from([1, 2, 10**30])),
        "parameters": draw(st.sampled_from(["static", "snapshot"])),
        "extra": draw(extras) | ({} if shared is None else {shared: draw(plain_values)}),
        **budget,
    }


def made(fields):
    """A network of these parts, without what is refused in them; None when still refused."""
    try:
        return SensorNetwork(**fields)
    except InputError:
        event("refused when made")
        return None


def refused_in_words(call, *arguments, **options):
    """The result, or None when refused by an InputError of bounded length that says more than that writer and reader disagree."""
    try:
        return call(*arguments, **options)
    except InputError as error:
        message, faults = str(error), error.faults
    assert len(message) < (MAX_LISTED + 2) * (MAX_FAULT_LENGTH + 20)
    assert not any("read back as another network" in fault for fault in faults)
    event("refused in words")
    return None


@given(parts())
@settings(deadline=None)
def test_what_is_written_is_read_back_equal(fields):
    network = made(fields)
    if network is None:
        return
    for ending, form in FORMATS.items():
        text = refused_in_words(checked_text, network, ending)
        if text is None:
            continue
        event(f"written as {ending}")
        again = form.read(text)
        assert again == network
        assert checked_text(again, ending) == text
        kinds = [type(mode.id) for mode in network.modes]
        assert [type(mode.id) for mode in again.modes] == kinds
        if ending == ".graphml":
            # networkx reads the same nodes and links, where no attribute is called like its arguments.
            named = {name for part in (*network.modes, *network.links) for name, _ in part.extra}
            if named.isdisjoint(
                {"self", "node_for_adding", "u_of_edge", "v_of_edge", "u_for_edge", "v_for_edge", "key"}
            ):
                graph = nx.parse_graphml(text)
                assert sorted(graph) == sorted(str(mode.id) for mode in network.modes)
                assert graph.number_of_edges() == len(network.links)


@given(
    st.lists(plain_names, min_size=2, max_size=4, unique=True),
    st.lists(st.tuples(plain_names, plain_values), max_size=4, unique_by=lambda pair: pair[0]),
)
@settings(deadline=None)
def test_sound_networks_go_through_both_formats(names, attributes):
    """Of names and attributes that are plain text all are written, but for mixtures of kinds and names that mean a loss."""
    own = {f"remark of {name}": value for name, value in attributes}
    network = made(
        {
            "sensing": "displacement",
            "mean_photons": 1.5,
            "modes": tuple(Mode(id=name, coupling="displacement", alpha=1, extra=own) for name in names),
            "links": tuple(Link(ends=(names[0], name), extra=own) for name in names[1:]),
            "extra": own,
        }
    )
    assert network is not None
    for ending, form in FORMATS.items():
        assert form.read(checked_text(network, ending)) == network


# --- texts that are no networks --------------------------------------------------------------------------------------

SEEDS = (
    '<?xml version="1.0"?><graphml xmlns="http://graphml.graphdrawing.org/xmlns"><key id="d0" for="node" attr.name="alpha" '
    'attr.type="double"><default>1</default></key><graph edgedefault="directed"><data key="d1">x</data><node id="a"><data '
    'key="d0">-1</data></node><node id="b"/><edge source="a" target="b"/></graph></graphml>',
    'graph [ directed 1 node [ id 0 label "a" graphics [ x 1 y 2.5 ] ] node [ id 1 label "b" ] edge [ source 0 target 1 km 2 ] ]',
    '<gexf><graph defaultedgetype="directed"><attributes class="node"><attribute id="0" title="T" type="double"/></attributes>'
    '<nodes><node id="a" label="x"><attvalues><attvalue for="0" value="1"/></attvalues></node><node id="b"/></nodes><edges>'
    '<edge source="a" target="b" weight="2"/></edges></graph></gexf>',
    '<network><networkStructure><nodes coordinatesType="geographical"><node id="a"><coordinates><x>1</x><y>2</y>'
    '</coordinates></node><node id="b"/></nodes><links>'
    '<link id="l"><source>a</source><target>b</target></link></links></networkStructure></network>',
    '{"nodes": [{"name": "a"}, {"name": "b"}], "links": [{"source": 0, "target": 1, "value": 1}]}',
    '{"elements": {"nodes": [{"data": {"id": "a"}}, {"data": {"id": "b"}}], "edges": [{"data": {"source": "a", "target": "b"}}]}}',
    '{"nodes": [{"name": "a"}, {"name": "b"}], "qconnections": [{"node1": "a", "node2": "b", "distance": 3, "attenuation": 1e-4}]}',
    '{"elements": [{"uid": "a", "type": "Roadm"}, {"uid": "f", "type": "Fiber", "params": {"length": 2, "loss_coef": 0.2}}, '
    '{"uid": "b"}], "connections": [{"from_node": "a", "to_node": "f"}, {"from_node": "f", "to_node": "b"}]}',
    '{"directed": false, "multigraph": true, "graph": {"sensing": "phase", "photons": 2}, "nodes": [{"id": "a", "alpha": 1, '
    '"coupling": "mach-zehnder"}, {"id": "b", "alpha": -1, "coupling": "mach-zehnder"}], '
    '"edges": [{"source": "a", "target": "b", "key": 0}]}',
)
TABLE = 'source,target,distance_km,note\na,b,1,"two\nlines"\nb,c,2,\n'
PIECES = (
    "",
    '"',
    "<",
    ">",
    "[",
    "]",
    "{",
    "}",
    "null",
    "true",
    "1e400",
    "-1",
    "NaN",
    "0",
    "\x00",
    "\ud800",
    "é",
    ",",
    ":",
    "9" * 5000,
)


@st.composite
def damaged(draw, seeds=SEEDS):
    """A file of another program with a few places cut, doubled or written over."""
    text = draw(st.sampled_from(seeds))
    if draw(st.booleans()):
        # One word in the place of another leaves the syntax whole.
        words = re.split(r"(\w+)", text)
        for _ in range(draw(st.integers(1, 2))):
            old, new = (2 * draw(st.integers(0, len(words) // 2 - 1)) + 1 for _ in range(2))
            words[old] = words[new]
        return "".join(words)
    for _ in range(draw(st.integers(0, 2))):
        start = draw(st.integers(0, len(text)))
        stop = min(len(text), start + draw(st.integers(0, 12)))
        text = (
            text[:start] + draw(st.one_of(st.sampled_from(PIECES), st.text(string.printable, max_size=4))) + text[stop:]
        )
    return text


@given(damaged())
@settings(deadline=None)
def test_damaged_files_are_read_or_refused_in_words(text):
    refused_in_words(network_of_text, text, "file")
    topology = refused_in_words(topology_of_text, text, "file")
    if topology is None or not topology.nodes:
        return
    event("read")
    ids = [node.id for node in topology.nodes]
    placed = refused_in_words(
        place_sensors, topology, alpha={str(ids[0]): 1}, sensing="displacement", mean_photons=1.0, loss_db_per_km=0.2
    )
    if placed is not None:
        event("placed")
        for ending in FORMATS:
            refused_in_words(checked_text, placed.network, ending)


@given(damaged(seeds=(TABLE,)))
@settings(deadline=None)
def test_damaged_tables_are_read_or_refused_in_words(text):
    refused_in_words(
        network_from_tables, text, alpha={"a": 1}, sensing="displacement", mean_photons=1.0, loss_db_per_km=0.2
    )


def test_the_seeds_are_sound():
    """A seed that is refused as it stands would test little."""
    for text in SEEDS[1:]:
        topology = topology_of_text(text, "file")
        assert len(topology.nodes) == 2, text
        assert len(topology.edges) == 1
    assert json.loads(SEEDS[-1])["multigraph"] is True
    assert network_of_text(SEEDS[-1], "file").photons == 2
