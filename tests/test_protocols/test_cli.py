"""The command psn: documents, exit codes, messages; nothing on stdout but what was asked for."""

import dataclasses
import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from oracles import protocols_by_brute_force
from results_of_examples import design_of

from networks import SensorNetwork, load_network, save_network
from networks.files.attributes import unused_attributes
from protocols import (
    PhotonTask,
    best_protocols,
    enumerate_protocols,
    sample_protocols,
    save,
)
from protocols.built.uses import DESIGNED
from protocols.problem import kind_of

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_bounds_document(psn):
    code, out, err = psn(
        "bounds", "--alpha", "-1,3,1/2", "--photons", 7, "--mean-photons", 2.5, "--passes", 2, "--json"
    )
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert document["function"]["alpha"] == ["-1", "3", "1/2"]
    assert (document["function"]["norm_positive"], document["function"]["norm_negative"]) == ("7/2", "1")
    assert [row["sensing"] for row in document["rows"]] == ["qubit"] * 2 + ["phase"] * 7 + ["displacement"] * 4
    assert document["photons"] == 7
    assert document["passes"] == 2


@pytest.mark.parametrize(
    ("style", "start"),
    [
        ("table", "Lower bounds"),
        ("markdown", "**Lower bounds"),
        ("latex", "% Lower bounds"),
        ("csv", "sensing,probes,MSE"),
        ("json", '{"function"'),
    ],
)
def test_bounds_formats(psn, style, start):
    code, out, _ = psn("bounds", "--alpha", "1,1", "--photons", 2, "--format", style)
    assert code == 0
    assert out.startswith(start)
    assert "separable" in out


def test_networks_too_large_for_strawberry_fields(psn, tmp_path):
    save_network(SensorNetwork.star([1] * 12, sensing="phase", photons=12), tmp_path / "n.json")
    code, out, err = psn("design", tmp_path / "n.json", "--engine", "strawberryfields")
    assert (code, out) == (2, "")
    assert "use the native engine" in err


def test_what_cannot_exist_within_limits_is_said_plainly(psn):
    code, out, _ = psn("enumerate", "--alpha", "1,1", "--photons", 4, "--passes", 1, "--max-photons-per-mode", 1)
    assert code == 0
    assert "exists: no, within these limits" in out
    assert "least modes" not in out


def test_enumerate_document_and_its_protocols_pass_the_check(psn, tmp_path):
    code, out, _ = psn("enumerate", "--alpha", "3,1,-2", "--photons", 4, "--passes", 2, "--count", "--json")
    document = json.loads(out)
    assert code == 0
    brute = protocols_by_brute_force((3, 1, -2), 4, 2)
    assert document["count"] == len(document["protocols"]) == len(brute)
    assert document["target"] == [6, 2, -4]
    assert (document["minimum_modes"], document["minimum_modes_decided"], document["lower_bound_modes"]) == (3, True, 3)
    for protocol in document["protocols"]:
        file = tmp_path / "p.json"
        file.write_text(json.dumps(protocol))
        code, out, _ = psn("check", file, "--json")
        assert code == 0
        report = json.loads(out)
        assert report["valid"]
        assert report["modes_per_pass"] == protocol["modes_per_pass"]
        assert report["mse"] == pytest.approx(report["bound"]) == (4 / 8) ** 2


@pytest.mark.parametrize("alpha", [[3, 1, -2], [1, -3]])
def test_check_reads_what_save_keeps_as_what_commands_print(psn, tmp_path, alpha):
    task = PhotonTask(function=alpha, photons=6, passes=4)
    best = best_protocols(task, objective="modes")
    everything = enumerate_protocols(task)
    kept, printed = tmp_path / "kept.json", tmp_path / "printed.json"
    results = (everything, everything.protocols[0], best, best.certificate, sample_protocols(task, size=3, seed=1))
    for result in results:
        save(result, kept)
        printed.write_text(json.dumps(result.to_dict()))
        assert psn("check", kept, "--json") == psn("check", printed, "--json")
        assert psn("check", kept)[0] == 0
    # Kept with the claim of fewer modes than there are.
    save(dataclasses.replace(best.certificate, least_modes=best.certificate.least_modes - 1), kept)
    assert psn("check", kept)[0] == 1
    save(task, kept)
    code, out, err = psn("check", kept)
    assert (code, out) == (2, "")
    assert "got a PhotonTask" in err.replace("\n", " ")


def test_enumerate_without_solution_is_an_answer(psn):
    code, out, err = psn("enumerate", "--alpha", "1,1,1", "--photons", 100, "--passes", 1, "--json")
    document = json.loads(out)
    assert (code, err) == (0, "")
    assert document["target"] is None
    assert document["exists"] is False
    assert document["least_product"] == 3
    _, out, _ = psn("enumerate", "--alpha", "1,1,1", "--photons", 100, "--passes", 1)
    assert "multiple of 3" in out.replace("\n", " ")


