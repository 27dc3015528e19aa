"""Networks with adversarial names and attributes, and files that are no networks: what is written is read back equal, what is
refused is refused in words. The long profile (``make fuzz``) makes 10^4 sound networks and more."""

import copy
import csv
import io
import json
import pickle
import re
import string
from collections import Counter
from fractions import Fraction
from xml.etree import ElementTree

import networkx as nx
import pytest
from command_lines import sound_networks
from hypothesis import strategies as st
from laboratories import look_alikes
from networks_at_random import parts, sound_parts, table_parts, why_no_graphml
from running import SHARDS, fuzz

from networks import (
    InputError,
    Link,
    Mode,
    SensorNetwork,
    from_graph,
    network_from_tables,
    parse_exact,
    place_sensors,
    to_graph,
)
from networks.benches import as_written, given_names
from networks.errors import MAX_FAULT_LENGTH, MAX_LISTED, short_repr
from networks.files.graphml import network_from_graphml, network_to_graphml
from networks.files.known import known_names
from networks.files.load import FORMATS, checked_text, network_of_text, topology_of_text

shards = pytest.mark.parametrize(
    "shard", [pytest.param(k, marks=pytest.mark.xdist_group(f"{k}")) for k in range(SHARDS)]
)
NAMES = {"Fraction": Fraction, "Link": Link, "Mode": Mode, "SensorNetwork": SensorNetwork, "parse_exact": parse_exact}
"""What the repr of a network is made of."""
XML = "{http://graphml.graphdrawing.org/xmlns}"


def made(fields):
    """A network of these parts, or None when it is refused."""
    try:
        return SensorNetwork(**fields)
    except InputError:
        return None


def refused_in_words(call, *arguments, **options):
    """The result, or None when refused by an InputError of bounded length that says more than that writer and reader disagree."""
    try:
        return call(*arguments, **options)
    except InputError as error:
        message, faults = str(error), error.faults
    assert len(message) < (MAX_LISTED + 2) * (MAX_FAULT_LENGTH + 20)
    assert not any("read back as another network" in fault for fault in faults)
    return None


def require_same(again, network):
    """Equal, of the same types, down to the sign of zero."""
    assert again == network
    assert repr(again) == repr(network)


def there_and_back(fields, counts):
    """Through every format that is written: of a sound network all take place, but for what GraphML has no place for."""
    network = made(fields)
    if network is None:
        counts["refused"] += 1
        return
    for ending in (".json", ".graphml"):
        no_place = why_no_graphml(network) if ending == ".graphml" else None
        if no_place is not None:
            counts["not GraphML"] += 1
            with pytest.raises(InputError, match="use JSON"):
                checked_text(network, ending)
            continue
        counts[f"written as {ending}"] += 1
        text = checked_text(network, ending)
        again = FORMATS[ending].read(text)
        assert again == network
        assert checked_text(again, ending) == text
        assert [type(mode.id) for mode in again.modes] == [type(mode.id) for mode in network.modes]
        if ending == ".json":
            json.loads(text, parse_constant=pytest.fail)
        else:
            read_by_networkx(text, network)
    require_same(eval(repr(network), dict(NAMES)), network)
    require_same(pickle.loads(pickle.dumps(network)), network)
    require_same(copy.deepcopy(network), network)
    assert from_graph(to_graph(network)) == network


def read_by_networkx(text, network):
    """networkx reads the same nodes and links, where no attribute is called like its arguments."""
    named = {name for part in (*network.modes, *network.links) for name, _ in part.extra}
    if named.isdisjoint({"self", "node_for_adding", "u_of_edge", "v_of_edge", "u_for_edge", "v_for_edge", "key"}):
        graph = nx.parse_graphml(text)
        assert sorted(graph) == sorted(str(mode.id) for mode in network.modes)
        assert graph.number_of_edges() == len(network.links)


@shards
def test_sound_networks_go_there_and_back(shard, counted):
    counts = fuzz("sound networks", there_and_back, sound_parts(), short=60, share=0.14)
    counted(counts)
    assert counts["written as .json"] >= 0.95 * counts["cases"]
    assert counts["written as .graphml"] >= 0.4 * counts["cases"]


TRUTHS = {True: "Yes", False: "0"}
"""Words of spreadsheets; the others are in tests/test_networks/test_laboratory.py."""


def through_tables(case, counts):
    """Tables of nodes and of links, as a spreadsheet writes them."""
    fields, delimiter = case
    network = made(fields)
    if network is None:
        counts["refused"] += 1
        return
    nodes = [
        {
            "id": mode.id,
            "alpha": str(mode.alpha),
            "transmissivity": mode.transmissivity,
            **{
                name: TRUTHS.get(value, value) if isinstance(value, bool) else value
                for name, value in as_written(mode).items()
            },
            **dict(mode.extra),
        }
        for mode in network.modes
    ]
    links = [
        {"source": link.ends[0], "target": link.ends[1], "transmissivity": link.transmissivity, **dict(link.extra)}
        for link in network.links
    ]
    texts = [table(rows, delimiter) for rows in (links, nodes)]
    attributes = {"sensing": "displacement", "mean_photons": 1.5, "name": "net", **as_written(network)}
    assert network_from_tables(*texts, **attributes) == network
    counts["read"] += 1
    counts["with a laboratory"] += bool(given_names(network))


