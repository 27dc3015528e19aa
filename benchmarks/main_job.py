"""How the main job grows with the number of sensors, and what it costs beside peers in the same run.

Every size runs in a process of its own, so that its peak memory is its own; times are wall clock, imports not included.
"""

from __future__ import annotations

import json
import math
import resource
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

from networks import SensorNetwork
from photonics import Circuit, Loss, PrepareFock, Sense, branch_state, get_engine, qfi_matrix, split_squeezed_vacuum
from protocols import design
from protocols.problem import Problem
from protocols.reports.showing import show
from protocols.schemes import Plan, find_scheme
from protocols.schemes.evaluation import evaluate
from protocols.tables import Table


def phase_network(sensors: int) -> SensorNetwork:
    """Coefficients -2 ... 4 in turn and about a million photons, as many as (34) allows."""
    alpha = [(j % 7) - 2 for j in range(sensors)]
    norm = sum(a for a in alpha if a > 0)
    return SensorNetwork.star(alpha, sensing="phase", photons=norm * (10**6 // norm))


def squeezed_network(sensors: int) -> SensorNetwork:
    """Coefficients of both signs, transmissivities from 0.5 to 0.82."""
    alpha = [((7 * j) % 11) - 4 or 1 for j in range(sensors)]
    eta = [0.5 + 0.08 * (j % 5) for j in range(sensors)]
    return SensorNetwork.star(alpha, sensing="displacement", mean_photons=50.0, transmissivity=eta)


def one_size(kind: str, sensors: int) -> dict[str, float]:
    """Times in seconds of the steps of one design, and peak memory in MB; run in a process of its own."""

    network = phase_network(sensors) if kind == "phase" else squeezed_network(sensors)
    scheme = "noon" if kind == "phase" else "entangled-squeezed"
    problem = Problem.of(network)
    design(phase_network(8) if kind == "phase" else squeezed_network(8))  # loads what is loaded late
    start = time.perf_counter()
    plan = find_scheme(problem.sensing, scheme).plan(problem)
    assert isinstance(plan, Plan)
    state = time.perf_counter()
    evaluation = evaluate(plan, problem)
    matrix = time.perf_counter()
    result = design(network)
    end = time.perf_counter()
    assert not any(candidate.failed for candidate in result.candidates)
    assert evaluation.informations[0].shape == (sensors, sensors)
    return {
        "plan": state - start,
        "fisher": matrix - state,
        "design": end - matrix,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    }


def growth(kind: str, sizes: list[int]) -> Table:
    """The steps at every size, and how the time of a whole design grows from one size to the next."""
    rows: list[tuple[object, ...]] = []
    last: tuple[int, float] | None = None
    for sensors in sizes:
        run = subprocess.run([sys.executable, __file__, kind, str(sensors)], capture_output=True, text=True, check=True)
        result = json.loads(run.stdout)
        power = None if last is None else round(math.log(result["design"] / last[1]) / math.log(sensors / last[0]), 1)
        times = [float(f"{result[step]:.3g}") for step in ("plan", "fisher", "design")]
        rows.append((sensors, *times, power, round(result["memory"])))
        last = (sensors, result["design"])
    title = {
        "phase": "N00N network, N of about 10^6 photons: state, full Fisher matrix, design with all checks",
        "displacement": "one squeezed vacuum over d lossy modes, nbar = 50: circuit, full Fisher matrix, design with all checks",
    }[kind]
    columns = ("d", "plan s", "Fisher matrix s", "design s", "power of d", "peak MB")
    return Table(title=title, columns=columns, rows=tuple(rows))


def fastest(work: Callable[[], object], seconds: float = 0.5) -> float:
    """The shortest time of many repeats."""
    best, stop = math.inf, time.perf_counter() + seconds
    while time.perf_counter() < stop or best == math.inf:
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def peers() -> Table:
    """The same answers from others, in the same run; the answers are compared as well."""
    rows: list[tuple[object, ...]] = []
    sensors, photons = 8, 8
    modes = (*(f"s{j}" for j in range(sensors)), "ref")
    first, second = (1,) * 8 + (0,), (0,) * 8 + (photons,)
    state = branch_state(modes, first, second)

    def by_hand() -> np.ndarray:
        counts = np.array([first, second], dtype=float)[:, :sensors]
        mean = 0.5 * counts.sum(axis=0)
        return np.asarray(4 * (0.5 * counts.T @ counts - np.outer(mean, mean)))

    assert np.allclose(qfi_matrix(state, modes=modes[:sensors]), by_hand())
    ours = fastest(lambda: qfi_matrix(state, modes=modes[:sensors]))
    rows.append(("two-branch Fisher matrix, d = 8, N = 8", "plain numpy on the branches", ours / fastest(by_hand)))

    small = ("a", "b", "c", "ref")
    noon = Circuit(
        modes=small,
        operations=(
            PrepareFock(state=branch_state(small, (2, 1, 1, 0), (0, 0, 0, 4))),
            Sense(modes=small[:3], generator="number"),
        ),
    )
    names = tuple(f"s{j}" for j in range(8))
    light = split_squeezed_vacuum(names, [1.0, -2.0, 3.0, 1.0, 1.0, 2.0, -1.0, 0.5], 1.0)
    losses = tuple(Loss(mode=name, transmissivity=0.8) for name in names)
    squeezed = Circuit(modes=names, operations=(*light, Sense(modes=names, generator="momentum"), *losses))
    for label, circuit in (("N00N circuit, d = 3, N = 4", noon), ("squeezed lossy circuit, d = 8", squeezed)):
        theta = [0.1] * circuit.parameters
        native, other = get_engine("native"), get_engine("strawberryfields")
        assert np.allclose(native.qfi(circuit, theta), other.qfi(circuit, theta), atol=1e-9 * 16)
        for what in ("run", "qfi"):
            mine = fastest(lambda: getattr(native, what)(circuit, theta))  # noqa: B023  # called at once
            theirs = fastest(lambda: getattr(other, what)(circuit, theta))  # noqa: B023  # called at once
            rows.append((f"{label}: {what}", "Strawberry Fields", mine / theirs))
    rounded = tuple((what, who, float(f"{ratio:.3g}")) for what, who, ratio in rows)
    return Table(title="Time of the native engine over the peer's", columns=("work", "peer", "ratio"), rows=rounded)


def main() -> None:
    """Print all tables, or one size as JSON when called by itself."""
    if len(sys.argv) == 3:
        print(json.dumps(one_size(sys.argv[1], int(sys.argv[2]))))
        return
    show(growth("phase", [10, 30, 100, 300, 1000]))
    show(growth("displacement", [10, 50, 100, 200, 500, 1000]))
    show(peers())


if __name__ == "__main__":
    main()
