"""Phases that are held where they were found: the first shots tell them roughly, the others are linear in what is left."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from photonics.conventions import Real
from protocols.estimation.estimators.estimator import LightEstimator
from protocols.estimation.estimators.likeliest_phases import phases_of
from protocols.estimation.fringes import NORMAL_95
from protocols.estimation.light_readings import LightEstimates, LinearReadings, Readings

FIRST = 0.1
"""Share of the shots, one at least, that tell the phases roughly."""


class Feedback(LightEstimator):
    """The first tenth of the shots tells every phase by its fringe; known phases then take that off, and the rest is read linearly.

    What is left of the phases has the size of the first shots' noise, so that the others are read near the working point: squeezed
    light keeps its noise there, where the arcsine of outcomes far from it has that of anti-squeezed light too.
    """

    name: ClassVar[str] = "feedback"
    title: ClassVar[str] = "phases held where the first shots found them, then a weighted sum"
    on_request: ClassVar[bool] = True
    holds_phases: ClassVar[bool] = True

    def why_not(self, readings: Sequence[Readings]) -> str | None:
        """Outcomes of several phases at once have no fringes, and noise that phases turn none either.

        Parameters
        ----------
        readings : sequence of Readings
        """
        if all(
            isinstance(one, LinearReadings) and one.fringes is not None and one.held is not None for one in readings
        ):
            return None
        return "its outcomes have no phase each, by which they could be held"

    def estimate(self, readings: Readings, shots: int, trials: int, rng: np.random.Generator) -> LightEstimates:
        """The first shots of all trials at once; then each trial with its own phases held.

        Parameters
        ----------
        readings : Readings
        shots, trials : int
        rng : numpy.random.Generator
        """
        assert isinstance(readings, LinearReadings), "asked for before"
        fringes, held = readings.fringes, readings.held
        assert fringes is not None, "asked for before"
        assert held is not None, "asked for before"
        first = max(1, round(FIRST * shots))
        phases, is_at_end = phases_of(fringes, fringes.sampler.averages(first, trials, rng))
        rough: Real = phases / fringes.gain
        value = (fringes.coefficients[:, None] * rough).sum(axis=0)
        left = shots - first
        if not left:
            # One shot: there is nothing to hold phases for.
            return LightEstimates(
                value=value,
                half_width=np.full(trials, NORMAL_95 * math.sqrt(readings.known_variance)),
                is_at_end=is_at_end,
            )
        for trial in range(trials):
            value[trial] += held(rough[:, trial]).linear(left, 1, rng)[0]
        return LightEstimates(
            value=value,
            half_width=np.full(trials, NORMAL_95 * math.sqrt(readings.known_variance / left)),
            is_at_end=is_at_end,
        )
