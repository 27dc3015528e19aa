"""Docstrings are written to be read as they are: ``||alpha||_P``, ``|x|``, ``a * b``. For Sphinx their signs are escaped here.

Literals in double backquotes, doctests, and what stands after a line that ends in two colons stay as they are.
"""

from __future__ import annotations

import re
from typing import Any

from numpydoc.docscrape_sphinx import SphinxDocString
from sphinx.application import Sphinx

_LITERAL = re.compile(r"(``.+?``)")
_NUMBER = re.compile(r"^(\s*)(\((?:\d+|[a-z]|[ivx]+)\)\s|[A-Za-z][.)]\s)")


def escaped(text: str) -> str:
    """A line or paragraph in which no sign means anything to reStructuredText but literals in double backquotes."""
    parts = _LITERAL.split(text)
    return "".join(part if odd else _escape(part) for odd, part in zip(_odd(len(parts)), parts, strict=True))


def _odd(count: int) -> list[int]:
    return [place % 2 for place in range(count)]


def _escape(text: str) -> str:
    text = text.replace("\\", "\\\\")
    text = re.sub(r"`([^`]+)`", r"``\1``", text)
    parts = _LITERAL.split(text)
    for place in range(0, len(parts), 2):
        part = re.sub(r"([*|])", r"\\\1", parts[place])
        parts[place] = re.sub(r"(?<=\w)_(?!\w)", r"\\_", part)
    # A line that begins with the number of an equation begins no list.
    return _NUMBER.sub(r"\1\\\2", "".join(parts))


def escape_docstring(app: Sphinx, what: str, name: str, obj: object, options: Any, lines: list[str]) -> None:
    """Escape the lines of a docstring in place, before its sections are read."""
    del app, what, name, obj, options
    result: list[str] = []
    doctest, literal = False, None
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if literal is not None and line.strip() and indent <= literal:
            literal = None
        doctest = bool(line.strip()) and (doctest or line.lstrip().startswith(">>>"))
        keep = doctest or literal is not None or line.lstrip().startswith("*") or re.fullmatch(r"\s*-{3,}\s*", line)
        result.append(line if keep else escaped(line))
        if not keep and line.rstrip().endswith("::"):
            literal = indent
    lines[:] = result


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx: before numpydoc, which listens at 500."""
    # numpydoc makes a link of an attribute that a base class has as a property, by its bare name, which others have too.
    process = SphinxDocString._process_param
    SphinxDocString._process_param = lambda self, param, desc, fake_autosummary: process(self, param, desc, False)
    app.connect("autodoc-process-docstring", escape_docstring, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
