"""Gaussian and sparse Fock Fisher matrices: the full formula, fidelities, dense Fock space, and laws they must obey."""

import math
import tracemalloc

import numpy as np
import pytest
from drawn import examples
from hypothesis import given, strategies as st
from oracles import DenseLight, qfi_by_differences

from photonics import (
    BeamSplitter,
    Circuit,
    Displace,
    DivergentFisherInformationError,
    FockDensity,
    FockState,
    GaussianState,
    Interferometer,
    Loss,
    Phase,
    PrepareFock,
    Sense,
    Shift,
    Squeeze,
    Transmissivity,
    conditioning,
    get_engine,
    noon_state,
    qfi_matrix,
    split_squeezed_vacuum,
)
from photonics.conventions import rescale_moments, symplectic_form
from photonics.fisher import gaussian
from photonics.fisher.gaussian import gaussian_qfi_matrix
from photonics.fisher.slopes import LowRank, rotations
from photonics.fisher.williamson import williamson

NATIVE = get_engine("native")


def unitary(rng, modes):
    return np.linalg.qr(rng.normal(size=(modes, modes)) + 1j * rng.normal(size=(modes, modes)))[0]


def random_state(seed, modes=3, *, lossy=True, displaced=True, equal=False):
    rng = np.random.default_rng(seed)
    names = tuple(f"m{k}" for k in range(modes))
    r = np.full(modes, 0.7) if equal else rng.uniform(0, 1.2, modes)
    operations = [
        Squeeze(mode=m, r=float(x), angle_rad=float(rng.uniform(0, 6))) for m, x in zip(names, r, strict=True)
    ]
    operations.append(Interferometer(modes=names, unitary=tuple(map(tuple, unitary(rng, modes).tolist()))))
    if displaced:
        operations += [Displace(mode=m, x=float(rng.normal()), p=float(rng.normal())) for m in names]
    if lossy:
        eta = np.full(modes, 0.8) if equal else rng.uniform(0.4, 0.98, modes)
        operations += [Loss(mode=m, transmissivity=float(e)) for m, e in zip(names, eta, strict=True)]
    return NATIVE.run(Circuit(modes=names, operations=tuple(operations)), [])


def by_the_full_formula(state, mean_slopes, covariance_slopes):
    """1/2 vec(dV)^T (V (x) V - Omega (x) Omega)^+ vec(dV) + dm^T V^{-1} dm with the (2m)^2 x (2m)^2 matrix."""
    v, omega = state.covariance, symplectic_form(len(state.modes))
    big = np.linalg.pinv(np.kron(v, v) - np.kron(omega, omega), rcond=1e-10)
    rows = covariance_slopes.reshape(len(covariance_slopes), -1)
    return rows @ big @ rows.T / 2 + mean_slopes.T @ np.linalg.solve(v, mean_slopes)


@given(st.integers(0, 10**6), st.booleans(), st.booleans())
@examples(40)
def test_all_kinds_of_parameters_against_the_full_formula(seed, lossy, equal):
    state = random_state(seed, lossy=lossy, equal=equal)
    count = len(state.modes)
    parameters = [*(Phase(mode=m) for m in state.modes), *(Shift(mode=m, angle_rad=0.4) for m in state.modes)]
    turned_means, turned = rotations(state.mean, state.covariance, range(count))
    shifts = np.zeros((2 * count, count))
    shifts[range(count), range(count)] = math.cos(0.4)
    shifts[range(count, 2 * count), range(count)] = math.sin(0.4)
    means, covariances = [turned_means, shifts], [turned.dense(), np.zeros((count, 2 * count, 2 * count))]
    if lossy:
        parameters += [Transmissivity(mode=m, at=0.7) for m in state.modes]
        lost = np.zeros((count, 2 * count, 2 * count))
        moved = np.zeros((2 * count, count))
        for k in range(count):
            p = np.zeros((2 * count, 2 * count))
            p[k, k] = p[k + count, k + count] = 1
            lost[k] = (p @ state.covariance + state.covariance @ p) / 2 / 0.7 - p / 0.7
            moved[:, k] = p @ state.mean / (2 * 0.7)
        means.append(moved)
        covariances.append(lost)
    expected = by_the_full_formula(state, np.hstack(means), np.concatenate(covariances))
    scale = np.abs(expected).max()
    result = qfi_matrix(state, parameters)
    assert result == pytest.approx(expected, abs=1e-9 * scale)
    # The same from full matrices of derivatives.
    dense = gaussian_qfi_matrix(state.covariance, np.hstack(means), np.concatenate(covariances))
    assert dense == pytest.approx(result, abs=1e-10 * scale)


