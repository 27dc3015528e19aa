"""A design in words: network, bounds, candidates, the light along the links, conditions. Nothing is computed here."""

from __future__ import annotations

from collections.abc import Sequence

from networks.drawing import draw_network
from photonics import Sense
from protocols.design import Design
from protocols.layout.layout import Layouts, counted, listed
from protocols.layout.photon.layouts import PhotonLayouts
from protocols.layout.squeezed.layouts import SqueezedLayouts
from protocols.layout.strings.layouts import StringLayouts
from protocols.preparation.recipe import Preparation
from protocols.problem import PhaseProblem, Problem
from protocols.ranking.candidates import Candidate
from protocols.ranking.other_light import OtherLight
from protocols.reports.bounds_figure import draw_comparison
from protocols.reports.layout_figures import draw_layers, draw_layout
from protocols.reports.rendering import joined
from protocols.reports.summaries import (
    alternatives_table,
    candidates_table,
    conditions_table,
    controls_sentence,
    design_bounds,
    function_sentence,
    layout_sentences,
    mse_unit,
    verdicts,
)
from protocols.reports.view import UNITS, Gap, Heading, Item, Line, Part, Picture, View
from protocols.schemes.plan import Plan
from protocols.tables import Table, cell
from protocols.theory.equal_errors import same_error

_LIGHT = {SqueezedLayouts: UNITS["displacement"], PhotonLayouts: UNITS["phase"], StringLayouts: UNITS["phase"]}
"""Units of the errors of our own layouts."""
HARDWARE = "psn hardware candidates says which of these schemes run on an X-series device or a photon processor, with which error"
"""Where to go on: making their programs takes longer than most designs."""
MAX_PROBES = 12
"""Probes written out on a terminal."""
MAX_PROBES_IN_REPORT = 50
"""Probes written out in report.md; design.json has all."""


def design_view(design: Design, *, checks: bool = False) -> View:
    """The verdict, the recipe of the chosen scheme, the candidates as built, the layout, and the bounds without loss.

    Parameters
    ----------
    design : Design
    checks : bool
        Whether the conditions of the chosen scheme are listed; those that fail always are.
    """
    chosen = design.chosen
    plan = chosen.plan
    parts: list[Part] = [
        Line(function_sentence(design.network)),
        Gap(),
        Line(design.verdict.sentence, "strong"),
        Gap(),
        Line(f"Build {plan.scheme}: {plan.title}; {design.why}.", "strong"),
        *_recipe(design),
        candidates_table(design),
        *(Line(f"not applicable: {missing.scheme} ({missing.reason})", "note") for missing in design.unavailable),
        *_other_light(design),
        Gap(),
    ]
    if design.physical is not None:
        parts += layout_parts(design.physical, _noise_sentence(design))
    parts += design_bounds(design)
    if checks:
        parts += [Heading(f"Conditions of {plan.scheme}"), *verdicts(chosen.checks)]
    parts += [
        Line(f"WARNING: {candidate.plan.scheme} fails a check: {condition.name}, {condition.witness}", "warning")
        for candidate in design.candidates
        for condition in candidate.failed
    ]
    notes = (*plan.notes, *design.notes, *(() if checks else (_checked(design),)), HARDWARE)
    parts += [Line(f"note: {note}", "note") for note in notes]
    return View(title=str(design.network), parts=tuple(parts), summary=_summary(design))


def _checked(design: Design) -> str:
    """How many conditions were checked, and where they are listed."""
    held = [condition.holds for candidate in design.candidates for condition in candidate.checks]
    return f"{sum(held)} of {len(held)} conditions of all candidates hold; --checks lists those of {design.chosen.plan.scheme}"


def _recipe(design: Design) -> list[Part]:
    """The error as built beside that without losses and limits, and what has to be set up."""
    chosen, unit = design.chosen, mse_unit(design.network)
    without = (
        ""
        if same_error(chosen.mse, chosen.built.ideal_mse)
        else f"; {chosen.built.ideal_mse:.6g} {unit} without losses and limits"
    )
    where, site_of = chosen.built.starts_at, Problem.of(design.network).site_of
    # Of a sensor with two arms, not of the arm that the light enters.
    nodes = None if where is None else list(dict.fromkeys(site_of.get(name, name) for name in where))
    at = [] if nodes is None else [Item(f"light starts at: {listed(nodes)}")]
    needs = Item(f"needs: {'; '.join(chosen.needs)}")
    return [
        Item(f"mean squared error {chosen.mse:.6g} {unit} a shot as built{without}"),
        needs,
        *at,
        *_light(chosen),
        Gap(),
    ]


