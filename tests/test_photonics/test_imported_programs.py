"""Programs of Strawberry Fields and circuits of Perceval, read and run here, against what those packages make of them."""

import math

import numpy as np
import pytest
from drawn import seeds

from photonics import (
    BeamSplitter,
    Circuit,
    Detectors,
    Displace,
    ExportedProgram,
    FockState,
    Homodyne,
    Interferometer,
    Loss,
    PhaseShift,
    PhotonCounting,
    PrepareFock,
    Sense,
    Squeeze,
    ThresholdDetection,
    from_perceval,
    from_strawberryfields,
    get_engine,
    import_strawberryfields,
)
from photonics.adapters.imported import Sensed, imported

NATIVE = get_engine("native")


@pytest.fixture(scope="module")
def sf():
    return import_strawberryfields()


def haar(size, seed):
    from scipy.stats import unitary_group

    return unitary_group.rvs(size, random_state=seed)


def program_of(sf, count, write):
    program = sf.Program(count)
    with program.context as q:
        write(sf.ops, q, program)
    return program


def gaussian_moments(sf, program):
    """Of Strawberry Fields' own backend, in units of vacuum variance 1."""
    state = sf.Engine("gaussian").run(program).state
    # Its moments are for its hbar.
    return np.sqrt(2 / sf.hbar) * state.means(), (2 / sf.hbar) * state.cov()


def everything(ops, q, program):
    """Every gate that is read, on light that makes each of them matter."""
    ops.Coherent(0.3, 0.4) | q[0]
    ops.Squeezed(0.5, 0.2) | q[1]
    ops.DisplacedSqueezed(0.2, 0.7, 0.4, -0.9) | q[2]
    ops.Dgate(0.6, 1.1) | q[1]
    ops.Xgate(0.35) | q[0]
    ops.Zgate(-0.8) | q[2]
    ops.Sgate(0.3, 0.6) | q[0]
    ops.Sgate(0.3, 0.1).H | q[1]
    ops.BSgate(0.4, 0.7) | (q[0], q[1])
    ops.BSgate(0.9, -0.2) | (q[2], q[0])
    ops.BSgate(0.2, 0.5).H | (q[1], q[2])
    ops.Rgate(0.3) | q[1]
    ops.Rgate(0.9).H | q[2]
    ops.S2gate(0.2, 0.3) | (q[0], q[2])
    ops.S2gate(0.3, 0.4).H | (q[1], q[2])
    ops.MZgate(0.3, 0.8) | (q[1], q[0])
    ops.sMZgate(0.4, 0.1) | (q[0], q[1])
    ops.CXgate(0.4) | (q[0], q[1])
    ops.CZgate(0.3) | (q[2], q[1])
    ops.Pgate(0.5) | q[0]
    ops.Fouriergate() | q[1]
    ops.Fouriergate().H | q[2]
    ops.Interferometer(haar(3, 5)) | (q[2], q[0], q[1])
    ops.LossChannel(0.7) | q[0]


def test_every_gate_means_what_strawberry_fields_makes_of_it(sf):
    program = program_of(sf, 3, everything)
    found = from_strawberryfields(program)
    state = NATIVE.run(found.circuit, ())
    mean, covariance = gaussian_moments(sf, program)
    np.testing.assert_allclose(state.mean, mean, atol=1e-10)
    np.testing.assert_allclose(state.covariance, covariance, atol=1e-10)
    assert found.circuit.modes == ("q0", "q1", "q2")
    assert (found.parameters, found.measurement) == ((), None)


def test_at_another_hbar(sf):
    sf.hbar = 1.7
    try:
        program = program_of(sf, 3, everything)
        found = from_strawberryfields(program)
        mean, covariance = gaussian_moments(sf, program)
        free = program_of(sf, 1, lambda ops, q, program: ops.Xgate(program.params("x")) | q[0])
        with pytest.raises(ValueError, match=r"set sf.hbar to 2"):
            from_strawberryfields(free)
    finally:
        sf.hbar = 2
    state = NATIVE.run(found.circuit, ())
    np.testing.assert_allclose(state.mean, mean, atol=1e-10)
    np.testing.assert_allclose(state.covariance, covariance, atol=1e-10)