@pytest.mark.parametrize("equal", [True, False])
def test_the_two_ways_of_summing_agree(equal, monkeypatch):
    state = random_state(5, modes=40, equal=equal)
    grouped = gaussian._groups(williamson(state.covariance).eigenvalues - 1, 1e-10)
    # Equal squeezing and loss leave one symplectic eigenvalue; forty different ones are not put into groups.
    assert (grouped is not None and len(grouped[0]) == 1) is equal
    quick = qfi_matrix(state)
    monkeypatch.setattr(gaussian, "_groups", lambda *_: None)
    assert qfi_matrix(state) == pytest.approx(quick, abs=1e-11 * np.abs(quick).max())
    # Blocks of any size give the same.
    monkeypatch.setattr(gaussian, "CHUNK_BYTES", 20_000)
    assert qfi_matrix(state) == pytest.approx(quick, abs=1e-11 * np.abs(quick).max())


def test_phases_against_the_fidelity_of_the_walrus():
    from thewalrus.quantum import fidelity

    state = random_state(11)
    step = 2e-3

    def turned(angles):
        c, s = np.diag(np.cos(angles)), np.diag(np.sin(angles))
        rotation = np.block([[c, s], [-s, c]])
        return rotation @ state.mean, rotation @ state.covariance @ rotation.T

    def distance(a, b):
        # 1 - sqrt(fidelity) = delta^T F delta/8 to leading order; The Walrus gives the squared one.
        return 8 * (1 - math.sqrt(fidelity(*turned(a), *turned(b), hbar=2)))

    def information(direction):
        # Two steps and Richardson's extrapolation.
        near, far = (distance(-h * direction / 2, h * direction / 2) / h**2 for h in (step * 10, step * 20))
        return (4 * near - far) / 3

    axes = np.eye(3)
    expected = np.diag([information(a) for a in axes])
    for i in range(3):
        for j in range(i):
            both = information(axes[i] + axes[j])
            expected[i, j] = expected[j, i] = (both - expected[i, i] - expected[j, j]) / 2
    assert qfi_matrix(state) == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_pure_phases_are_the_covariance_of_photon_numbers_of_the_walrus():
    from thewalrus.quantum import photon_number_covmat

    for displaced in (False, True):
        state = random_state(3, lossy=False, displaced=displaced)
        expected = 4 * photon_number_covmat(state.mean, state.covariance, hbar=2)
        assert qfi_matrix(state, passes=3) == pytest.approx(9 * expected, rel=1e-9)
        general = gaussian_qfi_matrix(state.covariance, *rotations(state.mean, state.covariance, range(3)))
        assert qfi_matrix(state) == pytest.approx(general, rel=1e-9)


@pytest.mark.parametrize("background", [0.0, 0.4])
@pytest.mark.parametrize("eta", [0.3, 0.9])
def test_the_transmissivity_of_a_loss_in_dense_fock_space_and_by_differences(eta, background):
    light = DenseLight(1, 40)

    def moments(at):
        loss = Loss(mode="a", transmissivity=at, background_photons=background)
        operations = (Squeeze(mode="a", r=0.4, angle_rad=0.7), Displace(mode="a", x=0.5, p=-0.8), loss)
        return NATIVE.run(Circuit(modes=("a",), operations=operations), [])

    state = moments(eta)
    result = qfi_matrix(state, [Transmissivity(mode="a", at=eta, background_photons=background)])[0, 0]
    step = 1e-5
    up, down = moments(eta + step), moments(eta - step)
    slopes = (up.mean - down.mean) / (2 * step), (up.covariance - down.covariance) / (2 * step)
    by_steps = gaussian_qfi_matrix(state.covariance, slopes[0][:, None], slopes[1][None])[0, 0]
    assert result == pytest.approx(by_steps, rel=1e-7)
    if not background:

        def output(at):
            rho = light.displace(light.squeeze(light.vacuum, 0, 0.4, 0.7), 0, 0.5, -0.8)
            return light.lose(rho, 0, at[0])

        assert result == pytest.approx(qfi_by_differences(output, [eta])[0, 0], rel=1e-5)


