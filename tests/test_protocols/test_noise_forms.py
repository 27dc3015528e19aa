"""Closed forms of noise and of loss before the sensing against the engines' circuits and their density matrices."""

import itertools
import math

import numpy as np
import pytest
from drawn import examples
from hypothesis import given, strategies as st

from networks import InputError
from photonics import (
    BeamSplitter,
    BranchProjection,
    Circuit,
    Detectors,
    Displace,
    FockState,
    GaussianState,
    Homodyne,
    Interferometer,
    Loss,
    NumberControl,
    Parity,
    PhaseDiffusion,
    PhaseShift,
    PrepareFock,
    Sense,
    Squeeze,
    best_homodyne_angles,
    branch_state,
    measure,
    mixed_qfi_matrix,
    noon_state,
    with_channels,
)
from photonics.engines import native, native_fock
from protocols.theory.lossy_branches import (
    is_two_branch_sum_exact,
    string_survival,
    two_branch_information,
)
from protocols.theory.noise import (
    arriving_photons,
    diffusion_of_visibility,
    displaced_phase_mse,
    false_shots,
    fringe_contrast,
    homodyne_variance,
    noisy_branch_information,
    noon_parity,
    squeezed_phase_homodyne_information,
    squeezed_phase_information,
    squeezing_behind_loss_db,
)


@pytest.mark.parametrize(("db", "eta"), [(10.3, 0.44), (3.0, 1.0), (15.0, 0.05)])
def test_squeezing_behind_loss(db, eta):
    r = db / (20 * math.log10(math.e))
    circuit = Circuit(modes=("a",), operations=(Squeeze(mode="a", r=r), Loss(mode="a", transmissivity=eta)))
    variance = measure(circuit, Homodyne()).covariance.item()
    assert squeezing_behind_loss_db(db, eta) == pytest.approx(-10 * math.log10(variance), rel=1e-12)
    assert squeezing_behind_loss_db(10.3, 0.44) == pytest.approx(2.2108, abs=5e-5)


@given(
    st.floats(0, 1.5),
    st.floats(0, math.pi),
    st.floats(-3, 3),
    st.floats(-3, 3),
    st.floats(0.1, 1),
    st.floats(0.1, 1),
    st.floats(0, 1),
)
@examples(40)
def test_the_variance_of_a_noisy_homodyne_detector(r, sigma, x, p, efficiency, visibility, noise):
    squeezed, wide = math.exp(-2 * r), math.exp(2 * r)
    state = GaussianState(["a"], [x, p], np.diag([squeezed, wide]))
    detectors = Detectors(efficiency=efficiency, visibility=visibility, electronic_noise=noise, phase_jitter_rad=sigma)
    own = {"efficiency": efficiency, "visibility": visibility, "electronic_noise": noise, "phase_jitter_rad": sigma}
    assert homodyne_variance(squeezed, wide, along=x, across=p, **own) == pytest.approx(
        measure(state, Homodyne(detectors=detectors)).covariance.item(), rel=1e-9
    )


def test_the_phase_of_displaced_light_with_all_noise():
    a, r, eta = 2.3, 0.7, 0.8
    circuit = Circuit(
        modes=("a",),
        operations=(
            Squeeze(mode="a", r=r),
            Displace(mode="a", p=2 * a),
            Sense(modes=("a",), generator="number"),
            Loss(mode="a", transmissivity=eta),
        ),
    )
    v = [eta * math.exp(sign * 2 * r) + 1 - eta for sign in (-1, 1)]
    for sigma in (0.0, 0.05, 0.4):
        own = {"efficiency": 0.9, "visibility": 0.97, "electronic_noise": 0.02, "phase_jitter_rad": sigma}
        result = measure(circuit, Homodyne(detectors=Detectors(**own)), [0.0])
        expected = displaced_phase_mse(a * math.sqrt(eta), *v, **own)
        assert 1 / result.moment_matrix().item() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("r", "eta"), [(0.8, 0.7), (1.2, 0.95), (0.3, 1.0)])
