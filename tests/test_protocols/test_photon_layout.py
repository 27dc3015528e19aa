"""Photons along links: against going through everything, against both engines, and what failures and errors cost."""

from __future__ import annotations

import dataclasses
import itertools
import math
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from drawn import examples, seeds
from hypothesis import given, strategies as st

from networks import InputError, Link, Mode, SensorNetwork
from photonics import PhaseDiffusion, get_engine, nuisance_aware_information
from photonics.circuits.circuit import Loss, NumberControl
from protocols import design, enumerate_protocols
from protocols.layout.alternatives import Alternative, best_of
from protocols.layout.paths import Paths
from protocols.layout.photon.candidates import Joins, strings_of
from protocols.layout.photon.circuit import photon_layout_circuit
from protocols.layout.photon.layout import lay_out
from protocols.layout.photon.layouts import photon_layouts
from protocols.layout.photon.robustness import photon_robustness
from protocols.layout.photon.routes import Routes
from protocols.problem import Problem
from protocols.reports.layout_figures import draw_layers, draw_layout
from protocols.theory.two_branches import branch_contrast, log_branch_contrasts


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

    result = enumerate_protocols(problem.function, problem.photons, problem.passes, limit=100_000)
    assert result.complete
    protocols = [p for p in result.protocols if joined(p)] or list(result.protocols)
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
    return best, len(protocols), any(map(joined, result.protocols))


@seeds(40)
def test_the_best_layout_is_the_best_of_everything(seed):
    problem = random_problem(seed)
    result = photon_layouts(problem)
    least, _, exists = least_by_everything(problem)
    assert result.complete
    assert result.joined_exists is exists
    assert result.best.joined is exists
    assert result.best.mse == pytest.approx(least, rel=1e-9)


@examples(40)
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
    result = photon_layouts(Problem.of(line))
    assert (result.joined_exists, result.complete, result.best.joined) == (False, True, False)
    star = SensorNetwork.star([1, 1, -1], sensing="phase", photons=1, passes=2)
    result = photon_layouts(Problem.of(star))
    assert (result.joined_exists, result.best.protocol.switches) == (True, 1)
    # With a link a - c beside it there is one that is: c with b, and a with the reference by way of nobody.
    graph = nx.Graph([(0, 3), (1, 2), (2, 3)])
    result = photon_layouts(Problem.of(phase_network([1, 1, -1], graph, photons=1, passes=2)))
    assert result.joined_exists is True


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
        routes = Routes(paths=Paths.of(Problem.of(network).task))
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
    result = photon_layouts(problem)
    assert not result.complete
    assert result.joined_exists is True
    assert result.best.mse == pytest.approx(1 / 16)
    # Too many modes in use to search joined protocols alone, and too many protocols to list: undecided.
    alpha = [1, 2] * 9 + [-27]
    line = Problem.of(SensorNetwork.chain(alpha, sensing="phase", photons=9, passes=3))
    result = photon_layouts(line)
    assert (result.joined_exists, result.complete) == (None, False)
    assert not Joins(problem=line).in_every_pass(result.best.protocol)


def test_many_columns_in_a_sensible_order():
    problem = Problem.of(SensorNetwork.star([1, 1, 1, 1, 1, 1], sensing="phase", photons=1, passes=6))
    result = photon_layouts(problem)
    # A photon in one sensor after the other, each switch in and out of the hub.
    assert result.best.protocol.switches == 5
    assert result.best.crossings == 11
    assert result.complete


def derivative(at, x, step=1e-5):
    return (at(x + step) - at(x - step)) / (2 * step)


@seeds(12)
def test_sensitivities_are_derivatives(seed):
    problem = random_problem(seed)
    layout = photon_layouts(problem).best
    result = photon_robustness(problem, layout)
    for link in result.links:
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
    total = sum(link.per_phase2 for link in result.links)
    if total:
        assert result.phase_tolerance_rad**2 * total == pytest.approx(math.log(1.1) * layout.mse)


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
    result = photon_robustness(problem, layout)
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
    assert added == pytest.approx(sigma**2 * sum(link.per_phase2 for link in result.links), rel=1e-4)


