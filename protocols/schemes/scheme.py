"""What a scheme is: a kind of light with its measurement, under one name everywhere.

A scheme of your own is a subclass of ``PhaseScheme``, ``GaussianScheme`` or ``DisplacementScheme`` with a name, a title and a
``plan``; it is passed at the call (``design(network, schemes=[...])``, ``loss_report``, ``simulate``, ``run_sweep``) or added to
the registry.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import Any, ClassVar, Generic, TypeVar

from networks.modes import Sensing
from protocols.problem import AnyProblem, DisplacementProblem, GaussianProblem, Kind, PhaseProblem
from protocols.schemes.named import Named
from protocols.schemes.plan import Plan, Unavailable, checked_error, checked_plan
from protocols.schemes.readouts import (
    Readout,
    beam_splitter_readouts,
    branch_readouts,
    squeezed_readouts,
    stated_readouts,
)
from protocols.schemes.stages import StagedPhase, entangled_stages
from protocols.theory.task import DisplacementTask, GaussianTask, PhaseTask, Task

ProblemT = TypeVar("ProblemT", PhaseProblem, GaussianProblem, DisplacementProblem)
TaskT = TypeVar("TaskT", PhaseTask, GaussianTask, DisplacementTask)


class Scheme(Named, ABC, Generic[ProblemT, TaskT]):
    """Light, how it is split and kept, and what reads the result out. Schemes are equal when of one class with equal fields.

    Attributes
    ----------
    name : str
        As on the command line, in documents, sweeps and figures.
    title : str
        A few words for people.
    senses : "phase" or "displacement"
    entangles : bool
        Whether light at different sensors is entangled.
    """

    entangles: ClassVar[bool] = True

    @abstractmethod
    def plan(self, problem: ProblemT) -> Plan | Unavailable:
        """The circuits to run and what they should reach, or why there are none.

        Parameters
        ----------
        problem : Problem
            Of the kind that the scheme senses.
        """

    def why_not(self, problem: ProblemT) -> str | None:
        """Why this problem has no such plan, without making one; None where it has one, or where only ``plan`` can say.

        Parameters
        ----------
        problem : Problem
        """
        return None

    def mse(self, task: TaskT) -> float | None:
        """The mean squared error of q in one shot as a function of resources and losses; None without a closed form.

        Curves and crossings need it; ``plan`` has to agree with it.

        Parameters
        ----------
        task : Task
            Of the kind that the scheme senses.
        """
        return None

    def note(self, task: TaskT) -> str:
        """What to know about ``mse`` at these losses, if anything.

        Parameters
        ----------
        task : Task
        """
        return ""

    def measurements(self, plan: Plan) -> tuple[Readout, ...]:
        """What the light of a plan can be read out by; reports compare the error of each with the quantum limit.

        Parameters
        ----------
        plan : Plan
            Of this scheme.
        """
        return ()

    def unavailable(self, reason: str) -> Unavailable:
        """This scheme with the reason why it is not applicable.

        Parameters
        ----------
        reason : str
        """
        return Unavailable(scheme=self.name, reason=reason)


class PhaseScheme(Scheme[PhaseProblem, PhaseTask]):
    """A scheme for phases, with exactly N photons in every shot; attributes as of ``Scheme``.

    Attributes
    ----------
    sensor_by_sensor : bool
        Whether every sensor has a probe and an arm of its own, so that each theta_j is read out alone.
    superposes_strings : bool
        Whether its plan is one circuit whose light has all N photons in one of the modes, sensors in order and then the reference;
        where it has no stages, estimation reads all strings out at once, near known phases.
    counts_interference : bool
        Whether its plan is one circuit of coherent light with beams that meet (``Plan.interference``), which estimation counts near
        known phases.
    """

    senses: ClassVar[Sensing] = "phase"
    sensor_by_sensor: ClassVar[bool] = False
    superposes_strings: ClassVar[bool] = False
    counts_interference: ClassVar[bool] = False

    def measurements(self, plan: Plan) -> tuple[Readout, ...]:
        """Projection on the branches, and a beam splitter for each sensor where every sensor is read out alone.

        Parameters
        ----------
        plan : Plan
        """
        return (*branch_readouts(plan), *(beam_splitter_readouts(plan) if self.sensor_by_sensor else ()))

    def stage_plan(self, problem: PhaseProblem) -> Plan | Unavailable:
        """The light of a stage of phase estimation, with fewer photons or passes than the network's own.

        Parameters
        ----------
        problem : PhaseProblem
        """
        return self.plan(problem)

    def stages(self, problem: PhaseProblem, order: str = "photons") -> tuple[StagedPhase, ...] | Unavailable:
        """The phases that estimation reads out, each with its stages of doubling gain, or why there are none.

        As it stands here it is for plans of one circuit whose two branches turn by N M alpha/||alpha||_P . theta against each
        other, that is, for all that reach (12); other schemes have their own.

        Parameters
        ----------
        problem : PhaseProblem
        order : "photons" or "passes"
            What smaller stages have less of.
        """
        return entangled_stages(problem, self.name, self.plan, self.stage_plan, order)


class GaussianScheme(Scheme[GaussianProblem, GaussianTask]):
    """A scheme for phases with Gaussian or coherent light of nbar photons on average.

    The circuits of its plan have their measurement with them (``Part.measurement``), and the closed form of the plan is the error
    of that measurement with the detectors of the network.
    """

    senses: ClassVar[Sensing] = "phase"

    @property
    def kind(self) -> Kind:
        """ "gaussian"."""
        return "gaussian"

    def measurements(self, plan: Plan) -> tuple[Readout, ...]:
        """What the parts of the plan are measured by.

        Parameters
        ----------
        plan : Plan
        """
        return stated_readouts(plan)


class DisplacementScheme(Scheme[DisplacementProblem, DisplacementTask]):
    """A scheme for displacements, with nbar photons on average, read out by homodyne detection of x at every sensor."""

    senses: ClassVar[Sensing] = "displacement"

    def measurements(self, plan: Plan) -> tuple[Readout, ...]:
        """Homodyne detection, threshold detectors and photon counting, as far as the number of modes allows.

        Parameters
        ----------
        plan : Plan
        """
        return squeezed_readouts(plan)


AnyScheme = Scheme[Any, Any]
"""A scheme of either kind."""


def plan_of(scheme: AnyScheme, problem: AnyProblem) -> Plan | Unavailable:
    """``scheme.plan(problem)``, checked; whoever uses the plans of schemes asks here.

    Parameters
    ----------
    scheme : Scheme
    problem : Problem
        Of the kind that the scheme senses.

    Raises
    ------
    TypeError, InputError
        When it gives something else than a plan of its own or a reason.
    """
    plan = checked_plan(scheme.name, scheme.plan(problem))
    if not isinstance(plan, Plan):
        return plan
    return with_sites(replace(plan, entangles=scheme.entangles), problem)


def with_sites(plan: Plan, problem: AnyProblem) -> Plan:
    """The plan with its entanglement counted by sites, where sensors have two arms: the modes that its light is in, by their nodes.

    Parameters
    ----------
    plan : Plan
    problem : Problem
    """
    if not problem.has_two_arms or not plan.entangles or isinstance(problem, GaussianProblem):
        # Plans of Gaussian light say themselves how many sites their light is entangled between.
        return plan
    if plan.photon_protocol is None:
        occupied = [[part.occupied_modes for part in plan.parts]] * problem.passes
    else:
        # What holds the photons that the negative part of a column leaves is one site more, wherever it stands.
        protocol, names = plan.photon_protocol, problem.sensor_modes
        occupied = [
            [
                {name for name, n in zip(names, column, strict=True) if n}
                | ({""} if sum(n for n in column if n < 0) > -protocol.photons else set())
            ]
            for column in protocol.pass_columns()
        ]
    sites = tuple(max(len({problem.site_of.get(mode, mode) for mode in part}) for part in parts) for parts in occupied)
    return plan if sites == plan.sites_per_pass else replace(plan, sites_per_pass=sites)


def error_of(scheme: AnyScheme, task: Task) -> float | None:
    """``scheme.mse(task)``, checked; None without a closed form.

    Parameters
    ----------
    scheme : Scheme
    task : Task
        Of the kind that the scheme senses.

    Raises
    ------
    InputError
        When it gives something else than a number >= 0 or None.
    """
    value = scheme.mse(task)
    return None if value is None else checked_error(f"`mse` of the scheme {scheme.name!r}", value)
