"""Photon protocols on a graph: where the photons start, which links they take in each branch, and what the links leave.

A N00N-type state is made at one node and its branches A and B travel along links to the modes of the first column; a control
carries each branch on to the next column. No photon may be lost in any of it, so the links multiply into the survival of the
branches, and the mean squared error is (||alpha||_P/(N t))^2 over 4AB/(sqrt A + sqrt B)^2 (docs/theory/theory.md, section 7). All
optimal protocols lose the same at the modes, so they differ by their links alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from networks import InputError, SensorNetwork
from networks.reach import reachable
from protocols.documents.printed import Entry, Printed
from protocols.layout.alternatives import Alternative
from protocols.layout.frozen import Frozen
from protocols.layout.light import NodeLight, arriving
from protocols.layout.paths import Paths, require_nodes
from protocols.layout.photon.candidates import Joins, strings_of
from protocols.layout.photon.routes import Routes, Transport
from protocols.layout.photon.routing import Router, Routing
from protocols.problem import PhaseProblem, Problem
from protocols.schemes.photon import branch_log_survival
from protocols.theory.light_limits import LightLimit, light_factor, limited_populations
from protocols.theory.phase import two_branch_mse
from protocols.theory.two_branches import best_branch_weights
from protocols.wmatrix.protocol import PhotonProtocol

MAX_REFERENCES = 4
"""References tried; the first ones that light can reach."""


def _source(layout: PhotonLayout) -> dict[str, object]:
    return {"node": layout.root, "photons": layout.protocol.photons, "weights": layout.weights}


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotonLayout(Frozen, Printed):
    """A photon protocol along links.

    Attributes
    ----------
    root : str
        The node where the state is made.
    reference : str or None
        The reference in use; of several the one with the best layout.
    protocol : PhotonProtocol
        Its columns in the order of use.
    preparation : Transport
        The branches on their way to the first column.
    controls : tuple of Transport
        From each column to the next.
    log_survival : (float, float)
        Logarithms of the survival of both branches, at the modes and on the links.
    weights : (float, float)
        Of the branches, best for what survives, with the sum 1; less where the limits of light at sensors leave some at the root.
    mse, without_links : float
        Mean squared error in one shot, with the losses of links and modes, and of modes alone.
    joined : bool
        Whether in every pass links join the occupied modes, directly or through references and ancillas.
    """

    DOCUMENT = (
        "reference",
        Entry("source", of=_source),
        "protocol",
        Entry("preparation", of="preparation.moves"),
        Entry("controls", of=lambda layout: [control.moves for control in layout.controls]),
        "depth",
        "crossings",
        "joined",
        "mse",
        "without_links",
    )

    root: str
    reference: str | None
    protocol: PhotonProtocol
    preparation: Transport
    controls: tuple[Transport, ...]
    log_survival: tuple[float, float]
    weights: tuple[float, float]
    mse: float
    without_links: float
    joined: bool

    @property
    def depth(self) -> int:
        """Time steps of the preparation and of all controls."""
        return sum(transport.depth for transport in self.transports)

    @property
    def is_limited(self) -> bool:
        """Whether limits of the light at sensors ask for other weights than are best for what survives."""
        return self.weights != best_branch_weights(*self.log_survival)

    @property
    def transports(self) -> tuple[Transport, ...]:
        """The preparation, then the controls."""
        return (self.preparation, *self.controls)

    @property
    def crossings(self) -> int:
        """Link traversals, each of one branch or of both at once."""
        return sum(len(transport.moves) for transport in self.transports)

    @property
    def on_the_way(self) -> frozenset[str]:
        """The root and both ends of every link in use."""
        return frozenset({self.root, *(end for part in self.transports for move in part.moves for end in move.edge)})

    def as_alternative(self) -> Alternative:
        """Its place among the alternatives."""
        switches = self.protocol.switches
        uses = zip(self.protocol.columns, self.protocol.repeats, strict=True)
        turns = " + ".join(f"{times} x {column}" for column, times in uses)
        named = turns if len(turns) <= 60 else f"{len(self.protocol.columns)} columns"
        return Alternative(
            title=f"prepared at node {self.root}: {named}",
            mse=self.mse,
            elements=self.crossings,
            depth=self.depth,
            sources=1,
            entangled_modes=max(self.protocol.modes_per_pass),
            switches=switches,
        )


def references_tried(problem: PhaseProblem) -> tuple[tuple[str, ...], bool]:
    """The references that may hold photons, the one of the problem first, and whether these are all that light can reach.

    Parameters
    ----------
    problem : PhaseProblem
    """
    if problem.reference_name is None:
        return (), True
    if len(problem.network.references) <= 1:
        return (problem.reference_name,), True
    reached = reachable(problem.network, problem.network.sensors[0].id)
    names = [str(mode.id) for mode in problem.network.modes if mode.role == "reference" and mode.id in reached]
    first = [problem.reference_name, *(name for name in names if name != problem.reference_name)]
    return tuple(first[:MAX_REFERENCES]), len(first) <= MAX_REFERENCES


def with_reference(problem: PhaseProblem, reference: str | None) -> PhaseProblem:
    """The problem with this reference only; the others are nodes that sense nothing.

    Raises
    ------
    InputError
        When links do not join it to the sensors.
    """
    others = {mode.id for mode in problem.network.references if str(mode.id) != reference}
    if not others:
        return problem
    modes = tuple(replace(mode, role="ancilla") if mode.id in others else mode for mode in problem.network.modes)
    return PhaseProblem(network=problem.network.replace(modes=modes))


def lay_out(
    problem: SensorNetwork | Problem, protocol: PhotonProtocol, *, roots: Sequence[str] | None = None
) -> PhotonLayout:
    """One protocol along the links, with the reference of the problem and the best source and order of columns.

    Parameters
    ----------
    problem : SensorNetwork or PhaseProblem
    protocol : PhotonProtocol
        An optimal one of this problem.
    roots : names of the nodes where the state may be made; any node when left out.

    Raises
    ------
    InputError
        For roots that are no nodes, or when none of them reaches all modes.
    """
    problem = phase_problem(problem)
    require_nodes(problem.names, roots)
    routes = Routes(paths=Paths.of(problem.task))
    router = Router(problem=problem, routes=routes, roots=None if roots is None else tuple(map(str, roots)))
    return laid_out(router, Joins(problem=problem), protocol)


def phase_problem(problem: SensorNetwork | Problem) -> PhaseProblem:
    """The phase problem that a network poses; an InputError for displacements."""
    made = Problem.of(problem)
    if not isinstance(made, PhaseProblem):
        raise InputError(["photons are laid out for phase sensing; squeezed_layouts is for displacements"])
    return made


def survival(problem: PhaseProblem, routing: Routing, ordered: PhotonProtocol) -> tuple[float, float]:
    """Logarithms of the survival of both branches, at the modes and on the links, of columns in the order of the routing."""
    first, second = _at_modes(problem, ordered)
    on_first, on_second = routing.log_survival
    return first + on_first, second + on_second


def _at_modes(problem: PhaseProblem, ordered: PhotonProtocol) -> tuple[float, float]:
    used = [column for column, times in zip(ordered.columns, ordered.repeats, strict=True) if times]
    return branch_log_survival(problem, used[0], used[-1])


def light_limits(
    problem: PhaseProblem, routing: Routing | PhotonLayout | None, ordered: PhotonProtocol
) -> tuple[LightLimit, ...]:
    """What the weights of the branches have to keep to.

    Parameters
    ----------
    problem : PhaseProblem
    routing : Routing, PhotonLayout or None
        Without one no link loses anything.
    ordered : PhotonProtocol
        With its columns in the order of use.
    """
    light = NodeLight.of(problem)
    if not light.sites:
        return ()
    used = [column for column, times in zip(ordered.columns, ordered.repeats, strict=True) if times]
    through = {} if routing is None else arriving(routing.root, routing.preparation)
    first, *later = (strings_of(problem, column) for column in used)
    return (*light.limits(first, through), *(limit for strings in later for limit in light.limits(strings)))


def in_order_of(routing: Routing, protocol: PhotonProtocol) -> PhotonProtocol:
    """The protocol with its columns in the order in which a routing uses them."""
    times = dict(zip(protocol.columns, protocol.repeats, strict=True))
    return replace(protocol, columns=routing.order, repeats=tuple(times[column] for column in routing.order))


def laid_out(router: Router, joins: Joins, protocol: PhotonProtocol) -> PhotonLayout:
    """One protocol along the best routing."""
    problem, routing = router.problem, router.best(protocol)
    ordered = in_order_of(routing, protocol)
    logs = survival(problem, routing, ordered)
    at_modes = _at_modes(problem, ordered)
    wanted = best_branch_weights(*logs)
    weights = limited_populations(wanted, light_limits(problem, routing, ordered))
    unlinked = best_branch_weights(*at_modes)
    harm = light_factor(unlinked, limited_populations(unlinked, light_limits(problem, None, ordered)))
    return PhotonLayout(
        root=routing.root,
        reference=problem.reference_name,
        protocol=ordered,
        preparation=routing.preparation,
        controls=routing.controls,
        log_survival=logs,
        weights=(weights[0], weights[1]),
        mse=two_branch_mse(problem.bound, *logs) * light_factor(wanted, weights),
        without_links=two_branch_mse(problem.bound, *at_modes) * harm,
        joined=joins.in_every_pass(protocol),
    )
