"""Exact caps and regions against brute force and optimised states; privacy reports against Fisher matrices by hand."""

import dataclasses
import itertools
import json
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from drawn import examples
from hypothesis import given, strategies as st
from scipy.optimize import linprog, minimize

from networks import InputError, LinearFunction, Link, Mode, SensorNetwork, load_network
from photonics import (
    BeamSplitter,
    Circuit,
    FockState,
    Homodyne,
    Interferometer,
    Loss,
    PhaseDiffusion,
    PrepareFock,
    Sense,
    Squeeze,
    bell_family,
    dicke_state,
    get_engine,
    ghz_state,
    measure,
    product_state,
    qfi_matrix,
    qubit_qfi_matrix,
    random_qubit_state,
    squeezing_for,
)
from protocols import duality, privacy_report, private_design
from protocols.built.build import build
from protocols.privacy.hiding import hidden_squeezed
from protocols.privacy.report import network_information, privacy_measure, worst_orthogonal
from protocols.problem import Problem, kind_of
from protocols.ranking.candidates import rank_plans
from protocols.schemes import find_scheme
from protocols.schemes.evaluation import _projected
from protocols.theory.balls import smallest_ball
from protocols.theory.directions import Directions
from protocols.theory.displacement import displacement_gain, entangled_mse
from protocols.theory.duality import (
    displacement_frontier,
    photonic_cap,
    photonic_frontier,
    photonic_state,
    qubit_region,
)
from protocols.theory.joint_targets import displacement_targets, phase_targets
from protocols.theory.sign_vectors import sign_vector_cap

EXAMPLES = Path(__file__).parents[2] / "examples"


@st.composite
def orthogonal(draw, most=3, longest=7):
    """Random exact orthogonal directions, small integers and repeated columns included."""
    rank = draw(st.integers(1, most))
    count = draw(st.integers(rank, longest))
    reach = draw(st.sampled_from([1, 3, 10]))
    rows = []
    while len(rows) < rank:
        row = [Fraction(draw(st.integers(-reach, reach))) for _ in range(count)]
        for other in rows:
            share = sum(a * b for a, b in zip(row, other, strict=True)) / sum(b * b for b in other)
            row = [a - share * b for a, b in zip(row, other, strict=True)]
        if any(row):
            rows.append(row)
        else:
            rows.append([Fraction(int(k == len(rows))) for k in range(count)]) if not rows else rows.clear()
    return Directions.of(rows)


def value(directions, signs):
    return sum(
        Fraction(sum(s * x for s, x in zip(signs, v, strict=True)) ** 2, q)
        for v, q in zip(directions.vectors, directions.squares, strict=True)
    )


# --- qubits --------------------------------------------------------------------------------------------------


@given(orthogonal(most=4))
@examples(120)
def test_caps_against_every_sign_vector(directions):
    best = max(value(directions, z) for z in itertools.product((1, -1), repeat=directions.parameters))
    result = sign_vector_cap(directions)
    assert result.cap == best
    assert value(directions, result.signs) == best
    assert set(result.signs) <= {1, -1}
    assert result.cap <= directions.parameters


@given(st.integers(0, 10**6), st.integers(10, 16))
@examples(8)
def test_regions_against_every_sign_vector_up_to_sixteen(seed, count):
    rng = np.random.default_rng(seed)
    w = rng.integers(1, 6, count).tolist()
    v = [0] * count
    for k in range(0, count - 1, 2):
        v[k], v[k + 1] = w[k + 1], -w[k]
    directions = Directions.of([w, v])
    z = 1 - 2 * ((np.arange(2 ** (count - 1))[:, None] >> np.arange(count)) & 1)
    a, b = ((z @ np.array(vector)) ** 2 / q for vector, q in zip(directions.vectors, directions.squares, strict=True))
    corners = [(float(x), float(y)) for x, y in qubit_region(directions)]
    for slope in np.linspace(0, math.pi / 2, 19):
        c, s = math.cos(slope), math.sin(slope)
        assert max(c * x + s * y for x, y in corners) == pytest.approx(float((c * a + s * b).max()), rel=1e-12)


@given(st.integers(0, 10**6))
@examples(25)
def test_random_states_stay_inside_the_region_and_below_the_cap(seed):
    rng = np.random.default_rng(seed)
    directions = Directions.of([[1, 2, -1, 0], [1, 0, 1, 3]])
    corners = qubit_region(directions)
    units = np.array(directions.units())
    information = qubit_qfi_matrix(random_qubit_state(4, rng))
    x, y = (float(u @ information @ u) for u in units)
    assert x + y <= float(sign_vector_cap(directions).cap) + 1e-12
    hull = [(float(a), float(b)) for a, b in corners]
    for (x1, y1), (x2, y2) in itertools.pairwise(hull):
        normal = (y1 - y2, x2 - x1)
        assert normal[0] * (x - x1) + normal[1] * (y - y1) <= 1e-9


