"""Enumeration, counts and least modes of W-matrix protocols, one core, compiled before the clock starts.

Integer-programming solvers and lattice-point counters are not in this run yet: the compiled walk is compared with the plain
one, and the other figures stand alone.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from rich.console import Console

from networks import LinearFunction
from protocols.tables import Table, to_rich
from protocols.wmatrix.counting import count_protocols
from protocols.wmatrix.least import least_modes
from protocols.wmatrix.margins import Margins, require_margins
from protocols.wmatrix.tables import enumerate_tables
from protocols.wmatrix.walk import enumerate_batches

Row = tuple[object, ...]
Result = TypeVar("Result")


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds of the second of two runs, and its result: the first one compiles."""
    work()
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def problem(alpha: list[int], photons: int, passes: int) -> Margins:
    """The margins of a function given by integers."""
    return require_margins(LinearFunction(alpha).orient().function, photons, passes)


def walk_all(table: Margins) -> int:
    """Every protocol into numpy arrays."""
    return sum(len(batch) for batch in enumerate_batches(table))


def walk_some(table: Margins) -> int:
    """Some protocols in plain Python."""
    return sum(1 for _ in itertools.islice(enumerate_tables(table), 20_000))


def enumeration() -> Table:
    """Protocols written to numpy arrays, and how much faster than plain Python."""
    rows: list[Row] = []
    for alpha, photons, passes in (([3, 2, 1, -1, -2], 6, 3), ([1, 2, 3, 4, -2, -3], 5, 4)):
        table = problem(alpha, photons, passes)
        seconds, found = timed(partial(walk_all, table))
        plain, listed = timed(partial(walk_some, table))
        rate, slow = found / seconds, listed / plain
        rows.append((str(tuple(alpha)), photons, passes, found, f"{rate:.2g}", f"{slow:.2g}", round(rate / slow)))
    columns = ("alpha", "N", "M", "protocols", "compiled /s", "plain /s", "ratio")
    return Table(title="Enumeration", columns=columns, rows=tuple(rows))


def counts() -> Table:
    """Exact counts."""
    rows: list[Row] = []
    for alpha, photons, passes in (
        ([1, 2, 5, -1, -3, -2], 8, 4),
        ([3, 1, 2, 1, 1, -2, -1, -1, -3, 1], 12, 6),
        ([3, 1, -2], 8, 20),
    ):
        table = problem(alpha, photons, passes)
        seconds, found = timed(partial(count_protocols, table))
        rows.append(
            (str(tuple(alpha)), photons, passes, f"{found.unordered:.3e}", round(1e3 * seconds, 1), found.method)
        )
    columns = ("alpha", "N", "M", "unordered", "ms", "method")
    return Table(title="Counts", columns=columns, rows=tuple(rows))


def least() -> Table:
    """Least modes per pass of ten random problems of each size: how many are proved, how wide the bracket is otherwise."""
    rows: list[Row] = []
    draw = random.Random(5)
    for sensors, photons, passes in ((20, 40, 8), (50, 100, 20), (200, 1000, 50), (1000, 10_000, 100)):
        for mixed in (False, True):
            proved, widest, spent = 0, 0, 0.0
            for _ in range(10):
                function = LinearFunction(random_target(draw, sensors, photons * passes, mixed)).orient().function
                table = require_margins(function, photons, passes)
                start = time.perf_counter()
                found = least_modes(function, table)
                spent += time.perf_counter() - start
                assert found.modes is not None
                proved += found.decided
                widest = max(widest, found.modes - found.lower_bound)
            rows.append(
                (
                    sensors,
                    photons,
                    passes,
                    "mixed" if mixed else "positive",
                    f"{proved}/10",
                    widest,
                    round(spent / 10, 2),
                )
            )
    columns = ("d", "N", "M", "signs", "proved", "widest bracket", "mean s")
    return Table(
        title="Least modes per pass, random coefficients 1 ... 9 scaled to N M", columns=columns, rows=tuple(rows)
    )


def random_target(draw: random.Random, sensors: int, total: int, mixed: bool) -> list[int]:
    """Integer row sums in random proportions: the positive ones sum to N M, the negative ones to less."""
    while True:
        alpha = [draw.randint(1, 9) * (draw.choice((1, -1)) if mixed else 1) for _ in range(sensors)]
        positive = [j for j, a in enumerate(alpha) if a > 0]
        norm = max(sum(a for a in alpha if a > 0), -sum(a for a in alpha if a < 0), 1)
        scaled = [int(a * total / norm) for a in alpha]
        if positive:
            scaled[positive[0]] += total - sum(scaled[j] for j in positive)
            if all(scaled) and -sum(b for b in scaled if b < 0) <= total:
                return scaled


def main() -> None:
    """Print all tables."""
    console = Console()
    for table in (enumeration(), counts(), least()):
        console.print(to_rich([table]))


if __name__ == "__main__":
    main()
