"""Topologies of other programs made networks: which nodes are sensors, how links without direction follow, what is decided."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from networks.errors import InputError, short_repr
from networks.files.attributes import KEYS, link_transmissivity
from networks.files.known import Place, known_names
from networks.files.tables import read_rows
from networks.files.topology import (
    MEANT,
    Topology,
    TopologyEdge,
    TopologyNode,
    foreign_fault,
    network_of,
    set_aside,
    several,
    structure_faults,
)
from networks.modes import COUPLING_OF, ModeId
from networks.sensor_network import SensorNetwork
from networks.values import plain_real

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth."""
MAX_NAMED = 200
"""Links or nodes that a decision names; more are counted."""
_LABELS = ("label", "name", "title", "city")
_LATITUDE, _LONGITUDE = ("latitude", "lat"), ("longitude", "lon", "lng", "long")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedNetwork:
    """A topology with sensors, and what was decided on the way.

    Parameters
    ----------
    network : SensorNetwork
    decisions : tuple of str
        Everything in which the network differs from the file, in sentences.
    """

    network: SensorNetwork
    decisions: tuple[str, ...]


def place_sensors(
    topology: Topology,
    *,
    alpha: Mapping[str, object] | None = None,
    table: str | None = None,
    detour_factor: float | None = None,
    rename: Mapping[str, str] | None = None,
    source: str = "FILE",
    default_name: str = "network",
    **attributes: Any,
) -> PlacedNetwork:
    """A network of a topology: the nodes that are named become sensors, all others ancillas.

    Nodes are named by their ids in the file, or by their label (or name) where it is unique. Parallel links are merged by the
    best, and links of both directions where both have the same loss.

    Parameters
    ----------
    topology : Topology
    alpha : mapping of id or label to coefficient, optional
        The sensors.
    table : str, optional
        Instead of ``alpha``: a table as in ``network_from_tables`` of those nodes of which more is said; column id or label.
    detour_factor : float, at least 1, optional
        Links without a loss or a length of their own get the great-circle distance between their nodes (latitude and longitude
        in degrees) times this factor as ``distance_km``; ``loss_db_per_km`` is needed.
    rename : mapping of name to name, optional
        Attributes of the file to read under another name, ``{"length": "distance_km"}`` say; to "" drops them.
    source : str
        The file, for messages.
    default_name : str
        The name of the network where neither ``name`` nor the file says one.
    attributes : of the graph, as in the network file
        ``sensing``, ``photons`` or ``mean_photons``, ``passes``, ``parameters``, ``name``, ``loss_db_per_km``.

    Returns
    -------
    PlacedNetwork

    Raises
    ------
    InputError
        Listing every fault of the topology, of what was asked, and of the network.

    Examples
    --------
    >>> nodes = tuple(TopologyNode(id=name, attributes={"label": f"town {name}"}) for name in "abc")
    >>> edges = tuple(TopologyEdge(ends=pair) for pair in (("a", "b"), ("b", "c"), ("b", "a")))
    >>> placed = place_sensors(
    ...     Topology(format="a list", nodes=nodes, edges=edges),
    ...     alpha={"a": 1, "town c": -1}, sensing="phase", photons=2,
    ... )
    >>> [mode.role for mode in placed.network.modes], len(placed.network.links)
    (['sensor', 'ancilla', 'sensor'], 2)
    """
    faults: list[str] = []
    given = {key: plain_real(value) for key, value in attributes.items() if value is not None}
    topology = _renamed(topology, rename or {}, faults)
    is_own = "sensing" in topology.data
    placed = alpha is not None or table is not None
    again = [*(("alpha",) if alpha is not None else ()), *(("the table",) if table is not None else ()), *given]
    if is_own and (placed or given.keys() - {"name"}):
        raise InputError(
            [
                f"{source} says itself what is sensed; leave out {', '.join(again)}, or take such attributes out of the file"
            ]
        )
    if alpha is not None and table is not None:
        faults.append("give a table of sensors or the coefficients alpha, not both")
    if not is_own and not placed and not any("alpha" in node.data for node in topology.nodes):
        raise InputError([foreign_fault(topology, source)])
    if placed:
        topology = set_aside(topology)
    faults += structure_faults(topology)
    decisions = list(topology.decisions)
    topology = _plain_values(topology, decisions, is_own=is_own)
    nodes = _with_sensors(topology, alpha, table, decisions, faults)
    graph = {**topology.data, **given}
    if not is_own:
        _roles(nodes, COUPLING_OF.get(str(graph.get("sensing")), "mach-zehnder"), decisions)
        graph = {**graph, "name": default_name, **_name(graph)}
    topology = replace(
        topology,
        attributes=graph,
        nodes=tuple(replace(node, attributes=data) for node, data in zip(topology.nodes, nodes, strict=True)),
    )
    if detour_factor is not None:
        topology = _great_circles(topology, detour_factor, graph.get("loss_db_per_km"), decisions, faults)
    edges = _merged(topology, graph.get("loss_db_per_km"), decisions, faults)
    silent = [edge for edge in edges if not _says_loss(edge)]
    if silent and not is_own:
        decisions.append(
            f"{several(len(silent), 'link')} of {len(edges)} say nothing of a loss and are taken as lossless"
        )
    network = network_of(replace(topology, edges=tuple(edges)), faults, foreign=not is_own)
    return PlacedNetwork(network=network, decisions=tuple(decisions))


