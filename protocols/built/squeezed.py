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
from protocols.problem import DisplacementProblem
from protocols.schemes.plan import Part
from protocols.schemes.squeezed import sensing_passes
from protocols.theory.limits.local import best_local_squeezing, best_squeezing_in_turn
from protocols.theory.limits.shared import shared_mse

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
    if not problem.has_lossy_links and not problem.has_laboratory:
        # The same light at the sensors as the plan has, whatever the tree.
        return replace(built, layout=layout)
    part = Part(circuit=layout.circuit(problem), sensors=tuple(range(len(problem.function))))
    as_built = replace(
        built.plan,
        parts=(part,),
        probes=_probes(layout),
        predicted_mse=layout.drawn_mse,
        formula="the error along the links: vacuum of every loss, and e^(-2r) of the light that arrives",
        modes_per_pass=(max(len(source.shares) for source in layout.shown.sources),) * problem.passes,
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
    limits = problem.limits
    if squeezers is not None:
        limits = replace(limits, squeezers=squeezers if limits.squeezers is None else min(squeezers, limits.squeezers))
    own = _nearest(problem, sources)
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


@dataclass(frozen=True, slots=True)
class _Way:
    """From the place of a squeezer to its sensor."""

    place: str
    through: float


def _nearest(problem: DisplacementProblem, sources: Sequence[str] | None) -> list[_Way]:
    """For each sensor the way on which most squeezed light arrives, from itself among equals; empty where no place is allowed."""
    allowed = None if sources is None else set(map(str, sources))
    places = [name for name in problem.squeezer_places if allowed is None or name in allowed]
    if not places:
        return []
    paths, escape = Paths.of(problem.task), problem.squeezer_efficiency
    table = paths.best_from(list(problem.task.sensors)).lengths
    found = []
    for sensor, lengths in zip(problem.sensor_modes, table, strict=True):
        ways = [_Way(name, 1.0 if name == sensor else math.exp(-lengths[paths.place[name]])) for name in places]
        found.append(max(ways, key=lambda way: (way.through * escape[way.place], way.place == sensor)))
    return found


def _single(problem: DisplacementProblem, sensor: int, way: _Way, photons: float) -> Part:
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
    dark = [_single(problem, sensor, _Way(mode, 1.0), 0.0) for sensor, mode in enumerate(problem.sensor_modes)]
    parts = [part for part, a in zip(dark, problem.alpha, strict=True) if a]
    as_built = replace(
        built.plan,
        parts=tuple(parts),
        probes=("vacuum: no squeezer is at hand that does any good",),
        modes_per_pass=(1,) * problem.passes,
        predicted_mse=problem.readout.vacuum_mse,
        formula="the vacuum's error at every sensor",
        notes=(),
    )
    return replace(built, as_built=as_built)


def _words(photons: float, place: str) -> str:
    return f"squeezed vacuum of {photons:.6g} photons ({squeezing_db(squeezing_for(photons)):.4g} dB) in {place}"


def _over(way: _Way, mode: str) -> str:
    return "" if way.place == mode else f", over links of {way.through:.4g} to {mode}"


def in_turn_as_built(
    built: Built, problem: DisplacementProblem, *, sources: Sequence[str] | None, squeezers: int | None
) -> Built:
    """One squeezer at one sensor after the other, or where the light of each sensor comes from best, with the best shares.

    Parameters
    ----------
    built : Built
    problem : DisplacementProblem
    sources, squeezers
        As in ``build``.
    """
    own = _nearest(problem, sources)
    if not own or problem.limits.squeezers == 0 or squeezers == 0:
        return vacuum_as_built(built, problem)
    best = best_squeezing_in_turn(
        problem.readout,
        problem.limits,
        [way.through for way in own],
        [problem.squeezer_efficiency[way.place] for way in own],
    )
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
            probes.append(f"share {share:.6g} of the shots: {_words(photons, way.place)}{_over(way, mode)}")
    as_built = replace(
        built.plan,
        parts=tuple(parts),
        probes=(*probes, "vacuum in all sensors where the squeezer is not, read out all the same"),
        predicted_mse=best.mse,
        formula="the sum over sensors of 1/(p_j/e_j + (1 - p_j)/v_j), e_j its error with the squeezer and v_j without",
    )
    return replace(built, as_built=as_built, made_at=tuple(starts))


def _single_error(problem: DisplacementProblem, sensor: int, way: _Way, photons: float) -> float:
    """What one sensor adds to the error with a squeezer of its own."""
    amplitude = [math.sqrt(way.through)]
    return shared_mse(problem.readout.some([sensor]), amplitude, photons, problem.squeezer_efficiency[way.place])
