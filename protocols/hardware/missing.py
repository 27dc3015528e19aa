"""What a plan needs that a device has not: light, gates, modes, passes, measurements; read off the circuits of the plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from protocols.hardware.devices import Device
from protocols.problem import AnyProblem, DisplacementProblem
from protocols.schemes.plan import Plan

if TYPE_CHECKING:
    from photonics.circuits.circuit import Operation

OperationT = TypeVar("OperationT")


def missing_on(device: Device, plan: Plan, problem: AnyProblem) -> tuple[str, ...]:
    """Every reason why a device has no program of a plan.

    Parameters
    ----------
    device : Device
    plan : Plan
        Of this problem.
    problem : Problem

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from protocols.hardware.devices import DEVICES
    >>> from protocols.problem import Problem
    >>> from protocols.schemes import find_scheme
    >>> problem = Problem.of(SensorNetwork.chain([1, -1], sensing="phase", photons=2))
    >>> missing_on(DEVICES["X8"], find_scheme("phase", "noon").plan(problem), problem)
    ('light: it starts from exactly 2 photons; X8 prepares no photon numbers, its light is squeezed pairs',)
    """
    from photonics import Displace, NumberControl, PrepareFock, Sense, Squeeze

    operations = [op for part in plan.parts for op in part.circuit.operations]
    reasons = [*device.limits()]
    if _of(operations, PrepareFock):
        counts = sorted({part.photons for part in plan.parts})
        exactly = f"{counts[0]} photon{'s' if counts[0] > 1 else ''}"
        if len(counts) > 1:
            exactly = f"{counts[0]} to {counts[-1]} photons"
        reasons.append(
            f"light: it starts from exactly {exactly}; {device.name} prepares no photon numbers, its light is squeezed pairs"
        )
    if _of(operations, Displace):
        reasons.append(f"light: it is coherent; {device.name} has no displacement gate (Dgate)")
    if squeezers := _of(operations, Squeeze):
        strongest, offered = max(abs(op.r) for op in squeezers), ", ".join(f"{r:g}" for r in device.squeezing)
        pairs = f"squeezes pairs of modes only (S2gate, r = {offered})" if device.pairs else f"has r = {offered} only"
        reasons.append(f"light: squeezed vacuum of single modes with r up to {strongest:.4g}; {device.name} {pairs}")
    if any(op.generator != "number" for op in _of(operations, Sense)):
        reasons.append(f"sensing: displacements; {device.name} has phases only, no displacement gate")
    if isinstance(problem, DisplacementProblem):
        reasons.append(f"measurement: homodyne; {device.name} counts photons (MeasureFock)")
    if _of(operations, NumberControl):
        reasons.append(f"gates: controls between passes that depend on photon numbers; {device.name} has none")
    if problem.passes > 1:
        reasons.append(f"passes: M = {problem.passes}; light goes through {device.name} once")
    most, signal = max(len(part.circuit.modes) for part in plan.parts), device.signal_modes
    if signal is not None and most > signal:
        reasons.append(f"modes: {most}; {device.name} has phases for {signal} (its idler modes have the same)")
    return tuple(reasons)


def _of(operations: Sequence[Operation], kind: type[OperationT]) -> list[OperationT]:
    return [op for op in operations if isinstance(op, kind)]
