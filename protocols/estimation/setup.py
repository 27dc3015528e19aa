"""What every scheme that is made ready can do: one interface, which estimators of all kinds share."""

from __future__ import annotations

from abc import ABC, abstractmethod

from protocols.estimation.estimators.estimator import Estimator
from protocols.estimation.experiments import Experiment
from protocols.estimation.schedules import Schedule
from protocols.schemes import Unavailable


class Setup(ABC):
    """A scheme with what an engine gives for it."""

    @abstractmethod
    def experiment(
        self, estimator: Estimator, *, shots: int, random_phase: bool = False, schedule: Schedule | None = None
    ) -> Experiment | Unavailable:
        """The experiment of an estimator, or why there is none.

        Parameters
        ----------
        shots : int
            To be shared out over the stages.
        random_phase : bool
            Whether every trial has new parameters.
        schedule : Schedule, optional
            Overrides how an estimator of all stages shares the shots out, for every sensor alike.
        """
