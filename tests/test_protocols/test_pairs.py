"""Protocols of N00N pairs and times: what psn bounds writes, psn check reads, and every wrong one fails where it is wrong."""

import itertools
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from drawn import examples
from hypothesis import given, strategies as st
from typer.testing import CliRunner

from networks import InputError, LinearFunction, load_network, save_network
from protocols import PairProtocol, PhotonProtocol, bounds_table, check_protocol, pair_protocol
from protocols.cli.app import app

EXAMPLE = str(Path(__file__).parents[2] / "examples" / "two_modes_suffice.json")
GOOD = {
    "alpha": [3, -1, "1/2"],
    "photons": 2,
    "passes": 1,
    "pairs": [[1, 2], [1, "ref"], [3, "ref"]],
    "times": ["2/7", "4/7", "1/7"],
}


@given(
    st.lists(st.fractions(min_value=-4, max_value=4, max_denominator=6), min_size=1, max_size=5).filter(any),
    st.integers(1, 4),
    st.integers(1, 3),
)
@examples(60)
def test_pairs_reach_the_bound_for_every_function(alpha, photons, passes):
    f = LinearFunction(alpha).orient().function
    protocol = pair_protocol(f, photons, passes)
    in_use = [Fraction(0)] * len(f)
    for pair, time in zip(protocol.pairs, protocol.times, strict=True):
        for mode in pair:
            if mode is not None:
                in_use[mode - 1] += time
    assert in_use == [abs(a) * passes / f.norm_positive for a in f.alpha]
    report = check_protocol(protocol)
    assert report.valid
    assert report.mse == report.bound == (f.norm_positive / (photons * passes)) ** 2
    assert {*report.modes_per_pass} == {2}
    assert all(switch.passive for switch in report.switches)
    assert len(report.switches) == len(protocol.pairs) - 1


def test_what_bounds_prints_is_what_check_reads(tmp_path):
    run = CliRunner()
    printed = run.invoke(app, ["bounds", "--alpha", "-3,1,-1/2", "--photons", "2", "--json"])
    (document,) = [row["protocol"] for row in json.loads(printed.stdout)["entanglement"] if row["protocol"]]
    assert document == GOOD | {"alpha": ["3", "-1", "1/2"]}
    (tmp_path / "pairs.json").write_text(json.dumps(document))
    checked = run.invoke(app, ["check", str(tmp_path / "pairs.json"), "--json"])
    assert checked.exit_code == 0
    report = json.loads(checked.stdout)
    assert report["valid"]
    assert report["mse"] == report["bound"] == pytest.approx(3.5**2 / 4)
    assert report["switches"] == [{"after_pass": "2/7", "passive": True}, {"after_pass": "6/7", "passive": True}]
    words = run.invoke(app, ["check", str(tmp_path / "pairs.json")])
    assert "modes at a time 2 x3" in words.stdout
    assert "switches: 2, all mode permutations (passive)" in words.stdout


@pytest.mark.parametrize(
    ("changes", "conditions"),
    [
        ({"times": ["4/7", "2/7", "1/7"]}, {"(32)", "(24)", "(12)"}),
        ({"times": ["2/7", "4/7", "2/7"]}, {"(33)", "(32)"}),
        ({"times": ["2/7", "6/7", "-1/7"]}, {"(33)", "(32)"}),
        ({"pairs": [[1, 2], [2, "ref"], [3, "ref"]]}, {"(26), (27)", "(32)"}),
        ({"pairs": [[1, 3], [1, "ref"], [3, "ref"]]}, {"(26), (27)"}),
        ({"passes": 2}, {"(33)", "(32)"}),
    ],
)
def test_wrong_pairs_fail_where_they_are_wrong(changes, conditions, tmp_path):
    report = check_protocol({**GOOD, **changes})
    assert conditions <= {c.equation for c in report.conditions if not c.holds}
    with pytest.raises(InputError):
        report.require()
    (tmp_path / "pairs.json").write_text(json.dumps({**GOOD, **changes}))
    assert CliRunner().invoke(app, ["check", str(tmp_path / "pairs.json")]).exit_code == 1


