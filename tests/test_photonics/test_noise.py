"""Noise of detectors and random phases against averages over tabled angles, Fock space, The Walrus and circuits with more modes."""

import itertools
import math

import numpy as np
import pytest

from photonics import (
    BeamSplitter,
    BranchProjection,
    Circuit,
    Detectors,
    Displace,
    FockDensity,
    FockState,
    GaussianOutcomes,
    GaussianState,
    Homodyne,
    IntensityDifference,
    JitteredOutcomes,
    Loss,
    MomentOutcomes,
    NumberControl,
    Parity,
    PhaseDiffusion,
    PhaseShift,
    PhotonCounting,
    PrepareFock,
    Sense,
    Squeeze,
    StringProjection,
    ThresholdDetection,
    best_homodyne_angles,
    branch_state,
    measure,
    noon_state,
    saturation,
)
from photonics.engines import native

NATIVE = native
NUMBER = Sense(modes=("a", "b"), generator="number")
MOMENTUM = Sense(modes=("a", "b"), generator="momentum")
LIGHT = (
    Squeeze(mode="a", r=0.5),
    Squeeze(mode="b", r=0.3, angle_rad=0.9),
    BeamSplitter(first="a", second="b", theta_rad=0.6, phi_rad=0.4),
    Displace(mode="a", x=1.4, p=-0.6),
    Displace(mode="b", x=-0.3, p=0.8),
)
THETA = [0.3, -0.2]
ANGLES = (0.4, 1.1)
PHASES = Circuit(modes=("a", "b"), operations=(*LIGHT, NUMBER, Loss(mode="b", transmissivity=0.8)))
SHIFTS = Circuit(modes=("a", "b"), operations=(*LIGHT, MOMENTUM))
VACUA = Circuit(modes=("a", "b"), operations=(*LIGHT[:3], NUMBER))
HALF = BeamSplitter(first="a", second="b", theta_rad=math.pi / 4)


def normal_nodes(sigma, count=61, ends=9.0):
    """Angles and weights whose sums are normal averages of trigonometric functions to machine precision (trapezoids)."""
    angles = np.linspace(-ends * sigma, ends * sigma, count)
    weights = np.exp(-((angles / sigma) ** 2) / 2) if sigma else np.ones(count)
    return angles, weights / weights.sum()


def brute_force(circuit, theta, jitter, efficiency=(1.0, 1.0), noise=(0.0, 0.0)):
    """Weights, means (n, 2) and covariances (n, 2, 2) of the Gaussians that two random angles mix."""
    tables = [normal_nodes(sigma) if sigma else (np.zeros(1), np.ones(1)) for sigma in jitter]
    state = NATIVE.run(circuit, theta)
    weights, means, covariances = [], [], []
    for (first, w), (second, u) in itertools.product(zip(*tables[0], strict=True), zip(*tables[1], strict=True)):
        angles = np.add(ANGLES, (first, second))
        rows = np.hstack([np.diag(np.cos(angles)), np.diag(np.sin(angles))]) * np.sqrt(efficiency)[:, None]
        weights.append(w * u)
        means.append(rows @ state.mean)
        covariances.append(rows @ state.covariance @ rows.T + np.diag(1 - np.array(efficiency) + noise))
    return np.array(weights), np.array(means), np.array(covariances)


def statistics(weights, means, covariances, centre):
    """Mean and covariance of the outcomes less a fixed centre and of their three products, Isserlis' theorem for each angle."""
    pairs = [(0, 0), (0, 1), (1, 1)]
    first, second = np.zeros(5), np.zeros((5, 5))
    for w, m, s in zip(weights, means - centre, covariances, strict=True):
        plain = np.array([*m, *(s[i, j] + m[i] * m[j] for i, j in pairs)])
        spread = np.zeros((5, 5))
        spread[:2, :2] = s
        for row, (i, j) in enumerate(pairs, 2):
            for k in range(2):
                spread[row, k] = spread[k, row] = s[i, k] * m[j] + s[j, k] * m[i]
            for column, (k, n) in enumerate(pairs, 2):
                spread[row, column] = (
                    s[i, k] * s[j, n]
                    + s[i, n] * s[j, k]
                    + m[i] * m[k] * s[j, n]
                    + m[i] * m[n] * s[j, k]
                    + m[j] * m[k] * s[i, n]
                    + m[j] * m[n] * s[i, k]
                )
        first += w * plain
        second += w * (spread + np.outer(plain, plain))
    return first, second - np.outer(first, first)


@pytest.mark.parametrize("circuit", [PHASES, SHIFTS, VACUA], ids=["phases", "displacements", "vacua"])
@pytest.mark.parametrize("jitter", [(0.2, 0.5), (0.0, 0.3), (1.3, 0.05)])
def test_random_homodyne_angles_against_averages_over_tabled_angles(circuit, jitter):
    efficiency, visibility, noise = (0.9, 0.7), (0.95, 1.0), (0.1, 0.0)
    detectors = Detectors(efficiency=efficiency, visibility=visibility, electronic_noise=noise, phase_jitter_rad=jitter)
    measurement = Homodyne(angles_rad=ANGLES, detectors=detectors)
    seen = np.array(efficiency) * np.array(visibility) ** 2
    result = measure(circuit, measurement, THETA)
    assert isinstance(result, JitteredOutcomes)
    weights, means, covariances = brute_force(circuit, THETA, jitter, seen, noise)
    _, covariance = statistics(weights, means, covariances, weights @ means)
    assert result.mean == pytest.approx(weights @ means, abs=1e-12)
    assert result.covariance == pytest.approx(covariance[:2, :2], rel=1e-10, abs=1e-10)
    step, slopes = 1e-4, []
    for j in range(2):
        ends = []
        for shift in (step, -step, 2 * step, -2 * step):
            at = [t + shift * (k == j) for k, t in enumerate(THETA)]
            ends.append(statistics(*brute_force(circuit, at, jitter, seen, noise), weights @ means)[0])
        slopes.append((8 * (ends[0] - ends[1]) - (ends[2] - ends[3])) / (12 * step))
    whole = np.array(slopes) @ np.linalg.solve(covariance, np.array(slopes).T)
    linear = np.array(slopes)[:, :2] @ np.linalg.solve(covariance[:2, :2], np.array(slopes)[:, :2].T)
    assert result.jacobian == pytest.approx(np.array(slopes)[:, :2].T, abs=1e-9)
    assert result.moment_matrix() == pytest.approx(linear, abs=1e-8)
    assert result.fisher_matrix() == pytest.approx(whole, abs=1e-8)
    across = np.array([[1.0], [0.4]])
    assert result.fisher_matrix(across) == pytest.approx(across.T @ whole @ across, abs=1e-8)
    assert np.linalg.eigvalsh(NATIVE.qfi(circuit, THETA) - result.fisher_matrix())[0] > -1e-9


