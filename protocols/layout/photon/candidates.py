"""Which optimal protocols are laid out along the links: those whose modes are joined in every pass, or others."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from protocols.layout.frozen import Frozen
from protocols.layout.photon.routes import Strings, occupied
from protocols.problem import PhaseProblem, photon_target
from protocols.schemes.photon import branches
from protocols.wmatrix.limits import Limits, Predicate, connected_supports
from protocols.wmatrix.protocol import PhotonProtocol
from protocols.wmatrix.search.least import row_limit
from protocols.wmatrix.search.repeats import fewest_columns
from protocols.wmatrix.search.sparse_tables import corner_columns
from protocols.wmatrix.search.tables import SearchLimitError, enumerate_tables
from protocols.wmatrix.task import PhotonTask

if TYPE_CHECKING:
    import networkx as nx

MAX_PROTOCOLS = 200
"""Optimal protocols laid out; of more the first in canonical order."""
MAX_PLACES = 2000
"""Optimal protocols laid out times their modes in use."""
CELLS = 200_000
"""Table cells that the search for them fills."""
SWITCH_STEPS = 20_000
"""Steps of the search for the protocol with the fewest mode switches."""
MAX_JOINED_ROWS = 14
"""Modes in use up to which only joined protocols are searched; every set of modes is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimalProtocols(Frozen):
    """Protocols to lay out.

    Attributes
    ----------
    protocols : tuple of PhotonProtocol
    joined : bool or None
        Whether protocols exist whose modes are joined in every pass, None where it is undecided; when any was found,
        ``protocols`` are such.
    complete : bool
        Whether they are all of their kind.
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


@dataclass(frozen=True, eq=False, kw_only=True)
class Joins:
    """Which modes of a problem links join to each other, directly or through nodes that sense nothing (references, ancillas).

    Parameters
    ----------
    problem : PhaseProblem

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> star = PhaseProblem(network=SensorNetwork.star([1, 1, 1], sensing="phase", photons=3))
    >>> chain = PhaseProblem(network=SensorNetwork.chain([1, 1, -2], sensing="phase", photons=2))
    >>> Joins(problem=star).joins({"s1", "s2"}), Joins(problem=chain).joins({"s1", "s3"})
    (True, False)
    """

    problem: PhaseProblem
    _known: dict[frozenset[str], bool] = field(default_factory=dict)

    @cached_property
    def _graph(self) -> nx.Graph[str]:
        import networkx as nx

        graph: nx.Graph[str] = nx.Graph()
        graph.add_nodes_from(self.problem.names)
        graph.add_edges_from((link.first, link.second) for link in self.problem.task.links)
        return graph

    @cached_property
    def _silent(self) -> frozenset[str]:
        return frozenset(self.problem.names).difference(self.problem.sensor_modes)

    def supports(self) -> Predicate:
        """Whether the modes of a pass are joined, with the modes numbered as ``Limits`` do: sensors, then the reference."""
        return connected_supports(
            self._graph, (*self.problem.sensor_modes, self.problem.reference_name), through=self._silent
        )

    def joins(self, nodes: Iterable[str]) -> bool:
        """Whether these nodes are joined."""
        import networkx as nx

        wanted = frozenset(nodes)
        if wanted not in self._known:
            start = next(iter(wanted), None)
            allowed = self._graph.subgraph(wanted | self._silent)
            self._known[wanted] = start is None or wanted <= nx.node_connected_component(allowed, start)
        return self._known[wanted]

    def in_every_pass(self, protocol: PhotonProtocol) -> bool:
        """Whether in every pass the occupied modes are joined."""
        used = (column for column, times in zip(protocol.columns, protocol.repeats, strict=True) if times)
        return all(self.joins(occupied(strings_of(self.problem, column))) for column in used)


def optimal_protocols(
    problem: PhaseProblem, known: Sequence[PhotonProtocol] = (), *, switched: bool | None = None
) -> OptimalProtocols:
    """The protocols to lay out.

    Parameters
    ----------
    problem : PhaseProblem
    known : optimal protocols that are to be among them.
    switched : bool, optional
        Whether only those of several columns, or only that of one, are wanted.

    Raises
    ------
    NoProtocolError
        When (34) fails.
    """
    task = PhotonTask.of_problem(problem)
    margins, joins = task.margins, Joins(problem=problem)
    result: dict[frozenset[tuple[tuple[int, ...], int]], PhotonProtocol] = {}

    def add(protocols: Iterable[PhotonProtocol]) -> None:
        for protocol in protocols:
            if switched is not None and (len(protocol.columns) > 1) != switched:
                continue
            result.setdefault(frozenset(zip(protocol.columns, protocol.repeats, strict=True)), protocol)

    add(known)
    steady = photon_target(problem.function, problem.photons, 1)
    if steady is not None:
        add([_steady(problem, steady)])
    if problem.passes == 1 or switched is False:
        # W r = target has this one solution, of a single column.
        only = tuple(result.values())
        return OptimalProtocols(
            protocols=only, joined=all(joins.in_every_pass(protocol) for protocol in only), complete=True
        )
    searched = margins.rows <= MAX_JOINED_ROWS
    if searched:
        along_links = task.within(Limits(allows=joins.supports()))
        few = fewest_columns(along_links, None, node_limit=SWITCH_STEPS)
        if few is not None:
            add([PhotonProtocol.from_columns(task, few.columns)])
        listed, ended = _listed(along_links)
        add(listed)
        if joined := [protocol for protocol in result.values() if joins.in_every_pass(protocol)]:
            return OptimalProtocols(protocols=tuple(joined), joined=True, complete=ended)
    # Filling the tables from a corner always gives a protocol.
    add([PhotonProtocol.from_columns(task, corner_columns(margins))])
    others, all_listed = _listed(task)
    add(others)
    joined = [protocol for protocol in result.values() if joins.in_every_pass(protocol)]
    if joined:
        return OptimalProtocols(protocols=tuple(joined), joined=True, complete=all_listed)
    decided = all_listed or (searched and ended)
    return OptimalProtocols(protocols=tuple(result.values()), joined=False if decided else None, complete=all_listed)


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
    listed: list[PhotonProtocol] = []
    try:
        listed.extend(PhotonProtocol.from_columns(task, glued) for glued in itertools.islice(walk, most))
        return listed, next(walk, None) is None
    except SearchLimitError:
        return listed, False
