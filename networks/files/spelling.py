"""Keys that look like one of ours: misspelt, called otherwise, or in the wrong place."""

from __future__ import annotations

import difflib
from functools import lru_cache

from networks.errors import short_repr
from networks.files.known import home_of

_ALSO_CALLED = {"n": "photons", "m": "passes"}
LONGEST = 40
"""Letters of a key that may be a misspelling; longer ones are none of ours."""


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
