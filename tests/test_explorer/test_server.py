"""How the explorer starts, and what it says where it cannot; tests/browser has what it does."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("dash", reason='Dash is missing: pip install ".[explore]"')

from protocols.explorer.jobs import Jobs

ROOT = Path(__file__).parents[2]


def explore(*words):
    return subprocess.run(
        [sys.executable, "-m", "protocols", "explore", "--no-browser", *map(str, words)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
    )


def test_what_cannot_be_opened_is_said_at_once(tmp_path):
    (tmp_path / "broken.json").write_text("{")
    done = explore(tmp_path / "broken.json", "--port", 70000)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "--port must be an integer from 1 to 65535, got 70000" in done.stderr
    assert "broken.json: not valid JSON" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = explore("--port", port)
    assert done.returncode == 2
    assert done.stdout == ""
    assert f"psn: --port: cannot listen at {port}" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def work(result_key, progress_key, args, context):
    """Stands for what Dash asks a process to do."""
    if args == "crash":
        os._exit(3)
    time.sleep(args)


def test_work_ends_when_it_is_told_to_and_says_when_it_fell(tmp_path):
    jobs = Jobs(str(tmp_path))
    try:
        number = jobs.call_job_fn("slow", work, 600, {})
        process = jobs._jobs[number].process
        assert jobs.job_running(number)
        jobs.terminate_job(number)
        assert not jobs.job_running(number)
        assert not process.is_alive()
        # What has ended by itself is asked once more for its result, which came before its end.
        number = jobs.call_job_fn("done", work, 0, {})
        jobs._jobs[number].process.join(60)
        assert jobs.job_running(number)
        number = jobs.call_job_fn("fallen", work, "crash", {})
        jobs._jobs[number].process.join(60)
        assert jobs.job_running(number)
        assert "exit code 3" in jobs.get_result("fallen", number)["background_callback_error"]["msg"]
        assert not jobs.job_running(number)
    finally:
        jobs.close()
