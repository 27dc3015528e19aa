"""Circuits with their measurement as programs for Strawberry Fields and Blackbird texts: read back, bound, run and compared."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from drawn import examples
from hypothesis import given, strategies as st

from photonics import (
    BeamSplitter,
    BranchProjection,
    Circuit,
    CircuitTooLargeError,
    Detectors,
    Displace,
    ExportedProgram,
    Homodyne,
    IntensityDifference,
    Interference,
    Interferometer,
    Loss,
    Moments,
    NumberControl,
    Parity,
    PhaseDiffusion,
    PhaseShift,
    PhotonCounting,
    PhotonNumber,
    PrepareFock,
    Quadrature,
    Sense,
    Squeeze,
    ThresholdDetection,
    branch_state,
    get_engine,
    measure,
    noon_state,
)
from photonics.adapters import sf_program
from photonics.adapters.free_parameters import parameter_names
from photonics.adapters.sf_import import import_strawberryfields
from photonics.states.fock import FockState

# Modes that no gate joins are nothing wrong here.
pytestmark = pytest.mark.filterwarnings("ignore:The circuit consists of .* disconnected components")
MODES = ("a", "b", "c")
numbers = st.floats(-3, 3)
one = st.sampled_from(MODES)


def gaussian(generator):
    """Operations of Gaussian light that senses phases or displacements."""
    return st.one_of(
        st.builds(Squeeze, mode=one, r=st.floats(-1, 1), angle_rad=numbers),
        st.builds(Displace, mode=one, x=numbers, p=numbers),
        st.builds(PhaseShift, mode=one, angle_rad=numbers),
        st.builds(Loss, mode=one, transmissivity=st.floats(0.01, 1), background_photons=st.sampled_from([0.0, 0.4])),
        st.permutations(MODES).flatmap(
            lambda m: st.builds(
                BeamSplitter, first=st.just(m[0]), second=st.just(m[1]), theta_rad=numbers, phi_rad=numbers
            )
        ),
        st.just(Interferometer(modes=("c", "a"), unitary=((0.6, 0.8j), (0.8j, 0.6)))),
        st.just(Sense(modes=("c", "a"), generator=generator)),
    )


def run_text(text, theta, *, measured=False):
    """A Blackbird text read by Strawberry Fields and run at these parameters: its samples, or the state that is measured."""
    sf = import_strawberryfields()
    program = sf.io.loads(text)
    assert set(program.free_params) == set(theta)
    if not measured:
        program.circuit = [command for command in program.circuit if "Measure" not in type(command.op).__name__]
    photons = "fock, with cutoff_dim = " in text
    backend = ("fock", {"cutoff_dim": int(text.split("cutoff_dim = ")[1].split()[0])}) if photons else ("gaussian", {})
    result = sf.Engine(backend[0], backend_options=backend[1]).run(program, args=theta)
    return result.samples if measured else result.state


def quadratures(text, theta, modes):
    return run_text(text, theta).reduced_gaussian(list(range(modes)))


@given(
    st.sampled_from(["number", "momentum"]).flatmap(lambda g: st.lists(gaussian(g), max_size=8)),
    st.tuples(numbers, numbers),
)
@examples(12)
def test_text_and_program_are_the_same_light_at_any_theta(operations, theta):
    circuit = Circuit(modes=MODES, operations=tuple(operations))
    exported = ExportedProgram(circuit, Homodyne())
    values = dict(zip(["theta_c", "theta_a"], theta, strict=True)) if circuit.parameters else {}
    assert exported.parameters == ((("theta_c", "c"), ("theta_a", "a")) if values else ())
    ours = get_engine("native").run(circuit, list(theta)[: circuit.parameters])
    size = max(1.0, np.abs(ours.covariance).max(), np.abs(ours.mean).max())
    sf = import_strawberryfields()
    program = sf.Engine("gaussian").run(exported.program(measured=False), args=values).state.reduced_gaussian([0, 1, 2])
    bound = ExportedProgram(circuit, Homodyne(), theta=list(theta)[: circuit.parameters])
    assert bound.parameters == ()
    for mean, covariance in (quadratures(exported.blackbird, values, 3), program, quadratures(bound.blackbird, {}, 3)):
        assert np.allclose(ours.mean, mean, rtol=0, atol=1e-9 * size)
        assert np.allclose(ours.covariance, covariance, rtol=0, atol=1e-9 * size)


def test_homodyne_samples_have_the_native_means_and_covariance():
    """Of two entangled modes behind inefficient detectors of imperfect overlap: 4 sigma for the means, 5 for the covariance."""
    operations = (
        Squeeze(mode="a", r=0.9),
        BeamSplitter(first="a", second="b", theta_rad=0.7),
        Sense(modes=("a", "b"), generator="momentum"),
        Loss(mode="b", transmissivity=0.9),
    )
    circuit = Circuit(modes=("a", "b"), operations=operations)
    homodyne = Homodyne(angles_rad=(0.0, 0.3), detectors=Detectors(efficiency=(0.8, 0.95), visibility=0.97))
    exported = ExportedProgram(circuit, homodyne)
    assert exported.left_out == ()
    outcomes = measure(circuit, homodyne, [1.3, -0.8])
    sf = import_strawberryfields()
    program = sf.io.loads(exported.blackbird)
    np.random.seed(61)
    shots = 250
    samples = np.array(
        [sf.Engine("gaussian").run(program, args={"theta_a": 1.3, "theta_b": -0.8}).samples[0] for _ in range(shots)]
    )
    deviations = np.sqrt(np.diag(outcomes.covariance) / shots)
    assert (np.abs(samples.mean(axis=0) - outcomes.mean) < 4 * deviations).all()
    spread = np.outer(np.diag(outcomes.covariance), np.diag(outcomes.covariance)) + outcomes.covariance**2
    assert (np.abs(np.cov(samples.T) - outcomes.covariance) < 5 * np.sqrt(spread / shots)).all()
    # What is sampled has the native moments exactly.
    mean, covariance = quadratures(exported.blackbird, {"theta_a": 1.3, "theta_b": -0.8}, 2)
    rows = np.array([[1, 0, 0, 0], [0, math.cos(0.3), 0, math.sin(0.3)]])
    assert rows @ mean == pytest.approx(outcomes.mean, abs=1e-12)
    assert rows @ covariance @ rows.T == pytest.approx(outcomes.covariance, abs=1e-12)


def interferometer():
    """Bright and squeezed light through a beam splitter, phases in both arms."""
    operations = (
        Displace(mode="a", x=30.0),
        Squeeze(mode="b", r=-0.6),
        BeamSplitter(first="a", second="b", theta_rad=0.6, phi_rad=0.2),
        Sense(modes=("a", "b"), generator="number"),
    )
    return Circuit(modes=("a", "b"), operations=operations)


@pytest.mark.parametrize("pair", [("a", "b"), ("b", "a")])
def test_both_ports_of_an_intensity_difference_are_counted(pair):
    """Their difference in Strawberry Fields' state has the native mean and variance, and dark counts are in the program."""
    detectors = Detectors(efficiency=0.8, dark_counts=0.25)
    measurement = IntensityDifference(pairs=[pair], angles_rad=0.4, detectors=detectors)
    exported = ExportedProgram(interferometer(), measurement, sensors=[("s", 0.5), ("s", -0.5)])
    assert exported.parameters == (("theta_s", "s"),)
    assert exported.blackbird.rstrip().endswith("MeasureFock(dark_counts=[0.25, 0.25]) | [0, 1]")
    assert exported.ending.outcomes == (
        f"{pair[0]}-{pair[1]} = n_{pair[0]} - n_{pair[1]} behind the last beam splitter",
    )
    assert "no counts above 5" in exported.blackbird
    outcomes = measure(interferometer(), measurement, [0.35, -0.35])
    from thewalrus.quantum import photon_number_covmat, photon_number_mean_vector

    mean, covariance = quadratures(exported.blackbird, {"theta_s": 0.7}, 2)
    sign = np.array([1, -1]) if pair == ("a", "b") else np.array([-1, 1])
    assert sign @ photon_number_mean_vector(mean, covariance, hbar=2) == pytest.approx(outcomes.mean[0], rel=1e-9)
    counted = photon_number_covmat(mean, covariance, hbar=2) + 0.25 * np.eye(2)
    assert sign @ counted @ sign == pytest.approx(outcomes.covariance[0, 0], rel=1e-9)


