"""Functions f(theta) written as text, with exact derivatives. Arithmetic and a few named functions only; nothing is executed."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from networks import InputError
from photonics.conventions import Real

FUNCTIONS = ("sin", "cos", "tan", "exp", "log", "sqrt", "atan", "sinh", "cosh", "tanh")
LARGEST_POWER = 1000
"""Exponents in size."""
LONGEST = 2000
"""Characters of a function."""


@dataclass(frozen=True, eq=False, kw_only=True)
class AnalyticFunction:
    """f of d parameters, its gradient and its matrix of second derivatives, each for many theta at once.

    >>> f = AnalyticFunction.from_text("theta1*sin(theta2)", 2)
    >>> theta = np.array([[2.0, 0.0]])
    >>> f.value(theta).tolist(), f.gradient(theta).tolist(), f.curvature(theta)[0].tolist()
    ([0.0], [[0.0, 2.0]], [[0.0, 1.0], [1.0, -0.0]])
    """

    text: str
    is_balanced: bool
    """Whether the derivatives sum to zero everywhere: f depends on differences of the parameters alone."""
    value: Callable[[Real], Real]
    gradient: Callable[[Real], Real]
    curvature: Callable[[Real], Real]

    @classmethod
    def from_text(cls, text: str, sensors: int, names: Sequence[str] = ()) -> AnalyticFunction:
        """Read an expression in theta1 ... thetad, or in ``names`` of the sensors where these are plain words.

        Raises
        ------
        InputError
            Naming what is not understood.
        """
        import sympy

        symbols = sympy.symbols([f"theta{j}" for j in range(1, sensors + 1)], real=True)
        known = dict(zip([f"theta{j}" for j in range(1, sensors + 1)], symbols, strict=True))
        known |= {name: symbol for name, symbol in zip(names, symbols, strict=False) if name not in known}
        expression = _read(text, known)
        slopes = [sympy.diff(expression, symbol) for symbol in symbols]
        curves = [[sympy.diff(slope, symbol) for symbol in symbols] for slope in slopes]
        if not expression.free_symbols:
            raise InputError([f"the function {text!r} does not depend on any parameter"])
        return cls(
            text=text,
            is_balanced=sympy.simplify(sum(slopes)) == 0,
            value=_vectorised(symbols, expression),
            gradient=_stacked([_vectorised(symbols, slope) for slope in slopes]),
            curvature=_stacked([_stacked([_vectorised(symbols, entry) for entry in row]) for row in curves]),
        )


def _vectorised(symbols: Any, expression: Any) -> Callable[[Real], Real]:
    import sympy

    function = sympy.lambdify(symbols, expression, "numpy")

    def evaluate(theta: Real) -> Real:
        # Outside its domain a function is nan or infinite; the caller checks.
        with np.errstate(all="ignore"):
            return np.broadcast_to(np.asarray(function(*theta.T), dtype=float), (len(theta),))

    return evaluate


def _stacked(parts: Sequence[Callable[[Real], Real]]) -> Callable[[Real], Real]:
    return lambda theta: np.stack([part(theta) for part in parts], axis=1)


_OPERATIONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
}


def _read(text: str, known: dict[str, Any]) -> Any:
    import sympy

    if len(text) > LONGEST:
        raise InputError([f"a function may have {LONGEST} characters, got {len(text)}"])
    try:
        tree = ast.parse(text.replace("^", "**"), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise InputError(
            [f"the function {text!r} cannot be read; write e.g. theta1*sin(theta2) + theta3**2/2"]
        ) from None
    faults: list[str] = []
    try:
        expression = _build(tree.body, known, faults)
    except (RecursionError, ZeroDivisionError, OverflowError):
        faults.append(f"the function {text!r} cannot be worked out")
    if faults:
        raise InputError(list(dict.fromkeys(faults)))
    if expression.has(sympy.zoo, sympy.nan, sympy.oo, -sympy.oo, sympy.I):
        raise InputError([f"the function {text!r} has no finite real value"])
    return expression


def _build(node: ast.AST, known: dict[str, Any], faults: list[str]) -> Any:
    import sympy

    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return sympy.nsimplify(node.value) if isinstance(node.value, int) else sympy.Float(node.value)
    if isinstance(node, ast.Name):
        if node.id == "pi":
            return sympy.pi
        if node.id in known:
            return known[node.id]
        names = [name for name in known if name.isidentifier()]
        faults.append(f"there is no parameter {node.id!r}; known are {', '.join(names[:12])}")
        return sympy.Integer(1)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        inner = _build(node.operand, known, faults)
        return -inner if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        left, right = _build(node.left, known, faults), _build(node.right, known, faults)
        if isinstance(node.op, ast.Pow) and not (right.is_number and abs(float(right)) <= LARGEST_POWER):
            faults.append(f"a power must be a number of at most {LARGEST_POWER} in size, got {right}")
            return left
        return _OPERATIONS[type(node.op)](left, right)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1 and not node.keywords:
        if node.func.id in FUNCTIONS:
            return getattr(sympy, node.func.id)(_build(node.args[0], known, faults))
        faults.append(f"there is no function {node.func.id!r}; known are {', '.join(FUNCTIONS)}")
        return sympy.Integer(1)
    faults.append(
        f"{ast.unparse(node)!r} is not understood; use numbers, parameters, + - * / **, pi and {', '.join(FUNCTIONS)}"
    )
    return sympy.Integer(1)
