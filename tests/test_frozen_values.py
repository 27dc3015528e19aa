"""Frozen means frozen: lists become tuples, equal values hash alike, arrays stay read-only, errors and values survive pickling."""

from __future__ import annotations

import copy
import dataclasses
import importlib
import inspect
import pickle
import pkgutil
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import networks
import photonics
import protocols
from networks import InputError, LinearFunction, Link, Mode, NetworkParts, SensorNetwork, nearest_rational
from photonics import (
    BeamSplitter,
    BranchProjection,
    Circuit,
    Displace,
    FockState,
    GaussianState,
    Homodyne,
    Interferometer,
    Loss,
    NumberControl,
    Parity,
    Phase,
    PhaseDiffusion,
    PhaseShift,
    PhotonCounting,
    PrepareFock,
    Sense,
    Shift,
    Squeeze,
    StringProjection,
    ThresholdDetection,
    Transmissivity,
    UnitaryError,
)
from photonics.adapters.xanadu_cloud import CloudError

S = 0.5**0.5
NOON = {(2, 0): S, (0, 2): S}


# --- every exception -----------------------------------------------------------------------------------------


def own_modules() -> Iterator[ModuleType]:
    for package in (networks, photonics, protocols):
        yield package
        for result in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not result.name.endswith("__main__"):
                yield importlib.import_module(result.name)


@cache
def own_exceptions() -> tuple[type[Exception], ...]:
    kinds = {
        kind
        for module in own_modules()
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Exception) and kind.__module__.split(".")[0] in {"networks", "photonics", "protocols"}
    }
    return tuple(sorted(kinds, key=lambda kind: kind.__qualname__))


MADE: dict[str, Callable[[type[Any]], Exception]] = {
    "InputError": lambda kind: kind(["first", "second"], source="a file"),
    "UnitaryError": lambda kind: kind(["first", "second"]),
    "CloudError": lambda kind: kind("refused", sure=True),
}
"""Exceptions that are not made of one message."""


def copies(value: Any) -> Iterator[Any]:
    yield from (pickle.loads(pickle.dumps(value, protocol)) for protocol in (2, pickle.HIGHEST_PROTOCOL))
    yield copy.deepcopy(value)
    yield copy.copy(value)


def test_every_exception_comes_back_whole() -> None:
    assert {InputError, UnitaryError, CloudError} <= set(own_exceptions())
    for kind in own_exceptions():
        error = next((MADE[base.__name__](kind) for base in kind.__mro__ if base.__name__ in MADE), None) or kind("why")
        error.add_note("said later")
        for back in copies(error):
            assert type(back) is kind
            assert str(back) == str(error)
            assert vars(back) == vars(error), kind


def test_an_error_that_is_raised_again_names_its_source() -> None:
    back = pickle.loads(pickle.dumps(InputError(["letter"]).within("net.json")))
    assert back.faults == ("letter",)
    assert back.source == "net.json"
    assert str(back) == "net.json: letter"


# --- values of circuits and networks -------------------------------------------------------------------------

