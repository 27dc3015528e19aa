"""Projection on superpositions of strings: probabilities, derivatives and Fisher matrix against plain linear algebra."""

import math

import numpy as np
import pytest
from drawn import examples
from hypothesis import given, strategies as st
from oracles import DenseLight

from photonics import (
    BeamSplitter,
    BranchProjection,
    Circuit,
    FockState,
    GaussianState,
    Loss,
    PrepareFock,
    Sense,
    StringProjection,
    get_engine,
    measure,
    qfi_matrix,
)
from photonics.output import output_of

NATIVE = get_engine("native")


@st.composite
def superpositions(draw, most=5, modes=3):
    """Different strings with complex amplitudes, and the modes they are over."""
    count = draw(st.integers(2, most))
    string = st.tuples(*[st.integers(0, 3)] * modes)
    strings = draw(st.lists(string, min_size=count, max_size=count, unique=True))
    sizes = np.array(draw(st.lists(st.floats(0.05, 1), min_size=count, max_size=count)))
    turns = np.array(draw(st.lists(st.floats(-7, 7), min_size=count, max_size=count)))
    amplitudes = sizes * np.exp(1j * turns)
    return np.array(strings), amplitudes / np.linalg.norm(amplitudes)


def sensed(strings, amplitudes, losses=()):
    """All modes but the last get phases; a numpy vector of amplitudes is the state."""
    modes = tuple("abc"[: strings.shape[1]])
    state = FockState(modes, strings, amplitudes)
    sense = Sense(modes=modes[:-1], generator="number")
    lossy = tuple(Loss(mode=m, transmissivity=eta) for m, eta in zip(modes, losses, strict=False) if eta < 1)
    return Circuit(modes=modes, operations=(PrepareFock(state=state), sense, *lossy))


def by_hand(strings, amplitudes, vectors, theta):
    """|<v_k|U|psi>|^2 for U = exp(-i sum theta_j n_j)."""
    return np.abs(vectors.conj() @ (amplitudes * np.exp(-1j * strings[:, :-1] @ theta))) ** 2


@given(superpositions(), st.lists(st.floats(-2, 2), min_size=2, max_size=2))
@examples(60)
def test_equal_chances_lose_nothing_at_any_pure_superposition(light, theta):
    strings, amplitudes = light
    theta = np.array(theta)
    there = amplitudes * np.exp(-1j * strings[:, :-1] @ theta)
    projection = StringProjection.equal_chances(strings, there)
    count = len(strings)
    assert projection.vectors.conj() @ projection.vectors.T == pytest.approx(np.eye(count), abs=1e-12)
    circuit = sensed(strings, amplitudes)
    # The engine may list the strings in another order; the projection names its own.
    outcomes = measure(circuit, projection, theta)
    assert outcomes.probabilities[:-1] == pytest.approx(np.full(count, 1 / count), rel=1e-9)
    assert outcomes.probabilities[-1] == pytest.approx(0, abs=1e-12)
    # 4 Cov of the photon numbers, and the engine's own.
    numbers, weights = strings[:, :-1], np.abs(amplitudes) ** 2
    centred = numbers - weights @ numbers
    quantum = 4 * centred.T @ (weights[:, None] * centred)
    assert outcomes.fisher_matrix() == pytest.approx(quantum, rel=1e-8, abs=1e-9)
    assert qfi_matrix(FockState("abc", strings, amplitudes), modes="ab") == pytest.approx(quantum, rel=1e-8, abs=1e-9)


@given(superpositions(), st.integers(1, 5), st.randoms(use_true_random=False))
@examples(40)
def test_probabilities_and_derivatives_by_hand_and_by_differences(light, rank, random):
    strings, amplitudes = light
    generator = np.random.default_rng(random.randrange(2**32))
    count, rank = len(strings), min(rank, len(strings))
    raw = generator.normal(size=(count, count)) + 1j * generator.normal(size=(count, count))
    vectors = np.linalg.qr(raw)[0].T[:rank]
    projection, theta = StringProjection(strings=strings, vectors=vectors), np.array([0.3, -0.7])
    outcomes = measure(sensed(strings, amplitudes), projection, theta)
    p = by_hand(strings, amplitudes, vectors, theta)
    assert outcomes.probabilities == pytest.approx(np.append(p, 1 - p.sum()), abs=1e-12)
    assert outcomes.probabilities.sum() == pytest.approx(1, abs=1e-14)
    assert outcomes.labels.ravel().tolist() == [*range(rank), -1]
    for j, step in enumerate(1e-5 * np.eye(2)):
        later, before = (by_hand(strings, amplitudes, vectors, theta + s * step) for s in (1, -1))
        slope = (later - before) / 2e-5
        assert outcomes.jacobian[:, j] == pytest.approx(np.append(slope, -slope.sum()), abs=1e-7)
    # No measurement knows more than the light holds.
    excess = qfi_matrix(FockState("abc", strings, amplitudes), modes="ab") - outcomes.fisher_matrix()
    assert np.linalg.eigvalsh(excess).min() > -1e-7


