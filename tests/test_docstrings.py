"""Public names say what they take: every parameter of a public function, class or method has its line in a Parameters section.

Methods are looked at in networks and photonics.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType
from typing import is_typeddict

import pytest

import networks
import photonics
import protocols

PACKAGES: tuple[ModuleType, ...] = (networks, photonics, protocols)
SECTION = re.compile(r"^(?:Parameters|Attributes)\n-{10}\n(.*?)(?=^\S[^\n]*\n-{3,}\n|\Z)", re.MULTILINE | re.DOTALL)


def own_parameters(value: object) -> list[str]:
    """Names of the parameters of a function or of what makes a value, self aside."""
    assert callable(value)
    return [name for name in inspect.signature(value).parameters if name not in ("self", "cls")]


def documented(value: object) -> set[str]:
    """The names that stand before a colon at the margin of the Parameters section, or alone on a line there."""
    section = SECTION.search(inspect.getdoc(value) or "")
    heads = [line for line in section[1].splitlines() if line and not line[0].isspace()] if section else []
    return {name.strip().lstrip("*") for head in heads for name in head.split(":")[0].split(",")}


def undocumented(value: object) -> list[str]:
    """The parameters without a line in the Parameters section."""
    return [name for name in own_parameters(value) if name not in documented(value)]


def public_callables() -> list[tuple[str, object]]:
    """Functions and classes that take something; exceptions and protocols of typing say it in their methods."""
    pairs = []
    for package in PACKAGES:
        for name in package.__all__:
            value = getattr(package, name)
            if getattr(value, "_is_protocol", False) or (inspect.isclass(value) and issubclass(value, BaseException)):
                continue
            if (inspect.isclass(value) or inspect.isfunction(value)) and own_parameters(value):
                pairs.append((f"{package.__name__}.{name}", value))
            if inspect.isclass(value) and package is not protocols:
                pairs += [(f"{package.__name__}.{name}.{method}", part) for method, part in methods(value)]
    return pairs


def methods(kind: type) -> list[tuple[str, object]]:
    """Public methods of a class that take something."""
    named = {name: getattr(part, "__func__", part) for name, part in vars(kind).items() if not name.startswith("_")}
    return [(name, part) for name, part in named.items() if inspect.isfunction(part) and own_parameters(part)]


PUBLIC = public_callables()


@pytest.mark.parametrize(("name", "value"), PUBLIC, ids=[name for name, _ in PUBLIC])
def test_every_parameter_is_documented(name: str, value: object) -> None:
    missing = undocumented(value)
    assert not missing, f"{name}: no line of a Parameters section for {', '.join(missing)}"


@pytest.mark.parametrize(("name", "value"), PUBLIC, ids=[name for name, _ in PUBLIC])
def test_no_parameter_is_documented_that_is_not_there(name: str, value: object) -> None:
    strange = documented(value) - set(own_parameters(value))
    assert not strange, f"{name} has no {', '.join(sorted(strange))}"


ROOMS = ("theory", "loss", "privacy", "hardware", "schemes", "ranking", "problem", "conditions", "tables")
"""Rooms of protocols whose functions, classes and methods all say what they take, exported or not."""


def room_callables(room: str) -> Iterator[tuple[str, object]]:
    """Functions, classes and methods that are written in a room and take something."""
    result = importlib.import_module(f"protocols.{room}")
    inner = pkgutil.walk_packages(result.__path__, f"{result.__name__}.") if hasattr(result, "__path__") else ()
    for module in (result, *(importlib.import_module(one.name) for one in inner)):
        for name, value in vars(module).items():
            if name.startswith("_") or getattr(value, "__module__", None) != module.__name__:
                continue
            if not (inspect.isfunction(value) or inspect.isclass(value)):
                continue
            silent = (
                getattr(value, "_is_protocol", False)
                or is_typeddict(value)
                or (inspect.isclass(value) and issubclass(value, BaseException))
            )
            if not silent:
                yield f"{module.__name__}.{name}", value
            for part, member in vars(value).items() if inspect.isclass(value) else ():
                method = getattr(member, "__func__", member)
                if inspect.isfunction(method) and not part.startswith("_"):
                    yield f"{module.__name__}.{name}.{part}", method


@pytest.mark.parametrize("room", ROOMS)
def test_everything_in_these_rooms_is_documented(room: str) -> None:
    values = [(name, value) for name, value in room_callables(room) if own_parameters(value)]
    assert values
    lacking = {name: missing for name, value in values if (missing := undocumented(value))}
    assert lacking == {}
