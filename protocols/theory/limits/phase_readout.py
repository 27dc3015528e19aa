"""What stands between the light of phase sensors and their records, whatever is recorded: one base class of readouts.

Coherent light of A_j photons and light of K squeezed vacua reach site j; squeezer k has n_k photons and arrives with the amplitude
v_kj. A readout says what the error of q is then, all theta unknown: in ``errors`` for any light, and where each site sees one
squeezer at the most as a function of a few sums over the sites of a squeezer. Of such a function all derivatives cost what the
error costs, which is what the search for the best light (``phase_light``) needs at hundreds of sites.

Which light is best is not decided here, and what a file says of a laboratory is read elsewhere.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, ClassVar, Self, TypedDict, TypeVar, Unpack

import numpy as np

from networks import Bench, InputError
from networks.values import Value, plain, whole_number
from photonics.conventions import Integer, Real, read_only
from protocols.theory.limits.squeezers import SqueezerLimits

STEP = 1e-30
"""Of complex-step derivatives, which have no rounding of differences."""
ROUNDING = 1e-14
"""Differences that are no larger, relative to what is subtracted, are zero."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class SiteLight:
    """Light of sites that each see one squeezer.

    Attributes
    ----------
    coherent, amplitudes : (d,) floats
        A_j, and v_j of the squeezer that the site sees.
    squeezed : (K,) floats
        n_k.
    """

    coherent: Real
    amplitudes: Real
    squeezed: Real


