"""Jobs with records: written before anything is submitted and completed after, so that no crash loses a job or submits it twice.

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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from networks import InputError, SensorNetwork
from networks.files import network_document, network_from_json, read_text, write_whole
from photonics.engines.xanadu_cloud import (
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
from protocols.tables import to_json

STATES = ("submitting", "refused", "submitted", *FINISHED)


@dataclass(frozen=True, eq=False, kw_only=True)
class Record:
    """A job of ours: its file and what stands in it."""

    path: Path
    document: dict[str, Any]

    @property
    def state(self) -> str:
        """One of STATES."""
        return str(self.document["state"])

    @property
    def samples_path(self) -> Path:
        """Where the counts are."""
        return self.path.with_suffix(".npy")

    def changed(self, state: str, **more: Any) -> Record:
        """The record in a new state, written."""
        history = [*self.document["history"], [_now(), state]]
        document = {**self.document, **more, "state": state, "history": history}
        write_whole(self.path, (to_json(document) + "\n").encode())
        return Record(path=self.path, document=document)


def submit_job(
    network: SensorNetwork,
    target: str,
    connection: Any,
    *,
    theta: Sequence[float],
    shots: int,
    most_shots: int,
    folder: Path,
    compiler: str = "Xunitary",
    again: bool = False,
) -> Record:
    """Submit a network's program, unless a record says that it has been.

    Raises
    ------
    InputError
        For more shots than ``most_shots`` or the device allow, or what the device cannot measure; no job is sent then.
    photonics.engines.xanadu_cloud.CloudError
        When the cloud refuses (the record says ``refused``), or when it is not known whether it took the job: then the record
        stays ``submitting``, and the same call finds out.
    """
    if not 1 <= shots <= most_shots:
        raise InputError([f"shots must be from 1 to the ceiling of {most_shots} that --max-shots sets, got {shots}"])
    asked = {
        "network": network_document(network),
        "target": target,
        "theta": list(theta),
        "shots": shots,
        "compiler": compiler,
    }
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        attempt = 0
        while (path := folder / f"{_id(asked, attempt)}.json").exists() and again:
            attempt += 1
        if path.exists():
            record = read_record(path)
            if record.state not in ("submitting", "refused"):
                return record
        else:
            record = None
        specification, certificate = fetch_device(connection, target)
        if record is not None and record.state == "submitting":
            # An earlier call did not hear whether the job was taken.
            found = find_job(connection, record.document["name"])
            if found is not None:
                return record.changed("submitted", job_id=found)
        device = device_from_documents(specification, certificate, source=f"{connection.host}:{connection.port}")
        plan = pair_plan(network, device)
        name = f"psn_{path.stem}"
        made = compile_plan(plan, theta, compiler=compiler, shots=shots, name=name, specification=specification)
        document = {
            "id": path.stem,
            "name": name,
            **asked,
            "specification": specification,
            "certificate": certificate,
            "plan": plan.to_dict(),
            "blackbird": made.blackbird,
            "difference": made.difference,
            "host": connection.host,
            "port": connection.port,
            "versions": {
                package: version(package)
                for package in ("photonic-sensor-networks", "strawberryfields", "xanadu-cloud-client")
            },
            "job_id": None,
            "history": [] if record is None else record.document["history"],
        }
        record = Record(path=path, document=document).changed("submitting")
        try:
            job_id = submit(connection, made.program, target, shots)
        except CloudError as error:
            if error.sure:
                record.changed("refused", reason=str(error))
            raise
        return record.changed("submitted", job_id=job_id)


def refresh(record: Record, connection: Any) -> Record:
    """The record with what the cloud says now; finished records stay as they are."""
    if record.state in FINISHED:
        return record
    if record.state != "submitted":
        found = find_job(connection, record.document["name"])
        if found is None:
            return record
        record = record.changed("submitted", job_id=found)
    details = job_details(connection, record.document["job_id"])
    status = details["status"]
    if status == "complete":
        return _with_result(record, connection, details)
    if status in FINISHED:
        return record.changed(status, details=details)
    return Record(path=record.path, document={**record.document, "details": details})


def _with_result(record: Record, connection: Any, details: dict[str, Any]) -> Record:
    samples = job_samples(connection, record.document["job_id"])
    document = record.document
    shots, modes = document["shots"], document["specification"]["modes"]
    if samples.shape != (shots, modes):
        raise CloudError(f"the result has the shape {samples.shape}, not ({shots}, {modes})", sure=True)
    stream = io.BytesIO()
    np.save(stream, samples, allow_pickle=False)
    # The counts first: a record that says complete has them.
    write_whole(record.samples_path, stream.getvalue())
    plan = pair_plan(network_from_json(json.dumps(document["network"])), device_of(record))
    estimate = estimate_pairs(plan, samples)
    predicted = plan.scale / (plan.information * shots) ** 0.5
    true_q = plan.scale * plan.phi(document["theta"])
    return record.changed(
        "complete",
        details=details,
        estimate=estimate.to_dict(),
        predicted={"q": true_q, "stderr": predicted},
    )


def cancel_job(record: Record, connection: Any) -> Record:
    """Ask for the cancellation of a job that has not ended."""
    record = refresh(record, connection)
    if record.state in FINISHED:
        return record
    if record.document["job_id"] is None:
        raise InputError([f"{record.path.stem} has not been taken by the cloud, so there is nothing to cancel"])
    cancel(connection, record.document["job_id"])
    return refresh(record, connection)


def device_of(record: Record) -> Device:
    """The device as it was when the job was submitted."""
    return device_from_documents(
        record.document["specification"], record.document["certificate"], source=str(record.path)
    )


def read_record(path: Path) -> Record:
    """A record; InputError when it is missing or damaged."""
    text = read_text(path)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError([f"{path} is damaged: not valid JSON"]) from None
    needed = ("id", "name", "state", "network", "theta", "shots", "specification", "certificate", "history", "job_id")
    if not isinstance(document, dict) or any(key not in document for key in needed) or document["state"] not in STATES:
        raise InputError([f"{path} is no record of a job, or damaged"])
    return Record(path=path, document=document)


def find_record(job: str, folder: Path) -> Record:
    """A record by its id, or the beginning of it."""
    if not re.fullmatch(r"[0-9a-f]{2,40}", job):
        raise InputError([f"a job is named by the hexadecimal id of its record, got {job!r}"])
    found = sorted(folder.glob(f"{job}*.json")) if folder.is_dir() else []
    if len(found) != 1:
        raise InputError([f"{len(found)} records in {str(folder)!r} begin with {job}; name one"])
    return read_record(found[0])


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One submission at a time in a folder."""
    try:
        from filelock import FileLock, Timeout
    except ModuleNotFoundError:
        raise InputError(["jobs need the extra: pip install 'photonic-sensor-networks[hardware]'"]) from None
    try:
        with FileLock(str(folder / ".lock"), timeout=30):
            yield
    except Timeout:
        raise InputError([f"another process is submitting in {str(folder)!r}; wait for it"]) from None


def _id(asked: dict[str, Any], attempt: int) -> str:
    return hashlib.sha256(json.dumps([asked, attempt], sort_keys=True).encode()).hexdigest()[:16]


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
