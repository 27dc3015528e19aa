"""What the commands of ``psn hardware`` that speak to a cloud share: where it is, its errors, and the record of a job."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from networks import InputError
from networks.errors import short_repr
from networks.files.text import read_text
from protocols.cli.options import Host, JobId, Jobs, Json, Port, Tls, TokenFile
from protocols.cli.terminal import console

if TYPE_CHECKING:
    from protocols.hardware.jobs import Record

    Connection = Any  # of the client, which ships no types

DEFAULT_JOBS = "psn-jobs"
MAX_TOKEN_CHARACTERS = 65_536
"""Characters of a token's file that are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudOptions:
    """Where the cloud is, and where the records are."""

    host: str | None
    port: int | None
    tls: bool | None
    token_file: str | None
    jobs: str

    def faults(self) -> list[str]:
        """What is wrong with the place of the cloud and of the records."""
        faults = []
        if self.port is not None and not 1 <= self.port <= 65535:
            faults.append(f"--port must be from 1 to 65535, got {self.port}")
        if self.host is not None:
            from photonics.adapters.cloud_hosts import plain_host

            try:
                plain_host(self.host)
            except ValueError as error:
                faults.append(f"--host: {error}, got {short_repr(self.host)}")
        if not self.jobs:
            faults.append("--jobs must name a folder, got nothing")
        return faults

    def connection(self) -> Connection:
        """The client's connection; tokens come from the file, the environment or the client's own settings."""
        from photonics.adapters.xanadu_cloud import CloudError, connect

        token = None
        if self.token_file is not None:
            try:
                token = read_text(Path(self.token_file))[:MAX_TOKEN_CHARACTERS].strip()
            except InputError:
                raise InputError([f"--token-file: cannot read {self.token_file!r}"]) from None
            if not token:
                raise InputError([f"--token-file: {self.token_file!r} is empty"])
        try:
            return connect(host=self.host, port=self.port, tls=self.tls, refresh_token=token)
        except CloudError as error:
            raise InputError([str(error)]) from None


@contextmanager
def cloud_errors() -> Iterator[None]:
    """Errors of the cloud become one message; the record stays as it is."""
    from photonics.adapters.xanadu_cloud import CloudError

    try:
        yield
    except CloudError as error:
        hint = "" if error.sure else "; it is not known whether the job was taken: the same command finds out"
        raise InputError([f"{error}{hint}"]) from None


def status_of(record: Record) -> str:
    """The status that the cloud gave last, or the state of the record before."""
    return str(record.document.get("details", {}).get("status", record.state))


def print_record(record: Record, *, json: bool) -> None:
    """The record, with the estimate and the prediction when there are any."""
    from protocols.tables import to_json

    if json:
        print(to_json({**record.document, "status": status_of(record), "record": str(record.path)}))
        return
    from protocols.reports.hardware_views import record_view
    from protocols.reports.showing import show

    show(record_view(record, status_of(record)), console=console())


def record_app(name: str, question: str, *, needs_result: bool = False) -> typer.Typer:
    """The command ``name``: status and result take the same options and differ in what they need."""
    app = typer.Typer(add_completion=False)

    @app.command(
        name, help=question, epilog=f"Example: psn hardware {name} 3f2a --jobs psn-jobs --host cloud.example.org"
    )
    def command(
        job: JobId,
        host: Host = None,
        port: Port = None,
        tls: Tls = None,
        token_file: TokenFile = None,
        jobs: Jobs = DEFAULT_JOBS,
        json: Json = False,
    ) -> None:
        about_job(
            job, CloudOptions(host=host, port=port, tls=tls, token_file=token_file, jobs=jobs), needs_result, json
        )

    return app


def about_job(job: str, options: CloudOptions, needs_result: bool, json: bool, *, cancels: bool = False) -> None:
    """Ask the cloud about a job, or cancel it, and print its record.

    The cloud is the one that options, environment or the client's settings name; a record alone names none.
    """
    from protocols.hardware.jobs import cancel_job, find_record, refresh
    from protocols.hardware.record_checks import ENDED

    if faults := options.faults():
        raise InputError(faults)
    record = find_record(job, Path(options.jobs))
    if record.state not in ENDED or (record.state == "complete" and not record.samples_path.exists()):
        connection = options.connection()
        with cloud_errors():
            record = cancel_job(record, connection) if cancels else refresh(record, connection)
    if needs_result and record.state != "complete":
        raise InputError([f"the job {record.path.stem} is {status_of(record)}; there is no result yet or at all"])
    print_record(record, json=json)
