"""Results kept in files come back equal; what is damaged or hostile is one InputError; printed documents are what is declared."""

import copy
import dataclasses
import json
import math
import re
from decimal import Decimal

import numpy as np
import pytest
from drawn import examples
from hypothesis import HealthCheck, given, settings, strategies as st
from results_of_examples import EXAMPLES, KINDS_OF, NETWORKS, network, of_network, without_network

import protocols
from networks import InputError
from networks.files.text import LARGEST_FILE_BYTES, parse_json
from photonics.conventions import Real
from protocols.conditions import CheckReport
from protocols.documents.files import FORMAT, HEAD, VERSION, load_as
from protocols.documents.kept import converter, kept_data, value_of
from protocols.documents.kinds import CHOICES, FUNCTION, KINDS, class_of, kind_of, named
from protocols.documents.printed import Printed
from protocols.documents.result import Result
from protocols.loss.report import LossReport, loss_report
from protocols.sweeps.results import SweepReport

NOT_KEPT = {"pair-plan"}
"""Results that hold a device, which has a file of its own."""
SOME = {
    **{f"{name} {kind}": (name, kind) for name, kinds in KINDS_OF.items() for kind in kinds},
    **{kind: (None, kind) for kind in without_network() if kind not in NOT_KEPT},
}


def result_of(case):
    name, kind = SOME[case]
    return without_network()[kind] if name is None else of_network(name)[kind]


@pytest.mark.parametrize("case", SOME)
def test_what_is_kept_comes_back_equal(case, tmp_path):
    value = result_of(case)
    path = tmp_path / "result.json"
    protocols.save(value, path)
    again = protocols.load(path)
    assert type(again) is type(value)
    assert again == value
    # Every bit of every number, not only what == compares.
    assert kept_data(again) == kept_data(value)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", NETWORKS)
def test_designs_of_all_examples_come_back_equal(name, tmp_path):
    design = of_network(name)["design"]
    design.save(tmp_path / "design.json")
    again = protocols.Design.load(tmp_path / "design.json")
    assert again == design
    assert again.to_dict() == design.to_dict()


def test_the_head_of_a_file_says_what_it_is(tmp_path):
    protocols.save(of_network("five_phases")["design"], tmp_path / "design.json")
    document = json.loads((tmp_path / "design.json").read_text())
    assert tuple(document)[:4] == HEAD
    assert (document["format"], document["kind"], document["version"]) == (FORMAT, "design", VERSION)
    assert document["made_with"]


def test_every_kind_is_a_class_and_tried_here():
    assert {name: tuple(of_network(name)) for name in KINDS_OF} == KINDS_OF
    tried = {type(result_of(case)) for case in SOME} | {
        type(value) for name in ("metro_ring", "two_modes_suffice") for value in of_network(name).values()
    }
    tried.add(SweepReport)  # below, with a sweep of its own
    assert {named(place) for place in KINDS.values()} == tried
    assert all(kind_of(class_of(kind)) == kind for kind in KINDS)
    for place, choices in CHOICES.items():
        assert all(issubclass(named(choice), named(place)) for choice in choices)
    assert callable(named(FUNCTION))


def test_several_functions_come_back_equal(tmp_path):
    simulated = of_network("metro_ring")["targets-simulation"]
    simulated.save(tmp_path / "targets.json")
    assert protocols.load(tmp_path / "targets.json") == simulated


def test_a_sweep_report_comes_back_equal(tmp_path):
    spec = f"network = {str(EXAMPLES / 'hong_ou_mandel.json')!r}\ntrials = 4\n[axes]\nshots = [10, 20]\n"
    protocols.run_sweep(protocols.read_spec(spec), tmp_path / "rows", workers=1)
    report = protocols.sweep_report(tmp_path / "rows")
    report.save(tmp_path / "report.json")
    again = protocols.load(tmp_path / "report.json")
    assert (again.table, again.curves, again.counts) == (report.table, report.curves, report.counts)
    assert again == report or any(value != value for row in report.rows for value in row.values())


# --- what is no good -------------------------------------------------------------------------------------------


def written(tmp_path, document):
    path = tmp_path / "damaged.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


