"""How much N sensors can reveal along two orthogonal directions: caps, the states that reach them, and the region of both.

Qubits: F is the covariance of the signs z, so (F(w), F(v)) of superposed GHZ pairs is a mean of ((w.z)^2, (v.z)^2) over sign
vectors, and no state goes beyond the hull of these points. Its lower side is that of differences of two sign vectors
(``reachable.py``): F(v) = 0 needs v.z constant on the support, so that little of F(w) may be left.

Photons: F is at most 4 N^2 t^2 times the covariance of the occupied vertex (all N photons in one sensor, or in the reference); its
sum over directions is largest where the vertices lie farthest from their mean, on the smallest ball around their projections.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, TypeVar

from networks import InputError
from networks.values import Value, plain
from protocols.documents.printed import Entry
from protocols.documents.result import Result
from protocols.theory.balls import Ball, smallest_ball
from protocols.theory.directions import Directions
from protocols.theory.hulls import hull_places, upper_hull
from protocols.theory.reachable import Corner, RegionSide, mirrored, photonic_side, qubit_side
from protocols.theory.sign_vectors import plane_vertices, sign_vector_cap

if TYPE_CHECKING:
    from photonics import FockState

_N = TypeVar("_N", Fraction, float)
FRONTIER_POINTS = 65
END = 10**9
"""So lopsided a proportion is an end of the frontier."""
LARGEST_PHOTONS = 10**100
"""N M of exact caps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotonicCap(Value):
    """The exact cap on F(w) + F(v) (or more directions) of N photons, and a state that reaches it.

    Attributes
    ----------
    cap : Fraction
        4 N^2 t^2 rho^2, rho the radius of the smallest ball around the projected vertices.
    vertices : tuple of int
        Vertex j < d holds all photons in sensor j; vertex d, when there is a reference, holds them there.
    weights : tuple of Fraction
        Their probabilities, with the sum 1.
    """

    cap: Fraction
    vertices: tuple[int, ...]
    weights: tuple[Fraction, ...]


def _photonic_state(result: Duality) -> list[dict[str, object]] | None:
    cap = result.photonic
    if cap is None:
        return None
    return [{"vertex": k, "probability": p} for k, p in zip(cap.vertices, cap.weights, strict=True)]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Duality(Value, Result):
    """The result of ``duality``. Regions hold what all probes can have, with probes in turn over the shots.

    Attributes
    ----------
    directions : Directions
        w and v.
    qubit_cap : Fraction
        The most of F(w) + F(v) that N qubits can have in M passes.
    published_cap : int
        N M^2.
    signs : (N,) of 1 and -1
        The GHZ state that reaches ``qubit_cap``.
    region : tuple of (Fraction, Fraction)
        Corners of the region of (F(w), F(v)) of N qubits, as ``qubit_region`` has them.
    photons : int or None
    passes : int
        N photons in M passes.
    photonic : PhotonicCap or None
    photonic_frontier : tuple of (float, float)
        Points that N photons can reach and not exceed in both, by growing F(w); empty without ``photons``.
    reference : bool
        Whether a reference mode may hold photons.
    """

    DOCUMENT = (
        Entry("w", of=lambda result: result.directions.vectors[0]),
        Entry("v", of=lambda result: result.directions.vectors[1]),
        "qubit_cap",
        "published_cap",
        Entry("spans_sign_vector", of=lambda result: result.qubit_cap == result.published_cap),
        "signs",
        "region",
        Entry("private_cap", of="lower.private_cap"),
        Entry("private_cap_limit", of="lower.private_limit"),
        Entry("lower", of="lower.corners"),
        Entry("lower_limit", of=lambda result: _limit_of(result.lower)),
        "photons",
        "passes",
        Entry("photonic_cap", of=lambda result: None if result.photonic is None else result.photonic.cap),
        Entry("photonic_state", of=_photonic_state),
        "photonic_frontier",
        Entry("photonic_private_cap", of=lambda result: _of_side(result.photonic_lower, "private_cap")),
        Entry("photonic_private_cap_limit", of=lambda result: _of_side(result.photonic_lower, "private_limit")),
        Entry("photonic_lower", of=lambda result: _of_side(result.photonic_lower, "corners")),
        Entry("photonic_lower_limit", of=lambda result: _limit_of(result.photonic_lower)),
    )

    directions: Directions
    qubit_cap: Fraction
    published_cap: int
    signs: tuple[int, ...]
    region: tuple[Corner, ...]
    photons: int | None
    passes: int
    photonic: PhotonicCap | None
    photonic_frontier: tuple[tuple[float, float], ...]
    reference: bool = True

    @property
    def lower(self) -> RegionSide:
        """The lower side of the qubits' region: the most F(w) for each F(v), from F(v) = 0 on."""
        return qubit_side(self.directions, self.passes)

    @property
    def photonic_lower(self) -> RegionSide | None:
        """The same for N photons."""
        if self.photons is None:
            return None
        return photonic_side(self.directions, self.photons, self.passes, reference=self.reference)

    @property
    def photonic_region(self) -> tuple[tuple[float, float], ...]:
        """As ``region``, for photons: exact at these points, and straight between them; empty without ``photons``."""
        if self.photons is None:
            return ()
        return photonic_region(self.directions, self.photons, self.passes, reference=self.reference)