def _other_light(design: Design) -> list[Part]:
    """Light of the kind whose budget is not ranked, in a table of its own."""
    rows = [
        (one.scheme, one.mse, one.modes_entangled, one.light)
        if isinstance(one, OtherLight)
        else (one.plan.scheme, one.mse, one.plan.modes_between_sites, f"{one.plan.mean_photons:g} photons on average")
        for one in design.other_light
    ]
    if not rows:
        return []
    return [
        Gap(),
        Table(
            title=f"Other light, another budget of photons: not ranked with these; MSE in {mse_unit(design.network)} a shot",
            columns=("scheme", "MSE", "entangled between sites", "photons in a shot"),
            rows=tuple(rows),
        ),
    ]


def _summary(design: Design) -> tuple[str, ...]:
    unit = mse_unit(design.network)
    return (
        design.verdict.sentence,
        f"chosen: {design.chosen.plan.scheme}, {_numbers(design.chosen, unit)}",
        design.why,
    )


def _numbers(candidate: Candidate, unit: str) -> str:
    return joined(("MSE", candidate.mse, unit), ("bound", candidate.bound, unit), ("ratio", candidate.ratio, ""))


def _unit(plan: Plan) -> str:
    """The unit of its errors, by what its light senses."""
    sensed = {op.generator for part in plan.parts for op in part.circuit.operations if isinstance(op, Sense)}
    return UNITS["phase" if "number" in sensed else "displacement"]


def _chosen(candidate: Candidate) -> list[Part]:
    return [Line(f"MSE {candidate.mse:.10g} = {candidate.plan.formula}"), *_light(candidate), Gap()]


def _light(candidate: Candidate) -> list[Part]:
    """Light, how it can be made, controls and measurement."""
    plan = candidate.plan
    parts: list[Part] = [Item(f"light: {probe}") for probe in plan.probes[:MAX_PROBES]]
    if len(plan.probes) > MAX_PROBES:
        parts.append(Item(f"... {len(plan.probes) - MAX_PROBES} more; see --json or --out"))
    parts += made_items(candidate.made)
    if plan.controls:
        parts.append(Item(f"controls between passes: {controls_sentence(plan.controls, plan.switches)}"))
    return [*parts, Item(f"measurement: {plan.measurement}")]


def made_items(made: Sequence[Preparation]) -> list[Part]:
    """How the light can be made: a sentence for each kind of source, and what to know about it."""
    items: list[Part] = []
    for one in made:
        error = "" if one.mse_per_attempt is None else f"; MSE per attempt {one.mse_per_attempt:.6g}"
        items.append(Item(f"made from {one.words}{error}"))
        items += [Item(f"  {note}") for note in one.notes]
    return items


def candidate_view(candidate: Candidate) -> View:
    """One scheme: its error beside the bound, its light, and its conditions."""
    plan = candidate.plan
    unit = _unit(plan)
    return View(
        title=f"{plan.scheme}, {plan.title}",
        parts=(
            Line(_numbers(candidate, unit)),
            *_chosen(candidate),
            Heading(f"Conditions of {plan.scheme}"),
            *verdicts(candidate.checks),
            *(Line(f"note: {note}", "note") for note in plan.notes),
        ),
        summary=(
            _numbers(candidate, unit),
            f"{len(candidate.checks) - len(candidate.failed)}/{len(candidate.checks)} conditions hold",
        ),
    )


def layouts_view(layouts: Layouts) -> View:
    """The layout along the links, what errors and failures do to it, and the alternatives."""
    where = ", ".join(layouts.roots[:8])
    return View(
        title=f"Light along the links, prepared at {where}",
        parts=tuple(layout_parts(layouts, None)),
        summary=(
            joined(("MSE", layouts.drawn_mse, _LIGHT.get(type(layouts), ""))),
            f"{layouts.size}; {counted(len(layouts.alternatives), 'alternative')}",
        ),
        titled=False,
    )


