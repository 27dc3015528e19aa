"""Directions in parameter space, exact: what must hold of them, and what to do when it does not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import gcd, lcm

from networks import InputError, Irrational, LinearFunction, parse_exact_vector
from networks.values import Value

NEAR = 1e-9
"""Relative to the largest entry: how near integers are that are taken to be meant by decimals."""
LARGEST_NEAR = 1000
"""The largest of these integers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Directions(Value):
    """r orthogonal directions of N parameters, as integer vectors; the unit vectors are these over their norms.

    Attributes
    ----------
    vectors : (r, N) ints
        Each the shortest integer vector along its direction.

    Examples
    --------
    >>> directions = Directions.of([["1/2", "-1/2", 0], [1, 1, -2]])
    >>> directions.vectors, directions.squares
    (((1, -1, 0), (1, 1, -2)), (2, 6))
    """

    vectors: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, vectors: Sequence[Sequence[object]], names: Sequence[str] = ("w", "v")) -> Directions:
        """From exact numbers of any scale.

        Parameters
        ----------
        vectors : (r, N) int, float, Fraction or str
            Of rational ratios: ("sqrt(2)", "sqrt(8)") is (1, 2).
        names : sequence of str
            What errors call them.

        Raises
        ------
        InputError
            For unreadable numbers, vectors of different length or zero, and pairs that are not orthogonal, with the cosine
            between them and the orthogonal pair to use instead: small integers as near as decimals are to what they stand for,
            such as (1, 1, 2) for that vector over sqrt(6) in floats, or the part of the second across the first.
        """
        faults: list[str] = []
        exact: list[tuple[Fraction, ...]] = []
        labels = [names[k] if k < len(names) else f"direction {k + 1}" for k in range(len(vectors))]
        for label, vector in zip(labels, vectors, strict=True):
            try:
                exact.append(_rational(parse_exact_vector(vector)))
            except InputError as error:
                faults += [f"{label}: {fault}" for fault in error.faults]
        if faults:
            raise InputError(faults)
        lengths = {len(vector) for vector in exact}
        if len(lengths) > 1 or not exact or 0 in lengths:
            raise InputError([f"directions must have one length, at least 1, got {[len(v) for v in exact]}"])
        faults += [f"{label} must not be zero" for label, vector in zip(labels, exact, strict=True) if not any(vector)]
        if faults:
            raise InputError(faults)
        for j, second in enumerate(exact):
            for i, first in enumerate(exact[:j]):
                product = sum((a * b for a, b in zip(first, second, strict=True)), Fraction(0))
                if product:
                    faults.append(_not_orthogonal(labels[i], labels[j], first, second, product))
        if faults:
            raise InputError(faults)
        return cls(vectors=tuple(_smallest(vector) for vector in exact))

    @property
    def squares(self) -> tuple[int, ...]:
        """Squared norms of the integer vectors."""
        return tuple(sum(x * x for x in vector) for vector in self.vectors)

    @property
    def parameters(self) -> int:
        """N."""
        return len(self.vectors[0])

    def nearest(self) -> Directions | None:
        """Orthogonal directions of small integers that decimals may stand for; None where there are none, or they are these.

        Examples
        --------
        >>> floats = Directions.of([[0, 0, 1], [0.4472135954999579, 0.8944271909999159, 0]])
        >>> floats.nearest().vectors
        ((0, 0, 1), (1, 2, 0))
        """
        near = _nearest(self.vectors)
        return None if near is None or near == self.vectors else Directions(vectors=near)

    def columns(self) -> list[tuple[int, ...]]:
        """For each parameter its entries in all directions."""
        return list(zip(*self.vectors, strict=True))

    def units(self) -> list[list[float]]:
        """The unit vectors as floats."""
        return [
            [math.copysign(math.sqrt(Fraction(x * x, square)), x) for x in v]
            for v, square in zip(self.vectors, self.squares, strict=True)
        ]


def _rational(vector: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
    """The vector, over its largest entry where it is irrational."""
    if not any(isinstance(x, Irrational) for x in vector):
        return vector
    direction = LinearFunction(vector).direction
    if direction is None:
        raise InputError([f"the ratios must be rational, got ({', '.join(map(str, vector))})"])
    return direction


def _not_orthogonal(
    first_name: str, second_name: str, first: Sequence[Fraction], second: Sequence[Fraction], product: Fraction
) -> str:
    square = sum((a * a for a in first), Fraction(0))
    other = sum((b * b for b in second), Fraction(0))
    cosine = math.copysign(math.sqrt(product * product / (square * other)), product)
    near = _nearest((first, second))
    rest = [b - product / square * a for a, b in zip(first, second, strict=True)]
    if near is not None:
        remedy = (
            f"within {NEAR:g} they are {first_name} = ({', '.join(map(str, near[0]))}) and {second_name} = "
            f"({', '.join(map(str, near[1]))}), which are orthogonal: give these if they are meant"
        )
    elif any(rest):
        remedy = f"with {first_name} the part of {second_name} across it is ({', '.join(map(str, _smallest(rest)))})"
    else:
        remedy = "they are parallel"
    return f"{first_name} and {second_name} must be orthogonal, the cosine between them is {cosine:.6g}; {remedy}"


def _nearest(vectors: Sequence[Sequence[Fraction | int]]) -> tuple[tuple[int, ...], ...] | None:
    """Each the shortest integers, ``LARGEST_NEAR`` at most, in its ratios to within ``NEAR``, where these are orthogonal."""
    found = []
    for vector in vectors:
        exact = [Fraction(x) for x in vector]
        largest = max(map(abs, exact))
        ratios = [float(x / largest) for x in exact]
        scales = range(1, LARGEST_NEAR + 1)
        near = (n for n in scales if all(abs(n * x - round(n * x)) <= n * NEAR for x in ratios))
        if (scale := next(near, None)) is None:
            return None
        found.append(tuple(round(scale * x) for x in ratios))
    if any(sum(a * b for a, b in zip(first, second, strict=True)) for first, second in combinations(found, 2)):
        return None
    return tuple(found)


def _smallest(vector: Sequence[Fraction]) -> tuple[int, ...]:
    """The shortest integer vector in the same direction."""
    scale = lcm(*(x.denominator for x in vector))
    whole = [int(x * scale) for x in vector]
    shared = gcd(*whole)
    return tuple(x // shared for x in whole)