@dataclass(frozen=True, kw_only=True)
class PhaseReadout(Value, ABC):
    """What stands between the light of d sites and their records.

    Attributes
    ----------
    alpha : (d,) floats
    passes : int >= 1
        M.
    survives : (d,) floats in (0, 1]
        s_j, from the ports to behind the sensing: what is lost before, and in all passes.
    detector_efficiency, visibility : (d,) floats in (0, 1]
    dark_counts, electronic_noise : (d,) floats >= 0
        Of each detector; in units of the vacuum's variance, which is the shot noise's.
    phase_jitter_rad : (d,) floats in [0, pi]
        Standard deviation of the angle.
    light_caps : (d,) floats >= 0
        The most photons that may enter a site, coherent and squeezed ones together; infinite without a limit.
    """

    has_coherent: ClassVar[bool] = True
    """Whether coherent light at the sites is of use."""

    alpha: tuple[float, ...]
    passes: int = 1
    survives: tuple[float, ...]
    detector_efficiency: tuple[float, ...]
    visibility: tuple[float, ...]
    dark_counts: tuple[float, ...]
    electronic_noise: tuple[float, ...]
    phase_jitter_rad: tuple[float, ...]
    light_caps: tuple[float, ...]

    @abstractmethod
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
            Infinite where a site that counts tells nothing.
        """

    @abstractmethod
    def site_terms(self, coherent: Any, amplitudes: Any, squeezed: Any) -> Any:
        """What each site adds to the sums that the error is made of, each with one squeezer of its own or shared.

        Parameters
        ----------
        coherent, amplitudes, squeezed : (..., d) numbers
            A_j, v_j, and the n of the squeezer that site j sees.

        Returns
        -------
        (m, ..., d) numbers
        """

    @abstractmethod
    def of_sums(self, sums: Any, squeezed: Any) -> Any:
        """The error of the sites of each squeezer.

        Parameters
        ----------
        sums : (m, ..., K) numbers
            Over the sites of each squeezer.
        squeezed : (..., K) numbers
            n_k.

        Returns
        -------
        (..., K) numbers
        """

    @abstractmethod
    def turned_errors(self, coherent: Real, along: Real, across: Real, photons: float, angle_rad: float = 0.0) -> Real:
        """The errors of light of one squeezer whose phases are off: v_j = along_j + i across_j.

        Weights of the estimate are those for this light.

        Parameters
        ----------
        coherent : (d,) floats
            A_j.
        along, across : (..., d) floats
        photons : float >= 0
            Of the squeezer.
        angle_rad : float
            At which it is read, from the squeezed quadrature of light whose phases are not off.

        Returns
        -------
        (...) floats
        """

    def angles(self, amplitudes: Real, squeezed: Real) -> tuple[float, ...]:
        """The angle at which the light of each squeezer is read, from the squeezed quadrature.

        Parameters
        ----------
        amplitudes : (K, d) floats
        squeezed : (K,) floats
        """
        return (0.0,) * len(squeezed)

    def proved_light(self, limits: SqueezerLimits, photons: float, through: Real, served: Integer) -> SiteLight | None:
        """The light that has the least error when the light caps of the sites are left out, where that is proved; None elsewhere.

        Parameters
        ----------
        limits : SqueezerLimits
        photons : float > 0
            The most of one shot, squeezed photons included.
        through : (d,) floats in [0, 1]
            From its squeezer to each site.
        served : (d,) ints
            The squeezer whose light site j sees. All sites count.
        """
        return None

    def share_starts(self, through: Real, served: Integer, squeezed: Real) -> list[Real]:
        """Shares of each squeezer's light among its sites, from which a search starts.

        Parameters
        ----------
        through : (d,) floats in [0, 1]
        served : (d,) ints
        squeezed : (K,) floats
            n_k.

        Returns
        -------
        list of (d,) floats >= 0
            Up to a factor for each squeezer: as of bright light, in phase with what each site adds, unless a readout knows better.
        """
        return [np.abs(self.columns["alpha"]) * through]

    def some(self, nodes: Sequence[int]) -> Self:
        """The readout of some of the nodes.

        Parameters
        ----------
        nodes : places of nodes
        """
        # Of a readout's own fields too.
        names = [field.name for field in fields(self) if field.name != "passes"]
        own = {name: tuple(getattr(self, name)[j] for j in nodes) for name in names}
        return replace(self, **own)  # type: ignore[arg-type]  # passes is not among them

    @cached_property
    def columns(self) -> dict[str, Real]:
        """The numbers of the sites as arrays, by their names."""
        return {name: read_only(np.array(getattr(self, name), dtype=float)) for name in _OF_NODES}

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

        >>> from protocols.theory.limits.intensity import intensity_readout
        >>> one = intensity_readout([1.0])
        >>> round(one.mse([2.0], [[1.0]], [math.sinh(0.6) ** 2]), 9)
        0.396273826
        """
        sent = np.array(amplitudes, dtype=float).reshape(len(squeezed), len(self.alpha))
        return float(self.errors(np.array(coherent, dtype=float), sent, np.array(squeezed, dtype=float)))

    def with_slopes(
        self, coherent: Real, amplitudes: Real, squeezed: Real, served: Integer
    ) -> tuple[float, Real, Real, Real]:
        """The error, and its derivatives along A_j, v_j and r_k, n_k = sinh(r_k)^2, at the cost of a few errors.

        Along r_k they are finite where n_k is 0.

        Parameters
        ----------
        coherent, amplitudes : (d,) floats
            A_j and v_j.
        squeezed : (K,) floats >= 0
            n_k.
        served : (d,) ints
            The squeezer whose light site j sees.

        Returns
        -------
        tuple of float and (d,), (d,) and (K,) floats
            Infinite, with derivatives 0, where a site tells nothing.
        """
        place, count, h = served, len(squeezed), 1j * STEP
        one, r = np.eye(4)[:, :, None], np.arcsinh(np.sqrt(squeezed))
        terms = self.site_terms(coherent + h * one[1], amplitudes + h * one[2], np.sinh(r[place] + h * one[3]) ** 2)
        size = len(terms)
        sums = np.array([np.bincount(place, term[0].real, count) for term in terms])
        if not np.isfinite(sums).all():
            return math.inf, np.zeros_like(coherent), np.zeros_like(coherent), np.zeros_like(squeezed)
        along = np.eye(size + 1)[:, :, None]
        parts = self.of_sums(sums[:, None, :] + h * along[:size], np.sinh(r + h * along[size]) ** 2)
        slopes = parts.imag / STEP
        chained = (slopes[:size, place][:, None, :] * terms[:, 1:].imag / STEP).sum(axis=0)
        through_sites = np.bincount(place, chained[2], count)
        return float(parts[0].real.sum()), chained[0], chained[1], slopes[size] + through_sites


