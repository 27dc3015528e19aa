"""Moments of linear and quadratic observables of Gaussian light at any brightness, and samples of them.

Numbers of the literature stand with their source; the rest is held against photon counting, Gauss-Hermite sums over mixtures of
coherent states, circuits with the detectors' modes in them, and the quantum limit.
"""

import itertools
import math
import tracemalloc

import numpy as np
import pytest
from drawn import seeds
from scipy.optimize import minimize_scalar

from photonics import (
    BeamSplitter,
    Circuit,
    Detectors,
    Displace,
    FockDensity,
    GaussianState,
    Homodyne,
    IntensityDifference,
    Interference,
    Loss,
    MomentOutcomes,
    Moments,
    Observable,
    PhaseDiffusion,
    PhotonCounting,
    PhotonNumber,
    PrecisionError,
    PrepareFock,
    Quadrature,
    Sense,
    Squeeze,
    get_engine,
    measure,
    noon_state,
    nuisance_aware_information,
    number_covariance,
    saturation,
    split_amplitudes,
)
from photonics.engines import native
from photonics.measurements import quadratic_forms
from photonics.output import output_of

BALANCED = math.pi / 4
SQUEEZER = GaussianState(["a"], [0.0, 0.0], np.diag([math.exp(-1.0), math.exp(1.0)]))
UNLIT = GaussianState.vacuum(["a", "b"])


def one(light, observable, **detectors):
    return measure(light, Moments([observable], detectors=Detectors(**detectors)))


def numbers(*modes):
    return [PhotonNumber(mode) for mode in modes]


def interferometers(alpha_in, u, r, eta=1.0, *, shared=True, ports=False):
    """Coherent light a_j on a balanced beam splitter with its share u_j of one squeezed vacuum, or a squeezer r_j each.

    The phase is in the second arm; with ``ports`` the arms meet again, at mid-fringe, and are the two ports.
    """
    nodes = range(len(alpha_in))
    bright, dark = [f"a{j}" for j in nodes], [f"b{j}" for j in nodes]
    operations = [Displace(mode=mode, x=2 * float(a)) for mode, a in zip(bright, alpha_in, strict=True)]
    if shared:
        operations += [Squeeze(mode=dark[0], r=-r), *split_amplitudes(dark, u)]
    else:
        operations += [Squeeze(mode=mode, r=-s) for mode, s in zip(dark, r, strict=True)]
    operations += [BeamSplitter(first=a, second=b, theta_rad=BALANCED) for a, b in zip(bright, dark, strict=True)]
    operations += [Sense(modes=tuple(dark), generator="number")]
    operations += [Loss(mode=mode, transmissivity=eta) for mode in bright + dark if eta < 1]
    if ports:
        # A quarter turn in the second arm: a -> (a + e^{i phi} b)/sqrt 2 at phi = pi/2.
        operations += [
            BeamSplitter(first=a, second=b, theta_rad=BALANCED, phi_rad=math.pi / 2)
            for a, b in zip(bright, dark, strict=True)
        ]
    return Circuit(modes=tuple(itertools.chain(*zip(bright, dark, strict=True))), operations=tuple(operations))


def differences(circuit, theta):
    pairs = tuple((f"a{j}", f"b{j}") for j in range(len(theta)))
    return measure(circuit, IntensityDifference.mid_fringe(native.output(circuit, theta), pairs), theta)


def random_light(rng, modes, *, squeezing=0.8, displacement=1.0, lossy=True, d=None):
    """A random circuit: squeezers, displacements and beam splitters around phases."""
    operations = []
    for mode in modes:
        operations.append(Squeeze(mode=mode, r=rng.uniform(0, squeezing), angle_rad=rng.uniform(0, 6)))
        operations.append(Displace(mode=mode, x=displacement * rng.normal(), p=displacement * rng.normal()))

    def mixed():
        return [
            BeamSplitter(first=a, second=b, theta_rad=rng.uniform(0, 3), phi_rad=rng.uniform(0, 6))
            for a, b in itertools.combinations(modes, 2)
        ]

    operations += mixed()
    operations.append(Sense(modes=tuple(modes[: d or len(modes)]), generator="number"))
    operations += mixed()
    if lossy:
        operations += [Loss(mode=mode, transmissivity=rng.uniform(0.5, 1)) for mode in modes]
    return Circuit(modes=tuple(modes), operations=tuple(operations))


# --- numbers of the literature -------------------------------------------------------------------------------


@pytest.mark.parametrize(("squared", "mse"), [(2.0, 0.396273826), (4.0, 0.124605011)])
def test_the_two_ports_of_one_interferometer(squared, mse):
    """Caves 1981, (a^2 e^{-2r} + sinh^2 r)/(a^2 - sinh^2 r)^2 (PHYSICS.md section 9), from photon numbers of the ports."""
    circuit = interferometers([math.sqrt(squared)], [1.0], 0.6, ports=True)
    bright, dark = numbers("a0", "b0")
    result = measure(circuit, Moments([bright - dark]), [0.0])
    assert result.mean == pytest.approx(0.0, abs=1e-12)
    assert 1 / result.moment_matrix().item() == pytest.approx(mse, rel=1e-8)
    both = measure(circuit, Moments([bright, dark]), [0.0])
    total = measure(circuit, Moments([bright - dark, bright + dark]), [0.0])
    assert both.moment_matrix() == pytest.approx(total.moment_matrix(), rel=1e-10)
    quantum = squared * math.exp(1.2) + math.sinh(0.6) ** 2
    assert get_engine("native").qfi(circuit, [0.0]).item() == pytest.approx(quantum + _common(squared), rel=1e-9)
    assert both.moment_matrix().item() <= quantum


