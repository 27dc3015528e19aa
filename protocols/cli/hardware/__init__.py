"""``psn hardware``: which schemes run where; devices of Xanadu's kind, programs for them, counts, estimates, jobs on their cloud.

One module a command, as in ``protocols.cli``; ``plans`` has what the commands of networks and devices share, ``cloud`` what those
of jobs do.
"""

from __future__ import annotations

import typer

from protocols.cli.groups import LazyGroup


class _Commands(LazyGroup):
    package = "protocols.cli.hardware"
    words = (
        "devices",
        "candidates",
        "compile",
        "sample",
        "estimate",
        "submit",
        "status",
        "result",
        "cancel",
        "emulate",
        "perceval",
    )


app = typer.Typer(
    name="hardware",
    cls=_Commands,
    add_completion=False,
    no_args_is_help=True,
    epilog="Example: psn hardware candidates examples/gradient_pair.json",
)


@app.callback()
def hardware() -> None:
    """Which schemes run on devices of Xanadu's kind or on photon processors, and what would they measure there?

    The cloud of the former was closed in January 2026: programs are for the day one answers, and an emulator of it runs here.
    """
