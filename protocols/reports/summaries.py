"""Tables and short texts made of results, for the terminal and for reports alike. Nothing is computed here."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from networks import SensorNetwork
from protocols.conditions import Condition, Switch
from protocols.design import Design
from protocols.estimation.simulation import Simulation
from protocols.layout.layout import Layouts, listed
from protocols.loss.report import LossReport
from protocols.problem import PhaseProblem, Problem
from protocols.reports.view import UNITS, Verdict
from protocols.tables import Table, with_error
from protocols.theory.bounds import MODES_TITLE, bounds_tables
from protocols.theory.equal_errors import same_error


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
    return f"({listed(values)})"


def function_sentence(network: SensorNetwork) -> str:
    """What is measured, as a sentence without its end."""
    return f"q = alpha . theta, alpha = {vector(network.function.alpha)}"


def mse_unit(network: SensorNetwork) -> str:
    """The unit of a mean squared error of q."""
    return UNITS[network.sensing]


def verdicts(conditions: Sequence[Condition]) -> list[Verdict]:
    """Conditions one below the other, each with its witness."""
    return [Verdict(c.holds, f"{c.name}, {c.equation}: {c.witness}") for c in conditions]


def controls_sentence(count: int, switches: Sequence[Switch]) -> str:
    """How many controls there are, and which are mere permutations of modes."""
    if not switches:
        return str(count)
    passive = [s for s in switches if s.passive]
    if len(passive) == len(switches):
        return f"{count}, {'a mode permutation' if count == 1 else 'all mode permutations'} (passive)"
    if not passive:
        return f"{count}, {'not' if count == 1 else 'none'} passive (photon numbers of modes change)"
    after = ", ".join(str(s.after_pass) for s in passive[:8]) + (", ..." if len(passive) > 8 else "")
    return f"{count}, of them {len(passive)} mode permutations (passive), after pass {after}"


def conditions_table(conditions: Sequence[Condition], title: str) -> Table:
    """Conditions with their verdicts."""
    rows = tuple(("yes" if c.holds else "NO", c.name, c.equation, c.witness) for c in conditions)
    return Table(title=title, columns=("holds", "condition", "equation", "witness"), rows=rows)


def design_bounds(result: Design) -> tuple[Table, ...]:
    """The bounds that the network's resources give, and the entanglement rows and trade-off of its kind of light."""
    mses, modes, tradeoff = bounds_tables(result.bounds)
    other = "displacement" if result.network.sensing == "phase" else "phase"
    known = tuple(row for row in mses.rows if row[2] is not None and row[0] != other)
    same = tuple(row for row in modes.rows if row[0] == result.network.sensing)
    # Of phases these rows are about probes of exactly N photons.
    has_modes = result.network.sensing == "displacement" or result.network.photons is not None
    return (
        Table(title=f"Without loss: {mses.title[0].lower()}{mses.title[1:]}", columns=mses.columns, rows=known),
        *((Table(title=MODES_TITLE, columns=modes.columns, rows=same),) if has_modes else ()),
        *((tradeoff,) if result.network.sensing == "displacement" else ()),
    )


def candidates_table(result: Design) -> Table:
    """The ranked candidates, each as it is built."""
    unit = mse_unit(result.network)
    lossy = any(not same_error(c.mse, c.built.ideal_mse) for c in result.candidates)
    rows = [
        (
            c.plan.scheme,
            c.mse,
            *((c.built.ideal_mse,) if lossy else ()),
            c.ratio,
            c.plan.modes_between_sites,
            run_lengths(c.plan.modes_per_pass),
            c.plan.controls,
        )
        for c in result.candidates
    ]
    ideal = ("ideal",) if lossy else ()
    return Table(
        title=f"Candidates as built, best first; MSE in {unit} a shot ({result.chosen.evaluation.engine} engine)",
        columns=("scheme", "MSE", *ideal, "MSE/bound", "entangled between sites", "modes per pass", "controls"),
        rows=tuple(rows),
    )


