"""W, its protocols, counts and least modes, against trying everything."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from drawn import examples
from hypothesis import assume, given, strategies as st
from oracles import columns_of_w, modes_of, protocols_by_brute_force

from networks import InputError, LinearFunction
from protocols import NoProtocolError, PhotonTask, WMatrix, enumerate_protocols
from protocols.theory.entanglement import phase_modes_bound
from protocols.wmatrix.limits import Limits
from protocols.wmatrix.search import counting
from protocols.wmatrix.search.block_bounds import cells_bound, most_blocks
from protocols.wmatrix.search.counting import count_protocols
from protocols.wmatrix.search.least import least_modes
from protocols.wmatrix.search.sparse_tables import balanced_columns, corner_columns
from protocols.wmatrix.search.tables import SearchLimitError, enumerate_tables
from protocols.wmatrix.search.walk import enumerate_batches

INSTANCES = [
    (alpha, photons, passes)
    for alpha in [
        (1,),
        (1, 1),
        (2, 1),
        (1, -1),
        (2, -1),
        (1, 1, -1),
        (1, 0, -1),
        (3, 2, 1),
        (2, 1, -1, -2),
        (1, 1, 1, 1),
        (2, 2, -1),
        (3, -1, -1),
    ]
    for photons, passes in itertools.product(range(1, 5), range(1, 4))
    if len(columns_of_w(alpha, photons)) ** passes < 60_000
]


@pytest.mark.parametrize(("alpha", "photons", "passes"), INSTANCES)
def test_enumeration_counts_and_least_modes_by_brute_force(alpha, photons, passes):
    f = LinearFunction(alpha)
    W = WMatrix(f, photons)
    assert sorted(W) == sorted(columns_of_w(alpha, photons))
    assert len(W) == len(list(W))
    assert [W.unrank(k) for k in range(W.size)] == list(W)
    assert [W.rank(column) for column in W] == list(range(W.size))
    matrix = W.matrix()
    assert [tuple(column) for column in matrix.toarray().T.tolist()] == list(W)
    assert matrix.nnz == W._entries()
    everything = protocols_by_brute_force(alpha, photons, passes)
    result = enumerate_protocols(f, photons, passes, limit=10**5, count=True)
    listed = [tuple(sorted(p.pass_columns())) for p in result.protocols]
    assert len(set(listed)) == len(listed)
    assert set(listed) == everything
    assert result.count == len(everything)
    assert result.complete
    assert result.exists == bool(everything)
    assert (result.task.target is None) == (not everything)
    if not everything:
        return
    least = min(max(modes_of(c, photons) for c in protocol) for protocol in everything)
    assert result.minimum_modes == least
    assert result.minimum_modes_decided
    assert result.lower_bound_modes <= least
    assert cells_bound(PhotonTask.of(f, photons, passes).margins) <= least
    for k, cap in itertools.product(range(2, len(alpha) + 3), (None, 1, 2, photons)):
        allowed = {
            p
            for p in everything
            if all(modes_of(c, photons) <= k and (cap is None or _fullest(c, photons) <= cap) for c in p)
        }
        limited = enumerate_protocols(
            f, photons, passes, limits=Limits(modes=k, photons_per_mode=cap), limit=10**5, count=True
        )
        assert {tuple(sorted(p.pass_columns())) for p in limited.protocols} == allowed
        assert limited.count == len(allowed)
        assert limited.exists == bool(allowed)


def _fullest(column, photons):
    return max(*map(abs, column), photons + sum(w for w in column if w < 0))


DATA = json.loads((Path(__file__).parents[1] / "data" / "wmatrix_counts.json").read_text())


@pytest.mark.parametrize("row", DATA, ids=lambda row: f"{row['alpha']}-{row['N']}-{row['M']}-{row['k']}")
def test_counts_agreed_by_independent_methods(row):
    f = LinearFunction(row["alpha"]).orient().function
    assert WMatrix(f, row["N"]).size == row["count_W"]
    task = PhotonTask.of(f, row["N"], row["M"], Limits(modes=row["k"]))
    if not task.is_divisible:
        assert row["count_solutions"] == 0
        return
    result = count_protocols(task)
    counts = {result.method: (result.unordered, result.ordered)}
    if counting._newton_cost(task) < 2e8:
        counts["newton"] = counting._by_newton(task)
    if row["k"] is None and counting._orbit_cost(task.margins) < 2e8:
        counts["orbits"] = counting._by_orbits(task.margins)
    for unordered, ordered in counts.values():
        assert unordered == row["count_solutions"]
        assert row["count_ordered"] in (None, ordered)
    least = least_modes(task)
    assert least.lower_bound <= row["min_k"] <= least.modes
    if least.decided:
        assert least.modes == row["min_k"]


@given(
    st.lists(st.integers(-4, 4), min_size=1, max_size=5).filter(any),
    st.integers(1, 5),
    st.integers(1, 4),
    st.integers(2, 6),
    st.integers(1, 5),
)
@examples(60)
def test_limited_counts_agree_with_listing(alpha, photons, passes, modes, cap):
    task = PhotonTask.of(alpha, photons, passes, Limits(modes=modes, photons_per_mode=cap))
    assume(task.is_divisible)
    assume(counting._newton_cost(task) < 1e8)
    listed = sum(1 for _ in enumerate_tables(task))
    assert counting._by_newton(task)[0] == listed


def test_counts_of_many_digits():
    # About 3.9e27 unordered; the two sides of (1,2,5,-1,-3,-2) by Normaliz and LattE.
    large = count_protocols(PhotonTask.of([3, 1, 2, 1, 1, -2, -1, -1, -3, 1], 12, 6))
    assert large.unordered == 3915671459322062683870461292
    assert large.method.startswith("orbit counting")
    ordered = count_protocols(PhotonTask.of([1, 2, 5, -1, -3, -2], 8, 4)).ordered
    assert ordered == 2653117005


@given(st.lists(st.integers(-6, 6), min_size=1, max_size=8).filter(any), st.integers(1, 4), st.integers(1, 6))
@examples(80)
def test_a_protocol_exists_exactly_when_34_holds(alpha, times, passes):
    f = LinearFunction(alpha).orient().function
    photons = times * int(f.norm_positive)
    task = PhotonTask.of(f, photons, passes)
    columns = corner_columns(task.margins)
    sums = [sum(c) for c in zip(*columns, strict=True)]
    assert tuple(sums) == (*task.margins.left, *task.margins.right)
    left = len(task.margins.left)
    assert all(sum(c[:left]) == sum(c[left:]) == photons for c in columns)
    assert sum(1 for c in columns for cell in c if cell) <= task.margins.rows + 2 * (passes - 1)
    assert max(sum(1 for cell in c if cell) for c in columns) >= phase_modes_bound(f, passes)


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=14).filter(any), st.integers(1, 4), st.integers(1, 9))
@examples(150)
def test_balanced_protocols_are_narrow_and_the_bound_is_close(alpha, times, passes):
    f = LinearFunction(alpha).orient().function
    task = PhotonTask.of(f, times * int(f.norm_positive), passes)
    columns = balanced_columns(task.margins)
    assert tuple(map(sum, zip(*columns, strict=True))) == (*task.margins.left, *task.margins.right)
    left = len(task.margins.left)
    assert all(sum(c[:left]) == sum(c[left:]) == task.photons for c in columns)
    k = max(sum(1 for cell in c if cell) for c in columns)
    assert k <= max(2, 2 - (2 - task.margins.rows) // passes)
    assert cells_bound(task.margins) <= k


def test_most_blocks_of_many_rows_is_a_bound():
    # 18 rows: 6 pairs and 2 blocks of three are there by construction, so no fewer may be promised.
    rows = (1, 9, 2, 8, 3, 7, 4, 6, 1, 9, 2, 8, 3, 3, 4, 1, 1, 8)
    assert most_blocks(rows, 10).blocks >= 8


@pytest.mark.parametrize(
    ("alpha", "photons", "passes", "message"),
    [
        (
            (1, 1, 1),
            100,
            1,
            "not a multiple of 3; with M = 1 use N a multiple of 3 .next: 102., or with N = 100 use M a multiple of 3",
        ),
        ((3, -1, 2), 4, 3, "N a multiple of 5 .next: 5."),
    ],
)
def test_refusals_name_what_would_work(alpha, photons, passes, message):
    f = LinearFunction(alpha).orient().function
    with pytest.raises(NoProtocolError, match=message):
        _ = PhotonTask.of(f, photons, passes).margins


def test_cut_searches_say_so():
    task = PhotonTask.of([1, 2, 3, 4, -2, -3], 10, 6)
    with pytest.raises(SearchLimitError):
        sum(1 for _ in enumerate_tables(task, node_limit=100))
    left = [33, 11, 33, 16, 39, 28, 55, 28, 44, 33]
    right = [37, 27, 37, 37, 5, 37, 16, 21, 5, 43, 55]
    hard = LinearFunction([*left, *(-b for b in right)])
    result = least_modes(PhotonTask.of(hard, 40, 8), cell_limit=100_000)
    assert result.exists
    assert not result.decided
    assert result.lower_bound < result.modes
    with pytest.raises(
        InputError, match=r"the count is refused: it would take more memory .* about 10.[0-9]+ protocols"
    ):
        count_protocols(PhotonTask.of([1, 2, 3] * 20, 120, 20))


@pytest.mark.parametrize(
    "options", [{"limits": Limits(modes=1)}, {"limits": Limits(photons_per_mode=0)}, {"limit": -1}]
)
def test_limits_that_make_no_sense(options):
    with pytest.raises(InputError, match="must be an integer of at least"):
        enumerate_protocols(LinearFunction([1]), 1, 1, **options)


def test_w_says_which_condition_a_vector_breaks():
    W = WMatrix([1, 0, -1], 2)
    assert (2, 0, -1) in W
    assert "omega_2 = -1 where alpha_2 = 0" in W.faults_of((2, -1, 0))[0]
    assert (2, -1, 0) not in W
    with pytest.raises(InputError, match="iterate"):
        WMatrix([1] * 12, 40).matrix()
    with pytest.raises(InputError, match="its sides have 2500"):
        WMatrix([1] * 5000, 1).matrix()


@given(
    st.lists(st.integers(-4, 4), min_size=1, max_size=6).filter(any),
    st.integers(1, 6),
    st.integers(1, 4),
    st.sampled_from([None, 2, 3, 4]),
    st.sampled_from([None, 1, 2, 4]),
    st.integers(0, 10**6),
)
@examples(80)
def test_the_compiled_walk_is_the_plain_one_and_restarts_anywhere(alpha, photons, passes, modes, cap, where):
    task = PhotonTask.of(alpha, photons, passes, Limits(modes=modes, photons_per_mode=cap))
    assume(task.is_divisible)
    plain = list(itertools.islice(enumerate_tables(task), 400))
    walk = itertools.chain.from_iterable(enumerate_batches(task, batch=7))
    compiled = [tuple(zip(*t.tolist(), strict=True)) for t in itertools.islice(walk, 400)]
    assert compiled == plain
    if plain:
        place = where % len(plain)
        cursor = np.array(plain[place]).T
        rest = itertools.chain.from_iterable(enumerate_batches(task, batch=5, after=cursor))
        again = [tuple(zip(*t.tolist(), strict=True)) for t in itertools.islice(rest, len(plain) - place - 1)]
        assert again == plain[place + 1 :]


def test_cursors_and_limits_of_the_compiled_walk():
    task = PhotonTask.of([1, 2, 3, 4, -2, -3], 5, 4)
    wrong = np.ones((len(task.margins.left) + len(task.margins.right), 4), dtype=int)
    with pytest.raises(InputError, match="cursor is no protocol"):
        next(enumerate_batches(task, after=wrong))
    with pytest.raises(InputError, match="cursor is no protocol"):
        next(enumerate_batches(task, after=wrong[:2]))
    seen: list[int] = []
    with pytest.raises(SearchLimitError):
        seen.extend(len(batch) for batch in enumerate_batches(task, node_limit=1000))
    assert 0 < sum(seen) < 1397115
    assert sum(len(batch) for batch in enumerate_batches(task)) == 1397115
    with pytest.raises(InputError, match="too large"):
        next(enumerate_batches(PhotonTask.of([1, 1], 2**62, 4)))


def test_places_in_a_w_of_astronomic_size():
    W = WMatrix([1, 2, -1, 3], 10**20)
    for place in (0, 1, W.size // 3, W.size - 1):
        assert W.rank(W.unrank(place)) == place


def test_columns_that_are_none_have_no_place():
    W = WMatrix([1, 1, -1], 3)
    with pytest.raises(InputError, match="is no column of W"):
        W.rank((1, 1, 0))
    with pytest.raises(InputError, match="between 0 and"):
        W.unrank(W.size)
