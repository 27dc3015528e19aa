"""The attributes that network files know, one declared list; and what attributes of other names must mean.

An attribute of a file is known, or looks as if it said one of these things in another name or unit (then it is a fault that names
the right one), or is kept and not used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from networks.laboratory import LABORATORY

Place = Literal["graph", "node", "edge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An attribute of network files.

    Attributes
    ----------
    name : str
    places : tuple of "graph", "node" and "edge"
        Where it may stand.
    in_extra : bool
        Whether the network keeps it among its ``extra`` attributes although something uses it.
    numeric : bool
        Whether its value is a number, so that a file without types of values means one.
    """

    name: str
    places: tuple[Place, ...]
    in_extra: bool = False
    numeric: bool = False


KNOWN = (
    Known(name="name", places=("graph",)),
    Known(name="sensing", places=("graph",)),
    Known(name="photons", places=("graph",), numeric=True),
    Known(name="mean_photons", places=("graph",), numeric=True),
    Known(name="passes", places=("graph",), numeric=True),
    Known(name="parameters", places=("graph",)),
    Known(name="id", places=("node",)),
    Known(name="role", places=("node",)),
    Known(name="coupling", places=("node",)),
    Known(name="alpha", places=("node",)),
    Known(name="x", places=("node",), in_extra=True, numeric=True),
    Known(name="y", places=("node",), in_extra=True, numeric=True),
    Known(name="source", places=("edge",)),
    Known(name="target", places=("edge",)),
    Known(name="transmissivity", places=("node", "edge"), numeric=True),
    Known(name="loss_db", places=("node", "edge"), numeric=True),
    Known(name="loss_before_db", places=("graph", "node"), numeric=True),
    Known(name="distance_km", places=("edge",), in_extra=True, numeric=True),
    Known(name="loss_db_per_km", places=("edge", "graph"), numeric=True),
    *(Known(name=attribute.name, places=attribute.places, numeric=attribute.is_number) for attribute in LABORATORY),
)
"""Every attribute that something of ours reads. To add one, see docs/architecture.md."""

_FREE = frozenset({"name", "id", "source", "target", "x", "y"})
"""Words that other programs use for other things elsewhere; they are kept where they are not ours."""
NUMERIC = frozenset(known.name for known in KNOWN if known.numeric)
"""Attributes that are numbers."""
_SAID = {"graph": "graph", "node": "a node", "edge": "an edge"}


def own_names(place: Place) -> tuple[str, ...]:
    """Names that are fields of a network, a mode or a link, and so no attributes of others."""
    return tuple(
        known.name
        for known in KNOWN
        if place in known.places and not known.in_extra and (known.name, place) != ("loss_db_per_km", "graph")
    )


def known_names(place: Place) -> tuple[str, ...]:
    """Names of all attributes that are used at a place."""
    return tuple(known.name for known in KNOWN if place in known.places)


def home_of(key: str) -> str | None:
    """Where an attribute of ours belongs, in words; None for what is not ours, or a common word elsewhere.

    >>> home_of("transmissivity"), home_of("colour")
    ('a node or an edge', None)
    """
    places = next((known.places for known in KNOWN if known.name == key and key not in _FREE), None)
    return None if places is None else " or ".join(_SAID[place] for place in places)


# --- look-alikes -----------------------------------------------------------------------------------------------------

_LENGTH = frozenset({"length", "distance", "dist", "len"})
_LOSS = frozenset({"loss", "losses", "attenuation", "atten", "attn", "att", "damping"})
_SHARE = frozenset(
    {
        "transmissivity",
        "transmission",
        "transmittance",
        "transmittivity",
        "transmissivities",
        "transmitted",
        "throughput",
    }
    | {"efficiency", "eff", "eta", "tau", "t"}
)
_UNITS = {
    **dict.fromkeys(("km", "kms", "kilometre", "kilometres", "kilometer", "kilometers"), "km"),
    **dict.fromkeys(("m", "metre", "metres", "meter", "meters"), "m"),
    **dict.fromkeys(("mi", "mile", "miles", "ft", "feet", "nm", "cm", "mm"), "other"),
    **dict.fromkeys(("db", "dbs", "decibel", "decibels"), "db"),
    **dict.fromkeys(("percent", "pct", "%"), "%"),
}
_RATE = frozenset({"coef", "coeff", "coefficient", "rate", "constant"})
_FILLERS = frozenset(
    re.findall(
        r"\w+",
        "link edge span fibre fiber cable path route channel line optical total insertion propagation splice connector excess "
        "power energy physical great circle in of the per value factor ratio avg average estimated measured nominal typical",
    )
)


