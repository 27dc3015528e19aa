"""The problem: a network with its oriented function, and the divisibility that decides about photon protocols."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from math import gcd, lcm
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from networks import (
    Bench,
    InputError,
    Irrational,
    Laboratory,
    LinearFunction,
    Mode,
    NearestRational,
    Orientation,
    SensorNetwork,
    least_rational,
    nearest_rational,
)
from networks.arms import by_arms, function_by_arms, sites_of
from networks.errors import short_repr
from networks.irrational import AGREED_DIGITS, are_independent
from networks.laboratory import NODE_DEFAULTS
from networks.modes import Sensing
from networks.values import Value
from protocols.conditions import NoProtocolError
from protocols.theory.bounds import BoundsTable, bounds_table
from protocols.theory.mode_losses import ModeLosses
from protocols.theory.phase import exact_target
from protocols.theory.task import DisplacementTask, GaussianTask, PhaseTask, TaskLink

if TYPE_CHECKING:
    from photonics import Detectors
    from photonics.conventions import Real
    from protocols.theory.limits.readout import HomodyneReadout
    from protocols.theory.limits.squeezers import SqueezerLimits

Kind = Literal["phase", "gaussian", "displacement"]
"""What is sensed and with which light: phases with exactly N photons, phases with nbar on average, displacements."""

LARGEST_SIMULATED_CELLS = 300_000
"""Passes times modes that are simulated; about half a minute."""

LARGEST_NAMED_PRODUCT = 100
"""Largest N M that is advised where (34) fails; above it the nearest functions are."""

WITHIN = 0.01
"""Relative error of the function that is offered with the least N M."""

REACHED_OTHERWISE = (
    "the bound (12) is reached at every N and M by superposed strings (multimode-noon) and, for static parameters, by N00N pairs "
    "in turn (pairs-in-turn)"
)
"""What there is where no protocol of columns exists."""


def require_network(network: object) -> None:
    """Raise TypeError for what is no network, such as the name of its file.

    Parameters
    ----------
    network : anything
    """
    if not isinstance(network, SensorNetwork):
        raise TypeError(
            f"a SensorNetwork is needed, got {type(network).__name__}; read files with networks.load_network"
        )


def require_simulable(passes: int, modes: int) -> None:
    """Raise InputError when so many passes of so many modes would take minutes to simulate.

    Parameters
    ----------
    passes, modes : int >= 1
    """
    if passes * modes > LARGEST_SIMULATED_CELLS:
        size = f"{passes} passes of {modes} modes are too many to simulate"
        raise InputError([f"{size}; modes times passes may be {LARGEST_SIMULATED_CELLS}"])


def linear_functions(
    what: str, functions: Iterable[LinearFunction | Sequence[object]], faults: list[str]
) -> tuple[LinearFunction, ...]:
    """Functions as users have them, coefficients or ``LinearFunction``; what cannot be read is added to the faults.

    Parameters
    ----------
    what : str
        What one of them is, for messages.
    functions : iterable of LinearFunction or sequences of d coefficients
    faults : list of str

    Examples
    --------
    >>> faults = []
    >>> linear_functions("target", [[1, 0], ["1/2", "x"], 3], faults)
    (LinearFunction(('1', '0')),)
    >>> faults[1]
    'target 3: alpha must be a list of numbers, got 3'
    """
    try:
        given = tuple(functions)
    except TypeError:
        faults.append(f"{what}s must be a list of functions, got {short_repr(functions)}")
        return ()
    result = []
    for number, one in enumerate(given, 1):
        try:
            result.append(one if isinstance(one, LinearFunction) else LinearFunction(one))
        except InputError as error:
            faults += [f"{what} {number}: {fault}" for fault in error.faults]
    return tuple(result)


def no_reference(problem: PhaseProblem) -> str:
    """How a message on a function that needs a reference begins: there is none, or none that light can reach.

    Parameters
    ----------
    problem : PhaseProblem
        Whose ``reference`` is None.
    """
    apart = problem.network.references
    unreached = f"no chain of edges joins the sensors to the reference {apart[0].id!r}, and " if apart else ""
    ancillas = [mode.id for mode in problem.network.modes if mode.role == "ancilla"]
    remedy = f" (give the role 'reference' to the ancilla {ancillas[0]!r})" if ancillas and not apart else ""
    return f"{unreached}without a reference{remedy}"


@dataclass(frozen=True, kw_only=True)
class Problem(ABC):
    """A network with everything that follows from it and its budget, each worked out once; ``Problem.of`` makes the right kind.

    Parameters
    ----------
    network : SensorNetwork

    Attributes
    ----------
    sensing : "phase" or "displacement"
        Of the whole class.
    kind : "phase", "gaussian" or "displacement"
        Which schemes there are: phases with exactly N photons, phases with Gaussian light of nbar photons, displacements.
    photon_budget : str
        The name of the budget in network files and documents, "photons" or "mean_photons".

    Examples
    --------
    >>> problem = Problem.of(SensorNetwork.star([1, -3], sensing="phase", photons=3))
    >>> problem.function, problem.flipped
    (LinearFunction(('-1', '3')), True)
    """

    sensing: ClassVar[Sensing]
    kind: ClassVar[Kind]
    photon_budget: ClassVar[str]

    network: SensorNetwork

    @staticmethod
    def of(network: SensorNetwork | Problem) -> AnyProblem:
        """The problem that a network poses; a problem is given back as it is.

        Parameters
        ----------
        network : SensorNetwork or Problem

        Raises
        ------
        TypeError
            For what is no network, such as the name of its file.

        Examples
        --------
        >>> Problem.of(SensorNetwork.star([1, 1], sensing="displacement", mean_photons=2.0)).budget
        2.0
        """
        if isinstance(network, PhaseProblem | GaussianProblem | DisplacementProblem):
            return network
        require_network(network)
        assert isinstance(network, SensorNetwork)
        kind = kind_of(network)
        if kind == "phase":
            return PhaseProblem(network=network)
        return GaussianProblem(network=network) if kind == "gaussian" else DisplacementProblem(network=network)

    @abstractmethod
    def with_budget(self, photons: float, passes: int) -> Problem:
        """The same network with another N or nbar and other M.

        Parameters
        ----------
        photons : int >= 1 (phase) or float > 0 (displacement)
        passes : int >= 1
        """

    @cached_property
    def by_arms(self) -> SensorNetwork:
        """The network as light sees it: of sensors with two arms both arms, each a mode; the same network where none has two."""
        return by_arms(self.network)

    @cached_property
    def has_two_arms(self) -> bool:
        """Whether a sensor has two arms."""
        return any(mode.arms == 2 for mode in self.network.modes)

    @cached_property
    def sites(self) -> tuple[tuple[int, ...], ...]:
        """(d,) Of every parameter, the places of its modes among the sensor modes: one, or two arms."""
        return sites_of(self.network)

    @cached_property
    def site_names(self) -> tuple[str, ...]:
        """(d,) The names of the sensors as the network has them; modes of theirs are ``sensor_modes``."""
        return tuple(str(mode.id) for mode in self.network.sensors)

    @cached_property
    def site_of(self) -> Mapping[str, str]:
        """The name of the node that each mode belongs to: a node itself, but of an arm the sensor that has it."""
        own = {name: name for name in self.names}
        own |= {
            self.sensor_modes[k]: name for name, site in zip(self.site_names, self.sites, strict=True) for k in site
        }
        return MappingProxyType(own)

    def places(self, nodes: Sequence[str] | None) -> tuple[str, ...] | None:
        """Names of modes for those of nodes: of a sensor with two arms the one at which light reaches it, arm a.

        Parameters
        ----------
        nodes : names, or None
        """
        if nodes is None:
            return None
        entrance = {name: self.sensor_modes[site[0]] for name, site in zip(self.site_names, self.sites, strict=True)}
        return tuple(entrance.get(str(node), str(node)) for node in nodes)

    def phases(self, theta: Sequence[float]) -> tuple[float, ...]:
        """The phases of all sensor modes: theta_j itself, or theta_j/2 and -theta_j/2 of two arms.

        What both arms have in common is 0 here; errors of designs and simulations hold whatever it is, as they take it as unknown.

        Parameters
        ----------
        theta : (d,) floats
            Of the sensors of the network.
        """
        return tuple(
            phase
            for t, site in zip(theta, self.sites, strict=True)
            for phase in ((t,) if len(site) == 1 else (t / 2, -t / 2))
        )

    def function_of_modes(self, function: LinearFunction) -> LinearFunction:
        """A function of theta as one of the phases of all sensor modes.

        Parameters
        ----------
        function : LinearFunction
            With d coefficients.
        """
        return function_by_arms(function, [len(site) for site in self.sites])

    def information_of_sites(self, information: Real) -> Real:
        """The Fisher matrix of theta from that of the phases of all sensor modes, where what two arms have in common is known.

        Parameters
        ----------
        information : (modes, modes) floats

        Returns
        -------
        (d, d) floats
        """
        if not self.has_two_arms:
            return information
        import numpy as np

        turned = np.array([self.phases(row) for row in np.eye(len(self.sites)).tolist()])
        return np.asarray(turned @ information @ turned.T)

    def eased(self, share: float) -> Self:
        """The same network with every loss of a mode and detector in dB times a share; links keep theirs, as in ``Task.eased``.

        Parameters
        ----------
        share : float >= 0
            0 takes all losses away, 2 doubles them.

        Raises
        ------
        InputError
            Where a transmissivity becomes too small for a network.
        """
        modes = tuple(
            replace(
                mode,
                transmissivity=mode.transmissivity**share,
                # Ideal ones are left unsaid, as they were.
                **{
                    name: getattr(bench, name) ** share
                    for name in ("transmissivity_before", "detector_efficiency")
                    if getattr(bench, name) < 1
                },
            )
            for mode, bench in zip(self.network.modes, self.network.laboratory.benches, strict=True)
        )
        # What holds for all nodes is that of arms which are no node, too.
        shared = {
            name: value**share
            for name in ("transmissivity_before", "detector_efficiency")
            if (value := getattr(self.network, name)) is not None
        }
        return replace(self, network=self.network.replace(modes=modes, **shared))

    @cached_property
    def benches(self) -> tuple[Bench, ...]:
        """What a laboratory has and loses at every mode, in their order."""
        return self.laboratory.benches

    @property
    @abstractmethod
    def function(self) -> LinearFunction:
        """q as the protocols take it."""

    @property
    @abstractmethod
    def flipped(self) -> bool:
        """Whether ``function`` is -q of the network, which has the same mean squared error."""

    @property
    @abstractmethod
    def task(self) -> PhaseTask | GaussianTask | DisplacementTask:
        """The numbers of this problem."""

    @property
    @abstractmethod
    def budget(self) -> float:
        """N or nbar."""

    @property
    def passes(self) -> int:
        """M, which is also the sensing time t."""
        return self.network.passes

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all modes, as circuits and layouts use them."""
        return self.task.nodes

    @property
    def sensor_modes(self) -> tuple[str, ...]:
        """Names of the sensor modes."""
        return self.task.sensor_names

    @property
    def alpha(self) -> tuple[float, ...]:
        """(d,) The coefficients of ``function`` as floats."""
        return self.task.alpha

    def alpha_of(self, sensors: Sequence[int]) -> list[float]:
        """The coefficients of some sensors.

        Parameters
        ----------
        sensors : places among the sensors, from 0 to d - 1
        """
        return [self.alpha[j] for j in sensors]

    @property
    def transmissivity(self) -> tuple[float, ...]:
        """(d,) Transmissivities of the sensors, of one pass."""
        return self.task.transmissivity

    @property
    def is_lossless(self) -> bool:
        """Whether the modes that hold light have transmissivity 1; links aside."""
        return self.task.is_lossless

    @property
    def has_lossy_links(self) -> bool:
        """Whether a link has a transmissivity below 1."""
        return any(link.transmissivity < 1 for link in self.task.links)

    @property
    def is_ideal(self) -> bool:
        """Whether nothing is lost, limited or noisy anywhere."""
        return self.is_lossless and not self.has_lossy_links and self.network.laboratory.is_ideal

    @property
    def has_ideal_detectors(self) -> bool:
        """Whether detectors miss nothing and add nothing."""
        ideal = Bench()
        names = ("detector_efficiency", "dark_counts", "visibility", "electronic_noise", "phase_jitter_rad")
        return all(getattr(bench, name) == getattr(ideal, name) for bench in self.benches for name in names)

    @property
    def misses_photons(self) -> bool:
        """Whether some of the photons that arrive are not counted; homodyne detectors are another matter."""
        return self.sensing == "phase" and any(bench.detector_efficiency < 1 for bench in self.benches)

    @cached_property
    def laboratory(self) -> Laboratory:
        """What is at hand, and what is lost and limited at every mode, with what the file leaves out filled in."""
        return self.by_arms.laboratory

    @cached_property
    def bench_of(self) -> Mapping[str, Bench]:
        """The bench of every mode by name."""
        return MappingProxyType(dict(zip(self.names, self.laboratory.benches, strict=True)))

    @cached_property
    def transmissivity_of(self) -> Mapping[str, float]:
        """Transmissivity of every mode by name, of one pass."""
        return MappingProxyType({str(mode.id): mode.transmissivity for mode in self.by_arms.modes})

    @cached_property
    def bounds(self) -> BoundsTable:
        """The table of bounds at these resources."""
        return bounds_table(
            self.network.function,
            photons=self.network.photons,
            mean_photons=self.network.mean_photons,
            passes=self.passes,
            parameters=self.network.parameters,
            arms=[len(site) for site in self.sites],
            phase_reference=self.network.phase_reference,
        )

    @property
    def bound(self) -> float:
        """The least mean squared error of q in one shot for all probes, without loss."""
        return self.task.bound

    @cached_property
    def _graph(self) -> dict[str, Any]:
        """The fields of a task that name modes and links."""
        network = self.by_arms
        names = tuple(str(mode.id) for mode in network.modes)
        name_of = dict(zip((mode.id for mode in network.modes), names, strict=True))
        return {
            "nodes": names,
            "sensors": tuple(place for place, mode in enumerate(network.modes) if mode.role == "sensor"),
            "links": tuple(
                TaskLink(first=name_of[k.ends[0]], second=name_of[k.ends[1]], transmissivity=k.transmissivity)
                for k in network.links
            ),
            "transmissivity": tuple(mode.transmissivity for mode in network.sensors),
            "passes": network.passes,
        }

    def __getstate__(self) -> dict[str, Any]:
        # What was worked out is worked out again where it arrives: a mapping proxy cannot be sent, and the rest is cheap.
        return {"network": self.network}


