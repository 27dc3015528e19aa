"""The best squeezed light under limits: against covariances made in full, other optimisers, every small choice, and laws."""

import itertools
import math

import numpy as np
import pytest
from drawn import examples, seeds
from hypothesis import given, strategies as st
from scipy.optimize import minimize

from networks import InputError, Link, Mode, SensorNetwork
from protocols.layout.paths import Paths
from protocols.layout.squeezed.beam_splitters import forest_circuit
from protocols.layout.squeezed.forests import best_forests
from protocols.problem import Problem
from protocols.schemes.evaluation import evaluate
from protocols.schemes.plan import Part, Plan
from protocols.theory.displacement import best_separable_split, displacement_gain, entangled_mse, separable_mse
from protocols.theory.limits.bright import best_bright_in_turn, best_bright_local, best_bright_shared
from protocols.theory.limits.local import best_local_squeezing, best_squeezing_in_turn, local_errors
from protocols.theory.limits.maps import best_map_photons, map_mse, squeezed_light_bound
from protocols.theory.limits.places import best_placed_squeezers
from protocols.theory.limits.readout import homodyne_readout
from protocols.theory.limits.several_in_turn import best_squeezers_in_turn
from protocols.theory.limits.shared import (
    SharedLight,
    _best_direction,
    best_shared_squeezing,
    best_squeezing,
    shared_mse,
)
from protocols.theory.limits.squeezers import (
    SqueezerLimits,
    best_squeezers,
    db_after,
    photons_of_db,
    split_photons,
    squeezing_benefit,
)

SEEDS = seeds(6)
FREE = math.inf


def laboratory(rng, count, *, jitter=True, caps=True):
    """Numbers of a laboratory with d sensors, as ``homodyne_readout`` takes them."""
    caps_of = np.where(rng.random(count) < 0.6, 10 ** rng.uniform(-2, 0.5, count), math.inf)
    return {
        "alpha": rng.normal(size=count).tolist(),
        "passes": int(rng.integers(1, 4)),
        "transmissivity": rng.uniform(0.5, 1, count).tolist(),
        "transmissivity_before": rng.uniform(0.6, 1, count).tolist(),
        "detector_efficiency": rng.uniform(0.7, 1, count).tolist(),
        "visibility": rng.uniform(0.9, 1, count).tolist(),
        "electronic_noise": rng.uniform(0, 0.2, count).tolist(),
        "phase_jitter_rad": rng.uniform(0, 0.3, count).tolist() if jitter else 0.0,
        "mean_photons_max": caps_of.tolist() if caps else math.inf,
    }


def readout_of(numbers, **changed):
    given = {**numbers, **changed}
    return homodyne_readout(given.pop("alpha"), **given)


def random_map(rng, count, squeezers):
    """Any passive map: a block of an orthogonal matrix with losses on both sides."""
    size = count + squeezers
    orthogonal = np.linalg.qr(rng.normal(size=(size, size)))[0]
    block = np.sqrt(rng.uniform(0.3, 1, count))[:, None] * orthogonal[:count, :squeezers]
    return block.tolist()


def covariance_error(numbers, amplitudes, photons, efficiency):
    """The error of the best linear estimator from full covariances, pass by pass, jitter averaged by quadrature."""
    A = np.array(amplitudes)
    d = len(A)
    r = np.arcsinh(np.sqrt(photons))
    eps = np.array(efficiency)
    X = np.eye(d) + A @ np.diag(eps * (np.exp(-2 * r) - 1)) @ A.T
    P = np.eye(d) + A @ np.diag(eps * (np.exp(2 * r) - 1)) @ A.T
    V = np.block([[X, np.zeros((d, d))], [np.zeros((d, d)), P]])
    slopes = np.zeros((2 * d, d))

    def lose(eta):
        nonlocal V, slopes
        T = np.diag(np.sqrt(np.concatenate((eta, eta))))
        V = T @ V @ T + np.eye(2 * d) - T @ T
        slopes = T @ slopes

    lose(np.array(numbers["transmissivity_before"]))
    for _ in range(numbers["passes"]):
        slopes[:d] += np.eye(d)
        lose(np.array(numbers["transmissivity"]))
    lose(np.array(numbers["detector_efficiency"]) * np.array(numbers["visibility"]) ** 2)
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    weights = weights / weights.sum()
    sigma = np.broadcast_to(numbers["phase_jitter_rad"], d)
    # Angles of different sensors are independent: products of means off the diagonal, means of products on it.
    cos, sin = np.cos(np.outer(sigma, nodes)), np.sin(np.outer(sigma, nodes))
    mean_cos, mean_sin = cos @ weights, sin @ weights
    rotated = np.hstack((np.diag(mean_cos), np.diag(mean_sin)))
    W = rotated @ V @ rotated.T
    for j in range(d):
        pair = np.stack((cos[j], sin[j]))
        block = V[np.ix_([j, d + j], [j, d + j])]
        W[j, j] = np.einsum("an,ab,bn,n->", pair, block, pair, weights)
    W += np.diag(numbers["electronic_noise"])
    D = rotated @ slopes
    alpha = np.array(numbers["alpha"])
    return alpha @ np.linalg.inv(D.T @ np.linalg.inv(W) @ D) @ alpha


# --- the error of given light --------------------------------------------------------------------------------


