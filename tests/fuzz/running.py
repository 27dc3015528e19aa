"""How long and from which seeds: hypothesis's own way in ``make test``, chunk after chunk until the time is over in ``make fuzz``.

A chunk is one run of hypothesis from a seed of its own. One that fails is written to ``.fuzz/failures.jsonl``, and the next one
begins, so that a long run finds more than its first failure; hypothesis's database, beside it, has the next run start with them.
"""

import itertools
import json
import math
import os
import secrets
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis.database import DirectoryBasedExampleDatabase

IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "fuzz"
MINUTES = float(os.environ.get("FUZZ_MINUTES", "30"))
"""Of the long profile altogether."""
SHARDS = int(os.environ.get("FUZZ_WORKERS", os.cpu_count() or 1)) if IS_LONG else 1
"""Processes that share the work of each test in the long profile."""
MOST_CHUNKS = int(os.environ.get("FUZZ_CHUNKS", 10**9))
FIRST_SEED = os.environ.get("FUZZ_SEED")
CHUNK = 250
"""Cases of a chunk: hypothesis remembers all cases of a run, and slows down with them."""
MOST_FAILURES = 3
"""Chunks that fail before a test gives up; each is made small first, which takes time."""
FAILS = (Exception, pytest.fail.Exception)
"""What a case fails with; ``pytest.raises`` that sees nothing raised has one that is no Exception."""
RECORD = Path(__file__).parents[2] / ".fuzz"
FAILURES = RECORD / "failures.jsonl"


def fuzz(name, check, strategy, *, short, share):
    """Check cases of a strategy; the counts that ``check(case, counts)`` adds to, with that of the cases.

    Parameters
    ----------
    name : str
        Of the test, for the record.
    check : function of a case and of a Counter
    strategy : of the cases
    short : int
        Cases in the short profile.
    share : float
        Of the minutes of the long profile.
    """
    counts = Counter()
    end = time.monotonic() + 60 * MINUTES * share if IS_LONG else math.inf
    is_failing = False

    def one(case):
        nonlocal is_failing
        # Where 250 cases take longer than there is; one that fails is made small all the same.
        if time.monotonic() >= end and not is_failing:
            return
        counts["cases"] += 1
        try:
            check(case, counts)
        except FAILS:
            is_failing = True
            raise

    # The name tells the tests apart in the database.
    one.__name__ = one.__qualname__ = name.replace(" ", "_")
    quiet = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}
    if not IS_LONG:
        settings(max_examples=short, **quiet)(given(strategy)(one))()
        return counts
    RECORD.mkdir(exist_ok=True)
    database = DirectoryBasedExampleDatabase(RECORD / "examples")
    first = secrets.randbelow(2**48) if FIRST_SEED is None else int(FIRST_SEED)
    failed = []
    for number in itertools.count(first):
        if time.monotonic() >= end or number - first == MOST_CHUNKS or len(failed) == MOST_FAILURES:
            break
        is_failing = False
        chunk = settings(max_examples=CHUNK, database=database, print_blob=True, **quiet)(given(strategy)(one))
        try:
            seed(number)(chunk)()
        except FAILS as error:  # whatever it is, it is kept and told in the end
            failed.append(number)
            with FAILURES.open("a") as stream:
                notes = getattr(error, "__notes__", [])
                stream.write(json.dumps({"test": name, "seed": number, "error": repr(error), "notes": notes}) + "\n")
            last = error
    if failed:
        raise AssertionError(
            f"{len(failed)} chunks failed, of the seeds {failed}; {FAILURES} has their cases, and FUZZ_SEED={failed[0]} "
            f"FUZZ_CHUNKS=1 runs one again. The last: {last!r}"
        ) from last
    return counts
