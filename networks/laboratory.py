"""What a laboratory has at hand and what it loses: the attributes of it, one declared list, and their values at every node.

A part of a network says only what its file says, None where nothing is said. ``Laboratory`` is the answer for everything that
computes: a value of the graph holds for all nodes, a node's own wins, and what nobody says is ideal; ``benches`` makes it of a
network. No physics is in here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal

from networks.errors import short_repr
from networks.values import Value, freeze, make_real

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

PhaseReference = Literal["paid", "free"]
PHASE_REFERENCES = ("paid", "free")
Kind = Literal["share", "number", "count", "truth", "arms", "reference"]
LARGEST_SQUEEZING_DB = 100.0
"""Far beyond any light; variances of squeezed quadratures stay within double precision."""
LARGEST_NOISE = 1e6
"""Dark counts per detector and shot, and electronic noise in units of the vacuum's variance."""
LARGEST_LIGHT = 1e30
"""Mean photons that a sensor stands, and squeezers."""
LEAST_SHARE = 1e-100
"""Transmissivities, efficiencies and visibilities of nodes, 1000 dB: of less nothing is left, and floating point ends soon."""
LEAST_LINK_SHARE = 1e-300
"""Transmissivities of links, 3000 dB: fibre around a third of the Earth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """An attribute of a laboratory.

    Attributes
    ----------
    name : str
    places : tuple of "graph" and "node"
        Where it may stand; at both, the graph's value holds for all nodes that have none of their own.
    kind : "share", "number", "count", "truth", "arms" or "reference"
        A share is in (0, 1], at least ``LEAST_SHARE``; a number from 0 to ``most``; a count an integer from 0; arms 1 or 2.
    most : float
        The largest number or count.
    in_words : str
        What its value must be, for messages.
    """

    name: str
    places: tuple[Literal["graph", "node"], ...]
    kind: Kind
    most: float = 1.0
    in_words: str = "a number in (0, 1]"

    @property
    def is_number(self) -> bool:
        """Whether its value is a number."""
        return self.kind not in ("truth", "reference")

    def fault(self, value: object, where: str) -> str | None:
        """What is wrong with a value, with the remedy; None for a sound one, and for None, which says nothing.

        Parameters
        ----------
        value : anything
        where : str
            The part that it stands at.

        Examples
        --------
        >>> ATTRIBUTES["visibility"].fault(98, "graph")
        'graph: visibility must be a number in (0, 1], got 98; 98 percent are 0.98'
        """
        if value is None or self._takes(value):
            return None
        return f"{where}: {self.name} must be {self.in_words}, got {short_repr(value)}{self._hint(value)}"

    def _takes(self, value: object) -> bool:
        if self.kind == "truth":
            return isinstance(value, bool)
        if self.kind == "reference":
            return isinstance(value, str) and value in PHASE_REFERENCES
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        if self.kind in ("count", "arms"):
            return isinstance(value, int) and (value in (1, 2) if self.kind == "arms" else 0 <= value <= self.most)
        return LEAST_SHARE <= value <= 1 if self.kind == "share" else 0 <= value <= self.most

    def _hint(self, value: object) -> str:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return ""
        if self.kind == "share":
            return f"; {value:g} percent are {value / 100:g}" if 1 < value <= 100 else least_hint(value)
        if self.name == "phase_jitter_rad" and math.pi < value <= 360:
            return f"; above pi nothing is left of a phase, and {value:g} degrees are {math.radians(value):.4g}"
        return ""


_BOTH: tuple[Literal["graph", "node"], ...] = ("graph", "node")
LABORATORY = (
    Attribute(name="phase_reference", places=("graph",), kind="reference", in_words="'paid' or 'free'"),
    Attribute(
        name="squeezers", places=("graph",), kind="count", most=LARGEST_LIGHT, in_words="an integer from 0 to 1e30"
    ),
    Attribute(
        name="squeezing_db",
        places=("graph",),
        kind="number",
        most=LARGEST_SQUEEZING_DB,
        in_words=f"a number of dB from 0 to {LARGEST_SQUEEZING_DB:g}",
    ),
    Attribute(name="squeezer", places=("node",), kind="truth", in_words="true or false"),
    Attribute(name="squeezer_efficiency", places=_BOTH, kind="share"),
    Attribute(name="arms", places=("node",), kind="arms", in_words="1 or 2"),
    Attribute(name="transmissivity_before", places=_BOTH, kind="share"),
    Attribute(
        name="mean_photons_max",
        places=("node",),
        kind="number",
        most=LARGEST_LIGHT,
        in_words="a number of photons from 0 to 1e30",
    ),
    Attribute(name="detector_efficiency", places=_BOTH, kind="share"),
    Attribute(
        name="dark_counts",
        places=_BOTH,
        kind="number",
        most=LARGEST_NOISE,
        in_words="a number per detector and shot from 0 to 1e6",
    ),
    Attribute(name="visibility", places=_BOTH, kind="share"),
    Attribute(
        name="electronic_noise",
        places=_BOTH,
        kind="number",
        most=LARGEST_NOISE,
        in_words="a variance in units of the vacuum's from 0 to 1e6",
    ),
    Attribute(
        name="phase_jitter_rad", places=_BOTH, kind="number", most=math.pi, in_words="an angle in radians from 0 to pi"
    ),
)
"""Every attribute of a laboratory. What a network senses, and the transmissivity after the sensing, are not among them."""
ATTRIBUTES = {attribute.name: attribute for attribute in LABORATORY}
NODE_DEFAULTS = tuple(attribute.name for attribute in LABORATORY if attribute.places == _BOTH)
"""Attributes whose value on the graph holds for all nodes."""
OF_GRAPH = tuple(attribute.name for attribute in LABORATORY if "graph" in attribute.places)
OF_NODE = tuple(attribute.name for attribute in LABORATORY if "node" in attribute.places)
LOSSES_DB = {"loss_db": "transmissivity", "loss_before_db": "transmissivity_before"}
"""Names under which files of networks may say a transmissivity of a node in dB."""
LARGEST_DB = 1e9
"""Loss in dB of anything."""
_FLOATS = tuple(attribute.name for attribute in LABORATORY if attribute.kind in ("share", "number"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench(Value):
    """Everything that a laboratory has and loses at one node, each number filled in.

    Attributes
    ----------
    squeezer : bool
        Whether a squeezer may stand here.
    squeezer_efficiency : float in (0, 1]
        Escape efficiency of a squeezer that stands here.
    arms : 1 or 2
        1: the phase of this mode against the common reference. 2: a two-arm interferometer of its own, whose arm difference is
        theta; two modes with +alpha and -alpha.
    transmissivity_before : float in (0, 1]
        Between source and sensing, beside the links.
    transmissivity : float in (0, 1]
        After the sensing, in each pass.
    mean_photons_max : float >= 0
        The most light that may pass this sensor in a pass, both arms counted; inf without a limit.
    detector_efficiency : float in (0, 1]
    dark_counts : float >= 0
        Mean number per detector and shot.
    visibility : float in (0, 1]
        Factor of a fringe of photon counts; v^2 is an efficiency of homodyne.
    electronic_noise : float >= 0
        Variance that is added to a homodyne or an intensity difference, in units of the vacuum's.
    phase_jitter_rad : float in [0, pi]
        Rms, independent between nodes.

    Examples
    --------
    >>> Bench(detector_efficiency=0.9).is_ideal, Bench().mean_photons_max
    (False, inf)
    """

    squeezer: bool = True
    squeezer_efficiency: float = 1.0
    arms: int = 1
    transmissivity_before: float = 1.0
    transmissivity: float = 1.0
    mean_photons_max: float = math.inf
    detector_efficiency: float = 1.0
    dark_counts: float = 0.0
    visibility: float = 1.0
    electronic_noise: float = 0.0
    phase_jitter_rad: float = 0.0

    def __post_init__(self) -> None:
        make_real(self, "transmissivity")
        settle_numbers(self)
        freeze(self)

    @property
    def is_ideal(self) -> bool:
        """Whether nothing is lost, limited or noisy; two arms are no fault of a node."""
        return all(getattr(self, field.name) == field.default for field in fields(self) if field.name != "arms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Laboratory(Value):
    """What a network has at hand, and its benches; ``SensorNetwork.laboratory`` makes it.

    Attributes
    ----------
    phase_reference : "paid" or "free"
        Whether light of reference modes counts, or a strong local oscillator is at hand at every site and not counted.
    squeezers : int >= 0, or None
        The most squeezers at hand; None where as many as wanted are.
    squeezing_db : float >= 0
        The most dB that each gives before its losses; inf without a limit.
    benches : tuple of Bench
        In the order of the modes of the network.

    Examples
    --------
    >>> lab = Laboratory(benches=(Bench(), Bench(visibility=0.98)))
    >>> lab.phase_reference, lab.squeezers, lab.squeezing_db, lab.is_ideal
    ('paid', None, inf, False)
    """

    phase_reference: PhaseReference = "paid"
    squeezers: int | None = None
    squeezing_db: float = math.inf
    benches: tuple[Bench, ...]

    def __post_init__(self) -> None:
        settle_numbers(self)
        freeze(self)

    @property
    def is_ideal(self) -> bool:
        """Whether nothing is limited, lost or noisy at any node; links aside."""
        no_limit = self.squeezers is None and self.squeezing_db == math.inf
        return no_limit and all(bench.is_ideal for bench in self.benches)


def least_hint(value: float, least: float = LEAST_SHARE) -> str:
    """What to do about a share that is too small to be one, to be added to its fault; nothing for other values.

    Parameters
    ----------
    value : float
    least : float
        The least share.

    Examples
    --------
    >>> least_hint(1e-200), least_hint(-1)
    ('; the least is 1e-100, of less nothing arrives', '')
    """
    return f"; the least is {least:g}, of less nothing arrives" if 0 < value < least else ""


def loss_db_fault(value: object, name: str) -> str | None:
    """What is wrong with a loss in dB, or a length, or None.

    Parameters
    ----------
    value : anything
    name : str
        Of the attribute, for the message.
    """
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 <= value <= LARGEST_DB:  # type: ignore[operator]  # a number, as just seen
        return f"{name} must be a number that is not negative, and at most 1e9, got {short_repr(value)}"
    return None


def transmissivity_of_db(loss_db: float) -> float:
    """10^(-dB/10); 0 where that is beyond floating point.

    Parameters
    ----------
    loss_db : float >= 0

    Examples
    --------
    >>> round(transmissivity_of_db(3), 6)
    0.501187
    """
    share: float = 10 ** (-loss_db / 10)
    return share


def most_db(least: float) -> str:
    """The loss in dB of the least share, in words.

    Parameters
    ----------
    least : float in (0, 1]

    Examples
    --------
    >>> most_db(LEAST_SHARE), most_db(LEAST_LINK_SHARE)
    ('1000 dB', '3000 dB')
    """
    return f"{-10 * math.log10(least):g} dB"


def settle_numbers(part: object) -> None:
    """Numbers of decimal attributes as floats, so that equal parts have one document; for ``__post_init__``, before ``freeze``."""
    said = [name for name in _FLOATS if getattr(part, name, None) is not None]
    make_real(part, *said)
    for name in said:
        value = getattr(part, name)
        # What is out of range stays as it was written, for the message.
        if type(value) is int and ATTRIBUTES[name].fault(value, "") is None:
            object.__setattr__(part, name, float(value))


def short_fields(part: DataclassInstance) -> str:
    """The repr of a part without the attributes of the laboratory that it does not say."""
    shown = (
        f"{field.name}={value!r}"
        for field in fields(part)
        if (value := getattr(part, field.name)) is not None or field.name not in ATTRIBUTES
        if (field.name, value) != ("phase_reference", "paid")
    )
    return f"{type(part).__name__}({', '.join(shown)})"
