"""Network files: node-link JSON and GraphML, both ways. Files are data only; nothing in them is ever executed.

Limits: 32 MiB a file, 12 levels of nesting, decimals of at most 300 digits; GraphML must not declare entities.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
import tempfile
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from networks import rules
from networks.errors import InputError
from networks.exact import parse_exact
from networks.link_loss import KEYS, link_transmissivity, per_km_fault
from networks.rules import shown, slip_of
from networks.sensor_network import Link, Mode, Scalar, SensorNetwork

if TYPE_CHECKING:
    import networkx as nx

LARGEST_FILE_BYTES = 32 * 2**20
DEEPEST_NESTING = 12

_GRAPHML = {".graphml", ".xml"}
_GRAPHML_TAGS = {"graphml", "key", "default", "desc", "graph", "node", "edge", "data"}
_GRAPH_KEYS = ("name", "sensing", "photons", "mean_photons", "passes")
_NODE_KEYS = ("id", "role", "coupling", "alpha", "transmissivity")
_EDGE_KEYS = ("source", "target", "transmissivity", "loss_db", "distance_km", "loss_db_per_km")


def load_network(path: str | os.PathLike[str]) -> SensorNetwork:
    """Read a network from a file: GraphML when its name ends in .graphml or .xml, else node-link JSON.

    Raises
    ------
    InputError
        When the file is missing, too large or broken, or listing every fault of the network in it.
    """
    if not os.fspath(path):
        raise InputError(["the network file must be named, got nothing"])
    path = Path(path)
    if path.suffix.lower() in (".csv", ".tsv"):
        raise InputError([f"{str(path)!r} is a table; psn convert makes a network of tables of links and nodes"])
    text = read_text(path)
    try:
        if path.suffix.lower() in _GRAPHML:
            return network_from_graphml(text)
        return network_from_json(text)
    except InputError as error:
        raise error.within(str(path)) from None


def read_text(path: Path) -> str:
    """The text of a file, or an InputError that says why it cannot be read."""
    try:
        # Reading one byte too many, not asking for the size, also stops devices that never end.
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE_BYTES + 1)
        if len(content) <= LARGEST_FILE_BYTES:
            return content.decode("utf-8-sig")
        fault = f"{str(path)!r} is too large; at most {LARGEST_FILE_BYTES} bytes are read"
    except FileNotFoundError:
        fault = f"there is no file {str(path)!r}"
    except IsADirectoryError:
        fault = f"{str(path)!r} is a folder; name a file in it"
    except UnicodeDecodeError:
        fault = f"{str(path)!r} is not a text file in UTF-8"
    except OSError as error:
        fault = f"cannot read {str(path)!r}: {error.strerror}"
    raise InputError([fault])


def save_network(network: SensorNetwork, path: str | os.PathLike[str]) -> None:
    """Write ``network`` as JSON or, when the name ends in .graphml or .xml, as GraphML; the file appears whole or not at all.

    GraphML has only text ids, so integer ids come back from it as strings; JSON keeps them.
    """
    path = Path(path)
    text = network_to_graphml(network) if path.suffix.lower() in _GRAPHML else network_to_json(network)
    write_whole(path, text.encode())


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old content or the new, never half of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


# --- JSON --------------------------------------------------------------------------------------------------


def parse_json(text: str) -> Any:
    """JSON as data, with decimals kept exact; doubled keys and deep nesting are refused."""
    _check_depth(text)

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        doubled = sorted({key for key in keys if keys.count(key) > 1}) if len(set(keys)) < len(keys) else []
        if doubled:
            raise InputError([f"the key {key!r} stands twice in one object" for key in doubled])
        return dict(pairs)

    try:
        return json.loads(text, parse_float=Decimal, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        raise InputError([f"not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}"]) from None
    except InputError:
        raise
    except (ValueError, ArithmeticError):
        raise InputError(["a number in it has thousands of digits, or an exponent beyond reason"]) from None


def _check_depth(text: str) -> None:
    depth = 0
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text):
        if token[0] in "[{":
            depth += 1
            if depth > DEEPEST_NESTING:
                raise InputError([f"nested deeper than {DEEPEST_NESTING} levels; no file of ours needs more than 4"])
        elif token[0] in "]}":
            depth -= 1


def network_from_json(text: str) -> SensorNetwork:
    """The network in a node-link JSON text."""
    document = parse_json(text)
    if not isinstance(document, dict):
        raise InputError(["the file must hold one JSON object with 'nodes', 'edges' and 'graph'"])
    faults = []
    for key, why in (("directed", "links have no direction"), ("multigraph", "one edge stands for one link")):
        if document.get(key, False) is not False:
            faults.append(f'{why}; set "{key}" to false')
    if "edges" in document and "links" in document:
        faults.append("give 'edges' or 'links' (its name in older networkx), not both")
    known = ("directed", "multigraph", "graph", "nodes", "edges", "links")
    faults += [slip for key in document if key not in known if (slip := slip_of(key, known, "the file"))]
    # networkx before 3.4 wrote 'links' where it now writes 'edges'.
    parts: dict[str, Any] = {
        "nodes": document.get("nodes"),
        "edges": document.get("edges", document.get("links")),
        "graph": document.get("graph"),
    }
    for name, part in parts.items():
        kind = dict if name == "graph" else list
        if part is None:
            faults.append(f"'{name}' is missing")
        elif not isinstance(part, kind):
            faults.append(f"'{name}' must be a JSON {'object' if kind is dict else 'list'}, got {shown(part)}")
        parts[name] = part if isinstance(part, kind) else kind()
    return network_from_parts(parts["graph"], parts["nodes"], parts["edges"], faults)


def network_to_json(network: SensorNetwork) -> str:
    """Node-link JSON text that ``network_from_json`` reads back to an equal network."""
    return json.dumps(network_document(network), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def network_document(network: SensorNetwork) -> dict[str, Any]:
    """The network as node-link data, ready for JSON."""
    return {
        "directed": False,
        "multigraph": False,
        "graph": _graph_attributes(network),
        "nodes": [{"id": mode.id, **_mode_attributes(mode)} for mode in network.modes],
        "edges": [{"source": link.ends[0], "target": link.ends[1], **_link_attributes(link)} for link in network.links],
    }


# --- GraphML and networkx ----------------------------------------------------------------------------------


def network_from_graphml(text: str) -> SensorNetwork:
    """The network in a GraphML text."""
    import warnings
    import xml.etree.ElementTree as ElementTree

    import networkx as nx

    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise InputError(["GraphML with DOCTYPE or ENTITY declarations is refused; remove them"])
    try:
        root = ElementTree.fromstring(text)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            graph = nx.parse_graphml(text, node_type=str)
    except ElementTree.ParseError as error:
        raise InputError([f"not valid XML: {error}"]) from None
    except (nx.NetworkXError, UserWarning, KeyError, ValueError, TypeError, LookupError) as error:
        raise InputError([f"not GraphML that can be read: {error or type(error).__name__}"]) from None
    # networkx merges nodes of one id, makes nodes for edges that name none, and passes over what it does not know.
    tags: dict[str, list[ElementTree.Element]] = {}
    for element in root.iter():
        tags.setdefault(str(element.tag).rpartition("}")[2], []).append(element)
    faults = [f"<{tag}> is not understood; a network is one plain graph" for tag in tags if tag not in _GRAPHML_TAGS]
    for element in (*tags.get("graph", ()), *tags.get("node", ()), *tags.get("edge", ())):
        keys = Counter(part.get("key") for part in element if str(part.tag).endswith("data"))
        faults += [f"attribute {key!r} is given {times} times in one place" for key, times in keys.items() if times > 1]
    if len(tags.get("graph", ())) != 1:
        faults.append(f"the file must hold one graph, got {len(tags.get('graph', ()))}")
    names = Counter(node.get("id") for node in tags.get("node", ()))
    faults += [
        f"node id {name!r} is given {times} times" for name, times in names.items() if name is not None and times > 1
    ]
    faults += ["every node must have an 'id'"] * (None in names)
    for edge in tags.get("edge", ()):
        missing = [edge.get(end) for end in ("source", "target") if edge.get(end) not in names]
        faults += [f"an edge names the node {end!r}, which is not there" for end in missing]
    return from_graph(graph, faults)


def network_to_graphml(network: SensorNetwork) -> str:
    """GraphML text that ``network_from_graphml`` reads back to an equal network (with text ids)."""
    import networkx as nx

    graph = to_graph(network)
    faults = [
        *_one_type("node", [graph.nodes[node] for node in graph]),
        *_one_type("edge", [graph.edges[edge] for edge in graph.edges]),
    ]
    if faults:
        raise InputError(faults)
    return "\n".join(nx.generate_graphml(graph, named_key_ids=True)) + "\n"


def _one_type(what: str, parts: list[dict[str, Any]]) -> Iterator[str]:
    """GraphML gives an attribute one type: whole numbers beside others become decimal ones, other mixtures are faults."""
    for key in sorted({key for part in parts for key in part}):
        kinds = {type(part[key]) for part in parts if key in part}
        if kinds == {int, float}:
            for part in parts:
                if key in part:
                    part[key] = float(part[key])
        elif len(kinds) > 1:
            names = ", ".join(sorted(kind.__name__ for kind in kinds))
            yield f"the {what} attribute {key!r} has values of different kinds ({names}), which GraphML cannot hold; use JSON"


def to_graph(network: SensorNetwork) -> nx.Graph[Hashable]:
    """The network as a networkx graph with the attributes of the network file."""
    import networkx as nx

    graph: nx.Graph[Hashable] = nx.Graph()
    graph.graph.update(_graph_attributes(network))
    # Attributes are put in after, not given as arguments: an attribute may have the name of an argument.
    for mode in network.modes:
        graph.add_node(mode.id)
        graph.nodes[mode.id].update(_mode_attributes(mode))
    for link in network.links:
        graph.add_edge(*link.ends)
        graph.edges[link.ends].update(_link_attributes(link))
    return graph


def from_graph(graph: nx.Graph[Any], faults: Iterable[str] = ()) -> SensorNetwork:
    """The network that a networkx graph describes; attributes as in the network file, alpha exact.

    ``faults`` found before are told together with those found here.
    """
    import networkx as nx

    faults = list(faults)
    if graph.is_directed():
        faults.append(
            "links have no direction; in Python give graph.to_undirected(), in GraphML edgedefault undirected"
        )
    if graph.is_multigraph():
        faults.append("one edge stands for one link; parallel edges must be merged, in Python by networkx.Graph(graph)")
        graph = nx.Graph(graph)
    for what, parts, taken in (
        ("node", graph.nodes(data=True), {"id"}),
        ("edge", graph.edges(data=True), {"source", "target"}),
    ):
        faults += [
            f"{what} {shown(part[0])}: an attribute may not be called {key!r}"
            for part in parts
            for key in taken & part[-1].keys()
        ]
    nodes = [{**data, "id": node} for node, data in graph.nodes(data=True)]
    edges = [{**data, "source": a, "target": b} for a, b, data in graph.edges(data=True)]
    # GraphML readers add bookkeeping of their own that says nothing of the network.
    attributes = {key: value for key, value in graph.graph.items() if key not in {"node_default", "edge_default"}}
    return network_from_parts(attributes, nodes, edges, faults)


# --- attributes to values and back -------------------------------------------------------------------------


def network_from_parts(
    attributes: Mapping[str, Any], nodes: Iterable[Any], edges: Iterable[Any], faults: list[str]
) -> SensorNetwork:
    """The network of attributes as in the network file; ``faults`` found before are told together with those found here."""
    modes = [_mode(data, faults) for data in nodes]
    per_km = _number(attributes.get("loss_db_per_km"))
    if fault := per_km_fault(per_km):
        faults.append(f"graph: {fault}")
    links = [_link(data, per_km, faults) for data in edges]
    fields: dict[str, Any] = {
        "name": attributes.get("name", "network"),
        "sensing": attributes.get("sensing"),
        "modes": tuple(mode for mode in modes if mode),
        "links": tuple(link for link in links if link),
        "photons": _number(attributes.get("photons")),
        "mean_photons": _number(attributes.get("mean_photons")),
        "passes": _number(attributes.get("passes", 1)),
        "extra": _extra(attributes, _GRAPH_KEYS, "graph", faults),
    }
    if faults:
        # Parts that could not be read may be missed by a rule about the whole, so only rules about parts are asked.
        more = rules.part_faults(cast("SensorNetwork", SimpleNamespace(**fields)))
        # What follows only from a missing part has been said by naming the part.
        silent = ["sensing must be"] * (not attributes) + ["a network needs at least"] * (not modes)
        raise InputError([*faults, *(fault for fault in more if not fault.startswith(tuple(silent)))])
    return SensorNetwork(**fields)


def _mode(data: Any, faults: list[str]) -> Mode | None:
    if not isinstance(data, Mapping) or "id" not in data:
        faults.append(f"every node must be an object with an 'id', got {shown(data)}")
        return None
    if isinstance(data["id"], bool) or not isinstance(data["id"], str | int):
        faults.append(f"a node id must be a non-empty string or an integer, got {shown(data['id'])}")
        return None
    where = f"node {data['id']!r}"
    role = data.get("role", "sensor")
    alpha: Fraction | None = None
    if data.get("alpha") is not None:
        try:
            # A decimal in a JSON file arrives as Decimal, a double in GraphML as float: both are what was written.
            written = data["alpha"]
            alpha = parse_exact(repr(written) if isinstance(written, float) else written, what=f"{where}: alpha")
        except InputError as error:
            faults.extend(error.faults)
            alpha = Fraction(1)  # keeps the rules from calling it missing as well
    return Mode(
        id=data["id"],
        role=_number(role),
        coupling=_number(data.get("coupling")),
        alpha=alpha if role not in ("reference", "ancilla") or alpha else None,
        transmissivity=_number(data.get("transmissivity", 1.0)),
        extra=_extra(data, _NODE_KEYS, where, faults),
    )


def _link(data: Any, per_km: Any, faults: list[str]) -> Link | None:
    if not isinstance(data, Mapping) or "source" not in data or "target" not in data:
        faults.append(f"every edge must be an object with 'source' and 'target', got {shown(data)}")
        return None
    ends = (data["source"], data["target"])
    where = f"edge {ends[0]!r} - {ends[1]!r}"
    if not all(isinstance(end, str | int) and not isinstance(end, bool) for end in ends):
        faults.append(f"edge {shown(ends[0])} - {shown(ends[1])}: source and target must be node ids")
        return None
    known = {key: _number(data[key]) for key in KEYS if key in data}
    kept = _extra(data, _EDGE_KEYS, where, faults)
    if isinstance(known.get("distance_km"), int | float):
        # It is kept as what it says of the link; its loss is in the transmissivity from here on.
        kept = tuple(sorted((*kept, ("distance_km", _as_float(known["distance_km"])))))
    return Link(ends=ends, transmissivity=link_transmissivity(known, per_km, where, faults), extra=kept)


def _extra(
    data: Mapping[str, Any], known: tuple[str, ...], where: str, faults: list[str]
) -> tuple[tuple[str, Scalar], ...]:
    """Attributes that are not ours: kept when plain values, called a fault when they look like a slip of ours."""
    kept: list[tuple[str, Scalar]] = []
    for key in sorted(key for key in data if key not in known):
        value = _number(data[key])
        slip = slip_of(key, known, where)
        if slip:
            faults.append(slip)
        elif isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value)):
            if any("\ud800" <= sign <= "\udfff" for sign in f"{key}{value}"):
                faults.append(f"{where}: attribute {key!r} has characters that are no text")
            kept.append((key, value))
        else:
            faults.append(f"{where}: attribute {key!r} must be text, a finite number or true/false, got {shown(value)}")
    return tuple(kept)


def _number(value: Any) -> Any:
    """A Decimal as float; one beyond the range of floats stays, for the rules to show as it was written."""
    if isinstance(value, Decimal):
        number = float(value)
        return value if math.isinf(number) else number
    return value


def _as_float(value: float) -> float:
    """As GraphML needs it; what is beyond floats has been called a fault."""
    return float(value) if abs(value) < 1e300 else math.inf


def _graph_attributes(network: SensorNetwork) -> dict[str, Any]:
    out: dict[str, Any] = {"name": network.name, "sensing": network.sensing}
    if network.photons is not None:
        out["photons"] = network.photons
    if network.mean_photons is not None:
        out["mean_photons"] = network.mean_photons
    return {**out, "passes": network.passes, **dict(network.extra)}


def _mode_attributes(mode: Mode) -> dict[str, Any]:
    out: dict[str, Any] = {"role": mode.role}
    if mode.coupling is not None:
        out["coupling"] = mode.coupling
    if mode.alpha is not None:
        # Always text: '1/3' cannot be a JSON number, and GraphML wants one type for the whole column.
        out["alpha"] = str(mode.alpha)
    if mode.transmissivity != 1:
        out["transmissivity"] = mode.transmissivity
    return {**out, **dict(mode.extra)}


def _link_attributes(link: Link) -> dict[str, Any]:
    extra = dict(link.extra)
    # A distance alone would have its loss worked out anew.
    told = link.transmissivity != 1 or "distance_km" in extra
    # GraphML wants one type for the whole column.
    return {**({"transmissivity": float(link.transmissivity)} if told else {}), **extra}