@pytest.mark.parametrize(
    ("vectors", "cap"),
    [
        ([[1, -1, 0], [1, 1, -2]], Fraction(8, 3)),
        ([[1, 1, 1, 1], [1, 1, -1, -1]], Fraction(4)),
        ([[2, 1, 0, 1], [0, 1, 3, -1]], None),
    ],
)
def test_optimised_states_reach_the_cap(vectors, cap):
    directions = Directions.of(vectors)
    result = sign_vector_cap(directions)
    assert cap is None or result.cap == cap
    units = np.array(directions.units())
    information = qubit_qfi_matrix(ghz_state(directions.parameters, result.signs))
    assert sum(u @ information @ u for u in units) == pytest.approx(float(result.cap))
    signs = 1.0 - 2.0 * ((np.arange(2**directions.parameters)[:, None] >> np.arange(directions.parameters)) & 1)
    projected = signs @ units.T

    def negative(logits):
        p = np.exp(logits - logits.max())
        p /= p.sum()
        return -float((p @ projected**2 - (p @ projected) ** 2).sum())

    rng = np.random.default_rng(0)
    best = max(-minimize(negative, rng.normal(size=len(signs)), method="L-BFGS-B").fun for _ in range(6))
    assert best == pytest.approx(float(result.cap), rel=1e-3)
    assert best <= float(result.cap) + 1e-9


def test_equality_cases_corollaries_and_figure_1():
    assert sign_vector_cap(Directions.of([[1, 1, 1], [1, -1, 0]])).spans_sign_vector
    assert not sign_vector_cap(Directions.of([[1, -1, 0], [1, 1, -2]])).spans_sign_vector
    # Figure 1: every state of the Bell family lies on F(w) + F(v) = 2.
    for phi in np.linspace(0, math.pi / 2, 7):
        information = qubit_qfi_matrix(bell_family(phi))
        w, v = np.array([[1, 1], [1, -1]]) / math.sqrt(2)
        assert w @ information @ w + v @ information @ v == pytest.approx(2.0)
        assert w @ information @ w == pytest.approx(2 * math.cos(phi) ** 2)
    # Corollaries 2 and 3, and that Heisenberg scaling alone does not empty the rest.
    assert worst_orthogonal(qubit_qfi_matrix(ghz_state(5)), np.ones(5))[0] == pytest.approx(0, abs=1e-12)
    assert qubit_qfi_matrix(product_state(4)) == pytest.approx(np.eye(4), abs=1e-12)
    # Among symmetric probes only GHZ has F = 1 1^T: Dicke states have less.
    for ones in range(6):
        assert np.ones(5) @ qubit_qfi_matrix(dicke_state(5, ones)) @ np.ones(5) / 5 < 5 - 1e-9


@given(orthogonal(most=2, longest=6), st.integers(0, 10**6))
@examples(40)
def test_caps_do_not_care_about_names_or_signs(directions, seed):
    rng = np.random.default_rng(seed)
    order, flips = rng.permutation(directions.parameters), rng.choice([-1, 1], directions.parameters)
    moved = Directions.of([[int(flips[k]) * v[k] for k in order] for v in directions.vectors])
    assert sign_vector_cap(moved).cap == sign_vector_cap(directions).cap


# --- photons -------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=1, max_size=9), st.integers(1, 4))
@examples(60)
def test_smallest_balls_against_all_that_few_points_carry(points, stretch):
    ball = smallest_ball(points, [Fraction(1), Fraction(stretch)])
    p = np.array(points, dtype=float) * [1, math.sqrt(stretch)]
    # Two or three of the points, or a single one, carry it: of all balls that these carry the smallest that holds every point.
    sizes = []
    for carried in itertools.chain.from_iterable(itertools.combinations(p, k) for k in (1, 2, 3)):
        sides = np.array(carried[1:]) - carried[0] if len(carried) > 1 else np.zeros((1, 2))
        centre = carried[0] + np.linalg.lstsq(sides, (sides**2).sum(axis=1) / 2, rcond=None)[0]
        sizes.append(((p - centre) ** 2).sum(axis=1).max())
    assert float(ball.radius_squared) == pytest.approx(min(sizes), rel=1e-9, abs=1e-9)
    assert sum(ball.weights) == 1
    assert min(ball.weights) >= 0


@given(orthogonal(most=3, longest=5), st.integers(1, 3), st.booleans())
@examples(30)
def test_photonic_caps_are_reached_on_the_native_engine(directions, photons, reference):
    result = photonic_cap(directions, photons, 2, reference=reference)
    if result.cap == 0:
        return
    d = directions.parameters
    state = photonic_state(result, d, photons)
    sense = Sense(modes=state.modes[:d], generator="number")
    circuit = Circuit(modes=state.modes, operations=(PrepareFock(state=state), sense, sense))
    information = get_engine("native").qfi(circuit, [0.1] * d)
    total = sum(np.array(u) @ information @ np.array(u) for u in directions.units())
    assert total == pytest.approx(float(result.cap), rel=1e-9)


@pytest.mark.parametrize(("d", "photons", "reference"), [(2, 3, True), (3, 2, True), (3, 3, False), (4, 2, True)])
def test_no_photon_state_beats_the_cap_or_leaves_the_frontier(d, photons, reference):
    vectors = {2: [[1, 2], [2, -1]], 3: [[1, -1, 0], [1, 1, -2]], 4: [[1, 1, 2, 0], [1, -1, 0, 1]]}[d]
    directions = Directions.of(vectors)
    cap = float(photonic_cap(directions, photons, reference=reference).cap)
    frontier = photonic_frontier(directions, photons, reference=reference)
    units = np.array(directions.units())
    modes = d + reference
    strings = np.array([s for s in itertools.product(range(photons + 1), repeat=modes) if sum(s) == photons])
    projected = strings[:, :d] @ units.T

    def spread(logits):
        p = np.exp(logits - logits.max())
        p /= p.sum()
        return 4 * (p @ projected**2 - (p @ projected) ** 2)

    rng = np.random.default_rng(1)
    for weights in ((1.0, 1.0), (1.0, 0.2), (0.1, 1.0)):
        best = max(
            -minimize(lambda x, w=weights: -float(np.dot(w, spread(x))), rng.normal(size=len(strings))).fun
            for _ in range(12)
        )
        polygon = max(weights[0] * x + weights[1] * y for x, y in frontier)
        assert best <= polygon * 1.002
        assert best == pytest.approx(polygon, rel=5e-3)
        if weights == (1.0, 1.0):
            assert best <= cap * (1 + 1e-9)
            assert best == pytest.approx(cap, rel=1e-3)
    # The rule for populations is the Fisher matrix of states.
    amplitudes = rng.normal(size=len(strings)) + 1j * rng.normal(size=len(strings))
    amplitudes /= np.linalg.norm(amplitudes)
    state = FockState(tuple(f"m{k}" for k in range(modes)), strings, amplitudes)
    information = qfi_matrix(state, modes=state.modes[:d])
    assert [u @ information @ u for u in units] == pytest.approx(spread(np.log(np.abs(amplitudes) ** 2)).tolist())


