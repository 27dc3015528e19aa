"""Gaussian Fisher matrices of few modes and of many circuits at once, against those of large systems and the engine one by one."""

import dataclasses
import itertools

import numpy as np
import pytest

import photonics.fisher.gaussian as gaussian
from photonics import (
    BeamSplitter,
    Circuit,
    Displace,
    DivergentFisherInformationError,
    GaussianState,
    Interferometer,
    Loss,
    Phase,
    PhaseShift,
    PrecisionError,
    PrepareFock,
    Sense,
    Shift,
    Squeeze,
    Transmissivity,
    gaussian_qfi_matrices,
    gaussian_qfi_matrix,
    get_engine,
    noon_state,
    qfi_matrices,
    qfi_matrix,
)
from photonics.engines import native, native_batch
from photonics.fisher.slopes import rotations
from photonics.fisher.williamson import williamson
from photonics.states.normal_modes import normal_modes

NATIVE = get_engine("native")
MODES = tuple("abc")


def unitary(seed):
    rng = np.random.default_rng(seed)
    return tuple(map(tuple, np.linalg.qr(rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)))[0].tolist()))


def circuit(rng, generator="number"):
    """Every Gaussian operation, two passes."""
    sense = Sense(modes=("a", "c"), generator=generator)
    return Circuit(
        modes=MODES,
        operations=(
            Squeeze(mode="a", r=rng.uniform(-1, 1), angle_rad=rng.uniform(0, 6)),
            Displace(mode="b", x=rng.normal(), p=rng.normal()),
            Interferometer(modes=MODES, unitary=unitary(int(rng.integers(1000)))),
            sense,
            PhaseShift(mode="b", angle_rad=rng.uniform(0, 6)),
            Loss(mode="a", transmissivity=rng.uniform(0.3, 1), background_photons=rng.uniform(0, 0.3)),
            BeamSplitter(first="c", second="a", theta_rad=rng.uniform(0, 3), phi_rad=rng.uniform(0, 6)),
            sense,
            Loss(mode="c", transmissivity=rng.uniform(0.3, 1)),
        ),
    )


@pytest.mark.parametrize("generator", ["number", "momentum"])
def test_many_circuits_have_the_matrices_of_each(generator):
    rng = np.random.default_rng(1)
    circuits = [circuit(rng, generator) for _ in range(20)]
    theta = rng.normal(size=(20, 2))
    expected = np.array([NATIVE.qfi(one, at) for one, at in zip(circuits, theta, strict=True)])
    assert qfi_matrices(circuits, theta) == pytest.approx(expected, rel=1e-10)
    assert qfi_matrices(circuits[:1], theta[0])[0] == pytest.approx(expected[0], rel=1e-10)
    assert qfi_matrices(circuits[0], theta[:1])[0] == pytest.approx(expected[0], rel=1e-10)
    # The same numbers beside one circuit.
    names = {0: ("r", "angle_rad"), 1: ("x", "p"), 2: ("unitary",), 4: ("angle_rad",), 6: ("theta_rad", "phi_rad")}
    names |= {5: ("transmissivity", "background_photons"), 8: ("transmissivity",)}
    varied = {
        (index, name): [getattr(one.operations[index], name) for one in circuits]
        for index, some in names.items()
        for name in some
    }
    assert qfi_matrices(circuits[3], theta, varied) == pytest.approx(expected, rel=1e-10)
    many = Circuit(modes=(*MODES, *(f"m{k}" for k in range(20))), operations=circuits[3].operations)
    few = {key: values[:2] for key, values in varied.items()}
    assert qfi_matrices(many, theta[:2], few) == pytest.approx(expected[:2], rel=1e-9)


def test_stacks_are_worked_on_in_parts(monkeypatch):
    rng = np.random.default_rng(2)
    circuits, theta = [circuit(rng) for _ in range(7)], rng.normal(size=(7, 2))
    expected = qfi_matrices(circuits, theta)
    monkeypatch.setattr(native_batch, "STACK_BYTES", 2000)
    monkeypatch.setattr(gaussian, "STACK_BYTES", 20_000)
    assert qfi_matrices(circuits, theta) == pytest.approx(expected, rel=1e-13)


