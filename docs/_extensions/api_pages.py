"""Pages of the reference: one for each public name, and one for each package that lists them by room.

They are written when the site is built, into ``reference/api``, which is not kept in git.
"""

from __future__ import annotations

import importlib
import inspect
from itertools import groupby
from pathlib import Path

from links import by_name, is_told
from plain_text import escaped
from public_names import PACKAGES, PublicName, public_names, purpose, value_source
from sphinx.application import Sphinx
from written import write_pages


def package_page(package: str) -> str:
    """The page of a package: its names by room, each with its first line."""
    names = sorted(public_names(package), key=lambda name: (name.room, name.name.lower(), name.name))
    lines = [package, "=" * len(package), "", escaped(purpose(package)), "", f".. currentmodule:: {package}", ""]
    for room, group in groupby(names, key=lambda name: name.room):
        inside = list(group)
        lines += [room, "-" * len(room), "", escaped(purpose(room)), ""]
        lines += [".. list-table::", "   :widths: 35 65", "   :class: api-names", ""]
        for name in inside:
            role = {"class": "class", "exception": "exc", "function": "func", "value": "data"}[name.kind]
            lines += [f"   * - :py:{role}:`{name.name}`", f"     - {escaped(first_line(name))}"]
        lines += ["", ".. toctree::", "   :hidden:", "   :maxdepth: 1", ""]
        lines += [f"   {name.name} </{name.page}>" for name in inside]
        lines.append("")
    return "\n".join(lines)


def first_line(name: PublicName) -> str:
    """What a name is, in its first line."""
    if name.kind == "value":
        return value_source(name)[1].split("\n\n")[0]
    text = inspect.getdoc(getattr(importlib.import_module(name.package), name.name)) or ""
    return " ".join(text.split("\n\n")[0].split())


def name_page(name: PublicName) -> str:
    """The page of a name: what autodoc makes of it."""
    public = by_name()
    lines = [name.full, "=" * len(name.full), "", f".. currentmodule:: {name.package}", ""]
    if name.kind == "value":
        source, text = value_source(name)
        lines += [f".. py:data:: {name.name}", "", *(f"   {escaped(line)}" for line in text.splitlines())]
        lines += ["", "   .. code-block:: python", "", f"      {name.name} = {source}", ""]
    elif name.kind == "function":
        lines += [f".. autofunction:: {name.name}", ""]
    else:
        value = getattr(importlib.import_module(name.package), name.name)
        # What comes from a base that has a page is told there; what comes from a private one is told here.
        told = [base.__name__ for base in value.__mro__[1:] if base.__name__ in public or base.__module__ == "builtins"]
        lines += [f".. auto{name.kind}:: {name.name}", "   :members:", f"   :inherited-members: {', '.join(told)}"]
        lines += ["   :show-inheritance:"] if any(is_told(base) for base in value.__bases__) else []
        lines.append("")
    lines += [f"Written in ``{name.module}``.", ""]
    return "\n".join(lines)


def pages() -> dict[str, str]:
    """All pages, by document name."""
    result = {}
    for package in PACKAGES:
        result[f"reference/api/{package}/index"] = package_page(package)
        result |= {name.page: name_page(name) for name in public_names(package)}
    return result


def write(app: Sphinx) -> None:
    """Write what has changed, and delete pages of names that are gone."""
    write_pages(Path(app.srcdir), "reference/api", {f"{name}.rst": text for name, text in pages().items()})


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
