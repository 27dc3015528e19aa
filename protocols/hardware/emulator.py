"""A cloud for one machine: the protocol of Xanadu's, on 127.0.0.1, for tests and for trying programs. No hardware is behind it.

It checks circuits as a device would (Strawberry Fields' strict compiler against the device's layout), draws counts exactly for up
to two squeezed pairs with the losses of the certificate, and can be made to misbehave.
"""

from __future__ import annotations

import asyncio
import datetime
import io
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import tornado.web

from networks import InputError
from protocols.hardware.devices import DEVICES, Device, XSeriesDevice
from protocols.tables import to_json

REFRESH_TOKEN = "emulator"
"""What clients have to show; it keeps nobody out and is no secret."""
MISDEEDS = ("401", "429", "500", "slow", "drop", "lose", "malformed", "fail")
SLOW_SECONDS = 30.0
MAX_NAME = 200
"""Signs of the name of a job."""


@dataclass(kw_only=True)
class Misdeed:
    """Something wrong that the next ``times`` requests of a method and path meet.

    401, 429, 500: answered so. slow: answered late. drop: the connection is closed unanswered, nothing done. lose: done, but the
    connection is closed unanswered. malformed: answered with nonsense. fail: jobs that are submitted fail.

    Attributes
    ----------
    kind : str
        One of MISDEEDS.
    method, path : str
        Of the requests that meet it; the path is the beginning of theirs.
    times : int >= 0
        How many still will.
    """

    kind: str
    method: str
    path: str
    times: int

    @classmethod
    def of(cls, text: str) -> Misdeed:
        """From "KIND METHOD PATH TIMES", such as "500 POST /jobs 1".

        Parameters
        ----------
        text : str

        Raises
        ------
        InputError
            For another text.
        """
        parts = text.split()
        known_method = len(parts) == 4 and parts[1].upper() in ("GET", "POST", "PATCH")
        if not known_method or parts[0] not in MISDEEDS or not parts[2].startswith("/") or not parts[3].isdecimal():
            known = ", ".join(MISDEEDS)
            raise InputError([f"a misdeed is 'KIND METHOD PATH TIMES' with one of {known}, got {text!r}"])
        return cls(kind=parts[0], method=parts[1].upper(), path=parts[2], times=int(parts[3]))


@dataclass(kw_only=True)
class Job:
    """A job as the cloud keeps it; it changes as the job runs.

    Attributes
    ----------
    id, name, target, circuit, language, created_at : str
        As submitted; the name may be None.
    number : int >= 0
        How many jobs the cloud had before.
    status : str
        open, queued, complete, failed, cancel_pending or cancelled.
    started_at, finished_at : str or None
    running_time : float or None
        In seconds.
    meta : dict
        The error of a job that failed.
    result : bytes or None
        An .npz file.
    """

    id: str
    name: str | None
    target: str
    circuit: str
    language: str
    created_at: str
    number: int
    status: str = "open"
    started_at: str | None = None
    finished_at: str | None = None
    running_time: float | None = None
    meta: dict[str, Any] = field(default_factory=dict)
    result: bytes | None = None

    def details(self) -> dict[str, Any]:
        """What GET /jobs/ID gives."""
        names = (
            "id",
            "name",
            "target",
            "language",
            "status",
            "created_at",
            "started_at",
            "finished_at",
            "running_time",
            "meta",
        )
        return {name: getattr(self, name) for name in names}