def test_what_does_not_fit_is_said():
    rng = np.random.default_rng(3)
    one, theta = circuit(rng), [0.1, 0.2]
    shorter = Circuit(modes=MODES, operations=one.operations[:-1])
    elsewhere = Circuit(modes=MODES, operations=(*one.operations[:-1], Loss(mode="b", transmissivity=0.5)))
    for other in (shorter, elsewhere):
        with pytest.raises(ValueError, match="circuit 2 must have the modes and the kinds of operations of the first"):
            qfi_matrices([one, other], theta)
    for varied, message in (
        ({(11, "r"): [0.1]}, "there is no operation 11, the circuit has 9"),
        ({(0, "q"): [0.1]}, r"operation 0 \(Squeeze\) has no number 'q'; it has r, angle_rad"),
        ({(3, "modes"): [0.1]}, r"operation 3 \(Sense\) has no number 'modes'; it has none"),
        ({(5, "transmissivity"): [0.5, 1.5]}, r"operation 5 \(Loss\): transmissivity must be in \[0, 1\], got 1.5"),
        ({(0, "r"): [0.1, np.nan]}, "parameters must be finite"),
        ({(0, "r"): [[0.1]]}, r"r must have 1 axes, one entry a circuit, got shape \(1, 1\)"),
        ({(0, "r"): [0.1, 0.2], (1, "x"): [0.1]}, r"of as many circuits each, got \[1, 2\]"),
        ({(2, "unitary"): [np.ones((3, 3))]}, "of the unitary must be orthonormal"),
    ):
        with pytest.raises(ValueError, match=message):
            qfi_matrices(one, theta, varied)
    with pytest.raises(ValueError, match=r"shape \(d,\) or \(B, d\) with d = 2, got \(3,\)"):
        qfi_matrices(one, [0.1, 0.2, 0.3])
    with pytest.raises(ValueError, match="these circuits have their own"):
        qfi_matrices([one], theta, {(0, "r"): [0.1]})
    with pytest.raises(ValueError, match="one circuit or a sequence of at least one"):
        qfi_matrices([], theta)
    photons = Circuit(modes=("a", "b"), operations=(PrepareFock(state=noon_state("ab", 2)),))
    with pytest.raises(TypeError, match="must be Gaussian"):
        qfi_matrices(photons, [])


def random_state(seed, modes, kind):
    """Pure, lossy, thermal, or with one thermal normal mode among pure ones."""
    rng = np.random.default_rng(seed)
    ops = [Squeeze(mode=m, r=rng.uniform(0, 1), angle_rad=rng.uniform(0, 6)) for m in modes]
    ops += [Displace(mode=m, x=rng.normal(), p=rng.normal()) for m in modes]
    if kind == "partly":
        ops[0] = Loss(mode=modes[0], transmissivity=0.5, background_photons=1.0)
    ops += [
        BeamSplitter(first=a, second=b, theta_rad=rng.uniform(0, 3), phi_rad=rng.uniform(0, 6))
        for a, b in itertools.pairwise(modes)
    ]
    if kind in ("lossy", "thermal"):
        background = 0.3 if kind == "thermal" else 0.0
        ops += [Loss(mode=m, transmissivity=rng.uniform(0.5, 0.95), background_photons=background) for m in modes]
    return NATIVE.run(Circuit(modes=tuple(modes), operations=tuple(ops)), [])


@pytest.mark.parametrize("kind", ["pure", "lossy", "thermal", "partly"])
@pytest.mark.parametrize("modes", [1, 2, 4, 9])
def test_few_modes_have_the_matrix_of_the_blocks_of_many(monkeypatch, kind, modes):
    state = random_state(modes, [f"m{k}" for k in range(modes)], kind)
    parameters = [*(Phase(mode=m) for m in state.modes), *(Shift(mode=m, angle_rad=0.4) for m in state.modes)]
    if kind in ("lossy", "thermal"):
        parameters.append(Transmissivity(mode="m0", at=0.7))
    means, slopes = rotations(state.mean, state.covariance, range(modes))
    few = qfi_matrix(state, parameters)
    low_rank = gaussian_qfi_matrix(state.covariance, means, slopes)
    dense = gaussian_qfi_matrix(state.covariance, means, slopes.dense())
    stacked = gaussian_qfi_matrices(
        np.repeat(state.covariance[None], 3, axis=0),
        np.repeat(means[None], 3, axis=0),
        np.repeat(slopes.dense()[None], 3, axis=0),
    )
    monkeypatch.setattr(gaussian, "FEW_MODES", 0)
    monkeypatch.setattr("photonics.fisher.quantum.FEW_MODES", 0)
    scale = np.abs(few).max()
    assert few == pytest.approx(qfi_matrix(state, parameters), rel=1e-10, abs=1e-10 * scale)
    blocks = gaussian_qfi_matrix(state.covariance, means, slopes)
    for one in (low_rank, dense, *stacked):
        assert one == pytest.approx(blocks, rel=1e-10, abs=1e-10 * scale)


