"""How a scheme's plan is built: which layout its light needs, how many photons are best to send, and the circuits that follow."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Protocol

from networks import SensorNetwork
from protocols.built.built import Built
from protocols.built.detected_turns import Sent, error_of_photons
from protocols.built.gaussian import gaussian_as_built
from protocols.built.light import too_bright, within_light
from protocols.built.measured import homodyne_error, measured_error
from protocols.built.photons import columns_as_built, strings_as_built
from protocols.built.squeezed import in_turn_as_built, separable_as_built, squeezed_as_built
from protocols.layout.photon.layouts import MAX_NODES
from protocols.layout.strings.layouts import SCHEMES as STRING_SCHEMES
from protocols.problem import AnyProblem, DisplacementProblem, GaussianProblem, PhaseProblem, Problem
from protocols.schemes.coherent_displacement import CoherentDisplacement
from protocols.schemes.entangled_squeezed import EntangledSqueezed
from protocols.schemes.in_turn import fewer_photons_note
from protocols.schemes.plan import Plan, Unavailable
from protocols.schemes.readouts import MAX_STRINGS
from protocols.schemes.registry import SCHEMES
from protocols.schemes.scheme import AnyScheme, error_of, plan_of, with_sites
from protocols.schemes.separable_squeezed import SeparableSqueezed
from protocols.schemes.squeezed_in_turn import SqueezedInTurn


class DisplacedAsBuilt(Protocol):
    """What builds the light of one scheme for displacements along the links, under the limits of the laboratory."""

    def __call__(
        self, built: Built, problem: DisplacementProblem, *, sources: Sequence[str] | None, squeezers: int | None
    ) -> Built | Unavailable:
        """``built`` is without its layout; the rest as in ``build``."""


def _coherent_as_built(
    built: Built, problem: DisplacementProblem, *, sources: Sequence[str] | None, squeezers: int | None
) -> Built:
    """Light that needs neither links nor squeezers: the vacuum's error with the losses at the sensors and the detectors."""
    return replace(built, as_built=replace(built.plan, predicted_mse=problem.readout.vacuum_mse))


DISPLACED: Mapping[str, DisplacedAsBuilt] = MappingProxyType(
    {
        EntangledSqueezed.name: squeezed_as_built,
        SeparableSqueezed.name: separable_as_built,
        SqueezedInTurn.name: in_turn_as_built,
        CoherentDisplacement.name: _coherent_as_built,
    }
)
"""Of each of our own schemes."""


