"""Qubit sensors, for comparison with photons: probe states, their Fisher matrices, and the same states on photon pairs of rails.

Each qubit picks up exp(-i theta_j Z_j/2), so F_ij = <Z_i Z_j> - <Z_i><Z_j> for pure states (Farokhi (5)): it depends only on the
probabilities of the bit strings. Bit 0 is Z = +1.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import ArrayLike

from photonics.conventions import Complex, Integer, Real, read_only
from photonics.fisher.fock import mixed_qfi_matrix
from photonics.limits import CircuitTooLargeError
from photonics.states.fock import NORM_TOLERANCE, FockState, weighted_covariance
from photonics.states.strings import distinct_rows
from photonics.values import ArrayValue, Value, freeze, is_whole, plain

LARGEST_DENSE = 12
"""Qubits of a density matrix: 2^12 x 2^12 complex numbers take 256 MiB, and a derivative for each as much again."""
POSITIVE_TOLERANCE = 1e-10


@dataclass(frozen=True, eq=False, repr=False)
class QubitState(ArrayValue):
    """A pure superposition of T bit strings of N qubits: any N, when T is small.

    Parameters
    ----------
    bits : (T, N) integers 0 and 1, one distinct string a row
    amplitudes : (T,) complex, squared magnitudes summing to 1

    Raises
    ------
    ValueError
        Listing what is wrong; nothing is normalised silently.

    Examples
    --------
    >>> qubit_qfi_matrix(QubitState.from_terms({(0, 0): 2**-0.5, (1, 1): 2**-0.5})).round(12).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """

    bits: Integer
    amplitudes: Complex

    def __post_init__(self) -> None:
        given = np.array(self.bits, ndmin=2)
        bits = given.astype(np.int64)
        amplitudes = np.array(self.amplitudes, dtype=np.complex128).reshape(-1)
        faults = []
        if bits.ndim != 2 or len(bits) != len(amplitudes) or not bits.size:
            faults.append(
                f"bits must have one row an amplitude and not be empty, got {bits.shape} and {amplitudes.shape}"
            )
        else:
            if not np.isin(given, (0, 1)).all():
                faults.append("bits must be 0 or 1")
            elif len(distinct_rows(bits)[0]) < len(bits):
                faults.append("every bit string must be given once")
            norm = float(np.sum(np.abs(amplitudes) ** 2))
            if not abs(norm - 1) <= NORM_TOLERANCE:
                faults.append(f"the squared amplitudes must sum to 1, got {norm:.12g}")
        if faults:
            raise ValueError("; ".join(faults))
        object.__setattr__(self, "bits", read_only(bits))
        object.__setattr__(self, "amplitudes", read_only(amplitudes))

    @classmethod
    def from_terms(cls, terms: Mapping[Sequence[int], complex]) -> QubitState:
        """From a dictionary of bit string to amplitude.

        Parameters
        ----------
        terms : mapping of (N,) bits to complex

        Returns
        -------
        QubitState
        """
        return cls(np.array([list(key) for key in terms]), np.array(list(terms.values())))

    @classmethod
    def from_vector(cls, vector: ArrayLike) -> QubitState:
        """From all 2^N amplitudes, qubit 1 the most significant bit.

        Parameters
        ----------
        vector : (2^N,) complex
            Entries that are zero are left out.

        Returns
        -------
        QubitState

        Raises
        ------
        ValueError
            For a length that is no power of two, or a vector that is not normalised.
        """
        amplitudes = np.asarray(vector, dtype=complex).reshape(-1)
        count = _qubits_of(len(amplitudes), "a state vector")
        kept = np.flatnonzero(amplitudes)
        bits = (kept[:, None] >> np.arange(count - 1, -1, -1)) & 1
        return cls(bits, amplitudes[kept])

    @property
    def qubits(self) -> int:
        """N."""
        return int(self.bits.shape[1])

    def vector(self) -> Complex:
        """(2^N,) amplitudes."""
        if self.qubits > 2 * LARGEST_DENSE:
            raise CircuitTooLargeError(f"{self.qubits} qubits have 2^{self.qubits} amplitudes")
        out = np.zeros(2**self.qubits, dtype=complex)
        out[self.bits @ (1 << np.arange(self.qubits - 1, -1, -1))] = self.amplitudes
        return out

    def dual_rail(self) -> FockState:
        """One photon for each qubit on two modes, "q1.0" and "q1.1": bit b puts it into the rail b.

        A phase exp(-i theta n) on the rails 1 carries the same information as exp(-i theta Z/2) on the qubits.

        >>> ghz_state(2).dual_rail().terms
        {(1, 0, 1, 0): (0.7071067811865476+0j), (0, 1, 0, 1): (0.7071067811865476+0j)}
        """
        rails = np.stack([1 - self.bits, self.bits], axis=2).reshape(len(self.bits), -1)
        return FockState(rail_modes(self.qubits), rails, self.amplitudes)


def rail_modes(qubits: int) -> tuple[str, ...]:
    """Names of the 2N modes of a dual-rail state."""
    return tuple(f"q{k}.{rail}" for k in range(1, qubits + 1) for rail in (0, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class SymmetricState(Value):
    """A state that no exchange of qubits changes: amplitudes of the Dicke states with k = 0 ... N ones. Any N.

    Parameters
    ----------
    amplitudes : tuple of complex, length N + 1
        Squared magnitudes sum to 1; entry k belongs to the Dicke state of k ones.

    Raises
    ------
    ValueError
        For fewer than two amplitudes, or a state that is not normalised.

    Examples
    --------
    >>> qubit_qfi_matrix(dicke_state(4, 2)).round(6)[0].tolist()
    [1.0, -0.333333, -0.333333, -0.333333]
    """

    amplitudes: tuple[complex, ...]

    def __post_init__(self) -> None:
        freeze(self)
        norm = math.fsum(abs(c) ** 2 for c in self.amplitudes)
        if len(self.amplitudes) < 2 or not abs(norm - 1) <= NORM_TOLERANCE:
            raise ValueError(
                f"N + 1 amplitudes, at least two, must have squares that sum to 1, got {len(self.amplitudes)} with {norm:.12g}"
            )

    @property
    def qubits(self) -> int:
        """N."""
        return len(self.amplitudes) - 1

    def as_strings(self) -> QubitState:
        """The same as bit strings, for small N."""
        count = self.qubits
        if sum(comb(count, k) for k, c in enumerate(self.amplitudes) if c) > 200_000:
            raise CircuitTooLargeError(f"this symmetric state of {count} qubits has more than 200000 bit strings")
        rows, amplitudes = [], []
        for k, c in enumerate(self.amplitudes):
            if c:
                for ones in itertools.combinations(range(count), k):
                    rows.append([1 if j in ones else 0 for j in range(count)])
                    amplitudes.append(c / math.sqrt(comb(count, k)))
        return QubitState(np.array(rows), np.array(amplitudes))


def qubit_qfi_matrix(state: QubitState | SymmetricState | ArrayLike) -> Real:
    """(N, N) quantum Fisher matrix of exp(-i sum theta_j Z_j/2): of a QubitState, a SymmetricState, a vector or a density matrix.

    Parameters
    ----------
    state : QubitState, SymmetricState, (2^N,) complex or (2^N, 2^N) complex
        A density matrix of at most 12 qubits; qubit 1 is the most significant bit.

    Returns
    -------
    (N, N) floats

    Raises
    ------
    ValueError
        For a density matrix that is not Hermitian, positive and of trace 1, or a size that is no power of two.
    """
    if isinstance(state, SymmetricState):
        return _symmetric_qfi(state)
    if isinstance(state, QubitState):
        return weighted_covariance(np.asarray(1.0 - 2.0 * state.bits), np.abs(state.amplitudes) ** 2)
    array = np.asarray(state, dtype=complex)
    if array.ndim == 1:
        return qubit_qfi_matrix(QubitState.from_vector(array))
    return _mixed_qfi(array)


def _symmetric_qfi(state: SymmetricState) -> Real:
    count = state.qubits
    k = np.arange(count + 1)
    weights = np.abs(np.array(state.amplitudes)) ** 2
    total = count - 2.0 * k  # sum of Z in the Dicke state of k ones
    single = float(weights @ total) / count
    pair = float(weights @ (total**2 - count)) / (count * (count - 1)) if count > 1 else 0.0
    information = np.full((count, count), pair - single**2)
    information[np.diag_indices(count)] = 1.0 - single**2
    return information


def _mixed_qfi(density: Complex) -> Real:
    faults = []
    if density.ndim != 2 or density.shape[0] != density.shape[1]:
        raise ValueError(f"a density matrix must be square, got shape {density.shape}")
    count = _qubits_of(len(density), "a density matrix")
    if count > LARGEST_DENSE:
        raise CircuitTooLargeError(f"density matrices are taken up to {LARGEST_DENSE} qubits, got {count}")
    if not np.abs(density - density.conj().T).max() <= 1e-9:
        faults.append("the density matrix must be Hermitian")
    trace = float(np.trace(density).real)
    if not abs(trace - 1) <= NORM_TOLERANCE:
        faults.append(f"the density matrix must have trace 1, got {trace:.12g}")
    lowest = float(np.linalg.eigvalsh((density + density.conj().T) / 2)[0]) if np.isfinite(density).all() else math.nan
    if not lowest >= -POSITIVE_TOLERANCE:
        faults.append(f"the density matrix must be positive, its smallest eigenvalue is {lowest:.6g}")
    if faults:
        raise ValueError("; ".join(faults))
    halves = 0.5 - ((np.arange(len(density))[:, None] >> np.arange(count - 1, -1, -1)) & 1)
    gaps = halves[:, None, :] - halves[None, :, :]
    return mixed_qfi_matrix(density, -1j * np.moveaxis(gaps * density[:, :, None], 2, 0))


def _qubits_of(size: int, what: str) -> int:
    count = size.bit_length() - 1
    if size < 2 or 2**count != size:
        raise ValueError(f"{what} must have 2^N entries a side, got {size}")
    return count


# --- probes --------------------------------------------------------------------------------------------------


def ghz_state(qubits: int, signs: Sequence[int] | None = None) -> QubitState:
    """(|z> + |-z>)/sqrt 2 for a pattern z of signs, all +1 if not given: F = z z^T.

    Parameters
    ----------
    qubits : int, at least 1
    signs : (N,) of 1 and -1, optional

    Returns
    -------
    QubitState

    Raises
    ------
    ValueError
        For signs of another number or size.

    Examples
    --------
    >>> qubit_qfi_matrix(ghz_state(2, (1, -1))).round(12).tolist()
    [[1.0, -1.0], [-1.0, 1.0]]
    """
    given = np.ones(qubits) if signs is None else np.asarray(signs)
    if given.shape != (qubits,) or not np.isin(given, (-1, 1)).all():
        raise ValueError(f"signs must be {qubits} numbers 1 or -1, got {signs}")
    pattern = given.astype(np.int64)
    first = (1 - pattern) // 2
    return QubitState(np.array([first, 1 - first]), np.full(2, math.sqrt(0.5), dtype=complex))


def product_state(qubits: int) -> SymmetricState:
    """|+> on every qubit: F = 1 (Corollary 3).

    Parameters
    ----------
    qubits : int, at least 1

    Returns
    -------
    SymmetricState
    """
    logs = [math.lgamma(qubits + 1) - math.lgamma(k + 1) - math.lgamma(qubits - k + 1) for k in range(qubits + 1)]
    return SymmetricState(amplitudes=tuple(math.exp((log - qubits * math.log(2)) / 2) for log in logs))


def bell_family(phi_rad: float) -> QubitState:
    """cos(phi) (|00> + |11>)/sqrt 2 + sin(phi) (|01> + |10>)/sqrt 2, the states of Farokhi's Fig. 1.

    Parameters
    ----------
    phi_rad : float

    Returns
    -------
    QubitState
        Of two qubits.
    """
    c, s = math.cos(phi_rad) * math.sqrt(0.5), math.sin(phi_rad) * math.sqrt(0.5)
    return QubitState.from_terms({(0, 0): c, (0, 1): s, (1, 0): s, (1, 1): c})


def dicke_state(qubits: int, ones: int) -> SymmetricState:
    """The symmetric state with this many ones; ones = 1 is the W state.

    Parameters
    ----------
    qubits : int, at least 1
    ones : int from 0 to ``qubits``

    Returns
    -------
    SymmetricState

    Raises
    ------
    ValueError
        For a number of ones that does not fit.
    """
    ones = plain(ones)
    if not is_whole(ones) or not 0 <= ones <= qubits or qubits < 1:
        raise ValueError(f"ones must be a whole number from 0 to {qubits}, got {ones}")
    return SymmetricState(amplitudes=tuple(1.0 if k == ones else 0.0 for k in range(qubits + 1)))


def random_qubit_state(qubits: int, rng: np.random.Generator) -> QubitState:
    """A Haar-random pure state.

    Parameters
    ----------
    qubits : int, at least 1
        2^N amplitudes are drawn.
    rng : numpy.random.Generator

    Returns
    -------
    QubitState
    """
    amplitudes = rng.normal(size=2**qubits) + 1j * rng.normal(size=2**qubits)
    return QubitState.from_vector(amplitudes / np.linalg.norm(amplitudes))
