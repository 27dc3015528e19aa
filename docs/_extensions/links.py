"""Types of ours in signatures, by whatever way they are written: ``LinearFunction``, ``networks.function.LinearFunction``."""

from __future__ import annotations

import ast
from functools import cache
from typing import Any, get_origin

from docutils.nodes import Element, TextElement
from public_names import PACKAGES, ROOT, public_names
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.nodes import make_refnode


@cache
def by_name() -> dict[str, dict[str, str]]:
    """For each public name the packages that export it, with the page there."""
    result: dict[str, dict[str, str]] = {}
    for package in PACKAGES:
        for name in public_names(package):
            result.setdefault(name.name, {})[package] = name.page
    return result


@cache
def private_types() -> frozenset[str]:
    """Names of types that stand in signatures of public things without being public: aliases, and bases of classes."""
    names = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.ClassDef):
                    names.add(node.name)
                elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    names.add(node.targets[0].id)
    return frozenset(names - set(by_name()))


def public_bases(app: Sphinx, name: str, obj: type, options: Any, bases: list[type]) -> None:
    """Keep those bases of a class that somebody can look up."""
    del app, name, obj, options
    bases[:] = [base for base in bases if is_told(base)]


def is_told(base: Any) -> bool:
    """Whether a page names a base of a class: those of ours where they are public, exceptions, and none that any class has."""
    kind = get_origin(base) or base
    if kind.__module__.split(".")[0] in PACKAGES:
        return kind.__name__ in by_name()
    # typing.NamedTuple is a function.
    return isinstance(kind, type) and issubclass(kind, Exception)


def own_members(app: Sphinx, what: str, name: str, obj: object, skip: bool, options: Any) -> bool | None:
    """Leave out methods that come from Python: those of tuples, dictionaries and exceptions."""
    del app, what, name, options
    module = getattr(getattr(obj, "fget", obj), "__module__", None)
    if not skip and module is not None and module.split(".")[0] not in PACKAGES:
        return True
    return None


def resolve(app: Sphinx, env: BuildEnvironment, node: pending_xref, content: TextElement) -> Element | None:
    """The link to a public name where Sphinx has found none; of a private one its text; of all else nothing, which is a warning."""
    if node.get("refdomain") != "py":
        return None
    *way, name = node["reftarget"].split(".")
    pages = by_name().get(name, {})
    package = way[0] if way else node.get("py:module", "")
    if package not in pages and len(pages) == 1 and not way:
        (package,) = pages
    if package not in pages:
        return content if name in private_types() and (not way or way[0] in PACKAGES) else None
    return make_refnode(app.builder, node["refdoc"], pages[package], f"{package}.{name}", content)


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.connect("missing-reference", resolve)
    app.connect("autodoc-process-bases", public_bases)
    app.connect("autodoc-skip-member", own_members)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
