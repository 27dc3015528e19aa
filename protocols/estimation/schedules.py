"""How many shots each stage of a phase estimation gets. Stage j has the gain 2^(j-1); what its shots decide is elsewhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import numpy as np

from networks import InputError
from networks.errors import short_repr
from networks.values import plain, whole_number
from protocols.estimation.fringes import Fringe
from protocols.schemes.stages import MAX_STAGES


@dataclass(frozen=True, slots=True)
class Schedule:
    """Shots of every stage, the gain of which doubles from one to the next, lowest gain first.

    Parameters
    ----------
    shots : (K,) int >= 1
        K from 1 to 40.

    Raises
    ------
    InputError
        Listing every stage whose number of shots is none.

    Examples
    --------
    >>> Schedule((8, 6, 4)).gains, Schedule((8, 6, 4)).resource
    ((1, 2, 4), 36)
    >>> Schedule([8, 6, 4]) == Schedule(np.array([8, 6, 4]))
    True
    """

    shots: tuple[int, ...]

    def __post_init__(self) -> None:
        given = tuple(self.shots)
        counts = tuple(whole_number(shots) for shots in given)
        faults = []
        if not 1 <= len(counts) <= MAX_STAGES:
            faults.append(f"a schedule has 1 to {MAX_STAGES} stages, got {len(counts)}")
        faults += [
            f"stage {j} must have a positive integer number of shots, got {short_repr(shots)}"
            for j, (shots, count) in enumerate(zip(given, counts, strict=True), 1)
            if count is None or count < 1
        ]
        if faults:
            raise InputError(faults)
        object.__setattr__(self, "shots", counts)

    @property
    def stages(self) -> int:
        """K."""
        return len(self.shots)

    @property
    def gains(self) -> tuple[int, ...]:
        """2^(j-1) of each stage."""
        return tuple(2**j for j in range(self.stages))

    @property
    def resource(self) -> int:
        """n: the gains of all shots added up, which is photons times passes in units of the least product N M."""
        return sum(shots * gain for shots, gain in zip(self.shots, self.gains, strict=True))


def linear_schedule(stages: int, a: int | str | Fraction, b: int | str | Fraction) -> Schedule:
    """M_j = a (K - j) + b shots in each of two quadratures, rounded up: more shots where a wrong turn costs more.

    Parameters
    ----------
    stages : int
        K, from 1 to 40.
    a, b : int, str such as "5/2", or Fraction
        Shots a quadrature.

    Returns
    -------
    Schedule

    Raises
    ------
    InputError
        When a stage would have no shots.

    Examples
    --------
    >>> linear_schedule(3, "5/2", "1/2").shots
    (12, 6, 2)
    """
    # Numbers of numpy wrap around within a Fraction.
    slope, last = (Fraction(cast("str", plain(given))) for given in (a, b))
    per_quadrature = [math.ceil(slope * (stages - j) + last) for j in range(1, stages + 1)]
    return Schedule(tuple(2 * m for m in per_quadrature))


def even_schedule(
    stages: int, shots: int, *, survival: Sequence[float] = (), visibility: Sequence[float] = ()
) -> Schedule:
    """``shots`` in all for an adaptive estimate: about five a stage, and what is left over for the largest gain.

    Stages of low gain get a few shots more as the last one gets many, because then only a wrong turn limits the error; and more
    with losses, or with a visibility below one, where a shot at the top of a fringe errs with probability (1 - V)/2.

    Parameters
    ----------
    stages : int from 1 to 40
        K.
    shots : int >= K
    survival, visibility : (K,) floats in (0, 1], optional
        Of the stages; 1 when left out.

    Returns
    -------
    Schedule

    Raises
    ------
    InputError
        With fewer shots than stages.

    Examples
    --------
    >>> even_schedule(3, 15).shots, even_schedule(2, 100).shots, even_schedule(2, 100, visibility=(0.9, 0.9)).shots
    ((5, 5, 5), (12, 88), (14, 86))
    """
    if shots < stages:
        raise InputError([f"{stages} stages need at least {stages} shots, got {shots}"])
    base = 5 + 2 * math.log2(max(1.0, shots / (5 * stages)))
    low = []
    for stage in range(stages - 1):
        v = visibility[stage] if visibility else 1.0
        # Chernoff: two peaks are separated by n shots but for (1 - V^2)^(n/2).
        needed = base if v >= 1 else max(base, 2 * math.log(RARE) / math.log1p(-v * v))
        low.append(round(needed / (survival[stage] if survival else 1.0)))
    # With too few shots for all that, the stages get as many each.
    low = [max(1, min(wanted, shots // stages)) for wanted in low]
    return Schedule((*low, shots - sum(low)))


RARE = 1e-5
"""Chance of a wrong turn in a stage that is worth more shots."""


def require_even(schedule: Schedule) -> Sequence[int]:
    """Shots in each quadrature of every stage; InputError when they do not come in pairs."""
    odd = [j for j, shots in enumerate(schedule.shots, 1) if shots % 2]
    if odd:
        raise InputError(
            [
                f"stage {j} must have an even number of shots, half for each quadrature, got {schedule.shots[j - 1]}"
                for j in odd
            ]
        )
    return [shots // 2 for shots in schedule.shots]


def robust_schedule(fringes: Sequence[Fringe], shots: int) -> Schedule:
    """``shots`` in all, shared out so that the error is about the least: pairs go where they gain most.

    Parameters
    ----------
    fringes : (K,) Fringe
        Of the stages, lowest gain first.
    shots : int >= 2 K
        One is left over when it is odd.

    Returns
    -------
    Schedule
        Of even numbers.

    Raises
    ------
    InputError
        With fewer shots than one in each quadrature of every stage.

    Examples
    --------
    >>> robust_schedule([Fringe(gain=1), Fringe(gain=2), Fringe(gain=4)], 40).shots
    (16, 12, 12)
    """
    stages = len(fringes)
    if shots < 2 * stages:
        raise InputError([f"{stages} stages with two quadratures need at least {2 * stages} shots, got {shots}"])
    pairs = [1] * stages
    while sum(pairs) < shots // 2:
        spare = shots // 2 - sum(pairs)
        gains = [
            (_cost(j, fringes, m) - _cost(j, fringes, m + step)) / step
            for j, m in enumerate(pairs)
            for step in (min(spare, max(1, m // 8)),)
        ]
        j = int(np.argmax(gains))
        pairs[j] += min(spare, max(1, pairs[j] // 8))
    return Schedule(tuple(2 * m for m in pairs))


def _cost(stage: int, fringes: Sequence[Fringe], pairs: int) -> float:
    """Roughly what a stage with so many pairs adds to the mean squared error: its chance of a wrong turn falls exponentially."""
    fringe = fringes[stage]
    seen = pairs * fringe.survival * fringe.visibility**2
    wrong = math.exp(-WRONG_TURN_RATE * seen) * (WRONG_TURN_SIZE / fringe.gain) ** 2
    last = stage == len(fringes) - 1
    return wrong + (1 / (seen + 1) / fringe.gain**2 if last else 0.0)


WRONG_TURN_RATE = 0.8
"""ln of the chance of a wrong turn falls by about so much for each pair; with the size below, fitted to exact errors of schedules
of 3 to 9 stages. No result depends on them but how shots are shared out."""
WRONG_TURN_SIZE = math.pi / 2
