"""The W-matrix engine beside the solvers people would reach for, in the same run: OR-tools CP-SAT, HiGHS, Normaliz.

The peers get the better model: the two compact tables of ``PhotonTask.margins`` instead of all columns of W, the sides of
a count as separate polytopes whose counts are multiplied, and for enumeration columns in lexicographic order. Everybody gets one
thread and the same time limit; imports and compilation are done before the clock starts. LattE is not in any package registry
that the project reaches, and is left out.
"""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

import numpy as np
from wmatrix import random_target

from protocols.reports.showing import show
from protocols.tables import Table
from protocols.wmatrix.margins import Margins
from protocols.wmatrix.search.counting import count_protocols
from protocols.wmatrix.search.least import least_modes
from protocols.wmatrix.search.sparse_tables import corner_tables
from protocols.wmatrix.search.tables import enumerate_tables
from protocols.wmatrix.search.walk import enumerate_batches, visit_all
from protocols.wmatrix.task import PhotonTask

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Seconds, the result, and how it ended."""

    seconds: float
    result: Any
    status: str

    def __str__(self) -> str:
        return f"{self.seconds:.3g} s, {self.status}"


def clock(work: Callable[[], object], *, times: int = 3) -> Outcome:
    """The best of a few runs after one that compiles."""
    result = work()
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
        if best > 1:
            break
    return Outcome(best, result, "done")


def apart(work: Callable[..., Outcome], *given: object) -> Outcome:
    """The same in a process of its own: OR-tools brings a build of HiGHS that another one cannot stand beside."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, given)


# --- the compact model --------------------------------------------------------------------------------------


def cells(table: Margins) -> list[tuple[int, int, int]]:
    """(row, pass, most) of every cell, rows of both sides one after another."""
    sums = (*table.left, *table.right)
    return [(row, c, min(b, table.photons)) for row, b in enumerate(sums) for c in range(table.passes)]