def test_displacement_frontiers():
    result = displacement_frontier(2.0, passes=3, points=9)
    for (a, b), (c, e) in zip(result.most, result.least, strict=True):
        assert a == c
        assert b * e == pytest.approx(81)
    assert result.most[-1] == pytest.approx((9 * displacement_gain(2.0), 9.0))


def test_the_document_of_a_duality():
    result = duality([1, -1, 0], [1, 1, -2], photons=2)
    document = result.to_dict()
    assert document["qubit_cap"] == "8/3"
    assert document["published_cap"] == 3
    assert document["photonic_cap"] == "32/3"
    assert document["region"] == [["0", "8/3"], ["2", "2/3"], ["2", "0"]]
    assert (document["private_cap"], document["photonic_private_cap"]) == ("2", "8")
    assert (document["lower"], document["lower_limit"]) == ([["2", "0"]], None)
    json.dumps(document)
    # More passes leave open what lies between what integers reach and what no state exceeds.
    document = duality([1, 2], [2, -1], photons=1, passes=3).to_dict()
    assert (document["private_cap"], document["private_cap_limit"]) == ("5", "45/4")
    assert document["lower_limit"][0] == ["45/4", "0"]
    assert (document["qubit_cap"], document["published_cap"]) == ("18", 18)


def test_bad_directions_say_by_how_much_and_what_to_use():
    with pytest.raises(
        InputError, match=r"cosine between them is 0\.948683; with w the part of v across it is \(2, -1\)"
    ):
        duality([1, 2], [1, 1])
    with pytest.raises(InputError, match="they are parallel"):
        duality([1, 2], ["-1/2", -1])
    with pytest.raises(InputError, match="v must not be zero"):
        duality([1, 2], [0, 0])
    with pytest.raises(InputError, match="one length"):
        duality([1, 2], [2, -1, 0])
    with pytest.raises(InputError, match="2 faults"):
        duality([1, 2], [1, 1], photons=0)


# --- reports -------------------------------------------------------------------------------------------------


# Strawberry Fields' Fisher matrices are for up to 64 parameters.
SMALL = [path for path in sorted(EXAMPLES.glob("*.json")) if len(load_network(path).sensors) <= 64]


@pytest.mark.parametrize(
    "path",
    # Five photons in six modes take seconds in Strawberry Fields; the other examples have as many kinds of light.
    [pytest.param(path, id=path.stem, marks=pytest.mark.long if path.stem == "five_phases" else ()) for path in SMALL],
)
def test_both_engines_agree_on_every_example(path):
    assert len(SMALL) >= 9
    network = load_network(path)
    if kind_of(network) == "gaussian":
        with pytest.raises(InputError, match="ask for the native engine"):
            privacy_report(network, engine="strawberryfields")
        return
    ours, theirs = (privacy_report(network, engine=name) for name in ("native", "strawberryfields"))
    scale = np.abs(ours.information).max()
    assert theirs.information == pytest.approx(ours.information, abs=1e-8 * scale)
    assert theirs.privacy == pytest.approx(ours.privacy, rel=1e-8)
    for a, b in zip(ours.rows[:-1], theirs.rows[:-1], strict=True):
        assert b.directional_qfi == pytest.approx(a.directional_qfi, rel=1e-7, abs=1e-8 * scale)


def test_photon_networks_are_exactly_private_and_colluders_learn_what_is_left():
    network = SensorNetwork.star([1, 2, -1], sensing="phase", photons=3, transmissivity=[0.9, 0.8, 0.7])
    result = privacy_report(network, colluding=["s1", "s2"], noise=0.1, sensitive=[LinearFunction([1, 0, 1])])
    assert result.privacy == pytest.approx(1.0)
    assert len(result.estimable) == 1
    assert np.abs(np.dot(result.estimable[0], [1, 2, -1])) == pytest.approx(math.sqrt(6))
    third = result.row("theta of s3")
    assert third.nuisance_aware_qfi == 0
    assert third.to_colluders == pytest.approx(result.information[2, 2])
    assert result.row("theta of s1").to_colluders == math.inf
    across = result.row("(1, 0, 1)")
    assert across.directional_qfi == pytest.approx(0, abs=1e-12)
    # Phase diffusion of every sensor fades the two branches by exp(-sigma^2 sum omega^2) of the information.
    calm = next(v for v in result.variants if v.name == "as it is")
    noisy = next(v for v in result.variants if "random phase" in v.name)
    assert noisy.target_qfi == pytest.approx(calm.target_qfi * math.exp(-0.01 * 6))
    assert noisy.privacy == pytest.approx(1.0)


