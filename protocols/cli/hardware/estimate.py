"""``psn hardware estimate``: q from counts of a device."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from protocols.cli.hardware.plans import plan_of
from protocols.cli.options import DeviceName, Json, Network, files_ending
from protocols.cli.terminal import console, read_table, working

app = typer.Typer(add_completion=False)


@app.command("estimate", epilog="Example: psn hardware estimate examples/gradient_pair.json counts.npy --device X8")
def estimate(
    network: Network,
    samples: Annotated[
        str,
        typer.Argument(
            help="The counts: a .npy file of shape (shots, modes), signal modes first; - is standard input.",
            autocompletion=files_ending(".npy"),
            show_default=False,
        ),
    ],
    device: DeviceName,
    json: Json = False,
) -> None:
    """Which q do these counts of the device speak for?

    The counts are those of the program that psn hardware compile makes. Estimates are given with 95 % intervals and a test of the
    model.
    """
    from protocols.hardware.pair_estimate import estimate_pairs
    from protocols.tables import to_json

    counts = read_table(Path(samples))
    with working() as report:
        report("finding the interferometers and the bias")
        plan, _ = plan_of(network, device)
        report("estimating")
        result = estimate_pairs(plan, counts)
    if json:
        print(to_json({"plan": plan.to_dict(), "estimate": result.to_dict()}))
        return
    from protocols.reports.showing import show

    show(plan, console=console())
    show(result, console=console())
