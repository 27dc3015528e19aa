"""Names and answers of others stay text: on terminals, in Markdown, HTML and LaTeX, in messages, in markup."""

from __future__ import annotations

import ast
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import ClassVar

import pytest
import rich.console

import protocols.cli
from networks import SensorNetwork, load_network, save_network
from networks.printable import printable
from protocols.cli.terminal import working
from protocols.design import design
from protocols.hardware.emulator import REFRESH_TOKEN
from protocols.reports.design_view import design_view, report_view
from protocols.reports.rendering import html_text, markdown, plain_text, short_text
from protocols.reports.view import Heading, Item, Line, Verdict, View
from protocols.tables import Table, markdown_text, to_latex

from .test_cloud import emulator, submitted
from .test_tokens import local, no_settings, recording  # noqa: F401  # a fixture

NASTY = (
    "\x1b[2J\x1b]0;owned\x07",
    "\x9b31m",
    "\u202egnp.exe",
    "\x00\x08\r\n# head",
    "[red]x[/red]",
    "[/red]",
    "<img src=http://example.org/a.png>",
    "<script>alert(1)</script>",
    "![x](http://example.org/b.png)",
    "[y](javascript:alert(1))",
    "`c` *d* _e_ ~~f~~ $g$ | h",
    "&lt;b&gt; &#60;",
    "https://example.org/ www.example.org",
    "\\input{/etc/passwd}\n\\input{x}",
)


def view_of(text):
    return View(
        title=text,
        parts=(
            Line(text),
            Line(text, "strong"),
            Heading(text),
            Item(text),
            Verdict(True, text),
            Table(title=text, columns=(text, "n", "note"), rows=((text, 1, text),)),
        ),
        summary=(text,),
    )


@pytest.mark.parametrize("text", NASTY)
def test_no_rendering_acts_on_a_text(text):
    view = view_of(text)
    for made in (plain_text(view), markdown(view), html_text(view), short_text("X", view), to_latex(view.parts[-1])):
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", made)
    if "[" in text and "\x1b" not in text:
        assert text.split("\n")[0] in plain_text(view, width=400)

    class Tags(HTMLParser):
        seen: ClassVar[set[str]] = set()

        def handle_starttag(self, tag, attributes):
            self.seen.add(tag)
            assert {name for name, _ in attributes} <= {"align", "class"}

    Tags().feed(html_text(view))
    assert Tags.seen <= {
        "div",
        "h4",
        "h5",
        "p",
        "b",
        "ul",
        "li",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "small",
    }
    latex = to_latex(view.parts[-1]).splitlines()
    assert all(
        line.startswith(("%", "\\begin{tabular}", "\\hline", "\\end{tabular}")) or line.endswith("\\\\")
        for line in latex
    )
    assert not any("\\input" in line for line in latex if not line.startswith("%"))


def test_markdown_has_no_sign_but_text():
    for text in NASTY:
        made = markdown_text(text)
        assert not re.search(r"(?<!\\)[<\[`*~$]|(?<!\\):(?=//)|(?<=www)\.", made)
        # Escapes say what was there, and nothing else.
        assert re.sub(r"\\([^A-Za-z0-9\s])", r"\1", made) == re.sub(
            r"\\([^A-Za-z0-9\s])", r"\1", printable(" ".join(text.split()))
        )
    assert markdown_text("# a") == "\\# a"
    assert markdown_text("1. a") == "1\\. a"
    assert markdown_text("1.5 - 2") == "1.5 - 2"
    assert markdown_text("node_a-b (x)") == "node_a-b (x)"


def test_names_of_other_languages_stay():
    for name in ("Bücken", "दिल्ली", "می‌خواهم", "東京", "Ωμέγα", "👩‍🔬"):
        assert printable(name) == name


def test_reports_of_networks_with_such_names(tmp_path):
    names = ["<img src=http://example.org/a.png>", "![x](http://example.org/b.png)"]
    network = SensorNetwork.star([1, -1], sensing="phase", photons=2)
    document = json.loads(json.dumps(__import__("networks.files.node_link", fromlist=["x"]).network_document(network)))
    text = json.dumps(document)
    for node, name in zip(document["nodes"], names, strict=False):
        text = text.replace(json.dumps(node["id"]), json.dumps(name))
    path = tmp_path / "n.json"
    path.write_text(text)
    result = design(load_network(path))
    report = markdown(report_view(result, "x"), pictures=True)
    assert re.findall(r"(?<!\\)<", report) == []
    assert all("http" not in file for file in re.findall(r"(?<!\\)!\[[^\]]*\]\(([^)]*)\)", report))
    assert "<img" not in html_text(design_view(result))


def test_a_status_with_escape_sequences(tmp_path, psn):
    with emulator() as port:
        record = submitted(port, tmp_path)
    said = {"status": "\x1b[2J\x1b]0;owned\x07", "meta": {"error": "[/red]\x9b31m"}}
    with recording(lambda handler: (200, {}, json.dumps(said).encode())) as (port, _):
        from protocols.hardware.jobs import Record

        Record.of(record.path, {**record.document, "port": port, "state": "submitted"}).written()
        token = tmp_path / "token"
        token.write_text("x")
        cloud = ["--jobs", tmp_path, "--host", "127.0.0.1", "--port", port, "--no-tls", "--token-file", token]
        for command in ("status", "result", "cancel"):
            _, out, err = psn("hardware", command, record.path.stem, *cloud)
            assert not re.search(r"[\x1b\x07\x9b]", out + err)
            assert "\\x1b[2J" in "".join((out + err).split())
        _, out, _ = psn("hardware", "status", record.path.stem, *cloud, "--json")
        assert "\x1b" not in out
        assert json.loads(out, parse_constant=pytest.fail)["status"] == said["status"]


