"""The light along the links as people read it on a terminal. Nothing is computed here."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from protocols.layout.photon.layout import PhotonLayout
from protocols.layout.photon.layouts import PhotonLayouts
from protocols.layout.photon.routes import Transport
from protocols.layout.squeezed.beam_splitters import Element, TreeLayout, elements_of
from protocols.layout.squeezed.forests import Forest
from protocols.layout.squeezed.layouts import SqueezedLayouts
from protocols.layout.squeezed.robustness import LinkFailure, Robustness
from protocols.reports.summaries import alternatives_table, better_sentence, vector
from protocols.tables import cell, to_rich

MAX_SHOWN = 12
"""Elements or crossings written out; --json and --out have all."""


def show_physical(console: Console, found: SqueezedLayouts | PhotonLayouts) -> None:
    """The layout, what errors and failures do to it, and the alternatives when there is a choice."""
    if isinstance(found, PhotonLayouts):
        _show_photons(console, found)
    else:
        _show_layout(console, found.layout)
        if found.layout.elements:
            _show_robustness(console, found.layout, found.robustness)
        if len(found.shown.sources) > 1:
            _show_forest(console, found.shown)
    for sentence in better_sentence(found):
        console.print(Text(f"{sentence}\n", style="bold"))
    if len(found.alternatives) > 1:
        console.print(to_rich([alternatives_table(found.alternatives)]))


def _show_forest(console: Console, forest: Forest) -> None:
    """The squeezers that were asked for, each with its beam splitters."""
    console.print(Text(f"With {len(forest.sources)} squeezers, as drawn and written by --out", style="bold"))
    console.print(Text(f"  MSE {cell(forest.mse)}"))
    for source in forest.sources:
        served = vector([name for name, _ in source.shares])
        console.print(Text(f"  {source.mean_photons:.4g} photons in {source.tree.root} for {served}"))
        _show_elements(console, elements_of(source.tree, dict(source.shares)))
    console.print(Text())


def _show_elements(console: Console, elements: Sequence[Element]) -> None:
    for e in elements[:MAX_SHOWN]:
        link = "" if e.transmissivity == 1 else f", the link keeps {e.transmissivity:.4g}"
        share = f"theta {e.theta_rad:.6g} rad, {e.passes_on:.4g} goes on{link}"
        console.print(Text(f"  layer {e.layer}: {e.edge[0]} - {e.edge[1]}, {share}"))
    if len(elements) > MAX_SHOWN:
        console.print(Text(f"  ... {len(elements) - MAX_SHOWN} more; see --json"))


def _show_photons(console: Console, found: PhotonLayouts) -> None:
    """Where the state is made, what crosses which link when, and what the links cost."""
    layout = found.best
    console.print(Text("Along the links, photons from one source", style="bold"))
    line = f"  MSE {cell(layout.mse)}"
    if layout.mse > layout.without_links * (1 + 1e-12):
        line += f", {layout.mse / layout.without_links:.4g} times that of links without loss"
    console.print(Text(line))
    switches = layout.protocol.switches
    console.print(
        Text(
            f"  made in {layout.root}; {layout.crossings} crossings of links in {layout.depth} layers, "
            f"{switches} {'switch' if switches == 1 else 'switches'}"
        )
    )
    uses = zip(layout.protocol.columns, layout.protocol.repeats, strict=True)
    console.print(Text("  columns in turn: " + ", ".join(f"{times} x {vector(column)}" for column, times in uses)))
    if layout.weights[0] != 0.5:
        console.print(Text(f"  branch weights {layout.weights[0]:.6g} and {layout.weights[1]:.6g}"))
    _show_crossings(console, "prepare", layout.preparation)
    for number, control in enumerate(layout.controls, 1):
        _show_crossings(console, f"switch {number}", control)
    console.print(Text(f"  {_joined(layout, found)}"))
    if found.robustness is not None and found.robustness.links and math.isfinite(layout.mse):
        allowed = f"{found.robustness.phase_tolerance_rad:.3g} rad (rms) in the phase of every crossing"
        console.print(Text(f"  {found.robustness.factor - 1:.0%} more error: {allowed}"))
        _show_failures(console, found.robustness.failures, layout.mse)
    console.print()


def _joined(layout: PhotonLayout, found: PhotonLayouts) -> str:
    if layout.joined:
        verdict = "in every pass links join the modes that hold photons"
    elif found.joined_exists is False:
        verdict = (
            "no optimal protocol has its modes joined by links in every pass: light passes sensors it does not use"
        )
    else:
        verdict = "undecided whether links can join the modes of every pass: light passes sensors it does not use"
    return verdict + ("" if found.complete else "; the search was cut, so there may be better protocols")


def _show_crossings(console: Console, what: str, transport: Transport) -> None:
    for move in transport.moves[:MAX_SHOWN]:
        first, second = move.photons
        link = "" if move.transmissivity == 1 else f", the link keeps {move.transmissivity:.4g}"
        photons = " and ".join(f"{n} of branch {name}" for n, name in ((first, "A"), (second, "B")) if n)
        console.print(Text(f"  {what}, layer {move.layer}: {move.edge[0]} - {move.edge[1]}, {photons}{link}"))
    if len(transport.moves) > MAX_SHOWN:
        console.print(Text(f"  ... {len(transport.moves) - MAX_SHOWN} more; see --json"))


def _show_layout(console: Console, layout: TreeLayout) -> None:
    """Where the squeezed light starts, its beam splitters layer by layer, and what the links cost."""
    console.print(Text("Along the links, one squeezed vacuum over the best tree", style="bold"))
    line = f"  MSE {cell(layout.mse)}"
    if layout.mse > layout.lossless_mse * (1 + 1e-12):
        line += (
            f", {layout.mse / layout.lossless_mse:.4g} times that of links without loss; with the split that is best "
        )
        line += f"without loss {cell(layout.matched_mse)}"
    console.print(Text(line))
    between = [name for name in layout.relays if name != layout.tree.root]
    relays = f", through {vector(between)}" if between else ""
    splitters = f"{len(layout.elements)} beam splitters in {layout.depth} layers"
    console.print(Text(f"  source in {layout.tree.root}, {splitters}{relays}"))
    _show_elements(console, layout.elements)
    if not layout.elements:
        console.print(Text())


def _show_robustness(console: Console, layout: TreeLayout, found: Robustness) -> None:
    """Tolerances of all elements together, and the worst failures of links."""
    console.print(
        Text(
            f"  {found.factor - 1:.0%} more error: {found.angle_tolerance_rad:.3g} rad (rms) in every beam-splitter angle, or "
            f"{found.phase_tolerance_rad:.3g} rad in the phase of every link"
        )
    )
    if found.spread is not None:
        mean, most = (value / layout.mse for value in (found.spread.mean, found.spread.quantile_95))
        drawn = f"with 1/sqrt 2 of both at once, {found.spread.samples} times at random"
        console.print(Text(f"  {drawn}: {mean:.4g} times the error on average, below {most:.4g} times in 95 %"))
    _show_failures(console, found.failures, layout.mse)
    console.print(Text())


def _show_failures(console: Console, failures: Sequence[LinkFailure] | None, mse: float) -> None:
    """Links that sensors hang on, and the worst of the others."""
    if not failures:
        return
    cut = [" - ".join(f.edge) for f in failures if math.isinf(f.mse)]
    rest = max((f for f in failures if math.isfinite(f.mse)), key=lambda f: f.mse, default=None)
    words = [f"cuts sensors off ({vector(cut)[1:-1]})"] if cut else []
    if rest is not None:
        words.append(f"costs {rest.mse / mse:.4g} times the error at most ({' - '.join(rest.edge)})")
    console.print(Text(f"  failure of one link {' or '.join(words)}"))
