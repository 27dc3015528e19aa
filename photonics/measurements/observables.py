"""Observables linear and quadratic in the quadratures: what one detector reads of a mode or a pair, their sums and products.

Values only; what light gives for them is in ``quadratic_forms``, what detectors add in ``moment_readout``.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Union

from photonics.values import Value, freeze, is_real, plain


class _Sums(ABC):
    """Sums, differences, multiples and products, as in x + y, 2 * x, x * y and x**2."""

    __slots__ = ()
    # Numbers of numpy leave products with observables to these.
    __array_ufunc__ = None

    @abstractmethod
    def _terms(self) -> tuple[tuple[float, Factors], ...]: ...

    def __add__(self, other: _Sums) -> Observable:
        if not isinstance(other, _Sums):
            return NotImplemented
        return _gathered((*self._terms(), *other._terms()))

    def __sub__(self, other: _Sums) -> Observable:
        if not isinstance(other, _Sums):
            return NotImplemented
        return self + (-1.0) * other

    def __neg__(self) -> Observable:
        return self * -1.0

    def __mul__(self, other: _Sums | float) -> Observable:
        if isinstance(other, _Sums):
            both = [(a * b, (*p, *q)) for a, p in self._terms() for b, q in other._terms()]
            return _gathered(tuple((weight, _ordered(factors)) for weight, factors in both))
        number = plain(other)
        if not is_real(number):
            return NotImplemented
        return _gathered(tuple((number * weight, factors) for weight, factors in self._terms()))

    def __rmul__(self, other: float) -> Observable:
        return self * other

    def __pow__(self, power: int) -> Observable:
        if plain(power) != 2:
            raise ValueError(f"an observable is squared at most, got the power {power!r}")
        return self * self


class _Reading(_Sums):
    """An observable that is one reading."""

    __slots__ = ()

    def _terms(self: Reading) -> tuple[tuple[float, Factors], ...]:  # type: ignore[misc]  # the three classes below
        return ((1.0, (self,)),)


@dataclass(frozen=True, slots=True)
class Quadrature(_Reading, Value):
    """x cos(angle) + p sin(angle) of a mode, as homodyne detection reads it; vacuum variance 1.

    Parameters
    ----------
    mode : str
    angle_rad : float

    Examples
    --------
    >>> str(Quadrature("a")), str(Quadrature("a", 0.5) * Quadrature("b"))
    ('x_a', 'x_a(0.5) x_b')
    """

    mode: str
    angle_rad: float = 0.0

    def __post_init__(self) -> None:
        freeze(self)
        _require_finite(self.angle_rad)

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes it reads."""
        return (self.mode,)

    def __str__(self) -> str:
        if not self.angle_rad:
            return f"x_{self.mode}"
        return f"p_{self.mode}" if self.angle_rad == math.pi / 2 else f"x_{self.mode}({self.angle_rad:.6g})"


@dataclass(frozen=True, slots=True)
class PhotonNumber(_Reading, Value):
    """The photon number of a mode, as a counter or a photodiode reads it.

    Parameters
    ----------
    mode : str

    Examples
    --------
    >>> str(PhotonNumber("c") - PhotonNumber("d"))
    'n_c - n_d'
    """

    mode: str

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes it reads."""
        return (self.mode,)

    def __str__(self) -> str:
        return f"n_{self.mode}"


@dataclass(frozen=True, slots=True)
class Interference(_Reading, Value):
    """e^{i angle} a^dagger b + h. c.: the difference of the intensities behind a balanced beam splitter where two modes meet.

    Parameters
    ----------
    first, second : str
        Two different modes.
    angle_rad : float
        Phase of the second one in front of the beam splitter, which is part of the measurement.

    Raises
    ------
    ValueError
        For a mode with itself, or an angle that is no finite number.

    Examples
    --------
    >>> str(Interference("a", "b", angle_rad=0.3))
    'a-b'
    """

    first: str
    second: str
    angle_rad: float = 0.0

    def __post_init__(self) -> None:
        freeze(self)
        _require_finite(self.angle_rad)
        if self.first == self.second:
            raise ValueError(f"first and second must be two different modes, got {self.first!r} twice")

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes it reads."""
        return (self.first, self.second)

    def __str__(self) -> str:
        return f"{self.first}-{self.second}"


