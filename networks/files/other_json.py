"""JSON of other programs, to read: D3, Cytoscape, GNPy, SeQUeNCe and the JSON Graph Format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from networks.errors import InputError, short_repr
from networks.files.topology import Topology, TopologyEdge, TopologyNode, own_id
from networks.modes import ModeId, is_mode_id

Document = Mapping[str, Any]
_LINE = frozenset({"Fiber", "RamanFiber", "Edfa", "Fused", "Multiband_amplifier"})
"""Elements of GNPy that light passes on the way between two nodes."""


def foreign_json(document: object, faults: list[str]) -> Topology | None:
    """What a JSON document of another program holds, None when it is none of theirs; adds to ``faults``.

    Raises
    ------
    InputError
        For what is known and cannot be read, naming the format.
    """
    if not isinstance(document, dict):
        return None
    if "elements" in document and "connections" in document:
        return _gnpy(document, faults)
    if "elements" in document:
        return _cytoscape(document, faults)
    if any(key in document for key in ("qconnections", "qchannels")):
        return _sequence(document, faults)
    if "adjacency" in document:
        raise InputError(["networkx adjacency JSON is not read; write the graph by networkx.node_link_data"])
    if "children" in document and "nodes" not in document:
        raise InputError(["tree JSON is not read; write the graph by networkx.node_link_data"])
    graph = document.get("graph")
    if isinstance(graph, dict) and "nodes" in graph and "nodes" not in document:
        return _graph_format(graph, faults)
    if isinstance(document.get("nodes"), list) and isinstance(document.get("links", document.get("edges")), list):
        return _node_link(document, faults)
    return None


def _objects(value: object, what: str, faults: list[str]) -> list[Document]:
    if not isinstance(value, list):
        faults.append(f"{what} must be a list, got {short_repr(value)}")
        return []
    faults += [f"{what} must be objects, got {short_repr(part)}" for part in value if not isinstance(part, dict)]
    return [part for part in value if isinstance(part, dict)]


def _edge(
    data: Document, ends: tuple[str, str], what: str, faults: list[str], *, directed: bool = False
) -> TopologyEdge | None:
    a, b = data.get(ends[0]), data.get(ends[1])
    if not is_mode_id(a) or not is_mode_id(b):
        faults.append(
            f"{what}: every edge must name its nodes in {ends[0]!r} and {ends[1]!r}, got {short_repr((a, b))}"
        )
        return None
    rest = {key: value for key, value in data.items() if key not in ends}
    return TopologyEdge(ends=(a, b), directed=directed, attributes=rest)


# --- D3, and node-link data without sensing --------------------------------------------------------------------------


def _node_link(document: Document, faults: list[str]) -> Topology:
    """Nodes and links of D3: ends are ids, names where nodes have no ids, or places in the list where they are numbers."""
    is_d3 = "graph" not in document
    what = "D3 JSON" if is_d3 else "node-link JSON"
    points = _objects(document["nodes"], f"{what}: nodes", faults)
    directed = document.get("directed") is True
    decisions = []
    key = next((key for key in ("id", "name") if all(is_mode_id(point.get(key)) for point in points)), None)
    names: list[ModeId]
    if key == "name" and len({point["name"] for point in points}) < len(points):
        key = None
    if key is None:
        decisions.append("nodes have no ids; their places in the list, from 0, are their ids")
        names = list(range(len(points)))
    else:
        names = [point[key] for point in points]
        if key == "name":
            decisions.append("nodes have no ids; their names are their ids")
    nodes = []
    for name, point in zip(names, points, strict=True):
        attributes = dict(point)
        nodes.append(TopologyNode(id=own_id(name, attributes), attributes=attributes))
    edges = []
    known = set(names)
    by_place = False
    for data in _objects(document.get("links", document.get("edges")), f"{what}: links", faults):
        edge = _edge(data, ("source", "target"), what, faults, directed=directed)
        if edge is None:
            continue
        if not known.issuperset(edge.ends) and all(isinstance(end, int) and 0 <= end < len(names) for end in edge.ends):
            by_place = True
            edge = replace(edge, ends=(names[int(edge.ends[0])], names[int(edge.ends[1])]))
        if document.get("multigraph") is True:
            edge = replace(edge, attributes={k: v for k, v in edge.data.items() if k != "key"})
        edges.append(edge)
    if by_place:
        decisions.append("ends of links are places of nodes in the list, from 0")
    graph = document.get("graph")
    said = dict(graph) if isinstance(graph, dict) else {}
    return Topology(format=what, nodes=tuple(nodes), edges=tuple(edges), attributes=said, decisions=tuple(decisions))


def _graph_format(graph: Document, faults: list[str]) -> Topology:
    """The JSON Graph Format: nodes by id in an object, or in a list, with their attributes in metadata."""
    given = graph["nodes"]
    points = given.items() if isinstance(given, dict) else [(p.get("id"), p) for p in _objects(given, "nodes", faults)]
    nodes = []
    for name, point in points:
        if not is_mode_id(name) or not isinstance(point, dict):
            faults.append(f"JSON Graph Format: every node must be an object with an id, got {short_repr(point)}")
            continue
        nodes.append(TopologyNode(id=name, attributes=_flat(point, ("id",))))
    directed = graph.get("directed", True) is True
    edges = [
        replace(edge, attributes=_flat(edge.data, ()))
        for data in _objects(graph.get("edges", []), "edges", faults)
        if (edge := _edge(data, ("source", "target"), "JSON Graph Format", faults, directed=directed))
    ]
    said = {"name": graph["label"]} if isinstance(graph.get("label"), str) else {}
    return Topology(format="JSON Graph Format", nodes=tuple(nodes), edges=tuple(edges), attributes=said)


def _flat(data: Document, without: tuple[str, ...]) -> dict[str, Any]:
    inner = data.get("metadata")
    return {
        **{key: value for key, value in data.items() if key not in (*without, "metadata")},
        **(inner if isinstance(inner, dict) else {}),
    }


# --- Cytoscape -------------------------------------------------------------------------------------------------------


def _cytoscape(document: Document, faults: list[str]) -> Topology:
    elements = document["elements"]
    if isinstance(elements, dict):
        points, lines = elements.get("nodes", []), elements.get("edges", [])
    else:
        parts = _objects(elements, "Cytoscape JSON: elements", faults)
        is_edge = [isinstance(part.get("data"), dict) and "source" in part["data"] for part in parts]
        points = [part for part, edge in zip(parts, is_edge, strict=True) if not edge]
        lines = [part for part, edge in zip(parts, is_edge, strict=True) if edge]
    nodes = []
    for part in _objects(points, "Cytoscape JSON: nodes", faults):
        data = dict(part["data"]) if isinstance(part.get("data"), dict) else {}
        if not is_mode_id(data.get("id")):
            faults.append(f"Cytoscape JSON: every node must have an 'id' in its data, got {short_repr(data.get('id'))}")
            continue
        place = part.get("position")
        for axis in ("x", "y"):
            if isinstance(place, dict) and isinstance(place.get(axis), int | Decimal):
                data.setdefault(axis, place[axis])
        nodes.append(TopologyNode(id=own_id(data["id"], data), attributes=data))
    directed = document.get("directed") is True
    edges = [
        edge
        for part in _objects(lines, "Cytoscape JSON: edges", faults)
        if isinstance(part.get("data"), dict)
        and (edge := _edge(part["data"], ("source", "target"), "Cytoscape JSON", faults, directed=directed))
    ]
    # networkx writes ids that are numbers as text at the nodes and as numbers at the edges.
    by_text = {str(node.id): node.id for node in nodes}
    edges = [
        replace(edge, ends=(by_text.get(str(edge.ends[0]), edge.ends[0]), by_text.get(str(edge.ends[1]), edge.ends[1])))
        for edge in edges
    ]
    given = document.get("data")
    # networkx writes the attributes of the graph as pairs.
    pairs = given if isinstance(given, list) else []
    attributes = (
        dict(given)
        if isinstance(given, dict)
        else {
            pair[0]: pair[1] for pair in pairs if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str)
        }
    )
    return Topology(format="Cytoscape JSON", nodes=tuple(nodes), edges=tuple(edges), attributes=attributes)


# --- SeQUeNCe --------------------------------------------------------------------------------------------------------


def _sequence(document: Document, faults: list[str]) -> Topology:
    """Nodes by name; connections with a distance in metres and an attenuation in dB per metre."""
    nodes = []
    for data in _objects(document.get("nodes", []), "SeQUeNCe JSON: nodes", faults):
        if not is_mode_id(data.get("name")):
            faults.append(f"SeQUeNCe JSON: every node must have a 'name', got {short_repr(data.get('name'))}")
            continue
        nodes.append(TopologyNode(id=data["name"], attributes={key: data[key] for key in data if key != "name"}))
    edges = []
    for part, ends, directed in (
        ("qconnections", ("node1", "node2"), False),
        ("qchannels", ("source", "destination"), True),
    ):
        for data in _objects(document.get(part, []), f"SeQUeNCe JSON: {part}", faults):
            edge = _edge(data, ends, "SeQUeNCe JSON", faults, directed=directed)
            if edge:
                rest = {key: value for key, value in edge.data.items() if key not in ("distance", "attenuation")}
                where = " - ".join(map(str, edge.ends))
                attributes = rest | _in_km(data.get("distance"), data.get("attenuation"), where, faults)
                edges.append(replace(edge, attributes=attributes))
    decisions = ["distances in metres and attenuations in dB/m are read as distance_km and loss_db_per_km"]
    if any(key in document for key in ("cconnections", "cchannels")):
        decisions.append("classical connections are not kept")
    return Topology(format="SeQUeNCe JSON", nodes=tuple(nodes), edges=tuple(edges), decisions=tuple(decisions))


def _in_km(distance: object, attenuation: object, where: str, faults: list[str]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value, factor in (
        ("distance_km", distance, Decimal("0.001")),
        ("loss_db_per_km", attenuation, Decimal(1000)),
    ):
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            faults.append(f"SeQUeNCe JSON: {where}: distance and attenuation must be numbers, got {short_repr(value)}")
            continue
        out[key] = value * factor
    return out


# --- GNPy ------------------------------------------------------------------------------------------------------------


def _gnpy(document: Document, faults: list[str]) -> Topology:
    """Transceivers, ROADMs and the like are nodes; fibres, and what stands with one way through it, are the links between."""
    kinds: dict[ModeId, Document] = {}
    for data in _objects(document["elements"], "GNPy JSON: elements", faults):
        if is_mode_id(data.get("uid")):
            kinds[data["uid"]] = data
        else:
            faults.append(f"GNPy JSON: every element must have a 'uid', got {short_repr(data.get('uid'))}")
    steps: dict[ModeId, list[ModeId]] = {name: [] for name in kinds}
    into: Counter[ModeId] = Counter()
    for data in _objects(document["connections"], "GNPy JSON: connections", faults):
        edge = _edge(data, ("from_node", "to_node"), "GNPy JSON", faults)
        missing = [end for end in edge.ends if end not in kinds] if edge else []
        faults += [
            f"GNPy JSON: a connection names the element {short_repr(end)}, which is not there" for end in missing
        ]
        if edge and not missing:
            steps[edge.ends[0]].append(edge.ends[1])
            into[edge.ends[1]] += 1
    passed = {
        name for name, data in kinds.items() if data.get("type") in _LINE and len(steps[name]) == 1 and into[name] == 1
    }
    edges = []
    for name in kinds:
        for step in () if name in passed else steps[name]:
            way: list[ModeId] = []
            at = step
            while at in passed and len(way) <= len(kinds):
                way.append(at)
                at = steps[at][0]
            if at not in passed:
                edges.append(
                    TopologyEdge(ends=(name, at), directed=True, attributes=_fibres([kinds[w] for w in way], faults))
                )
    amplifiers = sum("dfa" in str(kinds[name].get("type")) or "ampl" in str(kinds[name].get("type")) for name in kinds)
    decisions = [
        f"fibres and what has one way through it ({len(passed)} of {len(kinds)} elements) are the links between the others; "
        "lengths times loss_coef and connector losses are their losses",
        "losses inside nodes are not in the file and not counted",
    ]
    if amplifiers:
        decisions.append(
            f"{amplifiers} amplifiers are taken out: light passes their places without gain, noise or loss"
        )
    nodes = [
        TopologyNode(id=name, attributes=_place(data) | {"type": str(data.get("type"))})
        for name, data in kinds.items()
        if name not in passed
    ]
    return Topology(format="GNPy JSON", nodes=tuple(nodes), edges=tuple(edges), decisions=tuple(decisions))


def _place(data: Document) -> dict[str, Any]:
    metadata = data.get("metadata")
    location = metadata.get("location") if isinstance(metadata, dict) else None
    return dict(location) if isinstance(location, dict) else {}


def _fibres(elements: list[Document], faults: list[str]) -> dict[str, Any]:
    """Length and loss of what stands one behind the other."""
    length, loss = Decimal(0), Decimal(0)
    for data in elements:
        given = data.get("params")
        params: Document = given if isinstance(given, dict) else {}
        where = f"GNPy JSON: {short_repr(data.get('uid'))}"
        for key in ("con_in", "con_out", "att_in", "loss"):
            loss += _size(params.get(key), where, faults)
        if data.get("type") in ("Fiber", "RamanFiber"):
            units = {"km": Decimal(1), "m": Decimal("0.001")}
            unit = params.get("length_units", "km")
            if unit not in units:
                faults.append(f"{where}: length_units must be km or m, got {short_repr(unit)}")
                continue
            if params.get("length") is None or params.get("loss_coef") is None:
                faults.append(f"{where}: a fibre needs its length and loss_coef (dB/km)")
                continue
            own = _size(params["length"], where, faults) * units[unit]
            length += own
            loss += own * _size(params["loss_coef"], where, faults)
    return {"loss_db": loss, **({"distance_km": length} if length else {})}


def _size(value: object, where: str, faults: list[str]) -> Decimal:
    if value is None:
        return Decimal(0)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        faults.append(f"{where}: lengths and losses must be numbers, got {short_repr(value)}")
        return Decimal(0)
    return Decimal(value)
