"""Fisher matrices, photons through unitaries, and shots, each beside the peer in the same run, answers compared first.

Times are the shortest of several, in one thread, imports and compilation not included; those of Gaussian Fisher matrices and
moments are of the processor, whatever else runs. Peers that are not installed are left out and named. MrMustard runs on today's
packages with its declared pins ignored (see the Makefile).
"""

from __future__ import annotations

import importlib
import math
import os
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
from main_job import fastest

from photonics import (
    BeamSplitter,
    BranchProjection,
    Circuit,
    Displace,
    FockState,
    GaussianOutcomes,
    GaussianState,
    Homodyne,
    IntensityDifference,
    Loss,
    Operation,
    Parity,
    Phase,
    PhotonCounting,
    PrepareFock,
    Sense,
    Shift,
    Squeeze,
    branch_state,
    gaussian_qfi_matrices,
    get_engine,
    measure,
    number_covariance,
    qfi_matrices,
    qfi_matrix,
    split_squeezed_vacuum,
)
from photonics.conventions import symplectic_form
from photonics.engines import native
from photonics.engines.interference import interference, photon_patterns
from photonics.fisher.slopes import rotations
from protocols.reports.showing import show
from protocols.tables import Table

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
Rows = list[tuple[Any, ...]]


def peer(name: str) -> Any:
    """A module of a peer, or None with a line that says so."""
    try:
        return importlib.import_module(name)
    except Exception as error:  # noqa: BLE001  # whatever keeps a peer from loading, the benchmark goes on without it
        print(f"{name} is left out: {type(error).__name__}: {str(error)[:100]}", file=sys.stderr)
        return None


def haar(modes: int, rng: np.random.Generator) -> np.ndarray:
    """A random unitary."""
    q, r = np.linalg.qr(rng.normal(size=(modes, modes)) + 1j * rng.normal(size=(modes, modes)))
    return np.asarray(q * (np.diag(r) / np.abs(np.diag(r))))


def squeezed(modes: int, *, lossy: bool, seed: int = 0, r: float | None = None) -> GaussianState:
    """Squeezed, displaced light of all different strengths through a random unitary, with different losses when lossy."""
    rng = np.random.default_rng(seed)
    u = haar(modes, rng)
    s = np.block([[u.real, -u.imag], [u.imag, u.real]])
    strength = rng.uniform(0.2, 1, modes) if r is None else np.full(modes, r)
    v = s @ np.diag(np.exp(np.concatenate([-2 * strength, 2 * strength]))) @ s.T
    if lossy:
        eta = np.tile(rng.uniform(0.6, 0.95, modes), 2)
        v = np.sqrt(np.outer(eta, eta)) * v + np.diag(1 - eta)
    mean = np.zeros(2 * modes) if r is not None else rng.normal(size=2 * modes)
    return GaussianState(tuple(f"m{k}" for k in range(modes)), mean, (v + v.T) / 2)


def both_kinds(state: GaussianState) -> list[Phase | Shift]:
    """A phase and a displacement for every mode."""
    return [*(Phase(mode=m) for m in state.modes), *(Shift(mode=m) for m in state.modes)]


def in_the_eigenbasis(mean: np.ndarray, v: np.ndarray) -> np.ndarray:
    """The bar of plain numpy: phases and displacements in the eigenbasis of V^{-1/2} (i Omega) V^{-1/2}."""
    modes = len(v) // 2
    values, vectors = np.linalg.eigh(v)
    root = (vectors / np.sqrt(values)) @ vectors.T
    nu, turn = np.linalg.eigh(1j * root @ symplectic_form(modes) @ root)
    change = root @ turn
    slopes = np.zeros((2 * modes, 2 * modes, 2 * modes))
    moved = np.zeros((2 * modes, 2 * modes))
    for k in range(modes):
        x, p = k, k + modes
        slopes[k, x] += v[p]
        slopes[k, p] -= v[x]
        slopes[k] += slopes[k].T.copy()
        moved[x, k], moved[p, k] = mean[p], -mean[x]
        moved[k, modes + k] = 1.0
    turned = change.conj().T @ slopes @ change.conj()
    weight = 1 + nu[:, None] * nu[None, :]
    turned *= np.where(weight > 1e-10, 1 / np.sqrt(np.where(weight > 1e-10, weight, 1)), 0)
    parts = turned.reshape(len(turned), -1).view(float)
    return np.asarray(parts @ parts.T / 2 + moved.T @ np.linalg.solve(v, moved))