@dataclass(frozen=True, kw_only=True)
class SensedPhases(Problem):
    """Phases, whatever the light; the function is oriented, ||alpha||_P >= ||alpha||_Nn, as the papers assume.

    The function is that of the phases of all sensor modes: both arms of sensors that have two (``by_arms``, docs/theory/arms.md).

    Parameters
    ----------
    network : SensorNetwork
        With sensing="phase".
    """

    sensing: ClassVar[Sensing] = "phase"

    def __post_init__(self) -> None:
        # Where a node has the name of an arm, before anything is asked.
        _ = self.by_arms

    @cached_property
    def _turned(self) -> Orientation:
        return self.by_arms.function.orient()

    @property
    def function(self) -> LinearFunction:
        """The oriented function of the phases of all sensor modes."""
        return self._turned.function

    @property
    def flipped(self) -> bool:
        """Whether ``function`` is -q of the network."""
        return self._turned.flipped

    @cached_property
    def reference(self) -> Mode | None:
        """The reference that probes use."""
        return self.network.reference

    @property
    def reference_name(self) -> str | None:
        """Its name; None without one."""
        return None if self.reference is None else str(self.reference.id)

    @cached_property
    def circuit_modes(self) -> tuple[str, ...]:
        """The modes of circuits: the sensors, and the reference if there is one."""
        return self.sensor_modes + (() if self.reference_name is None else (self.reference_name,))

    @cached_property
    def losses_of(self) -> Mapping[str, ModeLosses]:
        """What every mode loses, by name."""
        names = (str(mode.id) for mode in self.by_arms.modes)
        return MappingProxyType(dict(zip(names, map(_mode_losses, self.benches), strict=True)))

    @cached_property
    def light_caps(self) -> tuple[float, ...]:
        """(d,) The most photons at every sensor on average in a pass, both arms together; infinite where there is no limit."""
        benches = zip(self.network.modes, self.network.laboratory.benches, strict=True)
        return tuple(bench.mean_photons_max for mode, bench in benches if mode.role == "sensor")

    @property
    def has_light_limits(self) -> bool:
        """Whether some sensor may not have any light."""
        return any(most < math.inf for most in self.light_caps)

    @cached_property
    def arm_bench(self) -> Bench:
        """Of the arm that a sensor with a probe of its own has: that of the reference, or what holds for all nodes without one."""
        if self.reference is not None:
            return self.network.bench(self.reference.id)
        shared = {name: value for name in NODE_DEFAULTS if (value := getattr(self.network, name)) is not None}
        return Bench(**shared)

    @property
    def arm_losses(self) -> ModeLosses:
        """What that arm loses."""
        return _mode_losses(self.arm_bench)

    @cached_property
    def _numbers(self) -> dict[str, Any]:
        """The fields of a task; transmissivities of a pass have their share of what is lost before and after all passes."""
        graph = self._graph
        losses = [self.losses_of[name] for name in (graph["nodes"][place] for place in graph["sensors"])]
        graph["transmissivity"] = tuple(one.effective(self.passes) for one in losses)
        # Without a reference arms are taken as lossless in their passes, and have what all nodes have besides.
        arm = self.arm_losses.effective(self.passes)
        graph |= {"spare_arm": arm} if self.reference is None else {"reference": arm}
        return {"function": self.function, "sites": self.sites, **graph}

    def detectors(self, modes: Sequence[str]) -> Detectors:
        """The detectors of modes; those of no node are at arms.

        Parameters
        ----------
        modes : names, of nodes or arms
        """
        from photonics import Detectors

        arm = self.arm_bench
        benches = [self.bench_of.get(mode, arm) for mode in modes]
        return Detectors(
            efficiency=tuple(bench.detector_efficiency for bench in benches),
            dark_counts=tuple(bench.dark_counts for bench in benches),
            visibility=tuple(bench.visibility for bench in benches),
            phase_jitter_rad=tuple(bench.phase_jitter_rad for bench in benches),
        )

    @cached_property
    def has_noisy_detectors(self) -> bool:
        """Whether more than losses stands between the light and the counts: visibility, jitter or dark counts."""
        noisy = ((b.visibility, b.phase_jitter_rad, b.dark_counts) != (1.0, 0.0, 0.0) for b in self.benches)
        return any(noisy)


