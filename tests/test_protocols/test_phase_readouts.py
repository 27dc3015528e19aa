"""Homodyne of displaced and of squeezed light at one-armed sensors: errors beside the engine's, light beside random light."""

import math

import numpy as np
import pytest
from drawn import seeds
from scipy.optimize import minimize_scalar

from networks import Bench, InputError
from photonics import BeamSplitter, Circuit, Detectors, Displace, Homodyne, Loss, Sense, Squeeze, get_engine
from protocols.theory.limits.bright import best_bright_in_turn, best_bright_local, best_bright_shared
from protocols.theory.limits.displaced_readout import DisplacedReadout
from protocols.theory.limits.intensity import IntensityReadout
from protocols.theory.limits.mixed_readout import MixedReadout
from protocols.theory.limits.phase_light import best_by_sign, best_in_turn, best_local, best_shared
from protocols.theory.limits.phase_readout import phase_readout, phase_readout_of_benches
from protocols.theory.limits.readout import homodyne_readout
from protocols.theory.limits.squeezers import SqueezerLimits
from protocols.theory.limits.vacuum_readout import SqueezedVacuumReadout, share_noise_light

NATIVE = get_engine("native")


def displaced(alpha, **numbers):
    return phase_readout(DisplacedReadout, alpha, **numbers)


def vacuum(alpha, **numbers):
    return phase_readout(SqueezedVacuumReadout, alpha, **numbers)


def random_numbers(rng, count, *, jitter=0.0):
    return {
        "passes": int(rng.integers(1, 4)),
        "transmissivity": rng.uniform(0.5, 1, count),
        "transmissivity_before": rng.uniform(0.5, 1, count),
        "detector_efficiency": rng.uniform(0.5, 1, count),
        "visibility": rng.uniform(0.8, 1, count),
        "electronic_noise": rng.uniform(0, 0.2, count),
        "phase_jitter_rad": rng.uniform(0.5, 1, count) * jitter,
    }


def network(squeezed, angles, way, numbers, *, coherent=None, angle_rad=0.0):
    """Squeezers in the first modes, mixed by splitters in a row; lossy paths, coherent light along x, passes with losses."""
    count = len(way)
    names = tuple(f"m{j}" for j in range(count))
    operations = [
        Squeeze(mode=names[k], r=math.asinh(math.sqrt(n)), angle_rad=angle_rad) for k, n in enumerate(squeezed)
    ]
    operations += [
        BeamSplitter(first=names[j], second=names[j + 1], theta_rad=float(angle)) for j, angle in enumerate(angles)
    ]
    operations += [Loss(mode=name, transmissivity=float(t)) for name, t in zip(names, way, strict=True)]
    if coherent is not None:
        operations += [
            Displace(mode=name, x=2 * math.sqrt(a) * sign) for name, (a, sign) in zip(names, coherent, strict=True)
        ]
    operations += [
        Loss(mode=name, transmissivity=float(t))
        for name, t in zip(names, numbers["transmissivity_before"], strict=True)
    ]
    for _ in range(numbers["passes"]):
        operations.append(Sense(modes=names, generator="number"))
        operations += [
            Loss(mode=name, transmissivity=float(t)) for name, t in zip(names, numbers["transmissivity"], strict=True)
        ]
    detectors = Detectors(
        efficiency=tuple(numbers["detector_efficiency"]),
        visibility=tuple(numbers["visibility"]),
        electronic_noise=tuple(numbers["electronic_noise"]),
        phase_jitter_rad=tuple(numbers["phase_jitter_rad"]),
    )
    return NATIVE.output(Circuit(modes=names, operations=tuple(operations)), [0.0] * count), detectors


def splitters(angles, squeezers, count):
    """(K, d) amplitudes of the first K modes behind the splitters of ``network``."""
    mixed = np.eye(count)
    for j, angle in enumerate(angles):
        c, s = math.cos(angle), math.sin(angle)
        turn = np.eye(count)
        turn[j : j + 2, j : j + 2] = [[c, s], [-s, c]]
        mixed = mixed @ turn
    return mixed[:squeezers]


