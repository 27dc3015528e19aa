"""From Fisher matrices to functions, and classical Fisher information with its limit at probability zero."""

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from photonics import classical_fisher, directional_qfi, nuisance_aware_information
from photonics.fisher.fock import pure_qfi_matrix


@given(st.integers(0, 10**6))
def test_nuisance_never_helps_and_the_inverse_agrees(seed):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(3, 3))
    information = root @ root.T + 0.1 * np.eye(3)
    a = rng.normal(size=3)
    mse = nuisance_aware_information(information, a).mse
    assert mse == pytest.approx(a @ np.linalg.inv(information) @ a, rel=1e-8)
    # Along u = a/|a|^2, q changes by 1: knowing the rest gives 1/(u F u), which is never more.
    u = a / (a @ a)
    assert 1 / directional_qfi(information, u) <= mse * (1 + 1e-9)


def test_functions_outside_the_range_have_infinite_error_and_a_null_direction():
    w = np.array([1.0, -2.0, 0.0])
    result = nuisance_aware_information(np.outer(w, w), [1, 1, 0])
    assert result.mse == math.inf
    assert result.qfi == 0
    assert abs(np.dot(result.null_direction, w)) < 1e-12
    assert abs(np.dot(result.null_direction, [1, 1, 0])) > 0.1
    assert nuisance_aware_information(np.zeros((2, 2)), [1, 0]).mse == math.inf


@pytest.mark.parametrize("theta", [0.0, 1e-9, 0.3, math.pi / 4])
def test_a_fringe_has_the_same_information_everywhere(theta):
    n = 4
    p = [math.cos(n * theta / 2) ** 2, math.sin(n * theta / 2) ** 2]
    slope = n * math.sin(n * theta) / 2
    curve = n * n * math.cos(n * theta) / 2
    assert classical_fisher(p, [[-slope], [slope]], [[[-curve]], [[curve]]])[0, 0] == pytest.approx(n * n, rel=1e-6)


def test_limits_that_do_not_exist_or_are_not_given():
    with pytest.raises(ValueError, match="give their hessian"):
        classical_fisher([1.0, 0.0], [[0.0], [0.0]])
    with pytest.raises(ValueError, match="depends on the direction"):
        classical_fisher([1.0, 0.0], np.zeros((2, 2)), [-np.eye(2), np.eye(2)])
    with pytest.raises(ValueError, match="zero gradient"):
        classical_fisher([1.0, 0.0], [[-1.0], [1.0]], np.zeros((2, 1, 1)))
    with pytest.raises(ValueError, match=r"sum to 1, got sum 0\.9"):
        classical_fisher([0.9], [[0.0]])


def test_sensitivities_of_very_different_size_do_not_hide_each_other():
    assert nuisance_aware_information(np.diag([1e12, 1.0]), [0.0, 1.0]).mse == pytest.approx(1.0)
    assert nuisance_aware_information(np.diag([1.0, 1e-10]), [1.0, 1e-5]).mse == pytest.approx(2.0)
    assert nuisance_aware_information(np.diag([1.0, 0.0]), [1.0, 1e-5]).mse == math.inf
    assert nuisance_aware_information(np.diag([1.0, 0.0]), [1.0, 0.0]).mse == pytest.approx(1.0)


def test_impossible_hessians_are_refused():
    with pytest.raises(ValueError, match="negative eigenvalue"):
        classical_fisher([0.0, 1.0], [[0.0], [0.0]], [[[-2.0]], [[2.0]]])
    with pytest.raises(ValueError, match="hessian must have shape"):
        classical_fisher([0.0, 1.0], [[0.0], [0.0]], [[[2.0]]])


@pytest.mark.parametrize("rarer", [1e-5, 1e-20, 1e-60])
@pytest.mark.parametrize("seed", range(5))
def test_a_branch_much_rarer_than_the_other_keeps_its_digits(rarer, seed):
    # Two branches under a phase: 4 p (1 - p) (n - m)^2 of the whole weight, whatever their phases.
    rng = np.random.default_rng(seed)
    amplitudes = np.array([1.0, rarer]) * np.exp(1j * rng.uniform(0, 6, 2))
    numbers = np.array([[3.0, 1.0], [0.0, 2.0]])
    gap = numbers[0] - numbers[1]
    expected = 4 * rarer**2 / (1 + rarer**2) * np.outer(gap, gap)
    assert pure_qfi_matrix(amplitudes, -1j * numbers * amplitudes[:, None]) == pytest.approx(expected, rel=1e-12, abs=0)
