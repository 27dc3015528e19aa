"""The client of Xanadu's cloud: connections, devices and jobs through ``xcc`` and Strawberry Fields' RemoteEngine.

That cloud is closed. What speaks here is the real client, so it works with whatever answers its protocol; tests use an emulator.
"""

from __future__ import annotations

import logging
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photonics.adapters.sf_import import import_strawberryfields

FINISHED = ("complete", "failed", "cancelled")
LISTED = 200
"""Jobs looked through for one by name."""


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
        When no token is found anywhere, or the settings cannot be read.
    """
    import xcc

    try:
        settings = xcc.Settings()
    except ValueError:
        raise CloudError("the client's settings or XANADU_CLOUD_... variables cannot be read", sure=True) from None
    refresh_token = (refresh_token or settings.REFRESH_TOKEN or "").strip()
    access_token = (access_token or settings.ACCESS_TOKEN or "").strip()
    for token in (refresh_token, access_token):
        if not (token.isascii() and token.isprintable()) or " " in token:
            raise CloudError("a token has characters that no token has (its text is not shown)", sure=True)
    if not refresh_token and not access_token:
        raise CloudError(
            "no token: set XANADU_CLOUD_REFRESH_TOKEN or XANADU_CLOUD_ACCESS_TOKEN, or name a file by --token-file",
            sure=True,
        )
    return xcc.Connection(
        refresh_token=refresh_token or None,
        access_token=access_token or None,
        host=host or settings.HOST,
        port=settings.PORT if port is None else port,
        tls=settings.TLS if tls is None else tls,
    )


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
        return dict(device.specification), dict(device.certificate)


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
        return str(engine.run_async(program, shots=shots).id)


def find_job(connection: Any, name: str) -> str | None:
    """The id of the job of this name among the newest, or None.

    Parameters
    ----------
    connection : xcc.Connection
    name : str

    Raises
    ------
    CloudError
        When the cloud cannot be reached, refuses, or answers what cannot be understood.
    """
    with _as_cloud_errors(connection, "the list of jobs", sure=True):
        jobs = connection.request("GET", "/jobs", params={"size": LISTED}).json()["data"]
        for job in jobs:
            if job["name"] == name:
                return str(job["id"])
        if len(jobs) >= LISTED:
            raise ValueError(f"more than {LISTED} jobs, the wanted one not among the newest")
    return None


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
        return details


def job_samples(connection: Any, job_id: str) -> NDArray[np.int64]:
    """(shots, modes) counts of a finished job.

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

    with _as_cloud_errors(connection, f"the result of the job {job_id}", sure=True):
        output = xcc.Job(job_id, connection=connection).get_result().get("output")
        if not output or output[0].ndim != 2 or output[0].dtype.kind not in "iu":
            raise ValueError("no table of counts")
        samples: NDArray[np.int64] = np.asarray(output[0], dtype=np.int64)
        return samples


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
    ) as error:
        raise CloudError(
            f"{where} gave an answer to {what} that cannot be understood: {_plain(error)}", sure=sure
        ) from None


def _shortened(error: Exception, connection: Any) -> str:
    """The text of an error on one line, without any token, however it came there."""
    text = "".join(sign if sign.isprintable() else " " for sign in str(error)) or type(error).__name__
    for token in (connection.access_token, connection.refresh_token):
        if token:
            text = text.replace(token, "(token)")
    text = " ".join(text.split())
    return text if len(text) <= 200 else text[:197] + "..."
