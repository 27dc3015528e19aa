"""``psn hardware submit|status|result|cancel|emulate``: jobs on a cloud that speaks Xanadu's protocol, and one on this machine."""

from __future__ import annotations

import asyncio
import dataclasses
import json as json_module
import os
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.text import Text

from networks import InputError
from photonics.adapters.xanadu_cloud import FINISHED, CloudError, connect
from protocols.cli.hardware import CLOSED, network_and_theta, show_estimate, show_plan
from protocols.cli.terminal import console, working
from protocols.hardware.devices import find_device
from protocols.hardware.feasibility import can_run
from protocols.hardware.jobs import Record, cancel_job, device_of, find_record, refresh, submit_job
from protocols.tables import to_json

POLLING_SECONDS = 0.5
PATIENCE = 5
"""Failures of the cloud in a row, while waiting, that are borne."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudAsked:
    """Where the cloud is, and where the records are."""

    host: str | None
    port: int | None
    tls: bool | None
    token_file: str | None
    jobs: str
    json: bool

    def faults(self) -> list[str]:
        """What is wrong with the place of the cloud and of the records."""
        found = []
        if self.port is not None and not 1 <= self.port <= 65535:
            found.append(f"--port must be from 1 to 65535, got {self.port}")
        if self.host is not None and not re.fullmatch(r"[A-Za-z0-9.:_\[\]-]+", self.host):
            found.append(f"--host must be the name or address of a host, got {self.host!r}")
        if not self.jobs:
            found.append("--jobs must name a folder, got nothing")
        return found

    def connection(self) -> Any:
        """The client's connection; tokens come from the file, the environment or the client's own settings."""
        token = None
        if self.token_file is not None:
            try:
                token = Path(self.token_file).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                raise InputError([f"--token-file: cannot read {self.token_file!r}"]) from None
            if not token:
                raise InputError([f"--token-file: {self.token_file!r} is empty"])
        try:
            return connect(host=self.host, port=self.port, tls=self.tls, refresh_token=token)
        except CloudError as error:
            raise InputError([str(error)]) from None


def submit_answer(
    asked: CloudAsked,
    network: str,
    *,
    device: str,
    theta: str | None,
    compiler: str,
    shots: int,
    most_shots: int,
    again: bool,
    wait: bool,
) -> None:
    """Submit, and wait for the result when asked to."""
    faults, connection = asked.faults(), None
    given, values = network_and_theta(network, theta, faults)
    if not 1 <= shots <= most_shots:
        faults.append(f"--shots must be from 1 to the ceiling of {most_shots} that --max-shots sets, got {shots}")
    target = device
    try:
        known = find_device(device)
        target = known.target
        faults += [] if given is None else [f"{known.name}: {reason}" for reason in can_run(given, known).reasons]
    except InputError as error:
        # Another name may be a device of that cloud.
        if not re.fullmatch(r"[A-Za-z0-9_]+", device):
            faults += error.faults
    try:
        connection = asked.connection()
    except InputError as error:
        faults += error.faults
    if faults or given is None or values is None or connection is None:
        raise InputError(faults)
    with _clear(), working() as tell:
        tell("compiling and submitting")
        record = submit_job(
            given,
            target,
            connection,
            theta=values,
            shots=shots,
            most_shots=most_shots,
            folder=Path(asked.jobs),
            compiler=compiler,
            again=again,
        )
    if wait:
        record = _waited(record, connection, asked)
    show_record(record, json=asked.json)


def _waited(record: Record, connection: Any, asked: CloudAsked) -> Record:
    """Until the job has ended; a cloud that fails a few times in between is asked again."""
    left = PATIENCE
    try:
        with working() as tell:
            while record.state not in FINISHED:
                tell("waiting for the job")
                try:
                    record = refresh(record, connection)
                    left = PATIENCE
                except CloudError as error:
                    left -= 1
                    if not left:
                        again = f"psn hardware result {record.path.stem} --jobs {asked.jobs}"
                        raise InputError([f"{error}; the job goes on: {again}"]) from None
                if record.state not in FINISHED:
                    time.sleep(POLLING_SECONDS)
    except KeyboardInterrupt:
        print(
            f"psn: the job {record.path.stem} goes on; psn hardware result {record.path.stem} shows it", file=sys.stderr
        )
        raise
    return record


def record_answer(asked: CloudAsked, job: str, *, stop: bool = False, result: bool = False) -> None:
    """Status, result or cancellation of a job by its record."""
    if faults := asked.faults():
        raise InputError(faults)
    record = find_record(job, Path(asked.jobs))
    if record.state not in FINISHED or (record.state == "complete" and not record.samples_path.exists()):
        # To the cloud that has the job, unless another is named.
        document = record.document
        where = dataclasses.replace(
            asked,
            host=asked.host or document["host"],
            port=document["port"] if asked.port is None else asked.port,
            tls=document.get("tls") if asked.tls is None else asked.tls,
        )
        connection = where.connection()
        with _clear():
            record = cancel_job(record, connection) if stop else refresh(record, connection)
    if result and record.state != "complete":
        raise InputError([f"the job {record.path.stem} is {_status(record)}; there is no result yet or at all"])
    show_record(record, json=asked.json)


class _clear:  # noqa: N801  # reads as a word
    """Errors of the cloud become one message; the record stays as it is."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, CloudError):
            hint = "" if error.sure else "; it is not known whether the job was taken: the same command finds out"
            raise InputError([f"{error}{hint}"]) from None