def cp_sat_model(table: Margins) -> tuple[Any, dict[tuple[int, int], Any]]:
    """Both tables as integer variables with their row and column sums."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    x = {(row, c): model.new_int_var(0, most, f"x{row}_{c}") for row, c, most in cells(table)}
    for row, b in enumerate((*table.left, *table.right)):
        model.add(sum(x[row, c] for c in range(table.passes)) == b)
    turn = len(table.left)
    for c in range(table.passes):
        for rows in (range(turn), range(turn, table.rows)):
            model.add(sum(x[row, c] for row in rows) == table.photons)
    return model, x


def cp_sat_enumeration(table: Margins, limit: float) -> Outcome:
    """Every unordered protocol by CP-SAT: neighbouring columns in lexicographic order, compared as numbers where they fit."""
    from ortools.sat.python import cp_model

    model, x = cp_sat_model(table)
    base = table.photons + 1
    for c in range(table.passes - 1):
        # Column c is lexicographically at least column c + 1: digits of numbers in base N + 1.
        weight = [base ** (table.rows - 1 - row) for row in range(table.rows)]
        model.add(
            sum(w * x[row, c] for row, w in enumerate(weight)) >= sum(w * x[row, c + 1] for row, w in enumerate(weight))
        )

    class Counter(cp_model.CpSolverSolutionCallback):  # type: ignore[misc]  # a class of an untyped peer
        def __init__(self) -> None:
            super().__init__()
            self.count = 0

        def on_solution_callback(self) -> None:
            self.count += 1

    solver, counter = cp_model.CpSolver(), Counter()
    solver.parameters.enumerate_all_solutions = True
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = limit
    start = time.perf_counter()
    status = solver.solve(model, counter)
    return Outcome(
        time.perf_counter() - start, counter.count, "done" if status == cp_model.OPTIMAL else f"limit of {limit:.0f} s"
    )


def cp_sat_least(table: Margins, limit: float) -> Outcome:
    """The least k by CP-SAT, with columns ordered by their number of modes."""
    from ortools.sat.python import cp_model

    model, x = cp_sat_model(table)
    y = {key: model.new_bool_var(f"y{key}") for key in x}
    for row, c, most in cells(table):
        model.add(x[row, c] <= most * y[row, c])
    k = model.new_int_var(2, table.rows, "k")
    widths = [sum(y[row, c] for row in range(table.rows)) for c in range(table.passes)]
    for c, width in enumerate(widths):
        model.add(width <= k)
        if c:
            model.add(width <= widths[c - 1])
    model.minimize(k)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = limit
    start = time.perf_counter()
    status = solver.solve(model)
    seconds = time.perf_counter() - start
    if status == cp_model.OPTIMAL:
        return Outcome(seconds, int(solver.objective_value), "proved")
    result = int(solver.objective_value) if status == cp_model.FEASIBLE else None
    return Outcome(
        seconds, result, f"k <= {result}, >= {int(solver.best_objective_bound)}" if result else "no protocol found"
    )


def highs(table: Margins, limit: float, least: bool) -> Outcome:
    """Existence of a protocol, or the least k, by HiGHS on the compact tables."""
    import highspy
    from scipy.sparse import csr_array

    places = cells(table)
    n, passes = len(places), table.passes
    index = {(row, c): k for k, (row, c, _) in enumerate(places)}
    turn = len(table.left)
    entries: list[tuple[int, int, float]] = []
    low: list[float] = []
    high: list[float] = []

    def constrain(terms: list[tuple[int, float]], least_sum: float, most_sum: float) -> None:
        entries.extend((len(low), column, value) for column, value in terms)
        low.append(least_sum)
        high.append(most_sum)

    for row, b in enumerate((*table.left, *table.right)):
        constrain([(index[row, c], 1.0) for c in range(passes)], b, b)
    for c in range(passes):
        for rows in (range(turn), range(turn, table.rows)):
            constrain([(index[row, c], 1.0) for row in rows], table.photons, table.photons)
    variables = n
    upper = [float(most) for _, _, most in places]
    if least:
        for k, (_, _, most) in enumerate(places):
            constrain([(k, 1.0), (n + k, -float(most))], -highspy.kHighsInf, 0.0)
        for c in range(passes):
            terms = [(n + index[row, c], 1.0) for row in range(table.rows)]
            constrain([*terms, (2 * n, -1.0)], -highspy.kHighsInf, 0.0)
        variables = 2 * n + 1
        upper += [1.0] * n + [float(table.rows)]
    rows_, columns_, values_ = zip(*entries, strict=True)
    matrix = csr_array((values_, (rows_, columns_)), shape=(len(low), variables))
    model = highspy.HighsModel()
    lp = model.lp_
    lp.num_col_, lp.num_row_ = variables, len(low)
    lp.col_cost_ = np.array([0.0] * (variables - 1) + [1.0 if least else 0.0])
    lp.col_lower_, lp.col_upper_ = np.zeros(variables), np.array(upper)
    lp.row_lower_, lp.row_upper_ = np.array(low), np.array(high)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    lp.integrality_ = [highspy.HighsVarType.kInteger] * variables
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("time_limit", limit)
    solver.passModel(model)
    start = time.perf_counter()
    solver.run()
    seconds = time.perf_counter() - start
    status, info = solver.getModelStatus(), solver.getInfo()
    if status == highspy.HighsModelStatus.kOptimal:
        return Outcome(seconds, round(info.objective_function_value), "proved" if least else "done")
    if info.primal_solution_status == 2:
        value = round(info.objective_function_value)
        return Outcome(seconds, value, f"k <= {value}, >= {int(np.ceil(info.mip_dual_bound - 1e-6))}")
    return Outcome(seconds, None, "no protocol found")


# --- counts ---------------------------------------------------------------------------------------------------


def normaliz_count(table: Margins, limit: float) -> Outcome:
    """Tables of each side by Normaliz, in a process of its own so that it can be stopped."""
    program = (
        "import json,sys,time;import PyNormaliz\n"
        "sides,photons,passes=json.load(sys.stdin);t=time.perf_counter();n=1\n"
        "for rows in sides:\n"
        "  R=len(rows);v=R*passes;eq=[]\n"
        "  for r,b in enumerate(rows): eq.append([int(k//passes==r) for k in range(v)]+[-b])\n"
        "  for c in range(passes): eq.append([int(k%passes==c) for k in range(v)]+[-photons])\n"
        "  pos=[[int(k==j) for k in range(v)]+[0] for j in range(v)]\n"
        "  cone=PyNormaliz.Cone(inhom_equations=eq,inhom_inequalities=pos)\n"
        "  n*=cone.NumberLatticePoints()\n"
        "print(n,time.perf_counter()-t)\n"
    )
    given = json.dumps([[list(table.left), list(table.right)], table.photons, table.passes])
    try:
        out = subprocess.run(
            [sys.executable, "-c", program],
            input=given,
            capture_output=True,
            text=True,
            timeout=limit,
            check=True,
            env={"OMP_NUM_THREADS": "1"},
        ).stdout.split()
    except subprocess.TimeoutExpired:
        return Outcome(limit, None, f"limit of {limit:.0f} s")
    except subprocess.CalledProcessError as error:
        return Outcome(float("nan"), None, f"failed: {error.stderr.strip().splitlines()[-1][:60]}")
    return Outcome(float(out[1]), int(out[0]), "done")


# --- tables ---------------------------------------------------------------------------------------------------


def enumeration(limit: float) -> Table:
    """Protocols a second, and how many times those of CP-SAT."""
    rows: list[Row] = []
    for alpha, photons, passes in (([3, 2, 1, -1, -2], 6, 3), ([1, 2, 3, 4, -2, -3], 5, 4)):
        task = PhotonTask.of(alpha, photons, passes)
        written = clock(partial(lambda t: sum(len(b) for b in enumerate_batches(t, batch=10_000)), task))
        visited = clock(partial(visit_all, task))
        plain = clock(partial(lambda t: sum(1 for _ in itertools.islice(enumerate_tables(t), 50_000)), task), times=1)
        peer = apart(cp_sat_enumeration, task.margins, limit)
        assert written.result == visited.result
        if peer.status == "done":
            assert peer.result == written.result
        rates = [written.result / written.seconds, written.result / visited.seconds, plain.result / plain.seconds]
        slow = peer.result / peer.seconds
        rows.append(
            (
                str(tuple(alpha)),
                photons,
                passes,
                written.result,
                *(f"{rate:.2g}" for rate in rates),
                f"{slow:.2g} ({peer.status})",
                *(round(rate / slow) for rate in (rates[0], rates[2])),
            )
        )
    columns = (
        "alpha", "N", "M", "protocols", "written /s", "visited /s", "plain /s", "CP-SAT /s", "written ratio", "plain ratio"
    )  # fmt: skip
    return Table(title="Enumeration", columns=columns, rows=tuple(rows))


def counts(limit: float) -> Table:
    """Ordered counts, and how many times faster than the lattice-point counter."""
    rows: list[Row] = []
    for alpha, photons, passes in (
        ([1, 1], 2, 2),
        ([3, 2, 1, -1, -2], 6, 3),
        ([1, 2, 5, -1, -3, -2], 8, 4),
        ([3, 1, 2, 1, 1, -2, -1, -1, -3, 1], 12, 6),
    ):
        task = PhotonTask.of(alpha, photons, passes)
        ours = clock(partial(count_protocols, task))
        ordered = ours.result.ordered
        peer = normaliz_count(task.margins, limit)
        assert peer.result in (None, ordered), "the counts differ"
        ratio = f"{peer.seconds / ours.seconds:.0f}" + ("" if peer.status == "done" else " or more")
        rows.append(
            (str(tuple(alpha)), photons, passes, f"{ordered:.4g}", f"{1e3 * ours.seconds:.3g}", str(peer), ratio)
        )
    columns = ("alpha", "N", "M", "ordered", "ours ms", "Normaliz", "ratio")
    return Table(title="Ordered counts", columns=columns, rows=tuple(rows))


def three_partition(passes: int, photons: int, draw: Random) -> list[int]:
    """3 M coefficients between N/4 and N/2 that are made of M triples with sum N, shuffled."""
    out: list[int] = []
    while len(out) < 3 * passes:
        a, b = (draw.randint(photons // 4 + 1, photons // 2 - 1) for _ in range(2))
        if photons // 4 < photons - a - b < photons // 2:
            out += [a, b, photons - a - b]
    draw.shuffle(out)
    return out


def growing_tasks() -> list[tuple[str, PhotonTask]]:
    """Tasks from the smallest to d = 1000."""
    draw = Random(2)
    tasks = [
        ("(1,1)", PhotonTask.of([1, 1], 2, 2)),
        ("(1,2,5,-1,-3,-2)", PhotonTask.of([1, 2, 5, -1, -3, -2], 8, 4)),
        ("(3,1,2,1,1,-2,-1,-1,-3,1)", PhotonTask.of([3, 1, 2, 1, 1, -2, -1, -1, -3, 1], 12, 6)),
    ]
    for sensors, photons, passes in ((50, 100, 20), (1000, 10_000, 100)):
        for mixed in (False, True):
            alpha = random_target(draw, sensors, photons * passes, mixed)
            name = f"{sensors} random, {'mixed' if mixed else 'positive'}"
            tasks.append((name, PhotonTask.of(alpha, photons, passes)))
    tasks.append(("3-partition, 30 rows", PhotonTask.of(three_partition(10, 1000, draw), 1000, 10)))
    tasks.append(("3-partition, 60 rows", PhotonTask.of(three_partition(20, 10_000, draw), 10_000, 20)))
    return tasks


def existence(limit: float) -> Table:
    """A protocol, by its occupied cells, from the north-west corner rule, beside HiGHS on the compact tables."""
    rows: list[Row] = []
    for name, task in growing_tasks():
        ours = clock(partial(corner_tables, task.margins))
        peer = apart(highs, task.margins, limit, False)
        ratio = f"{peer.seconds / ours.seconds:.0f}" + ("" if peer.status == "done" else " or more")
        rows.append((name, task.photons, task.passes, f"{1e3 * ours.seconds:.3g}", str(peer), ratio))
    columns = ("alpha", "N", "M", "ours ms", "HiGHS", "ratio")
    return Table(title="Existence with a protocol", columns=columns, rows=tuple(rows))


def least(limit: float) -> Table:
    """The least number of modes a pass, with its proof."""
    rows: list[Row] = []
    for name, task in growing_tasks():
        ours = clock(partial(least_modes, task), times=1)
        result = ours.result
        status = "proved" if result.decided else f">= {result.lower_bound}"
        peers = [apart(highs, task.margins, limit, True), apart(cp_sat_least, task.margins, limit)]
        for peer in peers:
            if peer.status == "proved" and status == "proved":
                assert peer.result == result.modes
        rows.append(
            (
                name,
                task.photons,
                task.passes,
                f"{result.modes} ({status})",
                f"{1e3 * ours.seconds:.3g}",
                *(f"{p.result}: {p}" for p in peers),
            )
        )
    columns = ("alpha", "N", "M", "k", "ours ms", "HiGHS", "CP-SAT")
    return Table(title="Least modes in a pass", columns=columns, rows=tuple(rows))


def main() -> None:
    """Print the tables that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for every question to a peer")
    parser.add_argument("tables", nargs="*", default=["enumeration", "counts", "existence", "least"])
    options = parser.parse_args()
    # Whatever is imported late is imported before the first clock.
    count_protocols(PhotonTask.of([1, 1], 2, 2))
    for name in options.tables:
        show(globals()[name](options.limit))


if __name__ == "__main__":
    main()
