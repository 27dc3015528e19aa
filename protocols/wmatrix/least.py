"""The least number of modes that a protocol must occupy in one pass: a protocol found, a bound proved, and a status."""

from __future__ import annotations

from dataclasses import dataclass

from networks import LinearFunction
from protocols.entanglement import phase_modes_bound
from protocols.wmatrix.limits import Limits
from protocols.wmatrix.margins import Margins
from protocols.wmatrix.sparse_tables import Columns, balanced_columns, cells_bound, corner_columns, widest
from protocols.wmatrix.tables import SearchCutError, enumerate_tables

CELL_LIMIT = 60_000_000
"""Table cells that the searches for one least k may fill before they stop undecided; some seconds."""
PYTHON_SHARE = 60
"""The plain search gets this part of them; most problems end there, before anything has to be compiled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeastModes:
    """``modes`` is the least k found (None when none was), reached by ``columns``; ``decided`` says it is proved least.

    ``lower_bound`` is proved in any case. ``exists`` is None when the search for any protocol within the limits was cut.
    """

    modes: int | None
    lower_bound: int
    decided: bool
    exists: bool | None
    columns: Columns | None


def least_modes(
    function: LinearFunction, margins: Margins, *, photons_per_mode: int | None = None, cell_limit: int = CELL_LIMIT
) -> LeastModes:
    """The least k over all protocols (with at most ``photons_per_mode`` photons in a mode), by exhausting smaller k.

    >>> from protocols.wmatrix.margins import margins
    >>> f = LinearFunction([1, 1, -1])
    >>> found = least_modes(f, margins(f, 1, 2))
    >>> found.modes, found.decided, found.lower_bound
    (2, True, 2)
    """
    lower = max(phase_modes_bound(function, margins.passes), cells_bound(margins))
    if photons_per_mode is not None:
        # Each side of a pass holds N photons, at most photons_per_mode in a mode.
        lower = max(lower, 2 * -(-margins.photons // photons_per_mode))
    best = None
    if photons_per_mode is None or photons_per_mode >= margins.photons:
        best = min(corner_columns(margins), balanced_columns(margins), key=widest)
    upper = margins.rows + 1 if best is None else widest(best)
    undecided = False
    # All searches together keep to the limit: the few smallest k get most of it, where a proof is likeliest.
    cells = cell_limit
    for k in range(lower, upper):
        limits = Limits(modes=k, photons_per_mode=photons_per_mode)
        cells //= 2
        try:
            found = _first(margins, limits, cells)
        except SearchCutError:
            undecided = True
            if k > lower + 12:
                # Far above the bound without a verdict: what is left stays undecided.
                break
            continue
        if found is not None:
            best, upper = found, widest(found)
            break
        if not undecided:
            lower = k + 1
    if best is None:
        # Every k up to all modes was tried: either all searches ended, or some did not.
        return LeastModes(
            modes=None, lower_bound=lower, decided=not undecided, exists=None if undecided else False, columns=None
        )
    return LeastModes(modes=upper, lower_bound=lower, decided=lower >= upper, exists=True, columns=best)


def _first(margins: Margins, limits: Limits, cells: int) -> Columns | None:
    """A protocol within the limits, None when there is none; SearchCutError when the cells ran out."""
    plain = row_limit(margins, cells // PYTHON_SHARE)
    try:
        return next(enumerate_tables(margins, limits, node_limit=plain), None)
    except SearchCutError:
        from protocols.wmatrix.walk import LARGEST_SUM, enumerate_batches

        if cells // margins.passes <= plain or margins.photons * margins.passes > LARGEST_SUM:
            raise
    for tables in enumerate_batches(margins, limits, batch=1, node_limit=cells // margins.passes):
        return tuple(zip(*tables[0].tolist(), strict=True))
    return None


def row_limit(margins: Margins, cells: int = CELL_LIMIT // PYTHON_SHARE) -> int:
    """How many rows of M cells a plain search may fill."""
    return max(100, cells // margins.passes)
