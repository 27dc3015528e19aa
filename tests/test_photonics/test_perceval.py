"""Our circuits on Perceval's simulator: the same unitaries and the same probabilities, with loss."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest
from drawn import examples
from hypothesis import given, strategies as st
from scipy.stats import unitary_group

from photonics import BeamSplitter, Circuit, Interferometer, Loss, PhaseShift, PrepareFock, Sense, Squeeze, get_engine
from photonics.adapters import perceval as adapter
from photonics.states.fock import FockState

MODES = ("a", "b", "c", "d")


def random_operations(rng, count, losses):
    for _ in range(count):
        kind = rng.integers(0, 4 if losses else 3)
        some = [MODES[k] for k in rng.permutation(4)]
        if kind == 0:
            yield BeamSplitter(first=some[0], second=some[1], theta_rad=rng.normal(), phi_rad=rng.normal())
        elif kind == 1:
            yield PhaseShift(mode=some[0], angle_rad=rng.normal())
        elif kind == 2:
            unitary = unitary_group.rvs(3, random_state=rng)
            yield Interferometer(modes=tuple(some[:3]), unitary=tuple(tuple(row) for row in unitary.tolist()))
        else:
            yield Loss(mode=some[0], transmissivity=float(rng.uniform(0.3, 1)))


@examples(25)
@given(seed=st.integers(0, 10**6))
def test_probabilities_agree_with_the_native_engine(seed):
    rng = np.random.default_rng(seed)
    photons = rng.integers(0, 3, 4)
    light = FockState(MODES, np.array([photons]), np.array([1.0 + 0j]))
    sense = Sense(modes=("b", "d"), generator="number")
    operations = (PrepareFock(state=light), *random_operations(rng, 4, True), sense, *random_operations(rng, 4, True))
    circuit = Circuit(modes=MODES, operations=operations)
    theta = rng.normal(size=2).tolist()
    result = adapter.perceval_probabilities(circuit, theta)
    out = get_engine("native").run(circuit, theta)
    weights = np.abs(out.amplitudes) ** 2 if isinstance(out, FockState) else np.diag(out.matrix).real
    ours = {tuple(map(int, s)): float(w) for s, w in zip(out.occupations, weights, strict=True)}
    for state in result.keys() | ours.keys():
        assert result.get(state, 0.0) == pytest.approx(ours.get(state, 0.0), abs=1e-12)


@examples(25)
@given(seed=st.integers(0, 10**6))
def test_circuits_have_the_same_unitary(seed):
    rng = np.random.default_rng(seed)
    operations = tuple(random_operations(rng, 6, False))
    made = adapter.perceval_circuit(Circuit(modes=MODES, operations=operations))
    # Row by row: where a photon in each mode goes.
    ours = np.zeros((4, 4), dtype=complex)
    for k in range(4):
        light = FockState(MODES, np.eye(4, dtype=np.int64)[[k]], np.array([1.0 + 0j]))
        out = get_engine("native").run(Circuit(modes=MODES, operations=(PrepareFock(state=light), *operations)), [])
        for string, amplitude in zip(out.occupations, out.amplitudes, strict=True):
            ours[int(np.argmax(string)), k] = amplitude
    assert abs(np.array(made.compute_unitary()) - ours).max() < 1e-12
    text = adapter.serialized(made)
    again = adapter.import_perceval().serialization.deserialize(text)
    assert np.allclose(np.array(again.compute_unitary()), ours, atol=1e-9)


def test_two_photons_through_a_mach_zehnder():
    """A N00N state of two photons: coincidences go as cos^2(theta) with twice the fringes of one photon."""
    light = FockState(("a", "b"), np.array([[1, 1]]), np.array([1.0 + 0j]))
    half = BeamSplitter(first="a", second="b", theta_rad=math.pi / 4)
    sense = Sense(modes=("a",), generator="number")
    circuit = Circuit(modes=("a", "b"), operations=(PrepareFock(state=light), half, sense, half))
    for theta in (0.0, 0.3, 1.2):
        result = adapter.perceval_probabilities(circuit, [theta])
        assert result.get((1, 1), 0.0) == pytest.approx(math.cos(theta) ** 2, abs=1e-12)


def test_what_perceval_has_not_is_named(monkeypatch):
    with pytest.raises(ValueError, match=r"operation 1 \(Squeeze\): Perceval has no such component.*displacements"):
        adapter.perceval_processor(
            Circuit(modes=("a",), operations=(Squeeze(mode="a", r=0.1), Sense(modes=("a",), generator="momentum"))),
            [0.0],
        )
    with pytest.raises(ValueError, match="a Fock state to start from"):
        adapter.perceval_processor(Circuit(modes=("a",), operations=(PhaseShift(mode="a", angle_rad=0.1),)))
    light = FockState(("a",), np.array([[1]]), np.array([1.0 + 0j]))
    with pytest.raises(ValueError, match="does not have: 'b'"):
        adapter.perceval_processor(Circuit(modes=("a",), operations=(PrepareFock(state=light),)), found={"b": 0})
    with pytest.raises(ValueError, match="no such unitary component"):
        adapter.perceval_circuit(Circuit(modes=("a",), operations=(Loss(mode="a", transmissivity=0.5),)))
    monkeypatch.setitem(sys.modules, "perceval", None)
    with pytest.raises(ImportError, match=r"photonic-sensor-networks\[perceval\]"):
        adapter.import_perceval()


def test_superpositions_enter_and_post_selection_is_perceval_s_own():
    """0.6 |2, 0> + 0.8 |0, 2> behind a loss: the native engine's probabilities, conditioned by hand; and read from text."""
    light = FockState(("a", "b", "c"), np.array([[2, 0, 0], [0, 2, 0]]), np.array([0.6, 0.8j]))
    operations = (
        PrepareFock(state=light),
        BeamSplitter(first="a", second="b", theta_rad=0.4),
        Loss(mode="a", transmissivity=0.8),
        BeamSplitter(first="b", second="c", theta_rad=0.7),
    )
    circuit = Circuit(modes=("a", "b", "c"), operations=operations)
    native = get_engine("native").run(circuit, [])
    every = native.probabilities()
    good = {string: p for string, p in every.items() if sum(string) == 2 and not string[2]}
    processor = adapter.perceval_processor(circuit, photons=2, found={"c": 0})
    pcvl = adapter.import_perceval()
    again = pcvl.Processor("SLOS", pcvl.serialization.deserialize(adapter.serialized(processor)))
    for one in (processor, again):
        kept = adapter.perceval_counts(one)
        assert kept.performance == pytest.approx(sum(good.values()), abs=1e-9)
        for string, p in kept.probabilities:
            assert p == pytest.approx(good[string] / sum(good.values()), abs=1e-9)


