"""The probabilities of the stages of a phase estimation: what an engine gives for each, at any offset."""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from protocols.estimation.fringes import StageProbabilities
from protocols.problem import PhaseProblem
from protocols.schemes.stages import Stage

if TYPE_CHECKING:
    from photonics import Circuit, Detectors
    from photonics.measurements import Measurement, Outcomes

ResultT = TypeVar("ResultT", bound="Outcomes")


def branch_probabilities(
    stage: Stage, theta: Sequence[float], engine: str, problem: PhaseProblem
) -> StageProbabilities:
    """Probabilities of the projection on both branches at any offset, from the engine's output at theta (of the sensors).

    Detectors are those that the network has at the modes.
    """
    from photonics import BranchProjection

    detectors = problem.detectors(stage.part.circuit.modes)

    def projected(phase_rad: float) -> tuple[float, float]:
        projection = BranchProjection(first=stage.first, second=stage.second, phase_rad=phase_rad, detectors=detectors)
        outcomes = engine_outcomes(stage.part.circuit, _of_part(stage, theta), engine, projection)
        return outcomes.probability(1), outcomes.probability(-1)

    plus, minus = projected(0.0)
    ahead, behind = projected(math.pi / 2)
    return StageProbabilities(
        plus=(plus + minus) / 2, minus=(plus + minus) / 2, cosine=plus - minus, sine=ahead - behind
    )


def has_parity(stage: Stage) -> bool:
    """Whether a 50:50 beam splitter can make both branches interfere: all photons are in one of two modes or in the other."""
    n = stage.photons
    return {stage.first, stage.second} == {(n, 0), (0, n)}


def parity_probabilities(
    stage: Stage, theta: Sequence[float], engine: str, problem: PhaseProblem
) -> StageProbabilities:
    """The parity of one port behind a known phase and a 50:50 beam splitter, at any offset of its fringe.

    A N00N state of n photons has parity A + B cos(phase + n bias + constant), so three biases give it at all of them; the
    constant is the parity's own at theta = 0.
    """
    detectors = problem.detectors(stage.part.circuit.modes)
    average, seen = _parity_fringe(stage, _of_part(stage, theta), engine, detectors)
    _, at_zero = _parity_fringe(stage, [0.0] * len(stage.part.sensors), engine, detectors)
    turned = seen * at_zero.conjugate() / abs(at_zero)
    # With the branches interchanged the fringe runs backwards.
    if stage.first[0] == 0:
        turned = turned.conjugate()
    return StageProbabilities(plus=(1 + average) / 2, minus=(1 - average) / 2, cosine=turned.real, sine=turned.imag)


def _parity_fringe(stage: Stage, theta: Sequence[float], engine: str, detectors: Detectors) -> tuple[float, complex]:
    """Mean of the fringe, and B exp(i (phase + constant)): from four biases, the last of which checks the form.

    Jitter is of the modes in front of the beam splitter, and visibility a factor of the fringe behind it.
    """
    from photonics import BeamSplitter, Circuit, Detectors, Loss, Parity, PhaseDiffusion, PhaseShift

    n, (here, there) = stage.photons, stage.part.circuit.modes
    jitter = [
        PhaseDiffusion(mode=mode, sigma_rad=sigma)
        for mode, sigma in zip((here, there), detectors.each("phase_jitter_rad", 2).tolist(), strict=True)
        if sigma
    ]
    visibility = math.sqrt(math.prod(detectors.each("visibility", 2).tolist()))
    efficiency = detectors.each("efficiency", 2).tolist()
    missed = [Loss(mode=mode, transmissivity=e) for mode, e in zip((here, there), efficiency, strict=True) if e < 1]
    counter = Detectors(dark_counts=float(detectors.each("dark_counts", 2)[0]))
    angles = [2 * math.pi * k / 3 for k in range(3)] + [1.0]
    values = []
    for angle in angles:
        behind = (
            # Photons in the second mode turn by n times this angle.
            PhaseShift(mode=there, angle_rad=angle / n),
            BeamSplitter(first=here, second=there, theta_rad=math.pi / 4),
        )
        light = (*stage.part.circuit.operations, *missed, *jitter, *behind)
        circuit = Circuit(modes=stage.part.circuit.modes, operations=light)
        outcomes = engine_outcomes(circuit, theta, engine, Parity(modes=(here,), detectors=counter))
        values.append(outcomes.probability(1) - outcomes.probability(-1))
    average = math.fsum(values[:3]) / 3
    swing = 2 / 3 * sum(v * cmath.exp(-1j * a) for v, a in zip(values[:3], angles[:3], strict=True))
    assert abs(average + (swing * cmath.exp(1j * angles[3])).real - values[3]) < 1e-8, "parity is no simple fringe"
    return average, visibility * swing


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
