"""Devices, plans for them, estimates from counts, and records of jobs in words. Nothing is computed here."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from protocols.reports.view import UNITS, Heading, Item, Line, Part, View
from protocols.tables import Table, cell

if TYPE_CHECKING:
    from protocols.hardware.compiling import Compiled
    from protocols.hardware.devices import Device
    from protocols.hardware.feasibility import Feasibility
    from protocols.hardware.jobs import Record
    from protocols.hardware.pair_estimate import PairEstimate
    from protocols.hardware.pair_plan import PairPlan
    from protocols.hardware.table import HardwareTable, Place
    from protocols.preparation.perceval_run import PercevalRun
    from protocols.preparation.recipe import Preparation

CLOSED = (
    "Xanadu's cloud was closed in January 2026 and no public machine of this family can be reached; "
    "programs are for the day one answers."
)
MAX_COUNTS = 20
"""Likeliest counts shown; --json has all."""


def devices_view(devices: Sequence[Device], verdicts: Sequence[Feasibility]) -> View:
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
    parts: list[Part] = [
        Table(title="Devices (certificates of built-in ones are examples)", columns=columns, rows=rows)
    ]
    if not verdicts:
        parts.append(
            Line(
                "X devices sense differences of phases by squeezed pairs and photon counting: functions whose coefficients sum "
                "to 0, or with a reference. None of these devices has displacements, homodyne detectors or Fock states."
            )
        )
    for verdict in verdicts:
        can = "can" if verdict.can_run else "cannot"
        parts.append(Line(f"{verdict.device.name}: {can} measure this function", "strong"))
        parts += map(Item, (*verdict.reasons, *verdict.notes))
    return View(title="Devices", parts=(*parts, Line(CLOSED, "note")), titled=False)


def table_view(table: HardwareTable) -> View:
    """Which schemes run where, with their errors side by side; what is in these errors, and what the others lack."""
    device = table.device.name
    unit = UNITS[table.network.sensing]
    rows = tuple(
        (row.scheme, row.mse, *(_error_there(place) for place in row.places), row.ideal_mse) for row in table.rows
    )
    columns = ("scheme", "as built", device, "Perceval", "without loss")
    parts: list[Part] = [
        Line(table.sentence, "strong"),
        Table(
            title=f"Mean squared error of q in {unit}, per shot where nothing else is said", columns=columns, rows=rows
        ),
    ]
    running = [(row.scheme, place) for row in table.rows for place in row.places if place.runs]
    if running:
        parts.append(Heading("What runs"))
        parts += [Item(text) for text in _grouped((scheme, _said_of(place)) for scheme, place in running)]
    refused = [(row.scheme, place) for row in table.rows for place in row.places if not place.runs]
    parts.append(Heading("What does not, and why"))
    parts += [
        Item(text)
        for text in _grouped((scheme, f"{place.name}: {'; '.join(place.reasons)}") for scheme, place in refused)
    ]
    parts += [Line(f"note: {note}", "note") for note in table.notes]
    if any(place.machine == "x-series" and place.runs for _, place in running):
        parts.append(Line(CLOSED, "note"))
    title = f"{table.network.name or 'the network'} on {device} and on Perceval"
    return View(title=title, parts=tuple(parts), summary=(table.sentence,))


def _error_there(place: Place) -> str:
    """With what it is for: on one machine some schemes are counted per shot and others per attempt."""
    if not place.runs:
        return "no" if place.runs is False else "not tried"
    return "unknown" if place.mse is None else f"{cell(place.mse)} per {place.per}"


def _said_of(place: Place) -> str:
    """The words for one scheme on one machine; the same for all schemes of which the same holds."""
    simulated = ", on simulators only" if place.only_simulated else ""
    notes = "".join(f"; {note}" for note in place.notes)
    return f"{place.name}{simulated}, per {place.per}, {place.losses}{notes}"


def _grouped(said: Iterable[tuple[str, str]]) -> list[str]:
    """What is said of several schemes once, behind their names."""
    groups: dict[str, list[str]] = {}
    for scheme, words in said:
        groups.setdefault(words, []).append(scheme)
    return [f"{', '.join(schemes)}: {words}" for words, schemes in groups.items()]


def plan_view(plan: PairPlan) -> View:
    """Pairs, interferometers, bias, and the information of one shot beside the shot noise."""
    device, light = plan.device, plan.light
    on = [f"r = {r:g} in pair {k}" for k, r in enumerate(plan.squeezing()) if r]
    known = f"determined between {plan.q_range[0]:.4g} and {plan.q_range[1]:.4g}"
    rows = (
        ("of the counts, with the losses of the certificate", plan.information),
        ("of the light without loss (quantum)", plan.quantum_information),
        ("shot noise at the same losses", plan.shot_noise_same_loss),
        ("shot noise without loss", plan.shot_noise_lossless),
    )
    verdict = f"{plan.verdict[0].upper()}{plan.verdict[1:]}."
    mse = f"MSE of q in one shot {plan.mse:.6g}"
    return View(
        title=f"{plan.network.name} on {device.name} ({device.target})",
        parts=(
            Line(f"squeezed pairs: {', '.join(on)}; {light.mean_photons:.4g} photons on average"),
            Line(f"bias {plan.bias_rad:.4f} rad; q is {plan.scale:g} times the phase that is read, {known}"),
            Table(title="Fisher information on the phase in one shot", columns=("what", "information"), rows=rows),
            Line(verdict, "strong"),
            Line(f"{mse}; counts beyond the tables have a weight of {plan.lost_weight:.1g}"),
        ),
        summary=(f"{mse} rad^2", verdict),
    )


def compiled_view(compiled: Compiled) -> View:
    """The plan, and how far the program is from it."""
    plan = plan_view(compiled.plan)
    difference = f"differs from the wanted transformation by {compiled.difference:.2g} at most"
    said = f"compiled by {compiled.compiler}: {difference}"
    return View(title=plan.title, parts=(*plan.parts, Line(said)), summary=(*plan.summary, said))


def closed_view() -> View:
    """Why no machine runs these programs today."""
    return View(title="Xanadu's cloud", parts=(Line(CLOSED, "note"),), titled=False)


def estimate_view(estimate: PairEstimate) -> View:
    """Both estimates with their intervals, and whether the counts fit the model."""
    low, high = estimate.interval_95
    likely = f"q = {estimate.q:.6g} +- {estimate.stderr:.2g} (maximum likelihood)"
    first = f"{estimate.shots} shots: {likely}, 95 % {low:.6g} ... {high:.6g}"
    low, high = estimate.bayes_interval_95
    second = f"Bayesian, flat prior: q = {estimate.bayes_q:.6g}, 95 % {low:.6g} ... {high:.6g}"
    tested = estimate.fit is not None and math.isfinite(estimate.fit)
    fit = f"chi-square p-value of the counts {estimate.fit:.3g}" if tested else "too few counts for a test of the model"
    parts = [Line(text) for text in (first, second, f"{fit}; {estimate.beyond} shots left out")]
    if estimate.at_edge:
        parts.append(Line("WARNING: the estimate is at the edge of what counts can tell apart", "warning"))
    return View(title="Estimate from counts", parts=tuple(parts), summary=(first, second, fit), titled=False)


def record_view(record: Record, status: str) -> View:
    """The record, with the estimate and the prediction when there are any."""
    from networks.files.node_link import network_from_json
    from protocols.hardware.jobs import device_of
    from protocols.hardware.pair_estimate import PairEstimate
    from protocols.hardware.pair_plan import pair_plan

    document = record.document
    where = f"{document['target']} at {document['host']}:{document['port']}"
    parts: list[Part] = []
    if document.get("estimate"):
        plan = plan_view(pair_plan(network_from_json(json.dumps(document["network"])), device_of(record)))
        values: dict[str, Any] = {key: _from_json(value) for key, value in document["estimate"].items()}
        predicted = {key: _from_json(value) for key, value in document["predicted"].items()}
        parts += [
            Line(plan.title, "strong"),
            *plan.parts,
            *estimate_view(PairEstimate(**values)).parts,
            Line(f"predicted: q = {predicted['q']:.6g} +- {predicted['stderr']:.2g}; counts in {record.samples_path}"),
        ]
    elif document.get("reason"):
        counts = f"; counts in {record.samples_path}" if record.state == "complete" else ""
        parts.append(Line(f"{document['reason']}{counts}"))
    elif document.get("details", {}).get("meta"):
        parts.append(Line(f"the cloud says: {document['details']['meta']}"))
    title = f"job {record.path.stem} on {where}: {status}"
    return View(title=title, parts=(*parts, Line(f"record {record.path}", "note")), summary=(status,))


def _from_json(value: Any) -> Any:
    """A field of an estimate; JSON has null for what is not finite."""
    if isinstance(value, list):
        return tuple(map(_from_json, value))
    return math.nan if value is None else value


def two_photons_view(
    modes: Sequence[str],
    photons: Sequence[int],
    probabilities: Sequence[tuple[tuple[int, ...], float]],
    difference: float,
    notes: Sequence[str] = (),
) -> View:
    """The likeliest counts on Perceval's simulator, and how far the native engine is from them."""
    rows = tuple((str(label), p) for label, p in probabilities[:MAX_COUNTS])
    return View(
        title=f"modes {', '.join(modes)}; photons enter as {list(photons)}",
        parts=(
            Table(title="On Perceval's simulator", columns=("counts", "probability"), rows=rows),
            Line(f"the native engine differs by {difference:.2g} at most"),
            *(Line(f"note: {note}", "note") for note in notes),
        ),
    )