def test_a_preparation_throws_away_what_was_there(sf):
    def write(ops, q, program):
        ops.S2gate(0.8) | (q[0], q[1])
        ops.Thermal(0.6) | q[2]
        ops.BSgate(0.5, 0.1) | (q[1], q[2])
        ops.Vacuum() | q[0]
        ops.Squeezed(0.3, 0.9) | q[1]
        ops.BSgate(0.7, 0.3) | (q[0], q[1])

    program = program_of(sf, 3, write)
    mean, covariance = gaussian_moments(sf, program)
    state = NATIVE.run(from_strawberryfields(program).circuit, ())
    np.testing.assert_allclose(state.covariance, covariance, atol=1e-10)
    np.testing.assert_allclose(state.mean, mean, atol=1e-10)


@pytest.mark.parametrize("seed", range(3))
def test_gaussian_transforms_and_graphs(sf, seed):
    from thewalrus import symplectic
    from thewalrus.random import random_symplectic

    rng = np.random.default_rng(seed)
    state = np.random.get_state()
    np.random.seed(seed)
    transform = random_symplectic(2, scale=0.3)
    np.random.set_state(state)
    graph = np.array([[0, 1, 1], [1, 0, 0.5], [1, 0.5, 0]]) * rng.uniform(0.3, 0.9)
    assert symplectic.is_symplectic(transform)

    def lit(ops, q, program):
        ops.Squeezed(0.4, 0.3) | q[0]
        ops.GaussianTransform(transform) | (q[1], q[0])

    def write(ops, q, program):
        lit(ops, q, program)
        ops.GraphEmbed(graph, mean_photon_per_mode=0.4) | (q[2], q[3], q[4])
        ops.BSgate(0.3, 0.2) | (q[1], q[2])

    program = program_of(sf, 5, write)
    mean, covariance = gaussian_moments(sf, program)
    found = NATIVE.run(from_strawberryfields(program).circuit, ())
    np.testing.assert_allclose(found.covariance, covariance, atol=1e-8)
    np.testing.assert_allclose(found.mean, mean, atol=1e-8)
    # The transform itself, by its definition: S V S^T, in the order of its modes.
    found = NATIVE.run(from_strawberryfields(program_of(sf, 2, lit)).circuit, ()).covariance
    start = Circuit(modes=("q1", "q0"), operations=(Squeeze(mode="q0", r=0.4, angle_rad=0.3),))
    rows = [1, 0, 3, 2]
    expected = transform @ NATIVE.run(start, ()).covariance @ transform.T
    np.testing.assert_allclose(found[np.ix_(rows, rows)], expected, atol=1e-8)


def test_a_gaussian_state_is_refused_because_its_decomposition_is_wrong(sf):
    # Noise in x is decomposed into squeezing of x: Strawberry Fields loses the sign, unless it is told not to decompose.
    noisy = np.diag([2.0, 0.5])
    for decomposed, made in ((True, np.diag([0.5, 2.0])), (False, noisy)):
        program = program_of(sf, 1, lambda ops, q, program, d=decomposed: ops.Gaussian(noisy, decomp=d) | q[0])
        np.testing.assert_allclose(gaussian_moments(sf, program)[1], made, atol=1e-12)
        with pytest.raises(ValueError, match="circuits here have no Gaussian"):
            from_strawberryfields(program)


def test_thermal_loss_lets_thermal_light_in(sf):
    # Strawberry Fields 0.23 adds the photons to every mode; by its definition they come in where the loss is.
    program = program_of(sf, 2, lambda ops, q, program: ops.ThermalLossChannel(0.6, 0.5) | q[1])
    state = NATIVE.run(from_strawberryfields(program).circuit, ())
    np.testing.assert_allclose(state.photon_number(), [0, 0.4 * 0.5], atol=1e-12)


