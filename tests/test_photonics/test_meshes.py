"""Passive unitaries on the links of a graph: the product, the links used, the layers, and both engines."""

from __future__ import annotations

import math

import networkx as nx
import numpy as np
import pytest
from drawn import examples
from hypothesis import given, strategies as st
from scipy.stats import unitary_group

from photonics import Circuit, Interferometer, Squeeze, get_engine
from photonics.circuits.meshes import mesh, path_through_all


def names_and_links(graph):
    graph = nx.convert_node_labels_to_integers(graph)
    return [f"m{v}" for v in graph], [(f"m{a}", f"m{b}") for a, b in graph.edges]


def multiplied(result):
    """The product, element by element as matrices of all modes: nothing shared with the search."""
    place = {name: k for k, name in enumerate(result.modes)}
    product = np.eye(len(place), dtype=complex)
    for e in result.elements:
        step = np.eye(len(place), dtype=complex)
        i, j = place[e.first], place[e.second]
        c, s = math.cos(e.theta_rad), math.sin(e.theta_rad)
        step[np.ix_([i, j], [i, j])] = [[c, -np.exp(-1j * e.phi_rad) * s], [np.exp(1j * e.phi_rad) * s, c]]
        product = step @ product
    return np.diag(np.exp(1j * np.array(result.phases_rad))) @ product


def check(result, unitary, links):
    assert abs(multiplied(result) - unitary).max() < 1e-10
    assert {frozenset((e.first, e.second)) for e in result.elements} <= {frozenset(link) for link in links}
    for layer in range(1, result.depth + 1):
        ends = [end for e in result.elements if e.layer == layer for end in (e.first, e.second)]
        assert ends
        assert len(set(ends)) == len(ends)


@examples(60)
@given(
    nodes=st.integers(2, 9),
    extra=st.integers(0, 6),
    seed=st.integers(0, 10**6),
    method=st.sampled_from(["best", "peeling"]),
)
def test_any_unitary_on_any_connected_graph(nodes, extra, seed, method):
    rng = np.random.default_rng(seed)
    graph = nx.random_labeled_tree(nodes, seed=seed)
    for _ in range(extra):
        graph.add_edge(*map(int, rng.choice(nodes, 2, replace=False)))
    modes, links = names_and_links(graph)
    unitary = unitary_group.rvs(nodes, random_state=rng)
    result = mesh(unitary, modes, links, method=method)
    check(result, unitary, links)
    assert len(result.elements) <= nodes * (nodes - 1) // 2
    assert result.error < 1e-12


def test_twenty_five_modes_on_a_grid():
    modes, links = names_and_links(nx.grid_2d_graph(5, 5))
    unitary = unitary_group.rvs(25, random_state=np.random.default_rng(3))
    result = mesh(unitary, modes, links)
    check(result, unitary, links)
    # The snake through all nodes: as few layers as there are modes, and one element for each pair.
    assert (result.method, result.depth, len(result.elements)) == ("rectangular", 25, 300)
    peeled = mesh(unitary, modes, links, method="peeling")
    check(peeled, unitary, links)
    assert (peeled.method, len(peeled.elements)) == ("peeling", 300)


def test_a_star_has_no_path_and_all_elements_at_its_hub():
    modes, links = names_and_links(nx.star_graph(5))
    unitary = unitary_group.rvs(6, random_state=np.random.default_rng(0))
    assert path_through_all(nx.star_graph(5)) is None
    with pytest.raises(ValueError, match="no path of links through all modes was found"):
        mesh(unitary, modes, links, method="rectangular")
    result = mesh(unitary, modes, links)
    check(result, unitary, links)
    # Every beam splitter is at the hub, so there is one a layer.
    assert result.depth == len(result.elements) == 15


def test_zeros_need_no_elements():
    modes, links = names_and_links(nx.path_graph(5))
    phases = np.exp(1j * np.array([0.1, -2.0, 0.5, 3.0, 0.0]))
    result = mesh(np.diag(phases), modes, links, method="peeling")
    assert (result.elements, result.depth) == ((), 0)
    assert np.allclose(np.exp(1j * np.array(result.phases_rad)), phases, atol=1e-14)
    swapped = mesh(np.eye(5)[[1, 0, 2, 3, 4]], modes, links, method="peeling")
    check(swapped, np.eye(5)[[1, 0, 2, 3, 4]], links)
    assert len(swapped.elements) == 1
    one = mesh([[1j]], ["a"], [])
    assert one.phases_rad == (math.pi / 2,)


@pytest.mark.parametrize("engine", ["native", "strawberryfields"])
@pytest.mark.parametrize("method", ["rectangular", "peeling"])
def test_the_mesh_is_the_interferometer_on_both_engines(engine, method):
    modes, links = names_and_links(nx.grid_2d_graph(2, 3))
    unitary = unitary_group.rvs(6, random_state=np.random.default_rng(8))
    result = mesh(unitary, modes, links, method=method)
    light = [Squeeze(mode=mode, r=0.2 * k, angle_rad=0.4 * k) for k, mode in enumerate(modes)]
    whole = Interferometer(modes=tuple(modes), unitary=tuple(tuple(row) for row in unitary.tolist()))
    runner = get_engine(engine)
    meshed = runner.run(Circuit(modes=tuple(modes), operations=(*light, *result.operations())), [])
    wanted = get_engine("native").run(Circuit(modes=tuple(modes), operations=(*light, whole)), [])
    assert abs(meshed.covariance - wanted.covariance).max() < 1e-9


def test_every_fault_is_named():
    with pytest.raises(ValueError, match="method must be one of best, rectangular, peeling") as caught:
        mesh(np.ones((2, 3)), ["a", "b", "c"], [("a", "b"), ("a", "q")], method="fast")
    assert "3 x 3, one row and column a mode, got 2 x 3" in str(caught.value)
    assert "not there: q" in str(caught.value)
    with pytest.raises(ValueError, match="not unitary: its entries are up to 1 away from the nearest unitary"):
        mesh([[1, 0], [0, 2]], ["a", "b"], [("a", "b")])
    with pytest.raises(ValueError, match="do not connect all modes: c cannot be reached"):
        mesh(np.eye(3), ["a", "b", "c"], [("a", "b")])
    with pytest.raises(ValueError, match="finite entries"):
        mesh([[np.nan]], ["a"], [])
    with pytest.raises(ValueError, match="names that differ"):
        mesh(np.eye(2), ["a", "a"], [])


@pytest.mark.parametrize("method", ["best", "rectangular", "peeling"])
def test_unitaries_written_with_eleven_digits(method):
    for count in (2, 12, 40):
        modes, links = names_and_links(nx.path_graph(count))
        written = np.round(unitary_group.rvs(count, random_state=np.random.default_rng(count)), 11)
        result = mesh(written, modes, links, method=method)
        assert abs(multiplied(result) - written).max() < 1e-10
    with pytest.raises(ValueError, match="write them with 12 digits or more"):
        mesh(np.round(written, 6), modes, links, method=method)
