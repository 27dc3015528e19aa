"""What every layout of light along links offers, whatever the light: steps, errors, alternatives, robustness, a circuit.

A new kind of light gets a folder of its own, with a class that implements ``Layouts``; ``protocols.built`` builds with them.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from networks import InputError, SensorNetwork
from networks.arms import by_arms
from protocols.documents.printed import Printed
from protocols.documents.result import Result
from protocols.layout.alternatives import Alternative
from protocols.layout.frozen import Frozen
from protocols.problem import Problem
from protocols.tables import Table, cell
from protocols.theory.equal_errors import same_error

if TYPE_CHECKING:
    from photonics import Circuit

MAX_FACTOR = 1.1
"""By how much tolerances let the error grow."""
MAX_WRITTEN = 12
"""Steps written out in words; the document has all."""


def require_factor(factor: float) -> None:
    """Raise InputError unless the error may grow by this factor."""
    if not factor > 1:
        raise InputError([f"the factor that the error may grow by must be above 1, got {factor}"])


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFailure(Frozen):
    """What is left without one link, the source left where it is.

    Attributes
    ----------
    edge : (str, str)
        The link.
    mse : float
        Mean squared error of q in one shot; infinite when a mode is cut off.
    """

    edge: tuple[str, str]
    mse: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Robustness(Frozen, Printed, ABC):
    """What imperfect and failing links do to a layout.

    Attributes
    ----------
    factor : float > 1
        By how much the tolerances let the error grow.
    phase_tolerance_rad : float
        Standard deviation of the phase of every link, the same for all, that lets the expected error grow by ``factor``;
        infinite without links in use.
    failures : tuple of LinkFailure, or None
        One for each link in use; None for very many.
    """

    factor: float
    phase_tolerance_rad: float
    failures: tuple[LinkFailure, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Frozen):
    """Light that goes over one link: behind a beam splitter, or photons between two operations.

    Attributes
    ----------
    stage : int >= 0
        0 is the preparation, k the k-th control between passes.
    edge : (str, str)
        From the first node to the second.
    layer : int >= 1
        Within the stage; steps of one layer share no node, so they happen at the same time.
    transmissivity : float in (0, 1]
        Of the link.
    label, words : str
        What happens, for a picture and for a line of text.
    """

    stage: int
    edge: tuple[str, str]
    layer: int
    transmissivity: float
    label: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section(Frozen):
    """A heading with the lines below it, of what people read about a layout.

    Attributes
    ----------
    title : str
        A heading.
    lines : tuple of str
        Those below it.
    """

    title: str
    lines: tuple[str, ...]


class Layouts(Frozen, Result, ABC):
    """The light of one problem along its links: the layout that is drawn and written, and those to choose from.

    Attributes
    ----------
    alternatives : tuple of Alternative
        Layouts that no other one looked at is better than in every respect.
    robustness : Robustness or None
        What imperfect and failing links do to the layout of one source; None where it is not worked out.
    """

    __slots__ = ()

    step_noun: ClassVar[str]
    """What a step is called."""
    layer_noun: ClassVar[str]
    """What steps that happen at the same time are called."""
    label_words: ClassVar[str]
    """What the labels of its steps in pictures mean."""

    if TYPE_CHECKING:
        # Fields of the dataclasses below, each with its own kind of robustness.
        @property
        def alternatives(self) -> tuple[Alternative, ...]: ...

        @property
        def robustness(self) -> Robustness | None: ...

    @property
    @abstractmethod
    def mse(self) -> float:
        """Mean squared error of q in one shot from one source, with the losses of links and modes."""

    @property
    @abstractmethod
    def drawn_mse(self) -> float:
        """That of the layout that is drawn and written."""

    @property
    @abstractmethod
    def roots(self) -> tuple[str, ...]:
        """The nodes where its light starts."""

    @property
    @abstractmethod
    def steps(self) -> tuple[Step, ...]:
        """Its steps, by stage and layer."""

    @property
    @abstractmethod
    def stage_depths(self) -> tuple[int, ...]:
        """Layers of each stage."""

    @property
    @abstractmethod
    def on_the_way(self) -> frozenset[str]:
        """Nodes that the light passes on its way to the sensing."""

    @property
    def reference(self) -> str | None:
        """The reference in use; None without one."""
        return None

    @abstractmethod
    def circuit_size(self, problem: SensorNetwork | Problem) -> int:
        """Modes of its circuit, or steps: what makes the circuit long."""

    @abstractmethod
    def circuit(self, problem: SensorNetwork | Problem) -> Circuit:
        """The layout that is drawn and written as a circuit of the problem it was made for, to run on any engine."""

    def drawn_on(self, network: SensorNetwork) -> SensorNetwork:
        """The network whose nodes its steps name: by arms, of a network where sensors have two (docs/theory/arms.md).

        Parameters
        ----------
        network : SensorNetwork
            Whose light it is.
        """
        return by_arms(network)

    def circuits(self, problem: SensorNetwork | Problem) -> tuple[Circuit, ...]:
        """The circuits that take turns over the shots: one, where every shot is alike."""
        return (self.circuit(problem),)

    def stage_name(self, stage: int) -> str:
        """What a stage is called: the preparation, or the number of the switch between passes."""
        return f"mode switch {stage}" if stage else "preparation"

    @property
    def turn_roots(self) -> tuple[str, ...]:
        """Where the light of each stage starts, for stages that are turns over the shots; empty where all shots are alike."""
        return ()

    @property
    def size(self) -> str:
        """How many steps there are, in how many layers."""
        return f"{counted(len(self.steps), self.step_noun)} in {counted(sum(self.stage_depths), self.layer_noun)}"

    @abstractmethod
    def steps_table(self) -> Table:
        """A row for every step."""

    @abstractmethod
    def sentences(self) -> tuple[str, ...]:
        """What the layout that is drawn and written reaches, in full sentences."""

    @abstractmethod
    def sections(self) -> tuple[Section, ...]:
        """All that people want to read about it, shortened."""

    def warning(self) -> str | None:
        """A sentence when an alternative has a lower error, or when this layout is of no use; None otherwise."""
        lower = [
            row for row in self.alternatives if row.mse < self.drawn_mse and not same_error(row.mse, self.drawn_mse)
        ]
        if lower:
            best = min(lower, key=lambda row: row.mse)
            return f"With these losses of the links another layout has a lower error: {best.title}, {cell(best.mse)}."
        if math.isfinite(self.drawn_mse):
            return None
        return "The transmission along these links is below numerical precision, so no layout of this kind is of use."


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "mode switch"), counted(2000, "mode switch"), counted(0, "link traversal")
    ('1 mode switch', '2,000 mode switches', '0 link traversals')
    """
    plural = noun + ("es" if noun.endswith(("s", "sh", "ch")) else "s")
    return f"{number:,} {noun if number == 1 else plural}"


