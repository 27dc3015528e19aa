"""``psn hardware perceval``: one or two photons over a network on Perceval's simulator; its processors exist."""

from __future__ import annotations

import json as json_module
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from networks import InputError
from protocols.cli.hardware.plans import network_and_theta
from protocols.cli.options import Json, Network, Theta
from protocols.cli.terminal import console, say

if TYPE_CHECKING:
    from networks import SensorNetwork
    from photonics import Circuit
    from protocols.hardware.photon_experiments import PhotonRuns
    from protocols.preparation.recipe import Source

app = typer.Typer(add_completion=False)


@app.command(
    "perceval", epilog="Example: psn hardware perceval examples/gradient_pair.json --theta 0.3,-0.1 --out circuit.pcvl"
)
def perceval(
    network: Network,
    theta: Theta = None,
    transmissivity: Annotated[
        float, typer.Option(help="The energy transmissivity of every mode of the processor, from 0 to 1.")
    ] = 1.0,
    bias: Annotated[float, typer.Option(help="A phase in rad that is added to the one that is sensed.")] = 0.0,
    out: Annotated[
        list[str] | None, typer.Option(help="A .pcvl file to write the circuit to, for Perceval. May be repeated.")
    ] = None,
    scheme: Annotated[
        str | None,
        typer.Option(
            help="A scheme of N = 1 or 2 photons: its light from source to counts, with the losses of the network."
        ),
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="With --scheme: photons or squeezers; the more probable one when left out.")
    ] = None,
    part: Annotated[
        int | None, typer.Option(help="With --scheme: only this one of the states in turn, counted from 1.")
    ] = None,
    json: Json = False,
) -> None:
    """What do one or two photons count over a network, and how is their light made?

    Perceval's simulator answers (extra perceval), with the native engine beside it. With --scheme: which source and beam splitters
    make the light, how often that succeeds, and what is counted behind the phases; --out keeps the experiment with its
    post-selection. Without: two photons in a N00N state over a differential network; what of the network is not used (N other
    than 2, further passes, losses of links) is said. psn hardware candidates compares all of these.
    """
    from networks.files.text import write_whole
    from photonics.adapters.perceval import perceval_circuit, perceval_probabilities, serialized
    from protocols.built.uses import OF_MODES
    from protocols.hardware.two_photons import two_photon_circuit, two_photon_notes
    from protocols.preparation.perceval_run import native_difference
    from protocols.problem import Problem
    from protocols.reports.plotting import new_file_faults
    from protocols.tables import to_json

    paths = [Path(one) for one in out or ()]
    faults = new_file_faults(paths, (".pcvl",))
    if not math.isfinite(bias):
        faults.append(f"--bias must be a finite number, got {bias}")
    given, values = network_and_theta(network, theta, faults, OF_MODES)
    if given is not None and values is not None and len(values) == len(given.sensors) and given.sensing == "phase":
        values = list(Problem.of(given).phases(values))
    if scheme is not None:
        _scheme(given, values, scheme, source, part, paths, faults, json=json, options=(transmissivity, bias))
        return
    if source is not None or part is not None:
        faults.append("--source and --part go with --scheme")
    if faults or given is None or values is None:
        raise InputError(faults)
    circuit = two_photon_circuit(given, transmissivity=transmissivity, bias_rad=bias)
    try:
        probabilities = perceval_probabilities(circuit, values)
        text = serialized(perceval_circuit(without_preparation(circuit), values))
    except ImportError as error:
        raise InputError([str(error)]) from None
    difference = native_difference(circuit, values)
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
        say(f"wrote {path}")


def _scheme(
    network: SensorNetwork | None,
    theta: list[float] | None,
    scheme: str,
    source: str | None,
    part: int | None,
    paths: list[Path],
    faults: list[str],
    *,
    json: bool,
    options: tuple[float, float],
) -> None:
    """The light of a scheme from source to counts, printed and written."""
    from networks.files.text import write_whole
    from protocols.preparation.perceval_run import counts_mse, run_on_perceval
    from protocols.tables import to_json

    if options != (1.0, 0.0):
        faults.append("--transmissivity and --bias do not go with --scheme, which takes the losses of the network")
    found = _experiments(network, theta, scheme, source, faults)
    experiments, made = found.experiments, found.made
    if part is not None and experiments and not 1 <= part <= len(experiments):
        faults.append(f"--part must be from 1 to {len(experiments)}, got {part}")
    elif part is not None:
        experiments = experiments[part - 1 : part]
    if paths and len(experiments) > 1:
        faults.append(f"{scheme} has {len(experiments)} states; name the one to write by --part")
    if faults or theta is None:
        raise InputError(faults)
    try:
        runs = [run_on_perceval(one, theta) for one in experiments]
    except ImportError as error:
        raise InputError([str(error)]) from None
    for path in paths:
        write_whole(path, json_module.dumps(runs[0].text).encode())
    whole = counts_mse(runs, takes_turns=found.plan.takes_turns) if part is None else None
    if json:
        document = {
            "scheme": scheme,
            "source": made.source,
            "words": made.words,
            "success": made.success,
            "mse_per_attempt": whole,
            "parts": [run.to_dict() for run in runs],
            "notes": list(made.notes),
        }
        print(to_json(document))
        return
    from protocols.reports.hardware_views import photon_runs_view
    from protocols.reports.showing import show

    show(photon_runs_view(scheme, made, runs, whole), console=console())
    for path in paths:
        say(f"wrote {path}")


def _experiments(
    network: SensorNetwork | None, theta: list[float] | None, scheme: str, source: str | None, faults: list[str]
) -> PhotonRuns:
    """The experiments of a scheme as built; raises InputError with all faults so far where there are none."""
    from protocols.hardware.photon_experiments import photon_runs
    from protocols.problem import Problem

    sources: dict[str, Source] = {"photons": "single photons", "squeezers": "squeezers"}
    if source is not None and source not in sources:
        faults.append(f"--source must be photons or squeezers, got {source}")
    if network is None or theta is None:
        raise InputError(faults)
    try:
        return photon_runs(scheme, Problem.of(network), theta, None if source is None else sources.get(source))
    except InputError as error:
        raise InputError([*faults, *error.faults]) from None


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
