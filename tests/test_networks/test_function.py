"""Linear functions: exactness, norms, orientation."""

import math
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from networks import InputError, LinearFunction, parse_exact

coefficients = st.lists(st.fractions(min_value=-9, max_value=9, max_denominator=7), min_size=1, max_size=6).filter(any)


def test_partition_and_norms_of_a_mixed_function():
    q = LinearFunction(["3", -1, "1/2", 0])
    assert (q.positive, q.negative, q.zero) == ((0, 2), (1,), (3,))
    assert q.norm(0) == 3
    assert q.norm(1) == Fraction(9, 2)
    assert q.norm(math.inf) == 3
    assert q.norm_2_squared == Fraction(41, 4)
    assert q.norm(2) == pytest.approx(math.sqrt(10.25), rel=1e-15)
    assert q.norm(Fraction(2, 3)) == pytest.approx((3 ** (2 / 3) + 1 + 0.5 ** (2 / 3)) ** 1.5, rel=1e-14)
    assert q.restricted_norm([0, 1]) == 4


@given(coefficients)
def test_repr_evaluates_to_the_same_function(alpha):
    q = LinearFunction(alpha)
    assert eval(repr(q)) == q
    assert hash(eval(repr(q))) == hash(q)


@given(coefficients)
def test_orientation_is_the_larger_side_first_and_reversible(alpha):
    q = LinearFunction(alpha)
    turned = q.orient()
    assert turned.function.norm_positive >= turned.function.norm_negative
    assert (-turned.function if turned.flipped else turned.function) == q
    assert turned.flipped == (sum(alpha) < 0)


@pytest.mark.parametrize(
    ("text", "value"), [("0.25", "1/4"), ("-3", "-3"), ("1e2", "100"), ("4/6", "2/3"), ("0.5/2", "1/4")]
)
def test_text_is_read_exactly(text, value):
    assert parse_exact(text) == Fraction(value)


@pytest.mark.parametrize("bad", ["", "x", "1/0", "nan", "inf", "1/2/3", "1e999999999", "9" * 5000, True, None, [1]])
def test_unreadable_numbers_are_faults(bad):
    with pytest.raises(InputError):
        parse_exact(bad)


def test_all_unreadable_coefficients_are_reported_at_once():
    with pytest.raises(InputError) as error:
        LinearFunction(["a", 1, 0.5, "1/0", 1j])
    assert len(error.value.faults) == 3


@pytest.mark.parametrize(
    ("alpha", "message"), [([], "at least one coefficient"), ([0, 0], "non-zero"), ("1,2", "from_text")]
)
def test_functions_that_are_none(alpha, message):
    with pytest.raises(InputError, match=message):
        LinearFunction(alpha)