@pytest.mark.parametrize("circuit", [PHASES, SHIFTS, VACUA], ids=["phases", "displacements", "vacua"])
def test_small_angles_come_to_the_gaussian_outcomes(circuit):
    plain = measure(circuit, Homodyne(angles_rad=ANGLES, efficiency=0.8), THETA)
    near = measure(
        circuit, Homodyne(angles_rad=ANGLES, detectors=Detectors(efficiency=0.8, phase_jitter_rad=1e-6)), THETA
    )
    assert isinstance(plain, GaussianOutcomes)
    assert near.fisher_matrix() == pytest.approx(plain.fisher_matrix(), rel=1e-8, abs=1e-9)
    assert near.moment_matrix() == pytest.approx(plain.moment_matrix(), rel=1e-8, abs=1e-9)
    assert np.linalg.eigvalsh(plain.fisher_matrix() - plain.moment_matrix())[0] > -1e-12


def test_moments_of_one_mode_never_exceed_the_fisher_information_of_its_density():
    circuit = Circuit(modes=("a",), operations=(Squeeze(mode="a", r=0.8), Sense(modes=("a",), generator="number")))
    angle, sigma = 0.5, 0.15
    detectors = Detectors(phase_jitter_rad=sigma, efficiency=0.9)
    result = measure(circuit, Homodyne(angles_rad=angle, detectors=detectors), [0.1])
    shifts, weights = normal_nodes(sigma)
    x = np.linspace(-20, 20, 8001)

    def density(theta):
        state = NATIVE.run(circuit, [theta])
        cos, sin = np.cos(angle + shifts), np.sin(angle + shifts)
        v = state.covariance
        variance = 0.9 * (cos**2 * v[0, 0] + 2 * cos * sin * v[0, 1] + sin**2 * v[1, 1]) + 0.1
        return (weights / np.sqrt(2 * np.pi * variance)) @ np.exp(-(x**2) / 2 / variance[:, None])

    p = density(0.1)
    slope = (density(0.1 + 1e-4) - density(0.1 - 1e-4)) / 2e-4
    exact = float(np.sum(slope**2 / p) * (x[1] - x[0]))
    assert result.moment_matrix() == pytest.approx(0.0, abs=1e-20)
    assert 0.7 * exact < result.fisher_matrix().item() < exact


def test_samples_of_random_angles_have_their_moments():
    shots = 200_000
    detectors = Detectors(phase_jitter_rad=(0.4, 0.1), efficiency=0.8, electronic_noise=0.2)
    result = measure(PHASES, Homodyne(angles_rad=ANGLES, detectors=detectors), THETA)
    drawn = result.sample(shots, np.random.default_rng(5))
    spread = np.sqrt(np.diag(result.covariance) / shots)
    assert (np.abs(drawn.mean(axis=0) - result.mean) < 4 * spread).all()
    weights, means, covariances = brute_force(PHASES, THETA, (0.4, 0.1), (0.8, 0.8), (0.2, 0.2))
    _, covariance = statistics(weights, means, covariances, result.mean)
    away = drawn - result.mean
    products = np.column_stack([away[:, 0] ** 2, away[:, 0] * away[:, 1], away[:, 1] ** 2])
    expected = result.covariance[np.triu_indices(2)]
    assert (np.abs(products.mean(axis=0) - expected) < 4 * np.sqrt(np.diag(covariance)[2:] / shots)).all()


@pytest.mark.parametrize("where", ["before the beam splitter", "last"])
def test_moments_of_light_with_random_phases_against_averages_over_circuits(where):
    diffusion = PhaseDiffusion(mode="a", sigma_rad=0.4)

    def circuit(operation):
        operations = [*LIGHT, NUMBER, Loss(mode="a", transmissivity=0.9), HALF, NUMBER]
        operations.insert(6 if where != "last" else len(operations), operation)
        return Circuit(modes=("a", "b"), operations=tuple(operations))

    result = measure(circuit(diffusion), Homodyne(angles_rad=ANGLES), THETA)
    assert isinstance(result, MomentOutcomes)
    shifts, weights = normal_nodes(0.4)
    parts = [
        measure(circuit(PhaseShift(mode="a", angle_rad=shift)), Homodyne(angles_rad=ANGLES), THETA)
        for shift in shifts.tolist()
    ]
    mean = sum(w * part.mean for w, part in zip(weights, parts, strict=True))
    second = sum(w * (part.covariance + np.outer(part.mean, part.mean)) for w, part in zip(weights, parts, strict=True))
    assert result.mean == pytest.approx(mean, abs=1e-12)
    assert result.covariance == pytest.approx(second - np.outer(mean, mean), abs=1e-12)
    slopes = sum(w * part.jacobian for w, part in zip(weights, parts, strict=True))
    assert result.jacobian == pytest.approx(slopes, abs=1e-12)
    assert result.fisher_matrix() == pytest.approx(slopes.T @ np.linalg.solve(result.covariance, slopes), abs=1e-10)


