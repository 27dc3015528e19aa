"""Squeezing, displacements and momentum sensing of photon states: truncated on both engines, with the weight lost said."""

import math

import numpy as np
import pytest
import scipy.linalg
from oracles import DenseLight, qfi_by_differences

from photonics import (
    BeamSplitter,
    Circuit,
    CircuitTooLargeError,
    Cutoff,
    Displace,
    FockDensity,
    FockState,
    GaussianState,
    Loss,
    Parity,
    Phase,
    PhaseDiffusion,
    PrepareFock,
    Sense,
    Shift,
    Squeeze,
    compare_engines,
    get_engine,
    measure,
    qfi_matrix,
)
from photonics.engines.widening import displacement_elements, squeezing_elements

ENGINES = ("native", "strawberryfields")
NATIVE = get_engine("native")


def momentum(terms, *before, modes=("a",), after=()):
    """Photons put in, what is done to them, displacements sensed on all modes."""
    prepared = PrepareFock(state=FockState.from_terms(modes, terms))
    return Circuit(modes=modes, operations=(prepared, *before, Sense(modes=modes, generator="momentum"), *after))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("n", [0, 1, 3])
def test_displacement_of_photons_is_2n_plus_1(engine, n):
    assert get_engine(engine).qfi(momentum({(n,): 1.0}), [0.3]) == pytest.approx(2 * n + 1, abs=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_squeezed_photon_is_three_times_a_squeezed_vacuum(engine):
    for n in (0, 1):
        circuit = momentum({(n,): 1.0}, Squeeze(mode="a", r=0.5))
        assert get_engine(engine).qfi(circuit, [-0.2]) == pytest.approx((2 * n + 1) * math.e, abs=1e-8)


LIGHT = {
    "superposition": momentum(
        {(1,): 0.6, (3,): 0.8j}, Squeeze(mode="a", r=0.4, angle_rad=0.9), Displace(mode="a", x=0.4, p=-0.7)
    ),
    "two passes": momentum({(1,): 1.0}, after=(Squeeze(mode="a", r=0.2), Sense(modes=("a",), generator="momentum"))),
    "two modes": momentum(
        {(1, 0): 0.6, (1, 1): 0.8},
        Squeeze(mode="a", r=0.3),
        BeamSplitter(first="a", second="b", theta_rad=0.7, phi_rad=0.2),
        Displace(mode="b", x=0.3, p=-0.4),
        modes=("a", "b"),
    ),
    "loss behind": momentum({(1,): 1.0}, Squeeze(mode="a", r=0.3), after=(Loss(mode="a", transmissivity=0.8),)),
    "loss on both sides": momentum(
        {(1,): 1.0}, Loss(mode="a", transmissivity=0.8), after=(Loss(mode="a", transmissivity=0.7),)
    ),
    "random phase of a squeezed vacuum": Circuit(
        modes=("a",),
        operations=(
            Squeeze(mode="a", r=0.3),
            PhaseDiffusion(mode="a", sigma_rad=0.2),
            Sense(modes=("a",), generator="momentum"),
        ),
    ),
    "phases behind squeezing": Circuit(
        modes=("a",),
        operations=(
            PrepareFock(state=FockState.from_terms(["a"], {(0,): 0.6, (2,): 0.8})),
            Squeeze(mode="a", r=0.3, angle_rad=0.4),
            Sense(modes=("a",), generator="number"),
        ),
    ),
}


@pytest.mark.parametrize("name", LIGHT)
def test_engines_agree_where_photons_are_added(name):
    circuit = LIGHT[name]
    theta = [0.3, -0.2][: circuit.parameters]
    apart = compare_engines(circuit, theta)
    # Amplitudes that Strawberry Fields' cutoff leaves out have squares below 1e-10.
    assert max(apart.fisher / 100, apart.probabilities, apart.state**2) < 1e-9
    for engine in ENGINES:
        assert get_engine(engine).truncation(circuit, theta).weight_lost < 1e-10


def test_squeezed_photon_with_loss_in_dense_fock_space():
    light = DenseLight(1, 40)

    def output(at):
        ket = light.ket({(1,): 1.0})
        rho = light.squeeze(np.outer(ket, ket.conj()), 0, 0.3, 0.5)
        return light.lose(light.turn(rho, light.p[0], at[0]), 0, 0.8)

    circuit = momentum(
        {(1,): 1.0}, Squeeze(mode="a", r=0.3, angle_rad=0.5), after=(Loss(mode="a", transmissivity=0.8),)
    )
    assert NATIVE.qfi(circuit, [0.3]) == pytest.approx(qfi_by_differences(output, [0.3]), rel=1e-6)


def test_gaussian_light_in_fock_space_is_what_the_gaussian_engine_says():
    made = (Squeeze(mode="a", r=0.5, angle_rad=0.8), Displace(mode="a", x=0.3, p=0.9))
    gaussian = Circuit(modes=("a",), operations=(*made, Sense(modes=("a",), generator="momentum")))
    fock = momentum({(0,): 1.0}, *made)
    assert (fock.is_truncated, gaussian.is_truncated) == (True, False)
    assert NATIVE.qfi(fock, [0.2]) == pytest.approx(NATIVE.qfi(gaussian, [0.2]), rel=1e-10)
    assert NATIVE.run(fock, [0.2]).photon_number() == pytest.approx(NATIVE.run(gaussian, [0.2]).photon_number())


@pytest.mark.parametrize("columns", [3, 150])
def test_matrix_elements_are_those_of_large_matrices(columns):
    # The recurrence in use elsewhere is wrong by thousands for 120 photons at r = 1.
    lower = np.diag(np.sqrt(np.arange(1.0, 700)), 1)
    z, alpha = 0.9 * np.exp(0.6j), 2.0 - 1.5j
    squeezed = scipy.linalg.expm((np.conj(z) * lower @ lower - z * lower.T @ lower.T) / 2)
    moved = scipy.linalg.expm(alpha * lower.T - np.conj(alpha) * lower)
    assert squeezing_elements(0.9, 0.6, 160, columns) == pytest.approx(squeezed[:160, :columns], abs=1e-11)
    assert squeezing_elements(-0.9, 0.6, 160, columns) == pytest.approx(squeezed.conj().T[:160, :columns], abs=1e-11)
    assert displacement_elements(alpha, 160, columns) == pytest.approx(moved[:160, :columns], abs=1e-11)


@pytest.mark.parametrize("engine", ENGINES)
def test_too_much_lost_is_refused_and_says_how_much(engine):
    strong = momentum({(1,): 1.0}, Squeeze(mode="a", r=2.0))
    few = Cutoff(photons=30)
    with pytest.raises(CircuitTooLargeError, match=r"at most 30 photons a mode, 0\.[45]\d* of the weight is lost"):
        get_engine(engine).run(strong, [0.0], cutoff=few)
    with pytest.raises(CircuitTooLargeError, match="at most 30 photons a mode"):
        get_engine(engine).qfi(strong, [0.0], cutoff=few)
    enough = get_engine(engine).truncation(momentum({(1,): 1.0}), [0.0], cutoff=few)
    assert enough.photons <= 30
    assert enough.weight_lost < 1e-10
    with pytest.raises(ValueError, match="only circuits that add photons"):
        get_engine(engine).truncation(Circuit(modes=("a",), operations=(Squeeze(mode="a", r=1.0),)), [])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("r", "shift"), [(20.0, 0.0), (-400.0, 0.0), (0.0, 100.0)])