def alternatives_table(physical: Layouts) -> Table:
    """Layouts that no other one looked at is better than in every respect."""
    rows = physical.alternatives
    switched = any(row.switches for row in rows)
    extra = ("mode switches",) if switched else ()
    layers = f"{physical.layer_noun}s"
    return Table(
        title="Layouts to choose from: none is worse than another in every column",
        columns=("layout", "MSE", f"{physical.step_noun}s", layers, "sources", "entangled modes", *extra),
        rows=tuple(
            (a.title, a.mse, a.elements, a.depth, a.sources, a.entangled_modes, *((a.switches,) if switched else ()))
            for a in rows
        ),
    )


def layout_sentences(physical: Layouts) -> list[str]:
    """What the layout reaches, and whether another one is better."""
    warning = physical.warning()
    return [*physical.sentences(), *([] if warning is None else [warning])]


def loss_table(result: LossReport) -> Table:
    """Every scheme in the lossy network, best first."""
    rows = []
    for row in result.rows:
        place = "-"
        if row.crosses_at is not None:
            place = f"every transmissivity multiplied by {row.crosses_at:.4g}"
        elif row.needs_share is not None:
            place = f"every loss in dB multiplied by {row.needs_share:.4g}"
        rows.append((row.scheme, row.mse, row.over_shot_noise, place, row.note))
    return Table(
        title=f"Schemes under these losses, best first; MSE in {mse_unit(result.network)} a shot",
        columns=("scheme", "MSE", "MSE/shot noise", "equals the shot noise with", "note"),
        rows=tuple(rows),
    )


def estimates_tables(result: Simulation) -> tuple[Table, Table]:
    """What each scheme and estimator reached in the order they were run, and how far it can be trusted."""
    problem = Problem.of(result.network)
    phase, has_fringes = isinstance(problem, PhaseProblem), problem.sensing == "phase"
    errors, trust = [], []
    for r in result.results:
        t, who = r.tally, (r.scheme, r.estimator)
        asymptote = ("-" if r.overhead is None else f"{r.overhead:.4g}",) if phase else ()
        ratios = ("-" if r.bound is None else f"{t.mse / r.bound:.4g}", f"{t.mse / r.probe_bound:.4g}")
        errors.append((*who, with_error(t.mse, t.mse_stderr), *ratios, *asymptote))
        fringe_errors = ("-" if r.fringe_error_share is None else f"{r.fringe_error_share:.2g}",) if has_fringes else ()
        use = r.resources
        passes = (f"{use.photon_passes:,g} of {use.photon_passes + use.photon_passes_unused:,g}",) if phase else ()
        trust.append(
            (
                *who,
                with_error(t.bias, t.bias_stderr),
                with_error(t.coverage, t.coverage_stderr),
                *fringe_errors,
                *passes,
            )
        )
    return (
        Table(
            title=f"Mean squared errors of q in {mse_unit(result.network)}, after all shots",
            columns=("scheme", "estimator", "MSE", "MSE/bound", "MSE/QCRB", *(("RMSE/Heisenberg",) if phase else ())),
            rows=tuple(errors),
        ),
        Table(
            title="How far the estimates can be trusted",
            columns=(
                *("scheme", "estimator", "bias", "coverage"),
                *(("fringe errors",) if has_fringes else ()),
                *(("photon passes used",) if phase else ()),
            ),
            rows=tuple(trust),
        ),
    )


def unknown_phase_table(result: Simulation) -> Table | None:
    """Estimates that need no prior knowledge of the phase, beside the least possible and what is guaranteed; None without any."""
    rows = tuple(
        (r.scheme, r.estimator, r.holevo_variance, r.floor, r.guaranteed_mse, r.published_bound)
        for r in result.results
        if r.floor is not None or r.guaranteed_mse is not None
    )
    if not rows:
        return None
    return Table(
        title=f"Where nothing is known of the phase beforehand, in {mse_unit(result.network)}",
        columns=("scheme", "estimator", "Holevo variance", "least possible", "MSE at any phase below", "as published"),
        rows=rows,
    )


def measured_table(result: LossReport) -> Table:
    """The error from each measurement, and classical over quantum Fisher information about q."""
    rows = tuple((m.scheme, m.measurement, m.mse, m.share) for m in result.measurements)
    return Table(
        title=f"Measurements: classical over quantum Fisher information about q; MSE in {mse_unit(result.network)} a shot",
        columns=("scheme", "measurement", "MSE", "classical/quantum"),
        rows=rows,
    )
