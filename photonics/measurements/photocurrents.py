"""Samples of what detectors read of Gaussian light: exact where its phase space allows, from its Wigner function otherwise.

Light without squeezing is a mixture of coherent states (its P function is a Gaussian), so its counts are Poisson numbers given
the amplitudes; quadratures have the distribution of the Wigner function. Counts of squeezed light have neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from photonics.conventions import Real
from photonics.limits import PrecisionError
from photonics.measurements.detectors import Detectors
from photonics.measurements.observables import PhotonNumber, Quadrature, Reading, Summand, terms_of
from photonics.measurements.rules import require_shots
from photonics.output import GaussianOutput
from photonics.values import ArrayValue

SHOTS_AT_ONCE = 2**13
CLASSICAL = 1e-12
"""Squeezing (a quadrature below the vacuum's variance) up to this share of the largest variance is rounding."""
LARGEST_COUNT = 9e18
"""Counts beyond it are no 64-bit integers."""


@dataclass(frozen=True, eq=False)
class Photocurrents(ArrayValue):
    """Gaussian light and the detectors that read it; draws what they give.

    Parameters
    ----------
    light : GaussianOutput
        Of the modes that are read, and maybe of others.
    observables : tuple of Quadrature, PhotonNumber, Interference or Observable
        What is made of the readings, a column of the samples each.
    readings : tuple of Quadrature, PhotonNumber or Interference
        One a mode or pair.
    detectors : Detectors
        Numbers for all readings, or one a reading.
    """

    light: GaussianOutput
    observables: tuple[Summand, ...]
    readings: tuple[Reading, ...]
    detectors: Detectors

    @property
    def is_exact(self) -> bool:
        """Whether ``sample`` has the exact joint distribution: of quadratures always, of counts when no light read is squeezed."""
        return self._all_quadratures or self._is_classical

    def sample(self, shots: int, rng: np.random.Generator) -> Real:
        """(shots, k) outcomes, of their exact joint distribution, detectors and random angles included.

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
            For counts of squeezed light, naming what there is in place of exact samples.
        PrecisionError
            For counts beyond 64-bit integers.
        """
        if not self.is_exact:
            raise ValueError(
                "counts of squeezed light have no exact samples here; use normal_sample() (means and covariances exact), "
                "phase_space_sample() (good for bright light), or for few photons PhotonCounting"
            )
        return self._drawn(require_shots(shots), rng, ordered=not self._all_quadratures)

    def phase_space_sample(self, shots: int, rng: np.random.Generator) -> Real:
        """(shots, k) outcomes from points of the Wigner function, an approximation for bright light.

        Quadratures are exact, random angles too. Of counts the means are exact; covariances too, but for variances that exceed
        the true ones by eta^2/4 for a photon number and (eta v)^2/2 for an interference: one part in the photon number. What loss
        adds is drawn as normal numbers.

        Parameters
        ----------
        shots : int, at least 1
        rng : numpy.random.Generator

        Returns
        -------
        (shots, k) floats
        """
        return self._drawn(require_shots(shots), rng, ordered=False)

    @property
    def _all_quadratures(self) -> bool:
        return all(isinstance(reading, Quadrature) for reading in self.readings)

    @property
    def _is_classical(self) -> bool:
        values = np.linalg.eigvalsh(self._seen.covariance)
        return bool(values[0] >= 1 - CLASSICAL * values[-1])

    @cached_property
    def _seen(self) -> GaussianOutput:
        """The modes that are read."""
        return self.light.quadratures(tuple(mode for reading in self.readings for mode in reading.modes))

    def _drawn(self, shots: int, rng: np.random.Generator, *, ordered: bool) -> Real:
        """``ordered``: amplitudes of the P function and Poisson numbers; else points of the Wigner function."""
        mean, covariance = self._seen.mean, self._seen.covariance
        values, vectors = np.linalg.eigh(covariance - np.eye(len(mean)) if ordered else covariance)
        # Directions of coherent light have no spread and draw no numbers.
        spread = values > (CLASSICAL * max(1.0, float(values[-1])) if ordered else 0.0)
        root = vectors[:, spread] * np.sqrt(values[spread])
        out = np.empty((shots, len(self.observables)))
        for start in range(0, shots, SHOTS_AT_ONCE):
            some = out[start : start + SHOTS_AT_ONCE]
            points = root @ rng.standard_normal((root.shape[1], len(some)))
            points += mean[:, None]
            read = dict(zip(self.readings, self._read(points, rng, ordered=ordered), strict=True))
            for column, observable in enumerate(self.observables):
                parts = (
                    weight * np.prod([read[f] for f in factors], axis=0) for weight, factors in terms_of(observable)
                )
                some[:, column] = sum(parts)
        return out

    def _read(self, points: Real, rng: np.random.Generator, *, ordered: bool) -> Iterator[Real]:
        """(shots,) what each detector gives for points (2m, shots) of phase space."""
        names = ("efficiency", "dark_counts", "visibility", "electronic_noise", "phase_jitter_rad")
        numbers = np.array([self.detectors.each(name, len(self.readings)) for name in names]).T.tolist()
        place = {mode: index for index, mode in enumerate(self._seen.modes)}
        photons = self._seen.photon_number()
        shots, count = points.shape[1], len(place)
        for reading, (efficiency, dark, visibility, noise, jitter) in zip(self.readings, numbers, strict=True):
            at = [place[mode] for mode in reading.modes]
            x, p = points[at], points[[k + count for k in at]]
            angle = 0.0 if isinstance(reading, PhotonNumber) else reading.angle_rad
            angles = angle + jitter * rng.standard_normal(shots) if jitter else np.full(1, angle)
            if isinstance(reading, Quadrature):
                seen = efficiency * visibility**2
                added = noise + (1.0 if ordered else 1 - seen)
                value = np.sqrt(seen) * (np.cos(angles) * x[0] + np.sin(angles) * p[0])
                yield value + np.sqrt(added) * rng.standard_normal(shots) if added else value
                continue
            number = (x**2 + p**2).sum(axis=0) / 4 - (0.0 if ordered else len(at) / 2)
            mean = float(photons[at].sum())
            if isinstance(reading, PhotonNumber):
                if ordered:
                    yield _poisson(efficiency * number + dark, rng)
                else:
                    spread = efficiency * (1 - efficiency) * mean + dark
                    yield efficiency * number + dark + np.sqrt(spread) * rng.standard_normal(shots)
                continue
            crossed = np.cos(angles) * (x[0] * x[1] + p[0] * p[1]) - np.sin(angles) * (x[0] * p[1] - p[0] * x[1])
            crossed *= visibility / 2
            spread = efficiency * mean * noise
            if ordered:
                # The intensities in the two ports; their difference is ``crossed``.
                ports = [_poisson(efficiency * (number + sign * crossed) / 2 + dark, rng) for sign in (1, -1)]
                value = ports[0] - ports[1]
            else:
                value = efficiency * crossed
                spread += efficiency * mean * (1 - efficiency * visibility**2) + 2 * dark
            yield value + np.sqrt(spread) * rng.standard_normal(shots) if spread else value


def _poisson(mean: Real, rng: np.random.Generator) -> Real:
    if mean.max() > LARGEST_COUNT:
        raise PrecisionError(
            f"a mean of {float(mean.max()):.3g} counts a shot is beyond 64-bit integers; use normal_sample() instead"
        )
    return np.asarray(rng.poisson(np.maximum(mean, 0.0)), dtype=float)