def build(
    scheme: AnyScheme,
    problem: SensorNetwork | AnyProblem,
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
    sources = made.places(sources)
    if fewer and isinstance(made, PhaseProblem) and made.has_noisy_detectors:
        return _with_best_photons(scheme, made, sources)
    return _built(scheme, made, sources, squeezers, fewer)


def _built(
    scheme: AnyScheme,
    made: AnyProblem,
    sources: Sequence[str] | None,
    squeezers: int | None,
    fewer: bool,
) -> Built | Unavailable:
    """With all photons of the problem, or as many as its losses make best."""
    if isinstance(made, GaussianProblem):
        return gaussian_as_built(scheme, made, sources=sources, squeezers=squeezers)
    plan = plan_of(scheme, made)
    if not isinstance(plan, Plan):
        return plan
    built = _along_links(scheme, made, plan, sources, squeezers, fewer)
    if isinstance(built, Unavailable):
        return built
    return replace(built, as_built=with_sites(built.as_built, made))


def _along_links(
    scheme: AnyScheme,
    made: AnyProblem,
    plan: Plan,
    sources: Sequence[str] | None,
    squeezers: int | None,
    fewer: bool,
) -> Built | Unavailable:
    built = Built(plan=plan, as_built=plan, ideal_mse=_ideal(scheme, made, plan))
    if scheme not in SCHEMES:
        return _of_a_users_own(built, scheme, made)
    if isinstance(made, DisplacementProblem):
        shared = isinstance(scheme, EntangledSqueezed)
        if not (shared or made.has_laboratory or sources is not None or squeezers is not None):
            return built
        return DISPLACED[scheme.name](built, made, sources=sources, squeezers=squeezers)
    assert isinstance(made, PhaseProblem), "Gaussian light is built by itself"
    if made.has_noisy_detectors and not plan.interference and _strings(plan) > MAX_STRINGS:
        return _not_projected(scheme, plan)
    if len(made.names) <= MAX_NODES:
        if plan.photon_protocol is not None:
            built = columns_as_built(built, scheme, made, sources=sources, fewer=fewer)
        elif plan.scheme in STRING_SCHEMES:
            built = strings_as_built(built, scheme, made, sources=sources, fewer=fewer)
    return _measured(within_light(built, scheme, made), scheme, made)


def _of_a_users_own(built: Built, scheme: AnyScheme, problem: AnyProblem) -> Built | Unavailable:
    """A scheme that is not one of ours is built with the light that its own plan has: how to lay that out is not known."""
    if isinstance(problem, PhaseProblem):
        reason = too_bright(built.plan, problem)
        return _measured(built, scheme, problem) if reason is None else scheme.unavailable(reason)
    if problem.has_ideal_detectors or not isinstance(problem, DisplacementProblem):
        return built
    note = "of the laboratory its detectors count; squeezers, limits and losses before the sensing are those of its own plan"
    return replace(
        built,
        as_built=replace(built.plan, notes=(*built.plan.notes, note)),
        measured_mse=homodyne_error(built.plan, problem),
    )


def _measured(built: Built, scheme: AnyScheme, made: PhaseProblem) -> Built | Unavailable:
    if not made.has_noisy_detectors:
        return built
    measured = measured_error(built.as_built, made)
    if measured is None:
        return _not_projected(scheme, built.as_built)
    return replace(built, measured_mse=measured)


def _strings(plan: Plan) -> int:
    return max(part.strings for part in plan.parts)


def _not_projected(scheme: AnyScheme, plan: Plan) -> Unavailable:
    return scheme.unavailable(
        f"a projection on {_strings(plan)} strings with detectors that are not ideal is not worked out"
    )


def _with_best_photons(scheme: AnyScheme, problem: PhaseProblem, sources: Sequence[str] | None) -> Built | Unavailable:
    """With as many of the N photons as the detectors make best: jitter wipes out the fringe of many before losses do.

    It is looked for on a grid, and between the neighbours of the best there.
    """
    closed = error_of_photons(scheme, problem, sources)
    if closed is not None:
        return _with_known_photons(scheme, problem, sources, closed)
    whole = _built(scheme, problem, sources, None, fewer=True)
    if isinstance(whole, Unavailable) or whole.as_built.mean_photons is not None:
        # Of coherent light more is never worse: shot noise goes with 1/N, dark counts with 1/N^2, and jitter is the same.
        return whole
    built: dict[int, Built] = {problem.photons: whole}
    found: dict[int, Sent] = {problem.photons: Sent(mse=whole.mse, photons=photons_sent(whole.as_built))}

    def error(photons: int) -> float:
        if photons not in found:
            # Where losses let no more be sent than these, the light of more photons is the same, but for columns.
            known = found.items() if whole.plan.photon_protocol is None else ()
            same = next((one for n, one in known if one.photons <= photons < n), None)
            found[photons] = same or _build(photons)
        return found[photons].mse

    def _build(photons: int) -> Sent:
        needed = problem.divisibility.least_product if whole.plan.photon_protocol is not None else 1
        if needed is None or photons * problem.passes % needed:
            return Sent(mse=math.inf, photons=photons)
        one = _built(scheme, problem.with_budget(photons, problem.passes), sources, None, fewer=True)
        if isinstance(one, Unavailable):
            return Sent(mse=math.inf, photons=photons)
        built[photons] = one
        return Sent(mse=one.mse, photons=photons_sent(one.as_built))

    sent = search_photons(problem.photons, error)
    if sent == problem.photons:
        return whole
    if sent not in built:
        _build(sent)
    return _with_fewer(scheme, problem, built[sent], whole.plan, whole.ideal_mse, sent)


def _with_known_photons(
    scheme: AnyScheme,
    problem: PhaseProblem,
    sources: Sequence[str] | None,
    closed: Callable[[int], Sent],
) -> Built | Unavailable:
    """The same where the error is known before anything is built: the best number alone is laid out."""
    error = cache(lambda photons: closed(photons).mse)
    sent = search_photons(problem.photons, error)
    plan = plan_of(scheme, problem)
    if sent < problem.photons and isinstance(plan, Plan):
        less = _built(scheme, problem.with_budget(sent, problem.passes), sources, None, fewer=True)
        if isinstance(less, Built):
            return _with_fewer(scheme, problem, less, plan, _ideal(scheme, problem, plan), sent)
    return _built(scheme, problem, sources, None, fewer=True)


def _with_fewer(
    scheme: AnyScheme, problem: PhaseProblem, less: Built, plan: Plan, ideal_mse: float, sent: int
) -> Built:
    """Built with fewer photons, beside the plan with all of them; what losses leave of the fewer is said of all together."""
    parts = less.as_built.parts
    of_losses = (
        scheme.note(problem.with_budget(sent, problem.passes).task),
        fewer_photons_note([part.photons for part in parts], sent),
    )
    used = [part.photons for part in parts] if less.as_built.takes_turns else [photons_sent(less.as_built)]
    note = fewer_photons_note(used, problem.photons, "these losses and detectors")
    notes = (*(other for other in less.as_built.notes if other not in of_losses), note)
    return replace(less, plan=plan, ideal_mse=ideal_mse, as_built=replace(less.as_built, notes=notes))


def search_photons(most: int, error: Callable[[int], float], near: int | None = None) -> int:
    """The n from 1 to N of the least error, the largest of equal ones; it falls and then rises.

    Parameters
    ----------
    most : int >= 1
        N.
    error : callable
        Of n; asked for again for the same n.
    near : int, optional
        Where the search begins; without it all sizes are looked at, in which small steps up and down are passed over.

    Examples
    --------
    >>> search_photons(1000, lambda n: n + 5000 / n), search_photons(1000, lambda n: n + 5000 / n, near=60)
    (71, 71)
    """

    def worth(n: int) -> tuple[float, int]:
        return error(n), -n

    if near is None:
        grid = sorted({n for k in range(64) for n in (2**k, 3 * 2**k) if n < most} | {most})
        best = min(range(len(grid)), key=lambda place: worth(grid[place]))
        low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    else:
        grid = [min(max(near, 1), most)]
        low = high = grid[0]
        for sign in (1, -1):
            # Twice as far each time, up to the first that is no better.
            place, step = grid[0], 1
            while (further := min(max(place + sign * step, 1), most)) != place and worth(further) < worth(place):
                place, step = further, 2 * step
            low, high = min(low, further), max(high, further)
            if place != grid[0]:
                break
    while high - low > 8:
        third = (high - low) // 3
        one, other = low + third, high - third
        low, high = (one, high) if error(one) > error(other) else (low, other)
    found: int = min([*grid, *range(low, high + 1)], key=worth)
    return found


def photons_sent(plan: Plan) -> int:
    """Photons of a shot: the most of any turn, or those of all parts together.

    Parameters
    ----------
    plan : Plan
        Of exact photon numbers.
    """
    photons = [part.photons for part in plan.parts]
    return max(photons) if plan.takes_turns else sum(photons)


def plan_as_built(scheme: AnyScheme, problem: AnyProblem) -> Plan | Unavailable:
    """The plan with its circuits as they are built; without any loss the scheme's own, whose outcomes are the same.

    Parameters
    ----------
    scheme : Scheme
    problem : Problem
    """
    if problem.is_ideal:
        return plan_of(scheme, problem)
    built = build(scheme, problem)
    return built.as_built if isinstance(built, Built) else built


def _ideal(scheme: AnyScheme, problem: AnyProblem, plan: Plan) -> float:
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