def test_displacement_networks_by_hand():
    network = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=2.0)
    result = privacy_report(network, noise=0.3)
    gain = displacement_gain(2.0)
    assert result.privacy == pytest.approx(gain / (gain + 1))
    u, v = np.array([[1, 1], [1, -1]]) / math.sqrt(2)
    assert u @ result.information @ u == pytest.approx(gain)
    assert result.row("worst direction across q").directional_qfi == pytest.approx(1.0)
    # theta_1 with nothing known: 1/(F^-1)_11 = 2/(1/gain + 1).
    assert result.row("theta of s1").nuisance_aware_qfi == pytest.approx(2 / (1 / gain + 1))
    assert v @ result.information @ v == pytest.approx(1.0)
    noisy = result.variants[-1]
    assert noisy.target_qfi == pytest.approx(1 / (1 / gain + 0.6))
    assert noisy.worst_orthogonal_qfi == pytest.approx(1 / 1.6)


@pytest.mark.parametrize("passes", [1, 2])
def test_variants_of_a_lossy_photon_network_keep_its_light(passes):
    """Twice the loss in dB is the square of a transmissivity; the weights of the branches stay those of the losses assumed."""
    alpha, eta, photons = [1, 2, -1], [0.9, 0.8, 0.7], 3
    made = privacy_report(
        SensorNetwork.star(alpha, sensing="phase", photons=photons, passes=passes, transmissivity=eta), scheme="noon"
    )

    def survival(power):
        # Two branches, |1,2,0> and |0,0,1> with two photons in the lossless reference.
        decibels = [-10 * power * math.log10(t) for t in eta]
        return 10 ** (-(decibels[0] + 2 * decibels[1]) * passes / 10), 10 ** (-decibels[2] * passes / 10)

    a, b = survival(1)
    w = math.sqrt(b) / (math.sqrt(a) + math.sqrt(b))
    assert {v.name for v in made.variants} == {"as it is", "without loss", "twice the loss in dB"}
    for variant, power in zip(made.variants, (1, 0, 2), strict=True):
        a, b = survival(power)
        # omega = alpha, so that q of norm sqrt 6 has 6 times the information on the relative phase.
        information = 4 * a * b * w * (1 - w) / (a * w + b * (1 - w)) * passes**2
        assert variant.target_qfi == pytest.approx(6 * information, rel=1e-10)
        assert variant.privacy == pytest.approx(1.0)
    assert any("the light stays as designed here" in note for note in made.notes)


def test_variants_of_light_along_links_keep_its_squeezing_and_its_splitters():
    """One squeezer in a hub: V = 1 + (e^{-2r} - 1) v v^T before the sensing, v_j^2 what arrives of the share of sensor j."""
    arrives = {"a": 0.8 * 0.9, "b": 0.4 * 0.5}
    modes = [
        Mode(id="a", coupling="displacement", alpha=1, transmissivity_before=0.9, squeezer=False),
        Mode(id="b", coupling="displacement", alpha=-2, transmissivity_before=0.5, squeezer=False),
        Mode(id="hub", role="ancilla"),
    ]
    links = [Link(ends=("hub", "a"), transmissivity=0.8), Link(ends=("hub", "b"), transmissivity=0.4)]
    network = SensorNetwork(sensing="displacement", modes=modes, links=links, mean_photons=2.0)
    made = privacy_report(network, scheme="entangled-squeezed")
    operations = build(find_scheme("displacement", "entangled-squeezed"), network).as_built.parts[0].circuit.operations
    (squeeze,) = (op for op in operations if isinstance(op, Squeeze))
    first = next(op for op in operations if isinstance(op, BeamSplitter))
    assert (squeeze.mode, first.second) == ("hub", "a")
    shares = {"a": math.sin(first.theta_rad) ** 2, "b": math.cos(first.theta_rad) ** 2}
    unit, across = np.array([[1, -2], [2, 1]]) / math.sqrt(5)
    for variant, power in zip(made.variants[:3], (1, 0, 2), strict=True):
        v = np.array([sign * math.sqrt(arrives[k] ** power * shares[k]) for k, sign in (("a", 1), ("b", -1))])
        information = np.linalg.inv(np.eye(2) + math.expm1(-2 * squeeze.r) * np.outer(v, v))
        assert variant.target_qfi == pytest.approx(unit @ information @ unit, rel=1e-10)
        assert variant.worst_orthogonal_qfi == pytest.approx(across @ information @ across, rel=1e-10)
    # Light that is designed for other losses is another one: without any its splitters have the shares 1 : 4.
    assert shares["a"] != pytest.approx(0.2, rel=0.1)
    assert any("designed anew" in note for note in made.notes)


def test_variants_of_a_squeezed_network_are_those_of_networks_with_these_photons_and_losses():
    def network(photons, power):
        eta = [0.9**power, 0.6**power]
        return SensorNetwork.star([1, -2], sensing="displacement", mean_photons=photons, transmissivity=eta)

    made = privacy_report(network(2.0, 1), scheme="entangled-squeezed")
    seen = {v.name: v for v in made.variants}
    determined = {
        "as it is": (2.0, 1),
        "without loss": (2.0, 0),
        "half": (1.0, 1),
        "twice the ph": (4.0, 1),
        "ten": (20.0, 1),
    }
    determined["dB"] = (2.0, 2)
    assert len(seen) == len(determined)
    for word, (photons, power) in determined.items():
        (variant,) = (v for name, v in seen.items() if word in name)
        alone = privacy_report(network(photons, power), scheme="entangled-squeezed")
        unit = np.array([1, -2]) / math.sqrt(5)
        assert variant.target_qfi == pytest.approx(unit @ alone.information @ unit, rel=1e-12)
        assert variant.privacy == pytest.approx(alone.privacy, rel=1e-12)
        across = np.array([2, 1]) / math.sqrt(5)
        assert variant.worst_orthogonal_qfi == pytest.approx(across @ alone.information @ across, rel=1e-10)
    # Without loss all of the light's information is along q.
    assert next(v for name, v in seen.items() if "without" in name).target_qfi == pytest.approx(displacement_gain(2.0))


