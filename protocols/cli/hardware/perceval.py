"""``psn hardware perceval``: two photons over a network on Perceval's simulator, a machine that exists."""

from __future__ import annotations

import json as json_module
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from networks import InputError
from protocols.cli.hardware.plans import network_and_theta
from protocols.cli.options import Json, Network, Theta
from protocols.cli.terminal import console

if TYPE_CHECKING:
    from photonics import Circuit

app = typer.Typer(add_completion=False)


@app.command(
    "perceval", epilog="Example: psn hardware perceval examples/gradient_pair.json --theta 0.3,-0.1 --out circuit.pcvl"
)
def perceval(
    network: Network,
    theta: Theta = None,
    transmissivity: Annotated[float, typer.Option(help="The energy transmissivity of every mode, from 0 to 1.")] = 1.0,
    bias: Annotated[float, typer.Option(help="A phase in rad that is added to the one that is sensed.")] = 0.0,
    out: Annotated[
        list[str] | None, typer.Option(help="A .pcvl file to write the circuit to, for Perceval. May be repeated.")
    ] = None,
    json: Json = False,
) -> None:
    """What do two photons in a N00N state count over a differential network?

    Perceval's simulator answers (extra perceval), with the native engine beside it. The circuit runs on machines that exist.
    What of the network is not used (N other than 2, further passes, its losses) is said.
    """
    from networks.files.text import write_whole
    from photonics import PhotonCounting, measure
    from photonics.adapters.perceval import perceval_circuit, perceval_probabilities, serialized
    from protocols.hardware.two_photons import two_photon_circuit, two_photon_notes
    from protocols.reports.plotting import new_file_faults
    from protocols.tables import to_json

    paths = [Path(one) for one in out or ()]
    faults = new_file_faults(paths, (".pcvl",))
    if not math.isfinite(bias):
        faults.append(f"--bias must be a finite number, got {bias}")
    given, values = network_and_theta(network, theta, faults)
    if faults or given is None or values is None:
        raise InputError(faults)
    circuit = two_photon_circuit(given, transmissivity=transmissivity, bias_rad=bias)
    try:
        probabilities = perceval_probabilities(circuit, values)
        text = serialized(perceval_circuit(without_preparation(circuit), values))
    except ImportError as error:
        raise InputError([str(error)]) from None
    native = measure(circuit, PhotonCounting(), values)
    difference = max(
        abs(probabilities.get(tuple(label), 0.0) - float(p))
        for label, p in zip(native.labels.tolist(), native.probabilities, strict=True)
    )
    for path in paths:
        write_whole(path, json_module.dumps(text).encode())
    rows = sorted(probabilities.items(), key=lambda item: (-item[1], item[0]))
    photons, notes = prepared_photons(circuit), two_photon_notes(given)
    if json:
        document = {
            "modes": list(circuit.modes),
            "input": photons,
            "probabilities": [{"counts": list(label), "probability": p} for label, p in rows],
            "difference_to_native": difference,
            "notes": list(notes),
        }
        print(to_json(document))
        return
    from protocols.reports.hardware_views import two_photons_view
    from protocols.reports.showing import show

    show(two_photons_view(circuit.modes, photons, rows, difference, notes), console=console())
    for path in paths:
        print(f"wrote {path}")


def without_preparation(circuit: Circuit) -> Circuit:
    """The circuit without the preparation of its photons and without losses, as Perceval's unitary circuits are."""
    from photonics import Circuit, Loss, PrepareFock

    kept = tuple(op for op in circuit.operations if not isinstance(op, Loss | PrepareFock))
    return Circuit(modes=circuit.modes, operations=kept)


def prepared_photons(circuit: Circuit) -> list[int]:
    """The photon numbers that a circuit starts from."""
    from photonics import PrepareFock

    first = circuit.operations[0]
    assert isinstance(first, PrepareFock)
    return [int(n) for n in first.state.occupations[0]]
