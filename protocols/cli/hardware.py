"""``psn hardware``: devices of Xanadu's kind, programs for them, counts as they would give, and estimates from counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from networks import InputError, SensorNetwork, load_network
from networks.files.text import write_whole
from protocols.cli.meshing import read_table
from protocols.cli.terminal import console, numbers_of, working
from protocols.hardware.devices import DEVICES, Device, find_device
from protocols.hardware.feasibility import can_run
from protocols.reports.plotting import SUFFIXES, new_file_faults
from protocols.tables import Table, to_json, to_rich

if TYPE_CHECKING:
    from photonics import Circuit
    from protocols.hardware.compiling import Compiled
    from protocols.hardware.pair_estimate import PairEstimate
    from protocols.hardware.pair_plan import PairPlan

CLOSED = (
    "Xanadu's cloud was closed in January 2026 and no public machine of this family can be reached; "
    "programs are for the day one answers."
)


def devices_answer(network: str | None, device: str | None, *, json: bool) -> None:
    """The devices, with what they can do; for a network, whether they can run it and why not."""
    chosen = list(DEVICES.values()) if device is None else [find_device(device)]
    given = None if network is None else load_network(network)
    verdicts = [] if given is None else [can_run(given, one) for one in chosen]
    if json:
        document: dict[str, object] = {"devices": [_device_document(one) for one in chosen], "note": CLOSED}
        if given is not None:
            document["feasibility"] = [verdict.to_dict() for verdict in verdicts]
        print(to_json(document))
        return
    out = console()
    rows = tuple(
        (
            one.name,
            one.target,
            one.kind,
            one.modes,
            one.pairs or "-",
            ", ".join(f"{r:g}" for r in one.squeezing),
            f"{min(one.certificate.transmissivity):.3g} ... {max(one.certificate.transmissivity):.3g}",
        )
        for one in chosen
    )
    columns = ("device", "target", "kind", "modes", "pairs", "squeezing r", "transmissivity")
    out.print(
        to_rich([Table(title="Devices (certificates of built-in ones are examples)", columns=columns, rows=rows)])
    )
    if given is None:
        out.print(
            Text(
                "X devices sense differences of phases by squeezed pairs and photon counting: functions whose coefficients sum "
                "to 0, or with a reference. None of these devices has displacements, homodyne detectors or Fock states."
            )
        )
    for verdict in verdicts:
        out.print(
            Text(f"{verdict.device.name}: {'can' if verdict.can_run else 'cannot'} measure this function", style="bold")
        )
        for reason in (*verdict.reasons, *verdict.notes):
            out.print(Text(f"  {reason}"))
    out.print(Text(CLOSED, style="dim"))


def _device_document(device: Device) -> dict[str, object]:
    return {
        "name": device.name,
        "target": device.target,
        "kind": device.kind,
        "modes": device.modes,
        "pairs": device.pairs,
        "squeezing": list(device.squeezing),
        "compiler": list(device.compiler),
        "max_shots": device.most_shots,
        "source": device.source,
        "certificate": device.certificate.to_dict(),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class HardwareAsked:
    """What compile, sample and estimate were given."""

    network: str
    device: str
    theta: str | None
    compiler: str
    shots: int
    seed: int
    out: tuple[str, ...]
    samples: str | None
    json: bool


def network_and_theta(
    network: str, theta: str | None, faults: list[str]
) -> tuple[SensorNetwork | None, list[float] | None]:
    """The network and one phase a sensor, zeros when none are given; what is wrong is added to ``faults``."""
    given, values = None, None
    try:
        given = load_network(network)
        values = [0.0] * len(given.sensors)
    except InputError as error:
        faults += error.faults
    try:
        values = numbers_of("--theta", theta) if theta is not None else values
    except InputError as error:
        faults += error.faults
    if given is not None and values is not None and len(values) != len(given.sensors):
        faults.append(f"--theta must have {len(given.sensors)} phases, one a sensor, got {len(values)}")
    return given, values


def _plan(asked: HardwareAsked, endings: Sequence[str]) -> tuple[SensorNetwork, PairPlan, list[float]]:
    """The network, its plan, and theta (zeros when not given); every fault of the arguments at once."""
    from protocols.hardware.pair_plan import pair_plan

    faults: list[str] = []
    network, theta = network_and_theta(asked.network, asked.theta, faults)
    device = None
    try:
        device = find_device(asked.device)
    except InputError as error:
        faults += error.faults
    if device is not None and not 1 <= asked.shots <= device.most_shots:
        faults.append(f"--shots must be from 1 to {device.most_shots} for {device.name}, got {asked.shots}")
    if asked.seed < 0:
        faults.append(f"--seed must not be negative, got {asked.seed}")
    faults += new_file_faults([Path(out) for out in asked.out], endings)
    if network is not None and device is not None:
        faults += [f"{device.name}: {reason}" for reason in can_run(network, device).reasons]
    if faults or network is None or device is None or theta is None:
        raise InputError(faults)
    return network, pair_plan(network, device), theta


def compile_answer(asked: HardwareAsked) -> None:
    """The plan and its compiled program."""
    from protocols.hardware.compiling import compile_plan

    with working() as tell:
        tell("finding the interferometers and the bias")
        network, plan, theta = _plan(asked, (".xbb", *SUFFIXES))
        tell("compiling")
        made = compile_plan(plan, theta, compiler=asked.compiler, shots=asked.shots)
        contents = {Path(out): _content(network, made, Path(out).suffix) for out in asked.out}
    for path, content in contents.items():
        write_whole(path, content)
    if asked.json:
        print(to_json(made.to_dict()))
        return
    show_plan(plan)
    out = console()
    out.print(Text(f"compiled by {made.compiler}: differs from the wanted light by {made.difference:.2g} at most"))
    for path in contents:
        print(f"wrote {path}")
    out.print(Text(CLOSED, style="dim"))


def _content(network: SensorNetwork, made: Compiled, suffix: str) -> bytes:
    if suffix == ".xbb":
        return made.blackbird.encode()
    from protocols.reports.figures import saved
    from protocols.reports.mesh_figures import draw_chip

    device = made.plan.device
    return saved(draw_chip(network.name, device.name, device.pairs, made.plan.squeezing()), suffix)


def sample_answer(asked: HardwareAsked) -> None:
    """Counts as the device would give them by its certificate, into a .npy file, and the estimate they allow."""
    import io

    import numpy as np

    from photonics.pairs.samples import sample_pairs

    with working() as tell:
        tell("finding the interferometers and the bias")
        _, plan, theta = _plan(asked, (".npy",))
        tell("drawing counts")
        certificate = plan.device.certificate
        samples = sample_pairs(
            plan.squeezing(),
            plan.unitary(theta),
            asked.shots,
            np.random.default_rng(asked.seed),
            transmissivity=certificate.transmissivity,
            dark_counts=certificate.dark_counts,
        )
        tell("estimating")
        from protocols.hardware.pair_estimate import estimate_pairs

        found = estimate_pairs(plan, samples)
    for out in asked.out:
        stream = io.BytesIO()
        np.save(stream, samples, allow_pickle=False)
        write_whole(Path(out), stream.getvalue())
    true_q = plan.scale * plan.phi(theta)
    if asked.json:
        print(to_json({"plan": plan.to_dict(), "theta": theta, "q": true_q, "estimate": found.to_dict()}))
        return
    show_plan(plan)
    console().print(Text(f"true q = {true_q:.6g}"))
    show_estimate(plan, found)
    for out in asked.out:
        print(f"wrote {out}")


def estimate_answer(asked: HardwareAsked) -> None:
    """The estimate of q from a file of counts."""
    from protocols.hardware.pair_estimate import estimate_pairs

    assert asked.samples is not None
    samples = read_table(Path(asked.samples))
    with working() as tell:
        tell("finding the interferometers and the bias")
        _, plan, _ = _plan(asked, ())
        tell("estimating")
        found = estimate_pairs(plan, samples)
    if asked.json:
        print(to_json({"plan": plan.to_dict(), "estimate": found.to_dict()}))
        return
    show_plan(plan)
    show_estimate(plan, found)


def perceval_answer(
    network: str, theta: str | None, transmissivity: float, bias: float, out: list[str], *, json: bool
) -> None:
    """Two photons over the network: probabilities on Perceval's simulator, beside the native engine, and the circuit."""
    from photonics import PhotonCounting, measure
    from photonics.adapters.perceval import perceval_circuit, perceval_probabilities, serialized
    from protocols.hardware.two_photons import two_photon_circuit

    faults = new_file_faults([Path(one) for one in out], (".pcvl",))
    given, values = network_and_theta(network, theta, faults)
    if faults or given is None or values is None:
        raise InputError(faults)
    circuit = two_photon_circuit(given, transmissivity=transmissivity, bias_rad=bias)
    try:
        found = perceval_probabilities(circuit, values)
        text = serialized(perceval_circuit(without_light(circuit), values))
    except ImportError as error:
        raise InputError([str(error)]) from None
    native = measure(circuit, PhotonCounting(), values)
    worst = max(
        abs(found.get(tuple(label), 0.0) - float(p))
        for label, p in zip(native.labels.tolist(), native.probabilities, strict=True)
    )
    for one in out:
        import json as json_module

        write_whole(Path(one), json_module.dumps(text).encode())
    rows = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    state = circuit_light(circuit)
    if json:
        document = {
            "modes": list(circuit.modes),
            "input": state,
            "probabilities": [{"counts": list(label), "probability": p} for label, p in rows],
            "difference_to_native": worst,
        }
        print(to_json(document))
        return
    console().print(Text(f"modes {', '.join(circuit.modes)}; photons enter as {state}", style="bold"))
    shown = tuple((str(label), p) for label, p in rows[:20])
    console().print(to_rich([Table(title="On Perceval's simulator", columns=("counts", "probability"), rows=shown)]))
    console().print(Text(f"the native engine differs by {worst:.2g} at most"))
    for one in out:
        print(f"wrote {one}")


