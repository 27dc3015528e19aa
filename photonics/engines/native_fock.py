"""The native engine for states of photon number: sparse amplitudes together with their exact derivatives.

A block holds T occupation strings with, for each, the amplitude and its d derivatives; every operation is linear in
them, so states, Heisenberg sums (74)-(77) and derivatives all come from one pass over the circuit, O(T (m + d)) each.
Squeezing, displacements and momentum sensing add photons without end, which are followed up to a ``Cutoff``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from photonics.circuits.circuit import (
    BeamSplitter,
    Circuit,
    Displace,
    Interferometer,
    Loss,
    NumberControl,
    Operation,
    PhaseDiffusion,
    PhaseShift,
    PrepareFock,
    Sense,
    Squeeze,
)
from photonics.circuits.dispatch import OperationTable
from photonics.conventions import Complex, Integer, Real, read_only
from photonics.engines.cutoff import DEFAULT, Cutoff, Truncation
from photonics.engines.interference import interference, photon_patterns
from photonics.engines.widening import displacement_elements, squeezing_elements
from photonics.fisher import mixed_qfi_matrix, pure_qfi_matrix
from photonics.limits import CircuitTooLargeError
from photonics.output import Block, FockOutput, Populations
from photonics.states.fock import FockDensity, FockState
from photonics.states.strings import distinct_rows
from photonics.values import ArrayValue

LARGEST_MIXTURE_STRINGS = 3000
"""Occupation strings of a mixed state, whose density matrix has the square of them."""
AMPLIFIER_TAIL = 1e-14
"""Weight of one channel that is left out, where its sum has no end or falls below rounding."""
MAX_STRINGS = 2_000_000
"""Strings times columns (state and derivatives) that are held while an operation adds photons."""
ROUNDING = 1e-15
"""Beam splitters leave amplitudes of this size, relative to those they mix, where the exact one is zero; they are removed."""


class Kept:
    """How much of a state a cutoff has left out in the course of one run.

    Parameters
    ----------
    circuit : Circuit
    cutoff : Cutoff
    """

    def __init__(self, circuit: Circuit, cutoff: Cutoff) -> None:
        self.cutoff = cutoff
        self.lost = np.zeros(1 + circuit.parameters)
        """Weight left out of the amplitudes and of each derivative."""

    def truncation(self, blocks: Sequence[Block]) -> Truncation:
        """What was lost beside what these blocks of the output hold; raises CircuitTooLargeError when it is too much."""
        held = sum(((np.abs(block.columns) ** 2).sum(axis=0) for block in blocks), np.zeros(len(self.lost)))
        total = held + self.lost
        shares = np.divide(self.lost, total, out=np.zeros(len(total)), where=total != 0)
        most = max((int(block.occupations.max(initial=0)) for block in blocks), default=0)
        return Truncation(photons=most, weight_lost=float(shares.max())).require(self.cutoff)


def run_pure(circuit: Circuit, theta: Sequence[float], cutoff: Cutoff = DEFAULT) -> Block:
    """The output amplitudes and derivatives of a circuit that keeps states pure."""
    if not circuit.is_pure:
        raise AssertionError("a circuit with loss or random phases has no pure output")
    return run_blocks(circuit, theta, cutoff)[0]


def blocks_before_passes(circuit: Circuit, theta: Sequence[float]) -> Iterator[Block]:
    """The pure amplitudes that enter each pass, for circuits run without their losses (what Lemma 1 speaks of)."""
    block, kept = _start(circuit), Kept(circuit, DEFAULT)
    for op in circuit.operations:
        if isinstance(op, Sense):
            yield block
        if op not in spread:
            block = apply(op, block, circuit, theta, kept)


def run(circuit: Circuit, theta: Sequence[float], *, cutoff: Cutoff = DEFAULT) -> FockState | FockDensity:
    """The output state.

    Parameters
    ----------
    circuit : Circuit
    theta : (d,) floats
        Values of its parameters.
    cutoff : Cutoff
        Of photon numbers, where operations add photons.

    Returns
    -------
    FockState or FockDensity
    """
    if circuit.is_pure:
        return _state(circuit, run_pure(circuit, theta, cutoff))
    strings, density, _ = run_mixed(circuit, theta, cutoff)
    return FockDensity(circuit.modes, strings, density)


def truncation(circuit: Circuit, theta: Sequence[float], *, cutoff: Cutoff = DEFAULT) -> Truncation:
    """What the cutoff leaves out, of the state and its derivatives.

    Parameters
    ----------
    circuit : Circuit
    theta : (d,) floats
        Values of its parameters.
    cutoff : Cutoff

    Returns
    -------
    Truncation
    """
    kept = Kept(circuit, cutoff)
    return kept.truncation(_run_operations(circuit, theta, kept))


def qfi(circuit: Circuit, theta: Sequence[float], *, cutoff: Cutoff = DEFAULT) -> Real:
    """(d, d) quantum Fisher information matrix of the output state.

    Lossless circuits, and lossy superpositions of strings that share no lossy mode, are exact at any size; other lossy circuits
    go through the density matrix, up to LARGEST_MIXTURE_STRINGS occupation strings.

    Parameters
    ----------
    circuit : Circuit
    theta : (d,) floats
        Values of its parameters.
    cutoff : Cutoff
        Of photon numbers, where operations add photons.

    Returns
    -------
    (d, d) floats
    """
    if circuit.is_pure:
        block = run_pure(circuit, theta, cutoff)
        return pure_qfi_matrix(block.amplitudes, block.derivatives)
    branches = surviving_branches(circuit, theta)
    if branches is not None:
        return branches.qfi()
    blocks = run_blocks(circuit, theta, cutoff)
    _, density, derivatives, rows = _density(circuit, blocks)
    parts = [(np.array(at), block.derivatives) for at, block in zip(rows, blocks, strict=True)]
    return mixed_qfi_matrix(density, derivatives, parts=parts)


@dataclass(frozen=True, eq=False)
class Branches(ArrayValue):
    """What carries the phases of superposed strings behind loss: those that survived whole, and the coherence of each two of them.

    ``populations`` are those of all, None where a control has moved strings that had lost photons.
    """

    block: Block
    coherence: Real
    populations: Populations | None = None

    def qfi(self) -> Real:
        """p F(what survives), p its probability, with v^2 for two strings of coherence v (docs/theory/theory.md, section 7)."""
        amplitudes, derivatives = self.block.amplitudes, self.block.derivatives
        if len(amplitudes) == 2 or (self.coherence == 1).all():
            return float(self.coherence.min()) ** 2 * pure_qfi_matrix(amplitudes, derivatives)
        # Survival depends on no phase; so rare survivors keep their digits.
        weight = float(np.vdot(amplitudes, amplitudes).real)
        a, moved = amplitudes / math.sqrt(weight), derivatives / math.sqrt(weight)
        half = moved.T[:, :, None] * a.conj()
        slopes = self.coherence * (half + half.conj().swapaxes(1, 2))
        return weight * mixed_qfi_matrix(self.coherence * np.outer(a, a.conj()), slopes)

    def mixture(self) -> tuple[Block, ...]:
        """The strings that survived as a sum of pure states."""
        if (self.coherence == 1).all():
            return (self.block,)
        values, vectors = np.linalg.eigh(self.coherence)
        return tuple(
            self.block.scaled(math.sqrt(value) * vector)
            for value, vector in zip(values.tolist(), vectors.T, strict=True)
            if value > AMPLIFIER_TAIL
        )


def surviving_branches(circuit: Circuit, theta: Sequence[float]) -> Branches | None:
    """The no-loss part of superposed strings, when all the information is in it; None when that cannot be said.

    With strings of equal photon number and every lossy mode occupied in at most one of them, a lost photon tells the string, so
    what is left carries no phase; and lost strings have fewer photons, so they never add to those that are whole. Phase diffusion
    lowers the coherence of each pair by exp(-sigma^2 (difference of n)^2/2), O(strings^2); the rest is O(operations x strings).
    """
    if any(op.is_widening for op in circuit.operations):
        return None
    block, kept = _start(circuit), Kept(circuit, DEFAULT)
    lowered = np.zeros((len(block.occupations),) * 2) if _are_diffused(circuit) else np.zeros((1, 1))
    weights, survival, is_known = np.abs(block.amplitudes) ** 2, np.ones(len(circuit.modes)), True
    for op in circuit.operations:
        if isinstance(op, Loss):
            survival[circuit.place[op.mode]] *= op.transmissivity
        elif isinstance(op, NumberControl):
            is_known = is_known and bool((survival == 1).all())
        if len(block.occupations) < 2 or len({int(total) for total in block.occupations.sum(axis=1)}) > 1:
            return None
        if op in keep_branches:
            thinned = keep_branches(op, block, circuit)
            if thinned is None:
                return None
            block, more = thinned
            lowered = lowered + more
        else:
            block = apply(op, block, circuit, theta, kept)
    populations = Populations(block.occupations, read_only(weights), read_only(survival)) if is_known else None
    coherence = np.broadcast_to(np.exp(-lowered), (len(block.occupations),) * 2)
    return Branches(block, coherence, populations)


def _are_diffused(circuit: Circuit) -> bool:
    return any(isinstance(op, PhaseDiffusion) and op.sigma_rad for op in circuit.operations)


def run_blocks(circuit: Circuit, theta: Sequence[float], cutoff: Cutoff = DEFAULT) -> list[Block]:
    """The output as a sum of unnormalised pure states, one for every way in which channels acted."""
    kept = Kept(circuit, cutoff)
    blocks = _run_operations(circuit, theta, kept)
    kept.truncation(blocks)
    return blocks


def _run_operations(circuit: Circuit, theta: Sequence[float], kept: Kept) -> list[Block]:
    blocks = [_start(circuit)]
    for op in _losses_merged(circuit):
        if op in spread:
            blocks = [part for block in blocks for part in spread(op, block, circuit)]
        else:
            blocks = [apply(op, block, circuit, theta, kept) for block in blocks]
        if len(blocks) > 1 and sum(len(block.occupations) for block in blocks) > 50 * LARGEST_MIXTURE_STRINGS:
            raise _too_large(circuit)
    return blocks


def _losses_merged(circuit: Circuit) -> list[Operation]:
    """The operations with losses of a mode made one where only phases lie between them: these commute with loss."""
    operations: list[Operation] = []
    pending: dict[str, float] = {}

    def settle(modes: Iterable[str]) -> None:
        operations.extend(Loss(mode=mode, transmissivity=pending.pop(mode)) for mode in list(modes) if mode in pending)

    for op in circuit.operations:
        if isinstance(op, Loss) and not op.background_photons:
            pending[op.mode] = pending.get(op.mode, 1.0) * op.transmissivity
            continue
        if op.is_widening or not isinstance(op, Sense | PhaseShift | PhaseDiffusion):
            settle(op.acts_on or tuple(pending))
        operations.append(op)
    settle(tuple(pending))
    return operations


def output(
    circuit: Circuit, theta: Sequence[float], *, survivors: bool = False, cutoff: Cutoff = DEFAULT
) -> FockOutput:
    """What leaves the circuit. With ``survivors``, superposed strings behind loss in closed form: the rest is weight elsewhere.

    Parameters
    ----------
    circuit : Circuit
    theta : (d,) floats
        Values of its parameters.
    survivors : bool
        See above.
    cutoff : Cutoff
        Of photon numbers, where operations add photons.

    Returns
    -------
    FockOutput
    """
    if circuit.is_pure:
        return FockOutput(circuit.modes, (run_pure(circuit, theta, cutoff),))
    branches = surviving_branches(circuit, theta) if survivors else None
    if branches is None:
        return FockOutput(circuit.modes, tuple(run_blocks(circuit, theta, cutoff)))
    amplitudes = branches.block.amplitudes
    elsewhere = max(0.0, 1 - float(np.vdot(amplitudes, amplitudes).real))
    return FockOutput(circuit.modes, branches.mixture(), elsewhere=elsewhere, populations=branches.populations)


def run_mixed(circuit: Circuit, theta: Sequence[float], cutoff: Cutoff = DEFAULT) -> tuple[Integer, Complex, Complex]:
    """Strings (B, m), density matrix (B, B) and its derivatives (d, B, B) of a lossy circuit, for small systems."""
    return _density(circuit, run_blocks(circuit, theta, cutoff))[:3]


def _density(circuit: Circuit, blocks: list[Block]) -> tuple[Integer, Complex, Complex, list[list[int]]]:
    """Strings, density matrix, derivatives, and for each block the rows of its strings."""
    place: dict[tuple[int, ...], int] = {}
    rows = [[place.setdefault(tuple(row), len(place)) for row in block.occupations.tolist()] for block in blocks]
    if len(place) > LARGEST_MIXTURE_STRINGS:
        raise _too_large(circuit)
    density = np.zeros((len(place), len(place)), dtype=complex)
    derivatives = np.zeros((circuit.parameters, *density.shape), dtype=complex)
    for block, at in zip(blocks, rows, strict=True):
        grid = np.ix_(at, at)
        density[grid] += np.outer(block.amplitudes, block.amplitudes.conj())
        for j in range(circuit.parameters):
            moved = np.outer(block.derivatives[:, j], block.amplitudes.conj())
            derivatives[j][grid] += moved + moved.conj().T
    return np.array(list(place), dtype=np.int64), density, derivatives, rows


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
    return _block(occupations, columns)


def _state(circuit: Circuit, block: Block) -> FockState:
    return FockState(circuit.modes, block.occupations, block.amplitudes)


def _block(occupations: Integer, columns: Complex) -> Block:
    """A block of arrays that were made for it, which need no copy."""
    return Block(read_only(occupations), read_only(columns))


# --- what this engine can do ---------------------------------------------------------------------------------

apply: OperationTable[[Block, Circuit, Sequence[float], Kept], Block] = OperationTable("the native Fock engine")
"""Each operation on a pure state, at these values of the parameters; what a cutoff leaves out is added up."""
spread: OperationTable[[Block, Circuit], list[Block]] = OperationTable("the sum over what channels do")
"""Each channel on a pure state: one state for every way in which it can act."""
keep_branches: OperationTable[[Block, Circuit], tuple[Block, Real | float] | None] = OperationTable(
    "superposed strings"
)
"""What is not ``apply`` on strings that survive whole: these, and by how much ln(coherence) of each pair falls; None for more."""


@apply.of(PrepareFock)
def _prepared(op: PrepareFock, block: Block, circuit: Circuit, theta: Sequence[float], kept: Kept) -> Block:
    # The circuit starts from it.
    return block


def _without_channel(
    op: Loss | PhaseDiffusion, block: Block, circuit: Circuit, theta: Sequence[float], kept: Kept
) -> Block:
    if not op.is_pure:
        raise AssertionError(f"{type(op).__name__} does not keep states pure")
    return block


apply.of(Loss)(_without_channel)
apply.of(PhaseDiffusion)(_without_channel)


@apply.of(Sense)
def _sense(op: Sense, block: Block, circuit: Circuit, theta: Sequence[float], kept: Kept) -> Block:
    if op.generator == "momentum":
        for parameter, (mode, shift) in enumerate(zip(op.modes, theta, strict=True), 1):
            block = _sense_momentum(block, circuit.place[mode], parameter, shift, kept)
        return block
    counts = block.occupations[:, [circuit.place[mode] for mode in op.modes]]
    columns = block.columns * np.exp(-1j * (counts @ np.asarray(theta, dtype=float)))[:, None]
    columns[:, 1:] -= 1j * counts * columns[:, :1]
    return _block(block.occupations, columns)


@apply.of(PhaseShift)
def _shift_phase(op: PhaseShift, block: Block, circuit: Circuit, theta: Sequence[float], kept: Kept) -> Block:
    turn = np.exp(1j * op.angle_rad * block.occupations[:, circuit.place[op.mode]])
    return _block(block.occupations, block.columns * turn[:, None])


@apply.of(NumberControl)
def _permute(op: NumberControl, block: Block, circuit: Circuit, theta: Sequence[float], kept: Kept) -> Block:
    moves = op.permutation()
    rows = [moves.get(row, row) for row in map(tuple, block.occupations.tolist())]
    return _block(np.array(rows, dtype=np.int64), block.columns)


@apply.of(BeamSplitter)
def _split(op: BeamSplitter, block: Block, circuit: Circuit, theta: Sequence[float], kept: Kept) -> Block:
    """A beam splitter mixes the strings that differ only in how n photons share its two modes; all of one n at once."""
    a, b = circuit.place[op.first], circuit.place[op.second]
    together = block.occupations.copy()
    share = together[:, a].copy()
    together[:, a] += together[:, b]
    together[:, b] = 0
    keys, group = distinct_rows(together)
    rows, columns = [], []
    for total in np.unique(keys[:, a]).tolist():
        chosen = np.flatnonzero(keys[:, a] == total)
        slot = np.full(len(keys), -1)
        slot[chosen] = np.arange(len(chosen))
        here = np.flatnonzero(slot[group] >= 0)
        vectors = np.zeros((len(chosen), total + 1, block.columns.shape[1]), dtype=complex)
        vectors[slot[group[here]], share[here]] = block.columns[here]
        turn = np.exp(-1j * op.phi_rad * np.arange(total + 1))[:, None]
        mixed = turn * (_real_beam_splitter(total, op.theta_rad) @ (turn.conj() * vectors))
        seen = (np.abs(mixed) > ROUNDING * np.abs(vectors).max(axis=1, keepdims=True)).any(axis=2)
        which, first = np.nonzero(seen)
        strings = keys[chosen][which]
        strings[:, a], strings[:, b] = first, total - first
        rows.append(strings)
        columns.append(mixed[seen])
    return _block(np.concatenate(rows), np.concatenate(columns))


@apply.of(Interferometer)
def _interfere(op: Interferometer, block: Block, circuit: Circuit, theta: Sequence[float], kept: Kept) -> Block:
    """Every string's photons through the unitary (``interference``), strings equal in the other modes added up."""
    at = [circuit.place[mode] for mode in op.modes]
    unitary = np.array(op.unitary)
    totals = block.occupations[:, at].sum(axis=1)
    elsewhere = block.occupations.copy()
    elsewhere[:, at] = 0
    elsewhere[:, at[0]] = totals
    keys, group = distinct_rows(elsewhere)
    rows, columns = [], []
    for index, key in enumerate(keys):
        total = int(key[at[0]])
        patterns = photon_patterns(total, len(at))
        sums = np.zeros((len(patterns), block.columns.shape[1]), dtype=complex)
        for row in np.flatnonzero(group == index):
            through = interference(unitary, block.occupations[row, at])
            sums += through[:, None] * block.columns[row]
        seen = (np.abs(sums) > ROUNDING * np.abs(sums).max(axis=0)).any(axis=1)
        strings = np.repeat(key[None], int(seen.sum()), axis=0)
        strings[:, at] = patterns[seen]
        rows.append(strings)
        columns.append(sums[seen])
    return _block(np.concatenate(rows), np.concatenate(columns))


