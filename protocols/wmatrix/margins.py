"""The two tables that a protocol fills: rows are modes, columns are passes, every column holds N photons.

One table has the positive modes, the other the negative modes and the reference. A protocol is a
pair of filled tables glued column by column; its unordered form forgets the order of the columns.
"""

from __future__ import annotations

from dataclasses import dataclass

from networks import InputError, LinearFunction
from networks.errors import short_repr
from networks.rules import LARGEST_COUNT
from protocols.problem import divisibility, photon_target

LARGEST_TABLE_CELLS = 2_000_000
"""Modes times passes that are searched; memory and time grow with it."""
LARGEST_COMPILED = 2**60
"""N times passes, and N times modes in use, up to which 64-bit loops are used; Python's integers take any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Margins:
    """What the two tables must add up to.

    Attributes
    ----------
    left, right : tuple of int
        Row sums, all positive: photons that pass through each mode over all passes.
    left_modes, right_modes : tuple of int
        Index of the mode of each row; the reference, last on the right when present, is index d.
    photons, passes : int
        N, the sum of every column, and M, the number of columns.
    """

    left: tuple[int, ...]
    right: tuple[int, ...]
    left_modes: tuple[int, ...]
    right_modes: tuple[int, ...]
    photons: int
    passes: int
    dimension: int

    @property
    def rows(self) -> int:
        """Rows of both tables together: n."""
        return len(self.left) + len(self.right)

    @property
    def fit_words(self) -> bool:
        """Whether all that compiled loops add up, over passes or over rows, stays far below 64 bits."""
        return self.photons * max(self.passes, self.rows) <= LARGEST_COMPILED

    def omega(self, column: tuple[int, ...]) -> tuple[int, ...]:
        """The vector omega of a glued column (left cells, then right cells); the reference is left out."""
        out = [0] * (self.dimension + 1)
        for mode, value in zip(self.left_modes, column, strict=False):
            out[mode] = value
        for mode, value in zip(self.right_modes, column[len(self.left) :], strict=True):
            out[mode] = -value
        return tuple(out[: self.dimension])


def margins(function: LinearFunction, photons: int, passes: int) -> Margins | None:
    """The margins for an oriented function, or None when (34) fails and no protocol exists.

    >>> margins(LinearFunction([2, -1]), photons=2, passes=2)
    Margins(left=(4,), right=(2, 2), left_modes=(0,), right_modes=(1, 2), photons=2, passes=2, dimension=2)
    """
    check_counts(photons, passes)
    target = photon_target(function, photons, passes)
    if target is None:
        return None
    negative = [(j, -b) for j, b in enumerate(target) if b < 0]
    reference = photons * passes - sum(b for _, b in negative)
    if reference:
        negative.append((len(target), reference))
    positive = [(j, b) for j, b in enumerate(target) if b > 0]
    cells = (len(positive) + len(negative)) * passes
    if cells > LARGEST_TABLE_CELLS:
        raise InputError(
            [f"the tables of {passes} passes have {cells} cells, more than {LARGEST_TABLE_CELLS}; use fewer passes"]
        )
    return Margins(
        left=tuple(b for _, b in positive),
        right=tuple(b for _, b in negative),
        left_modes=tuple(j for j, _ in positive),
        right_modes=tuple(j for j, _ in negative),
        photons=photons,
        passes=passes,
        dimension=len(target),
    )


def require_margins(function: LinearFunction, photons: int, passes: int) -> Margins:
    """The margins, or an InputError that names the failing divisibility and the least resources that work."""
    found = margins(function, photons, passes)
    if found is None:
        raise InputError([divisibility(function, photons, passes).fault()])
    return found


def check_counts(photons: object, passes: object) -> None:
    """Raise InputError unless both are positive integers."""
    faults = [
        f"{name} must be a positive integer of at most 1e30, got {short_repr(value)}"
        for name, value in (("photons", photons), ("passes", passes))
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LARGEST_COUNT
    ]
    if faults:
        raise InputError(faults)