@seeds(12)
def test_errors_of_displaced_light_are_those_of_the_engine(seed):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 5))
    numbers = random_numbers(rng, count, jitter=0.3 * (seed % 2))
    alpha, coherent = rng.normal(size=count), rng.uniform(0.5, 4, count)
    squeezed, angles, way = rng.uniform(0, 2, 2), rng.uniform(0.2, 1.3, count - 1), rng.uniform(0.4, 1, count)
    bright = list(zip(coherent, [1.0] * count, strict=True))
    output, detectors = network(squeezed, angles, way, numbers, coherent=bright, angle_rad=math.pi)
    outcomes = Homodyne(angles_rad=math.pi / 2, detectors=detectors).outcomes(output)
    wanted = alpha @ np.linalg.solve(outcomes.moment_matrix(), alpha)
    amplitudes = splitters(angles, 2, count) * np.sqrt(way)
    assert displaced(alpha, **numbers).mse(coherent, amplitudes, squeezed) == pytest.approx(wanted, rel=1e-9)


@seeds(12)
def test_errors_of_squeezed_vacuum_are_those_of_the_engine_at_the_best_angle(seed):
    """Classical Fisher matrices of the outcomes at every angle, the best by a search that knows no formula."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 5))
    numbers = random_numbers(rng, count)
    alpha, n = rng.normal(size=count), float(rng.uniform(0.1, 4))
    angles, way = rng.uniform(0.2, 1.3, count - 1), rng.uniform(0.4, 1, count)
    output, detectors = network([n], angles, way, numbers)

    def error(angle):
        information = Homodyne(angles_rad=float(angle), detectors=detectors).outcomes(output).fisher_matrix()
        return float(alpha @ np.linalg.solve(information, alpha))

    readout, amplitudes = vacuum(alpha, **numbers), splitters(angles, 1, count) * np.sqrt(way)
    best = readout.angles(amplitudes, np.array([n]))[0]
    assert error(best) == pytest.approx(readout.mse([0.0] * count, amplitudes, [n]), rel=1e-9)
    grid = np.linspace(0.01, math.pi / 2 - 0.01, 200)
    start = grid[np.argmin([error(angle) for angle in grid])]
    bounds = (max(1e-3, start - 0.01), min(math.pi / 2, start + 0.01))
    found = minimize_scalar(error, bounds=bounds, method="bounded", options={"xatol": 1e-9})
    assert error(best) <= found.fun * (1 + 1e-10)
    assert best == pytest.approx(found.x, abs=1e-4)


def test_squeezers_of_their_own_add_up():
    rng = np.random.default_rng(3)
    numbers = random_numbers(rng, 3)
    readout, v, n = vacuum([1.0, -2.0, 0.5], **numbers), np.diag([0.9, 0.8, 0.7]), [1.0, 2.0, 0.5]
    each = [readout.some([j]).mse([0.0], [[v[j, j]]], [n[j]]) for j in range(3)]
    assert readout.mse([0.0] * 3, v, n) == pytest.approx(math.fsum(each), rel=1e-12)
    batch = readout.errors(np.zeros(3), np.stack([v, v]), np.array([n, n[::-1]]))
    assert batch[0] == pytest.approx(math.fsum(each), rel=1e-12)


@pytest.mark.parametrize("sigma", [0.05, 0.4])
def test_random_angles_by_quadrature(sigma):
    """Means and variances averaged over normal angles by Gauss and Hermite's points, two sites under one squeezer."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    weights = weights / weights.sum()
    n, share, a = 1.3, 0.8, np.array([2.0, 3.0])
    v, alpha = np.array([0.6, -0.8]), np.array([1.0, -0.7])
    r = math.asinh(math.sqrt(n))
    quiet = np.eye(2) + share * np.outer(v, v) * (math.exp(-2 * r) - 1)
    loud = np.eye(2) + share * np.outer(v, v) * (math.exp(2 * r) - 1)
    cos, sin, across = np.cos(sigma * nodes), np.sin(sigma * nodes), 2 * np.sqrt(share * a)
    mean_cos = weights @ cos
    covariance = quiet * mean_cos**2
    for j in range(2):
        covariance[j, j] = weights @ (cos**2 * quiet[j, j] + sin**2 * (loud[j, j] + across[j] ** 2))
    slopes = across * mean_cos
    wanted = (alpha / slopes) @ covariance @ (alpha / slopes)
    readout = displaced(alpha, detector_efficiency=share, phase_jitter_rad=sigma)
    assert readout.mse(a, [v], [n]) == pytest.approx(wanted, rel=1e-9)
    # Small angles: V_sq + sigma^2 V_anti + 4 a^2 sigma^2.
    if sigma < 0.1:
        about = quiet[0, 0] + sigma**2 * (loud[0, 0] + across[0] ** 2)
        assert displaced([1.0], detector_efficiency=share, phase_jitter_rad=sigma).mse([2.0], [[0.6]], [n]) == (
            pytest.approx(about / across[0] ** 2, rel=3 * sigma**2)
        )