def test_the_transmissivity_of_a_lossy_fock_state():
    # n photons through a loss leave a binomial number, from which eta is known to eta (1 - eta)/n.
    eta, n = 0.7, 3
    operations = (PrepareFock(state=FockState.from_terms("a", {(n,): 1.0})), Loss(mode="a", transmissivity=eta))
    state = NATIVE.run(Circuit(modes=("a",), operations=operations), [])
    result = qfi_matrix(state, [Transmissivity(mode="a", at=eta), Phase(mode="a")])
    assert result == pytest.approx(np.diag([n / (eta * (1 - eta)), 0.0]), abs=1e-9)


@given(st.integers(0, 10**6))
@examples(20)
def test_mixed_fock_states_against_the_engine_and_dense_space(seed):
    rng = np.random.default_rng(seed)
    terms = {(2, 0): rng.normal() + 1j * rng.normal(), (1, 1): rng.normal(), (0, 2): rng.normal(), (1, 0): 0.4}
    norm = math.sqrt(sum(abs(c) ** 2 for c in terms.values()))
    state = FockState.from_terms("ab", {k: c / norm for k, c in terms.items()})
    lost = (Loss(mode="a", transmissivity=0.6), Loss(mode="b", transmissivity=0.8))
    before = NATIVE.run(Circuit(modes=("a", "b"), operations=(PrepareFock(state=state), *lost)), [])
    assert isinstance(before, FockDensity)
    sense = Sense(modes=("a", "b"), generator="number")
    after = NATIVE.qfi(Circuit(modes=("a", "b"), operations=(PrepareFock(state=state), *lost, sense)), [0.2, 0.1])
    assert qfi_matrix(before) == pytest.approx(after, abs=1e-9)
    # A pure state as a density matrix: the covariance of its numbers, and of any function of them.
    pure = FockDensity(state.modes, state.occupations, np.outer(state.amplitudes, state.amplitudes.conj()))
    assert qfi_matrix(pure) == pytest.approx(qfi_matrix(state), abs=1e-9)

    def kerr(n):
        return np.column_stack([n[:, 0] ** 2, n[:, 0] * n[:, 1]])

    assert qfi_matrix(pure, kerr) == pytest.approx(qfi_matrix(state, kerr), abs=1e-9)


# --- laws ----------------------------------------------------------------------------------------------------


@given(st.integers(0, 10**6), st.floats(0.1, 0.99))
@examples(30)
def test_loss_after_the_encoding_never_helps(seed, eta):
    state = random_state(seed)
    result = [NATIVE.qfi(_sensed(state, loss), [0.3, -0.1, 0.2]) for loss in (1.0, eta)]
    assert np.linalg.eigvalsh(result[0] - result[1])[0] > -1e-9 * np.abs(result[0]).max()


def _sensed(state, eta):
    """Light with the moments of random_state's kind through phases and a loss on its middle mode."""
    rng = np.random.default_rng(int(1e6 * abs(state.mean[0])))
    operations = (
        *(Squeeze(mode=m, r=float(rng.uniform(0, 1))) for m in state.modes),
        *(Displace(mode=m, x=float(x)) for m, x in zip(state.modes, state.mean, strict=False)),
        Interferometer(modes=state.modes, unitary=tuple(map(tuple, unitary(rng, 3).tolist()))),
        Sense(modes=state.modes, generator="number"),
        Loss(mode="m1", transmissivity=eta),
    )
    return Circuit(modes=state.modes, operations=operations)