def test_a_random_phase_at_the_end_is_a_random_angle_of_the_detector():
    last = Circuit(modes=("a", "b"), operations=(*PHASES.operations, PhaseDiffusion(mode="b", sigma_rad=0.3)))
    ours = measure(last, Homodyne(angles_rad=ANGLES, efficiency=0.8), THETA)
    theirs = measure(
        PHASES, Homodyne(angles_rad=ANGLES, detectors=Detectors(efficiency=0.8, phase_jitter_rad=(0, 0.3))), THETA
    )
    assert ours.mean == pytest.approx(theirs.mean, abs=1e-12)
    assert ours.covariance == pytest.approx(theirs.covariance, abs=1e-12)
    both = measure(last, Homodyne(angles_rad=ANGLES, detectors=Detectors(phase_jitter_rad=0.4)), THETA)
    one = measure(PHASES, Homodyne(angles_rad=ANGLES, detectors=Detectors(phase_jitter_rad=(0.4, 0.5))), THETA)
    assert both.covariance == pytest.approx(one.covariance, abs=1e-12)


def test_random_phases_of_bright_and_squeezed_light_in_fock_space():
    """Moments from the Gaussian engine are those of the density matrix of the Fock engine."""
    operations = (
        Displace(mode="a", x=0.8),
        Squeeze(mode="b", r=0.3),
        PhaseDiffusion(mode="a", sigma_rad=0.5),
        BeamSplitter(first="a", second="b", theta_rad=0.5),
        Sense(modes=("a",), generator="number"),
    )
    circuit = Circuit(modes=("a", "b"), operations=operations)
    density = NATIVE.run(circuit, [0.2])
    assert isinstance(density, FockDensity)
    place = {tuple(row): k for k, row in enumerate(density.occupations.tolist())}
    lower = np.zeros((2, len(place), len(place)))
    for (n, m), k in place.items():
        for mode, photons, below in ((0, n, (n - 1, m)), (1, m, (n, m - 1))):
            if below in place:
                lower[mode, place[below], k] = math.sqrt(photons)
    result = measure(circuit, Homodyne(), [0.2])
    means = [2 * np.sum(density.matrix.T * a).real for a in lower]
    assert means == pytest.approx(result.mean.tolist(), abs=1e-9)
    for j, k in itertools.product(range(2), repeat=2):
        paired, kept = lower[j] @ lower[k], lower[j].T @ lower[k]
        second = 2 * np.sum(density.matrix.T * (paired + kept)).real + (j == k)
        assert second - means[j] * means[k] == pytest.approx(result.covariance[j, k], abs=1e-9)


@pytest.mark.parametrize("sigma", [0.1, 0.6])
def test_diffused_coherent_light_and_its_quantum_information(sigma):
    """The density matrix of coherent light of a random phase, entry by entry, and its information from differences of averages."""
    operations = (
        Displace(mode="a", x=1.6),
        Sense(modes=("a",), generator="number"),
        PhaseDiffusion(mode="a", sigma_rad=sigma),
    )
    circuit = Circuit(modes=("a",), operations=operations)
    density = NATIVE.run(circuit, [0.3])
    n = density.occupations[:, 0]
    amplitudes = np.exp(-0.32) * 0.8**n / np.sqrt([float(math.factorial(k)) for k in n.tolist()])
    gaps = n[:, None] - n[None, :]
    expected = np.outer(amplitudes, amplitudes) * np.exp(-0.3j * gaps - (sigma * gaps) ** 2 / 2)
    assert density.matrix == pytest.approx(expected, abs=1e-12)
    values, vectors = np.linalg.eigh(expected)
    slope = vectors.conj().T @ (-1j * gaps * expected) @ vectors
    total = values[:, None] + values[None, :]
    quantum = float((2 * np.abs(slope[total > 1e-12]) ** 2 / total[total > 1e-12]).sum())
    assert NATIVE.qfi(circuit, [0.3]).item() == pytest.approx(quantum, rel=1e-6)
    p = measure(circuit, Homodyne(angles_rad=math.pi / 2 - 0.3), [0.3])
    # Errors of one shot: shot noise and jitter; the quantum one is below, and below that without jitter.
    assert p.moment_matrix().item() == pytest.approx(
        1.6**2 * math.exp(-(sigma**2)) / (1 + 1.6**2 * (1 - math.exp(-2 * sigma**2)) / 2), rel=1e-12
    )
    assert p.moment_matrix().item() < quantum < 4 * 0.64


def test_homodyne_covers_all_noise_in_one_variance():
    state = GaussianState(["a"], [0.0, 3.0], np.diag([0.2, 5.0]))
    detectors = Detectors(efficiency=0.9, visibility=0.95, electronic_noise=0.05, phase_jitter_rad=0.1)
    result = measure(state, Homodyne(detectors=detectors))
    eta, sin2 = 0.9 * 0.95**2, (1 - math.exp(-0.02)) / 2
    assert result.covariance.item() == pytest.approx(
        eta * (0.2 * (1 - sin2) + 5 * sin2 + 9 * sin2) + 1 - eta + 0.05, rel=1e-12
    )


# --- intensity differences -----------------------------------------------------------------------------------


