"""Both native engines against dense simulation in a truncated Fock space (density matrices, Kraus loss)."""

import math

import numpy as np
import pytest
from oracles import DenseLight, qfi_by_differences

from photonics import (
    BeamSplitter,
    Circuit,
    Displace,
    DivergentFisherInformationError,
    FockState,
    GaussianState,
    Loss,
    NumberControl,
    PhaseShift,
    PrepareFock,
    Sense,
    Squeeze,
    branch_state,
    get_engine,
    qfi_matrix,
)
from photonics.engines import native_fock
from photonics.fisher import gaussian_qfi_matrix, mixed_qfi_matrix

NATIVE = get_engine("native")


@pytest.mark.parametrize("generator", ["number", "momentum"])
@pytest.mark.parametrize("eta", [1.0, 0.9, 0.35])
def test_one_lossy_squeezed_displaced_mode(generator, eta):
    # r = 0.4 and a small displacement in 40 levels lose less than 1e-12 of the weight.
    light = DenseLight(1, 40)
    theta = [0.3]

    def output(at):
        rho = light.displace(light.squeeze(light.vacuum, 0, 0.4, 0.7), 0, 0.5, -0.8)
        for _ in range(2):
            rho = light.turn(rho, light.n[0] if generator == "number" else light.p[0], at[0])
            rho = light.lose(rho, 0, eta)
        return rho

    one_pass = (Sense(modes=("a",), generator=generator), Loss(mode="a", transmissivity=eta))
    circuit = Circuit(
        modes=("a",),
        operations=(Squeeze(mode="a", r=0.4, angle_rad=0.7), Displace(mode="a", x=0.5, p=-0.8), *one_pass, *one_pass),
    )
    rho = output(theta)
    assert np.trace(rho @ light.n[0]).real == pytest.approx(NATIVE.run(circuit, theta).photon_number()[0], abs=1e-9)
    assert NATIVE.qfi(circuit, theta) == pytest.approx(qfi_by_differences(output, theta), rel=1e-6)


@pytest.mark.parametrize("generator", ["number", "momentum"])
def test_two_modes_through_a_beam_splitter_with_loss_on_one(generator):
    light = DenseLight(2, 9)
    theta = [0.2, -0.4]

    def output(at):
        rho = light.squeeze(light.squeeze(light.vacuum, 0, 0.2), 1, 0.1, 1.0)
        rho = light.split(rho, 0, 1, 0.6, 0.9)
        for j in range(2):
            rho = light.turn(rho, light.n[j] if generator == "number" else light.p[j], at[j])
        return light.lose(rho, 1, 0.7)

    circuit = Circuit(
        modes=("a", "b"),
        operations=(
            Squeeze(mode="a", r=0.2),
            Squeeze(mode="b", r=0.1, angle_rad=1.0),
            BeamSplitter(first="a", second="b", theta_rad=0.6, phi_rad=0.9),
            Sense(modes=("a", "b"), generator=generator),
            Loss(mode="b", transmissivity=0.7),
        ),
    )
    assert NATIVE.qfi(circuit, theta) == pytest.approx(qfi_by_differences(output, theta), rel=1e-4, abs=1e-4)


def test_known_values_of_phase_and_loss():
    r = 0.5

    def lossy(eta):
        operations = (
            Squeeze(mode="a", r=r),
            Sense(modes=("a",), generator="number"),
            Loss(mode="a", transmissivity=eta),
        )
        return NATIVE.qfi(Circuit(modes=("a",), operations=operations), [0.1])[0, 0]

    assert lossy(1.0) == pytest.approx(2 * math.sinh(2 * r) ** 2, rel=1e-12)
    assert lossy(0.9) == pytest.approx(2.133117, abs=1e-6)
    # The information is continuous where the state turns mixed.
    assert lossy(1 - 1e-9) == pytest.approx(lossy(1.0), rel=1e-6)


def test_estimating_a_loss_diverges_at_transmissivity_one():
    r, eta = 0.5, 0.8
    v = np.diag([math.exp(-2 * r), math.exp(2 * r)])
    slope = (v - np.eye(2))[None]
    finite = gaussian_qfi_matrix(eta * v + (1 - eta) * np.eye(2), np.zeros((2, 1)), slope)
    assert np.isfinite(finite).all()
    with pytest.raises(DivergentFisherInformationError, match="diverges"):
        gaussian_qfi_matrix(v, np.zeros((2, 1)), slope)


def dense_passes(light, ket, controls, etas, at):
    """Two passes of phases on modes 0 and 1 with loss after each and a unitary between."""
    rho = np.outer(ket, ket.conj())
    for control in (controls, np.eye(len(ket))):
        for j, angle in enumerate(at):
            rho = light.turn(rho, light.n[j], angle)
        for mode, eta in enumerate(etas):
            rho = light.lose(rho, mode, eta)
        rho = control @ rho @ control.conj().T
    return rho