def _of_side(side: RegionSide | None, name: str) -> object:
    return None if side is None else getattr(side, name)


def _limit_of(side: RegionSide | None) -> tuple[Corner, ...] | None:
    """What no state goes beyond, where that is not the side itself."""
    return None if side is None or side.exact else side.limit


def duality(
    w: Sequence[object],
    v: Sequence[object],
    *,
    photons: int | None = None,
    passes: int = 1,
    reference: bool = True,
) -> Duality:
    """Caps and regions for two orthogonal directions of N parameters, exact.

    Parameters
    ----------
    w, v : (N,) int, Fraction or str
        Of any scale; they stand for the unit vectors along them.
    photons : int >= 1, optional
        For the cap and the region of photons.
    passes : int >= 1
        M; one pass takes unit time.
    reference : bool
        Whether a reference mode may hold photons.

    Raises
    ------
    InputError
        For directions that are zero, of different length or not orthogonal, and resources that are not positive integers.

    Examples
    --------
    >>> result = duality([1, -1, 0], [1, 1, -2], photons=2)
    >>> result.qubit_cap, result.published_cap, result.photonic.cap
    (Fraction(8, 3), 3, Fraction(32, 3))
    >>> duality([1, 2, 3], [3, 0, -1]).lower.private_cap
    Fraction(2, 7)
    """
    photons, passes = plain(photons), plain(passes)  # type: ignore[assignment]  # what they are is looked at below
    faults = []
    for name, value in (("photons", photons), ("passes", passes)):
        absent = value is None and name == "photons"
        if not absent and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            faults.append(f"{name} must be a positive integer, got {value!r}")
    if not faults and (photons or 1) * passes > LARGEST_PHOTONS:
        faults.append("photons times passes may be 10^100 at most")
    try:
        directions = Directions.of([w, v])
    except InputError as error:
        raise InputError([*error.faults, *faults]) from None
    if faults:
        raise InputError(faults)
    best = sign_vector_cap(directions)
    photonic = None
    frontier: tuple[tuple[float, float], ...] = ()
    if photons is not None:
        photonic = photonic_cap(directions, photons, passes, reference=reference)
        frontier = photonic_frontier(directions, photons, passes, reference=reference)
    return Duality(
        directions=directions,
        qubit_cap=best.cap * passes**2,
        published_cap=directions.parameters * passes**2,
        signs=best.signs,
        region=qubit_region(directions, passes),
        photons=photons,
        passes=passes,
        photonic=photonic,
        photonic_frontier=frontier,
        reference=reference,
    )


# --- regions -------------------------------------------------------------------------------------------------


def qubit_region(directions: Directions, passes: int = 1) -> tuple[Corner, ...]:
    """Corners of the region of (F(w), F(v)) that N qubits can have, clockwise from F(w) = 0 to F(v) = 0.

    The origin, which is a corner too, is left out. All corners are reached; for one pass nothing lies beyond the straight lines
    between them where both sides are exact (``RegionSide.exact``), and never beyond the upper ones, which have most of both.

    Parameters
    ----------
    directions : Directions
        Two of them.
    passes : int >= 1
        M.

    Examples
    --------
    >>> [tuple(map(str, corner)) for corner in qubit_region(Directions.of([[1, 2], [2, -1]]))]
    [('1/5', '9/5'), ('9/5', '1/5')]
    """
    first, second = directions.squares
    points = [(Fraction(x * x, first), Fraction(y * y, second)) for x, y in plane_vertices(directions)]
    chain = [(x * passes**2, y * passes**2) for x, y in upper_hull(points)]
    left, lower = qubit_side(mirrored(directions), passes), qubit_side(directions, passes)
    return tuple(corner for corner in _around(left.corners, chain, lower.corners) if any(corner))


