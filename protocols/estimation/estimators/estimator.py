"""What an estimator is: how shots are shared out, and how counts or quadratures become an estimate, under one name everywhere.

An estimator of your own is a subclass of ``PhaseEstimator``, ``LightEstimator`` or ``DisplacementEstimator`` with a name, a title
and an ``estimate``; it is passed at the call (``simulate(network, estimator=...)``, ``run_sweep``) or added to the registry.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from networks.modes import Sensing
from protocols.estimation.fringes import Draw, Fringe, PhaseEstimates
from protocols.estimation.measured_phase import MeasuredPhase
from protocols.estimation.quadratures import QuadratureEstimates, QuadratureMoments
from protocols.estimation.schedules import Schedule, robust_schedule
from protocols.problem import Kind
from protocols.schemes.named import Named
from protocols.schemes.stages import StagedPhase

if TYPE_CHECKING:
    from protocols.estimation.light_readings import LightEstimates, Readings


class Estimator(Named, ABC):
    """From measured data to an estimate of q, with its own 95 % interval. Estimators are equal when of one class with equal fields.

    Attributes
    ----------
    name : str
        As on the command line, in documents, sweeps and figures; also part of what a seed means.
    title : str
        A few words for people.
    senses : "phase" or "displacement"
    on_request : bool
        Whether it is used only where it is asked for by name.
    """

    on_request: ClassVar[bool] = False


class PhaseEstimator(Estimator):
    """An estimator of one phase from two-outcome measurements at offsets of its choice, in stages of doubling gain or in one.

    Attributes
    ----------
    largest_gain_only : bool
        Whether it reads a single stage, of all photons and passes, and so needs the phase known beforehand to within one fringe of
        it. Otherwise it reads all stages and determines the phase modulo 2 pi.
    by_parity : bool
        Whether it reads the parity of one port of a 50:50 beam splitter instead of projections on the two branches.
    reads_strings : bool
        Whether it also stands for the most likely phases of superposed strings, near known ones (``StringsExperiment``), and of
        coherent light whose photons are counted (``InterferenceExperiment``).
    note : str
        What a reader of its results has to know.
    """

    senses: ClassVar[Sensing] = "phase"
    largest_gain_only: ClassVar[bool] = False
    by_parity: ClassVar[bool] = False
    reads_strings: ClassVar[bool] = False
    note: ClassVar[str] = ""

    @abstractmethod
    def estimate(self, draw: Draw, fringes: Sequence[Fringe], schedule: Schedule) -> PhaseEstimates:
        """Measure, and estimate the phase in every trial.

        Parameters
        ----------
        draw : Draw
            ``draw(stage, offset_rad, shots)`` measures a stage and gives (plus, minus), each (T,) counts; what is missing was lost.
        fringes : (K,) Fringe
            What is known of every stage: gain, survival, visibility, imbalance.
        schedule : Schedule
            Shots of every stage.

        Returns
        -------
        PhaseEstimates
            (T,) in rad, modulo 2 pi, or modulo 2 pi over the gain with ``largest_gain_only``.
        """

    def share(self, fringes: Sequence[Fringe], shots: int) -> Schedule:
        """How ``shots`` are shared out over the stages; InputError when there are too few."""
        return Schedule((shots,)) if self.largest_gain_only else robust_schedule(fringes, shots)

    def why_not(self, schedule: Schedule) -> str | None:
        """Why it cannot use such a schedule; None where it can."""
        return None

    def trials_at_once(self, schedule: Schedule) -> int | None:
        """How many trials are best worked on together; None for any number. Part of what a seed means."""
        return None

    def predicted_mse(self, phases: Sequence[MeasuredPhase]) -> float | None:
        """The exact mean squared error of q at fixed parameters, where it can be worked out."""
        return None

    def guaranteed_mse(self, phases: Sequence[MeasuredPhase]) -> float | None:
        """A mean squared error of q that is proved for all parameters, where there is one."""
        return None

    def published_bound(self, floor: float) -> float | None:
        """What was published for it, from (pi ||alpha||_P/n)^2; None where nothing was."""
        return None

    def staged(self, phase: StagedPhase) -> StagedPhase:
        """The phase with the stages that this estimator reads."""
        return replace(phase, stages=(phase.whole,)) if self.largest_gain_only else phase

    def period_rad(self, phase: StagedPhase) -> float:
        """The phase is determined only modulo it."""
        return 2 * np.pi / (phase.stages[-1].gain if self.largest_gain_only else 1)


class LightEstimator(Estimator):
    """An estimator of q from what is read of Gaussian light for phases, near a working point at which they are known.

    Attributes
    ----------
    holds_phases : bool
        Whether it brings phases back to the working point itself.
    """

    senses: ClassVar[Sensing] = "phase"
    holds_phases: ClassVar[bool] = False

    @property
    def kind(self) -> Kind:
        """ "gaussian"."""
        return "gaussian"

    @abstractmethod
    def estimate(self, readings: Readings, shots: int, trials: int, rng: np.random.Generator) -> LightEstimates:
        """Draw outcomes of ``shots`` shots, and estimate the part of q that they carry, in every trial.

        Parameters
        ----------
        readings : Readings
            What is drawn at the true phases, and what is known at the working point.
        shots, trials : int
        rng : numpy.random.Generator
            The one source of randomness.

        Returns
        -------
        LightEstimates
            (T,) in units of q.
        """

    def why_not(self, readings: Sequence[Readings]) -> str | None:
        """Why it cannot read the parts of a plan; None where it can.

        Parameters
        ----------
        readings : sequence of Readings
        """
        return None

    def predicted_mse(self, readings: Sequence[Readings], shots: Sequence[int]) -> float | None:
        """The exact mean squared error of q at the true phases, where it can be worked out.

        Parameters
        ----------
        readings : sequence of Readings
        shots : sequence of int
            Of each.
        """
        return None


class DisplacementEstimator(Estimator):
    """An estimator of q from homodyne outcomes of x at every sensor."""

    senses: ClassVar[Sensing] = "displacement"

    @abstractmethod
    def estimate(
        self, moments: QuadratureMoments, shots: int, trials: int, rng: np.random.Generator
    ) -> QuadratureEstimates:
        """Draw outcomes of ``shots`` shots, and estimate the part of q that they carry, in every trial.

        Parameters
        ----------
        moments : QuadratureMoments
            Mean and covariance of x at the sensors of one circuit, and the weights of the unbiased linear estimate.
        shots, trials : int
        rng : numpy.random.Generator
            The one source of randomness.

        Returns
        -------
        QuadratureEstimates
            (T,) in units of q.
        """

    def predicted_mse(self, parts: Sequence[QuadratureMoments], shots: int) -> float | None:
        """The exact mean squared error of q, where it can be worked out."""
        return None