@cache
def _words(key: str) -> tuple[str, ...]:
    """Words and units of a name: 'Length (km)', 'lossDb', 'attenuation_dB/km'."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", key.replace("dB", "Db"))
    return tuple(re.findall(r"[a-z]+|%", parted.lower()))


def look_alike(key: str, place: Place) -> str | None:
    """What an attribute that is not ours should have been, when its name says a length, a loss or a budget; None for others.

    >>> look_alike("Length (km)", "edge")
    "did you mean 'distance_km', in kilometres?"
    >>> look_alike("distance_m", "edge")
    "metres are not read; give 'distance_km', in kilometres: the metres divided by 1000"
    >>> look_alike("colour", "edge") is None
    True
    """
    if len(key) > 60:
        return None
    if place == "graph" and (meant := _budget(key)):
        return meant
    words = _words(key)
    if not words or not all(word in _LENGTH | _LOSS | _SHARE | _RATE | _FILLERS or word in _UNITS for word in words):
        return None
    units = {_UNITS[word] for word in words if word in _UNITS}
    asked = set(words)
    if "db" in units and units & {"km", "m", "other"}:
        return _rate(units, place)
    if asked & _LOSS:
        return _rate(units, place) if asked & _RATE and not units else _loss(units, place)
    if asked & _SHARE:
        return None if words == ("t",) and place == "graph" else _share(units, place)
    if units == {"db"}:
        return _loss(units, place)
    if asked & _LENGTH or units & {"km", "other"} or (words == ("m",) and place == "edge"):
        return _length(units, place)
    return None


def _budget(key: str) -> str | None:
    plain = "_".join(_words(key))
    if plain in ("hbar", "h_bar"):
        return "files hold no hbar: nothing in them is in units of it; remove it"
    if plain in ("nbar", "n_bar", "mean_n", "mean_photon_number", "average_photons", "mean_photon"):
        return "did you mean 'mean_photons', the mean photon number of a shot?"
    if plain in ("photon_number", "number_of_photons", "n_photons", "num_photons"):
        return "did you mean 'photons', the exact photon number of a shot?"
    return None


def _length(units: set[str], place: Place) -> str:
    if place != "edge":
        return "lengths belong to an edge: 'distance_km', in kilometres; remove it or give it another name"
    if "m" in units:
        return "metres are not read; give 'distance_km', in kilometres: the metres divided by 1000"
    if "other" in units:
        return "this unit is not read; give 'distance_km', in kilometres"
    return "did you mean 'distance_km', in kilometres?"


def _rate(units: set[str], place: Place) -> str:
    if place == "node":
        return "losses per length belong to graph or an edge: 'loss_db_per_km', in dB/km"
    if units & {"m", "other"}:
        return "this unit is not read; give 'loss_db_per_km', in dB/km (1 dB/m is 1000 dB/km)"
    return "did you mean 'loss_db_per_km', in dB/km?"


def _loss(units: set[str], place: Place) -> str:
    if place == "graph":
        return (
            "did you mean 'transmissivity' of a node or an edge (a share in (0, 1]), 'loss_db' of an edge (in dB) or "
            "'loss_db_per_km' (in dB/km)?"
        )
    if place == "node":
        return "did you mean 'transmissivity', a share in (0, 1]? A loss of x dB is 10^(-x/10)"
    if "db" in units:
        return "did you mean 'loss_db', in dB?"
    if "%" in units:
        return "did you mean 'transmissivity', a share in (0, 1]? A loss of x percent is 1 - x/100"
    return "did you mean 'loss_db' (in dB), 'loss_db_per_km' (in dB/km) or 'transmissivity' (a share in (0, 1])?"


def _share(units: set[str], place: Place) -> str:
    if place == "graph":
        return "did you mean 'transmissivity' of a node or an edge, a share in (0, 1]?"
    if "db" in units:
        return _loss(units, place)
    if "%" in units:
        return "did you mean 'transmissivity', a share in (0, 1]? x percent are x/100"
    return "did you mean 'transmissivity', a share in (0, 1]?"
