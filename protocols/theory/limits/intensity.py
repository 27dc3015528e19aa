"""Two-armed interferometers read by intensity differences at mid-fringe: exact errors at any brightness, and the best light.

Coherent light of A_j photons enters one port of node j and light of K squeezed vacua the other, dark one; squeezer k arrives there
with the amplitude v_kj and has n_k photons. Behind the sensing a share s_j of the light is left. With A' = s A, v' = sqrt(s) v,
m_j = sum_k v'_kj^2 n_k, q_k = e^{-2 r_k}, the difference of the two outputs is sqrt(A') times the dark port's quadrature and what
the dark photons do with the vacuum, so that without jitter

    C_jk = sqrt(A'_j A'_k) sum_l v'_lj v'_lk (q_l - 1) + delta_jk (A'_j + m_j),    slope_j = M (A'_j - m_j),

and with detectors, visibility and random angles as in ``photonics.IntensityDifference``. All theta are unknown, so the best linear
estimate has the error sum_jk w_j C_jk w_k, w_j = alpha_j/slope_j (PHYSICS.md, section 9).

In the limit of much coherent light it is that of a displacement network with the coefficients alpha_j/(2 sqrt A_j) (``bright``). At
finite light A_j, v_kj and n_k are looked for together, from the bright optimum and from others: found, with the slope that is left
along every exchange of light, not proved.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from networks import InputError
from networks.values import Value, plain, whole_number
from photonics.conventions import Real, read_only
from protocols.theory.limits.squeezers import SqueezerLimits

STEP = 1e-30
"""Of complex-step derivatives, which have no rounding of differences."""
ROUNDS = 25
"""Times that prices of limits are raised."""
FITS = 1e-6
"""How far above a limit, relative to it, light may be that is then trimmed to it."""
SLACK = 1e-3
"""Root of the share of the light that the search begins without, so that limits can leave some."""


_OF_NODES = (
    "alpha",
    "survives",
    "detector_efficiency",
    "visibility",
    "dark_counts",
    "electronic_noise",
    "phase_jitter_rad",
    "light_caps",
)


@dataclass(frozen=True, kw_only=True)
class IntensityReadout(Value):
    """What stands between the light of d two-armed interferometers and the recorded differences.

    Attributes
    ----------
    alpha : (d,) floats
    passes : int >= 1
        M.
    survives : (d,) floats in (0, 1]
        s_j, from the ports to behind the sensing: what is lost before, and in all passes.
    detector_efficiency, visibility : (d,) floats in (0, 1]
    dark_counts, electronic_noise : (d,) floats >= 0
        Of each of two detectors; as a share of the shot noise.
    phase_jitter_rad : (d,) floats in [0, pi]
        Standard deviation of the angle.
    light_caps : (d,) floats > 0
        The most photons, of both arms together, that may enter; infinite without a limit.
    """

    alpha: tuple[float, ...]
    passes: int = 1
    survives: tuple[float, ...]
    detector_efficiency: tuple[float, ...]
    visibility: tuple[float, ...]
    dark_counts: tuple[float, ...]
    electronic_noise: tuple[float, ...]
    phase_jitter_rad: tuple[float, ...]
    light_caps: tuple[float, ...]

    def some(self, nodes: Sequence[int]) -> IntensityReadout:
        """The readout of some of the nodes.

        Parameters
        ----------
        nodes : places of nodes
        """
        own = {name: tuple(getattr(self, name)[j] for j in nodes) for name in _OF_NODES}
        return replace(self, **own)  # type: ignore[arg-type]  # passes is not among them

    @cached_property
    def _columns(self) -> dict[str, Real]:
        return {name: read_only(np.array(getattr(self, name), dtype=float)) for name in _OF_NODES}

    def errors(self, coherent: Any, amplitudes: Any, squeezed: Any) -> Any:
        """The errors of many choices of light at once; numbers may be complex, for derivatives.

        Parameters
        ----------
        coherent : (..., d) numbers
            A_j, at the ports.
        amplitudes : (..., K, d) numbers
            v_kj, at the ports.
        squeezed : (..., K) numbers
            n_k, at the squeezers.

        Returns
        -------
        (...) numbers
            Infinite where a node that counts has no slope.
        """
        columns = self._columns
        s, e, v = columns["survives"], columns["detector_efficiency"], columns["visibility"]
        variance = columns["phase_jitter_rad"] ** 2
        # Of the random angle: <sin^2>, <cos^2> - <cos>^2 and <cos>.
        sin2, rest, contrast = -np.expm1(-2 * variance) / 2, np.expm1(-variance) ** 2 / 2, np.exp(-variance / 2)
        root = np.sqrt(squeezed * (squeezed + 1))
        # e^{-2r} - 1 without cancellation.
        less = -2 * squeezed / (squeezed + root + (squeezed == 0))
        bright, arrives = s * coherent, s * amplitudes**2
        dark, paired = (arrives * squeezed[..., None]).sum(axis=-2), (arrives * root[..., None]).sum(axis=-2)
        quadrature = (arrives * less[..., None]).sum(axis=-2)
        slopes = self.passes * e * v * contrast * (bright - dark)
        counts = columns["alpha"] != 0
        blind = (counts & (slopes == 0)).any(axis=-1)
        w = np.where(counts, columns["alpha"], 0) / np.where(slopes == 0, 1, slopes)
        photons = bright + dark
        # A quarter turn further the difference is that of the photons of both ports.
        turned = bright + paired**2 + dark**2 + dark + (bright - dark) ** 2
        light = (1 - sin2) * photons + rest * bright * quadrature + sin2 * turned
        added = e * photons * (e * (1 - v**2) + 1 - e + columns["electronic_noise"]) + 2 * columns["dark_counts"]
        alone = (w**2 * ((e * v) ** 2 * light + added)).sum(axis=-1)
        together = ((w * e * v * contrast * np.sqrt(bright * s))[..., None, :] * amplitudes).sum(axis=-1)
        return np.where(blind, math.inf, alone + (less * together**2).sum(axis=-1))

    def mse(
        self, coherent: Sequence[float], amplitudes: Sequence[Sequence[float]] = (), squeezed: Sequence[float] = ()
    ) -> float:
        """The mean squared error of q in one shot.

        Parameters
        ----------
        coherent : (d,) floats >= 0
            A_j.
        amplitudes : (K, d) floats
            v_kj, squeezed along the quadrature that is read.
        squeezed : (K,) floats >= 0
            n_k.

        Examples
        --------
        One interferometer, a^2 = 2 and r = 0.6:

        >>> one = intensity_readout([1.0])
        >>> round(one.mse([2.0], [[1.0]], [math.sinh(0.6) ** 2]), 9)
        0.396273826
        """
        sent = np.array(amplitudes, dtype=float).reshape(len(squeezed), len(self.alpha))
        return float(self.errors(np.array(coherent, dtype=float), sent, np.array(squeezed, dtype=float)))


def intensity_readout(
    alpha: Sequence[float],
    *,
    passes: int = 1,
    transmissivity: float | Sequence[float] = 1.0,
    transmissivity_before: float | Sequence[float] = 1.0,
    detector_efficiency: float | Sequence[float] = 1.0,
    visibility: float | Sequence[float] = 1.0,
    dark_counts: float | Sequence[float] = 0.0,
    electronic_noise: float | Sequence[float] = 0.0,
    phase_jitter_rad: float | Sequence[float] = 0.0,
    mean_photons_max: float | Sequence[float] = math.inf,
) -> IntensityReadout:
    """The readout of d two-armed sensors from a laboratory's numbers; a number stands for the same at every sensor.

    Parameters
    ----------
    alpha : (d,) floats
        Of the differences of both arms.
    passes : int >= 1
        M.
    transmissivity : float or (d,) floats in (0, 1]
        Of each arm after each pass.
    transmissivity_before : float or (d,) floats in (0, 1]
    detector_efficiency, visibility : float or (d,) floats in (0, 1]
    dark_counts, electronic_noise : float or (d,) floats >= 0
    phase_jitter_rad : float or (d,) floats in [0, pi]
    mean_photons_max : float or (d,) floats > 0
        The most photons of both arms together that may pass a sensor.

    Raises
    ------
    InputError
        Listing every number out of its range, and every list that has not d numbers.

    Examples
    --------
    >>> round(intensity_readout([1.0], transmissivity=0.5).mse([8.0]), 12)
    0.25
    """
    count = len(alpha)
    share, size = ("in (0, 1]", lambda x: 0 < x <= 1), ("finite and not negative", lambda x: 0 <= x < math.inf)
    rules: dict[str, tuple[object, tuple[str, Callable[[float], bool]]]] = {
        "transmissivity": (transmissivity, share),
        "transmissivity_before": (transmissivity_before, share),
        "detector_efficiency": (detector_efficiency, share),
        "visibility": (visibility, share),
        "dark_counts": (dark_counts, size),
        "electronic_noise": (electronic_noise, size),
        "phase_jitter_rad": (phase_jitter_rad, ("from 0 to pi", lambda x: 0 <= x <= math.pi)),
        "mean_photons_max": (mean_photons_max, ("positive", lambda x: x > 0)),
    }
    faults: list[str] = []
    if not count or not all(math.isfinite(a) for a in alpha):
        faults.append("alpha must have a finite number for each sensor, at least one")
    if whole_number(passes) is None or passes < 1:
        faults.append(f"passes must be a positive integer, got {passes!r}")
    columns: dict[str, tuple[float, ...]] = {}
    for name, (value, (what, is_right)) in rules.items():
        given = plain(value)
        # What is no number raises here.
        column = tuple(map(float, given)) if isinstance(given, Sequence) else (float(value),) * count  # type: ignore[arg-type]  # as it is given
        if len(column) != count:
            faults.append(f"{name} must be one number or {count}, one a sensor; got {len(column)}")
        faults += [f"{name} must be {what}, got {x:g}" for x in dict.fromkeys(column) if not is_right(x)]
        columns[name] = column
    if faults:
        raise InputError(faults)
    before = columns.pop("transmissivity_before")
    etas = columns.pop("transmissivity")
    caps = columns.pop("mean_photons_max")
    return IntensityReadout(
        alpha=tuple(map(float, alpha)),
        passes=passes,
        survives=tuple(b * eta**passes for b, eta in zip(before, etas, strict=True)),
        light_caps=tuple(cap / b for cap, b in zip(caps, before, strict=True)),
        **columns,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class IntensityLight(Value):
    """Coherent and squeezed light of a network of interferometers at finite brightness.

    Attributes
    ----------
    mse : float
        Mean squared error of q in one shot, or per shot for sites in turn.
    coherent_photons : (d,) floats >= 0
        A_j; of sites in turn each in its turn.
    amplitudes : (K, d) floats
        v_kj, losses on the way included.
    squeezed_photons : (K,) floats >= 0
        n_k at the squeezers; of sites in turn each in its turn.
    shares : (d,) floats
        Of the shots, for sites in turn; empty otherwise.
    slope : float
        The largest relative change of the error with the share of any light, along what limits leave free: 0 at an optimum.
    """

    mse: float
    coherent_photons: tuple[float, ...]
    amplitudes: tuple[tuple[float, ...], ...]
    squeezed_photons: tuple[float, ...]
    shares: tuple[float, ...] = ()
    slope: float


def best_intensity_shared(
    readout: IntensityReadout,
    limits: SqueezerLimits,
    photons: float,
    arrives: Sequence[float] | None = None,
    efficiency: float = 1.0,
) -> IntensityLight:
    """Coherent light at every site and one squeezed vacuum split over the dark ports, with the least error found.

    Parameters
    ----------
    readout : IntensityReadout
    limits : SqueezerLimits
    photons : float > 0
        The most of one shot, squeezed photons included.
    arrives : (d,) floats in [0, 1], optional
        T_j of the path from the squeezer to each site; 1 when left out.
    efficiency : float in (0, 1], optional
        Escape efficiency of the squeezer.

    Examples
    --------
    >>> limits = SqueezerLimits(mean_photons=math.inf, squeezing_db=10.0)
    >>> best = best_intensity_shared(intensity_readout([1.0, -2.0, 0.5]), limits, 1e6)
    >>> round(best.mse * 1e6 / 3.5**2, 4), [round(a / 1e6, 4) for a in best.coherent_photons]
    (0.1, [0.2857, 0.5714, 0.1429])
    """
    alpha = np.abs(np.array(readout.alpha))
    count = len(alpha)
    through = efficiency * (np.ones(count) if arrives is None else np.array(arrives, dtype=float))
    signs = np.where(np.array(readout.alpha) < 0, -1.0, 1.0)

    top = 0.0 if limits.squeezers == 0 or not through.any() else min(limits.most_photons, photons)

    def light(z: Any) -> tuple[Any, Any, Any]:
        u = z[..., count + 2 :]
        sent = u / np.sqrt((u**2).sum(axis=-1))[..., None]
        squeezed = top * np.sin(z[..., count + 1 : count + 2]) ** 2
        coherent = _shares(z[..., : count + 1], photons - squeezed[..., 0])
        return coherent, (sent * np.sqrt(through) * signs)[..., None, :], squeezed

    weight = np.sqrt(alpha * through)
    weight = weight if weight.any() else np.ones(count)
    bright = np.append(np.sqrt(alpha / alpha.sum()), SLACK)
    starts = [
        np.concatenate((bright, [_angle(n, top)], weight))
        for n in _squeezed_photons(top, photons, _room(readout, through))
    ]
    best, slope, chosen = _better(readout, light, starts)
    coherent, amplitudes, squeezed = (np.real(x) for x in chosen(best))
    return _found(readout, coherent, amplitudes, squeezed, slope)


def best_intensity_local(
    readout: IntensityReadout,
    limits: SqueezerLimits,
    photons: float,
    arrives: Sequence[float] | None = None,
    efficiency: Sequence[float] | None = None,
) -> IntensityLight:
    """Coherent light at every site, and squeezed vacuum of its own for each, with the least error found.

    Parameters
    ----------
    readout : IntensityReadout
    limits : SqueezerLimits
        Of all squeezers; where there are fewer than sites, those with the largest weight have one.
    photons : float > 0
        The most of one shot, squeezed photons included.
    arrives, efficiency : (d,) floats, optional
        From the squeezer of each site, and its escape efficiency; 1 when left out.

    Examples
    --------
    >>> limits = SqueezerLimits(mean_photons=math.inf, squeezing_db=10.0)
    >>> best = best_intensity_local(intensity_readout([1.0, -2.0, 0.5]), limits, 1e6)
    >>> round(best.mse * 1e6 / 3.5**2, 4)
    0.1
    """
    alpha = np.abs(np.array(readout.alpha))
    count = len(alpha)
    ones = np.ones(count)
    through = (ones if arrives is None else np.array(arrives, dtype=float)) * (
        ones if efficiency is None else np.array(efficiency, dtype=float)
    )
    amplitudes = np.diag(np.sqrt(through))
    most = count if limits.squeezers is None else min(count, limits.squeezers)
    order = np.argsort(-alpha * through, kind="stable")
    tops = np.zeros(count)
    tops[order[:most]] = min(limits.most_photons, photons)
    tops[through * alpha == 0] = 0.0

    def light(z: Any) -> tuple[Any, Any, Any]:
        squeezed = tops * np.sin(z[..., count + 1 :]) ** 2
        coherent = _shares(z[..., : count + 1], photons - squeezed.sum(axis=-1))
        return coherent, amplitudes, squeezed

    bright = np.append(np.sqrt(alpha / alpha.sum()), SLACK)
    weight = np.where(tops > 0, alpha, 0.0)
    weight = weight / weight.sum() if weight.any() else weight
    starts = []
    for n in _squeezed_photons(min(float(tops.sum()), limits.mean_photons, photons), photons, _room(readout, through)):
        angles = [_angle(part, top) for part, top in zip((n * weight).tolist(), tops.tolist(), strict=True)]
        starts.append(np.concatenate((bright, angles)))
    best, slope, chosen = _better(readout, light, starts, min(limits.mean_photons, photons))
    coherent, _, squeezed = (np.real(x) for x in chosen(best))
    return _found(readout, coherent, amplitudes, squeezed, slope)


def best_intensity_in_turn(
    readout: IntensityReadout,
    limits: SqueezerLimits,
    photons: float,
    arrives: Sequence[float] | None = None,
    efficiency: Sequence[float] | None = None,
) -> IntensityLight:
    """All the light, and the squeezer, at one site after the other, with the best shares of the shots: (sum sqrt e_j)^2.

    For parameters that stay put. What vacuum would tell of the other sites is nothing: without coherent light they have no slope.

    Parameters
    ----------
    readout : IntensityReadout
    limits : SqueezerLimits
        Of a shot.
    photons : float > 0
        The most of one shot, squeezed photons included.
    arrives, efficiency : (d,) floats, optional
        To each site in its turn, and of the squeezer that it comes from; 1 when left out.

    Examples
    --------
    >>> limits = SqueezerLimits(mean_photons=math.inf, squeezing_db=10.0)
    >>> round(best_intensity_in_turn(intensity_readout([1.0, -2.0, 0.5]), limits, 1e6).mse * 1e6 / 3.5**2, 4)
    0.1
    """
    count = len(readout.alpha)
    each = []
    for j, a in enumerate(readout.alpha):
        path = 1.0 if arrives is None else arrives[j]
        escape = 1.0 if efficiency is None else efficiency[j]
        # A site that does not count has no turn.
        each.append(best_intensity_shared(readout.some([j]), limits, photons, [path], escape) if a else None)
    roots = [0.0 if own is None else math.sqrt(own.mse) for own in each]
    total = math.fsum(roots)
    return IntensityLight(
        mse=total**2,
        coherent_photons=tuple(0.0 if own is None else own.coherent_photons[0] for own in each),
        amplitudes=tuple(
            tuple(own.amplitudes[0][0] if own is not None and k == j else 0.0 for k in range(count))
            for j, own in enumerate(each)
        ),
        squeezed_photons=tuple(0.0 if own is None else own.squeezed_photons[0] for own in each),
        shares=tuple(root / total for root in roots),
        slope=max((own.slope for own in each if own is not None), default=0.0),
    )


def _shares(z: Any, photons: Any) -> Any:
    """Light divided by squares; the last of them is light that is not used."""
    squares = z**2
    # Squeezers may be given too much on the way of a search.
    left = np.where(np.real(photons) > 0, photons, 0)
    return (left / squares.sum(axis=-1))[..., None] * squares[..., :-1]


def _room(readout: IntensityReadout, through: Real) -> float:
    """The photons of a squeezer that no site has more of than it stands."""
    caps = np.array(readout.light_caps)
    return float((caps[through > 0] / through[through > 0]).min(initial=math.inf))


def _angle(photons: float, top: float) -> float:
    """The angle t with top sin(t)^2 = photons: at the cap the error is stationary in it."""
    return math.asin(math.sqrt(min(1.0, photons / top))) if top else 0.0


def _squeezed_photons(top: float, photons: float, room: float) -> list[float]:
    """Squeezed photons that the search starts from; ``room`` is what the sites stand of them.

    Where more arrive in a dark port than coherent light in the other, the difference has the other sign, and none in between: no
    search comes back from there.
    """
    if not top:
        return [0.0]
    # The best of one site, of e^{-2r}/(N - n): n ~ sqrt(N)/2 for much light, and less than a half of little light.
    wanted = (0.999 * min(top, photons / 3), 0.5 * math.sqrt(photons), 0.05 * photons, 0.01 * top)
    return sorted({*(min(n, 0.999 * top, photons / 3, 0.3 * room) for n in wanted)})


def _better(
    readout: IntensityReadout,
    light: Callable[[Any], tuple[Any, Any, Any]],
    starts: Sequence[Real],
    together: float = math.inf,
) -> tuple[Real, float, Callable[[Any], tuple[Any, Any, Any]]]:
    """The best found with squeezed light or without any, from where a search would leave: squeezing helps in the first order."""

    def dark(z: Any) -> tuple[Any, Any, Any]:
        coherent, amplitudes, squeezed = light(z)
        return coherent, amplitudes, 0 * squeezed

    found = []
    for one, own in ((light, starts), (dark, starts[:1])):
        if (end := _searched(readout, one, own, together)) is not None:
            found.append((float(readout.errors(*one(end[0]))), *end, one))
    if not found:
        raise InputError(["no light within these limits tells q: every sensor with a coefficient needs coherent light"])
    _, z, slope, one = min(found, key=lambda each: each[0])
    return z, slope, one


def _searched(
    readout: IntensityReadout,
    light: Callable[[Any], tuple[Any, Any, Any]],
    starts: Sequence[Real],
    together: float = math.inf,
) -> tuple[Real, float] | None:
    """The z of the least error within the limits, found from all starts, and the slope that is left there; None where none fits."""
    from scipy.optimize import minimize

    caps = np.array(readout.light_caps)
    capped = np.isfinite(caps)

    def excess(coherent: Any, amplitudes: Any, squeezed: Any) -> Any:
        """How far the light is above each limit, relative to it."""
        at_ports = coherent + (amplitudes**2 * squeezed[..., None]).sum(axis=-2)
        parts = [at_ports[..., capped] / caps[capped] - 1]
        if math.isfinite(together):
            parts.append(squeezed.sum(axis=-1)[..., None] / max(together, 1e-300) - 1)
        return np.concatenate(parts, axis=-1)

    def priced(z: Any, price: Real, weight: float) -> Any:
        state = light(z)
        pushed = price + weight * excess(*state)
        pushed = np.where(pushed.real > 0, pushed, 0)
        return np.log(readout.errors(*state)) + ((pushed**2 - price**2) / (2 * weight)).sum(axis=-1)

    def with_slope(z: Real, price: Real, weight: float) -> tuple[float, Real]:
        values = priced(z + 1j * STEP * np.eye(len(z)), price, weight)
        value = float(values[0].real)
        return (value, np.asarray(values.imag / STEP)) if math.isfinite(value) else (1e300, np.zeros(len(z)))

    best: tuple[float, Real, float] | None = None
    for start in starts:
        z, price, weight = np.array(start), np.zeros(len(excess(*light(start)))), 1.0
        for _ in range(ROUNDS):
            options = {"maxiter": 3000, "gtol": 1e-11, "ftol": 1e-15}
            run = minimize(with_slope, z, args=(price, weight), jac=True, method="L-BFGS-B", options=options)  # type: ignore[call-overload]  # its stubs take no further arguments
            z = np.asarray(run.x)
            over = excess(*light(z))
            price = np.maximum(0.0, price + weight * over)
            if over.max(initial=0.0) < 1e-10 and (price * over).min(initial=0.0) > -1e-8:
                break
            weight *= 3
        _, slope = with_slope(z, price, weight)
        mse = float(readout.errors(*light(z)))
        # A search that ends above a limit has found nothing.
        if over.max(initial=0.0) < FITS and math.isfinite(mse) and (best is None or mse < best[0]):
            best = mse, z, float(np.abs(slope).max())
    return None if best is None else best[1:]


def _found(readout: IntensityReadout, coherent: Real, amplitudes: Real, squeezed: Real, slope: float) -> IntensityLight:
    """The light as it was found, within its limits to the last digit."""
    caps = np.array(readout.light_caps)
    dark = (amplitudes**2 * squeezed[:, None]).sum(axis=0)
    coherent = np.minimum(coherent, np.maximum(caps - dark, 0.0))
    return IntensityLight(
        mse=readout.mse(coherent.tolist(), amplitudes.tolist(), squeezed.tolist()),
        coherent_photons=tuple(coherent.tolist()),
        amplitudes=tuple(map(tuple, amplitudes.tolist())),
        squeezed_photons=tuple(squeezed.tolist()),
        slope=slope,
    )
