"""Two-armed interferometers read by intensity differences at mid-fringe: exact errors at any brightness.

Coherent light of A_j photons enters one port of node j and light of K squeezed vacua the other, dark one; squeezer k arrives there
with the amplitude v_kj and has n_k photons. Behind the sensing a share s_j of the light is left. With A' = s A, v' = sqrt(s) v,
m_j = sum_k v'_kj^2 n_k, q_k = e^{-2 r_k}, the difference of the two outputs is sqrt(A') times the dark port's quadrature and what
the dark photons do with the vacuum, so that without jitter

    C_jk = sqrt(A'_j A'_k) sum_l v'_lj v'_lk (q_l - 1) + delta_jk (A'_j + m_j),    slope_j = M (A'_j - m_j),

and with detectors, visibility and random angles as in ``photonics.IntensityDifference``. All theta are unknown, so the best linear
estimate has the error sum_jk w_j C_jk w_k, w_j = alpha_j/slope_j (PHYSICS.md, section 9).

In the limit of much coherent light it is that of a displacement network with the coefficients alpha_j/(2 sqrt A_j) (``bright``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np

from protocols.theory.limits.phase_readout import FLATTEST, LinearReadout, SensorNumbers, phase_readout


@dataclass(frozen=True, kw_only=True)
class IntensityReadout(LinearReadout):
    """What stands between the light of d two-armed interferometers and the recorded differences.

    Attributes
    ----------
    alpha, passes, survives, detector_efficiency, visibility, dark_counts, electronic_noise, phase_jitter_rad, light_caps
        As of ``PhaseReadout``; dark counts are of each of two detectors, and light caps of both arms together.
    """

    def light_terms(self, coherent: Any, dark: Any, paired: Any, less: Any) -> tuple[Any, Any]:
        """What a difference adds to the error alone, and its weight in what all share.

        Parameters
        ----------
        coherent, dark, paired, less : (..., d) numbers
        """
        columns = self.columns
        s, e, v = columns["survives"], columns["detector_efficiency"], columns["visibility"]
        variance = columns["phase_jitter_rad"] ** 2
        # Of the random angle: <sin^2>, <cos^2> - <cos>^2 and <cos>.
        sin2, rest, contrast = -np.expm1(-2 * variance) / 2, np.expm1(-variance) ** 2 / 2, np.exp(-variance / 2)
        bright, dark, paired, less = s * coherent, s * dark, s * paired, s * less
        slopes = self.passes * e * v * contrast * (bright - dark)
        alpha = columns["alpha"]
        counts = alpha != 0
        # Of complex slopes, by which derivatives are taken, the real part is the slope.
        flat = np.abs(np.real(slopes)) <= FLATTEST * np.abs(alpha)
        w = np.where(counts, alpha, 0) / np.where(flat, 1, slopes)
        photons = bright + dark
        # A quarter turn further the difference is that of the photons of both ports.
        turned = bright + paired**2 + dark**2 + dark + (bright - dark) ** 2
        # Beside contrast^2 s of the bright light's shot noise, which the squeezed light may take away.
        own = (rest + contrast**2 * (1 - s)) * bright
        light = own + (1 - sin2) * dark + rest * bright * less + sin2 * turned
        added = e * photons * (e * (1 - v**2) + 1 - e + columns["electronic_noise"]) + 2 * columns["dark_counts"]
        alone = w**2 * ((e * v) ** 2 * light + added)
        return np.where(counts & flat, math.inf, alone), w * e * v * contrast * np.sqrt(bright * s)


def intensity_readout(alpha: Sequence[float], **numbers: Unpack[SensorNumbers]) -> IntensityReadout:
    """The readout of d two-armed sensors from a laboratory's numbers; a number stands for the same at every sensor.

    Parameters
    ----------
    alpha : (d,) floats
        Of the differences of both arms.
    numbers : SensorNumbers

    Raises
    ------
    InputError
        Listing every number out of its range, and every list that has not d numbers.

    Examples
    --------
    >>> round(intensity_readout([1.0], transmissivity=0.5).mse([8.0]), 12)
    0.25
    """
    return phase_readout(IntensityReadout, alpha, **numbers)