@given(st.integers(0, 10**6))
@examples(20)
def test_relabelling_combining_repeating_and_adding(seed):
    state = random_state(seed)
    information = qfi_matrix(state)
    scale = np.abs(information).max()
    order = [2, 0, 1]
    names = tuple(state.modes[k] for k in order)
    assert qfi_matrix(state, modes=names) == pytest.approx(information[np.ix_(order, order)], abs=1e-10 * scale)
    rows = [*order, *(k + 3 for k in order)]
    moved = GaussianState(names, state.mean[rows], state.covariance[np.ix_(rows, rows)])
    assert qfi_matrix(moved) == pytest.approx(information[np.ix_(order, order)], abs=1e-10 * scale)
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    assert qfi_matrix(state, turn) == pytest.approx(turn @ information @ turn.T, abs=1e-10 * scale)
    # Two copies side by side, each with the same parameters: twice the information.
    zero = np.zeros((3, 3))

    def twice(v):
        return np.block(
            [
                [v[:3, :3], zero, v[:3, 3:], zero],
                [zero, v[:3, :3], zero, v[:3, 3:]],
                [v[3:, :3], zero, v[3:, 3:], zero],
                [zero, v[3:, :3], zero, v[3:, 3:]],
            ]
        )

    mean = np.concatenate([state.mean[:3], state.mean[:3], state.mean[3:], state.mean[3:]])
    copies = GaussianState(tuple("abcdef"), mean, twice(state.covariance))
    same = np.hstack([np.eye(3), np.eye(3)])
    assert qfi_matrix(copies, same) == pytest.approx(2 * information, abs=1e-9 * scale)


@given(st.integers(0, 10**6), st.floats(0.05, 0.95))
@examples(20)
def test_mixing_never_helps(seed, share):
    rng = np.random.default_rng(seed)
    strings = np.array([[2, 0], [1, 1], [0, 2]])

    def density():
        c = rng.normal(size=3) + 1j * rng.normal(size=3)
        c /= np.linalg.norm(c)
        return np.outer(c, c.conj())

    first, second = density(), density()
    parts = [qfi_matrix(FockDensity(("a", "b"), strings, rho)) for rho in (first, second)]
    mixed = qfi_matrix(FockDensity(("a", "b"), strings, share * first + (1 - share) * second))
    gap = share * parts[0] + (1 - share) * parts[1] - mixed
    assert np.linalg.eigvalsh(gap)[0] > -1e-9


@pytest.mark.parametrize("hbar", [1.7, 0.5])
def test_moments_of_another_hbar_come_back_to_the_same_information(hbar):
    state = random_state(2)
    mean, covariance = state.in_units(hbar)
    assert covariance[0, 0] == pytest.approx(state.covariance[0, 0] * hbar / 2)
    back = rescale_moments(mean, covariance, hbar=2 * 2 / hbar)
    again = GaussianState(state.modes, *back)
    assert qfi_matrix(again) == pytest.approx(qfi_matrix(state), rel=1e-10)


# --- size, edges, bad input ----------------------------------------------------------------------------------


def test_memory_stays_a_small_multiple_of_the_moments():
    modes = 120
    rng = np.random.default_rng(0)
    u = unitary(rng, modes)
    s = np.block([[u.real, -u.imag], [u.imag, u.real]])
    r = rng.uniform(0.2, 1, modes)
    eta = np.tile(rng.uniform(0.5, 0.9, modes), 2)
    v = s @ np.diag(np.exp(np.concatenate([-2 * r, 2 * r]))) @ s.T
    state = GaussianState(
        tuple(f"m{k}" for k in range(modes)), np.zeros(2 * modes), np.sqrt(np.outer(eta, eta)) * v + np.diag(1 - eta)
    )
    tracemalloc.start()
    qfi_matrix(state)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # d full derivatives alone would be 55 MB, d^2 (2m)^2 tables far more; two blocks of CHUNK_BYTES and some matrices do.
    assert peak < 3 * gaussian.CHUNK_BYTES + 30 * state.covariance.nbytes


