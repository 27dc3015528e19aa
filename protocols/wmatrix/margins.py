"""The two tables that a protocol fills: rows are modes, columns are passes, every column holds N photons.

One table has the positive modes, the other the negative modes and the reference. A protocol is a
pair of filled tables glued column by column; its unordered form forgets the order of the columns.
"""

from __future__ import annotations

from dataclasses import dataclass

from networks import InputError
from protocols.wmatrix.integers import plain_int, plain_ints

LARGEST_TABLE_CELLS = 2_000_000
"""Modes times passes that are searched; memory and time grow with it."""
LARGEST_COMPILED = 2**60
"""N times passes, and N times modes in use, up to which 64-bit loops are used; Python's integers take any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Margins:
    """What the two tables must add up to; ``PhotonTask.margins`` makes them.

    Parameters
    ----------
    left, right : tuple of int
        Row sums, all positive: photons that pass through each mode over all passes, |N M alpha_j|/||alpha||_P.
    left_modes, right_modes : tuple of int
        Index of the mode of each row; the reference, last on the right when present, is index d.
    photons, passes : int
        N, the sum of every column, and M, the number of columns.
    dimension : int
        d, the number of sensors.
    """

    left: tuple[int, ...]
    right: tuple[int, ...]
    left_modes: tuple[int, ...]
    right_modes: tuple[int, ...]
    photons: int
    passes: int
    dimension: int

    def __post_init__(self) -> None:
        for name in ("left", "right", "left_modes", "right_modes"):
            object.__setattr__(self, name, plain_ints(getattr(self, name)))
        for name in ("photons", "passes", "dimension"):
            object.__setattr__(self, name, plain_int(getattr(self, name)))

    @classmethod
    def of_target(cls, target: tuple[int, ...], photons: int, passes: int) -> Margins:
        """The margins for W r = ``target``, whose positive entries sum to N M.

        Raises
        ------
        InputError
            When the tables have more than LARGEST_TABLE_CELLS cells.

        Examples
        --------
        >>> Margins.of_target((4, -2), photons=2, passes=2)
        Margins(left=(4,), right=(2, 2), left_modes=(0,), right_modes=(1, 2), photons=2, passes=2, dimension=2)
        """
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
        return cls(
            left=tuple(b for _, b in positive),
            right=tuple(b for _, b in negative),
            left_modes=tuple(j for j, _ in positive),
            right_modes=tuple(j for j, _ in negative),
            photons=photons,
            passes=passes,
            dimension=len(target),
        )

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
        out.pop()
        return tuple(out)
