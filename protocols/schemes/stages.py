"""Stages of phase estimation: which photon and pass numbers give doubling gains, and their light.

A network of N photons and M passes senses phase_0 = omega_0 . theta with gains N_j M_j/L up to N M/L: L is the least product N M of
(34) and omega_0 = L alpha/||alpha||_P the shortest whole-numbered vector along alpha. Nothing that counts photons can distinguish
phase_0 from phase_0 + 2 pi, so q is determined only modulo 2 pi ||alpha||_P/L.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from networks.values import Value
from protocols.problem import PhaseProblem, photon_target
from protocols.schemes.plan import Part, Plan, Unavailable, checked_plan

ORDERS = ("photons", "passes")
"""What is halved from a stage to the one before, where both could be."""
MAX_STAGES = 40
"""Gains up to 2^39; phases of more than 53 bits are not held in double precision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage(Value):
    """One gain: its light, and the two branches that are compared at the end.

    Attributes
    ----------
    gain : int >= 1
        How often phase_0 is in the relative phase of the branches.
    photons, passes : int >= 1
    part : Part
    first, second : tuple of int >= 0
        The branches, over the modes of the part's circuit.
    """

    gain: int
    photons: int
    passes: int
    part: Part
    first: tuple[int, ...]
    second: tuple[int, ...]

    @property
    def product(self) -> int:
        """N_j M_j, photon passes of a shot."""
        return self.photons * self.passes


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedPhase(Value):
    """Stages of doubling gain for one phase, phase_0 = direction . theta over all sensors.

    Attributes
    ----------
    coefficient : float
        q has a share coefficient * phase_0.
    direction : (d,) ints
    stages : tuple of Stage
        Gains 1, 2, 4 ...
    whole : Stage
        Of all photons and passes that the network has; its gain need not be a power of two.
    share : float in (0, 1]
        Of the shots: 1 where all phases are measured side by side in every shot, less where they take turns.
    """

    coefficient: float
    direction: tuple[int, ...]
    stages: tuple[Stage, ...]
    whole: Stage
    share: float = 1.0

    def phase(self, theta: Sequence[float]) -> float:
        """phase_0 in rad at these parameters.

        Parameters
        ----------
        theta : (d,) floats
            In rad.
        """
        return math.fsum(w * t for w, t in zip(self.direction, theta, strict=True))


def entangled_stages(
    problem: PhaseProblem,
    scheme: str,
    plan: Callable[[PhaseProblem], Plan | Unavailable],
    stage_plan: Callable[[PhaseProblem], Plan | Unavailable],
    order: str = "photons",
) -> tuple[StagedPhase, ...] | Unavailable:
    """One staged phase: the scheme's own plan at the top, its plans with fewer photons or passes below.

    Parameters
    ----------
    problem : PhaseProblem
    scheme : str
        Its name, for the reason when there is none.
    plan, stage_plan : functions of a problem
        The light of the network's own N and M, and that of smaller ones.
    order : "photons" or "passes"
    """
    need = problem.divisibility
    if not need.holds:
        return Unavailable(scheme=scheme, reason=need.fault())
    top = checked_plan(scheme, plan(problem))
    if isinstance(top, Unavailable):
        return top
    if not _has_two_branches(top):
        reason = (
            "its plan is not one circuit that names two branches, so it needs stages of its own (`PhaseScheme.stages`)"
        )
        return Unavailable(scheme=scheme, reason=reason)
    least = need.least_product
    assert least is not None
    direction = photon_target(problem.function, least, 1)
    assert direction is not None
    whole = _branch_stage(problem, top, problem.photons * problem.passes // least)
    stages = []
    for gain, splits in _splits(least, problem.photons, problem.passes, order):
        if gain == whole.gain:
            stages.append(whole)
            continue
        stage = _first_stage(problem, splits, gain, stage_plan)
        if stage is None:
            break
        stages.append(stage)
    sign = -1 if problem.flipped else 1
    return (
        StagedPhase(
            coefficient=sign * float(problem.function.norm_positive / least),
            direction=direction,
            stages=tuple(stages),
            whole=whole,
        ),
    )


def _first_stage(
    problem: PhaseProblem,
    splits: Sequence[tuple[int, int]],
    gain: int,
    stage_plan: Callable[[PhaseProblem], Plan | Unavailable],
) -> Stage | None:
    """The first of these photon and pass numbers that the scheme has light for."""
    for photons, passes in splits:
        smaller = problem.with_budget(photons, passes)
        light = stage_plan(smaller)
        if isinstance(light, Plan) and _has_two_branches(light):
            return _branch_stage(smaller, light, gain)
    return None


def _has_two_branches(plan: Plan) -> bool:
    return len(plan.parts) == 1 and plan.parts[0].branches is not None


def _branch_stage(problem: PhaseProblem, plan: Plan, gain: int) -> Stage:
    (part,) = plan.parts
    assert part.branches is not None, "a staged phase compares the two branches that its part names"
    first, second = part.branches
    return Stage(gain=gain, photons=problem.photons, passes=problem.passes, part=part, first=first, second=second)


def two_mode_stages(
    problem: PhaseProblem,
    direction: Mapping[int, int],
    coefficient: float,
    photons: int,
    part_of: Callable[[int, int], Part],
    order: str = "photons",
    share: float = 1.0,
) -> StagedPhase:
    """The stages of one theta_j or of the difference of two, from light of two modes whose phase turns N_j M_j times as fast.

    Parameters
    ----------
    problem : PhaseProblem
    direction : sensors and signs
        What the phase is of: +1 of a sensor, and -1 of another where there is one.
    coefficient : float
        Of the phase in the oriented function.
    photons : int >= 1
        Of the last stage.
    part_of : function of photons and passes
        Gives the light.
    order : "photons" or "passes"
        What smaller stages have less of.
    share : float in (0, 1]
        Of the shots.
    """

    def stage(fewer: int, passes: int) -> Stage:
        part = part_of(fewer, passes)
        assert part.branches is not None, "light of two modes names its branches"
        first, second = part.branches
        return Stage(gain=fewer * passes, photons=fewer, passes=passes, part=part, first=first, second=second)

    sign = -1 if problem.flipped else 1
    return StagedPhase(
        coefficient=sign * coefficient,
        direction=tuple(direction.get(j, 0) for j in range(len(problem.function))),
        stages=tuple(stage(*splits[0]) for _, splits in _splits(1, photons, problem.passes, order)),
        whole=stage(photons, problem.passes),
        share=share,
    )


def _splits(least: int, photons: int, passes: int, order: str) -> Iterator[tuple[int, tuple[tuple[int, int], ...]]]:
    """Gains 1, 2, 4 ... with the photons and passes that give them, as far as the network's own allow; the wanted ones first.

    >>> list(_splits(1, 3, 2, "photons"))
    [(1, ((1, 1),)), (2, ((1, 2), (2, 1))), (4, ((2, 2),))]
    >>> list(_splits(2, 2, 2, "passes"))
    [(1, ((2, 1), (1, 2))), (2, ((2, 2),))]
    """
    for exponent in range(MAX_STAGES):
        product = least * 2**exponent
        if product > photons * passes:
            return
        fitting = [(product // m, m) for m in _divisors(product, passes) if product // m <= photons]
        if not fitting:
            return
        yield 2**exponent, tuple(fitting[::-1] if order == "photons" else fitting)


def _divisors(product: int, largest: int) -> list[int]:
    """Divisors up to ``largest``, ascending."""
    return [m for m in range(1, min(product, largest) + 1) if product % m == 0]
