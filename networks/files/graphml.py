"""GraphML both ways, exact: defaults of keys, types, ids of their own for keys that nodes, edges and the graph share.

Read are also the files of yEd (labels and places in graphics), of Gephi, and of the Internet Topology Zoo; what of them is no
network of ours is for ``placing``.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.sax.saxutils import escape

from networks.errors import InputError, short_repr
from networks.files.attributes import graph_attributes, link_attributes, mode_attributes
from networks.files.known import BOOLEAN, NUMERIC
from networks.files.topology import Topology, TopologyEdge, TopologyNode, own_id, plain_network
from networks.files.xml_text import local_name, parse_xml
from networks.modes import ModeId
from networks.sensor_network import SensorNetwork

_TAGS = frozenset({"graphml", "key", "default", "desc", "graph", "node", "edge", "data", "port"})
_HEAD = (
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">'
)
_TYPES = ("boolean", "int", "long", "float", "double", "string")
MAX_DEFAULTS = 5_000_000
"""Places that defaults of keys are filled in at."""
_DIGITS = 400
"""Digits of a decimal number."""


def network_from_graphml(text: str, *, source: str = "FILE") -> SensorNetwork:
    """The network in a GraphML text.

    Parameters
    ----------
    text : str
    source : str
        The file, for messages.

    Returns
    -------
    SensorNetwork

    Raises
    ------
    InputError
        Listing every fault.
    """
    faults: list[str] = []
    return plain_network(topology_from_graphml(text, faults), faults, source=source)


@dataclass(frozen=True, slots=True)
class _Key:
    id: str
    place: str
    name: str | None
    type: str | None
    default: str | None


def topology_from_graphml(text: str, faults: list[str]) -> Topology:
    """What a GraphML text holds; adds to ``faults``.

    Raises
    ------
    InputError
        For what is no GraphML at all.
    """
    root = parse_xml(text)
    if local_name(root) != "graphml":
        raise InputError([f"not GraphML: its outermost element is <{local_name(root)}>"])
    return _Reader(root, faults).topology()


class _Reader:
    def __init__(self, root: ElementTree.Element, faults: list[str]) -> None:
        self.root, self.faults = root, faults
        self.keys: dict[tuple[str, str], _Key] = {}
        self.nodes: list[TopologyNode] = []
        self.edges: list[TopologyEdge] = []
        self.decisions: list[str] = []
        self.drawn = False
        self.unread: Counter[str] = Counter()
        self.defaults: dict[str, list[_Key]] = {}
        self.filled = 0

    def topology(self) -> Topology:
        for element in self.root:
            if local_name(element) == "key":
                self._key(element)
        self._names()
        graphs = [element for element in self.root if local_name(element) == "graph"]
        if len(graphs) != 1:
            self.faults.append(f"the file must hold one graph, got {len(graphs)}")
        attributes: dict[str, Any] = {}
        if graphs:
            attributes = self._data(graphs[0], "graph", "graph")
            self._graph(graphs[0])
        for tag, times in Counter(local_name(e) for e in self.root if local_name(e) not in _TAGS).items():
            self.unread[tag] += times
        # <hyperedge> joins more than two nodes; others may be misspelt.
        self.faults += [f"<{tag}> is not understood; a network is one plain graph" for tag in sorted(self.unread)]
        names: dict[ModeId, ModeId] = {str(node.id): node.id for node in self.nodes}
        kind = "GraphML of yEd" if self.drawn else "GraphML"
        return Topology(
            format=kind,
            attributes=attributes,
            nodes=tuple(self.nodes),
            # Edges name nodes by their ids as text.
            edges=tuple(
                replace(edge, ends=(names.get(edge.ends[0], edge.ends[0]), names.get(edge.ends[1], edge.ends[1])))
                for edge in self.edges
            ),
            decisions=tuple(self.decisions),
        )

    def _key(self, element: ElementTree.Element) -> None:
        name, place = element.get("id"), element.get("for", "all")
        if name is None:
            self.faults.append("a <key> has no id")
            return
        if (place, name) in self.keys:
            self.faults.append(f"the <key> {short_repr(name)} is declared twice; give each its own id")
        kind = element.get("attr.type")
        if kind is not None and kind not in _TYPES:
            self.faults.append(
                f"<key> {short_repr(name)}: attr.type must be one of {', '.join(_TYPES)}, got {short_repr(kind)}"
            )
            kind = None
        default = next((part.text for part in element if local_name(part) == "default"), None)
        # yEd writes empty defaults for descriptions; nothing is said by them.
        self.keys[place, name] = _Key(name, place, element.get("attr.name"), kind, default or None)

    def _names(self) -> None:
        for place in ("graph", "node", "edge"):
            names: dict[str, list[str]] = {}
            for key in self._keys_of(place):
                if key.name is not None:
                    names.setdefault(key.name, []).append(key.id)
            self.faults += [
                f"the keys {', '.join(map(short_repr, ids))} of {place}s have one attr.name, {short_repr(name)}; which of them "
                "holds cannot be said: rename or remove all but one"
                for name, ids in names.items()
                if len(ids) > 1
            ]
            self.defaults[place] = [
                key for key in self._keys_of(place) if key.name is not None and key.default is not None
            ]

    def _keys_of(self, place: str) -> Iterator[_Key]:
        return (key for key in self.keys.values() if key.place in (place, "all"))

    def _graph(self, graph: ElementTree.Element) -> None:
        """Nodes and edges, those of groups too, from the outermost graph inwards."""
        inside = [graph]
        grouped = 0
        while inside:
            graph = inside.pop(0)
            directed = graph.get("edgedefault", "undirected") == "directed"
            for element in graph:
                tag = local_name(element)
                if tag == "node":
                    nested = [part for part in element if local_name(part) == "graph"]
                    grouped += bool(nested)
                    inside += nested
                    self._node(element)
                elif tag == "edge":
                    self._edge(element, directed)
                elif tag not in _TAGS:
                    self.unread[tag] += 1
        if grouped:
            self.decisions.append(f"{grouped} groups of nodes are nodes beside those in them")

    def _node(self, element: ElementTree.Element) -> None:
        name = element.get("id")
        if name is None:
            if "every node must have an 'id'" not in self.faults:
                self.faults.append("every node must have an 'id'")
            return
        attributes = self._data(element, "node", f"node {short_repr(name)}")
        self.nodes.append(TopologyNode(id=own_id(name, attributes), attributes=attributes))

    def _edge(self, element: ElementTree.Element, directed: bool) -> None:
        ends = element.get("source"), element.get("target")
        attributes = self._data(element, "edge", f"edge {' - '.join(map(short_repr, ends))}")
        if ends[0] is None or ends[1] is None:
            self.faults.append("every edge must have a 'source' and a 'target'")
            return
        told = element.get("directed")
        self.edges.append(
            TopologyEdge(
                ends=(ends[0], ends[1]), directed=directed if told is None else told == "true", attributes=attributes
            )
        )

    def _data(self, element: ElementTree.Element, place: str, where: str) -> dict[str, Any]:
        """The attributes of an element: what it says, and the defaults of what it does not say."""
        out: dict[str, Any] = {}
        times: Counter[_Key] = Counter()
        for part in element:
            tag = local_name(part)
            if tag != "data":
                if tag not in _TAGS and place != "graph":
                    self.unread[tag] += 1
                continue
            name = part.get("key", "")
            key = self.keys.get((place, name)) or self.keys.get(("all", name))
            if key is None:
                self.faults.append(f"{where}: <data> names the key {short_repr(name)}, which no <key> declares for it")
                continue
            times[key] += 1
            if times[key] > 1:
                continue
            if len(part):
                self._graphics(part, out)
            elif key.name is not None:
                self._put(out, key, part.text or "", where)
        self.faults += [
            f"attribute {short_repr(key.name or key.id)} is given {count} times in one place"
            for key, count in times.items()
            if count > 1
        ]
        for key in self.defaults[place]:
            if key not in times:
                self._put(out, key, key.default or "", where)
        self.filled += len(self.defaults[place])
        if self.filled > MAX_DEFAULTS:
            raise InputError(
                [f"defaults of keys hold for more than {MAX_DEFAULTS} places; write them where they are needed"]
            )
        return out

    def _put(self, out: dict[str, Any], key: _Key, text: str, where: str) -> None:
        if key.name is None:
            return
        kind = key.type or _meant_type(key.name, text.strip())
        try:
            out[key.name] = _value(text, kind)
        except (ValueError, InvalidOperation):
            self.faults.append(
                f"{where}: {short_repr(key.name)} must be a {kind} (its attr.type), got {short_repr(text)}"
            )

    def _graphics(self, data: ElementTree.Element, out: dict[str, Any]) -> None:
        """The label and the place that yEd draws; what else it draws is not read."""
        self.drawn = True
        for part in data.iter():
            tag = local_name(part)
            if tag in ("NodeLabel", "EdgeLabel") and (part.text or "").strip():
                out.setdefault("label", (part.text or "").strip())
            elif tag == "Geometry":
                for axis in ("x", "y"):
                    if _NUMBER.fullmatch(part.get(axis, "")):
                        out.setdefault(axis, Decimal(part.get(axis, "")))


def _meant_type(name: str, text: str) -> str:
    """The type of a text where none is declared: that of the attribute, where the text can be one."""
    if name in BOOLEAN and text.lower() in ("true", "false"):
        return "boolean"
    return "double" if name in NUMERIC and _NUMBER.fullmatch(text) else "string"


_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)


def _value(text: str, kind: str) -> str | int | bool | Decimal:
    """The value of a text in a type of GraphML; decimals stay exact."""
    if kind == "string":
        return text
    plain = text.strip()
    if kind == "boolean":
        return {"true": True, "1": True, "false": False, "0": False}[plain.lower()] if plain else _fail()
    if kind in ("int", "long"):
        return int(plain) if _INTEGER.fullmatch(plain) else _fail()
    if plain.lower().lstrip("+-") in ("nan", "inf", "infinity"):
        return Decimal(plain)
    if _INTEGER.fullmatch(plain):
        # Whole numbers stay whole, so that counts may stand in columns of decimals.
        return int(plain)
    if not _NUMBER.fullmatch(plain) or len(plain) > _DIGITS:
        _fail()
    return Decimal(plain)


def _fail() -> Any:
    raise ValueError


# --- writing ---------------------------------------------------------------------------------------------------------

_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def network_to_graphml(network: SensorNetwork) -> str:
    """GraphML text that ``network_from_graphml`` reads back to an equal network.

    GraphML has only text ids; an integer id is written with a node attribute ``id`` that says so.

    Parameters
    ----------
    network : SensorNetwork

    Returns
    -------
    str

    Raises
    ------
    InputError
        For attributes that GraphML cannot hold: of mixed types, or with control characters.
    """
    graph = [graph_attributes(network)]
    nodes = [({"id": mode.id} if isinstance(mode.id, int) else {}) | mode_attributes(mode) for mode in network.modes]
    edges = [link_attributes(link) for link in network.links]
    faults: list[str] = []
    columns = [
        (place, *column)
        for place, rows in (("graph", graph), ("node", nodes), ("edge", edges))
        for column in _columns(place, rows, faults)
    ]
    for place, name, _ in columns:
        if _NO_XML.search(name):
            faults.append(f"the {place} attribute {short_repr(name)} has control characters in its name; use JSON")
    if faults:
        raise InputError(faults)
    ids = _key_ids([(place, name) for place, name, _ in columns])
    lines = ["<?xml version='1.0' encoding='utf-8'?>", _HEAD]
    for place, name, kind in columns:
        lines.append(
            f'  <key id="{_quoted(ids[place, name])}" for="{place}" attr.name="{_quoted(name)}" attr.type="{kind}" />'
        )
    lines.append('  <graph edgedefault="undirected">')
    lines += _data_lines("graph", graph[0], ids, "    ")
    for mode, attributes in zip(network.modes, nodes, strict=True):
        lines += [
            f'    <node id="{_quoted(str(mode.id))}">',
            *_data_lines("node", attributes, ids, "      "),
            "    </node>",
        ]
    for link, attributes in zip(network.links, edges, strict=True):
        a, b = (_quoted(str(end)) for end in link.ends)
        lines += [
            f'    <edge source="{a}" target="{b}">',
            *_data_lines("edge", attributes, ids, "      "),
            "    </edge>",
        ]
    return "\n".join([*lines, "  </graph>", "</graphml>"]) + "\n"


def _columns(place: str, rows: Iterable[dict[str, Any]], faults: list[str]) -> Iterator[tuple[str, str]]:
    """Names and types; GraphML gives an attribute one type. Whole numbers beside decimal ones become such where that is exact."""
    values: dict[str, list[Any]] = {}
    for row in rows:
        for name, value in row.items():
            values.setdefault(name, []).append(value)
    for name, column in values.items():
        kinds = {type(value) for value in column}
        if kinds == {int, float}:
            if any(isinstance(value, int) and not _is_a_float(value) for value in column):
                faults.append(
                    f"the {place} attribute {short_repr(name)} has whole numbers beside decimal ones and beyond their precision, "
                    "which GraphML cannot hold; use JSON"
                )
            kinds = {float}
        if len(kinds) > 1:
            names = ", ".join(sorted(kind.__name__ for kind in kinds))
            faults.append(
                f"the {place} attribute {short_repr(name)} has values of different kinds ({names}), which GraphML cannot hold; "
                "use JSON"
            )
        if any(isinstance(value, str) and _NO_XML.search(value) for value in column):
            faults.append(
                f"the {place} attribute {short_repr(name)} has control characters, which GraphML cannot hold; use JSON"
            )
        kind = next(iter(kinds))
        yield name, {bool: "boolean", int: "long", float: "double"}.get(kind, "string")


def _is_a_float(value: int) -> bool:
    try:
        return int(float(value)) == value
    except OverflowError:
        return False


def _key_ids(keys: list[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Ids of keys: the name where it is free, else with what it is for before it, and as many underscores as are needed."""
    names = Counter(name for _, name in keys)
    taken: set[str] = {name for name, times in names.items() if times == 1 and _SIMPLE.fullmatch(name)}
    ids: dict[tuple[str, str], str] = {}
    for number, (place, name) in enumerate(keys):
        if name in taken and names[name] == 1:
            ids[place, name] = name
            continue
        own = f"{place}_{name}" if _SIMPLE.fullmatch(name) else f"{place}_{number}"
        while own in taken:
            own += "_"
        taken.add(own)
        ids[place, name] = own
    return ids


_SIMPLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*", re.ASCII)


def _data_lines(place: str, attributes: dict[str, Any], ids: dict[tuple[str, str], str], indent: str) -> list[str]:
    return [
        f'{indent}<data key="{_quoted(ids[place, name])}">{_text(value)}</data>' for name, value in attributes.items()
    ]


def _text(value: str | int | float) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return escape(value, {"\r": "&#13;"}) if isinstance(value, str) else repr(value)


def _quoted(text: str) -> str:
    return escape(text, {'"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"})