@seeds(12)
def test_the_error_is_that_of_the_full_covariance(seed):
    rng = np.random.default_rng(seed)
    d, k = int(rng.integers(1, 5)), int(rng.integers(1, 4))
    numbers = laboratory(rng, d)
    A, photons, efficiency = random_map(rng, d, k), rng.uniform(0, 3, k), rng.uniform(0.5, 1, k)
    expected = covariance_error(numbers, A, photons, efficiency)
    assert map_mse(readout_of(numbers), A, photons, efficiency) == pytest.approx(expected, rel=1e-11)
    one = shared_mse(readout_of(numbers), [row[0] for row in A], photons[0], efficiency[0])
    assert one == pytest.approx(
        covariance_error(numbers, [row[:1] for row in A], photons[:1], efficiency[:1]), rel=1e-11
    )


@SEEDS
def test_vacuum_and_local_squeezers_are_maps_too(seed):
    rng = np.random.default_rng(seed)
    numbers = laboratory(rng, 4)
    readout, T = readout_of(numbers), rng.uniform(0.2, 1, 4)
    photons, efficiency = rng.uniform(0, 3, 4), rng.uniform(0.5, 1, 4)
    expected = covariance_error(numbers, np.diag(np.sqrt(T)), photons, efficiency)
    assert local_errors(readout, photons, T, efficiency).sum() == pytest.approx(expected, rel=1e-11)
    assert readout.vacuum_mse == pytest.approx(covariance_error(numbers, np.eye(4), np.zeros(4), np.ones(4)), rel=1e-11)


@SEEDS
def test_without_limits_it_is_what_displacement_says(seed):
    rng = np.random.default_rng(seed)
    alpha, eta, nbar = rng.normal(size=4).tolist(), rng.uniform(0.3, 1, 4).tolist(), float(rng.uniform(0.1, 9))
    readout, limits = homodyne_readout(alpha, passes=2, transmissivity=eta), SqueezerLimits(mean_photons=nbar)
    shared = best_shared_squeezing(readout, limits)
    assert shared.mse == pytest.approx(entangled_mse(alpha, eta, math.asinh(math.sqrt(nbar)), 2), rel=1e-12)
    split = best_separable_split(readout.weights, nbar).mean_photons
    local = best_local_squeezing(readout, limits)
    assert local.mse == pytest.approx(separable_mse(alpha, eta, split, 2), rel=1e-12)
    assert local.mean_photons == pytest.approx(split)


def test_strong_squeezing_keeps_its_digits():
    for nbar in (1e4, 1e8, 1e12):
        best = best_shared_squeezing(homodyne_readout([1.0, 2.0, -3.0]), SqueezerLimits(mean_photons=nbar))
        assert best.mse * displacement_gain(nbar) == pytest.approx(14, rel=1e-12)


# --- reference values ----------------------------------------------------------------------------------------


def test_values_of_the_issue():
    quarter = homodyne_readout([0.25] * 4)
    limits = SqueezerLimits(mean_photons=4.0)
    assert round(best_local_squeezing(quarter, limits).mse, 4) == 0.0429
    assert round(best_shared_squeezing(quarter, limits, [0.6] * 4).mse, 4) == 0.1084
    both = homodyne_readout([1.0, 1.0])
    for r, T in ((0.4, 0.3), (1.3, 0.8)):
        one = best_shared_squeezing(both, SqueezerLimits(mean_photons=math.sinh(r) ** 2), [1.0, T])
        assert one.mse == pytest.approx(1 - T + math.exp(-2 * r) * (1 + T), rel=1e-12)
    assert round(db_after(10.3, 0.44), 4) == 2.2108
    one = best_local_squeezing(homodyne_readout([1.0]), SqueezerLimits(mean_photons=FREE, squeezing_db=10.3), [0.44])
    assert -10 * math.log10(one.mse) == pytest.approx(2.2108, abs=5e-5)


@pytest.mark.parametrize("db", [5.0, 12.0])
def test_with_photons_free_local_and_shared_squeezing_of_the_same_db_are_equal_without_loss(db):
    rng = np.random.default_rng(3)
    readout = homodyne_readout(rng.normal(size=5).tolist(), detector_efficiency=0.9)
    limits = SqueezerLimits(mean_photons=FREE, squeezing_db=db)
    shared, local = best_shared_squeezing(readout, limits), best_local_squeezing(readout, limits)
    assert shared.mse == pytest.approx(local.mse, rel=1e-13)
    assert shared.mse == pytest.approx(squeezed_light_bound(readout, limits), rel=1e-13)
    # What sharing saves are photons.
    assert shared.mean_photons * 5 == pytest.approx(sum(local.mean_photons))


def test_values_of_bright_networks():
    limits = SqueezerLimits(mean_photons=math.sinh(1.2) ** 2)
    alpha = [1.0, -2.0, 0.5]
    lossless = homodyne_readout(alpha)
    assert best_bright_shared(lossless, limits, 1.0, count_squeezed=False).mse == pytest.approx(1.1112949, abs=5e-8)
    lossy = homodyne_readout(alpha, transmissivity=0.8)
    assert best_bright_shared(lossy, limits, 1.0, count_squeezed=False).mse == pytest.approx(4.1737949, abs=5e-8)
    local = best_bright_local(lossless, limits, 1.0, count_squeezed=False)
    assert local.mse == pytest.approx(2.3124177, abs=5e-8)
    assert np.array(local.squeezed_photons) / limits.mean_photons == pytest.approx([0.297, 0.561, 0.142], abs=5e-4)
    turns = best_bright_in_turn(lossless, limits, 1.0, count_squeezed=False)
    assert turns.mse == pytest.approx(1.1112949, abs=5e-8)
    # A given light: coefficients alpha_j/a_j.
    fixed = homodyne_readout([-1.5, 2.0, -0.5], transmissivity=0.7)
    one = SqueezerLimits(mean_photons=math.sinh(0.6) ** 2)
    assert best_shared_squeezing(fixed, one).mse == pytest.approx(4.743476663, abs=5e-10)
    flat = [3**-0.5] * 3
    assert shared_mse(fixed, flat, one.mean_photons) == pytest.approx(9.285714286, abs=5e-10)
    assert best_bright_shared(fixed, one, 3.0, count_squeezed=False).mse == pytest.approx(3.892083416, abs=5e-10)


