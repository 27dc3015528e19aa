"""The Strawberry Fields engine: the same circuits on its Fock and Gaussian backends, as an independent check.

Its answers come from its own states: Fisher information from derivatives of its output kets and density matrices, from
overlaps of its output states (The Walrus' fidelity), or from moments of its photon numbers (The Walrus).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from scipy.linalg import LinAlgWarning

from photonics.adapters.sf_gates import apply_gates, gates_of, gaussian_gates
from photonics.adapters.sf_import import import_strawberryfields
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
)
from photonics.circuits.dispatch import OperationTable
from photonics.conventions import Complex, Real
from photonics.engines.cutoff import DEFAULT, Cutoff, Truncation
from photonics.fisher import mixed_qfi_matrix, pure_qfi_matrix
from photonics.limits import CircuitTooLargeError, PrecisionError
from photonics.states.fock import FockDensity, FockState
from photonics.states.gaussian import GaussianState

name = "strawberryfields"
LARGEST_MEMORY_BYTES = 2**30
"""Memory of a state of the Fock backend of Strawberry Fields."""
MAX_OVERLAPPED = 64
"""Parameters of a Gaussian circuit whose Fisher matrix is taken from overlaps of states; more take minutes."""
LARGEST_COVARIANCE = 3e5
"""Entries above it leave fewer than six digits of the squeezed quadratures in Strawberry Fields' covariance."""
QUADRATURE_NODES = 64
"""Random phases are averaged over so many Rgates: exact to 1e-12 while sigma times the photon number stays below 6."""
SPARE_LEVELS = 7
"""With these beside the photons that are put in, truncated circuits are first tried."""
SETTLED = 1e-9
"""A Fisher matrix of a truncated circuit is taken when half as many levels again change it by less than this."""
EMPTY = 1e-13
"""Amplitudes and probabilities below this in Strawberry Fields' dense arrays are rounding, and left out of our states."""


def check_size(circuit: Circuit) -> None:
    """Raise CircuitTooLargeError, before anything is allocated, when the Fock backend would need too much memory.

    Parameters
    ----------
    circuit : Circuit
    """
    if circuit.is_gaussian:
        if circuit.parameters > MAX_OVERLAPPED:
            raise CircuitTooLargeError(
                f"a Fisher matrix from Strawberry Fields takes an overlap for each pair of {circuit.parameters} parameters, "
                f"minutes above {MAX_OVERLAPPED}; use the native engine"
            )
        return
    if any(isinstance(op, Loss) and op.background_photons and op.transmissivity < 1 for op in circuit.operations):
        raise CircuitTooLargeError("Strawberry Fields' Fock backend has no thermal loss; use the native engine")
    _check_levels(circuit, _levels(circuit))


def _check_levels(circuit: Circuit, levels: int) -> None:
    count = len(circuit.modes)
    # Four arrays of the state's size live at once while a gate is applied.
    power = count if circuit.is_pure else 2 * count
    needed = 4 * 16 * levels**power
    if needed > LARGEST_MEMORY_BYTES:
        raise CircuitTooLargeError(
            f"Strawberry Fields' Fock backend would need about {_bytes(needed)} for {count} modes of up to {levels - 1} photons"
            f"{'' if circuit.is_pure else ' with loss'} (limit {_bytes(LARGEST_MEMORY_BYTES)}); use the native engine"
        )


