"""Command lines with adversarial networks, numbers and options, against one list of rules (``broken_rules``).

Run in this process for speed; a sample also as a process of its own. Time is CPU time, so that a busy machine breaks no rule.
"""

import contextlib
import io
import json
import os
import resource
import signal
import subprocess
import sys
import time
import traceback
import warnings
from pathlib import Path

import pytest
from command_lines import command_lines
from hypothesis import given, settings

IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "fuzz"
CASES = 100_000 if IS_LONG else 100
FAILURES = Path(__file__).parents[2] / ".fuzz" / "failures.jsonl"
MOST_SECONDS = float(os.environ.get("FUZZ_SECONDS", "1800"))
"""Of the long profile; what is left then is not run."""
CPU_SECONDS = 60.0
"""Of one command."""
MEMORY = 3 * 2**30
"""Bytes of address space that the commands may add to this process."""
EXITS = {0, 1, 2, 130, 141}
START = time.monotonic()


class TookTooLongError(BaseException):
    """More CPU seconds than a command may take."""


def run(line):
    """Run psn in this process: (exit code, stdout, stderr)."""
    from protocols.cli.app import main

    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8", "replace"), io.TextIOWrapper(io.BytesIO(), "utf-8", "replace")
    before = sys.argv, signal.getsignal(signal.SIGPIPE), signal.getsignal(signal.SIGINT)

    def stop(number, frame):
        raise TookTooLongError

    sys.argv = ["psn", *line]
    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    code = 0
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), warnings.catch_warnings():
            # What a warning prints in a process of its own; an error here would stop what goes on there.
            warnings.simplefilter("default")
            try:
                main()
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
            except Exception:  # noqa: BLE001 - what would end the process with a traceback
                traceback.print_exc()
                code = 1
    except TookTooLongError:
        code = None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.argv = before[0]
        signal.signal(signal.SIGPIPE, before[1])
        signal.signal(signal.SIGINT, before[2])
    for stream in (out, err):
        stream.flush()
    return code, out.buffer.getvalue().decode(), err.buffer.getvalue().decode()


def no_constant(text):
    raise ValueError(f"{text} is no JSON")


def broken_rules(line, code, out, err):
    """What a run of a command must never do."""
    faults = []
    if code is None:
        faults.append(f"it took more than {CPU_SECONDS:g} s")
        return faults
    if code not in EXITS:
        faults.append(f"exit code {code}")
    if "Traceback" in err or "Traceback" in out:
        faults.append("a traceback")
    if "Warning:" in err:
        faults.append("a warning of Python's")
    if code == 2 and not err.strip():
        faults.append("exit code 2 and nothing said")
    # An option's value may hold the word; as an option of its own it asks for JSON.
    if "--json" in line and "--help" not in line and code in (0, 1):
        # Exit code 1 of bad data comes with its document too.
        try:
            json.loads(out, parse_constant=no_constant)
        except (ValueError, RecursionError) as error:
            faults.append(f"no strict JSON: {error}")
    return faults


def written(line, text, folder):
    """The command line with paths in place of FILE and OUT, and the file."""
    file = folder / "file.json"
    file.write_text(text, encoding="utf-8", errors="surrogatepass")
    return [word.replace("FILE", str(file)).replace("OUT", str(folder / "out")) for word in line]


