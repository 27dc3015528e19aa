"""What is read of Gaussian light near known phases: its outcomes at the true ones, and the estimate of q that is best at the known.

The working point is theta = 0: what is known of every phase beforehand has been taken off by a bias, and theta is what is left.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from photonics.conventions import Real
from protocols.estimation.light_samplers import NormalSampler, PortSampler, Sampler, ShotSampler, SquareSampler, root_of
from protocols.estimation.quadratures import MAX_NORMALS
from protocols.estimation.turned_noise import TurnedNoise

if TYPE_CHECKING:
    from photonics import DiscreteOutcomes, GaussianOutcomes, JitteredOutcomes, MomentOutcomes, Outcomes
    from photonics.fisher.slopes import LowRank

COHERENT = 1e-9
"""Squeezing and noise of quadratures, in units of the vacuum's variance, below which light is coherent."""
RARE = 1e-14
"""Chances of outcomes that are rounding."""
CENTRED = 1e-9
"""Means at the working point, as a share of the largest of the fringe, that are none."""


@dataclass(frozen=True, eq=False, kw_only=True)
class LightEstimates:
    """Estimates of a part of q in T trials.

    Parameters
    ----------
    value : (T,) floats
        In units of q.
    half_width : (T,) floats
        Half the width of each trial's own nominal 95 % interval.
    is_at_end : (T,) bools
        Whether an outcome is beyond its fringe, so that its phase is taken to be where the fringe turns back.
    """

    value: Real
    half_width: Real
    is_at_end: NDArray[np.bool_]


class UnreadableError(Exception):
    """Why outcomes are not estimated from."""


class Readings(ABC):
    """One part of a plan as it is read.

    Attributes
    ----------
    value : float
        What of q this part estimates, at the true phases.
    known_variance : float
        Of the linear estimate from one shot at the working point.
    is_beyond : bool
        Whether a true phase is more than a quarter turn from the working point, or where an outcome moves the other way.
    """

    value: float
    known_variance: float
    is_beyond: bool

    @property
    @abstractmethod
    def bias(self) -> float:
        """Of the linear estimate, exact at the true phases."""

    @property
    @abstractmethod
    def variance(self) -> float:
        """Of the linear estimate from one shot at the true phases, exact."""

    @abstractmethod
    def linear(self, shots: int, trials: int, rng: np.random.Generator) -> Real:
        """(T,) linear estimates of the part of q, each from so many shots.

        Parameters
        ----------
        shots, trials : int >= 1
        rng : numpy.random.Generator
        """

    @abstractmethod
    def law(self, shots: int) -> str:
        """What outcomes are drawn from, in words.

        Parameters
        ----------
        shots : int >= 1
        """

    @property
    def fringes(self) -> Fringes | None:
        """Of outcomes whose means each have a phase of their own; None of others."""
        return None

    @property
    def noise(self) -> TurnedNoise | None:
        """Of outcomes without a mean whose noise phases turn, one each; None of others."""
        return None


@dataclass(frozen=True, eq=False, kw_only=True)
class Fringes:
    """Outcomes with the means A_k sin(M phase_k), zero at the working point.

    Attributes
    ----------
    sampler : Sampler
        Draws them at the true phases.
    amplitudes : (k,) floats
        A.
    coefficients : (k,) floats
        What of q the phases are.
    gain : int >= 1
        M.
    covariance : (k, k) floats
        Of one shot, at the working point.
    """

    sampler: Sampler
    amplitudes: Real
    coefficients: Real
    gain: int
    covariance: Real


