"""One-armed sensors with displaced squeezed light, read by homodyne with a strong local oscillator: exact errors at finite light.

Coherent light of A_j photons along x enters site j, and light of squeezed vacua that is squeezed along p. M passes turn it by
M theta_j, and with losses, detectors of efficiency e and visibility v a share t_j = s_j e_j v_j^2 of it is seen. With a random
angle of the detector, normal with standard deviation sigma, c = <cos> = e^{-sigma^2/2}, S = <sin^2> = (1 - e^{-2 sigma^2})/2, p has

    slope_j = 2 M c_j sqrt(t_j A_j),
    C_jk = c_j c_k sqrt(t_j t_k) sum_l v_lj v_lk (e^{-2 r_l} - 1)                                       for j != k,
    C_jj = 1 + N_j + t_j [(1 - S_j) sum_l v_lj^2 (e^{-2 r_l} - 1) + S_j (sum_l v_lj^2 (e^{2 r_l} - 1) + 4 A_j)],

the vacuum's variance 1 (PHYSICS.md, section 9). All theta are unknown, and records with a random angle are not Gaussian: this is
the error of the best linear estimate. Without jitter it is that of a displacement network with the coefficients
alpha_j/(2 M sqrt A_j), at any brightness, so that the best light is known with proof where limits of sites do not bind:
``bright``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from photonics.conventions import Integer, Real
from protocols.theory.limits.bright import best_bright_local, best_bright_shared
from protocols.theory.limits.phase_readout import FLATTEST, LinearReadout, SiteLight
from protocols.theory.limits.readout import HomodyneReadout, homodyne_readout
from protocols.theory.limits.squeezers import SqueezerLimits


@dataclass(frozen=True, kw_only=True)
class DisplacedReadout(LinearReadout):
    """What stands between the light of d one-armed sensors and the homodyne of the quadrature across their coherent light.

    Attributes
    ----------
    alpha, passes, survives, detector_efficiency, visibility, dark_counts, electronic_noise, phase_jitter_rad, light_caps
        As of ``PhaseReadout``; a visibility v is an efficiency v^2, and dark counts do not matter.

    Examples
    --------
    One site, half of the light lost:

    >>> from protocols.theory.limits.phase_readout import phase_readout
    >>> round(phase_readout(DisplacedReadout, [1.0], transmissivity=0.5).mse([8.0]), 12)
    0.0625
    """

    def light_terms(self, coherent: Any, dark: Any, paired: Any, less: Any) -> tuple[Any, Any]:
        """What a site adds to the error alone, and its weight in what all share.

        Parameters
        ----------
        coherent, dark, paired, less : (..., d) numbers
        """
        columns = self.columns
        share = columns["survives"] * columns["detector_efficiency"] * columns["visibility"] ** 2
        variance = columns["phase_jitter_rad"] ** 2
        # Of the random angle: <sin^2>, <cos^2> - <cos>^2 and <cos>.
        sin2, rest, contrast = -np.expm1(-2 * variance) / 2, np.expm1(-variance) ** 2 / 2, np.exp(-variance / 2)
        slopes = 2 * self.passes * contrast * np.sqrt(share * coherent)
        counts = columns["alpha"] != 0
        flat = np.abs(np.real(slopes)) <= FLATTEST * np.abs(columns["alpha"])
        w = np.where(counts, columns["alpha"], 0) / np.where(flat, 1, slopes)
        # Across the quadrature that is read: both together have 4 n more than two vacua.
        turned = 4 * dark - less + 4 * coherent
        # Beside contrast^2 of the vacuum's share of the noise, which the squeezed light may take away.
        own = 1 - share - share * np.expm1(-variance) + columns["electronic_noise"]
        alone = w**2 * (own + share * (rest * less + sin2 * turned))
        return np.where(counts & flat, math.inf, alone), w * contrast * np.sqrt(share)

    def displacements(self) -> HomodyneReadout:
        """The displacement network with coefficients alpha_j/(2 M), to be divided by sqrt A_j; without jitter."""
        return homodyne_readout(
            [a / (2 * self.passes) for a in self.alpha],
            transmissivity=self.survives,
            detector_efficiency=self.detector_efficiency,
            visibility=self.visibility,
            electronic_noise=self.electronic_noise,
        )

    def proved_light(self, limits: SqueezerLimits, photons: float, through: Real, served: Integer) -> SiteLight | None:
        """The light of the least error without limits of sites, by ``bright``; None with jitter.

        Parameters
        ----------
        limits : SqueezerLimits
        photons : float > 0
        through : (d,) floats
        served : (d,) ints
        """
        columns = self.columns
        seen = columns["survives"] * columns["detector_efficiency"] * columns["visibility"] ** 2
        if any(self.phase_jitter_rad) or (seen <= FLATTEST).any():
            return None
        together, alone = not served.any(), served.max() + 1 == len(served)
        if not together and not alone:
            return None
        search = best_bright_shared if together else best_bright_local
        best = search(self.displacements(), limits, photons, through.tolist())
        coherent = np.array(best.coherent_photons)
        if not best.is_proved or not coherent.all():
            return None
        # Light in phase with what each site adds, as much as its path lets through.
        u = np.array(self.alpha) * np.sqrt(through / coherent)
        norms = np.linalg.norm(u) if together else np.abs(u)
        sent = np.sqrt(through) * np.divide(u, norms, out=np.zeros_like(u), where=u != 0)
        squeezed = np.zeros(served.max() + 1)
        squeezed[[0] if together else served] = best.squeezed_photons
        return SiteLight(coherent=coherent, amplitudes=sent, squeezed=squeezed)