def _with_sensors(
    topology: Topology, alpha: Mapping[str, object] | None, table: str | None, decisions: list[str], faults: list[str]
) -> list[dict[str, Any]]:
    """The attributes of all nodes, with what the coefficients or the table say of some."""
    nodes = [node.data for node in topology.nodes]
    finder = _Finder(topology)
    for name, value in (alpha or {}).items():
        if (place := finder.place(name, "alpha", faults)) is not None:
            nodes[place]["alpha"] = value
    for row in [] if table is None else read_rows(table, "sensors", ("id",), faults, "node"):
        if (place := finder.place(row["id"], "the table", faults)) is not None:
            nodes[place] |= {key: value for key, value in row.items() if key != "id"}
    faults += finder.doubled()
    decisions += finder.said
    return nodes


def _name(graph: Mapping[str, Any]) -> dict[str, Any]:
    """The name of the file's graph, or its label, where it can be one."""
    for key in ("name", "label", "Network"):
        name = graph.get(key)
        if isinstance(name, str) and name and name.isprintable() and len(name) <= 200:
            return {"name": name}
    return {}


def _named(names: Iterable[str]) -> str:
    shown = list(names)
    more = len(shown) - MAX_NAMED
    return ", ".join(shown[:MAX_NAMED]) + (f" and {more} more" if more > 0 else "")


def _pair(ends: Iterable[ModeId]) -> str:
    return " - ".join(str(end) for end in ends)


def _renamed(topology: Topology, names: Mapping[str, str], faults: list[str]) -> Topology:
    if not names:
        return topology
    used: Counter[str] = Counter()

    def changed(attributes: dict[str, Any], _: Place) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key, value in attributes.items():
            new = names.get(key, key)
            used[key] += key in names
            if new and new in out:
                faults.append(f"two attributes of one part would be called {short_repr(new)}; rename or drop one")
            elif new:
                out[new] = value
        return out

    result = topology.with_attributes(changed)
    faults += [
        f"no part of the file has the attribute {short_repr(key)} that is to be renamed"
        for key in names
        if not used[key]
    ]
    said = [
        f"the attribute {short_repr(old)} is read as {new!r}" if new else f"the attribute {short_repr(old)} is dropped"
        for old, new in names.items()
        if used[old]
    ]
    return replace(result, decisions=(*result.decisions, *said))


def _plain_values(topology: Topology, decisions: list[str], *, is_own: bool) -> Topology:
    """Attributes that are no plain values are dropped, but for those that mean something to networks: the rules refuse them."""
    dropped: dict[str, None] = {}

    def is_plain(value: object) -> bool:
        return isinstance(value, str | int) or (isinstance(value, Decimal | float) and math.isfinite(float(value)))

    def is_kept(key: str, value: object, place: Place) -> bool:
        # Nothing said of a known attribute is no fault.
        means = key in known_names(place) and (is_own or key in MEANT)
        return is_plain(value) or (means and value is not None)

    def kept(attributes: dict[str, Any], place: Place) -> dict[str, Any]:
        out = {key: value for key, value in attributes.items() if is_kept(key, value, place)}
        dropped.update((key, None) for key in attributes if key not in out)
        return out

    result = topology.with_attributes(kept)
    if dropped:
        decisions.append(f"attributes without a plain value are dropped there: {_named(map(short_repr, dropped))}")
    return result


