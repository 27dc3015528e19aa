"""Coefficients as people have them: floats, roots, pi and e, exact where it matters; and the nearest functions with columns."""

import copy
import itertools
import json
import math
import pickle
import re
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
from drawn import examples
from hypothesis import assume, given, strategies as st

from networks import (
    InputError,
    Irrational,
    LinearFunction,
    Link,  # noqa: F401  # in the repr of networks
    Mode,
    SensorNetwork,
    from_graph,
    least_rational,
    load_network,
    nearest_rational,
    network_from_tables,
    parse_exact,
    save_network,
    to_graph,
)

ROOT = parse_exact("sqrt(2)")

# --- what is read --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("sqrt(2)", "sqrt(2)"),
        ("pi/4", "pi/4"),
        ("2*sqrt(3)/5", "2*sqrt(3)/5"),
        ("1/sqrt(2)", "sqrt(2)/2"),
        ("-pi", "-pi"),
        ("e", "e"),
        ("exp(2)/3", "e**2/3"),
        ("sqrt(8) - 2*sqrt(2) + 0.5", "1/2"),
        ("(1 + sqrt(2))**-3", "-7 + 5*sqrt(2)"),
        ("2^(1/3)", "2**(1/3)"),
        ("sqrt(sqrt(4))", "sqrt(2)"),
        ("sqrt(0.137)", "sqrt(1370)/100"),
        ("1/(2 + 2*pi)", "1/(2*(1 + pi))"),
        ("sqrt(3 + 2*sqrt(2)) - sqrt(2)", "1"),
        ("π", "pi"),
    ],
)
def test_expressions_have_one_text(text, canonical):
    assert str(parse_exact(text)) == canonical
    assert parse_exact(canonical) == parse_exact(text)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("sqrt(-1)", "root of a negative number"),
        ("1/0", "divide by zero"),
        ("1/(sqrt(8) - 2*sqrt(2))", "divide by zero"),
        ("sqrt(2", "not a complete expression"),
        ("__import__", "not understood"),
        ("__import__('os').getcwd()", "not understood"),
        ("9**9**9", "exponent must be a rational number"),
        ("((9**99)**99)**99", "300 digits"),
        ("(1 + pi + e)**99", "when multiplied out"),
        ("2**pi", "exponent must be a rational number"),
        ("sqrt(10**30 + 1)", "give the root as a decimal"),
        ("sin(1)", "given as decimals"),
        ("sqrt(2, 3)", "not understood"),
        ("0x10*2", "not understood"),
        ("1_000*2", "not understood"),
        ("1j", "not understood"),
        ("2*1e999999999", "300 digits"),
        ("(" * 400 + "1" + ")" * 400, "not a complete expression"),
        ("pi" * 600, "1000 characters"),
        ("sqrt(" * 64 + "2" + ")" * 64, "roots of degree 64"),
        ("[1]", "not understood"),
        ("nan", "must be finite"),
        (float("nan"), "must be finite"),
        (-float("inf"), "must be finite"),
        (np.float32("inf"), "must be finite"),
        (True, "must be a number, got True"),
        (np.True_, "must be a number, got True"),
        (1j, "must be a real number"),
        (np.complex64(1), "must be a real number"),
        (sympy.I, "not understood"),
        (sympy.oo, "must be finite"),
        (sympy.Symbol("x"), "must be a number"),
        (sympy.cos(1), "given as decimals"),
    ],
)
def test_what_is_no_coefficient_is_named_at_once(bad, message):
    with pytest.raises(InputError, match=message):
        parse_exact(bad)


@given(st.floats(1e-90, 1e90) | st.floats(-1e90, -1e-90))
def test_a_float_is_its_shortest_decimal(x):
    assert parse_exact(x) == Fraction(repr(x)) == parse_exact(np.float64(x)) == parse_exact(np.array(x))
    assert float(parse_exact(x)) == x


def test_floats_of_numpy_are_decimals_of_their_own_length():
    assert parse_exact(np.float32(0.1)) == parse_exact(np.float64(0.1)) == parse_exact(0.1) == Fraction(1, 10)
    assert LinearFunction(np.array([0.137, 0.291, 0.572])) == LinearFunction(["0.137", "0.291", "0.572"])
    assert Mode(id="a", alpha=np.float32(0.1)).alpha == Fraction(1, 10)


