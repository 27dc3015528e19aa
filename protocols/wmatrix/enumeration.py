"""The question behind ``psn enumerate``: which optimal photon protocols exist, how many, with how few modes a pass."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from networks import InputError, LinearFunction
from networks.errors import short_repr
from protocols.problem import Divisibility, divisibility, photon_target
from protocols.theory.bounds import function_document
from protocols.theory.entanglement import phase_modes_bound
from protocols.wmatrix.columns import WMatrix
from protocols.wmatrix.limits import Limits
from protocols.wmatrix.margins import Margins, check_counts, margins
from protocols.wmatrix.protocol import PhotonProtocol
from protocols.wmatrix.search.counting import ProtocolCount, count_protocols
from protocols.wmatrix.search.least import LeastModes, least_modes, row_limit
from protocols.wmatrix.search.tables import SearchCutError, enumerate_tables

LARGEST_LIMIT = 100_000
"""Protocols listed at once, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enumeration:
    """What was found; ``exists`` and ``minimum_modes`` are None where a search was cut before it could say."""

    function: LinearFunction
    columns: int
    target: tuple[int, ...] | None
    divisibility: Divisibility
    exists: bool | None
    count: int | None
    ordered_count: int | None
    count_method: str | None
    minimum_modes: int | None
    minimum_modes_decided: bool
    lower_bound_modes: int
    protocols: tuple[PhotonProtocol, ...]
    complete: bool

    def to_dict(self) -> dict[str, object]:
        """The document of ``psn enumerate --json``; ``complete`` says whether ``protocols`` lists all."""
        return {
            **problem_document(self.function, self.columns, self.target, self.divisibility.least_product),
            "exists": self.exists,
            "count": self.count,
            "ordered_count": self.ordered_count,
            "count_method": self.count_method,
            "minimum_modes": self.minimum_modes,
            "minimum_modes_decided": self.minimum_modes_decided,
            "lower_bound_modes": self.lower_bound_modes,
            "protocols": [
                {**protocol.to_dict(), "modes_per_pass": list(protocol.modes_per_pass)} for protocol in self.protocols
            ],
            "complete": self.complete,
        }


def problem_document(
    function: LinearFunction, columns: int, target: tuple[int, ...] | None, least_product: int
) -> dict[str, object]:
    """What every document of ``psn enumerate`` begins with."""
    return {
        "function": function_document(function),
        "columns": columns,
        "target": None if target is None else list(target),
        "least_product": least_product,
    }


def enumerate_protocols(
    function: LinearFunction | Sequence[object],
    photons: int,
    passes: int,
    *,
    limits: Limits | None = None,
    limit: int = 20,
    count: bool = False,
    seconds: float | None = None,
) -> Enumeration:
    """Enumerate the optimal protocols of q = alpha . theta with N photons and M passes, exactly, in canonical order.

    Parameters
    ----------
    limits : Limits
        Keep to protocols whose every pass stays within them. ``minimum_modes`` sets their own limit on modes aside.
    limit : int
        How many protocols to return.
    count : bool
        Also count all of them, exactly.
    seconds : float
        Time for the search for the least number of modes; without it the effort is fixed.

    Examples
    --------
    >>> found = enumerate_protocols(LinearFunction([1, 1]), 2, 2, count=True)
    >>> found.count, found.protocols[0].columns, found.minimum_modes
    (2, ((2, 0), (0, 2)), 2)
    """
    limits = limits or Limits()
    question = Question.of(function, photons, passes, limits, counts=(("limit", limit, 0, LARGEST_LIMIT),))
    oriented, table = question.oriented, question.table
    listed: list[PhotonProtocol] = []
    complete = True
    counted: ProtocolCount | None = None
    exists: bool | None = False
    found = LeastModes(modes=None, lower_bound=0, decided=True, exists=False, columns=None, proof="exhausted")
    if table is not None:
        counted = count_protocols(table, limits) if count else None
        found = least_modes(oriented, table, limits=limits, seconds=seconds)
        walk = enumerate_tables(table, limits, node_limit=row_limit(table) + limit * table.rows)
        try:
            # extend keeps what came before a cut, which a new list would lose.
            listed.extend(
                PhotonProtocol.from_columns(oriented, table, glued) for glued in itertools.islice(walk, limit)
            )
            complete = next(walk, None) is None
        except SearchCutError:
            complete = False
        exists = counted.unordered > 0 if counted else _exists(listed, complete, found, limits.modes)
    return Enumeration(
        function=question.function,
        columns=WMatrix(oriented, photons).size,
        target=photon_target(oriented, photons, passes),
        divisibility=divisibility(oriented, photons, passes),
        exists=exists,
        count=None if not count else counted.unordered if counted else 0,
        ordered_count=None if not count else counted.ordered if counted else 0,
        count_method=counted.method if counted else None,
        minimum_modes=found.modes,
        minimum_modes_decided=found.decided,
        lower_bound_modes=max(phase_modes_bound(oriented, passes), found.lower_bound),
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked about: the function as given and oriented, and its tables, None when (34) fails."""

    function: LinearFunction
    oriented: LinearFunction
    table: Margins | None
    limits: Limits

    @classmethod
    def of(
        cls,
        function: LinearFunction | Sequence[object],
        photons: int,
        passes: int,
        limits: Limits,
        *,
        counts: Sequence[tuple[str, object, int, int]] = (),
    ) -> Question:
        """Check everything that was given at once; ``counts`` are names, values and ranges of further integers."""
        faults: list[str] = []
        try:
            check_counts(photons, passes)
        except InputError as error:
            faults += error.faults
        try:
            given = function if isinstance(function, LinearFunction) else LinearFunction(function)
            faults += limits.faults(len(given))
        except InputError as error:
            faults += error.faults
        for name, value, least, most in counts:
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                faults.append(f"{name} must be an integer of at least {least}, got {short_repr(value)}")
            elif value > most:
                faults.append(f"{name} must be at most {most}, got {short_repr(value)}")
        if faults:
            raise InputError(faults)
        oriented = given.orient().function
        table = margins(oriented, photons, passes)
        if table is not None:
            # Groups that no pass can obey are faults too.
            limits.effective(table)
        return cls(function=given, oriented=oriented, table=table, limits=limits)

    def document(self, photons: int, passes: int) -> dict[str, object]:
        """The beginning of a document of ``psn enumerate``."""
        return problem_document(
            self.function,
            WMatrix(self.oriented, photons).size,
            photon_target(self.oriented, photons, passes),
            divisibility(self.oriented, photons, passes).least_product,
        )

    def require_table(self, photons: int, passes: int) -> Margins:
        """The tables, or an InputError that names the failing divisibility and what would work."""
        if self.table is None:
            raise InputError([divisibility(self.oriented, photons, passes).fault()])
        return self.table
