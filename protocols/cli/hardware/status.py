"""``psn hardware status``: the state of a job, by its record."""

from protocols.cli.hardware.cloud import record_app

app = record_app("status", "What has become of this job?")
