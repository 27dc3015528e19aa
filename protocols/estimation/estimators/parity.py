"""The parity of one port of a 50:50 beam splitter, inverted by the method of moments: the phase within half a fringe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from protocols.estimation.estimators.estimator import PhaseEstimator
from protocols.estimation.estimators.moments import moment_phase
from protocols.estimation.fringes import Draw, Fringe, PhaseEstimates
from protocols.estimation.schedules import Schedule

PARITY_KNOWN = 0.5
"""Share of the half fringe, around its middle, in which a parity experiment takes the phase to be known beforehand."""


class Parity(PhaseEstimator):
    """All shots with all photons at one offset, which is set from what is known beforehand."""

    name: ClassVar[str] = "parity"
    title: ClassVar[str] = "parity of one port, method of moments"
    largest_gain_only: ClassVar[bool] = True
    by_parity: ClassVar[bool] = True
    note: ClassVar[str] = (
        f"the largest gain only: the phase has to be known beforehand to within the middle {PARITY_KNOWN:.0%} of half a fringe"
    )

    def estimate(self, draw: Draw, fringes: Sequence[Fringe], schedule: Schedule) -> PhaseEstimates:
        """The phase whose mean parity is the one that was seen."""
        top = fringes[-1]
        return moment_phase(draw, top, schedule.shots[-1], draw.half_fringe(top.gain, PARITY_KNOWN))
