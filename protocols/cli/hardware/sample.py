"""``psn hardware sample``: counts as a device would give them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Annotated

import typer

from protocols.cli.hardware.plans import plan_of
from protocols.cli.options import DeviceName, Json, Network, Theta
from protocols.cli.terminal import console, say, working

app = typer.Typer(add_completion=False)


@app.command(
    "sample",
    epilog="Example: psn hardware sample examples/gradient_pair.json --device X8 --shots 10000 --out counts.npy",
)
def sample(
    network: Network,
    device: DeviceName,
    theta: Theta = None,
    shots: Annotated[int, typer.Option(help="The number of shots.")] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same counts.")] = 0,
    out: Annotated[list[str] | None, typer.Option(help="A .npy file to write the counts to. May be repeated.")] = None,
    json: Json = False,
) -> None:
    """Which counts would this device give, and what estimate of q do they allow?

    Counts are drawn exactly, with the losses and dark counts of the device's certificate.
    """
    import numpy as np

    from networks.files.text import write_whole
    from protocols.hardware.pair_estimate import estimate_pairs
    from protocols.tables import to_json

    with working() as report:
        report("finding the interferometers and the bias")
        plan, values = plan_of(network, device, theta, shots=shots, seed=seed, out=out or (), endings=(".npy",))
        report("drawing counts")
        samples = plan.sample(values, shots, np.random.default_rng(seed))
        report("estimating")
        estimate = estimate_pairs(plan, samples)
    for one in out or ():
        stream = io.BytesIO()
        np.save(stream, samples, allow_pickle=False)
        write_whole(Path(one), stream.getvalue())
    true_q = plan.scale * plan.phi(values)
    if json:
        print(to_json({"plan": plan.to_dict(), "theta": values, "q": true_q, "estimate": estimate.to_dict()}))
        return
    from protocols.reports.showing import show

    show(plan, console=console())
    say(f"true q = {true_q:.6g}")
    show(estimate, console=console())
    for one in out or ():
        say(f"wrote {one}")
