"""Superposed strings and pairs in turn along links: against going through everything, against both engines, and with errors."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from drawn import examples, seeds
from hypothesis import given, strategies as st
from scipy.optimize import linprog

from networks import InputError, Link, Mode, SensorNetwork
from photonics import PhaseDiffusion, get_engine, nuisance_aware_information
from photonics.circuits.circuit import Loss, NumberControl
from protocols import design, load
from protocols.layout.along_links import along_links
from protocols.layout.photon.layout import references_tried
from protocols.layout.photon.layouts import photon_layouts
from protocols.layout.photon.routes import cheapest_flow
from protocols.layout.strings import many_pairs, pairing
from protocols.layout.strings.layouts import string_layouts, string_search
from protocols.layout.strings.many_pairs import ManyPairs
from protocols.layout.strings.pairing import Pairing
from protocols.layout.strings.robustness import phase_growth
from protocols.problem import Problem
from protocols.ranking.candidates import rank_plans
from protocols.reports.design_folder import write_design
from protocols.reports.layout_figures import draw_layers, draw_layout
from protocols.schemes import find_scheme
from protocols.schemes.evaluation import evaluate

SCHEMES = ("multimode-noon", "pairs-in-turn")


def made(alpha, links, *, photons, passes=1, etas=None, references=("ref",), reference_eta=1.0, ancillas=()):
    """Sensors s0, s1, ..., references, ancillas, and links (a, b, transmissivity)."""
    etas = etas or [1.0] * len(alpha)
    modes = [
        Mode(id=f"s{k}", coupling="mach-zehnder", alpha=Fraction(a), transmissivity=eta)
        for k, (a, eta) in enumerate(zip(alpha, etas, strict=True))
    ]
    modes += [Mode(id=name, role="reference", transmissivity=reference_eta) for name in references]
    modes += [Mode(id=name, role="ancilla") for name in ancillas]
    linked = tuple(Link(ends=(a, b), transmissivity=t) for a, b, t in links)
    return SensorNetwork(sensing="phase", photons=photons, passes=passes, modes=tuple(modes), links=linked)


def random_network(seed, *, most_photons=5, sensors=(1, 5), lossy=True):
    """A small connected network with real coefficients of both signs, zeros, one or two references."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(*sensors))
    while True:
        alpha = [float(a) for a in rng.normal(size=count) * rng.choice([0, 1, 1, 1], count)]
        if any(alpha):
            break
    references = ("ref", "far")[: int(rng.integers(1, 3))]
    ancillas = ("hub",)[: int(rng.integers(0, 2))]
    names = [*(f"s{k}" for k in range(count)), *references, *ancillas]
    graph = nx.random_labeled_tree(len(names), seed=int(rng.integers(10**6)))
    for _ in range(int(rng.integers(0, 3))):
        graph.add_edge(*map(int, rng.choice(len(names), 2, replace=False)))
    tau = [1.0, 0.9, 0.5, float(rng.uniform(0.2, 1))] if lossy else [1.0]
    return made(
        alpha,
        [(names[a], names[b], float(rng.choice(tau))) for a, b in graph.edges],
        photons=int(rng.integers(1, most_photons + 1)),
        passes=int(rng.integers(1, 3)),
        etas=[float(rng.choice([1.0, 0.8])) if lossy else 1.0 for _ in range(count)],
        references=references,
        reference_eta=float(rng.choice([1.0, 0.7])) if lossy else 1.0,
        ancillas=ancillas,
    )


def as_built_mse(problem, layouts, engine="native"):
    """What an engine gives for the circuits with all their links, each with its share of the shots."""
    whole = []
    for part in layouts.parts(problem):
        theta = [0.1 * (k + 1) for k in range(part.circuit.parameters)]
        information = get_engine(engine).qfi(part.circuit, theta)
        whole.append(nuisance_aware_information(information, part.coefficients).mse / part.share)
    return math.fsum(whole)


