"""The exact caps beside trying every sign vector, beside the eigenvalue relaxation, and how they grow; a large privacy report."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from main_job import squeezed_network

from protocols import privacy_report
from protocols.reports.showing import show
from protocols.tables import Table
from protocols.theory.directions import Directions
from protocols.theory.duality import photonic_cap, qubit_region
from protocols.theory.sign_vectors import sign_vector_cap

T = TypeVar("T")


def directions_of(rank: int, count: int, seed: int = 0) -> Directions:
    """Orthogonal integer directions in groups of four columns (a quaternion's rows)."""
    rng = np.random.default_rng(seed)
    rows: list[list[int]] = [[], [], []]
    for _ in range(count // 4):
        a, b, c, d = (int(x) for x in rng.integers(1, 1000, 4))
        for row, part in zip(rows, ([a, b, c, d], [b, -a, d, -c], [c, -d, -a, b]), strict=True):
            row += part
    return Directions.of(rows[:rank])


def by_brute_force(directions: Directions) -> float:
    """All 2^(N-1) sign vectors, in blocks of 2^16 by numpy."""
    count = directions.parameters
    units = np.array(directions.units())
    best = 0.0
    low = 1 - 2 * ((np.arange(2 ** min(16, count - 1))[:, None] >> np.arange(min(16, count - 1))) & 1)
    for high in itertools.product((1, -1), repeat=max(0, count - 1 - 16)):
        head = units[:, len(low[0]) : len(low[0]) + len(high)] @ np.array(high) if high else 0.0
        sums = low @ units[:, : len(low[0])].T + head + units[:, -1]
        best = max(best, float((sums**2).sum(axis=1).max()))
    return best


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """The result and the seconds it took."""
    start = time.perf_counter()
    result = work()
    return result, time.perf_counter() - start


def main() -> None:
    """Print the tables."""
    rows: list[tuple[object, ...]] = []
    for rank, count in ((2, 12), (2, 16), (2, 20), (3, 12), (3, 16), (3, 20)):
        directions = directions_of(rank, count)
        exact, ours = timed(lambda: sign_vector_cap(directions))  # noqa: B023  # called at once
        brute, theirs = timed(lambda: by_brute_force(directions))  # noqa: B023  # called at once
        assert abs(float(exact.cap) - brute) < 1e-9 * brute
        gap = count / float(exact.cap) - 1
        rows.append((rank, count, float(f"{1e3 * ours:.3g}"), float(f"{theirs / ours:.3g}"), f"{gap:.1%}"))
    columns: tuple[str, ...] = ("directions", "N", "ms", "2^N brute force/ours", "relaxation (N) above the cap")
    show(Table(title="Exact caps beside brute force", columns=columns, rows=tuple(rows)))
    rows = []
    for rank, count in ((2, 100), (2, 1000), (2, 10_000), (3, 100), (3, 300)):
        directions = directions_of(rank, count)
        exact, seconds = timed(lambda: sign_vector_cap(directions))  # noqa: B023  # called at once
        rows.append((rank, count, float(f"{seconds:.3g}"), f"{count / float(exact.cap) - 1:.1%}"))
    columns = ("directions", "N", "s", "relaxation (N) above the cap")
    show(Table(title="Exact caps of many sensors", columns=columns, rows=tuple(rows)))
    rows = []
    directions = directions_of(2, 10_000)
    works: tuple[tuple[str, Callable[[], object]], ...] = (
        ("region of 10^4 qubits, all corners", lambda: qubit_region(directions)),
        ("photonic cap of 10^4 sensors", lambda: photonic_cap(directions, 5)),
        ("privacy report, d = 200 lossy squeezed", lambda: privacy_report(squeezed_network(200))),
    )
    for what, work in works:
        rows.append((what, float(f"{timed(work)[1]:.3g}")))
    show(Table(title="The rest", columns=("work", "s"), rows=tuple(rows)))


if __name__ == "__main__":
    main()
