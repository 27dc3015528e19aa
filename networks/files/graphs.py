"""Networks as networkx graphs and as GraphML; GraphML must not declare entities."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from networks.errors import InputError, short_repr
from networks.files.attributes import graph_attributes, link_attributes, mode_attributes, network_from_parts
from networks.sensor_network import SensorNetwork

if TYPE_CHECKING:
    import networkx as nx

_GRAPHML_TAGS = {"graphml", "key", "default", "desc", "graph", "node", "edge", "data"}


def network_from_graphml(text: str) -> SensorNetwork:
    """The network in a GraphML text.

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
    import warnings
    import xml.etree.ElementTree as ElementTree

    import networkx as nx

    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise InputError(["GraphML with DOCTYPE or ENTITY declarations is refused; remove them"])
    try:
        root = ElementTree.fromstring(text)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            graph = nx.parse_graphml(text, node_type=str)
    except ElementTree.ParseError as error:
        raise InputError([f"not valid XML: {error}"]) from None
    except (nx.NetworkXError, UserWarning, KeyError, ValueError, TypeError, LookupError) as error:
        raise InputError([f"not GraphML that can be read: {error or type(error).__name__}"]) from None
    # networkx merges nodes of one id, makes nodes for edges that name none, and passes over what it does not know.
    tags: dict[str, list[ElementTree.Element]] = {}
    for element in root.iter():
        tags.setdefault(str(element.tag).rpartition("}")[2], []).append(element)
    faults = [f"<{tag}> is not understood; a network is one plain graph" for tag in tags if tag not in _GRAPHML_TAGS]
    for element in (*tags.get("graph", ()), *tags.get("node", ()), *tags.get("edge", ())):
        keys = Counter(part.get("key") for part in element if str(part.tag).endswith("data"))
        faults += [f"attribute {key!r} is given {times} times in one place" for key, times in keys.items() if times > 1]
    if len(tags.get("graph", ())) != 1:
        faults.append(f"the file must hold one graph, got {len(tags.get('graph', ()))}")
    names = Counter(node.get("id") for node in tags.get("node", ()))
    faults += [
        f"node id {name!r} is given {times} times" for name, times in names.items() if name is not None and times > 1
    ]
    faults += ["every node must have an 'id'"] * (None in names)
    for edge in tags.get("edge", ()):
        missing = [edge.get(end) for end in ("source", "target") if edge.get(end) not in names]
        faults += [f"an edge names the node {end!r}, which is not there" for end in missing]
    return from_graph(graph, faults)


def network_to_graphml(network: SensorNetwork) -> str:
    """GraphML text that ``network_from_graphml`` reads back to an equal network (with text ids).

    Parameters
    ----------
    network : SensorNetwork

    Returns
    -------
    str

    Raises
    ------
    InputError
        For attributes of mixed types.
    """
    import networkx as nx

    graph = to_graph(network)
    faults = [
        *_one_type("node", [graph.nodes[node] for node in graph]),
        *_one_type("edge", [graph.edges[edge] for edge in graph.edges]),
    ]
    if faults:
        raise InputError(faults)
    return "\n".join(nx.generate_graphml(graph, named_key_ids=True)) + "\n"


def _one_type(what: str, parts: list[dict[str, Any]]) -> Iterator[str]:
    """GraphML gives an attribute one type: whole numbers beside others become decimal ones, other mixtures are faults."""
    for key in sorted({key for part in parts for key in part}):
        kinds = {type(part[key]) for part in parts if key in part}
        if kinds == {int, float}:
            for part in parts:
                if key in part:
                    part[key] = float(part[key])
        elif len(kinds) > 1:
            names = ", ".join(sorted(kind.__name__ for kind in kinds))
            yield f"the {what} attribute {key!r} has values of different kinds ({names}), which GraphML cannot hold; use JSON"


def to_graph(network: SensorNetwork) -> nx.Graph[Hashable]:
    """The network as a networkx graph with the attributes of the network file.

    Parameters
    ----------
    network : SensorNetwork

    Returns
    -------
    networkx.Graph
        Nodes in the order of the modes; alpha as text, so that it stays exact.

    Examples
    --------
    >>> graph = to_graph(SensorNetwork.chain([1, -1], sensing="phase", photons=2))
    >>> graph.nodes["s2"]["alpha"], from_graph(graph).function
    ('-1', LinearFunction(('1', '-1')))
    """
    import networkx as nx

    graph: nx.Graph[Hashable] = nx.Graph()
    graph.graph.update(graph_attributes(network))
    # Attributes are put in after, not given as arguments: an attribute may have the name of an argument.
    for mode in network.modes:
        graph.add_node(mode.id)
        graph.nodes[mode.id].update(mode_attributes(mode))
    for link in network.links:
        graph.add_edge(*link.ends)
        graph.edges[link.ends].update(link_attributes(link))
    return graph


def from_graph(graph: nx.Graph[Any], faults: Iterable[str] = ()) -> SensorNetwork:
    """The network that a networkx graph describes; attributes as in the network file, alpha exact.

    Parameters
    ----------
    graph : networkx.Graph
        Undirected, one edge a link; its attributes are those of docs/network-files.md.
    faults : iterable of str
        What a reader of files found before; reported together with what is found here.

    Returns
    -------
    SensorNetwork

    Raises
    ------
    InputError
        Listing every fault of the graph and of the network in it.
    """
    import networkx as nx

    faults = list(faults)
    if graph.is_directed():
        faults.append(
            "links have no direction; in Python give graph.to_undirected(), in GraphML edgedefault undirected"
        )
    if graph.is_multigraph():
        faults.append("one edge stands for one link; parallel edges must be merged, in Python by networkx.Graph(graph)")
        graph = nx.Graph(graph)
    for what, parts, taken in (
        ("node", graph.nodes(data=True), {"id"}),
        ("edge", graph.edges(data=True), {"source", "target"}),
    ):
        faults += [
            f"{what} {short_repr(part[0])}: an attribute may not be called {key!r}"
            for part in parts
            for key in taken & part[-1].keys()
        ]
    nodes = [{**data, "id": node} for node, data in graph.nodes(data=True)]
    edges = [{**data, "source": a, "target": b} for a, b, data in graph.edges(data=True)]
    # GraphML readers add bookkeeping of their own that says nothing of the network.
    attributes = {key: value for key, value in graph.graph.items() if key not in {"node_default", "edge_default"}}
    return network_from_parts(attributes, nodes, edges, faults)
