"""Where the nodes of a network stand in a picture: at their coordinates, or as their links suggest. Nothing is drawn here."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

from networks.files.graphs import to_graph
from networks.sensor_network import SensorNetwork

if TYPE_CHECKING:
    import networkx as nx
    import numpy as np
    from numpy.typing import NDArray

Places = Mapping[Hashable, tuple[float, float]]
IN_A_ROW = 12
"""Nodes of a chain in one line; longer ones go on in the next line."""
STEPS, FEWER_STEPS = 60, 15
"""Of the descent of a stress layout, more than enough for a picture; fewer where each takes a tenth of a second."""
MANY = 400
"""Connected nodes above which they are fewer."""
SUBSET = 1200
"""Connected nodes above which a spring layout, which needs no table of distances, is used."""


def has_coordinates(network: SensorNetwork) -> bool:
    """Whether every node has numbers x and y among its attributes.

    Parameters
    ----------
    network : SensorNetwork
    """
    if not network.modes:
        return False
    given = (dict(mode.extra).get(axis) for mode in network.modes for axis in "xy")
    return all(isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) for v in given)


def node_places(network: SensorNetwork) -> Places:
    """Where each node is drawn, in any unit: at its attributes x and y where all nodes have them, else as its links suggest.

    Chains are straight, in lines of 12; a hub that all others are linked to stands in their circle; rings are regular; in all other
    networks distances in the picture are like the numbers of links in between.

    Parameters
    ----------
    network : SensorNetwork

    Examples
    --------
    >>> node_places(SensorNetwork.chain([1, 2, -1], sensing="displacement", mean_photons=1.0))
    {'s1': (0.0, 0.0), 's2': (1.0, 0.0), 's3': (2.0, 0.0)}
    """
    if has_coordinates(network):
        extra = {mode.id: dict(mode.extra) for mode in network.modes}
        return {node: (float(own["x"]), float(own["y"])) for node, own in extra.items()}
    return graph_places(to_graph(network))


def graph_places(graph: nx.Graph[Any]) -> Places:
    """Where the nodes of a graph are drawn, as its links suggest; see ``node_places``.

    Parameters
    ----------
    graph : networkx.Graph

    Examples
    --------
    >>> import networkx as nx
    >>> graph_places(nx.path_graph(2))
    {0: (0.0, 0.0), 1: (1.0, 0.0)}
    """
    import networkx as nx

    parts = [graph.subgraph(part) for part in nx.connected_components(graph)]
    # Side by side, the largest first; single nodes in a line of their own below.
    parts.sort(key=len, reverse=True)
    places: dict[Hashable, tuple[float, float]] = {}
    for part in (part for part in parts if len(part) > 1):
        own = _part_places(part)
        left = min(x for x, _ in own.values())
        shift = max(x for x, _ in places.values()) + 1.0 - left if places else 0.0
        places |= {node: (x + shift, y) for node, (x, y) in own.items()}
    alone = [node for part in parts if len(part) == 1 for node in part]
    low = min((y for _, y in places.values()), default=1.0) - 1.0
    row = max(IN_A_ROW, math.ceil(math.sqrt(len(alone)))) if places else len(alone)
    places |= {node: (float(k % row), low - k // row) for k, node in enumerate(alone)}
    return {node: places[node] for node in graph}


def _part_places(graph: nx.Graph[Any]) -> dict[Hashable, tuple[float, float]]:
    """Of connected nodes, two or more; neighbours about 1 apart."""
    degrees = dict(graph.degree())
    nodes = list(graph)
    ends = [node for node in nodes if degrees[node] == 1]
    if max(degrees.values()) <= 2 and ends:
        return _in_rows(_along(graph, ends[0]))
    if max(degrees.values()) <= 2:
        return _on_circle(_along(graph, nodes[0]))
    hub = next((node for node in nodes if degrees[node] == len(nodes) - 1), None)
    if hub is not None:
        rim = graph.subgraph([node for node in nodes if node != hub])
        # Around the hub neighbours stand side by side.
        order = [node for node in nodes if node != hub]
        if all(degree <= 2 for _, degree in rim.degree()):
            order = []
            for node in sorted((n for n in nodes if n != hub), key=lambda n: rim.degree(n)):
                order += [] if node in order else _along(rim, node)
        return {hub: (0.0, 0.0), **_on_circle(order)}
    return _by_springs(graph) if len(nodes) > SUBSET else _by_stress(graph)


def _along(graph: nx.Graph[Any], start: Hashable) -> list[Hashable]:
    """The nodes of a chain or ring in their order."""
    order = [start]
    seen = {start}
    while (onward := next((node for node in graph[order[-1]] if node not in seen), None)) is not None:
        order.append(onward)
        seen.add(onward)
    return order


def _in_rows(order: list[Hashable]) -> dict[Hashable, tuple[float, float]]:
    rows = -(-len(order) // IN_A_ROW)
    length = -(-len(order) // rows)
    places = {}
    for k, node in enumerate(order):
        row, column = divmod(k, length)
        # Every other line goes back, so that all links are short.
        places[node] = (float(length - 1 - column if row % 2 else column), 0.0 - row)
    return places


def _on_circle(order: list[Hashable]) -> dict[Hashable, tuple[float, float]]:
    radius = max(1.0, 0.5 / math.sin(math.pi / max(len(order), 2)))
    angles = (math.pi / 2 - 2 * math.pi * k / len(order) for k in range(len(order)))
    return {node: (radius * math.cos(a), radius * math.sin(a)) for node, a in zip(order, angles, strict=True)}


def _by_stress(graph: nx.Graph[Any]) -> dict[Hashable, tuple[float, float]]:
    """Distances as near as can be to the numbers of links in between, by majorising the stress [Gansner 2004]."""
    import numpy as np

    nodes = list(graph)
    number = {node: k for k, node in enumerate(nodes)}
    size = len(nodes)
    wanted = np.zeros((size, size))
    near = [[number[other] for other in graph[node]] for node in nodes]
    for k in range(size):
        wanted[k] = _links_from(k, near)
    weights = np.divide(1.0, wanted**2, out=np.zeros_like(wanted), where=wanted > 0)
    # From the best flat picture of the distances; alike nodes are told apart by where they would stand on a circle.
    centred = wanted**2 - (wanted**2).mean(axis=0)
    centred = -(centred - centred.mean(axis=1, keepdims=True)) / 2
    values, vectors = np.linalg.eigh(centred)
    turn = 2 * np.pi * np.arange(size) / size
    x = vectors[:, -2:] * np.sqrt(np.maximum(values[-2:], 0.0)) + 0.1 * np.column_stack((np.cos(turn), np.sin(turn)))
    laplacian = np.diag(weights.sum(axis=1)) - weights
    # One node of a connected graph is held, so that the rest is determined.
    inverse = np.linalg.inv(laplacian[1:, 1:])
    for _ in range(STEPS if size <= MANY else FEWER_STEPS):
        gaps = np.hypot(*(x[:, None, :] - x[None, :, :]).transpose(2, 0, 1))
        pull = -np.divide(weights * wanted, gaps, out=np.zeros_like(gaps), where=gaps > 1e-9)
        np.fill_diagonal(pull, 0.0)
        np.fill_diagonal(pull, -pull.sum(axis=1))
        force = pull @ x
        x = np.vstack((np.zeros(2), inverse @ force[1:]))
    x = _lying(x - x.mean(axis=0))
    return {node: (float(a), float(b)) for node, (a, b) in zip(nodes, x, strict=True)}


def _links_from(start: int, near: list[list[int]]) -> list[int]:
    """The numbers of links on the shortest ways from one node to all, which are connected."""
    far = [-1] * len(near)
    far[start] = 0
    order = [start]
    for node in order:
        beyond = far[node] + 1
        for other in near[node]:
            if far[other] < 0:
                far[other] = beyond
                order.append(other)
    return far


def _lying(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same turned so that its longest direction is horizontal, mirrored to a fixed side."""
    import numpy as np

    _, _, directions = np.linalg.svd(x, full_matrices=False)
    turned = x @ directions.T
    return np.asarray(turned * np.where(turned[0] < 0, -1.0, 1.0) * np.array([-1.0, 1.0]))


def _by_springs(graph: nx.Graph[Any]) -> dict[Hashable, tuple[float, float]]:
    import networkx as nx

    laid = nx.spring_layout(graph, seed=1)
    wide = math.sqrt(len(laid))
    return {node: (wide * float(x), wide * float(y)) for node, (x, y) in laid.items()}
