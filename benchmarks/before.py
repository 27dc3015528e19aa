"""This tree against an earlier commit of it, in the same run: a design, a privacy report, and how fast the command line answers.

    python benchmarks/before.py [COMMIT]

The earlier commit (that before the house was rebuilt, when none is named) is unpacked from git into a temporary folder. Both trees
run in turn, each measurement in a process of its own with one linear-algebra thread; what is compared is processor time, the
least of several runs, without imports except where the whole command is timed.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from protocols.reports.showing import show
from protocols.tables import Table

ROOT = Path(__file__).parents[1]
BEFORE = "866d5b7"
RUNS = 3

JOB = """
import sys, time
from networks import load_network
import protocols
network = load_network("examples/region_200.json")
small = load_network("examples/metro_ring.json")
call = protocols.{name}
call(small)  # loads and compiles what is loaded and compiled late
start = time.process_time()
call(network)
print(time.process_time() - start)
"""
JOBS = {
    "design of region_200.json": ["-c", JOB.format(name="design")],
    "privacy_report of region_200.json": ["-c", JOB.format(name="privacy_report")],
    "psn bounds, whole command": ["-m", "protocols", "bounds", "--alpha", "3,-1,1/2", "--photons", "6"],
    "psn --help, whole command": ["-m", "protocols", "--help"],
}


def seconds(tree: Path, arguments: list[str]) -> float:
    """Processor seconds: those that the job prints, or those of the whole process."""
    environment = {**os.environ, "PYTHONPATH": str(tree), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, *arguments]
    before = os.times()
    run = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=True)
    after = os.times()
    whole = after.children_user + after.children_system - before.children_user - before.children_system
    return float(run.stdout) if arguments[0] == "-c" else whole


def unpacked(commit: str, folder: Path) -> Path:
    """The tree of a commit, written out."""
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")
    return folder


def main(commit: str) -> None:
    """Measure both trees and print the ratios."""
    with tempfile.TemporaryDirectory() as name:
        trees = (unpacked(commit, Path(name)), ROOT)
        rows = []
        for title, arguments in JOBS.items():
            # The first run of a tree compiles and caches; it does not count.
            best = [float("inf")] * 2
            for run in range(RUNS + 1):
                for k, tree in enumerate(trees):
                    took = seconds(tree, arguments)
                    best[k] = min(best[k], took) if run else best[k]
            rows.append((title, *best, best[1] / best[0]))
    columns = ("job", f"{commit}, s", "now, s", "now over before")
    show(Table(title="Processor time, least of 3 runs", columns=columns, rows=tuple(rows)))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else BEFORE)
