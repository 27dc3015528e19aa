"""Layouts along lossy links: seconds for the best tree, further squeezers and a whole design, and how they grow; how far the
search for two squeezers is from the best of everything; unitaries on a graph; photon protocols along links.

Run by ``make bench``. No peer lays light out along links; what one would write is a shortest-path search for each root with
networkx, which is timed beside ours in the same run, on fewer roots and scaled. Unitaries are compared with Strawberry Fields and
Perceval, which know chains.
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
from protocols.layout.squeezed.beam_splitters import tree_layout
from protocols.layout.squeezed.forests import best_forests
from protocols.problem import DisplacementProblem, Problem


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


def squeezer_gaps() -> None:
    """Two squeezers on all connected graphs of up to seven nodes, against every pair of places and every sharing of sensors."""
    print("\n| nodes | graphs | mean gap | largest gap | search (s a graph) |")
    print("| --- | --- | --- | --- | --- |")
    rng = np.random.default_rng(11)
    for nodes in range(2, 8):
        gaps, spent = [], 0.0
        for graph in nx.graph_atlas_g():
            if len(graph) != nodes or not nx.is_connected(graph):
                continue
            alpha = rng.integers(1, 4, nodes)
            tau = {edge: float(rng.uniform(0.2, 1.0)) for edge in graph.edges}
            modes = tuple(
                Mode(id=f"n{k}", coupling="displacement", alpha=Fraction(int(a))) for k, a in enumerate(alpha)
            )
            links = tuple(Link(ends=(f"n{a}", f"n{b}"), transmissivity=t) for (a, b), t in tau.items())
            nbar = float(rng.choice([0.5, 3.0, 20.0]))
            network = SensorNetwork(sensing="displacement", mean_photons=nbar, modes=modes, links=links)
            start = time.perf_counter()
            result = best_forests(DisplacementProblem(network=network).task, 2)[-1].mse
            spent += time.perf_counter() - start
            gaps.append(result / least_with_two(graph, tau, alpha, nbar) - 1)
        print(f"| {nodes} | {len(gaps)} | {np.mean(gaps):.2e} | {max(gaps):.2e} | {spent / len(gaps):.3f} |")


def least_with_two(graph: Any, tau: dict[tuple[int, int], float], alpha: Any, nbar: float) -> float:
    """The least error of one or two squeezers: every pair of places, every assignment of sensors, the photons by golden section."""
    count = len(graph)
    length = np.full((count, count), np.inf)
    np.fill_diagonal(length, 0.0)
    for (a, b), t in tau.items():
        length[a, b] = length[b, a] = -math.log(t)
    for k in range(count):
        length = np.minimum(length, length[:, [k]] + length[[k], :])
    through, squares = np.exp(-length), np.asarray(alpha, dtype=float) ** 2

    def noise(n: Any) -> Any:
        return 1 / (np.sqrt(n) + np.sqrt(n + 1)) ** 2

    # sides[s, j]: whether sensor j is served by the second place in sharing s.
    sides = (np.arange(2**count)[:, None] >> np.arange(count)) & 1
    best = math.inf
    for p in range(count):
        for q in range(p, count):
            arrives = np.where(sides == 1, through[q], through[p])
            first = (np.where(sides == 0, arrives, 0.0) * squares).sum(axis=1)
            second = (np.where(sides == 1, arrives, 0.0) * squares).sum(axis=1)
            low, high = np.zeros(len(sides)), np.full(len(sides), nbar)
            for _ in range(80):
                third = (high - low) / 3
                x, y = low + third, high - third
                worse = first * noise(x) + second * noise(nbar - x) > first * noise(y) + second * noise(nbar - y)
                low, high = np.where(worse, x, low), np.where(worse, high, y)
            # The ends as well: all photons in one place.
            options = [x * 0 + v for x, v in ((low, 0.0), (low, nbar))] + [low]
            mixed = np.min([first * noise(x) + second * noise(nbar - x) for x in options], axis=0)
            best = min(best, float((((1 - arrives) * squares).sum(axis=1) + mixed).min()))
    return best


def meshes() -> None:
    """A general unitary on grids, beside Strawberry Fields' mesh and Perceval's numerical decomposition on a chain."""
    import perceval as pcvl
    from scipy.stats import unitary_group

    from photonics.adapters.sf_import import import_strawberryfields
    from photonics.circuits.meshes import mesh

    sf = import_strawberryfields()
    print(
        "\n| modes | any graph (s) | layers | path (s) | layers | Strawberry Fields, chain only (s) | Perceval, chain only (s) |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for side in (3, 5, 10):
        grid = nx.convert_node_labels_to_integers(nx.grid_2d_graph(side, side))
        count = side * side
        unitary = unitary_group.rvs(count, random_state=np.random.default_rng(1))
        modes = [str(k) for k in grid]
        links = [(str(a), str(b)) for a, b in grid.edges]
        peeled = mesh(unitary, modes, links, method="peeling")
        along = mesh(unitary, modes, links, method="rectangular")
        ours = timed(lambda: mesh(unitary, modes, links, method="peeling"))  # noqa: B023  # called at once
        path = timed(lambda: mesh(unitary, modes, links, method="rectangular"))  # noqa: B023  # called at once
        theirs = timed(lambda: sf.decompositions.rectangular_phase_end(unitary))  # noqa: B023  # called at once
        numeric = "-"
        if count < 10:
            splitter = pcvl.Circuit(2) // pcvl.PS(pcvl.P("phi")) // pcvl.BS.Ry(theta=pcvl.P("theta"))
            start = time.perf_counter()
            pcvl.Circuit.decomposition(
                pcvl.Matrix(unitary), splitter, phase_shifter_fn=pcvl.PS, shape=pcvl.InterferometerShape.TRIANGLE
            )
            numeric = f"{time.perf_counter() - start:.3f}"
        row = f"| {count} | {ours:.4f} | {peeled.depth} | {path:.4f} | {along.depth} | {theirs:.4f} | {numeric} |"
        print(row)


def photons() -> None:
    """Photon protocols along the links of random geometric graphs."""
    from protocols import photon_layouts

    print("\n| sensors, links | N, M | layouts (s) | protocols all looked at |")
    print("| --- | --- | --- | --- |")
    for sensors, many, passes in ((10, 10, 1), (12, 6, 2), (100, 100, 1), (100, 20, 5), (1000, 1000, 1)):
        network, graph = random_network(sensors + 20)
        names = [mode.id for mode in network.modes][: sensors + 1]
        kept = set(names)
        modes = (
            *(Mode(id=name, coupling="mach-zehnder", alpha=Fraction(1)) for name in names[:sensors]),
            Mode(id=names[sensors], role="reference"),
            *(Mode(id=mode.id, role="ancilla") for mode in network.modes if mode.id not in kept),
        )
        phases = SensorNetwork(sensing="phase", photons=many, passes=passes, modes=modes, links=network.links)
        problem = Problem.of(phases)
        result = photon_layouts(problem)
        spent = timed(lambda: photon_layouts(problem))  # noqa: B023  # called at once
        size = f"{sensors}, {graph.number_of_edges()}"
        print(f"| {size} | {many}, {passes} | {spent:.2f} | {'yes' if result.complete else 'no'} |")


def main() -> None:
    """Print the tables."""
    print(
        "| nodes, links | best tree (s) | networkx, every root (s) | ratio | up to 3 squeezers (s) | psn design (s) |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    for nodes in (100, 200, 500, 1000):
        network, graph = random_network(nodes)
        ours = min(timed(lambda: tree_layout(DisplacementProblem(network=network).task)) for _ in range(3))  # noqa: B023  # called at once
        roots = list(graph)[:20]
        theirs = timed(
            lambda: [nx.single_source_dijkstra_path_length(graph, root, weight="length") for root in roots]  # noqa: B023  # called at once
        )
        theirs *= len(graph) / len(roots)
        several = timed(lambda: best_forests(DisplacementProblem(network=network).task))  # noqa: B023  # called at once
        whole = timed(lambda: design(network))  # noqa: B023  # called at once
        size = f"{len(graph)}, {graph.number_of_edges()}"
        print(f"| {size} | {ours:.3f} | {theirs:.2f} | {theirs / ours:.0f} | {several:.2f} | {whole:.2f} |")
    squeezer_gaps()
    meshes()
    photons()


if __name__ == "__main__":
    main()
