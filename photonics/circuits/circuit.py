"""Circuits as plain frozen data: what is prepared, sensed, lost and switched, in order. Engines run them.

To add an operation: a class here and in ``Operation`` below, its form in ``documents``, and its action in the ``OperationTable`` of
each engine that can run it (tests/test_photonics/test_operations.py says which tables lack it).
"""

from __future__ import annotations

import dataclasses
import importlib
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from photonics.circuits.pictures import CircuitDrawing
from photonics.states.fock import FockState
from photonics.values import Value, freeze, is_real, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Occupation = tuple[int, ...]
"""Photon numbers, one a mode."""


class _Step(Value):
    """What every operation says of itself; an operation overrides what is otherwise with it."""

    __slots__ = ()

    @property
    def acts_on(self) -> tuple[str, ...]:
        """The modes it names, in its order; none for an operation on all modes."""
        return ()

    @property
    def is_pure(self) -> bool:
        """Whether it keeps pure states pure."""
        return True

    @property
    def is_gaussian(self) -> bool:
        """Whether it keeps Gaussian states Gaussian."""
        return True

    @property
    def is_widening(self) -> bool:
        """Whether it spreads a finite number of photons over all numbers."""
        return False

    def faults(self, modes: tuple[str, ...]) -> Iterator[str]:
        """What is wrong with its numbers, on a circuit of these modes.

        Parameters
        ----------
        modes : tuple of str
            Of the circuit.

        Yields
        ------
        str
            What is wrong, one sentence a fault.
        """
        numbers = [getattr(self, field.name) for field in dataclasses.fields(self) if field.type == "float"]  # type: ignore[arg-type]  # operations are dataclasses
        if not all(is_real(number) and math.isfinite(number) for number in numbers):
            yield "parameters must be finite"


