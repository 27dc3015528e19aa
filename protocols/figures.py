"""Figures of a design. The only matplotlib in ``protocols``."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from protocols.designing import Design

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_comparison(found: Design) -> Figure:
    """The mean squared error of every candidate beside the bounds, on a logarithmic scale."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogFormatterSciNotation

    sensing = found.network.sensing
    bars = [(f"{c.plan.scheme}", c.mse, "#3b6ea5") for c in found.candidates]
    limits = [
        (f"bound, {probes} probes {found.bounds.row(sensing, probes).equation}", found.bounds.row(sensing, probes).mse, "#b5651d")
        for probes in ("separable", "entangled")
    ]
    drawn = [(label, value, colour) for label, value, colour in (*limits, *bars) if value is not None]
    figure = Figure(figsize=(7.0, 1.2 + 0.45 * len(drawn)), layout="constrained")
    axes = figure.add_subplot()
    places = range(len(drawn))
    axes.barh(list(places), [value for _, value, _ in drawn], color=[colour for _, _, colour in drawn], height=0.6)
    axes.set_yticks(list(places), [label for label, _, _ in drawn], fontsize=9)
    axes.invert_yaxis()
    axes.set_xscale("log")
    values = [value for _, value, _ in drawn]
    axes.set_xlim(min(values) / 2, max(values) * 4)
    axes.xaxis.set_major_formatter(LogFormatterSciNotation())
    axes.xaxis.set_minor_formatter("")
    for place, (_, value, _) in zip(places, drawn, strict=True):
        axes.text(value * 1.05, place, f"{value:.4g}", va="center", fontsize=8)
    axes.set_xlabel("mean squared error of q in one shot (lower is better)")
    axes.set_title(str(found.network), fontsize=9)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure


def png(figure: Figure) -> bytes:
    """A figure as PNG bytes."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=150)
    return stream.getvalue()
