"""Distributions, Fisher matrices and samples of every measurement against dense Fock space, The Walrus and differences."""

import itertools
import math

import numpy as np
import pytest
from drawn import examples
from hypothesis import given, strategies as st
from oracles import DenseLight, clicks_of_the_walrus

from photonics import (
    BeamSplitter,
    BranchProjection,
    Circuit,
    CircuitTooLargeError,
    DiscreteOutcomes,
    Displace,
    FockState,
    GaussianState,
    Homodyne,
    Interferometer,
    Loss,
    Parity,
    PhaseDiffusion,
    PhaseShift,
    PhotonCounting,
    PrepareFock,
    Sense,
    Squeeze,
    ThresholdDetection,
    best_homodyne_angles,
    branch_state,
    get_engine,
    measure,
    noon_state,
    saturation,
)
from photonics.measurements.gaussian_counts import mode_distributions
from photonics.output import output_of

NATIVE = get_engine("native")
NUMBER = Sense(modes=("a", "b"), generator="number")
MOMENTUM = Sense(modes=("a", "b"), generator="momentum")
LOSSES = (Loss(mode="a", transmissivity=0.7), Loss(mode="b", transmissivity=0.85))
HALF = BeamSplitter(first="a", second="b", theta_rad=math.pi / 4)
LIGHT = (
    Squeeze(mode="a", r=0.3),
    Squeeze(mode="b", r=0.2, angle_rad=0.9),
    BeamSplitter(first="a", second="b", theta_rad=0.6, phi_rad=0.4),
    Displace(mode="a", x=0.4, p=-0.2),
)
THETA = [0.3, -0.2]

GAUSSIAN = {
    "phases": Circuit(modes=("a", "b"), operations=(*LIGHT, NUMBER, *LOSSES)),
    "displacements": Circuit(modes=("a", "b"), operations=(*LIGHT, MOMENTUM, *LOSSES)),
    "phases of squeezed vacuum": Circuit(modes=("a", "b"), operations=(*LIGHT[:3], NUMBER, HALF)),
    "thermal": Circuit(
        modes=("a", "b"),
        operations=(*LIGHT, NUMBER, Loss(mode="b", transmissivity=0.6, background_photons=0.3), HALF),
    ),
}
FOCK = {
    "N00N": Circuit(modes=("a", "b"), operations=(PrepareFock(state=noon_state("ab", 3)), NUMBER, *LOSSES, HALF)),
    "random": Circuit(
        modes=("a", "b"),
        operations=(
            PrepareFock(state=FockState.from_terms("ab", {(2, 1): 0.6, (0, 2): 0.64j, (1, 0): 0.48})),
            NUMBER,
            PhaseDiffusion(mode="a", sigma_rad=0.3),
            HALF,
            NUMBER,
            HALF,
        ),
    ),
}
COUNTERS = {
    "counting": PhotonCounting(),
    "one mode": PhotonCounting(modes=("b",)),
    "poor counting": PhotonCounting(efficiency=0.8, dark_counts=0.05),
    "clicks": ThresholdDetection(),
    "poor clicks": ThresholdDetection(efficiency=0.6, dark_counts=0.1),
    "parity": Parity(modes=("a",)),
    "all parity": Parity(efficiency=0.9),
}


def by_differences(circuit, measurement, theta, step=1e-4):
    """Classical Fisher matrix from central differences of the probabilities alone."""
    base = measure(circuit, measurement, theta)
    slopes = []
    for j in range(len(theta)):
        ends = []
        for sign in (1, -1):
            at = measure(circuit, measurement, [t + sign * step * (k == j) for k, t in enumerate(theta)])
            result = {tuple(label): p for label, p in zip(at.labels.tolist(), at.probabilities, strict=True)}
            ends.append(np.array([result.get(tuple(label), 0.0) for label in base.labels.tolist()]))
        slopes.append((ends[0] - ends[1]) / (2 * step))
    p = base.probabilities
    seen = p > 1e-12
    return np.array([[np.sum(a[seen] * b[seen] / p[seen]) for a in slopes] for b in slopes])


