"""Both steps for displacements: separate squeezers, then one squeezed vacuum split along each trial's gradient."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from photonics.conventions import Real, squeezing_for
from protocols.estimation.expressions import AnalyticFunction
from protocols.estimation.fringes import NORMAL_95
from protocols.estimation.tally import Errors, joined
from protocols.estimation.two_steps import checked_errors, usual_pilot_shots
from protocols.problem import DisplacementProblem
from protocols.theory.displacement import displacement_gain

MAX_CELLS = 2_000_000
"""Trials times sensors that are drawn at once."""


@dataclass(frozen=True, eq=False, kw_only=True)
class DisplacementSteps:
    """Both steps for displacements: separate squeezers, then one squeezed vacuum split along each trial's gradient."""

    text: str
    names: tuple[str, ...]
    theta: tuple[float, ...]
    pilot_variances: tuple[float, ...]
    gains: tuple[float, ...]
    lost: tuple[float, ...]
    r: float
    pilot_shots: int
    second_shots: int
    note: str = ""

    def plug_in(self) -> DisplacementSteps:
        """Individual estimates of all parameters, with all shots."""
        shots = self.pilot_shots + self.second_shots
        variances = tuple(v * self.pilot_shots / shots for v in self.pilot_variances)
        return replace(self, pilot_variances=variances, pilot_shots=shots, second_shots=0)

    def repeat(self, trials: int, rng: np.random.Generator) -> Errors:
        """Draw and estimate so many times, independently."""
        function = AnalyticFunction.from_text(self.text, len(self.theta), self.names)
        chunk = max(1, MAX_CELLS // len(self.theta))
        parts = [self._some(function, min(chunk, trials - start), rng) for start in range(0, trials, chunk)]
        return joined(parts)

    def _some(self, function: AnalyticFunction, trials: int, rng: np.random.Generator) -> Errors:
        true, d = np.array(self.theta), len(self.theta)
        pilot = true + np.sqrt(self.pilot_variances) * rng.standard_normal((trials, d))
        slope = function.gradient(pilot)
        estimate = np.array(function.value(pilot))
        variance = (slope**2) @ np.array(self.pilot_variances)
        if self.second_shots:
            outcomes = split_outcomes(slope, np.array(self.gains), np.array(self.lost), self.r, self.second_shots, rng)
            weights = slope / np.array(self.gains)
            estimate += np.einsum("tj,tj->t", slope, true - pilot) + np.einsum("tj,tj->t", weights, outcomes)
            z = weights * np.sqrt(1 - np.array(self.lost))
            variance = (
                weights**2 @ np.array(self.lost) + math.exp(-2 * self.r) * (z**2).sum(axis=1)
            ) / self.second_shots
        return checked_errors(
            Errors(
                error=estimate - function.value(true[None])[0],
                half_width=NORMAL_95 * np.sqrt(variance),
                fringe_error=np.zeros(trials, dtype=bool),
            )
        )


def split_outcomes(alpha: Real, gains: Real, lost: Real, r: float, shots: int, rng: np.random.Generator) -> Real:
    """(T, d) noise of the mean of ``shots`` x outcomes when trial t splits its squeezed vacuum as is best for alpha[t].

    ``gains`` and ``lost`` are ``pass_gain`` and ``lost_share`` of each sensor: x_j moves by g_j theta_j, sqrt(1 - lost_j) of it is
    the light's own noise and sqrt(lost_j) vacuum that came in.
    """
    kept = np.sqrt(1 - lost)
    u = alpha / gains * kept
    # A gradient of zero has no direction; any will do.
    u = np.divide(
        u,
        np.linalg.norm(u, axis=1, keepdims=True),
        out=np.zeros_like(u),
        where=np.abs(u).max(axis=1, keepdims=True) > 0,
    )
    light = rng.standard_normal(u.shape)
    light -= u * ((1 - math.exp(-r)) * np.einsum("tj,tj->t", u, light))[:, None]
    return np.asarray((kept * light + np.sqrt(lost) * rng.standard_normal(u.shape)) / math.sqrt(shots))


def displacement_steps(
    problem: DisplacementProblem, text: str, theta: tuple[float, ...], pilot_shots: int | None, shots: int
) -> DisplacementSteps:
    """Both steps of a displacement problem; ``pilot_shots`` None for the usual share."""
    pilot = usual_pilot_shots(shots) if pilot_shots is None else pilot_shots
    gains = problem.task.gains
    lost = problem.task.lost_shares
    # Nothing is known of f at first, so all sensors share the light alike.
    own = 1 / displacement_gain(problem.mean_photons / len(gains))
    variances = [(1 - k) * own + k for k in lost]
    return DisplacementSteps(
        text=text,
        names=problem.sensor_modes,
        theta=theta,
        pilot_variances=tuple(v / g**2 / pilot for v, g in zip(variances, gains, strict=True)),
        gains=gains,
        lost=lost,
        r=squeezing_for(problem.mean_photons),
        pilot_shots=pilot,
        second_shots=shots - pilot,
    )
