"""What imperfect and failing links do to a photon layout.

The error is m (1/sqrt A + 1/sqrt B)^2/4 for branch survivals A, B, to which n photons on a link add the factor tau^n. A random
phase on a lane with n photons turns the relative phase by n times as much, and a variance s^2 of that takes e^{-s^2} of the
information.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from networks import InputError, SensorNetwork
from protocols.documents.printed import Entry, Printed
from protocols.layout.frozen import Frozen
from protocols.layout.layout import MAX_FACTOR, LinkFailure, Robustness
from protocols.layout.paths import Paths
from protocols.layout.photon.layout import PhotonLayout, in_order_of, phase_problem, survival, with_reference
from protocols.layout.photon.routes import Routes
from protocols.layout.photon.routing import Router
from protocols.problem import PhaseProblem, Problem
from protocols.theory.phase import two_branch_mse

MAX_FAILED_NODES = 5000
"""Links in use times nodes up to which failures are worked out; seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSensitivity(Frozen, Printed):
    """What one link adds to the mean squared error.

    Attributes
    ----------
    edge : (str, str)
        The link, its ends in alphabetical order.
    per_phase2 : float >= 0
        For 1 rad^2 of phase variance on each of its lanes, to leading order.
    per_transmissivity : float <= 0
        The derivative by its transmissivity; more light, less error.
    """

    DOCUMENT = (
        "edge",
        Entry("mse_per_phase_rad2", of="per_phase2"),
        Entry("mse_per_transmissivity", of="per_transmissivity"),
    )

    edge: tuple[str, str]
    per_phase2: float
    per_transmissivity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotonRobustness(Robustness):
    """Sensitivities of the links in use, and what is left without each.

    Attributes
    ----------
    factor : float > 1
        By how much the tolerance lets the error grow.
    phase_tolerance_rad : float
        Standard deviation of the phase of every lane that does so; infinite without links in use.
    failures : tuple of LinkFailure, or None
        The same protocol from the same source without each link in use; None in large networks.
    links : tuple of LinkSensitivity
    """

    DOCUMENT = (
        "factor",
        "phase_tolerance_rad",
        "links",
        "failures",
    )

    links: tuple[LinkSensitivity, ...]


def photon_robustness(
    problem: SensorNetwork | Problem, layout: PhotonLayout, *, factor: float = MAX_FACTOR
) -> PhotonRobustness:
    """Sensitivities, the phase tolerance, and the error of the same protocol from the same source without each link.

    Parameters
    ----------
    problem : SensorNetwork or PhaseProblem
    layout : PhotonLayout
        Made for this problem.
    factor : float > 1
        By how much the tolerance lets the error grow.

    Raises
    ------
    InputError
        For a factor that is not above 1.

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from protocols.layout.photon.layouts import photon_layouts
    >>> star = SensorNetwork.star([1, -1], sensing="phase", photons=2)
    >>> result = photon_robustness(star, photon_layouts(star).best)
    >>> [failure.mse for failure in result.failures], round(result.phase_tolerance_rad, 4)
    ([inf, inf], 0.1092)
    """
    if not factor > 1:
        raise InputError([f"the factor that the error may grow by must be above 1, got {factor}"])
    problem = with_reference(phase_problem(problem), layout.reference)
    moves = [move for transport in layout.transports for move in transport.moves]
    # 1/sqrt A over 1/sqrt A + 1/sqrt B, which are the best weights of the branches.
    odds = layout.weights
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
    links = tuple(link for link in problem.task.links if {link.first, link.second} != set(edge))
    # It may send fewer photons than there are.
    bound = problem.bound * (problem.photons / layout.protocol.photons) ** 2
    routes = Routes(paths=Paths(nodes=problem.names, links=links))
    try:
        routing = Router(problem=problem, routes=routes, roots=(layout.root,)).best(layout.protocol)
        mse = two_branch_mse(bound, *survival(problem, routing, in_order_of(routing, layout.protocol)))
    except InputError:
        # A mode is cut off; another reference does not step in.
        mse = math.inf
    return LinkFailure(edge=edge, mse=mse)
