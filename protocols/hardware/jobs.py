"""Jobs with records: written before anything is submitted and completed after, so that no crash loses a job or submits it twice.

What a record says of its cloud is compared with the connection, and never makes one: a token goes only where its owner sends it.
A record is ``ID.json`` in a folder, the counts are ``ID.npy`` beside it. The job's name on the cloud holds the record's id: whoever
finds a record in the state ``submitting`` looks for a job of that name before submitting.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import io
import json
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from networks import InputError, SensorNetwork
from networks.files.node_link import network_document, network_from_json
from networks.files.text import read_text, write_whole
from networks.values import plain
from photonics.adapters.cloud_hosts import plain_host
from photonics.adapters.xanadu_cloud import (
    FINISHED,
    CloudError,
    cancel,
    fetch_device,
    find_job,
    job_details,
    job_samples,
    submit,
)
from protocols.hardware.compiling import compile_plan
from protocols.hardware.devices import Device, device_from_documents
from protocols.hardware.pair_estimate import estimate_pairs
from protocols.hardware.pair_plan import pair_plan
from protocols.hardware.record_checks import ENDED, FORGOTTEN, LARGEST_THETA, OPEN, record_faults
from protocols.problem import AnyProblem, Problem
from protocols.tables import to_json

SETTLE_SECONDS = 90.0
"""A submission that nobody heard of may still be on its way for so long; only then it is sent anew."""
MAX_ATTEMPTS = 10_000
"""Attempts at one job that are looked through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A job of ours: its file and what stands in it.

    Attributes
    ----------
    path : pathlib.Path
    text : str
        JSON, as in the file.
    """

    path: Path
    text: str

    @classmethod
    def of(cls, path: Path, document: dict[str, Any]) -> Record:
        """From a document; nothing is written.

        Parameters
        ----------
        path : pathlib.Path
        document : dict
        """
        return cls(path=path, text=to_json(document))

    @property
    def document(self) -> dict[str, Any]:
        """What stands in the file; changing it changes no record."""
        document: dict[str, Any] = json.loads(self.text)
        return document

    @property
    def state(self) -> str:
        """One of STATES."""
        return str(self.document["state"])

    @property
    def samples_path(self) -> Path:
        """Where the counts are."""
        return self.path.with_suffix(".npy")

    def changed(self, state: str, **more: Any) -> Record:
        """The record in a new state, written.

        Parameters
        ----------
        state : str
            One of STATES.
        **more : JSON values
            Further fields.
        """
        document = self.document
        history = [*document["history"], [_now(), state]]
        return Record.of(self.path, {**document, **more, "state": state, "history": history}).written()

    def written(self) -> Record:
        """The same, after it has been written."""
        write_whole(self.path, (self.text + "\n").encode())
        return self


def submit_job(
    network: SensorNetwork | AnyProblem,
    target: str,
    connection: Any,
    *,
    theta: Sequence[float],
    shots: int,
    most_shots: int,
    folder: Path,
    compiler: str = "Xunitary",
    again: bool = False,
    settle_seconds: float = SETTLE_SECONDS,
) -> Record:
    """Submit a network's program, unless a record says that it has been.

    Parameters
    ----------
    network : SensorNetwork or Problem
    target : str
        The device's name on the cloud.
    connection : xcc.Connection
        As ``photonics.adapters.xanadu_cloud.connect`` gives it.
    theta : (d,) floats
        In rad, one a sensor; set on the chip.
    shots : int >= 1
    most_shots : int >= 1
        A ceiling of the caller's own.
    folder : pathlib.Path
        Of the records.
    compiler : str
        Xunitary, Xcov or Xstrict.
    again : bool
        Whether to submit anew what has been submitted.
    settle_seconds : float >= 0
        How long a submission that was not answered may still be on its way.

    Raises
    ------
    InputError
        For more shots than ``most_shots`` or the device allow, or what the device cannot measure; no job is sent then.
    photonics.adapters.xanadu_cloud.CloudError
        When the cloud refuses (the record says ``refused``), or when it is not known whether it took the job: then the record
        stays ``submitting``, and the same call finds out.
    """
    require_locks()
    shots, theta, network = plain(shots), plain(theta), Problem.of(network).network  # type: ignore[assignment]  # plain says object
    faults = []
    if isinstance(shots, bool) or not isinstance(shots, int) or not 1 <= shots <= most_shots:
        faults.append(f"shots must be from 1 to the ceiling of {most_shots} that --max-shots sets, got {shots}")
    if not all(abs(value) <= LARGEST_THETA for value in theta):
        faults.append(f"theta must be phases of at most {LARGEST_THETA:g} rad, got {list(theta)}")
    if faults:
        raise InputError(faults)
    # Before anything is written: is there such a device, and can it measure this?
    specification, certificate = fetch_device(connection, target)
    device = device_from_documents(specification, certificate, source=f"{connection.host}:{connection.port}")
    plan = pair_plan(network, device)
    order = {
        "network": network_document(network),
        "target": target,
        "theta": list(theta),
        "shots": shots,
        "compiler": compiler,
        "host": connection.host,
        "port": connection.port,
    }
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        path, record, given_up = _attempts(folder, order, again=again)
        if record is not None and record.state not in OPEN:
            return record
        if record is not None and record.state == "submitting":
            job_id = find_job(connection, record.document["name"])
            if job_id is not None:
                # An earlier call did not hear that the job was taken.
                return record.changed("submitted", job_id=job_id)
            _wait_over(record, settle_seconds)
        elif record is None and given_up:
            record = _found_again(given_up, connection)
            if record is not None:
                return record
        name = f"psn_{path.stem}_{secrets.token_hex(4)}" if record is None else record.document["name"]
        compiled = compile_plan(plan, theta, compiler=compiler, shots=shots, name=name, specification=specification)
        document = {
            "id": path.stem,
            "name": name,
            **order,
            "specification": specification,
            "certificate": certificate,
            "plan": plan.to_dict(),
            "blackbird": compiled.blackbird,
            "difference": compiled.difference,
            "tls": connection.tls,
            "versions": {
                package: version(package)
                for package in ("photonic-sensor-networks", "strawberryfields", "xanadu-cloud-client")
            },
            "job_id": None,
            "history": [] if record is None else record.document["history"],
        }
        record = Record.of(path, document).changed("submitting", clock=_clock())
        try:
            job_id = submit(connection, compiled.program, target, shots)
        except CloudError as error:
            if error.sure:
                record.changed("refused", reason=str(error))
            raise
        return record.changed("submitted", job_id=job_id)


def refresh(record: Record, connection: Any) -> Record:
    """The record with what the cloud says now; finished records stay as they are, but counts that are gone are fetched again.

    Parameters
    ----------
    record : Record
    connection : xcc.Connection

    Raises
    ------
    InputError
        For a job of another cloud.
    photonics.adapters.xanadu_cloud.CloudError
    """
    lost = record.state == "complete" and not record.samples_path.exists()
    if record.state in ENDED and not lost:
        return record
    _require_same_cloud(record, connection)
    if lost:
        return _with_result(record, connection, record.document.get("details") or {})
    if record.state != "submitted":
        job_id = find_job(connection, record.document["name"])
        if job_id is None:
            return record
        record = record.changed("submitted", job_id=job_id)
    details = job_details(connection, record.document["job_id"])
    status = details["status"]
    if status == "complete":
        return _with_result(record, connection, details)
    if status in FINISHED:
        return record.changed(status, details=details)
    return Record.of(record.path, {**record.document, "details": details})


def _with_result(record: Record, connection: Any, details: dict[str, Any]) -> Record:
    document = record.document
    shots = document["shots"]
    plan = pair_plan(network_from_json(json.dumps(document["network"])), device_of(record))
    samples = job_samples(connection, document["job_id"], (shots, plan.device.modes))
    stream = io.BytesIO()
    np.save(stream, samples, allow_pickle=False)
    # The counts first: a record that says complete has them.
    write_whole(record.samples_path, stream.getvalue())
    try:
        estimate: dict[str, object] | None = estimate_pairs(plan, samples).to_dict()
        reason = None
    except InputError as error:
        # The counts are what was paid for; they are kept whatever they are.
        estimate, reason = None, str(error)
    predicted = plan.scale / (plan.information * shots) ** 0.5
    true_q = plan.scale * plan.phi(document["theta"])
    return record.changed(
        "complete",
        details=details,
        estimate=estimate,
        reason=reason,
        predicted={"q": true_q, "stderr": predicted},
    )


def cancel_job(record: Record, connection: Any) -> Record:
    """Request the cancellation of a job that has not ended.

    Parameters
    ----------
    record : Record
    connection : xcc.Connection

    Raises
    ------
    InputError
        For a job that is not on the cloud.
    photonics.adapters.xanadu_cloud.CloudError
    """
    record = refresh(record, connection)
    if record.state in ENDED:
        return record
    if record.document.get("job_id") is None:
        raise InputError([f"{record.path.stem} has not been taken by the cloud, so there is nothing to cancel"])
    cancel(connection, record.document["job_id"])
    return refresh(record, connection)


def forget_job(record: Record) -> Record:
    """Give up a submission of which nobody knows whether the cloud has it; nothing is sent, nothing is asked.

    The same submission afterwards makes a new job, unless the cloud has the one that was given up after all.

    Parameters
    ----------
    record : Record

    Raises
    ------
    InputError
        For a job that is known to be on the cloud.
    """
    with _locked(record.path.parent):
        record = read_record(record.path)
        if record.state == FORGOTTEN:
            return record
        if record.state not in OPEN:
            raise InputError(
                [f"{record.path.stem} is {record.state}: it is on the cloud, or was, and not to be forgotten"]
            )
        return record.changed(FORGOTTEN)


def device_of(record: Record) -> Device:
    """The device as it was when the job was submitted.

    Parameters
    ----------
    record : Record
    """
    return device_from_documents(
        record.document["specification"], record.document["certificate"], source=str(record.path)
    )


def read_record(path: Path) -> Record:
    """A record.

    Parameters
    ----------
    path : pathlib.Path

    Raises
    ------
    InputError
        When it is missing or damaged.
    """
    text = read_text(path)
    try:
        document = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise InputError([f"{path} is damaged: not valid JSON"]) from None
    faults = record_faults(document, path.stem)
    if faults:
        raise InputError([f"{path} is no record of a job, or damaged: {'; '.join(faults)}"])
    return Record.of(path, document)


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _attempts(folder: Path, order: dict[str, Any], *, again: bool) -> tuple[Path, Record | None, list[Record]]:
    """(path, record, given up): the attempt at an order that counts, None where a new one is due, and those that were given up."""
    given_up: list[Record] = []
    for attempt in range(MAX_ATTEMPTS):
        path = folder / f"{_id(order, attempt)}.json"
        if not path.exists():
            return path, None, given_up
        record = read_record(path)
        if any(record.document[key] != value for key, value in json.loads(to_json(order)).items()):
            raise InputError([f"{path} is the record of another job than its name says; move it away"])
        if record.state == FORGOTTEN:
            given_up.append(record)
        elif not again or record.state in OPEN:
            return path, record, given_up
    raise InputError([f"there are {MAX_ATTEMPTS} jobs of this kind in {str(folder)!r}; name another folder by --jobs"])


def _found_again(given_up: list[Record], connection: Any) -> Record | None:
    """A job that was given up and is on the cloud all the same; what cannot be known stays given up."""
    by_name = {record.document["name"]: record for record in given_up}
    for name, record in by_name.items():
        try:
            job_id = find_job(connection, name)
        except CloudError as error:
            # Its owner has looked for it; a cloud that shows too little of its history would keep it open for ever.
            if not error.sure:
                raise
            return None
        if job_id is not None:
            return record.changed("submitted", job_id=job_id)
    return None


def _require_same_cloud(record: Record, connection: Any) -> None:
    """Before anything is sent: the record's cloud is the one that the connection's token is for."""
    document = record.document
    there = (plain_host(document["host"]), document["port"], document.get("tls", connection.tls))
    if there != (connection.host, connection.port, connection.tls):
        host, port, tls = there
        option = "" if tls else " --no-tls"
        raise InputError(
            [
                f"{record.path.stem} is the record of a job that was submitted to {host}:{port}, not to {connection.host}:"
                f"{connection.port}, and a token goes to no host that only a record names; nothing was sent. If your token is for "
                f"that cloud, say so: --host {host} --port {port}{option}"
            ]
        )


def _clock() -> list[object]:
    """This boot of the machine and the seconds since, which nobody sets back; [None, 0] where the system does not tell."""
    try:
        return [Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip(), time.monotonic()]
    except (OSError, UnicodeDecodeError):
        return [None, 0.0]


def _wait_over(record: Record, settle_seconds: float) -> None:
    """Raise CloudError while a submission that was not answered may still arrive.

    Times of day count only where the system has no better clock: they are set back, or have no zone. When the time of the
    submission cannot be told, the wait begins anew, once, at this call.
    """
    clock = _clock()
    boot, then = record.document.get("clock") or (None, None)
    if boot is not None and boot == clock[0]:
        waited = clock[1] - then  # type: ignore[operator]  # seconds of one boot
    elif clock[0] is None and (since := _seconds_since(record.document["history"][-1][0])) is not None:
        waited = since
    else:
        waited = -1.0
    if waited < 0:
        waited = 0.0
        document = record.document
        history = [*document["history"][:-1], [_now(), document["state"]]]
        Record.of(record.path, {**document, "history": history, "clock": clock}).written()
    if waited < settle_seconds:
        raise CloudError(
            f"the last submission of {record.path.stem} was not answered and is not on the cloud; it may still arrive: "
            f"try again in {settle_seconds - waited:.0f} s"
        )


def _seconds_since(then: str) -> float | None:
    """Seconds since a time of day; None where it has no zone, is none, or has not come yet."""
    try:
        seconds = (datetime.datetime.now(datetime.UTC) - datetime.datetime.fromisoformat(then)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return seconds if seconds >= 0 else None


def find_record(job: str, folder: Path) -> Record:
    """A record by its id, or the beginning of it.

    Parameters
    ----------
    job : str
        Hexadecimal.
    folder : pathlib.Path

    Raises
    ------
    InputError
        When there is none, or more than one.
    """
    if not re.fullmatch(r"[0-9a-f]{2,40}", job):
        raise InputError([f"a job is named by the hexadecimal id of its record, got {job!r}"])
    records = sorted(folder.glob(f"{job}*.json")) if folder.is_dir() else []
    if len(records) != 1:
        raise InputError([f"{len(records)} records in {str(folder)!r} begin with {job}; name one"])
    return read_record(records[0])


def require_locks() -> None:
    """Raise InputError naming the extra when the package that keeps submissions apart is missing."""
    try:
        import filelock  # noqa: F401  # the extra is named before anything is sent
    except ModuleNotFoundError:
        raise InputError(
            ["filelock is not installed; jobs need the extra: pip install 'photonic-sensor-networks[hardware]'"]
        ) from None


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One submission at a time in a folder."""
    require_locks()
    from filelock import FileLock, Timeout

    try:
        with FileLock(str(folder / ".lock"), timeout=30):
            yield
    except Timeout:
        raise InputError([f"another process is submitting in {str(folder)!r}; wait for it"]) from None


def _id(order: dict[str, Any], attempt: int) -> str:
    return hashlib.sha256(json.dumps([order, attempt], sort_keys=True).encode()).hexdigest()[:16]


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