def test_many_passes_between_beam_splitters_against_moments_stepped_in_theta():
    sense = Sense(modes=("a", "b"), generator="number")
    between = (BeamSplitter(first="a", second="b", theta_rad=0.5, phi_rad=0.3), Loss(mode="a", transmissivity=0.9))
    light = (Squeeze(mode="a", r=0.6), Squeeze(mode="b", r=0.2, angle_rad=1.0), Displace(mode="b", x=0.7))
    passes = (*(sense, *between) * 4, sense, Loss(mode="b", transmissivity=0.8), sense)
    circuit = Circuit(modes=("a", "b"), operations=(*light, *passes))
    theta, step = [0.2, -0.3], 1e-5
    ends = [
        [NATIVE.run(circuit, [t + s * step * (k == j) for k, t in enumerate(theta)]) for s in (1, -1)] for j in range(2)
    ]
    means = np.array([(up.mean - down.mean) / (2 * step) for up, down in ends]).T
    covariances = np.array([(up.covariance - down.covariance) / (2 * step) for up, down in ends])
    expected = gaussian_qfi_matrix(NATIVE.run(circuit, theta).covariance, means, covariances)
    assert NATIVE.qfi(circuit, theta) == pytest.approx(expected, rel=1e-7)


def test_divergence_is_refused_by_every_way_of_summing(monkeypatch):
    state = random_state(1, modes=40, lossy=False, equal=True)
    some = [Transmissivity(mode=m, at=1.0) for m in state.modes]
    with pytest.raises(DivergentFisherInformationError, match="diverges"):
        qfi_matrix(state, some)
    monkeypatch.setattr(gaussian, "_groups", lambda *_: None)
    with pytest.raises(DivergentFisherInformationError, match="diverges"):
        qfi_matrix(state, some)
    # Vacuum in a mode: a loss there changes nothing, and is no divergence.
    assert qfi_matrix(GaussianState.vacuum("a"), [Transmissivity(mode="a", at=1.0)]).tolist() == [[0.0]]
    density = FockDensity(("a",), np.array([[1]]), np.ones((1, 1), dtype=complex))
    with pytest.raises(DivergentFisherInformationError, match="probability zero"):
        qfi_matrix(density, [Transmissivity(mode="a", at=1.0)])


@pytest.mark.parametrize("eta", [1 - 1e-6, 1 - 1e-9, 1 - 1e-12])
def test_information_is_continuous_where_the_state_turns_mixed(eta):
    pure, nearly = (
        NATIVE.qfi(_sensed(random_state(4), transmissivity), [0.1, 0.2, 0.3]) for transmissivity in (1.0, eta)
    )
    assert nearly == pytest.approx(pure, rel=30 * (1 - eta) + 1e-9)


def test_conditioning_names_rank_and_null_directions():
    result = conditioning(qfi_matrix(noon_state("ab", 3)))
    assert result.rank == 1
    assert np.abs(result.null_directions[0]) == pytest.approx([math.sqrt(0.5)] * 2)
    assert conditioning(np.diag([1.0, 100.0])).condition == pytest.approx(1.0)
    assert conditioning(np.zeros((2, 2))).rank == 0


