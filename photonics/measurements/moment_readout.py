"""Means, covariances and slopes of linear and quadratic observables of Gaussian light, of any brightness: ``Moments``."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from photonics.conventions import Integer, Real
from photonics.limits import PrecisionError
from photonics.measurements.detectors import IDEAL, Detectors
from photonics.measurements.moments import MomentOutcomes
from photonics.measurements.observables import (
    Factors,
    Interference,
    Observable,
    Quadrature,
    Reading,
    Summand,
    terms_of,
)
from photonics.measurements.photocurrents import Photocurrents
from photonics.measurements.quadratic_forms import forms_of, product_forms, stacked
from photonics.measurements.random_phases import RandomPhases, phased_difference
from photonics.measurements.rules import require_gaussian, require_more_than_moments
from photonics.output import GaussianOutput, Output
from photonics.values import Value, freeze

ROUNDING = 1e-15
"""Relative error of a sum of products in double precision, of the sum of their magnitudes."""
LARGEST_VARIANCE_ROUNDING = 1e-6
"""Relative error of a variance above which it is refused."""
LARGEST_MEAN_ROUNDING = 1e-3
"""Error of a mean, in its standard deviations, above which it is refused: from some 10^24 photons of light without squeezing."""
FAINT = 1e-6
"""Counts of a smaller variance have too little light to be told from none."""
NOTHING = 10.0
"""Variances and slopes below so many times their rounding are zero: of detectors that see no light, and of perfect correlations."""


@dataclass(frozen=True)
class Moments(Value):
    """Means, covariances and slopes of observables that are read together, each mode by one detector or balanced pair.

    From the moments of the light, exact for any Gaussian state at any brightness (``quadratic_forms``). Estimates linear in the
    outcomes have the error of ``moment_matrix`` and the best ``weights``; ``sample`` draws the outcomes where that is exact.

    Parameters
    ----------
    observables : tuple of Quadrature, PhotonNumber, Interference or Observable
        Sums and products of readings are written with +, -, * and **2; products are of quadratures.
    detectors : Detectors
        One number for all readings, or one a reading (``readings``). A quadrature has what homodyne detection has, an interference
        what intensity differences have, a photon number efficiency and dark counts.

    Raises
    ------
    ValueError
        Listing observables that are none, modes read by two detectors, observables that are sums of others, products of
        quadratures with random angles.

    Examples
    --------
    Both ports of an interferometer, their sum and their difference, with 10^12 photons each:

    >>> from photonics import GaussianState, PhotonNumber, measure
    >>> bright = GaussianState(["c", "d"], [2e6, 2e6, 0.0, 0.0], np.eye(4))
    >>> c, d = PhotonNumber("c"), PhotonNumber("d")
    >>> outcomes = measure(bright, Moments([c + d, c - d]))
    >>> outcomes.mean.tolist(), outcomes.covariance.tolist()
    ([2000000000000.0, 0.0], [[2000000000000.0, 0.0], [0.0, 2000000000000.0]])
    """

    observables: tuple[Summand, ...]
    detectors: Detectors = IDEAL

    def __post_init__(self) -> None:
        freeze(self)
        faults = list(self._faults())
        if faults:
            raise ValueError("; ".join(faults))

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """What is read, in the order in which the observables name it: one detector or balanced pair each."""
        factors = (f for observable in self.observables for _, some in terms_of(observable) for f in some)
        return tuple(dict.fromkeys(factors))

    @cached_property
    def only_quadratures(self) -> bool:
        """Whether the observables are sums of quadratures, of which light with random phases has the moments too."""
        singles = all(len(some) == 1 for observable in self.observables for _, some in terms_of(observable))
        return singles and all(isinstance(reading, Quadrature) for reading in self.readings)

    def outcomes(self, output: Output) -> MomentOutcomes:
        """Means and covariance of the observables, with derivatives of the means, and what double precision leaves.

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
            For light so bright, or so squeezed, that double precision holds no variance to 1e-6 or no mean to 1e-3 standard
            deviations.
        """
        light = require_gaussian(output, "measurement by moments")
        if not self.only_quadratures:
            light = require_more_than_moments(light, "measurement by moments of more than quadratures")
        place = {mode: index for index, mode in enumerate(light.modes)}
        unknown = [mode for reading in self.readings for mode in reading.modes if mode not in place]
        if unknown:
            raise ValueError(f"observables must be of modes among {light.modes}, got {unknown[0]!r}")
        with np.errstate(over="ignore", invalid="ignore"):
            return self._checked(self._terms(light, place).weighted(self._weights), light)

    def _terms(self, light: GaussianOutput, place: dict[str, int]) -> _Terms:
        """Readings, then products of two of them, each with its detectors."""
        readings = self.readings
        count = len(readings)
        seen = _Seen(readings, self.detectors)
        forms = forms_of(readings, place)
        index = {reading: k for k, reading in enumerate(readings)}
        pairs = [(index[some[0]], index[some[1]]) for some in self._factors if len(some) == 2]
        scale, everything = seen.scale * seen.contrast, forms
        if pairs:
            first, second = np.array(pairs).T
            everything = stacked(forms, product_forms(pairs, forms))
            scale = np.concatenate([scale, scale[first] * scale[second]])
        photons = seen.photons(light, place)
        ideal, covariance = everything.means(light), everything.covariances(light)
        mean, jacobian = scale * ideal, scale[:, None] * everything.slopes(light)
        mean[:count] += seen.dark_mean
        diagonal = np.diag(covariance)[:count]
        covariance = covariance * np.outer(scale, scale)
        own = np.arange(count)
        covariance[own, own] = seen.scale**2 * diagonal + seen.added(photons)
        mean_size, size = everything.sizes(light)
        # Rounding is relative to what is added up here, and to what was added up in the light.
        mean_inherited, inherited = everything.inherited(light)
        mean_size, inherited = mean_size + mean_inherited, np.sqrt(inherited)
        if seen.jitter.any():
            # O cos delta + O' sin delta, O' a quarter turn further.
            aside = forms_of(readings, place, np.pi / 2)
            sin2 = -np.expm1(-2 * seen.jitter**2) / 2
            rest = np.expm1(-(seen.jitter**2)) ** 2 / 2
            moved = sin2 * (aside.variances(light) - diagonal) + rest * ideal[:count] ** 2
            covariance[own, own] += seen.scale**2 * (moved + sin2 * aside.means(light) ** 2)
        if pairs:
            _put_products(mean, covariance, first, second, count, _linear(readings))
        slope_size = scale * everything.slope_sizes(light)
        return _Terms(mean, covariance, jacobian, scale * mean_size, scale * size, scale * inherited, slope_size)

    @cached_property
    def _factors(self) -> tuple[Factors, ...]:
        """Single readings, then products."""
        named = dict.fromkeys(some for observable in self.observables for _, some in terms_of(observable))
        return (*((reading,) for reading in self.readings), *(some for some in named if len(some) == 2))

    @cached_property
    def _weights(self) -> Real:
        """(k, t) of the terms in the observables."""
        column = {some: t for t, some in enumerate(self._factors)}
        weights = np.zeros((len(self.observables), len(column)))
        for row, observable in enumerate(self.observables):
            for weight, some in terms_of(observable):
                weights[row, column[some]] = weight
        return weights

    def _checked(self, sums: _Terms, light: GaussianOutput) -> MomentOutcomes:
        """Nothing where there is nothing but rounding; an error where rounding is too much."""
        mean, covariance, jacobian = sums.mean, sums.covariance.copy(), sums.jacobian
        if not all(np.isfinite(part).all() for part in (mean, covariance, jacobian, sums.size)):
            raise PrecisionError("the light is too bright for double precision: its moments are no finite numbers")
        error, variance = ROUNDING * sums.size**2, np.diag(covariance).copy()
        dark = variance <= NOTHING * error
        whole = error + ROUNDING * sums.inherited**2
        covariance[dark], covariance[:, dark] = 0.0, 0.0
        jacobian = np.where(np.abs(jacobian) <= NOTHING * ROUNDING * sums.slope_size[:, None], 0.0, jacobian)
        seen = np.where(dark, 1.0, variance)
        names = tuple(map(str, self.observables))
        # What cancelled before may have left more than nothing.
        lost = np.where(dark, np.where(whole <= NOTHING * error, 0.0, np.inf), whole / seen)
        off = np.where(dark, 0.0, ROUNDING * sums.mean_size / np.sqrt(seen))
        _refuse_rounding(names, variance, lost, off)
        currents = Photocurrents(light, self.observables, self.readings, self.detectors)
        drawn = None if light.only_moments else currents
        return MomentOutcomes(names, mean, covariance, jacobian, float(lost.max()), float(off.max()), drawn)

    def _faults(self) -> Iterator[str]:
        given = self.observables if isinstance(self.observables, tuple) else ()
        strange = [one for one in given if not isinstance(one, Reading | Observable)]
        if strange or not given:
            wrong: object = strange[0] if strange else self.observables
            what = f"got {wrong!r:.60}"
            yield f"observables must be a sequence of quadratures, photon numbers, interferences, sums and products, {what}"
            return
        users: dict[str, list[Reading]] = {}
        for reading in self.readings:
            for mode in reading.modes:
                users.setdefault(mode, []).append(reading)
        for mode, some in users.items():
            if len(some) > 1:
                yield (
                    f"mode {mode!r} is read as {' and as '.join(dict.fromkeys(map(str, some)))}, but a mode has one detector; "
                    "put the beam splitter into the circuit to count both of its ports"
                )
        if len(self._factors) > len(self.readings) and np.any(np.asarray(self.detectors.phase_jitter_rad) > 0):
            yield (
                "products of quadratures at random angles (phase_jitter_rad) are not measured like this; "
                "Homodyne(...).outcomes(...).fisher_matrix() has them"
            )
        if any(len(terms_of(observable)) > 1 for observable in self.observables) or len(set(self.observables)) < len(
            self.observables
        ):
            weights = self._weights / np.abs(self._weights).max(axis=1, keepdims=True)
            if np.linalg.matrix_rank(weights) < len(weights):
                yield f"no observable may be a sum of the others, got {', '.join(map(str, self.observables))}"


def moments_at_random_phases(
    reading: Interference, detectors: Detectors, phases: RandomPhases, light: GaussianOutput
) -> MomentOutcomes:
    """One difference of photocurrents behind optics in front of which phases are random; see ``RandomPhases``.

    Parameters
    ----------
    reading : Interference
    detectors : Detectors
        Without a random angle of their own.
    phases : RandomPhases
    light : GaussianOutput
        Behind the optics, its phases steady.

    Raises
    ------
    ValueError, PrecisionError
        As ``Moments.outcomes``.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        found = phased_difference(phases, light, reading.first, reading.second, reading.angle_rad)
    if not math.isfinite(found.variance) or not math.isfinite(found.mean):
        raise PrecisionError("the light is too bright for double precision: its moments are no finite numbers")
    seen = _Seen((reading,), detectors)
    (scale,), names = seen.scale.tolist(), (str(reading),)
    variance = scale**2 * found.variance + seen.added(np.array([found.photons]))
    lost = ROUNDING * (scale * found.size) ** 2 / variance
    off = ROUNDING * scale * found.mean_size / np.sqrt(variance)
    _refuse_rounding(names, variance, lost, off)
    return MomentOutcomes(
        names,
        np.array([scale * found.mean]),
        variance[:, None],
        scale * found.slopes[None],
        float(lost[0]),
        float(off[0]),
    )