@pytest.mark.parametrize("etas", [(1.0, 1.0, 1.0), (0.7, 0.8, 0.95), (0.3, 1.0, 0.6)])
def test_two_branches_switched_between_lossy_passes(etas):
    light = DenseLight(3, 3)
    first, second = ((2, 0, 0), (0, 1, 1)), ((1, 1, 0), (0, 0, 2))
    control = NumberControl(moves=tuple(zip(first, second, strict=True)))
    unitary = np.eye(27, dtype=complex)
    for a, b in control.permutation().items():
        unitary[:, light.index(a)] = 0
        unitary[light.index(b), light.index(a)] = 1
    half = math.sqrt(0.5)
    ket = light.ket({first[0]: half, first[1]: half})
    theta = [0.3, -0.5]
    one_pass = (
        Sense(modes=("a", "b"), generator="number"),
        *(Loss(mode=mode, transmissivity=eta) for mode, eta in zip("abr", etas, strict=True)),
    )
    circuit = Circuit(
        modes=("a", "b", "r"),
        operations=(PrepareFock(state=branch_state("abr", *first)), *one_pass, control, *one_pass),
    )
    expected = qfi_by_differences(lambda at: dense_passes(light, ket, unitary, etas, at), theta)
    assert NATIVE.qfi(circuit, theta) == pytest.approx(expected, rel=1e-7, abs=1e-7)
    # The closed form and the density matrix of the native engine agree as well.
    _, density, derivatives = native_fock.run_mixed(circuit, theta)
    assert mixed_qfi_matrix(density, derivatives) == pytest.approx(expected, rel=1e-7, abs=1e-7)


def test_branches_that_share_a_lossy_mode_go_through_the_density_matrix():
    light = DenseLight(2, 4)
    state = branch_state("ab", (3, 0), (1, 2))
    operations = (
        PrepareFock(state=state),
        Sense(modes=("a", "b"), generator="number"),
        Loss(mode="a", transmissivity=0.6),
    )
    circuit = Circuit(modes=("a", "b"), operations=operations)
    assert native_fock.surviving_branches(circuit, [0.1, 0.2]) is None
    half = math.sqrt(0.5)
    ket = light.ket({(3, 0): half, (1, 2): half})

    def output(at):
        rho = np.outer(ket, ket.conj())
        for j in range(2):
            rho = light.turn(rho, light.n[j], at[j])
        return light.lose(rho, 0, 0.6)

    assert NATIVE.qfi(circuit, [0.1, 0.2]) == pytest.approx(qfi_by_differences(output, [0.1, 0.2]), abs=1e-7)


def test_beam_splitters_phases_and_derivatives_on_photons():
    light = DenseLight(2, 5)
    circuit = Circuit(
        modes=("a", "b"),
        operations=(
            PrepareFock(state=FockState.from_terms("ab", {(2, 1): 0.6, (0, 2): 0.8j})),
            BeamSplitter(first="a", second="b", theta_rad=0.5, phi_rad=0.8),
            Sense(modes=("a", "b"), generator="number"),
            PhaseShift(mode="b", angle_rad=0.7),
            BeamSplitter(first="b", second="a", theta_rad=1.1, phi_rad=-0.3),
            Sense(modes=("a", "b"), generator="number"),
        ),
    )
    ket = light.ket({(2, 1): 0.6, (0, 2): 0.8j})

    def output(at):
        rho = light.split(np.outer(ket, ket.conj()), 0, 1, 0.5, 0.8)
        rho = light.turn(light.turn(rho, light.n[0], at[0]), light.n[1], at[1])
        rho = light.turn(rho, light.n[1], -0.7)
        rho = light.split(rho, 1, 0, 1.1, -0.3)
        return light.turn(light.turn(rho, light.n[0], at[0]), light.n[1], at[1])

    theta = [0.4, -0.2]
    state = NATIVE.run(circuit, theta)
    dense = light.ket(state.terms)
    assert np.outer(dense, dense.conj()) == pytest.approx(output(theta), abs=1e-12)
    assert NATIVE.qfi(circuit, theta) == pytest.approx(qfi_by_differences(output, theta), rel=1e-7, abs=1e-7)