def test_the_phase_of_squeezed_light_behind_loss(r, eta):
    v = [eta * math.exp(sign * 2 * r) + 1 - eta for sign in (-1, 1)]
    circuit = Circuit(
        modes=("a",),
        operations=(
            Squeeze(mode="a", r=r),
            Sense(modes=("a",), generator="number"),
            Loss(mode="a", transmissivity=eta),
        ),
    )
    assert squeezed_phase_information(*v) == pytest.approx(native.qfi(circuit, [0.2]).item(), rel=1e-9)
    best = best_homodyne_angles(circuit, [0.2], [1.0]).saturation.classical
    assert squeezed_phase_homodyne_information(*v) == pytest.approx(best, rel=1e-6)
    if r == 0.8:
        assert squeezed_phase_information(*v) == pytest.approx(4.154278893200, rel=1e-12)
        assert squeezed_phase_homodyne_information(*v) == pytest.approx(3.326520, abs=5e-7)


# --- photons -------------------------------------------------------------------------------------------------


@given(
    st.floats(0.1, 0.9),
    st.lists(st.floats(0.3, 1), min_size=3, max_size=3),
    st.floats(0.5, 1),
    st.lists(st.floats(0, 0.5), min_size=3, max_size=3),
    st.floats(0, 0.3),
)
@examples(20)
def test_branches_with_every_noise_at_mid_fringe(weight, eta, visibility, jitter, dark):
    first, second = (2, 1, 0), (0, 0, 3)
    modes = ("a", "b", "c")
    state = FockState.from_terms(modes, {first: math.sqrt(weight), second: math.sqrt(1 - weight)})
    circuit = Circuit(modes=modes, operations=(PrepareFock(state=state), Sense(modes=("a", "b"), generator="number")))
    theta = [0.3, -0.2]
    relative = 2 * theta[0] + theta[1]
    detectors = Detectors(efficiency=eta, visibility=visibility, phase_jitter_rad=jitter, dark_counts=dark)
    projection = BranchProjection(first=first, second=second, phase_rad=relative + math.pi / 2, detectors=detectors)
    result = measure(circuit, projection, theta)
    survivals = tuple(math.prod(t**n for t, n in zip(eta, string, strict=True)) for string in (first, second))
    arriving = [
        weight * a + (1 - weight) * b
        for a, b in zip(arriving_photons(first, eta), arriving_photons(second, eta), strict=True)
    ]
    contrast = fringe_contrast(first, second, visibility, jitter)
    expected = noisy_branch_information(survivals, weight, contrast, 3 * dark, false_shots(arriving, 3 * dark))
    assert result.fisher_matrix() == pytest.approx(expected * np.outer([2, 1], [2, 1]), rel=1e-9, abs=1e-12)
    for phase in (0.1, 0.8, 1.3):
        away = BranchProjection(first=first, second=second, phase_rad=relative + phase, detectors=detectors)
        assert measure(circuit, away, theta).fisher_matrix()[0, 0] <= 4 * expected * (1 + 1e-9) + 1e-12


@pytest.mark.parametrize("photons", [1, 2, 3, 5])
@pytest.mark.parametrize("dark", [0.0, 0.2])
def test_noon_parity_with_unequal_losses_and_dark_counts(photons, dark):
    eta = (0.9, 0.6)
    losses = tuple(Loss(mode=mode, transmissivity=t) for mode, t in zip("ab", eta, strict=True))
    half = math.sqrt(0.5)
    symmetric = Interferometer(modes=("a", "b"), unitary=((half, 1j * half), (1j * half, half)))
    for phi in (0.0, 0.4, 1.7):
        turned = PhaseShift(mode="a", angle_rad=phi)
        start = PrepareFock(state=noon_state("ab", photons))
        circuit = Circuit(modes=("a", "b"), operations=(start, turned, *losses, symmetric))
        result = measure(circuit, Parity(modes=("a",), detectors=Detectors(dark_counts=dark)))
        expected = noon_parity(photons, phi, transmissivity=eta, dark_counts=dark)
        assert result.probability(1) - result.probability(-1) == pytest.approx(expected, abs=1e-12)
    shaken = PhaseDiffusion(mode="b", sigma_rad=diffusion_of_visibility(0.8, photons))
    circuit = Circuit(modes=("a", "b"), operations=(start, turned, *losses, shaken, symmetric))
    result = measure(circuit, Parity(modes=("a",), detectors=Detectors(dark_counts=dark)))
    expected = noon_parity(photons, 1.7, transmissivity=eta, visibility=0.8, dark_counts=dark)
    assert result.probability(1) - result.probability(-1) == pytest.approx(expected, abs=1e-12)
    assert noon_parity(2, 0.3, visibility=0.8) == pytest.approx(0.8 * noon_parity(2, 0.3), rel=1e-12)