def test_moments_name_what_is_made_of_the_readings():
    circuit = Circuit(modes=("a", "b", "c", "d"), operations=())
    observables = (Quadrature("d", 0.5), PhotonNumber("c") + PhotonNumber("c"), Interference("b", "a"))
    exported = ExportedProgram(circuit, Moments(observables))
    assert [(read.gate, read.modes, read.angle_rad) for read in exported.ending.reads] == [
        ("MeasureHomodyne", ("d",), 0.5),
        ("MeasureFock", ("a", "b", "c"), None),
    ]
    assert exported.ending.outcomes == ("b-a = n_b - n_a behind the last beam splitter", "x_d(0.5)", "2 n_c", "b-a")


@pytest.mark.parametrize(
    ("measurement", "left_out"),
    [
        (
            Homodyne(
                detectors=Detectors(electronic_noise=(0.1, 0.2), phase_jitter_rad=0.03, visibility=0.9, dark_counts=1)
            ),
            [
                "electronic noise (variance in units of the vacuum) 0.1: a",
                "electronic noise (variance in units of the vacuum) 0.2: b",
                "random angle (rms, in rad) 0.03: a, b",
            ],
        ),
        (
            IntensityDifference(
                pairs=[("a", "b")], detectors=Detectors(electronic_noise=0.1, phase_jitter_rad=0.03, visibility=0.9)
            ),
            [
                "electronic noise (variance in units of the shot noise) 0.1: a and b",
                "visibility 0.9: a and b",
                "random angle (rms, in rad) 0.03: a and b",
            ],
        ),
        (ThresholdDetection(dark_counts=0.1), ["dark counts of threshold detectors 0.1: a, b"]),
        (PhotonCounting(detectors=Detectors(dark_counts=0.1, visibility=0.9, phase_jitter_rad=0.1)), []),
    ],
    ids=["homodyne", "difference", "clicks", "counts"],
)
def test_what_has_no_counterpart_is_named_in_text_and_document(measurement, left_out):
    exported = ExportedProgram(interferometer(), measurement)
    assert list(exported.left_out) == left_out
    assert [line for line in exported.blackbird.splitlines() if line.startswith("# not in this program: ")] == [
        f"# not in this program: {what}" for what in left_out
    ]
    document = json.loads(json.dumps(exported.to_dict()))
    assert document["not_in_program"] == left_out
    assert document["parameters"] == [{"name": f"theta_{mode}", "sensor": mode} for mode in "ab"]


