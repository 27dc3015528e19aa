"""Which schemes are applicable, what each reaches, and which is best. Above layouts and losses, below designs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from networks import SensorNetwork
from networks.values import Value
from protocols.built.build import build
from protocols.built.built import Built
from protocols.conditions import Condition, NoProtocolError
from protocols.documents.printed import Entry
from protocols.documents.result import Result
from protocols.preparation.prepare import preparations
from protocols.preparation.recipe import Preparation
from protocols.problem import AnyProblem, GaussianProblem, PhaseProblem, Problem, require_simulable
from protocols.ranking.needs import needs_of, working_point_of
from protocols.ranking.plan_checks import built_checks, plan_checks
from protocols.schemes.coherent_phase import CoherentPhase
from protocols.schemes.evaluation import Evaluation, bound_of, evaluate
from protocols.schemes.plan import BEYOND, Plan, Unavailable
from protocols.schemes.registry import choose_schemes
from protocols.schemes.scheme import AnyScheme
from protocols.theory.equal_errors import ranked, same_error, times

EFFORTS = (
    "modes entangled between sites in a pass",
    "controls",
    "elements (strings of the states prepared, and gates)",
)
"""What decides between equal errors, in this order."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Candidate(Value, Result):
    """A plan as it is built, with what an engine gives for it, beside the bound of all probes.

    Attributes
    ----------
    built : Built
        The scheme's plan, its layout along the links, and the plan with all losses.
    evaluation : Evaluation
        Of the plan as built.
    bound : float or None
        On the mean squared error of q in one shot, without loss; None for light that it is not about, as coherent light and (12).
    checks : tuple of Condition
        The papers' conditions are those of the scheme's plan at the modes; engines are asked about both.
    made : tuple of Preparation
        How the light of one or two photons is made, the most probable way first; empty for other light.
    point : tuple of pairs of a name and a float
        The parameters, by sensor, at which the error of the measurement is worked out; rad for phases.
    needs : tuple of str
        What must be at hand: squeezers, photons of a shot with and without the squeezed ones, references.
    """

    DOCUMENT = (
        Entry("scheme", of="plan.scheme"),
        Entry("title", of="plan.title"),
        "mse",
        Entry("quantum_mse", of="evaluation.mse"),
        Entry("ideal_mse", of="built.ideal_mse"),
        "bound",
        "ratio",
        Entry("formula", of="plan.formula"),
        Entry("probes", of="plan.probes"),
        Entry("controls", of="plan.controls"),
        Entry("switches", of=lambda candidate: candidate.plan.switches),
        Entry("measurement", of="plan.measurement"),
        "working_point",
        "needs",
        Entry("modes_per_pass", of="plan.modes_per_pass"),
        Entry("modes_entangled", of="plan.modes_between_sites"),
        Entry("starts_at", of="built.starts_at"),
        "checks",
        Entry("engine", of="evaluation.engine"),
        Entry("protocol", of="plan.photon_protocol"),
        "made",
        Entry("notes", of="plan.notes"),
    )

    built: Built
    evaluation: Evaluation
    bound: float | None
    checks: tuple[Condition, ...]
    made: tuple[Preparation, ...] = ()
    point: tuple[tuple[str, float], ...] = ()
    needs: tuple[str, ...] = ()

    @property
    def plan(self) -> Plan:
        """The plan as it is built."""
        return self.built.as_built

    @property
    def scheme(self) -> str:
        """The name of its scheme."""
        return self.plan.scheme

    @property
    def working_point(self) -> dict[str, float]:
        """The parameters at which the error of the measurement is worked out, by sensor."""
        return dict(self.point)

    @property
    def mse(self) -> float:
        """Mean squared error of q in one shot as built, by the closed form that the simulation is checked against."""
        return self.built.mse

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
    """All schemes that apply as they are built, ranked by their closed forms; no engine has run.

    Attributes
    ----------
    built : tuple of Built
        Best first: by error; those whose errors differ by less than 1e-9 of themselves, or are both 0 or both infinite, by modes
        entangled between sites, controls, elements, and name.
    unavailable : tuple of Unavailable
        Schemes that are not applicable.
    other_light : tuple of Built
        With light whose budget the network does not give, at the same number; best first, and not ranked with the others.
    """

    built: tuple[Built, ...]
    unavailable: tuple[Unavailable, ...]
    other_light: tuple[Built, ...] = ()

    @property
    def plans(self) -> tuple[Plan, ...]:
        """The plans as they are built, best first."""
        return tuple(one.as_built for one in self.built)

    @property
    def best(self) -> Plan:
        """The plan with the least error, and the least effort among equals."""
        return self.built[0].as_built


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates(Value):
    """The plans of all schemes that apply, evaluated and checked.

    Attributes
    ----------
    ranked : tuple of Candidate
        Best first.
    unavailable : tuple of Unavailable
        Schemes that are not applicable.
    other_light : tuple of Candidate
        As of ``RankedPlans``.
    """

    ranked: tuple[Candidate, ...]
    unavailable: tuple[Unavailable, ...]
    other_light: tuple[Candidate, ...] = ()

    @property
    def best(self) -> Candidate:
        """The candidate with the least error, and the least effort among equals."""
        return self.ranked[0]

    @property
    def why(self) -> str:
        """Why the best one is the best, in a sentence that follows its name."""
        why = _why([candidate.built for candidate in self.ranked])
        beyond = [one.scheme for one in self.unavailable if one.is_beyond_engine]
        return f"{why} ({', '.join(beyond)}, beyond the engine, may be better)" if beyond else why


