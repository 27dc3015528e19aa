"""The server of the explorer: made, started at a port of this machine, and stopped. What the page does is in ``actions``."""

from __future__ import annotations

import importlib
import logging
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from dash import Dash
from werkzeug.serving import BaseWSGIServer, make_server

from networks import InputError
from protocols.explorer.actions import answered, connect
from protocols.explorer.answers import coarse
from protocols.explorer.documents import Document, check
from protocols.explorer.guard import guard
from protocols.explorer.jobs import Jobs
from protocols.explorer.page import page

HOST = "127.0.0.1"
"""The server is never bound to another address."""
TITLE = "psn explore"
WORKS_BY = (
    "protocols.design",
    "protocols.privacy.report",
    "protocols.reports.design_view",
    "protocols.reports.plotting",
    "protocols.estimation.simulation",
    "protocols.sweeps.curves",
    "protocols.wmatrix.enumeration",
)
"""Modules that are loaded before the server starts: what runs beside then has them from its first moment."""


def make_app(document: Document, jobs: Jobs, message: str = "") -> Dash:
    """The application, which shows this network first.

    Parameters
    ----------
    document : dict
    jobs : Jobs
        What runs beside.
    message : str
        What is said first.
    """
    app = Dash(
        __name__,
        assets_folder=str(Path(__file__).parent / "assets"),
        title=TITLE,
        update_title="",
        serve_locally=True,
        suppress_callback_exceptions=True,
        background_callback_manager=jobs,
        enable_mcp=False,
        pages_folder="",
        add_log_handler=False,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
        index_string=_INDEX,
    )
    app.enable_dev_tools(debug=False, dev_tools_disable_version_check=True)
    app.layout = page(document, message)
    connect(app)
    return app


_INDEX = """<!DOCTYPE html>
<html lang="en">
    <head>{%metas%}<title>{%title%}</title>{%favicon%}{%css%}</head>
    <body>{%app_entry%}<footer>{%config%}{%scripts%}{%renderer%}</footer></body>
</html>"""


def _first_look(document: Document) -> None:
    checked = check(document)
    if checked.network is not None:
        answered(checked, lambda network: coarse(network, checked.content))


@contextmanager
def serving(document: Document, port: int | None = None, message: str = "") -> Iterator[BaseWSGIServer]:
    """A server at a port of this machine, which ``serve_forever`` lets answer; its folder goes when it ends.

    Parameters
    ----------
    document : dict
        The network that is shown first.
    port : int, optional
        A free one when left out.
    message : str

    Raises
    ------
    InputError
        When the port is taken.
    """
    # Requests are no news to the terminal.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # The port first: what follows takes a moment, and the server would end the program where it is taken.
    with socket.socket() as listener:
        if sys.platform != "win32":
            # A port that was used a moment ago is free; elsewhere this would share one that is not.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port or 0))
        except OSError as error:
            raise InputError(
                [f"--port: cannot listen at {port} ({error.strerror}); name another one, or none"]
            ) from None
        with _answering(listener, document, message) as server:
            yield server


@contextmanager
def _answering(listener: socket.socket, document: Document, message: str) -> Iterator[BaseWSGIServer]:
    for module in WORKS_BY:
        importlib.import_module(module)
    with tempfile.TemporaryDirectory(prefix="psn-explore-") as folder, closing(Jobs(folder)) as jobs:
        app = make_app(document, jobs, message)
        listener.listen()
        host, port = listener.getsockname()
        server = make_server(host, port, app.server, threaded=True, fd=listener.fileno())
        guard(app.server, server.port, app.csp_hashes)
        # Compiled parts are loaded while the browser is: the first slider need not wait for them.
        threading.Thread(target=_first_look, args=(document,), daemon=True).start()
        try:
            yield server
        finally:
            server.server_close()
