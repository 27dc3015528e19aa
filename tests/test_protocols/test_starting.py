"""Starting points: templates make sound networks that can be edited, examples are whole wherever they are copied to."""

import json
import re
import shlex
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

import protocols
from networks import InputError, LinearFunction, load_network
from protocols import (
    TEMPLATES,
    copy_example,
    example_network,
    shipped_examples,
    template_network,
    template_text,
)
from protocols.starting import examples as examples_module

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
COUNTED = [name for name, template in TEMPLATES.items() if "sensors" in template.options]

# --- templates -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_file_of_a_template_is_the_network_and_designs_at_once(name, psn, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = psn("new", name)
    assert (code, err) == (0, "")
    file, following = re.fullmatch(r".*\nwrote (.*)\nnext: psn (.*)\n", out, re.DOTALL).groups()
    assert file == f"{name}.json"
    assert load_network(file) == template_network(name)
    assert Path(file).read_text() == template_text(name)
    # The next command is one that runs, and nothing of the file is left unused.
    code, out, err = psn(*shlex.split(following), "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert document["candidates"][0]["mse"] > 0


def test_nothing_is_written_over(psn, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("rf-array.json").write_text("mine")
    for arguments in (["rf-array"], ["rf-array", "rf-array.json", "--json"]):
        code, out, err = psn("new", *arguments)
        assert (code, out) == (2, "")
        assert "'rf-array.json' exists already" in err
    assert Path("rf-array.json").read_text() == "mine"


def test_two_at_once_and_links_that_lead_nowhere(psn, tmp_path, monkeypatch):
    """What appears after the name was looked at is not written over either, nor a link, and an empty name is none."""
    monkeypatch.chdir(tmp_path)
    Path("link.json").symlink_to("nowhere.json")
    code, out, err = psn("new", "rf-array", "link.json")
    assert (code, out, err) == (2, "", "psn: 'link.json' exists already; remove it or name another file\n")
    code, out, err = psn("new", "rf-array", "")
    assert (code, out) == (2, "")
    assert "the file must end in .json" in err

    def slow(template, **options):
        Path("late.json").write_text("theirs")
        return template_text(template, **options)

    monkeypatch.setattr("protocols.starting.templates.template_text", slow)
    code, out, err = psn("new", "rf-array", "late.json")
    assert (code, out, err) == (2, "", "psn: 'late.json' exists already; remove it or name another file\n")
    assert Path("late.json").read_text() == "theirs"
    assert {path.name for path in tmp_path.iterdir()} == {"late.json", "link.json"}


def test_all_faults_of_a_new_file_at_once(psn, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = psn("new", "rf-array", "nowhere/x.json", "--sensors", 0, "--rows", 2, "--squeezing-db", -1)
    assert (code, out) == (2, "")
    assert "4 faults" in err
    for said in ("no folder 'nowhere'", "does not take rows", "sensors must be", "squeezing_db must be"):
        assert said in err
    code, _, err = psn("new", "rf-aray")
    assert code == 2
    assert "there is no template 'rf-aray'; there are fibre-star," in err
    code, _, err = psn("new", "--sensors", 3)
    assert code == 2
    assert "--sensors: name the template first" in err
    code, _, err = psn("new", "rf-array", "a.txt", "--alpha", "1,x")
    assert code == 2
    assert "must end in .json" in err
    assert "--alpha" in err
    assert list(tmp_path.iterdir()) == []


def test_templates_are_listed_with_their_options(psn):
    code, out, err = psn("new", "--json")
    assert (code, err) == (0, "")
    listed = {one["name"]: one["options"] for one in json.loads(out)["templates"]}
    assert list(listed) == list(TEMPLATES)
    assert listed["rf-array"]["detector_efficiency"] == 0.8
    code, out, _ = psn("new")
    assert [line.split()[0] for line in out.splitlines()[:-1]] == list(TEMPLATES)


@given(name=st.sampled_from(COUNTED), count=st.integers(2, 12), step=st.fractions(-3, 3), start=st.fractions(-3, 3))
def test_functions_by_name_measure_what_they_say(name, count, step, start):
    # Values on a line: their average is that of the ends, their slope is the step, their sum count times the average.
    values = [start + step * k for k in range(count)]
    results = {}
    for function in ("average", "gradient", "sum"):
        alpha = template_network(name, sensors=count, function=function).function.alpha
        results[function] = sum(a * v for a, v in zip(alpha, values, strict=True))
    average = (values[0] + values[-1]) / 2
    assert results == {"average": average, "gradient": step, "sum": count * average}


@given(rows=st.integers(1, 4), columns=st.integers(2, 4))
def test_a_grid_averages_its_rows(rows, columns):
    network = template_network("grid-chip", rows=rows, columns=columns)
    assert len(network.sensors) == rows * columns
    assert len(network.links) == rows * (columns - 1) + (rows - 1) * columns
    slope = sum(mode.alpha * dict(mode.extra)["x"] for mode in network.sensors)
    assert slope == 1
    assert sum(mode.alpha for mode in network.sensors) == 0
    average = template_network("grid-chip", rows=rows, columns=columns, function="average").function
    assert set(average.alpha) == {Fraction(1, rows * columns)}


def test_coefficients_of_ones_own():
    network = template_network("interferometer-chain", alpha=[1, -2, "sqrt(2)"])
    assert network.function == LinearFunction([1, -2, "sqrt(2)"])
    assert [mode.id for mode in network.references] == ["ref"]
    # A reference stands there only where one is needed.
    assert template_network("interferometer-chain", alpha=[1, -1]).references == ()
    with pytest.raises(InputError, match="give one of them"):
        template_network("interferometer-chain", alpha=[1, -1], function="sum")
    with pytest.raises(InputError, match="alpha has 2 coefficients for sensors = 3"):
        template_network("rf-array", alpha=[1, -1], sensors=3)


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_option_of_a_template_changes_its_file(name):
    other = {
        "sensing": "displacement", "sensors": 5, "function": "sum", "alpha": [1, 2], "mean_photons": 7.5, "photons": 4,
        "passes": 2, "squeezers": 2, "squeezing_db": 3.5, "distance_km": 3.25, "loss_db_per_km": 0.35, "link_loss_db": 0.45,
        "detector_efficiency": 0.55, "transmissivity": 0.65, "rows": 2, "columns": 4,
    }  # fmt: skip
    usual = template_text(name)
    for option, default in TEMPLATES[name].options.items():
        assert other[option] != default
        assert template_text(name, **{option: other[option]}) != usual, option
        assert template_text(name, **{option: default}) == usual, option


def test_the_help_names_every_template_and_option(psn):
    code, out, _ = psn("new", "--help")
    text = " ".join(out.replace("│", " ").split())
    assert code == 0
    for name, template in TEMPLATES.items():
        assert name.lower() in text.lower()
        for option in template.options:
            assert f"--{option.replace('_', '-')} " in text


# --- examples ------------------------------------------------------------------------------------------------


def test_every_shipped_script_is_listed_with_what_it_reads():
    shown = {example.name: example for example in shipped_examples()}
    assert sorted(shown) == sorted(path.stem for path in EXAMPLES.glob("*.py"))
    others = {path.name for path in EXAMPLES.iterdir() if path.suffix in (".json", ".graphml", ".toml", ".csv")}
    for example in shown.values():
        texts = [(EXAMPLES / file).read_text() for file in example.files if file.endswith((".py", ".toml"))]
        # Code and grids alone: what a comment or a sentence names is not read.
        read = {file for text in texts for file in re.findall(r'"([\w]+\.(?:json|graphml|toml|csv))"', text)} & others
        assert read <= set(example.files), example.name
        assert all((EXAMPLES / file).is_file() for file in example.files)
        assert len(example.line) < 200
    # No file is shipped that no example has.
    assert others <= {file for example in shown.values() for file in example.files}


def test_examples_are_listed_one_line_each(psn):
    code, out, err = psn("examples")
    assert (code, err) == (0, "")
    assert out == psn("examples", "list")[1]
    assert [line.split()[0] for line in out.splitlines()[:-1]] == [example.name for example in shipped_examples()]
    code, out, _ = psn("examples", "--json")
    first = json.loads(out)["examples"][0]
    assert first["files"] == ["gradient_pair.py", "gradient_pair.json"]
    assert out == psn("examples", "list", "--json")[1]


def test_a_copied_example_runs_where_it_is(psn, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = psn("examples", "copy", "private_gradient", "my lab/deep")
    assert (code, err) == (0, "")
    assert sorted(path.name for path in Path("my lab/deep").iterdir()) == ["gradient_pair.json", "private_gradient.py"]
    for name in ("gradient_pair.json", "private_gradient.py"):
        assert (Path("my lab/deep") / name).read_bytes() == (EXAMPLES / name).read_bytes()
    commands = [shlex.split(line.removeprefix("next: ")) for line in out.splitlines() if line.startswith("next: ")]
    assert [command[0] for command in commands] == ["psn", "python"]
    assert psn(*commands[0][1:], "--json")[0] == 0
    run = subprocess.run([sys.executable, *commands[1][1:]], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")


def test_copies_are_whole_or_not_at_all(tmp_path, monkeypatch):
    (tmp_path / "gradient_pair.json").write_text("mine")
    with pytest.raises(InputError, match=r"gradient_pair.json' exists already; remove it or name another folder"):
        copy_example("loss_sweep", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["gradient_pair.json"]
    with pytest.raises(InputError, match="is no folder"):
        copy_example("loss_sweep", tmp_path / "gradient_pair.json")

    def full(path, content):
        if path.suffix == ".toml":
            raise OSError(28, "No space left on device", str(path))
        path.write_bytes(content)

    monkeypatch.setattr(examples_module, "write_new", full)
    with pytest.raises(OSError, match="No space"):
        copy_example("loss_sweep", tmp_path / "new")
    assert list((tmp_path / "new").iterdir()) == []


def test_copies_of_two_processes_at_once(tmp_path, monkeypatch):
    """The files of one of them are left, whole; the other leaves none of its own and says why."""
    source = examples_module.example_folder()

    def slow():
        (tmp_path / "gradient_pair.json").write_text("theirs")
        return source

    shipped_examples()
    monkeypatch.setattr(examples_module, "example_folder", slow)
    with pytest.raises(InputError, match=r"gradient_pair.json' exists already; remove it or name another folder"):
        copy_example("gradient_pair", tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"gradient_pair.json": "theirs"}


def test_an_example_named_by_its_file_has_its_name(psn, tmp_path):
    code, out, _ = psn("examples", "copy", "gradient_pair.json", tmp_path, "--json")
    assert (code, json.loads(out)["example"]) == (0, "gradient_pair")


def test_all_examples_can_be_copied(psn, tmp_path):
    code, out, _ = psn("examples", "copy", "all", tmp_path / "all", "--json")
    assert code == 0
    files = {Path(file).name for file in json.loads(out)["files"]}
    assert files == {path.name for path in EXAMPLES.iterdir() if path.is_file()} - {"README.md"}


def test_an_unknown_example_names_the_one_that_may_be_meant(psn):
    code, out, err = psn("examples", "copy", "field_averge")
    assert (code, out) == (2, "")
    assert "did you mean field_average?" in err
    with pytest.raises(InputError, match="there are gradient_pair, five_phases"):
        example_network("qqqq")


@pytest.mark.parametrize("name", [example.name for example in shipped_examples()])
def test_networks_of_examples_by_name(name):
    network = example_network(name)
    files = next(example.files for example in shipped_examples() if example.name == name)
    assert network == load_network(EXAMPLES / next(file for file in files if file.endswith(".json")))
    assert example_network(files[0]) == network


def test_the_wheel_has_its_own_folder_of_examples(tmp_path, monkeypatch):
    # As after an installation: the folder inside the package comes first.
    inside = tmp_path / examples_module.IN_THE_WHEEL
    inside.mkdir()
    (inside / "README.md").write_text("| `one.py` | `.json` | one alone |\n")
    monkeypatch.setattr(examples_module.importlib.resources, "files", lambda package: tmp_path)
    for function in (examples_module.example_folder, examples_module._listed):
        function.cache_clear()
    try:
        assert [example.files for example in shipped_examples()] == [("one.py", "one.json")]
        (inside / "README.md").unlink()
        for function in (examples_module.example_folder, examples_module._listed):
            function.cache_clear()
        assert examples_module.example_folder() == EXAMPLES
        monkeypatch.setattr(examples_module, "__file__", str(tmp_path / "a" / "b" / "c.py"))
        examples_module.example_folder.cache_clear()
        with pytest.raises(InputError, match="the examples are missing"):
            examples_module.example_folder()
    finally:
        for function in (examples_module.example_folder, examples_module._listed):
            function.cache_clear()


def test_the_page_shows_what_the_commands_print(psn, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "how-to" / "starting-points.md").read_text()
    blocks = re.findall(r"```console\n\$ psn (.*?)\n(.*?)```", page, re.DOTALL)
    assert len(blocks) == 4
    for command, shown in blocks:
        code, out, err = psn(*shlex.split(command))
        assert (code, err) == (0, "")
        beginning = shown.removesuffix("...\n")
        assert out.startswith(beginning)
        assert (out == shown) != shown.endswith("...\n")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    exec(compile(example, "starting-points.md", "exec"), {})
    assert capsys.readouterr().out.split() == re.findall(r"# (.*)", example)


def test_names_load_lazily():
    script = (
        "import sys, protocols\nprotocols.TEMPLATES\nprotocols.shipped_examples()\n"
        "print({'numpy', 'scipy', 'matplotlib'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
    assert {"TEMPLATES", "example_network", "cite"} <= set(protocols.__all__)
