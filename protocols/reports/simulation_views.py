"""Simulated estimates in words: of q, of a function that is not linear, of several functions. Nothing is computed here."""

from __future__ import annotations

import math
from collections.abc import Sequence

from networks import Bench
from protocols.estimation.analytic import FunctionSimulation
from protocols.estimation.several import TargetsSimulation
from protocols.estimation.simulation import Simulation
from protocols.problem import GaussianProblem, PhaseProblem, Problem
from protocols.reports.rendering import joined
from protocols.reports.summaries import estimates_tables, function_sentence, mse_unit, vector
from protocols.reports.view import Gap, Line, View
from protocols.tables import Table, cell, with_error

MAX_RESULTS = 5
"""Schemes and estimators in a repr."""


def simulation_view(result: Simulation) -> View:
    """Every scheme and estimator beside the bounds, and what the columns mean."""
    first = result.first
    theta = "new in every trial" if isinstance(first.theta, str) else vector([f"{t:.4g}" for t in first.theta])
    trials = (
        f"{first.tally.trials:,} trials of {first.resources.shots} shots, seed {result.seed}, {result.engine} engine"
    )
    unit = mse_unit(result.network)
    summary = tuple(
        joined(
            (f"{r.scheme}, {r.estimator}: MSE", r.mse, unit),
            ("bound", r.bound, unit),
            ("ratio", None if r.bound is None else r.mse / r.bound, ""),
        )
        for r in result.results[:MAX_RESULTS]
    )
    return View(
        title=str(result.network),
        parts=(
            Line(f"{function_sentence(result.network)}; theta {theta}"),
            Line(trials),
            Gap(),
            *estimates_tables(result),
            *map(Line, _explanations(result)),
            *(Line(f"not applicable: {who} ({reason})", "note") for reason, who in _missing(result).items()),
        ),
        summary=(trials, *summary),
    )


def _missing(result: Simulation) -> dict[str, str]:
    """Schemes, and schemes with estimators, that are not applicable, by the reason."""
    of: dict[str, list[str]] = {}
    for one in result.unavailable:
        of.setdefault(one.reason, []).append(one.scheme)
    return {reason: "; ".join(schemes) for reason, schemes in of.items()}


def _bound_words(result: Simulation) -> str:
    """Which bound the errors are divided by."""
    if isinstance(Problem.of(result.network), GaussianProblem):
        return "of pure Gaussian light of the mean photon number (docs/theory/theory.md, section 2)"
    return "(12), or the exact (15),"


def _probe_bound_words(result: Simulation) -> str:
    """What the errors are divided by: with detectors that add noise it is no property of the light alone."""
    if isinstance(Problem.of(result.network), GaussianProblem):
        return "quantum Cramer-Rao bound of this light as it arrives, in front of the detectors"
    quiet = Bench()
    noise = ("dark_counts", "visibility", "electronic_noise", "phase_jitter_rad")
    benches = Problem.of(result.network).benches
    if all(getattr(bench, name) == getattr(quiet, name) for bench in benches for name in noise):
        return "quantum Cramer-Rao bound of this probe with its losses"
    return (
        "Cramer-Rao bound of this probe with its losses and the noise of its detectors (visibility, phase jitter, dark counts, "
        "electronic noise); the quantum bound of the light alone may be lower"
    )


def _explanations(result: Simulation) -> Sequence[str]:
    lines = [
        f"MSE/bound: relative to the bound {_bound_words(result)} for all light of the shots asked for, used or not; "
        f"MSE/QCRB: relative to the {_probe_bound_words(result)};"
    ]
    problem = Problem.of(result.network)
    if isinstance(problem, GaussianProblem):
        lines.append("fringe errors: share of the trials with a phase, or an outcome, beyond its half fringe;")
    if isinstance(problem, PhaseProblem):
        lines += [
            "RMSE/Heisenberg: n RMSE/(pi ||alpha||_P) for n photon passes used, relative to the asymptote for large n of what one "
            "coherent run of them can reach when nothing is known of the phase;",
            "fringe errors: share of the trials that took one fringe for another;",
        ]
    lines.append("coverage: share of the trials whose 95 % interval held the true q.")
    lines += _floors(result)
    lines += _unused(result)
    for row in result.results:
        if row.guaranteed_mse is not None and row.published_bound is not None:
            lines.append(
                f"{row.scheme}, {row.estimator}: below {cell(row.guaranteed_mse)} at any phase (pi/3 criterion, exact sums); "
                f"as published, (10.7 pi ||alpha||_P/n)^2 = {cell(row.published_bound)}, whose pi/2 criterion does not suffice"
            )
    known = {note for row in result.results for note in row.notes}
    periods = sorted({row.period for row in result.results if row.period is not None}, reverse=True)
    if periods:
        multiples = " or ".join(f"{period / math.pi:.6g} pi" for period in periods)
        lines.append(f"q is determined only modulo {multiples}; errors are taken modulo it.")
    return [*lines, *(f"note: {note}" for note in sorted(known))]


