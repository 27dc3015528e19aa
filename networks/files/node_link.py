"""Networks as node-link JSON, the format of networkx."""

from __future__ import annotations

import json
from typing import Any

from networks.errors import InputError, short_repr
from networks.files.attributes import graph_attributes, link_attributes, mode_attributes, network_from_parts
from networks.files.other_json import foreign_json
from networks.files.spelling import misspelling_of
from networks.files.text import parse_json
from networks.files.topology import Topology, foreign_fault
from networks.sensor_network import SensorNetwork


def network_from_json(text: str, *, source: str = "FILE") -> SensorNetwork:
    """The network in a node-link JSON text.

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
    document = parse_json(text)
    if not isinstance(document, dict):
        raise InputError(["the file must hold one JSON object with 'nodes', 'edges' and 'graph'"])
    if not _is_own(document) and (topology := foreign_json(document, [])):
        raise InputError([foreign_fault(topology, source)])
    faults = []
    if document.get("directed", False) is not False:
        faults.append(
            'links have no direction; set "directed" to false, or psn convert makes links undirected and lists what it decides'
        )
    if document.get("multigraph", False) not in (False, True):
        faults.append(f'"multigraph" must be true or false, got {short_repr(document["multigraph"])}')
    if "edges" in document and "links" in document:
        faults.append("give 'edges' or 'links' (its name in older networkx), not both")
    known = ("directed", "multigraph", "graph", "nodes", "edges", "links")
    faults += [fault for key in document if key not in known if (fault := misspelling_of(key, known, "the file"))]
    # networkx before 3.4 wrote 'links' where it now writes 'edges'.
    parts: dict[str, Any] = {
        "nodes": document.get("nodes"),
        "edges": document.get("edges", document.get("links")),
        "graph": document.get("graph"),
    }
    for name, part in parts.items():
        kind = dict if name == "graph" else list
        if part is None:
            faults.append(f"'{name}' is missing")
        elif not isinstance(part, kind):
            faults.append(f"'{name}' must be a JSON {'object' if kind is dict else 'list'}, got {short_repr(part)}")
        parts[name] = part if isinstance(part, kind) else kind()
    if document.get("multigraph") is True:
        parts["edges"] = _single(parts["edges"], faults)
    return network_from_parts(parts["graph"], parts["nodes"], parts["edges"], faults)


def topology_from_json(text: str, faults: list[str]) -> Topology:
    """What a JSON text holds, in any of the formats that are read; adds to ``faults``.

    Raises
    ------
    InputError
        For what is none of them.
    """
    topology = foreign_json(parse_json(text), faults)
    if topology is None:
        raise InputError(
            ["no nodes and links are found; read are node-link, D3, Cytoscape, GNPy, SeQUeNCe and JSON Graph Format"]
        )
    return topology


def _is_own(document: dict[str, Any]) -> bool:
    """Whether it is meant to be a network of ours: something of sensing is said in it."""
    graph, nodes = document.get("graph"), document.get("nodes")
    marks = {"sensing", "photons", "mean_photons", "passes", "parameters"}
    return (
        (isinstance(graph, dict) and not marks.isdisjoint(graph))
        or not marks.isdisjoint(document)
        or (isinstance(nodes, list) and any(isinstance(node, dict) and "coupling" in node for node in nodes))
    )


def _single(edges: list[Any], faults: list[str]) -> list[Any]:
    """Edges of a multigraph without their keys, one a pair of nodes."""
    pairs: dict[object, Any] = {}
    doubled: list[str] = []
    for place, edge in enumerate(edges):
        ends = (edge.get("source"), edge.get("target")) if isinstance(edge, dict) else (place, place)
        name: object = frozenset(map(repr, ends))
        if name in pairs:
            doubled.append(" - ".join(map(short_repr, ends)))
        else:
            pairs[name] = {key: edge[key] for key in edge if key != "key"} if isinstance(edge, dict) else edge
    if doubled:
        faults.append(
            f"one edge stands for one link, but {len(doubled)} are parallel to another ({', '.join(doubled[:8])}); merge them, or "
            "psn convert keeps the best of each and lists what it decides"
        )
    return list(pairs.values())


def network_to_json(network: SensorNetwork) -> str:
    """Node-link JSON text that ``network_from_json`` reads back to an equal network.

    Parameters
    ----------
    network : SensorNetwork

    Returns
    -------
    str
    """
    return json.dumps(network_document(network), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def network_document(network: SensorNetwork) -> dict[str, Any]:
    """The network as node-link data, ready for JSON.

    Parameters
    ----------
    network : SensorNetwork

    Returns
    -------
    dict
    """
    return {
        "directed": False,
        "multigraph": False,
        "graph": graph_attributes(network),
        "nodes": [{"id": mode.id, **mode_attributes(mode)} for mode in network.modes],
        "edges": [{"source": link.ends[0], "target": link.ends[1], **link_attributes(link)} for link in network.links],
    }
