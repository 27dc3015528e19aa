"""Displacement sensing with at most k entangled modes: values by hand, groups in rationals, and the optimum by brute force."""

import itertools
import json
import math
from fractions import Fraction

import numpy as np
import pytest
from drawn import examples
from hypothesis import given, strategies as st
from scipy.optimize import minimize

from networks import InputError, LinearFunction
from photonics import BeamSplitter, Circuit, Sense, Squeeze
from photonics.engines import get_engine
from protocols import bounds_table
from protocols.theory.displacement import displacement_bound, displacement_gain
from protocols.theory.tradeoff import (
    entangled_groups,
    grouped_light,
    k_support_norm_squared,
    listed_modes,
    tradeoff_rows,
)

coefficients = st.lists(st.fractions(min_value=-5, max_value=5, max_denominator=5), min_size=1, max_size=7).filter(any)


def test_values_by_hand():
    rows = bounds_table([3, -1, "1/2"]).tradeoff
    assert [float(row.norm_squared) for row in rows] == [20.25, 11.25, 10.25]
    assert [row.one_probe_norm_squared for row in rows] == pytest.approx([20.25, (math.sqrt(10) + 0.5) ** 2, 10.25])
    assert [row.mse for row in rows] == [None] * 3
    # ||alpha||_1 at k = 1, ||alpha||_2 at k = d, also for equal coefficients, where all take turns in between.
    assert [k_support_norm_squared(LinearFunction([1] * 4), k) for k in (1, 2, 3, 4, 9)] == [
        16,
        8,
        Fraction(16, 3),
        4,
        4,
    ]


@given(coefficients, st.integers(1, 7))
@examples(100)
def test_groups_add_up_to_the_function_and_have_the_norm(alpha, k):
    f = LinearFunction(alpha)
    groups = entangled_groups(f, k)
    norm = k_support_norm_squared(f, k)
    assert sum(group.share for group in groups) == 1
    for group in groups:
        assert group.share > 0
        assert sum(1 for a in group.amplitudes if a) <= k
        assert sum(a * a for a in group.amplitudes) == norm
    for j, a in enumerate(f.alpha):
        assert sum(group.share * group.amplitudes[j] for group in groups) == a
    assert f.norm_2_squared <= norm <= Fraction(f.norm(1)) ** 2


@given(coefficients, st.integers(1, 7))
@examples(60)
def test_no_groups_do_better_than_the_norm(alpha, k):
    # For every b: norm >= alpha . b / (largest |b| over k coordinates). At the b of the optimum this is an equality.
    f = LinearFunction(alpha)
    sizes = sorted((float(abs(a)) for a in f.alpha), reverse=True)
    norm = math.sqrt(k_support_norm_squared(f, k))
    best = 0.0
    for kept in range(min(k, len(sizes))):
        level = sum(sizes[kept:]) / (min(k, len(sizes)) - kept)
        b = np.array([*sizes[:kept], *[level] * (len(sizes) - kept)])
        best = max(best, float(b @ sizes / np.linalg.norm(np.sort(b)[::-1][:k])))
    assert best == pytest.approx(norm, rel=1e-9)


def group_information(groups, nbar):
    """F of groups with a squeezed vacuum each, M = 1, in turn; modes outside a group are in the vacuum."""
    total = 0
    for group in groups:
        u = np.array([float(a) for a in group.amplitudes])
        u /= np.linalg.norm(u)
        total = total + float(group.share) * (np.eye(len(u)) + (displacement_gain(nbar) - 1) * np.outer(u, u))
    return total


@pytest.mark.parametrize("k", [1, 2, 3])
def test_groups_reach_the_norm_for_large_nbar(k):
    f, nbar = LinearFunction([3, -1, "1/2"]), 1e7
    a = np.array([3, -1, 0.5])
    reached = a @ np.linalg.inv(group_information(entangled_groups(f, k), nbar)) @ a
    assert 4 * nbar * reached == pytest.approx(float(k_support_norm_squared(f, k)), rel=1e-5)


def test_a_group_on_the_engine():
    # Two entangled modes of three, amplitudes (3, -3/2): the information that group_information writes down.
    group = entangled_groups(LinearFunction([3, -1, "1/2"]), 2)[0]
    nbar = 0.8
    angle = math.atan2(float(group.amplitudes[1]), float(group.amplitudes[0]))
    modes = ("a", "b", "c")
    circuit = Circuit(
        modes=modes,
        operations=(
            Squeeze(mode="a", r=math.asinh(math.sqrt(nbar))),
            BeamSplitter(first="a", second="b", theta_rad=angle),
            Sense(modes=modes, generator="momentum"),
        ),
    )
    information = get_engine("native").qfi(circuit, [0.1, 0.2, 0.3])
    one = [type(group)(share=Fraction(1), amplitudes=group.amplitudes)]
    assert information == pytest.approx(group_information(one, nbar), abs=1e-9)


def test_one_squeezed_vacuum_handed_from_group_to_group_in_a_shot():
    # Within one shot the same light goes through the groups for their shares: x moves by sum share u . theta.
    f, nbar = LinearFunction([3, -1, "1/2"]), 2.5
    groups = entangled_groups(f, 2)
    moved = sum(
        float(g.share) * np.array([float(a) for a in g.amplitudes]) / math.sqrt(sum(a * a for a in g.amplitudes))
        for g in groups
    )
    assert moved == pytest.approx(np.array([3, -1, 0.5]) / math.sqrt(11.25))
    information = displacement_gain(nbar) * np.outer(moved, moved)
    a = np.array([3, -1, 0.5])
    assert a @ np.linalg.pinv(information) @ a == pytest.approx(11.25 / displacement_gain(nbar))


