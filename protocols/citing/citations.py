"""What to cite of results, networks and files, as BibTeX: the package, and the papers that they rest on."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from networks import InputError, SensorNetwork
from networks.errors import short_repr
from networks.files.load import network_of_text
from networks.files.text import read_text
from protocols.citing.references import BY_KEY, REFERENCES
from protocols.citing.uses import is_result, uses_of
from protocols.documents.files import FORMAT, loaded_text
from protocols.documents.printed import Printed
from protocols.documents.result import Result

PACKAGE = "photonic-sensor-networks"
AUTHORS = "The photonic-sensor-networks team"
ABSTRACT = "Design optimal photonic quantum sensor networks: bounds, exact protocols with proofs, and the light that reaches them"
"""As CITATION.cff has it; a test compares the two."""


@dataclass(frozen=True, kw_only=True)
class Citation:
    """One entry.

    Attributes
    ----------
    key : str
    type : str
        Of the BibTeX entry: article or misc.
    fields : tuple of (name, value)
        Of the BibTeX entry.
    because : tuple of str
        What of the result rests on it; empty where all of the literature is listed.
    """

    key: str
    type: str
    fields: tuple[tuple[str, str], ...]
    because: tuple[str, ...] = ()

    @property
    def bibtex(self) -> str:
        """The entry, with a comment that says what it is cited for."""
        comment = f"% {'; '.join(self.because)}\n" if self.because else ""
        fields = ",\n".join(f"  {name} = {{{value}}}" for name, value in self.fields)
        return f"{comment}@{self.type}{{{self.key},\n{fields}\n}}\n"


@dataclass(frozen=True, kw_only=True)
class Citations:
    """What to cite: the package first, then papers in the order in which a result rests on them.

    Attributes
    ----------
    entries : tuple of Citation
    """

    entries: tuple[Citation, ...]

    @property
    def bibtex(self) -> str:
        """All entries as one BibTeX file.

        Examples
        --------
        >>> from protocols import bounds_table, cite
        >>> print(cite(bounds_table([1, -1], photons=2)).bibtex.split("@")[2].splitlines()[0])
        article{Bringewatt2024,
        """
        return "\n".join(entry.bibtex for entry in self.entries)

    def to_dict(self) -> dict[str, Any]:
        """As ``psn cite --json`` prints it."""
        return {
            "entries": [
                {
                    "key": entry.key,
                    "type": entry.type,
                    "fields": dict(entry.fields),
                    "because": list(entry.because),
                    "bibtex": entry.bibtex,
                }
                for entry in self.entries
            ]
        }

    def __str__(self) -> str:
        return self.bibtex


def cite(*results: Printed | SensorNetwork) -> Citations:
    """What to cite of results; of all the literature when there are none.

    Parameters
    ----------
    results : results of public functions (Design, BoundsTable, Simulation, ...), or SensorNetwork
        Of a network: what its design rests on, with every scheme that is ranked for it.

    Returns
    -------
    Citations
        Its ``bibtex`` is the text for a bibliography.

    Raises
    ------
    InputError
        For what is no result, naming its class.

    Examples
    --------
    >>> from protocols import duality
    >>> [entry.key for entry in cite(duality([1, 1], [1, -1])).entries]
    ['photonic-sensor-networks', 'Farokhi2026']
    """
    if not results:
        papers = [_paper(reference.key) for reference in REFERENCES]
        return Citations(entries=(_own(_version()), *papers))
    found: dict[str, list[str]] = {}
    for result in results:
        for key, purposes in uses_of(_document(result)).items():
            known = found.setdefault(key, [])
            known += [purpose for purpose in purposes if purpose not in known]
    return _citations(found, _version())


def cite_file(path: str | os.PathLike[str]) -> Citations:
    """What to cite of a file: a result that ``save`` kept, a document that ``--json`` printed, or a network file.

    Parameters
    ----------
    path : str or path
        "-" is standard input.

    Returns
    -------
    Citations
        Of a kept result the package is cited in the version that made it.

    Raises
    ------
    InputError
        For a file that cannot be read, or is none of these.
    """
    name = os.fspath(path)
    text = read_text(Path(name))
    document = _json(text)
    if document is not None and document.get("format") == FORMAT:
        found = uses_of(_document(loaded_text(text, name)))
        # Whoever wrote the file: in BibTeX goes what looks like a version, and nothing else.
        known = re.fullmatch(r"\d[\w.+!-]{0,40}", str(document.get("made_with")))
        return _citations(found, known[0] if known else None)
    if document is None or "nodes" in document:
        return cite(network_of_text(text, name))
    if not is_result(document):
        raise InputError(
            [
                f"{name!r} is neither a network, nor a result that save() or psn design --out kept, nor a document that psn "
                f"prints with --json; its keys are {short_repr(list(document)[:8])}"
            ]
        )
    return _citations(uses_of(document), _version())


def _json(text: str) -> dict[str, Any] | None:
    """The object of a JSON text; None where it is something else."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _document(result: object) -> Mapping[str, Any]:
    """The document of a result; of a network that of a design in which nothing was simulated."""
    if isinstance(result, SensorNetwork):
        from protocols.problem import Problem
        from protocols.ranking.candidates import rank_plans
        from protocols.ranking.other_light import other_light

        ranked = rank_plans(result)
        schemes = [built.plan.scheme for built in (*ranked.built, *ranked.other_light)]
        schemes += [light.scheme for light in other_light(result)]
        return {
            "bounds": Problem.of(result).bounds.to_dict(),
            "candidates": [{"scheme": scheme} for scheme in schemes],
        }
    if isinstance(result, Printed):
        document = result.to_dict()
        # Of a result that rests on no paper the package alone is cited.
        if isinstance(result, Result) or uses_of(document):
            return document
    raise InputError([f"{type(result).__name__} is no result of which something can be cited"])


def _citations(found: Mapping[str, list[str]], version: str | None) -> Citations:
    return Citations(entries=(_own(version), *(_paper(key, purposes) for key, purposes in found.items())))


def _paper(key: str, because: list[str] | None = None) -> Citation:
    reference = BY_KEY[key]
    return Citation(key=key, type="article", fields=tuple(reference.fields.items()), because=tuple(because or ()))


def _own(version: str | None) -> Citation:
    """The package itself, in the version that made a result, where that is known."""
    fields = {"author": f"{{{AUTHORS}}}", "title": f"{{{PACKAGE}}}"}
    if version is not None:
        fields["version"] = version
    fields["note"] = f"{ABSTRACT}{'' if version is None else f'. Version {version}'}"
    return Citation(key=PACKAGE, type="misc", fields=tuple(fields.items()), because=("the software",))


def _version() -> str | None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        # It runs from files that were not installed.
        return None
