"""Limits that name modes, places of protocols, few distinct columns: against trying everything."""

import itertools
import math
from collections import Counter
from random import Random

import networkx as nx
import numpy as np
import pytest
from drawn import examples
from hypothesis import assume, given, strategies as st
from oracles import protocols_by_brute_force

from networks import InputError, LinearFunction
from protocols import NoProtocolError, PhotonTask
from protocols.wmatrix.limits import Limits, connected_supports
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
@examples(100)
def test_every_answer_under_limits_by_brute_force(problem, data):
    alpha, photons, passes = problem
    limits = all_limits(data.draw, len(alpha))
    try:
        task = PhotonTask.of(alpha, photons, passes, limits)
    except InputError:
        assert not any(obeys(p, limits, photons) for p in EVERYTHING[problem])
        return
    allowed = {p for p in EVERYTHING[problem] if obeys(p, limits, photons)}
    listed = list(enumerate_tables(task))
    as_columns = [tuple(sorted(task.margins.omega(c) for c in glued)) for glued in listed]
    assert len(set(as_columns)) == len(as_columns)
    assert set(as_columns) == allowed
    batches = itertools.chain.from_iterable(enumerate_batches(task, batch=3))
    assert [tuple(zip(*t.tolist(), strict=True)) for t in batches] == listed
    assert visit_all(task) == len(allowed)
    counted = count_protocols(task)
    assert counted.unordered == len(allowed)
    assert counting._by_newton(task) == (counted.unordered, counted.ordered)
    order = ProtocolOrder(task)
    assert [order.unrank(k) for k in range(order.size)] == listed
    assert [order.rank(columns) for columns in listed] == list(range(len(listed)))
    least = least_modes(task)
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
    result = fewest_columns(task, None)
    switches = {p: len(set(p)) for p in allowed}
    assert (result.distinct if result else None) == min(switches.values(), default=None)
    if result:
        assert result.decided
        assert tuple(sorted(map(task.margins.omega, result.columns))) in allowed


@pytest.mark.parametrize("problem", PROBLEMS)
def test_trade_offs_by_brute_force(problem):
    alpha, photons, passes = problem
    task = PhotonTask.of(alpha, photons, passes)
    least = least_modes(task)
    points = modes_and_switches(task, least.columns, least.modes)
    reached = {(max(len(support(c, photons)) for c in p), len(set(p)) - 1) for p in EVERYTHING[problem]}
    front = {(k, s) for k, s in reached if not any(a <= k and b <= s and (a, b) != (k, s) for a, b in reached)}
    assert all(p.decided for p in points)
    assert [(p.modes, p.switches) for p in points] == sorted(front, key=lambda point: point[1])
    for k in (2, 3):
        inside = {point for point in front if point[0] <= k}
        if inside:
            limited = modes_and_switches(task.within(Limits(modes=k)), least.columns, least.modes)
            assert {(p.modes, p.switches) for p in limited} == inside
    for point in points:
        assert widest(point.columns) == point.modes
        assert len(set(point.columns)) - 1 == point.switches


def test_columns_used_once_or_often():
    task = PhotonTask.of([5, 3, 1, -4], 9, 40)
    result = fewest_columns(task, None)
    assert result.distinct == 1
    # 40 passes of a function with a prime sum: no single column, and two do.
    task = PhotonTask.of([4, 3], 5, 14)
    result = fewest_columns(task, None)
    assert (result.distinct, result.decided) == (2, True)
    task = PhotonTask.of([7, 3, 4, 1], 5, 9)
    unfinished = fewest_columns(task, corner_columns(task.margins), node_limit=1)
    assert unfinished.lower_bound < unfinished.distinct
    assert not unfinished.decided


def test_connected_supports_as_a_limit():
    graph = nx.path_graph(["a", "b", "ref", "c"])
    allows = connected_supports(graph, ("a", "b", "c", "ref"))
    for size in range(1, 5):
        for chosen in itertools.combinations(range(4), size):
            names = [("a", "b", "c", "ref")[k] for k in chosen]
            assert allows(frozenset(chosen)) == nx.is_connected(graph.subgraph(names))
    # a is linked to b alone, so a pass with a needs b next to the reference.
    task = PhotonTask.of([1, 1, 1], 3, 2, Limits(allows=allows))
    result = least_modes(task)
    assert result.decided
    assert all(allows(support(task.margins.omega(c), 3)) for c in result.columns)
    assert not allows(frozenset({0, 3}))


def test_drawn_protocols_are_uniform():
    task = PhotonTask.of([3, 2, 1, -1, -2], 6, 2)
    order = ProtocolOrder(task)
    assert order.size == count_protocols(task).unordered
    draws, generator = 8_000, Random(11)
    seen = Counter(order.rank(order.sample(generator)) for _ in range(draws))
    expected = draws / order.size
    chi2 = sum((seen[k] - expected) ** 2 / expected for k in range(order.size))
    # Chi squared has mean size - 1 and variance twice that; 5 sigma.
    assert abs(chi2 - (order.size - 1)) < 5 * math.sqrt(2 * (order.size - 1))


