"""The server of the explorer: made, started at a port of this machine, and stopped. What the page does is in ``actions``."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dash import Dash, DiskcacheManager
from diskcache import Cache
from werkzeug.serving import BaseWSGIServer, make_server

from networks import InputError
from protocols.explorer.actions import connect
from protocols.explorer.documents import Document
from protocols.explorer.guard import guard
from protocols.explorer.page import page

HOST = "127.0.0.1"
"""The server is never bound to another address."""
TITLE = "psn explore"


def make_app(document: Document, cache_folder: str, message: str = "") -> Dash:
    """The application, which shows this network first.

    Parameters
    ----------
    document : dict
    cache_folder : str
        A folder of its own for what runs beside.
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
        background_callback_manager=DiskcacheManager(Cache(cache_folder)),
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
    with tempfile.TemporaryDirectory(prefix="psn-explore-") as folder:
        app = make_app(document, folder, message)
        try:
            server = make_server(HOST, port or 0, app.server, threaded=True)
        except (OSError, SystemExit) as error:
            raise InputError([f"--port: {port} cannot be listened at ({error}); name another one, or none"]) from None
        guard(app.server, server.server_port, app.csp_hashes)
        try:
            yield server
        finally:
            server.server_close()