def _common(squared):
    """What the phase of one arm tells beside the arm difference, where the common phase is known: Var(n_a + n_b)."""
    return squared + 2 * math.sinh(0.6) ** 2 * math.cosh(0.6) ** 2


def test_geo600_at_its_brightness():
    """eta = .62, 10 dB: n Var = 0.712903226, with 10^20 photons, by intensity difference and by homodyne of the dark port."""
    photons, eta, r = 1e20, 0.62, math.log(10) / 2
    circuit = interferometers([math.sqrt(photons)], [1.0], r, eta)
    result = differences(circuit, [0.0])
    assert photons / result.moment_matrix().item() == pytest.approx(0.712903226, abs=1e-9)
    assert result.variance_rounding < 1e-12
    assert result.mean_rounding < 1e-4
    # Back through the beam splitter, the dark port holds theta a/2 beside the squeezed quadrature.
    operations = (*circuit.operations, BeamSplitter(first="a0", second="b0", theta_rad=-BALANCED))
    dark = Circuit(modes=circuit.modes, operations=operations)
    port = measure(dark, Moments([Quadrature("b0", angle_rad=math.pi / 2)]), [0.0])
    assert photons / port.moment_matrix().item() == pytest.approx(0.712903226, abs=1e-9)
    assert port.moment_matrix() == pytest.approx(
        measure(dark, Homodyne(modes=("b0",), angles_rad=math.pi / 2), [0.0]).moment_matrix(), rel=1e-12
    )


@pytest.mark.parametrize(("eta", "expected"), [(1.0, 1.1112949), (0.8, 4.1737949)])
def test_the_bright_limit_of_a_network_with_mixed_signs(eta, expected):
    """||alpha||_1^2 ((1 - eta)/eta + e^{-2r})/N_c with a_j^2 ~ |alpha_j| (Gessner et al. 2020), approached as 1/N_c."""
    alpha = np.array([1.0, -2.0, 0.5])
    u = alpha / np.sqrt(np.abs(alpha))
    u /= np.linalg.norm(u)
    values = []
    for photons in (1e6, 1e7, 1e20):
        a = np.sqrt(photons * np.abs(alpha) / np.abs(alpha).sum())
        result = differences(interferometers(a, u, 1.2, eta), [0.0] * 3)
        values.append(photons * nuisance_aware_information(result.moment_matrix(), alpha).mse)
        weights = result.weights(alpha)
        assert result.jacobian.T @ weights == pytest.approx(alpha, rel=1e-9)
        assert photons * (weights @ result.covariance @ weights) == pytest.approx(values[-1], rel=1e-8)
    assert values[-1] == pytest.approx(expected, abs=5e-8)
    assert (values[0] - values[2]) / (values[1] - values[2]) == pytest.approx(10, rel=0.01)


@pytest.mark.parametrize(
    ("shares", "expected"), [((1 / 3, 1 / 3, 1 / 3), 2.5357243), ((0.2967, 0.5612, 0.1421), 2.3124177)]
)
def test_a_squeezer_at_each_node(shares, expected):
    """A third of the squeezed photons each, and the best split of them, each with the best a_j^2 ~ |alpha_j| e^{-r_j}."""
    alpha, photons = np.array([1.0, -2.0, 0.5]), 1e20
    r = np.arcsinh(np.sqrt(np.array(shares) * math.sinh(1.2) ** 2))
    weights = np.abs(alpha) * np.exp(-r)
    result = differences(interferometers(np.sqrt(photons * weights / weights.sum()), None, r, shared=False), [0.0] * 3)
    mse = nuisance_aware_information(result.moment_matrix(), alpha).mse
    assert photons * mse == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("a", "u", "expected"),
    [
        ((1, 1, 1), (-1.5, 2, -0.5), 4.743476663),
        ((1, 1, 1), (1, 1, 1), 9.285714286),
        ((1.5, 2, 0.5), None, 3.892083416),
    ],
)
def test_what_a_wrong_split_costs(a, u, expected):
    """alpha = (-1.5, 2, -.5), r = .6, eta = .7, N_c = 3 (Xia et al. 2020): the last line has the best a_j^2 ~ |alpha_j|."""
    alpha, photons = np.array([-1.5, 2.0, -0.5]), 1e20
    if u is None:
        a = np.sqrt(np.abs(alpha))
        u = alpha / a
    a = np.array(a, dtype=float) * math.sqrt(3 * photons / np.sum(np.square(a)))
    result = differences(interferometers(a, np.array(u) / np.linalg.norm(u), 0.6, 0.7), [0.0] * 3)
    assert photons * nuisance_aware_information(result.moment_matrix(), alpha).mse == pytest.approx(expected, rel=1e-9)


def test_squeezed_vacuum_alone_by_the_square_of_a_quadrature():
    """Oh et al. 2020: 2 sinh^2 2r at cos 2t = tanh 2r, and with eta = .7 at r = .8 3.326520, by method of moments."""

    def at(angle, r, eta):
        light = (Squeeze(mode="a", r=r), Sense(modes=("a",), generator="number"), Loss(mode="a", transmissivity=eta))
        square = Quadrature("a", angle_rad=angle) ** 2
        return measure(Circuit(modes=("a",), operations=light), Moments([square]), [0.0]).moment_matrix().item()

    angle = math.acos(math.tanh(1.6)) / 2
    assert at(angle, 0.8, 1.0) == pytest.approx(2 * math.sinh(1.6) ** 2, rel=1e-10)
    best = max(
        -minimize_scalar(lambda t: -at(t, 0.8, 0.7), bounds=b, method="bounded").fun for b in ((0, 0.8), (0.8, 1.6))
    )
    assert best == pytest.approx(3.326520, abs=1e-6)
    assert best < 4.154278893200


