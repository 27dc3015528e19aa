"""How a scheme's plan is built: which layout its light needs, how many photons are best to send, and the circuits that follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from networks import SensorNetwork
from protocols.built.built import Built
from protocols.built.photons import columns_as_built, strings_as_built
from protocols.built.squeezed import squeezed_as_built
from protocols.layout.photon.layouts import MAX_NODES
from protocols.layout.strings.layouts import SCHEMES as STRING_SCHEMES
from protocols.problem import DisplacementProblem, PhaseProblem, Problem
from protocols.schemes.plan import Plan, Unavailable
from protocols.schemes.scheme import AnyScheme, error_of, plan_of


def build(
    scheme: AnyScheme,
    problem: SensorNetwork | PhaseProblem | DisplacementProblem,
    *,
    sources: Sequence[str] | None = None,
    squeezers: int | None = None,
    fewer: bool = True,
) -> Built | Unavailable:
    """A scheme of a problem with its light along the links, or why there is none.

    Parameters
    ----------
    scheme : Scheme
        Of the problem's kind of sensing.
    problem : SensorNetwork or Problem
    sources : names of the nodes where light may start; any node when left out.
    squeezers : int >= 1, optional
        Displacements: at most so many in the layout.
    fewer : bool
        Phases: whether fewer of the N photons are sent where losses make more of them a burden.

    Raises
    ------
    InputError
        For sources that are no nodes or do not reach all sensors.

    Examples
    --------
    Two sensors with a hub in the middle; each way loses half of the light:

    >>> from networks import Link, Mode
    >>> from protocols.schemes import find_scheme
    >>> modes = [*(Mode(id=name, coupling="displacement", alpha=1) for name in "ab"), Mode(id="hub", role="ancilla")]
    >>> links = [Link(ends=("hub", name), transmissivity=0.5) for name in "ab"]
    >>> star = SensorNetwork(sensing="displacement", modes=modes, links=links, mean_photons=2.0)
    >>> built = build(find_scheme("displacement", "entangled-squeezed"), star, sources=["hub"])
    >>> round(built.ideal_mse, 4), round(built.plan.predicted_mse, 4), round(built.mse, 4)
    (0.202, 0.202, 1.101)
    """
    made = Problem.of(problem)
    plan = plan_of(scheme, made)
    if not isinstance(plan, Plan):
        return plan
    ideal = _ideal(scheme, made, plan)
    whole = Built(plan=plan, as_built=plan, ideal_mse=ideal)
    if isinstance(made, DisplacementProblem):
        if plan.entangles and len(plan.parts) == 1:
            return squeezed_as_built(whole, made, sources=sources, squeezers=squeezers)
        return whole
    if len(made.names) > MAX_NODES:
        return whole
    if plan.photon_protocol is not None:
        return columns_as_built(whole, scheme, made, sources=sources, fewer=fewer)
    if plan.scheme in STRING_SCHEMES:
        return strings_as_built(whole, scheme, made, sources=sources, fewer=fewer)
    return whole


def plan_as_built(scheme: AnyScheme, problem: PhaseProblem | DisplacementProblem) -> Plan | Unavailable:
    """The plan with its circuits as they are built; without any loss the scheme's own, whose outcomes are the same.

    Parameters
    ----------
    scheme : Scheme
    problem : Problem
    """
    if problem.is_lossless and not problem.has_lossy_links:
        return plan_of(scheme, problem)
    built = build(scheme, problem)
    return built.as_built if isinstance(built, Built) else built


def _ideal(scheme: AnyScheme, problem: PhaseProblem | DisplacementProblem, plan: Plan) -> float:
    """The error of the same scheme without any loss."""
    if problem.is_lossless:
        return plan.predicted_mse
    closed = error_of(scheme, problem.task.eased(0.0))
    if closed is not None:
        return closed
    modes = tuple(replace(mode, transmissivity=1.0) for mode in problem.network.modes)
    lossless = plan_of(scheme, replace(problem, network=problem.network.replace(modes=modes)))
    assert isinstance(lossless, Plan), "a scheme that bears losses does so without any"
    return lossless.predicted_mse
