"""``psn hardware cancel``: the cancellation of a job, by its record."""

from protocols.cli.hardware.cloud import record_app

app = record_app(
    "cancel",
    "How is this job cancelled?\n\nThe cloud is asked to; the answer says what has become of the job.",
    cancels=True,
)