@dataclass(frozen=True, eq=False)
class _Terms:
    """Moments of readings and of products of two, and the magnitudes behind them (``Forms.sizes``, ``Forms.inherited``)."""

    mean: Real
    covariance: Real
    jacobian: Real
    mean_size: Real
    size: Real
    inherited: Real
    slope_size: Real

    def weighted(self, weights: Real) -> _Terms:
        """Sums of them with weights (k, t)."""
        if weights.shape[0] == weights.shape[1] and np.array_equal(weights, np.eye(len(weights))):
            return self
        sizes = (np.abs(weights) @ part for part in (self.mean_size, self.size, self.inherited, self.slope_size))
        covariance = weights @ self.covariance @ weights.T
        return _Terms(weights @ self.mean, (covariance + covariance.T) / 2, weights @ self.jacobian, *sizes)


class _Seen:
    """What the detectors do to each reading."""

    def __init__(self, readings: tuple[Reading, ...], detectors: Detectors) -> None:
        count = len(readings)
        self._readings = readings
        self._linear = _linear(readings)
        self._pairs = np.array([isinstance(reading, Interference) for reading in readings])
        self._efficiency = detectors.each("efficiency", count)
        self._overlap = np.where(self._linear | self._pairs, detectors.each("visibility", count), 1.0)
        self._noise = detectors.each("electronic_noise", count)
        self._dark = detectors.each("dark_counts", count)
        numbers = ~(self._linear | self._pairs)
        self.jitter = np.where(numbers, 0.0, detectors.each("phase_jitter_rad", count))
        self.contrast = np.exp(-(self.jitter**2) / 2)
        self.scale = np.where(self._linear, np.sqrt(self._efficiency) * self._overlap, self._efficiency * self._overlap)
        self.dark_mean = np.where(numbers, self._dark, 0.0)

    def photons(self, light: GaussianOutput, place: dict[str, int]) -> Real:
        """Mean photon number in front of each detector or pair."""
        numbers = light.photon_number()
        return np.array([sum(numbers[place[mode]] for mode in reading.modes) for reading in self._readings])

    def added(self, photons: Real) -> Real:
        """Variance of each that is not the light's: light lost or not overlapping, dark counts, electronic noise."""
        lost = 1 - self._efficiency * self._overlap**2
        shot = self._efficiency * photons
        of_pairs = shot * (lost + self._noise) + 2 * self._dark
        of_counts = np.where(self._pairs, of_pairs, shot * lost + self._dark)
        return np.asarray(np.where(self._linear, lost + self._noise, of_counts))


