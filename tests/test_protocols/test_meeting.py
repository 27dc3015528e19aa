"""Light of one-armed sensors of both signs that meets in one interferometer: errors from moments by hand, light, plans as built."""

import math
from dataclasses import replace

import numpy as np
import pytest
from drawn import seeds

from networks import InputError, Link, SensorNetwork
from photonics import BeamSplitter, Detectors, GaussianState, IntensityDifference, RandomPhases, Sense, measure
from protocols import simulate
from protocols.built.build import build
from protocols.built.gaussian import light_error
from protocols.problem import GaussianProblem, Problem
from protocols.ranking.candidates import candidates
from protocols.schemes import find_scheme
from protocols.schemes.meeting import Meeting, combined
from protocols.theory.limits.intensity import intensity_readout
from protocols.theory.limits.meeting_readout import MeetingReadout
from protocols.theory.limits.phase_light import best_local, best_shared
from protocols.theory.limits.phase_readout import phase_readout
from protocols.theory.limits.squeezers import SqueezerLimits

NAMES = ("bright-shared-squeezing", "bright-local-squeezing")


def star(alpha, photons, **changes):
    return SensorNetwork.star(alpha, sensing="phase", mean_photons=photons, **changes)


def built(name, network, **options):
    return build(find_scheme("gaussian", name), network, **options)


