"""check_protocol: right protocols pass, every kind of wrong one fails at the right condition, misshapen ones are refused."""

import json

import pytest
from drawn import examples
from hypothesis import assume, given, strategies as st

from networks import InputError, LinearFunction
from protocols import check_protocol, enumerate_protocols

GOOD = {"alpha": [3, 1, -2], "photons": 4, "passes": 2, "columns": [[4, 0, -2], [2, 2, -2]], "repeats": [1, 1]}


def failed(**changes):
    return {c.equation for c in check_protocol({**GOOD, **changes}).conditions if not c.holds}


def test_a_right_protocol_passes_every_condition():
    report = check_protocol(GOOD)
    assert report.valid
    assert report.mse == report.bound == (4 / 8) ** 2
    assert report.qfi_matrix[0] == (36, 12, -24)
    assert report.modes_per_pass == (3, 4)
    json.dumps(report.to_dict())
    report.require()


@pytest.mark.parametrize(
    ("changes", "conditions"),
    [
        ({"columns": [[4, 0, -2], [3, 1, -2]]}, {"(32)", "(24)", "(12)"}),
        ({"columns": [[4, 0, -2], [2, 2, 2]]}, {"(27)"}),
        ({"columns": [[4, 0, -2], [3, 2, -2]]}, {"(27)"}),
        ({"columns": [[4, 0, -5], [2, 2, 1]]}, {"(27)"}),
        ({"repeats": [2, 1]}, {"(33)"}),
        ({"repeats": [3, -1]}, {"(33)"}),
        ({"passes": 3, "repeats": [2, 1]}, {"(32)"}),
        ({"photons": 3, "columns": [[3, 0, -2], [1, 2, -2]]}, {"(34)", "(32)"}),
    ],
)
def test_wrong_protocols_fail_where_they_are_wrong(changes, conditions):
    assert conditions <= failed(**changes)
    report = check_protocol({**GOOD, **changes})
    with pytest.raises(InputError):
        report.require()


def test_a_column_may_be_listed_twice():
    assert check_protocol({**GOOD, "columns": [[3, 1, -2], [3, 1, -2]]}).valid


def test_functions_that_the_state_does_not_see_have_infinite_error():
    report = check_protocol({"alpha": [1, 1], "photons": 2, "passes": 1, "columns": [[2, 0]], "repeats": [1]})
    assert report.mse == float("inf")
    assert json.loads(json.dumps(report.qfi_matrix)) == [[4, 0], [0, 0]]


@given(
    st.lists(st.integers(-3, 3), min_size=1, max_size=5).filter(any),
    st.integers(1, 3),
    st.integers(1, 3),
    st.integers(0, 10**6),
)
@examples(60)
def test_all_enumerated_protocols_pass_and_all_corrupted_ones_fail(alpha, photons, passes, where):
    f = LinearFunction(alpha)
    result = enumerate_protocols(f, photons, passes, limit=6)
    assume(result.protocols)
    for protocol in result.protocols:
        document = protocol.to_dict()
        assert check_protocol(document).valid
        columns = [list(column) for column in document["columns"]]
        column = columns[where % len(columns)]
        column[where % len(column)] += 1
        assert not check_protocol({**document, "columns": columns}).valid


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"alpha": [3, 1]}, "column 1 must have 2 entries"),
        ({"alpha": [float("nan"), 1, -2]}, "must be finite, got nan"),
        ({"alpha": "3,1"}, "alpha must be a list"),
        ({"photons": 0}, "photons must be a positive integer"),
        ({"columns": [[4, 0.5, -2]]}, r"column 1 must be a list of integers, got \[4, 0.5, -2\]"),
        ({"columns": 5}, "lists of integers"),
        ({"columns": [], "repeats": []}, "must not be empty"),
        ({"repeats": [1]}, "one entry a column"),
        ({"passes": 10**9}, "too many to simulate"),
        ({"alpah": [1]}, "did you mean 'alpha'"),
        ({"Passes": 2}, "did you mean 'passes'"),
        ({"repeats": [1, True]}, "list of integers"),
    ],
)
def test_misshapen_protocols_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        check_protocol({**GOOD, **changes})


def test_missing_parts_are_reported_together():
    with pytest.raises(InputError) as error:
        check_protocol({"alpha": [1]})
    assert len(error.value.faults) == 4


def test_columns_for_q_itself_are_distinguished_from_columns_of_the_oriented_function():
    report = check_protocol({"alpha": [1, -3], "photons": 3, "passes": 1, "columns": [[1, -3]], "repeats": [1]})
    assert not report.valid
    assert "oriented function -q" in report.conditions[0].witness
    assert check_protocol({"alpha": [1, -3], "photons": 3, "passes": 1, "columns": [[-1, 3]], "repeats": [1]}).valid


# --- whole documents of psn enumerate ----------------------------------------------------------------------------


@pytest.mark.parametrize("alpha", ["1,1,-1", "-1,-1,0,1"])
@pytest.mark.parametrize(
    "options", [("--objective", "modes"), ("--objective", "support"), ("--sample", "2"), ("--limit", "3")]
)
def test_check_reads_what_enumerate_prints(psn, tmp_path, alpha, options):
    code, printed, _ = psn("enumerate", f"--alpha={alpha}", "--photons", 2, "--passes", 3, *options, "--json")
    assert code == 0
    file = tmp_path / "found.json"
    file.write_text(printed)
    code, checked, err = psn("check", file, "--json")
    assert (code, err) == (0, "")
    report = json.loads(checked)
    assert report["valid"] is True
    assert len(report["protocols"]) == len(json.loads(printed)["protocols"])
    assert (report["certificate"] is not None) == (options[1] == "modes")
    code, said, _ = psn("check", file)
    assert code == 0
    assert "all protocols are valid" in said


def test_what_is_wrong_in_a_document_of_enumerate_is_seen(psn, tmp_path):
    _, printed, _ = psn("enumerate", "--alpha=1,1,-1", "--photons", 2, "--passes", 3, "--objective", "modes", "--json")
    file = tmp_path / "found.json"

    def answer(change):
        document = json.loads(printed)
        change(document)
        file.write_text(json.dumps(document))
        code, checked, err = psn("check", file, "--json")
        return code, [c["name"] for r in _reports(checked) for c in r["conditions"] if not c["holds"]], err

    def _reports(checked):
        report = json.loads(checked) if checked else {"protocols": [], "certificate": None}
        return [*report["protocols"], *([report["certificate"]] if report["certificate"] else [])]

    code, failing, _ = answer(
        lambda d: d["protocols"][0]["columns"].reverse() or d["protocols"][0].update(repeats=[1, 2, 0])
    )
    assert code == 1
    assert {"W r meets the target", "reaches the bound"} <= set(failing)
    code, failing, _ = answer(lambda d: d["protocols"][0].update(modes_per_pass=[1, 1, 1]))
    assert (code, failing) == (1, ["modes per pass as stated"])
    code, failing, _ = answer(lambda d: d["certificate"].update(photons=3))
    assert code == 1
    assert "certificate of these protocols" in failing
    code, _, err = answer(lambda d: d["protocols"][0].pop("columns") and d["certificate"].pop("repeats"))
    assert code == 2
    assert "protocol 1: 'columns' is missing" in err
    assert "certificate: 'repeats' is missing" in err
    code, _, err = answer(lambda d: d.update(protocols=[]))
    assert code == 2
    assert "there is no protocol in this document" in err
