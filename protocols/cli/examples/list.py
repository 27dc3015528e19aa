"""``psn examples list``: what is shipped, one line each."""

from __future__ import annotations

import typer

from protocols.cli.options import Json
from protocols.cli.terminal import say

app = typer.Typer(add_completion=False)


@app.command("list", epilog="Example: psn examples list")
def list_(json: Json = False) -> None:
    """Which examples are shipped, and what does each show?

    Each is a script beside the files that it reads; psn examples copy brings them here.
    """
    from protocols.starting.examples import shipped_examples
    from protocols.tables import to_json

    shown = shipped_examples()
    if json:
        rows = [
            {"name": one.name, "files": one.files, "network": one.network, "description": one.line} for one in shown
        ]
        print(to_json({"examples": rows}))
        return
    width = max(len(one.name) for one in shown) + 2
    for one in shown:
        say(f"{one.name:<{width}}{one.line}")
    say(f"next: psn examples copy {shown[0].name}")
