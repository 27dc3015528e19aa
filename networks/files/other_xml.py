"""XML of other programs, to read: GEXF (Gephi) and SNDlib."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from networks.errors import InputError, short_repr
from networks.files.graphml import topology_from_graphml
from networks.files.topology import Topology, TopologyEdge, TopologyNode, own_id
from networks.files.xml_text import local_name, parse_xml


def topology_from_xml(text: str, faults: list[str]) -> Topology:
    """What a GraphML, GEXF or SNDlib text holds; adds to ``faults``.

    Raises
    ------
    InputError
        For XML of another kind, naming it.
    """
    root = parse_xml(text)
    kind = local_name(root)
    if kind == "graphml":
        return topology_from_graphml(text, faults)
    if kind == "gexf":
        return _gexf(root, faults)
    if kind == "network":
        return _sndlib(root, faults)
    raise InputError([f"XML with the outermost element <{kind}> is not read; GraphML, GEXF and SNDlib's XML are"])


def _inside(element: ElementTree.Element, *path: str) -> Iterator[ElementTree.Element]:
    """Elements at the end of a path of local names."""
    if not path:
        yield element
        return
    for part in element:
        if local_name(part) == path[0]:
            yield from _inside(part, *path[1:])


# --- GEXF ------------------------------------------------------------------------------------------------------------


def _gexf(root: ElementTree.Element, faults: list[str]) -> Topology:
    graphs = list(_inside(root, "graph"))
    if len(graphs) != 1:
        raise InputError([f"GEXF must hold one graph, got {len(graphs)}"])
    graph = graphs[0]
    decisions = []
    if graph.get("mode") == "dynamic" or graph.get("timeformat"):
        decisions.append("this GEXF changes in time; everything that is ever there is taken")
    keys = {
        (group.get("class", "node"), key.get("id", "")): key
        for group in _inside(graph, "attributes")
        for key in _inside(group, "attribute")
    }
    nodes: list[TopologyNode] = []
    for element in graph.iter():
        if local_name(element) != "node":
            continue
        name = element.get("id")
        if name is None:
            faults.append("GEXF: every node must have an 'id'")
            continue
        attributes = _values(element, "node", keys, faults)
        for place in _inside(element, "position"):
            for axis in ("x", "y"):
                if (number := _decimal(place.get(axis))) is not None:
                    attributes.setdefault(axis, number)
        nodes.append(TopologyNode(id=own_id(name, attributes), attributes=attributes))
    usual = graph.get("defaultedgetype", "undirected")
    edges: list[TopologyEdge] = []
    for element in graph.iter():
        if local_name(element) != "edge":
            continue
        ends = element.get("source"), element.get("target")
        if ends[0] is None or ends[1] is None:
            faults.append("GEXF: every edge must have a 'source' and a 'target'")
            continue
        attributes = _values(element, "edge", keys, faults)
        if (weight := element.get("weight")) is not None:
            attributes.setdefault("weight", weight)
        directed = element.get("type", usual) == "directed"
        edges.append(TopologyEdge(ends=(ends[0], ends[1]), directed=directed, attributes=attributes))
    return Topology(format="GEXF", nodes=tuple(nodes), edges=tuple(edges), decisions=tuple(decisions))


def _values(
    element: ElementTree.Element, place: str, keys: dict[tuple[str, str], ElementTree.Element], faults: list[str]
) -> dict[str, Any]:
    """Attributes of a node or an edge: its label, what it says, and the defaults of what it does not say."""
    out: dict[str, Any] = {}
    if label := element.get("label"):
        out["label"] = label
    texts = {
        value.get("for", value.get("id", "")): value.get("value", "")
        for value in _inside(element, "attvalues", "attvalue")
    }
    for (where, name), key in keys.items():
        if where != place:
            continue
        text = texts.get(name, next((part.text for part in key if local_name(part) == "default"), None))
        if text is None:
            continue
        title, kind = key.get("title", name), key.get("type", "string")
        value: Any = text
        if kind in ("integer", "long", "float", "double"):
            value = _decimal(text)
            if value is not None and kind in ("integer", "long") and value == int(value):
                value = int(value)
        elif kind == "boolean":
            value = {"true": True, "false": False}.get(text.lower())
        if value is None:
            faults.append(f"GEXF: {place} attribute {short_repr(title)} must be a {kind}, got {short_repr(text)}")
        else:
            out[title] = value
    return out


# --- SNDlib ----------------------------------------------------------------------------------------------------------


def _sndlib(root: ElementTree.Element, faults: list[str]) -> Topology:
    structures = list(_inside(root, "networkStructure"))
    if len(structures) != 1:
        raise InputError(["not SNDlib's XML: it must hold one <networkStructure>"])
    structure = structures[0]
    nodes: list[TopologyNode] = []
    decisions = []
    for group in _inside(structure, "nodes"):
        geographic = group.get("coordinatesType") == "geographical"
        axes = {"x": "longitude", "y": "latitude"} if geographic else {"x": "x", "y": "y"}
        for element in _inside(group, "node"):
            name = element.get("id")
            if name is None:
                faults.append("SNDlib: every node must have an 'id'")
                continue
            attributes: dict[str, Any] = {}
            for axis, called in axes.items():
                for part in _inside(element, "coordinates", axis):
                    if (number := _decimal(part.text)) is not None:
                        attributes[called] = number
            nodes.append(TopologyNode(id=name, attributes=attributes))
    edges: list[TopologyEdge] = []
    for element in _inside(structure, "links", "link"):
        ends = [next((part.text for part in _inside(element, end)), None) for end in ("source", "target")]
        if ends[0] is None or ends[1] is None:
            faults.append("SNDlib: every link must have a 'source' and a 'target'")
            continue
        attributes = {"id": element.get("id")} if element.get("id") else {}
        edges.append(TopologyEdge(ends=(ends[0].strip(), ends[1].strip()), attributes=attributes))
    if any(local_name(part) == "demands" for part in root):
        decisions.append("demands, modules and costs of SNDlib are not kept")
    return Topology(format="SNDlib XML", nodes=tuple(nodes), edges=tuple(edges), decisions=tuple(decisions))


def _decimal(text: str | None) -> Decimal | None:
    """A finite number of reasonable length, or None."""
    if text is None or len(text) > 400:
        return None
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < 400 else None
