"""Networks from tables: a list of links, and of nodes, as spreadsheets write them. Data only, like all files of ours.

The first line names the columns. Commas, semicolons or tabs stand between cells; empty lines and lines that begin with # are
left out.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from networks.errors import InputError, short_repr
from networks.files.attributes import network_from_parts
from networks.modes import COUPLING_OF
from networks.sensor_network import SensorNetwork

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)
_TEXT = frozenset({"id", "source", "target", "role", "coupling", "alpha"})
"""Columns that are never read as numbers; alpha is exact."""
MAX_FAULTS = 30
"""Faults of a table that are listed; the rest is counted."""
_LOSSES = frozenset({"transmissivity", "loss_db", "distance_km", "loss_db_per_km"})
"""Columns that must be numbers."""


def network_from_tables(
    links: str,
    nodes: str | None = None,
    *,
    alpha: Mapping[str, object] | None = None,
    **attributes: Any,
) -> SensorNetwork:
    """The network of a table of links and what says which nodes are sensors.

    Parameters
    ----------
    links : str
        Text with the columns ``source`` and ``target``, and any of ``transmissivity``, ``loss_db``, ``distance_km`` and
        ``loss_db_per_km``; other columns are kept.
    nodes : str, optional
        Text with the column ``id``, and any of ``role``, ``alpha``, ``coupling`` (that of ``sensing`` when left out),
        ``transmissivity``; other columns are kept.
    alpha : mapping, optional
        Instead of ``nodes``: the coefficients of the sensors by name; nodes of the links that are not in it are ancillas.
    attributes : of the graph, as in the network file
        ``sensing``, ``photons`` or ``mean_photons``, ``passes``, ``parameters``, ``name``, ``loss_db_per_km``.

    Raises
    ------
    InputError
        Listing every fault of both tables and of the network.

    Examples
    --------
    >>> text = "source,target,distance_km\\na,hub,10\\nb,hub,5\\n"
    >>> options = {"sensing": "displacement", "mean_photons": 2.0, "loss_db_per_km": 0.2}
    >>> network = network_from_tables(text, alpha={"a": 1, "b": "-1"}, **options)
    >>> [mode.role for mode in network.modes], round(network.links[1].transmissivity, 6)
    (['sensor', 'ancilla', 'sensor'], 0.794328)
    """
    faults: list[str] = []
    edges = _rows(links, "links", ("source", "target"), faults)
    if nodes is not None and alpha is not None:
        faults.append("give a table of nodes or the coefficients alpha, not both")
    if nodes is not None:
        points = _rows(nodes, "nodes", ("id",), faults)
    elif alpha is not None:
        named = list(dict.fromkeys(edge[end] for edge in edges for end in ("source", "target") if end in edge))
        # Of a table that was not read whole it cannot be said.
        faults += [f"alpha names {name!r}, which no link joins" for name in alpha if name not in named and not faults]
        points = [{"id": name, **({"alpha": alpha[name]} if name in alpha else {"role": "ancilla"})} for name in named]
    else:
        faults.append("which nodes are sensors is not said; give a table of nodes or the coefficients alpha")
        points = []
    if faults and not points:
        # Without nodes every link would be said to end nowhere.
        edges = []
    # The rules report what sensing must be; a coupling that is missing as well would be reported again at every sensor.
    coupling = COUPLING_OF.get(attributes.get("sensing", ""), "mach-zehnder")
    for point in points:
        if point.get("role", "sensor") == "sensor":
            point.setdefault("coupling", coupling)
    given = {key: value for key, value in attributes.items() if value is not None}
    if given.get("loss_db_per_km") is not None and edges and not any("distance_km" in edge for edge in edges):
        faults.append("loss_db_per_km is given, but no link has a distance_km; name that column distance_km")
    try:
        return network_from_parts(given, points, edges, faults)
    except InputError as error:
        if len(error.faults) <= MAX_FAULTS:
            raise
        more = len(error.faults) - MAX_FAULTS
        raise InputError([*error.faults[:MAX_FAULTS], f"{more} faults more; mend these first"]) from None


def _rows(text: str, what: str, needed: tuple[str, ...], faults: list[str]) -> list[dict[str, Any]]:
    """The rows with their filled cells; faults name the line in the file."""
    lines = [
        (number, line)
        for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1)
        if line.strip(" \t,;")
        and not line.lstrip().startswith("#")
        and not re.fullmatch(r"sep=.", line.strip().lower())
    ]
    if not lines:
        faults.append(f"the table of {what} is empty; its first line must name the columns {', '.join(needed)}, ...")
        return []
    first = lines[0][1]
    delimiter = max((",", ";", "\t"), key=first.count)
    head = [_column(name.strip()) for name in _cells(first, delimiter, f"{what}, line {lines[0][0]}", faults)]
    missing = [name for name in needed if name not in head]
    doubled = sorted({name for name in head if head.count(name) > 1})
    faults += [f"{what}: the column {name!r} is missing; there are {', '.join(map(repr, head))}" for name in missing]
    faults += [f"{what}: the column {short_repr(name)} is there twice" for name in doubled]
    if missing or doubled:
        return []
    rows = []
    for number, line in lines[1:]:
        where = f"{what}, line {number}"
        cells = [cell.strip() for cell in _cells(line, delimiter, where, faults)]
        if not cells:
            continue
        if len(cells) != len(head):
            faults.append(f"{where}: {len(head)} cells are needed, one a column, got {len(cells)}")
            continue
        row: dict[str, Any] = {}
        for name, cell in zip(head, cells, strict=True):
            if not cell:
                if name in needed:
                    faults.append(f"{where}: {name} is empty")
            elif name in _TEXT or not _NUMBER.fullmatch(cell):
                if name in _LOSSES:
                    faults.append(f"{where}: {name} must be a number with a decimal point, got {short_repr(cell)}")
                else:
                    row[name] = cell
            else:
                row[name] = int(cell) if re.fullmatch(r"[+-]?\d{1,15}", cell) else Decimal(cell)
        if all(name in row for name in needed):
            rows.append(row)
    return rows


def _cells(line: str, delimiter: str, where: str, faults: list[str]) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(line), delimiter=delimiter), [])
    except csv.Error as error:
        faults.append(f"{where}: {error}")
        return []


def _column(name: str) -> str:
    """Our columns in whatever case they are written; others stay as they are."""
    plain = name.lower().replace(" ", "_")
    return plain if plain in _TEXT | _LOSSES else name
