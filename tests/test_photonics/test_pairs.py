"""Squeezed pairs and photon counting: against the Gaussian engine, known break-evens, and counts drawn photon by photon."""

from __future__ import annotations

import math

import numpy as np
import pytest
from drawn import examples
from hypothesis import given, strategies as st
from scipy.stats import chi2

from photonics import (
    BeamSplitter,
    Circuit,
    CircuitTooLargeError,
    Loss,
    PhotonCounting,
    Sense,
    Squeeze,
    get_engine,
    measure,
)
from photonics.pairs.counts import MODES, PairLight, pair_counts, rotation
from photonics.pairs.samples import sample_pairs


def circuit(light, transmissivity=(1.0,) * 4):
    """The same from single-mode squeezers: two of opposite signs on a balanced splitter are a pair."""
    operations = []
    for k, r in enumerate(light.squeezing):
        a, b = MODES[k], MODES[2 + k]
        operations += [Squeeze(mode=a, r=r), Squeeze(mode=b, r=-r)]
        operations.append(BeamSplitter(first=a, second=b, theta_rad=math.pi / 4))
    sides = ((MODES[0], MODES[1]), (MODES[2], MODES[3]))
    operations += [BeamSplitter(first=a, second=b, theta_rad=light.first_rad) for a, b in sides]
    operations.append(Sense(modes=MODES, generator="number"))
    operations += [BeamSplitter(first=a, second=b, theta_rad=light.second_rad) for a, b in sides]
    operations += [Loss(mode=mode, transmissivity=eta) for mode, eta in zip(MODES, transmissivity, strict=True)]
    return Circuit(modes=MODES, operations=tuple(operations))


def halves(phi):
    return [phi / 2, -phi / 2, phi / 2, -phi / 2]


@pytest.mark.parametrize(
    ("light", "phi", "transmissivity", "dark"),
    [
        (PairLight(squeezing=(0.4, 0.3), first_rad=0.5, second_rad=0.7), 0.6, (0.8, 0.7, 0.9, 0.6), 0.0),
        (PairLight(squeezing=(0.5, 0.0), first_rad=0.4), -0.3, (1.0,) * 4, 0.0),
        (PairLight(squeezing=(0.4, 0.4)), 0.2, (0.9,) * 4, 0.02),
        (PairLight(squeezing=(0.0, 0.3), second_rad=0.2), 1.2, (0.5, 1.0, 0.0, 0.7), 0.0),
    ],
)
def test_counts_are_those_of_the_gaussian_engine(light, phi, transmissivity, dark):
    options = {"transmissivity": transmissivity, "dark_counts": (dark,) * 4, "largest_lost_weight": 1e-9}
    result = pair_counts(light, phi, **options)
    detector = PhotonCounting(dark_counts=dark, largest_lost_weight=1e-7)
    out = measure(circuit(light, transmissivity), detector, halves(phi))
    for label, probability in zip(out.labels.tolist(), out.probabilities, strict=True):
        if max(label) < len(result.probabilities):
            assert result.probabilities[tuple(label)] == pytest.approx(probability, abs=1e-8)
    step = 1e-4
    up, down = (pair_counts(light, phi + sign * step, **options) for sign in (1, -1))
    assert abs((up.probabilities - down.probabilities) / (2 * step) - result.slopes).max() < 1e-7
    curves = (up.probabilities + down.probabilities - 2 * result.probabilities) / step**2
    assert abs(curves - result.curves).max() < 1e-6
    plain = pair_counts(light, phi, **options, derivatives=False)
    assert np.array_equal(plain.probabilities, result.probabilities)


@examples(25)
@given(
    r=st.floats(0, 0.8),
    s=st.floats(0, 0.8),
    first=st.floats(-2, 2),
    second=st.floats(-2, 2),
    phi=st.floats(-3, 3),
    eta=st.floats(0.05, 1),
)
def test_laws(r, s, first, second, phi, eta):
    light = PairLight(squeezing=(r, s), first_rad=first, second_rad=second)
    # The quantum information is that of the engine, along the difference of both sides.
    quantum = get_engine("native").qfi(circuit(light), halves(phi))
    along = np.array([0.5, -0.5, 0.5, -0.5])
    assert light.quantum_information == pytest.approx(float(along @ quantum @ along), rel=1e-7, abs=1e-9)
    result = pair_counts(light, phi, transmissivity=(eta,) * 4, largest_lost_weight=1e-6)
    assert result.probabilities.min() > -1e-15
    assert result.information <= light.quantum_information * (1 + 1e-6) + 1e-9
    assert result.mean_counts == pytest.approx(eta * light.mean_photons, abs=2e-4)
    assert abs(result.slopes.sum()) < 1e-4 * max(1.0, light.mean_photons)


def test_pairs_come_together_without_loss():
    result = pair_counts(PairLight(squeezing=(0.7, 0.4), first_rad=0.3), 0.5)
    for label in np.argwhere(result.probabilities > 1e-15):
        assert label[0] + label[1] == label[2] + label[3]


def test_known_figures_and_break_evens():
    """Two pairs of r = 1: 26.31 at every phase, 4.76 times the shot noise; break-even near 0.66 and 0.76 transmissivity."""
    light = PairLight(squeezing=(1.0, 1.0))
    assert light.mean_photons == pytest.approx(5.524, abs=1e-3)
    assert light.quantum_information / light.mean_photons == pytest.approx(4.76, abs=5e-3)
    for phi in (0.1, 0.7, 1.4):
        assert pair_counts(light, phi).information == pytest.approx(26.31, abs=0.01)

    def best(eta):
        phases = np.linspace(0.05, 1.52, 15)
        return max(
            pair_counts(light, phi, transmissivity=(eta,) * 4, largest_lost_weight=1e-4).information for phi in phases
        )

    assert best(0.65) < 0.65 * light.mean_photons
    assert best(0.67) > 0.67 * light.mean_photons
    assert best(0.74) < light.mean_photons < best(0.765)


