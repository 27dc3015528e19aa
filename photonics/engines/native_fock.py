"""The native engine for states of photon number: sparse amplitudes together with their exact derivatives.

A block holds T occupation strings with, for each, the amplitude and its d derivatives; every operation is linear in
them, so states, Heisenberg sums (74)-(77) and derivatives all come from one pass over the circuit, O(T (m + d)) each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.linalg

from photonics.circuit import BeamSplitter, Circuit, Loss, NumberControl, Operation, PhaseShift, PrepareFock, Sense
from photonics.conventions import Complex, Integer, Real
from photonics.fisher import mixed_qfi_matrix, pure_qfi_matrix
from photonics.fock import FockDensity, FockState
from photonics.limits import CircuitTooLargeError

LARGEST_MIXTURE_STRINGS = 3000
ROUNDING = 1e-15
"""Beam splitters leave amplitudes of this size, relative to those they mix, where the exact one is zero; they are removed."""


@dataclass(frozen=True, eq=False)
class Block:
    """Unnormalised amplitudes (T, 1 + d) on strings (T, m): column 0 the state, column 1 + j its derivative by theta_j."""

    occupations: Integer
    columns: Complex

    @property
    def amplitudes(self) -> Complex:
        return self.columns[:, 0]

    @property
    def derivatives(self) -> Complex:
        return self.columns[:, 1:]


def run_pure(circuit: Circuit, theta: Sequence[float]) -> Block:
    """The output amplitudes and derivatives of a lossless circuit."""
    if not circuit.is_lossless:
        raise AssertionError("a lossy circuit has no pure output")
    block = _start(circuit)
    for op in circuit.operations:
        block = _apply(op, block, circuit, theta)
    return block


def blocks_before_passes(circuit: Circuit, theta: Sequence[float]) -> Iterator[Block]:
    """The pure amplitudes that enter each pass, for circuits run without their losses (what Lemma 1 speaks of)."""
    block = _start(circuit)
    for op in circuit.operations:
        if isinstance(op, Sense):
            yield block
        if not isinstance(op, Loss):
            block = _apply(op, block, circuit, theta)


def run(circuit: Circuit, theta: Sequence[float]) -> FockState | FockDensity:
    """The output state."""
    if circuit.is_lossless:
        return _state(circuit, run_pure(circuit, theta))
    strings, density, _ = run_mixed(circuit, theta)
    return FockDensity(circuit.modes, strings, density)


def qfi(circuit: Circuit, theta: Sequence[float]) -> Real:
    """(d, d) quantum Fisher information matrix of the output state.

    Lossless circuits and lossy two-branch circuits are exact at any size; other lossy circuits go through the density
    matrix, up to LARGEST_MIXTURE_STRINGS occupation strings.
    """
    block = run_pure(circuit, theta) if circuit.is_lossless else surviving_branches(circuit, theta)
    if block is not None:
        return pure_qfi_matrix(block.amplitudes, block.derivatives)
    _, density, derivatives = run_mixed(circuit, theta)
    return mixed_qfi_matrix(density, derivatives)


def surviving_branches(circuit: Circuit, theta: Sequence[float]) -> Block | None:
    """The no-loss part of a two-branch state, when all the information is in it; None when that cannot be said.

    With two strings of equal photon number and every lossy mode occupied in at most one of them, a lost photon tells the
    branch, so what is left carries no phase; and lost strings have fewer photons, so they never add to these two. Then
    F = p F(surviving pure state), p its probability (docs/theory.md, section 7). O(operations x d).
    """
    block = _start(circuit)
    for op in circuit.operations:
        if isinstance(op, BeamSplitter) or len(block.occupations) != 2:
            return None
        if isinstance(op, NumberControl) and any(sum(a) != sum(b) for a, b in op.permutation().items()):
            return None
        if len({int(total) for total in block.occupations.sum(axis=1)}) > 1:
            return None
        if isinstance(op, Loss) and op.transmissivity < 1:
            k = circuit.place[op.mode]
            if block.occupations[:, k].all() or op.transmissivity == 0:
                return None
            kept = op.transmissivity ** (block.occupations[:, k] / 2)
            block = Block(block.occupations, block.columns * kept[:, None])
        elif not isinstance(op, Loss):
            block = _apply(op, block, circuit, theta)
    return block


def run_mixed(circuit: Circuit, theta: Sequence[float]) -> tuple[Integer, Complex, Complex]:
    """Strings (B, m), density matrix (B, B) and its derivatives (d, B, B) of a lossy circuit, for small systems."""
    blocks = [_start(circuit)]
    for op in circuit.operations:
        if isinstance(op, Loss):
            blocks = [part for block in blocks for part in _lose(op, block, circuit)]
            if sum(len(block.occupations) for block in blocks) > 50 * LARGEST_MIXTURE_STRINGS:
                raise _too_large(circuit)
        else:
            blocks = [_apply(op, block, circuit, theta) for block in blocks]
    place: dict[tuple[int, ...], int] = {}
    for block in blocks:
        for row in block.occupations.tolist():
            place.setdefault(tuple(row), len(place))
    if len(place) > LARGEST_MIXTURE_STRINGS:
        raise _too_large(circuit)
    density = np.zeros((len(place), len(place)), dtype=complex)
    derivatives = np.zeros((circuit.parameters, *density.shape), dtype=complex)
    for block in blocks:
        rows = [place[tuple(row)] for row in block.occupations.tolist()]
        grid = np.ix_(rows, rows)
        density[grid] += np.outer(block.amplitudes, block.amplitudes.conj())
        for j in range(circuit.parameters):
            moved = np.outer(block.derivatives[:, j], block.amplitudes.conj())
            derivatives[j][grid] += moved + moved.conj().T
    return np.array(list(place), dtype=np.int64), density, derivatives


def _too_large(circuit: Circuit) -> CircuitTooLargeError:
    return CircuitTooLargeError(
        f"the lossy circuit on {len(circuit.modes)} modes spreads over more than {LARGEST_MIXTURE_STRINGS} occupation "
        "strings; use fewer photons, or two-branch probes whose lossy modes are in one branch only (exact at any size)"
    )


def _start(circuit: Circuit) -> Block:
    first = circuit.operations[0] if circuit.operations else None
    if isinstance(first, PrepareFock):
        occupations, amplitudes = first.state.occupations, first.state.amplitudes
    else:
        occupations, amplitudes = np.zeros((1, len(circuit.modes)), dtype=np.int64), np.ones(1, dtype=complex)
    columns = np.zeros((len(amplitudes), 1 + circuit.parameters), dtype=complex)
    columns[:, 0] = amplitudes
    return Block(occupations, columns)


def _state(circuit: Circuit, block: Block) -> FockState:
    return FockState(circuit.modes, block.occupations, block.amplitudes)


def _apply(op: Operation, block: Block, circuit: Circuit, theta: Sequence[float]) -> Block:
    if isinstance(op, PrepareFock) or (isinstance(op, Loss) and op.transmissivity == 1):
        return block
    if isinstance(op, Sense):
        if op.generator != "number":
            raise ValueError("momentum sensing does not keep the photon number; give it to a Gaussian circuit")
        counts = block.occupations[:, [circuit.place[mode] for mode in op.modes]]
        columns = block.columns * np.exp(-1j * (counts @ np.asarray(theta, dtype=float)))[:, None]
        columns[:, 1:] -= 1j * counts * columns[:, :1]
        return Block(block.occupations, columns)
    if isinstance(op, PhaseShift):
        turn = np.exp(1j * op.angle_rad * block.occupations[:, circuit.place[op.mode]])
        return Block(block.occupations, block.columns * turn[:, None])
    if isinstance(op, NumberControl):
        moves = op.permutation()
        rows = [moves.get(row, row) for row in map(tuple, block.occupations.tolist())]
        return Block(np.array(rows, dtype=np.int64), block.columns)
    if isinstance(op, BeamSplitter):
        return _split(op, block, circuit)
    raise TypeError(f"{type(op).__name__} does not keep the photon number; the native Fock engine cannot run it")


def _split(op: BeamSplitter, block: Block, circuit: Circuit) -> Block:
    """A beam splitter mixes the strings that differ only in how n photons share its two modes."""
    a, b = circuit.place[op.first], circuit.place[op.second]
    groups: dict[tuple[int, ...], tuple[int, Complex]] = {}
    for row, column in zip(block.occupations.tolist(), block.columns, strict=True):
        total = row[a] + row[b]
        share, row[a], row[b] = row[a], total, 0
        group = groups.setdefault(tuple(row), (total, np.zeros((total + 1, block.columns.shape[1]), dtype=complex)))
        group[1][share] += column
    rows, columns = [], []
    for key, (total, vectors) in groups.items():
        turn = np.exp(-1j * op.phi_rad * np.arange(total + 1))
        mixed = turn[:, None] * (_real_beam_splitter(total, op.theta_rad) @ (turn.conj()[:, None] * vectors))
        for share in np.flatnonzero((np.abs(mixed) > ROUNDING * np.abs(vectors).max(axis=0)).any(axis=1)):
            row = list(key)
            row[a], row[b] = int(share), total - int(share)
            rows.append(row)
            columns.append(mixed[share])
    return Block(np.array(rows, dtype=np.int64), np.array(columns))


@lru_cache(maxsize=256)
def _real_beam_splitter(total: int, theta_rad: float) -> Real:
    """exp(theta (a1 a2^dagger - a1^dagger a2)) on |k, total - k>, k = 0 ... total."""
    k = np.arange(1, total + 1)
    step = np.sqrt(k * (total - k + 1.0))
    return np.asarray(scipy.linalg.expm(theta_rad * (np.diag(step, 1) - np.diag(step, -1))))


def _lose(op: Loss, block: Block, circuit: Circuit) -> list[Block]:
    """Kraus operators of loss: one block for each number of photons lost."""
    k = circuit.place[op.mode]
    eta = op.transmissivity
    if eta == 1:
        return [block]
    counts = block.occupations[:, k]
    parts = []
    for lost in range(int(counts.max()) + 1):
        able = counts >= lost
        left = counts[able] - lost
        kept = np.exp(0.5 * _log_binomial(counts[able], lost)) * eta ** (left / 2) * (1 - eta) ** (lost / 2)
        strings = block.occupations[able].copy()
        strings[:, k] = left
        columns = block.columns[able] * kept[:, None]
        if np.abs(columns).max(initial=0.0) > 0:
            parts.append(Block(strings, columns))
    return parts


def _log_binomial(n: Integer, k: int) -> Real:
    from scipy.special import gammaln

    return np.asarray(gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0))
