"""A layout of squeezed light in words, for terminal, notebook and report. Nothing is computed here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from protocols.layout.layout import Section, Step, counted, failure_lines, listed, step_lines
from protocols.layout.squeezed.beam_splitters import Element, TreeLayout, elements_of
from protocols.layout.squeezed.forests import Forest
from protocols.layout.squeezed.robustness import SqueezedRobustness
from protocols.tables import Table, cell


def step(element: Element) -> Step:
    """A beam splitter in words."""
    return Step(
        stage=0,
        edge=element.edge,
        layer=element.layer,
        transmissivity=element.transmissivity,
        label=f"R {element.reflectivity:.3g}",
        words=f"beam splitter with theta {element.theta_rad:.6g} rad, reflectivity {element.reflectivity:.4g}",
    )


def elements_table(roots: Sequence[str], elements: Iterable[tuple[str, Element]]) -> Table:
    """A row for every beam splitter, after the node of its squeezer."""
    return Table(
        title="Squeezed vacuum from " + " and ".join(roots),
        columns=("source", "layer", "from", "to", "theta (rad)", "reflectivity", "link transmissivity"),
        rows=tuple((root, e.layer, *e.edge, e.theta_rad, e.reflectivity, e.transmissivity) for root, e in elements),
    )


def sentences(layout: TreeLayout, drawn: Forest) -> tuple[str, ...]:
    """What the layout that is drawn and written reaches."""
    return (f"Mean squared error {cell(drawn.mse)}, with links without loss {cell(layout.lossless_mse)}.",)


def tree_section(layout: TreeLayout, robustness: SqueezedRobustness | None) -> Section:
    """Where the squeezed light starts, its beam splitters, what the links cost, and what errors and failures do."""
    line = f"MSE {cell(layout.mse)}"
    if layout.mse > layout.lossless_mse * (1 + 1e-12):
        line += f", {layout.mse / layout.lossless_mse:.4g} times that of links without loss; with the split that is best without "
        line += "loss " if layout.is_matched_allowed else "loss and limits of light, which mean_photons_max forbids, "
        line += cell(layout.matched_mse)
    between = [name for name in layout.relays if name != layout.tree.root]
    relays = f", through {listed(between)}" if between else ""
    splitters = f"{counted(len(layout.elements), 'beam splitter')} in {counted(layout.depth, 'layer')}"
    lines = [
        line,
        f"squeezer at node {layout.tree.root}; {splitters}{relays}",
        *step_lines([step(element) for element in layout.elements], "layer"),
        *(_robustness_lines(layout, robustness) if layout.elements and robustness is not None else ()),
    ]
    return Section(title="Along the links, one squeezed vacuum over the best tree", lines=tuple(lines))


def _robustness_lines(layout: TreeLayout, robustness: SqueezedRobustness) -> list[str]:
    """Tolerances of all elements together, and the worst failures of links."""
    angle, phase = (_allowed(x) for x in (robustness.angle_tolerance_rad, robustness.phase_tolerance_rad))
    lines = [
        f"{robustness.factor - 1:.0%} more error: {angle} rad (rms) in every beam-splitter angle, "
        f"or {phase} rad in the phase of every link"
    ]
    # Of larger errors the leading order, which they were drawn for, says nothing.
    is_small = max(robustness.angle_tolerance_rad, robustness.phase_tolerance_rad) <= 1
    if robustness.spread is not None and is_small:
        mean, most = (value / layout.mse for value in (robustness.spread.mean, robustness.spread.quantile_95))
        drawn = f"with 1/sqrt 2 of both at once, {robustness.spread.samples} times at random"
        lines.append(f"{drawn}: {mean:.4g} times the error on average, below {most:.4g} times in 95 %")
    return [*lines, *failure_lines(robustness.failures, layout.mse)]


def _allowed(tolerance_rad: float) -> str:
    """A tolerance to leading order, which says no more of angles above 1 rad."""
    return f"{tolerance_rad:.3g}" if tolerance_rad <= 1 else "more than 1"


def forest_section(forest: Forest) -> Section:
    """The squeezers that were asked for, each with its beam splitters."""
    lines = [f"MSE {cell(forest.mse)}"]
    for source in forest.sources:
        served = listed([name for name, _ in source.shares])
        lines.append(f"{source.mean_photons:.4g} photons squeezed at node {source.tree.root} for {served}")
        lines += step_lines([step(e) for e in elements_of(source.tree, dict(source.shares))], "layer")
    return Section(title=f"With {len(forest.sources)} squeezers, as drawn and written by --out", lines=tuple(lines))
