"""What an engine says when a circuit is too large for it."""

from __future__ import annotations


class CircuitTooLargeError(ValueError):
    """The circuit needs more than the engine may use; the message says how much, and what to do instead."""
