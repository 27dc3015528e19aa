"""Simulated estimates as people read them on a terminal: of q, of a function that is not linear, of several functions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from protocols.problem import PhaseProblem, Problem
from protocols.reports.summaries import estimates_tables, vector
from protocols.tables import Table, cell, to_rich, with_error

if TYPE_CHECKING:
    from rich.console import Console

    from networks import SensorNetwork
    from protocols.estimation.analytic import FunctionSimulation
    from protocols.estimation.several import TargetsSimulation
    from protocols.estimation.simulation import Simulation


def _head(console: Console, network: SensorNetwork, about_it: str) -> None:
    console.print(Text(str(network), style="bold"))
    console.print(Text(about_it))


def show_simulation(console: Console, result: Simulation) -> None:
    """Every scheme and estimator beside the bounds, and what the columns mean."""
    network, first = result.network, result.first
    alpha = vector([str(a) for a in network.function.alpha])
    theta = "new in every trial" if isinstance(first.theta, str) else vector([f"{t:.4g}" for t in first.theta])
    _head(console, network, f"q = alpha . theta, alpha = {alpha}; theta {theta}")
    trials = (
        f"{first.tally.trials:,} trials of {first.resources.shots} shots, seed {result.seed}, {result.engine} engine"
    )
    console.print(Text(f"{trials}\n"))
    console.print(to_rich(estimates_tables(result)))
    for line in _explanations(result):
        console.print(Text(line))
    for missing in result.unavailable:
        console.print(Text(f"not applicable: {missing.scheme} ({missing.reason})", style="dim"))


def _explanations(result: Simulation) -> Sequence[str]:
    lines = [
        "MSE/bound: relative to the bound (12), or the exact (15), for all these shots; "
        "MSE/QCRB: relative to the quantum Cramer-Rao bound of this probe with its losses;"
    ]
    if isinstance(Problem.of(result.network), PhaseProblem):
        lines += [
            "RMSE/Heisenberg: n RMSE/(pi ||alpha||_P), relative to the Heisenberg limit of an unknown phase "
            "for many photon passes n;",
            "fringe errors: share of the trials that took one fringe for another;",
        ]
    lines.append("coverage: share of the trials whose 95 % interval held the true q.")
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


def show_function_simulation(console: Console, result: FunctionSimulation) -> None:
    """The estimate of a function that is not linear in two steps, beside individual estimates."""
    theta = vector([f"{t:.4g}" for t in result.theta])
    slope = vector([f"{g:.4g}" for g in result.gradient])
    _head(console, result.network, f"f = {result.function} = {result.value:.6g} at theta {theta}, gradient {slope}")
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
    console.print(to_rich([Table(title=title, columns=columns, rows=rows)]))
    console.print(
        Text(
            f"bound {cell(result.bound)}: of the linear function along the gradient, for all shots; what the gradient leaves "
            f"out after the pilot stage is about {result.second_order:.2g}, its square {result.second_order**2:.2g}"
        )
    )
    for note in result.notes:
        console.print(Text(f"note: {note}", style="dim"))


def show_targets_simulation(console: Console, result: TargetsSimulation) -> None:
    """Several functions from one joint probe, beside taking turns."""
    _head(console, result.network, f"{len(result.functions)} functions at once, {result.shots} shots")
    rows = tuple(
        (str(f), w, with_error(j.mse, j.mse_stderr), bound / result.shots, with_error(t.mse, t.mse_stderr), n)
        for f, w, j, t, n, bound in zip(
            result.functions,
            result.weights,
            result.joint,
            result.turns,
            result.turn_shots,
            result.theory.errors,
            strict=True,
        )
    )
    columns = ("alpha", "weight", "joint MSE", "joint, theory", "MSE in turns", "shots of its turn")
    title = f"{result.joint[0].trials:,} trials"
    console.print(to_rich([Table(title=title, columns=columns, rows=rows)]))
    console.print(
        Text(
            f"weighted sums: joint probe {cell(result.joint_mse)} (theory {cell(result.joint_bound)}), "
            f"in turns {cell(result.turns_mse)} (theory {cell(result.turns_bound)})"
        )
    )
