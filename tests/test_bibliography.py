"""Who is cited: CITATION.cff, docs/bibliography.md and the names in docs/theory/corrections.md agree."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
BIBLIOGRAPHY = (ROOT / "docs" / "bibliography.md").read_text()
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text())
DOI = re.compile(r"10\.\d{4,9}/[A-Za-z0-9:/_;\-.()\[\]]+")
"""What CFF 1.2.0 takes as a DOI."""

ENTRIES = [
    " ".join(entry.split()) for entry in re.findall(r"^- (.*?)(?=^- |^#|\Z)", BIBLIOGRAPHY, re.MULTILINE | re.DOTALL)
]


def test_both_papers_are_cited_as_the_format_asks() -> None:
    assert CITATION["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(CITATION)
    families = [[author["family-names"] for author in reference["authors"]] for reference in CITATION["references"]]
    assert families == [["Bringewatt", "Ehrenberg", "Goel", "Gorshkov"], ["Farokhi"]]
    for reference in CITATION["references"]:
        # Keys of a reference in CFF 1.2.0; title, type and authors are the ones it must have.
        assert set(reference) <= {"type", "title", "authors", "year", "month", "doi", "url", "notes"}
        assert reference["type"] == "article"
        assert DOI.fullmatch(reference["doi"])
        assert f"https://doi.org/{reference['doi']}" in BIBLIOGRAPHY
        (entry,) = [entry for entry in ENTRIES if reference["doi"] in entry]
        assert reference["title"].lower() in entry.lower()
        assert str(reference["year"]) in entry


def test_version_is_that_of_the_package() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text()
    assert f'version = "{CITATION["version"]}"' in pyproject


def test_dois_are_dois_and_stand_once() -> None:
    shown = re.findall(r"\[(10\.[^\]]+)\]\(https://doi\.org/([^)\s]+)\)", BIBLIOGRAPHY)
    assert len(shown) > 15
    assert all(text == target and DOI.fullmatch(text) for text, target in shown)
    assert len({text for text, _ in shown}) == len(shown) == BIBLIOGRAPHY.count("https://doi.org/")
    for entry in ENTRIES:
        # The Physical Society makes its DOIs of journal, volume and article: a slip in one of them shows.
        for journal, volume, article, doi in re.findall(
            r"Phys\. Rev\. ([A-Z]|Lett\.|Research) (\d+), (\d{6}).*?\[10\.1103/PhysRev([^\]]+)\]", entry
        ):
            assert doi == f"{journal.rstrip('.')}.{volume}.{article}"
        for number, doi in re.findall(r"arXiv:(\d{4}\.\d{5})(?:v\d)?,? .*?\[10\.48550/arXiv\.([^\]]+)\]", entry):
            assert doi == number


def test_who_is_credited_stands_in_the_bibliography() -> None:
    credits = (ROOT / "docs" / "theory" / "corrections.md").read_text().split("## Who knew")[1]
    named = re.findall(r"([A-Z][a-z]+(?:-[A-Z][a-z]+)?)(?:,| and| et al)[^:;]*?(\d{4})", credits)
    assert len(named) >= 9
    for family, year in named:
        assert any(family in entry and year in entry for entry in ENTRIES), (family, year)
