"""Networks from tables: a list of links, and of nodes, as spreadsheets write them. Data only, like all files of ours.

The first line names the columns. Commas, semicolons or tabs stand between cells; empty lines and lines that begin with # are
left out.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from networks.errors import short_repr
from networks.files.attributes import network_from_parts
from networks.files.known import BOOLEAN, NUMERIC, Place, known_names
from networks.files.spelling import attribute_fault
from networks.modes import COUPLING_OF
from networks.sensor_network import SensorNetwork
from networks.values import plain_real

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)
_TEXT = frozenset({"id", "source", "target", "role", "coupling", "alpha"})
"""Columns that are never read as numbers; alpha is exact."""
_TRUTH = {
    **dict.fromkeys(("true", "yes", "1"), True),
    **dict.fromkeys(("false", "no", "0"), False),
}


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
    edges = read_rows(links, "links", ("source", "target"), faults, "edge")
    if nodes is not None and alpha is not None:
        faults.append("give a table of nodes or the coefficients alpha, not both")
    if nodes is not None:
        points = read_rows(nodes, "nodes", ("id",), faults, "node")
    elif alpha is not None:
        named = list(dict.fromkeys(edge[end] for edge in edges for end in ("source", "target") if end in edge))
        # Of a table that was not read whole it cannot be said.
        faults += [
            f"alpha names {short_repr(name)}, which no link joins" for name in alpha if name not in named and not faults
        ]
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
    given = {key: plain_real(value) for key, value in attributes.items() if value is not None}
    if given.get("loss_db_per_km") is not None and edges and not any("distance_km" in edge for edge in edges):
        faults.append("loss_db_per_km is given, but no link has a distance_km; name that column distance_km")
    return network_from_parts(given, points, edges, faults)


class _Lines:
    """Lines of a table for csv.reader: what stands between rows and is none (comments, empty lines) is passed over."""

    def __init__(self, text: str) -> None:
        self._stream = io.StringIO(text.lstrip("\ufeff"), newline="")
        self.number = 0
        self.between = True
        self.first = 0
        self.raw = ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        for line in self._stream:
            self.number += 1
            if not self.between:
                self.raw += line
                return line
            plain = line.strip(" \t,;\r\n")
            if plain and not plain.startswith("#") and not re.fullmatch(r"sep=.?", line.strip().lower()):
                self.between, self.first, self.raw = False, self.number, line
                return line
        raise StopIteration

    def rows(self, delimiter: str, what: str, faults: list[str]) -> Iterator[tuple[int, list[str]]]:
        """Rows with the number of their first line; what cannot be read is added to ``faults``."""
        reader = csv.reader(self, delimiter=delimiter)
        while True:
            self.between = True
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                faults.append(f"{what}, line {self.first}: {error}")
                continue
            if self.number > self.first and self.raw.count('"') % 2:
                faults.append(f"{what}, line {self.first}: a quotation mark is opened here and never closed")
                return
            yield self.first, cells


def read_rows(text: str, what: str, needed: tuple[str, ...], faults: list[str], place: Place) -> list[dict[str, Any]]:
    """The rows with their filled cells; faults name the line in the file.

    Columns whose names say a length or a loss in another way than ours are faults, each once. A table of nodes may have a column
    label or name instead of id.
    """
    if "\0" in text:
        faults.append(f"the table of {what} has null characters; save it as text in UTF-8")
        return []
    first = next(_Lines(text), None)
    if first is None:
        faults.append(f"the table of {what} is empty; its first line must name the columns {', '.join(needed)}, ...")
        return []
    # What stands in quotation marks is the name of a column, whatever it holds.
    unquoted = re.sub('"[^"]*"', "", first)
    delimiter = max((",", ";", "\t"), key=unquoted.count)
    rows = _Lines(text).rows(delimiter, what, faults)
    first_line, names = next(rows, (0, []))
    head = [_column(name.strip()) for name in names]
    if needed == ("id",) and "id" not in head and (called := [name for name in ("label", "name") if name in head]):
        head[head.index(called[0])] = "id"
    missing = [name for name in needed if name not in head]
    doubled = sorted(name for name, times in Counter(head).items() if times > 1)
    faults += [
        f"{what}: the column {name!r} is missing; there are {', '.join(map(short_repr, head[:20]))}" for name in missing
    ]
    faults += [f"{what}: the column {short_repr(name)} is there twice" for name in doubled]
    if missing or doubled:
        return []
    own = frozenset(known_names(place))
    strange = {name for name in head if _column_fault(name, f"{what}, line {first_line}", place, faults)}
    result = []
    for number, line in rows:
        where = f"{what}, line {number}"
        cells = [cell.strip() for cell in line]
        if len(cells) != len(head):
            faults.append(f"{where}: {len(head)} cells are needed, one a column, got {len(cells)}")
            continue
        row: dict[str, Any] = {}
        for name, cell in zip(head, cells, strict=True):
            if name in strange:
                continue
            if not cell:
                if name in needed:
                    faults.append(f"{where}: {name} is empty")
            elif name in own & BOOLEAN:
                if cell.lower() in _TRUTH:
                    row[name] = _TRUTH[cell.lower()]
                else:
                    faults.append(f"{where}: {name} must be true or false, got {short_repr(cell)}")
            elif name in _TEXT or not _NUMBER.fullmatch(cell):
                if name in own & NUMERIC:
                    faults.append(f"{where}: {name} must be a number with a decimal point, got {short_repr(cell)}")
                else:
                    row[name] = cell
            else:
                row[name] = cell_value(cell)
        if all(name in row for name in needed):
            result.append(row)
    return result


def cell_value(cell: str) -> str | int | Decimal:
    """A number where a cell is one, else its text.

    >>> cell_value("12"), cell_value("0.5"), cell_value("12 km")
    (12, Decimal('0.5'), '12 km')
    """
    if not _NUMBER.fullmatch(cell):
        return cell
    return int(cell) if re.fullmatch(r"[+-]?\d{1,15}", cell) else Decimal(cell)


def _column_fault(name: str, where: str, place: Place, faults: list[str]) -> bool:
    """Whether a column looks like one of ours and is none; said once, not at every row."""
    if fault := attribute_fault(name, place, where):
        faults.append(fault)
        return True
    return False


def _column(name: str) -> str:
    """Our columns in whatever case they are written; others stay as they are."""
    plain = name.lower().replace(" ", "_")
    return plain if plain in {*known_names("node"), *known_names("edge")} else name