@dataclass(frozen=True, kw_only=True)
class PhaseProblem(SensedPhases):
    """Phases sensed with exactly N photons.

    Parameters
    ----------
    network : SensorNetwork
        With sensing="phase" and photons.
    """

    kind: ClassVar[Kind] = "phase"
    photon_budget: ClassVar[str] = "photons"

    def __post_init__(self) -> None:
        if self.network.photons is None:
            raise InputError(["photon states need photons, the exact photon number N of a shot; add e.g. photons: 4"])
        super().__post_init__()

    @property
    def photons(self) -> int:
        """N."""
        assert self.network.photons is not None
        return self.network.photons

    @property
    def budget(self) -> int:
        """N."""
        return self.photons

    @cached_property
    def task(self) -> PhaseTask:
        """The numbers of this problem."""
        return PhaseTask(photons=self.photons, **self._numbers)

    @cached_property
    def divisibility(self) -> Divisibility:
        """What BEGG (34) requires of N and M."""
        return divisibility(self.function, self.photons, self.passes)

    def require_protocol(self) -> None:
        """Raise NoProtocolError when no optimal protocol of columns of W exists at this N and M, with the least that would do."""
        if not self.divisibility.holds:
            raise NoProtocolError([self.divisibility.no_columns()])

    def with_budget(self, photons: float, passes: int) -> PhaseProblem:
        """The same network with other N and M.

        Parameters
        ----------
        photons, passes : int >= 1
        """
        if (photons, passes) == (self.photons, self.passes):
            # With all that was worked out.
            return self
        return PhaseProblem(network=self.network.replace(photons=photons, passes=passes))