def photonic_region(
    directions: Directions, photons: int, passes: int = 1, *, reference: bool = True
) -> tuple[tuple[float, float], ...]:
    """The same for N photons: their sides and, between them, the points of ``photonic_frontier``.

    Parameters
    ----------
    directions : Directions
        Two of them.
    photons, passes : int >= 1
        N and M.
    reference : bool
        Whether a reference mode may hold photons.
    """
    left = photonic_side(mirrored(directions), photons, passes, reference=reference)
    lower = photonic_side(directions, photons, passes, reference=reference)
    frontier = photonic_frontier(directions, photons, passes, reference=reference)
    rounded = [[(float(x), float(y)) for x, y in side.corners] for side in (left, lower)]
    return tuple(corner for corner in _around(rounded[0], frontier, rounded[1]) if any(corner))


def _around(
    left: Sequence[tuple[_N, _N]], upper: Sequence[tuple[_N, _N]], lower: Sequence[tuple[_N, _N]]
) -> list[tuple[_N, _N]]:
    """All corners clockwise; the left side is a lower side with the two directions exchanged."""
    corners = [(x, y) for y, x in left]
    corners += upper
    corners += reversed(lower)
    return list(dict.fromkeys(corners))


# --- photons -------------------------------------------------------------------------------------------------


def photonic_cap(directions: Directions, photons: int, passes: int = 1, *, reference: bool = True) -> PhotonicCap:
    """The exact cap on the sum of the informations of N photons along orthogonal directions, for any number of directions.

    Parameters
    ----------
    directions : Directions
    photons, passes : int >= 1
        N and M.
    reference : bool
        Whether a reference mode may hold photons.
    """
    points = _vertices(directions, reference)
    # In the plane only the corners of the hull can carry the ball.
    places = hull_places(points) if len(directions.vectors) == 2 else list(range(len(points)))
    ball = smallest_ball([points[k] for k in places], [Fraction(1, square) for square in directions.squares])
    return PhotonicCap(
        cap=4 * (photons * passes) ** 2 * ball.radius_squared,
        vertices=tuple(places[k] for k in ball.support),
        weights=ball.weights,
    )


def photonic_frontier(
    directions: Directions, photons: int, passes: int = 1, *, reference: bool = True
) -> tuple[tuple[float, float], ...]:
    """(F(w), F(v)) of the states that maximise a F(w) + b F(v), for FRONTIER_POINTS proportions of a to b and both ends.

    Mixtures over the shots reach the straight lines between them. What lies below is another matter (``photonic_region``).

    Parameters
    ----------
    directions : Directions
        Two of them.
    photons, passes : int >= 1
        N and M.
    reference : bool
        Whether a reference mode may hold photons.
    """
    first, second = directions.squares
    points = _vertices(directions, reference)
    hull = hull_places(points)
    corners = [points[k] for k in hull]
    spread = [max(c[axis] for c in corners) - min(c[axis] for c in corners) for axis in (0, 1)]
    if 0 in spread:
        # All photons look alike along one direction: only the other can be known, half in one end and half in the other.
        x, y = (Fraction((photons * passes * s) ** 2, q) for s, q in zip(spread, (first, second), strict=True))
        return ((float(x), float(y)),)
    # In units of what each direction can have by itself the slopes mean the same in every network.
    unit = Fraction(spread[0] ** 2 * second, spread[1] ** 2 * first)
    tangents = [math.tan(math.pi / 2 * (k + 0.5) / FRONTIER_POINTS) for k in range(FRONTIER_POINTS)]
    slopes = [Fraction(1, END), *(Fraction(t).limit_denominator(1000) for t in tangents), Fraction(END)]
    scale = 4 * (photons * passes) ** 2
    reached = []
    for slope in slopes:
        ball = smallest_ball(corners, [Fraction(1, first), (slope or Fraction(1, 1000)) * unit / second])
        variances = _variances(corners, ball)
        reached.append((float(scale * variances[0] / first), float(scale * variances[1] / second)))
    return tuple(dict.fromkeys(sorted(reached)))


