"""The question behind ``psn enumerate``: which optimal photon protocols exist, how many, with how few modes a pass."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from networks import LinearFunction, NearestRational
from protocols.documents.printed import Entry, Inline
from protocols.documents.result import Result
from protocols.theory.entanglement import phase_modes_bound
from protocols.wmatrix.integers import plain_int
from protocols.wmatrix.limits import Limits
from protocols.wmatrix.otherwise import nearest_columns, nearest_document, reached_otherwise
from protocols.wmatrix.protocol import PhotonProtocol
from protocols.wmatrix.search.counting import ProtocolCount, count_protocols
from protocols.wmatrix.search.least import LeastModes, least_modes, row_limit
from protocols.wmatrix.search.tables import SearchLimitError, enumerate_tables
from protocols.wmatrix.task import PhotonTask

LARGEST_LIMIT = 100_000
"""Protocols listed at once, at most."""


def with_modes(protocol: PhotonProtocol) -> dict[str, object]:
    """The document of a protocol with the modes that each pass occupies, its switches, and which of them are passive."""
    controls = protocol.controls()
    return {
        **protocol.to_dict(),
        "modes_per_pass": protocol.modes_per_pass,
        "switches": len(controls),
        "passive_switches": sum(control.passive for control in controls),
    }


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Enumeration(Result):
    """The optimal protocols of a task: whether there are any, how many, how narrow, and the first of them.

    Attributes
    ----------
    task : PhotonTask
        What it is about: function, N, M and limits.
    exists : bool or None
        Whether a protocol within the limits exists; None when a search reached its limit before it could say.
    count, ordered_count : int or None
        How many there are, as multisets and as sequences of passes; None when they were not counted.
    count_method : str or None
        How they were counted.
    minimum_modes : int or None
        The fewest modes in the widest pass that were seen, a limit on them set aside.
    minimum_modes_decided : bool
        Whether it is proved that no protocol has fewer.
    lower_bound_modes : int
        Proved in any case.
    protocols : tuple of PhotonProtocol
        In canonical order, from the first.
    complete : bool
        Whether these are all.
    """

    DOCUMENT = (
        Inline("task"),
        "exists",
        "count",
        "ordered_count",
        "count_method",
        "minimum_modes",
        "minimum_modes_decided",
        "lower_bound_modes",
        Entry("protocols", of=lambda result: [with_modes(protocol) for protocol in result.protocols]),
        "complete",
        "reached_otherwise",
        Entry("nearest_columns", of=lambda result: [nearest_document(near) for near in result.nearest_columns]),
    )

    task: PhotonTask
    exists: bool | None
    count: int | None
    ordered_count: int | None
    count_method: str | None
    minimum_modes: int | None
    minimum_modes_decided: bool
    lower_bound_modes: int
    protocols: tuple[PhotonProtocol, ...]
    complete: bool

    @property
    def reached_otherwise(self) -> tuple[str, ...]:
        """Schemes that reach the bound within the limits where it is proved that no protocol of columns does; none elsewhere."""
        return reached_otherwise(self.task) if self.exists is False else ()

    @property
    def nearest_columns(self) -> tuple[NearestRational, ...]:
        """The nearest functions with columns, where (34) has none for this one."""
        return nearest_columns(self.task)


def enumerate_protocols(
    function: PhotonTask | LinearFunction | Sequence[object],
    photons: int | None = None,
    passes: int | None = None,
    *,
    limits: Limits | None = None,
    limit: int = 20,
    count: bool = False,
    seconds: float | None = None,
) -> Enumeration:
    """Enumerate the optimal protocols of q = alpha . theta with N photons and M passes, exactly, in canonical order.

    They are the solutions of W r = N M alpha/||alpha||_P in non-negative integers r that sum to M, BEGG (32) to (34).

    Parameters
    ----------
    function : PhotonTask, LinearFunction or sequence of int, Fraction or str, length d
        q; or the whole task, and then no photons, passes and limits.
    photons, passes : int
        N and M, positive.
    limits : Limits
        Keep to protocols whose every pass stays within them. ``minimum_modes`` sets their own limit on modes aside.
    limit : int
        How many protocols to return, from 0 to 100,000.
    count : bool
        Also count all of them, exactly.
    seconds : float
        Time for the search for the least number of modes; without it the effort is fixed.

    Returns
    -------
    Enumeration
        Also when (34) fails: then no protocol of columns exists, and ``task.divisibility`` says what would work.

    Raises
    ------
    InputError
        Faults of the arguments, tables that are too large, or a count that would take too long.

    Examples
    --------
    >>> result = enumerate_protocols([1, 1], photons=2, passes=2, count=True)
    >>> result.count, result.protocols[0].columns, result.minimum_modes
    (2, ((2, 0), (0, 2)), 2)
    >>> enumerate_protocols(PhotonTask(function=[1, 1], photons=2, passes=2), count=True) == result
    True
    """
    limit = plain_int(limit)
    task = PhotonTask.of(function, photons, passes, limits, counts=(("limit", limit, 0, LARGEST_LIMIT),))
    listed: list[PhotonProtocol] = []
    complete = True
    counted: ProtocolCount | None = None
    exists: bool | None = False
    least = LeastModes(modes=None, lower_bound=0, decided=True, exists=False, columns=None, proof="exhausted")
    if task.is_divisible:
        counted = count_protocols(task) if count else None
        least = least_modes(task, seconds=seconds)
        walk = enumerate_tables(task, node_limit=row_limit(task.margins) + limit * task.margins.rows)
        try:
            # extend keeps what came before the limit, which a new list would lose.
            listed.extend(PhotonProtocol.from_columns(task, glued) for glued in itertools.islice(walk, limit))
            complete = next(walk, None) is None
        except SearchLimitError:
            complete = False
        exists = counted.unordered > 0 if counted else _exists(listed, complete, least, task.limits.modes)
    return Enumeration(
        task=task,
        exists=exists,
        count=None if not count else counted.unordered if counted else 0,
        ordered_count=None if not count else counted.ordered if counted else 0,
        count_method=counted.method if counted else None,
        minimum_modes=least.modes,
        minimum_modes_decided=least.decided,
        lower_bound_modes=max(phase_modes_bound(task.oriented, task.passes), least.lower_bound),
        protocols=tuple(listed),
        complete=complete,
    )


def _exists(listed: list[PhotonProtocol], complete: bool, least: LeastModes, max_modes: int | None) -> bool | None:
    """Whether a protocol within the limits exists: one was seen, or the least k or an ended walk decides it, or open."""
    if listed or (least.modes is not None and (max_modes is None or least.modes <= max_modes)):
        return True
    if complete or (max_modes is not None and least.lower_bound > max_modes):
        return False
    return least.exists if max_modes is None else None
