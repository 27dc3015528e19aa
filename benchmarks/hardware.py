"""Squeezed pairs and photon counting: exact distributions, counts and likelihoods, beside The Walrus, and compilation.

Run by ``make bench``. The Walrus gives probabilities one by one from hafnians and draws shot by shot; both are timed on as much as
takes about a second, and scaled.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np

from networks import SensorNetwork
from photonics.adapters.x_series import compile_x, x_program
from photonics.pairs.counts import PairLight, pair_counts
from photonics.pairs.samples import sample_pairs
from protocols.hardware.devices import DEVICES
from protocols.hardware.pair_estimate import estimate_pairs
from protocols.hardware.pair_plan import pair_plan


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def walrus_state(r: float, phi: float, eta: float) -> tuple[np.ndarray, np.ndarray]:
    """(means, covariance), hbar = 2, of two pairs with a balanced splitter behind the phases, and loss."""
    from thewalrus.symplectic import expand, interferometer, loss, two_mode_squeezing

    symplectic = np.eye(8)
    for pair in ([0, 2], [1, 3]):
        symplectic = expand(two_mode_squeezing(r, 0.0), pair, 4) @ symplectic
    c = math.sqrt(0.5)
    side = np.array([[c, -c], [c, c]]) @ np.diag(np.exp(-0.5j * phi * np.array([1, -1])))
    unitary = np.kron(np.eye(2), side)
    symplectic = interferometer(unitary) @ symplectic
    mean, covariance = np.zeros(8), symplectic @ symplectic.T
    for mode in range(4):
        mean, covariance = loss(mean, covariance, eta, mode)
    return mean, covariance


def main() -> None:
    """Print the table."""
    from thewalrus.quantum import density_matrix_element
    from thewalrus.samples import hafnian_sample_state

    light, phi, eta = PairLight(squeezing=(1.0, 1.0)), 0.3, 0.8
    pair_counts(light, phi, transmissivity=(eta,) * 4, largest_lost_weight=1e-6)
    table = pair_counts(light, phi, transmissivity=(eta,) * 4, largest_lost_weight=1e-6)
    ours = timed(lambda: pair_counts(light, phi, transmissivity=(eta,) * 4, largest_lost_weight=1e-6))
    mean, covariance = walrus_state(1.0, phi, eta)
    few = [(1, 0, 1, 0), (1, 1, 2, 0), (2, 1, 1, 2)]
    theirs = timed(lambda: [density_matrix_element(mean, covariance, list(n), list(n)) for n in few]) / len(few)
    worst = max(
        abs(float(np.real(density_matrix_element(mean, covariance, list(n), list(n)))) - table.probabilities[n])
        for n in few
    )
    cells = int((table.probabilities > 1e-9).sum())
    print("| work | ours | peer | ratio |")
    print("| --- | --- | --- | --- |")
    print(
        f"| {cells} probabilities above 1e-9 with derivatives, weight beyond {table.lost_weight:.0e} | {ours:.2f} s | "
        f"The Walrus {theirs * cells:.0f} s (equal to {worst:.0e}) | {theirs * cells / ours:.0f} |"
    )
    unitary = np.eye(2, dtype=complex)
    rng = np.random.default_rng(0)
    sample_pairs((1.0, 1.0), unitary, 10, rng)
    ours = timed(lambda: sample_pairs((1.0, 1.0), unitary, 100_000, rng, transmissivity=(eta,) * 4))
    shots = 30
    theirs = timed(lambda: hafnian_sample_state(covariance, shots, hbar=2, cutoff=7)) * 100_000 / shots
    print(f"| 100,000 shots | {ours:.2f} s | The Walrus, cutoff 7 {theirs:.0f} s | {theirs / ours:.0f} |")
    network = SensorNetwork.star([1, 2, -1, -2], sensing="phase", photons=3)
    device = DEVICES["X8"]
    plan = pair_plan(network, device)
    spent = timed(lambda: pair_plan(network, device))
    print(f"| plan for four sensors (information of two lights, best bias) | {spent:.2f} s | - | - |")
    samples = sample_pairs(
        plan.squeezing(), plan.unitary([0.0] * 4), 100_000, rng, transmissivity=device.certificate.transmissivity
    )
    spent = timed(lambda: estimate_pairs(plan, samples))
    print(f"| likelihood, posterior and fit of 100,000 shots | {spent:.2f} s | - | - |")
    program = x_program(plan.squeezing(), plan.unitary([0.1, 0.2, 0.3, 0.4]))
    compile_x(program, device.specification(), None, "Xunitary")
    spent = timed(lambda: compile_x(program, device.specification(), None, "Xunitary"))
    print(f"| compile for X8 | {spent:.3f} s | - | - |")


if __name__ == "__main__":
    main()
