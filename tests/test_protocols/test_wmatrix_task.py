"""PhotonTask and the values around it: what follows from them is made once, and frozen means frozen."""

import copy
import pickle
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from drawn import examples
from hypothesis import given, strategies as st

import protocols.wmatrix.task as task_module
from networks import InputError, LinearFunction
from protocols import (
    Certificate,
    Connected,
    Limits,
    Margins,
    NoProtocolError,
    PhotonProtocol,
    PhotonTask,
    WMatrix,
    best_protocols,
    check_protocol,
    connected_supports,
    enumerate_batches,
    enumerate_protocols,
    sample_protocols,
    verify_minimum,
    write_protocols,
)
from protocols.wmatrix.search.counting import count_protocols
from protocols.wmatrix.search.least import least_modes
from protocols.wmatrix.search.repeats import fewest_columns, modes_and_switches
from protocols.wmatrix.search.support import least_support
from protocols.wmatrix.streaming import read_task

TASK = PhotonTask(function=[1, 2, 3, -1], photons=6, passes=4)


# --- one value for the question -----------------------------------------------------------------------------


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=5).filter(any), st.integers(1, 12), st.integers(1, 5))
@examples(100)
def test_what_follows_from_function_photons_and_passes(alpha, photons, passes):
    task = PhotonTask(function=alpha, photons=photons, passes=passes)
    positive, negative = sum(a for a in alpha if a > 0), -sum(a for a in alpha if a < 0)
    sign = -1 if positive < negative else 1
    scale = Fraction(photons * passes, max(positive, negative))
    want = [sign * a * scale for a in alpha]
    assert task.flipped == (sign < 0)
    assert list(task.oriented.alpha) == [sign * a for a in alpha]
    assert task.is_divisible == all(b.denominator == 1 for b in want)
    assert task.is_divisible == (photons * passes % task.divisibility.least_product == 0)
    if not task.is_divisible:
        with pytest.raises(NoProtocolError) as error:
            _ = task.margins
        (fault,) = error.value.faults
        assert fault.startswith(f"no column protocol exists: {task.divisibility.fault()}; ")
        assert fault.endswith(
            "superposed strings (multimode-noon) and, for static parameters, by N00N pairs in turn (pairs-in-turn)"
        )
        return
    assert list(task.target) == want
    held = dict(zip(task.margins.left_modes, task.margins.left, strict=True))
    held |= {mode: -b for mode, b in zip(task.margins.right_modes, task.margins.right, strict=True)}
    reference = photons * passes - sum(-b for b in want if b < 0)
    assert held == {j: b for j, b in enumerate([*want, -reference]) if b}
    assert task.matrix == WMatrix(alpha, photons)


def test_derived_facts_are_made_once(monkeypatch):
    made = []

    def counted(name):
        original = getattr(task_module, name)

        def call(*arguments):
            made.append(name)
            return original(*arguments)

        monkeypatch.setattr(task_module, name, call)

    for name in ("photon_target", "divisibility", "support_table", "cannot_be_met", "WMatrix"):
        counted(name)
    task = PhotonTask(function=[1, 2, 3, -1], photons=6, passes=4, limits=Limits(forbidden=[{0, 1}]))
    result = enumerate_protocols(task, count=True)
    assert result.exists
    assert made.count("photon_target") == 1
    # Nobody has looked at |W| or the least N M yet; documents do.
    assert made.count("WMatrix") == made.count("divisibility") == 0
    assert result.to_dict() == result.to_dict()
    assert made.count("WMatrix") == made.count("divisibility") == 1
    # The supports of the task itself are kept; those of each k that the fewest modes are searched among are its own.
    first = made.count("support_table")
    enumerate_protocols(task, count=True)
    assert made.count("support_table") == 2 * first - 1
    assert made.count("photon_target") == 1


def test_limits_change_nothing_else():
    assert TASK.margins.rows == 5
    narrow = TASK.with_modes(3)
    assert narrow.margins is TASK.margins
    assert narrow.target is TASK.target
    assert (narrow.limits, narrow.max_modes, TASK.max_modes) == (Limits(modes=3), 3, 5)
    assert narrow != TASK
    assert narrow.with_modes(None) == TASK
    assert TASK.within(Limits()) is TASK
    # What depends on limits is not taken along.
    assert TASK.cap == 6
    assert TASK.within(Limits(photons_per_mode=2)).cap == 2
    assert len(TASK.supports) == 0
    assert len(TASK.within(Limits(forbidden=[{0, 1}])).supports) == 2 << 5