# --- optima against other ways -------------------------------------------------------------------------------


@SEEDS
def test_photons_of_squeezers_against_another_optimiser(seed):
    rng = np.random.default_rng(seed)
    k = 5
    gain, most, nbar = rng.uniform(0, 2, k), 10 ** rng.uniform(-1.5, 0.5, k), 1.0
    harm = gain * rng.uniform(0, 1.2, k) ** 3 if seed % 2 else np.zeros(k)
    shares = split_photons(gain, harm, nbar, most)
    assert sum(shares.mean_photons) <= nbar * (1 + 1e-12)
    assert (np.array(shares.mean_photons) <= most * (1 + 1e-12)).all()
    other = minimize(
        lambda n: -squeezing_benefit(gain, harm, np.abs(n)).sum(),
        np.minimum(most, nbar / k) / 2,
        bounds=[(1e-12, m) for m in most],
        constraints=[{"type": "ineq", "fun": lambda n: nbar - n.sum()}],
        method="SLSQP",
        options={"ftol": 1e-15, "maxiter": 1000},
    )
    assert shares.benefit >= -other.fun - 1e-9
    assert shares.benefit == pytest.approx(-other.fun, rel=1e-6)


@seeds(20)
def test_choice_of_squeezers_against_every_choice(seed):
    rng = np.random.default_rng(seed)
    p, k = 7, int(rng.integers(1, 6))
    gain, most = rng.uniform(0, 2, p), 10 ** rng.uniform(-2, 1, p)
    harm = gain * rng.uniform(0, 1.2, p) ** 3 if seed % 2 else np.zeros(p)
    nbar = FREE if seed % 5 == 0 else float(10 ** rng.uniform(-1, 1))
    every = max(
        split_photons(gain[list(c)], harm[list(c)], nbar, most[list(c)]).benefit
        for c in itertools.combinations(range(p), k)
    )
    best = best_squeezers(gain, harm, nbar, most, k)
    assert best.benefit == pytest.approx(every, rel=1e-12)
    assert best.is_proved
    assert np.count_nonzero(best.mean_photons) <= k


def test_every_choice_is_tried_where_the_dual_proves_none():
    for seed in range(60):
        rng = np.random.default_rng(seed)
        gain, most = rng.uniform(0, 2, 8), 10 ** rng.uniform(-2, 0.5, 8)
        every = max(
            split_photons(gain[list(c)], [0.0] * 3, 1.0, most[list(c)]).benefit
            for c in itertools.combinations(range(8), 3)
        )
        best = best_squeezers(gain, [0.0] * 8, 1.0, most, 3)
        assert best.is_proved
        assert best.benefit == pytest.approx(every, rel=1e-12)


def test_a_cap_that_nearly_binds_and_caps_before_the_sensor():
    shares = split_photons([1.0, 1.0], [0.0, 0.0], 1.0, [0.498, FREE])
    assert shares.mean_photons == pytest.approx([0.498, 0.502], rel=1e-12)
    assert homodyne_readout([1.0], transmissivity_before=0.5, mean_photons_max=1.0).light_caps == (2.0,)


def test_a_choice_that_is_not_proved_is_bounded_and_says_so(monkeypatch):
    monkeypatch.setattr("protocols.theory.limits.squeezers.MAX_SUBSETS", 0)
    unproved = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        gain, most = rng.uniform(0, 2, 8), 10 ** rng.uniform(-2, 0.5, 8)
        every = max(
            split_photons(gain[list(c)], [0.0] * 3, 1.0, most[list(c)]).benefit
            for c in itertools.combinations(range(8), 3)
        )
        best = best_squeezers(gain, [0.0] * 8, 1.0, most, 3)
        assert best.benefit <= every * (1 + 1e-12) <= best.upper_bound * (1 + 2e-12)
        assert best.benefit == pytest.approx(every, rel=1e-12) or not best.is_proved
        unproved += not best.is_proved
    assert 0 < unproved < 60


def best_given_squeezing(readout, T, efficiency, photons, rng):
    """The least error over splitters at this squeezing, by another optimiser from several beginnings."""
    d = len(T)
    cap = np.minimum(1, np.sqrt(readout.caps / (efficiency * T * photons)))
    least = math.inf
    for _ in range(3):
        start = rng.random(d)
        other = minimize(
            lambda u: shared_mse(readout, np.copysign(np.abs(u), readout.z) * np.sqrt(T), photons, efficiency),
            np.minimum(start / np.linalg.norm(start) / 1.01, 0.99 * cap),
            bounds=[(0, c) for c in cap],
            constraints=[{"type": "ineq", "fun": lambda u: 1 - u @ u}],
            method="SLSQP",
            options={"ftol": 1e-13, "maxiter": 500},
        )
        if other.x @ other.x <= 1 + 1e-9:
            least = min(least, other.fun)
    return least


