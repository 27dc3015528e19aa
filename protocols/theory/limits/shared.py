"""One squeezed vacuum split over lossy paths: the best splitters and squeezing under limits, and the error of given ones.

A share u_j^2 of the squeezer's light is sent to sensor j, sum u_j^2 <= 1, and the fraction T_j of it arrives, so its amplitude
there is v_j = u_j sqrt(T_j). With w_j = |z_j| sqrt(T_j) and the escape efficiency E the error falls by

    E (1 - e^{-2r}) [(sum w_j u_j)^2 + sum k_j u_j^2] - E (e^{2r} - 1) sum h_j u_j^2,

k_j = T_j times ``excess_gain``, h_j = T_j times ``excess_harm``. No passive optics between one squeezer and the sensors can do more
than all u of these: whatever it is, sum v_j^2/T_j <= 1 where T_j is the best path (``protocols.layout.squeezed.trees``).

- At given u it is the problem of one squeezer (``squeezers``): best at the cap, the budget, or e^{4r} = G/H, whichever is least.
- At given r it is concave in the shares p_j = u_j^2, since (sum w_j sqrt p_j)^2 is: u_j = min(c_j, x w_j/(l - d_j)), with
  d_j = k_j - h_j e^{2r} in units of 1 - e^{-2r}, c_j the amplitude at which sensor j has all the light it stands, and x, l from
  sum u_j^2 = 1 and x = sum w_j u_j. Without caps that is the largest eigenvalue l of w w^T + diag(d).
- Without jitter u ~ w as long as no sensor is at its cap, for every r, and the error falls as r grows.
- With caps on the light of sensors the error may have several minima in r: a little light split along w, or much light that
  passes the capped sensors by. Without jitter all of them are known. Put s for the multiplier, u_j = min(c_j, w_j s/sqrt n): with
  A = sum of w^2 over sensors below their caps, Y = sum of the light and B = sum of w times its root over the others, the
  squeezer has n = A s^2 + Y, and the error is stationary where t^2 = B s - Y, t = (1 - e^{-2r})/2, n = t^2/(1 - 2t): a quintic
  in t on each piece between two sensors that reach their caps. The least error is at one of these points, at the end of a piece,
  or at the squeezer's own cap.
- With jitter and more than one sensor the best r is searched over a grid and refined: found, not proved.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from networks.values import Value
from photonics.conventions import Real, read_only
from protocols.theory.limits.readout import HomodyneReadout
from protocols.theory.limits.squeezers import SqueezerLimits, photons_worthwhile, squeezing_benefit

ROUNDING = 1e-13
"""Shares of the light that add up to 1 but for so much are all of it."""
NEGLIGIBLE = 1e-140
"""Weight of a sensor, beside the largest or by itself, below which it counts for nothing."""
GRID = 60
"""Squeezings at which the error is compared where it may have several minima."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSqueezing(Value):
    """One squeezed vacuum over all sensors.

    Attributes
    ----------
    mse : float
        Mean squared error of q in one shot.
    mean_photons : float >= 0
        sinh(r)^2, before any loss.
    shares : (d,) floats
        Of the squeezer's light sent to each sensor, with the sign of the amplitude; their absolute values sum up to 1, or to 0
        without a squeezer.
    amplitudes : (d,) floats
        v_j that arrive.
    is_proved : bool
        Whether nothing better exists under these limits, by any passive optics from this squeezer.
    """

    mse: float
    mean_photons: float
    shares: tuple[float, ...]
    amplitudes: tuple[float, ...]
    is_proved: bool


def squeezer_weights(
    readout: HomodyneReadout, amplitudes: Sequence[float], efficiency: float = 1.0
) -> tuple[float, float]:
    """G and H of a squeezer whose light arrives with these amplitudes.

    Parameters
    ----------
    readout : HomodyneReadout
    amplitudes : (d,) floats
        v_j, real: phases are set so that the squeezed quadrature is x everywhere.
    efficiency : float in (0, 1]
        The squeezer's escape efficiency.

    Examples
    --------
    >>> from protocols.theory.limits.readout import homodyne_readout
    >>> squeezer_weights(homodyne_readout([3.0, 4.0]), [0.6, 0.8])
    (25.0, 0.0)
    """
    v = np.array(amplitudes, dtype=float)
    gain = float(readout.z @ v) ** 2 + float(readout.gain @ v**2)
    return efficiency * gain, efficiency * float(readout.harm @ v**2)