def test_every_public_function_takes_the_task_or_its_parts(tmp_path):
    limits = Limits(modes=4)
    task = PhotonTask(function=[1, 2, 3, -1], photons=6, passes=4, limits=limits)
    parts = ([1, 2, 3, -1], 6, 4)
    assert enumerate_protocols(task, count=True) == enumerate_protocols(*parts, limits=limits, count=True)
    assert best_protocols(task) == best_protocols(*parts, limits=limits)
    assert best_protocols(task, objective="pareto") == best_protocols(*parts, "pareto", limits=limits)
    assert sample_protocols(task, size=3) == sample_protocols(*parts, 3, limits=limits)
    for ours, theirs in zip(enumerate_batches(task), enumerate_batches(*parts, limits=limits), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    write_protocols(tmp_path / "a.jsonl", task)
    write_protocols(tmp_path / "b.jsonl", *parts, limits=limits)
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()
    assert read_task(tmp_path / "a.jsonl") == task
    with pytest.raises(InputError) as error:
        enumerate_protocols(task, 6, limits=limits, limit=-1)
    assert [fault.split()[0] for fault in error.value.faults] == ["photons", "limits", "limit"]
    with pytest.raises(InputError, match="passes must be a positive integer of at most 1e30, got nothing"):
        best_protocols([1, 1], 2)


def test_every_fault_of_a_task_at_once():
    with pytest.raises(InputError) as error:
        PhotonTask(function=[1, -1], photons=0, passes="3", limits=Limits(modes=1, forbidden=[{5}]))
    assert [fault.split(" ", 2)[:2] for fault in error.value.faults] == [
        ["photons", "must"],
        ["passes", "must"],
        ["max", "modes"],
        ["a", "forbidden"],
    ]
    with pytest.raises(InputError, match="none of them ever holds photons"):
        PhotonTask.of([1, 0, -1], 1, 2, Limits(required=[{1}]))
    with pytest.raises(InputError, match="more than 2000000; use fewer passes"):
        PhotonTask.of([1, 1], 2, 10**7)
    # The value itself may be as large as it likes: only tables are searched.
    assert PhotonTask(function=[1, 1], photons=2, passes=10**7).target == (10**7, 10**7)


# --- no protocol is an answer -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ask",
    [
        lambda path: best_protocols([1, 1, 1], 100, 1),
        lambda path: sample_protocols([1, 1, 1], 100, 1),
        lambda path: write_protocols(path, [1, 1, 1], 100, 1),
        lambda path: next(enumerate_batches([1, 1, 1], 100, 1)),
        lambda path: sample_protocols([1, 1], 4, 1, limits=Limits(photons_per_mode=1)),
    ],
)
def test_no_protocol_is_distinguished_from_bad_input(tmp_path, ask):
    with pytest.raises(NoProtocolError, match=r"not a multiple of 3|no column protocol within these limits"):
        ask(tmp_path / "f.jsonl")
    assert not (tmp_path / "f.jsonl").exists()


@pytest.mark.parametrize(
    "ask",
    [
        lambda: best_protocols([1, 1], 0, 1),
        lambda: best_protocols([1, 1], 2, 2, "beauty"),
        lambda: sample_protocols([1, 1], 2, 2, 0),
        lambda: PhotonTask.of([1, 0, -1], 1, 2, Limits(required=[{1}])),
    ],
)
def test_bad_input_is_distinguished_from_no_protocol(ask):
    with pytest.raises(InputError) as error:
        ask()
    assert type(error.value) is InputError


def test_no_protocol_comes_whole_from_another_process():
    with pytest.raises(NoProtocolError) as error:
        best_protocols([1, 1, 1], 100, 1)
    again = pickle.loads(pickle.dumps(error.value))
    assert type(again) is NoProtocolError
    assert again.faults == error.value.faults


# --- frozen means frozen ------------------------------------------------------------------------------------


def protocol_of(kind):
    return PhotonProtocol(
        function=LinearFunction([1, 1]),
        photons=np.int64(2),
        passes=np.array(2),
        columns=kind([kind([2, 0]), kind([0, 2])]),
        repeats=kind([1, 1]),
    )


def test_lists_and_arrays_become_tuples_of_plain_integers():
    want = protocol_of(tuple)
    for kind in (list, np.array):
        given = protocol_of(kind)
        assert given == want
        assert hash(given) == hash(want)
        assert {type(n) for n in (given.photons, given.passes, *given.repeats, *sum(given.columns, ()))} == {int}
    columns = [[2, 0], [0, 2]]
    mine = PhotonProtocol(function=LinearFunction([1, 1]), photons=2, passes=2, columns=columns, repeats=[1, 1])
    columns[0][0] = 7
    assert mine == want
    limits = Limits(modes=np.int32(3), forbidden=[[np.int64(0), 1], {2}], required=[range(2)])
    assert limits == Limits(modes=3, forbidden=(frozenset({0, 1}), frozenset({2})), required=(frozenset({0, 1}),))
    assert type(limits.modes) is int
    assert {type(mode) for group in (*limits.forbidden, *limits.required) for mode in group} == {int}
    assert not limits.faults(3)
    assert Connected([[0, np.int64(1)]]) == Connected(((0, 1),))
    assert hash(Connected([[0, 1]])) == hash(Connected(((0, 1),)))
    lists = Margins(
        left=[4], right=np.array([2, 2]), left_modes=[0], right_modes=[1, 2], photons=2, passes=2, dimension=2
    )
    assert lists == PhotonTask(function=[2, -1], photons=2, passes=2).margins
    assert hash(lists) == hash(PhotonTask(function=[2, -1], photons=2, passes=2).margins)
    assert WMatrix([2, -1], np.int64(2)) == WMatrix(("2", -1), 2)
    assert hash(WMatrix([2, -1], np.int64(2))) == hash(WMatrix([2, -1], 2))
    assert PhotonTask(function=[2, -1], photons=np.int64(2), passes=np.uint8(2)) == PhotonTask.of((2, -1), 2, 2)


