"""Results kept in files: ``save`` writes the whole value, ``load`` reads it back to an equal one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

from networks import InputError
from networks.errors import short_repr
from networks.files.text import LARGEST_FILE_BYTES, parse_json, read_text, write_whole
from protocols.documents.kinds import class_of, kind_of

FORMAT = "photonic-sensor-networks"
VERSION = 1
"""Raised when a document changes so that older code cannot read it."""
T = TypeVar("T")
HEAD = ("format", "kind", "version", "made_with")
"""What every file begins with; what follows are the fields of the value."""


def save(result: object, path: str | Path) -> None:
    """Keep a result in a file, whole, so that ``load`` gives an equal one.

    Parameters
    ----------
    result : Design, LossReport, PrivacyReport, Simulation, ... or SensorNetwork, Problem, PhotonTask, Circuit
        Every result of a public function; ``docs/how-to/results.md`` lists them.
    path : str or Path
        A JSON file, written whole or not at all; one that is there is replaced.

    Raises
    ------
    InputError
        When the folder cannot be written to, when a part is code (a limit that is a function of your own), or when the file would
        be larger than the 32 MiB that are read back.

    Examples
    --------
    >>> import tempfile
    >>> from protocols import bounds_table, load
    >>> table = bounds_table([1, 1], photons=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(table, f"{folder}/bounds.json")
    ...     load(f"{folder}/bounds.json") == table
    True
    """
    from protocols.documents.kept import kept_data

    head = {"format": FORMAT, "kind": kind_of(type(result)), "version": VERSION, "made_with": _version()}
    content = (json.dumps({**head, **kept_data(result)}, allow_nan=False) + "\n").encode()
    if len(content) > LARGEST_FILE_BYTES:
        raise InputError([f"the file would have {len(content)} bytes; at most {LARGEST_FILE_BYTES} are read back"])
    try:
        write_whole(Path(path), content)
    except OSError as error:
        raise InputError([f"cannot write {str(path)!r}: {error.strerror}"]) from None


def load(path: str | Path) -> Any:
    """The result that ``save`` kept in a file.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    object
        A value of the class that the file's kind names, equal to the one that was saved. Nothing in the file is executed or
        imported, and the checks of every class are made again.

    Raises
    ------
    InputError
        Saying what was expected, for a file that cannot be read, is no document of this package, is of an unknown kind or a newer
        version, or is damaged; every part that is wrong is named.
    """
    return _loaded(Path(path), None)


def load_as(path: str | Path, cls: type[T]) -> T:
    """As ``load``, for a file that must hold a value of one class."""
    loaded = _loaded(Path(path), cls)
    assert isinstance(loaded, cls)
    return loaded


def _loaded(path: Path, wanted: type | None) -> object:
    return loaded_text(read_text(path), str(path), wanted)


def loaded_text(text: str, source: str, wanted: type | None = None) -> object:
    """As ``load``, of the text of a file that was read already; ``source`` is its name, for messages."""
    from protocols.documents.kept import value_of

    try:
        document = parse_json(text)
        cls = _class_in(document, wanted)
        return value_of({key: value for key, value in document.items() if key not in HEAD}, cls)
    except InputError as error:
        raise error.within(source) from None


def _class_in(document: Any, wanted: type | None) -> type:
    """The class that the head of a document names."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        got = short_repr(document.get("format")) if isinstance(document, dict) else short_repr(document)
        raise InputError([f"a result kept by save() has the format {FORMAT!r}, got {got}"])
    version = document.get("version")
    if type(version) is not int or not 1 <= version <= VERSION:
        made = short_repr(document.get("made_with"))
        raise InputError(
            [f"documents of version {VERSION} are read, this one has version {short_repr(version)} (made with {made})"]
        )
    cls = class_of(document.get("kind"))
    if wanted is not None and not issubclass(cls, wanted):
        raise InputError([f"the file holds a {cls.__name__}, and a {wanted.__name__} was wanted"])
    return cls


def _version() -> str:
    """The version of this package; "unknown" when it runs from files that were not installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("photonic-sensor-networks")
    except PackageNotFoundError:
        return "unknown"