def test_reference_values_of_squeezed_vacuum():
    """PHYSICS.md, section 9."""
    assert 1 / vacuum([1.0], transmissivity=0.7).mse([0.0], [[1.0]], [math.sinh(0.8) ** 2]) == pytest.approx(
        3.326520, abs=5e-7
    )
    r = 1.1
    assert 1 / vacuum([1.0]).mse([0.0], [[1.0]], [math.sinh(r) ** 2]) == pytest.approx(2 * math.sinh(2 * r) ** 2)
    limits, four = SqueezerLimits(mean_photons=3.0), vacuum([0.25] * 4)
    shared, local, turns = (best(four, limits, 3.0) for best in (best_shared, best_local, best_in_turn))
    assert shared.mse == pytest.approx(0.0104166667, abs=1e-10)
    assert local.mse == pytest.approx(0.0238095238, abs=1e-10)
    assert turns.mse == pytest.approx(shared.mse, rel=1e-12)
    assert all(light.is_proved for light in (shared, local, turns))
    # Passes count as squares.
    assert best_shared(vacuum([0.25] * 4, passes=3), limits, 3.0).mse == pytest.approx(shared.mse / 9, rel=1e-12)


def test_mixed_signs_have_a_squeezer_for_each_sign():
    """The sum over signs of ||alpha_sign||_1^2/(8 n (n + 1)), above the bound, which turns reach, and below one squeezer."""
    alpha, photons = [1.0, -2.0, 0.5], 4.0
    limits = SqueezerLimits(mean_photons=photons)
    found = best_by_sign(vacuum(alpha), limits, photons)

    def error(n):
        return 1.5**2 / (8 * n * (n + 1)) + 2.0**2 / (8 * (photons - n) * (photons - n + 1))

    wanted = minimize_scalar(error, bounds=(0.1, 3.9), method="bounded", options={"xatol": 1e-10}).fun
    assert found.mse == pytest.approx(wanted, rel=1e-9)
    assert found.is_proved
    bound = 3.5**2 / (8 * photons * (photons + 1))
    assert best_in_turn(vacuum(alpha), limits, photons).mse == pytest.approx(bound, rel=1e-9)
    shared = best_shared(vacuum(alpha), limits, photons)
    assert bound < found.mse < shared.mse
    # Signs that cancel leave what separate photons would tell.
    even = best_shared(vacuum([1.0, -1.0]), limits, photons)
    assert even.mse == pytest.approx(4 / (4 * photons), rel=1e-9)
    assert even.is_proved


def test_guo_2020():
    """Average of four phases; 2.5 photons a node behind the transmissivity 0.735."""
    average = displaced([0.25] * 4, mean_photons_max=2.5)
    limits = SqueezerLimits(mean_photons=30.0)
    shared = best_shared(average, limits, 100.0, [0.735] * 4)
    local = best_local(average, limits, 100.0, [0.735] * 4)
    assert math.sqrt(local.mse) == pytest.approx(0.115697, abs=1e-6)
    assert math.sqrt(shared.mse) == pytest.approx(0.099710, abs=1e-6)
    dbs = [20 * math.log10(math.e) * math.asinh(math.sqrt(best.squeezed_photons[0])) for best in (local, shared)]
    assert dbs == pytest.approx([6.47, 10.03], abs=0.01)
    # Without loss and with the photons limited together, e^{2r} = 2 s N + 1 with N the photons of a node and s nodes.
    lossless = best_shared(displaced([0.25] * 4), SqueezerLimits(mean_photons=math.inf, squeezing_db=40), 10.0)
    r = math.asinh(math.sqrt(lossless.squeezed_photons[0]))
    assert math.exp(2 * r) == pytest.approx(2 * 4 * 2.5 + 1, rel=1e-4)
    assert lossless.is_proved