def test_enumerate_for_people(psn):
    code, out, _ = psn("enumerate", "--alpha", "1,-3", "--photons", 3, "--passes", 2, "--count")
    assert code == 0
    assert "columns below are for -q" in out
    assert "protocols: 2 unordered, 3 as sequences of passes" in out


def test_check_of_a_wrong_protocol_exits_with_1(psn, tmp_path):
    file = tmp_path / "p.json"
    file.write_text('{"alpha": [1, 1], "photons": 2, "passes": 1, "columns": [[2, 0]], "repeats": [1]}')
    code, out, _ = psn("check", file)
    assert code == 1
    assert "NOT valid" in out
    code, out, _ = psn("check", file, "--json")
    assert code == 1
    document = json.loads(out)
    assert document["valid"] is False
    assert document["mse"] is None


@pytest.mark.parametrize(
    "file", sorted(EXAMPLES.glob("*.json")) + sorted(EXAMPLES.glob("*.graphml")), ids=lambda path: path.name
)
def test_design_of_every_example_network(psn, file, tmp_path, monkeypatch):
    # What is printed and written is looked at; the design itself is made once, here or where views and documents of it are.
    module = importlib.import_module("protocols.design")
    monkeypatch.setattr(module, "design", lambda given, *, engine, sources, squeezers, progress: design_of(given))
    code, out, err = psn("design", file, "--json", "--out", tmp_path / "out")
    # What of a laboratory is not used yet is named, and nothing else is said.
    assert code == 0
    network = load_network(file)
    aside = unused_attributes(network, DESIGNED[kind_of(network)]).laboratory
    assert err == (f"psn: not used yet, the result is as without: {', '.join(aside)}\n" if aside else "")
    document = json.loads(out)
    assert document == json.loads((tmp_path / "out" / "design.json").read_text())
    assert document["chosen"] == document["candidates"][0]["scheme"]
    code, out, _ = psn("design", file)
    assert code == 0
    assert f"Build {document['chosen']}:" in out.replace("\n", " ")


def test_design_on_strawberry_fields(psn):
    code, out, _ = psn("design", EXAMPLES / "gradient_pair.json", "--engine", "strawberryfields", "--json")
    assert code == 0
    first = json.loads(out)["candidates"][0]
    assert first["engine"] == "strawberryfields"
    assert {c["name"]: c["holds"] for c in first["checks"]}["engines agree"]