def test_photons_against_the_fock_backend(sf):
    def write(ops, q, program):
        ops.Ket(np.array([[0, 0.6], [0.8j, 0]])) | (q[0], q[2])
        ops.Fock(1) | q[1]
        ops.BSgate(0.4, 0.7) | (q[0], q[1])
        ops.BSgate(0.6, 0.2) | (q[1], q[2])
        ops.LossChannel(0.8) | q[1]

    program = program_of(sf, 3, write)

    def write_padded(ops, q):
        # Its backend wants kets of as many levels as it has.
        ket = np.zeros((4, 4), dtype=complex)
        ket[0, 1], ket[1, 0] = 0.6, 0.8j
        ops.Ket(ket) | (q[0], q[2])
        for command in program.circuit[1:]:
            command.op | [q[reference.ind] for reference in command.reg]

    padded = program_of(sf, 3, lambda ops, q, program: write_padded(ops, q))
    theirs = sf.Engine("fock", backend_options={"cutoff_dim": 4}).run(padded).state
    ours = NATIVE.run(from_strawberryfields(program).circuit, ())
    for string, probability in ours.probabilities().items():
        assert theirs.fock_prob(list(string)) == pytest.approx(probability, abs=1e-10)
    assert sum(ours.probabilities().values()) == pytest.approx(1)


PHASES = Circuit(
    modes=("a", "b", "c"),
    operations=(
        Squeeze(mode="a", r=0.6),
        Displace(mode="b", x=0.4, p=-0.3),
        BeamSplitter(first="c", second="a", theta_rad=0.5, phi_rad=0.3),
        Interferometer(modes=("b", "a"), unitary=haar(2, 3)),
        Sense(modes=("c", "a"), generator="number"),
        Loss(mode="a", transmissivity=0.8),
        BeamSplitter(first="a", second="b", theta_rad=0.5),
        Sense(modes=("c", "a"), generator="number"),
    ),
)
SHIFTS = Circuit(
    modes=("a", "b"),
    operations=(
        Squeeze(mode="a", r=0.6),
        BeamSplitter(first="a", second="b", theta_rad=0.5, phi_rad=0.3),
        Sense(modes=("a", "b"), generator="momentum"),
        Loss(mode="b", transmissivity=0.9),
    ),
)
PHOTONS = Circuit(
    modes=("a", "b"),
    operations=(
        PrepareFock(state=FockState.from_terms(["a", "b"], {(2, 0): 0.6, (0, 2): 0.8})),
        Sense(modes=("a",), generator="number"),
        BeamSplitter(first="a", second="b", theta_rad=math.pi / 4),
    ),
)


@pytest.mark.parametrize(
    ("circuit", "measurement", "theta"),
    [
        (PHASES, Homodyne(angles_rad=(0.3, 0.1), modes=("a", "c")), (0.2, -0.4)),
        (SHIFTS, Homodyne(angles_rad=0.2), (0.3, 0.1)),
        (PHASES, ThresholdDetection(modes=("b",)), (0.2, -0.4)),
        (PHOTONS, PhotonCounting(detectors=Detectors(dark_counts=(0.1, 0.2))), (0.7,)),
        (PHOTONS, PhotonCounting(modes=("b",)), (0.7,)),
        (PHOTONS, None, (0.7,)),
    ],
    ids=["phases", "shifts", "clicks", "dark", "photons", "light"],
)
def test_what_is_exported_comes_back(circuit, measurement, theta):
    exported = ExportedProgram(circuit, measurement)
    found = from_strawberryfields(exported.program(), modes=circuit.modes)
    assert found.measurement == measurement
    assert [f"theta_{mode}" for mode in circuit.sensing_modes] == list(found.parameters)
    assert (found.circuit.passes, found.circuit.sensing_modes) == (circuit.passes, circuit.sensing_modes)
    np.testing.assert_allclose(NATIVE.qfi(found.circuit, theta), NATIVE.qfi(circuit, theta), atol=1e-9)
    one, other = NATIVE.run(found.circuit, theta), NATIVE.run(circuit, theta)
    if circuit.is_gaussian:
        np.testing.assert_allclose(one.covariance, other.covariance, atol=1e-10)
        np.testing.assert_allclose(one.mean, other.mean, atol=1e-10)
    else:
        assert abs(one.overlap(other)) == pytest.approx(1)