LISTS_AND_TUPLES: dict[str, tuple[Any, Any]] = {
    "Sense": (Sense(modes=["a", "b"], generator="number"), Sense(modes=("a", "b"), generator="number")),
    "Interferometer": (
        Interferometer(modes=["a", "b"], unitary=[[S, -S], [S, S]]),
        Interferometer(modes=("a", "b"), unitary=((S, -S), (S, S))),
    ),
    "Interferometer, array": (
        Interferometer(modes=np.array(["a", "b"]), unitary=np.array([[S, -S], [S, S]])),
        Interferometer(modes=("a", "b"), unitary=((S, -S), (S, S))),
    ),
    "NumberControl": (NumberControl(moves=[[[2, 0], [0, 2]]]), NumberControl(moves=(((2, 0), (0, 2)),))),
    "NumberControl, array": (
        NumberControl(moves=np.array([[[2, 0], [0, 2]]])),
        NumberControl(moves=(((2, 0), (0, 2)),)),
    ),
    "Circuit": (
        Circuit(modes=["a"], operations=[Squeeze(mode="a", r=0.5)]),
        Circuit(modes=("a",), operations=(Squeeze(mode="a", r=0.5),)),
    ),
    "Circuit, iterators": (
        Circuit(modes=iter("ab"), operations=(op for op in [Loss(mode="a", transmissivity=0.5)])),
        Circuit(modes=("a", "b"), operations=(Loss(mode="a", transmissivity=0.5),)),
    ),
    "Homodyne": (Homodyne(angles_rad=[0.1, 0.2], modes=["a", "b"]), Homodyne(angles_rad=(0.1, 0.2), modes=("a", "b"))),
    "PhotonCounting": (PhotonCounting(modes=["a"]), PhotonCounting(modes=("a",))),
    "ThresholdDetection": (ThresholdDetection(modes=["a"]), ThresholdDetection(modes=("a",))),
    "Parity": (Parity(modes=["a"]), Parity(modes=("a",))),
    "Parities": (photonics.Parities(ports=["a", ["b", "c"]]), photonics.Parities(ports=("a", ("b", "c")))),
    "Detectors": (
        photonics.Detectors(efficiency=[0.9, np.float64(0.8)], dark_counts=np.array([0.1, 0.2])),
        photonics.Detectors(efficiency=(0.9, 0.8), dark_counts=(0.1, 0.2)),
    ),
    "IntensityDifference": (
        photonics.IntensityDifference(pairs=[["a", "b"]], angles_rad=[0.1]),
        photonics.IntensityDifference(pairs=(("a", "b"),), angles_rad=(0.1,)),
    ),
    "RandomPhases": (
        photonics.RandomPhases(modes=["a"], sigmas_rad=np.array([0.5]), splitters=[]),
        photonics.RandomPhases(modes=("a",), sigmas_rad=(0.5,), splitters=()),
    ),
    "Observable": (
        photonics.Observable(terms=[[2.0, [photonics.Quadrature(mode="a"), photonics.Quadrature(mode="b")]]]),
        2.0 * photonics.Quadrature(mode="a") * photonics.Quadrature(mode="b"),
    ),
    "ImportedCircuit": (
        photonics.ImportedCircuit(circuit=photonics.Circuit(modes=["a"], operations=[]), parameters=["x"]),
        photonics.ImportedCircuit(circuit=photonics.Circuit(modes=("a",), operations=()), parameters=("x",)),
    ),
    "ExportedProgram": (
        photonics.ExportedProgram(
            circuit=Circuit(modes=["a"], operations=[Sense(modes=["a"], generator="number")]),
            sensors=[["s", 0.5]],
            remarks=["by hand"],
        ),
        photonics.ExportedProgram(
            circuit=Circuit(modes=("a",), operations=(Sense(modes=("a",), generator="number"),)),
            sensors=(("s", 0.5),),
            remarks=("by hand",),
        ),
    ),
    "Moments": (
        photonics.Moments(observables=[photonics.PhotonNumber(mode="a")]),
        photonics.Moments(observables=(photonics.PhotonNumber(mode="a"),)),
    ),
    "BranchProjection": (
        BranchProjection(first=[2, 0], second=np.array([0, 2])),
        BranchProjection(first=(2, 0), second=(0, 2)),
    ),
    "StringProjection": (
        StringProjection(strings=[[2, 0], [0, 2]], vectors=[[1, 0]]),
        StringProjection(strings=np.array([[2, 0], [0, 2]]), vectors=np.array([[1.0, 0.0]])),
    ),
    "PairLight": (photonics.PairLight(squeezing=[0.5, 1.0]), photonics.PairLight(squeezing=(0.5, 1.0))),
    "SymmetricState": (photonics.SymmetricState(amplitudes=[S, S]), photonics.SymmetricState(amplitudes=(S, S))),
    "Mode": (
        Mode(id="a", coupling="displacement", alpha=Fraction(1), extra=[["x", 1.0]]),
        Mode(id="a", coupling="displacement", alpha=1, extra={"x": 1.0}),
    ),
    "Link": (Link(ends=["a", "b"], extra=[["x", 1]]), Link(ends=("a", "b"), extra=(("x", 1),))),
    "LinearFunction": (LinearFunction([1, 2]), LinearFunction((1, 2))),
    "Laboratory": (networks.Laboratory(benches=[networks.Bench()]), networks.Laboratory(benches=(networks.Bench(),))),
    "SensorNetwork": (
        SensorNetwork(
            sensing="displacement",
            mean_photons=1.0,
            modes=[Mode(id=k, coupling="displacement", alpha=Fraction(1)) for k in "ab"],
            links=[Link(ends=["a", "b"])],
            extra={"place": "roof"},
        ),
        SensorNetwork(
            sensing="displacement",
            mean_photons=1.0,
            modes=tuple(Mode(id=k, coupling="displacement", alpha=Fraction(1)) for k in "ab"),
            links=(Link(ends=("a", "b")),),
            extra=(("place", "roof"),),
        ),
    ),
}


