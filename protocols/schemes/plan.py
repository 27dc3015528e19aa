"""What a scheme hands over: circuits to run, what they should reach, and what they cost."""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from networks import InputError
from networks.errors import short_repr
from networks.values import Value, freeze, make_real
from protocols.conditions import Switch
from protocols.wmatrix.protocol import PhotonProtocol

if TYPE_CHECKING:
    from photonics import Circuit, Homodyne, IntensityDifference, Moments, PhotonCounting
    from photonics.conventions import Integer


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Value):
    """A circuit with light of its own.

    Parameters
    ----------
    circuit : photonics.Circuit
    sensors : tuple of int
        Its j-th parameter is that of network sensor ``sensors[j]``, counted from 0.
    branches : two tuples of int >= 0, or None
        The occupation strings, over the circuit's modes, of the two branches that are compared at its end, for light that
        has two.
    share : float in (0, 1]
        The share of the shots that it runs in: 1 for circuits of every shot; parts that take turns share the shots out.
    coefficients : (d_k,) floats or None
        What of q it estimates, sum coefficient_k theta_k over its sensors; the parts add up to q. None for alpha itself, where no
        sensor is in two parts.
    kept : str or None
        A mode of the circuit whose photons stay at their source, as the sensors may not have more light; None without one.
    measurement : Homodyne, IntensityDifference, Moments, PhotonCounting of photonics, or None
        What reads it out at theta = 0, with the detectors of the network, for Gaussian light of phases; None for light whose
        readout the scheme knows.
    is_linear : bool
        Whether the estimate is linear in the outcomes of that measurement; otherwise their distribution is what counts.
    """

    circuit: Circuit
    sensors: tuple[int, ...]
    branches: tuple[tuple[int, ...], tuple[int, ...]] | None = None
    share: float = 1.0
    coefficients: tuple[float, ...] | None = None
    kept: str | None = None
    measurement: Homodyne | IntensityDifference | Moments | PhotonCounting | None = None
    is_linear: bool = True

    def coefficients_of(self, alpha: Sequence[float]) -> list[float]:
        """What of q this part estimates.

        Parameters
        ----------
        alpha : (d,) floats
            The coefficients of all sensors.
        """
        return [alpha[j] for j in self.sensors] if self.coefficients is None else list(self.coefficients)

    @property
    def has_light(self) -> bool:
        """Whether it prepares anything but the vacuum."""
        from photonics import Loss, Sense

        return any(not isinstance(op, Loss | Sense) for op in self.circuit.operations)

    @property
    def photons(self) -> int:
        """Photons of the state that a photon circuit starts from: of every one of its strings."""
        return int(self._occupations[0].sum())

    @property
    def strings(self) -> int:
        """Strings of the state that a photon circuit starts from, without what stays at the source."""
        return len(self._occupations) - (self.kept is not None)

    @property
    def occupied_modes(self) -> set[str]:
        """Modes that hold photons in a string of the state that a photon circuit starts from."""
        held = self._occupations.sum(axis=0).tolist()
        return {mode for mode, photons in zip(self.circuit.modes, held, strict=True) if photons and mode != self.kept}

    @property
    def _occupations(self) -> Integer:
        from photonics import PrepareFock

        start = self.circuit.operations[0]
        assert isinstance(start, PrepareFock)
        return start.state.occupations


