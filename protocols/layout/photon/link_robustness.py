"""What imperfect and failing links do to photons along links, from how much each traversal of a link adds to the error.

How much that is follows from the light, and is in the ``robustness`` of its folder.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Self

from networks import InputError
from protocols.documents.printed import Entry, Printed
from protocols.layout.frozen import Frozen
from protocols.layout.layout import LinkFailure, Robustness

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
class TraversalGrowth:
    """By what share of itself the mean squared error grows with an imperfect traversal of a link.

    Attributes
    ----------
    edge : (str, str)
        The link, in either direction.
    per_phase2 : float >= 0
        For 1 rad^2 of phase variance, to leading order.
    per_loss : float >= 0
        For a transmissivity lower by 1, to leading order.
    """

    edge: tuple[str, str]
    per_phase2: float
    per_loss: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRobustness(Robustness):
    """Sensitivities of the links in use, and what is left without each; other attributes as of ``Robustness``.

    Attributes
    ----------
    links : tuple of LinkSensitivity
    """

    DOCUMENT = (
        "factor",
        "phase_tolerance_rad",
        "links",
        "failures",
    )

    links: tuple[LinkSensitivity, ...]

    @classmethod
    def of_traversals(
        cls,
        growths: Iterable[TraversalGrowth],
        mse: float,
        *,
        factor: float,
        work: int,
        mse_without: Callable[[tuple[str, str]], float],
    ) -> Self:
        """All traversals of a link taken together.

        Parameters
        ----------
        growths : iterable of TraversalGrowth
        mse : float
            With all links as they are.
        factor : float > 1
            By how much the tolerance lets the error grow.
        work : int
            Nodes gone through for the failure of one link.
        mse_without : function of a link
            The error without it; InputError when a mode is cut off.
        """
        by_link: dict[tuple[str, str], list[float]] = {}
        for growth in growths:
            sums = by_link.setdefault((min(growth.edge), max(growth.edge)), [0.0, 0.0])
            sums[0] += growth.per_phase2
            sums[1] += growth.per_loss

        def failure(edge: tuple[str, str]) -> LinkFailure:
            try:
                return LinkFailure(edge=edge, mse=mse_without(edge))
            except InputError:
                return LinkFailure(edge=edge, mse=math.inf)

        edges = sorted(by_link)
        total = math.fsum(squares for squares, _ in by_link.values())
        return cls(
            # An infinite error times nothing is nothing.
            links=tuple(
                LinkSensitivity(
                    edge=edge,
                    per_phase2=mse * by_link[edge][0] if by_link[edge][0] else 0.0,
                    per_transmissivity=-mse * by_link[edge][1] if by_link[edge][1] else 0.0,
                )
                for edge in edges
            ),
            failures=None if len(edges) * work > MAX_FAILED_NODES else tuple(map(failure, edges)),
            factor=factor,
            phase_tolerance_rad=math.sqrt(math.log(factor) / total) if total else math.inf,
        )
