"""What is written for other ways of installing says what pyproject.toml says. make package tries wheel and source archive."""

import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
DOCKERFILE = (ROOT / ".ci" / "packaging" / "Dockerfile").read_text()
RECIPE = ROOT / ".ci" / "packaging" / "conda" / "meta.yaml"
IN_CONDA = {"matplotlib": "matplotlib-base"}


def recipe():
    text = RECIPE.read_text()
    text = re.sub(r"^{%.*%}$", "", text, flags=re.MULTILINE)
    return yaml.safe_load(text.replace("{{ version }}", "VERSION").replace("{{ PYTHON }}", "PYTHON"))


def parts(requirement):
    name, said = re.fullmatch(r"([\w-]+) ?(.*)", requirement).groups()
    return name, said


def test_the_recipe_asks_for_what_the_project_asks_for():
    found = recipe()
    project = PROJECT["project"]
    wanted = {(IN_CONDA.get(name, name), said) for name, said in map(parts, project["dependencies"])}
    run = set(map(parts, found["requirements"]["run"]))
    python = ("python", project["requires-python"])
    assert run == wanted | {python}
    assert set(map(parts, found["requirements"]["host"])) >= {python, *map(parts, PROJECT["build-system"]["requires"])}
    (script,) = project["scripts"].items()
    assert found["build"]["entry_points"] == [" = ".join(script)]
    assert found["package"]["name"] == project["name"]
    assert (RECIPE.parent / found["source"]["path"]).resolve() == ROOT.resolve()
    assert found["about"]["license"] == project["license"]
    said = RECIPE.read_text()
    assert f'{{% set version = "{project["version"]}" %}}' in said


def test_the_image_is_of_a_python_that_is_taken_and_of_extras_that_there_are():
    (version,) = set(re.findall(r"^FROM python:3\.(\d+)-slim", DOCKERFILE, re.MULTILINE))
    assert f"Programming Language :: Python :: 3.{version}" in PROJECT["project"]["classifiers"]
    (extras,) = re.findall(r"\.whl\)\[([\w,]+)\]", DOCKERFILE)
    assert set(extras.split(",")) <= set(PROJECT["project"]["optional-dependencies"])
    copied = re.findall(r"^COPY (?!--from)(\S+) ", DOCKERFILE, re.MULTILINE)
    assert copied == [".", "constraints.txt"]
    assert all((ROOT / name).exists() for name in copied)
    assert '\nENTRYPOINT ["psn"]\n' in DOCKERFILE
    assert "psn" in PROJECT["project"]["scripts"]


def test_what_was_not_tried_is_said_in_the_files_and_in_the_docs():
    assert "Not tried" in DOCKERFILE
    assert "Not tried" in RECIPE.read_text()
    page = (ROOT / "docs" / "start" / "install.md").read_text()
    assert "`.ci/packaging/Dockerfile`" in page
    assert "`.ci/packaging/conda`" in page
    assert "have not been tried" in page


def test_every_package_that_is_asked_for_is_pinned():
    pinned = {
        re.split(r"==", line)[0].lower().replace("_", "-") for line in (ROOT / "constraints.txt").read_text().split()
    }
    groups = [PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"].values()]
    asked = {re.match(r"[\w-]+", line)[0].lower().replace("_", "-") for group in groups for line in group}
    assert asked - {"photonic-sensor-networks"} <= pinned
    assert {"build", "twine"} <= pinned


def test_archives_have_what_there_is():
    for name in PROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]:
        assert (ROOT / name).exists(), name
    folders = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    code = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert code | {"examples"} == set(folders)
    assert not any(fnmatch(one, "License*") for one in PROJECT["project"]["classifiers"])