@pytest.mark.parametrize("name", GAUSSIAN)
@pytest.mark.parametrize("counter", COUNTERS)
def test_gaussian_fisher_matrices_against_differences_and_below_the_quantum_one(name, counter):
    circuit, measurement = GAUSSIAN[name], COUNTERS[counter]
    result = measure(circuit, measurement, THETA)
    assert result.probabilities.sum() + result.lost_weight == pytest.approx(1, abs=1e-8)
    information = result.fisher_matrix()
    assert information == pytest.approx(by_differences(circuit, measurement, THETA), rel=1e-4, abs=1e-5)
    assert np.linalg.eigvalsh(NATIVE.qfi(circuit, THETA) - information)[0] > -1e-7


@pytest.mark.parametrize("name", FOCK)
@pytest.mark.parametrize("counter", COUNTERS)
def test_fock_fisher_matrices_against_differences_and_below_the_quantum_one(name, counter):
    circuit, measurement = FOCK[name], COUNTERS[counter]
    information = measure(circuit, measurement, THETA).fisher_matrix()
    assert information == pytest.approx(by_differences(circuit, measurement, THETA), rel=1e-5, abs=1e-6)
    assert np.linalg.eigvalsh(NATIVE.qfi(circuit, THETA) - information)[0] > -1e-9


def dense_of(circuit, levels):
    """The output density matrix of a two-mode circuit in dense Fock space."""
    light = DenseLight(2, levels)
    rho = light.vacuum
    place = {"a": 0, "b": 1}
    for op in circuit.operations:
        if isinstance(op, Squeeze):
            rho = light.squeeze(rho, place[op.mode], op.r, op.angle_rad)
        elif isinstance(op, Displace):
            rho = light.displace(rho, place[op.mode], op.x, op.p)
        elif isinstance(op, BeamSplitter):
            rho = light.split(rho, place[op.first], place[op.second], op.theta_rad, op.phi_rad)
        elif isinstance(op, Loss):
            rho = light.lose(rho, place[op.mode], op.transmissivity)
        elif isinstance(op, PrepareFock):
            ket = light.ket(op.state.terms)
            rho = np.outer(ket, ket.conj())
        elif isinstance(op, Sense):
            for k, angle in enumerate(THETA):
                rho = light.turn(rho, light.n[k] if op.generator == "number" else light.p[k], angle)
    return light, rho


@pytest.mark.parametrize("name", ["phases", "displacements"])
def test_counts_clicks_and_parity_of_gaussian_light_in_dense_fock_space(name):
    levels = 20  # leaves out less than 1e-11 of the weight
    _, rho = dense_of(GAUSSIAN[name], levels)
    expected = np.diag(rho).real.reshape(levels, levels)
    counts = measure(GAUSSIAN[name], PhotonCounting(), THETA)
    for label, p in zip(counts.labels.tolist(), counts.probabilities, strict=True):
        if max(label) < 6:
            assert p == pytest.approx(expected[tuple(label)], abs=2e-9)
    assert counts.lost_weight < 1e-9
    clicks = measure(GAUSSIAN[name], ThresholdDetection(), THETA)
    assert clicks.probability(0, 0) == pytest.approx(expected[0, 0], abs=1e-9)
    assert clicks.probability(1, 0) == pytest.approx(expected[1:, 0].sum(), abs=1e-9)
    signs = (-1.0) ** np.arange(levels)
    parity = measure(GAUSSIAN[name], Parity(modes=("a",)), THETA)
    assert parity.probability(1) - parity.probability(-1) == pytest.approx(signs @ expected.sum(axis=1), abs=1e-8)