@pytest.mark.parametrize(
    "number",
    [
        sympy.sqrt(2) / 3,
        sympy.pi / 4,
        sympy.E**2,
        sympy.Rational(1, 3),
        sympy.Integer(5),
        sympy.cbrt(2),
        sympy.Float(0.1),
    ],
)
def test_numbers_of_sympy_are_read(number):
    read = parse_exact(number)
    assert float(read) == float(number)
    assert isinstance(read, Irrational) == (number.is_rational is False and not number.is_Float)


# --- exact arithmetic, against sympy and mpmath ----------------------------------------------------------------

leaves = st.one_of(
    st.integers(1, 30).map(str),
    st.sampled_from(["0.25", "pi", "e", "sqrt(2)", "sqrt(6)", "sqrt(12)", "3**(1/3)", "sqrt(1 + pi)", "(2/3)"]),
)
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda t: f"(-{t})"),
        inner.map(lambda t: f"({t})**2"),
    ),
    max_leaves=6,
)


@given(expressions)
@examples(300)
def test_numbers_agree_with_mpmath_to_sixty_digits(text):
    """An evaluation that shares nothing with ours; terms that cancel to nothing are left to the next test."""
    with mpmath.workdps(200):
        # Division by zero, in mpmath an error too.
        names = {"pi": mpmath.pi(), "e": mpmath.e(), "sqrt": mpmath.sqrt, "mpf": mpmath.mpf}
        python = re.sub(r"\d+(\.\d+)?", lambda number: f"mpf('{number[0]}')", text)
        try:
            expected = mpmath.mpf(eval(python, {"__builtins__": {}}, names))
        except ZeroDivisionError:
            expected = None
        if expected is not None and (abs(expected) < mpmath.mpf(10) ** -100 or abs(expected) > mpmath.mpf(10) ** 100):
            return
        try:
            value = parse_exact(text)
        except InputError as error:
            assume(expected is None or "when multiplied" in str(error) or "exponents" in str(error))
            return
        got = mpmath.mpf(value.numerator) / value.denominator
        assert abs(got / expected - 1) < mpmath.mpf(10) ** -60


@given(expressions)
@examples(150)
def test_texts_come_back(text):
    try:
        value = parse_exact(text)
    except InputError:
        return
    for back in (parse_exact(str(value)), copy.deepcopy(value), copy.copy(value), pickle.loads(pickle.dumps(value))):
        assert back == value
        assert hash(back) == hash(value)
        assert type(back) is type(value)
        assert str(back) == str(value)
    assert eval(repr(value)) == value
    assert 0 - (0 - value) == value
    assert value - value == 0
    assert not value or value / value == 1


surds = st.tuples(st.fractions(-9, 9, max_denominator=9).filter(bool), st.integers(1, 60))


@given(surds, surds)
def test_a_ratio_of_roots_is_rational_exactly_when_the_product_below_the_roots_is_a_square(first, second):
    (a, n), (b, m) = first, second
    numbers = parse_exact(f"({a})*sqrt({n})"), parse_exact(f"({b})*sqrt({m})")
    square = math.isqrt(n * m) ** 2 == n * m
    direction = LinearFunction(numbers).direction
    assert (direction is not None) == square
    assert LinearFunction(numbers).is_direction_proved
    if square:
        assert numbers[0] / numbers[1] == a * math.isqrt(n * m) / (b * m)


@given(
    st.lists(st.integers(-5, 5), min_size=2, max_size=5).filter(any),
    st.sampled_from(["pi", "1/(1+pi)", "sqrt(2)+pi*e"]),
)
def test_a_common_irrational_factor_leaves_the_direction(alpha, factor):
    number = parse_exact(factor)
    scaled, plain = LinearFunction([number * a for a in alpha]), LinearFunction(alpha)
    assert scaled.direction == plain.direction
    assert scaled.is_balanced == plain.is_balanced
    assert scaled.norm_positive == number * plain.norm_positive
    assert not scaled.is_exact
    assert scaled.irrational == plain.positive + plain.negative or set(scaled.irrational) == {
        j for j, a in enumerate(alpha) if a
    }


