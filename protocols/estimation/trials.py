"""Many trials: batches with seeds made of what is simulated, so that results are the same however they are spread over workers."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

import numpy as np

from networks import InputError
from protocols.estimation.experiments import Repeatable
from protocols.estimation.tally import Errors, Tally

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


def run_trials(
    experiment: Repeatable,
    trials: int,
    *,
    seed: int,
    content: str,
    workers: int = 1,
    progress: Callable[[int], None] | None = None,
    watch: Callable[[Errors], None] | None = None,
) -> Tally:
    """Repeat an experiment ``trials`` times; the same to the last bit for any number of workers.

    ``watch`` is shown the errors of each batch, in order, and needs one worker: errors do not travel between processes.
    """
    if watch is not None:
        experiment, workers = _Watched(experiment, watch), 1
    tallies: dict[int, Tally] = {}
    for batch, tally in _batches(experiment, trials, seed, content, workers):
        tallies[batch] = tally
        if progress is not None:
            progress(sum(t.trials for t in tallies.values()))
    return Tally.total(tallies[batch] for batch in sorted(tallies))


@dataclass(frozen=True, eq=False)
class _Watched:
    """An experiment that shows its errors to somebody."""

    experiment: Repeatable
    watch: Callable[[Errors], None]

    def repeat(self, trials: int, rng: np.random.Generator) -> Errors:
        errors = self.experiment.repeat(trials, rng)
        self.watch(errors)
        return errors


def _batches(experiment: Repeatable, trials: int, seed: int, content: str, workers: int) -> Iterator[tuple[int, Tally]]:
    sizes = [min(BATCH, trials - start) for start in range(0, trials, BATCH)]
    jobs = [(experiment, size, seed, content, batch) for batch, size in enumerate(sizes)]
    if workers == 1 or len(jobs) == 1:
        yield from map(_batch, jobs)
        return
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        # This is a worker that runs the script of its user again, before its work: the script has no guard. The first process,
        # which learns of it by this end, says so once.
        raise SystemExit(1)
    # Fresh processes: a fork of one that has threads may hang.
    context = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(max_workers=min(workers, len(jobs)), mp_context=context) as pool:
            yield from pool.map(_batch, jobs)
    except BrokenProcessPool:
        raise InputError(
            [
                "a worker process ended before its trials were done: a script that asks for workers has to do so below "
                "`if __name__ == '__main__':`, since each worker imports it; else it was killed or had too little memory, and "
                "fewer workers may help"
            ]
        ) from None


def _batch(job: tuple[Repeatable, int, int, str, int]) -> tuple[int, Tally]:
    experiment, size, seed, content, batch = job
    return batch, Tally.of(experiment.repeat(size, batch_generator(seed, content, batch)))
