"""Bayesian phase estimation, with a feedback phase chosen shot by shot, or with offsets fixed beforehand (Higgins et al.).

The posterior of a phase after any counts is a Fourier sum. Stages run from the largest gain down, and in units of the gain at hand
only about twice as many coefficients as shots are left in a stage can still reach the estimate. So the posterior is carried
exactly in a few numbers a trial, however large the gains are, and no grid is needed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from photonics.conventions import Complex, Integer, Real
from protocols.estimation.fringes import NORMAL_95, Draw, Fringe, PhaseEstimates
from protocols.estimation.schedules import Schedule

OFFSETS = 24
"""Feedback phases compared before each shot."""
LEAST_GAIN = 1e-6
"""What another offset than that at a peak must gain."""
MAX_SHOTS = 400
"""Shots of one stage; the coefficients of a trial grow with them, and the work with their square."""
CHUNK = 200_000
"""Coefficients worked on together, few enough to stay in the processor's cache."""


def adaptive_phase(draw: Draw, fringes: Sequence[Fringe], schedule: Schedule) -> PhaseEstimates:
    """Before every shot set the offset that makes the posterior sharpest on average, BEGG's probes with Higgins' feedback."""
    return _bayesian(draw, fringes, schedule, feedback=True)


def fixed_offsets_phase(draw: Draw, fringes: Sequence[Fringe], schedule: Schedule) -> PhaseEstimates:
    """The same posterior with offsets k pi/m, k = 0 ... m - 1, in a stage of m shots: nothing depends on what was seen."""
    return _bayesian(draw, fringes, schedule, feedback=False)


def depths(schedule: Schedule) -> tuple[int, ...]:
    """Highest Fourier coefficient needed at the start of each stage, in units of its gain; lowest gain first.

    A shot mixes neighbouring coefficients, so each shot uses one up; the feedback reads the second, the estimate the first.

    >>> depths(Schedule((4, 4)))
    (6, 7)
    """
    depths_of, needed = [], 1
    for shots in schedule.shots:
        depths_of.append(shots + max(needed, 2))
        needed = math.ceil(depths_of[-1] / 2)
    return tuple(depths_of)


def too_many_shots(estimator: str, schedule: Schedule) -> str | None:
    """Why an estimator of this kind cannot use a schedule; None where it can."""
    most = max(schedule.shots)
    return (
        None if most <= MAX_SHOTS else f"{estimator} takes at most {MAX_SHOTS} shots in a stage, got {most}; use robust"
    )


def trials_at_once(schedule: Schedule) -> int:
    """How many trials are best worked on together."""
    return max(50, CHUNK // max(depths(schedule)))


def _bayesian(draw: Draw, fringes: Sequence[Fringe], schedule: Schedule, *, feedback: bool) -> PhaseEstimates:
    from protocols.estimation.estimators.kernels import update

    deep = depths(schedule)
    # Entry m of a row: the coefficient of exp(i m gain phase) in that trial; that of -m is conjugate. The posterior starts flat.
    posterior: Complex | None = None
    later: list[tuple[Fringe, Real, Integer]] = []
    variance = np.zeros(0)
    for stage in reversed(range(schedule.stages)):
        shots, fringe = schedule.shots[stage], fringes[stage]
        for shot in range(shots):
            if posterior is not None and not shot:
                posterior = _at_half_the_gain(posterior, deep[stage])
            if not feedback:
                offset: Real = np.full(1 if posterior is None else len(posterior), math.pi * shot / shots)
            else:
                offset = np.zeros(1) if posterior is None else _sharpest(posterior, fringe)
            plus, minus = draw(stage, offset, 1)
            if posterior is None:
                posterior = np.zeros((len(plus), deep[stage] + 1), dtype=complex)
                posterior[:, 0] = 1.0
            # Bayes: times 1 +- V cos(gain phase - offset); shots that were lost leave the posterior as it is.
            factor = (plus - minus) * (fringe.visibility / 2) * np.exp(-1j * offset)
            update(posterior, deep[stage] - shot, factor)
            if stage < schedule.stages - 1:
                later.append((fringe, offset, plus + minus))
        if stage == schedule.stages - 1:
            assert posterior is not None
            variance = _holevo_variance(posterior) / fringe.gain**2
    assert posterior is not None
    phase = -np.angle(posterior[:, 1])
    # The posterior as a whole would be as wide as its least likely far peak makes it. So the width is that of one fringe: of
    # the largest gain after its own shots, narrowed by what the shots of smaller gains add where the estimate is.
    information = np.divide(1.0, variance, out=np.zeros(len(variance)), where=variance > 0)
    for fringe, offset, seen in later:
        cosine = np.cos(fringe.gain * phase - offset)
        v = fringe.visibility
        rest = 1 - (v * cosine) ** 2
        share = np.divide(v * v * (1 - cosine**2), rest, out=np.ones(len(phase)), where=rest > 1e-12)
        information += seen * share * fringe.gain**2
    width = np.divide(1.0, np.sqrt(information), out=np.full(len(phase), np.inf), where=information > 0)
    return PhaseEstimates(phase=phase, half_width=NORMAL_95 * width)


def _holevo_variance(posterior: Complex) -> Real:
    """1/|<exp(i gain phase)>|^2 - 1 of each row, infinite where it is flat."""
    sharpness = np.minimum(np.abs(posterior[:, 1]), 1.0)
    return np.asarray(np.divide(1.0, sharpness**2, out=np.full(len(sharpness), np.inf), where=sharpness > 1e-9) - 1)


def _at_half_the_gain(posterior: Complex, depth: int) -> Complex:
    wider = np.zeros((len(posterior), depth + 1), dtype=complex)
    kept = depth // 2
    wider[:, 0 : 2 * kept + 1 : 2] = posterior[:, : kept + 1]
    return wider


def _sharpest(posterior: Complex, fringe: Fringe) -> Real:
    """The offset with the largest |<exp(i gain phase)>| after the next shot, on average over what it may show.

    With coefficients 1, a, b and h = V/2 the two outcomes leave a +- z, z = h (e^{-i o} + b e^{i o}), and (|a + z| + |a - z|)^2/2 =
    |a|^2 + |z|^2 + |a^2 - z^2| depends on 2 o alone: a linear form in cos 2o, sin 2o, and the root of a square of two more. Between
    two peaks half a turn apart, which the stage before leaves, only the offset at a peak, 2 o = -arg b, separates them, and it
    has to be as exact as the peaks are narrow: so it is compared first, and kept unless another one is better.
    """
    from protocols.estimation.estimators.kernels import sharpest

    grid = 2 * np.pi * np.arange(OFFSETS) / OFFSETS
    double = np.zeros(len(posterior))
    sharpest(posterior, fringe.visibility**2 / 4, np.cos(grid), np.sin(grid), LEAST_GAIN, double)
    return np.asarray(double / 2)
