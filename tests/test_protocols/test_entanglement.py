"""Entanglement rows: values by hand, exactness at one pass, qubits by simulation, pairs by brute force."""

import itertools

import numpy as np
import pytest
from hypothesis import given, strategies as st

from networks import InputError, LinearFunction
from protocols import bounds_table
from protocols.theory.entanglement import (
    entanglement_rows,
    phase_modes_bound,
    published_phase_modes_bound,
    published_qubit_modes_bound,
    qubit_modes_bound,
)
from protocols.theory.photon_pairs import least_pair_passes


@pytest.mark.parametrize(
    ("alpha", "passes", "modes", "published"),
    [
        ((1, 1, 1), 1, 4, 4),  # three sensors and the reference
        ((1, 1, 1), 3, 2, 2),  # each sensor once, the reference in every pass: 6 cells over 3 passes
        ((1, 1, -1), 2, 2, 3),  # x = (1, 1, 1) and the reference once: 4 cells over 2 passes
        ((1, -1), 1, 2, 3),
        ((3, 1), 2, 3, 2),  # x = (3/2, 1/2): 2 + 1 cells and the reference twice
        ((4, -1, -1), 4, 2, 2),  # 4 + 1 + 1 cells and the reference in 2 passes
    ],
)
def test_phase_bound_by_hand(alpha, passes, modes, published):
    f = LinearFunction(alpha)
    assert phase_modes_bound(f, passes) == modes
    assert published_phase_modes_bound(f, passes) == published


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=6).filter(any))
def test_at_one_pass_the_bound_is_every_mode_that_must_be_occupied(alpha):
    f = LinearFunction(alpha).orient().function
    assert phase_modes_bound(f, 1) == max(2, int(f.norm(0)) + (not f.is_balanced))


def test_rows_of_all_kinds_of_sensing():
    rows = {
        (r.sensing, r.controls): (r.modes, r.published_modes) for r in entanglement_rows(LinearFunction([3, -1, 0]), 2)
    }
    assert rows == {
        ("qubit", "discrete"): (2, 2),  # 2 + 1 cells over 2 passes
        ("qubit", "arbitrary"): (2, 2),
        ("phase", "discrete"): (3, 2),
        ("phase", "arbitrary"): (2, 2),
        ("displacement", "discrete"): (2, 1),
        ("displacement", "arbitrary"): (2, 1),
    }
    assert qubit_modes_bound(LinearFunction([1, 1, 1, 1]), 1) == 4
    assert qubit_modes_bound(LinearFunction([4, 1, 1]), 1) == 3
    assert qubit_modes_bound(LinearFunction([4, 1, 1]), 2) == 2


def test_the_function_must_be_oriented():
    with pytest.raises(InputError, match="oriented"):
        phase_modes_bound(LinearFunction([1, -3]), 1)


def test_the_table_says_that_it_is_about_one_probe_in_every_shot():
    table = bounds_table([1, 1, -1], photons=1, passes=2)
    assert "used in every shot" in table.to_markdown()
    rows = {(row.sensing, row.controls): row for row in table.entanglement}
    note = rows["phase", "discrete"].note
    assert "k = 2 exactly when M is a multiple of 2" in note
    assert "in turn over the shots reach the bound with k = 2" in note
    assert rows["phase", "arbitrary"].protocol.pairs == ((1, 3), (2, None))
    assert rows["phase", "discrete"].protocol is None
    # Two arms are two modes, and need no reference.
    arms = {(r.sensing, r.controls): r for r in bounds_table([2, 1], photons=3, arms=2).entanglement}
    assert arms["phase", "discrete"].modes == 4
    assert set(arms["phase", "arbitrary"].protocol.pairs) == {(1, 2), (3, 4)}
    assert "modes are arms, two a site" in arms["phase", "discrete"].note


@pytest.mark.parametrize(
    ("alpha", "passes", "modes", "published"),
    [
        ((1, "0.34", "0.34", "0.3"), 3, 3, 2),
        ((7,), 5, 1, 1),
        ((1, 1, 1), 4, 3, 3),
        ((4, 1, 1), 2, 2, 2),
        ((2, 1, 1), 3, 3, 2),
    ],
)
def test_qubit_counting_is_reached_by_fresh_qubits(alpha, passes, modes, published):
    f = LinearFunction(alpha)
    assert qubit_modes_bound(f, passes) == modes
    assert published_qubit_modes_bound(f, passes) == published
    a = np.array([float(x) for x in f.alpha])
    ratio = a / a.max()
    # Round and round the passes: qubit j takes the next ceil(M ratio) places, passes in which it is correlated, each at most once.
    correlation, place = np.zeros((len(a), passes)), 0
    for j, share in enumerate(ratio):
        left = passes * share
        while left > 1e-12:
            correlation[j, place % passes] = min(left, 1.0)
            left -= min(left, 1.0)
            place += 1
    assert (correlation > 0).sum(axis=0).max() == modes
    # sigma_z of qubit 1 is z in every pass, that of qubit j is z times a coin of mean c_jm, new in every pass: generators are
    # diagonal, so the Fisher matrix of the state with these probabilities is the covariance of the sums of signs.
    variance = passes * np.eye(len(a))
    sums = correlation.sum(axis=1)
    information = variance + np.outer(sums, sums) - np.diag((correlation**2).sum(axis=1))
    assert a @ np.linalg.pinv(information, rcond=1e-12) @ a == pytest.approx((a.max() / passes) ** 2)


def test_fewer_qubit_cells_do_not_reach_the_bound():
    # (1, .34, .34, .3), M = 3 with k = 2: six cells, three of them qubit 1's; correlations of the others add up to at most 1 each
    # in three passes, so none of the placements gives every M alpha_j = 1.02, 1.02, 0.9.
    wanted = 3 * np.array([0.34, 0.34, 0.3])
    fits = [all(cells.count(j) >= wanted[j] for j in range(3)) for cells in itertools.product(range(3), repeat=3)]
    assert not any(fits)
    wider = [all(cells.count(j) >= wanted[j] for j in range(3)) for cells in itertools.product(range(3), repeat=6)]
    assert any(wider)


@pytest.mark.parametrize("alpha", [(1, 1, -1), (3, -1, -1), (1, -1), (2, 1), (3, -1, "1/2"), (5,)])
@pytest.mark.parametrize("photons", [1, 2])
def test_least_passes_of_pairs_by_brute_force(alpha, photons):
    f = LinearFunction(alpha)
    d = len(f)
    columns = []
    for i in f.positive:
        for j in (*f.negative, None):
            column = [0] * d
            column[i] = photons
            if j is not None:
                column[j] = -photons
            columns.append(np.array(column))
    for passes in range(1, 8):
        target = [photons * passes * a / f.norm_positive for a in f.alpha]
        chosen = itertools.combinations_with_replacement(columns, passes)
        works = any(list(sum(c)) == target for c in chosen)
        assert works == (passes % least_pair_passes(f) == 0)
