"""Noise that phases turn: squeezed vacua seen by homodyne detectors, their sample covariances, and the most likely phases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photonics.conventions import Real
from protocols.estimation.light_samplers import root_of

STEPS = 16
"""Steps of Fisher scoring; longest steps shrink after half of them, so that they end where a variance cannot be smaller."""
LONGEST = 0.5
"""Longest step, in units of the phase over which a variance changes by its own size."""
SHRINK = 0.6
SETTLED = 0.01
"""Last step, in standard errors, of an estimate that has found the top of its likelihood."""


@dataclass(frozen=True, eq=False, kw_only=True)
class TurnedNoise:
    """Normal outcomes x_j cos(M theta_j) + y_j sin(M theta_j) without a mean, k of them with a phase each.

    Attributes
    ----------
    xx, yx, yy : (k, k) floats
        Covariances of x with x, of y (rows) with x (columns), of y with y.
    gain : int >= 1
        M.
    coefficients : (k,) floats
        What of q the phases are.
    theta : (k,) floats
        The true ones, in rad.
    """

    xx: Real
    yx: Real
    yy: Real
    gain: int
    coefficients: Real
    theta: Real

    def covariance(self, theta: Real) -> Real:
        """(..., k, k) of the outcomes.

        Parameters
        ----------
        theta : (..., k) floats
        """
        c, s = np.cos(self.gain * theta), np.sin(self.gain * theta)
        across = s[..., :, None] * c[..., None, :] * self.yx
        return np.asarray(
            c[..., :, None] * c[..., None, :] * self.xx
            + s[..., :, None] * s[..., None, :] * self.yy
            + across
            + np.swapaxes(across, -1, -2)
        )

    def moved(self, theta: Real) -> Real:
        """(..., k, k) covariances of the derivative of each outcome by its phase (rows) with all outcomes (columns).

        Parameters
        ----------
        theta : (..., k) floats
        """
        c, s = np.cos(self.gain * theta), np.sin(self.gain * theta)
        on_x = c[..., :, None] * self.yx - s[..., :, None] * self.xx
        on_y = c[..., :, None] * self.yy - s[..., :, None] * self.yx.T
        return np.asarray(self.gain * (on_x * c[..., None, :] + on_y * s[..., None, :]))

    def sample_covariances(self, shots: int, trials: int, rng: np.random.Generator) -> Real:
        """(T, k, k) averages of the products of two outcomes over so many shots, at the true phases.

        Wishart matrices by Bartlett's decomposition, at a cost that does not grow with the shots.

        Parameters
        ----------
        shots, trials : int >= 1
        rng : numpy.random.Generator
        """
        k = len(self.xx)
        root = root_of(self.covariance(self.theta))
        if shots < k:
            drawn = rng.standard_normal((trials, k, shots))
        else:
            drawn = np.zeros((trials, k, k))
            rows, columns = np.tril_indices(k, -1)
            drawn[:, rows, columns] = rng.standard_normal((trials, len(rows)))
            for j in range(k):
                drawn[:, j, j] = np.sqrt(rng.chisquare(shots - j, trials))
        seen = root @ drawn
        return np.asarray(seen @ np.swapaxes(seen, 1, 2) / shots)

    def information(self, theta: Real) -> Real:
        """(..., k, k) classical Fisher matrix of one shot.

        Parameters
        ----------
        theta : (..., k) floats
        """
        return self._information(np.asarray(np.linalg.inv(self.covariance(theta))), self.moved(theta))

    @staticmethod
    def _information(inverse: Real, moved: Real) -> Real:
        """tr(V^-1 dV_i V^-1 dV_j)/2, dV_j the rows and columns of u_j."""
        turned = moved @ inverse
        return np.asarray(turned * np.swapaxes(turned, -1, -2) + (turned @ np.swapaxes(moved, -1, -2)) * inverse)

    def likeliest(self, seen: Real, shots: int) -> tuple[Real, Real, NDArray[np.bool_]]:
        """(T, k) most likely phases by Fisher scoring from the working point, (T,) variances of q there, and where there is none.

        Parameters
        ----------
        seen : (T, k, k) floats
            ``sample_covariances``.
        shots : int >= 1

        Returns
        -------
        three arrays
            The last is True where a variance is beyond the range that phases can give it, or another quarter turn is found.
        """
        trials, k, _ = seen.shape
        theta = np.zeros((trials, k))
        begin = self.moved(np.zeros(k)).diagonal()
        longest = LONGEST * self.xx.diagonal() / np.abs(2 * begin)
        for count in range(STEPS):
            inverse: Real = np.asarray(np.linalg.inv(self.covariance(theta)))
            moved = self.moved(theta)
            apart = inverse @ seen @ inverse - inverse
            score = (moved @ apart).diagonal(axis1=1, axis2=2)
            information = self._information(inverse, moved)
            whole: Real = np.asarray(np.linalg.pinv(information, rcond=1e-12, hermitian=True))
            limit = longest * SHRINK ** max(0, count - STEPS // 2)
            step = np.clip((whole @ score[:, :, None])[:, :, 0], -limit, limit)
            theta = theta + step
        own = self.moved(theta).diagonal(axis1=1, axis2=2)
        error = np.sqrt(np.maximum(whole.diagonal(axis1=1, axis2=2), 0.0) / shots)
        at_end = np.asarray(((own * begin <= 0) | (np.abs(step) > SETTLED * error)).any(axis=1), dtype=bool)
        variance: Real = (self.coefficients * (whole @ self.coefficients)).sum(axis=1) / shots
        return theta, np.asarray(variance), at_end
