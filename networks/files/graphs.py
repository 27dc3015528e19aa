"""Networks as networkx graphs and back."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, Any

from networks.errors import short_repr
from networks.files.attributes import graph_attributes, link_attributes, mode_attributes, network_from_parts
from networks.files.topology import own_id
from networks.sensor_network import SensorNetwork

if TYPE_CHECKING:
    import networkx as nx


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
        Undirected, one edge a link; its attributes are those of docs/how-to/network-files.md.
    faults : iterable of str
        What was found before; reported together with what is found here.

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
        faults.append("links have no direction; give graph.to_undirected()")
    if graph.is_multigraph():
        faults.append("one edge stands for one link; parallel edges must be merged by networkx.Graph(graph)")
        graph = nx.Graph(graph)
    nodes: list[dict[str, Any]] = []
    for node, data in graph.nodes(data=True):
        attributes = dict(data)
        # networkx reads integer ids of GraphML as text, with the integer as an attribute.
        name = own_id(node, attributes)
        if "id" in attributes:
            faults.append(f"node {short_repr(node)}: an attribute may not be called 'id'")
        nodes.append({**attributes, "id": name})
    names = dict(zip(graph, (node["id"] for node in nodes), strict=True))
    edges: list[dict[str, Any]] = []
    for a, b, data in graph.edges(data=True):
        faults += [
            f"edge {short_repr((a, b))}: an attribute may not be called {key!r}"
            for key in ("source", "target")
            if key in data
        ]
        edges.append({**data, "source": names[a], "target": names[b]})
    # networkx's readers of GraphML add bookkeeping of their own that says nothing of the network.
    attributes = {
        key: value
        for key, value in graph.graph.items()
        if not (key in {"node_default", "edge_default"} and isinstance(value, dict))
    }
    return network_from_parts(attributes, nodes, edges, faults)
