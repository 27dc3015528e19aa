"""Every type of ours that a public function or value takes or gives back is public itself, where users look for names."""

from __future__ import annotations

import inspect
import subprocess
import sys
import typing
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import networks
import photonics

OWN = ("networks", "photonics")


def types_in(hint: Any) -> Iterator[type]:
    """The classes that a type hint is made of."""
    if inspect.isclass(hint):
        yield hint
    for part in typing.get_args(hint):
        if isinstance(part, list):
            for one in part:
                yield from types_in(one)
        else:
            yield from types_in(part)


def signatures(value: Any) -> Iterator[Any]:
    """The function itself, or what makes a value, its methods and its properties."""
    if inspect.isfunction(value):
        yield value
        return
    yield value
    for name, member in vars(value).items():
        if isinstance(member, property):
            member = member.fget
        elif isinstance(member, classmethod | staticmethod):
            member = member.__func__
        if not name.startswith("_") and inspect.isfunction(member):
            yield member


def own_types(value: Any) -> set[type]:
    kinds: set[type] = set()
    # networkx and matplotlib are named for type checkers only, so stand-ins do; every type of ours is known when its module runs.
    elsewhere = {"Figure": object, "nx": SimpleNamespace(Graph=list)}
    for part in signatures(value):
        for hint in typing.get_type_hints(part, localns=elsewhere).values():
            kinds.update(kind for kind in types_in(hint) if kind.__module__.split(".")[0] in OWN)
    return kinds


@pytest.mark.parametrize("package", [networks, photonics], ids=lambda package: package.__name__)
def test_what_public_names_speak_of_is_public(package: ModuleType) -> None:
    public = {name: getattr(package, name) for name in package.__all__}
    kinds = {value for value in public.values() if inspect.isclass(value)}
    hidden = {
        f"{kind.__qualname__} ({name})"
        for name, value in public.items()
        if (inspect.isclass(value) and value.__module__.split(".")[0] in OWN) or inspect.isfunction(value)
        for kind in own_types(value)
        if kind not in kinds
    }
    assert hidden == set()


def test_names_are_listed_for_completion() -> None:
    assert set(networks.__all__) <= set(dir(networks))
    assert set(photonics.__all__) <= set(dir(photonics))
    assert {"Engine", "Measurement", "Operation", "Parameter", "PairLight", "sample_pairs", "mesh"} <= set(
        dir(photonics)
    )


def test_importing_the_packages_loads_nothing_heavy() -> None:
    code = "import sys, networks, photonics; print(*sorted({'networkx', 'matplotlib', 'numpy', 'scipy'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""
