"""Functions f(theta) written as text, with exact derivatives. Arithmetic and a few named functions only; nothing is executed.

An expression becomes a list of steps, and values, first and second derivatives go through it together (forward differentiation):
what that takes is bounded by the length of the text, whatever the text is. No algebra is done.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from networks import InputError
from networks.errors import short_repr
from photonics.conventions import Real

LARGEST_POWER = 1000
"""Exponents in size."""
MAX_CHARACTERS = 2000
"""Characters of a function."""
DEEPEST_BRACKETS = 100
"""Brackets, signs and functions within each other."""
MAX_NUMBERS = 2_000_000
"""Numbers in one array of derivatives; more estimates than that holds go in parts."""
BALANCE_ROUNDING = 1e-9
"""Of the sizes of the derivatives: a sum of them below it counts as zero."""

Step = tuple[str, Any]
"""What is done to the numbers on the stack: ("number", x), ("parameter", j), ("power", p), or an operation with None."""


@dataclass(frozen=True, eq=False, kw_only=True)
class AnalyticFunction:
    """f of d parameters, its gradient and its matrix of second derivatives, each for many theta at once.

    >>> f = AnalyticFunction.from_text("theta1*sin(theta2)", 2)
    >>> theta = np.array([[2.0, 0.0]])
    >>> f.value(theta).tolist(), f.gradient(theta).tolist(), f.curvature(theta)[0].round(12).tolist()
    ([0.0], [[0.0, 2.0]], [[0.0, 1.0], [1.0, 0.0]])
    """

    text: str
    parameters: int
    notes: tuple[str, ...] = ()
    """What a reader might take otherwise: names of sensors that are also names of something else."""
    steps: tuple[Step, ...] = field(repr=False)

    @classmethod
    def from_text(cls, text: str, sensors: int, names: Sequence[str] = ()) -> AnalyticFunction:
        """Read an expression in the names of the sensors, where these are plain words, or in theta1 ... thetad.

        Names of sensors win: a sensor called pi is meant by pi, and where one is called like another's place (theta1 the second,
        or theta5 of three), theta1, theta2, ... are names alone. Words are taken as they are written: one of other signs that
        Python would read as the same (full width, say) is refused.

        Raises
        ------
        InputError
            Naming what is not understood.
        """
        known = _names(sensors, names)
        reader = _Reader(text, known)
        steps = reader.steps()
        used = {value for kind, value in steps if kind == "parameter"}
        if not used:
            raise InputError([f"the function {short_repr(text)} does not depend on any parameter"])
        said = tuple(note for name, note in known.notes if name in reader.seen)
        return cls(text=text, parameters=sensors, steps=steps, notes=said)

    def value(self, theta: Real) -> Real:
        """(n,) f at (n, d) theta; nan or infinite outside its domain."""
        return self._in_parts(theta, 0)

    def gradient(self, theta: Real) -> Real:
        """(n, d) first derivatives."""
        return self._in_parts(theta, 1)

    def curvature(self, theta: Real) -> Real:
        """(n, d, d) second derivatives."""
        return self._in_parts(theta, 2)

    @property
    def is_balanced(self) -> bool:
        """Whether the derivatives sum to zero everywhere, to BALANCE_ROUNDING: f depends on differences of the parameters alone.

        Looked at in many places drawn at random; a sum that is zero in all of them, of a function that has derivatives of all
        orders, is zero.
        """
        rng = np.random.default_rng(0)
        spread = np.repeat([0.1, 1.0, 3.0], 32)[:, None]
        shift = np.tile([0.0, 0.0, 1.5, 5.0], 24)[:, None]
        slopes = self.gradient(shift + spread * rng.uniform(-1, 1, (96, self.parameters)))
        with np.errstate(all="ignore"):
            sizes = np.abs(slopes).sum(axis=1)
            sums = np.abs(slopes.sum(axis=1))
        finite = np.isfinite(sizes)
        return bool(finite.any() and (sums[finite] <= BALANCE_ROUNDING * sizes[finite]).all())

    def _in_parts(self, theta: Real, order: int) -> Real:
        count = len(theta)
        rows = max(1, MAX_NUMBERS // self.parameters**order)
        shape = (self.parameters,) * order
        out = np.zeros((count, *shape))
        for start in range(0, count, rows):
            part = np.asarray(theta[start : start + rows], dtype=float)
            # Outside its domain a function is nan or infinite; the caller checks.
            with np.errstate(all="ignore"):
                jet = _run(self.steps, part, order)
            result = (jet.value, jet.slope, jet.curve)[order]
            if result is not None:
                out[start : start + rows] = np.broadcast_to(result, (len(part), *shape))
        return out


# --- values with their derivatives -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Jet:
    """A value with first and second derivatives at n places; None where these are zero or not asked for."""

    value: Any
    slope: Any = None
    curve: Any = None


def _run(steps: Sequence[Step], theta: Real, order: int) -> _Jet:
    stack: list[_Jet] = []
    for kind, what in steps:
        match kind:
            case "number":
                stack.append(_Jet(np.float64(what)))
            case "parameter":
                slope = np.eye(theta.shape[1])[what][None, :] if order else None
                stack.append(_Jet(theta[:, what], slope))
            case "power":
                stack.append(_power(stack.pop(), what, order))
            case "minus":
                stack.append(_scaled(stack.pop(), -1.0))
            case "+" | "-" | "*" | "/":
                right, left = stack.pop(), stack.pop()
                stack.append(_combined(kind, left, right, order))
            case _:
                inner = stack.pop()
                value, first, second = _FUNCTIONS[kind](inner.value)
                stack.append(_chained(inner, value, first, second, order))
    (jet,) = stack
    return jet


def _combined(kind: str, left: _Jet, right: _Jet, order: int) -> _Jet:
    if kind == "/":
        inverse = 1 / right.value
        squared = inverse * inverse
        right = _chained(right, inverse, -squared, 2 * squared * inverse, order)
    if kind in "*/":
        return _product(left, right, order)
    other = right if kind == "+" else _scaled(right, -1.0)
    return _Jet(left.value + other.value, _sum(left.slope, other.slope), _sum(left.curve, other.curve))


def _product(left: _Jet, right: _Jet, order: int) -> _Jet:
    a, b = left.value, right.value
    slope = _sum(_times(left.slope, b, 1), _times(right.slope, a, 1))
    curve = None
    if order == 2:
        curve = _sum(_times(left.curve, b, 2), _times(right.curve, a, 2))
        if left.slope is not None and right.slope is not None:
            mixed = left.slope[:, :, None] * right.slope[:, None, :]
            curve = _sum(curve, mixed + mixed.transpose(0, 2, 1))
    return _Jet(a * b, slope, curve)


def _power(base: _Jet, exponent: float, order: int) -> _Jet:
    x, p = base.value, exponent

    def term(factor: float, power: float) -> Any:
        # A factor of zero wins over a base of zero: theta^1 is a straight line there.
        return np.zeros_like(x) if factor == 0 else factor * np.power(x, power)

    return _chained(base, np.power(x, p), term(p, p - 1), term(p * (p - 1), p - 2), order)


def _chained(inner: _Jet, value: Any, first: Any, second: Any, order: int) -> _Jet:
    """The chain rule, twice."""
    slope = _times(inner.slope, first, 1)
    curve = None
    if order == 2 and inner.slope is not None:
        outer = inner.slope[:, :, None] * inner.slope[:, None, :]
        curve = _sum(_times(inner.curve, first, 2), _times(outer, second, 2))
    return _Jet(value, slope, curve)


def _scaled(jet: _Jet, factor: float) -> _Jet:
    return _Jet(jet.value * factor, _times(jet.slope, factor, 1), _times(jet.curve, factor, 2))


def _times(derivative: Any, factor: Any, order: int) -> Any:
    """A derivative of some order, times a number for each place."""
    return None if derivative is None else derivative * np.reshape(factor, np.shape(factor) + (1,) * order)


def _sum(first: Any, second: Any) -> Any:
    return second if first is None else first if second is None else first + second


def _tan(x: Any) -> tuple[Any, Any, Any]:
    t = np.tan(x)
    return t, 1 + t * t, 2 * t * (1 + t * t)


def _tanh(x: Any) -> tuple[Any, Any, Any]:
    t = np.tanh(x)
    return t, 1 - t * t, -2 * t * (1 - t * t)


def _sqrt(x: Any) -> tuple[Any, Any, Any]:
    s = np.sqrt(x)
    return s, 0.5 / s, -0.25 / (s * x)


def _atan(x: Any) -> tuple[Any, Any, Any]:
    first = 1 / (1 + x * x)
    return np.arctan(x), first, -2 * x * first * first


_FUNCTIONS: dict[str, Callable[[Any], tuple[Any, Any, Any]]] = {
    "sin": lambda x: (np.sin(x), np.cos(x), -np.sin(x)),
    "cos": lambda x: (np.cos(x), -np.sin(x), -np.cos(x)),
    "tan": _tan,
    "exp": lambda x: (np.exp(x), np.exp(x), np.exp(x)),
    "log": lambda x: (np.log(x), 1 / x, -1 / (x * x)),
    "sqrt": _sqrt,
    "atan": _atan,
    "sinh": lambda x: (np.sinh(x), np.cosh(x), np.sinh(x)),
    "cosh": lambda x: (np.cosh(x), np.sinh(x), np.cosh(x)),
    "tanh": _tanh,
}
"""Each function with its first and second derivative."""
FUNCTIONS = tuple(_FUNCTIONS)


# --- reading -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Names:
    """What words mean: the place of a parameter by its word, what to say of a word, and why places are no words."""

    places: dict[str, int]
    notes: tuple[tuple[str, str], ...]
    sensor_like_a_place: str | None


def _names(sensors: int, names: Sequence[str]) -> _Names:
    """The words of sensors, by their names and their places; and what to say where a name also means something else."""
    places = {f"theta{j + 1}": j for j in range(sensors)}
    own: dict[str, int] = {}
    doubled: set[str] = set()
    for j, name in enumerate(names[:sensors]):
        word = _composed(name)
        (doubled.add(word) if word in own else own.update({word: j}))
    notes = []
    # Where sensors are called like places, the others' places would be read wrongly.
    confusing = next((word for word, j in own.items() if _PLACE.fullmatch(word) and places.get(word) != j), None)
    if confusing is not None:
        notes = [
            (word, f"{word} is the sensor of that name, not the one in that place") for word in own if word in places
        ]
        places = {}
    if "pi" in own:
        notes.append(("pi", "pi is the sensor of that name, not the number (which is 4*atan(1))"))
    known = {word: j for word, j in (places | own).items() if word not in doubled}
    return _Names(places=known, notes=tuple(notes), sensor_like_a_place=confusing)


_PLACE = re.compile(r"theta[0-9]+")


def _composed(word: str) -> str:
    """A word with its accents composed: those are the same signs for who reads them, while full-width letters are others."""
    return unicodedata.normalize("NFC", word)


_OPERATIONS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


class _Reader:
    """The steps of an expression, with everything that is wrong with it."""

    def __init__(self, text: str, known: _Names) -> None:
        self._text = text
        self._known = known.places
        self._like_a_place = known.sensor_like_a_place
        self._source = ""
        self._steps: list[Step] = []
        self._faults: list[str] = []
        self.seen: set[str] = set()

    def steps(self) -> tuple[Step, ...]:
        text = self._text
        if not isinstance(text, str):
            raise InputError([f"a function must be text such as theta1*sin(theta2), got {short_repr(text)}"])
        if len(text) > MAX_CHARACTERS:
            raise InputError([f"a function may have {MAX_CHARACTERS} characters, got {len(text)}"])
        # In one line, for quoting parts of it.
        self._source = " ".join(text.split()).replace("^", "**")
        try:
            tree = ast.parse(self._source, mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise InputError(
                [f"the function {short_repr(text)} cannot be read; write e.g. theta1*sin(theta2) + theta3**2/2"]
            ) from None
        try:
            self._read(tree.body, 0)
        except RecursionError:
            self._faults.append(self._too_deep())
        if self._faults:
            raise InputError(list(dict.fromkeys(self._faults))[:20])
        return tuple(self._steps)

    def _too_deep(self) -> str:
        return f"the function {short_repr(self._text)} has more than {DEEPEST_BRACKETS} brackets within each other"

    def _written(self, node: ast.expr) -> str:
        """A part as it was written, for messages; Python would write numbers of its own, such as 1e309 for 1e400."""
        return short_repr(self._segment(node).replace("**", "^") if "**" not in self._text else self._segment(node))

    def _segment(self, node: ast.expr) -> str:
        # Places in a text are in bytes, and all in one line.
        return self._source.encode()[node.col_offset : node.end_col_offset].decode()

    def _read(self, node: ast.expr, depth: int) -> bool:
        """Append the steps of a part; whether it is a number, which must be finite and real."""
        start = len(self._steps)
        is_number = self._append(node, depth)
        if is_number and not self._faults and not np.isfinite(self._number(start)):
            self._faults.append(f"{self._written(node)} has no finite real value in double precision")
        return is_number

    def _number(self, start: int, end: int | None = None) -> float:
        with np.errstate(all="ignore"):
            return float(_run(self._steps[start:end], np.zeros((1, 0)), 0).value)

    def _append(self, node: ast.expr, depth: int) -> bool:
        if depth > DEEPEST_BRACKETS:
            self._faults.append(self._too_deep())
            return True
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return self._constant(value)
            case ast.Name():
                return self._name(_composed(self._segment(node)))
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
                is_number = self._read(operand, depth + 1)
                if isinstance(sign, ast.USub):
                    self._steps.append(("minus", None))
                return is_number
            case ast.BinOp(op=ast.Pow(), left=left, right=right):
                return self._raised(left, right, depth)
            case ast.BinOp() if type(node.op) in _OPERATIONS:
                return self._chain(node, depth)
            case ast.Call(func=ast.Name() as function, args=[argument], keywords=[]):
                name = self._segment(function)
                if name in _FUNCTIONS:
                    is_number = self._read(argument, depth + 1)
                    self._steps.append((name, None))
                    return is_number
                self._faults.append(_unknown("function", name, FUNCTIONS))
            case _:
                self._faults.append(
                    f"{self._written(node)} is not understood; use numbers, parameters, + - * / **, pi and {', '.join(FUNCTIONS)}"
                )
        return True

    def _constant(self, value: float) -> bool:
        try:
            self._steps.append(("number", float(value)))
        except OverflowError:
            self._steps.append(("number", np.inf))
        return True

    def _name(self, name: str) -> bool:
        self.seen.add(name)
        if name in self._known:
            self._steps.append(("parameter", self._known[name]))
            return False
        if name == "pi":
            self._steps.append(("number", np.pi))
            return True
        fault = _unknown("parameter", name, [word for word in self._known if word.isidentifier()])
        if self._like_a_place is not None and _PLACE.fullmatch(name):
            fault += (
                f"; {name} is not read as the sensor in that place, because theta1, theta2, ... are names alone where a sensor "
                f"is called {self._like_a_place}"
            )
        self._faults.append(fault)
        return True

    def _chain(self, node: ast.BinOp, depth: int) -> bool:
        """A sum or product of many terms, which Python reads as pairs within pairs; without going as deep as it is long."""
        terms: list[tuple[str, ast.expr]] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp) and type(left.op) in _OPERATIONS:
            terms.append((_OPERATIONS[type(left.op)], left.right))
            left = left.left
        start = len(self._steps)
        is_number = self._read(left, depth + 1)
        for kind, term in reversed(terms):
            before = len(self._steps)
            is_term_number = self._read(term, depth + 1)
            if kind == "/" and is_term_number and not self._faults and self._number(before) == 0:
                self._faults.append(f"{self._written(node)} divides by zero, so it has no finite real value")
            was_number, is_number = is_number, is_number and is_term_number
            if was_number and not is_number and not self._faults and not np.isfinite(self._number(start, before)):
                self._faults.append(
                    f"{self._written(node)} begins with a number that is not finite in double precision"
                )
            self._steps.append((kind, None))
        return is_number

    def _raised(self, base: ast.expr, exponent: ast.expr, depth: int) -> bool:
        is_number = self._read(base, depth + 1)
        start = len(self._steps)
        if not self._read(exponent, depth + 1):
            self._faults.append(_wrong_power(self._written(exponent)))
            return is_number
        if self._faults:
            return is_number
        power = self._number(start)
        del self._steps[start:]
        if not abs(power) <= LARGEST_POWER:
            self._faults.append(_wrong_power(self._written(exponent)))
        self._steps.append(("power", power))
        return is_number


def _unknown(what: str, word: str, known: Sequence[str]) -> str:
    """The fault of a word that means nothing here; said so where other signs than it has look like a known one."""
    reading = unicodedata.normalize("NFKC", word)
    meant = next((other for other in (*known, "pi") if unicodedata.normalize("NFKC", other) == reading), None)
    if meant is not None:
        signs = ", ".join(f"{sign} (U+{ord(sign):04X})" for sign in dict.fromkeys(word) if sign not in meant)
        return f"there is no {what} {word!r}: it holds the signs {signs}; write {meant}"
    return f"there is no {what} {word!r}; known are {', '.join(known[:12])}"


def _wrong_power(given: str) -> str:
    return f"a power must be a number of at most {LARGEST_POWER} in size, got {given}"