def squeezer_cap(readout: HomodyneReadout, amplitudes: Sequence[float], efficiency: float = 1.0) -> float:
    """The photons of a squeezer at which the first sensor has all the light that it stands; infinite without such a limit.

    Parameters
    ----------
    readout : HomodyneReadout
    amplitudes : (d,) floats
        v_j.
    efficiency : float in (0, 1]
        The squeezer's escape efficiency.

    Examples
    --------
    >>> from protocols.theory.limits.readout import homodyne_readout
    >>> squeezer_cap(homodyne_readout([1.0, 1.0], mean_photons_max=2.0), [1.0, 0.5], 0.5)
    4.0
    """
    v = np.array(amplitudes, dtype=float)
    reached = v != 0
    return float(np.min(readout.caps[reached] / (efficiency * v[reached] ** 2), initial=math.inf))


def shared_mse(
    readout: HomodyneReadout, amplitudes: Sequence[float], mean_photons: float, efficiency: float = 1.0
) -> float:
    """The error of one squeezed vacuum whose light arrives with given amplitudes.

    Parameters
    ----------
    readout : HomodyneReadout
    amplitudes : (d,) floats
        v_j.
    mean_photons : float >= 0
        sinh(r)^2 of the squeezer, before its losses.
    efficiency : float in (0, 1]
        Its escape efficiency.

    Examples
    --------
    >>> from protocols.theory.limits.readout import homodyne_readout
    >>> round(shared_mse(homodyne_readout([1.0]), [1.0], 1.0), 12)
    0.171572875254
    """
    v = np.array(amplitudes, dtype=float)
    return _mse(readout, np.ones_like(v), v, mean_photons, efficiency)


def _mse(readout: HomodyneReadout, through: Real, sent: Real, photons: float, efficiency: float) -> float:
    """The error for amplitudes u sent over paths, as a sum of positive terms, in which nothing cancels.

    |z|^2 - E (1 - q) (w.u)^2 = sum z^2 (1 - E T) + E [(1 - |u|^2) |w|^2 + |u|^2 |w across u|^2 + q (w.u)^2] with q = e^{-2r} and
    the signs of z in w.
    """
    # e^{-r} without cancellation.
    low = 1 / (math.sqrt(photons) + math.sqrt(photons + 1))
    q, w, used = low * low, readout.z * np.sqrt(through), float(sent @ sent)
    unit = sent / math.sqrt(used) if used else sent
    along = float(w @ unit)
    across = w - unit * along
    spare = 1 - used if abs(1 - used) > ROUNDING else 0.0
    light = float(readout.squares @ (1 - efficiency * through))
    light += efficiency * (spare * along**2 + float(across @ across) + (1 - spare) * q * along**2)
    arrives = efficiency * through * sent**2
    noise = readout.gain @ (1 - arrives + q * arrives) + readout.harm @ (1 - arrives + arrives / q)
    return readout.base + light + float(noise)


def best_squeezing(
    readout: HomodyneReadout, amplitudes: Sequence[float], limits: SqueezerLimits, efficiency: float = 1.0
) -> float:
    """The best sinh(r)^2 of one squeezer whose light arrives with given amplitudes; unique, since the error is convex in it.

    The budget, its cap in dB, the light that a sensor stands, or, with jitter, e^{4r} = G/H, whichever is least; 0 for G <= H.

    Parameters
    ----------
    readout : HomodyneReadout
    amplitudes : (d,) floats
        v_j.
    limits : SqueezerLimits
    efficiency : float in (0, 1]
        The squeezer's escape efficiency.

    Examples
    --------
    >>> from protocols.theory.limits.readout import homodyne_readout
    >>> free, steady = SqueezerLimits(mean_photons=1e9), homodyne_readout([1.0])
    >>> n = best_squeezing(homodyne_readout([1.0], phase_jitter_rad=0.1), [1.0], free)
    >>> round((math.sqrt(n) + math.sqrt(n + 1)) ** 4, 6), round(1 / math.tanh(0.01), 6), best_squeezing(steady, [1.0], free)
    (100.003333, 100.003333, 1000000000.0)
    """
    if limits.squeezers == 0:
        return 0.0
    gain, harm = squeezer_weights(readout, amplitudes, efficiency)
    worth = float(photons_worthwhile(np.array(gain), np.array(harm)))
    return min(limits.most_photons, squeezer_cap(readout, amplitudes, efficiency), worth)


