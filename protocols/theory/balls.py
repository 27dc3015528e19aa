"""The smallest ball around points, exactly, in the few dimensions that matter, with the weights that prove it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from networks.values import Value

Point = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ball(Value):
    """The centre is the sum of ``weights`` times the points ``support``, all of which lie on the sphere: so no ball is smaller.

    (Any ball around them of radius R has R^2 >= sum of weights times squared distances from its centre >= radius_squared.)

    Attributes
    ----------
    centre : (r,) Fractions
    radius_squared : Fraction
    support : tuple of int
        Places of the points that carry it.
    weights : tuple of Fraction
        One a point of the support, with the sum 1.
    """

    centre: Point
    radius_squared: Fraction
    support: tuple[int, ...]
    weights: tuple[Fraction, ...]


def smallest_ball(points: Sequence[Sequence[int | Fraction]], metric: Sequence[Fraction]) -> Ball:
    """The smallest ball around points whose squared distance is the sum of metric_k (x_k - y_k)^2.

    The farthest point from the ball so far joins its support, and the smallest ball of these few is the best of their
    subsets'; the radius grows at every step, so it ends. O(n) exact operations a step, some ten steps.

    Parameters
    ----------
    points : (n, r) ints or Fractions
    metric : (r,) Fractions > 0

    Examples
    --------
    >>> ball = smallest_ball([(0, 0), (2, 0), (0, 2), (1, 1)], [Fraction(1), Fraction(1)])
    >>> ball.centre, ball.radius_squared
    ((Fraction(1, 1), Fraction(1, 1)), Fraction(2, 1))
    """
    exact = [tuple(Fraction(x) for x in point) for point in points]
    # Equal points are one; the first of them stands for all.
    first = list({point: index for index, point in reversed(list(enumerate(exact)))}.values())
    ball = Ball(centre=exact[first[0]], radius_squared=Fraction(0), support=(first[0],), weights=(Fraction(1),))
    while True:
        far, farthest = max(((_distance(exact[k], ball.centre, metric), k) for k in first), key=lambda pair: pair[0])
        if far <= ball.radius_squared:
            return ball
        ball = _around(exact, (*ball.support, farthest), metric)


def _distance(a: Point, b: Point, metric: Sequence[Fraction]) -> Fraction:
    return sum((m * (x - y) ** 2 for m, x, y in zip(metric, a, b, strict=True)), Fraction(0))


def _around(points: Sequence[Point], few: tuple[int, ...], metric: Sequence[Fraction]) -> Ball:
    """The smallest ball of a few points: that of the subset on whose sphere it rests."""
    best: Ball | None = None
    for size in range(2, len(metric) + 2):
        for chosen in itertools.combinations(few, size):
            ball = _on_sphere(points, chosen, metric)
            if ball is None or (best is not None and ball.radius_squared >= best.radius_squared):
                continue
            if all(_distance(points[k], ball.centre, metric) <= ball.radius_squared for k in few):
                best = ball
    assert best is not None, "some subset carries the smallest ball"
    return best


def _on_sphere(points: Sequence[Point], chosen: tuple[int, ...], metric: Sequence[Fraction]) -> Ball | None:
    """The ball with these points on its sphere and its centre among them, or None when the centre lies elsewhere."""
    start = points[chosen[0]]
    steps = [tuple(x - y for x, y in zip(points[k], start, strict=True)) for k in chosen[1:]]
    gram = [[sum((m * x * y for m, x, y in zip(metric, a, b, strict=True)), Fraction(0)) for b in steps] for a in steps]
    inside = _solve([[2 * g for g in row] for row in gram], [gram[k][k] for k in range(len(steps))])
    if inside is None or min(inside) < 0 or sum(inside) > 1:
        return None
    weights = (1 - sum(inside, Fraction(0)), *inside)
    centre = tuple(
        sum((w * points[k][axis] for w, k in zip(weights, chosen, strict=True)), Fraction(0))
        for axis in range(len(start))
    )
    return Ball(centre=centre, radius_squared=_distance(start, centre, metric), support=chosen, weights=weights)


def _solve(matrix: list[list[Fraction]], right: list[Fraction]) -> list[Fraction] | None:
    """Gauss elimination; None for a singular matrix."""
    rows = [[*row, r] for row, r in zip(matrix, right, strict=True)]
    size = len(rows)
    for k in range(size):
        pivot = next((i for i in range(k, size) if rows[i][k]), None)
        if pivot is None:
            return None
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [x / rows[k][k] for x in rows[k]]
        for i in range(size):
            if i != k and rows[i][k]:
                factor = rows[i][k]
                rows[i] = [x - factor * y for x, y in zip(rows[i], rows[k], strict=True)]
    return [row[-1] for row in rows]