@pytest.mark.parametrize("name", ["[/red].jsonl", "[red]a.jsonl", "a\x1b[2Jb.jsonl", "\u202ea.jsonl"])
def test_files_of_any_name(tmp_path, psn, name):
    (tmp_path / "d").mkdir()
    # A slash in the name is a folder.
    path = tmp_path / "d" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    code, out, err = psn("enumerate", "--alpha", "1,-1", "--photons", 2, "--passes", 1, "--out", path)
    assert code == 0, err
    assert path.exists()
    assert not re.search("[\x1b\u202e]", out + err)
    code, out, err = psn("check", path.with_name(f"x{name[1:-6]}".replace("/", "")))
    assert code == 2
    assert not re.search("[\x1b\u202e]", out + err)


@pytest.mark.parametrize("argument", ["\x1b[2J", "[/red]", "\u202ea"])
def test_messages_about_arguments(psn, argument):
    for command in (["bounds", "--alpha", argument], ["design", argument], ["check", argument]):
        code, out, err = psn(*command)
        assert code == 2
        assert not re.search("[\x1b\u202e]", out + err), command
    for command in ([argument], ["design", "x", f"--{argument}"]):
        code, out, err = psn(*command)
        assert code == 2
        assert "\x1b" not in out + err


def test_messages_about_files(tmp_path, psn):
    save_network(SensorNetwork.star([1, -1], sensing="phase", photons=2), tmp_path / "n.json")
    document = json.loads((tmp_path / "n.json").read_text())
    document["nodes"][0]["role"] = "\x1b[2J\u202e"
    document["nodes"][0]["id"] = "\x9b31m"
    (tmp_path / "n.json").write_text(json.dumps(document))
    code, _, err = psn("design", tmp_path / "n.json")
    assert code == 2
    assert not re.search("[\x1b\x9b\u202e]", err)


def test_every_sentence_of_a_command_is_printed_by_say_or_tell():
    # print takes documents alone, which JSON and the other writers escape; what may hold names goes through ``printable``.
    wrong = []
    for path in sorted(Path(protocols.cli.__file__).parent.rglob("*.py")):
        if path.name in ("app.py", "terminal.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print":
                written = ast.unparse(node.args[0]) if node.args else ""
                if not re.match(r"(tables\.|table\.)?to_json\(|writers\[style\]\(\)", written):
                    wrong.append(f"{path.name}:{node.lineno}: print({written})")
    assert not wrong


NAMES = ("[/red]", "a\x1b[2Jb", "\u202ea", "[red]a[/red]\x9b31m")


@pytest.mark.parametrize("name", NAMES)
def test_jobs_and_folders_of_any_name(tmp_path, psn, name):
    # Ids, and folders of records, as people and records name them.
    folder = tmp_path / name
    folder.mkdir(parents=True)
    with emulator() as port:
        record = submitted(port, folder)
        token = tmp_path / "token"
        token.write_text(REFRESH_TOKEN)
        cloud = ["--host", "127.0.0.1", "--port", port, "--no-tls", "--token-file", token]
        for command, job in (("status", record.path.stem), ("status", name), ("result", name), ("cancel", name)):
            code, out, err = psn("hardware", command, job, "--jobs", folder, *cloud)
            assert code == (0 if job != name else 2), err
            assert not re.search("[\x1b\x9b\u202e]", out + err)
            if job == name:
                # Nothing of it is lost either: markup is shown as it is.
                assert printable(name) in err or repr(name)[1:-1] in err


@pytest.mark.parametrize("name", NAMES)
def test_sweeps_in_folders_of_any_name(tmp_path, psn, name, monkeypatch):
    pytest.importorskip("pyarrow")
    save_network(SensorNetwork.star([1, -1], sensing="phase", photons=2), tmp_path / "n.json")
    spec = tmp_path / "sweep.toml"
    spec.write_text('network = "n.json"\ntrials = 5\n[axes]\nshots = [10]\nscheme = ["noon"]\n')
    rows = tmp_path / name / "rows"
    rows.parent.mkdir(parents=True)
    code, out, err = psn("sweep", spec, "--out", rows)
    assert code == 0, err
    (part,) = rows.glob("*.parquet")
    part.write_bytes(b"damaged")
    code, more, said = psn("sweep", spec, "--out", rows)
    assert code == 0, said
    assert "put aside as" in said
    assert printable(name) in said

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("protocols.sweeps.running.run_sweep", interrupted)
    code, _, last = psn("sweep", spec, "--out", rows)
    assert code == 130
    assert printable(name) in last
    assert not re.search("[\x1b\x9b\u202e]", out + err + more + said + last)


def test_what_is_being_done_is_no_markup(monkeypatch):
    # The line of progress, which only terminals show.
    shown = io.StringIO()
    made = rich.console.Console(file=shown, force_terminal=True, width=200)
    monkeypatch.setattr("rich.console.Console", lambda **_: made)
    with working() as report:
        report("reading [/red]\x9b31m\u202e.json")
    assert "reading [/red]\\x9b31m\\u202e.json" in shown.getvalue()


@pytest.mark.parametrize(("is_terminal", "notebook"), [(True, False), (True, True), (False, True), (False, False)])
def test_progress_is_for_terminals_whose_lines_can_be_written_over(monkeypatch, is_terminal, notebook):
    # Kernels set FORCE_COLOR for what a cell starts, and would keep every frame of a spinner.
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: is_terminal, raising=False)
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-color")
    monkeypatch.setenv("JPY_PARENT_PID", "1") if notebook else monkeypatch.delenv("JPY_PARENT_PID", raising=False)
    with working() as report:
        report("designing")
    assert ("designing" in stream.getvalue()) == (is_terminal and not notebook)
