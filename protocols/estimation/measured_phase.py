"""A staged phase as an experiment has it: its light at the true parameters, and the shots of its stages."""

from __future__ import annotations

import math
from dataclasses import dataclass

from protocols.estimation.fringes import Fringe, StageProbabilities
from protocols.estimation.schedules import Schedule
from protocols.schemes.stages import StagedPhase


@dataclass(frozen=True, eq=False, kw_only=True)
class MeasuredPhase:
    """One phase with the stages that are read, what an engine gives for them, and their shots.

    Parameters
    ----------
    staged : StagedPhase
        With the K stages that are read.
    probabilities : (K,) StageProbabilities
        Of the measurement that is made.
    branches : (K,) StageProbabilities
        Of the projection on the two branches, which keeps all information.
    schedule : Schedule
        K numbers of shots.
    phase : float
        The true phase in rad.
    """

    staged: StagedPhase
    probabilities: tuple[StageProbabilities, ...]
    branches: tuple[StageProbabilities, ...]
    schedule: Schedule
    phase: float

    @property
    def coefficient(self) -> float:
        """The share of q that a unit of this phase is."""
        return self.staged.coefficient

    @property
    def fringes(self) -> tuple[Fringe, ...]:
        """(K,) What an experimenter who knows the losses knows of the stages."""
        return tuple(one.fringe(s.gain) for one, s in zip(self.probabilities, self.staged.stages, strict=True))

    @property
    def information(self) -> float:
        """Quantum Fisher information about the phase of all shots together, in 1/rad^2."""
        fringes = (one.fringe(s.gain) for one, s in zip(self.branches, self.staged.stages, strict=True))
        return math.fsum(
            shots * f.gain**2 * f.survival * f.visibility**2
            for shots, f in zip(self.schedule.shots, fringes, strict=True)
        )

    @property
    def fewest_arriving(self) -> float:
        """Shots that arrive, on average, in the stage where they are fewest."""
        return min(shots * f.survival for shots, f in zip(self.schedule.shots, self.fringes, strict=True))
