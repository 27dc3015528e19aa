"""The list of public names, and whether a later one keeps the promises of an earlier one."""

import importlib
import inspect
from typing import Any

PACKAGES = ("networks", "photonics", "protocols")
POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)

Names = dict[str, dict[str, list[str] | None]]
"""By package, then by name: the parameters, keyword-only ones behind a star; None of what has no signature."""


def public_names() -> Names:
    """What ``__all__`` lists today."""
    result: Names = {}
    for package in PACKAGES:
        module = importlib.import_module(package)
        result[package] = {name: _parameters(getattr(module, name)) for name in sorted(module.__all__)}
    return result


def _parameters(thing: Any) -> list[str] | None:
    """Parameters without annotations, as in "engine='native'"."""
    try:
        parameters = inspect.signature(thing).parameters.values()
    except (TypeError, ValueError):
        return None
    texts, starred = [], False
    for parameter in parameters:
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and not starred:
            texts.append("*")
            starred = True
        starred = starred or parameter.kind is inspect.Parameter.VAR_POSITIONAL
        texts.append(str(parameter.replace(annotation=inspect.Parameter.empty)))
    return texts


def broken_promises(kept: Names, now: Names) -> list[str]:
    """Calls that worked and would not any more: names gone, parameters gone, in another order, or needed that were not there.

    New names and new parameters with a default, behind the old ones or by keyword only, break nothing.

    >>> broken_promises({"p": {"f": ["a", "*", "b=1"]}}, {"p": {"f": ["a", "c=2", "*", "b=1", "d=3"], "g": []}})
    []
    >>> broken_promises({"p": {"f": ["a", "b"]}}, {"p": {"f": ["a", "b=1"]}})
    []
    >>> broken_promises({"p": {"f": ["a", "*", "b=1"]}}, {"p": {"f": ["c", "a", "*", "b=2"]}})
    ['p.f: a was place 1 of (a, *, b=1), now (c, a, *, b=2)', 'p.f: b=1 is gone from (c, a, *, b=2)', 'p.f: c is needed now']
    """
    result = []
    for package, names in kept.items():
        for name, parameters in names.items():
            where = f"{package}.{name}"
            if name not in now.get(package, {}):
                result.append(f"{where} is gone")
            elif parameters is not None:
                result += [f"{where}: {fault}" for fault in _faults(parameters, now[package][name])]
    return result


def _faults(kept: list[str], now: list[str] | None) -> list[str]:
    shown = f"({', '.join(now or [])})"
    if now is None:
        return ["it has no signature any more"]
    # A default for what had to be given breaks no call.
    defaults = {parameter.partition("=")[0]: parameter for parameter in now if "=" in parameter}
    kept = [defaults.get(parameter, parameter) for parameter in kept]
    faults = []
    positional, new_positional = _split(kept)[0], _split(now)[0]
    for place, parameter in enumerate(positional):
        if parameter not in now:
            faults.append(f"{parameter} is gone from {shown}")
        elif new_positional[place : place + 1] != [parameter]:
            faults.append(f"{parameter} was place {place + 1} of ({', '.join(kept)}), now {shown}")
    keyword = _split(kept)[1]
    faults += [f"{parameter} is gone from {shown}" for parameter in keyword if parameter not in now]
    order = [parameter for parameter in now if parameter in keyword]
    if len(order) == len(keyword) and order != keyword:
        faults.append(f"{', '.join(keyword)} are in another order in {shown}")
    names = {parameter.partition("=")[0] for parameter in kept}
    new = [parameter for parameter in now if "=" not in parameter and not parameter.startswith("*")]
    return faults + [f"{parameter} is needed now" for parameter in new if parameter not in names]


def _split(parameters: list[str]) -> tuple[list[str], list[str]]:
    """Before the star and behind it."""
    place = parameters.index("*") if "*" in parameters else len(parameters)
    return parameters[:place], parameters[place + 1 :]