def _status(record: Record) -> str:
    return str(record.document.get("details", {}).get("status", record.state))


def show_record(record: Record, *, json: bool) -> None:
    """The record, with the estimate and the prediction when there are any."""
    document = record.document
    if json:
        print(to_json({**document, "status": _status(record), "record": str(record.path)}))
        return
    from networks.files.node_link import network_from_json
    from protocols.hardware.pair_estimate import PairEstimate
    from protocols.hardware.pair_plan import pair_plan

    out = console()
    where = f"{document['target']} at {document['host']}:{document['port']}"
    out.print(Text(f"job {record.path.stem} on {where}: {_status(record)}", style="bold"))
    if document.get("estimate"):
        plan = pair_plan(network_from_json(json_module.dumps(document["network"])), device_of(record))
        show_plan(plan)
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in document["estimate"].items()}
        show_estimate(plan, PairEstimate(**values))
        predicted = document["predicted"]
        out.print(
            Text(f"predicted: q = {predicted['q']:.6g} +- {predicted['stderr']:.2g}; counts in {record.samples_path}")
        )
    elif document.get("reason"):
        out.print(
            Text(f"{document['reason']}" + (f"; counts in {record.samples_path}" if record.state == "complete" else ""))
        )
    elif document.get("details", {}).get("meta"):
        out.print(Text(f"the cloud says: {document['details']['meta']}"))
    out.print(Text(f"record {record.path}", style="dim"))


def emulate_answer(
    port: int, misbehave: list[str], device: list[str], *, seed: int, seconds: float, json: bool
) -> None:
    """Serve until interrupted; says where on the first line."""
    try:
        from tornado.httpserver import HTTPServer
        from tornado.netutil import bind_sockets
    except ModuleNotFoundError:
        raise InputError(["the emulator needs the extra: pip install 'photonic-sensor-networks[hardware]'"]) from None
    from protocols.hardware.emulator import REFRESH_TOKEN, Cloud, Misdeed, application, x_devices

    faults: list[str] = []
    misdeeds, devices = [], x_devices()
    for text in misbehave:
        try:
            misdeeds.append(Misdeed.of(text))
        except InputError as error:
            faults += error.faults
    for name in device:
        try:
            found = find_device(name)
            devices[found.target] = found
            if found.kind != "x-series":
                faults.append(f"--device {name}: only X devices are emulated")
        except InputError as error:
            faults += error.faults
    if not 0 <= port <= 65535:
        faults.append(f"--port must be from 0 to 65535, got {port}")
    if seed < 0 or not 0 <= seconds <= 3600:
        faults.append("--seed must not be negative and --seconds be from 0 to 3600")
    if faults:
        raise InputError(faults)
    cloud = Cloud(
        devices={k: dataclasses.replace(d) for k, d in devices.items()}, seed=seed, seconds=seconds, misdeeds=misdeeds
    )

    async def serve() -> None:
        try:
            sockets = bind_sockets(port, address="127.0.0.1")
        except OSError as error:
            raise InputError([f"--port {port}: {error.strerror or error}"]) from None
        HTTPServer(application(cloud)).add_sockets(sockets)
        where = sockets[0].getsockname()[1]
        if json:
            print(
                to_json({"host": "127.0.0.1", "port": where, "refresh_token": REFRESH_TOKEN, "pid": os.getpid()}),
                flush=True,
            )
        else:
            print(f"an emulator of Xanadu's cloud listens on 127.0.0.1:{where}; no hardware is behind it", flush=True)
            command = f"psn hardware submit ... --host 127.0.0.1 --port {where} --no-tls"
            print(f"XANADU_CLOUD_REFRESH_TOKEN={REFRESH_TOKEN} {command}", flush=True)
            print(CLOSED, flush=True)
        await asyncio.Event().wait()

    asyncio.run(serve())