@dataclass(frozen=True, kw_only=True)
class GaussianProblem(SensedPhases):
    """Phases sensed with Gaussian and coherent light of nbar photons on average.

    Parameters
    ----------
    network : SensorNetwork
        With sensing="phase" and mean_photons.

    Examples
    --------
    >>> bright = SensorNetwork.star([1, -2], sensing="phase", mean_photons=1e6, arms=2)
    >>> problem = Problem.of(bright)
    >>> problem.kind, problem.site_alpha, [problem.sensor_modes[site[0]] for site in problem.sites]
    ('gaussian', (1.0, -2.0), ['s1 a', 's2 a'])
    """

    kind: ClassVar[Kind] = "gaussian"
    photon_budget: ClassVar[str] = "mean_photons"

    def __post_init__(self) -> None:
        if self.network.mean_photons is None:
            raise InputError(
                ["Gaussian light needs mean_photons, the mean photon number of a shot; add e.g. mean_photons: 4"]
            )
        super().__post_init__()

    @property
    def photons(self) -> float:
        """nbar."""
        assert self.network.mean_photons is not None
        return self.network.mean_photons

    @property
    def mean_photons(self) -> float:
        """nbar."""
        return self.photons

    @property
    def budget(self) -> float:
        """nbar."""
        return self.photons

    @cached_property
    def task(self) -> GaussianTask:
        """The numbers of this problem."""
        return GaussianTask(photons=self.photons, **self._numbers)

    @cached_property
    def site_alpha(self) -> tuple[float, ...]:
        """(d,) Coefficients of the phases of the sensors, those of two arms of their difference."""
        return tuple(self.alpha[site[0]] for site in self.sites)

    @cached_property
    def entrances(self) -> tuple[str, ...]:
        """(d,) The mode of every sensor at which light from links reaches it: itself, or its dark port, arm a."""
        return tuple(self.sensor_modes[site[0]] for site in self.sites)

    @cached_property
    def site_benches(self) -> tuple[Bench, ...]:
        """(d,) What a laboratory has and loses at every sensor."""
        benches = zip(self.network.modes, self.network.laboratory.benches, strict=True)
        return tuple(bench for mode, bench in benches if mode.role == "sensor")

    @property
    def has_free_reference(self) -> bool:
        """Whether a strong local oscillator is at hand at every site."""
        return self.network.phase_reference == "free"

    @cached_property
    def limits(self) -> SqueezerLimits:
        """What all squeezers together have to keep to."""
        return _squeezer_limits(self.network, self.photons)

    @cached_property
    def squeezer_efficiency(self) -> Mapping[str, float]:
        """Escape efficiency of a squeezer at each node, by name."""
        return _escape(self)

    @cached_property
    def squeezer_places(self) -> tuple[str, ...]:
        """Names of the modes where a squeezer may stand: of an interferometer in front of its dark port."""
        second = {self.sensor_modes[site[1]] for site in self.sites if len(site) == 2}
        benches = zip(self.names, self.benches, strict=True)
        return tuple(name for name, bench in benches if bench.squeezer and name not in second)

    @cached_property
    def has_noisy_detectors(self) -> bool:
        """Whether visibility, jitter, dark counts or electronic noise stands between the light and the photocurrents."""
        return super().has_noisy_detectors or any(bench.electronic_noise for bench in self.benches)

    @cached_property
    def ideal(self) -> GaussianProblem:
        """The same function and light where nothing is lost, limited or noisy; what the reference costs stays."""
        if self.is_ideal:
            return self
        network = self.network
        sites = dict.fromkeys(NODE_DEFAULTS)
        modes = tuple(
            Mode(id=mode.id, role=mode.role, coupling=mode.coupling, alpha=mode.alpha, arms=mode.arms)
            for mode in network.modes
        )
        links = tuple(replace(link, transmissivity=1.0) for link in network.links)
        return GaussianProblem(
            network=network.replace(modes=modes, links=links, squeezers=None, squeezing_db=None, **sites)
        )

    def with_budget(self, photons: float, passes: int) -> GaussianProblem:
        """The same network with other nbar and M.

        Parameters
        ----------
        photons : float > 0
        passes : int >= 1
        """
        if (photons, passes) == (self.photons, self.passes):
            return self
        return GaussianProblem(network=self.network.replace(mean_photons=photons, passes=passes))


