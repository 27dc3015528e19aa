"""Devices, plans for them, estimates from counts, and records of jobs as people read them on a terminal."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from protocols.tables import Table, to_rich

if TYPE_CHECKING:
    from rich.console import Console

    from protocols.hardware.compiling import Compiled
    from protocols.hardware.devices import Device
    from protocols.hardware.feasibility import Feasibility
    from protocols.hardware.jobs import Record
    from protocols.hardware.pair_estimate import PairEstimate
    from protocols.hardware.pair_plan import PairPlan

CLOSED = (
    "Xanadu's cloud was closed in January 2026 and no public machine of this family can be reached; "
    "programs are for the day one answers."
)
MAX_COUNTS = 20
"""Likeliest counts shown; --json has all."""


def show_devices(console: Console, devices: Sequence[Device], verdicts: Sequence[Feasibility]) -> None:
    """The devices; with verdicts, whether each can measure the function of a network and why not."""
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
        for one in devices
    )
    columns = ("device", "target", "kind", "modes", "pairs", "squeezing r", "transmissivity")
    console.print(
        to_rich([Table(title="Devices (certificates of built-in ones are examples)", columns=columns, rows=rows)])
    )
    if not verdicts:
        console.print(
            Text(
                "X devices sense differences of phases by squeezed pairs and photon counting: functions whose coefficients sum "
                "to 0, or with a reference. None of these devices has displacements, homodyne detectors or Fock states."
            )
        )
    for verdict in verdicts:
        console.print(
            Text(f"{verdict.device.name}: {'can' if verdict.can_run else 'cannot'} measure this function", style="bold")
        )
        for reason in (*verdict.reasons, *verdict.notes):
            console.print(Text(f"  {reason}"))
    console.print(Text(CLOSED, style="dim"))


def show_plan(console: Console, plan: PairPlan) -> None:
    """Pairs, interferometers, bias, and the information of one shot beside the shot noise."""
    device, light = plan.device, plan.light
    console.print(Text(f"{plan.network.name} on {device.name} ({device.target})", style="bold"))
    on = [f"r = {r:g} in pair {k}" for k, r in enumerate(plan.squeezing()) if r]
    console.print(Text(f"squeezed pairs: {', '.join(on)}; {light.mean_photons:.4g} photons on average"))
    known = f"determined between {plan.q_range[0]:.4g} and {plan.q_range[1]:.4g}"
    console.print(Text(f"bias {plan.bias_rad:.4f} rad; q is {plan.scale:g} times the phase that is read, {known}"))
    rows = (
        ("of the counts, with the losses of the certificate", plan.information),
        ("of the light without loss (quantum)", plan.quantum_information),
        ("shot noise at the same losses", plan.shot_noise_same_loss),
        ("shot noise without loss", plan.shot_noise_lossless),
    )
    console.print(
        to_rich(
            [Table(title="Fisher information on the phase in one shot", columns=("what", "information"), rows=rows)]
        )
    )
    console.print(Text(f"{plan.verdict[0].upper()}{plan.verdict[1:]}.", style="bold"))
    console.print(
        Text(f"MSE of q in one shot {plan.mse:.6g}; counts beyond the tables have a weight of {plan.lost_weight:.1g}")
    )


def show_compiled(console: Console, compiled: Compiled, written: Sequence[Path]) -> None:
    """The plan, how far the program is from it, and the files that were written."""
    show_plan(console, compiled.plan)
    difference = f"differs from the wanted transformation by {compiled.difference:.2g} at most"
    console.print(Text(f"compiled by {compiled.compiler}: {difference}"))
    for path in written:
        console.print(Text(f"wrote {path}"), soft_wrap=True)
    console.print(Text(CLOSED, style="dim"))


def show_estimate(console: Console, estimate: PairEstimate) -> None:
    """Both estimates with their intervals, and whether the counts fit the model."""
    low, high = estimate.interval_95
    likely = f"q = {estimate.q:.6g} +- {estimate.stderr:.2g} (maximum likelihood)"
    console.print(Text(f"{estimate.shots} shots: {likely}, 95 % {low:.6g} ... {high:.6g}"))
    low, high = estimate.bayes_interval_95
    console.print(Text(f"Bayesian, flat prior: q = {estimate.bayes_q:.6g}, 95 % {low:.6g} ... {high:.6g}"))
    tested = estimate.fit is not None and math.isfinite(estimate.fit)
    fit = f"chi-square p-value of the counts {estimate.fit:.3g}" if tested else "too few counts for a test of the model"
    console.print(Text(f"{fit}; {estimate.beyond} shots left out"))
    if estimate.at_edge:
        console.print(Text("WARNING: the estimate is at the edge of what counts can tell apart", style="bold red"))


def show_record(console: Console, record: Record, status: str) -> None:
    """The record, with the estimate and the prediction when there are any."""
    from networks.files.node_link import network_from_json
    from protocols.hardware.jobs import device_of
    from protocols.hardware.pair_estimate import PairEstimate
    from protocols.hardware.pair_plan import pair_plan

    document = record.document
    where = f"{document['target']} at {document['host']}:{document['port']}"
    console.print(Text(f"job {record.path.stem} on {where}: {status}", style="bold"))
    if document.get("estimate"):
        plan = pair_plan(network_from_json(json.dumps(document["network"])), device_of(record))
        show_plan(console, plan)
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in document["estimate"].items()}
        show_estimate(console, PairEstimate(**values))
        predicted = document["predicted"]
        console.print(
            Text(f"predicted: q = {predicted['q']:.6g} +- {predicted['stderr']:.2g}; counts in {record.samples_path}")
        )
    elif document.get("reason"):
        console.print(
            Text(f"{document['reason']}" + (f"; counts in {record.samples_path}" if record.state == "complete" else ""))
        )
    elif document.get("details", {}).get("meta"):
        console.print(Text(f"the cloud says: {document['details']['meta']}"))
    console.print(Text(f"record {record.path}", style="dim"))


def show_two_photons(
    console: Console,
    modes: Sequence[str],
    photons: Sequence[int],
    probabilities: Sequence[tuple[tuple[int, ...], float]],
    difference: float,
) -> None:
    """The likeliest counts on Perceval's simulator, and how far the native engine is from them."""
    console.print(Text(f"modes {', '.join(modes)}; photons enter as {list(photons)}", style="bold"))
    rows = tuple((str(label), p) for label, p in probabilities[:MAX_COUNTS])
    console.print(to_rich([Table(title="On Perceval's simulator", columns=("counts", "probability"), rows=rows)]))
    console.print(Text(f"the native engine differs by {difference:.2g} at most"))