def best_shared_squeezing(
    readout: HomodyneReadout,
    limits: SqueezerLimits,
    arrives: Sequence[float] | None = None,
    efficiency: float = 1.0,
) -> SharedSqueezing:
    """The best splitters and squeezing of one squeezed vacuum over lossy paths, under all limits.

    Parameters
    ----------
    readout : HomodyneReadout
    limits : SqueezerLimits
    arrives : (d,) floats in [0, 1], optional
        T_j of the path from the squeezer to each sensor, 0 where there is none; 1 when left out.
    efficiency : float in (0, 1]
        The squeezer's escape efficiency.

    Returns
    -------
    SharedSqueezing

    Examples
    --------
    Of two sensors one stands little light:

    >>> from protocols.theory.limits.readout import homodyne_readout
    >>> readout = homodyne_readout([1.0, 1.0], mean_photons_max=[0.1, 10.0])
    >>> best = best_shared_squeezing(readout, SqueezerLimits(mean_photons=5.0))
    >>> round(best.mean_photons, 4), [round(s, 4) for s in best.shares], round(best.mse, 4), best.is_proved
    (0.7628, [0.1311, 0.8689], 0.6707, True)
    """
    light = SharedLight.over(readout, arrives, efficiency)
    sent, photons = light.best(0.0 if limits.squeezers == 0 else limits.most_photons)
    return SharedSqueezing(
        mse=light.mse(sent, photons),
        mean_photons=photons,
        shares=tuple(np.copysign(sent**2, readout.z).tolist()),
        amplitudes=tuple(light.amplitudes(sent)),
        is_proved=readout.is_steady or int(np.count_nonzero(light.weights)) <= 1,
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class SharedLight:
    """One squeezer with its paths to sensors; amplitudes sent stand for their sizes, their signs are those of z.

    Attributes
    ----------
    readout : HomodyneReadout
    through : (d,) floats in [0, 1]
        T_j.
    efficiency : float in (0, 1]
    """

    readout: HomodyneReadout
    through: Real
    efficiency: float

    @classmethod
    def over(
        cls, readout: HomodyneReadout, arrives: Sequence[float] | None = None, efficiency: float = 1.0
    ) -> SharedLight:
        """The light of one squeezer.

        Parameters
        ----------
        readout : HomodyneReadout
        arrives : (d,) floats in [0, 1], optional
            1 when left out.
        efficiency : float in (0, 1]
        """
        through = np.ones(len(readout.weights)) if arrives is None else np.array(arrives, dtype=float)
        return cls(readout=readout, through=read_only(through), efficiency=efficiency)

    @cached_property
    def weights(self) -> Real:
        """(d,) w_j."""
        return read_only(np.abs(self.readout.z) * np.sqrt(self.through))

    @cached_property
    def light(self) -> Real:
        """(d,) The photons of the squeezer that may be sent to each sensor; none where they are of no use."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            most = self.readout.caps / (self.efficiency * self.through)
        return read_only(np.where(self.weights > NEGLIGIBLE * self.weights.max(initial=0.0), most, 0.0))

    def amplitudes(self, sent: Real) -> list[float]:
        """v_j, with the signs of z_j.

        Parameters
        ----------
        sent : (d,) floats >= 0
        """
        signed: list[float] = (np.copysign(sent, self.readout.z) * np.sqrt(self.through)).tolist()
        return signed

    def benefit(self, sent: Real, photons: float) -> float:
        """By how much the error falls.

        Parameters
        ----------
        sent : (d,) floats >= 0
        photons : float >= 0
        """
        gain, harm = squeezer_weights(self.readout, self.amplitudes(sent), self.efficiency)
        return float(squeezing_benefit(np.array(gain), np.array(harm), np.array(photons)))

    def mse(self, sent: Real, photons: float) -> float:
        """The error of these sensors.

        Parameters
        ----------
        sent : (d,) floats >= 0
        photons : float >= 0
        """
        return _mse(self.readout, self.through, np.copysign(sent, self.readout.z), photons, self.efficiency)

    def best_sent(self, photons: float) -> Real:
        """The best amplitudes at given squeezing: concave in the shares, with or without jitter and caps.

        Parameters
        ----------
        photons : float >= 0
        """
        w = self.weights
        if not photons:
            # The limit of few photons, which no cap meets.
            return w / math.sqrt(float(w @ w)) if w.any() else w
        if self.readout.is_steady:
            return _filled(w, self.light, photons)
        # e^{2r} in front of the harm, in units of 1 - e^{-2r}.
        anti = (math.sqrt(photons) + math.sqrt(photons + 1)) ** 2
        d = (self.readout.gain - anti * self.readout.harm) * self.through
        with np.errstate(divide="ignore", over="ignore"):
            cap = np.minimum(1.0, np.sqrt(self.light / photons))
        return _best_direction(w, d, np.where(w > 0, cap, 0.0))

    def worthwhile(self, most: float) -> float:
        """Photons beyond which no more are of use, whatever the splitters.

        Parameters
        ----------
        most : float >= 0
            The most of this squeezer.
        """
        active = self.light > 0
        if not active.any():
            return 0.0
        # G/H of any splitters is at most the largest G over the least H.
        harm = float((self.readout.harm[active] * self.through[active]).min())
        gain = float((self.weights**2).sum()) + float((self.readout.gain * self.through)[active].max())
        if gain < NEGLIGIBLE**2:
            return 0.0
        worth = float(photons_worthwhile(np.array(gain), np.array(harm)))
        return min(most, worth, float(self.light[active].sum()))

    def best(self, most: float) -> tuple[Real, float]:
        """The best amplitudes and photons; nothing is sent where no light is of use.

        Parameters
        ----------
        most : float >= 0
            The most photons of this squeezer.
        """
        top = self.worthwhile(most)
        if not top:
            return np.zeros_like(self.through), 0.0
        if self.readout.is_steady or np.count_nonzero(self.weights) == 1:
            # Of one sensor alone all that is worthwhile is sent there.
            tried = [top, *(n for n in _turning_points(self.weights, self.light) if n < top)]
            options = [(self.best_sent(n), n) for n in tried]
        else:
            options = self._searched(top)
        sent, photons = max(options, key=lambda option: self.benefit(*option))
        return (sent, photons) if self.benefit(sent, photons) > 0 else (np.zeros_like(sent), 0.0)

    def _searched(self, top: float) -> list[tuple[Real, float]]:
        """The best squeezing of a grid, and of its neighbourhood."""
        from scipy.optimize import minimize_scalar

        def option(r: float) -> tuple[Real, float]:
            photons = math.sinh(r) ** 2
            return self.best_sent(photons), photons

        grid = [math.asinh(math.sqrt(top)) * k / GRID for k in range(1, GRID + 1)]
        values = [self.benefit(*option(r)) for r in grid]
        best = int(np.argmax(values))
        low, high = (grid[best - 1] if best else 0.0), grid[min(best + 1, GRID - 1)]
        fine = minimize_scalar(
            lambda r: -self.benefit(*option(r)), bounds=(low, high), method="bounded", options={"xatol": 1e-10}
        )
        return [option(grid[best]), option(float(fine.x))]


def _filled(weights: Real, light: Real, photons: float) -> Real:
    """Amplitudes sent for the largest sum w_j u_j with sum u_j^2 = 1 and u_j^2 n <= the light that sensor j may be sent."""
    if float(light.sum()) <= photons:
        # All are at their caps, and the rest of the light is left.
        full: Real = np.sqrt(light / photons)
        return full
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        fills_at = np.where(weights > 0, light / weights**2, math.inf)
    order = np.argsort(fills_at, kind="stable")
    capped_before = np.concatenate(([0.0], np.cumsum(light[order])))
    open_from = np.concatenate((np.cumsum((weights[order] ** 2)[::-1])[::-1], [0.0]))
    # The sensors before ``place`` are at their caps; the first place at which the next one is not.
    level = math.inf
    for place, k in enumerate(order):
        level = (photons - float(capped_before[place])) / float(open_from[place]) if open_from[place] else math.inf
        if level <= fills_at[k]:
            break
    sent = np.minimum(light, weights**2 * level) if math.isfinite(level) else light
    amplitude: Real = np.sqrt(sent / photons)
    return amplitude


def _turning_points(weights: Real, light: Real) -> list[float]:
    """Photons at which the error may be least: ends of the pieces between which the same sensors are at their caps, and roots."""
    # Squares of less light, and what is divided by it, are beyond floats.
    active = (weights > 1e-100) & (light > 1e-100)
    w, y = weights[active], light[active]
    limited = np.isfinite(y)
    if not limited.any():
        return []
    with np.errstate(over="ignore"):
        # What is beyond floats never fills.
        fills_at = np.where(limited, y / w**2, math.inf)
    order = np.argsort(fills_at, kind="stable")
    w, y, fills_at = w[order], y[order], fills_at[order]
    points: list[float] = []
    capped, root_sum = 0.0, 0.0
    open_squares = np.concatenate((np.cumsum((w**2)[::-1])[::-1], [0.0]))
    for place in range(int(limited.sum())):
        capped += float(y[place])
        root_sum += float(w[place] * math.sqrt(y[place]))
        left = float(open_squares[place + 1])
        points.append(left * float(fills_at[place]) + capped)
        if left:
            points += _stationary(left, capped, root_sum)
    # No piece is asked for its own ends: what is no stationary point of the error is only one try more.
    return points


def _stationary(open_squares: float, capped: float, root_sum: float) -> list[float]:
    """n = t^2/(1 - 2t) at the roots in (0, 1/2) of [A (t^2 + Y)^2 + Y B^2] (1 - 2t) = B^2 t^2, divided by Y B^2."""
    a = open_squares * capped / root_sum**2
    b = 1 / capped
    # a (b t^2 + 1)^2 + 1, times 1 - 2t, less b t^2, from the highest power down.
    first = np.array([a * b * b, 0.0, 2 * a * b, 0.0, a + 1])
    polynomial = np.polysub(np.polymul(first, [-2.0, 1.0]), [b, 0.0, 0.0])
    if not np.isfinite(polynomial).all():
        # Beside weights that hardly any light goes by; the ends of the pieces are tried all the same.
        return []
    roots = np.roots(polynomial)
    real = roots[np.abs(roots.imag) <= 1e-7 * np.maximum(1e-300, np.abs(roots))].real
    return [float(t * t / (1 - 2 * t)) for t in real if 0 < t < 0.5]


def _best_direction(weights: Real, d: Real, cap: Real) -> Real:
    """u >= 0 with sum u^2 <= 1, u <= cap, for the largest (w.u)^2 + sum d_j u_j^2."""
    from scipy.optimize import brentq

    sent = np.zeros_like(weights)
    largest = float(weights.max(initial=0.0))
    # Weights whose squares would be nothing beside the largest are nothing.
    active = (weights > NEGLIGIBLE * largest) & (cap > 0)
    if not active.any():
        return sent
    w, e, c = weights[active] / largest, d[active] / largest**2, cap[active]
    # Multipliers are counted from the largest d, so that nothing cancels.
    floor = float(e.max())
    gaps = floor - e

    def at(above: float) -> Real:
        """u at a multiplier: x is the largest with x = sum w_j min(c_j, x w_j/(l - d_j)), piecewise linear."""
        with np.errstate(divide="ignore", over="ignore"):
            rate = np.where(gaps + above > 0, w / (gaps + above), math.inf)
            kinks = np.where(np.isfinite(rate), c / rate, 0.0)
        order = np.argsort(kinks, kind="stable")
        full = np.concatenate(([0.0], np.cumsum((w * c)[order])))
        slopes = np.concatenate((np.cumsum(np.where(np.isfinite(rate), w * rate, 0.0)[order][::-1])[::-1], [0.0]))
        # On the piece where the first k are at their caps, x (1 - slope) = full; the last such x is the one that is meant. Where
        # slopes are nearly 1 rounding may put x beside all pieces: then it is at the end of the nearest one.
        nearest, reached = 1e-6, math.inf
        for k in range(len(order) + 1):
            start = 0.0 if not k else float(kinks[order[k - 1]])
            end = math.inf if k == len(order) else float(kinks[order[k]])
            if slopes[k] < 1:
                x = full[k] / (1 - slopes[k])
                beside = max(start - x, x - end, 0.0)
                if beside < nearest * x or beside <= 1e-12 * x:
                    nearest, reached = beside / x if x else 0.0, min(max(x, start), end)
                if beside <= 1e-12 * x:
                    break
        with np.errstate(invalid="ignore"):
            known: Real = np.where(np.isfinite(rate), np.minimum(c, reached * rate), c)
        return known

    # The largest eigenvalue of w w^T + diag(d), from sum w^2/(l - d) = 1.
    low, high = math.log(float(w[np.argmax(e)] ** 2) / 2), math.log(float(w @ w) * (1 + 1e-12))
    top = math.exp(brentq(lambda log: float((w**2 / (gaps + math.exp(log))).sum()) - 1, low, high, xtol=1e-15))
    if floor + top <= 0:
        # Every direction does harm.
        return sent
    u = w / (gaps + top)
    u /= math.sqrt(float(u @ u))
    if not (u <= c * (1 + 1e-12)).all():
        lowest = at(-floor)
        if float(lowest @ lowest) <= 1:
            u = lowest
        else:
            above = brentq(
                lambda value: float(np.sum(at(value) ** 2)) - 1, -floor, top, xtol=1e-300, rtol=1e-13, maxiter=2000
            )
            u = at(above)
    sent[active] = u
    return sent
