"""The client of Xanadu's cloud: connections, devices and jobs through ``xcc`` and Strawberry Fields' RemoteEngine.

That cloud is closed. What speaks here is the real client, so it works with whatever answers its protocol; tests use an emulator.
"""

from __future__ import annotations

import logging
import os
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photonics.adapters.sf_import import import_strawberryfields

FINISHED = ("complete", "failed", "cancelled")
LISTED = (200, 800, 3200, 12_800, 51_200)
"""Jobs asked for, newest first, in one list after the other, until one is not full."""
MAX_RESULT_SECONDS = 600.0
"""That the counts of a job may take to arrive."""
_JOB_ID = re.compile(r"[\w-]{1,128}", re.ASCII)
_PREFIX = "XANADU_CLOUD_"


class CloudError(Exception):
    """The cloud could not be reached, refused, or answered what cannot be understood; ``sure`` when nothing was submitted."""

    def __init__(self, message: str, *, sure: bool = False) -> None:
        super().__init__(message)
        self.sure = sure


def connect(
    *,
    host: str | None = None,
    port: int | None = None,
    tls: bool | None = None,
    refresh_token: str | None = None,
    access_token: str | None = None,
) -> Any:
    """A connection; what is not given comes from the environment (XANADU_CLOUD_...) or the client's own settings.

    A token goes to this host only: without TLS to this machine only, never after a redirect, and a token of the client's settings
    only to the host of these settings.

    Parameters
    ----------
    host, port, tls
        Of the cloud.
    refresh_token, access_token : str, optional
        One of them is needed.

    Returns
    -------
    xcc.Connection

    Raises
    ------
    CloudError
        When no token is found anywhere, it may not go to this host, or the settings cannot be read.
    """
    from photonics.adapters.cloud_hosts import place_faults, plain_host
    from photonics.adapters.guarded_connection import GuardedConnection

    place, refresh_token, access_token = _settings(host, port, tls, refresh_token, access_token)
    for token in (refresh_token, access_token):
        if not (token.isascii() and token.isprintable()) or " " in token:
            raise CloudError("a token has characters that no token has (its text is not shown)", sure=True)
    if faults := place_faults(*place):
        raise CloudError("; ".join(faults), sure=True)
    if not refresh_token and not access_token:
        raise CloudError(
            "no token: set XANADU_CLOUD_REFRESH_TOKEN or XANADU_CLOUD_ACCESS_TOKEN, or name a file by --token-file",
            sure=True,
        )
    return GuardedConnection(
        host=plain_host(place[0]),
        port=place[1],
        tls=place[2],
        refresh_token=refresh_token or None,
        access_token=access_token or None,
    )


def _settings(
    host: str | None, port: int | None, tls: bool | None, refresh_token: str | None, access_token: str | None
) -> tuple[tuple[str, int, bool], str, str]:
    """((host, port, TLS), refresh token, access token), the tokens from one source only and for the host that it is for.

    Tokens that are given come before those of the environment, those of the environment before those in the client's own file; the
    latter are for the host and port of that file.
    """
    import xcc
    from dotenv import dotenv_values

    from photonics.adapters.cloud_hosts import DEFAULT_HOST

    try:
        settings = xcc.Settings()
        kept = dotenv_values(xcc.Settings.model_config["env_file"], encoding="utf-8")
        kept_place = (kept.get(f"{_PREFIX}HOST") or DEFAULT_HOST, int(kept.get(f"{_PREFIX}PORT") or 443))
    except (ValueError, OSError):
        raise CloudError("the client's settings or XANADU_CLOUD_... variables cannot be read", sure=True) from None
    place = (
        host or settings.HOST,
        settings.PORT if port is None else port,
        settings.TLS if tls is None else tls,
    )
    names = (f"{_PREFIX}REFRESH_TOKEN", f"{_PREFIX}ACCESS_TOKEN")
    sources = (
        (refresh_token, access_token),
        tuple(os.environ.get(name) for name in names),
        tuple(kept.get(name) for name in names),
    )
    for number, source in enumerate(sources):
        refresh, access = ((token or "").strip() for token in source)
        if not refresh and not access:
            continue
        if number == 2 and place[:2] != kept_place:
            ours = f"{place[0][:80]}:{place[1]}"
            raise CloudError(
                f"the token in the client's settings is for {kept_place[0]}:{kept_place[1]}, not for {ours}: name one for {ours} "
                "by --token-file or XANADU_CLOUD_REFRESH_TOKEN",
                sure=True,
            )
        return place, refresh, access
    return place, "", ""


