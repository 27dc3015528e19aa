"""``psn hardware devices``: the devices, with what they can sense."""

from __future__ import annotations

from typing import Annotated

import typer

from protocols.cli.options import Json, device_names, network_files
from protocols.cli.terminal import console, read_network

app = typer.Typer(add_completion=False)


@app.command("devices", epilog="Example: psn hardware devices examples/gradient_pair.json")
def devices(
    network: Annotated[
        str | None,
        typer.Argument(
            help="A network file: each device is said to be able to measure its function, or every reason why not.",
            autocompletion=network_files,
            show_default=False,
        ),
    ] = None,
    device: Annotated[
        str | None,
        typer.Option(
            help="One device instead of all: a built-in name or a provider's .json file.",
            autocompletion=device_names,
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Which devices are known, and which of them can measure the function of this network?"""
    from protocols.hardware.devices import DEVICES, find_device
    from protocols.hardware.feasibility import can_run
    from protocols.reports.hardware_views import CLOSED, devices_view
    from protocols.reports.showing import show
    from protocols.tables import to_json

    chosen = list(DEVICES.values()) if device is None else [find_device(device)]
    given = None if network is None else read_network(network, used=["arms"])
    verdicts = [] if given is None else [can_run(given, one) for one in chosen]
    if not json:
        show(devices_view(chosen, verdicts), console=console())
        return
    document: dict[str, object] = {
        "devices": [
            {
                "name": one.name,
                "target": one.target,
                "kind": one.kind,
                "modes": one.modes,
                "pairs": one.pairs,
                "squeezing": list(one.squeezing),
                "compiler": list(one.compiler),
                "max_shots": one.most_shots,
                "source": one.source,
                "certificate": one.certificate.to_dict(),
            }
            for one in chosen
        ],
        "note": CLOSED,
    }
    if given is not None:
        document["feasibility"] = [verdict.to_dict() for verdict in verdicts]
    print(to_json(document))
