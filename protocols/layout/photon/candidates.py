"""Which optimal protocols are laid out along the links: those whose modes are joined in every pass, or others."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from networks import to_graph
from protocols.layout.photon.routes import Strings, are_joined, occupied
from protocols.problem import PhaseProblem, photon_target
from protocols.schemes.photon import branches
from protocols.wmatrix.limits import Limits, Predicate, connected_supports
from protocols.wmatrix.protocol import PhotonProtocol
from protocols.wmatrix.search.least import row_limit
from protocols.wmatrix.search.repeats import fewest_columns
from protocols.wmatrix.search.sparse_tables import corner_columns
from protocols.wmatrix.search.tables import SearchLimitError, enumerate_tables
from protocols.wmatrix.task import PhotonTask

MAX_PROTOCOLS = 200
MAX_PLACES = 2000
"""Optimal protocols laid out, fewer when these times their modes are more than so many; of more the first in canonical order."""
CELLS = 200_000
"""Table cells that the search for them fills."""
SWITCH_STEPS = 20_000
MAX_JOINED_ROWS = 14
"""Modes in use up to which only joined protocols are searched; every set of modes is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Protocols to lay out.

    ``joined`` says whether protocols exist whose modes are joined in every pass (None: undecided); when any was found,
    ``protocols`` are such. ``complete``: whether they are all of their kind.
    """

    protocols: tuple[PhotonProtocol, ...]
    joined: bool | None
    complete: bool


def strings_of(problem: PhaseProblem, column: Sequence[int]) -> Strings:
    """Photons at the nodes in the two branches of a column."""
    modes = problem.circuit_modes
    first, second = (
        {mode: n for mode, n in zip(modes, string, strict=True) if n} for string in branches(problem, column)
    )
    return first, second


def is_joined(problem: PhaseProblem, protocol: PhotonProtocol) -> bool:
    """Whether in every pass links join the occupied modes, directly or through references and ancillas."""
    used = (column for column, times in zip(protocol.columns, protocol.repeats, strict=True) if times)
    return all(are_joined(problem.network, occupied(strings_of(problem, column))) for column in used)


def photon_candidates(problem: PhaseProblem, known: Sequence[PhotonProtocol] = ()) -> Candidates:
    """The protocols to lay out, ``known`` ones among them.

    Raises
    ------
    NoProtocolError
        When (34) fails.
    """
    task = PhotonTask.of_problem(problem)
    margins = task.margins
    found: dict[frozenset[tuple[tuple[int, ...], int]], PhotonProtocol] = {}

    def add(protocols: Iterable[PhotonProtocol]) -> None:
        for protocol in protocols:
            found.setdefault(frozenset(zip(protocol.columns, protocol.repeats, strict=True)), protocol)

    add(known)
    steady = photon_target(problem.function, problem.photons, 1)
    if steady is not None:
        add([_steady(problem, steady)])
    if problem.passes == 1:
        # W r = target has this one solution.
        only = tuple(found.values())
        return Candidates(protocols=only, joined=all(is_joined(problem, protocol) for protocol in only), complete=True)
    searched = margins.rows <= MAX_JOINED_ROWS
    if searched:
        along_links = task.within(Limits(allows=_joined_supports(problem)))
        few = fewest_columns(along_links, None, node_limit=SWITCH_STEPS)
        if few is not None:
            add([PhotonProtocol.from_columns(task, few.columns)])
        listed, ended = _listed(along_links)
        add(listed)
        if joined := [protocol for protocol in found.values() if is_joined(problem, protocol)]:
            return Candidates(protocols=tuple(joined), joined=True, complete=ended)
    # Filling the tables from a corner always gives a protocol.
    add([PhotonProtocol.from_columns(task, corner_columns(margins))])
    others, all_listed = _listed(task)
    add(others)
    joined = [protocol for protocol in found.values() if is_joined(problem, protocol)]
    if joined:
        return Candidates(protocols=tuple(joined), joined=True, complete=all_listed)
    decided = all_listed or (searched and ended)
    return Candidates(protocols=tuple(found.values()), joined=False if decided else None, complete=all_listed)


def _steady(problem: PhaseProblem, omega: tuple[int, ...]) -> PhotonProtocol:
    return PhotonProtocol(
        function=problem.function,
        photons=problem.photons,
        passes=problem.passes,
        columns=(omega,),
        repeats=(problem.passes,),
    )


def _listed(task: PhotonTask) -> tuple[list[PhotonProtocol], bool]:
    """Protocols in canonical order, and whether they are all."""
    walk = enumerate_tables(task, node_limit=row_limit(task.margins, CELLS))
    most = min(MAX_PROTOCOLS, max(1, MAX_PLACES // task.margins.rows))
    found: list[PhotonProtocol] = []
    try:
        found.extend(PhotonProtocol.from_columns(task, glued) for glued in itertools.islice(walk, most))
        return found, next(walk, None) is None
    except SearchLimitError:
        return found, False


def _joined_supports(problem: PhaseProblem) -> Predicate:
    """The modes of a pass as ``Limits`` number them: sensors, then the reference."""
    network = problem.network
    names = (*(mode.id for mode in network.sensors), None if problem.reference is None else problem.reference.id)
    through = tuple(mode.id for mode in network.modes if mode.role != "sensor")
    return connected_supports(to_graph(network), names, through=through)
