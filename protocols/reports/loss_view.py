"""What loss does, in words: schemes beside the shot noise, the best probes, measurements. Nothing is computed here."""

from __future__ import annotations

import math

from protocols.loss.report import LossReport
from protocols.reports.rendering import joined
from protocols.reports.summaries import function_sentence, loss_table, measured_table, mse_unit, vector
from protocols.reports.view import Gap, Item, Line, Part, View
from protocols.tables import cell
from protocols.theory.equal_errors import SAME, same_error, times

AT_THE_MODES = ("best-mix", "best-states", "noon-equal-weights")
"""Rows that are no schemes of ``psn design``."""
MAX_PROBES = 8
"""Probes of the best mix written out; --json has all."""


def loss_view(report: LossReport) -> View:
    """The schemes beside the shot noise and the bounds, the best probes, and their measurements."""
    bound = "" if not report.loss_bound else f"; set by the loss, for any N photons: {cell(report.loss_bound)}"
    noise, paid, free = f"shot noise {cell(report.shot_noise)} {mse_unit(report.network)}", "", []
    if report.free_reference_shot_noise is not None:
        paid = " (reference paid for)" if report.needs_reference else ""
        free = [Line(f"shot noise with a free reference at every sensor {cell(report.free_reference_shot_noise)}")]
    parts: list[Part] = [
        Line(function_sentence(report.network)),
        Gap(),
        Line(_best(report), "strong"),
        Line(f"{noise}{paid}; bound without loss {cell(report.lossless_bound)}{bound}"),
        *free,
        Gap(),
        loss_table(report),
        *([measured_table(report)] if report.measurements else []),
    ]
    for one in report.overtaken:
        where = f"where every transmissivity of a mode is multiplied by less than {one.factor:.4g}"
        parts.append(Line(f"{one.better} is the best scheme {where}; above, {one.than}"))
    if report.best_photons is not None:
        best = f"optimal photon number of two branches: N = {report.best_photons}; beyond it these losses increase their error"
        parts.append(Line(best))
    if report.mix is not None:
        what = "the best mix of disjoint branches of exactly N photons, the same in every pass"
        parts.append(Line(f"{what}; modes in the order of the file, reference last:"))
        for p in report.mix.probes[:MAX_PROBES]:
            light = f"sqrt({p.weights[0]:.4g}) |{vector(p.first)}> + sqrt({p.weights[1]:.4g}) |{vector(p.second)}>"
            parts.append(Item(f"{p.share:7.2%} of the shots: {light}"))
    parts += [Line(f"note: {note}", "note") for note in report.notes]
    return View(title=str(report.network), parts=tuple(parts), summary=_summary(report))


def _best(report: LossReport) -> str:
    """What people read first: the best scheme under these losses, beside the shot noise."""
    # The others are for light made at the modes, without the losses of links and the noise of detectors.
    rows = [row for row in report.rows if math.isfinite(row.mse) and row.scheme not in AT_THE_MODES]
    if not rows:
        return "No scheme estimates q under these losses."
    row = rows[0]
    *others, last = [one.scheme for one in rows if same_error(one.mse, row.mse)]
    best = (
        f"Best schemes under these losses: {', '.join(others)} and {last}"
        if others
        else f"Best scheme under these losses: {last}"
    )
    text = (
        f"{best}, mean squared error {cell(row.mse)} {mse_unit(report.network)} a shot, "
        f"{_beside(row.over_shot_noise)} the shot noise"
    )
    if report.free_reference_shot_noise is not None:
        text += f" and {_beside(row.mse / report.free_reference_shot_noise)} that with a free reference"
    return f"{text}."


def _beside(ratio: float) -> str:
    """How an error compares with another one, of which it is this multiple."""
    if abs(ratio - 1) <= SAME:
        return "as large as"
    return f"{times(1 / ratio)} times below" if ratio < 1 else f"{times(ratio)} times"


def _summary(report: LossReport) -> tuple[str, ...]:
    unit = mse_unit(report.network)
    limits = joined(
        ("shot noise", report.shot_noise, unit),
        ("with a free reference", report.free_reference_shot_noise, unit),
        ("bound without loss", report.lossless_bound, unit),
        ("bound set by the loss", report.loss_bound, unit),
    )
    schemes = tuple(
        joined((f"{row.scheme}: MSE", row.mse, unit), ("over the shot noise", row.over_shot_noise, ""))
        for row in report.rows[:4]
    )
    return (limits, *schemes)