def survivals(problem):
    """Of one photon, from every node to every node and through the passes there."""
    graph = nx.Graph()
    graph.add_nodes_from(problem.names)
    for link in problem.network.links:
        graph.add_edge(*map(str, link.ends), length=-math.log(link.transmissivity))
    eta = {str(mode.id): mode.transmissivity for mode in problem.network.modes}
    return {
        root: {node: math.exp(-length) * eta[node] ** problem.passes for node, length in lengths.items()}
        for root, lengths in nx.all_pairs_dijkstra_path_length(graph, weight="length")
    }


def superposed_by_everything(problem):
    """The least over sources, references and n <= N of (sum |c_j| e_j^(-n/2)/(2 n M))^2."""
    arrives = survivals(problem)
    terms = {n: float(a) for n, a in zip(problem.sensor_modes, problem.function.alpha, strict=True) if a}
    spare = float(sum(problem.function.alpha))
    numbers = range(1, problem.photons + 1)
    best = math.inf
    references = [str(mode.id) for mode in problem.network.references] if spare else [None]
    for root, reference, n in itertools.product(problem.names, references, numbers):
        whole = terms if reference is None else {**terms, reference: spare}
        error = sum(abs(c) * arrives[root][node] ** (-n / 2) for node, c in whole.items()) / (2 * n * problem.passes)
        best = min(best, error**2)
    return best


def pairs_by_everything(problem):
    """The linear programme over all pairs, each with the best of every source, reference and photon number."""
    arrives = survivals(problem)
    alpha = dict(zip(problem.sensor_modes, map(float, problem.function.alpha), strict=True))
    positive = [node for node, a in alpha.items() if a > 0]
    negative = [node for node, a in alpha.items() if a < 0]
    spare = float(sum(problem.function.alpha))
    columns = [[node] for node in negative] + ([[str(m.id) for m in problem.network.references]] if spare else [])

    def least(i, others):
        return min(
            (arrives[root][i] ** (-n / 2) + arrives[root][k] ** (-n / 2)) / (2 * n * problem.passes)
            for root in problem.names
            for k in others
            for n in range(1, problem.photons + 1)
        )

    cost = np.array([[least(i, others) for others in columns] for i in positive])
    rows, places = cost.shape
    given = np.kron(np.eye(rows), np.ones(places))
    taken = np.kron(np.ones(rows), np.eye(places))
    amounts = [alpha[i] for i in positive] + [-alpha[k] for k in negative] + ([spare] if spare else [])
    result = linprog(cost.ravel(), A_eq=np.vstack([given, taken]), b_eq=amounts)
    assert result.success
    return result.fun**2


@examples(60)
@given(seed=st.integers(0, 10**6))
def test_the_layout_is_the_best_of_everything(seed):
    problem = Problem.of(random_network(seed))
    superposed, pairs = (string_layouts(problem, scheme) for scheme in SCHEMES)
    assert superposed.mse == pytest.approx(superposed_by_everything(problem), rel=1e-9)
    assert pairs.mse == pytest.approx(pairs_by_everything(problem), rel=1e-6)
    assert superposed.complete
    assert pairs.complete
    # The terms of the pairs add up to q, with a circle of pairs nowhere.
    graph = nx.Graph()
    total = dict.fromkeys(problem.names, Fraction(0))
    for turn in pairs.turns:
        graph.add_edge(*turn.nodes)
        for node, c in turn.terms.items():
            total[node] += c
    assert nx.is_forest(graph)
    assert graph.number_of_edges() == len(pairs.turns)
    assert [total[name] for name in problem.sensor_modes] == list(problem.function.alpha)
    # One superposition of all modes is pairs from its source with its photons, so pairs lose no more.
    assert pairs.mse <= superposed.mse * (1 + 1e-9)


