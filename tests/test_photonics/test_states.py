"""States, circuits and conventions: what they refuse, and units in another hbar."""

import math

import numpy as np
import pytest

from photonics import (
    BeamSplitter,
    Circuit,
    Displace,
    FockDensity,
    FockState,
    GaussianState,
    Loss,
    NumberControl,
    PrepareFock,
    Sense,
    Squeeze,
    branch_state,
    get_engine,
    noon_state,
)
from photonics.states.gaussian import symplectic_eigenvalues
from photonics.states.probes import omega_branches


def test_equal_fock_states_compare_equal_whatever_the_order():
    a = FockState.from_terms(["a", "b"], {(2, 0): 0.6, (0, 2): 0.8j})
    b = FockState.from_terms(["a", "b"], {(0, 2): 0.8j, (2, 0): 0.6})
    assert a == b
    assert hash(a) == hash(b)
    assert eval(repr(a)) == a
    assert a.probability((0, 2)) == pytest.approx(0.64)
    assert a.overlap(b) == pytest.approx(1)


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({(1, 0): 1.0, (0, 1): 1.0}, "must sum to 1, got 2; divide the amplitudes by 1.41421356237"),
        ({(1, -1): 1.0}, "negative"),
        ({(1,): 1.0}, "shape"),
        ({(1, 0): float("nan")}, "finite"),
        ({}, "not empty|shape"),
    ],
)
def test_fock_states_that_are_none(terms, message):
    with pytest.raises(ValueError, match=message):
        FockState.from_terms(["a", "b"], terms)


def test_density_matrices_that_are_none():
    with pytest.raises(ValueError, match="Hermitian"):
        FockDensity(("a",), np.array([[0], [1]]), np.array([[0.5, 1], [0, 0.5]], dtype=complex))
    with pytest.raises(ValueError, match="trace 1, got 2"):
        FockDensity(("a",), np.array([[0], [1]]), np.eye(2, dtype=complex))


@pytest.mark.parametrize(
    ("mean", "covariance", "message"),
    [
        ([0, 0], [[0.9, 0], [0, 1.0]], "smallest symplectic eigenvalue is 0.948683298051"),
        ([0, 0], [[1, 0.5], [0, 1]], "symmetric"),
        ([0, float("inf")], [[1, 0], [0, 1]], "finite"),
        ([0, 0], [[1, 0], [0, -1]], "positive definite"),
        ([0], [[1, 0], [0, 1]], "shape"),
    ],
)
def test_gaussian_states_that_are_none(mean, covariance, message):
    with pytest.raises(ValueError, match=message):
        GaussianState(("a",), mean, covariance)


def test_strong_squeezing_and_faint_loss_are_states():
    for r in (0.0, 2.0, 5.0):
        for eta in (1.0, 1 - 1e-12, 0.5, 1e-6):
            circuit = Circuit(modes=("a",), operations=(Squeeze(mode="a", r=r), Loss(mode="a", transmissivity=eta)))
            state = get_engine("native").run(circuit, [])
            assert state.photon_number()[0] == pytest.approx(eta * math.sinh(r) ** 2, rel=1e-6, abs=1e-9)


def test_symplectic_eigenvalues_of_thermal_light_under_any_squeezing():
    v = np.diag([3.0 * np.exp(-1.0), 5.0, 3.0 * np.exp(1.0), 5.0])
    assert symplectic_eigenvalues(v) == pytest.approx([3.0, 5.0])


@pytest.mark.parametrize("hbar", [2.0, 1.7, 0.5])
def test_moments_in_another_hbar_give_the_same_photons_to_the_walrus(hbar):
    from thewalrus.quantum import photon_number_mean_vector

    circuit = Circuit(
        modes=("a", "b"),
        operations=(
            Squeeze(mode="a", r=0.7, angle_rad=0.4),
            Displace(mode="b", x=0.8, p=-0.3),
            BeamSplitter(first="a", second="b", theta_rad=0.6, phi_rad=1.1),
            Loss(mode="b", transmissivity=0.8),
        ),
    )
    state = get_engine("native").run(circuit, [])
    mean, covariance = state.in_units(hbar)
    assert photon_number_mean_vector(mean, covariance, hbar=hbar) == pytest.approx(state.photon_number(), abs=1e-12)


def test_circuits_report_every_fault():
    with pytest.raises(ValueError, match=r"no mode 'z'.*finite.*transmissivity must be in.*prepared before"):
        Circuit(
            modes=("a",),
            operations=(
                Squeeze(mode="z", r=float("nan")),
                Loss(mode="a", transmissivity=2.0),
                PrepareFock(state=FockState.from_terms(["a"], {(1,): 1.0})),
            ),
        )
    with pytest.raises(ValueError, match="modes must differ"):
        Circuit(modes=("a", "b"), operations=(BeamSplitter(first="a", second="a", theta_rad=1.0),))
    with pytest.raises(ValueError, match="generator must be"):
        Circuit(modes=("a",), operations=(Sense(modes=("a",), generator="position"),))
    with pytest.raises(ValueError, match="two strings cannot move"):
        Circuit(modes=("a",), operations=(NumberControl(moves=(((1,), (2,)), ((0,), (2,)))),))
    with pytest.raises(ValueError, match="same parameters"):
        Circuit(
            modes=("a", "b"),
            operations=(Sense(modes=("a",), generator="number"), Sense(modes=("b",), generator="number")),
        )


def test_controls_complete_to_permutations():
    moves = NumberControl(moves=(((2, 0), (1, 1)), ((0, 2), (2, 0)))).permutation()
    assert moves == {(2, 0): (1, 1), (0, 2): (2, 0), (1, 1): (0, 2)}
    assert sorted(moves) == sorted(moves.values())
    # What is pushed out takes the places left free, first to first.
    two = NumberControl(moves=(((2, 0), (1, 1)), ((0, 2), (3, 3)))).permutation()
    assert two == {(2, 0): (1, 1), (0, 2): (3, 3), (1, 1): (2, 0), (3, 3): (0, 2)}


def test_probe_families():
    assert noon_state(("a", "b"), 3).terms == pytest.approx({(3, 0): math.sqrt(0.5), (0, 3): math.sqrt(0.5)})
    assert branch_state(("a", "b"), (1, 0), (0, 1), phase_rad=math.pi / 2).terms[(0, 1)] == pytest.approx(
        1j * math.sqrt(0.5)
    )
    assert omega_branches((3, 1, -2), 4) == ((3, 1, 0, 0), (0, 0, 2, 2))
    with pytest.raises(ValueError, match="4 photons"):
        omega_branches((3, 0, -2), 4)
    with pytest.raises(ValueError, match="two modes"):
        noon_state(("a", "b", "c"), 2)


def test_unknown_engines_name_the_known_ones():
    with pytest.raises(ValueError, match="native, strawberryfields"):
        get_engine("quantum")


@pytest.mark.parametrize("photons", [1e-24, 1e-12, 1.0, 1e20])
def test_coherent_light_of_any_strength_has_its_photons(photons):
    light = GaussianState(["a"], [2 * photons**0.5, 0.0], np.eye(2))
    assert light.photon_number()[0] == pytest.approx(photons, rel=1e-14, abs=0)