def test_what_is_not_proved_says_so():
    assert LinearFunction(["sqrt(2)", "pi", "1"]).is_direction_proved
    for alpha in (["pi", "e"], ["1", "e+pi"], ["sqrt(1+sqrt(2))", 1]):
        f = LinearFunction(alpha)
        assert f.direction is None
        assert not f.is_direction_proved
    # A nested root that is no irrational number at all is seen.
    assert LinearFunction(["sqrt(3+2*sqrt(2))", "1+sqrt(2)"]).direction == (1, 1)


def test_irrational_numbers_compare_with_floats():
    root = parse_exact("sqrt(2)")
    assert 1.4 < root < 1.5
    assert -root <= -1.4
    assert not root > 2.0
    assert root != 2**0.5


def test_an_irrational_number_equals_no_rational_one():
    near = Fraction(ROOT.numerator, ROOT.denominator)
    assert near != ROOT
    assert math.sqrt(2) != ROOT
    assert float(ROOT) == float(near) == math.sqrt(2)
    assert math.sqrt(2) == ROOT * 1.0
    assert near not in {ROOT}
    assert 1 < ROOT < Fraction(3, 2)
    assert ROOT % 1 == ROOT - 1
    assert math.floor(-ROOT) == -2
    assert Fraction(1, 2) == ROOT**-2
    assert 2 - ROOT + ROOT == 2


# --- functions and networks --------------------------------------------------------------------------------------

texts = st.sampled_from(
    ["sqrt(2)", "-sqrt(2)", "pi/4", "1", "-1/2", "2*sqrt(3)/5", "-e", "0.1", "1+sqrt(2)", "0", "1/(1+pi)"]
)
alphas = st.lists(texts, min_size=1, max_size=5).filter(lambda alpha: any(a != "0" for a in alpha))


@given(alphas)
def test_functions_come_back(alpha):
    f = LinearFunction(alpha)
    for back in (eval(repr(f)), pickle.loads(pickle.dumps(f)), LinearFunction.from_text(str(f)[1:-1]), (-f).__neg__()):
        assert back == f
        assert hash(back) == hash(f)
    turned = f.orient()
    assert (-turned.function if turned.flipped else turned.function) == f
    assert turned.function.norm_positive >= turned.function.norm_negative
    assert f([1.0] * len(f)) == pytest.approx(float(sum(f.alpha)))


@given(alphas, st.sampled_from(["phase", "displacement"]))
@examples(40)
def test_networks_come_back_from_every_kind_of_file(tmp_path_factory, alpha, sensing):
    budget = {"photons": 3} if sensing == "phase" else {"mean_photons": 2.0}
    network = SensorNetwork.star(alpha, sensing=sensing, **budget)
    folder = tmp_path_factory.mktemp("files")
    for name in ("network.json", "network.graphml"):
        save_network(network, folder / name)
        assert load_network(folder / name) == network
    assert from_graph(to_graph(network)) == network
    assert eval(repr(network)) == network, "the names above are what it takes"


def test_tables_take_expressions():
    nodes = "id,role,alpha\na,sensor,sqrt(2)\nb,sensor,-pi/4\nc,reference,\n"
    made = network_from_tables("source,target\na,b\nb,c\n", nodes=nodes, sensing="phase", photons=2)
    assert made.function == LinearFunction(["sqrt(2)", "-pi/4"])


def test_floats_of_json_stay_what_they_say(tmp_path):
    document = json.loads(json.dumps(node_link(1 / 3, 0.1)))
    path = tmp_path / "network.json"
    path.write_text(json.dumps(document))
    assert load_network(path).function.alpha == (Fraction(3333333333333333, 10**16), Fraction(1, 10))


def node_link(*alpha):
    nodes = [{"id": f"s{j}", "coupling": "mach-zehnder", "alpha": a} for j, a in enumerate(alpha)]
    edges = [{"source": node["id"], "target": "r"} for node in nodes]
    return {
        "graph": {"sensing": "phase", "photons": 2},
        "nodes": [*nodes, {"id": "r", "role": "reference"}],
        "edges": edges,
    }


def test_sizes_have_limits_whatever_the_form():
    for alpha in ("1e-101", 1e-101, "sqrt(2)*10**-100/100", "pi*1e100"):
        with pytest.raises(InputError, match="between 1e-100 and 1e100"):
            LinearFunction([1, alpha])