def _floors(result: Simulation) -> list[str]:
    """Holevo variances beside the least that so many photon passes allow, where the phase is not known beforehand."""
    seen = [
        f"{row.scheme}, {row.estimator}: {cell(row.holevo_variance)} (least {cell(row.floor)})"
        for row in result.results
        if row.floor is not None and row.holevo_variance is not None
    ]
    if not seen:
        return []
    what = "Holevo variance (the least on average over all phases, for the same photon passes in one coherent run)"
    return [f"{what}: {'; '.join(seen)}"]


def _unused(result: Simulation) -> list[str]:
    """What estimators leave of the light that was asked for, in photons, or in photon passes where they take fewer passes."""
    seen = []
    for row in result.results:
        use = row.resources
        if use.photon_passes_unused:
            total = use.photon_passes + use.photon_passes_unused
            seen.append(f"{row.scheme}, {row.estimator} {use.photon_passes_unused:,} of {total:,}")
    return [f"photon passes asked for and not used: {'; '.join(seen)}"] if seen else []


def function_simulation_view(result: FunctionSimulation) -> View:
    """The estimate of a function that is not linear in two steps, beside individual estimates."""
    theta = vector([f"{t:.4g}" for t in result.theta])
    slope = vector([f"{g:.4g}" for g in result.gradient])
    phase = isinstance(Problem.of(result.network), PhaseProblem)
    rows = tuple(
        (
            estimator,
            with_error(tally.mse, tally.mse_stderr),
            f"{tally.mse / result.bound:.4g}",
            with_error(tally.bias, tally.bias_stderr),
            with_error(tally.coverage, tally.coverage_stderr),
            f"{tally.fringe_errors / tally.trials:.2g}" if phase and tally is result.tally else "-",
        )
        for estimator, tally in (
            ("two steps: pilot stage, then the linearised protocol", result.tally),
            ("individual (plug-in) estimates", result.plug_in),
        )
    )
    columns = ("estimator", "MSE", "MSE/bound", "bias", "coverage", "fringe errors")
    title = f"{result.tally.trials:,} trials of {result.shots} shots, {result.rough_shots} of them for the pilot stage"
    bound = (
        f"bound {cell(result.bound)}: of the linear function along the gradient, for all shots; what the gradient leaves "
        f"out after the pilot stage is about {result.second_order:.2g}, its square {result.second_order**2:.2g}"
    )
    return View(
        title=str(result.network),
        parts=(
            Line(f"f = {result.function} = {result.value:.6g} at theta {theta}, gradient {slope}"),
            Table(title=title, columns=columns, rows=rows),
            Line(bound),
            *(Line(f"note: {note}", "note") for note in result.notes),
        ),
        summary=(
            f"f = {result.function}, {title}",
            joined(
                ("two steps: MSE", result.tally.mse, ""),
                ("bound", result.bound, ""),
                ("individual estimates: MSE", result.plug_in.mse, ""),
            ),
        ),
    )


def targets_simulation_view(result: TargetsSimulation) -> View:
    """Several functions from one joint probe, beside taking turns."""
    rows = tuple(
        (str(f), w, with_error(j.mse, j.mse_stderr), bound / result.shots, with_error(t.mse, t.mse_stderr), n)
        for f, w, j, t, n, bound in result.by_function
    )
    columns = ("alpha", "weight", "joint MSE", "joint, theory", "MSE in turns", "shots of its turn")
    title = f"{result.joint[0].trials:,} trials"
    sums = (
        f"weighted sums: joint probe {cell(result.joint_mse)} (theory {cell(result.joint_bound)}), "
        f"in turns {cell(result.turns_mse)} (theory {cell(result.turns_bound)})"
    )
    about = f"{len(result.functions)} functions at once, {result.shots} shots"
    return View(
        title=str(result.network),
        parts=(
            Line(about),
            Table(title=title, columns=columns, rows=rows),
            Line(sums),
            *(Line(f"note: {note}", "note") for note in result.notes),
        ),
        summary=(f"{about}, {title}", sums),
    )
