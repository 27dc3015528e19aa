"""What is cited, and why: one table for the page and for BibTeX, with every scheme and estimator, and the package's own entry."""

import json
import re
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

from networks import InputError, LinearFunction, SensorNetwork, load_network, save_network
from protocols import REFERENCES, bounds_table, cite, cite_file, design, duality, error_curves, loss_report, simulate
from protocols.citing import uses
from protocols.citing.references import BY_KEY, inverted
from protocols.estimation import ESTIMATORS
from protocols.schemes import SCHEMES

ROOT = Path(__file__).parents[2]
ENTRY = re.compile(r"^@(\w+)\{([\w-]+),\n((?s:.*?))\n\}$", re.MULTILINE)


def keys(cited):
    return [entry.key for entry in cited.entries]


def reasons(cited):
    return {entry.key: list(entry.because) for entry in cited.entries}


def parsed(bibtex):
    """Entries of a BibTeX text, read by a parser of our own: key -> fields."""
    result = {}
    for _, key, body in ENTRY.findall(bibtex):
        fields = dict(re.findall(r"^  (\w+) = \{(.*)\},?$", body, re.MULTILINE))
        assert body.count("{") == body.count("}")
        result[key] = fields
    return result


def test_the_package_is_cited_as_its_citation_file_says():
    asked = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    (own, *_) = cite().entries
    fields = dict(own.fields)
    assert own.key == asked["title"]
    assert fields["title"] == f"{{{asked['title']}}}"
    assert fields["author"] == f"{{{asked['authors'][0]['name']}}}"
    assert len(asked["authors"]) == 1
    assert fields["note"].startswith(asked["abstract"].rstrip("."))
    assert fields["version"] == version("photonic-sensor-networks")
    for paper in asked["references"]:
        (reference,) = [one for one in REFERENCES if one.doi == paper["doi"]]
        assert reference.title.lower() == paper["title"].lower()
        assert reference.year == paper["year"]
        names = [
            f"{one['family-names']}, {''.join(word[0] + '. ' for word in one['given-names'].split()).strip()}"
            for one in paper["authors"]
        ]
        assert [inverted(author) for author in reference.authors] == names


def test_everything_is_the_bibliography():
    page = " ".join((ROOT / "docs" / "bibliography.md").read_text().split())
    bibtex = parsed(cite().bibtex)
    assert list(bibtex)[1:] == [reference.key for reference in REFERENCES]
    assert len(set(bibtex)) == len(bibtex)
    for reference in REFERENCES:
        fields = bibtex[reference.key]
        # The page names it as BibTeX does: authors by family name, title, journal with volume and article, year, DOI.
        families = [name.split(",")[0] for name in fields["author"].split(" and ")]
        start = page.index(f"*{reference.title}*")
        assert all(family.strip("{}") in page[max(0, start - 300) : start] for family in families)
        after = page[start : start + 500]
        if "volume" in fields:
            assert f"{fields['journal']} {fields['volume']}, {fields['pages']} ({fields['year']})" in after
            assert fields["volume"].isdigit()
        else:
            assert fields["journal"] == f"arXiv:{fields['eprint']}"
        if "doi" in fields:
            assert f"[{fields['doi']}](https://doi.org/{fields['doi']})" in after


@pytest.mark.parametrize(
    ("table", "registered"),
    [(uses.OF_SCHEMES, SCHEMES), (uses.OF_ESTIMATORS, ESTIMATORS)],
    ids=["schemes", "estimators"],
)
def test_every_registered_one_says_what_it_rests_on(table, registered):
    assert {one.name for one in registered} <= set(table)
    assert {key for one in table.values() for key in one} <= set(BY_KEY)
    beside = set(table) - {one.name for one in registered}
    assert beside <= {"best-mix", "best-states"}


def test_parts_of_documents_of_other_kinds_are_passed_over():
    odd = {"scheme": ["noon"], "estimator": {}, "names": [["noon"], {}, None, "noon"], "errors": 1, "candidates": 1}
    assert uses.uses_of(odd | {"bounds": [odd]}) == {"Bringewatt2024": ["the design", "scheme noon"]}


def test_a_design_is_cited_by_what_it_ranked():
    network = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=2.0)
    result = design(network)
    why = reasons(cite(result))
    assert why["Zhuang2018"] == ["scheme entangled-squeezed"]
    assert why["Bringewatt2024"] == ["the design", "the bounds"]
    assert not {"Kim2024", "Caves1981", "Killoran2019"} & set(why)
    # The same of the network, whose plans are ranked and not simulated.
    assert keys(cite(network)) == keys(cite(result))
    assert {"Killoran2019", "Gupt2019"} <= set(keys(cite(design(network, engine="strawberryfields"))))


