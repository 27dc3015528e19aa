"""What is asked for: a network with its oriented function, and the divisibility that decides about photon protocols."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import gcd, lcm
from typing import TYPE_CHECKING

from networks import InputError, LinearFunction, Mode, SensorNetwork

if TYPE_CHECKING:
    pass

LARGEST_SIMULATED_CELLS = 300_000
"""Passes times modes that are simulated; about half a minute."""


def require_network(network: object) -> None:
    """Raise TypeError for what is no network, such as the name of its file."""
    if not isinstance(network, SensorNetwork):
        raise TypeError(
            f"a SensorNetwork is needed, got {type(network).__name__}; read files with networks.load_network"
        )


def require_simulable(passes: int, modes: int) -> None:
    """Raise InputError when so many passes of so many modes would take minutes to simulate."""
    if passes * modes > LARGEST_SIMULATED_CELLS:
        size = f"{passes} passes of {modes} modes are too many to simulate"
        raise InputError([f"{size}; modes times passes may be {LARGEST_SIMULATED_CELLS}"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A network and the function it measures, with ||alpha||_P >= ||alpha||_Nn as the papers assume.

    ``function`` is the oriented function; when ``flipped``, it is -q of the network, which has the same mean squared error.

    >>> p = Problem.of(SensorNetwork.star([1, -3], sensing="phase", photons=3))
    >>> p.function, p.flipped
    (LinearFunction(('-1', '3')), True)
    """

    network: SensorNetwork
    function: LinearFunction
    flipped: bool
    reference: Mode | None = field(init=False, repr=False, compare=False)
    """The reference that probes use; found once here, because it takes a walk through the graph."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "reference", self.network.reference)

    @classmethod
    def of(cls, network: SensorNetwork) -> Problem:
        """The problem that a network file describes."""
        turned = network.function.orient()
        return cls(network=network, function=turned.function, flipped=turned.flipped)

    @property
    def photons(self) -> int:
        """N; only for phase sensing."""
        assert self.network.photons is not None
        return self.network.photons

    @property
    def mean_photons(self) -> float:
        """nbar; only for displacement sensing."""
        assert self.network.mean_photons is not None
        return self.network.mean_photons

    @property
    def passes(self) -> int:
        """M, which is also the sensing time t."""
        return self.network.passes

    @property
    def sensor_modes(self) -> tuple[str, ...]:
        """Names of the sensor modes, as circuits use them."""
        return tuple(str(mode.id) for mode in self.network.sensors)


def photon_target(function: LinearFunction, photons: int, passes: int) -> tuple[int, ...] | None:
    """N M alpha/||alpha||_P of an oriented function, BEGG (34), or None when it is not integer.

    >>> photon_target(LinearFunction([3, 1, -2]), photons=4, passes=1)
    (3, 1, -2)
    >>> photon_target(LinearFunction([1, 1, 1]), photons=100, passes=1) is None
    True
    """
    if function.norm_positive < function.norm_negative:
        raise InputError(["the function must be oriented; use function.orient().function"])
    scale = Fraction(photons * passes) / function.norm_positive
    target = [scale * a for a in function.alpha]
    return tuple(int(b) for b in target) if all(b.denominator == 1 for b in target) else None


def least_product(function: LinearFunction) -> int:
    """The smallest N M for which (34) holds; it holds exactly for the multiples of it.

    >>> least_product(LinearFunction([1, 1, 1])), least_product(LinearFunction(["1/2", "1/3"]))
    (3, 5)
    """
    norm = function.norm_positive
    return lcm(*((a / norm).denominator for a in function.alpha))


@dataclass(frozen=True, slots=True, kw_only=True)
class Divisibility:
    """What (34) asks of the resources: N M must be a multiple of ``least_product``."""

    least_product: int
    photons: int
    passes: int

    @property
    def least_photons(self) -> int:
        """Smallest number of photons >= 1 that works with the given passes."""
        return self.least_product // gcd(self.least_product, self.passes)

    @property
    def least_passes(self) -> int:
        """Smallest number of passes that works with the given photons."""
        return self.least_product // gcd(self.least_product, self.photons)

    def fault(self) -> str:
        """One sentence with the remedy."""
        up = self.least_photons * -(-self.photons // self.least_photons)
        return (
            f"N M alpha/||alpha||_P must be integer (BEGG (34)): N M = {self.photons * self.passes} is not a multiple of "
            f"{self.least_product}; with M = {self.passes} use N a multiple of {self.least_photons} (next: {up}), or with "
            f"N = {self.photons} use M a multiple of {self.least_passes}; the least N M that works is {self.least_product}"
        )


def divisibility(function: LinearFunction, photons: int, passes: int) -> Divisibility:
    """The divisibility of an oriented function at these resources."""
    return Divisibility(least_product=least_product(function), photons=photons, passes=passes)


def function_document(function: LinearFunction) -> dict[str, object]:
    """The "function" field of every document: alpha as given, the norms of the oriented function, and that function."""
    turned = function.orient()
    return {
        "alpha": [str(a) for a in function.alpha],
        "norm_positive": str(turned.function.norm_positive),
        "norm_negative": str(turned.function.norm_negative),
        "flipped": turned.flipped,
        "oriented": [str(a) for a in turned.function.alpha],
    }