@pytest.mark.parametrize(("of_lists", "of_tuples"), LISTS_AND_TUPLES.values(), ids=LISTS_AND_TUPLES)
def test_lists_become_tuples(of_lists: Any, of_tuples: Any) -> None:
    assert of_lists == of_tuples
    assert hash(of_lists) == hash(of_tuples)
    assert repr(of_lists) == repr(of_tuples)


def test_a_circuit_cannot_be_changed_after_its_check() -> None:
    modes, operations = ["a"], [Squeeze(mode="a", r=0.5)]
    circuit = Circuit(modes=modes, operations=operations)
    modes.append("b")
    operations.append(Squeeze(mode="z", r=0.5))
    assert circuit == Circuit(modes=("a",), operations=(Squeeze(mode="a", r=0.5),))
    with pytest.raises(TypeError, match="item assignment"):
        circuit.place["b"] = 1


def test_sets_have_no_order_and_are_refused() -> None:
    mode = Mode(id="a", coupling="displacement", alpha=Fraction(1))
    with pytest.raises(InputError, match="modes must be a sequence of Mode values"):
        SensorNetwork(sensing="displacement", mean_photons=1.0, modes={mode})
    with pytest.raises(InputError, match="modes must be a sequence of Mode values, got 'a'"):
        SensorNetwork(sensing="displacement", mean_photons=1.0, modes="a")
    with pytest.raises(InputError, match="modes must be Mode values, got 'a'"):
        SensorNetwork(sensing="displacement", mean_photons=1.0, modes=["a"])
    with pytest.raises(InputError, match="the ends of a link must be two node ids"):
        SensorNetwork(sensing="displacement", mean_photons=1.0, modes=[mode], links=[Link(ends=["a"])])


# --- numbers of numpy ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.longdouble, np.array], ids=str)
def test_numbers_of_numpy_are_kept_as_plain_ones(kind: Any) -> None:
    half = kind(0.5)
    values = [
        Squeeze(mode="a", r=half, angle_rad=half), Displace(mode="a", x=half, p=half), PhaseShift(mode="a", angle_rad=half),
        BeamSplitter(first="a", second="b", theta_rad=half, phi_rad=half), PhaseDiffusion(mode="a", sigma_rad=half),
        Loss(mode="a", transmissivity=half, background_photons=half), Shift(mode="a", angle_rad=half),
        Transmissivity(mode="a", at=half, background_photons=half), Homodyne(angles_rad=half, efficiency=half),
        PhotonCounting(efficiency=half, dark_counts=half), Mode(id="a", transmissivity=half),
        Link(ends=("a", "b"), transmissivity=half),
    ]  # fmt: skip
    for value in values:
        numbers = [v for v in (getattr(value, f.name) for f in dataclasses.fields(value)) if isinstance(v, float)]
        assert numbers
        assert all(type(number) is float for number in numbers), value


def test_integers_of_numpy_are_taken_where_integers_are_meant() -> None:
    network = SensorNetwork.chain(np.array([1, -1]), sensing="phase", photons=np.int64(3), passes=np.array(2))
    assert network == SensorNetwork.chain([1, -1], sensing="phase", photons=3, passes=2)
    assert type(network.photons) is int
    assert type(network.passes) is int
    assert LinearFunction(np.array([1, 2])) == LinearFunction([1, 2])
    assert SensorNetwork.star(
        [1, 1], sensing="displacement", mean_photons=np.float64(2), transmissivity=np.array([0.9, 0.8])
    )
    assert Mode(id="a", alpha=np.int64(2)).alpha == Fraction(2)
    assert qfi_of(np.int64(2)) == qfi_of(2)
    assert photonics.dicke_state(np.int64(3), np.array(1)) == photonics.dicke_state(3, 1)
    assert PhotonCounting(cutoff=np.int64(3)) == PhotonCounting(cutoff=3)


