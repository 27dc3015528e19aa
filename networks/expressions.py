"""Numbers written as expressions, such as sqrt(2)/2 or pi/4, read exactly. Arithmetic only: nothing is executed."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from fractions import Fraction

from networks.irrational import (
    LARGEST_EXPONENT,
    LARGEST_ROOT,
    constant,
    count_terms,
    parts_of,
    power_of,
)

LONGEST = 1000
"""Characters of an expression."""

MAX_TERMS = 32
"""Most terms that a sum may have once it is multiplied out."""

LARGEST_DIGITS = 300
"""Longest numerator or denominator taken, so that 1e999999999 cannot fill the memory."""

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,9})?", re.ASCII)
"""An integer or a decimal."""

_CONSTANTS = {"pi": "pi", "π": "pi", "e": "e", "E": "e"}
_KNOWN = "numbers, + - * / **, sqrt, exp, pi, e and brackets"


def read_expression(text: str) -> Fraction:
    """The number that an expression is: a Fraction, or an ``Irrational``.

    Parameters
    ----------
    text : str
        Numbers, ``+ - * / ** ^``, ``sqrt``, ``exp`` of a rational number, ``pi``, ``e`` and brackets.

    Raises
    ------
    ValueError
        Saying what is not understood, or has no finite real value.

    Examples
    --------
    >>> read_expression("2*sqrt(9)/5"), read_expression("1/sqrt(2)")
    (Fraction(6, 5), parse_exact('sqrt(2)/2'))
    """
    if len(text) > LONGEST:
        raise ValueError(f"an expression may have {LONGEST} characters")
    # An assigned power sign; leading spaces would be indentation.
    source = text.strip().replace("^", "**")
    try:
        tree = ast.parse(source, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(f"it is not a complete expression of {_KNOWN}") from None
    try:
        return _read(tree.body, source)
    except RecursionError:
        raise ValueError("it has too many brackets") from None
    except ZeroDivisionError:
        raise ValueError("it must not divide by zero") from None


def _read(node: ast.expr, source: str) -> Fraction:
    match node:
        case ast.Constant():
            return _checked(_literal(ast.get_source_segment(source, node) or ""))
        case ast.Name(id=name) if name in _CONSTANTS:
            return constant(_CONSTANTS[name])
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_read(operand, source)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _read(operand, source)
        case ast.BinOp(op=ast.Pow(), left=left, right=right):
            return _power(_read(left, source), _read(right, source))
        case ast.BinOp(op=op, left=left, right=right) if type(op) in _OPERATIONS:
            return _checked(_OPERATIONS[type(op)](_read(left, source), _read(right, source)))
        case ast.Call(func=ast.Name(id="sqrt"), args=[argument], keywords=[]):
            return _power(_read(argument, source), Fraction(1, 2))
        case ast.Call(func=ast.Name(id="exp"), args=[argument], keywords=[]):
            return _power(constant("e"), _read(argument, source))
    raise ValueError(
        f"{_short(ast.unparse(node))} is not understood; {_KNOWN} are, other numbers are given as decimals"
    )


_OPERATIONS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: _multiplied(a, b),
    ast.Div: lambda a, b: a / b,
}


def _multiplied(first: Fraction, second: Fraction) -> Fraction:
    # Longer sums would stay brackets within brackets.
    counts = count_terms(first), count_terms(second)
    if min(counts) > 1 and counts[0] * counts[1] > 2 * MAX_TERMS:
        raise ValueError(_too_many())
    return first * second


def _literal(written: str) -> Fraction:
    if not NUMBER.fullmatch(written):
        raise ValueError(f"{_short(written)} is not understood; {_KNOWN} are")
    # Of 1e999999999 only the exponent is looked at.
    if abs(int(written.lower().partition("e")[2] or 0)) > LARGEST_DIGITS:
        raise ValueError(_too_long())
    return Fraction(written)


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    _, powers = parts_of(exponent)
    if powers or abs(exponent) > LARGEST_EXPONENT or exponent.denominator > LARGEST_ROOT:
        most = f"at most {LARGEST_EXPONENT} in size, with at most {LARGEST_ROOT} below the line"
        raise ValueError(f"an exponent must be a rational number, {most}")
    if exponent.denominator > 1 or count_terms(base) == 1:
        return _checked(power_of(base, exponent))
    # Step by step, so that a sum that grows too long is seen while it is short.
    result = Fraction(1)
    for _ in range(abs(exponent.numerator)):
        result = _checked(_multiplied(result, base))
    return result if exponent >= 0 else _checked(1 / result)


def _checked(number: Fraction) -> Fraction:
    coefficients, exponents = parts_of(number)
    if len(coefficients) > MAX_TERMS or (exponents and len(str(number)) > LONGEST):
        raise ValueError(_too_many())
    if any(max(abs(c.numerator), c.denominator) >= 10**LARGEST_DIGITS for c in coefficients):
        raise ValueError(_too_long())
    if any(abs(x) > LARGEST_EXPONENT or x.denominator > LARGEST_ROOT for x in exponents):
        raise ValueError(f"exponents may be at most {LARGEST_EXPONENT} in size and roots of degree {LARGEST_ROOT}")
    return number


def _too_many() -> str:
    return f"it has more than {MAX_TERMS} terms, or {LONGEST} characters, when multiplied out"


def _too_long() -> str:
    return f"its numbers must have at most {LARGEST_DIGITS} digits"


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")
