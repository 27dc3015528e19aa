"""One squeezed vacuum, or a few, spread along the links over all sensors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from photonics.conventions import squeezing_db, squeezing_for
from protocols.built.built import Built
from protocols.layout.layout import counted
from protocols.layout.paths import Paths
from protocols.layout.squeezed.forests import Forest
from protocols.layout.squeezed.layouts import SqueezedLayouts, squeezed_layouts
from protocols.problem import DisplacementProblem, GaussianProblem
from protocols.schemes.in_turn import why_no_turns
from protocols.schemes.plan import Part, Unavailable
from protocols.schemes.squeezed import sensing_passes
from protocols.theory.limits.local import best_local_squeezing
from protocols.theory.limits.readout import homodyne_readout
from protocols.theory.limits.several_in_turn import best_squeezers_in_turn
from protocols.theory.limits.shared import shared_mse
from protocols.theory.limits.squeezers import SqueezerLimits

if TYPE_CHECKING:
    from photonics.circuits.circuit import Operation


def squeezed_as_built(
    built: Built, problem: DisplacementProblem, *, sources: Sequence[str] | None, squeezers: int | None
) -> Built:
    """The best trees of links found, with the beam splitters that the losses make best.

    Parameters
    ----------
    built : Built
        Without its layout.
    problem : DisplacementProblem
    sources, squeezers
        As in ``build``.
    """
    laid = squeezed_layouts(problem, roots=sources, squeezers=squeezers)
    if laid is None:
        return vacuum_as_built(built, problem) if problem.has_laboratory else built
    layout = _sharing(laid)
    if not layout.shown.sources:
        # Of no squeezed light anything arrives.
        return vacuum_as_built(built, problem)
    if not problem.has_lossy_links and not problem.has_laboratory:
        # The same light at the sensors as the plan has, whatever the tree.
        return replace(built, layout=layout)
    part = Part(circuit=layout.circuit(problem), sensors=tuple(range(len(problem.function))))
    count = len(layout.shown.sources)
    as_built = replace(
        built.plan,
        parts=(part,),
        probes=_probes(layout),
        predicted_mse=layout.drawn_mse,
        formula="the error along the links: vacuum of every loss, and e^(-2r) of the light that arrives",
        modes_per_pass=(max(len(source.shares) for source in layout.shown.sources),) * problem.passes,
        title=built.plan.title if count == 1 else f"{count} squeezed vacua, spread over the sensors along the links",
        notes=(),
    )
    return replace(built, as_built=as_built, layout=layout)


def _sharing(layout: SqueezedLayouts) -> SqueezedLayouts:
    """With the best forest found whose light sensors share, where one is: a squeezer for each sensor is another scheme's light."""

    def is_shared(forest: Forest) -> bool:
        return any(sum(share != 0 for _, share in source.shares) > 1 for source in forest.sources)

    if is_shared(layout.shown):
        return layout
    shared = [forest for forest in layout.forests if forest.is_separate and is_shared(forest)]
    return replace(layout, shown=min(shared, key=lambda forest: forest.mse)) if shared else layout


def _probes(layout: SqueezedLayouts) -> tuple[str, ...]:
    return tuple(
        f"{_words(source.mean_photons, source.tree.root)}, through "
        f"{counted(len(source.tree.parents), 'beam splitter')} along links to {counted(len(source.shares), 'sensor')}"
        for source in layout.shown.sources
    )


def separable_as_built(
    built: Built, problem: DisplacementProblem, *, sources: Sequence[str] | None, squeezers: int | None
) -> Built:
    """A squeezer for each sensor, or for those where one does most: at the sensor, or where its light comes from best.

    Parameters
    ----------
    built : Built
        As planned with a squeezer at every sensor.
    problem : DisplacementProblem
    sources, squeezers
        As in ``build``.
    """
    limits = limits_with(problem, squeezers)
    own = nearest_squeezers(problem, sources)
    if not own or limits.squeezers == 0:
        return vacuum_as_built(built, problem)
    best = best_local_squeezing(
        problem.readout, limits, [way.through for way in own], [problem.squeezer_efficiency[way.place] for way in own]
    )
    parts, probes, starts = [], [], []
    for sensor, (way, photons) in enumerate(zip(own, best.mean_photons, strict=True)):
        if not problem.alpha[sensor]:
            continue
        mode = problem.sensor_modes[sensor]
        parts.append(_single(problem, sensor, way, photons))
        if photons:
            starts.append(way.place)
            probes.append(_words(photons, way.place) + _over(way, mode))
    as_built = replace(
        built.plan,
        parts=tuple(parts),
        probes=tuple(probes) or ("vacuum",),
        predicted_mse=best.mse,
        formula="the sum over sensors of the error with a squeezer of its own, or with vacuum",
        notes=() if best.is_proved else ("which sensors get a squeezer was searched, not proved",),
    )
    return replace(built, as_built=as_built, made_at=tuple(starts))


