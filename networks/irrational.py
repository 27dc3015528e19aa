"""Irrational numbers that stay exact: sums of rational multiples of roots and of powers of pi and e. Text is read elsewhere.

Roots of distinct primes, their products, and powers of pi (or of e) times them are linearly independent over the rationals
(Besicovitch 1940; pi and e are transcendental), so equality and rational ratios are decided, not guessed. Of pi together with e,
and of sums under a root or below a fraction line, nobody knows or nobody here works it out: such a number is taken to be
irrational unless it agrees with a fraction of at most twelve digits below the line to a hundred digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any, Union

DIGITS = 60
"""Significant digits to which numerator/denominator of an irrational number agree with it, so that floats of it are right."""

AGREED_DIGITS = 100
"""Digits to which a number of unproved kind must agree with a fraction to be taken for it."""

AGREED_DENOMINATOR = 10**12
"""Largest denominator of such a fraction."""

LARGEST_ROOTED = 10**12
"""Largest integer under a root: it is taken apart into primes."""

LARGEST_EXPONENT, LARGEST_ROOT = 100, 64
"""Exponents p/q of what is read: sizes of p/q, and q."""

_WORKING = 120
_PRECISIONS = (_WORKING, 240, 480, 960)
_EXPANDED = 64
"""Products of two sums with more products of terms than this stay products, of sums with more than ``_SHORT`` terms."""
_SHORT = 8
_CONJUGATED = 4
"""Primes under the roots of a denominator that is made rational."""

Base = Union[int, str, "Irrational"]
"""A prime, "pi" or "e", or a positive sum of such."""
Monomial = tuple[tuple[Base, Fraction], ...]
Terms = Mapping[Monomial, Fraction]


class Irrational(Fraction):
    """An irrational real number, exact in arithmetic, equality and text; ``parse_exact`` makes one.

    It is a Fraction for the sake of numbers: numerator and denominator agree with it to 60 digits, and comparisons, ``float``
    and roundings are made of them. Sums, products and quotients with integers and Fractions are exact, and plain Fractions
    where they are rational. It equals no rational number.

    Parameters
    ----------
    terms : mapping of monomials to Fractions
        Without zeros; for the functions of this module, which know that the sum is irrational.
    value : Fraction
        Which agrees with it.

    Examples
    --------
    >>> from networks import parse_exact
    >>> root = parse_exact("sqrt(2)")
    >>> root, float(root), root * root, 1 / (1 + root)
    (parse_exact('sqrt(2)'), 1.4142135623730951, Fraction(2, 1), parse_exact('-1 + sqrt(2)'))
    >>> parse_exact("sqrt(8)") / root, parse_exact("pi/4") == parse_exact("2*pi/8")
    (Fraction(2, 1), True)
    """

    __slots__ = ("_terms",)

    _terms: tuple[tuple[Monomial, Fraction], ...]

    def __new__(cls, terms: Terms, value: Fraction) -> Irrational:
        self = super().__new__(cls, value)
        self._terms = tuple(sorted(terms.items(), key=lambda term: _monomial_key(term[0])))
        return self

    @property
    def is_proved(self) -> bool:
        """Whether it is proved that this number is irrational; otherwise it is taken to be, see the module."""
        return are_independent([self])

    def __str__(self) -> str:
        """The number as ``parse_exact`` reads it back.

        >>> from networks import parse_exact
        >>> print(parse_exact("1/sqrt(2) - 3"), parse_exact("pi**2*sqrt(6)/(-4)"), parse_exact("2^(1/3)/e"))
        -3 + sqrt(2)/2 -sqrt(6)*pi**2/4 2**(1/3)/e
        """
        parts = [_spelled(monomial, coefficient) for monomial, coefficient in self._terms]
        return parts[0] + "".join(f" - {part[1:]}" if part.startswith("-") else f" + {part}" for part in parts[1:])

    def __repr__(self) -> str:
        return f"parse_exact({str(self)!r})"

    def __hash__(self) -> int:  # type: ignore[override]  # numbers.Complex says that it has none
        return hash(("irrational", self._terms))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Irrational) and self._terms == other._terms

    def __reduce__(self) -> tuple[Callable[..., Fraction], tuple[object, ...]]:
        return Irrational, (dict(self._terms), Fraction(self.numerator, self.denominator))

    @classmethod
    def from_float(cls, f: float) -> Fraction:  # type: ignore[override]  # no float is irrational
        """The Fraction that a float is: Fraction calls this on its own class when it compares with a float.

        Parameters
        ----------
        f : float
        """
        return Fraction.from_float(f)

    def __copy__(self) -> Irrational:
        return self

    def __deepcopy__(self, memo: object) -> Irrational:
        return self

    def __pos__(self) -> Fraction:
        return self

    def __neg__(self) -> Fraction:
        negative = {monomial: -coefficient for monomial, coefficient in self._terms}
        return Irrational(negative, Fraction(-self.numerator, self.denominator))

    def __abs__(self) -> Fraction:
        return self if self.numerator > 0 else -self

    # What follows is exact with integers and Fractions, and what Fraction makes of it with floats and complex numbers.
    # The signatures of Fraction are overloads for every kind of operand; these answer all of them in one.

    def __add__(self, other: Any) -> Any:
        return sum_of(self, other) if isinstance(other, int | Fraction) else super().__add__(other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return sum_of(self, -other) if isinstance(other, int | Fraction) else super().__sub__(other)

    def __rsub__(self, other: Any) -> Any:
        return sum_of(-self, other) if isinstance(other, int | Fraction) else super().__rsub__(other)

    def __mul__(self, other: Any) -> Any:
        return product_of(self, other) if isinstance(other, int | Fraction) else super().__mul__(other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        return quotient_of(self, other) if isinstance(other, int | Fraction) else super().__truediv__(other)

    def __rtruediv__(self, other: Any) -> Any:
        return quotient_of(other, self) if isinstance(other, int | Fraction) else super().__rtruediv__(other)

    def __mod__(self, other: Any) -> Any:
        return self - other * (self // other) if isinstance(other, int | Fraction) else super().__mod__(other)

    def __rmod__(self, other: Any) -> Any:
        return other - self * (other // self) if isinstance(other, int | Fraction) else super().__rmod__(other)

    def __pow__(self, exponent: Any) -> Any:
        whole = isinstance(exponent, int | Fraction) and exponent.denominator == 1
        return power_of(self, Fraction(exponent)) if whole else super().__pow__(exponent)


# --- exact arithmetic -----------------------------------------------------------------------------------------


def constant(name: str) -> Irrational:
    """The number pi or e.

    Parameters
    ----------
    name : "pi" or "e"
    """
    terms: Terms = {((name, Fraction(1)),): Fraction(1)}
    return Irrational(terms, _value(terms)[0])


def sum_of(first: int | Fraction, second: int | Fraction) -> Fraction:
    """The exact sum; here and below a plain Fraction where it is rational.

    Parameters
    ----------
    first, second : int, Fraction or Irrational
    """
    return _number(_added([*_terms_of(first).items(), *_terms_of(second).items()]))


def product_of(first: int | Fraction, second: int | Fraction) -> Fraction:
    """The exact product.

    Parameters
    ----------
    first, second : int, Fraction or Irrational
    """
    return _number(_product(_terms_of(first), _terms_of(second)))


def quotient_of(first: int | Fraction, second: int | Fraction) -> Fraction:
    """The exact quotient; rational whenever one is a rational multiple of the other, term by term.

    Parameters
    ----------
    first, second : int, Fraction or Irrational

    Raises
    ------
    ZeroDivisionError
    """
    if not second:
        raise ZeroDivisionError("division by zero")
    above, below = _terms_of(first), _terms_of(second)
    if above.keys() == below.keys():
        shares = {above[monomial] / below[monomial] for monomial in above}
        if len(shares) == 1:
            return shares.pop()
    return _number(_product(above, _inverse(below)))


def power_of(base: int | Fraction, exponent: Fraction) -> Fraction:
    """The exact power, real and with a positive base where the exponent is no integer.

    Parameters
    ----------
    base : int, Fraction or Irrational
    exponent : Fraction

    Raises
    ------
    ZeroDivisionError
    ValueError
        For roots of negative numbers, and of integers above 1e12, saying so.
    """
    if not base:
        return Fraction(0) ** exponent.numerator
    if exponent.denominator > 1:
        return _number(_root(_terms_of(base), exponent))
    terms = _terms_of(base) if exponent >= 0 else _inverse(_terms_of(base))
    result: Terms = {(): Fraction(1)}
    for _ in range(abs(exponent.numerator)):
        result = _product(result, terms)
    return _number(result)


def are_independent(numbers: Iterable[Fraction]) -> bool:
    """Whether it is proved that the different roots and powers in these numbers have no linear relation over the rationals.

    Parameters
    ----------
    numbers : iterable of Fraction or Irrational

    Examples
    --------
    >>> from networks import parse_exact
    >>> are_independent(map(parse_exact, ("sqrt(2)", "pi"))), are_independent(map(parse_exact, ("e", "pi")))
    (True, False)
    """
    bases = {base for number in numbers for base in _bases(_terms_of(number)) if not isinstance(base, int)}
    return len(bases) <= 1 and not any(isinstance(base, Irrational) for base in bases)


def count_terms(number: Fraction) -> int:
    """How many terms the text of a number has.

    Parameters
    ----------
    number : Fraction or Irrational
    """
    return len(_terms_of(number))


def parts_of(number: Fraction) -> tuple[tuple[Fraction, ...], tuple[Fraction, ...]]:
    """The rational coefficients and the exponents in a number, whose sizes a reader limits.

    Parameters
    ----------
    number : Fraction or Irrational
    """
    terms = _terms_of(number)
    return tuple(terms.values()), tuple(exponent for monomial in terms for _, exponent in monomial)


def _terms_of(number: int | Fraction) -> Terms:
    if isinstance(number, Irrational):
        return dict(number._terms)
    return {(): Fraction(number)} if number else {}


def _added(terms: Iterable[tuple[Monomial, Fraction]]) -> Terms:
    total: dict[Monomial, Fraction] = {}
    for monomial, coefficient in terms:
        total[monomial] = total.get(monomial, Fraction(0)) + coefficient
    return {monomial: coefficient for monomial, coefficient in total.items() if coefficient}


def _product(first: Terms, second: Terms) -> Terms:
    if len(first) > 1 and len(second) > 1 and len(first) * len(second) > _EXPANDED:
        first, second = (_folded(terms) if len(terms) > _SHORT else terms for terms in (first, second))
    return _added(
        term
        for monomial, coefficient in first.items()
        for other, factor in second.items()
        for term in _opened(*_multiplied(monomial, other, coefficient * factor)).items()
    )


def _multiplied(first: Monomial, second: Monomial, coefficient: Fraction) -> tuple[Monomial, Fraction]:
    exponents: dict[Base, Fraction] = {}
    for base, exponent in (*first, *second):
        exponents[base] = exponents.get(base, Fraction(0)) + exponent
    for base, exponent in exponents.items():
        if isinstance(base, int):
            # Roots of primes have exponents in (0, 1); whole powers belong to the coefficient.
            whole = math.floor(exponent)
            coefficient *= Fraction(base) ** whole
            exponents[base] = exponent - whole
    kept = [(base, exponent) for base, exponent in exponents.items() if exponent]
    return tuple(sorted(kept, key=lambda pair: _base_key(pair[0]))), coefficient


def _opened(monomial: Monomial, coefficient: Fraction) -> Terms:
    """A term with the whole powers of short sums in it multiplied out."""
    for base, exponent in monomial:
        whole = math.floor(exponent)
        if isinstance(base, Irrational) and whole >= 1 and len(base._terms) <= _SHORT:
            rest = tuple(pair if pair[0] is not base else (base, exponent - whole) for pair in monomial)
            terms: Terms = {tuple(pair for pair in rest if pair[1]): coefficient}
            for _ in range(whole):
                terms = _product(terms, dict(base._terms))
            return terms
    return {monomial: coefficient}


def _folded(terms: Terms) -> Terms:
    """A sum as one factor."""
    base, scale = _normalised(terms)
    return {((base, Fraction(1)),): scale}


def _normalised(terms: Terms) -> tuple[Irrational, Fraction]:
    """A sum as a rational number times a positive sum whose first coefficient is 1 in size."""
    first = min(terms, key=_monomial_key)
    positive = _value(terms)[0] > 0
    scale = abs(terms[first]) * (1 if positive else -1)
    scaled = {monomial: coefficient / scale for monomial, coefficient in terms.items()}
    return Irrational(scaled, _value(scaled)[0]), scale


def _inverse(terms: Terms) -> Terms:
    if len(terms) == 1:
        [(monomial, coefficient)] = terms.items()
        return dict([_multiplied((), tuple((base, -exponent) for base, exponent in monomial), 1 / coefficient)])
    # What is no root of a prime may be common to all terms; roots are then removed by conjugates.
    common = tuple((base, -exponent) for base, exponent in next(iter(terms)) if not isinstance(base, int))
    below = _product(terms, {common: Fraction(1)})
    roots = {pair for monomial in below for pair in monomial}
    if len(roots) > _CONJUGATED or any(not isinstance(base, int) or half * 2 != 1 for base, half in roots):
        base, scale = _normalised(terms)
        return {((base, Fraction(-1)),): 1 / scale}
    above: Terms = {common: Fraction(1)}
    while below.keys() != {()}:
        root = next(monomial[0] for monomial in below if monomial)
        conjugate = {monomial: -c if root in monomial else c for monomial, c in below.items()}
        above, below = _product(above, conjugate), _product(below, conjugate)
    return {monomial: coefficient / below[()] for monomial, coefficient in above.items()}


def _root(terms: Terms, exponent: Fraction) -> Terms:
    if len(terms) == 1:
        [(monomial, scale)] = terms.items()
        factors = [(base, own * exponent) for base, own in monomial]
    else:
        base, scale = _normalised(terms)
        factors = [(base, exponent)]
    if scale < 0:
        raise ValueError("a root of a negative number is not real")
    for number, sign in ((scale.numerator, 1), (scale.denominator, -1)):
        factors += [(prime, sign * times * exponent) for prime, times in _primes(number)]
    return _product({(): Fraction(1)}, dict([_multiplied((), tuple(factors), Fraction(1))]))


def _primes(number: int) -> Iterator[tuple[int, int]]:
    if number > LARGEST_ROOTED:
        raise ValueError("numerators and denominators under a root may be at most 1e12; give the root as a decimal")
    factor = 2
    while factor * factor <= number:
        times = 0
        while number % factor == 0:
            number, times = number // factor, times + 1
        if times:
            yield factor, times
        factor += 1 if factor == 2 else 2
    if number > 1:
        yield number, 1


def _number(terms: Terms) -> Fraction:
    if not terms.keys() - {()}:
        return terms.get((), Fraction(0))
    value, largest = _value(terms)
    if not are_independent([Irrational(terms, value)]):
        near = value.limit_denominator(AGREED_DENOMINATOR)
        size = largest if not near else min(largest, abs(value))
        if abs(near - value) * 10**AGREED_DIGITS <= size:
            return near
    return Irrational(terms, value)


def _bases(terms: Terms) -> Iterator[Base]:
    return (base for monomial in terms for base, _ in monomial)


# --- values ---------------------------------------------------------------------------------------------------


def _value(terms: Terms) -> tuple[Fraction, Fraction]:
    """The value to 60 digits at least, and the size of the largest term; more digits where terms nearly cancel."""
    for digits in _PRECISIONS:
        parts = [coefficient * _monomial_value(monomial, digits) for monomial, coefficient in terms.items()]
        total, largest = sum(parts, Fraction(0)), max(map(abs, parts))
        if abs(total) * 10 ** (digits - DIGITS - 10) >= largest:
            break
    return total, largest


@lru_cache(maxsize=4096)
def _monomial_value(monomial: Monomial, digits: int) -> Fraction:
    value = Fraction(1)
    for base, exponent in monomial:
        value = _rounded(value * _power_value(base, exponent, digits + 20), digits + 10)
    return value


def _power_value(base: Base, exponent: Fraction, digits: int) -> Fraction:
    if isinstance(base, Irrational):
        given, _ = _value_to(dict(base._terms), digits)
    else:
        given = Fraction(base) if isinstance(base, int) else _CONSTANTS[base](digits + 5)
    powered = _rounded(given**exponent.numerator, digits + 5)
    if exponent.denominator == 1:
        return powered
    # The integer root of the number times a power of ten that leaves so many digits.
    places = digits - min(0, _decade(powered)) + 1
    scaled = powered * Fraction(10) ** (places * exponent.denominator)
    return Fraction(_integer_root(math.floor(scaled), exponent.denominator), 10**places)


def _value_to(terms: Terms, digits: int) -> tuple[Fraction, Fraction]:
    parts = [coefficient * _monomial_value(monomial, digits + 10) for monomial, coefficient in terms.items()]
    return sum(parts, Fraction(0)), max(map(abs, parts))


def _integer_root(number: int, degree: int) -> int:
    """floor(number^(1/degree)), by Newton's iteration from above."""
    if degree == 2:
        return math.isqrt(number)
    guess = 1 << -(-number.bit_length() // degree)
    while True:
        better = ((degree - 1) * guess + number // guess ** (degree - 1)) // degree
        if better >= guess:
            return guess
        guess = better


def _decade(value: Fraction) -> int:
    """About log10 of a positive number, within one."""
    return len(str(value.numerator)) - len(str(value.denominator))


def _rounded(value: Fraction, digits: int) -> Fraction:
    """To so many significant digits at least, with a power of ten as the denominator."""
    places = max(digits - _decade(abs(value)) + 2, 40)
    return Fraction(round(value * 10**places), 10**places)


@lru_cache(maxsize=16)
def _pi(digits: int) -> Fraction:
    """Machin's pi = 16 atan(1/5) - 4 atan(1/239)."""
    one = 10 ** (digits + 10)

    def arctangent(inverse: int) -> int:
        power, total, odd = one // inverse, 0, 1
        while power:
            total += (power // odd) * (1 if odd % 4 == 1 else -1)
            power //= inverse * inverse
            odd += 2
        return total

    return Fraction(16 * arctangent(5) - 4 * arctangent(239), one)


@lru_cache(maxsize=16)
def _e(digits: int) -> Fraction:
    one = 10 ** (digits + 10)
    term, total, n = one, 0, 0
    while term:
        total += term
        n += 1
        term //= n
    return Fraction(total, one)


_CONSTANTS: dict[str, Callable[[int], Fraction]] = {"pi": _pi, "e": _e}


# --- text -----------------------------------------------------------------------------------------------------


def _base_key(base: Base) -> tuple[int, int, str]:
    return (0, base, "") if isinstance(base, int) else (1 + isinstance(base, Irrational), 0, str(base))


def _monomial_key(monomial: Monomial) -> tuple[int, tuple[tuple[tuple[int, int, str], Fraction], ...]]:
    return len(monomial), tuple((_base_key(base), exponent) for base, exponent in monomial)


def _spelled(monomial: Monomial, coefficient: Fraction) -> str:
    """One term, such as -2*sqrt(3)*pi/5."""
    under = math.prod(base for base, exponent in monomial if isinstance(base, int) and exponent * 2 == 1)
    above = [f"sqrt({under})"] * (under > 1)
    below: list[str] = []
    sums_below = [exponent for base, exponent in monomial if isinstance(base, Irrational) and exponent < 0]
    for base, exponent in monomial:
        if (
            isinstance(base, Irrational)
            and exponent.denominator == 1
            and (exponent < -1 or (exponent < 0 and len(sums_below) > 1))
        ):
            # Below a fraction line their product would be read as the sum that it is, which is another text.
            above.append(f"(1/({base}))" + (f"**{-exponent}" if exponent < -1 else ""))
        elif not (isinstance(base, int) and exponent * 2 == 1):
            (above if exponent > 0 else below).append(_power_text(base, abs(exponent)))
    if abs(coefficient.numerator) != 1 or not above:
        above.insert(0, str(abs(coefficient.numerator)))
    if coefficient.denominator != 1:
        below.insert(0, str(coefficient.denominator))
    bottom = "*".join(below)
    divided = f"/({bottom})" if len(below) > 1 else f"/{bottom}" if below else ""
    return "-" * (coefficient < 0) + "*".join(above) + divided


def _power_text(base: Base, exponent: Fraction) -> str:
    if exponent * 2 == 1:
        return f"sqrt({base})"
    text = f"({base})" if isinstance(base, Irrational) else str(base)
    if exponent == 1:
        return text
    return f"{text}**{exponent}" if exponent.denominator == 1 else f"{text}**({exponent})"
