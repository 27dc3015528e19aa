"""Photons along links: against going through everything, against both engines, and what failures and errors cost."""

from __future__ import annotations

import dataclasses
import itertools
import math
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from networks import InputError, Link, Mode, SensorNetwork
from photonics import PhaseDiffusion, get_engine, nuisance_aware_information
from photonics.circuit import Loss, NumberControl
from protocols import design, enumerate_protocols
from protocols.layout.alternatives import Alternative, best_of
from protocols.layout.photon_circuit import photon_layout_circuit
from protocols.layout.photon_robustness import photon_robustness
from protocols.layout.photons import is_joined, lay_out, photon_layouts, strings_of
from protocols.layout.routes import Routes
from protocols.problem import Problem


def phase_network(alpha, graph, *, photons, passes=1, ancillas=0, at_links=None, at_modes=None, reference=True):
    """Nodes of the graph in order: sensors, a reference, ancillas."""
    at_modes = at_modes or [1.0] * len(alpha)
    modes = [
        Mode(id=f"s{k}", coupling="mach-zehnder", alpha=Fraction(a), transmissivity=eta)
        for k, (a, eta) in enumerate(zip(alpha, at_modes, strict=True))
    ]
    modes += [Mode(id="ref", role="reference")] * reference
    modes += [Mode(id=f"x{k}", role="ancilla") for k in range(ancillas)]
    links = tuple(
        Link(ends=(modes[a].id, modes[b].id), transmissivity=(at_links or {}).get((a, b), 1.0)) for a, b in graph.edges
    )
    return SensorNetwork(name="test", sensing="phase", photons=photons, passes=passes, modes=tuple(modes), links=links)


def random_problem(seed, *, lossy=True, most_photons=2):
    """A small connected network whose N M fits."""
    rng = np.random.default_rng(seed)
    while True:
        sensors = int(rng.integers(2, 4))
        ancillas = int(rng.integers(0, 2))
        alpha = rng.choice([-2, -1, 1, 2], sensors).tolist()
        nodes = sensors + 1 + ancillas
        graph = nx.random_labeled_tree(nodes, seed=int(rng.integers(10**6)))
        for _ in range(int(rng.integers(0, 3))):
            graph.add_edge(*map(int, rng.choice(nodes, 2, replace=False)))
        losses = {edge: float(rng.choice([1.0, 0.9, 0.6])) for edge in graph.edges} if lossy else {}
        at_modes = rng.choice([1.0, 0.8], sensors).tolist() if lossy else None
        try:
            problem = Problem.of(
                phase_network(
                    alpha,
                    graph,
                    photons=int(rng.integers(1, most_photons + 1)),
                    passes=int(rng.integers(1, 4)),
                    ancillas=ancillas,
                    at_links=losses,
                    at_modes=at_modes,
                )
            )
            photon_layouts(problem)
        except InputError as error:
            if "must be integer" in str(error):
                continue
            raise
        return problem


def cheapest(now, then, lengths):
    """The least loss of photons going from places to places: every way to pair them."""
    givers = [k for k, n in now.items() for _ in range(n)]
    takers = [k for k, n in then.items() for _ in range(n)]
    return min(
        sum(lengths[a][b] for a, b in zip(givers, order, strict=True)) for order in set(itertools.permutations(takers))
    )


