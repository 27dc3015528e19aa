"""``psn cite``: what to cite, as BibTeX."""

from __future__ import annotations

from typing import Annotated

import typer

from protocols.cli.options import Json, files_ending
from protocols.cli.terminal import working

app = typer.Typer(add_completion=False)


@app.command("cite", epilog="Example: psn cite examples/field_average.json")
def cite(
    file: Annotated[
        str | None,
        typer.Argument(
            help="A result that was saved, a document that --json printed, or a network; all of the literature when not given; - "
            "is standard input.",
            autocompletion=files_ending(".json", ".graphml"),
            show_default=False,
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Which papers does this result rest on, as BibTeX?

    A comment above each entry says what of the result it is cited for. Of a network file that is what its design would use, with
    every scheme that is ranked for it.
    """
    from protocols import tables
    from protocols.citing.citations import cite as all_of_it, cite_file

    with working() as report:
        report("looking for what it rests on")
        found = all_of_it() if file is None else cite_file(file)
    print(tables.to_json(found.to_dict()) if json else found.bibtex)
