"""``psn examples``: the shipped examples. ``psn examples`` alone is short for ``psn examples list``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from protocols.cli.groups import LazyGroup

if TYPE_CHECKING:
    # typer has no public name for it.
    from typer._click import Context


class _ListOrCopy(LazyGroup):
    package = "protocols.cli.examples"
    words = ("list", "copy")

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, ["list", *args] if args in ([], ["--json"]) else args)


app = typer.Typer(
    name="examples", cls=_ListOrCopy, add_completion=False, epilog="Example: psn examples copy field_average laboratory"
)


@app.callback()
def examples() -> None:
    """Which examples are shipped, what does each show, and how do I get one?

    Without a word, psn examples lists them.
    """
