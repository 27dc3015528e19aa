"""The README and the pages that start from it show real output: every console block is run and compared."""

import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = ["README.md", "docs/how-to/commands.md"]
BLOCKS = [
    (page, command, shown)
    for page in PAGES
    for command, shown in re.findall(r"```console\n\$ (psn .*?)\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
]
MAX_WORDS = 600
"""Of the README, outside code: what somebody reads in a minute or two."""


def same_but_for_blanks(text):
    # Rounding errors in witnesses differ between machines; a power of ten is not what the README is about.
    lines = [line.rstrip() for line in re.sub(r"\d(\.\d)?e-1\d", "1e-16", text).splitlines()]
    return [line for line in lines if line]


@pytest.mark.parametrize(
    ("page", "command", "shown"), BLOCKS, ids=[f"{page}: {command}" for page, command, _ in BLOCKS]
)
def test_console_block(psn, monkeypatch, page, command, shown):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "100")
    code, out, err = psn(*shlex.split(command)[1:])
    assert (code, err) == (0, "")
    lines, printed = same_but_for_blanks(shown), same_but_for_blanks(out)
    if lines[-1] == "...":
        # The beginning is shown, as much as is read first.
        lines.pop()
        assert 12 < len(lines) < len(printed)
        printed = printed[: len(lines)]
    assert printed == lines


def test_there_are_blocks_and_their_files_exist():
    assert {page for page, _, _ in BLOCKS} == set(PAGES)
    assert len(BLOCKS) >= 7
    for link in re.findall(r"\]\(([^)#:]+)\)", (ROOT / "README.md").read_text()):
        assert (ROOT / link).exists(), link


def test_python_example_runs(capsys, monkeypatch):
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    monkeypatch.chdir(ROOT)
    exec(compile(example, "README.md", "exec"), {"__name__": "__main__"})
    shown = [line.split("# ")[1] for line in example.splitlines() if line.startswith("print")]
    assert capsys.readouterr().out.splitlines() == shown


@pytest.mark.parametrize("kind", ["network", "link_loss"])
def test_pictures_are_those_of_the_command(psn, tmp_path, kind):
    """What is written in them: lines differ in their last digits between machines."""
    axis = {"network": "network", "link_loss": "link_loss_db"}[kind]
    drawn, kept = tmp_path / "a.svg", ROOT / "docs" / "images" / f"field_average_{kind}.svg"
    network = ROOT / "examples" / "field_average.json"
    assert psn("plot", axis, network, "--out", drawn, "--width", "one-column")[0] == 0
    texts = [re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text()) for path in (drawn, kept)]
    assert texts[0] == texts[1]
    assert len(texts[0]) > 10
    assert f"(docs/images/{kept.name})" in (ROOT / "README.md").read_text()


def test_readme_is_read_in_a_minute():
    outside_code = re.sub(r"```.*?```", "", (ROOT / "README.md").read_text(), flags=re.DOTALL)
    assert len(outside_code.split()) <= MAX_WORDS