def test_normal_modes_are_williamsons_form():
    state = random_state(5, ["a", "b", "c"], "lossy")
    modes = state.normal_modes
    rows, nu = modes.rows[0], modes.eigenvalues[0]
    assert nu == pytest.approx(williamson(state.covariance).eigenvalues, rel=1e-12)
    assert nu == pytest.approx(state.symplectic_eigenvalues, rel=1e-12)
    assert rows @ state.covariance @ rows.conj().T == pytest.approx(2 * np.diag(nu), abs=1e-12)
    assert rows @ state.covariance @ rows.T == pytest.approx(np.zeros((3, 3)), abs=1e-12)
    inverse = (rows.conj().T / nu @ rows).real
    assert inverse == pytest.approx(np.linalg.inv(state.covariance), rel=1e-10, abs=1e-12)
    stack = normal_modes(np.array([state.covariance, np.eye(6)]))
    assert stack.eigenvalues[1] == pytest.approx(np.ones(3))


def test_states_without_a_finite_or_certain_matrix_are_refused_among_others():
    pure = random_state(6, ["a", "b"], "pure")
    lossy = random_state(7, ["a", "b"], "lossy")
    means = np.zeros((2, 4, 1))
    covariances = np.array([lossy.covariance, pure.covariance])
    # By the loss of one mode of a pure state at transmissivity 1.
    loss = np.zeros((4, 4))
    loss[[0, 2]] = -(pure.covariance - np.eye(4))[[0, 2]] / 2
    loss = loss + loss.T
    with pytest.raises(DivergentFisherInformationError, match="diverges"):
        gaussian_qfi_matrices(covariances, means, np.array([[loss], [loss]]))
    finite = gaussian_qfi_matrices(covariances[:1], means[:1], np.array([[loss]]))
    assert np.isfinite(finite).all()
    turn = np.array([[1.0, -1.0], [1.0, 1.0]]) / np.sqrt(2)
    askew = turn @ np.diag([1e-6, 1e6]) @ turn.T
    with pytest.raises(PrecisionError, match="too ill-conditioned"):
        gaussian_qfi_matrices(np.array([np.eye(2), askew]), np.zeros((2, 2, 1)))
    with pytest.raises(ValueError, match=r"got \(2, 4, 4\), \(2, 4, 1\), \(2, 1, 2, 2\)"):
        gaussian_qfi_matrices(covariances, means, np.zeros((2, 1, 2, 2)))
    no_slopes = gaussian_qfi_matrices(covariances, np.ones((2, 4, 1)))
    assert no_slopes[:, 0, 0] == pytest.approx([np.linalg.inv(v).sum() for v in covariances], rel=1e-10)


def test_a_state_of_few_modes_is_checked_as_one_of_many(monkeypatch):
    monkeypatch.setattr("photonics.states.gaussian.FEW_MODES", 0)
    many = random_state(8, ["a", "b", "c"], "partly")
    monkeypatch.undo()
    few = GaussianState(many.modes, many.mean, many.covariance)
    assert few == many
    assert few.symplectic_eigenvalues == pytest.approx(many.symplectic_eigenvalues, rel=1e-13)
    assert few.rounding == many.rounding
    for covariance, message in (
        (np.diag([0.5, 1.0]), "breaks the uncertainty relation: its smallest symplectic eigenvalue is 0.7071"),
        (np.diag([-1.0, 1.0]), "must be positive definite"),
    ):
        with pytest.raises(ValueError, match=message):
            GaussianState(["a"], [0.0, 0.0], covariance)


def test_a_design_by_many_circuits_at_once_finds_the_best_squeezing_angle():
    """The best of a scan over the angle between displacement and squeezing is at the squeezed quadrature that the phase moves."""
    base = Circuit(
        modes=("a",),
        operations=(
            Squeeze(mode="a", r=0.8),
            Displace(mode="a", p=6.0),
            Loss(mode="a", transmissivity=0.9),
            Sense(modes=("a",), generator="number"),
        ),
    )
    angles = np.linspace(-1.5, 1.5, 301)
    information = qfi_matrices(base, [0.0], {(0, "angle_rad"): angles})[:, 0, 0]
    assert angles[information.argmax()] == pytest.approx(0.0, abs=1e-9)
    one = dataclasses.replace(base.operations[0], angle_rad=float(angles[40]))
    alone = native.qfi(Circuit(modes=("a",), operations=(one, *base.operations[1:])), [0.0]).item()
    assert information[40] == pytest.approx(alone, rel=1e-12)
