"""Channels and unitaries on photons and Gaussian light, against dense Fock space, closed forms and Strawberry Fields."""

import math

import numpy as np
import pytest
from drawn import examples
from hypothesis import given, strategies as st
from oracles import DenseLight, qfi_by_differences

from photonics import (
    BeamSplitter,
    Circuit,
    CircuitTooLargeError,
    FockState,
    Interferometer,
    Loss,
    PhaseDiffusion,
    PrepareFock,
    Sense,
    Squeeze,
    branch_state,
    get_engine,
    with_channels,
)
from photonics.adapters.sf_import import import_strawberryfields
from photonics.engines import native_fock
from photonics.engines.compare import compare_engines
from photonics.engines.interference import interference, pattern_places, photon_patterns

NATIVE = get_engine("native")
NUMBER = Sense(modes=("a", "b"), generator="number")
START = PrepareFock(state=FockState.from_terms("ab", {(2, 1): 0.6, (0, 2): 0.64j, (1, 0): 0.48}))


def unitary(seed, modes):
    rng = np.random.default_rng(seed)
    return np.linalg.qr(rng.normal(size=(modes, modes)) + 1j * rng.normal(size=(modes, modes)))[0]


def rows(matrix):
    return tuple(map(tuple, matrix.tolist()))


@pytest.mark.parametrize("sigma", [0.1, 0.7, 3.0])
def test_phase_diffusion_in_dense_fock_space(sigma):
    light = DenseLight(2, 4)
    numbers = np.arange(4).repeat(4)
    fade = np.exp(-((sigma * (numbers[:, None] - numbers[None, :])) ** 2) / 2)
    ket = light.ket(START.state.terms)

    def output(at):
        rho = np.outer(ket, ket.conj())
        for j in range(2):
            rho = light.turn(rho, light.n[j], at[j])
        rho = light.split(rho * fade, 0, 1, 0.6, 0.2)
        for j in range(2):
            rho = light.turn(rho, light.n[j], at[j])
        return rho

    circuit = Circuit(
        modes=("a", "b"),
        operations=(
            START,
            NUMBER,
            PhaseDiffusion(mode="a", sigma_rad=sigma),
            BeamSplitter(first="a", second="b", theta_rad=0.6, phi_rad=0.2),
            NUMBER,
        ),
    )
    theta = [0.3, -0.2]
    strings, density, _ = native_fock.run_mixed(circuit, theta)
    where = [light.index(tuple(row)) for row in strings.tolist()]
    assert density == pytest.approx(output(theta)[np.ix_(where, where)], abs=1e-12)
    assert NATIVE.qfi(circuit, theta) == pytest.approx(qfi_by_differences(output, theta), rel=1e-6)


@pytest.mark.parametrize("sigma", [0.05, 0.3])
def test_diffused_branches_keep_their_closed_form_through_controls_and_loss(sigma):
    state = branch_state(("a", "b"), (3, 0), (0, 3), weights=(0.3, 0.7))
    noise = (PhaseDiffusion(mode="a", sigma_rad=sigma), Loss(mode="b", transmissivity=0.8))
    circuit = Circuit(modes=("a", "b"), operations=(PrepareFock(state=state), NUMBER, *noise, NUMBER))
    _, density, derivatives = native_fock.run_mixed(circuit, [0.1, 0.4])
    from photonics.fisher import mixed_qfi_matrix

    assert native_fock.surviving_branches(circuit, [0.1, 0.4]) is not None
    assert NATIVE.qfi(circuit, [0.1, 0.4]) == pytest.approx(mixed_qfi_matrix(density, derivatives), rel=1e-8)


