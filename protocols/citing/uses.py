"""What of the literature each part of a result rests on: schemes, estimators, engines, bounds, by what its document says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

OF_SCHEMES: Mapping[str, tuple[str, ...]] = {
    "noon": ("Bringewatt2024",),
    "w-matrix": ("Bringewatt2024",),
    "pairs-in-turn": (),
    "multimode-noon": ("Humphreys2013", "Kim2024"),
    "noon-in-turn": (),
    "separable-phase": ("Proctor2017",),
    "coherent": (),
    "bright-shared-squeezing": ("Caves1981", "Gessner2020", "Malitesta2023"),
    "bright-local-squeezing": ("Caves1981", "Lang2013"),
    "bright-in-turn": ("Caves1981", "Lang2013"),
    "twin-squeezed": (),
    "displaced-squeezed-shared": ("Guo2020",),
    "displaced-squeezed-local": ("Guo2020",),
    "squeezed-vacuum-shared": ("Oh2020", "Oh2022"),
    "squeezed-vacuum-local": (),
    "squeezed-vacuum-in-turn": (),
    "entangled-squeezed": ("Zhuang2018",),
    "separable-squeezed": (),
    "squeezed-in-turn": (),
    "best-mix": (),
    "best-states": (),
}
"""Keys of references for every scheme; empty where the package itself is the source, or what any textbook has."""
OF_ESTIMATORS: Mapping[str, tuple[str, ...]] = {
    "robust": ("Kimmel2015", "Belliardo2020"),
    "adaptive": (),
    "feedback": (),
    "fixed-offsets": (),
    "maximum-likelihood": (),
    "parity": (),
    "linear": (),
    "homodyne": (),
}
"""The same for estimators."""
OF_ENGINES: Mapping[str, tuple[str, ...]] = {"native": (), "strawberryfields": ("Killoran2019", "Gupt2019")}
"""The same for engines."""
_NAMED = {"scheme": OF_SCHEMES, "estimator": OF_ESTIMATORS, "engine": OF_ENGINES}

_BEGG, _FAROKHI = "Bringewatt2024", "Farokhi2026"
_DOCUMENTS: tuple[tuple[frozenset[str], str, tuple[str, ...]], ...] = (
    (frozenset({"candidates", "bounds"}), "the design", (_BEGG,)),
    (frozenset({"rows", "entanglement"}), "the bounds", (_BEGG,)),
    (frozenset({"columns", "target"}), "protocols of columns", (_BEGG,)),
    (frozenset({"columns", "repeats"}), "protocols of columns", (_BEGG,)),
    (frozenset({"conditions", "valid"}), "the conditions that are checked", (_BEGG,)),
    (frozenset({"shot_noise", "best_states"}), "performance with loss", (_BEGG, "Escher2011", "Demkowicz2012")),
    (frozenset({"privacy", "directions"}), "privacy", (_BEGG, _FAROKHI, "Hassani2024")),
    (frozenset({"qubit_cap", "region"}), "the region of two Fisher informations", (_FAROKHI,)),
    (frozenset({"estimator", "mistaken_fringe"}), "the simulation", (_BEGG,)),
    (frozenset({"axis", "counts", "rows"}), "the sweep", (_BEGG,)),
    (frozenset({"axis", "curves", "values"}), "the curves", (_BEGG,)),
    (frozenset({"blackbird", "compiler"}), "the compiled program", ("Killoran2019",)),
    (frozenset({"probabilities", "difference_to_native"}), "Perceval's probabilities", ("Heurtel2023",)),
    (frozenset({"depth", "elements", "phases_rad"}), "the mesh", ()),
)
"""By the keys that a document has: what it is, and what that rests on."""
_ASIDE = frozenset({"unavailable", "network"})
"""Parts of documents that say what was not used."""


def uses_of(document: Mapping[str, Any]) -> dict[str, list[str]]:
    """Keys of references with what each is used for, in the order in which a document comes to them.

    Parameters
    ----------
    document : mapping
        Of a result, as ``--json`` prints it; what is not known of it is passed over.

    Returns
    -------
    dict of list of str
        Empty where nothing in it is a result of this package.

    Examples
    --------
    >>> uses_of({"scheme": "multimode-noon", "unavailable": [{"scheme": "separable-phase"}]})
    {'Humphreys2013': ['scheme multimode-noon'], 'Kim2024': ['scheme multimode-noon']}
    """
    found: dict[str, list[str]] = {}
    for key, purpose in _pairs(document):
        purposes = found.setdefault(key, [])
        if purpose not in purposes:
            purposes.append(purpose)
    return found


def is_result(document: Mapping[str, Any]) -> bool:
    """Whether a document is one that psn prints, as far as its keys tell."""
    return any(keys <= document.keys() for keys, _, _ in _DOCUMENTS)


def _pairs(value: object) -> Iterator[tuple[str, str]]:
    """(key of a reference, what it is used for), in every part of a document."""
    if isinstance(value, list | tuple):
        for item in value:
            yield from _pairs(item)
    if not isinstance(value, Mapping):
        return
    for keys, purpose, references in _DOCUMENTS:
        if keys <= value.keys():
            yield from ((reference, purpose) for reference in references)
    yield from _of_record(value)
    for name, item in value.items():
        if name not in _ASIDE:
            yield from _pairs(item)


def _of_record(value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What the plain values of a part say."""
    for name, table in _NAMED.items():
        said = value.get(name)
        if isinstance(said, str):
            yield from ((reference, f"{name} {said}") for reference in table.get(said, ()))
    names = value.get("names")
    if isinstance(names, list | tuple) and "errors" in value:
        # A curve, which schemes of the same error share.
        yield from (
            (reference, f"scheme {name}")
            for name in names
            if isinstance(name, str)
            for reference in OF_SCHEMES.get(name, ())
        )
    if value.get("sensing") == "qubit" and "probes" in value:
        yield "Eldredge2018", "bounds for qubits"
    if value.get("sensing") == "qubit" and "controls" in value:
        yield "Ehrenberg2023", "least entanglement of qubits"
    if value.get("sensing") == "phase" and value.get("probes") == "separable":
        yield "Proctor2017", "bound (16) for one product probe"
    if isinstance(value.get("heisenberg"), float):
        yield "Gorecki2020", "the Heisenberg limit of an unknown phase"
    if value.get("method") == "rectangular":
        yield "Clements2016", "the rectangular mesh"
