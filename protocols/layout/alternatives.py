"""Layouts side by side: what each costs, and which are worth a look because no other is better in every respect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass

from protocols.documents.printed import Printed
from protocols.theory.equal_errors import levels


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative(Printed):
    """A layout in one line; less is better in every number.

    Attributes
    ----------
    title : str
    mse : float
        Mean squared error of q in one shot, with the losses of links and modes.
    elements, depth : int >= 0
        Beam splitters and their layers, or link traversals and their time steps.
    sources : int >= 1
        Squeezers or photon sources.
    entangled_modes : int >= 1
        Modes that share entangled light, in the widest pass.
    switches : int >= 0
        Mode switches: controls between passes.
    """

    title: str
    mse: float
    elements: int
    depth: int
    sources: int
    entangled_modes: int
    switches: int = 0


def best_of(alternatives: Iterable[Alternative]) -> tuple[Alternative, ...]:
    """Those that no other is as good as in every number and better in one, least error first; of equal ones the first.

    Errors that differ by rounding only are equal.

    Parameters
    ----------
    alternatives : in any order.

    Examples
    --------
    >>> rows = [Alternative(title=t, mse=m, elements=e, depth=e, sources=1, entangled_modes=2) for t, m, e in
    ...         (("a", 1.0, 3), ("b", 2.0, 3), ("c", 3.0, 1), ("d", 1.0, 3))]
    >>> [row.title for row in best_of(rows)]
    ['a', 'c']
    """
    given = list(alternatives)
    order = sorted(range(len(given)), key=lambda place: given[place].mse)
    level_of = dict(zip(order, levels(given[place].mse for place in order), strict=True))
    # Rounding does not decide which of two equal rows comes first.
    numbers = [(level_of[place], *astuple(row)[2:]) for place, row in enumerate(given)]
    kept: list[tuple[tuple[float, ...], Alternative]] = []
    for own, place in sorted(zip(numbers, range(len(given)), strict=True)):
        if not any(all(a <= b for a, b in zip(other, own, strict=True)) for other, _ in kept):
            kept.append((own, given[place]))
    return tuple(row for _, row in kept)