def limits_with(problem: DisplacementProblem | GaussianProblem, squeezers: int | None) -> SqueezerLimits:
    """The limits of a problem with at most so many squeezers.

    Parameters
    ----------
    problem : DisplacementProblem or GaussianProblem
    squeezers : int >= 0, or None
    """
    limits = problem.limits
    if squeezers is None:
        return limits
    return replace(limits, squeezers=squeezers if limits.squeezers is None else min(squeezers, limits.squeezers))


@dataclass(frozen=True, slots=True)
class Way:
    """From the place of a squeezer to its sensor.

    Attributes
    ----------
    place : str
    through : float in (0, 1]
        Transmissivity of the links.
    """

    place: str
    through: float


def nearest_squeezers(
    problem: DisplacementProblem | GaussianProblem, sources: Sequence[str] | None, ends: Sequence[str] | None = None
) -> list[Way]:
    """For each sensor the way on which most squeezed light arrives, from itself among equals; empty where no place is allowed.

    Parameters
    ----------
    problem : DisplacementProblem or GaussianProblem
    sources : names of nodes where squeezers may stand, or None
    ends : names of modes, optional
        Where the light arrives; all sensor modes when left out.
    """
    ends = problem.sensor_modes if ends is None else ends
    allowed = None if sources is None else set(map(str, sources))
    places = [name for name in problem.squeezer_places if allowed is None or name in allowed]
    if not places:
        return []
    escape = problem.squeezer_efficiency
    most, at_hand = max(escape[name] for name in places), set(places)
    if all(sensor in at_hand and escape[sensor] == most for sensor in ends):
        # No path loses less than none.
        return [Way(sensor, 1.0) for sensor in ends]
    paths = Paths.of(problem.task)
    table = paths.best_from([paths.place[name] for name in ends]).lengths
    found = []
    for sensor, lengths in zip(ends, table, strict=True):
        ways = [Way(name, 1.0 if name == sensor else math.exp(-lengths[paths.place[name]])) for name in places]
        found.append(max(ways, key=lambda way: (way.through * escape[way.place], way.place == sensor)))
    return found


def _single(problem: DisplacementProblem, sensor: int, way: Way, photons: float) -> Part:
    """The circuit of one sensor, whose light comes over a path of its own."""
    from photonics import Circuit, Loss, Squeeze

    mode = problem.sensor_modes[sensor]
    ways = (
        problem.squeezer_efficiency[way.place],
        way.through,
        problem.benches[problem.task.sensors[sensor]].transmissivity_before,
    )
    prepared: list[Operation] = [Squeeze(mode=mode, r=squeezing_for(photons))] if photons else []
    prepared += [Loss(mode=mode, transmissivity=eta) for eta in ways if photons and eta < 1]
    return Part(
        circuit=Circuit(modes=(mode,), operations=(*prepared, *sensing_passes(problem, (mode,)))), sensors=(sensor,)
    )


def vacuum_as_built(built: Built, problem: DisplacementProblem) -> Built:
    """Where no squeezer may stand or does any good: homodyne of vacuum at every sensor.

    Parameters
    ----------
    built : Built
    problem : DisplacementProblem
    """
    dark = [_single(problem, sensor, Way(mode, 1.0), 0.0) for sensor, mode in enumerate(problem.sensor_modes)]
    parts = [part for part, a in zip(dark, problem.alpha, strict=True) if a]
    as_built = replace(
        built.plan,
        parts=tuple(parts),
        probes=("vacuum: no squeezer is at hand that does any good",),
        modes_per_pass=(1,) * problem.passes,
        predicted_mse=problem.readout.vacuum_mse,
        formula="the vacuum's error at every sensor",
        title="vacuum at every sensor",
        notes=(),
    )
    return replace(built, as_built=as_built)


def _words(photons: float, place: str) -> str:
    return f"squeezed vacuum of {photons:.6g} photons ({squeezing_db(squeezing_for(photons)):.4g} dB) in {place}"


