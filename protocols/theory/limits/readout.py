"""Homodyne at every sensor with all that stands between the light and the outcome, as a few numbers a sensor.

x has the vacuum variance 1 and is moved by theta. Light with the covariances X of x and P of p arrives at the sensors. A sensor
has, one after the other: transmissivity b before the sensing; M passes with eta after each, in which x moves by g theta
(``pass_gain``); detectors of efficiency e (times visibility squared), whose angle jitters by a normal phi of variance sigma^2,
and whose electronics add N. With E cos phi = exp(-sigma^2/2), E cos^2 phi = (1 + exp(-2 sigma^2))/2 and E sin phi = 0 the
estimator sum c_j x_j that is unbiased whatever theta is, c_j = alpha_j exp(sigma_j^2/2)/(g_j sqrt e_j), has the variance

    sum c_j^2 (1 - t_j + N_j) + z^T X z + sum z_j^2 [(cosh sigma_j^2 - 1) X_jj + sinh sigma_j^2 P_jj],

t_j = b_j eta_j^M e_j, z_j = alpha_j sqrt(b_j eta_j^M)/g_j: exact, and linear in the light. The vacuum has sum c_j^2 (1 + N_j). With
all theta unknown no other weights are unbiased: the error of the best linear estimator, 1/(alpha^T F^-1 alpha), F = D V^-1 D.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from networks import Bench, InputError
from networks.values import Value, plain, whole_number
from photonics.conventions import Real, read_only
from protocols.theory.displacement import pass_gain
from protocols.theory.sums import error_sum


@dataclass(frozen=True, kw_only=True)
class HomodyneReadout(Value):
    """What homodyne at every sensor makes of the light that arrives; ``homodyne_readout`` makes it from a laboratory's numbers.

    Attributes
    ----------
    weights : (d,) floats
        z_j, the share of the light's own x at each sensor in the estimate of q.
    base_errors : (d,) floats >= 0
        c_j^2 (1 - t_j + N_j): what losses and electronics add, whatever the light.
    excess_gain : (d,) floats >= 0
        z_j^2 (cosh sigma_j^2 - 1), by which jitter adds to the part of the squeezed quadrature.
    excess_harm : (d,) floats >= 0
        z_j^2 sinh sigma_j^2, with which jitter lets the anti-squeezed quadrature in.
    light_caps : (d,) floats >= 0
        The most photons that may arrive at each sensor, before its transmissivity b; infinite where there is no limit.
    """

    weights: tuple[float, ...]
    base_errors: tuple[float, ...]
    excess_gain: tuple[float, ...]
    excess_harm: tuple[float, ...]
    light_caps: tuple[float, ...]

    def some(self, sensors: Sequence[int]) -> HomodyneReadout:
        """The readout of some of the sensors; the error of all is the sum over parts that share no light.

        Parameters
        ----------
        sensors : places of sensors
        """
        return HomodyneReadout(
            weights=tuple(self.weights[j] for j in sensors),
            base_errors=tuple(self.base_errors[j] for j in sensors),
            excess_gain=tuple(self.excess_gain[j] for j in sensors),
            excess_harm=tuple(self.excess_harm[j] for j in sensors),
            light_caps=tuple(self.light_caps[j] for j in sensors),
        )

    def times(self, factors: Sequence[float]) -> HomodyneReadout:
        """The readout with every coefficient times a factor, as 1/a_j of bright light at the sensors.

        Parameters
        ----------
        factors : (d,) floats
        """
        squares = [f * f for f in factors]
        return HomodyneReadout(
            weights=tuple(z * f for z, f in zip(self.weights, factors, strict=True)),
            base_errors=tuple(e * s for e, s in zip(self.base_errors, squares, strict=True)),
            excess_gain=tuple(e * s for e, s in zip(self.excess_gain, squares, strict=True)),
            excess_harm=tuple(e * s for e, s in zip(self.excess_harm, squares, strict=True)),
            light_caps=self.light_caps,
        )

    @cached_property
    def base(self) -> float:
        """The sum of ``base_errors``."""
        return error_sum(self.base_errors)

    @cached_property
    def vacuum_errors(self) -> Real:
        """(d,) c_j^2 (1 + N_j): what each sensor adds to the error when vacuum arrives there."""
        return read_only(np.array(self.base_errors) + self.squares + self.gain + self.harm)

    @property
    def vacuum_mse(self) -> float:
        """The mean squared error of q with vacuum, which coherent light has, too."""
        return error_sum(self.vacuum_errors.tolist())

    @cached_property
    def z(self) -> Real:
        """(d,) The weights as an array."""
        return read_only(np.array(self.weights))

    @cached_property
    def squares(self) -> Real:
        """(d,) Their squares."""
        return read_only(self.z**2)

    @cached_property
    def gain(self) -> Real:
        """(d,) ``excess_gain`` as an array."""
        return read_only(np.array(self.excess_gain))

    @cached_property
    def harm(self) -> Real:
        """(d,) ``excess_harm`` as an array."""
        return read_only(np.array(self.excess_harm))

    @cached_property
    def caps(self) -> Real:
        """(d,) ``light_caps`` as an array."""
        return read_only(np.array(self.light_caps))

    @property
    def is_steady(self) -> bool:
        """Whether no detector's angle jitters."""
        return not any(self.excess_harm)