def _per_attempt(run: PercevalRun) -> str:
    if run.mse_per_attempt is None:
        return "its error is not known, as four photons of which two are lost pass for two"
    return f"MSE per attempt {run.mse_per_attempt:.6g}"


def photon_runs_view(scheme: str, made: Preparation, runs: Sequence[PercevalRun], whole: float | None) -> View:
    """How the light of a scheme is made, and for each of its states the likeliest counts on Perceval's simulator."""
    parts: list[Part] = [Line(f"made from {made.words}", "strong")]
    for run in runs:
        experiment = run.experiment
        number = "" if len(runs) == 1 else f"state {experiment.part}, share {experiment.share:.6g}: "
        light = " + ".join(
            ("" if len(run.light) == 1 else f"{amplitude:.6g} ") + f"|{', '.join(map(str, string))}>"
            for string, amplitude in run.light
        )
        rows = tuple((str(list(string)), p) for string, p in run.probabilities[:MAX_COUNTS])
        enters = (
            "enters" if experiment.starts_from_photons else "is left by post-selection of the pairs; simulators only"
        )
        parts += [
            Line(f"{number}{light} {enters}; modes {', '.join(experiment.circuit.modes)}"),
            *(
                Item(f"{one.first} - {one.second}: reflectivity {one.reflectivity:.6g}")
                for one in experiment.recipe.splitters
            ),
            Item(f"read out by {experiment.readout}"),
            Table(
                title="Counts of the shots kept, on Perceval's simulator", columns=("counts", "probability"), rows=rows
            ),
            Line(
                f"a shot is kept with probability {run.performance:.6g}; {_per_attempt(run)}; "
                f"the native engine differs by {run.difference_to_native:.2g} at most"
            ),
        ]
    if whole is not None and len(runs) > 1:
        parts.append(Line(f"MSE of q per attempt by these counts: {whole:.6g}"))
    parts += [Line(f"note: {note}", "note") for note in made.notes]
    return View(title=f"{scheme} on Perceval", parts=tuple(parts))
