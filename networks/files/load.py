"""Network files: which format a file is in, by the end of its name. Files are data only; nothing in them is ever executed.

To add a format, write a module beside this one with a function from text to network and one back, and name them in ``FORMATS``.
Limits: 32 MiB a file, 12 levels of nesting, decimals of at most 300 digits; GraphML must not declare entities.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from networks.errors import InputError
from networks.files.graphml import network_from_graphml, network_to_graphml
from networks.files.node_link import network_from_json, network_to_json
from networks.files.text import read_text, write_whole
from networks.sensor_network import SensorNetwork


@dataclass(frozen=True, slots=True)
class Format:
    """How networks of a format are read and written.

    Attributes
    ----------
    read : function of a text
        The network in it; InputError listing every fault.
    write : function of a SensorNetwork
        Its text.
    """

    read: Callable[[str], SensorNetwork]
    write: Callable[[SensorNetwork], str]


_JSON, _GRAPHML = Format(network_from_json, network_to_json), Format(network_from_graphml, network_to_graphml)
FORMATS = {".json": _JSON, ".graphml": _GRAPHML, ".xml": _GRAPHML}
"""By the end of the file's name, in lower case; files with another one are JSON."""


def load_network(path: str | os.PathLike[str]) -> SensorNetwork:
    """Read a network from a file: GraphML when its name ends in .graphml or .xml, else node-link JSON.

    Parameters
    ----------
    path : str or path
        At most 32 MiB.

    Returns
    -------
    SensorNetwork

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
        return _format_of(path).read(text)
    except InputError as error:
        raise error.within(str(path)) from None


def save_network(network: SensorNetwork, path: str | os.PathLike[str]) -> None:
    """Write ``network`` as JSON or, when the name ends in .graphml or .xml, as GraphML; the file appears whole or not at all.

    GraphML has only text ids, so integer ids come back from it as strings; JSON keeps them.

    Parameters
    ----------
    network : SensorNetwork
    path : str or path
        In a folder that exists.

    Raises
    ------
    InputError
        For attributes of mixed types, which GraphML cannot hold.
    OSError
        When the file cannot be written.
    """
    path = Path(path)
    write_whole(path, _format_of(path).write(network).encode())


def _format_of(path: Path) -> Format:
    return FORMATS.get(path.suffix.lower(), _JSON)
