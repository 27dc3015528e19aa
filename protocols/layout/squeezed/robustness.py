"""What imperfect elements do to a layout, to leading order, how large errors may be, and what each link's failure leaves.

With A = v.z and s = 1 - e^{-2r} the error is constant - s A^2. Write S_e for the share of A beyond an element's link, and R_e for
what the element's node keeps or hands on later. A is stationary in every angle at the best amplitudes and its second derivative by
one is -(S_e + R_e); a phase on the link turns S_e out of the squeezed quadrature, into light e^{2r} times as noisy; a link's
transmissivity tau enters as sqrt(tau). Errors of different elements are taken as independent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from networks import InputError
from photonics.conventions import squeezing_for
from protocols.documents.printed import Declared, Entry, Printed
from protocols.layout.frozen import Frozen
from protocols.layout.layout import MAX_FACTOR, LinkFailure, Robustness, require_factor
from protocols.layout.squeezed.beam_splitters import TreeLayout, tree_layout
from protocols.layout.squeezed.spread import Spread, layout_spread
from protocols.theory.task import DisplacementTask

MAX_FAILURES = 60
"""Links whose failures are worked out; of a larger layout they are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementSensitivity(Frozen, Printed):
    """What one element adds to the mean squared error.

    Attributes
    ----------
    edge : (str, str)
        The node of the beam splitter, and the next.
    per_angle2, per_phase2 : float >= 0
        For 1 rad^2 of variance of its angle, and of a phase on its link, to leading order.
    per_transmissivity : float <= 0
        The derivative by the link's transmissivity; more light, less error.
    """

    DOCUMENT: ClassVar[tuple[Declared, ...]] = (
        "edge",
        Entry("mse_per_angle_rad2", of="per_angle2"),
        Entry("mse_per_phase_rad2", of="per_phase2"),
        Entry("mse_per_transmissivity", of="per_transmissivity"),
    )

    edge: tuple[str, str]
    per_angle2: float
    per_phase2: float
    per_transmissivity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SqueezedRobustness(Robustness):
    """Sensitivities of every element, tolerances of all together, and failures of each used link.

    Attributes
    ----------
    factor : float > 1
        By how much the tolerances let the expected error grow.
    phase_tolerance_rad : float
        Standard deviation of the phase of every link, the same for all, that does so to leading order; infinite without elements.
    failures : tuple of LinkFailure, or None
        The best tree without each link in use; None for more than ``MAX_FAILURES``.
    elements : tuple of ElementSensitivity
    angle_tolerance_rad : float
        The same for every beam-splitter angle.
    spread : Spread or None
        What random errors of both kinds together do, each 1/sqrt 2 of its tolerance; None without elements.
    """

    DOCUMENT = (
        "factor",
        "angle_tolerance_rad",
        "phase_tolerance_rad",
        "spread",
        "elements",
        "failures",
    )

    elements: tuple[ElementSensitivity, ...]
    angle_tolerance_rad: float
    spread: Spread | None


def allowed_rad(mse: float, factor: float, added: Sequence[float]) -> float:
    """The standard deviation of the errors of all elements that lets the expected error grow by a factor; infinite where none does.

    Parameters
    ----------
    mse : float > 0
    factor : float > 1
    added : floats
        What each element adds for 1 rad^2.
    """
    total = math.fsum(added)
    return math.sqrt((factor - 1) * mse / total) if total > 0 else math.inf


def layout_robustness(task: DisplacementTask, layout: TreeLayout, *, factor: float = MAX_FACTOR) -> SqueezedRobustness:
    """Sensitivities, tolerances and failures of a layout.

    Costs O(n) for the sensitivities and one shortest-path search from the source for each link in use.

    Parameters
    ----------
    task : DisplacementTask
    layout : TreeLayout
        Made for this task by ``tree_layout``.
    factor : float > 1
        By how much tolerances let the error grow.

    Raises
    ------
    InputError
        For a factor that is not above 1.

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from protocols.problem import Problem
    >>> task = Problem.of(SensorNetwork.star([1, 1], sensing="displacement", mean_photons=1.0)).task
    >>> result = layout_robustness(task, tree_layout(task))
    >>> [failure.mse for failure in result.failures], round(result.phase_tolerance_rad, 4)
    ([inf, inf], 0.0727)
    """
    require_factor(factor)
    weights = dict(zip(task.sensor_names, task.weights, strict=True))
    share = {name: v * weights[name] for name, v in layout.amplitudes}
    squeezing = squeezing_for(layout.mean_photons)
    s, stretched = -math.expm1(-2 * squeezing), math.expm1(2 * squeezing)
    beyond = _beyond(layout, share)
    total = math.fsum(share.values())
    # What a node still has when an element acts: what it keeps and what its later elements hand on, S_e of this one included.
    handed = dict(share)
    having: dict[tuple[str, str], float] = {}
    for element in reversed(layout.elements):
        node, child = element.edge
        handed[node] = handed.get(node, 0.0) + beyond[child]
        having[element.edge] = handed[node]
    elements = []
    for element in layout.elements:
        passed = beyond[element.edge[1]]
        elements.append(
            ElementSensitivity(
                edge=element.edge,
                per_angle2=s * total * having[element.edge],
                per_phase2=stretched * passed**2 + s * total * passed,
                per_transmissivity=-s * total * passed / element.transmissivity,
            )
        )

    angle = allowed_rad(layout.mse, factor, [e.per_angle2 for e in elements])
    phase = allowed_rad(layout.mse, factor, [e.per_phase2 for e in elements])
    both = math.isfinite(angle) and math.isfinite(phase)
    many = len(layout.elements) > MAX_FAILURES
    return SqueezedRobustness(
        elements=tuple(elements),
        failures=None if many else tuple(_failure(task, layout, element.edge) for element in layout.elements),
        factor=factor,
        angle_tolerance_rad=angle,
        phase_tolerance_rad=phase,
        spread=layout_spread(task, layout, angle_rad=angle / math.sqrt(2), phase_rad=phase / math.sqrt(2))
        if both
        else None,
    )


def _beyond(layout: TreeLayout, share: dict[str, float]) -> dict[str, float]:
    """For every node the share of A in it and behind it."""
    beyond = {node: share.get(node, 0.0) for node in layout.tree.nodes}
    for node, parent, _ in reversed(layout.tree.parents):
        beyond[parent] += beyond[node]
    return beyond


def _failure(task: DisplacementTask, layout: TreeLayout, edge: tuple[str, str]) -> LinkFailure:
    links = tuple(link for link in task.links if {link.first, link.second} != set(edge))
    try:
        mse = tree_layout(replace(task, links=links), roots=[layout.tree.root]).mse
    except InputError:
        # A sensor is cut off.
        mse = math.inf
    return LinkFailure(edge=edge, mse=mse)
