"""Limits that name modes, places of protocols, few distinct columns: against trying everything."""

import itertools
import math
from collections import Counter
from random import Random

import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st
from oracles import protocols_by_brute_force

from networks import InputError, LinearFunction
from protocols.wmatrix.limits import Limits, connected_supports, support_table
from protocols.wmatrix.margins import margins, require_margins
from protocols.wmatrix.search import counting
from protocols.wmatrix.search.counting import count_protocols
from protocols.wmatrix.search.least import least_modes
from protocols.wmatrix.search.places import ProtocolOrder
from protocols.wmatrix.search.repeats import fewest_columns, modes_and_switches
from protocols.wmatrix.search.sparse_tables import corner_columns, widest
from protocols.wmatrix.search.tables import enumerate_tables
from protocols.wmatrix.search.walk import enumerate_batches, visit_all

PROBLEMS = [
    ((1, 1, -1), 2, 2),
    ((2, 1, -1), 3, 2),
    ((1, 1), 3, 4),
    ((1, 1, 1), 3, 3),
    ((2, 1, -1, -2), 3, 2),
    ((1, 0, -1), 3, 2),
    ((2, 2, -1), 4, 2),
    ((1, 1, 1, -1), 3, 2),
]
EVERYTHING = {problem: protocols_by_brute_force(*problem) for problem in PROBLEMS}


def support(column, photons):
    occupied = {j for j, w in enumerate(column) if w}
    return frozenset(occupied | ({len(column)} if photons + sum(w for w in column if w < 0) else set()))


def fullest(column, photons):
    return max(*map(abs, column), photons + sum(w for w in column if w < 0))


def obeys(protocol, limits, photons):
    cap = limits.photons_per_mode
    return all(limits.admit(support(c, photons)) and (cap is None or fullest(c, photons) <= cap) for c in protocol)