def homodyne_readout(
    alpha: Sequence[float],
    *,
    passes: int = 1,
    transmissivity: float | Sequence[float] = 1.0,
    transmissivity_before: float | Sequence[float] = 1.0,
    detector_efficiency: float | Sequence[float] = 1.0,
    visibility: float | Sequence[float] = 1.0,
    electronic_noise: float | Sequence[float] = 0.0,
    phase_jitter_rad: float | Sequence[float] = 0.0,
    mean_photons_max: float | Sequence[float] = math.inf,
) -> HomodyneReadout:
    """The readout of d sensors; a number stands for the same at every sensor.

    Parameters
    ----------
    alpha : (d,) floats
        Coefficients; of Mach-Zehnder sensors with bright light alpha_j/a_j (PHYSICS.md, section 9).
    passes : int >= 1
        M.
    transmissivity : float or (d,) floats in (0, 1]
        eta, after the sensing of each pass.
    transmissivity_before : float or (d,) floats in (0, 1]
        b, beside the links.
    detector_efficiency : float or (d,) floats in (0, 1]
    visibility : float or (d,) floats in (0, 1]
        v, which acts as the efficiency v^2.
    electronic_noise : float or (d,) floats >= 0
        Variance in units of the vacuum's.
    phase_jitter_rad : float or (d,) floats in [0, pi]
        sigma, rms of the homodyne angle, normal and independent between sensors and shots.
    mean_photons_max : float or (d,) floats >= 0
        The most photons that may pass a sensor in a pass.

    Returns
    -------
    HomodyneReadout

    Raises
    ------
    InputError
        Listing every number that is out of its range, and every list that has not d numbers.

    Examples
    --------
    >>> round(homodyne_readout([1.0, 1.0], transmissivity=0.5).vacuum_mse, 12)
    4.0
    """
    count = len(alpha)
    ranges = (
        ("transmissivity", transmissivity, _is_share, "in (0, 1]"),
        ("transmissivity_before", transmissivity_before, _is_share, "in (0, 1]"),
        ("detector_efficiency", detector_efficiency, _is_share, "in (0, 1]"),
        ("visibility", visibility, _is_share, "in (0, 1]"),
        ("electronic_noise", electronic_noise, _is_finite, "finite and not negative"),
        ("phase_jitter_rad", phase_jitter_rad, _is_angle, "from 0 to pi"),
        ("mean_photons_max", mean_photons_max, _is_not_negative, "not negative"),
    )
    faults: list[str] = []
    if not count or not all(math.isfinite(a) for a in alpha):
        faults.append("alpha must have a finite number for each sensor, at least one")
    count_of_passes = whole_number(passes) or 0
    if count_of_passes < 1:
        faults.append(f"passes must be a positive integer, got {passes!r}")
    columns = []
    for name, value, is_right, what in ranges:
        column = _column(value, count)
        columns.append(column)
        if len(column) != count:
            faults.append(f"{name} must be one number or {count}, one a sensor; got {len(column)}")
        faults += [f"{name} must be {what}, got {v:g}" for v in dict.fromkeys(column) if not is_right(v)]
    if faults:
        raise InputError(faults)
    weights, base, gain, harm, caps = [], [], [], [], []
    for a, eta, before, efficiency, v, noise, sigma, most in zip(alpha, *columns, strict=True):
        moved = pass_gain(eta, count_of_passes)
        # Beyond the largest number a product is infinite, and no error; a power would be one.
        square = sigma * sigma
        seen = moved * v * math.sqrt(efficiency)
        # What is seen may be nothing within floating point, and the error beyond it.
        c = a / seen if seen else math.copysign(math.inf, a) if a else 0.0
        # 1 - t without cancellation.
        lost = -math.expm1(math.log(before) + passes * math.log(eta) + math.log(efficiency) + 2 * math.log(v))
        base.append(c * c * math.exp(square) * (lost + noise))
        z = a * math.sqrt(before) * eta ** (passes / 2) / moved
        weights.append(z)
        gain.append(z * z * 2 * math.sinh(square / 2) ** 2)
        harm.append(z * z * math.sinh(square))
        caps.append(most / before)
    return HomodyneReadout(
        weights=tuple(weights),
        base_errors=tuple(base),
        excess_gain=tuple(gain),
        excess_harm=tuple(harm),
        light_caps=tuple(caps),
    )


def readout_of_benches(alpha: Sequence[float], benches: Sequence[Bench], passes: int) -> HomodyneReadout:
    """The readout of sensors with these benches.

    Parameters
    ----------
    alpha : (d,) floats
    benches : (d,) Bench
        Of the sensors.
    passes : int >= 1

    Examples
    --------
    >>> round(readout_of_benches([1.0], [Bench(detector_efficiency=0.5)], passes=1).vacuum_mse, 12)
    2.0
    """
    return homodyne_readout(
        alpha,
        passes=passes,
        transmissivity=[bench.transmissivity for bench in benches],
        transmissivity_before=[bench.transmissivity_before for bench in benches],
        detector_efficiency=[bench.detector_efficiency for bench in benches],
        visibility=[bench.visibility for bench in benches],
        electronic_noise=[bench.electronic_noise for bench in benches],
        phase_jitter_rad=[bench.phase_jitter_rad for bench in benches],
        mean_photons_max=[bench.mean_photons_max for bench in benches],
    )


def _column(value: float | Sequence[float], count: int) -> list[float]:
    known = plain(value)
    return [float(v) for v in known] if isinstance(known, tuple) else [float(known)] * count  # type: ignore[arg-type]  # a number


def _is_share(value: float) -> bool:
    return 0 < value <= 1


def _is_finite(value: float) -> bool:
    return 0 <= value < math.inf


def _is_angle(value: float) -> bool:
    return 0 <= value <= math.pi


def _is_not_negative(value: float) -> bool:
    return value >= 0
