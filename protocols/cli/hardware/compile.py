"""``psn hardware compile``: the program of a network for a device."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from networks import InputError
from protocols.cli.hardware.plans import plan_of
from protocols.cli.options import Compiler, CompilerName, DeviceName, Dpi, Json, Network, Theta, Width
from protocols.cli.terminal import console, say, working

if TYPE_CHECKING:
    from protocols.hardware.compiling import Compiled
    from protocols.reports.page import FigurePage

app = typer.Typer(add_completion=False)


@app.command(
    "compile",
    epilog="Example: psn hardware compile examples/gradient_pair.json --device X8 --theta 0.1,-0.1 --out program.xbb",
)
def compile_(
    network: Network,
    device: DeviceName,
    theta: Theta = None,
    compiler: CompilerName = Compiler.xunitary,
    shots: Annotated[int, typer.Option(help="The number of shots that the program asks for.")] = 1000,
    out: Annotated[
        list[str] | None,
        typer.Option(help="A file to write: the program as .xbb (Blackbird), or a figure. May be repeated."),
    ] = None,
    width: Width = None,
    dpi: Dpi = None,
    json: Json = False,
) -> None:
    """Which program measures q on this device, and how much information does it give?

    The protocol uses squeezed pairs; its Fisher information on the phase in one shot stands beside the shot noise with and without
    the losses of the device's certificate.
    """
    from networks.files.text import write_whole
    from protocols.hardware.compiling import compile_plan
    from protocols.reports.page import page_of
    from protocols.reports.plotting import SUFFIXES
    from protocols.tables import to_json

    faults: list[str] = []
    page = page_of(width, dpi, out or None, faults)
    if faults:
        raise InputError(faults)
    with working() as report:
        report("finding the interferometers and the bias")
        plan, values = plan_of(network, device, theta, shots=shots, out=out or (), endings=(".xbb", *SUFFIXES))
        report("compiling")
        compiled = compile_plan(plan, values, compiler=compiler.value, shots=shots)
        contents = {Path(one): _content(compiled, Path(one).suffix, page) for one in out or ()}
    for path, content in contents.items():
        write_whole(path, content)
    if json:
        print(to_json(compiled.to_dict()))
        return
    from protocols.reports.hardware_views import closed_view
    from protocols.reports.showing import show

    show(compiled, console=console())
    for path in contents:
        say(f"wrote {path}")
    show(closed_view(), console=console())


def _content(compiled: Compiled, suffix: str, page: FigurePage) -> bytes:
    if suffix == ".xbb":
        return compiled.blackbird.encode()
    from protocols.reports.mesh_figures import draw_chip
    from protocols.reports.page import saved

    plan = compiled.plan
    device = plan.device
    chip = draw_chip(plan.network.name, device.name, device.pairs, plan.squeezing(), width_cm=page.width_cm).figure
    return saved(chip, suffix, page.dpi)
