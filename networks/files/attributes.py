"""The attributes of a network file as values and back; what a link transmits, from a transmissivity, dB or kilometres of fibre."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from networks import rules
from networks.benches import as_written, given_names
from networks.errors import InputError, short_repr
from networks.exact import parse_exact
from networks.files.known import Place, known_names, own_names
from networks.files.spelling import attribute_fault
from networks.laboratory import (
    LEAST_LINK_SHARE,
    LEAST_SHARE,
    OF_GRAPH,
    OF_NODE,
    loss_db_fault,
    most_db,
    transmissivity_of_db,
)
from networks.modes import Link, Mode, NetworkParts, Scalar, is_mode_id
from networks.sensor_network import SensorNetwork

MAX_NAMES = 2000
"""Different names of attributes in a file."""
KEYS = ("transmissivity", "loss_db", "distance_km", "loss_db_per_km")


def link_transmissivity(data: Mapping[str, Any], per_km: Any, where: str, faults: list[str]) -> Any:
    """The transmissivity of a link; ``per_km`` is the graph's loss_db_per_km, None without one. Adds to ``faults``.

    One way only: ``transmissivity``, ``loss_db``, or ``distance_km`` with ``loss_db_per_km`` (of the link or the graph). A
    distance beside one of the first two is information. Whether a transmissivity is in (0, 1] is for the rules.

    >>> link_transmissivity({"distance_km": 15, "loss_db_per_km": 0.2}, None, "edge", []) == 10**-0.3
    True
    >>> faults = []
    >>> link_transmissivity({"distance_km": 3, "loss_db": 1, "transmissivity": 0.9}, None, "edge a - b", faults)
    1.0
    >>> faults
    ['edge a - b: transmissivity and loss_db say the same thing twice; give one']
    """
    given = [key for key in KEYS if data.get(key) is not None]
    own = [f"{where}: {fault}" for key in given if key != "transmissivity" and (fault := loss_db_fault(data[key], key))]
    sources = [key for key in ("transmissivity", "loss_db", "loss_db_per_km") if key in given]
    if len(sources) > 1:
        own.append(f"{where}: {' and '.join(sources)} say the same thing twice; give one")
    if "loss_db_per_km" in given and "distance_km" not in given:
        own.append(f"{where}: loss_db_per_km needs distance_km")
    if own:
        faults += own
        return 1.0
    if "transmissivity" in given:
        return data["transmissivity"]
    if "loss_db" in given:
        return _transmitted(float(data["loss_db"]), where, faults)
    if "distance_km" not in given:
        return 1.0
    rate = data.get("loss_db_per_km", per_km)
    if rate is None:
        faults.append(
            f"{where}: distance_km needs loss_db_per_km, on the edge or for the whole graph (0.2 for usual fibre), "
            "or a transmissivity beside it"
        )
        return 1.0
    if loss_db_fault(rate, "loss_db_per_km"):
        # The graph's own value; it is reported once, there.
        return 1.0
    return _transmitted(float(data["distance_km"]) * float(rate), where, faults)


def _transmitted(loss_db: float, where: str, faults: list[str]) -> float:
    """10^(-dB/10); a fault where that is less than anything may let through."""
    share = transmissivity_of_db(loss_db)
    part = where.partition(" ")[0]
    least = LEAST_LINK_SHARE if part == "edge" else LEAST_SHARE
    if share < least:
        remedy = "give less" if part == "graph" else f"leave the {part} out"
        faults.append(f"{where}: {loss_db:.6g} dB are lost, more than {most_db(least)}; {remedy}, nothing arrives")
        return 1.0
    return share


def _share(data: Mapping[str, Any], name: str, in_db: str, where: str, faults: list[str]) -> Any:
    """A transmissivity that is said as a share or in dB; None where it is not said. Adds to ``faults``."""
    share, loss = (_number(data.get(key)) for key in (name, in_db))
    if share is not None and loss is not None:
        faults.append(f"{where}: {name} and {in_db} say the same thing twice; give one")
        return None
    if loss is None:
        return share
    if fault := loss_db_fault(loss, in_db):
        faults.append(f"{where}: {fault}")
        return None
    return _transmitted(float(loss), where, faults)


def per_km_fault(value: Any) -> str | None:
    """What is wrong with the graph's loss_db_per_km, or None."""
    return None if value is None else loss_db_fault(value, "loss_db_per_km")


