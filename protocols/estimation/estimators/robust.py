"""Robust phase estimation: stages of doubling gain, each unwrapped by the one before; exact errors and a guarantee."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

from protocols.estimation.estimators.estimator import PhaseEstimator
from protocols.estimation.estimators.robust_exact import (
    MAX_EXACT,
    MAX_POINTS,
    MAX_PROVED,
    PUBLISHED_OVERHEAD,
    guaranteed_mse,
    outcome_count,
    robust_distribution,
)
from protocols.estimation.estimators.unwrapping import robust_phase
from protocols.estimation.fringes import Draw, Fringe, PhaseEstimates, wrapped
from protocols.estimation.measured_phase import MeasuredPhase
from protocols.estimation.schedules import Schedule


class Robust(PhaseEstimator):
    """Half the shots of every stage in each quadrature; nothing that is set depends on what was seen."""

    name: ClassVar[str] = "robust"
    title: ClassVar[str] = "robust phase estimation"

    def estimate(self, draw: Draw, fringes: Sequence[Fringe], schedule: Schedule) -> PhaseEstimates:
        """Stage by stage from the lowest gain up, ``unwrapping.robust_phase``."""
        return robust_phase(draw, fringes, schedule)

    def predicted_mse(self, phases: Sequence[MeasuredPhase]) -> float | None:
        """From binomial sums, exactly; None with too many outcomes."""
        squares, means = [], []
        for one in phases:
            counts = [outcome_count(shots // 2, f) for shots, f in zip(one.schedule.shots, one.fringes, strict=True)]
            whole = max(count * fringe.gain for count, fringe in zip(counts, one.fringes, strict=True))
            if max(counts) > MAX_POINTS or whole > MAX_EXACT:
                return None
            estimates, weights = robust_distribution(one.schedule, one.fringes, one.phase)
            error = one.coefficient * wrapped(estimates - one.phase)
            squares.append(float((weights * error**2).sum()))
            means.append(float((weights * error).sum()))
        cross = math.fsum(means) ** 2 - math.fsum(m * m for m in means)
        return math.fsum(squares) + cross

    def guaranteed_mse(self, phases: Sequence[MeasuredPhase]) -> float | None:
        """What the error stays below at any phase, by the pi/3 criterion and exact sums; None with too many outcomes."""
        roots = []
        for one in phases:
            stages = zip(one.schedule.shots, one.fringes, strict=True)
            if max(outcome_count(shots // 2, f) for shots, f in stages) > MAX_PROVED:
                return None
            roots.append(abs(one.coefficient) * math.sqrt(guaranteed_mse(one.schedule, one.fringes)))
        # Errors of several sensors may have biases of one sign, so their roots add up.
        return math.fsum(roots) ** 2

    def published_bound(self, floor: float) -> float:
        """(10.7 pi ||alpha||_P/n)^2."""
        return PUBLISHED_OVERHEAD**2 * floor