@pytest.mark.parametrize("phi", [0.0, math.pi / 6, math.pi / 4, math.pi / 2])
def test_information_where_outcomes_are_impossible(phi):
    """Amplitudes that vanish at these phases leave rounding: the limit of their terms counts."""
    light = PairLight(squeezing=(0.8, 0.8))
    assert pair_counts(light, phi).information == pytest.approx(light.quantum_information, rel=1e-4)


def test_rotations_are_symmetric_powers():
    c, s = math.cos(0.7), math.sin(0.7)
    two = rotation(2, 0.7)
    # |2, 0> goes to c^2 |2, 0> + sqrt 2 c s |1, 1> + s^2 |0, 2>.
    assert two[:, 2] == pytest.approx([s * s, math.sqrt(2) * c * s, c * c])
    for photons in (1, 5, 40):
        matrix = rotation(photons, 1.1)
        assert abs(matrix @ matrix.T - np.eye(photons + 1)).max() < 1e-12


def test_faults_and_limits():
    with pytest.raises(ValueError, match="two squeezing values"):
        PairLight(squeezing=(-1.0, 0.0))
    with pytest.raises(ValueError, match=r"transmissivity must be in \[0, 1\].*dark_counts.*phi must be finite"):
        pair_counts(
            PairLight(squeezing=(0.1, 0.1)),
            math.nan,
            transmissivity=(1.5, 1, 1, 1),
            dark_counts=(0, -1, 0, 0),
        )
    with pytest.raises(CircuitTooLargeError, match="beyond 64 photons"):
        pair_counts(PairLight(squeezing=(2.5, 2.5)), 0.1)


def chi_square(samples, probabilities):
    """p-value over cells with at least five expected counts, the others together."""
    size = len(probabilities)
    inside = np.minimum(samples, size - 1)
    observed = np.bincount(np.ravel_multi_index(inside.T, probabilities.shape), minlength=probabilities.size)
    expected = probabilities.ravel() * len(samples)
    large = expected >= 5
    rest = expected[~large].sum()
    statistic = ((observed - expected)[large] ** 2 / expected[large]).sum()
    statistic += (observed[~large].sum() - rest) ** 2 / max(rest, 1e-9)
    return chi2.sf(statistic, large.sum())


@pytest.mark.parametrize("losses", [(1.0,) * 4, (0.9, 0.8, 0.7, 0.95)])
def test_drawn_counts_follow_the_exact_distribution(losses):
    """10^5 shots, chi-square above 10^-4 (a seed that fails a right sampler once in 10^4)."""
    light = PairLight(squeezing=(0.7, 0.5), first_rad=0.4, second_rad=0.8)
    phi = 0.6

    def mixer(angle):
        return np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])

    turn = np.diag(np.exp(-0.5j * phi * np.array([1, -1])))
    unitary = mixer(light.second_rad) @ turn @ mixer(light.first_rad)
    samples = sample_pairs(light.squeezing, unitary, 100_000, np.random.default_rng(3), transmissivity=losses)
    exact = pair_counts(light, phi, transmissivity=losses, largest_lost_weight=1e-8)
    assert chi_square(samples, exact.probabilities) > 1e-4
    if losses[0] == 1:
        assert (samples[:, :2].sum(axis=1) == samples[:, 2:].sum(axis=1)).all()


def test_drawn_counts_of_three_modes_and_dark_counts():
    """Means and covariances of counts through a complex unitary, against the Gaussian engine, within five sigma."""
    from scipy.stats import unitary_group

    unitary = unitary_group.rvs(3, random_state=np.random.default_rng(2))
    squeezing, shots = (0.6, 0.0, 0.8), 200_000
    samples = sample_pairs(squeezing, unitary, shots, np.random.default_rng(5), dark_counts=(0.05,) * 6)
    # n_j has the mean sum |U_jk|^2 sinh(r_k)^2, on each side.
    mean = (abs(unitary) ** 2) @ np.sinh(squeezing) ** 2 + 0.05
    sigma = samples.std(axis=0) / math.sqrt(shots)
    assert (abs(samples.mean(axis=0) - np.concatenate([mean, mean])) < 5 * sigma).all()
    # Signal j with idler k: |(U diag(sinh cosh) U^T)_jk|^2.
    joint = abs(unitary @ np.diag(np.sinh(2 * np.array(squeezing)) / 2) @ unitary.T) ** 2
    centred = samples - samples.mean(axis=0)
    covariance = centred[:, :3].T @ centred[:, 3:] / shots
    spread = (centred[:, :3, None] * centred[:, None, 3:]).reshape(shots, -1).std(axis=0).reshape(3, 3) / math.sqrt(
        shots
    )
    assert (abs(covariance - joint) < 5 * spread).all()


def test_what_cannot_be_drawn():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="at most 2 squeezed pairs, got 3"):
        sample_pairs((0.1, 0.1, 0.1), np.eye(3), 5, rng)
    with pytest.raises(ValueError, match="must be 2 x 2"):
        sample_pairs((0.1, 0.1), np.eye(3), 5, rng)
    assert sample_pairs((0.0, 0.0), np.eye(2), 5, rng).sum() == 0