class _Unread:
    """Attributes that should have another name: each is said once, with how often it stands there."""

    def __init__(self, faults: list[str], *, foreign: bool) -> None:
        self._faults = faults
        self._foreign = foreign
        self._places: dict[tuple[Place, str], list[str]] = {}
        self._counts: Counter[tuple[Place, str]] = Counter()
        self._names: set[str] = set()

    def has_fault(self, key: str, place: Place, where: str) -> bool:
        """Whether the name of an attribute is a fault; it is noted."""
        if key in known_names(place):
            return False
        self._names.add(key)
        if len(self._names) > MAX_NAMES:
            raise InputError(
                [*self._faults, f"more than {MAX_NAMES} different names of attributes; a file may not have more"]
            )
        if (place, key) not in self._places:
            fault = attribute_fault(key, place, where, foreign=self._foreign)
            self._places[place, key] = [] if fault is None else [fault, where]
        self._counts[place, key] += 1
        return bool(self._places[place, key])

    def close(self) -> None:
        """Add what was noted to the faults."""
        for at, (fault, where) in ((at, said) for at, said in self._places.items() if said):
            more = self._counts[at] - 1
            self._faults.append(fault.replace(where, f"{where} and {more} more", 1) if more else fault)


def network_from_parts(
    attributes: Mapping[str, Any],
    nodes: Iterable[Any],
    edges: Iterable[Any],
    faults: list[str],
    *,
    foreign: bool = False,
) -> SensorNetwork:
    """The network of attributes as in the network file; ``faults`` of reading are reported together with its own.

    In files of other programs (``foreign``) a name that resembles one of ours is no misspelling; one that says a length or a loss
    is a fault there too.
    """
    unread = _Unread(faults, foreign=foreign)
    modes = [_mode(data, faults, unread) for data in nodes]
    per_km = _number(attributes.get("loss_db_per_km"))
    if fault := per_km_fault(per_km):
        faults.append(f"graph: {fault}")
    links = [_link(data, per_km, faults, unread) for data in edges]
    fields: dict[str, Any] = {
        "name": attributes.get("name", "network"),
        "sensing": attributes.get("sensing"),
        "modes": tuple(mode for mode in modes if mode),
        "links": tuple(link for link in links if link),
        "photons": _number(attributes.get("photons")),
        "mean_photons": _number(attributes.get("mean_photons")),
        "passes": _number(attributes.get("passes", 1)),
        "parameters": _number(attributes.get("parameters", "static")),
        "phase_reference": "paid" if (word := _number(attributes.get("phase_reference"))) is None else word,
        **{name: _number(attributes.get(name)) for name in OF_GRAPH if name != "phase_reference"},
        "transmissivity_before": _share(attributes, "transmissivity_before", "loss_before_db", "graph", faults),
        "extra": _extra(attributes, "graph", "graph", faults, unread),
    }
    unread.close()
    if fields["phase_reference"] == "paid" and attributes.get("phase_reference") is not None:
        # A network does not know whether its file says so.
        faults += rules.unused_reference_faults(NetworkParts(**fields), "paid")
    if faults:
        # Parts that could not be read may be missed by a rule about the whole, so only rules about parts are applied.
        more = rules.part_faults(NetworkParts(**fields))
        # What follows only from a missing part has been said by naming the part.
        silent = ["sensing must be"] * (not attributes) + ["a network needs at least"] * (not modes)
        raise InputError([*faults, *(fault for fault in more if not fault.startswith(tuple(silent)))])
    return SensorNetwork(**fields)


def _mode(data: Any, faults: list[str], unread: _Unread) -> Mode | None:
    if not isinstance(data, Mapping) or "id" not in data:
        faults.append(f"every node must be an object with an 'id', got {short_repr(data)}")
        return None
    if not is_mode_id(data["id"]):
        faults.append(f"a node id must be a non-empty string or an integer, got {short_repr(data['id'])}")
        return None
    where = f"node {short_repr(data['id'])}"
    role = data.get("role", "sensor")
    alpha: Fraction | None = None
    if data.get("alpha") is not None:
        try:
            alpha = parse_exact(data["alpha"], what=f"{where}: alpha")
        except InputError as error:
            faults.extend(error.faults)
            alpha = Fraction(1)  # keeps the rules from calling it missing as well
    return Mode(
        id=data["id"],
        role=_number(role),
        coupling=_number(data.get("coupling")),
        alpha=alpha if role not in ("reference", "ancilla") or alpha else None,
        transmissivity=1.0 if (share := _share(data, "transmissivity", "loss_db", where, faults)) is None else share,
        **{name: _number(data.get(name)) for name in OF_NODE if name != "transmissivity_before"},
        transmissivity_before=_share(data, "transmissivity_before", "loss_before_db", where, faults),
        extra=_extra(data, "node", where, faults, unread),
    )


def _link(data: Any, per_km: Any, faults: list[str], unread: _Unread) -> Link | None:
    if not isinstance(data, Mapping) or "source" not in data or "target" not in data:
        faults.append(f"every edge must be an object with 'source' and 'target', got {short_repr(data)}")
        return None
    ends = (data["source"], data["target"])
    where = f"edge {short_repr(ends[0])} - {short_repr(ends[1])}"
    if not all(map(is_mode_id, ends)):
        faults.append(f"{where}: source and target must be node ids")
        return None
    known = {key: _number(data[key]) for key in KEYS if key in data}
    kept = _extra(data, "edge", where, faults, unread)
    if isinstance(known.get("distance_km"), int | float):
        # It is kept as what it says of the link; its loss is in the transmissivity from here on.
        kept = tuple(sorted((*kept, ("distance_km", _as_float(known["distance_km"])))))
    return Link(ends=ends, transmissivity=link_transmissivity(known, per_km, where, faults), extra=kept)