@seeds(10)
def test_shared_squeezing_against_another_optimiser(seed):
    rng = np.random.default_rng(100 + seed)
    d = int(rng.integers(1, 5))
    readout = readout_of(laboratory(rng, d, jitter=bool(seed % 2)))
    T, efficiency, nbar = rng.uniform(0.2, 1, d), float(rng.uniform(0.6, 1)), float(10 ** rng.uniform(-1, 1.5))
    best = best_shared_squeezing(readout, SqueezerLimits(mean_photons=nbar), T.tolist(), efficiency)
    assert best.mse == pytest.approx(shared_mse(readout, best.amplitudes, best.mean_photons, efficiency), rel=1e-12)
    assert (efficiency * np.array(best.amplitudes) ** 2 * best.mean_photons <= readout.caps * (1 + 1e-9)).all()
    assert best.mean_photons <= nbar * (1 + 1e-12)
    assert sum(map(abs, best.shares)) == pytest.approx(1) or not best.mean_photons
    assert best.is_proved == (readout.is_steady or d == 1)
    light = SharedLight.over(readout, T.tolist(), efficiency)
    for photons in (*np.geomspace(1e-3, nbar, 8), max(best.mean_photons, 1e-9)):
        other = best_given_squeezing(readout, T, efficiency, float(photons), rng)
        assert light.mse(light.best_sent(float(photons)), float(photons)) <= other + 1e-8
        assert best.mse <= other + 1e-8


def test_light_caps_make_several_minima_and_the_least_is_taken():
    """Nearly all of the weight is on a sensor that stands next to no light."""
    readout = homodyne_readout([10.0, 1.0], mean_photons_max=[1e-6, FREE])
    light = SharedLight.over(readout)

    def error(n):
        return light.mse(light.best_sent(n), n)

    grid = np.geomspace(1e-8, 5, 4000)
    errors = np.array([error(float(n)) for n in grid])
    minima = np.flatnonzero((errors[1:-1] < errors[:-2]) & (errors[1:-1] < errors[2:])) + 1
    maxima = np.flatnonzero((errors[1:-1] > errors[:-2]) & (errors[1:-1] > errors[2:])) + 1
    assert len(minima) >= 1
    assert len(maxima) >= 1
    for most in (1e-3, 5.0):
        best = best_shared_squeezing(readout, SqueezerLimits(mean_photons=most))
        assert best.is_proved
        assert best.mse <= errors[grid <= most].min() * (1 + 1e-12)
    # With few photons a little light along z; with many nearly all of it passes the first sensor by.
    assert best_shared_squeezing(readout, SqueezerLimits(mean_photons=1e-3)).mean_photons < 2e-6
    assert best_shared_squeezing(readout, SqueezerLimits(mean_photons=5.0)).mean_photons == pytest.approx(5.0)


@seeds(30)
def test_light_caps_against_a_fine_grid(seed):
    rng = np.random.default_rng(seed)
    d, nbar = int(rng.integers(2, 7)), float(10 ** rng.uniform(-2, 2))
    caps = (10 ** rng.uniform(-6, 1, d)).tolist()
    readout = homodyne_readout((10 ** rng.uniform(-1.5, 1, d)).tolist(), mean_photons_max=caps)
    light = SharedLight.over(readout)
    best = best_shared_squeezing(readout, SqueezerLimits(mean_photons=nbar))
    for n in np.geomspace(1e-8, min(nbar, sum(caps)), 300).tolist():
        assert best.mse <= light.mse(light.best_sent(n), n) * (1 + 1e-13)


def test_jitter_has_a_best_squeezing():
    readout = homodyne_readout([1.0, 2.0], phase_jitter_rad=[0.05, 0.1])
    v = [0.6, 0.8]
    n = best_squeezing(readout, v, SqueezerLimits(mean_photons=1e6))
    assert shared_mse(readout, v, n) < min(shared_mse(readout, v, n * 0.99), shared_mse(readout, v, n * 1.01))
    assert best_squeezing(readout, v, SqueezerLimits(mean_photons=1.0)) == 1.0
    capped = homodyne_readout([1.0, 2.0], phase_jitter_rad=[0.05, 0.1], mean_photons_max=[0.18, 9.0])
    assert best_squeezing(capped, v, SqueezerLimits(mean_photons=1.0)) == pytest.approx(0.5)


@SEEDS
def test_turns_against_another_optimiser(seed):
    rng = np.random.default_rng(seed)
    readout = readout_of(laboratory(rng, 4, caps=False))
    limits = SqueezerLimits(mean_photons=float(rng.uniform(0.1, 5)), squeezing_db=8.0)
    turns = best_squeezing_in_turn(readout, limits)
    alone = np.array(
        [local_errors(readout, [n * (i == j) for i, n in enumerate(turns.mean_photons)])[j] for j in range(4)]
    )
    vacuum = local_errors(readout, [0.0] * 4)

    def error(p):
        return float((1 / ((1 - p) / vacuum + p / alone)).sum())

    assert turns.mse == pytest.approx(error(np.array(turns.shares)), rel=1e-12)
    other = minimize(
        error,
        np.full(4, 0.25),
        bounds=[(0, 1)] * 4,
        constraints=[{"type": "eq", "fun": lambda p: p.sum() - 1}],
        method="SLSQP",
        options={"ftol": 1e-14},
    )
    assert turns.mse <= other.fun * (1 + 1e-9)
    assert turns.mse == pytest.approx(other.fun, rel=1e-6)
    # Sites that are not read in vacuum in between are worse, and one squeezer for each site is better.
    assert turns.mse <= best_squeezing_in_turn(readout, limits, others_read=False).mse
    if readout.is_steady:
        assert best_local_squeezing(readout, limits).mse <= turns.mse


