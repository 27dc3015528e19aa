"""Probes and bounds under loss against simulated light, dense Fock space, numerical optimisation and each other."""

import contextlib
import dataclasses
import itertools
import json
import math
import re
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from drawn import examples
from hypothesis import given, strategies as st
from oracles import DenseLight, qfi_by_differences
from scipy.optimize import linprog, minimize

from networks import InputError, LinearFunction, SensorNetwork
from photonics import (
    Circuit,
    Displace,
    FockState,
    Homodyne,
    Loss,
    PhotonCounting,
    PrecisionError,
    PrepareFock,
    Sense,
    Squeeze,
    branch_state,
    get_engine,
    nuisance_aware_information,
    saturation,
)
from photonics.measurements.saturation import Saturation
from protocols import design, privacy_report, simulate
from protocols.built.build import build
from protocols.loss.crossing import crossing, crossing_as_built, overtakings, thinned
from protocols.loss.mixes import best_mix, count_pairs
from protocols.loss.optimum import best_states
from protocols.loss.pricing import Light, Steps, best_pairs
from protocols.loss.report import loss_report, most_useful_passes, most_useful_photons
from protocols.problem import PhaseProblem, Problem
from protocols.ranking.candidates import rank_plans
from protocols.schemes.evaluation import evaluate
from protocols.schemes.measurements import MeasuredShare, measured_shares
from protocols.schemes.noon import Noon
from protocols.schemes.readouts import Readout
from protocols.schemes.registry import find_scheme
from protocols.theory.displacement import best_separable_split, entangled_mse, separable_mse, signal_weights
from protocols.theory.shot_noise import free_reference_shot_noise, loss_limited_bound, network_shot_noise
from protocols.theory.task import PhaseTask
from protocols.theory.two_branches import best_branch_weights, best_lossy_split, branch_contrast


def phase_task(alpha, eta, reference, photons, passes=1):
    """A task from floats."""
    function = LinearFunction([Fraction(a) for a in alpha])
    return PhaseTask(function=function, transmissivity=tuple(eta), reference=reference, photons=photons, passes=passes)


NATIVE = get_engine("native")
ETAS = st.floats(0.3, 1.0)


def lossy_information(state, eta, sensors):
    """Fisher matrix of an N-photon state sent once through lossy sensors (and reference), by the density matrix."""
    losses = tuple(Loss(mode=mode, transmissivity=e) for mode, e in zip(state.modes, eta, strict=True) if e < 1)
    sense = Sense(modes=state.modes[:sensors], generator="number")
    circuit = Circuit(modes=state.modes, operations=(PrepareFock(state=state), sense, *losses))
    return NATIVE.qfi(circuit, [0.1] * sensors)


# --- two branches --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("a", "b"), [(0.3, 0.9), (1.0, 1.0), (0.01, 0.5)])
def test_branch_weights_are_the_best_and_give_the_contrast(a, b):
    def information(w):
        return 4 * a * b * w * (1 - w) / (a * w + b * (1 - w))

    best = max(information(w) for w in np.linspace(1e-4, 1 - 1e-4, 20_001))
    w, rest = best_branch_weights(math.log(a), math.log(b))
    assert w + rest == pytest.approx(1)
    assert information(w) == pytest.approx(best, rel=1e-6)
    assert branch_contrast(math.log(a), math.log(b)) == pytest.approx(information(w), rel=1e-12)
    assert branch_contrast(math.log(a), math.log(b)) >= 2 * a * b / (a + b) * (1 - 1e-12)


@pytest.mark.parametrize("weights", [(0.5, 0.5), (0.2, 0.8)])
def test_unbalanced_lossy_branches_in_dense_fock_space(weights):
    # F = omega omega^T 4 A B w (1 - w)/(A w + B (1 - w)).
    light, etas, theta = DenseLight(3, 3), (0.6, 0.8, 0.9), [0.3, -0.4]
    first, second = (2, 0, 0), (0, 1, 1)
    ket = light.ket({first: math.sqrt(weights[0]), second: math.sqrt(weights[1])})

    def output(at):
        rho = np.outer(ket, ket.conj())
        for j, angle in enumerate(at):
            rho = light.turn(rho, light.n[j], angle)
        for mode, eta in enumerate(etas):
            rho = light.lose(rho, mode, eta)
        return rho

    a, b, (w, rest) = etas[0] ** 2, etas[1] * etas[2], weights
    expected = 4 * a * b * w * rest / (a * w + b * rest) * np.outer([2, -1], [2, -1])
    assert qfi_by_differences(output, theta) == pytest.approx(expected, rel=1e-6)
    state = branch_state(("a", "b", "r"), first, second, weights=weights)
    assert lossy_information(state, etas, 2) == pytest.approx(expected, rel=1e-10)


@given(st.lists(st.tuples(st.integers(1, 9), ETAS), min_size=1, max_size=3), ETAS, st.integers(3, 9), st.integers(1, 2))
@examples(30)
def test_lossy_splits_against_trying_every_split(sensors, arm, photons, passes):
    alpha, eta = [float(a) for a, _ in sensors], [e for _, e in sensors]

    def error(split):
        total = 0.0
        for a, e, n in zip(alpha, eta, split, strict=True):
            total += (a / (n * passes)) ** 2 * (e ** (-n * passes / 2) + arm ** (-n * passes / 2)) ** 2 / 4
        return total

    ways = [s for s in itertools.product(range(1, photons + 1), repeat=len(alpha)) if sum(s) <= photons]
    assert best_lossy_split(alpha, eta, arm, photons, passes).mse == pytest.approx(min(map(error, ways)), rel=1e-12)


def test_lossy_splits_of_many_photons_are_quick_and_stop_where_more_do_harm():
    result = best_lossy_split([1.0, 2.0], [0.999, 0.99], 1.0, 10**7, 1)
    # n^2 (1 + eta^(-n/2))^-2 is stationary at n ln(1/eta) (eta^(-n/2)) = 2 (1 + eta^(-n/2)).
    for n, eta in zip(result.photons, (0.999, 0.99), strict=True):
        x = n * math.log(1 / eta)
        assert x == pytest.approx(2 * (1 + math.exp(-x / 2)), rel=0.01)
    assert best_lossy_split([1.0, 1.0], [0.5, 0.5], 1.0, 1, 1) is None


# --- limits --------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(-3, 3).filter(bool), ETAS), min_size=1, max_size=3), ETAS)
@examples(25)
def test_shot_noise_is_the_optimum_of_a_single_photon(sensors, reference):
    alpha, eta = [float(a) for a, _ in sensors], [e for _, e in sensors]
    d = len(alpha)

    def error(logits):
        c = np.exp(logits - logits.max())
        c /= c.sum()
        x = c * np.array([*eta, reference])
        information = 4 * (np.diag(x) - np.outer(x, x) / x.sum())[:d, :d]
        return float(np.array(alpha) @ np.linalg.lstsq(information, np.array(alpha), rcond=1e-13)[0])

    best = min(
        minimize(error, start, method="Nelder-Mead", options={"maxiter": 4000, "fatol": 1e-12}).fun
        for start in (np.zeros(d + 1), np.append(np.zeros(d), -3.0))
    )
    formula = network_shot_noise(alpha, eta, reference, 1)
    assert formula <= best * (1 + 1e-9)
    if sum(alpha):
        assert best == pytest.approx(formula, rel=1e-4)


def test_shot_noise_without_loss_and_without_a_reference():
    assert network_shot_noise([2, 1, -1], [1, 1, 1], 1.0, 5) == pytest.approx(9 / 5)
    assert network_shot_noise([1, -1], [0.5, 0.5], None, 1) == pytest.approx(2)
    assert network_shot_noise([1, 1], [0.5, 0.5], None, 1) == math.inf
    with pytest.raises(InputError, match="2 faults"):
        network_shot_noise([1, 1], [0.5], 0.0, 3)