def _extra(
    data: Mapping[str, Any], place: Place, where: str, faults: list[str], unread: _Unread
) -> tuple[tuple[str, Scalar], ...]:
    """Attributes that are not ours: kept when plain values, faults when they look as if they should be ours."""
    kept: list[tuple[str, Scalar]] = []
    own = {*own_names(place), *(("distance_km",) if place == "edge" else ())}
    for key in sorted(key for key in data if key not in own):
        value = _number(data[key])
        if unread.has_fault(key, place, where):
            continue
        if fault := rules.extra_fault(key, value):
            faults.append(f"{where}: {fault}")
            if not isinstance(value, str | int | float):
                continue
        kept.append((key, value))
    return tuple(kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unused:
    """Attributes of a network that something does not use.

    Attributes
    ----------
    kept : tuple of str
        Attributes that are none of a network file: kept, and used by nothing.
    laboratory : tuple of str
        Attributes of the laboratory, and budgets of light, that the file gives and this use leaves aside.
    """

    kept: tuple[str, ...] = ()
    laboratory: tuple[str, ...] = ()


def unused_attributes(network: SensorNetwork, used: Collection[str] = ()) -> Unused:
    """What of a network is not used, each name once: attributes that are not ours, and those of the laboratory not in ``used``.

    Parameters
    ----------
    network : SensorNetwork
    used : collection of str
        Names of the attributes of the laboratory that whoever asks makes use of; "mean_photons" stands for the light of phase
        sensing that is not of exactly N photons. ``EVERYTHING`` for what only reads and writes networks.

    Examples
    --------
    >>> pair = SensorNetwork.chain([1, -1], sensing="phase", photons=2, visibility=0.9, squeezers=1, extra={"city": "Bonn"})
    >>> unused_attributes(pair, used={"squeezers"})
    Unused(kept=('city',), laboratory=('visibility',))
    """
    parts: list[tuple[Place, Iterable[Any]]] = [("graph", [network]), ("node", network.modes), ("edge", network.links)]
    names = {
        name: None
        for place, values in parts
        for value in values
        for name, _ in value.extra
        if name not in known_names(place)
    }
    light = ("mean_photons",) if network.sensing == "phase" and network.mean_photons is not None else ()
    return Unused(
        kept=tuple(names), laboratory=tuple(name for name in (*light, *given_names(network)) if name not in used)
    )


EVERYTHING = frozenset({"mean_photons", *OF_GRAPH, *OF_NODE})
"""All attributes of a laboratory, for ``unused_attributes``."""


def _number(value: Any) -> Any:
    """A Decimal as float; one beyond the range of floats stays, for the rules to show as it was written."""
    if isinstance(value, Decimal):
        number = float(value)
        return value if math.isinf(number) else number
    return value


def _as_float(value: float) -> float:
    """As GraphML needs it; what is beyond floats has been called a fault."""
    return float(value) if abs(value) < 1e300 else math.inf


def graph_attributes(network: SensorNetwork) -> dict[str, Any]:
    out: dict[str, Any] = {"name": network.name, "sensing": network.sensing}
    if network.photons is not None:
        out["photons"] = network.photons
    if network.mean_photons is not None:
        out["mean_photons"] = network.mean_photons
    out["passes"] = network.passes
    if network.parameters != "static":
        # The default is not written, so that documents and content ids of older networks stay as they were.
        out["parameters"] = network.parameters
    return {**out, **as_written(network), **dict(network.extra)}


def mode_attributes(mode: Mode) -> dict[str, Any]:
    out: dict[str, Any] = {"role": mode.role}
    if mode.coupling is not None:
        out["coupling"] = mode.coupling
    if mode.alpha is not None:
        # Always text: '1/3' and 'sqrt(2)' cannot be JSON numbers, and GraphML wants one type for the whole column.
        out["alpha"] = str(mode.alpha)
    if mode.transmissivity != 1:
        out["transmissivity"] = mode.transmissivity
    return {**out, **as_written(mode), **dict(mode.extra)}


def link_attributes(link: Link) -> dict[str, Any]:
    extra = dict(link.extra)
    # A distance alone would have its loss worked out anew.
    explicit = link.transmissivity != 1 or "distance_km" in extra
    if "distance_km" in extra and not loss_db_fault(extra["distance_km"], "distance_km"):
        # As it is read back, so that equal networks have one text.
        extra["distance_km"] = float(extra["distance_km"])
    # GraphML wants one type for the whole column.
    return {**({"transmissivity": float(link.transmissivity)} if explicit else {}), **extra}