Reading = Quadrature | PhotonNumber | Interference
"""What one detector, or a balanced pair of them, reads."""
Factors = tuple[Reading, ...]
"""One reading, or the product of two quadratures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observable(_Sums, Value):
    """A sum of readings and of products of two quadratures. Made by +, -, * and **2 of readings.

    Parameters
    ----------
    terms : tuple of (float, tuple of Reading)
        Weights, and one reading or two quadratures each; no term twice.

    Raises
    ------
    ValueError
        For no terms, weights that are not finite, products of other than two quadratures.

    Examples
    --------
    >>> x, y = Quadrature("a"), Quadrature("b")
    >>> str(0.5 * (x - 2 * y) * x)
    '0.5 x_a x_a - x_a x_b'
    """

    terms: tuple[tuple[float, Factors], ...]

    def __post_init__(self) -> None:
        freeze(self)
        faults = [] if self.terms else ["an observable needs a term"]
        for term in self.terms:
            faults += _term_faults(term)
        if not faults and len({factors for _, factors in self.terms}) < len(self.terms):
            faults.append("no term may be given twice; add up their weights")
        if faults:
            raise ValueError("; ".join(dict.fromkeys(faults)))

    def _terms(self) -> tuple[tuple[float, Factors], ...]:
        return self.terms

    def __str__(self) -> str:
        text = ""
        for weight, factors in self.terms:
            size = "" if abs(weight) == 1 else f"{abs(weight):.6g} "
            sign = ("-" if weight < 0 else "") if not text else (" - " if weight < 0 else " + ")
            text += sign + size + " ".join(map(str, factors))
        return text


Summand = Union[Reading, Observable]  # noqa: UP007  # read before the classes exist
"""What can be measured by moments: one reading, or a sum of them."""


def terms_of(observable: Summand) -> tuple[tuple[float, Factors], ...]:
    """Weights and factors of an observable.

    >>> terms_of(PhotonNumber("a"))
    ((1.0, (PhotonNumber(mode='a'),)),)
    """
    return observable._terms()


def _term_faults(term: object) -> Iterator[str]:
    if not isinstance(term, tuple) or len(term) != 2 or not isinstance(term[1], tuple):
        yield f"terms must be pairs of a weight and a tuple of readings, got {term!r}"
        return
    weight, factors = term
    if not is_real(weight) or not math.isfinite(weight):
        yield f"weights must be finite numbers, got {weight!r}"
    if not all(isinstance(factor, Reading) for factor in factors) or len(factors) not in (1, 2):
        yield f"a term must have one reading or two quadratures, got {factors!r:.80}"
    elif len(factors) == 2 and not all(isinstance(factor, Quadrature) for factor in factors):
        yield f"only quadratures are multiplied, not {' and '.join(map(str, factors))}: photon numbers are quadratic already"


def _ordered(factors: Factors) -> Factors:
    """Products of quadratures are symmetric, so equal ones look equal."""
    if len(factors) == 2 and all(isinstance(factor, Quadrature) for factor in factors):
        return tuple(sorted(factors, key=repr))
    return factors


def _gathered(terms: tuple[tuple[float, Factors], ...]) -> Observable:
    sums: dict[Factors, float] = {}
    for weight, factors in terms:
        sums[factors] = sums.get(factors, 0.0) + weight
    kept = tuple((weight, factors) for factors, weight in sums.items() if weight)
    if not kept:
        raise ValueError("the terms cancel: nothing of the observable is left")
    return Observable(terms=kept)


def _require_finite(angle: float) -> None:
    if not is_real(angle) or not math.isfinite(angle):
        raise ValueError(f"angle_rad must be a finite number, got {angle!r}")