def _squeezer_limits(network: SensorNetwork, photons: float) -> SqueezerLimits:
    from protocols.theory.limits.squeezers import SqueezerLimits

    laboratory = network.laboratory
    return SqueezerLimits(mean_photons=photons, squeezing_db=laboratory.squeezing_db, squeezers=laboratory.squeezers)


def _escape(problem: Problem) -> Mapping[str, float]:
    efficiency = (bench.squeezer_efficiency for bench in problem.benches)
    return MappingProxyType(dict(zip(problem.names, efficiency, strict=True)))


def _mode_losses(bench: Bench) -> ModeLosses:
    return ModeLosses(
        before=bench.transmissivity_before, each_pass=bench.transmissivity, detected=bench.detector_efficiency
    )


@dataclass(frozen=True, kw_only=True)
class DisplacementProblem(Problem):
    """Displacements sensed with nbar photons on average; q stays as it is.

    Parameters
    ----------
    network : SensorNetwork
        With sensing="displacement".
    """

    sensing: ClassVar[Sensing] = "displacement"
    kind: ClassVar[Kind] = "displacement"
    photon_budget: ClassVar[str] = "mean_photons"

    @cached_property
    def function(self) -> LinearFunction:
        """q of the network."""
        return self.network.function

    @property
    def flipped(self) -> bool:
        """Never; displacements need no orientation."""
        return False

    @property
    def mean_photons(self) -> float:
        """nbar."""
        assert self.network.mean_photons is not None
        return self.network.mean_photons

    @property
    def budget(self) -> float:
        """nbar."""
        return self.mean_photons

    @property
    def has_laboratory(self) -> bool:
        """Whether the network says more of its laboratory than what is lost after the sensing."""
        laboratory = self.network.laboratory
        known = replace(laboratory, benches=tuple(replace(bench, transmissivity=1.0) for bench in laboratory.benches))
        return not known.is_ideal

    @cached_property
    def readout(self) -> HomodyneReadout:
        """Homodyne at every sensor with all that stands between the light and the outcome."""
        from protocols.theory.limits.readout import readout_of_benches

        return readout_of_benches(self.alpha, [self.benches[place] for place in self.task.sensors], self.passes)

    @cached_property
    def slopes(self) -> tuple[float, ...]:
        """(d,) How far the mean homodyne outcome moves per unit of theta_j, efficiency, visibility and jitter included."""
        benches = (self.benches[place] for place in self.task.sensors)
        return tuple(
            gain * bench.visibility * math.sqrt(bench.detector_efficiency) * math.exp(-(bench.phase_jitter_rad**2) / 2)
            for gain, bench in zip(self.task.gains, benches, strict=True)
        )

    @cached_property
    def limits(self) -> SqueezerLimits:
        """What all squeezers together have to keep to."""
        return _squeezer_limits(self.network, self.mean_photons)

    @cached_property
    def squeezer_efficiency(self) -> Mapping[str, float]:
        """Escape efficiency of a squeezer at each node, by name."""
        return _escape(self)

    @cached_property
    def squeezer_places(self) -> tuple[str, ...]:
        """Names of the nodes where a squeezer may stand."""
        return tuple(name for name, bench in zip(self.names, self.benches, strict=True) if bench.squeezer)

    def detectors(self, modes: Sequence[str]) -> Detectors:
        """The homodyne detectors of modes.

        Parameters
        ----------
        modes : names of nodes
        """
        from photonics import Detectors

        benches = [self.bench_of[mode] for mode in modes]
        return Detectors(
            efficiency=tuple(bench.detector_efficiency for bench in benches),
            visibility=tuple(bench.visibility for bench in benches),
            electronic_noise=tuple(bench.electronic_noise for bench in benches),
            phase_jitter_rad=tuple(bench.phase_jitter_rad for bench in benches),
        )

    @cached_property
    def task(self) -> DisplacementTask:
        """The numbers of this problem."""
        return DisplacementTask(function=self.function, photons=self.mean_photons, **self._graph)

    def with_budget(self, photons: float, passes: int) -> DisplacementProblem:
        """The same network with other nbar and M.

        Parameters
        ----------
        photons : float > 0
        passes : int >= 1
        """
        if (photons, passes) == (self.mean_photons, self.passes):
            return self
        return DisplacementProblem(network=self.network.replace(mean_photons=photons, passes=passes))