@given(st.integers(0, 10**6), st.integers(1, 3), st.integers(1, 2))
@examples(30)
def test_no_random_state_goes_below_the_bound_of_the_loss(seed, photons, sensors):
    rng = np.random.default_rng(seed)
    eta = rng.uniform(0.3, 0.95, sensors + 1)
    alpha = rng.integers(1, 4, sensors) * rng.choice([-1, 1], sensors)
    strings = [s for s in itertools.product(range(photons + 1), repeat=sensors + 1) if sum(s) == photons]
    amplitudes = rng.normal(size=len(strings)) + 1j * rng.normal(size=len(strings))
    amplitudes /= np.linalg.norm(amplitudes)
    modes = (*"abr"[:sensors], "ref")
    state = FockState.from_terms(modes, dict(zip(strings, amplitudes, strict=True)))
    mse = nuisance_aware_information(lossy_information(state, eta, sensors), alpha).mse
    assert mse >= loss_limited_bound(alpha.tolist(), eta[:-1].tolist(), float(eta[-1]), photons) * (1 - 1e-9)


# --- mixes of columns and all states -------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(-3, 3).filter(bool), ETAS), min_size=1, max_size=3), ETAS, st.integers(1, 3))
@examples(25)
def test_mixes_reach_what_they_say_and_their_dual_proves_it(sensors, reference, photons):
    alpha, eta = [float(a) for a, _ in sensors], [e for _, e in sensors]
    result = best_mix(phase_task(alpha, eta, reference, photons))
    modes = (*(f"s{j}" for j in range(len(alpha))), "ref")
    total = np.zeros((len(alpha),) * 2)
    for probe in result.probes:
        state = branch_state(modes, probe.first, probe.second, weights=probe.weights)
        total += probe.share * lossy_information(state, [*eta, reference], len(alpha))
    assert sum(probe.share for probe in result.probes) == pytest.approx(1)
    assert nuisance_aware_information(total, alpha).mse == pytest.approx(result.mse, rel=1e-6)
    # The dual: no probe has sqrt(c) |omega . y| above 1, and a . y is the root of the error.
    y = np.array(result.dual)
    assert np.dot(alpha, y) ** 2 == pytest.approx(result.mse, rel=1e-6)
    strings = [s for s in itertools.product(range(photons + 1), repeat=len(modes)) if sum(s) == photons]
    for a, b in itertools.combinations(strings, 2):
        shared = [n and m and e < 1 for n, m, e in zip(a, b, [*eta, reference], strict=True)]
        if not any(shared):
            logs = [sum(n * math.log(e) for n, e in zip(s, [*eta, reference], strict=True)) for s in (a, b)]
            omega = np.subtract(a, b)[:-1]
            assert math.sqrt(branch_contrast(*logs)) * abs(omega @ y) <= 1 + 1e-7


def test_mixes_without_loss_are_the_bound_and_beat_proportional_columns_under_unequal_loss():
    assert best_mix(phase_task([3.0, 1.0, -2.0], [1.0] * 3, 1.0, 4)).mse == pytest.approx(1.0)
    eta = [0.9, 0.7]
    task = Problem.of(SensorNetwork.star([1, 3], sensing="phase", photons=12, transmissivity=eta)).task
    result = best_mix(phase_task([1.0, 3.0], eta, 1.0, 12))
    assert len(result.probes) == 2
    assert result.mse < 0.9 * task.two_branch_mse


def mix_of_all_pairs(alpha, eta, reference, photons, passes=1):
    """The root of the least error by the linear program with every pair of disjoint branches written down, and their number."""
    etas = [*eta, *(() if reference is None else (reference,))]
    strings = [s for s in itertools.product(range(photons + 1), repeat=len(etas)) if sum(s) == photons]
    columns = []
    for a, b in itertools.combinations(strings, 2):
        if not any(n and m and e < 1 for n, m, e in zip(a, b, etas, strict=True)):
            logs = [passes * sum(n * math.log(e) for n, e in zip(s, etas, strict=True)) for s in (a, b)]
            columns.append(math.sqrt(branch_contrast(*logs)) * passes * np.subtract(a, b)[: len(alpha)])
    if not columns:
        return math.inf, 0
    sides = np.array(columns).T
    both = np.hstack([sides, -sides])
    solution = linprog(np.ones(both.shape[1]), A_eq=both, b_eq=alpha, method="highs")
    return (solution.fun if solution.status == 0 else math.inf), len(columns)


@given(
    st.lists(
        st.tuples(st.integers(-3, 3).filter(bool), st.sampled_from([1.0, 0.9, 0.5]) | ETAS), min_size=1, max_size=4
    ),
    st.none() | st.just(1.0) | ETAS,
    st.integers(1, 4),
    st.integers(1, 2),
)
@examples(60)
def test_generated_columns_reach_what_all_columns_reach(sensors, reference, photons, passes):
    alpha, eta = [float(a) for a, _ in sensors], [e for _, e in sensors]
    task = phase_task(alpha, eta, reference, photons, passes)
    root, pairs = mix_of_all_pairs(task.alpha, eta, reference, photons, passes)
    assert count_pairs(task) == pairs
    if root == math.inf:
        with pytest.raises(InputError, match=r"no (mix of )?two-branch"):
            best_mix(task)
        return
    result = best_mix(task)
    assert result.mse == pytest.approx(root**2, rel=1e-6)
    assert result.is_complete
    assert result.gap < 1e-8


@given(st.integers(0, 10**6))
@examples(40)
def test_pricing_against_every_pair(seed):
    rng = np.random.default_rng(seed)
    modes, photons = int(rng.integers(2, 5)), int(rng.integers(1, 6))
    rates = tuple(float(x) for x in rng.choice([0.0, 0.3, 1.0], modes) * rng.uniform(0.1, 3, modes))
    light = Light(photons, rates, tuple(bool(rate == 0 or rng.random() < 0.2) for rate in rates))
    worth = [float(x) for x in rng.normal(size=modes) * rng.choice([0.1, 1, 10], modes)]

    def ratio(a, b):
        return float(np.dot(worth, np.subtract(a, b))) / (light.cost(a) + light.cost(b))

    def apart(a, b):
        return all(shared or not (n and m) for n, m, shared in zip(a, b, light.shared, strict=True))

    strings = [s for s in itertools.product(range(photons + 1), repeat=modes) if sum(s) == photons]
    best = max((ratio(a, b) for a in strings for b in strings if apart(a, b)), default=0.0)
    priced = best_pairs(light, worth, 1e-6, Steps(10**6))
    if best > 2e-6:
        assert apart(*priced.pairs[-1])
        assert ratio(*priced.pairs[-1]) == pytest.approx(best, rel=1e-9)
        assert priced.ratio_bound == pytest.approx(best, rel=1e-9)
    # A search cut short still proves its bound.
    for steps in range(6):
        assert best_pairs(light, worth, 1e-6, Steps(steps)).ratio_bound >= best * (1 - 1e-9)


def test_mixes_of_many_sensors_are_proved_to_be_best_and_a_search_cut_short_says_how_far_it_may_be():
    rng = np.random.default_rng(7)
    alpha = [float(a) for a in rng.integers(1, 100, 12) * rng.choice([-1, 1], 12)]
    task = phase_task(alpha, rng.uniform(0.5, 0.99, 12).tolist(), 0.9, 12)
    result = best_mix(task)
    assert result.candidates > 10**9
    assert result.is_complete
    assert result.gap < 1e-8
    assert result == best_mix(task)
    # Its probes give the error by the closed form of F alone, and its dual the bound.
    information = np.zeros((12, 12))
    for probe in result.probes:
        omega = np.subtract(probe.first, probe.second)[:12]
        information += probe.share * probe.contrast * np.outer(omega, omega)
    assert nuisance_aware_information(information, alpha).mse == pytest.approx(result.mse, rel=1e-6)
    assert np.dot(alpha, result.dual) ** 2 == pytest.approx(result.lower_bound, rel=1e-9)
    for short in (best_mix(task, max_steps=100), best_mix(task, max_rounds=5)):
        assert not short.is_complete
        assert short.lower_bound <= result.mse * (1 + 1e-9)
        assert result.mse < short.mse
        assert short.gap > 1e-6


