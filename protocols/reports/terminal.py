"""Results as people read them on a terminal. Nothing is computed here."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from protocols.conditions import CheckReport, Condition
from protocols.design import Design
from protocols.loss.report import LossReport
from protocols.reports.summaries import candidates_table, design_bounds, loss_table, measured_table, run_lengths, vector
from protocols.reports.terminal_layout import show_physical
from protocols.tables import cell, to_rich
from protocols.wmatrix.enumeration import Enumeration
from protocols.wmatrix.objectives import OBJECTIVES, Best, Sample
from protocols.wmatrix.protocol import PhotonProtocol


def show_conditions(console: Console, conditions: Sequence[Condition], title: str) -> None:
    """Conditions one below the other; their witnesses are too long for a column."""
    console.print(Text(title, style="bold"))
    for c in conditions:
        line = Text("  yes  " if c.holds else "  NO   ", style="" if c.holds else "bold red")
        console.print(line.append(f"{c.name}, {c.equation}: {c.witness}", style="default"), soft_wrap=True)


def show_certificate(console: Console, report: CheckReport) -> None:
    """The verdict on a certificate and every condition."""
    show_conditions(console, report.conditions, "Conditions of a certificate of fewest modes")
    verdict = "valid: no protocol that meets these conditions occupies fewer modes in its widest pass"
    console.print(Text(verdict if report.valid else "NOT valid", style="bold"))


def show_check(console: Console, report: CheckReport) -> None:
    """The verdict and every condition."""
    show_conditions(console, report.conditions, "Conditions of an optimal photon protocol")
    mse = None if report.mse is None else float(report.mse)
    console.print(
        Text(
            f"MSE {cell(mse)}, bound {cell(float(report.bound))}, modes per pass {run_lengths(report.modes_per_pass) or '-'}"
        )
    )
    console.print(Text("valid: an optimal protocol" if report.valid else "NOT valid", style="bold"))


def show_enumeration(console: Console, result: Enumeration) -> None:
    """What exists, and the listed protocols."""
    task = result.task
    if task.flipped:
        console.print(Text("||alpha||_P < ||alpha||_Nn: columns below are for -q"))
    console.print(Text(f"|W| = {task.matrix.size} columns"))
    if task.target is None:
        console.print(Text(f"no protocol exists: {task.divisibility.fault()}"))
        return
    console.print(Text(f"target N M alpha/||alpha||_P = {vector(task.target)}"))
    exists = {True: "yes", False: "no, within these limits", None: "undecided (search limit reached)"}[result.exists]
    console.print(Text(f"exists: {exists}"))
    if result.count is not None:
        how = f" (by {result.count_method})" if result.count_method else ""
        ordered = "" if result.ordered_count is None else f", {result.ordered_count} as sequences of passes"
        console.print(Text(f"protocols: {result.count} unordered{ordered}{how}"))
    if result.minimum_modes is not None:
        proof = "proved least" if result.minimum_modes_decided else "least found, not proved"
        bound = f"proved lower bound {result.lower_bound_modes}"
        console.print(Text(f"least modes per pass, without --max-modes: {result.minimum_modes} ({proof}); {bound}"))
    for number, protocol in enumerate(result.protocols, 1):
        console.print(Text(f"{number:>4}.  {_protocol_line(protocol)}"))
    if not result.complete and result.protocols:
        console.print(Text(f"({len(result.protocols)} shown, there are more; raise --limit, or --count them)"))


def _protocol_line(protocol: PhotonProtocol) -> str:
    """Columns with their repeats, and the modes of the passes."""
    parts = [f"{times} x {vector(column)}" for column, times in zip(protocol.columns, protocol.repeats, strict=True)]
    return "  +  ".join(parts) + f"   [modes {run_lengths(protocol.modes_per_pass)}]"


def show_best(console: Console, best: Best) -> None:
    """The best protocols by an objective, each with what is proved."""
    console.print(Text(OBJECTIVES[best.objective], style="bold"))
    if not best.choices:
        verdict = (
            "no protocol exists within these limits" if best.exists is False else "undecided (search limit reached)"
        )
        console.print(Text(verdict))
    for choice in best.choices:
        protocol = choice.protocol
        proof = "proved best" if choice.decided else f"best found; proved: at least {choice.lower_bound}"
        costs = (
            f"{max(protocol.modes_per_pass)} modes in the widest pass, {sum(protocol.modes_per_pass)} over all passes, "
            f"{protocol.switches} {'switch' if protocol.switches == 1 else 'switches'}"
        )
        console.print(Text(f"{costs} ({proof})"))
        console.print(Text(f"       {_protocol_line(protocol)}"))
    if best.choices and not best.complete:
        console.print(Text("a search limit was reached: there may be better ones"))
    if best.certificate is not None:
        console.print(Text("--json has the certificate; psn check checks it", style="dim"))


def show_sample(console: Console, drawn: Sample) -> None:
    """The drawn protocols with their places."""
    console.print(Text(f"drawn with equal probability from {drawn.count} protocols; place in canonical order, from 0"))
    for place, protocol in zip(drawn.places, drawn.protocols, strict=True):
        console.print(Text(f"{place:>10}  {_protocol_line(protocol)}"))


def show_design(console: Console, found: Design) -> None:
    """The network, its bounds, the candidates, and the chosen one with its checks."""
    console.print(Text(str(found.network), style="bold"))
    console.print(Text(f"q = alpha . theta, alpha = {vector([str(a) for a in found.network.function.alpha])}\n"))
    console.print(to_rich([*design_bounds(found), candidates_table(found)]))
    for missing in found.unavailable:
        console.print(Text(f"not applicable: {missing.scheme} ({missing.reason})", style="dim"))
    plan = found.chosen.plan
    console.print(Text(f"\nChosen: {plan.scheme}, {plan.title}; {found.why}.", style="bold"))
    console.print(Text(f"MSE {found.chosen.mse:.10g} = {plan.formula}"))
    for probe in plan.probes[:12]:
        console.print(Text(f"  light: {probe}"))
    if len(plan.probes) > 12:
        console.print(Text(f"  ... {len(plan.probes) - 12} more; see --json or --out"))
    console.print(Text(f"  controls: {plan.controls}; measurement: {plan.measurement}\n"))
    if found.physical is not None:
        show_physical(console, found.physical)
    show_conditions(console, found.chosen.checks, f"Conditions of {plan.scheme}")
    for candidate in found.candidates:
        for condition in candidate.failed:
            warning = f"WARNING: {candidate.plan.scheme} fails a check: {condition.name}, {condition.witness}"
            console.print(Text(warning, style="bold red"))
    for note in (*plan.notes, *found.notes):
        console.print(Text(f"note: {note}", style="dim"))


def show_loss(console: Console, found: LossReport) -> None:
    """The schemes beside the shot noise and the bounds, the best probes, and their measurements."""
    console.print(Text(str(found.network), style="bold"))
    console.print(Text(f"q = alpha . theta, alpha = {vector([str(a) for a in found.network.function.alpha])}\n"))
    bound = "" if not found.loss_bound else f"; set by the loss, for any N photons: {cell(found.loss_bound)}"
    console.print(
        Text(f"shot noise {cell(found.shot_noise)}; bound without loss {cell(found.lossless_bound)}{bound}\n")
    )
    console.print(to_rich([loss_table(found), *([measured_table(found)] if found.measurements else [])]))
    if found.best_photons is not None:
        console.print(
            Text(f"optimal photon number N = {found.best_photons}; beyond it these losses increase the error")
        )
    if found.mix is not None:
        console.print(Text("the best mix of disjoint branches, modes in the order of the file, reference last:"))
        for p in found.mix.probes[:8]:
            light = f"sqrt({p.weights[0]:.4g}) |{vector(p.first)}> + sqrt({p.weights[1]:.4g}) |{vector(p.second)}>"
            console.print(Text(f"  {p.share:7.2%} of the shots: {light}"))
    for note in found.notes:
        console.print(Text(f"note: {note}", style="dim"))
