"""Which schemes are applicable, what each reaches, and which is best. Above layouts and losses, below designs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from networks import SensorNetwork
from networks.values import Value
from protocols.conditions import Condition, NoProtocolError
from protocols.documents.printed import Entry
from protocols.documents.result import Result
from protocols.preparation.prepare import preparations
from protocols.preparation.recipe import Preparation
from protocols.problem import DisplacementProblem, PhaseProblem, Problem, require_simulable
from protocols.ranking.plan_checks import plan_checks
from protocols.schemes.evaluation import Evaluation, bound_of, evaluate
from protocols.schemes.plan import Plan, Unavailable
from protocols.schemes.registry import choose_schemes
from protocols.schemes.scheme import AnyScheme, plan_of
from protocols.theory.equal_errors import ranked, same_error

EFFORTS = (
    "modes entangled between sites in a pass",
    "controls",
    "elements (strings of the states prepared, and gates)",
)
"""What decides between equal errors, in this order."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Candidate(Value, Result):
    """A plan with what an engine gives for it, beside the bound of all probes.

    Attributes
    ----------
    plan : Plan
    evaluation : Evaluation
    bound : float or None
        On the mean squared error of q in one shot, without loss; None for light that it is not about, as coherent light and (12).
    checks : tuple of Condition
    made : tuple of Preparation
        How the light of one or two photons is made, the most probable way first; empty for other light.
    """

    DOCUMENT = (
        Entry("scheme", of="plan.scheme"),
        Entry("title", of="plan.title"),
        "mse",
        Entry("simulated_mse", of="evaluation.mse"),
        "bound",
        "ratio",
        Entry("formula", of="plan.formula"),
        Entry("probes", of="plan.probes"),
        Entry("controls", of="plan.controls"),
        Entry("switches", of=lambda candidate: candidate.plan.switches),
        Entry("measurement", of="plan.measurement"),
        Entry("modes_per_pass", of="plan.modes_per_pass"),
        "checks",
        Entry("engine", of="evaluation.engine"),
        Entry("protocol", of="plan.photon_protocol"),
        "made",
        Entry("notes", of="plan.notes"),
    )

    plan: Plan
    evaluation: Evaluation
    bound: float | None
    checks: tuple[Condition, ...]
    made: tuple[Preparation, ...] = ()

    @property
    def mse(self) -> float:
        """Mean squared error of q in one shot, by the closed form that the simulation is checked against."""
        return self.plan.predicted_mse

    @property
    def failed(self) -> tuple[Condition, ...]:
        """Conditions that do not hold; there should be none."""
        return tuple(condition for condition in self.checks if not condition.holds)

    @property
    def ratio(self) -> float | None:
        """MSE over the bound; None without one."""
        return None if self.bound is None else self.mse / self.bound


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedPlans(Value):
    """The plans of all schemes that apply, ranked by their closed forms; no engine has run.

    Attributes
    ----------
    plans : tuple of Plan
        Best first.
    unavailable : tuple of Unavailable
        Schemes that are not applicable.
    """

    plans: tuple[Plan, ...]
    unavailable: tuple[Unavailable, ...]

    @property
    def best(self) -> Plan:
        """The plan with the least error, and the least effort among equals."""
        return self.plans[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates(Value):
    """The plans of all schemes that apply, evaluated and checked.

    Attributes
    ----------
    ranked : tuple of Candidate
        Best first.
    unavailable : tuple of Unavailable
        Schemes that are not applicable.
    """

    ranked: tuple[Candidate, ...]
    unavailable: tuple[Unavailable, ...]

    @property
    def best(self) -> Candidate:
        """The candidate with the least error, and the least effort among equals."""
        return self.ranked[0]

    @property
    def why(self) -> str:
        """Why the best one is the best, in a sentence that follows its name."""
        return _why([candidate.plan for candidate in self.ranked])


def rank_plans(
    problem: SensorNetwork | PhaseProblem | DisplacementProblem,
    schemes: Sequence[str | AnyScheme] | None = None,
    *,
    progress: Callable[[str], None] | None = None,
) -> RankedPlans:
    """Make and rank the plans of every scheme by their closed forms; nothing is simulated.

    Parameters
    ----------
    problem : SensorNetwork or Problem
    schemes : names or ``Scheme`` objects; all registered ones when left out.
    progress : called with a few words before each scheme.

    Raises
    ------
    NoProtocolError
        When none of these schemes applies, with the reason of each.
    """
    problem = Problem.of(problem)
    report = progress or (lambda _: None)
    chosen = choose_schemes(problem.sensing, schemes)
    require_simulable(problem.passes, len(problem.names))
    plans, unavailable = [], []
    for scheme in chosen:
        report(f"{scheme.name}: finding a protocol")
        plan = plan_of(scheme, problem)
        if isinstance(plan, Plan):
            plans.append(plan)
        else:
            unavailable.append(plan)
    if not plans:
        raise NoProtocolError([f"{u.scheme} is not applicable: {u.reason}" for u in unavailable])
    return RankedPlans(plans=tuple(ranked(plans, _error, _effort)), unavailable=tuple(unavailable))


def candidates(
    problem: SensorNetwork | PhaseProblem | DisplacementProblem,
    schemes: Sequence[str | AnyScheme] | None = None,
    *,
    engine: str = "native",
    progress: Callable[[str], None] | None = None,
) -> Candidates:
    """Rank the plans of every scheme, run each on an engine and check it.

    Parameters
    ----------
    problem : SensorNetwork or Problem
    schemes : names or ``Scheme`` objects; all registered ones when left out.
    engine : "native" or "strawberryfields"
        Who simulates the light; with the second, both do and their answers are compared.
    progress : called with a few words before each longer step.

    Raises
    ------
    NoProtocolError
        As for ``rank_plans``.
    photonics.CircuitTooLargeError, photonics.PrecisionError
        When the engine cannot hold a plan's circuit, or its squeezing in double precision.

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from protocols.problem import Problem
    >>> result = candidates(Problem.of(SensorNetwork.chain([1, -1], sensing="phase", photons=2)))
    >>> [candidate.plan.scheme for candidate in result.ranked], [u.scheme for u in result.unavailable]
    (['noon', 'pairs-in-turn', 'multimode-noon', 'noon-in-turn', 'separable-phase', 'coherent'], ['w-matrix'])
    """
    problem = Problem.of(problem)
    report = progress or (lambda _: None)
    plans = rank_plans(problem, schemes, progress=report)
    evaluated = []
    for plan in plans.plans:
        report(f"{plan.scheme}: simulating on {engine}")
        evaluation = evaluate(plan, problem, engine)
        report(f"{plan.scheme}: checking")
        checks = plan_checks(plan, problem, evaluation)
        made = preparations(plan, problem)
        evaluated.append(
            Candidate(plan=plan, evaluation=evaluation, bound=bound_of(plan, problem), checks=checks, made=made)
        )
    return Candidates(ranked=tuple(evaluated), unavailable=plans.unavailable)


def _error(plan: Plan) -> float:
    return plan.predicted_mse


def _effort(plan: Plan) -> tuple[int, int, int]:
    """What decides between equal errors: modes entangled between sites, controls, elements; then the order of the schemes."""
    return plan.modes_between_sites, plan.controls, plan.elements


def _why(plans: Sequence[Plan]) -> str:
    first = plans[0]
    equal = [plan for plan in plans[1:] if same_error(first.predicted_mse, plan.predicted_mse)]
    if not equal:
        if len(plans) == 1:
            return "it is the only scheme that these resources allow"
        ratio = plans[1].predicted_mse / first.predicted_mse
        return f"its mean squared error is the lowest, {ratio:.4g} times below {plans[1].scheme}"
    rival = equal[0]
    reason = f"it ties with {', '.join(plan.scheme for plan in equal)} in mean squared error and needs "
    if not first.modes_between_sites and rival.modes_between_sites:
        return reason + "no entanglement between sites"
    for what, ours, theirs in zip(EFFORTS, _effort(first), _effort(rival), strict=True):
        if ours < theirs:
            return reason + f"fewer {what} than {rival.scheme} ({ours} instead of {theirs})"
    modes, controls, elements = _effort(first)
    equals = (
        f"as many modes entangled between sites in a pass ({modes}), controls ({controls}) and elements ({elements})"
    )
    return reason + f"{equals}; it is named first"