def interferometer(a=2.0, r=0.6, eta=1.0, extra=()):
    """Coherent light and squeezed vacuum on a balanced beam splitter, then the arms with the phase of the second one."""
    losses = tuple(Loss(mode=mode, transmissivity=eta) for mode in "ab")
    operations = (
        Displace(mode="a", x=2 * a),
        Squeeze(mode="b", r=r, angle_rad=math.pi),
        BeamSplitter(first="a", second="b", theta_rad=math.pi / 4, phi_rad=math.pi / 2),
        Sense(modes=("b",), generator="number"),
        *losses,
        *extra,
    )
    return Circuit(modes=("a", "b"), operations=operations)


@pytest.mark.parametrize(("squared", "mse"), [(2.0, 0.396273826), (4.0, 0.124605011)])
def test_one_interferometer_at_mid_fringe(squared, mse):
    """(a^2 e^{-2r} + sinh^2 r)/(a^2 - sinh^2 r)^2, PHYSICS.md section 9."""
    best = math.inf
    for angle in (0.0, math.pi):
        operations = tuple(
            Squeeze(mode="b", r=0.6, angle_rad=angle) if isinstance(op, Squeeze) else op
            for op in interferometer(math.sqrt(squared)).operations
        )
        circuit = Circuit(modes=("a", "b"), operations=operations)
        output = NATIVE.output(circuit, [0.2])
        result = measure(circuit, IntensityDifference.mid_fringe(output, (("a", "b"),)), [0.2])
        assert result.mean == pytest.approx(0.0, abs=1e-12)
        assert result.jacobian.item() == pytest.approx(squared - math.sinh(0.6) ** 2, rel=1e-12)
        best = min(best, 1 / result.moment_matrix().item())
    assert best == pytest.approx(mse, rel=1e-8)


@pytest.mark.parametrize(("eta", "expected"), [(1.0, 18.7802), (0.7, 8.049026084)])
def test_a_network_of_interferometers_fed_by_one_squeezer(eta, expected):
    """C, D and D C^{-1} D of PHYSICS.md section 9, for three nodes, one with a negative share of the squeezed light."""
    a, r = np.array([3.0, 2.0, 2.5]), 0.9
    u = np.array([0.6, -0.5, 0.6245])
    u /= np.linalg.norm(u)
    modes = tuple(f"{kind}{k}" for k in range(3) for kind in "ab")
    operations = [Displace(mode=f"a{k}", x=2 * a[k]) for k in range(3)]
    operations += [Squeeze(mode="b0", r=r, angle_rad=math.pi)]
    angle = math.acos(u[0])
    operations += [BeamSplitter(first="b0", second="b1", theta_rad=angle)]
    operations += [BeamSplitter(first="b1", second="b2", theta_rad=math.atan2(u[2], u[1]))]
    operations += [BeamSplitter(first=f"a{k}", second=f"b{k}", theta_rad=math.pi / 4) for k in range(3)]
    operations += [Sense(modes=tuple(f"b{k}" for k in range(3)), generator="number")]
    operations += [Loss(mode=mode, transmissivity=eta) for mode in modes if eta < 1]
    circuit = Circuit(modes=modes, operations=tuple(operations))
    pairs = tuple((f"a{k}", f"b{k}") for k in range(3))
    theta = [0.1, -0.3, 0.2]
    output = NATIVE.output(circuit, theta)
    result = measure(circuit, IntensityDifference.mid_fringe(output, pairs), theta)
    photons = a**2 + u**2 * math.sinh(r) ** 2
    c = np.outer(a * u, a * u) * (math.exp(-2 * r) - 1) + np.diag(photons)
    slopes = eta * np.diag(a**2 - u**2 * math.sinh(r) ** 2)
    covariance = eta**2 * c + eta * (1 - eta) * np.diag(photons)
    assert result.jacobian == pytest.approx(slopes, abs=1e-9)
    assert np.abs(result.covariance) == pytest.approx(np.abs(covariance), abs=1e-9)
    assert result.moment_matrix()[0, 0] == pytest.approx(expected, rel=2e-5 if eta == 1 else 1e-9)
    assert result.moment_matrix() == pytest.approx(slopes @ np.linalg.solve(covariance, slopes), rel=1e-9)
    assert np.linalg.eigvalsh(NATIVE.qfi(circuit, theta) - result.moment_matrix())[0] > -1e-9