def test_light_far_beyond_any_cutoff_is_refused(engine, r, shift):
    with pytest.raises(CircuitTooLargeError, match="1 of the weight is lost"):
        get_engine(engine).qfi(momentum({(1,): 1.0}, Squeeze(mode="a", r=r)), [shift])


def test_a_derivative_that_is_cut_counts_though_the_state_is_whole():
    # Beyond 7 photons there are 5e-11 of the state, but 2e-8 of its derivative.
    circuit = momentum({(3,): 1.0})
    with pytest.raises(CircuitTooLargeError, match=r"1\.6e-08 of the weight is lost"):
        NATIVE.qfi(circuit, [0.2], cutoff=Cutoff(photons=7))
    assert NATIVE.qfi(circuit, [0.2], cutoff=Cutoff(photons=10)) == pytest.approx(7.0)
    # Unmoved, the derivative ends at 4 photons, and nothing is cut.
    assert NATIVE.qfi(circuit, [0.0], cutoff=Cutoff(photons=4)) == pytest.approx(7.0)


def test_cutoffs_are_checked():
    with pytest.raises(ValueError, match=r"photons must be .*; weight_lost must be in"):
        Cutoff(photons=0, weight_lost=0.1)


def test_shifts_of_photon_states_need_no_cutoff():
    rng = np.random.default_rng(5)
    amplitudes = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    amplitudes /= np.linalg.norm(amplitudes)
    state = FockState.from_terms("ab", {(i, k): amplitudes[i, k] for i in range(3) for k in range(3)})
    light = DenseLight(2, 5)
    ket = light.ket(state.terms)
    angle = 0.7
    p = light.p
    x = [(a + a.conj().T) / 2 for a in light.a]
    generators = [p[0], math.cos(angle) * p[1] - math.sin(angle) * x[1], light.n[0]]
    moved = np.array([g @ ket for g in generators])
    covariance = (moved.conj() @ moved.T).real - np.outer((moved @ ket.conj()).real, (moved @ ket.conj()).real)
    parameters = [Shift(mode="a"), Shift(mode="b", angle_rad=angle), Phase(mode="a")]
    assert qfi_matrix(state, parameters) == pytest.approx(4 * covariance, abs=1e-10)
    assert qfi_matrix(state, "momentum", passes=3) == pytest.approx(9 * qfi_matrix(state, "momentum"))
    circuit = Circuit(
        modes=("a", "b"), operations=(PrepareFock(state=state), Sense(modes=("a", "b"), generator="momentum"))
    )
    assert qfi_matrix(state, "momentum") == pytest.approx(NATIVE.qfi(circuit, [0.2, 0.4]), rel=1e-9)
    mixed = FockDensity(("a",), np.array([[0], [1]]), np.eye(2) / 2)
    with pytest.raises(ValueError, match="give a FockState or a GaussianState for a Shift"):
        qfi_matrix(mixed, "momentum")


