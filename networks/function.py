"""The function a network measures, q = alpha . theta, with exact coefficients. Nothing of light or modes is here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from networks.errors import InputError
from networks.exact import LARGEST, SMALLEST, parse_exact_vector
from networks.irrational import Irrational, are_independent


@dataclass(frozen=True, slots=True, repr=False)
class LinearFunction:
    """A linear function q = alpha . theta of d local parameters, with exact coefficients.

    Parameters
    ----------
    alpha : iterable of int, float, Fraction, str, or numbers of numpy or sympy, length d
        Not all zero. A float means its shortest decimal, 0.1 is 1/10; "sqrt(2)", "pi/4" and sums of such stay exact too, as
        ``Irrational`` numbers, which are Fractions of 60 digits wherever only their size matters.

    Raises
    ------
    InputError
        Listing every unreadable coefficient, or when alpha is empty or all zero.

    Examples
    --------
    >>> q = LinearFunction(["3", -1, "1/2"])
    >>> q.norm_positive, q.norm_negative, q.norm(1)
    (Fraction(7, 2), Fraction(1, 1), Fraction(9, 2))
    >>> q
    LinearFunction(('3', '-1', '1/2'))
    >>> irrational = LinearFunction(["sqrt(2)", 1, -1])
    >>> irrational, irrational.is_exact, irrational.direction
    (LinearFunction(('sqrt(2)', '1', '-1')), False, None)
    """

    alpha: tuple[Fraction, ...]

    def __init__(self, alpha: Iterable[object]) -> None:
        if isinstance(alpha, str):
            raise InputError([f"alpha must be a sequence of numbers; for text use LinearFunction.from_text({alpha!r})"])
        exact = parse_exact_vector(alpha)
        if not exact:
            raise InputError(["alpha must have at least one coefficient, got none"])
        if not any(exact):
            raise InputError([f"alpha must have a non-zero coefficient, got {len(exact)} zeros"])
        extreme = [j for j, a in enumerate(exact) if a and not SMALLEST <= abs(a) <= LARGEST]
        if extreme:
            raise InputError(
                [
                    f"alpha[{j}] must be 0 or between 1e-100 and 1e100 in size, got about 1e{_decade(exact[j])}; rescale alpha"
                    for j in extreme
                ]
            )
        object.__setattr__(self, "alpha", exact)

    @classmethod
    def from_text(cls, text: str) -> LinearFunction:
        """Read comma-separated coefficients.

        Parameters
        ----------
        text : str
            Such as "3, -1, 1/2".

        Returns
        -------
        LinearFunction

        Examples
        --------
        >>> LinearFunction.from_text("3,-1,1/2").alpha[2]
        Fraction(1, 2)
        """
        return cls(text.split(","))

    def __str__(self) -> str:
        """The coefficients as people write them.

        >>> print(LinearFunction(["1/2", -1]))
        (1/2, -1)
        """
        return f"({', '.join(map(str, self.alpha))})"

    def __repr__(self) -> str:
        return f"LinearFunction({tuple(str(a) for a in self.alpha)!r})"

    def __len__(self) -> int:
        return len(self.alpha)

    def __call__(self, theta: Sequence[float]) -> float:
        """q(theta) in floating point.

        >>> LinearFunction([1, -2])([0.5, 0.25])
        0.0
        """
        if len(theta) != len(self.alpha):
            raise InputError([f"theta must have {len(self.alpha)} entries, got {len(theta)}"])
        return math.fsum(float(a) * float(x) for a, x in zip(self.alpha, theta, strict=True))

    def __neg__(self) -> LinearFunction:
        return LinearFunction(-a for a in self.alpha)

    @property
    def is_exact(self) -> bool:
        """Whether all coefficients are rational, so that the Fractions in ``alpha`` are the coefficients themselves."""
        return not self.irrational

    @property
    def irrational(self) -> tuple[int, ...]:
        """Indices of irrational coefficients, whose Fractions hold 60 digits of them."""
        return tuple(j for j, a in enumerate(self.alpha) if isinstance(a, Irrational))

    @property
    def direction(self) -> tuple[Fraction, ...] | None:
        """alpha/||alpha||_inf with rational entries, or None when a ratio of two coefficients is irrational.

        Decided, not measured, wherever ``is_direction_proved``: (sqrt(2), sqrt(8)) has the direction (1/2, 1).

        >>> LinearFunction(["sqrt(2)", "sqrt(8)"]).direction, LinearFunction(["pi", 3]).direction
        ((Fraction(1, 2), Fraction(1, 1)), None)
        """
        largest = max(abs(a) for a in self.alpha)
        ratios = tuple(a / largest for a in self.alpha)
        return None if any(isinstance(ratio, Irrational) for ratio in ratios) else ratios

    @property
    def is_direction_proved(self) -> bool:
        """Whether ``direction`` is proved; if not, no ratio agrees with a fraction of twelve digits to a hundred digits.

        >>> LinearFunction(["sqrt(2)", 1]).is_direction_proved, LinearFunction(["pi", "e"]).is_direction_proved
        (True, False)
        """
        return are_independent(self.alpha)

    @property
    def positive(self) -> tuple[int, ...]:
        """Indices with alpha_j > 0: the set P. (The paper puts alpha_j = 0 there too; those modes stay empty.)"""
        return tuple(j for j, a in enumerate(self.alpha) if a > 0)

    @property
    def negative(self) -> tuple[int, ...]:
        """Indices with alpha_j < 0: the set Nn."""
        return tuple(j for j, a in enumerate(self.alpha) if a < 0)

    @property
    def zero(self) -> tuple[int, ...]:
        """Indices with alpha_j = 0."""
        return tuple(j for j, a in enumerate(self.alpha) if a == 0)

    def restricted_norm(self, indices: Iterable[int]) -> Fraction:
        """Sum of |alpha_j| over ``indices``: ||alpha||_{1,S}, BEGG (13).

        Parameters
        ----------
        indices : iterable of int
            S, from 0 to d - 1.

        Returns
        -------
        Fraction
        """
        chosen = [self.alpha[j] for j in indices]
        if any(isinstance(a, Irrational) for a in chosen):
            return sum(map(abs, chosen), Fraction(0))
        # Integers over each denominator first: Fractions add up a hundred times more slowly.
        over: dict[int, int] = {}
        for a in chosen:
            over[a.denominator] = over.get(a.denominator, 0) + abs(a.numerator)
        return sum((Fraction(whole, denominator) for denominator, whole in over.items()), Fraction(0))

    @property
    def norm_positive(self) -> Fraction:
        """||alpha||_P, the sum of the positive coefficients."""
        return self.restricted_norm(self.positive)

    @property
    def norm_negative(self) -> Fraction:
        """||alpha||_Nn, the sum of the magnitudes of the negative coefficients."""
        return self.restricted_norm(self.negative)

    @property
    def is_balanced(self) -> bool:
        """Whether ||alpha||_P = ||alpha||_Nn, so that phase sensing needs no reference mode."""
        return self.norm_positive == self.norm_negative

    @property
    def norm_2_squared(self) -> Fraction:
        """||alpha||_2^2, exactly."""
        return sum((a * a for a in self.alpha), Fraction(0))

    def norm(self, p: float | Fraction) -> Fraction | float:
        """||alpha||_p: exact for p = 0 (how many are not zero), 1 and infinity, a float for other p > 0.

        For p < 1 this is (sum |alpha_j|^p)^(1/p), BEGG (17), which is not a norm but is written as one.

        Parameters
        ----------
        p : float or Fraction
            0, positive, or infinity.

        Returns
        -------
        Fraction or float

        Raises
        ------
        InputError
            For other p.

        Examples
        --------
        >>> LinearFunction([1, -8]).norm(Fraction(2, 3))
        11.180339887498949
        """
        sizes = [abs(a) for a in self.alpha if a]
        if p == 0:
            return Fraction(len(sizes))
        if p == 1:
            return sum(sizes, Fraction(0))
        if p == math.inf:
            return max(sizes)
        if not p > 0:
            raise InputError([f"p must be 0, a positive number or infinity, got {p}"])
        largest = max(sizes)
        total = math.fsum(float(a / largest) ** float(p) for a in sizes)
        return float(largest) * float(total ** (1 / float(p)))

    def orient(self) -> Orientation:
        """This function, or -q when ||alpha||_P < ||alpha||_Nn, with the flip recorded.

        >>> LinearFunction([1, -3]).orient()
        Orientation(function=LinearFunction(('-1', '3')), flipped=True)
        """
        if self.norm_positive >= self.norm_negative:
            return Orientation(function=self, flipped=False)
        return Orientation(function=-self, flipped=True)


def _decade(value: Fraction) -> int:
    return len(str(abs(value.numerator))) - len(str(value.denominator))


@dataclass(frozen=True, slots=True, kw_only=True)
class Orientation:
    """A function with ||alpha||_P >= ||alpha||_Nn, as the papers assume, and whether q was replaced by -q for it.

    Parameters
    ----------
    function : LinearFunction
    flipped : bool
        True when ``function`` is -q.
    """

    function: LinearFunction
    flipped: bool
