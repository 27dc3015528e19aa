"""Click patterns of threshold detectors on Gaussian light, from the probabilities that sets of modes stay dark."""

from __future__ import annotations

import numpy as np

from photonics.conventions import Real
from photonics.limits import CircuitTooLargeError
from photonics.measurements.gaussian_overlaps import overlaps
from photonics.measurements.outcomes import DiscreteOutcomes
from photonics.output import GaussianOutput

MAX_MODES = 16
"""Threshold detectors whose joint outcomes are listed; there are 2^modes."""
ROUNDING = 1e-14
"""Differences of probabilities that are no larger are rounding; what they hold is counted as lost."""


def click_outcomes(light: GaussianOutput, dark_counts: Real) -> DiscreteOutcomes:
    """P(set S dark) = 2^|S| det(V_S + 1)^{-1/2} exp(...), and patterns by inclusion and exclusion over supersets: O(2^m m^3)."""
    count = len(light.modes)
    if count > MAX_MODES:
        raise CircuitTooLargeError(
            f"{count} threshold detectors have 2^{count} patterns; measure at most {MAX_MODES} modes at once"
        )
    d = light.mean_derivatives.shape[1]
    labels = np.indices((2,) * count).reshape(count, -1).T
    dark = np.empty((len(labels), 1 + d))
    for row, clicks in enumerate(labels):
        silent = tuple(mode for mode, click in zip(light.modes, clicks, strict=True) if not click)
        if not silent:
            dark[row] = np.r_[1.0, np.zeros(d)]
            continue
        reduced = light.quadratures(silent)
        overlap = overlaps(reduced, (reduced.covariance + np.eye(len(reduced.mean)))[None])
        # A dark count makes a dark mode click with probability 1 - exp(-mean).
        scale = 2.0 ** len(silent) * np.exp(-dark_counts[clicks == 0].sum())
        dark[row] = scale * np.r_[overlap.values[0], overlap.jacobian[0]]
    # dark[clicks] lets the modes of the pattern do anything; taking off those that stay dark leaves exactly the pattern.
    table = dark.reshape(*(2,) * count, 1 + d)
    for axis in range(count):
        never, ever = np.split(table, 2, axis=axis)
        table = np.concatenate([never, ever - never], axis=axis)
    flat = table.reshape(-1, 1 + d)
    kept = flat[:, 0] > ROUNDING
    p = flat[kept, 0]
    return DiscreteOutcomes(
        names=light.modes,
        labels=labels[kept],
        probabilities=p,
        jacobian=flat[kept, 1:],
        lost_weight=max(0.0, 1 - float(p.sum())) if not kept.all() else 0.0,
    )
