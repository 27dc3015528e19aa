"""The network of the page as its user left it: a node-link document, with faults or without, and the steps that led to it.

What is typed is kept even where it is wrong; the strict reader of network files says what is. Nothing here knows a browser.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeAlias

from networks import InputError, SensorNetwork
from networks.errors import short_repr
from networks.files.load import network_of_text
from networks.files.node_link import network_document
from networks.files.text import parse_json
from protocols.starting.examples import example_network
from protocols.starting.templates import template_text

Document: TypeAlias = dict[str, Any]
"""Node-link data as JSON has it: ``graph``, ``nodes`` and ``edges``."""
MAX_STEPS = 60
"""That can be undone."""
SOURCE = "this network"
"""What messages call the network of the page."""
EMPTY: Document = {"directed": False, "multigraph": False, "graph": {}, "nodes": [], "edges": []}


def text_of(document: Document) -> str:
    """A document as the text of a network file, a node and an edge a line.

    Parameters
    ----------
    document : dict

    Examples
    --------
    >>> print(text_of({"graph": {"name": "n"}, "nodes": [{"id": "a"}], "edges": []}), end="")
    {
     "graph": {"name": "n"},
     "nodes": [
      {"id": "a"}
     ],
     "edges": []
    }
    """
    parts = []
    for key, value in document.items():
        if isinstance(value, list) and value:
            lines = ",\n".join(f"  {json.dumps(record, ensure_ascii=False)}" for record in value)
            parts.append(f" {json.dumps(key)}: [\n{lines}\n ]")
        else:
            parts.append(f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def document_of(network: SensorNetwork) -> Document:
    """The document of a network.

    Parameters
    ----------
    network : SensorNetwork
    """
    return network_document(network)


def read_document_text(text: str, source: str) -> Document:
    """The document in a file: as it is written where it is node-link JSON, faults included, so that they can be mended.

    Parameters
    ----------
    text : str
    source : str
        The file, for messages.

    Raises
    ------
    InputError
        For what is neither a network file nor JSON of its shape; with the words of the command line.
    """
    try:
        return document_of(network_of_text(text, source)) if not _has_shape(text) else _plain(parse_json(text))
    except InputError as error:
        raise error if error.source else error.within(source) from None


def _has_shape(text: str) -> bool:
    """Whether it is a node-link document whose parts can be shown."""
    if not text.lstrip().startswith("{"):
        return False
    try:
        found = parse_json(text)
    except InputError:
        return False
    return (
        isinstance(found.get("graph"), dict)
        and all(isinstance(found.get(key), list) for key in ("nodes", "edges"))
        and all(isinstance(node, dict) and "id" in node for node in found["nodes"])
        and all(isinstance(edge, dict) and {"source", "target"} <= set(edge) for edge in found["edges"])
        and "links" not in found
        and found.get("multigraph", False) is False
    )


def _plain(value: Any, key: str = "") -> Any:
    """JSON data with floats for decimals; coefficients stay exact, as text."""
    if isinstance(value, dict):
        return {name: _plain(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, key) for item in value]
    if isinstance(value, Decimal):
        return str(value) if key == "alpha" else float(value)
    return value


def example_document(name: str) -> Document:
    """The document of a shipped example.

    Parameters
    ----------
    name : str
        As ``psn examples`` lists them.

    Examples
    --------
    >>> [node["id"] for node in example_document("gradient_pair")["nodes"]]
    ['left', 'right']
    """
    return document_of(example_network(name))


def template_document(name: str) -> Document:
    """The document of a template with its usual options.

    Parameters
    ----------
    name : str
        As ``psn new`` lists them.
    """
    document: Document = json.loads(template_text(name))
    return document


# --- what the strict reader says -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the reader of network files says of a document.

    Attributes
    ----------
    content : str
        64 hexadecimal digits of the document; answers carry that of the document they are about.
    network : SensorNetwork or None
        None where there are faults.
    faults : tuple of str
        In the words of the command line.
    """

    content: str
    network: SensorNetwork | None
    faults: tuple[str, ...]

    def of_part(self, document: Document, part: str) -> tuple[str, ...]:
        """The faults of one part: "graph", "node 0" or "edge 0".

        Parameters
        ----------
        document : dict
            That was checked.
        part : str
            A key of ``parts``.
        """
        return tuple(fault for fault in self.faults if part_of_fault(document, fault) == part)


def check(document: Document) -> Checked:
    """Read a document as the file that it would be.

    Parameters
    ----------
    document : dict

    Returns
    -------
    Checked

    Examples
    --------
    >>> checked = check({"graph": {"sensing": "phase", "photons": 0}, "nodes": [{"id": "a", "alpha": 1}], "edges": []})
    >>> checked.network is None, "photons must be a positive integer" in checked.faults[0]
    (True, True)
    """
    return _check(text_of(document))