@pytest.fixture
def document(tmp_path):
    protocols.save(without_network()["check-report"], tmp_path / "kept.json")
    return json.loads((tmp_path / "kept.json").read_text())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "other"}, "has the format 'photonic-sensor-networks', got 'other'"),
        ({"format": ["x"]}, "has the format"),
        ({"kind": "os:system"}, "there is no kind 'os:system' of result; there are design, "),
        ({"kind": {"a": 1}}, "there is no kind"),
        (
            {"version": 2, "made_with": "9.0"},
            r"documents of version 1 are read, this one has version 2 \(made with '9.0'\)",
        ),
        ({"version": True}, "has version true"),
        ({"version": 0}, "has version 0"),
        ({"bound": "1/0"}, "bound: a fraction such as '3/4' is needed, got '1/0'"),
        ({"bound": 0.5}, "bound: text is needed, got 0.5"),
        ({"mse": "many"}, "mse: a fraction such as '3/4' is needed, got 'many'"),
        ({"mse": [1]}, "mse: .* is none of what can be here"),
        ({"conditions": {}}, r"conditions: a list is needed, got \{\}"),
        ({"modes_per_pass": [1, 2.0]}, r"modes_per_pass\[1\]: an integer is needed, got 2.0"),
        ({"modes_per_pass": [True]}, r"modes_per_pass\[0\]: an integer is needed, got true"),
        ({"subject": "person"}, "subject: one of 'protocol', 'pairs', 'certificate' is needed, got 'person'"),
        ({"__class__": "x"}, "a CheckReport has no field '__class__'"),
    ],
)
def test_what_was_expected_is_said(document, change, message, tmp_path):
    with pytest.raises(InputError, match=message) as caught:
        protocols.load(written(tmp_path, {**document, **change}))
    assert len(caught.value.faults) == 1
    assert caught.value.source.endswith("damaged.json")


def test_impossible_shares_in_a_damaged_report_are_said_with_their_places(tmp_path):
    data = kept_data(loss_report(network("five_phases")))
    data["measurements"][0]["share"] = 1.5
    with pytest.raises(InputError, match=r"measurements\[0\]: share must be .* from 0 to 1, or nan, got 1.5"):
        value_of(parse_json(json.dumps(data)), LossReport)


def test_all_faults_are_listed_with_their_places(document, tmp_path):
    del document["bound"]
    document["conditions"][0]["holds"] = 1
    document["conditions"][1]["extra"] = "x"
    with pytest.raises(InputError) as caught:
        protocols.load(written(tmp_path, document))
    assert set(caught.value.faults) == {
        "'bound' is missing",
        "conditions[0].holds: true or false is needed, got 1",
        "conditions[1]: a Condition has no field 'extra'",
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not valid JSON"),
        ("[]", r"has the format .*, got \[\]"),
        ("null", "got nothing"),
        ('{"format": ', "not valid JSON"),
        ("[" * 40 + "]" * 40, "nested deeper than"),
        ('{"format": 1, "format": 2}', "stands twice"),
        ("\x00", "not valid JSON"),
    ],
)
def test_what_is_no_document(text, message, tmp_path):
    with pytest.raises(InputError, match=message):
        protocols.load(written(tmp_path, text))


def test_files_that_cannot_be_read_or_written(tmp_path):
    with pytest.raises(InputError, match="there is no file"):
        protocols.load(tmp_path / "none.json")
    with pytest.raises(InputError, match="is a folder"):
        protocols.load(tmp_path)
    with pytest.raises(InputError, match="cannot write"):
        protocols.save(network("five_phases"), tmp_path / "none" / "network.json")


def test_what_is_kept_and_what_is_not(tmp_path):
    with pytest.raises(InputError, match=r"values of type dict cannot be kept in a file; these can: .*Design"):
        protocols.save({}, tmp_path / "x.json")
    own = protocols.PhotonTask(
        function=[1, 1], photons=2, passes=1, limits=protocols.Limits(allows=lambda support: len(support) < 2)
    )
    with pytest.raises(InputError, match="a limit that is a function of your own cannot be kept"):
        protocols.save(own, tmp_path / "x.json")
    assert not list(tmp_path.iterdir())


def test_too_much_to_be_read_back_is_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr("protocols.documents.files.LARGEST_FILE_BYTES", 100)
    with pytest.raises(InputError, match="at most 100 are read back"):
        protocols.save(network("five_phases"), tmp_path / "x.json")
    assert LARGEST_FILE_BYTES > 100
    assert not list(tmp_path.iterdir())


def test_a_file_of_another_class_is_refused(tmp_path):
    protocols.save(network("five_phases"), tmp_path / "x.json")
    with pytest.raises(InputError, match="the file holds a SensorNetwork, and a Design was wanted"):
        protocols.Design.load(tmp_path / "x.json")
    of_network("five_phases")["layouts"].save(tmp_path / "x.json")
    assert protocols.Layouts.load(tmp_path / "x.json") == of_network("five_phases")["layouts"]


def test_the_checks_of_classes_are_made_again(tmp_path):
    protocols.save(network("five_phases"), tmp_path / "x.json")
    document = json.loads((tmp_path / "x.json").read_text())
    document["graph"]["photons"] = -5
    with pytest.raises(InputError, match="photons must be"):
        protocols.load(written(tmp_path, document))
    document = json.loads((tmp_path / "x.json").read_text())
    document["nodes"][0]["transmissivity"] = 7
    with pytest.raises(InputError, match="transmissivity"):
        protocols.load(written(tmp_path, document))