@dataclass(frozen=True, eq=False, kw_only=True)
class LinearReadings(Readings):
    """Outcomes whose means move with the phases.

    Attributes
    ----------
    sampler : Sampler
        At the true phases.
    mean, covariance : (k,), (k, k) floats
        Of one shot at the true phases.
    known_mean : (k,) floats
        At the working point.
    weights : (k,) floats
        Of the best linear estimate at the working point.
    own_fringes : Fringes or None
    held : function of (k,) floats, or None
        From parameters that known phases take off, one of each fringe, to what is read of the others.
    """

    value: float
    known_variance: float
    is_beyond: bool
    sampler: Sampler
    mean: Real
    covariance: Real
    known_mean: Real
    weights: Real
    own_fringes: Fringes | None = None
    held: Callable[[Real], LinearReadings] | None = None

    @property
    def bias(self) -> float:
        """From the means at both."""
        return float((self.weights * (self.mean - self.known_mean)).sum()) - self.value

    @property
    def variance(self) -> float:
        """w^T C w."""
        return float(self.weights @ self.covariance @ self.weights)

    def linear(self, shots: int, trials: int, rng: np.random.Generator) -> Real:
        """w . (outcomes - what they are at the working point)."""
        drawn = self.sampler.combined(self.weights, shots, trials, rng)
        return np.asarray(drawn - float((self.weights * self.known_mean).sum()))

    def law(self, shots: int) -> str:
        """That of the sampler."""
        return self.sampler.law(shots)

    @property
    def fringes(self) -> Fringes | None:
        """Where every outcome has a phase of its own."""
        return self.own_fringes


