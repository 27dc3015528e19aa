"""The help, the words and the completion of psn: every command asks a question, and its example runs."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from protocols.cli import options
from protocols.cli.app import app

ROOT = Path(__file__).parents[2]
HEAVY = {"strawberryfields", "thewalrus", "numba", "matplotlib", "scipy", "numpy", "networkx", "pandas", "sympy"}


def leaves(command=None, words=()):
    """Every command that is no group, by its words."""
    command = command or typer.main.get_command(app)
    commands = getattr(command, "commands", None)
    if commands is None:
        return {words: command}
    return {key: leaf for word in commands for key, leaf in leaves(commands[word], (*words, word)).items()}


LEAVES = leaves()
ids = [" ".join(words) for words in LEAVES]


def example_of(command):
    start, _, example = command.epilog.partition("Example: psn ")
    assert not start
    return shlex.split(example)


@pytest.mark.parametrize("words", LEAVES, ids=ids)
def test_help_asks_a_question_in_full_sentences_and_gives_an_example(words):
    command = LEAVES[words]
    question, *rest = command.help.split("\n\n")
    assert question.endswith("?")
    assert all(paragraph.endswith(".") for paragraph in rest)
    assert all("\n" not in paragraph for paragraph in (question, *rest))
    assert tuple(example_of(command)[: len(words)]) == words
    for parameter in command.params:
        if not parameter.hidden:
            assert parameter.help.rstrip("]").endswith("."), parameter.name
            assert parameter.help[0].isupper() or parameter.help[0] in "'.", parameter.name


def test_help_lists_every_module_of_a_command(psn):
    packages = {ROOT / "protocols" / "cli": (), ROOT / "protocols/cli/hardware": ("hardware",)}
    for folder, words in packages.items():
        named = {key[len(words)] for key in LEAVES if key[: len(words)] == words}
        code, shown, err = psn(*words, "--help")
        assert (code, err) == (0, "")
        assert all(f" {word} " in shown for word in named)
        with_app = {path.stem for path in folder.glob("*.py") if "\napp = " in path.read_text()} - {"app", "__init__"}
        assert with_app <= named


def test_help_of_no_command_imports_anything_heavy():
    script = (
        "import sys\nfrom test_cli_help import LEAVES\nimport typer\n"
        "for words, command in LEAVES.items():\n"
        "    context = typer.Context(command, info_name=words[-1])\n    command.get_help(context)\n"
        "print(sorted(m for m in sys.modules if '.' not in m), file=sys.stderr)"
    )
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", str(ROOT))])
    run = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert not set(eval(run.stderr.strip().splitlines()[-1])) & HEAVY


# --- examples ------------------------------------------------------------------------------------------------

RUN_ELSEWHERE = {
    *(
        ("hardware", word) for word in ("submit", "status", "result", "cancel", "emulate")
    ),  # with an emulator in test_cloud
    ("explore",),  # in tests/browser
    *(("hardware", word) for word in ("compile", "sample", "estimate")),  # slow, in test_hardware
}
"""Of these only the options are read here."""


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """A folder with the shipped examples, and what the examples of the help ask for besides."""
    folder = tmp_path_factory.mktemp("workplace")
    (folder / "examples").mkdir()
    for path in (ROOT / "examples").iterdir():
        (folder / "examples" / path.name).symlink_to(path)
    # The script beside it runs the whole sweep; here a few trials of every point do.
    sweep = folder / "examples" / "loss_sweep.toml"
    spec = sweep.read_text()
    assert "trials = 500\n" in spec
    sweep.unlink()
    sweep.write_text(spec.replace("trials = 500\n", "trials = 20\n"))
    protocol = {"alpha": [1, 1], "photons": 2, "passes": 1, "columns": [[1, 1]], "repeats": [1]}
    (folder / "protocol.json").write_text(json.dumps(protocol))
    return folder


@pytest.mark.parametrize("words", [w for w in LEAVES if w not in RUN_ELSEWHERE], ids=" ".join)
def test_example_of_the_help_runs(psn, workplace, monkeypatch, words):
    monkeypatch.chdir(workplace)
    arguments = example_of(LEAVES[words])
    if words == ("sweep", "report") and not (workplace / "rows").exists():
        # By itself, or in another process than the example that makes them.
        assert psn(*example_of(LEAVES["sweep", "run"]))[0] == 0
    code, out, err = psn(*arguments)
    assert (code, err) == (0, "")
    assert out
    if "--out" in arguments:
        assert (workplace / arguments[arguments.index("--out") + 1]).exists()


@pytest.mark.parametrize("words", sorted(RUN_ELSEWHERE), ids=" ".join)
def test_example_that_runs_elsewhere_has_options_that_exist(words):
    command = LEAVES[words]
    context = command.make_context(words[-1], example_of(command)[len(words) :])
    assert context.args == []


# --- sweep run, sweep report and the short form --------------------------------------------------------------

SPEC = 'network = "net.json"\ntrials = 100\n[axes]\nmean_photons = [1.0, 2.0]\n'


@pytest.fixture
def spec(tmp_path):
    from networks import SensorNetwork, save_network

    save_network(SensorNetwork.star([1, -1], sensing="displacement", mean_photons=1.0), tmp_path / "net.json")
    path = tmp_path / "spec.toml"
    path.write_text(SPEC)
    return path


def test_sweep_run_and_its_short_form_are_one_command(psn, spec, tmp_path):
    code, out, err = psn("sweep", "run", spec, "--json")
    assert (code, err) == (0, "")
    first = json.loads(out)
    assert (first["computed"], first["folder"]) == (8, str(tmp_path / "spec"))
    for arguments in (["sweep", spec, "--json"], ["sweep", "--json", spec], ["sweep", "--timeout", 9, spec, "--json"]):
        code, out, err = psn(*arguments)
        assert (code, err) == (0, "")
        again = json.loads(out)
        assert (again["kept"], again["computed"], again["folder"]) == (8, 0, first["folder"])
    code, out, _ = psn("sweep", "report", tmp_path / "spec", "--json")
    assert (code, len(json.loads(out)["rows"])) == (0, 8)


def test_sweep_run_and_report_name_all_faults_with_the_options_of_the_other(psn, tmp_path):
    code, out, err = psn("sweep", "run", tmp_path / "none.toml", tmp_path, "--axis", "shots", "--workers", 0)
    assert (code, out) == (2, "")
    assert "4 faults" in err
    assert "--axis belongs to psn sweep report" in err
    code, out, err = psn("sweep", "report", tmp_path, "--retry-failed", "--timeout", 3)
    assert (code, out) == (2, "")
    assert "--retry-failed, --timeout: for running a sweep, not for its report" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sweep"], "Missing command"),
        (["sweep", "run"], "Missing argument"),
        (["sweep", "--wrong", "spec.toml"], "No such option: --wrong"),
        (["hardware", "devicez"], "No such command 'devicez'. Did you mean 'devices'"),
        (["simulate"], "Missing argument"),
        (["plot", "fisher", "net.json"], "Missing option '--out'"),
        (["simulate", "net.json", "--engine", "qiskit"], "'qiskit' is not one of 'native', 'strawberryfields'"),
        (["simulate", "net.json", "--stages", "foo"], "psn: Invalid value for '--stages': 'foo' is not one of"),
        (["mesh", "net.json", "--method", "foo"], "psn: Invalid value for '--method': 'foo' is not one of"),
        (["bounds", "--alpha", "1", "--format", "foo"], "psn: Invalid value for '--format': 'foo' is not one of"),
        (["sweep", "runn"], "No such command 'runn'. Did you mean 'run'?"),
        (["sweep", "reprot", "rows"], "No such command 'reprot'. Did you mean 'report'?"),
    ],
)
def test_wrong_words_are_one_message_and_exit_code_2(psn, arguments, message):
    code, out, err = psn(*arguments)
    assert (code, out) == (2, "")
    assert message in " ".join(err.replace("│", " ").split())
    assert err.splitlines()[0].startswith("psn: ")
    assert re.fullmatch(r"psn( \w+)* --help says what it takes", err.splitlines()[1])
    assert len(err.splitlines()) == 2


# --- version -------------------------------------------------------------------------------------------------


def test_version_is_that_of_the_package(psn):
    from importlib.metadata import version

    assert psn("--version") == (0, f"psn {version('photonic-sensor-networks')}\n", "")


def test_version_of_files_that_were_not_installed(psn, monkeypatch):
    import importlib.metadata

    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    code, out, err = psn("--version")
    assert (code, err) == (0, "")
    assert "version unknown" in out


# --- completion ----------------------------------------------------------------------------------------------


@pytest.fixture
def complete(psn, monkeypatch):
    """What bash is offered for the last of these words."""

    def offered(*words):
        monkeypatch.setenv("_PSN_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", " ".join(["psn", *words]))
        monkeypatch.setenv("COMP_CWORD", str(len(words)))
        code, out, err = psn()
        assert (code, err) == (0, "")
        return out.split()

    return offered


def test_completion_of_words_and_of_choices(complete):
    from protocols.estimation import ESTIMATORS
    from protocols.hardware.devices import DEVICES
    from protocols.schemes import SCHEMES

    assert complete("s") == ["simulate", "sweep"]
    assert complete("hardware", "sa") == ["sample"]
    assert complete("sweep", "r") == ["run", "report"]
    assert complete("bounds", "--format", "") == ["table", "markdown", "latex", "csv", "json"]
    assert complete("design", "--engine", "s") == ["strawberryfields"]
    assert complete("hardware", "compile", "--device", "") == list(DEVICES)
    assert complete("simulate", "--scheme", "") == list(dict.fromkeys(scheme.name for scheme in SCHEMES))
    assert complete("privacy", "--scheme", "sep") == ["separable-phase", "separable-squeezed"]
    assert complete("simulate", "--estimator", "") == [estimator.name for estimator in ESTIMATORS]
    # Behind the spec of the short form come the options of run.
    assert complete("sweep", "spec.toml", "--wo") == ["--workers"]


def test_completion_of_files(complete, tmp_path, monkeypatch):
    for name in ("b.json", "a.graphml", "notes.txt", "grid.toml", ".hidden.json", "nets/c.json", "nets/d.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    assert complete("design", "") == ["a.graphml", "b.json", "nets/c.json"]
    assert complete("design", "nets/") == ["nets/c.json"]
    assert complete("design", "n") == ["nets/c.json"]
    assert complete("design", "nowhere/") == []
    assert complete("sweep", "run", "") == ["grid.toml"]
    assert complete("enumerate", "--connected", "b") == ["b.json"]
    monkeypatch.setattr(options, "MAX_OFFERED", 2)
    assert complete("design", "") == ["a.graphml", "b.json"]


def test_completion_in_a_process_of_its_own_prints_nothing_else():
    environment = {
        **os.environ,
        "_PSN_COMPLETE": "complete_bash",
        "COMP_WORDS": "psn simulate --sch",
        "COMP_CWORD": "2",
    }
    run = subprocess.run([sys.executable, "-m", "protocols"], capture_output=True, text=True, env=environment)
    assert (run.returncode, run.stdout.split(), run.stderr) == (0, ["--scheme"], "")


@pytest.mark.parametrize(
    ("shell", "sign"), [("bash", "complete -o default"), ("zsh", "#compdef psn"), ("fish", "complete --command psn")]
)
def test_completion_is_shown_and_installed(psn, monkeypatch, tmp_path, shell, sign):
    # Which shell runs the tests is not known; this lets its name be given.
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    monkeypatch.setenv("HOME", str(tmp_path))
    code, out, err = psn("--show-completion", shell)
    assert (code, err) == (0, "")
    assert sign in out
    assert f"_PSN_COMPLETE=complete_{shell}" in out
    code, out, err = psn("--install-completion", shell)
    assert (code, err) == (0, "")
    assert "completion installed" in out
    assert any(sign in path.read_text() for path in tmp_path.rglob("*") if path.is_file())
