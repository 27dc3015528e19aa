"""Operations in words: a symbol with its number for a drawing, a sentence with units for a table."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from photonics.conventions import squeezing_db

if TYPE_CHECKING:
    from photonics.circuits.circuit import BeamSplitter, Circuit, Operation

NAMES = {
    "Squeeze": "squeezer",
    "Displace": "displacement",
    "BeamSplitter": "beam splitter",
    "Interferometer": "interferometer",
    "PhaseShift": "phase shift",
    "Sense": "sensing",
    "Loss": "loss",
    "PhaseDiffusion": "phase noise",
    "NumberControl": "number control",
    "PrepareFock": "Fock preparation",
}
"""Operations, by their classes."""
MAX_TERMS = 4
"""Of a prepared state that are written out."""


def name_of(mode: str) -> str:
    r"""The name of a mode on a page or in a drawing: signs that steer text, such as line breaks, are written out.

    Parameters
    ----------
    mode : str

    Examples
    --------
    >>> print(name_of("a\x1b[2J"), name_of("Büchse"))
    a\x1b[2J Büchse
    """
    if mode.isprintable():
        return mode
    # Joiners are letters of Persian, Hindi and others.
    kept = "\u200c\u200d"
    signs = (sign if sign.isprintable() or sign in kept else sign.encode("unicode_escape").decode() for sign in mode)
    return "".join(signs)


def symbol_of(op: Operation) -> tuple[str, str]:
    """The letter of an operation, and the number that stands with it.

    Parameters
    ----------
    op : Operation

    Examples
    --------
    >>> from photonics import Loss, Squeeze
    >>> symbol_of(Squeeze(mode="a", r=0.5)), symbol_of(Loss(mode="a", transmissivity=0.9))
    (('S', '4.34 dB'), ('η', '0.9'))
    """
    from photonics.circuits import circuit as kinds

    match op:
        case kinds.Squeeze():
            return "S", f"{squeezing_db(abs(op.r)):.3g} dB"
        case kinds.Displace():
            return "D", f"{op.x:.3g}, {op.p:.3g}" if op.p else f"{op.x:.3g}"
        case kinds.BeamSplitter():
            return "", f"{_share(op):.3g}"
        case kinds.PhaseShift():
            return "φ", f"{op.angle_rad:.3g}"
        case kinds.Loss():
            return "η", f"{op.transmissivity:.3g}"
        case kinds.PhaseDiffusion():
            return "σ", f"{op.sigma_rad:.3g}"
        case kinds.Interferometer():
            return "U", f"{len(op.modes)} modes"
        case kinds.NumberControl():
            return "C", f"{len(op.moves)} moves"
        case kinds.PrepareFock():
            return "|ψ⟩", f"{len(op.state.occupations)} strings"
        case kinds.Sense():
            return "θ", ""


def sentence_of(op: Operation) -> str:
    """The numbers of an operation with their units.

    Parameters
    ----------
    op : Operation

    Examples
    --------
    >>> from photonics import BeamSplitter
    >>> sentence_of(BeamSplitter(first="a", second="b", theta_rad=0.5))
    'transmissivity 0.7702, theta 0.5 rad, phi 0 rad'
    """
    from photonics.circuits import circuit as kinds

    match op:
        case kinds.Squeeze():
            return f"r = {op.r:.4g} ({squeezing_db(abs(op.r)):.4g} dB), angle {op.angle_rad:.4g} rad"
        case kinds.Displace():
            return f"x by {op.x:.4g}, p by {op.p:.4g} (standard deviations of the vacuum)"
        case kinds.BeamSplitter():
            return f"transmissivity {_share(op):.4g}, theta {op.theta_rad:.4g} rad, phi {op.phi_rad:.4g} rad"
        case kinds.PhaseShift():
            return f"{op.angle_rad:.4g} rad"
        case kinds.Loss():
            thermal = f", {op.background_photons:.4g} thermal photons" if op.background_photons else ""
            return f"transmissivity {op.transmissivity:.4g}{thermal}"
        case kinds.PhaseDiffusion():
            return f"standard deviation {op.sigma_rad:.4g} rad"
        case kinds.Interferometer():
            return f"unitary on {len(op.modes)} modes"
        case kinds.NumberControl():
            return f"permutes {len(op.permutation())} strings of photon numbers"
        case kinds.PrepareFock():
            return _terms(op)
        case kinds.Sense():
            what = "phases, exp(-i theta_j n)" if op.generator == "number" else "displacements of x, exp(-i theta_j p)"
            return f"{len(op.modes)} {what}"


def _share(op: BeamSplitter) -> float:
    """The transmissivity of a beam splitter; what rounding leaves of none at all is none."""
    return round(math.cos(op.theta_rad) ** 2, 15)


def _terms(op: Operation) -> str:
    from photonics.circuits.circuit import PrepareFock

    assert isinstance(op, PrepareFock)
    state = op.state
    pairs = list(zip(state.occupations.tolist(), state.amplitudes.tolist(), strict=True))
    terms = [f"({complex(c):.3g}) |{', '.join(map(str, n))}⟩" for n, c in pairs[:MAX_TERMS]]
    more = f" + {len(pairs) - MAX_TERMS} more" if len(pairs) > MAX_TERMS else ""
    return " + ".join(terms) + more


def summary_of(circuit: Circuit) -> str:
    """A circuit in one line: modes, operations by kind, passes.

    Parameters
    ----------
    circuit : Circuit

    Examples
    --------
    >>> from photonics import Circuit, Sense, Squeeze
    >>> summary_of(Circuit(modes=("a",), operations=(Squeeze(mode="a", r=0.5), Sense(modes=("a",), generator="momentum"))))
    '1 mode, 1 squeezer, 1 pass of sensing with 1 parameter'
    """
    counts = Counter(type(op).__name__ for op in circuit.operations)
    passes = counts.pop("Sense", 0)
    words = [_counted(len(circuit.modes), "mode")]
    words += [_counted(counts[kind], name) for kind, name in NAMES.items() if counts[kind]]
    if passes:
        through = "pass" if passes == 1 else "passes"
        words.append(f"{passes} {through} of sensing with {_counted(circuit.parameters, 'parameter')}")
    return ", ".join(words)


def _counted(number: int, noun: str) -> str:
    plural = {"loss": "losses", "phase noise": "phase noises"}.get(noun, f"{noun}s")
    return f"{number} {noun if number == 1 else plural}"
