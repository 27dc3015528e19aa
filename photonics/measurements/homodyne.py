"""Homodyne detection: the quadratures of chosen modes at chosen angles, jointly Gaussian."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from photonics.fisher.slopes import LowRank
from photonics.measurements.outcomes import GaussianOutcomes
from photonics.measurements.rules import measured_modes, require_detector, require_gaussian
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

    Examples
    --------
    >>> from photonics import GaussianState
    >>> from photonics.output import output_of
    >>> Homodyne(angles_rad=0.0).outcomes(output_of(GaussianState.vacuum(["a"]))).covariance.tolist()
    [[1.0]]
    """

    angles_rad: float | tuple[float, ...] = 0.0
    modes: tuple[str, ...] | None = None
    efficiency: float = 1.0

    def outcomes(self, output: Output) -> GaussianOutcomes:
        """The joint distribution of the outcomes.

        Parameters
        ----------
        output : FockOutput or GaussianOutput

        Returns
        -------
        GaussianOutcomes

        Raises
        ------
        ValueError, TypeError
            For modes or numbers that do not fit, or light of a kind that is not measured like this.
        """
        light = require_gaussian(output, "homodyne detection")
        require_detector(self.efficiency, 0.0)
        modes = measured_modes(light, self.modes)
        angles = (self.angles_rad,) * len(modes) if isinstance(self.angles_rad, int | float) else self.angles_rad
        if len(angles) != len(modes) or not all(math.isfinite(angle) for angle in angles):
            raise ValueError(
                f"angles_rad must be one finite angle, or one for each of the {len(modes)} modes, got {angles}"
            )
        seen = light.quadratures(modes)
        turn = np.hstack([np.diag(np.cos(angles)), np.diag(np.sin(angles))]) * math.sqrt(self.efficiency)
        slopes = seen.slopes
        return GaussianOutcomes(
            names=modes,
            mean=turn @ seen.mean,
            covariance=turn @ seen.covariance @ turn.T + (1 - self.efficiency) * np.eye(len(modes)),
            jacobian=turn @ seen.mean_derivatives,
            slopes=None if slopes is None else LowRank(turn @ slopes.left, turn @ slopes.right),
        )