@seeds(6)
def test_displaced_light_without_jitter_is_a_displacement_network_at_any_brightness(seed):
    """The optimum is that of ``bright``, and the search finds it without being told."""
    rng = np.random.default_rng(seed)
    count, photons = int(rng.integers(1, 5)), float(10 ** rng.uniform(-1, 3))
    numbers = {**random_numbers(rng, count), "passes": 1, "transmissivity_before": np.ones(count)}
    alpha, through = rng.normal(size=count), rng.uniform(0.3, 1, count)
    limits = SqueezerLimits(mean_photons=math.inf, squeezing_db=rng.uniform(2, 14))
    readout = displaced(alpha, **numbers)
    homodyne = homodyne_readout(alpha / 2, **numbers)
    # Jitter of 1e-9 rad keeps closed forms away and changes nothing else.
    blurred = displaced(alpha, **{**numbers, "phase_jitter_rad": 1e-9})
    for best, bright in (
        (best_shared, best_bright_shared),
        (best_local, best_bright_local),
        (best_in_turn, best_bright_in_turn),
    ):
        found, wanted = best(readout, limits, photons, through), bright(homodyne, limits, photons, through)
        assert found.mse == pytest.approx(wanted.mse, rel=1e-9)
        assert found.is_proved
        searched = best(blurred, limits, photons, through)
        assert not searched.is_proved
        assert searched.mse == pytest.approx(wanted.mse, rel=1e-7)


def entering(light):
    squeezed = sum(np.array(v) ** 2 * n for v, n in zip(light.amplitudes, light.squeezed_photons, strict=True))
    return np.array(light.coherent_photons) + squeezed


def random_light(rng, readout, kind, choices, photons, top, through):
    """Choices of light within the limits: coherent photons, amplitudes and squeezed photons."""
    count, alpha = len(readout.alpha), np.array(readout.alpha)
    served = {"shared": np.zeros(count, int), "sign": (alpha < 0).astype(int), "local": np.arange(count)}[kind]
    squeezers = int(served.max()) + 1
    total = photons if not readout.has_coherent else photons * rng.random((choices, 1)) ** 2
    n = np.minimum(total * rng.dirichlet(np.ones(squeezers), choices), top)
    u = rng.dirichlet(np.full(count, rng.choice([0.5, 3.0, 30.0])), choices)
    if rng.random() < 0.5:
        u = u * np.abs(alpha)
    groups = np.array([[u[:, served == k].sum(axis=1)] for k in range(squeezers)])[:, 0].T
    v = np.sqrt(u / groups[:, served] * through) * np.sign(alpha)
    rows = np.zeros((choices, squeezers, count))
    rows[:, served, np.arange(count)] = v
    coherent = rng.dirichlet(np.full(count, rng.choice([0.5, 3.0])), choices) * (photons - n.sum(axis=1))[:, None]
    caps, dark = np.array(readout.light_caps), (rows**2 * n[..., None]).sum(axis=1)
    coherent = np.minimum(coherent, caps - dark) if readout.has_coherent else np.zeros_like(coherent)
    fits = (coherent >= 0).all(axis=1) & (dark <= caps).all(axis=1)
    return coherent[fits], rows[fits], n[fits]


def against_random_light(make, seed, choices, within=1e-9):
    rng = np.random.default_rng(seed)
    count, photons = int(rng.integers(1, 6)), float(10 ** rng.uniform(-0.5, 3))
    jitter = rng.choice([0.0, 0.02, 0.1]) if make is displaced else 0.0
    numbers = random_numbers(rng, count, jitter=jitter)
    caps = rng.uniform(0.1, 0.8, count) * photons if seed % 2 else math.inf
    readout = make(rng.normal(size=count), **numbers, mean_photons_max=caps)
    limits = SqueezerLimits(mean_photons=math.inf, squeezing_db=rng.uniform(3, 20))
    through = rng.uniform(0.2, 1, count)
    top = min(limits.most_photons, photons)
    lights = {
        "shared": best_shared(readout, limits, photons, through),
        "sign": best_by_sign(readout, limits, photons, through),
        "local": best_local(readout, limits, photons, through),
    }
    if len(lights["sign"].squeezed_photons) == 1:
        del lights["sign"]
    for kind, light in lights.items():
        assert (entering(light) <= np.array(readout.light_caps) * (1 + 1e-12)).all()
        assert max(light.squeezed_photons) <= top * (1 + 1e-12)
        assert sum(light.coherent_photons) + sum(light.squeezed_photons) <= photons * (1 + 1e-12)
        errors = readout.errors(*random_light(rng, readout, kind, choices, photons, top, through))
        assert errors.min(initial=math.inf) >= light.mse * (1 - within), kind
        assert light.slope < 1e-4 or min(light.coherent_photons) < 1e-6 * photons


