"""All protocols into a file of JSON lines, in canonical order: written batch by batch, gone on with after an interruption.

The first line says which task it is, every line after it is a protocol, and a last line says that these are all. The task alone
decides about every byte, so going on trusts none: it walks from the beginning and compares what the file holds with what belongs
there, which costs about as much as writing it did. From the first byte that differs on, the file is written anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from networks import InputError, LinearFunction
from networks.errors import short_repr
from networks.files.text import write_whole
from protocols.documents.printed import Entry, Printed
from protocols.wmatrix.limits import Connected, Limits
from protocols.wmatrix.margins import Margins
from protocols.wmatrix.search.walk import enumerate_batches, require_words
from protocols.wmatrix.task import PhotonTask

BATCH = 5_000
"""Protocols written in one go."""
BATCH_CELLS = 2_000_000
"""Cells of these; where tables are large, fewer protocols are written at once."""
LONGEST_LINE = 50_000_000
"""Bytes of a line that are read; the tables that are searched have at most 2,000,000 cells."""
FORMAT = "psn protocols 2"
"""The first had no digest in its header."""
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """The first line of a file that is not the one that belongs there.

    Attributes
    ----------
    line : int
        Its number, from 1, which is the header.
    held : str
        What stood there, shortened.
    """

    line: int
    held: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Written(Printed):
    """How many protocols a file holds, and whether these are all.

    Attributes
    ----------
    path : Path
    protocols : int
        How many there are in it.
    new : int
        How many of them were written now.
    complete : bool
        Whether these are all there are.
    damage : Damage, optional
        Where a file that was gone on with held something else than it should; from there on it was written anew. The rest of a
        line that was cut off at the end of the file is no damage.
    """

    DOCUMENT = (
        Entry("file", of=lambda written: str(written.path)),
        "protocols",
        "new",
        "complete",
        Entry("rewritten_from_line", of=lambda written: None if written.damage is None else written.damage.line),
    )

    path: Path
    protocols: int
    new: int
    complete: bool
    damage: Damage | None = None


def _header(task: PhotonTask) -> dict[str, object]:
    """The first line of a file: the task, its function oriented."""
    limits = task.limits
    if limits.allows is not None and not isinstance(limits.allows, Connected):
        raise InputError(["a predicate of your own cannot be written to a file; enumerate in Python instead"])
    return {
        "format": FORMAT,
        "alpha": [str(a) for a in task.oriented.alpha],
        "photons": task.photons,
        "passes": task.passes,
        "max_modes": limits.modes,
        "max_photons_per_mode": limits.photons_per_mode,
        "forbidden": [sorted(group) for group in limits.forbidden],
        "required": [sorted(group) for group in limits.required],
        "links": None if limits.allows is None else [list(link) for link in limits.allows.links],
    }


def _task_of(document: Any) -> PhotonTask:
    """The task that a first line describes."""
    if isinstance(document, dict) and document.get("format") == "psn protocols 1":
        raise InputError(
            [
                "an earlier version wrote it, without the digest that its header is verified by; start a new file with --out"
            ]
        )
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InputError([f"the first line must be the header of {FORMAT!r}, as psn enumerate --out writes it"])
    try:
        links = document["links"]
        limits = Limits(
            modes=document["max_modes"],
            photons_per_mode=document["max_photons_per_mode"],
            forbidden=document["forbidden"],
            required=document["required"],
            allows=None if links is None else Connected(tuple((a, b) for a, b in links)),
        )
        task = PhotonTask.of(document["alpha"], document["photons"], document["passes"], limits)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError([f"the header is damaged ({error}); start a new file with --out"]) from None
    header = {key: value for key, value in document.items() if key != "digest"}
    if document.get("digest") != _digest(header):
        raise InputError(["the header was changed, its digest says so; start a new file with --out"])
    return task


def read_task(path: Path) -> PhotonTask:
    """The task that a file was written for, its function oriented.

    Raises
    ------
    InputError
        When the first line is no header, or a damaged one.
    OSError
        When the file cannot be read.
    """
    with path.open("rb") as stream:
        try:
            return _task_of(json.loads(stream.readline(LONGEST_LINE)))
        except (ValueError, RecursionError) as error:
            faults = error.faults if isinstance(error, InputError) else ["the first line is no header, it is not JSON"]
            raise InputError(faults).within(str(path)) from None


def write_protocols(
    path: Path,
    function: PhotonTask | LinearFunction | Sequence[object],
    photons: int | None = None,
    passes: int | None = None,
    *,
    limits: Limits | None = None,
    resume: bool = False,
    limit: int | None = None,
    progress: Progress | None = None,
) -> Written:
    """Write the protocols to a file, from its beginning or on from its last one.

    Parameters
    ----------
    path : Path
        A new file, or with ``resume`` one that was begun for the same task.
    function : PhotonTask, LinearFunction or sequence of int, Fraction or str, length d
        q; or the whole task, and then no photons, passes and limits.
    photons, passes : int
        N and M, positive.
    limits : Limits
        What every pass must keep to; a predicate of your own cannot be written.
    resume : bool
        Verify what the file holds, line by line, and go on where it ends or first differs from what belongs there.
    limit : int
        Protocols that the file may hold; all when None. A file that holds more, all of them right, is left as it is.
    progress : callable
        Called with the number of protocols that were verified or written, after every batch.

    Raises
    ------
    NoProtocolError
        When (34) fails, so that no protocol of columns exists with these N and M.
    InputError
        When the file exists, or is of another task.
    OSError
        When the file cannot be written; what it holds can be gone on with.
    """
    task = PhotonTask.of(function, photons, passes, limits)
    table = task.margins
    first = _first_line(_header(task))
    require_words(task)
    walk = enumerate_batches(task, batch=max(1, min(BATCH, BATCH_CELLS // (table.rows * task.passes))))
    blocks = (_lines(batch, table) for batch in walk)
    # Whatever can be wrong with the problem shows before the file is touched.
    due = next(blocks, None)
    if not resume:
        if path.exists():
            raise InputError([f"{path} exists; go on with it by --resume, or name another file"])
        # The first line whole or not at all, so that every file that is there can be gone on with.
        write_whole(path, first)
    with path.open("r+b") as stream:
        _claim(stream, path)
        _require_header(stream, first, path)
        held = 0
        while due is not None:
            right = _count_right(stream, due)
            held += right
            if progress:
                progress(held)
            if right < len(due):
                due = due[right:]
                break
            due = next(blocks, None)
        if due is None and _ends_with(stream, _last_line(held)):
            return Written(path=path, protocols=held, new=0, complete=True)
        damage = _damage(stream, held + 2, _last_line(held) if due is None else due[0])
        stream.truncate()
        written = held
        while due is not None:
            chosen = due if limit is None else due[: max(0, limit - written)]
            stream.write(b"".join(chosen))
            stream.flush()
            written += len(chosen)
            if progress:
                progress(written)
            if len(chosen) < len(due):
                break
            due = next(blocks, None)
        else:
            stream.write(_last_line(written))
    return Written(path=path, protocols=written, new=written - held, complete=due is None, damage=damage)


def _first_line(header: dict[str, object]) -> bytes:
    """The header with a digest of itself, so that a changed one is not taken for that of another problem."""
    return json.dumps({**header, "digest": _digest(header)}).encode() + b"\n"


def _digest(header: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps(header).encode()).hexdigest()[:32]


def _last_line(protocols: int) -> bytes:
    return json.dumps({"complete": True, "protocols": protocols}).encode() + b"\n"


def _claim(stream: BinaryIO, path: Path) -> None:
    """Keep other processes from writing it too, where the system can; it takes the claim back when the process ends."""
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InputError([f"another psn enumerate is writing {path}; wait for it, or name another file"]) from None
    except OSError:
        # A file system without locks.
        return


def _require_header(stream: BinaryIO, first: bytes, path: Path) -> None:
    """Read the first line; InputError unless it is the one that belongs there, byte by byte."""
    found = stream.readline(LONGEST_LINE)
    if found == first:
        return
    if found.split() == first.split():
        raise InputError([f"{path}: line breaks or spaces of its first line were changed; start a new file with --out"])
    raise InputError([f"{path} was written for another problem; its first line says which"])


def _count_right(stream: BinaryIO, lines: list[bytes]) -> int:
    """How many of these lines come next in the file; the stream stands behind them afterwards."""
    start = stream.tell()
    whole = b"".join(lines)
    found = stream.read(len(whole))
    if found == whole:
        return len(lines)
    at = right = 0
    for line in lines:
        if found[at : at + len(line)] != line:
            break
        at, right = at + len(line), right + 1
    stream.seek(start + at)
    return right


def _ends_with(stream: BinaryIO, line: bytes) -> bool:
    """Whether this line is all that comes; the stream stays where it is."""
    start = stream.tell()
    found = stream.read(len(line) + 1)
    stream.seek(start)
    return found == line


def _damage(stream: BinaryIO, number: int, right: bytes) -> Damage | None:
    """What stands where this line belongs, when it is not the beginning of it and then nothing; the stream stays where it is."""
    start = stream.tell()
    found = stream.read(len(right) + 1)
    stream.seek(start)
    if right.startswith(found):
        return None
    text = found.split(b"\n")[0].decode(errors="replace").strip()
    return Damage(line=number + found.startswith(right), held=short_repr(text))


def _lines(batch: np.ndarray[Any, np.dtype[np.integer[Any]]], table: Margins) -> list[bytes]:
    """Protocols as lines {"columns": ..., "repeats": ...}, equal columns put together."""
    sensors = table.dimension
    order = [mode for mode in (*table.left_modes, *table.right_modes) if mode < sensors]
    omega = np.zeros((len(batch), table.passes, sensors), dtype=np.int64)
    turn = len(table.left)
    for row, mode in enumerate(order):
        omega[:, :, mode] = batch[:, row, :] if row < turn else -batch[:, row, :].astype(np.int64)
    lines = []
    for columns in omega.tolist():
        counts: dict[tuple[int, ...], int] = {}
        for column in map(tuple, columns):
            counts[column] = counts.get(column, 0) + 1
        lines.append(f'{{"columns": {list(map(list, counts))}, "repeats": {list(counts.values())}}}\n'.encode())
    return lines
