"""Layouts along lossy links: seconds for the best tree, further squeezers and a whole design, and how they grow.

Run by ``make bench``. No peer lays light out along links; what one would write is a shortest-path search for each root with
networkx, which is timed beside ours in the same run, on fewer roots and scaled.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import networkx as nx
import numpy as np

from networks import Link, Mode, SensorNetwork
from protocols import design
from protocols.layout.elements import tree_layout
from protocols.layout.forests import best_forests


def random_network(nodes: int) -> tuple[SensorNetwork, Any]:
    """A random geometric graph, losses in proportion to distance, every node a sensor."""
    radius = math.sqrt(8 / (math.pi * nodes))
    graph = nx.random_geometric_graph(nodes, radius, seed=7)
    graph = nx.convert_node_labels_to_integers(graph.subgraph(max(nx.connected_components(graph), key=len)))
    place = nx.get_node_attributes(graph, "pos")
    for a, b in graph.edges:
        graph[a][b]["length"] = 0.7 * float(np.hypot(*np.subtract(place[a], place[b])))
    modes = tuple(Mode(id=f"n{k}", coupling="displacement", alpha=Fraction(1)) for k in graph)
    links = tuple(
        Link(ends=(f"n{a}", f"n{b}"), transmissivity=math.exp(-data["length"])) for a, b, data in graph.edges(data=True)
    )
    return SensorNetwork(sensing="displacement", mean_photons=10.0, modes=modes, links=links), graph


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Print the table."""
    print(
        "| nodes, links | best tree (s) | networkx, every root (s) | ratio | up to 3 squeezers (s) | psn design (s) |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    for nodes in (100, 200, 500, 1000):
        network, graph = random_network(nodes)
        ours = min(timed(lambda: tree_layout(network)) for _ in range(3))  # noqa: B023  # called at once
        roots = list(graph)[:20]
        theirs = timed(
            lambda: [nx.single_source_dijkstra_path_length(graph, root, weight="length") for root in roots]  # noqa: B023  # called at once
        )
        theirs *= len(graph) / len(roots)
        several = timed(lambda: best_forests(network))  # noqa: B023  # called at once
        whole = timed(lambda: design(network))  # noqa: B023  # called at once
        size = f"{len(graph)}, {graph.number_of_edges()}"
        print(f"| {size} | {ours:.3f} | {theirs:.2f} | {theirs / ours:.0f} | {several:.2f} | {whole:.2f} |")


if __name__ == "__main__":
    main()
