"""Closed forms of the noise of a laboratory: squeezing behind loss, random homodyne angles, fringes with dark counts, parity.

Variances are in units of the vacuum's. A normal angle of standard deviation sigma, new in every shot, turns quadratures and
fringes; its averages <cos> = exp(-sigma^2/2) and <sin^2> = (1 - exp(-2 sigma^2))/2 are exact (docs/theory/theory.md, section 7).
Circuits have the same noise by ``photonics.Detectors``; the tests compare the two.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence

from networks import InputError

# --- squeezed light ------------------------------------------------------------------------------------------


def squeezing_behind_loss_db(squeezing_db: float, transmissivity: float) -> float:
    """dB of squeezing that are left behind a loss, -10 log10(eta 10^(-dB/10) + 1 - eta).

    Parameters
    ----------
    squeezing_db : float >= 0
    transmissivity : float
        eta, in (0, 1].

    Returns
    -------
    float >= 0

    Raises
    ------
    InputError
        Listing every fault.

    Examples
    --------
    >>> round(squeezing_behind_loss_db(10.3, 0.44), 4)
    2.2108
    """
    _require(squeezing_db=squeezing_db, transmissivity=transmissivity)
    # 1 - eta (1 - s), without the rounding of 1 - eta.
    return -10 * math.log1p(transmissivity * math.expm1(-squeezing_db * math.log(10) / 10)) / math.log(10)


def homodyne_variance(
    squeezed: float,
    antisqueezed: float,
    *,
    phase_jitter_rad: float = 0.0,
    along: float = 0.0,
    across: float = 0.0,
    efficiency: float = 1.0,
    visibility: float = 1.0,
    electronic_noise: float = 0.0,
) -> float:
    """Variance that a homodyne detector sees at a random angle around the squeezed quadrature.

    eta (V_sq <cos^2> + V_anti <sin^2> + along^2 (<cos^2> - <cos>^2) + across^2 <sin^2>) + 1 - eta + noise, with
    eta = efficiency visibility^2.

    Parameters
    ----------
    squeezed, antisqueezed : float > 0
        Variances of the light along the mean angle and a quarter turn further.
    phase_jitter_rad : float
        sigma, from 0 to pi.
    along, across : float
        Means of the two quadratures, twice the amplitudes.
    efficiency, visibility : float
        In (0, 1].
    electronic_noise : float >= 0
        A variance.

    Returns
    -------
    float

    Raises
    ------
    InputError
        Listing every fault.

    Examples
    --------
    >>> round(homodyne_variance(0.25, 4.0, phase_jitter_rad=0.1), 9)
    0.287127488
    >>> homodyne_variance(0.25, 4.0, efficiency=0.5, electronic_noise=0.1)
    0.725
    """
    _require(
        squeezed=squeezed,
        antisqueezed=antisqueezed,
        phase_jitter_rad=phase_jitter_rad,
        efficiency=efficiency,
        visibility=visibility,
        electronic_noise=electronic_noise,
    )
    sin2 = -math.expm1(-2 * phase_jitter_rad**2) / 2
    rest = math.expm1(-(phase_jitter_rad**2)) ** 2 / 2
    light = squeezed + (antisqueezed - squeezed) * sin2 + along**2 * rest + across**2 * sin2
    seen = efficiency * visibility**2
    return seen * light + (1 - seen) + electronic_noise


def displaced_phase_mse(
    amplitude: float,
    squeezed: float = 1.0,
    antisqueezed: float = 1.0,
    *,
    phase_jitter_rad: float = 0.0,
    efficiency: float = 1.0,
    visibility: float = 1.0,
    electronic_noise: float = 0.0,
) -> float:
    """Mean squared error of the phase of one mode of displaced light from homodyne across its mean, by error propagation.

    (eta (V_sq <cos^2> + (V_anti + 4 a^2) <sin^2>) + 1 - eta + noise)/(4 a^2 eta <cos>^2): a small jitter adds its own variance,
    and what it mixes in of the wide quadrature.

    Parameters
    ----------
    amplitude : float > 0
        a, with a^2 the photons of the displacement at the detector.
    squeezed, antisqueezed : float > 0
        Variances across the mean and along it, at the detector; 1 for coherent light.
    phase_jitter_rad : float
        sigma, from 0 to pi.
    efficiency, visibility : float
        In (0, 1].
    electronic_noise : float >= 0

    Returns
    -------
    float
        In rad^2, for one shot.

    Raises
    ------
    InputError
        Listing every fault.

    Examples
    --------
    >>> displaced_phase_mse(2.0), round(displaced_phase_mse(2.0, phase_jitter_rad=0.1), 6)
    (0.0625, 0.073128)
    """
    _require(amplitude=amplitude)
    variance = homodyne_variance(
        squeezed,
        antisqueezed,
        phase_jitter_rad=phase_jitter_rad,
        across=2 * amplitude,
        efficiency=efficiency,
        visibility=visibility,
        electronic_noise=electronic_noise,
    )
    return variance * math.exp(phase_jitter_rad**2) / (4 * amplitude**2 * efficiency * visibility**2)


def squeezed_phase_information(squeezed: float, antisqueezed: float) -> float:
    """Quantum Fisher information on the phase of one mode of squeezed light without a mean, (v_1 - v_2)^2/(1 + v_1 v_2).

    Parameters
    ----------
    squeezed, antisqueezed : float > 0
        v_1 and v_2, the variances of its quadratures after all losses, of product at least 1.

    Returns
    -------
    float

    Raises
    ------
    InputError
        Listing every fault.

    Examples
    --------
    >>> v = [0.7 * math.exp(sign * 1.6) + 0.3 for sign in (-1, 1)]
    >>> round(squeezed_phase_information(*v), 9), round(squeezed_phase_homodyne_information(*v), 6)
    (4.154278893, 3.32652)
    """
    _require(squeezed=squeezed, antisqueezed=antisqueezed)
    return (squeezed - antisqueezed) ** 2 / (1 + squeezed * antisqueezed)


def squeezed_phase_homodyne_information(squeezed: float, antisqueezed: float) -> float:
    """Classical Fisher information of homodyne at the best angle on the same light, (v_1 - v_2)^2/(2 v_1 v_2).

    Parameters
    ----------
    squeezed, antisqueezed : float > 0
        v_1 and v_2 as the detector has them: efficiency, visibility and electronic noise are further loss and noise. A random
        angle is not in it.

    Returns
    -------
    float

    Raises
    ------
    InputError
        Listing every fault.
    """
    _require(squeezed=squeezed, antisqueezed=antisqueezed)
    return (squeezed - antisqueezed) ** 2 / (2 * squeezed * antisqueezed)


# --- photons -------------------------------------------------------------------------------------------------


def fringe_contrast(
    first: Sequence[float], second: Sequence[float], visibility: float, phase_jitter_rad: Sequence[float]
) -> float:
    """What is left of the fringe of two branches: v exp(-sum_k sigma_k^2 (a_k - b_k)^2/2).

    Parameters
    ----------
    first, second : (m,) ints >= 0
        Photons a_k, b_k that pass each mode, in all passes where the random phase is the same in all.
    visibility : float
        v, in (0, 1].
    phase_jitter_rad : (m,) floats
        sigma_k, from 0 to pi, independent between modes.

    Returns
    -------
    float

    Raises
    ------
    InputError
        Listing every fault.

    Examples
    --------
    >>> round(fringe_contrast([2, 0], [0, 2], 0.95, [0.1, 0.1]), 9) == round(0.95 * math.exp(-0.04), 9)
    True
    """
    _require(visibility=visibility, **{f"phase_jitter_rad {k}": s for k, s in enumerate(phase_jitter_rad, 1)})
    turned = math.fsum((s * (a - b)) ** 2 for a, b, s in zip(first, second, phase_jitter_rad, strict=True))
    return visibility * math.exp(-turned / 2)


def diffusion_of_visibility(visibility: float, photons: int) -> float:
    """The random phase of one arm, in rad, that lowers the fringe of N photons in one arm or the other to v: sqrt(-2 ln v)/N.

    For circuits whose counters cannot have a visibility, ``PhaseDiffusion`` in front of the last beam splitter.

    Parameters
    ----------
    visibility : float
        v, in (0, 1].
    photons : int >= 1
        N.

    Returns
    -------
    float >= 0

    Raises
    ------
    InputError
        Listing every fault.

    Examples
    --------
    >>> round(math.exp(-((2 * diffusion_of_visibility(0.9, 2)) ** 2) / 2), 12)
    0.9
    """
    _require(visibility=visibility, photons=photons)
    return math.sqrt(-2 * math.log(visibility)) / photons if visibility < 1 else 0.0


def false_shots(arriving: Sequence[float], dark_counts: float) -> float:
    """Chance that dark counts replace just the photons that are lost: sum over k >= 1 of P(N - k arrive) exp(-D) D^k/k!.

    Parameters
    ----------
    arriving : (N + 1,) floats
        Chances that 0, 1, ... N photons are seen.
    dark_counts : float >= 0
        D, the mean of all detectors together.

    Returns
    -------
    float

    Raises
    ------
    InputError
        For a negative mean.

    Examples
    --------
    One photon, lost half the time: half of the single dark counts.

    >>> round(false_shots([0.5, 0.5], 0.1), 9) == round(0.05 * math.exp(-0.1), 9)
    True
    """
    _require(dark_counts=dark_counts)
    photons, weight, total = len(arriving) - 1, math.exp(-dark_counts), 0.0
    for lost in range(1, photons + 1):
        weight *= dark_counts / lost
        total += weight * arriving[photons - lost]
    return total


def arriving_photons(photons: Sequence[int], survival: Sequence[float]) -> tuple[float, ...]:
    """Chances that 0, 1, ... N photons of a string are seen, each with the survival of its mode.

    Parameters
    ----------
    photons : (m,) ints >= 0
        Of the string.
    survival : (m,) floats
        In [0, 1], of a photon in each mode, detectors included.

    Returns
    -------
    (N + 1,) floats

    Examples
    --------
    >>> arriving_photons([2, 1], [0.5, 1.0])
    (0.0, 0.25, 0.5, 0.25)
    """
    chances = [1.0]
    for count, eta in zip(photons, survival, strict=True):
        for _ in range(count):
            without = [(1 - eta) * chance for chance in (*chances, 0.0)]
            chances = [lost + eta * seen for lost, seen in zip(without, (0.0, *chances), strict=True)]
    return tuple(chances)


def noisy_branch_information(
    survivals: tuple[float, float], weight: float, contrast: float, dark_counts: float = 0.0, false: float = 0.0
) -> float:
    """Classical Fisher information on the relative phase of two branches from their projection at mid-fringe, at most 1.

    P(+-) = exp(-D) (p +- c cos)/2 + f/2 with p = A w + B (1 - w) and c = 2 contrast sqrt(A B w (1 - w)), so at mid-fringe
    exp(-2 D) c^2/(exp(-D) p + f); no other phase has more. Multiplied by omega omega^T it is the Fisher matrix; without noise it is
    the quantum one of branches that share no lossy mode.

    Parameters
    ----------
    survivals : (float, float)
        A and B, detectors included.
    weight : float
        w, of the first branch, in (0, 1).
    contrast : float
        By ``fringe_contrast``, in (0, 1].
    dark_counts : float >= 0
        D, the mean of all detectors together.
    false : float >= 0
        f, by ``false_shots``.

    Returns
    -------
    float

    Raises
    ------
    InputError
        Listing every fault.

    Examples
    --------
    >>> noisy_branch_information((1.0, 1.0), 0.5, 0.9), noisy_branch_information((0.5, 0.5), 0.5, 1.0)
    (0.81, 0.5)
    """
    first, second = survivals
    _require(weight=weight, contrast=contrast, dark_counts=dark_counts, false=false)
    kept = math.exp(-dark_counts)
    told = kept * (first * weight + second * (1 - weight)) + false
    fringe = 4 * contrast**2 * first * second * weight * (1 - weight)
    return kept**2 * fringe / told if told else 0.0


def noon_parity(
    photons: int,
    phase_rad: float,
    *,
    transmissivity: tuple[float, float] = (1.0, 1.0),
    visibility: float = 1.0,
    dark_counts: float = 0.0,
) -> float:
    """Mean parity of one port of a symmetric beam splitter behind a N00N state.

    exp(-2 d) ((eta_a eta_b)^(N/2) v Re(i^N e^{i N phi}) + ((1 - eta_a)^N + (1 - eta_b)^N)/2).

    Parameters
    ----------
    photons : int >= 1
        N.
    phase_rad : float
        phi, between the arms.
    transmissivity : (float, float)
        Of the arms, those of detectors of equal efficiency included.
    visibility : float
        v, in (0, 1].
    dark_counts : float >= 0
        d, of the detector of the port.

    Returns
    -------
    float

    Raises
    ------
    InputError
        Listing every fault.

    Examples
    --------
    >>> round(noon_parity(2, 0.0), 12), round(noon_parity(2, 0.0, transmissivity=(0.5, 0.5)), 12)
    (-1.0, 0.0)
    """
    first, second = transmissivity
    _require(photons=photons, visibility=visibility, dark_counts=dark_counts)
    turn: complex = (1 + 0j, 1j, -1 + 0j, -1j)[photons % 4]
    fringe = (cmath.exp(1j * photons * phase_rad) * turn).real
    lost = ((1 - first) ** photons + (1 - second) ** photons) / 2
    return math.exp(-2 * dark_counts) * (math.sqrt(first * second) ** photons * visibility * fringe + lost)


_POSITIVE = ("squeezed", "antisqueezed", "amplitude", "photons")
_SHARES = ("efficiency", "visibility", "transmissivity", "contrast")


def _require(**numbers: float) -> None:
    """InputError with every number that is out of its range, by its name."""
    faults = []
    for name, number in numbers.items():
        kind = name.split()[0]
        if kind in _SHARES and not 0 < number <= 1:
            faults.append(f"{name} must be in (0, 1], got {number}")
        elif kind == "weight" and not 0 < number < 1:
            faults.append(f"{name} must be between 0 and 1, got {number}")
        elif kind in _POSITIVE and not 0 < number < math.inf:
            faults.append(f"{name} must be positive, got {number}")
        elif kind == "phase_jitter_rad" and not 0 <= number <= math.pi:
            faults.append(f"{name} must be from 0 to pi, got {number}")
        elif not 0 <= number < math.inf:
            faults.append(f"{name} must not be negative, got {number}")
    if faults:
        raise InputError(faults)