def photons(kind):
    state = {
        "string": FockState(("a", "b"), np.array([[2, 1]]), np.array([1.0 + 0j])),
        "ket": noon_state("ab", 3),
        "density": branch_state(MODES, (2, 0, 0), (0, 1, 1), phase_rad=0.3, weights=(0.25, 0.75)),
        "some modes": branch_state(MODES, (0, 0, 2), (2, 0, 0), phase_rad=0.3, weights=(0.25, 0.75)),
    }[kind]
    sense = Sense(modes=("a", "b"), generator="number")
    # Strawberry Fields takes seconds to compile beam splitters on density matrices.
    meeting = [BeamSplitter(first="b", second="a", theta_rad=0.4, phi_rad=0.3)] * (len(state.modes) == 2)
    operations = (PrepareFock(state=state), sense, *meeting, Loss(mode="a", transmissivity=0.7))
    return Circuit(modes=state.modes, operations=operations)


@pytest.mark.parametrize("kind", ["string", "ket", "density", "some modes"])
def test_photons_are_the_same_light_at_any_theta(kind):
    """What the detectors miss is lost, and counts are the native ones."""
    circuit = photons(kind)
    exported = ExportedProgram(circuit, PhotonCounting(detectors=Detectors(efficiency=0.9)))
    assert exported.cutoff == 1 + (2 if len(circuit.modes) == 3 else 3)
    state = run_text(exported.blackbird, {"theta_a": 0.4, "theta_b": -0.9})
    missed = tuple(Loss(mode=mode, transmissivity=0.9) for mode in circuit.modes)
    seen = Circuit(modes=circuit.modes, operations=(*circuit.operations, *missed))
    ours = get_engine("native").run(seen, [0.4, -0.9])
    count, levels = len(circuit.modes), exported.cutoff
    # Its axes are the ket and the bra of each mode in turn.
    theirs = state.dm().transpose([*range(0, 2 * count, 2), *range(1, 2 * count, 2)]).reshape(levels**count, -1)
    places = np.ravel_multi_index(ours.occupations.T, (levels,) * count)
    expected = np.zeros_like(theirs)
    expected[np.ix_(places, places)] = ours.matrix
    assert np.abs(theirs - expected).max() < 1e-12
    outcomes = measure(circuit, PhotonCounting(efficiency=0.9), [0.4, -0.9])
    table = np.asarray(state.all_fock_probs()).reshape((levels,) * count)
    counted = {tuple(n): float(p) for n, p in zip(outcomes.labels.tolist(), outcomes.probabilities, strict=True)}
    assert {n: table[n] for n in counted} == pytest.approx(counted, abs=1e-12)