def test_loss_and_diffusion_of_a_report_are_those_of_circuits():
    network = SensorNetwork.star([1, -1], sensing="phase", photons=2, passes=2, transmissivity=0.9)
    problem = Problem.of(network)
    plan = find_scheme("phase", "noon").plan(problem)
    result = network_information(plan, problem, noise=0.2)
    state = plan.parts[0].circuit.operations[0]
    one = (
        Sense(modes=("s1", "s2"), generator="number"),
        PhaseDiffusion(mode="s1", sigma_rad=0.2),
        PhaseDiffusion(mode="s2", sigma_rad=0.2),
        Loss(mode="s1", transmissivity=0.9),
        Loss(mode="s2", transmissivity=0.9),
    )
    circuit = Circuit(modes=plan.parts[0].circuit.modes, operations=(state, *one, *one))
    assert result == pytest.approx(get_engine("native").qfi(circuit, [0.1, 0.2]), rel=1e-9)


def test_bad_reports_list_every_fault():
    network = SensorNetwork.star([1, 1], sensing="phase", photons=2)
    with pytest.raises(InputError, match="4 faults"):
        privacy_report(network, scheme="magic", colluding=["x"], noise=-1.0, sensitive=[LinearFunction([1])])
    with pytest.raises(InputError, match="at least one site must be left"):
        privacy_report(network, colluding=["s1", "s2"])


# --- several targets, hiding ---------------------------------------------------------------------------------


@given(
    st.lists(st.lists(st.integers(-3, 3), min_size=3, max_size=3).filter(any), min_size=1, max_size=3),
    st.integers(0, 10**6),
)
@examples(30)
def test_joint_probes_of_photons_against_random_populations(rows, seed):
    functions = [LinearFunction(row) for row in rows]
    rng = np.random.default_rng(seed)
    weights = rng.uniform(0.2, 2, len(rows)).tolist()
    result = phase_targets(functions, weights, photons=2, passes=3)
    assert result.joint <= result.taking_turns * (1 + 1e-12)
    for _ in range(20):
        p = rng.dirichlet(np.ones(4))
        information = 4 * 36 * (np.diag(p) - np.outer(p, p))[:3, :3]
        inverse = np.linalg.inv(information)
        assert result.joint <= sum(
            w * np.array(r) @ inverse @ np.array(r) for w, r in zip(weights, rows, strict=True)
        ) * (1 + 1e-9)
    best = np.array(result.allocation)
    errors = result.errors
    if (best > 0).all():
        inverse = np.linalg.inv(4 * 36 * (np.diag(best) - np.outer(best, best))[:3, :3])
        assert [np.array(r) @ inverse @ np.array(r) for r in rows] == pytest.approx(list(errors))


@pytest.mark.parametrize(("photons", "passes", "reference"), [(1, 1, 0.9), (2, 1, 0.8), (1, 2, 0.7), (3, 1, 1.0)])
def test_lossy_joint_probes_of_photons_are_what_the_engine_says(photons, passes, reference):
    """F of superposed strings behind loss, from the density matrix; no other populations do better."""
    eta, weights = [0.9, 0.6], [1.0, 2.0]
    rows = np.array([[1, 1], [2, -1]])
    hub = Mode(id="ref", role="reference", transmissivity=reference)
    star = SensorNetwork.star([1, 1], sensing="phase", photons=photons, passes=passes, transmissivity=eta)
    network = star.replace(modes=(*star.modes[:2], hub))
    result = Problem.of(network).task.joint_targets([LinearFunction(row) for row in rows.tolist()], weights)
    modes = ("s1", "s2", "ref")

    def errors(populations):
        light = FockState(modes, photons * np.eye(3, dtype=int), np.sqrt(populations))
        channels = [Loss(mode=m, transmissivity=x) for m, x in zip(modes, (*eta, reference), strict=True)]
        one_pass = (Sense(modes=modes[:2], generator="number"), *channels)
        circuit = Circuit(modes=modes, operations=(PrepareFock(state=light), *one_pass * passes))
        inverse = np.linalg.inv(get_engine("native").qfi(circuit, [0.0, 0.0]))
        return [float(row @ inverse @ row) for row in rows]

    assert errors(result.allocation) == pytest.approx(list(result.errors), rel=1e-7)
    rng = np.random.default_rng(photons)
    for _ in range(10):
        assert result.joint < np.dot(weights, errors(rng.dirichlet(np.ones(3))))
    # Turns: a probe for each function alone, two branches where whole photons allow it.
    alone = [
        phase_targets([LinearFunction(row)], [1], photons=photons, passes=passes, transmissivity=eta).taking_turns
        for row in rows.tolist()
    ]
    assert all(np.isfinite(alone))
    assert "superposed strings" in Problem.of(network).task.joint_targets_notes[0]


