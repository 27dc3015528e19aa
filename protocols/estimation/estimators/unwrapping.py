"""The angles of robust phase estimation: both quadratures at doubling gains, each stage unwrapped by the one before.

Stage j measures 2^(j-1) phase modulo 2 pi as an angle a_j = atan2(y, x), x and y the means of both quadratures. The estimate that
is congruent to a_j and nearest to the one before is kept. It is right whenever every angle is within pi/3 of the truth: then
|error_j| + 2 |error_(j-1)| < pi. (The published criterion pi/2 does not suffice: errors 0.45 pi and -0.45 pi take the wrong turn.)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from photonics.conventions import Integer, Real
from protocols.estimation.fringes import NORMAL_95, Draw, Fringe, PhaseEstimates
from protocols.estimation.schedules import Schedule, require_even

TIE = 1e-9
"""Of two turns that are equally near, the one that goes on straight is taken; angles this close count as equal."""
CRITERION = np.pi / 3


def quadrature_mean(plus: Integer, minus: Integer) -> Real:
    """(plus - minus)/(plus + minus), zero where nothing arrived."""
    seen = plus + minus
    return np.asarray(np.divide(plus - minus, seen, out=np.zeros(np.shape(seen)), where=seen > 0))


def robust_phase(draw: Draw, fringes: Sequence[Fringe], schedule: Schedule) -> PhaseEstimates:
    """Estimate a phase, modulo 2 pi, from ``schedule.shots[j]`` shots in stage j, half of them in each quadrature.

    Returns
    -------
    PhaseEstimates
        The half width comes from the last stage alone, its turns taken as right; coverage shows what wrong ones cost.
    """
    per_quadrature = require_even(schedule)
    turns: Integer | None = None
    before = angle = x = y = np.zeros(0)
    for stage, shots in enumerate(per_quadrature):
        x = quadrature_mean(*draw(stage, 0.0, shots))
        y = quadrature_mean(*draw(stage, np.pi / 2, shots))
        angle = np.arctan2(y, x)
        turns = np.zeros(len(angle), dtype=np.int64) if turns is None else 2 * turns + turn(before, angle)
        before = angle
    assert turns is not None
    gain = schedule.gains[-1]
    return PhaseEstimates(
        phase=(angle + 2 * np.pi * turns) / gain,
        half_width=NORMAL_95 * _spread(angle, fringes[-1], per_quadrature[-1]) / gain,
    )


def turn(before: Real, angle: Real) -> Integer:
    """Turns of 2 pi to add to ``angle`` so that it is nearest to twice the angle before: -1, 0 or 1."""
    ahead = 2 * before - angle
    return np.asarray((ahead > np.pi + TIE).astype(np.int64) - (ahead < -np.pi - TIE).astype(np.int64))


def _spread(angle: Real, fringe: Fringe, shots: int) -> Real:
    """Standard deviation of an angle, to first order: sqrt((1 - V^2 sin(2 angle)^2/2)/(shots V^2))."""
    v = fringe.visibility
    return np.sqrt((1 - v * v * np.sin(2 * angle) ** 2 / 2) / (shots * fringe.survival)) / v