def kind_of(network: SensorNetwork) -> Kind:
    """Which problem a network poses, without making it.

    Parameters
    ----------
    network : SensorNetwork

    Examples
    --------
    >>> kind_of(SensorNetwork.chain([1, -1], sensing="phase", mean_photons=2.5))
    'gaussian'
    """
    if network.sensing == "displacement":
        return "displacement"
    return "gaussian" if network.photons is None else "phase"


AnyProblem = PhaseProblem | GaussianProblem | DisplacementProblem
"""A problem of any kind."""


def photon_target(function: LinearFunction, photons: int, passes: int) -> tuple[int, ...] | None:
    """N M alpha/||alpha||_P of an oriented function, BEGG (34), or None when it is not integer.

    Parameters
    ----------
    function : LinearFunction
        Oriented.
    photons, passes : int >= 1
        N and M.

    Raises
    ------
    InputError
        For a function that is not oriented.

    Examples
    --------
    >>> photon_target(LinearFunction([3, 1, -2]), photons=4, passes=1)
    (3, 1, -2)
    >>> photon_target(LinearFunction([1, 1, 1]), photons=100, passes=1) is None
    True
    """
    if function.norm_positive < function.norm_negative:
        raise InputError(["the function must be oriented; use function.orient().function"])
    target = exact_target(function, photons, passes)
    return tuple(int(b) for b in target) if all(map(is_whole, target)) else None