def random_case(seed):
    """A readout with all numbers of detectors, and light of one squeezer or of one at each mode."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 6))
    alpha = rng.normal(size=count)
    alpha -= alpha.mean()
    numbers = {
        "passes": int(rng.integers(1, 4)),
        "transmissivity": rng.uniform(0.6, 1, count),
        "transmissivity_before": rng.uniform(0.6, 1, count),
        "detector_efficiency": float(rng.uniform(0.5, 1)),
        "visibility": float(rng.uniform(0.8, 1)),
        "dark_counts": float(rng.uniform(0, 0.3)),
        "electronic_noise": float(rng.uniform(0, 0.2)),
    }
    readout = phase_readout(MeetingReadout, alpha.tolist(), **numbers)
    v = rng.normal(size=count)
    rows = np.array([0.9 * v / np.linalg.norm(v)]) if seed % 2 else np.diag(rng.uniform(0.3, 1, count))
    return readout, numbers, rng.uniform(1, 9, count), rows, rng.uniform(0.1, 1.5, len(rows))


def moments(readout, numbers, coherent, rows, squeezed):
    """Variance and slopes of the recorded difference, from the covariance of the light by Wick's theorem, in d modes.

    Amplitudes a_j = (x_j + i p_j)/2 of vacuum variance 1; H is the difference of photon numbers behind the balanced beam splitter.
    """
    count, s = len(coherent), readout.columns["survives"]
    x, p = np.eye(count), np.eye(count)
    for v, n in zip(rows * np.sqrt(s), squeezed, strict=True):
        r = math.asinh(math.sqrt(n))
        x += np.outer(v, v) * (math.exp(-2 * r) - 1)
        p += np.outer(v, v) * (math.exp(2 * r) - 1)
    mean = 1j * np.sqrt(s * coherent)
    number, pair = (x + p) / 4 - np.eye(count) / 2, (x - p) / 4
    g, b = readout.meeting_modes(coherent.tolist(), rows.tolist(), squeezed.tolist())
    # A beam splitter of (B, D): the difference of its outputs is i (B^dagger D - D^dagger B), up to a sign.
    b, g = b / np.linalg.norm(b), g / np.linalg.norm(g)
    assert abs(b @ g) < 1e-12
    difference = 1j * (np.outer(b, g) - np.outer(g, b))
    both = np.outer(b, b) + np.outer(g, g)

    def expected(h, at):
        return float(np.real(at.conj() @ h @ at + np.trace(h @ number)))

    def turned(j, angle):
        phases = np.ones(count, complex)
        phases[j] = np.exp(-1j * readout.passes * angle)
        h = phases.conj()[:, None] * difference * phases
        return expected(h, mean)

    step = 1e-4
    slopes = np.array([(turned(j, step) - turned(j, -step)) / (2 * step) for j in range(count)])
    # Var(a^dagger H a) of displaced Gaussian light, normally ordered and with the shot noise.
    h = difference
    linear = 2 * np.real(mean.conj() @ h @ number.T @ h @ mean + (mean.conj() @ h) @ pair @ (h.T @ mean.conj()))
    shot = expected(h @ h, mean)
    quadratic = np.real(np.trace(h @ number.T @ h @ number.T) + np.trace(h @ pair @ h.T @ pair.conj()))
    eta, w = numbers["detector_efficiency"], numbers["visibility"]
    seen = eta * expected(both, mean)
    variance = (eta * w) ** 2 * (linear + quadratic + shot)
    variance += seen * (1 - eta) + eta * seen * (1 - w**2)
    variance += numbers["electronic_noise"] * seen + 2 * numbers["dark_counts"]
    return variance, eta * w * slopes


@seeds(12)
def test_errors_are_those_of_moments_by_hand(seed):
    """The slopes are along alpha, so that no other phase moves the estimate, and the error is the variance over their square."""
    readout, numbers, coherent, rows, squeezed = random_case(seed)
    variance, slopes = moments(readout, numbers, coherent, rows, squeezed)
    alpha = np.array(readout.alpha)
    factor = float(slopes @ alpha / (alpha @ alpha))
    assert slopes == pytest.approx(factor * alpha, abs=1e-6 * np.abs(slopes).max())
    assert readout.mse(coherent.tolist(), rows.tolist(), squeezed.tolist()) == pytest.approx(
        variance / factor**2, rel=1e-6
    )


@seeds(6)
def test_light_whose_phases_are_off(seed):
    """All real g of which the slopes are along alpha, one by a linear problem, and its variance by Wick's theorem."""
    readout, numbers, coherent, rows, squeezed = random_case(2 * seed + 1)
    rng, count, n = np.random.default_rng(seed), len(coherent), float(squeezed[0])
    along, across = rows[0], 0.3 * rng.normal(size=count)
    s, passes = readout.columns["survives"], readout.passes
    v = (along + 1j * across) * np.sqrt(s)
    b, mean = np.sqrt(s * coherent), 1j * np.sqrt(s * coherent)
    number, pair = n * np.outer(v.conj(), v), -math.sqrt(n * (n + 1)) * np.outer(v, v)
    whole = number + np.outer(b, b)

    def observable(g):
        return 1j * (np.outer(b, g) - np.outer(g, b))

    def slopes(g):
        """Of Tr(H <a^dagger a>) by the phase of each mode."""
        return 2 * passes * np.real(1j * observable(g) * whole).sum(axis=1)

    columns = np.array([slopes(row) for row in np.eye(count)]).T
    g = np.linalg.lstsq(np.vstack((columns, b)), np.append(np.array(readout.alpha), 0.0), rcond=None)[0]
    assert slopes(g) == pytest.approx(np.array(readout.alpha), abs=1e-9)
    h = observable(g)
    linear = mean.conj() @ h
    variance = 2 * np.real(linear @ pair @ linear + linear.conj() @ number @ linear)
    variance += np.real(mean.conj() @ h @ h @ mean + np.trace(h @ h @ number.T))
    variance += np.real(np.trace(h @ number.T @ h @ number.T) + np.trace(h @ pair @ h.T @ pair.conj()))
    # Photons that are seen, of both modes that meet, each of weight |g| |b| as in H.
    seen = [np.real(u @ whole @ u) / (u @ u) for u in (b, g)]
    eta, w = numbers["detector_efficiency"], numbers["visibility"]
    power, photons = (g @ g) * (b @ b), eta * sum(seen)
    added = photons * (1 - eta) + eta * photons * (1 - w**2) + numbers["electronic_noise"] * photons
    added += 2 * numbers["dark_counts"]
    wanted = variance + power * added / (eta * w) ** 2
    found = readout.turned_errors(coherent, along, across, n)
    assert float(found) == pytest.approx(wanted, rel=1e-9)
    steady = readout.mse(coherent.tolist(), rows.tolist(), [n])
    assert float(readout.turned_errors(coherent, along, 0 * across, n)) == pytest.approx(steady, rel=1e-12)


