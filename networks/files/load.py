"""Network files: which format a file is in. Files are data only; nothing in them is ever executed.

To add a format, write a module beside this one with a function from text to network and one back, and name them in ``FORMATS``;
one that is only read gives a ``Topology`` and is named in ``topology_of_text``.
Limits: 32 MiB a file, 16 levels of nesting, decimals of at most 300 digits; XML must not declare entities.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from networks.errors import InputError
from networks.files.gml import is_gml, topology_from_gml
from networks.files.graphml import network_from_graphml, network_to_graphml
from networks.files.node_link import network_from_json, network_to_json, topology_from_json
from networks.files.other_xml import topology_from_xml
from networks.files.text import read_document, write_whole
from networks.files.topology import Topology, foreign_fault
from networks.sensor_network import SensorNetwork

TABLES = (".csv", ".tsv")
"""Endings of tables."""
READ_ONLY = (".gml", ".gexf")
"""Endings of files of other programs that are read and not written."""


class _Read(Protocol):
    def __call__(self, text: str, *, source: str = ...) -> SensorNetwork: ...


@dataclass(frozen=True, slots=True)
class Format:
    """How networks of a format are read and written.

    Attributes
    ----------
    read : function of a text, and of the name of its source
        The network in it; InputError listing every fault.
    write : function of a SensorNetwork
        Its text.
    """

    read: _Read
    write: Callable[[SensorNetwork], str]


_JSON, _GRAPHML = Format(network_from_json, network_to_json), Format(network_from_graphml, network_to_graphml)
FORMATS = {".json": _JSON, ".graphml": _GRAPHML, ".xml": _GRAPHML}
"""By the end of the name of a file to write, in lower case; with another one it is JSON. What is read is known by its content."""


def load_network(path: str | os.PathLike[str]) -> SensorNetwork:
    """Read a network from a file: GraphML or node-link JSON, told apart by their content.

    Parameters
    ----------
    path : str or path
        At most 32 MiB; "-" is standard input.

    Returns
    -------
    SensorNetwork

    Raises
    ------
    InputError
        When the file is missing, too large, broken or of another program, or listing every fault of the network in it.
    """
    name = _named(path)
    return network_of_text(read_document(name), name)


def network_of_text(text: str, source: str) -> SensorNetwork:
    """The network in a text of GraphML or node-link JSON.

    Parameters
    ----------
    text : str
    source : str
        The file, for messages.

    Returns
    -------
    SensorNetwork

    Raises
    ------
    InputError
        Naming the source and every fault.
    """
    try:
        kind = _kind(text, source)
        if kind == "json":
            return network_from_json(text, source=source)
        if kind == "xml" and _is_graphml(text):
            return network_from_graphml(text, source=source)
        raise InputError([foreign_fault(topology_of_text(text, source), source)])
    except InputError as error:
        raise error if error.source else error.within(source) from None


def load_topology(path: str | os.PathLike[str]) -> Topology:
    """Read nodes and links from a file of any program: GraphML, GML, GEXF, SNDlib's XML, or JSON of several kinds.

    Parameters
    ----------
    path : str or path
        At most 32 MiB; "-" is standard input.

    Returns
    -------
    Topology
        To be made a network by ``place_sensors``.

    Raises
    ------
    InputError
        When the file cannot be read, or listing every fault.
    """
    name = _named(path)
    return topology_of_text(read_document(name), name)


def topology_of_text(text: str, source: str) -> Topology:
    """Nodes and links in a text of any format that is read.

    Parameters
    ----------
    text : str
    source : str
        The file, for messages.

    Returns
    -------
    Topology

    Raises
    ------
    InputError
        Naming the source and every fault.
    """
    faults: list[str] = []
    try:
        kind = _kind(text, source)
        read = {"xml": topology_from_xml, "gml": topology_from_gml, "json": topology_from_json}[kind]
        topology = read(text, faults)
        if faults:
            raise InputError(faults)
    except InputError as error:
        raise error if error.source else error.within(source) from None
    return topology


def _named(path: str | os.PathLike[str]) -> str:
    name = os.fspath(path)
    if not name:
        raise InputError(["the network file must be named, got nothing"])
    if Path(name).suffix.lower() in TABLES:
        raise InputError([f"{name!r} is a table; psn convert makes a network of tables of links and nodes"])
    return name


def _kind(text: str, source: str) -> str:
    """What a text is: by its first sign, else by its first words, else by the end of the name of its file."""
    start = text.lstrip()[:1]
    if start == "<":
        return "xml"
    if text.lstrip().startswith("?SNDlib"):
        raise InputError(["SNDlib's native format is not read; take the XML file of the same network"])
    if start not in ("{", "[") and (is_gml(text) or Path(source).suffix.lower() == ".gml"):
        return "gml"
    return "xml" if Path(source).suffix.lower() in (".graphml", ".xml", ".gexf") and start not in ("{", "[") else "json"


def _is_graphml(text: str) -> bool:
    """Whether the outermost element is none that is known to be another program's."""
    match = re.match(r"(?:\s+|<\?.*?\?>|<!--.*?-->)*<([\w:.-]+)", text[:200_000], re.DOTALL)
    return match is None or match[1].rpartition(":")[2] not in ("gexf", "network")


def save_network(network: SensorNetwork, path: str | os.PathLike[str]) -> None:
    """Write ``network`` as JSON or, when the name ends in .graphml or .xml, as GraphML; the file appears whole or not at all.

    What is written is read back first, and must be equal.

    Parameters
    ----------
    network : SensorNetwork
    path : str or path
        In a folder that exists.

    Raises
    ------
    InputError
        For attributes that the format cannot hold.
    OSError
        When the file cannot be written.
    """
    path = Path(path)
    write_whole(path, checked_text(network, path.suffix).encode())


def checked_text(network: SensorNetwork, ending: str) -> str:
    """The text of a network in the format of an ending, which is read back equal.

    Parameters
    ----------
    network : SensorNetwork
    ending : str
        As in ``FORMATS``.

    Returns
    -------
    str

    Raises
    ------
    InputError
        For attributes that the format cannot hold, or that would be read as something else.
    """
    form = FORMATS.get(ending.lower(), _JSON)
    text = form.write(network)
    try:
        again = form.read(text)
    except InputError as error:
        raise InputError([f"it would not be read back: {fault}" for fault in error.faults]) from None
    if again != network:
        raise InputError(["it would be read back as another network, so it is not written; report this, with the file"])
    return text