@examples(60)
@given(seed=st.integers(0, 10**6))
def test_the_circuits_reach_what_is_said(seed):
    problem = Problem.of(random_network(seed))
    for scheme in SCHEMES:
        layouts = string_layouts(problem, scheme)
        assert as_built_mse(problem, layouts) == pytest.approx(layouts.mse, rel=1e-8)
        assert math.fsum(turn.share for turn in layouts.turns) == pytest.approx(1)
        plan = find_scheme("phase", scheme).plan(problem)
        built = dataclasses.replace(plan, parts=layouts.parts(problem), predicted_mse=layouts.mse)
        assert evaluate(built, problem).mse == pytest.approx(layouts.mse, rel=1e-8)
        links = {frozenset(map(str, link.ends)) for link in problem.network.links}
        for turn, part in zip(layouts.turns, layouts.parts(problem), strict=True):
            assert part.photons == turn.photons
            for layer, moves in itertools.groupby(turn.preparation.moves, key=lambda move: move.layer):
                ends = [end for move in moves for end in move.edge]
                assert layer >= 1
                assert len(set(ends)) == len(ends)
            assert {frozenset(move.edge) for move in turn.preparation.moves} <= links


@examples(40)
@given(seed=st.integers(0, 10**6))
def test_links_without_loss_leave_the_closed_forms(seed):
    problem = Problem.of(random_network(seed, lossy=False))
    for scheme in SCHEMES:
        layouts = string_layouts(problem, scheme)
        assert layouts.mse == pytest.approx(problem.bound, rel=1e-12)
        assert layouts.mse == layouts.without_links
        # (12) for every real alpha, with the populations |alpha_j|/(2 ||alpha||_P) and shares along c_k.
        for turn in layouts.turns:
            half = float(sum(c for c in turn.coefficients if c > 0)) * 2
            assert turn.populations == pytest.approx([abs(float(c)) / half for c in turn.coefficients])
            weight = float(sum(c for c in turn.coefficients if c > 0) / problem.function.norm_positive)
            assert turn.share == pytest.approx(weight)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_strawberry_fields_agrees(scheme):
    links = [("s0", "s1", 0.8), ("s1", "ref", 0.5)]
    problem = Problem.of(made([1, "1/3"], links, photons=1, etas=[0.9, 1.0]))
    layouts = string_layouts(problem, scheme)
    assert as_built_mse(problem, layouts, "strawberryfields") == pytest.approx(layouts.mse, rel=1e-6)
    assert as_built_mse(problem, layouts) == pytest.approx(layouts.mse, rel=1e-9)


def test_a_pair_by_hand():
    """(1, -1) over a lossy link of 1/4: n = 1 from an end, (1 + 2)/2 squared; n = 2 would be (1 + 4)/4, squared less."""
    for photons, n, error in ((1, 1, 3 / 2), (2, 2, 5 / 4), (9, 2, 5 / 4)):
        layouts = string_layouts(made([1, -1], [("s0", "s1", 0.25)], photons=photons, references=()), "pairs-in-turn")
        (turn,) = layouts.turns
        assert (turn.photons, layouts.mse) == (n, pytest.approx(error**2))
        assert turn.populations == pytest.approx([1 / (1 + 2**n), 2**n / (1 + 2**n)])
        everything = string_layouts(
            made([1, -1], [("s0", "s1", 0.25)], photons=photons, references=()), "multimode-noon"
        )
        assert ([turn.photons for turn in everything.turns], everything.mse) == ([n], pytest.approx(error**2))
    # With all nine photons N counts: they arrive once in 4^9 shots.
    whole = made([1, -1], [("s0", "s1", 0.25)], photons=9, references=())
    for scheme in SCHEMES:
        assert string_layouts(whole, scheme, fewer=False).mse == pytest.approx(((1 + 2**9) / 18) ** 2)


def test_pairs_are_neighbours():
    """On a ring the order of the sensors would send light across; each pair takes its own link, and its own source."""
    ring = [("s0", "s3", 0.9), ("s3", "s1", 0.2), ("s1", "s2", 0.9), ("s2", "s0", 0.2)]
    network = made([1, 1, -1, -1], ring, photons=1, references=())
    layouts = string_layouts(network, "pairs-in-turn")
    assert {frozenset(turn.nodes) for turn in layouts.turns} == {frozenset(("s0", "s3")), frozenset(("s1", "s2"))}
    assert len(layouts.roots) == 2
    assert layouts.mse == pytest.approx((1 / math.sqrt(0.9) + 1) ** 2)
    # From one node both pairs would have to come along one of the bad links.
    assert [row.sources for row in layouts.alternatives] == [2, 1]
    one = string_layouts(network, "pairs-in-turn", roots=["s0"])
    assert one.roots == ("s0",)
    assert one.mse > layouts.mse


