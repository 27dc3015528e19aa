"""Many trials: batches with seeds made of what is simulated, so that results are the same however they are spread over workers."""

from __future__ import annotations

import hashlib
import json
import math
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np

from protocols.estimation.experiments import Errors, Repeatable

BATCH = 20_000
"""Trials drawn together. Part of what a seed means: another batch size draws other numbers."""


def content_id(content: object) -> str:
    """64 hexadecimal digits of what a computation is about; equal contents share one.

    >>> content_id({"b": 1, "a": [1, 2]}) == content_id({"a": [1, 2], "b": 1})
    True
    """
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def batch_generator(seed: int, content: str, batch: int) -> np.random.Generator:
    """The generator of one batch, from the seed, the content id and the number of the batch; never seed + i."""
    words = [int(content[k : k + 8], 16) for k in range(0, 32, 8)]
    return np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence([seed, *words, batch])))


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
        squares = errors.error**2
        return cls(
            trials=len(errors.error),
            error=float(errors.error.sum()),
            square=float(squares.sum()),
            fourth=float((squares**2).sum()),
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


def run_trials(
    experiment: Repeatable,
    trials: int,
    *,
    seed: int,
    content: str,
    workers: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Tally:
    """Repeat an experiment ``trials`` times; the same to the last bit for any number of workers."""
    tallies: dict[int, Tally] = {}
    for batch, tally in _batches(experiment, trials, seed, content, workers):
        tallies[batch] = tally
        if progress is not None:
            progress(sum(t.trials for t in tallies.values()))
    return Tally.total(tallies[batch] for batch in sorted(tallies))


def _batches(experiment: Repeatable, trials: int, seed: int, content: str, workers: int) -> Iterator[tuple[int, Tally]]:
    sizes = [min(BATCH, trials - start) for start in range(0, trials, BATCH)]
    jobs = [(experiment, size, seed, content, batch) for batch, size in enumerate(sizes)]
    if workers == 1 or len(jobs) == 1:
        yield from map(_batch, jobs)
        return
    # Fresh processes: a fork of one that has threads may hang.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=min(workers, len(jobs)), mp_context=context) as pool:
        yield from pool.map(_batch, jobs)


def _batch(job: tuple[Repeatable, int, int, str, int]) -> tuple[int, Tally]:
    experiment, size, seed, content, batch = job
    return batch, Tally.of(experiment.repeat(size, batch_generator(seed, content, batch)))
