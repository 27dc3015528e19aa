"""Several files replaced as one: a reader of the folder sees all old ones or all new ones, whenever the writer is stopped.

No system replaces several files at once, but a symbolic link is replaced at once. So each file becomes a link into a folder of
old copies, through one link that all share; that link turns to the folder of the new files; then plain files take the place of
the links. Stopped before the turn, the folder reads as before; after it, as it will. The next call tidies up what a stopped one
left.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from networks.files.text import write_whole

PREFIX = ".psn-files-"
"""Of the folders with the old and the new files; they are there for milliseconds, or after an interruption."""
CURRENT = ".psn-current"
"""The link that turns."""


def replace_files(folder: Path, files: Mapping[str, bytes], names: Sequence[str]) -> None:
    """Put ``files`` into a folder and remove those of ``names`` that are not among them, as one change.

    Where symbolic links cannot be made (some systems and file systems), files are replaced one after the other.

    Parameters
    ----------
    folder : pathlib.Path
        That exists.
    files : mapping of str to bytes
        What is written, by name.
    names : sequence of str
        All that belong together; others in the folder are left alone.

    Raises
    ------
    OSError
        When something cannot be written; the old files are there then.
    """
    with _alone(folder):
        _tidy(folder, names)
        if any(folder.joinpath(name).is_dir() for name in names):
            raise IsADirectoryError(21, "a folder is where a file has to go")
        if not _has_links(folder):
            _one_by_one(folder, files, names)
            return
        try:
            new = _folder_of(folder, "new")
            old = _folder_of(folder, "old")
            for name, content in files.items():
                _write(new / name, content, like=folder / name)
            present = [name for name in names if (folder / name).exists()]
            for name in present:
                _copy(folder / name, old / name)
            _link(folder / CURRENT, old.name)
            for name in names:
                if name in present or name in files:
                    # The same content as before, or none.
                    _link(folder / name, f"{CURRENT}/{name}")
            _link(folder / CURRENT, new.name)
        finally:
            # Complete or not: whatever the link says is made plain.
            _tidy(folder, names)


def _tidy(folder: Path, names: Sequence[str]) -> None:
    """Plain files in the place of links, as they are read now; nothing else of ours is left."""
    for name in names:
        path = folder / name
        if not _is_ours(path):
            continue
        if path.exists():
            # Under a name that a later call removes, should this one be stopped in between.
            spare = _folder_of(folder, "old") / name
            _copy(path.resolve(), spare)
            os.replace(spare, path)
        else:
            path.unlink()
    with contextlib.suppress(FileNotFoundError):
        (folder / CURRENT).unlink()
    for entry in [*folder.glob(f"{PREFIX}*"), *_left_temporary(folder, names)]:
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)


def _left_temporary(folder: Path, names: Sequence[str]) -> Iterator[Path]:
    """What ``write_whole`` had not renamed yet when it was stopped."""
    for name in names:
        yield from folder.glob(f".{name}.{'[0-9a-f]' * 8}")


def _is_ours(path: Path) -> bool:
    return path.is_symlink() and os.readlink(path) == f"{CURRENT}/{path.name}"


def _folder_of(folder: Path, kind: str) -> Path:
    made = folder / f"{PREFIX}{kind}-{secrets.token_hex(4)}"
    made.mkdir()
    return made


def _link(path: Path, target: str) -> None:
    """A symbolic link under a name that may be taken, in one step."""
    temporary = path.with_name(f"{PREFIX}link-{secrets.token_hex(4)}")
    os.symlink(target, temporary)
    os.replace(temporary, path)


def _has_links(folder: Path) -> bool:
    probe = folder / f"{PREFIX}probe-{secrets.token_hex(4)}"
    try:
        os.symlink("nothing", probe)
    except (OSError, NotImplementedError):
        return False
    probe.unlink()
    return True


def _write(path: Path, content: bytes, *, like: Path) -> None:
    path.write_bytes(content)
    with contextlib.suppress(OSError):
        os.chmod(path, os.stat(like).st_mode & 0o7777)


def _copy(source: Path, target: Path) -> None:
    """The same file once more; its bytes only where a file cannot have two names, or is a link of its owner's."""
    if not source.is_symlink():
        with contextlib.suppress(OSError, NotImplementedError):
            os.link(source, target)
            return
    shutil.copy2(source, target)


def _one_by_one(folder: Path, files: Mapping[str, bytes], names: Sequence[str]) -> None:
    for name, content in files.items():
        write_whole(folder / name, content)
    for name in names:
        if name not in files:
            (folder / name).unlink(missing_ok=True)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One writer at a time, where the system locks folders."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
