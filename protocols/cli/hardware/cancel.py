"""``psn hardware cancel``: the cancellation of a job, by its record."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from networks import InputError
from protocols.cli.hardware.cloud import DEFAULT_JOBS, CloudOptions, about_job, print_record
from protocols.cli.options import Host, JobId, Jobs, Json, Port, Tls, TokenFile

app = typer.Typer(add_completion=False)


@app.command("cancel", epilog="Example: psn hardware cancel 3f2a --jobs psn-jobs --host cloud.example.org")
def cancel(
    job: JobId,
    host: Host = None,
    port: Port = None,
    tls: Tls = None,
    token_file: TokenFile = None,
    jobs: Jobs = DEFAULT_JOBS,
    forget: Annotated[
        bool,
        typer.Option(
            "--forget",
            help="Give up a submission that was never answered, in the record alone: nothing is sent. The same submission then "
            "makes a new job, unless the cloud has this one after all.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """How is this job cancelled?

    The cloud is asked to; the answer says what has become of the job.
    """
    from protocols.hardware.jobs import find_record, forget_job

    options = CloudOptions(host=host, port=port, tls=tls, token_file=token_file, jobs=jobs)
    if not forget:
        about_job(job, options, needs_result=False, json=json, cancels=True)
        return
    if faults := options.faults():
        raise InputError(faults)
    print_record(forget_job(find_record(job, Path(jobs))), json=json)