def test_fock_counts_behind_loss_in_dense_fock_space():
    _, rho = dense_of(FOCK["N00N"], 4)
    expected = np.diag(rho).real.reshape(4, 4)
    counts = measure(FOCK["N00N"], PhotonCounting(), THETA)
    for label in itertools.product(range(4), repeat=2):
        assert counts.probability(*label) == pytest.approx(expected[label], abs=1e-12)
    # An efficiency is a loss in front of a perfect detector.
    poor = measure(FOCK["N00N"], PhotonCounting(efficiency=0.6), THETA)
    lossy = Circuit(
        modes=("a", "b"),
        operations=(*FOCK["N00N"].operations, *(Loss(mode=mode, transmissivity=0.6) for mode in "ab")),
    )
    behind = measure(lossy, PhotonCounting(), THETA)
    for label in itertools.product(range(4), repeat=2):
        assert poor.probability(*label) == pytest.approx(behind.probability(*label), abs=1e-12)
    assert poor.fisher_matrix() == pytest.approx(behind.fisher_matrix(), abs=1e-9)


def test_tables_and_clicks_against_the_walrus():
    from thewalrus.quantum import probabilities, update_probabilities_with_loss, update_probabilities_with_noise

    state = NATIVE.run(GAUSSIAN["thermal"], THETA)
    counts = measure(state, PhotonCounting(cutoff=6, largest_lost_weight=0.1))
    table = probabilities(state.mean, state.covariance, 6, hbar=2)
    for label, p in zip(counts.labels.tolist(), counts.probabilities, strict=True):
        # The generating function folds in what lies beyond the cutoff; a cutoff from the state keeps that below its bound.
        assert p == pytest.approx(table[tuple(label)], abs=counts.lost_weight + 1e-12)
    whole = measure(state, PhotonCounting())
    for label in itertools.product(range(5), repeat=2):
        assert whole.probability(*label) == pytest.approx(table[label], abs=1e-9)
    clicks = measure(state, ThresholdDetection())
    for label in itertools.product((0, 1), repeat=2):
        expected = clicks_of_the_walrus(state.mean, state.covariance, label)
        assert clicks.probability(*label) == pytest.approx(expected, abs=1e-10)
    big = probabilities(state.mean, state.covariance, 14, hbar=2)
    poor = measure(state, PhotonCounting(efficiency=0.8, dark_counts=0.05))
    dark = np.array([math.exp(-0.05) * 0.05**k / math.factorial(k) for k in range(14)])
    expected = update_probabilities_with_noise([dark, dark], update_probabilities_with_loss([0.8, 0.8], big))
    for label in itertools.product(range(4), repeat=2):
        assert poor.probability(*label) == pytest.approx(expected[label], abs=1e-6)


def test_pure_tables_come_from_the_walrus_and_agree_with_the_generating_function():
    state = NATIVE.run(Circuit(modes=("a", "b"), operations=LIGHT), [])
    pure = measure(state, PhotonCounting())
    nearly = NATIVE.run(Circuit(modes=("a", "b"), operations=(*LIGHT, Loss(mode="a", transmissivity=1 - 1e-10))), [])
    mixed = measure(nearly, PhotonCounting())
    for label in itertools.product(range(6), repeat=2):
        assert pure.probability(*label) == pytest.approx(mixed.probability(*label), abs=1e-8)


@pytest.mark.parametrize(("r", "x"), [(0.0, 1.5), (0.9, 0.0), (0.6, -1.0)])
def test_one_mode_distributions_have_the_right_mean_and_known_forms(r, x):
    state = GaussianState(("a",), np.array([x, 0.0]), np.diag([math.exp(-2 * r), math.exp(2 * r)]))
    p = mode_distributions(output_of(state), 128)[0]
    assert np.arange(128) @ p == pytest.approx(state.photon_number()[0], rel=1e-9)
    if r == 0:
        mean = x * x / 4
        assert p[:5] == pytest.approx([math.exp(-mean) * mean**n / math.factorial(n) for n in range(5)], abs=1e-13)
    if x == 0:
        assert p[1] == pytest.approx(0, abs=1e-13)
        assert p[2] == pytest.approx(math.tanh(r) ** 2 / (2 * math.cosh(r)), rel=1e-10)


