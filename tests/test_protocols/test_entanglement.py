"""Entanglement rows: values by hand, and exactness at one pass."""

import pytest
from hypothesis import given, strategies as st

from networks import InputError, LinearFunction
from protocols.theory.entanglement import (
    entanglement_rows,
    phase_modes_bound,
    published_phase_modes_bound,
    qubit_modes_bound,
)


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
        ("qubit", "discrete"): (2, 2),
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
