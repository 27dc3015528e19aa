"""Values of protocols stay what they were when made: equal by content, hashed alike, whole after pickling, read-only inside."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from networks import InputError, LinearFunction, SensorNetwork
from photonics import Circuit, Homodyne, Squeeze
from protocols import (
    DEVICES,
    SCHEMES,
    BoundsTable,
    Condition,
    DeviceCertificate,
    Directions,
    Evaluation,
    Part,
    PhaseTask,
    Plan,
    Problem,
    bounds_table,
    can_run,
    check_protocol,
    design,
    duality,
    error_curves,
    fixed_readout,
    loss_report,
    measured_shares,
    pair_plan,
    privacy_report,
    private_design,
    two_photon_circuit,
)
from protocols.hardware.compiling import compile_plan
from protocols.hardware.jobs import Record
from protocols.loss.crossing import crossing
from protocols.schemes.separable_phase import sensor_probe
from protocols.tables import Table
from protocols.theory.balls import smallest_ball
from protocols.theory.displaced_squeezing import best_displaced_squeezing
from protocols.theory.joint_targets import displacement_targets, phase_targets

PHASE = SensorNetwork.star([1, 2], sensing="phase", photons=3, transmissivity=0.9)
DISPLACEMENT = SensorNetwork.star([1, -2], sensing="displacement", mean_photons=1.5, transmissivity=0.9)
PAIR = SensorNetwork.chain([1, -1], sensing="phase", photons=2)
FUNCTIONS = [LinearFunction([1, 0]), LinearFunction([0, 1])]

MADE: dict[str, Callable[[], Any]] = {
    "problem of phases": lambda: Problem.of(PHASE),
    "problem of displacements": lambda: Problem.of(DISPLACEMENT),
    "task of phases": lambda: Problem.of(PHASE).task,
    "task of displacements": lambda: Problem.of(DISPLACEMENT).task,
    "bounds": lambda: bounds_table([1, 2], photons=3, mean_photons=1.5),
    "duality": lambda: duality([1, -1, 0], [1, 1, -2], photons=2),
    "check": lambda: check_protocol({"alpha": [1, 1], "photons": 2, "passes": 1, "columns": [[1, 1]], "repeats": [1]}),
    "design of phases": lambda: design(PHASE),
    "design of displacements": lambda: design(DISPLACEMENT),
    "loss report of phases": lambda: loss_report(PHASE),
    "loss report of displacements": lambda: loss_report(DISPLACEMENT),
    "curves of phases": lambda: error_curves(PHASE, "photons", stop=4),
    "privacy report of phases": lambda: privacy_report(PHASE, colluding=["s1"], noise=0.1, targets=FUNCTIONS),
    "privacy report of displacements": lambda: privacy_report(DISPLACEMENT, noise=0.1, targets=FUNCTIONS),
    "private design of displacements": lambda: private_design(DISPLACEMENT, at_least=0.9),
    "feasibility": lambda: can_run(PAIR, DEVICES["X8"]),
    "device": lambda: DEVICES["Borealis"],
    "pair plan": lambda: pair_plan(PAIR, DEVICES["X8"]),
    "probe of a sensor": lambda: sensor_probe(Problem.of(PHASE), (0, None), 2, 1),
    "crossing": lambda: crossing(lambda task: task.two_branch_mse, Problem.of(PHASE).task),
    "ball": lambda: smallest_ball([(0, 0), (2, 0), (0, 2)], [Fraction(1), Fraction(1)]),
    "targets of phases": lambda: phase_targets(FUNCTIONS, [1, 1], photons=2),
    "targets of displacements": lambda: displacement_targets(FUNCTIONS, [1, 1], mean_photons=1.0),
    "displaced squeezing": lambda: best_displaced_squeezing(4, 2.5, 0.735, shared=True),
    "record": lambda: Record.of(Path("a.json"), {"state": "submitted", "theta": [0.1]}),
}


@cache
def made(name: str) -> tuple[Any, Any]:
    """The same value, made twice."""
    return MADE[name](), MADE[name]()


def inside(value: Any) -> Iterator[Any]:
    """A value and all that its fields hold."""
    yield value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from inside(getattr(value, field.name))
    elif isinstance(value, tuple):
        for one in value:
            yield from inside(one)


@pytest.mark.parametrize("name", MADE)
def test_made_twice_they_are_equal_and_hash_alike(name: str) -> None:
    first, second = made(name)
    assert first == second
    assert hash(first) == hash(second)
    assert first != "something else"


@pytest.mark.parametrize("name", MADE)
def test_copies_are_equal_and_still_frozen(name: str) -> None:
    value, _ = made(name)
    for back in (pickle.loads(pickle.dumps(value)), copy.deepcopy(value), copy.copy(value)):
        assert type(back) is type(value)
        assert back == value
        assert hash(back) == hash(value)
        assert not any(isinstance(one, np.ndarray) and one.flags.writeable for one in inside(back))


@pytest.mark.parametrize("name", MADE)
def test_nothing_in_them_can_be_changed(name: str) -> None:
    value, _ = made(name)
    for one in inside(value):
        assert not isinstance(one, list | dict | set | bytearray), f"{type(one).__name__} in {name}"
        assert not isinstance(one, np.generic), f"{one!r} in {name}"
        if isinstance(one, np.ndarray):
            assert not one.flags.writeable
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, dataclasses.fields(value)[0].name, None)


def test_differences_are_seen() -> None:
    report, _ = made("privacy report of phases")
    other = dataclasses.replace(report, information=report.information + 1e-12)
    assert other != report
    plan, _ = made("pair plan")
    assert plan != dataclasses.replace(plan, bias_rad=plan.bias_rad + 1e-9)
    evaluation = made("design of phases")[0].chosen.evaluation
    assert evaluation != dataclasses.replace(evaluation, informations=(2 * evaluation.informations[0],))
    assert evaluation != dataclasses.replace(evaluation, informations=())


def test_arrays_are_copied_when_a_value_is_made() -> None:
    matrix = np.eye(2)
    evaluation = Evaluation(engine="native", mse=1.0, informations=[matrix])
    matrix[0, 0] = 7.0
    assert evaluation.informations[0][0, 0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        evaluation.informations[0][0, 0] = 2.0


# --- lists become tuples ---------------------------------------------------------------------------------------

CIRCUIT = Circuit(modes=("a",), operations=(Squeeze(mode="a", r=0.5),))
PLAN: dict[str, Any] = {
    "scheme": "mine",
    "title": "mine",
    "controls": 0,
    "predicted_mse": 1.0,
    "formula": "",
    "measurement": "",
    "reaches_bound": False,
}
TWINS: dict[str, tuple[Any, Any]] = {
    "PhaseTask": (
        PhaseTask(
            function=LinearFunction([1, 1]), transmissivity=[0.5, 1], photons=2, nodes=["a", "b"], sensors=[0, 1]
        ),
        PhaseTask(
            function=LinearFunction([1, 1]), transmissivity=(0.5, 1), photons=2, nodes=("a", "b"), sensors=(0, 1)
        ),
    ),
    "PhaseTask, numpy": (
        PhaseTask(
            function=LinearFunction([1, 1]), transmissivity=np.array([0.5, 1.0]), photons=np.int64(2), passes=np.int8(1)
        ),
        PhaseTask(function=LinearFunction([1, 1]), transmissivity=(0.5, 1.0), photons=2),
    ),
    "Part": (
        Part(circuit=CIRCUIT, sensors=[0], branches=[[2, 0], [0, 2]]),
        Part(circuit=CIRCUIT, sensors=(0,), branches=((2, 0), (0, 2))),
    ),
    "Plan": (
        Plan(parts=[Part(circuit=CIRCUIT, sensors=[0])], probes=["light"], modes_per_pass=[1], notes=["note"], **PLAN),
        Plan(
            parts=(Part(circuit=CIRCUIT, sensors=(0,)),),
            probes=("light",),
            modes_per_pass=(1,),
            notes=("note",),
            **PLAN,
        ),
    ),
    "Table": (Table(title="t", columns=["a"], rows=[[1], [2]]), Table(title="t", columns=("a",), rows=((1,), (2,)))),
    "Directions": (Directions(vectors=[[1, -1]]), Directions(vectors=((1, -1),))),
    "DeviceCertificate": (
        DeviceCertificate(transmissivity=[0.5] * 8, dark_counts=np.zeros(8)),
        DeviceCertificate(transmissivity=(0.5,) * 8, dark_counts=(0.0,) * 8),
    ),
    "Condition": (
        Condition(name="n", equation="", holds=np.bool_(True), witness=""),
        Condition(name="n", equation="", holds=True, witness=""),
    ),
}


@pytest.mark.parametrize("name", TWINS)
def test_lists_and_arrays_become_tuples_of_plain_numbers(name: str) -> None:
    loose, plain = TWINS[name]
    assert loose == plain
    assert hash(loose) == hash(plain)
    assert repr(loose) == repr(plain)


def test_a_record_is_not_changed_through_its_document() -> None:
    record, _ = made("record")
    record.document["state"] = "complete"
    assert record.state == "submitted"


def test_compiled_programs_are_equal_by_their_text() -> None:
    plan, _ = made("pair plan")
    first, second = (compile_plan(plan, [0.1, -0.05], shots=50) for _ in range(2))
    assert first == second
    assert hash(first) == hash(second)
    assert first != compile_plan(plan, [0.1, -0.06], shots=50)


# --- numbers of numpy ----------------------------------------------------------------------------------------


def test_numbers_of_numpy_are_numbers() -> None:
    table = bounds_table([1, 2], photons=np.int64(4), mean_photons=np.float32(1.5), passes=np.array(2))
    assert table == bounds_table([1, 2], photons=4, mean_photons=1.5, passes=2)
    assert [type(x) for x in (table.photons, table.mean_photons, table.passes)] == [int, float, int]
    budget = Problem.of(PAIR).with_budget(np.int64(4), np.int8(2))
    assert budget == Problem.of(PAIR).with_budget(4, 2)
    assert type(budget.photons) is int
    same = duality(np.array([1, -1]), np.array([1, 1]), photons=np.int32(2), passes=np.int64(1))
    assert same == duality([1, -1], [1, 1], photons=2)
    assert type(same.photons) is int
    assert privacy_report(PAIR, noise=np.float64(0.1)) == privacy_report(PAIR, noise=np.array(0.1))
    hide = [(LinearFunction([1, 1]), np.float64(3.0))]
    assert private_design(DISPLACEMENT, at_least=np.float64(0.5), hide=hide) == private_design(
        DISPLACEMENT, at_least=0.5, hide=[(LinearFunction([1, 1]), 3.0)]
    )
    assert two_photon_circuit(PAIR, transmissivity=np.float64(0.9)) == two_photon_circuit(PAIR, transmissivity=0.9)
    assert best_displaced_squeezing(np.int64(4), np.float64(2.5), 0.735, shared=True) == best_displaced_squeezing(
        4, 2.5, 0.735, shared=True
    )


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "bounds, photons": (lambda: bounds_table([1], photons=True), "photons must be a positive integer"),
    "bounds, numpy": (lambda: bounds_table([1], passes=np.bool_(True)), "passes must be a positive integer"),
    "bounds, mean photons": (lambda: bounds_table([1], mean_photons=True), "mean photons must be a number"),
    "duality": (lambda: duality([1, -1], [1, 1], photons=True), "photons must be a positive integer"),
    "duality, none": (lambda: duality([1, -1], [1, 1], passes=None), "passes must be a positive integer"),
    "noise": (lambda: privacy_report(PAIR, noise=True), "noise must be a number from 0 to 1e"),
    "privacy": (lambda: private_design(PAIR, at_least=True), "the least privacy must be in"),
    "hidden": (lambda: private_design(PAIR, hide=[(LinearFunction([1, 1]), True)]), "must be a number from 0 on"),
    "transmissivity": (lambda: two_photon_circuit(PAIR, transmissivity=True), "transmissivity must be in"),
    "shots": (lambda: compile_plan(made("pair plan")[0], [0, 0], shots=True), "shots must be an integer"),
    "budget": (lambda: phase_targets(FUNCTIONS, [1, 1], photons=True), "the budget of photons must be"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_true_is_no_number(name: str) -> None:
    call, message = REFUSED[name]
    with pytest.raises(InputError, match=message):
        call()


# --- what a scheme is read out by ----------------------------------------------------------------------------


def test_schemes_are_equal_by_class_and_fields() -> None:
    for scheme in SCHEMES:
        back = pickle.loads(pickle.dumps(scheme))
        assert back == scheme
        assert hash(back) == hash(scheme)
    assert len(set(SCHEMES)) == len(SCHEMES)
    other = copy.copy(SCHEMES[0])
    other.steps = 3
    assert other != SCHEMES[0]


def test_a_scheme_of_ones_own_has_its_own_measurements() -> None:
    from protocols.schemes.separable_squeezed import SeparableSqueezed

    class Turned(SeparableSqueezed):
        name = "turned"

        def measurements(self, plan: Plan) -> tuple[Any, ...]:
            return (fixed_readout("homodyne, slightly turned", Homodyne(angles_rad=(0.1,))),)

    rows = measured_shares(Problem.of(SensorNetwork.star([1], sensing="displacement", mean_photons=1.5)), [Turned()])
    assert [row.measurement for row in rows] == ["homodyne, slightly turned"]
    # One quadrature at the angle 0.1 of Var x = e^{-2r} and Var p = e^{2r}: the error is its variance over cos^2.
    gain = (1.5**0.5 + 2.5**0.5) ** 2
    c, s = np.cos(0.1) ** 2, np.sin(0.1) ** 2
    assert rows[0].mse == pytest.approx((c / gain + s * gain) / c)
    assert rows[0].share == pytest.approx(rows[0].mse ** -1 / gain)


def test_a_table_of_bounds_is_found_by_name() -> None:
    table: BoundsTable = made("bounds")[0]
    with pytest.raises(InputError, match="no row for phase sensing with other probes"):
        table.row("phase", "other")
    report, _ = made("privacy report of phases")
    with pytest.raises(InputError, match="there is no direction 'theta of s9'; there are q itself, theta of s1"):
        report.row("theta of s9")
