"""What imperfect and failing links do to a photon layout.

The error is m (1/sqrt A + 1/sqrt B)^2/4 for branch survivals A, B, to which a crossing of n photons adds the factor tau^n. A random
phase on a lane with n photons turns the relative phase by n times as much, and a variance s^2 of that takes e^{-s^2} of the
information.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from networks import InputError
from protocols.layout.photon.layout import PhotonLayout, lay_out, with_reference
from protocols.layout.squeezed.robustness import LARGEST_FACTOR, LinkFailure
from protocols.problem import PhaseProblem
from protocols.schemes.photon import log_survival

MAX_FAILED_NODES = 5000
"""Links in use times nodes up to which failures are worked out; seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSensitivity:
    """What one link adds to the mean squared error: for 1 rad^2 of phase variance on each of its lanes, to leading order,
    and by its transmissivity (a derivative; negative: more light, less error)."""

    edge: tuple[str, str]
    per_phase2: float
    per_transmissivity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotonRobustness:
    """Sensitivities of the links in use, and what is left without each.

    ``phase_tolerance_rad`` is the rms phase on every lane that lets the error grow by ``factor``; ``failures`` is None for very
    many links.
    """

    links: tuple[LinkSensitivity, ...]
    failures: tuple[LinkFailure, ...] | None
    factor: float
    phase_tolerance_rad: float

    def to_dict(self) -> dict[str, object]:
        """The ``robustness`` of the physical section."""
        return {
            "factor": self.factor,
            "phase_tolerance_rad": self.phase_tolerance_rad,
            "links": [
                {
                    "edge": list(link.edge),
                    "mse_per_phase_rad2": link.per_phase2,
                    "mse_per_transmissivity": link.per_transmissivity,
                }
                for link in self.links
            ],
            "failures": None
            if self.failures is None
            else [{"edge": list(failure.edge), "mse": failure.mse} for failure in self.failures],
        }


def photon_robustness(
    problem: PhaseProblem, layout: PhotonLayout, *, factor: float = LARGEST_FACTOR
) -> PhotonRobustness:
    """Sensitivities, the phase tolerance, and the error of the same protocol from the same source without each link.

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from protocols.layout.photon.layouts import photon_layouts
    >>> from protocols.problem import Problem
    >>> problem = Problem.of(SensorNetwork.star([1, -1], sensing="phase", photons=2))
    >>> found = photon_robustness(problem, photon_layouts(problem).best)
    >>> [failure.mse for failure in found.failures], round(found.phase_tolerance_rad, 4)
    ([inf, inf], 0.1092)
    """
    if not factor > 1:
        raise InputError([f"the factor that the error may grow by must be above 1, got {factor}"])
    moves = [move for transport in (layout.preparation, *layout.controls) for move in transport.moves]
    problem = with_reference(problem, layout.reference)
    modes = log_survival(problem, layout.protocol)
    logs = [modes[k] + math.fsum(t.log_survival[k] for t in (layout.preparation, *layout.controls)) for k in (0, 1)]
    # 1/sqrt A over the sum of both, without ever leaving the range of floating point.
    odds = [1 / (1 + math.exp(min(600.0, max(-600.0, (logs[k] - logs[1 - k]) / 2)))) for k in (0, 1)]
    by_link: dict[tuple[str, str], list[float]] = {}
    for move in moves:
        edge = (min(move.edge), max(move.edge))
        sums = by_link.setdefault(edge, [0.0, 0.0])
        sums[0] += sum(n * n for n in move.photons)
        sums[1] += sum(n * share for n, share in zip(move.photons, odds, strict=True)) / move.transmissivity
    links = tuple(
        LinkSensitivity(edge=edge, per_phase2=layout.mse * squares, per_transmissivity=-layout.mse * slope)
        for edge, (squares, slope) in sorted(by_link.items())
    )
    total = math.fsum(squares for squares, _ in by_link.values())
    many = len(links) * len(problem.network.modes) > MAX_FAILED_NODES
    return PhotonRobustness(
        links=links,
        failures=None if many else tuple(_failure(problem, layout, link.edge) for link in links),
        factor=factor,
        phase_tolerance_rad=math.sqrt(math.log(factor) / total) if total else math.inf,
    )


def _failure(problem: PhaseProblem, layout: PhotonLayout, edge: tuple[str, str]) -> LinkFailure:
    network = problem.network
    left = tuple(link for link in network.links if {str(end) for end in link.ends} != set(edge))
    try:
        # Networks must hang together, so one that a failure cuts apart is refused when it is made. The reference stays.
        rest = with_reference(PhaseProblem(network=network.replace(links=left)), layout.reference)
        mse = lay_out(rest, layout.protocol, roots=[layout.root]).mse
    except InputError:
        mse = math.inf
    return LinkFailure(edge=edge, mse=mse)