def test_thermal_loss_of_photons_is_a_beam_splitter_with_thermal_light():
    light = DenseLight(2, 14)
    eta, background = 0.7, 0.2
    ket = {(1, 0): 0.8, (3, 0): 0.6j}
    thermal = np.diag([(background / (1 + background)) ** n / (1 + background) for n in range(14)])
    start = np.zeros((14, 14), dtype=complex)
    for (n, _), c in ket.items():
        for (m, _), d in ket.items():
            start[n, m] = c * np.conj(d)
    rho = light.split(np.kron(start, thermal), 0, 1, math.acos(math.sqrt(eta)))
    expected = np.trace(rho.reshape(14, 14, 14, 14), axis1=1, axis2=3)
    state = FockState.from_terms("a", {(n,): c for (n, _), c in ket.items()})
    loss = Loss(mode="a", transmissivity=eta, background_photons=background)
    result = NATIVE.run(Circuit(modes=("a",), operations=(PrepareFock(state=state), loss)), [])
    for k, n in enumerate(result.occupations[:, 0].tolist()):
        for l, m in enumerate(result.occupations[:, 0].tolist()):  # noqa: E741  # beside k
            if max(n, m) < 6:
                # The dense space loses what lies beyond 13 photons.
                assert result.matrix[k, l] == pytest.approx(expected[n, m], abs=1e-6)
    assert result.photon_number()[0] == pytest.approx(eta * (0.64 + 3 * 0.36) + (1 - eta) * background, abs=1e-10)


def test_gaussian_thermal_loss_agrees_with_strawberry_fields_and_its_own_channel_does_not():
    circuit = Circuit(
        modes=("a", "b"),
        operations=(
            Squeeze(mode="a", r=0.8),
            BeamSplitter(first="a", second="b", theta_rad=0.7),
            Sense(modes=("a", "b"), generator="momentum"),
            Loss(mode="a", transmissivity=0.6, background_photons=0.7),
        ),
    )
    assert compare_engines(circuit, [0.1, 0.2]).largest < 1e-9
    # When this fails, Strawberry Fields has been mended; docs/reference/engines.md and the adapter can then forget it.
    sf = import_strawberryfields()
    program = sf.Program(2)
    with program.context as q:
        sf.ops.ThermalLossChannel(0.6, 0.7) | q[0]
    covariance = sf.Engine("gaussian").run(program).state.cov()
    assert covariance[1, 1] == pytest.approx(1 + 2 * 0.4 * 0.7)  # mode 2 was not touched and should hold vacuum


@given(st.integers(0, 10**6), st.integers(2, 4), st.integers(0, 4))
@examples(25)
def test_interference_is_the_permanent(seed, modes, photons):
    from thewalrus import perm

    rng = np.random.default_rng(seed)
    u = unitary(seed, modes)
    start = rng.multinomial(photons, np.full(modes, 1 / modes))
    result = interference(u, start)
    entering = np.repeat(np.arange(modes), start)
    for pattern, amplitude in zip(photon_patterns(photons, modes), result, strict=True):
        leaving = np.repeat(np.arange(modes), pattern)
        square = np.ascontiguousarray(u[np.ix_(leaving, entering)])
        weight = math.prod(math.factorial(n) for n in (*pattern.tolist(), *start.tolist()))
        expected = (perm(square) if photons else 1.0) / math.sqrt(weight)
        assert amplitude == pytest.approx(expected, abs=1e-12)
    assert np.linalg.norm(result) == pytest.approx(1)


def test_patterns_know_their_places():
    for photons, modes in ((0, 3), (4, 1), (5, 4)):
        patterns = photon_patterns(photons, modes)
        assert pattern_places(patterns).tolist() == list(range(len(patterns)))
        assert (patterns.sum(axis=1) == photons).all()
    with pytest.raises(CircuitTooLargeError, match="use fewer photons"):
        photon_patterns(200, 40)