FLATTEST = 1e-150
"""Slope for each unit of a coefficient, and light, up to which a site tells nothing: squares of what is beyond are no doubles."""


@dataclass(frozen=True, kw_only=True)
class LinearReadout(PhaseReadout):
    """Records whose means move along theta, and their best linear estimate.

    Its error is sum_j (alone_j + f_j^2) + sum_k (e^{-2 r_k} - 1) (sum_j f_j v_kj)^2; alone_j is what no squeezing takes away.

    Attributes
    ----------
    alpha, passes, survives, detector_efficiency, visibility, dark_counts, electronic_noise, phase_jitter_rad, light_caps
        As of ``PhaseReadout``.
    """

    @abstractmethod
    def light_terms(self, coherent: Any, dark: Any, paired: Any, less: Any) -> tuple[Any, Any]:
        """The alone_j, infinite where a site that counts has no slope, and the f_j.

        Parameters
        ----------
        coherent : (..., d) numbers
            A_j.
        dark, paired, less : (..., d) numbers
            The sums over squeezers of v_kj^2 times n_k, sqrt(n_k (n_k + 1)) and e^{-2 r_k} - 1: photons, the size of what comes in
            pairs, and the noise of the quadrature that is read above the vacuum's, which depends on the phase of light.
        """

    def turned_errors(self, coherent: Real, along: Real, across: Real, photons: float, angle_rad: float = 0.0) -> Real:
        """As ``PhaseReadout.turned_errors``; read in the squeezed quadrature.

        Only the quadrature that is read knows of phases: less of it comes with what is along, e^{2r} - 1 with what is across.

        Parameters
        ----------
        coherent, along, across, photons
        angle_rad : float
            0.

        Raises
        ------
        ValueError
            For another angle.
        """
        if angle_rad:
            raise ValueError(f"angle_rad must be 0: x alone is read, got {angle_rad}")
        less, root = float(less_noise(np.array(photons))), math.sqrt(photons * (photons + 1))
        more, squares = 2 * (photons + root), along**2 + across**2
        noise = less * along**2 + more * across**2
        alone, factors = self.light_terms(coherent, squares * photons, squares * root, noise)
        shared = less * (factors * along).sum(axis=-1) ** 2 + more * (factors * across).sum(axis=-1) ** 2
        errors: Real = (alone + factors**2).sum(axis=-1) + shared
        return errors

    def phase_slopes(self, coherent: Real, amplitudes: Real, photons: float) -> tuple[Real, Real]:
        """What a phase of a site's light alone adds to the error, for 1 rad^2, and the f_j; light in phase so far.

        Parameters
        ----------
        coherent, amplitudes : (d,) floats
            A_j and v_j.
        photons : float >= 0
            Of the one squeezer.

        Returns
        -------
        tuple of two (d,) floats
        """
        squares, root = amplitudes**2, math.sqrt(photons * (photons + 1))
        less = squares * less_noise(np.array(photons))
        # cos^2 less + sin^2 (e^{2r} - 1) differs from less by 4 sqrt(n (n + 1)) sin^2.
        turned = less + 1j * STEP * 4 * squares * root
        alone, factors = self.light_terms(coherent, squares * photons, squares * root, turned)
        slopes: Real = np.where(np.isfinite(alone.real), alone.imag / STEP, 0.0)
        return slopes, factors

    def errors(self, coherent: Any, amplitudes: Any, squeezed: Any) -> Any:
        """As ``PhaseReadout.errors``; squeezers may share sites.

        Where they do not, what is left of the noise is not a difference: f less its part along v, and e^{-2r} of that part.

        Parameters
        ----------
        coherent, amplitudes, squeezed : numbers
        """
        less, squares = less_noise(squeezed), amplitudes**2
        root = np.sqrt(squeezed * (squeezed + 1))
        dark, paired, quadrature = ((squares * x[..., None]).sum(axis=-2) for x in (squeezed, root, less))
        alone, factors = self.light_terms(coherent, dark, paired, quadrature)
        along, norms = (factors[..., None, :] * amplitudes).sum(axis=-1), squares.sum(axis=-1)
        lit = amplitudes != 0
        if (lit.sum(axis=-2) > 1).any():
            return (alone + factors**2).sum(axis=-1) + (less * along**2).sum(axis=-1)
        norms = np.where(norms == 0, 1, norms)
        across = np.where(lit, factors[..., None, :] - amplitudes * (along / norms)[..., None], 0) ** 2
        unlit = np.where(lit.any(axis=-2), 0, factors**2)
        left = difference(1, norms) / norms + 1 / (1 + 2 * squeezed + 2 * root)
        return (alone + unlit + across.sum(axis=-2)).sum(axis=-1) + (left * along**2).sum(axis=-1)

    def site_terms(self, coherent: Any, amplitudes: Any, squeezed: Any) -> Any:
        """The alone_j + f_j^2 and f_j v_j.

        Parameters
        ----------
        coherent, amplitudes, squeezed : (..., d) numbers
        """
        squares, root = amplitudes**2, np.sqrt(squeezed * (squeezed + 1))
        less = squares * less_noise(squeezed)
        alone, factors = self.light_terms(coherent, squares * squeezed, squares * root, less)
        return np.array([alone + factors**2, factors * amplitudes])

    def of_sums(self, sums: Any, squeezed: Any) -> Any:
        """The error of the sites of each squeezer.

        Parameters
        ----------
        sums : (2, ..., K) numbers
        squeezed : (..., K) numbers
        """
        return sums[0] + less_noise(squeezed) * sums[1] ** 2