def all_limits(draw, sensors):
    """Limits of every kind for a number of sensors."""
    group = st.frozensets(st.integers(0, sensors), min_size=1, max_size=3)
    supports = [frozenset(s) for r in range(sensors + 2) for s in itertools.combinations(range(sensors + 1), r)]
    refused = draw(st.none() | st.frozensets(st.sampled_from(supports), max_size=len(supports) // 3))
    limits = Limits(
        modes=draw(st.sampled_from([None, 2, 3])),
        photons_per_mode=draw(st.sampled_from([None, 1, 2])),
        forbidden=tuple(draw(st.lists(group, max_size=2))),
        required=tuple(draw(st.lists(group, max_size=1))),
        allows=None if refused is None else (lambda occupied: occupied not in refused),
    )
    assume(not limits.faults(sensors))
    return limits


@given(st.sampled_from(PROBLEMS), st.data())
@settings(deadline=None, max_examples=100)
def test_every_answer_under_limits_by_brute_force(problem, data):
    alpha, photons, passes = problem
    function, table = LinearFunction(alpha), margins(LinearFunction(alpha), photons, passes)
    limits = all_limits(data.draw, len(alpha))
    try:
        effective = limits.effective(table)
    except InputError:
        assert not any(obeys(p, limits, photons) for p in EVERYTHING[problem])
        return
    allowed = {p for p in EVERYTHING[problem] if obeys(p, limits, photons)}
    listed = list(enumerate_tables(table, limits))
    as_columns = [tuple(sorted(table.omega(c) for c in glued)) for glued in listed]
    assert len(set(as_columns)) == len(as_columns)
    assert set(as_columns) == allowed
    batches = itertools.chain.from_iterable(enumerate_batches(table, limits, batch=3))
    assert [tuple(zip(*t.tolist(), strict=True)) for t in batches] == listed
    assert visit_all(table, limits) == len(allowed)
    counted = count_protocols(table, limits)
    assert counted.unordered == len(allowed)
    assert counting._by_newton(table, effective) == (counted.unordered, counted.ordered)
    order = ProtocolOrder(table, limits)
    assert [order.unrank(k) for k in range(order.size)] == listed
    assert [order.rank(columns) for columns in listed] == list(range(len(listed)))
    least = least_modes(function, table, limits=limits)
    everything = {
        p
        for p in EVERYTHING[problem]
        if obeys(p, Limits(**{**{f: getattr(limits, f) for f in Limits.__slots__}, "modes": None}), photons)
    }
    if not everything:
        assert (least.modes, least.decided, least.exists) == (None, True, False)
    else:
        modes = {p: max(len(support(c, photons)) for c in p) for p in everything}
        assert least.decided
        assert least.modes == min(modes.values())
    found = fewest_columns(table, limits, None)
    switches = {p: len(set(p)) for p in allowed}
    assert (found.distinct if found else None) == min(switches.values(), default=None)
    if found:
        assert found.decided
        assert tuple(sorted(map(table.omega, found.columns))) in allowed


@pytest.mark.parametrize("problem", PROBLEMS)
def test_trade_offs_by_brute_force(problem):
    alpha, photons, passes = problem
    function, table = LinearFunction(alpha), margins(LinearFunction(alpha), photons, passes)
    least = least_modes(function, table)
    points = modes_and_switches(table, Limits(), least.columns, least.modes)
    reached = {(max(len(support(c, photons)) for c in p), len(set(p)) - 1) for p in EVERYTHING[problem]}
    front = {(k, s) for k, s in reached if not any(a <= k and b <= s and (a, b) != (k, s) for a, b in reached)}
    assert all(p.decided for p in points)
    assert [(p.modes, p.switches) for p in points] == sorted(front, key=lambda point: point[1])
    for k in (2, 3):
        inside = {point for point in front if point[0] <= k}
        if inside:
            limited = modes_and_switches(table, Limits(modes=k), least.columns, least.modes)
            assert {(p.modes, p.switches) for p in limited} == inside
    for point in points:
        assert widest(point.columns) == point.modes
        assert len(set(point.columns)) - 1 == point.switches


def test_columns_used_once_or_often():
    table = margins(LinearFunction([5, 3, 1, -4]), 9, 40)
    found = fewest_columns(table, Limits(), None)
    assert found.distinct == 1
    # 40 passes of a function with a prime sum: no single column, and two do.
    table = margins(LinearFunction([4, 3]), 5, 14)
    found = fewest_columns(table, Limits(), None)
    assert (found.distinct, found.decided) == (2, True)
    table = margins(LinearFunction([7, 3, 4, 1]), 5, 9)
    cut = fewest_columns(table, Limits(), corner_columns(table), node_limit=1)
    assert cut.lower_bound < cut.distinct
    assert not cut.decided


def test_connected_supports_as_a_limit():
    graph = nx.path_graph(["a", "b", "ref", "c"])
    allows = connected_supports(graph, ("a", "b", "c", "ref"))
    for size in range(1, 5):
        for chosen in itertools.combinations(range(4), size):
            names = [("a", "b", "c", "ref")[k] for k in chosen]
            assert allows(frozenset(chosen)) == nx.is_connected(graph.subgraph(names))
    # a is linked to b alone, so a pass with a needs b next to the reference.
    function = LinearFunction([1, 1, 1])
    table = require_margins(function, 3, 2)
    found = least_modes(function, table, limits=Limits(allows=allows))
    assert found.decided
    assert all(allows(support(table.omega(c), 3)) for c in found.columns)
    assert not allows(frozenset({0, 3}))


def test_drawn_protocols_are_uniform():
    table = margins(LinearFunction([3, 2, 1, -1, -2]), 6, 2)
    order = ProtocolOrder(table)
    assert order.size == count_protocols(table).unordered
    draws, generator = 20_000, Random(11)
    seen = Counter(order.rank(order.sample(generator)) for _ in range(draws))
    expected = draws / order.size
    chi2 = sum((seen[k] - expected) ** 2 / expected for k in range(order.size))
    # Chi squared has mean size - 1 and variance twice that; 5 sigma.
    assert abs(chi2 - (order.size - 1)) < 5 * math.sqrt(2 * (order.size - 1))


def test_places_refuse_what_they_cannot_hold():
    with pytest.raises(InputError, match="cannot be put into places"):
        ProtocolOrder(margins(LinearFunction([1, 2, 3, 4, -2, -3]), 10, 6), largest_work=1000)
    order = ProtocolOrder(margins(LinearFunction([1, 1]), 2, 2))
    with pytest.raises(InputError, match="between 0 and the number of protocols"):
        order.unrank(2)
    with pytest.raises(InputError, match="no protocol of this problem"):
        order.rank(((0, 2, 2), (2, 0, 2)))
    with pytest.raises(InputError, match="2 columns of 3 cells"):
        order.rank(((0, 2),))
    empty = ProtocolOrder(margins(LinearFunction([1, 1]), 4, 1), Limits(photons_per_mode=1))
    with pytest.raises(InputError, match="no protocol within these limits"):
        empty.sample(Random(1))


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(modes=1), "max modes must be an integer of at least 2"),
        (Limits(photons_per_mode=0), "max photons per mode must be an integer of at least 1"),
        (Limits(forbidden=(frozenset(),)), "forbidden group must name at least one mode"),
        (Limits(required=(frozenset({7}),)), "required group names mode 7; modes are 0 to 2, the reference is 3"),
        (
            Limits(forbidden=(frozenset({0}), frozenset({1})), required=(frozenset({0, 1}),)),
            "contradictory groups: one of {0, 1} is required, and each of them is forbidden by itself",
        ),
    ],
)
def test_limits_that_make_no_sense(limits, message):
    assert any(message in fault for fault in limits.faults(3))