@SEEDS
def test_photons_of_a_map_against_another_optimiser(seed):
    rng = np.random.default_rng(seed)
    d, k = 4, 3
    readout = readout_of(laboratory(rng, d, jitter=bool(seed % 2)), mean_photons_max=rng.uniform(0.02, 0.4, d).tolist())
    A, efficiency = np.array(random_map(rng, d, k)), rng.uniform(0.5, 1, k)
    limits = SqueezerLimits(mean_photons=2.0, squeezing_db=9.0)
    best = best_map_photons(readout, limits, A, efficiency)
    n = np.array(best.mean_photons)
    light = efficiency * A**2
    assert (light @ n <= readout.caps * (1 + 1e-9)).all()
    assert n.sum() <= 2
    assert n.max() <= limits.most_photons
    assert best.is_proved
    other = minimize(
        lambda n: map_mse(readout, A, np.abs(n), efficiency),
        np.full(k, 1e-3),
        bounds=[(1e-12, limits.most_photons)] * k,
        constraints=[
            {"type": "ineq", "fun": lambda n: readout.caps - light @ n},
            {"type": "ineq", "fun": lambda n: 2 - n.sum()},
        ],
        method="SLSQP",
        options={"ftol": 1e-15, "maxiter": 1000},
    )
    assert map_mse(readout, A, n, efficiency) <= other.fun + 1e-8
    assert readout.vacuum_mse - best.benefit == pytest.approx(map_mse(readout, A, n, efficiency), rel=1e-12)


def best_bright_otherwise(readout, limits, photons, T, most):
    """Coherent and squeezed photons of all sites at once, by another optimiser."""
    d, rng = len(T), np.random.default_rng(0)
    least = math.inf
    for _ in range(4):
        other = minimize(
            lambda x: float((local_errors(readout, np.abs(x[d:]), T) / x[:d]).sum()),
            np.concatenate((rng.uniform(0.2, 1, d), rng.uniform(0.01, 0.3, d))),
            bounds=[(1e-3, m) for m in most] + [(0, photons_of_db(limits.squeezing_db))] * d,
            constraints=[
                {"type": "ineq", "fun": lambda x: photons - x.sum()},
                {"type": "ineq", "fun": lambda x: limits.mean_photons - x[d:].sum()},
            ],
            method="SLSQP",
            options={"ftol": 1e-14, "maxiter": 1000},
        )
        least = min(least, other.fun)
    return least


@SEEDS
def test_bright_light_against_another_optimiser(seed):
    rng = np.random.default_rng(seed)
    readout = readout_of(laboratory(rng, 3, jitter=False, caps=False))
    limits = SqueezerLimits(mean_photons=1.5 if seed % 2 else 9.9, squeezing_db=9.0)
    T, most = rng.uniform(0.4, 1, 3).tolist(), rng.uniform(2, 4, 3).tolist() if seed > 2 else [1e6] * 3
    local = best_bright_local(readout, limits, 10.0, T, most=most)
    assert local.mse == pytest.approx(best_bright_otherwise(readout, limits, 10.0, T, most), rel=1e-8)
    assert sum(local.coherent_photons) + sum(local.squeezed_photons) <= 10 * (1 + 1e-12)
    # One shared squeezer: every squeezing, with the splitters of the displacement network that its light makes.
    shared = best_bright_shared(readout, limits, 10.0, T, most=most)
    factors = [a**-0.5 for a in shared.coherent_photons]
    fixed = SqueezerLimits(mean_photons=shared.squeezed_photons[0])
    assert best_shared_squeezing(readout.times(factors), fixed, T).mse == pytest.approx(shared.mse, rel=1e-12)
    for n in np.linspace(0, limits.most_photons, 40):
        for _ in range(5):
            A = rng.dirichlet(np.ones(3)) * (10 - n)
            if (np.array(most) < A).any():
                continue
            other = best_shared_squeezing(readout.times(A**-0.5), SqueezerLimits(mean_photons=n), T)
            assert shared.mse <= other.mse * (1 + 1e-12)


# --- several squeezers in places -----------------------------------------------------------------------------


def every_placement(readout, limits, T, efficiency, count):
    """The least error of so many squeezers over all places and all assignments of sensors."""
    n, d = T.shape
    least = math.inf
    for places in itertools.combinations(range(n), count):
        for cells in itertools.product(range(count), repeat=d):
            gains = [
                efficiency[p] * sum(T[p, j] * readout.squares[j] for j in range(d) if cells[j] == k)
                for k, p in enumerate(places)
            ]
            shares = split_photons(gains, [0.0] * count, limits.mean_photons, [limits.most_photons] * count)
            least = min(least, readout.vacuum_mse - shares.benefit)
    return least


@seeds(12)
def test_places_against_every_placement(seed):
    rng = np.random.default_rng(seed)
    n, d = 5, 4
    readout = readout_of(laboratory(rng, d, jitter=False, caps=False))
    T, efficiency = rng.uniform(0, 1, (n, d)), rng.uniform(0.5, 1, n)
    limits = SqueezerLimits(
        mean_photons=FREE if seed % 3 == 0 else float(rng.uniform(0.3, 6)),
        squeezing_db=float(rng.uniform(3, 12)),
        squeezers=3,
    )
    found = best_placed_squeezers(readout, limits, T, efficiency=efficiency)
    for one in found:
        count = len(one.squeezers)
        assert one.mse == pytest.approx(every_placement(readout, limits, T, efficiency, count), rel=1e-9)
        best = [T[s.place, s.sensors] * efficiency[s.place] for s in one.squeezers]
        assert all(len(row) for row in best)
    assert found[0].is_proved
    with_one = min(best_shared_squeezing(readout, limits, T[p], efficiency[p]).mse for p in range(n))
    assert found[0].mse == pytest.approx(with_one, rel=1e-12)


