"""``psn hardware result``: the counts and the estimate of a job, by its record."""

from protocols.cli.hardware.cloud import record_app

app = record_app(
    "result",
    "What did this job measure, and how does the estimate of q compare with the prediction?",
    needs_result=True,
)
