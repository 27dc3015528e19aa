"""What is said when a circuit is too large for an engine. Imports nothing, so that the command line can know it early."""

from __future__ import annotations


class CircuitTooLargeError(ValueError):
    """The circuit needs more than the engine may use; the message says how much, and what to do instead."""