def test_no_state_of_photons_beats_squeezed_vacuum_of_as_many():
    # F <= f(nbar) for one mode; the squeezed vacuum reaches it (PHYSICS section 2, displacement, exact).
    rng = np.random.default_rng(6)
    for _ in range(200):
        amplitudes = rng.normal(size=6) + 1j * rng.normal(size=6)
        amplitudes /= np.linalg.norm(amplitudes)
        state = FockState.from_terms("a", {(n,): c for n, c in enumerate(amplitudes)})
        nbar = float(state.photon_number()[0])
        assert qfi_matrix(state, "momentum")[0, 0] <= (math.sqrt(nbar) + math.sqrt(nbar + 1)) ** 2 + 1e-12
    squeezed = GaussianState.vacuum(["a"])
    assert qfi_matrix(squeezed, "momentum")[0, 0] == pytest.approx(1.0)


# --- parity of light whose parity is certain ---------------------------------------------------------------------


@pytest.mark.parametrize("r", [0.1, 0.7, 2.0])
def test_parity_of_squeezed_vacuum_knows_no_phase(r):
    for modes in (("a",), ("a", "b")):
        circuit = Circuit(
            modes=modes,
            operations=(*(Squeeze(mode=mode, r=r) for mode in modes), Sense(modes=modes, generator="number")),
        )
        assert measure(circuit, Parity(), [0.3] * len(modes)).fisher_matrix() == pytest.approx(0.0, abs=0.0)


def test_parity_at_a_dark_port_has_the_limit_of_nearby_phases():
    # A Mach-Zehnder: squeezed light in, nothing at the other port while both phases are equal; light entangled elsewhere beside.
    ports = ("a", "b")
    circuit = Circuit(
        modes=("a", "b", "c"),
        operations=(
            Squeeze(mode="a", r=0.8, angle_rad=0.3),
            Squeeze(mode="c", r=0.4),
            BeamSplitter(first="a", second="b", theta_rad=math.pi / 4),
            Sense(modes=ports, generator="number"),
            BeamSplitter(first="a", second="b", theta_rad=-math.pi / 4),
            BeamSplitter(first="a", second="c", theta_rad=0.5),
        ),
    )
    dark, near = (measure(circuit, Parity(modes=("b",)), [theta, 0.1]) for theta in (0.1, 0.1 + 1e-3))
    # The difference theta of the phases lets nbar sin(theta/2)^2 photons out.
    assert dark.fisher_matrix() == pytest.approx(math.sinh(0.8) ** 2 * np.array([[1, -1], [-1, 1]]))
    assert near.fisher_matrix() == pytest.approx(dark.fisher_matrix(), rel=1e-4)
    # Loss makes the whole mixed nearby, where this is not known: refused, not guessed.
    lossy = Circuit(modes=circuit.modes, operations=(*circuit.operations, Loss(mode="b", transmissivity=0.9)))
    with pytest.raises(ValueError, match="give their hessian"):
        measure(lossy, Parity(modes=("b",)), [0.1, 0.1]).fisher_matrix()
