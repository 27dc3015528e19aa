"""Edits of the network of the page: each takes a document and gives another one; what was typed is kept even where it is wrong."""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from networks.files.known import BOOLEAN, NUMERIC, known_names
from networks.laboratory import ATTRIBUTES
from networks.node_places import graph_places
from protocols.explorer.documents import Document, record_of

_CHOICES = {
    "sensing": ("phase", "displacement"),
    "parameters": ("static", "snapshot"),
    "phase_reference": ("paid", "free"),
    "role": ("sensor", "reference", "ancilla"),
    "coupling": ("mach-zehnder", "displacement"),
    "squeezer": ("true", "false"),
    "arms": ("1", "2"),
}
"""What attributes that are words may be."""
_UNITS = {
    "photons": "in a shot, exactly",
    "mean_photons": "in a shot, on average",
    "mean_photons_max": "photons in a pass",
    "loss_db_per_km": "dB/km",
    "distance_km": "km",
    "phase_jitter_rad": "rad, rms",
    "dark_counts": "per detector and shot",
    "electronic_noise": "vacuum variances",
    "squeezers": "at hand, at most",
    "alpha": "exact, as 1/3",
}
_ELSEWHERE = ("x", "y", "source", "target")
"""Attributes that have no field: places come by dragging, ends by drawing a link anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """An attribute that a part of a network may have.

    Attributes
    ----------
    name, unit : str
    choices : tuple of str
        What it may be, where it is a word.
    """

    name: str
    unit: str
    choices: tuple[str, ...] = ()


def fields_of(document: Document, part: str) -> tuple[Field, ...]:
    """The fields of the form of a part: what it has first, then what it may have beside.

    Parameters
    ----------
    document : dict
    part : str
        A key of ``documents.parts``.

    Examples
    --------
    >>> document = {"graph": {"sensing": "phase"}, "nodes": [], "edges": [{"source": "a", "target": "b", "loss_db": 1}]}
    >>> [(field.name, field.unit) for field in fields_of(document, "edge 0")][:2]
    [('transmissivity', '0 to 1'), ('loss_db', 'dB')]
    """
    place = part.partition(" ")[0]
    names = [name for name in known_names(place) if name not in _ELSEWHERE]  # type: ignore[arg-type]  # a place, as parts have it
    own = [name for name in record_of(document, part) if name not in (*names, *_ELSEWHERE)]
    return tuple(Field(name=name, unit=_unit(name), choices=_CHOICES.get(name, ())) for name in (*names, *own))


def _unit(name: str) -> str:
    if name in _UNITS:
        return _UNITS[name]
    if name.endswith("_db"):
        return "dB"
    share = name == "transmissivity" or (name in ATTRIBUTES and ATTRIBUTES[name].kind == "share")
    return "0 to 1" if share else ""


def shown_value(value: object) -> str:
    """A value as its field shows it.

    >>> shown_value(True), shown_value(0.25), shown_value(None)
    ('true', '0.25', '')
    """
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(\S*)")
_WRITTEN_UNITS = {"db": "dB", "km": "km", "%": "%", "rad": "rad", "deg": "deg", "m": "m", "db/km": "dB/km"}


def typed_value(name: str, text: str) -> object:
    """What a text in a field means: a number where the attribute is one and the text is, with its unit or without; else the text.

    Parameters
    ----------
    name : str
    text : str

    Examples
    --------
    >>> typed_value("transmissivity", "90 %"), typed_value("distance_km", "500 m"), typed_value("loss_db", "3 dB")
    (0.9, 0.5, 3)
    >>> typed_value("transmissivity", "3 dB"), typed_value("alpha", "1/3"), typed_value("squeezer", "true")
    (0.5011872336272722, '1/3', True)
    >>> typed_value("photons", "many"), typed_value("transmissivity", "3 km")
    ('many', '3 km')
    """
    text = text.strip()
    if name in BOOLEAN and text in ("true", "false"):
        return text == "true"
    match = _NUMBER.fullmatch(text)
    if name not in NUMERIC or match is None:
        return text
    number, unit = match[1], _WRITTEN_UNITS.get(match[2].lower(), match[2])
    value = int(number) if re.fullmatch(r"[+-]?\d+", number) else float(number)
    scaled = _scaled(name, value, unit)
    return text if scaled is None or not math.isfinite(scaled) else scaled


def _scaled(name: str, value: int | float, unit: str) -> int | float | None:
    """A number in the unit of its attribute; None for one that has another kind of unit."""
    own = _unit(name)
    if unit in ("", own):
        return value
    match unit, own:
        case "%", "0 to 1":
            return value / 100
        case "dB", "0 to 1":
            # A share that is lost; no factor, as of a visibility.
            return 10 ** (-value / 10) if name.startswith("transmissivity") else None
        case "m", "km":
            return value / 1000
        case "rad", "rad, rms":
            return value
        case "deg", "rad, rms":
            return math.radians(value)
        case _:
            return None


def faults_by_field(faults: Sequence[str], fields: Sequence[str]) -> dict[str, list[str]]:
    """Faults of a part at the field that each names first; "" for those that name none.

    Parameters
    ----------
    faults, fields : sequences of str

    Examples
    --------
    >>> faults_by_field(["node 'a': alpha must be a number", "node 'a' has no link"], ["alpha", "role"])
    {'alpha': ["node 'a': alpha must be a number"], '': ["node 'a' has no link"]}
    """
    found: dict[str, list[str]] = {}
    for fault in faults:
        words = re.findall(r"\w+", re.sub(r"'[^']*'", " ", fault))
        name = next((word for word in words if word in fields), "")
        found.setdefault(name, []).append(fault)
    return found


# --- edits ---------------------------------------------------------------------------------------------------


def with_texts(document: Document, part: str, texts: Mapping[str, str]) -> Document:
    """A part with what its fields say; an empty field says nothing, a field that shows what was there leaves it as it is.

    Parameters
    ----------
    document : dict
    part : str
    texts : text of each field, by name
    """
    new = copy.deepcopy(document)
    record = record_of(new, part)
    before = record.get("id")
    for name, text in texts.items():
        if shown_value(record.get(name)) == text:
            continue
        if not text.strip():
            record.pop(name, None)
        else:
            record[name] = typed_value(name, text)
    if part.startswith("node "):
        if "id" not in record:
            # A node without a name could not be shown; its reader says what is missing.
            record["id"] = ""
        if record["id"] != before:
            for edge in new["edges"]:
                for end in ("source", "target"):
                    if edge[end] == before:
                        edge[end] = record["id"]
    return new


def with_node(document: Document, role: str) -> tuple[Document, str]:
    """One more node, with a name of its own, and its key; a sensor counts with coefficient 1.

    Parameters
    ----------
    document : dict
    role : "sensor", "reference" or "ancilla"
    """
    new = at_places(document)
    taken = {str(node["id"]) for node in new["nodes"]}
    stem = {"sensor": "s", "reference": "ref", "ancilla": "hub"}.get(role, "n")
    name = (
        stem
        if stem != "s" and stem not in taken
        else next(n for k in range(1, len(taken) + 2) if (n := f"{stem}{k}") not in taken)
    )
    node: dict[str, Any] = {"id": name}
    if role == "sensor":
        phase = new["graph"].get("sensing", "phase") != "displacement"
        node |= {"coupling": "mach-zehnder" if phase else "displacement", "alpha": "1"}
    else:
        node["role"] = role
    places = [(other["x"], other["y"]) for other in new["nodes"]]
    node["x"] = round(max((x for x, _ in places), default=-1.0) + 1, 3)
    node["y"] = round(sum(y for _, y in places) / len(places), 3) if places else 0.0
    new["nodes"].append(node)
    return new, f"node {len(new['nodes']) - 1}"


def without(document: Document, part: str) -> Document:
    """Without a node and its links, or without a link.

    Parameters
    ----------
    document : dict
    part : str
        The key of a node or an edge; the network itself stays.
    """
    new = copy.deepcopy(document)
    kind, _, number = part.partition(" ")
    if kind == "node":
        gone = new["nodes"].pop(int(number))["id"]
        new["edges"] = [edge for edge in new["edges"] if gone not in (edge["source"], edge["target"])]
    elif kind == "edge":
        new["edges"].pop(int(number))
    return new


def with_link(document: Document, one: str, other: str) -> tuple[Document, str]:
    """With a link between two nodes, and its key; the link that is there already where there is one.

    Parameters
    ----------
    document : dict
    one, other : str
        Keys of nodes.
    """
    new = copy.deepcopy(document)
    ends = [record_of(new, node)["id"] for node in (one, other)]
    for number, edge in enumerate(new["edges"]):
        if sorted(map(repr, (edge["source"], edge["target"]))) == sorted(map(repr, ends)):
            return new, f"edge {number}"
    new["edges"].append({"source": ends[0], "target": ends[1]})
    return new, f"edge {len(new['edges']) - 1}"


def places(document: Document) -> list[tuple[float, float]]:
    """Where the nodes are drawn, in their order: at their x and y where all have them, else as their links suggest.

    Parameters
    ----------
    document : dict
    """
    import networkx as nx

    nodes = document["nodes"]
    given = [(node.get("x"), node.get("y")) for node in nodes]
    if nodes and all(_is_place(value) for pair in given for value in pair):
        return [(float(x), float(y)) for x, y in given]
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(nodes)))
    numbers = {repr(node["id"]): k for k, node in enumerate(nodes)}
    for edge in document["edges"]:
        ends = [numbers.get(repr(edge[end])) for end in ("source", "target")]
        if ends[0] is not None and ends[1] is not None and ends[0] != ends[1]:
            graph.add_edge(ends[0], ends[1])
    found = graph_places(graph) if nodes else {}
    return [found[k] for k in range(len(nodes))]


def _is_place(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def at_places(document: Document, moved: Mapping[int, tuple[float, float]] | None = None) -> Document:
    """With x and y at every node, so that what is there stays where it is seen; some of them moved.

    Parameters
    ----------
    document : dict
    moved : new places, by the number of the node
    """
    new = copy.deepcopy(document)
    for number, (node, place) in enumerate(zip(new["nodes"], places(document), strict=True)):
        x, y = (moved or {}).get(number, place)
        node["x"], node["y"] = round(x, 3), round(y, 3)
    return new


# --- sliders -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Knob:
    """A number of the network that a slider turns.

    Attributes
    ----------
    name, title : str
    least, most : float
        Of the slider; logarithms of these where it is logarithmic.
    step : float
    value : float or None
        None where the network says nothing.
    logarithmic : bool
    """

    name: str
    title: str
    least: float
    most: float
    step: float
    value: float | None
    logarithmic: bool = False

    @property
    def position(self) -> float:
        """Where the slider stands: at its end where there is no limit."""
        if self.value is None:
            return self.most
        value = math.log10(self.value) if self.logarithmic else self.value
        return min(max(value, self.least), self.most)

    def number(self, position: float) -> int | float:
        """What a position of the slider means."""
        if self.logarithmic:
            return float(f"{10**position:.3g}")
        return round(position) if float(self.step).is_integer() else round(position, 6)


def knobs(document: Document) -> tuple[Knob, ...]:
    """The sliders of a network: the light of a shot, what its links lose, squeezing, squeezers and detectors.

    Parameters
    ----------
    document : dict
        With or without faults; a value that is no number has no slider.

    Examples
    --------
    >>> [knob.name for knob in knobs({"graph": {"sensing": "phase", "photons": 4}, "nodes": [], "edges": []})]
    ['photons', 'passes', 'detector_efficiency']
    """
    graph = document["graph"]
    found = []

    def add(
        name: str, title: str, least: float, most: float, step: float, usual: float | None, log: bool = False
    ) -> None:
        value = graph.get(name, usual)
        if value is None or _is_place(value):
            inside = value if value is None or not log or value > 0 else None
            found.append(Knob(name=name, title=title, least=least, most=most, step=step, value=inside, logarithmic=log))

    if "photons" in graph:
        add("photons", "photons N in a shot", 1, max(40, _most(graph["photons"])), 1, None)
    if "mean_photons" in graph:
        size = math.log10(_most(graph["mean_photons"])) if _most(graph["mean_photons"]) > 0 else 0.0
        add("mean_photons", "mean photons in a shot", min(-1.0, size), max(4.0, size), 0.02, None, log=True)
    add("passes", "passes M", 1, max(6, _most(graph.get("passes", 1))), 1, 1)
    if document["edges"]:
        found.append(
            Knob(
                name="link_loss_db",
                title="loss of each link (dB)",
                least=0,
                most=10,
                step=0.1,
                value=_mean_link_loss(document),
            )
        )
    if "mean_photons" in graph:
        add("squeezing_db", "squeezing, at most (dB)", 0, 20, 0.5, None)
        add("squeezers", "squeezers, at most", 0, max(len(document["nodes"]), 1), 1, None)
    add("detector_efficiency", "detector efficiency", 0.01, 1, 0.01, 1)
    return tuple(found)


def _most(value: object) -> float:
    return float(value) if _is_place(value) and abs(value) < 1e12 else 0.0  # type: ignore[arg-type]  # a number, as just seen


def link_losses(document: Document) -> list[float | None]:
    """What each link loses in dB; None where it does not say it as numbers.

    Parameters
    ----------
    document : dict

    Examples
    --------
    >>> link_losses({"graph": {"loss_db_per_km": 0.2}, "nodes": [], "edges": [{"distance_km": 5}, {"transmissivity": 0.1}, {}]})
    [1.0, 10.0, 0.0]
    """
    losses: list[float | None] = []
    for edge in document["edges"]:
        share, db = edge.get("transmissivity"), edge.get("loss_db")
        length, rate = edge.get("distance_km"), edge.get("loss_db_per_km", document["graph"].get("loss_db_per_km"))
        if share is not None:
            losses.append(abs(-10 * math.log10(share)) if _is_place(share) and 0 < share <= 1 else None)
        elif db is not None:
            losses.append(db if _is_place(db) else None)
        elif length is not None:
            losses.append(length * rate if _is_place(length) and _is_place(rate) else None)
        else:
            losses.append(0.0)
    return losses


def _mean_link_loss(document: Document) -> float:
    known = [loss for loss in link_losses(document) if loss is not None]
    return sum(known) / len(known) if known else 0.0


def turned(document: Document, name: str, position: float) -> Document:
    """The network after a slider was moved.

    Parameters
    ----------
    document : dict
    name : str
        Of a knob.
    position : float
        Of its slider.
    """
    knob = next((knob for knob in knobs(document) if knob.name == name), None)
    if knob is None:
        return document
    new = copy.deepcopy(document)
    number = knob.number(position)
    if name == "link_loss_db":
        for edge in new["edges"]:
            for key in ("transmissivity", "loss_db", "loss_db_per_km"):
                edge.pop(key, None)
            edge["loss_db"] = number
        return new
    if name == "passes" and number == 1:
        new["graph"].pop(name, None)
    else:
        new["graph"][name] = number
    return new
