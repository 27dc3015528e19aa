"""Outcomes that are neither discrete nor Gaussian, of which moments are known: random angles of homodyne, intensity differences.

With a normal angle delta of standard deviation sigma, c = <cos delta> = exp(-sigma^2/2), <cos^2> = (1 + exp(-2 sigma^2))/2 and
<sin^2> = (1 - exp(-2 sigma^2))/2 are exact. A quadrature x cos delta + p sin delta then has the mean c <x>, the variance
<cos^2> Var x + <sin^2> Var p + (<cos^2> - c^2) <x>^2 + <sin^2> <p>^2, and the covariance c_j c_k Cov(x_j, x_k) with that of
another mode (docs/theory/theory.md, section 7).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import scipy.linalg
from numpy.typing import ArrayLike, NDArray

from photonics.conventions import Complex, Real, read_only
from photonics.fisher.functions import nuisance_aware_information
from photonics.fisher.slopes import LowRank
from photonics.limits import CircuitTooLargeError, PrecisionError
from photonics.measurements.photocurrents import SHOTS_AT_ONCE, Photocurrents
from photonics.measurements.rules import require_shots
from photonics.values import ArrayValue

MAX_PRODUCT_MODES = 24
"""Modes with random angles whose products of outcomes are used too; their covariance is a tensor of the fourth power."""
LARGEST_ROUNDING = 1e-9
"""Share of a variance of a product that rounding of the means may make."""
CORRELATED = 1e-13
"""Variances of combinations, at unit diagonal, that are no larger are those of perfectly correlated outcomes."""


class _Moments(Protocol):
    @property
    def covariance(self) -> Real: ...

    @property
    def jacobian(self) -> Real: ...


class LinearEstimates:
    """Outcomes with a covariance C and derivatives J of their means, from which linear estimates are made."""

    def moment_matrix(self: _Moments, directions: ArrayLike | None = None) -> Real:
        """(d, d) what the best estimates linear in the outcomes reach by error propagation, J^T C^{-1} J; or B^T of it B.

        The classical Fisher matrix of Gaussian outcomes whose covariance does not depend on the parameters, and less otherwise.

        Parameters
        ----------
        directions : (d, e) floats, optional

        Returns
        -------
        (d, d) or (e, e) floats
        """
        return moment_information(self.covariance, self.jacobian, directions)

    def weights(self: _Moments, function: ArrayLike) -> Real:
        """(k,) w of the best estimate of q = a . theta linear in the outcomes, q0 + w . (outcomes - mean), the rest unknown.

        w = C^{-1} J (J^T C^{-1} J)^+ a. It has J^T w = a, so no other parameter moves it, and the variance w^T C w, which is
        ``nuisance_aware_information(moment_matrix(), a).mse``.

        Parameters
        ----------
        function : (d,) floats
            a.

        Returns
        -------
        (k,) floats

        Raises
        ------
        ValueError
            For a function of another length, or one that the means of the outcomes do not tell.

        Examples
        --------
        >>> outcomes = MomentOutcomes(("x", "y"), np.zeros(2), np.diag([1.0, 4.0]), np.array([[1.0], [2.0]]))
        >>> outcomes.weights([1.0]).tolist()
        [0.5, 0.25]
        """
        a, information = np.asarray(function, dtype=float), moment_information(self.covariance, self.jacobian)
        known = nuisance_aware_information(information, a)
        if known.null_direction is not None:
            raise ValueError(
                f"these outcomes do not tell the function {a.tolist()}: their means do not move along "
                f"{list(known.null_direction)}; change the working point, the readout or the light"
            )
        scale = np.sqrt(np.diag(information))
        scale = np.where(scale > 0, scale, 1.0)
        inner = np.linalg.pinv(information / np.outer(scale, scale), rcond=1e-11, hermitian=True) @ (a / scale)
        return np.asarray(_solved(self.covariance, self.jacobian @ (inner / scale)))


@dataclass(frozen=True, eq=False)
class MomentOutcomes(LinearEstimates, ArrayValue):
    """k real outcomes of which means and covariance are known, with the derivatives of the means by d parameters.

    Parameters
    ----------
    names : tuple of str, length k
    mean : (k,) floats
    covariance : (k, k) floats
    jacobian : (k, d) floats
        Derivatives of the mean.
    variance_rounding : float
        Relative error that double precision may leave in a variance.
    mean_rounding : float
        Error that it may leave in a mean, in standard deviations of the outcome.
    photocurrents : Photocurrents or None
        What draws the outcomes themselves, where it is known.
    """

    names: tuple[str, ...]
    mean: Real
    covariance: Real
    jacobian: Real
    variance_rounding: float = 0.0
    mean_rounding: float = 0.0
    photocurrents: Photocurrents | None = None

    def sample(self, shots: int, rng: np.random.Generator) -> Real:
        """(shots, k) outcomes of their exact joint distribution, where that can be drawn (``Photocurrents``).

        Parameters
        ----------
        shots : int, at least 1
        rng : numpy.random.Generator

        Returns
        -------
        (shots, k) floats

        Raises
        ------
        ValueError
            Where it cannot, naming what there is instead.
        """
        if self.photocurrents is None:
            raise ValueError("of these outcomes moments are known and no distribution; use normal_sample()")
        return self.photocurrents.sample(shots, rng)

    def phase_space_sample(self, shots: int, rng: np.random.Generator) -> Real:
        """(shots, k) outcomes from points of the Wigner function, an approximation for bright light (``Photocurrents``).

        Parameters
        ----------
        shots : int, at least 1
        rng : numpy.random.Generator

        Returns
        -------
        (shots, k) floats

        Raises
        ------
        ValueError
            For light of which only moments are known.
        """
        if self.photocurrents is None:
            raise ValueError("of these outcomes moments are known and no phase space; use normal_sample()")
        return self.photocurrents.phase_space_sample(shots, rng)

    def normal_sample(self, shots: int, rng: np.random.Generator) -> Real:
        """(shots, k) normal numbers of this mean and covariance, in place of outcomes whose distribution is not known.

        Estimates that are linear in them have the mean and the mean squared error that they have from the outcomes; nothing else is
        promised.

        Parameters
        ----------
        shots : int, at least 1
        rng : numpy.random.Generator

        Returns
        -------
        (shots, k) floats
        """
        root = _factor(self.covariance)
        drawn = np.empty((require_shots(shots), len(self.mean)))
        for start in range(0, len(drawn), SHOTS_AT_ONCE):
            some = drawn[start : start + SHOTS_AT_ONCE]
            np.matmul(rng.standard_normal((len(some), root.shape[1])), root.T, out=some)
            some += self.mean
        return drawn

    def fisher_matrix(self, directions: ArrayLike | None = None) -> Real:
        """``moment_matrix``: the part of the classical Fisher information that linear estimates use.

        Parameters
        ----------
        directions : (d, e) floats, optional

        Returns
        -------
        (d, d) or (e, e) floats
        """
        return self.moment_matrix(directions)


@dataclass(frozen=True, eq=False)
class JitteredOutcomes(LinearEstimates, ArrayValue):
    """Homodyne outcomes of k modes of Gaussian light at random angles: a mixture of Gaussians with exact moments and samples.

    Parameters
    ----------
    names : tuple of str, length k
        The modes measured.
    light_mean : (2k,) floats
        Of the quadratures along the angles, then of those a quarter turn further, losses and noise of the detectors included.
    light_covariance : (2k, 2k) floats
    light_derivatives : (2k, d) floats
    slopes : LowRank or None
        Derivatives of ``light_covariance``; None when it does not depend on the parameters.
    jitter_rad : (k,) floats
        Standard deviations of the angles.
    """

    names: tuple[str, ...]
    light_mean: Real
    light_covariance: Real
    light_derivatives: Real
    slopes: LowRank | None
    jitter_rad: Real

    @cached_property
    def mean(self) -> Real:
        """(k,) means of the outcomes."""
        return read_only(_contrast(self.jitter_rad) * self.light_mean[: len(self.names)])

    @cached_property
    def covariance(self) -> Real:
        """(k, k) covariance of the outcomes, of angles and light together."""
        return read_only(averaged_covariance(self.light_mean, self.light_covariance, self.jitter_rad))

    @cached_property
    def jacobian(self) -> Real:
        """(k, d) derivatives of ``mean``."""
        return read_only(_contrast(self.jitter_rad)[:, None] * self.light_derivatives[: len(self.names)])

    def fisher_matrix(self, directions: ArrayLike | None = None) -> Real:
        """(d, d) what the best estimates from outcomes and products of two outcomes reach, or B^T of it B for directions B.

        A lower bound on the classical Fisher matrix of this mixture, which has no closed form; without random angles it equals
        the Fisher matrix of the Gaussian outcomes. Where neither the light has a mean nor its covariance depends on the
        parameters, products add nothing to ``moment_matrix`` and are left out.

        Parameters
        ----------
        directions : (d, e) floats, optional

        Returns
        -------
        (d, d) or (e, e) floats

        Raises
        ------
        CircuitTooLargeError
            For products of more than MAX_PRODUCT_MODES modes.
        PrecisionError
            For light so bright that rounding hides what products tell.
        """
        if self.slopes is None and not self.light_mean.any():
            return self.moment_matrix(directions)
        across, products, slopes = self._products()
        whole = np.block([[self.covariance, across], [across.T, products]])
        return moment_information(whole, np.vstack([self.jacobian, slopes]), directions)

    def squares(self) -> MomentOutcomes:
        """The squares of the outcomes of light without a mean, with their exact means, covariance and slopes.

        Returns
        -------
        MomentOutcomes

        Raises
        ------
        ValueError
            For light with a mean.
        CircuitTooLargeError, PrecisionError
            As of ``fisher_matrix``.

        Examples
        --------
        Squeezed light whose angle is known to 0.1 rad:

        >>> from photonics import Detectors, GaussianState, Homodyne
        >>> from photonics.output import output_of
        >>> squeezed = output_of(GaussianState(["a"], [0.0, 0.0], [[0.25, 0.0], [0.0, 4.0]]))
        >>> outcomes = Homodyne(detectors=Detectors(phase_jitter_rad=0.1)).outcomes(squeezed)
        >>> outcomes.squares().mean.round(9).tolist() == np.diag(outcomes.covariance).round(9).tolist()
        True
        """
        if self.light_mean.any():
            raise ValueError("squares are those of light without a mean; use moment_matrix() or fisher_matrix()")
        first, second = np.triu_indices(len(self.names))
        same = np.flatnonzero(first == second)
        _, products, slopes = self._products()
        return MomentOutcomes(
            names=tuple(f"{name}^2" for name in self.names),
            mean=np.diag(self.covariance) + 0.0,
            covariance=products[np.ix_(same, same)],
            jacobian=slopes[same],
        )

    def _products(self) -> tuple[Real, Real, Real]:
        """Covariances of outcomes with products of two outcomes less their means, and of the products; the slopes of these."""
        count, (x, p) = len(self.names), self._quadratures()
        if count > MAX_PRODUCT_MODES:
            raise CircuitTooLargeError(
                f"products of the outcomes of {count} modes with random angles are more than this holds (at most "
                f"{MAX_PRODUCT_MODES} modes); use moment_matrix() for estimates that are linear in them"
            )
        third, fourth = _central_moments(self.light_mean, self.light_covariance, self.jitter_rad)
        first, second = np.triu_indices(count)
        covariance = self.covariance
        products = fourth[first[:, None], second[:, None], first, second]
        products = products - np.outer(covariance[first, second], covariance[first, second])
        unsure = 1e-15 * float(np.abs(self.light_mean).max()) ** 4
        if unsure > LARGEST_ROUNDING * float(np.diag(products).min()):
            raise PrecisionError(
                "the light is too bright for what products of outcomes tell in double precision; use moment_matrix() for "
                "estimates that are linear in them"
            )
        cos2, sin2, rest = _squares(self.jitter_rad)
        c = _contrast(self.jitter_rad)
        mean, moved = self.light_mean, self.light_derivatives
        slopes = np.zeros((len(first), moved.shape[1]))
        same = first == second
        if self.slopes is not None:
            left, right = self.slopes.left, self.slopes.right

            def slope(rows: Real, columns: Real) -> Real:
                part = left[:, rows] * right[:, columns] + right[:, rows] * left[:, columns]
                return np.asarray(part.sum(axis=2).T)

            factor = np.where(same, cos2[first], c[first] * c[second])
            slopes += factor[:, None] * slope(x[first], x[second])
            slopes[same] += sin2[:, None] * slope(p, p)
        slopes[same] += 2 * (rest * mean[x])[:, None] * moved[x] + 2 * (sin2 * mean[p])[:, None] * moved[p]
        return third[:, first, second], products, slopes

    def sample(self, shots: int, rng: np.random.Generator) -> Real:
        """(shots, k) outcomes: points of the Wigner function, which is positive, seen along angles drawn for each shot and mode.

        Parameters
        ----------
        shots : int, at least 1
        rng : numpy.random.Generator

        Returns
        -------
        (shots, k) floats
        """
        shots, count = require_shots(shots), len(self.names)
        root = np.linalg.cholesky(self.light_covariance)
        points = rng.standard_normal((shots, 2 * count)) @ root.T + self.light_mean
        angles = rng.standard_normal((shots, count)) * self.jitter_rad
        return np.asarray(points[:, :count] * np.cos(angles) + points[:, count:] * np.sin(angles))

    def _quadratures(self) -> tuple[np.ndarray, np.ndarray]:
        x = np.arange(len(self.names))
        return x, x + len(self.names)


def moment_information(covariance: Real, jacobian: Real, directions: ArrayLike | None = None) -> Real:
    """J^T C^{-1} J, or B^T J^T C^{-1} J B.

    Parameters
    ----------
    covariance : (k, k) floats
        Positive.
    jacobian : (k, d) floats
    directions : (d, e) floats, optional

    Returns
    -------
    (d, d) or (e, e) floats

    Examples
    --------
    >>> moment_information(np.diag([2.0, 1.0]), np.array([[1.0], [3.0]])).tolist()
    [[9.5]]
    """
    slopes = jacobian if directions is None else jacobian @ np.asarray(directions, dtype=float)
    covariance, slopes, _ = _noisy(covariance, slopes)
    # At unit diagonal first: outcomes of bright and of dark light stand beside each other.
    scale = np.sqrt(np.diag(covariance))
    unit, steep = covariance / np.outer(scale, scale), slopes / scale[:, None]
    try:
        root = np.linalg.cholesky(unit)
        correlated = bool((np.diag(root) ** 2 < CORRELATED).any())
    except np.linalg.LinAlgError:
        correlated = True
    if not correlated:
        white = scipy.linalg.solve_triangular(root, steep, lower=True)
        return np.asarray(white.T @ white)
    values, vectors = np.linalg.eigh(unit)
    kept, along = values > CORRELATED * values[-1], vectors.T @ steep
    if (np.abs(along[~kept]) > LARGEST_ROUNDING * np.abs(steep).max(initial=0.0)).any():
        raise _without_variance("combinations of these outcomes have")
    white = along[kept] / np.sqrt(values[kept])[:, None]
    return np.asarray(white.T @ white)


def _noisy(covariance: Real, slopes: Real) -> tuple[Real, Real, NDArray[np.bool_]]:
    """The outcomes that have a variance; the others see no light, which their slopes have to agree with."""
    noisy = np.diag(covariance) > 0
    if noisy.all():
        return covariance, slopes, noisy
    if (np.abs(slopes[~noisy]) > LARGEST_ROUNDING).any():
        raise _without_variance("an outcome has")
    return covariance[np.ix_(noisy, noisy)], slopes[noisy], noisy


def _without_variance(who: str) -> PrecisionError:
    return PrecisionError(
        f"{who} no variance but a slope, as far as double precision tells: the information diverges or is not known; move the "
        "working point, or give the detectors their noise"
    )


def _solved(covariance: Real, values: Real) -> Real:
    """C^{-1} of (k,) values in the range of C; zero for outcomes without variance."""
    some, inside, noisy = _noisy(covariance, values[:, None])
    scale = np.sqrt(np.diag(some))
    inverse = np.linalg.pinv(some / np.outer(scale, scale), rcond=CORRELATED, hermitian=True)
    out = np.zeros(len(values))
    out[noisy] = inverse @ (inside[:, 0] / scale) / scale
    return out


def _factor(covariance: Real) -> Real:
    """R with R R^T = C, which may have rows of zeros and perfect correlations."""
    try:
        return np.asarray(np.linalg.cholesky(covariance))
    except np.linalg.LinAlgError:
        scale = np.sqrt(np.clip(np.diag(covariance), 0.0, None))
        scale = np.where(scale > 0, scale, 1.0)
        values, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
        return np.asarray(scale[:, None] * vectors * np.sqrt(np.clip(values, 0.0, None)))


def averaged_covariance(mean: Real, covariance: Real, jitter_rad: Real) -> Real:
    """(k, k) covariance of x_j cos delta_j + p_j sin delta_j from the moments (2k,), (2k, 2k) of x and p.

    Parameters
    ----------
    mean : (2k,) floats
    covariance : (2k, 2k) floats
    jitter_rad : (k,) floats
        Standard deviations of the independent normal angles delta_j.

    Returns
    -------
    (k, k) floats
    """
    count = len(jitter_rad)
    c = _contrast(jitter_rad)
    cos2, sin2, rest = _squares(jitter_rad)
    out = covariance[:count, :count] * np.outer(c, c)
    own = np.diag(covariance) + 0.0
    out[np.diag_indices(count)] = (
        cos2 * own[:count] + sin2 * own[count:] + rest * mean[:count] ** 2 + sin2 * mean[count:] ** 2
    )
    return np.asarray(out)


def _contrast(jitter_rad: Real) -> Real:
    """<cos delta>."""
    return np.asarray(np.exp(-(jitter_rad**2) / 2))


def _squares(jitter_rad: Real) -> tuple[Real, Real, Real]:
    """<cos^2>, <sin^2> and <cos^2> - <cos>^2, all without cancellation."""
    sin2 = -np.expm1(-2 * jitter_rad**2) / 2
    return np.asarray(1 - sin2), np.asarray(sin2), np.asarray(np.expm1(-(jitter_rad**2)) ** 2 / 2)


def _central_moments(mean: Real, covariance: Real, jitter_rad: Real) -> tuple[Real, Real]:
    """Third (k, k, k) and fourth (k, k, k, k) central moments of the outcomes.

    With w = x + i p an outcome less its mean is a sum of three letters: w e^{-i delta}/2, its conjugate, and minus the mean.
    Letters are complex Gaussian times e^{i charge delta}; a product of some averages to Wick's sum times
    exp(-sum charges^2 sigma^2/2), charges added up in each mode.
    """
    count = len(jitter_rad)
    w = (mean[:count] + 1j * mean[count:]) / 2
    level = _contrast(jitter_rad) * mean[:count]
    means: dict[int, Complex] = {-1: np.asarray(w), 1: np.asarray(w.conj()), 0: np.asarray(-level, dtype=complex)}
    xx, pp, xp = covariance[:count, :count], covariance[count:, count:], covariance[:count, count:]
    both = np.asarray((xx - pp + 1j * (xp + xp.T)) / 4)
    across = np.asarray((xx + pp + 1j * (xp.T - xp)) / 4)
    nothing = np.zeros((count, count), dtype=complex)
    spread: dict[tuple[int, int], Complex] = {
        (-1, -1): np.asarray(both, dtype=complex),
        (1, 1): np.asarray(both.conj()),
        (-1, 1): np.asarray(across, dtype=complex),
        (1, -1): np.asarray(across.conj()),
        **{(0, c): nothing for c in (-1, 0, 1)},
        **{(c, 0): nothing for c in (-1, 1)},
    }
    variance = jitter_rad**2
    own: dict[int, Real] = {c: np.asarray(np.exp(-(c * c) * variance / 2)) for c in (-1, 0, 1)}
    together: dict[int, Real] = {c: np.asarray(np.exp(-c * np.diag(variance))) for c in (-1, 0, 1)}
    moments = []
    for order in (3, 4):
        total = np.zeros((count,) * order)
        for charges in itertools.product((-1, 0, 1), repeat=order):
            # Opposite charges give the complex conjugate.
            opposite = tuple(-charge for charge in charges)
            if charges <= opposite:
                part = _letters(charges, means, spread, own, together).real
                total += part if charges == opposite else 2 * part
        moments.append(total)
    return moments[0], moments[1]


def _letters(
    charges: tuple[int, ...],
    means: dict[int, Complex],
    spread: dict[tuple[int, int], Complex],
    own: dict[int, Real],
    together: dict[int, Real],
) -> Complex:
    """The average of one letter at each place, as a tensor over the modes of the places."""
    order = len(charges)

    def at(values: Complex | Real, *axes: int) -> Complex:
        shape = [1] * order
        for axis, size in zip(axes, values.shape, strict=True):
            shape[axis] = size
        return np.asarray(values.reshape(shape), dtype=complex)

    phases = np.ones((1,) * order, dtype=complex)
    for place, charge in enumerate(charges):
        phases = phases * at(own[charge], place)
    for first, second in itertools.combinations(range(order), 2):
        phases = phases * at(together[charges[first] * charges[second]], first, second)
    bright = [at(means[charge], place) for place, charge in enumerate(charges)]
    total = np.prod(np.broadcast_arrays(*bright), axis=0)
    pairs = {(a, b): at(spread[charges[a], charges[b]], a, b) for a, b in itertools.combinations(range(order), 2)}
    for (a, b), pair in pairs.items():
        others = [place for place in range(order) if place not in (a, b)]
        rest = np.ones((1,) * order, dtype=complex)
        for place in others:
            rest = rest * bright[place]
        total = total + pair * rest
    if order == 4:
        for a, b, c, d in ((0, 1, 2, 3), (0, 2, 1, 3), (0, 3, 1, 2)):
            total = total + pairs[a, b] * pairs[c, d]
    return np.asarray(total * phases)
