"""The shipped examples: networks, tables and scripts, listed, read and copied.

Their source is the folder ``examples`` of the repository; a wheel has it inside ``protocols.starting`` as data. What there is, and
what each shows, stands in the table of its README.
"""

from __future__ import annotations

import importlib.resources
import os
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING

from networks import InputError
from networks.errors import short_repr
from networks.files.load import FORMATS, network_of_text
from networks.files.text import write_new

if TYPE_CHECKING:
    from networks import SensorNetwork

IN_THE_WHEEL = "example_files"
"""The folder beside this file that a wheel has; see the build targets in pyproject.toml."""
EVERY = "all"
"""The name that means every example."""
REMEDY = "remove it or name another folder"
EXISTS = "{!r} exists already; " + REMEDY


@dataclass(frozen=True, kw_only=True)
class Example:
    """One of the examples.

    Attributes
    ----------
    name : str
        The stem of its script.
    files : tuple of str
        Its script first, then what the script reads: networks, tables, the grid of a sweep.
    line : str
        What it shows.
    """

    name: str
    files: tuple[str, ...]
    line: str

    @property
    def network(self) -> str | None:
        """The first of its files that is a network; None where it has none."""
        return next((file for file in self.files if Path(file).suffix in FORMATS), None)


@cache
def example_folder() -> Traversable:
    """Where the examples are: in the package, else beside it in a clone of the repository.

    Returns
    -------
    Traversable

    Raises
    ------
    InputError
        When they are in neither, as in a package that was put together by hand.
    """
    package = importlib.resources.files("protocols.starting")
    beside = Path(__file__).parents[2] / "examples"
    for folder in (package / IN_THE_WHEEL, beside):
        if (folder / "README.md").is_file():
            return folder
    raise InputError(
        [f"the examples are missing: neither {package / IN_THE_WHEEL} nor {beside} has them; install the package again"]
    )


def shipped_examples() -> tuple[Example, ...]:
    """All examples that are shipped, in the order of their table.

    Returns
    -------
    tuple of Example

    Raises
    ------
    InputError
        When they are missing from the installation.

    Examples
    --------
    >>> shipped_examples()[0].files
    ('gradient_pair.py', 'gradient_pair.json')
    """
    return _listed()


@cache
def _listed() -> tuple[Example, ...]:
    """The rows of the table, read once."""
    rows = re.findall(
        r"^\| `(\w+\.py)` \| (.*?) \| (.*) \|$", (example_folder() / "README.md").read_text("utf-8"), re.MULTILINE
    )
    return tuple(_example(script, others, line) for script, others, line in rows)


def _example(script: str, others: str, line: str) -> Example:
    """A row of the table; an ending alone is that of a file called like the script."""
    stem = Path(script).stem
    named = re.findall(r"`([\w.]+)`", others)
    files = [f"{stem}{file}" if file.startswith(".") else file for file in named]
    # A sweep's script has its grid first and then the network that the grid names.
    return Example(name=stem, files=(script, *dict.fromkeys(files)), line=line.replace("`", ""))


def find_example(name: str) -> Example:
    """The example of this name.

    Parameters
    ----------
    name : str
        As in ``shipped_examples``; a file of it is understood too.

    Returns
    -------
    Example

    Raises
    ------
    InputError
        Naming those that there are, or the one that may be meant.
    """
    from difflib import get_close_matches

    known = {example.name: example for example in shipped_examples()}
    stem = Path(name).stem if name.endswith((".py", *FORMATS)) else name
    if stem in known:
        return known[stem]
    close = get_close_matches(stem, known, n=1)
    remedy = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
    raise InputError([f"there is no example {short_repr(name)}; {remedy}"])


def example_network(name: str) -> SensorNetwork:
    """The network of a shipped example.

    Parameters
    ----------
    name : str
        As in ``shipped_examples`` (``psn examples`` lists them), such as "field_average".

    Returns
    -------
    SensorNetwork

    Raises
    ------
    InputError
        For a name that there is not, or an example without a network of its own.

    Examples
    --------
    >>> example_network("gradient_pair").function
    LinearFunction(('1', '-1'))
    """
    example = find_example(name)
    if example.network is None:
        raise InputError([f"the example {example.name} has no network file; it has {', '.join(example.files)}"])
    return network_of_text((example_folder() / example.network).read_text("utf-8"), example.network)


def copy_example(name: str, folder: str | os.PathLike[str] = ".") -> tuple[Path, ...]:
    """Copy the files of an example, so that its script runs there; all of them, or none.

    Parameters
    ----------
    name : str
        As in ``shipped_examples``, or "all".
    folder : str or path
        Made when it does not exist. Files in it are never written over.

    Returns
    -------
    tuple of Path
        The files written.

    Raises
    ------
    InputError
        For an unknown name, and naming every file that exists already.
    OSError
        When a file cannot be written.
    """
    chosen = shipped_examples() if name == EVERY else (find_example(name),)
    target = Path(folder)
    files = dict.fromkeys(file for example in chosen for file in example.files)
    faults = [EXISTS.format(str(target / file)) for file in files if os.path.lexists(target / file)]
    if target.exists() and not target.is_dir():
        faults = [f"{str(target)!r} is no folder; {REMEDY}"]
    if faults:
        raise InputError(faults)
    source = example_folder()
    contents = {target / file: (source / file).read_bytes() for file in files}
    target.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    try:
        for path, content in contents.items():
            write_new(path, content)
            written.append(path)
    except BaseException as error:
        for path in written:
            path.unlink(missing_ok=True)
        if isinstance(error, FileExistsError):
            # Another process copies here too.
            raise InputError([EXISTS.format(str(error.filename))]) from None
        raise
    return tuple(contents)