@pytest.mark.parametrize(("shared", "sigma"), [(False, 0.115697), (True, 0.099710)])
def test_the_average_phase_by_homodyne_of_displaced_squeezed_light(shared, sigma):
    """Guo et al. 2020: m = 4, N = 2.5 photons a node behind eta = .735, the best squeezing."""
    nodes, photons, eta = 4, 2.5, 0.735
    modes = tuple("abcd")

    def error(r):
        a = math.sqrt(photons - eta * math.sinh(r) ** 2 / (nodes if shared else 1))
        squeezed = [Squeeze(mode="a", r=r), *split_amplitudes(modes, [0.5] * 4)] if shared else []
        squeezed += [] if shared else [Squeeze(mode=mode, r=r) for mode in modes]
        # Displaced along p, so that phases move x.
        light = [*squeezed, *(Displace(mode=mode, p=2 * a / math.sqrt(eta)) for mode in modes)]
        light += [Sense(modes=modes, generator="number"), *(Loss(mode=m, transmissivity=eta) for m in modes)]
        circuit = Circuit(modes=modes, operations=tuple(light))
        assert native.output(circuit, [0.0] * 4).photon_number() == pytest.approx([photons] * 4)
        mean = sum((Quadrature(mode) for mode in modes[1:]), 1.0 * Quadrature("a"))
        outcome = measure(circuit, Moments([0.25 * mean]), [0.0] * 4)
        slope = outcome.jacobian @ np.ones(4)
        return math.sqrt(outcome.covariance.item()) / slope.item()

    found = minimize_scalar(error, bounds=(0.1, 1.2), method="bounded")
    assert found.fun == pytest.approx(sigma, abs=1e-6)
    assert 20 * found.x * math.log10(math.e) == pytest.approx(10.03 if shared else 6.47, abs=0.02)


def test_counting_both_ports_keeps_all_there_is_and_moments_less():
    """Lang and Caves 2013: a^2 e^{2r} + sinh^2 r at every phase, by photon counting of both ports."""
    a, r = 0.6, 0.3
    quantum = a**2 * math.exp(2 * r) + math.sinh(r) ** 2
    # Arms with +-theta/2.
    for phase in (0.4, 1.3):
        operations = (
            Displace(mode="a", x=2 * a),
            Squeeze(mode="b", r=-r),
            BeamSplitter(first="a", second="b", theta_rad=BALANCED),
            Sense(modes=("a", "b"), generator="number"),
            BeamSplitter(first="a", second="b", theta_rad=BALANCED),
        )
        circuit = Circuit(modes=("a", "b"), operations=operations)
        across = np.array([[0.5], [-0.5]])
        theta = [phase / 2, -phase / 2]
        counted = measure(circuit, PhotonCounting(largest_lost_weight=1e-11), theta).fisher_matrix(across).item()
        assert counted == pytest.approx(quantum, rel=1e-6)
        moments = measure(circuit, Moments(numbers("a", "b")), theta).moment_matrix(across).item()
        assert moments < counted


def test_twin_squeezed_vacua_have_their_information_beyond_linear_estimates_of_numbers():
    """n (n + 2) = 440 for the arm difference at n = 20; mean numbers of the ports do not move at all."""
    r = math.asinh(math.sqrt(10))
    operations = (
        Squeeze(mode="a", r=r),
        Squeeze(mode="b", r=-r),
        BeamSplitter(first="a", second="b", theta_rad=BALANCED, phi_rad=math.pi / 2),
        Sense(modes=("a", "b"), generator="number"),
        BeamSplitter(first="a", second="b", theta_rad=BALANCED, phi_rad=math.pi / 2),
    )
    circuit = Circuit(modes=("a", "b"), operations=operations)
    across = np.array([0.5, -0.5])
    options = [across @ get_engine("native").qfi(circuit, [0.0, 0.0]) @ across]
    turned = Circuit(modes=("a", "b"), operations=(Squeeze(mode="a", r=r), Squeeze(mode="b", r=r), *operations[2:]))
    options.append(across @ get_engine("native").qfi(turned, [0.0, 0.0]) @ across)
    assert max(options) == pytest.approx(440, rel=1e-9)


# --- any brightness ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("photons", [1.0, 1e4, 1e8, 1e12, 1e16, 1e20, 1e22])
def test_the_closed_form_holds_from_one_photon_to_ten_to_the_twenty(photons):
    """C, D and D C^{-1} D of PHYSICS.md section 9, loss included, with the precision that the outcomes state."""
    a = np.sqrt(photons) * np.array([1.0, 0.8, 1.3])
    u = np.array([0.6, -0.5, 0.6245])
    u /= np.linalg.norm(u)
    r, eta = 0.9, 0.7
    light = a**2 + u**2 * math.sinh(r) ** 2
    slopes = eta * np.diag(a**2 - u**2 * math.sinh(r) ** 2)
    noise = eta**2 * (np.outer(a * u, a * u) * math.expm1(-2 * r) + np.diag(light)) + eta * (1 - eta) * np.diag(light)
    result = differences(interferometers(a, u, r, eta), [0.1, -0.2, 0.3])
    assert np.abs(result.jacobian) == pytest.approx(np.abs(slopes), rel=1e-13, abs=1e-13 * photons)
    signs = np.sign(result.covariance) * np.sign(noise)
    assert (np.outer(signs[0], signs[0]) == signs).all()
    assert np.abs(result.covariance) == pytest.approx(np.abs(noise), rel=1e-13)
    assert np.abs(result.mean).max() <= 10 * result.mean_rounding * math.sqrt(noise.max())
    assert result.moment_matrix() == pytest.approx(slopes @ np.linalg.solve(noise, slopes), rel=1e-13)
    # The arms meet again, and their ports are counted.
    ports = interferometers(a, u, r, eta, ports=True)
    read = [PhotonNumber(f"a{j}") - PhotonNumber(f"b{j}") for j in range(3)]
    counted = measure(ports, Moments(read), [0.0] * 3)
    assert counted.moment_matrix() == pytest.approx(slopes @ np.linalg.solve(noise, slopes), rel=1e-12)


