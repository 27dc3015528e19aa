"""``InputError`` and how its messages are worded. What is checked is in ``rules`` and in the readers of ``files``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import partial


class InputError(ValueError):
    """Bad input, with every fault in it, each saying what was expected and what to try.

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
            return head + self.faults[0]
        lines = "\n".join(f"  {number}. {fault}" for number, fault in enumerate(self.faults, 1))
        return f"{head}{len(self.faults)} faults\n{lines}"

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


def short_repr(value: object) -> str:
    """A value as its writer may have written it, cut when long."""
    if value is None:
        return "nothing"
    text = str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
