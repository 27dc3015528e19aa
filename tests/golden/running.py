"""Runs the commands of a case in a folder of its own, and makes one document of all that they said and wrote.

The folder is the working directory and holds ``examples`` and copies of the inputs, so paths in the output are the same everywhere.
"""

import json
import re
import shlex
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from golden.cases import Case
from golden.writing import thinned

from networks import load_network, save_network

ROOT = Path(__file__).parents[2]
INPUTS = Path(__file__).parent / "inputs"
PICTURES = (".png", ".svg", ".pdf", ".md")
"""Files for people: that they are written is kept, what is in them is not."""
REPLACED = {
    "seconds": "how long this machine took",
    "elapsed_s": "how long this machine took",
    "versions": "versions of packages, which change without us",
    "psn": "our own version",
    "code": "a hash of our source files",
    "spec_id": "a hash of our version and source files among other things",
}
"""Keys whose values are not kept, and why."""

Psn = Callable[..., tuple[int, str, str]]
"""The fixture psn: (exit code, stdout, stderr) of arguments."""


def prepare(folder: Path) -> None:
    """Examples and inputs, where the commands of a case look for them."""
    (folder / "examples").symlink_to(ROOT / "examples")
    for path in INPUTS.iterdir():
        shutil.copy(path, folder / path.name)


def run_case(case: Case, psn: Psn, folder: Path) -> dict[str, Any]:
    """Everything that a case is about. The working directory must be the prepared folder."""
    before = set(_files(folder))
    runs, printed = [], []
    for line in case.lines:
        arguments = shlex.split(line)
        code, out, err = psn(*arguments)
        read = _read(out)
        printed.append(read)
        shown = _normalised(_without_network(read, arguments))
        if case.free_angles and isinstance(shown, dict):
            shown["blackbird"] = without_angles(shown["blackbird"])
        runs.append({"command": f"psn {line}", "exit": code, "stderr": err.splitlines(), "stdout": shown})
    document: dict[str, Any] = {"runs": runs}
    files = {}
    written = sorted(set(_files(folder)) - before)
    for path in written:
        if path.suffix != ".parquet":
            content = _content(path)
            shown = "the document on stdout" if content in printed else _normalised(content)
            files[str(path.relative_to(folder))] = shown
    parts = [path for path in written if path.suffix == ".parquet"]
    if parts:
        files["*.parquet"] = _normalised(_parquet(parts))
    if files:
        document["files"] = files
    return thinned(document) if case.thin else document


def _read(out: str) -> object:
    """JSON when it is, else lines of text."""
    try:
        return json.loads(out)
    except ValueError:
        return out.splitlines()


def _without_network(document: object, arguments: list[str]) -> object:
    """Most documents hold the network that they are about, which convert's golden files have once."""
    files = [file for file in arguments if file.startswith("examples/") and file.endswith((".json", ".graphml"))]
    if (
        "convert" in arguments
        or not files
        or not isinstance(document, dict)
        or document.get("network") != _network(files[0])
    ):
        return document
    return document | {"network": f"as of psn convert {files[0]} --json"}


@cache
def _network(file: str) -> object:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "network.json"
        save_network(load_network(ROOT / file), path)
        return json.loads(path.read_text())


def _files(folder: Path) -> list[Path]:
    """Files that are no examples and not hidden."""
    result = []
    for path in folder.iterdir():
        if path.is_symlink() or path.name.startswith("."):
            continue
        result += _files(path) if path.is_dir() else [path]
    return result


def _content(path: Path) -> object:
    """What a file holds, as JSON if it can be."""
    if path.suffix in PICTURES:
        return "a file for people"
    if path.suffix == ".pcvl":
        # Compressed, which depends on the machine.
        return "a file for Perceval"
    if path.suffix == ".json":
        return json.loads(path.read_text())
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text().splitlines()]
    if path.suffix == ".npy":
        import numpy as np

        array = np.load(path)
        return {"dtype": str(array.dtype), "shape": list(array.shape), "values": array.tolist()}
    return path.read_text().splitlines()


def _parquet(paths: list[Path]) -> object:
    """Columns with their types, the keys of the metadata, and the rows; how many parts there are depends on the time they take."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = [pq.read_table(path) for path in paths]
    whole = pa.concat_tables([table.replace_schema_metadata(None) for table in tables])
    columns = [name for name in whole.column_names if name not in REPLACED]
    rows = sorted(whole.to_pylist(), key=lambda row: row["task"])
    return {
        "types": {field.name: str(field.type) for field in whole.schema},
        "metadata": sorted({key.decode() for table in tables for key in table.schema.metadata}),
        "rows": [[row[name] for name in columns] for row in rows],
    }


def _normalised(value: Any) -> Any:
    if isinstance(value, dict):
        value = _without_bases(value)
        return {key: f"({REPLACED[key]})" if key in REPLACED else _normalised(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_normalised(item) for item in value]
    return value


def _without_bases(value: dict[str, Any]) -> dict[str, Any]:
    """Which vectors of a degenerate space are found depends on the machine: its projector is kept, one vector is not."""
    if "estimable" in value:
        import numpy as np

        rows = np.array(value["estimable"])
        projector = (rows.T @ rows).tolist()
        return value | {"estimable": {"rows": len(rows), "projector": projector}}
    if "direction" in value and str(value.get("name", "")).startswith("worst"):
        known = {} if value.get("to_colluders") is None else {"to_colluders": "(of this one)"}
        return value | {"direction": "(one of a space)"} | known
    return value


def without_angles(program: str) -> str:
    """A Blackbird program without the numbers in brackets: phases behind a full beam splitter are free, and left as they come.

    >>> without_angles("MZgate(3.14, 0.5) | [0, 1]")
    'MZgate() | [0, 1]'
    """
    return re.sub(r"gate\([^)]*\)", "gate()", program)
