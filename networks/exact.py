"""Exact numbers from what people write: 3, "1/3", "0.25", 0.137, "sqrt(2)/2". A float means its shortest decimal."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from networks.errors import InputError, short_repr
from networks.expressions import LARGEST_DIGITS, NUMBER, read_expression
from networks.irrational import Irrational
from networks.values import plain

SMALLEST, LARGEST = Fraction(1, 10**100), Fraction(10**100)
"""Sizes that a coefficient may have, so that squares of it stay within floating point."""

_HINT = "write an integer, a fraction 1/3, a decimal 0.25 or an expression such as sqrt(2)/2 (all but integers in quotes in Python)"


def parse_exact(value: object, *, what: str = "number") -> Fraction:
    """``value`` as an exact number.

    Parameters
    ----------
    value : int, float, Fraction, Decimal, str, or a number of numpy or sympy
        A str may be "3", "-1/2", "0.25" (which is exactly 1/4), or an expression of numbers, ``+ - * / **``, ``sqrt``, ``exp``,
        ``pi``, ``e`` and brackets. A float is the shortest decimal that gives it: 0.1 is 1/10.
    what : str
        How messages call the number.

    Returns
    -------
    Fraction
        An ``Irrational`` where the number is irrational; see there for what is exact of it.

    Raises
    ------
    InputError
        For bool, complex numbers, NaN, infinities and text that cannot be read or has no finite real value.

    Examples
    --------
    >>> parse_exact("0.25"), parse_exact("-2/6"), parse_exact(3), parse_exact(0.1)
    (Fraction(1, 4), Fraction(-1, 3), Fraction(3, 1), Fraction(1, 10))
    >>> parse_exact("1/sqrt(2)")
    parse_exact('sqrt(2)/2')
    """
    if isinstance(value, Fraction):
        _check_digits(value, what)
        return value
    value = _as_written(value)
    if isinstance(value, bool):
        raise InputError([f"{what} must be a number, got {value}; {_HINT}"])
    if isinstance(value, int):
        _check_digits(Fraction(value), what)
        return Fraction(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise InputError([f"{what} must be finite, got {value}"])
        return _parse_text(repr(value), what)
    if isinstance(value, complex):
        raise InputError([f"{what} must be a real number, got {value!r}"])
    if isinstance(value, str | Decimal):
        return _parse_text(str(value).strip(), what)
    raise InputError([f"{what} must be a number, got {short_repr(value)}; {_HINT}"])


def _as_written(value: object) -> object:
    """Numbers of numpy and sympy as Python's or as text."""
    if getattr(value, "is_number", False) is True and hasattr(value, "free_symbols"):
        # sympy: its text is an expression, but its floats show fewer digits than they have.
        number = float(value) if getattr(value, "is_Float", False) else None  # type: ignore[arg-type]  # a Float of sympy
        return number if number is not None and value == number else str(value)
    if getattr(getattr(value, "dtype", None), "kind", "") == "c":
        return complex(value)  # type: ignore[call-overload]  # a complex number of numpy, refused as Python's are
    known = plain(value)
    if isinstance(known, float) and not isinstance(value, float):
        # numpy's numbers of other lengths are the shortest decimals of their own length, float32(0.1) among them.
        return str(value) if math.isfinite(known) else known
    return known


def parse_exact_vector(values: Iterable[object], *, what: str = "alpha") -> tuple[Fraction, ...]:
    """Every entry of ``values`` as a Fraction.

    Parameters
    ----------
    values : iterable of int, float, Fraction, Decimal, str, or numbers of numpy or sympy
    what : str
        How messages call the vector.

    Returns
    -------
    tuple of Fraction

    Raises
    ------
    InputError
        Listing all entries that cannot be read.

    Examples
    --------
    >>> parse_exact_vector(["1/2", 3])
    (Fraction(1, 2), Fraction(3, 1))
    """
    try:
        values = iter(values)
    except TypeError:  # 0-d arrays say only when asked that they cannot be gone through
        raise InputError([f"{what} must be a list of numbers, got {short_repr(values)}"]) from None
    numbers: list[Fraction] = []
    faults: list[str] = []
    for index, value in enumerate(values):
        try:
            numbers.append(parse_exact(value, what=f"{what}[{index}]"))
        except InputError as error:
            faults.extend(error.faults)
    if faults:
        raise InputError(faults)
    return tuple(numbers)


def _parse_text(text: str, what: str) -> Fraction:
    if text.lower().lstrip("+-") in {"nan", "inf", "infinity", "oo", "zoo"}:
        raise InputError([f"{what} must be finite, got {text}"])
    parts = [part.strip() for part in text.split("/")]
    if not all(NUMBER.fullmatch(part) for part in parts):
        return _parse_expression(text, what)
    if len(parts) > 2 or (len(parts) == 2 and parts[1].startswith("-")):
        raise InputError([f"{what} must be a number, got {_shortened(text)!r}; {_HINT}"])
    numbers = []
    for part in parts:
        number = Decimal(part)
        if len(part) > 2 * LARGEST_DIGITS or abs(number.adjusted()) > LARGEST_DIGITS:
            raise InputError([f"{what} must have at most {LARGEST_DIGITS} digits, got {_shortened(text)}"])
        numbers.append(Fraction(number))
    if len(numbers) == 2 and numbers[1] == 0:
        raise InputError([f"{what} must not divide by zero, got {text!r}"])
    value = numbers[0] if len(numbers) == 1 else numbers[0] / numbers[1]
    _check_digits(value, what)
    return value


def _parse_expression(text: str, what: str) -> Fraction:
    try:
        return read_expression(text)
    except ValueError as error:
        raise InputError([f"{what} must be a number, got {_shortened(text)!r}: {error}"]) from None


def _check_digits(value: Fraction, what: str) -> None:
    if isinstance(value, Irrational):
        # Its numerator and denominator are as long as its 60 digits want them.
        return
    if max(abs(value.numerator), value.denominator) >= 10**LARGEST_DIGITS:
        raise InputError([f"{what} must have at most {LARGEST_DIGITS} digits in numerator and denominator"])


def _shortened(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