@pytest.mark.parametrize("jitter", [0.0, 0.4])
def test_intensity_differences_with_all_their_noise_from_circuits_with_more_modes(jitter):
    """Against photon numbers by The Walrus: light that does not overlap as modes of its own, losses, tabled angles, dark counts."""
    from thewalrus.quantum import photon_number_covar, photon_number_mean

    efficiency, v, dark, noise, angle = 0.8, 0.9, 0.3, 0.05, 0.7
    detectors = Detectors(
        efficiency=efficiency, visibility=v, dark_counts=dark, electronic_noise=noise, phase_jitter_rad=jitter
    )
    modes = ("a", "b", "c", "d")
    light = (*LIGHT, Squeeze(mode="c", r=0.4), Displace(mode="d", x=0.9, p=0.3))
    light += (
        BeamSplitter(first="b", second="c", theta_rad=0.3, phi_rad=0.8),
        BeamSplitter(first="a", second="d", theta_rad=1.1),
    )
    circuit = Circuit(modes=modes, operations=(*light, Sense(modes=modes, generator="number")))
    theta = [0.1, 0.2, -0.3, 0.5]
    measurement = IntensityDifference(pairs=(("a", "b"), ("c", "d")), angles_rad=angle, detectors=detectors)
    result = measure(circuit, measurement, theta)
    assert result.names == ("a-b", "c-d")

    def behind(first, second, at):
        """Means and covariance of both differences at two fixed angles."""
        everything = (*modes, *(f"{mode}*" for mode in modes))
        operations = [*light, Sense(modes=modes, generator="number")]
        for mode, shift in (("b", first + angle), ("d", second + angle)):
            operations += [
                PhaseShift(mode=mode, angle_rad=shift),
                # What of the second mode does not overlap meets the vacuum of another one.
                BeamSplitter(first=mode, second=f"{mode}*", theta_rad=math.acos(v)),
            ]
        for a, b in (("a", "b"), ("c", "d"), ("a*", "b*"), ("c*", "d*")):
            operations.append(BeamSplitter(first=a, second=b, theta_rad=math.pi / 4))
        operations += [Loss(mode=mode, transmissivity=efficiency) for mode in everything]
        state = NATIVE.run(Circuit(modes=everything, operations=tuple(operations)), at)
        signs = np.zeros((2, 8))
        for pair, (a, b) in enumerate((("a", "b"), ("c", "d"))):
            for suffix in ("", "*"):
                signs[pair, everything.index(a + suffix)], signs[pair, everything.index(b + suffix)] = -1, 1
        numbers = np.array([photon_number_mean(state.mean, state.covariance, k, hbar=2) for k in range(8)])
        spread = np.array(
            [[photon_number_covar(state.mean, state.covariance, j, k, hbar=2) for k in range(8)] for j in range(8)]
        )
        return signs @ numbers, signs @ spread @ signs.T, np.abs(signs) @ numbers

    shifts, weights = normal_nodes(jitter, 17, 6.5) if jitter else (np.zeros(1), np.ones(1))

    def averaged(at):
        first, second = np.zeros(2), np.zeros((2, 2))
        for (s, w), (t, u) in itertools.product(zip(shifts, weights, strict=True), repeat=2):
            mean, covariance, photons = behind(s, t, at)
            first += w * u * mean
            second += w * u * (covariance + np.outer(mean, mean))
        return first, second - np.outer(first, first), photons

    mean, covariance, photons = averaged(theta)
    covariance += np.diag(2 * dark + noise * photons)
    assert result.mean == pytest.approx(mean, abs=1e-8)
    assert result.covariance == pytest.approx(covariance, abs=1e-8)
    if not jitter:
        step = 1e-4
        for j in range(4):
            ends = [averaged([t + s * (k == j) for k, t in enumerate(theta)])[0] for s in (step, -step)]
            assert result.jacobian[:, j] == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=1e-6)


# --- counting ------------------------------------------------------------------------------------------------

MIXED = Circuit(
    modes=("a", "b"),
    operations=(
        PrepareFock(state=FockState.from_terms("ab", {(2, 1): 0.6, (0, 2): 0.64j, (1, 0): 0.48})),
        NUMBER,
        HALF,
    ),
)


@pytest.mark.parametrize("circuit", [MIXED, VACUA], ids=["photons", "squeezed"])
def test_efficiencies_of_single_modes_are_losses_and_dark_counts_are_convolved(circuit):
    eta, dark = (0.9, 0.6), (0.05, 0.2)
    detectors = Detectors(efficiency=eta, dark_counts=dark)
    losses = tuple(Loss(mode=mode, transmissivity=t) for mode, t in zip("ab", eta, strict=True))
    behind = Circuit(modes=("a", "b"), operations=(*circuit.operations, *losses))
    perfect = measure(behind, PhotonCounting(), THETA)
    poor = measure(circuit, PhotonCounting(detectors=detectors), THETA)
    levels = 1 + int(perfect.labels.max())
    table = np.zeros((levels, levels))
    table[tuple(perfect.labels.T)] = perfect.probabilities
    poisson = [[math.exp(-d) * d**k / math.factorial(k) for k in range(levels)] for d in dark]
    for label in itertools.product(range(3), repeat=2):
        expected = sum(
            poisson[0][label[0] - j] * poisson[1][label[1] - k] * table[j, k]
            for j in range(label[0] + 1)
            for k in range(label[1] + 1)
        )
        assert poor.probability(*label) == pytest.approx(expected, abs=1e-9)
    # Everything else follows from the counts.
    clicks = measure(circuit, ThresholdDetection(detectors=detectors), THETA)
    assert clicks.probability(0, 0) == pytest.approx(poor.probability(0, 0), abs=1e-9)
    dark_first = poor.probabilities[poor.labels[:, 0] == 0].sum()
    assert clicks.probability(0, 0) + clicks.probability(0, 1) == pytest.approx(dark_first, abs=1e-8)
    for modes, index in (((("a",)), [0]), (("a", "b"), [0, 1])):
        own = Detectors(efficiency=[eta[k] for k in index], dark_counts=[dark[k] for k in index])
        parity = measure(circuit, Parity(modes=modes, detectors=own), THETA)
        signs = (-1.0) ** poor.labels[:, index].sum(axis=1)
        assert parity.probability(1) - parity.probability(-1) == pytest.approx(signs @ poor.probabilities, abs=1e-8)
        without = measure(behind, Parity(modes=modes), THETA)
        # exp(-2 d) for each detector.
        factor = math.exp(-2 * sum(dark[k] for k in index))
        assert parity.probability(1) - parity.probability(-1) == pytest.approx(
            factor * (without.probability(1) - without.probability(-1)), abs=1e-12
        )
        assert parity.jacobian == pytest.approx(factor * without.jacobian, abs=1e-12)


