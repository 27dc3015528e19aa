"""The main job: from a network to ranked, checked protocols. ``psn design`` prints what is made here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from networks import InputError, Mode, SensorNetwork
from networks.files import network_document
from protocols.bounds import BoundsTable, bounds_table
from protocols.check import Condition
from protocols.check_plan import plan_checks
from protocols.evaluation import Evaluation, evaluate
from protocols.layout.elements import TreeLayout, tree_layout
from protocols.layout.forests import Forest, best_forests
from protocols.layout.robustness import Robustness, layout_robustness
from protocols.layout.trees import network_weights
from protocols.problem import Problem, divisibility, require_network, require_simulable
from protocols.schemes import SCHEMES, Plan, Unavailable

MOST_SHARED = 300
"""Nodes of a network in whose design places for further squeezers are looked for; seconds."""
SAME = 1e-9
"""Relative difference below which two mean squared errors rank as equal."""


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
    physical: TreeLayout | None = None
    """Displacement networks: the squeezed vacuum prepared along the links, with their losses."""
    robustness: Robustness | None = None
    """What imperfect elements and failing links do to it."""
    forests: tuple[Forest, ...] = ()
    """The best layouts found with more and more squeezers, as long as one more helps."""

    def _physical_document(self) -> dict[str, object] | None:
        if self.physical is None or self.robustness is None:
            return None
        several = [
            {
                "sources": [
                    {"node": s.tree.root, "mean_photons": s.mean_photons, "sensors": [name for name, _ in s.shares]}
                    for s in forest.sources
                ],
                "mse": forest.mse,
            }
            for forest in self.forests
        ]
        return {**self.physical.to_dict(), "robustness": self.robustness.to_dict(), "squeezers": several}

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
            "physical": self._physical_document(),
        }


def design(network: SensorNetwork, *, engine: str = "native", progress: Callable[[str], None] | None = None) -> Design:
    """Find, simulate, check and rank the protocols for what ``network`` measures.

    Parameters
    ----------
    network : SensorNetwork
    engine : "native" or "strawberryfields"
        Who simulates the light; with the second, both do and their answers are compared. Others are a ValueError.
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
    layout = robustness = None
    forests: tuple[Forest, ...] = ()
    if network.sensing == "displacement":
        tell("laying out the light along the links")
        if any(network_weights(network)):
            layout = tree_layout(network)
            robustness = layout_robustness(network, layout)
        if (
            layout is not None
            and any(link.transmissivity < 1 for link in network.links)
            and len(network.modes) <= MOST_SHARED
        ):
            tell("looking for places of further squeezers")
            forests = best_forests(network)
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
        notes=_notes(problem, layout),
        physical=layout,
        robustness=robustness,
        forests=forests,
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


def _notes(problem: Problem, layout: TreeLayout | None) -> tuple[str, ...]:
    notes = []
    if problem.flipped:
        notes.append(
            "||alpha||_P < ||alpha||_Nn, so the protocols are written for -q, which has the same mean squared error"
        )
    lossy = [link for link in problem.network.links if link.transmissivity < 1]
    if lossy:
        how = (
            "which a design with photons does not use yet: only losses at modes count"
            if layout is None
            else "they count in the layout along the links, not in the candidates"
        )
        notes.append(f"{len(lossy)} links have a transmissivity below 1: {how}")
    reference = problem.reference if problem.network.sensing == "phase" else None
    on_the_way = set() if layout is None else set(layout.relays)
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
        notes.append(f"of {len(problem.network.references)} references the design uses {reference.id}")
    if problem.network.sensing == "phase":
        sent = "exactly N photons" if problem.network.is_lossless else "a known number of photons, at most N"
        notes.append(f"photon schemes send {sent}; Gaussian phase probes, with N only on average, may lie below (12)")
    return tuple(notes)


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
