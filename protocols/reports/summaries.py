"""Tables and short texts made of results, for the terminal and for reports alike. Nothing is computed here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby

from protocols.conditions import Condition
from protocols.design import Design
from protocols.estimation.simulation import Simulation
from protocols.layout.alternatives import Alternative
from protocols.layout.photon.layouts import PhotonLayouts
from protocols.layout.squeezed.beam_splitters import elements_of
from protocols.layout.squeezed.layouts import SqueezedLayouts
from protocols.loss.report import LossReport
from protocols.tables import Table, cell, with_error
from protocols.theory.bounds import bounds_tables


def run_lengths(values: Sequence[int]) -> str:
    """Repeated numbers, shortened.

    >>> run_lengths([3, 3, 3, 2])
    '3 x3, 2'
    """
    runs = [(value, sum(1 for _ in same)) for value, same in groupby(values)]
    parts = [f"{value} x{times}" if times > 1 else str(value) for value, times in runs]
    return ", ".join(parts[:8]) + (", ..." if len(parts) > 8 else "")


def vector(values: Sequence[object]) -> str:
    """A vector, shortened when long."""
    return "(" + ", ".join(map(str, values[:10])) + (f", ... {len(values) - 10} more" if len(values) > 10 else "") + ")"


def conditions_table(conditions: Sequence[Condition], title: str) -> Table:
    """Conditions with their verdicts."""
    rows = tuple(("yes" if c.holds else "NO", c.name, c.equation, c.witness) for c in conditions)
    return Table(title=title, columns=("holds", "condition", "equation", "witness"), rows=rows)


def design_bounds(found: Design) -> tuple[Table, Table]:
    """The bounds that the network's resources give, and the entanglement rows of its kind of sensing."""
    mses, modes = bounds_tables(found.bounds)
    known = tuple(row for row in mses.rows if row[2] is not None)
    same = tuple(row for row in modes.rows if row[0] == found.network.sensing)
    return (
        Table(title=mses.title, columns=mses.columns, rows=known),
        Table(title=modes.title, columns=modes.columns, rows=same),
    )


def candidates_table(found: Design) -> Table:
    """The ranked candidates."""
    rows = []
    for c in found.candidates:
        passed = sum(condition.holds for condition in c.checks)
        rows.append(
            (
                c.plan.scheme,
                c.mse,
                c.ratio,
                run_lengths(c.plan.modes_per_pass),
                c.plan.controls,
                f"{passed}/{len(c.checks)}",
            )
        )
    return Table(
        title=f"Candidates, best first ({found.chosen.evaluation.engine} engine)",
        columns=("scheme", "MSE", "MSE/bound", "modes per pass", "controls", "checks"),
        rows=tuple(rows),
    )


def alternatives_table(alternatives: Sequence[Alternative]) -> Table:
    """Layouts that no other one looked at is better than in every respect."""
    photons = any(row.switches for row in alternatives)
    return Table(
        title="Layouts to choose from: none is worse than another in every column",
        columns=("layout", "MSE", "elements", "layers", "sources", "entangled", *(("switches",) if photons else ())),
        rows=tuple(
            (a.title, a.mse, a.elements, a.depth, a.sources, a.entangled_modes, *((a.switches,) if photons else ()))
            for a in alternatives
        ),
    )


def elements_table(physical: SqueezedLayouts | PhotonLayouts) -> Table:
    """Every element of the layout: a beam splitter, or photons that cross a link."""
    if isinstance(physical, SqueezedLayouts):
        return Table(
            title="Squeezed vacuum from " + " and ".join(source.tree.root for source in physical.shown.sources),
            columns=("source", "layer", "from", "to", "theta (rad)", "goes on", "link keeps"),
            rows=tuple(
                (source.tree.root, e.layer, *e.edge, e.theta_rad, e.passes_on, e.transmissivity)
                for source in physical.shown.sources
                for e in elements_of(source.tree, dict(source.shares))
            ),
        )
    stages = (physical.best.preparation, *physical.best.controls)
    return Table(
        title=f"Photons from {physical.best.root}",
        columns=("stage", "layer", "from", "to", "photons of A", "photons of B", "link keeps"),
        rows=tuple(
            ("preparation" if stage == 0 else f"switch {stage}", m.layer, *m.edge, *m.photons, m.transmissivity)
            for stage, transport in enumerate(stages)
            for m in transport.moves
        ),
    )


