"""Superposed strings, pairs in turn, sites in turn: closed forms, engines, whole matrices, and that their choices are the best."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from drawn import examples
from hypothesis import assume, given, strategies as st
from scipy.optimize import minimize

from networks import InputError, LinearFunction, Link, Mode, SensorNetwork
from photonics import nuisance_aware_information
from photonics.circuits.circuit import Loss, PrepareFock, Sense
from protocols import candidates
from protocols.problem import PhaseProblem, Problem
from protocols.schemes import Plan, find_scheme, schemes_of
from protocols.schemes.evaluation import evaluate, whole_information
from protocols.schemes.measurements import measured_shares
from protocols.schemes.plan import Unavailable
from protocols.schemes.scheme import error_of, plan_of
from protocols.theory.least import least_whole_number
from protocols.theory.turns import (
    best_photons,
    pair_photons,
    pairs_of,
    site_turns,
    sites_mse,
    string_populations,
)

NEW = ("pairs-in-turn", "multimode-noon", "noon-in-turn")
REACHING = NEW[:2]


def problem_of(alpha, photons, passes=1, eta=1.0, reference=None, parameters="static") -> PhaseProblem:
    """Sensors of these transmissivities with one reference."""
    network = SensorNetwork.star(
        alpha, sensing="phase", photons=photons, passes=passes, transmissivity=eta, parameters=parameters
    )
    if reference is not None:
        modes = tuple(replace(m, transmissivity=reference) if m.role == "reference" else m for m in network.modes)
        network = network.replace(modes=modes)
    problem = Problem.of(network)
    assert isinstance(problem, PhaseProblem)
    return problem


def plan(problem: PhaseProblem, scheme: str) -> Plan:
    made = plan_of(find_scheme("phase", scheme), problem)
    assert isinstance(made, Plan), made
    return made


def bound_of(alpha, photons, passes=1) -> float:
    """(12), from nothing but numpy."""
    alpha = np.array([float(a) for a in alpha])
    return (max(alpha.clip(0).sum(), (-alpha).clip(0).sum()) / (photons * passes)) ** 2


# --- all real functions --------------------------------------------------------------------------------------

NUMBER = st.one_of(
    st.just(Fraction(0)),
    st.floats(0.01, 5).map(Fraction),
    st.floats(-5, -0.01).map(Fraction),
    st.integers(-4, 4).map(Fraction),
    st.sampled_from(["sqrt(2)", "-sqrt(3)/2", "pi/4", "-pi", "1 - sqrt(2)", "2**(1/3)"]),
)
ALPHA = st.lists(NUMBER, min_size=1, max_size=5).filter(lambda alpha: any(LinearFunction([1, *alpha]).alpha[1:]))
PHOTONS, PASSES = st.integers(1, 6), st.integers(1, 3)


@given(ALPHA, PHOTONS, PASSES)
@examples(60)
def test_the_best_scheme_reaches_the_bound_for_every_function_and_none_is_below(alpha, photons, passes):
    problem = problem_of(alpha, photons, passes)
    bound = bound_of(LinearFunction(alpha).alpha, photons, passes)
    errors = {}
    for name, scheme in schemes_of("phase").items():
        made = plan_of(scheme, problem)
        if isinstance(made, Unavailable):
            assert name not in NEW
            continue
        errors[name] = evaluate(made, problem).mse
        assert made.predicted_mse == pytest.approx(errors[name], rel=1e-9)
        assert made.predicted_mse == pytest.approx(error_of(scheme, problem.task), rel=1e-12)
        assert made.predicted_mse >= bound * (1 - 1e-12)
        assert errors[name] >= bound * (1 - 1e-9)
    assert [plan(problem, name).predicted_mse for name in REACHING] == pytest.approx([bound] * 2, rel=1e-12)
    assert min(errors.values()) == pytest.approx(bound, rel=1e-9)
    total = math.fsum(abs(float(a)) for a in problem.function.alpha)
    assert errors["noon-in-turn"] == pytest.approx((total / (photons * passes)) ** 2, rel=1e-9)


@given(ALPHA)
@examples(100)
def test_pairs_write_the_function_exactly_and_share_no_circle(alpha):
    function = LinearFunction(alpha).orient().function
    pairs = pairs_of(function)
    sums = dict.fromkeys([*range(len(function)), None], Fraction(0))
    for pair in pairs:
        assert pair.weight > 0
        sums[pair.positive] += pair.weight
        sums[pair.negative] -= pair.weight
    assert [sums[j] for j in range(len(function))] == list(function.alpha)
    assert sum((pair.weight for pair in pairs), Fraction(0)) == function.norm_positive
    assert len(pairs) <= function.norm(0)
    # Without a circle: fewer pairs than the modes they join, in every group of joined modes.
    groups: list[set[object]] = []
    for pair in pairs:
        ends = {pair.positive, pair.negative}
        meet = [group for group in groups if group & ends]
        assert len(meet) <= 1 or not meet[0] & meet[1]
        assert not any(ends <= group for group in groups)
        groups = [group for group in groups if group not in meet] + [ends.union(*meet)]


@pytest.mark.parametrize(
    ("alpha", "photons", "mse"),
    [([1, 1], 1, 4), ([1, 1, -1], 5, 0.16), (["sqrt(2)", 1, -1], 3, 0.6476030138606877), ([1, 1, 1, 1], 2, 4)],
)
@pytest.mark.parametrize("name", REACHING)
def test_values_of_the_issue(alpha, photons, mse, name):
    assert plan(problem_of(alpha, photons), name).predicted_mse == pytest.approx(mse, rel=1e-14)


def test_a_sensor_that_is_called_like_the_arm_of_another_is_no_arm():
    modes = [Mode(id=name, coupling="mach-zehnder", alpha=a) for name, a in (("a", 2), ("a arm", -1))]
    links = (Link(ends=("a", "a arm")), Link(ends=("a arm", "r")))
    problem = Problem.of(
        SensorNetwork(sensing="phase", photons=3, modes=(*modes, Mode(id="r", role="reference")), links=links)
    )
    made = plan(problem, "noon-in-turn")
    assert [(part.sensors, part.coefficients) for part in made.parts] == [((0,), (2.0,)), ((1,), (-1.0,))]
    assert evaluate(made, problem).mse == pytest.approx(1.0, rel=1e-9)
    matrix = whole_information(made, evaluate(made, problem).informations, 2)
    # N^2 in 2/3 and in 1/3 of the shots, and nothing of both phases together.
    assert np.asarray(matrix) == pytest.approx(np.diag([6.0, 3.0]), abs=1e-9)


@pytest.mark.parametrize("name", ["pairs-in-turn", "noon-in-turn"])
def test_snapshots_have_no_turns_but_where_there_is_only_one(name):
    scheme = find_scheme("phase", name)
    several = problem_of([1, 2], 3, parameters="snapshot")
    made = plan_of(scheme, several)
    assert isinstance(made, Unavailable)
    assert "snapshot" in made.reason
    assert made.reason == scheme.why_not(several)
    assert isinstance(plan_of(find_scheme("phase", "multimode-noon"), several), Plan)
    assert plan(problem_of([0, 2], 3, parameters="snapshot"), name).parts[0].share == 1


# --- engines -------------------------------------------------------------------------------------------------

SMALL = [
    problem_of([1, 1, -1], 2),
    problem_of([3, -1, "1/2"], 2, 2),
    problem_of(["sqrt(2)", 0, -1], 2, 1, [0.8, 1.0, 0.6], 0.9),
    problem_of([1, -1], 2, 1, 0.7),
    problem_of([-2], 3, 1, 0.9, 0.8),
]


@pytest.mark.parametrize("name", NEW)
@pytest.mark.parametrize("problem", SMALL, ids=lambda problem: str(problem.function))
def test_both_engines_agree_with_the_closed_form(problem, name):
    (made,) = candidates(problem, [name], engine="strawberryfields").ranked
    assert made.failed == ()
    assert made.evaluation.mse == pytest.approx(made.mse, rel=1e-9)
    assert "engines agree" in {check.name for check in made.checks}


@pytest.mark.parametrize("name", NEW)
@pytest.mark.parametrize("problem", SMALL, ids=lambda problem: str(problem.function))
def test_the_named_measurement_reaches_the_quantum_limit(problem, name):
    rows = [row for row in measured_shares(problem, [name]) if row.measurement.startswith("projection")]
    assert [row.share for row in rows] == [pytest.approx(1, rel=1e-9)]
    for row in measured_shares(problem, [name]):
        assert 0 < row.share <= 1 + 1e-9


def matrix_by_hand(made: Plan, d: int) -> np.ndarray:
    """The Fisher matrix of a shot on average, from the prepared strings and the losses alone: no engine.

    The state of strings with amplitudes c and survivals s has, behind the losses, p times the 4 Cov of the photon numbers of the
    survivors, p = sum |c|^2 s; a string alone carries no phase.
    """
    whole = np.zeros((d, d))
    for part in made.parts:
        start = part.circuit.operations[0]
        assert isinstance(start, PrepareFock)
        strings, weights = start.state.occupations, np.abs(start.state.amplitudes) ** 2
        passes = sum(isinstance(op, Sense) for op in part.circuit.operations)
        for op in part.circuit.operations[1:]:
            assert isinstance(op, Sense | Loss)
            if isinstance(op, Loss):
                weights = weights * op.transmissivity ** strings[:, part.circuit.modes.index(op.mode)]
        sensed = next(op.modes for op in part.circuit.operations if isinstance(op, Sense))
        numbers = strings[:, [part.circuit.modes.index(mode) for mode in sensed]] * passes
        p = weights.sum()
        mean = weights @ numbers / p
        covariance = (numbers - mean).T @ ((weights / p)[:, None] * (numbers - mean))
        whole[np.ix_(part.sensors, part.sensors)] += part.share * 4 * p * covariance
    return whole


@given(ALPHA, st.integers(1, 5), st.integers(1, 2), st.data())
@examples(40)
def test_the_whole_matrix_over_the_shares_gives_the_same_error(alpha, photons, passes, data):
    """All shots together as one experiment: alpha^T F^+ alpha with F the sum over the parts, not part by part."""
    eta = data.draw(st.lists(st.floats(0.3, 1.0), min_size=len(alpha), max_size=len(alpha)))
    problem = problem_of(alpha, photons, passes, eta, data.draw(st.sampled_from([None, 0.5, 1.0])))
    assume(not 0 < problem.function.norm_positive - problem.function.norm_negative < 1e-4)
    used = [j for j, a in enumerate(problem.alpha) if a]
    wanted = np.array([problem.alpha[j] for j in used])
    for name in NEW:
        made = plan(problem, name)
        whole = matrix_by_hand(made, len(problem.alpha))
        engine = whole_information(made, evaluate(made, problem).informations, len(problem.alpha))
        assert engine == pytest.approx(whole, rel=1e-8, abs=1e-12)
        block = whole[np.ix_(used, used)]
        balanced = name != "noon-in-turn" and problem.function.is_balanced
        if balanced:
            # One direction, all phases alike, is not seen; q has no part of it.
            assert block @ np.ones(len(used)) == pytest.approx(np.zeros(len(used)), abs=1e-9 * np.abs(block).max())
            block = block + np.ones_like(block) * np.trace(block)
        mse = wanted @ np.linalg.solve(block, wanted)
        assert mse == pytest.approx(made.predicted_mse, rel=1e-7)
        assert nuisance_aware_information(whole, list(problem.alpha)).mse == pytest.approx(made.predicted_mse, rel=1e-7)


# --- with losses ---------------------------------------------------------------------------------------------

LOSSY = [
    ([2, 1, -1], [0.8, 0.6, 0.9], 0.7, 6, 1),
    ([1, 1], [0.5, 0.9], 1.0, 9, 1),
    ([3, -1, Fraction(1, 2)], [0.95, 0.7, 0.8], 0.9, 4, 2),
    ([1, -1], [0.6, 0.8], 1.0, 5, 1),
    ([2], [0.7], 0.4, 8, 1),
]


def log_sum_form(alpha, eta, reference, n) -> float:
    """((sum |alpha_j| eta_j^(-n/2) + |sum alpha_j| eta_0^(-n/2))/(2 n))^2, as it stands in the docstring."""
    alpha = [float(a) for a in alpha]
    total = sum(abs(a) * e ** (-n / 2) for a, e in zip(alpha, eta, strict=True))
    return ((total + abs(sum(alpha)) * reference ** (-n / 2)) / (2 * n)) ** 2


@pytest.mark.parametrize(("alpha", "eta", "reference", "photons", "passes"), LOSSY)
def test_lossy_closed_forms_and_photon_numbers_by_trying_all(alpha, eta, reference, photons, passes):
    problem = problem_of(alpha, photons, passes, eta, reference)
    task = problem.task
    forms = {n: log_sum_form(alpha, eta, reference, n * passes) for n in range(1, photons + 1)}
    assert plan(problem, "multimode-noon").predicted_mse == pytest.approx(forms[photons], rel=1e-12)
    best = min(forms, key=lambda n: forms[n])
    assert pair_photons(task) == best
    assert plan(problem, "pairs-in-turn").predicted_mse == pytest.approx(forms[best], rel=1e-12)
    root = 0.0
    for turn in site_turns(task):
        a, e = abs(float(alpha[turn.mode])), eta[turn.mode]
        errors = {
            n: a * (e ** (-n * passes / 2) + reference ** (-n * passes / 2)) / (2 * n * passes)
            for n in range(1, photons + 1)
        }
        assert turn.photons == min(errors, key=lambda n: errors[n])
        assert turn.error == pytest.approx(errors[turn.photons], rel=1e-12)
        root += errors[turn.photons]
    assert plan(problem, "noon-in-turn").predicted_mse == pytest.approx(root**2, rel=1e-12)
    for name in NEW:
        assert evaluate(plan(problem, name), problem).mse == pytest.approx(plan(problem, name).predicted_mse, rel=1e-9)


def least(error, count: int) -> float:
    """The least of a function of weights >= 0 with the sum 1, by a search that knows nothing of the answer."""

    def of_logits(logits):
        weights = np.exp(logits - logits.max())
        return math.log(error(weights / weights.sum()))

    options = {"maxiter": 6000, "maxfev": 6000, "xatol": 1e-10, "fatol": 1e-14}
    starts = [np.zeros(count), np.linspace(-0.5, 0.5, count)]
    return math.exp(min(minimize(of_logits, start, method="Nelder-Mead", options=options).fun for start in starts))


@pytest.mark.parametrize(("alpha", "eta", "reference", "photons", "passes"), LOSSY)
def test_populations_are_the_best_of_all(alpha, eta, reference, photons, passes):
    problem = problem_of(alpha, photons, passes, eta, reference)
    found = string_populations(problem.task)
    n, d = photons * passes, len(alpha)
    survive = np.array([*eta, reference]) ** n
    wanted = np.array(problem.alpha)
    used = [j for j, p in enumerate(found) if p]

    def error(populations):
        p = np.zeros(d + 1)
        p[used] = populations
        x = p * survive
        information = 4 * n**2 * (np.diag(x) - np.outer(x, x) / x.sum())[:d, :d]
        return float(wanted @ np.linalg.pinv(information, rcond=1e-12) @ wanted)

    ours = error([found[j] for j in used])
    assert ours == pytest.approx(plan(problem, "multimode-noon").predicted_mse, rel=1e-9)
    assert least(error, len(used)) == pytest.approx(ours, rel=1e-7)


@pytest.mark.parametrize("name", ["pairs-in-turn", "noon-in-turn"])
@pytest.mark.parametrize(("alpha", "eta", "reference", "photons", "passes"), LOSSY)
def test_shares_and_branch_weights_are_the_best_of_all(alpha, eta, reference, photons, passes, name):
    problem = problem_of(alpha, photons, passes, eta, reference)
    made = plan(problem, name)
    survivals, terms = [], []
    for part in made.parts:
        ends = [
            dict(zip(problem.sensor_modes, eta, strict=True)).get(mode, reference) ** (part.photons * passes)
            for mode in part.circuit.modes
        ]
        survivals.append(ends)
        (coefficient, *rest) = part.coefficients_of(problem.alpha)
        assert [abs(c) for c in rest] == [abs(coefficient)] * len(rest)
        terms.append((abs(coefficient) / (part.photons * passes)) ** 2)

    # Branch weights of each part by a scan: F = 4 A B w (1 - w)/(A w + B (1 - w)) n^2.
    w = np.linspace(1e-4, 1 - 1e-4, 20_001)
    errors = [
        term / (4 * a * b * w * (1 - w) / (a * w + b * (1 - w))).max()
        for term, (a, b) in zip(terms, survivals, strict=True)
    ]

    def error(shares):
        return math.fsum(e / max(share, 1e-300) for e, share in zip(errors, shares, strict=True))

    assert error([part.share for part in made.parts]) == pytest.approx(made.predicted_mse, rel=1e-6)
    assert least(error, len(errors)) == pytest.approx(made.predicted_mse, rel=1e-6)
    assert math.fsum(part.share for part in made.parts) == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("alpha", [[2, 1, -1, -1], [1, 2, 3], [4, -1, -1, -1]])
def test_no_other_pairs_in_other_shares_do_better(alpha):
    """Shares of any pairs of modes, the reference among them, by a search over all of them at once."""
    function = LinearFunction(alpha)
    d, wanted = len(alpha), np.array([float(a) for a in alpha])
    ends = [(i, k) for i in range(d) for k in range(i + 1, d + 1)]
    directions = np.array([np.eye(d + 1)[i] - np.eye(d + 1)[k] for i, k in ends])[:, :d]

    def error(shares):
        return float(wanted @ np.linalg.pinv(directions.T @ (shares[:, None] * directions), rcond=1e-13) @ wanted)

    shares = {
        (pair.positive, pair.negative if pair.negative is not None else d): pair.weight for pair in pairs_of(function)
    }
    ours = np.array([float(shares.get((i, k), shares.get((k, i), 0)) / function.norm_positive) for i, k in ends])
    assert error(ours) == pytest.approx(float(function.norm_positive) ** 2, rel=1e-9)
    generator = np.random.default_rng(3)
    for _ in range(2000):
        other = generator.dirichlet(np.full(len(ends), 0.3))
        assert error(np.clip(other, 1e-9, None)) >= error(ours) * (1 - 1e-6)


@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(0, 2)), min_size=1, max_size=4), st.integers(1, 60))
def test_the_best_photon_number_by_trying_all(terms, photons):
    def error(n):
        return math.fsum(math.exp(a + b * n) for a, b in terms) / n

    assert error(best_photons(terms, photons)) == pytest.approx(min(map(error, range(1, photons + 1))), rel=1e-12)


@pytest.mark.parametrize("most", [None, 1, 2, 5, 6, 7, 8, 100])
def test_the_least_whole_number_by_trying_all(most):
    for turn in (0.2, 1, 3.4, 6, 7.1, 40):
        tried = range(1, 101 if most is None else most + 1)
        found = least_whole_number(lambda n, turn=turn: (n - turn) ** 2, most)
        assert (found - turn) ** 2 == min((n - turn) ** 2 for n in tried)


def test_light_of_which_nothing_arrives_is_infinite_and_not_an_error():
    problem = problem_of([1, 2], 5, 3000, [0.5, 0.9], 1.0)
    for name in NEW:
        made = plan(problem, name)
        assert made.predicted_mse == evaluate(made, problem).mse == math.inf
        assert all(part.share > 0 for part in made.parts)
    assert sites_mse(site_turns(problem.task)) == math.inf


def test_photon_passes_beyond_floating_point_are_refused():
    problem = problem_of([1, 2], 10**9, 10**9)
    for name in NEW:
        with pytest.raises(InputError, match="N M"):
            plan_of(find_scheme("phase", name), problem)
        assert find_scheme("phase", name).mse(problem.task) == pytest.approx(9e-36, rel=1e-12)