def test_bound_parameters_are_known_phases(sf):
    program = program_of(sf, 1, lambda ops, q, program: ops.Rgate(2 * program.params("p") + 0.1) | q[0])
    with pytest.raises(
        ValueError, match=r"gate 1 \(Rgate\): a free parameter is sensed by Rgate\(-p\) .* give p a value"
    ):
        from_strawberryfields(program)
    program.bind_params({"p": 0.3})
    (op,) = from_strawberryfields(program).circuit.operations
    assert op == PhaseShift(mode="q0", angle_rad=pytest.approx(0.7))


def test_everything_without_a_counterpart_is_named_at_once(sf):
    def write(ops, q, program):
        ops.Catstate(0.5) | q[0]
        ops.Kgate(0.1) | q[0]
        ops.Vgate(0.1) | q[0]
        ops.Rgate(program.params("p")) | q[0]
        ops.Fock(1) | q[0]
        ops.MeasureX | q[1]
        ops.Xgate(q[1].par) | q[0]
        ops.Rgate(0.1) | q[1]
        ops.MeasureFock() | q[2]
        ops.MeasureHomodyne(0.1, select=0.2) | q[0]

    with pytest.raises(ValueError, match="Catstate") as refused:
        from_strawberryfields(program_of(sf, 3, write))
    for said in (
        "gate 1 (Catstate): circuits here have no Catstate",
        "gate 2 (Kgate): circuits here have no Kgate",
        "gate 3 (Vgate): circuits here have no Vgate",
        "gate 4 (Rgate): a free parameter is sensed by Rgate(-p)",
        "gate 5 (Fock): photons are prepared before anything else, but q0 was used",
        "gate 7 (Xgate): it depends on a measured value",
        "gate 8 (Rgate): q1 was measured before",
        "gate 10 (MeasureHomodyne): it selects shots by an outcome",
        "it ends with MeasureFock and MeasureHomodyne",
    ):
        assert said in str(refused.value)


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (lambda ops, q, p: ops.MeasureHeterodyne() | q[0], "no MeasureHeterodyne"),
        (lambda ops, q, p: ops.GKP() | q[0], "no GKP"),
        (lambda ops, q, p: ops.DensityMatrix(np.eye(2) / 2) | q[0], "no DensityMatrix"),
        (lambda ops, q, p: ops.Ggate(np.eye(2), np.zeros(2)) | q[0], "no Ggate"),
        (lambda ops, q, p: ops.CKgate(0.1) | (q[0], q[1]), "no CKgate"),
        (lambda ops, q, p: ops.Ket(np.array([1.0, 1.0])) | q[0], "must sum to 1, got 2"),
        (lambda ops, q, p: ops.Sgate(p.params("r")) | q[0], "give r a value with bind_params"),
        (lambda ops, q, p: ops.Fock(1.5) | q[0], "a photon number is an integer from 0 on, got 1.5"),
        (lambda ops, q, p: ops.Vacuum() | ops.New(1), "modes that are added on the way are not read"),
        (lambda ops, q, p: ops.Del | q[0], "no _Delete"),
    ],
)
def test_refusals(sf, write, said):
    with pytest.raises(ValueError, match=said):
        from_strawberryfields(program_of(sf, 2, write))