@dataclass(kw_only=True)
class Cloud:
    """Devices, jobs, tokens and misdeeds; the state of the emulator.

    Attributes
    ----------
    devices : dict of Device
        By target.
    seed : int
        Of all counts.
    seconds : float
        Simulated run time of each job.
    misdeeds : list of Misdeed
    jobs : dict of Job
        By id.
    tokens : set of str
        Those that are valid.
    requests : int
        How many there were.
    """

    devices: dict[str, Device]
    seed: int = 0
    seconds: float = 0.05
    misdeeds: list[Misdeed] = field(default_factory=list)
    jobs: dict[str, Job] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    requests: int = 0

    def misdeed(self, method: str, path: str, kinds: tuple[str, ...]) -> str | None:
        """The misdeed that this request meets, counted down.

        Parameters
        ----------
        method, path : str
        kinds : tuple of str
            Those that are of interest.
        """
        for one in self.misdeeds:
            if one.times and one.kind in kinds and one.method == method and path.startswith(one.path):
                one.times -= 1
                return one.kind
        return None

    async def run(self, job: Job) -> None:
        """A job from the queue to its end.

        Parameters
        ----------
        job : Job
        """
        job.status, job.started_at = "queued", _now()
        await asyncio.sleep(self.seconds)
        if job.status == "cancel_pending":
            job.status, job.finished_at = "cancelled", _now()
            return
        if self.misdeed("POST", "/jobs", ("fail",)):
            job.status, job.finished_at, job.meta = "failed", _now(), {"error": "the emulator was told to fail"}
            return
        try:
            job.result = self.counts(job)
            job.status = "complete"
        except Exception as error:  # noqa: BLE001  # a job ends, whatever its circuit does
            job.status, job.meta = "failed", {"error": str(error)}
        job.finished_at, job.running_time = _now(), self.seconds

    def counts(self, job: Job) -> bytes:
        """The result of a job as an .npz file.

        Parameters
        ----------
        job : Job
        """
        from photonics.adapters.x_series import counted_shots, program_light, read_program
        from photonics.pairs.samples import sample_pairs

        program = read_program(job.circuit)
        squeezing, unitary = program_light(program)
        certificate = self.devices[job.target].certificate
        # Jobs draw from streams of their own, so that the order in which they run does not matter, only that in which they came.
        generator = np.random.default_rng([self.seed, job.number])
        samples = sample_pairs(
            squeezing,
            unitary,
            counted_shots(program) or 1,
            generator,
            transmissivity=certificate.transmissivity,
            dark_counts=certificate.dark_counts,
        )
        stream = io.BytesIO()
        np.savez(stream, samples.astype(np.int32))
        return stream.getvalue()

    def faults(self, target: Any, circuit: Any, language: Any) -> dict[str, list[str]]:
        """What the device would refuse, by field.

        Parameters
        ----------
        target, circuit, language : anything
            As they were sent.
        """
        from photonics.adapters.x_series import compile_x, counted_shots, read_program

        device = self.devices.get(target) if isinstance(target, str) else None
        if device is None:
            return {"target": [f"unknown target {target!r}"]}
        if not isinstance(language, str) or not language.startswith("blackbird:1"):
            return {"language": [f"the language must be blackbird:1.0, got {language!r}"]}
        if not isinstance(circuit, str):
            return {"circuit": ["the circuit must be text"]}
        try:
            program = read_program(circuit)
            shots = counted_shots(program)
            if shots is None or not 1 <= shots <= device.most_shots:
                return {"circuit": [f"shots must be from 1 to {device.most_shots}, got {shots}"]}
            compile_x(program, device.specification(), None, "Xstrict")
        except ValueError as error:
            return {"circuit": [str(error)]}
        return {}


class _Handler(tornado.web.RequestHandler):
    """Tokens and misdeeds before every request."""

    public = False

    def initialize(self, cloud: Cloud) -> None:
        self.cloud = cloud

    async def prepare(self) -> None:
        method, path = self.request.method or "", self.request.path
        self.cloud.requests += 1
        kind = self.cloud.misdeed(method, path, ("401", "429", "500", "slow", "drop", "malformed"))
        if kind == "slow":
            await asyncio.sleep(SLOW_SECONDS)
        elif kind == "drop":
            self.hang_up()
        elif kind == "malformed":
            self.finish(b"\x00<html>{{{")
        elif kind is not None:
            # A token that is said to be bad is bad from then on, so that the client asks for a new one.
            self.cloud.tokens.clear() if kind == "401" else None
            self.refuse(int(kind), "the emulator was told to misbehave")
        elif not self.public and self.token() not in self.cloud.tokens:
            self.refuse(401, "invalid token")

    def answer(self, document: dict[str, Any]) -> None:
        """Strict JSON: infinities of a device's file are null, not words that no reader has to know."""
        self.set_header("Content-Type", "application/json; charset=UTF-8")
        self.finish(to_json(document))

    def token(self) -> str:
        return self.request.headers.get("Authorization", "").removeprefix("Bearer ")

    def refuse(self, status: int, detail: str) -> None:
        self.set_status(status)
        self.answer({"detail": detail})

    def hang_up(self) -> None:
        """Close the connection without an answer."""
        connection: Any = self.request.connection
        connection.stream.close()
        self._finished = True

    def job(self, job_id: str) -> Job | None:
        job = self.cloud.jobs.get(job_id)
        if job is None:
            self.refuse(404, f"there is no job {job_id}")
        return job