@pytest.mark.parametrize("photons", [1, 2, 5])
@pytest.mark.parametrize("eta", [1.0, 0.8, 0.3])
def test_noon_parity_fringe(photons, eta):
    # docs/theory/theory.md, section 7: eta^N Re(i^N e^{i N phi}) + (1 - eta)^N, phi the phase between the arms.
    losses = tuple(Loss(mode=mode, transmissivity=eta) for mode in "ab")
    symmetric = Interferometer(
        modes=("a", "b"), unitary=((math.sqrt(0.5), 1j * math.sqrt(0.5)), (1j * math.sqrt(0.5), math.sqrt(0.5)))
    )
    start = PrepareFock(state=noon_state("ab", photons))
    for phi in (0.0, 0.4, 1.7):
        circuit = Circuit(
            modes=("a", "b"),
            operations=(start, *losses, Sense(modes=("a",), generator="number"), symmetric),
        )
        result = measure(circuit, Parity(modes=("a",)), [-phi])
        expected = eta**photons * (1j**photons * np.exp(1j * photons * phi)).real + (1 - eta) ** photons
        assert result.probability(1) - result.probability(-1) == pytest.approx(expected, abs=1e-12)


def test_noon_parity_keeps_all_information_everywhere_also_at_dark_fringes():
    for theta in (0.0, math.pi / 6, 0.2, math.pi / 3):
        circuit = Circuit(
            modes=("a", "b"),
            operations=(
                PrepareFock(state=noon_state("ab", 3)),
                Sense(modes=("a",), generator="number"),
                PhaseShift(mode="a", angle_rad=math.pi / 6),
                HALF,
            ),
        )
        assert measure(circuit, Parity(modes=("a",)), [theta]).fisher_matrix()[0, 0] == pytest.approx(9.0, rel=1e-6)


def two_branch(eta=1.0, sigma=0.0, phase=0.0, photons=4):
    modes = ("a", "b", "ref")
    losses = tuple(Loss(mode=mode, transmissivity=eta) for mode in modes)
    state = branch_state(modes, (photons, 0, 0), (0, 1, photons - 1), phase_rad=phase)
    noise = (PhaseDiffusion(mode="a", sigma_rad=sigma),) * (sigma > 0)
    return Circuit(modes=modes, operations=(PrepareFock(state=state), NUMBER, *noise, *losses))


@pytest.mark.parametrize(("eta", "sigma"), [(1.0, 0.0), (0.8, 0.0), (1.0, 0.2), (0.7, 0.1)])
def test_branch_projection_against_its_closed_form_and_the_whole_mixture(eta, sigma):
    theta = [0.3, -0.2]
    circuit = two_branch(eta, sigma)
    projection = BranchProjection(first=(4, 0, 0), second=(0, 1, 3), phase_rad=0.4)
    result = measure(circuit, projection, theta)
    # The relative phase is second minus first: 4 theta_a - theta_b.
    p, v = eta**4, math.exp(-((4 * sigma) ** 2) / 2)
    relative = 4 * theta[0] - theta[1]
    for sign in (1, -1):
        expected = p * (1 + sign * v * math.cos(relative - 0.4)) / 2
        assert result.probability(sign) == pytest.approx(expected, abs=1e-12)
    whole = projection.outcomes(NATIVE.output(circuit, theta))
    assert result.probabilities == pytest.approx(whole.probabilities, abs=1e-12)
    assert result.fisher_matrix() == pytest.approx(whole.fisher_matrix(), abs=1e-9)
    omega = np.array([4.0, -1.0])
    assert NATIVE.qfi(circuit, theta) == pytest.approx(p * v**2 * np.outer(omega, omega), rel=1e-9)
    if sigma == 0:
        # Without diffusion the projection loses nothing at any phase.
        assert result.fisher_matrix() == pytest.approx(NATIVE.qfi(circuit, theta), abs=1e-9)
    else:
        assert result.fisher_matrix()[0, 0] < NATIVE.qfi(circuit, theta)[0, 0] * (1 + 1e-12)


def test_a_dark_branch_has_its_limit():
    circuit = two_branch()
    result = measure(circuit, BranchProjection(first=(4, 0, 0), second=(0, 1, 3)), [0.0, 0.0])
    assert result.probability(-1) == 0
    assert result.fisher_matrix() == pytest.approx(np.outer([4, -1], [4, -1]), abs=1e-9)


