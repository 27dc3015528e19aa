"""The schemes that every command knows, by name, and how one is chosen. To add one, write its file and name it here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Protocol, TypeVar, cast

from networks import InputError
from networks.errors import short_repr
from networks.modes import Sensing
from protocols.schemes.entangled_squeezed import EntangledSqueezed
from protocols.schemes.noon import Noon
from protocols.schemes.scheme import AnyScheme, Scheme
from protocols.schemes.separable_phase import SeparablePhase
from protocols.schemes.separable_squeezed import SeparableSqueezed
from protocols.schemes.w_matrix import WMatrix

SCHEMES: tuple[AnyScheme, ...] = (Noon(), WMatrix(), SeparablePhase(), EntangledSqueezed(), SeparableSqueezed())
"""In the order in which results list them."""


def schemes_of(sensing: Sensing) -> dict[str, AnyScheme]:
    """The registered schemes for one kind of sensing, by name.

    Parameters
    ----------
    sensing : "phase" or "displacement"

    Examples
    --------
    >>> list(schemes_of("displacement"))
    ['entangled-squeezed', 'separable-squeezed']
    """
    return {scheme.name: scheme for scheme in SCHEMES if scheme.senses == sensing}


def choose_schemes(sensing: Sensing, wanted: Sequence[str | AnyScheme] | None = None) -> tuple[AnyScheme, ...]:
    """The schemes that a caller wants, by name or as objects of their own; all registered ones when nothing is said.

    Parameters
    ----------
    sensing : "phase" or "displacement"
    wanted : names of registered schemes, or ``Scheme`` objects

    Raises
    ------
    InputError
        Listing every name that is not known, and every scheme that is for another kind of sensing.
    """
    return choose("scheme", Scheme, schemes_of(sensing), sensing, wanted)


def find_scheme(sensing: Sensing, wanted: str | AnyScheme) -> AnyScheme:
    """One scheme, by name or as an object.

    Parameters
    ----------
    sensing : "phase" or "displacement"
    wanted : name of a registered scheme, or a ``Scheme`` object

    Raises
    ------
    InputError
        For a name that is not known, and a scheme for another kind of sensing.

    Examples
    --------
    >>> find_scheme("phase", "noon")
    Noon()
    """
    (scheme,) = choose_schemes(sensing, [wanted])
    return scheme


class Named(Protocol):
    """What schemes and estimators have in common."""

    name: ClassVar[str]
    senses: ClassVar[Sensing]


NamedT = TypeVar("NamedT", bound=Named)


def choose(
    what: str,
    kind: type[object],
    known: Mapping[str, NamedT],
    sensing: Sensing,
    wanted: Sequence[str | NamedT] | None,
) -> tuple[NamedT, ...]:
    """Those of a registry that a caller wants, by name or as objects of their own; all when nothing is said.

    Parameters
    ----------
    what : "scheme" or "estimator"
    kind : the class that objects are of
    known : those registered for this kind of sensing, by name
    sensing : "phase" or "displacement"
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
            faults.append(f"{sensing} sensing has no {what} {short_repr(one)}; known are {', '.join(known)}")
        elif not isinstance(value, kind):
            faults.append(f"{article} {what} is a name or {article} {kind.__name__}, got {short_repr(one)}")
        elif unnamed := [word for word in ("name", "title") if not isinstance(getattr(value, word, None), str)]:
            faults.append(f"the {what} {short_repr(value)} needs {' and '.join(unnamed)}, as text, in its class")
        elif (known_kind := cast("NamedT", value)).senses != sensing:
            faults.append(
                f"the {what} {known_kind.name!r} is for {known_kind.senses} sensing, this is {sensing} sensing"
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
