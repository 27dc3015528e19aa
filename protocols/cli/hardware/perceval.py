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
    from protocols.preparation.experiment import PhotonExperiment
    from protocols.preparation.recipe import Preparation
    from protocols.schemes.plan import Plan

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
    than 2, further passes, its losses) is said.
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
    plan, made, experiments = _experiments(network, theta, scheme, source, faults)
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
    whole = counts_mse(runs, takes_turns=plan.takes_turns) if part is None else None
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
) -> tuple[Plan, Preparation, tuple[PhotonExperiment, ...]]:
    """The plan, how its light is made and its experiments; raises InputError with all faults so far where there are none."""
    from protocols.preparation.experiment import photon_experiments
    from protocols.preparation.parts import NoRecipeError
    from protocols.preparation.prepare import preparations, why_no_recipe
    from protocols.problem import PhaseProblem, Problem
    from protocols.schemes.plan import Unavailable
    from protocols.schemes.registry import find_scheme
    from protocols.schemes.scheme import plan_of

    sources = {"photons": "single photons", "squeezers": "squeezers"}
    if source is not None and source not in sources:
        faults.append(f"--source must be photons or squeezers, got {source}")
    if network is None or theta is None:
        raise InputError(faults)
    problem = Problem.of(network)
    if not isinstance(problem, PhaseProblem):
        raise InputError([*faults, "photons sense phases, not displacements"])
    try:
        plan = plan_of(find_scheme("phase", scheme), problem)
    except InputError as error:
        raise InputError([*faults, *error.faults]) from None
    if isinstance(plan, Unavailable):
        raise InputError([*faults, f"{scheme} is not applicable: {plan.reason}"])
    if (reason := why_no_recipe(plan)) is not None:
        raise InputError([*faults, reason])
    wanted = None if source is None else sources.get(source)
    every = preparations(plan, problem)
    made = next((one for one in every if wanted in (None, one.source)), None)
    if made is None:
        known = ", ".join(one.source for one in every) or "no source known here"
        missing = f"{scheme} cannot be made from {wanted or 'photons or squeezers'}: two single photons and beam splitters make "
        raise InputError([*faults, f"{missing}at most two terms with both photons in one mode; it can from {known}"])
    try:
        return plan, made, photon_experiments(plan, problem, theta, made.source)
    except NoRecipeError as error:
        raise InputError([*faults, f"{scheme} cannot be exported: {error}"]) from None


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
