"""Plans of photons and of coherent light under ``mean_photons_max``: the most light at a sensor, on average in a pass of a shot.

Fewer photons at a sensor are a smaller population of the strings that hold light there (``theory/light_limits.py``). What then is
left over stays at the source: an exact number of photons is sent or kept in every shot. Light is counted where it is sensed, behind
the losses on its way; both arms of a sensor together. Light that only passes a node on its way to others is not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from photonics.conventions import Real
from protocols.built.built import Built
from protocols.problem import PhaseProblem, SensedPhases
from protocols.schemes.in_turn import fewer_photons_note
from protocols.schemes.noon_in_turn import NoonInTurn
from protocols.schemes.plan import Part, Plan
from protocols.schemes.scheme import AnyScheme
from protocols.schemes.separable_phase import SeparablePhase
from protocols.schemes.two_modes import own_part
from protocols.theory.least import least_whole_number
from protocols.theory.light_limits import LightLimit, light_factor, limited_populations
from protocols.theory.sums import error_sum, squared
from protocols.theory.two_branches import log_branch_contrast

if TYPE_CHECKING:
    from photonics.circuits.circuit import Operation

LEAST_KEPT = 1e-12
"""A population below it is the rounding of a sum that is 1."""
NOTE = "less light than would be best without mean_photons_max"
"""What plans say that a limit of the light changes."""
KEPT = "what the limits of light leave over stays at the source, a known number of photons in every shot"
"""What plans say whose sensors may not have all of their photons."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class LimitedPart:
    """A part under the limits of light.

    Attributes
    ----------
    part : Part
    factor : float >= 1
        By how much its error is larger.
    """

    part: Part
    factor: float


def limits_of(part: Part, problem: PhaseProblem) -> tuple[LightLimit, ...]:
    """What every string of a part brings to each site, and the most that may be there; for strings that are moved as a whole.

    Behind a control between passes what earlier passes lose is not counted: there is no more light than that.

    Parameters
    ----------
    part : Part
        Whose circuit prepares strings, loses, senses and moves them.
    problem : PhaseProblem
    """
    sites = [
        (
            [
                part.circuit.place[name]
                for name in (problem.sensor_modes[k] for k in site)
                if name in part.circuit.place
            ],
            most,
        )
        for site, most in zip(problem.sites, problem.light_caps, strict=True)
        if most < math.inf
    ]
    return tuple(
        LightLimit(light=tuple(light[:, places].sum(axis=1).tolist()), most=most)
        for light in _light_of_strings(part)
        for places, most in sites
        if light[:, places].any()
    )


def _light_of_strings(part: Part) -> Iterable[Real]:
    """(S, modes) photons of each string in a pass, for the first pass and behind every control."""
    from photonics import Loss, NumberControl, PrepareFock, Sense

    start = part.circuit.operations[0]
    assert isinstance(start, PrepareFock)
    strings = start.state.occupations.astype(float)
    arriving = np.ones(strings.shape[1])
    is_new = True
    for op in part.circuit.operations[1:]:
        if isinstance(op, Loss):
            arriving[part.circuit.place[op.mode]] *= op.transmissivity
        elif isinstance(op, NumberControl):
            moves = {tuple(map(float, a)): b for a, b in op.moves}
            strings = np.array([moves.get(tuple(row), row) for row in strings.tolist()], dtype=float)
            arriving, is_new = np.ones(strings.shape[1]), True
        elif isinstance(op, Sense) and is_new:
            yield strings * arriving
            is_new = False
            # Later passes of the same column have no more light.
            arriving = np.ones(strings.shape[1])


def limited_part(part: Part, problem: PhaseProblem) -> LimitedPart:
    """A part with the best populations under the limits of light; the part itself where it keeps to them.

    Parameters
    ----------
    part : Part
        With the best populations without limits.
    problem : PhaseProblem
    """
    if not problem.has_light_limits:
        return LimitedPart(part=part, factor=1.0)
    wanted = _populations(part)
    populations = limited_populations(wanted, limits_of(part, problem))
    if populations == wanted:
        return LimitedPart(part=part, factor=1.0)
    own = dict(zip(_strings(part), populations, strict=True))
    return LimitedPart(part=with_populations(part, own), factor=light_factor(wanted, populations))


def _strings(part: Part) -> list[tuple[int, ...]]:
    from photonics import PrepareFock

    start = part.circuit.operations[0]
    assert isinstance(start, PrepareFock)
    return [tuple(row) for row in start.state.occupations.tolist()]


