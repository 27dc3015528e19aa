"""Slow, plain simulations that share nothing with the package: what the tests hold it against."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from unittest import mock

import numpy as np
import scipy.linalg


class DenseLight:
    """Dense operators on m modes of ``levels`` photon numbers each; the density matrix is a plain array."""

    def __init__(self, modes: int, levels: int) -> None:
        self.modes, self.levels = modes, levels
        lower = np.diag(np.sqrt(np.arange(1.0, levels)), 1)
        self.a = [self.on(lower, k) for k in range(modes)]
        self.n = [a.conj().T @ a for a in self.a]
        # The papers' momentum p = i (a^dagger - a)/2, vacuum variance 1/4.
        self.p = [0.5j * (a.conj().T - a) for a in self.a]
        self.vacuum = np.zeros((levels**modes, levels**modes), dtype=complex)
        self.vacuum[0, 0] = 1.0

    def on(self, operator: np.ndarray, mode: int) -> np.ndarray:
        """A one-mode operator on the whole space."""
        parts = [np.eye(self.levels)] * self.modes
        parts[mode] = operator
        out = np.eye(1)
        for part in parts:
            out = np.kron(out, part)
        return out

    def index(self, string: tuple[int, ...]) -> int:
        """Place of an occupation string."""
        return int(np.ravel_multi_index(string, (self.levels,) * self.modes))

    def ket(self, terms: dict[tuple[int, ...], complex]) -> np.ndarray:
        """A pure state from its occupation strings."""
        out = np.zeros(self.levels**self.modes, dtype=complex)
        for string, amplitude in terms.items():
            out[self.index(string)] = amplitude
        return out

    @staticmethod
    def turn(density: np.ndarray, generator: np.ndarray, angle: float = 1.0) -> np.ndarray:
        """exp(-i angle G) rho exp(i angle G)."""
        unitary = scipy.linalg.expm(-1j * angle * generator)
        return unitary @ density @ unitary.conj().T

    def squeeze(self, density: np.ndarray, mode: int, r: float, angle: float = 0.0) -> np.ndarray:
        """S(z) = exp((z* a^2 - z a^dagger^2)/2), z = r e^{i angle}."""
        a = self.a[mode]
        z = r * np.exp(1j * angle)
        generator = 0.5j * (np.conj(z) * a @ a - z * a.conj().T @ a.conj().T)
        return self.turn(density, generator)

    def displace(self, density: np.ndarray, mode: int, x: float, p: float) -> np.ndarray:
        """Moves <a> by (x + i p)/2."""
        a = self.a[mode]
        alpha = (x + 1j * p) / 2
        return self.turn(density, 1j * (alpha * a.conj().T - np.conj(alpha) * a))

    def split(self, density: np.ndarray, first: int, second: int, theta: float, phi: float = 0.0) -> np.ndarray:
        """exp(theta (e^{i phi} a1 a2^dagger - e^{-i phi} a1^dagger a2))."""
        a, b = self.a[first], self.a[second]
        step = np.exp(1j * phi) * a @ b.conj().T
        return self.turn(density, 1j * theta * (step - step.conj().T))

    def lose(self, density: np.ndarray, mode: int, eta: float) -> np.ndarray:
        """Loss by its Kraus operators, one for each number of photons lost."""
        out = np.zeros_like(density)
        for lost in range(self.levels):
            kraus = np.zeros((self.levels, self.levels))
            for n in range(lost, self.levels):
                kraus[n - lost, n] = math.sqrt(math.comb(n, lost) * eta ** (n - lost) * (1 - eta) ** lost)
            full = self.on(kraus, mode)
            out = out + full @ density @ full.conj().T
        return out


def qfi_by_differences(
    output: Callable[[list[float]], np.ndarray], theta: list[float], step: float = 1e-3
) -> np.ndarray:
    """Quantum Fisher matrix of a density matrix known only as a function of theta, term by term."""
    rho = output(theta)
    slopes = []
    for j in range(len(theta)):

        def at(shift: float, j: int = j) -> np.ndarray:
            return output([t + shift * (k == j) for k, t in enumerate(theta)])

        # Fourth-order central difference.
        slopes.append((8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step))
    p, v = np.linalg.eigh(rho)
    turned = [v.conj().T @ slope @ v for slope in slopes]
    out = np.zeros((len(theta), len(theta)))
    for k, l in itertools.product(range(len(p)), repeat=2):  # noqa: E741  # the sum's own letters
        if p[k] + p[l] > 1e-10:
            for i, j in itertools.product(range(len(theta)), repeat=2):
                out[i, j] += 2 * (turned[i][k, l].conjugate() * turned[j][k, l]).real / (p[k] + p[l])
    return out


def columns_of_w(alpha: tuple[int, ...], photons: int) -> list[tuple[int, ...]]:
    """W by trying every vector."""
    spans = [range(photons + 1) if a > 0 else range(-photons, 1) if a < 0 else range(1) for a in alpha]
    return [
        w
        for w in itertools.product(*spans)
        if sum(x for x in w if x > 0) == photons and -sum(x for x in w if x < 0) <= photons
    ]


def protocols_by_brute_force(alpha: tuple[int, ...], photons: int, passes: int) -> set[tuple[tuple[int, ...], ...]]:
    """Every multiset of M columns of W with W r = N M alpha/||alpha||_P, columns sorted."""
    norm = sum(a for a in alpha if a > 0)
    result = set()
    for chosen in itertools.combinations_with_replacement(sorted(columns_of_w(alpha, photons)), passes):
        sums = [sum(column) for column in zip(*chosen, strict=True)]
        if all(s * norm == photons * passes * a for s, a in zip(sums, alpha, strict=True)):
            result.add(chosen)
    return result


def modes_of(column: tuple[int, ...], photons: int) -> int:
    """Occupied modes, the reference included when it holds photons."""
    return sum(1 for w in column if w) + (photons + sum(w for w in column if w < 0) > 0)


def clicks_of_the_walrus(mean: np.ndarray, covariance: np.ndarray, clicks: tuple[int, ...]) -> float:
    """The Walrus' probability of these clicks, its code run as Python: compiling it takes longer than these few sums."""
    import thewalrus
    from thewalrus import _torontonian

    compiled = {name: it.py_func for name, it in vars(_torontonian).items() if hasattr(it, "py_func")}
    with mock.patch.multiple(_torontonian, **compiled):
        return float(np.real(thewalrus.threshold_detection_prob(mean, covariance, np.array(clicks))))
