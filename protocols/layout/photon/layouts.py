"""The layouts of photons along links to choose from, by reference and source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from networks import InputError
from networks.reach import reachable
from protocols.layout.alternatives import Alternative, best_of
from protocols.layout.photon.candidates import Candidates, photon_candidates
from protocols.layout.photon.layout import MAX_NODES, PhotonLayout, _laid_out, with_reference
from protocols.layout.photon.orders import Ways, all_orders_tried
from protocols.layout.squeezed.trees import require_nodes
from protocols.problem import PhaseProblem
from protocols.theory.equal_errors import ranked
from protocols.wmatrix.protocol import PhotonProtocol

if TYPE_CHECKING:
    from protocols.layout.photon.robustness import PhotonRobustness

MAX_SWITCHED = 300
"""Nodes of a network up to which protocols with controls are laid out when others are known."""


MAX_REFERENCES = 4
"""References tried; the first ones that light can reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotonLayouts:
    """The best layout found, the trade-offs among those looked at, and what is proved.

    Attributes
    ----------
    best : PhotonLayout
        The least mean squared error; then the fewest switches, layers and crossings of links.
    alternatives : tuple of Alternative
        Those that no other one looked at is better than in all respects.
    joined_exists : bool or None
        Whether an optimal protocol exists whose occupied modes are joined in every pass; None is undecided.
    complete : bool
        Whether every optimal protocol (that is joined in every pass, when there are such) was looked at, with every reference and
        every order of its columns.
    robustness : PhotonRobustness
        What imperfect and failing links do to the best one, where it was worked out.
    """

    best: PhotonLayout
    alternatives: tuple[Alternative, ...]
    joined_exists: bool | None
    complete: bool
    robustness: PhotonRobustness | None = None

    @property
    def mse(self) -> float:
        """Mean squared error of q with the best layout."""
        return self.best.mse

    def to_dict(self) -> dict[str, object]:
        """The ``physical`` section of ``psn design --json`` for phase sensing."""
        return {
            **self.best.to_dict(),
            "joined_exists": self.joined_exists,
            "complete": self.complete,
            "robustness": None if self.robustness is None else self.robustness.to_dict(),
            "alternatives": [alternative.to_dict() for alternative in self.alternatives],
        }


def photon_layouts(
    problem: PhaseProblem, *, roots: Sequence[str] | None = None, known: Sequence[PhotonProtocol] = ()
) -> PhotonLayouts:
    """Lay out the optimal protocols of a phase problem along the links.

    Protocols whose occupied modes are joined in every pass come first; only when none is found are others laid out, whose
    light passes sensors that it does not occupy.

    Parameters
    ----------
    roots : names of the nodes where the state may be made; any node when left out.
    known : optimal protocols to look at beside those found here.

    Raises
    ------
    InputError
        When (34) fails, the network is too large, or no allowed node reaches all modes.

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> found = photon_layouts(PhaseProblem.of(SensorNetwork.chain([1, 1, -2], sensing="phase", photons=2)))
    >>> found.best.root, [(m.edge, m.layer, m.photons) for m in found.best.preparation.moves]
    ('s2', [(('s2', 's1'), 1, (1, 0)), (('s2', 's3'), 2, (0, 2))])
    >>> found.best.mse, found.joined_exists
    (1.0, True)
    """
    network = problem.network
    if len(network.modes) > MAX_NODES:
        raise InputError([f"photons are laid out along links of up to {MAX_NODES} nodes, got {len(network.modes)}"])
    require_nodes([str(mode.id) for mode in network.modes], roots)
    problems, all_references = _by_reference(problem)
    found = [photon_candidates(one, known) for one in problems]
    exists = _any(candidates.joined for candidates in found)
    pairs = [(p, c) for p, c in zip(problems, found, strict=True) if c.joined or not exists]
    complete = all_references and all(candidates.complete for candidates in found)
    layouts: list[PhotonLayout] = []
    for one, candidates in pairs:
        chosen, all_chosen = _affordable(one, candidates)
        complete = complete and all_chosen and all(map(all_orders_tried, chosen))
        ways = Ways(one, None if roots is None else tuple(map(str, roots)))
        layouts += [_laid_out(one, protocol, ways) for protocol in chosen]
    best, *_ = ranked(
        layouts,
        error=lambda layout: layout.mse,
        effort=lambda layout: (layout.protocol.switches, layout.depth, layout.crossings),
    )
    return PhotonLayouts(
        best=best,
        alternatives=best_of(layout.as_alternative() for layout in layouts),
        joined_exists=exists if exists or all_references else None,
        complete=complete,
    )


def _any(verdicts: Iterable[bool | None]) -> bool | None:
    """True when one is, None when one of the others is undecided."""
    verdicts = list(verdicts)
    return True if any(verdicts) else None if None in verdicts else False


def _by_reference(problem: PhaseProblem) -> tuple[list[PhaseProblem], bool]:
    """The problem with each reference that light can reach, the others as nodes that sense nothing; and whether these are all."""
    if problem.reference is None or len(problem.network.references) == 1:
        return [problem], True
    reached = reachable(problem.network, problem.network.sensors[0].id)
    names = [str(mode.id) for mode in problem.network.references if mode.id in reached]
    first = [str(problem.reference.id), *(name for name in names if name != str(problem.reference.id))]
    return [with_reference(problem, name) for name in first[:MAX_REFERENCES]], len(first) <= MAX_REFERENCES


def _affordable(problem: PhaseProblem, candidates: Candidates) -> tuple[tuple[PhotonProtocol, ...], bool]:
    """In large networks only the protocols without switches, when there are any."""
    steady = tuple(protocol for protocol in candidates.protocols if not protocol.switches)
    if len(problem.network.modes) <= MAX_SWITCHED or not steady:
        return candidates.protocols, True
    return steady, len(steady) == len(candidates.protocols)
