"""``psn explore``: a page on this machine where a network is drawn, edited and understood."""

from __future__ import annotations

import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from networks import InputError
from protocols.cli.options import network_files
from protocols.cli.terminal import say

app = typer.Typer(add_completion=False)


@app.command("explore", epilog="Example: psn explore examples/five_phases.json")
def explore(
    network: Annotated[
        str | None,
        typer.Argument(
            help="The network to begin with: a node-link .json file, or a .graphml file; - is standard input. An example when "
            "not given.",
            autocompletion=network_files,
            show_default=False,
        ),
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="The port to listen at, from 1 to 65535; a free one when not given.")
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")] = True,
) -> None:
    """What does this network do when its knobs are turned?

    A page in the browser, of this machine alone (127.0.0.1), draws, edits and designs it with the engine of the other commands.
    Nothing is loaded from elsewhere, and no file is written unless its button is pressed. Ctrl-C stops it.
    """
    from networks.files.text import read_document
    from protocols.explorer.documents import example_document, read_document_text

    faults = []
    if port is not None and not 1 <= port <= 65535:
        faults.append(f"--port must be an integer from 1 to 65535, got {port}")
    document = None
    try:
        document = example_document(FIRST) if network is None else read_document_text(read_document(network), network)
    except InputError as error:
        faults += [f"{error.source}: {fault}" if error.source else fault for fault in error.faults]
    if faults or document is None:
        raise InputError(faults)
    from protocols.explorer.server import HOST, serving

    message = "" if network is None else f"read {Path(network).name if network != '-' else 'standard input'}"
    with serving(document, port, message) as server:
        address = f"http://{HOST}:{server.port}/"
        say(f"the explorer is at {address} (Ctrl-C stops it)")
        if browser:
            webbrowser.open(address)
        # The server takes Ctrl-C for its end; before it listens and after, it is an exception.
        with suppress(KeyboardInterrupt):
            server.serve_forever()
    say("stopped")


FIRST = "five_phases"
"""The example that is shown where no file is named."""
