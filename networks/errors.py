"""``InputError`` and how its messages are worded. What is checked is in ``rules`` and in the readers of ``files``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import partial

MAX_LISTED = 30
"""Faults that a message lists; the rest is counted."""
MAX_FAULT_LENGTH = 2000
"""Characters of a fault that a message shows."""


class InputError(ValueError):
    """Bad input, with every fault in it, each saying what was expected and what to try.

    ``faults`` holds all of them; the message lists the first ``MAX_LISTED`` and counts the rest.

    >>> raise InputError(["photons must be a positive integer, got -1"])
    Traceback (most recent call last):
    ...
    networks.errors.InputError: photons must be a positive integer, got -1
    """

    def __init__(self, faults: Iterable[str], *, source: str | None = None) -> None:
        self.faults: tuple[str, ...] = tuple(faults)
        self.source = source
        if not self.faults:
            raise AssertionError("an InputError needs at least one fault")
        super().__init__(self._message())

    def _message(self) -> str:
        head = f"{self.source}: " if self.source else ""
        if len(self.faults) == 1:
            return head + _cut(self.faults[0])
        lines = [f"  {number}. {_cut(fault)}" for number, fault in enumerate(self.faults[:MAX_LISTED], 1)]
        if len(self.faults) > MAX_LISTED:
            lines.append(f"  and {len(self.faults) - MAX_LISTED} more; mend these first")
        return "\n".join([f"{head}{len(self.faults)} faults", *lines])

    def __reduce__(self) -> tuple[Callable[..., InputError], tuple[tuple[str, ...]], dict[str, object]]:
        # Without it the message would come back from another process as the faults, letter by letter.
        return partial(type(self), source=self.source), (self.faults,), self.__dict__

    def within(self, source: str) -> InputError:
        """The same faults, said to come from ``source`` (a file name, say).

        Parameters
        ----------
        source : str

        Returns
        -------
        InputError
        """
        return InputError(self.faults, source=source)


def _cut(fault: str) -> str:
    return fault if len(fault) <= MAX_FAULT_LENGTH else f"{fault[: MAX_FAULT_LENGTH - 3]}..."


def meant(given: str, known: Iterable[str]) -> str:
    """The end of a fault about an unknown name: the known one that resembles it, or nothing.

    >>> meant("fibre-str", ["fibre-star", "rf-array"]), meant("ring", ["fibre-star", "rf-array"])
    ("; did you mean 'fibre-star'?", '')
    """
    import difflib

    close = difflib.get_close_matches(given, list(known), n=1, cutoff=0.74)
    return f"; did you mean {close[0]!r}?" if close else ""


def short_repr(value: object) -> str:
    """A value as its writer may have written it, cut when long."""
    if value is None:
        return "nothing"
    if isinstance(value, str):
        # What is not shown need not be escaped: a text may have millions of characters.
        value = value[:70]
    if isinstance(value, int) and value.bit_length() > 1000:
        # Python refuses to write integers of thousands of digits.
        return f"an integer of about {round(value.bit_length() * 0.30103)} digits"
    text = str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