@apply.of(Squeeze)
def _squeeze(op: Squeeze, block: Block, circuit: Circuit, theta: Sequence[float], kept: Kept) -> Block:
    return _on_mode(
        block, circuit.place[op.mode], lambda rows, columns: squeezing_elements(op.r, op.angle_rad, rows, columns), kept
    )


@apply.of(Displace)
def _displace(op: Displace, block: Block, circuit: Circuit, theta: Sequence[float], kept: Kept) -> Block:
    # First x and then p, as Strawberry Fields has them: a global phase beside both at once.
    moved = _displaced(block, circuit.place[op.mode], complex(op.x, op.p) / 2, kept)
    return _block(moved.occupations, moved.columns * np.exp(0.25j * op.x * op.p))


def _displaced(block: Block, k: int, alpha: complex, kept: Kept) -> Block:
    return _on_mode(block, k, lambda rows, columns: displacement_elements(alpha, rows, columns), kept)


def _sense_momentum(block: Block, k: int, parameter: int, shift: float, kept: Kept) -> Block:
    """exp(-i theta p) on a mode: its derivative is -i p = (a^dagger - a)/2, which reaches one photon more, and then the shift."""
    counts = block.occupations[:, k]
    up, down = block.occupations.copy(), block.occupations.copy()
    up[:, k] += 1
    down[:, k] -= 1
    able = counts > 0
    strings, which = distinct_rows(np.concatenate([block.occupations, up, down[able]]))
    size = len(counts)
    columns = np.zeros((len(strings), block.columns.shape[1]), dtype=complex)
    columns[which[:size]] = block.columns
    amplitudes = block.amplitudes
    columns[which[size : 2 * size], parameter] += np.sqrt(counts + 1) / 2 * amplitudes
    columns[which[2 * size :], parameter] -= np.sqrt(counts[able]) / 2 * amplitudes[able]
    return _displaced(_block(strings, columns), k, shift / 2, kept)


