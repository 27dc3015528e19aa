"""What an experiment costs: shots, photons and passes, stage by stage; and what it leaves unused of those asked for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from networks.values import Value
from protocols.documents.printed import Printed
from protocols.estimation.measured_phase import MeasuredPhase
from protocols.schemes.plan import Part


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
        Of all phases, whether they are measured side by side or take turns.
    photons : float
        Of all shots and sensors.
    photon_passes : float
        n: photons times passes, added up over all shots (and sensors).
    stages : tuple of StageUse
        Lowest gain first; of separate sensors one after the other.
    photons_unused, photon_passes_unused : float
        What is left of N photons, and of N M photon passes, in every shot asked for.
    """

    shots: int
    photons: float
    photon_passes: float
    stages: tuple[StageUse, ...]
    photons_unused: float = 0
    photon_passes_unused: float = 0

    @property
    def used(self) -> dict[str, object]:
        """Without what is unused: what decides about random numbers."""
        document = self.to_dict()
        return {key: value for key, value in document.items() if not key.endswith("_unused")}


def take_turns(phases: Sequence[MeasuredPhase]) -> bool:
    """Whether the phases share the shots out."""
    return any(one.staged.share < 1 for one in phases)


def phase_resources(phases: Sequence[MeasuredPhase], *, photons: int, passes: int, shots: int) -> Resources:
    """Of phases that are measured side by side or take turns, when N photons and M passes were there for each of so many shots."""
    uses = [
        StageUse(gain=stage.gain, photons=stage.photons, passes=stage.passes, shots=shots)
        for one in phases
        for stage, shots in zip(one.staged.stages, one.schedule.shots, strict=True)
    ]
    photons_used = sum(use.photons * use.shots for use in uses)
    photon_passes = sum(use.photons * use.passes * use.shots for use in uses)
    each = [sum(one.schedule.shots) for one in phases]
    return Resources(
        shots=sum(each) if take_turns(phases) else max(each),
        photons=photons_used,
        photon_passes=photon_passes,
        stages=tuple(uses),
        photons_unused=photons * shots - photons_used,
        photon_passes_unused=photons * passes * shots - photon_passes,
    )


def shots_of_parts(parts: Sequence[Part], shots: int) -> tuple[int, ...] | None:
    """The shots that each part of a displacement plan is read in; None where there are fewer than parts with light that take turns.

    Parts of every shot have them all. Those with light that take turns have whole numbers near their shares, and a part in the
    vacuum the shots in which no light is at its sensor.

    Parameters
    ----------
    parts : sequence of Part
    shots : int >= 1
    """
    lit = [k for k, part in enumerate(parts) if part.share < 1 and part.has_light]
    if len(lit) > shots:
        return None
    # Several squeezers are at several sensors in every shot.
    at_once = max(1, round(math.fsum(parts[k].share for k in lit)))
    counts = (
        dict(zip(lit, whole_shares([parts[k].share / at_once for k in lit], shots * at_once), strict=True))
        if lit
        else {}
    )
    squeezed: dict[int, int] = {}
    for k, count in counts.items():
        for sensor in parts[k].sensors:
            squeezed[sensor] = squeezed.get(sensor, 0) + count
    return tuple(
        shots if part.share == 1 else counts[k] if k in counts else shots - squeezed.get(part.sensors[0], 0)
        for k, part in enumerate(parts)
    )


def whole_shares(shares: Sequence[float], shots: int) -> tuple[int, ...]:
    """Whole numbers of shots near these shares of all, at least one each.

    >>> whole_shares([0.7, 0.25, 0.05], 10)
    (7, 2, 1)
    """
    counts = [max(1, math.floor(share * shots)) for share in shares]
    while sum(counts) > shots:
        counts[counts.index(max(counts))] -= 1
    rest = [share * shots - count for share, count in zip(shares, counts, strict=True)]
    for k in sorted(range(len(counts)), key=lambda k: -rest[k])[: shots - sum(counts)]:
        counts[k] += 1
    return tuple(counts)