# --- the nearest functions -----------------------------------------------------------------------------------

functions = st.lists(
    st.one_of(st.fractions(-9, 9, max_denominator=50), st.sampled_from(["sqrt(2)", "-pi", "-sqrt(2)", "0.137"])),
    min_size=1,
    max_size=3,
).filter(any)


@given(functions, st.integers(1, 6))
@examples(100)
def test_no_integers_are_nearer(alpha, product):
    """All integer columns of the sum N M and at most N M, those of balanced functions of N M on both sides."""
    f = LinearFunction(alpha)
    near = nearest_rational(f, product)
    larger = f.positive if f.norm_positive >= f.norm_negative else f.negative
    other = [j for j in range(len(f)) if f.alpha[j] and j not in larger]
    best = math.inf
    for sizes in itertools.product(range(product + 1), repeat=len(f)):
        rest = sum(sizes[j] for j in other)
        if any(b and not a for a, b in zip(f.alpha, sizes, strict=True)) or sum(sizes[j] for j in larger) != product:
            continue
        if rest > product or (f.is_balanced and rest != product):
            continue
        scale = float(sum(abs(f.alpha[j]) for j in larger)) / product
        best = min(best, max(abs(scale * b - abs(float(a))) for a, b in zip(f.alpha, sizes, strict=True)))
    assert near.bias_per_rad == pytest.approx(best, abs=1e-12)
    assert near.relative_error == pytest.approx(best / max(abs(float(a)) for a in f.alpha), abs=1e-12)
    if not near.is_given:
        assert near.function.is_balanced >= f.is_balanced
    turned = near.function.orient().function
    assert turned.norm_positive == max(f.norm_positive, f.norm_negative)
    assert near.product % near.least_product == 0


@given(functions, st.integers(1, 30), st.lists(st.floats(-3, 3), min_size=3, max_size=3))
@examples(100)
def test_the_bias_is_that_of_the_two_functions_and_below_its_bound(alpha, product, theta):
    f = LinearFunction(alpha)
    near, theta = nearest_rational(f, product), theta[: len(f)]
    bias = near.bias(theta)
    assert bias == pytest.approx(near.function(theta) - f(theta), abs=1e-12)
    assert abs(bias) <= near.bias_per_rad * sum(map(abs, theta)) * (1 + 1e-12) + 1e-300


@given(functions, st.sampled_from([0.3, 0.1, 0.03]))
@examples(50)
def test_the_least_product_is_the_least(alpha, error):
    f = LinearFunction(alpha)
    small = least_rational(f, error)
    assert small.relative_error <= error * (1 + 1e-12)
    for product in range(1, small.product):
        assert nearest_rational(f, product).relative_error > error * (1 - 1e-12)


def test_nearest_of_a_function_that_has_columns_is_itself():
    near = nearest_rational(LinearFunction(["sqrt(2)", "sqrt(8)", "-sqrt(2)"]), 6)
    assert near.is_given
    assert near.function == near.given
    assert (near.weights, near.least_product, near.relative_error) == ((2, 4, -2), 3, 0)


def test_known_approximations():
    """Convergents of sqrt 2, 7/5 and 17/12, and of pi, 22/7 and 355/113: the least sums that come so near."""
    assert least_rational(LinearFunction(["sqrt(2)", 1]), 0.005).weights == (7, 5)
    assert least_rational(LinearFunction(["sqrt(2)", 1]), 0.001).weights == (17, 12)
    assert least_rational(LinearFunction(["pi", 1]), 1e-4).weights in {(22, 7), (25, 8)}
    assert least_rational(LinearFunction(["pi", 1]), 1e-6).weights == (355, 113)


@pytest.mark.parametrize("error", [0, 1, -1, float("nan"), 1e-9])
def test_relative_errors_that_are_none(error):
    with pytest.raises(InputError, match="relative"):
        least_rational(LinearFunction(["pi", 1]), error)


@pytest.mark.parametrize("product", [0, -1, 1.5, True, "3"])
def test_products_that_are_none(product):
    with pytest.raises(InputError, match="product must be an integer"):
        nearest_rational(LinearFunction(["pi", 1]), product)