_OF_NODES = tuple(field.name for field in fields(PhaseReadout) if field.name != "passes")
Readout = TypeVar("Readout", bound=PhaseReadout)


def less_noise(squeezed: Any) -> Any:
    """e^{-2r} - 1 of squeezed vacua of n photons, without cancellation; numbers may be complex.

    Parameters
    ----------
    squeezed : numbers
        n.

    Examples
    --------
    >>> round(float(less_noise(np.array(1.0))), 12)
    -0.828427124746
    """
    return -2 * squeezed / (squeezed + np.sqrt(squeezed * (squeezed + 1)) + (squeezed == 0))


def difference(first: Any, second: Any) -> Any:
    """First less second: nothing within rounding, with the derivative that it has.

    Parameters
    ----------
    first, second : numbers

    Examples
    --------
    >>> difference(1, np.array([0.25, 1 - 1e-15, 1 + 1e-15])).tolist()
    [0.75, 0.0, 0.0]
    """
    found = first - second
    flat = 1j * np.imag(found) if np.iscomplexobj(found) else 0.0
    return np.where(np.abs(np.real(found)) > ROUNDING * np.real(first), found, flat)


class SensorNumbers(TypedDict, total=False):
    """A laboratory's numbers of its sensors, each one number or one a sensor; what is left out is ideal.

    Attributes
    ----------
    passes : int >= 1
        M.
    transmissivity : float or (d,) floats in (0, 1]
        Of each arm after each pass.
    transmissivity_before : float or (d,) floats in (0, 1]
    detector_efficiency, visibility : float or (d,) floats in (0, 1]
    dark_counts, electronic_noise : float or (d,) floats >= 0
    phase_jitter_rad : float or (d,) floats in [0, pi]
    mean_photons_max : float or (d,) floats >= 0
        The most photons, of both arms together where there are two, that may pass a sensor.
    """

    passes: int
    transmissivity: float | Sequence[float]
    transmissivity_before: float | Sequence[float]
    detector_efficiency: float | Sequence[float]
    visibility: float | Sequence[float]
    dark_counts: float | Sequence[float]
    electronic_noise: float | Sequence[float]
    phase_jitter_rad: float | Sequence[float]
    mean_photons_max: float | Sequence[float]