def test_nothing_a_file_names_is_imported_or_made(document, tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.import_module", lambda name: pytest.fail(f"{name} was imported"))
    for kind in ("subprocess:Popen", "protocols.design:Design", "../design"):
        with pytest.raises(InputError, match="there is no kind"):
            protocols.load(written(tmp_path, {**document, "kind": kind}))


FUZZED = [case for case in SOME if not case.startswith(("five_phases layouts", "guo_four_nodes circuit"))]
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from(
        [10**40, 0.5, -1e308, "", "inf", "nan", "1/3", "\ud800", "phase", [], {}, [[]], {"type": "Design"}]
    ),
)


def places(data, here=()):
    """Every place in plain data."""
    yield here
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, item in inner:
        yield from places(item, (*here, key))


@settings(examples(400), suppress_health_check=list(HealthCheck))
@given(draw=st.data())
def test_damaged_documents_are_input_errors_or_values_that_keep(draw):
    case = draw.draw(st.sampled_from(FUZZED))
    value = result_of(case)
    data = {"whole": copy.deepcopy(kept_data(value))}
    for _ in range(draw.draw(st.integers(1, 3))):
        *above, last = draw.draw(st.sampled_from([place for place in places(data) if place]))
        parent = data
        for key in above:
            parent = parent[key]
        what = draw.draw(st.sampled_from(["replace", "remove", "add"]))
        if what == "replace":
            parent[last] = copy.deepcopy(draw.draw(LEAVES))
        elif what == "add" and isinstance(parent[last], dict):
            parent[last][draw.draw(st.sampled_from(["type", "x", "photons", ""]))] = copy.deepcopy(draw.draw(LEAVES))
        elif what == "remove" and above:
            del parent[last]
    try:
        as_read = parse_json(json.dumps(data.get("whole")))
    except InputError:
        return
    try:
        again = value_of(as_read, type(value))
    except InputError:
        return
    assert type(again) is type(value)
    text = json.dumps(kept_data(again))
    assert json.dumps(kept_data(value_of(parse_json(text), type(value)))) == text


def test_numbers_keep_every_bit(tmp_path):
    report = without_network()["check-report"]
    for number in (0.1, 2**70 + 1, 5e-324, 1.7976931348623157e308, -0.0, math.inf, -math.inf, math.nan):
        changed = dataclasses.replace(report, mse=number)
        protocols.save(changed, tmp_path / "x.json")
        assert repr(load_as(tmp_path / "x.json", CheckReport).mse) == repr(number)


def test_arrays_are_read_only_when_they_come_back(tmp_path):
    protocols.save(of_network("five_phases")["privacy-report"], tmp_path / "x.json")
    again = protocols.load(tmp_path / "x.json")
    assert not again.information.flags.writeable
    assert again.information.dtype == np.float64
    bare = converter().structure({"shape": [1, 2], "numbers": [1, Decimal("0.5")]}, Real)
    assert bare.tolist() == [[1.0, 0.5]]
    assert not bare.flags.writeable


def test_decimals_are_read_as_the_doubles_that_were_written():
    value = of_network("five_phases")["candidate"]
    data = json.loads(json.dumps(kept_data(value)), parse_float=Decimal)
    assert value_of(data, type(value)) == value


# --- what is printed -------------------------------------------------------------------------------------------


def classes(above=Printed):
    for cls in above.__subclasses__():
        yield cls
        yield from classes(cls)


@pytest.mark.parametrize("case", SOME)
def test_printed_documents_are_plain(case):
    value = result_of(case)
    if isinstance(value, Result):
        document = value.to_dict()
        assert json.loads(json.dumps(document)) == document or any(
            word in json.dumps(document) for word in ("Infinity", "NaN")
        )


def test_declared_names_are_distinct():
    result_of("five_phases design")
    for cls in classes():
        names = [line if isinstance(line, str) else getattr(line, "name", None) for line in cls.DOCUMENT]
        named_ones = [name for name in names if name]
        assert len(set(named_ones)) == len(named_ones), cls


def test_the_page_lists_every_kind():
    page = (EXAMPLES.parent / "docs" / "how-to" / "results.md").read_text().partition("<!-- end of kinds -->")[0]
    rows = re.findall(r"^\| `([\w-]+)` \| `(\w+)` \| ", page, re.MULTILINE)
    assert dict(rows) == {kind: place.partition(":")[2] for kind, place in KINDS.items()}


def test_the_examples_of_the_page_run(tmp_path, monkeypatch, capsys):
    page = (EXAMPLES.parent / "docs" / "how-to" / "results.md").read_text()
    (tmp_path / "examples").symlink_to(EXAMPLES)
    monkeypatch.chdir(tmp_path)
    first, second, third = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, object] = {}
    exec(first, names)
    assert eval('load("five.json") == result', names) is True
    capsys.readouterr()
    exec(second, {})
    assert capsys.readouterr().out == "# mine\n\n**an error of 0.1 rad^2**\n"
    exec(third, names)
    assert (tmp_path / "bounds.pdf").read_bytes().startswith(b"%PDF")
