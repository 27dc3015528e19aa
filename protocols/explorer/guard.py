"""What the server refuses: requests that other pages make (DNS rebinding, cross-site posts), and what is too large.

The page is for the one who started it, on this machine; nothing of it is for another site that is open in the same browser.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

LARGEST_REQUEST = 48 * 2**20
"""Bytes of a request: a network file of 32 MiB as the browser sends it."""
HOSTS = ("127.0.0.1", "localhost")


def allowed_hosts(port: int) -> frozenset[str]:
    """What the Host of a request may be.

    Parameters
    ----------
    port : int

    Examples
    --------
    >>> sorted(allowed_hosts(8050))
    ['127.0.0.1:8050', 'localhost:8050']
    """
    return frozenset(f"{host}:{port}" for host in HOSTS)


def is_own(origin: str | None, port: int) -> bool:
    """Whether an Origin or a Referer is the page itself.

    Examples
    --------
    >>> is_own("http://localhost:8050/", 8050), is_own("http://localhost:8051", 8050), is_own("null", 8050), is_own(None, 8050)
    (True, False, False, False)
    """
    parts = urlsplit(origin or "")
    return parts.scheme == "http" and parts.netloc in allowed_hosts(port)


def policy_of(scripts: Sequence[str]) -> str:
    """What the page may load and run: its own files, and scripts that have one of these hashes.

    >>> policy_of(["'sha256-x'"]).split("; ")[:2]
    ["default-src 'self'", "script-src 'self' 'sha256-x'"]
    """
    return "; ".join(
        [
            "default-src 'self'",
            " ".join(["script-src 'self'", *scripts]),
            # Plotly and Cytoscape set styles of their own; what users type is never among them.
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ]
    )


def guard(server: Flask, port: int, scripts: Callable[[], Sequence[str]]) -> None:
    """Let a server answer its own page alone, and let that page load nothing from elsewhere.

    Parameters
    ----------
    server : flask.Flask
    port : int
        That it listens at.
    scripts : function without arguments
        Hashes of the scripts that stand in the page, for its Content-Security-Policy; Dash adds some with the first request.
    """
    server.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST

    @server.before_request
    def refuse_strangers() -> None:
        if request.host not in allowed_hosts(port):
            abort(403, "this server answers 127.0.0.1 and localhost only")
        origin = request.headers.get("Origin")
        if request.method not in ("GET", "HEAD"):
            if not is_own(origin or request.headers.get("Referer"), port):
                abort(403, "this server answers its own page only")
        elif origin is not None and not is_own(origin, port):
            abort(403, "this server answers its own page only")
        elif request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site") and request.path != "/":
            # A link to the page may stand anywhere; its parts are for itself.
            abort(403, "this server answers its own page only")

    @server.after_request
    def fence(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy_of(scripts())
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["X-Frame-Options"] = "DENY"
        return response