def jittery(readout, seed):
    """The same with random phases at most modes, each with its own."""
    rng = np.random.default_rng(seed)
    sigmas = rng.uniform(0.1, 0.9, len(readout.alpha)) * (rng.random(len(readout.alpha)) < 0.8)
    return replace(readout, phase_jitter_rad=tuple(sigmas))


def engine_error(readout, numbers, coherent, v, squeezed, b, g):
    """The error of the difference of B = b . a and D = g . a by the engine, whose random phases are tested by themselves."""
    count, s = len(coherent), readout.columns["survives"]
    names = [f"m{j}" for j in range(count)]
    b, g = b / np.linalg.norm(b), g / np.linalg.norm(g)
    splitters, pair = combined(names, b + g, b - g)
    phases = RandomPhases(modes=tuple(names), sigmas_rad=readout.phase_jitter_rad, splitters=tuple(splitters))
    own = ("detector_efficiency", "visibility", "dark_counts", "electronic_noise")
    detectors = Detectors(**{name.removeprefix("detector_"): numbers[name] for name in own})
    read = IntensityDifference(pairs=(pair,), angles_rad=math.pi / 2, detectors=detectors, random_phases=phases)
    optics = np.eye(count)
    for op in splitters:
        j, k = names.index(op.first), names.index(op.second)
        c, t = math.cos(op.theta_rad), math.sin(op.theta_rad)
        optics[[j, k]] = np.array([[c, -t], [t, c]]) @ optics[[j, k]]

    def outcome(theta):
        turn = optics @ np.diag(np.exp(-1j * readout.passes * theta))
        z, number, pairs = turn @ (1j * np.sqrt(s * coherent)), np.zeros((2, count, count), complex)[0], 0
        for row, n in zip(v * np.sqrt(s), squeezed, strict=True):
            seen = turn @ row
            number = number + n * np.outer(seen.conj(), seen)
            pairs = pairs - math.sqrt(n * (n + 1)) * np.outer(seen, seen)
        xx, pp = 2 * (number + pairs).real + np.eye(count), 2 * (number - pairs).real + np.eye(count)
        xp = 2 * (number + pairs).imag
        mean = np.concatenate((2 * z.real, 2 * z.imag))
        return measure(GaussianState(names, mean, np.block([[xx, xp], [xp.T, pp]])), read)

    step = 1e-4
    slopes = np.array([(outcome(step * e).mean - outcome(-step * e).mean)[0] / (2 * step) for e in np.eye(count)])
    alpha = np.array(readout.alpha)
    factor = float(slopes @ alpha / (alpha @ alpha))
    assert slopes == pytest.approx(factor * alpha, abs=1e-6 * np.abs(slopes).max())
    return float(outcome(np.zeros(count)).covariance[0, 0]) / factor**2


@seeds(12)
def test_errors_with_random_phases_are_those_of_the_engine(seed):
    """No phase across alpha moves the averaged difference; all fourth moments of the light count."""
    readout, numbers, coherent, rows, squeezed = random_case(seed)
    readout = jittery(readout, seed)
    g, b = readout.meeting_modes(coherent.tolist(), rows.tolist(), squeezed.tolist())
    wanted = engine_error(readout, numbers, coherent, rows, squeezed, b, g)
    assert readout.mse(coherent.tolist(), rows.tolist(), squeezed.tolist()) == pytest.approx(wanted, rel=1e-6)