def step_lines(steps: Sequence[Step], layer_noun: str, *, stage: str = "") -> list[str]:
    """The first steps in words.

    Parameters
    ----------
    steps : of one stage
    layer_noun : what a layer is called
    stage : what the stage is called, when there are several
    """
    before = f"{stage}, " if stage else ""
    lines = [
        f"{before}{layer_noun} {step.layer}: {step.edge[0]} - {step.edge[1]}, {step.words}{_link_words(step)}"
        for step in steps[:MAX_WRITTEN]
    ]
    more = len(steps) - MAX_WRITTEN
    return lines if more <= 0 else [*lines, f"... {more} more; see --json"]


def _link_words(step: Step) -> str:
    return "" if step.transmissivity == 1 else f"; link transmissivity {step.transmissivity:.4g}"


def failure_lines(failures: Sequence[LinkFailure] | None, mse: float) -> list[str]:
    """Links that sensors depend on, and the worst of the others, in one line; none without links.

    Parameters
    ----------
    failures : of the links in use; None when there are too many.
    mse : the error with all links.

    Examples
    --------
    >>> failure_lines([LinkFailure(edge=("a", "b"), mse=math.inf), LinkFailure(edge=("b", "c"), mse=3.0)], mse=2.0)
    ['failure of one link cuts sensors off (a - b) or costs 1.5 times the error at most (b - c)']
    """
    if not failures:
        return []
    cut = [" - ".join(f.edge) for f in failures if math.isinf(f.mse)]
    rest = max((f for f in failures if math.isfinite(f.mse)), key=lambda f: f.mse, default=None)
    words = [f"cuts sensors off ({listed(cut)})"] if cut else []
    if rest is not None:
        words.append(f"costs {rest.mse / mse:.4g} times the error at most ({' - '.join(rest.edge)})")
    return [f"failure of one link {' or '.join(words)}"]


def listed(values: Sequence[object]) -> str:
    """Values with commas between them, shortened after ten.

    >>> listed("abc"), listed(range(12))
    ('a, b, c', '0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ... 2 more')
    """
    return ", ".join(map(str, values[:10])) + (f", ... {len(values) - 10} more" if len(values) > 10 else "")