@pytest.mark.parametrize("seed", [0, 1])
def test_interferometers_of_photons_and_of_squeezed_light_are_their_meshes(seed):
    # A product of beam splitters on three modes, as one unitary.
    splitters = [("a", "b", 0.4, 0.9), ("b", "c", 1.1, -0.3), ("a", "c", 0.7, 0.2)]
    u, place = np.eye(3, dtype=complex), {"a": 0, "b": 1, "c": 2}
    mesh = []
    for first, second, theta, phi in splitters:
        step = np.eye(3, dtype=complex)
        i, j = place[first], place[second]
        step[np.ix_([i, j], [i, j])] = [
            [math.cos(theta), -np.exp(-1j * phi) * math.sin(theta)],
            [np.exp(1j * phi) * math.sin(theta), math.cos(theta)],
        ]
        u = step @ u
        mesh.append(BeamSplitter(first=first, second=second, theta_rad=theta, phi_rad=phi))
    whole = Interferometer(modes=("a", "b", "c"), unitary=rows(u))
    state = PrepareFock(
        state=FockState.from_terms(
            "abc",
            {
                (2, 1, 0): 0.6,
                (0, 1, 2): 0.8j,
            },
        )
    )
    sense = Sense(modes=("a", "c"), generator="number")
    light = {
        "photons": (state,),
        "squeezed": (Squeeze(mode="a", r=0.5), Squeeze(mode="b", r=0.3, angle_rad=float(seed))),
    }
    for start in light.values():
        circuits = [Circuit(modes=("a", "b", "c"), operations=(*start, *how, sense, *how)) for how in (mesh, [whole])]
        ours, theirs = (NATIVE.qfi(circuit, [0.1, 0.2]) for circuit in circuits)
        assert ours == pytest.approx(theirs, abs=1e-9)
        assert compare_engines(circuits[1], [0.1, 0.2]).largest < 1e-9


def test_channels_are_put_where_they_are_wanted():
    bare = Circuit(modes=("a", "b"), operations=(START, NUMBER, NUMBER))
    lossy = Loss(mode="a", transmissivity=0.8)
    everywhere = with_channels(bare, before=[lossy], after=[PhaseDiffusion(mode="b", sigma_rad=0.1)])
    assert [type(op).__name__ for op in everywhere.operations] == [
        "PrepareFock", "Loss", "Sense", "PhaseDiffusion", "Loss", "Sense", "PhaseDiffusion",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="from 1 to 2"):
        with_channels(bare, before=[lossy], passes=[3])
    # Loss commutes with a phase on the same mode: before or after makes no difference to one pass.
    single = Circuit(modes=("a", "b"), operations=(START, NUMBER))
    before, after = (NATIVE.qfi(with_channels(single, **{where: [lossy]}), [0.1, 0.2]) for where in ("before", "after"))
    assert before == pytest.approx(after, abs=1e-10)
    # For displacements it does: what is lost before carries no signal.
    light = (Squeeze(mode="a", r=0.6), Sense(modes=("a",), generator="momentum"))
    squeezed = Circuit(modes=("a",), operations=light)
    noisy = [NATIVE.qfi(with_channels(squeezed, **{where: [lossy]}), [0.1])[0, 0] for where in ("before", "after")]
    assert 1 / noisy[0] == pytest.approx(0.8 * math.exp(-1.2) + 0.2)
    assert 1 / noisy[1] == pytest.approx(math.exp(-1.2) + 0.25)


def test_bad_channels_and_unitaries_are_refused_with_every_fault():
    operations = (
        PhaseDiffusion(mode="z", sigma_rad=-1.0),
        Loss(mode="a", transmissivity=1.2, background_photons=-0.1),
        Interferometer(modes=("a", "b"), unitary=((1, 0), (1, 1))),
        Interferometer(modes=("a",), unitary=((1, 0),)),
        PhaseDiffusion(mode="a", sigma_rad=math.nan),
    )
    with pytest.raises(ValueError, match="operation 1") as caught:
        Circuit(modes=("a", "b"), operations=operations)
    for fault in (
        "no mode 'z'", "sigma_rad must not be negative", r"transmissivity must be in [0, 1]", "background_photons must not",
        "rows 1 and 2 of the unitary must be orthonormal", "must have 1 rows", "operation 5 (PhaseDiffusion): parameters",
    ):  # fmt: skip
        assert fault in str(caught.value)
    hot = Circuit(modes=("a", "b"), operations=(START, Loss(mode="a", transmissivity=0.5, background_photons=0.1)))
    with pytest.raises(CircuitTooLargeError, match="no thermal loss"):
        get_engine("strawberryfields").run(hot, [])