def fetch_device(connection: Any, target: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """(specification, certificate) as the cloud gives them.

    Parameters
    ----------
    connection : xcc.Connection
    target : str
        Name of the device.

    Raises
    ------
    CloudError
        When the cloud cannot be reached, refuses, or answers what cannot be understood.
    """
    import xcc

    with _as_cloud_errors(connection, f"the device {target}", sure=True):
        device = xcc.Device(target=target, connection=connection)
        specification, certificate = device.specification, device.certificate
        if not isinstance(specification, dict) or not isinstance(certificate, dict):
            raise TypeError("no documents of a device")
        return _cleaned(connection, specification), _cleaned(connection, certificate)


def submit(connection: Any, program: Any, target: str, shots: int) -> str:
    """Submit a compiled program through Strawberry Fields' RemoteEngine; gives the id of the job.

    Parameters
    ----------
    connection : xcc.Connection
    program : strawberryfields.Program
        Compiled for the device.
    target : str
    shots : int

    Raises
    ------
    CloudError
        When the cloud cannot be reached, refuses, or answers what cannot be understood.
    """
    sf = import_strawberryfields()
    # The engine checks the program against the device once more, by a compiler class that keeps its last layout.
    for name in ("Xunitary", "Xcov", "Xstrict"):
        sf.compilers.compiler_db[name].reset_circuit()
    engine = sf.RemoteEngine(target, connection=connection)
    # It would report its steps on stderr.
    engine.log.setLevel(logging.WARNING)
    with _as_cloud_errors(connection, "the submission"):
        return _checked_id(engine.run_async(program, shots=shots).id)


def find_job(connection: Any, names: str | Sequence[str]) -> str | None:
    """The id of the job of this name, or of one of these, or None when the history of jobs has none.

    Parameters
    ----------
    connection : xcc.Connection
    names : str or sequence of str

    Raises
    ------
    CloudError
        When the cloud cannot be reached, refuses, or answers what cannot be understood; or when it does not show its whole history.
    """
    wanted = {names} if isinstance(names, str) else set(names)
    full = 0
    with _as_cloud_errors(connection, "the list of jobs", sure=True):
        for size in LISTED:
            jobs = connection.request("GET", "/jobs", params={"size": size}).json()["data"]
            if not isinstance(jobs, list):
                raise TypeError("no list of jobs")
            for job in jobs:
                if job["name"] in wanted:
                    return _checked_id(job["id"])
            if len(jobs) < size:
                # As many as in a full list before: the cloud may show no more, however many there are.
                if full and len(jobs) <= full:
                    break
                return None
            full = size
    raise CloudError(
        f"{connection.host}:{connection.port} does not show more than {full} jobs, and {' or '.join(sorted(wanted))} is not among "
        "them: look for it there; when there is no such job, psn hardware cancel ID --forget gives it up",
        sure=True,
    )


def job_details(connection: Any, job_id: str) -> dict[str, Any]:
    """What the cloud says of a job: status, times, meta.

    Parameters
    ----------
    connection : xcc.Connection
    job_id : str

    Raises
    ------
    CloudError
        When the cloud cannot be reached, refuses, or answers what cannot be understood.
    """
    with _as_cloud_errors(connection, f"the job {job_id}", sure=True):
        details = connection.request("GET", f"/jobs/{job_id}").json()
        if not isinstance(details, dict) or not isinstance(details.get("status"), str):
            raise TypeError("a job without a status")
        cleaned: dict[str, Any] = _cleaned(connection, details)
        return cleaned


def job_samples(connection: Any, job_id: str, shape: tuple[int, int]) -> NDArray[np.int64]:
    """(shots, modes) counts of a finished job; more is neither read nor unpacked.

    Parameters
    ----------
    connection : xcc.Connection
    job_id : str
    shape : (2,) ints
        Shots and modes of the job.

    Raises
    ------
    CloudError
        When the cloud cannot be reached, refuses, or answers what cannot be understood.
    """
    from photonics.adapters.counts_files import MAX_OVERHEAD_BYTES, counts_from_npz
    from photonics.adapters.guarded_connection import limited_content

    with _as_cloud_errors(connection, f"the result of the job {job_id}", sure=True):
        response = connection.request("GET", f"/jobs/{job_id}/result", stream=True)
        most = 8 * shape[0] * shape[1] + MAX_OVERHEAD_BYTES
        return counts_from_npz(limited_content(response, most, MAX_RESULT_SECONDS), shape)


def cancel(connection: Any, job_id: str) -> None:
    """Ask for the cancellation of a job.

    Parameters
    ----------
    connection : xcc.Connection
    job_id : str

    Raises
    ------
    CloudError
        When the cloud cannot be reached, refuses, or answers what cannot be understood.
    """
    import xcc

    with _as_cloud_errors(connection, f"the cancellation of the job {job_id}", sure=True):
        xcc.Job(job_id, connection=connection).cancel()


@contextmanager
def _as_cloud_errors(connection: Any, what: str, *, sure: bool = False) -> Iterator[None]:
    """Errors of the client as a CloudError; tokens are in headers only, and in none of its messages."""
    import requests

    where = f"{connection.host}:{connection.port}"

    def _plain(error: Exception) -> str:
        return _shortened(error, connection)

    try:
        yield
    except requests.exceptions.JSONDecodeError:
        raise CloudError(f"{where} gave an answer to {what} that cannot be understood: not JSON", sure=sure) from None
    except requests.exceptions.HTTPError as error:
        status = None if error.response is None else error.response.status_code
        # Refused is refused; a server that failed may have taken the job all the same.
        refused = sure or (status is not None and 400 <= status < 500)
        raise CloudError(
            f"{where} answered {status or 'with an error'} to {what}: {_plain(error)}", sure=refused
        ) from None
    except requests.exceptions.ConnectionError:
        raise CloudError(f"{where} cannot be reached or dropped the connection ({what})", sure=sure) from None
    except requests.exceptions.RequestException as error:
        raise CloudError(f"{where}: {what}: {_plain(error)}", sure=sure) from None
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        OSError,
        EOFError,
        zipfile.BadZipFile,
        zlib.error,
        RecursionError,
    ) as error:
        raise CloudError(
            f"{where} gave an answer to {what} that cannot be understood: {_plain(error)}", sure=sure
        ) from None


def _shortened(error: Exception, connection: Any) -> str:
    """The text of an error on one line, without any token, however it came there."""
    text = str(_cleaned(connection, str(error))) or type(error).__name__
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return text if len(text) <= 200 else text[:197] + "..."


def _cleaned(connection: Any, value: Any) -> Any:
    """What the cloud said, without tokens."""
    clean = getattr(connection, "without_tokens", None)
    return value if clean is None else clean(value)


def _checked_id(job_id: object) -> str:
    """The id of a job, which goes into addresses and files."""
    if not isinstance(job_id, str) or not _JOB_ID.fullmatch(job_id):
        raise ValueError("the id of the job is none")
    return job_id