def test_qfi_matrix_of_states_agrees_with_circuits():
    squeezed = Circuit(
        modes=("a", "b"),
        operations=(
            Squeeze(mode="a", r=0.8),
            Displace(mode="b", x=1.0),
            BeamSplitter(first="a", second="b", theta_rad=0.7),
        ),
    )
    state = NATIVE.run(squeezed, [])
    for generator in ("number", "momentum"):
        sensed = Circuit(
            modes=squeezed.modes, operations=(*squeezed.operations, *[Sense(modes=("b", "a"), generator=generator)] * 2)
        )
        assert qfi_matrix(state, generator, modes=("b", "a"), passes=2) == pytest.approx(
            NATIVE.qfi(sensed, [0.1, 0.2]), rel=1e-10
        )
    with pytest.raises(ValueError, match="modes must be"):
        qfi_matrix(state, modes=("z",))


def test_large_lossy_mixtures_are_refused_not_attempted():
    modes = tuple(f"m{k}" for k in range(12))
    occupations = {tuple(3 if j == k else 1 for j in range(12)): 12**-0.5 for k in range(12)}
    losses = [Loss(mode=mode, transmissivity=0.5) for mode in modes]
    circuit = Circuit(
        modes=modes,
        operations=(
            PrepareFock(state=FockState.from_terms(modes, occupations)),
            Sense(modes=modes, generator="number"),
            *losses,
        ),
    )
    with pytest.raises(ValueError, match="fewer photons"):
        NATIVE.qfi(circuit, [0.0] * 12)


def test_controls_that_change_the_photon_number_are_not_read_as_branches():
    # A lost photon no longer tells the branch when a control lowers the number: the density matrix decides.
    state = FockState.from_terms("ab", {(2, 0): math.sqrt(0.5), (0, 2): math.sqrt(0.5)})
    sense, loss = Sense(modes=("a",), generator="number"), Loss(mode="a", transmissivity=0.5)
    control = NumberControl(moves=(((2, 0), (1, 0)), ((0, 2), (0, 1))))
    circuit = Circuit(modes=("a", "b"), operations=(PrepareFock(state=state), sense, loss, control, loss, sense))
    assert native_fock.surviving_branches(circuit, [0.3]) is None
    light = DenseLight(2, 3)
    half = math.sqrt(0.5)
    ket = light.ket({(2, 0): half, (0, 2): half})
    unitary = np.eye(9, dtype=complex)
    for a, b in control.permutation().items():
        unitary[:, light.index(a)] = 0
        unitary[light.index(b), light.index(a)] = 1

    def output(at):
        rho = light.lose(light.turn(np.outer(ket, ket.conj()), light.n[0], at[0]), 0, 0.5)
        rho = light.lose(unitary @ rho @ unitary.conj().T, 0, 0.5)
        return light.turn(rho, light.n[0], at[0])

    assert NATIVE.qfi(circuit, [0.3]) == pytest.approx(qfi_by_differences(output, [0.3]), rel=1e-6)


@pytest.mark.parametrize(("photons", "eta"), [(3, 1e-6), (10, 1e-3), (10, 0.999), (16, 0.99)])
def test_rare_survivors_keep_their_information_behind_a_beam_splitter(photons, eta):
    modes = ("a", "b")
    losses = tuple(Loss(mode=mode, transmissivity=eta) for mode in modes)
    start = PrepareFock(state=branch_state(modes, (photons, 0), (0, photons)))
    behind = BeamSplitter(first="a", second="b", theta_rad=math.pi / 4)
    circuit = Circuit(modes=modes, operations=(start, Sense(modes=("a",), generator="number"), *losses, behind))
    # Equal loss on disjoint branches: F = eta^N N^2, and a beam splitter after it changes nothing.
    assert NATIVE.qfi(circuit, [0.1])[0, 0] == pytest.approx(eta**photons * photons**2, rel=1e-8)


def test_theta_of_another_length_is_refused():
    circuit = Circuit(modes=("a", "b"), operations=(Sense(modes=("a", "b"), generator="momentum"),))
    for theta in ([0.5], [0.1, float("nan")]):
        with pytest.raises(ValueError, match="theta must have 2 finite values"):
            NATIVE.run(circuit, theta)


def test_squeezing_beyond_double_precision_is_refused_not_answered():
    def squeezed(r, angle):
        operations = (
            Squeeze(mode="a", r=r, angle_rad=angle),
            Sense(modes=("a",), generator="number"),
            Loss(mode="a", transmissivity=1 - 1e-12),
        )
        return Circuit(modes=("a",), operations=operations)

    with pytest.raises(ValueError, match="use less squeezing"):
        NATIVE.qfi(squeezed(9.0, 0.8), [0.1])
    with pytest.raises(ValueError, match="use less squeezing"):
        NATIVE.run(squeezed(10.0, 0.8), [0.1])
    with pytest.raises(ValueError, match="uncertainty relation"):
        GaussianState(("a", "b"), np.zeros(4), np.diag([3e7, 0.5, 3e7, 0.5]))
