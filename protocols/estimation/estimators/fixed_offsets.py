"""Bayesian phase estimation with offsets fixed beforehand: nothing that is set depends on what was seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from protocols.estimation.estimators.bayesian import fixed_offsets_phase, too_many_shots, trials_at_once
from protocols.estimation.estimators.estimator import PhaseEstimator
from protocols.estimation.fringes import Draw, Fringe, PhaseEstimates
from protocols.estimation.schedules import Schedule


class FixedOffsets(PhaseEstimator):
    """Offsets k pi/m, k = 0 ... m - 1, in a stage of m shots, as Higgins et al. 2009."""

    name: ClassVar[str] = "fixed-offsets"
    title: ClassVar[str] = "Bayesian estimate with fixed offsets"

    def estimate(self, draw: Draw, fringes: Sequence[Fringe], schedule: Schedule) -> PhaseEstimates:
        """The mean direction of the posterior, which is carried exactly."""
        return fixed_offsets_phase(draw, fringes, schedule)

    def why_not(self, schedule: Schedule) -> str | None:
        """The posterior grows with the shots of a stage."""
        return too_many_shots(self.name, schedule)

    def trials_at_once(self, schedule: Schedule) -> int:
        """So that the posteriors stay in the processor's cache."""
        return trials_at_once(schedule)
