"""The native engine and Strawberry Fields on the same circuits: states, moments, probabilities, Fisher information to 1e-9."""

import math
import warnings

import numpy as np
import pytest

from photonics import (
    BeamSplitter,
    Circuit,
    CircuitTooLargeError,
    Displace,
    FockState,
    Loss,
    NumberControl,
    PhaseShift,
    PrecisionError,
    PrepareFock,
    Sense,
    Squeeze,
    branch_state,
    get_engine,
    split_squeezed_vacuum,
)
from photonics.adapters.sf_import import import_strawberryfields
from photonics.engines.compare import compare_engines


def photons(*operations, modes="abr", start=((2, 0, 0), (0, 1, 1))):
    return Circuit(modes=tuple(modes), operations=(PrepareFock(state=branch_state(modes, *start)), *operations))


NUMBER = Sense(modes=("a", "b"), generator="number")
SWITCH = NumberControl(moves=(((2, 0, 0), (1, 1, 0)), ((0, 1, 1), (0, 0, 2))))
LOSSES = (Loss(mode="a", transmissivity=0.7), Loss(mode="b", transmissivity=0.9), Loss(mode="r", transmissivity=0.8))
AMPLITUDES = [1.0, -2.0, 0.0, 0.5]
SPLIT = split_squeezed_vacuum("abcd", AMPLITUDES, 1.1)
MOMENTUM = Sense(modes=tuple("abcd"), generator="momentum")

CIRCUITS = {
    "two-branch state": photons(NUMBER),
    "switched between passes": photons(NUMBER, SWITCH, NUMBER),
    "switched and lossy": photons(NUMBER, *LOSSES, SWITCH, NUMBER, *LOSSES),
    "beam splitters and phases": photons(
        BeamSplitter(first="a", second="b", theta_rad=0.4, phi_rad=0.9),
        PhaseShift(mode="b", angle_rad=0.3),
        NUMBER,
        BeamSplitter(first="b", second="a", theta_rad=1.2),
    ),
    "beam splitter and loss": photons(BeamSplitter(first="a", second="b", theta_rad=0.4), NUMBER, *LOSSES[:1]),
    "squeezed, displacement": Circuit(modes=tuple("abcd"), operations=(*SPLIT, MOMENTUM, MOMENTUM)),
    "squeezed, displacement, lossy": Circuit(
        modes=tuple("abcd"),
        operations=(*SPLIT, MOMENTUM, Loss(mode="a", transmissivity=0.6), MOMENTUM, Loss(mode="b", transmissivity=0.8)),
    ),
    "squeezed, displaced, phases": Circuit(
        modes=tuple("abcd"),
        operations=(*SPLIT, Displace(mode="c", x=0.7, p=-0.4), *[Sense(modes=("a", "c"), generator="number")] * 2),
    ),
}


@pytest.mark.parametrize("name", CIRCUITS)
def test_engines_agree(name):
    circuit = CIRCUITS[name]
    result = compare_engines(circuit, [0.3, -0.2, 0.5, 0.1][: circuit.parameters])
    assert result.largest < 1e-9


@pytest.mark.parametrize(("first", "second"), [("a", "b"), ("b", "a"), ("r", "a"), ("b", "r"), ("r", "b")])
@pytest.mark.parametrize("lossy", [False, True])
def test_beam_splitters_in_every_order_of_modes(first, second, lossy):
    # Strawberry Fields' Fock backend applies BSgate | (q[k], q[0]) to other modes; the adapter keeps clear of it.
    operations = (*LOSSES[:1] * lossy, BeamSplitter(first=first, second=second, theta_rad=0.4, phi_rad=0.9), NUMBER)
    assert compare_engines(photons(*operations), [0.1, 0.2]).largest < 1e-9


def test_the_comparison_notices_a_difference(monkeypatch):
    from photonics.engines import native

    exact = native.qfi
    monkeypatch.setattr(native, "qfi", lambda circuit, theta: 1.001 * exact(circuit, theta))
    assert compare_engines(CIRCUITS["two-branch state"], [0.3, -0.2]).fisher == pytest.approx(0.001, rel=0.01)


