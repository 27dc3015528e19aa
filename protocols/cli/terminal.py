"""What the actions of the commands share: consoles, reading texts of options and files, and saying what is being done.

Nothing here computes; option types are in ``options``, what results look like is in ``protocols.reports``.
"""

from __future__ import annotations

import io
import math
import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from networks import InputError
from networks.expressions import NUMBER
from networks.files.text import STDIN, missing_file, read_stdin
from networks.printable import printable

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from rich.console import Console

    from networks import LinearFunction, SensorNetwork
    from protocols.problem import Kind

    Uses = Collection[str] | Mapping[Kind, Collection[str]]
    """Names of attributes of the laboratory, or those for each kind of sensing."""

MAX_NAMED = 40
"""Attributes without a use that are named."""
MAX_TABLE_BYTES = 256 * 2**20
"""Largest .npy file that is read."""


def function_of(alpha: str) -> tuple[LinearFunction | None, list[str]]:
    """The function, or the faults of its text, so that they can be listed together with other faults."""
    from networks import LinearFunction

    try:
        return LinearFunction.from_text(alpha), []
    except InputError as error:
        return None, [f"--alpha: {fault}" for fault in error.faults]


def functions_of(option: str, texts: Sequence[str], faults: list[str]) -> list[LinearFunction]:
    """The functions of an option that may be repeated; what is wrong with a text is added to ``faults``."""
    from networks import LinearFunction

    functions = []
    for text in texts:
        try:
            functions.append(LinearFunction.from_text(text))
        except InputError as error:
            faults += [f"{option} {text!r}: {fault}" for fault in error.faults]
    return functions


def numbers_of(option: str, text: str) -> list[float]:
    """Comma-separated numbers.

    Raises
    ------
    InputError
        Naming the option and each part that is no finite number.

    Examples
    --------
    >>> numbers_of("--theta", "0.1, 1/4")
    [0.1, 0.25]
    """
    numbers, faults = [], []
    for part in text.split(","):
        try:
            # Digits of other scripts and underscores, which float takes, are no numbers in --alpha either.
            is_number = all(NUMBER.fullmatch(one.strip()) for one in part.split("/", 1))
            number = float(Fraction(part.replace(" ", "")) if "/" in part else float(part)) if is_number else math.nan
        except (ValueError, ZeroDivisionError, OverflowError):
            number = math.nan
        if math.isfinite(number):
            numbers.append(number)
        else:
            faults.append(f"{option}: {part.strip()!r} is no finite number; give e.g. 0.1,0.25,1/3")
    if faults:
        raise InputError(faults)
    return numbers


def given_numbers(option: str, text: str | None, faults: list[str]) -> list[float] | None:
    """The numbers of an option, None without it; what is wrong is added to ``faults``."""
    if text is None:
        return None
    try:
        return numbers_of(option, text)
    except InputError as error:
        faults += error.faults
        return None


def read_network(file: str, used: Uses = ()) -> SensorNetwork:
    """The network of a file; attributes that are not used are named on stderr.

    Parameters
    ----------
    file : str
    used : names of the attributes of the laboratory that the command makes use of, or those for each kind of sensing

    Raises
    ------
    InputError
        Naming the file and listing every fault.
    """
    from networks import load_network

    network = load_network(file)
    name_unused(network, used=used)
    return network


def name_unused(*networks: SensorNetwork, used: Uses = (), axes: Sequence[str] = ()) -> None:
    """Say on stderr, once, which attributes of networks are kept and not used, and which of the laboratory are left aside.

    Parameters
    ----------
    networks : SensorNetwork
    used
        As in ``read_network``.
    axes : attributes of the laboratory that networks are varied in
    """
    from networks.errors import short_repr
    from networks.files.attributes import unused_attributes

    unused = [unused_attributes(network, _used_by(network, used)) for network in networks]
    kept = list(dict.fromkeys(name for one in unused for name in one.kept))
    swept = [name for network in networks[:1] for name in axes if name not in _used_by(network, used)]
    aside = list(dict.fromkeys([*(name for one in unused for name in one.laboratory), *swept]))
    if kept:
        shown = ", ".join(
            name if name.isprintable() and len(name) <= 60 else short_repr(name) for name in kept[:MAX_NAMED]
        )
        more = f" and {len(kept) - MAX_NAMED} more" if len(kept) > MAX_NAMED else ""
        tell(f"kept, not used: {shown}{more}")
    if aside:
        tell(f"not used yet, the result is as without: {', '.join(aside)}")