def test_groups_that_no_pass_can_obey_and_problems_too_large_for_them():
    table = margins(LinearFunction([1, 0, -1]), 1, 2)
    with pytest.raises(InputError, match="none of them ever holds photons"):
        Limits(required=(frozenset({1}),)).effective(table)
    assert Limits(forbidden=(frozenset({1, 2}),)).effective(table).are_none
    large = margins(LinearFunction([1] * 30), 30, 1)
    with pytest.raises(InputError, match="listed for at most 20 modes in use, here are 31"):
        support_table(large, Limits(forbidden=(frozenset({1, 2}),)))


def test_supports_of_many_modes_are_counted_right():
    # More than ten rows: sizes are looked up in two halves.
    table = margins(LinearFunction([1] * 7 + [-1] * 5), 7, 1)
    limits = Limits(modes=5, allows=lambda occupied: len(occupied) != 4)
    allowed = support_table(table, limits)[1 << table.rows :]
    sizes = Counter(int(mask).bit_count() for mask in np.flatnonzero(allowed))
    left = len(table.left)
    for size in (2, 3, 4, 5):
        want = sum(math.comb(left, a) * math.comb(table.rows - left, size - a) for a in range(1, size))
        assert sizes[size] == (0 if size == 4 else want)
    assert set(sizes) == {2, 3, 5}


@pytest.mark.parametrize("photons", [126, 127, 128, 129, 2**15, 2**31])
def test_photon_numbers_at_the_ends_of_machine_integers(photons):
    table = margins(LinearFunction([photons - 1, 1]), photons, 2)
    batches = list(itertools.islice(enumerate_batches(table, batch=4), 2))
    listed = [tuple(zip(*t.tolist(), strict=True)) for batch in batches for t in batch]
    assert listed == list(itertools.islice(enumerate_tables(table), len(listed)))
    assert listed


def test_sums_that_do_not_fit_machine_words_are_left_to_python():
    # N M fits, but N times the rows does not: bounds inside the compiled walk would wrap around.
    function = LinearFunction([*[1] * 9, 2**60 - 9])
    table = margins(function, 2**60, 1)
    assert len(list(enumerate_tables(table))) == 1
    with pytest.raises(InputError, match="too large for the compiled walk"):
        next(enumerate_batches(table))
    with pytest.raises(InputError, match="too large for the compiled walk"):
        visit_all(table)
    assert count_protocols(table).unordered == 1
    assert least_modes(function, table).modes == 11


def test_photons_per_mode_that_no_table_can_meet_are_seen_at_once():
    # The reference alone must hold 100 photons in every pass.
    function = LinearFunction([3, 5, 7, 11, 13, 17, 19, 23, 2])
    table = margins(function, 100, 6)
    limits = Limits(photons_per_mode=99)
    found = least_modes(function, table, limits=limits)
    assert (found.modes, found.decided, found.exists) == (None, True, False)
    assert list(enumerate_tables(table, limits)) == []
    assert list(enumerate_batches(table, limits)) == []
    assert ProtocolOrder(table, limits).size == 0


def test_long_searches_stop(monkeypatch):
    monkeypatch.setattr(counting, "LARGEST_WALK", 10**7)
    table = margins(LinearFunction([1, 3, 7, 13, 9976]), 2, 5000)
    cut = fewest_columns(table, Limits(), corner_columns(table), node_limit=20_000)
    assert not cut.decided
    with pytest.raises(InputError, match="at most 300 modes in use"):
        ProtocolOrder(margins(LinearFunction([1] * 400), 400, 1))
    with pytest.raises(InputError, match="cannot be put into places"):
        ProtocolOrder(margins(LinearFunction([1, 1]), 1000, 10), largest_work=10_000)
    with pytest.raises(InputError, match="the count is refused"):
        count_protocols(margins(LinearFunction([1, 2, 3]), 7, 60_000), Limits(modes=3))


def test_cursors_must_be_integers():
    table = margins(LinearFunction([1, 1]), 2, 2)
    with pytest.raises(InputError, match="cursor is no protocol"):
        next(enumerate_batches(table, after=np.array([[2.9, 0.2], [0, 2.0], [2, 2]])))
