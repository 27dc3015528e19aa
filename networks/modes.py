"""The parts of a network as values: modes, links, and the words for what is sensed. Checks are in ``rules``."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeGuard

from networks.errors import InputError
from networks.exact import parse_exact
from networks.laboratory import PhaseReference, settle_numbers, short_fields
from networks.values import freeze, make_real

ModeId = str | int
Sensing = Literal["phase", "displacement"]
Parameters = Literal["static", "snapshot"]
Scalar = str | int | float | bool
COUPLING_OF: dict[str, str] = {"phase": "mach-zehnder", "displacement": "displacement"}
"""The coupling every sensor of a network has, by what the network senses."""


def is_mode_id(value: object) -> TypeGuard[ModeId]:
    """Whether a value can name a mode: a text or an integer; true and false are none.

    >>> is_mode_id("a"), is_mode_id(7), is_mode_id(True), is_mode_id(0.5)
    (True, True, False, False)
    """
    return isinstance(value, str | int) and not isinstance(value, bool)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Mode:
    """One optical mode.

    What is None is not said of it: a value of the network holds, or what is ideal; ``SensorNetwork.laboratory`` fills it in.

    Parameters
    ----------
    id : str or int
    role : "sensor", "reference" or "ancilla"
    coupling : "mach-zehnder" (generator n), "displacement" (generator p) or None; only sensors have one
    alpha : Fraction, or None; int, float, str and numbers of numpy and sympy become one as in ``parse_exact``
        Coefficient of this sensor's parameter in q; only sensors have one.
    transmissivity : float in (0, 1]
        Energy transmissivity right after the sensing, in each pass.
    squeezer : bool, or None
        Whether a squeezer may stand here; None is true.
    squeezer_efficiency : float in (0, 1], or None
        Escape efficiency of a squeezer that stands here.
    arms : 1 or 2, or None
        Mach-Zehnder sensors only. 1, as None: the phase of this mode against the common reference. 2: an interferometer of its
        own, whose arm difference is theta.
    transmissivity_before : float in (0, 1], or None
        Energy transmissivity between source and sensing, beside the links.
    mean_photons_max : float >= 0, or None
        Sensors only: the most light that may pass in a pass, both arms counted.
    detector_efficiency : float in (0, 1], or None
    dark_counts : float >= 0, or None
        Mean number per detector and shot.
    visibility : float in (0, 1], or None
        Factor of a fringe of photon counts; v^2 is an efficiency of homodyne.
    electronic_noise : float >= 0, or None
        Variance in units of the vacuum's.
    phase_jitter_rad : float in [0, pi], or None
        Rms, independent between nodes.
    extra : tuple of (name, value)
        Whatever else the file said of the mode, kept as it was; a mapping is taken too.
    """

    id: ModeId
    role: str = "sensor"
    coupling: str | None = None
    alpha: Fraction | None = None
    transmissivity: float = 1.0
    squeezer: bool | None = None
    squeezer_efficiency: float | None = None
    arms: int | None = None
    transmissivity_before: float | None = None
    mean_photons_max: float | None = None
    detector_efficiency: float | None = None
    dark_counts: float | None = None
    visibility: float | None = None
    electronic_noise: float | None = None
    phase_jitter_rad: float | None = None
    extra: tuple[tuple[str, Scalar], ...] = ()

    def __post_init__(self) -> None:
        make_real(self, "transmissivity")
        # Before numbers of numpy become plain ones: their own length says which decimal they are.
        alpha: object = self.alpha
        if alpha is not None and not isinstance(alpha, Fraction):
            with suppress(InputError):  # what is no number is for the rules to name
                object.__setattr__(self, "alpha", parse_exact(alpha))
        if self.role in ("reference", "ancilla") and not self.alpha:
            # No coefficient and the coefficient 0 say the same of a mode that is no sensor.
            object.__setattr__(self, "alpha", None)
        settle_numbers(self)
        freeze(self)
        order_extra(self)

    def __repr__(self) -> str:
        return short_fields(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A place where a beam splitter can join two modes.

    Parameters
    ----------
    ends : pair of str or int
        Ids of two different modes; their order says nothing.
    transmissivity : float in (0, 1]
        Energy transmissivity, each time that light goes along.
    extra : tuple of (name, value)
        Whatever else the file said of the link; a mapping is taken too.
    """

    ends: tuple[ModeId, ModeId]
    transmissivity: float = 1.0
    extra: tuple[tuple[str, Scalar], ...] = ()

    def __post_init__(self) -> None:
        make_real(self, "transmissivity")
        freeze(self)
        order_extra(self)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class NetworkParts:
    """The fields of a network before anything of them is checked; ``rules`` says what is wrong with them.

    ``SensorNetwork`` has the same fields, explained there, and is sound.

    Parameters
    ----------
    name, sensing, modes, links, photons, mean_photons, passes, parameters, phase_reference, squeezers, squeezing_db, extra
        As in ``SensorNetwork``; lists become tuples, numpy numbers plain ones, and nothing else is looked at.
    squeezer_efficiency, transmissivity_before, detector_efficiency, dark_counts, visibility, electronic_noise, phase_jitter_rad
        As in ``SensorNetwork``.
    """

    name: str = "network"
    sensing: Sensing
    modes: tuple[Mode, ...]
    links: tuple[Link, ...] = ()
    photons: int | None = None
    mean_photons: float | None = None
    passes: int = 1
    parameters: Parameters = "static"
    phase_reference: PhaseReference = "paid"
    squeezers: int | None = None
    squeezing_db: float | None = None
    squeezer_efficiency: float | None = None
    transmissivity_before: float | None = None
    detector_efficiency: float | None = None
    dark_counts: float | None = None
    visibility: float | None = None
    electronic_noise: float | None = None
    phase_jitter_rad: float | None = None
    extra: tuple[tuple[str, Scalar], ...] = ()

    def __post_init__(self) -> None:
        make_real(self, "mean_photons")
        settle_numbers(self)
        freeze(self)
        order_extra(self)

    def __repr__(self) -> str:
        return short_fields(self)


def order_extra(part: Mode | Link | NetworkParts) -> None:
    """Extra attributes in the order of their names, which says nothing: equal parts compare equal."""
    extra: object = part.extra
    if isinstance(extra, tuple) and all(
        isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[0], str) for pair in extra
    ):
        object.__setattr__(part, "extra", tuple(sorted(extra, key=lambda pair: str(pair[0]))))
