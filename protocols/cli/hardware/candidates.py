"""``psn hardware candidates``: which schemes run on a device or on Perceval, with which error, and why the others do not."""

from __future__ import annotations

from typing import Annotated

import typer

from networks import InputError
from protocols.cli.options import Json, Network, device_names
from protocols.cli.terminal import console, given_network, working

app = typer.Typer(add_completion=False)


@app.command("candidates", epilog="Example: psn hardware candidates examples/gradient_pair.json --device X8")
def candidates(
    network: Network,
    device: Annotated[
        str | None,
        typer.Option(
            help="The device beside Perceval: a built-in name or a provider's .json file; X8, or X12 where only that is large "
            "enough, when not given.",
            autocompletion=device_names,
        ),
    ] = None,
    transmissivity: Annotated[
        float | None,
        typer.Option(
            help="The energy transmissivity of every mode of a photon processor, from the source to the counts, for the errors "
            "on Perceval; unknown when not given."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Which of these schemes could I run, on which machine, and with which error there?

    Every scheme of psn design, squeezed pairs (psn hardware compile) and two photons (psn hardware perceval) in one table: the
    error as built in the laboratory of the file, on a device with the losses of its certificate, and on Perceval, and why a
    scheme does not run. What runs has been compiled or counted there.
    """
    from protocols.built.uses import AS_BUILT
    from protocols.hardware.candidates import hardware_table, processor_faults
    from protocols.hardware.devices import find_device
    from protocols.reports.showing import show
    from protocols.tables import to_json

    faults = processor_faults("--transmissivity", transmissivity)
    given = given_network(network, faults, AS_BUILT)
    chosen = None
    try:
        chosen = None if device is None else find_device(device, certified=False)
    except InputError as error:
        faults += error.faults
    if faults or given is None:
        raise InputError(faults)
    with working() as report:
        try:
            table = hardware_table(given, chosen, transmissivity=transmissivity, progress=report)
        except InputError as error:
            raise error.within(network) from None
    if json:
        print(to_json(table.to_dict()))
        return
    show(table, console=console())
