"""Maximum likelihood from the largest gain alone, in two quadratures: the phase within one of its fringes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from protocols.estimation.estimators.estimator import PhaseEstimator
from protocols.estimation.estimators.likelihood import likelihood_phase
from protocols.estimation.fringes import Draw, Fringe, PhaseEstimates
from protocols.estimation.schedules import Schedule


class MaximumLikelihood(PhaseEstimator):
    """All shots with all photons; which fringe it is has to be known beforehand."""

    name: ClassVar[str] = "maximum-likelihood"
    title: ClassVar[str] = "maximum likelihood at the largest gain"
    largest_gain_only: ClassVar[bool] = True
    reads_strings: ClassVar[bool] = True
    note: ClassVar[str] = "the largest gain only: q has to be known beforehand to within one period"

    def estimate(self, draw: Draw, fringes: Sequence[Fringe], schedule: Schedule) -> PhaseEstimates:
        """The most likely phase after half the shots at each of two offsets."""
        return likelihood_phase(draw, fringes[-1], schedule.shots[-1])