def test_bad_questions_list_every_fault():
    vacuum, noon = GaussianState.vacuum("ab"), noon_state("ab", 2)
    with pytest.raises(ValueError, match=r"parameter 1: there is no mode 'z'.*; parameter 2: the transmissivity must"):
        qfi_matrix(vacuum, [Phase(mode="z"), Transmissivity(mode="a", at=1.5)])
    with pytest.raises(ValueError, match="give a FockState or a GaussianState for a Shift"):
        qfi_matrix(FockDensity("a", np.array([[1]]), np.eye(1)), [Shift(mode="a")])
    with pytest.raises(ValueError, match="been through no loss"):
        qfi_matrix(noon, [Transmissivity(mode="a", at=0.5)])
    with pytest.raises(ValueError, match="passes must be 1"):
        qfi_matrix(vacuum, [Transmissivity(mode="a", at=0.5)], passes=2)
    with pytest.raises(ValueError, match="passes must be a positive integer"):
        qfi_matrix(vacuum, passes=0)
    with pytest.raises(ValueError, match=r"finite entries and shape \(d, 2\)"):
        qfi_matrix(vacuum, [[1.0, math.nan]])
    with pytest.raises(ValueError, match="must be 'number', 'momentum'"):
        qfi_matrix(vacuum, "energy")
    with pytest.raises(ValueError, match="eigenvalues of shape"):
        qfi_matrix(noon, lambda n: np.ones(5))
    with pytest.raises(TypeError, match="for Fock states"):
        qfi_matrix(vacuum, lambda n: n)
    with pytest.raises(ValueError, match="named by the parameters"):
        qfi_matrix(vacuum, [Phase(mode="a")], modes=("a",))
    with pytest.raises(ValueError, match=r"smallest symplectic eigenvalue is 0\.5"):
        GaussianState(("a",), np.zeros(2), 0.5 * np.eye(2))
    with pytest.raises(ValueError, match="Hermitian"):
        FockDensity(("a",), np.array([[0], [1]]), np.array([[0.5, 0.1], [0.3, 0.5]], dtype=complex))


def test_low_rank_derivatives_are_what_they_say():
    rng = np.random.default_rng(0)
    slope = LowRank(rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 4, 3)))
    turn = rng.normal(size=(4, 4))
    assert slope.transformed(turn).dense() == pytest.approx(turn @ slope.dense() @ turn.T)
    assert slope.rows([0, 2]).dense() == pytest.approx(slope.dense()[:, [0, 2]][:, :, [0, 2]])


# --- what a reviewer broke -----------------------------------------------------------------------------------


def interferometer_with(light, phase, loss_b):
    half = math.pi / 4
    operations = (
        light,
        BeamSplitter(first="a", second="b", theta_rad=half),
        Sense(modes=("a",), generator="number"),
        BeamSplitter(first="a", second="b", theta_rad=-half),
        Loss(mode="b", transmissivity=loss_b),
    )
    return NATIVE.qfi(Circuit(modes=("a", "b"), operations=operations), [phase])[0, 0]


@pytest.mark.parametrize("phase", [0.0, 0.01, 1.3])
def test_coherent_light_has_the_information_of_its_means(phase):
    # 4 nbar in the arm, without loss; its covariance is the vacuum's up to rounding.
    assert interferometer_with(Displace(mode="a", x=3.0), phase, 1.0) == pytest.approx(4.5, rel=1e-9)
    operations = (
        Displace(mode="a", x=3.0),
        *(Sense(modes=("a",), generator="number"), Loss(mode="a", transmissivity=0.9)) * 3,
    )
    state = NATIVE.run(Circuit(modes=("a",), operations=operations), [phase])
    result = qfi_matrix(state, [Phase(mode="a"), Transmissivity(mode="a", at=0.9)])
    nbar = state.photon_number()[0]
    assert result == pytest.approx(np.diag([4 * nbar, nbar / 0.9**2]), rel=1e-9)


def test_a_divergence_is_not_hidden_by_a_stronger_parameter():
    operations = (Squeeze(mode="a", r=6.0), Squeeze(mode="b", r=0.05))
    state = NATIVE.run(Circuit(modes=("a", "b"), operations=operations), [])
    with pytest.raises(DivergentFisherInformationError):
        qfi_matrix(state, [Phase(mode="a"), Transmissivity(mode="b", at=1.0)])


def test_information_near_a_point_where_the_state_turns_pure():
    light = Squeeze(mode="a", r=1.0)
    far = interferometer_with(light, 1e-3, 0.5)
    assert far == pytest.approx(7.958, abs=2e-3)
    assert interferometer_with(light, 1e-5, 0.5) == pytest.approx(far, rel=1e-3)
    # Closer than double precision can tell it is refused, and at the point it is that of the point.
    with pytest.raises(ValueError, match="about to turn pure"):
        interferometer_with(light, 1e-7, 0.5)
    assert interferometer_with(light, 0.0, 0.5) == pytest.approx(7.2676, abs=1e-3)