def is_whole(number: Fraction) -> bool:
    """Whether a number is an integer; an ``Irrational``, whose Fraction is only near it, is none.

    Parameters
    ----------
    number : Fraction
    """
    return number.denominator == 1 and not isinstance(number, Irrational)


@lru_cache(maxsize=256)
def least_product(function: LinearFunction) -> int | None:
    """The smallest N M for which BEGG (34) holds; it holds exactly for the multiples of it. None where it holds for none.

    That is so when a ratio of two coefficients is irrational, which is proved or taken so as ``LinearFunction.direction`` says.

    Parameters
    ----------
    function : LinearFunction
        Oriented.

    Examples
    --------
    >>> least_product(LinearFunction([1, 1, 1])), least_product(LinearFunction(["1/2", "1/3"]))
    (3, 5)
    >>> least_product(LinearFunction(["sqrt(2)", "sqrt(8)"])), least_product(LinearFunction(["sqrt(2)", 1]))
    (3, None)
    """
    direction = function.direction
    if direction is None:
        return None
    norm = sum((a for a in direction if a > 0), Fraction(0))
    return lcm(*((a / norm).denominator for a in direction))


@dataclass(frozen=True, slots=True, kw_only=True)
class Divisibility(Value):
    """What BEGG (34) requires of the resources: N M must be a multiple of ``least_product``.

    Attributes
    ----------
    function : LinearFunction
        Oriented.
    least_product : int >= 1, or None
        None when alpha/||alpha||_P is irrational, so that no N M works.
    photons, passes : int >= 1
        N and M.

    Examples
    --------
    >>> need = divisibility(LinearFunction([1, 1, 1]), photons=4, passes=2)
    >>> need.holds, need.least_product, need.least_photons
    (False, 3, 3)
    >>> divisibility(LinearFunction(["sqrt(2)", 1, -1]), photons=5, passes=1).nearest.weights
    (3, 2, -2)
    """

    function: LinearFunction
    least_product: int | None
    photons: int
    passes: int

    @property
    def holds(self) -> bool:
        """Whether N M is such a multiple."""
        return self.least_product is not None and self.photons * self.passes % self.least_product == 0

    @property
    def least_photons(self) -> int | None:
        """Smallest number of photons >= 1 that works with the given passes."""
        return None if self.least_product is None else self.least_product // gcd(self.least_product, self.passes)

    @property
    def least_passes(self) -> int | None:
        """Smallest number of passes that works with the given photons."""
        return None if self.least_product is None else self.least_product // gcd(self.least_product, self.photons)

    @property
    def nearest(self) -> NearestRational:
        """The nearest function with columns at these N and M, with its errors and the bias that they cause."""
        return nearest_rational(self.function, self.photons * self.passes)

    def fault(self) -> str:
        """One sentence with the remedy: the multiples that work where they are small, else the nearest functions."""
        product, least = self.photons * self.passes, self.least_product
        if least is None:
            never = f"{_irrational_ratio(self.function)}, so N M alpha/||alpha||_P (BEGG (34)) is integer at no N and M"
            return f"{never}; {_nearest_text(self.function, product)}"
        must = f"N M alpha/||alpha||_P must be integer (BEGG (34)): N M = {product} is not a multiple of "
        photons, passes = self.least_photons, self.least_passes
        assert photons is not None
        assert passes is not None
        if least > LARGEST_NAMED_PRODUCT:
            number = (
                str(least) if least < 10**6 else f"the number of {len(str(least))} digits that these coefficients need"
            )
            return f"{must}{number}; {_nearest_text(self.function, product)}"
        up = photons * -(-self.photons // photons)
        return (
            f"{must}{least}; with M = {self.passes} use N a multiple of {photons} (next: {up}), or with "
            f"N = {self.photons} use M a multiple of {passes}; the least N M that works is {least}"
        )

    def no_columns(self) -> str:
        """That no protocol of columns exists, why, and what reaches the bound all the same."""
        return f"no column protocol exists: {self.fault()}; {REACHED_OTHERWISE}"


def divisibility(function: LinearFunction, photons: int, passes: int) -> Divisibility:
    """The divisibility of an oriented function at these resources.

    Parameters
    ----------
    function : LinearFunction
        Oriented.
    photons, passes : int >= 1
        N and M.
    """
    return Divisibility(function=function, least_product=least_product(function), photons=photons, passes=passes)


def _irrational_ratio(function: LinearFunction) -> str:
    """That a ratio is irrational, naming one, and how sure that is."""
    largest = max(range(len(function)), key=lambda j: abs(function.alpha[j]))
    ratios = ((j, a / function.alpha[largest]) for j, a in enumerate(function.alpha))
    j, ratio = next((j, ratio) for j, ratio in ratios if isinstance(ratio, Irrational))
    text = str(ratio) if len(str(ratio)) <= 40 else f"{float(ratio):.6g}..."
    named = f"alpha/||alpha||_P is irrational (alpha_{j + 1}/alpha_{largest + 1} = {text}"
    if are_independent((function.alpha[j], function.alpha[largest])):
        return f"{named})"
    return f"{named}, not proved: taken so, as it agrees with no fraction of 12 digits to {AGREED_DIGITS} digits)"


@lru_cache(maxsize=256)
def _nearest_text(function: LinearFunction, product: int) -> str:
    """The nearest functions in words: at this N M, and within 1 % at the least N M."""
    near = nearest_rational(function, product)
    errors = ", ".join(f"{float(error):+.3g}" for error in near.errors[:8]) + (", ..." if len(near.errors) > 8 else "")
    text = (
        f"the nearest function of this ||alpha||_P with columns at N M = {product} is {_scaled(near)}, "
        f"with errors ({errors}) of the "
        f"coefficients, {near.relative_error:.2g} of the largest one, "
        f"which bias q by at most {near.bias_per_rad:.3g} times the sum of |theta_j|"
    )
    if near.relative_error <= WITHIN:
        return text
    small = least_rational(function, WITHIN)
    bias = f"bias at most {small.bias_per_rad:.3g} times that sum"
    return (
        f"{text}; within {WITHIN:.0%}, at this ||alpha||_P, the least N M is {small.product}: {_scaled(small)}, {bias}"
    )


def _scaled(near: NearestRational) -> str:
    weights = ", ".join(map(str, near.weights[:8])) + (", ..." if len(near.weights) > 8 else "")
    return f"{float(near.scale):.6g} times ({weights})"
