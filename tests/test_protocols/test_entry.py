"""Where the command begins, and what it says before and around its work: interruptions, extras that are missing, warnings."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import protocols

ROOT = Path(protocols.__file__).parents[1]


def environment(*folders):
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (*folders, ROOT)))}


# --- Ctrl-C while modules are imported -------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent otherwise")
@pytest.mark.parametrize("module", ["typer", "numpy"])
def test_an_interruption_while_modules_are_imported(tmp_path, module):
    # typer is imported before the commands are known, numpy by the command: an import that never ends stands for a slow one.
    (tmp_path / f"{module}.py").write_text("import time\nprint('importing', flush=True)\ntime.sleep(600)\n")
    line = [sys.executable, "-m", "protocols", "design", ROOT / "examples" / "five_phases.json"]
    with subprocess.Popen(
        line,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        assert process.stdout.readline() == "importing\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    assert (process.returncode, out, err) == (130, "", "psn: interrupted\n")


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent otherwise")
def test_an_interruption_that_a_shell_has_ignored_stays_so(tmp_path):
    (tmp_path / "typer.py").write_text(
        "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nprint('goes on')\nos._exit(0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "protocols", "--version"],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
        timeout=120,
        check=True,
    )
    assert done.stderr == ""


def test_the_installed_command_begins_there():
    import tomllib

    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert scripts == {"psn": "protocols.cli.entry:main"}
    # Nothing may be imported at its top that takes time.
    imports = [
        line
        for line in (ROOT / "protocols/cli/entry.py").read_text().splitlines()
        if line.startswith(("import", "from"))
    ]
    assert imports == ["import os", "import signal"]