@seeds(6)
def test_light_whose_phases_are_off_and_random(seed):
    readout, numbers, coherent, rows, squeezed = random_case(2 * seed + 1)
    readout = jittery(readout, seed)
    rng, count, n = np.random.default_rng(seed), len(coherent), float(squeezed[0])
    along, across = rows[0], 0.3 * rng.normal(size=count)
    left = np.exp(-(np.array(readout.phase_jitter_rad) ** 2) / 2) * np.sqrt(readout.columns["survives"])
    v, b = (along + 1j * across) * left, left * np.sqrt(coherent)
    whole = n * np.outer(v.conj(), v) + np.outer(b, b)

    def slopes(g):
        return 2 * np.real(1j * 1j * (np.outer(b, g) - np.outer(g, b)) * whole).sum(axis=1)

    columns = np.array([slopes(row) for row in np.eye(count)]).T
    g = np.linalg.lstsq(np.vstack((columns, b)), np.append(np.array(readout.alpha), 0.0), rcond=None)[0]
    wanted = engine_error(readout, numbers, coherent, (along + 1j * across)[None], [n], b, g)
    assert float(readout.turned_errors(coherent, along, across, n)) == pytest.approx(wanted, rel=1e-6)
    steady = readout.mse(coherent.tolist(), rows.tolist(), [n])
    assert float(readout.turned_errors(coherent, along, 0 * across, n)) == pytest.approx(steady, rel=1e-12)


def test_imperfect_elements_of_light_that_meets():
    """Angles are stationary at the best light; half of both tolerances in all elements is about a tenth of error more."""
    network = star([1, -2, 0.5], 1e5, squeezing_db=8.0, squeezers=1)
    layouts = built("bright-shared-squeezing", network).layout
    robust = layouts.robustness
    assert len(robust.elements) == len(layouts.layout.elements) >= 3
    for element in robust.elements:
        assert abs(element.per_angle) < 1e-5 * layouts.mse
        assert element.per_angle2 > 0
        assert element.per_phase2 > 0
        assert element.per_transmissivity < 0
    assert robust.spread.mean / layouts.mse == pytest.approx(1.1, abs=0.02)
    assert {failure.edge for failure in robust.failures} == {element.edge for element in robust.elements}


