"""Differences of the intensities behind balanced beam splitters where two modes meet: moments of photocurrents of bright light."""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from photonics.conventions import Complex, Real
from photonics.measurements.detectors import IDEAL, Detectors
from photonics.measurements.moments import MomentOutcomes
from photonics.measurements.rules import require_gaussian, require_more_than_moments
from photonics.output import GaussianOutput, Output
from photonics.values import ArrayValue, Value, freeze


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

    Raises
    ------
    ValueError
        For pairs that are not pairs of different modes.

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

    def __post_init__(self) -> None:
        freeze(self)
        modes = [mode for pair in self.pairs for mode in pair]
        if not self.pairs or any(len(pair) != 2 for pair in self.pairs) or len(set(modes)) < len(modes):
            raise ValueError(f"pairs must be pairs of modes, none of them twice, got {self.pairs}")

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
        """
        light = _Light(_bright(output))
        first, second = _places(light.output, pairs)
        angles = [math.pi / 2 - cmath.phase(value) for value in light.crossed(first, second).tolist()]
        return cls(pairs=pairs, angles_rad=tuple(angles), detectors=detectors)

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
        seen, count = _bright(output), len(self.pairs)
        first, second = _places(seen, self.pairs)
        given = (self.angles_rad,) * count if isinstance(self.angles_rad, int | float) else self.angles_rad
        if len(given) != count or not all(math.isfinite(angle) for angle in given):
            raise ValueError(f"angles_rad must be one finite angle, or one for each of the {count} pairs, got {given}")
        light, turn = _Light(seen), np.exp(1j * np.array(given, dtype=float))
        each = self.detectors.each
        efficiency, visibility, jitter = (
            each(name, count) for name in ("efficiency", "visibility", "phase_jitter_rad")
        )
        mean = 2 * (turn * light.crossed(first, second)).real
        aside = 2 * (1j * turn * light.crossed(first, second)).real
        slopes = 2 * (turn[:, None] * light.crossed_slopes(first, second)).real
        photons = light.photons[first] + light.photons[second]
        # A random angle: D cos delta + D' sin delta, D' a quarter turn further.
        sin2 = -np.expm1(-2 * jitter**2) / 2
        rest = np.expm1(-(jitter**2)) ** 2 / 2
        contrast = np.exp(-(jitter**2) / 2)
        scale = efficiency * visibility * contrast
        own = light.covariances(first, second, turn)
        turned = np.diag(light.covariances(first, second, 1j * turn))
        covariance = np.outer(scale, scale) * own
        of_light = (1 - sin2) * np.diag(own) + sin2 * turned + rest * mean**2 + sin2 * aside**2
        shot = efficiency * photons
        added = efficiency * (1 - visibility**2) + 1 - efficiency + each("electronic_noise", count)
        covariance[np.diag_indices(count)] = (
            (efficiency * visibility) ** 2 * of_light + shot * added + 2 * each("dark_counts", count)
        )
        names = tuple(f"{a}-{b}" for a, b in self.pairs)
        return MomentOutcomes(names, scale * mean, covariance, scale[:, None] * slopes)


@dataclass(frozen=True, eq=False)
class _Light(ArrayValue):
    """Moments of creation and annihilation operators of Gaussian light."""

    output: GaussianOutput

    @cached_property
    def amplitudes(self) -> Complex:
        """(m,) <a>."""
        count = len(self.output.modes)
        return np.asarray((self.output.mean[:count] + 1j * self.output.mean[count:]) / 2)

    @cached_property
    def kept(self) -> Complex:
        """(m, m) N_jk = <a_j^dagger a_k> - <a_j>* <a_k>."""
        xx, pp, xp = self._blocks()
        return np.asarray((xx + pp + 1j * (xp - xp.T)) / 4 - np.eye(len(xx)) / 2)

    @cached_property
    def paired(self) -> Complex:
        """(m, m) M_jk = <a_j a_k> - <a_j> <a_k>."""
        xx, pp, xp = self._blocks()
        return np.asarray((xx - pp + 1j * (xp + xp.T)) / 4)

    def _blocks(self) -> tuple[Real, Real, Real]:
        count, v = len(self.output.modes), self.output.covariance
        return v[:count, :count], v[count:, count:], v[:count, count:]

    @property
    def photons(self) -> Real:
        """(m,) mean photon numbers."""
        return np.asarray(np.diag(self.kept).real + np.abs(self.amplitudes) ** 2)

    def crossed(self, first: NDArray[np.intp], second: NDArray[np.intp]) -> Complex:
        """(P,) <a^dagger b>."""
        a = self.amplitudes
        return np.asarray(self.kept[first, second] + a[first].conj() * a[second])

    def crossed_slopes(self, first: NDArray[np.intp], second: NDArray[np.intp]) -> Complex:
        """(P, d) derivatives of <a^dagger b>."""
        count, a = len(self.output.modes), self.amplitudes
        means = self.output.mean_derivatives
        moved = (means[:count] + 1j * means[count:]) / 2
        out = moved[first].conj() * a[second][:, None] + a[first].conj()[:, None] * moved[second]
        if self.output.slopes is None:
            return np.asarray(out)
        left, right = self.output.slopes.left, self.output.slopes.right

        def slope(rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Real:
            return np.asarray((left[:, rows] * right[:, columns] + right[:, rows] * left[:, columns]).sum(axis=2).T)

        x, p, y, q = first, first + count, second, second + count
        return np.asarray(out + (slope(x, y) + slope(p, q) + 1j * (slope(x, q) - slope(p, y))) / 4)

    def covariances(self, first: NDArray[np.intp], second: NDArray[np.intp], turn: Complex) -> Real:
        """(P, P) covariances of turn a^dagger b + h. c. of all pairs, by Wick's theorem."""
        a, kept, paired = self.amplitudes, self.kept, self.paired
        # <delta_j delta_k^dagger>.
        behind = kept.T + np.eye(len(a))
        total = np.zeros((len(first), len(first)), dtype=complex)
        for i, j, c in ((first, second, turn), (second, first, turn.conj())):
            for k, l, e in ((first, second, turn), (second, first, turn.conj())):  # noqa: E741  # the sum's own letters
                jl, ik = paired[np.ix_(j, l)], paired[np.ix_(i, k)].conj()
                jk, il = behind[np.ix_(j, k)], kept[np.ix_(i, l)]
                bright = (
                    np.outer(a[i].conj(), a[k].conj()) * jl
                    + np.outer(a[i].conj(), a[l]) * jk
                    + np.outer(a[j], a[k].conj()) * il
                    + np.outer(a[j], a[l]) * ik
                )
                total += np.outer(c, e) * (bright + ik * jl + il * jk)
        return np.asarray(total.real)


def _bright(output: Output) -> GaussianOutput:
    what = "an intensity difference"
    return require_more_than_moments(require_gaussian(output, what), what)


def _places(output: GaussianOutput, pairs: tuple[tuple[str, str], ...]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    unknown = [mode for pair in pairs for mode in pair if mode not in output.modes]
    if unknown:
        raise ValueError(f"pairs must be of modes among {output.modes}, got {unknown[0]!r}")
    place = {mode: index for index, mode in enumerate(output.modes)}
    return np.array([place[a] for a, _ in pairs]), np.array([place[b] for _, b in pairs])
