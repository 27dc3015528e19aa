"""Functions of --function: names, derivatives, and texts that take long or have no value."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest
import sympy

from networks import InputError, Link, Mode, SensorNetwork, save_network
from protocols.estimation.analytic import simulate_function
from protocols.estimation.expressions import DEEPEST_BRACKETS, AnalyticFunction


def derivatives(text, names, at):
    f = AnalyticFunction.from_text(text, len(names), names)
    place = np.array([at], dtype=float)
    return float(f.value(place)[0]), f.gradient(place)[0].tolist(), f.curvature(place)[0]


# --- names -------------------------------------------------------------------------------------------------------------------


def test_sensors_called_like_places_are_meant_by_their_names(psn, tmp_path):
    # theta1 is the second sensor: 2^2 = 4 with gradient (0, 4, 0), as issue 17 has it.
    modes = [Mode(id=f"theta{j}", coupling="mach-zehnder", alpha=1) for j in range(3)] + [
        Mode(id="ref", role="reference")
    ]
    links = [Link(ends=("ref", mode.id)) for mode in modes[:3]]
    save_network(SensorNetwork(modes=modes, links=links, sensing="phase", photons=3), tmp_path / "n.json")
    line = ["simulate", tmp_path / "n.json", "--function", "theta1**2", "--theta", "1,2,3", "--trials", 20, "--json"]
    code, out, err = psn(*line)
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert (document["value"], document["gradient"]) == (4.0, [0.0, 4.0, 0.0])
    assert document["notes"][0] == "theta1 is the sensor of that name, not the one in that place"


def test_places_are_no_names_where_sensors_are_called_like_places():
    with pytest.raises(InputError, match="there is no parameter 'theta3'; known are theta0, theta1, theta2"):
        AnalyticFunction.from_text("theta3", 3, ["theta0", "theta1", "theta2"])


def test_places_and_names_that_agree_are_both_known():
    assert derivatives("theta1*theta2", ["theta1", "theta2"], [2, 5])[:2] == (10.0, [5.0, 2.0])
    assert derivatives("a*theta2", ["a", "b"], [2, 5])[:2] == (10.0, [5.0, 2.0])


def test_a_sensor_called_pi_is_meant_by_pi():
    f = AnalyticFunction.from_text("pi*b", 2, ["pi", "b"])
    assert f.value(np.array([[2.0, 3.0]])).tolist() == [6.0]
    assert f.notes == ("pi is the sensor of that name, not the number (which is 4*atan(1))",)
    assert derivatives("pi*b", ["a", "b"], [2, 3])[0] == pytest.approx(3 * np.pi, rel=1e-15)


@pytest.mark.parametrize("names", [["a", "b", "theta5"], ["a", "theta1", "b"], ["theta0", "b", "c"]])
def test_why_places_are_no_words_is_said(names):
    # theta3 is nobody's name; without the sensor that is called like a place it would be the third sensor.
    like_a_place = next(name for name in names if name.startswith("theta"))
    why = f"theta1, theta2, ... are names alone where a sensor is called {like_a_place}$"
    with pytest.raises(
        InputError, match=f"there is no parameter 'theta3'; .* not read as the sensor in that place, .*{why}"
    ):
        AnalyticFunction.from_text("theta3", 3, names)
    assert derivatives("theta3", ["a", "b", "c"], [2, 5, 7])[0] == 7.0
    with pytest.raises(InputError, match=r"there is no parameter 'theta4'; known are theta1, theta2, theta3$"):
        AnalyticFunction.from_text("theta4", 3, ["sensor one", "sensor two", "sensor three"])


# --- words are taken as they are written ---------------------------------------------------------------------------------------

FULL_WIDTH_ONE, FULL_WIDTH_S, MICRO, MU = "\uff11", "\uff53", "\u00b5", "\u03bc"


@pytest.mark.parametrize(
    ("text", "names", "message"),
    [
        (f"theta{FULL_WIDTH_ONE}", ["a"], rf"parameter 'theta{FULL_WIDTH_ONE}': .* \(U\+FF11\); write theta1$"),
        (f"{FULL_WIDTH_S}in(a)", ["a"], rf"function '{FULL_WIDTH_S}in': .* \(U\+FF53\); write sin$"),
        ("a*\uff50i", ["a"], r"parameter '\uff50i': .* \(U\+FF50\); write pi$"),
        (MU, [MICRO], rf"parameter '{MU}': .* \(U\+03BC\); write {MICRO}$"),
        (f"a + {FULL_WIDTH_ONE}", ["a"], "cannot be read"),
    ],
)
def test_other_signs_are_other_words(text, names, message):
    with pytest.raises(InputError, match=message):
        AnalyticFunction.from_text(text, len(names), names)


def test_sensors_are_meant_by_their_very_names():
    # Python itself would read both as the Greek letter.
    assert derivatives(f"{MICRO} + 2*{MU}", [MICRO, MU], [10, 100])[0] == 210.0
    # Accents are the same sign however they are kept.
    assert derivatives("2*\u00e9", ["e\u0301"], [3])[0] == derivatives("2*e\u0301", ["\u00e9"], [3])[0] == 6.0


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("1e400*theta1", "'1e400'"),
        ("theta1 + 2E999", "'2E999'"),
        ("theta1 + 10^999", "'10^999'"),
        ("theta1^theta2", "'theta2'"),
        ("theta1**1000000", "'1000000'"),
        ("\u00e9*theta2 + (0x10**999)", "'0x10**999'"),
    ],
)
def test_what_was_written_is_quoted(text, quoted):
    with pytest.raises(InputError) as raised:
        AnalyticFunction.from_text(text, 2, ["\u00e9", "b"])
    assert quoted in str(raised.value)
    assert "1e309" not in str(raised.value)


@pytest.mark.parametrize("written", ["\u0661", "1_0", FULL_WIDTH_ONE, "0x1"])
@pytest.mark.parametrize("option", ["--theta", "--weights"])
def test_numbers_of_options_are_plain_decimals(psn, tmp_path, written, option):
    # As in --alpha: float() of Python would take the digits of all scripts.
    save_network(SensorNetwork.star([1, 1], sensing="phase", photons=2), tmp_path / "n.json")
    code, out, err = psn("simulate", tmp_path / "n.json", option, f"{written},1")
    assert (code, out) == (2, "")
    assert f"{option}: {written!r} is no finite number" in err


# --- derivatives, against sympy ------------------------------------------------------------------------------------------------

TEXTS = [
    "a*sin(b) + c**3/2 - pi",
    "exp(-a)*sqrt(b)/(1 + c^2)",
    "log(a + b)*atan(c) - tan(a/3)",
    "sinh(a)*cosh(b) - tanh(c)*cos(a*b*c)",
    "(a - b)**-2 + a**0.5*b**1.5",
    "-(a/b/c) - +a + 2*3 - 4/2",
    "1/(a - 2*b/(c + 3))",
    "a**0 + a**1*b**2",
]


@pytest.mark.parametrize("text", TEXTS)
def test_values_and_derivatives_are_those_of_sympy(text):
    names, at = ["a", "b", "c"], [0.7, 1.3, 0.4]
    symbols = sympy.symbols(names)
    known = sympy.sympify(text.replace("^", "**"), dict(zip(names, symbols, strict=True)))
    put = dict(zip(symbols, at, strict=True))
    value, gradient, curvature = derivatives(text, names, at)
    assert value == pytest.approx(float(known.subs(put)), rel=1e-12)
    assert gradient == pytest.approx([float(sympy.diff(known, x).subs(put)) for x in symbols], rel=1e-12, abs=1e-13)
    exact = [[float(sympy.diff(known, x, y).subs(put)) for x in symbols] for y in symbols]
    assert np.allclose(curvature, exact, rtol=1e-11, atol=1e-12)


def test_powers_where_the_base_is_zero():
    value, gradient, curvature = derivatives("a**2 + b**1 + c**0", ["a", "b", "c"], [0, 0, 0])
    assert (value, gradient, curvature.tolist()) == (1.0, [0.0, 1.0, 0.0], np.diag([2.0, 0.0, 0.0]).tolist())


def test_many_places_at_once_are_the_same_as_one_by_one(monkeypatch):
    f = AnalyticFunction.from_text("a*sin(b) + exp(c)", 3, ["a", "b", "c"])
    theta = np.random.default_rng(1).normal(size=(50, 3))
    whole = f.value(theta), f.gradient(theta), f.curvature(theta)
    monkeypatch.setattr("protocols.estimation.expressions.MAX_NUMBERS", 20)
    for together, apart in zip(whole, (f.value(theta), f.gradient(theta), f.curvature(theta)), strict=True):
        assert np.array_equal(together, apart)


@pytest.mark.parametrize(
    ("text", "balanced"),
    [
        ("a - b", True),
        ("sin(a - b)**3 + exp(2*c - a - b)", True),
        ("a*b - a**2/2 - b**2/2", True),
        ("log(a - b)", True),
        ("sqrt((a - c)**2)", True),
        ("a*b", False),
        ("a - b + 1e-6*c", False),
        ("sin(a) - sin(b)", False),
        ("log(a)", False),
    ],
)
def test_functions_of_differences_are_recognised(text, balanced):
    assert AnalyticFunction.from_text(text, 3, ["a", "b", "c"]).is_balanced is balanced


# --- what has no value, or would take for ever ------------------------------------------------------------------------------------

REFUSED = {
    "theta1**sqrt(-1)": "'sqrt(-1)' has no finite real value",
    "theta1**(1/0)": "divides by zero",
    "theta1/0": "no finite real value",
    "1/0*theta1": "divides by zero",
    "0*(1e400) + theta1": "has no finite real value",
    "sin(10**999*theta1)": "'10**999' has no finite real value",
    "((9**999)**999)**999": "'9**999' has no finite real value",
    "theta1 + ((9**999)**999)**999": "'9**999' has no finite real value",
    "theta1**theta2**2": "a power must be a number of at most 1000 in size",
    "theta1**1001": "a power must be a number of at most 1000 in size, got '1001'",
    "9" * 1500 + "*theta1": "has no finite real value",
    "9" * 1999: "has no finite real value",
    "(" * 300 + "theta1" + ")" * 300: "cannot be read",
    "-" * 1900 + "theta1": f"more than {DEEPEST_BRACKETS} brackets",
    "sin(" * 150 + "theta1" + ")" * 150: f"more than {DEEPEST_BRACKETS} brackets",
    "theta1" * 1000: "at most|may have 2000 characters",
    "theta1*1e-320": "below 1e-60 in size at theta",
    "theta1*1e-100": "below 1e-60 in size at theta",
    "theta1*1e80": "must be at most 1e\\+60 in size",
    "sqrt(-1 - theta1**2)": "no finite value at theta",
}


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:40])
def test_functions_that_are_refused_at_once(text):
    network = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=1.0)
    start = time.process_time()
    message = REFUSED[text] if "|" in REFUSED[text] or "\\" in REFUSED[text] else None
    with pytest.raises(InputError, match=message) as error:
        simulate_function(network, text, trials=10)
    if message is None:
        assert REFUSED[text] in str(error.value)
    # Generous: minutes is what algebra took.
    assert time.process_time() - start < 20


@pytest.mark.parametrize(
    ("text", "value", "slope"),
    [
        ("sqrt(theta1**2)", 0.5, 1.0),
        ("+".join(["theta1"] * 280), 140.0, 280.0),
        ("*".join(["theta1"] * 10), 0.5**10, 10 * 0.5**9),
    ],
)
def test_functions_that_are_computed(text, value, slope):
    network = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=1.0)
    result = simulate_function(network, text, trials=10, theta=[0.5, 0.1])
    assert result.value == pytest.approx(value, rel=1e-12)
    assert result.gradient == pytest.approx((slope, 0.0), rel=1e-12)


def test_sines_sixty_deep():
    x, slope = 0.5, 1.0
    for _ in range(60):
        slope *= np.cos(x)
        x = np.sin(x)
    value, gradient, _ = derivatives("sin(" * 60 + "a" + ")" * 60, ["a"], [0.5])
    assert value == pytest.approx(x, rel=1e-13)
    assert gradient == pytest.approx([slope], rel=1e-12)


def test_a_function_of_many_sensors():
    sensors = 150
    text = " + ".join(f"theta{j}*theta{j + 1}" for j in range(1, 100))
    f = AnalyticFunction.from_text(text, sensors)
    theta = np.arange(1.0, sensors + 1)[None, :]
    assert f.gradient(theta)[0, 1] == 1.0 + 3.0
    assert f.curvature(theta)[0, 4, 5] == 1.0
