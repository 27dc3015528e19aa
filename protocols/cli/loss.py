"""``psn loss``: schemes, probes and measurements over a lossy network."""

from __future__ import annotations

import typer

from protocols.cli.options import Json, Network
from protocols.cli.terminal import console, read_network, working

app = typer.Typer(add_completion=False)


@app.command("loss", epilog="Example: psn loss examples/lossy_phases.json")
def loss(network: Network, json: Json = False) -> None:
    """How well does each scheme do when the modes of this network lose light?

    Mean squared errors of q in one shot are set beside the shot noise at the same losses and a bound on all states, with the best
    probes and with the share of the quantum Fisher information that each measurement reaches.
    """
    from protocols import tables
    from protocols.built.uses import AS_BUILT
    from protocols.loss.report import loss_report

    given = read_network(network, used=AS_BUILT)
    with working() as report:
        result = loss_report(given, progress=report)
    if json:
        print(tables.to_json(result.to_dict()))
        return
    from protocols.reports.showing import show

    show(result, console=console())
