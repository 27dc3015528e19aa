"""The main job: from a network to ranked, checked protocols. ``psn design`` prints what is made here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from networks import InputError, Mode, SensorNetwork
from networks.errors import short_repr
from networks.files.node_link import network_document
from protocols.conditions import Condition
from protocols.layout.alternatives import SAME, Alternative, best_of
from protocols.layout.photon.layout import MAX_NODES
from protocols.layout.photon.layouts import PhotonLayouts, photon_layouts
from protocols.layout.photon.robustness import photon_robustness
from protocols.layout.squeezed.layouts import SqueezedLayouts, squeezed_layouts
from protocols.layout.squeezed.trees import require_nodes
from protocols.problem import Problem, divisibility, require_network, require_simulable
from protocols.ranking.plan_checks import plan_checks
from protocols.schemes import SCHEMES, Plan, Unavailable
from protocols.schemes.evaluation import Evaluation, evaluate
from protocols.theory.bounds import BoundsTable, bounds_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A plan with what an engine found for it, beside the bound of all probes."""

    plan: Plan
    evaluation: Evaluation
    bound: float
    checks: tuple[Condition, ...]

    @property
    def mse(self) -> float:
        """Mean squared error of q in one shot, by the closed form that the simulation is checked against."""
        return self.plan.predicted_mse

    @property
    def failed(self) -> tuple[Condition, ...]:
        """Conditions that do not hold; there should be none."""
        return tuple(condition for condition in self.checks if not condition.holds)

    @property
    def ratio(self) -> float:
        """MSE over the bound."""
        return self.mse / self.bound


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
            "candidates": [_candidate_document(candidate) for candidate in self.candidates],
            "unavailable": [{"scheme": u.scheme, "reason": u.reason} for u in self.unavailable],
            "chosen": self.chosen.plan.scheme,
            "why": self.why,
            "notes": list(self.notes),
            "physical": None if self.physical is None else self.physical.to_dict(),
        }


