"""What many trials come to: their errors of q, and the mean squared error, bias and coverage with standard errors."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from photonics.conventions import Real


@dataclass(frozen=True, eq=False, kw_only=True)
class Errors:
    """Errors of the estimates of q in T trials.

    Attributes
    ----------
    error, half_width : (T,) floats
        Estimate less true value, and half the width of the 95 % interval.
    fringe_error : (T,) floats or bools
        Whether a fringe was taken for another.
    period : float or None
        What errors are taken modulo, where there is such a period for q as a whole.
    """

    error: Real
    half_width: Real
    fringe_error: Real
    period: float | None = None


def joined(parts: Sequence[Errors]) -> Errors:
    """Errors of several groups of trials, in order."""
    return Errors(
        error=np.concatenate([p.error for p in parts]),
        half_width=np.concatenate([p.half_width for p in parts]),
        fringe_error=np.concatenate([p.fringe_error for p in parts]),
        period=parts[0].period,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Sums over trials: enough for mean squared error, bias, coverage and their standard errors.

    Parameters
    ----------
    trials : int >= 1
    error, square, fourth : float
        Sums of the errors, their squares and their fourth powers.
    covered : int
        Trials whose nominal 95 % interval held the truth.
    fringe_errors : int
        Trials that took one fringe for another.
    direction : complex
        Sum of exp(2 pi i error/period), where there is a period.
    """

    trials: int
    error: float
    square: float
    fourth: float
    covered: int
    fringe_errors: int
    direction: complex = 0j

    @classmethod
    def of(cls, errors: Errors) -> Tally:
        """The sums of one batch."""
        # Beyond the largest number sums are infinite.
        with np.errstate(over="ignore"):
            squares = errors.error**2
            square, fourth = float(squares.sum()), float((squares**2).sum())
        return cls(
            trials=len(errors.error),
            error=float(errors.error.sum()),
            square=square,
            fourth=fourth,
            covered=int((np.abs(errors.error) <= errors.half_width).sum()),
            fringe_errors=int(errors.fringe_error.sum()),
            direction=0j if errors.period is None else complex(np.exp(2j * np.pi / errors.period * errors.error).sum()),
        )

    @classmethod
    def total(cls, tallies: Iterable[Tally]) -> Tally:
        """All batches together, with sums that do not depend on their order."""
        every = list(tallies)
        return cls(
            trials=sum(t.trials for t in every),
            error=math.fsum(t.error for t in every),
            square=math.fsum(t.square for t in every),
            fourth=math.fsum(t.fourth for t in every),
            covered=sum(t.covered for t in every),
            fringe_errors=sum(t.fringe_errors for t in every),
            direction=complex(math.fsum(t.direction.real for t in every), math.fsum(t.direction.imag for t in every)),
        )

    @property
    def mse(self) -> float:
        """Mean squared error."""
        return self.square / self.trials

    @property
    def mse_stderr(self) -> float:
        """Its standard error, from the spread of the squared errors; nan for a single trial."""
        return self._stderr(self.square, self.fourth)

    @property
    def bias(self) -> float:
        """Mean error."""
        return self.error / self.trials

    @property
    def bias_stderr(self) -> float:
        """Standard error of the bias."""
        return self._stderr(self.error, self.square)

    def holevo_variance(self, period: float) -> float:
        """(period/2 pi)^2 (1/|<exp(2 pi i error/period)>|^2 - 1): the variance of a periodic quantity, in the units of q^2."""
        sharpness = abs(self.direction) / self.trials
        return (period / (2 * math.pi)) ** 2 * (1 / sharpness**2 - 1) if sharpness else math.inf

    @property
    def coverage(self) -> float:
        """Share of the trials whose nominal 95 % interval holds the truth."""
        return self.covered / self.trials

    @property
    def coverage_stderr(self) -> float:
        """Standard error of the coverage."""
        return math.sqrt(self.coverage * (1 - self.coverage) / self.trials)

    def _stderr(self, first: float, second: float) -> float:
        if self.trials < 2:
            return math.nan
        spread = second / self.trials - (first / self.trials) ** 2
        return math.sqrt(max(spread, 0.0) / (self.trials - 1))
