"""Exact rational numbers from what people write: 3, "1/3", "0.25". Floats are refused here."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from networks.errors import InputError, short_repr
from networks.values import plain

LARGEST_DIGITS = 300
"""Longest numerator or denominator taken, so that 1e999999999 cannot fill the memory."""

SMALLEST, LARGEST = Fraction(1, 10**100), Fraction(10**100)
"""Sizes that a coefficient may have, so that squares of it stay within floating point."""

_HINT = "write an integer, a fraction 1/3 or a decimal 0.25 (the last two in quotes in Python)"
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,9})?", re.ASCII)


def parse_exact(value: object, *, what: str = "number") -> Fraction:
    """``value`` as an exact Fraction.

    Parameters
    ----------
    value : int, Fraction, Decimal or str
        A str may be "3", "-1/2" or "0.25" (which is exactly 1/4). An integer of numpy is taken too.
    what : str
        How messages call the number.

    Returns
    -------
    Fraction

    Raises
    ------
    InputError
        For floats (with the fraction that was probably meant), bool, NaN, infinities and unreadable text.

    Examples
    --------
    >>> parse_exact("0.25"), parse_exact("-2/6"), parse_exact(3)
    (Fraction(1, 4), Fraction(-1, 3), Fraction(3, 1))
    """
    value = plain(value)
    if isinstance(value, bool):
        raise InputError([f"{what} must be a number, got {value}; {_HINT}"])
    if isinstance(value, int | Fraction):
        _check_digits(Fraction(value), what)
        return Fraction(value)
    if isinstance(value, float):
        raise InputError([_float_fault(value, what)])
    if isinstance(value, str | Decimal):
        return _parse_text(str(value).strip(), what)
    raise InputError([f"{what} must be a number, got {value!r}; {_HINT}"])


def parse_exact_vector(values: Iterable[object], *, what: str = "alpha") -> tuple[Fraction, ...]:
    """Every entry of ``values`` as a Fraction.

    Parameters
    ----------
    values : iterable of int, Fraction, Decimal or str
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


def _float_fault(value: float, what: str) -> str:
    if not math.isfinite(value):
        return f"{what} must be finite, got {value}"
    meant = Fraction(value).limit_denominator(1000)
    return f"{what} must be exact, got the float {value!r}; give '{meant}' if that is what you mean"


def _parse_text(text: str, what: str) -> Fraction:
    parts = [part.strip() for part in text.split("/")]
    if text.lower().lstrip("+-") in {"nan", "inf", "infinity"}:
        raise InputError([f"{what} must be finite, got {text}"])
    signed_divisor = len(parts) == 2 and parts[1].startswith("-")
    if len(parts) > 2 or signed_divisor or not all(_NUMBER.fullmatch(part) for part in parts):
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


def _check_digits(value: Fraction, what: str) -> None:
    if max(abs(value.numerator), value.denominator) >= 10**LARGEST_DIGITS:
        raise InputError([f"{what} must have at most {LARGEST_DIGITS} digits in numerator and denominator"])


def _shortened(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
