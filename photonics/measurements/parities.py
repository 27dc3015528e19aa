"""Parities of several ports read together: means, covariances and slopes at any brightness, for linear estimates of them.

The mean parity of modes with moments m, V is the Wigner function at the origin, P = det(V)^{-1/2} exp(-m^T V^{-1} m/2), and the
product of two parities is the parity of both ports together. All of it is kept as logarithms, so that nothing underflows and
1 - P^2 keeps its digits next to a certain parity. ``Parity`` gives the two outcomes of one port instead.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from photonics.conventions import Real
from photonics.limits import PrecisionError
from photonics.measurements.counting import attenuated
from photonics.measurements.detectors import IDEAL, Detectors
from photonics.measurements.moment_readout import LARGEST_MEAN_ROUNDING, LARGEST_VARIANCE_ROUNDING, ROUNDING
from photonics.measurements.moments import MomentOutcomes
from photonics.measurements.rules import require_gaussian, require_more_than_moments
from photonics.output import GaussianOutput, Output
from photonics.states.gaussian import relative_rounding
from photonics.values import Value, freeze


@dataclass(frozen=True, slots=True, kw_only=True)
class Parities(Value):
    """The parity, 1 (even) or -1 (odd), of the photons in each of several ports; a port is one mode or several together.

    With one port the moment matrix is the error propagation (dP)^2/(1 - P^2), which is the Fisher information of the two outcomes.

    Parameters
    ----------
    ports : tuple of (str or tuple of str)
        Modes; none in two ports.
    detectors : Detectors
        Efficiency and dark counts, one number for all, or one a port; the dark counts are of the port, whatever its modes.

    Raises
    ------
    ValueError
        For no ports, or a mode in two of them.

    Examples
    --------
    A two-mode squeezed vacuum has as many photons in both modes, so their parities agree though neither is certain:

    >>> from photonics import BeamSplitter, Circuit, Squeeze, measure
    >>> squeezed = (Squeeze(mode="a", r=0.5), Squeeze(mode="b", r=-0.5))
    >>> circuit = Circuit(modes=("a", "b"), operations=(*squeezed, BeamSplitter(first="a", second="b", theta_rad=np.pi / 4)))
    >>> outcomes = measure(circuit, Parities(ports=("a", "b")))
    >>> round(float(outcomes.mean[0] * np.cosh(1.0)), 12), (outcomes.covariance / outcomes.covariance[0, 0]).round(9).tolist()
    (1.0, [[1.0, 1.0], [1.0, 1.0]])
    """

    ports: tuple[str | tuple[str, ...], ...]
    detectors: Detectors = IDEAL

    def __post_init__(self) -> None:
        freeze(self)
        modes = [mode for port in self._groups for mode in port]
        if not self.ports or not all(self._groups) or len(set(modes)) < len(modes):
            raise ValueError(f"ports must be modes or groups of modes, no mode in two of them, got {self.ports}")

    @property
    def _groups(self) -> tuple[tuple[str, ...], ...]:
        return tuple((port,) if isinstance(port, str) else port for port in self.ports)

    def outcomes(self, output: Output) -> MomentOutcomes:
        """Means and covariance of the parities, with derivatives of the means, and what double precision leaves.

        Parameters
        ----------
        output : GaussianOutput

        Returns
        -------
        MomentOutcomes

        Raises
        ------
        ValueError, TypeError
            For modes or numbers of detectors that do not fit, or light of a kind that is not measured like this.
        PrecisionError
            Where a parity is certain, or so close to it that double precision knows too little of what is left.
        """
        light = require_more_than_moments(require_gaussian(output, "parities"), "a parity")
        groups, count = self._groups, len(self.ports)
        unknown = [mode for port in groups for mode in port if mode not in light.modes]
        if unknown:
            raise ValueError(f"ports must be of modes among {light.modes}, got {unknown[0]!r}")
        efficiency = np.repeat(self.detectors.each("efficiency", count), [len(port) for port in groups])
        dark = self.detectors.each("dark_counts", count)
        seen = attenuated(light.quadratures(tuple(mode for port in groups for mode in port)), efficiency)
        single = [_LogParity(seen, port, noise) for port, noise in zip(groups, dark.tolist(), strict=True)]
        logs = np.array([one.value for one in single])
        mean = np.exp(logs)
        covariance = np.diag(-np.expm1(2 * logs))
        for j, k in itertools.combinations(range(count), 2):
            if _correlated(seen, groups[j], groups[k]):
                both = _LogParity(seen, (*groups[j], *groups[k]), dark[j] + dark[k]).value
                covariance[j, k] = covariance[k, j] = mean[j] * mean[k] * math.expm1(both - logs[j] - logs[k])
        jacobian = mean[:, None] * np.array([one.slopes() for one in single])
        names = tuple("+".join(port) for port in groups)
        error = np.array([one.rounding for one in single])
        lost, off = _rounding(names, logs, error)
        return MomentOutcomes(names, mean, covariance, jacobian, lost, off)


class _LogParity:
    """ln <parity> of some modes of light that the detectors see."""

    def __init__(self, light: GaussianOutput, modes: tuple[str, ...], dark: float) -> None:
        self._light = light.quadratures(modes)
        self._inverse = np.linalg.inv(self._light.covariance)
        self._pulled = self._inverse @ self._light.mean
        exponent = float(self._pulled @ self._light.mean) / 2
        spread = float(np.linalg.slogdet(self._light.covariance)[1]) / 2
        # It is never above 0; rounding may be.
        self.value = min(0.0, -exponent - spread) - 2 * dark
        self.rounding = relative_rounding(self._light.covariance) * len(self._light.mean) + ROUNDING * exponent
        if self._light.incoherent is not None:
            # Of moments that are what is left of more light.
            amplitude, noise = np.sqrt(self._light.incoherent)
            self.rounding += ROUNDING * float(
                np.abs(self._pulled) @ amplitude + noise @ np.abs(self._inverse) @ noise / 2
            )

    def slopes(self) -> Real:
        """(d,) its derivatives."""
        out = np.asarray(-self._pulled @ self._light.mean_derivatives)
        if self._light.slopes is None:
            return out
        left, right = self._light.slopes.left, self._light.slopes.right
        # Tr(V^{-1} dV)/2, dV = l r^T + r l^T.
        out -= np.einsum("das,ab,dbs->d", left, self._inverse, right)
        out += np.einsum("a,das,dbs,b->d", self._pulled, left, right, self._pulled, optimize=True)
        return out


def _correlated(light: GaussianOutput, first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    count = len(light.modes)
    rows, columns = (
        [light.modes.index(mode) + part for part in (0, count) for mode in port] for port in (first, second)
    )
    return bool(light.covariance[np.ix_(rows, columns)].any())


def _rounding(names: tuple[str, ...], logs: Real, error: Real) -> tuple[float, float]:
    """The largest relative error of a variance, and of a mean in its standard deviations, from those of the logarithms."""
    variance = -np.expm1(2 * logs)
    certain = variance <= 0
    spread = np.where(certain, 1.0, variance)
    lost = np.where(certain, math.inf, 2 * error * np.exp(2 * logs) / spread)
    off = np.where(certain, math.inf, error * np.exp(logs) / np.sqrt(spread))
    worst = int(np.argmax(np.maximum(lost / LARGEST_VARIANCE_ROUNDING, off / LARGEST_MEAN_ROUNDING)))
    if lost[worst] > LARGEST_VARIANCE_ROUNDING or off[worst] > LARGEST_MEAN_ROUNDING:
        raise PrecisionError(
            f"the parity of {names[worst]} is certain but for {variance[worst]:.1g}, of which double precision leaves a relative "
            f"error of about {lost[worst]:.1g}: its error propagation is not known; move the working point, or use Parity, whose "
            "Fisher matrix takes the limit where the parity is certain"
        )
    return float(lost.max()), float(off.max())