@lru_cache(maxsize=16)
def _check(text: str) -> Checked:
    """The reading of a text; several parts of the page ask for the same one."""
    content = hashlib.sha256(text.encode()).hexdigest()
    try:
        return Checked(content=content, network=network_of_text(text, SOURCE), faults=())
    except InputError as error:
        return Checked(content=content, network=None, faults=error.faults)


def parts(document: Document) -> dict[str, str]:
    """What can be edited, by a key that stays the same while no part is added or taken away, with its name for people.

    Parameters
    ----------
    document : dict

    Examples
    --------
    >>> parts({"graph": {}, "nodes": [{"id": "a"}, {"id": "b"}], "edges": [{"source": "a", "target": "b"}]})
    {'graph': 'network', 'node 0': 'node a', 'node 1': 'node b', 'edge 0': 'link a - b'}
    """
    return {
        "graph": "network",
        **{f"node {k}": f"node {node['id']}" for k, node in enumerate(document["nodes"])},
        **{f"edge {k}": f"link {edge['source']} - {edge['target']}" for k, edge in enumerate(document["edges"])},
    }


def record_of(document: Document, part: str) -> dict[str, Any]:
    """The attributes of a part.

    Parameters
    ----------
    document : dict
    part : str
        A key of ``parts``; KeyError for another.
    """
    kind, _, number = part.partition(" ")
    if kind == "graph":
        graph: dict[str, Any] = document["graph"]
        return graph
    records: Sequence[dict[str, Any]] = document[f"{kind}s"] if kind in ("node", "edge") else ()
    if not number.isdigit() or int(number) >= len(records):
        raise KeyError(part)
    return records[int(number)]


def part_of_fault(document: Document, fault: str) -> str:
    """The part that a fault is about, by the name that it begins with; "graph" where it names none.

    Parameters
    ----------
    document : dict
    fault : str
    """
    best, length = "graph", 0
    starts = [(f"node {k}", f"node {short_repr(node['id'])}") for k, node in enumerate(document["nodes"])]
    starts += [
        (f"edge {k}", f"edge {short_repr(edge['source'])} - {short_repr(edge['target'])}")
        for k, edge in enumerate(document["edges"])
    ]
    for part, start in starts:
        if len(start) > length and fault.startswith(start) and not fault[len(start) : len(start) + 1].isalnum():
            best, length = part, len(start)
    return best


# --- history -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The text of the network now, before and after; it travels through the browser as text, so that no digit is lost.

    Attributes
    ----------
    text : str
    past, future : tuple of str
        Packed texts, the nearest last.
    key : str
        What the last edit changed; another edit of the same, as of a slider that is still moved, is no step of its own.
    """

    text: str
    past: tuple[str, ...] = ()
    future: tuple[str, ...] = ()
    key: str = ""

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> History:
        """That of the data that a browser keeps."""
        return cls(text=data["text"], past=tuple(data["past"]), future=tuple(data["future"]), key=data["key"])

    @classmethod
    def starting(cls, document: Document) -> History:
        """That of a new network."""
        return cls(text=text_of(document))

    @property
    def document(self) -> Document:
        """The network now."""
        document: Document = json.loads(self.text)
        return document

    def to_data(self) -> dict[str, Any]:
        """What a browser keeps."""
        return {"text": self.text, "past": list(self.past), "future": list(self.future), "key": self.key}

    def then(self, document: Document, key: str = "") -> History:
        """After an edit; the same history where it changed nothing.

        Examples
        --------
        >>> history = History.starting({**EMPTY, "graph": {"photons": 1}})
        >>> for n in (2, 3):
        ...     history = history.then({**EMPTY, "graph": {"photons": n}}, "photons")
        >>> history.undone().document["graph"], history.undone().redone().document["graph"]
        ({'photons': 1}, {'photons': 3})
        """
        text = text_of(document)
        if text == self.text:
            return self
        goes_on = bool(key) and key == self.key
        past = self.past if goes_on else (*self.past, _packed(self.text))[-MAX_STEPS:]
        return History(text=text, past=past, key=key)

    def undone(self) -> History:
        """One step back, where there is one."""
        if not self.past:
            return self
        *past, text = self.past
        return replace(self, text=_unpacked(text), past=tuple(past), future=(*self.future, _packed(self.text)), key="")

    def redone(self) -> History:
        """One step forward, where there is one."""
        if not self.future:
            return self
        *future, text = self.future
        return replace(self, text=_unpacked(text), past=(*self.past, _packed(self.text)), future=tuple(future), key="")


def _packed(text: str) -> str:
    return base64.b85encode(zlib.compress(text.encode(), 6)).decode()


def _unpacked(text: str) -> str:
    return zlib.decompress(base64.b85decode(text)).decode()


def plain_name(document: Document) -> str:
    """The name of the network as that of a file.

    >>> plain_name({"graph": {"name": "a <b>/../c"}})
    'a_b_c'
    """
    name = re.sub(r"[^\w-]+", "_", str(document["graph"].get("name") or "network"), flags=re.ASCII).strip("_")
    return name[:60] or "network"