def test_brightness_beyond_double_precision_is_refused():
    for photons, message in (
        (1e28, "n_a has a variance of .* standard deviations in the mean,.* less light"),
        (1e320, "no finite numbers"),
    ):
        amplitude = math.sqrt(photons) if math.isfinite(photons) else 1e170
        light = GaussianState(["a"], [2 * amplitude, 0.0], np.eye(2))
        with pytest.raises(PrecisionError, match=message):
            one(light, PhotonNumber("a"))
    squeezed = GaussianState(["a"], [2e3, 0.0], np.diag([1e-10, 1e10]))
    assert one(squeezed, Quadrature("a")).covariance.item() == pytest.approx(1e-10)
    turn = np.array([[1.0, -1.0], [1.0, 1.0]]) / math.sqrt(2)
    askew = GaussianState(["a"], [2e3, 0.0], turn @ np.diag([1e-5, 1e5]) @ turn.T)
    with pytest.raises(PrecisionError, match=r"relative error of about 1e-05, .*less squeezing"):
        one(askew, Quadrature("a", angle_rad=math.pi / 4))


def test_light_too_faint_to_be_told_from_none_is_refused_and_none_is_not():
    faint = GaussianState(["a", "b"], np.zeros(4), np.eye(4) + 1e-10 * np.diag([1, 0, 1, 0]))
    with pytest.raises(PrecisionError, match=r"n_a has a variance of 5e-11, .*send more light there"):
        one(faint, PhotonNumber("a"))
    assert one(faint, PhotonNumber("b")).covariance.tolist() == [[0.0]]
    clicks = one(faint, PhotonNumber("a"), dark_counts=0.01)
    assert clicks.covariance.item() == pytest.approx(0.01 + 5e-11, rel=1e-12)


def test_outcomes_that_are_perfectly_correlated_tell_nothing_more_or_are_refused():
    together = MomentOutcomes(("n", "m"), np.zeros(2), np.ones((2, 2)), np.array([[2.0], [2.0]]))
    assert together.moment_matrix().item() == pytest.approx(4.0, rel=1e-12)
    assert together.jacobian.T @ together.weights([1.0]) == pytest.approx([1.0], rel=1e-9)
    drawn = together.normal_sample(10, np.random.default_rng(0))
    assert drawn[:, 0] == pytest.approx(drawn[:, 1], abs=1e-7)
    for covariance in (np.ones((2, 2)), np.diag([1.0, 0.0]), np.array([[1.0, 1.0], [1.0, 1.0 + 1e-15]])):
        apart = MomentOutcomes(("n", "m"), np.zeros(2), covariance, np.array([[2.0], [1.0]]))
        with pytest.raises(PrecisionError, match="no variance but a slope"):
            apart.moment_matrix()


def test_a_network_of_many_nodes_never_copies_the_covariance_of_its_light(monkeypatch):
    monkeypatch.setattr(quadratic_forms, "CHUNK", 2**15)
    nodes = 150
    rng = np.random.default_rng(1)
    circuit = interferometers(np.full(nodes, 30.0), rng.normal(size=nodes), 1.0)
    light = native.output(circuit, [0.1] * nodes)
    pairs = tuple((f"a{j}", f"b{j}") for j in range(nodes))
    measurement = IntensityDifference.mid_fringe(light, pairs)
    tracemalloc.start()
    result = measurement.outcomes(light)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert light.covariance.nbytes == 8 * (4 * nodes) ** 2
    assert peak < light.covariance.nbytes
    some = IntensityDifference(pairs=pairs[:2], angles_rad=measurement.angles_rad[:2]).outcomes(light)
    assert result.covariance[:2, :2] == pytest.approx(some.covariance, rel=1e-12)


# --- against photon counting and sums over coherent states ---------------------------------------------------


def moments_of_counts(outcomes):
    p = outcomes.probabilities
    mean = p @ outcomes.labels
    return mean, (outcomes.labels - mean).T * p @ (outcomes.labels - mean), outcomes.labels.T @ outcomes.jacobian


@pytest.mark.parametrize("detectors", [{}, {"efficiency": (0.8, 0.6), "dark_counts": (0.2, 0.05)}])
def test_photon_numbers_against_the_distribution_of_the_counts(detectors):
    circuit = random_light(np.random.default_rng(2), ["a", "b"], squeezing=0.3, displacement=0.5)
    theta = [0.2, -0.4]
    counting = PhotonCounting(detectors=Detectors(**detectors), largest_lost_weight=1e-12)
    mean, covariance, slopes = moments_of_counts(measure(circuit, counting, theta))
    result = measure(circuit, Moments(numbers("a", "b"), detectors=Detectors(**detectors)), theta)
    assert result.mean == pytest.approx(mean, abs=1e-8)
    assert result.covariance == pytest.approx(covariance, abs=1e-8)
    assert result.jacobian == pytest.approx(slopes, abs=1e-7)
    weights = np.array([[1.0, 1.0], [2.0, -0.5]])
    a, b = numbers("a", "b")
    sums = Moments([a + b, 2 * a - 0.5 * b], detectors=Detectors(**detectors))
    combined = measure(circuit, sums, theta)
    assert combined.names == ("n_a + n_b", "2 n_a - 0.5 n_b")
    assert combined.covariance == pytest.approx(weights @ covariance @ weights.T, abs=1e-8)
    assert combined.mean == pytest.approx(weights @ mean, abs=1e-8)