def least_by_everything(problem):
    """The least error over all optimal protocols (joined ones, if any), orders of columns, and sources."""
    network = problem.network
    graph = nx.Graph()
    graph.add_nodes_from(str(mode.id) for mode in network.modes)
    for link in network.links:
        graph.add_edge(*map(str, link.ends), length=-math.log(link.transmissivity))
    lengths = dict(nx.all_pairs_dijkstra_path_length(graph, weight="length"))
    silent = {str(mode.id) for mode in network.modes if mode.role != "sensor"}
    eta = {str(mode.id): mode.transmissivity for mode in network.modes}

    def joined(protocol):
        for column in protocol.columns:
            used = {node for string in strings_of(problem, column) for node in string}
            part = graph.subgraph(used | silent)
            if not any(used <= component for component in nx.connected_components(part)):
                return False
        return True

    found = enumerate_protocols(problem.function, problem.photons, problem.passes, limit=100_000)
    assert found.complete
    protocols = [p for p in found.protocols if joined(p)] or list(found.protocols)
    best = math.inf
    lossless = float((problem.function.norm_positive / (problem.photons * problem.passes)) ** 2)
    for protocol in protocols:
        strings = {column: strings_of(problem, column) for column in protocol.columns}
        modes = [0.0, 0.0]
        for column, times in zip(protocol.columns, protocol.repeats, strict=True):
            for branch in (0, 1):
                modes[branch] -= times * sum(n * math.log(eta[node]) for node, n in strings[column][branch].items())
        for order in itertools.permutations(protocol.columns):
            for root in graph:
                lost = list(modes)
                for branch in (0, 1):
                    start = {root: problem.photons}
                    for now, then in itertools.pairwise([start, *(strings[c][branch] for c in order)]):
                        lost[branch] += cheapest(now, then, lengths)
                a, b = (math.exp(-x / 2) for x in lost)
                best = min(best, lossless * (1 / a + 1 / b) ** 2 / 4)
    return best, len(protocols), any(map(joined, found.protocols))