def test_every_pair_has_its_own_reference():
    links = [("s0", "near", 0.9), ("s0", "s1", 0.1), ("s1", "far", 0.9)]
    network = made([1, 1], links, photons=2, references=("near", "far"))
    layouts = string_layouts(network, "pairs-in-turn")
    assert [turn.nodes for turn in layouts.turns] == [("s0", "near"), ("s1", "far")]
    assert layouts.reference == "near, far"
    assert as_built_mse(Problem.of(network), layouts) == pytest.approx(layouts.mse)


def test_many_pairs_stay_in_order(monkeypatch):
    network = random_network(5, sensors=(4, 5))
    best = string_layouts(network, "pairs-in-turn")
    monkeypatch.setattr(pairing, "MAX_PAIRINGS", 0)
    ordered = string_layouts(network, "pairs-in-turn")
    assert len(best.turns) > 1
    assert not ordered.complete
    assert "search limit reached, so there may be better pairs or references" in ordered.sections()[0].lines
    assert best.mse <= ordered.mse * (1 + 1e-12)
    assert as_built_mse(Problem.of(network), ordered) == pytest.approx(ordered.mse, rel=1e-8)


@seeds(20)
@pytest.mark.parametrize("fewer", [True, False])
def test_many_pairs_from_their_best_nodes_are_as_good_as_from_any_node_with_any_number_of_photons(
    seed, fewer, monkeypatch
):
    problem = Problem.of(random_network(seed, most_photons=9, sensors=(3, 7)))
    arrives = survivals(problem)
    rng = np.random.default_rng(seed)
    roots = [None, [str(name) for name in rng.choice(problem.names, 2, replace=False)]][seed % 2]
    ends = list(itertools.permutations(problem.names, 2))
    # In several pieces, as of large networks.
    monkeypatch.setattr(many_pairs, "MAX_TOGETHER", 20)
    many = ManyPairs.of(string_search(problem, roots=roots, fewer=fewer), ends)
    assert many.rates.shape[1] <= len(problem.names)
    for photons in range(1, problem.photons + 1):
        reached = many.at(photons)
        numbers = range(1, photons + 1) if fewer else [photons]
        for k, (one, other) in enumerate(ends):
            tried = [
                sum(arrives[root][end] ** (-n / 2) for end in (one, other)) / (2 * n * problem.passes)
                for root in roots or problem.names
                for n in numbers
            ]
            assert math.exp(reached.log_errors[k]) == pytest.approx(min(tried), rel=1e-12)
            n = int(reached.photons[k])
            sizes = np.exp(-n * reached.log_photon[k] / 2)
            assert sizes.sum() / (2 * n * problem.passes) == pytest.approx(min(tried), rel=1e-12)


def test_no_node_reaches_a_sensor_and_a_reference_apart():
    links = [("s0", "s1", 0.5), ("s1", "near", 0.5)]
    network = made([1, 1], links, photons=4, references=("near", "apart"))
    many = ManyPairs.of(string_search(Problem.of(network)), [("s0", "apart"), ("s1", "near")])
    assert many.at(3).log_errors[0] == math.inf
    assert math.isfinite(many.at(3).log_errors[1])


@pytest.mark.parametrize("most", [900, 0])
@seeds(12)
def test_pairs_for_fewer_photons_are_those_of_a_problem_with_so_many(seed, most, monkeypatch):
    monkeypatch.setattr(pairing, "MAX_PAIRINGS", most)
    problem = Problem.of(random_network(seed, most_photons=12, sensors=(2, 6)))
    references, _ = references_tried(problem)
    whole = Pairing(problem=problem, search=string_search(problem), references=references)
    for photons in range(1, problem.photons + 1):
        smaller = problem.with_budget(photons, problem.passes)
        own = Pairing(problem=smaller, search=string_search(smaller), references=references).with_photons(photons)
        found = whole.with_photons(photons)
        assert found.coefficients == own.coefficients
        assert [tuple(pair) for pair in found.coefficients] == [whole.ends[place] for place in found.places]
        errors = [
            np.log(float(c)) + whole.many.at(photons).log_errors[k]
            for c, k in zip(found.weights, found.places, strict=True)
        ]
        there = string_layouts(smaller, "pairs-in-turn")
        assert math.fsum(map(math.exp, errors)) ** 2 == pytest.approx(there.mse, rel=1e-12)