def rank_plans(
    problem: SensorNetwork | AnyProblem,
    schemes: Sequence[str | AnyScheme] | None = None,
    *,
    sources: Sequence[str] | None = None,
    squeezers: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> RankedPlans:
    """Build the plan of every scheme along the links and rank them by their closed forms; nothing is simulated.

    Parameters
    ----------
    problem : SensorNetwork or Problem
    schemes : names or ``Scheme`` objects; all registered ones when left out.
    sources : names of the nodes where light may start; any node when left out.
    squeezers : int >= 1, optional
        Displacements: at most so many in a layout.
    progress : called with a few words before each scheme.

    Raises
    ------
    NoProtocolError
        When none of these schemes applies, with the reason of each.
    """
    problem = Problem.of(problem)
    report = progress or (lambda _: None)
    chosen = choose_schemes(problem.kind, schemes)
    require_simulable(problem.passes, len(problem.names))
    found: list[Built] = []
    others: list[Built] = []
    unavailable: list[Unavailable] = []
    for scheme in chosen:
        report(f"{scheme.name}: finding a protocol and its way along the links")
        built = build(scheme, problem, sources=sources, squeezers=squeezers)
        if not isinstance(built, Built):
            unavailable.append(built)
        elif _has_budget(built, problem):
            found.append(built)
        else:
            others.append(built)
    if not found:
        raise NoProtocolError(
            [f"{u.scheme} is not applicable: {u.reason}" for u in unavailable]
            + [f"{one.plan.scheme} has N photons on average, and is not ranked beside exactly N" for one in others]
        )
    return RankedPlans(
        built=tuple(ranked(found, _error, _place)),
        unavailable=tuple(unavailable),
        other_light=tuple(ranked(others, _error, _place)),
    )


def _has_budget(built: Built, problem: AnyProblem) -> bool:
    """Whether this light has exactly N photons, or is coherent light, which is ranked at N on average as what anybody has."""
    if not isinstance(problem, PhaseProblem) or built.plan.mean_photons is None:
        return True
    return built.plan.scheme == CoherentPhase.name


def candidates(
    problem: SensorNetwork | AnyProblem,
    schemes: Sequence[str | AnyScheme] | None = None,
    *,
    engine: str = "native",
    sources: Sequence[str] | None = None,
    squeezers: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> Candidates:
    """Build and rank the plans of every scheme, run each on an engine and check it.

    Parameters
    ----------
    problem : SensorNetwork or Problem
    schemes : names or ``Scheme`` objects; all registered ones when left out.
    engine : "native" or "strawberryfields"
        Who simulates the light; with the second, both do and their answers are compared.
    sources, squeezers
        As in ``rank_plans``.
    progress : called with a few words before each longer step.

    Raises
    ------
    NoProtocolError
        As for ``rank_plans``.
    photonics.CircuitTooLargeError, photonics.PrecisionError
        When the engine cannot hold the best plan's circuit, or its squeezing in double precision; other plans that it cannot hold
        are not applicable then.

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from protocols.problem import Problem
    >>> result = candidates(Problem.of(SensorNetwork.chain([1, -1], sensing="phase", photons=2)))
    >>> [candidate.plan.scheme for candidate in result.ranked], [u.scheme for u in result.unavailable]
    (['multimode-noon', 'noon', 'pairs-in-turn', 'coherent', 'noon-in-turn', 'separable-phase'], ['w-matrix'])
    """
    from photonics import CircuitTooLargeError, PrecisionError

    problem = Problem.of(problem)
    report = progress or (lambda _: None)
    plans = rank_plans(problem, schemes, sources=sources, squeezers=squeezers, progress=report)

    def checked(built: Built) -> Candidate:
        plan = built.plan
        report(f"{plan.scheme}: simulating on {engine}")
        # Strawberry Fields has no Fisher matrix of lossy squeezed light for phases: there it is asked about the light itself.
        runner = "native" if isinstance(problem, GaussianProblem) else engine
        evaluation = detected = evaluate(plan, problem, runner, detected=True)
        report(f"{plan.scheme}: checking")
        checks = plan_checks(plan, problem, evaluation, engine)
        if not problem.is_ideal:
            if built.as_built is not plan:
                detected = evaluate(built.as_built, problem, runner, detected=True)
            missing = problem.misses_photons and not isinstance(problem, GaussianProblem)
            evaluation = evaluate(built.as_built, problem, engine) if missing else detected
            checks = (*checks, *built_checks(built, problem, evaluation, detected))
        made = preparations(plan, problem)
        if not problem.has_ideal_detectors:
            # Recipes know nothing of detectors, so what they say of errors would be below the error as built.
            made = tuple(replace(one, mse_per_attempt=None) for one in made)
        return Candidate(
            built=built,
            evaluation=evaluation,
            bound=bound_of(plan, problem),
            checks=checks,
            made=made,
            point=working_point_of(built.as_built, problem),
            needs=needs_of(built, problem),
        )

    ranked_ones: list[Candidate] = []
    beyond: list[Unavailable] = []
    for built in plans.built:
        try:
            ranked_ones.append(checked(built))
        except (CircuitTooLargeError, PrecisionError) as error:
            if same_error(built.mse, plans.built[0].mse):
                # Without the best the rest would be told as the answer.
                raise type(error)(_beyond(error, problem)) from None
            beyond.append(Unavailable(scheme=built.plan.scheme, reason=_beyond(error, problem)))
    return Candidates(
        ranked=tuple(ranked_ones),
        unavailable=(*plans.unavailable, *beyond),
        other_light=tuple(map(checked, plans.other_light)),
    )


def _beyond(error: Exception, problem: AnyProblem) -> str:
    """Why a scheme is beyond the engine, with what would help where squeezing has no limit."""
    unlimited = isinstance(problem, GaussianProblem) and math.isinf(problem.laboratory.squeezing_db)
    remedy = "; give squeezing_db, the most that squeezers reach" if unlimited else ""
    return f"{BEYOND}{error}{remedy}"


def _error(built: Built) -> float:
    return built.mse


def _effort(built: Built) -> tuple[int, int, int]:
    """What decides between equal errors: modes entangled between sites, controls, elements."""
    plan = built.as_built
    return plan.modes_between_sites, plan.controls, plan.elements


def _place(built: Built) -> tuple[int, int, int, str]:
    """The effort, then the name: what is chosen does not depend on the order in which schemes are registered or passed."""
    return (*_effort(built), built.plan.scheme)


def _why(plans: Sequence[Built]) -> str:
    first = plans[0]
    equal = [one for one in plans[1:] if same_error(first.mse, one.mse)]
    if not equal:
        if len(plans) == 1:
            return "it is the only scheme that these resources allow"
        if math.isinf(plans[1].mse):
            return "it is the only scheme whose mean squared error is finite"
        ratio = plans[1].mse / first.mse
        return f"its mean squared error is the lowest, {times(ratio)} times below {plans[1].as_built.scheme}"
    rival = equal[0]
    reason = f"it ties with {', '.join(one.as_built.scheme for one in equal)} in mean squared error and needs "
    if not _effort(first)[0] and _effort(rival)[0]:
        return reason + "no entanglement between sites"
    for what, ours, theirs in zip(EFFORTS, _effort(first), _effort(rival), strict=True):
        if ours < theirs:
            return reason + f"fewer {what} than {rival.as_built.scheme} ({ours} instead of {theirs})"
    modes, controls, elements = _effort(first)
    equals = (
        f"as many modes entangled between sites in a pass ({modes}), controls ({controls}) and elements ({elements})"
    )
    return reason + f"{equals}; it is first by name"