@pytest.mark.parametrize("make", [displaced, vacuum])
@seeds(20)
def test_no_random_light_is_better(make, seed):
    against_random_light(make, seed, 1000)


@pytest.mark.long
@pytest.mark.parametrize("make", [displaced, vacuum])
@pytest.mark.parametrize("seed", range(20, 120))
def test_no_random_light_of_many_is_better(make, seed):
    against_random_light(make, seed, 10_000)


def test_photons_of_squeezers_by_a_search_that_knows_no_derivative():
    rng = np.random.default_rng(5)
    alpha, seen, most = np.array([1.0, 3.0]), np.array([0.9, 0.6]), np.array([5.0, 5.0])

    def error(first):
        n = np.array([first, 6.0 - first])
        return float((alpha**2 * (1 + 4 * seen * (1 - seen) * n) / (8 * seen**2 * n * (n + 1))).sum())

    wanted = minimize_scalar(error, bounds=(1.0, 5.0), method="bounded", options={"xatol": 1e-10})
    found = share_noise_light(alpha, seen, 6.0, most)
    assert found.sum() == pytest.approx(6.0, rel=1e-12)
    assert found[0] == pytest.approx(wanted.x, abs=1e-6)
    assert error(found[0]) <= min(wanted.fun * (1 + 1e-12), *map(error, rng.uniform(1, 5, 1000)))
    assert share_noise_light(alpha, seen, 6.0, np.array([5.0, 2.0])).tolist() == pytest.approx([4.0, 2.0])
    assert share_noise_light(alpha, seen, 20.0, most).tolist() == [5.0, 5.0]


def test_benches_are_numbers():
    benches = [Bench(detector_efficiency=0.9, transmissivity_before=0.5, mean_photons_max=3.0, electronic_noise=0.1)]
    given = phase_readout_of_benches(DisplacedReadout, [2.0], benches, passes=2)
    numbers = {"detector_efficiency": 0.9, "transmissivity_before": 0.5, "electronic_noise": 0.1}
    assert given == displaced([2.0], passes=2, mean_photons_max=3.0, **numbers)
    assert given.light_caps == (6.0,)


def test_what_cannot_be_seen_is_refused():
    blurred = vacuum([1.0, 1.0], phase_jitter_rad=0.01)
    with pytest.raises(InputError, match="phase_jitter_rad must be 0"):
        best_shared(blurred, SqueezerLimits(mean_photons=1.0), 1.0)
    with pytest.raises(InputError, match="phase_jitter_rad must be 0"):
        blurred.mse([0.0, 0.0], [[0.6, 0.8]], [1.0])
    with pytest.raises(InputError, match="needs squeezed light"):
        best_local(vacuum([1.0, 1.0]), SqueezerLimits(mean_photons=1.0, squeezers=1), 1.0)
    with pytest.raises(InputError, match="needs squeezed light"):
        best_shared(vacuum([1.0, 1.0]), SqueezerLimits(mean_photons=1.0), 1.0, [1.0, 0.0])
    with pytest.raises(InputError, match="needs squeezed light"):
        best_shared(vacuum([1.0, 1.0]), SqueezerLimits(mean_photons=1.0, squeezing_db=0.0), 1.0)
    with pytest.raises(InputError, match="needs coherent light"):
        best_shared(displaced([1.0, 1.0], mean_photons_max=[1.0, 0.0]), SqueezerLimits(mean_photons=1.0), 1.0)
    for photons in (0.0, math.inf, math.nan):
        with pytest.raises(InputError, match="photons must be a positive number"):
            best_shared(displaced([1.0]), SqueezerLimits(mean_photons=1.0), photons)
    for best in (best_shared, best_by_sign, best_local, best_in_turn):
        with pytest.raises(InputError, match="alpha must have a coefficient"):
            best(displaced([0.0]), SqueezerLimits(mean_photons=1.0), 1.0)
    with pytest.raises(ValueError, match="one squeezer at the most"):
        vacuum([1.0, 1.0]).mse([0.0, 0.0], np.ones((2, 2)) / 2, [1.0, 1.0])
    with pytest.raises(ValueError, match="coherent must be 0"):
        vacuum([1.0]).mse([1.0], [[1.0]], [1.0])
    assert displaced([1.0]).mse([0.0]) == math.inf
    assert vacuum([1.0]).mse([0.0], [[1.0]], [0.0]) == math.inf
    assert vacuum([1.0, 0.0]).mse([0.0] * 2, [[1.0, 0.0]], [1.0]) == pytest.approx(1 / 16)


