"""The site that ``make docs`` has built, and a browser that reads it from its files.

``make test-site`` runs these tests and fails without a site; run by hand they are skipped where none is built.
"""

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SITE = ROOT / "docs" / "_build" / "html"
BROWSERS = ["chromium", "chromium-browser", "google-chrome"]


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("site")


@pytest.fixture(scope="session")
def site():
    """The folder of the site."""
    if not (SITE / "index.html").exists():
        reason = "the site is not built: make docs"
        if os.environ.get("SITE_MUST_BE_BUILT"):
            pytest.fail(reason)
        pytest.skip(reason)
    return SITE


@pytest.fixture(scope="session")
def browser():
    """Chromium with a profile of its own, which asks nothing of the network by itself."""
    playwright = pytest.importorskip("playwright.sync_api", reason='playwright is missing: pip install ".[dev]"')
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.fail(f"no browser found ({', '.join(BROWSERS)}); apt-get install chromium")
    with playwright.sync_playwright() as running:
        chromium = running.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield chromium
        chromium.close()


class Reader:
    """One window of the browser, and what it has seen."""

    def __init__(self, site, page):
        self.site, self.page = site, page
        self.asked_for, self.complaints = [], []
        page.on("request", lambda request: self.asked_for.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, name):
        """Go to a page of the site and wait until its formulas stand."""
        self.page.goto(f"{self.site.as_uri()}/{name}")
        self.page.evaluate("() => window.MathJax?.startup?.promise")
        return self.page

    def leave(self):
        """Nothing was asked of the network, and no page had anything to complain about."""
        assert [url for url in self.asked_for if not url.startswith(("file:", "data:", "blob:"))] == []
        assert self.complaints == []


@pytest.fixture
def window(site, browser):
    """Open a window of some size and colours; when the test ends, what it has seen is looked at."""
    readers = []

    def open_window(*, width=1280, height=900, colours="light"):
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=colours)
        readers.append((context, Reader(site, context.new_page())))
        return readers[-1][1]

    yield open_window
    for context, reader in readers:
        context.close()
        reader.leave()