def design(
    network: SensorNetwork,
    *,
    engine: str = "native",
    sources: Sequence[str] | None = None,
    squeezers: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> Design:
    """Find, simulate, check and rank the protocols for what ``network`` measures.

    Parameters
    ----------
    network : SensorNetwork
    engine : "native" or "strawberryfields"
        Who simulates the light; with the second, both do and their answers are compared. Others are a ValueError.
    sources : names of the nodes where light may start, for the layout along the links; any node when left out.
    squeezers : int, optional
        Displacement sensing: at most so many in the layout along the links, 3 when left out.
    progress : callable, optional
        Called with a few words before each longer step.

    Raises
    ------
    InputError
        When no optimal photon protocol can exist at these N and M, with the least that would do.
    photonics.CircuitTooLargeError, photonics.PrecisionError
        When the engine cannot hold a candidate's circuit, or its squeezing in double precision.

    Examples
    --------
    >>> found = design(SensorNetwork.chain([1, -1], sensing="phase", photons=2))
    >>> found.chosen.plan.scheme, round(found.chosen.mse, 12), round(found.chosen.ratio, 12)
    ('noon', 0.25, 1.0)
    """
    require_network(network)
    _check_wishes(network, sources, squeezers)
    tell = progress or (lambda _: None)
    problem = Problem.of(network)
    require_simulable(network.passes, len(network.modes))
    if network.sensing == "phase":
        need = divisibility(problem.function, problem.photons, problem.passes)
        if problem.photons * problem.passes % need.least_product:
            raise InputError([need.fault()])
    table = bounds_table(
        network.function, photons=network.photons, mean_photons=network.mean_photons, passes=network.passes
    )
    bound = table.row(network.sensing, "entangled").mse
    assert bound is not None
    candidates, unavailable = [], []
    for name, scheme in SCHEMES[network.sensing].items():
        tell(f"{name}: finding a protocol")
        plan = scheme(problem)
        if isinstance(plan, Unavailable):
            unavailable.append(plan)
            continue
        tell(f"{name}: simulating on {engine}")
        evaluation = evaluate(plan, problem, engine)
        tell(f"{name}: checking")
        checks = plan_checks(plan, problem, table, evaluation)
        candidates.append(Candidate(plan=plan, evaluation=evaluation, bound=bound, checks=checks))
    physical: SqueezedLayouts | PhotonLayouts | None = None
    if network.sensing == "displacement":
        physical = squeezed_layouts(network, roots=sources, squeezers=squeezers, progress=tell)
    elif len(network.modes) <= MAX_NODES:
        tell("laying out the photons along the links")
        known = [c.plan.photon_protocol for c in candidates if c.plan.photon_protocol is not None]
        found = photon_layouts(problem, roots=sources, known=known)
        apart = [_separate(c) for c in candidates if c.plan.photon_protocol is None]
        physical = replace(
            found,
            alternatives=best_of([*found.alternatives, *apart]),
            robustness=photon_robustness(problem, found.best),
        )
    best = min(candidate.mse for candidate in candidates)

    def rank(candidate: Candidate) -> tuple[float, int, int]:
        # Errors that differ by rounding only rank as equal, and then the effort decides.
        mse = best if candidate.mse <= best * (1 + SAME) else candidate.mse
        return mse, max(candidate.plan.modes_per_pass), candidate.plan.controls

    candidates.sort(key=rank)
    return Design(
        network=network,
        bounds=table,
        candidates=tuple(candidates),
        unavailable=tuple(unavailable),
        why=_why(candidates),
        notes=_notes(problem, physical),
        physical=physical,
    )


def _why(candidates: list[Candidate]) -> str:
    first = candidates[0]
    equal = [c for c in candidates[1:] if c.mse <= first.mse * (1 + SAME)]
    if not equal:
        if len(candidates) == 1:
            return "it is the only scheme that these resources allow"
        ratio = candidates[1].mse / first.mse
        return f"its mean squared error is the lowest, {ratio:.4g} times below {candidates[1].plan.scheme}"
    rival = equal[0]
    reason = f"it ties with {', '.join(c.plan.scheme for c in equal)} in mean squared error and needs "
    ours, theirs = (max(c.plan.modes_per_pass) for c in (first, rival))
    if ours < theirs:
        return reason + f"fewer entangled modes in a pass than {rival.plan.scheme} ({ours} instead of {theirs})"
    if first.plan.controls < rival.plan.controls:
        return (
            reason + f"fewer controls than {rival.plan.scheme} ({first.plan.controls} instead of {rival.plan.controls})"
        )
    return (
        reason + f"as many entangled modes in a pass ({ours}) and controls ({first.plan.controls}); it is named first"
    )


def _check_wishes(network: SensorNetwork, sources: Sequence[str] | None, squeezers: int | None) -> None:
    """Raise InputError listing what is wrong with the places and the number of sources."""
    faults: list[str] = []
    try:
        require_nodes([str(mode.id) for mode in network.modes], sources)
    except InputError as error:
        faults += error.faults
    places = len(network.modes) if sources is None else len(set(map(str, sources)))
    if squeezers is None:
        pass
    elif isinstance(squeezers, bool) or not isinstance(squeezers, int) or squeezers < 1:
        faults.append(f"the number of squeezers must be a positive integer, got {short_repr(squeezers)}")
    elif network.sensing == "phase":
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


def _notes(problem: Problem, physical: SqueezedLayouts | PhotonLayouts | None) -> tuple[str, ...]:
    notes = []
    if problem.flipped:
        notes.append(
            "||alpha||_P < ||alpha||_Nn, so the protocols are written for -q, which has the same mean squared error"
        )
    lossy = [link for link in problem.network.links if link.transmissivity < 1]
    if lossy:
        where = "nowhere" if physical is None else "in the layout along the links, not in the candidates"
        notes.append(f"{len(lossy)} links have a transmissivity below 1: they count {where}")
    if physical is None and len(problem.network.modes) > MAX_NODES:
        notes.append(f"photons are laid out along links of up to {MAX_NODES} nodes")
    reference = problem.reference if problem.network.sensing == "phase" else None
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
    if problem.network.sensing == "phase":
        sent = "exactly N photons" if problem.network.is_lossless else "a known number of photons, at most N"
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


def _candidate_document(candidate: Candidate) -> dict[str, object]:
    plan = candidate.plan
    return {
        "scheme": plan.scheme,
        "title": plan.title,
        "mse": candidate.mse,
        "simulated_mse": candidate.evaluation.mse,
        "bound": candidate.bound,
        "ratio": candidate.ratio,
        "formula": plan.formula,
        "probes": list(plan.probes),
        "controls": plan.controls,
        "measurement": plan.measurement,
        "modes_per_pass": list(plan.modes_per_pass),
        "checks": [condition.to_dict() for condition in candidate.checks],
        "engine": candidate.evaluation.engine,
        "protocol": None if plan.photon_protocol is None else plan.photon_protocol.to_dict(),
        "notes": list(plan.notes),
    }