def fidelity_pairs(state: GaussianState, sampled: int) -> tuple[float, float]:
    """Seconds that all entries would take from fidelities of The Walrus, scaled up from a sample, and its worst deviation."""
    from thewalrus.quantum import fidelity

    information = qfi_matrix(state, both_kinds(state))
    modes = len(state.modes)

    def shifted(direction: np.ndarray, size: float) -> tuple[np.ndarray, np.ndarray]:
        c, s = np.diag(np.cos(size * direction[:modes])), np.diag(np.sin(size * direction[:modes]))
        turn = np.block([[c, s], [-s, c]])
        moved = np.concatenate([size * direction[modes:], np.zeros(modes)])
        return turn @ state.mean + moved, turn @ state.covariance @ turn.T

    rng = np.random.default_rng(1)
    worst, start = 0.0, time.perf_counter()
    step = 0.02
    for _ in range(sampled):
        i = int(rng.integers(2 * modes))
        direction = np.eye(2 * modes)[i]
        overlap = fidelity(*shifted(direction, -step / 2), *shifted(direction, step / 2), hbar=2)
        result = 8 * (1 - math.sqrt(overlap)) / step**2
        worst = max(worst, abs(result / information[i, i] - 1))
    entries = 2 * modes * (2 * modes + 1) / 2
    return (time.perf_counter() - start) / sampled * entries, worst


def processor(work: Callable[[], object], seconds: float = 0.5) -> float:
    """The shortest processor time of many repeats, in batches long enough for the clock."""
    best, stop, repeats = math.inf, time.perf_counter() + seconds, 1
    while time.perf_counter() < stop or best == math.inf:
        start = time.process_time()
        for _ in range(repeats):
            work()
        took = (time.process_time() - start) / repeats
        best, repeats = min(best, took), max(1, int(1e-3 / max(took, 1e-6)))
    return best


def gaussian_rows() -> Rows:
    """Fisher matrices of lossy light, all phases and displacements."""
    rows: Rows = []
    bar_name = "plain numpy, eigenbasis"
    for modes in (1, 4, 16, 64):
        state = squeezed(modes, lossy=True)
        parameters = both_kinds(state)
        mine = qfi_matrix(state, parameters)
        bar = in_the_eigenbasis(state.mean, state.covariance)
        assert np.abs(mine - bar).max() < 1e-10 * np.abs(mine).max()
        ours = processor(lambda: qfi_matrix(state, parameters))  # noqa: B023  # called at once
        numpy_time = processor(lambda: in_the_eigenbasis(state.mean, state.covariance))  # noqa: B023  # called at once
        rows.append((f"lossy, {2 * modes} parameters", ours, bar_name, numpy_time, numpy_time / ours))
        if modes == 4:
            anew = processor(
                lambda: qfi_matrix(GaussianState(state.modes, state.mean, state.covariance), both_kinds(state))  # noqa: B023  # called at once
            )
            rows.append(("the same, state made and checked anew", anew, bar_name, numpy_time, numpy_time / anew))
            rows += many_rows(state, numpy_time)
        if modes == 1:
            continue
        walrus, worst = fidelity_pairs(state, 40)
        rows.append(
            ("", ours, f"The Walrus fidelity, scaled from 40 entries, off by {worst:.0e}", walrus, walrus / ours)
        )
    mustard = peer("mrmustard.physics.gaussian")
    for modes in (4, 16, 64):
        pure = squeezed(modes, lossy=False, r=0.5)
        ours = fastest(lambda: qfi_matrix(pure))  # noqa: B023  # called at once
        if mustard is not None:
            theirs = 4 * np.asarray(mustard.number_cov(pure.covariance, pure.mean))
            assert np.abs(theirs - qfi_matrix(pure)).max() < 1e-9 * np.abs(theirs).max()
            took = fastest(lambda: mustard.number_cov(pure.covariance, pure.mean))  # noqa: B023  # called at once
            rows.append((f"pure, {modes} phases", ours, "MrMustard number_cov", took, took / ours))
    return rows


