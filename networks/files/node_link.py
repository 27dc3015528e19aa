"""Networks as node-link JSON, the format of networkx."""

from __future__ import annotations

import json
from typing import Any

from networks.errors import InputError, short_repr
from networks.files.attributes import graph_attributes, link_attributes, mode_attributes, network_from_parts
from networks.files.spelling import misspelling_of
from networks.files.text import parse_json
from networks.sensor_network import SensorNetwork


def network_from_json(text: str) -> SensorNetwork:
    """The network in a node-link JSON text.

    Parameters
    ----------
    text : str

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
    faults = []
    for key, why in (("directed", "links have no direction"), ("multigraph", "one edge stands for one link")):
        if document.get(key, False) is not False:
            faults.append(f'{why}; set "{key}" to false')
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
    return network_from_parts(parts["graph"], parts["nodes"], parts["edges"], faults)


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