def test_a_flow_to_one_place_leaves_nothing_to_choose():
    weights = {("a", "t"): 7, ("b", "t"): 0, ("b", "other"): 0}
    assert cheapest_flow({"a": 2, "b": 3}, {"t": 5}, weights) == {("a", "t"): 2, ("b", "t"): 3}
    del weights["a", "t"]
    assert cheapest_flow({"a": 2, "b": 3}, {"t": 5}, weights) is None


def with_link(problem, edge, tau):
    links = tuple(
        dataclasses.replace(k, transmissivity=tau) if set(map(str, k.ends)) == set(edge) else k
        for k in problem.network.links
    )
    return Problem.of(problem.network.replace(links=links))


def at_the_same_places(problem, layouts):
    """The error of the same superpositions along the same links, populations and shares the best again."""
    tau = {frozenset(map(str, k.ends)): k.transmissivity for k in problem.network.links}
    eta = {str(mode.id): mode.transmissivity for mode in problem.network.modes}
    total = 0.0
    for turn in layouts.turns:
        for k, (node, c) in enumerate(turn.terms.items()):
            log = turn.photons * problem.passes * math.log(eta[node])
            log += sum(m.photons[k] * math.log(tau[frozenset(m.edge)]) for m in turn.preparation.moves)
            total += abs(float(c)) * math.exp(-log / 2) / (2 * turn.photons * problem.passes)
    return total**2


@pytest.mark.parametrize("scheme", SCHEMES)
@seeds(10)
def test_sensitivities_are_derivatives(scheme, seed):
    problem = Problem.of(random_network(seed, sensors=(2, 5)))
    layouts = string_layouts(problem, scheme)
    for link in layouts.robustness.links:
        tau = next(k.transmissivity for k in problem.network.links if set(map(str, k.ends)) == set(link.edge))
        step = 1e-6 * tau
        before, after = (at_the_same_places(with_link(problem, link.edge, tau - x), layouts) for x in (2 * step, step))
        assert at_the_same_places(problem, layouts) == pytest.approx(layouts.mse, rel=1e-9)
        assert link.per_transmissivity == pytest.approx((after - before) / step, rel=1e-4)


@examples(25)
@given(seed=st.integers(0, 10**6))
def test_failures_are_those_of_a_network_without_the_link(seed):
    problem = Problem.of(random_network(seed))
    for scheme in SCHEMES:
        layouts = string_layouts(problem, scheme)
        for failure in layouts.robustness.failures:
            graph = nx.Graph()
            graph.add_nodes_from(problem.names)
            for k in problem.network.links:
                if set(map(str, k.ends)) != set(failure.edge):
                    graph.add_edge(*map(str, k.ends), length=-math.log(k.transmissivity))
            eta = {str(mode.id): mode.transmissivity for mode in problem.network.modes}
            numbers = range(1, problem.photons + 1)
            total = 0.0
            for turn in layouts.turns:
                lengths = nx.single_source_dijkstra_path_length(graph, turn.root, weight="length")
                if not set(turn.nodes) <= set(lengths):
                    total = math.inf
                    break
                total += min(
                    sum(
                        abs(float(c)) * math.exp(n * lengths[node] / 2) * eta[node] ** (-n * problem.passes / 2)
                        for node, c in turn.terms.items()
                    )
                    / (2 * n * problem.passes)
                    for n in numbers
                )
            assert failure.mse == pytest.approx(total**2, rel=1e-9)
            assert failure.mse >= layouts.mse * (1 - 1e-9)


