"""``psn hardware emulate``: an emulator of Xanadu's cloud on this machine."""

from __future__ import annotations

import asyncio
import dataclasses
import os
from typing import TYPE_CHECKING, Annotated

import typer

from networks import InputError
from protocols.cli.options import Json
from protocols.cli.terminal import say

if TYPE_CHECKING:
    from protocols.hardware.emulator import Cloud

app = typer.Typer(add_completion=False)


@app.command("emulate", epilog="Example: psn hardware emulate --port 8080")
def emulate(
    port: Annotated[int, typer.Option(help="The port on 127.0.0.1; 0 takes a free one.")] = 0,
    misbehave: Annotated[
        list[str] | None,
        typer.Option(
            help="What goes wrong, as 'KIND METHOD PATH TIMES', such as '500 POST /jobs 1'; an unknown KIND is answered with the "
            "known ones. May be repeated."
        ),
    ] = None,
    device: Annotated[
        list[str] | None, typer.Option(help="One more device: a provider's .json file. May be repeated.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same counts.")] = 0,
    seconds: Annotated[float, typer.Option(help="Simulated run time of each job in seconds.")] = 0.05,
    json: Json = False,
) -> None:
    """How can programs and jobs be tried without a cloud?

    An emulator of Xanadu's cloud serves on this machine until it is interrupted; no hardware is behind it.
    """
    try:
        import tornado  # noqa: F401  # the extra is named before anything else is said
    except ModuleNotFoundError:
        raise InputError(
            ["tornado is not installed; the emulator needs the extra: pip install 'photonic-sensor-networks[hardware]'"]
        ) from None
    from protocols.hardware.devices import find_device
    from protocols.hardware.emulator import Cloud, Misdeed, x_devices

    faults: list[str] = []
    misdeeds, devices = [], x_devices()
    for text in misbehave or ():
        try:
            misdeeds.append(Misdeed.of(text))
        except InputError as error:
            faults += error.faults
    for name in device or ():
        try:
            chosen = find_device(name)
            devices[chosen.target] = chosen
            if chosen.kind != "x-series":
                faults.append(f"--device {name}: only X devices are emulated")
        except InputError as error:
            faults += error.faults
    if not 0 <= port <= 65535:
        faults.append(f"--port must be from 0 to 65535, got {port}")
    if seed < 0 or not 0 <= seconds <= 3600:
        faults.append("--seed must not be negative and --seconds be from 0 to 3600")
    if faults:
        raise InputError(faults)
    copies = {target: dataclasses.replace(one) for target, one in devices.items()}
    cloud = Cloud(devices=copies, seed=seed, seconds=seconds, misdeeds=misdeeds)
    asyncio.run(_serve(cloud, port, json=json))


async def _serve(cloud: Cloud, port: int, *, json: bool) -> None:
    """Serve until interrupted; says where on the first line."""
    from tornado.httpserver import HTTPServer
    from tornado.netutil import bind_sockets

    from photonics.adapters.sf_import import import_strawberryfields
    from protocols.hardware.emulator import REFRESH_TOKEN, application
    from protocols.reports.hardware_views import CLOSED
    from protocols.tables import to_json

    try:
        sockets = bind_sockets(port, address="127.0.0.1")
    except OSError as error:
        raise InputError([f"--port {port}: {error.strerror or error}"]) from None
    # Its compiler checks the first job, and takes longer to load on a busy machine than clients wait for an answer.
    import_strawberryfields()
    HTTPServer(application(cloud)).add_sockets(sockets)
    where = sockets[0].getsockname()[1]
    if json:
        print(
            to_json({"host": "127.0.0.1", "port": where, "refresh_token": REFRESH_TOKEN, "pid": os.getpid()}),
            flush=True,
        )
    else:
        say(f"an emulator of Xanadu's cloud listens on 127.0.0.1:{where}; no hardware is behind it")
        command = f"psn hardware submit ... --host 127.0.0.1 --port {where} --no-tls"
        say(f"XANADU_CLOUD_REFRESH_TOKEN={REFRESH_TOKEN} {command}")
        say(CLOSED)
    await asyncio.Event().wait()