def _on_mode(block: Block, k: int, elements: Callable[[int, int], Complex], kept: Kept) -> Block:
    """A matrix (photons after, photons before) on one mode, up to the cutoff; the weight beyond it is noted in ``kept``."""
    elsewhere = block.occupations.copy()
    counts = elsewhere[:, k].copy()
    elsewhere[:, k] = 0
    keys, group = distinct_rows(elsewhere)
    most = int(counts.max())
    # Photons that are there already stay, however few the cutoff allows.
    matrix = elements(max(kept.cutoff.photons, most) + 1, most + 1)
    matrix = matrix[: 1 + int(np.flatnonzero(np.abs(matrix).max(axis=1) > ROUNDING**2).max(initial=0))]
    width = block.columns.shape[1]
    if len(keys) * max(matrix.shape) * width > MAX_STRINGS:
        raise CircuitTooLargeError(
            f"adding photons to a mode spreads {len(keys)} strings of the others over {len(matrix)} photon numbers, with "
            f"{width - 1} derivatives more than {MAX_STRINGS} amplitudes; use fewer modes or less squeezing"
        )
    vectors = np.zeros((len(keys), most + 1, width), dtype=complex)
    vectors[group, counts] = block.columns
    mixed = matrix @ vectors
    size = np.abs(mixed)
    before = (np.abs(vectors) ** 2).sum(axis=(0, 1))
    seen = (size > ROUNDING * np.sqrt(before)).any(axis=2)
    if not seen.any():
        Truncation(photons=kept.cutoff.photons, weight_lost=1.0).require(kept.cutoff)
    kept.lost += np.clip(before - (size[seen] ** 2).sum(axis=0), 0.0, None)
    which, photons = np.nonzero(seen)
    strings = keys[which].copy()
    strings[:, k] = photons
    return _block(strings, mixed[seen])