def _populations(part: Part) -> tuple[float, ...]:
    from photonics import PrepareFock

    start = part.circuit.operations[0]
    assert isinstance(start, PrepareFock)
    sizes = np.abs(start.state.amplitudes) ** 2
    return tuple((sizes / sizes.sum()).tolist())


def with_populations(part: Part, populations: Mapping[tuple[int, ...], float]) -> Part:
    """The part with other populations of its strings; what is left of 1 stays at the source.

    Parameters
    ----------
    part : Part
        Without such a rest.
    populations : mapping of strings to floats > 0
        Of all strings that it starts from, with a sum of at most 1.
    """
    from photonics import Circuit, FockState, NumberControl, PrepareFock

    start, *others = part.circuit.operations
    assert isinstance(start, PrepareFock)
    strings = _strings(part)
    rest = 1 - math.fsum(populations.values())
    sizes = np.sqrt(np.array([populations[string] for string in strings]))
    amplitudes = sizes * np.exp(1j * np.angle(start.state.amplitudes))
    modes, kept = part.circuit.modes, None
    if rest > LEAST_KEPT:
        kept = _fresh("kept at the source", modes)
        modes = (*modes, kept)
        strings = [*((*string, 0) for string in strings), (0,) * (len(modes) - 1) + (part.photons,)]
        amplitudes = np.append(amplitudes, math.sqrt(rest))
        others = [_wider(op) if isinstance(op, NumberControl) else op for op in others]
    terms: dict[Sequence[int], complex] = dict(zip(strings, amplitudes.tolist(), strict=True))
    branches = part.branches
    if branches is not None and kept is not None:
        branches = ((*branches[0], 0), (*branches[1], 0))
    operations = (PrepareFock(state=FockState.from_terms(modes, terms)), *others)
    return replace(part, circuit=Circuit(modes=modes, operations=operations), branches=branches, kept=kept)


def _wider(op: Operation) -> Operation:
    from photonics import NumberControl

    assert isinstance(op, NumberControl)
    return NumberControl(moves=tuple(((*a, 0), (*b, 0)) for a, b in op.moves))


