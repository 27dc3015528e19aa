"""Enumeration, counts and least modes of W-matrix protocols, one core, compiled before the clock starts, and how they grow.

The engine by itself; ``wmatrix_peers.py`` has it beside the solvers that people would reach for.
"""

from __future__ import annotations

import itertools
import math
import random
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from protocols.reports.showing import show
from protocols.tables import Table
from protocols.wmatrix.search.counting import count_protocols
from protocols.wmatrix.search.least import least_modes
from protocols.wmatrix.search.tables import enumerate_tables
from protocols.wmatrix.search.walk import enumerate_batches
from protocols.wmatrix.task import PhotonTask

Row = tuple[object, ...]
Result = TypeVar("Result")


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds of the second of two runs, and its result: the first one compiles."""
    work()
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def walk_all(task: PhotonTask) -> int:
    """Every protocol into numpy arrays."""
    return sum(len(batch) for batch in enumerate_batches(task))


def walk_some(task: PhotonTask) -> int:
    """Some protocols in plain Python."""
    return sum(1 for _ in itertools.islice(enumerate_tables(task), 20_000))


def enumeration() -> Table:
    """Protocols written to numpy arrays, and how much faster than plain Python."""
    rows: list[Row] = []
    for alpha, photons, passes in (([3, 2, 1, -1, -2], 6, 3), ([1, 2, 3, 4, -2, -3], 5, 4)):
        task = PhotonTask.of(alpha, photons, passes)
        seconds, result = timed(partial(walk_all, task))
        plain, listed = timed(partial(walk_some, task))
        rate, slow = result / seconds, listed / plain
        rows.append((str(tuple(alpha)), photons, passes, result, f"{rate:.2g}", f"{slow:.2g}", round(rate / slow)))
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
        task = PhotonTask.of(alpha, photons, passes)
        seconds, result = timed(partial(count_protocols, task))
        rows.append(
            (str(tuple(alpha)), photons, passes, f"{result.unordered:.3e}", round(1e3 * seconds, 1), result.method)
        )
    columns = ("alpha", "N", "M", "unordered", "ms", "method")
    return Table(title="Counts", columns=columns, rows=tuple(rows))


def growth() -> Table:
    """Counts as N, M and d grow, from one middle: the time, the predicted cost, and the method that was chosen."""
    rows: list[Row] = []
    middle = (6, 12, 4)
    for name, values in (("d", (3, 6, 9, 18)), ("N", (12, 24, 48, 96)), ("M", (2, 4, 6, 8))):
        for value in values:
            sensors, photons, passes = (value if key == name else own for key, own in zip("dNM", middle, strict=True))
            # 1, 1, -1, 1, 1, -1, ... scaled so that every N works.
            alpha = [(-1 if j % 3 == 2 else 1) for j in range(sensors)]
            norm = sum(a for a in alpha if a > 0)
            task = PhotonTask.of(alpha, photons * norm // math.gcd(photons, norm), passes)
            seconds, result = timed(partial(count_protocols, task))
            rows.append(
                (
                    name,
                    sensors,
                    task.photons,
                    passes,
                    f"{result.unordered:.2e}",
                    f"{result.cost:.1e}",
                    f"{1e3 * seconds:.3g}",
                )
            )
    columns = ("growing", "d", "N", "M", "unordered", "predicted cost", "ms")
    return Table(title="Growth of counts", columns=columns, rows=tuple(rows))


def least() -> Table:
    """Least modes per pass of ten random problems of each size: how many are proved, how wide the bracket is otherwise."""
    rows: list[Row] = []
    draw = random.Random(5)
    for sensors, photons, passes in (
        (20, 40, 8),
        (50, 100, 20),
        (100, 200, 20),
        (200, 1000, 50),
        (500, 2000, 100),
        (1000, 10_000, 100),
    ):
        for kind in ("positive, 1 ... 9", "mixed, 1 ... 9", "mixed, any"):
            proved, quick, widest, spent = 0, 0, 0, []
            for _ in range(10):
                total = photons * passes
                if kind == "mixed, any":
                    alpha = random_shares(draw, sensors, total)
                else:
                    alpha = random_target(draw, sensors, total, kind.startswith("mixed"))
                task = PhotonTask.of(alpha, photons, passes)
                start = time.perf_counter()
                result = least_modes(task)
                spent.append(time.perf_counter() - start)
                assert result.modes is not None
                proved += result.decided
                quick += result.decided and spent[-1] < 1
                widest = max(widest, result.modes - result.lower_bound)
            rows.append(
                (
                    sensors,
                    photons,
                    passes,
                    kind,
                    f"{proved}/10",
                    f"{quick}/10",
                    widest,
                    round(sorted(spent)[5], 2),
                    round(max(spent), 2),
                )
            )
    columns = ("d", "N", "M", "coefficients", "proved", "within 1 s", "widest bracket", "median s", "longest s")
    return Table(title="Least modes per pass, random coefficients scaled to N M", columns=columns, rows=tuple(rows))


def random_shares(draw: random.Random, sensors: int, total: int) -> list[int]:
    """Mixed signs, each side N M cut at random places; the reference takes one share of the negative side."""
    positive = draw.randint(sensors // 3, 2 * sensors // 3)
    sides = []
    for rows in (positive, sensors - positive + 1):
        cuts = sorted(draw.sample(range(1, total), rows - 1))
        sides.append([b - a for a, b in itertools.pairwise([0, *cuts, total])])
    return [*sides[0], *(-b for b in sides[1][:-1])]


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
    for make in (enumeration, counts, growth, least):
        show(make())


if __name__ == "__main__":
    main()
