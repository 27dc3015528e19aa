"""What schemes share whose parts take turns over the shots: when they may, and their plans."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from protocols.problem import PhaseProblem, Problem
from protocols.schemes.plan import Part, Plan
from protocols.schemes.scheme import PhaseScheme


def why_no_turns(problem: Problem, turns: int) -> str | None:
    """Why so many probes cannot take turns in this network; None where they can, or where there is only one.

    Parameters
    ----------
    problem : Problem
    turns : int >= 1
    """
    if turns == 1 or problem.network.parameters == "static":
        return None
    return "the parameters are a snapshot: every shot has to tell q by itself, so that probes cannot take turns"


STATIC = "for parameters that stay put over the shots"
"""What schemes need whose parts take turns."""


def fewer_photons_note(used: Iterable[int], photons: float, harm: str = "these losses") -> str:
    """How many photons a turn has, where that is not N; nothing where all turns have N.

    Parameters
    ----------
    used : ints >= 1
        Photons of each turn.
    photons : int or float >= 1
        N.
    harm : str
        What more photons would increase the error with.

    Examples
    --------
    >>> fewer_photons_note([3, 5, 3], 9)
    '3, 5 of 9 photons at a time; with these losses more would increase the error'
    """
    fewer = sorted({n for n in used if n < photons})
    if not fewer:
        return ""
    some = ", ".join(map(str, fewer[:6])) + (", ..." if len(fewer) > 6 else "")
    return f"{some} of {photons:.6g} photons at a time; with {harm} more would increase the error"


def turns_plan(
    scheme: PhaseScheme,
    problem: PhaseProblem,
    parts: Sequence[Part],
    *,
    where: str,
    mse: float,
    formula: str,
    measurement: str,
    reaches_bound: bool,
    notes: Sequence[str],
) -> Plan:
    """The plan of N00N states of two modes that take turns.

    Parameters
    ----------
    scheme : PhaseScheme
    problem : PhaseProblem
    parts : sequence of Part
        As of ``two_mode_part``, with their shares of the shots.
    where : str
        How the two modes {0} and {1} of a probe are named.
    mse : float
        Mean squared error of q in one shot.
    formula, measurement : str
    reaches_bound : bool
        Whether it reaches (12) without loss.
    notes : sequence of str
        Empty ones are left out.
    """
    return Plan(
        scheme=scheme.name,
        title=scheme.title,
        parts=tuple(parts),
        probes=tuple(
            f"share {part.share:.6g} of the shots: N00N state of {in_words(part.photons)} {where.format(*part.circuit.modes)}"
            for part in parts
        ),
        controls=0,
        modes_per_pass=(2,) * problem.passes,
        predicted_mse=mse,
        formula=formula,
        measurement=measurement,
        reaches_bound=reaches_bound,
        notes=tuple(note for note in (STATIC * (len(parts) > 1), *notes) if note),
    )


def in_words(photons: int) -> str:
    """A number of photons.

    >>> in_words(1), in_words(2)
    ('1 photon', '2 photons')

    Parameters
    ----------
    photons : int >= 1
    """
    return "1 photon" if photons == 1 else f"{photons} photons"
