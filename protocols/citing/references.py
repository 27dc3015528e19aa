"""The literature as one table: docs/bibliography.md and what ``psn cite`` prints are made of it.

A DOI stands here only when it was found beside its title in another source, or when its publisher makes it of journal, volume and
article number (American Physical Society) or arXiv number (arXiv).
"""

from __future__ import annotations

from dataclasses import dataclass, field

PREPRINT = "arXiv:"
"""What ``where`` of a preprint begins with."""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A paper.

    Attributes
    ----------
    key : str
        Of the BibTeX entry.
    authors : tuple of str
        "J. Bringewatt"; a collaboration as it signs.
    title : str
    where : str
        "Phys. Rev. Lett. 120, 080501", journal, volume and page or article; or the number of a preprint, "arXiv:1702.04271".
    year : int
    section : str
        Of docs/bibliography.md.
    doi : str, or None
    note : str
        What it is cited for.
    label : str
        How texts call it, "BEGG" or "F".
    dated : str
        The date of the version that was read.
    eprint : str
        The number on arXiv beside a journal.
    erratum : tuple of (where, year, doi)
    """

    key: str
    authors: tuple[str, ...]
    title: str
    where: str
    year: int
    section: str
    doi: str | None = None
    note: str = ""
    label: str = ""
    dated: str = ""
    eprint: str = ""
    erratum: tuple[tuple[str, int, str], ...] = field(default=())

    @property
    def fields(self) -> dict[str, str]:
        """The fields of the BibTeX entry.

        Examples
        --------
        >>> BY_KEY["Kim2024"].fields["volume"], BY_KEY["Kim2024"].fields["pages"]
        ('15', '266')
        """
        names = " and ".join(inverted(author) for author in self.authors)
        result = {"author": names, "title": f"{{{self.title}}}"}
        if self.where.startswith(PREPRINT):
            number = self.where.removeprefix(PREPRINT)
            result |= {"journal": self.where, "eprint": number, "archiveprefix": "arXiv"}
        else:
            place, _, pages = self.where.rpartition(", ")
            journal, _, volume = place.rpartition(" ")
            result |= {"journal": journal, "volume": volume, "pages": pages}
        if self.eprint:
            result |= {"eprint": self.eprint, "archiveprefix": "arXiv"}
        result["year"] = str(self.year)
        if self.doi:
            result["doi"] = self.doi
        if self.erratum:
            result["note"] = "; ".join(f"Erratum: {where} ({year})" for where, year, _ in self.erratum)
        return result

    @property
    def markdown(self) -> str:
        """The entry of docs/bibliography.md, in one line."""
        label = f"[{self.label}] " if self.label else ""
        place = f"{self.where}, {self.dated}" if self.dated else f"{self.where} ({self.year})"
        number = f", {PREPRINT}{self.eprint}" if self.eprint else ""
        note = f": {self.note}" if self.note else ""
        doi = f" DOI: {_link(self.doi)}." if self.doi else ""
        errata = "".join(f" Erratum, {where} ({year}). DOI: {_link(doi)}." for where, year, doi in self.erratum)
        return f"{label}{_listed(self.authors)}, *{self.title}*, {place}{number}{note}.{doi}{errata}"


def inverted(author: str) -> str:
    """A name as BibTeX takes it, the family first; a collaboration is one name.

    >>> inverted("R. L. de Matos Filho"), inverted("The LIGO Scientific Collaboration")
    ('de Matos Filho, R. L.', '{The LIGO Scientific Collaboration}')
    """
    words = author.split()
    initials = next((k for k, word in enumerate(words) if not word.endswith(".")), len(words))
    if not initials:
        return f"{{{author}}}"
    return f"{' '.join(words[initials:])}, {' '.join(words[:initials])}"


def _listed(authors: tuple[str, ...]) -> str:
    return authors[0] if len(authors) == 1 else f"{', '.join(authors[:-1])} and {authors[-1]}"


def _link(doi: str) -> str:
    return f"[{doi}](https://doi.org/{doi})"


PAPERS = "The two papers"
NETWORKS = "Sensing networks"
SEVERAL = "Several phases at once"
UNKNOWN = "An unknown phase"
LOSS = "Loss"
PRIVACY = "Privacy"
INTERFEROMETERS = "Interferometers"
SOFTWARE = "Software that computes beside ours"

REFERENCES = (
    Reference(
        key="Bringewatt2024",
        label="BEGG",
        authors=("J. Bringewatt", "A. Ehrenberg", "T. Goel", "A. V. Gorshkov"),
        title="Optimal function estimation with photonic quantum sensor networks",
        where="arXiv:2401.16472",
        dated="29 January 2024 (version 1)",
        year=2024,
        section=PAPERS,
        doi="10.48550/arXiv.2401.16472",
    ),
    Reference(
        key="Farokhi2026",
        label="F",
        authors=("F. Farokhi",),
        title="Precision and privacy in distributed quantum sensing: a quantum Fisher information duality",
        where="arXiv:2605.20765",
        dated="May 2026",
        year=2026,
        section=PAPERS,
        doi="10.48550/arXiv.2605.20765",
    ),
    Reference(
        key="Proctor2017",
        authors=("T. J. Proctor", "P. A. Knott", "J. A. Dunningham"),
        title="Networked quantum sensing",
        where="arXiv:1702.04271",
        year=2017,
        section=NETWORKS,
        doi="10.48550/arXiv.1702.04271",
        note="the conjecture that BEGG prove, and (16)",
    ),
    Reference(
        key="Proctor2018",
        authors=("T. J. Proctor", "P. A. Knott", "J. A. Dunningham"),
        title="Multiparameter estimation in networked quantum sensors",
        where="Phys. Rev. Lett. 120, 080501",
        year=2018,
        section=NETWORKS,
        doi="10.1103/PhysRevLett.120.080501",
    ),
    Reference(
        key="Eldredge2018",
        authors=("Z. Eldredge", "M. Foss-Feig", "J. A. Gross", "S. L. Rolston", "A. V. Gorshkov"),
        title="Optimal and secure measurement protocols for quantum sensor networks",
        where="Phys. Rev. A 97, 042337",
        year=2018,
        section=NETWORKS,
        doi="10.1103/PhysRevA.97.042337",
        note="the bounds for qubits",
    ),
    Reference(
        key="Ge2018",
        authors=("W. Ge", "K. Jacobs", "Z. Eldredge", "A. V. Gorshkov", "M. Foss-Feig"),
        title="Distributed quantum metrology with linear networks and separable inputs",
        where="Phys. Rev. Lett. 121, 043604",
        year=2018,
        section=NETWORKS,
        doi="10.1103/PhysRevLett.121.043604",
    ),
    Reference(
        key="Zhuang2018",
        authors=("Q. Zhuang", "Z. Zhang", "J. H. Shapiro"),
        title="Distributed quantum sensing using continuous-variable multipartite entanglement",
        where="Phys. Rev. A 97, 032329",
        year=2018,
        section=NETWORKS,
        doi="10.1103/PhysRevA.97.032329",
        note="one squeezed vacuum, split",
    ),
    Reference(
        key="Guo2020",
        authors=(
            "X. Guo",
            "C. R. Breum",
            "J. Borregaard",
            "S. Izumi",
            "M. V. Larsen",
            "T. Gehring",
            "M. Christandl",
            "J. S. Neergaard-Nielsen",
            "U. L. Andersen",
        ),
        title="Distributed quantum sensing in a continuous-variable entangled network",
        where="Nat. Phys. 16, 281",
        year=2020,
        section=NETWORKS,
        doi="10.1038/s41567-019-0743-x",
        note="the four nodes of `examples/guo_four_nodes.py`",
    ),
    Reference(
        key="Gessner2020",
        authors=("M. Gessner", "A. Smerzi", "L. Pezze"),
        title="Multiparameter squeezing for optimal quantum enhancements in sensor networks",
        where="Nat. Commun. 11, 3817",
        year=2020,
        section=NETWORKS,
        doi="10.1038/s41467-020-17471-3",
        note="covariances of interferometers under squeezed light",
    ),
    Reference(
        key="Oh2020",
        authors=("C. Oh", "C. Lee", "S. H. Lie", "H. Jeong"),
        title="Optimal distributed quantum sensing using Gaussian states",
        where="Phys. Rev. Research 2, 023030",
        year=2020,
        section=NETWORKS,
        doi="10.1103/PhysRevResearch.2.023030",
        note="squeezed vacuum split over phases",
    ),
    Reference(
        key="Oh2022",
        authors=("C. Oh", "L. Jiang", "C. Lee"),
        title="Distributed quantum phase sensing for arbitrary positive and negative weights",
        where="Phys. Rev. Research 4, 023164",
        year=2022,
        section=NETWORKS,
        doi="10.1103/PhysRevResearch.4.023164",
        note="a squeezer for each sign",
    ),
    Reference(
        key="Xia2020",
        authors=("Y. Xia", "W. Li", "W. Clark", "D. Hart", "Q. Zhuang", "Z. Zhang"),
        title="Demonstration of a reconfigurable entangled radio-frequency photonic sensor network",
        where="Phys. Rev. Lett. 124, 150502",
        year=2020,
        section=NETWORKS,
        doi="10.1103/PhysRevLett.124.150502",
        note="`examples/radio_sensors.py`",
    ),
    Reference(
        key="Malitesta2023",
        authors=("M. Malitesta", "A. Smerzi", "L. Pezze"),
        title="Distributed quantum sensing with squeezed-vacuum light in a configurable array of Mach-Zehnder interferometers",
        where="Phys. Rev. A 108, 032621",
        year=2023,
        section=NETWORKS,
        doi="10.1103/PhysRevA.108.032621",
        note="`examples/interferometer_array.py`",
    ),
    Reference(
        key="Ehrenberg2023",
        authors=("A. Ehrenberg", "J. Bringewatt", "A. V. Gorshkov"),
        title="Minimum entanglement protocols for function estimation",
        where="Phys. Rev. Research 5, 033228",
        year=2023,
        section=NETWORKS,
        doi="10.1103/PhysRevResearch.5.033228",
        note="qubits",
    ),
    Reference(
        key="Humphreys2013",
        authors=("P. C. Humphreys", "M. Barbieri", "A. Datta", "I. A. Walmsley"),
        title="Quantum enhanced multiple phase estimation",
        where="Phys. Rev. Lett. 111, 070403",
        year=2013,
        section=SEVERAL,
        doi="10.1103/PhysRevLett.111.070403",
        note="all photons in one of several modes, superposed",
    ),
    Reference(
        key="Kim2024",
        authors=(
            "D.-H. Kim",
            "S. Hong",
            "Y.-S. Kim",
            "Y. Kim",
            "S.-W. Lee",
            "R. C. Pooser",
            "K. Oh",
            "S.-Y. Lee",
            "C. Lee",
            "H.-T. Lim",
        ),
        title="Distributed quantum sensing of multiple phases with fewer photons",
        where="Nat. Commun. 15, 266",
        year=2024,
        section=SEVERAL,
        doi="10.1038/s41467-023-44204-z",
        note="four phases, two photons",
    ),
    Reference(
        key="Kimmel2015",
        authors=("S. Kimmel", "G. H. Low", "T. J. Yoder"),
        title="Robust calibration of a universal single-qubit gate set via robust phase estimation",
        where="Phys. Rev. A 92, 062315",
        year=2015,
        section=UNKNOWN,
        doi="10.1103/PhysRevA.92.062315",
        erratum=(("Phys. Rev. A 104, 069901", 2021, "10.1103/PhysRevA.104.069901"),),
    ),
    Reference(
        key="Belliardo2020",
        authors=("F. Belliardo", "V. Giovannetti"),
        title="Achieving Heisenberg scaling with maximally entangled states: an analytic upper bound for the attainable "
        "root-mean-square error",
        where="Phys. Rev. A 102, 042613",
        year=2020,
        section=UNKNOWN,
        doi="10.1103/PhysRevA.102.042613",
        note="pi/3 in place of pi/2",
    ),
    Reference(
        key="Gorecki2020",
        authors=("W. Gorecki", "R. Demkowicz-Dobrzanski", "H. M. Wiseman", "D. W. Berry"),
        title="pi-corrected Heisenberg limit",
        where="Phys. Rev. Lett. 124, 030501",
        eprint="1907.05428",
        year=2020,
        section=UNKNOWN,
        doi="10.1103/PhysRevLett.124.030501",
    ),
    Reference(
        key="Escher2011",
        authors=("B. M. Escher", "R. L. de Matos Filho", "L. Davidovich"),
        title="General framework for estimating the ultimate precision limit in noisy quantum-enhanced metrology",
        where="Nat. Phys. 7, 406",
        year=2011,
        section=LOSS,
        doi="10.1038/nphys1958",
    ),
    Reference(
        key="Demkowicz2012",
        authors=("R. Demkowicz-Dobrzanski", "J. Kolodynski", "M. Guta"),
        title="The elusive Heisenberg limit in quantum-enhanced metrology",
        where="Nat. Commun. 3, 1063",
        year=2012,
        section=LOSS,
        doi="10.1038/ncomms2067",
    ),
    Reference(
        key="Hassani2024",
        authors=("M. Hassani", "S. Scheiner", "M. G. A. Paris", "D. Markham"),
        title="Privacy in networks of quantum sensors",
        where="arXiv:2408.01711",
        year=2024,
        section=PRIVACY,
        doi="10.48550/arXiv.2408.01711",
        note="the measure of privacy",
    ),
    Reference(
        key="Caves1981",
        authors=("C. M. Caves",),
        title="Quantum-mechanical noise in an interferometer",
        where="Phys. Rev. D 23, 1693",
        year=1981,
        section=INTERFEROMETERS,
        doi="10.1103/PhysRevD.23.1693",
        note="squeezed vacuum in the dark port",
    ),
    Reference(
        key="Holland1993",
        authors=("M. J. Holland", "K. Burnett"),
        title="Interferometric detection of optical phase shifts at the Heisenberg limit",
        where="Phys. Rev. Lett. 71, 1355",
        year=1993,
        section=INTERFEROMETERS,
        doi="10.1103/PhysRevLett.71.1355",
        note="twin Fock states",
    ),
    Reference(
        key="Lang2013",
        authors=("M. D. Lang", "C. M. Caves"),
        title="Optimal quantum-enhanced interferometry using a laser power source",
        where="Phys. Rev. Lett. 111, 173601",
        year=2013,
        section=INTERFEROMETERS,
        doi="10.1103/PhysRevLett.111.173601",
    ),
    Reference(
        key="LIGO2011",
        authors=("The LIGO Scientific Collaboration",),
        title="A gravitational wave observatory operating beyond the quantum shot-noise limit",
        where="Nat. Phys. 7, 962",
        year=2011,
        section=INTERFEROMETERS,
    ),
    Reference(
        key="Demkowicz2013",
        authors=("R. Demkowicz-Dobrzanski", "K. Banaszek", "R. Schnabel"),
        title="Fundamental quantum interferometry bound for the squeezed-light-enhanced gravitational wave detector GEO 600",
        where="Phys. Rev. A 88, 041802",
        year=2013,
        section=INTERFEROMETERS,
        doi="10.1103/PhysRevA.88.041802",
        note="the numbers of `examples/gravitational_wave.py`",
    ),
    Reference(
        key="Clements2016",
        authors=("W. R. Clements", "P. C. Humphreys", "B. J. Metcalf", "W. S. Kolthammer", "I. A. Walmsley"),
        title="Optimal design for universal multiport interferometers",
        where="Optica 3, 1460",
        year=2016,
        section=INTERFEROMETERS,
        doi="10.1364/OPTICA.3.001460",
        note="the rectangular mesh of `psn mesh`",
    ),
    Reference(
        key="Killoran2019",
        authors=("N. Killoran", "J. Izaac", "N. Quesada", "V. Bergholm", "M. Amy", "C. Weedbrook"),
        title="Strawberry Fields: a software platform for photonic quantum computing",
        where="Quantum 3, 129",
        eprint="1804.03159",
        year=2019,
        section=SOFTWARE,
        doi="10.22331/q-2019-03-11-129",
        note="the second engine, and programs for devices",
    ),
    Reference(
        key="Gupt2019",
        authors=("B. Gupt", "J. Izaac", "N. Quesada"),
        title="The Walrus: a library for the calculation of hafnians, Hermite polynomials and Gaussian boson sampling",
        where="J. Open Source Softw. 4, 1705",
        year=2019,
        section=SOFTWARE,
        doi="10.21105/joss.01705",
        note="photon statistics of Gaussian light",
    ),
    Reference(
        key="Heurtel2023",
        authors=(
            "N. Heurtel",
            "A. Fyrillas",
            "G. de Gliniasty",
            "R. Le Bihan",
            "S. Malherbe",
            "M. Pailhas",
            "E. Bertasi",
            "B. Bourdoncle",
            "P.-E. Emeriau",
            "R. Mezher",
            "L. Music",
            "N. Belabas",
            "B. Valiron",
            "P. Senellart",
            "S. Mansfield",
            "J. Senellart",
        ),
        title="Perceval: a software platform for discrete variable photonic quantum computing",
        where="Quantum 7, 931",
        year=2023,
        section=SOFTWARE,
        doi="10.22331/q-2023-02-21-931",
        note="circuits of photons, `psn hardware perceval`",
    ),
)
"""All that is cited, in the order of the page."""

BY_KEY = {reference.key: reference for reference in REFERENCES}
"""The references by the keys of their BibTeX entries."""