def _refuse_rounding(names: tuple[str, ...], variance: Real, lost: Real, off: Real) -> None:
    """``lost`` is the relative error of each variance, ``off`` that of each mean in standard deviations."""
    worst = int(np.argmax(np.maximum(lost / LARGEST_VARIANCE_ROUNDING, off / LARGEST_MEAN_ROUNDING)))
    if lost[worst] <= LARGEST_VARIANCE_ROUNDING and off[worst] <= LARGEST_MEAN_ROUNDING:
        return
    # Next to the vacuum the moments are those of the vacuum but for their last digits.
    remedy = (
        "use less light or less squeezing"
        if off[worst] > lost[worst] or variance[worst] > FAINT
        else ("send more light there, or leave this observable out")
    )
    raise PrecisionError(
        f"{names[worst]} has a variance of {variance[worst]:.3g}, of which double precision leaves a relative error of about "
        f"{lost[worst]:.1g}, and of {off[worst]:.1g} standard deviations in the mean, more than {LARGEST_VARIANCE_ROUNDING:g} or "
        f"{LARGEST_MEAN_ROUNDING:g}; {remedy}"
    )


def _linear(readings: tuple[Reading, ...]) -> NDArray[np.bool_]:
    return np.array([isinstance(reading, Quadrature) for reading in readings])


def _put_products(
    mean: Real, covariance: Real, first: Integer, second: Integer, count: int, linear: NDArray[np.bool_]
) -> None:
    """Products with the noise of their detectors: of jointly Gaussian numbers, with other quadratures and among themselves."""
    y, v = mean[:count], covariance[:count, :count]
    products = np.arange(count, len(mean))
    mean[products] = y[first] * y[second] + v[first, second]
    at = np.flatnonzero(linear)
    along = y[first, None] * v[np.ix_(second, at)] + y[second, None] * v[np.ix_(first, at)]
    covariance[np.ix_(products, at)], covariance[np.ix_(at, products)] = along, along.T
    between = np.zeros((len(products),) * 2)
    for a, b in ((first, second), (second, first)):
        for c, d in ((first, second), (second, first)):
            between += np.outer(y[a], y[c]) * v[np.ix_(b, d)] + v[np.ix_(a, c)] * v[np.ix_(b, d)] / 2
    covariance[np.ix_(products, products)] = between