def layout_parts(layouts: Layouts, noise: str | None) -> list[Part]:
    """The layout, what errors and failures do to it, what its errors leave out, and the alternatives when there is a choice."""
    parts: list[Part] = []
    for section in layouts.sections():
        parts += [Heading(section.title), *map(Item, section.lines), Gap()]
    if noise is not None:
        parts += [Line(noise), Gap()]
    warning = layouts.warning()
    if warning is not None:
        parts += [Line(warning, "strong"), Gap()]
    if len(layouts.alternatives) > 1:
        parts.append(alternatives_table(layouts))
    return parts


def _noise_sentence(design: Design) -> str | None:
    """What the errors of layouts leave out, where that is something: losses alone decide between layouts of photons."""
    problem = Problem.of(design.network)
    if not isinstance(problem, PhaseProblem) or not problem.has_noisy_detectors:
        return None
    return (
        "Errors of layouts have all losses and the efficiencies of detectors in them, but not visibility, phase jitter and dark "
        f"counts; with these the error is {cell(design.chosen.mse)}, as built."
    )


def report_view(design: Design, circuit: str, *, width_cm: float | None = None) -> View:
    """The whole design, for the page that ``--out`` writes beside its pictures; ``circuit`` says where the circuit is."""
    network, chosen, plan = design.network, design.chosen, design.chosen.plan
    more = len(plan.probes) - MAX_PROBES_IN_REPORT
    parts: list[Part] = [
        Line(f"{network}. Target {function_sentence(network)}."),
        Line(design.verdict.sentence, "strong"),
        Picture("network.png", "network", lambda: draw_network(design.network, width_cm=width_cm).figure),
        Heading(f"Build {plan.scheme}"),
        Line(f"{plan.title}; {design.why}."),
        Item(f"mean squared error in one shot, as built: {chosen.mse:.12g} = {plan.formula}"),
        Item(f"ideal, without losses and limits: {chosen.built.ideal_mse:.12g}"),
        Item(f"needs: {'; '.join(chosen.needs)}"),
        Item(
            f"quantum limit of the light that arrives ({chosen.evaluation.engine} engine): {chosen.evaluation.mse:.12g}"
        ),
        *(Item(f"light: {probe}") for probe in plan.probes[:MAX_PROBES_IN_REPORT]),
        *([Item(f"light: {more} more, see design.json")] if more > 0 else []),
        *made_items(chosen.made),
        Item(f"controls between passes: {controls_sentence(plan.controls, plan.switches)}"),
        Item(f"measurement: {plan.measurement}"),
        *(Item(f"note: {note}") for note in (*plan.notes, *design.notes)),
        Heading("Candidates"),
        candidates_table(design),
        *(Item(f"not applicable: {u.scheme} ({u.reason})") for u in design.unavailable),
        Heading("Bounds"),
        *design_bounds(design),
        Picture(
            "bounds.png", "mean squared errors and bounds", lambda: draw_comparison(design, width_cm=width_cm).figure
        ),
        *(conditions_table(c.checks, f"Conditions of {c.plan.scheme}") for c in design.candidates),
        *_along_links(design, circuit, width_cm),
        Line(
            "Equation numbers are those of Bringewatt, Ehrenberg, Goel and Gorshkov, arXiv:2401.16472; where a published "
            "statement fails, the corrected one is used and the published value stands beside it."
        ),
    ]
    return View(title=f"Design of {network.name}", parts=tuple(parts), summary=_summary(design))


def _along_links(design: Design, circuit: str, width_cm: float | None) -> list[Part]:
    layouts, mse = design.physical, design.chosen.mse
    if layouts is None:
        return [Heading("Circuits"), Line(circuit)]
    network = design.network
    noise = _noise_sentence(design)
    return [
        Heading("Along the links"),
        *map(Line, layout_sentences(layouts)),
        *([] if noise is None else [Line(noise)]),
        Picture(
            "layout.png", "light on the graph", lambda: draw_layout(network, layouts, mse=mse, width_cm=width_cm).figure
        ),
        Picture("layers.png", "layers", lambda: draw_layers(network, layouts, mse=mse, width_cm=width_cm).figure),
        layouts.steps_table(),
        *([alternatives_table(layouts)] if len(layouts.alternatives) > 1 else []),
        Line(circuit),
    ]
