"""Text in and out: files read with limits and written whole, JSON with exact decimals.

Limits: 32 MiB a file, 16 levels of nesting, decimals of at most 300 digits.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import secrets
import stat
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

from networks.errors import InputError, meant, short_repr

LARGEST_FILE_BYTES = 32 * 2**20
"""Bytes of a file that is read."""
MAX_BESIDE = 1000
"""Files of a folder among which one of a misspelt name is looked for."""
DEEPEST_NESTING = 16
"""Levels of nesting in a JSON file."""


STDIN = "-"
"""The name that means standard input."""
ENCODINGS = (
    "utf-8",
    "us-ascii",
    "ascii",
    "iso-8859-1",
    "latin-1",
    "latin1",
    "iso-8859-15",
    "windows-1252",
    "cp1252",
    "utf-16",
)
"""Encodings that an XML file may declare."""


def read_text(path: Path) -> str:
    """The text of a file, or of standard input for ``-``; or an InputError that says why it cannot be read."""
    return _decoded(read_bytes(path), path, "utf-8-sig")


def read_document(path: str | os.PathLike[str]) -> str:
    """The text of a file of another program, or of standard input for ``-``: in the encoding that it declares, else UTF-8.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    str

    Raises
    ------
    InputError
        When it cannot be read, is too large, or no text in this encoding.
    """
    name = os.fspath(path)
    content = read_bytes(Path(name))
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        # A byte order mark, as spreadsheets write for "Unicode text".
        return _decoded(content, name, "utf-16")
    encoding = "utf-8-sig"
    if declared := re.match(rb"""\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""", content[:400]):
        encoding = declared[1].decode().lower()
        if encoding not in ENCODINGS:
            raise InputError([f"{name!r} declares the encoding {encoding!r}, which is not read; save it in UTF-8"])
        encoding = "utf-8-sig" if encoding == "utf-8" else encoding
    return _decoded(content, name, encoding)


def read_bytes(path: Path) -> bytes:
    """The content of a file, or of standard input for ``-``; or an InputError that says why it cannot be read."""
    try:
        # Reading one byte too many, not asking for the size, also stops devices that never end.
        if str(path) == STDIN:
            return _limited(read_stdin(LARGEST_FILE_BYTES + 1), path)
        with path.open("rb") as stream:
            return _limited(stream.read(LARGEST_FILE_BYTES + 1), path)
    except FileNotFoundError:
        fault = missing_file(path)
    except IsADirectoryError:
        fault = f"{str(path)!r} is a folder; name a file in it"
    except OSError as error:
        fault = f"cannot read {str(path)!r}: {error.strerror}"
    except ValueError as error:  # a name with a null character
        fault = f"cannot read {str(path)!r}: {error}"
    raise InputError([fault])


def missing_file(path: Path) -> str:
    """That there is no such file, and which one beside it may be meant."""
    try:
        beside = [entry.name for entry in itertools.islice(path.parent.iterdir(), MAX_BESIDE)]
    except OSError:
        beside = []
    return f"there is no file {str(path)!r}{meant(path.name, beside)}"


def read_stdin(most: int) -> bytes:
    """The bytes of standard input, at most so many; an InputError where there are none, as when it was read before."""
    stream = getattr(sys.stdin, "buffer", None)
    content = b"" if stream is None else stream.read(most)
    if not content:
        raise InputError(["there is nothing on standard input; it can be read once, so only one file can be '-'"])
    return bytes(content)


def _limited(content: bytes, path: str | Path) -> bytes:
    if len(content) > LARGEST_FILE_BYTES:
        raise InputError([f"{str(path)!r} is too large; at most {LARGEST_FILE_BYTES} bytes are read"])
    return content


def _decoded(content: bytes, path: str | Path, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        kind = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16, nor in UTF-8"}.get(encoding, encoding)
        raise InputError([f"{str(path)!r} is not a text file in {kind}"]) from None


def write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet; a FileExistsError where it is, also when another process made it a moment ago."""
    # A link that leads nowhere is there too.
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(path)
        raise


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old content or the new, never half of it.

    A new file gets the permissions that the umask leaves, an old one keeps its own.
    """
    temporary = path.with_name(f".{path.name[:200]}.{secrets.token_hex(4)}")
    # Not by tempfile, whose files are private whatever the umask says.
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        with contextlib.suppress(OSError):
            os.chmod(temporary, stat.S_IMODE(os.stat(path).st_mode))
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def parse_json(text: str) -> Any:
    """JSON as data, with decimals kept exact; doubled keys and deep nesting are refused."""
    _check_depth(text)

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        known = dict(pairs)
        if len(known) < len(pairs):
            doubled = sorted(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
            raise InputError([f"the key {short_repr(key)} stands twice in one object" for key in doubled])
        return known

    try:
        return json.loads(text, parse_float=Decimal, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        raise InputError([f"not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}"]) from None
    except InputError:
        raise
    except (ValueError, ArithmeticError):
        raise InputError(["a number in it has thousands of digits, or an exponent beyond reason"]) from None


def _check_depth(text: str) -> None:
    depth = 0
    for token in re.finditer(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', text):
        if token[0] in "[{":
            depth += 1
            if depth > DEEPEST_NESTING:
                raise InputError([f"nested deeper than {DEEPEST_NESTING} levels, more than any file of ours"])
        elif token[0] in "]}":
            depth -= 1
