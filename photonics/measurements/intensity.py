"""Differences of the intensities behind balanced beam splitters where two modes meet: moments of photocurrents of bright light."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from photonics.measurements.detectors import IDEAL, Detectors
from photonics.measurements.moment_readout import Moments, moments_at_random_phases
from photonics.measurements.moments import MomentOutcomes
from photonics.measurements.observables import Interference
from photonics.measurements.quadratic_forms import forms_of
from photonics.measurements.random_phases import RandomPhases
from photonics.measurements.rules import require_gaussian, require_more_than_moments
from photonics.output import GaussianOutput, Output
from photonics.values import Value, freeze

NOTHING = 1e-13
"""Interference below this share of the light of its modes is rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntensityDifference(Value):
    """Both modes of each pair meet on a balanced beam splitter, whose outputs are detected and subtracted.

    D = e^{i angle} a^dagger b + e^{-i angle} b^dagger a, with the beam splitter as part of the measurement. Its mean is the fringe
    2 |<a^dagger b>| cos(angle + ...), steepest where it is zero (``mid_fringe``). Moments are exact for any Gaussian light;
    estimates linear in the differences have the error of ``moment_matrix``.

    With detectors: D is eta v e^{+-i delta} of what interferes. Light that does not overlap (1 - v^2) and light that is lost leave
    shot noise, delta is a random angle of the pair, each of the two detectors has dark counts (variance 2 d), and electronic
    noise is added as a share of the shot noise eta <n_a + n_b>.

    Parameters
    ----------
    pairs : tuple of pairs of str
        Modes; none twice.
    angles_rad : float or tuple of float
        One for all pairs, or one a pair.
    detectors : Detectors
        One number for all, or one a pair.
    random_phases : RandomPhases or None
        Of modes in front of the last beam splitters of the circuit; for one pair, whose detectors have no random angle then.

    Raises
    ------
    ValueError
        For pairs that are not pairs of different modes, and random phases where they are not worked out.

    Examples
    --------
    >>> from photonics import GaussianState
    >>> from photonics.output import output_of
    >>> bright = output_of(GaussianState(["a", "b"], [4.0, 4.0, 0.0, 0.0], np.eye(4)))
    >>> outcomes = IntensityDifference(pairs=[("a", "b")]).outcomes(bright)
    >>> outcomes.mean.round(9).tolist(), outcomes.covariance.round(9).tolist()
    ([8.0], [[8.0]])
    """

    pairs: tuple[tuple[str, str], ...]
    angles_rad: float | tuple[float, ...] = 0.0
    detectors: Detectors = IDEAL
    random_phases: RandomPhases | None = None

    def __post_init__(self) -> None:
        freeze(self)
        modes = [mode for pair in self.pairs for mode in pair]
        if not self.pairs or any(len(pair) != 2 for pair in self.pairs) or len(set(modes)) < len(modes):
            raise ValueError(f"pairs must be pairs of modes, none of them twice, got {self.pairs}")
        if self.random_phases is not None:
            if len(self.pairs) > 1:
                raise ValueError(f"random_phases are worked out for one pair, got {len(self.pairs)}")
            if np.any(np.asarray(self.detectors.phase_jitter_rad) > 0):
                raise ValueError("give phase_jitter_rad of the detectors or random_phases, not both")

    @classmethod
    def mid_fringe(
        cls, output: Output, pairs: tuple[tuple[str, str], ...], detectors: Detectors = IDEAL
    ) -> IntensityDifference:
        """At the angles where the mean differences of this light vanish, and rise with theta of the second mode, exp(-i theta n).

        Parameters
        ----------
        output : GaussianOutput
            The light at the working point.
        pairs : tuple of pairs of str
        detectors : Detectors

        Returns
        -------
        IntensityDifference

        Raises
        ------
        ValueError
            For pairs that do not interfere, which have no slope at any angle: one mode is empty, or they share no coherent light.
        """
        light = _bright(output)
        place = {mode: index for index, mode in enumerate(_known(light, pairs).modes)}
        readings = [Interference(first=a, second=b) for a, b in pairs]
        cosine, sine = (forms_of(readings, place, angle).means(light) for angle in (0.0, -math.pi / 2))
        photons, magnitudes = light.photon_number(), forms_of(readings, place).sizes(light)[0]
        dark = np.hypot(cosine, sine) <= NOTHING * magnitudes
        if dark.any():
            a, b = pairs[int(np.argmax(dark))]
            raise ValueError(
                f"modes {a!r} and {b!r} do not interfere at the working point ({photons[place[a]]:.3g} and {photons[place[b]]:.3g} "
                "photons, no coherence), so their intensity difference has no slope at any angle; send light that both share, or "
                "use another readout"
            )
        angles = math.pi / 2 - np.arctan2(sine, cosine)
        return cls(pairs=pairs, angles_rad=tuple(angles.tolist()), detectors=detectors)

    def outcomes(self, output: Output) -> MomentOutcomes:
        """Means and covariance of the differences, with derivatives of the means.

        Parameters
        ----------
        output : FockOutput or GaussianOutput

        Returns
        -------
        MomentOutcomes
            In photons; names are "a-b".

        Raises
        ------
        ValueError, TypeError
            For modes or numbers that do not fit, or light of a kind that is not measured like this.
        """
        light, count = _known(_bright(output), self.pairs), len(self.pairs)
        given = (self.angles_rad,) * count if isinstance(self.angles_rad, int | float) else self.angles_rad
        if len(given) != count or not all(math.isfinite(angle) for angle in given):
            raise ValueError(f"angles_rad must be one finite angle, or one for each of the {count} pairs, got {given}")
        differences = [
            Interference(first=a, second=b, angle_rad=angle) for (a, b), angle in zip(self.pairs, given, strict=True)
        ]
        if self.random_phases is not None and not self.random_phases.is_steady:
            return moments_at_random_phases(differences[0], self.detectors, self.random_phases, light)
        return Moments(observables=tuple(differences), detectors=self.detectors).outcomes(light)


def _bright(output: Output) -> GaussianOutput:
    what = "an intensity difference"
    return require_more_than_moments(require_gaussian(output, what), what)


def _known(output: GaussianOutput, pairs: tuple[tuple[str, str], ...]) -> GaussianOutput:
    unknown = [mode for pair in pairs for mode in pair if mode not in output.modes]
    if unknown:
        raise ValueError(f"pairs must be of modes among {output.modes}, got {unknown[0]!r}")
    return output
