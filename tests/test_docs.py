"""Pages that are made from the code are as the code makes them, and their links lead somewhere."""

import re
import subprocess
import sys
from pathlib import Path

import grimp
import networkx as nx
import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(page for page in DOCS.rglob("*.md") if "_build" not in page.parts)


@pytest.mark.parametrize("script", ["draw_architecture.py", "list_limits.py", "list_references.py"])
def test_made_pages_are_up_to_date(script):
    run = subprocess.run([sys.executable, DOCS / script, "--check"], capture_output=True, text=True, cwd=ROOT)
    assert run.returncode == 0, run.stdout + run.stderr


def test_no_imports_run_in_a_circle():
    """Imports inside functions and those for type checkers count too."""
    graph = grimp.build_graph("networks", "photonics", "protocols")
    arrows = [(one, other) for one in graph.modules for other in graph.find_modules_directly_imported_by(one)]
    assert len(arrows) > 1000
    assert [circle for circle in nx.strongly_connected_components(nx.DiGraph(arrows)) if len(circle) > 1] == []


def test_only_these_files_are_loose():
    loose = {path.stem for path in (ROOT / "protocols").glob("*.py")}
    assert loose == {"__init__", "__main__", "problem", "conditions", "tables", "design"}


def test_every_limit_says_what_it_limits():
    rows = re.findall(r"^\| `(\w+)` \| (.*) \| (.*) \|$", (DOCS / "reference" / "limits.md").read_text(), re.MULTILINE)
    assert len(rows) > 100
    assert [name for name, value, text in rows if not (value.strip() and text.strip())] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_of_pages_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / link).exists(), link
