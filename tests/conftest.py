"""Settings and fixtures for all tests: in CI hypothesis takes the same examples every time, at home new ones."""

import os
import sys

import pytest
from hypothesis import settings

settings.register_profile("ci", derandomize=True)
settings.register_profile("home")
settings.load_profile("ci" if os.environ.get("CI") else "home")


def pytest_addoption(parser):
    parser.addoption("--record-golden", action="store_true", help="write the files of test_golden.py anew")


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
