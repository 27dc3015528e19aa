"""What both kinds of two-step estimates of f(theta) have in common: a pilot stage, then the linearised protocol."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np

from networks import InputError
from protocols.estimation.experiments import Repeatable
from protocols.estimation.tally import Errors

LARGEST = 1e60
"""Values and derivatives whose fourth powers are still numbers."""


class TwoSteps(Repeatable, Protocol):
    """Both steps, ready to be repeated."""

    @property
    def pilot_shots(self) -> int:
        """Shots of the pilot stage."""

    @property
    def pilot_variances(self) -> tuple[float, ...]:
        """(d,) Of each theta_j after the pilot stage."""

    @property
    def note(self) -> str:
        """What a reader has to know of the pilot stage, if anything."""

    def plug_in(self) -> Repeatable:
        """Individual estimates of all parameters, with all shots."""


def usual_pilot_shots(shots: int) -> int:
    """shots^(2/3) for the pilot stage: its share vanishes, and the second order that it leaves falls faster than 1/shots."""
    return min(shots - 1, math.ceil(math.pow(shots, 2 / 3)))


def checked_errors(errors: Errors) -> Errors:
    """The errors, if all are numbers; pilot values may lie where f has none."""
    wrong = ~(np.isfinite(errors.error) & (np.abs(errors.error) < LARGEST))
    if wrong.any():
        count = f"in {int(wrong.sum())} of {len(wrong)} trials the estimate of f is no number below {LARGEST:g}"
        raise InputError(
            [
                f"{count}: pilot values lie where f has none or grows without limit; use more shots, or a theta farther inside"
            ]
        )
    return errors