def test_photons_at_such_a_point_have_the_limit_from_nearby():
    start = PrepareFock(state=FockState.from_terms("ab", {(1, 0): 1.0}))
    circuits = [interferometer_with(start, phase, 0.5) for phase in (0.0, 1e-4)]
    assert circuits[0] == pytest.approx(circuits[1], rel=1e-4)
    assert circuits[0] == pytest.approx(1.0, rel=1e-4)


def test_losses_so_close_to_one_that_rounding_rules_are_refused_or_right():
    def information(r, gap):
        operations = (
            *(Squeeze(mode=m, r=x, angle_rad=angle) for m, x, angle in zip("ab", r, (1.0, 0.4), strict=True)),
            BeamSplitter(first="a", second="b", theta_rad=0.7),
            Loss(mode="a", transmissivity=1 - gap),
            Loss(mode="b", transmissivity=1 - 2 * gap),
        )
        state = NATIVE.run(Circuit(modes=("a", "b"), operations=operations), [])
        return qfi_matrix(state, [Transmissivity(mode="a", at=1 - gap)])[0, 0]

    with pytest.raises(ValueError, match=r"too large for double precision|so nearly pure"):
        information((4.0, 3.0), 1e-10)
    # n/(1 - eta) to leading order, n the photons lost from there: halving the gap doubles it.
    assert information((0.5, 0.3), 1e-9) / information((0.5, 0.3), 2e-9) == pytest.approx(2.0, rel=1e-4)


def test_weights_that_grow_beside_others_count_in_the_limit():
    # One or two photons, all in one port at phase zero; the lost ones leave a state that is partly along the one there.
    start = PrepareFock(state=FockState.from_terms("ab", {(2, 0): 0.6, (1, 0): 0.8}))
    result = [interferometer_with(start, phase, 0.4) for phase in (0.0, 2e-4)]
    assert result[0] == pytest.approx(result[1], rel=1e-5)


def test_typical_mistakes_are_reported():
    with pytest.raises(TypeError, match="for a circuit use"):
        qfi_matrix(Circuit(modes=("a",), operations=()))
    with pytest.raises(TypeError, match="in a sequence"):
        qfi_matrix(GaussianState.vacuum("a"), Phase(mode="a"))
    with pytest.raises(ValueError, match="sees all modes"):
        qfi_matrix(noon_state("ab", 2), lambda n: n, modes=("a",))


@pytest.mark.parametrize(("count", "weakest"), [(20, 1e-4), (40, 1.0), (6, 1e-7)])
def test_phases_of_weak_light_in_lossy_networks_keep_their_digits(count, weakest):
    """One squeezed vacuum over many modes with loss: all but one normal mode are pure, and no phase turns one that is."""
    amplitudes = np.geomspace(1.0, weakest, count)
    amplitudes /= np.linalg.norm(amplitudes)
    modes = tuple(f"m{k}" for k in range(count))
    light = split_squeezed_vacuum(modes, amplitudes.tolist(), 1.0)
    lost = [Loss(mode=mode, transmissivity=0.9) for mode in modes]
    circuit = Circuit(modes=modes, operations=(*light, Sense(modes=modes, generator="number"), *lost))
    information = get_engine("native").qfi(circuit, [0.0] * count)
    # Phases commute with equal losses: those of one mode that holds all the light, shared out by u_j^2 as a single phase acts on u.
    alone = Circuit(
        modes=("m",),
        operations=(
            Squeeze(mode="m", r=1.0),
            Sense(modes=("m",), generator="number"),
            Loss(mode="m", transmissivity=0.9),
        ),
    )
    whole = get_engine("native").qfi(alone, [0.0]).item()
    # All phases together turn the light as one.
    assert information.sum() == pytest.approx(whole, rel=1e-9)
