"""The errors of engines that cannot answer: too large, diverging, beyond double precision. Sizes are limited where they arise.

Imports nothing of ours, so that the command line can know them early.
"""

from __future__ import annotations

import math


class PrecisionError(ValueError):
    """Double precision does not hold the answer; the message says what is lost, and what to do instead."""


class CircuitTooLargeError(ValueError):
    """The circuit needs more than the engine may use; the message says how much, and what to do instead."""


class DivergentFisherInformationError(ValueError):
    """The quantum Fisher information has no finite value here (a parameter fills what was empty)."""


def roughly(count: int) -> str:
    """A count of any size, short.

    >>> roughly(1234), roughly(7 * 10**400), roughly(10**5000)
    ('1234', 'about 10^400', 'about 10^5000')
    """
    return str(count) if count < 10**9 else f"about 10^{math.floor(math.log10(count))}"
