"""The error of a layout as it is when its links lose more or less: sources, splitters' trees, photons and paths stay.

All paths get longer alike when every link's loss in dB is multiplied by one number, so the best paths stay the best.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from protocols.built.built import Built
from protocols.layout.layout import Layouts
from protocols.layout.photon.layouts import PhotonLayouts
from protocols.layout.photon.routes import Transport
from protocols.layout.squeezed.layouts import SqueezedLayouts
from protocols.layout.squeezed.trees import Tree
from protocols.layout.strings.layout import string_error
from protocols.layout.strings.layouts import StringLayouts
from protocols.problem import DisplacementProblem, PhaseProblem, Problem
from protocols.theory.displacement import displacement_gain
from protocols.theory.phase import two_branch_mse
from protocols.theory.sums import error_sum

PER_DB = math.log(10) / 10
"""Of the logarithm of a transmissivity."""


def error_with_link_loss(built: Built, problem: PhaseProblem | DisplacementProblem, loss: float) -> float | None:
    """Mean squared error of q in one shot with other losses of links; populations, shares and splitters as good as they can be.

    Parameters
    ----------
    built : Built
    problem : Problem
        That it was built for.
    loss : float >= 0
        Every loss of a link in dB times this; or dB of every link, where none of them has a loss.

    Returns
    -------
    float or None
        None for schemes without a layout.

    Examples
    --------
    >>> from networks import Link, SensorNetwork
    >>> from protocols.built.build import build
    >>> from protocols.problem import Problem
    >>> from protocols.schemes import find_scheme
    >>> chain = SensorNetwork.chain([1, -1], sensing="phase", photons=2)
    >>> half = chain.replace(links=(Link(ends=("s1", "s2"), transmissivity=0.5),))
    >>> built = build(find_scheme("phase", "noon"), half)
    >>> round(built.mse, 6), round(error_with_link_loss(built, Problem.of(half), 2.0), 6)
    (0.5625, 1.5625)
    """
    layout: Layouts | None = built.layout
    lossy = problem.has_lossy_links
    if isinstance(layout, SqueezedLayouts):
        assert isinstance(problem, DisplacementProblem), "squeezed light is laid out for displacements"
        return _squeezed(layout, problem, loss, lossy)
    if isinstance(layout, PhotonLayouts):
        best = layout.best
        now = [math.fsum(logs) for logs in zip(*(t.log_survival for t in best.transports), strict=True)]
        there = _on_links(best.transports, loss, lossy, problem)
        logs = [whole - old + new for whole, old, new in zip(best.log_survival, now, there, strict=True)]
        bound = problem.bound * (problem.budget / best.protocol.photons) ** 2
        return two_branch_mse(bound, logs[0], logs[1])
    if isinstance(layout, StringLayouts):
        root = 0.0
        for turn in layout.turns:
            there = _on_links((turn.preparation,), loss, lossy, problem)
            old = turn.preparation.log_survival
            logs = [whole - a + b for whole, a, b in zip(turn.log_survival, old, there, strict=True)]
            root += string_error([abs(float(c)) for c in turn.coefficients], logs, turn.photons * problem.passes)
        return root * root
    return None


def _on_links(transports: Iterable[Transport], loss: float, lossy: bool, problem: Problem) -> list[float]:
    """Logarithms of the survival of every branch on the links; what joins both arms of a sensor is no link of the network."""
    transports = tuple(transports)
    if lossy:
        return [loss * math.fsum(logs) for logs in zip(*(t.log_survival for t in transports), strict=True)]
    branches = len(transports[0].log_survival)
    site = problem.site_of
    moves = [move for t in transports for move in t.moves if site[move.edge[0]] != site[move.edge[1]]]
    crossed = [sum(move.photons[k] for move in moves) for k in range(branches)]
    return [-loss * PER_DB * photons for photons in crossed]


def _squeezed(layout: SqueezedLayouts, problem: DisplacementProblem, loss: float, lossy: bool) -> float:
    """constant + sum z_j^2 (1 - T_j) + sum over squeezers of e^(-2r) sum T_j z_j^2."""
    task = problem.task
    weight = dict(zip(task.sensor_names, task.weights, strict=True))
    terms = [task.loss_noise]
    for source in layout.shown.sources:
        squeezed = 1 / displacement_gain(source.mean_photons)
        links = _links_to(source.tree)
        for name, through in source.tree.arrives:
            there = through**loss if lossy else math.exp(-loss * PER_DB * links[name])
            terms.append(weight[name] ** 2 * (1 - there + there * squeezed))
    return error_sum(terms)


def _links_to(tree: Tree) -> dict[str, int]:
    """How many links lead from the root to each node."""
    links = {tree.root: 0}
    for node, parent, _ in tree.parents:
        links[node] = links[parent] + 1
    return links
