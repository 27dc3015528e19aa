"""Detectors that count: photon-number-resolving and threshold, with efficiency and dark counts, on any output."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from photonics.conventions import Complex, Integer, Real
from photonics.limits import CircuitTooLargeError
from photonics.measurements.detectors import IDEAL, Detectors, with_own
from photonics.measurements.gaussian_clicks import click_outcomes
from photonics.measurements.gaussian_counts import LARGEST_TABLE, count_outcomes
from photonics.measurements.outcomes import IMPOSSIBLE, DiscreteOutcomes
from photonics.measurements.rules import measured_modes, require_more_than_moments, require_whole
from photonics.output import FockOutput, GaussianOutput, Output
from photonics.states.strings import distinct_rows
from photonics.values import Value, is_whole

DARK_TAIL = 1e-14
"""Poisson dark counts are followed until less than this weight is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotonCounting(Value):
    """The photon numbers of chosen modes; the other modes are not looked at.

    Exact on states of photon number. On Gaussian states up to a cutoff taken from the state so that no more than
    ``largest_lost_weight`` lies beyond it, which the outcomes report; a ``cutoff`` of your own (levels 0 ... cutoff - 1) is
    refused when it loses more.

    Parameters
    ----------
    modes : tuple of str or None
        All modes when None.
    efficiency : float in (0, 1]
    dark_counts : float
        Mean number a mode and shot, Poisson.
    largest_lost_weight : float
    cutoff : int or None
    detectors : Detectors
        The same two numbers, or one of each a mode; visibility, jitter and electronic noise change no counts.

    Examples
    --------
    >>> from photonics import noon_state
    >>> from photonics.output import output_of
    >>> outcomes = PhotonCounting(efficiency=0.5).outcomes(output_of(noon_state("ab", 2)))
    >>> round(outcomes.probability(1, 0), 12), round(outcomes.probability(0, 0), 12)
    (0.25, 0.25)
    """

    modes: tuple[str, ...] | None = None
    efficiency: float = 1.0
    dark_counts: float = 0.0
    largest_lost_weight: float = 1e-9
    cutoff: int | None = None
    detectors: Detectors = IDEAL

    def outcomes(self, output: Output) -> DiscreteOutcomes:
        """The distribution of the counts, with derivatives.

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
        detectors = with_own(self.detectors, self.efficiency, self.dark_counts, *self._cutoff_faults())
        modes = measured_modes(output, self.modes)
        efficiency, dark_counts = detectors.each("efficiency", len(modes)), detectors.each("dark_counts", len(modes))
        if isinstance(output, FockOutput):
            outcomes = thinned(fock_counts(require_whole(output, "photon counting"), modes), efficiency)
        else:
            seen = require_more_than_moments(output, "photon counting").quadratures(modes)
            outcomes = count_outcomes(attenuated(seen, efficiency), self.cutoff, self.largest_lost_weight)
        return with_dark_counts(outcomes, dark_counts)

    def _cutoff_faults(self) -> list[str]:
        faults = []
        if self.cutoff is not None and (not is_whole(self.cutoff) or self.cutoff < 1):
            faults.append(f"cutoff must be a positive integer, got {self.cutoff!r}")
        if not 0 < self.largest_lost_weight < 1:
            faults.append(f"largest_lost_weight must be between 0 and 1, got {self.largest_lost_weight}")
        return faults


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdDetection(Value):
    """Whether each of chosen modes clicks: 1 when its detector sees any photon, 0 when none.

    Parameters
    ----------
    modes : tuple of str or None
        All modes when None.
    efficiency : float in (0, 1]
    dark_counts : float, at least 0
        Mean number a mode and shot, Poisson.
    detectors : Detectors
        The same two numbers, or one of each a mode; visibility, jitter and electronic noise change no clicks.

    Examples
    --------
    >>> from photonics import noon_state
    >>> from photonics.output import output_of
    >>> round(ThresholdDetection().outcomes(output_of(noon_state("ab", 3))).probability(1, 0), 12)
    0.5
    """

    modes: tuple[str, ...] | None = None
    efficiency: float = 1.0
    dark_counts: float = 0.0
    detectors: Detectors = IDEAL

    def outcomes(self, output: Output) -> DiscreteOutcomes:
        """The distribution of the click patterns, with derivatives.

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
        detectors = with_own(self.detectors, self.efficiency, self.dark_counts)
        modes = measured_modes(output, self.modes)
        efficiency, dark_counts = detectors.each("efficiency", len(modes)), detectors.each("dark_counts", len(modes))
        if isinstance(output, GaussianOutput):
            seen = require_more_than_moments(output, "threshold detection").quadratures(modes)
            return click_outcomes(attenuated(seen, efficiency), dark_counts)
        outcomes = fock_counts(require_whole(output, "threshold detection"), modes)
        for mode in range(len(modes)):
            # n photons leave a detector dark with probability (1 - efficiency)^n, if no dark count comes.
            counts = outcomes.labels[:, mode]
            dark = np.exp(-dark_counts[mode]) * np.where(counts > 0, (1 - efficiency[mode]) ** counts, 1.0)
            source = np.tile(np.arange(len(counts)), 2)
            clicks = np.repeat([0, 1], len(counts))
            share = np.concatenate([dark, 1 - dark])
            # What never happens, such as a click of an empty mode, is no outcome.
            ever = share > 0
            source, clicks = source[ever], clicks[ever]
            outcomes = merged(outcomes, _relabelled(outcomes, source, mode, clicks), source, share[ever])
        return outcomes


