"""Tables and short texts made of results, for the terminal and for reports alike. Nothing is computed here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby

from protocols.check import Condition
from protocols.designing import Design
from protocols.estimation.simulation import Simulation
from protocols.loss_comparison import LossReport
from protocols.tables import Table, bounds_tables


def run_lengths(values: Sequence[int]) -> str:
    """Repeated numbers, shortened.

    >>> run_lengths([3, 3, 3, 2])
    '3 x3, 2'
    """
    runs = [(value, sum(1 for _ in same)) for value, same in groupby(values)]
    parts = [f"{value} x{times}" if times > 1 else str(value) for value, times in runs]
    return ", ".join(parts[:8]) + (", ..." if len(parts) > 8 else "")


def with_error(value: float, stderr: float) -> str:
    """A value with the uncertainty of its last two digits in brackets.

    >>> with_error(0.0052312, 0.000078), with_error(1234.5, 67.0), with_error(-0.0001, 0.02)
    ('0.005231(78)', '1234(67)', '-0.000(20)')
    >>> with_error(1.5e-9, 2e-11), with_error(0.5, math.nan)
    ('1.500(20)e-09', '0.5')
    """
    if not (math.isfinite(stderr) and stderr > 0):
        return f"{value:.4g}"
    size = max(abs(value), stderr)
    exponent = math.floor(math.log10(size)) if not 1e-4 <= size < 1e7 else 0
    digits = max(0, 1 - math.floor(math.log10(stderr / 10**exponent)))
    shown = round(stderr / 10**exponent * 10**digits)
    return f"{value / 10**exponent:.{digits}f}({shown})" + (f"e{exponent:+03d}" if exponent else "")


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


def estimates_table(found: Simulation) -> Table:
    """What each scheme and estimator reached, in the order they were run."""
    phase = found.network.sensing == "phase"
    rows = []
    for r in found.results:
        t = r.tally
        row = [r.scheme, r.estimator, with_error(t.mse, t.mse_stderr), f"{t.mse / r.bound:.4g}"]
        row += [f"{t.mse / r.probe_bound:.4g}"]
        if phase:
            row += ["-" if r.overhead is None else f"{r.overhead:.4g}", f"{t.mistaken / t.trials:.2g}"]
        rows.append((*row, with_error(t.bias, t.bias_stderr), with_error(t.coverage, t.coverage_stderr)))
    fringe = ("over floor", "mistaken") if phase else ()
    return Table(
        title="Mean squared errors of q",
        columns=("scheme", "estimator", "MSE", "/bound", "/of probes", *fringe, "bias", "95 % held"),
        rows=tuple(rows),
    )


def measured_table(found: LossReport) -> Table:
    """What each measurement keeps of the quantum Fisher information about q."""
    rows = tuple((m.scheme, m.measurement, m.mse, m.share) for m in found.measurements)
    return Table(
        title="What measurements keep of the information about q",
        columns=("scheme", "measurement", "MSE", "classical/quantum"),
        rows=rows,
    )
