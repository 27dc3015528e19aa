"""The nearest functions with small integer ratios, for functions whose own ratios are irrational or need huge integers.

``nearest_rational`` is the nearest one whose columns exist at a given N M, BEGG (34); ``least_rational`` the one of the least N M
within a relative error. Both give a ``NearestRational``: the function, its integers, its errors and the bias they cause.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple, TypeVar

from networks.errors import InputError
from networks.function import LinearFunction
from networks.values import freeze, plain, whole_number

MAX_PRODUCTS = 2_000_000
"""Most products N M that ``least_rational`` goes through."""

Size = TypeVar("Size", Fraction, float)


@dataclass(frozen=True, slots=True, kw_only=True)
class NearestRational:
    """A function alpha' near alpha whose coefficients are integers times one number, for which N M alpha'/||alpha'||_P is integer.

    alpha' has the ||alpha||_P of alpha, so a protocol of its columns at N and M has exactly the mean squared error (12) of alpha as
    an estimate of alpha' . theta; as an estimate of alpha . theta it is biased by (alpha' - alpha) . theta besides.

    Parameters
    ----------
    given : LinearFunction
        alpha.
    product : int >= 1
        N M.
    weights : tuple of int, length d
        N M alpha'/||alpha'||_P (34) of the oriented function, with the signs of alpha.

    Raises
    ------
    InputError
        For weights of another length, sign or sum.
    """

    given: LinearFunction
    product: int
    weights: tuple[int, ...]

    def __post_init__(self) -> None:
        freeze(self)
        f = self.given
        larger = f.positive if f.norm_positive >= f.norm_negative else f.negative
        if len(self.weights) != len(f) or any(
            w * a < 0 or (w and not a) for w, a in zip(self.weights, f.alpha, strict=True)
        ):
            raise InputError([f"weights must be {len(f)} integers with the signs of {f}, got {self.weights}"])
        total = sum(abs(self.weights[j]) for j in larger)
        if not total == self.product >= sum(map(abs, self.weights)) - total:
            raise InputError(
                [f"weights must sum to N M = {self.product} on the larger side, and at most to it on the other"]
            )

    @property
    def scale(self) -> Fraction:
        """alpha' = scale times the weights: the larger of ||alpha||_P and ||alpha||_Nn over N M."""
        return max(self.given.norm_positive, self.given.norm_negative) / self.product

    @property
    def function(self) -> LinearFunction:
        """alpha'; what is protocols' for it is for (scale times) the integers ``weights``."""
        scale = self.scale
        return LinearFunction(scale * weight for weight in self.weights)

    @property
    def errors(self) -> tuple[Fraction, ...]:
        """alpha'_j - alpha_j, shape (d,)."""
        scale = self.scale
        return tuple(scale * weight - a for weight, a in zip(self.weights, self.given.alpha, strict=True))

    @property
    def is_given(self) -> bool:
        """Whether alpha' is alpha itself."""
        return not any(self.errors)

    @property
    def relative_error(self) -> float:
        """The largest of |alpha'_j - alpha_j| over the largest of |alpha_j|."""
        return float(max(map(abs, self.errors)) / max(map(abs, self.given.alpha)))

    @property
    def bias_per_rad(self) -> float:
        """The largest of |alpha'_j - alpha_j|: the bias of q is at most this times the sum of |theta_j|."""
        return float(max(map(abs, self.errors)))

    def bias(self, theta: Sequence[float]) -> float:
        """(alpha' - alpha) . theta, the bias of q at these parameters.

        Parameters
        ----------
        theta : (d,) floats
        """
        if len(theta) != len(self.weights):
            raise InputError([f"theta must have {len(self.weights)} entries, got {len(theta)}"])
        return math.fsum(float(error) * float(x) for error, x in zip(self.errors, theta, strict=True))

    @property
    def least_product(self) -> int:
        """The smallest N M at which columns of alpha' exist; they exist for its multiples, ``product`` among them."""
        return self.product // math.gcd(self.product, *self.weights)


