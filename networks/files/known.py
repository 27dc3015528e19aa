"""The attributes that network files know, one declared list. What attributes of other names must mean is in ``look_alikes``."""

from __future__ import annotations

from dataclasses import dataclass
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
    boolean : bool
        Whether its value is true or false; so too.
    """

    name: str
    places: tuple[Place, ...]
    in_extra: bool = False
    numeric: bool = False
    boolean: bool = False


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
    *(
        Known(
            name=attribute.name,
            places=attribute.places,
            numeric=attribute.is_number,
            boolean=attribute.kind == "truth",
        )
        for attribute in LABORATORY
    ),
)
"""Every attribute that something of ours reads. To add one, see docs/reference/architecture.md."""

_FREE = frozenset({"name", "id", "source", "target", "x", "y"})
"""Words that other programs use for other things elsewhere; they are kept where they are not ours."""
NUMERIC = frozenset(known.name for known in KNOWN if known.numeric)
"""Attributes that are numbers."""
BOOLEAN = frozenset(known.name for known in KNOWN if known.boolean)
"""Attributes that are true or false."""
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
