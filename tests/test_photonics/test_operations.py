"""What each engine can do is a table; what is not in it is refused with the names of what is."""

from __future__ import annotations

import typing
from dataclasses import dataclass

import pytest

from photonics import Circuit, Displace, Operation, PhaseDiffusion, PrepareFock, Sense, Squeeze, circuit_document
from photonics.adapters import perceval, sf_gates
from photonics.circuits.circuit import _Step
from photonics.circuits.dispatch import OperationTable
from photonics.engines import native_fock, native_gaussian, strawberryfields
from photonics.states.fock import FockState

ONE_PHOTON = FockState.from_terms(["a"], {(1,): 1.0})
KINDS = {kind.__name__ for part in typing.get_args(Operation) for kind in (typing.get_args(part) or (part,))}


@dataclass(frozen=True)
class Unheard(_Step):
    """An operation that no engine knows."""


@pytest.mark.parametrize(
    ("tables", "missing"),
    [
        ((native_gaussian.apply,), {"NumberControl", "PrepareFock"}),
        ((native_fock.apply,), set()),
        ((sf_gates.gates_of, strawberryfields.between_programs), set()),
        (
            (perceval.unitary_components, perceval.other_components),
            {"Squeeze", "Displace", "NumberControl", "PhaseDiffusion"},
        ),
    ],
    ids=["native Gaussian", "native Fock", "Strawberry Fields", "Perceval"],
)
def test_tables_hold_every_operation_but_the_named_ones(tables: tuple[OperationTable, ...], missing: set[str]) -> None:
    assert KINDS - {name for table in tables for name in table.names} == missing


def test_every_operation_is_in_the_union_and_public() -> None:
    import photonics
    from photonics.circuits import circuit

    made = {name for name, kind in vars(circuit).items() if isinstance(kind, type) and issubclass(kind, _Step)}
    assert {name for name in made if not name.startswith("_")} == KINDS <= set(dir(photonics))


def test_every_operation_has_a_form_in_documents() -> None:
    from photonics.circuits.documents import _FORMS

    assert set(_FORMS) == KINDS


@pytest.mark.parametrize(
    ("table", "who"),
    [
        (native_gaussian.apply, "the native Gaussian engine"),
        (native_fock.apply, "the native Fock engine"),
        (sf_gates.gates_of, "Strawberry Fields"),
    ],
    ids=["native Gaussian", "native Fock", "Strawberry Fields"],
)
def test_an_unknown_operation_is_an_error_naming_the_engine_and_the_known_ones(table: OperationTable, who: str) -> None:
    with pytest.raises(TypeError, match=rf"{who}.* cannot run Unheard; it runs .*BeamSplitter, .*PhaseShift, .*Sense"):
        table(Unheard())


def test_operations_of_the_wrong_kind_are_refused() -> None:
    with_photons = Circuit(modes=("a",), operations=(PrepareFock(state=ONE_PHOTON), Displace(mode="a", x=1.0)))
    with pytest.raises(TypeError, match="the native Gaussian engine cannot run PrepareFock"):
        native_gaussian.run(with_photons, [])
    random = Circuit(modes=("a",), operations=(Squeeze(mode="a", r=0.1), PhaseDiffusion(mode="a", sigma_rad=0.1)))
    with pytest.raises(TypeError, match="a random phase does not keep states Gaussian"):
        native_gaussian.run(random, [])
    with pytest.raises(ValueError, match="operations must be operations"):
        Circuit(modes=("a",), operations=("squeeze",))
    with pytest.raises(TypeError, match="a circuit document cannot hold Unheard"):
        circuit_document(Circuit(modes=("a",), operations=(Unheard(),)))
    with pytest.raises(ValueError, match="the generator must be"):
        Circuit(modes=("a",), operations=(Sense(modes=("a",), generator="spin"),))