def test_places_refuse_what_they_cannot_hold():
    with pytest.raises(InputError, match="cannot be put into places"):
        ProtocolOrder(PhotonTask.of([1, 2, 3, 4, -2, -3], 10, 6), largest_work=1000)
    order = ProtocolOrder(PhotonTask.of([1, 1], 2, 2))
    with pytest.raises(InputError, match="between 0 and the number of protocols"):
        order.unrank(2)
    with pytest.raises(InputError, match="no protocol of this problem"):
        order.rank(((0, 2, 2), (2, 0, 2)))
    with pytest.raises(InputError, match="2 columns of 3 cells"):
        order.rank(((0, 2),))
    empty = ProtocolOrder(PhotonTask.of([1, 1], 4, 1, Limits(photons_per_mode=1)))
    with pytest.raises(NoProtocolError, match="no column protocol within these limits"):
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
    task = PhotonTask.of([1, 0, -1], 1, 2)
    with pytest.raises(InputError, match="none of them ever holds photons"):
        _ = task.within(Limits(required=[{1}])).effective
    assert task.within(Limits(forbidden=[{1, 2}])).effective.are_none
    large = PhotonTask.of([1] * 30, 30, 1, Limits(forbidden=[{1, 2}]))
    with pytest.raises(InputError, match="listed for at most 20 modes in use, here are 31"):
        _ = large.supports


def test_supports_of_many_modes_are_counted_right():
    # More than ten rows: sizes are looked up in two halves.
    limits = Limits(modes=5, allows=lambda occupied: len(occupied) != 4)
    task = PhotonTask.of([1] * 7 + [-1] * 5, 7, 1, limits)
    allowed = task.supports[1 << task.margins.rows :]
    sizes = Counter(int(mask).bit_count() for mask in np.flatnonzero(allowed))
    left = len(task.margins.left)
    for size in (2, 3, 4, 5):
        want = sum(math.comb(left, a) * math.comb(task.margins.rows - left, size - a) for a in range(1, size))
        assert sizes[size] == (0 if size == 4 else want)
    assert set(sizes) == {2, 3, 5}


@pytest.mark.parametrize("photons", [126, 127, 128, 129, 2**15, 2**31])
def test_photon_numbers_at_the_ends_of_machine_integers(photons):
    task = PhotonTask.of([photons - 1, 1], photons, 2)
    batches = list(itertools.islice(enumerate_batches(task, batch=4), 2))
    listed = [tuple(zip(*t.tolist(), strict=True)) for batch in batches for t in batch]
    assert listed == list(itertools.islice(enumerate_tables(task), len(listed)))
    assert listed


def test_sums_that_do_not_fit_machine_words_are_left_to_python():
    # N M fits, but N times the rows does not: bounds inside the compiled walk would wrap around.
    function = LinearFunction([*[1] * 9, 2**60 - 9])
    task = PhotonTask.of(function, 2**60, 1)
    assert len(list(enumerate_tables(task))) == 1
    with pytest.raises(InputError, match="too large for the compiled walk"):
        next(enumerate_batches(task))
    with pytest.raises(InputError, match="too large for the compiled walk"):
        visit_all(task)
    assert count_protocols(task).unordered == 1
    assert least_modes(task).modes == 11


def test_photons_per_mode_that_no_table_can_meet_are_seen_at_once():
    # The reference alone must hold 100 photons in every pass.
    function = LinearFunction([3, 5, 7, 11, 13, 17, 19, 23, 2])
    task = PhotonTask.of(function, 100, 6, Limits(photons_per_mode=99))
    result = least_modes(task)
    assert (result.modes, result.decided, result.exists) == (None, True, False)
    assert list(enumerate_tables(task)) == []
    assert list(enumerate_batches(task)) == []
    assert ProtocolOrder(task).size == 0


def test_long_searches_stop(monkeypatch):
    monkeypatch.setattr(counting, "LARGEST_WALK", 10**7)
    task = PhotonTask.of([1, 3, 7, 13, 9976], 2, 5000)
    unfinished = fewest_columns(task, corner_columns(task.margins), node_limit=20_000)
    assert not unfinished.decided
    with pytest.raises(InputError, match="at most 300 modes in use"):
        ProtocolOrder(PhotonTask.of([1] * 400, 400, 1))
    with pytest.raises(InputError, match="cannot be put into places"):
        ProtocolOrder(PhotonTask.of([1, 1], 1000, 10), largest_work=10_000)
    with pytest.raises(InputError, match="the count is refused"):
        count_protocols(PhotonTask.of([1, 2, 3], 7, 60_000, Limits(modes=3)))


def test_cursors_must_be_integers():
    task = PhotonTask.of([1, 1], 2, 2)
    with pytest.raises(InputError, match="cursor is no protocol"):
        next(enumerate_batches(task, after=np.array([[2.9, 0.2], [0, 2.0], [2, 2]])))
