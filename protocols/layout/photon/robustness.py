"""What imperfect and failing links do to a photon layout.

The error is m (1/sqrt A + 1/sqrt B)^2/4 for branch survivals A, B, to which n photons on a link add the factor tau^n. A random
phase on a lane with n photons turns the relative phase by n times as much, and a variance s^2 of that takes e^{-s^2} of the
information.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from networks import SensorNetwork
from protocols.layout.layout import MAX_FACTOR, require_factor
from protocols.layout.paths import Paths
from protocols.layout.photon.layout import (
    PhotonLayout,
    in_order_of,
    light_limits,
    phase_problem,
    survival,
    with_reference,
)
from protocols.layout.photon.link_robustness import LinkRobustness, TraversalGrowth
from protocols.layout.photon.routes import Routes
from protocols.layout.photon.routing import Router
from protocols.problem import PhaseProblem, Problem
from protocols.theory.light_limits import light_factor, limited_populations
from protocols.theory.phase import two_branch_mse
from protocols.theory.two_branches import best_branch_weights


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotonRobustness(LinkRobustness):
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
    require_factor(factor)
    problem = with_reference(phase_problem(problem), layout.reference)
    return PhotonRobustness.of_traversals(
        _growths(layout),
        layout.mse,
        factor=factor,
        work=len(problem.names),
        mse_without=lambda edge: _mse_without(problem, layout, edge),
    )


def _growths(layout: PhotonLayout) -> Iterator[TraversalGrowth]:
    # What each branch adds to the error: 1/sqrt A over 1/sqrt A + 1/sqrt B, where its weight is that, the best one.
    wanted = best_branch_weights(*layout.log_survival)
    added = [w * (w / p) for w, p in zip(wanted, layout.weights, strict=True)]
    odds = [part / sum(added) for part in added]
    for move in (move for transport in layout.transports for move in transport.moves):
        lost = sum(n * share for n, share in zip(move.photons, odds, strict=True))
        yield TraversalGrowth(
            edge=move.edge, per_phase2=sum(n * n for n in move.photons), per_loss=lost / move.transmissivity
        )


def _mse_without(problem: PhaseProblem, layout: PhotonLayout, edge: tuple[str, str]) -> float:
    """Of the same protocol from the same source; another reference does not step in."""
    routes = Routes(paths=Paths.of(problem.task).without(edge))
    routing = Router(problem=problem, routes=routes, roots=(layout.root,)).best(layout.protocol)
    # It may send fewer photons than there are.
    bound = problem.bound * (problem.photons / layout.protocol.photons) ** 2
    ordered = in_order_of(routing, layout.protocol)
    logs = survival(problem, routing, ordered)
    wanted = best_branch_weights(*logs)
    sent = problem.with_budget(layout.protocol.photons, problem.passes)
    harm = light_factor(wanted, limited_populations(wanted, light_limits(sent, routing, ordered)))
    return two_branch_mse(bound, *logs) * harm
