"""Files of circuits: the documents of ``documents``, written whole."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from photonics.circuits.circuit import Circuit
from photonics.circuits.documents import circuit_document, circuit_from_document

LARGEST_FILE = 32 * 2**20
"""Bytes."""


def save_circuit(circuit: Circuit, path: str | os.PathLike[str]) -> None:
    """Write a circuit as JSON, as ``psn design --out`` does; the file appears whole or not at all.

    Parameters
    ----------
    circuit : Circuit
    path : str or path
        In a folder that exists.

    Raises
    ------
    ValueError
        For more than 32 MiB, which would not be read back.
    OSError
        When the file cannot be written.
    """
    text = json.dumps(circuit_document(circuit), allow_nan=False) + "\n"
    if len(text) > LARGEST_FILE:
        raise ValueError(f"a circuit file holds at most {LARGEST_FILE} bytes, this circuit takes {len(text)}")
    target = Path(path)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=target.absolute().parent, delete=False) as stream:
        stream.write(text)
    try:
        os.chmod(stream.name, 0o666 & ~_umask())
        os.replace(stream.name, target)
    except OSError:
        os.unlink(stream.name)
        raise


def _umask() -> int:
    current = os.umask(0o077)
    os.umask(current)
    return current


def load_circuit(path: str | os.PathLike[str]) -> Circuit:
    """Read a circuit from a file that ``save_circuit`` or ``psn design --out`` wrote; nothing in it is executed.

    Parameters
    ----------
    path : str or path
        At most 32 MiB.

    Returns
    -------
    Circuit

    Raises
    ------
    ValueError
        When the file is too large, no JSON, or no circuit, listing every operation that is not understood.
    OSError
        When the file cannot be read.
    """
    source = Path(path)
    if source.stat().st_size > LARGEST_FILE:
        raise ValueError(f"{str(source)!r} is larger than {LARGEST_FILE} bytes, so it is not read as a circuit")
    try:
        document = json.loads(source.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{str(source)!r} is no JSON: {error}") from None
    return circuit_from_document(document)