def with_random_phases(circuit, sigma):
    """A random phase on every lane, once its photons are in it."""
    lanes = {mode for mode in circuit.modes if " > " in mode}
    operations = []
    for op in circuit.operations:
        operations.append(op)
        if isinstance(op, NumberControl):
            for mode in sorted({circuit.modes[k] for _, b in op.moves for k, n in enumerate(b) if n} & lanes):
                operations.append(PhaseDiffusion(mode=mode, sigma_rad=sigma))
                lanes.discard(mode)
    return dataclasses.replace(circuit, operations=tuple(operations))


@seeds(12)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_random_phases_on_lanes_cost_at_most_what_is_said(scheme, seed):
    problem = Problem.of(random_network(seed, most_photons=3, sensors=(1, 4)))
    layouts = string_layouts(problem, scheme)
    sigma = 1e-3
    whole = []
    for part in layouts.parts(problem):
        noisy = with_random_phases(part.circuit, sigma)
        information = get_engine("native").qfi(noisy, [0.1 * (k + 1) for k in range(noisy.parameters)])
        whole.append(nuisance_aware_information(information, part.coefficients).mse / part.share)
    added = math.fsum(whole) - layouts.mse
    most = sigma**2 * math.fsum(link.per_phase2 for link in layouts.robustness.links)
    assert added <= most * (1 + 1e-3) + 1e-12
    if all(len(turn.nodes) == 2 for turn in layouts.turns):
        assert added == pytest.approx(most, rel=1e-3, abs=1e-9)
    else:
        assert added > 0.2 * most


def test_equal_branches_cost_exactly_what_is_said():
    """K equal branches with a random phase each: V (1 + 2/K), against the Fisher matrix of the dephased state."""
    from photonics import Circuit, FockState, PrepareFock, Sense

    network = made([1, 1, 1], [("hub", node, 1.0) for node in ("s0", "s1", "s2", "ref")], photons=1, ancillas=("hub",))
    (turn,) = string_layouts(network, "multimode-noon").turns
    # Populations 1/6, 1/6, 1/6, 1/2, all g_j^2 = Var: pi (1 + 2 pi) of each.
    assert phase_growth(turn) == pytest.approx([2 / 9] * 3 + [1.0])
    # A balanced function with four equal branches.
    balanced = made([1, 1, -1, -1], [("s0", f"s{k}", 1.0) for k in (1, 2, 3)], photons=1, references=())
    (turn,) = string_layouts(balanced, "multimode-noon").turns
    assert phase_growth(turn) == pytest.approx([(1 + 2 / 4) / 4] * 4)
    modes = ("a", "b", "c", "d")
    strings = {tuple(int(k == j) for j in range(4)): 0.5 for k in range(4)}
    sigma = 1e-3
    noise = tuple(PhaseDiffusion(mode=mode, sigma_rad=sigma) for mode in modes)
    start = PrepareFock(state=FockState.from_terms(modes, strings))
    circuit = Circuit(modes=modes, operations=(start, *noise, Sense(modes=modes, generator="number")))
    information = get_engine("native").qfi(circuit, [0.1, 0.2, 0.3, 0.4])
    grown = nuisance_aware_information(information, [1, 1, -1, -1]).mse / 4
    assert grown - 1 == pytest.approx(1.5 * sigma**2, rel=1e-3)


def test_a_design_has_the_layout_of_its_chosen_scheme():
    """Where no column protocol exists pairs are laid out; states of each sensor in turn use no links and have no layout."""
    network = made(["1.4142", 1, -1], [("s0", "s1", 0.8), ("s1", "s2", 0.7), ("s2", "ref", 0.9)], photons=3)
    problem = Problem.of(network)
    assert not problem.divisibility.holds
    result = design(network)
    errors = {candidate.plan.scheme: candidate.mse for candidate in result.candidates}
    turns = find_scheme("phase", "noon-in-turn").plan(problem)
    assert errors["noon-in-turn"] == turns.predicted_mse
    assert errors["pairs-in-turn"] == string_layouts(problem, "pairs-in-turn").mse
    assert errors["multimode-noon"] == string_layouts(problem, "multimode-noon").mse
    assert result.chosen.plan.scheme == min(errors, key=errors.get) == "noon-in-turn"
    assert result.physical is None
    assert result.to_dict()["physical"] is None
    note = (
        "noon-in-turn needs no links: every state is made at its sensor, so the losses of 3 links do not count for it"
    )
    assert note in result.notes
    for scheme in SCHEMES:
        only = design(network, schemes=[scheme])
        document = only.to_dict()["physical"]
        assert document["scheme"] == only.physical.scheme == only.chosen.plan.scheme == scheme
        assert document["mse"] == only.chosen.mse
        assert document["mse"] == pytest.approx(as_built_mse(problem, only.physical))
        assert not any("needs no links" in note for note in only.notes)


