"""Photon protocols on a graph: where the photons start, which links they take in each branch, and what the links leave.

A N00N-type state is made at one node and its branches A and B travel along links to the modes of the first column; a control
carries each branch on to the next column. No photon may be lost in any of it, so the links multiply into the survival of the
branches, and the mean squared error is (||alpha||_P/(N t))^2 over 4AB/(sqrt A + sqrt B)^2 (docs/theory.md, section 7). All optimal
protocols lose the same at the modes, so they differ by their links alone.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from networks import InputError
from photonics.conventions import Real
from protocols.layout.alternatives import Alternative, best_of
from protocols.layout.routes import Routes, Strings, Transport, are_joined, occupied
from protocols.layout.trees import require_nodes
from protocols.loss.branches import best_branch_weights, branch_contrast
from protocols.photon_protocol import PhotonProtocol
from protocols.problem import Problem, photon_target
from protocols.schemes.photon import branches, circuit_modes, log_survival, over_contrast
from protocols.wmatrix.least import row_limit
from protocols.wmatrix.limits import Limits, Predicate, connected_supports
from protocols.wmatrix.margins import Margins, require_margins
from protocols.wmatrix.repeats import fewest_columns
from protocols.wmatrix.sparse_tables import corner_columns
from protocols.wmatrix.tables import SearchCutError, enumerate_tables

if TYPE_CHECKING:
    from protocols.layout.photon_robustness import PhotonRobustness

MOST_PROTOCOLS = 200
MOST_PLACES = 2000
"""Optimal protocols laid out, fewer when these times their modes are more than so many; of more the first in canonical order."""
CELLS = 200_000
"""Table cells that the search for them fills."""
SWITCH_STEPS = 20_000
MOST_JOINED_ROWS = 14
"""Modes in use up to which only joined protocols are searched; every set of modes is looked at."""
MOST_SWITCHED = 300
"""Nodes of a network up to which protocols with controls are laid out when others are known."""
MOST_NODES = 2000
MOST_ORDERED = 4
"""Columns whose every order is tried; more go on to the nearest next."""
MOST_TIED = 600
"""Equally good nodes and orders of columns that are laid out, times the nodes of the network; at least 8, those nearest first."""
SAME = 1e-9
"""Relative difference below which errors rank as equal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotonLayout:
    """A photon protocol along links.

    Attributes
    ----------
    root : str
        The node where the state is made.
    protocol : PhotonProtocol
        Its columns in the order of use.
    preparation : Transport
        The branches on their way to the first column.
    controls : tuple of Transport
        From each column to the next.
    weights : (float, float)
        Of the branches, best for what survives.
    mse, without_links : float
        Mean squared error in one shot, with the losses of links and modes, and of modes alone.
    joined : bool
        Whether in every pass links join the occupied modes, directly or through references and ancillas.
    """

    root: str
    protocol: PhotonProtocol
    preparation: Transport
    controls: tuple[Transport, ...]
    weights: tuple[float, float]
    mse: float
    without_links: float
    joined: bool

    @property
    def depth(self) -> int:
        """Layers of the preparation and of all controls."""
        return self.preparation.depth + sum(control.depth for control in self.controls)

    @property
    def crossings(self) -> int:
        """How often a link is crossed, by one branch or both at once."""
        return len(self.preparation.moves) + sum(len(control.moves) for control in self.controls)

    def to_dict(self) -> dict[str, object]:
        """As in the ``physical`` section of ``psn design --json``."""
        return {
            "source": {"node": self.root, "photons": self.protocol.photons, "weights": list(self.weights)},
            "protocol": self.protocol.to_dict(),
            "preparation": [move.to_dict() for move in self.preparation.moves],
            "controls": [[move.to_dict() for move in control.moves] for control in self.controls],
            "depth": self.depth,
            "crossings": self.crossings,
            "joined": self.joined,
            "mse": self.mse,
            "without_links": self.without_links,
        }

    def as_alternative(self) -> Alternative:
        """Its place among the alternatives."""
        switches = self.protocol.switches
        return Alternative(
            title=f"state made in {self.root}, {switches} {'switch' if switches == 1 else 'switches'}",
            mse=self.mse,
            elements=self.crossings,
            depth=self.depth,
            sources=1,
            entangled_modes=max(self.protocol.modes_per_pass),
            switches=switches,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotonLayouts:
    """The best layout found, the trade-offs among those looked at, and what is proved.

    Attributes
    ----------
    best : PhotonLayout
        The least mean squared error; then the fewest switches, layers and crossings of links.
    alternatives : tuple of Alternative
        Those that no other one looked at is better than in all respects.
    joined_exists : bool or None
        Whether an optimal protocol exists whose occupied modes are joined in every pass; None is undecided.
    complete : bool
        Whether every optimal protocol (that is joined in every pass, when there are such) was looked at.
    robustness : PhotonRobustness
        What imperfect and failing links do to the best one, where it was worked out.
    """

    best: PhotonLayout
    alternatives: tuple[Alternative, ...]
    joined_exists: bool | None
    complete: bool
    robustness: PhotonRobustness | None = None

    @property
    def mse(self) -> float:
        """Mean squared error of q with the best layout."""
        return self.best.mse

    def to_dict(self) -> dict[str, object]:
        """The ``physical`` section of ``psn design --json`` for phase sensing."""
        return {
            **self.best.to_dict(),
            "joined_exists": self.joined_exists,
            "complete": self.complete,
            "robustness": None if self.robustness is None else self.robustness.to_dict(),
            "alternatives": [alternative.to_dict() for alternative in self.alternatives],
        }


def photon_layouts(
    problem: Problem, *, roots: Sequence[str] | None = None, known: Sequence[PhotonProtocol] = ()
) -> PhotonLayouts:
    """Lay out the optimal protocols of a phase problem along the links.

    Protocols whose occupied modes are joined in every pass come first; only when none is found are others laid out, whose
    light passes sensors that it does not occupy.

    Parameters
    ----------
    roots : names of the nodes where the state may be made; any node when left out.
    known : optimal protocols to look at beside those found here.

    Raises
    ------
    InputError
        When (34) fails, the network is too large, or no allowed node reaches all modes.

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> found = photon_layouts(Problem.of(SensorNetwork.chain([1, 1, -2], sensing="phase", photons=2)))
    >>> found.best.root, [(m.edge, m.layer, m.photons) for m in found.best.preparation.moves]
    ('s2', [(('s2', 's1'), 1, (1, 0)), (('s2', 's3'), 2, (0, 2))])
    >>> found.best.mse, found.joined_exists
    (1.0, True)
    """
    network = problem.network
    if len(network.modes) > MOST_NODES:
        raise InputError([f"photons are laid out along links of up to {MOST_NODES} nodes, got {len(network.modes)}"])
    table = require_margins(problem.function, problem.photons, problem.passes)
    candidates, complete = _protocols(problem, table, known)
    joined = [protocol for protocol in candidates if is_joined(problem, protocol)]
    # With none joined found, and nothing left to find, there is none.
    exists = True if joined else False if complete else None
    chosen = joined or candidates
    if len(network.modes) > MOST_SWITCHED and (steady := [p for p in chosen if not p.switches]):
        chosen, complete = steady, complete and len(steady) == len(chosen)
    laying = _Laying(problem=problem, routes=Routes(network), roots=None if roots is None else tuple(map(str, roots)))
    require_nodes(laying.routes.names, laying.roots)
    layouts = [laying.layout(protocol) for protocol in chosen]
    least = min(layout.mse for layout in layouts)

    def rank(layout: PhotonLayout) -> tuple[float, int, int, int]:
        mse = least if layout.mse <= least * (1 + SAME) else layout.mse
        return mse, layout.protocol.switches, layout.depth, layout.crossings

    return PhotonLayouts(
        best=min(layouts, key=rank),
        alternatives=best_of(layout.as_alternative() for layout in layouts),
        joined_exists=exists,
        complete=complete,
    )


def lay_out(problem: Problem, protocol: PhotonProtocol, *, roots: Sequence[str] | None = None) -> PhotonLayout:
    """One protocol along the links, with the best source (of ``roots``) and order of columns."""
    routes = Routes(problem.network)
    require_nodes(routes.names, roots)
    return _Laying(problem=problem, routes=routes, roots=None if roots is None else tuple(map(str, roots))).layout(
        protocol
    )


def is_joined(problem: Problem, protocol: PhotonProtocol) -> bool:
    """Whether in every pass links join the occupied modes, directly or through references and ancillas."""
    return all(are_joined(problem.network, occupied(strings_of(problem, column))) for column in protocol.columns)


def strings_of(problem: Problem, column: Sequence[int]) -> Strings:
    """Photons at the nodes in the two branches of a column."""
    modes = circuit_modes(problem)
    first, second = (
        {mode: n for mode, n in zip(modes, string, strict=True) if n} for string in branches(problem, column)
    )
    return first, second


def _protocols(problem: Problem, table: Margins, known: Sequence[PhotonProtocol]) -> tuple[list[PhotonProtocol], bool]:
    """Optimal protocols, and whether they are all (or, in small problems, all that are joined)."""
    function, passes = problem.function, problem.passes
    found = {_key(protocol): protocol for protocol in known}
    steady = photon_target(function, problem.photons, 1)
    if steady is not None:
        noon = PhotonProtocol(
            function=function, photons=problem.photons, passes=passes, columns=(steady,), repeats=(passes,)
        )
        found.setdefault(_key(noon), noon)
    if passes == 1:
        return list(found.values()), True
    complete = True
    if table.rows <= MOST_JOINED_ROWS:
        allows = _joined_supports(problem)
        few = fewest_columns(table, Limits(allows=allows), None, node_limit=SWITCH_STEPS)
        if few is not None:
            protocol = PhotonProtocol.from_columns(function, table, few.columns)
            found.setdefault(_key(protocol), protocol)
        joined, complete = _listed(problem, table, Limits(allows=allows))
        found |= {_key(protocol): protocol for protocol in joined if _key(protocol) not in found}
        if any(is_joined(problem, protocol) for protocol in found.values()) or not complete:
            return list(found.values()), complete
    others, all_listed = _listed(problem, table, Limits())
    found |= {_key(protocol): protocol for protocol in others if _key(protocol) not in found}
    if not found:
        # Filling the tables from a corner always gives a protocol.
        corner = PhotonProtocol.from_columns(function, table, corner_columns(table))
        found[_key(corner)] = corner
    return list(found.values()), complete and all_listed


def _listed(problem: Problem, table: Margins, limits: Limits) -> tuple[list[PhotonProtocol], bool]:
    """Protocols in canonical order, and whether they are all."""
    walk = enumerate_tables(table, limits, node_limit=row_limit(table, CELLS))
    most = min(MOST_PROTOCOLS, max(1, MOST_PLACES // table.rows))
    found: list[PhotonProtocol] = []
    try:
        found.extend(
            PhotonProtocol.from_columns(problem.function, table, glued) for glued in itertools.islice(walk, most)
        )
        return found, next(walk, None) is None
    except SearchCutError:
        return found, False


def _joined_supports(problem: Problem) -> Predicate:
    """The modes of a pass as ``Limits`` number them: sensors, then the reference."""
    network = problem.network
    names = (*(mode.id for mode in network.sensors), None if problem.reference is None else problem.reference.id)
    through = tuple(mode.id for mode in network.modes if mode.role != "sensor")
    return connected_supports(network.graph(), names, through=through)


def _key(protocol: PhotonProtocol) -> frozenset[tuple[tuple[int, ...], int]]:
    return frozenset(zip(protocol.columns, protocol.repeats, strict=True))


@dataclass(frozen=True, eq=False, kw_only=True)
class _Laying:
    """What layouts of one problem share: the routes, and the controls worked out before."""

    problem: Problem
    routes: Routes
    roots: tuple[str, ...] | None
    known: dict[tuple[tuple[int, ...], tuple[int, ...]], Transport] = field(default_factory=dict)

    @property
    def most_tied(self) -> int:
        return max(8, MOST_TIED // len(self.problem.network.modes))

    def control(self, now: tuple[int, ...], then: tuple[int, ...]) -> Transport:
        if (now, then) not in self.known:
            strings = (strings_of(self.problem, column) for column in (now, then))
            self.known[now, then] = self.routes.between(*strings)
        return self.known[now, then]

    def layout(self, protocol: PhotonProtocol) -> PhotonLayout:
        """The best source and order of columns: least error, then fewest layers, then fewest crossings."""
        at_modes = log_survival(self.problem, protocol)
        used = {column: times for column, times in zip(protocol.columns, protocol.repeats, strict=True) if times}
        options = []
        for order in self._orders(tuple(used)):
            controls = [self.control(now, then) for now, then in itertools.pairwise(order)]
            logs = [
                start + math.fsum(control.log_survival[branch] for control in controls)
                for branch, start in enumerate(at_modes)
            ]
            for root, value in self._sources(strings_of(self.problem, order[0]), logs):
                options.append((value, order, controls, root))
        most = max(value for value, *_ in options)
        tied = [option for option in options if option[0] >= most - SAME][: self.most_tied]
        made = [self._made(protocol, used, order, controls, root, at_modes) for _, order, controls, root in tied]
        return min(made, key=lambda layout: (layout.depth, layout.crossings))

    def _orders(self, columns: tuple[tuple[int, ...], ...]) -> list[tuple[tuple[int, ...], ...]]:
        if len(columns) <= MOST_ORDERED:
            return list(itertools.permutations(columns))
        found = []
        for start in columns[:MOST_ORDERED]:
            order, left = [start], [column for column in columns if column != start]
            while left:
                nearest = max(left, key=lambda column: self._ease(order[-1], column))
                order.append(nearest)
                left.remove(nearest)
            found.append(tuple(order))
        return found

    def _ease(self, now: tuple[int, ...], then: tuple[int, ...]) -> tuple[float, int]:
        control = self.control(now, then)
        return sum(control.log_survival), -len(control.moves)

    def _sources(self, strings: Strings, logs: Sequence[float]) -> list[tuple[str, float]]:
        """The best nodes for the source with the logarithm of the contrast there, those nearest to all modes first."""
        costs = [self.routes.cost(string) for string in strings]
        allowed = np.ones(len(self.routes.names), dtype=bool)
        if self.roots is not None:
            allowed[:] = False
            allowed[[self.routes.place[root] for root in self.roots]] = True
        allowed &= np.isfinite(costs[0]) & np.isfinite(costs[1])
        if not allowed.any():
            who = "no node reaches" if self.roots is None else f"light from {' or '.join(self.roots)} does not reach"
            raise InputError([f"{who} all modes of the protocol along the links; add links"])
        values = _log_contrast(logs[0] - costs[0], logs[1] - costs[1])
        values = np.where(allowed, values, -np.inf)
        best = np.flatnonzero(values >= values.max() - SAME)
        # Few layers need short ways, to the farthest mode first of all.
        farthest = self.routes.farthest(occupied(strings))
        crossed = self.routes.cost(strings[0], in_links=True) + self.routes.cost(strings[1], in_links=True)
        nearest = best[np.lexsort((crossed[best], farthest[best]))][: self.most_tied]
        return [(self.routes.names[k], float(values[k])) for k in nearest]

    def _made(
        self,
        protocol: PhotonProtocol,
        used: dict[tuple[int, ...], int],
        order: tuple[tuple[int, ...], ...],
        controls: Sequence[Transport],
        root: str,
        at_modes: Sequence[float],
    ) -> PhotonLayout:
        preparation = self.routes.spread(root, strings_of(self.problem, order[0]))
        parts = [preparation, *controls]
        logs = [at_modes[k] + math.fsum(part.log_survival[k] for part in parts) for k in (0, 1)]
        lossless = float((protocol.function.norm_positive / (protocol.photons * protocol.passes)) ** 2)
        return PhotonLayout(
            root=root,
            protocol=replace(protocol, columns=order, repeats=tuple(used[column] for column in order)),
            preparation=preparation,
            controls=tuple(controls),
            weights=best_branch_weights(*logs),
            mse=over_contrast(lossless, branch_contrast(*logs)),
            without_links=over_contrast(lossless, branch_contrast(*at_modes)),
            joined=is_joined(self.problem, protocol),
        )


def _log_contrast(first: Real, second: Real) -> Real:
    """log of 4AB/(sqrt A + sqrt B)^2 from the logarithms of A and B."""
    top, low = np.maximum(first, second), np.minimum(first, second)
    found: Real = low + math.log(4) - 2 * np.log1p(np.exp((low - top) / 2))
    return found