def test_sensors_alike_take_turns():
    # 1,200 sensors, one photon: each against the reference in turn, (1200 (1/sqrt 0.9 + 1)/2)^2.
    result = best_mix(phase_task([1.0] * 1200, [0.9] * 1200, 1.0, 1))
    assert result.mse == pytest.approx((1200 * (0.9**-0.5 + 1) / 2) ** 2)
    assert len(result.probes) == 1200
    # Two kinds of three and five, photons that do not divide: all sensors carry the same on average.
    alpha, eta = [1.0] * 3 + [-2.0] * 5, [0.9] * 3 + [0.8] * 5
    result = best_mix(phase_task(alpha, eta, 0.7, 7))
    assert len(result.probes) <= len(alpha)
    total = sum(p.share * math.sqrt(p.contrast) * np.subtract(p.first, p.second)[:8] for p in result.probes)
    assert total * math.sqrt(result.mse) == pytest.approx(alpha, rel=1e-6)


def test_the_report_says_when_the_search_for_the_mix_was_cut_short(monkeypatch):
    monkeypatch.setattr(
        "protocols.loss.mixes.best_mix.__kwdefaults__", {"max_rounds": 2, "max_steps": 10**6, "progress": None}
    )
    network = SensorNetwork.star(
        [1, 3, 5, -2, 4], sensing="phase", photons=11, transmissivity=[0.9, 0.7, 0.6, 0.8, 0.5]
    )
    (row,) = [row for row in loss_report(network).rows if row.scheme == "best-mix"]
    assert "% of the best such mix, where the search stopped" in row.note


@pytest.mark.parametrize(
    ("alpha", "eta", "reference", "photons", "known"),
    [
        ([1.0, 1.0], [0.5, 0.5], 1.0, 1, 5.82843),
        ([1.0, 1.0], [0.8, 0.6], 0.9, 3, 0.93581),
        ([1.0, -1.0], [0.8, 0.6], None, 3, None),
        ([2.0], [0.7], 0.9, 5, None),
    ],
)
def test_best_states_are_reached_bracketed_and_no_worse_than_known_ones(alpha, eta, reference, photons, known):
    result = best_states(phase_task(alpha, eta, reference, photons))
    modes = (*(f"s{j}" for j in range(len(alpha))), *(() if reference is None else ("ref",)))
    etas = [*eta, *(() if reference is None else (reference,))]
    total = np.zeros((len(alpha),) * 2)
    for share, terms in zip(result.shares, result.states, strict=True):
        norm = math.sqrt(sum(abs(c) ** 2 for _, c in terms))
        state = FockState.from_terms(modes, {string: c / norm for string, c in terms})
        total += share * lossy_information(state, etas, len(alpha))
    assert nuisance_aware_information(total, alpha).mse == pytest.approx(result.mse, rel=1e-5)
    assert result.lower_bound <= result.mse
    assert result.gap < 0.03
    assert result.mse <= best_mix(phase_task(alpha, eta, reference, photons)).mse * (1 + 1e-6)
    assert result.lower_bound >= loss_limited_bound(alpha, eta, reference, photons)
    if known is not None:
        assert result.mse <= known * (1 + 1e-5)


@given(st.integers(0, 10**6))
@examples(15)
def test_no_random_state_goes_below_the_proved_side_of_the_bracket(seed):
    rng = np.random.default_rng(seed)
    eta, alpha = [0.8, 0.6, 0.9], [1.0, 1.0]
    strings = [s for s in itertools.product(range(4), repeat=3) if sum(s) == 3]
    amplitudes = rng.normal(size=len(strings)) + 1j * rng.normal(size=len(strings))
    amplitudes *= rng.random(len(strings)) < 0.6
    if not amplitudes.any():
        return
    amplitudes /= np.linalg.norm(amplitudes)
    terms = {s: c for s, c in zip(strings, amplitudes, strict=True) if c}
    state = FockState.from_terms(("a", "b", "ref"), terms)
    bound = 0.92595  # best_states([1, 1], [0.8, 0.6], 0.9, 3).lower_bound, checked below
    assert nuisance_aware_information(lossy_information(state, eta, 2), alpha).mse >= bound * (1 - 1e-6)


def test_the_bound_of_the_test_above():
    assert best_states(phase_task([1.0, 1.0], [0.8, 0.6], 0.9, 3)).lower_bound == pytest.approx(0.925955, abs=1e-5)


def test_searches_too_large_are_refused():
    with pytest.raises(InputError, match="takes at most"):
        best_states(phase_task([1.0, 1.0, 1.0], [0.9] * 3, 0.9, 8))


# --- squeezing -----------------------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.integers(-4, 4).filter(bool), ETAS), min_size=2, max_size=4),
    st.floats(0.1, 10),
    st.integers(1, 3),
    st.integers(0, 10**6),
)
@examples(30)
def test_splitting_along_what_loss_leaves_is_never_worse_than_another_split(sensors, nbar, passes, seed):
    alpha, eta = [float(a) for a, _ in sensors], [e for _, e in sensors]
    r = math.asinh(math.sqrt(nbar))
    best = entangled_mse(alpha, eta, r, passes)
    rng = np.random.default_rng(seed)
    for other in (alpha, rng.normal(size=len(alpha)).tolist()):
        assert best <= entangled_mse(alpha, eta, r, passes, split=other) * (1 + 1e-12)
    z = signal_weights(alpha, eta, passes)
    own = best_separable_split(z, nbar).mean_photons
    plain = best_separable_split(alpha, nbar).mean_photons
    assert separable_mse(alpha, eta, own, passes) <= separable_mse(alpha, eta, plain, passes) * (1 + 1e-9)


# --- the report ----------------------------------------------------------------------------------------------