def attenuated(light: GaussianOutput, efficiency: Real) -> GaussianOutput:
    """The light that detectors of these efficiencies, one a mode, see."""
    both = np.tile(efficiency, 2)
    root = np.sqrt(both)
    return GaussianOutput(
        light.modes,
        root * light.mean,
        root[:, None] * light.covariance * root + np.diag(1 - both),
        root[:, None] * light.mean_derivatives,
        None if light.slopes is None else light.slopes.transformed(np.diag(root)),
        incoherent=None if light.incoherent is None else both * light.incoherent + [[0.0], [1.0]] * (1 - both),
    )


def fock_counts(output: FockOutput, modes: tuple[str, ...]) -> DiscreteOutcomes:
    """Photon numbers of some modes: probabilities of strings that agree there are added up."""
    at = [output.modes.index(mode) for mode in modes]
    strings = np.concatenate([block.occupations for block in output.blocks])
    columns = np.concatenate([block.columns for block in output.blocks])
    labels, which = distinct_rows(strings[:, at])
    amplitudes, slopes = columns[:, 0], columns[:, 1:]
    p = np.asarray(np.bincount(which, np.abs(amplitudes) ** 2, len(labels)), dtype=float)
    jacobian = np.zeros((len(labels), slopes.shape[1]))
    np.add.at(jacobian, which, 2 * (amplitudes.conj()[:, None] * slopes).real)
    return settled(modes, labels, p, jacobian, which, slopes)


def settled(
    names: tuple[str, ...], labels: Integer, p: Real, jacobian: Real, which: NDArray[np.intp], slopes: Complex
) -> DiscreteOutcomes:
    """Outcomes with rounding taken off those that cannot happen, and second derivatives where there are any such.

    At amplitude zero the second derivative of |a|^2 is 2 Re(conj(d_i a) d_j a), summed over what makes up the outcome.
    """
    never = p < IMPOSSIBLE
    d = jacobian.shape[1]
    hessian = None
    if never.any() and d:
        hessian = np.zeros((len(labels), d, d))
        rows = np.flatnonzero(never[which])
        moved = slopes[rows]
        np.add.at(hessian, which[rows], 2 * (moved.conj()[:, :, None] * moved[:, None, :]).real)
    return DiscreteOutcomes(
        names=names,
        labels=labels,
        probabilities=np.where(never, 0.0, p),
        jacobian=np.where(never[:, None], 0.0, jacobian),
        hessian=hessian,
    )