@dataclass(frozen=True, slots=True, kw_only=True)
class Interference(Value):
    """Two beams that meet at a balanced beam splitter, at mid-fringe; the photons of both ports are counted.

    Parameters
    ----------
    first, second : str
        Modes that the beams are taken from; q has the phase of the first with a positive sign.
    first_share, second_share : float in (0, 1]
        Of the light of these modes.
    weight : float > 0
        What of q the phase difference is.
    """

    first: str
    second: str
    first_share: float
    second_share: float
    weight: float

    def __post_init__(self) -> None:
        make_real(self, "first_share", "second_share", "weight")
        freeze(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Value):
    """A protocol ready to run.

    Parameters
    ----------
    scheme, title : str
    parts : tuple of Part
        Independent circuits: one for entangled schemes, one a sensor for separable ones, several that take turns over the shots.
    probes : tuple of str
        The light that enters, in words.
    controls : int
        Times the probe is switched between passes.
    modes_per_pass : tuple of int
        Entangled modes in each pass (the largest group, for separable schemes).
    predicted_mse : float
        Mean squared error of q in one shot by the closed form ``formula``; engines have to agree with it.
    formula : str
    measurement : str
        What reads the result out.
    reaches_bound : bool
        Whether, without loss, it must reach the bound of all probes.
    photon_protocol : PhotonProtocol or None
        The columns of W, for schemes that have them.
    notes : tuple of str
        What a user has to know before building it.
    entangles : bool
        Whether light at different sensors is entangled; ``plan_of`` sets it to what the scheme says.
    mean_photons : float >= 0, or None
        Mean photon number of a shot, for light that has not exactly N photons (phases), or less than nbar (displacements).
    common_phase_unknown : bool
        Whether nothing but the light of each circuit itself tells its phase, so that a common phase of all its modes is one more
        unknown parameter: coherent light that pays for its reference. Light of exactly N photons does not feel it.
    interference : tuple of Interference
        Beams that meet before their photons are counted, for light that is read out so.
    sites_per_pass : tuple of int, or None
        Sites whose modes are entangled in each pass, where some have two arms; None where every mode is a site.
    """

    scheme: str
    title: str
    parts: tuple[Part, ...]
    probes: tuple[str, ...]
    controls: int
    modes_per_pass: tuple[int, ...]
    predicted_mse: float
    formula: str
    measurement: str
    reaches_bound: bool
    photon_protocol: PhotonProtocol | None = None
    notes: tuple[str, ...] = ()
    entangles: bool = True
    mean_photons: float | None = None
    common_phase_unknown: bool = False
    interference: tuple[Interference, ...] = ()
    sites_per_pass: tuple[int, ...] | None = None

    @property
    def modes_between_sites(self) -> int:
        """Modes of the widest pass whose light is entangled between sites, both arms of a sensor as one; 0 without any."""
        widest = max(self.modes_per_pass if self.sites_per_pass is None else self.sites_per_pass)
        return widest if self.entangles and widest > 1 else 0

    @property
    def elements(self) -> int:
        """What has to be set up: the strings of all states prepared, other light as one, and the gates of all circuits."""
        from photonics import Loss, PrepareFock, Sense

        return sum(
            len(op.state.occupations) if isinstance(op, PrepareFock) else 1
            for part in self.parts
            for op in part.circuit.operations
            if not isinstance(op, Loss | Sense)
        )

    @property
    def takes_turns(self) -> bool:
        """Whether its parts share the shots out."""
        return any(part.share < 1 for part in self.parts)

    @property
    def switches(self) -> tuple[Switch, ...]:
        """The controls of a photon protocol, and which of them are mere permutations of modes; none for other light."""
        return () if self.photon_protocol is None else self.photon_protocol.controls()


BEYOND = "beyond the engine: "
"""How the reason begins of a scheme that the engine, not the network, forbids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailable(Value):
    """A scheme that is not applicable to a problem.

    Parameters
    ----------
    scheme : str
        Its name; of simulations with that of an estimator behind a comma.
    reason : str
    """

    scheme: str
    reason: str

    @property
    def is_beyond_engine(self) -> bool:
        """Whether it may apply, but the engine does not hold its light, in double precision or at all."""
        return self.reason.startswith(BEYOND)


def checked_plan(name: str, result: object) -> Plan | Unavailable:
    """What the ``plan`` of a scheme gave, when it is what was agreed: schemes of a user's own are not known to keep their word.

    Parameters
    ----------
    name : str
        Of the scheme.
    result : anything

    Raises
    ------
    TypeError
        For what is neither a ``Plan`` nor an ``Unavailable``.
    InputError
        For the plan of another scheme, and for an error that is no number >= 0.

    Examples
    --------
    >>> checked_plan("mine", None)
    Traceback (most recent call last):
        ...
    TypeError: `plan` of the scheme 'mine' must give a Plan or an Unavailable, got NoneType
    """
    if isinstance(result, Unavailable):
        return result
    if not isinstance(result, Plan):
        raise TypeError(
            f"`plan` of the scheme {name!r} must give a Plan or an Unavailable, got {type(result).__name__}"
        )
    if result.scheme != name:
        raise InputError(
            [f"the scheme {name!r} gives a plan of {short_repr(result.scheme)}; give replace(plan, scheme=self.name)"]
        )
    checked_error(f"`predicted_mse` of the scheme {name!r}", result.predicted_mse)
    return result


def checked_error(what: str, value: object) -> float:
    """A mean squared error as a float, infinity included.

    Parameters
    ----------
    what : str
        Its name in the message.
    value : anything

    Raises
    ------
    InputError
        For what is no number >= 0.

    Examples
    --------
    >>> checked_error("`mse` of the scheme 'mine'", float("nan"))
    Traceback (most recent call last):
        ...
    networks.errors.InputError: `mse` of the scheme 'mine' must be a number >= 0, got nan
    """
    number = math.nan if isinstance(value, bool) or not isinstance(value, numbers.Real) else float(value)
    if number >= 0:
        return number
    raise InputError([f"{what} must be a number >= 0, got {short_repr(value)}"])
