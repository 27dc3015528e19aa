"""The main job: from a network to ranked, checked protocols. ``psn design`` prints what is made here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from networks import InputError, Mode, SensorNetwork
from networks.errors import short_repr
from networks.files.node_link import network_document
from protocols.layout.alternatives import Alternative, best_of
from protocols.layout.photon.layout import MAX_NODES
from protocols.layout.photon.layouts import PhotonLayouts, photon_layouts
from protocols.layout.photon.robustness import photon_robustness
from protocols.layout.squeezed.layouts import SqueezedLayouts, squeezed_layouts
from protocols.layout.squeezed.trees import require_nodes
from protocols.problem import DisplacementProblem, PhaseProblem, Problem
from protocols.ranking.candidates import Candidate, Candidates, candidates
from protocols.schemes.plan import Unavailable
from protocols.schemes.scheme import AnyScheme
from protocols.theory.bounds import BoundsTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """The result of ``design``: bounds, candidates best first, and what could not be offered."""

    network: SensorNetwork
    bounds: BoundsTable
    candidates: tuple[Candidate, ...]
    unavailable: tuple[Unavailable, ...]
    why: str
    notes: tuple[str, ...]
    physical: SqueezedLayouts | PhotonLayouts | None = None
    """The light along the links, with their losses; None when next to none of it is left, or in very large networks."""

    @property
    def chosen(self) -> Candidate:
        """The best candidate."""
        return self.candidates[0]

    def to_dict(self) -> dict[str, object]:
        """The document of ``psn design --json``."""
        return {
            "network": network_document(self.network),
            "bounds": self.bounds.to_dict(),
            "candidates": [candidate.to_dict() for candidate in self.candidates],
            "unavailable": [{"scheme": u.scheme, "reason": u.reason} for u in self.unavailable],
            "chosen": self.chosen.plan.scheme,
            "why": self.why,
            "notes": list(self.notes),
            "physical": None if self.physical is None else self.physical.to_dict(),
        }


def design(
    network: SensorNetwork | PhaseProblem | DisplacementProblem,
    *,
    engine: str = "native",
    schemes: Sequence[str | AnyScheme] | None = None,
    sources: Sequence[str] | None = None,
    squeezers: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> Design:
    """Find, simulate, check and rank the protocols for what ``network`` measures.

    Parameters
    ----------
    network : SensorNetwork or Problem
    engine : "native" or "strawberryfields"
        Who simulates the light; with the second, both do and their answers are compared. Others are a ValueError.
    schemes : names or ``Scheme`` objects; all registered ones when left out.
    sources : names of the nodes where light may start, for the layout along the links; any node when left out.
    squeezers : int, optional
        Displacement sensing: at most so many in the layout along the links, 3 when left out.
    progress : callable, optional
        Called with a few words before each longer step.

    Raises
    ------
    NoProtocolError
        When no optimal photon protocol can exist at these N and M, with the least that would do.
    InputError
        For schemes, sources or squeezers that cannot be.
    photonics.CircuitTooLargeError, photonics.PrecisionError
        When the engine cannot hold a candidate's circuit, or its squeezing in double precision.

    Examples
    --------
    >>> result = design(SensorNetwork.chain([1, -1], sensing="phase", photons=2))
    >>> result.chosen.plan.scheme, round(result.chosen.mse, 12), round(result.chosen.ratio, 12)
    ('noon', 0.25, 1.0)
    """
    problem = Problem.of(network)
    _require_options(problem, sources, squeezers)
    report = progress or (lambda _: None)
    best = candidates(problem, schemes, engine=engine, progress=report)
    physical = _along_links(problem, best, sources, squeezers, report)
    return Design(
        network=problem.network,
        bounds=problem.bounds,
        candidates=best.ranked,
        unavailable=best.unavailable,
        why=best.why,
        notes=_notes(problem, physical),
        physical=physical,
    )


def _along_links(
    problem: PhaseProblem | DisplacementProblem,
    best: Candidates,
    sources: Sequence[str] | None,
    squeezers: int | None,
    report: Callable[[str], None],
) -> SqueezedLayouts | PhotonLayouts | None:
    """The light along the links, with their losses."""
    if isinstance(problem, DisplacementProblem):
        return squeezed_layouts(problem, roots=sources, squeezers=squeezers, progress=report)
    if len(problem.names) > MAX_NODES:
        return None
    report("laying out the photons along the links")
    known = [c.plan.photon_protocol for c in best.ranked if c.plan.photon_protocol is not None]
    layouts = photon_layouts(problem, roots=sources, known=known)
    apart = [_separate(c) for c in best.ranked if c.plan.photon_protocol is None]
    return replace(
        layouts,
        alternatives=best_of([*layouts.alternatives, *apart]),
        robustness=photon_robustness(problem, layouts.best),
    )


def _require_options(
    problem: PhaseProblem | DisplacementProblem, sources: Sequence[str] | None, squeezers: int | None
) -> None:
    """Raise InputError listing what is wrong with the places and the number of sources."""
    faults: list[str] = []
    try:
        require_nodes(problem.names, sources)
    except InputError as error:
        faults += error.faults
    places = len(problem.names) if sources is None else len(set(map(str, sources)))
    if squeezers is None:
        pass
    elif isinstance(squeezers, bool) or not isinstance(squeezers, int) or squeezers < 1:
        faults.append(f"the number of squeezers must be a positive integer, got {short_repr(squeezers)}")
    elif isinstance(problem, PhaseProblem):
        faults.append("squeezers are for displacement sensing; a photon protocol has one source")
    elif squeezers > places:
        where = "nodes" if sources is None else "nodes allowed as sources"
        faults.append(f"{squeezers} squeezers need as many places, but there are {places} {where}")
    if faults:
        raise InputError(faults)


def _separate(candidate: Candidate) -> Alternative:
    """A state for each sensor, made where it is used, beside the layouts along the links."""
    plan = candidate.plan
    return Alternative(
        title=plan.title,
        mse=candidate.mse,
        elements=0,
        depth=0,
        sources=len(plan.parts),
        entangled_modes=max(plan.modes_per_pass),
        switches=plan.controls,
    )


def _notes(
    problem: PhaseProblem | DisplacementProblem, physical: SqueezedLayouts | PhotonLayouts | None
) -> tuple[str, ...]:
    notes = []
    if problem.flipped:
        notes.append(
            "||alpha||_P < ||alpha||_Nn, so the protocols are written for -q, which has the same mean squared error"
        )
    lossy = [link for link in problem.task.links if link.transmissivity < 1]
    if lossy:
        where = "nowhere" if physical is None else "in the layout along the links, not in the candidates"
        notes.append(f"{len(lossy)} links have a transmissivity below 1: they count {where}")
    if physical is None and len(problem.names) > MAX_NODES:
        notes.append(f"photons are laid out along links of up to {MAX_NODES} nodes")
    reference = problem.reference if isinstance(problem, PhaseProblem) else None
    on_the_way = _on_the_way(physical)
    for nodes, why in (
        ([m for m in _lossy_others(problem, reference) if m not in on_the_way], "the design sends no light there"),
        (
            [m for m in _lossy_others(problem, reference) if m in on_the_way],
            "light only passes there, before the sensing",
        ),
    ):
        if nodes:
            notes.append(f"the transmissivity of {', '.join(nodes[:8])} does not count: {why}")
    if reference and len(problem.network.references) > 1:
        layout = (
            "" if not isinstance(physical, PhotonLayouts) else f", the layout along the links {physical.best.reference}"
        )
        notes.append(f"of {len(problem.network.references)} references the candidates use {reference.id}{layout}")
    if isinstance(problem, PhaseProblem):
        sent = "exactly N photons" if problem.is_lossless else "a known number of photons, at most N"
        notes.append(f"photon schemes send {sent}; Gaussian phase probes, with N only on average, may lie below (12)")
    return tuple(notes)


def _on_the_way(physical: SqueezedLayouts | PhotonLayouts | None) -> set[str]:
    """Nodes that light passes on its way to the sensing."""
    if isinstance(physical, SqueezedLayouts):
        return set(physical.layout.relays)
    if physical is None:
        return set()
    layout = physical.best
    moves = [move for transport in (layout.preparation, *layout.controls) for move in transport.moves]
    return {layout.root, *(end for move in moves for end in move.edge)}


def _lossy_others(problem: Problem, reference: Mode | None) -> list[str]:
    """Nodes that are no sensors, nor the reference in use, and have losses."""
    modes = problem.network.modes
    return [str(m.id) for m in modes if m.role != "sensor" and m.transmissivity < 1 and m != reference]
