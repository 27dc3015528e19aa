"""The main job: from a network to ranked, checked protocols. ``psn design`` prints what is made here."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from networks import InputError, SensorNetwork
from networks.files import network_to_json
from protocols.bounds import BoundsTable, bounds_table
from protocols.check import Condition
from protocols.check_plan import plan_checks
from protocols.evaluation import Evaluation, evaluate
from protocols.problem import Problem, divisibility
from protocols.schemes import SCHEMES, Plan, Unavailable

LARGEST_SIMULATED_CELLS = 1_000_000
"""Passes times modes that are simulated; some minutes at the most."""

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

    @property
    def chosen(self) -> Candidate:
        """The best candidate."""
        return self.candidates[0]

    def to_dict(self) -> dict[str, object]:
        """The document of ``psn design --json`` (INTERFACE)."""
        return {
            "network": json.loads(network_to_json(self.network)),
            "bounds": self.bounds.to_dict(),
            "candidates": [_candidate_document(candidate) for candidate in self.candidates],
            "unavailable": [{"scheme": u.scheme, "reason": u.reason} for u in self.unavailable],
            "chosen": self.chosen.plan.scheme,
            "why": self.why,
            "notes": list(self.notes),
        }


def design(network: SensorNetwork, *, engine: str = "native", progress: Callable[[str], None] | None = None) -> Design:
    """Find, simulate, check and rank the protocols for what ``network`` measures.

    Parameters
    ----------
    network : SensorNetwork
    engine : "native" or "strawberryfields"
        Who simulates the light; with the second, both do and their answers are compared.
    progress : callable, optional
        Called with a few words before each longer step.

    Raises
    ------
    InputError
        When no optimal photon protocol can exist at these N and M, with the least that would do.
    photonics.CircuitTooLargeError
        When the engine cannot hold a candidate's circuit.

    Examples
    --------
    >>> found = design(SensorNetwork.chain([1, -1], sensing="phase", photons=2))
    >>> found.chosen.plan.scheme, round(found.chosen.mse, 12), round(found.chosen.ratio, 12)
    ('noon', 0.25, 1.0)
    """
    tell = progress or (lambda _: None)
    problem = Problem.of(network)
    if network.passes * len(network.modes) > LARGEST_SIMULATED_CELLS:
        size = f"{network.passes} passes of {len(network.modes)} modes are too many to simulate"
        raise InputError([f"{size}; at most {LARGEST_SIMULATED_CELLS} modes times passes are"])
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
    best = min(candidate.mse for candidate in candidates)
    candidates.sort(key=lambda c: (c.mse > best * (1 + SAME), c.mse if c.mse > best * (1 + SAME) else 0.0, *_effort(c)))
    return Design(
        network=network,
        bounds=table,
        candidates=tuple(candidates),
        unavailable=tuple(unavailable),
        why=_why(candidates),
        notes=_notes(problem),
    )


def _effort(candidate: Candidate) -> tuple[int, int]:
    return max(candidate.plan.modes_per_pass), candidate.plan.controls


def _why(candidates: list[Candidate]) -> str:
    first = candidates[0]
    others = [c for c in candidates[1:] if c.mse <= first.mse * (1 + SAME)]
    k, controls = _effort(first)
    if others:
        reason = f"it ties with {', '.join(c.plan.scheme for c in others)} in mean squared error and needs "
        if max(others[0].plan.modes_per_pass) > k:
            return reason + f"fewer entangled modes in a pass ({k} instead of {max(others[0].plan.modes_per_pass)})"
        return (
            reason
            + f"no more entangled modes in a pass ({k}) and fewer controls ({controls} instead of {others[0].plan.controls})"
        )
    if len(candidates) == 1:
        return "it is the only scheme that these resources allow"
    return f"its mean squared error is the lowest, {candidates[1].mse / first.mse:.4g} times below {candidates[1].plan.scheme}"


def _notes(problem: Problem) -> tuple[str, ...]:
    notes = []
    if problem.flipped:
        notes.append(
            "||alpha||_P < ||alpha||_Nn, so the protocols are written for -q, which has the same mean squared error"
        )
    lossy = [link for link in problem.network.links if link.transmissivity < 1]
    if lossy:
        notes.append(
            f"{len(lossy)} links have a transmissivity below 1, which this design does not use yet: only losses at modes count"
        )
    if problem.network.sensing == "phase":
        notes.append(
            "photon schemes send exactly N photons; Gaussian phase probes, with N only on average, may lie below (12)"
        )
    return tuple(notes)


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