def run(
    circuit: Circuit, theta: Sequence[float], *, cutoff: Cutoff = DEFAULT
) -> FockState | FockDensity | GaussianState:
    """The output state, converted to this package's conventions.

    Parameters
    ----------
    circuit : Circuit
    theta : (d,) floats
        Values of its parameters.
    cutoff : Cutoff
        Of photon numbers, where operations add photons to what is not Gaussian.

    Returns
    -------
    FockState, FockDensity or GaussianState

    Raises
    ------
    ValueError
        For another number of parameters.
    CircuitTooLargeError
        When the engine cannot hold it.
    """
    circuit.require_parameters(theta)
    if circuit.is_gaussian:
        return _run_gaussian(circuit, theta)
    dense = _converged(circuit, theta, cutoff)[0]
    count = len(circuit.modes)
    if dense.ndim == count:
        strings = np.argwhere(np.abs(dense) > EMPTY)
        return FockState(circuit.modes, strings, dense[tuple(strings.T)])
    matrix = _as_matrix(dense)
    kept = np.flatnonzero(np.diag(matrix).real > EMPTY)
    strings = np.array(np.unravel_index(kept, (dense.shape[0],) * count)).T
    return FockDensity(circuit.modes, strings, matrix[np.ix_(kept, kept)])


def qfi(circuit: Circuit, theta: Sequence[float], *, cutoff: Cutoff = DEFAULT) -> Real:
    """(d, d) quantum Fisher information matrix, from Strawberry Fields' output states alone.

    Where operations add photons to what is not Gaussian, the number of levels grows until the Fisher matrix stays the same to
    SETTLED of its largest entry.

    Parameters
    ----------
    circuit : Circuit
    theta : (d,) floats
        Values of its parameters.
    cutoff : Cutoff
        Of photon numbers, where operations add photons to what is not Gaussian.

    Returns
    -------
    (d, d) floats

    Raises
    ------
    ValueError
        For another number of parameters.
    CircuitTooLargeError
        When the engine cannot hold it.
    """
    circuit.require_parameters(theta)
    if circuit.is_gaussian:
        return _gaussian_qfi(circuit, theta)
    if not circuit.is_truncated:
        return _fock_qfi(circuit, theta, _levels(circuit))
    levels = _converged(circuit, theta, cutoff)[0].shape[0]
    before = _fock_qfi(circuit, theta, levels)
    while True:
        # The derivatives reach further than the state; only more levels tell whether they are whole.
        levels = _more(circuit, levels, cutoff)
        after = _fock_qfi(circuit, theta, levels)
        if np.abs(after - before).max(initial=0.0) <= SETTLED * max(1e-12, float(np.abs(after).max(initial=0.0))):
            return after
        before = after


def truncation(circuit: Circuit, theta: Sequence[float], *, cutoff: Cutoff = DEFAULT) -> Truncation:
    """What the cutoff leaves out of the state.

    Parameters
    ----------
    circuit : Circuit
    theta : (d,) floats
        Values of its parameters.
    cutoff : Cutoff

    Returns
    -------
    Truncation

    Raises
    ------
    ValueError
        For a circuit that needs none, and another number of parameters.
    CircuitTooLargeError
        When more is lost than the cutoff allows.
    """
    circuit.require_parameters(theta)
    circuit.require_truncated()
    return _converged(circuit, theta, cutoff)[1]


def _converged(circuit: Circuit, theta: Sequence[float], cutoff: Cutoff) -> tuple[Complex, Truncation]:
    """The dense output on as many levels as leave out no more weight than the cutoff allows."""
    levels = _levels(circuit)
    while True:
        dense = _run_fock(circuit, theta, levels)
        if not circuit.is_truncated:
            return dense, Truncation(photons=levels - 1, weight_lost=0.0)
        held = np.vdot(dense, dense) if dense.ndim == len(circuit.modes) else np.trace(_as_matrix(dense))
        truncation = Truncation(photons=levels - 1, weight_lost=max(0.0, 1 - float(held.real)))
        if truncation.weight_lost <= cutoff.weight_lost:
            return dense, truncation
        if levels > cutoff.photons:
            truncation.require(cutoff)
        levels = _more(circuit, levels, cutoff)


