"""What loss does, in words: schemes beside the shot noise, the best probes, measurements. Nothing is computed here."""

from __future__ import annotations

from protocols.loss.report import LossReport
from protocols.reports.rendering import joined
from protocols.reports.summaries import function_sentence, loss_table, measured_table, mse_unit, vector
from protocols.reports.view import Gap, Item, Line, Part, View
from protocols.tables import cell

MAX_PROBES = 8
"""Probes of the best mix written out; --json has all."""


def loss_view(report: LossReport) -> View:
    """The schemes beside the shot noise and the bounds, the best probes, and their measurements."""
    bound = "" if not report.loss_bound else f"; set by the loss, for any N photons: {cell(report.loss_bound)}"
    paid, free = "", []
    if report.free_reference_shot_noise is not None:
        paid = " (reference paid for)" if report.needs_reference else ""
        free = [Line(f"shot noise with a free reference at every sensor {cell(report.free_reference_shot_noise)}")]
    parts: list[Part] = [
        Line(function_sentence(report.network)),
        Gap(),
        Line(f"shot noise {cell(report.shot_noise)}{paid}; bound without loss {cell(report.lossless_bound)}{bound}"),
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
