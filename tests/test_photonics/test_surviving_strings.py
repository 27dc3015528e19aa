"""Superposed strings behind loss: those that survive whole carry all information about the phases."""

import numpy as np
import pytest
from drawn import examples
from hypothesis import given, strategies as st

from photonics import Circuit, FockState, Loss, PhaseDiffusion, PrepareFock, Sense, StringProjection, measure
from photonics.engines import native, native_fock, strawberryfields
from photonics.fisher import mixed_qfi_matrix


def superposed(strings, amplitudes, transmissivity, passes=1, extra=()):
    """Phases of all modes but the last are sensed."""
    modes = tuple("abcd"[: len(transmissivity)])
    state = FockState.from_terms(modes, dict(zip(strings, amplitudes, strict=True)))
    losses = tuple(Loss(mode=m, transmissivity=eta) for m, eta in zip(modes, transmissivity, strict=True))
    each = (Sense(modes=modes[:-1], generator="number"), *losses, *extra)
    return Circuit(modes=modes, operations=(PrepareFock(state=state), *each * passes))


def by_density(circuit, theta):
    """Through the whole density matrix, whatever survives."""
    blocks = native_fock.run_blocks(circuit, theta)
    _, density, derivatives, _ = native_fock._density(circuit, blocks)
    return mixed_qfi_matrix(density, derivatives)


@given(
    st.integers(2, 4),
    st.integers(1, 3),
    st.integers(1, 2),
    st.data(),
)
@examples(30)
def test_all_photons_in_one_mode(count, photons, passes, data):
    part = st.floats(0.2, 1.0)
    transmissivity = data.draw(st.lists(part, min_size=count, max_size=count))
    sizes = data.draw(st.lists(part, min_size=count, max_size=count))
    turns = data.draw(st.lists(st.floats(0, 6), min_size=count, max_size=count))
    amplitudes = np.array(sizes) * np.exp(1j * np.array(turns))
    amplitudes /= np.linalg.norm(amplitudes)
    strings = [tuple(photons * (j == k) for j in range(count)) for k in range(count)]
    circuit = superposed(strings, amplitudes.tolist(), transmissivity, passes)
    theta = [0.3 * j - 0.2 for j in range(count - 1)]
    assert native_fock.surviving_branches(circuit, theta) is not None
    assert native.qfi(circuit, theta) == pytest.approx(by_density(circuit, theta), rel=1e-8, abs=1e-9)


def test_on_strawberry_fields():
    strings = [(2, 0, 0), (0, 2, 0), (0, 0, 2)]
    circuit = superposed(strings, [0.6, 0.48, 0.64], [0.9, 0.5, 0.7])
    assert native.qfi(circuit, [0.1, 0.7]) == pytest.approx(strawberryfields.qfi(circuit, [0.1, 0.7]), rel=1e-6)


@pytest.mark.parametrize(
    ("strings", "transmissivity", "extra"),
    [
        # Two strings share a lossy mode: a photon lost there leaves a superposition that still turns.
        ([(2, 0, 0), (1, 1, 0), (0, 0, 2)], [0.7, 1, 1], ()),
        # Strings of three photons decay into one of two.
        ([(3, 0, 0), (0, 2, 0), (0, 0, 2)], [0.7, 0.8, 1], ()),
    ],
)
def test_where_more_than_the_survivors_matters(strings, transmissivity, extra):
    circuit = superposed(strings, [0.6, 0.48, 0.64], transmissivity, extra=extra)
    assert native_fock.surviving_branches(circuit, [0.1, 0.2]) is None
    assert native.qfi(circuit, [0.1, 0.2]) == pytest.approx(by_density(circuit, [0.1, 0.2]), rel=1e-7)


def test_very_rare_survivors_keep_their_digits():
    """(sum |alpha_j| eta_j^(-n/2) + ...)^2/(2 n)^2 where one state in 1e30 arrives."""
    from photonics import nuisance_aware_information

    n, eta = 200, 0.5
    sizes = np.array([eta ** (-n / 2), eta ** (-n / 2), 2.0])
    populations = sizes / sizes.sum()
    strings = [(n, 0, 0), (0, n, 0), (0, 0, n)]
    circuit = superposed(strings, np.sqrt(populations).tolist(), [eta, eta, 1.0])
    mse = nuisance_aware_information(native.qfi(circuit, [0.0, 0.0]), [1.0, 1.0]).mse
    assert mse == pytest.approx((sizes.sum() / (2 * n)) ** 2, rel=1e-9)


@pytest.mark.parametrize("passes", [1, 2])
@pytest.mark.parametrize("sigmas", [(0.3, 0.0, 0.0), (0.1, 0.4, 0.2)])
def test_random_phases_lower_the_coherence_of_each_pair(passes, sigmas):
    """The survivors alone, as a matrix of their strings, against the whole mixture; strings that share a mode without loss too."""
    noise = tuple(PhaseDiffusion(mode=m, sigma_rad=s) for m, s in zip("abc", sigmas, strict=True))
    for strings, eta in (
        ([(2, 0, 0), (0, 2, 0), (0, 0, 2)], [0.7, 0.8, 0.9]),
        ([(2, 0, 1), (1, 1, 1), (0, 0, 3)], [1, 0.8, 1]),
    ):
        circuit = superposed(strings, [0.6, 0.48, 0.64j], eta, passes, noise)
        branches = native_fock.surviving_branches(circuit, [0.1, 0.2])
        assert branches is not None
        assert branches.qfi() == pytest.approx(by_density(circuit, [0.1, 0.2]), rel=1e-8, abs=1e-9)
        projection = StringProjection(strings=strings, vectors=np.linalg.qr(np.vander([1, 2j, 3]))[0])
        ours = measure(circuit, projection, [0.1, 0.2])
        whole = projection.outcomes(native.output(circuit, [0.1, 0.2]))
        assert ours.probabilities == pytest.approx(whole.probabilities, abs=1e-12)
        assert ours.fisher_matrix() == pytest.approx(whole.fisher_matrix(), abs=1e-9)


def test_rare_survivors_with_random_phases_keep_their_digits():
    strings = [(60, 0, 0), (0, 60, 0), (0, 0, 60)]
    noise = tuple(PhaseDiffusion(mode=m, sigma_rad=0.005) for m in "abc")
    lossy, whole = (superposed(strings, [0.6, 0.48, 0.64], [eta] * 3, extra=noise) for eta in (0.1, 1.0))
    expected = 1e-60 * native.qfi(whole, [0.1, 0.2])
    assert native.qfi(lossy, [0.1, 0.2]) == pytest.approx(expected, rel=1e-9, abs=1e-75)