def test_turns_with_losses_are_two_branches_where_whole_photons_allow_it():
    eta, reference = [0.9, 0.6], 0.8
    network = SensorNetwork.star([1, 1], sensing="phase", photons=2, transmissivity=eta)
    network = network.replace(modes=(*network.modes[:2], Mode(id="ref", role="reference", transmissivity=reference)))
    (noon,) = [c for c in rank_plans(network).built if c.plan.scheme == "noon"]
    given = {"passes": 1, "transmissivity": eta, "reference_transmissivity": reference}
    alone = phase_targets([LinearFunction([1, 1])], [1], photons=2, **given)
    assert alone.taking_turns == pytest.approx(noon.mse)
    # One photon cannot be in both: strings, (sum |b_j| eta_j^(-1/2))^2/4 with b = (1, 1, -2), which is the shot noise.
    odd = phase_targets([LinearFunction([1, 1])], [1], photons=1, **given)
    assert odd.taking_turns == pytest.approx((0.9**-0.5 + 0.6**-0.5 + 2 * 0.8**-0.5) ** 2 / 4)
    assert odd.taking_turns == pytest.approx(odd.joint)


def test_lossy_joint_squeezing_is_what_the_engine_says():
    """The light of the allocation, read by homodyne, has these errors; no other turned squeezing does better."""
    eta, passes, weights = [0.9, 0.5], 2, np.array([1.0, 2.0])
    rows = np.array([[1.0, 1.0], [1.0, 0.0]])
    functions = [LinearFunction([1, 1]), LinearFunction([1, 0])]
    result = displacement_targets(functions, weights, mean_photons=1.5, passes=passes, transmissivity=eta)

    def errors(turn, photons):
        u = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
        made = [Squeeze(mode=m, r=squeezing_for(n)) for m, n in zip("ab", photons, strict=True)]
        one_pass = (
            Sense(modes=("a", "b"), generator="momentum"),
            *(Loss(mode=m, transmissivity=x) for m, x in zip("ab", eta, strict=True)),
        )
        arrayed = Interferometer(modes=("a", "b"), unitary=u)
        circuit = Circuit(modes=("a", "b"), operations=(*made, arrayed, *one_pass * passes))
        outcomes = measure(circuit, Homodyne(), [0.0, 0.0])
        inverse = np.linalg.inv(outcomes.fisher_matrix())
        return np.array([row @ inverse @ row for row in rows])

    def total(x):
        return float(weights @ errors(x[0], 1.5 * np.array([math.cos(x[1]) ** 2, math.sin(x[1]) ** 2])))

    best = min(
        (
            minimize(total, [t, s], method="Nelder-Mead", options={"fatol": 1e-12})
            for t in (0, 0.5, 1)
            for s in (0.3, 1)
        ),
        key=lambda run: run.fun,
    )
    assert result.joint == pytest.approx(best.fun, rel=1e-7)
    photons = 1.5 * np.array([math.cos(best.x[1]) ** 2, math.sin(best.x[1]) ** 2])
    assert list(result.errors) == pytest.approx(errors(best.x[0], photons), rel=1e-3)
    (one,) = displacement_targets(functions[:1], [1], mean_photons=1.5, passes=passes, transmissivity=eta).errors
    assert one == pytest.approx(entangled_mse([1, 1], eta, squeezing_for(1.5), passes))


def test_what_of_the_losses_counts_for_several_functions_is_said():
    lossless = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=1.0)
    functions = [LinearFunction([1, 0]), LinearFunction([0, 1])]

    def said(network):
        return [note for note in privacy_report(network, targets=functions).notes if "several functions" in note]

    assert said(lossless) == []
    (note,) = said(lossless.with_transmissivity(0.8))
    assert "with the losses of the modes; the joint probe is the best squeezed light" in note
    links = lossless.replace(links=tuple(dataclasses.replace(link, transmissivity=0.9) for link in lossless.links))
    assert said(links) == ["errors of several functions at once are without the losses of the links"]
    reports = [privacy_report(n, targets=functions).targets for n in (lossless, lossless.with_transmissivity(0.8))]
    assert reports[0].joint < reports[1].joint
    with pytest.raises(InputError, match="next to nothing survives"):
        phase_targets(functions, [1, 1], photons=10**5, transmissivity=[0.5, 0.5])


def test_joint_squeezing_against_a_program():
    functions = [LinearFunction([1, 1]), LinearFunction([1, 0])]
    result = displacement_targets(functions, [1.0, 2.0], mean_photons=1.5)
    a = np.array([[1.0, 1.0], [1.0, 0.0]])
    matrix = (a.T * [1.0, 2.0]) @ a

    def error(x):
        turn, share = x
        u = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
        n = 1.5 * np.array([math.cos(share) ** 2, math.sin(share) ** 2])
        return float(np.diag(u.T @ matrix @ u) @ [1 / displacement_gain(k) for k in n])

    best = min(
        minimize(error, [t, s], method="Nelder-Mead", options={"fatol": 1e-12}).fun
        for t in (0, 0.5, 1)
        for s in (0.3, 1)
    )
    assert result.joint == pytest.approx(best, rel=1e-7)
    assert result.joint < result.taking_turns


@pytest.mark.parametrize("passes", [1, 2])
@pytest.mark.parametrize("eta", [1.0, 0.9])
def test_hidden_designs_meet_what_is_required_and_no_cheaper_share_does(eta, passes):
    network = SensorNetwork.star(
        [2, 1, -1], sensing="displacement", mean_photons=3.0, passes=passes, transmissivity=eta
    )
    problem = Problem.of(network)
    plain = privacy_report(network).privacy
    wanted = plain + 0.5 * (0.9 - plain)
    result = private_design(network, at_least=wanted)
    assert result.scheme == "hidden-squeezed"
    plan = hidden_squeezed(problem, result.hiding_photons)
    information = network_information(plan, problem)
    assert privacy_measure(information, [2, 1, -1]) >= wanted
    a = np.array([2.0, 1.0, -1.0])
    assert a @ np.linalg.inv(information) @ a == pytest.approx(result.mse, rel=1e-9)
    less = hidden_squeezed(problem, 0.99 * result.hiding_photons)
    assert privacy_measure(network_information(less, problem), [2, 1, -1]) < wanted
    assert result.price > 1