@lru_cache(maxsize=256)
def _real_beam_splitter(total: int, theta_rad: float) -> Real:
    """exp(theta (a1 a2^dagger - a1^dagger a2)) on |k, total - k>, k = 0 ... total."""
    k = np.arange(1, total + 1)
    step = np.sqrt(k * (total - k + 1.0))
    return np.asarray(scipy.linalg.expm(theta_rad * (np.diag(step, 1) - np.diag(step, -1))))


@spread.of(Loss)
def _lose(op: Loss, block: Block, circuit: Circuit) -> list[Block]:
    """Kraus operators of loss, one block for each number of photons lost; a thermal background then adds some.

    Thermal loss is loss eta/G followed by a quantum-limited amplifier of gain G = 1 + (1 - eta) n_b.
    """
    if op.transmissivity == 1:
        return [block]
    k = circuit.place[op.mode]
    gain = 1 + (1 - op.transmissivity) * op.background_photons
    eta = op.transmissivity / gain
    counts = block.occupations[:, k]
    parts = []
    for lost in range(int(counts.max()) + 1):
        able = counts >= lost
        left = counts[able] - lost
        kept = np.exp(0.5 * _log_binomial(counts[able], lost)) * eta ** (left / 2) * (1 - eta) ** (lost / 2)
        parts.append(_with_counts(block, able, k, left, kept))
    if gain > 1:
        parts = [more for part in parts if part is not None for more in _amplify(part, k, gain)]
    return [part for part in parts if part is not None]


