"""The table of bounds in words; nothing heavy is imported, so that ``psn bounds`` answers at once. Nothing is computed here."""

from __future__ import annotations

from protocols.reports.rendering import joined
from protocols.reports.view import UNITS, View
from protocols.theory.bounds import BoundsTable, bounds_tables


def bounds_view(table: BoundsTable) -> View:
    """The bounds, the entanglement rows and the trade-off; in short what all probes reach, and what entanglement gains."""
    tables = bounds_tables(table)
    title = tables[0].title
    rows = [
        joined(
            (f"{row.sensing}: MSE at least", row.mse, UNITS.get(row.sensing, "")),
            ("gain by entanglement", row.gain, "" if row.gain_over is None else f"over {row.gain_over} probes"),
        )
        for row in table.rows
        if row.mse is not None and row.probes == "entangled"
    ]
    return View(title=title[0].lower() + title[1:], parts=tables, summary=tuple(rows), titled=False)
