"""Maximum likelihood from counts of one stage, in any offsets: the phase within one fringe, of width 2 pi/gain."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from photonics.conventions import Integer, Real
from protocols.estimation.fringes import NORMAL_95, Draw, Fringe, PhaseEstimates

GRID = 360
NEWTON_STEPS = 12
"""Steps of Newton's method towards the top of a likelihood."""


def likelihood_phase(draw: Draw, fringe: Fringe, shots: int, stage: int = 0) -> PhaseEstimates:
    """Half the shots at each of the offsets 0 and pi/2, then the most likely phase; it is known modulo 2 pi/gain only.

    Equal counts have equal estimates, so each is worked out once.
    """
    parts = (shots - shots // 2, shots // 2)
    offsets = [offset for offset, part in zip((0.0, np.pi / 2), parts, strict=True) if part]
    drawn = [draw(stage, offset, part) for offset, part in zip(offsets, parts, strict=False)]
    counts = np.stack([count for pair in drawn for count in pair], axis=1)
    rows, where = np.unique(counts, axis=0, return_inverse=True)
    where = where.reshape(-1)
    angle, information = most_likely(rows, offsets, fringe)
    width = np.divide(1.0, np.sqrt(np.maximum(information, 0.0)), out=np.full(len(rows), np.inf), where=information > 0)
    return PhaseEstimates(phase=angle[where] / fringe.gain, half_width=(NORMAL_95 * width / fringe.gain)[where])


def most_likely(counts: Integer, offsets: Sequence[float], fringe: Fringe) -> tuple[Real, Real]:
    """The angle gain*phase in [-pi, pi) of highest likelihood for each row of counts, and the observed information there.

    ``counts`` (U, 2 k) holds plus and minus for each of the k offsets. A grid finds the highest peak, Newton's method its top.

    >>> angle, information = most_likely(np.array([[100, 0, 50, 50], [50, 50, 0, 100]]), [0.0, np.pi / 2], Fringe())
    >>> (angle / np.pi).round(6).tolist(), information.round(6).tolist()
    ([0.0, -0.5], [150.0, 150.0])
    """
    at = np.repeat(np.asarray(offsets, dtype=float), 2)
    swing = np.tile([1.0, -1.0], len(offsets)) * fringe.visibility
    mean = np.tile([1.0 + fringe.imbalance, 1.0 - fringe.imbalance], len(offsets))
    grid = 2 * np.pi * (np.arange(GRID) + 0.5) / GRID - np.pi
    # Away from the exact zeros of a probability, which a grid point may meet, logarithms stay finite.
    logs = np.log(np.maximum(mean + swing * np.cos(grid[:, None] - at), 1e-15))
    angle = np.empty(len(counts))
    for start in range(0, len(counts), 4096):
        chunk = slice(start, start + 4096)
        likely = counts[chunk] @ logs.T
        # Of peaks that are as high, rounding must not choose: the first one is taken.
        angle[chunk] = grid[np.argmax(likely >= likely.max(axis=1, keepdims=True) - 1e-7, axis=1)]
    step = 2 * np.pi / GRID
    low, high = angle - step, angle + step
    for _ in range(NEWTON_STEPS):
        slope, curve = _slopes(counts, angle, at, swing, mean)
        low, high = np.where(slope > 0, angle, low), np.where(slope > 0, high, angle)
        newton = angle + np.divide(slope, curve, out=np.zeros_like(slope), where=curve > 0)
        inside = (curve > 0) & (newton > low) & (newton < high)
        angle = np.where(inside, newton, (low + high) / 2)
    slope, curve = _slopes(counts, angle, at, swing, mean)
    return np.asarray((angle + np.pi) % (2 * np.pi) - np.pi), curve


def _slopes(counts: Integer, angle: Real, at: Real, swing: Real, mean: Real) -> tuple[Real, Real]:
    """First derivative of the log-likelihood by the angle, and minus the second."""
    away = angle[:, None] - at
    p = np.maximum(mean + swing * np.cos(away), 1e-15)
    first = -swing * np.sin(away) / p
    second = -swing * np.cos(away) / p - first**2
    return (counts * first).sum(axis=1), -(counts * second).sum(axis=1)
