"""Corners of convex hulls in the plane, exactly: all of them, those above and right of all, those that rise from the axis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

Point = tuple[Fraction, Fraction]


def upper_hull(points: Sequence[Point]) -> list[Point]:
    """The corners of the hull that no point is above and right of, by growing first coordinate.

    Parameters
    ----------
    points : pairs of Fractions
    """
    best: dict[Fraction, Fraction] = {}
    for x, y in points:
        best[x] = max(y, best.get(x, y))
    chain: list[Point] = []
    for point in sorted(best.items()):
        while chain and chain[-1][1] <= point[1]:
            chain.pop()
        while len(chain) >= 2 and _turn(chain[-2], chain[-1], point) >= 0:
            chain.pop()
        chain.append(point)
    return chain


def _turn(a: Point, b: Point, c: Point) -> Fraction:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def roof(points: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The corners of the hull that have the largest first coordinate at their second, by growing second one.

    Parameters
    ----------
    points : pairs of int

    Examples
    --------
    >>> roof([(1, 0), (4, 2), (2, 1), (3, 3), (3, 2)])
    [(1, 0), (4, 2), (3, 3)]
    """
    chain: list[tuple[int, int]] = []
    for y, x in sorted((y, x) for x, y in points):
        if chain and chain[-1][1] == y:
            chain.pop()
        while len(chain) >= 2:
            (a, b), (c, d) = chain[-2:]
            if (c - a) * (y - b) > (x - a) * (d - b):
                break
            chain.pop()
        chain.append((x, y))
    return chain


def rising_hull(points: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same as far as the first coordinate grows with the second.

    Parameters
    ----------
    points : pairs of int

    Examples
    --------
    >>> rising_hull([(1, 0), (2, 1), (4, 2), (3, 3)])
    [(1, 0), (4, 2)]
    """
    chain = roof(points)
    # The roof is concave: it rises, and then falls.
    top = max(range(len(chain)), key=lambda k: chain[k][0])
    return chain[: top + 1]


def hull_places(points: Sequence[tuple[int, ...]]) -> list[int]:
    """Places of the corners of the convex hull of points in the plane, exactly; a ball around these holds them all.

    Parameters
    ----------
    points : pairs of int

    Examples
    --------
    >>> hull_places([(0, 0), (2, 0), (1, 1), (2, 2), (0, 2)])
    [0, 1, 3, 4]
    """
    order = sorted(range(len(points)), key=lambda k: points[k])

    def half(places: Sequence[int]) -> list[int]:
        chain: list[int] = []
        for k in places:
            while len(chain) >= 2 and _cross(points[chain[-2]], points[chain[-1]], points[k]) <= 0:
                chain.pop()
            chain.append(k)
        return chain

    return sorted({*half(order), *half(order[::-1])})


def _cross(a: Sequence[int], b: Sequence[int], c: Sequence[int]) -> int:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