class _Finder:
    """Nodes by their id in the file, or by their label where it is unique."""

    def __init__(self, topology: Topology) -> None:
        self._nodes = topology.nodes
        self._by_id = {str(node.id): place for place, node in enumerate(topology.nodes)}
        self._by_label: dict[str, dict[int, None]] = {}
        for place, node in enumerate(topology.nodes):
            for key, value in node.data.items():
                if key.lower().removeprefix("file_") in _LABELS and isinstance(value, str):
                    self._by_label.setdefault(value.strip(), {})[place] = None
        self.said: list[str] = []
        self._found: dict[int, list[str]] = {}

    def place(self, name: object, who: str, faults: list[str]) -> int | None:
        text = str(name).strip()
        place = self._by_id.get(text)
        if place is None:
            places = list(self._by_label.get(text, ()))
            if len(places) != 1:
                ids = ", ".join(short_repr(self._nodes[place].id) for place in places[:8])
                faults.append(
                    f"{who} names {short_repr(name)}, which is the label of {len(places)} nodes; name one by its id ({ids})"
                    if places
                    else f"{who} names {short_repr(name)}, which is neither the id nor the label of a node"
                )
                return None
            place = places[0]
            self.said.append(f"{text} is the label of node {self._nodes[place].id}")
        self._found.setdefault(place, []).append(text)
        return place

    def doubled(self) -> list[str]:
        return [
            f"{' and '.join(map(short_repr, names))} are one node, {short_repr(self._nodes[place].id)}; name it once"
            for place, names in self._found.items()
            if len(names) > 1
        ]


def _roles(nodes: list[dict[str, Any]], coupling: str, decisions: list[str]) -> None:
    """Nodes with a coefficient are sensors, all of which no role is said are ancillas."""
    others = 0
    for data in nodes:
        if data.get("role", "") == "":
            data["role"] = "sensor" if data.get("alpha") not in (None, "") else "ancilla"
            others += data["role"] == "ancilla"
        if data.get("alpha") == "":
            del data["alpha"]
        if data["role"] == "sensor":
            data.setdefault("coupling", coupling)
    decisions.append(
        f"{several(others, 'node')} of {len(nodes)} without a coefficient {'is an ancilla' if others == 1 else 'are ancillas'}"
    )


# --- lengths ---------------------------------------------------------------------------------------------------------


def great_circle_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """The distance on a sphere of the Earth's mean radius, by the haversine formula.

    Parameters
    ----------
    a, b : (latitude, longitude) in degrees

    Returns
    -------
    float
        In kilometres.

    Examples
    --------
    A quarter of a meridian:

    >>> round(great_circle_km((0, 0), (90, 0)), 3)
    10007.557
    """
    (lat_a, lon_a), (lat_b, lon_b) = (tuple(map(math.radians, point)) for point in (a, b))
    half = math.sin((lat_b - lat_a) / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, half)))


def _great_circles(
    topology: Topology, factor: float, per_km: object, decisions: list[str], faults: list[str]
) -> Topology:
    """Lengths of the links that have no loss and no length, from the places of their nodes."""
    if isinstance(factor, bool) or not isinstance(factor, int | float) or not 1 <= factor <= 100:
        faults.append(f"the detour factor must be a number from 1 to 100, got {short_repr(factor)}")
        return topology
    if per_km is None:
        faults.append("lengths by great circle need loss_db_per_km, the loss of the fibre (0.2 dB/km is usual)")
        return topology
    places = {node.id: _coordinates(node) for node in topology.nodes}
    missing: dict[ModeId, None] = {}
    edges, made = [], 0
    for edge in topology.edges:
        if edge.ends[0] == edge.ends[1] or _says_loss(edge):
            edges.append(edge)
            continue
        a, b = (places.get(end) for end in edge.ends)
        if a is None or b is None:
            missing |= {end: None for end, place in zip(edge.ends, (a, b), strict=True) if place is None}
            continue
        made += 1
        length = round(great_circle_km(a, b) * factor, 6)
        edges.append(replace(edge, attributes={**edge.data, "distance_km": length}))
    if missing:
        faults.append(
            f"{several(len(missing), 'node')} at ends of links without a length have no latitude and longitude in degrees: "
            f"{_named(map(short_repr, missing))}; give them in a table of nodes, or give the links a length"
        )
        return topology
    decisions.append(
        f"{several(made, 'link')} have the great-circle distance of their ends times {factor:g} as distance_km"
    )
    return replace(topology, edges=tuple(edges))


