"""Two photons: they meet on a 50:50 beam splitter and leave together, or squeezers of one pump make a pair somewhere.

Two single photons, beam splitters and detectors that have to find nothing make products of two creation operators: at most two
terms c_1 |2 in i> + c_2 |2 in k>. The most probable way has success 1/(2 max c^2): a balanced beam splitter, and the stronger arm
attenuated (docs/how-to/hardware.md). More terms need squeezers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from protocols.preparation.links import Links
from protocols.preparation.recipe import Found
from protocols.theory.squeezed_pairs import best_pump

if TYPE_CHECKING:
    from photonics.circuits.circuit import Operation

BALANCED = 1e-12
"""Weights that differ by less are equal, so that nothing is attenuated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meeting:
    """Where the photons meet: at the first node of a link of the path, and the transmissivities from there to its ends."""

    path: tuple[str, ...]
    link: int
    to_i: float
    to_k: float


def meeting_photons(
    amplitudes: Mapping[str, float], links: Links | None, taken: Sequence[str]
) -> tuple[tuple[str, str], tuple[Operation, ...], tuple[Found, ...], float]:
    """c_i |2 in i> + c_k |2 in k> from two single photons: where they enter, operations, what must stay dark, success.

    They meet on the beam splitter at one node of the path between i and k; what leaves is handed on along the path. With losses
    T_i and T_k on the way the success is min(T_i/c_i, T_k/c_k)^2/2, and the meeting place makes it largest.

    Parameters
    ----------
    amplitudes : two modes to c > 0, with squares that sum to 1
    links : Links or None
        That join the two, None for two modes at one place.
    taken : names of all modes already in use
    """
    from photonics import BeamSplitter, Loss, PhaseShift

    def transmissivity(a: str, b: str) -> float:
        return 1.0 if links is None else links.transmissivity(a, b)

    def meetings(i: str, k: str) -> list[_Meeting]:
        """At the first node of each link of the path: the way back to i is before the link, the way on to k holds it."""
        path = (i, k) if links is None else links.path(i, k)
        etas = [transmissivity(a, b) for a, b in pairwise(path)]
        found = []
        for m in range(len(etas)):
            to_i, to_k = math.prod(etas[:m]), math.prod(etas[m:])
            found.append(_Meeting(path=path, link=m, to_i=to_i, to_k=to_k))
        return found

    def scale_of(meeting: _Meeting) -> float:
        return min(meeting.to_i / amplitudes[meeting.path[0]], meeting.to_k / amplitudes[meeting.path[-1]])

    one, other = amplitudes
    every = [*meetings(one, other), *meetings(other, one)]
    best = max(every, key=lambda meeting: round(scale_of(meeting), 12))
    path, meet, scale = best.path, best.link, scale_of(best)
    i, k = path[0], path[-1]

    def hand_on(nodes: Sequence[str]) -> list[Operation]:
        steps: list[Operation] = []
        for a, b in pairwise(nodes):
            steps.append(BeamSplitter(first=a, second=b, theta_rad=math.pi / 2))
            steps += lost(a, b)
        return steps

    def lost(a: str, b: str) -> list[Operation]:
        return [Loss(mode=b, transmissivity=eta)] if (eta := transmissivity(a, b)) < 1 else []

    first, second = path[meet], path[meet + 1]
    operations: list[Operation] = [
        BeamSplitter(first=first, second=second, theta_rad=math.pi / 4),
        *lost(first, second),
        *hand_on(path[meet::-1]),
        *hand_on(path[meet + 1 :]),
        # The beam splitter leaves (|0, 2> - |2, 0>)/sqrt 2.
        PhaseShift(mode=i, angle_rad=math.pi / 2),
    ]
    dark: list[Found] = []
    for mode, arrives in ((i, best.to_i), (k, best.to_k)):
        kept = scale * amplitudes[mode] / arrives
        if kept < 1 - BALANCED:
            drain = unused_name(f"{mode} drain", [*taken, *path])
            operations.append(BeamSplitter(first=mode, second=drain, theta_rad=math.acos(math.sqrt(kept))))
            dark.append(Found(mode=drain, photons=0))
    return (first, second), tuple(operations), tuple(dark), scale * scale / 2


def squeezed_pairs(
    strings: Mapping[tuple[str, ...], float], pump: float | None = None
) -> tuple[tuple[Operation, ...], tuple[float, ...], float]:
    """Squeezers for a sum of terms c |2 in j> and c |1 in j, 1 in k>, no mode in two of them: operations, values v, pump x.

    A term |2 in j> has one squeezer with v = c^2; a term |1 in j, 1 in k> two with v = c^2/2 in opposite phases, which a balanced
    beam splitter makes a two-mode squeezer.

    Parameters
    ----------
    strings : modes of each term, one or two, to c > 0; the squares sum to 1
    pump : float, optional
        x; that of the largest success when left out.
    """
    from photonics import BeamSplitter, Squeeze

    values = tuple(
        value for modes, c in strings.items() for value in ((c * c,) if len(modes) == 1 else (c * c / 2,) * 2)
    )
    strength = best_pump(values) if pump is None else pump
    operations: list[Operation] = []
    for modes, c in strings.items():
        r = math.atanh(math.sqrt(strength * c * c / len(modes)))
        # The sign of the pair amplitude is that of -cos(angle).
        operations.append(Squeeze(mode=modes[0], r=r, angle_rad=math.pi))
        if len(modes) == 2:
            operations.append(Squeeze(mode=modes[1], r=r))
            operations.append(BeamSplitter(first=modes[0], second=modes[1], theta_rad=math.pi / 4))
    return tuple(operations), values, strength


def unused_name(wanted: str, taken: Sequence[str]) -> str:
    """A name for another mode: this one, with a number behind it where it is taken.

    Parameters
    ----------
    wanted : str
    taken : names

    Examples
    --------
    >>> unused_name("a", ["a", "b"]), unused_name("c", ["a", "b"])
    ('a 2', 'c')
    """
    names = (wanted, *(f"{wanted} {number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)
