"""Command lines with adversarial networks, numbers and options, against one list of rules (``broken_rules``).

Run in this process for speed; a sample also as a process of its own. Time is CPU time, so that a busy machine breaks no rule.
"""

import contextlib
import io
import itertools
import json
import math
import os
import resource
import signal
import subprocess
import sys
import tempfile
import traceback
import warnings
from pathlib import Path

import pytest
from command_lines import RECIPES, Case, command_lines, leaf_commands, sound_lines, sound_networks
from hypothesis import strategies as st
from laboratories import dressed, undone
from running import IS_LONG, SHARDS, fuzz

CPU_SECONDS = 60.0
"""Of one command."""
MEMORY = 3 * 2**30
"""Bytes of address space that the commands may add to this process."""
EXITS = {0, 1, 2, 130, 141}
shards = pytest.mark.parametrize(
    "shard", [pytest.param(k, marks=pytest.mark.xdist_group(f"{k}")) for k in range(SHARDS)]
)
needs_proc = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads /proc")


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


@contextlib.contextmanager
def folder_of(case):
    """A folder with the files of a case; it is where its lines are run."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        for file, content in case.files.items():
            (folder / file).parent.mkdir(exist_ok=True)
            (folder / file).write_bytes(
                content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
            )
        os.chdir(folder)
        try:
            yield folder
        finally:
            os.chdir(here)


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


def read_back_faults(line, code, out):
    """What was written is read back equal."""
    faults = []
    if line[0] == "convert" and code == 0:
        written = [(Path("again.json"), out)] if "--json" in line else []
        for path, content in written:
            path.write_text(content, encoding="utf-8", errors="surrogatepass")
        files = [path for path, _ in written] + [
            path for path in (Path("out.graphml"), Path("out.json")) if path.is_file()
        ]
        texts = [run(["convert", str(path), "--json"]) for path in files]
        if any(one[:2] != (0, texts[0][1]) for one in texts) or (written and texts[0][1] != out):
            faults.append(f"convert does not read back what it wrote: {[one[2][-200:] for one in texts]}")
    if line[0] == "enumerate" and code == 0:
        for path in map(Path, ("out", "out.jsonl", "out.json")):
            if path.is_file():
                _, again, _ = run(["enumerate", "--resume", str(path), "--json", "--limit", "0"])
                if json.loads(again)["rewritten_from_line"] is not None:
                    faults.append("enumerate does not go on from what it wrote")
    if line[:2] == ["sweep", "run"] and code == 0 and Path("rows").is_dir():
        end, again, _ = run([*line[:3], "--out=rows", "--json"])
        if end != 0 or json.loads(again)["computed"] != 0:
            faults.append("a sweep does not find the rows it wrote")
    return faults


SAME = 1e-9
"""Relative difference of errors that are the same."""


def design_faults(line, code, out):
    """What the numbers of a design must say of each other, whatever the network."""
    if line[0] != "design" or code != 0 or "--json" not in line or "--help" in line:
        return []
    document = json.loads(out)
    # Infinite numbers are null.
    mse, ideal, quantum = (
        [math.inf if one[name] is None else one[name] for one in document["candidates"]]
        for name in ("mse", "ideal_mse", "quantum_mse")
    )
    named = [one["scheme"] for one in document["candidates"]]
    entangled = [one["modes_entangled"] > 0 for one in document["candidates"]]
    faults = []
    if len(set(named)) < len(named):
        faults.append(f"a scheme is there twice: {named}")
    if any(second < first * (1 - 2 * SAME) for first, second in itertools.pairwise(mse)):
        faults.append(f"candidates are not sorted by mse: {mse}")
    for name, error, without, least, one in zip(named, mse, ideal, quantum, document["candidates"], strict=True):
        if not error >= without * (1 - SAME) > 0:
            faults.append(f"{name}: mse {error} is below ideal_mse {without}")
        if not 0 < least <= error * (1 + SAME):
            faults.append(f"{name}: quantum_mse {least} is above mse {error}")
        if one["bound"] is not None and (error < math.inf) and not math.isclose(one["ratio"], error / one["bound"]):
            faults.append(f"{name}: ratio {one['ratio']} is not {error}/{one['bound']}")
        if one["bound"] is not None and not without >= one["bound"] * (1 - SAME):
            faults.append(f"{name}: ideal_mse {without} is below the bound {one['bound']}")
    if document["chosen"] != named[0]:
        faults.append(f"chosen is {document['chosen']}, and the first is {named[0]}")
    return faults + verdict_faults(document["verdict"], named, mse, entangled)


def verdict_faults(verdict, named, mse, entangled):
    """The verdict compares the two best, with entanglement between sites and without."""
    of_best = [named[entangled.index(kind)] if kind in entangled else None for kind in (True, False)]
    if [verdict["best_entangled"], verdict["compared_with"]] != of_best:
        return [
            f"the verdict compares {verdict['best_entangled']} with {verdict['compared_with']}, the best are {of_best}"
        ]
    if None in of_best:
        faulty = (verdict["entanglement_pays"], verdict["factor"]) != (None, None)
        return ["a verdict without two schemes"] if faulty else []
    if "beyond the engine" in verdict["because"]:
        # Schemes that are not ranked may be better.
        faulty = (verdict["entanglement_pays"], verdict["factor"]) != (None, None)
        return ["a verdict that leaves schemes out"] if faulty else []
    with_it, without = (mse[named.index(name)] for name in of_best)
    if with_it == math.inf:
        return []
    if without == math.inf:
        return ["an infinite factor that is not null"] if verdict["factor"] is not None else []
    factor = verdict["factor"]
    faults = []
    if not math.isclose(factor, without / with_it, rel_tol=SAME):
        faults.append(f"factor {factor} is not {without}/{with_it}")
    if verdict["entanglement_pays"] != (factor > 1 + SAME):
        faults.append(f"factor {factor} and entanglement_pays {verdict['entanglement_pays']}")
    return faults


def keep_the_rules(case, counts):
    """Run the lines of a case in this process."""
    with folder_of(case):
        for line in case.before:
            run(line)
        with bounded_memory():
            code, out, err = run(case.line)
        faults = broken_rules(case.line, code, out, err) or [
            *read_back_faults(case.line, code, out),
            *design_faults(case.line, code, out),
        ]
        if case.exits is not None:
            counts["sound"] += 1
            counts["sound, as expected"] += case.is_expected(code, err)
        counts[f"exit {code}"] += 1
    assert not faults, (case.line, faults, err)


@needs_proc
@shards
def test_no_command_line_breaks_a_rule(shard, counted):
    counts = fuzz("command lines", keep_the_rules, command_lines(), short=30, share=0.36)
    counted(counts)
    if IS_LONG:
        # Lines that are refused for their options try nothing behind them.
        assert counts["exit 0"] + counts["exit 1"] >= 0.5 * counts["cases"]
        assert counts["sound, as expected"] >= 0.97 * counts["sound"]


def keep_them_alone(case, counts):
    """Run the line of a case as a process of its own."""
    if any("\x00" in word or any("\ud800" <= letter <= "\udfff" for letter in word) for word in case.line):
        # The system passes no such words.
        return
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1", "COLUMNS": "40", "TERM": "dumb"}
    root = str(Path(__file__).parents[2])
    environment["PYTHONPATH"] = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    with folder_of(case):
        for line in case.before:
            run(line)
        command = [sys.executable, "-m", "protocols", *case.line]
        done = subprocess.run(command, capture_output=True, env=environment, timeout=1800)
    out, err = done.stdout.decode("latin-1"), done.stderr.decode("latin-1")
    faults = broken_rules(case.line, done.returncode, out, err)
    counts[f"exit {done.returncode}"] += 1
    assert not faults, (case.line, faults, err)


@shards
def test_processes_of_their_own_break_none_either(shard, counted):
    """What this process hides, as streams that take everything, shows here: stdout of latin-1, narrow terminals."""
    counted(fuzz("processes", keep_them_alone, command_lines(), short=2, share=0.03))


def keep_the_rules_at_the_rim(document, counts):
    """Whatever a laboratory may say is designed for, with errors that are consistent, or refused in words."""
    line = ["design", "file.json", "--json"]
    with folder_of(Case(line=line, files={"file.json": json.dumps(document)})), bounded_memory():
        code, out, err = run(line)
    faults = broken_rules(line, code, out, err) or design_faults(line, code, out)
    counts[f"exit {code}"] += 1
    assert not faults, (document, faults, err)
    assert code in (0, 2), (document, err)


@needs_proc
@pytest.mark.skipif(not IS_LONG, reason="make fuzz; tests/test_protocols/test_built_limits.py has what it found")
@shards
def test_designs_of_laboratories_at_the_rim_are_consistent(shard, counted):
    documents = sound_networks(laboratory=False).flatmap(lambda document: dressed(document, is_usual=False))
    counts = fuzz("laboratories at the rim", keep_the_rules_at_the_rim, documents, short=25, share=0.07)
    counted(counts)
    assert counts["exit 0"] >= 0.8 * counts["cases"]


READERS = (
    ["design", "file.json"],
    ["design", "file.json", "--checks", "--out=out"],
    ["loss", "file.json"],
    ["simulate", "file.json", "--shots=10", "--trials=2"],
    ["privacy", "file.json"],
    ["plot", "fisher", "file.json", "--out=out.svg"],
    ["mesh", "file.json", "--haar=1"],
    ["convert", "file.json"],
    ["hardware", "devices", "file.json"],
    ["hardware", "perceval", "file.json"],
    ["cite", "file.json"],
    ["sweep", "run", "spec.toml"],
)
"""A line of every command that reads a network."""


def refused_whole(case, counts):
    """Every fault of the laboratory of a file is named, whoever reads it, and nothing is made."""
    line, document, named = case
    if not named:
        return
    files = {"file.json": json.dumps(document), "spec.toml": 'network = "file.json"\ntask = "design"\n'}
    with folder_of(Case(line=line, files=files)) as folder:
        code, out, err = run([*line, "--json"])
        made = sorted(path.name for path in folder.iterdir())
    counts[line[0]] += 1
    missing = [name for name in named if name not in err]
    assert (code, out, missing, made) == (2, "", [], sorted(files)), (line, document, named, err)
    assert "Traceback" not in err


wrong_laboratories = st.tuples(st.sampled_from(READERS), sound_networks(most=2).flatmap(undone)).map(
    lambda pair: (pair[0], *pair[1])
)


@needs_proc
@shards
def test_wrong_laboratories_are_refused_by_every_command(shard, counted):
    counts = fuzz("wrong laboratories", refused_whole, wrong_laboratories, short=20, share=0.03)
    counted(counts)


@needs_proc
def test_sound_lines_of_every_command_are_answered():
    """A recipe of which the lines are refused tries nothing; each command has one."""
    assert set(RECIPES) == set(leaf_commands())
    ends = []

    def note_end(case, counts):
        with folder_of(case):
            for line in case.before:
                run(line)
            code, _, err = run(case.line)
            ends.append((code in case.exits, case.line, err))

    fuzz("sound lines", note_end, sound_lines(), short=20, share=0.0)
    refused = [end[1:] for end in ends if not end[0]]
    assert len(refused) <= 0.1 * len(ends), refused


def test_the_rules_see_what_breaks_them():
    assert broken_rules(["bounds", "--json"], 0, '{"a": NaN}', "") != []
    assert broken_rules(["bounds", "--json"], 0, '{"a": 1}\n{"b": 2}', "") != []
    assert broken_rules(["bounds", "--json"], 0, '{"a": 1}', "") == []
    assert broken_rules(["bounds"], 3, "", "") != []
    assert broken_rules(["bounds"], 2, "", "") != []
    assert broken_rules(["bounds"], 1, "", "Traceback (most recent call last):") != []
    assert broken_rules(["bounds"], None, "", "") != []
