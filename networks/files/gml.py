"""GML, as the Internet Topology Zoo and many programs write it: to read."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from networks.errors import InputError, short_repr
from networks.files.known import BOOLEAN
from networks.files.topology import Topology, TopologyEdge, TopologyNode, own_id

_TOKEN = re.compile(
    r"\s+|#[^\n]*|(?P<key>[A-Za-z_][A-Za-z0-9_]*)|(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?(?![\w.]))"
    r'|"(?P<text>[^"]*)"|(?P<sign>[\[\]])'
)
DEEPEST_GML = 12
"""Levels of nesting in a GML file."""
Pairs = list[tuple[str, Any]]


def is_gml(text: str) -> bool:
    """Whether a text looks like GML: keys with values before a graph [.

    >>> is_gml("Creator \\"us\\"\\ngraph [ directed 0 ]"), is_gml("graph,1")
    (True, False)
    """
    return re.match(r'(?:\s|#[^\n]*\n|[A-Za-z]\w*\s+(?:"[^"]*"|[\d.+-]+)\s)*graph\s*\[', text[:20_000]) is not None


def topology_from_gml(text: str, faults: list[str]) -> Topology:
    """What a GML text holds; adds to ``faults``.

    Raises
    ------
    InputError
        For what is no GML at all.
    """
    graphs = [value for key, value in _pairs(text) if key == "graph" and isinstance(value, list)]
    if len(graphs) != 1:
        raise InputError([f"GML must hold one graph, got {len(graphs)}"])
    graph = graphs[0]
    dropped: Counter[str] = Counter()
    attributes = _plain([pair for pair in graph if pair[0] not in ("node", "edge", "directed", "multigraph")], dropped)
    directed = dict(graph).get("directed", 0) == 1
    nodes, edges = [], []
    for key, value in graph:
        if key not in ("node", "edge"):
            continue
        if not isinstance(value, list):
            faults.append(f"GML: every {key} must have its attributes in brackets, got {short_repr(value)}")
            continue
        data = _plain(value, dropped)
        if key == "node":
            name = data.get("id")
            if not isinstance(name, int | str):
                faults.append(f"GML: every node must have an 'id', got {short_repr(name)}")
                continue
            nodes.append(TopologyNode(id=own_id(name, data), attributes=data))
        else:
            ends = data.pop("source", None), data.pop("target", None)
            if not all(isinstance(end, int | str) for end in ends):
                faults.append(f"GML: every edge must have a 'source' and a 'target', got {short_repr(ends)}")
                continue
            edges.append(TopologyEdge(ends=(ends[0], ends[1]), directed=directed, attributes=data))
    said = [f"attributes that are lists are not kept: {', '.join(sorted(dropped)[:20])}"] if dropped else []
    return Topology(format="GML", nodes=tuple(nodes), edges=tuple(edges), attributes=attributes, decisions=tuple(said))


def _plain(pairs: Pairs, dropped: Counter[str]) -> dict[str, Any]:
    """The attributes with one value each; places that are drawn (graphics [ x 1 y 2 ]) become x and y."""
    times = Counter(key for key, _ in pairs)
    out: dict[str, Any] = {}
    for key, value in pairs:
        if key == "graphics" and isinstance(value, list):
            for axis, number in value:
                if axis in ("x", "y") and isinstance(number, int | Decimal):
                    out.setdefault(axis, number)
        elif isinstance(value, list) or times[key] > 1:
            dropped[key] += 1
        else:
            # GML has no truth values; networkx writes them as 0 and 1.
            out[key] = bool(value) if key in BOOLEAN and value in (0, 1) else value
    return out


def _pairs(text: str) -> Pairs:
    """Keys and values, in lists where brackets stand."""
    whole: Pairs = []
    inside: list[Pairs] = [whole]
    key: str | None = None
    for kind, value, place in _tokens(text):
        if kind == "key" and key is None:
            key = value
        elif kind == "sign" and value == "]" and key is None and len(inside) > 1:
            inside.pop()
        elif kind == "sign" and value == "[" and key is not None:
            if len(inside) > DEEPEST_GML:
                raise InputError([f"not GML that can be read: nested deeper than {DEEPEST_GML} levels"])
            inside.append([])
            inside[-2].append((key, inside[-1]))
            key = None
        elif kind in ("number", "text") and key is not None:
            inside[-1].append((key, value))
            key = None
        else:
            raise InputError(
                [f"not GML that can be read: {short_repr(value)} stands unexpectedly {_line(text, place)}"]
            )
    if key is not None or len(inside) > 1:
        raise InputError(["not GML that can be read: it ends too early"])
    return whole


def _tokens(text: str) -> Iterator[tuple[str, Any, int]]:
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise InputError([f"not GML that can be read: {short_repr(text[at : at + 12])} {_line(text, at)}"])
        at = match.end()
        kind = match.lastgroup
        if kind == "number":
            yield kind, _number(match["number"], text, match.start()), match.start()
        elif kind == "text":
            yield kind, html.unescape(match["text"]), match.start()
        elif kind is not None:
            yield kind, match[kind], match.start()


def _number(digits: str, text: str, place: int) -> int | Decimal:
    if len(digits) > 400:
        raise InputError([f"not GML that can be read: a number of {len(digits)} digits {_line(text, place)}"])
    return int(digits) if re.fullmatch(r"[+-]?\d+", digits) else Decimal(digits)


def _line(text: str, place: int) -> str:
    return f"in line {text.count(chr(10), 0, place) + 1}"
