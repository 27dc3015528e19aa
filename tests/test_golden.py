"""What psn and its Python interface gave before, kept as files: the same documents, numbers to 1e-12, and every public name.

After a change that is meant: ``pytest tests/test_golden.py --record-golden`` writes the files anew, and git shows what changed.
"""

import copy
import json
import re
from pathlib import Path

import pytest
from golden.cases import CASES
from golden.compare import differences, message, same_text
from golden.documents import DOCUMENTS, gaussian_circuit, photon_circuit
from golden.names import broken_promises, public_names
from golden.running import prepare, run_case
from golden.writing import text_of, thinned

from networks import load_network, save_network
from photonics import circuit_from_document

FOLDER = Path(__file__).parent / "golden"
NAMES = FOLDER / "public_names.json"
INPUTS = "inputs"
REMEDY = "if it is meant: pytest tests/test_golden.py --record-golden, and read the diff"


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Sums in another order round differently; with one thread of linear algebra they have one order."""
    import numpy
    import scipy.linalg
    from threadpoolctl import threadpool_limits

    assert numpy
    assert scipy.linalg
    with threadpool_limits(limits=1):
        yield


@pytest.fixture
def same_as_kept(request):
    """Compare a document with a golden file, or write the file when asked to."""

    def check(name, document):
        path = FOLDER / f"{name}.json"
        if request.config.getoption("--record-golden"):
            # A difference that the comparison does not see is none, and would only make the change longer to read.
            if not path.exists() or message(json.loads(path.read_text()), json.loads(json.dumps(document)), name):
                path.parent.mkdir(exist_ok=True)
                path.write_text(text_of(document))
            return
        kept = json.loads(path.read_text()) if path.exists() else None
        result = message(kept, json.loads(json.dumps(document)), name)
        if result:
            pytest.fail(f"{path.relative_to(FOLDER)} in tests/golden differs:\n{result}\n{REMEDY}", pytrace=False)

    return check


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=case.name, marks=[pytest.mark.long] if case.long else []) for case in CASES]
)
def test_command(case, psn, same_as_kept, tmp_path, monkeypatch):
    prepare(tmp_path)
    monkeypatch.chdir(tmp_path)
    same_as_kept(case.name, run_case(case, psn, tmp_path))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_document(name, same_as_kept):
    same_as_kept(name, DOCUMENTS[name]())


def test_public_names_are_still_there(request):
    now = public_names()
    if request.config.getoption("--record-golden"):
        NAMES.write_text(text_of(now))
    assert broken_promises(json.loads(NAMES.read_text()), now) == []


def test_every_file_belongs_to_a_case(request):
    kept = {f"{path.parent.name}/{path.stem}" for path in FOLDER.glob("*/*.json") if path.parent.name != INPUTS}
    names = [*(case.name for case in CASES), *DOCUMENTS]
    assert len(set(names)) == len(names)
    if request.config.getoption("--record-golden"):
        for name in kept - set(names):
            (FOLDER / f"{name}.json").unlink()
        return
    assert kept == set(names)


# --- files of today are still read ------------------------------------------------------------------------------------------


def test_kept_circuits_load():
    for name, circuit in (("gaussian", gaussian_circuit()), ("photons", photon_circuit())):
        document = json.loads((FOLDER / "circuits" / f"{name}.json").read_text())
        assert circuit_from_document(document) == circuit


@pytest.mark.parametrize(
    "name", ["two_shifts", "lossy_phases-to_graphml", "metro_ring-to_graphml", "fibre_phases-to_graphml"]
)
def test_kept_networks_load(name, tmp_path):
    runs = json.loads((FOLDER / "convert" / f"{name}.json").read_text())
    (tmp_path / "n.graphml").write_text("\n".join(runs["files"]["network.graphml"]))
    (tmp_path / "n.json").write_text(json.dumps(runs["runs"][0]["stdout"]))
    network = load_network(tmp_path / "n.json")
    assert load_network(tmp_path / "n.graphml") == network
    save_network(network, tmp_path / "again.json")
    assert json.loads((tmp_path / "again.json").read_text()) == runs["runs"][0]["stdout"]


# --- the comparison itself ----------------------------------------------------------------------------------------------------

KEPT = {
    "name": "off by 2.2e-16 of 0.00759147498278, N = 5",
    "mse": 0.25,
    "count": 3,
    "exists": True,
    "rows": [{"mse": 1.5, "note": None}, {"mse": 1e-17, "note": ""}],
    "error": 3e-14,
    "a b": [1, 2],
}


def changed(**changes):
    return {**copy.deepcopy(KEPT), **changes}


EQUAL = {
    "itself": {},
    "rounding": {"mse": 0.25 * (1 + 5e-13)},
    "rounding of zero": {"rows": [{"mse": 1.5, "note": None}, {"mse": -4e-16, "note": ""}]},
    "a residual": {"error": 8e-13},
    "a rounding error in words": {"name": "off by 7e-15 of 0.00759147498278, N = 5"},
    "none in words": {"name": "off by 0 of 0.00759147498278, N = 5"},
    "the last of many digits": {"name": "off by 2.2e-16 of 0.00759147498279, N = 5"},
}
DIFFERENT = {
    "a number": ({"mse": 0.25 * (1 + 3e-12)}, r"^\$\.mse: 0\.25 was kept, now 0\.25000000000075 \(relative 3e-12\)$"),
    "a sign": ({"mse": -0.25}, r"\$\.mse: 0\.25 was kept, now -0\.25"),
    "more than zero": ({"rows": [KEPT["rows"][0], {"mse": 3e-15, "note": ""}]}, r"\$\.rows\[1\]\.mse: 1e-17"),
    "a large residual": ({"error": 2e-12}, r"\$\.error"),
    "an integer": ({"count": 4}, r"\$\.count: 3 was kept, now 4"),
    "a float for an integer": ({"count": 3.0}, r"\$\.count: 3 was kept, now 3\.0 of another type"),
    "an integer for a bool": ({"exists": 1}, r"\$\.exists: true was kept, now 1 of another type"),
    "null for a number": ({"mse": None}, r"\$\.mse: 0\.25 was kept, now null of another type"),
    "a word": ({"name": "off by 2.2e-16 of 0.00759147498278, M = 5"}, r'\$\.name: ".*N = 5" was kept, now ".*M = 5"'),
    "an integer in words": ({"name": "off by 2.2e-16 of 0.00759147498278, N = 6"}, r"\$\.name"),
    "a digit in words": ({"name": "off by 2.2e-16 of 0.00759147498298, N = 5"}, r"\$\.name"),
    "no rounding in words": ({"name": "off by 2.2e-6 of 0.00759147498278, N = 5"}, r"\$\.name"),
    "fewer items": ({"rows": KEPT["rows"][:1]}, r"\$\.rows: 2 items were kept, now 1"),
    "another key": ({"rows": [{"mse": 1.5, "notes": None}, KEPT["rows"][1]]}, r"\$\.rows\[0\]: note missing"),
    "a new key": ({"new": 1}, r"^\$: new new$"),
    "a key that is no name": ({"a b": [1, 3]}, r'\$\["a b"\]\[1\]: 2 was kept, now 3'),
}


@pytest.mark.parametrize("name", EQUAL)
def test_equal_documents_are(name):
    assert message(KEPT, changed(**EQUAL[name])) == ""


@pytest.mark.parametrize("name", DIFFERENT)
def test_different_documents_are_distinguished(name):
    changes, pattern = DIFFERENT[name]
    assert re.search(pattern, message(KEPT, changed(**changes)))


def test_tolerances_are_for_their_cases_and_paths_only():
    kept, now = (
        {"elements": [{"phi_rad": 0.5}], "mse": 0.5},
        {"elements": [{"phi_rad": 0.5 + 1e-11}], "mse": 0.5 + 1e-11},
    )
    assert message(kept, now, "mesh/grid_chip").startswith("$.mse")
    assert message(kept, now, "design/grid_chip").startswith("$.elements[0].phi_rad")


def test_the_order_of_keys_counts():
    assert message(KEPT, dict(reversed(KEPT.items()))).startswith("$: keys in the order name, mse")


def test_a_message_names_the_first_few():
    lines = message(list(range(30)), list(range(1, 31))).splitlines()
    assert lines[0] == "$[0]: 0 was kept, now 1"
    assert lines[5:] == ["... and 25 more"]


def test_texts_with_ids_fractions_and_short_numbers():
    assert not same_text("12e4567890ab", "12e4567890ac")
    assert not same_text("alpha 1/3", "alpha 1/4")
    assert not same_text("MSE 0.25", "MSE 0.26")
    assert not same_text("1e-16 or so", "word or so")
    assert not same_text("0 modes", "1 modes")
    assert same_text("MZgate(1.4862149861213252, 0.0)", "MZgate(1.486214986121325, 0.0)")


def test_thinned_lists_still_show_any_change():
    rows = [{"name": f"n{k}", "values": [k / 7, -k / 3, k]} for k in range(40)]
    assert message(thinned(rows), thinned(copy.deepcopy(rows))) == ""
    for change in ({"name": "x"}, {"values": [2.8, -20 / 3, 20]}, {"values": [20 / 7, 20 / 3, 20]}, {"other": 1}):
        others = copy.deepcopy(rows)
        others[20] |= change
        assert message(thinned(rows), thinned(others))
    rows[20], rows[21] = rows[21], rows[20]
    assert list(differences(thinned(rows), thinned(sorted(rows, key=lambda row: row["values"][2]))))


def test_text_of_a_document_is_the_document():
    document = {
        "long": [k / 7 for k in range(60)],
        "texts": ["word " * 5] * 8,
        "empty": [{}, []],
        "deep": [[[1, 2]] * 30],
    }
    text = text_of(document)
    assert json.loads(text) == document
    assert max(map(len, text.splitlines())) <= 120
