"""Homodyne detection: the quadratures of chosen modes at chosen angles, jointly Gaussian unless the angles are random."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from photonics.conventions import Real
from photonics.fisher.slopes import LowRank
from photonics.measurements.detectors import IDEAL, Detectors, with_own
from photonics.measurements.moments import JitteredOutcomes, MomentOutcomes, averaged_covariance
from photonics.measurements.outcomes import GaussianOutcomes
from photonics.measurements.rules import measured_modes, require_gaussian
from photonics.output import Output
from photonics.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Homodyne(Value):
    """x cos(angle) + p sin(angle) of each mode, in units where the vacuum variance is 1.

    Parameters
    ----------
    angles_rad : float or tuple of float
        One for all modes, or one a mode. 0 measures x, pi/2 measures p.
    modes : tuple of str or None
        All modes when None.
    efficiency : float in (0, 1]
        Of the detectors; what they miss is vacuum: outcomes are scaled so that the signal is multiplied by its root.
    detectors : Detectors
        The same efficiency, or one a mode, with visibility (efficiency v^2), electronic noise (variance) and a random angle of each
        mode, which leaves outcomes that are no longer Gaussian. Dark counts do not matter here.

    Examples
    --------
    >>> from photonics import Detectors, GaussianState
    >>> from photonics.output import output_of
    >>> Homodyne(angles_rad=0.0).outcomes(output_of(GaussianState.vacuum(["a"]))).covariance.tolist()
    [[1.0]]

    Squeezed light at a random angle: V_sq <cos^2> + V_anti <sin^2>, <sin^2> = (1 - exp(-2 sigma^2))/2.

    >>> squeezed = output_of(GaussianState(["a"], [0.0, 0.0], [[0.25, 0.0], [0.0, 4.0]]))
    >>> outcomes = Homodyne(detectors=Detectors(phase_jitter_rad=0.1)).outcomes(squeezed)
    >>> round(outcomes.covariance.item(), 9), round(0.25 + 3.75 * (1 - math.exp(-0.02)) / 2, 9)
    (0.287127488, 0.287127488)
    """

    angles_rad: float | tuple[float, ...] = 0.0
    modes: tuple[str, ...] | None = None
    efficiency: float = 1.0
    detectors: Detectors = IDEAL

    def outcomes(self, output: Output) -> GaussianOutcomes | JitteredOutcomes | MomentOutcomes:
        """The joint distribution of the outcomes.

        Parameters
        ----------
        output : FockOutput or GaussianOutput

        Returns
        -------
        GaussianOutcomes, JitteredOutcomes or MomentOutcomes
            Jitter of the angles gives JitteredOutcomes, random phases within the circuit MomentOutcomes.

        Raises
        ------
        ValueError, TypeError
            For modes or numbers that do not fit, or light of a kind that is not measured like this.
        """
        light = require_gaussian(output, "homodyne detection")
        detectors = with_own(self.detectors, self.efficiency, 0.0)
        modes = measured_modes(light, self.modes)
        angles = (self.angles_rad,) * len(modes) if isinstance(self.angles_rad, int | float) else self.angles_rad
        if len(angles) != len(modes) or not all(math.isfinite(angle) for angle in angles):
            raise ValueError(
                f"angles_rad must be one finite angle, or one for each of the {len(modes)} modes, got {angles}"
            )
        count, seen = len(modes), light.quadratures(modes)
        efficiency, jitter = detectors.homodyne_efficiency(count), detectors.each("phase_jitter_rad", count)
        added = 1 - efficiency + detectors.each("electronic_noise", count)
        cos, sin = np.cos(angles) * np.sqrt(efficiency), np.sin(angles) * np.sqrt(efficiency)

        def along(values: Real) -> Real:
            """The quadratures along the angles, and with random angles those a quarter turn further, which they mix in."""
            c, s = (part.reshape(-1, *[1] * (values.ndim - 1)) for part in (cos, sin))
            first = c * values[:count] + s * values[count:]
            return np.asarray(
                np.concatenate([first, c * values[count:] - s * values[:count]]) if jitter.any() else first
            )

        mean, moved, slopes = along(seen.mean), along(seen.mean_derivatives), None
        covariance = along(along(seen.covariance).T) + np.diag(np.tile(added, len(mean) // count))
        if seen.slopes is not None:
            slopes = LowRank(
                *(along(part.swapaxes(0, 1)).swapaxes(0, 1) for part in (seen.slopes.left, seen.slopes.right))
            )
        if light.only_moments:
            c = np.exp(-(jitter**2) / 2)
            if jitter.any():
                covariance = averaged_covariance(mean, covariance, jitter)
            return MomentOutcomes(modes, c * mean[:count], covariance, c[:, None] * moved[:count])
        if jitter.any():
            return JitteredOutcomes(modes, mean, covariance, moved, slopes, jitter)
        return GaussianOutcomes(names=modes, mean=mean, covariance=covariance, jacobian=moved, slopes=slopes)