def _amplify(block: Block, k: int, gain: float) -> list[Block | None]:
    """Kraus operators of a quantum-limited amplifier, until less than AMPLIFIER_TAIL of the weight is left out."""
    counts = block.occupations[:, k]
    every = np.ones(len(counts), dtype=bool)
    parts, missing, added = [], 1.0, 0
    while missing > AMPLIFIER_TAIL:
        log_kept = _log_binomial(counts + added, added) - (counts + 1) * math.log(gain)
        log_kept += added * math.log1p(-1 / gain)
        missing -= float(np.exp(log_kept[np.argmax(counts)]))
        parts.append(_with_counts(block, every, k, counts + added, np.exp(log_kept / 2)))
        added += 1
        if added > LARGEST_MIXTURE_STRINGS:
            raise CircuitTooLargeError("the thermal background adds more photons than can be followed one by one")
    return parts


@spread.of(PhaseDiffusion)
def _diffuse(op: PhaseDiffusion, block: Block, circuit: Circuit) -> list[Block]:
    """exp(-sigma^2 (n - n')^2/2) as a sum of outer products over the photon numbers that occur."""
    k = circuit.place[op.mode]
    counts = block.occupations[:, k]
    seen, which = np.unique(counts, return_inverse=True)
    if not op.sigma_rad or len(seen) == 1:
        return [block]
    values, vectors = np.linalg.eigh(np.exp(-((op.sigma_rad * (seen[:, None] - seen[None, :])) ** 2) / 2))
    every = np.ones(len(counts), dtype=bool)
    parts = [
        _with_counts(block, every, k, counts, math.sqrt(value) * vector[which])
        for value, vector in zip(values, vectors.T, strict=True)
        if value > AMPLIFIER_TAIL
    ]
    return [part for part in parts if part is not None]