@pytest.mark.parametrize("is_jittery", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_derivatives_are_those_of_the_errors(seed, is_jittery):
    readout, _, coherent, rows, squeezed = random_case(seed)
    readout = jittery(readout, seed) if is_jittery else readout
    count, squeezers = len(coherent), len(rows)
    served = np.zeros(count, int) if squeezers == 1 else np.arange(count)
    v, r = rows[served, range(count)], np.arcsinh(np.sqrt(squeezed))

    def error(z):
        sent = np.zeros((squeezers, count))
        sent[served, range(count)] = z[count : 2 * count]
        return readout.mse(z[:count].tolist(), sent.tolist(), (np.sinh(z[2 * count :]) ** 2).tolist())

    value, *slopes = readout.with_slopes(coherent, v, squeezed, served)
    z, h = np.concatenate((coherent, v, r)), 1e-5
    assert value == pytest.approx(error(z), rel=1e-12)
    numeric = [(error(z + h * e) - error(z - h * e)) / (2 * h) for e in np.eye(len(z))]
    assert np.concatenate(slopes) == pytest.approx(np.array(numeric), rel=1e-5, abs=1e-7 * value)


def test_no_search_goes_where_nearly_all_light_is_squeezed():
    """Of 1e16 squeezed photons for each coherent one rounding leaves no digit: a sum of squares was 0, with a warning."""
    alpha, share = [2.56, -0.42, 0.57, 0.45, -3.16], [7.93902498, 1.30249629, 1.76767353, 1.39553173, 9.79973396]
    v = np.array([0.59794807, -0.24219665, 0.28215056, 0.25069735, -0.66433484])
    readout, n, served = phase_readout(MeetingReadout, alpha), np.array([1.31272091]), np.zeros(5, int)
    value, *slopes = readout.with_slopes(np.array(share) * 1e-17, v, n, served)
    assert value == math.inf
    assert not np.concatenate(slopes).any()
    near, *_ = readout.with_slopes(np.array(share) * 1e-8, v, n, served)
    assert near == pytest.approx(readout.mse((np.array(share) * 1e-8).tolist(), [v.tolist()], n.tolist()), rel=1e-6)
    network = star([-2.56, 0.42, -0.57, -0.45], 1.3127209081687523, squeezers=1)
    assert built("bright-shared-squeezing", network).mse < built("bright-local-squeezing", network).mse


def test_light_of_which_hardly_any_is_left_is_beyond_the_engine():
    """Slopes without digits ended designs in a traceback."""
    network = star([1, -0.5], 10.0, squeezing_db=0.0)
    network = network.replace(modes=tuple(replace(mode, transmissivity=1e-90) for mode in network.modes))
    found = candidates(Problem.of(network))
    assert [one.plan.scheme for one in found.ranked] == ["coherent"]
    reasons = {one.scheme: one.reason for one in found.unavailable}
    assert all(reasons[name].startswith("beyond the engine: ") for name in NAMES)
    assert {one.scheme for one in simulate(network, shots=5, trials=5).results} == {"coherent"}


@pytest.mark.parametrize("photons", [1e4, 1e8, 1e10])
def test_two_strong_squeezers_that_meet(photons):
    """A squeezer at each of two sensors, equal light: a rotation of two equal squeezers adds no noise, so e^{-2r}/(2 A) is all.

    The least of e^{-2r}/(2 A), 2 A + 2 n = N, is 2/N^2 at n = A = N/4. Squares of photon numbers that cancelled had made it 18
    times less of 1e8 photons, by rounding alone.
    """
    readout, n = phase_readout(MeetingReadout, [1.0, -1.0]), photons / 4
    noise = 1 / (math.sqrt(n) + math.sqrt(n + 1)) ** 2
    assert readout.mse([n, n], np.diag([1.0, -1.0]).tolist(), [n, n]) == pytest.approx(noise / (2 * n), rel=1e-4)
    best = best_local(readout, SqueezerLimits(mean_photons=photons), photons)
    assert best.mse * photons**2 == pytest.approx(2, rel=1e-3)
    turned = readout.turned_errors(np.array([n, n]), np.array([0.6, -0.8]), np.zeros(2), 1e6)
    assert float(turned) == pytest.approx(readout.mse([n, n], [[0.6, -0.8]], [1e6]), rel=1e-6)


def test_errors_without_digits_are_none():
    """Of 1e12 photons at two equal squeezers rounding of the terms is more than what is left of them."""
    readout, n = phase_readout(MeetingReadout, [1.0, -1.0]), 2.5e11
    assert readout.mse([n, n], np.diag([1.0, -1.0]).tolist(), [n, n]) == math.inf
    best = best_local(readout, SqueezerLimits(mean_photons=4 * n), 4 * n)
    n, a = best.squeezed_photons[0], best.coherent_photons[0]
    assert best.mse == pytest.approx(1 / (math.sqrt(n) + math.sqrt(n + 1)) ** 2 / (2 * a), rel=0.01)


@pytest.mark.parametrize("eta", [1.0, 0.7])
def test_two_sensors_of_opposite_signs_are_one_interferometer(eta):
    """Any coherent light and squeezing: as of the difference of both arms."""
    pair, one = (
        phase_readout(MeetingReadout, [1.0, -1.0], transmissivity=eta),
        intensity_readout([1.0], transmissivity=eta),
    )
    half = math.sqrt(0.5)
    for photons, n in ((2.0, 0.4), (50.0, 3.0), (1e12, 2.025)):
        together = pair.mse([photons / 2] * 2, [[half, -half]], [n])
        assert together == pytest.approx(one.mse([photons], [[1.0]], [n]), rel=1e-12)


@pytest.mark.parametrize(("one", "two"), [(0.0, 0.4), (0.3, 0.3), (0.2, 1.1)])
def test_two_random_phases_are_that_of_their_difference(one, two):
    """As of an interferometer whose angle jitters by both: its formula shares nothing with that of light that meets."""
    numbers = {"transmissivity": 0.8, "detector_efficiency": 0.9, "visibility": 0.95, "dark_counts": 0.1}
    numbers |= {"electronic_noise": 0.05, "passes": 2}
    pair = phase_readout(MeetingReadout, [1.0, -1.0], phase_jitter_rad=[one, two], **numbers)
    single = intensity_readout([1.0], phase_jitter_rad=math.hypot(one, two), **numbers)
    half = math.sqrt(0.5)
    for photons, n in ((2.0, 0.4), (50.0, 3.0), (1e12, 2.025)):
        together = pair.mse([photons / 2] * 2, [[half, -half]], [n])
        assert together == pytest.approx(single.mse([photons], [[1.0]], [n]), rel=1e-12)


def test_the_error_goes_to_that_of_steady_phases_with_its_slope():
    """Of bright light sum sigma_j^2 alpha_j^2/M^2 more."""
    bright = phase_readout(MeetingReadout, [1.0, -0.25, -0.75], passes=2)
    light = [4e9, 1e9, 3e9], [[0.7, -0.35, -0.6]], [2.0]
    sigmas = np.array([3e-6, 5e-6, 1e-6])
    more = replace(bright, phase_jitter_rad=tuple(sigmas)).mse(*light) - bright.mse(*light)
    assert more == pytest.approx(float((sigmas**2 * np.array(bright.alpha) ** 2).sum()) / 4, rel=1e-3)


@pytest.mark.parametrize("seed", range(4))
def test_errors_rise_along_a_straight_line_in_the_variance_of_little_jitter(seed):
    readout, _, coherent, rows, squeezed = random_case(seed)
    readout = jittery(readout, seed)

    def error(share):
        sigmas = tuple(share * sigma for sigma in readout.phase_jitter_rad)
        return replace(readout, phase_jitter_rad=sigmas).mse(coherent.tolist(), rows.tolist(), squeezed.tolist())

    steady = error(0.0)
    slopes = [(error(h) - steady) / (h**2 * steady) for h in (1e-3, 1e-2)]
    assert 0 < slopes[0] == pytest.approx(slopes[1], rel=1e-3)


@pytest.mark.parametrize("alpha", [[1, -1], [1, "-1/2"]])
def test_jitter_does_not_make_the_error_jump(alpha):
    """What is sent, found by the search, and its way: from the steady error on, never falling, to that of arms of their own."""
    network = star(alpha, 1e6, squeezing_db=10.0, squeezers=1)
    for name in NAMES:
        steady, *errors = (
            built(name, network.with_laboratory(phase_jitter_rad=sigma) if sigma else network).mse
            for sigma in (0.0, 1e-7, 1e-5, 1e-4, 1e-3, 1e-2, 0.3)
        )
        assert errors[0] == pytest.approx(steady, rel=1e-5)
        assert errors == sorted(errors)


def against_random_light(seed, choices, jitter=0.0):
    """No light within the limits has a lower error than what the search found, shared or of its own."""
    rng = np.random.default_rng(seed)
    count, photons = int(rng.integers(2, 6)), float(10 ** rng.uniform(0, 4))
    alpha = rng.normal(size=count)
    alpha -= alpha.mean()
    caps = rng.uniform(0.2, 0.9, count) * photons if seed % 2 else math.inf
    readout = phase_readout(
        MeetingReadout, alpha.tolist(), transmissivity=rng.uniform(0.4, 1, count), mean_photons_max=caps
    )
    readout = replace(readout, phase_jitter_rad=tuple(jitter * x for x in jittery(readout, seed).phase_jitter_rad))
    limits = SqueezerLimits(mean_photons=math.inf, squeezing_db=rng.uniform(1, 12))
    through, top = rng.uniform(0.3, 1, count), min(limits.most_photons, photons)
    for best, squeezers in ((best_shared, 1), (best_local, count)):
        light = best(readout, limits, photons, through)
        assert light.slope < 1e-4
        served = np.zeros(count, int) if squeezers == 1 else np.arange(count)
        found = []
        for k in range(choices):
            near = 0.2 if k % 2 else 5.0
            n = np.minimum(np.array(light.squeezed_photons) * np.exp(rng.normal(0, near, squeezers)), top)
            u = np.array(light.amplitudes)[served, range(count)] + rng.normal(0, 0.3 * near, count)
            v = u if squeezers == 1 else np.sqrt(through) * np.sign(u)
            spent = float((v**2 / through).sum()) if squeezers == 1 else 1.0
            v = v / math.sqrt(spent)
            coherent = np.array(light.coherent_photons) * np.exp(rng.normal(0, near, count))
            room = photons - n.sum()
            if room <= 0:
                continue
            coherent *= room / coherent.sum()
            coherent = np.minimum(coherent, np.array(readout.light_caps) - v**2 * n[served])
            if (coherent <= 0).any():
                continue
            sent = np.zeros((squeezers, count))
            sent[served, range(count)] = v
            found.append(float(readout.errors(coherent, sent, n)))
        assert len(found) > choices / 10
        assert min(found) >= light.mse * (1 - 1e-7)
        assert min(found) <= light.mse * 1.5


@seeds(6)
def test_no_random_light_is_better(seed):
    against_random_light(seed, 400)


@seeds(4)
def test_no_random_light_is_better_where_phases_jitter(seed):
    against_random_light(seed, 400, 0.3)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(6, 106))
