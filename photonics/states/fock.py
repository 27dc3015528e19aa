"""Sparse states of photon number: pure superpositions of occupation strings, and small mixed states.

What is done to them lives in ``photonics.engines``; what they can sense in ``photonics.fisher``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from photonics.conventions import Complex, Integer, Real, read_only
from photonics.states.strings import descending_order, distinct_rows, occupation_rows
from photonics.values import ArrayValue, freeze

NORM_TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False, repr=False)
class FockState(ArrayValue):
    """A pure superposition of T occupation strings over m named modes, stored as T x m integers.

    Parameters
    ----------
    modes : sequence of str, length m
    occupations : (T, m) integers
        Photon numbers, one distinct string a row.
    amplitudes : (T,) complex
        Their squared magnitudes sum to 1; nothing is normalised silently.

    Raises
    ------
    ValueError
        For negative or repeated strings, wrong shapes, NaN, an empty or unnormalised state.

    Examples
    --------
    >>> noon = FockState.from_terms(["a", "b"], {(2, 0): 2**-0.5, (0, 2): 2**-0.5})
    >>> noon.number_covariance().round(12).tolist()
    [[1.0, -1.0], [-1.0, 1.0]]
    """

    modes: tuple[str, ...]
    occupations: Integer
    amplitudes: Complex

    def __post_init__(self) -> None:
        modes = tuple(self.modes)
        occupations = np.array(occupation_rows(self.occupations), ndmin=2)
        amplitudes = np.array(self.amplitudes, dtype=np.complex128).reshape(-1)
        faults = _fock_faults(modes, occupations, amplitudes)
        if faults:
            raise ValueError("; ".join(faults))
        # One order of the strings, the largest first, makes equal states equal and their repr the same.
        order = descending_order(occupations)
        object.__setattr__(self, "modes", modes)
        object.__setattr__(self, "occupations", read_only(occupations[order]))
        object.__setattr__(self, "amplitudes", read_only(amplitudes[order]))

    @classmethod
    def from_terms(cls, modes: Iterable[str], terms: Mapping[Sequence[int], complex]) -> FockState:
        """A state from a dictionary of occupation string to amplitude.

        Parameters
        ----------
        modes : iterable of str, length m
        terms : mapping of (m,) photon numbers to complex

        Returns
        -------
        FockState
        """
        return cls(tuple(modes), occupation_rows([list(key) for key in terms]), np.array(list(terms.values())))

    @property
    def terms(self) -> dict[tuple[int, ...], complex]:
        """Occupation string to amplitude."""
        return {tuple(row): complex(c) for row, c in zip(self.occupations.tolist(), self.amplitudes, strict=True)}

    def __repr__(self) -> str:
        if self.occupations.size > 200:
            return f"<FockState of {len(self.amplitudes)} strings over {len(self.modes)} modes>"
        return f"FockState.from_terms({list(self.modes)!r}, {self.terms!r})"

    def probabilities(self) -> Real:
        """(T,) probability of each string."""
        return np.abs(self.amplitudes) ** 2

    def photon_number(self) -> Real:
        """(m,) mean photon number of each mode."""
        return self.probabilities() @ self.occupations

    def number_covariance(self) -> Real:
        """(m, m) covariance of the photon numbers."""
        return weighted_covariance(self.occupations, self.probabilities())

    def probability(self, occupation: Sequence[int]) -> float:
        """Probability of finding exactly this string of photon numbers.

        Parameters
        ----------
        occupation : (m,) integers

        Returns
        -------
        float
        """
        return float(abs(self.terms.get(tuple(occupation), 0.0)) ** 2)

    def overlap(self, other: FockState) -> complex:
        """<self|other>.

        Parameters
        ----------
        other : FockState
            Over as many modes.

        Returns
        -------
        complex
        """
        theirs = other.terms
        return sum((c.conjugate() * theirs.get(key, 0.0) for key, c in self.terms.items()), 0j)


def weighted_covariance(values: Real | Integer, weights: Real) -> Real:
    """(d, d) covariance of d quantities, (T, d) values with (T,) probabilities: O(T d) and one product.

    >>> round(weighted_covariance(np.array([[1.0], [-1.0]]), np.array([0.5, 0.5])).item(), 12)
    1.0
    """
    centred = (values - weights @ values) * np.sqrt(weights)[:, None]
    return np.asarray(centred.T @ centred)


@dataclass(frozen=True, eq=False)
class FockDensity(ArrayValue):
    """A mixed state on B occupation strings: rho[k, l] = <string k| rho |string l>.

    Parameters
    ----------
    modes : tuple of str, length m
    occupations : (B, m) integers
    matrix : (B, B) complex, Hermitian, of trace 1
    """

    modes: tuple[str, ...]
    occupations: Integer
    matrix: Complex

    def __post_init__(self) -> None:
        freeze(self)
        size, count = len(self.occupations), len(self.modes)
        if self.occupations.shape != (size, count) or self.matrix.shape != (size, size):
            raise ValueError(
                f"{size} strings over {count} modes need occupations of shape {(size, count)} and a matrix {(size, size)}, "
                f"got {self.occupations.shape} and {self.matrix.shape}"
            )
        if not np.allclose(self.matrix, self.matrix.conj().T, atol=1e-10, rtol=0):
            raise ValueError("a density matrix must be Hermitian")
        trace = float(np.trace(self.matrix).real)
        if abs(trace - 1) > NORM_TOLERANCE:
            raise ValueError(f"a density matrix must have trace 1, got {trace:.12g}")

    def probabilities(self) -> dict[tuple[int, ...], float]:
        """Occupation string to probability."""
        diagonal = np.diag(self.matrix).real
        return {tuple(row): float(p) for row, p in zip(self.occupations.tolist(), diagonal, strict=True)}

    def photon_number(self) -> Real:
        """(m,) mean photon number of each mode."""
        return np.asarray(np.diag(self.matrix).real @ self.occupations)

    def number_covariance(self) -> Real:
        """(m, m) covariance of the photon numbers."""
        return weighted_covariance(self.occupations, np.clip(np.diag(self.matrix).real, 0.0, None))


def _fock_faults(modes: tuple[str, ...], occupations: Integer, amplitudes: Complex) -> list[str]:
    if len(set(modes)) < len(modes):
        return [f"mode names must differ, got {modes}"]
    if occupations.ndim != 2 or occupations.shape != (len(amplitudes), len(modes)) or not len(amplitudes):
        shape = (len(amplitudes), len(modes))
        return [
            f"occupations must have shape {shape}, one row an amplitude and one column a mode, not empty; "
            f"got {occupations.shape}"
        ]
    faults = []
    if (occupations < 0).any():
        faults.append("photon numbers must not be negative")
    elif len(distinct_rows(occupations)[0]) < len(occupations):
        faults.append("every occupation string must be given once")
    with np.errstate(over="ignore", invalid="ignore"):
        norm = float(np.sum(np.abs(amplitudes) ** 2))
    if not np.isfinite(amplitudes).all():
        faults.append("amplitudes must be finite")
    elif not np.isfinite(norm):
        faults.append("the squared amplitudes must sum to 1; these are too large to square")
    elif abs(norm - 1) > NORM_TOLERANCE:
        faults.append(
            f"the squared amplitudes must sum to 1, got {norm:.12g}; divide the amplitudes by {norm**0.5:.12g}"
        )
    return faults
