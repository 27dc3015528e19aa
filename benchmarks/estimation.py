"""Estimates a second, beside a plain loop over trials and Strawberry Fields; what estimators cost above the floor; sweeps.

Run by ``make bench``, on one thread. Peers are timed on fewer trials and scaled, which is said where it is done.
"""

from __future__ import annotations

import math
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

if os.environ.get("OMP_NUM_THREADS") != "1":
    os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "OMP_NUM_THREADS": "1"})

import numpy as np

from networks import SensorNetwork
from photonics.conventions import Real
from protocols.estimation.estimators.bayesian import adaptive_phase, fixed_offsets_phase
from protocols.estimation.estimators.robust_exact import (
    best_guaranteed_schedule,
    best_schedule,
    fringes_of,
    overhead,
    robust_mean_mse,
)
from protocols.estimation.estimators.unwrapping import robust_phase
from protocols.estimation.fringes import Draw, Fringe, PhaseEstimates, Source, StageProbabilities, wrapped
from protocols.estimation.schedules import Schedule, linear_schedule
from protocols.estimation.simulation import Estimated, simulate


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def each(work: Callable[[], None], times: int) -> float:
    """Seconds of one, after one that warms up."""

    def repeat() -> None:
        for _ in range(times):
            work()

    work()
    return timed(repeat) / times


def stage_probabilities(schedule: Schedule, phase: Real | float) -> tuple[StageProbabilities, ...]:
    return tuple(
        StageProbabilities(plus=0.5, minus=0.5, cosine=np.cos(g * phase), sine=np.sin(g * phase))
        for g in schedule.gains
    )