@contextlib.contextmanager
def bounded_memory():
    """Memory beyond the bound is a MemoryError, and with it a traceback."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def note(line, text, faults, err):
    if IS_LONG:
        FAILURES.parent.mkdir(exist_ok=True)
        with FAILURES.open("a") as stream:
            stream.write(json.dumps({"line": line, "file": text, "faults": faults, "stderr": err[-1500:]}) + "\n")


def read_back_faults(line, code, out, folder):
    """What was written is read back equal."""
    faults = []
    if line[0] == "convert" and code == 0:
        (folder / "again.json").write_text(out, encoding="utf-8", errors="surrogatepass")
        _, again, err = run(["convert", str(folder / "again.json")])
        if again != out:
            faults.append(f"convert does not read back what it wrote: {err[-200:]}")
    if line[0] == "enumerate" and code == 0:
        for path in (folder / "out", folder / "out.jsonl", folder / "out.json"):
            if path.is_file():
                _, again, _ = run(["enumerate", "--resume", str(path), "--json", "--limit", "0"])
                if json.loads(again)["rewritten_from_line"] is not None:
                    faults.append("enumerate does not go on from what it wrote")
    return faults


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads /proc")
@settings(max_examples=CASES, deadline=None)
@given(case=command_lines())
def test_no_command_line_breaks_a_rule(tmp_path_factory, case):
    line, text = case
    if IS_LONG and time.monotonic() - START > MOST_SECONDS:
        return
    folder = tmp_path_factory.mktemp("case")
    here = Path.cwd()
    os.chdir(folder)
    try:
        line = written(line, text, folder)
        with bounded_memory():
            code, out, err = run(line)
        faults = broken_rules(line, code, out, err) or read_back_faults(line, code, out, folder)
    finally:
        os.chdir(here)
    if faults:
        note(line, text, faults, err)
        if os.environ.get("FUZZ_GO_ON"):
            # Collect many; the file has them.
            return
    assert not faults, (line, text, faults, err)


@settings(max_examples=300 if IS_LONG else 3, deadline=None)
@given(case=command_lines())
def test_processes_of_their_own_break_none_either(tmp_path_factory, case):
    """What this process hides, as streams that take everything, shows here: stdout of latin-1, narrow terminals."""
    line, text = case
    if IS_LONG and time.monotonic() - START > MOST_SECONDS:
        return
    folder = tmp_path_factory.mktemp("case")
    line = written(line, text, folder)
    if any("\x00" in word or any("\ud800" <= letter <= "\udfff" for letter in word) for word in line):
        # The system passes no such words.
        return
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1", "COLUMNS": "40", "TERM": "dumb"}
    root = str(Path(__file__).parents[2])
    environment["PYTHONPATH"] = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-m", "protocols", *line], capture_output=True, cwd=folder, env=environment, timeout=1800
    )
    out, err = done.stdout.decode("latin-1"), done.stderr.decode("latin-1")
    faults = broken_rules(line, done.returncode, out, err)
    if faults:
        note(line, text, faults, err)
        if os.environ.get("FUZZ_GO_ON"):
            return
    assert not faults, (line, text, faults, err)


@settings(max_examples=1000 if IS_LONG else 60, deadline=None, derandomize=True, database=None)
@given(case=command_lines())
def _count_ends(tmp_path_factory, ends, case):
    line, text = case
    folder = tmp_path_factory.mktemp("case")
    ends.append((line[0], run(written(line, text, folder))[0]))


def test_many_command_lines_are_answered(tmp_path_factory, monkeypatch, tmp_path):
    """Lines that are refused for their options try nothing behind them; a fair share must come through, of several commands."""
    monkeypatch.chdir(tmp_path)
    ends = []
    _count_ends(tmp_path_factory, ends)
    answered = [word for word, code in ends if code == 0]
    assert len(answered) > 0.12 * len(ends)
    assert len(set(answered)) >= 5


def test_the_rules_see_what_breaks_them():
    assert broken_rules(["bounds", "--json"], 0, '{"a": NaN}', "") != []
    assert broken_rules(["bounds", "--json"], 0, '{"a": 1}\n{"b": 2}', "") != []
    assert broken_rules(["bounds", "--json"], 0, '{"a": 1}', "") == []
    assert broken_rules(["bounds"], 3, "", "") != []
    assert broken_rules(["bounds"], 2, "", "") != []
    assert broken_rules(["bounds"], 1, "", "Traceback (most recent call last):") != []
    assert broken_rules(["bounds"], None, "", "") != []
