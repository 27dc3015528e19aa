"""Designs as built of 200 nodes, against the commit before plans were built with the losses of links; and of 1,000 nodes.

    python benchmarks/as_built.py [COMMIT]

Stars, chains, grids, random geometric graphs and ``examples/region_200.json``, both kinds of sensing, with lossy links and modes.
The earlier commit, which knows nothing of laboratories, gets the same networks without their attributes. Its tree is unpacked from
git, and both run in turn, each design in a process of its own with one linear-algebra thread; what is compared is processor time of
``design``, the least of several runs, imports not included. Memory is the largest of the whole process.
"""

from __future__ import annotations

import json
import math
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import networkx as nx
from before import ROOT, unpacked

from protocols.reports.showing import show
from protocols.tables import Table

BEFORE = "8b62fdd"
RUNS = 3
LABORATORY = {
    "phase": {"visibility": 0.98, "dark_counts": 1e-5, "phase_jitter_rad": 0.005},
    "displacement": {"squeezing_db": 8.0, "squeezers": 3, "squeezer_efficiency": 0.9, "electronic_noise": 0.01},
}
"""Of every node, or of the network; losses before the sensing and in detectors beside."""
LOSSES = {"transmissivity_before": 0.97, "detector_efficiency": 0.9}

JOB = """
import resource, sys, time
from networks import load_network
import protocols
network, small = map(load_network, sys.argv[1:])
protocols.design(small)  # loads what is loaded late
start = time.process_time()
protocols.design(network)
print(time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


@dataclass(frozen=True)
class Case:
    """A network as a file, without and with its laboratory."""

    name: str
    sensing: str
    bare: dict[str, Any]

    def document(self, laboratory: bool) -> dict[str, Any]:
        """As node-link JSON."""
        graph = {**self.bare["graph"], **(LABORATORY[self.sensing] | LOSSES if laboratory else {})}
        return {**self.bare, "graph": graph}


def graph_of(kind: str, nodes: int) -> nx.Graph[int]:
    """A connected graph of so many nodes."""
    graph: nx.Graph[int]
    if kind == "star":
        graph = nx.star_graph(nodes - 1)
        return graph
    if kind == "chain":
        graph = nx.path_graph(nodes)
        return graph
    if kind == "grid":
        rows = max(number for number in range(1, math.isqrt(nodes) + 1) if nodes % number == 0)
        return nx.convert_node_labels_to_integers(nx.grid_2d_graph(rows, nodes // rows))
    graph = nx.random_geometric_graph(nodes, math.sqrt(8 / (math.pi * nodes)), seed=7)
    # What is cut off from the rest is joined to it by its first node.
    first, *others = (min(part) for part in nx.connected_components(graph))
    graph.add_edges_from((first, other) for other in others)
    return graph


def made(kind: str, sensing: str, nodes: int) -> Case:
    """Coefficients 1, 2 and -1, fibres of 0.2 to 5 km; the node of most links is no sensor."""
    graph, rng = graph_of(kind, nodes), random.Random(5)
    hub = max(graph, key=lambda node: (graph.degree[node], -node))
    coupling = "mach-zehnder" if sensing == "phase" else "displacement"
    parts: list[dict[str, Any]] = []
    for node in graph:
        if node == hub:
            parts.append({"id": f"n{node}", "role": "reference" if sensing == "phase" else "ancilla"})
        else:
            alpha = str(rng.choice([1, 1, 1, 2, -1]))
            parts.append({"id": f"n{node}", "coupling": coupling, "alpha": alpha, "transmissivity": 0.95})
    links = [
        {"source": f"n{a}", "target": f"n{b}", "distance_km": round(rng.uniform(0.2, 5), 2)} for a, b in graph.edges
    ]
    # As many photons as columns of W need.
    norm = sum(max(0, int(part.get("alpha", 0))) for part in parts)
    budget = {"photons": norm} if sensing == "phase" else {"mean_photons": 20}
    of_graph = {"sensing": sensing, "loss_db_per_km": 0.2, **budget}
    return Case(f"{kind}, {nodes}", sensing, {"multigraph": False, "graph": of_graph, "nodes": parts, "edges": links})


def region(sensing: str) -> Case:
    """The example, and the same with phases."""
    document = json.loads((ROOT / "examples" / "region_200.json").read_text())
    if sensing == "phase":
        sensors = [node for node in document["nodes"] if node["role"] == "sensor"]
        for node in sensors:
            node["coupling"] = "mach-zehnder"
        next(node for node in document["nodes"] if node["role"] == "ancilla")["role"] = "reference"
        del document["graph"]["mean_photons"]
        document["graph"] |= {"sensing": sensing, "photons": sum(int(node["alpha"]) for node in sensors)}
    return Case("region_200", sensing, document)


def cases(nodes: int) -> Iterator[Case]:
    """Every graph with both kinds of sensing."""
    for sensing in ("displacement", "phase"):
        for kind in ("star", "chain", "grid", "geometric"):
            yield made(kind, sensing, nodes)
        if nodes == 200:
            yield region(sensing)


def one_design(tree: Path, files: tuple[Path, Path]) -> tuple[float, float]:
    """Processor seconds of a design, and peak megabytes."""
    environment = {**os.environ, "PYTHONPATH": str(tree), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", JOB, *map(str, files)]
    run = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=True)
    seconds, megabytes = map(float, run.stdout.split())
    return seconds, megabytes


def written(folder: Path, case: Case, laboratory: bool) -> tuple[Path, Path]:
    """The network as a file, and a small one of its kind."""
    paths = folder / "network.json", folder / "small.json"
    for path, one in zip(paths, (case, made("star", case.sensing, 4)), strict=True):
        path.write_text(json.dumps(one.document(laboratory)))
    return paths


def against_before(trees: tuple[Path, Path], folder: Path, commit: str) -> Table:
    """200 nodes: the earlier commit, this tree, and this tree with all attributes."""
    rows = []
    for case in cases(200):
        best = [math.inf] * 3
        for _ in range(RUNS):
            for k, (tree, laboratory) in enumerate(((trees[0], False), (trees[1], False), (trees[1], True))):
                best[k] = min(best[k], one_design(tree, written(folder, case, laboratory))[0])
        rows.append((case.name, case.sensing, *best, best[1] / best[0], best[2] / best[0]))
    columns = (
        "network",
        "sensing",
        f"{commit}, s",
        "now, s",
        "with laboratory, s",
        "now over before",
        "laboratory over",
    )
    return Table(title=f"Designs, processor time, least of {RUNS} runs", columns=columns, rows=tuple(rows))


def thousand(folder: Path) -> Table:
    """1,000 nodes with all attributes, once."""
    rows = []
    for case in cases(1000):
        seconds, megabytes = one_design(ROOT, written(folder, case, laboratory=True))
        rows.append((case.name, case.sensing, seconds, round(megabytes)))
    return Table(title="Designs with a laboratory", columns=("network", "sensing", "s", "peak MB"), rows=tuple(rows))


def main(commit: str) -> None:
    """Measure and print both tables."""
    with tempfile.TemporaryDirectory() as name:
        tree, folder = Path(name) / "tree", Path(name)
        tree.mkdir()
        show(against_before((unpacked(commit, tree), ROOT), folder, commit))
        show(thousand(folder))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else BEFORE)