def test_errors_of_squeezed_vacuum_fall_with_light_and_with_what_is_seen():
    """What the proofs rest on: at given B, S and a the error falls with n, grows with B, and falls with S at given B S."""
    rng = np.random.default_rng(8)
    readout, size = vacuum([1.0]), 20_000
    seen, total = rng.uniform(0.01, 1, size), rng.normal(size=size)
    weight = total**2 / seen * (1 + rng.exponential(size=size))
    n = 10 ** rng.uniform(-4, 4, size)

    def errors(b, s, n):
        return readout.of_sums(np.array([b, s, total]), n)

    here, little = errors(weight, seen, n), 1 - 1e-3
    assert (errors(weight, seen, n / little) < here).all()
    assert (errors(weight / little, seen, n) > here).all()
    assert (errors(weight / little, seen * little, n) > here).all()


def test_light_for_sites_that_do_not_count_is_of_no_use_where_all_see_alike():
    rng = np.random.default_rng(9)
    limits, readout = SqueezerLimits(mean_photons=3.0), vacuum([1.0, 0.5, 0.0], transmissivity=0.8)
    best = best_shared(readout, limits, 3.0)
    assert best.is_proved
    assert best.amplitudes[0][2] == 0.0
    shares = rng.dirichlet([1.0, 1.0, 0.3], 5000)
    errors = readout.errors(np.zeros(3), np.sqrt(shares)[:, None, :], np.full((5000, 1), 3.0))
    assert errors.min() >= best.mse


def test_shares_of_sites_that_see_unlike_are_the_best_of_several_minima():
    """A site of hardly any weight that sees well tells of the noise at the others; a grid knows no derivative."""
    rng = np.random.default_rng(10)
    readout = vacuum([0.003, 0.9, 2.1], transmissivity=[0.566, 0.044, 0.076])
    found = best_shared(readout, SqueezerLimits(mean_photons=3.4), 3.4)
    assert not found.is_proved
    shares = np.concatenate([rng.dirichlet(a, 20_000) for a in ([1, 1, 1], [30, 10, 20], [0.1, 3, 3])])
    errors = readout.errors(np.zeros(3), np.sqrt(shares)[:, None, :], np.full((len(shares), 1), 3.4))
    assert found.mse <= errors.min()
    assert found.mse == pytest.approx(errors.min(), rel=1e-3)
    # Along |alpha|, a minimum of its own, it is worse.
    along = np.array([0.003, 0.9, 2.1])
    assert readout.mse([0.0] * 3, [np.sqrt(along / along.sum())], [3.4]) > found.mse * 1.01


def test_squeezers_for_sites_of_both_signs_are_not_proved():
    """The closed form is of one sign for each squeezer."""
    readout, served = vacuum([1.0, -2.0, 0.5, 1.0]), np.array([0, 0, 1, 1])
    limits = SqueezerLimits(mean_photons=3.0)
    assert readout.proved_light(limits, 3.0, np.ones(4), served) is None
    assert vacuum([1.0, 2.0, 0.5, 1.0]).proved_light(limits, 3.0, np.ones(4), served) is not None


