"""Stages of phase estimation with the light as it is built: those of each scheme, with the losses of links in every one of them."""

from __future__ import annotations

from dataclasses import replace

from protocols.built.build import build
from protocols.built.built import Built
from protocols.built.light import limited_part
from protocols.built.photons import string_part
from protocols.layout.strings.layout import StringLayout
from protocols.layout.strings.layouts import StringLayouts
from protocols.problem import PhaseProblem
from protocols.schemes.noon_in_turn import NoonInTurn
from protocols.schemes.plan import Part, Plan, Unavailable
from protocols.schemes.registry import find_scheme
from protocols.schemes.scheme import PhaseScheme
from protocols.schemes.separable_phase import SeparablePhase, one_sensor_stages
from protocols.schemes.stages import Stage, StagedPhase, entangled_stages, two_mode_stages


def stages_as_built(
    scheme: PhaseScheme, problem: PhaseProblem, order: str = "photons"
) -> tuple[StagedPhase, ...] | Unavailable:
    """The phases that estimation reads out, each with its stages, whose light comes along the links; or why there are none.

    Parameters
    ----------
    scheme : PhaseScheme
    problem : PhaseProblem
    order : "photons" or "passes"
        What smaller stages have less of.

    Examples
    --------
    >>> from networks import Link, SensorNetwork
    >>> pair = SensorNetwork.chain([1, -1], sensing="phase", photons=2)
    >>> lossy = pair.replace(links=(Link(ends=("s1", "s2"), transmissivity=0.5),))
    >>> (phase,) = stages_as_built(find_scheme("phase", "noon"), PhaseProblem(network=lossy))
    >>> [(stage.gain, len(stage.part.circuit.operations)) for stage in phase.stages]
    [(1, 3), (2, 3)]
    """
    if problem.is_ideal:
        return scheme.stages(problem, order)
    built = build(scheme, problem)
    if not isinstance(built, Built):
        return built
    if built.as_built is built.plan:
        return scheme.stages(problem, order)
    if isinstance(scheme, NoonInTurn | SeparablePhase):
        # Only limits of the light change what is made at single sensors.
        probes = [probe for probe in problem.task.own_probes if problem.alpha[probe[0]]]
        return tuple(
            _limited(one_sensor_stages(problem, probe, part.photons, order, part.share), problem)
            for probe, part in zip(probes, built.as_built.parts, strict=True)
        )
    if isinstance(built.layout, StringLayouts) and len(built.layout.turns) > 1:
        return tuple(_turn_stages(problem, turn, order) for turn in built.layout.turns)
    if len(built.as_built.parts) == 1 and built.as_built.parts[0].branches is None:
        return scheme.stages(problem, order)
    # Of N photons as many are sent as the losses make best; gains count what is sent.
    sent = problem.with_budget(built.as_built.parts[0].photons, problem.passes)
    return entangled_stages(
        sent,
        scheme.name,
        lambda same: _built_plan(scheme, same, scheme.plan(same)),
        lambda smaller: _built_plan(scheme, smaller, scheme.stage_plan(smaller)),
        order,
    )


def _limited(staged: StagedPhase, problem: PhaseProblem) -> StagedPhase:
    """With the populations of every stage as the limits of light allow."""

    def limited(stage: Stage) -> Stage:
        part = limited_part(stage.part, problem).part
        assert part.branches is not None, "stages name their branches"
        return replace(stage, part=part, first=part.branches[0], second=part.branches[1])

    return replace(staged, stages=tuple(map(limited, staged.stages)), whole=limited(staged.whole))


def _built_plan(scheme: PhaseScheme, problem: PhaseProblem, plan: Plan | Unavailable) -> Plan | Unavailable:
    """A plan along the links with all photons of its problem, whatever their number."""
    if isinstance(plan, Unavailable):
        return plan
    light = scheme if plan.scheme == scheme.name else find_scheme("phase", plan.scheme)
    built = build(light, problem, fewer=False)
    return replace(built.as_built, scheme=scheme.name) if isinstance(built, Built) else built


def _turn_stages(problem: PhaseProblem, turn: StringLayout, order: str) -> StagedPhase:
    positive, negative = sorted(turn.nodes, key=lambda node: turn.terms[node], reverse=True)
    sensors = problem.sensor_modes
    direction = {sensors.index(node): sign for node, sign in ((positive, 1), (negative, -1)) if node in sensors}

    def part(photons: int, passes: int) -> Part:
        return string_part(problem, turn, photons=photons, passes=passes)

    return two_mode_stages(problem, direction, float(turn.terms[positive]), turn.photons, part, order, share=turn.share)