class _Token(_Handler):
    public = True

    def post(self) -> None:
        if self.get_body_argument("refresh_token", "") != REFRESH_TOKEN:
            self.set_status(400)
            self.answer({"error": "invalid_grant"})
            return
        token = secrets.token_urlsafe(16)
        self.cloud.tokens.add(token)
        self.answer({"access_token": token, "token_type": "Bearer"})


class _Health(_Handler):
    public = True

    def get(self) -> None:
        self.answer({"status": "up"})


class _Devices(_Handler):
    def get(self, target: str | None = None, what: str | None = None) -> None:
        if target is None:
            self.answer({"data": [{"target": name, "status": "online"} for name in self.cloud.devices]})
            return
        device = self.cloud.devices.get(target)
        if device is None:
            self.refuse(404, f"there is no device {target}")
        elif what == "specifications":
            self.answer(device.specification())
        elif what == "certificate":
            self.answer({"target": target, **device.certificate.to_dict()})
        else:
            self.answer({"target": target, "status": "online", "expected_uptime": {}})


class _Jobs(_Handler):
    def get(self) -> None:
        jobs = sorted(self.cloud.jobs.values(), key=lambda job: job.created_at, reverse=True)
        status, wanted = self.get_query_argument("status", None), self.get_query_arguments("id")
        if status:
            jobs = [job for job in jobs if job.status == status]
        if wanted:
            jobs = [job for job in jobs if job.id in wanted]
        size = self.get_query_argument("size", "5")
        self.answer({"data": [job.details() for job in jobs[: int(size) if size.isdecimal() and len(size) < 9 else 5]]})

    async def post(self) -> None:
        try:
            body = json.loads(self.request.body, parse_constant=_no_number)
            name, target, circuit, language = body.get("name"), body["target"], body["circuit"], body["language"]
            if name is not None and not (isinstance(name, str) and len(name) <= MAX_NAME):
                raise ValueError("no name")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self.refuse(
                400, f"name (a text of at most {MAX_NAME} signs), target, circuit and language are needed, in JSON"
            )
            return
        faults = self.cloud.faults(target, circuit, language)
        if faults:
            self.set_status(400)
            self.answer({"code": "validation-error", "detail": "the job is not valid", "meta": faults})
            return
        job = Job(
            id=secrets.token_hex(8),
            name=name,
            target=target,
            circuit=circuit,
            language=language,
            created_at=_now(),
            number=len(self.cloud.jobs),
        )
        self.cloud.jobs[job.id] = job
        # Kept, so that it is not collected while it runs.
        self.application.settings["running"].append(asyncio.ensure_future(self.cloud.run(job)))
        if self.cloud.misdeed("POST", "/jobs", ("lose",)):
            self.hang_up()
            return
        self.set_status(201)
        self.answer(job.details())


class _Job(_Handler):
    def get(self, job_id: str, what: str | None = None) -> None:
        job = self.job(job_id)
        if job is None:
            return
        if what == "circuit":
            self.answer({"circuit": job.circuit})
        elif what == "result" and job.result is None:
            self.refuse(404, f"the job is {job.status} and has no result")
        elif what == "result":
            self.set_header("Content-Type", "application/octet-stream")
            self.finish(job.result)
        else:
            self.answer(job.details())

    def patch(self, job_id: str) -> None:
        job = self.job(job_id)
        if job is None:
            return
        if job.status in ("open", "queued"):
            job.status = "cancel_pending"
        self.set_status(204)
        self.finish()


def application(cloud: Cloud) -> tornado.web.Application:
    """The cloud as a web application.

    Parameters
    ----------
    cloud : Cloud
    """
    given = {"cloud": cloud}
    return tornado.web.Application(
        [
            (r"/auth/realms/platform/protocol/openid-connect/token", _Token, given),
            (r"/healthz", _Health, given),
            (r"/devices", _Devices, given),
            (r"/devices/([^/]+)", _Devices, given),
            (r"/devices/([^/]+)/(specifications|certificate)", _Devices, given),
            (r"/jobs", _Jobs, given),
            (r"/jobs/([^/]+)", _Job, given),
            (r"/jobs/([^/]+)/(circuit|result)", _Job, given),
        ],
        running=[],
        log_function=lambda handler: None,
    )


def x_devices() -> dict[str, Device]:
    """The devices that the emulator has, by target."""
    return {device.target: device for device in DEVICES.values() if isinstance(device, XSeriesDevice)}


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat()
