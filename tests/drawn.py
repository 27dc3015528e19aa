"""How many examples of a property are drawn: all in ``make long``, fewer in ``make test``.

Hypothesis draws new ones in every run, so that what one run leaves out another one tries; no kind of case is left out.
"""

import os

import pytest
from hypothesis import settings

IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
SHORT_SHARE = 0.25
LEAST = 10


def examples(count):
    """Settings of a test that draws so many examples in the long profile.

    Parameters
    ----------
    count : int
        In the long profile; the short one has ``SHORT_SHARE`` of them, and at least ``LEAST`` where there are as many.
    """
    return settings(
        deadline=None, max_examples=count if IS_LONG else max(min(LEAST, count), round(SHORT_SHARE * count))
    )


def seeds(count, *, least=4):
    """A test with the seeds 0, 1, ..., count - 1, of which ``SHORT_SHARE``, and at least ``least``, are part of ``make test``."""
    short = max(least, round(SHORT_SHARE * count))
    return pytest.mark.parametrize(
        "seed", [*range(min(short, count)), *(pytest.param(k, marks=pytest.mark.long) for k in range(short, count))]
    )
