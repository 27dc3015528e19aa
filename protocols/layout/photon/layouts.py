"""The layouts of photons along links to choose from, by reference and source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from networks import InputError, SensorNetwork
from protocols.documents.printed import Inline
from protocols.layout.alternatives import Alternative, best_of
from protocols.layout.layout import Layouts, Section, Step
from protocols.layout.paths import Paths, require_nodes
from protocols.layout.photon import summary
from protocols.layout.photon.candidates import Joins, OptimalProtocols, optimal_protocols
from protocols.layout.photon.circuit import photon_layout_circuit
from protocols.layout.photon.layout import PhotonLayout, laid_out, phase_problem, references_tried, with_reference
from protocols.layout.photon.robustness import PhotonRobustness, photon_robustness
from protocols.layout.photon.routes import Routes
from protocols.layout.photon.routing import Router, all_orders_tried
from protocols.problem import PhaseProblem, Problem
from protocols.schemes.noon import Noon
from protocols.schemes.w_matrix import WMatrix
from protocols.tables import Table
from protocols.theory.equal_errors import ranked
from protocols.wmatrix.protocol import PhotonProtocol

if TYPE_CHECKING:
    from photonics import Circuit

MAX_NODES = 2000
"""Nodes of a network whose photons are laid out."""
MAX_SWITCHED = 300
"""Nodes of a network up to which protocols with controls are laid out when others are known."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PhotonLayouts(Layouts):
    """The best layout found, the trade-offs among those looked at, and what is proved.

    Attributes
    ----------
    best : PhotonLayout
        The least mean squared error; then the fewest modes in a pass, mode switches, time steps and link traversals.
    alternatives : tuple of Alternative
        Those that no other one looked at is better than in all respects.
    joined_exists : bool or None
        Whether an optimal protocol exists whose occupied modes are joined in every pass; None is undecided.
    complete : bool
        Whether every optimal protocol (that is joined in every pass, when there are such) was looked at, with every reference and
        every order of its columns.
    robustness : PhotonRobustness
        What imperfect and failing links do to the best one.
    """

    DOCUMENT = (
        "scheme",
        Inline("best"),
        "joined_exists",
        "complete",
        "robustness",
        "alternatives",
    )

    step_noun: ClassVar[str] = "link traversal"
    layer_noun: ClassVar[str] = "time step"
    label_words: ClassVar[str] = "2 A: two photons of branch A"

    best: PhotonLayout
    alternatives: tuple[Alternative, ...]
    joined_exists: bool | None
    complete: bool
    robustness: PhotonRobustness

    @property
    def scheme(self) -> str:
        """ "noon" for one column in every pass, "w-matrix" for several."""
        return WMatrix.name if self.best.protocol.switches else Noon.name

    @property
    def mse(self) -> float:
        """Mean squared error of q in one shot with the best layout."""
        return self.best.mse

    @property
    def drawn_mse(self) -> float:
        """The same; the best layout is drawn and written."""
        return self.best.mse

    @property
    def roots(self) -> tuple[str, ...]:
        """The node where the state is made."""
        return (self.best.root,)

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every link traversal, of the preparation and then of each control."""
        transports = enumerate(self.best.transports)
        return tuple(summary.step(stage, move) for stage, transport in transports for move in transport.moves)

    @property
    def stage_depths(self) -> tuple[int, ...]:
        """Time steps of the preparation and of each control."""
        return tuple(transport.depth for transport in self.best.transports)

    @property
    def on_the_way(self) -> frozenset[str]:
        """Nodes that photons leave, pass or reach along links."""
        return self.best.on_the_way

    @property
    def reference(self) -> str | None:
        """The reference in use."""
        return self.best.reference

    @property
    def effort(self) -> tuple[int, int, int, int]:
        """Modes entangled in a pass, mode switches, link traversals, time steps."""
        best = self.best
        return max(best.protocol.modes_per_pass), best.protocol.switches, best.crossings, best.depth

    def circuit_size(self, problem: SensorNetwork | Problem) -> int:
        """Link traversals; each has modes of its own."""
        return self.best.crossings

    def circuit(self, problem: SensorNetwork | Problem) -> Circuit:
        """The best layout as a circuit of the problem it was made for, to run on any engine.

        Raises
        ------
        InputError
            For a problem of another kind of sensing.
        """
        return photon_layout_circuit(problem, self.best)

    def steps_table(self) -> Table:
        """A row for every link traversal."""
        return summary.moves_table(self.best)

    def sentences(self) -> tuple[str, ...]:
        """What the best layout reaches, and its protocol."""
        return summary.sentences(self.best)

    def sections(self) -> tuple[Section, ...]:
        """Where the state is made, which photons take which link when, what the links cost, and what is proved."""
        return (summary.section(self.best, self.robustness, self.joined_exists, self.complete),)


def photon_layouts(
    problem: SensorNetwork | Problem,
    *,
    roots: Sequence[str] | None = None,
    known: Sequence[PhotonProtocol] = (),
    switched: bool | None = None,
) -> PhotonLayouts:
    """Lay out the optimal protocols of a phase problem along the links.

    Protocols whose occupied modes are joined in every pass come first; only when none is found are others laid out, whose
    light passes sensors that it does not occupy.

    Parameters
    ----------
    problem : SensorNetwork or Problem
        Of phase sensing.
    roots : names of the nodes where the state may be made; any node when left out.
    known : optimal protocols to look at beside those found here.
    switched : bool, optional
        Whether only protocols of several columns, or only that of one, are laid out; all when left out.

    Raises
    ------
    NoProtocolError
        When (34) fails.
    InputError
        For displacements, a network that is too large, or when no allowed node reaches all modes.

    Examples
    --------
    >>> layouts = photon_layouts(SensorNetwork.chain([1, 1, -2], sensing="phase", photons=2))
    >>> layouts.best.root, [(m.edge, m.layer, m.photons) for m in layouts.best.preparation.moves]
    ('s2', [(('s2', 's1'), 1, (1, 0)), (('s2', 's3'), 2, (0, 2))])
    >>> layouts.best.mse, layouts.joined_exists
    (1.0, True)
    """
    problem = phase_problem(problem)
    if len(problem.names) > MAX_NODES:
        raise InputError([f"photons are laid out along links of up to {MAX_NODES} nodes, got {len(problem.names)}"])
    require_nodes(problem.names, roots)
    problems, all_references = _by_reference(problem)
    searched = [(one, optimal_protocols(one, known, switched=switched)) for one in problems]
    exists = _any(protocols.joined for _, protocols in searched)
    complete = all_references and all(protocols.complete for _, protocols in searched)
    # Problems that differ in their reference have the same links.
    routes = Routes(paths=Paths.of(problem.task))
    layouts: list[PhotonLayout] = []
    for one, protocols in searched:
        if protocols.joined or not exists:
            chosen, all_chosen = _affordable(one, protocols)
            complete = complete and all_chosen and all(map(all_orders_tried, chosen))
            router = Router(problem=one, routes=routes, roots=None if roots is None else tuple(map(str, roots)))
            joins = Joins(problem=one)
            layouts += [laid_out(router, joins, protocol) for protocol in chosen]
    best, *_ = ranked(
        layouts,
        error=lambda layout: layout.mse,
        effort=lambda layout: (
            max(layout.protocol.modes_per_pass),
            layout.protocol.switches,
            layout.depth,
            layout.crossings,
        ),
    )
    return PhotonLayouts(
        best=best,
        alternatives=best_of(layout.as_alternative() for layout in layouts),
        joined_exists=exists if exists or all_references else None,
        complete=complete,
        robustness=photon_robustness(problem, best),
    )


def _any(verdicts: Iterable[bool | None]) -> bool | None:
    """True when one is, None when one of the others is undecided."""
    verdicts = list(verdicts)
    return True if any(verdicts) else None if None in verdicts else False


def _by_reference(problem: PhaseProblem) -> tuple[list[PhaseProblem], bool]:
    """The problem with each reference that light can reach, the others as nodes that sense nothing; and whether these are all."""
    names, are_all = references_tried(problem)
    return [with_reference(problem, name) for name in names] or [problem], are_all


def _affordable(problem: PhaseProblem, optimal: OptimalProtocols) -> tuple[tuple[PhotonProtocol, ...], bool]:
    """In large networks only the protocols without switches, when there are any."""
    steady = tuple(protocol for protocol in optimal.protocols if not protocol.switches)
    if len(problem.names) <= MAX_SWITCHED or not steady:
        return optimal.protocols, True
    return steady, len(steady) == len(optimal.protocols)
