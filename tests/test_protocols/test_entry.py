"""Where the command begins, and what it says before and around its work: interruptions, extras that are missing, warnings."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import protocols
from networks import SensorNetwork, save_network

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
    assert imports == [f"import {name}" for name in ("atexit", "os", "signal", "sys")]


# --- packages that are missing --------------------------------------------------------------------------------------------------

NETWORK = ROOT / "examples" / "gradient_pair.json"
EXTRA = "pip install 'photonic-sensor-networks[{}]'"
CLOUD = ["--host", "127.0.0.1", "--port", "9", "--no-tls", "--token-file", "token", "--jobs", "."]
SUBMIT = ["hardware", "submit", NETWORK, "--device", "X8", "--shots", "10", *CLOUD]
SWEEP = ["sweep", "run", "sweep.toml", "--out", "rows"]
SF = ["--engine", "strawberryfields"]
NEEDS = [
    *[(package, SWEEP, "sweep") for package in ("distributed", "pyarrow", "pandas", "filelock", "threadpoolctl")],
    *[(package, ["sweep", "report", "done"], "sweep") for package in ("pyarrow", "pandas")],
    ("filelock", SUBMIT, "hardware"),
    ("tornado", ["hardware", "emulate"], "hardware"),
    *[
        (package, ["explore", NETWORK, "--no-browser"], "explore")
        for package in ("dash", "dash_cytoscape", "diskcache", "multiprocess")
    ],
    ("perceval", ["hardware", "perceval", NETWORK], "perceval"),
    ("perceval", ["hardware", "perceval", NETWORK, "--scheme", "noon"], "perceval"),
    ("perceval", ["mesh", NETWORK, "--haar", "1", "--out", "m.pcvl"], "perceval"),
    *[("strawberryfields", [word, NETWORK, *SF], None) for word in ("design", "simulate", "privacy")],
    ("strawberryfields", ["hardware", "compile", NETWORK, "--device", "X8"], None),
    ("thewalrus", ["design", NETWORK, *SF], None),
    ("xcc", SUBMIT, None),
    ("matplotlib", ["plot", "fisher", NETWORK, "--out", "f.svg"], None),
    ("matplotlib", ["design", NETWORK, "--out", "folder"], None),
    ("matplotlib", ["privacy", NETWORK, "--out", "f.svg"], None),
    ("matplotlib", ["duality", "--w", "1,1", "--v", "1,-1", "--out", "f.svg"], None),
    ("matplotlib", ["mesh", NETWORK, "--haar", "1", "--out", "m.svg"], None),
    ("networkx", ["design", NETWORK], None),
    ("numpy", ["design", NETWORK], None),
    ("rich", ["bounds", "--alpha", "1,1"], None),
    ("typer", ["bounds", "--alpha", "1,1"], None),
]


def run_without(packages, lines, folder, *flags):
    """psn where these packages are not installed, line by line: the process, and the exit codes on its last line."""
    # Python takes None among the modules for what is not there; what a line could not import, the next one tries again.
    code = (
        f"import json, sys\nfor name in {packages!r}: sys.modules[name] = None\nfrom protocols.cli.entry import main\n"
        "codes = []\n"
        "for line in json.loads(sys.argv.pop()):\n"
        "    sys.argv[1:] = line\n"
        "    try:\n        main()\n        codes.append(0)\n"
        "    except SystemExit as stop:\n        codes.append(stop.code or 0)\n"
        "print(codes)\n"
    )
    done = subprocess.run(
        [sys.executable, *flags, "-c", code, json.dumps([list(map(str, line)) for line in lines])],
        env=environment(),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    # The process itself ends with the code of its first line, or with 0.
    *out, codes = done.stdout.splitlines() or pytest.fail(done.stderr)
    return json.loads(codes), "\n".join(out), done.stderr


@pytest.mark.parametrize("package", dict.fromkeys(package for package, _, _ in NEEDS))
def test_a_missing_package_is_named_with_what_brings_it(tmp_path, package):
    (tmp_path / "token").write_text("x")
    (tmp_path / "sweep.toml").write_text(
        f'network = "{NETWORK}"\ntrials = 5\n[axes]\nshots = [10]\nscheme = ["noon"]\n'
    )
    needs = [(line, extra) for name, line, extra in NEEDS if name == package]
    codes, out, err = run_without([package], [line for line, _ in needs], tmp_path)
    assert (codes, out) == ([2] * len(needs), ""), err
    for sentence, (_, extra) in zip(err.splitlines(), needs, strict=True):
        assert sentence.startswith("psn: ")
        assert {"strawberryfields": "Strawberry Fields", "perceval": "Perceval"}.get(package, package) in sentence
        assert (EXTRA.format(extra) if extra else "photonic-sensor-networks") in sentence
    # Nothing was begun.
    assert {path.name for path in tmp_path.iterdir()} <= {"token", "sweep.toml", ".lock"}


BROUGHT_BY = {
    "distributed": "dask",
    "diskcache": "dash",
    "multiprocess": "dash",
    "dash_cytoscape": "dash-cytoscape",
}
"""Packages that are modules of another name, or come with another."""


def test_the_extras_are_those_of_the_project():
    import tomllib

    from protocols.cli.app import EXTRAS

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    brings = {
        extra: {name for name in EXTRAS if any(line.startswith(BROUGHT_BY.get(name, name)) for line in lines)}
        for extra, lines in project["optional-dependencies"].items()
    }
    assert all(name in brings[extra] for name, extra in EXTRAS.items())
    # What only an extra brings is known as such.
    optional = {
        line.split(">")[0].split("[")[0]
        for extra in ("explore", "pandas", "perceval", "hardware", "sweep")
        for line in project["optional-dependencies"][extra]
    }
    assert optional - {"perceval-quandela"} == {BROUGHT_BY.get(name, name) for name in EXTRAS} - {"perceval"}


EXTRAS_ALONE = [
    "dash", "dash_cytoscape", "dask", "diskcache", "distributed", "filelock", "multiprocess", "pandas", "perceval", "pyarrow",
    "threadpoolctl", "tornado",
]  # fmt: skip


def test_commands_that_need_no_extra_run_without_any(tmp_path):
    lines = [
        ["design", NETWORK],
        ["bounds", "--alpha", "1,-1", "--photons", 2],
        ["enumerate", "--alpha", "1,-1", "--photons", 2, "--passes", 1],
        ["loss", NETWORK],
        ["simulate", NETWORK, "--shots", 20, "--trials", 10],
        ["privacy", NETWORK],
        ["hardware", "devices", NETWORK],
    ]
    codes, _, err = run_without(EXTRAS_ALONE, [[*line, "--json"] for line in lines], tmp_path)
    assert (codes, err) == ([0] * len(lines), "")


@pytest.mark.parametrize(
    ("package", "call", "extra"),
    [
        ("perceval", "photonics.adapters.perceval.import_perceval()", "perceval"),
        ("qutip", "photonics.adapters.qutip.import_qutip()", "qutip"),
        ("pandas", "protocols.bounds_table([1, 1]).to_pandas()", "pandas"),
        ("pandas", "protocols.load_results('rows')", "sweep"),
        ("pyarrow", "protocols.sweep_report('rows')", "sweep"),
        ("distributed", "protocols.run_sweep(protocols.read_spec('network = \"x\"'), 'rows')", "sweep"),
    ],
)
def test_functions_name_the_extra(tmp_path, package, call, extra):
    adapters = "photonics.adapters.perceval, photonics.adapters.qutip"
    code = f"import sys; sys.modules[{package!r}] = None\nimport {adapters}, protocols\n{call}"
    code = code.replace("'network = \"x\"'", repr(f'network = "{NETWORK}"'))
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 1
    assert EXTRA.format(extra) in done.stderr.splitlines()[-1]


# --- warnings of packages below --------------------------------------------------------------------------------------------------


def test_no_warning_reaches_the_user(tmp_path):
    lossy = SensorNetwork.star([2, -1], sensing="phase", photons=2, transmissivity=[0.9, 0.8])
    save_network(lossy, tmp_path / "lossy.json")
    save_network(SensorNetwork.star([1, 1, -1], sensing="phase", photons=3), tmp_path / "lossless.json")
    lines = [
        ["design", "lossy.json", *SF],
        ["design", "lossless.json", *SF],
        ["privacy", NETWORK, *SF],
        ["simulate", NETWORK, *SF, "--scheme", "noon", "--shots", 20, "--trials", 10],
        ["hardware", "compile", NETWORK, "--device", "X8"],
        ["hardware", "sample", NETWORK, "--device", "X8", "--shots", 100],
        ["loss", ROOT / "examples" / "guo_four_nodes.json"],
    ]
    # Every kind of warning is shown once in a place, which is more than Python shows by default.
    codes, _, err = run_without([], [[*line, "--json"] for line in lines], tmp_path, "-W", "default")
    assert (codes, err) == ([0] * len(lines), "")


@pytest.mark.parametrize(("command", "code"), [("--version", 0), ("design nothing.json", 2)])
def test_arrow_is_not_taken_apart_and_the_exit_code_and_all_output_stay(tmp_path, command, code):
    """What a module does when the interpreter ends stands for Arrow's threads; what others do at the end still happens."""
    (tmp_path / "pyarrow.py").write_text("")
    (tmp_path / "ends.py").write_text(
        "import atexit, os, sys, pyarrow\n"
        "from protocols.cli.entry import main\n"
        "class Aborts:\n"
        "    def __del__(self): os._exit(134)\n"
        "kept = sys.modules['kept'] = Aborts()\n"
        "sys.argv = ['psn', *sys.argv[1:]]\n"
        "sys.stdout.write('x' * 100_000 + chr(10))\n"
        "try:\n"
        "    main()\n"
        "finally:\n"
        "    atexit.register(print, 'the rest')\n"
    )
    line = [sys.executable, tmp_path / "ends.py", *command.split()]
    done = subprocess.run(line, env=environment(tmp_path), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stderr
    assert done.stdout.startswith("x" * 100_000)
    assert done.stdout.endswith("the rest\n")
    assert bool(done.stderr) == bool(code)
