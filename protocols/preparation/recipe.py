"""What a recipe is: a circuit that makes the light of one part of a plan, what must be found beside it, and its chances."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from networks.values import Value
from protocols.documents.printed import Entry, Printed

if TYPE_CHECKING:
    from photonics.circuits.circuit import Circuit

Source = Literal["single photons", "squeezers"]
"""What a laboratory has: photons one by one on demand, or squeezers (pair sources) of one pump."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Splitter(Value, Printed):
    """A beam splitter of a recipe.

    Attributes
    ----------
    first, second : str
        Modes.
    reflectivity : float
        The share of the light in the first mode that goes over to the second; 1 hands all of it on.
    """

    first: str
    second: str
    reflectivity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Value, Printed):
    """A mode beside the light in which so many photons must be found.

    Attributes
    ----------
    mode : str
    photons : int >= 0
    """

    mode: str
    photons: int


def _document(recipe: LightRecipe) -> dict[str, object]:
    from photonics import circuit_document

    return circuit_document(recipe.circuit)


@dataclass(frozen=True, slots=True, kw_only=True)
class LightRecipe(Value, Printed):
    """How the light of one part is made.

    The circuit makes the state of the part when exactly ``photons`` photons are in the part's modes and those of ``found`` beside
    them; at any other outcome the shot is discarded.

    Attributes
    ----------
    circuit : Circuit
        Over the modes of the part, then those that light only passes, and those of detectors. It starts from photons in single
        modes or from the vacuum, and ends before the sensing.
    modes : tuple of str
        Of the part.
    photons : int
        1 or 2.
    found : tuple of Found
    success : float
        Probability of that outcome, lossless detectors and sources that never fail assumed.
    along_links : bool
        Whether every beam splitter between nodes of the network stands on a link.
    more_photons : float
        Probability that more photons are made than wanted: it is 0 for single photons.
    """

    DOCUMENT = (
        "modes",
        "photons",
        "starts_from",
        "splitters",
        "squeezing_db",
        "found",
        "success",
        "more_photons",
        "along_links",
        Entry("circuit", of=_document),
    )

    circuit: Circuit
    modes: tuple[str, ...]
    photons: int
    found: tuple[Found, ...] = ()
    success: float
    along_links: bool
    more_photons: float = 0.0

    @property
    def starts_from(self) -> tuple[str, ...]:
        """The modes in which a single photon or a squeezed vacuum enters."""
        from photonics import PrepareFock, Squeeze

        start = self.circuit.operations[0]
        if isinstance(start, PrepareFock):
            (string,) = start.state.occupations.tolist()
            return tuple(mode for mode, n in zip(self.circuit.modes, string, strict=True) if n)
        return tuple(op.mode for op in self.circuit.operations if isinstance(op, Squeeze))

    @property
    def splitters(self) -> tuple[Splitter, ...]:
        """Its beam splitters in time order."""
        from photonics import BeamSplitter

        return tuple(
            Splitter(first=op.first, second=op.second, reflectivity=math.sin(op.theta_rad) ** 2)
            for op in self.circuit.operations
            if isinstance(op, BeamSplitter)
        )

    @property
    def squeezing_db(self) -> tuple[float, ...]:
        """The level of each squeezer, in the order of ``starts_from``; empty for single photons."""
        from photonics import Squeeze, squeezing_db

        return tuple(squeezing_db(abs(op.r)) for op in self.circuit.operations if isinstance(op, Squeeze))


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation(Value, Printed):
    """How the light of a whole plan is made from one kind of source.

    Attributes
    ----------
    source : "single photons" or "squeezers"
    words : str
        Source, number of beam splitters and success probability in one sentence.
    parts : tuple of LightRecipe
        One for each part of the plan, in its order.
    success : float
        Probability that an attempt gives the light wanted: of parts in turn on average, of parts in every shot all together.
    mse_per_attempt : float or None
        Mean squared error of q for one attempt, failed ones counted: the error of one shot over the success probability for a
        plan of one part. None where failed attempts cannot be told from good ones.
    notes : tuple of str
    """

    source: Source
    words: str
    parts: tuple[LightRecipe, ...]
    success: float
    mse_per_attempt: float | None
    notes: tuple[str, ...] = ()