def test_dark_counts_take_the_information_of_a_dark_fringe():
    circuit = Circuit(
        modes=("a", "b"),
        operations=(PrepareFock(state=noon_state("ab", 2)), Sense(modes=("a",), generator="number"), HALF),
    )
    theta = [
        next(
            t for t in (0.0, math.pi / 2) if measure(circuit, Parity(modes=("a",)), [t]).probabilities.max() > 1 - 1e-9
        )
    ]
    assert measure(circuit, Parity(modes=("a",)), theta).fisher_matrix().item() == pytest.approx(4.0, rel=1e-6)
    noisy = Parity(modes=("a",), detectors=Detectors(dark_counts=1e-3))
    assert measure(circuit, noisy, theta).fisher_matrix().item() == pytest.approx(0.0, abs=1e-9)
    away = measure(circuit, noisy, [theta[0] + 0.4]).fisher_matrix().item()
    assert away == pytest.approx(4.0 * (1 - 2e-3 * 2 / math.sin(0.8) ** 2), rel=0.02)


# --- projections ---------------------------------------------------------------------------------------------


def branches(eta=(1.0, 1.0, 1.0), extra=(), first=(3, 0, 0), second=(0, 1, 2), state=None):
    modes = ("a", "b", "c")
    start = PrepareFock(state=state or branch_state(modes, first, second))
    losses = tuple(Loss(mode=mode, transmissivity=t) for mode, t in zip(modes, eta, strict=True))
    return Circuit(modes=modes, operations=(start, NUMBER, *losses, *extra))


@pytest.mark.parametrize("strings", [((3, 0, 0), (0, 1, 2)), ((2, 1, 0), (1, 0, 2)), ((2, 0, 0), (0, 1, 0))])
def test_efficiency_and_jitter_of_a_branch_projection_are_channels_of_the_circuit(strings):
    """Also where the branches share a mode, and where light with more photons decays into them."""
    first, second = strings
    terms = {(3, 0, 0): 0.5, (2, 1, 0): 0.5j, (0, 1, 2): 0.5, (1, 0, 2): 0.5}
    state = FockState.from_terms("abc", terms)
    eta, jitter = (0.9, 0.7, 0.8), (0.2, 0.1, 0.3)
    noisy = Detectors(efficiency=eta, phase_jitter_rad=jitter)
    channels = (
        *(Loss(mode=m, transmissivity=t) for m, t in zip("abc", eta, strict=True)),
        *(PhaseDiffusion(mode=m, sigma_rad=s) for m, s in zip("abc", jitter, strict=True)),
    )
    ours = measure(
        branches(state=state), BranchProjection(first=first, second=second, phase_rad=0.4, detectors=noisy), THETA
    )
    projection = BranchProjection(first=first, second=second, phase_rad=0.4)
    # Random phases behind loss are those of the strings that are seen.
    theirs = projection.outcomes(NATIVE.output(branches(state=state, extra=channels), THETA))
    assert ours.probabilities == pytest.approx(theirs.probabilities, abs=1e-12)
    assert ours.jacobian == pytest.approx(theirs.jacobian, abs=1e-12)
    assert ours.fisher_matrix() == pytest.approx(theirs.fisher_matrix(), abs=1e-9)


@pytest.mark.parametrize("visibility", [1.0, 0.9])
def test_the_fringe_of_noisy_branches_in_closed_form(visibility):
    jitter = 0.1
    detectors = Detectors(visibility=visibility, phase_jitter_rad=jitter, efficiency=0.95)
    projection = BranchProjection(first=(3, 0, 0), second=(0, 1, 2), phase_rad=0.4, detectors=detectors)
    result = measure(branches((0.9, 0.9, 0.9)), projection, THETA)
    survival = (0.9 * 0.95) ** 3
    fringe = visibility * math.exp(-(9 + 1 + 4) * jitter**2 / 2)
    relative = 3 * THETA[0] - THETA[1] - 0.4
    for sign in (1, -1):
        expected = survival * (1 + sign * fringe * math.cos(relative)) / 2
        assert result.probability(sign) == pytest.approx(expected, abs=1e-12)
    slope = survival * fringe * math.sin(relative) / 2
    information = slope**2 * (1 / result.probability(1) + 1 / result.probability(-1))
    assert result.fisher_matrix() == pytest.approx(information * np.outer([3, -1], [3, -1]), rel=1e-9)
    assert saturation(branches((0.9, 0.9, 0.9)), THETA, {"noisy": projection}, [3.0, -1.0])[0].share < fringe**2 + 1e-9


@pytest.mark.parametrize("photons", [2, 3])
@pytest.mark.parametrize("eta", [1.0, 0.6])
def test_dark_counts_of_a_projection_are_those_of_counters_behind_a_beam_splitter(photons, eta):
    """N00N: as many counts as photons, their parity in one port tells the branch state."""
    dark, efficiency = 0.07, 0.8
    losses = tuple(Loss(mode=mode, transmissivity=eta) for mode in "ab")
    start = (PrepareFock(state=noon_state("ab", photons)), Sense(modes=("a",), generator="number"), *losses)
    detectors = Detectors(efficiency=efficiency, dark_counts=dark)
    counted = measure(Circuit(modes=("a", "b"), operations=(*start, HALF)), PhotonCounting(detectors=detectors), [0.3])
    told = counted.labels.sum(axis=1) == photons
    even = counted.labels[:, 1] % 2 == 0
    chances = sorted(float(counted.probabilities[told & which].sum()) for which in (even, ~even))
    first, second = (photons, 0), (0, photons)
    projection = BranchProjection(first=first, second=second, detectors=detectors)
    result = measure(Circuit(modes=("a", "b"), operations=start), projection, [0.3])
    assert sorted([result.probability(1), result.probability(-1)]) == pytest.approx(chances, abs=1e-12)
    slopes = sorted(float(counted.jacobian[told & which].sum()) for which in (even, ~even))
    assert sorted(result.jacobian[:2, 0].tolist()) == pytest.approx(slopes, abs=1e-12)
    whole = projection.outcomes(NATIVE.output(Circuit(modes=("a", "b"), operations=start), [0.3]))
    assert whole.probabilities == pytest.approx(result.probabilities, abs=1e-12)
    strings = StringProjection(
        strings=[first, second], vectors=np.array([[1, 1], [1, -1]]) / math.sqrt(2), detectors=detectors
    )
    theirs = measure(Circuit(modes=("a", "b"), operations=start), strings, [0.3])
    assert theirs.probabilities == pytest.approx(result.probabilities, abs=1e-12)
    assert theirs.fisher_matrix() == pytest.approx(result.fisher_matrix(), rel=1e-9)