def qfi_of(passes: Any) -> list[list[float]]:
    answer: list[list[float]] = photonics.qfi_matrix(FockState.from_terms("ab", NOON), passes=passes).tolist()
    return answer


@pytest.mark.parametrize("yes", [True, np.bool_(True)], ids=["bool", "numpy bool"])
def test_truth_values_are_no_numbers(yes: Any) -> None:
    for operation in (
        Squeeze(mode="a", r=yes), Loss(mode="a", transmissivity=yes), PhaseDiffusion(mode="a", sigma_rad=yes)
    ):  # fmt: skip
        with pytest.raises(ValueError, match="operation 1"):
            Circuit(modes=("a",), operations=(operation,))
    with pytest.raises(InputError, match="photons must be a positive integer"):
        SensorNetwork.chain([1, -1], sensing="phase", photons=yes)
    with pytest.raises(InputError, match="must be a number"):
        LinearFunction([yes])
    with pytest.raises(ValueError, match="two squeezing values"):
        photonics.PairLight(squeezing=(yes, 0.5))
    with pytest.raises(ValueError, match="efficiency must be"):
        photonics.measure(GaussianState.vacuum("a"), Homodyne(efficiency=yes))


# --- values with arrays --------------------------------------------------------------------------------------


def light() -> Circuit:
    operations = (Squeeze(mode="a", r=0.5), Loss(mode="a", transmissivity=0.9), Sense(modes=("a",), generator="number"))
    return Circuit(modes=("a",), operations=operations)


def noon_circuit() -> Circuit:
    state = FockState.from_terms("ab", NOON)
    operations = (PrepareFock(state=state), Loss(mode="a", transmissivity=0.9), Sense(modes="ab", generator="number"))
    return Circuit(modes=("a", "b"), operations=operations)


def lossy_noon() -> Any:
    return photonics.get_engine("native").run(noon_circuit(), [0.1, 0.2])


def topology() -> networks.Topology:
    nodes = [networks.TopologyNode(id=name) for name in "ab"]
    return networks.Topology(
        format="a list", nodes=nodes, edges=[networks.TopologyEdge(ends=("a", "b"))], attributes={"name": "pair"}
    )