def by_density(circuit, theta):
    """Quantum Fisher matrix of the whole mixture, by its eigenvectors."""
    _, density, derivatives = native_fock.run_mixed(circuit, theta)
    return mixed_qfi_matrix(density, derivatives)


@given(
    st.lists(st.integers(0, 3), min_size=3, max_size=3),
    st.lists(st.integers(0, 3), min_size=3, max_size=3),
    st.lists(st.sampled_from([1.0, 0.9, 0.6, 0.3]), min_size=3, max_size=3),
    st.lists(st.sampled_from([1.0, 0.8, 0.5]), min_size=3, max_size=3),
    st.floats(0.1, 0.9),
)
@examples(60)
def test_loss_before_and_after_the_sensing_of_any_two_branches(first, second, before, after, weight):
    if first == second:
        return
    modes = ("a", "b", "c")
    state = FockState.from_terms(modes, {tuple(first): math.sqrt(weight), tuple(second): math.sqrt(1 - weight)})
    losses = [
        [Loss(mode=mode, transmissivity=t) for mode, t in zip(modes, etas, strict=True)] for etas in (before, after)
    ]
    circuit = with_channels(
        Circuit(modes=modes, operations=(PrepareFock(state=state), Sense(modes=modes, generator="number"))),
        before=losses[0],
        after=losses[1],
    )
    whole = [b * e for b, e in zip(before, after, strict=True)]
    omega = np.subtract(first, second)
    expected = two_branch_information(first, second, whole, weight) * np.outer(omega, omega)
    found = by_density(circuit, [0.3, -0.1, 0.2])
    if is_two_branch_sum_exact(first, second, whole):
        assert found == pytest.approx(expected, rel=1e-7, abs=1e-9)
    else:
        assert found[0, 0] <= expected[0, 0] * (1 + 1e-7) + 1e-9


def test_where_the_sum_over_lost_photons_is_only_a_bound():
    first, second, eta = (2, 1), (1, 2), [0.7, 0.7]
    state = FockState.from_terms("ab", {first: math.sqrt(0.5), second: math.sqrt(0.5)})
    losses = (Loss(mode=mode, transmissivity=0.7) for mode in "ab")
    circuit = Circuit(
        modes=("a", "b"), operations=(PrepareFock(state=state), Sense(modes=("a", "b"), generator="number"), *losses)
    )
    assert not is_two_branch_sum_exact(first, second, eta)
    found = by_density(circuit, [0.3, -0.1])[0, 0]
    assert found < two_branch_information(first, second, eta, 0.5) * 0.999
    # Only what survives whole would say less than there is.
    assert found > 0.7**3 * 1.001


def test_loss_before_counts_once_and_by_the_photons_of_the_first_pass():
    """Three passes with a control that swaps what the branches occupy: survivors are those of the closed form."""
    modes = ("a", "b", "c")
    first, second = [(2, 0, 0), (0, 2, 0), (0, 2, 0)], [(0, 0, 2)] * 3
    control = NumberControl(moves=(((2, 0, 0), (0, 2, 0)), ((0, 2, 0), (2, 0, 0))))
    before, after = (0.9, 0.5, 0.8), (0.95, 0.85, 0.7)
    sense = Sense(modes=("a", "b"), generator="number")
    lost = [[Loss(mode=m, transmissivity=t) for m, t in zip(modes, etas, strict=True)] for etas in (before, after)]
    start = PrepareFock(state=branch_state(modes, first[0], second[0]))
    for each in (False, True):
        again = lost[0] if each else []
        operations = [start, *lost[0], sense, *lost[1], control, *again, sense, *lost[1], *again, sense, *lost[1]]
        circuit = Circuit(modes=modes, operations=tuple(operations))
        a, b = (math.exp(string_survival(strings, before, after, before_each_pass=each)) for strings in (first, second))
        omega = np.array([2.0, 4.0])
        expected = 4 * a * b / (2 * (a + b)) * np.outer(omega, omega)
        assert native.qfi(circuit, [0.1, 0.2]) == pytest.approx(expected, rel=1e-9)
        survivors = native_fock.surviving_branches(circuit, [0.1, 0.2])
        assert np.abs(survivors.block.amplitudes) ** 2 == pytest.approx([a / 2, b / 2], rel=1e-12)