def test_interference_is_the_difference_of_counts_behind_a_beam_splitter():
    circuit = random_light(np.random.default_rng(3), ["a", "b"], squeezing=0.3, displacement=0.5)
    theta = [0.2, -0.4]
    behind = Circuit(
        modes=circuit.modes, operations=(*circuit.operations, BeamSplitter(first="a", second="b", theta_rad=BALANCED))
    )
    counts = measure(behind, PhotonCounting(largest_lost_weight=1e-12), theta)
    mean, covariance, slopes = moments_of_counts(counts)
    sign = np.array([-1.0, 1.0])
    result = measure(circuit, Moments([Interference("a", "b")]), theta)
    assert result.mean.item() == pytest.approx(sign @ mean, abs=1e-8)
    assert result.covariance.item() == pytest.approx(sign @ covariance @ sign, abs=1e-8)
    assert result.jacobian[0] == pytest.approx(sign @ slopes, abs=1e-7)


def warm_light():
    """Correlated light without squeezing in three modes, of rank two above the vacuum."""
    rng = np.random.default_rng(4)
    noise = rng.normal(size=(6, 2)) * 0.6
    return GaussianState(["a", "b", "c"], rng.normal(size=6), np.eye(6) + noise @ noise.T)


def test_products_of_quadratures_and_numbers_together_against_sums_over_coherent_states():
    """Normal order of x_a x_b n_c is what the amplitudes give; of the rest what vacuum noise adds is put by hand."""
    light = warm_light()
    turn, efficiency, noise, dark = 0.7, 0.8, 0.3, 0.1
    xa, yb, c = Quadrature("a"), Quadrature("b", angle_rad=turn), PhotonNumber("c")
    detectors = Detectors(efficiency=efficiency, electronic_noise=noise, dark_counts=dark)
    observables = [xa * yb, xa, c, xa**2, yb + 2 * xa * yb]
    result = measure(light, Moments(observables, detectors=detectors))
    root = math.sqrt(efficiency)
    vacuum = 1 + noise

    def amplitudes(at):
        x, y = root * at[0], root * (math.cos(turn) * at[1] + math.sin(turn) * at[4])
        return x, y, efficiency * (at[2] ** 2 + at[5] ** 2) / 4 + dark

    # Given the amplitudes: independent normal numbers of variance ``vacuum``, and a Poisson number.
    def mean_of(function):
        values, vectors = np.linalg.eigh(light.covariance - np.eye(6))
        kept = values > 1e-9
        nodes, weights = np.polynomial.hermite_e.hermegauss(12)
        total = 0.0
        for places in itertools.product(range(12), repeat=int(kept.sum())):
            at = light.mean + (vectors[:, kept] * np.sqrt(values[kept])) @ nodes[list(places)]
            total += np.prod(weights[list(places)] / math.sqrt(2 * math.pi)) * function(*amplitudes(at))
        return total

    def first(x, y, n):
        return np.array([x * y, x, n, x * x + vacuum, y + 2 * x * y])

    def second(x, y, n):
        xx, yy, nn = x * x + vacuum, y * y + vacuum, n * n + n
        x3, x4 = x**3 + 3 * x * vacuum, x**4 + 6 * x * x * vacuum + 3 * vacuum**2
        out = np.empty((5, 5))
        out[0] = xx * yy, xx * y, x * y * n, x3 * y, x * yy + 2 * xx * yy
        out[1, 1:] = xx, x * n, x3, x * y + 2 * xx * y
        out[2, 2:] = nn, xx * n, (y + 2 * x * y) * n
        out[3, 3:] = x4, xx * y + 2 * x3 * y
        out[4, 4] = yy + 4 * x * yy + 4 * xx * yy
        return np.triu(out) + np.triu(out, 1).T

    mean = mean_of(first)
    assert result.mean == pytest.approx(mean, rel=1e-10)
    assert result.covariance == pytest.approx(mean_of(second) - np.outer(mean, mean), rel=1e-9, abs=1e-9)
    assert result.names == ("x_a x_b(0.7)", "x_a", "n_c", "x_a x_a", "x_b(0.7) + 2 x_a x_b(0.7)")


def test_slopes_of_every_kind_are_derivatives_of_the_means():
    circuit = random_light(np.random.default_rng(5), ["a", "b", "c", "d"])
    theta = np.array([0.2, -0.4, 0.7, 0.1])
    detectors = Detectors(efficiency=0.9, visibility=0.8)
    x = Quadrature("a", angle_rad=0.3)
    readings = [Interference("b", "c", angle_rad=0.4), x, x**2, PhotonNumber("d") + 3 * x]
    moments = Moments(readings, detectors=detectors)
    slopes = measure(circuit, moments, theta).jacobian
    step = 1e-5
    for j, change in enumerate(np.eye(4) * step):
        ends = [measure(circuit, moments, theta + sign * change).mean for sign in (1, -1)]
        assert slopes[:, j] == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=1e-7)