def blocks_of(d, k):
    """All partitions of d sensors into groups of at most k."""
    if d == 0:
        yield ()
        return
    for others in itertools.chain.from_iterable(itertools.combinations(range(d - 1), r) for r in range(min(k, d))):
        left = [j for j in range(d - 1) if j not in others]
        for rest in blocks_of(len(left), k):
            yield ((*others, d - 1), *(tuple(left[j] for j in block) for block in rest))


@pytest.mark.parametrize(
    ("alpha", "k", "nbar"),
    [((3, -1, 0.5), 2, 2.5), ((1, 1, 1), 2, 0.4), ((2, -1, 1), 2, 30.0), ((4, 3, -2, 1), 3, 1.5)],
)
def test_the_optimum_by_brute_force_over_all_groups_in_turn(alpha, k, nbar):
    a = np.array(alpha)
    partitions = list(blocks_of(len(a), k))
    assert len(partitions) == len(set(map(frozenset, partitions)))

    # Free numbers: logarithms of the shares, then of every partition those of its split of the photons and its directions.
    counts = np.array([len(partition) for partition in partitions])
    firsts = np.cumsum(counts) - counts
    part = np.repeat(np.arange(len(partitions)), counts)
    inside = np.array([[j in block for j in range(len(a))] for partition in partitions for block in partition], float)
    begins = len(partitions) + firsts + len(a) * np.arange(len(partitions))
    logits = np.concatenate([np.arange(at, at + n) for at, n in zip(begins, counts, strict=True)])
    directions = (begins + counts)[part][:, None] + np.arange(len(a))

    def softmax(x):
        e = np.exp(x - x.max())
        return e / e.sum()

    def cost(x):
        shares = softmax(x[: len(partitions)])[part]
        e = np.exp(x[logits] - np.maximum.reduceat(x[logits], firsts)[part])
        photons = nbar * e / np.add.reduceat(e, firsts)[part]
        u = inside * x[directions]
        u /= np.maximum(np.linalg.norm(u, axis=1, keepdims=True), 1e-12)
        gained = shares * ((np.sqrt(photons) + np.sqrt(photons + 1)) ** 2 - 1)
        information = np.diag(shares @ inside) + (gained[:, None] * u).T @ u
        return math.log(a @ np.linalg.inv(information) @ a)

    size = len(partitions) + sum(len(p) + len(a) for p in partitions)
    rng = np.random.default_rng(1)
    starts = []
    for _ in range(3 if len(a) < 4 else 1):
        x, at = rng.normal(size=size), len(partitions)
        for p in partitions:
            at += len(p)
            x[at : at + len(a)] = a * rng.uniform(0.5, 1.5, len(a))
            at += len(a)
        starts.append(x)
    brute = math.exp(min(minimize(cost, x, method="L-BFGS-B", options={"maxiter": 500}).fun for x in starts))
    light = grouped_light(alpha, k, nbar)
    assert light.bound * (1 - 1e-9) <= brute
    assert brute == pytest.approx(light.reached, rel=2e-4)
    assert light.reached == pytest.approx(light.bound, rel=1e-8)
    one = min(
        minimize(
            lambda x, p=p: sum(
                sum(a[j] ** 2 for j in block) / displacement_gain(nbar * s)
                for block, s in zip(p, softmax(x), strict=True)
            ),
            np.zeros(len(p)),
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-12},
        ).fun
        for p in partitions
    )
    assert light.one_probe == pytest.approx(one, rel=1e-6)


@given(coefficients, st.floats(1e-3, 1e4))
@examples(15)
def test_laws_of_the_trade_off(alpha, nbar):
    f = LinearFunction(alpha)
    table = bounds_table(f, mean_photons=nbar, passes=2)
    rows = table.tradeoff
    separable = table.row("displacement", "separable").mse
    assert rows[0].mse == pytest.approx(separable, rel=1e-9)
    assert rows[0].one_probe_mse == pytest.approx(separable, rel=1e-9)
    assert rows[-1].mse == pytest.approx(displacement_bound(f, nbar, 2), rel=1e-12)
    for row, more in itertools.pairwise(rows):
        assert more.mse <= row.mse * (1 + 1e-7)
    for row in rows:
        # Rounding aside, the search leaves little open, and one probe or squeezed light handed on do no better than turns.
        assert row.bound <= row.mse <= row.bound * (1 + 1e-5)
        assert row.mse <= row.one_probe_mse * (1 + 1e-12)
        assert row.mse <= float(row.norm_squared) / (4 * displacement_gain(nbar)) * (1 + 1e-9)
        assert row.mse < row.leading_mse


def test_for_large_nbar_the_optimum_is_the_norm():
    for row in tradeoff_rows(LinearFunction([3, -1, "1/2", 2, "-1/3"]), 1e8, 1):
        assert row.mse == pytest.approx(row.leading_mse, rel=1e-6)


def test_many_sensors_list_some_k_and_no_groups():
    rows = tradeoff_rows(LinearFunction([1 + j % 7 for j in range(40)]), 5.0, 1)
    assert [row.modes for row in rows] == list(listed_modes(40)) == [1, 2, 4, 8, 16, 32, 40]
    assert {row.groups for row in rows} == {None}
    assert listed_modes(32) == (1, 2, 4, 8, 16, 32)
    with pytest.raises(InputError, match="modes must be a positive integer, got 0"):
        grouped_light([1.0], 0, 1.0)


def test_json_holds_the_trade_off():
    document = json.loads(bounds_table([3, -1, 0, "1/2"], mean_photons=2.5).to_json())
    second = document["tradeoff"][1]
    assert second["norm_squared"] == "45/4"
    assert second["groups"] == [
        {"share": "2/3", "amplitudes": ["3", "-3/2", "0", "0"]},
        {"share": "1/3", "amplitudes": ["3", "0", "0", "3/2"]},
    ]
