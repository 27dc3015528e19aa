"""``psn hardware submit``: a network's program as a job, with a record of it."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from networks import InputError
from protocols.cli.hardware.cloud import DEFAULT_JOBS, CloudOptions, cloud_errors, print_record
from protocols.cli.hardware.plans import network_and_theta
from protocols.cli.options import (
    Compiler,
    CompilerName,
    DeviceName,
    Host,
    Jobs,
    Json,
    Network,
    Port,
    Theta,
    Tls,
    TokenFile,
)
from protocols.cli.terminal import tell, working

if TYPE_CHECKING:
    from protocols.cli.hardware.cloud import Connection
    from protocols.hardware.jobs import Record

POLLING_SECONDS = 0.5
MAX_FAILURES = 5
"""Failures of the cloud in a row, while waiting, after which the command gives up."""

app = typer.Typer(add_completion=False)


@app.command(
    "submit",
    epilog="Example: psn hardware submit examples/gradient_pair.json --device X8 --shots 1000 --host 127.0.0.1 --no-tls --wait",
)
def submit(
    network: Network,
    device: DeviceName,
    shots: Annotated[int, typer.Option(help="The number of shots of the job.", show_default=False)],
    max_shots: Annotated[int, typer.Option(help="A ceiling of your own for the shots of a job.")] = 100_000,
    theta: Theta = None,
    compiler: CompilerName = Compiler.xunitary,
    host: Host = None,
    port: Port = None,
    tls: Tls = None,
    token_file: TokenFile = None,
    jobs: Jobs = DEFAULT_JOBS,
    again: Annotated[
        bool, typer.Option("--again", help="Submit a new job although the same was submitted before.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until the job has ended, and show the estimate.")] = False,
    json: Json = False,
) -> None:
    """How is the program of this network run as a job?

    A record of the job is kept; the same command again finds it instead of submitting twice.
    """
    from protocols.hardware.devices import find_device
    from protocols.hardware.feasibility import can_run
    from protocols.hardware.jobs import submit_job

    options = CloudOptions(host=host, port=port, tls=tls, token_file=token_file, jobs=jobs)
    faults, connection = options.faults(), None
    given, values = network_and_theta(network, theta, faults)
    if not 1 <= shots <= max_shots:
        faults.append(f"--shots must be from 1 to the ceiling of {max_shots} that --max-shots sets, got {shots}")
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
        connection = options.connection()
    except InputError as error:
        faults += error.faults
    if faults or given is None or values is None or connection is None:
        raise InputError(faults)
    with cloud_errors(), working() as report:
        report("compiling and submitting")
        record = submit_job(
            given,
            target,
            connection,
            theta=values,
            shots=shots,
            most_shots=max_shots,
            folder=Path(jobs),
            compiler=compiler.value,
            again=again,
        )
    if wait:
        record = _waited(record, connection, jobs)
    print_record(record, json=json)


def _waited(record: Record, connection: Connection, jobs: str) -> Record:
    """The record of the ended job; a cloud that fails a few times in between is asked again."""
    from photonics.adapters.xanadu_cloud import FINISHED, CloudError
    from protocols.hardware.jobs import refresh

    left = MAX_FAILURES
    try:
        with working() as report:
            while record.state not in FINISHED:
                report("waiting for the job")
                try:
                    record = refresh(record, connection)
                    left = MAX_FAILURES
                except CloudError as error:
                    left -= 1
                    if not left:
                        again = f"psn hardware result {record.path.stem} --jobs {jobs}"
                        raise InputError([f"{error}; the job goes on: {again}"]) from None
                if record.state not in FINISHED:
                    time.sleep(POLLING_SECONDS)
    except KeyboardInterrupt:
        tell(f"the job {record.path.stem} goes on; psn hardware result {record.path.stem} shows it")
        raise
    return record