def table(rows, delimiter):
    names = list(dict.fromkeys(name for row in rows for name in row))
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(names)
    writer.writerows([row.get(name, "") for name in names] for row in rows)
    return stream.getvalue()


@shards
def test_tables_are_read_as_what_they_say(shard, counted):
    counts = fuzz("tables", through_tables, table_parts(), short=40, share=0.03)
    counted(counts)
    assert counts["read"] >= 0.95 * counts["cases"]


def by_defaults(fields, counts):
    """GraphML in which what all nodes say alike is the default of its key, as other programs write it."""
    network = made(fields)
    if network is None or why_no_graphml(network) is not None:
        counts["not GraphML"] += 1
        return
    root = ElementTree.fromstring(network_to_graphml(network))
    if any("\r" in (part.text or "") for part in root.iter()):
        # Ours says them so that they stay; ElementTree, which writes the file of this test, does not.
        counts["carriage returns"] += 1
        return
    kept = 0
    for key in root.findall(f"{XML}key"):
        place = key.get("for")
        parts = root.findall(f"{XML}graph/{XML}{place}") if place != "graph" else root.findall(f"{XML}graph")
        data = [[one for one in part.findall(f"{XML}data") if one.get("key") == key.get("id")] for part in parts]
        if not data or not all(data):
            continue
        usual, _ = Counter(one.text for (one,) in data).most_common(1)[0]
        if not usual:
            # An empty default says nothing: yEd writes them.
            continue
        ElementTree.SubElement(key, f"{XML}default").text = usual
        for part, (one,) in zip(parts, data, strict=True):
            if one.text == usual:
                part.remove(one)
                kept += 1
    counts["by a default"] += kept
    counts["of a laboratory"] += bool(given_names(network))
    assert network_from_graphml(ElementTree.tostring(root, encoding="unicode")) == network


@shards
def test_defaults_of_graphml_hold_for_every_part_without_data(shard, counted):
    counts = fuzz("defaults of GraphML", by_defaults, sound_parts(), short=40, share=0.02)
    counted(counts)
    assert counts["by a default"] >= counts["cases"]
    # Of few cases chance may leave hardly any.
    assert counts["of a laboratory"] >= 0.2 * counts["cases"] or counts["cases"] < 100


def refused_by_name(case, counts):
    """A name that means one of ours otherwise is a fault wherever it stands, which names what it means."""
    (name, meant), place, document = case
    if name in known_names(place):
        counts["ours"] += 1
        return
    part = {"graph": document["graph"], "node": document["nodes"][0]}[place]
    part[name] = 0.5
    with pytest.raises(InputError) as caught:
        network_of_text(json.dumps(document), "file.json")
    (fault,) = caught.value.faults
    assert short_repr(name) in fault, (place, fault)
    assert any(repr(one) in fault for one in (*meant, *known_names(place))), (name, place, fault)


@shards
def test_look_alikes_of_the_laboratory_are_refused_by_name(shard, counted):
    cases = st.tuples(look_alikes(), st.sampled_from(["graph", "node"]), sound_networks(plain=True, laboratory=False))
    counted(fuzz("look alikes", refused_by_name, cases, short=60, share=0.02))


def written_or_refused(fields, counts):
    network = made(fields)
    if network is None:
        counts["refused"] += 1
        return
    for ending in (".json", ".graphml"):
        text = refused_in_words(checked_text, network, ending)
        counts["written" if text is not None else "not written"] += 1
        if text is not None:
            assert FORMATS[ending].read(text) == network


@shards
def test_networks_sound_or_not_are_read_back_equal_or_refused_in_words(shard, counted):
    counted(fuzz("networks", written_or_refused, parts(), short=60, share=0.04))


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


def read_or_refused(text, counts):
    refused_in_words(network_of_text, text, "file")
    topology = refused_in_words(topology_of_text, text, "file")
    if topology is None or not topology.nodes:
        return
    counts["read"] += 1
    ids = [node.id for node in topology.nodes]
    placed = refused_in_words(
        place_sensors, topology, alpha={str(ids[0]): 1}, sensing="displacement", mean_photons=1.0, loss_db_per_km=0.2
    )
    if placed is not None:
        counts["placed"] += 1
        for ending in FORMATS:
            refused_in_words(checked_text, placed.network, ending)


@shards
def test_damaged_files_are_read_or_refused_in_words(shard, counted):
    counts = fuzz("damaged files", read_or_refused, damaged(), short=60, share=0.06)
    counted(counts)
    assert counts["read"] >= 0.2 * counts["cases"]


def table_or_refused(text, counts):
    options = {"alpha": {"a": 1}, "sensing": "displacement", "mean_photons": 1.0, "loss_db_per_km": 0.2}
    counts["read"] += refused_in_words(network_from_tables, text, **options) is not None


@shards
def test_damaged_tables_are_read_or_refused_in_words(shard, counted):
    counted(fuzz("damaged tables", table_or_refused, damaged(seeds=(TABLE,)), short=40, share=0.02))


def test_the_seeds_are_sound():
    """A seed that is refused as it stands would test little."""
    for text in SEEDS[1:]:
        topology = topology_of_text(text, "file")
        assert len(topology.nodes) == 2, text
        assert len(topology.edges) == 1
    assert json.loads(SEEDS[-1])["multigraph"] is True
    assert network_of_text(SEEDS[-1], "file").photons == 2
