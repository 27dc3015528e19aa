"""Random phases in front of passive optics behind which two modes meet: exact moments of the difference of their photocurrents.

With a normal phase delta_j of standard deviation sigma_j in mode j, independent of the others, D = a^dagger H a in the modes in
front of the optics becomes sum_jk H_jk e^{i (delta_k - delta_j)} a_j^dagger a_k. Averages of phases are exact: exp(-n^2 sigma^2/2)
for a phase that is taken n times. So the mean has H_jk c_j c_k (j != k), c = exp(-sigma^2/2); the second moment has other factors
where two of its four modes are the same (c_k^4 for c_k^2 with a_k a_k, none with a_k^dagger a_k), which is ``_of_phases``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from photonics.circuits.circuit import BeamSplitter
from photonics.conventions import Complex, Real
from photonics.output import GaussianOutput
from photonics.values import Value, freeze


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomPhases(Value):
    """Phases of modes that are random from shot to shot, normal and independent, in front of the last beam splitters of a circuit.

    Parameters
    ----------
    modes : tuple of str
    sigmas_rad : tuple of float in [0, pi]
        Standard deviation of each.
    splitters : tuple of BeamSplitter
        The last operations of the circuit, which stand behind the random phases; the light is that of all of them.

    Raises
    ------
    ValueError
        For modes named twice, and numbers that do not fit.

    Examples
    --------
    >>> from photonics import GaussianState, IntensityDifference, measure
    >>> bright = GaussianState(["a", "b"], [4.0, 4.0, 0.0, 0.0], np.eye(4))
    >>> phases = RandomPhases(modes=("a", "b"), sigmas_rad=(0.1, 0.2))
    >>> found = measure(bright, IntensityDifference(pairs=[("a", "b")], random_phases=phases))
    >>> found.mean.round(9).tolist() == [round(8 * math.exp(-0.05 / 2), 9)]
    True
    """

    modes: tuple[str, ...]
    sigmas_rad: tuple[float, ...]
    splitters: tuple[BeamSplitter, ...] = ()

    def __post_init__(self) -> None:
        freeze(self)
        faults = list(self._faults())
        if faults:
            raise ValueError("; ".join(faults))

    def _faults(self) -> Iterator[str]:
        if not self.modes or len(set(self.modes)) < len(self.modes) or len(self.modes) != len(self.sigmas_rad):
            yield f"random phases need modes, none twice, and a number each, got {self.modes} and {self.sigmas_rad}"
        if not all(0 <= sigma <= math.pi for sigma in self.sigmas_rad):
            yield f"standard deviations of random phases must be from 0 to pi, got {self.sigmas_rad}"

    @property
    def is_steady(self) -> bool:
        """Whether no phase is random."""
        return not any(self.sigmas_rad)


@dataclass(frozen=True, eq=False, kw_only=True)
class PhasedDifference:
    """Moments of the difference in front of detectors.

    Parameters
    ----------
    mean, variance : float
    slopes : (d,) floats
        Of the mean.
    size, mean_size : float
        Magnitudes behind the standard deviation and the mean, which rounding is relative to.
    photons : float
        Of both modes that meet.
    """

    mean: float
    variance: float
    slopes: Real
    size: float
    mean_size: float
    photons: float


@dataclass(frozen=True, eq=False)
class _Form:
    """a^dagger H a as xi^T G xi + constant in symmetric order; moments as in ``quadratic_forms``."""

    square: Real
    constant: float
    ordering: float

    @classmethod
    def of(cls, h: Complex) -> _Form:
        square = np.block([[h.real, -h.imag], [h.imag, h.real]]) / 4
        return cls((square + square.T) / 2, -float(np.trace(h).real) / 2, float((np.abs(h) ** 2).sum()) / 4)

    def mean(self, light: GaussianOutput) -> float:
        at = light.mean
        return float(self.constant + at @ self.square @ at + (self.square * light.covariance).sum())

    def slopes(self, light: GaussianOutput) -> Real:
        out = 2 * (self.square @ light.mean) @ light.mean_derivatives
        if light.slopes is not None and len(out):
            out = out + 2 * np.einsum(
                "dar,ab,dbr->d", light.slopes.left, self.square, light.slopes.right, optimize=True
            )
        return np.asarray(out)

    def variance(self, light: GaussianOutput) -> float:
        gradient, turned = 2 * self.square @ light.mean, self.square @ light.covariance
        return float(gradient @ light.covariance @ gradient + 2 * (turned * turned.T).sum() - self.ordering)

    def size(self, light: GaussianOutput) -> float:
        spread, square = np.sqrt(np.diag(light.covariance)), np.abs(self.square)
        linear = 2 * spread @ square @ np.abs(light.mean)
        return math.sqrt(float(linear**2 + 2 * (spread @ square @ spread) ** 2 + self.ordering))

    def mean_size(self, light: GaussianOutput) -> float:
        size = np.abs(light.mean) + np.sqrt(np.diag(light.covariance))
        return float(size @ np.abs(self.square) @ size)


def phased_difference(
    phases: RandomPhases, light: GaussianOutput, first: str, second: str, angle_rad: float
) -> PhasedDifference:
    """The moments of e^{i angle} a^dagger b + h. c. of two modes behind the beam splitters.

    Parameters
    ----------
    phases : RandomPhases
    light : GaussianOutput
        Behind the beam splitters, its phases steady.
    first, second : str
    angle_rad : float

    Raises
    ------
    ValueError
        For modes that the light does not have.
    """
    place = {mode: index for index, mode in enumerate(light.modes)}
    named = {*phases.modes, *(mode for one in phases.splitters for mode in (one.first, one.second))}
    if unknown := sorted(named - place.keys()):
        raise ValueError(f"random phases must be of modes among {light.modes}, got {unknown[0]!r}")
    optics = _optics_of(phases.splitters, place)
    variances = np.zeros(len(place))
    variances[[place[mode] for mode in phases.modes]] = np.array(phases.sigmas_rad) ** 2
    contrast = np.exp(-variances / 2)
    a, b = place[first], place[second]
    behind, both = np.zeros((2, *optics.shape), dtype=complex)
    behind[a, b], behind[b, a] = np.exp(1j * angle_rad), np.exp(-1j * angle_rad)
    both[a, a] = both[b, b] = 1.0
    left = np.outer(contrast, contrast)
    np.fill_diagonal(left, 1.0)
    in_front = optics.conj().T @ behind @ optics
    seen = optics @ (optics.conj().T @ both @ optics * left) @ optics.conj().T
    steady = _Form.of(optics @ (in_front * left) @ optics.conj().T)
    return PhasedDifference(
        mean=steady.mean(light),
        variance=steady.variance(light) + _of_phases(in_front, variances, light, optics),
        slopes=steady.slopes(light),
        size=steady.size(light),
        mean_size=steady.mean_size(light),
        photons=_Form.of(seen).mean(light),
    )


def _optics_of(splitters: tuple[BeamSplitter, ...], place: dict[str, int]) -> Complex:
    """U, a -> U a."""
    whole = np.eye(len(place), dtype=complex)
    for one in splitters:
        at = [place[one.first], place[one.second]]
        c, s, turn = math.cos(one.theta_rad), math.sin(one.theta_rad), np.exp(1j * one.phi_rad)
        whole[at] = np.array([[c, -s / turn], [s * turn, c]]) @ whole[at]
    return whole


def _of_phases(h: Complex, variances: Real, light: GaussianOutput, optics: Complex) -> float:
    """What random phases add to the second moment beside factors c_j c_k c_l c_m: where two of the four modes are the same.

    The moments <a_j^dagger a_l^dagger a_k a_m> of Gaussian light are M*_jl M_km + N_jk N_lm + N_jm N_lk - 2 z*_j z*_l z_k z_m,
    N = <a_j^dagger a_k>, M = <a_j a_k> and z = <a_j>, all in front of the optics.
    """
    z, number, pair = _in_front(light, optics)
    h = h - np.diag(np.diag(h))
    c, tau = np.exp(-variances / 2), -np.expm1(-variances)
    a = c[:, None] * h
    # a_k a_k, and their conjugates: for each k, sums over j and l.
    own, n, m = np.diag(number).real, np.diag(pair), (a * number).sum(axis=0)
    bright = (a * z.conj()[:, None]).sum(axis=0) * z
    twice = (a * (pair.conj() @ a)).sum(axis=0) * n + 2 * m**2 - 2 * bright**2
    squares = h**2 * (np.outer(n.conj(), n) + 2 * number**2 - 2 * np.outer(z.conj(), z) ** 2)
    # a_k^dagger a_k, in both orders.
    p = (a * pair.conj()).sum(axis=0)
    spread = (a * (number @ a.conj())).sum(axis=0).real
    once = np.abs(p) ** 2 + np.abs(m) ** 2 + spread * own - 2 * np.abs(bright) ** 2
    light_of = np.abs(z) ** 2
    fourth = np.abs(pair) ** 2 + np.abs(number) ** 2 + np.outer(own, own) - 2 * np.outer(light_of, light_of)
    sizes = np.abs(h) ** 2 * fourth
    c2 = c**2
    both, less = np.outer(c2, c2), -np.expm1(-np.add.outer(variances, variances))
    # tau = 1 - c^2; both coincidences at once have been counted with each alone.
    total = -2 * float((c2 * tau * twice).real.sum())
    total += 2 * float(((c2 * tau)[None, :] * c2[:, None] * squares).real.sum())
    total -= float((both * less * squares).real.sum())
    total += float((tau * (2 * once + spread)).sum())
    shot = np.abs(h) ** 2 * own[:, None]
    total -= float((tau[None, :] * c2[:, None] * (2 * sizes + shot)).sum())
    return total + float((less * (sizes + shot)).sum())


def _in_front(light: GaussianOutput, optics: Complex) -> tuple[Complex, Complex, Complex]:
    """z, N and M of the light in front of the optics."""
    count, back = len(light.modes), optics.conj().T
    z = back @ (light.mean[:count] + 1j * light.mean[count:]) / 2
    xx, xp, pp = light.covariance[:count, :count], light.covariance[:count, count:], light.covariance[count:, count:]
    # <a_j^dagger a_k> and <a_j a_k> of what fluctuates.
    number = (xx + pp + 1j * (xp - xp.T)) / 4 - np.eye(count) / 2
    pair = (xx - pp + 1j * (xp + xp.T)) / 4
    number_in_front, pair_in_front = back.conj() @ number @ back.T, back @ pair @ back.T
    return z, number_in_front + np.outer(z.conj(), z), pair_in_front + np.outer(z, z)