def photonic_state(best: PhotonicCap, sensors: int, photons: int) -> FockState:
    """The state that reaches the cap: all photons in one vertex or another, over sensors s1 ... sd and ref.

    Parameters
    ----------
    best : PhotonicCap
    sensors : int
        d.
    photons : int >= 1
        N.
    """
    from photonics import FockState

    terms: dict[Sequence[int], complex] = {}
    for vertex, weight in zip(best.vertices, best.weights, strict=True):
        if weight:
            terms[tuple(photons * (k == vertex) for k in range(sensors + 1))] = math.sqrt(weight)
    return FockState.from_terms((*(f"s{j}" for j in range(1, sensors + 1)), "ref"), terms)


def _vertices(directions: Directions, reference: bool) -> list[tuple[int, ...]]:
    """The projected vertices, that of the reference last."""
    points: list[tuple[int, ...]] = directions.columns()
    return [*points, (0,) * len(directions.vectors)] if reference else points


def _variances(points: Sequence[Sequence[int]], ball: Ball) -> list[Fraction]:
    """Variance along each direction of the points of the ball's support under its weights."""
    out = []
    for axis in range(len(points[0])):
        values = [points[k][axis] for k in ball.support]
        mean = sum((p * x for p, x in zip(ball.weights, values, strict=True)), Fraction(0))
        out.append(sum((p * (x - mean) ** 2 for p, x in zip(ball.weights, values, strict=True)), Fraction(0)))
    return out


# --- displacements -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplacementFrontier(Value):
    """(F(w), F(v)) of squeezed light with nbar photons on average in all, shared between the modes along w and v.

    Without controls between the passes all light of nbar photons has x + 1/x + y + 1/y <= 4 nbar + 4 in x = F(w)/t^2,
    y = F(v)/t^2, and all that this allows is reached: the four sides below are where it is an equality.

    Attributes
    ----------
    most : tuple of (float, float)
        Both squeezed for precision, (t^2 f(n), t^2 f(nbar - n)): no state has more of both.
    least : tuple of (float, float)
        v hidden by anti-squeezing it, (t^2 f(n), t^2/f(nbar - n)): no state has more of the first and less of the second.
    passes : int >= 1
        M = t.
    """

    most: tuple[tuple[float, float], ...]
    least: tuple[tuple[float, float], ...]
    passes: int = 1

    @property
    def region(self) -> tuple[tuple[float, float], ...]:
        """All four sides clockwise from the most of F(v): both known, v hidden, both hidden, w hidden."""
        square = self.passes**2 * self.passes**2
        hidden = [(square / x, y) for x, y in self.least]
        swapped = [(square / x, y) for x, y in self.most]
        return tuple(dict.fromkeys([*self.most, *reversed(self.least), *hidden, *reversed(swapped)]))


def displacement_frontier(mean_photons: float, passes: int = 1, points: int = 33) -> DisplacementFrontier:
    """All sides of what can be known of two directions, from all photons for v to all for w.

    A mode with n photons has Var x + Var p <= n + 1/2, F <= 4 Var p and F >= 1/(4 Var x), so that F + 1/F <= 4 n + 2; the two modes
    have nbar in all (docs/theory/theory.md, section 8). Passes without controls between them multiply F by t^2. With a control that
    turns the mode of v around between two passes, F(v) = 0 can be had at no cost: the lower side is one without controls.

    Parameters
    ----------
    mean_photons : float > 0
        nbar.
    passes : int >= 1
        M; one pass takes unit time.
    points : int >= 2
        On each side.

    Raises
    ------
    InputError
        For a number of photons that is not positive.

    Examples
    --------
    >>> displacement_frontier(1.0, points=3).least[-1]
    (5.82842712474619, 1.0)
    """
    from protocols.theory.displacement import displacement_gain

    if not 0 < mean_photons < math.inf:
        raise InputError([f"mean_photons must be a positive number, got {mean_photons}"])
    # Even steps of the angle: the curve turns fastest where one of the two has few photons.
    angles = [math.pi / 2 * k / (points - 1) for k in range(points)]
    shares = [mean_photons * math.sin(angle) ** 2 for angle in angles]
    gains = [(displacement_gain(n), displacement_gain(max(mean_photons - n, 0.0))) for n in shares]
    return DisplacementFrontier(
        most=tuple((passes**2 * a, passes**2 * b) for a, b in gains),
        least=tuple((passes**2 * a, passes**2 / b) for a, b in gains),
        passes=passes,
    )
