"""The folder of a sweep: its spec, and rows in Parquet parts that are written whole and named by what is in them.

A part's name holds the hash of its bytes, so damage of any kind is seen. One process at a time writes, behind a lock that the
system takes back when the process dies.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from networks import InputError
from networks.files.text import write_whole
from protocols.estimation.trials import content_id
from protocols.sweeps.axes import OF_LABORATORY
from protocols.sweeps.spec import DESIGN, SweepSpec
from protocols.sweeps.tasks import FAILED, UNITS

if TYPE_CHECKING:
    import pyarrow as pa

SPEC = "sweep.json"
LOCK = ".lock"
PARTS_KEPT = 200
"""Parts beyond it are put together, in groups, when a sweep has ended."""
PACKAGES = ("photonic-sensor-networks", "numpy", "scipy", "strawberryfields", "thewalrus")


def require_packages() -> None:
    """Raise InputError naming the extra when a package that sweeps need is missing."""
    import importlib.util

    missing = [
        name
        for name in ("distributed", "pyarrow", "pandas", "filelock", "threadpoolctl")
        if importlib.util.find_spec(name) is None
    ]
    if missing:
        raise InputError(
            [f"sweeps need {', '.join(missing)}; pip install 'photonic-sensor-networks[sweep]' brings them"]
        )


def schema(spec: Mapping[str, Any]) -> pa.Schema:
    """Columns of the rows of a spec's document, in order, with their types."""
    import pyarrow as pa

    sensing = spec["networks"][0]["graph"]["sensing"]
    q, squared = UNITS[sensing]
    text, whole, number = pa.string(), pa.int64(), pa.float64()
    types = {"squeezer": pa.bool_(), "phase_reference": text, "parameters": text, "squeezers": whole, "arms": whole}
    columns = [
        ("task", whole),
        ("id", text),
        ("status", text),
        ("message", text),
        ("network", text),
        ("alpha", text),
        ("photons_per_shot", whole),
        ("mean_photons_per_shot", number),
        ("passes", whole),
        ("transmissivity", number),
        *((name, types.get(name, number)) for name in OF_LABORATORY if name in spec["axes"]),
        ("scheme", text),
    ]
    if spec.get("task") == DESIGN:
        columns += [
            *((f"{name}_{squared}", number) for name in ("mse", "quantum_mse", "ideal_mse", "bound")),
            *(("rank", whole), ("chosen", text), ("best_entangled", text), ("best_separable", text)),
            *(("entanglement_factor", number), ("modes_entangled", whole)),
            *(("photons_prepared", number), ("squeezers_prepared", whole), ("largest_squeezing_db", number)),
            *(("starts_at", text), ("elapsed_s", number)),
        ]
        return pa.schema(columns)
    columns += [
        ("estimator", text),
        ("shots", whole),
        ("trials", whole),
        *((f"{name}_{squared}", number) for name in ("mse", "mse_stderr", "predicted_mse", "bound", "probe_bound")),
        *((f"{name}_{squared}", number) for name in ("floor", "shot_noise", "loss_bound")),
        *((f"{name}_{q}", number) for name in ("bias", "bias_stderr", "period")),
        *((name, number) for name in ("overhead", "coverage", "coverage_stderr", "mistaken_fringe")),
        *(
            (name, number)
            for name in ("photons_total", "photon_passes_total", "photons_unused", "photon_passes_unused", "elapsed_s")
        ),
    ]
    return pa.schema(columns)