def test_light_with_random_phases_has_moments_of_its_quadratures_only():
    operations = (Squeeze(mode="a", r=0.5), Displace(mode="a", x=1.0), PhaseDiffusion(mode="a", sigma_rad=0.3))
    circuit = Circuit(modes=("a",), operations=(*operations, Sense(modes=("a",), generator="momentum")))
    result = measure(circuit, Moments([Quadrature("a", angle_rad=0.2)]), [0.1])
    expected = measure(circuit, Homodyne(angles_rad=0.2), [0.1])
    assert result.mean == pytest.approx(expected.mean, rel=1e-12)
    assert result.covariance == pytest.approx(expected.covariance, rel=1e-12)
    with pytest.raises(ValueError, match="no distribution; use normal_sample"):
        result.sample(10, np.random.default_rng(0))
    with pytest.raises(ValueError, match="no phase space"):
        result.phase_space_sample(10, np.random.default_rng(0))


def test_quadratures_with_all_noise_are_homodyne_detection():
    circuit = random_light(np.random.default_rng(6), ["a", "b"])
    detectors = Detectors(efficiency=(0.9, 0.8), visibility=0.9, electronic_noise=0.1, phase_jitter_rad=(0.3, 0.2))
    homodyne = measure(circuit, Homodyne(angles_rad=(0.4, 1.0), detectors=detectors), [0.1, 0.2])
    readings = [Quadrature("a", angle_rad=0.4), Quadrature("b", angle_rad=1.0)]
    result = measure(circuit, Moments(readings, detectors=detectors), [0.1, 0.2])
    assert result.mean == pytest.approx(homodyne.mean, rel=1e-12)
    assert result.covariance == pytest.approx(homodyne.covariance, rel=1e-12)
    assert result.jacobian == pytest.approx(homodyne.jacobian, rel=1e-12)


# --- the quantum limit, and estimates ------------------------------------------------------------------------


def random_readout(rng, modes):
    """Readings of all modes, each by one detector, as random sums and products."""
    free, readings = list(rng.permutation(modes)), []
    while free:
        kind = rng.integers(3 if len(free) > 1 else 2)
        angle = rng.uniform(0, 6)
        if kind == 2:
            readings.append(Interference(free.pop(), free.pop(), angle_rad=angle))
        else:
            mode = free.pop()
            readings.append(PhotonNumber(mode) if kind else Quadrature(mode, angle_rad=angle))
    observables = list(readings)
    linear = [reading for reading in readings if isinstance(reading, Quadrature)]
    observables += [x * y for x, y in itertools.combinations_with_replacement(linear, 2)]
    if len(readings) > 1:
        observables[0] = readings[0] + 0.7 * readings[1]
    return observables


@seeds(40)
def test_moments_never_tell_more_than_the_light_has(seed):
    rng = np.random.default_rng(seed)
    modes = ["a", "b", "c", "d"][: 2 + seed % 3]
    circuit = random_light(rng, modes, displacement=10 ** rng.uniform(-1, 3), lossy=bool(seed % 2))
    theta = rng.normal(size=len(modes))
    moments = Moments(
        observables=random_readout(rng, modes), detectors=Detectors(efficiency=0.9) if seed % 4 else Detectors()
    )
    result = measure(circuit, moments, theta).moment_matrix()
    quantum = get_engine("native").qfi(circuit, theta)
    scale = np.sqrt(np.diag(quantum))
    assert np.linalg.eigvalsh((quantum - result) / np.outer(scale, scale))[0] > -1e-8


def test_intensity_differences_keep_all_of_the_quantum_information_of_bright_light():
    """Shares approach 1 from below as the squeezed photons become few among the coherent ones, up to 10^20 photons."""
    losses = []
    for photons in (1e4, 1e5, 1e20):
        operations = (
            Displace(mode="a", x=2 * math.sqrt(photons)),
            Squeeze(mode="b", r=-0.8),
            BeamSplitter(first="a", second="b", theta_rad=BALANCED),
            Sense(modes=("a", "b"), generator="number"),
        )
        circuit = Circuit(modes=("a", "b"), operations=operations)
        best = IntensityDifference.mid_fringe(native.output(circuit, [0.1, 0.2]), (("a", "b"),))
        reading = Interference("a", "b", angle_rad=best.angles_rad[0])
        shares = saturation(circuit, [0.1, 0.2], {"pairs": best, "moments": Moments([reading])}, [1.0, -1.0])
        assert shares[0].classical == shares[1].classical
        losses.append(1 - shares[0].share)
    assert losses[0] / losses[1] == pytest.approx(10, rel=0.01)
    assert losses[2] < 1e-12


def test_the_weights_are_the_best_of_all_linear_estimates():
    circuit = random_light(np.random.default_rng(7), ["a", "b", "c", "d"], displacement=5.0, d=2)
    result = measure(circuit, Moments(numbers("a", "b", "c", "d")), [0.3, 0.1])
    a = np.array([1.0, -2.0])
    w = result.weights(a)
    assert result.jacobian.T @ w == pytest.approx(a, rel=1e-9)
    variance = w @ result.covariance @ w
    assert variance == pytest.approx(nuisance_aware_information(result.moment_matrix(), a).mse, rel=1e-9)
    blind = np.linalg.svd(result.jacobian.T)[2][2:]
    rng = np.random.default_rng(8)
    for _ in range(50):
        other = w + rng.normal(size=2) @ blind * 0.1 * np.abs(w).max()
        assert result.jacobian.T @ other == pytest.approx(a, rel=1e-9)
        assert other @ result.covariance @ other > variance


