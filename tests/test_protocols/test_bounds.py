"""The bounds table: closed forms, optimality by brute force, what was published beside, and every way to print it."""

import itertools
import json
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.optimize import minimize

from networks import InputError, LinearFunction
from protocols import bounds_table
from protocols.theory.bounds import best_integer_split
from protocols.theory.displacement import best_separable_split, displacement_gain

coefficients = st.lists(st.fractions(min_value=-5, max_value=5, max_denominator=5), min_size=1, max_size=5).filter(any)


def test_every_row_for_a_mixed_function():
    table = bounds_table([3, -1, "1/2"], photons=7, mean_photons=2.5, passes=2)
    a = np.array([3, -1, 0.5])
    f = (math.sqrt(2.5) + math.sqrt(3.5)) ** 2
    wanted = {
        ("qubit", "separable"): (np.sum(a**2) / 4, np.sum(a**2) / 4),
        ("qubit", "entangled"): (9 / 4, 9 / 4),
        ("phase", "separable"): (np.sum(abs(a) ** (2 / 3)) ** 3 / 196, np.sum(abs(a) ** (4 / 9)) ** 3 / 196),
        ("phase", "entangled"): (3.5**2 / 196, 3.5**2 / 196),
        ("displacement", "separable"): (None, 4.5**2 / 40),
        ("displacement", "entangled"): (np.sum(a**2) / (4 * f), np.sum(a**2) / 40),
    }
    for key, (mse, published) in wanted.items():
        row = table.row(*key)
        assert mse is None or row.mse == pytest.approx(mse, rel=1e-14)
        assert row.published_mse == pytest.approx(published, rel=1e-14)
    assert table.advantage("phase") == pytest.approx(table.row("phase", "separable").mse / (3.5**2 / 196))


@given(coefficients, st.integers(1, 50), st.floats(0.01, 100), st.integers(1, 5))
@settings(deadline=None, max_examples=60)
def test_laws_of_the_table(alpha, photons, nbar, passes):
    table = bounds_table(alpha, photons=photons, mean_photons=nbar, passes=passes)
    for sensing in ("qubit", "phase", "displacement"):
        assert table.advantage(sensing) >= 1 - 1e-12
    minus = bounds_table([-a for a in alpha], photons=photons, mean_photons=nbar, passes=passes)
    twice = bounds_table([2 * a for a in alpha], photons=photons, mean_photons=nbar, passes=passes)
    for row, other, scaled in zip(table.rows, minus.rows, twice.rows, strict=True):
        assert row.mse == pytest.approx(other.mse, rel=1e-12)
        assert scaled.mse == pytest.approx(4 * row.mse, rel=1e-9)
    # The asymptotic displacement expressions exceed the exact values: they are not lower bounds.
    assert table.row("displacement", "entangled").published_mse > table.row("displacement", "entangled").mse
    assert table.row("displacement", "separable").published_mse > table.row("displacement", "separable").mse


@given(coefficients)
def test_beta_is_dual_to_alpha_and_has_the_minimax_value(alpha):
    f = LinearFunction(alpha).orient().function
    table = bounds_table(f, photons=1, mean_photons=1.0)
    for sensing in ("qubit", "phase", "displacement"):
        beta = table.row(sensing, "entangled").beta
        assert sum(a * b for a, b in zip(f.alpha, beta, strict=True)) == 1
    beta = table.row("phase", "entangled").beta
    # The spread of beta . n on N = 1 photon with a reference is max(beta, 0) - min(beta, 0), and 1/spread^2 is (12).
    spread = max(*beta, 0) - min(*beta, 0)
    assert float(1 / spread**2) == pytest.approx(table.row("phase", "entangled").mse)