def test_counts_of_a_program_are_those_of_its_light():
    """Two photons that meet leave together, by Strawberry Fields' own MeasureFock."""
    pair = FockState(("a", "b"), np.array([[1, 1]]), np.array([1.0 + 0j]))
    meeting = BeamSplitter(first="a", second="b", theta_rad=math.pi / 4)
    exported = ExportedProgram(
        Circuit(modes=("a", "b"), operations=(PrepareFock(state=pair), meeting)), Parity(modes=("b",))
    )
    assert exported.ending.outcomes == ("the parity of n_b",)
    np.random.seed(5)
    assert {int(run_text(exported.blackbird, {}, measured=True)[0, 0]) for _ in range(12)} == {0, 2}


def test_clicks_of_photons_are_counts_above_zero():
    assert ExportedProgram(photons("ket"), ThresholdDetection()).ending.outcomes == ("a click is a count above 0",)
    assert ExportedProgram(interferometer(), ThresholdDetection()).ending.reads[0].gate == "MeasureThreshold"


def test_names_are_fit_for_programs_and_lead_back():
    modes = ("π", "a b", "a_b", "a-b", "1", "q0", "line\nsqueeze", "")
    names = parameter_names(modes)
    assert names == (
        *("theta__", "theta_a_b", "theta_a_b_2", "theta_a_b_3", "theta_1", "theta_q0", "theta_line_squeeze", "theta_"),
    )
    circuit = Circuit(modes=modes, operations=(Sense(modes=modes, generator="momentum"),))
    exported = ExportedProgram(circuit, Homodyne())
    assert dict(exported.parameters) == dict(zip(names, modes, strict=True))
    theta = {name: 0.1 * k for k, name in enumerate(names)}
    mean, _ = quadratures(exported.blackbird, theta, len(modes))
    assert mean[: len(modes)] == pytest.approx([0.1 * k for k in range(len(modes))])
    assert "# {theta_line_squeeze} is theta of line squeeze\n" in exported.blackbird
    # A name made unique may be another sensor's own.
    assert len(set(parameter_names(["a", "a!", "a_", "a_2", "a__2"]))) == 5


def test_a_text_is_written_without_strawberry_fields(monkeypatch):
    def missing():
        raise ImportError("not here")

    monkeypatch.setattr(sf_program, "import_strawberryfields", missing)
    exported = ExportedProgram(interferometer(), Homodyne())
    assert exported.blackbird.count("Measure") == 4
    with pytest.raises(ImportError, match="not here"):
        exported.program()


def test_programs_are_values():
    exported = ExportedProgram(interferometer(), Homodyne(), sensors=[("s", 0.5), ("s", -0.5)], remarks=["by hand"])
    assert eval(repr(exported)) == exported
    assert exported.blackbird.count("# by hand\n") == 1
    assert exported.to_dict()["remarks"] == ["by hand"]


ONE_PHOTON = PrepareFock(state=FockState(("a",), np.array([[1]]), np.array([1.0 + 0j])))


