"""All protocols into a file of JSON lines, in canonical order: written batch by batch, gone on with after an interruption.

The first line says which task it is, every line after it is a protocol, and a last line says that these are all. What was
cut off in the middle of a line is written again. Going on trusts the lines before the last.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from networks import InputError, LinearFunction
from networks.errors import short_repr
from protocols.documents.printed import Entry, Printed
from protocols.wmatrix.limits import Connected, Limits
from protocols.wmatrix.margins import Margins
from protocols.wmatrix.search.walk import Integers, enumerate_batches, require_words
from protocols.wmatrix.task import PhotonTask

BATCH = 5_000
"""Protocols written in one go."""
BATCH_CELLS = 2_000_000
"""Cells of these; where tables are large, fewer protocols are written at once."""
LONGEST_LINE = 50_000_000
"""Bytes of a line that are read; the tables that are searched have at most 2,000,000 cells."""
FORMAT = "psn protocols 1"
Progress = Callable[[int], None]


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
    """

    DOCUMENT = (
        Entry("file", of=lambda written: str(written.path)),
        "protocols",
        "new",
        "complete",
    )

    path: Path
    protocols: int
    new: int
    complete: bool


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
        return PhotonTask.of(document["alpha"], document["photons"], document["passes"], limits)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError([f"the header is damaged ({error}); start a new file with --out"]) from None


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
        Go on behind the last protocol of the file.
    limit : int
        Protocols that the file may hold; all when None.
    progress : callable
        Called with the number of protocols that the file holds, after every batch.

    Raises
    ------
    NoProtocolError
        When (34) fails, so that no protocol exists with these N and M.
    InputError
        When the file exists, or is of another task, or its last protocol is none of this task.
    OSError
        When the file cannot be written; what it holds can be gone on with.
    """
    task = PhotonTask.of(function, photons, passes, limits)
    table = task.margins
    first = json.dumps(_header(task)) + "\n"
    require_words(task)
    after: Integers | None = None
    held = end = 0
    if resume:
        held, after, end = _read_on(path, first, table)
        if end < 0:
            return Written(path=path, protocols=held, new=0, complete=True)
    elif path.exists():
        raise InputError([f"{path} exists; go on with it by --resume, or name another file"])
    walk = enumerate_batches(task, batch=max(1, min(BATCH, BATCH_CELLS // (table.rows * task.passes))), after=after)
    # Whatever can be wrong with the problem or the cursor shows before the file is touched.
    batch = next(walk, None)
    written = held
    with path.open("r+b" if resume else "xb") as stream:
        if resume:
            stream.seek(end)
            stream.truncate()
        else:
            stream.write(first.encode())
        while batch is not None:
            chosen = batch if limit is None else batch[: max(0, limit - written)]
            stream.write(_lines(chosen, table).encode())
            stream.flush()
            written += len(chosen)
            if progress:
                progress(written)
            if len(chosen) < len(batch):
                break
            batch = next(walk, None)
        if batch is None:
            stream.write(json.dumps({"complete": True, "protocols": written}).encode() + b"\n")
    return Written(path=path, protocols=written, new=written - held, complete=batch is None)


def _lines(batch: np.ndarray[Any, np.dtype[np.integer[Any]]], table: Margins) -> str:
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
        lines.append(f'{{"columns": {list(map(list, counts))}, "repeats": {list(counts.values())}}}\n')
    return "".join(lines)


def _read_on(path: Path, first: str, table: Margins) -> tuple[int, Integers | None, int]:
    """How many whole protocols a file holds, the last of them as a table, and where they end: -1 when they are all.

    Only the first line, the last protocol and the line behind it are understood; those between are counted.
    """
    with path.open("rb") as stream:
        if stream.readline(LONGEST_LINE) != first.encode():
            raise InputError([f"{path} was written for another problem; its first line says which"])
        held, last, end = 0, b"", stream.tell()
        while (line := stream.readline(LONGEST_LINE)).endswith(b"\n"):
            if line.startswith(b'{"complete"'):
                if line != json.dumps({"complete": True, "protocols": held}).encode() + b"\n" or stream.readline(1):
                    text = short_repr(line.decode(errors="replace").strip())
                    raise InputError(
                        [f"{path}: its last line must say that it holds {held} protocols, and says {text}"]
                    )
                return held, None, -1
            held, last = held + 1, line
            end += len(line)
    if not held:
        return 0, None, end
    try:
        document = json.loads(last)
        columns, repeats = document["columns"], document["repeats"]
        whole = all(type(number) is int for numbers in (repeats, *columns) for number in numbers)
        if not whole or min(repeats) < 1 or sum(repeats) != table.passes or len(columns) != len(repeats):
            raise ValueError
        passes = [column for column, times in zip(columns, repeats, strict=True) for _ in range(times)]
        return held, _table_of(passes, table), end
    except (ValueError, KeyError, TypeError, IndexError, OverflowError, RecursionError):
        text = short_repr(last.decode(errors="replace").strip())
        raise InputError([f"{path}: its last protocol is damaged: {text}"]) from None


def _table_of(columns: list[list[int]], table: Margins) -> Integers:
    """The rows of the two tables from columns omega, the reference worked out."""
    modes = (*table.left_modes, *table.right_modes)
    out = np.zeros((table.rows, len(columns)), dtype=np.int64)
    for c, column in enumerate(columns):
        held = [*(abs(w) for w in column), table.photons + sum(w for w in column if w < 0)]
        out[:, c] = [held[mode] for mode in modes]
    return out