def without_light(circuit: Circuit) -> Circuit:
    """The circuit without its light and losses, as Perceval's unitary circuits are."""
    from photonics import Circuit, Loss, PrepareFock

    kept = tuple(op for op in circuit.operations if not isinstance(op, Loss | PrepareFock))
    return Circuit(modes=circuit.modes, operations=kept)


def circuit_light(circuit: Circuit) -> list[int]:
    """The photon numbers that a circuit starts from."""
    from photonics import PrepareFock

    first = circuit.operations[0]
    assert isinstance(first, PrepareFock)
    return [int(n) for n in first.state.occupations[0]]


def show_plan(plan: PairPlan) -> None:
    """Pairs, interferometers, bias, and what one shot tells beside the shot noise."""
    out = console()
    device, light = plan.device, plan.light
    out.print(Text(f"{plan.network.name} on {device.name} ({device.target})", style="bold"))
    on = [f"r = {r:g} in pair {k}" for k, r in enumerate(plan.squeezing()) if r]
    out.print(Text(f"squeezed pairs: {', '.join(on)}; {light.mean_photons:.4g} photons on average"))
    told = f"told between {plan.q_range[0]:.4g} and {plan.q_range[1]:.4g}"
    out.print(Text(f"bias {plan.bias_rad:.4f} rad; q is {plan.scale:g} times the phase that is read, {told}"))
    rows = (
        ("of the counts, with the losses of the certificate", plan.information),
        ("of the light without loss (quantum)", plan.quantum_information),
        ("shot noise at the same losses", plan.shot_noise_same_loss),
        ("shot noise without loss", plan.shot_noise_lossless),
    )
    out.print(
        to_rich(
            [Table(title="Fisher information on the phase in one shot", columns=("what", "information"), rows=rows)]
        )
    )
    out.print(Text(f"{plan.verdict[0].upper()}{plan.verdict[1:]}.", style="bold"))
    out.print(
        Text(f"MSE of q in one shot {plan.mse:.6g}; counts beyond the tables have a weight of {plan.lost_weight:.1g}")
    )


def show_estimate(plan: PairPlan, found: PairEstimate) -> None:
    """Both estimates with their intervals, and whether the counts fit the model."""
    out = console()
    low, high = found.interval_95
    likely = f"q = {found.q:.6g} +- {found.stderr:.2g} (maximum likelihood)"
    out.print(Text(f"{found.shots} shots: {likely}, 95 % {low:.6g} ... {high:.6g}"))
    low, high = found.bayes_interval_95
    out.print(Text(f"Bayesian, flat prior: q = {found.bayes_q:.6g}, 95 % {low:.6g} ... {high:.6g}"))
    tested = found.fit is not None and math.isfinite(found.fit)
    fit = f"chi-square p-value of the counts {found.fit:.3g}" if tested else "too few counts for a test of the model"
    out.print(Text(f"{fit}; {found.beyond} shots left out"))
    if found.at_edge:
        out.print(Text("WARNING: the estimate is at the edge of what counts can tell apart", style="bold red"))