def _more_than_two(op: BeamSplitter | Interferometer, block: Block, circuit: Circuit) -> None:
    return None


keep_branches.of(BeamSplitter)(_more_than_two)
keep_branches.of(Interferometer)(_more_than_two)


@keep_branches.of(NumberControl)
def _permute_branches(op: NumberControl, block: Block, circuit: Circuit) -> tuple[Block, Real | float] | None:
    if any(sum(a) != sum(b) for a, b in op.permutation().items()):
        return None
    return _permute(op, block, circuit, (), Kept(circuit, DEFAULT)), 0.0


@keep_branches.of(PhaseDiffusion)
def _diffuse_branches(op: PhaseDiffusion, block: Block, circuit: Circuit) -> tuple[Block, Real | float] | None:
    if not op.sigma_rad:
        return block, 0.0
    counts = block.occupations[:, circuit.place[op.mode]]
    return block, (op.sigma_rad * (counts[:, None] - counts[None, :])) ** 2 / 2


@keep_branches.of(Loss)
def _thin_branches(op: Loss, block: Block, circuit: Circuit) -> tuple[Block, Real | float] | None:
    if op.is_pure:
        return block, 0.0
    k = circuit.place[op.mode]
    if np.count_nonzero(block.occupations[:, k]) > 1 or op.transmissivity == 0 or op.background_photons:
        return None
    kept = op.transmissivity ** (block.occupations[:, k] / 2)
    return _block(block.occupations, block.columns * kept[:, None]), 0.0


def _with_counts(block: Block, able: NDArray[np.bool_], k: int, counts: Integer, factors: Real) -> Block | None:
    """The strings ``able`` with new photon numbers in mode k, amplitudes times ``factors``; None when nothing is left."""
    columns = block.columns[able] * factors[:, None]
    if not columns.any():
        return None
    strings = block.occupations[able].copy()
    strings[:, k] = counts
    return _block(strings, columns)


def _log_binomial(n: Integer, k: int) -> Real:
    from scipy.special import gammaln

    return np.asarray(gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0))
