"""What a measurement can give: discrete outcomes or jointly Gaussian ones, with derivatives, Fisher matrix and samples.

Outcomes that are neither, of which moments are known, are in ``moments``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from photonics.conventions import Integer, Real
from photonics.fisher.classical import classical_fisher, gaussian_classical_fisher
from photonics.fisher.slopes import LowRank
from photonics.measurements.moments import JitteredOutcomes, LinearEstimates, MomentOutcomes
from photonics.measurements.rules import require_shots
from photonics.states.strings import distinct_rows
from photonics.values import ArrayValue, freeze

IMPOSSIBLE = 1e-26
"""Probabilities below it are squares of rounded amplitudes: zero, and the limit of their Fisher term is taken."""
SUM_TOLERANCE = 1e-8


@dataclass(frozen=True, eq=False)
class DiscreteOutcomes(ArrayValue):
    """K outcomes and their probabilities, derivatives and, for outcomes of probability zero, second derivatives.

    Parameters
    ----------
    names : tuple of str, length l
        What the columns of ``labels`` speak of: modes, or the measured quantity.
    labels : (K, l) integers
        What each outcome is: photon numbers, clicks, a parity, a branch.
    probabilities : (K,)
    jacobian : (K, d)
    hessian : (K, d, d) or None
        Needed for the Fisher matrix where a probability is zero.
    lost_weight : float
        Probability of outcomes beyond a cutoff, not among the K.
    """

    names: tuple[str, ...]
    labels: Integer
    probabilities: Real
    jacobian: Real
    hessian: Real | None = None
    lost_weight: float = 0.0

    def __post_init__(self) -> None:
        freeze(self)
        total = float(self.probabilities.sum()) + self.lost_weight
        if (self.probabilities < 0).any() or not abs(total - 1) <= SUM_TOLERANCE:
            raise ValueError(
                f"the probabilities must be non-negative and sum, with the lost weight, to 1; smallest "
                f"{self.probabilities.min():.3g}, sum {total:.12g}"
            )

    def probability(self, *label: int) -> float:
        """Probability of one outcome.

        Parameters
        ----------
        label : int
            One number a column of ``labels``.

        Returns
        -------
        float
            0 for an outcome that is not among the K.

        Raises
        ------
        ValueError
            For another count of numbers.
        """
        if len(label) != self.labels.shape[1]:
            raise ValueError(f"an outcome has {self.labels.shape[1]} numbers here, got {len(label)}")
        return float(self.probabilities[(self.labels == np.asarray(label)).all(axis=1)].sum())

    def fisher_matrix(self, directions: ArrayLike | None = None) -> Real:
        """(d, d) classical Fisher matrix; the lost weight counts as one more outcome.

        Parameters
        ----------
        directions : (d, e) floats, optional
            B: gives B^T F B for e combinations of the parameters. Outcomes of probability zero may have a limit along these
            where they have none along all.

        Returns
        -------
        (d, d) or (e, e) floats

        Raises
        ------
        ValueError
            When an outcome of probability zero has no limit, or no second derivatives to find it from.
        """
        p, slope, curve = self.probabilities, self.jacobian, self.hessian
        if directions is not None:
            across = np.asarray(directions, dtype=float)
            slope = slope @ across
            curve = None if curve is None else across.T @ curve @ across
        if self.lost_weight > 0:
            # The sum of all derivatives is zero, so what the K outcomes lose the rest gains.
            p = np.append(p, self.lost_weight)
            slope = np.vstack([slope, -slope.sum(axis=0)])
            curve = None if curve is None else np.concatenate([curve, -curve.sum(axis=0, keepdims=True)])
        return classical_fisher(p / p.sum(), slope, curve)

    def relabelled(self, labels: ArrayLike, names: Sequence[str] | None = None) -> DiscreteOutcomes:
        """The same outcomes under new labels, those that share one added up: what a detector that tells less apart sees.

        Parameters
        ----------
        labels : (K, l') integers
            The new label of each outcome.
        names : sequence of str, length l', optional
            What its columns speak of; as they are when left out.

        Returns
        -------
        DiscreteOutcomes

        Raises
        ------
        ValueError
            For labels of another shape, or that are no integers.

        Examples
        --------
        Photon numbers of a Fock state, seen by detectors that only click:

        >>> from photonics import FockState, PhotonCounting, measure
        >>> counts = measure(FockState("ab", [(2, 0), (1, 0), (0, 1)], [0.6, 0.0, 0.8]), PhotonCounting())
        >>> clicks = counts.relabelled(np.minimum(counts.labels, 1))
        >>> round(clicks.probability(1, 0), 12), round(clicks.probability(0, 1), 12)
        (0.36, 0.64)
        """
        given = np.asarray(labels)
        columns = tuple(self.names if names is None else names)
        if given.shape != (len(self.probabilities), len(columns)) or not np.issubdtype(given.dtype, np.integer):
            raise ValueError(
                f"labels must be {len(self.probabilities)} rows of {len(columns)} integers, one row an outcome and one column a "
                f"name of {', '.join(columns)}; got {given.dtype} of shape {given.shape}"
            )
        distinct, which = distinct_rows(given)

        def added(values: Real) -> Real:
            out = np.zeros((len(distinct), *values.shape[1:]))
            np.add.at(out, which, values)
            return out

        return DiscreteOutcomes(
            names=columns,
            labels=distinct,
            probabilities=added(self.probabilities),
            jacobian=added(self.jacobian),
            hessian=None if self.hessian is None else added(self.hessian),
            lost_weight=self.lost_weight,
        )

    def counts(self, shots: int, rng: np.random.Generator) -> Integer:
        """(K,) how often each outcome comes in so many shots; with lost weight, one more entry for what lies beyond.

        Parameters
        ----------
        shots : int, at least 1
        rng : numpy.random.Generator

        Returns
        -------
        (K,) or (K + 1,) integers
            Their sum is ``shots``.
        """
        weights = np.append(self.probabilities, self.lost_weight) if self.lost_weight > 0 else self.probabilities
        return np.asarray(rng.multinomial(require_shots(shots), weights / weights.sum()))

    def sample(self, shots: int, rng: np.random.Generator) -> Integer:
        """(shots, l) one outcome a shot, drawn from the K that are kept.

        Parameters
        ----------
        shots : int, at least 1
        rng : numpy.random.Generator

        Returns
        -------
        (shots, l) integers
        """
        cumulative = np.cumsum(self.probabilities)
        drawn = np.searchsorted(cumulative, rng.random(require_shots(shots)) * cumulative[-1], side="right")
        return np.asarray(self.labels[np.minimum(drawn, len(cumulative) - 1)])


@dataclass(frozen=True, eq=False)
class GaussianOutcomes(LinearEstimates, ArrayValue):
    """k real outcomes, jointly Gaussian, with derivatives by d parameters.

    Parameters
    ----------
    names : tuple of str, length k
        The modes measured.
    mean : (k,) floats
        In units where the vacuum variance is 1.
    covariance : (k, k) floats
    jacobian : (k, d) floats
        Derivatives of the mean.
    slopes : LowRank or None
        Derivatives of the covariance, on the k outcomes; None when it does not depend on the parameters.
    """

    names: tuple[str, ...]
    mean: Real
    covariance: Real
    jacobian: Real
    slopes: LowRank | None = None

    def fisher_matrix(self, directions: ArrayLike | None = None) -> Real:
        """(d, d) classical Fisher matrix, or B^T F B for directions B.

        Parameters
        ----------
        directions : (d, e) floats, optional

        Returns
        -------
        (d, d) or (e, e) floats
        """
        information = gaussian_classical_fisher(self.covariance, self.jacobian, self.slopes)
        if directions is None:
            return information
        across = np.asarray(directions, dtype=float)
        return np.asarray(across.T @ information @ across)

    def sample(self, shots: int, rng: np.random.Generator) -> Real:
        """(shots, k) outcomes.

        Parameters
        ----------
        shots : int, at least 1
        rng : numpy.random.Generator

        Returns
        -------
        (shots, k) floats
        """
        root = np.linalg.cholesky(self.covariance)
        drawn = rng.standard_normal((require_shots(shots), len(self.mean))) @ root.T
        drawn += self.mean
        return np.asarray(drawn)


Outcomes = DiscreteOutcomes | GaussianOutcomes | JitteredOutcomes | MomentOutcomes