@given(coefficients, st.floats(0.01, 50))
@settings(deadline=None, max_examples=25)
def test_separable_displacement_split_is_the_convex_optimum(alpha, nbar):
    a = np.array([float(x) for x in alpha])
    split = best_separable_split(list(a), nbar)
    assert sum(split.mean_photons) == pytest.approx(nbar, rel=1e-12)
    assert min(split.mean_photons) >= 0

    def cost(x):
        shares = np.exp(x - x.max())
        return math.log(sum(c * c / displacement_gain(nbar * s / shares.sum()) for c, s in zip(a, shares, strict=True)))

    best = min(minimize(cost, start, method="BFGS").fun for start in (np.zeros(len(a)), np.log(np.abs(a) + 1e-3)))
    assert split.variance <= math.exp(best) * (1 + 1e-9)
    # It is reached by its own allocation, so it cannot lie below the optimum either.
    reached = sum(c * c / displacement_gain(n) for c, n in zip(a, split.mean_photons, strict=True))
    assert split.variance == pytest.approx(reached, rel=1e-12)


@pytest.mark.parametrize("alpha", [(1, 2), (5, 3, 1), (1, 8, "1/3"), (1, 1, 1)])
def test_whole_photon_split_by_brute_force(alpha):
    f = LinearFunction(alpha)
    for photons in range(1, 21):
        splits = [c for c in itertools.product(range(1, photons + 1), repeat=len(f)) if sum(c) == photons]
        result = best_integer_split(f, photons)
        if not splits:
            assert result is None
            continue
        best = min(sum((a / n) ** 2 for a, n in zip(f.alpha, c, strict=True)) for c in splits)
        assert result.variance == best
        assert sum(result.photons) == photons


def test_whole_photon_split_of_many_photons_by_exchange():
    f = LinearFunction([1, 7, "5/3", "1/9"])
    result = best_integer_split(f, 99_991)

    def cost(counts):
        return sum((a / n) ** 2 for a, n in zip(f.alpha, counts, strict=True))

    # A separable convex cost is optimal when moving one photon between any two sensors does not help.
    for i, j in itertools.permutations(range(4), 2):
        moved = list(result.photons)
        moved[i] += 1
        moved[j] -= 1
        assert cost(moved) >= cost(result.photons)


def test_whole_photon_split_of_astronomic_photons_is_quick():
    result = best_integer_split(LinearFunction([1, 1, 3]), 10**19 + 1)
    assert sum(result.photons) == 10**19 + 1
    assert abs(result.photons[0] - result.photons[1]) <= 1


def test_resources_not_given_leave_their_rows_open():
    table = bounds_table([1, 1])
    assert table.row("qubit", "entangled").mse == 1
    assert table.row("phase", "entangled").mse is None
    assert "needs the photon number" in table.row("phase", "entangled").note
    assert table.advantage("phase") is None


def test_faults_are_reported_together():
    with pytest.raises(InputError) as error:
        bounds_table(["x"], photons=0, mean_photons=float("nan"), passes=-1)
    assert len(error.value.faults) == 4


def test_every_way_to_print_it():
    table = bounds_table(["1/2", -1], photons=4, mean_photons=1.0)
    document = json.loads(table.to_json())
    assert document["function"] == {
        "alpha": ["1/2", "-1"],
        "norm_positive": "1",
        "norm_negative": "1/2",
        "flipped": True,
        "oriented": ["-1/2", "1"],
    }
    assert [(r["sensing"], r["probes"]) for r in document["rows"]][:2] == [
        ("qubit", "separable"),
        ("qubit", "entangled"),
    ]
    assert len(document["entanglement"]) == 6
    frame = table.to_pandas()
    assert list(frame["MSE"]) == [row["mse"] for row in document["rows"]]
    lines = table.to_csv().splitlines()
    assert lines[0].startswith("sensing,probes,MSE")
    assert float(lines[4].split(",")[2]) == document["rows"][3]["mse"]
    assert "\\begin{tabular}{llllll}" in table.to_latex()
    assert "% phase, separable: ||alpha||_{2/3}^2" in table.to_latex()
    assert "| phase | entangled | 0.0625 | 0.0625 | 4.330432 |" in table.to_markdown()


def test_exact_input_gives_exact_norms():
    assert bounds_table(["1/3", "1/3", "1/3"], photons=1).row("phase", "entangled").mse == 1.0
    assert bounds_table([Fraction(1, 3)] * 3).row("displacement", "entangled").beta == (1, 1, 1)