def test_modes_that_no_string_occupies_have_no_detector():
    """Dark counts there spoil nothing, and what the light beside has there is not seen."""
    losses = tuple(Loss(mode=mode, transmissivity=0.7) for mode in "ab")
    start = (PrepareFock(state=noon_state("ab", 2)), Sense(modes=("a",), generator="number"), *losses)
    ours = Detectors(efficiency=(0.8, 0.9), dark_counts=(0.1, 0.05))
    pair = measure(
        Circuit(modes=("a", "b"), operations=start),
        BranchProjection(first=(2, 0), second=(0, 2), detectors=ours),
        [0.3],
    )
    more = Detectors(efficiency=(0.8, 0.9, 0.5), dark_counts=(0.1, 0.05, 3.0))
    beside = FockState.from_terms("abc", {(2, 0, 0): math.sqrt(0.5), (0, 2, 0): math.sqrt(0.5)})
    circuit = Circuit(modes=("a", "b", "c"), operations=(PrepareFock(state=beside), *start[1:]))
    for projection in (
        BranchProjection(first=(2, 0, 0), second=(0, 2, 0), detectors=more),
        StringProjection(
            strings=[(2, 0, 0), (0, 2, 0)], vectors=np.array([[1, 1], [1, -1]]) / math.sqrt(2), detectors=more
        ),
    ):
        result = measure(circuit, projection, [0.3])
        assert result.probabilities == pytest.approx(pair.probabilities, abs=1e-12)
        assert result.jacobian == pytest.approx(pair.jacobian, abs=1e-12)
        whole = projection.outcomes(NATIVE.output(circuit, [0.3]))
        assert whole.probabilities == pytest.approx(pair.probabilities, abs=1e-12)


def test_projection_on_strings_with_fewer_photons_than_the_survivors_sees_them():
    """The closed form of survivors does not know them, so the whole mixture is taken."""
    start = (PrepareFock(state=noon_state("ab", 2)), NUMBER, *(Loss(mode=m, transmissivity=0.7) for m in "ab"))
    result = measure(Circuit(modes=("a", "b"), operations=start), BranchProjection(first=(1, 0), second=(0, 1)), THETA)
    assert result.probability(1) + result.probability(-1) == pytest.approx(2 * 0.7 * 0.3, abs=1e-12)


def test_controls_behind_loss_take_the_whole_mixture_for_dark_counts():
    control = NumberControl(moves=(((2, 0), (0, 2)), ((0, 2), (2, 0))))
    start = (PrepareFock(state=noon_state("ab", 2)), NUMBER, *(Loss(mode=m, transmissivity=0.7) for m in "ab"))
    # Lost strings do not follow the control: they lose further in the mode where they are.
    for operations in (
        (*start, control),
        (*start, Loss(mode="a", transmissivity=0.5), control, Loss(mode="a", transmissivity=0.6)),
    ):
        circuit = Circuit(modes=("a", "b"), operations=operations)
        projection = BranchProjection(first=(2, 0), second=(0, 2), detectors=Detectors(dark_counts=0.1))
        result = measure(circuit, projection, THETA)
        whole = projection.outcomes(NATIVE.output(circuit, THETA))
        assert result.probabilities == pytest.approx(whole.probabilities, abs=1e-12)


@pytest.mark.parametrize("visibility", [1.0, 0.85, (0.9, 0.8, 0.95)])
def test_superposed_strings_with_noise_against_their_density_matrix(visibility):
    strings = np.array([(2, 0, 0), (0, 2, 0), (0, 0, 2)])
    amplitudes = np.array([0.6, 0.48, 0.64])
    state = FockState.from_terms("abc", dict(zip(map(tuple, strings.tolist()), amplitudes.tolist(), strict=True)))
    jitter, efficiency = (0.1, 0.2, 0.05), 0.9
    detectors = Detectors(visibility=visibility, phase_jitter_rad=jitter, efficiency=efficiency)
    seen = amplitudes * np.exp(-1j * strings @ [*THETA, 0.0])
    for count in (3, 2):
        projection = StringProjection.equal_chances(strings, seen, detectors)
        projection = StringProjection(strings=strings, vectors=projection.vectors[:count], detectors=detectors)
        result = measure(branches(state=state), projection, THETA)
        v = np.full(3, visibility) if isinstance(visibility, float) else np.array(visibility)
        left = np.sqrt(np.outer(v, v)) * np.exp(-2 * (np.add.outer(np.square(jitter), np.square(jitter))))
        np.fill_diagonal(left, 1.0)
        rho = efficiency**2 * np.outer(seen, seen.conj()) * left
        expected = np.einsum("ki,ij,kj->k", projection.vectors.conj(), rho, projection.vectors).real
        assert result.probabilities[:count] == pytest.approx(expected, abs=1e-12)
        n = strings[:, :2]
        for j in range(2):
            moved = -1j * (n[:, j][:, None] - n[:, j][None, :]) * rho
            slope = np.einsum("ki,ij,kj->k", projection.vectors.conj(), moved, projection.vectors).real
            assert result.jacobian[:count, j] == pytest.approx(slope, abs=1e-12)