def test_failures_are_layouts_without_the_link():
    ring = nx.cycle_graph(4)
    losses = dict.fromkeys(ring.edges, 0.9)
    problem = Problem.of(phase_network([1, 1, -2], ring, photons=2, at_links=losses))
    layout = photon_layouts(problem).best
    result = photon_robustness(problem, layout)
    for failure in result.failures:
        left = tuple(k for k in problem.network.links if set(map(str, k.ends)) != set(failure.edge))
        rest = Problem.of(problem.network.replace(links=left))
        assert failure.mse == pytest.approx(lay_out(rest, layout.protocol, roots=[layout.root]).mse)
        assert failure.mse >= layout.mse
    with pytest.raises(InputError, match="must be above 1"):
        photon_robustness(problem, layout, factor=1.0)


def test_the_design_has_it():
    # Probes cannot take turns in a snapshot.
    chain = SensorNetwork.chain([1, 1, -2], sensing="phase", photons=2)
    result = design(chain.replace(parameters="snapshot"))
    physical = result.to_dict()["physical"]
    assert physical["source"] == {"node": "s2", "photons": 2, "weights": [0.5, 0.5]}
    assert physical["mse"] == physical["without_links"] == pytest.approx(1.0)
    assert (physical["joined"], physical["joined_exists"], physical["complete"]) == (True, True, True)
    assert [row["sources"] for row in physical["alternatives"]] == [1]
    with pytest.raises(InputError, match="squeezers are for displacement sensing"):
        design(result.network, squeezers=2)
    with pytest.raises(InputError, match="no node 'q' to start from"):
        design(result.network, sources=["q"])
    assert design(result.network, sources=["s3"]).physical.best.root == "s3"


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


def named(alpha, links, photons, passes=1, more=()):
    """Sensors s0, s1, ..., a reference ref, and these links between them."""
    modes = [Mode(id=f"s{k}", coupling="mach-zehnder", alpha=Fraction(a)) for k, a in enumerate(alpha)]
    modes += [Mode(id="ref", role="reference"), *more]
    linked = tuple(Link(ends=(a, b), transmissivity=t) for a, b, t in links)
    return SensorNetwork(sensing="phase", photons=photons, passes=passes, modes=tuple(modes), links=linked)


def test_a_cut_search_for_joined_protocols_goes_on_to_others():
    links = [("s0", "ref"), ("s3", "s4"), ("s3", "s2"), ("s4", "s5"), ("s4", "s1"), ("ref", "s5")]
    network = named([3, -2, 2, -3, -1, 5], [(a, b, 1.0) for a, b in links], 5, 24)
    result = photon_layouts(Problem.of(network))
    assert not result.complete
    assert result.best.mse == pytest.approx(float(Fraction(10, 120) ** 2))
    assert photon_layouts(Problem.of(SensorNetwork.chain([1, 2, 3] * 3, sensing="phase", photons=12, passes=9))).best


def test_every_order_of_five_columns_is_tried():
    links = [("s0", "s2", 0.2), ("s1", "s2", 0.5), ("s1", "s3", 0.5), ("s3", "ref", 0.2), ("s4", "ref", 0.5)]
    problem = Problem.of(named([1] * 5, links, 1, 5))
    result = photon_layouts(problem)
    least, count, _ = least_by_everything(problem)
    assert count == 1
    assert result.complete
    assert result.best.mse == pytest.approx(least, rel=1e-9)
    seven = photon_layouts(Problem.of(SensorNetwork.star([1] * 7, sensing="phase", photons=1, passes=7)))
    assert not seven.complete