class Store:
    """An open, locked folder of one sweep. Use as a context manager."""

    def __init__(self, folder: Path, spec: SweepSpec) -> None:
        self.folder, self.spec = folder, spec
        self._lock: Any = None

    def __enter__(self) -> Store:
        from filelock import FileLock, Timeout

        check_folder(self.folder, self.spec)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(self.folder / LOCK)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            busy = f"another psn sweep is writing into {str(self.folder)!r}; wait for it, or use another --out"
            raise InputError([busy]) from None
        try:
            # Again, now that nobody else can write.
            check_folder(self.folder, self.spec)
            if not _holds_spec(self.folder):
                document = {
                    "spec_id": self.spec.spec_id,
                    "versions": versions(),
                    "in_db": list(self.spec.in_db),
                    "spec": self.spec.document,
                }
                self._write(SPEC, (json.dumps(document, indent=1) + "\n").encode())
            for leftover in self.folder.iterdir():
                if _is_leftover(leftover):
                    leftover.unlink(missing_ok=True)
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def done(self, *, retry_failed: bool = False) -> tuple[set[str], int, list[Path]]:
        """Content ids that have a row, how many of them hold an error, and damaged parts, put aside as ``*.damaged``."""
        statuses: dict[str, str] = {}
        damaged = []
        for path in parts_of(self.folder):
            table = read_part(path, self.spec.spec_id)
            if table is None:
                aside = path.with_suffix(".damaged")
                path.replace(aside)
                damaged.append(aside)
                continue
            for task, status in zip(table["id"].to_pylist(), table["status"].to_pylist(), strict=True):
                # A row without an error counts before one with.
                if statuses.get(task, FAILED) == FAILED:
                    statuses[task] = status
        failed = {task for task, status in statuses.items() if status == FAILED}
        done = set(statuses) - (failed if retry_failed else set())
        return done, 0 if retry_failed else len(failed), damaged

    def append(self, rows: Sequence[dict[str, Any]]) -> None:
        """Write rows as a new part; all of them are there afterwards, or none."""
        content = encode(rows, self.spec)
        self._write(f"rows-{hashlib.sha256(content).hexdigest()[:32]}.parquet", content)

    def put_together(self) -> None:
        """Merge parts in groups when there are very many. Rows may be in two parts for a moment; readers take one."""
        paths = parts_of(self.folder)
        if len(paths) <= PARTS_KEPT:
            return
        import pyarrow as pa

        size = -(-len(paths) // (PARTS_KEPT // 2))
        for start in range(0, len(paths), size):
            group = paths[start : start + size]
            tables = [read_part(path, self.spec.spec_id) for path in group]
            if len(group) < 2 or any(table is None for table in tables):
                continue
            whole = pa.concat_tables([table for table in tables if table is not None])
            content = encode_table(whole, self.spec.spec_id)
            name = f"rows-{hashlib.sha256(content).hexdigest()[:32]}.parquet"
            self._write(name, content)
            for path in group:
                if path.name != name:
                    path.unlink()

    def _write(self, name: str, content: bytes) -> None:
        try:
            write_whole(self.folder / name, content)
        except OSError as error:
            raise OSError(
                error.errno,
                f"{error.strerror}; the rows before are kept, repeat the command to go on",
                str(self.folder),
            ) from None


def check_folder(folder: Path, spec: SweepSpec) -> None:
    """Raise InputError unless the folder is new, empty, or holds this very sweep; changes nothing."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InputError([f"--out must be a folder, but {str(folder)!r} is none"])
    if _holds_spec(folder):
        kept = read_document(folder)
        if kept["spec_id"] != spec.spec_id and _differing(kept, spec).keys() <= {"psn", "code"}:
            raise InputError(
                [f"{str(folder)!r} holds rows of this sweep made by other code (it differs in code); use another --out"]
            )
        if kept["spec_id"] != spec.spec_id:
            raise InputError([f"{str(folder)!r} holds another sweep ({_difference(kept, spec)}); use another --out"])
        return
    # Without its spec, or with a damaged one, a folder of this sweep is known by its parts.
    parts = parts_of(folder)
    if parts and any(read_part(path, spec.spec_id) is None for path in parts):
        raise InputError([f"{str(folder)!r} holds rows that are not of this sweep, or damaged; use another --out"])
    ours = {LOCK, SPEC, *(path.name for path in parts)}
    if any(path.name not in ours and path.suffix != ".damaged" and not _is_leftover(path) for path in folder.iterdir()):
        raise InputError([f"{str(folder)!r} holds other files and no sweep; use a new folder for --out"])


def _is_leftover(path: Path) -> bool:
    """Whether it is what a process that was killed while it wrote has left: the spec or a part under a name for the time being."""
    return path.name.startswith((f".{SPEC}.", ".rows-"))


def _difference(kept: dict[str, Any], spec: SweepSpec) -> str:
    return f"it differs in {', '.join(_differing(kept, spec))}"


def _differing(kept: dict[str, Any], spec: SweepSpec) -> dict[str, object]:
    """What the spec says otherwise, by name, in its order."""
    theirs, ours = kept["spec"], json.loads(json.dumps(spec.document))
    return {key: value for key, value in ours.items() if theirs.get(key) != value}


def _holds_spec(folder: Path) -> bool:
    try:
        read_document(folder)
    except InputError:
        return False
    return True


def read_document(folder: Path) -> dict[str, Any]:
    """sweep.json: spec_id, versions and spec; InputError when it is missing or was changed."""
    try:
        document = json.loads((folder / SPEC).read_text())
        sound = document["spec_id"] == content_id(document["spec"]) and isinstance(document["versions"], dict)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        sound = False
    if not sound:
        raise InputError(
            [
                f"{str(folder)!r} holds no sweep: {SPEC} is missing or damaged; psn sweep with the same spec and --out mends it"
            ]
        )
    return dict(document)


def parts_of(folder: Path) -> list[Path]:
    """The parts, by name."""
    return sorted(path for path in folder.glob("rows-*.parquet") if path.is_file())


def read_part(path: Path, spec_id: str) -> pa.Table | None:
    """The rows of a part; None when its bytes are not those it was named by, or are no rows of this sweep."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest()[:32] != path.stem.removeprefix("rows-"):
        return None
    try:
        table = pq.read_table(pa.BufferReader(content))
    except (pa.ArrowException, OSError):
        return None
    return table if (table.schema.metadata or {}).get(b"spec_id") == spec_id.encode() else None


def encode(rows: Sequence[dict[str, Any]], spec: SweepSpec) -> bytes:
    """Rows as the bytes of a Parquet file; missing values are null."""
    import pyarrow as pa

    columns = schema(spec.document)
    return encode_table(
        pa.Table.from_pylist([{name: row.get(name) for name in columns.names} for row in rows], schema=columns),
        spec.spec_id,
    )


def encode_table(table: pa.Table, spec_id: str) -> bytes:
    """A table as the bytes of a Parquet file, with the sweep it is of and the versions of what computed it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    stream = pa.BufferOutputStream()
    pq.write_table(table.replace_schema_metadata({"spec_id": spec_id, "versions": json.dumps(versions())}), stream)
    return bytes(stream.getvalue())


def versions() -> dict[str, str]:
    """Versions of the packages that decide about numbers."""
    return {name: version(name) for name in PACKAGES}


def all_rows(folder: Path, spec_id: str) -> Iterator[pa.Table]:
    """Every part; InputError naming those that are damaged."""
    damaged = []
    for path in parts_of(folder):
        with contextlib.suppress(FileNotFoundError):
            # A part may have been put together with others meanwhile.
            table = read_part(path, spec_id)
            if table is None:
                damaged.append(path.name)
            else:
                yield table
    if damaged:
        raise InputError(
            [
                f"the part {name} is damaged or of another sweep; run psn sweep again to compute its rows anew"
                for name in damaged
            ]
        )
