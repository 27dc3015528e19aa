"""What the commands share: reading alpha, writing to the terminal, saying what is being done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import TYPE_CHECKING

from networks import InputError, LinearFunction

if TYPE_CHECKING:
    from rich.console import Console


def function_of(alpha: str) -> tuple[LinearFunction | None, list[str]]:
    """The function, or the faults of its text, so that they can be told together with other faults."""
    try:
        return LinearFunction.from_text(alpha), []
    except InputError as error:
        return None, [f"--alpha: {fault}" for fault in error.faults]


def numbers_of(option: str, text: str) -> list[float]:
    """Comma-separated numbers; InputError names the option and each that is none."""
    found, faults = [], []
    for part in text.split(","):
        try:
            found.append(float(Fraction(part.strip())) if "/" in part else float(part))
        except (ValueError, ZeroDivisionError, OverflowError):
            faults.append(f"{option}: {part.strip()!r} is no number; give e.g. 0.1,0.25,1/3")
    if faults:
        raise InputError(faults)
    return found


def about(source: str, faults: Sequence[str]) -> list[str]:
    """Faults with the file they are about, where they do not name it themselves."""
    return [fault if not source or source in fault else f"{source}: {fault}" for fault in faults]


def console() -> Console:
    from rich.console import Console

    return Console(highlight=False)


@contextmanager
def working() -> Iterator[Callable[[str], None]]:
    """A line on stderr that says what is being done, shown on terminals only."""
    from rich.console import Console

    console = Console(stderr=True)
    with console.status("starting") as status:
        yield lambda text: status.update(text)