def test_of_equal_errors_the_layout_of_the_least_effort_is_taken():
    """(1, 1, -2), N = 2: all three kinds reach the bound; pairs entangle two modes, the others three."""
    network = SensorNetwork.star([1, 1, -2], sensing="phase", photons=2)
    every = [photon_layouts(network), *(string_layouts(network, scheme) for scheme in SCHEMES)]
    assert [one.mse for one in every] == pytest.approx([1.0] * 3)
    assert along_links(network) == dataclasses.replace(every[2], alternatives=along_links(network).alternatives)
    assert along_links(network).scheme == rank_plans(network).best.scheme == "pairs-in-turn"
    for name, alone in zip(("noon", *SCHEMES), every, strict=True):
        assert design(network, schemes=[name]).physical == alone


@examples(20)
@given(seed=st.integers(0, 10**6))
def test_the_least_error_of_all_kinds_is_drawn(seed):
    problem = Problem.of(random_network(seed))
    layouts = along_links(problem)
    assert layouts.mse == pytest.approx(min(string_layouts(problem, scheme).mse for scheme in SCHEMES)) or (
        layouts.scheme in ("noon", "w-matrix")
    )
    assert layouts.mse <= min(string_layouts(problem, scheme).mse for scheme in SCHEMES) * (1 + 1e-9)
    assert layouts.warning() is None


def test_what_cannot_be_is_refused():
    network = SensorNetwork.star([1, 1], sensing="phase", photons=2)
    with pytest.raises(InputError, match="laid out for multimode-noon and pairs-in-turn, got 'noon-in-turn'"):
        string_layouts(network, "noon-in-turn")
    with pytest.raises(InputError, match="a snapshot"):
        string_layouts(network.replace(parameters="snapshot"), "pairs-in-turn")
    assert string_layouts(network.replace(parameters="snapshot"), "multimode-noon").mse == pytest.approx(1.0)
    assert along_links(network.replace(parameters="snapshot", photons=3)).scheme == "multimode-noon"
    with pytest.raises(InputError, match="no node 's9' to start from"):
        string_layouts(network, "pairs-in-turn", roots=["s9"])
    pairs = string_layouts(network, "pairs-in-turn")
    with pytest.raises(InputError, match="2 circuits take turns"):
        pairs.circuit(network)
    assert len(pairs.circuits(network)) == 2
    displaced = SensorNetwork.chain([1, 1], sensing="displacement", mean_photons=1.0)
    with pytest.raises(InputError, match="laid out for phase sensing"):
        pairs.circuits(displaced)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_hopeless_links_lose_everything(scheme):
    links = [("s0", "s1", 1e-300), ("s1", "ref", 1e-300)]
    layouts = string_layouts(made([1, 1], links, photons=6, etas=[1e-100] * 2), scheme)
    assert layouts.mse == math.inf
    assert layouts.warning().startswith("The transmission along these links is below numerical precision")
    assert math.fsum(turn.share for turn in layouts.turns) == pytest.approx(1)
    assert all(math.fsum(turn.populations) == pytest.approx(1) for turn in layouts.turns)
    assert not any(math.isnan(link.per_phase2) for link in layouts.robustness.links)
    assert not any(math.isnan(link.per_transmissivity) for link in layouts.robustness.links)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_kept_in_a_file(scheme, tmp_path):
    layouts = string_layouts(random_network(3, sensors=(3, 4)), scheme)
    layouts.save(tmp_path / "layouts.json")
    assert load(tmp_path / "layouts.json") == layouts
    document = json.loads(json.dumps(layouts.to_dict()))
    assert document["scheme"] == scheme
    assert [turn["source"]["node"] for turn in document["turns"]] == [turn.root for turn in layouts.turns]
    assert [move["photons"] for turn in document["turns"] for move in turn["preparation"]] == [
        list(move.photons) for turn in layouts.turns for move in turn.preparation.moves
    ]