def test_a_time_that_misses_a_sensor_is_simulated_and_has_infinite_error():
    report = check_protocol(GOOD | {"pairs": [[1, 2]], "times": ["1"]})
    assert report.mse == float("inf")
    assert report.qfi_matrix == ((4, -4, 0), (-4, 4, 0), (0, 0, 0))
    assert not report.valid


def test_misshapen_pairs_are_refused_with_every_fault():
    with pytest.raises(InputError) as error:
        check_protocol(
            {"alpha": [1, 1], "photons": 0, "passes": 1, "pairs": [[1, 5], [2, "x"], 3, [True, 1]], "times": ["a"]}
        )
    faults = error.value.faults
    assert len(faults) == 7
    assert "pair 1 must be two sensors from 1 to 2, or a sensor and 'ref', got [1, 5]" in faults
    assert "times must have one entry a pair, got 1 for 4 pairs" in faults
    with pytest.raises(InputError, match="'times' is missing"):
        check_protocol({"alpha": [1, 1], "photons": 1, "passes": 1, "pairs": []})
    with pytest.raises(InputError, match="pairs must be a list of pairs"):
        check_protocol({"alpha": [1, 1], "photons": 1, "passes": 1, "pairs": [], "times": []})


def test_many_equal_passes_are_not_simulated_one_by_one():
    # Cut into equal passes these times would need more than ten million.
    report = check_protocol(pair_protocol(LinearFunction([1, "10000019/3", -1]), 1, 1))
    assert report.valid
    assert isinstance(bounds_table([1, 1], photons=1).entanglement[3].protocol, PairProtocol)


# --- which switches are passive -----------------------------------------------------------------------------


def strings(column, photons):
    reference = photons + sum(w for w in column if w < 0)
    return (*(max(w, 0) for w in column), 0), (*(max(-w, 0) for w in column), reference)


@given(st.integers(1, 3), st.data())
@examples(60)
def test_passive_switches_by_all_permutations_of_modes(photons, draw):
    f = LinearFunction([2, 1, -1])
    columns = [(a, photons - a, -b) for a in range(photons + 1) for b in range(photons + 1)]
    first, second = draw.draw(st.lists(st.sampled_from(columns), min_size=2, max_size=2, unique=True))
    protocol = PhotonProtocol(function=f, photons=photons, passes=2, columns=[first, second], repeats=[1, 1])
    (switch,) = protocol.controls()
    before, after = strings(first, photons), strings(second, photons)
    permuted = any(
        all(tuple(old[p] for p in order) == new for old, new in zip(before, after, strict=True))
        for order in itertools.permutations(range(4))
    )
    assert switch.passive == permuted


def test_switches_in_words(tmp_path):
    run = CliRunner()
    mixed = {"alpha": [3, 1, -2], "photons": 4, "passes": 2, "columns": [[4, 0, -2], [2, 2, -2]], "repeats": [1, 1]}
    (switch,) = check_protocol(mixed).switches
    assert not switch.passive
    # A beam splitter cannot do it: eigenvalues of <a_i^dagger a_j> are the photon numbers of the branch, and stay.
    assert sorted(np.array(strings((4, 0, -2), 4)[0])) != sorted(np.array(strings((2, 2, -2), 4)[0]))
    # In every shot by itself; over shots, pairs in turn need no switch.
    snapshot = tmp_path / "snapshot.json"
    # Two photons, as coherent light is as good as one, and is built instead.
    save_network(load_network(EXAMPLE).replace(parameters="snapshot", photons=2), snapshot)
    design = run.invoke(app, ["design", str(snapshot)])
    assert "Build w-matrix" in design.stdout
    assert "controls between passes: 1, a mode permutation (passive)" in design.stdout
    document = json.loads(run.invoke(app, ["design", EXAMPLE, "--json"]).stdout)
    (w_matrix,) = (row for row in document["candidates"] if row["scheme"] == "w-matrix")
    assert w_matrix["switches"] == [{"after_pass": 1, "passive": True}]


def test_the_example_of_the_docs_is_valid():
    text = (Path(__file__).parents[2] / "docs" / "theory" / "w-matrix.md").read_text()
    (example,) = (part.split("```")[0] for part in text.split("```json\n")[1:] if '"pairs"' in part.split("```")[0])
    assert json.loads(example) == GOOD | {"alpha": ["3", "-1", "1/2"]}
    assert check_protocol(json.loads(example)).valid