@pytest.mark.parametrize(
    ("circuit", "message"),
    [
        (photons(NUMBER, modes="abr", start=((400, 0, 0), (0, 200, 200))), "GiB"),
        (photons(NUMBER, *LOSSES, start=((60, 0, 0), (0, 30, 30))), "with loss"),
    ],
)
def test_circuits_too_large_are_refused_before_anything_is_allocated(circuit, message):
    with pytest.raises(CircuitTooLargeError, match=message):
        get_engine("strawberryfields").run(circuit, [0.1, 0.2])
    assert np.isfinite(get_engine("native").qfi(circuit, [0.1, 0.2])).all()


def test_fisher_information_it_cannot_give_is_refused():
    lossy_phase = Circuit(
        modes=("a",),
        operations=(
            Squeeze(mode="a", r=0.5),
            Sense(modes=("a",), generator="number"),
            Loss(mode="a", transmissivity=0.5),
        ),
    )
    with pytest.raises(ValueError, match="native engine"):
        get_engine("strawberryfields").qfi(lossy_phase, [0.1])


def test_the_import_leaves_scipy_as_it_was():
    import scipy.integrate

    sf = import_strawberryfields()
    assert sf.__version__ == "0.23.0"
    assert not hasattr(scipy.integrate, "simps")
    assert sf.hbar == 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert import_strawberryfields() is sf


def test_hong_ou_mandel_dip_on_both_engines():
    circuit = Circuit(
        modes=("a", "b"),
        operations=(
            PrepareFock(state=FockState.from_terms("ab", {(1, 1): 1.0})),
            BeamSplitter(first="a", second="b", theta_rad=math.pi / 4),
        ),
    )
    for name in ("native", "strawberryfields"):
        state = get_engine(name).run(circuit, [])
        assert state.probability((1, 1)) < 1e-20
        assert state.probability((2, 0)) == pytest.approx(0.5)


def test_the_fault_of_strawberry_fields_that_the_adapter_avoids():
    # When this fails, Strawberry Fields has been mended; docs/reference/engines.md and the adapter can then forget it.
    sf = import_strawberryfields()
    outputs = []
    for first, second in ((0, 1), (1, 0)):
        ket = np.zeros((2, 2), dtype=complex)
        ket[1, 0] = 1.0
        program = sf.Program(2)
        with program.context as q:
            sf.ops.Ket(ket) | q
            sf.ops.BSgate(0.4, 0.9) | (q[first], q[second])
        outputs.append(sf.Engine("fock", backend_options={"cutoff_dim": 2}).run(program).state.ket())
    assert np.allclose(outputs[0], outputs[1])
    right = photons(BeamSplitter(first="b", second="a", theta_rad=0.4, phi_rad=0.9), modes="ab", start=((1, 0), (0, 0)))
    assert not np.isclose(get_engine("native").run(right, []).terms[(0, 1)] * math.sqrt(2), outputs[1][0, 1])


def test_controls_that_raise_the_photon_number_and_circuits_without_preparation():
    raised = photons(NumberControl(moves=(((1, 0), (3, 0)),)), NUMBER, modes="ab", start=((1, 0), (0, 1)))
    assert compare_engines(raised, [0.1, 0.2]).largest < 1e-9
    assert get_engine("strawberryfields").qfi(raised, [0.1, 0.2]) == pytest.approx(np.array([[9.0, -3.0], [-3.0, 1.0]]))
    from_vacuum = Circuit(
        modes=("a",), operations=(NumberControl(moves=(((0,), (2,)),)), Sense(modes=("a",), generator="number"))
    )
    assert compare_engines(from_vacuum, [0.3]).largest < 1e-9


def test_squeezed_circuits_that_strawberry_fields_cannot_hold():
    names = tuple(f"s{j}" for j in range(80))
    wide = Circuit(modes=names, operations=(Sense(modes=names, generator="momentum"),))
    with pytest.raises(CircuitTooLargeError, match="overlap for each pair of 80"):
        get_engine("strawberryfields").check_size(wide)
    strong = Circuit(modes=("a",), operations=(Squeeze(mode="a", r=7.0), Sense(modes=("a",), generator="momentum")))
    with pytest.raises(PrecisionError, match="use the native engine"):
        get_engine("strawberryfields").qfi(strong, [0.1])
