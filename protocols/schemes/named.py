"""What schemes and estimators have in common: a name in a registry, and how a caller's choice of them is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, TypeVar, cast

from networks import InputError
from networks.errors import short_repr
from networks.modes import Sensing
from protocols.problem import Kind

IN_WORDS: dict[Kind, str] = {
    "phase": "phase sensing with exactly N photons",
    "gaussian": "phase sensing with mean_photons",
    "displacement": "displacement sensing",
}
"""Kinds of problems in messages."""


class Named:
    """Known by name. Two of them are equal when they are of one class with equal fields.

    Attributes
    ----------
    name : str
        As on the command line, in documents, sweeps and figures.
    title : str
        A few words for people.
    senses : "phase" or "displacement"
    """

    name: ClassVar[str]
    title: ClassVar[str]
    senses: ClassVar[Sensing]

    @property
    def kind(self) -> Kind:
        """Of problems that it is for: what it senses, or "gaussian" for phases with a mean photon number."""
        return self.senses

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(type(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


NamedT = TypeVar("NamedT", bound=Named)


def choose(
    what: str,
    kind: type[object],
    known: Mapping[str, NamedT],
    problems: Kind,
    wanted: Sequence[str | NamedT] | None,
) -> tuple[NamedT, ...]:
    """Those of a registry that a caller wants, by name or as objects of their own; all when nothing is said.

    Parameters
    ----------
    what : "scheme" or "estimator"
    kind : the class that objects are of
    known : those registered for this kind of problem, by name
    problems : "phase", "gaussian" or "displacement"
    wanted : names and objects, each name once

    Raises
    ------
    InputError
        Listing every fault.
    """
    if wanted is None:
        return tuple(known.values())
    article = "an" if what[0] in "aeiou" else "a"
    if isinstance(wanted, str) or not isinstance(wanted, Iterable):
        raise InputError([f"{what}s must be a list of names and {kind.__name__} objects, got {short_repr(wanted)}"])
    wanted = tuple(wanted)
    chosen: list[NamedT] = []
    faults = []
    for one in wanted:
        value: object = known.get(one) if isinstance(one, str) else one
        if isinstance(one, str) and value is None:
            faults.append(f"{IN_WORDS[problems]} has no {what} {short_repr(one)}; known are {', '.join(known)}")
        elif not isinstance(value, kind):
            faults.append(f"{article} {what} is a name or {article} {kind.__name__}, got {short_repr(one)}")
        elif unnamed := [word for word in ("name", "title") if not isinstance(getattr(value, word, None), str)]:
            faults.append(f"the {what} {short_repr(value)} needs {' and '.join(unnamed)}, as text, in its class")
        elif (known_kind := cast("NamedT", value)).kind != problems:
            faults.append(
                f"the {what} {known_kind.name!r} is for {IN_WORDS[known_kind.kind]}, this is {IN_WORDS[problems]}"
            )
        else:
            chosen.append(known_kind)
    names = [one.name for one in chosen]
    faults += [f"two {what}s are called {name!r}" for name in dict.fromkeys(names) if names.count(name) > 1]
    if not wanted:
        faults.append(f"name at least one {what}; known are {', '.join(known)}")
    if faults:
        raise InputError(faults)
    return tuple(chosen)