EVERY_KIND: dict[str, Callable[[], Any]] = {
    "NearestRational": lambda: nearest_rational(LinearFunction(["sqrt(2)", 1, -1]), 5),
    "FockState": lambda: FockState.from_terms("ab", NOON),
    "FockDensity": lossy_noon,
    "GaussianState": lambda: GaussianState.vacuum("ab"),
    "QubitState": lambda: photonics.ghz_state(2),
    "DiscreteOutcomes": lambda: photonics.measure(noon_circuit(), PhotonCounting(), [0.1, 0.2]),
    "GaussianOutcomes": lambda: photonics.measure(light(), Homodyne(), [0.1]),
    "JitteredOutcomes": lambda: photonics.measure(
        light(), Homodyne(detectors=photonics.Detectors(phase_jitter_rad=0.1)), [0.1]
    ),
    "MomentOutcomes": lambda: photonics.MomentOutcomes(("a",), np.zeros(1), np.eye(1), np.ones((1, 1))),
    "Photocurrents": lambda: (
        photonics.measure(
            GaussianState.vacuum("a"), photonics.Moments(observables=[photonics.PhotonNumber(mode="a")])
        ).photocurrents
    ),
    "PhotonNumber": lambda: photonics.PhotonNumber(mode="a"),
    "Quadrature": lambda: photonics.Quadrature(mode="a", angle_rad=0.5),
    "Interference": lambda: photonics.Interference(first="a", second="b"),
    "Populations": lambda: photonics.Populations(np.array([[1, 0]]), np.ones(1), np.ones(2)),
    "PairCounts": lambda: photonics.pair_counts(
        photonics.PairLight(squeezing=(0.2, 0.3)), 0.4, largest_lost_weight=1e-3
    ),
    "FockOutput": lambda: photonics.output_of(lossy_noon()),
    "GaussianOutput": lambda: photonics.output_of(GaussianState.vacuum("a")),
    "LowRank": lambda: photonics.LowRank(np.ones((1, 2, 1)), np.ones((1, 2, 1))),
    "Block": lambda: photonics.Block(np.array([[1, 0]]), np.array([[1.0, 0.0]])),
    "Mesh": lambda: photonics.mesh([[S, S], [S, -S]], "ab", ["ab"]),
    "EngineComparison": lambda: photonics.compare_engines(light(), [0.1], "native", "native"),
    "Cutoff": lambda: photonics.Cutoff(photons=30),
    "Truncation": lambda: photonics.Truncation(photons=30, weight_lost=1e-12),
    "NuisanceAwareInformation": lambda: photonics.nuisance_aware_information(np.eye(2), [1, 1]),
    "Conditioning": lambda: photonics.conditioning(np.ones((2, 2))),
    "Saturation": lambda: photonics.saturation(light(), [0.1], {"p": Homodyne(angles_rad=1.0)}, [1.0])[0],
    "BestAngles": lambda: photonics.best_homodyne_angles(light(), [0.1], [1.0], starts=0),
    "NetworkParts": lambda: NetworkParts(sensing="phase", modes=[Mode(id="a")], links=[]),
    "Bench": lambda: networks.Bench(arms=2, dark_counts=1e-6),
    "Orientation": lambda: LinearFunction([1, -3]).orient(),
    "TopologyNode": lambda: networks.TopologyNode(id="a", attributes={"label": "A", "list": [1]}),
    "TopologyEdge": lambda: networks.TopologyEdge(ends=["a", "b"], attributes={"loss_db": 1}),
    "Topology": topology,
    "PlacedNetwork": lambda: networks.place_sensors(topology(), alpha={"a": 1, "b": -1}, sensing="phase", photons=2),
    "Phase": lambda: Phase(mode="a"),
    "noon circuit": noon_circuit,
    **{name: lambda pair=pair: pair[0] for name, pair in LISTS_AND_TUPLES.items()},
}


@pytest.mark.parametrize("make", EVERY_KIND.values(), ids=EVERY_KIND)
def test_values_are_equal_hashed_and_copied_by_content(make: Callable[[], Any]) -> None:
    value = make()
    assert value == make()
    assert hash(value) == hash(make())
    assert value != "another thing"
    for back in copies(value):
        assert type(back) is type(value)
        assert back == value
        assert hash(back) == hash(value)
        assert_read_only(back)


def assert_read_only(value: Any) -> None:
    """Every array in a value, and in the values in it."""
    if isinstance(value, np.ndarray):
        assert not value.flags.writeable
    elif isinstance(value, tuple):
        for part in value:
            assert_read_only(part)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            assert not isinstance(getattr(value, field.name), list | set | dict), field.name
            assert_read_only(getattr(value, field.name))


def test_every_public_value_type_is_looked_at() -> None:
    looked_at = {type(make()) for make in EVERY_KIND.values()} | {type(pair[0]) for pair in LISTS_AND_TUPLES.values()}
    in_circuits = {Squeeze, Displace, BeamSplitter, PhaseShift, Loss, PhaseDiffusion, PrepareFock}
    plain = {Shift, Transmissivity, photonics.MeshElement}
    public = {
        kind
        for package in (networks, photonics)
        for name in package.__all__
        if inspect.isclass(kind := getattr(package, name)) and dataclasses.is_dataclass(kind)
    }
    assert public - looked_at - in_circuits - plain == set()


def test_arrays_are_copied_and_cannot_be_written_to() -> None:
    amplitudes = np.array([1.0 + 0j])
    block = photonics.Block(np.array([[1]]), amplitudes[:, None])
    amplitudes[0] = 7.0
    assert block.amplitudes.tolist() == [1.0]
    with pytest.raises(ValueError, match="read-only"):
        block.columns[0, 0] = 2.0
    assert amplitudes.flags.writeable


def test_zeros_of_both_signs_are_one_value() -> None:
    first, second = (GaussianState(("a",), np.array([zero, 1.0]), np.eye(2)) for zero in (0.0, -0.0))
    assert first == second
    assert hash(first) == hash(second)
