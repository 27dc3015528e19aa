"""``psn sweep``: a grid of simulations. ``psn sweep spec.toml`` is short for ``psn sweep run spec.toml``."""

from __future__ import annotations

import typer

from protocols.cli.groups import LazyGroup

DEFAULT_TIMEOUT = 20.0
"""Seconds that a Dask scheduler may take to answer."""


class _RunOrReport(LazyGroup):
    package = "protocols.cli.sweep"
    words = ("run", "report")
    otherwise = "run"


app = typer.Typer(
    name="sweep",
    cls=_RunOrReport,
    add_completion=False,
    # In the short form options may come before the spec.
    context_settings={"ignore_unknown_options": True},
    epilog="Example: psn sweep run examples/loss_sweep.toml --out rows",
)


@app.callback()
def sweep() -> None:
    """How do errors change over a grid of networks, photon numbers, losses, schemes or shots?

    Rows are kept as they come, so that the same command goes on after an interruption. psn sweep spec.toml is short for psn sweep
    run spec.toml.
    """
