"""Circuits as documents: there and back for every operation, and what is refused."""

import json

import numpy as np
import pytest
from drawn import examples
from hypothesis import given, strategies as st

from photonics import (
    BeamSplitter,
    Circuit,
    Displace,
    ExportedProgram,
    Homodyne,
    Interferometer,
    Loss,
    NumberControl,
    PhaseDiffusion,
    PhaseShift,
    PrepareFock,
    Sense,
    Squeeze,
    branch_state,
    circuit_document,
    circuit_from_document,
)

MODES = ("a", "b", "c")
numbers = st.floats(-3, 3)
one = st.sampled_from(MODES)
gaussian = st.one_of(
    st.builds(Squeeze, mode=one, r=st.floats(-1, 1), angle_rad=numbers),
    st.builds(Displace, mode=one, x=numbers, p=numbers),
    st.builds(PhaseShift, mode=one, angle_rad=numbers),
    st.builds(Loss, mode=one, transmissivity=st.floats(0.01, 1), background_photons=st.just(0.0) | st.floats(0, 2)),
    st.permutations(MODES).flatmap(
        lambda m: st.builds(BeamSplitter, first=st.just(m[0]), second=st.just(m[1]), theta_rad=numbers, phi_rad=numbers)
    ),
    st.just(Sense(modes=("a", "c"), generator="momentum")),
)


@given(st.lists(gaussian, max_size=8))
@examples(80)
def test_gaussian_circuits_load_back_equal(operations):
    circuit = Circuit(modes=MODES, operations=tuple(operations))
    assert circuit_from_document(json.loads(json.dumps(circuit_document(circuit)))) == circuit


def test_circuits_with_photons_load_back_equal():
    state = branch_state(MODES, (2, 0, 1), (0, 3, 0), phase_rad=0.3, weights=(0.25, 0.75))
    phase = np.exp(0.7j)
    circuit = Circuit(
        modes=MODES,
        operations=(
            PrepareFock(state=state),
            Sense(modes=MODES, generator="number"),
            PhaseDiffusion(mode="b", sigma_rad=0.1),
            NumberControl(moves=(((2, 0, 1), (0, 0, 3)),)),
            Interferometer(modes=("c", "a"), unitary=((0.6, 0.8 * phase), (-0.8 * phase.conjugate(), 0.6))),
        ),
    )
    back = circuit_from_document(json.loads(json.dumps(circuit_document(circuit))))
    assert back == circuit
    assert back.operations[0].state.amplitudes.tobytes() == state.amplitudes.tobytes()


def test_what_programs_hold_stands_beside_the_circuit_and_is_not_read():
    circuit = Circuit(modes=("a",), operations=(Squeeze(mode="a", r=0.5), Sense(modes=("a",), generator="momentum")))
    programs = {"strawberryfields": ExportedProgram(circuit, Homodyne()).to_dict()}
    document = json.loads(json.dumps(circuit_document(circuit, programs)))
    assert document["programs"]["strawberryfields"]["measured"] == [
        {"gate": "MeasureHomodyne", "modes": ["a"], "angle_rad": 0.0}
    ]
    assert circuit_from_document(document) == circuit
    assert "programs" not in circuit_document(circuit)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "has the format"),
        ({"format": "other"}, "has the format 'psn-circuit-1', got 'other'"),
        ({"modes": [1], "operations": 3}, r"modes must be a list of names.*operations must be a list"),
        ({"operations": [{"type": "Squeeze", "mode": "a"}]}, "operation 1: Squeeze needs r"),
        ({"operations": [{"type": "Squeeze", "mode": "a", "r": True}]}, "a finite number is needed, got True"),
        ({"operations": [{"type": "Squeeze", "mode": "a", "r": 1, "radius": 2}]}, "Squeeze has no 'radius'"),
        (
            {"operations": [{"type": "Teleport"}, {"type": "Loss"}]},
            r"operation 1: .*'Teleport'.*operation 2: Loss needs",
        ),
        ({"operations": [{"type": "Squeeze", "mode": "z", "r": 1}]}, "there is no mode 'z'"),
        ({"operations": [{"type": "Sense", "modes": "a", "generator": "number"}]}, "modes must be a list of names"),
        ({"operations": [{"type": "NumberControl", "moves": [[[1], [-1]]]}]}, "integers from 0"),
        ({"operations": [{"type": "NumberControl"}]}, "'moves' is missing"),
        ({"operations": [{"type": "Interferometer", "modes": ["a"], "unitary": [[1]]}]}, r"a pair \[re, im\]"),
        (
            {"operations": [{"type": "PrepareFock", "modes": ["a"], "occupations": [[1]], "amplitudes": [[2, 0]]}]},
            "norm|sum",
        ),
    ],
)
def test_what_is_no_circuit_is_refused(document, message):
    given = {"format": "psn-circuit-1", "modes": ["a"], **document} if isinstance(document, dict) else document
    with pytest.raises(ValueError, match=message):
        circuit_from_document(given)
