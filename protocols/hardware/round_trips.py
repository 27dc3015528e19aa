"""Light that is split at one place, goes to the sensors along the links, and comes back to be counted where it started."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from networks.values import Value
from protocols.preparation.links import Links
from protocols.problem import PhaseProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTrip(Value):
    """The ways of the light of a differential function, one a mode in use: its sensors, then the reference where there is one.

    Attributes
    ----------
    start : str or None
        The node where the light is split and counted; None where no link loses anything, so that any place will do.
    modes : tuple of str
    one_way : tuple of float in (0, 1]
        Transmissivity of the links to each mode, which are passed twice.
    sensors : tuple of float in (0, 1]
        What is left behind each mode itself: before the sensing and after it; detectors aside.
    """

    start: str | None
    modes: tuple[str, ...]
    one_way: tuple[float, ...]
    sensors: tuple[float, ...]

    @property
    def transmissivity(self) -> tuple[float, ...]:
        """There, through the sensor and back."""
        return tuple(way * way * own for way, own in zip(self.one_way, self.sensors, strict=True))


def round_trip(problem: PhaseProblem) -> RoundTrip:
    """From the node at which the least is lost: 1/sqrt(T) of every mode is added up with its weight in q, as shares make up for it.

    Parameters
    ----------
    problem : PhaseProblem
        Of one pass, with coefficients that sum to 0 or a reference.

    Examples
    --------
    >>> from networks import Link, SensorNetwork
    >>> chain = SensorNetwork.chain([1, -2, 1], sensing="phase", photons=2)
    >>> links = [Link(ends=("s1", "s2"), transmissivity=0.5), Link(ends=("s2", "s3"), transmissivity=0.8)]
    >>> trip = round_trip(PhaseProblem(network=chain.replace(links=tuple(links))))
    >>> trip.start, [round(share, 12) for share in trip.transmissivity]
    ('s2', [0.25, 1.0, 0.64])
    """
    function = problem.by_arms.function
    weights = {name: abs(float(a)) for name, a in zip(problem.sensor_modes, function.alpha, strict=True) if a}
    if missing := sum(function.alpha):
        assert problem.reference_name is not None, "functions that do not sum to 0 have a reference"
        weights[problem.reference_name] = abs(float(missing))
    modes = tuple(weights)
    losses = [problem.losses_of[mode] for mode in modes]
    sensors = tuple(one.before * one.each_pass for one in losses)
    if not problem.has_lossy_links:
        return RoundTrip(start=None, modes=modes, one_way=(1.0,) * len(modes), sensors=sensors)
    links = Links(task=problem.task)
    assert links.join(modes), "links join all sensors, and the reference that is used"

    def ways(start: str) -> tuple[float, ...]:
        return tuple(
            math.prod(links.transmissivity(a, b) for a, b in pairwise(links.path(start, mode))) for mode in modes
        )

    def cost(start: str) -> float:
        needed = zip(weights.values(), ways(start), sensors, strict=True)
        # Not beyond rounding, so that among equals the node that is named first is taken.
        return round(math.fsum(w / (way * math.sqrt(own)) for w, way, own in needed), 12)

    start = min(links.roots(weights), key=cost)
    return RoundTrip(start=start, modes=modes, one_way=ways(start), sensors=sensors)