@pytest.mark.parametrize(
    ("operations", "measurement", "options", "error", "message"),
    [
        (
            (),
            BranchProjection(first=(1,), second=(0,)),
            {},
            TypeError,
            r"nothing like BranchProjection.*it has Homodyne, ",
        ),
        ((), "homodyne", {}, TypeError, "nothing like 'homodyne'"),
        ((), Homodyne(modes=("z",)), {}, ValueError, "modes must be of those of the circuit, a; got 'z'"),
        ((), Homodyne(angles_rad=(0.0, 1.0)), {}, ValueError, "one for each of the 1 modes"),
        ((), Homodyne(angles_rad=math.nan), {}, ValueError, "angle_rad must be a finite number"),
        ((), Homodyne(modes=("a", "a")), {}, ValueError, "every mode must be read by one detector"),
        ((), PhotonCounting(modes=()), {}, ValueError, "every mode must be read by one detector"),
        ((), Homodyne(detectors=Detectors(efficiency=(0.5, 0.6))), {}, ValueError, "one for each of the 1 measured"),
        ((ONE_PHOTON,), Homodyne(), {}, TypeError, "are for Gaussian states here; photons are counted"),
        (
            (ONE_PHOTON, *[NumberControl(moves=(((0,), (1,)),))] * 2, Squeeze(mode="a", r=0.1)),
            None,
            {"theta": [1.0], "sensors": [("s", 1.0)]},
            ValueError,
            r"operations 2, 3 \(NumberControl\): .*; operation 4 \(Squeeze\): .*; theta must be 0 finite numbers.*; "
            r"sensors name.*; sensors must be 0 pairs",
        ),
        (
            (ONE_PHOTON, Loss(mode="a", transmissivity=0.5, background_photons=0.1)),
            None,
            {},
            ValueError,
            r"operation 2 \(Loss\): Strawberry Fields' Fock backend has no thermal loss",
        ),
        (
            (PhaseDiffusion(mode="a", sigma_rad=0.1),),
            None,
            {},
            ValueError,
            r"operation 1 \(PhaseDiffusion\): a random phase",
        ),
        (
            (Sense(modes=("a",), generator="number"),),
            None,
            {"sensors": [("s", math.inf)]},
            ValueError,
            "sensors must be 1 pairs of a name and a finite factor",
        ),
    ],
)
def test_wrong_input_is_refused_with_every_fault(operations, measurement, options, error, message):
    circuit = Circuit(modes=("a",), operations=operations)
    with pytest.raises(error, match=message):
        ExportedProgram(circuit, measurement, **options)


def test_too_many_photons_are_refused():
    with pytest.raises(CircuitTooLargeError, match=r"a table of 40401 entries \(limit 16384\)"):
        ExportedProgram(Circuit(modes=("a", "b"), operations=(PrepareFock(state=noon_state("ab", 200)),)))
    wide = FockState(tuple("abcdefgh"), np.array([[1] * 8]), np.array([1.0 + 0j]))
    operations = (PrepareFock(state=wide), Loss(mode="a", transmissivity=0.5))
    with pytest.raises(CircuitTooLargeError, match="cannot hold 8 photons in 8 modes; programs"):
        ExportedProgram(Circuit(modes=wide.modes, operations=operations))


def test_the_example_in_the_documentation_is_what_is_written():
    page = (
        (Path(__file__).parents[2] / "docs" / "reference" / "engines.md")
        .read_text()
        .split("### Strawberry Fields and Blackbird")[1]
    )
    light = (Squeeze(mode="a", r=0.5), Sense(modes=("a",), generator="momentum"))
    detectors = Detectors(efficiency=0.9, electronic_noise=0.1)
    exported = ExportedProgram(Circuit(modes=("a",), operations=light), Homodyne(detectors=detectors))
    assert page.split("```text\n")[1].split("```")[0] == exported.blackbird


def test_strawberry_fields_own_writer_quotes_free_parameters():
    """Why texts are written without it (docs/reference/engines.md)."""
    sf = import_strawberryfields()
    text = sf.io.to_blackbird(ExportedProgram(interferometer()).program()).serialize()
    assert 'Rgate("-{theta_a}")' in text
    assert sf.io.loads(text).free_params == {}


def test_strawberry_fields_does_not_reorder_density_matrices():
    """A photon in the second of two modes, as a matrix over both: nothing of it arrives (docs/reference/engines.md)."""
    sf = import_strawberryfields()
    matrix = np.zeros((4, 4), dtype=complex)
    matrix[1, 1] = 1.0
    program = sf.Program(2)
    with program.context as q:
        sf.ops.DensityMatrix(matrix) | q
    state = sf.Engine("fock", backend_options={"cutoff_dim": 2}).run(program).state
    assert state.fock_prob([0, 1]) == pytest.approx(0.0)
