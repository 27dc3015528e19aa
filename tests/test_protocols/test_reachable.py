"""Regions of two informations: brute force, random states that stay inside, optimised ones on every side, brackets."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from drawn import examples
from hypothesis import given, strategies as st
from scipy.optimize import minimize

from networks import InputError, SensorNetwork
from photonics import (
    BeamSplitter,
    Circuit,
    Interferometer,
    Sense,
    Squeeze,
    get_engine,
    qubit_qfi_matrix,
    random_qubit_state,
)
from protocols import duality, privacy_report
from protocols.privacy.report import worst_orthogonal
from protocols.reports.plotting import closed_region, draw_duality, draw_privacy
from protocols.reports.privacy_views import duality_view
from protocols.theory import reachable
from protocols.theory.directions import Directions
from protocols.theory.displacement import displacement_gain
from protocols.theory.duality import displacement_frontier, photonic_region, qubit_region
from protocols.theory.reachable import mirrored, photonic_side, qubit_side


@st.composite
def planes(draw, longest=4, entries=4):
    """Two orthogonal directions with small integer entries."""
    count = draw(st.integers(2, longest))
    vectors = st.lists(st.integers(-entries, entries), min_size=count, max_size=count)
    w = draw(vectors.filter(any))
    square = sum(x * x for x in w)

    def across(u):
        share = sum(a * b for a, b in zip(u, w, strict=True))
        return [square * b - share * a for a, b in zip(w, u, strict=True)]

    return Directions.of([w, draw(vectors.map(across).filter(any))])


def squares(directions, differences):
    """((w.e)^2/|w|^2, (v.e)^2/|v|^2) of every e."""
    return {
        tuple(
            Fraction(sum(a * b for a, b in zip(e, vector, strict=True)) ** 2, square)
            for vector, square in zip(directions.vectors, directions.squares, strict=True)
        )
        for e in differences
    }


def strings(sensors, photons, reference):
    """Every way to have photons in the sensors, the rest in the reference where there is one."""
    return [
        n
        for n in itertools.product(range(photons + 1), repeat=sensors)
        if sum(n) == photons or (reference and sum(n) < photons)
    ]


def moves(sensors, photons, reference):
    all_strings = strings(sensors, photons, reference)
    return {tuple(a - b for a, b in zip(n, m, strict=True)) for n, m in itertools.product(all_strings, repeat=2)}


def best_along(points, angle):
    """The largest cos(angle) x - sin(angle) y."""
    return max(math.cos(angle) * float(x) - math.sin(angle) * float(y) for x, y in points)


def is_within(point, corners, slack=1e-9):
    """Whether a point lies in the convex polygon whose corners go clockwise."""
    size = max(max(abs(x), abs(y)) for x, y in corners)
    return all(
        (b - d) * (point[0] - a) + (c - a) * (point[1] - b) <= slack * size**2
        for (a, b), (c, d) in itertools.pairwise([*corners, corners[0]])
    )


# --- exact values ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("w", "v", "private", "most", "photonic"),
    [
        ((1, 2), (2, -1), 0, Fraction(9, 5), Fraction(5)),
        ((1, 2, 3), (3, 0, -1), Fraction(2, 7), Fraction(18, 7), Fraction(18, 7)),
        ((1, 1, 2), (1, 1, -1), Fraction(3, 2), Fraction(8, 3), Fraction(3, 2)),
        ((1, -1, 0), (1, 1, -2), 2, 2, 18),
        ((1, 1, 1), (1, -1, 0), 3, 3, None),
        ((3, 1, 1), (0, 1, -1), Fraction(25, 11), Fraction(25, 11), None),
    ],
)
def test_what_is_left_when_the_other_direction_stays_hidden(w, v, private, most, photonic):
    result = duality(w, v, photons=3)
    assert result.lower.private_cap == private == result.lower.private_limit
    assert max(x for x, _ in result.region) == most
    assert photonic is None or result.photonic_lower.private_cap == photonic
    assert result.lower.exact
    # What is printed of the region promises no more: every point of it on the axis of w is below the private cap.
    assert max((x for x, y in result.region if y == 0), default=0) == private


def test_the_corners_of_a_lower_side_and_more_passes():
    directions = Directions.of([[1, 2, 3], [3, 0, -1]])
    assert qubit_side(directions).corners == (
        (Fraction(2, 7), Fraction(0)),
        (Fraction(25, 14), Fraction(1, 10)),
        (Fraction(18, 7), Fraction(2, 5)),
    )
    twice = qubit_side(Directions.of([[1, 2], [2, -1]]), 2)
    assert (twice.private_cap, twice.private_limit, twice.exact) == (5, 5, False)
    # N photons in M passes move as N M photons do in one.
    assert photonic_side(directions, 2, 3).corners == photonic_side(directions, 6).corners


@given(planes(), st.integers(1, 2))
@examples(40)
def test_sides_of_qubits_against_every_difference(directions, passes):
    differences = itertools.product(range(-passes, passes + 1), repeat=directions.parameters)
    points = squares(directions, differences)
    side = qubit_side(directions, passes)
    assert set(side.corners) <= points
    assert side.private_cap == max(x for x, y in points if y == 0)
    assert side.corners[-1][0] == max(x for x, _ in points)
    for angle in np.linspace(0, math.pi / 2, 23):
        assert best_along(side.corners, angle) == pytest.approx(best_along(points, angle), abs=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_sides_of_ten_qubits_against_every_difference(seed):
    rng = np.random.default_rng(seed)
    w = rng.integers(1, 9, 10).tolist()
    v = [x for k in range(0, 10, 2) for x in (w[k + 1], -w[k])]
    directions = Directions.of([w, v])
    e = np.array(list(itertools.product((-1, 0, 1), repeat=10)))
    x, y = ((e @ np.array(u)) ** 2 for u in directions.vectors)
    side = qubit_side(directions)
    assert side.private_cap == Fraction(int(x[y == 0].max()), directions.squares[0])
    points = list(zip((x / directions.squares[0]).tolist(), (y / directions.squares[1]).tolist(), strict=True))
    for angle in (0.0, 0.3, 0.8, 1.2, 1.5, 1.57):
        assert best_along(side.corners, angle) == pytest.approx(best_along(points, angle), abs=1e-9)


@given(planes(longest=10))
@examples(25)
def test_sides_of_up_to_ten_qubits_in_any_directions(directions):
    """In no special relation to sign vectors: nothing may be left of w at all where v is hidden."""
    e = np.array(list(itertools.product((-1, 0, 1), repeat=directions.parameters)))
    x, y = ((e @ np.array(vector)) ** 2 for vector in directions.vectors)
    side = qubit_side(directions)
    assert side.exact
    assert side.private_cap == Fraction(int(x[y == 0].max()), directions.squares[0])
    largest = Fraction(int(x.max()), directions.squares[0])
    assert side.corners[-1] == (largest, Fraction(int(y[x == x.max()].min()), directions.squares[1]))
    points = np.stack([x / directions.squares[0], y / directions.squares[1]], axis=1)
    for angle in np.linspace(0, math.pi / 2, 13):
        furthest = float((points @ [math.cos(angle), -math.sin(angle)]).max())
        assert best_along(side.corners, angle) == pytest.approx(furthest, abs=1e-9)


@given(planes(longest=6))
@examples(60)
def test_unit_vectors_in_floats_are_never_taken_for_others(directions):
    """Their decimals are orthogonal by chance, and then a note names the integers; or the refusal does."""
    w, v = (np.array(vector) / np.linalg.norm(vector) for vector in directions.vectors)
    names = [f"({', '.join(map(str, vector))})" for vector in directions.vectors]
    try:
        found = duality(w, v)
    except InputError as error:
        (fault,) = error.faults
        assert f"they are w = {names[0]} and v = {names[1]}, which are orthogonal" in fault
    else:
        if found.directions == directions:
            assert found.directions.nearest() is None
        else:
            assert found.directions.nearest() == directions
            assert f"within 1e-09 they are w = {names[0]} and v = {names[1]}:" in str(duality_view(found).parts[-1])


def test_directions_that_are_not_near_integers_get_the_part_across():
    with pytest.raises(InputError, match=r"with w the part of v across it is \(1, -1\)"):
        duality([1, 1], [1, 0])
    with pytest.raises(InputError, match="with w the part of v across it is"):
        duality(["0.577", "0.577", "0.578"], ["0.7071", "-0.7072", "0"])
    assert Directions.of([["0.137", "0.291", "0.572"], ["0.291", "-0.137", 0]]).nearest() is None


@given(planes(longest=3, entries=3), st.integers(1, 3), st.booleans())
@examples(40)
def test_sides_of_photons_against_every_pair_of_strings(directions, photons, reference):
    points = squares(directions, moves(directions.parameters, photons, reference))
    side = photonic_side(directions, photons, reference=reference)
    assert side.exact
    assert set(side.corners) <= points
    assert side.private_cap == max(x for x, y in points if y == 0)
    for angle in np.linspace(0, math.pi / 2, 23):
        assert best_along(side.corners, angle) == pytest.approx(best_along(points, angle), abs=1e-9)


@given(planes(longest=6, entries=9), st.integers(1, 2))
@examples(40)
def test_tables_and_lists_of_sums_agree_and_brackets_hold_them(directions, passes):
    listed = qubit_side(directions, passes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reachable, "_qubit_side", reachable._qubit_side.__wrapped__)
        patch.setattr(reachable, "MAX_LISTED", -1)
        assert qubit_side(directions, passes) == listed
        patch.setattr(reachable, "MAX_WORK", 0)
        loose = qubit_side(directions, passes)
        patch.setattr(reachable, "MAX_LISTED", 3 * passes)
        halves = qubit_side(directions, passes)
    assert not loose.exact or loose.corners == listed.corners
    assert loose.private_cap <= listed.private_cap <= loose.private_limit
    assert halves.private_cap == listed.private_cap
    assert loose.corners[-1][0] == listed.corners[-1][0]
    heights, widths = ([math.sqrt(corner[axis]) for corner in loose.limit] for axis in (1, 0))
    for x, y in listed.corners:
        assert math.sqrt(x) <= np.interp(math.sqrt(y), heights, widths) + 1e-9
        assert best_along(loose.corners, 0.4) <= best_along(listed.corners, 0.4) + 1e-9


@given(planes(longest=4, entries=5), st.integers(1, 40), st.booleans())
@examples(30)
def test_brackets_of_many_photons_hold_the_side(directions, photons, reference):
    exact = photonic_side(directions, photons, reference=reference)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reachable, "_photonic_side", reachable._photonic_side.__wrapped__)
        patch.setattr(reachable, "MAX_WORK", 300)
        loose = photonic_side(directions, photons, reference=reference)
    assert loose.private_cap <= exact.private_cap <= loose.private_limit
    heights, widths = ([math.sqrt(corner[axis]) for corner in loose.limit] for axis in (1, 0))
    for x, y in exact.corners:
        assert math.sqrt(x) <= np.interp(math.sqrt(y), heights, widths) * (1 + 1e-12) + 1e-9
    for angle in (0.0, 0.5, 1.0, 1.5):
        assert best_along(loose.corners, angle) <= best_along(exact.corners, angle) + 1e-9


def test_any_number_of_photons_has_a_bracket():
    side = photonic_side(Directions.of([[1, 2, 3], [3, 0, -1]]), 10**60 + 1)
    assert not side.exact
    assert 1 - Fraction(1, 10**50) < side.private_cap / side.private_limit <= 1


# --- states ----------------------------------------------------------------------------------------------------

PLANES = [[[1, 2], [2, -1]], [[1, 2, 3], [3, 0, -1]], [[1, 1, 2], [1, 1, -1]], [[1, 2, -1, 0], [1, 0, 1, 3]]]


def mixed_qfi(rho, generator):
    """The quantum Fisher information of a mixed state from its eigenvectors; generator diagonal."""
    values, vectors = np.linalg.eigh(rho)
    inner = vectors.conj().T @ (generator[:, None] * vectors)
    total = values[:, None] + values[None, :]
    weights = np.where(total > 1e-12, (values[:, None] - values[None, :]) ** 2 / np.maximum(total, 1e-12), 0.0)
    return float(2 * np.sum(weights * np.abs(inner) ** 2))


@given(st.sampled_from(PLANES), st.integers(0, 10**6))
@examples(60)
def test_no_state_of_qubits_leaves_the_region(vectors, seed):
    rng = np.random.default_rng(seed)
    directions = Directions.of(vectors)
    corners = closed_region(qubit_region(directions))[:-1]
    units = np.array(directions.units())
    count = directions.parameters
    information = qubit_qfi_matrix(random_qubit_state(count, rng))
    assert is_within([u @ information @ u for u in units], corners)
    # Mixed states of few pure ones, which come nearest to the sides.
    signs = np.array(list(itertools.product((1.0, -1.0), repeat=count)))
    rho = np.zeros((2**count, 2**count), dtype=complex)
    for weight in rng.dirichlet(np.ones(int(rng.integers(1, 4)))):
        places = rng.choice(2**count, int(rng.integers(2, 4)), replace=False)
        psi = np.zeros(2**count, dtype=complex)
        psi[places] = rng.normal(size=len(places)) + 1j * rng.normal(size=len(places))
        rho += weight * np.outer(psi, psi.conj()) / np.vdot(psi, psi).real
    assert is_within([mixed_qfi(rho, signs @ u / 2) for u in units], corners)


@given(st.sampled_from(PLANES[:3]), st.integers(1, 3), st.booleans(), st.integers(0, 10**6))
@examples(60)
def test_no_state_of_photons_leaves_the_region(vectors, photons, reference, seed):
    rng = np.random.default_rng(seed)
    directions = Directions.of(vectors)
    corners = closed_region(photonic_region(directions, photons, reference=reference))[:-1]
    n = np.array(strings(directions.parameters, photons, reference), dtype=float)
    generators = n @ np.array(directions.units()).T
    rho = np.zeros((len(n), len(n)), dtype=complex)
    for weight in rng.dirichlet(np.ones(int(rng.integers(1, 3)))):
        places = rng.choice(len(n), min(len(n), int(rng.integers(2, 5))), replace=False)
        psi = np.zeros(len(n), dtype=complex)
        psi[places] = rng.normal(size=len(places)) + 1j * rng.normal(size=len(places))
        rho += weight * np.outer(psi, psi.conj()) / np.vdot(psi, psi).real
    # The frontier is drawn by chords, which lie below the curve by less than this.
    assert is_within([mixed_qfi(rho, generators[:, k]) for k in (0, 1)], corners, slack=1e-3)


@given(planes(longest=4), st.integers(0, 10**6))
@examples(60)
def test_no_dense_state_of_qubits_leaves_the_region_of_any_two_directions(directions, seed):
    """Pure states with every amplitude, and mixtures of all ranks: what is left of a larger random state."""
    rng = np.random.default_rng(seed)
    corners = closed_region(qubit_region(directions))[:-1]
    signs = np.array(list(itertools.product((1.0, -1.0), repeat=directions.parameters)))
    for rank in (1, 2, 2**directions.parameters):
        psi = rng.normal(size=(len(signs), rank)) + 1j * rng.normal(size=(len(signs), rank))
        # Few strings weigh most in some, as near the sides.
        psi *= rng.exponential(size=(len(signs), 1)) ** rng.integers(0, 4)
        rho = psi @ psi.conj().T / (np.abs(psi) ** 2).sum()
        assert is_within([mixed_qfi(rho, signs @ np.array(u) / 2) for u in directions.units()], corners)


@given(planes(longest=3), st.integers(1, 3), st.booleans(), st.integers(0, 10**6))
@examples(60)
def test_no_dense_state_of_photons_leaves_the_region_of_any_two_directions(directions, photons, reference, seed):
    rng = np.random.default_rng(seed)
    corners = closed_region(photonic_region(directions, photons, reference=reference))[:-1]
    n = np.array(strings(directions.parameters, photons, reference), dtype=float)
    for rank in (1, 2, len(n)):
        psi = rng.normal(size=(len(n), rank)) + 1j * rng.normal(size=(len(n), rank))
        psi *= rng.exponential(size=(len(n), 1)) ** rng.integers(0, 4)
        rho = psi @ psi.conj().T / (np.abs(psi) ** 2).sum()
        assert is_within([mixed_qfi(rho, n @ np.array(u)) for u in directions.units()], corners, slack=1e-3)


def two_strings_at(corner, all_strings, units, scale):
    """Two strings whose equal superposition has these informations; the origin is one string alone."""
    for one, other in itertools.combinations_with_replacement(range(len(all_strings)), 2):
        apart = units @ (all_strings[one] - all_strings[other])
        if scale * apart**2 / 4 == pytest.approx(np.array([float(x) for x in corner]), abs=1e-9):
            return one, other
    raise AssertionError(f"no two strings have {corner}")


@given(planes(longest=3), st.sampled_from([None, (1, True), (2, True), (3, False)]))
@examples(30)
def test_states_reach_every_point_between_two_corners(directions, light):
    """All sides of qubits, the lower and the left one of photons: equal superpositions of two strings, and a flag beside."""
    units = np.array(directions.units())
    if light is None:
        corners = [(0, 0), *qubit_region(directions), (0, 0)]
        all_strings, scale = np.array(list(itertools.product((1.0, -1.0), repeat=directions.parameters))), 1.0
    else:
        photons, reference = light
        lower = photonic_side(directions, photons, reference=reference).corners
        left = [(x, y) for y, x in photonic_side(mirrored(directions), photons, reference=reference).corners]
        corners = [*reversed(left), (0, 0), *lower]
        all_strings, scale = np.array(strings(directions.parameters, photons, reference), dtype=float), 4.0
    count = len(all_strings)
    for first, second in itertools.pairwise(corners):
        pairs = [two_strings_at(corner, all_strings, units, scale) for corner in (first, second)]
        for share in (0.0, 0.3, 0.5):
            # The flag is a qubit that nothing senses: 0 beside the first pair, 1 beside the second.
            rho = np.zeros((2 * count, 2 * count), dtype=complex)
            for flag, (pair, weight) in enumerate(zip(pairs, (1 - share, share), strict=True)):
                psi = np.zeros(2 * count, dtype=complex)
                psi[[flag * count + place for place in pair]] = 1
                rho += weight * np.outer(psi, psi.conj()) / np.vdot(psi, psi).real
            for unit, one, other in zip(units, first, second, strict=True):
                generator = np.tile(all_strings @ unit, 2) * math.sqrt(scale) / 2
                assert mixed_qfi(rho, generator) == pytest.approx(
                    (1 - share) * float(one) + share * float(other), abs=1e-8
                )


@pytest.mark.parametrize("vectors", PLANES)
@pytest.mark.parametrize("photons", [None, 2])
def test_optimised_states_lie_on_every_part_of_the_boundary(vectors, photons):
    directions = Directions.of(vectors)
    if photons is None:
        corners = [(float(x), float(y)) for x, y in qubit_region(directions)]
        points = np.array(list(itertools.product((1.0, -1.0), repeat=directions.parameters)))
        scale = 1.0
    else:
        corners = list(photonic_region(directions, photons))
        points = np.array(strings(directions.parameters, photons, True), dtype=float)
        scale = 4.0
    projected = points @ np.array(directions.units()).T

    def informations(logits):
        p = np.exp(logits - logits.max())
        p /= p.sum()
        return scale * (p @ projected**2 - (p @ projected) ** 2)

    rng = np.random.default_rng(5)
    # Upper right, lower right, upper left: nothing goes further than the corners, and a search over populations comes as far.
    for angle in (0.2, 0.9, 1.4, -0.4, -1.3, 1.9, 2.6):
        normal = np.array([math.cos(angle), math.sin(angle)])
        furthest = max(0.0, *(float(normal @ corner) for corner in corners))
        best = max(
            -minimize(lambda x, u=normal: -float(u @ informations(x)), 3 * rng.normal(size=len(points))).fun
            for _ in range(12)
        )
        assert best <= furthest * (1 + 2e-3) + 1e-9
        assert best == pytest.approx(furthest, rel=1e-2, abs=1e-3)


@given(st.integers(0, 10**6))
@examples(80)
def test_no_squeezed_light_leaves_the_region_of_displacements(seed):
    rng = np.random.default_rng(seed)
    # Two modes, squeezed either way, with thermal photons or none, behind any beam splitter.
    squeezing, thermal = rng.uniform(-1.5, 1.5, 2), rng.choice([0.0, 0.3], 2) * rng.uniform(size=2)
    photons = ((1 + 2 * thermal) * np.cosh(2 * squeezing) - 1) / 2
    corners = displacement_frontier(float(photons.sum()), points=257).region
    turn = rng.uniform(0, math.pi)
    mix = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    variances = mix @ np.diag((1 + 2 * thermal) * np.exp(-2 * squeezing)) @ mix.T
    # Displacements of x in units of its vacuum's deviation: for a Gaussian state without x-p parts F is the inverse variance.
    information = np.linalg.inv(variances)
    assert is_within([information[0, 0], information[1, 1]], corners, slack=1e-3)


def test_the_sides_of_displacements_are_where_the_relation_is_an_equality():
    for passes in (1, 3):
        region = displacement_frontier(2.5, passes=passes, points=9).region
        scaled = [(x / passes**2, y / passes**2) for x, y in region]
        assert all(x + 1 / x + y + 1 / y == pytest.approx(4 * 2.5 + 4) for x, y in scaled)
        # In order, all around: every corner once, and none inside the others.
        assert len(set(scaled)) == len(scaled) == 32
        assert all(is_within(point, scaled) for point in scaled)
    # The vacuum is inside, nothing at all is not.
    assert is_within((1.0, 1.0), displacement_frontier(2.5).region)
    assert not is_within((0.0, 0.0), displacement_frontier(2.5).region)


def test_a_control_between_two_passes_hides_a_displacement():
    # Two modes that change places see both displacements: only their sum, and that with all the light.
    modes, swap = ("a", "b"), ((0j, 1 + 0j), (1 + 0j, 0j))
    split = BeamSplitter(first="a", second="b", theta_rad=math.pi / 4)
    sense = Sense(modes=modes, generator="momentum")
    light = (Squeeze(mode="a", r=math.asinh(1.0)), split)
    controlled = Circuit(modes=modes, operations=(*light, sense, Interferometer(modes=modes, unitary=swap), sense))
    information = get_engine("native").qfi(controlled, [0.1, 0.2])
    w, v = np.array([1, 1]) / math.sqrt(2), np.array([1, -1]) / math.sqrt(2)
    informations = sorted([w @ information @ w, v @ information @ v])
    assert informations[0] == pytest.approx(0, abs=1e-12)
    assert informations[1] in (pytest.approx(4 * displacement_gain(1.0)), pytest.approx(4 / displacement_gain(1.0)))
    # Without the control neither is hidden, and both lie where all light does.
    plain = get_engine("native").qfi(Circuit(modes=modes, operations=(*light, sense, sense)), [0.1, 0.2])
    x, y = w @ plain @ w / 4, v @ plain @ v / 4
    assert x + 1 / x + y + 1 / y == pytest.approx(4 * 1.0 + 4)


def test_rotations_between_passes_reach_the_limit_of_three_passes():
    # The first qubit is turned by +-tilt and back: of its three passes half is left, e = (3/2, 3), which no integers are.
    z, y = np.array([1.0, -1.0]), np.array([[0, -1j], [1j, 0]])
    tilt = math.acos(1 / 4)
    turns = [math.cos(s * tilt / 2) * np.eye(2) - 1j * math.sin(s * tilt / 2) * y for s in (0, 1, -1)]
    first = sum(u.conj().T @ np.diag(z) @ u for u in turns)
    one, two = np.kron(first, np.eye(2)), 3 * np.kron(np.eye(2), np.diag(z))
    ghz = np.array([1, 0, 0, 1]) / math.sqrt(2)

    def information(u):
        h = u[0] * one + u[1] * two
        return float((ghz @ h @ h @ ghz - (ghz @ h @ ghz) ** 2).real)

    side = qubit_side(Directions.of([[1, 2], [2, -1]]), 3)
    assert information(np.array([2, -1]) / math.sqrt(5)) == pytest.approx(0, abs=1e-12)
    assert (
        information(np.array([1, 2]) / math.sqrt(5))
        == pytest.approx(float(side.private_limit))
        == pytest.approx(45 / 4)
    )
    assert side.private_cap == 5


# --- figures ---------------------------------------------------------------------------------------------------


def test_figures_draw_the_region_and_not_what_lies_below_it():
    figure = draw_duality(duality([1, 2], [2, -1], photons=3)).figure
    lines = {line.get_label(): line.get_xydata().tolist() for line in figure.axes[0].get_lines()}
    assert lines["2 qubits, exact"] == [[0, 0], [0.2, 1.8], [1.8, 0.2], [0, 0]]
    label = next(label for label in lines if label.startswith("N = 3 photons"))
    assert [5.0, 0.0] in lines[label]
    assert max(x for x, y in lines[label] if y == 0) == 5.0
    # More passes: what is reached at least, and a line below which there is nothing.
    several = draw_duality(duality([1, 2], [2, -1], passes=3)).figure
    lines = {line.get_label(): line.get_xydata() for line in several.axes[0].get_lines()}
    assert lines["no state of qubits lies below"][0].tolist() == pytest.approx([11.25, 0])


@pytest.mark.parametrize(
    "network",
    [
        SensorNetwork.star([1, 1, -1], sensing="phase", photons=4),
        SensorNetwork.star([2, 1, -1], sensing="phase", photons=6),
        SensorNetwork.star([2, 1], sensing="phase", photons=3, passes=2),
        SensorNetwork.star([1, 1, 1, 1], sensing="phase", photons=8, transmissivity=0.8),
        SensorNetwork.star([1, 2, 2], sensing="displacement", mean_photons=3.0),
        SensorNetwork.star([1, -1], sensing="displacement", mean_photons=0.5, passes=2),
    ],
)
def test_the_place_of_a_network_lies_within_the_region_that_is_drawn(network):
    for scheme in (None, "separable-phase" if network.sensing == "phase" else "separable-squeezed"):
        axes = draw_privacy(privacy_report(network, scheme=scheme)).figure.axes[0]
        star = axes.collections[-1].get_offsets()[0].tolist()
        corners = [tuple(corner) for corner in axes.get_lines()[0].get_xydata().tolist()][:-1]
        assert is_within(star, corners, slack=1e-3)


def test_sides_of_the_mirrored_directions_are_the_left_ones():
    directions = Directions.of([[1, 2, 3], [3, 0, -1]])
    left = {(y, x) for x, y in qubit_side(mirrored(directions)).corners}
    assert left <= {(Fraction(0), Fraction(0)), *qubit_region(directions)}


# --- the worst direction ---------------------------------------------------------------------------------------


@given(st.integers(0, 10**6), st.integers(0, 2))
@examples(40)
def test_of_directions_that_tie_the_worst_is_the_one_colluders_know_most_about(seed, colluders):
    rng = np.random.default_rng(seed)
    a = rng.integers(1, 4, 4).astype(float)
    unit = a / np.linalg.norm(a)
    known = rng.choice(4, colluders, replace=False).tolist()
    rest = [j for j in range(4) if j not in known]
    information = 0.5 * np.eye(4) + 3.0 * np.outer(unit, unit)
    part = np.linalg.inv(information[np.ix_(rest, rest)])

    def told(u):
        return 1 / (u[rest] @ part @ u[rest])

    most, direction = worst_orthogonal(information, a, known)
    assert most == pytest.approx(0.5)
    assert [direction @ unit, direction @ direction] == pytest.approx([0, 1], abs=1e-9)
    # Directions of what they know already are left out: others are compared with their parts across these.
    own = np.linalg.svd(np.vstack([unit, np.eye(4)[rest]]))[2][len(rest) :] if colluders > 1 else np.zeros((0, 4))
    for _ in range(60):
        u = rng.normal(size=4)
        u -= unit * (unit @ u)
        for row in own:
            if abs(row @ unit) < 1e-9 and np.abs(row[rest]).max() < 1e-9:
                u -= row * (row @ u)
        u /= np.linalg.norm(u)
        assert told(u) <= told(direction) * (1 + 1e-9)


def test_colluders_learn_of_an_exactly_private_network_what_q_leaves():
    # q = the sum of four; who knows one parameter knows the sum of the other three: an orthogonal direction with F = 0 to others.
    report = privacy_report(SensorNetwork.star([1, 1, 1, 1], sensing="phase", photons=4), colluding=["s1"])
    row = report.row("worst direction across q")
    assert row.to_colluders == pytest.approx(12)
    assert np.abs(row.direction) == pytest.approx(np.array([3, 1, 1, 1]) / math.sqrt(12))
