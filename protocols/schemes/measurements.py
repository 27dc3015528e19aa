"""What detectors keep of a plan's information about q: the error from each measurement beside the quantum limit."""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocols.problem import DisplacementProblem, PhaseProblem, Problem
from protocols.schemes.evaluation import evaluate, probe_theta
from protocols.schemes.plan import Part, Plan
from protocols.schemes.registry import choose_schemes
from protocols.schemes.scheme import AnyScheme, PhaseScheme

if TYPE_CHECKING:
    from photonics import Circuit
    from photonics.measurements import Measurement, Outcomes

MAX_ANGLES = 12
"""Modes whose homodyne angles are optimised together."""
MAX_COUNTED = 3
"""Modes whose photon numbers are counted together in a report."""
MAX_PHOTONS = 24
"""Photons of a N00N state that is sent through a beam splitter and counted in a report."""
MAX_PARTS = 12
"""Sensors with a beam splitter of their own in a report."""
BIAS_POINTS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredShare:
    """Mean squared error of q from one measurement on one scheme, and its share of the quantum Fisher information."""

    scheme: str
    measurement: str
    mse: float
    share: float


def measured_shares(
    problem: PhaseProblem | DisplacementProblem, schemes: Sequence[str | AnyScheme] | None = None
) -> tuple[MeasuredShare, ...]:
    """Each scheme's own measurement and others, at parameter values in no special relation; the rest of theta unknown."""
    found = []
    for scheme in choose_schemes(problem.sensing, schemes):
        plan = scheme.plan(problem)
        if not isinstance(plan, Plan):
            continue
        quantum = evaluate(plan, problem).mse
        if not math.isfinite(quantum):
            continue
        ways = _photon_ways(plan, scheme) if isinstance(scheme, PhaseScheme) else _squeezed_ways(plan)
        for name, error in ways.items():
            parts = zip(plan.parts, probe_theta(plan), strict=True)
            mse = math.fsum(error(part, theta, _wanted(problem, part)) for part, theta in parts)
            found.append(MeasuredShare(scheme=plan.scheme, measurement=name, mse=mse, share=quantum / mse))
    return tuple(found)


_Error = Callable[[Part, list[float], list[float]], float]


def _wanted(problem: Problem, part: Part) -> list[float]:
    return [problem.alpha[j] for j in part.sensors]


def _mse(circuit: Circuit, theta: list[float], measurement: Measurement[Outcomes], wanted: list[float]) -> float:
    from photonics import measure, nuisance_aware_information

    return nuisance_aware_information(measure(circuit, measurement, theta).fisher_matrix(), wanted).mse


# --- photons -------------------------------------------------------------------------------------------------


def _photon_ways(plan: Plan, scheme: PhaseScheme) -> dict[str, _Error]:
    ways: dict[str, _Error] = {"projection on the branches, at mid-fringe": _mid_fringe}
    few = len(plan.parts) <= MAX_PARTS and all(part.photons <= MAX_PHOTONS for part in plan.parts)
    if scheme.sensor_by_sensor and few:
        ways["beam splitter, photons counted, best bias"] = lambda *given: _behind_beam_splitter(*given, parity=False)
        ways["beam splitter, parity of one port, best bias"] = lambda *given: _behind_beam_splitter(*given, parity=True)
    return ways


def _mid_fringe(part: Part, theta: list[float], wanted: list[float]) -> float:
    from photonics import BranchProjection
    from photonics.engines import native_fock

    block = native_fock.output(part.circuit, theta, survivors=True).blocks[0]
    first, second = (tuple(row) for row in block.occupations.tolist())
    relative = cmath.phase(block.amplitudes[1] / block.amplitudes[0])
    projection = BranchProjection(first=first, second=second, phase_rad=relative + math.pi / 2)
    return _mse(part.circuit, theta, projection, wanted)


def _behind_beam_splitter(part: Part, theta: list[float], wanted: list[float], *, parity: bool) -> float:
    """A sensor and its arm meet at a 50:50 beam splitter after a known phase, the best of BIAS_POINTS over one fringe."""
    from photonics import BeamSplitter, Circuit, Parity, PhaseShift, PhotonCounting

    sensor, arm = part.circuit.modes
    measurement = Parity(modes=(sensor,)) if parity else PhotonCounting()
    best = math.inf
    for k in range(BIAS_POINTS):
        bias = PhaseShift(mode=arm, angle_rad=2 * math.pi * (k + 0.5) / (BIAS_POINTS * part.photons))
        behind = BeamSplitter(first=sensor, second=arm, theta_rad=math.pi / 4)
        circuit = Circuit(modes=part.circuit.modes, operations=(*part.circuit.operations, bias, behind))
        best = min(best, _mse(circuit, theta, measurement, wanted))
    return best


# --- squeezed light ------------------------------------------------------------------------------------------


def _squeezed_ways(plan: Plan) -> dict[str, _Error]:
    from photonics import Homodyne, PhotonCounting, ThresholdDetection, best_homodyne_angles
    from photonics.limits import CircuitTooLargeError

    widest = max(len(part.circuit.modes) for part in plan.parts)

    def by(measurement: Measurement[Outcomes]) -> _Error:
        return lambda part, theta, wanted: _mse(part.circuit, theta, measurement, wanted)

    def by_best_angles(part: Part, theta: list[float], wanted: list[float]) -> float:
        angles = best_homodyne_angles(part.circuit, theta, wanted)
        return _mse(part.circuit, theta, angles.homodyne, wanted)

    def counted(part: Part, theta: list[float], wanted: list[float]) -> float:
        try:
            return _mse(part.circuit, theta, PhotonCounting(largest_lost_weight=1e-6), wanted)
        except CircuitTooLargeError:
            return math.nan

    ways = {"homodyne x": by(Homodyne())}
    if widest <= MAX_ANGLES:
        ways["homodyne at the best angles found"] = by_best_angles
        ways["threshold detectors"] = by(ThresholdDetection())
    if widest <= MAX_COUNTED:
        ways["photon counting"] = counted
    return ways