def test_in_words():
    links = [("s0", "s1", 1.0), ("s1", "s2", 0.25)]
    network = made([1, 1, -2], links, photons=1, references=())
    (section,) = string_layouts(network, "pairs-in-turn").sections()
    assert section.title == "Along the links, pairs in turn"
    assert section.lines[0] == "MSE 9, 2.25 times that of links without loss"
    assert section.lines[1] == (
        "turn 1, share 0.5 of the shots, from node s1, 2 link traversals in 2 time steps: "
        "N00N state of 1 photon, all at one node (population): A at s0 (0.3333), B at s2 (0.6667)"
    )
    assert "turn 1, time step 2: s1 - s2, 1 photon of branch B; link transmissivity 0.25" in section.lines
    assert "light starts at or passes sensors that it does not use then: s1" in section.lines
    (section,) = string_layouts(network, "multimode-noon").sections()
    assert section.title == "Along the links, superposed strings from one source"
    assert section.lines[1] == "prepared at node s1; 2 link traversals in 2 time steps"
    assert section.lines[-2].startswith("at most 10% more error")


def test_figures_and_files_have_every_turn(tmp_path):
    network = SensorNetwork.star([1, 1, -1], sensing="phase", photons=2)
    layouts = string_layouts(network, "pairs-in-turn")
    axes = draw_layers(network, layouts).figure.axes[0]
    assert axes.get_xlabel() == "time step of each turn"
    # Time steps are counted again in every turn.
    depths = layouts.stage_depths
    assert [label.get_text() for label in axes.get_xticklabels()] == [
        str(step) for depth in depths for step in range(1, depth + 1)
    ]
    legend = [text.get_text() for text in draw_layout(network, layouts).figure.legends[0].get_texts()]
    assert legend[-2:] == ["turn 1", "turn 2"]
    result = design(network)
    assert result.physical == dataclasses.replace(layouts, alternatives=result.physical.alternatives)
    (tmp_path / "circuit_7.json").write_text("of an earlier design")
    names = {path.name for path in write_design(result, tmp_path)}
    assert {"circuit_1.json", "circuit_2.json", "layers.png"} <= names
    assert {path.name for path in tmp_path.iterdir()} == names
    assert "As circuits, one a turn: circuit_1.json to circuit_2.json." in (tmp_path / "report.md").read_text()
    whole = design(network, schemes=["multimode-noon"])
    assert "circuit.json" in {path.name for path in write_design(whole, tmp_path)}
    assert not (tmp_path / "circuit_1.json").exists()


def test_losses_are_those_of_the_links_and_the_passes():
    links = [("s0", "s1", 0.8), ("s1", "ref", 0.5)]
    network = made([1, 2], links, photons=2, passes=2, etas=[0.9, 1.0])
    (circuit,) = string_layouts(network, "multimode-noon").circuits(network)
    found = [(op.mode, op.transmissivity) for op in circuit.operations if isinstance(op, Loss)]
    in_lanes = [eta for mode, eta in found if " > " in mode]
    assert sorted(set(in_lanes)) == [0.5, 0.8]
    assert [pair for pair in found if " > " not in pair[0]] == [("s0", 0.9)] * 2


def test_one_column_may_beat_superposed_strings_and_pairs():
    """(1, 1), N = 2, one sensor behind a link of 1/4: (2 + 1)^2/4 of one column, ((1 + 4 + 2)/4)^2 of strings and pairs."""
    links = [("s0", "ref", 1.0), ("s1", "ref", 0.25)]
    network = made([1, 1], links, photons=2)
    assert photon_layouts(network).mse == pytest.approx(9 / 4)
    assert [string_layouts(network, scheme).mse for scheme in SCHEMES] == pytest.approx([49 / 16] * 2)
    assert along_links(network).scheme == "noon"
