"""The pages as files: each link leads to a place that is there, nothing is loaded from elsewhere, nothing public is missing."""

import html
import inspect
import os
import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
from typer.main import get_command

import networks
import photonics
import protocols
from protocols.cli.app import app

LOADED = {
    "script": "src",
    "img": "src",
    "source": "src",
    "iframe": "src",
    "video": "src",
    "audio": "src",
    "object": "data",
    "embed": "src",
}
LINK_KINDS = {"stylesheet", "icon", "preload", "modulepreload", "prefetch", "manifest", "preconnect", "dns-prefetch"}
PACKAGES = (networks, photonics, protocols)


class Page(HTMLParser):
    """What a page links to, loads, and can be linked to."""

    def __init__(self, text):
        super().__init__()
        self.links, self.loaded, self.places, self.styles = [], [], set(), []
        self._in_style = False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.places |= {given[key] for key in ("id", "name") if given.get(key)}
        if tag in ("a", "area", "link") and given.get("href"):
            kinds = set((given.get("rel") or "").split())
            (self.loaded if tag == "link" and kinds & LINK_KINDS else self.links).append(given["href"])
        if LOADED.get(tag) in given:
            self.loaded.append(given[LOADED[tag]])
        self.loaded += [part.split()[0] for part in (given.get("srcset") or "").split(",") if part.strip()]
        self.styles += [given["style"]] if given.get("style") else []
        self._in_style = tag == "style"

    def handle_data(self, text):
        if self._in_style:
            self.styles.append(text)

    def handle_endtag(self, tag):
        self._in_style = False


@pytest.fixture(scope="module")
def pages(site):
    return {path: Page(path.read_text()) for path in sorted(site.rglob("*.html")) if "_static" not in path.parts}


def is_elsewhere(link):
    return bool(urlsplit(link).scheme or urlsplit(link).netloc)


def test_every_link_leads_somewhere(site, pages):
    files = {str(path) for path in site.rglob("*")}
    places = {str(path): page.places for path, page in pages.items()}
    missing = []
    for path, page in pages.items():
        # Sidebars link to the same pages from everywhere, under names that differ from page to page.
        for link in dict.fromkeys([*page.links, *page.loaded]):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = os.path.normpath(path.parent / unquote(parts.path)) if parts.path else str(path)
            place = unquote(parts.fragment)
            if target not in files:
                missing.append(f"{path.relative_to(site)}: {link}")
            elif place and target in places and place not in places[target]:
                missing.append(f"{path.relative_to(site)}: {link} (no such place there)")
    assert missing == []
    assert len(pages) > 400


def test_nothing_is_loaded_from_elsewhere(site, pages):
    loaded = [
        f"{path.relative_to(site)}: {link}"
        for path, page in pages.items()
        for link in [*page.loaded, *re.findall(r"url\(['\"]?([^'\")]+)", " ".join(page.styles))]
        if is_elsewhere(link) and not link.startswith("data:")
    ]
    for path in site.rglob("*.css"):
        loaded += [
            f"{path.relative_to(site)}: {link}"
            for link in re.findall(r"(?:url\(|@import\s+)['\"]?([^'\")\s;]+)", path.read_text())
            if re.match(r"(https?:)?//", link)
        ]
    assert loaded == []


def objects_of(site):
    """The names that the site can be asked for, of Python and of the command line."""
    from sphinx.util.inventory import InventoryFile

    found = InventoryFile.loads((site / "objects.inv").read_bytes(), uri="")
    return {
        name: item.uri
        for kind in found.data
        for name, item in found.data[kind].items()
        if kind.startswith(("py:", "std:cmdoption"))
    }


def test_every_public_name_has_a_page(site):
    objects = objects_of(site)
    public = [f"{package.__name__}.{name}" for package in PACKAGES for name in package.__all__]
    assert [name for name in public if name not in objects] == []
    assert len(public) > 200
    for name in public:
        page = site / objects[name].split("#")[0]
        assert page.exists()
        assert page.stem == name.split(".")[-1], f"{name} has no page of its own"


def test_docstrings_are_shown_as_they_are_written(site):
    """No sign of a formula is taken for markup: ||alpha||_P, a * b, |x|."""
    objects, odd = objects_of(site), 0
    for package in PACKAGES:
        for name in package.__all__:
            value = getattr(package, name)
            if not (inspect.isclass(value) or inspect.isfunction(value)) or not inspect.getdoc(value):
                continue
            first = re.sub(r"[`\s]+", "", inspect.getdoc(value).split("\n\n")[0])
            page = (site / objects[f"{package.__name__}.{name}"].split("#")[0]).read_text()
            assert first in re.sub(r"\s+", "", html.unescape(re.sub(r"<[^>]+>", "", page))), name
            odd += bool(re.search(r"[|*_^]", first))
    assert odd > 20


def commands(words, command):
    yield words, command
    for word, inner in getattr(command, "commands", {}).items():
        yield from commands([*words, word], inner)


COMMANDS = list(commands(["psn"], get_command(app)))


@pytest.mark.parametrize(("words", "command"), COMMANDS, ids=[" ".join(words) for words, _ in COMMANDS])
def test_every_command_has_a_page_with_its_help(site, words, command):
    """Every option by its names and its words."""
    text = (site / "reference" / "cli" / f"{'-'.join(words)}.html").read_text()
    shown = squeezed(re.sub(r"<[^>]+>", "", text))
    assert squeezed((command.help or "").split("\n\n")[0]) in shown
    context = command.make_context(" ".join(words), [], resilient_parsing=True)
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None:
            names, about = record
            assert squeezed(names.split(" / ")[0]) in shown
            assert squeezed(about) in shown


def squeezed(text):
    """Letters and digits only: how lines break and quotation marks look is another matter."""
    return re.sub(r"[^A-Za-z0-9]+", "", html.unescape(text))


def test_outputs_of_notebooks_load_nothing(site):
    """Cells whose output would fetch a library, as interactive widgets do."""
    for path in (site / "tutorials").glob("*.html"):
        assert not re.search(r"(cdnjs|unpkg|jsdelivr|require(\.min)?\.js)", path.read_text()), path.name