def test_limits_that_depend_on_the_direction_are_refused_and_can_be_given_one():
    start = PrepareFock(state=FockState.from_terms("abc", {(1, 0, 0): 0.6, (0, 1, 0): 0.64j, (0, 0, 1): 0.48}))
    columns = np.column_stack([[0.6, 0.64j, 0.48], [1.0, 0.4 + 0.3j, 0.2 - 0.7j], [0.1 + 0.5j, 0.2, 1.0]])
    unitary = np.linalg.qr(columns)[0].conj().T
    into = Interferometer(modes=("a", "b", "c"), unitary=tuple(map(tuple, unitary.tolist())))
    circuit = Circuit(modes=("a", "b", "c"), operations=(start, Sense(modes=("a", "b"), generator="number"), into))
    result = measure(circuit, PhotonCounting(), [0.0, 0.0])
    with pytest.raises(ValueError, match="depends on the direction"):
        result.fisher_matrix()
    along = result.fisher_matrix(directions=[[1.0], [0.3]])
    quantum = NATIVE.qfi(circuit, [0.0, 0.0])
    # Counting in a basis that contains the state keeps everything, along any direction.
    assert along[0, 0] == pytest.approx(np.array([1, 0.3]) @ quantum @ np.array([1, 0.3]), rel=1e-9)


@given(st.integers(0, 10**6))
@examples(20)
def test_homodyne_against_the_general_formula_and_below_the_quantum_information(seed):
    rng = np.random.default_rng(seed)
    modes = ("a", "b", "c")
    light = [Squeeze(mode=m, r=float(rng.uniform(0, 1)), angle_rad=float(rng.uniform(0, 6))) for m in modes]
    mixing = np.linalg.qr(rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)))[0]
    light += [Interferometer(modes=modes, unitary=tuple(map(tuple, mixing.tolist())))]
    light += [Displace(mode=m, x=float(rng.normal()), p=float(rng.normal())) for m in modes]
    losses = [Loss(mode=m, transmissivity=float(rng.uniform(0.3, 1))) for m in modes]
    one_pass = (Sense(modes=modes, generator="number"), *losses)
    circuit = Circuit(modes=modes, operations=(*light, *one_pass, HALF, *one_pass))
    theta = rng.normal(size=3).tolist()
    homodyne = Homodyne(angles_rad=tuple(rng.uniform(0, 3, 3).tolist()), efficiency=0.9)
    result = measure(circuit, homodyne, theta)

    def moments(at):
        seen = measure(circuit, homodyne, at)
        return seen.mean, seen.covariance

    step, inverse = 1e-5, np.linalg.inv(result.covariance)
    ends = [[moments([t + sign * step * (k == j) for k, t in enumerate(theta)]) for sign in (1, -1)] for j in range(3)]
    means = [(up[0] - down[0]) / (2 * step) for up, down in ends]
    spreads = [(up[1] - down[1]) / (2 * step) for up, down in ends]
    expected = [
        [means[i] @ inverse @ means[j] + np.trace(inverse @ spreads[i] @ inverse @ spreads[j]) / 2 for j in range(3)]
        for i in range(3)
    ]
    assert result.fisher_matrix() == pytest.approx(np.array(expected), rel=1e-5, abs=1e-6)
    assert np.linalg.eigvalsh(NATIVE.qfi(circuit, theta) - result.fisher_matrix())[0] > -1e-8


def test_samples_follow_the_distribution():
    # All at a fixed seed, each within 5 sigma of its expectation.
    rng = np.random.default_rng(7)
    homodyne = measure(GAUSSIAN["displacements"], Homodyne(angles_rad=(0.0, 0.7)), THETA)
    drawn = homodyne.sample(200_000, rng)
    scale = np.sqrt(np.diag(homodyne.covariance) / 200_000)
    assert (np.abs(drawn.mean(axis=0) - homodyne.mean) < 5 * scale).all()
    assert np.cov(drawn.T) == pytest.approx(homodyne.covariance, abs=5 * 1.5 * homodyne.covariance.max() / 450)
    for circuit, measurement in ((GAUSSIAN["thermal"], PhotonCounting()), (FOCK["N00N"], ThresholdDetection())):
        result = measure(circuit, measurement, THETA)
        shots = 100_000
        labels = result.sample(shots, rng)
        for label, p in zip(result.labels, result.probabilities, strict=True):
            seen = (labels == label).all(axis=1).sum()
            assert abs(seen - shots * p) <= 5 * math.sqrt(shots * p) + 5
        counted = result.counts(shots, rng)
        assert counted.sum() == shots