def _fresh(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name += "'"
    return name


def within_light(built: Built, scheme: AnyScheme, problem: PhaseProblem) -> Built:
    """What has no layout along the links, under the limits of light: layouts keep to them themselves.

    Parameters
    ----------
    built : Built
    scheme : Scheme
        Whose plan it is.
    problem : PhaseProblem
    """
    if not problem.has_light_limits or built.layout is not None:
        return built
    plan = built.as_built
    if plan.interference:
        limited = dimmed(plan, problem)
    elif isinstance(scheme, NoonInTurn):
        limited = _sites_in_turn(plan, problem)
    elif isinstance(scheme, SeparablePhase):
        limited = _side_by_side(plan, problem)
    else:
        limited = _parts_limited(plan, problem)
    return built if limited is plan else replace(built, as_built=limited)


def too_bright(plan: Plan, problem: SensedPhases) -> str | None:
    """Why a scheme of a user's own does not keep to the limits, whose light is not known how to make less; None where it does.

    Parameters
    ----------
    plan : Plan
    problem : PhaseProblem
    """
    from photonics import Circuit, Sense, get_engine

    if not problem.has_light_limits:
        return None
    for part in plan.parts:
        for place, op in enumerate(part.circuit.operations):
            if not isinstance(op, Sense):
                continue
            start = Circuit(modes=part.circuit.modes, operations=part.circuit.operations[:place])
            before = [other for other in start.operations if isinstance(other, Sense)]
            theta = [0.0] * len(before[0].modes) if before else []
            photons = get_engine("native").run(start, theta).photon_number()
            for site, name, most in zip(problem.sites, problem.site_names, problem.light_caps, strict=True):
                modes = [
                    part.circuit.place[m] for m in (problem.sensor_modes[k] for k in site) if m in part.circuit.place
                ]
                light = math.fsum(float(photons[k]) for k in modes)
                if light > most * (1 + 1e-9):
                    light_there = f"its light at {name} is {light:.6g} photons on average in a pass"
                    return f"{light_there}, and mean_photons_max there is {most:g}"
    return None


def dimmed(plan: Plan, problem: SensedPhases) -> Plan:
    """Coherent light with the best shares of its photons under the limits; what they leave over is not sent.

    Parameters
    ----------
    plan : Plan
        Of beams that meet.
    problem : SensedPhases
    """
    from photonics import Circuit, Displace, Loss, Sense

    (part,) = plan.parts
    lit = [op for op in part.circuit.operations if isinstance(op, Displace)]
    total = math.fsum(op.x**2 / 4 for op in lit)
    wanted = tuple(op.x**2 / 4 / total for op in lit)
    arriving = dict.fromkeys(part.circuit.modes, 1.0)
    for op in part.circuit.operations:
        if isinstance(op, Loss):
            arriving[op.mode] *= op.transmissivity
        elif isinstance(op, Sense):
            break
    limits = []
    for site, most in zip(problem.sites, problem.light_caps, strict=True):
        names = {problem.sensor_modes[k] for k in site}
        light = tuple(total * arriving[op.mode] if op.mode in names else 0.0 for op in lit)
        if most < math.inf and any(light):
            limits.append(LightLimit(light=light, most=most))
    shares = limited_populations(wanted, limits)
    if shares == wanted:
        return plan
    new = {op.mode: Displace(mode=op.mode, x=2 * math.sqrt(total * p)) for op, p in zip(lit, shares, strict=True)}
    operations = tuple(new[op.mode] if isinstance(op, Displace) else op for op in part.circuit.operations)
    beams = [f"{total * p:.6g} in {op.mode}" for op, p in zip(lit, shares, strict=True)]
    more = f", ... {len(beams) - 8} more" if len(beams) > 8 else ""
    return replace(
        plan,
        parts=(replace(part, circuit=Circuit(modes=part.circuit.modes, operations=operations)),),
        probes=("coherent light, photons on average: " + ", ".join(beams[:8]) + more,),
        predicted_mse=plan.predicted_mse * light_factor(wanted, shares),
        formula="sum over sensors and reference of c_j^2/(4 n_j eta_j^M t^2), n_j photons in each",
        mean_photons=total * math.fsum(shares),
        notes=(*plan.notes, NOTE),
    )


def light_notes(parts: Sequence[Part], is_limited: bool) -> tuple[str, ...]:
    """What to know of plans that limits of the light change.

    Parameters
    ----------
    parts : sequence of Part
    is_limited : bool
    """
    kept = any(part.kept is not None for part in parts)
    return ((NOTE, KEPT) if kept else (NOTE,)) if is_limited else ()


def _noted(plan: Plan, parts: Sequence[Part], mse: float) -> Plan:
    return replace(
        plan,
        parts=tuple(parts),
        probes=tuple(_words(part) for part in parts),
        predicted_mse=mse,
        formula="sum over strings of c_s^2/(4 n^2 t^2 p_s e_s), p_s their populations and e_s what survives of them",
        notes=(*plan.notes, *light_notes(parts, True)),
    )


def _words(part: Part) -> str:
    """The light of a part: populations and strings."""
    from photonics import PrepareFock

    start = part.circuit.operations[0]
    assert isinstance(start, PrepareFock)
    kets = []
    for row, p in zip(start.state.occupations.tolist(), _populations(part), strict=True):
        held = ", ".join(f"{n} in {mode}" for mode, n in zip(part.circuit.modes, row, strict=True) if n)
        kets.append(f"{p:.6g} |{held}>")
    more = f" + ... {len(kets) - 8} more" if len(kets) > 8 else ""
    share = "" if part.share == 1 else f"share {part.share:.6g} of the shots: "
    return f"{share}superposition with the populations {' + '.join(kets[:8])}{more}"


def _parts_limited(plan: Plan, problem: PhaseProblem) -> Plan:
    """Every part with its populations limited, and the best shares of parts that take turns: theirs are as their errors."""
    if _keeps(plan, problem):
        return plan
    found = [limited_part(part, problem) for part in plan.parts]
    errors = [part.share * math.sqrt(one.factor) for part, one in zip(plan.parts, found, strict=True)]
    total = math.fsum(errors)
    parts = [
        one.part if one.part.share == 1 else replace(one.part, share=error / total)
        for one, error in zip(found, errors, strict=True)
    ]
    return _noted(plan, parts, plan.predicted_mse * squared(total))


def _keeps(plan: Plan, problem: PhaseProblem) -> bool:
    """Whether all parts keep to the limits as they are."""
    return all(limited_part(part, problem).factor == 1 for part in plan.parts)


def _site_error(problem: PhaseProblem, probe: tuple[int, int | None], photons: int) -> tuple[LimitedPart, float]:
    """The N00N state of one site with so many photons under its limit, and the root of the error of alpha_j theta_j."""
    part = own_part(problem, probe, photons, problem.passes)
    limited = limited_part(part, problem)
    sensor, other = probe
    names = problem.sensor_modes
    losses = (
        problem.losses_of[names[sensor]],
        problem.arm_losses if other is None else problem.losses_of[names[other]],
    )
    contrast = log_branch_contrast(*(photons * one.log_photon(problem.passes) for one in losses))
    log_error = math.log(abs(problem.alpha[sensor]) / (photons * problem.passes)) - contrast / 2
    return limited, math.exp(min(log_error, 700.0)) * math.sqrt(limited.factor)


def _sites(problem: PhaseProblem) -> list[tuple[int, int | None]]:
    return [probe for probe in problem.task.own_probes if problem.alpha[probe[0]]]


def _sites_in_turn(plan: Plan, problem: PhaseProblem) -> Plan:
    """The best photons of every site under its limit, and the best shares of the shots.

    (1/(A a) + 1/(B b))/n with a + b <= n photons of either branch and the losses A and B exponential in n is convex in n, a and b,
    so the error falls and then rises with the photons.
    """
    if _keeps(plan, problem):
        return plan
    found: list[tuple[LimitedPart, float]] = []
    for probe in _sites(problem):
        photons = problem.photons
        if any(eta < 1 for eta in problem.task.probe_transmissivity(probe)):
            error = partial(_site_error, problem, probe)
            photons = least_whole_number(lambda n: math.log(error(n)[1]), photons)  # noqa: B023  # called at once
        found.append(_site_error(problem, probe, photons))
    total = error_sum(error for _, error in found)
    parts = [
        replace(one.part, share=error / total, coefficients=own.coefficients)
        for (one, error), own in zip(found, plan.parts, strict=True)
    ]
    new = _noted(plan, parts, squared(total))
    # The photons that are best without limits may be others.
    old = fewer_photons_note([part.photons for part in plan.parts], problem.photons)
    fewer = fewer_photons_note([part.photons for part in parts], problem.photons)
    notes = (*(note for note in new.notes if note != old), *((fewer,) if fewer else ()))
    return replace(new, notes=notes)


def _side_by_side(plan: Plan, problem: PhaseProblem) -> Plan:
    """The photons shared out over the sites anew: a site with a limit gains less from them.

    The error of every site is convex in its photons, so that no split is better when no photon is better elsewhere; larger numbers
    of them are moved first.
    """
    if _keeps(plan, problem):
        return plan
    sites = _sites(problem)
    photons = [part.photons for part in plan.parts]
    known: dict[tuple[int, int], float] = {}

    def error(k: int, n: int) -> float:
        if (k, n) not in known:
            known[k, n] = squared(_site_error(problem, sites[k], n)[1])
        return known[k, n]

    spare, step = problem.photons - sum(photons), 1 << (problem.photons.bit_length() - 1)
    while step:
        move = _best_move(error, photons, spare, step)
        if move is None:
            step //= 2
            continue
        for k, more in move.items():
            photons[k] += more
            spare -= more
    found = [_site_error(problem, probe, n) for probe, n in zip(sites, photons, strict=True)]
    return _noted(plan, [one.part for one, _ in found], error_sum(squared(root) for _, root in found))


def _best_move(
    error: Callable[[int, int], float], photons: Sequence[int], spare: int, step: int
) -> dict[int, int] | None:
    """So many photons more or fewer at a site, or from one to another, where that lowers the sum of the errors most."""
    now = [error(k, n) for k, n in enumerate(photons)]
    least = math.fsum(now) * 1e-14
    gains = [e - error(k, n + step) for k, (e, n) in enumerate(zip(now, photons, strict=True))]
    prices = [
        error(k, n - step) - e if n > step else math.inf for k, (e, n) in enumerate(zip(now, photons, strict=True))
    ]
    to, of = max(range(len(now)), key=gains.__getitem__), min(range(len(now)), key=prices.__getitem__)
    if spare >= step and gains[to] > least:
        return {to: step}
    if prices[of] < -least:
        return {of: -step}
    # With one site the best place is not the one that it comes from.
    if to != of and gains[to] - prices[of] > least:
        return {to: step, of: -step}
    return None