def test_phases_stay_parameters_of_circuits_and_processors():
    """Two passes of one sensor's two arms: bound in the text that is read back, the native counts; one parameter, one name."""
    light = FockState(("a", "b", "c"), np.array([[1, 1, 0]]), np.array([1.0 + 0j]))
    half = BeamSplitter(first="a", second="c", theta_rad=math.pi / 4, phi_rad=0.3)
    sense = Sense(modes=("a", "c"), generator="number")
    lossless = Circuit(modes=("a", "b", "c"), operations=(half, sense, half, sense, half))
    pcvl = adapter.import_perceval()
    free = pcvl.serialization.deserialize(adapter.serialized(adapter.perceval_circuit(lossless)))
    assert set(free.get_parameters(all_params=False)) == {free.param("theta_a"), free.param("theta_c")}
    for name, value in (("theta_a", 0.7), ("theta_c", 5.0)):
        free.param(name).set_value(value)
    bound = adapter.perceval_circuit(lossless, [0.7, 5.0])
    assert np.allclose(np.array(free.compute_unitary()), np.array(bound.compute_unitary()), atol=1e-9)

    operations = (PrepareFock(state=light), *lossless.operations, Loss(mode="c", transmissivity=0.7))
    circuit = Circuit(modes=("a", "b", "c"), operations=operations)
    processor = adapter.perceval_processor(circuit, sensors=[("my sensor", 0.5), ("my sensor", -0.5)])
    again = pcvl.Processor("SLOS", pcvl.serialization.deserialize(adapter.serialized(processor)))
    # Perceval's text keeps no filter of 0 photons.
    again.min_detected_photons_filter(0)
    for one in (processor, again):
        assert set(one.get_circuit_parameters()) == {"theta_my_sensor"}
        one.get_circuit_parameters()["theta_my_sensor"].set_value(-0.8)
        theirs = dict(adapter.perceval_counts(one).probabilities)
        ours = adapter.perceval_probabilities(circuit, [-0.4, 0.4])
        assert {string: theirs.get(string, 0.0) for string in ours} == pytest.approx(ours, abs=1e-9)


def test_free_phases_and_values_are_not_mixed():
    circuit = Circuit(modes=("a",), operations=(Sense(modes=("a",), generator="number"),))
    with pytest.raises(ValueError, match="sensors name free parameters; give them or theta, not both"):
        adapter.perceval_circuit(circuit, [0.1], sensors=[("a", 1.0)])
    with pytest.raises(ValueError, match="sensors must be 1 pairs"):
        adapter.perceval_circuit(circuit, sensors=[("a", 1.0), ("b", 1.0)])
    with pytest.raises(ValueError, match="theta must have 1 finite values"):
        adapter.perceval_circuit(circuit, [])