def _used_by(network: SensorNetwork, used: Uses) -> Collection[str]:
    from protocols.problem import kind_of

    return used[kind_of(network)] if isinstance(used, Mapping) else used


def given_network(file: str, faults: list[str], used: Uses = ()) -> SensorNetwork | None:
    """The network of a file, or None with its faults, which name the file, added to ``faults``; ``used`` as in ``read_network``."""
    try:
        return read_network(file, used)
    except InputError as error:
        faults += about(file, error.faults)
        return None


def figure_faults(out: str | None) -> list[str]:
    """What keeps a figure from being written to the file of ``--out``."""
    if out is None:
        return []
    from protocols.reports.plotting import path_faults

    return path_faults(Path(out))


def about(source: str, faults: Sequence[str]) -> list[str]:
    """Faults with the file they are about, where they do not name it themselves."""
    return [fault if not source or source in fault else f"{source}: {fault}" for fault in faults]


def read_table(path: Path) -> NDArray[Any]:
    """A plain array of numbers from a .npy file, or from standard input for ``-``; pickles are refused.

    Raises
    ------
    InputError
        When the file is missing, too large, or holds anything else.
    """

    import numpy as np

    too_large = InputError([f"{str(path)!r} is too large; at most {MAX_TABLE_BYTES} bytes are read"])
    try:
        if str(path) == STDIN:
            content = read_stdin(MAX_TABLE_BYTES + 1)
            if len(content) > MAX_TABLE_BYTES:
                raise too_large
            table = np.load(io.BytesIO(content), allow_pickle=False)
        else:
            if path.stat().st_size > MAX_TABLE_BYTES:
                raise too_large
            # Closed here whatever happens: of a broken file NumPy leaves that to chance.
            with path.open("rb") as stream:
                table = np.load(stream, allow_pickle=False)
    except InputError:
        raise
    except FileNotFoundError:
        raise InputError([missing_file(path)]) from None
    except OSError as error:
        raise InputError([f"{path}: {error.strerror or 'it cannot be read'}"]) from None
    except Exception:  # noqa: BLE001  # a cut or wrong header raises errors of struct, ast, tokenize and zipfile
        raise InputError([f"{path}: no plain numpy array of numbers can be read from it"]) from None
    if not isinstance(table, np.ndarray):
        raise InputError([f"{path}: it holds several arrays; one is needed"])
    if table.dtype.kind not in "iufc":
        raise InputError([f"{path}: the array must hold numbers, got {table.dtype}"])
    return table


def say(text: str) -> None:
    """A sentence on stdout that may name files.

    Examples
    --------
    >>> say("wrote a[/red]\\x1b.json")
    wrote a[/red]\\x1b.json
    """
    # At once: who waits for it may read a pipe.
    print(printable(text), flush=True)


def tell(text: str) -> None:
    """A sentence on stderr, of this command, that may name files and what is in them."""
    print(printable(f"psn: {text}"), file=sys.stderr)


def console() -> Console:
    """Where results are shown: stdout, without colours guessed from the text."""
    from rich.console import Console

    return Console(highlight=False)


def progress_console() -> Console:
    """Where progress is shown: stderr, where lines can be written over; in a notebook's cell and in files they cannot."""
    from rich.console import Console

    # Notebooks ask for colours (FORCE_COLOR) and give a pseudo-terminal to ``!psn``, but keep every line.
    rewritable = sys.stderr.isatty() and "JPY_PARENT_PID" not in os.environ
    return Console(stderr=True, force_terminal=None if rewritable else False)


@contextmanager
def working() -> Iterator[Callable[[str], None]]:
    """A line on stderr that says what is being done, shown on terminals only."""
    from rich.text import Text

    where = progress_console()
    with where.status("starting") as status:
        # As text: what is being done may name files, whose names are not markup.
        yield lambda text: status.update(Text(printable(text)))