def _more(circuit: Circuit, levels: int, cutoff: Cutoff) -> int:
    """Half as many levels again, up to the cutoff."""
    grown = min(levels + levels // 2, max(levels, cutoff.photons + 1))
    if grown == levels:
        raise CircuitTooLargeError(
            f"with at most {cutoff.photons} photons a mode Strawberry Fields' Fisher matrix cannot be seen to have settled; "
            "use less squeezing, or a Cutoff of more photons"
        )
    _check_levels(circuit, grown)
    return grown


def _fock_qfi(circuit: Circuit, theta: Sequence[float], levels: int) -> Real:
    """From derivatives of the output on this many levels."""
    ket, slopes = _output_and_slopes(circuit, theta, levels)
    if ket.ndim == len(circuit.modes):
        return pure_qfi_matrix(ket.reshape(-1), np.array([slope.reshape(-1) for slope in slopes]).T)
    matrix = _as_matrix(ket)
    kept = np.flatnonzero(np.diag(matrix).real > EMPTY)
    grid = np.ix_(kept, kept)
    changes = np.array([_as_matrix(slope)[grid] for slope in slopes])
    # Rounding in the dense arrays would couple sectors of photon number that are apart, and pass for rare ones.
    density = np.where(np.abs(matrix[grid]) > EMPTY, matrix[grid], 0.0)
    changes = np.where(np.abs(changes) > 1e-10 * np.abs(changes).max(initial=0.0), changes, 0.0)
    return mixed_qfi_matrix(density, changes, floor=1e-9)


def _output_and_slopes(circuit: Circuit, theta: Sequence[float], levels: int) -> tuple[Complex, list[Complex]]:
    """The dense output and its derivatives along each parameter.

    Operations are linear. What stands before the first sensing is the same at every theta and run once; what stands behind the last
    one is run once for the state and once for each derivative, not at each of the points that a derivative takes.
    """
    step = 0.05 / (levels * max(1, circuit.passes))
    sensing = [k for k, op in enumerate(circuit.operations) if isinstance(op, Sense)]
    if circuit.is_truncated or not sensing:
        # A state whose norm is below 1 is not put back.
        output = partial(_run_operations, circuit, circuit.operations, _vacuum(circuit, levels))
        return output(theta), _derivatives(output, theta, step)
    first, last = sensing[0], sensing[-1] + 1
    prepared = _run_operations(circuit, circuit.operations[:first], _vacuum(circuit, levels), theta)
    sensed = partial(_run_operations, circuit, circuit.operations[first:last], prepared)
    behind = partial(_run_operations, circuit, circuit.operations[last:], theta=theta)
    state, slopes = sensed(theta), _derivatives(sensed, theta, step)
    out = behind(state)
    if out.ndim != state.ndim:
        # Linear in the density matrix, not in the ket.
        bra = state.reshape(-1).conj()
        halves = [np.outer(slope.reshape(-1), bra) for slope in slopes]
        slopes = [_interleave(half + half.conj().T, levels, len(circuit.modes)) for half in halves]
    return out, [behind(slope) for slope in slopes]


def _levels(circuit: Circuit) -> int:
    """N + 1 levels are exact for at most N photons under operations that do not add any; preparations and controls do.

    Where others add photons, a few levels more to begin with.
    """
    made = 1 + max((photons_made(op) for op in circuit.operations if op in photons_made), default=0)
    return made + SPARE_LEVELS * circuit.is_truncated


photons_made: OperationTable[[], int] = OperationTable("the count of photons that are put in")
"""The most photons that an operation can leave in all modes together."""


@photons_made.of(PrepareFock)
def _most_prepared(op: PrepareFock) -> int:
    return int(op.state.occupations.sum(axis=1).max())


@photons_made.of(NumberControl)
def _most_moved(op: NumberControl) -> int:
    return max((sum(string) for move in op.moves for string in move), default=0)


def _run_fock(circuit: Circuit, theta: Sequence[float], levels: int) -> Complex:
    """The dense output: a ket (levels,) * m, or a density matrix (levels,) * 2m with ket and bra axes in turn."""
    return _run_operations(circuit, circuit.operations, _vacuum(circuit, levels), theta)


def _vacuum(circuit: Circuit, levels: int) -> Complex:
    """(levels,) * m: no photon anywhere."""
    check_size(circuit)
    state = np.zeros((levels,) * len(circuit.modes), dtype=complex)
    state[(0,) * len(circuit.modes)] = 1.0
    return state


def _run_operations(
    circuit: Circuit, operations: Sequence[Operation], state: Complex, theta: Sequence[float]
) -> Complex:
    """Some operations of a circuit, on the state that those before them left."""
    pending: list[Operation] = []
    for op in operations:
        if op in between_programs:
            state = between_programs(op, circuit, _fock_segment(circuit, pending, state, theta))
            pending = []
        else:
            pending.append(op)
    return _fock_segment(circuit, pending, state, theta)


between_programs: OperationTable[[Circuit, Complex], Complex] = OperationTable("what stands between programs")
"""What Strawberry Fields has no gate for: its state is taken out, changed and put back."""


@between_programs.of(PrepareFock)
def _prepare(op: PrepareFock, circuit: Circuit, state: Complex) -> Complex:
    prepared = np.zeros_like(state)
    prepared[tuple(op.state.occupations.T)] = op.state.amplitudes
    return prepared


@between_programs.of(PhaseDiffusion)
def _average_phase(op: PhaseDiffusion, circuit: Circuit, state: Complex) -> Complex:
    """The state behind a random phase: the average over Rgates, which Strawberry Fields has, by Gauss-Hermite quadrature."""
    if not op.sigma_rad:
        return state
    if state.ndim == len(circuit.modes):
        ket = state.reshape(-1)
        state = _interleave(np.outer(ket, ket.conj()), state.shape[0], len(circuit.modes))
    nodes, weights = np.polynomial.hermite.hermgauss(QUADRATURE_NODES)
    total = np.zeros_like(state)
    for node, weight in zip(nodes, weights / math.sqrt(math.pi), strict=True):
        turn = PhaseShift(mode=op.mode, angle_rad=float(math.sqrt(2) * op.sigma_rad * node))
        turned = _fock_segment(circuit, [turn], state, [])
        if turned.ndim == len(circuit.modes):
            raise AssertionError("a density matrix came back as a ket")
        total += weight * turned
    return total


def _fock_segment(circuit: Circuit, operations: list[Operation], state: Complex, theta: Sequence[float]) -> Complex:
    if not operations:
        return state
    sf = import_strawberryfields()
    count = len(circuit.modes)
    program = sf.Program(count)
    with program.context as q:
        (sf.ops.Ket if state.ndim == count else sf.ops.DensityMatrix)(state) | q
        for op in operations:
            apply_gates(gates_of(op, circuit.place, theta), sf, program, q)
    out = _engine_run(sf, program, "fock", {"cutoff_dim": state.shape[0]})
    # A density matrix goes on as one, also where it happens to be pure.
    pure = out.is_pure and state.ndim == count
    return np.asarray(out.ket() if pure else out.dm(), dtype=complex)


def _engine_run(sf: Any, program: Any, backend: str, options: dict[str, int]) -> Any:
    """The state after ``program``, from a fresh engine: a second run on one starts from where the first ended."""
    with warnings.catch_warnings():
        # Modes that no gate joins are what a separable or branch-switching protocol has; nothing is wrong with them.
        warnings.filterwarnings("ignore", message="The circuit consists of .* disconnected components")
        return sf.Engine(backend, backend_options=options).run(program).state


@between_programs.of(NumberControl)
def _permute(op: NumberControl, circuit: Circuit, state: Complex) -> Complex:
    count = len(circuit.modes)
    source = np.arange(state.shape[0] ** count)
    shape = (state.shape[0],) * count
    for a, b in op.permutation().items():
        source[np.ravel_multi_index(b, shape)] = np.ravel_multi_index(a, shape)
    if state.ndim == count:
        return np.asarray(state.reshape(-1)[source].reshape(state.shape))
    matrix = _as_matrix(state)[np.ix_(source, source)]
    return _interleave(matrix, state.shape[0], count)


def _as_matrix(density: Complex) -> Complex:
    """Axes (ket 1, bra 1, ket 2, bra 2, ...) to a matrix (all kets, all bras)."""
    count, levels = density.ndim // 2, density.shape[0]
    order = [*range(0, 2 * count, 2), *range(1, 2 * count, 2)]
    return np.asarray(density.transpose(order).reshape(levels**count, levels**count))


def _interleave(matrix: Complex, levels: int, count: int) -> Complex:
    order = [axis for k in range(count) for axis in (k, k + count)]
    return np.asarray(matrix.reshape((levels,) * (2 * count)).transpose(order))


def _program(circuit: Circuit, theta: Sequence[float]) -> Any:
    sf = import_strawberryfields()
    gates, subsystems = gaussian_gates(circuit, theta)
    made = sf.Program(subsystems)
    with made.context as q:
        apply_gates(gates, sf, made, q)
    return made


def rectangular_mesh(unitary: Complex) -> tuple[list[tuple[int, int, float, float]], list[float]]:
    """The mesh of Clements et al. (2016) along modes 0 ... n - 1: (first, second, theta, phi) in time order, then phases.

    Strawberry Fields' elements are a phase and then a real beam splitter; here the phase is moved behind, where it is the phi of
    our beam splitters.

    Parameters
    ----------
    unitary : (n, n) complex

    Returns
    -------
    list of (int, int, float, float), list of float
    """
    sf = import_strawberryfields()
    steps, diagonal, _ = sf.decompositions.rectangular_phase_end(np.asarray(unitary, dtype=complex))
    count = len(diagonal)
    phases, elements = [0.0] * count, []
    for step in steps:
        first, second, theta, phi = int(step[0]), int(step[1]), float(step[2]), float(step[3])
        phases[first] += phi
        elements.append((first, second, theta, math.remainder(phases[first] - phases[second], 2 * math.pi)))
    ends = [math.remainder(p + float(np.angle(d)), 2 * math.pi) for p, d in zip(phases, diagonal, strict=True)]
    return elements, ends


def _run_gaussian(circuit: Circuit, theta: Sequence[float]) -> GaussianState:
    sf = import_strawberryfields()
    theta = [float(t) for t in theta]
    count = len(circuit.modes)
    out = _engine_run(sf, _program(circuit, theta), "gaussian", {})
    mean, covariance = out.reduced_gaussian(list(range(count)))
    if np.abs(covariance).max() > LARGEST_COVARIANCE:
        raise PrecisionError(
            "the squeezing is too strong for Strawberry Fields' covariance, which no longer holds the squeezed quadratures; "
            "use the native engine"
        )
    # x and p are mixed in it, so rounding beside the stretched quadratures reaches the squeezed ones.
    return GaussianState(circuit.modes, mean, covariance, tolerance=1e-9 + 1e-15 * float(np.abs(covariance).max()) ** 2)


def _gaussian_qfi(circuit: Circuit, theta: Sequence[float]) -> Real:
    generators = {op.generator for op in circuit.operations if isinstance(op, Sense)}
    if generators == {"momentum"}:
        return _overlap_qfi(circuit, theta)
    if generators == {"number"} and circuit.is_pure:
        return _moment_qfi(circuit, theta)
    if generators == {"number"} and _is_coherent(circuit):
        return _coherent_qfi(circuit, theta)
    raise ValueError(
        "Strawberry Fields' states give an accurate Fisher matrix for displacement sensing (from overlaps), for lossless phase "
        "sensing (from moments) and for coherent light (from its amplitudes); for other lossy Gaussian phase sensing use the "
        "native engine"
    )


def _is_coherent(circuit: Circuit) -> bool:
    """Whether the circuit makes coherent light and keeps it coherent."""
    kinds = Displace | PhaseShift | BeamSplitter | Interferometer | Sense
    return all(
        isinstance(op, kinds) or (isinstance(op, Loss) and not op.background_photons) for op in circuit.operations
    )


def _coherent_qfi(circuit: Circuit, theta: Sequence[float]) -> Real:
    """From how the means move: coherent light stays pure under loss, with the vacuum's covariance."""
    slopes = np.array(
        _derivatives(lambda at: _run_gaussian(circuit, at).mean.astype(complex), theta, 0.05 / circuit.passes)
    ).real
    return np.asarray(slopes @ slopes.T)


def _overlap_qfi(circuit: Circuit, theta: Sequence[float]) -> Real:
    """From the fidelity of neighbouring output states: exp(-delta^T F delta/4) exactly, as displacements move only means."""
    import_strawberryfields()
    from thewalrus.quantum import fidelity

    here = _run_gaussian(circuit, theta)
    d = circuit.parameters
    means = [_run_gaussian(circuit, [t + (k == j) for k, t in enumerate(theta)]).mean - here.mean for j in range(d)]

    def overlap(move: Real) -> float:
        with warnings.catch_warnings():
            # It takes the square root of a matrix that is singular for equal covariances, and says so.
            warnings.simplefilter("ignore", LinAlgWarning)
            return float(np.real(fidelity(here.mean, here.covariance, here.mean + move, here.covariance, hbar=2)))

    # That root costs digits of the factor that the two covariances give; equal covariances share it, so it drops out.
    factor = overlap(0.0 * here.mean)

    def exponent(move: Real) -> float:
        # A step well down the fall of the overlap keeps its logarithm accurate.
        size = 1.0
        for _ in range(60):
            value = overlap(size * move) / factor
            if 0.5 < value < 0.95:
                return -4.0 * math.log(value) / size**2
            size *= 0.5 if value <= 0.5 else 1.7
        raise AssertionError("no step gives a usable overlap")

    out = np.zeros((d, d))
    for i in range(d):
        out[i, i] = exponent(means[i])
    for i in range(d):
        for j in range(i):
            out[i, j] = out[j, i] = (exponent(means[i] + means[j]) - out[i, i] - out[j, j]) / 2
    return out


def _moment_qfi(circuit: Circuit, theta: Sequence[float]) -> Real:
    """4 M^2 Cov(n_i, n_j) of the state that enters the first pass, from The Walrus; passes must follow each other."""
    import_strawberryfields()
    from thewalrus.quantum import photon_number_covmat

    senses = [k for k, op in enumerate(circuit.operations) if isinstance(op, Sense)]
    if senses != list(range(senses[0], senses[-1] + 1)):
        raise ValueError(
            "Strawberry Fields' moments give the Fisher matrix only for passes without anything in between"
        )
    probe = _run_gaussian(Circuit(modes=circuit.modes, operations=circuit.operations[: senses[0]]), theta)
    first = circuit.operations[senses[0]]
    assert isinstance(first, Sense)
    at = [circuit.place[mode] for mode in first.modes]
    covariance = photon_number_covmat(probe.mean, probe.covariance, hbar=2)[np.ix_(at, at)]
    return np.asarray(4.0 * len(senses) ** 2 * covariance)


def _derivatives(output: Callable[[list[float]], Complex], theta: Sequence[float], step: float) -> list[Complex]:
    """Central differences of eighth order: with step = 0.05/(fastest frequency) their error is below 1e-12."""
    weights = {1: 4 / 5, 2: -1 / 5, 3: 4 / 105, 4: -1 / 280}
    slopes = []
    for j in range(len(theta)):

        def at(shift: float, j: int = j) -> Complex:
            return output([t + shift * (k == j) for k, t in enumerate(theta)])

        total = sum(w * (at(k * step) - at(-k * step)) for k, w in weights.items())
        slopes.append(np.asarray(total / step))
    return slopes


def _bytes(count: int) -> str:
    for unit, size in (("TiB", 2**40), ("GiB", 2**30), ("MiB", 2**20)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count} B"