def many_rows(state: GaussianState, numpy_time: float) -> Rows:
    """A thousand matrices of 8 parameters in one call, from moments and from circuits; times are of one matrix."""
    count, modes = 1000, state.modes
    means, slopes = rotations(state.mean, state.covariance, range(4))
    moved = np.concatenate([means, np.eye(8)[:, :4]], axis=1)
    changed = np.concatenate([slopes.dense(), np.zeros((4, 8, 8))])
    stacks = [np.repeat(part[None], count, axis=0) for part in (state.covariance, moved, changed)]
    expected = in_the_eigenbasis(state.mean, state.covariance)
    assert np.abs(gaussian_qfi_matrices(*stacks) - expected).max() < 1e-10 * np.abs(expected).max()
    moments = processor(lambda: gaussian_qfi_matrices(*stacks)) / count
    rng = np.random.default_rng(5)
    circuit = Circuit(
        modes=modes,
        operations=(
            *(Squeeze(mode=mode, r=0.5) for mode in modes),
            *(Displace(mode=mode, x=1.0) for mode in modes),
            *(BeamSplitter(first=modes[0], second=mode, theta_rad=0.7) for mode in modes[1:]),
            Sense(modes=modes, generator="number"),
            *(Loss(mode=mode, transmissivity=0.8) for mode in modes),
        ),
    )
    varied = {(k, "r"): rng.uniform(0.1, 1, count) for k in range(4)}
    theta = rng.normal(size=(count, 4))
    circuits = processor(lambda: qfi_matrices(circuit, theta, varied)) / count
    singles = processor(lambda: get_engine("native").qfi(circuit, theta[0].tolist()))
    return [
        (
            "a thousand of 8 parameters at once, each",
            moments,
            "plain numpy, one by one",
            numpy_time,
            numpy_time / moments,
        ),
        (
            "a thousand circuits of 4 modes, 4 phases, each",
            circuits,
            "the engine one by one",
            singles,
            singles / circuits,
        ),
    ]


def interferometers(nodes: int) -> Circuit:
    """Coherent light of 10^4 photons and a share of one squeezed vacuum on each of some lossy Mach-Zehnder interferometers."""
    bright, dark = [f"a{k}" for k in range(nodes)], [f"b{k}" for k in range(nodes)]
    operations: list[Operation] = [Displace(mode=mode, x=200.0) for mode in bright]
    operations += split_squeezed_vacuum(dark, (np.linspace(-1, 1, nodes) + 0.01).tolist(), -1.0)
    operations += [BeamSplitter(first=a, second=b, theta_rad=math.pi / 4) for a, b in zip(bright, dark, strict=True)]
    operations += [Sense(modes=tuple(dark), generator="number")]
    operations += [Loss(mode=mode, transmissivity=0.9) for mode in (*bright, *dark)]
    return Circuit(modes=(*bright, *dark), operations=tuple(operations))


def moment_rows() -> Rows:
    """Moments and photocurrents of interferometers."""
    rows: Rows = []
    mustard = peer("mrmustard.physics.gaussian")
    from thewalrus.quantum import photon_number_covmat

    for modes in (4, 32):
        state = squeezed(modes, lossy=True)
        ours = processor(lambda: number_covariance(state.mean, state.covariance))  # noqa: B023  # called at once
        theirs = photon_number_covmat(state.mean, state.covariance, hbar=2)
        assert np.abs(theirs - number_covariance(state.mean, state.covariance)).max() < 1e-9 * np.abs(theirs).max()
        took = processor(lambda: photon_number_covmat(state.mean, state.covariance, hbar=2))  # noqa: B023  # called at once
        rows.append((f"number covariances, {modes} modes", ours, "The Walrus photon_number_covmat", took, took / ours))
        if mustard is not None:
            dark = np.zeros_like(state.mean)
            theirs = np.asarray(mustard.number_cov(state.covariance, dark))
            assert np.abs(theirs - number_covariance(dark, state.covariance)).max() < 1e-9 * np.abs(theirs).max()
            took = processor(lambda: mustard.number_cov(state.covariance, dark))  # noqa: B023  # called at once
            rows.append(("", ours, "MrMustard number_cov", took, took / ours))
    rng = np.random.default_rng(6)
    for nodes in (16, 1000):
        circuit, theta = interferometers(nodes), [0.1] * nodes
        light = native.output(circuit, theta)
        pairs = tuple((f"a{k}", f"b{k}") for k in range(nodes))
        measurement = IntensityDifference.mid_fringe(light, pairs)
        seconds = 0.5 if nodes < 100 else 0.0
        made = processor(lambda: native.output(circuit, theta), seconds)  # noqa: B023  # called at once
        ours = processor(lambda: measurement.outcomes(light), seconds)  # noqa: B023  # called at once
        what = f"intensity differences of {nodes} interferometers, moments and slopes"
        rows.append((what, ours, "the light and its derivatives", made, made / ours))
        if nodes == 16:
            outcomes = measurement.outcomes(light)
            ours = processor(lambda: outcomes.normal_sample(10**6, rng), 0.0)  # noqa: B023  # called at once
            drawn = processor(lambda: rng.standard_normal((10**6, 16)), 0.0)
            rows.append(("10^6 shots of the 16, normal", ours, "drawing the normals alone", drawn, drawn / ours))
            ours = processor(lambda: outcomes.phase_space_sample(10**6, rng), 0.0)  # noqa: B023  # called at once
            rows.append(("the same from phase space", ours, "drawing the normals alone", drawn, drawn / ours))
    return rows