def test_number_covariances_of_mixed_light_against_the_walrus():
    from thewalrus.quantum import photon_number_covmat

    rng = np.random.default_rng(9)
    states = []
    for _ in range(3):
        circuit = random_light(rng, ["a", "b", "c"])
        states.append(get_engine("native").run(circuit, rng.normal(size=3)))
    for state in states:
        expected = photon_number_covmat(state.mean, state.covariance, hbar=2)
        assert state.number_covariance() == pytest.approx(expected, abs=1e-10)
        assert one(state, PhotonNumber("b")).covariance[0, 0] == pytest.approx(expected[1, 1], abs=1e-10)
    stacked = number_covariance(np.array([s.mean for s in states]), np.array([s.covariance for s in states]))
    assert stacked == pytest.approx(np.array([s.number_covariance() for s in states]), rel=1e-14)
    with pytest.raises(ValueError, match=r"got \(3,\) and \(3, 3\)"):
        number_covariance(np.zeros(3), np.eye(3))
    mixed = FockDensity(("a",), np.array([[0], [2]]), np.diag([0.5, 0.5]))
    assert mixed.number_covariance() == pytest.approx(np.ones((1, 1)))


# --- samples -------------------------------------------------------------------------------------------------


def agree(result, drawn, sigmas=5.0):
    """Means and covariance of samples within so many of their standard deviations, the fourth moments taken from the samples."""
    shots = len(drawn)
    spread = np.sqrt(np.diag(result.covariance) / shots)
    assert np.abs(drawn.mean(axis=0) - result.mean).max() < sigmas * spread.max()
    assert (np.abs(drawn.mean(axis=0) - result.mean) < sigmas * spread).all()
    centred = drawn - result.mean
    products = centred[:, :, None] * centred[:, None, :]
    errors = products.std(axis=0) / math.sqrt(shots)
    assert (np.abs(products.mean(axis=0) - result.covariance) < sigmas * errors).all()


def test_all_readings_of_warm_light_are_drawn_exactly_with_their_detectors():
    light = warm_light()
    detectors = Detectors(
        efficiency=0.8, visibility=0.9, dark_counts=0.2, electronic_noise=0.3, phase_jitter_rad=(0.3, 0.2)
    )
    readings = [Interference("a", "b", angle_rad=0.4), Quadrature("c", angle_rad=0.2)]
    result = measure(light, Moments(readings, detectors=detectors))
    assert result.photocurrents.is_exact
    agree(result, result.sample(200_000, np.random.default_rng(1)))
    counted = measure(light, Moments(numbers("a", "b"), detectors=Detectors(efficiency=0.7, dark_counts=0.1)))
    drawn = counted.sample(200_000, np.random.default_rng(2))
    agree(counted, drawn)
    # The whole distribution, not only its moments: against photon counting.
    counting = PhotonCounting(modes=("a", "b"), detectors=Detectors(efficiency=0.7, dark_counts=0.1))
    exact = measure(light, counting)
    for label in ((0, 0), (1, 0), (0, 1), (2, 1), (3, 0)):
        p = exact.probability(*label)
        share = (drawn == label).all(axis=1).mean()
        assert abs(share - p) < 5 * math.sqrt(p * (1 - p) / len(drawn))


def test_quadratures_of_squeezed_light_and_their_products_are_drawn_exactly():
    circuit = random_light(np.random.default_rng(10), ["a", "b"])
    x, y = Quadrature("a"), Quadrature("b", angle_rad=0.5)
    quiet = measure(circuit, Moments([x, y, x * y, x**2], detectors=Detectors(efficiency=0.8)), [0.1, 0.2])
    agree(quiet, quiet.sample(200_000, np.random.default_rng(3)))
    noisy = Detectors(efficiency=0.8, electronic_noise=0.1, phase_jitter_rad=0.4)
    jittered = measure(circuit, Moments([x, x + y], detectors=noisy), [0.1, 0.2])
    agree(jittered, jittered.sample(200_000, np.random.default_rng(4)))


def test_counts_of_squeezed_light_have_stated_approximations():
    a, u = np.array([30.0, 20.0]), np.array([0.6, -0.8])
    circuit = interferometers(a, u, 0.8)
    pairs = (("a0", "b0"), ("a1", "b1"))
    detectors = Detectors(efficiency=0.9, visibility=0.95, dark_counts=0.5, phase_jitter_rad=0.01, electronic_noise=0.1)
    measurement = IntensityDifference(pairs=pairs, angles_rad=0.3, detectors=detectors)
    result = measure(circuit, measurement, [0.2, 0.1])
    assert not result.photocurrents.is_exact
    with pytest.raises(ValueError, match=r"no exact samples here; use normal_sample.*PhotonCounting"):
        result.sample(10, np.random.default_rng(0))
    agree(result, result.normal_sample(200_000, np.random.default_rng(5)))
    drawn = result.phase_space_sample(200_000, np.random.default_rng(6))
    # Variances exceed by (eta v)^2/2, here some 10^-3 of them.
    more = MomentOutcomes(
        result.names, result.mean, result.covariance + np.eye(2) * (0.9 * 0.95) ** 2 / 2, result.jacobian
    )
    agree(more, drawn)
    # Two photons in a squeezed vacuum: the excess is what it is said to be.
    number = one(SQUEEZER, PhotonNumber("a"), efficiency=0.5)
    few = number.phase_space_sample(400_000, np.random.default_rng(7))
    assert few.var() == pytest.approx(number.covariance.item() + 0.25 / 4, abs=5 * few.var() * math.sqrt(20 / 400_000))