@dataclass(frozen=True, eq=False, kw_only=True)
class NoiseReadings(Readings):
    """Normal outcomes whose covariance turns with the phases: the estimate is linear in them and in their products.

    It is the step of Fisher scoring from the working point, g . y + y^T G y - tr(G V), y the outcomes less their means there, and
    has the least variance there, as the maximum of the likelihood for many shots.

    Attributes
    ----------
    moved : (k,) floats
        Means of y at the true phases.
    covariance : (k, k) floats
        Of the outcomes at the true phases.
    known_covariance : (k, k) floats
        V.
    along : (k,) floats
        g.
    form : (k, k) floats
        G, symmetric.
    own_noise : TurnedNoise or None
    """

    value: float
    known_variance: float
    is_beyond: bool
    moved: Real
    covariance: Real
    known_covariance: Real
    along: Real
    form: Real
    own_noise: TurnedNoise | None = None

    @property
    def noise(self) -> TurnedNoise | None:
        """Where every outcome has a phase of its own."""
        return self.own_noise

    @property
    def _constant(self) -> float:
        return float(self.along @ self.moved + self.moved @ self.form @ self.moved) - float(
            (self.form * self.known_covariance).sum()
        )

    @property
    def _slope(self) -> Real:
        return np.asarray(self.along + 2 * self.form @ self.moved)

    @property
    def bias(self) -> float:
        """From the covariances at both."""
        return self._constant + float((self.form * self.covariance).sum()) - self.value

    @property
    def variance(self) -> float:
        """2 tr(G V G V) + h^T V h, h the slope at the mean."""
        turned = self.form @ self.covariance
        return float(2 * (turned * turned.T).sum() + self._slope @ self.covariance @ self._slope)

    def linear(self, shots: int, trials: int, rng: np.random.Generator) -> Real:
        """With outcomes moved + L z and L^T G L = U diag(l) U^T the sum over the shots has l times chi^2 of as many, exactly."""
        root = root_of(self.covariance)
        scales, vectors = np.linalg.eigh(root.T @ self.form @ root)
        slopes = vectors.T @ (root.T @ self._slope)
        total = np.full(trials, self._constant)
        chunk = max(1, MAX_NORMALS // len(scales))
        for start in range(0, trials, chunk):
            part = total[start : start + chunk]
            for scale, slope in zip(scales, slopes, strict=True):
                normals = rng.standard_normal(len(part))
                squares = normals**2
                if shots > 1:
                    squares += rng.chisquare(shots - 1, len(part))
                part += (scale / shots) * squares + (slope / np.sqrt(shots)) * normals
        return total

    def law(self, shots: int) -> str:
        """Exact."""
        return (
            "outcomes of homodyne detection are drawn exactly; the sums of their squares and products over the shots are those of "
            "normal numbers"
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class CountReadings(Readings):
    """Outcomes one by one, such as photons counted in several modes: the estimate is a sum of a number for each.

    These numbers are scores at the working point, as of ``NoiseReadings``.

    Attributes
    ----------
    probabilities : (K,) floats
        At the true phases, with the sum 1.
    scores : (K,) floats
        What of q an outcome says.
    """

    value: float
    known_variance: float
    is_beyond: bool
    probabilities: Real
    scores: Real

    @property
    def bias(self) -> float:
        """From the probabilities at both."""
        return float((self.probabilities * self.scores).sum()) - self.value

    @property
    def variance(self) -> float:
        """Of the scores."""
        mean = float((self.probabilities * self.scores).sum())
        return float((self.probabilities * (self.scores - mean) ** 2).sum())

    def linear(self, shots: int, trials: int, rng: np.random.Generator) -> Real:
        """How often each outcome comes in all shots, or each shot where there are fewer shots than outcomes."""
        total = np.empty(trials)
        chunk = max(1, MAX_NORMALS // min(shots, len(self.scores)))
        cumulative = np.cumsum(self.probabilities)
        for start in range(0, trials, chunk):
            part = total[start : start + chunk]
            if shots <= len(self.scores):
                seen = np.searchsorted(cumulative, rng.random((len(part), shots)) * cumulative[-1], side="right")
                part[:] = self.scores[np.minimum(seen, len(self.scores) - 1)].mean(axis=1)
            else:
                counts = rng.multinomial(shots, self.probabilities, len(part))
                part[:] = (counts * self.scores).sum(axis=1) / shots
        return total

    def law(self, shots: int) -> str:
        """Exact."""
        return "photons counted in several modes are drawn from their exact distribution"


def readings_of(
    true: Outcomes,
    known: Outcomes,
    quarter: Outcomes,
    coefficients: Sequence[float],
    theta: Sequence[float],
    *,
    is_linear: bool,
    sites: Real,
    gain: int,
) -> Readings:
    """What is read of a part.

    Parameters
    ----------
    true, known, quarter : Outcomes
        Of the measurement of the part at the true phases, at the working point, and with every mode a quarter turn further.
    coefficients : (d_k,) floats
        What of q the part estimates, by the phases of its modes.
    theta : (d_k,) floats
        The true ones.
    is_linear : bool
        ``Part.is_linear``.
    sites : (s, d_k) floats
        Rows of the phases of its modes as the parameter of each of its sites is 1.
    gain : int >= 1
        M.

    Raises
    ------
    UnreadableError
        For outcomes of another kind.
    """
    from photonics import DiscreteOutcomes, GaussianOutcomes, JitteredOutcomes

    value = math.fsum(a * t for a, t in zip(coefficients, theta, strict=True))
    # Rows are turned by unit parameters, so this is the parameter of each site.
    phases = gain * (sites @ np.array(theta)) / (sites**2).sum(axis=1)
    is_far = bool((np.abs(phases) >= math.pi / 2).any())
    if isinstance(true, DiscreteOutcomes) and isinstance(known, DiscreteOutcomes):
        return _count_readings(true, known, coefficients, value, is_far)
    assert not isinstance(true, DiscreteOutcomes), "outcomes of one measurement are of one kind"
    assert not isinstance(known, DiscreteOutcomes), "outcomes of one measurement are of one kind"
    if not is_linear:
        if isinstance(true, GaussianOutcomes) and isinstance(known, GaussianOutcomes):
            readings = _noise_readings(true, known, coefficients, value, is_far)
            if np.array_equal(sites, np.eye(len(known.names))) and isinstance(quarter, GaussianOutcomes):
                return replace(readings, own_noise=_turned_noise(known, quarter, coefficients, theta, gain))
            return readings
        if isinstance(true, JitteredOutcomes) and isinstance(known, JitteredOutcomes):
            return _blurred_readings(true, known, coefficients, value, is_far)
        raise UnreadableError("noise that the phases turn is read by homodyne detection only")
    weights = known.weights(coefficients)
    return LinearReadings(
        value=value,
        known_variance=float(weights @ known.covariance @ weights),
        is_beyond=is_far or _turned_back(true.jacobian, known.jacobian),
        sampler=_sampler(true),
        mean=true.mean,
        covariance=true.covariance,
        known_mean=known.mean,
        weights=weights,
        own_fringes=_fringes(true, known, sites @ np.array(coefficients), sites, gain),
    )


def _turned_back(true: Real, known: Real) -> bool:
    """Whether the means of an outcome move the other way than at the working point."""
    return bool(((true * known).sum(axis=1) < 0).any())


def _fringes(
    true: GaussianOutcomes | JitteredOutcomes | MomentOutcomes,
    known: GaussianOutcomes | JitteredOutcomes | MomentOutcomes,
    coefficients: Real,
    sites: Real,
    gain: int,
) -> Fringes | None:
    """The fringes of outcomes with a site each, at mid-fringe."""
    slopes = known.jacobian @ sites.T
    if slopes.shape[0] != slopes.shape[1]:
        return None
    own = np.diag(slopes)
    largest = np.abs(own).max(initial=0.0)
    apart = np.abs(slopes - np.diag(own)).max(initial=0.0) > CENTRED * largest
    if apart or not (own != 0).all() or (np.abs(known.mean) > CENTRED * np.abs(own)).any():
        return None
    return Fringes(
        sampler=_sampler(true),
        amplitudes=own / gain,
        coefficients=coefficients,
        gain=gain,
        covariance=known.covariance,
    )


def _sampler(outcomes: GaussianOutcomes | JitteredOutcomes | MomentOutcomes) -> Sampler:
    """What draws these outcomes: exactly where that is known."""
    from photonics import GaussianOutcomes, JitteredOutcomes

    if isinstance(outcomes, GaussianOutcomes):
        words = "outcomes of homodyne detection are drawn exactly: normal numbers"
        return NormalSampler(mean=outcomes.mean, covariance=outcomes.covariance, words=words)
    if isinstance(outcomes, JitteredOutcomes):
        words = "outcomes of homodyne detection are drawn exactly, at an angle of their own in every shot"
        return ShotSampler(outcomes=outcomes, words=words)
    currents = outcomes.photocurrents
    if currents is not None and currents.is_exact:
        if (ports := _ports(outcomes)) is not None:
            return ports
        words = "photocurrents of light without squeezing are drawn exactly, shot by shot"
        return ShotSampler(outcomes=outcomes, words=words)
    words = (
        "photocurrents of squeezed light are drawn as normal numbers of exact mean and covariance: bias and MSE of a linear "
        "estimate depend on nothing else, and means over many shots or of bright light are normal to about 1/sqrt(photons)"
    )
    return NormalSampler(mean=outcomes.mean, covariance=outcomes.covariance, words=words)


def _ports(outcomes: MomentOutcomes) -> PortSampler | None:
    """What intensity differences and homodyne detection give of coherent light without jitter; None of others."""
    from photonics import PhotonNumber

    currents = outcomes.photocurrents
    assert currents is not None, "asked for where it is"
    count, readings = len(outcomes.mean), currents.readings
    if readings != currents.observables or any(isinstance(reading, PhotonNumber) for reading in readings):
        return None
    detectors = currents.detectors
    if detectors.each("phase_jitter_rad", count).any():
        return None
    light = currents.light.quadratures(tuple(mode for reading in readings for mode in reading.modes))
    if np.abs(light.covariance - np.eye(len(light.covariance))).max() > COHERENT:
        return None
    pairs = np.array([len(reading.modes) == 2 for reading in readings])
    numbers = dict(zip(light.modes, light.photon_number().tolist(), strict=True))
    photons = np.array([sum(numbers[mode] for mode in reading.modes) for reading in readings])
    seen = np.where(pairs, detectors.each("efficiency", count) * photons, 0.0)
    half = seen / 2 + np.where(pairs, detectors.each("dark_counts", count), 0.0)
    difference = np.where(pairs, outcomes.mean, 0.0)
    return PortSampler(
        plus=np.maximum(half + difference / 2, 0.0),
        minus=np.maximum(half - difference / 2, 0.0),
        noise=np.where(pairs, seen * detectors.each("electronic_noise", count), np.diag(outcomes.covariance)),
        beside=outcomes.mean - difference,
    )


def _noise_readings(
    true: GaussianOutcomes, known: GaussianOutcomes, coefficients: Sequence[float], value: float, is_far: bool
) -> NoiseReadings:
    """The step of Fisher scoring from the working point."""
    if known.slopes is None or true.slopes is None:
        raise UnreadableError("the noise of its outcomes does not change with the phases")
    along = scoring_weights(known.fisher_matrix(), coefficients)
    whole = known.slopes.dense()
    inverse = np.linalg.inv(known.covariance)
    form = inverse @ np.tensordot(along, whole, axes=1) @ inverse / 2
    form = (form + form.T) / 2
    turned = form @ known.covariance
    linear = inverse @ known.jacobian @ along
    return NoiseReadings(
        value=value,
        known_variance=float(2 * (turned * turned.T).sum() + linear @ known.covariance @ linear),
        is_beyond=is_far or _turned_back(_own_slopes(true.slopes), _own_slopes(known.slopes)),
        moved=true.mean - known.mean,
        covariance=true.covariance,
        known_covariance=known.covariance,
        along=linear,
        form=form,
    )


def _blurred_readings(
    true: JitteredOutcomes, known: JitteredOutcomes, coefficients: Sequence[float], value: float, is_far: bool
) -> LinearReadings:
    """Noise at random angles: the estimate is linear in the squares of outcomes, whose products tell nothing."""
    both = np.abs(known.covariance - np.diag(np.diag(known.covariance))).max()
    if known.light_mean.any() or true.light_mean.any() or both > CENTRED * np.abs(known.covariance).max():
        raise UnreadableError(
            "noise that the phases turn is read at random angles only of light without a mean that sites do not share"
        )
    squares, at_known = true.squares(), known.squares()
    weights = at_known.weights(coefficients)
    return LinearReadings(
        value=value,
        known_variance=float(weights @ at_known.covariance @ weights),
        is_beyond=is_far or _turned_back(squares.jacobian, at_known.jacobian),
        sampler=SquareSampler(outcomes=true),
        mean=squares.mean,
        covariance=squares.covariance,
        known_mean=at_known.mean,
        weights=weights,
    )


def _count_readings(
    true: DiscreteOutcomes, known: DiscreteOutcomes, coefficients: Sequence[float], value: float, is_far: bool
) -> CountReadings:
    """Scores at the working point of what may come there; what may not says nothing."""
    place = {label: row for row, label in enumerate(map(tuple, known.labels.tolist()))}
    p = np.append(known.probabilities, known.lost_weight)
    jacobian = np.vstack([known.jacobian, -known.jacobian.sum(axis=0)])
    may = p > RARE
    slopes = jacobian[may] / np.sqrt(p[may])[:, None]
    scores = np.zeros(len(p))
    scores[may] = jacobian[may] @ scoring_weights(slopes.T @ slopes, coefficients) / p[may]
    # Outcomes that are not among those of the working point are beyond its cutoff.
    rows = [place.get(label, len(p) - 1) for label in map(tuple, true.labels.tolist())]
    probabilities = np.append(true.probabilities, true.lost_weight)
    return CountReadings(
        value=value,
        known_variance=float((p * scores**2).sum() / p.sum()),
        is_beyond=is_far,
        probabilities=probabilities / probabilities.sum(),
        scores=scores[[*rows, len(p) - 1]],
    )


def _turned_noise(
    known: GaussianOutcomes,
    quarter: GaussianOutcomes,
    coefficients: Sequence[float],
    theta: Sequence[float],
    gain: int,
) -> TurnedNoise | None:
    """The noise of outcomes with a phase each, from its derivatives at the working point and what it is a quarter turn further."""
    if known.slopes is None or known.mean.any() or quarter.mean.any():
        return None
    each = np.arange(len(known.names))
    across = known.slopes.dense()[each, each, :] / gain
    across[each, each] /= 2
    return TurnedNoise(
        xx=known.covariance,
        yx=across,
        yy=quarter.covariance,
        gain=gain,
        coefficients=np.array(coefficients, dtype=float),
        theta=np.array(theta, dtype=float),
    )


def _own_slopes(slopes: LowRank) -> Real:
    """(k, d) derivatives of the variances."""
    return np.asarray(2 * (slopes.left * slopes.right).sum(axis=2).T)


def scoring_weights(information: Real, coefficients: Sequence[float]) -> Real:
    """(d,) F^+ a, by which scores become the estimate of q with the rest unknown.

    Parameters
    ----------
    information : (d, d) floats
    coefficients : (d,) floats

    Raises
    ------
    UnreadableError
        Where the outcomes do not tell q.
    """
    from photonics import nuisance_aware_information

    a = np.array(coefficients, dtype=float)
    if nuisance_aware_information(information, a).null_direction is not None:
        raise UnreadableError("its outcomes do not tell q at the working point")
    scale = np.sqrt(np.diag(information))
    scale = np.where(scale > 0, scale, 1.0)
    inner = np.linalg.pinv(information / np.outer(scale, scale), rcond=1e-11, hermitian=True) @ (a / scale)
    return np.asarray(inner / scale)