WRONG = {
    "unknown option": (["bounds", "--alhpa", "1"], "No such option"),
    "unknown command": (["boundz"], "No such command"),
    "negative passes": (
        ["bounds", "--alpha", "1,1", "--passes", "-2"],
        "passes must be a positive integer of at most 1e30, got -2",
    ),
    "alpha in words": (["bounds", "--alpha", "a,1,1/0"], "alpha[0] must be a number"),
    "several at once": (["bounds", "--alpha", "x", "--photons", "0", "--passes", "0"], "3 faults"),
    "zero alpha": (["enumerate", "--alpha", "0,0", "--photons", "1", "--passes", "1"], "non-zero coefficient"),
    "one mode": (["enumerate", "--alpha", "1", "--photons", "1", "--passes", "1", "--max-modes", "1"], "at least 2"),
    "count too large": (
        ["enumerate", "--alpha", ",".join(map(str, range(1, 15))), "--photons", "105", "--passes", "20", "--count"],
        "count is refused",
    ),
    "too many passes": (
        ["enumerate", "--alpha", "1,1", "--photons", "2", "--passes", "10000000000"],
        "use fewer passes",
    ),
    "limit": (
        ["enumerate", "--alpha", "1,1", "--photons", "2", "--passes", "1", "--limit", "1" + "0" * 12],
        "at most 100000",
    ),
    "huge photons": (["bounds", "--alpha", "1", "--photons", "1" + "0" * 40], "at most 1e30"),
    "extreme alpha": (["bounds", "--alpha", "1,1e-200"], "alpha[1] must be 0 or between 1e-100 and 1e100"),
    "no file name": (["design", ""], "must be named"),
    "no out name": (["design", str(EXAMPLES / "five_phases.json"), "--out", ""], "must name a folder"),
    "endless file": (["design", "/dev/zero"], "too large"),
    "missing file": (["design", "nowhere.json"], "there is no file"),
    "missing check file": (["check", "nowhere.json"], "there is no file"),
    "misspelt file": (["design", str(EXAMPLES / "five_phase.json")], "five_phases.json'?"),
    "misspelt plot": (
        ["plot", "detector_eff", str(EXAMPLES / "five_phases.json"), "--out", "x.pdf"],
        "did you mean 'detector_efficiency'?",
    ),
    "no integer": (
        ["simulate", str(EXAMPLES / "five_phases.json"), "--shots", "1e3"],
        "'--shots': it must be an integer in digits, such as 1000, got '1e3'",
    ),
    "no number": (
        ["bounds", "--alpha", "1", "--mean-photons", "many"],
        "'--mean-photons': it must be a number, such as 0.5 or 1e6, got 'many'",
    ),
    "unknown engine": (["design", str(EXAMPLES / "field_interpolation.json"), "--engine", "qiskit"], "qiskit"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_input_is_one_message_and_exit_code_2(psn, name):
    arguments, message = WRONG[name]
    code, out, err = psn(*arguments)
    assert code == 2
    assert out == ""
    assert message in " ".join(err.replace("│", " ").split())
    assert "Traceback" not in err


def test_bad_designs_write_nothing(psn, tmp_path):
    file = tmp_path / "n.json"
    save_network(SensorNetwork.star([1, 1, 1], sensing="phase", photons=10**20), file)
    code, out, err = psn("design", file, "--out", tmp_path / "out", "--json")
    assert (code, out) == (2, "")
    assert "photons in all passes together" in err
    assert not (tmp_path / "out").exists()
    code, _, err = psn("design", EXAMPLES / "five_phases.json", "--out", file)
    assert code == 2
    assert "must be a folder" in err
    code, _, err = psn("design", EXAMPLES / "five_phases.json", "--out", file / "deeper")
    assert code == 2
    (tmp_path / "taken" / "report.md").mkdir(parents=True)
    code, _, err = psn("design", EXAMPLES / "five_phases.json", "--out", tmp_path / "taken")
    assert code == 2
    assert "a folder where a file has to go" in err
    assert [path.name for path in (tmp_path / "taken").iterdir()] == ["report.md"]
    file.write_text("{broken")
    code, _, err = psn("design", file)
    assert code == 2
    assert "not valid JSON" in err
    assert str(file) in err


@pytest.mark.parametrize("arguments", [["--help"], ["bounds", "--alpha", "1,2", "--photons", "3"], ["--version"]])
def test_quick_answers_import_nothing_heavy(arguments):
    # By what is imported, not by the clock.
    script = (
        "import sys\nfrom protocols.cli.app import main\nsys.argv = ['psn', *sys.argv[1:]]\n"
        "try:\n    main()\nfinally:\n    print(sorted(m for m in sys.modules if '.' not in m), file=sys.stderr)"
    )
    run = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True)
    loaded = set(eval(run.stderr.strip().splitlines()[-1]))
    assert not loaded & {"strawberryfields", "thewalrus", "numba", "matplotlib", "scipy", "numpy", "networkx", "pandas"}


def test_imports_of_the_packages_are_light():
    script = "import sys, networks, photonics, protocols; print([m for m in sys.modules if '.' not in m])"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not set(eval(run.stdout)) & {"numpy", "scipy", "networkx", "rich", "typer", "matplotlib", "strawberryfields"}


def test_python_dash_m_is_the_same_command():
    run = subprocess.run(
        [sys.executable, "-m", "protocols", "bounds", "--alpha", "1", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(run.stdout)["passes"] == 1


def test_a_closed_pipe_is_no_error():
    command = f"{sys.executable} -m protocols enumerate --alpha 1,2,3,-1 --photons 6 --passes 4 --limit 5000 | head -2"
    run = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert run.stderr == ""
    assert len(run.stdout.splitlines()) == 2


def test_without_a_command_there_is_help(psn):
    code, out, _ = psn()
    assert code == 0
    assert "enumerate" in out


def test_names_beyond_ascii_and_with_signs_of_tex(psn, tmp_path):
    network = SensorNetwork.chain([1, -1], sensing="phase", photons=2, name="Zürich $x_{ 東京").relabel(
        {"s1": "a $\\frac{$"}
    )
    save_network(network, tmp_path / "n.json")
    code, out, err = psn("design", tmp_path / "n.json", "--json", "--out", tmp_path / "out")
    assert (code, err) == (0, "")
    assert out.isascii()
    assert json.loads(out)["network"]["graph"]["name"] == "Zürich $x_{ 東京"


PROBLEM = ("enumerate", "--alpha", "1,1,-1", "--photons", 2, "--passes", 2)


def test_enumerate_by_objective_has_a_certificate_that_check_accepts(psn, tmp_path):
    code, out, _ = psn(*PROBLEM, "--objective", "modes", "--json")
    document = json.loads(out)
    assert code == 0
    assert (document["objective"], document["exists"], document["complete"]) == ("modes", True, True)
    assert document["protocols"][0]["value"] == document["minimum_modes"] == 2
    file = tmp_path / "certificate.json"
    file.write_text(json.dumps(document["certificate"]))
    code, out, _ = psn("check", file)
    assert code == 0
    assert "no protocol that meets these conditions occupies fewer modes" in out
    file.write_text(json.dumps({**document["certificate"], "least_modes": 3}))
    code, out, _ = psn("check", file, "--json")
    assert code == 1
    assert json.loads(out)["valid"] is False


def test_enumerate_objectives_and_samples_for_people(psn):
    _, out, _ = psn(*PROBLEM, "--objective", "pareto")
    assert "every best trade-off" in out
    assert "(proved best)" in out
    _, out, _ = psn(*PROBLEM, "--objective", "switches", "--max-photons-per-mode", 1, "--forbid", "1,2")
    assert "no column protocol exists within these limits" in out
    code, out, _ = psn(*PROBLEM, "--sample", 3, "--seed", 5, "--json")
    drawn = json.loads(out)
    assert (code, drawn["count"], len(drawn["protocols"])) == (0, 5, 3)
    _, again, _ = psn(*PROBLEM, "--sample", 3, "--seed", 5, "--json")
    assert again == out
    _, out, _ = psn(*PROBLEM, "--sample", 3, "--seed", 5)
    assert "drawn with equal probability from 5 protocols" in out


def test_enumerate_within_groups_and_along_links(psn):
    code, out, _ = psn(*PROBLEM, "--forbid", "1,2", "--require", "1,2", "--max-modes", 2, "--json", "--count")
    document = json.loads(out)
    assert (code, document["count"]) == (0, len(document["protocols"]))
    for protocol in document["protocols"]:
        assert all(0 in column[:2] and any(column[:2]) for column in protocol["columns"])
    network = EXAMPLES / "two_modes_suffice.json"
    code, out, _ = psn(
        "enumerate", "--alpha", "1,1,-1", "--photons", 1, "--passes", 2, "--connected", network, "--json"
    )
    assert code == 0
    # Its links are a - b - c - ref: a pass that lights a cannot reach c or the reference with one photon each.
    assert json.loads(out)["exists"] is False


def test_enumerate_to_a_file_and_on(psn, tmp_path):
    file = tmp_path / "all.jsonl"
    code, out, _ = psn(*PROBLEM, "--out", file, "--limit", 2)
    assert code == 0
    assert "there are more: psn enumerate --resume" in out
    code, out, _ = psn("enumerate", "--resume", file, "--json")
    assert (code, json.loads(out)) == (
        0,
        {"file": str(file), "protocols": 5, "new": 3, "complete": True, "rewritten_from_line": None},
    )
    code, out, err = psn(*PROBLEM, "--out", file)
    assert (code, out) == (2, "")
    assert "exists; go on with it by --resume" in err
    code, out, err = psn(*PROBLEM, "--out", tmp_path / "none" / "all.jsonl")
    assert (code, out) == (2, "")
    assert "all.jsonl: No such file or directory" in err


@pytest.mark.parametrize(
    ("options", "faults"),
    [
        (["--sample", 0, "--limit", -1, "--forbid", "9", "--seed", -4], 5),
        (["--out", "x", "--limit", -1, "--max-modes", 1], 2),
        (["--objective", "modes", "--sample", 2], 1),
        (["--seconds", "nan", "--seed", 1], 2),
        (["--forbid", "1", "--require", "1"], 1),
        (["--out", "", "--require", "\u0661"], 2),
    ],
)
def test_enumerate_lists_every_fault(psn, options, faults):
    code, out, err = psn(*PROBLEM, *options)
    assert (code, out) == (2, "")
    assert len(err.strip().splitlines()) == (1 if faults == 1 else faults + 1)


def test_resuming_takes_no_problem(psn, tmp_path):
    for options in (["--photons", 3], ["--max-modes", 3], ["--alpha", "1"]):
        code, out, err = psn("enumerate", "--resume", tmp_path / "f.jsonl", *options)
        assert (code, out) == (2, "")
        assert "--resume takes the problem from its file" in err
    code, _, err = psn("enumerate", "--alpha", "1,1")
    assert code == 2
    assert "--photons, --passes missing" in err


# --- loss and figures ----------------------------------------------------------------------------------------


def test_loss_document_and_table(psn):
    code, out, err = psn("loss", EXAMPLES / "lossy_phases.json", "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert document["schemes"][0]["scheme"] == "noon"
    assert document["best_states"]["lower_bound"] <= document["schemes"][0]["mse"]
    assert document["best_mix"]["probes"][0]["first"] == [1, 2, 0, 0]
    assert document["loss_bound"] < document["shot_noise"]
    code, out, _ = psn("loss", EXAMPLES / "guo_four_nodes.json")
    assert code == 0
    assert "homodyne x" in out


LONG = pytest.mark.long
FIGURES = [
    pytest.param("lossy_phases", ("svg", "pdf", "png"), id="lossy_phases"),
    pytest.param("guo_four_nodes", ("png",), id="guo_four_nodes"),
    pytest.param("two_modes_suffice", ("png",), id="two_modes_suffice"),
    pytest.param("guo_four_nodes", ("svg", "pdf"), id="guo_four_nodes-vectors", marks=LONG),
    pytest.param("two_modes_suffice", ("svg", "pdf"), id="two_modes_suffice-vectors", marks=LONG),
]


@pytest.mark.parametrize("kind", ["fisher", "photons", "transmissivity"])
@pytest.mark.parametrize(("name", "suffixes"), FIGURES)
def test_figures_are_written_in_every_format(psn, tmp_path, kind, name, suffixes):
    starts = {"svg": b"<?xml", "pdf": b"%PDF", "png": b"\x89PNG"}
    if kind == "photons" and load_network(EXAMPLES / f"{name}.json").photons is None:
        kind = "mean_photons"
    # The other networks have as many points as come by default.
    points = ["--points", 5] if name == "two_modes_suffice" and kind != "fisher" else []
    for suffix in suffixes:
        path = tmp_path / f"figure.{suffix}"
        code, out, err = psn("plot", kind, EXAMPLES / f"{name}.json", *points, "--out", path)
        assert (code, err) == (0, "")
        assert str(path) in out.replace("\n", "")
        first = path.read_bytes()
        assert first.startswith(starts[suffix])
        if suffix == "png":
            # The same again is the same file.
            code, out, err = psn("plot", kind, EXAMPLES / f"{name}.json", *points, "--out", path, "--json")
            assert (code, err) == (0, "")
            assert json.loads(out)
            assert path.read_bytes() == first


def test_bad_figures_are_refused_and_nothing_is_written(psn, tmp_path):
    code, out, err = psn("plot", "photons", EXAMPLES / "lossy_phases.json", "--out", tmp_path / "none" / "a.gif")
    assert (code, out) == (2, "")
    assert "2 faults" in err
    assert ".svg, .pdf, .png" in err
    assert "no folder" in err
    assert list(tmp_path.iterdir()) == []
    code, _, err = psn("plot", "spectrum", EXAMPLES / "lossy_phases.json", "--out", tmp_path / "a.png")
    assert code == 2
    assert "spectrum" in err
    code, _, err = psn("loss", tmp_path / "missing.json")
    assert code == 2
    assert "missing.json" in err


# --- duality and privacy -------------------------------------------------------------------------------------


def test_duality_document_table_and_figure(psn, tmp_path):
    code, out, err = psn(
        "duality", "--w", "1,-1,0", "--v", "1,1,-2", "--photons", 2, "--json", "--out", tmp_path / "d.svg"
    )
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert (document["qubit_cap"], document["published_cap"], document["photonic_cap"]) == ("8/3", 3, "32/3")
    assert (tmp_path / "d.svg").read_bytes().startswith(b"<?xml")
    code, out, _ = psn("duality", "--w", "1,1", "--v", "1,-1")
    assert code == 0
    assert "<= 2, exactly; published: 2" in out.replace("\n", " ")
    # What is left when v stays hidden: nothing in one pass, 5 in two, and in three more than integers reach may be possible.
    answers = [json.loads(psn("duality", "--w", "1,2", "--v", "2,-1", "--passes", m, "--json")[1]) for m in (1, 2, 3)]
    assert [answer["private_cap"] for answer in answers] == ["0", "5", "5"]
    assert [answer["private_cap_limit"] for answer in answers] == ["0", "5", "45/4"]
    assert answers[0]["lower"] == [["0", "0"], ["9/5", "1/5"]]
    assert answers[0]["region"] == [["1/5", "9/5"], ["9/5", "1/5"]]
    code, out, _ = psn("duality", "--w", "1,2", "--v", "2,-1", "--passes", 3)
    assert "F(v) = 0 leaves F(w) of at least 5, at most 45/4 with any controls" in " ".join(out.split())


def test_privacy_document_table_and_figure(psn, tmp_path):
    arguments = ["privacy", EXAMPLES / "guo_four_nodes.json", "--colluding", "node 1", "--sensitive", "1,-1,0,0"]
    more = ["--noise", 0.2, "--at-least", 0.7, "--target", "1,0,0,0", "--target", "0,1,0,0", "--weights", "1,2"]
    code, out, err = psn(*arguments, *more, "--out", tmp_path / "p.png", "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert {"privacy", "qfi_matrix", "directions", "estimable"} <= set(document)
    assert {"direction", "directional_qfi", "nuisance_aware_qfi"} <= set(document["directions"][0])
    assert document["private_design"]["privacy"] >= 0.7
    assert document["targets"]["joint"] < document["targets"]["taking_turns"]
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")
    code, out, _ = psn(*arguments)
    assert code == 0
    assert "to colluders" in out
    code, out, _ = psn("privacy", EXAMPLES / "five_phases.json")
    assert "1 of 5 combinations" in out


def test_bad_privacy_options_are_reported_together(psn, tmp_path):
    options = ["--sensitive", "x", "--target", "1,1", "--weights", "1,-1", "--hide", "1,0", "--out", tmp_path / "a.gif"]
    code, out, err = psn("privacy", tmp_path / "missing.json", *options)
    assert (code, out) == (2, "")
    assert "5 faults" in err
    code, _, err = psn("duality", "--w", "1,x", "--v", "1,1", "--photons", 0)
    assert code == 2
    assert "2 faults" in err
    code, _, err = psn("privacy", EXAMPLES / "gradient_pair.json", "--hide", "1,0:0.001")
    assert code == 2
    assert "the most private is" in err


# --- simulate and sweep ----------------------------------------------------------------------------------------------


def test_simulate_document(psn):
    code, out, err = psn(
        "simulate", EXAMPLES / "gradient_pair.json", "--shots", 40, "--trials", 500, "--seed", 3, "--json"
    )
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert {"scheme", "estimator", "theta", "mse", "mse_stderr", "bound", "resources"} <= set(document)
    assert (document["scheme"], document["estimator"]) == ("noon", "robust")
    assert {r["estimator"] for r in document["results"]} == {
        "robust",
        "adaptive",
        "fixed-offsets",
        "maximum-likelihood",
        "parity",
    }
    assert document["resources"]["shots"] == sum(stage["shots"] for stage in document["resources"]["stages"]) == 40
    again = json.loads(
        psn("simulate", EXAMPLES / "gradient_pair.json", "--shots", 40, "--trials", 500, "--seed", 3, "--json")[1]
    )
    assert again == document


def test_simulate_tables_and_its_other_questions(psn):
    code, out, _ = psn("simulate", EXAMPLES / "guo_four_nodes.json", "--trials", 200, "--theta", "0.1,0.2,0.3,1/4")
    assert code == 0
    assert "entangled-squeezed" in out
    assert "theta (0.1, 0.2, 0.3, 0.25)" in out
    code, out, _ = psn(
        "simulate", EXAMPLES / "lossy_phases.json", "--function", "a*b - c", "--shots", 2000, "--trials", 200
    )
    assert code == 0
    assert "two steps" in out
    code, out, _ = psn(
        "simulate", EXAMPLES / "gradient_pair.json", "--target", "1,-1", "--target", "2,-2", "--trials", 200, "--json"
    )
    assert code == 0
    assert len(json.loads(out)["targets"]) == 2


def test_faults_of_simulate_are_reported_together(psn, tmp_path):
    code, out, err = psn(
        "simulate",
        EXAMPLES / "gradient_pair.json",
        *("--shots", 0, "--trials", -2, "--theta", "1,x", "--scheme", "bla", "--estimator", "homodyne", "--seed", -1),
    )
    assert (code, out) == (2, "")
    assert "6 faults" in err
    code, out, err = psn(
        "simulate", EXAMPLES / "gradient_pair.json", "--function", "a*b", "--target", "1,2,3", "--weights", "x"
    )
    assert (code, out) == (2, "")
    assert "--function or --target, not both" in err
    assert "no parameter 'a'" in err
    assert "'x' is no finite number" in err
    assert "3 coefficients" in err
    code, _, err = psn("simulate", tmp_path / "none.json", "--shots", 0)
    assert code == 2
    assert "there is no file" in err


def test_faults_of_design_are_reported_together(psn, tmp_path):
    """Of the folder, the page, the network and the places in it; of the network alone under its name."""
    (tmp_path / "file").write_text("")
    where = ("--out", tmp_path / "file" / "design", "--width", "5x")
    code, out, err = psn("design", EXAMPLES / "gradient_pair.json", *where, "--source", "mars", "--squeezers", 0)
    assert (code, out) == (2, "")
    assert "4 faults" in err
    for fault in ("--out must be a folder", "--width must be", "there is no node 'mars'", "must be a positive integer"):
        assert fault in err
    document = json.loads((EXAMPLES / "gradient_pair.json").read_text())
    document["graph"] |= {"phase_jitter_rad": 4, "visibility": 0, "detector_efficiency": 1.5}
    (tmp_path / "net.json").write_text(json.dumps(document))
    code, out, err = psn("design", tmp_path / "net.json", *where)
    assert (code, out) == (2, "")
    assert "5 faults" in err
    code, out, err = psn("design", tmp_path / "net.json", "--source", "mars")
    assert (code, out) == (2, "")
    assert err.startswith(f"psn: {tmp_path / 'net.json'}: 3 faults")


def test_a_design_says_where_hardware_is_looked_up_and_loads_none_of_it():
    script = (
        "import sys\nfrom protocols.cli.entry import main\n"
        "try:\n    main()\nfinally:\n    print(*sorted({m.split('.')[0] for m in sys.modules}), file=sys.stderr)"
    )
    line = [sys.executable, "-c", script, "design", str(EXAMPLES / "gradient_pair.json")]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    assert "psn hardware candidates says which of these schemes run" in " ".join(done.stdout.split())
    assert not {"perceval", "strawberryfields", "xcc"} & set(done.stderr.split())


def test_sweep_and_its_report(psn, tmp_path):
    save_network(SensorNetwork.star([1, -1], sensing="displacement", mean_photons=1.0), tmp_path / "net.json")
    spec = tmp_path / "spec.toml"
    spec.write_text('network = "net.json"\ntrials = 100\n[axes]\nmean_photons = [1.0, 2.0, 4]\nshots = [1, 10]\n')
    code, out, err = psn("sweep", spec, "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert (document["total"], document["computed"]) == (24, 24)
    code, out, _ = psn("sweep", spec)
    assert code == 0
    assert "nothing to do" in out
    figure = tmp_path / "figure.svg"
    code, out, _ = psn("sweep", "report", tmp_path / "spec", "--out", figure, "--json")
    assert code == 0
    document = json.loads(out)
    # A squeezer that takes turns between two sensors needs two shots.
    assert (document["axis"], document["missing"], len(document["rows"])) == ("mean_photons", 0, 24 - 3)
    assert figure.read_text().startswith("<?xml")
    code, out, _ = psn("sweep", "report", tmp_path / "spec", "--axis", "shots")
    assert code == 0
    assert "mean photons" in out


def test_faults_of_sweep_are_reported_together(psn, tmp_path):
    code, out, err = psn(
        "sweep",
        tmp_path / "none.toml",
        tmp_path,
        "--workers",
        0,
        "--scheduler",
        "foo",
        "--axis",
        "shots",
        "--timeout",
        0,
    )
    assert (code, out) == (2, "")
    assert "7 faults" in err
    code, out, err = psn("sweep", "report", tmp_path, "--workers", 2, "--out", "figure.jpeg")
    assert (code, out) == (2, "")
    assert "3 faults" in err
    code, _, err = psn("sweep", "report")
    assert code == 2
    assert "psn sweep report FOLDER" in err


def test_mesh_of_a_file_and_of_a_seed(psn, tmp_path):
    import numpy as np

    from photonics.adapters.perceval import import_perceval, perceval_circuit
    from photonics.circuits.documents import circuit_from_document

    network = EXAMPLES / "five_phases.json"
    unitary = tmp_path / "u.json"
    swap = [[0, 1, 0, 0, 0, 0], [[0, 1], 0, 0, 0, 0, 0], *([int(j == i) for j in range(6)] for i in range(2, 6))]
    unitary.write_text(json.dumps(swap))
    outs = [tmp_path / f"m{suffix}" for suffix in (".json", ".xbb", ".pcvl", ".png", ".svg")]
    wanted = [part for out in outs for part in ("--out", out)]
    code, out, err = psn("mesh", network, "--unitary", unitary, *wanted, "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    # Two nodes of the star by way of its hub.
    assert {tuple(sorted(e["edge"])) for e in document["elements"]} == {("ref", "s1"), ("ref", "s2")}
    circuit = circuit_from_document(json.loads(outs[0].read_text()))
    made = import_perceval().serialization.deserialize_file(str(outs[2]))
    expected = np.array([[complex(*x) if isinstance(x, list) else x for x in row] for row in swap])
    for component in (made, perceval_circuit(circuit)):
        assert abs(np.array(component.compute_unitary()) - expected).max() < 1e-9
    assert "BSgate" in outs[1].read_text()
    assert outs[3].read_bytes().startswith(b"\x89PNG")
    np.save(tmp_path / "u.npy", expected)
    assert json.loads(psn("mesh", network, "--unitary", tmp_path / "u.npy", "--json")[1]) == document
    # Nothing that exists is written over, and of several files all or none are written.
    code, out, err = psn(
        "mesh", network, "--haar", 1, "--out", outs[0], "--out", tmp_path / "n.json", "--out", tmp_path / "n.json"
    )
    assert (code, out) == (2, "")
    assert "exists already" in err
    assert "names a file twice" in err
    assert not (tmp_path / "n.json").exists()
    code, out, _ = psn("mesh", EXAMPLES / "grid_chip.json", "--haar", 3)
    assert code == 0
    assert "300 beam splitters in 25 layers" in out
    assert "40 links have losses" in out
    code, out, _ = psn("mesh", EXAMPLES / "gradient_pair.json", "--haar", 1)
    assert "a unitary on 2 modes along 1 link\n1 beam splitter in 1 layer:" in out


@pytest.mark.parametrize(
    ("arguments", "faults"),
    [
        ([], ["give the unitary by --unitary FILE"]),
        (["--haar", "-1", "--out", "m.txt"], ["the seed must not be negative", "must end in one of .json, .xbb"]),
        (["--haar", "1", "--method", "rectangular"], ["no path of links through all modes was found"]),
        (["--unitary", "missing.npy"], ["there is no file"]),
        (
            ["--unitary", "ragged.json"],
            ["row 2 must have 2 entries", "row 1, entry 2 must be a number such as 0.5-0.5j"],
        ),
        (["--unitary", "small.json"], ["must be 6 x 6, one row and column a mode, got 2 x 2"]),
        (["--unitary", "objects.npy"], ["no plain numpy array of numbers"]),
        (["--unitary", "several.npy"], ["it holds several arrays"]),
    ],
)
def test_mesh_refuses(psn, tmp_path, monkeypatch, arguments, faults):
    import numpy as np

    monkeypatch.chdir(tmp_path)
    Path("ragged.json").write_text('[[1, "a"], [0]]')
    Path("small.json").write_text("[[1, 0], [0, 1]]")
    np.save("objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    np.savez("several.npz", a=np.eye(6))
    Path("several.npz").rename("several.npy")
    before = sorted(tmp_path.iterdir())
    code, out, err = psn("mesh", EXAMPLES / "five_phases.json", *arguments)
    assert (code, out) == (2, "")
    for fault in faults:
        assert fault in err
    assert sorted(tmp_path.iterdir()) == before


def test_convert_tables_and_back(psn, tmp_path):
    out = tmp_path / "ring.json"
    tables = [EXAMPLES / "metro_ring_links.csv", "--nodes", EXAMPLES / "metro_ring_nodes.csv"]
    options = [
        "--sensing",
        "displacement",
        "--mean-photons",
        5,
        "--loss-db-per-km",
        0.2,
        "--name",
        "fibre ring of a city",
    ]
    code, printed, err = psn("convert", *tables, *options, "--out", out)
    assert (code, err) == (0, "")
    assert f"wrote {out}" in printed
    assert load_network(out) == load_network(EXAMPLES / "metro_ring.json")
    again = tmp_path / "ring.graphml"
    assert psn("convert", out, "--out", again)[0] == 0
    assert load_network(again) == load_network(out)
    # What is there is not lost.
    before = again.read_bytes()
    code, printed, err = psn("convert", out, "--out", again)
    assert (code, printed, again.read_bytes()) == (2, "", before)
    assert "exists already" in err
    code, printed, err = psn("convert", out, "--json", "--photons", 3)
    assert (code, printed) == (2, "")
    assert "says itself what is sensed; leave out photons" in err
    code, printed, err = psn("convert", tables[0], "--alpha", "mill=1,hill,mill=2", "--sensing", "displacement")
    assert (code, printed) == (2, "")
    for fault in ("--out must name the file", "'hill' is no name=coefficient", "'mill' is named twice"):
        assert fault in err


def test_design_with_places_for_its_sources(psn):
    ring = EXAMPLES / "metro_ring.json"
    code, out, _ = psn("design", ring, "--source", "hill", "--source", "mill", "--squeezers", 2, "--json")
    assert code == 0
    physical = json.loads(out)["physical"]
    assert physical["source"]["node"] in ("hill", "mill")
    assert {row["sources"] for row in physical["alternatives"]} == {1, 2}
    assert {s["node"] for forest in physical["squeezers"] for s in forest["sources"]} == {"hill", "mill"}
    code, out, err = psn("design", ring, "--source", "hill", "--source", "nowhere", "--squeezers", 3)
    assert (code, out) == (2, "")
    assert "there is no node 'nowhere'" in err
    assert "3 squeezers need as many places, but there are 2 nodes allowed as sources" in err
    _, _, err = psn("design", ring, "--source", "hill", "--squeezers", 2)
    assert "2 squeezers need as many places, but there is 1 node allowed as source" in err


def test_a_new_design_leaves_nothing_of_the_last_one(psn, tmp_path):
    out = tmp_path / "out"
    places = ("--source", "hill", "--source", "exchange", "--squeezers", 2)
    code, _, err = psn("design", EXAMPLES / "metro_ring.json", *places, "--out", out)
    assert (code, err) == (0, "")
    assert "# 1 is station" in (out / "circuit.xbb").read_text()
    # Both squeezers are in the circuit that is written.
    assert (out / "circuit.xbb").read_text().count("\nSgate") == 2
    (out / "notes.txt").write_text("mine")
    code, _, _ = psn("design", EXAMPLES / "gradient_pair.json", "--out", out)
    assert code == 0
    assert "station" not in (out / "circuit.xbb").read_text()
    assert (out / "notes.txt").read_text() == "mine"


def test_what_is_better_than_light_along_the_links_is_chosen(psn):
    """A squeezer at each town loses nothing on fibres: the verdict says so first, and names what would change it."""
    _, out, _ = psn("design", EXAMPLES / "metro_ring.json")
    said = " ".join(out.split())
    assert "Entanglement between the sites does not pay here: the mean squared error of entangled-squeezed" in said
    assert "It would pay where links lose less than" in said
    assert "Build separable-squeezed:" in said