def test_lossy_light_by_kraus_operators_in_dense_fock_space():
    """Strings that lose photons into each other: every outcome, its share of the rest, and differences of all."""
    strings, amplitudes = np.array([(2, 0, 0), (1, 1, 0), (0, 0, 2)]), np.array([0.6, 0.48j, 0.64])
    vectors = np.linalg.qr(np.array([[1, 2j, 0.5], [0.3, 1, 1j], [1, 1, 1]]))[0].T[:2]
    etas, theta = (0.7, 0.9, 0.8), np.array([0.4, -0.3])
    dense = DenseLight(3, 3)
    ket = dense.ket({tuple(s): a for s, a in zip(strings.tolist(), amplitudes, strict=True)})
    states = [dense.ket({tuple(s): a for s, a in zip(strings.tolist(), row, strict=True)}) for row in vectors]

    def chances(at):
        rho = np.outer(ket, ket.conj())
        for mode, angle in enumerate(at):
            rho = dense.turn(rho, dense.n[mode], angle)
        for mode, eta in enumerate(etas):
            rho = dense.lose(rho, mode, eta)
        p = [(state.conj() @ rho @ state).real for state in states]
        return np.array([*p, 1 - sum(p)])

    circuit = sensed(strings, amplitudes, etas)
    projection = StringProjection(strings=strings, vectors=vectors)
    for outcomes in (measure(circuit, projection, theta), projection.outcomes(NATIVE.output(circuit, theta))):
        assert outcomes.probabilities == pytest.approx(chances(theta), abs=1e-12)
        for j, step in enumerate(1e-5 * np.eye(2)):
            slope = (chances(theta + step) - chances(theta - step)) / 2e-5
            assert outcomes.jacobian[:, j] == pytest.approx(slope, abs=1e-8)
        p, jacobian = outcomes.probabilities, outcomes.jacobian
        assert outcomes.fisher_matrix() == pytest.approx(jacobian.T @ (jacobian / p[:, None]), rel=1e-9)


@pytest.mark.parametrize("phase", [0.0, 0.7, -2.0])
def test_two_strings_are_the_projection_on_branches(phase):
    strings, amplitudes = np.array([(2, 0, 0), (0, 1, 1)]), np.array([0.6, 0.8])
    circuit, theta = sensed(strings, amplitudes, (0.7, 0.8, 1.0)), [0.2, 0.5]
    vectors = np.array([[1, s * np.exp(1j * phase)] for s in (1, -1)]) / math.sqrt(2)
    ours = measure(circuit, StringProjection(strings=strings, vectors=vectors), theta)
    theirs = measure(circuit, BranchProjection(first=(2, 0, 0), second=(0, 1, 1), phase_rad=phase), theta)
    assert ours.probabilities == pytest.approx(theirs.probabilities, abs=1e-12)
    assert ours.fisher_matrix() == pytest.approx(theirs.fisher_matrix(), rel=1e-9, abs=1e-12)