_SHARE = ("in (0, 1]", lambda x: 0 < x <= 1)
_SIZE = ("finite and not negative", lambda x: 0 <= x < math.inf)
_RULES: dict[str, tuple[float, tuple[str, Callable[[float], bool]]]] = {
    "transmissivity": (1.0, _SHARE),
    "transmissivity_before": (1.0, _SHARE),
    "detector_efficiency": (1.0, _SHARE),
    "visibility": (1.0, _SHARE),
    "dark_counts": (0.0, _SIZE),
    "electronic_noise": (0.0, _SIZE),
    "phase_jitter_rad": (0.0, ("from 0 to pi", lambda x: 0 <= x <= math.pi)),
    "mean_photons_max": (math.inf, ("not negative", lambda x: x >= 0)),
}


def phase_readout(kind: type[Readout], alpha: Sequence[float], **numbers: Unpack[SensorNumbers]) -> Readout:
    """The readout of d sensors from a laboratory's numbers.

    Parameters
    ----------
    kind : a PhaseReadout class
    alpha : (d,) floats
        Of the phases; of two-armed sensors, of the differences of both arms.
    numbers : SensorNumbers

    Raises
    ------
    InputError
        Listing every number out of its range, and every list that has not d numbers.

    Examples
    --------
    >>> from protocols.theory.limits.intensity import IntensityReadout
    >>> round(phase_readout(IntensityReadout, [1.0], transmissivity=0.5).mse([8.0]), 12)
    0.25
    """
    count, passes = len(alpha), numbers.get("passes", 1)
    faults = [f"{name} is no number of a sensor" for name in numbers if name not in {*_RULES, "passes"}]
    if not count or not all(math.isfinite(a) for a in alpha):
        faults.append("alpha must have a finite number for each sensor, at least one")
    if whole_number(passes) is None or passes < 1:
        faults.append(f"passes must be a positive integer, got {passes!r}")
    columns: dict[str, tuple[float, ...]] = {}
    for name, (ideal, (what, is_right)) in _RULES.items():
        given = plain(numbers.get(name, ideal))
        # What is no number raises here.
        column = tuple(map(float, given)) if isinstance(given, Sequence) else (float(given),) * count  # type: ignore[arg-type]  # a number
        if len(column) != count:
            faults.append(f"{name} must be one number or {count}, one a sensor; got {len(column)}")
        faults += [f"{name} must be {what}, got {x:g}" for x in dict.fromkeys(column) if not is_right(x)]
        columns[name] = column
    if faults:
        raise InputError(faults)
    before = columns.pop("transmissivity_before")
    etas = columns.pop("transmissivity")
    caps = columns.pop("mean_photons_max")
    return kind(
        alpha=tuple(map(float, alpha)),
        passes=passes,
        survives=tuple(b * eta**passes for b, eta in zip(before, etas, strict=True)),
        light_caps=tuple(cap / b for cap, b in zip(caps, before, strict=True)),
        **columns,
    )


def phase_readout_of_benches(
    kind: type[Readout], alpha: Sequence[float], benches: Sequence[Bench], passes: int
) -> Readout:
    """The readout of sensors with these benches.

    Parameters
    ----------
    kind : a PhaseReadout class
    alpha : (d,) floats
    benches : (d,) Bench
        Of the sensors.
    passes : int >= 1

    Examples
    --------
    >>> from protocols.theory.limits.intensity import IntensityReadout
    >>> half = Bench(detector_efficiency=0.5)
    >>> round(phase_readout_of_benches(IntensityReadout, [1.0], [half], passes=1).mse([8.0]), 12)
    0.25
    """
    return phase_readout(
        kind,
        alpha,
        passes=passes,
        transmissivity=[bench.transmissivity for bench in benches],
        transmissivity_before=[bench.transmissivity_before for bench in benches],
        detector_efficiency=[bench.detector_efficiency for bench in benches],
        visibility=[bench.visibility for bench in benches],
        dark_counts=[bench.dark_counts for bench in benches],
        electronic_noise=[bench.electronic_noise for bench in benches],
        phase_jitter_rad=[bench.phase_jitter_rad for bench in benches],
        mean_photons_max=[bench.mean_photons_max for bench in benches],
    )