class _OneMode(_Step):
    """An operation on its ``mode``."""

    __slots__ = ()
    mode: str

    @property
    def acts_on(self) -> tuple[str, ...]:
        return (self.mode,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Squeeze(_OneMode):
    """Squeezed vacuum operator on a mode: Var x = exp(-2 r) at angle_rad = 0.

    Parameters
    ----------
    mode : str
    r : float
        Squeezing, any finite number; 20 r log10(e) in dB.
    angle_rad : float
        The squeezed quadrature is x cos(angle/2) + p sin(angle/2).
    """

    mode: str
    r: float
    angle_rad: float = 0.0

    @property
    def is_widening(self) -> bool:
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Displace(_OneMode):
    """Moves the means of a mode by (x, p), in units where the vacuum variance is 1.

    Parameters
    ----------
    mode : str
    x, p : float
        A coherent state of amplitude beta has x = 2 Re beta, p = 2 Im beta.
    """

    mode: str
    x: float = 0.0
    p: float = 0.0

    @property
    def is_widening(self) -> bool:
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class BeamSplitter(_Step):
    """Beam splitter on (first, second): transmissivity cos(theta)^2, matrix in ``conventions``.

    Parameters
    ----------
    first, second : str
        Two different modes.
    theta_rad : float
        pi/4 is balanced, pi/2 exchanges the modes up to phases.
    phi_rad : float
        Phase between what is reflected to one side and the other.
    """

    first: str
    second: str
    theta_rad: float
    phi_rad: float = 0.0

    @property
    def acts_on(self) -> tuple[str, ...]:
        return (self.first, self.second)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseShift(_OneMode):
    """A known phase, a -> exp(i angle) a. The unknown ones are in Sense.

    Parameters
    ----------
    mode : str
    angle_rad : float
    """

    mode: str
    angle_rad: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sense(_Step):
    """One pass: parameter theta_j couples to modes[j] for unit time, by exp(-i theta_j n) or exp(-i theta_j p).

    Parameters
    ----------
    modes : tuple of str, length d
        All passes of a circuit name the same ones.
    generator : "number" or "momentum"
        Phases, or displacements of x by theta_j (vacuum variance 1).
    """

    modes: tuple[str, ...]
    generator: Literal["number", "momentum"]

    @property
    def acts_on(self) -> tuple[str, ...]:
        return self.modes

    @property
    def is_widening(self) -> bool:
        return self.generator == "momentum"

    def faults(self, modes: tuple[str, ...]) -> Iterator[str]:
        """An unknown generator.

        Parameters
        ----------
        modes : tuple of str
            Of the circuit.

        Yields
        ------
        str
            What is wrong, one sentence a fault.
        """
        if self.generator not in ("number", "momentum"):
            yield f"the generator must be 'number' or 'momentum', got {self.generator!r}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss(_OneMode):
    """Energy transmissivity of one mode; what is lost is replaced by the vacuum, or by thermal light of this many photons.

    Parameters
    ----------
    mode : str
    transmissivity : float in [0, 1]
    background_photons : float, at least 0
        Mean photon number of the thermal light.
    """

    mode: str
    transmissivity: float
    background_photons: float = 0.0

    @property
    def is_pure(self) -> bool:
        return not self.transmissivity < 1

    def faults(self, modes: tuple[str, ...]) -> Iterator[str]:
        """A transmissivity outside [0, 1], a negative background.

        Parameters
        ----------
        modes : tuple of str
            Of the circuit.

        Yields
        ------
        str
            What is wrong, one sentence a fault.
        """
        if not is_real(self.background_photons) or not math.isfinite(self.background_photons):
            yield "parameters must be finite"
        elif self.background_photons < 0:
            yield f"background_photons must not be negative, got {self.background_photons}"
        if not is_real(self.transmissivity) or not 0 <= self.transmissivity <= 1:
            yield f"transmissivity must be in [0, 1], got {self.transmissivity}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseDiffusion(_OneMode):
    """A random phase of a mode, normal with this standard deviation and new in every shot: coherence between n and n'
    photons falls by exp(-sigma^2 (n - n')^2/2). It does not keep states Gaussian.

    Parameters
    ----------
    mode : str
    sigma_rad : float, at least 0
    """

    mode: str
    sigma_rad: float

    @property
    def is_pure(self) -> bool:
        return not self.sigma_rad

    @property
    def is_gaussian(self) -> bool:
        return not self.sigma_rad

    def faults(self, modes: tuple[str, ...]) -> Iterator[str]:
        """A standard deviation that is no finite number from 0 on.

        Parameters
        ----------
        modes : tuple of str
            Of the circuit.

        Yields
        ------
        str
            What is wrong, one sentence a fault.
        """
        if not is_real(self.sigma_rad) or not math.isfinite(self.sigma_rad):
            yield "parameters must be finite"
        elif self.sigma_rad < 0:
            yield f"sigma_rad must not be negative, got {self.sigma_rad}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interferometer(_Step):
    """A passive unitary on several modes, a -> U a: a photon that enters modes[j] leaves in modes[i] with amplitude U[i][j].

    Parameters
    ----------
    modes : tuple of str, length n
    unitary : (n, n) complex
        Rows orthonormal to 1e-9; an array becomes tuples.
    """

    modes: tuple[str, ...]
    unitary: tuple[tuple[complex, ...], ...]

    @property
    def acts_on(self) -> tuple[str, ...]:
        return self.modes

    def faults(self, modes: tuple[str, ...]) -> Iterator[str]:
        """A wrong shape, or rows that are not orthonormal.

        Parameters
        ----------
        modes : tuple of str
            Of the circuit.

        Yields
        ------
        str
            What is wrong, one sentence a fault.
        """
        count = len(self.modes)
        rows = self.unitary
        square = isinstance(rows, tuple) and len(rows) == count and all(isinstance(row, tuple) for row in rows)
        if not count or not square or any(len(row) != count for row in rows):
            yield f"the unitary must have {count} rows of {count} entries, one each a mode"
            return
        # The sum keeps what is no number out; numpy would read text as one.
        matrix = np.array([[entry + 0j for entry in row] for row in rows])
        with np.errstate(invalid="ignore", over="ignore"):
            products = matrix @ matrix.conj().T
            wrong = np.triu(~(np.abs(products - np.eye(count)) <= 1e-9))
        if wrong.any():
            i, k = np.argwhere(wrong)[0]
            product = complex(products[i, k])
            yield f"rows {i + 1} and {k + 1} of the unitary must be orthonormal, their product is {product:.9g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberControl(_Step):
    """A unitary that permutes occupation strings: each ``moves`` pair (from, to), amplitude kept.

    Strings that are targets but not sources take the places left free, in order, and all others stay: so it is a
    permutation of the number basis, hence unitary. It maps branch to branch and keeps their relative phase (Lemma 5).

    Parameters
    ----------
    moves : tuple of pairs of tuples of int
        Strings of photon numbers, one number a mode of the circuit; no string twice on one side.
    """

    moves: tuple[tuple[Occupation, Occupation], ...]

    @property
    def is_gaussian(self) -> bool:
        return False

    def permutation(self) -> dict[Occupation, Occupation]:
        """Every string that moves, completed to a permutation.

        Returns
        -------
        dict
            From each string to the one that it becomes.
        """
        sources = [source for source, _ in self.moves]
        targets = [target for _, target in self.moves]
        free = [source for source in sources if source not in set(targets)]
        displaced = [target for target in targets if target not in set(sources)]
        return {**dict(self.moves), **dict(zip(displaced, free, strict=True))}

    def faults(self, modes: tuple[str, ...]) -> Iterator[str]:
        """Strings of another length, and moves that make no permutation.

        Parameters
        ----------
        modes : tuple of str
            Of the circuit.

        Yields
        ------
        str
            What is wrong, one sentence a fault.
        """
        ends = [end for move in self.moves for end in move]
        if any(len(end) != len(modes) for end in ends):
            yield f"every string must have {len(modes)} photon numbers"
        if len({a for a, _ in self.moves}) < len(self.moves) or len({b for _, b in self.moves}) < len(self.moves):
            yield "two strings cannot move to or from one place"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareFock(_Step):
    """Start from this state of all modes instead of the vacuum; only as the first operation.

    Parameters
    ----------
    state : FockState
        Over the modes of the circuit, in its order.
    """

    state: FockState

    @property
    def is_gaussian(self) -> bool:
        return False

    def faults(self, modes: tuple[str, ...]) -> Iterator[str]:
        """A state of other modes.

        Parameters
        ----------
        modes : tuple of str
            Of the circuit.

        Yields
        ------
        str
            What is wrong, one sentence a fault.
        """
        if self.state.modes != modes:
            yield f"the state must be over the circuit's modes {modes}, got {self.state.modes}"


Channel = Loss | PhaseDiffusion
"""What makes pure states mixed."""
Operation = (
    Squeeze | Displace | BeamSplitter | Interferometer | PhaseShift | Sense | Channel | NumberControl | PrepareFock
)
"""What a circuit can hold."""


MAX_REPR = 1000
"""Characters up to which a circuit is printed as the call that makes it."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Circuit:
    """Operations on named modes, in time order, from the vacuum (or from a PrepareFock that comes first).

    Parameters
    ----------
    modes : tuple of str, length m
        All different; the order of every vector and matrix. Lists and other iterables become tuples.
    operations : tuple of operations
        In time order.

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
    >>> c == Circuit(modes=["a"], operations=list(c.operations))
    True
    """

    modes: tuple[str, ...]
    operations: tuple[Operation, ...]
    place: Mapping[str, int] = field(init=False, repr=False, compare=False)
    """Index of each mode."""

    def __post_init__(self) -> None:
        freeze(self)
        place = {mode: index for index, mode in enumerate(self.modes)}
        object.__setattr__(self, "place", MappingProxyType(place))
        faults = list(_circuit_faults(self))
        if faults:
            raise ValueError("; ".join(faults))

    def __reduce__(self) -> tuple[Callable[..., Circuit], tuple[object, ...]]:
        # A mapping that cannot be written to cannot be pickled either; it is made anew.
        return partial(Circuit, modes=self.modes, operations=self.operations), ()

    def __repr__(self) -> str:
        call = f"Circuit(modes={self.modes!r}, operations={self.operations!r})" if len(self.operations) < 40 else ""
        return call if 0 < len(call) <= MAX_REPR else f"<Circuit: {_above('words').summary_of(self)}>"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        text: str = _above("html").circuit_html(self)
        return text

    def plot(self, *, ax: Axes | None = None, width_cm: float | None = None) -> CircuitDrawing:
        """Draw it, a line for each mode and time from left to right; ``photonics.draw_circuit`` says how.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure when left out.
        width_cm : float, optional
            Of the new figure, from 3 to 200; as wide as the operations need when left out.

        Returns
        -------
        CircuitDrawing
            ``figure, axes``; a notebook shows it.

        Raises
        ------
        ValueError
            For a circuit that is too large to be read, another width, or a width beside axes.
        """
        drawing: CircuitDrawing = _above("drawing").draw_circuit(self, ax=ax, width_cm=width_cm)
        return drawing

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it as JSON, as ``psn design --out`` does.

        Parameters
        ----------
        path : str or path
            In a folder that exists.

        Raises
        ------
        ValueError
            For more than 32 MiB, which would not be read back.
        OSError
            When the file cannot be written.
        """
        _above("files").save_circuit(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Circuit:
        """Read a circuit that was written so; nothing in the file is executed.

        Parameters
        ----------
        path : str or path

        Returns
        -------
        Circuit

        Raises
        ------
        ValueError
            When the file is too large, no JSON, or no circuit.
        OSError
            When the file cannot be read.
        """
        circuit: Circuit = _above("files").load_circuit(path)
        return circuit

    @property
    def parameters(self) -> int:
        """d, how many unknown parameters the passes couple to."""
        return len(self.sensing_modes)

    @property
    def sensing_modes(self) -> tuple[str, ...]:
        """The modes that the parameters couple to, in their order; none without a pass."""
        return next((op.modes for op in self.operations if isinstance(op, Sense)), ())

    def require_parameters(self, theta: Sequence[float]) -> None:
        """Refuse ``theta`` unless it has one finite value a parameter.

        Parameters
        ----------
        theta : (d,) floats
            Radians for phases, units of vacuum variance 1 for displacements.

        Raises
        ------
        ValueError
            Saying how many values are needed.
        """
        if len(theta) != self.parameters or not all(math.isfinite(value) for value in theta):
            raise ValueError(f"theta must have {self.parameters} finite values, one a parameter, got {list(theta)}")

    @property
    def passes(self) -> int:
        """M, how many times the parameters are sensed."""
        return sum(isinstance(op, Sense) for op in self.operations)

    @property
    def is_gaussian(self) -> bool:
        """Whether every operation keeps Gaussian states Gaussian."""
        return all(op.is_gaussian for op in self.operations)

    @property
    def has_gaussian_moments(self) -> bool:
        """Whether it is Gaussian but for random phases, so that mean and covariance follow from those before."""
        return all(op.is_gaussian or isinstance(op, PhaseDiffusion) for op in self.operations)

    @property
    def is_pure(self) -> bool:
        """Whether every operation keeps pure states pure: nothing is lost, no phase is random."""
        return all(op.is_pure for op in self.operations)

    @property
    def is_truncated(self) -> bool:
        """Whether engines follow it up to a cutoff only: not Gaussian, and photons are spread over all numbers."""
        return not self.is_gaussian and any(op.is_widening for op in self.operations)

    def require_truncated(self) -> None:
        """Raise ValueError for a circuit that engines follow without a cutoff."""
        if not self.is_truncated:
            raise ValueError("only circuits that add photons to what is not Gaussian are truncated")


def _above(module: str) -> Any:
    """A module that imports this one. It is found by name, when it is used, so that imports run one way."""
    return importlib.import_module(f"photonics.circuits.{module}")


def with_channels(
    circuit: Circuit,
    *,
    before: Iterable[Channel] = (),
    after: Iterable[Channel] = (),
    passes: Iterable[int] | None = None,
) -> Circuit:
    """The circuit with channels put before and after its sensing.

    Parameters
    ----------
    circuit : Circuit
    before, after : iterables of Loss and PhaseDiffusion
        In time order.
    passes : iterable of int, optional
        The passes they are put at, numbered from 1; all when not given.

    Returns
    -------
    Circuit

    Raises
    ------
    ValueError
        For a pass that the circuit does not have, and what ``Circuit`` refuses.

    Examples
    --------
    >>> c = Circuit(modes=("a",), operations=(Sense(modes=("a",), generator="number"),) * 2)
    >>> lossy = with_channels(c, after=[Loss(mode="a", transmissivity=0.9)], passes=[2])
    >>> [type(op).__name__ for op in lossy.operations]
    ['Sense', 'Sense', 'Loss']
    """
    first, then = tuple(before), tuple(after)
    wanted = None if passes is None else set(plain(passes))
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
    strange = [op for op in circuit.operations if not isinstance(op, _Step)]
    if strange:
        yield f"operations must be operations such as Squeeze(mode=..., r=...), got {strange[0]!r:.60}"
        return
    sensed = {op.modes for op in circuit.operations if isinstance(op, Sense)}
    if len(sensed) > 1:
        yield "every pass must couple the same parameters to the same modes"
    for index, op in enumerate(circuit.operations):
        where = f"operation {index + 1} ({type(op).__name__})"
        yield from (f"{where}: there is no mode {name!r}" for name in op.acts_on if name not in known)
        if len(set(op.acts_on)) < len(op.acts_on):
            yield f"{where}: the modes must differ, got {op.acts_on}"
        if index and isinstance(op, PrepareFock):
            yield f"{where}: a state is prepared before anything else"
        yield from (f"{where}: {fault}" for fault in op.faults(circuit.modes))