def test_only_programs_are_read(sf):
    with pytest.raises(TypeError, match="got str"):
        from_strawberryfields("Sgate(0.1) | 0")
    with pytest.raises(TypeError, match="got TDMProgram"):
        from_strawberryfields(sf.TDMProgram(2))
    with pytest.raises(ValueError, match="must name 2 modes"):
        from_strawberryfields(sf.Program(2), modes=["a"])


def sensed(name, mode, generator="number"):
    return Sensed(name, mode, generator, f"gate of {name}")


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([sensed("x", "a"), sensed("x", "b")], "x is sensed in a too"),
        ([sensed("x", "a"), sensed("y", "a")], "a senses x too"),
        ([sensed("x", "a"), sensed("y", "b", "momentum")], "one kind"),
        ([sensed("x", "a"), sensed("x", "a"), sensed("y", "b")], "x stands twice in a pass"),
        ([sensed("x", "a"), sensed("y", "b"), sensed("y", "b")], "the last pass lacks x"),
        (
            [sensed("x", "a"), PhaseShift(mode="a", angle_rad=1.0), sensed("y", "b")],
            "a meets other gates before all of x, y were sensed once",
        ),
    ],
)
def test_what_makes_no_passes(steps, said):
    with pytest.raises(ValueError, match=said):
        imported(("a", "b"), steps)


def test_gates_elsewhere_may_stand_inside_a_pass():
    steps = [sensed("x", "a"), PhaseShift(mode="b", angle_rad=1.0), sensed("y", "b")]
    assert [type(op).__name__ for op in imported(("a", "b"), steps).circuit.operations] == ["PhaseShift", "Sense"]


# --- Perceval ------------------------------------------------------------------------------------------------


def amplitudes_through(circuit, theta=()):
    """U by what happens to coherent light in each mode, on the native engine."""
    columns = []
    for mode in circuit.modes:
        lit = Circuit(modes=circuit.modes, operations=(Displace(mode=mode, x=2.0), *circuit.operations))
        mean = NATIVE.run(lit, theta).mean
        count = len(circuit.modes)
        columns.append((mean[:count] + 1j * mean[count:]) / 2)
    return np.array(columns).T


def random_perceval(pcvl, seed, modes=4):
    rng = np.random.default_rng(seed)
    circuit = pcvl.Circuit(modes)
    makers = (
        lambda: pcvl.BS(*rng.uniform(-3, 3, 5)),
        lambda: pcvl.BS.Ry(*rng.uniform(-3, 3, 5)),
        lambda: pcvl.BS.H(*rng.uniform(-3, 3, 5)),
        lambda: pcvl.BS.Ry(theta=float(rng.choice([0, math.pi, 2 * math.pi]))),
        lambda: pcvl.PS(float(rng.uniform(-3, 3))),
        lambda: pcvl.PERM([2, 0, 1]),
        lambda: pcvl.Unitary(pcvl.Matrix(haar(3, int(rng.integers(1000))))),
        lambda: pcvl.Circuit(2) // pcvl.BS.H() // (1, pcvl.PS(0.3)),
        lambda: pcvl.Barrier(2),
    )
    for _ in range(14):
        component = makers[rng.integers(len(makers))]()
        circuit.add(int(rng.integers(modes - component.m + 1)), component)
    return circuit


@seeds(6)
def test_perceval_circuits_are_the_same_unitaries(seed):
    import perceval as pcvl

    given = random_perceval(pcvl, seed)
    found = from_perceval(given)
    assert found.circuit.modes == ("m0", "m1", "m2", "m3")
    np.testing.assert_allclose(amplitudes_through(found.circuit), np.array(given.compute_unitary()), atol=1e-10)


