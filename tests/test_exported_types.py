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
import protocols
from photonics.conventions import Complex, Real

PACKAGES: tuple[ModuleType, ...] = (networks, photonics, protocols)
OWN = tuple(package.__name__ for package in PACKAGES)
ELSEWHERE: dict[str, Any] = {
    **{name: getattr(package, name) for package in PACKAGES for name in package.__all__},
    "Complex": Complex,
    "Real": Real,
    # Libraries are named for type checkers only, so stand-ins do.
    "ArrayLike": object,
    "Axes": object,
    "Console": object,
    "Figure": object,
    "csc_array": object,
    "nx": SimpleNamespace(Graph=list),
    "pd": SimpleNamespace(DataFrame=object),
    "xr": SimpleNamespace(Dataset=object),
}
"""Names that are imported for type checkers only."""
UNFINISHED: tuple[str, ...] = ()
"""Rooms whose types are exported with their next change; goes with it."""


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
    for part in signatures(value):
        # What is known where the part was written goes before what type checkers know.
        known = {**ELSEWHERE, **vars(sys.modules[part.__module__])}
        for hint in typing.get_type_hints(part, localns=known).values():
            kinds.update(kind for kind in types_in(hint) if kind.__module__.split(".")[0] in OWN)
    return kinds


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_what_public_names_speak_of_is_public(package: ModuleType) -> None:
    public = {name: getattr(package, name) for name in package.__all__}
    everything = [getattr(one, name) for one in PACKAGES for name in one.__all__]
    kinds = {value for value in everything if inspect.isclass(value)}
    hidden = {
        f"{kind.__qualname__} ({name})"
        for name, value in public.items()
        if (inspect.isclass(value) and value.__module__.split(".")[0] in OWN) or inspect.isfunction(value)
        for kind in own_types(value)
        if kind not in kinds and not kind.__module__.startswith(UNFINISHED)
    }
    assert hidden == set()


def test_names_are_listed_for_completion() -> None:
    for package in PACKAGES:
        assert set(package.__all__) <= set(dir(package))
    assert {"Engine", "Measurement", "Operation", "Parameter", "PairLight", "sample_pairs", "mesh"} <= set(
        dir(photonics)
    )
    assert {"PhaseProblem", "PhaseTask", "Scheme", "SCHEMES", "Plan", "candidates", "pair_plan"} <= set(dir(protocols))


def test_importing_the_packages_loads_nothing_heavy() -> None:
    heavy = "{'networkx', 'matplotlib', 'numpy', 'scipy'}"
    code = f"import sys, networks, photonics, protocols; print(*sorted({heavy} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""
