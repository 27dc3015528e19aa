"""Where a token may go: which hosts and ports are places at all, and which of them are this machine."""

from __future__ import annotations

import ipaddress
import re
import socket

DEFAULT_HOST = "platform.xanadu.ai"
"""Of the client, when nothing names another."""
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?"


def plain_host(host: str) -> str:
    """A host in one spelling: lower case, without the brackets or the zeros that an IPv6 address may have.

    Parameters
    ----------
    host : str
        A name, or an IPv4 or IPv6 address, the latter with or without brackets.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        For what is no host and nothing but a host: user names, ports, paths and URLs are not taken apart.

    Examples
    --------
    >>> plain_host("[0:0::1]"), plain_host("Cloud.Example.org")
    ('::1', 'cloud.example.org')
    """
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if ":" in bare:
        try:
            address = ipaddress.IPv6Address(bare)
        except ValueError:
            address = None
        if address is not None and address.scope_id is None:
            return str(address)
    elif bare == host and len(host) <= 253 and re.fullmatch(rf"{_NAME}(?:\.{_NAME})*", host):
        return host.lower()
    raise ValueError("a host must be a name such as cloud.example.org, or an address, without user, port and path")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, whatever a name server says.

    Parameters
    ----------
    host : str
        As ``plain_host`` gives it.

    Examples
    --------
    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "127.0.0.1.example.org", "0.0.0.0", "2130706433")]
    [True, True, False, False, False]
    """
    if host == "localhost":
        try:
            found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None)}
        except OSError:
            return False
        return bool(found) and all(is_loopback(address) for address in found)
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def place_faults(host: str, port: int, tls: bool) -> list[str]:
    """What keeps a token from being sent there.

    Parameters
    ----------
    host : str
    port : int
    tls : bool
        Whether the connection is encrypted.

    Examples
    --------
    >>> place_faults("127.0.0.1", 8080, False)
    []
    >>> place_faults("cloud.example.org", 80, False)
    ['without TLS a token goes to this machine only (127.0.0.1, ::1, localhost), not to cloud.example.org: leave out --no-tls']
    """
    faults = []
    if isinstance(port, bool) or not 1 <= port <= 65535:
        faults.append(f"a port must be from 1 to 65535, got {port}")
    try:
        plain = plain_host(host)
    except ValueError as error:
        return [*faults, f"{error}, got {host[:80]!r}"]
    if not tls and not is_loopback(plain):
        where = "this machine only (127.0.0.1, ::1, localhost)"
        faults.append(f"without TLS a token goes to {where}, not to {plain}: leave out --no-tls")
    return faults