def plain_loop(schedule: Schedule, phase: float, trials: int, rng: np.random.Generator) -> float:
    """Robust phase estimation as one writes it first: numpy in a loop over the trials."""
    total = 0.0
    for _ in range(trials):
        estimate = 0.0
        for stage, (shots, gain) in enumerate(zip(schedule.shots, schedule.gains, strict=True)):
            x = 2 * rng.binomial(shots // 2, (1 + math.cos(gain * phase)) / 2) / (shots // 2) - 1
            y = 2 * rng.binomial(shots // 2, (1 + math.sin(gain * phase)) / 2) / (shots // 2) - 1
            angle = math.atan2(y, x)
            turns = round((gain * estimate - angle) / (2 * math.pi)) if stage else 0
            estimate = (angle + 2 * math.pi * turns) / gain
        total += ((estimate - phase + math.pi) % (2 * math.pi) - math.pi) ** 2
    return total / trials


def robust_trials() -> None:
    schedule, phase, trials, fewer = linear_schedule(9, 2, 6), 1.0, 1_000_000, 2000
    rng = np.random.default_rng(1)
    result: list[Real] = []

    def ours() -> None:
        # In batches, as psn simulate does.
        for _ in range(trials // 20_000):
            source = Source(stages=stage_probabilities(schedule, phase), trials=20_000, rng=rng)
            result.append(robust_phase(source, fringes_of(schedule), schedule).phase)

    seconds = timed(ours)
    mse = float(np.mean(wrapped(np.concatenate(result) - phase) ** 2))
    looped = 0.0

    def loop() -> None:
        nonlocal looped
        looped = plain_loop(schedule, phase, fewer, rng)

    slow = timed(loop) * trials / fewer
    print(f"10^6 robust phase estimates, 9 stages, {sum(schedule.shots)} shots each: {seconds:.2f} s (MSE {mse:.3g})")
    print(
        f"  a plain numpy loop over trials: {slow:.0f} s scaled from {fewer} (MSE {looped:.3g}), ratio {slow / seconds:.0f}"
    )
    per_shot = strawberry_counting_shot()
    print(
        f"  Strawberry Fields, two photons through a beam splitter, one shot: {per_shot * 1e3:.2f} ms; that many shots "
        f"{per_shot * trials * sum(schedule.shots) / 3600:.3g} h, ratio {per_shot * trials * sum(schedule.shots) / seconds:.3g}"
    )


def strawberry_counting_shot() -> float:
    """Seconds of one shot of a two-photon Mach-Zehnder on the Fock backend; photon counting takes one shot a run there."""
    from photonics.adapters.sf_import import import_strawberryfields

    sf = import_strawberryfields()
    program = sf.Program(2)
    with program.context as q:
        sf.ops.Fock(1) | q[0]
        sf.ops.Fock(1) | q[1]
        sf.ops.BSgate(math.pi / 4, 0) | (q[0], q[1])
        sf.ops.Rgate(0.3) | q[0]
        sf.ops.BSgate(math.pi / 4, 0) | (q[0], q[1])
        sf.ops.MeasureFock() | (q[0], q[1])

    def shot() -> None:
        sf.Engine("fock", backend_options={"cutoff_dim": 3}).run(program)

    return each(shot, 20)


def homodyne_trials() -> None:
    trials, modes = 10_000_000, 16
    network = SensorNetwork.star(
        [(-1) ** j for j in range(modes)], sensing="displacement", mean_photons=2.0, transmissivity=0.9
    )
    result = []
    seconds = timed(lambda: result.append(simulate(network, shots=1, trials=trials, scheme="entangled-squeezed").first))
    ratio = result[0].mse / result[0].probe_bound
    print(f"10^7 homodyne estimates, {modes} sensors with loss: {seconds:.2f} s (MSE over closed form {ratio:.5f})")
    rng = np.random.default_rng(2)
    covariance, weights = np.eye(modes), np.ones(modes)
    root, fewer = np.linalg.cholesky(covariance), 100_000

    def loop() -> float:
        return sum(float((root @ rng.standard_normal(modes)) @ weights) ** 2 for _ in range(fewer))

    slow = timed(loop) * trials / fewer
    print(f"  a plain numpy loop over trials: {slow:.0f} s scaled from {fewer}, ratio {slow / seconds:.0f}")
    per_shot = strawberry_homodyne_shot(modes)
    print(
        f"  Strawberry Fields, homodyne on {modes} modes, one shot: {per_shot * 1e3:.1f} ms; 10^7 of them "
        f"{per_shot * trials / 3600:.3g} h, ratio {per_shot * trials / seconds:.3g}"
    )


def bright_trials() -> None:
    shots, modes = 1_000_000, 16
    network = SensorNetwork.star(
        [(-1) ** j for j in range(modes)],
        sensing="phase",
        mean_photons=1e8,
        arms=2,
        squeezing_db=10.0,
        detector_efficiency=0.9,
    )
    for scheme in ("bright-shared-squeezing", "coherent"):
        # Shots that are estimates each, and a hundred of them averaged.
        for each_estimate in (1, 100):
            result: list[Estimated] = []

            def run(name: str, n: int, into: list[Estimated]) -> None:
                into.append(simulate(network, shots=n, trials=shots // n, scheme=name, estimator="linear").first)

            start = time.process_time()
            seconds = timed(partial(run, scheme, each_estimate, result))
            used = time.process_time() - start
            assert result[0].predicted_mse is not None
            ratio = result[0].mse / result[0].predicted_mse
            print(
                f"10^6 shots of {modes} bright interferometers, {scheme}, {each_estimate} an estimate, the design included: "
                f"{seconds:.2f} s ({used:.2f} s of the processor; MSE over design {ratio:.4f})"
            )
    points = plain_photocurrents(network, 20_000)
    print(
        f"  photocurrents from points of phase space, shot by shot: {points * shots / 20_000:.1f} s scaled from 20000"
    )


def plain_photocurrents(network: SensorNetwork, shots: int) -> float:
    """Seconds of so many shots of the same light, by ``phase_space_sample``."""
    from photonics import MomentOutcomes, measure
    from protocols.built.build import plan_as_built
    from protocols.problem import Problem
    from protocols.schemes import Plan, find_scheme

    plan = plan_as_built(find_scheme("gaussian", "bright-shared-squeezing"), Problem.of(network))
    assert isinstance(plan, Plan)
    (part,) = plan.parts
    assert part.measurement is not None
    outcomes = measure(part.circuit, part.measurement, [0.0] * len(part.sensors))
    assert isinstance(outcomes, MomentOutcomes)
    return timed(lambda: outcomes.phase_space_sample(shots, np.random.default_rng(3)))


def strawberry_homodyne_shot(modes: int) -> float:
    """Seconds of one shot of the same network on the Gaussian backend, which takes one shot of homodyne a run."""
    from photonics.adapters.sf_import import import_strawberryfields

    sf = import_strawberryfields()
    program = sf.Program(modes)
    with program.context as q:
        sf.ops.Sgate(1.15) | q[0]
        for j in range(modes - 1):
            sf.ops.BSgate(math.acos(1 / math.sqrt(modes - j)), 0) | (q[j], q[j + 1])
        for j in range(modes):
            sf.ops.Xgate(0.1) | q[j]
            sf.ops.LossChannel(0.9) | q[j]
            sf.ops.MeasureX | q[j]

    def shot() -> None:
        sf.Engine("gaussian").run(program)

    return each(shot, 10)


def floors() -> None:
    print("n RMSE/pi, one is the floor: lossless stages of doubling gain, phases anywhere")
    columns = (
        "stages",
        "robust, best found (exact)",
        "robust, guaranteed",
        "adaptive, 5 shots a stage",
        "offsets fixed, 2 + 3(K - j)",
    )
    print(f"| {' | '.join(columns)} |")
    print("| --- | --- | --- | --- | --- |")
    for stages in (3, 5, 7, 9, 12):
        best, sure = best_schedule(stages), best_guaranteed_schedule(stages)
        falling = Schedule(tuple(2 + 3 * k for k in reversed(range(stages))))
        adaptive = drawn_overhead(adaptive_phase, Schedule((5,) * stages))
        fixed = drawn_overhead(fixed_offsets_phase, falling)
        print(f"| {stages} | {best.overhead:.3f} | {sure.guaranteed:.3f} | {adaptive:.3f} | {fixed:.3f} |")
    published = linear_schedule(9, "5/2", "1/2")
    mean = overhead(robust_mean_mse(published, fringes_of(published)), published.resource)
    print(
        f"the published schedule M_j = 5/2 (K - j) + 1/2, nine stages: {mean:.3f} exactly; 10.7 was published as its bound"
    )


def drawn_overhead(
    estimate: Callable[[Draw, Sequence[Fringe], Schedule], PhaseEstimates], schedule: Schedule, trials: int = 100_000
) -> float:
    rng = np.random.default_rng(5)
    squares = []
    for _ in range(trials // 5000):
        phase = rng.uniform(-math.pi, math.pi, 5000)
        result = estimate(
            Source(stages=stage_probabilities(schedule, phase), trials=5000, rng=rng), fringes_of(schedule), schedule
        )
        squares.append(wrapped(result.phase - phase) ** 2)
    return overhead(float(np.mean(squares)), schedule.resource)


def sweeps() -> None:
    import psutil

    from protocols.sweeps.reading import spec_from
    from protocols.sweeps.results import load_results
    from protocols.sweeps.running import Progress, run_sweep

    network = SensorNetwork.star([1, -1], sensing="displacement", mean_photons=2.0)
    for points, workers in ((10_000, 2), (100_000, 2)):
        spec = spec_from(
            {
                "network": network,
                "trials": 10,
                "scheme": "entangled-squeezed",
                "axes": {"shots": {"start": 1, "stop": points, "step": 1}},
            }
        )
        memory: list[float] = []
        own = psutil.Process()

        def watch(now: Progress, memory: list[float] = memory, own: psutil.Process = own) -> None:
            memory.append(own.memory_info().rss / 2**20)

        with tempfile.TemporaryDirectory() as folder:
            seconds = timed(lambda: run_sweep(spec, Path(folder) / "out", workers=workers, progress=watch))  # noqa: B023  # called at once
            frame = load_results(Path(folder) / "out")
        work = float(frame["elapsed_s"].sum()) / workers
        third = len(memory) // 3
        print(
            f"{points} points on {workers} local workers: {seconds:.1f} s, of which the points themselves {work:.1f} s; overhead "
            f"{(seconds - work) / points * 1e3:.2f} ms a point; memory of the client {memory[third]:.0f} MB "
            f"after a third of the groups, {memory[-1]:.0f} MB at the end"
        )


if __name__ == "__main__":
    robust_trials()
    homodyne_trials()
    bright_trials()
    floors()
    sweeps()
