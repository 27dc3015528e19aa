"""Candidates with one or two photons as experiments, as they are built: from the source along the links to the counts.

The light of a plan as built is what its source would have to make; what its links lose is lost in the recipe again. So a recipe is
asked for the light that arrives, and the shares of states in turn are those that are best for it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from networks import InputError
from networks.values import Value
from protocols.built.build import build
from protocols.built.built import Built
from protocols.preparation.experiment import PhotonExperiment, photon_experiments
from protocols.preparation.parts import NoRecipeError
from protocols.preparation.prepare import preparations, why_no_recipe
from protocols.preparation.recipe import Preparation, Source
from protocols.problem import AnyProblem, PhaseProblem
from protocols.schemes.evaluation import evaluate, seen_by_detectors
from protocols.schemes.photon import before_sensing
from protocols.schemes.plan import Part, Plan, Unavailable
from protocols.schemes.registry import find_scheme
from protocols.theory.sums import error_sum, squared


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotonRuns(Value):
    """A candidate from its source to its counts.

    Attributes
    ----------
    plan : Plan
        With the light that arrives at the modes, and what detectors miss.
    made : Preparation
        How that light is made.
    experiments : tuple of PhotonExperiment
        One a state.
    """

    plan: Plan
    made: Preparation
    experiments: tuple[PhotonExperiment, ...]


def photon_runs(scheme: str, problem: AnyProblem, theta: Sequence[float], source: Source | None = None) -> PhotonRuns:
    """The experiments of a scheme as it is built.

    Parameters
    ----------
    scheme : str
        A name, as ``psn design`` prints it.
    problem : Problem
    theta : (d,) floats
        The working point in rad.
    source : "single photons" or "squeezers"
        The more probable one when left out.

    Raises
    ------
    InputError
        For an unknown scheme, with the reason where it is not applicable or there is no such experiment.

    Examples
    --------
    A photon for two sensors, whose links lose half of it:

    >>> from networks import Link, SensorNetwork
    >>> pair = SensorNetwork.chain([1, -1], sensing="phase", photons=1)
    >>> problem = PhaseProblem(network=pair.replace(links=(Link(ends=("s1", "s2"), transmissivity=0.5),)))
    >>> runs = photon_runs("noon", problem, [0.0, 0.0])
    >>> made = build(find_scheme("phase", "noon"), problem)
    >>> round(runs.experiments[0].attempt_mse([0.0, 0.0]), 9) == round(made.mse, 9)
    True
    """
    if not isinstance(problem, PhaseProblem):
        raise InputError(["photons sense phases, not displacements"])
    built = build(find_scheme("phase", scheme), problem)
    if isinstance(built, Unavailable):
        raise InputError([f"{scheme} is not applicable: {built.reason}"])
    return runs_of(built, problem, theta, source)


def runs_of(built: Built, problem: PhaseProblem, theta: Sequence[float], source: Source | None = None) -> PhotonRuns:
    """The experiments of a scheme that is built already.

    Parameters
    ----------
    built : Built
        Of this problem.
    problem, theta, source
        As in ``photon_runs``.

    Raises
    ------
    InputError
        With the reason where there is no such experiment.
    """
    if (reason := why_no_recipe(built.as_built)) is not None:
        raise InputError([reason])
    plan = arriving_plan(built.as_built, problem)
    every = preparations(plan, problem)
    made = next((one for one in every if source in (None, one.source)), None)
    if made is None:
        known = ", ".join(one.source for one in every) or "no source known here"
        wanted = source or "photons or squeezers"
        missing = f"{plan.scheme} cannot be made from {wanted}: two single photons and beam splitters make "
        raise InputError([f"{missing}at most two terms with both photons in one mode; it can from {known}"])
    try:
        experiments = photon_experiments(plan, problem, theta, made.source)
    except NoRecipeError as error:
        raise InputError([f"{plan.scheme} cannot be exported: {error}"]) from None
    return PhotonRuns(plan=plan, made=made, experiments=experiments)


def arriving_plan(plan: Plan, problem: PhaseProblem) -> Plan:
    """A plan as built with the light that arrives at the modes in place of what is sent, and with what detectors miss.

    Parameters
    ----------
    plan : Plan
        As built, of photons.
    problem : PhaseProblem
    """
    parts = tuple(_arriving_part(part, problem) for part in plan.parts)
    if parts == plan.parts:
        return plan
    arriving = replace(plan, parts=parts)
    errors = [evaluate(replace(arriving, parts=(replace(part, share=1.0),)), problem).mse for part in parts]
    if not plan.takes_turns:
        return replace(arriving, predicted_mse=error_sum(errors))
    roots = [math.sqrt(error) for error in errors]
    whole = error_sum(roots)
    turns = tuple(replace(part, share=root / whole) for part, root in zip(parts, roots, strict=True))
    return replace(arriving, parts=turns, predicted_mse=squared(whole))


def _arriving_part(part: Part, problem: PhaseProblem) -> Part:
    """The state behind the losses that only links have, given that nothing was lost there."""
    import numpy as np

    from photonics import Circuit, FockState, Loss, PrepareFock

    start, *operations = part.circuit.operations
    assert isinstance(start, PrepareFock), "photons start from their state"
    leading = next((k for k, op in enumerate(operations) if not isinstance(op, Loss)), len(operations))
    # What stands between source and sensing beside the links stays, whichever of equal losses of a mode that is.
    ways, behind = operations[:leading], operations[leading:]
    stays = before_sensing({mode: problem.losses_of.get(mode, problem.arm_losses) for mode in part.circuit.modes})
    for op in stays:
        if op in ways:
            ways.remove(op)
            behind = [op, *behind]
    state = start.state
    if ways:
        amplitudes = np.array(state.amplitudes)
        for op in ways:
            assert isinstance(op, Loss), "only losses lead"
            amplitudes = amplitudes * op.transmissivity ** (state.occupations[:, state.modes.index(op.mode)] / 2)
        state = FockState(state.modes, state.occupations, amplitudes / np.linalg.norm(amplitudes))
    circuit = Circuit(
        modes=part.circuit.modes, operations=(PrepareFock(state=state), *behind) if ways else part.circuit.operations
    )
    return replace(part, circuit=seen_by_detectors(circuit, problem))