@pytest.mark.parametrize("make", [displaced, vacuum])
def test_turns_are_the_best_light_of_each_site(make):
    """The square of the sum of the roots of the errors of sites alone, and the same light again in their shares of the shots."""
    rng = np.random.default_rng(12)
    alpha, through, photons = [1.0, -2.0, 0.0, 0.5, 0.5], [0.9, 0.5, 0.7, 0.8, 0.8], 5.0
    numbers = {**random_numbers(rng, 5), "mean_photons_max": [3.0, 9.0, 1.0, 9.0, 9.0]}
    for name in ("transmissivity", "transmissivity_before", "detector_efficiency", "visibility", "electronic_noise"):
        numbers[name][4] = numbers[name][3]
    readout, limits = make(alpha, **numbers), SqueezerLimits(mean_photons=photons)
    turns = best_in_turn(readout, limits, photons, through)
    alone = [best_shared(readout.some([j]), limits, photons, [through[j]]).mse if alpha[j] else 0.0 for j in range(5)]
    assert turns.mse == pytest.approx(math.fsum(map(math.sqrt, alone)) ** 2, rel=1e-9)
    light = zip(turns.coherent_photons, np.diag(turns.amplitudes), turns.squeezed_photons, strict=True)
    again = [readout.some([j]).mse([a], [[v]], [n]) / turns.shares[j] for j, (a, v, n) in enumerate(light) if alpha[j]]
    assert math.fsum(again) == pytest.approx(turns.mse, rel=1e-9)
    assert turns.shares[2] == 0.0
    assert math.fsum(turns.shares) == pytest.approx(1.0)
    assert turns.angles_rad[3] == turns.angles_rad[4]
    if make is vacuum:
        with pytest.raises(ValueError, match="take angles_rad"):
            turns.angle_rad  # noqa: B018  # raises


def test_much_light_without_losses_keeps_its_digits():
    """Of 10^20 photons e^{-2r} is far below rounding of what it is left of."""
    limits = SqueezerLimits(mean_photons=1e20)
    alpha = [1.0, -2.0, 0.5]
    found = best_shared(displaced(alpha), limits, 1e20)
    # Half of the light squeezed, e^{-2r} = 1/(4 n): ||alpha||_1^2/(4 (N/2) 4 (N/2)).
    assert found.mse == pytest.approx(3.5**2 / (4 * 1e40), rel=1e-9)
    turns = best_in_turn(vacuum(alpha), limits, 1e20)
    assert turns.mse == pytest.approx(3.5**2 / (8 * 1e40), rel=1e-9)


def test_mixed_signs_cost_a_term_that_falls_with_the_first_power_of_the_light():
    readout, shares = vacuum([1.0, -2.0, 0.5], passes=2), np.array([1.0, 2.0, 0.5]) / 3.5
    mse = readout.mse([0.0] * 3, [np.sqrt(shares)], [1e6])
    assert 1e6 * mse == pytest.approx((3.5**2 - 0.5**2) / (4 * 2**2), rel=1e-3)


def test_sites_of_both_kinds_have_light_that_no_random_light_betters():
    """Two interferometers and a sensor with one arm, one squeezed vacuum: A_j, v_j and n at random within all limits."""
    rng = np.random.default_rng(11)
    numbers = random_numbers(rng, 3, jitter=0.02) | {"mean_photons_max": [30.0, math.inf, 8.0]}
    alpha, photons, arrives = np.array([1.0, -2.0, 1.5]), 40.0, np.array([0.9, 0.7, 0.8])
    readout = MixedReadout.of(phase_readout(IntensityReadout, alpha, **numbers), [False, False, True])
    limits = SqueezerLimits(mean_photons=photons, squeezing_db=8.0)
    best = best_shared(readout, limits, photons, arrives)
    assert best.slope < 1e-5
    squeezed = rng.uniform(0, limits.most_photons, 10_000)
    coherent = rng.dirichlet(np.ones(3), 10_000) * (photons - squeezed)[:, None]
    shares = rng.dirichlet(np.ones(3), 10_000) * arrives
    caps = readout.columns["light_caps"]
    coherent = np.clip(caps - shares * squeezed[:, None], 0, coherent)
    amplitudes = np.sqrt(shares) * np.sign(alpha)
    errors = readout.errors(coherent, amplitudes[:, None, :], squeezed[:, None])
    within = (shares * squeezed[:, None] <= caps).all(axis=1)
    assert within.sum() > 5000
    assert errors[within].min() >= best.mse
    # Nor are those of one kind alone anything else.
    for kind, flags in ((IntensityReadout, [False] * 3), (DisplacedReadout, [True] * 3)):
        own = phase_readout(kind, alpha, **numbers)
        assert np.array_equal(
            MixedReadout.of(own, flags).errors(coherent, amplitudes[:, None, :], squeezed[:, None]),
            own.errors(coherent, amplitudes[:, None, :], squeezed[:, None]),
        )
    with pytest.raises(InputError, match="one_armed must have an entry for each of 3 sites, got 2"):
        MixedReadout.of(readout, [True, False])


