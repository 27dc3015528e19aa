"""Documents of the page: what is typed is kept, what the reader says is what the command line says, nothing is lost on the way."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from networks import InputError, load_network
from protocols.explorer import documents, edits

ROOT = Path(__file__).parents[2]
NETWORKS = sorted((ROOT / "examples").glob("*.json"))
PAIR = {
    "graph": {"name": "pair", "sensing": "phase", "photons": 2},
    "nodes": [
        {"id": "a", "coupling": "mach-zehnder", "alpha": "1"},
        {"id": "b", "coupling": "mach-zehnder", "alpha": "-1"},
    ],
    "edges": [{"source": "a", "target": "b"}],
}


@pytest.mark.parametrize("path", NETWORKS, ids=lambda path: path.stem)
def test_examples_come_back_as_they_are(path):
    document = documents.read_document_text(path.read_text(), path.name)
    assert documents.check(document).network == load_network(path)
    again = documents.read_document_text(documents.text_of(document), path.name)
    assert again == document


def test_numbers_keep_their_digits():
    text = '{"graph": {"photons": 123456789012345678901}, "nodes": [{"id": "a", "alpha": 0.12345678901234567890123}], "edges": []}'
    document = documents.read_document_text(text, "f")
    history = documents.History.of(json.loads(json.dumps(documents.History.starting(document).to_data())))
    assert history.document["graph"]["photons"] == 123456789012345678901
    assert history.document["nodes"][0]["alpha"] == "0.12345678901234567890123"


def test_faults_are_those_of_the_command_line(tmp_path):
    document = edits.with_texts(PAIR, "node 0", {"transmissivity": "1.5", "visibilty": "0.9"})
    document = edits.with_texts(document, "graph", {"photons": "many"})
    faults = documents.check(document).faults
    file = tmp_path / "n.json"
    file.write_text(documents.text_of(document))
    done = subprocess.run(
        [sys.executable, "-m", "protocols", "design", str(file)], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 2
    assert len(faults) == 3
    for fault in faults:
        assert fault in done.stderr
    checked = documents.check(document)
    assert len(checked.of_part(document, "node 0")) == 2
    assert len(checked.of_part(document, "graph")) == 1


@pytest.mark.parametrize("ids", [("a", "a b"), ("a b", "a"), ("1", "11")])
def test_a_fault_is_at_the_node_that_it_names(ids):
    nodes = [{"id": name, "coupling": "mach-zehnder", "alpha": "1", "transmissivity": 2} for name in ids]
    document = {**PAIR, "nodes": nodes, "edges": [{"source": ids[0], "target": ids[1]}]}
    checked = documents.check(document)
    for k in range(2):
        (fault,) = checked.of_part(document, f"node {k}")
        assert f"node {ids[k]!r}:" in fault


def test_files_that_are_none_are_refused_with_their_name():
    for text in ("{", "[]", "<x/>", '{"graph": {}}', "\x00"):
        with pytest.raises(InputError, match=r"^f\.json"):
            documents.read_document_text(text, "f.json")


def test_a_file_with_faults_is_kept_to_be_mended():
    text = documents.text_of({**PAIR, "graph": {"sensing": "phase", "photons": -1}})
    document = documents.read_document_text(text, "f.json")
    assert documents.check(document).network is None
    mended = edits.with_texts(document, "graph", {"photons": "3"})
    assert documents.check(mended).network.photons == 3


def test_undo_has_an_end_and_redo_goes_with_the_next_edit():
    history = documents.History.starting(PAIR)
    for n in range(documents.MAX_STEPS + 10):
        history = history.then(edits.with_texts(history.document, "graph", {"photons": str(n + 3)}))
    assert len(history.past) == documents.MAX_STEPS
    back = history.undone().undone()
    assert back.redone().redone().text == history.text
    assert back.then(PAIR).future == ()
    for _ in range(2 * documents.MAX_STEPS):
        back = back.undone()
    assert back.document["graph"]["photons"] == 12
    assert back.undone() is back


def test_names_of_files_are_plain():
    for name in ("../../etc/passwd", "a\\b", "x" * 500, "", None, "<img>", "Ä.."):
        plain = documents.plain_name({"graph": {"name": name}})
        assert plain
        assert len(plain) <= 60
        assert not set(plain) & set("/\\.<> ")