def test_saturation_and_the_best_angles():
    alpha = [1.0, -2.0]
    result = best_homodyne_angles(GAUSSIAN["displacements"], THETA, alpha)
    fixed = saturation(
        GAUSSIAN["displacements"], THETA, {"x": Homodyne(), "p": Homodyne(angles_rad=math.pi / 2)}, alpha
    )
    assert fixed[1].share < 1e-9
    assert fixed[0].share <= result.saturation.share <= 1 + 1e-9
    grid = max(
        saturation(GAUSSIAN["displacements"], THETA, {"h": Homodyne(angles_rad=(a, b))}, alpha)[0].share
        for a in np.linspace(0, math.pi, 13)
        for b in np.linspace(0, math.pi, 13)
    )
    assert result.saturation.share > grid - 1e-6
    # One squeezed vacuum along alpha: x homodyne already loses nothing.
    split = Circuit(modes=("a", "b"), operations=(Squeeze(mode="a", r=1.0), HALF, MOMENTUM))
    assert best_homodyne_angles(split, THETA, [1.0, 1.0]).saturation.share == pytest.approx(1.0, abs=1e-6)


def test_bad_measurements_are_refused():
    state = GaussianState.vacuum(["a", "b"])
    noon = noon_state("ab", 2)
    for bad, message in (
        (PhotonCounting(efficiency=1.2, dark_counts=-1), r"efficiency must be in .*; dark_counts must be"),
        (PhotonCounting(modes=("z",)), "modes must be different modes among"),
        (Homodyne(angles_rad=(0.1,)), "one for each of the 2 modes"),
        (Homodyne(angles_rad=math.nan), "finite angle"),
    ):
        with pytest.raises(ValueError, match=message):
            measure(state, bad)
    with pytest.raises(TypeError, match="for Gaussian states here"):
        measure(noon, Homodyne())
    with pytest.raises(TypeError, match="states of photon number"):
        measure(state, BranchProjection(first=(1, 0), second=(0, 1)))
    with pytest.raises(ValueError, match="two different strings of 2"):
        measure(noon, BranchProjection(first=(1, 0, 0), second=(0, 1)))
    with pytest.raises(ValueError, match="shots must be a positive integer"):
        measure(noon, PhotonCounting()).sample(0, np.random.default_rng())
    with pytest.raises(ValueError, match="a state has no parameters"):
        measure(noon, PhotonCounting(), [0.1])
    strong = GaussianState(("a",), np.zeros(2), np.diag([1e-5, 1e5]))
    with pytest.raises(CircuitTooLargeError, match="allow more lost weight"):
        measure(strong, PhotonCounting())
    with pytest.raises(ValueError, match="cutoff 2 may lose a weight"):
        measure(GaussianState(("a",), np.zeros(2), np.diag([0.1, 10.0])), PhotonCounting(cutoff=2))
    many = tuple(f"m{k}" for k in range(20))
    with pytest.raises(CircuitTooLargeError, match="2\\^20 patterns"):
        measure(GaussianState.vacuum(many), ThresholdDetection())


# --- what a reviewer broke -----------------------------------------------------------------------------------


def test_the_rest_of_a_projection_has_its_limit():
    half = BeamSplitter(first="a", second="b", theta_rad=math.pi / 4)
    back = BeamSplitter(first="a", second="b", theta_rad=-math.pi / 4)
    start = PrepareFock(state=FockState.from_terms("abc", {(1, 0, 0): 1.0}))
    sense = Sense(modes=("a",), generator="number")
    circuit = Circuit(modes=("a", "b", "c"), operations=(start, half, sense, back))
    for theta in (0.0, 1e-3):
        result = measure(circuit, BranchProjection(first=(1, 0, 0), second=(0, 0, 1)), [theta])
        assert result.fisher_matrix()[0, 0] == pytest.approx(1.0, rel=1e-5)