def test_the_better_of_several_references_is_used():
    near, far = Mode(id="near", role="reference"), Mode(id="far", role="reference")
    sensors = (
        Mode(id="s1", coupling="mach-zehnder", alpha=Fraction(1)),
        Mode(id="s2", coupling="mach-zehnder", alpha=Fraction(0)),
    )
    links = (
        Link(ends=("s1", "near")),
        Link(ends=("s1", "s2"), transmissivity=0.1),
        Link(ends=("s2", "far")),
    )
    for references in ((near, far), (far, near)):
        network = SensorNetwork(sensing="phase", photons=2, modes=(*sensors, *references), links=links)
        problem = Problem.of(network)
        result = photon_layouts(problem)
        assert (result.best.reference, result.best.mse) == ("near", pytest.approx(0.25))
        assert (result.joined_exists, result.complete) == (True, True)
        # Without its link the same protocol is cut off; the other reference does not step in unasked.
        assert [f.mse for f in photon_robustness(problem, result.best).failures] == [math.inf]
        information = get_engine("native").qfi(photon_layout_circuit(problem, result.best), [0.3, 0.0])
        assert nuisance_aware_information(information, [1, 0]).mse == pytest.approx(0.25)


@examples(30)
@given(seed=st.integers(0, 10**6))
def test_failures_never_help(seed):
    problem = random_problem(seed)
    layout = photon_layouts(problem).best
    for failure in photon_robustness(problem, layout).failures:
        assert failure.mse >= layout.mse * (1 - 1e-9)


def test_nodes_may_be_called_like_sources_and_lanes():
    names = ("source A", "source B", "source A > source B, 0.0 B")
    modes = [
        Mode(id=name, coupling="mach-zehnder", alpha=Fraction(a)) for name, a in zip(names, (1, -1, 0), strict=True)
    ]
    links = (Link(ends=names[:2]), Link(ends=names[1:]))
    problem = Problem.of(SensorNetwork(sensing="phase", photons=1, modes=tuple(modes), links=links))
    circuit = photon_layout_circuit(problem, photon_layouts(problem).best)
    information = get_engine("native").qfi(circuit, [0.1, 0.2, 0.3])
    assert nuisance_aware_information(information, [1, -1, 0]).mse == pytest.approx(1.0)


def test_hopeless_links_and_lonely_nodes():
    links = [
        ("s0", "s4", 1.0),
        ("s0", "ref", 1.0),
        ("s1", "s5", 1e-300),
        ("s1", "s3", 1.0),
        ("s2", "s5", 1e-300),
        ("s3", "s6", 1e-300),
        ("s4", "s6", 1e-300),
    ]
    problem = Problem.of(named([-1, 0, 1, -1, -1, 1, 0], links, 6, more=(Mode(id="alone", role="ancilla"),)))
    layout = photon_layouts(problem).best
    assert layout.mse == math.inf
    # What a node hands on has come to it.
    assert photon_layout_circuit(problem, layout).passes == 1


def test_ancillas_on_the_way_are_said_to_be_passed():
    hub = Mode(id="hub", role="ancilla", transmissivity=0.5)
    sensors = tuple(Mode(id=f"s{k}", coupling="mach-zehnder", alpha=Fraction(a)) for k, a in enumerate((1, -1)))
    links = (Link(ends=("s0", "hub")), Link(ends=("hub", "s1")))
    result = design(SensorNetwork(sensing="phase", photons=2, modes=(*sensors, hub), links=links))
    assert result.chosen.plan.scheme == "multimode-noon"
    assert any("hub does not count: light only passes there" in note for note in result.notes)
    # One photon does not pay: coherent light has the same error and needs no links.
    result = design(SensorNetwork(sensing="phase", photons=1, modes=(*sensors, hub), links=links))
    assert result.chosen.plan.scheme == "coherent"
    assert any("hub does not count: the design sends no light there" in note for note in result.notes)