def one_size(modes: int) -> None:
    """Seconds, and peak megabytes of work space, of one lossy Fisher matrix, in a process of its own."""
    state = squeezed(modes, lossy=True)
    start = time.perf_counter()
    qfi_matrix(state, both_kinds(state))
    took = time.perf_counter() - start
    tracemalloc.start()
    qfi_matrix(state, both_kinds(state))
    print(took, tracemalloc.get_traced_memory()[1] / 1e6)


def growth() -> Table:
    """How the lossy Gaussian Fisher matrix grows."""
    rows: Rows = []
    last: tuple[int, float] | None = None
    for modes in (16, 32, 64, 125, 250, 500):
        run = subprocess.run([sys.executable, __file__, str(modes)], capture_output=True, text=True, check=True)
        took, peak = (float(word) for word in run.stdout.split())
        power = None if last is None else round(math.log(took / last[1]) / math.log(modes / last[0]), 1)
        output = 8 * (2 * modes) ** 2 / 1e6
        rows.append((2 * modes, float(f"{took:.3g}"), power, float(f"{output:.3g}"), float(f"{peak:.3g}")))
        last = (modes, took)
    columns = ("parameters", "s", "power", "output MB", "peak MB")
    return Table(
        title="Fisher matrix of d lossy modes, d phases and d displacements", columns=columns, rows=tuple(rows)
    )


def fock_rows() -> Rows:
    """Two branches, and photons through a unitary."""
    rows: Rows = []
    modes = tuple(f"s{k}" for k in range(1000))
    state = branch_state((*modes, "ref"), (1000,) * 1000 + (0,), (0,) * 1000 + (10**6,))
    ours = fastest(lambda: qfi_matrix(state, modes=modes))
    omega = np.full(1000, 1000.0)
    assert np.allclose(qfi_matrix(state, modes=modes), np.outer(omega, omega))
    write = fastest(lambda: np.outer(omega, omega))
    rows.append(("two branches, d = 1000, N = 10^6", ours, "writing the matrix alone", write, write / ours))
    rng = np.random.default_rng(2)
    u, start = haar(8, rng), np.ones(8, dtype=np.int64)
    amplitudes = interference(u, start)
    ours = fastest(lambda: interference(u, start))
    circuit = Circuit(
        modes=tuple("abcdefgh"),
        operations=(PrepareFock(state=FockState(tuple("abcdefgh"), start[None], np.ones(1, dtype=complex))),),
    )
    from photonics import Interferometer

    whole = Interferometer(modes=circuit.modes, unitary=tuple(map(tuple, u.tolist())))
    through = Circuit(modes=circuit.modes, operations=(*circuit.operations, whole))
    engine = fastest(lambda: get_engine("native").run(through, []))
    perceval = peer("perceval")
    if perceval is not None:
        backend = importlib.import_module("perceval.backends").BACKEND_LIST["SLOS"]()
        entering = perceval.BasicState([1] * 8)

        def slos() -> Any:
            backend.set_circuit(perceval.Unitary(perceval.Matrix(u)))
            backend.set_input_state(entering)
            return backend.all_prob_ampli()

        theirs = np.asarray(slos())
        assert len(photon_patterns(8, 8)) == len(theirs)
        assert np.abs(theirs - amplitudes).max() < 1e-12
        took = fastest(slos)
        rows.append(("8 photons, Haar unitary of 8 modes: amplitudes", ours, "Perceval SLOS", took, took / ours))
        rows.append(("the same as a circuit, to a sorted state", engine, "Perceval SLOS", took, took / engine))
    return rows