# --- what is refused -----------------------------------------------------------------------------------------


def test_numbers_out_of_range_are_all_named():
    with pytest.raises(
        ValueError,
        match=r"efficiency must be in \(0, 1\], got 0; .*visibility must be .*; electronic_noise must be .*; "
        r"phase_jitter_rad must be from 0 to pi, got 3.2",
    ):
        Detectors(efficiency=0, visibility=1.1, electronic_noise=-1, phase_jitter_rad=3.2)
    with pytest.raises(ValueError, match="dark_counts must be a finite mean number"):
        Detectors(dark_counts=(0.1, math.nan))
    with pytest.raises(ValueError, match="efficiency is given twice"):
        measure(VACUA, Homodyne(efficiency=0.9, detectors=Detectors(efficiency=0.8)), THETA)
    with pytest.raises(ValueError, match="one for each of the 2 measured"):
        measure(VACUA, Homodyne(detectors=Detectors(efficiency=(0.9, 0.8, 0.7))), THETA)


def test_what_needs_more_than_moments_says_so():
    circuit = Circuit(modes=("a", "b"), operations=(*LIGHT, PhaseDiffusion(mode="a", sigma_rad=0.2)))
    light = NATIVE.output(circuit, [], moments=True)
    for measurement in (PhotonCounting(), ThresholdDetection(), Parity(), IntensityDifference(pairs=[("a", "b")])):
        with pytest.raises(TypeError, match="needs a Gaussian state, and random phases"):
            measurement.outcomes(light)
    with pytest.raises(TypeError, match="is for Gaussian states"):
        measure(noon_state("ab", 2), IntensityDifference(pairs=[("a", "b")]))
    with pytest.raises(ValueError, match="none of them twice"):
        IntensityDifference(pairs=[("a", "b"), ("b", "c")])
    with pytest.raises(ValueError, match=r"among .*, got 'z'"):
        measure(VACUA, IntensityDifference(pairs=[("a", "z")]), THETA)
    projection = BranchProjection(first=(2, 0), second=(0, 1), detectors=Detectors(dark_counts=0.1))
    with pytest.raises(ValueError, match="equal photon number"):
        measure(noon_state("ab", 2), projection)


def test_products_of_bright_light_and_of_many_modes_are_refused():
    bright = Circuit(modes=("a",), operations=(Displace(mode="a", p=1e5), Sense(modes=("a",), generator="number")))
    outcomes = measure(bright, Homodyne(detectors=Detectors(phase_jitter_rad=1e-6)), [0.0])
    with pytest.raises(ValueError, match=r"too bright .* use moment_matrix"):
        outcomes.fisher_matrix()
    assert outcomes.moment_matrix().item() == pytest.approx(1e10 / (1 + 1e10 * 1e-12), rel=1e-6)
    modes = tuple(f"m{k}" for k in range(25))
    many = Circuit(
        modes=modes, operations=(*(Squeeze(mode=m, r=0.5) for m in modes), Sense(modes=modes, generator="number"))
    )
    with pytest.raises(ValueError, match="at most 24 modes"):
        measure(many, Homodyne(detectors=Detectors(phase_jitter_rad=0.1)), [0.3] * 25).fisher_matrix()
    shifted = Circuit(modes=modes, operations=(*many.operations[:-1], Sense(modes=modes, generator="momentum")))
    noisy = measure(shifted, Homodyne(detectors=Detectors(phase_jitter_rad=0.1)), [0.0] * 25)
    assert noisy.fisher_matrix() == pytest.approx(noisy.moment_matrix())


def test_the_best_angle_moves_with_the_noise_of_the_detector():
    """Squeezed vacuum, random angles: the best fixed angle is further from the squeezed quadrature, and beats the ideal one."""
    circuit = Circuit(modes=("a",), operations=(Squeeze(mode="a", r=1.2), Sense(modes=("a",), generator="number")))
    noisy = Detectors(phase_jitter_rad=0.1, efficiency=0.9)
    ideal = best_homodyne_angles(circuit, [0.0], [1.0])
    found = best_homodyne_angles(circuit, [0.0], [1.0], starts=0, detectors=noisy)
    assert found.homodyne.detectors == noisy
    at_ideal = Homodyne(angles_rad=ideal.homodyne.angles_rad, detectors=noisy)
    scan = [
        measure(circuit, Homodyne(angles_rad=angle, detectors=noisy), [0.0]).fisher_matrix().item()
        for angle in np.linspace(0, math.pi, 121).tolist()
    ]
    assert found.saturation.classical >= max(scan) * (1 - 1e-9)
    assert found.saturation.classical > 1.1 * measure(circuit, at_ideal, [0.0]).fisher_matrix().item()
    assert found.saturation.share < ideal.saturation.share


def test_normal_numbers_in_place_of_differences_have_their_moments():
    circuit = interferometer()
    pairs = (("a", "b"),)
    result = measure(circuit, IntensityDifference(pairs=pairs, angles_rad=0.3), [0.2])
    drawn = result.normal_sample(100_000, np.random.default_rng(3))
    spread = math.sqrt(result.covariance.item() / 100_000)
    assert abs(drawn.mean() - result.mean.item()) < 4 * spread
    assert drawn.var() == pytest.approx(result.covariance.item(), rel=4 * math.sqrt(2 / 100_000))
    with pytest.raises(ValueError, match="shots must be a positive integer"):
        result.normal_sample(0, np.random.default_rng(3))
