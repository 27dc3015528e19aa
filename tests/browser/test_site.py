"""The site as somebody reads it from its files: figures, formulas, search, and nothing from anywhere else."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
TUTORIALS = sorted(path.stem for path in (DOCS / "tutorials").glob("*.md") if path.stem != "index")
GALLERY = sorted(path.stem for path in (DOCS / "gallery").glob("plot_*.py"))
WRITTEN = sorted(
    str(path.relative_to(DOCS).with_suffix(".html"))
    for path in DOCS.rglob("*.md")
    if not {"_build", "_ipython"} & set(path.relative_to(DOCS).parts)
)
SCREENSHOTS = DOCS / "_build" / "screenshots"
NARROW = 390
"""Pixels of a telephone."""

BROKEN_IMAGES = "() => [...document.images].filter(i => !(i.complete && i.naturalWidth > 0)).map(i => i.src)"
FIGURES = "() => [...document.querySelectorAll('article .cell_output img, article .cell_output svg')].length"
FAILED_FORMULAS = "() => [...document.querySelectorAll('[data-mjx-error]')].map(e => e.getAttribute('data-mjx-error'))"
FORMULAS = "() => [...document.querySelectorAll('article .math')].length"
TYPESET = "() => [...document.querySelectorAll('article mjx-container svg')].length"
TOO_WIDE = "() => document.scrollingElement.scrollWidth - window.innerWidth"


def settle(page):
    """Wait for images that are loaded when they are scrolled to."""
    page.evaluate("() => [...document.images].forEach(i => { i.loading = 'eager' })")
    page.wait_for_function("() => [...document.images].every(i => i.complete)")


@pytest.mark.parametrize("name", WRITTEN)
def test_written_page(window, name):
    """Images are there, each formula is typeset, and the page fits into a telephone."""
    page = window(width=NARROW).open(name)
    settle(page)
    assert page.evaluate(BROKEN_IMAGES) == []
    assert page.evaluate(FAILED_FORMULAS) == []
    assert page.evaluate(TYPESET) >= page.evaluate(FORMULAS)
    assert page.evaluate(TOO_WIDE) <= 0
    # What TeX leaves when it was not read as such.
    text = page.locator("article").first.evaluate(
        "article => { const copy = article.cloneNode(true);"
        " copy.querySelectorAll('pre, code, mjx-container, script, style').forEach(e => e.remove());"
        " return copy.textContent; }"
    )
    assert re.findall(r"\\(?:frac|alpha|theta|mathcal|left|normP|nbar)\b|\$[^$\n]{1,60}\$", text) == []


@pytest.mark.parametrize("name", TUTORIALS)
def test_tutorial_shows_figures_and_formulas(window, name):
    page = window().open(f"tutorials/{name}.html")
    settle(page)
    assert page.evaluate(FIGURES) >= 2
    assert page.evaluate(BROKEN_IMAGES) == []
    assert page.evaluate(TYPESET) > 0


def test_gallery_shows_its_pictures(window):
    page = window().open("gallery_built/index.html")
    settle(page)
    thumbnails = page.locator("article .sphx-glr-thumbcontainer img")
    assert thumbnails.count() == len(GALLERY)
    assert page.evaluate(BROKEN_IMAGES) == []


@pytest.mark.parametrize("name", GALLERY)
def test_picture_of_the_gallery(window, name):
    page = window(width=NARROW).open(f"gallery_built/{name}.html")
    settle(page)
    assert page.locator("article img").count() >= 1
    assert page.evaluate(BROKEN_IMAGES) == []
    assert page.evaluate(FAILED_FORMULAS) == []
    assert page.evaluate(TOO_WIDE) <= 0


def test_there_are_pages():
    assert len(WRITTEN) > 25
    assert len(TUTORIALS) == 10
    assert len(GALLERY) >= 12


def test_formulas_are_typeset_with_the_macros_of_this_site(window):
    page = window().open("theory/theory.html")
    assert page.evaluate(TYPESET) > 50
    assert page.locator("article mjx-container").first.bounding_box()["height"] > 5


@pytest.mark.parametrize("word", ["homodyne", "WMatrix", "squeezing_db"])
def test_search_finds(window, word):
    """Typed into the search of any page, without a server."""
    page = window().open("start/index.html")
    page.locator("button.search-button__button").first.click()
    page.locator("dialog input[type=search], .search-button__search-container input[type=search]").first.fill(word)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=*")
    page.wait_for_selector("#search-results li a")
    results = page.locator("#search-results li a").all_inner_texts()
    assert len(results) >= 1
    page.locator("#search-results li a").first.click()
    page.wait_for_load_state()
    assert word.lower() in page.locator("article").first.inner_text().lower()


@pytest.mark.parametrize("part", ["Start", "Tutorials", "How-to", "Gallery", "Theory", "Reference"])
def test_parts_are_a_click_from_the_first_page(window, part):
    page = window().open("index.html")
    page.locator("article .sd-card").filter(has=page.get_by_text(part, exact=True)).click()
    folder = "gallery_built" if part == "Gallery" else part.lower()
    page.wait_for_url(f"**/{folder}/index.html")
    assert page.locator("h1").inner_text().strip("#").strip() == part


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize(("size", "width"), [("wide", 1440), ("narrow", NARROW)])
def test_screenshots(window, size, width, colours):
    """Pictures for people to look at; here, that dark is dark and light is light."""
    SCREENSHOTS.mkdir(exist_ok=True)
    pages = [
        "index",
        "start/first-design",
        "theory/theory",
        "reference/cli/psn-design",
        "reference/api/protocols/functions/design",
    ]
    reader = window(width=width, colours=colours)
    for name in [*pages, *(f"tutorials/{tutorial}" for tutorial in TUTORIALS)]:
        page = reader.open(f"{name}.html")
        settle(page)
        page.screenshot(path=SCREENSHOTS / f"{name.replace('/', '-')}-{size}-{colours}.png")
        colour = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
        brightness = sum(map(int, re.findall(r"\d+", colour)[:3])) / 3
        assert (brightness > 128) == (colours == "light")