def test_constraints_that_nothing_or_everything_meets():
    phases = SensorNetwork.star([1, 2], sensing="phase", photons=3)
    assert private_design(phases, at_least=1.0).price == 1.0
    assert private_design(phases, hide=[(LinearFunction([2, -1]), 0.0)]).scheme == "noon"
    with pytest.raises(InputError, match=r"none of the schemes .* least information along \(1, 0\) is 1"):
        private_design(phases, hide=[(LinearFunction([1, 0]), 0.01)])
    with pytest.raises(InputError, match="2 faults"):
        private_design(phases, at_least=1.5, hide=[(LinearFunction([1]), 1.0)])


def test_published_statements_that_fail_are_shown_beside():
    # The region of three qubits: no convex combination of sign vectors reaches the published frontier.
    directions = Directions.of([[1, -1, 0], [1, 1, -2]])
    z = np.array(list(itertools.product((1, -1), repeat=3)))
    points = np.array(
        [[(z_ @ np.array(v)) ** 2 / q for v, q in zip(directions.vectors, directions.squares, strict=True)] for z_ in z]
    )
    result = linprog(-points.sum(axis=1), A_eq=np.ones((1, 8)), b_eq=[1.0])
    assert -result.fun == pytest.approx(8 / 3)


# --- what a reviewer broke -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("w", "v", "photons", "passes", "reference", "ends"),
    [
        ([1] * 100, [1, -1, *[0] * 98], 1, 1, True, (0.01, 2.0)),
        ([100, 101, 100], [1, 0, -1], 1, 1, False, (1 / 30201, 2.0)),
        ([1, 1], [1, -1], 3, 1, False, (0.0, 18.0)),
        ([-1, 0, -2, 3], [17, 14, 20, 19], 1, 2, False, (4 * 25 / 14, 4 * 36 / 1246)),
    ],
)
def test_frontiers_have_their_ends(w, v, photons, passes, reference, ends):
    # The most along one direction alone is N^2 t^2 times the squared range of its entries.
    frontier = photonic_frontier(Directions.of([w, v]), photons, passes, reference=reference)
    assert max(x for x, _ in frontier) == pytest.approx(ends[0], rel=1e-6)
    assert max(y for _, y in frontier) == pytest.approx(ends[1], rel=1e-6)


def test_targets_need_a_reference_unless_they_are_differences():
    chain = SensorNetwork.chain([1, -1], sensing="phase", photons=2)
    with pytest.raises(InputError, match="cannot be estimated without a reference"):
        privacy_report(chain, targets=[LinearFunction([1, 0])])
    result = privacy_report(chain, targets=[LinearFunction([1, -1])]).targets
    assert result.joint == pytest.approx(1 / 4)
    assert result.joint_rank == 1
    with pytest.raises(InputError, match="3 faults"):
        phase_targets([LinearFunction([1, 0])], [1], photons=math.inf, passes=0, reference=False)


def test_constraints_at_the_edge_of_what_can_be_met():
    network = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=2.0)
    limit = 0.71375
    with pytest.raises(InputError, match="least information along"):
        private_design(network, hide=[(LinearFunction([1, 0]), 0.5)])
    result = private_design(network, hide=[(LinearFunction([1, 0]), limit + 2e-5)])
    assert result.leaks[0] <= limit + 2e-5
    lossy = SensorNetwork.star(
        [2, 1, -1], sensing="displacement", mean_photons=2.0, passes=2, transmissivity=[0.9, 0.8, 0.7]
    )
    with pytest.raises(InputError, match="most private is hidden-squeezed with privacy") as caught:
        private_design(lossy, at_least=0.999)
    best = float(str(caught.value).split("with privacy ")[1].split(" ")[0])
    assert private_design(lossy, at_least=best - 1e-5).privacy >= best - 1e-5


def test_what_can_be_estimated_is_said_the_same_everywhere():
    network = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=10.0, transmissivity=[1.0, 1e-13])
    result = privacy_report(network)
    assert len(result.estimable) == 2
    assert result.row("theta of s2").nuisance_aware_qfi > 0


def test_large_and_extreme_networks_have_a_report():
    many = privacy_report(SensorNetwork.star([1] * 400, sensing="phase", photons=400))
    assert many.privacy == pytest.approx(1.0)
    bright = privacy_report(SensorNetwork.star([1, 1], sensing="displacement", mean_photons=5e5))
    assert not any("ten times" in variant.name for variant in bright.variants)
    dim = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=1.0, transmissivity=1e-90)
    assert privacy_report(dim.replace(passes=1)).variants
    twice = privacy_report(SensorNetwork.star([1, 1], sensing="phase", photons=2), colluding=["s1", "s1"])
    assert twice.colluding == ("s1",)
    assert twice.to_dict()["directions"][1]["to_colluders"] == "known"


def test_huge_numbers_are_reported_not_crashed_on():
    with pytest.raises(InputError, match=r"cosine between them is 0\.707"):
        duality([10**200, 1], [1, 1])
    with pytest.raises(InputError, match=r"10\^100 at most"):
        duality([1, 0], [0, 1], photons=10**200)
    assert Directions.of([[10**200, 1]]).units()[0][0] == pytest.approx(1.0)


