"""The public names of the three packages: what ``__init__.pyi`` lists, where each is written, and what kind of thing it is."""

from __future__ import annotations

import ast
import importlib
import inspect
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType
from typing import Literal

ROOT = Path(__file__).parents[2]
PACKAGES = ("networks", "photonics", "protocols")

Kind = Literal["class", "exception", "function", "value"]


@dataclass(frozen=True, kw_only=True)
class PublicName:
    """One name that a package exports."""

    package: str
    name: str
    module: str
    """Where it is written; the public way to it is the package."""
    written_as: str
    """Its name there."""

    @property
    def full(self) -> str:
        """The name with its package, as in the inventory of the site."""
        return f"{self.package}.{self.name}"

    @property
    def room(self) -> str:
        """The package or module directly in the package that it is written in."""
        return ".".join(self.module.split(".")[:2])

    @property
    def kind(self) -> Kind:
        """Whether it is a class, an exception, a function, or a value: a constant, or the name of a type."""
        value = getattr(importlib.import_module(self.package), self.name)
        if inspect.isclass(value):
            return "exception" if issubclass(value, BaseException) else "class"
        # Functions that keep their answers are wrapped.
        return "function" if isinstance(inspect.unwrap(value), FunctionType) else "value"

    @property
    def page(self) -> str:
        """The document of its page. Classes and functions are apart, since some names differ in case alone."""
        folder = {"class": "classes", "exception": "classes", "function": "functions", "value": "values"}[self.kind]
        return f"reference/api/{self.package}/{folder}/{self.name}"


def public_names(package: str) -> list[PublicName]:
    """What a package exports, in the order of its list."""
    stub = ast.parse((ROOT / package / "__init__.pyi").read_text())
    result = []
    for node in stub.body:
        if not isinstance(node, ast.ImportFrom) or node.level != 1 or node.module is None:
            raise ValueError(f"{package}/__init__.pyi, line {node.lineno}: not an import from a module of the package")
        module = f"{package}.{node.module}"
        result += [
            PublicName(package=package, name=alias.asname or alias.name, module=module, written_as=alias.name)
            for alias in node.names
        ]
    return result


def purpose(module: str) -> str:
    """The first sentence or two of a module's docstring: its first paragraph."""
    text = inspect.getdoc(importlib.import_module(module)) or ""
    return " ".join(text.split("\n\n")[0].split())


def value_source(name: PublicName) -> tuple[str, str]:
    """How a constant or the name of a type is written, and the text under it."""
    module: str | None = name.module
    while module:
        source = inspect.getsource(importlib.import_module(module))
        body = ast.parse(source).body
        for node, following in zip(body, [*body[1:], None], strict=True):
            if isinstance(node, ast.ImportFrom) and name.written_as in [alias.name for alias in node.names]:
                # Exported by a package that has it from a module of its own.
                module = node.module if not node.level else f"{module}.{node.module}"
                break
            target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
            if isinstance(target, ast.Name) and target.id == name.written_as:
                return ast.unparse(node.value), text_of(following)  # type: ignore[attr-defined]
        else:
            break
    raise ValueError(f"{name.full} is not assigned in {name.module}")


def text_of(node: ast.stmt | None) -> str:
    """The text under a constant, if that is what follows it."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return inspect.cleandoc(node.value.value)
    return ""