def test_no_random_light_of_many_is_better(seed):
    against_random_light(seed, 10_000)


@pytest.mark.parametrize("eta", [1.0, 0.8])
@pytest.mark.parametrize("alpha", [[1, -1], [1, "-1/2"], [1, -2, 0.5], [2, -1, -1]])
def test_much_light_has_the_norm_of_one_sign(alpha, eta):
    """||alpha||_P^2 ((1 - eta)/eta + e^{-2r})/N, P the sign with more; interferometers of their own have ||alpha||_1^2."""
    network = star(alpha, 1e8, squeezing_db=10.0, squeezers=1)
    network = network.replace(modes=tuple(replace(mode, transmissivity=eta) for mode in network.modes))
    problem = Problem.of(network)
    norm = sum(a for a in problem.function.alpha if a > 0)
    noise = 0.1 + (1 - eta) / eta
    assert built("bright-shared-squeezing", network).mse * 1e8 == pytest.approx(float(norm) ** 2 * noise, rel=1e-5)
    whole = float(sum(map(abs, problem.function.alpha)))
    assert built("bright-in-turn", network).mse * 1e8 == pytest.approx(whole**2 * noise, rel=1e-5)


LABORATORIES = {
    "ideal": {},
    "lossy": {"transmissivity": 0.8, "detector_efficiency": 0.9, "visibility": 0.97},
    "noisy": {"dark_counts": 0.05, "electronic_noise": 0.02, "squeezer_efficiency": 0.9},
    "capped": {"mean_photons_max": 6.0},
    "jittery": {"phase_jitter_rad": 0.1, "transmissivity": 0.9},
}