def test_a_network_with_an_empty_mode_can_be_drawn():
    from protocols.reports.plotting import draw_privacy

    assert draw_privacy(privacy_report(SensorNetwork.star([1, 0], sensing="phase", photons=2))).figure is not None


def test_only_ghz_has_all_information_along_the_sum():
    # Corollary 2: F = 1 1^T forces the weight onto one pair of opposite strings; found from any start.
    signs = np.array(list(itertools.product((1.0, -1.0), repeat=3)))
    ones = np.ones(3) / math.sqrt(3)
    rng = np.random.default_rng(4)

    def missing(logits):
        p = np.exp(logits - logits.max())
        p /= p.sum()
        mean = p @ signs
        information = (signs.T * p) @ signs - np.outer(mean, mean)
        return 3 - ones @ information @ ones

    for _ in range(5):
        result = minimize(missing, rng.normal(size=8), options={"gtol": 1e-10, "maxiter": 3000})
        p = np.exp(result.x - result.x.max())
        p /= p.sum()
        assert result.fun == pytest.approx(0, abs=1e-3)
        assert p[0] == pytest.approx(0.5, abs=0.02)
        assert p[-1] == pytest.approx(0.5, abs=0.02)


def test_where_no_light_survives_nothing_is_hidden():
    # eta^(M/2) is zero in double precision at both sensors: only their own first passes are seen, in vacuum noise.
    dark = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=2.0, transmissivity=1e-12, passes=100)
    with np.errstate(all="raise"):
        result = private_design(dark, at_least=0.4)
    # Vacuum does as well as squeezed light there.
    assert [name for name, *_ in result.considered] == ["coherent", "squeezed-in-turn", "separable-squeezed"]
    assert result.privacy == pytest.approx(0.5)
    # Var x = 1 over the gain sum eta^(m/2) = 1e-6/(1 - 1e-6), at each of two sensors.
    assert result.mse == pytest.approx(2 * (1e6 - 1) ** 2)


@pytest.mark.parametrize("alpha", [[1, 0], [0, 0, -2], [3]])
@pytest.mark.parametrize("eta", [1.0, 0.7, 0.31])
def test_among_equal_errors_rounding_does_not_choose_the_private_scheme(alpha, eta):
    """One sensor that counts: shared and separate squeezers are the same light, and the first of the ranking is taken."""
    network = SensorNetwork.star(alpha, sensing="displacement", mean_photons=0.7, transmissivity=eta, passes=2)
    chosen = rank_plans(network).built[0]
    result = private_design(network, at_least=1e-6)
    assert (result.scheme, result.price) == (chosen.plan.scheme, pytest.approx(1, abs=1e-12))


@pytest.mark.parametrize(
    ("alpha", "transmissivity", "photons", "scheme", "colluding"),
    [
        # Informations of 1e-130 to 1, whose tied directions had no inverse.
        (["-1e-100", "1e-60", "1", "1e-30"], [1e-30, 1.0, 1e-100, 1.0], 2, "noon-in-turn", ["s2"]),
        (["-1", "1", "-1e-100"], [1e-100, 1e-100, 1e-60], 2, "multimode-noon", ["s2"]),
        # A mode with all but 1e-100 of the coherent light, whose information about it was lost in a difference.
        (["-1e-100", "1", "1e-100", "-1"], [1.0, 1.0, 1e-100, 1e-100], 2, "coherent", []),
        # a^T F a of 1e-320.
        (["1e-100", "-1e-100"], [1e-60, 1e-30], 3, None, ["s1"]),
    ],
)
def test_informations_far_apart_have_a_report(alpha, transmissivity, photons, scheme, colluding):
    network = SensorNetwork.star(alpha, sensing="phase", photons=photons, transmissivity=transmissivity)
    report = privacy_report(network, scheme=scheme, colluding=colluding)
    assert 0 <= report.privacy <= 1
    for variant in report.variants:
        assert math.isnan(variant.privacy) or 0 <= variant.privacy <= 1
    for row in report.rows:
        assert math.isclose(math.hypot(*row.direction), 1, rel_tol=1e-12)
        assert row.directional_qfi >= 0
        assert 0 <= row.nuisance_aware_qfi <= row.directional_qfi * (1 + 1e-9)


def test_what_is_left_of_coherent_light_where_one_mode_has_nearly_all():
    """n_j of each mode: 4 n_j (sum of the others)/(sum of all) for j, and -4 n_j n_k/(sum of all), to every digit."""
    photons = np.array([1.0, 1e-40, 1e-60])
    left = _projected(np.diag(4 * photons), 3)
    assert left[0, 0] == pytest.approx(4e-40, rel=1e-12)
    assert left[0, 1] == pytest.approx(-4e-40, rel=1e-12)
    assert left[1, 1] == pytest.approx(4e-40, rel=1e-12)
    assert left[2, 2] == pytest.approx(4e-60, rel=1e-12)


def test_no_frontier_is_drawn_for_phases_under_light_of_a_mean_photon_number():
    """That of displacements would be false there: squeezed vacuum that sites share holds more of q than it allows."""
    from protocols.reports.plotting import draw_privacy

    network = SensorNetwork.star([1, 1], sensing="phase", mean_photons=4.0, phase_reference="free")
    report = privacy_report(network, scheme="squeezed-vacuum-shared")
    q = np.array([1, 1]) / math.sqrt(2)
    assert q @ report.information @ q > 1.5 * displacement_gain(4.0)
    with pytest.raises(InputError, match="nothing limits what all light can know of phases"):
        draw_privacy(report)