def nearest_rational(function: LinearFunction, product: int) -> NearestRational:
    """The nearest function for which columns exist at this N M: the largest |alpha'_j - alpha_j| is as small as can be.

    "Nearest" among those with the ||alpha||_P of alpha (that of the larger side); a balanced function stays balanced, so that it
    still needs no reference. Coefficients below half of ||alpha||_P/(N M) may become zero: those sensors are then not measured.

    Parameters
    ----------
    function : LinearFunction
        Oriented or not.
    product : int >= 1
        N M.

    Returns
    -------
    NearestRational
        The function itself where (34) holds for it.

    Raises
    ------
    InputError
        For a product below 1.

    Notes
    -----
    x = N M alpha/||alpha||_P is rounded so that the positive side sums to N M: all down, then up where most was lost (Hamilton's
    method, which minimises the largest rounding error among integers of one sum). The other side is rounded freely, as long as
    its sum is at most N M: the reference takes the rest.

    Examples
    --------
    >>> near = nearest_rational(LinearFunction(["sqrt(2)", 1, -1]), 5)
    >>> near.weights, round(near.bias_per_rad, 6), round(near.relative_error, 6)
    ((3, 2, -2), 0.034315, 0.024264)
    >>> nearest_rational(LinearFunction(["0.137", "0.291", "0.572"]), 7).weights
    (1, 2, 4)
    """
    number = whole_number(product)
    if number is None or number < 1:
        raise InputError([f"product must be an integer of at least 1, got {product!r}"])
    unit = number / max(function.norm_positive, function.norm_negative)
    weights = _weights(_sides(function), [abs(a) * unit for a in function.alpha], number)
    signed = (weight if a > 0 else -weight for weight, a in zip(weights, function.alpha, strict=True))
    return NearestRational(given=function, product=number, weights=tuple(signed))


def least_rational(function: LinearFunction, relative_error: float) -> NearestRational:
    """The nearest function of the least N M whose coefficients are all within a share of the largest.

    Parameters
    ----------
    function : LinearFunction
    relative_error : float in (0, 1)
        Of the largest |alpha_j|.

    Returns
    -------
    NearestRational
        Its ``product`` is the least N M.

    Raises
    ------
    InputError
        For an error outside (0, 1), or so small that more than 2,000,000 products may have to be gone through.

    Notes
    -----
    Every N M is tried in turn; ||alpha||_P/(relative error times the largest |alpha_j|) is enough, since no integer is off by 1.

    Examples
    --------
    >>> near = least_rational(LinearFunction(["sqrt(2)", 1, -1]), 0.01)
    >>> near.weights, near.product, round(near.relative_error, 6)
    ((7, 5, -5), 12, 0.004188)
    """
    relative_error = plain(relative_error)  # type: ignore[assignment]  # a number of numpy becomes a plain one
    if not 0 < relative_error < 1:
        raise InputError([f"relative_error must be between 0 and 1, got {relative_error}"])
    norm, largest = max(function.norm_positive, function.norm_negative), max(map(abs, function.alpha))
    allowed = Fraction(relative_error) * largest
    enough = math.ceil(norm / allowed)
    if enough > MAX_PRODUCTS:
        least = float(norm / largest / MAX_PRODUCTS)
        raise InputError(
            [f"a relative error of {relative_error:g} may need N M up to {enough}; ask for {least:.2g} or more"]
        )
    shares = [abs(float(a)) / float(norm) for a in function.alpha]
    sides = _sides(function)
    most = float(allowed / norm) * (1 + 1e-9)
    for product in range(1, enough):
        # Floats reject nearly all, most of them at the first coefficients: no rounding comes nearer than the nearest integer.
        tolerance = product * most + 1e-9
        sizes = [product * share for share in shares]
        if any(abs(x - round(x)) > tolerance for x in sizes):
            continue
        if any(abs(x - b) > tolerance for x, b in zip(sizes, _weights(sides, sizes, product), strict=True)):
            continue
        near = nearest_rational(function, product)
        if all(abs(error) <= allowed for error in near.errors):
            return near
    return nearest_rational(function, enough)


class _Sides(NamedTuple):
    """The sensors of the larger side, those of the other, and whether both have the same norm; found once a function."""

    first: tuple[int, ...]
    second: tuple[int, ...]
    are_equal: bool


def _sides(function: LinearFunction) -> _Sides:
    sides = (tuple(function.positive), tuple(function.negative))
    first, second = reversed(sides) if function.norm_positive < function.norm_negative else sides
    return _Sides(first=first, second=second, are_equal=function.is_balanced)


def _weights(sides: _Sides, sizes: Sequence[Size], product: int) -> list[int]:
    """Sizes N M |alpha_j|/||alpha||_P rounded as ``nearest_rational`` says."""
    # Half-way values go down, so that no more light is needed than there is.
    rounded = {j: math.ceil(sizes[j] - Fraction(1, 2)) for j in sides.second}
    if sides.are_equal or sum(rounded.values()) > product:
        rounded = _rounded({j: sizes[j] for j in sides.second}, product)
    rounded |= _rounded({j: sizes[j] for j in sides.first}, product)
    return [rounded.get(j, 0) for j in range(len(sizes))]


def _rounded(sizes: dict[int, Size], total: int) -> dict[int, int]:
    """Integers of this total, each the floor or the ceiling of a size; the sizes have the same total, or less."""
    whole = {j: math.floor(size) for j, size in sizes.items()}
    order = sorted(sizes, key=lambda j: whole[j] - sizes[j])
    for j in order[: total - sum(whole.values())]:
        whole[j] += 1
    return whole