def merged(outcomes: DiscreteOutcomes, labels: Integer, source: Integer, weights: Real) -> DiscreteOutcomes:
    """Outcomes under new labels, equal ones added up: label k takes ``weights[k]`` of outcome ``source[k]``."""
    distinct, which = distinct_rows(labels)

    def added(values: Real) -> Real:
        taken = values[source] * weights.reshape(-1, *[1] * (values.ndim - 1))
        out = np.zeros((len(distinct), *values.shape[1:]))
        np.add.at(out, which, taken)
        return out

    return DiscreteOutcomes(
        names=outcomes.names,
        labels=distinct,
        probabilities=added(outcomes.probabilities),
        jacobian=added(outcomes.jacobian),
        hessian=None if outcomes.hessian is None else added(outcomes.hessian),
        lost_weight=outcomes.lost_weight,
    )


def thinned(outcomes: DiscreteOutcomes, efficiency: Real) -> DiscreteOutcomes:
    """Every photon is seen with its mode's probability: n becomes k with binomial weights, a mode at a time."""
    for mode, eta in enumerate(efficiency.tolist()):
        if eta == 1:
            continue
        counts = outcomes.labels[:, mode]
        source = np.repeat(np.arange(len(counts)), counts + 1)
        first = np.concatenate([[0], np.cumsum(counts + 1)[:-1]])
        seen = np.arange(len(source)) - np.repeat(first, counts + 1)
        weights = np.exp(log_thinning(counts[source], seen, eta))
        outcomes = merged(outcomes, _relabelled(outcomes, source, mode, seen), source, weights)
    return outcomes


def log_thinning(photons: Integer, seen: Integer, efficiency: float) -> Real:
    """Logarithm of the chance that so many of the photons are seen, each with a probability below 1."""
    out = gammaln(photons + 1.0) - gammaln(seen + 1.0) - gammaln(photons - seen + 1.0)
    out += seen * np.log(efficiency) + (photons - seen) * np.log1p(-efficiency)
    return np.asarray(out)


def with_dark_counts(outcomes: DiscreteOutcomes, dark_counts: Real) -> DiscreteOutcomes:
    """Every detector adds a Poisson number of its mean, followed until DARK_TAIL of the weight is left."""
    for mode, mean in enumerate(dark_counts.tolist()):
        if not mean:
            continue
        too_many = CircuitTooLargeError(
            f"with {mean:g} dark counts a mode there are more than {LARGEST_TABLE} outcomes; "
            "use threshold detectors, or count fewer modes"
        )
        if mean > LARGEST_TABLE:
            raise too_many
        share = dark_shares(mean)
        if len(outcomes.labels) * len(share) > LARGEST_TABLE:
            raise too_many
        source = np.repeat(np.arange(len(outcomes.labels)), len(share))
        more = np.tile(np.arange(len(share)), len(outcomes.labels))
        labels = _relabelled(outcomes, source, mode, outcomes.labels[source, mode] + more)
        outcomes = merged(outcomes, labels, source, share[more])
    return outcomes


def dark_shares(mean: float) -> Real:
    """Poisson chances of 0, 1, ... dark counts of this positive mean, until DARK_TAIL of the weight is left."""
    added = np.arange(int(mean + 12 * np.sqrt(mean) + 20))
    share = np.exp(-mean + added * np.log(mean) - gammaln(added + 1.0))
    share = share[: int(np.searchsorted(np.cumsum(share), 1 - DARK_TAIL)) + 1]
    return np.asarray(share / share.sum())


def _relabelled(outcomes: DiscreteOutcomes, source: Integer, mode: int, numbers: Integer) -> Integer:
    labels = outcomes.labels[source].copy()
    labels[:, mode] = numbers
    return labels