def test_a_port_that_is_almost_dark_keeps_its_information():
    back = BeamSplitter(first="a", second="b", theta_rad=-math.pi / 4)
    sense = Sense(modes=("a",), generator="number")
    circuit = Circuit(modes=("a", "b"), operations=(Squeeze(mode="a", r=1.0), HALF, sense, back))
    near, far = (measure(circuit, PhotonCounting(), [theta]).fisher_matrix()[0, 0] for theta in (1e-4, 1e-2))
    assert near == pytest.approx(far, rel=0.01)


def test_parity_that_rounding_hides_is_refused_not_guessed():
    circuit = Circuit(
        modes=("a",), operations=(Squeeze(mode="a", r=5.0, angle_rad=0.7), Sense(modes=("a",), generator="momentum"))
    )
    with pytest.raises(ValueError, match="double precision"):
        measure(circuit, Parity(), [1e-6])
    # At zero the parity is certain, and its curvature gives the limit.
    zero = measure(circuit, Parity(), [0.0]).fisher_matrix()
    assert zero == pytest.approx(NATIVE.qfi(circuit, [0.0]), rel=1e-6)


def test_many_dark_counts_and_modes():
    state = noon_state("ab", 2)
    with pytest.raises(CircuitTooLargeError, match="dark counts"):
        measure(state, PhotonCounting(dark_counts=20_000.0))
    clicks = measure(state, ThresholdDetection(dark_counts=20.0))
    assert clicks.probability(1, 1) == pytest.approx(1.0, abs=1e-8)
    many = tuple(f"m{k}" for k in range(12))
    photon = FockState.from_terms(many, {(1,) + (0,) * 11: 1.0})
    result = measure(photon, ThresholdDetection(dark_counts=0.5, efficiency=0.9))
    assert len(result.labels) == 2**12
    assert result.probability(*(0,) * 12) == pytest.approx(0.1 * math.exp(-6.0))
    with pytest.raises(CircuitTooLargeError, match="measure fewer modes"):
        measure(GaussianState.vacuum([f"m{k}" for k in range(200)]), PhotonCounting())
    for bad in ({"cutoff": 0}, {"cutoff": 2.5}, {"largest_lost_weight": math.nan}):
        with pytest.raises(ValueError, match=next(iter(bad))):
            measure(GaussianState.vacuum("a"), PhotonCounting(**bad))


def test_one_photon_through_a_hundred_modes():
    modes = tuple(f"m{k}" for k in range(100))
    fourier = np.fft.fft(np.eye(100)) / 10
    start = PrepareFock(state=FockState.from_terms(modes, {(1,) + (0,) * 99: 1.0}))
    whole = Interferometer(modes=modes, unitary=tuple(map(tuple, fourier.tolist())))
    state = NATIVE.run(Circuit(modes=modes, operations=(start, whole)), [])
    assert state.photon_number() == pytest.approx(np.full(100, 0.01))


def test_repeated_losses_of_a_mode_are_one():
    modes, passes = ("a", "b"), 6
    one = (NUMBER, Loss(mode="a", transmissivity=0.95), Loss(mode="b", transmissivity=0.9))
    start = PrepareFock(state=noon_state("ab", 4))
    many = Circuit(modes=modes, operations=(start, *one * passes, HALF))
    whole = tuple(Loss(mode=m, transmissivity=e**passes) for m, e in (("a", 0.95), ("b", 0.9)))
    few = Circuit(modes=modes, operations=(start, *(NUMBER,) * passes, *whole, HALF))
    first, second = (measure(c, PhotonCounting(), [0.02, -0.01]) for c in (many, few))
    for label, p in zip(first.labels.tolist(), first.probabilities, strict=True):
        assert second.probability(*label) == pytest.approx(p, abs=1e-13)
    assert NATIVE.qfi(many, [0.02, -0.01]) == pytest.approx(NATIVE.qfi(few, [0.02, -0.01]), rel=1e-9)