def test_samples_are_the_same_for_the_same_seed_and_any_count_of_shots():
    result = one(warm_light(), PhotonNumber("a"))
    assert (
        result.sample(1000, np.random.default_rng(1)).tolist() == result.sample(1000, np.random.default_rng(1)).tolist()
    )
    assert result.sample(40_000, np.random.default_rng(1)).shape == (40_000, 1)
    with pytest.raises(ValueError, match="shots must be a positive integer"):
        result.sample(0, np.random.default_rng(1))
    bright = one(GaussianState(["a"], [1e10, 0.0], np.eye(2)), PhotonNumber("a"))
    hot = measure(
        GaussianState(["a", "b"], [3.0, 0, 0, 0], np.diag([1e6, 1.0, 1e6, 1.0])), Moments([PhotonNumber("a")])
    )
    assert hot.photocurrents.is_exact
    with pytest.raises(PrecisionError, match=r"64-bit integers; use normal_sample"):
        bright.sample(10, np.random.default_rng(1))


# --- what cannot be measured ---------------------------------------------------------------------------------


def test_a_pair_without_light_has_no_difference_to_measure():
    with pytest.raises(ValueError, match=r"modes 'a' and 'b' do not interfere .* \(0 and 0 photons, no coherence\)"):
        IntensityDifference.mid_fringe(output_of(UNLIT), (("a", "b"),))
    warm = GaussianState(["a", "b"], np.zeros(4), np.diag([3.0, 2.0, 3.0, 2.0]))
    with pytest.raises(ValueError, match="has no slope at any angle"):
        IntensityDifference.mid_fringe(output_of(warm), (("a", "b"),))
    # One empty node among others: no information there, no error.
    circuit = interferometers([3.0, 0.0], [1.0, 0.0], 0.5)
    result = measure(circuit, IntensityDifference(pairs=(("a0", "b0"), ("a1", "b1")), angles_rad=0.5), [0.1, 0.2])
    assert result.covariance[1].tolist() == [0.0, 0.0]
    assert result.moment_matrix()[1].tolist() == [0.0, 0.0]
    assert result.moment_matrix()[0, 0] > 1
    with pytest.raises(ValueError, match=r"do not tell the function \[0.0, 1.0\]: their means do not move along"):
        result.weights([0.0, 1.0])
    assert result.weights([1.0, 0.0])[1] == 0
    assert result.normal_sample(10, np.random.default_rng(0))[:, 1] == pytest.approx(0.0, abs=1e-9)


def test_a_readout_that_does_not_see_the_parameter_says_so():
    circuit = Circuit(modes=("a",), operations=(Squeeze(mode="a", r=0.5), Sense(modes=("a",), generator="number")))
    for reading in (PhotonNumber("a"), Quadrature("a")):
        result = measure(circuit, Moments([reading]), [0.1])
        assert result.moment_matrix().tolist() == [[0.0]]
        with pytest.raises(ValueError, match="change the working point, the readout or the light"):
            result.weights([1.0])
    with pytest.raises(ValueError, match="must have 1 coefficients"):
        result.weights([1.0, 2.0])


def test_what_is_no_observable_is_refused_with_every_fault():
    a, b = Quadrature("a"), Quadrature("b")
    n = PhotonNumber("a")
    for given, message in (
        ([], r"must be a sequence of quadratures.*got \(\)"),
        (n, "must be a sequence of quadratures"),
        (["a"], "got 'a'"),
        ([a, n], r"mode 'a' is read as x_a and as n_a, but a mode has one detector; put the beam splitter"),
        ([a, Quadrature("a", angle_rad=1.0)], "read as x_a and as x_a"),
        ([Interference("a", "b"), n + PhotonNumber("b")], "mode 'a' is read as a-b and as n_a"),
        ([a, b, a - b], "no observable may be a sum of the others"),
        ([a, a], "no observable may be a sum of the others"),
    ):
        with pytest.raises(ValueError, match=message):
            Moments(given)
    with pytest.raises(ValueError, match="random angles"):
        Moments([a * b], detectors=Detectors(phase_jitter_rad=0.1))
    with pytest.raises(ValueError, match=r"among .*, got 'z'"):
        one(UNLIT, PhotonNumber("z"))
    with pytest.raises(ValueError, match="one for each of the 1 measured"):
        one(UNLIT, n, efficiency=(0.5, 0.6))
    with pytest.raises(TypeError, match="is for Gaussian states"):
        measure(noon_state("ab", 2), Moments([n]))
    photons = Circuit(modes=("a", "b"), operations=(PrepareFock(state=noon_state("ab", 2)),))
    with pytest.raises(TypeError, match="is for Gaussian states"):
        measure(photons, Moments([n]), [])


def test_the_arithmetic_of_observables():
    a, b = Quadrature("a"), Quadrature("b")
    n = PhotonNumber("a")
    assert a * b == b * a
    assert str(-(2 * a - b)) == "-2 x_a + x_b"
    assert (a + b) ** 2 == a**2 + 2 * a * b + b**2
    assert np.float64(2.0) * a == a + a
    assert str(0.5 * n) == "0.5 n_a"
    for wrong, message in (
        (lambda: n * n, "only quadratures are multiplied, not n_a and n_a"),
        (lambda: a * b * a, "one reading or two quadratures"),
        (lambda: a**3, "squared at most"),
        (lambda: a - a, "the terms cancel"),
        (lambda: math.inf * a, "weights must be finite"),
        (lambda: Observable(terms=[]), "needs a term"),
        (lambda: Observable(terms=[(1.0, (a,)), (2.0, (a,))]), "no term may be given twice"),
        (lambda: Observable(terms=[1.0]), "pairs of a weight and a tuple"),
        (lambda: Interference("a", "a"), "two different modes"),
        (lambda: Quadrature("a", angle_rad=math.nan), "finite number, got nan"),
    ):
        with pytest.raises(ValueError, match=message):
            wrong()
    with pytest.raises(TypeError):
        a + 1
    with pytest.raises(TypeError):
        a * "b"
