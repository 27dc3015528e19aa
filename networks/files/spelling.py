"""Keys that look like one of ours: misspelt, called otherwise, or in the wrong place."""

from __future__ import annotations

import difflib
from functools import lru_cache

from networks.errors import short_repr
from networks.files.known import Place, home_of, known_names
from networks.files.look_alikes import look_alike, respelt

_ALSO_CALLED = {"n": "photons", "m": "passes"}
LONGEST = 40
"""Letters of a key that may be a misspelling; longer ones are none of ours."""


def attribute_fault(key: str, place: Place, where: str, *, foreign: bool = False) -> str | None:
    """The best advice on an attribute that nothing uses at this place; None for one that says something else.

    That it belongs elsewhere is certain. A name that says a length or a loss is no slip of the pen: who followed the spelling alone
    could be wrong by its unit. In files of other programs (``foreign``) a name that resembles one of ours says something else.

    >>> attribute_fault("photons", "edge", "edge a - b")
    "edge a - b: 'photons' belongs to graph, not here"
    >>> attribute_fault("distance_m", "edge", "edge a - b")
    "edge a - b: unknown attribute 'distance_m'; metres are not read; give 'distance_km', in kilometres: the metres divided by 1000"
    >>> attribute_fault("tranmissivity", "edge", "edge a - b")
    "edge a - b: unknown attribute 'tranmissivity'; did you mean 'transmissivity'?"
    >>> attribute_fault("tranmissivity", "edge", "edge a - b", foreign=True) is None
    True
    """
    if key in known_names(place):
        return None
    alike = look_alike(key, place)
    if alike is None and not foreign and (right := respelt(key)).replace(" ", "_") not in known_names(place):
        alike = look_alike(right, place)
    if alike and (foreign or home_of(key) is None):
        return f"{where}: unknown attribute {short_repr(key)}; {alike}"
    # A single letter in the other case means anything.
    return None if foreign else misspelling_of(key, tuple(name for name in known_names(place) if len(name) > 1), where)


def misspelling_of(key: str, known: tuple[str, ...], where: str) -> str | None:
    """A fault when an unknown key is a known one misspelt, by another name, or in the wrong place; None for others."""
    fault = _misspelling(key, known)
    return f"{where}: {fault}" if fault else None


@lru_cache(maxsize=4096)
def _misspelling(key: str, known: tuple[str, ...]) -> str | None:
    if len(key) > LONGEST:
        return None
    plain = key.lower().replace("-", "_").replace(" ", "_")
    home = home_of(key)
    if home and key not in known:
        return f"{key!r} belongs to {home}, not here"
    meant = _ALSO_CALLED.get(plain)
    close = [meant] if meant in known else difflib.get_close_matches(plain, known, n=1, cutoff=0.74)
    return f"unknown attribute {short_repr(key)}; did you mean {close[0]!r}?" if close else None