def shot_rows() -> Rows:
    """Shots of homodyne, counting, branches and parity."""
    rows: Rows = []
    rng = np.random.default_rng(3)
    state = squeezed(16, lossy=True)

    def homodyne() -> Any:
        outcomes = measure(state, Homodyne())
        assert isinstance(outcomes, GaussianOutcomes)
        return outcomes.sample(100_000, rng)

    ours = fastest(homodyne)
    normals = fastest(lambda: rng.standard_normal((100_000, 16)))
    rows.append(("10^5 homodyne shots, 16 modes", ours, "drawing the normals alone", normals, normals / ours))
    from thewalrus.quantum import probabilities

    mustard = peer("mrmustard.physics.bargmann")
    for modes, lossy in ((4, False), (6, False), (4, True)):
        light = squeezed(modes, lossy=lossy, r=0.3)
        counting = PhotonCounting(largest_lost_weight=1e-3)
        result = measure(light, counting)
        cutoff = int(result.labels.max()) + 1
        ours = fastest(lambda: measure(light, counting).sample(10_000, rng))  # noqa: B023  # called at once
        what = f"10^4 counting shots, {modes} modes, cutoff {cutoff}, {'mixed' if lossy else 'pure'}"
        table = probabilities(light.mean, light.covariance, cutoff, hbar=2)
        worst = max(abs(table[tuple(s)] - p) for s, p in zip(result.labels.tolist(), result.probabilities, strict=True))
        assert worst < 1e-4
        took = fastest(lambda: probabilities(light.mean, light.covariance, cutoff, hbar=2))  # noqa: B023  # called at once
        rows.append((what, ours, "The Walrus probabilities, no shots", took, took / ours))
        if lossy and mustard is not None:
            math_module = importlib.import_module("mrmustard.math")

            def diagonal() -> Any:
                a, b, c = mustard.wigner_to_bargmann_rho(light.covariance, light.mean)  # noqa: B023  # called at once
                return math_module.hermite_renormalized_diagonal(a, b, c, cutoffs=(cutoff,) * modes)  # noqa: B023  # called at once

            try:
                diagonal()
                took = fastest(diagonal)
                rows.append(("", ours, "MrMustard diagonal recursion, no shots", took, took / ours))
            except Exception as error:  # noqa: BLE001  # its own recursion may not compile on these packages
                print(f"MrMustard's recursion is left out: {error}", file=sys.stderr)
    names = tuple(f"s{k}" for k in range(100))
    first, second = (1,) * 50 + (0,) * 50, (0,) * 50 + (1,) * 50
    circuit = Circuit(
        modes=names,
        operations=(PrepareFock(state=branch_state(names, first, second)), Sense(modes=names, generator="number")),
    )
    theta = rng.normal(size=100).tolist()
    projection = BranchProjection(first=first, second=second)
    for what, ask in (("branch", projection), ("parity", Parity(modes=names[:50]))):
        ours = fastest(lambda: measure(circuit, ask, theta).sample(10**6, rng))  # noqa: B023  # called at once
        uniform = fastest(lambda: rng.random(10**6))
        rows.append((f"10^6 {what} shots, d = 100", ours, "drawing uniform numbers alone", uniform, uniform / ours))
    return rows


def table(title: str, rows: Rows) -> Table:
    """Times in milliseconds; the ratio is how many times longer the peer takes."""
    rounded = tuple(
        (w, float(f"{1e3 * a:.3g}"), who, float(f"{1e3 * b:.3g}"), float(f"{r:.3g}")) for w, a, who, b, r in rows
    )
    return Table(title=title, columns=("work", "ms", "peer", "its ms", "peer/ours"), rows=rounded)


def main() -> None:
    """Print all tables, or one size when called by itself."""
    if len(sys.argv) == 2:
        one_size(int(sys.argv[1]))
        return
    for title, rows in (
        ("Gaussian Fisher matrices", gaussian_rows),
        ("Moments", moment_rows),
        ("Photons", fock_rows),
        ("Shots", shot_rows),
    ):
        show(table(title, rows()))
    show(growth())


if __name__ == "__main__":
    if any(os.environ.get(name) != "1" for name in THREADS):
        # One thread for all, which libraries ask for when they load: start again with it.
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **dict.fromkeys(THREADS, "1")})
    main()