def test_a_scheme_that_is_not_applicable_is_not_cited():
    # One photon and three sensors: no product state has light in all of them.
    network = load_network(ROOT / "examples" / "two_modes_suffice.json")
    result = design(network)
    assert any(one.scheme == "separable-phase" for one in result.unavailable)
    assert not any("separable-phase" in reason for one in reasons(cite(result)).values() for reason in one)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: duality([1, 1], [1, -1]), {"Farokhi2026"}),
        (lambda: bounds_table([1, -1], photons=2), {"Bringewatt2024", "Eldredge2018", "Proctor2017", "Ehrenberg2023"}),
        (
            lambda: error_curves(SensorNetwork.chain([1, -1], sensing="phase", photons=2), "photons", start=2, stop=4),
            {"Bringewatt2024", "Humphreys2013", "Proctor2017"},
        ),
        (
            lambda: loss_report(SensorNetwork.chain([1, -1], sensing="phase", photons=2)),
            {"Escher2011", "Demkowicz2012"},
        ),
        (
            lambda: simulate(
                SensorNetwork.chain([1, -1], sensing="phase", photons=2), trials=5, shots=20, estimator="robust"
            ),
            {"Kimmel2015", "Belliardo2020", "Gorecki2020"},
        ),
    ],
    ids=["duality", "bounds", "curves", "loss", "simulation"],
)
def test_results_are_cited_by_what_they_are(make, expected):
    assert expected <= set(keys(cite(make())))


def test_several_results_are_cited_together_once():
    pair = SensorNetwork.chain([1, -1], sensing="phase", photons=2)
    both = reasons(cite(bounds_table([1, -1], photons=2), loss_report(pair)))
    assert "the bounds" in both["Bringewatt2024"]
    assert "performance with loss" in both["Bringewatt2024"]
    assert len(keys(cite(pair, pair))) == len(set(keys(cite(pair, pair)))) == len(keys(cite(pair)))


def test_files_are_cited_as_what_is_in_them(psn, tmp_path):
    network = SensorNetwork.chain([1, -1], sensing="phase", photons=2)
    save_network(network, tmp_path / "n.json")
    save_network(network, tmp_path / "n.graphml")
    result = design(network)
    result.save(tmp_path / "kept.json")
    printed = psn("design", tmp_path / "n.json", "--json")[1]
    (tmp_path / "printed.json").write_text(printed)
    expected = keys(cite(result))
    for name in ("n.json", "n.graphml", "kept.json", "printed.json"):
        assert set(keys(cite_file(tmp_path / name))) == set(expected), name
        code, out, err = psn("cite", tmp_path / name, "--json")
        assert (code, err) == (0, "")
        document = json.loads(out)
        assert [entry["key"] for entry in document["entries"]] == keys(cite_file(tmp_path / name))
        assert all(entry["because"] for entry in document["entries"])
    mesh = psn("mesh", tmp_path / "n.json", "--haar", 1, "--method", "rectangular", "--json")[1]
    (tmp_path / "mesh.json").write_text(mesh)
    assert keys(cite_file(tmp_path / "mesh.json"))[1:] == ["Clements2016"]


def test_a_kept_result_names_the_version_that_made_it(tmp_path):
    bounds_table([1, -1], photons=2).save(tmp_path / "kept.json")
    document = json.loads((tmp_path / "kept.json").read_text())
    for made_with, said in (("0.1.7", "0.1.7"), ("unknown", None), ("}, evil = {", None)):
        (tmp_path / "kept.json").write_text(json.dumps({**document, "made_with": made_with}))
        own = dict(cite_file(tmp_path / "kept.json").entries[0].fields)
        assert own.get("version") == said
        assert "evil" not in cite_file(tmp_path / "kept.json").bibtex


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1}', "its keys are"),
        ("[1, 2]", "must hold one JSON object"),
        ("not json", "not valid JSON"),
        ('{"nodes": []}', "'edges' is missing"),
    ],
)
def test_files_of_which_nothing_can_be_cited(psn, tmp_path, text, said):
    (tmp_path / "x.json").write_text(text)
    code, out, err = psn("cite", tmp_path / "x.json", "--json")
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert said in err


def test_a_result_that_rests_on_no_paper_cites_the_package_alone():
    pair = SensorNetwork.chain([1, -1], sensing="phase", photons=2)
    turns = next(one for one in design(pair).candidates if one.plan.scheme == "pairs-in-turn")
    assert keys(cite(turns)) == ["photonic-sensor-networks"]


def test_what_is_no_result_is_refused(tmp_path):
    with pytest.raises(InputError, match="LinearFunction is no result"):
        cite(LinearFunction([1, 2]))  # type: ignore[arg-type]
    with pytest.raises(InputError, match="there is no file"):
        cite_file(tmp_path / "nowhere.json")


def test_bibtex_for_people(psn):
    code, out, err = psn("cite")
    assert (code, err) == (0, "")
    assert parsed(out).keys() == parsed(cite().bibtex).keys()
    assert "author = {{The LIGO Scientific Collaboration}}" in out
    assert "de Matos Filho, R. L." in out