@pytest.mark.parametrize("laboratory", LABORATORIES)
@pytest.mark.parametrize("alpha", [[1, -1], [2, -1, 0, 0.5], [1, -2, 0.5]])
def test_as_built_against_the_engines(laboratory, alpha):
    """Circuits with lossy links have the error of the formula, their light that of both engines, and a quantum limit below."""
    network = star(alpha, 40.0, squeezing_db=8.0, passes=2).with_laboratory(**LABORATORIES[laboratory])
    network = network.replace(links=tuple(replace(k, transmissivity=0.85) for k in network.links))
    problem = Problem.of(network)
    found = candidates(problem, engine="strawberryfields")
    own = {one.plan.scheme: one for one in found.ranked}
    for name in NAMES:
        one = own[name]
        assert one.failed == ()
        assert any("meets" in note for note in one.plan.notes)
        (part,) = one.plan.parts
        assert part.measurement is not None
        assert len(part.measurement.pairs) == 1
        (sensed, *_) = [op for op in part.circuit.operations if isinstance(op, Sense)]
        assert "ref" not in sensed.modes
        quick = light_error(find_scheme("gaussian", name), problem, sources=None, squeezers=None)
        assert quick == (one.plan.modes_between_sites, pytest.approx(one.mse, rel=1e-9))
    assert own["bright-local-squeezing"].plan.modes_between_sites == 0


