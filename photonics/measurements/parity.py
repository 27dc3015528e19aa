"""Parity of the photons in one port or in several together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photonics.conventions import Real, symplectic_form
from photonics.limits import PrecisionError
from photonics.measurements.counting import attenuated, fock_counts, thinned
from photonics.measurements.detectors import IDEAL, Detectors, with_own
from photonics.measurements.gaussian_overlaps import overlaps
from photonics.measurements.outcomes import DiscreteOutcomes
from photonics.measurements.rules import measured_modes, require_more_than_moments, require_whole
from photonics.output import FockOutput, GaussianOutput, Output
from photonics.states.gaussian import relative_rounding
from photonics.values import Value

CERTAIN = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Parity(Value):
    """Whether the number of photons in ``modes`` together is even (label 1) or odd (label -1).

    Parameters
    ----------
    modes : tuple of str or None
        All modes when None.
    efficiency : float in (0, 1]
        Of the detectors.
    detectors : Detectors
        The same efficiency, or one a mode, with dark counts: the mean parity falls by exp(-2 d) for each detector, as the
        parity of a Poisson number has this mean. Visibility, jitter and electronic noise change no counts.

    Examples
    --------
    A two-photon N00N state has two photons in both modes together:

    >>> from photonics import noon_state
    >>> from photonics.output import output_of
    >>> outcomes = Parity().outcomes(output_of(noon_state("ab", 2)))
    >>> round(outcomes.probability(1), 12), outcomes.probability(-1)
    (1.0, 0.0)
    >>> from photonics import Detectors
    >>> dark = Parity(detectors=Detectors(dark_counts=0.1)).outcomes(output_of(noon_state("ab", 2)))
    >>> round(dark.probability(1) - dark.probability(-1), 9), round(float(np.exp(-0.4)), 9)
    (0.670320046, 0.670320046)
    """

    modes: tuple[str, ...] | None = None
    efficiency: float = 1.0
    detectors: Detectors = IDEAL

    def outcomes(self, output: Output) -> DiscreteOutcomes:
        """The two probabilities, with derivatives.

        Parameters
        ----------
        output : FockOutput or GaussianOutput

        Returns
        -------
        DiscreteOutcomes

        Raises
        ------
        ValueError, TypeError
            For modes or numbers that do not fit, or light of a kind that is not measured like this.
        """
        detectors = with_own(self.detectors, self.efficiency, 0.0)
        modes = measured_modes(output, self.modes)
        efficiency, dark = (
            detectors.each("efficiency", len(modes)),
            float(detectors.each("dark_counts", len(modes)).sum()),
        )
        if isinstance(output, FockOutput):
            outcomes = thinned(fock_counts(require_whole(output, "parity"), modes), efficiency)
            even = outcomes.labels.sum(axis=1) % 2 == 0
            both = outcomes.relabelled(np.where(even, 1, 0)[:, None], ["+".join(modes)])
            return _with_dark_counts(_labelled(both, modes), dark)
        seen = require_more_than_moments(output, "parity").quadratures(modes)
        whole = output if output.stays_pure and (efficiency == 1).all() else None
        return _with_dark_counts(_gaussian_parity(attenuated(seen, efficiency), whole), dark)


def _with_dark_counts(outcomes: DiscreteOutcomes, dark: float) -> DiscreteOutcomes:
    """The mean parity times exp(-2 dark), ``dark`` the mean of all detectors together."""
    if not dark:
        return outcomes
    # A Poisson number is odd with this chance, and then turns the outcome over.
    odd = -np.expm1(-2 * dark) / 2
    p, slope = outcomes.probabilities, outcomes.jacobian
    # No outcome is impossible any more, so second derivatives are not needed.
    return DiscreteOutcomes(
        names=outcomes.names,
        labels=outcomes.labels,
        probabilities=(1 - odd) * p + odd * p[::-1],
        jacobian=(1 - odd) * slope + odd * slope[::-1],
        lost_weight=outcomes.lost_weight,
    )


def _labelled(outcomes: DiscreteOutcomes, modes: tuple[str, ...]) -> DiscreteOutcomes:
    """Labels 1 (even) and -1 (odd), both there even when one never happens."""
    p, d = np.zeros(2), outcomes.jacobian.shape[1]
    jacobian, hessian = np.zeros((2, d)), np.zeros((2, d, d))
    for row, even in enumerate(outcomes.labels[:, 0].tolist()):
        at = 0 if even else 1
        p[at], jacobian[at] = outcomes.probabilities[row], outcomes.jacobian[row]
        if outcomes.hessian is not None:
            hessian[at] = outcomes.hessian[row]
    return DiscreteOutcomes(
        names=("+".join(modes),), labels=np.array([[1], [-1]]), probabilities=p, jacobian=jacobian, hessian=hessian
    )


def _gaussian_parity(light: GaussianOutput, whole: GaussianOutput | None) -> DiscreteOutcomes:
    """<parity> = det(V)^{-1/2} exp(-m^T V^{-1} m/2), the Wigner function at the origin."""
    overlap = overlaps(light, light.covariance[None])
    parity, slope = float(overlap.values[0]), np.asarray(overlap.jacobian[0], dtype=float)
    p = np.array([1 + parity, 1 - parity]) / 2
    hessian = None
    unsure = 10 * relative_rounding(light.covariance)
    if len(slope) and CERTAIN < p[1] < 1e5 * unsure:
        raise PrecisionError(
            f"the parity differs from 1 by {2 * p[1]:.1g}, of which double precision knows too little; use less squeezing"
        )
    if p[1] < max(CERTAIN, unsure):
        p, slope = np.array([1.0, 0.0]), np.zeros_like(slope)
        curve = _curvature(light, whole)
        hessian = None if curve is None else np.array([curve, -curve]) / 2
    return DiscreteOutcomes(
        names=("+".join(light.modes),),
        labels=np.array([[1], [-1]]),
        probabilities=p,
        jacobian=np.array([slope, -slope]) / 2,
        hessian=hessian,
    )


def _curvature(light: GaussianOutput, whole: GaussianOutput | None) -> Real | None:
    """Second derivatives of the parity where it is 1: -dm^T V^{-1} dm - (ln det V)''/2; None where the last is not known."""
    spread = np.zeros((light.mean_derivatives.shape[1],) * 2)
    if light.slopes is not None and light.slopes.left.any():
        if whole is None:
            return None
        spread = _spreading(light, whole)
    slopes = light.mean_derivatives
    return np.asarray(-slopes.T @ np.linalg.solve(light.covariance, slopes) - spread / 2)


def _spreading(light: GaussianOutput, whole: GaussianOutput) -> Real:
    """(d, d) second derivatives of ln det V of measured modes that are in a pure state by themselves, part of a pure whole.

    Of a pure whole (V Omega)^2 = -1. With C the covariance of the measured modes with the others, zero here, that gives
    sum (nu_k^2 - 1) = Tr(C Omega C^T Omega)/2 for their symplectic eigenvalues nu_k, and ln det V is the sum to second order.
    Phases of all modes measured leave them pure: zero.
    """
    assert whole.slopes is not None
    count, size = len(whole.modes), len(light.modes)
    inside = [whole.modes.index(mode) for mode in light.modes]
    outside = [k for k in range(count) if k not in set(inside)]
    seen, rest = (np.array([*at, *(k + count for k in at)], dtype=int) for at in (inside, outside))
    left, right = whole.slopes.left, whole.slopes.right
    moved = left[:, seen] @ right[:, rest].swapaxes(1, 2) + right[:, seen] @ left[:, rest].swapaxes(1, 2)
    turned = symplectic_form(size) @ moved @ symplectic_form(count - size)
    # Tr(C_i Omega C_j^T Omega), one product of entries.
    curve = np.einsum("iab,jab->ij", moved, turned)
    curve = (curve + curve.T) / 2
    values, vectors = np.linalg.eigh(curve)
    # It is positive; what is below rounding of the derivatives counts as nothing.
    floor = 1e-12 * float(np.abs(left).max(initial=0.0) * np.abs(right).max(initial=0.0)) ** 2
    return np.asarray((vectors * np.where(values > floor, values, 0.0)) @ vectors.T)
