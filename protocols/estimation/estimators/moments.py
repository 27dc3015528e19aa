"""Method of moments: invert the mean of a fringe (parity, say) at one offset, within the half fringe where it is monotonic."""

from __future__ import annotations

import numpy as np

from photonics.conventions import Integer, Real
from protocols.estimation.fringes import NORMAL_95, Draw, Fringe, PhaseEstimates


def moment_phase(draw: Draw, fringe: Fringe, shots: int, offset_rad: Real, stage: int = 0) -> PhaseEstimates:
    """The phase whose mean is the one seen, when gain*phase is known beforehand to lie in (offset, offset + pi).

    A mean beyond the fringe takes the end of it, which biases the estimate near the ends; the bias is reported, not removed.
    """
    plus, minus = draw(stage, offset_rad, shots)
    angle, spread = invert_fringe(plus, minus, fringe)
    return PhaseEstimates(phase=(offset_rad + angle) / fringe.gain, half_width=NORMAL_95 * spread / fringe.gain)


def invert_fringe(plus: Integer, minus: Integer, fringe: Fringe) -> tuple[Real, Real]:
    """(angle in [0, pi], its standard deviation): arccos of the mean, less the imbalance, over the visibility.

    >>> angle, spread = invert_fringe(np.array([60]), np.array([40]), Fringe(visibility=0.8))
    >>> np.cos(angle).round(12).tolist(), spread.round(4).tolist()
    ([0.25], [0.1265])
    """
    seen = np.maximum(plus + minus, 1)
    mean = (plus - minus) / seen
    cosine = np.clip((mean - fringe.imbalance) / fringe.visibility, -1.0, 1.0)
    sine = np.sqrt(1 - cosine**2)
    deviation = np.sqrt(np.maximum(1 - mean**2, 0.0) / seen)
    slope = fringe.visibility * sine
    spread = np.divide(deviation, slope, out=np.full(np.shape(mean), np.pi / 2), where=slope > 1e-12)
    return np.arccos(cosine), np.minimum(spread, np.pi / 2)
