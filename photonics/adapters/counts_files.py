"""Counts of jobs as clouds send them: .npz archives, looked at before anything of them is unpacked."""

from __future__ import annotations

import io
import math
import tokenize
import zipfile
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_OVERHEAD_BYTES = 2**20
"""Of an archive and its headers, beside the counts."""
MAX_MEMBERS = 16
"""Arrays in an archive; one is read."""
_MEMBER = "arr_0.npy"
_HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    OSError,
    SyntaxError,
    tokenize.TokenError,
    MemoryError,
    OverflowError,
    TypeError,
    ValueError,
)
"""What numpy and zipfile raise for files that were cut or made to do harm."""


def counts_from_npz(content: bytes, shape: tuple[int, int]) -> NDArray[np.int64]:
    """The table of counts in an archive.

    Parameters
    ----------
    content : bytes
    shape : (2,) ints
        That it has to have: shots and modes.

    Returns
    -------
    (shots, modes) int64 array

    Raises
    ------
    ValueError
        For anything else. Shape and type are compared before the counts are unpacked, and no more than they need is.

    Examples
    --------
    >>> stream = io.BytesIO()
    >>> np.savez_compressed(stream, np.zeros((3, 2), dtype=np.int32))
    >>> counts_from_npz(stream.getvalue(), (3, 2)).tolist()
    [[0, 0], [0, 0], [0, 0]]
    >>> counts_from_npz(stream.getvalue(), (2, 2))
    Traceback (most recent call last):
    ...
    ValueError: the result has the shape (3, 2), not (2, 2)
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if len(archive.infolist()) > MAX_MEMBERS:
                raise _RefusedError(f"an archive of more than {MAX_MEMBERS} files")
            if _MEMBER not in archive.namelist():
                raise _RefusedError("an archive without a table of counts")
            member = archive.getinfo(_MEMBER)
            # Other methods unpack whole blocks, whatever their size; what is read is never more than the size said here.
            if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise _RefusedError("an archive packed by an unusual method")
            if member.file_size > 8 * math.prod(shape) + MAX_OVERHEAD_BYTES:
                raise _RefusedError(f"{member.file_size} bytes of counts, more than {shape} of them take")
            with archive.open(_MEMBER) as stream:
                return _table(stream, shape)
    except _RefusedError as error:
        raise ValueError(str(error)) from None
    except _UNREADABLE:
        raise ValueError("no archive of counts, or a damaged one") from None


class _RefusedError(ValueError):
    """Said as it is; other errors are about the insides of files."""


def _table(stream: Any, shape: tuple[int, int]) -> NDArray[np.int64]:
    version = np.lib.format.read_magic(stream)
    if version not in _HEADERS:
        raise _RefusedError("an array of an unknown version")
    given, fortran, dtype = _HEADERS[version](stream)
    if dtype.kind not in "iu" or dtype.itemsize > 8:
        raise _RefusedError(f"no table of counts, but of {dtype}")
    if given != shape:
        raise _RefusedError(f"the result has the shape {given}, not {shape}")
    size = math.prod(shape) * dtype.itemsize
    body = stream.read(size + 1)
    if len(body) != size:
        raise _RefusedError("fewer or more counts than its header says")
    table = np.frombuffer(body, dtype=dtype).reshape(shape, order="F" if fortran else "C")
    if table.size and (table.min() < 0 or table.max() > np.iinfo(np.int64).max):
        raise _RefusedError("counts below 0, or beyond all reason")
    return np.ascontiguousarray(table, dtype=np.int64)