def test_dark_counts_of_clicks_are_those_of_counting():
    for circuit in (GAUSSIAN["thermal"], FOCK["N00N"]):
        clicks = measure(circuit, ThresholdDetection(efficiency=0.7, dark_counts=0.2), THETA)
        counts = measure(circuit, PhotonCounting(efficiency=0.7, dark_counts=0.2), THETA)
        for label in itertools.product((0, 1), repeat=2):
            seen = ((counts.labels > 0) == np.array(label, dtype=bool)).all(axis=1)
            assert clicks.probability(*label) == pytest.approx(counts.probabilities[seen].sum(), abs=1e-7)


def test_typical_mistakes_are_reported():
    state = noon_state("ab", 2)
    circuit = FOCK["N00N"]
    with pytest.raises(TypeError, match="must be one of Homodyne"):
        measure(circuit, Homodyne, THETA)
    with pytest.raises(TypeError, match="must be one of Homodyne"):
        measure(circuit, "homodyne", THETA)
    with pytest.raises(TypeError, match="light must be a circuit or a state, got Homodyne"):
        measure(Homodyne(), Parity())
    with pytest.raises(ValueError, match="2 numbers here, got 1"):
        measure(state, PhotonCounting()).probability(2)
    with pytest.raises(ValueError, match="must have 2 photon numbers"):
        branch_state("ab", (2, 0, 0), (0, 2))
    with pytest.raises(ValueError, match="2 coefficients, one a parameter"):
        saturation(circuit, THETA, {"counting": PhotonCounting()}, [1.0])
    # What detectors miss is vacuum, which has a variance of its own.
    poor = measure(GaussianState(("a",), np.zeros(2), np.diag([0.5, 2.0])), Homodyne(efficiency=0.6))
    assert poor.covariance[0, 0] == pytest.approx(0.6 * 0.5 + 0.4)


def test_relabelled_outcomes_are_those_of_a_coarser_detector():
    """Counts that are told apart from zero alone are clicks, from even alone parity; Fisher matrices at dark fringes with them."""
    operations = (
        PrepareFock(state=FockState("ab", [(2, 2)], [1])),
        BeamSplitter(first="a", second="b", theta_rad=np.pi / 4),
        Sense(modes=("a", "b"), generator="number"),
        BeamSplitter(first="a", second="b", theta_rad=np.pi / 4),
    )
    circuit = Circuit(modes=("a", "b"), operations=operations)
    for theta in ([0.3, 0.1], [0.0, 0.0]):
        counts = measure(circuit, PhotonCounting(), theta)
        clicks = counts.relabelled(np.minimum(counts.labels, 1))
        expected = measure(circuit, ThresholdDetection(), theta)
        for label in ((0, 1), (1, 0), (1, 1)):
            assert clicks.probability(*label) == pytest.approx(expected.probability(*label), abs=1e-12)
        assert clicks.fisher_matrix() == pytest.approx(expected.fisher_matrix(), abs=1e-9)
        odd = counts.relabelled(counts.labels[:, :1] % 2, ["odd"])
        assert odd.names == ("odd",)
        parity = measure(circuit, Parity(modes=("a",)), theta)
        assert odd.probability(0) == pytest.approx(parity.probability(1), abs=1e-12)
        assert odd.fisher_matrix() == pytest.approx(parity.fisher_matrix(), abs=1e-9)
    lossy = DiscreteOutcomes(
        names=("n",),
        labels=np.array([[0], [1], [2]]),
        probabilities=np.array([0.5, 0.3, 0.1]),
        jacobian=np.zeros((3, 1)),
        lost_weight=0.1,
    )
    assert lossy.relabelled([[0], [1], [1]]).lost_weight == 0.1
    for wrong in ([[0], [1]], [0, 1, 2], [[0.5], [1.0], [2.0]]):
        with pytest.raises(
            ValueError, match="labels must be 3 rows of 1 integers, one row an outcome and one column a name of n; got"
        ):
            lossy.relabelled(wrong)
