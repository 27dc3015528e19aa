"""Settings and fixtures for all tests: in CI hypothesis takes the same examples every time, at home new ones."""

import gc
import os
import signal
import sys

import pytest
from hypothesis import settings

# Linear algebra on one thread a process: the matrices are small, and the threads of several test processes on the same cores
# wait for each other for longer than they work. NumPy reads this when it is first imported, later; child processes inherit it.
for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

# Tests start hundreds of processes: without bytecode each of them, and each process of pytest, would compile all modules anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A shell that starts something in the background has it ignore Ctrl-C, and so would the processes that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("ci", derandomize=True, max_examples=40, deadline=None)
settings.register_profile("home", max_examples=40, deadline=None)
# All examples of every property (drawn.py): make long
settings.register_profile("long", max_examples=100, deadline=None)
# The long profile of tests/fuzz: HYPOTHESIS_PROFILE=fuzz pytest tests/fuzz
settings.register_profile("fuzz", max_examples=10_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "home"))


def pytest_addoption(parser):
    parser.addoption("--record-golden", action="store_true", help="write the files of test_golden.py anew")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish():
    """Eight thousand tests and all modules stay until the end: the collector need not look through them again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def ctrl_c_as_before():
    """psn that was interrupted in this process leaves Ctrl-C ignored, and processes started later would ignore it as well."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def psn(capsys, monkeypatch):
    """Run psn in this process: (exit code, stdout, stderr)."""
    from protocols.cli.app import main

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["psn", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = stop.code or 0
        out = capsys.readouterr()
        return code, out.out, out.err

    return run
