"""Twin squeezed vacua in a two-armed interferometer, read by counting both ports or by the parity of one: exact information.

Two squeezed vacua of n/2 photons each, squeezed alike, one in each arm: made in the arms, or sent into both ports of a first real
balanced beam splitter, which leaves them as they are (squeezed a quarter of a turn apart they would make a two-mode squeezed vacuum
of the arms, whose numbers agree and tell nothing of theta). The arm difference theta, generator (n_a - n_b)/2, has F = n (n + 2):
the two are each other's reference. Behind a second balanced beam splitter stand two counters. With theta the phase between the
arms, theta = 0 where both ports hold squeezed vacua, s the share of the light that is left behind the sensing, eta = s times the
efficiency of the detectors, v the visibility (light of one arm that overlaps with that of the other by v), d dark counts of each
detector, and t^2 = n/(n + 2), h = n/2, the counts c, c' have the generating function

    E[x^c y^c'] = e^{d (x + y - 2)} (1 - t^2)/sqrt(1 - 2 t^2 (p^2 + q^2 cos 2 theta) + t^4 (p^2 - q^2)^2)
                = e^{d (x + y - 2)}/sqrt((1 + h (l + q^2))^2 - 4 h (h + 1) q^2 cos^2 theta),
    p = 1 - a,    l = 1 - p^2 = a (2 - a),    a = eta (1 - x + 1 - y)/2,    q = eta v (x - y)/2,

since :exp(-a^dagger A a): of the pair is det(1 - t^2 B B^T)^{-1/2} (1 - t^2), B = 1 - eta A; in the second form nothing cancels. On
circles of L points it is a Fourier transform of the counts modulo L: a coarser readout, so its information is never above that of
the counts. Where theta jitters from shot to shot, normal with standard deviation sigma, shots are independent still, and the counts
of one have the average of the function over theta. Counts of T photons in both ports are sums of cos 2k theta with k <= T/2, which
the average makes less by exp(-2 k^2 sigma^2). The parity of one port is the function at x = -1, y = 1. Without losses the
amplitudes of the counts are real up to fixed phases, so counting reaches n (n + 2) at every phase, and parity does at theta -> 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from networks import InputError
from networks.values import Value, whole_number
from photonics.conventions import Complex, Real

MAX_COUNTS = 1500
"""Photons counted in a port of twin squeezed vacua, up to about 50 photons of hardly any loss: a second's work."""
TAIL = 27.0
"""Counts are followed until exp(-TAIL) of their weight is left."""
JITTERED_COUNTS = 200
"""The same at phases that jitter, where many phases are averaged over: up to about 7 photons of hardly any loss."""
ROUGH_TAIL, ROUGH_COUNTS = 12.0, 300
"""The same, and the counts followed at the most, while the best phase is looked for."""
ROUNDING = 1e-16
"""Probabilities below it are rounding of the transform."""
PHASES = 16
"""Phases looked at on each half of the fringe, closer towards its ends."""
REFINED = 2
"""The best of them around which the best phase is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinInformation(Value):
    """Fisher information about an arm difference in one shot.

    Attributes
    ----------
    value : float >= 0
        Of the readout, at the working point.
    working_point_rad : float in [0, pi/2]
        theta at which it is read best, all passes together; 0 where both ports hold squeezed vacua, pi/2 where their counts agree.
    quantum : float >= 0
        Of the light behind the sensing, before the detectors.
    """

    value: float
    working_point_rad: float
    quantum: float


def twin_quantum_information(photons: float, *, survives: float = 1.0, passes: int = 1) -> float:
    """Quantum Fisher information of twin squeezed vacua about the arm difference, M^2 s^2 n (n + 2)/(1 + s (1 - s) n).

    Half that of one lossy squeezed vacuum, (V - V')^2/(1 + V V') with the variances V, V' of its two quadratures, since both turn
    by theta/2. 1/F is convex in n.

    Parameters
    ----------
    photons : float >= 0
        n, of both squeezers together, as prepared.
    survives : float in (0, 1]
        s, of each arm, from the squeezers to behind the last pass.
    passes : int >= 1
        M.

    Raises
    ------
    InputError
        Listing every number out of its range.

    Examples
    --------
    >>> twin_quantum_information(20.0), round(twin_quantum_information(20.0, survives=0.9), 9)
    (440.0, 127.285714286)
    """
    _require(photons, survives, passes)
    return _quantum(photons, survives, passes)


def twin_information(
    photons: float,
    *,
    survives: float = 1.0,
    passes: int = 1,
    detector_efficiency: float = 1.0,
    visibility: float = 1.0,
    dark_counts: float = 0.0,
    phase_jitter_rad: float = 0.0,
) -> TwinInformation:
    """What counting both ports tells of the arm difference at the best phase, which a search over the fringe finds.

    Parameters
    ----------
    photons : float >= 0
        n, of both squeezers together, as prepared.
    survives : float in (0, 1]
        Of each arm, from the squeezers to behind the last pass, the same for both.
    passes : int >= 1
    detector_efficiency, visibility : float in (0, 1]
    dark_counts : float >= 0
        Of each of the two detectors.
    phase_jitter_rad : float in [0, pi]
        Standard deviation of the phase between the arms, from shot to shot.

    Returns
    -------
    TwinInformation
        Without losses n (n + 2) M^2, as at every phase; pi/4 is named then.

    Raises
    ------
    InputError
        Listing every number out of its range; and for light of which more than MAX_COUNTS photons, or JITTERED_COUNTS, would have
        to be counted in a port (``most_countable``).

    Examples
    --------
    >>> twin_information(20.0).value
    440.0
    >>> lossy = twin_information(4.0, survives=0.9)
    >>> round(lossy.value, 6), round(lossy.quantum, 6)
    (9.343884, 14.294118)
    """
    _require(photons, survives, passes, detector_efficiency, visibility, dark_counts, phase_jitter_rad)
    quantum = _quantum(photons, survives, passes)
    eta = survives * detector_efficiency
    if not photons or (eta == 1 and visibility == 1 and not dark_counts and not phase_jitter_rad):
        return TwinInformation(value=quantum, working_point_rad=math.pi / 4, quantum=quantum)
    most = most_countable(
        survives=survives,
        detector_efficiency=detector_efficiency,
        dark_counts=dark_counts,
        phase_jitter_rad=phase_jitter_rad,
    )
    if photons > most:
        counts = JITTERED_COUNTS if phase_jitter_rad else MAX_COUNTS
        raise InputError(
            [
                f"photons must be at most {most:.4g} for twin squeezed vacua behind losses or noisy detectors, got {photons:.6g}: "
                f"of more, beyond {counts} photons would have to be counted in a port; use less light, or coherent light with "
                "squeezed vacuum read by intensity differences"
            ]
        )
    value, phase = _best_counting(float(photons), eta, float(visibility), float(dark_counts), float(phase_jitter_rad))
    # Equal but for rounding where hardly anything is lost.
    value = min(value * passes**2, quantum)
    return TwinInformation(value=value, working_point_rad=phase, quantum=quantum)


def twin_parity_information(
    photons: float,
    *,
    survives: float = 1.0,
    passes: int = 1,
    detector_efficiency: float = 1.0,
    visibility: float = 1.0,
    dark_counts: float = 0.0,
) -> TwinInformation:
    """What the parity of one port alone tells of the arm difference at its best phase, (dP)^2/(1 - P^2), at any brightness.

    Parameters
    ----------
    photons, survives, passes, detector_efficiency, visibility, dark_counts
        As of ``twin_information``.

    Returns
    -------
    TwinInformation
        Without losses and dark counts the limit at theta -> 0, which is n (n + 2) M^2.

    Raises
    ------
    InputError
        Listing every number out of its range.

    Examples
    --------
    >>> twin_parity_information(4.0).value
    24.0
    >>> round(twin_parity_information(4.0, survives=0.9).value, 6)
    1.59106
    """
    _require(photons, survives, passes, detector_efficiency, visibility, dark_counts)
    quantum = _quantum(photons, survives, passes)
    eta = survives * detector_efficiency
    if not photons or (eta == 1 and visibility == 1 and not dark_counts):
        return TwinInformation(value=quantum, working_point_rad=0.0, quantum=quantum)

    def at(phase: float) -> float:
        return parity_information(photons, eta, visibility, dark_counts, phase)

    # A fringe of parity is as narrow as 1/n, or as what losses make of it.
    value, phase = _best_phase(at, min(1e-3, 0.01 / (photons + 2)))
    return TwinInformation(value=min(value * passes**2, quantum), working_point_rad=phase, quantum=quantum)


def most_countable(
    *,
    survives: float = 1.0,
    detector_efficiency: float = 1.0,
    dark_counts: float = 0.0,
    phase_jitter_rad: float = 0.0,
) -> float:
    """The most photons of twin squeezed vacua of which MAX_COUNTS photons in a port, or JITTERED_COUNTS, are all that matter.

    Parameters
    ----------
    survives, detector_efficiency : float in (0, 1]
    dark_counts, phase_jitter_rad : float >= 0

    Returns
    -------
    float >= 0

    Examples
    --------
    >>> round(most_countable(), 1), round(most_countable(survives=0.5), 1)
    (54.4, 109.3)
    """
    room = (JITTERED_COUNTS if phase_jitter_rad else MAX_COUNTS) - _dark_counts_followed(dark_counts)
    if room <= 1:
        return 0.0
    less = survives * detector_efficiency * math.expm1(TAIL / room)
    # 1/t - 1 = less, and n = 2 t^2/(1 - t^2).
    return 2 / (less * (2 + less))


def counting_information(
    photons: float,
    eta: float,
    visibility: float,
    dark_counts: float,
    phase_rad: float,
    tail: float = TAIL,
    phase_jitter_rad: float = 0.0,
) -> float:
    """Classical Fisher information of the counts of both ports about the phase between the arms, at one phase.

    Parameters
    ----------
    photons : float > 0
        n.
    eta : float in (0, 1]
        Of the light and the detectors together.
    visibility : float in (0, 1]
    dark_counts : float >= 0
    phase_rad : float
    tail : float > 0
        Counts are followed until exp(-tail) of their weight is left.
    phase_jitter_rad : float in [0, pi]

    Examples
    --------
    Never above the quantum information of light that has met the same losses:

    >>> round(counting_information(4.0, 0.9, 1.0, 0.0, 1.4), 6), round(twin_quantum_information(4.0, survives=0.9), 6)
    (9.075132, 14.294118)
    """
    return _counts(photons, eta, visibility, dark_counts, tail, phase_jitter_rad).information(phase_rad)


def parity_information(photons: float, eta: float, visibility: float, dark_counts: float, phase_rad: float) -> float:
    """Fisher information of the parity of one port about the phase between the arms, at one phase.

    Parameters
    ----------
    photons, eta, visibility, dark_counts, phase_rad
        As of ``counting_information``.

    Examples
    --------
    >>> round(parity_information(4.0, 1.0, 1.0, 0.0, 1e-4), 4)
    24.0
    """
    half, seen = photons / 2, eta * visibility
    # P^2 = e^{-4 d}/(1 + more), more from Q/(1 - t^2)^2 with u = sin^2 theta, so that nothing cancels.
    apart, together = eta * (1 - visibility), eta * (1 + visibility)
    first, second = half * apart * (2 - apart), half * together * (2 - together)
    steep = 4 * half * (half + 1) * seen**2
    sine, cosine = math.sin(phase_rad), math.cos(phase_rad)
    more = first + second + first * second + steep * sine**2
    slope = steep * sine * cosine / (1 + more)
    log = -math.log1p(more) - 4 * dark_counts
    return math.exp(log) * slope**2 / -math.expm1(log) if slope else 0.0


def _quantum(photons: float, survives: float, passes: int) -> float:
    return passes**2 * survives**2 * photons * (photons + 2) / (1 + survives * (1 - survives) * photons)


@lru_cache(maxsize=4096)
def _best_counting(
    photons: float, eta: float, visibility: float, dark_counts: float, phase_jitter_rad: float
) -> tuple[float, float]:
    """The most information and its phase: the phase from coarser counts, the information from the fine ones."""
    room = ROUGH_COUNTS * _decay(photons, eta)
    tail = min(ROUGH_TAIL, max(ROUGH_TAIL / 2, room))
    rough = _counts(photons, eta, visibility, dark_counts, tail, phase_jitter_rad)
    _, phase = _best_phase(rough.information, 0.1 / (photons + 2))
    value = counting_information(photons, eta, visibility, dark_counts, phase, phase_jitter_rad=phase_jitter_rad)
    return value, phase


def _best_phase(information: Callable[[float], float], closest: float) -> tuple[float, float]:
    """The most information found, and its phase, between 0 and pi/2: the best of a grid and around it."""
    from scipy.optimize import minimize_scalar

    side = np.geomspace(closest, math.pi / 4, PHASES)
    phases = np.concatenate([[0.0], side, math.pi / 2 - side[-2::-1], [math.pi / 2]]).tolist()
    values = [0.0, *(information(phase) for phase in phases[1:-1]), 0.0]
    peaks = [k for k in range(1, len(phases) - 1) if values[k] >= max(values[k - 1], values[k + 1])]
    best = max(zip(values, phases, strict=True))
    for k in sorted(peaks, key=lambda k: -values[k])[:REFINED]:
        found = minimize_scalar(
            lambda phase: -information(phase),
            bounds=(phases[k - 1], phases[k + 1]),
            method="bounded",
            options={"xatol": 1e-5 * (phases[k + 1] - phases[k - 1])},
        )
        best = max(best, (-float(found.fun), float(found.x)))
    return best


def _decay(photons: float, eta: float) -> float:
    """How fast counts of a port get rare: one more has exp(-decay) of the weight, where both ports hold squeezed vacua."""
    # The pole of the generating function nearest to 1: t (1 - eta + eta x) = 1, 1/t - 1 without cancellation.
    return math.log1p(2 / photons / (1 + math.sqrt(1 + 2 / photons)) / eta)


def _counts(
    photons: float, eta: float, visibility: float, dark_counts: float, tail: float, phase_jitter_rad: float
) -> _Counts | _JitteredCounts:
    """Of phases that are steady, or that jitter."""
    steady = _Counts.of(photons, eta, visibility, dark_counts, tail)
    if not phase_jitter_rad:
        return steady
    # Of T photons that are seen there are as few as exp(-decay T), and their waves end with T/2.
    harmonics = math.ceil(tail / 2 / _decay(photons, eta)) + 4
    return steady.jittered(harmonics, phase_jitter_rad)


def _dark_counts_followed(dark_counts: float) -> int:
    return math.ceil(dark_counts + 10 * math.sqrt(dark_counts) + 10) if dark_counts else 4


@dataclass(frozen=True, eq=False, slots=True)
class _Counts:
    """The generating function on circles: all that does not depend on the phase."""

    steep: Complex
    """4 h (h + 1) q^2."""
    flat: Complex
    """What stands under the root at theta = pi/2."""
    dark: Complex
    points: int

    @classmethod
    def of(cls, photons: float, eta: float, visibility: float, dark_counts: float, tail: float) -> _Counts:
        from scipy.fft import next_fast_len

        half = photons / 2
        needed = math.ceil(tail / _decay(photons, eta)) + _dark_counts_followed(dark_counts)
        points = int(next_fast_len(needed, real=True))
        angles = 2 * np.pi * np.arange(points) / points
        # 1 - z on the circle.
        less = 2 * np.sin(angles / 2) ** 2 - 1j * np.sin(angles)
        x, y = less[:, None], less[None, : points // 2 + 1]
        lost, differences = eta * (x + y) / 2, (eta * visibility * (x - y) / 2) ** 2
        both = half * (lost * (2 - lost) + differences)
        dark = np.exp(-dark_counts * (x + y))
        return cls(4 * half * (half + 1) * differences, (1 + both) ** 2, dark, points)

    def table(self, phase_rad: float) -> tuple[Real, Real]:
        """(L, L) probabilities of the counts modulo L, and their derivatives by the phase."""
        # Both factors of the root have a positive real part, so the principal root of the product is the right one.
        inverse = 1 / (self.flat - math.cos(phase_rad) ** 2 * self.steep)
        values = self.dark * np.sqrt(inverse)
        slopes = -math.sin(2 * phase_rad) / 2 * self.steep * values * inverse
        return self.transformed(values), self.transformed(slopes)

    def transformed(self, values: Complex) -> Real:
        """(L, L) From circles to counts."""
        from scipy.fft import irfft2

        return np.asarray(irfft2(values.conj(), s=(self.points, self.points)))

    def jittered(self, harmonics: int, phase_jitter_rad: float) -> _JitteredCounts:
        """Of a normal phase: sums of cos 2k theta, each made less by exp(-2 k^2 sigma^2), from values at so many phases."""
        cosines = np.cos(np.linspace(0, math.pi / 2, harmonics + 1))[:, None, None]
        return _JitteredCounts(self, self.dark / np.sqrt(self.flat - cosines**2 * self.steep), phase_jitter_rad)

    def information(self, phase_rad: float) -> float:
        """Of the counts modulo L."""
        return _information(*self.table(phase_rad))


@dataclass(frozen=True, eq=False, slots=True)
class _JitteredCounts:
    """The generating function on circles at phases 0 to pi/2, of which averages over normal phases are sums."""

    steady: _Counts
    values: Complex
    phase_jitter_rad: float

    def information(self, phase_rad: float) -> float:
        """As of ``_Counts``."""
        last = len(self.values) - 1
        k = np.arange(last + 1)
        # From values to the coefficients of cos 2k theta, a cosine transform: ends count half.
        ends = np.where((k == 0) | (k == last), 0.5, 1.0)
        waves = np.cos(math.pi * np.outer(k, k) / last) * np.outer(ends, ends) * 2 / last
        left = np.exp(-2 * (k * self.phase_jitter_rad) ** 2)
        along = (left * np.cos(2 * k * phase_rad), -2 * k * left * np.sin(2 * k * phase_rad))
        tables = (self.steady.transformed(np.tensordot(row @ waves, self.values, axes=1)) for row in along)
        return _information(*tables)


def _information(p: Real, slope: Real) -> float:
    known = p > ROUNDING
    return float((slope[known] ** 2 / p[known]).sum())


def _require(
    photons: float,
    survives: float,
    passes: int,
    detector_efficiency: float = 1.0,
    visibility: float = 1.0,
    dark_counts: float = 0.0,
    phase_jitter_rad: float = 0.0,
) -> None:
    faults = []
    if not 0 <= phase_jitter_rad <= math.pi:
        faults.append(f"phase_jitter_rad must be from 0 to pi, got {phase_jitter_rad}")
    for name, value in (("photons", photons), ("dark_counts", dark_counts)):
        if not 0 <= value < math.inf:
            faults.append(f"{name} must be finite and not negative, got {value}")
    for name, value in (
        ("survives", survives),
        ("detector_efficiency", detector_efficiency),
        ("visibility", visibility),
    ):
        if not 0 < value <= 1:
            faults.append(f"{name} must be in (0, 1], got {value}")
    if whole_number(passes) is None or passes < 1:
        faults.append(f"passes must be a positive integer, got {passes!r}")
    if faults:
        raise InputError(faults)