@SEEDS
def test_with_photons_free_a_squeezer_at_the_best_place_of_each_sensor_is_proved(seed):
    rng = np.random.default_rng(seed)
    readout = readout_of(laboratory(rng, 4, jitter=False, caps=False))
    T = rng.uniform(0.1, 0.6, (4, 4)) + 0.4 * np.eye(4)
    limits = SqueezerLimits(mean_photons=FREE, squeezing_db=7.0)
    found = best_placed_squeezers(readout, limits, T)[-1]
    bound = squeezed_light_bound(readout, limits, T.max(axis=0))
    assert found.is_proved
    assert found.mse == pytest.approx(bound, rel=1e-12)


@SEEDS
def test_no_passive_map_lies_below_the_bound(seed):
    rng = np.random.default_rng(seed)
    numbers = laboratory(rng, 4, jitter=bool(seed % 2), caps=False)
    readout = readout_of(numbers)
    efficiency, inner, outer = rng.uniform(0.5, 1, 4), np.linalg.qr(rng.normal(size=(4, 4)))[0], rng.uniform(0.4, 1, 4)
    limits = SqueezerLimits(mean_photons=FREE, squeezing_db=10.0)
    # Squeezers at a hub, one array there, a link to each sensor.
    A = np.sqrt(outer)[:, None] * inner
    least = map_mse(readout, A, [limits.most_photons] * 4, efficiency)
    assert squeezed_light_bound(readout, limits, efficiency.max() * outer) <= least * (1 + 1e-12)


@SEEDS
def test_places_with_jitter_and_light_caps_keep_to_them_and_are_no_worse_than_random_ones(seed):
    rng = np.random.default_rng(seed)
    n, d = 4, 3
    readout = readout_of(laboratory(rng, d, jitter=bool(seed % 2)))
    T = rng.uniform(0.1, 1, (n, d))
    limits = SqueezerLimits(mean_photons=2.0, squeezing_db=9.0, squeezers=2)
    best = best_placed_squeezers(readout, limits, T)[-1]
    assert sum(s.mean_photons for s in best.squeezers) <= 2 * (1 + 1e-9)
    A = np.zeros((d, len(best.squeezers)))
    for k, squeezer in enumerate(best.squeezers):
        sensors = list(squeezer.sensors)
        A[sensors, k] = np.sign(squeezer.shares) * np.sqrt(np.abs(squeezer.shares) * T[squeezer.place, sensors])
    photons = np.array([s.mean_photons for s in best.squeezers])
    assert (A**2 @ photons <= readout.caps * (1 + 1e-9)).all()
    assert best.mse == pytest.approx(map_mse(readout, A, photons, [1.0] * len(photons)), rel=1e-9)
    for _ in range(40):
        places, cells, share = rng.choice(n, 2, replace=False), rng.integers(0, 2, d), rng.random()
        error = 0.0
        for k, place in enumerate(places):
            sensors = np.flatnonzero(cells == k)
            if len(sensors):
                own = SqueezerLimits(mean_photons=2.0 * (share if k else 1 - share), squeezing_db=9.0)
                error += best_shared_squeezing(readout.some(sensors.tolist()), own, T[place, sensors]).mse
        assert best.mse <= error * (1 + 1e-9)


def network(seed, nodes=6):
    """Connected, lossy links and sensors."""
    rng = np.random.default_rng(seed)
    links = {(int(rng.integers(0, k)), k) for k in range(1, nodes)} | {(0, nodes - 1)}
    modes = [
        Mode(id=f"n{k}", coupling="displacement", alpha=int(rng.integers(1, 4)), transmissivity=rng.uniform(0.7, 1))
        for k in range(nodes)
    ]
    made = [Link(ends=(f"n{a}", f"n{b}"), transmissivity=float(rng.uniform(0.3, 1))) for a, b in sorted(links)]
    return SensorNetwork(sensing="displacement", mean_photons=3.0, modes=tuple(modes), links=tuple(made))


@SEEDS
def test_forests_under_limits_are_what_their_circuits_give(seed):
    problem = Problem.of(network(seed))
    task = problem.task
    caps = [0.3 if k % 2 else math.inf for k in range(len(task.alpha))]
    readout = homodyne_readout(task.alpha, transmissivity=task.transmissivity, mean_photons_max=caps)
    limits = SqueezerLimits(mean_photons=task.photons, squeezing_db=6.0)
    efficiency = {"n1": 0.7, "n2": 0.9}
    forests = best_forests(task, 3, readout=readout, limits=limits, efficiency=efficiency)
    assert len(forests) > 1
    for forest in forests:
        assert all(s.efficiency == efficiency.get(s.tree.root, 1.0) for s in forest.sources)
        assert all(s.mean_photons <= limits.most_photons for s in forest.sources)
        if not forest.is_separate:
            continue
        circuit = forest_circuit(task, forest)
        plan = Plan(
            scheme="entangled-squeezed",
            title="",
            parts=(Part(circuit=circuit, sensors=tuple(range(len(task.alpha)))),),
            probes=("",),
            controls=0,
            modes_per_pass=(1,),
            predicted_mse=forest.mse,
            formula="",
            reaches_bound=False,
            measurement="",
        )
        assert evaluate(plan, problem).mse == pytest.approx(forest.mse, rel=1e-9)


