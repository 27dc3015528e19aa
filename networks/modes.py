"""The parts of a network as values: modes, links, and the words for what is sensed. Checks are in ``rules``."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

ModeId = str | int
Sensing = Literal["phase", "displacement"]
Scalar = str | int | float | bool
COUPLING_OF: dict[str, str] = {"phase": "mach-zehnder", "displacement": "displacement"}
"""The coupling every sensor of a network has, by what the network senses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """One optical mode.

    Parameters
    ----------
    id : str or int
    role : "sensor", "reference" or "ancilla"
    coupling : "mach-zehnder" (generator n), "displacement" (generator p) or None; only sensors have one
    alpha : Fraction or None
        Coefficient of this sensor's parameter in q; only sensors have one.
    transmissivity : float in (0, 1]
        Energy transmissivity right after the sensing, in each pass.
    extra : tuple of (name, value)
        Whatever else the file said of the mode, kept as it was.
    """

    id: ModeId
    role: str = "sensor"
    coupling: str | None = None
    alpha: Fraction | None = None
    transmissivity: float = 1.0
    extra: tuple[tuple[str, Scalar], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A place where a beam splitter can join two modes; ``transmissivity`` in (0, 1]."""

    ends: tuple[ModeId, ModeId]
    transmissivity: float = 1.0
    extra: tuple[tuple[str, Scalar], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkParts:
    """The fields of a network before anything of them is checked; ``rules`` says what is wrong with them.

    ``SensorNetwork`` has the same fields and is sound.
    """

    name: str = "network"
    sensing: Sensing
    modes: tuple[Mode, ...]
    links: tuple[Link, ...] = ()
    photons: int | None = None
    mean_photons: float | None = None
    passes: int = 1
    extra: tuple[tuple[str, Scalar], ...] = ()