NETWORKS = {
    "phase": SensorNetwork.star([1, 2, -1], sensing="phase", photons=3, transmissivity=[0.9, 0.8, 0.7]),
    "two passes": SensorNetwork.star([1, 2, -1], sensing="phase", photons=6, passes=2, transmissivity=[0.9, 0.8, 0.7]),
    "displacement": SensorNetwork.star(
        [1, 2, -1], sensing="displacement", mean_photons=2.0, passes=2, transmissivity=[0.9, 0.8, 0.7]
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_report_agrees_with_the_simulated_designs(name):
    network = NETWORKS[name]
    result = loss_report(network)
    by_name = {row.scheme: row.mse for row in result.rows}
    candidates = design(network).candidates
    assert candidates
    for candidate in candidates:
        # The report is about all N photons, as the scheme plans them; a design sends fewer where that is better.
        planned = evaluate(candidate.built.plan, Problem.of(network)).mse
        assert by_name[candidate.plan.scheme] == pytest.approx(planned, rel=1e-9)
        assert candidate.mse <= planned * (1 + 1e-9)
        # N00N states of single pairs are the better without some of their photons; these two have such.
        if name != "two passes" or candidate.plan.scheme not in ("pairs-in-turn", "multimode-noon"):
            assert candidate.mse == pytest.approx(planned, rel=1e-9)
        else:
            assert candidate.mse < planned
    for share in result.measurements:
        assert 0 < share.share <= 1
    own = [m for m in result.measurements if "mid-fringe" in m.measurement or m.measurement == "homodyne x"]
    assert own
    assert all(m.share == pytest.approx(1, rel=1e-6) for m in own)
    json.dumps(result.to_dict())


@pytest.mark.parametrize(
    "curve", [lambda task: task.two_branch_mse, lambda task: task.equal_weights_mse], ids=["best", "equal"]
)
def test_crossings_are_where_both_errors_are_equal(curve):
    task = Problem.of(NETWORKS["phase"]).task
    where = crossing(curve, task)
    assert where.needs_share is None
    there = task.thinned(where.crosses_at)
    assert curve(there) == pytest.approx(there.shot_noise, rel=1e-9)
    lossy = dataclasses.replace(task, transmissivity=(0.3, 0.3, 0.3))
    where = crossing(curve, lossy)
    assert where.crosses_at is None
    there = lossy.eased(where.needs_share)
    assert curve(there) == pytest.approx(there.shot_noise, rel=1e-9)


def test_the_most_useful_number_of_photons_by_trying_all():
    task = Problem.of(NETWORKS["phase"]).task
    step = 3
    best = min(range(step, 200, step), key=lambda n: dataclasses.replace(task, photons=n).two_branch_mse)
    assert most_useful_photons(task, step) == best
    lossless = Problem.of(SensorNetwork.star([1, 1], sensing="phase", photons=2)).task
    assert most_useful_photons(lossless, 2) is None


def test_resources_that_allow_no_two_branches_are_said():
    result = loss_report(SensorNetwork.star([1, 1, 1], sensing="phase", photons=2, transmissivity=0.9))
    assert not {"noon", "w-matrix", "noon-equal-weights"} & {row.scheme for row in result.rows}
    assert {"pairs-in-turn", "multimode-noon", "noon-in-turn"} <= {row.scheme for row in result.rows}
    assert any("not a multiple of 3" in note for note in result.notes)
    assert result.mix is not None


# --- what a reviewer broke -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "network",
    [
        SensorNetwork.star([1, -1], sensing="phase", photons=2),
        SensorNetwork.star([1, 2], sensing="phase", photons=3),
        SensorNetwork.star([3], sensing="phase", photons=4),
        SensorNetwork.chain(["1/3", "1/3", "1/3", "-1"], sensing="phase", photons=3, transmissivity=0.9),
        SensorNetwork.star([1, 1], sensing="phase", photons=2, passes=60, transmissivity=0.999),
        SensorNetwork.star([1, 1], sensing="phase", photons=2, passes=3000, transmissivity=0.5),
        SensorNetwork.star([1, 2], sensing="displacement", mean_photons=2.0, passes=200, transmissivity=0.9),
        SensorNetwork.star([1] * 200, sensing="phase", photons=1, transmissivity=0.9),
        pytest.param(
            SensorNetwork.star([1] * 1200, sensing="phase", photons=1, transmissivity=0.9), marks=pytest.mark.long
        ),
        SensorNetwork.star([1], sensing="phase", photons=10**18, transmissivity=0.9),
    ],
    ids=lambda network: network.summary,
)
def test_odd_networks_have_a_report(network):
    result = loss_report(network)
    notes = " ".join(result.notes)
    assert result.rows or all(f"{name} is not applicable" in notes for name in ("noon", "separable-phase"))
    assert math.isfinite(result.shot_noise) or network.passes == 3000
    json.dumps(result.to_dict())


def test_a_scheme_that_is_the_shot_noise_itself_does_not_cross_it():
    result = loss_report(SensorNetwork.star([1], sensing="phase", photons=1, transmissivity=0.6))
    row = next(row for row in result.rows if row.scheme == "noon")
    assert (row.crosses_at, row.needs_share) == (None, None)
    assert row.over_shot_noise == pytest.approx(1)


def test_mixes_of_probes_that_hardly_arrive_are_found():
    assert best_mix(phase_task([1.0, 1.0], [1e-4] * 2, 1e-4, 5)).mse == pytest.approx(1.6e19, rel=1e-6)


def test_lossless_balanced_functions_are_no_exception():
    result = best_states(phase_task([1.0, -1.0], [1.0, 1.0], 0.9, 4))
    assert result.mse == pytest.approx(1 / 16, rel=1e-6)
    assert result.lower_bound == pytest.approx(1 / 16, rel=1e-4)


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("photons", [0.3, 2.5, 40.0])
def test_the_best_displaced_squeezing(shared, photons):
    from protocols.theory.displaced_squeezing import average_phase_sigma, best_displaced_squeezing

    lossless = best_displaced_squeezing(4, photons, 1.0, shared=shared)
    assert math.exp(2 * lossless.r) == pytest.approx(2 * (4 if shared else 1) * photons + 1, rel=1e-5)
    lossy = best_displaced_squeezing(4, photons, 0.6, shared=shared)
    for r in np.linspace(0, 3, 61):
        assert lossy.sigma_rad <= average_phase_sigma(r, 4, photons, 0.6, shared) * (1 + 1e-12)
    with pytest.raises(InputError, match="3 faults"):
        best_displaced_squeezing(0, -1.0, 1.5, shared=shared)


# --- what a new user met -------------------------------------------------------------------------------------


@pytest.mark.parametrize("eta", [1e-5, 1e-7, 1e-12, 1e-16, 1e-30, 1e-100])
def test_one_tiny_transmissivity(eta):
    network = SensorNetwork.star([1, 2, -1], sensing="phase", photons=3, transmissivity=[eta, 0.8, 0.7])
    result = loss_report(network)
    if result.optimum is not None:
        assert result.optimum.lower_bound <= result.optimum.mse
        assert result.optimum.gap < 0.05
    else:
        assert any("takes transmissivities from" in note for note in result.notes)
    json.dumps(result.to_dict())


def test_large_coefficients_only_scale_the_errors():
    small = best_states(phase_task([1.0, 2.0], [0.8, 0.6], 0.9, 2))
    large = best_states(phase_task([1e99, 2e99], [0.8, 0.6], 0.9, 2))
    assert large.mse == pytest.approx(1e198 * small.mse, rel=1e-6)
    assert large.lower_bound == pytest.approx(1e198 * small.lower_bound, rel=1e-6)


def test_very_many_passes_are_reported_without_simulation():
    result = loss_report(
        SensorNetwork.star([1, 1], sensing="displacement", mean_photons=1.0, passes=10**12, transmissivity=0.9)
    )
    assert any("too many to simulate" in note for note in result.notes)
    # The signal of lost passes adds up to q/(1 - q), q = sqrt(0.9); what is measured is then the vacuum.
    q = math.sqrt(0.9)
    assert result.rows[0].mse == pytest.approx(2 * ((1 - q) / q) ** 2)


def test_photons_left_out_are_said():
    result = loss_report(SensorNetwork.star([1, 2, -1], sensing="phase", photons=90, transmissivity=0.8))
    row = next(row for row in result.rows if row.scheme == "separable-phase")
    assert row.note == "33 of 90 photons used; more would increase the error"


@pytest.mark.parametrize(("passes", "scheme"), [(1, "noon"), (2, "w-matrix")])
def test_photons_that_columns_cannot_have_are_said(passes, scheme):
    """N M has to be a multiple of 3: of 25 photons 24 are sent, and all of 24."""
    network = SensorNetwork.star([1, 2, -1], sensing="phase", photons=25, passes=passes, transmissivity=0.999)
    (row,) = [row for row in loss_report(network).rows if row.scheme == scheme]
    assert row.note == "24 of 25 photons are sent: columns of W exist for these (BEGG (34))"
    (whole,) = [row for row in loss_report(network.replace(photons=24)).rows if row.scheme == scheme]
    assert (whole.note, whole.mse) == ("", row.mse)


def test_names_of_files_are_not_networks():
    for ask in (loss_report, design):
        with pytest.raises(TypeError, match="load_network"):
            ask("network.json")


# --- what hardly arrives -------------------------------------------------------------------------------------


def with_reference(network, transmissivity):
    """The same network with a lossy reference."""
    modes = [
        dataclasses.replace(mode, transmissivity=transmissivity) if mode.role == "reference" else mode
        for mode in network.modes
    ]
    return dataclasses.replace(network, modes=tuple(modes))


@pytest.mark.parametrize("passes", [1, 2])
@pytest.mark.parametrize("photons", [8, 20])
@pytest.mark.parametrize("reference", [1.0, 0.1, 1e-6])
@pytest.mark.parametrize("alpha", [[1, 1], [1, -1], [2, -1], [1]])
def test_light_that_hardly_arrives_is_simulated_to_all_digits(alpha, reference, photons, passes):
    eta = [0.1, 1e-6][: len(alpha)]
    network = SensorNetwork.star(alpha, sensing="phase", photons=photons, passes=passes, transmissivity=eta)
    problem = Problem.of(with_reference(network, reference))
    shares = {m.scheme: m for m in measured_shares(problem, ["noon", "separable-phase"])}
    assert "separable-phase" in shares
    # The closed form from logarithms, the quantum information and the projection on the branches are three ways to one number.
    assert ("noon" in shares) == (problem.divisibility.holds and problem.task.two_branch_mse < 1e290)
    if "noon" in shares:
        assert shares["noon"].mse == pytest.approx(problem.task.two_branch_mse, rel=1e-9)
        assert shares["noon"].share == pytest.approx(1, rel=1e-9)


def test_that_nothing_arrives_is_said():
    network = SensorNetwork.star([1, 1], sensing="phase", photons=40, passes=4, transmissivity=[0.1, 1e-100])
    result = loss_report(with_reference(network, 1e-100))
    (row,) = [row for row in result.rows if row.scheme == "noon"]
    assert row.mse == math.inf
    assert row.note.endswith("nothing arrives: the transmission is below numerical precision")
    assert not any(m.scheme == "noon" for m in result.measurements)


def test_measurements_without_a_number_are_named():
    """The case of 0.1 and 1e-6 with 20 photons: strings that arrive with chances 1e-20 and 1e-120."""
    result = loss_report(SensorNetwork.star([1, 1], sensing="phase", photons=20, transmissivity=[0.1, 1e-6]))
    unknown = [row for row in result.measurements if math.isnan(row.share)]
    assert {row.scheme for row in unknown} == {"multimode-noon"}
    assert all(0 <= row.share <= 1 for row in result.measurements if row not in unknown)
    (note,) = [note for note in result.notes if "nan" in note]
    assert note.endswith("multimode-noon (projection on superpositions of all strings, at its working point)")
    bright = loss_report(SensorNetwork.star([1, 1], sensing="phase", photons=20, transmissivity=[0.9, 0.8]))
    assert not any("nan" in note for note in bright.notes)


def test_no_share_above_one_is_ever_made():
    # Rounding is taken off, and nothing else.
    assert MeasuredShare(scheme="noon", measurement="parity", mse=1.0, share=1 + 1e-15).share == 1.0
    for share in (1.0, math.nan):
        MeasuredShare(scheme="noon", measurement="parity", mse=1.0, share=share)
    for share in (1.01, 1e75, -0.1, 1 + 1e-11):
        with pytest.raises(ValueError, match=r"share must be .* from 0 to 1, or nan, got "):
            MeasuredShare(scheme="noon", measurement="parity", mse=1.0, share=share)


def test_a_readout_that_beats_the_light_is_a_bug():
    class Impossible(Noon):
        name = "impossible"

        def measurements(self, plan):
            return (Readout(name="wish", error=lambda part, theta, coefficients: 0.9 * plan.predicted_mse),)

    network = SensorNetwork.chain([1, -1], sensing="phase", photons=2)
    with pytest.raises(AssertionError, match=r"wish of .*which no measurement exceeds"):
        measured_shares(network, [Impossible()])


@pytest.mark.parametrize(
    "eta", [[1e-20, 0.5], [1e-50, 1e-60], [1e-100, 0.5], [1e-100, 1e-100], [0.1, 1e-6], [1e-8, 1e-8]]
)
@pytest.mark.parametrize("passes", [1, 3, 10**30])
@pytest.mark.parametrize(
    "budget", [{"photons": 3}, {"photons": 8}, {"photons": 10**30}, {"mean_photons": 1.0}, {"mean_photons": 40.0}]
)
@pytest.mark.filterwarnings("error")
def test_shares_under_extreme_losses_are_within_zero_and_one(eta, passes, budget, capsys):
    sensing = "phase" if "photons" in budget else "displacement"
    for alpha in ([1, -1], [1, 2]):
        report = loss_report(SensorNetwork.star(alpha, sensing=sensing, passes=passes, transmissivity=eta, **budget))
        for row in report.measurements:
            # What is below the rounding of probabilities is not told; all else is a share.
            assert math.isnan(row.share) or 0 <= row.share <= 1
            if row.measurement.startswith("projection on the branches"):
                assert row.share == pytest.approx(1, rel=1e-9)
        json.dumps(report.to_dict())
    assert capsys.readouterr().err == ""


def test_no_saturation_above_one_is_ever_made():
    Saturation(name="homodyne", classical=1.0, quantum=1.0)
    for classical in (1.01, 1e18, -0.1):
        with pytest.raises(AssertionError, match="which no measurement exceeds"):
            Saturation(name="homodyne", classical=classical, quantum=1.0)
    light = (Squeeze(mode="a", r=0.5), Sense(modes=("a",), generator="momentum"), Loss(mode="a", transmissivity=1e-12))
    circuit = Circuit(modes=("a",), operations=light)
    with pytest.raises(PrecisionError, match=r"n: .* below the rounding of probabilities"):
        saturation(circuit, [0.1], {"n": PhotonCounting()}, [1.0])
    # Of what counts lose nothing, the share is 1 however their probabilities are rounded.
    for eta in (1e-3, 1e-5, 1e-6, 3e-7):
        coherent = (
            Displace(mode="a", x=2.0),
            Sense(modes=("a",), generator="momentum"),
            Loss(mode="a", transmissivity=eta),
        )
        (counted,) = saturation(Circuit(modes=("a",), operations=coherent), [0.1], {"n": PhotonCounting()}, [1.0])
        assert counted.quantum == pytest.approx(eta, rel=1e-9)
        assert 1 - 1e-8 < counted.share <= 1
    # Moments of quadratures keep all digits.
    (kept,) = saturation(circuit, [0.1], {"x": Homodyne()}, [1.0])
    assert kept.share == pytest.approx(1, rel=1e-12)
    assert 1 / kept.classical == pytest.approx(math.exp(-1.0) + (1 - 1e-12) / 1e-12, rel=1e-12)


@pytest.mark.parametrize(
    "eta", [[0.1, 1e-29], [1e-12, 1e-12], [1e-100, 1e-80], [1 - 1e-12, 1 - 1e-12], [0.3, 1 - 1e-15]]
)
@pytest.mark.parametrize("alpha", [[1, -1], [3, 1]])
def test_homodyne_is_told_however_little_light_arrives(eta, alpha):
    network = SensorNetwork.star(alpha, sensing="displacement", mean_photons=2.0, transmissivity=eta)
    rows = {(row.scheme, row.measurement): row for row in measured_shares(network)}
    # One squeezer of all the light, split as alpha_j/sqrt(eta_j): |alpha|^2 weighs the squeezing, and vacuum what was lost.
    squeezed = 1 / (math.sqrt(2) + math.sqrt(3)) ** 2
    expected = sum(a * a * (squeezed / 1 + (1 - e) / e) for a, e in zip(alpha, eta, strict=True))
    for measurement in ("homodyne x", "homodyne at the best angles found"):
        row = rows["entangled-squeezed", measurement]
        assert row.mse == pytest.approx(expected, rel=1e-9)
        assert 1 - 1e-9 <= row.share <= 1


@pytest.mark.parametrize("eta", [[1e-100] * 3, [1e-100, 1e-100, 0.5], [1e-80] * 3])
@pytest.mark.parametrize("passes", [2, 4])
@pytest.mark.parametrize("budget", [{"photons": 2}, {"mean_photons": 2.0}])
@pytest.mark.filterwarnings("error")
def test_errors_beyond_the_largest_number_are_infinite(eta, passes, budget):
    # Sums and squares of errors near 1e308; neither OverflowError nor warnings of numpy come out.
    sensing = "phase" if "photons" in budget else "displacement"
    network = SensorNetwork.star([1, 1, -1], sensing=sensing, passes=passes, transmissivity=eta, **budget)
    # Displacements of the last pass are lost once.
    least = 1e150 if sensing == "phase" else 1e75
    for row in loss_report(network).rows:
        assert row.mse > least
    for candidate in design(network).candidates:
        assert candidate.evaluation.mse > least
    assert privacy_report(network).rows
    # Estimates may be refused for want of light, in words.
    with contextlib.suppress(InputError):
        simulate(network, shots=10, trials=5)


def test_photons_beyond_double_precision_are_still_shared_out():
    # Without loss the best shares go as alpha^(2/3), and the error is ||alpha||_{2/3}^2/N^2.
    split = best_lossy_split([1.0, 2.0], [1.0, 1.0], 1.0, 10**30, 1)
    assert sum(split.photons) == 10**30
    assert split.photons[1] / split.photons[0] == pytest.approx(2 ** (2 / 3), rel=1e-12)
    assert split.mse == pytest.approx((1 + 2 ** (2 / 3)) ** 3 / 1e60, rel=1e-12)


@given(
    alpha=st.lists(st.floats(0.1, 3), min_size=2, max_size=3),
    eta=st.floats(0.3, 1),
    arm=st.floats(0.5, 1),
    photons=st.integers(3, 12),
    passes=st.integers(1, 2),
)
def test_the_best_lossy_split_is_that_of_all_splits(alpha, eta, arm, photons, passes):
    etas = [eta, 1.0, 0.7][: len(alpha)]

    def term(a, own, n):
        return (a / (n * passes)) ** 2 * (own ** (-n * passes / 2) + arm ** (-n * passes / 2)) ** 2 / 4

    splits = (c for c in itertools.product(range(1, photons + 1), repeat=len(alpha)) if sum(c) <= photons)
    best = min(sum(map(term, alpha, etas, split)) for split in splits)
    assert best_lossy_split(alpha, etas, arm, photons, passes).mse == pytest.approx(best, rel=1e-12)


@pytest.mark.parametrize("photons", [25, 35])
@pytest.mark.parametrize("lost", [1e-9, 1e-10, 1e-12, 1e-15])
@pytest.mark.parametrize("reference", [1.0, None])
def test_best_states_of_light_that_is_hardly_lost(photons, lost, reference):
    # One mode loses lost of its light: the best states are those without loss, to first order in it.
    result = best_states(phase_task([1.0], [1 - lost], reference or 1 - lost, photons))
    assert result.lower_bound <= result.mse == pytest.approx(1 / photons**2, rel=1e-7)


def test_best_states_are_searched_once():
    task = phase_task([1.0, 2.0], [0.8, 0.6], 0.9, 2)
    first = best_states(task)
    assert best_states(phase_task([1.0, 2.0], [0.8, 0.6], 0.9, 2), starts=np.int64(2)) is first
    assert best_states(task, seed=1) is not first
    # Another number, or no reference, makes another task.
    assert best_states(phase_task([1.0, 2.0], [0.8, 0.6], 0.8, 2)).mse != first.mse
    alone, beside = (best_states(phase_task([1.0, -1.0], [0.8, 0.6], reference, 2)) for reference in (None, 0.9))
    assert {len(string) for string, _ in alone.states[0]} == {2}
    assert {len(string) for string, _ in beside.states[0]} == {3}


def test_best_states_of_a_function_that_needs_a_reference():
    # All states of N photons are the same behind a common phase, so no error is finite (the search once ended the interpreter).
    with pytest.raises(InputError, match=r"alpha must sum to 0 where there is no reference, .* but sums to 3; give"):
        best_states(phase_task([1.0, 2.0], [0.8, 0.6], None, 2))


# --- coherent light ------------------------------------------------------------------------------------------


def coherent_circuit(modes, photons, etas, passes, sensed):
    """Coherent light of so many photons on average in each mode, sensed and lost in every pass."""
    start = [Displace(mode=mode, x=2 * math.sqrt(n)) for mode, n in zip(modes, photons, strict=True)]
    each = [Sense(modes=sensed, generator="number")]
    each += [Loss(mode=mode, transmissivity=eta) for mode, eta in zip(modes, etas, strict=True) if eta < 1]
    return Circuit(modes=modes, operations=(*start, *each * passes))


@pytest.mark.parametrize("passes", [1, 2, 3])
def test_coherent_light_with_a_free_reference_reaches_its_shot_noise_on_the_engine_and_no_split_does_better(passes):
    alpha, etas, photons = [1.0, 2.0, -0.5], [0.9, 0.6, 0.75], 5.0
    root = [abs(a) * eta ** (-passes / 2) for a, eta in zip(alpha, etas, strict=True)]
    best = [photons * r / sum(root) for r in root]

    def error(split):
        circuit = coherent_circuit(tuple("abc"), split, etas, passes, tuple("abc"))
        return nuisance_aware_information(NATIVE.qfi(circuit, [0.2, -0.4, 0.1]), alpha).mse

    formula = free_reference_shot_noise(alpha, etas, photons, passes)
    assert error(best) == pytest.approx(formula, rel=1e-9)
    assert formula == pytest.approx(sum(root) ** 2 / (4 * photons * passes**2))
    rng = np.random.default_rng(passes)
    for split in rng.dirichlet(np.ones(3), 5) * photons:
        assert error(split) > formula


@pytest.mark.parametrize("passes", [1, 2])
def test_coherent_light_that_pays_for_its_reference_reaches_what_separate_photons_reach(passes):
    # All modes are phases against nothing: q then is alpha on the sensors and minus its sum on the reference.
    alpha, etas, photons = [1.0, 2.0, -0.5], [0.9, 0.6, 0.75, 0.8], 5.0
    whole = [*alpha, -sum(alpha)]
    root = [abs(a) * eta ** (-passes / 2) for a, eta in zip(whole, etas, strict=True)]
    split = [photons * r / sum(root) for r in root]
    circuit = coherent_circuit(tuple("abcr"), split, etas, passes, tuple("abcr"))
    mse = nuisance_aware_information(NATIVE.qfi(circuit, [0.2, -0.4, 0.1, 0.3]), whole).mse
    assert mse == pytest.approx(network_shot_noise(alpha, etas[:3], etas[3], photons, passes), rel=1e-9)


def test_counted_photons_of_coherent_light_and_a_strong_reference_reach_the_shot_noise():
    """Each sensor's light meets a strong reference on a beam splitter; the difference of the two counts is what is read."""
    rng = np.random.default_rng(5)
    alpha, etas, photons, strong, shots = np.array([1.0, -2.0]), np.array([0.8, 0.5]), 3.0, 1e6, 200_000
    root = np.abs(alpha) / np.sqrt(etas)
    arrives = etas * photons * root / root.sum()
    theta = np.array([0.01, -0.02])
    # In quadrature the difference has the mean 2 sqrt(n L) sin theta and the variance n + L.
    amplitudes = np.sqrt(arrives) * np.exp(-1j * theta)
    ports = [np.abs(np.sqrt(strong) + sign * 1j * amplitudes) ** 2 / 2 for sign in (1, -1)]
    difference = rng.poisson(ports[0], (shots, 2)) - rng.poisson(ports[1], (shots, 2))
    estimates = difference / (2 * np.sqrt(arrives * strong)) @ alpha
    mse = float(np.mean((estimates - alpha @ theta) ** 2))
    # The relative standard error of a variance from so many shots is sqrt(2/shots) = 0.3 %.
    assert mse == pytest.approx(free_reference_shot_noise(alpha, etas, photons), rel=0.015)


@given(
    st.lists(st.tuples(st.integers(-3, 3).filter(bool), ETAS), min_size=1, max_size=3),
    ETAS,
    st.integers(1, 9),
    st.integers(1, 3),
)
@examples(30)
def test_a_free_reference_is_the_limit_of_no_cost_and_never_does_harm(sensors, reference, photons, passes):
    alpha, eta = [float(a) for a, _ in sensors], [e for _, e in sensors]
    free = free_reference_shot_noise(alpha, eta, photons, passes)
    paid = network_shot_noise(alpha, eta, reference, photons, passes)
    assert free <= paid * (1 + 1e-12)
    assert free >= sum(abs(a) for a in alpha) ** 2 / (4 * photons * passes**2) * (1 - 1e-12)
    if not sum(alpha):
        assert free == pytest.approx(paid)


def test_the_report_has_both_shot_noises_and_says_what_each_needs():
    result = loss_report(SensorNetwork.star([1, 1], sensing="phase", photons=2, transmissivity=0.9))
    # Coherent light with a free reference, (2/sqrt 0.9)^2/8 = 0.5556, is below the bound of exactly two photons, 1.
    assert result.free_reference_shot_noise == pytest.approx(4 / 0.9 / 8)
    assert result.free_reference_shot_noise < result.lossless_bound < result.shot_noise
    (note,) = [note for note in result.notes if note.startswith("shot noise with a free reference")]
    assert "needs a strong phase reference at every sensor" in note
    assert "all schemes here are above it" in note
    many = loss_report(SensorNetwork.star([1, 1], sensing="phase", photons=12, transmissivity=0.99))
    assert many.rows[0].mse < many.free_reference_shot_noise
    assert not any("all schemes here are above it" in note for note in many.notes)
    assert "free_reference_shot_noise" in many.to_dict()
    assert loss_report(NETWORKS["displacement"]).free_reference_shot_noise is None


def test_light_taken_out_early():
    network = SensorNetwork.star([1, -1], sensing="phase", photons=2, passes=10, transmissivity=0.5)
    result = loss_report(network)
    by_passes = {m: loss_report(network.replace(passes=m)).shot_noise for m in range(1, 11)}
    best = min(by_passes, key=by_passes.__getitem__)
    assert most_useful_passes(Problem.of(network).task) == best == 3
    assert any(f"after 3 of the 10 passes would reach {by_passes[3]:.6g}" in note for note in result.notes)
    assert not any("taken out" in note for note in loss_report(network.replace(passes=2)).notes)


@given(
    st.lists(st.tuples(st.integers(-3, 3).filter(bool), ETAS), min_size=1, max_size=4),
    ETAS,
    st.integers(1, 4),
    st.integers(1, 2),
)
@examples(40)
def test_no_mix_is_worse_than_all_photons_in_two_modes_at_a_time(sensors, reference, photons, passes):
    """Pairs of modes in turn with all photons in one or the other: ((sum |a_j| eta_j^(-n/2) + |sum a_j| eta_0^(-n/2))/(2 n))^2."""
    alpha, eta = [float(a) for a, _ in sensors], [e for _, e in sensors]
    n = photons * passes
    arms = sum(abs(a) * e ** (-n / 2) for a, e in sensors)
    pairs = ((arms + abs(sum(alpha)) * reference ** (-n / 2)) / (2 * n)) ** 2
    mse = best_mix(phase_task(alpha, eta, reference, photons, passes)).mse
    assert mse <= pairs * (1 + 1e-8)
    if photons == 1:
        # One photon is in one mode or another: then this is the shot noise, and the mix reaches it.
        assert mse == pytest.approx(pairs, rel=1e-8)
        assert mse == pytest.approx(network_shot_noise(alpha, eta, reference, 1, passes), rel=1e-8)


# --- schemes beside columns ------------------------------------------------------------------------------------


def in_turn_by_hand(alpha, eta, reference, photons):
    """Errors of superposed strings, pairs and sites in turn in one pass, from sums of powers alone."""

    def strings(n):
        ends = sum(abs(a) * e ** (-n / 2) for a, e in zip(alpha, eta, strict=True))
        return ((ends + abs(sum(alpha)) * reference ** (-n / 2)) / (2 * n)) ** 2

    sites = sum(
        min(abs(a) * (e ** (-n / 2) + reference ** (-n / 2)) / (2 * n) for n in range(1, photons + 1))
        for a, e in zip(alpha, eta, strict=True)
    )
    return {
        "multimode-noon": strings(photons),
        "pairs-in-turn": min(map(strings, range(1, photons + 1))),
        "noon-in-turn": sites**2,
    }


@pytest.mark.parametrize(
    ("alpha", "eta", "photons"),
    [([1, 1, -1], [0.9, 0.8, 0.7], 5), ([1, 1, -1], [0.9, 0.8, 0.7], 30), ([2, 1], [0.99, 0.97], 7)],
)
def test_rows_and_crossings_of_schemes_beside_columns(alpha, eta, photons):
    network = SensorNetwork.star(alpha, sensing="phase", photons=photons, transmissivity=eta)
    result = loss_report(network, schemes=["pairs-in-turn", "multimode-noon", "noon-in-turn"])

    def errors(change):
        mine = in_turn_by_hand(alpha, [change(e) for e in eta], change(1.0), photons)
        paid = (
            sum(abs(a) / change(e) ** 0.5 for a, e in zip(alpha, eta, strict=True))
            + abs(sum(alpha)) / change(1.0) ** 0.5
        ) ** 2
        return mine, paid / (4 * photons)

    mine, shot_noise = errors(lambda e: e)
    assert result.shot_noise == pytest.approx(shot_noise, rel=1e-12)
    rows = {row.scheme: row for row in result.rows}
    for name, mse in mine.items():
        row = rows[name]
        assert row.mse == pytest.approx(mse, rel=1e-12)
        assert row.over_shot_noise == pytest.approx(mse / shot_noise, rel=1e-12)
        assert (row.crosses_at is None) == (mse > shot_noise)
        if row.crosses_at is not None:
            there, paid = errors(lambda e, factor=row.crosses_at: e * factor)
            assert there[name] == pytest.approx(paid, rel=1e-9)
        elif row.needs_share is not None:
            there, paid = errors(lambda e, share=row.needs_share: e**share)
            assert there[name] == pytest.approx(paid, rel=1e-9)
    assert any(row.crosses_at or row.needs_share for row in result.rows)
    used = {n for row in result.rows for n in re.findall(r"\d+(?=[ ,\d]* of )", row.note)}
    assert bool(used) == (photons == 30)
    if used:
        best = min(range(1, 31), key=lambda n: in_turn_by_hand(alpha, eta, 1.0, n)["multimode-noon"])
        assert rows["pairs-in-turn"].note.startswith(f"{best} of 30 photons at a time")


def test_the_report_says_what_a_snapshot_and_the_attributes_of_the_file_mean():
    network = SensorNetwork.star([1, 2], sensing="phase", photons=3, transmissivity=0.9)
    plain = " ".join(loss_report(network).notes)
    assert "arms:" not in plain
    assert "phase_reference:" not in plain
    assert "schemes in turn" in plain
    snapshot = loss_report(network.replace(parameters="snapshot"))
    assert not any("in-turn" in row.scheme for row in snapshot.rows)
    assert any("snapshot do not allow" in note for note in snapshot.notes)
    first, *rest = network.modes
    free = network.replace(phase_reference="free", modes=(dataclasses.replace(first, arms=2), *rest))
    notes = " ".join(loss_report(free).notes)
    assert "arms: not used" not in notes
    assert "noon-in-turn: every sensor with one arm needs a reference arm of its own" in notes
    assert "phase_reference: free, so compare with the shot noise with a free reference" in notes
    two = network.replace(
        modes=tuple(dataclasses.replace(m, arms=2) if m.role == "sensor" else m for m in network.modes)
    )
    both = " ".join(loss_report(two).notes)
    assert "reference arm of its own" not in both
    assert "every sensor has two arms, which are a pair of their own" in both


# --- crossings as built, and what is said of references -----------------------------------------------------------------------


LOSSY_LINKS = SensorNetwork.star([1, 1, -1], sensing="phase", photons=2, transmissivity=[0.95, 0.9, 0.97])


@pytest.mark.parametrize(
    "network",
    [
        LOSSY_LINKS.with_laboratory(link_loss_db=0.3, detector_efficiency=0.95),
        LOSSY_LINKS.with_laboratory(link_loss_db=1.5, transmissivity_before=0.95),
        SensorNetwork.chain([1, -1], sensing="phase", photons=3, transmissivity=0.9, visibility=0.97),
        SensorNetwork.chain([1, 2], sensing="phase", photons=6, transmissivity=0.8, arms=2).with_laboratory(
            link_loss_db=0.2
        ),
    ],
    ids=str,
)
def test_schemes_as_built_equal_the_shot_noise_where_it_is_said(network):
    """There the report finds them on it: every mode thinned by the factor, or every loss of modes, detectors and links eased."""
    found = 0
    for row in loss_report(network).rows:
        if row.crosses_at is not None:
            modes = tuple(
                dataclasses.replace(mode, transmissivity=mode.transmissivity * row.crosses_at)
                if mode.role != "ancilla"
                else mode
                for mode in network.modes
            )
            there = network.replace(modes=modes)
        elif row.needs_share is not None:
            share = row.needs_share
            values = {
                "detector_efficiency": network.detector_efficiency,
                "transmissivity_before": network.transmissivity_before,
            }
            there = network.replace(
                modes=tuple(
                    dataclasses.replace(mode, transmissivity=mode.transmissivity**share) for mode in network.modes
                ),
                links=tuple(
                    dataclasses.replace(link, transmissivity=link.transmissivity**share) for link in network.links
                ),
                **{name: value**share for name, value in values.items() if value is not None},
            )
        else:
            continue
        found += 1
        problem = Problem.of(there)
        again = build(find_scheme("phase", row.scheme), problem).mse
        assert again / problem.task.shot_noise == pytest.approx(1, abs=1e-4), row.scheme
        if found == 1:
            report = loss_report(there, schemes=[row.scheme])
            same = next(one for one in report.rows if one.scheme == row.scheme)
            assert (same.mse, report.shot_noise) == (again, problem.task.shot_noise)
        assert (row.crosses_at is not None) == (row.over_shot_noise < 1)
    assert found >= 2


def test_a_crossing_as_built_is_that_of_the_closed_form_where_nothing_else_counts():
    problem = PhaseProblem(network=LOSSY_LINKS)
    for name in ("noon", "multimode-noon", "pairs-in-turn"):
        scheme = find_scheme("phase", name)
        closed = crossing(lambda task, scheme=scheme: scheme.mse(task), problem.task)
        built = crossing_as_built(scheme, problem, build(scheme, problem))
        assert closed.crosses_at is not None
        assert built.crosses_at == pytest.approx(closed.crosses_at, rel=1e-5), name


def test_notes_say_what_phases_are_measured_against():
    def notes(network):
        return " ".join(loss_report(network, schemes=["noon-in-turn", "coherent"]).notes)

    both = notes(SensorNetwork.chain([1, 2], sensing="phase", photons=2, arms=2, transmissivity=0.9))
    assert "both arms of a sensor are read out against each other, so no reference is needed" in both
    assert "strong phase reference in both arms of every sensor" in both
    assert "its photons count" not in both
    assert "pay for their reference" not in both
    mixed = notes(SensorNetwork.star([1, 2], sensing="phase", photons=2, arms=[1, 2], transmissivity=0.9))
    assert "the reference of the sensors with one arm is one of the modes, and its photons count" in mixed
    assert "strong phase reference at every sensor and arm" in mixed
    plain = notes(SensorNetwork.star([1, 2], sensing="phase", photons=2, transmissivity=0.9))
    assert "the reference is one of the modes, and its photons count" in plain
    balanced = notes(SensorNetwork.chain([1, -1], sensing="phase", photons=2, transmissivity=0.9))
    assert "the function is balanced, so no reference is needed" in balanced


def test_the_arms_of_single_sensors_lose_what_holds_for_all_nodes():
    """Without a reference they have the graph's detectors, and their light is in the error: nothing is taken as lossless then."""
    network = SensorNetwork.chain([1, -1], sensing="phase", photons=1, transmissivity=0.9, detector_efficiency=0.8)
    result = loss_report(network, schemes=["noon-in-turn"])
    notes = " ".join(result.notes)
    assert "every sensor needs a reference arm of its own, of detector efficiency 0.8" in notes
    assert "lossless" not in notes
    # One photon: (sum |alpha_j| (1/sqrt A + 1/sqrt B)/2)^2 with A = 0.9 0.8 and B = 0.8.
    row = next(row for row in result.rows if row.scheme == "noon-in-turn")
    assert row.mse == pytest.approx((1 / math.sqrt(0.72) + 1 / math.sqrt(0.8)) ** 2, rel=1e-12)
    bare = loss_report(SensorNetwork.chain([1, -1], sensing="phase", photons=1, transmissivity=0.9))
    assert "a reference arm of its own, taken as lossless" in " ".join(bare.notes)


@pytest.mark.parametrize(
    "network",
    [
        LOSSY_LINKS.with_laboratory(link_loss_db=0.3, detector_efficiency=0.95),
        SensorNetwork.chain([1, -1], sensing="phase", photons=6, visibility=0.95).with_laboratory(link_loss_db=0.5),
        SensorNetwork.star(
            [1, 1, 1], sensing="displacement", mean_photons=2.0, detector_efficiency=0.9
        ).with_laboratory(link_loss_db=0.5),
    ],
    ids=str,
)
def test_the_best_scheme_is_another_below_every_factor_that_is_said(network):
    report = loss_report(network)
    problem, factors = Problem.of(network), [one.factor for one in report.overtaken]
    assert factors == sorted(factors, reverse=True)
    first = rank_plans(network).built
    now = {b.plan.scheme for b in first if b.mse <= first[0].mse * (1 + 1e-9)}
    for one in report.overtaken:
        assert one.than in now
        above, below = (rank_plans(thinned(problem, one.factor * f)).built for f in (1.003, 0.997))
        errors = [{b.plan.scheme: b.mse for b in plans} for plans in (above, below)]
        assert errors[0][one.than] <= min(errors[0].values()) * (1 + 1e-9)
        assert errors[1][one.better] <= min(errors[1].values()) * (1 + 1e-9)
        assert errors[1][one.better] < errors[1][one.than]
        now = {one.better}
    # And where nothing more is said, it stays the best to the end.
    end = {b.plan.scheme: b.mse for b in rank_plans(thinned(problem, 0.05 ** (1 / network.passes))).built}
    assert min(end[name] for name in now) <= min(end.values()) * (1 + 1e-9)


def test_overtakings_of_three_curves():
    """a up to x = 1/2, then b up to 1/4, then c; also where b is the best between two factors looked at alone."""
    curves = {"a": lambda x: x**-4.0, "b": lambda x: 4 * x**-2.0, "c": lambda x: 16 / x}
    found = overtakings(curves)
    assert [(one.than, one.better) for one in found] == [("a", "b"), ("b", "c")]
    assert [one.factor for one in found] == pytest.approx([0.5, 0.25], rel=1e-5)
    close = {"a": lambda x: x**-4.0, "b": lambda x: 3.9 * x**-2.0, "c": lambda x: 7.9 / x}
    found = overtakings(close)
    assert [(one.than, one.better) for one in found] == [("a", "b"), ("b", "c")]
    assert [one.factor for one in found] == pytest.approx([3.9**-0.5, 3.9 / 7.9], rel=1e-5)
    assert overtakings({"a": lambda x: 1 / x, "b": lambda x: 1 / x}) == ()
    assert overtakings({}) == ()


@pytest.mark.parametrize("eta", [1e-6, 3e-7, 1.3e-5])
def test_counts_of_hardly_any_light_do_not_tell_more_than_there_is(eta):
    """Rounding of probabilities of 1e-6 is a larger share of what they tell."""
    for network in (
        SensorNetwork.star([1], sensing="displacement", mean_photons=1.0, transmissivity=eta),
        SensorNetwork.star([1, 2], sensing="displacement", mean_photons=3.0, transmissivity=eta),
        SensorNetwork.star([1, 1], sensing="displacement", mean_photons=1.0, passes=2, transmissivity=[eta, 1.0]),
    ):
        assert all(0 <= row.share <= 1 or math.isnan(row.share) for row in loss_report(network).measurements)


def test_losses_beyond_the_smallest_number_together_leave_infinite_errors():
    bare = SensorNetwork.star([1], sensing="phase", photons=1)
    sensor, reference = bare.modes
    dark = {"detector_efficiency": 1e-100, "transmissivity_before": 1e-100, "transmissivity": 1e-100}
    modes = (replace(sensor, **dark, visibility=1e-100), reference)
    assert {one.mse for one in design(bare.replace(modes=modes)).candidates} == {math.inf}


def test_what_an_outcome_without_a_chance_tells_is_not_known():
    """Two arms with hardly any loss: a count of both has the probability zero, and what it tells is not known at any bias."""
    star = SensorNetwork.star([1, 1], sensing="phase", photons=6, transmissivity=[0.9, 0.999999999999], arms=[1, 2])
    shares = {row.measurement: row.share for row in loss_report(star).measurements if row.scheme == "separable-phase"}
    assert {name: 0 < share <= 1 for name, share in shares.items() if not math.isnan(share)} == dict.fromkeys(
        ("projection on the branches, at mid-fringe", "beam splitter, parity of one port, best bias"), True
    )
    assert len(shares) == 3


@pytest.mark.parametrize("efficiency", [1.0, 0.8])
def test_counting_light_of_which_some_stays_at_its_source(efficiency):
    """Both photons pass a site with the probability 1/4, and its counts tell 4 of phi then: (1, 1) has cos^2 phi of them."""
    pair = SensorNetwork.chain([1, -1], sensing="phase", photons=2)
    network = pair.with_laboratory(arms=2, mean_photons_max=0.5, detector_efficiency=efficiency)
    measured = (row for row in loss_report(network).measurements if row.scheme in ("noon-in-turn", "separable-phase"))
    rows = [row for row in measured if "beam splitter" in row.measurement]
    assert len(rows) == 4
    for row in rows:
        if "counted" in row.measurement:
            # In turn (1 + 1)^2/F, F = 4 (1/4) eta^2; one photon for each site has the probability 1/2: 2/F, F = eta/2.
            lone = 4 / efficiency**2 if row.scheme == "noon-in-turn" else 4 / efficiency
            assert row.mse == pytest.approx(lone, rel=1e-9)
        assert 0 < row.share <= 1