def test_limits_that_do_not_bind_leave_forests_as_they_are():
    for seed in range(4):
        task = Problem.of(network(seed)).task
        wide = SqueezerLimits(mean_photons=task.photons, squeezing_db=60.0)
        limited = best_forests(task, 3, limits=wide, paths=Paths.of(task))
        assert [f.mse for f in limited] == pytest.approx([f.mse for f in best_forests(task, 3)], rel=1e-12)


# --- laws ----------------------------------------------------------------------------------------------------

WORSE = ("detector_efficiency", "visibility", "transmissivity", "transmissivity_before")


def errors_of(numbers, *, photons=2.0, db=9.0, squeezers=None, T=0.8, efficiency=0.9):
    """Every optimum of this laboratory by its name."""
    d = len(numbers["alpha"])
    readout = readout_of(numbers)
    limits = SqueezerLimits(mean_photons=photons, squeezing_db=db, squeezers=squeezers)
    through = np.array([[T ** abs(i - j) for j in range(d)] for i in range(d)])
    placed = best_placed_squeezers(readout, limits, through, efficiency=[efficiency] * d)
    errors = {
        "shared": best_shared_squeezing(readout, limits, through[0], efficiency).mse,
        "local": best_local_squeezing(readout, limits, None, [efficiency] * d).mse,
        "hub": best_local_squeezing(readout, limits, through[0], [efficiency] * d).mse,
        "turns": best_squeezing_in_turn(readout, limits, None, [efficiency] * d).mse,
        "placed": placed[-1].mse if placed else readout.vacuum_mse,
        "bound": squeezed_light_bound(readout, limits, efficiency * through.max(axis=0)),
    }
    if readout.is_steady:
        errors["bright shared"] = best_bright_shared(readout, limits, 9.0, through[0], efficiency).mse
        errors["bright local"] = best_bright_local(readout, limits, 9.0, None, [efficiency] * d).mse
        errors["bright turns"] = best_bright_in_turn(readout, limits, 9.0, None, [efficiency] * d).mse
    return errors


def no_better(worse, than):
    for name, error in than.items():
        assert worse[name] >= error * (1 - 1e-9), name


