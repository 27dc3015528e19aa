"""Simulated estimates in words: of q, of a function that is not linear, of several functions. Nothing is computed here."""

from __future__ import annotations

import math
from collections.abc import Sequence

from networks import Bench
from protocols.estimation.analytic import FunctionSimulation
from protocols.estimation.several import TargetsSimulation
from protocols.estimation.simulation import Estimated, Simulation
from protocols.layout.layout import counted
from protocols.problem import GaussianProblem, PhaseProblem, Problem
from protocols.reports.rendering import joined
from protocols.reports.summaries import estimates_tables, function_sentence, mse_unit, unknown_phase_table, vector
from protocols.reports.view import ROOT_UNITS, Gap, Line, View
from protocols.tables import Table, cell, with_error

MAX_RESULTS = 5
"""Schemes and estimators in a repr."""
BEYOND_CHANCE = 4
"""Standard errors below the Cramer-Rao bound from which on an error is said to be below it for a reason."""
BELOW = " (less than 1 by chance, or by what is known of q beforehand)"


def simulation_view(result: Simulation) -> View:
    """Every scheme and estimator beside the bounds, and what the columns mean."""
    first = result.first
    theta = "new in every trial" if isinstance(first.theta, str) else vector([f"{t:.4g}" for t in first.theta])
    # Whole stages may leave a few of those asked for.
    shots = max(one.resources.shots for one in result.results)
    tried = f"{counted(first.tally.trials, 'trial')} of {counted(shots, 'shot')}"
    trials = f"{tried}, seed {result.seed}, {result.engine} engine"
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
            Line(_smallest(result), "strong"),
            Gap(),
            *estimates_tables(result),
            *((unknown,) if (unknown := unknown_phase_table(result)) is not None else ()),
            *map(Line, _explanations(result)),
            *(Line(f"not applicable: {who} ({reason})", "note") for reason, who in _missing(result).items()),
        ),
        summary=(trials, *summary),
    )


def _smallest(result: Simulation) -> str:
    """What people read first: how accurately q is estimated, with and without knowing its fringe beforehand."""
    rows = [row for row in result.results if math.isfinite(row.mse)]
    if not rows:
        return "No estimate has a finite mean squared error."
    best = min(rows, key=lambda row: row.mse)
    unit = ROOT_UNITS[result.network.sensing]
    text = f"Smallest root mean squared error of q after {counted(best.resources.shots, 'shot')}: {_rmse(best, unit)}"
    if isinstance(Problem.of(result.network), PhaseProblem) and best.fringe_error_share is None:
        text += ", where the phase is known to within a fringe beforehand"
        if blind := [row for row in rows if row.fringe_error_share is not None]:
            text += f"; where nothing is known of it, {_rmse(min(blind, key=lambda row: row.mse), unit)}"
    return f"{text}."


def _rmse(row: Estimated, unit: str) -> str:
    """A root mean squared error with its standard error and what it is relative to."""
    root = math.sqrt(row.mse)
    error = row.tally.mse_stderr / (2 * root) if root else 0.0
    over = math.sqrt(row.mse / row.probe_bound) if row.probe_bound else math.inf
    of_what = f", {over:.3g} times the root of the Cramer-Rao bound of this light" if math.isfinite(over) else ""
    # Also of a single trial, whose standard error is not known.
    if over < 1 and not over + BEYOND_CHANCE * error / math.sqrt(row.probe_bound) >= 1:
        of_what += BELOW
    return f"{with_error(root, error)} {unit} by {row.scheme} with {row.estimator}{of_what}"


def _multiple_of_pi(period: float) -> str:
    """A period in words.

    >>> _multiple_of_pi(math.pi), _multiple_of_pi(math.tau)
    ('pi', '2 pi')
    """
    number = f"{period / math.pi:.6g}"
    return "pi" if number == "1" else f"{number} pi"


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
    return "(12)" if isinstance(Problem.of(result.network), PhaseProblem) else "(15) in its exact form"


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
        f"MSE/bound: relative to the bound {_bound_words(result)} for all light of the shots asked for, used or not.",
        f"MSE/QCRB: relative to the {_probe_bound_words(result)}.",
    ]
    problem = Problem.of(result.network)
    if isinstance(problem, GaussianProblem):
        lines.append("fringe errors: share of the trials with a phase, or an outcome, beyond its half fringe.")
    if isinstance(problem, PhaseProblem):
        lines += [
            "RMSE/Heisenberg: n RMSE/(pi ||alpha||_P) for n photon passes used, relative to the asymptote for large n of what one "
            "coherent run of them can reach when nothing is known of the phase.",
            "fringe errors: share of the trials that took one fringe for another.",
        ]
    lines.append("coverage: share of the trials whose 95 % interval held the true q.")
    if any(row.floor is not None for row in result.results):
        lines.append(
            "least possible: the least Holevo variance, on average over all phases, from the same photon passes in one "
            "coherent run."
        )
    if any(row.guaranteed_mse is not None for row in result.results):
        lines.append(
            "MSE at any phase below: guaranteed by the pi/3 criterion and exact sums; as published: (10.7 pi ||alpha||_P/n)^2, "
            "whose pi/2 criterion does not suffice."
        )
    known = {note for row in result.results for note in row.notes}
    periods = sorted({row.period for row in result.results if row.period is not None}, reverse=True)
    if periods:
        multiples = " or ".join(_multiple_of_pi(period) for period in periods)
        lines.append(f"q is determined only modulo {multiples}; errors are taken modulo it.")
    return [*lines, *(f"note: {note}" for note in sorted(known))]


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
