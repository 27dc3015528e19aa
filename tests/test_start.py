"""The first pages that somebody reads: what they say to type works, and gives what they show."""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FIRST = (ROOT / "docs" / "start" / "first-design.md").read_text()
INSTALL = (ROOT / "docs" / "start" / "install.md").read_text()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where somebody has saved the file of the page."""
    (text,) = re.findall(r"```json\n(.*?)```", FIRST, re.DOTALL)
    (tmp_path / "first.json").write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


def lines(text):
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def test_first_design_is_printed_as_shown(psn, folder):
    ((command, shown),) = re.findall(r"```console\n\$ psn (.*?)\n(.*?)\n\.\.\.\n```", FIRST, re.DOTALL)
    code, out, err = psn(*command.split())
    assert (code, err) == (0, "")
    assert len(lines(shown)) > 30
    assert lines(out)[: len(lines(shown))] == lines(shown)


def test_first_design_from_python_and_by_hand(folder, capsys):
    """The lines print what stands behind them; the two sums in the text, from lengths in the file, agree with the table."""
    (example,) = re.findall(r"```python\n(.*?)```", FIRST, re.DOTALL)
    names = {"__name__": "__main__"}
    exec(compile(example, "first-design.md", "exec"), names)
    assert capsys.readouterr().out.splitlines() == re.findall(r"(?:^|  )# (.*)$", example, re.MULTILINE)

    mse = {candidate.plan.scheme: candidate.mse for candidate in names["result"].candidates}
    network = json.loads((folder / "first.json").read_text())
    shot_noise = 1 / (0.9 * 3e6)
    kept = [10 ** (-0.03 * edge["distance_km"]) for edge in network["edges"]]
    eta = 0.9 * sum(kept) / 3
    assert mse["coherent"] == pytest.approx(shot_noise, rel=1e-6)
    assert f"{sum(kept) / 3:.3f} = {eta:.2f}" == "0.908 = 0.82"
    assert mse["bright-shared-squeezing"] == pytest.approx(shot_noise * (1 - eta + eta / 10), rel=3e-3)
    assert f"{shot_noise:.2e} {mse['bright-shared-squeezing']:.1e}" == "3.70e-07 9.8e-08"
    assert "3.70 \\times 10^{-7}" in FIRST
    assert "9.8 \\times 10^{-8}" in FIRST


def test_suggested_figure_is_drawn(psn, folder):
    assert psn("plot", "squeezing_db", "first.json", "--out", "squeezing.svg", "--points", "3")[0] == 0
    assert (folder / "squeezing.svg").stat().st_size > 1000


def test_every_extra_is_in_the_table_of_install():
    extras = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"])
    assert set(re.findall(r"^\| `(\w+)` \|", INSTALL, re.MULTILINE)) == extras


JOBS = dict(
    re.findall(
        r"^## \d+\. (.*?)\n(.*?)(?=^## |\Z)",
        (ROOT / "docs" / "how-to" / "jobs.md").read_text(),
        re.MULTILINE | re.DOTALL,
    )
)


def blocks(text, *kinds):
    return re.findall(rf"^```({'|'.join(kinds)})\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_there_are_ten_jobs():
    assert len(JOBS) == 10
    assert all(blocks(text, "sh", "python") for text in JOBS.values())


@pytest.mark.parametrize("job", JOBS)
def test_job_is_done_as_it_says(psn, tmp_path, monkeypatch, job):
    """Its lines run one after the other, over the files that the jobs before it have written."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    before = [text for name, text in JOBS.items() if list(JOBS).index(name) < list(JOBS).index(job)]
    written = [
        line for text in before for _, body in blocks(text, "sh") for line in body.splitlines() if " new " in line
    ]
    for line in written:
        assert psn(*line.split()[1:])[0] == 0
    for kind, body in blocks(JOBS[job], "sh", "python", "toml"):
        if kind == "toml":
            (tmp_path / "losses.toml").write_text(body)
        elif kind == "python":
            exec(compile(body, "jobs.md", "exec"), {"__name__": "__main__"})
        else:
            for line in body.splitlines():
                code, _, err = psn(*line.split()[1:])
                assert code == 0, err
                for word in line.split()[1:]:
                    if word.endswith(".pdf"):
                        assert (tmp_path / word).stat().st_size > 1000