@seeds(8)
def test_what_makes_a_laboratory_worse_never_helps(seed):
    rng = np.random.default_rng(seed)
    numbers = laboratory(rng, 3, jitter=bool(seed % 2))
    plain = errors_of(numbers)
    for name in WORSE:
        less = [v * f for v, f in zip(numbers[name], rng.uniform(0.7, 1, 3), strict=True)]
        # Several passes add up coherently: there a loss of one may also take away noise of the others.
        if name != "transmissivity" or numbers["passes"] == 1:
            no_better(errors_of({**numbers, name: less}), plain)
    no_better(errors_of({**numbers, "electronic_noise": [v + 0.1 for v in numbers["electronic_noise"]]}), plain)
    no_better(errors_of({**numbers, "mean_photons_max": [v / 3 for v in numbers["mean_photons_max"]]}), plain)
    if numbers["phase_jitter_rad"]:
        no_better(errors_of({**numbers, "phase_jitter_rad": [v + 0.05 for v in numbers["phase_jitter_rad"]]}), plain)
    no_better(errors_of(numbers, photons=1.0), plain)
    no_better(errors_of(numbers, db=5.0), plain)
    no_better(errors_of(numbers, T=0.6), plain)
    no_better(errors_of(numbers, efficiency=0.7), plain)
    two, one = errors_of(numbers, squeezers=2), errors_of(numbers, squeezers=1)
    no_better(two, plain)
    no_better(one, two)
    dark = errors_of(numbers, squeezers=0)
    no_better(dark, one)
    for name in ("local", "hub", "shared", "turns", "placed"):
        assert dark[name] == pytest.approx(readout_of(numbers).vacuum_mse, rel=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_limits_are_lifted_without_a_jump(seed):
    rng = np.random.default_rng(seed)
    numbers = laboratory(rng, 3, jitter=False, caps=False)
    plain = errors_of(numbers, db=FREE)
    at_most = 10 * math.log10(displacement_gain(2.0))
    for near in (
        errors_of(numbers, db=at_most + 1e-7),
        errors_of(numbers, db=at_most - 1e-7),
        errors_of({**numbers, "phase_jitter_rad": [1e-6] * 3}, db=FREE),
        errors_of({**numbers, "mean_photons_max": [2.0 * (1 - 1e-7)] * 3}, db=FREE),
        errors_of({**numbers, "mean_photons_max": [1e9] * 3}, db=FREE),
        errors_of({**numbers, "electronic_noise": [v + 1e-9 for v in numbers["electronic_noise"]]}, db=FREE),
        errors_of(numbers, db=FREE, T=0.8 - 1e-8),
        errors_of(numbers, db=FREE, efficiency=0.9 - 1e-8),
    ):
        for name, error in near.items():
            assert error == pytest.approx(plain[name], rel=1e-5), name


@given(st.lists(st.floats(0, 1.5), min_size=1, max_size=4), st.floats(0, 5), st.floats(0, 20), st.floats(0.01, 1))
@examples(60)
def test_light_never_makes_the_error_worse_than_vacuum(alpha, nbar, db, T):
    readout = homodyne_readout(alpha, phase_jitter_rad=0.4, mean_photons_max=0.5)
    limits = SqueezerLimits(mean_photons=nbar, squeezing_db=db)
    shared = best_shared_squeezing(readout, limits, [T] * len(alpha))
    local = best_local_squeezing(readout, limits, [T] * len(alpha))
    assert shared.mse <= readout.vacuum_mse * (1 + 1e-12)
    assert local.mse <= readout.vacuum_mse * (1 + 1e-12)
    assert math.isfinite(shared.mse)


# --- bad input -----------------------------------------------------------------------------------------------


def test_every_fault_is_named():
    with pytest.raises(InputError) as caught:
        homodyne_readout(
            [1.0, math.nan],
            passes=0,
            transmissivity=[0.5],
            detector_efficiency=1.2,
            electronic_noise=-1.0,
            phase_jitter_rad=4.0,
            mean_photons_max=-1.0,
        )
    text = str(caught.value)
    for name in ("alpha", "passes", "transmissivity", "detector_efficiency", "electronic_noise", "phase_jitter_rad"):
        assert name in text
    with pytest.raises(InputError, match="must not be negative"):
        SqueezerLimits(mean_photons=-1.0)
    with pytest.raises(InputError, match="squeezers must be an integer"):
        SqueezerLimits(mean_photons=1.0, squeezers=True)
    with pytest.raises(InputError, match="must be finite"):
        SqueezerLimits(mean_photons=FREE)
    readout = homodyne_readout([1.0, 1.0])
    with pytest.raises(InputError, match="singular values"):
        map_mse(readout, [[1.0, 1.0], [1.0, 1.0]], [1.0, 1.0], [1.0, 1.0])
    with pytest.raises(InputError, match="2 by 1"):
        map_mse(readout, [[1.0]], [1.0], [1.0])
    with pytest.raises(InputError, match="at least one place"):
        best_placed_squeezers(readout, SqueezerLimits(mean_photons=1.0), [[1.0, 1.0]], allowed=[])
    with pytest.raises(InputError, match="phase_jitter_rad"):
        best_bright_shared(homodyne_readout([1.0], phase_jitter_rad=0.1), SqueezerLimits(mean_photons=1.0), 9.0)


@seeds(10)
def test_several_squeezers_in_turn_are_the_best_mixture_of_subsets(seed: int) -> None:
    """With light enough for all dB: all subsets of K sensors, their shares by multiplicative descent of the sum of inverses."""
    rng = np.random.default_rng(seed)
    d = int(rng.integers(3, 6))
    readout = homodyne_readout(rng.uniform(0.2, 2, d).tolist(), transmissivity=rng.uniform(0.6, 1, d).tolist())
    limits = SqueezerLimits(mean_photons=1000.0, squeezing_db=float(rng.uniform(2, 10)))
    for count in range(2, d):
        best = best_squeezers_in_turn(readout, limits, count)
        alone, vacuum = local_errors(readout, [limits.most_photons] * d), readout.vacuum_errors
        subsets = itertools.combinations(range(d), count)
        told = np.array([[1 / (alone[j] if j in subset else vacuum[j]) for j in range(d)] for subset in subsets])
        shares = np.full(len(told), 1 / len(told))
        for _ in range(20000):
            slopes = told @ (1 / (shares @ told) ** 2)
            if slopes.max() < (1 / (shares @ told)).sum() * (1 + 1e-10):
                break
            shares *= np.sqrt(slopes)
            shares /= shares.sum()
        assert best.is_proved
        assert best.mse == pytest.approx(float((1 / (shares @ told)).sum()), rel=1e-7)
        assert sum(best.shares) == pytest.approx(count, rel=1e-12)


@seeds(20)
def test_more_squeezers_in_turn_never_hurt_and_are_never_worse_than_those_that_stay(seed: int) -> None:
    rng = np.random.default_rng(seed)
    d = int(rng.integers(2, 7))
    jitter = 0.1 * float(rng.integers(0, 2))
    readout = homodyne_readout(rng.uniform(0.2, 2, d).tolist(), phase_jitter_rad=jitter, transmissivity=0.9)
    limits = SqueezerLimits(mean_photons=float(rng.uniform(0.3, 20)), squeezing_db=float(rng.uniform(2, 12)))
    before = best_squeezing_in_turn(readout, limits).mse
    for count in range(1, d + 1):
        best = best_squeezers_in_turn(readout, limits, count)
        assert best.mse <= before * (1 + 1e-12)
        stay = best_local_squeezing(
            readout, SqueezerLimits(mean_photons=limits.mean_photons, squeezing_db=limits.squeezing_db, squeezers=count)
        )
        assert best.mse <= stay.mse * (1 + 1e-12)
        used = sorted(n for n, share in zip(best.mean_photons, best.shares, strict=True) if share > 0)
        assert sum(used[-best.squeezers :] if best.squeezers else []) <= limits.mean_photons * (1 + 1e-9)
        before = best.mse
    assert best.mse == pytest.approx(stay.mse, rel=1e-9)


@pytest.mark.parametrize("cap", [1e-160, 1e-74, 1e-30, 1e-20, 1e-9])
def test_a_mode_that_next_to_no_light_may_enter_ends_no_search(cap: float) -> None:
    """Where hardly any light may enter a weak mode, the pieces of the search touch within rounding: found by fuzzing."""
    weights, losses = np.array([3.16227766e-07, 1e-3, 1.0]), np.array([-1.0e-31, -1.0e-24, -1.0e-18])
    found = _best_direction(weights, losses, np.array([1.0, cap, 1.0]))
    assert found[1] <= cap * (1 + 1e-12)
    assert found @ found <= 1 + 1e-12
    # Without the weak mode the best direction is along the other weights.
    rest = weights[[0, 2]]
    best = float(rest @ rest)
    assert float((weights @ found) ** 2) >= best * (1 - 1e-12)
