"""Tutorials are notebooks with a question, pictures and assertions about their own prose; ``make docs`` executes them."""

import ast
import re
from pathlib import Path

import pytest

TUTORIALS = Path(__file__).parents[1] / "docs" / "tutorials"
PAGES = sorted(path for path in TUTORIALS.glob("*.md") if path.name != "index.md")
HEADER = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {name: python3, display_name: Python 3}
---

# """
CELL = re.compile(r"^```\{code-cell\} ipython3\n((?::\w[^\n]*\n)*)(.*?)^```$", re.MULTILINE | re.DOTALL)
FIGURE = re.compile(r"\bplt\.subplots\(|\bplt\.figure\(|\bdraw_\w+\(|^[\w.()\"', -]*\.plot\([^\n]*\)$", re.MULTILINE)
"""What makes a picture: a figure of pyplot, a drawing function, or ``plot`` of a result at the start of a line."""
pages = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)


def cells_of(page: Path) -> list[tuple[str, str]]:
    """Options and source of each code cell."""
    return [(match[1], match[2]) for match in CELL.finditer(page.read_text(encoding="utf-8"))]


@pages
def test_tutorials_are_notebooks_that_begin_with_a_question(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.startswith(HEADER)
    _, first, *_ = text.removeprefix(HEADER).split("\n\n")
    assert first.startswith("*"), first
    assert first.endswith("*"), first
    assert "?" in first, first
    assert "\n## What to read next\n" in text
    assert "\n```{code-cell}" not in CELL.sub("", text), "a cell without its end, or of another kernel"


@pages
def test_tutorials_have_pictures_and_assert_what_their_prose_says(page: Path) -> None:
    cells = cells_of(page)
    assert len(cells) >= 8
    assert sum(len(FIGURE.findall(source)) for _, source in cells) >= 2
    asserting = [options for options, source in cells if re.search(r"^\s*assert ", source, re.MULTILINE)]
    assert len(asserting) >= 3
    # Assertions are for us, not for readers.
    assert all("remove-cell" in options for options in asserting)


@pages
def test_cells_of_tutorials_are_python(page: Path) -> None:
    for _, source in cells_of(page):
        if not source.startswith("%%"):
            ast.parse(re.sub(r"^\s*[!%].*$", "pass", source, flags=re.MULTILINE))