def test_dark_states_have_their_curvature_and_no_limit_is_made_up():
    """At theta = 0 only the first of the Fourier states has a chance; how the others begin depends on the direction."""
    strings, amplitudes = np.array([(1, 0, 0), (0, 1, 0), (0, 0, 1)]), np.full(3, 3**-0.5)
    fourier = np.exp(2j * np.pi * np.outer(range(3), range(3)) / 3) / math.sqrt(3)
    for rows in ([0], [1], [0, 1], [0, 1, 2]):
        vectors = fourier[rows]
        projection = StringProjection(strings=strings, vectors=vectors)
        outcomes = measure(sensed(strings, amplitudes), projection, [0.0, 0.0])
        dark = outcomes.probabilities < 1e-12

        def chances(i, j, vectors=vectors):
            p = by_hand(strings, amplitudes, vectors, np.array([i, j]) * 1e-4)
            return np.append(p, 1 - p.sum())

        curves = [
            [
                (chances(2, 0) + chances(-2, 0) - 2 * chances(0, 0)) / 4,
                (chances(1, 1) - chances(1, -1) - chances(-1, 1) + chances(-1, -1)) / 4,
            ],
            [None, (chances(0, 2) + chances(0, -2) - 2 * chances(0, 0)) / 4],
        ]
        for i, j in ((0, 0), (0, 1), (1, 1)):
            assert outcomes.hessian[dark, i, j] == pytest.approx(curves[i][j][dark] / 1e-8, abs=1e-6)
        with pytest.raises(ValueError, match="depends on the direction"):
            outcomes.fisher_matrix()
    # With one phase there is one direction.
    noon, plus = np.array([(2, 0), (0, 2)]), StringProjection(strings=[[2, 0], [0, 2]], vectors=[[0.5**0.5, 0.5**0.5]])
    outcomes = measure(sensed(noon, np.full(2, 0.5**0.5)), plus, [0.0])
    assert outcomes.probabilities.tolist() == pytest.approx([1, 0], abs=1e-14)
    assert outcomes.fisher_matrix() == pytest.approx(np.array([[4.0]]))


def test_strings_that_never_arrive_have_no_chance():
    """The projection is on other strings than the light has: all is in the rest, and nothing is known."""
    circuit = sensed(np.array([(1, 0, 0), (0, 0, 1)]), np.array([0.6, 0.8]))
    elsewhere = StringProjection(strings=[[2, 0, 0], [0, 0, 2]], vectors=np.eye(2))
    outcomes = measure(circuit, elsewhere, [0.1, 0.2])
    assert outcomes.probabilities.tolist() == pytest.approx([0, 0, 1], abs=1e-15)
    assert outcomes.fisher_matrix() == pytest.approx(np.zeros((2, 2)), abs=1e-12)


@pytest.mark.parametrize(
    ("strings", "vectors", "message"),
    [
        ([[1, 0], [1, 0]], np.eye(2), "the strings must be different rows"),
        ([[1, 0], [0, -1]], np.eye(2), "photon numbers from 0 on"),
        ([[1, 0], [0, 1]], [[1, 0, 0]], r"vectors must have 2 columns, one a string, got shape \(1, 3\)"),
        ([[1, 0], [0, 1]], [[1, 1]], "must be orthonormal"),
        ([[1, 0], [1, 0]], [[1, 1]], "the strings must be different.*; the rows of vectors must be orthonormal"),
    ],
)
def test_what_cannot_be_projected_on_is_refused_with_every_fault(strings, vectors, message):
    with pytest.raises(ValueError, match=message):
        StringProjection(strings=strings, vectors=vectors)


def test_light_that_cannot_be_projected_is_refused():
    state = FockState.from_terms("ab", {(1, 0): 0.6, (0, 1): 0.8})
    with pytest.raises(ValueError, match="must have 2 photon numbers, one a mode, got 3"):
        StringProjection(strings=[[1, 0, 0], [0, 1, 0]], vectors=np.eye(2)).outcomes(output_of(state))
    with pytest.raises(TypeError, match="projection on strings"):
        StringProjection(strings=[[1, 0], [0, 1]], vectors=np.eye(2)).outcomes(output_of(GaussianState.vacuum("ab")))


def test_the_engine_may_mix_the_strings_behind_the_phases():
    half = BeamSplitter(first="a", second="b", theta_rad=math.pi / 4)
    state = FockState.from_terms("ab", {(1, 0): 1})
    circuit = Circuit(modes="ab", operations=(PrepareFock(state=state), half, Sense(modes="a", generator="number")))
    plus = StringProjection(strings=[[1, 0], [0, 1]], vectors=np.array([[1, 1], [1, -1]]) / math.sqrt(2))
    for theta in (0.0, 0.4, 2.0):
        p = measure(circuit, plus, [theta]).probabilities
        assert sorted(p[:2]) == pytest.approx(sorted([math.cos(theta / 2) ** 2, math.sin(theta / 2) ** 2]), abs=1e-12)
        assert measure(circuit, plus, [theta]).fisher_matrix()[0, 0] == pytest.approx(1)
