"""Bayesian phase estimation with feedback: before every shot the offset that makes the posterior sharpest on average."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from protocols.estimation.estimators.bayesian import adaptive_phase, too_many_shots, trials_at_once
from protocols.estimation.estimators.estimator import PhaseEstimator
from protocols.estimation.fringes import Draw, Fringe, PhaseEstimates
from protocols.estimation.schedules import Schedule, even_schedule


class Adaptive(PhaseEstimator):
    """BEGG's probes with the feedback of Higgins et al., from the largest gain down."""

    name: ClassVar[str] = "adaptive"
    title: ClassVar[str] = "Bayesian estimate with feedback"

    def estimate(self, draw: Draw, fringes: Sequence[Fringe], schedule: Schedule) -> PhaseEstimates:
        """The mean direction of the posterior, which is carried exactly."""
        return adaptive_phase(draw, fringes, schedule)

    def share(self, fringes: Sequence[Fringe], shots: int) -> Schedule:
        """About five shots a stage, and what is left over for the largest gain."""
        return even_schedule(
            len(fringes), shots, survival=[f.survival for f in fringes], visibility=[f.visibility for f in fringes]
        )

    def why_not(self, schedule: Schedule) -> str | None:
        """The posterior grows with the shots of a stage."""
        return too_many_shots(self.name, schedule)

    def trials_at_once(self, schedule: Schedule) -> int:
        """So that the posteriors stay in the processor's cache."""
        return trials_at_once(schedule)