@seeds(15)
@pytest.mark.parametrize("paired", [True, False])
def test_controls_lose_least(seed, paired, monkeypatch):
    """Photons from several places to several places: against every way to pair them, by assignment and by flow."""
    from protocols.layout.photon import routes as module

    monkeypatch.setattr(module, "MAX_PAIRED_OFF", 300 if paired else 0)
    rng = np.random.default_rng(seed)
    graph = nx.random_labeled_tree(7, seed=seed)
    for _ in range(3):
        graph.add_edge(*map(int, rng.choice(7, 2, replace=False)))
    network = phase_network([1] * 6, graph, photons=6, at_links={e: float(rng.uniform(0.3, 1)) for e in graph.edges})
    weighted = nx.Graph()
    for link in network.links:
        weighted.add_edge(*link.ends, length=-math.log(link.transmissivity))
    lengths = dict(nx.all_pairs_dijkstra_path_length(weighted, weight="length"))
    names = [f"s{k}" for k in range(6)] + ["ref"]

    def string(nodes):
        result = {}
        for k in rng.choice(nodes, 5):
            result[names[k]] = result.get(names[k], 0) + 1
        return result

    now, then = ((string([0, 1, 2]), string([3, 4])), (string([2, 3, 4, 5]), string([0, 1, 6])))
    moved = Routes(paths=Paths.of(Problem.of(network).task)).between(now, then)
    for branch in (0, 1):
        assert -moved.log_survival[branch] == pytest.approx(cheapest(now[branch], then[branch], lengths), abs=1e-12)


def test_no_joined_protocol_is_proved_without_listing_the_others():
    """On a line with the middle sensor idle the two outer ones never meet, however many protocols there are."""
    network = phase_network([30, 0, -20, -10], nx.path_graph([0, 1, 2, 3]), photons=20, passes=6, reference=False)
    result = photon_layouts(Problem.of(network))
    assert (result.joined_exists, result.complete) == (False, False)
    assert not result.best.joined


@examples(25)
@given(seed=st.integers(0, 10**6))
def test_failures_are_those_of_a_network_without_the_link(seed):
    """Against the same protocol in a network made without the link; one that is cut apart is refused, or has no layout."""
    problem = random_problem(seed)
    layouts = photon_layouts(problem)
    for failure in layouts.robustness.failures:
        links = tuple(k for k in problem.network.links if set(map(str, k.ends)) != set(failure.edge))
        try:
            rest = Problem.of(problem.network.replace(links=links))
            expected = lay_out(rest, layouts.best.protocol, roots=[layouts.best.root]).mse
        except InputError:
            expected = math.inf
        assert failure.mse == pytest.approx(expected, rel=1e-12)


def test_contrasts_of_arrays_are_those_of_numbers():
    rng = np.random.default_rng(3)
    first, second = -rng.exponential(20, 50), -rng.exponential(20, 50)
    expected = [branch_contrast(a, b) for a, b in zip(first, second, strict=True)]
    assert np.exp(log_branch_contrasts(first, second)) == pytest.approx(expected, rel=1e-12)
    # Also below the smallest double.
    assert log_branch_contrasts(np.array([-1e4]), np.array([-2e4]))[0] == pytest.approx(-2e4 + math.log(4))


def test_rounding_does_not_order_equal_alternatives():
    first, second = (
        Alternative(title=title, mse=mse, elements=0, depth=0, sources=2, entangled_modes=1)
        for title, mse in (("given first", 1.0 + 1e-14), ("given second", 1.0))
    )
    assert best_of([first, second]) == (first,)
    assert best_of([second, first]) == (second,)


def test_figures_have_the_words_of_the_output():
    network = phase_network([1, 1], nx.path_graph(3), photons=2)
    physical = photon_layouts(network, roots=["ref"])
    assert draw_layers(network, physical).figure.axes[0].get_xlabel() == "time step"
    legend = [text.get_text() for text in draw_layout(network, physical).figure.legends[0].get_texts()]
    assert legend == ["sensor", "reference", "source at node ref", "time step 1", "time step 2"]