def test_perceval_phases_that_are_free_are_sensed():
    import perceval as pcvl

    x, y = pcvl.P("x"), pcvl.P("y")
    given = pcvl.Circuit(2) // pcvl.BS() // (0, pcvl.PS(-x)) // (1, pcvl.PS(-y)) // pcvl.BS.Ry()
    found = from_perceval(given, modes=["a", "b"])
    assert found.parameters == ("x", "y")
    theta = (0.3, -0.8)
    for parameter, value in zip((x, y), theta, strict=True):
        parameter.set_value(value)
    np.testing.assert_allclose(amplitudes_through(found.circuit, theta), np.array(given.compute_unitary()), atol=1e-10)
    # With values they are known phases.
    assert from_perceval(given).parameters == ()
    np.testing.assert_allclose(
        amplitudes_through(from_perceval(given).circuit), np.array(given.compute_unitary()), atol=1e-10
    )


def test_what_is_exported_to_perceval_comes_back():
    from photonics.adapters.perceval import perceval_circuit

    circuit = Circuit(
        modes=("a", "b", "c"),
        operations=(
            BeamSplitter(first="c", second="a", theta_rad=0.5, phi_rad=0.3),
            PhaseShift(mode="b", angle_rad=0.4),
            Sense(modes=("c", "a"), generator="number"),
            Interferometer(modes=("b", "a"), unitary=haar(2, 3)),
            Sense(modes=("c", "a"), generator="number"),
        ),
    )
    found = from_perceval(perceval_circuit(circuit), modes=circuit.modes)
    assert (found.parameters, found.circuit.passes) == (("theta_c", "theta_a"), 2)
    theta = (0.2, -0.7)
    np.testing.assert_allclose(amplitudes_through(found.circuit, theta), amplitudes_through(circuit, theta), atol=1e-10)


def test_two_photons_count_as_perceval_says():
    import perceval as pcvl

    given = random_perceval(pcvl, 11)
    processor = pcvl.Processor("SLOS", given)
    processor.min_detected_photons_filter(0)
    processor.with_input(pcvl.BasicState([1, 0, 1, 0]))
    theirs = {tuple(state): float(p) for state, p in processor.probs(precision=1e-15)["results"].items()}
    found = from_perceval(given).circuit
    light = FockState.from_terms(found.modes, {(1, 0, 1, 0): 1.0})
    ours = NATIVE.run(Circuit(modes=found.modes, operations=(PrepareFock(state=light), *found.operations)), ())
    for string, probability in theirs.items():
        assert ours.probability(string) == pytest.approx(probability, abs=1e-10)


def test_perceval_components_without_a_counterpart_are_named_at_once():
    import perceval as pcvl

    given = pcvl.Circuit(3)
    given.add(0, pcvl.Unitary(pcvl.Matrix(haar(4, 1)), use_polarization=True))
    given.add(0, pcvl.HWP(0.3)).add(1, pcvl.PBS()).add(0, pcvl.BS(theta=pcvl.P("t")))
    given.add(2, pcvl.PS(pcvl.P("p"))).add(2, pcvl.PS(0.3, max_error=0.1))
    with pytest.raises(ValueError, match="HWP") as refused:
        from_perceval(given)
    for said in (
        "component 1 (Unitary): it acts on polarisation, which circuits here do not have",
        "component 2 (HWP): it acts on polarisation",
        "component 3 (PBS): it acts on polarisation",
        "component 4 (BS): give t a value",
        "component 5 (PS): a free phase p is sensed by PS(-p), exp(-i p n), got p",
        "component 6 (PS): its angle is random",
    ):
        assert said in str(refused.value)
    with pytest.raises(TypeError, match="got Processor; a processor has its own in linear_circuit"):
        from_perceval(pcvl.Processor("SLOS", 2))


def test_strawberry_fields_as_it_is_after_repair(sf):
    # Whoever imports it after the repair has the same module, and nothing that was lent stays behind.
    import scipy.integrate
    import strawberryfields

    assert strawberryfields is sf
    assert not hasattr(scipy.integrate, "simps")
