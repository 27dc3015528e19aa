"""What is measured, with how much light, through which losses: the numbers that closed forms take, each worked out once.

A task is made from a network once, by ``protocols.problem``, and handed on; nothing below reads the network again. It can be
varied, in photons and in losses, for curves and crossings.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Self

from networks import InputError, LinearFunction
from networks.values import Value
from protocols.theory.displacement import (
    PhotonSplit,
    best_separable_split,
    displacement_bound,
    loss_noise,
    lost_share,
    pass_gain,
    signal_weights,
)
from protocols.theory.joint_targets import JointTargets, displacement_targets, phase_targets
from protocols.theory.phase import branch_survival, gaussian_bound, over_contrast, phase_bound, two_branch_mse
from protocols.theory.shot_noise import free_reference_shot_noise, loss_limited_bound, network_shot_noise
from protocols.theory.squeezer_turns import SqueezerTurns, best_squeezer_turns
from protocols.theory.sums import error_sum, squared
from protocols.theory.two_branches import LossySplit, best_lossy_split, branch_contrast, equal_weights_contrast


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskLink(Value):
    """A link between two nodes.

    Attributes
    ----------
    first, second : str
        Names of the nodes.
    transmissivity : float
        In (0, 1].
    """

    first: str
    second: str
    transmissivity: float


@dataclass(frozen=True, kw_only=True)
class Task(Value, ABC):
    """A linear function with its resources and losses; ``PhaseTask``, ``GaussianTask`` and ``DisplacementTask`` are the kinds.

    Parameters
    ----------
    function : LinearFunction
        q, one coefficient a sensor; oriented for phase sensing.
    transmissivity : (d,) floats in (0, 1]
        Of every sensor, after each pass.
    reference : float or None
        Transmissivity of the reference; None without one.
    photons : float > 0
        N, exactly (phase), or nbar, on average (displacement), in one shot.
    passes : int >= 1
        M; one pass takes unit time, so t = M.
    nodes : tuple of str
        Names of all modes, in the network's order.
    sensors : tuple of int
        Places of the sensors among ``nodes``.
    links : tuple of TaskLink
        Where beam splitters can be, with their losses.
    """

    function: LinearFunction
    transmissivity: tuple[float, ...]
    reference: float | None = None
    photons: float
    passes: int = 1
    nodes: tuple[str, ...] = ()
    sensors: tuple[int, ...] = ()
    links: tuple[TaskLink, ...] = ()

    def __getstate__(self) -> dict[str, Any]:
        # What follows from the fields is worked out again where it arrives.
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @cached_property
    def alpha(self) -> tuple[float, ...]:
        """(d,) The coefficients as floats."""
        return tuple(float(a) for a in self.function.alpha)

    @cached_property
    def sensor_names(self) -> tuple[str, ...]:
        """Names of the sensors, in order."""
        return tuple(self.nodes[place] for place in self.sensors)

    @property
    def is_lossless(self) -> bool:
        """Whether sensors and reference have transmissivity 1; links aside."""
        return all(eta == 1 for eta in self.transmissivity) and self.reference in (None, 1)

    def with_photons(self, photons: float) -> Self:
        """The same with another N or nbar.

        Parameters
        ----------
        photons : float > 0
        """
        return replace(self, photons=photons)

    def thinned(self, factor: float) -> Self:
        """The same with every transmissivity of a mode, the reference's too, times a factor; links keep theirs.

        Parameters
        ----------
        factor : float
            In (0, 1].
        """
        own = None if self.reference is None else self.reference * factor
        return replace(self, transmissivity=tuple(eta * factor for eta in self.transmissivity), reference=own)

    def eased(self, share: float) -> Self:
        """The same with every loss of a mode in dB times a share; links keep theirs.

        Parameters
        ----------
        share : float >= 0
            0 takes all losses away, 2 doubles them.
        """
        own = None if self.reference is None else self.reference**share
        return replace(self, transmissivity=tuple(eta**share for eta in self.transmissivity), reference=own)

    @property
    @abstractmethod
    def bound(self) -> float:
        """The least mean squared error of q for all probes in one shot, without loss."""

    @property
    @abstractmethod
    def shot_noise(self) -> float:
        """The mean squared error of q of the best classical light in one shot, with the losses."""

    @property
    @abstractmethod
    def free_reference_shot_noise(self) -> float | None:
        """The same with a phase reference at every sensor that is not counted; None where none is needed."""

    @property
    @abstractmethod
    def loss_bound(self) -> float | None:
        """The bound on all probes that the losses set; None where none is known."""

    @property
    def joint_targets_notes(self) -> tuple[str, ...]:
        """Which losses count in ``joint_targets``, and what its probe is the best of with them; none where nothing is lost."""
        notes = []
        if not self.is_lossless:
            notes.append(
                f"errors of several functions at once are with the losses of the modes; the joint probe is {self._best_of}"
            )
        if any(link.transmissivity < 1 for link in self.links):
            notes.append("errors of several functions at once are without the losses of the links")
        return tuple(notes)

    @property
    @abstractmethod
    def _best_of(self) -> str:
        """What the joint probe is the best of, with losses."""

    @abstractmethod
    def joint_targets(self, functions: Sequence[LinearFunction], weights: Sequence[float]) -> JointTargets:
        """The best joint precision of several functions with these resources and the losses of the modes.

        Parameters
        ----------
        functions : r functions of the same d parameters
        weights : (r,) floats > 0
        """


@dataclass(frozen=True, kw_only=True)
class SensedPhases(Task):
    """Phases, whatever the light; ``PhaseTask`` and ``GaussianTask`` are the two kinds.

    Parameters
    ----------
    function : LinearFunction
        q, one coefficient a sensor; oriented.
    transmissivity : (d,) floats in (0, 1]
        Of every sensor, after each pass.
    reference : float or None
        Transmissivity of the reference; None without one.
    photons : float > 0
        N or nbar.
    passes : int >= 1
        M; one pass takes unit time, so t = M.
    nodes : tuple of str
        Names of all modes.
    sensors : tuple of int
        Places of the sensors among ``nodes``.
    links : tuple of TaskLink
    spare_arm : float in (0, 1]
        Transmissivity of the arm that a sensor with a probe of its own has where there is no reference.
    sites : tuple of tuples of int
        The sensors of each site: one, or both arms of an interferometer, with opposite coefficients. Every sensor is a site of its
        own when left out.
    """

    spare_arm: float = 1.0
    sites: tuple[tuple[int, ...], ...] = ()

    @cached_property
    def own_probes(self) -> tuple[tuple[int, int | None], ...]:
        """The two modes of a probe of each site alone: its arms, positive first, or a sensor and None, an arm of its own."""
        sites = self.sites or tuple((j,) for j in range(len(self.function)))
        probes: list[tuple[int, int | None]] = []
        for first, *others in sites:
            second = others[0] if others else None
            swap = second is not None and self.alpha[first] < 0
            probes.append((second, first) if swap and second is not None else (first, second))
        return tuple(probes)

    def probe_transmissivity(self, probe: tuple[int, int | None]) -> tuple[float, float]:
        """Of both modes of the probe of one site.

        Parameters
        ----------
        probe : pair of ``own_probes``
        """
        sensor, other = probe
        return self.transmissivity[sensor], self.arm if other is None else self.transmissivity[other]

    def eased(self, share: float) -> Self:
        """As for every task, the arms of probes of single sensors included.

        Parameters
        ----------
        share : float >= 0
        """
        return replace(super().eased(share), spare_arm=self.spare_arm**share)

    @cached_property
    def shot_noise(self) -> float:
        """The best separate photons, each kept in its modes for all passes, (10) and docs/theory/theory.md, section 7."""
        return network_shot_noise(self.alpha, self.transmissivity, self.reference, self.photons, self.passes)

    @cached_property
    def free_reference_shot_noise(self) -> float:
        """Coherent light of so many photons on average at the sensors, with a strong phase reference at each, not counted."""
        return free_reference_shot_noise(self.alpha, self.transmissivity, self.photons, self.passes)

    @property
    def arm(self) -> float:
        """Transmissivity of the arm that a sensor with a probe of its own has: that of the reference, where there is one."""
        return self.spare_arm if self.reference is None else self.reference


@dataclass(frozen=True, kw_only=True)
class PhaseTask(SensedPhases):
    """Phases, sensed with exactly N photons in every shot.

    Parameters
    ----------
    function : LinearFunction
        q, one coefficient a sensor; oriented.
    transmissivity : (d,) floats in (0, 1]
        Of every sensor, after each pass.
    reference : float or None
        Transmissivity of the reference; None without one.
    photons : int or float > 0
        N.
    passes : int >= 1
        M; one pass takes unit time, so t = M.
    nodes : tuple of str
        Names of all modes.
    sensors : tuple of int
        Places of the sensors among ``nodes``.
    links : tuple of TaskLink
    spare_arm : float in (0, 1]
    sites : tuple of tuples of int
        As of ``SensedPhases``.

    Examples
    --------
    >>> task = PhaseTask(function=LinearFunction([1, 1]), transmissivity=(1.0, 1.0), reference=1.0, photons=2)
    >>> task.bound, round(task.shot_noise, 12), task.contrast
    (1.0, 2.0, 1.0)
    """

    @cached_property
    def bound(self) -> float:
        """(||alpha||_P/(N M))^2, (12)."""
        return float(phase_bound(self.function, self.photons, self.passes))

    @cached_property
    def loss_bound(self) -> float | None:
        """The bound on all states of N photons in a single pass; None for several passes."""
        if self.passes > 1:
            return None
        return loss_limited_bound(self.alpha, self.transmissivity, self.reference, self.photons)

    @cached_property
    def log_survival(self) -> tuple[float, float]:
        """Logarithms of the survival of both branches of any optimal two-branch protocol; (32) fixes what each mode carries."""
        return branch_survival(self.function, self.transmissivity, self.reference, self.photons, self.passes)

    @property
    def contrast(self) -> float:
        """The share of the information of two branches with the best weights that the losses leave."""
        return branch_contrast(*self.log_survival)

    @property
    def two_branch_mse(self) -> float:
        """(12) over 4AB/(sqrt A + sqrt B)^2: what every optimal two-branch protocol reaches with the best branch weights."""
        return two_branch_mse(self.bound, *self.log_survival)

    @property
    def equal_weights_mse(self) -> float:
        """(12) over 2AB/(A + B): what two branches of equal weight reach."""
        return over_contrast(self.bound, equal_weights_contrast(*self.log_survival))

    @cached_property
    def separable_split(self) -> LossySplit | None:
        """The best whole photons for N00N states of single sites, in order; None with fewer photons than sites."""
        probes = self.own_probes
        alpha = [self.alpha[probe[0]] for probe in probes]
        own = [self.probe_transmissivity(probe) for probe in probes]
        return best_lossy_split(alpha, [eta for eta, _ in own], [arm for _, arm in own], int(self.photons), self.passes)

    @property
    def _best_of(self) -> str:
        return "the best of superposed strings (all N photons in one place), not of all states"

    def joint_targets(self, functions: Sequence[LinearFunction], weights: Sequence[float]) -> JointTargets:
        """By ``phase_targets``.

        Parameters
        ----------
        functions : r functions of the same d parameters
        weights : (r,) floats > 0
        """
        return phase_targets(
            functions,
            weights,
            photons=self.photons,
            passes=self.passes,
            reference=self.reference is not None,
            transmissivity=self.transmissivity,
            reference_transmissivity=self.arm,
        )


@dataclass(frozen=True, kw_only=True)
class GaussianTask(SensedPhases):
    """Phases, sensed with Gaussian light of nbar photons on average.

    Parameters
    ----------
    function : LinearFunction
        q, one coefficient a sensor; oriented.
    transmissivity : (d,) floats in (0, 1]
        Of every sensor, after each pass.
    reference : float or None
        Transmissivity of the reference; None without one.
    photons : float > 0
        nbar.
    passes : int >= 1
        M; one pass takes unit time, so t = M.
    nodes : tuple of str
        Names of all modes.
    sensors : tuple of int
        Places of the sensors among ``nodes``.
    links : tuple of TaskLink
    spare_arm : float in (0, 1]
    sites : tuple of tuples of int
        As of ``SensedPhases``.

    Examples
    --------
    >>> task = GaussianTask(function=LinearFunction([1, 1]), transmissivity=(1.0, 1.0), reference=1.0, photons=1.0)
    >>> task.bound, round(task.shot_noise, 12)
    (0.25, 4.0)
    """

    @cached_property
    def bound(self) -> float:
        """||alpha||_1^2/(8 nbar (nbar + 1) M^2) of pure Gaussian light, nbar in every shot (docs/theory/theory.md, section 2)."""
        return gaussian_bound(self.function, self.photons, self.passes)

    @property
    def loss_bound(self) -> None:
        """None: no bound of lossy networks is known for Gaussian light."""
        return None

    @property
    def _best_of(self) -> str:
        return "not known"

    def joint_targets(self, functions: Sequence[LinearFunction], weights: Sequence[float]) -> JointTargets:
        """Not worked out.

        Parameters
        ----------
        functions : r functions of the same d parameters
        weights : (r,) floats > 0

        Raises
        ------
        InputError
            Always.
        """
        raise InputError(
            [
                "the best joint error of several functions is worked out for exact photon numbers and for displacements, not for "
                "phases with mean_photons alone; give photons, or ask for one function at a time"
            ]
        )


@dataclass(frozen=True, kw_only=True)
class DisplacementTask(Task):
    """Displacements, sensed with nbar photons on average in every shot.

    Parameters
    ----------
    function : LinearFunction
        q, one coefficient a sensor.
    transmissivity : (d,) floats in (0, 1]
        Of every sensor, after each pass.
    reference : float or None
        Transmissivity of the reference; None without one.
    photons : float > 0
        nbar.
    passes : int >= 1
        M; one pass takes unit time, so t = M.
    nodes : tuple of str
        Names of all modes.
    sensors : tuple of int
        Places of the sensors among ``nodes``.
    links : tuple of TaskLink

    Examples
    --------
    >>> task = DisplacementTask(function=LinearFunction([1, 1]), transmissivity=(1.0, 1.0), photons=1.0)
    >>> round(task.bound, 12), task.shot_noise
    (0.343145750508, 2.0)
    """

    @cached_property
    def gains(self) -> tuple[float, ...]:
        """(d,) How far x has moved per unit of theta_j after all passes."""
        return tuple(pass_gain(eta, self.passes) for eta in self.transmissivity)

    @cached_property
    def weights(self) -> tuple[float, ...]:
        """(d,) z_j = alpha_j eta_j^(M/2)/g_j, the share of the light's own x at each sensor in the estimate of q."""
        return tuple(signal_weights(self.alpha, self.transmissivity, self.passes, self.gains))

    @cached_property
    def loss_noise(self) -> float:
        """What the vacuum that the losses let in adds to the mean squared error, whatever the light."""
        return loss_noise(self.alpha, self.transmissivity, self.passes, self.gains)

    @cached_property
    def bound(self) -> float:
        """||alpha||_2^2/(M^2 f(nbar)), (15) exact at this nbar."""
        return displacement_bound(self.function, self.photons, self.passes)

    @cached_property
    def shot_noise(self) -> float:
        """The vacuum noise of a homodyne detector at every sensor: sum (alpha_j/g_j)^2."""
        return error_sum(squared(a / g) for a, g in zip(self.alpha, self.gains, strict=True))

    @property
    def free_reference_shot_noise(self) -> None:
        """None: homodyne detectors have their local oscillators anyway."""
        return None

    @property
    def loss_bound(self) -> None:
        """None: no bound is known beside the loss noise of Gaussian light."""
        return None

    @property
    def lost_shares(self) -> tuple[float, ...]:
        """(d,) 1 - eta_j^M."""
        return tuple(lost_share(eta, self.passes) for eta in self.transmissivity)

    @cached_property
    def separable_split(self) -> PhotonSplit:
        """The best split of the photons over separate squeezed modes, with the losses (docs/theory/theory.md, section 2)."""
        return best_separable_split(self.weights, self.photons)

    @cached_property
    def squeezer_turns(self) -> SqueezerTurns:
        """The best shares of the shots for one squeezer of all photons at one sensor at a time, with the losses."""
        return best_squeezer_turns(self.alpha, self.transmissivity, self.photons, self.passes)

    @property
    def _best_of(self) -> str:
        return "the best squeezed light"

    def joint_targets(self, functions: Sequence[LinearFunction], weights: Sequence[float]) -> JointTargets:
        """By ``displacement_targets``.

        Parameters
        ----------
        functions : r functions of the same d parameters
        weights : (r,) floats > 0
        """
        return displacement_targets(
            functions, weights, mean_photons=self.photons, passes=self.passes, transmissivity=self.transmissivity
        )
