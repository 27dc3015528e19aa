"""``psn examples copy``: the files of an example, where one works."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from protocols.cli.options import Json
from protocols.cli.terminal import say

app = typer.Typer(add_completion=False)


def _names(incomplete: str) -> list[str]:
    from protocols.starting.examples import EVERY, shipped_examples

    return [name for name in [*(one.name for one in shipped_examples()), EVERY] if name.startswith(incomplete)]


@app.command("copy", epilog="Example: psn examples copy field_average laboratory")
def copy(
    name: Annotated[
        str,
        typer.Argument(
            help="The example, as psn examples lists it; all copies every one.",
            autocompletion=_names,
            show_default=False,
        ),
    ],
    folder: Annotated[
        str, typer.Argument(help="The folder to copy to; it is made when it does not exist.", show_default="this one")
    ] = ".",
    json: Json = False,
) -> None:
    """How do I get an example to change and run?

    Its script, its network and whatever else it reads are copied; what exists already is not written over.
    """
    from protocols.starting.examples import EVERY, copy_example, find_example
    from protocols.tables import to_json

    written = copy_example(name, folder)
    following = []
    if name != EVERY:
        example = find_example(name)
        # It may have been named by one of its files.
        name = example.name
        if example.network is not None:
            following.append(f"psn design {shlex.quote(str(Path(folder) / example.network))}")
        following.append(f"python {shlex.quote(str(Path(folder) / example.files[0]))}")
    if json:
        print(to_json({"example": name, "files": [str(path) for path in written], "next": following}))
        return
    for path in written:
        say(f"wrote {path}")
    for line in following:
        say(f"next: {line}")