def layout_sentences(physical: SqueezedLayouts | PhotonLayouts) -> list[str]:
    """What the layout reaches, which protocol it is, and whether another one is better."""
    found = []
    if isinstance(physical, SqueezedLayouts):
        mse = physical.shown.mse
        found.append(f"Mean squared error {cell(mse)}, with links without loss {cell(physical.layout.lossless_mse)}.")
    else:
        mse = physical.mse
        uses = zip(physical.best.protocol.columns, physical.best.protocol.repeats, strict=True)
        turns = ", ".join(f"{times} x {vector(column)}" for column, times in uses)
        lossless = cell(physical.best.without_links)
        found.append(f"Mean squared error {cell(mse)}, with links without loss {lossless}; columns in turn: {turns}.")
    return [*found, *better_sentence(physical)]


def better_sentence(physical: SqueezedLayouts | PhotonLayouts) -> list[str]:
    """A warning when another layout in the list has a lower error, or this one is of no use."""
    mse = physical.shown.mse if isinstance(physical, SqueezedLayouts) else physical.mse
    lower = [row for row in physical.alternatives if row.mse < mse * (1 - 1e-9)]
    if lower:
        best = min(lower, key=lambda row: row.mse)
        return [f"With these losses of the links another layout has a lower error: {best.title}, {cell(best.mse)}."]
    return (
        []
        if math.isfinite(mse)
        else ["Next to nothing arrives along these links, so no layout of this kind is of use."]
    )


def loss_table(found: LossReport) -> Table:
    """Every scheme in the lossy network, best first."""
    rows = []
    for row in found.rows:
        place = "-"
        if row.crosses_at is not None:
            place = f"at {row.crosses_at:.4g} of every transmissivity"
        elif row.needs_share is not None:
            place = f"with {row.needs_share:.4g} of the losses in dB"
        rows.append((row.scheme, row.mse, row.over_shot_noise, place, row.note))
    return Table(
        title="Schemes under these losses, best first",
        columns=("scheme", "MSE", "MSE/shot noise", "meets the shot noise", "note"),
        rows=tuple(rows),
    )


def estimates_tables(found: Simulation) -> tuple[Table, Table]:
    """What each scheme and estimator reached in the order they were run, and how far it can be trusted."""
    phase = found.network.sensing == "phase"
    errors, trust = [], []
    for r in found.results:
        t, who = r.tally, (r.scheme, r.estimator)
        floor = ("-" if r.overhead is None else f"{r.overhead:.4g}",) if phase else ()
        ratios = (f"{t.mse / r.bound:.4g}", f"{t.mse / r.probe_bound:.4g}")
        errors.append((*who, with_error(t.mse, t.mse_stderr), *ratios, *floor))
        fringe_errors = ("-" if r.fringe_error_share is None else f"{r.fringe_error_share:.2g}",) if phase else ()
        trust.append(
            (*who, with_error(t.bias, t.bias_stderr), with_error(t.coverage, t.coverage_stderr), *fringe_errors)
        )
    return (
        Table(
            title="Mean squared errors of q",
            columns=("scheme", "estimator", "MSE", "MSE/bound", "MSE/QCRB", *(("RMSE/Heisenberg",) if phase else ())),
            rows=tuple(errors),
        ),
        Table(
            title="How far the estimates can be trusted",
            columns=("scheme", "estimator", "bias", "coverage", *(("fringe errors",) if phase else ())),
            rows=tuple(trust),
        ),
    )


def measured_table(found: LossReport) -> Table:
    """What each measurement keeps of the quantum Fisher information about q."""
    rows = tuple((m.scheme, m.measurement, m.mse, m.share) for m in found.measurements)
    return Table(
        title="What measurements keep of the information about q",
        columns=("scheme", "measurement", "MSE", "classical/quantum"),
        rows=rows,
    )