@pytest.mark.parametrize("seed", range(40))
def test_the_best_layout_is_the_best_of_everything(seed):
    problem = random_problem(seed)
    found = photon_layouts(problem)
    least, _, exists = least_by_everything(problem)
    assert found.complete
    assert found.joined_exists is exists
    assert found.best.joined is exists
    assert found.best.mse == pytest.approx(least, rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_circuit_reaches_what_is_said(seed):
    problem = random_problem(seed)
    layout = photon_layouts(problem).best
    circuit = photon_layout_circuit(problem, layout)
    theta = [0.1 * (k + 1) for k in range(circuit.parameters)]
    information = get_engine("native").qfi(circuit, theta)
    wanted = [float(a) for a in problem.function.alpha]
    assert nuisance_aware_information(information, wanted).mse == pytest.approx(layout.mse, rel=1e-9)
    # Only links of the network are crossed, and a control is at one node: its mode, its sources, lanes that touch it.
    links = {frozenset(map(str, link.ends)) for link in problem.network.links}
    for transport in (layout.preparation, *layout.controls):
        for move in transport.moves:
            assert frozenset(move.edge) in links
        for layer in range(1, transport.depth + 1):
            crossed = {frozenset(m.edge) for m in transport.moves if m.layer == layer}
            ends = [end for edge in crossed for end in edge]
            assert ends
            assert len(set(ends)) == len(ends)
    for op in circuit.operations:
        if isinstance(op, NumberControl):
            touched = {
                circuit.modes[k] for a, b in op.moves for k, (x, y) in enumerate(zip(a, b, strict=True)) if x != y
            }
            nodes = [set(name.split(",")[0].split(" > ")) if " > " in name else {name} for name in touched]
            nodes = [
                {layout.root} if name < {"source A", "source B"} or "source" in str(name) else name for name in nodes
            ]
            assert set.intersection(*nodes), touched
        if isinstance(op, Loss):
            assert " > " in op.mode or op.mode.startswith("s")


def test_strawberry_fields_agrees():
    network = phase_network([1, -1], nx.path_graph(3), photons=1, passes=1, at_links={(0, 1): 0.8, (1, 2): 0.5})
    problem = Problem.of(network)
    layout = photon_layouts(problem).best
    circuit = photon_layout_circuit(problem, layout)
    information = get_engine("strawberryfields").qfi(circuit, [0.2, 0.5])
    # Branches of survival 0.8 and 1: (1/4)(1/sqrt 0.8 + 1)^2.
    assert layout.mse == pytest.approx((1 / math.sqrt(0.8) + 1) ** 2 / 4, rel=1e-12)
    assert nuisance_aware_information(information, [1, -1]).mse == pytest.approx(layout.mse, rel=1e-7)


def test_a_line_needs_its_neighbours():
    """(1, 1, -1) with N = 1, M = 2: on a - b - c - ref no protocol is joined; on a star whose hub is the reference all are."""
    line = phase_network([1, 1, -1], nx.path_graph(4), photons=1, passes=2)
    found = photon_layouts(Problem.of(line))
    assert (found.joined_exists, found.complete, found.best.joined) == (False, True, False)
    star = SensorNetwork.star([1, 1, -1], sensing="phase", photons=1, passes=2)
    found = photon_layouts(Problem.of(star))
    assert (found.joined_exists, found.best.protocol.switches) == (True, 1)
    # With a link a - c beside it there is one that is: c with b, and a with the reference by way of nobody.
    graph = nx.Graph([(0, 3), (1, 2), (2, 3)])
    found = photon_layouts(Problem.of(phase_network([1, 1, -1], graph, photons=1, passes=2)))
    assert found.joined_exists is True


def test_layers_of_a_tree_are_the_fewest():
    """Against going through every order in which nodes can serve their neighbours."""

    def fewest(tree, node, parent):
        children = [fewest(tree, child, node) for child in tree[node] if child != parent]
        if not children:
            return 0
        orders = itertools.permutations(children)
        return min(max(place + rest for place, rest in enumerate(order, 1)) for order in orders)

    for seed in range(30):
        tree = nx.random_labeled_tree(7, seed=seed)
        network = phase_network([1] * 6, tree, photons=6)
        routes = Routes(network)
        for root in range(7):
            names = routes.names
            layout = routes.spread(names[root], ({f"s{k}": 1 for k in range(6)}, {"ref": 6}))
            assert layout.depth == fewest(tree, root, None)


def test_sources_may_be_limited():
    problem = Problem.of(SensorNetwork.chain([1, 1, -2], sensing="phase", photons=2))
    assert photon_layouts(problem, roots=["s1"]).best.root == "s1"
    with pytest.raises(InputError, match="no node 's9' to start from"):
        photon_layouts(problem, roots=["s9"])
    with pytest.raises(InputError, match="at least one node must be allowed"):
        photon_layouts(problem, roots=[])


def test_many_protocols_are_cut_and_said_so():
    problem = Problem.of(SensorNetwork.star([1, 2, 5, 3, -1, -3], sensing="phase", photons=11, passes=4))
    found = photon_layouts(problem)
    assert not found.complete
    assert found.joined_exists is True
    assert found.best.mse == pytest.approx(1 / 16)
    # Too many modes in use to search joined protocols alone, and too many protocols to list: undecided.
    alpha = [1, 2] * 9 + [-27]
    line = Problem.of(SensorNetwork.chain(alpha, sensing="phase", photons=9, passes=3))
    found = photon_layouts(line)
    assert (found.joined_exists, found.complete) == (None, False)
    assert not is_joined(line, found.best.protocol)


def test_many_columns_in_a_sensible_order():
    problem = Problem.of(SensorNetwork.star([1, 1, 1, 1, 1, 1], sensing="phase", photons=1, passes=6))
    found = photon_layouts(problem)
    # A photon in one sensor after the other, each switch in and out of the hub.
    assert found.best.protocol.switches == 5
    assert found.best.crossings == 11
    assert found.complete


def derivative(at, x, step=1e-5):
    return (at(x + step) - at(x - step)) / (2 * step)


@pytest.mark.parametrize("seed", range(12))
def test_sensitivities_are_derivatives(seed):
    problem = random_problem(seed)
    layout = photon_layouts(problem).best
    found = photon_robustness(problem, layout)
    for link in found.links:
        transmissivity = next(
            k.transmissivity for k in problem.network.links if set(map(str, k.ends)) == set(link.edge)
        )

        def error(eta, edge=link.edge):
            links = tuple(
                dataclasses.replace(k, transmissivity=eta) if set(map(str, k.ends)) == set(edge) else k
                for k in problem.network.links
            )
            # The same crossings, whatever would be better then.
            logs = [0.0, 0.0]
            for transport in (layout.preparation, *layout.controls):
                for move in transport.moves:
                    tau = next(k.transmissivity for k in links if set(map(str, k.ends)) == set(move.edge))
                    for branch in (0, 1):
                        logs[branch] += move.photons[branch] * math.log(tau)
            a, b = ((x + y) / 2 for x, y in zip(logs, modes_of(problem, layout), strict=True))
            lossless = float((problem.function.norm_positive / (problem.photons * problem.passes)) ** 2)
            return lossless * (math.exp(-a) + math.exp(-b)) ** 2 / 4

        assert error(transmissivity) == pytest.approx(layout.mse, rel=1e-12)
        assert link.per_transmissivity == pytest.approx(derivative(error, transmissivity), rel=1e-6)
    total = sum(link.per_phase2 for link in found.links)
    if total:
        assert found.phase_tolerance_rad**2 * total == pytest.approx(0.1 * layout.mse)


def modes_of(problem, layout):
    """Logarithms of the branches' survival at the modes."""
    eta = {str(mode.id): mode.transmissivity for mode in problem.network.modes}
    logs = [0.0, 0.0]
    for column, times in zip(layout.protocol.columns, layout.protocol.repeats, strict=True):
        for branch, string in enumerate(strings_of(problem, column)):
            logs[branch] += times * sum(n * math.log(eta[node]) for node, n in string.items())
    return logs


def test_random_phases_on_lanes_cost_what_is_said():
    network = phase_network([2, -1], nx.path_graph(3), photons=2, passes=1)
    problem = Problem.of(network)
    layout = photon_layouts(problem).best
    found = photon_robustness(problem, layout)
    circuit = photon_layout_circuit(problem, layout)
    sigma = 1e-3
    operations = []
    lanes = {mode for mode in circuit.modes if " > " in mode}
    for op in circuit.operations:
        operations.append(op)
        if isinstance(op, NumberControl):
            filled = {circuit.modes[k] for _, b in op.moves for k, n in enumerate(b) if n} & lanes
            for mode in sorted(filled):
                operations.append(PhaseDiffusion(mode=mode, sigma_rad=sigma))
                lanes.discard(mode)
    noisy = dataclasses.replace(circuit, operations=tuple(operations))
    information = get_engine("native").qfi(noisy, [0.2, 0.3])
    wanted = [float(a) for a in problem.function.alpha]
    added = nuisance_aware_information(information, wanted).mse - layout.mse
    assert added == pytest.approx(sigma**2 * sum(link.per_phase2 for link in found.links), rel=1e-4)


def test_failures_are_layouts_without_the_link():
    ring = nx.cycle_graph(4)
    losses = dict.fromkeys(ring.edges, 0.9)
    problem = Problem.of(phase_network([1, 1, -2], ring, photons=2, at_links=losses))
    layout = photon_layouts(problem).best
    found = photon_robustness(problem, layout)
    for failure in found.failures:
        left = tuple(k for k in problem.network.links if set(map(str, k.ends)) != set(failure.edge))
        rest = Problem.of(problem.network.replace(links=left))
        assert failure.mse == pytest.approx(lay_out(rest, layout.protocol, roots=[layout.root]).mse)
        assert failure.mse >= layout.mse
    with pytest.raises(InputError, match="must be above 1"):
        photon_robustness(problem, layout, factor=1.0)


def test_the_design_has_it():
    found = design(SensorNetwork.chain([1, 1, -2], sensing="phase", photons=2))
    physical = found.to_dict()["physical"]
    assert physical["source"] == {"node": "s2", "photons": 2, "weights": [0.5, 0.5]}
    assert physical["mse"] == physical["without_links"] == pytest.approx(1.0)
    assert (physical["joined"], physical["joined_exists"], physical["complete"]) == (True, True, True)
    assert [row["sources"] for row in physical["alternatives"]] == [1]
    with pytest.raises(InputError, match="squeezers are for displacement sensing"):
        design(found.network, squeezers=2)
    with pytest.raises(InputError, match="no node 'q' to start from"):
        design(found.network, sources=["q"])
    assert design(found.network, sources=["s3"]).physical.best.root == "s3"


def test_dominated_rows_are_left_out():
    rng = np.random.default_rng(0)
    rows = [
        Alternative(
            title=str(k),
            mse=float(m),
            elements=int(e),
            depth=int(d),
            sources=int(s),
            entangled_modes=int(n),
            switches=int(w),
        )
        for k, (m, e, d, s, n, w) in enumerate(rng.integers(1, 5, (200, 6)))
    ]
    kept = best_of(rows)

    def numbers(row):
        return (row.mse, row.elements, row.depth, row.sources, row.entangled_modes, row.switches)

    for row in rows:
        assert any(all(a <= b for a, b in zip(numbers(k), numbers(row), strict=True)) for k in kept)
    for one, other in itertools.permutations(kept, 2):
        assert any(a > b for a, b in zip(numbers(one), numbers(other), strict=True))