def _over(way: Way, mode: str) -> str:
    return "" if way.place == mode else f", over links of {way.through:.4g} to {mode}"


IN_THE_DARK = (
    "vacuum in all sensors where the squeezer is not, read out all the same",
    "vacuum in all sensors where no squeezer is, read out all the same",
)
"""What is in the sensors whose turn it is not, with one squeezer and with several."""
SEARCHED = "which squeezers are at work, and with how many photons each, was searched, not proved"
"""What is said of several squeezers that take turns where the photons do not suffice for all their dB."""


def in_turn_as_built(
    built: Built, problem: DisplacementProblem, *, sources: Sequence[str] | None, squeezers: int | None
) -> Built | Unavailable:
    """Squeezers at one sensor after the other, or where the light of each sensor comes from best, with the best shares.

    As many as the laboratory has, or as are asked for; one where nothing is said.

    Parameters
    ----------
    built : Built
    problem : DisplacementProblem
    sources, squeezers
        As in ``build``.
    """
    own = nearest_squeezers(problem, sources)
    if not own or problem.limits.squeezers == 0 or squeezers == 0:
        return vacuum_as_built(built, problem)
    count = squeezers_in_turn(problem, squeezers)
    best = best_squeezers_in_turn(
        problem.readout,
        problem.limits,
        count,
        [way.through for way in own],
        [problem.squeezer_efficiency[way.place] for way in own],
    )
    if (reason := why_no_turns(problem, sum(share > 0 for share in best.shares))) and any(
        0 < p < 1 for p in best.shares
    ):
        return Unavailable(scheme=built.plan.scheme, reason=reason)
    parts, probes, starts = [], [], []
    for sensor, (way, share, photons) in enumerate(zip(own, best.shares, best.mean_photons, strict=True)):
        if not problem.alpha[sensor]:
            continue
        dark, vacuum = 1 - share, float(problem.readout.vacuum_errors[sensor])
        lit = _single_error(problem, sensor, way, photons)
        # What each kind of shot tells of theta_j, as a share of all that is told.
        everything = share / lit + dark / vacuum
        # Where both errors are beyond the largest number, all shots tell as little.
        told = share / lit / everything if everything else share
        mode = problem.sensor_modes[sensor]
        for shots, weight, light in ((share, told, photons), (dark, 1 - told, 0.0)):
            if shots > 0:
                part = _single(problem, sensor, way, light)
                parts.append(replace(part, share=shots, coefficients=(problem.alpha[sensor] * weight,)))
        if share > 0 and photons:
            starts.append(way.place)
            when = "all shots" if share == 1 else f"share {share:.6g} of the shots"
            probes.append(f"{when}: {_words(photons, way.place)}{_over(way, mode)}")
    as_built = replace(
        built.plan,
        parts=tuple(parts),
        probes=(*probes, *([IN_THE_DARK[count > 1]] if any(share < 1 for share in best.shares) else [])),
        predicted_mse=best.mse,
        formula="the sum over sensors of 1/(p_j/e_j + (1 - p_j)/v_j), e_j its error with a squeezer and v_j without",
        title=built.plan.title
        if count == 1
        else f"{best.squeezers} squeezed vacua at some sensors after others, over the shots",
        notes=(*built.plan.notes, *(() if best.is_proved else (SEARCHED,))),
    )
    if count == 1:
        return replace(built, as_built=as_built, made_at=tuple(starts))
    # Of as many squeezers, but of any dB and with no light lost or limited.
    ideal = best_squeezers_in_turn(
        homodyne_readout(problem.alpha, passes=problem.passes), SqueezerLimits(mean_photons=problem.mean_photons), count
    )
    return replace(built, as_built=as_built, made_at=tuple(starts), ideal_mse=ideal.mse)


def squeezers_in_turn(problem: DisplacementProblem, squeezers: int | None) -> int:
    """How many squeezers take turns: those that the laboratory has, or at most as many as are asked for; one where nothing is said.

    Parameters
    ----------
    problem : DisplacementProblem
    squeezers : int >= 0, or None
    """
    given = [int(count) for count in (problem.limits.squeezers, squeezers) if count is not None]
    return min(given, default=1)


def _single_error(problem: DisplacementProblem, sensor: int, way: Way, photons: float) -> float:
    """What one sensor adds to the error with a squeezer of its own."""
    amplitude = [math.sqrt(way.through)]
    return shared_mse(problem.readout.some([sensor]), amplitude, photons, problem.squeezer_efficiency[way.place])
