"""Circuits as plain frozen data: what is prepared, sensed, lost and switched, in order. Engines run them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from photonics.states.fock import FockState

Occupation = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Squeeze:
    """Squeezed vacuum operator on a mode: Var x = exp(-2 r) at angle_rad = 0."""

    mode: str
    r: float
    angle_rad: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Displace:
    """Moves the means of a mode by (x, p), in units where the vacuum variance is 1."""

    mode: str
    x: float = 0.0
    p: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BeamSplitter:
    """Beam splitter on (first, second): transmissivity cos(theta)^2, matrix in ``conventions``."""

    first: str
    second: str
    theta_rad: float
    phi_rad: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseShift:
    """A known phase, a -> exp(i angle) a. The unknown ones are in Sense."""

    mode: str
    angle_rad: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sense:
    """One pass: parameter theta_j couples to modes[j] for unit time, by exp(-i theta_j n) or exp(-i theta_j p)."""

    modes: tuple[str, ...]
    generator: Literal["number", "momentum"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Energy transmissivity of one mode; what is lost is replaced by the vacuum, or by thermal light of this many photons."""

    mode: str
    transmissivity: float
    background_photons: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseDiffusion:
    """A random phase of a mode, normal with this standard deviation and new in every shot: coherence between n and n'
    photons falls by exp(-sigma^2 (n - n')^2/2). It does not keep states Gaussian."""

    mode: str
    sigma_rad: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Interferometer:
    """A passive unitary on several modes, a -> U a: a photon that enters modes[j] leaves in modes[i] with amplitude U[i][j]."""

    modes: tuple[str, ...]
    unitary: tuple[tuple[complex, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberControl:
    """A unitary that permutes occupation strings: each ``moves`` pair (from, to), amplitude kept.

    Strings that are targets but not sources take the places left free, in order, and all others stay: so it is a
    permutation of the number basis, hence unitary. It maps branch to branch and keeps their relative phase (Lemma 5).
    """

    moves: tuple[tuple[Occupation, Occupation], ...]

    def permutation(self) -> dict[Occupation, Occupation]:
        """Every string that moves, completed to a permutation."""
        sources = [source for source, _ in self.moves]
        targets = [target for _, target in self.moves]
        free = [source for source in sources if source not in set(targets)]
        displaced = [target for target in targets if target not in set(sources)]
        return {**dict(self.moves), **dict(zip(displaced, free, strict=True))}


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareFock:
    """Start from this state of all modes instead of the vacuum; only as the first operation."""

    state: FockState


Channel = Loss | PhaseDiffusion
"""What makes pure states mixed."""
Operation = (
    Squeeze | Displace | BeamSplitter | Interferometer | PhaseShift | Sense | Channel | NumberControl | PrepareFock
)
_ONE_MODE = Squeeze | Displace | PhaseShift | Loss | PhaseDiffusion


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """Operations on named modes, in time order, from the vacuum (or from a PrepareFock that comes first).

    Raises
    ------
    ValueError
        Listing every operation on unknown modes, transmissivity outside [0, 1], parameter that is not finite,
        preparation that is not first, or control that is no permutation.

    Examples
    --------
    >>> c = Circuit(modes=("a",), operations=(Squeeze(mode="a", r=0.5), Sense(modes=("a",), generator="momentum")))
    >>> c.parameters, c.passes, c.is_gaussian
    (1, 1, True)
    """

    modes: tuple[str, ...]
    operations: tuple[Operation, ...]
    place: dict[str, int] = field(init=False, repr=False, compare=False)
    """Index of each mode."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", {mode: index for index, mode in enumerate(self.modes)})
        faults = list(_circuit_faults(self))
        if faults:
            raise ValueError("; ".join(faults))

    @property
    def parameters(self) -> int:
        """d, how many unknown parameters the passes couple to."""
        return max((len(op.modes) for op in self.operations if isinstance(op, Sense)), default=0)

    def require_parameters(self, theta: Sequence[float]) -> None:
        """Raise ValueError unless ``theta`` has one finite value a parameter."""
        if len(theta) != self.parameters or not all(math.isfinite(value) for value in theta):
            raise ValueError(f"theta must have {self.parameters} finite values, one a parameter, got {list(theta)}")

    @property
    def passes(self) -> int:
        """M, how many times the parameters are sensed."""
        return sum(isinstance(op, Sense) for op in self.operations)

    @property
    def is_gaussian(self) -> bool:
        """Whether every operation keeps Gaussian states Gaussian."""
        return not any(
            isinstance(op, PrepareFock | NumberControl) or (isinstance(op, PhaseDiffusion) and op.sigma_rad)
            for op in self.operations
        )

    @property
    def is_pure(self) -> bool:
        """Whether every operation keeps pure states pure: nothing is lost, no phase is random."""
        return not any(
            (isinstance(op, Loss) and op.transmissivity < 1) or (isinstance(op, PhaseDiffusion) and op.sigma_rad)
            for op in self.operations
        )


def with_channels(
    circuit: Circuit,
    *,
    before: Iterable[Channel] = (),
    after: Iterable[Channel] = (),
    passes: Iterable[int] | None = None,
) -> Circuit:
    """The circuit with channels put before and after the sensing of all passes, or of those numbered in ``passes`` from 1.

    >>> c = Circuit(modes=("a",), operations=(Sense(modes=("a",), generator="number"),) * 2)
    >>> lossy = with_channels(c, after=[Loss(mode="a", transmissivity=0.9)], passes=[2])
    >>> [type(op).__name__ for op in lossy.operations]
    ['Sense', 'Sense', 'Loss']
    """
    first, then = tuple(before), tuple(after)
    wanted = None if passes is None else set(passes)
    if wanted is not None and not wanted <= set(range(1, circuit.passes + 1)):
        raise ValueError(f"passes must be numbers from 1 to {circuit.passes}, got {sorted(wanted)}")
    operations: list[Operation] = []
    number = 0
    for op in circuit.operations:
        if isinstance(op, Sense):
            number += 1
            here = wanted is None or number in wanted
            operations += [*first * here, op, *then * here]
        else:
            operations.append(op)
    return Circuit(modes=circuit.modes, operations=tuple(operations))


def _circuit_faults(circuit: Circuit) -> Iterator[str]:
    known = set(circuit.modes)
    if len(known) < len(circuit.modes):
        yield f"mode names must differ, got {circuit.modes}"
    sensed = {op.modes for op in circuit.operations if isinstance(op, Sense)}
    if len(sensed) > 1:
        yield "every pass must couple the same parameters to the same modes"
    for index, op in enumerate(circuit.operations):
        where = f"operation {index + 1} ({type(op).__name__})"
        if isinstance(op, _ONE_MODE):
            named: tuple[str, ...] = (op.mode,)
        elif isinstance(op, BeamSplitter):
            named = (op.first, op.second)
        else:
            named = op.modes if isinstance(op, Sense | Interferometer) else ()
        for name in named:
            if name not in known:
                yield f"{where}: there is no mode {name!r}"
        if isinstance(op, Sense) and op.generator not in ("number", "momentum"):
            yield f"{where}: the generator must be 'number' or 'momentum', got {op.generator!r}"
        if len(set(named)) < len(named):
            yield f"{where}: the modes must differ, got {named}"
        numbers = [
            getattr(op, name)
            for name in ("r", "angle_rad", "x", "p", "theta_rad", "phi_rad", "sigma_rad", "background_photons")
            if hasattr(op, name)
        ]
        if not all(math.isfinite(number) for number in numbers):
            yield f"{where}: parameters must be finite"
        if isinstance(op, Loss) and not 0 <= op.transmissivity <= 1:
            yield f"{where}: transmissivity must be in [0, 1], got {op.transmissivity}"
        if isinstance(op, Loss) and op.background_photons < 0:
            yield f"{where}: background_photons must not be negative, got {op.background_photons}"
        if isinstance(op, PhaseDiffusion) and op.sigma_rad < 0:
            yield f"{where}: sigma_rad must not be negative, got {op.sigma_rad}"
        if isinstance(op, Interferometer):
            yield from (f"{where}: {fault}" for fault in _unitary_faults(op))
        if isinstance(op, PrepareFock):
            if index:
                yield f"{where}: a state is prepared before anything else"
            if op.state.modes != circuit.modes:
                yield f"{where}: the state must be over the circuit's modes {circuit.modes}, got {op.state.modes}"
        if isinstance(op, NumberControl):
            ends = [end for move in op.moves for end in move]
            if any(len(end) != len(circuit.modes) for end in ends):
                yield f"{where}: every string must have {len(circuit.modes)} photon numbers"
            if len({a for a, _ in op.moves}) < len(op.moves) or len({b for _, b in op.moves}) < len(op.moves):
                yield f"{where}: two strings cannot move to or from one place"


def _unitary_faults(op: Interferometer) -> Iterator[str]:
    count = len(op.modes)
    if not count or len(op.unitary) != count or any(len(row) != count for row in op.unitary):
        yield f"the unitary must have {count} rows of {count} entries, one each a mode"
        return
    for i, row in enumerate(op.unitary):
        for k in range(i, count):
            product = sum(a * complex(b).conjugate() for a, b in zip(row, op.unitary[k], strict=True))
            if not abs(product - (i == k)) <= 1e-9:
                yield f"rows {i + 1} and {k + 1} of the unitary must be orthonormal, their product is {product:.9g}"
                return
