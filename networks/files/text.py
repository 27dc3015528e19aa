"""Text in and out: files read with limits and written whole, JSON with exact decimals.

Limits: 32 MiB a file, 12 levels of nesting, decimals of at most 300 digits.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
from decimal import Decimal
from pathlib import Path
from typing import Any

from networks.errors import InputError

LARGEST_FILE_BYTES = 32 * 2**20
"""Bytes of a file that is read."""
DEEPEST_NESTING = 12
"""Levels of nesting in a JSON file."""


def read_text(path: Path) -> str:
    """The text of a file, or an InputError that says why it cannot be read."""
    try:
        # Reading one byte too many, not asking for the size, also stops devices that never end.
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE_BYTES + 1)
        if len(content) <= LARGEST_FILE_BYTES:
            return content.decode("utf-8-sig")
        fault = f"{str(path)!r} is too large; at most {LARGEST_FILE_BYTES} bytes are read"
    except FileNotFoundError:
        fault = f"there is no file {str(path)!r}"
    except IsADirectoryError:
        fault = f"{str(path)!r} is a folder; name a file in it"
    except UnicodeDecodeError:
        fault = f"{str(path)!r} is not a text file in UTF-8"
    except OSError as error:
        fault = f"cannot read {str(path)!r}: {error.strerror}"
    raise InputError([fault])


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old content or the new, never half of it; its mode is what the umask says."""
    while True:
        name = path.with_name(f".{path.name[:200]}.{secrets.token_hex(4)}")
        try:
            # Not tempfile, whose files are for their owner alone.
            handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
            break
        except FileExistsError:
            continue
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def parse_json(text: str) -> Any:
    """JSON as data, with decimals kept exact; doubled keys and deep nesting are refused."""
    _check_depth(text)

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        doubled = sorted({key for key in keys if keys.count(key) > 1}) if len(set(keys)) < len(keys) else []
        if doubled:
            raise InputError([f"the key {key!r} stands twice in one object" for key in doubled])
        return dict(pairs)

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
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text):
        if token[0] in "[{":
            depth += 1
            if depth > DEEPEST_NESTING:
                raise InputError([f"nested deeper than {DEEPEST_NESTING} levels; no file of ours needs more than 4"])
        elif token[0] in "]}":
            depth -= 1