def test_superposed_strings_lose_before_the_sensing_what_they_lose_after_it():
    """Populations along |c_k| (b_k e_k)^(-N/2) are best: (sum |c_k| (b_k e_k)^(-N/2)/(2 N))^2 in one pass."""
    from photonics import nuisance_aware_information

    photons, before, after = 2, np.array([0.9, 0.6, 0.8]), np.array([0.7, 0.95, 1.0])
    alpha = np.array([1.0, -2.0])
    c = np.append(alpha, -alpha.sum())
    sizes = np.abs(c) * (before * after) ** (-photons / 2)
    modes = ("a", "b", "c")
    strings = [tuple(photons * (j == k) for j in range(3)) for k in range(3)]
    amplitudes = np.sqrt(sizes / sizes.sum()).tolist()
    state = FockState.from_terms(modes, dict(zip(strings, amplitudes, strict=True)))
    lost = [
        [Loss(mode=m, transmissivity=float(t)) for m, t in zip(modes, etas, strict=True)] for etas in (before, after)
    ]
    circuit = with_channels(
        Circuit(modes=modes, operations=(PrepareFock(state=state), Sense(modes=modes[:2], generator="number"))),
        before=lost[0],
        after=lost[1],
    )
    theta = [0.3, 0.1]
    for information in (native.qfi(circuit, theta), by_density(circuit, theta)):
        mse = nuisance_aware_information(information, alpha).mse
        assert mse == pytest.approx((sizes.sum() / (2 * photons)) ** 2, rel=1e-8)


def test_chances_of_arriving_add_up():
    chances = arriving_photons([3, 2], [0.7, 0.4])
    for seen in range(6):
        expected = sum(
            math.comb(3, j) * 0.7**j * 0.3 ** (3 - j) * math.comb(2, k) * 0.4**k * 0.6 ** (2 - k)
            for j, k in itertools.product(range(4), range(3))
            if j + k == seen
        )
        assert chances[seen] == pytest.approx(expected, rel=1e-12)


def test_a_small_jitter_at_the_sensing_is_that_of_the_detector():
    """The phase of a node that shakes by itself and the angle of its detector are one: their difference is measured."""
    circuit = Circuit(
        modes=("a", "b"),
        operations=(
            Displace(mode="a", p=3.0),
            BeamSplitter(first="a", second="b", theta_rad=0.7),
            Sense(modes=("a", "b"), generator="number"),
        ),
    )
    result = measure(circuit, Homodyne(detectors=Detectors(phase_jitter_rad=0.1)), [0.0, 0.0])
    amplitudes = [3.0 / 2 * math.cos(0.7), 3.0 / 2 * math.sin(0.7)]
    errors = np.diag(np.linalg.inv(result.moment_matrix()))
    assert errors == pytest.approx([displaced_phase_mse(a, phase_jitter_rad=0.1) for a in amplitudes], rel=1e-9)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (
            lambda: squeezing_behind_loss_db(-1, 0),
            r"squeezing_db must not be negative, got -1.*\n?.*transmissivity must be in",
        ),
        (
            lambda: homodyne_variance(0, 1, phase_jitter_rad=4),
            r"squeezed must be positive.*\n?.*phase_jitter_rad must be from",
        ),
        (lambda: noisy_branch_information((1, 1), 1.0, 1.0), r"weight must be between 0 and 1"),
        (lambda: string_survival([[1]], [0.0], [1.0, 1.0]), r"before must have 1 .*\n?.*after must have 1"),
        (lambda: string_survival([], [1.0], [1.0]), r"one string a pass"),
    ],
)
def test_faults_are_all_listed(call, match):
    with pytest.raises(InputError, match=match):
        call()


def test_too_many_ways_to_lose_are_refused():
    with pytest.raises(InputError, match="more than 1000000 ways"):
        two_branch_information([1] * 20 + [5, 0], [1] * 20 + [0, 5], [0.5] * 22, 0.5)
