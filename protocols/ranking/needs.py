"""What must be at hand to build a plan, in words, and where the error of its measurement is worked out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from protocols.built.built import Built
from protocols.layout.layout import counted, listed
from protocols.problem import AnyProblem, DisplacementProblem, GaussianProblem, PhaseProblem, SensedPhases
from protocols.schemes.evaluation import probe_value
from protocols.schemes.plan import Part, Plan
from protocols.schemes.twin_squeezed import TwinSqueezed

MAX_NAMED = 8
"""Squeezers that are named one by one."""
WHOLE = 1e-9
"""Shares of the shots are sums of floats."""


def needs_of(built: Built, problem: AnyProblem) -> tuple[str, ...]:
    """Squeezers with their dB, the photons of a shot with and without the squeezed ones, and what gives the phase.

    Parameters
    ----------
    built : Built
        Its plan as built is what is read.
    problem : Problem
        That it was built for.

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from protocols.built.build import build
    >>> from protocols.problem import Problem
    >>> from protocols.schemes import find_scheme
    >>> star = Problem.of(SensorNetwork.star([1, 1], sensing="displacement", mean_photons=2.0))
    >>> for need in needs_of(build(find_scheme("displacement", "squeezed-in-turn"), star), star):
    ...     print(need)
    1 squeezer, moved over the shots: 9.956 dB at s1, 9.956 dB at s2
    2 photons on average in a shot, 0 without the squeezed ones
    a homodyne detector with a local oscillator, which is not counted, at each of 2 sensors

    >>> pair = Problem.of(SensorNetwork.star([1, 1], sensing="phase", photons=4))
    >>> needs_of(build(find_scheme("phase", "noon"), pair), pair)
    ('exactly 4 photons in a shot, none of them squeezed', 'the reference ref, whose light is counted')
    """
    plan = built.as_built
    squeezers = list(_squeezers(built, problem))
    needs = [*_squeezer_words(squeezers, plan), _photon_words(plan, problem)]
    if isinstance(problem, DisplacementProblem):
        read = len({j for part in plan.parts for j in part.sensors})
        return (
            *needs,
            f"a homodyne detector with a local oscillator, which is not counted, at each of {counted(read, 'sensor')}",
        )
    if isinstance(problem, GaussianProblem) and not plan.interference:
        return (*needs, *_detector_words(plan, problem))
    return (*needs, *_reference_words(plan, problem))


def _detector_words(plan: Plan, problem: GaussianProblem) -> tuple[str, ...]:
    """What Gaussian light of phases is read by."""
    from photonics import IntensityDifference, Interference, Moments

    sites = len({problem.site_of[problem.sensor_modes[k]] for part in plan.parts for k in part.sensors})
    if plan.scheme == TwinSqueezed.name:
        return f"two counters of photons at each of {counted(sites, 'sensor')}", "no reference"
    pairs = 0
    for part in plan.parts:
        if isinstance(part.measurement, IntensityDifference):
            pairs += len(part.measurement.pairs)
        elif isinstance(part.measurement, Moments):
            pairs += sum(isinstance(reading, Interference) for reading in part.measurement.readings)
    if plan.common_phase_unknown and pairs < sites:
        met = f"two detectors, whose photocurrents are subtracted, where the light of {counted(sites, 'sensor')} meets"
        return met, *_reference_words(plan, problem)
    two, one = ("", "") if pairs in (0, sites) else (" with two arms", " with one arm")
    words = []
    if pairs:
        words.append(f"two detectors, whose photocurrents are subtracted, at each of {counted(pairs, 'sensor')}{two}")
    if pairs < sites:
        single = f"{counted(sites - pairs, 'sensor')}{one}"
        words.append(f"a homodyne detector with a local oscillator, which is not counted, at each of {single}")
    own = "a reference arm, whose light is counted, beside each sensor with one arm"
    return (*words, own if plan.common_phase_unknown else "no reference") if pairs == sites else tuple(words)


def working_point_of(plan: Plan, problem: AnyProblem) -> tuple[tuple[str, float], ...]:
    """The parameters at which the error of the stated measurement is worked out, by the names of the sensors that q depends on.

    Projections and counts are at mid-fringe there, by known phases of their own; homodyne detection and beams that meet, whose
    errors are the same everywhere to first order, are taken at 0.

    Parameters
    ----------
    plan : Plan
        As built.
    problem : Problem

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from protocols.problem import Problem
    >>> from protocols.schemes import find_scheme
    >>> pair = Problem.of(SensorNetwork.chain([1, -1], sensing="phase", photons=2))
    >>> plan = find_scheme("phase", "noon").plan(pair)
    >>> [(name, round(theta, 6)) for name, theta in working_point_of(plan, pair)]
    [('s1', 0.359017), ('s2', 0.168034)]
    """
    at_zero = not isinstance(problem, PhaseProblem) or bool(plan.interference)
    read = {j for part in plan.parts for j in part.sensors}

    def theta(site: Sequence[int]) -> float:
        if at_zero:
            return 0.0
        # Of two arms the parameter is the difference of both phases.
        first, *others = (probe_value(j) for j in site)
        return first - math.fsum(others)

    sites = zip(problem.site_names, problem.sites, strict=True)
    return tuple((name, theta(site)) for name, site in sites if read.intersection(site))


def _squeezers(built: Built, problem: AnyProblem) -> Iterator[tuple[Part, float, str]]:
    """The part, r and the place of every squeezer."""
    from photonics import Squeeze

    found = [
        (part, op.r, op.mode)
        for part in built.as_built.parts
        for op in part.circuit.operations
        if isinstance(op, Squeeze)
    ]
    # Light that comes to a sensor over a path of its own stands at the sensor in its circuit.
    places = built.made_at if built.made_at is not None and len(built.made_at) == len(found) else None
    for number, (part, r, mode) in enumerate(found):
        place = mode if places is None else places[number]
        yield part, abs(r), problem.site_of.get(place, place)


def carried_from(built: Built, problem: AnyProblem) -> Mapping[str, tuple[str, ...]]:
    """Where squeezed light without a layout is made away from the sites that it is for, with these sites.

    Parameters
    ----------
    built : Built
    problem : AnyProblem

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from protocols.built.build import build
    >>> from protocols.problem import Problem
    >>> from protocols.schemes import find_scheme
    >>> star = Problem.of(SensorNetwork.star([1, 1], sensing="phase", mean_photons=100.0, arms=2))
    >>> turns = find_scheme("gaussian", "bright-in-turn")
    >>> carried_from(build(turns, star, sources=["ref"]), star), carried_from(build(turns, star), star)
    ({'ref': ('s1', 's2')}, {})
    """
    from photonics import Squeeze

    modes = (op.mode for part in built.as_built.parts for op in part.circuit.operations if isinstance(op, Squeeze))
    carried: dict[str, dict[str, None]] = {}
    for mode, (_, _, place) in zip(modes, _squeezers(built, problem), strict=True):
        if place != (site := problem.site_of.get(mode, mode)):
            carried.setdefault(place, {})[site] = None
    return {place: tuple(sites) for place, sites in carried.items()}


def _squeezer_words(squeezers: Sequence[tuple[Part, float, str]], plan: Plan) -> tuple[str, ...]:
    from photonics.conventions import squeezing_db

    if not squeezers:
        return ()
    at_once = math.ceil(math.fsum(part.share for part, _, _ in squeezers) - WHOLE)
    named = [f"{squeezing_db(r):.4g} dB at {place}" for _, r, place in squeezers]
    moved = ""
    if at_once < len(squeezers):
        stays = len({place for _, _, place in squeezers}) <= at_once
        owner = "its" if at_once == 1 else "their"
        moved = f", {owner} light sent to the sensors in turn" if stays else ", moved over the shots"
        # One that stays where it is and serves several sensors is there once.
        named = list(dict.fromkeys(named)) if stays else named
    more = f" and {len(named) - MAX_NAMED} more" if len(named) > MAX_NAMED else ""
    return (f"{counted(at_once, 'squeezer')}{moved}: {', '.join(named[:MAX_NAMED])}{more}",)


def _photon_words(plan: Plan, problem: AnyProblem) -> str:
    from photonics import Displace, Squeeze

    if isinstance(problem, PhaseProblem) and plan.mean_photons is None:
        sent = [part.photons for part in plan.parts] if plan.takes_turns else [sum(part.photons for part in plan.parts)]
        low, high = min(sent), max(sent)
        count = counted(high, "photon") if low == high else f"{low} to {high} photons, a known number,"
        rest = "" if low == problem.photons else f" (N = {problem.photons} are allowed)"
        return f"exactly {count} in a shot, none of them squeezed{rest}".replace("exactly 0", "0")
    squeezed, others = [], []
    for part in plan.parts:
        for op in part.circuit.operations:
            if isinstance(op, Squeeze):
                squeezed.append(part.share * math.sinh(op.r) ** 2)
            elif isinstance(op, Displace):
                others.append(part.share * (op.x**2 + op.p**2) / 4)
    bright = math.fsum(others)
    whole = bright + math.fsum(squeezed)
    average = f"{whole:.6g} {'photon' if whole == 1 else 'photons'} on average in a shot"
    return f"{average}, {bright:.6g} without the squeezed ones" if squeezed else f"{average}, none of them squeezed"


def _reference_words(plan: Plan, problem: SensedPhases) -> tuple[str, ...]:
    """The modes with light that are no sensors: references, and arms that stand beside single sensors."""
    sensors, nodes = set(problem.sensor_modes), set(problem.names)
    lit = list(dict.fromkeys(mode for part in plan.parts for mode in _lit(part) if mode not in sensors))
    held = [mode for mode in lit if mode in nodes]
    # An arm beside a sensor is no node of the network.
    beside = [
        str(problem.sensor_modes[part.sensors[0]])
        for part in plan.parts
        if any(mode not in nodes and mode not in sensors for mode in _lit(part)) and len(part.sensors) == 1
    ]
    words = []
    if held:
        what = "the reference" if len(held) == 1 else "the references"
        words.append(f"{what} {listed(held)}, whose light is counted")
    if beside:
        words.append(f"a reference arm, whose light is counted, beside each of {listed(tuple(dict.fromkeys(beside)))}")
    return tuple(words)


def _lit(part: Part) -> list[str]:
    from photonics import Displace, PrepareFock

    start = part.circuit.operations[0]
    if isinstance(start, PrepareFock):
        return [mode for mode in part.circuit.modes if mode in part.occupied_modes]
    return [op.mode for op in part.circuit.operations if isinstance(op, Displace)]