@pytest.mark.parametrize("groups", [(0, 1), [{0}, 3], 5])
def test_groups_must_be_groups(groups):
    with pytest.raises(InputError, match=r"forbidden must be groups of modes such as \[\{0, 1\}, \{2\}\]"):
        Limits(forbidden=groups)


def test_true_is_no_number_of_photons():
    with pytest.raises(InputError, match="photons must be a positive integer"):
        PhotonTask(function=[1, 1], photons=True, passes=1)
    with pytest.raises(InputError, match="photons must be a positive integer"):
        PhotonTask(function=[1, 1], photons=np.array([2]), passes=1)
    assert Limits(modes=True).faults(2)


GRAPH = nx.path_graph([0, 1, 2, 3, "ref"])
LINKED = Limits(allows=connected_supports(GRAPH, (0, 1, 2, 3, "ref")), required=[{0, 4}])
VALUES = {
    "task": lambda: TASK,
    "task with limits": lambda: TASK.within(LINKED),
    "limits": lambda: LINKED,
    "margins": lambda: TASK.margins,
    "W": lambda: WMatrix([1, -3], 2),
    "protocol": lambda: protocol_of(list),
    "enumeration": lambda: enumerate_protocols(TASK, count=True),
    "best": lambda: best_protocols(TASK),
    "trade-offs": lambda: best_protocols(TASK, objective="pareto"),
    "certificate": lambda: best_protocols(TASK).certificate,
    "sample": lambda: sample_protocols(TASK, size=2),
    "least modes": lambda: least_modes(TASK),
    "count": lambda: count_protocols(TASK),
    "few columns": lambda: fewest_columns(TASK, None),
    "points": lambda: modes_and_switches(TASK, least_modes(TASK).columns, 2),
    "least support": lambda: least_support(TASK),
    "least support within limits": lambda: least_support(TASK.with_modes(4)),
}


@pytest.mark.parametrize("name", VALUES)
def test_values_are_equal_hashable_and_whole_after_pickle_and_deepcopy(name):
    value = VALUES[name]()
    assert value is not None
    again = VALUES[name]()
    assert again == value
    assert hash(again) == hash(value)
    for twin in (pickle.loads(pickle.dumps(value)), copy.deepcopy(value), copy.copy(value)):
        assert twin == value
        assert hash(twin) == hash(value)
        assert repr(twin) == repr(value)
    for field in getattr(value, "__dataclass_fields__", {}):
        with pytest.raises(AttributeError):
            setattr(value, field, None)


def test_derived_facts_stay_out_of_pickles_and_arrays_read_only():
    task = TASK.within(LINKED)
    assert not task.supports.flags.writeable
    twin = pickle.loads(pickle.dumps(task))
    assert set(vars(twin)) == {"function", "photons", "passes", "limits"}
    assert not twin.supports.flags.writeable
    np.testing.assert_array_equal(twin.supports, task.supports)


@pytest.mark.parametrize("given", [[1, -3], LinearFunction(["1/2", "-2/3", 1]), [2, -1]])
def test_reprs_of_w_and_tasks_can_be_read_again(given):
    names = {"WMatrix": WMatrix, "LinearFunction": LinearFunction, "PhotonTask": PhotonTask, "Limits": Limits}
    for value in (WMatrix(given, 3), PhotonTask(function=given, photons=3, passes=2, limits=Limits(modes=2))):
        assert eval(repr(value), names) == value


def test_a_document_of_numpy_arrays_is_a_protocol():
    document = {
        "alpha": [1, 1],
        "photons": np.int64(2),
        "passes": np.int32(2),
        "columns": np.array([[2, 0], [0, 2]]),
        "repeats": np.array([1, 1]),
    }
    protocol = PhotonProtocol.from_mapping(document)
    assert protocol == protocol_of(tuple)
    assert check_protocol(document).valid
    assert protocol.task == PhotonTask.of([1, 1], 2, 2)
    rows = {**document, "columns": [np.array([2, 0]), np.array([0, 2])]}
    assert PhotonProtocol.from_mapping(rows) == protocol
    with pytest.raises(InputError, match="column 1 must be a list of integers"):
        PhotonProtocol.from_mapping({**document, "columns": np.array([[2.5, 0], [0, 2]])})


def test_certificates_as_values_and_as_documents():
    certificate = best_protocols(TASK).certificate
    assert isinstance(certificate, Certificate)
    assert verify_minimum(certificate) == verify_minimum(certificate.to_dict())
    assert verify_minimum(certificate).valid
    assert certificate.least_modes == max(certificate.protocol.modes_per_pass)
    # Whoever limits which modes may be together gets no certificate, for it is checked without them.
    limited = TASK.within(Limits(forbidden=[{0, 1}]))
    assert Certificate.of(limited, least_modes(limited)) is None
    assert best_protocols(limited).certificate is None