def _coordinates(node: TopologyNode) -> tuple[float, float] | None:
    """Latitude and longitude in degrees, or None."""
    low = {key.lower(): value for key, value in node.data.items()}
    found = []
    for names, most in ((_LATITUDE, 90), (_LONGITUDE, 360)):
        value = next((low[name] for name in names if name in low), None)
        try:
            number = math.nan if value is None or isinstance(value, bool) else float(value)
        except (ValueError, OverflowError):
            return None
        if not abs(number) <= most:
            return None
        found.append(number)
    return found[0], found[1]


# --- links -----------------------------------------------------------------------------------------------------------


def _merged(topology: Topology, per_km: object, decisions: list[str], faults: list[str]) -> list[TopologyEdge]:
    """One link a pair of nodes: the best of parallel ones, and no direction."""
    known = {node.id for node in topology.nodes}
    groups: dict[frozenset[ModeId], list[TopologyEdge]] = {}
    loops = []
    for edge in topology.edges:
        if edge.ends[0] == edge.ends[1]:
            loops.append(str(edge.ends[0]))
        elif known.issuperset(edge.ends):
            groups.setdefault(frozenset(edge.ends), []).append(edge)
    if loops:
        decisions.append(f"{several(len(loops), 'link')} from a node to itself left out: {_named(loops)}")
    edges: list[TopologyEdge] = []
    parallel: list[str] = []
    one_way: list[str] = []
    both_ways = 0
    for group in groups.values():
        first = group[0]
        if len(group) == 1:
            if first.directed:
                one_way.append(_pair(first.ends))
            edges.append(first)
            continue
        kept = [_transmissivity(edge, per_km) for edge in group]
        forward = [eta for edge, eta in zip(group, kept, strict=True) if edge.ends == first.ends or not edge.directed]
        back = [eta for edge, eta in zip(group, kept, strict=True) if edge.ends != first.ends and edge.directed]
        if back and not math.isclose(max(forward), max(back), rel_tol=1e-9):
            faults.append(
                f"the links {_pair(first.ends)} and {_pair(reversed(first.ends))} have different losses (transmissivities "
                f"{max(forward):.6g} and {max(back):.6g}); links have no direction, make them agree in the file"
            )
        both_ways += bool(back)
        if max(len(forward), len(back)) > 1:
            parallel.append(f"{_pair(first.ends)} (best of {len(group)})")
        edges.append(group[kept.index(max(kept))])
    if parallel:
        decisions.append(
            f"{several(len(parallel), 'pair')} of nodes with parallel links keep the best: {_named(parallel)}"
        )
    if both_ways:
        decisions.append(
            f"{several(both_ways, 'pair')} of nodes with links both ways, of equal loss, have one link without direction"
        )
    if one_way:
        decisions.append(f"{several(len(one_way), 'link')} of one direction only have none: {_named(one_way)}")
    return [replace(edge, directed=False) for edge in edges]


def _says_loss(edge: TopologyEdge) -> bool:
    """Whether a link says something of its loss or length."""
    return any(edge.data.get(key) is not None for key in KEYS)


def _transmissivity(edge: TopologyEdge, per_km: object) -> float:
    """The transmissivity of a link, 0 where it cannot be read; what is wrong is said when the network is made."""
    values = {
        key: float(value) if isinstance(value, Decimal) else value for key, value in edge.data.items() if key in KEYS
    }
    rate = float(per_km) if isinstance(per_km, Decimal) else per_km
    value = link_transmissivity(values, rate, "", [])
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1 else 0.0