def test_the_worst_detectors_are_those_where_light_meets():
    network = star([1, -1], 100.0, squeezing_db=6.0)
    first, *others = network.modes
    poor = network.replace(modes=(replace(first, detector_efficiency=0.5), *others))
    both = network.with_laboratory(detector_efficiency=0.5)
    for name in NAMES:
        assert built(name, poor).mse == pytest.approx(built(name, both).mse, rel=1e-12)
        assert any("worst" in note for note in built(name, poor).plan.notes)
        assert not any("worst" in note for note in built(name, both).plan.notes)


def test_light_meets_only_where_sensors_of_one_sign_are_arms_for_the_others():
    def meeting(network):
        return Meeting.of(GaussianProblem(network=network))

    unequal = star([1, "-1/2"], 10.0)
    assert meeting(star([1, -1], 10.0)).reference is None
    assert meeting(unequal).reference == "ref"
    for network in (
        star([1, 2], 10.0),
        star([1, -1], 10.0, arms=2),
        star([1, -1], 10.0, arms=[1, 2]),
        unequal.replace(phase_reference="free"),
    ):
        assert meeting(network) is None
    assert meeting(unequal.with_laboratory(phase_jitter_rad=0.01)).reference == "ref"


def test_interferometers_of_their_own_where_squeezed_light_hardly_reaches_the_reference():
    """The link to the reference lets a thousandth pass; the reference is a third of what counts when light meets."""
    network = star([1, "-1/2"], 1e6, squeezing_db=20.0, squeezers=1)
    ref = network.reference.id
    links = (Link(ends=("s1", "s2")), Link(ends=("s2", ref), transmissivity=1e-3))
    near = built("bright-shared-squeezing", network.replace(links=(Link(ends=("s1", "s2")), Link(ends=("s2", ref)))))
    assert near.mse * 1e6 == pytest.approx(0.01, rel=1e-2)
    far = built("bright-shared-squeezing", network.replace(links=links))
    assert far.mse * 1e6 == pytest.approx(1.5**2 * 0.01, rel=1e-2)
    assert any("reference beside the sensor" in note for note in far.plan.notes)


@pytest.mark.parametrize("jitter", [None, 0.005])
@pytest.mark.parametrize("alpha", [[1, -1], [1, "-1/2"]])
def test_estimates_have_the_error_that_is_stated(alpha, jitter):
    network = star(alpha, 1e4, squeezing_db=8.0, transmissivity=0.9, phase_jitter_rad=jitter)
    for name in NAMES:
        run = simulate(network, shots=200, trials=1000, seed=5, scheme=name, estimator="linear").first
        assert run.mse == pytest.approx(built(name, network).mse / 200, abs=4 * run.tally.mse_stderr)
        assert 0.93 < run.tally.coverage < 0.97


def test_beam_splitters_bring_two_combinations_to_two_modes():
    rng = np.random.default_rng(2)
    for count in (2, 3, 6):
        basis, _ = np.linalg.qr(rng.normal(size=(count, 2)))
        names = [f"m{j}" for j in range(count)]
        splitters, pair = combined(names, basis[:, 0], basis[:, 1])
        whole = np.eye(count)
        for op in splitters:
            assert isinstance(op, BeamSplitter)
            j, k, turn = names.index(op.first), names.index(op.second), np.eye(count)
            c, s = math.cos(op.theta_rad), math.sin(op.theta_rad)
            turn[np.ix_([j, k], [j, k])] = [[c, -s], [s, c]]
            whole = turn @ whole
        rows = whole[[names.index(name) for name in pair]]
        assert np.abs(np.sum(rows * basis.T, axis=1)) == pytest.approx(1, abs=1e-12)


def test_what_does_not_meet_is_refused():
    with pytest.raises(InputError, match="add up to zero"):
        phase_readout(MeetingReadout, [1.0, -0.5])
    with pytest.raises(InputError, match="visibility must be the same"):
        phase_readout(MeetingReadout, [1.0, -1.0], visibility=[0.9, 1.0])
    pair = phase_readout(MeetingReadout, [1.0, -1.0])
    assert pair.mse([0.0, 1.0]) == math.inf
    with pytest.raises(ValueError, match="sees one squeezer"):
        pair.mse([1.0, 1.0], [[1.0, 0.0], [0.5, 0.5]], [0.1, 0.1])
