"""The light along the links as people read it on a terminal. Nothing is computed here."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from protocols.layout.layout import Layouts
from protocols.reports.summaries import alternatives_table
from protocols.tables import to_rich


def show_physical(console: Console, physical: Layouts) -> None:
    """The layout, what errors and failures do to it, and the alternatives when there is a choice."""
    for section in physical.sections():
        console.print(Text(section.title, style="bold"))
        for line in section.lines:
            console.print(Text(f"  {line}"))
        console.print(Text())
    warning = physical.warning()
    if warning is not None:
        console.print(Text(f"{warning}\n", style="bold"))
    if len(physical.alternatives) > 1:
        console.print(to_rich([alternatives_table(physical)]))
