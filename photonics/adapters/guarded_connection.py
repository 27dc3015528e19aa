"""The client's connection, held to its host: no redirects, no proxies that would see a token, no endless answers."""

from __future__ import annotations

import time
from typing import Any

import requests
import xcc

from photonics.adapters.cloud_hosts import is_loopback

MAX_ANSWER_BYTES = 32 * 2**20
"""Of an answer that is read as a whole, unpacked."""
MAX_ANSWER_SECONDS = 120.0
"""That the whole of it may take; the client's own limit is on each wait for some of it."""
HIDDEN = "(token)"
"""What stands for a token in whatever is kept or shown."""


class GuardedConnection(xcc.Connection):  # type: ignore[misc]  # the client ships no types
    """A connection whose tokens go to its host alone.

    Parameters
    ----------
    host : str
        As ``plain_host`` gives it.
    port : int
    tls : bool
    refresh_token, access_token : str, optional
        At least one of them.
    """

    def __init__(self, *, host: str, port: int, tls: bool, refresh_token: str | None, access_token: str | None) -> None:
        super().__init__(refresh_token=refresh_token, access_token=access_token, host=host, port=port, tls=tls)
        self._secrets = {token for token in (refresh_token, access_token) if token}

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.url()}>"

    def url(self, path: str = "") -> str:
        """The URL of a path; an IPv6 address stands in brackets.

        Parameters
        ----------
        path : str
        """
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}/" + path.lstrip("/")

    def update_access_token(self) -> None:
        """Ask for a new access token, where there is a refresh token.

        Raises
        ------
        requests.exceptions.RequestException, ValueError
            When there is none, or the cloud gives none.
        """
        if not self.refresh_token:
            raise requests.exceptions.HTTPError("the access token is not taken, and there is no refresh token")
        super().update_access_token()
        token: object = self.access_token
        if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
            self._access_token: str | None = None
            raise ValueError("the answer to a refresh token has no access token")
        self._secrets.add(token)

    def without_tokens(self, value: Any) -> Any:
        """A document or text of the cloud without any token of this connection, however it came there.

        Parameters
        ----------
        value : JSON value
        """
        if isinstance(value, str):
            for token in sorted(self._secrets, key=len, reverse=True):
                value = value.replace(token, HIDDEN)
            return value
        if isinstance(value, dict):
            return {self.without_tokens(key): self.without_tokens(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.without_tokens(item) for item in value]
        return value

    def _request(self, method: str, url: str, **options: Any) -> requests.Response:
        streamed = options.pop("stream", False)
        timeout = options.pop("timeout", 10)
        session = requests.Session()
        if not self.tls or is_loopback(self.host):
            # A proxy of the environment would be told the token in clear, or would not find this machine.
            session.trust_env = False
        # Otherwise a password file (.netrc) would replace the token.
        session.auth = _unchanged
        # Packed answers would have to be unpacked before anyone knows how large they are.
        headers = {**(options.pop("headers", None) or {}), "Accept-Encoding": "identity"}
        try:
            response = session.request(
                method, url, headers=headers, timeout=timeout, stream=True, allow_redirects=False, **options
            )
            if 300 <= response.status_code < 400:
                response.close()
                # Neither this request nor its token is for another address; not even the address is repeated.
                message = "a redirect, which is not followed: a token goes to the host it is for"
                raise requests.exceptions.HTTPError(message, response=response)
            if not streamed:
                _read(response)
        except requests.exceptions.Timeout:
            raise requests.exceptions.RequestException(f"{method} {url} timed out") from None
        return response


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _read(response: requests.Response) -> None:
    """The whole answer, within limits."""
    content = limited_content(response, MAX_ANSWER_BYTES, MAX_ANSWER_SECONDS)
    # As ``requests`` keeps what it has read; it has no way to be told.
    response._content = content
    response._content_consumed = True


def limited_content(response: requests.Response, most_bytes: int, most_seconds: float) -> bytes:
    """What a response brings, read up to a size and for a time.

    Parameters
    ----------
    response : requests.Response
        Of a request with ``stream``.
    most_bytes : int
    most_seconds : float

    Returns
    -------
    bytes

    Raises
    ------
    requests.exceptions.RequestException
        When it is larger, slower, or packed.
    """
    end = time.monotonic() + most_seconds
    kept = bytearray()
    try:
        if response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
            raise requests.exceptions.RequestException("the answer is packed, which was not asked for")
        for chunk in response.iter_content(2**16):
            kept += chunk
            if len(kept) > most_bytes:
                raise requests.exceptions.RequestException(f"the answer is longer than {most_bytes} bytes")
            if time.monotonic() > end:
                raise requests.exceptions.RequestException(f"the answer took longer than {most_seconds:g} s")
    finally:
        response.close()
    return bytes(kept)
