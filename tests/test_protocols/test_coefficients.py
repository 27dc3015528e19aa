"""Which functions have column protocols at all, and what is said of those that have none."""

import json
import re

import numpy as np
import pytest
import sympy
from drawn import examples
from hypothesis import given, strategies as st

from networks import InputError, LinearFunction, SensorNetwork
from protocols import bounds_table, check_protocol, enumerate_protocols
from protocols.problem import Problem, divisibility, least_product
from protocols.schemes.noon import Noon
from protocols.schemes.w_matrix import WMatrix


def check(alpha, columns, photons):
    return check_protocol({"alpha": alpha, "photons": photons, "passes": 1, "columns": columns, "repeats": [1]})


def test_a_common_irrational_factor_changes_no_protocol():
    rational = enumerate_protocols([1, 2, -1], 3, 2)
    irrational = enumerate_protocols(["sqrt(2)", "sqrt(8)", "-sqrt(2)"], 3, 2)
    assert rational.protocols
    assert [p.columns for p in irrational.protocols] == [p.columns for p in rational.protocols]
    assert all(check_protocol(protocol.to_dict()).valid for protocol in irrational.protocols)


def test_coefficients_of_numpy_and_sympy_are_checked_as_any_others():
    columns, ones = np.array([[1, 1, -1]]), np.array([1])
    for alpha in (np.array([1.0, 1.0, -1.0]), [sympy.sqrt(2), sympy.sqrt(2), -sympy.sqrt(2)], sympy.Matrix([1, 1, -1])):
        document = {"alpha": alpha, "photons": 2, "passes": 1, "columns": columns, "repeats": ones}
        assert check_protocol(document).valid
        pairs = {"alpha": alpha, "photons": 2, "passes": 1, "pairs": [[1, 3], [2, "ref"]], "times": ["1/2", "1/2"]}
        assert check_protocol(pairs).valid
    with pytest.raises(InputError, match="alpha must be a list, got 1"):
        check_protocol({"alpha": np.array(1.0), "photons": 2, "passes": 1, "columns": columns, "repeats": ones})


def test_an_approximation_is_not_taken_for_the_function():
    """The columns of 7 : 5 : -5 are near those of (sqrt 2, 1, -1) and are none of them."""
    report = check(["sqrt(2)", 1, -1], [[7, 5, -5]], 12)
    assert not report.valid
    why = {condition.name: condition for condition in report.conditions}["integer target"]
    assert not why.holds
    assert "alpha_2/alpha_1 = sqrt(2)/2" in why.witness
    assert "at no N and M" in why.witness
    assert check(["7", "5", "-5"], [[7, 5, -5]], 12).valid


@pytest.mark.parametrize("alpha", [["sqrt(2)", 1, -1], ["pi", 3], ["e", "pi"], ["sqrt(2)", "sqrt(3)"]])
def test_irrational_ratios_have_no_least_product(alpha):
    f = LinearFunction(alpha)
    assert least_product(f) is None
    need = divisibility(f, 5, 2)
    assert (need.holds, need.least_photons, need.least_passes) == (False, None, None)
    assert ("not proved" in need.fault()) == (alpha == ["e", "pi"])
    result = enumerate_protocols(f, 5, 2)
    assert not result.protocols


@given(st.lists(st.floats(0.01, 9), min_size=2, max_size=4), st.integers(1, 30), st.integers(1, 4))
@examples(60)
def test_no_message_asks_for_a_huge_multiple(alpha, photons, passes):
    need = divisibility(LinearFunction(alpha), photons, passes)
    if not need.holds:
        text = need.fault()
        assert not re.search(r"\d{7,}", re.sub(r"\d\.\d+(e-?\d+)?", "", text))
        if need.least_product > 100:
            assert "use N a multiple" not in text
            near = need.nearest
            assert f"{near.bias_per_rad:.3g} times the sum of |theta_j|" in text
            assert f"N M = {photons * passes} is {float(near.scale):.6g} times" in text


def test_bounds_of_irrational_functions_are_those_of_their_floats():
    """PHYSICS: (sqrt 2, 1, -1), N = 3: 0.6476030138606877."""
    exact = bounds_table(["sqrt(2)", 1, -1], photons=3, mean_photons=2.0)
    near = bounds_table([2**0.5, 1, -1], photons=3, mean_photons=2.0)
    assert exact.row("phase", "entangled").mse == pytest.approx(0.6476030138606877, rel=1e-15)
    for one, other in zip(exact.rows, near.rows, strict=True):
        assert one.mse == pytest.approx(other.mse, rel=1e-14)
        assert (one.published_mse is None) == (other.published_mse is None)
        assert one.published_mse is None or one.published_mse == pytest.approx(other.published_mse, rel=1e-14)


@pytest.mark.parametrize(
    ("scheme", "passes", "nearest"),
    [(Noon(), 1, "0.482843 times (3, 2, -2)"), (WMatrix(), 2, "0.241421 times (6, 4, -4)")],
)
def test_schemes_of_columns_name_the_nearest_function(scheme, passes, nearest):
    network = SensorNetwork.star(["sqrt(2)", 1, -1], sensing="phase", photons=5, passes=passes)
    assert nearest in scheme.why_not(Problem.of(network))


def test_the_command_line_takes_expressions(psn):
    code, out, err = psn("enumerate", "--alpha", "sqrt(2),1,-1", "--photons", 5, "--passes", 1, "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert document["function"]["alpha"] == ["sqrt(2)", "1", "-1"]
    assert document["function"]["norm_positive"] == "1 + sqrt(2)"
    assert (document["exists"], document["least_product"], document["target"]) == (False, None, None)


def test_the_command_line_lists_every_fault(psn):
    code, out, err = psn("bounds", "--alpha", "sqrt(-1),1/0,sqrt(2,__import__,9**9**9,1j")
    assert (code, out) == (2, "")
    assert "6 faults" in err
    assert "Traceback" not in err


def test_directions_need_rational_ratios(psn):
    assert psn("duality", "--w", "sqrt(2),sqrt(8)", "--v", "2,-1")[0] == 0
    code, _, err = psn("duality", "--w", "sqrt(2),1", "--v", "1,-sqrt(2)")
    assert code == 2
    assert "ratios must be rational" in err