@pytest.mark.parametrize("sigma", [1e-6, 0.05, 0.5, 2.0])
@pytest.mark.parametrize("n", [0.3, 5.0, 200.0])
def test_squares_of_outcomes_at_random_angles_by_quadrature(sigma, n):
    """Moments of V over normal angles by a fine sum, the best angle by a search, and the Fisher matrix of the engine's moments."""
    delta = np.linspace(-9, 9, 4001) * sigma
    weights = np.exp(-((delta / sigma) ** 2) / 2)
    weights /= weights.sum()
    share, noise, r = 0.8 * 0.9**2, 0.05, math.asinh(math.sqrt(n))

    def error(angle):
        cos2 = np.cos(angle + delta) ** 2
        v = 1 + noise + share * (math.expm1(-2 * r) * cos2 + math.expm1(2 * r) * (1 - cos2))
        slope = 2 * 2 * share * math.sinh(2 * r) * (weights @ np.sin(2 * (angle + delta)))
        return 1.5**2 * (3 * (weights @ v**2) - (weights @ v) ** 2) / slope**2

    readout = vacuum(
        [1.5], passes=2, detector_efficiency=0.8, visibility=0.9, electronic_noise=noise, phase_jitter_rad=sigma
    )
    mse, best = readout.mse([0.0], [[1.0]], [n]), readout.angles(np.array([[1.0]]), np.array([n]))[0]
    assert mse == pytest.approx(error(best), rel=1e-8)
    tried = np.linspace(0.001, math.pi / 2, 400)
    assert mse <= min(map(error, tried)) * (1 + 1e-9)
    light = Circuit(modes=("a",), operations=(Squeeze(mode="a", r=r), *[Sense(modes=("a",), generator="number")] * 2))
    detectors = Detectors(efficiency=0.8, visibility=0.9, electronic_noise=noise, phase_jitter_rad=sigma)
    outcomes = Homodyne(angles_rad=best, detectors=detectors).outcomes(NATIVE.output(light, [0.0]))
    assert 1.5**2 / outcomes.fisher_matrix()[0, 0] == pytest.approx(mse, rel=1e-9)
    assert 1.5**2 / outcomes.squares().moment_matrix()[0, 0] == pytest.approx(mse, rel=1e-9)
    drawn = outcomes.sample(100_000, np.random.default_rng(1)) ** 2
    assert abs(drawn.mean() - outcomes.squares().mean[0]) < 4 * drawn.std() / math.sqrt(1e5)


def test_light_of_noise_at_random_angles_is_the_best_of_its_kind():
    """Shares of three squeezers' photons, with steady and blurred angles, against random ones; steady in the limit."""
    rng = np.random.default_rng(2)
    numbers = random_numbers(rng, 3) | {
        "phase_jitter_rad": [0.1, 0.0, 0.03],
        "mean_photons_max": [math.inf, 2.0, math.inf],
    }
    readout = vacuum([1.0, -2.0, 0.5], **numbers)
    limits, through = SqueezerLimits(mean_photons=6.0, squeezing_db=12.0), np.array([0.9, 0.7, 0.8])
    best = best_local(readout, limits, 6.0, through)
    squeezed = np.minimum(rng.dirichlet(np.ones(3), 10_000) * 6.0, limits.most_photons)
    squeezed = np.minimum(squeezed, readout.columns["light_caps"] / through)
    amplitudes = np.broadcast_to(np.diag(np.sqrt(through)), (10_000, 3, 3))
    assert readout.errors(np.zeros(3), amplitudes, squeezed).min() >= best.mse
    assert best.slope < 1e-5
    turns = best_in_turn(readout, limits, 6.0, through)
    assert turns.is_proved
    faint = vacuum([1.0, -2.0, 0.5], **(numbers | {"phase_jitter_rad": 1e-9}))
    steady = vacuum([1.0, -2.0, 0.5], **(numbers | {"phase_jitter_rad": 0.0}))
    for search in (best_local, best_in_turn):
        assert search(faint, limits, 6.0, through).mse == pytest.approx(
            search(steady, limits, 6.0, through).mse, rel=1e-8
        )
    floors = [
        vacuum([1.0], detector_efficiency=eta, phase_jitter_rad=0.1).mse([0.0], [[1.0]], [1e12]) for eta in (0.5, 1)
    ]
    assert floors[0] == pytest.approx(floors[1], rel=1e-9)
