"""What an experiment costs: shots, photons and passes, stage by stage; and which stages run in the same shots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from networks.values import Value
from protocols.documents.printed import Printed
from protocols.estimation.measured_phase import MeasuredPhase
from protocols.schemes.stages import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class StageUse:
    """One line of the account: so many shots with so many photons and passes.

    Parameters
    ----------
    gain : int >= 1
        How many times faster than the phase the fringe of the stage turns; 1 for displacements.
    photons : float
        N of a shot, or nbar.
    passes : int >= 1
        M of a shot.
    shots : int >= 1
    """

    gain: int
    photons: float
    passes: int
    shots: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources(Value, Printed):
    """What one estimate costs, in shots, photons and photon passes.

    Parameters
    ----------
    shots : int
        In which all sensors are measured side by side.
    photons : float
        Of all shots and sensors.
    photon_passes : float
        n: photons times passes, added up over all shots (and sensors).
    stages : tuple of StageUse
        Lowest gain first; of separate sensors one after the other.
    """

    shots: int
    photons: float
    photon_passes: float
    stages: tuple[StageUse, ...]


def phase_resources(phases: Sequence[MeasuredPhase]) -> Resources:
    """Of phases that are measured side by side."""
    uses = [
        StageUse(gain=stage.gain, photons=stage.photons, passes=stage.passes, shots=shots)
        for one in phases
        for stage, shots in zip(one.staged.stages, one.schedule.shots, strict=True)
    ]
    return Resources(
        shots=max(sum(one.schedule.shots) for one in phases),
        photons=sum(use.photons * use.shots for use in uses),
        photon_passes=sum(use.photons * use.passes * use.shots for use in uses),
        stages=tuple(uses),
    )


def joint_shots(phases: Sequence[MeasuredPhase]) -> list[tuple[list[Stage], int]]:
    """Which stages of separate phases run in the same shots: (stages side by side, shots), largest gains first.

    Bounds for a shot are about all photons in it, wherever they are.
    """
    queues = [list(zip(one.staged.stages, one.schedule.shots, strict=True))[::-1] for one in phases]
    rows: list[tuple[list[Stage], int]] = []
    while any(queues):
        heads = [queue[0] for queue in queues if queue]
        together = min(shots for _, shots in heads)
        rows.append(([stage for stage, _ in heads], together))
        queues = [
            [(queue[0][0], queue[0][1] - together), *queue[1:]] if queue[0][1] > together else queue[1:]
            for queue in queues
            if queue
        ]
    return rows
