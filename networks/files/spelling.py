"""Keys that look like one of ours: misspelt, called otherwise, or in the wrong place."""

from __future__ import annotations

import difflib

_HOME = {
    "name": "graph",
    "sensing": "graph",
    "photons": "graph",
    "mean_photons": "graph",
    "passes": "graph",
    "parameters": "graph",
    "role": "a node",
    "coupling": "a node",
    "alpha": "a node",
    "transmissivity": "a node or an edge",
    "loss_db": "an edge",
    "distance_km": "an edge",
}


_ALSO_CALLED = {
    "eta": "transmissivity",
    "loss": "transmissivity",
    "transmission": "transmissivity",
    "length_km": "distance_km",
    "loss_in_db": "loss_db",
    "attenuation_db": "loss_db",
    "n": "photons",
    "m": "passes",
}


def misspelling_of(key: str, known: tuple[str, ...], where: str) -> str | None:
    """A fault when an unknown key is a known one misspelt, by another name, or in the wrong place; None for others."""
    plain = key.lower().replace("-", "_").replace(" ", "_")
    if key in _HOME and key not in known:
        return f"{where}: {key!r} belongs to {_HOME[key]}, not here"
    meant = _ALSO_CALLED.get(plain)
    close = [meant] if meant in known else difflib.get_close_matches(plain, known, n=1, cutoff=0.74)
    return f"{where}: unknown attribute {key!r}; did you mean {close[0]!r}?" if close else None
