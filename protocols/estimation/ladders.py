"""Stages of a photon network: which photon and pass numbers give doubling gains, and what an engine finds for each.

A network of N photons and M passes senses phase_0 = omega_0 . theta with gains N_j M_j/L up to N M/L: L is the least product N M of
(34) and omega_0 = L alpha/||alpha||_P the shortest whole-numbered vector along alpha. Nothing that counts photons can tell phase_0
from phase_0 + 2 pi, so q is known modulo 2 pi ||alpha||_P/L.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from protocols.estimation.fringes import StageLight
from protocols.estimation.schedules import MAX_STAGES
from protocols.problem import Problem, divisibility, photon_target
from protocols.schemes import SCHEMES
from protocols.schemes.photon import branches, sensor_probe
from protocols.schemes.plan import Part, Plan, Unavailable

if TYPE_CHECKING:
    from photonics import Circuit
    from photonics.measurements import Measurement, Outcomes

ResultT = TypeVar("ResultT", bound="Outcomes")
ORDERS = ("photons", "passes")
"""What is halved from a stage to the one before, where both could be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One gain: its light, and the two branches that are compared at the end."""

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
class Ladder:
    """Stages of doubling gain for one phase, phase_0 = direction . theta over all sensors; q has a share coefficient*phase_0.

    ``whole`` is the stage of all photons and passes that the network has, whose gain need not be a power of two.
    """

    coefficient: float
    direction: tuple[int, ...]
    stages: tuple[Stage, ...]
    whole: Stage

    def phase(self, theta: Sequence[float]) -> float:
        """phase_0 at these parameters."""
        return math.fsum(w * t for w, t in zip(self.direction, theta, strict=True))


def entangled_ladder(problem: Problem, scheme: str, order: str = "photons") -> Ladder | Unavailable:
    """The stages of the scheme "noon" or "w-matrix" up to the network's own N and M."""
    function, network = problem.function, problem.network
    need = divisibility(function, problem.photons, problem.passes)
    if problem.photons * problem.passes % need.least_product:
        return Unavailable(scheme=scheme, reason=need.fault())
    plan = SCHEMES["phase"][scheme](problem)
    if isinstance(plan, Unavailable):
        return plan
    least = need.least_product
    direction = photon_target(function, least, 1)
    assert direction is not None
    whole = _branch_stage(problem, plan, problem.photons * problem.passes // least)
    stages = []
    for gain, (photons, passes) in _splits(least, problem.photons, problem.passes, order, scheme == "noon"):
        if gain == whole.gain:
            stages.append(whole)
            continue
        smaller = Problem.of(network.replace(photons=photons, passes=passes))
        # A single pass has one protocol, the N00N state.
        found = SCHEMES["phase"]["noon" if passes == 1 else scheme](smaller)
        assert isinstance(found, Plan)
        stages.append(_branch_stage(smaller, found, gain))
    sign = -1 if problem.flipped else 1
    return Ladder(
        coefficient=sign * float(function.norm_positive / least),
        direction=direction,
        stages=tuple(stages),
        whole=whole,
    )


def _branch_stage(problem: Problem, plan: Plan, gain: int) -> Stage:
    assert plan.photon_protocol is not None
    first, second = branches(problem, plan.photon_protocol.pass_columns()[-1])
    return Stage(
        gain=gain, photons=problem.photons, passes=problem.passes, part=plan.parts[0], first=first, second=second
    )


def separable_ladders(problem: Problem, order: str = "photons") -> tuple[Ladder, ...] | Unavailable:
    """A ladder for each sensor that q depends on, up to the photons that the best split gives it."""
    plan = SCHEMES["phase"]["separable-phase"](problem)
    if isinstance(plan, Unavailable):
        return plan
    return tuple(sensor_ladder(problem, part.sensors[0], part.photons, order) for part in plan.parts)


def sensor_ladder(problem: Problem, sensor: int, photons: int, order: str = "photons") -> Ladder:
    """The stages of theta_j alone: N00N states of up to ``photons`` between the sensor and an arm of its own."""
    sign = -1 if problem.flipped else 1
    return Ladder(
        coefficient=sign * float(problem.function.alpha[sensor]),
        direction=tuple(int(j == sensor) for j in range(len(problem.function))),
        stages=tuple(
            _sensor_stage(problem, sensor, fewer, passes)
            for _, (fewer, passes) in _splits(1, photons, problem.passes, order, one_pass=False)
        ),
        whole=_sensor_stage(problem, sensor, photons, problem.passes),
    )


def _sensor_stage(problem: Problem, sensor: int, photons: int, passes: int) -> Stage:
    probe = sensor_probe(problem, sensor, photons, passes)
    return Stage(
        gain=photons * passes,
        photons=photons,
        passes=passes,
        part=probe.part,
        first=(photons, 0),
        second=(0, photons),
    )


def _splits(least: int, photons: int, passes: int, order: str, one_pass: bool) -> Iterator[tuple[int, tuple[int, int]]]:
    """Gains 1, 2, 4 ... with photons and passes that give them, as far as the network's own allow.

    >>> list(_splits(1, 3, 2, "photons", one_pass=False)), list(_splits(2, 2, 2, "passes", one_pass=True))
    ([(1, (1, 1)), (2, (1, 2)), (4, (2, 2))], [(1, (2, 1)), (2, (2, 2))])
    """
    for exponent in range(MAX_STAGES):
        product = least * 2**exponent
        if product > photons * passes:
            return
        fitting = [
            (product // m, m)
            for m in _divisors(product, passes)
            # A N00N state needs a multiple of ``least`` photons in every pass.
            if product // m <= photons and not (one_pass and (product // m) % least)
        ]
        if not fitting:
            return
        yield 2**exponent, fitting[-1] if order == "photons" else fitting[0]


def _divisors(product: int, largest: int) -> list[int]:
    """Divisors up to ``largest``, ascending."""
    return [m for m in range(1, min(product, largest) + 1) if product % m == 0]


def branch_light(stage: Stage, theta: Sequence[float], engine: str) -> StageLight:
    """Probabilities of the projection on both branches at any offset, from the engine's output at theta (of the sensors)."""
    from photonics import BranchProjection

    def projected(phase_rad: float) -> tuple[float, float]:
        projection = BranchProjection(first=stage.first, second=stage.second, phase_rad=phase_rad)
        outcomes = engine_outcomes(stage.part.circuit, _of_part(stage, theta), engine, projection)
        return outcomes.probability(1), outcomes.probability(-1)

    plus, minus = projected(0.0)
    ahead, behind = projected(math.pi / 2)
    return StageLight(plus=(plus + minus) / 2, minus=(plus + minus) / 2, cosine=plus - minus, sine=ahead - behind)


def has_parity(stage: Stage) -> bool:
    """Whether a 50:50 beam splitter can make both branches interfere: all photons are in one of two modes or in the other."""
    n = stage.photons
    return {stage.first, stage.second} == {(n, 0), (0, n)}


def parity_light(stage: Stage, theta: Sequence[float], engine: str) -> StageLight:
    """The parity of one port behind a known phase and a 50:50 beam splitter, at any offset of its fringe.

    A N00N state of n photons has parity A + B cos(phase + n bias + constant), so three biases give it at all of them; the
    constant is the parity's own at theta = 0.
    """
    average, seen = _parity_fringe(stage, _of_part(stage, theta), engine)
    _, at_zero = _parity_fringe(stage, [0.0] * len(stage.part.sensors), engine)
    turned = seen * at_zero.conjugate() / abs(at_zero)
    # With the branches the other way round the fringe runs backwards.
    if stage.first[0] == 0:
        turned = turned.conjugate()
    return StageLight(plus=(1 + average) / 2, minus=(1 - average) / 2, cosine=turned.real, sine=turned.imag)


def _parity_fringe(stage: Stage, theta: Sequence[float], engine: str) -> tuple[float, complex]:
    """Mean of the fringe, and B exp(i (phase + constant)): from four biases, the last of which checks the form."""
    from photonics import BeamSplitter, Circuit, Parity, PhaseShift

    n, (here, there) = stage.photons, stage.part.circuit.modes
    angles = [2 * math.pi * k / 3 for k in range(3)] + [1.0]
    values = []
    for angle in angles:
        behind = (
            # Photons in the second mode turn by n times this angle.
            PhaseShift(mode=there, angle_rad=angle / n),
            BeamSplitter(first=here, second=there, theta_rad=math.pi / 4),
        )
        circuit = Circuit(modes=stage.part.circuit.modes, operations=(*stage.part.circuit.operations, *behind))
        outcomes = engine_outcomes(circuit, theta, engine, Parity(modes=(here,)))
        values.append(outcomes.probability(1) - outcomes.probability(-1))
    average = math.fsum(values[:3]) / 3
    swing = 2 / 3 * sum(v * cmath.exp(-1j * a) for v, a in zip(values[:3], angles[:3], strict=True))
    assert abs(average + (swing * cmath.exp(1j * angles[3])).real - values[3]) < 1e-8, "parity is no simple fringe"
    return average, swing


def _of_part(stage: Stage, theta: Sequence[float]) -> list[float]:
    return [theta[j] for j in stage.part.sensors]


def engine_outcomes(
    circuit: Circuit, theta: Sequence[float], engine: str, measurement: Measurement[ResultT]
) -> ResultT:
    """What a measurement gives on an engine's output at these parameters."""
    from photonics import get_engine, measure

    if engine == "native":
        return measure(circuit, measurement, theta)
    runner = get_engine(engine)
    runner.check_size(circuit)
    return measure(runner.run(circuit, theta), measurement)
