"""What a shot of a plan costs in attempts: how often its light is made, and the error for one attempt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from protocols.preparation.parts import state_of
from protocols.problem import PhaseProblem
from protocols.schemes.plan import Plan
from protocols.theory.sums import error_sum, squared


def success_of(plan: Plan, chances: Sequence[float]) -> float:
    """Probability that an attempt gives the light wanted: of parts in turn on average, of parts in every shot all together.

    Parameters
    ----------
    plan : Plan
    chances : (K,) floats in (0, 1]
        Success probabilities of its parts.
    """
    if not plan.takes_turns:
        return math.prod(chances)
    weights = _attempt_weights(plan, chances)
    return math.fsum(weight * p for weight, p in zip(weights, chances, strict=True)) / math.fsum(weights)


def _attempt_weights(plan: Plan, chances: Sequence[float]) -> list[float]:
    """share/sqrt(p), as which parts in turn share the attempts out: the best where shares are the best at p = 1."""
    return [part.share / math.sqrt(p) for part, p in zip(plan.parts, chances, strict=True)]


def attempt_mse(plan: Plan, problem: PhaseProblem, chances: Sequence[float]) -> float:
    """sum v_k/(a_k p_k) over the parts, v_k the error of part k in a shot of its own, a_k its share of the attempts.

    With the shares ~ sqrt(v_k) of the schemes in turn it is the error of a shot times (sum share_k/sqrt(p_k))^2.

    Parameters
    ----------
    plan : Plan
    problem : PhaseProblem
    chances : (K,) floats in (0, 1]
        Success probabilities of its parts.
    """
    if len(plan.parts) == 1:
        return plan.predicted_mse / chances[0]
    if all(p == 1 for p in chances):
        return plan.predicted_mse
    if plan.takes_turns:
        return plan.predicted_mse * math.fsum(_attempt_weights(plan, chances)) ** 2
    return error_sum(v / p for v, p in zip(_part_errors(plan, problem), chances, strict=True))


def _part_errors(plan: Plan, problem: PhaseProblem) -> list[float]:
    from photonics import get_engine, nuisance_aware_information
    from protocols.schemes.evaluation import probe_theta

    engine = get_engine("native")
    return [
        nuisance_aware_information(engine.qfi(part.circuit, theta), part.coefficients_of(problem.alpha)).mse
        for part, theta in zip(plan.parts, probe_theta(plan), strict=True)
    ]


def unattenuated_mse(plan: Plan, problem: PhaseProblem) -> float:
    """Mean squared error of q for one attempt when two photons meet on balanced beam splitters and nothing is attenuated.

    The state is then not the best for the losses, but no attempt fails: attenuation only throws information away, so this is
    never larger than the error per attempt of the state wanted. Links are taken without loss.

    Parameters
    ----------
    plan : Plan
        Of parts with two strings |2 in i>, |2 in k>, or of one photon.
    problem : PhaseProblem
    """
    import numpy as np

    from photonics import Circuit, FockState, PrepareFock

    parts = []
    for part in plan.parts:
        state = state_of(part)
        assert len(state.amplitudes) == 2, "two strings"
        start = PrepareFock(state=FockState(state.modes, state.occupations, np.full(2, math.sqrt(0.5))))
        circuit = Circuit(modes=part.circuit.modes, operations=(start, *part.circuit.operations[1:]))
        parts.append(replace(part, circuit=circuit))
    errors = _part_errors(replace(plan, parts=tuple(parts)), problem)
    if plan.takes_turns:
        return squared(error_sum(math.sqrt(v) for v in errors))
    return error_sum(errors)
